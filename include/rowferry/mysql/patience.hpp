// SPDX-License-Identifier: BSL-1.0
// How long a connection waits for its server: the time limits of one silence and of a whole answer, a stop request, and
// what is said when one of them ended the wait. docs/decisions/0011-how-long-an-answer-may-take.md has the rules and why.
#ifndef ROWFERRY_MYSQL_PATIENCE_HPP
#define ROWFERRY_MYSQL_PATIENCE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/wait_limit.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What ended a wait.
enum class wait_end : std::uint8_t { none, too_slow, time_limit, stop, too_much };

/// How the answer to a statement comes: at once and small, or flowing, as the rows of a page.
enum class answer_pace : std::uint8_t { small, flowing };

/// What a flowing answer has to bring within its time limit, so that the limit begins anew. Servers send full buffers of
/// 16 KiB until the answer ends.
inline constexpr std::uint64_t least_progress = std::uint64_t{8} << 10U;
/// The most that may be received before the rows of an answer begin: the definitions of 4096 columns take a
/// tenth of it.
inline constexpr std::uint64_t most_before_rows = std::uint64_t{64} << 20U;
/// The most that may be received of a small answer in all.
inline constexpr std::uint64_t most_received = std::uint64_t{256} << 20U;
/// How much of a statement has to be sent within one time limit.
inline constexpr std::uint64_t sent_in_one_limit = std::uint64_t{256} << 10U;

/// The patience of one connection. `begin` and `end` enclose each operation; what watches the wait asks `is_over`, in the
/// waiting thread or in another one.
class patience {
public:
    using clock = std::chrono::steady_clock;

    /// How long a small answer may take as a whole, and a flowing one may be without progress.
    void set_limit(duration limit) {
        const std::lock_guard lock(mutex_);
        limit_ = limit;
    }
    [[nodiscard]] duration limit() const {
        const std::lock_guard lock(mutex_);
        return limit_;
    }
    void set(const wait_limit& wait) {
        const std::lock_guard lock(mutex_);
        wait_ = wait;
        stop_seen_.reset(); // the new limit's grace is what is left of it
        until_ = wait.at_most > duration::zero() ? after(clock::now(), wait.at_most) : clock::time_point::max();
    }

    /// Begins an operation that sends this number of bytes.
    void begin(std::uint64_t sends, answer_pace pace) {
        const std::lock_guard lock(mutex_);
        pace_ = pace;
        ended_by_ = wait_end::none;
        is_active_ = true;
        rows_come_ = false;
        received_ = 0;
        begin_window(1 + sends / sent_in_one_limit);
    }
    void end() {
        const std::lock_guard lock(mutex_);
        is_active_ = false;
    }
    /// The columns of the answer are known and its rows begin: from here on a flowing answer has more time as it comes.
    void begin_rows() {
        const std::lock_guard lock(mutex_);
        rows_come_ = true;
        if (flows() && progress_ >= least_progress) begin_window(1);
    }
    /// The columns of a further result come next.
    void end_rows() {
        const std::lock_guard lock(mutex_);
        rows_come_ = false;
        received_ = 0;
    }
    /// The caller does something else for a while: that is not the server's time.
    void pause() { end(); }
    void resume() {
        const std::lock_guard lock(mutex_);
        is_active_ = true;
        begin_window(1);
    }
    /// Notes the number of bytes that reached the socket while the client library waited for it.
    void note_received(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        received_ += bytes;
        progress_ += bytes;
        if (flows() && progress_ >= least_progress) begin_window(1);
    }
    /// Notes the number of bytes that were taken as rows: a server that is faster than its client is never waited for.
    void note_taken(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        taken_ += bytes;
        if (flows() && taken_ >= least_progress) begin_window(1);
    }

    /// Whether the operation under way has to end now; remembers why.
    bool is_over() {
        const std::lock_guard lock(mutex_);
        if (!is_active_) return false;
        if (ended_by_ != wait_end::none) return true;
        const auto now = clock::now();
        if (!stop_seen_ && wait_.stop_requested()) stop_seen_ = now;
        if (stop_seen_ && now - *stop_seen_ >= wait_.grace) {
            ended_by_ = wait_end::stop;
        } else if (!flows() && received_ > most_now()) {
            ended_by_ = wait_end::too_much;
        } else if (pace_ == answer_pace::small && now >= until_) {
            ended_by_ = wait_end::time_limit;
        } else if (now >= window_end_) {
            ended_by_ = out_of_time();
        }
        return ended_by_ != wait_end::none;
    }
    /// A time limit of the client library's own has ended the wait.
    void run_out() {
        const std::lock_guard lock(mutex_);
        if (is_active_ && ended_by_ == wait_end::none) ended_by_ = out_of_time();
    }
    /// The most that may have been received now, while no rows flow.
    [[nodiscard]] std::uint64_t most_now() const { return rows_come_ ? most_received : most_before_rows; }
    /// What ended the last operation.
    [[nodiscard]] wait_end ended_by() const {
        const std::lock_guard lock(mutex_);
        return ended_by_;
    }

private:
    [[nodiscard]] wait_end out_of_time() const {
        return wait_.at_most > duration::zero() && wait_.at_most < limit_ ? wait_end::time_limit : wait_end::too_slow;
    }
    [[nodiscard]] bool flows() const { return rows_come_ && pace_ == answer_pace::flowing; }
    static clock::time_point after(clock::time_point from, duration d) {
        return d >= clock::time_point::max() - from ? clock::time_point::max() : from + d;
    }
    void begin_window(std::uint64_t limits) {
        constexpr std::uint64_t most = 1'000; // of half a year each at most: no overflow
        progress_ = 0;
        taken_ = 0;
        const bool is_short = wait_.at_most > duration::zero() && wait_.at_most < limit_;
        const duration limit = is_short ? wait_.at_most : limit_;
        window_end_ = after(clock::now(), limit * static_cast<duration::rep>(limits < most ? limits : most));
    }

    mutable std::mutex mutex_; // free unless another thread watches
    duration limit_ = std::chrono::seconds(120);
    wait_limit wait_;
    clock::time_point until_ = clock::time_point::max();
    clock::time_point window_end_ = clock::time_point::max();
    std::optional<clock::time_point> stop_seen_;
    std::uint64_t received_ = 0; // in the operation
    std::uint64_t progress_ = 0; // received in the window
    std::uint64_t taken_ = 0;    // in the window
    answer_pace pace_ = answer_pace::small;
    wait_end ended_by_ = wait_end::none;
    bool is_active_ = false;
    bool rows_come_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
