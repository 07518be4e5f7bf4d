// SPDX-License-Identifier: BSL-1.0
// Generated columns in a verification: which ones are compared, and what is told of rows that differ only there.
#ifndef ROWFERRY_VERIFY_COMPUTED_HPP
#define ROWFERRY_VERIFY_COMPUTED_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/plan.hpp>
#include <rowferry/verify/report.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Whether a generated column of both sides is compared: where one of them stores it, and on request also where each reader
/// has it computed.
inline bool is_compared(const column& from, const column& to, bool virtual_too) {
    if (!from.generated || !to.generated) return false;
    const auto is = [&](computation c) { return from.computed == c || to.computed == c; };
    if (is(computation::by_time) || is(computation::unknown)) return false;
    return is(computation::on_write) || virtual_too;
}

/// Has generated columns count in the digests, after all that was copied. One whose type does not compare is named.
inline void add_computed(verify_plan& plan, bool virtual_too) {
    for (std::size_t i = 0; i < plan.source.columns.size(); ++i) {
        column from = plan.source.columns[i];
        const auto found = plan.target.find(from.name);
        if (!found || !is_compared(from, plan.target.columns[*found], virtual_too)) continue;
        from.nullable = false; // whether it may be NULL does not matter here
        if (const auto how = difference(from, plan.target.columns[*found])) {
            plan.notices.push_back("the generated column " + from.name + " of table " + plan.source.name +
                                   " is not compared: " + *how);
            continue;
        }
        const bool is_long = is_long_type(from) || is_long_type(plan.target.columns[*found]);
        plan.on_source.columns.push_back({i, is_long});
        plan.on_target.columns.push_back({*found, is_long});
    }
}

/// What an operator should know of a source whose rows are transformed: its server's values are of rows before that.
inline void note_transformation(verify_plan& plan) {
    listing names;
    for (const column& c : plan.source.columns) {
        if (c.generated && c.computed == computation::on_write) names.add(c.name);
    }
    if (!names.empty()) {
        plan.notices.push_back("generated columns of table " + plan.source.name + " are not compared (" + names.text() +
                               "): the source computes its own from rows before the transformation");
    }
    if (plan.on_source.filter.empty()) return;
    plan.notices.push_back("the filter is put to both tables: to rows of table " + plan.source.name +
                           " before the transformation, and to the target's as they are after it");
}

/// The names of the generated columns that are compared, as "a, b".
inline std::string computed_names(const verify_plan& plan) {
    listing names;
    for (std::size_t i = plan.columns.source.size(); i < plan.on_source.columns.size(); ++i) {
        names.add(plan.source.columns[plan.on_source.columns[i].column].name);
    }
    return names.text();
}

/// Digests of what is copied alone, without generated columns.
inline digest_request without_computed(const verify_plan& plan, digest_request scope) {
    scope.columns.resize(plan.columns.source.size());
    scope.after.reset();
    scope.up_to.reset();
    return scope;
}

/// What an operator should know of rows that differ only in generated columns; `left` of them do after a repair.
inline std::string computed_notice(const verify_plan& plan, std::uint64_t rows, bool repaired) {
    return std::to_string(rows) + (rows == 1 ? " row" : " rows") + " of table " + plan.source.name +
           (repaired ? " still differ after the repair, only in generated columns ("
                     : " differ only in generated columns (") +
           computed_names(plan) +
           "), which each server computes by itself: compare their expressions, and the settings and time zones that "
           "these depend on" +
           (repaired ? "" : "; a repair writes such a row again, so that the target computes it anew");
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
