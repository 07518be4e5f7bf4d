// SPDX-License-Identifier: BSL-1.0
// Carries out one plan: page after page, each written and committed with its checkpoint.
//
//   per page   read, completely into memory, with retry
//   per batch  retry( rate_limit( begin, write, save checkpoint, commit ) )
// A batch is a page, or less when the target says that a page is too large.
#ifndef ROWFERRY_COPY_RUN_HPP
#define ROWFERRY_COPY_RUN_HPP

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
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
          environment_(environment), report_(summary), write_(plan.write), at_(plan.entry), cursor_(plan.start) {
        write_.table = &plan_.target;
    }

    /// Copies until the last page, a stop request or a failure; the report says how far it came.
    result<void> go(const copy_request& request) {
        started_ = environment_.now();
        if (auto r = take_over(request); !r) return r;
        report_.resumed_rows = at_.rows;
        environment_.emit(copy_started{plan_.source.name, plan_.route, plan_.expected_rows,
                                       plan_.source.estimated_rows, at_.rows});
        for (const std::string& text : plan_.notices) environment_.emit(notice{plan_.source.name, text});

        const bool all_done = plan_.nothing_new || (at_.complete && plan_.order.parts.empty());
        for (bool more = !all_done; more;) {
            if (environment_.stop_requested()) {
                report_.outcome = outcome::interrupted;
                return refusal("a stop was requested: run the copy again to continue", "table " + plan_.source.name);
            }
            auto r = move_page();
            if (!r) return r.error();
            more = *r;
        }
        report_.outcome = outcome::complete;
        return {};
    }

