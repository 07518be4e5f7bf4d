// SPDX-License-Identifier: BSL-1.0
// The sweeps themselves: they reach each call once for each combination, and end with one run that nothing disturbs.
#include "catch.hpp"
#include "sweep.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;

namespace {

struct two_ends {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
};
struct outcome {
    std::optional<rf::error> failure;
};
two_ends make_ends() { return {}; }

/// Two calls to the source and three to the target, whatever fails.
outcome five_calls(two_ends& world) {
    outcome last;
    auto call = [&last](rf::testing::fake_database& side) {
        auto connection = side.connect();
        if (!connection) last.failure = connection.error();
    };
    for (int i = 0; i < 2; ++i) call(world.source);
    for (int i = 0; i < 3; ++i) call(world.target);
    return last;
}

struct tally {
    std::uint64_t runs = 0;
    std::uint64_t struck = 0;
    void add(const sweep::place& at) {
        ++runs;
        if (at.struck) ++struck;
    }
};

constexpr std::uint64_t combinations = 6 * 3;

} // namespace

TEST_CASE("a sweep of faults strikes each call of each side, and ends with a run that no fault meets", "[sweep]") {
    tally seen;
    sweep::for_each_fault(make_ends, five_calls, [&](two_ends&, const outcome& done, const sweep::place& at) {
        seen.add(at);
        REQUIRE(done.failure.has_value() == at.struck);
    });
    CHECK(seen.struck == combinations * (2 + 3));
    CHECK(seen.runs == combinations * (2 + 3 + 2)); // one undisturbed run for each side
}

TEST_CASE("a sweep of two faults strikes each pair of calls", "[sweep]") {
    const std::uint64_t pairs = sweep::outcome_in_doubt.size() * sweep::outcome_in_doubt.size();
    std::uint64_t both = 0;
    const auto count = [&](two_ends&, const outcome&, const sweep::place& first, const sweep::place& second) {
        if (first.struck && second.struck) ++both;
    };
    SECTION("of one side") {
        sweep::for_each_two_faults(make_ends, five_calls, count);
        CHECK(both == pairs * 3); // 1 and 2, 1 and 3, 2 and 3
    }
    SECTION("of one side, next to each other") {
        sweep::for_each_two_faults(make_ends, five_calls, count, {.furthest = 1});
        CHECK(both == pairs * 2);
    }
    SECTION("one of each side") {
        sweep::for_each_two_faults(make_ends, five_calls, count, {.first_side = rf::side::source});
        CHECK(both == pairs * 2 * 3);
    }
}

TEST_CASE("a sweep of crashes kills the client at each call, and then runs once more", "[sweep]") {
    tally seen;
    std::uint64_t second_runs = 0;
    const auto second = [&](two_ends& world) {
        ++second_runs;
        return five_calls(world);
    };
    sweep::for_each_crash(make_ends, five_calls, second, [&](two_ends&, const outcome& done, const sweep::place& at) {
        seen.add(at);
        REQUIRE_FALSE(done.failure);
    });
    CHECK(seen.struck == 3 * (2 + 3));
    CHECK(seen.runs == 3 * (2 + 3 + 2));
    CHECK(second_runs == seen.struck);

    std::uint64_t runs = 0;
    std::uint64_t copies = 0;
    const auto counted = [&](two_ends& world) {
        ++copies;
        return five_calls(world);
    };
    sweep::for_each_two_crashes(make_ends, counted, [&](two_ends&, const outcome& done) {
        ++runs;
        REQUIRE_FALSE(done.failure);
    });
    // After a crash at call 1, 2 or 3 the next run is killed at each of its three calls, and not in a fourth trial.
    CHECK(runs == 3 * 3 * (3 * 4 + 1));
    CHECK(copies == 3 * 3 * (3 * (3 * 3 + 2) + 1));
}

TEST_CASE("a sweep of events lets another client act at each call, once", "[sweep]") {
    tally seen;
    std::uint64_t acts = 0;
    sweep::for_each_event(
        make_ends, rf::side::target, [&](two_ends&) { ++acts; }, five_calls,
        [&](two_ends&, const outcome&, const sweep::place& at) { seen.add(at); });
    CHECK(acts == 3);
    CHECK(seen.struck == 3);
    CHECK(seen.runs == 4);
}

TEST_CASE("calls that were made before the sweep are not swept", "[sweep]") {
    tally seen;
    const auto used = [] {
        two_ends world;
        for (int i = 0; i < 10; ++i) (void)world.source.connect();
        return world;
    };
    sweep::for_each_fault(
        used, five_calls, [&](two_ends&, const outcome&, const sweep::place& at) { seen.add(at); },
        {.faults = {rf::fault::transient}, .moments = {sweep::when::before}, .sides = {rf::side::source}});
    CHECK(seen.struck == 2);
}
