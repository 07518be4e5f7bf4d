// SPDX-License-Identifier: BSL-1.0
// Carries out one plan: the target claimed, the ranges that are left copied by as many workers as the execution policy says,
// and the end noted.
#ifndef ROWFERRY_COPY_RUN_HPP
#define ROWFERRY_COPY_RUN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_loss.hpp>
#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/closing_count.hpp>
#include <rowferry/computing.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/first_look.hpp>
#include <rowferry/ledger.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/range_copy.hpp>
#include <rowferry/range_queue.hpp>
#include <rowferry/range_workers.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_census.hpp>
#include <rowferry/run_tally.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/snapshot_rules.hpp>
#include <rowferry/streamed_pass.hpp>
#include <rowferry/target_claim.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// One run of one plan. `Stores` says whether a checkpoint is kept, `Execution` who does the work; `Parts` has both managers
/// and the surroundings, and makes more of them for further workers.
template <bool Stores, class Execution, class Parts, class Pagination, class Sizer>
class copy_run {
    using source_manager = decltype(Parts::source);
    using target_manager = decltype(Parts::target);
    using source_connection = typename source_manager::connection_type;
    using target_connection = typename target_manager::connection_type;
    using environment_type = typename Parts::surroundings_type;
    static constexpr bool reads_ahead = Execution::concurrent && continues_by_key<Pagination>;
    using worker_type =
        range_copy<Stores, reads_ahead, source_manager, target_manager, Pagination, Sizer, environment_type>;

public:
    copy_run(const copy_plan& plan, Parts& parts, const Execution& execution, const Pagination& pages, Sizer sizer,
             report& summary)
        : plan_(plan), parts_(parts), execution_(execution), sizer_(std::move(sizer)), report_(summary),
          write_(plan.write), ledger_(plan.entry),
          tally_(plan.source.name, summary, parts.surroundings), shared_{plan,   pages,   parts.surroundings,
                                                                         write_, ledger_, tally_,
                                                                         begun_},
          first_(shared_, parts.source, parts.target, sizer_), cursor_(plan.start) {
        write_.table = &plan_.target;
        report_.last_key_forms = forms_of(plan_.source, plan_.order.parts);
    }
    copy_run(const copy_run&) = delete; // its parts refer to each other
    copy_run& operator=(const copy_run&) = delete;

    /// Copies until the last page, a stop request or a failure; the report says how far it came. Where a table was replaced
    /// the target holds rows of two, and no run of this job may continue. A run that took over, and other jobs, keep their
    /// checkpoints: their own watch decides.
    result<void> go(const copy_request& request) {
        auto done = carry_out(request);
        if constexpr (Stores) {
            if (done) return done;
            if (done.error().cause != cause::table_replaced) return done;
            const checkpoint mine = ledger_.now();
            auto forgotten =
                parts_.target.run("forget checkpoint", [&](target_connection& c) { return c.forget_checkpoint(mine); });
            if (!forgotten) done.error().message += "; the checkpoint could not be removed, and must not be continued";
        }
        return done;
    }

    /// What the target has lost of what was committed, when that ended the run.
    [[nodiscard]] std::optional<batch_loss> loss() const { return ledger_.loss(); }
    /// What the run has changed in the target besides rows.
    [[nodiscard]] const std::vector<change>& changes() const { return changes_; }
    /// The runs whose checkpoint this one has continued or replaced.
    [[nodiscard]] const std::vector<std::string>& earlier_runs() const { return ledger_.earlier_runs(); }

private:
    result<void> carry_out(const copy_request& request) {
        // Before the claim: a page may have to wait for a time window, and the target is not emptied meanwhile.
        stand_at(plan_.entry);
        const auto wait = [this] { return wait_for_page(); };
        auto begun = look_at_source(plan_, shared_.pages, cursor_, parts_.source, wait);
        if (!begun) return std::move(begun.error());
        begun_ = std::move(*begun);
        if (auto r = try_filter(); !r) return r;
        std::string unable;
        if (plan_.reopens_target && !plan_.nothing_to_do) {
            auto reopened = reopen_target(parts_.target, plan_.target);
            if (!reopened) return std::move(reopened.error());
            unable = std::move(*reopened);
        }
        if (auto r = take_over(request); !r) return r;
        auto looked = look_at_target(begun_, plan_, shared_.pages, cursor_, parts_.source, parts_.target, wait);
        if (!looked) return looked;
        begin_report();
        if (!unable.empty()) parts_.surroundings.emit(notice{plan_.source.name, unable});
        const checkpoint at = ledger_.now();
        const bool copied_before = plan_.order.parts.empty() && at.complete && at.rows > 0;
        if constexpr (can_stream<source_connection>) {
            if (plan_.streams) {
                auto r = copied_before ? result<void>() : move_stream();
                return r ? conclude() : r;
            }
        }
        if (!plan_.nothing_to_do && !copied_before) {
            if (auto r = copy_ranges(at); !r) return r;
        }
        if constexpr (can_stream<source_connection>) {
            if (!plan_.nullable.empty() && !has_nulls(ledger_.now())) {
                if (auto r = move_stream(); !r) return r;
            }
        }
        return conclude();
    }

