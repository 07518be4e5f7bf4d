// SPDX-License-Identifier: BSL-1.0
// Statements that have to run outside of strict mode, because they store or create what the source has and strict mode
// refuses: ENUM's error value, ENUMs with equal members, and on request what generated columns make of a row. Warnings are
// read all the same.
#ifndef ROWFERRY_MYSQL_STRICTNESS_HPP
#define ROWFERRY_MYSQL_STRICTNESS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/session.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline result<void> set_mode(client& c, const server_info& info, std::string_view operation, std::string_view mode) {
    const std::string more = info.computing_modes.empty() ? "" : "," + info.computing_modes;
    auto done = c.execute(operation, "SET SESSION sql_mode = '" + std::string(mode) + more + "'");
    if (!done) return std::move(done.error());
    return {};
}

/// What `work` gives, done outside of strict mode if `lenient`. A session that cannot go back to strict mode is lost: nothing
/// more may be written in it.
template <class Work>
auto in_mode(client& c, const server_info& info, std::string_view operation, bool lenient, Work work)
    -> decltype(work()) {
    if (!lenient) return work();
    if (auto r = set_mode(c, info, operation, sql::lenient_mode); !r) return std::move(r.error());
    auto done = work();
    if (!done && done.error().fault == fault::connection_lost) return done;
    if (auto restored = set_mode(c, info, operation, sql::strict_mode); !restored) {
        restored.error().fault = fault::connection_lost;
        return std::move(restored.error());
    }
    return done;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
