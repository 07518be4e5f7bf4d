// SPDX-License-Identifier: BSL-1.0
// Retry policies and budgets, as pure decisions.
#include "catch.hpp"

#include <rowferry/retry.hpp>

#include <limits>

namespace rf = rowferry;
using namespace std::chrono_literals;

namespace {
rf::failure failed(unsigned attempt, rf::duration elapsed = 0s) {
    return {rf::fault::connection_lost, 2013, "HY000", attempt, elapsed};
}
} // namespace

TEST_CASE("no_retry never tries again") {
    rf::jitter_source jitter(1);
    CHECK_FALSE(rf::no_retry{}.decide(failed(1), jitter).again);
}

TEST_CASE("fixed_delay gives the same pause until its attempts are used up") {
    rf::jitter_source jitter(1);
    const rf::fixed_delay policy{.max_attempts = 3, .delay = 2s};
    CHECK(policy.decide(failed(1), jitter).delay == 2s);
    CHECK(policy.decide(failed(2), jitter).delay == 2s);
    const auto last = policy.decide(failed(3), jitter);
    CHECK_FALSE(last.again);
    CHECK(last.reason == "the attempts are used up");
}

TEST_CASE("exponential_backoff doubles up to its cap") {
    rf::jitter_source jitter(1);
    const rf::exponential_backoff policy{
        .max_attempts = 100, .initial_delay = 500ms, .max_delay = 30s, .jitter = false};
    const std::vector<rf::duration> expected{500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s};
    for (unsigned i = 0; i < expected.size(); ++i) CHECK(policy.decide(failed(i + 1), jitter).delay == expected[i]);
}

TEST_CASE("full jitter lies anywhere between zero and the cap, and depends on the seed alone") {
    const rf::exponential_backoff policy{.max_attempts = 100, .initial_delay = 8s};
    rf::jitter_source jitter(42);
    rf::jitter_source same(42);
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const rf::duration delay = policy.decide(failed(1), jitter).delay;
        CHECK(delay == policy.decide(failed(1), same).delay);
        REQUIRE(delay >= 0s);
        REQUIRE(delay < 8s);
        sum += rf::to_seconds(delay);
    }
    CHECK(sum / 1000 > 3.5);
    CHECK(sum / 1000 < 4.5);
}

TEST_CASE("delays saturate instead of overflowing") {
    rf::jitter_source jitter(1);
    const rf::exponential_backoff policy{.max_attempts = std::numeric_limits<unsigned>::max(),
                                         .initial_delay = 1h,
                                         .factor = 1e9,
                                         .max_delay = std::chrono::nanoseconds::max(),
                                         .jitter = false};
    CHECK(policy.decide(failed(4'000'000'000U), jitter).delay == std::chrono::nanoseconds::max());
}

TEST_CASE("a deadline ends the retries that would outlast it") {
    rf::jitter_source jitter(1);
    const rf::fixed_delay policy{.max_attempts = 1000, .delay = 10s, .deadline = 60s};
    CHECK(policy.decide(failed(1, 50s), jitter).again);
    const auto late = policy.decide(failed(2, 51s), jitter);
    CHECK_FALSE(late.again);
    CHECK(late.reason == "the deadline for retries has passed");
}

TEST_CASE("a retry budget is spent by retries and refilled by time") {
    const rf::time_point start{};
    auto budget = rf::retry_budget{.retries = 2, .period = 10s}.start(start);
    CHECK(budget.take(start));
    CHECK(budget.take(start));
    CHECK_FALSE(budget.take(start));
    CHECK_FALSE(budget.take(start + 4s));
    CHECK(budget.take(start + 9s));
    CHECK_FALSE(budget.take(start + 9s));
}

TEST_CASE("a circuit breaker opens after failures in a row, and a success closes it") {
    auto breaker = rf::circuit_breaker{.failures = 3}.start({});
    CHECK(breaker.take({}));
    CHECK(breaker.take({}));
    breaker.succeeded();
    CHECK(breaker.take({}));
    CHECK(breaker.take({}));
    CHECK_FALSE(breaker.take({}));
}
