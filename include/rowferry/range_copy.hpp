// SPDX-License-Identifier: BSL-1.0
// One worker: copies ranges of the key, page after page, each written and committed with the run's checkpoint.
//
//   per page   read, completely into memory, with retry
//   per batch  retry( rate_limit( begin, write, save checkpoint, commit ) )
// A batch is a page, or less when the target says that a page is too large, or refuses one of its rows.
#ifndef ROWFERRY_RANGE_COPY_HPP
#define ROWFERRY_RANGE_COPY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/committed_step.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/definition_watch.hpp>
#include <rowferry/first_look.hpp>
#include <rowferry/ledger.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/page_cut.hpp>
#include <rowferry/page_reader.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/range_middle.hpp>
#include <rowferry/range_queue.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_writing.hpp>
#include <rowferry/run_tally.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/snapshot_rules.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Whether the rows with a NULL in the key were committed: with them the copy was complete once.
inline bool has_nulls(const checkpoint& at) { return at.complete && at.rows > 0; }

/// What the workers of a run have in common.
template <class Pagination, class Environment>
struct shared_run {
    const copy_plan& plan;
    const Pagination& pages;
    Environment& environment;
    const write_request& write;
    ledger& at;
    run_tally<Environment>& tally;
    const first_look& begun;
};

/// One worker of a run. `Stores` says whether a checkpoint is kept, `Ahead` whether it reads ahead. What it is given outlives
/// it.
template <bool Stores, bool Ahead, class SourceManager, class TargetManager, class Pagination, class Sizer,
          class Environment>
class range_copy {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    using run_type = shared_run<Pagination, Environment>;

public:
    range_copy(const run_type& run, SourceManager& source, TargetManager& target, Sizer sizer)
        : plan_(run.plan), run_(run), target_(target), environment_(run.environment), sizer_(std::move(sizer)),
          reader_(run.plan, source, run.pages, run.environment), middle_(run.plan, source, run.pages),
          row_bytes_(run.plan.source.estimated_row_bytes()),
          watch_(run.plan, source, target, run.environment, run.begun, run.at),
          step_(run.at, target, watch_, sizer_, run.environment) {}
    range_copy(const range_copy&) = delete; // its parts refer to each other
    range_copy& operator=(const range_copy&) = delete;

    /// Copies a range until its last page, a stop request or a failure. `before_last()`, a result, is asked when the last page
    /// of the last range was read; with it that page's transaction says that the copy is complete. `divide(*this)`, a result,
    /// is asked whenever a page was read, and may end the range earlier.
    template <class BeforeLast, class Divide>
    result<void> copy(const open_range& range, page_cursor from, bool completes, BeforeLast before_last,
                      Divide divide) {
        range_end_ = range.keys.up_to;
        done_key_ = from.last_key;
        reader_.stand_at(std::move(from));
        for (bool more = true; more;) {
            if (plan_.consistency == consistency::one_snapshot) {
                target_.wait_for_page([this] { reader_.keep_awake(); });
            } else {
                target_.wait_for_page(); // the connection is replaced when it was lost
            }
            if (environment_.stop_requested()) {
                was_stopped_ = true;
                error stopped = stopped_on_request(plan_, IncrementalPagination<Pagination>);
                stopped.where = "table " + plan_.source.name;
                return stopped;
            }
            if (auto same = watch_.look(); !same) return same;
            auto read = reader_.take(page_limits());
            if (!read) return watch_.explained(on_source(read.error()));
            auto r = move_page(**read, completes, before_last, divide);
            reader_.wait(); // with nothing under way both managers are this thread's again
            if (!r) return watch_.explained(r.error());
            more = *r;
        }
        return {};
    }