private:
    /// Empties the target if asked to, and makes this run the owner of the job's checkpoint. What an earlier run was still
    /// committing is settled by then: the claim waits for it.
    result<void> take_over(const copy_request& request) {
        if constexpr (Stores) {
            const bool starts_over = !request.resume || request.truncate_target;
            if (starts_over) {
                auto r = target_.run("forget checkpoint", [&](target_connection& c) { return c.forget_checkpoint(at_.job); });
                if (!r) return on_target(r.error());
            }
        }
        if (request.truncate_target) {
            if constexpr (TruncatesTables<target_connection>) {
                auto r = target_.run("truncate", [&](target_connection& c) { return c.truncate(plan_.target); });
                if (!r) return on_target(r.error());
            }
        }
        if constexpr (Stores) {
            auto claimed = target_.run("claim checkpoint", [&](target_connection& c) { return c.claim_checkpoint(at_); });
            if (!claimed) return on_target(claimed.error());
            auto settled = target_.run("load checkpoint", [&](target_connection& c) {
                return c.load_checkpoint(at_.job, checkpoint_read::settled);
            });
            if (!settled) return on_target(settled.error());
            if (!*settled) return on_target(refusal("the checkpoint that was just claimed is gone"));
            if ((*settled)->run != at_.run) return on_target(taken_over());
            at_ = std::move(**settled);
        }
        if (!cursor_.from && !plan_.from_first_row) cursor_.last_key = at_.last_key;
        cursor_.rows = at_.rows;
        return {};
    }

    /// Reads the next page and commits it; false after the last one.
    result<bool> move_page() {
        const time_point begin = environment_.now();
        page_request page = pages_.next(plan_.order, cursor_, sizer_.next());
        page.table = &plan_.source;
        page.columns = cells_to_read();
        auto read = source_.run("read", [&](source_connection& c) { return c.read(page, batch_); });
        if (!read) return on_source(read.error());
        const duration reading = environment_.now() - begin;
        environment_.emit(page_read{plan_.source.name, batch_.rows(), batch_.bytes(), reading});

        const bool last = !batch_.truncated() && (page.max_rows == 0 || batch_.rows() < page.max_rows);
        if (is_single_transaction<Pagination> && batch_.truncated()) {
            return on_source(refusal("the table is larger than a single page may be (" + std::to_string(page.max_bytes) +
                                     " bytes): choose keyset_pages"));
        }
        if (batch_.empty()) {
            if (auto r = finish(); !r) return r.error();
            return false;
        }
        if (!plan_.order.parts.empty() && key_of(batch_[batch_.rows() - 1]) == cursor_.last_key) {
            return on_source(refusal("the pages do not advance: the last row's key came again"));
        }
        std::uint64_t largest = batch_.rows();
        duration writing{};
        for (row_range rows(batch_, 0, 0); rows.first() + rows.rows() < batch_.rows();) {
            const row_range next = rows.next(largest);
            const time_point write_begin = environment_.now();
            auto r = move_batch(next, page, last && next.first() + next.rows() == batch_.rows());
            if (r) {
                rows = next;
                writing += work_;
                note(next, environment_.now() - (rows.first() == 0 ? begin : write_begin));
                continue;
            }
            const bool can_halve = !is_single_transaction<Pagination> && next.rows() > 1;
            if (r.error().fault != fault::batch_too_large || !can_halve) return on_rows(r.error(), next);
            target_.disconnect(); // servers close it after a packet that is too large
            sizer_.failed(r.error().fault);
            largest = next.rows() / 2;
        }
        sizer_.committed({batch_.rows(), batch_.bytes(), reading + writing});
        return !last;
    }

    /// One transaction, with retry: exactly once, because a try after the first asks the checkpoint what was committed.
    result<void> move_batch(const row_range& rows, const page_request& page, bool last) {
        checkpoint next = at_;
        ++next.batches;
        next.rows += rows.rows();
        next.complete = last;
        next.last_key = key_of(rows[rows.rows() - 1]);
        write_outcome wrote;
        unsigned lost_while_writing = 0;
        auto r = target_.run(
            "write",
            [&](target_connection& c, unsigned attempt) -> result<void> {
                if constexpr (Stores) {
                    if (attempt > 1) {
                        auto done = is_committed(c, next);
                        if (!done) return done.error();
                        if (*done) return {};
                    }
                }
                const time_point begin = environment_.now();
                bool writing = false;
                auto tried = transact(c, rows, page, next, wrote, writing);
                work_ = environment_.now() - begin;
                if (tried) return {};
                // Losing the connection twice in the same large statement means that something in between refuses its size.
                // Nothing is committed then: COMMIT was not sent.
                if (writing && tried.error().fault == fault::connection_lost && rows.bytes() > (1U << 20U) &&
                    ++lost_while_writing == 2) {
                    tried.error().fault = fault::batch_too_large;
                }
                return tried;
            },
            {rows.rows(), rows.bytes(), {}});
        if (!r) return r;
        report_.rows += rows.rows();
        report_.skipped += wrote.skipped;
        at_ = std::move(next);
        cursor_.last_key = at_.last_key;
        cursor_.rows = at_.rows;
        return {};
    }

    result<void> transact(target_connection& c, const row_range& rows, const page_request& page, const checkpoint& next,
                          write_outcome& wrote, bool& writing) {
        auto steps = [&]() -> result<void> {
            if (auto r = c.begin(); !r) return r;
            writing = true;
            auto written = write(c, rows, page, next);
            if (!written) return written.error();
            wrote = *written;
            writing = false;
            if constexpr (Stores) {
                if (auto r = c.save_checkpoint(next); !r) return r;
            }
            return c.commit();
        };
        auto r = steps();
        if (r || needs_fresh_connection(r.error().fault)) return r;
        // A connection whose rollback fails is of no use: the retry needs a fresh one.
        const fault met = r.error().fault;
        const bool can_change = is_retryable(met) && met != fault::batch_too_large;
        if (auto undone = c.rollback(); !undone && can_change) r.error().fault = fault::connection_lost;
        return r;
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

    /// Whether the transaction that leads to `next` was committed by an earlier try, whose reply was lost.
    result<bool> is_committed(target_connection& c, const checkpoint& next) {
        auto found = c.load_checkpoint(next.job, checkpoint_read::settled);
        if (!found) return found.error();
        if (!*found || (*found)->run != next.run) return taken_over();
        return (*found)->batches == next.batches;
    }

    /// Notes in the checkpoint that the last page was reached, when no batch could.
    result<void> finish() {
        if constexpr (Stores) {
            if (at_.complete) return {};
            checkpoint next = at_;
            ++next.batches;
            next.complete = true;
            auto r = target_.run("finish", [&](target_connection& c, unsigned attempt) -> result<void> {
                if (attempt > 1) {
                    auto done = is_committed(c, next);
                    if (!done) return done.error();
                    if (*done) return {};
                }
                if (auto begun = c.begin(); !begun) return begun;
                auto saved = c.save_checkpoint(next);
                if (saved) saved = c.commit();
                if (!saved && !needs_fresh_connection(saved.error().fault) && !c.rollback()) {
                    saved.error().fault = fault::connection_lost;
                }
                return saved;
            });
            if (!r) return on_target(r.error());
            at_ = std::move(next);
        }
        return {};
    }

    /// On the way across all copied columns are read; a server-side page only needs to know where it ends.
    [[nodiscard]] std::vector<std::size_t> cells_to_read() const {
        if (plan_.route == rowferry::route::across) return plan_.columns.source;
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

    void note(const row_range& rows, duration elapsed) {
        ++report_.batches;
        report_.bytes += rows.bytes();
        report_.last_key = at_.last_key;
        environment_.emit(batch_committed{plan_.source.name, rows.rows(), rows.bytes(), report_.rows, report_.bytes,
                                          elapsed, environment_.now() - started_, at_.last_key});
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
    [[nodiscard]] error on_rows(error e, const row_range& rows) const {
        e = on_target(std::move(e));
        e.where += ", " + std::to_string(rows.rows()) + (rows.rows() == 1 ? " row" : " rows");
        if (plan_.order.parts.empty()) return e;
        e.where += " from key " + to_string(key_of(rows[0]));
        if (rows.rows() > 1) e.where += " up to key " + to_string(key_of(rows[rows.rows() - 1]));
        return e;
    }
    [[nodiscard]] error taken_over() const {
        return refusal("another run of this copy has taken over (" + at_.title + ")");
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
    duration work_{}; // of the last transaction that was tried
    time_point started_{};
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
