// SPDX-License-Identifier: BSL-1.0
// Creates the missing target table that a plan was made for, and has the plan made again for the table as it came out. Or
// has the target's server try the definition, before anything is changed.
#ifndef ROWFERRY_CREATE_TARGET_HPP
#define ROWFERRY_CREATE_TARGET_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>
#include <rowferry/trial_table.hpp>

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
                    "again: it may be what ends the server";
        e.remedies = {remedy{remedy::create_by_hand}};
    }
    [[nodiscard]] bool ends_it() const { return losses_ >= most; }

private:
    static constexpr unsigned most = 2;
    unsigned losses_ = 0;
};

/// Says in an error that the table was created.
inline void note_created(const copy_plan& plan, error& e) {
    if (e.message.empty()) e.message = e.operation + " failed";
    note(e.changes, change{change::created_table, plan.target.name});
}

/// The plan for the table that is there now; the plan as it was, when the table was there before.
///
/// Creating a table cannot be undone with a transaction. After a crash it stays, empty, and the next run finds it; one
/// that appeared meanwhile is planned for like any other. `plan_again` is called with the table in place, and its
/// refusal says that the table stays.
template <class TargetManager, class PlanAgain>
result<copy_plan> create_target(copy_plan plan, TargetManager& target, PlanAgain plan_again) {
    using connection = typename TargetManager::connection_type;
    if constexpr (CreatesTables<connection>) {
        const std::string where = "target, table " + plan.target.name;
        repeated_loss loss;
        bool may_be_there = false;
        auto created = target.run("create table", [&](connection& c) {
            auto made = c.create_table(*plan.creates);
            if (made) return made;
            may_be_there = may_be_there || is_unanswered(made.error());
            loss.count(made.error());
            return made;
        });
        if (!created) {
            if (may_be_there) note(created.error().changes, change{change::tried_table, plan.target.name});
            if (created.error().where.empty()) created.error().where = where;
            if (!loss.ends_it()) created.error().message = "the server does not create the table";
            return std::move(created.error());
        }
        result<copy_plan> again = plan_again();
        if (!again) {
            note_created(plan, again.error());
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

/// The plan, if the target's server takes the definition of the table that it is to create: many tables may be planned before
/// the first is copied, and only the server knows all that it refuses.
///
/// The table is created under a name of its own and dropped again. A client that dies in between leaves it there, empty.
template <class Parts>
result<copy_plan> try_table(copy_plan plan, Parts& parts) {
    using connection = typename decltype(parts.target)::connection_type;
    if constexpr (TriesTables<connection>) {
        if (!plan.creates) return plan;
        const std::string name = trial_name();
        repeated_loss loss;
        bool may_be_left = false;
        auto tried = parts.target.run("try table", [&](connection& c) {
            auto made = c.try_table(*plan.creates, name, may_be_left);
            if (made) return made;
            const error& e = made.error();
            may_be_left = is_unanswered(e) || !e.changes.empty(); // what an earlier attempt left was dropped first
            loss.count(made.error());
            return made;
        });
        if (!tried && may_be_left && tried.error().changes.empty()) {
            note(tried.error().changes, change{change::tried_table, name});
        }
        if (tried && !*tried) {
            parts.surroundings.emit(notice{plan.target.name, "the definition was not tried on the target, because the "
                                                             "user may not create or drop other tables"});
            return plan;
        }
        if (tried) {
            table_schema made = std::move(**tried);
            made.name = plan.target.name;
            if (plan.has_chosen_columns) return plan;
            auto matched = match_columns(plan.source, made);
            if (matched) return plan;
            tried = std::move(matched.error());
            tried.error().message =
                "the server would create a table that differs from the plan: " + tried.error().message;
        }
        if (tried.error().where.empty()) tried.error().where = "target, table " + plan.target.name;
        error& e = tried.error();
        if (e.message.empty()) {
            e.message = is_retryable(e.fault) ? "the definition could not be tried"
                                              : "the server rejects the definition (tried under another name)";
        }
        // The next run tries it under another name, so that a table which is left is named here in any case.
        if (is_retryable(e)) {
            for (const change& c : e.changes) e.message += "; " + to_string(c);
        }
        return std::move(e);
    }
    return plan;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
