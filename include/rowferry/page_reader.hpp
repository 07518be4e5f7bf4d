// SPDX-License-Identifier: BSL-1.0
// Reads the pages of one range, one after another; where that is wanted, the next one while the last one is written.
#ifndef ROWFERRY_PAGE_READER_HPP
#define ROWFERRY_PAGE_READER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/background_task.hpp>
#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/integer_order.hpp>
#include <rowferry/key_progress.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/transformation.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A page complete in memory, and how it was asked for.
struct page {
    page_request request;
    row_batch rows; ///< as they were read: where the next page begins and whether there is one goes by them
    kept_rows left; ///< of a source that transforms rows: what is written of them
    bool is_transformed = false;
    time_point begun{};
    duration reading{};

    /// Whether there is nothing behind it in its range.
    [[nodiscard]] bool is_last() const {
        return !rows.truncated() && (request.max_rows == 0 || rows.rows() < request.max_rows);
    }
    /// What is written of some of its rows.
    [[nodiscard]] row_range to_write(const row_range& read) const {
        return is_transformed ? left.of(read.first(), read.rows()) : read;
    }
};

/// The source's side of a copy. Plan, manager, pages and environment outlive it. With `Ahead` it has a thread of its own.
///
/// The manager is the reader's from `begin` until `wait` returns, and else its owner's.
template <bool Ahead, class SourceManager, class Pagination, class Environment>
class page_reader {
    using source_connection = typename SourceManager::connection_type;

public:
    page_reader(const copy_plan& plan, SourceManager& source, const Pagination& pages, Environment& environment)
        : plan_(plan), source_(source), pages_(pages), environment_(environment) {}

    /// Where the next page begins.
    [[nodiscard]] const page_cursor& cursor() const { return cursor_; }
    void stand_at(page_cursor cursor) {
        cursor_ = std::move(cursor);
        progress_ = {};
        is_begun_ = false;
    }
    /// Ends the range at this key, which lies behind the cursor.
    void end_at(const key_values& key) { cursor_.up_to = page_bound{key, true}; }
    /// For orders that go by position.
    void count(std::uint64_t rows) { cursor_.rows = rows; }

    /// Asks for the page behind the cursor, without waiting for it. Only with `Ahead`.
    void begin(batch_limits limits) {
        limits_ = limits;
        is_begun_ = true;
        task_.start();
    }
    /// Keeps the source's connection from being idle, unless it is in use.
    void keep_awake() {
        if constexpr (Ahead) {
            if (is_begun_ && task_.is_busy()) return;
        }
        source_.keep_awake();
    }
    /// Waits for what was begun, if anything was.
    void wait() {
        if constexpr (Ahead) {
            if (is_begun_) task_.wait();
        }
    }
    /// The page that was begun, or else the one behind the cursor; the cursor stands behind it then. It stays as it is until
    /// the next call.
    result<const page*> take(batch_limits limits) {
        wait();
        if (!std::exchange(is_begun_, false)) {
            limits_ = limits;
            read();
        }
        std::swap(here_, next_);
        if (!outcome_) return outcome_.error();
        if (!here_.rows.empty() && !plan_.order.parts.empty()) {
            key_values last = key_of(here_.rows[here_.rows.rows() - 1]);
            if (last == cursor_.last_key || !progress_.advances_to(last)) {
                return refusal("pagination is stuck: this page ends with the same key as an earlier one");
            }
            if (!is_inside(key_of(here_.rows[0])) || !is_inside(last)) {
                return senseless_answer("read", "a page holds a row outside of the range that was asked for");
            }
            cursor_.last_key = std::move(last);
        }
        return &here_;
    }

    /// The order's columns of a row.
    [[nodiscard]] key_values key_of(const row_view& row) const {
        key_values key;
        for (std::size_t i = 0; i < plan_.order.parts.size(); ++i) {
            const std::size_t at = plan_.route == route::across ? plan_.order_cells[i] : i;
            key.push_back(row[at].to_value());
        }
        return key;
    }

private:
    struct read_next {
        page_reader* reader;
        void operator()() const { reader->read(); }
    };
    struct no_task {
        explicit no_task(read_next) {}
        static void start() {}
    };

    /// Whether a key lies in the range of the page, as far as that can be told here: where the order begins with integers.
    [[nodiscard]] bool is_inside(const key_values& key) const {
        const auto is_on_side = [&](const std::optional<page_bound>& bound, bool behind) {
            if (!bound) return true;
            const auto order = compared_integers(plan_.source, plan_.order.parts, key, bound->values);
            return !order || (*order == 0 ? bound->inclusive : (*order > 0) == behind);
        };
        return is_on_side(here_.request.after, true) && is_on_side(here_.request.up_to, false);
    }

    void read() {
        next_.begun = environment_.now();
        next_.request = page_after(plan_, pages_, cursor_, limits_);
        next_.request.columns = cells_to_read();
        outcome_ = source_.run("read", [this](source_connection& c) {
            auto done = read_as_stored(c, next_.request, next_.rows);
            if constexpr (TransformsRows<source_connection>) {
                next_.is_transformed = true;
                const transform_request all = transform_of(plan_.source, next_.request.columns, plan_.order.parts);
                if (done) done = c.transform(all, next_.rows, next_.left);
            }
            return done;
        });
        next_.reading = environment_.now() - next_.begun;
    }
    /// On the way across all columns of the plan are read; a server-side page only needs to know where it ends.
    [[nodiscard]] std::vector<std::size_t> cells_to_read() const {
        if (plan_.route == route::across) return plan_.read_columns;
        if (plan_.order.parts.empty()) return {plan_.columns.source.front()};
        return ordering_columns(plan_);
    }

    const copy_plan& plan_;
    SourceManager& source_;
    const Pagination& pages_;
    Environment& environment_;
    page_cursor cursor_;
    key_progress progress_;
    batch_limits limits_;
    page here_;
    page next_;
    result<void> outcome_;
    bool is_begun_ = false;
    std::conditional_t<Ahead, background_task<read_next>, no_task> task_{
        read_next{this}}; // the last one: it uses the others
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
