// SPDX-License-Identifier: BSL-1.0
// One step of a copy, exactly once: the work and its checkpoint in one transaction of the target, tried again until it is
// known to be committed. The reply to a COMMIT can be lost; the checkpoint then tells what became of it.
#ifndef ROWFERRY_COMMITTED_STEP_HPP
#define ROWFERRY_COMMITTED_STEP_HPP

#include <rowferry/checkpoint.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Brings the target from one checkpoint to the next. `Stores` says whether a checkpoint is kept: without one, a try after
/// a lost COMMIT does the work again. What it is given must outlive it.
template <bool Stores, class TargetManager, class DefinitionWatch, class Sizer, class Environment>
class committed_step {
    using connection = typename TargetManager::connection_type;

public:
    committed_step(TargetManager& target, DefinitionWatch& watch, Sizer& sizer, Environment& environment)
        : target_(target), watch_(watch), sizer_(sizer), environment_(environment) {}

    /// Does `work(connection)` and saves `next` in one transaction, with retry and the rate limit: exactly once, because a
    /// try after the first asks the checkpoint what was committed. `work` may change `next.rows`, and so does a checkpoint
    /// that an earlier try committed. Sleeps between tries.
    template <class Work>
    result<void> advance(std::string_view operation, checkpoint& next, const batch_cost& cost, Work work) {
        failed_try_ = 0;
        return target_.run(
            operation,
            [&](connection& c, unsigned attempt) -> result<void> {
                if constexpr (Stores) {
                    if (attempt > 1) {
                        auto done = is_committed(c, next);
                        if (!done) return done.error();
                        if (*done) return {};
                    }
                }
                const time_point begin = environment_.now();
                auto tried = transact(c, next, work);
                spent_ = environment_.now() - begin;
                if (tried) return tried;
                failed_try_ = attempt;
                sizer_.failed(tried.error().fault);
                if constexpr (Stores) {
                    // What looks like a fault of the data may be the rows of a run that took over.
                    if (!is_retryable(tried.error().fault)) {
                        if (auto mine = is_committed(c, next); !mine) return on_clean_connection(mine.error());
                    }
                }
                return tried;
            },
            cost);
    }

    /// The last attempt of the last step whose transaction failed; 0 when none did.
    [[nodiscard]] unsigned failed_try() const { return failed_try_; }
    /// Whether the last transaction left its connection in an unknown state.
    [[nodiscard]] bool needs_clean_connection() const { return needs_clean_connection_; }
    /// How long the last transaction took that was tried, whatever became of it.
    [[nodiscard]] duration spent() const { return spent_; }

private:
    /// One try.
    template <class Work>
    result<void> transact(connection& c, const checkpoint& next, Work& work) {
        auto steps = [&]() -> result<void> {
            if (auto r = c.begin(); !r) return r;
            if (auto r = work(c); !r) return r;
            if (next.complete) {
                if (auto r = watch_.check_target(c); !r) return r;
            }
            if constexpr (Stores) {
                if (auto r = c.save_checkpoint(next); !r) return r;
            }
            return c.commit();
        };
        needs_clean_connection_ = false;
        auto r = steps();
        if (r || needs_fresh_connection(r.error().fault)) return r;
        const bool is_undone = c.rollback().has_value();
        needs_clean_connection_ = !is_undone || r.error().fault == fault::batch_too_large; // servers close it then
        return is_undone ? r : on_clean_connection(r.error());
    }

    /// A connection whose rollback fails is of no use: what is tried again needs a fresh one.
    [[nodiscard]] error on_clean_connection(error e) const {
        const bool is_tried_again = is_retryable(e.fault) && e.fault != fault::batch_too_large;
        if (needs_clean_connection_ && is_tried_again) e.fault = fault::connection_lost;
        return e;
    }

    /// Whether the transaction that leads to `next` was committed by an earlier try, whose reply was lost.
    result<bool> is_committed(connection& c, checkpoint& next) {
        auto found = c.load_checkpoint(next.job, checkpoint_read::settled);
        if (!found) return found.error();
        if (!*found) return refusal("the checkpoint of this copy was dropped meanwhile (" + next.title + ")");
        if ((*found)->run != next.run) {
            return refusal("another run into this table has taken over (" + next.title + ")");
        }
        if ((*found)->batches != next.batches) return false;
        next.rows = (*found)->rows;
        return true;
    }

    TargetManager& target_;
    DefinitionWatch& watch_;
    Sizer& sizer_;
    Environment& environment_;
    unsigned failed_try_ = 0;
    bool needs_clean_connection_ = false;
    duration spent_{};
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
