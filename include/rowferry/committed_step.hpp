// SPDX-License-Identifier: BSL-1.0
// One step of a copy, exactly once: the work and its checkpoint in one transaction of the target, tried again until it is
// known to be committed. The reply to a COMMIT can be lost; the checkpoint then tells what became of it.
#ifndef ROWFERRY_COMMITTED_STEP_HPP
#define ROWFERRY_COMMITTED_STEP_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_loss.hpp>
#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/ledger.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Brings the target from one checkpoint to the next. `Stores` says whether a checkpoint is kept: without one, a try after
/// a lost COMMIT does the work again. What it is given must outlive it.
template <bool Stores, class TargetManager, class DefinitionWatch, class Sizer, class Environment>
class committed_step {
    using connection = typename TargetManager::connection_type;

public:
    committed_step(ledger& at, TargetManager& target, DefinitionWatch& watch, Sizer& sizer, Environment& environment)
        : ledger_(at), target_(target), watch_(watch), sizer_(sizer), environment_(environment),
          connects_at_commit_(target.stats().connects) {}

    /// Does `work(connection)`, and saves the checkpoint as `change(checkpoint&)` makes it, in one transaction, with retry and
    /// the rate limit: exactly once, because a try after one that was about to commit asks the checkpoint what became of that.
    /// `change` is asked after the work, and may be asked again: it only says what the work did. Sleeps between tries.
    /// `awake()` keeps the source's connection from being idle meanwhile.
    template <class Work, class Change, class Awake = stays_idle>
    result<void> advance(std::string_view operation, const batch_cost& cost, Work work, Change change,
                         Awake awake = {}) {
        failed_attempt_ = 0;
        is_in_doubt_ = false;
        brings_rows_ = false;
        ledger::turn turn;
        checkpoint next; // what the try that has the turn saves
        auto done = target_.run(
            operation,
            [&](connection& c, unsigned attempt) -> result<void> {
                needs_clean_connection_ = false;
                if (attempt > 1) {
                    auto known = is_committed(c, turn, next);
                    if (!known) return known.error();
                    if (*known) return {};
                    release(turn);
                }
                const time_point begin = environment_.now();
                waited_ = duration::zero();
                auto tried = transact(c, work, change, turn, next);
                spent_ = environment_.now() - begin - waited_;
                if (tried) return tried;
                failed_attempt_ = attempt;
                sizer_.failed(tried.error().fault);
                if constexpr (Stores) {
                    // What looks like a fault of the data may be the rows of a run that took over.
                    // A server that makes no sense explains nothing.
                    const error& e = tried.error();
                    if (!is_retryable(e.fault) && failed_saving_ && e.code == 0 && has_caught_up(c)) return lagged();
                    const bool is_explained = e.cause == cause::senseless_answer && !is_fresh();
                    if (!is_retryable(e.fault) && !is_explained) {
                        has_caught_up_ = false;
                        auto mine = is_mine(c);
                        if (mine && has_caught_up_) return lagged();
                        const bool tells_more =
                            !mine && (e.cause != cause::senseless_answer || mine.error().cause == cause::lost_batches);
                        if (tells_more) return on_clean_connection(mine.error());
                    }
                }
                return tried;
            },
            cost, awake);
        if (done) {
            ledger_.settle(turn, change);
            connects_at_commit_ = target_.stats().connects;
            has_lost_commit_ = false;
        } else if (has_lost_commit_ || (turn.is_held() && brings_rows_)) {
            note(done.error().changes, rowferry::change{rowferry::change::tried_commit, {}});
        }
        return done;
    }

    /// An error unless the target still holds what was committed: asked where the connection is newer than the last commit.
    result<void> check_kept(connection& c) {
        if constexpr (Stores) {
            if (is_fresh()) return is_mine(c);
        }
        return {};
    }

