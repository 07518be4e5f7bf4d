// SPDX-License-Identifier: BSL-1.0
// Tables that take rows in the growing order of a column only: by which key such a table is copied, and when it cannot be.
#ifndef ROWFERRY_GROWTH_RULES_HPP
#define ROWFERRY_GROWTH_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// What helps where such a table cannot be copied: it takes rows in any order while it lacks the index.
inline std::vector<remedy> without_growth(const copy_plan& plan) {
    if (plan.creates) return {remedy{remedy::create_by_hand}};
    return {remedy{remedy::drop_index, plan.target.grows->index, {}}};
}

inline std::string growth_clause(const copy_plan& plan) {
    const growing_column& grows = *plan.target.grows;
    return "table " + plan.target.name + " accepts rows only in ascending order of column " +
           plan.target.columns[grows.column].name + " (index " + grows.index + ")";
}

inline error growth_refusal(const copy_plan& plan, const std::string& why, std::vector<remedy> helps) {
    return refusal(growth_clause(plan) + why + "; without the index, it accepts rows in any order", std::move(helps));
}

/// Whether an order is that of a column alone, from small to large.
inline bool grows_by(const std::vector<key_part>& order, std::size_t column) {
    return !order.empty() && order.front().column == column && !order.front().descending && order.front().prefix == 0;
}

/// The source's column for the one that grows; none when the server numbers the rows.
inline std::optional<std::size_t> grows_from(const copy_plan& plan) {
    const auto& targets = plan.columns.target;
    const auto copied = std::find(targets.begin(), targets.end(), plan.target.grows->column);
    if (copied == targets.end()) return std::nullopt;
    return plan.columns.source[static_cast<std::size_t>(copied - targets.begin())];
}

/// Has the pages come in the order that the target takes, by a key over the column that grows. `may_choose` says that the pages
/// may be ordered by any key.
inline result<void> order_by_growth(copy_plan& plan, bool may_choose) {
    if (!plan.target.grows) return {};
    const auto from = grows_from(plan);
    if (!from) {
        plan.target.grows.reset();
        return {};
    }
    if (!plan.streams && plan.nullable.empty() && grows_by(plan.order.parts, *from)) return {};
    for (const key& candidate : plan.source.keys) {
        if (!may_choose || candidate.parts.size() != 1 || !grows_by(candidate.parts, *from)) continue;
        plan.order = {candidate.parts, candidate.name};
        plan.notices.push_back(growth_clause(plan) + ": it is paged by key " + candidate.name);
        return {};
    }
    return growth_refusal(
        plan, (may_choose ? ", and the source has no key over it alone" : ", and the rows come in another order"),
        without_growth(plan));
}

/// Refuses what the target would refuse in the middle: rows that are there already, and steps that are too large.
template <class Ends, class Source>
result<void> check_growth(Ends& ends, copy_plan& plan) {
    if (!plan.target.grows) return {};
    const growing_column& grows = *plan.target.grows;
    if (plan.write.kind != write_kind::insert && !plan.resumed && !ends.request.truncate_target) {
        auto empty = ends.is_target_empty(plan);
        if (!empty) return empty.error();
        if (!*empty) {
            return growth_refusal(plan, ", so its existing rows cannot be overwritten",
                                  {remedy{remedy::empty_target}, remedy{remedy::choose_write_mode, {}, "insert"}});
        }
    }
    if constexpr (MeasuresSteps<Source>) {
        if (grows.most_step == 0) return {};
        const auto from = grows_from(plan);
        if (!from) return {};
        auto step = ends.source.run("measure steps",
                                    [&](Source& c) { return c.largest_step(plan.source, *from, plan.filter); });
        if (!step) return ends.on_source(step.error());
        const std::string limit = " and in steps of " + std::to_string(grows.most_step) + " at most";
        if (*step > grows.most_step) {
            return growth_refusal(plan, limit + ", and the source has one of " + std::to_string(*step),
                                  without_growth(plan));
        }
        if (TransformsRows<Source>) {
            plan.notices.push_back(
                growth_clause(plan) + limit +
                ": rows that the transformation drops make steps larger, and the copy fails where one "
                "is too large");
        }
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
