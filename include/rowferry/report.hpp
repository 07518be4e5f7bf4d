// SPDX-License-Identifier: BSL-1.0
// What happened: how far a copy came, what it met on the way, and why it stopped.
#ifndef ROWFERRY_REPORT_HPP
#define ROWFERRY_REPORT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/write_way.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// How the rows travel.
enum class route : std::uint8_t {
    across,     ///< read from the source, written to the target
    server_side ///< both are one server: INSERT … SELECT there
};

/// "across" or "server-side"; a literal.
constexpr std::string_view name(route r) { return r == route::across ? "across" : "server-side"; }

/// How a copy ended.
enum class outcome : std::uint8_t {
    complete,   ///< the last page was reached and everything is committed
    stopped,    ///< a failure ended the copy; what was committed stays, and running it again continues from there
    refused,    ///< the copy cannot be done exactly, or was asked for wrongly; no row of the target was changed
    interrupted ///< a stop was asked for; running it again continues
};

/// "complete", "stopped", "refused" or "interrupted"; a literal.
constexpr std::string_view name(outcome o) {
    switch (o) {
    case outcome::complete: return "complete";
    case outcome::stopped: return "stopped";
    case outcome::refused: return "refused";
    case outcome::interrupted: return "interrupted";
    }
    return "stopped";
}

/// What the connections of one side, or of both, went through.
struct connection_stats {
    std::array<std::uint64_t, fault_count> retries{}; ///< by the fault that led to them, as `fault` counts
    std::uint64_t connects = 0;                       ///< connections made, the first included
    std::uint64_t recoveries = 0;                     ///< operations that failed and then succeeded
    std::uint64_t given_up = 0;                       ///< operations that failed for good
    duration recovery_total{};                        ///< first failure to success, summed over recoveries
    duration recovery_longest{};
    duration backoff{};  ///< time slept before retries, by the clock of the copy
    duration throttle{}; ///< time slept for the rate limit

    [[nodiscard]] constexpr std::uint64_t retry_count() const {
        std::uint64_t sum = 0;
        for (std::uint64_t n : retries) sum += n;
        return sum;
    }
    [[nodiscard]] constexpr std::uint64_t retry_count(fault f) const { return retries[static_cast<std::size_t>(f)]; }
    /// Mean time to recovery; zero when nothing had to recover.
    [[nodiscard]] constexpr duration mean_recovery() const {
        return recoveries == 0 ? duration::zero() : recovery_total / static_cast<duration::rep>(recoveries);
    }
    /// Of the operations that failed at first, the share that a retry saved; 1 when none failed.
    [[nodiscard]] constexpr double retry_success() const {
        const std::uint64_t failed = recoveries + given_up;
        return failed == 0 ? 1.0 : static_cast<double>(recoveries) / static_cast<double>(failed);
    }
    constexpr connection_stats& operator+=(const connection_stats& other) {
        for (std::size_t i = 0; i < fault_count; ++i) retries[i] += other.retries[i];
        connects += other.connects;
        recoveries += other.recoveries;
        given_up += other.given_up;
        recovery_total += other.recovery_total;
        if (other.recovery_longest > recovery_longest) recovery_longest = other.recovery_longest;
        backoff += other.backoff;
        throttle += other.throttle;
        return *this;
    }
};

