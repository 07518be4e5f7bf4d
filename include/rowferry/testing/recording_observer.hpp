// SPDX-License-Identifier: BSL-1.0
// An observer that keeps what it hears: a list for each event, and one line of text for each, in order.
#ifndef ROWFERRY_TESTING_RECORDING_OBSERVER_HPP
#define ROWFERRY_TESTING_RECORDING_OBSERVER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify/report.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// A `copy_started` that outlives the call.
struct recorded_start {
    std::string table = {};
    rowferry::route route;
    std::optional<std::uint64_t> expected_rows = {};
    std::uint64_t estimated_rows;
    std::uint64_t resumed_rows;
};

/// A `page_read` that outlives the call.
struct recorded_page {
    std::string table = {};
    std::uint64_t rows;
    std::uint64_t bytes;
    duration elapsed = {};
};

/// A `batch_committed` that outlives the call.
struct recorded_batch {
    std::string table = {};
    std::uint64_t rows;
    std::uint64_t bytes;
    std::uint64_t total_rows;
    std::uint64_t total_bytes;
    duration elapsed = {};
    duration total_elapsed = {};
    key_values last_key = {};
};

/// A `retry_scheduled` that outlives the call.
struct recorded_retry {
    rowferry::side side;
    rowferry::error error;
    unsigned attempt;
    duration delay = {};
};

/// A `recovered` that outlives the call.
struct recorded_recovery {
    rowferry::side side;
    std::string operation = {};
    unsigned attempts;
    duration outage = {};
};

/// A `notice` that outlives the call.
struct recorded_notice {
    std::string table = {};
    std::string text = {};
};

/// A `verification_started` that outlives the call.
struct recorded_verification_start {
    std::string table = {};
    std::uint64_t estimated_rows;
};

/// A `chunk_compared` that outlives the call.
struct recorded_chunk {
    std::string table = {};
    std::uint64_t rows;
    std::uint64_t total_rows;
    bool equal;
};

/// Records every event of the copies and verifications that it is given to. `lines()` holds no times, so that a test
/// can compare it:
///
///   started procnote, across
///   connected to target
///   read 10 rows
///   retry write on target after connection_lost
///   connected to target again
///   recovered write on target on attempt 2
///   committed 10 rows up to (27)
///   waited for the rate limit
///   notice: no index of table procnote starts with EntryDateTime: …
///   finished complete with 10 rows
///   verifying procnote
///   compared 10 rows, which differ
///   verified, different with 10 rows
class recording_observer {
public:
    void on(const copy_started& e) {
        starts_.push_back({std::string(e.table), e.route, e.expected_rows, e.estimated_rows, e.resumed_rows});
        std::string line = "started " + std::string(e.table) + ", " + std::string(name(e.route));
        if (e.expected_rows) line += ", expecting " + rows(*e.expected_rows);
        if (e.resumed_rows > 0) line += ", after " + rows(e.resumed_rows);
        lines_.push_back(line);
    }
    void on(const page_read& e) {
        pages_.push_back({std::string(e.table), e.rows, e.bytes, e.elapsed});
        lines_.push_back("read " + rows(e.rows));
    }
    void on(const batch_committed& e) {
        batches_.push_back({std::string(e.table), e.rows, e.bytes, e.total_rows, e.total_bytes, e.elapsed,
                            e.total_elapsed, e.last_key});
        lines_.push_back("committed " + rows(e.rows) + " up to " + to_string(e.last_key, e.last_key_forms));
    }
    void on(const slice_written& e) { lines_.push_back("wrote " + rows(e.rows) + " of a pass"); }
    void on(const connected& e) {
        connections_.push_back(e);
        lines_.push_back("connected to " + std::string(name(e.side)) + (e.again ? " again" : ""));
    }
    void on(const retry_scheduled& e) {
        retries_.push_back({e.side, e.error, e.attempt, e.delay});
        lines_.push_back("retry " + e.error.operation + " on " + std::string(name(e.side)) + " after " +
                         std::string(name(e.error.fault)));
    }
    void on(const recovered& e) {
        recoveries_.push_back({e.side, std::string(e.operation), e.attempts, e.outage});
        lines_.push_back("recovered " + std::string(e.operation) + " on " + std::string(name(e.side)) + " on attempt " +
                         std::to_string(e.attempts));
    }
    void on(const throttled& e) {
        waits_.push_back(e);
        lines_.emplace_back("waited for the rate limit");
    }
    void on(const notice& e) {
        notices_.push_back({std::string(e.table), std::string(e.text)});
        lines_.push_back("notice: " + std::string(e.text));
    }
    void on(const copy_finished& e) {
        reports_.push_back(e.report);
        lines_.push_back("finished " + std::string(name(e.report.outcome)) + " with " + rows(e.report.rows));
    }
    void on(const verification_started& e) {
        verification_starts_.push_back({std::string(e.table), e.estimated_rows});
        lines_.push_back("verifying " + std::string(e.table));
    }
    void on(const chunk_compared& e) {
        chunks_.push_back({std::string(e.table), e.rows, e.total_rows, e.equal});
        lines_.push_back("compared " + rows(e.rows) + (e.equal ? "" : ", which differ"));
    }
    void on(const verification_finished& e) {
        verifications_.push_back(e.report);
        lines_.push_back("verified, " + std::string(name(e.report.verdict)) + " with " + rows(e.report.source_rows));
    }

