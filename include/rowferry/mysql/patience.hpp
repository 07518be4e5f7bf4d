// SPDX-License-Identifier: BSL-1.0
// How long a connection waits for its server: the time limits of one wait and of a whole answer, a stop request, and what
// is said when one of them ended the wait. docs/decisions/0011-how-long-an-answer-may-take.md has the rules and why.
#ifndef ROWFERRY_MYSQL_PATIENCE_HPP
#define ROWFERRY_MYSQL_PATIENCE_HPP

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
enum class wait_end : std::uint8_t { none, too_slow, time_limit, stop };

/// What an answer has to bring within one time limit, so that the limit begins anew. Servers send full buffers of 16 KiB
/// until the answer ends.
inline constexpr std::uint64_t least_progress = std::uint64_t{8} << 10U;
/// How much of a statement has to be sent within one time limit.
inline constexpr std::uint64_t sent_in_one_limit = std::uint64_t{256} << 10U;

/// The patience of one connection. `begin` and `end` enclose each operation; what watches the wait asks `is_over`, perhaps
/// from another thread.
class patience {
public:
    using clock = std::chrono::steady_clock;

    /// How long a whole answer may take, or one that flows may be without progress.
    void set_limit(duration limit) {
        const std::lock_guard lock(mutex_);
        limit_ = limit;
    }
    void set(const wait_limit& wait) {
        const std::lock_guard lock(mutex_);
        wait_ = wait;
        until_ = wait.at_most > duration::zero() ? clock::now() + wait.at_most : clock::time_point::max();
    }

    /// An operation begins that sends so many bytes, and whose answer is small, or flows for as long as it makes progress.
    void begin(std::uint64_t sends, bool flows) {
        const std::lock_guard lock(mutex_);
        flows_ = flows;
        progress_ = 0;
        window_end_ = saturated(clock::now(), limit_ * static_cast<duration::rep>(1 + sends / sent_in_one_limit));
        end_ = wait_end::none;
        is_active_ = true;
    }
    void end() {
        const std::lock_guard lock(mutex_);
        is_active_ = false;
    }
    /// The caller did something else for a while, which is not the server's fault.
    void resume() {
        const std::lock_guard lock(mutex_);
        progress_ = 0;
        window_end_ = saturated(clock::now(), limit_);
    }
    /// So many bytes of the answer have come.
    void note_progress(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        progress_ += bytes;
        if (!flows_ || progress_ < least_progress) return;
        progress_ = 0;
        window_end_ = saturated(clock::now(), limit_);
    }

    /// Whether the operation under way has to end now; remembers why.
    bool is_over() {
        const std::lock_guard lock(mutex_);
        if (!is_active_) return false;
        if (end_ != wait_end::none) return true;
        const auto now = clock::now();
        if (wait_.stop_requested() && !stop_at_) stop_at_ = now;
        if (stop_at_ && now - *stop_at_ >= wait_.grace) {
            end_ = wait_end::stop;
        } else if (now >= until_) {
            end_ = wait_end::time_limit;
        } else if (now >= window_end_) {
            end_ = wait_end::too_slow;
        }
        return end_ != wait_end::none;
    }
    [[nodiscard]] wait_end why() const {
        const std::lock_guard lock(mutex_);
        return end_;
    }

private:
    static clock::time_point saturated(clock::time_point from, duration d) {
        return d >= clock::time_point::max() - from ? clock::time_point::max() : from + d;
    }

    mutable std::mutex mutex_;
    duration limit_ = std::chrono::seconds(120);
    wait_limit wait_;
    clock::time_point until_ = clock::time_point::max();
    clock::time_point window_end_ = clock::time_point::max();
    std::optional<clock::time_point> stop_at_;
    std::uint64_t progress_ = 0;
    wait_end end_ = wait_end::none;
    bool flows_ = false;
    bool is_active_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
