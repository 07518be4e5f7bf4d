// SPDX-License-Identifier: BSL-1.0
// Whether and when to try again.
//
//   no_retry             the first failure ends the operation
//   fixed_delay          the same pause each time
//   exponential_backoff  full jitter under a doubling cap: the default
//   retry_for_size       the old replicator's rule: more patience for larger tables
// and, in a slot of its own because both sides share it,
//   no_budget            no limit beyond the policy's own: the default
//   retry_budget         so many retries per period, over both sides
//   circuit_breaker      stop after so many failures in a row, over both sides
#ifndef ROWFERRY_RETRY_HPP
#define ROWFERRY_RETRY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/timing.hpp>

#include <chrono>
#include <concepts>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// What a retry policy decides from.
struct failure {
    rowferry::fault fault = rowferry::fault::permanent;
    unsigned code = 0;              ///< errno
    std::string_view sqlstate = {}; ///< lives as long as the call
    unsigned attempt = 1;           ///< failed attempts so far, this one included
    duration elapsed{};             ///< since the first of these failures
    unsigned times_this_code = 1;   ///< how many of these failures had this errno, this one included
    wall_time wall{};               ///< when it failed
};

/// What it decides. `reason` says why there is no further try, and is empty when there is one.
struct retry_decision {
    bool again = false;
    duration delay{};
    std::string_view reason = {}; ///< a literal

    static constexpr retry_decision after(duration delay) { return {true, delay, {}}; }
    static constexpr retry_decision stop(std::string_view reason) { return {false, {}, reason}; }
};

/// `decide` never sleeps and never throws; faults that no retry fixes are filtered out before it is asked.
template <class P>
concept DecidesRetries = requires(const P& p, const failure& f, jitter_source& jitter) {
    { p.decide(f, jitter) } -> std::same_as<retry_decision>;
};

/// A policy for the slot `retry`: whether and when an operation that failed is tried again.
template <class P>
concept RetryPolicy = detail::fills<P, slot::retry> && DecidesRetries<P>;

namespace detail {

constexpr retry_decision limited(const failure& f, unsigned max_attempts, duration deadline, duration delay) {
    if (f.attempt >= max_attempts) return retry_decision::stop("the attempts are used up");
    if (deadline > duration::zero() && (f.elapsed >= deadline || delay > deadline - f.elapsed)) {
        return retry_decision::stop("the deadline for retries has passed");
    }
    return retry_decision::after(delay);
}

/// min(initial · factor^(attempt − 1), cap), saturating.
constexpr duration backoff_cap(duration initial, double factor, duration cap, unsigned attempt) {
    const auto limit = static_cast<double>(cap.count());
    auto ticks = static_cast<double>(initial.count());
    for (unsigned i = 1; i < attempt && ticks < limit && factor > 1.0; ++i) ticks *= factor;
    return ticks >= limit ? cap : duration(static_cast<duration::rep>(ticks));
}

} // namespace detail

/// Ends every operation at its first failure. A pipeline with it never sleeps for retries, and may do without a checkpoint.
struct no_retry {
    using policy_slot = slot::retry;
    static constexpr bool retries_lost_connections = false;
    [[nodiscard]] constexpr retry_decision decide(const failure&, jitter_source&) const {
        return retry_decision::stop("retries are off");
    }
};

/// Sleeps the same time before each retry, until the attempts or the deadline are used up.
struct fixed_delay {
    using policy_slot = slot::retry;
    unsigned max_attempts = 5; ///< tries of one operation, the first included
    std::chrono::nanoseconds delay = std::chrono::seconds(1);
    std::chrono::nanoseconds deadline{}; ///< since the first failure of the operation; 0 is none
    [[nodiscard]] constexpr retry_decision decide(const failure& f, jitter_source&) const {
        return detail::limited(f, max_attempts, deadline, delay);
    }
};

