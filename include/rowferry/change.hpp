// SPDX-License-Identifier: BSL-1.0
// What a run changed in the target besides the rows that it committed, and what stays when the run fails: typed values, as
// remedies are.
#ifndef ROWFERRY_CHANGE_HPP
#define ROWFERRY_CHANGE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// One thing that was changed in the target before a run failed.
struct change {
    enum action : std::uint8_t {
        created_table,      ///< `subject`: the table
        created_store,      ///< `subject`: the table of checkpoints
        entered_checkpoint, ///< the job's entry was made, or taken over from an earlier run
        emptied_table,      ///< `subject`: the table
        took_over_progress, ///< checkpoints of earlier runs were taken over, set to zero or removed
        tried_table,        ///< `subject`: a table that may have been created: the answer was lost
        tried_emptying,     ///< `subject`: a table that may have been emptied: the answer was lost
        tried_commit        ///< a batch that may have been committed: the answer was lost
    };

    action what = action::entered_checkpoint;
    std::string subject = {};

    friend bool operator==(const change&, const change&) = default;
};

/// How many actions there are.
inline constexpr std::size_t change_count = 8;

/// The action's name, as it stands in code and reports.
constexpr std::string_view name(change::action a) {
    constexpr std::array<std::string_view, change_count> names{
        "created_table",      "created_store", "entered_checkpoint", "emptied_table",
        "took_over_progress", "tried_table",   "tried_emptying",     "tried_commit"};
    return names[static_cast<std::size_t>(a)];
}

/// A change as a clause.
inline std::string to_string(const change& c) {
    switch (c.what) {
    case change::created_table: return "table " + c.subject + " was created in the target and stays there";
    case change::created_store: return "table " + c.subject + " was created in the target";
    case change::entered_checkpoint: return "a checkpoint of this copy was entered in the target";
    case change::emptied_table: return "table " + c.subject + " was emptied in the target";
    case change::took_over_progress: return "checkpoints of earlier runs no longer count";
    case change::tried_table: return "table " + c.subject + " may have been created in the target, empty";
    case change::tried_emptying: return "table " + c.subject + " may have been emptied in the target";
    case change::tried_commit: return "a batch may have been committed in the target";
    }
    return {};
}

/// Adds a change to a list, once.
inline void note(std::vector<change>& changes, change what) {
    if (std::find(changes.begin(), changes.end(), what) == changes.end()) changes.push_back(std::move(what));
}
/// Adds the changes of a later step.
inline void note(std::vector<change>& changes, const std::vector<change>& later) {
    for (const change& each : later) note(changes, each);
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
