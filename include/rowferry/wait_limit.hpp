// SPDX-License-Identifier: BSL-1.0
// What ends a wait for a server's answer early: a stop request, or a time.
#ifndef ROWFERRY_WAIT_LIMIT_HPP
#define ROWFERRY_WAIT_LIMIT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <chrono>
#include <concepts>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// How long an operation under way may go on after a stop was requested: enough to end a batch in good order. Then its
/// connection is closed, which rolls the batch back.
inline constexpr duration stop_grace = std::chrono::seconds(5);

/// What ends the waits of an operation before the client's own limits do. The default ends none.
struct wait_limit {
    /// Asked every 100 ms or so while the client waits, from the waiting thread or from one of the client's own.
    bool (*asks_to_stop)(const void* context) = nullptr;
    const void* context = nullptr; ///< outlives the operation
    duration at_most{};            ///< in all, from when the client gets the limit; 0 is no limit
    duration grace = stop_grace;   ///< how long to wait on after a stop request

    [[nodiscard]] bool stop_requested() const { return asks_to_stop != nullptr && asks_to_stop(context); }

    /// The limit that a stop request sets; the request is referred to, and outlives the operation.
    template <class Stop>
    static wait_limit of(const Stop& stop) {
        wait_limit limit;
        limit.asks_to_stop = [](const void* request) {
            return static_cast<bool>(static_cast<const Stop*>(request)->stop_requested());
        };
        limit.context = &stop;
        return limit;
    }
};

/// `limit_waits` sets what ends the waits of all further operations. One that is ended fails with `connection_lost`. Its
/// connection is unusable then, and what the server did is unknown.
template <class C>
concept LimitsWaits = requires(C& c, const wait_limit& limit) {
    { c.limit_waits(limit) } -> std::same_as<void>;
};

/// `connect(limit)` is `connect()` whose waits end so; a connection that it makes has the limit.
template <class C>
concept ConnectsWithin = requires(C& c, const wait_limit& limit) {
    { c.connect(limit) } -> std::same_as<decltype(c.connect())>;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