    /// The last attempt of the last step whose transaction failed; 0 when none did.
    [[nodiscard]] unsigned failed_attempt() const { return failed_attempt_; }
    /// Whether the last transaction left its connection in an unknown state.
    [[nodiscard]] bool needs_clean_connection() const { return needs_clean_connection_; }
    /// Whether no worker may commit any more, since another worker ended without knowing what became of its commit.
    [[nodiscard]] bool was_locked_out() const { return was_locked_out_; }
    /// How long the last transaction took that was tried, whatever became of it; without the wait for its turn.
    [[nodiscard]] duration spent() const { return spent_; }

private:
    /// One try. Others may work meanwhile; from the checkpoint on it is this step's turn, which it keeps when it does not know
    /// what became of the transaction.
    template <class Work, class Change>
    result<void> transact(connection& c, Work& work, const Change& change, ledger::turn& turn, checkpoint& next) {
        bool is_committing = false;
        failed_saving_ = false;
        auto steps = [&]() -> result<void> {
            if (auto r = c.begin(); !r) return r;
            if (auto r = work(c); !r) return r;
            const time_point asked = environment_.now();
            if (!turn.is_held() && !ledger_.take(turn)) {
                was_locked_out_ = true;
                return refusal(
                    "another worker of this copy stopped in the middle of its commit; what became of it the next run "
                    "finds out");
            }
            waited_ = environment_.now() - asked;
            next = ledger_.now();
            const std::uint64_t rows_before = next.rows;
            ++next.batches;
            change(next);
            brings_rows_ = brings_rows_ || next.rows != rows_before;
            if (next.complete) {
                if (auto r = watch_.check_target(c); !r) return r;
            }
            if constexpr (Stores) {
                if (auto r = c.save_checkpoint(next); !r) {
                    failed_saving_ = true;
                    return r;
                }
            }
            is_committing = true;
            return c.commit();
        };
        auto r = steps();
        if (r) return r;
        // Nothing is committed without a COMMIT, and without a checkpoint nothing tells what became of one.
        if (!Stores || !is_committing) release(turn);
        if (!Stores && is_committing && brings_rows_ && is_unanswered(r.error())) has_lost_commit_ = true;
        if (needs_fresh_connection(r.error().fault)) return r;
        const bool is_undone = c.rollback().has_value();
        if (turn.is_held() && is_undone) {
            // A COMMIT that fails with an answer has not happened. The checkpoint has the last word.
            auto known = is_committed(c, turn, next);
            if (!known) return in_doubt(std::move(known.error()), r.error());
            if (*known) return {};
            release(turn);
        }
        needs_clean_connection_ = !is_undone || r.error().fault == fault::batch_too_large; // servers close it then
        if (is_undone) return r;
        error e = on_clean_connection(r.error());
        if (turn.is_held()) e.fault = fault::connection_lost; // what became of it another try finds out
        return e;
    }

    /// The COMMIT was answered with an error, and what became of it could not be asked, which another try does.
    error in_doubt(error e, const error& of_commit) {
        sizer_.failed(of_commit.fault);
        e.message = "the commit failed (" + to_string(of_commit) + "), and what became of it could not be asked";
        if (e.fault == fault::batch_too_large) e.fault = fault::connection_lost;
        return e;
    }

    /// A connection whose rollback fails is of no use: what is tried again needs a fresh one.
    [[nodiscard]] error on_clean_connection(error e) const {
        const bool is_tried_again = is_retryable(e.fault) && e.fault != fault::batch_too_large;
        if (needs_clean_connection_ && is_tried_again) e.fault = fault::connection_lost;
        return e;
    }

    /// Ends the turn of a try that is known to be undone. While a COMMIT may still arrive, no other worker may commit: its
    /// number would be taken for theirs.
    void release(ledger::turn& turn) const {
        if (!is_in_doubt_) turn.release();
    }

    /// Whether an earlier try, whose reply was lost, has committed: only one that had the turn can have. (Without a
    /// checkpoint this is unknown, and the work is done again.)
    result<bool> is_committed(connection& c, const ledger::turn& turn, const checkpoint& next) {
        if constexpr (Stores) {
            auto found = entry(c, turn.is_held() ? checkpoint_read::settled : checkpoint_read::as_it_stands);
            if (!found) return found.error();
            if (!turn.is_held()) return false;
            if (found->batches == next.batches) return true;
            // What another server lacks may only be on its way there.
            if (!is_fresh() || !target_.met_another_server()) return false;
            return arrives(c, next);
        } else {
            return false;
        }
    }
    /// Waits for a COMMIT that another node or replica may apply a moment later than the one that was asked to. False leaves
    /// it in doubt.
    result<bool> arrives(connection& c, const checkpoint& next) {
        is_in_doubt_ = true;
        std::optional<checkpoint> found;
        result<void> looked;
        const auto is_mine = [&] { return looked && found && found->run == next.run; };
        (void)stays_missing(environment_, [&] {
            looked = load_settled(c, next, found);
            return is_mine() && found->batches < next.batches;
        });
        if (!looked) return std::move(looked.error());
        if (is_mine() && found->batches == next.batches) return true;
        if (environment_.stop_requested()) return not_told();
        return false;
    }
    /// An error unless the checkpoint is this run's.
    result<void> is_mine(connection& c) {
        auto found = entry(c, checkpoint_read::as_it_stands);
        if (!found) return found.error();
        return {};
    }
    /// The checkpoint in the target, if it is this run's.
    result<checkpoint> entry(connection& c, checkpoint_read how) {
        checkpoint here = ledger_.now();
        auto found = c.load_checkpoint(here.job, how);
        if (!found) return found.error();
        if (is_missing(*found, here)) {
            if (auto r = look_again(c, here, *found); !r) return std::move(r.error());
        }
        if (!*found) {
            return refusal("the checkpoint of this copy was dropped during the copy (" + here.title + ")",
                           {remedy{remedy::start_over_into_empty}});
        }
        if ((*found)->run != here.run) {
            error e = refusal("another run into this table has taken over (" + here.title + ")");
            e.cause = cause::taken_over;
            return e;
        }
        return std::move(**found);
    }

