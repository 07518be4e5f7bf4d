// SPDX-License-Identifier: BSL-1.0
// A clock that moves only when a test, or a sleep, moves it: an eight-minute outage takes no time.
#ifndef ROWFERRY_TESTING_MANUAL_TIMING_HPP
#define ROWFERRY_TESTING_MANUAL_TIMING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/timing.hpp>

#include <memory>
#include <mutex>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// Models Timing: sleeps are recorded, not slept, and advance the clock. A copy is another handle on the same clock,
/// so it does not matter whether code under test takes it by value or by reference. Safe to use from several threads.
class manual_timing {
public:
    manual_timing() : state_(std::make_shared<state>()) {}

    /// The manual time; it starts one hour after the clock's epoch.
    [[nodiscard]] time_point now() const {
        const std::lock_guard lock(state_->mutex);
        return state_->now;
    }
    /// The manual time on the wall: what `set_wall` said, and as much later as the clock was moved since then.
    [[nodiscard]] wall_time wall_now() const {
        const std::lock_guard lock(state_->mutex);
        return state_->wall + std::chrono::duration_cast<wall_time::duration>(state_->now - state_->wall_set_at);
    }
    /// Sets the clock on the wall, forward or back; `now` stays as it is.
    void set_wall(wall_time wall) const {
        const std::lock_guard lock(state_->mutex);
        state_->wall = wall;
        state_->wall_set_at = state_->now;
    }
    /// Records the sleep and advances the clock by it. A sleep of nothing or less is recorded and moves nothing.
    void sleep(duration d) const {
        const std::lock_guard lock(state_->mutex);
        state_->sleeps.push_back(d);
        if (d > duration::zero()) {
            state_->slept += d;
            state_->now += d;
        }
    }
    /// Moves the clock without a sleep, as work that takes time does.
    void advance(duration d) const {
        const std::lock_guard lock(state_->mutex);
        state_->now += d;
    }
    /// The sleeps so far, in order.
    [[nodiscard]] std::vector<duration> sleeps() const {
        const std::lock_guard lock(state_->mutex);
        return state_->sleeps;
    }
    /// The sum of all sleeps so far.
    [[nodiscard]] duration slept() const {
        const std::lock_guard lock(state_->mutex);
        return state_->slept;
    }
    /// Forgets the recorded sleeps; the clock stays where it is.
    void forget_sleeps() const {
        const std::lock_guard lock(state_->mutex);
        state_->sleeps.clear();
        state_->slept = duration::zero();
    }

private:
    struct state {
        std::mutex mutex;
        time_point now{std::chrono::hours(1)};
        wall_time wall{}; // 1970
        time_point wall_set_at{std::chrono::hours(1)};
        std::vector<duration> sleeps = {};
        duration slept{};
    };
    std::shared_ptr<state> state_;
};

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
