// SPDX-License-Identifier: BSL-1.0
// Creates the missing target table that a plan was made for, and has the plan made again for the table as it came out.
#ifndef ROWFERRY_CREATE_TARGET_HPP
#define ROWFERRY_CREATE_TARGET_HPP

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Says in a refusal that the table was created: then the copy has stopped, since "refused" would mean that nothing was
/// changed.
inline void note_created(const copy_plan& plan, error& e, report& summary) {
    summary.outcome = outcome::stopped;
    if (e.message.empty()) e.message = e.operation + " failed";
    e.message += "; table " + plan.target.name + " was created in the target and stays there";
}

/// The plan for the table that is there now; the plan as it was, when the table was there before.
///
/// Creating a table cannot be undone with a transaction. After a crash it stays, empty, and the next run finds it; one
/// that appeared meanwhile is planned for like any other. `plan_again` is called with the table in place, and its
/// refusal says that the table stays.
template <class TargetManager, class PlanAgain>
result<copy_plan> create_target(copy_plan plan, TargetManager& target, PlanAgain plan_again, report& summary) {
    using connection = typename TargetManager::connection_type;
    if constexpr (CreatesTables<connection>) {
        const std::string where = "target, table " + plan.target.name;
        auto created = target.run("create table", [&](connection& c) { return c.create_table(*plan.creates); });
        if (!created) {
            summary.outcome = is_retryable(created.error().fault) ? outcome::stopped : outcome::refused;
            if (created.error().where.empty()) created.error().where = where;
            created.error().message = "the server does not create the table";
            return std::move(created.error());
        }
        result<copy_plan> again = plan_again();
        if (!again) {
            note_created(plan, again.error(), summary);
            return again;
        }
        std::vector<std::string> notices = std::move(plan.creates->notices);
        notices.insert(notices.begin(),
                       "table " + plan.target.name + " was created in the target with the source's definition");
        notices.insert(notices.end(), std::make_move_iterator(again->notices.begin()),
                       std::make_move_iterator(again->notices.end()));
        again->notices = std::move(notices);
        return again;
    }
    return plan;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
