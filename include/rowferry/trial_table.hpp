// SPDX-License-Identifier: BSL-1.0
// The table that is created to try a definition: its name, and what an error says when it stays.
#ifndef ROWFERRY_TRIAL_TABLE_HPP
#define ROWFERRY_TRIAL_TABLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

inline constexpr std::string_view trial_prefix = "rowferry_trial_";
inline constexpr std::size_t trial_digits = 12;

/// A name for a table that is created to be dropped, which no other table has.
inline std::string trial_name() {
    jitter_source random = jitter_source::from_clock();
    std::string made(trial_prefix);
    for (std::size_t i = 0; i < trial_digits; ++i) made += "0123456789abcdef"[random() % 16U];
    return made;
}
/// Whether a table may be one that a run created to try a definition, and could not drop.
inline bool is_trial_name(std::string_view name) {
    return name.starts_with(trial_prefix) && name.size() == trial_prefix.size() + trial_digits &&
           name.find_first_not_of("0123456789abcdef", trial_prefix.size()) == name.npos;
}

/// What ended a trial after its table was created: describing it or dropping it failed, or both. If the table stays,
/// the error notes it.
inline error trial_error(const error* describing, const error* dropping, std::string_view name) {
    error e = describing != nullptr ? *describing : *dropping;
    if (dropping == nullptr) return e;
    if (describing == nullptr) e.message = "a table that was created to try the definition cannot be dropped";
    const change::action what = is_unanswered(*dropping) ? change::tried_table : change::created_table;
    note(e.changes, change{what, std::string(name)});
    return e;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
