// SPDX-License-Identifier: BSL-1.0
// Creates the missing target table that a plan was made for, and has the plan made again for the table as it came out.
#ifndef ROWFERRY_CREATE_TARGET_HPP
#define ROWFERRY_CREATE_TARGET_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>

#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A definition may be what ends the server, or keeps it busy past all patience. The first lost connection may have another
/// reason; after the second one the definition is not sent again.
class repeated_loss {
public:
    /// Makes the second loss a permanent error.
    void count(error& e) {
        if (e.fault != fault::connection_lost || ++losses_ < most) return;
        e.fault = fault::permanent;
        e.message = "the connection was lost twice while the server created the table, so the definition is not sent "
                    "again: it may be what ends the server. The table may be there, empty";
        e.remedies = {remedy{remedy::create_by_hand}};
    }
    [[nodiscard]] bool ends_it() const { return losses_ >= most; }

private:
    static constexpr unsigned most = 2;
    unsigned losses_ = 0;
};

/// Says in a refusal that the table was created: then the copy has stopped, since "refused" would mean that nothing was
/// changed.
inline void note_created(const copy_plan& plan, error& e, report& summary) {
    summary.outcome = outcome::stopped;
    if (e.message.empty()) e.message = e.operation + " failed";
    note(e.changes, change{change::created_table, plan.target.name});
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
        repeated_loss loss;
        auto created = target.run("create table", [&](connection& c) {
            auto made = c.create_table(*plan.creates);
            if (!made) loss.count(made.error());
            return made;
        });
        if (!created) {
            const bool is_refused = !is_retryable(created.error().fault) && !loss.ends_it();
            summary.outcome = is_refused ? outcome::refused : outcome::stopped;
            if (created.error().where.empty()) created.error().where = where;
            if (!loss.ends_it()) created.error().message = "the server does not create the table";
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

#endif // ROWFERRY_CXX20
#endif
