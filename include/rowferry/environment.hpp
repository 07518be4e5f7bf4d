// SPDX-License-Identifier: BSL-1.0
// What surrounds a copy rather than shapes it: the timing, a stop request, and observers, all held by reference.
#ifndef ROWFERRY_ENVIRONMENT_HPP
#define ROWFERRY_ENVIRONMENT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/observe.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// Says whether the copy should end after the batch under way; `std::stop_token` is one. Asked from several threads. A
/// batch that is not done within `stop_grace` ends with its connection, where the client can do that (LimitsWaits).
template <class S>
concept StopRequest = requires(const S& s) {
    { s.stop_requested() } -> std::convertible_to<bool>;
};

/// Anything that `copy` takes after the table.
template <class E>
concept Surrounding = Timing<E> || StopRequest<E> || Observer<E>;

namespace detail {

/// Sleeps by a timing until a stop is asked for, which is seen within a fifth of a second.
template <class Sleeper, class Stop>
void sleep_in_slices(duration d, Sleeper& timing, const Stop& stop) {
    constexpr duration slice = std::chrono::milliseconds(200);
    for (; d > duration::zero() && !stop.stop_requested(); d -= slice) timing.sleep(std::min(d, slice));
}

} // namespace detail

/// The surroundings of one run: at most one timing, and any number of stop requests, each of which stops it, and of
/// observers, which all hear each event. Holds references: what it was made from outlives it.
template <class... Extras>
class environment {
    static constexpr bool one_clock = (0 + ... + int{Timing<Extras>}) <= 1;
    static_assert(one_clock, "rowferry: two timings were given to one copy or environment: only one can be followed");

public:
    constexpr explicit environment(Extras&... extras) : extras_(&extras...) {}

    [[nodiscard]] time_point now() { return timing().now(); }
    /// By the timing's wall clock, if it has one, else by the system's.
    [[nodiscard]] wall_time wall_now() {
        if constexpr (TellsWallTime<std::remove_reference_t<decltype(timing())>>) {
            return timing().wall_now();
        } else {
            return std::chrono::system_clock::now();
        }
    }
    /// By a timing of the user's own, which may wake when a stop is asked for; else in real time, until one is.
    void sleep(duration d) {
        constexpr bool is_real =
            std::is_same_v<std::remove_cvref_t<decltype(std::declval<environment&>().timing())>, steady_timing>;
        if constexpr ((StopRequest<Extras> || ...) && is_real) {
            detail::sleep_in_slices(d, timing(), *this);
        } else {
            if (d > duration::zero()) timing().sleep(d);
        }
    }
    [[nodiscard]] bool stop_requested() const {
        return std::apply([](auto*... extra) { return (false || ... || asks_to_stop(*extra)); }, extras_);
    }
    /// Calls the hook of each observer that has one for this event.
    template <class Event>
    void emit(const Event& event) {
        std::apply([&event](auto*... extra) { (call(*extra, event), ...); }, extras_);
    }

private:
    template <class E>
    static bool asks_to_stop(const E& extra) {
        if constexpr (StopRequest<E>) {
            return extra.stop_requested();
        } else {
            return false;
        }
    }
    template <class E, class Event>
    static void call(E& extra, const Event& event) {
        if constexpr (detail::hears<E, Event>) extra.on(event);
    }
    auto& timing() { return find_timing<0>(); }
    template <std::size_t I>
    auto& find_timing() {
        if constexpr (I == sizeof...(Extras)) {
            return own_timing_;
        } else if constexpr (Timing<std::tuple_element_t<I, std::tuple<Extras...>>>) {
            return *std::get<I>(extras_);
        } else {
            return find_timing<I + 1>();
        }
    }

    std::tuple<Extras*...> extras_;
    [[no_unique_address]] steady_timing own_timing_;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
