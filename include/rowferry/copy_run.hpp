// SPDX-License-Identifier: BSL-1.0
// Carries out one plan: page after page, each written and committed with its checkpoint.
//
//   per page   read, completely into memory, with retry
//   per batch  retry( rate_limit( begin, write, save checkpoint, commit ) )
// (A table without a key is one batch: see streamed_pass.hpp.)
// A batch is a page, or less when the target says that a page is too large, or refuses one of its rows.
#ifndef ROWFERRY_COPY_RUN_HPP
#define ROWFERRY_COPY_RUN_HPP

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/committed_step.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/definition_watch.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/page_cut.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/snapshot_rules.hpp>
#include <rowferry/streamed_pass.hpp>
#include <rowferry/target_claim.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// One run of one plan. `Stores` says whether a checkpoint is kept.
template <bool Stores, class SourceManager, class TargetManager, class Pagination, class Sizer, class Environment>
class copy_run {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;

public:
    copy_run(const copy_plan& plan, SourceManager& source, TargetManager& target, const Pagination& pages, Sizer sizer,
             Environment& environment, report& summary)
        : plan_(plan), source_(source), target_(target), pages_(pages), sizer_(std::move(sizer)),
          environment_(environment), report_(summary), write_(plan.write), at_(plan.entry), cursor_(plan.start),
          row_bytes_(plan.source.estimated_row_bytes()), watch_(plan, source, target, environment),
          step_(target, watch_, sizer_, environment) {
        write_.table = &plan_.target;
    }
    copy_run(const copy_run&) = delete; // its parts refer to each other
    copy_run& operator=(const copy_run&) = delete;

    /// Copies until the last page, a stop request or a failure; the report says how far it came.
    result<void> go(const copy_request& request) {
        started_ = environment_.now();
        if (auto r = take_over(request); !r) {
            if (!is_retryable(r.error().fault) && !request.truncate_target) report_.outcome = outcome::refused;
            return r;
        }
        report_.resumed_rows = at_.rows;
        report_.last_key = at_.last_key;
        environment_.emit(
            copy_started{plan_.source.name, plan_.route, plan_.expected_rows, plan_.source.estimated_rows, at_.rows});
        for (const std::string& text : plan_.notices) environment_.emit(notice{plan_.source.name, text});

        const bool copied_before = plan_.order.parts.empty() && at_.complete && at_.rows > 0;
        if constexpr (StreamsRows<source_connection>) {
            if (plan_.streams) {
                auto r = copied_before ? result<void>() : move_stream();
                if (!r) return r;
                report_.outcome = outcome::complete;
                return {};
            }
        }
        for (bool more = !plan_.nothing_to_do && !copied_before; more;) {
            if (environment_.stop_requested()) {
                report_.outcome = outcome::interrupted;
                return refusal("a stop was requested: " + after_stop(plan_, IncrementalPagination<Pagination>),
                               "table " + plan_.source.name);
            }
            if (auto same = watch_.look(); !same) return same;
            auto r = move_page();
            if (!r) return watch_.explained(r.error());
            more = *r;
        }
        if constexpr (StreamsRows<source_connection>) {
            if (!plan_.nullable.empty() && !has_nulls()) {
                if (auto r = move_stream(); !r) return r;
            }
        }
        report_.outcome = outcome::complete;
        return {};
    }

private:
    /// Whether the rows with a NULL in the key were committed: with them the copy was complete once.
    [[nodiscard]] bool has_nulls() const { return at_.complete && at_.rows > 0; }

    /// Makes the target this run's, and stands where its checkpoint says.
    result<void> take_over(const copy_request& request) {
        auto taken = target_claim<Stores, TargetManager>(plan_, target_).take(request, cursor_.from.has_value());
        if (!taken) return taken.error();
        at_ = std::move(*taken);
        if (!cursor_.from && !plan_.from_first_row) cursor_.last_key = at_.last_key;
        cursor_.rows = at_.rows;
        is_counted_ = at_.begun_alone && !at_.complete;
        return {};
    }

