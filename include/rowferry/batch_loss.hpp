// SPDX-License-Identifier: BSL-1.0
// Committed batches that the target no longer holds, for example after a failover to a replica that had not received
// them, or a crash of a server that does not flush its log at each COMMIT: what is lost, and how the copy goes on from
// what is left.
#ifndef ROWFERRY_BATCH_LOSS_HPP
#define ROWFERRY_BATCH_LOSS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// What is missing, by the sequence numbers of the job's transactions.
struct batch_loss {
    std::uint64_t held = 0;      ///< the last one that the target holds
    std::uint64_t committed = 0; ///< the last one that was committed
    std::uint64_t rows_held = 0; ///< by then, of all runs of the job
    bool holds_claim = false;    ///< whether the target knows of this run at all

    [[nodiscard]] std::uint64_t count() const { return committed > held ? committed - held : 0; }
    /// "batches 36 to 51"
    [[nodiscard]] std::string text() const {
        const std::string last = std::to_string(committed);
        if (count() == 0) return "the beginning of this copy";
        return count() == 1 ? "batch " + last : "batches " + std::to_string(held + 1) + " to " + last;
    }
};

/// How long to look again before what was committed counts as not there: a node of a cluster may apply a moment later what
/// another one has committed. The pauses double, and come to 6.3 s.
inline constexpr duration first_pause = std::chrono::milliseconds(100);
inline constexpr duration longest_pause = std::chrono::milliseconds(3200);

/// Asks `is_missing()` until it is false, with these pauses in between; true when it still is after the last one, or when a
/// stop request ended the wait.
template <class Environment, class IsMissing>
bool stays_missing(Environment& environment, IsMissing is_missing) {
    for (duration pause = first_pause; is_missing(); pause *= 2) {
        if (pause > longest_pause || environment.stop_requested()) return true;
        environment.sleep(pause);
    }
    return false;
}

/// Ends the work under way, which `copy_again` takes up.
inline error lost_batches(const batch_loss& loss) {
    error e = refusal("the target has lost " + loss.text() + " (a failover?)", {remedy{remedy::run_again}});
    e.cause = cause::lost_batches;
    return e;
}

/// How often one copy goes on after a loss. A target that loses more than that keeps nothing.
inline constexpr unsigned most_losses = 10;

/// What is asked after a loss. If the target holds this run's checkpoint, the table is already created and emptied.
inline copy_request request_after(const batch_loss& loss, copy_request asked) {
    if (!loss.holds_claim) return asked;
    asked.resume = true;
    asked.truncate_target = false;
    asked.create_target = false;
    return asked;
}

/// Takes what is lost out of a report: rows and batches of this run that the target does not hold are not counted. Bytes,
/// skipped and dropped rows are counted by the rows' share.
inline void take_out(report& summary, const batch_loss& loss) {
    const std::uint64_t earlier = std::min(summary.resumed_rows, loss.rows_held);
    const std::uint64_t rows = loss.holds_claim ? loss.rows_held - earlier : 0;
    const double share = summary.rows == 0 ? 0.0 : std::min(1.0, double(rows) / double(summary.rows));
    summary.lost_batches += loss.count();
    summary.batches = loss.holds_claim ? summary.batches - std::min(summary.batches, loss.count()) : 0;
    summary.bytes = static_cast<std::uint64_t>(double(summary.bytes) * share);
    summary.skipped = static_cast<std::uint64_t>(double(summary.skipped) * share);
    summary.dropped = static_cast<std::uint64_t>(double(summary.dropped) * share);
    summary.rows = rows;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