/// Full jitter: a uniform delay in [0, min(max_delay, initial_delay · factorⁿ⁻¹)] before the n-th retry.
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
struct exponential_backoff {
    using policy_slot = slot::retry;
    unsigned max_attempts = 10; ///< tries of one operation, the first included
    std::chrono::nanoseconds initial_delay = std::chrono::milliseconds(500);
    double factor = 2.0;
    std::chrono::nanoseconds max_delay = std::chrono::seconds(30);
    std::chrono::nanoseconds deadline{}; ///< since the first failure of the operation; 0 is none
    bool jitter = true;                  ///< off: the cap itself, for tests and for a single client
    [[nodiscard]] constexpr retry_decision decide(const failure& f, jitter_source& random) const {
        const duration cap = detail::backoff_cap(initial_delay, factor, max_delay, f.attempt);
        if (!jitter) return detail::limited(f, max_attempts, deadline, cap);
        const duration delay(static_cast<duration::rep>(static_cast<double>(cap.count()) * random.unit()));
        return detail::limited(f, max_attempts, deadline, delay);
    }
};

/// The old replicator's rule, by the table's estimated size: over 100 MB 5 retries from 2.0 s; over 50 MB 3 from 1.0 s;
/// else 3 from 0.5 s. (A retry is a try after the first, hence attempts = retries + 1.)
constexpr exponential_backoff retry_for_size(double estimated_size_mb) {
    using std::chrono::milliseconds;
    exponential_backoff policy;
    policy.max_attempts = estimated_size_mb > 100 ? 6 : 4;
    policy.initial_delay = milliseconds(estimated_size_mb > 100 ? 2000 : estimated_size_mb > 50 ? 1000 : 500);
    return policy;
}

/// Whether a policy may run an operation again after a lost connection; true unless it says otherwise.
template <class P>
inline constexpr bool retries_lost_connections = [] {
    if constexpr (requires { P::retries_lost_connections; }) {
        return P::retries_lost_connections;
    } else {
        return true;
    }
}();

/// A budget's per-run state: `take` says whether one more retry may be spent, `succeeded` notes an operation that worked.
template <class S>
concept RetryBudgetState = requires(S& s, time_point now) {
    { s.take(now) } -> std::same_as<bool>;
    s.succeeded();
};
/// `start` makes the state of one run, at the time when the run begins; never sleeps and never throws.
template <class P>
concept StartsRetryBudget = requires(const P& p, time_point now) {
    { p.start(now) } -> RetryBudgetState;
};
/// A policy for the slot `retry_budget`: how many retries source and target may spend together.
template <class P>
concept RetryBudget = detail::fills<P, slot::retry_budget> && StartsRetryBudget<P>;

/// No limit beyond what the retry policy says for each operation: the default.
struct no_budget {
    using policy_slot = slot::retry_budget;
    struct state {
        static constexpr bool take(time_point) { return true; }
        static constexpr void succeeded() {}
    };
    [[nodiscard]] constexpr state start(time_point) const { return {}; }
};

/// At most `retries` at once, refilled evenly over `period`; shared by source and target.
struct retry_budget {
    using policy_slot = slot::retry_budget;
    unsigned retries = 100;
    std::chrono::nanoseconds period = std::chrono::hours(1);

    struct state {
        double left;
        double capacity;
        double per_second;
        time_point last;
        constexpr bool take(time_point now) {
            left += to_seconds(now - last) * per_second;
            if (left > capacity) left = capacity;
            last = now;
            if (left < 1.0) return false;
            left -= 1.0;
            return true;
        }
        static constexpr void succeeded() {}
    };
    [[nodiscard]] constexpr state start(time_point now) const {
        const double seconds = to_seconds(period);
        return {double(retries), double(retries), seconds > 0 ? double(retries) / seconds : 0.0, now};
    }
};

/// Opens for good after `failures` failures in a row, counted over source and target together.
struct circuit_breaker {
    using policy_slot = slot::retry_budget;
    unsigned failures = 20;

    struct state {
        unsigned limit;
        unsigned in_a_row = 0;
        constexpr bool take(time_point) { return ++in_a_row < limit; }
        constexpr void succeeded() { in_a_row = 0; }
    };
    [[nodiscard]] constexpr state start(time_point) const { return {failures}; }
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
