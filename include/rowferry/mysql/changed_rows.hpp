// SPDX-License-Identifier: BSL-1.0
// Whether the number of rows that a statement changed can be: the server's own count of what it did with our rows.
#ifndef ROWFERRY_MYSQL_CHANGED_ROWS_HPP
#define ROWFERRY_MYSQL_CHANGED_ROWS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/result.hpp>
#include <rowferry/write_mode.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// How many rows a statement may report as changed.
struct changed_bounds {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

/// An insert changes each row, `skip_existing` leaves some out. An upsert counts 0 for a row that it leaves as it is, 1
/// for a new one and 2 for one that it updates; where MariaDB keeps former rows, one more. `replace` counts the new row
/// and each one that it deleted: one of each unique index at most.
inline changed_bounds bounds_of(const write_request& request, std::uint64_t sent) {
    switch (request.kind) {
    case write_kind::insert: return {sent, sent};
    case write_kind::skip_existing: return {0, sent};
    case write_kind::upsert: return {0, (request.table->system_versioned ? 3 : 2) * sent};
    case write_kind::replace: return {sent, sent * (1 + request.table->unique_indexes.size())};
    }
    return {};
}

/// Refuses a number of changed rows that cannot be after `sent` rows were written.
inline result<void> check_changed(client& c, const write_request& request, std::uint64_t changed, std::uint64_t sent) {
    const changed_bounds possible = bounds_of(request, sent);
    if (changed >= possible.least && changed <= possible.most) return {};
    return c.senseless("write", "it says that it changed " + counted(changed, "row") + " when " + counted(sent, "row") +
                                    " were written");
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