    /// A table that was empty holds what was committed and nothing else, or something else has changed it meanwhile.
    /// Asked before the last page is committed, so that a copy which is not whole is never marked complete.
    result<void> check_count() {
        auto r = target_.run("count", [&](target_connection& c) { return check_count(c, at_.rows); });
        if (!r) return on_target(r.error());
        return {};
    }
    result<void> check_count(target_connection& c, std::uint64_t rows) {
        if constexpr (CountsRows<target_connection> && !IncrementalPagination<Pagination>) {
            if (!is_counted_ || rows == 0) return {};
            count_request all;
            all.table = &plan_.target;
            all.limit = std::chrono::seconds(10); // a table that takes longer is not counted
            auto found = c.count(all);
            if (!found) return found.error();
            if (!*found) {
                environment_.emit(notice{plan_.source.name,
                                         "the target's rows were not counted: counting took longer than ten seconds"});
            }
            if (!*found || **found == rows) return {};
            return refusal("the table holds " + std::to_string(**found) + " rows, and " + std::to_string(rows) +
                           " were written by this copy: something else has changed it meanwhile; empty it and start "
                           "over");
        }
        return {};
    }

    /// All rows in one transaction, or all with a NULL in the key, from the first one again after each failure.
    result<void> move_stream() {
        const time_point begin = environment_.now();
        streamed_pass pass(plan_, source_, target_, write_, watch_, environment_, sizer_.next());
        checkpoint next = at_;
        ++next.batches;
        next.complete = true;
        auto r = step_.advance("write", next, {}, [&](target_connection& c) -> result<void> {
            auto written = pass.run(c);
            if (!written) return written.error();
            next.rows = at_.rows + *written;
            if (!Stores && step_.failed_try() > 0) return {}; // its rows may be there already: accept_duplicates
            return check_count(c, next.rows);
        });
        if (pass.was_stopped()) {
            report_.outcome = outcome::interrupted;
            return pass.explained(r.error());
        }
        if (!r) return watch_.explained(pass.explained(r.error()));
        const std::uint64_t rows = next.rows - at_.rows;
        report_.rows += rows;
        at_ = std::move(next);
        if (rows > 0) note(rows, pass.bytes(), environment_.now() - begin);
        return {};
    }

    /// Reads the next page and commits it; false after the last one.
    result<bool> move_page() {
        const time_point begin = environment_.now();
        page_request page = pages_.next(plan_.order, cursor_, page_limits());
        page.table = &plan_.source;
        page.columns = cells_to_read();
        page.filter = plan_.filter;
        page.nullable = plan_.nullable;
        auto read = source_.run("read", [&](source_connection& c) { return c.read(page, batch_); });
        if (!read) return on_source(read.error());
        const duration reading = environment_.now() - begin;
        environment_.emit(page_read{plan_.source.name, batch_.rows(), batch_.bytes(), reading});

        const bool last = !batch_.truncated() && (page.max_rows == 0 || batch_.rows() < page.max_rows);
        if (is_single_transaction<Pagination> && batch_.truncated()) {
            return on_source(too_large_for_one_page(page.max_bytes));
        }
        if (last) {
            if (auto r = watch_.check_source(); !r) return r.error();
            if (auto r = check_count(); !r) return r.error();
        }
        if (batch_.empty()) {
            if (auto r = plan_.nullable.empty() ? finish() : result<void>(); !r) return r.error();
            return false;
        }
        if (!plan_.order.parts.empty() && key_of(batch_[batch_.rows() - 1]) == cursor_.last_key) {
            return on_source(refusal("the pages do not advance: the last row's key came again"));
        }
        if (plan_.route == route::across) row_bytes_ = double(batch_.bytes()) / double(batch_.rows());
        for (page_cut cut(batch_); !cut.is_done();) {
            const row_range next = cut.next();
            const time_point write_begin = environment_.now();
            auto r = move_batch(next, page, last && next.first() + next.rows() == batch_.rows());
            if (r) {
                cut.committed(next);
                const double share = double(next.rows()) / double(batch_.rows());
                const auto read_for_it = duration(static_cast<duration::rep>(double(reading.count()) * share));
                sizer_.committed({next.rows(), bytes_of(next), read_for_it + step_.spent()});
                note(next.rows(), bytes_of(next), environment_.now() - (next.first() == 0 ? begin : write_begin));
                continue;
            }
            // Only a transaction of this run's own is known to have left nothing; what becomes of an earlier one, whose
            // connection was lost, is unknown when connecting or asking the checkpoint fails.
            const bool is_known = r.error().attempt == step_.failed_try();
            const bool is_refused = is_known && r.error().fault == fault::data && refused_by_write_;
            const bool is_too_large = is_known && r.error().fault == fault::batch_too_large;
            if (!(is_refused || is_too_large) || !can_halve(next)) return on_rows(r.error(), next, is_refused);
            if (is_refused && next.rows() == batch_.rows()) note_refusal(next);
            if (step_.needs_clean_connection()) target_.disconnect();
            cut.halve(next);
        }
        return !last;
    }

