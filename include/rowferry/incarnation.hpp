// SPDX-License-Identifier: BSL-1.0
// Tells the table that has a name now from one that had it before: one that was renamed, dropped or truncated since.
#ifndef ROWFERRY_INCARNATION_HPP
#define ROWFERRY_INCARNATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Which table has a name, as far as its server tells the user. Texts are compared for equality only.
struct table_incarnation {
    std::string server = {}; ///< who says so: only what one server says can be compared
    /// What holds the rows, one for each partition, sorted: others after a truncation, and after a rebuild.
    std::vector<std::string> storage = {};
    /// When the definition was written: another time after a rebuild, and the same after a truncation. Where a truncation
    /// may change it too, it stands here only without `storage`.
    std::string created = {};
    /// The number that its next row gets, where rows are numbered; else 0. One that went back may be a truncation.
    std::uint64_t next_number = 0;
    /// Whether `created` is old enough for a rebuild since then to have another time.
    bool is_settled = false;

    [[nodiscard]] bool is_known() const { return !storage.empty() || !created.empty(); }
};

/// What may have become of a table between two answers.
enum class table_change : std::uint8_t {
    none,    ///< it is the same one, or that cannot be known
    rebuilt, ///< it was rebuilt with its rows, or is another table: its rows tell
    emptied  ///< it was truncated
};

/// Compares two answers about one name.
inline table_change change_between(const table_incarnation& was, const table_incarnation& is) {
    if (was.server != is.server) return table_change::none;
    const bool same_time = was.created == is.created;
    const bool have_times = !was.created.empty() && !is.created.empty();
    if (was.storage.empty() || is.storage.empty()) {
        const bool starts_again = is.next_number < was.next_number;
        return (have_times && !same_time) || starts_again ? table_change::rebuilt : table_change::none;
    }
    const bool keeps_some = std::any_of(was.storage.begin(), was.storage.end(), [&](const std::string& each) {
        return std::find(is.storage.begin(), is.storage.end(), each) != is.storage.end();
    });
    if (keeps_some) return table_change::none; // of a partitioned table, some parts may be new
    return have_times && same_time && was.is_settled ? table_change::emptied : table_change::rebuilt;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
