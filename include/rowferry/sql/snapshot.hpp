// SPDX-License-Identifier: BSL-1.0
// Statements that open a snapshot: a read-only transaction that sees one moment.
#ifndef ROWFERRY_SQL_SNAPSHOT_HPP
#define ROWFERRY_SQL_SNAPSHOT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/session.hpp>
#include <rowferry/sql/text.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What the session of a snapshot has other than the recipe: the isolation without which both servers ignore WITH CONSISTENT
/// SNAPSHOT, and the time that it may be idle while the target is written: eight hours, as servers have it by default.
inline std::vector<session_variable> snapshot_variables(dialect d) {
    if (d == dialect::mysql) return {{"transaction_isolation", "REPEATABLE-READ"}, {"wait_timeout", "28800"}};
    return {{"tx_isolation", "REPEATABLE-READ"},
            {"wait_timeout", "28800"},
            {"idle_transaction_timeout", "0"},
            {"idle_readonly_transaction_timeout", "0"}};
}

/// Opens the snapshot; a warning means that the server ignored a part of it.
inline constexpr std::string_view open_snapshot = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// Appends the SELECT of the time in UTC, to the microsecond, and of the variables in their order.
inline void append_read_snapshot_session(std::string& out, const std::vector<session_variable>& variables) {
    out += "SELECT UTC_TIMESTAMP(6)";
    for (const session_variable& v : variables) {
        out += ", @@SESSION.";
        out += v.name;
    }
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