    /// Reads the first page, as it will be read, where a filter may fail at one of its rows: nothing is changed by then.
    result<void> try_filter() {
        if (plan_.filter.empty() || plan_.entry.rows > 0 || !needs_look<Pagination>(plan_)) return {};
        if (auto r = wait_for_page(); !r) return r;
        page_request page = page_after(plan_, shared_.pages, cursor_, first_.page_limits());
        page.columns = plan_.read_columns;
        row_batch rows;
        auto read = parts_.source.run("read", [&](source_connection& c) { return read_as_stored(c, page, rows); });
        return read ? read : result<void>(placed(read.error(), "source, table " + plan_.source.name));
    }

    void begin_report() {
        const checkpoint at = ledger_.now();
        report_.began = true;
        report_.resumed_rows =
            at.rows - std::min(at.rows, report_.rows); // what is left of this run after a loss is its own
        report_.last_key = at.last_key;
        parts_.surroundings.emit(
            copy_started{plan_.source.name, plan_.route, plan_.expected_rows, plan_.source.estimated_rows, at.rows});
        for (const std::string& text : plan_.notices) parts_.surroundings.emit(notice{plan_.source.name, text});
    }

    /// Makes the target this run's, and stands where its checkpoint says.
    result<void> take_over(const copy_request& request) {
        target_claim<Stores, target_manager> claim(plan_, parts_.target, rules_of<Pagination>());
        auto taken = claim.take(request, cursor_.from.has_value());
        changes_ = claim.changes();
        ledger_.come_after(claim.earlier_runs());
        if (!taken) return taken.error();
        if (auto r = check_ranges(*taken); !r) return r;
        stand_at(*taken);
        is_counted_ = taken->begun_alone && !taken->complete;
        ledger_.stand_at(std::move(*taken));
        return {};
    }

    void stand_at(const checkpoint& at) {
        if (!cursor_.from && !plan_.from_first_row) cursor_.last_key = at.last_key;
        cursor_.rows = at.rows;
    }
    /// A snapshot's connection cannot be replaced; others may be lost meanwhile.
    void wait_for_limit() {
        if (plan_.consistency == consistency::one_snapshot) {
            parts_.target.wait_for_page([this] { parts_.source.keep_awake(); });
        } else {
            parts_.target.wait_for_page();
        }
    }
    result<void> wait_for_page() {
        wait_for_limit();
        if (!parts_.surroundings.stop_requested()) return {};
        report_.outcome = outcome::interrupted;
        return placed(stopped_on_request(plan_, IncrementalPagination<Pagination>), "table " + plan_.source.name);
    }

    /// The plan checked the ranges that it found; another run, or another hand, may have changed them before the claim.
    result<void> check_ranges(const checkpoint& claimed) {
        const bool is_as_planned = claimed.gaps == plan_.entry.gaps && claimed.last_key == plan_.entry.last_key;
        if (claimed.gaps.empty() || is_as_planned) return {};
        auto checked = range_check(plan_, parts_.source).check(claimed);
        if (!checked && checked.error().where.empty()) checked.error().where = "source, table " + plan_.source.name;
        return checked;
    }

    /// Copies what is not committed yet: what workers of an earlier run left open, and what comes behind the last key.
    result<void> copy_ranges(const checkpoint& at) {
        const std::size_t workers = count_workers();
        range_queue queue(workers);
        const double left = std::max(0.0, double(plan_.source.estimated_rows) - double(at.rows));
        const double each = left / double(at.gaps.size() + 1);
        for (const key_range& gap : at.gaps) queue.give({gap, each});
        queue.give({{cursor_.last_key, {}}, each});
        report_.workers = 0; // each that gets a range counts
        auto r = workers == 1 ? work(queue, 0, parts_, first_, true) : copy_in_parallel(queue, workers);
        report_.workers = std::max(report_.workers, 1U);
        if (!r && was_stopped_) report_.outcome = outcome::interrupted;
        report_.open_ranges = ledger_.now().gaps.size();
        if (workers > 1 || !at.gaps.empty()) report_.last_key = ledger_.now().last_key;
        if (!r || first_.has_completed()) return r;
        if (workers > 1) {
            if (auto same = check_both(); !same) return first_.watch().explained(same.error());
        }
        if (plan_.nullable.empty()) return finish();
        // The rows with a NULL come next, or were there before: then what is left to say is that no range is open.
        const bool had_ranges = !at.gaps.empty() || workers > 1;
        return had_ranges && has_nulls(ledger_.now()) ? note_end() : result<void>();
    }

