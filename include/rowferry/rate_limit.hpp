// SPDX-License-Identifier: BSL-1.0
// How long a batch must wait before it is written. A limiter says so and never sleeps itself.
//
//   unlimited      no wait: the default
//   token_bucket   rows, bytes and batches per second, with a bounded burst
//   strictest(…)   several limits at once: the longest of their waits
//   only_between   at certain hours of the day only (only_between.hpp)
#ifndef ROWFERRY_RATE_LIMIT_HPP
#define ROWFERRY_RATE_LIMIT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/policy.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <tuple>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// What one batch costs.
struct batch_cost {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    duration elapsed{}; ///< read, write and commit; zero before it is known
    wall_time wall{};   ///< when a limiter is asked
};

/// A limiter's per-run state: takes the batch's share and says how long from `now` the batch has to wait for it.
template <class S>
concept RateLimitState = requires(S& s, const batch_cost& cost, time_point now) {
    { s.acquire(cost, now) } -> std::convertible_to<duration>;
};
/// A limiter that may also make the next page wait before it is read: `before_page` says for how long from `now`, and is
/// asked again after that.
template <class S>
concept DelaysPages = requires(S& s, wall_time now) {
    { s.before_page(now) } -> std::convertible_to<duration>;
};
/// A limiter that also says, by `piece`, how much may pass within a time after its burst is used up: at least one row;
/// 0 means no limit. Results that stay open are read in pieces of this size.
template <class S>
concept SizesPieces = requires(const S& s, duration within) {
    { s.piece(within) } -> std::convertible_to<batch_cost>;
};
/// `start` makes the state of one run, at the time when the run begins; never sleeps and never throws.
template <class P>
concept StartsRateLimit = requires(const P& p, time_point now) {
    { p.start(now) } -> RateLimitState;
};
/// A policy for the slot `rate_limit`: how long a batch waits before it is written.
template <class P>
concept RateLimitPolicy = detail::fills<P, slot::rate_limit> && StartsRateLimit<P>;

/// Lets every batch pass at once: the default.
struct unlimited {
    using policy_slot = slot::rate_limit;
    struct state {
        static constexpr duration acquire(const batch_cost&, time_point) { return duration::zero(); }
    };
    [[nodiscard]] constexpr state start(time_point) const { return {}; }
};

/// A classic token bucket for each of the three rates; a rate of 0 is no limit. A batch that is larger than the bucket
/// passes after the wait that its size earns, so no batch is ever refused.
struct token_bucket {
    using policy_slot = slot::rate_limit;
    double rows_per_second = 0;
    double bytes_per_second = 0;
    double batches_per_second = 0;
    std::chrono::nanoseconds burst = std::chrono::seconds(1); ///< how many seconds' worth may pass at once

    struct bucket {
        double rate;
        double capacity;
        double level;
        constexpr double acquire(double amount, double elapsed_seconds) {
            if (rate <= 0) return 0;
            level = std::min(capacity, level + elapsed_seconds * rate) - amount;
            return level < 0 ? -level / rate : 0;
        }
    };
    struct state {
        bucket rows;
        bucket bytes;
        bucket batches;
        time_point last = {};
        constexpr duration acquire(const batch_cost& cost, time_point now) {
            const double elapsed = to_seconds(now - last);
            last = now;
            const double seconds =
                std::max({rows.acquire(static_cast<double>(cost.rows), elapsed),
                          bytes.acquire(static_cast<double>(cost.bytes), elapsed), batches.acquire(1, elapsed)});
            constexpr double longest = 365.0 * 24 * 3600;
            return std::chrono::duration_cast<duration>(std::chrono::duration<double>(std::min(seconds, longest)));
        }
        [[nodiscard]] constexpr batch_cost piece(duration within) const {
            const auto earned = [within](const bucket& b) -> std::uint64_t {
                if (b.rate <= 0) return 0;
                constexpr double most = 1e18;
                return static_cast<std::uint64_t>(std::clamp(b.rate * to_seconds(within), 1.0, most));
            };
            return {earned(rows), earned(bytes), {}, {}};
        }
    };
    [[nodiscard]] constexpr state start(time_point now) const {
        auto full = [this](double rate) { return bucket{rate, rate * to_seconds(burst), rate * to_seconds(burst)}; };
        return {full(rows_per_second), full(bytes_per_second), full(batches_per_second), now};
    }
};

namespace detail {
template <class State>
constexpr duration delay_of_page(State& limiter, wall_time now) {
    if constexpr (DelaysPages<State>) {
        return limiter.before_page(now);
    } else {
        return duration::zero();
    }
}
template <class State>
constexpr batch_cost piece_of(const State& limiter, duration within) {
    if constexpr (SizesPieces<State>) {
        return limiter.piece(within);
    } else {
        return {};
    }
}
/// The smaller of two limits, of which 0 is none.
constexpr std::uint64_t stricter(std::uint64_t a, std::uint64_t b) {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}
template <class Limit>
using limiter_of = decltype(std::declval<const Limit&>().start(time_point{}));
} // namespace detail

/// Several limits in one slot; made by `strictest`.
template <class... Limits>
struct strictest_limit {
    using policy_slot = slot::rate_limit;
    std::tuple<Limits...> limits;

    struct state {
        std::tuple<detail::limiter_of<Limits>...> states;
        constexpr duration acquire(const batch_cost& cost, time_point now) {
            return std::apply(
                [&](auto&... each) {
                    return std::max({duration::zero(), duration(each.acquire(cost, now))...});
                },
                states);
        }
        constexpr duration before_page(wall_time now) requires(DelaysPages<detail::limiter_of<Limits>> || ...) {
            return std::apply(
                [&](auto&... each) {
                    return std::max({duration::zero(), detail::delay_of_page(each, now)...});
                },
                states);
        }
        [[nodiscard]] constexpr batch_cost piece(duration within) const {
            return std::apply(
                [&](const auto&... each) {
                    batch_cost least;
                    const auto take = [&least](const batch_cost& next) {
                        least.rows = detail::stricter(least.rows, next.rows);
                        least.bytes = detail::stricter(least.bytes, next.bytes);
                    };
                    (take(detail::piece_of(each, within)), ...);
                    return least;
                },
                states);
        }
    };
    [[nodiscard]] constexpr state start(time_point now) const {
        return std::apply([now](const auto&... each) { return state{{each.start(now)...}}; }, limits);
    }
};

/// Combines limits: each takes its share of every batch, and the longest wait counts.
template <RateLimitPolicy... Limits>
constexpr strictest_limit<Limits...> strictest(Limits... limits) {
    return {std::tuple<Limits...>(std::move(limits)...)};
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