    /// Whether a stop request ended it.
    [[nodiscard]] bool was_stopped() const { return was_stopped_; }
    /// Whether the last page of the last range was committed, and the copy with it noted as complete.
    [[nodiscard]] bool has_completed() const { return completed_; }
    [[nodiscard]] auto& watch() { return watch_; }
    [[nodiscard]] auto& step() { return step_; }
    /// Where what was not read yet can be divided; see `range_middle::find`.
    auto find_middle(double rows_ahead, std::uint64_t least) {
        return middle_.find(reader_.cursor(), rows_ahead, least);
    }
    /// How many rows the next page may have.
    [[nodiscard]] batch_limits page_limits() const {
        // What the batch size policy says, and no more rows than can be expected to fit: rows past the byte limit are read
        // in vain, and a server-side page cannot be cut by bytes at all.
        batch_limits limits = sizer_.next();
        if (limits.bytes == 0 || row_bytes_ <= 0) return limits;
        const double fitting = double(limits.bytes) / row_bytes_ * (plan_.route == route::across ? 2 : 1);
        if (fitting < double(limits.rows))
            limits.rows = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(fitting));
        return limits;
    }
    /// Rows read so far, of all ranges.
    [[nodiscard]] std::uint64_t rows_read() const { return rows_read_; }
    /// Ends the range at that key, which lies behind what was read.
    void end_at(const key_values& key) {
        range_end_ = key;
        reader_.end_at(key);
    }
    [[nodiscard]] const key_values& range_end() const { return range_end_; }