    /// Whether a fresh connection finds less than was committed. Another server that has no checkpoint, or that of an earlier
    /// run, does not know of this run; one of any other run is of a run that took over.
    [[nodiscard]] bool is_missing(const std::optional<checkpoint>& found, const checkpoint& here) const {
        if (!is_fresh()) return false;
        if (found && found->run == here.run) return found->batches < here.batches;
        return target_.met_another_server() && (!found || ledger_.comes_after(found->run));
    }
    /// Reads what seems to be missing again, and waits for it: a node or a replica may lag behind. An error when it stays
    /// missing; else `found` is what was read last, and `here` what was committed by then.
    result<void> look_again(connection& c, checkpoint& here, std::optional<checkpoint>& found) {
        if (needs_clean_connection_) return not_told(); // its transaction may be open
        result<void> looked;
        const bool is_lost = stays_missing(environment_, [&] {
            here = ledger_.now();
            looked = load_settled(c, here, found);
            return looked && is_missing(found, here);
        });
        has_caught_up_ = looked && !is_lost;
        if (!looked || !is_lost) return looked;
        if (environment_.stop_requested()) return not_told();
        const bool is_of_this_run = found && found->run == here.run;
        const std::uint64_t held = is_of_this_run ? found->batches : 0;
        const std::uint64_t rows = is_of_this_run ? found->rows : 0;
        ledger_.note_loss({held, here.batches, rows, is_of_this_run});
        return lost_batches(*ledger_.loss());
    }
    /// Whether the checkpoint was behind what was committed through this connection, and is no longer: a proxy may lead each
    /// transaction to another node. One that stays behind says that a COMMIT was not carried out.
    bool has_caught_up(connection& c) {
        if (is_fresh() || needs_clean_connection_) return false; // see `look_again`
        bool was_behind = false;
        bool is_mine = false;
        const bool is_behind = stays_missing(environment_, [&] {
            const checkpoint here = ledger_.now();
            std::optional<checkpoint> found;
            is_mine = load_settled(c, here, found) && found && found->run == here.run;
            const bool is_less = is_mine && found->batches < here.batches;
            was_behind = was_behind || is_less;
            return is_less;
        });
        return was_behind && is_mine && !is_behind;
    }
    /// In a transaction, which a proxy does not send to a replica that lags behind.
    result<void> load_settled(connection& c, const checkpoint& here, std::optional<checkpoint>& found) {
        if (auto r = c.begin(); !r) return r;
        auto read = c.load_checkpoint(here.job, checkpoint_read::settled);
        const bool needs_fresh = !read && needs_fresh_connection(read.error().fault);
        auto ended = needs_fresh ? result<void>() : c.rollback();
        if (!ended && (read || is_retryable(read.error().fault))) { // a transaction may be left open
            ended.error().fault = fault::connection_lost;
            return ended;
        }
        if (!read) return std::move(read.error());
        found = std::move(*read);
        return {};
    }
    /// A failure while the target was behind what was committed says nothing: the next try finds it as it is.
    static error lagged() {
        error e = refusal("the target did not show the last committed batch yet");
        e.fault = fault::transient;
        return e;
    }
    /// Leaves it to a try on another connection, or to the next run.
    static error not_told() {
        error e =
            refusal("could not check whether the target still holds the committed batches; run the same copy again");
        e.fault = fault::connection_lost;
        return e;
    }

    /// Whether nothing was committed yet through the connection under way.
    [[nodiscard]] bool is_fresh() const { return target_.stats().connects != connects_at_commit_; }

    ledger& ledger_;
    TargetManager& target_;
    DefinitionWatch& watch_;
    Sizer& sizer_;
    Environment& environment_;
    std::uint64_t connects_at_commit_; // or when the work began
    unsigned failed_attempt_ = 0;
    bool needs_clean_connection_ = false;
    bool was_locked_out_ = false;
    bool is_in_doubt_ = false; // whether a COMMIT of this step may still arrive at the server that answers now
    bool brings_rows_ = false; // whether this step commits rows
    // Without a checkpoint: whether the answer to a COMMIT was lost, and no step has succeeded since.
    bool has_lost_commit_ = false;
    bool failed_saving_ = false; // whether the last transaction failed when it saved its checkpoint
    bool has_caught_up_ = false; // whether the target was seen behind what was committed, and then no longer
    duration spent_{};
    duration waited_{}; // for the turn
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
