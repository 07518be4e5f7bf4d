// SPDX-License-Identifier: BSL-1.0
// Carries out a copy from one snapshot, and what comes after the snapshot is lost: a stop, or the whole table again from a
// new one.
#ifndef ROWFERRY_SNAPSHOT_RUN_HPP
#define ROWFERRY_SNAPSHOT_RUN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Runs `body()`, a result, until it does not fail for a lost snapshot, or the policy says that it stops; `reset()` undoes
/// what a run before a restart left. The error of a lost snapshot has the fault that the connection met.
template <class Consistency, class Parts, class Source, class Body, class Reset>
auto in_one_snapshot(const Consistency& moment, Parts& parts, Source& source, Body body, Reset reset)
    -> decltype(body()) {
    for (unsigned restarts = 0;; ++restarts) {
        auto done = body();
        if (done || !source.loss()) return done;
        error& lost = done.error();
        lost.fault = source.loss()->fault;
        if (moment.when_lost == when_lost::stop) return done;
        if (restarts == moment.max_restarts) {
            lost.given_up =
                "the table was started over " + std::to_string(restarts) + (restarts == 1 ? " time" : " times");
            return done;
        }
        // The connection manager counts the loss as a failure of this operation: it waits as the retry policy says, and
        // connects anew, which opens the next snapshot.
        source.renew();
        auto renewed = parts.source.run("open a new snapshot", [&](auto&, unsigned attempt) -> result<void> {
            if (attempt > 1) return {};
            error again = lost;
            again.fault = fault::connection_lost;
            return again;
        });
        if (!renewed) {
            renewed.error().where = std::move(lost.where);
            return std::move(renewed.error());
        }
        reset();
    }
}

/// Adds what to do after a stop because the snapshot cannot be used any more.
inline void add_way_on(error& e, bool has_committed, bool is_incremental) {
    if (has_committed && !is_incremental) {
        const bool is_in_doubt = e.has_change(change::tried_commit);
        e.message += is_in_doubt ? "; the rows that were, or may have been, committed" : "; the rows committed";
        e.message += " are of that snapshot and cannot be completed from another one";
        e.remedies = {remedy{remedy::start_over_into_empty}};
        return;
    }
    if (!has_committed) e.message += "; nothing was copied from it";
    e.remedies = {remedy{remedy::run_again}};
}

/// The copy of one table, with `carry_out(request)`.
template <class Consistency, class Parts, class Source, class CarryOut>
result<void> copy_from_snapshot(const Consistency& moment, Parts& parts, Source& source, copy_request request,
                                report& summary, bool is_incremental, CarryOut carry_out) {
    bool has_committed = false; // or may have
    auto once = [&] {
        auto done = carry_out(request);
        has_committed = summary.batches > 0 || (!done && done.error().has_change(change::tried_commit));
        summary.consistency = consistency::one_snapshot;
        summary.snapshot = source.info();
        return done;
    };
    auto reset = [&] {
        report fresh;
        fresh.table = summary.table;
        fresh.started_over = summary.started_over + 1;
        // What this copy committed is of the lost snapshot. The table was empty when it began, or was emptied.
        if (has_committed) {
            request.truncate_target = true;
            request.resume = false;
        }
        summary = std::move(fresh);
        const std::string_view how = request.truncate_target ? "the target table is emptied and copied again"
                                                             : "nothing was copied from it, and the copy begins";
        const std::string text = "the snapshot was lost: " + std::string(how) + " from a new snapshot";
        parts.surroundings.emit(notice{summary.table, text});
    };
    auto done = in_one_snapshot(moment, parts, source, once, reset);
    if (done) return done;
    error& e = done.error();
    const bool is_unreadable = e.cause == cause::definition_changed && e.remedies.empty();
    if (source.loss() || is_unreadable) add_way_on(e, has_committed, is_incremental);
    return done;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
