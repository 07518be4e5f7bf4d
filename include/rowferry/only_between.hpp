// SPDX-License-Identifier: BSL-1.0
// Copies at certain hours of the day only: a rate limit by the wall clock.
//
//   rf::pipeline ferry{rf::only_between(22h, 6h)};                                     // by this machine's zone
//   rf::pipeline ferry{rf::only_between(22h, 6h, std::chrono::locate_zone("Europe/Berlin"))};
#ifndef ROWFERRY_ONLY_BETWEEN_HPP
#define ROWFERRY_ONLY_BETWEEN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/timing.hpp>

#include <chrono>
#include <concepts>
#include <ctime>
#include <type_traits>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// Gives the local time of a point in time, as `std::chrono::time_zone` of C++20 does, and that of the library date
/// before it.
template <class Z>
concept TimeZone = requires(const Z& zone, std::chrono::sys_seconds moment) {
    { zone.to_local(moment).time_since_epoch() } -> std::convertible_to<std::chrono::nanoseconds>;
};

/// The zone of this process: of TZ, or of the machine.
struct local_zone {
    [[nodiscard]] std::chrono::local_seconds to_local(std::chrono::sys_seconds moment) const {
        const std::time_t seconds = std::chrono::system_clock::to_time_t(moment);
        std::tm local{};
        if (::localtime_r(&seconds, &local) == nullptr) return std::chrono::local_seconds(moment.time_since_epoch());
        return std::chrono::local_seconds(moment.time_since_epoch() + std::chrono::seconds(local.tm_gmtoff));
    }
};

/// A model of RateLimitPolicy, made by `only_between`. `Zone` is a TimeZone or a pointer to one, which outlives it.
template <class Zone>
struct hours_limit {
    using policy_slot = slot::rate_limit;
    std::chrono::seconds from{}; ///< since midnight
    std::chrono::seconds to{};
    Zone zone{};

    struct state {
        std::chrono::seconds from;
        std::chrono::seconds to;
        Zone zone;

        static constexpr duration acquire(const batch_cost&, time_point) { return duration::zero(); }
        /// How long to wait: zero within the hours, else until they begin. Resolution: one minute.
        [[nodiscard]] duration before_page(wall_time now) const {
            using namespace std::chrono;
            const auto moment = floor<seconds>(now);
            if (is_open(moment)) return duration::zero();
            // The local clock may be moved in between, forward or back: each minute is asked for.
            constexpr minutes most{49 * 60};
            for (auto next = floor<minutes>(moment) + minutes(1); next < moment + most; next += minutes(1)) {
                if (is_open(next)) return next - now;
            }
            return hours(1); // then it is asked again
        }

    private:
        [[nodiscard]] bool is_open(std::chrono::sys_seconds moment) const {
            using namespace std::chrono;
            const auto local = floor<seconds>(nanoseconds(local_time_of(moment)));
            const seconds of_day = local - floor<days>(local);
            if (from == to) return true;
            return from < to ? of_day >= from && of_day < to : of_day >= from || of_day < to;
        }
        [[nodiscard]] std::chrono::nanoseconds local_time_of(std::chrono::sys_seconds moment) const {
            if constexpr (std::is_pointer_v<Zone>) {
                return zone->to_local(moment).time_since_epoch();
            } else {
                return zone.to_local(moment).time_since_epoch();
            }
        }
    };
    [[nodiscard]] state start(time_point) const { return {from, to, zone}; }
};

/// Reads pages only from the one time of day until the other, over midnight where the first is the later one: outside of
/// these hours the next page, pass or compared range waits until they begin, by the wall clock in that zone. A page that was
/// read is written whatever the time. Two equal times are no limit. A stop request ends the wait.
///
/// Hours that the zone's clock skips begin after the gap; hours that it repeats are open both times.
template <class Zone = local_zone>
constexpr hours_limit<Zone> only_between(std::chrono::seconds from, std::chrono::seconds to, Zone zone = {}) {
    static_assert(
        TimeZone<std::remove_pointer_t<Zone>>,
        "rowferry: the zone of only_between lacks `to_local(std::chrono::sys_seconds)`, which gives a local time");
    constexpr std::chrono::seconds day = std::chrono::hours(24);
    return {(from % day + day) % day, (to % day + day) % day, std::move(zone)};
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
