// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 by exhaustion, in one place: which faults strike, when in a call, on which side, and at which call.
//
//   sweep::for_each_fault([] { return two_databases(10); }, rf::pipeline{rf::insert{}}, sweep::copies(10));
//
// | sweep                 | in each run                                    | then the check sees                 |
// | --------------------- | ---------------------------------------------- | ----------------------------------- |
// | for_each_fault        | one fault at call n of one side                | the world, and the run's report     |
// | for_each_two_faults   | a second fault at a later call                 | the same                            |
// | for_each_crash        | the client is killed at call n; a second run   | the world, and the last report      |
// | for_each_two_crashes  | killed again at a later call; a third run      | the same                            |
// | for_each_event        | another client does something at call n        | the world, and the run's report     |
//
// Each takes n = 1, 2, … for every combination in its matrix, until a run ends before call n. A sweep whose first run
// meets nothing, or that never ends, fails: it proves that it covered something. Calls count from when the world is made.
//
// A world has the doubles `source` and `target`. What copies is a function of the world, or a pipeline for `world.copy`.
#ifndef ROWFERRY_TESTS_SUPPORT_SWEEP_HPP
#define ROWFERRY_TESTS_SUPPORT_SWEEP_HPP

#include "catch.hpp"

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace sweep {

namespace rf = rowferry;
using rf::testing::when;

// --- the matrix ---

/// The faults that a retry overcomes, on either side and at any call.
inline const std::vector<rf::fault> overcome{rf::fault::connection_lost, rf::fault::rolled_back,
                                             rf::fault::transient,       rf::fault::overloaded,
                                             rf::fault::read_only,       rf::fault::unreachable};
inline const std::vector<rf::fault> every_fault{
    rf::fault::connection_lost, rf::fault::rolled_back, rf::fault::transient,
    rf::fault::unreachable,     rf::fault::overloaded,  rf::fault::batch_too_large,
    rf::fault::read_only,       rf::fault::data,        rf::fault::permanent};
/// Before the server saw the call, after it did the work, and while it works on without its client.
inline const std::vector<when> every_moment{when::before, when::after, when::late};
inline const std::vector<rf::side> both_sides{rf::side::source, rf::side::target};

/// What a sweep combines; each combination is swept over all calls.
struct matrix {
    std::vector<rf::fault> faults = overcome;
    std::vector<when> moments = every_moment;
    std::vector<rf::side> sides = both_sides;
};

/// What strikes in one run, and at which of one side's calls.
struct place {
    rf::fault fault = rf::fault::connection_lost;
    when moment = when::before;
    rf::side side = rf::side::target;
    std::uint64_t call = 0;
    bool struck = false; ///< whether the run made this call; known when the check is called
};

inline std::string to_string(const place& at) {
    constexpr const char* moments[]{"before", "after", "late in"};
    return std::string(rf::name(at.fault)) + " " + moments[static_cast<int>(at.moment)] + " call " +
           std::to_string(at.call) + " of the " + std::string(rf::name(at.side));
}

// --- the loop ---

namespace detail {

/// attempt(first), attempt(first + 1), … until one returns false. Returns how many returned true.
template <class Attempt>
std::uint64_t count_struck(std::uint64_t first, std::uint64_t last, Attempt attempt) {
    constexpr std::uint64_t endless = 100'000;
    std::uint64_t struck = 0;
    for (std::uint64_t n = first; n <= last && attempt(n); ++n) {
        ++struck;
        if (struck == endless) FAIL("the sweep does not end: each run makes more calls than the one before");
    }
    return struck;
}

constexpr std::uint64_t no_last = ~std::uint64_t{0};

template <class World>
rf::testing::fake_database& database(World& world, rf::side which) {
    return which == rf::side::source ? world.source : world.target;
}

template <class Copy, class World>
auto run(const Copy& copy, World& world) {
    if constexpr (std::is_invocable_v<const Copy&, World&>) {
        return copy(world);
    } else {
        return world.copy(copy);
    }
}

/// The run's report; none when the client was killed.
template <class Copy, class World>
auto run_or_crash(const Copy& copy, World& world) -> std::optional<decltype(run(copy, world))> {
    try {
        return run(copy, world);
    } catch (const rf::testing::crashed&) {
        return std::nullopt;
    }
}

template <class Report>
std::string why(const Report& report) {
    return report.failure ? rf::to_string(*report.failure) : std::string("no failure");
}

} // namespace detail

/// attempt(1), attempt(2), … until one returns false, as nothing struck any more. At least the first has to return true.
template <class Attempt>
void at_each_call(Attempt attempt) {
    const std::uint64_t struck = detail::count_struck(1, detail::no_last, attempt);
    REQUIRE(struck > 0);
}

/// attempt(place) at each call, for each combination; it returns whether the run made that call.
template <class Attempt>
void for_each_place(const matrix& swept, Attempt attempt) {
    for (const rf::fault fault : swept.faults) {
        for (const when moment : swept.moments) {
            for (const rf::side side : swept.sides) {
                at_each_call([&](std::uint64_t n) { return attempt(place{fault, moment, side, n}); });
            }
        }
    }
}

// --- faults ---

/// One fault in each run: check(world, report, place).
template <class MakeWorld, class Copy, class Check>
void for_each_fault(MakeWorld make_world, const Copy& copy, Check check, const matrix& swept = {}) {
    for_each_place(swept, [&](place at) {
        auto world = make_world();
        auto& failing = detail::database(world, at.side);
        const std::uint64_t before = failing.calls();
        failing.fail_at(before + at.call, at.fault, at.moment);
        const auto done = detail::run(copy, world);
        at.struck = failing.calls() >= before + at.call;
        failing.clear_faults(); // what did not strike is not the check's
        INFO(to_string(at) << ": " << detail::why(done));
        check(world, done, at);
        return at.struck;
    });
}

/// One fault, and the moment in the call at which it strikes.
struct strike {
    rf::fault fault = rf::fault::connection_lost;
    when moment = when::before;
};
/// The faults after which it matters what was committed.
inline const std::vector<strike> outcome_in_doubt{{rf::fault::connection_lost, when::before},
                                                  {rf::fault::connection_lost, when::after},
                                                  {rf::fault::connection_lost, when::late},
                                                  {rf::fault::rolled_back, when::before}};

/// Two faults in each run. On one side the second strikes `nearest` to `furthest` calls after the first; on two sides it
/// strikes at each call of its own side.
struct two_faults {
    std::vector<strike> first = outcome_in_doubt;
    std::vector<strike> second = outcome_in_doubt;
    rf::side first_side = rf::side::target;
    rf::side second_side = rf::side::target;
    std::uint64_t nearest = 1;
    std::uint64_t furthest = detail::no_last;
};

/// Two faults in each run: check(world, report, first place, second place).
template <class MakeWorld, class Copy, class Check>
void for_each_two_faults(MakeWorld make_world, const Copy& copy, Check check, const two_faults& swept = {}) {
    const bool is_one_side = swept.first_side == swept.second_side;
    auto sweep_pair = [&](const strike& one, const strike& other) {
        std::uint64_t met_both = 0;
        at_each_call([&](std::uint64_t n) {
            place first{one.fault, one.moment, swept.first_side, n};
            place second{other.fault, other.moment, swept.second_side};
            const std::uint64_t start = is_one_side ? n + swept.nearest : 1;
            const std::uint64_t last =
                is_one_side && swept.furthest != detail::no_last ? n + swept.furthest : detail::no_last;
            met_both += detail::count_struck(start, last, [&](std::uint64_t m) {
                second.call = m;
                auto world = make_world();
                auto& one_side = detail::database(world, first.side);
                auto& other_side = detail::database(world, second.side);
                const std::uint64_t first_call = one_side.calls() + n;
                const std::uint64_t second_call = other_side.calls() + m;
                one_side.fail_at(first_call, first.fault, first.moment);
                other_side.fail_at(second_call, second.fault, second.moment);
                const auto done = detail::run(copy, world);
                first.struck = one_side.calls() >= first_call;
                second.struck = other_side.calls() >= second_call;
                one_side.clear_faults();
                other_side.clear_faults();
                INFO(to_string(first) << ", " << to_string(second) << ": " << detail::why(done));
                check(world, done, first, second);
                return second.struck;
            });
            return first.struck;
        });
        REQUIRE(met_both > 0);
    };
    for (const strike& one : swept.first) {
        for (const strike& other : swept.second) sweep_pair(one, other);
    }
}

// --- a client that is killed ---

/// The moments and sides of a crash, which has no fault of its own.
inline const matrix crashes{.faults = {rf::fault::connection_lost}};

/// The client is killed at each call of the run `first`, and `second` follows: check(world, last report, place).
template <class MakeWorld, class First, class Second, class Check>
void for_each_crash(MakeWorld make_world, const First& first, const Second& second, Check check,
                    const matrix& swept = crashes) {
    for_each_place(swept, [&](place at) {
        auto world = make_world();
        auto& failing = detail::database(world, at.side);
        const std::uint64_t call = failing.calls() + at.call;
        failing.crash_at(call, at.moment);
        auto done = detail::run_or_crash(first, world);
        INFO("killed: " << to_string(at));
        at.struck = failing.calls() >= call;
        REQUIRE(at.struck == !done.has_value()); // nothing swallows a crash
        failing.clear_faults();
        if (at.struck) done.emplace(detail::run(second, world));
        INFO(detail::why(*done));
        check(world, *done, at);
        return at.struck;
    });
}

/// The client is killed at each call of the target, and again at each later one: check(world, last report).
template <class MakeWorld, class Copy, class Check>
void for_each_two_crashes(MakeWorld make_world, const Copy& copy, Check check,
                          const std::vector<when>& moments = every_moment) {
    auto sweep_pair = [&](when first, when second) {
        std::uint64_t met_both = 0;
        at_each_call([&](std::uint64_t n) {
            std::uint64_t crashes_met = 0;
            met_both += detail::count_struck(n + 1, detail::no_last, [&](std::uint64_t m) {
                auto world = make_world();
                const std::uint64_t before = world.target.calls();
                world.target.crash_at(before + n, first);
                world.target.crash_at(before + m, second);
                crashes_met = 0;
                auto done = detail::run_or_crash(copy, world);
                while (!done && ++crashes_met <= 2) done = detail::run_or_crash(copy, world);
                INFO("killed at call " << n << " (" << static_cast<int>(first) << ") and " << m << " ("
                                       << static_cast<int>(second) << ") of the target");
                REQUIRE(done);
                INFO(detail::why(*done));
                check(world, *done);
                return crashes_met == 2;
            });
            return crashes_met > 0;
        });
        REQUIRE(met_both > 0);
    };
    for (const when first : moments) {
        for (const when second : moments) sweep_pair(first, second);
    }
}

// --- another client ---

/// `happens(world)` comes before each call of one side in turn: check(world, report, place).
template <class MakeWorld, class Happens, class Copy, class Check>
void for_each_event(MakeWorld make_world, rf::side side, Happens happens, const Copy& copy, Check check) {
    at_each_call([&](std::uint64_t n) {
        auto world = make_world();
        place at{.side = side, .call = n};
        auto& met = detail::database(world, side);
        met.at_call(met.calls() + n, [&] {
            at.struck = true;
            happens(world);
        });
        const auto done = detail::run(copy, world);
        met.clear_faults();
        INFO("at call " << n << " of the " << rf::name(side) << ": " << detail::why(done));
        check(world, done, at);
        return at.struck;
    });
}

// --- worlds and checks ---

/// The same world inside one server.
template <class MakeWorld>
auto on_one_server(MakeWorld make_world) {
    return [make_world] {
        auto world = make_world();
        world.target.share_server_with(world.source);
        return world;
    };
}

/// Checks that the copy is complete and the target equals the source.
inline const auto ends_equal = [](auto& world, const auto& done, const auto&...) {
    REQUIRE(done.complete());
    REQUIRE(world.equal());
};
/// Checks the same, and that this run alone copied so many rows.
inline auto copies(std::uint64_t rows) {
    return [rows](auto& world, const auto& done, const auto&...) {
        REQUIRE(done.complete());
        REQUIRE(done.rows == rows);
        REQUIRE(world.equal());
    };
}

} // namespace sweep

#endif
