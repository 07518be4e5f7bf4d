// SPDX-License-Identifier: BSL-1.0
// Clock and sleep together, injected: a test replaces both and an eight-minute outage takes no time.
#ifndef ROWFERRY_TIMING_HPP
#define ROWFERRY_TIMING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <chrono>
#include <concepts>
#include <cstdint>
#include <thread>

namespace rowferry {
inline namespace v0 {

/// The time points and durations of policies and timings; a policy may hold coarser units.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Says what time it is and waits. `sleep` may return early when a stop was asked for, never by much late.
template <class T>
concept Timing = requires(T& t, duration d) {
    { t.now() } -> std::same_as<time_point>;
    t.sleep(d);
};

/// What it says on the wall: for rules by the time of day, and never for how long something took.
using wall_time = std::chrono::system_clock::time_point;

/// A timing that has a wall clock of its own; else the system's is asked.
template <class T>
concept TellsWallTime = requires(T& t) {
    { t.wall_now() } -> std::same_as<wall_time>;
};

/// Real time: the steady clock, and sleeping the calling thread.
struct steady_timing {
    [[nodiscard]] time_point now() const { return std::chrono::steady_clock::now(); }
    [[nodiscard]] wall_time wall_now() const { return std::chrono::system_clock::now(); }
    void sleep(duration d) const { std::this_thread::sleep_for(d); }
};

/// Seconds as a decimal number, for reports and messages.
constexpr double to_seconds(duration d) { return std::chrono::duration<double>(d).count(); }

/// A small generator for jitter: splitmix64 (Steele, Lea, Flood 2014). Equal seeds give equal sequences.
class jitter_source {
public:
    constexpr explicit jitter_source(std::uint64_t seed = 0x9E3779B97F4A7C15U) : state_(seed) {}
    /// Seeded from the clock, so that many clients do not retry in step.
    static jitter_source from_clock() {
        jitter_source steady(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
        // Mixed before they are joined: the clocks differ by a constant, so that their bits cancel each other out.
        return jitter_source(steady() ^
                             static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()));
    }
    constexpr std::uint64_t operator()() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    /// A number in [0, 1).
    constexpr double unit() { return static_cast<double>((*this)() >> 11U) * 0x1.0p-53; }

private:
    std::uint64_t state_;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