    result<void> copy_in_parallel(range_queue& queue, std::size_t workers) {
        if constexpr (can_divide) {
            parts_.surroundings.begin_parallel();
            auto halt = [&] {
                parts_.surroundings.halt();
                queue.end();
            };
            // A failure that only follows from another worker's is not told, unless there is no other.
            std::optional<error> consequence;
            auto told = [&](result<void> ended, worker_type& worker) -> result<void> {
                if (ended) return ended;
                {
                    const std::lock_guard lock(absorbing_);
                    note(changes_, ended.error().changes); // of each worker: only one error is told
                    if (!follows(ended.error(), worker)) return ended;
                    if (!consequence) consequence = std::move(ended.error());
                }
                halt();
                return {};
            };
            auto ended = range_workers().run(
                workers,
                [&](std::size_t number) -> result<void> {
                    if (number == 0) return told(work(queue, 0, parts_, first_, false), first_);
                    Parts mine(parts_);
                    worker_type worker(shared_, mine.source, mine.target, sizer_);
                    auto r = told(work(queue, number, mine, worker, false), worker);
                    const std::lock_guard lock(absorbing_);
                    parts_.absorb(mine);
                    return r;
                },
                halt);
            if (ended && consequence) return std::move(*consequence);
            return ended;
        } else {
            return {};
        }
    }

    /// Whether a worker failed because another one did: it waited for that one's commit, which is in doubt now, or stopped with
    /// it.
    bool follows(const error& e, worker_type& worker) const {
        const bool stopped = worker.was_stopped() || e.cause == cause::interrupted;
        return worker.step().was_locked_out() || (stopped && parts_.was_halted() && !parts_.was_asked_to_stop());
    }

    /// Connects an extra worker. If the server has no free connection, the worker drops out and the others carry on. Any
    /// other failure is left to the work, which retries.
    bool joins(Parts& mine) {
        auto r = mine.source.connect();
        const bool is_source = !r;
        if (r) r = mine.target.connect();
        if (r || r.error().cause != cause::no_more_connections) return true;
        r.error().where = is_source ? "source" : "target";
        {
            const std::lock_guard lock(absorbing_);
            if (std::exchange(lacks_connections_, true)) return false; // told already
        }
        parts_.surroundings.emit(
            notice{plan_.source.name, "not all workers got a connection, and the others copy without them; "
                                      "allow more connections, or ask for fewer jobs: " +
                                          rowferry::to_string(r.error())});
        return false;
    }

    /// Copies ranges until there are no more.
    result<void> work(range_queue& queue, std::size_t number, Parts& mine, worker_type& worker, bool completes) {
        range_divider divider(queue, ledger_, number);
        for (bool is_counted = false; auto range = queue.take(number); is_counted = true) {
            if (number > 0 && !joins(mine)) {
                queue.give_back(number, std::move(*range));
                return {};
            }
            if (!is_counted) {
                const std::lock_guard lock(absorbing_);
                ++report_.workers;
            }
            page_cursor from = cursor_;
            if (!range->keys.after.empty() || !range->is_last()) from.last_key = range->keys.after;
            if (!range->is_last()) from.up_to = page_bound{range->keys.up_to, true};
            divider.begin(range->rows_ahead, worker.rows_read());
            auto r = worker.copy(
                *range, std::move(from), completes && range->is_last(), [&] { return check_both(); }, divider);
            if (r) continue;
            if (worker.was_stopped() && !parts_.was_halted()) was_stopped_ = true;
            return r;
        }
        return {};
    }

    /// How many workers this table can have.
    [[nodiscard]] std::size_t count_workers() {
        const std::size_t wanted = execution_.workers();
        if (wanted <= 1) return 1;
        const bool is_one_moment = plan_.consistency == consistency::one_snapshot;
        const bool has_order = plan_.target.grows.has_value();
        if (can_divide && !is_one_moment && !has_order) return wanted;
        parts_.surroundings.emit(
            notice{plan_.source.name, is_one_moment ? "one snapshot is read through one connection: one worker copies"
                                      : has_order   ? "the target takes its rows in one order only: one worker copies"
                                                    : "these pages cannot be divided into ranges: one worker copies"});
        return 1;
    }