    [[nodiscard]] const std::vector<recorded_start>& starts() const { return starts_; }
    [[nodiscard]] const std::vector<recorded_page>& pages() const { return pages_; }
    [[nodiscard]] const std::vector<recorded_batch>& batches() const { return batches_; }
    [[nodiscard]] const std::vector<connected>& connections() const { return connections_; }
    [[nodiscard]] const std::vector<recorded_retry>& retries() const { return retries_; }
    [[nodiscard]] const std::vector<recorded_recovery>& recoveries() const { return recoveries_; }
    [[nodiscard]] const std::vector<throttled>& waits() const { return waits_; }
    [[nodiscard]] const std::vector<recorded_notice>& notices() const { return notices_; }
    /// One for each copy that ended.
    [[nodiscard]] const std::vector<report>& reports() const { return reports_; }
    [[nodiscard]] const std::vector<recorded_verification_start>& verification_starts() const {
        return verification_starts_;
    }
    [[nodiscard]] const std::vector<recorded_chunk>& chunks() const { return chunks_; }
    /// One for each verification that ended.
    [[nodiscard]] const std::vector<verification>& verifications() const { return verifications_; }

    /// All events in order, a line each.
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    /// How many events of this type there were, as in `count<retry_scheduled>()`.
    template <class Event>
    [[nodiscard]] std::size_t count() const {
        return list(std::type_identity<Event>{}).size();
    }
    /// Forgets all events.
    void clear() { *this = {}; }

private:
    static std::string rows(std::uint64_t n) { return std::to_string(n) + (n == 1 ? " row" : " rows"); }

    [[nodiscard]] const auto& list(std::type_identity<copy_started>) const { return starts_; }
    [[nodiscard]] const auto& list(std::type_identity<page_read>) const { return pages_; }
    [[nodiscard]] const auto& list(std::type_identity<batch_committed>) const { return batches_; }
    [[nodiscard]] const auto& list(std::type_identity<connected>) const { return connections_; }
    [[nodiscard]] const auto& list(std::type_identity<retry_scheduled>) const { return retries_; }
    [[nodiscard]] const auto& list(std::type_identity<recovered>) const { return recoveries_; }
    [[nodiscard]] const auto& list(std::type_identity<throttled>) const { return waits_; }
    [[nodiscard]] const auto& list(std::type_identity<notice>) const { return notices_; }
    [[nodiscard]] const auto& list(std::type_identity<copy_finished>) const { return reports_; }
    [[nodiscard]] const auto& list(std::type_identity<verification_started>) const { return verification_starts_; }
    [[nodiscard]] const auto& list(std::type_identity<chunk_compared>) const { return chunks_; }
    [[nodiscard]] const auto& list(std::type_identity<verification_finished>) const { return verifications_; }

    std::vector<recorded_start> starts_;
    std::vector<recorded_page> pages_;
    std::vector<recorded_batch> batches_;
    std::vector<connected> connections_;
    std::vector<recorded_retry> retries_;
    std::vector<recorded_recovery> recoveries_;
    std::vector<throttled> waits_;
    std::vector<recorded_notice> notices_;
    std::vector<report> reports_;
    std::vector<recorded_verification_start> verification_starts_;
    std::vector<recorded_chunk> chunks_;
    std::vector<verification> verifications_;
    std::vector<std::string> lines_;
};

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
