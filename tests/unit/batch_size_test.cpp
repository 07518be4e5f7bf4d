// SPDX-License-Identifier: BSL-1.0
// Batch sizes from what earlier batches cost.
#include "catch.hpp"

#include <rowferry/batch_size.hpp>

namespace rf = rowferry;
using namespace std::chrono_literals;

TEST_CASE("fixed_batch is always the same, and at least one row") {
    auto state = rf::fixed_batch{.rows = 500}.start({});
    state.committed({500, 5'000'000, 1h});
    state.failed(rf::fault::batch_too_large);
    CHECK(state.next().rows == 500);
    CHECK(rf::fixed_batch{.rows = 0}.start({}).next().rows == 1);
}

TEST_CASE("adaptive_batch aims at its byte budget by the row sizes it sees") {
    auto state = rf::adaptive_batch{.target_bytes = 1'000'000, .initial_rows = 1000}.start({});
    CHECK(state.next().rows == 1000);
    for (int i = 0; i < 20; ++i) {
        const auto rows = state.next().rows;
        state.committed({rows, rows * 100, 10ms});
    }
    CHECK(state.next().rows == 10'000);
    for (int i = 0; i < 20; ++i) {
        const auto rows = state.next().rows;
        state.committed({rows, rows * 10'000, 10ms});
    }
    CHECK(state.next().rows < 110);
    CHECK(state.next().bytes == 4'000'000);
}

TEST_CASE("adaptive_batch grows by at most half a step") {
    auto state = rf::adaptive_batch{.initial_rows = 100}.start({});
    state.committed({100, 100, 1ms});
    CHECK(state.next().rows == 150);
}

TEST_CASE("adaptive_batch falls to a tenth after a batch five times too slow, and shrinks after a slow one") {
    auto state = rf::adaptive_batch{.target_latency = 1s, .initial_rows = 1000}.start({});
    state.committed({1000, 1000, 6s});
    CHECK(state.next().rows == 100);
    auto slow = rf::adaptive_batch{.target_latency = 1s, .initial_rows = 1000}.start({});
    slow.committed({1000, 1000, 1600ms});
    CHECK(slow.next().rows == 625);
}

TEST_CASE("adaptive_batch halves on faults that say too large, down to one row") {
    auto state = rf::adaptive_batch{.initial_rows = 1000}.start({});
    state.failed(rf::fault::connection_lost);
    CHECK(state.next().rows == 1000);
    state.failed(rf::fault::batch_too_large);
    CHECK(state.next().rows == 500);
    for (int i = 0; i < 20; ++i) state.failed(rf::fault::overloaded);
    CHECK(state.next().rows == 1);
}

TEST_CASE("adaptive_batch begins small when the server's estimate says that rows are wide") {
    auto state = rf::adaptive_batch{.target_bytes = 4'000'000}.start({1000, 1'000'000'000});
    CHECK(state.next().rows == 4);
}