    /// What the batch size policy says, and no more rows than can be expected to fit: rows past the byte limit are
    /// read in vain, and a server-side page cannot be cut by bytes at all.
    [[nodiscard]] batch_limits page_limits() const {
        batch_limits limits = sizer_.next();
        if (limits.bytes == 0 || row_bytes_ <= 0) return limits;
        const double fitting = double(limits.bytes) / row_bytes_ * (plan_.route == route::across ? 2 : 1);
        if (fitting < double(limits.rows))
            limits.rows = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(fitting));
        return limits;
    }

    static bool can_halve(const row_range& rows) { return !is_single_transaction<Pagination> && rows.rows() > 1; }

    /// Writes rows and checkpoint in one transaction.
    result<void> move_batch(const row_range& rows, const page_request& page, bool last) {
        checkpoint next = at_;
        ++next.batches;
        next.complete = plan_.nullable.empty() ? last : has_nulls();
        next.last_key = key_of(rows[rows.rows() - 1]);
        write_outcome wrote;
        unsigned lost_while_writing = 0;
        refused_by_write_ = false;
        auto r =
            step_.advance("write", next, {rows.rows(), bytes_of(rows), {}}, [&](target_connection& c) -> result<void> {
                auto written = write(c, rows, page, next);
                if (written) {
                    wrote = *written;
                    next.rows = at_.rows + wrote.rows; // inside a server these may be others than were read
                    return {};
                }
                refused_by_write_ = written.error().fault == fault::data;
                // Losing the connection twice in the same large statement may mean that something in between refuses its size:
                // smaller ones tell. Nothing is committed then: COMMIT was not sent.
                if (written.error().fault == fault::connection_lost && bytes_of(rows) > (1U << 20U) &&
                    can_halve(rows) && ++lost_while_writing == 2) {
                    written.error().fault = fault::batch_too_large;
                }
                return written.error();
            });
        if (!r) return r;
        if (!Stores && step_.failed_try() > 0) is_counted_ = false; // its rows may be there twice: accept_duplicates
        report_.rows += next.rows - at_.rows;
        report_.skipped += wrote.skipped;
        at_ = std::move(next);
        cursor_.last_key = at_.last_key;
        cursor_.rows = at_.rows;
        return {};
    }

    /// Notes in the checkpoint that the last page was reached, when no batch could.
    result<void> finish() {
        if constexpr (Stores) {
            if (at_.complete) return watch_.check_target();
            checkpoint next = at_;
            ++next.batches;
            next.complete = true;
            auto r = step_.advance("finish", next, {}, [](target_connection&) { return result<void>(); });
            if (!r) return on_target(r.error());
            at_ = std::move(next);
            return {};
        }
        return watch_.check_target();
    }

    result<write_outcome> write(target_connection& c, const row_range& rows, const page_request& page,
                                const checkpoint& next) {
        if constexpr (CopiesServerSide<target_connection, source_connection>) {
            if (plan_.route == rowferry::route::server_side) {
                page_request range = page;
                range.columns = plan_.columns.source;
                range.max_rows = 0;
                range.max_bytes = 0;
                range.offset = 0;
                if (rows.first() > 0 || page.offset > 0) range.after = page_bound{at_.last_key, false};
                if (!next.last_key.empty()) range.up_to = page_bound{next.last_key, true};
                return c.copy_page(plan_.source_database, range, write_);
            }
        }
        return c.write(write_, rows);
    }

    /// On the way across all columns of the plan are read; a server-side page only needs to know where it ends.
    [[nodiscard]] std::vector<std::size_t> cells_to_read() const {
        if (plan_.route == rowferry::route::across) return plan_.read_columns;
        if (plan_.order.parts.empty()) return {plan_.columns.source.front()};
        std::vector<std::size_t> columns;
        for (const key_part& part : plan_.order.parts) columns.push_back(part.column);
        return columns;
    }
    [[nodiscard]] key_values key_of(const row_view& row) const {
        key_values key;
        for (std::size_t i = 0; i < plan_.order.parts.size(); ++i) {
            const std::size_t at = plan_.route == rowferry::route::across ? plan_.order_cells[i] : i;
            key.push_back(row[at].to_value());
        }
        return key;
    }

    /// Of a server-side page only the keys are here: its bytes are estimated.
    [[nodiscard]] std::uint64_t bytes_of(const row_range& rows) const {
        if (plan_.route == rowferry::route::across) return rows.bytes();
        return static_cast<std::uint64_t>(row_bytes_ * double(rows.rows()));
    }

    void note(std::uint64_t rows, std::uint64_t bytes, duration elapsed) {
        ++report_.batches;
        report_.bytes += bytes;
        report_.last_key = at_.last_key;
        environment_.emit(batch_committed{plan_.source.name, rows, bytes, report_.rows, report_.bytes, elapsed,
                                          environment_.now() - started_, at_.last_key});
    }

    [[nodiscard]] error on_source(error e) const {
        e.where = "source, table " + plan_.source.name;
        if (!cursor_.last_key.empty()) e.where += ", after key " + to_string(cursor_.last_key);
        return e;
    }
    [[nodiscard]] error on_target(error e) const {
        e.where = "target, table " + plan_.target.name;
        return e;
    }
    [[nodiscard]] row_span span_of(const row_range& rows) const {
        return {rows.rows(), key_of(rows[0]), key_of(rows[rows.rows() - 1])};
    }
    [[nodiscard]] error on_rows(error e, const row_range& rows, bool is_refused) const {
        e = on_target(std::move(e));
        const row_span span = span_of(rows);
        e.where += ", " + span.text();
        return is_refused ? refused_rows(std::move(e), span, after_mending_of(span)) : e;
    }
    [[nodiscard]] after_mending after_mending_of(const row_span& span) const {
        const bool is_of_snapshot =
            plan_.consistency == consistency::one_snapshot && !IncrementalPagination<Pagination>;
        if (is_of_snapshot && at_.rows > 0) return after_mending::start_over;
        return Stores && !span.first.empty() ? after_mending::resume : after_mending::run_again;
    }
    void note_refusal(const row_range& rows) {
        environment_.emit(notice{plan_.source.name, "the target refuses one of " + span_of(rows).text() +
                                                        ": looking for it, committing the rows before it"});
    }

    const copy_plan& plan_;
    SourceManager& source_;
    TargetManager& target_;
    const Pagination& pages_;
    Sizer sizer_;
    Environment& environment_;
    report& report_;
    write_request write_;
    checkpoint at_;      // where the target stands
    page_cursor cursor_; // where the next page begins
    row_batch batch_;
    bool refused_by_write_ = false; // whether it was the write of the last transaction that met a fault of the data
    bool is_counted_ = false;       // whether the table has to hold what was committed, and nothing else
    double row_bytes_;              // of an average row, as estimated or of the last page; 0 when unknown
    time_point started_{};
    definition_watch<SourceManager, TargetManager, Environment> watch_;
    committed_step<Stores, TargetManager, decltype(watch_), Sizer, Environment> step_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
