// SPDX-License-Identifier: BSL-1.0
// Which worker copies which range of the key, and who divides one when somebody has nothing to do.
#ifndef ROWFERRY_RANGE_QUEUE_HPP
#define ROWFERRY_RANGE_QUEUE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/key_progress.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A range of the key that somebody is to copy. One without an end is what comes behind all the others.
struct open_range {
    key_range keys;
    double rows_ahead = 0; ///< about how many; the largest range is divided by this

    [[nodiscard]] bool is_last() const { return keys.up_to.empty(); }
};

/// The ranges of one run, and its workers, by number. Safe for several threads.
class range_queue {
public:
    explicit range_queue(std::size_t workers) : ahead_(workers, 0) {}

    /// Hands out the first range to whoever has nothing to do.
    void give(open_range range) {
        {
            const std::lock_guard lock(mutex_);
            ranges_.push_back(std::move(range));
        }
        changed_.notify_all();
    }
    /// The next range for a worker, which has finished the last one it had; waits while others could still divide theirs. None
    /// when all is done, or the run was ended.
    std::optional<open_range> take(std::size_t worker) {
        std::unique_lock lock(mutex_);
        if (std::exchange(ahead_[worker], 0) > 0) --busy_;
        if (busy_ == 0) changed_.notify_all();
        ++idle_;
        changed_.wait(lock, [this] { return ended_ || !ranges_.empty() || busy_ == 0; });
        --idle_;
        if (ended_ || ranges_.empty()) return std::nullopt;
        open_range next = std::move(ranges_.front());
        ranges_.erase(ranges_.begin());
        note(worker, next.rows_ahead);
        ++busy_;
        return next;
    }
    /// A worker ends, and leaves the range it was given to the others.
    void give_back(std::size_t worker, open_range range) {
        {
            const std::lock_guard lock(mutex_);
            ahead_[worker] = 0;
            --busy_;
            ranges_.push_back(std::move(range));
        }
        changed_.notify_all();
    }
    /// Notes how much a worker has ahead of it, and says whether it is to divide that: somebody waits, for whom there is no
    /// range, and nobody has more.
    bool wants_half(std::size_t worker, double rows_ahead) {
        const std::lock_guard lock(mutex_);
        note(worker, rows_ahead);
        return !ended_ && idle_ > ranges_.size() && *std::max_element(ahead_.begin(), ahead_.end()) <= ahead_[worker];
    }
    /// Notes the key at which a range is divided; false when one was divided there before. A middle lies inside of its range,
    /// so only a source that lies gives a key twice, and the ranges would be copied again and again.
    bool divides_at(const key_values& middle) {
        const std::lock_guard lock(mutex_);
        return middles_.advances_to(middle);
    }
    /// Ends the run: nobody gets another range.
    void end() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();
    }

private:
    /// A busy worker has at least one row ahead of it.
    void note(std::size_t worker, double rows) { ahead_[worker] = std::max(rows, 1.0); }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<open_range> ranges_;
    key_progress middles_;
    std::vector<double> ahead_; // by worker; 0 is idle
    std::size_t busy_ = 0;
    std::size_t idle_ = 0;
    bool ended_ = false;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