    /// A table that was empty holds what was committed and nothing else, or something else has changed it meanwhile.
    /// Asked before the last page is committed, so that a copy which is not whole is never marked complete.
    result<void> check_both() {
        if (auto r = first_.watch().check_source(); !r) return r;
        auto r = parts_.target.run("count", [&](target_connection& c) -> result<void> {
            if (auto kept = first_.step().check_kept(c); !kept) return kept;
            return check_count(c, ledger_.rows());
        });
        if (!r) return on_target(r.error());
        return {};
    }
    result<void> check_count(target_connection& c, std::uint64_t rows) {
        if constexpr (counts_target) {
            auto found = count_other_than(c, rows);
            if (!found) return found.error();
            if (!*found) return {};
            return refusal("the table holds " + std::to_string(**found) + " rows, and " + std::to_string(rows) +
                               " were written by this copy: something else has changed it meanwhile",
                           {remedy{remedy::start_over_into_empty}});
        }
        return {};
    }
    /// The rows of the target where they are others than these; none where they are as many, or are not counted.
    result<std::optional<std::uint64_t>> count_other_than(target_connection& c, std::uint64_t rows) {
        using count_result = std::optional<std::uint64_t>;
        if (!is_counted_ || !ledger_.is_counted() || rows == 0 || is_too_large_to_count_) return count_result();
        count_request all;
        all.table = &plan_.target;
        all.limit = std::chrono::seconds(10); // a table that takes longer is not counted
        auto found = c.count(all);
        if (!found) return found;
        if (!*found) {
            is_too_large_to_count_ = true; // a second time would take as long
            parts_.surroundings.emit(
                notice{plan_.source.name, "the target's rows were not counted: counting took longer than ten seconds"});
        }
        return *found && **found != rows ? found : count_result();
    }

    /// The end of a copy. One into an empty table by inserts is complete when a fresh connection finds what was committed:
    /// whatever answered the others, a COMMIT that was not one leaves nothing that another session could see.
    result<void> conclude() {
        if constexpr (counts_target) {
            if (is_counted_ && ledger_.is_counted() && ledger_.rows() > 0) {
                parts_.target.disconnect(); // the server may have no connection for one more
                Parts fresh(parts_);
                auto r =
                    closing_count<Stores, Parts>(ledger_.now(), ledger_.earlier_runs(), fresh)
                        .check([this](target_connection& c, std::uint64_t rows) { return count_other_than(c, rows); });
                parts_.absorb(fresh);
                if (!r && parts_.target.met_another_server()) {
                    auto kept = parts_.target.run("load checkpoint",
                                                  [&](target_connection& c) { return first_.step().check_kept(c); });
                    if (!kept) r = std::move(kept);
                }
                if (!r) return on_target(r.error());
            }
        }
        if (auto r = count_source(); !r) return r;
        report_.outcome = outcome::complete;
        return {};
    }

    /// Pages by key do not show every row of a partitioned table that lies in another partition than its key leads to; a count
    /// without a bound does. An error if there are such rows; a notice if others may have been written meanwhile.
    result<void> count_source() {
        if constexpr (CountsRows<source_connection> && !IncrementalPagination<Pagination>) {
            const bool is_known = ledger_.is_counted() && plan_.transformation.empty() &&
                                  write_.kind != write_kind::skip_existing && !cursor_.from;
            if (!plan_.source.partitioned || plan_.order.parts.empty() || !is_known) return {};
            const std::string table = "table " + plan_.source.name + " is partitioned, and ";
            const auto tell = [&](const std::string& text) {
                parts_.surroundings.emit(notice{plan_.source.name, table + text});
            };
            page_request pages;
            pages.table = &plan_.source;
            pages.order = plan_.order.parts;
            pages.index = plan_.order.index;
            pages.filter = plan_.filter;
            row_census<decltype(parts_.source)> census(parts_.source, std::move(pages), std::chrono::seconds(10));
            auto found = census.all();
            if (!found || !*found) {
                tell("its rows were not counted again: " + (found ? "that took too long" : to_string(found.error())));
                return {};
            }
            if (**found == ledger_.rows()) return {};
            const std::string numbers = "holds " + std::to_string(**found) + " rows in the source, of which " +
                                        std::to_string(ledger_.rows()) + " were copied";
            if (plan_.nullable.empty() && holds_misplaced(census, **found)) {
                error e = refusal(table + numbers +
                                      ": the others lie in a partition that does not match their key. Have the server "
                                      "check and repair the table's partitions",
                                  {remedy{remedy::start_over_into_empty}});
                return placed(std::move(e), "source, table " + plan_.source.name);
            }
            if (**found < ledger_.rows()) return {}; // rows were deleted since
            tell(numbers +
                 ". The others were written during the copy, or lie in a partition that does not match their key: "
                 "verify the copy");
        }
        return {};
    }