/// The result of one table's copy. Counts are of this run; `resumed_rows` says what earlier runs had committed.
struct report {
    std::string table = {};
    rowferry::outcome outcome = rowferry::outcome::stopped;
    std::optional<error> failure = {}; ///< why it ended, unless it is complete
    rowferry::route route = rowferry::route::across;
    write_way way = write_way::automatic; ///< of the route across; `automatic` is the client's only one
    std::uint64_t rows = 0;               ///< rows committed
    std::uint64_t bytes = 0;              ///< of their cells; on the server-side route an estimate
    std::uint64_t batches = 0;            ///< transactions committed
    std::uint64_t skipped = 0;            ///< rows that skip_existing left as they were
    std::uint64_t resumed_rows = 0;       ///< committed by earlier runs of the same job
    std::uint64_t null_watermarks = 0;    ///< rows that are NULL in the incremental column, and so never come
    std::optional<std::uint64_t> expected_rows = {}; ///< counted at the start, when that was asked for
    duration elapsed{};
    /// The page order's columns up to which rows are committed, but for those of `open_ranges`
    key_values last_key = {};
    key_forms last_key_forms = {}; ///< how `last_key` is shown: `to_string(last_key, last_key_forms)`
    connection_stats source = {};
    connection_stats target = {};
    rowferry::consistency consistency = rowferry::consistency::each_page;
    std::optional<snapshot_info> snapshot = {}; ///< that the rows are of; none for each_page
    unsigned workers = 1;                       ///< that copied ranges side by side
    std::uint64_t open_ranges = 0;              ///< before `last_key`, which several workers left to the next run
    std::uint64_t lost_batches = 0;        ///< committed, and then lost by the target: copied again, and counted once
    std::vector<std::string> notices = {}; ///< what an operator should know of the servers that answered
    unsigned started_over = 0;             ///< how often the snapshot was lost, and the table copied from another one
    std::string transformation = {};       ///< what the rows passed through, by its name; empty for nothing
    std::uint64_t dropped = 0; ///< rows that it dropped, of the batches committed: they are not among `rows`
    bool began = false;        ///< the plan was carried out, up to the first rows at least

    [[nodiscard]] bool complete() const { return outcome == rowferry::outcome::complete; }
    /// Rows that were read for the batches committed: those written, and those dropped.
    [[nodiscard]] std::uint64_t rows_read() const { return rows + dropped; }
    [[nodiscard]] std::uint64_t retries() const { return source.retry_count() + target.retry_count(); }
    [[nodiscard]] double rows_per_second() const {
        const double seconds = to_seconds(elapsed);
        return seconds > 0 ? static_cast<double>(rows) / seconds : 0.0;
    }
    /// Both sides together.
    [[nodiscard]] connection_stats connections() const {
        connection_stats both = source;
        both += target;
        return both;
    }
};

/// ", 3 of 10 rows dropped", or nothing.
inline std::string dropped_clause(const report& r) {
    if (r.dropped == 0) return {};
    return ", " + grouped(r.dropped) + " of " + grouped(r.rows_read()) + " rows dropped";
}

/// Whether a copy has changed anything in the target: rows, a table, or a checkpoint.
inline bool has_changed(const report& r) {
    return r.complete() || r.batches > 0 || r.lost_batches > 0 || r.started_over > 0 ||
           (r.failure && !r.failure->changes.empty());
}

/// Whether rows were committed, or may have been: the answer to a COMMIT was lost.
inline bool may_have_committed(const report& r) {
    return r.batches > 0 || (r.failure && r.failure->has_change(change::tried_commit));
}

/// How a copy that failed ended, by what the report says it has done: the one place that tells `refused` from `stopped`. A
/// checkpoint that says that nothing was copied yet changes no row.
inline outcome ended_as(const report& r) {
    if (!r.failure) return outcome::complete;
    if (is_retryable(r.failure->fault)) return outcome::stopped;
    if (r.batches > 0 || r.lost_batches > 0 || r.started_over > 0) return outcome::stopped;
    // What a server answers to the first thing that is asked of it is a refusal; what the copy itself finds ends it.
    if (r.began && r.failure->code == 0) return outcome::stopped;
    for (const change& c : r.failure->changes) {
        if (c.what != change::created_store && c.what != change::entered_checkpoint) return outcome::stopped;
    }
    return outcome::refused;
}

/// A report in one line, as "table procnote: complete, 561 000 rows in 81 batches, 19 retries", and why it ended. Shows no
/// value of a row but what the error shows.
inline std::string to_string(const report& r) {
    std::string text = "table " + one_line(r.table, shown::name) + ": " + std::string(name(r.outcome)) + ", " +
                       grouped(r.rows) + (r.rows == 1 ? " row in " : " rows in ") + grouped(r.batches) +
                       (r.batches == 1 ? " batch" : " batches");
    text += dropped_clause(r);
    if (r.retries() > 0) text += ", " + grouped(r.retries()) + (r.retries() == 1 ? " retry" : " retries");
    if (r.failure) text += ": " + to_string(*r.failure);
    return text;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