private:
    /// Commits a page; false after the last one.
    template <class BeforeLast, class Divide>
    result<bool> move_page(const page& now, bool completes, BeforeLast& before_last, Divide& divide) {
        environment_.emit(page_read{plan_.source.name, now.rows.rows(), now.rows.bytes(), now.reading});
        rows_read_ += now.rows.rows();
        const bool last = now.is_last();
        if (is_single_transaction<Pagination> && now.rows.truncated()) {
            return on_source(too_large_for_one_page(now.request.max_bytes));
        }
        if (last && completes) {
            if (auto r = before_last(); !r) return r.error();
        }
        if (now.rows.empty()) {
            run_.at.close(range_end_);
            return false;
        }
        if (plan_.route == route::across) row_bytes_ = double(now.rows.bytes()) / double(now.rows.rows());
        if (!last) {
            if (auto r = divide(*this); !r) return on_source(r.error());
            if constexpr (Ahead) {
                if (!target_.delays_page()) reader_.begin(page_limits());
            }
        }
        for (page_cut cut(now.rows); !cut.is_done();) {
            const row_range next = cut.next();
            const bool is_end = last && next.first() + next.rows() == now.rows.rows();
            auto r = move_batch(now, next, is_end, is_end && completes);
            if (r) {
                cut.committed(next);
                continue;
            }
            // Only a transaction of this run's own is known to have left nothing; what becomes of an earlier one, whose
            // connection was lost, is unknown when connecting or asking the checkpoint fails.
            const bool is_known = r.error().attempt == step_.failed_attempt();
            const bool is_refused = is_known && r.error().fault == fault::data && refused_by_write_;
            const bool is_too_large = is_known && r.error().fault == fault::batch_too_large;
            if (!(is_refused || is_too_large) || !can_halve(next)) return on_rows(r.error(), next, is_refused);
            if (is_refused && next.rows() == now.rows.rows()) note_refusal(next);
            if (step_.needs_clean_connection()) target_.disconnect();
            cut.halve(next);
        }
        return !last;
    }

    static bool can_halve(const row_range& rows) { return !is_single_transaction<Pagination> && rows.rows() > 1; }

    /// Writes rows and checkpoint in one transaction. The last batch of a range closes it, and the last one of all may complete
    /// the copy.
    result<void> move_batch(const page& now, const row_range& rows, bool closes, bool completes) {
        const time_point begin = environment_.now();
        const key_values last_key = reader_.key_of(rows[rows.rows() - 1]);
        const row_range sent = now.to_write(rows);
        write_outcome wrote;
        unsigned lost_while_writing = 0;
        refused_by_write_ = false;
        auto work = [&](target_connection& c) -> result<void> {
            auto written = write(c, now, rows, last_key);
            if (written) {
                wrote = *written;
                return {};
            }
            refused_by_write_ = written.error().fault == fault::data;
            // Losing the connection twice in the same large statement may mean that something in between refuses its size:
            // smaller ones tell. Nothing is committed then: COMMIT was not sent.
            if (written.error().fault == fault::connection_lost && bytes_of(rows) > (1U << 20U) && can_halve(rows) &&
                ++lost_while_writing == 2) {
                written.error().fault = fault::batch_too_large;
            }
            return written.error();
        };
        auto change = [&](checkpoint& at) {
            at.complete = plan_.nullable.empty() ? completes : has_nulls(at);
            at.rows += wrote.rows; // inside a server these may be others than were read
            at.advance(range_end_, last_key);
            if (closes) at.close(range_end_);
        };
        auto r =
            step_.advance("write", {rows.rows(), bytes_of(rows), {}}, work, change, [this] { reader_.keep_awake(); });
        if (!r) return r;
        if (!Stores && step_.failed_attempt() > 0) run_.at.lose_count();
        done_key_ = last_key;
        completed_ = completed_ || completes;
        if constexpr (!Ahead) reader_.count(run_.at.rows()); // else the reader is under way, and goes by the key
        run_.tally.tell(wrote.notice);
        const double share = double(rows.rows()) / double(now.rows.rows());
        const auto read_for_it = duration(static_cast<duration::rep>(double(now.reading.count()) * share));
        sizer_.committed({rows.rows(), bytes_of(rows), read_for_it + step_.spent()});
        const duration elapsed = environment_.now() - begin + (rows.first() == 0 ? now.reading : duration::zero());
        const std::uint64_t dropped = rows.rows() - sent.rows();
        run_.tally.add({sent.rows(), bytes_of(sent), wrote.rows, wrote.skipped, elapsed, dropped}, done_key_);
        return {};
    }

    result<write_outcome> write(target_connection& c, const page& now, const row_range& rows,
                                const key_values& last_key) {
        if constexpr (CopiesServerSide<target_connection, source_connection>) {
            if (plan_.route == rowferry::route::server_side) {
                page_request range = now.request;
                range.columns = plan_.columns.source;
                range.max_rows = 0;
                range.max_bytes = 0;
                range.offset = 0;
                if (rows.first() > 0 || now.request.offset > 0) range.after = page_bound{done_key_, false};
                if (!last_key.empty()) range.up_to = page_bound{last_key, true};
                return c.copy_page(plan_.source_database, range, run_.write);
            }
        }
        const row_range sent = now.to_write(rows);
        if (sent.rows() == 0) return write_outcome{}; // all of them were dropped: the checkpoint advances
        return write_rows(c, run_.write, sent);
    }

    /// Of a server-side page only the keys are here: its bytes are estimated.
    [[nodiscard]] std::uint64_t bytes_of(const row_range& rows) const {
        if (plan_.route == rowferry::route::across) return rows.bytes();
        return static_cast<std::uint64_t>(row_bytes_ * double(rows.rows()));
    }

    [[nodiscard]] error on_source(error e) const {
        e.side = side::source;
        e.where = place_in_source(plan_, reader_.cursor().last_key);
        return e;
    }
    [[nodiscard]] row_span span_of(const row_range& rows) const {
        return {rows.rows(), reader_.key_of(rows[0]), reader_.key_of(rows[rows.rows() - 1]),
                forms_of(plan_.source, plan_.order.parts)};
    }
    [[nodiscard]] error on_rows(error e, const row_range& rows, bool is_refused) const {
        const row_span span = span_of(rows);
        e.side = side::target;
        e.where = "target, table " + plan_.target.name + ", " + span.text();
        return is_refused ? refused_rows(std::move(e), span, after_fix_of(span)) : e;
    }
    [[nodiscard]] after_fix after_fix_of(const row_span& span) const {
        const bool is_of_snapshot =
            plan_.consistency == consistency::one_snapshot && !IncrementalPagination<Pagination>;
        if (is_of_snapshot && run_.at.rows() > 0) return after_fix::start_over;
        return Stores && !span.first.empty() ? after_fix::resume : after_fix::run_again;
    }
    void note_refusal(const row_range& rows) {
        environment_.emit(notice{plan_.source.name, "the target refuses one of " + span_of(rows).text() +
                                                        ": looking for it, committing the rows before it"});
    }

    const copy_plan& plan_;
    const run_type& run_;
    TargetManager& target_;
    Environment& environment_;
    Sizer sizer_;
    page_reader<Ahead, SourceManager, Pagination, Environment> reader_;
    range_middle<SourceManager, Pagination> middle_;
    key_values range_end_;          // of the range under way; empty for the last one
    key_values done_key_;           // of the last row committed in it
    bool refused_by_write_ = false; // whether it was the write of the last transaction that met a fault of the data
    bool completed_ = false;
    bool was_stopped_ = false;
    std::uint64_t rows_read_ = 0;
    double row_bytes_; // of an average row, as estimated or of the last page; 0 when unknown
    definition_watch<SourceManager, TargetManager, Environment> watch_;
    committed_step<Stores, TargetManager, decltype(watch_), Sizer, Environment> step_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