    /// Whether a pass over small pages shows fewer rows than there are; false where that is not known.
    template <class Census>
    bool holds_misplaced(Census& census, std::uint64_t found) {
        constexpr std::uint64_t most = 1'000; // as the first pages of most copies
        const std::uint64_t average = ledger_.rows() / std::max<std::uint64_t>(ledger_.now().batches, 1);
        const auto go_on = [this]() -> result<void> {
            if (parts_.surroundings.stop_requested()) return refusal("a stop was requested");
            return {};
        };
        const std::uint64_t rows = std::clamp(average, std::min(found / most + 1, most), most);
        auto ends = census.ends_of_pages(rows, static_cast<std::size_t>(2 * found / rows + 100), go_on);
        if (!ends || ends->empty()) return false;
        const auto kind = census.explain(found, *ends, go_on);
        return kind && *kind == surplus::misplaced;
    }

    /// All rows in one transaction, or all with a NULL in the key, from the first one again after each failure.
    result<void> move_stream() {
        const time_point begin = parts_.surroundings.now();
        streamed_pass pass(plan_, parts_.source, parts_.target, write_, first_.watch(), parts_.surroundings,
                           sizer_.next());
        const std::uint64_t rows_before = ledger_.rows();
        std::uint64_t rows = 0;
        auto work = [&](target_connection& c) -> result<void> {
            auto written = pass.run(c);
            if (!written) return written.error();
            rows = *written;
            if (!Stores && first_.step().failed_attempt() > 0) ledger_.lose_count();
            return check_count(c, rows_before + rows);
        };
        auto change = [&](checkpoint& at) {
            at.complete = true;
            at.rows += rows;
        };
        wait_for_limit();
        auto r = first_.step().advance("write", {}, work, change, [this] { parts_.source.keep_awake(); });
        if (pass.was_stopped()) {
            report_.outcome = outcome::interrupted;
            return pass.explained(r.error());
        }
        if (!r) return first_.watch().explained(pass.explained(r.error()));
        tally_.tell(pass.write_notice());
        if (rows > 0 || pass.dropped() > 0) {
            const duration elapsed = parts_.surroundings.now() - begin;
            tally_.add({rows, pass.bytes(), rows, 0, elapsed, pass.dropped()}, ledger_.now().last_key);
        }
        return {};
    }

    /// Notes in the checkpoint that the last page was reached, when no batch could.
    result<void> finish() {
        auto& watch = first_.watch();
        if constexpr (Stores) {
            return ledger_.now().complete ? watch.check_target() : note_end();
        }
        return watch.check_target();
    }
    result<void> note_end() {
        if constexpr (Stores) {
            auto nothing = [](target_connection&) { return result<void>(); };
            auto r = first_.step().advance("finish", {}, nothing, [](checkpoint& at) { at.complete = true; });
            if (!r) return on_target(r.error());
        }
        return {};
    }

    [[nodiscard]] error on_target(error e) const {
        e.side = side::target;
        e.where = "target, table " + plan_.target.name;
        return e;
    }

    static constexpr bool counts_target = CountsRows<target_connection> && !IncrementalPagination<Pagination>;
    static constexpr bool can_divide = Execution::concurrent && divides_by_key<Pagination>;

    const copy_plan& plan_;
    Parts& parts_;
    const Execution& execution_;
    Sizer sizer_; // as each worker begins with it
    report& report_;
    write_request write_;
    ledger ledger_;
    first_look begun_;
    run_tally<environment_type> tally_;
    shared_run<Pagination, environment_type> shared_;
    worker_type first_;              // in the calling thread
    page_cursor cursor_;             // where the last range begins
    bool lacks_connections_ = false; // whether a worker got none
    std::mutex absorbing_; // for what the workers bring: into the parts, the report and the failure that is told
    std::atomic<bool> was_stopped_{false}; // by a stop request, and not because another worker failed
    std::vector<change> changes_;          // by the claim, and by workers
    bool is_too_large_to_count_ = false;   // within the time that counting may take
    bool is_counted_ = false;              // whether the table has to hold what was committed, and nothing else
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
