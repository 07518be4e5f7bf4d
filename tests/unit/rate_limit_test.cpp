// SPDX-License-Identifier: BSL-1.0
// Rate limits: they say how long to wait, and never sleep.
#include "catch.hpp"

#include <rowferry/rate_limit.hpp>

namespace rf = rowferry;
using namespace std::chrono_literals;

TEST_CASE("unlimited never waits") {
    auto state = rf::unlimited{}.start({});
    CHECK(state.acquire({1'000'000, 1'000'000, {}}, {}) == 0s);
}

TEST_CASE("a token bucket lets a burst pass and then holds the rate") {
    rf::time_point now{};
    auto bucket = rf::token_bucket{.rows_per_second = 100}.start(now);
    CHECK(bucket.acquire({100, 0, {}}, now) == 0s); // the burst: one second's worth
    CHECK(bucket.acquire({50, 0, {}}, now) == 500ms);
    CHECK(bucket.acquire({50, 0, {}}, now) == 1s);
    CHECK(bucket.acquire({100, 0, {}}, now + 2s) == 0s);
}

TEST_CASE("a bucket does not save up more than its burst") {
    rf::time_point now{};
    auto bucket = rf::token_bucket{.rows_per_second = 100, .burst = 2s}.start(now);
    now += 1h;
    CHECK(bucket.acquire({200, 0, {}}, now) == 0s);
    CHECK(bucket.acquire({100, 0, {}}, now) == 1s);
}

TEST_CASE("a batch larger than the bucket passes after the wait that its size earns") {
    auto bucket = rf::token_bucket{.bytes_per_second = 10}.start({});
    CHECK(bucket.acquire({1, 110, {}}, {}) == 10s);
}

TEST_CASE("rows, bytes and batches are limited together: the longest wait counts") {
    auto bucket = rf::token_bucket{.rows_per_second = 10, .bytes_per_second = 10, .batches_per_second = 1}.start({});
    CHECK(bucket.acquire({20, 50, {}}, {}) == 4s);
    CHECK(bucket.acquire({0, 0, {}}, rf::time_point(1h)) == 0s);
    CHECK(bucket.acquire({0, 0, {}}, rf::time_point(1h)) == 1s);
}

TEST_CASE("over a long run the mean rate is the one asked for") {
    rf::time_point now{};
    auto bucket = rf::token_bucket{.rows_per_second = 1000}.start(now);
    for (int i = 0; i < 100; ++i) now += bucket.acquire({5000, 0, {}}, now);
    CHECK(rf::to_seconds(now.time_since_epoch()) == Catch::Approx(499).epsilon(0.001));
}

TEST_CASE("an absurdly low rate gives a long wait, not an overflow") {
    auto bucket = rf::token_bucket{.rows_per_second = 1e-300}.start({});
    CHECK(bucket.acquire({1'000'000, 0, {}}, {}) > 1h);
}

TEST_CASE("strictest takes every limit's share and waits for the slowest") {
    auto both = rf::strictest(rf::token_bucket{.rows_per_second = 100}, rf::token_bucket{.bytes_per_second = 100});
    auto state = both.start({});
    CHECK(state.acquire({100, 300, {}}, {}) == 2s);
    CHECK(state.acquire({100, 0, {}}, {}) == 2s);
}
