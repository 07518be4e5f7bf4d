// SPDX-License-Identifier: BSL-1.0
// The rows without a key, which are all of a table or those with a NULL in its key: in one pass and one transaction, slice
// after slice as the source sends them. No row can be found again, so that a failure on either side begins the pass anew;
// memory holds one slice at a time.
#ifndef ROWFERRY_STREAMED_PASS_HPP
#define ROWFERRY_STREAMED_PASS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/page_cut.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_writing.hpp>
#include <rowferry/snapshot_rules.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/transformation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// The pass of one plan, inside transactions that the caller begins and commits. Everything it is given outlives it.
///
/// Each side tries its own failures again, and not the other's: the source's inside of one try of the target's.
template <class SourceManager, class TargetManager, class Watch, class Environment>
class streamed_pass {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    static constexpr std::uint64_t largest_slice = 16U << 20U;

public:
    streamed_pass(const copy_plan& plan, SourceManager& source, TargetManager& target, const write_request& write,
                  Watch& watch, Environment& environment, const batch_limits& slice)
        : plan_(plan), source_(source), target_(target), write_(write), watch_(watch), environment_(environment) {
        page_.table = &plan.source;
        page_.columns = plan.read_columns;
        page_.filter = plan.filter;
        page_.nullable = plan.nullable;
        page_.of_nulls = !plan.nullable.empty();
        // The source's result stays open while a slice waits for the rate limit.
        const batch_cost passing = target.piece_of_pause();
        page_.is_paced = passing.rows > 0 || passing.bytes > 0;
        page_.max_rows = stricter(slice.rows, passing.rows);
        page_.max_bytes = stricter(std::min(stricter(slice.bytes, largest_slice), largest_slice), passing.bytes);
    }

    /// One try, inside the transaction that was just begun on `c`: the rows written. Its error is the target's own; one that
    /// no further try fixes may stand for the source's, or for a stop: see `explained`.
    result<std::uint64_t> run(target_connection& c) {
        is_begun_ = true;
        on_target_.reset();
        on_source_.reset();
        is_left_ = false;
        refused_ = 0;
        if constexpr (AllowsPauses<target_connection>) {
            if (auto r = c.expect_pauses(); !r) return std::move(r.error());
        }
        auto read = source_.run(
            "stream", [&](source_connection& s) { return stream(s, c); }, batch_cost{}, [&c] { (void)c.ping(); });
        if (read && !on_target_ && !stopped_) {
            source_.keep_awake(); // the last rows may have been here for long, and the connection was cut meanwhile
            read = watch_.check_source();
        }
        // Where the stream was left, the connection is unusable.
        if (on_target_ || stopped_ || is_left_) source_.disconnect();
        if (on_target_) return std::move(*on_target_);
        if (stopped_) {
            on_source_ = stopped_on_request(plan_, false);
            if (plan_.streams) {
                on_source_ =
                    refusal("a stop was requested: nothing of this table was committed", {remedy{remedy::run_again}});
            }
        } else if (!read) {
            on_source_ = std::move(read.error());
        }
        if (on_source_) return refusal("the source's rows did not all come");
        return rows_;
    }

    [[nodiscard]] bool was_stopped() const { return stopped_; }
    /// Of the rows that the last try wrote.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    /// Rows that the last try read, and that a transformation dropped.
    [[nodiscard]] std::uint64_t dropped() const { return read_ - rows_; }
    /// What an operator should know of how they were written; empty where there is nothing.
    [[nodiscard]] const std::string& write_notice() const { return notice_; }

