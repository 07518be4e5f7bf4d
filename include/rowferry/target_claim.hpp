// SPDX-License-Identifier: BSL-1.0
// How a run makes the target its own before the first row: the checkpoint claimed, the table empty where it has to be.
#ifndef ROWFERRY_TARGET_CLAIM_HPP
#define ROWFERRY_TARGET_CLAIM_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/resume_rules.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Takes the target of one plan over; plan and manager outlive it. `Stores` says whether a checkpoint is kept.
template <bool Stores, class TargetManager>
class target_claim {
    using target_connection = typename TargetManager::connection_type;

public:
    target_claim(const copy_plan& plan, TargetManager& target, const resume_rules& rules)
        : plan_(plan), target_(target), rules_(rules), at_(plan.entry), earlier_runs_(plan.earlier_runs) {}

    /// Makes this run the owner of the job's checkpoint, and empties the target if asked to; the checkpoint as it stands
    /// then. What an earlier run was still committing is settled by then: the claim waits for it. `starts_behind` says
    /// that the first page has a lower bound of its own.
    ///
    /// A failure after the claim leaves the job's entry with this run: see `changes`.
    result<checkpoint> take(const copy_request& request, bool starts_behind) {
        const bool needs_empty = !is_idempotent(plan_.write.kind);
        if constexpr (Stores) {
            const claim how{
                .keeps_progress = request.resume, .alone = needs_empty, .emptying = request.truncate_target};
            auto claimed = target_.run("claim checkpoint", [&](target_connection& c) {
                if (!plan_.resumed && (!how.keeps_progress || how.emptying)) note_earlier(c); // the plan did not ask
                auto tried = c.claim_checkpoint(at_, how);
                if (!tried) note_failure(tried.error(), how.emptying);
                return tried;
            });
            if (!claimed) return on_target(claimed.error());
            note(changes_, change{change::entered_checkpoint, {}});
            if (request.truncate_target) note_emptied();
            // An entry without a batch says nothing that could be taken over.
            const bool sets_back = !request.resume && !earlier_runs_.empty();
            if (claimed->batches > 0 || sets_back) note(changes_, change{change::took_over_progress, {}});
            const bool needs_same = plan_.consistency == consistency::one_snapshot || (starts_behind && needs_empty);
            const bool went_on = claimed->batches != at_.batches && needs_same;
            if (claimed->definition != at_.definition || claimed->batches < at_.batches || went_on) {
                return on_target(refusal("another run of this copy began at the same time (" + at_.title +
                                         "): when it has ended, run this one again"));
            }
            // The plan found it as it should be; a row that was changed since is not taken for a copy's own.
            if (auto r = rules_.check(plan_, *claimed); !r) return on_target(r.error());
            at_ = std::move(*claimed);
        } else if (request.truncate_target || needs_empty) {
            if (auto r = check_target(request, needs_empty); !r) return r.error();
            if (auto r = clear_target(request.truncate_target); !r) return on_target(r.error());
            at_.begun_alone = needs_empty;
        }
        if (auto r = check_target(request, needs_empty); !r) return r.error();
        return at_;
    }

    /// What `take` has changed, also when it failed.
    [[nodiscard]] const std::vector<change>& changes() const { return changes_; }
    /// The runs whose checkpoint was there before.
    [[nodiscard]] const std::vector<std::string>& earlier_runs() const { return earlier_runs_; }

private:
    /// A checkpoint that cannot be read is replaced all the same.
    void note_earlier(target_connection& c) {
        auto found = c.load_checkpoint(at_.job, checkpoint_read::as_it_stands);
        if (found && *found && (*found)->run != at_.run) earlier_runs_.push_back((*found)->run);
    }

    /// A try whose answer was lost may have done its work.
    void note_failure(const error& e, bool empties) {
        note(changes_, e.changes);
        if (e.fault != fault::connection_lost) return;
        note(changes_, change{change::entered_checkpoint, {}});
        if (empties) note(changes_, change{change::tried_emptying, plan_.target.name});
    }
    void note_emptied() {
        std::erase(changes_, change{change::tried_emptying, plan_.target.name});
        note(changes_, change{change::emptied_table, plan_.target.name});
    }

    /// Whether some job's checkpoint of this table is there; true where that cannot be told.
    bool has_checkpoints(target_connection& c) const {
        if constexpr (ListsCheckpoints<target_connection>) {
            auto all = c.list_checkpoints();
            if (!all) return true;
            return std::any_of(all->begin(), all->end(), [&](const listed_checkpoint& each) {
                return table_schema::same_name(each.entry.target_table, plan_.target.name);
            });
        } else {
            return true;
        }
    }

    /// Without a checkpoint of its own: no other job may continue behind one that tells of rows which are not there.
    result<void> clear_target(bool truncates) {
        if constexpr (CheckpointStore<target_connection>) {
            auto r = target_.run("forget checkpoints", [&](target_connection& c) -> result<void> {
                if (!has_checkpoints(c)) return {};
                note(changes_, change{change::took_over_progress, {}});
                return c.forget_checkpoints(plan_.target.name);
            });
            if (!r) return r;
        }
        if constexpr (TruncatesTables<target_connection>) {
            if (truncates) {
                auto r = target_.run("truncate", [&](target_connection& c) {
                    auto tried = c.truncate(plan_.target);
                    const bool is_lost = !tried && tried.error().fault == fault::connection_lost;
                    if (is_lost) note(changes_, change{change::tried_emptying, plan_.target.name});
                    return tried;
                });
                if (r) note_emptied();
                return r;
            }
        }
        return {};
    }

    /// The plan looked before the claim, and another client may have changed the table in between.
    result<void> check_target(const copy_request& request, bool needs_empty) {
        const bool begins = at_.batches == 0;
        if (request.truncate_target || (begins ? !needs_empty : at_.rows == 0)) return {};
        auto empty = target_.run("check for rows", [&](target_connection& c) { return c.is_empty(plan_.target); });
        if (!empty) return on_target(empty.error());
        if (begins && !*empty) {
            return on_target(refusal("the table was empty and is no longer: something else is filling it"));
        }
        if (!begins && *empty) {
            return on_target(refusal("the table had rows and is empty now: something else has emptied it",
                                     {remedy{remedy::start_over}}));
        }
        return {};
    }

    [[nodiscard]] error on_target(error e) const {
        e.side = side::target;
        e.where = "target, table " + plan_.target.name;
        return e;
    }

    const copy_plan& plan_;
    TargetManager& target_;
    resume_rules rules_;
    checkpoint at_;
    std::vector<change> changes_;
    std::vector<std::string> earlier_runs_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