    /// Which side a failure of the copy was on, and what to do about it. `e` is what ended the tries.
    [[nodiscard]] error explained(error e) const {
        if (on_source_) {
            error of_source = *on_source_;
            of_source.changes = std::move(e.changes);
            of_source.side = side::source;
            of_source.where = "source, table " + plan_.source.name;
            return of_source;
        }
        e.side = side::target;
        e.where = "target, table " + plan_.target.name;
        if (e.fault == fault::data && refused_ > 0) return refused_row_of_pass(std::move(e));
        if (e.fault == fault::batch_too_large && e.message.empty()) {
            e.message = "all rows without a key go into one transaction, which the target finds too large: raise "
                        "max_binlog_cache_size or max_allowed_packet there, or give the table a key without NULL";
        }
        return e;
    }

private:
    /// Rows without a key are named by nothing but where they stand in the pass.
    [[nodiscard]] error refused_row_of_pass(error e) const {
        const std::string whose = plan_.nullable.empty() ? "without a key" : "with a NULL in the key";
        const std::string from = std::to_string(read_ + 1);
        const std::string to = std::to_string(read_ + refused_);
        if (e.message.empty()) e.message = "the target refuses a row";
        e.message += refused_ == 1 ? ": it is row " + from : ": it is one of the rows " + from + " to " + to;
        e.message += " in the order in which the source sent those " + whose +
                     ", which all go into one transaction: fix it in the source, or what refuses it in the target";
        e.remedies = {remedy{remedy::run_again}};
        return e;
    }

    /// One attempt of the source. A failure of the target ends it without an error: another attempt would not fix it.
    result<void> stream(source_connection& s, target_connection& c) {
        if (!is_begun_) {
            if (auto r = c.begin(); !r) return leave(r.error());
            is_begun_ = true;
        }
        rows_ = 0;
        read_ = 0;
        bytes_ = 0;
        asked_at_ = environment_.now();
        result<void> transformed;
        auto read = stream_as_stored(s, page_, slice_, [&](const row_batch& slice) {
            if constexpr (TransformsRows<source_connection>) {
                transform_request all = transform_of(plan_.source, page_.columns, plan_.order.parts);
                all.rows_before = read_;
                transformed = s.transform(all, slice, kept_);
                is_left_ = !transformed;
                return transformed && take(slice, kept_.rows(), c);
            } else {
                return take(slice, slice, c);
            }
        });
        if (read && !transformed) read = std::move(transformed);
        if (read) return read;
        is_begun_ = false;
        if (auto undone = c.rollback(); !undone) {
            error e = std::move(undone.error());
            if (is_retryable(e.fault)) e.fault = fault::connection_lost; // whose rollback fails is of no use
            return leave(std::move(e));
        }
        return read;
    }

    /// Writes what is left of one slice; false ends the stream.
    bool take(const row_batch& slice, const row_range& left, target_connection& c) {
        const time_point came_at = environment_.now();
        environment_.emit(page_read{plan_.source.name, slice.rows(), slice.bytes(), came_at - asked_at_});
        stopped_ = environment_.stop_requested();
        if (stopped_) return false;
        const batch_cost cost{slice.rows(), slice.bytes(), {}};
        if (auto r = target_.throttle(cost, [&c] { return c.ping(); }); !r) {
            on_target_ = std::move(r.error());
            return false;
        }
        auto wrote = left.rows() == 0 ? result<write_outcome>(write_outcome{}) : write_rows(c, write_, left);
        if (!wrote) {
            if (wrote.error().fault == fault::data) refused_ = slice.rows();
            on_target_ = std::move(wrote.error());
            return false;
        }
        rows_ += wrote->rows;
        read_ += slice.rows();
        bytes_ += left.bytes();
        if (!wrote->notice.empty()) notice_ = wrote->notice;
        environment_.emit(slice_written{plan_.source.name, rows_, bytes_});
        asked_at_ = environment_.now();
        return true;
    }

    result<void> leave(error e) {
        on_target_ = std::move(e);
        return {};
    }

    const copy_plan& plan_;
    SourceManager& source_;
    TargetManager& target_;
    const write_request& write_;
    Watch& watch_;
    Environment& environment_;
    page_request page_;
    row_batch slice_;
    kept_rows kept_;                 // of a source that transforms rows
    std::optional<error> on_target_; // of the last try, and so for the target's manager to decide on
    std::optional<error> on_source_; // when the source's manager has given up, and when a stop was requested
    std::string notice_;             // of the writes
    bool is_begun_ = false;          // whether a transaction is open
    bool stopped_ = false;
    bool is_left_ = false;   // a row could not be transformed, in the middle of a stream
    std::uint64_t rows_ = 0; // written by the last try
    std::uint64_t read_ = 0; // by the same, before the slice under way
    std::uint64_t bytes_ = 0;
    std::size_t refused_ = 0; // rows of the slice that the target refuses
    time_point asked_at_{};
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
