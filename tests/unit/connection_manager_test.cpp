// SPDX-License-Identifier: BSL-1.0
// A connection manager used alone: the side it names, the time it counts, and the words of its last error.
#include "catch.hpp"

#include <rowferry/connection_manager.hpp>
#include <rowferry/log.hpp>
#include <rowferry/testing.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::operation;

namespace {

// A stop request that comes while something sleeps, and ends the sleep.
struct impatient_timing {
    rf::testing::manual_timing clock;
    rf::duration patience = 3s;
    bool stopped = false;

    [[nodiscard]] rf::time_point now() const { return clock.now(); }
    void sleep(rf::duration d) {
        clock.sleep(std::min(d, patience));
        stopped = stopped || d > patience;
    }
    [[nodiscard]] bool stop_requested() const { return stopped; }
};

struct switch_that_is {
    bool on_;
    [[nodiscard]] bool stop_requested() const { return on_; }
};

rf::error failed(rf::fault f) {
    rf::error e;
    e.fault = f;
    return e;
}

const auto ping = [](rf::testing::fake_connection& connection) { return connection.ping(); };

} // namespace

TEST_CASE("a connection manager's events name the side that it was given", "[connection_manager]") {
    rf::testing::fake_database database;
    rf::testing::manual_timing timing;
    for (rf::side which : {rf::side::source, rf::side::target}) {
        rf::testing::recording_observer events;
        auto manager = rf::make_connection_manager(which, database, rf::environment(timing, events), rf::fixed_delay{});
        database.fail_next(operation::ping, rf::fault::connection_lost);
        CHECK(manager.run("check", ping));
        REQUIRE(events.connections().size() == 2);
        CHECK(events.connections()[1].side == which);
        REQUIRE(events.retries().size() == 1);
        CHECK(events.retries()[0].side == which);
        REQUIRE(events.recoveries().size() == 1);
        CHECK(events.recoveries()[0].side == which);
        CHECK(events.retries()[0].error.side == which);
        const rf::side other = which == rf::side::source ? rf::side::target : rf::side::source;
        const auto fails_elsewhere = [other](rf::testing::fake_connection&) -> rf::result<void> {
            rf::error e = failed(rf::fault::permanent);
            e.side = other;
            return e;
        };
        CHECK(manager.run("copy", fails_elsewhere).error().side == other);
    }
    auto bare = rf::make_connection_manager(rf::side::target, database);
    CHECK(bare.run(ping));
}

TEST_CASE("a connection manager without a side claims neither end of a copy", "[connection_manager]") {
    rf::testing::fake_database database;
    rf::testing::manual_timing timing;
    rf::testing::recording_observer events;
    std::string lines;
    rf::text_log log{[&lines](std::string_view line) { lines += line; }};
    auto manager = rf::make_connection_manager(database, rf::environment(timing, events, log), rf::fixed_delay{});
    database.fail_next(operation::ping, rf::fault::connection_lost);
    CHECK(manager.run("check", ping));
    REQUIRE(events.retries().size() == 1);
    CHECK(events.retries()[0].side == rf::side::server);
    CHECK(lines.find("Z server: ping failed (connection_lost") != std::string::npos);
    CHECK(rf::make_connection_manager(database).run(ping));
}

TEST_CASE("backoff and throttle count the time slept, not the time planned", "[connection_manager]") {
    rf::testing::fake_database database;
    impatient_timing timing;
    rf::testing::recording_observer events;
    auto manager = rf::make_connection_manager(database, rf::environment(timing, events),
                                               rf::fixed_delay{.max_attempts = 9, .delay = 60s},
                                               rf::token_bucket{.rows_per_second = 1, .burst = 1s});
    SECTION("before a retry") {
        CHECK(manager.run("check", ping));
        database.fail_every(1, rf::fault::transient);
        const auto outcome = manager.run("check", ping);
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().given_up == "a stop was requested");
        CHECK(outcome.error().cause == rf::cause::interrupted);
        CHECK(events.retries().at(0).delay == 60s);
        CHECK(manager.stats().backoff == 3s);
    }
    SECTION("for the rate limit") {
        CHECK(manager.run("write", ping, {.rows = 100}));
        CHECK(events.waits().at(0).wait == 99s);
        CHECK(manager.stats().throttle == 3s);
    }
    SECTION("by the clock, which a sleep may overrun") {
        timing.patience = 60s;
        database.fail_next(operation::ping, rf::fault::transient);
        CHECK(manager.run("check", ping));
        CHECK(manager.stats().backoff == 60s);
    }
}

TEST_CASE("the error says once why there is no further try", "[connection_manager]") {
    rf::testing::fake_database database;
    rf::testing::manual_timing timing;
    auto outer = rf::make_connection_manager(database, rf::environment(timing), rf::no_retry{});
    auto inner = rf::make_connection_manager(database, rf::environment(timing), rf::fixed_delay{.max_attempts = 3});
    auto fails = [](rf::testing::fake_connection&) { return rf::result<void>(failed(rf::fault::transient)); };

    SECTION("nested: the outermost manager's reason") {
        const auto outcome =
            outer.run("outer", [&](rf::testing::fake_connection&) { return inner.run("inner", fails); });
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().given_up == "retries are off");
        CHECK(outcome.error().attempt == 1);
    }
    SECTION("repeated: an operation that gives the same error again") {
        auto again = inner.run("inner", fails);
        REQUIRE_FALSE(again);
        CHECK(again.error().given_up == "the attempts are used up");
        const auto outcome = inner.run("inner", [&](rf::testing::fake_connection&) { return again; });
        CHECK(outcome.error().given_up == again.error().given_up);
        CHECK(rf::to_string(outcome.error()) == rf::to_string(again.error()));
        CHECK(outcome.error().attempt == 3);
    }
    SECTION("the operation's own words stay") {
        const auto outcome = outer.run("write", [](rf::testing::fake_connection&) {
            rf::error e = failed(rf::fault::transient);
            e.message = "the rows were not written";
            return rf::result<void>(e);
        });
        CHECK(rf::to_string(outcome.error()).starts_with("the rows were not written"));
        CHECK(rf::to_string(outcome.error()).ends_with("; not tried again: retries are off"));
    }
}

TEST_CASE("any of several stop requests stops, and each of several observers hears", "[connection_manager]") {
    const switch_that_is off{false};
    const switch_that_is on{true};
    rf::testing::recording_observer first, second;
    CHECK_FALSE(rf::environment(off, off).stop_requested());
    CHECK(rf::environment(off, on).stop_requested());
    CHECK(rf::environment(on, off).stop_requested());
    rf::environment(first, second).emit(rf::throttled{1s});
    CHECK(first.waits().size() == 1);
    CHECK(second.waits().size() == 1);
}

TEST_CASE("in real time a sleep ends when a stop is asked for") {
    struct asked_to_stop {
        [[nodiscard]] static bool stop_requested() { return true; }
    } asked;
    rf::environment surroundings(asked);
    const auto begin = std::chrono::steady_clock::now();
    surroundings.sleep(std::chrono::seconds(100));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(50));
}

namespace {

/// Gives up when one errno came three times, and remembers what it was asked.
struct three_of_a_kind {
    using policy_slot = rf::slot::retry;
    std::vector<rf::failure>* asked;
    [[nodiscard]] rf::retry_decision decide(const rf::failure& f, rf::jitter_source&) const {
        asked->push_back(f);
        return f.times_this_code < 3 ? rf::retry_decision::after(1min)
                                     : rf::retry_decision::stop("three times the same");
    }
};

} // namespace

TEST_CASE("a retry policy is told how often this errno came, and when, by the wall", "[connection_manager]") {
    rf::testing::fake_database database;
    rf::testing::manual_timing timing;
    const rf::wall_time begin{std::chrono::hours(24 * 365)};
    timing.set_wall(begin);
    std::vector<rf::failure> asked;
    auto manager = rf::make_connection_manager(database, rf::environment(timing), three_of_a_kind{&asked});
    const unsigned codes[] = {1213, 1205, 1213, 1213, 1205};
    std::size_t next = 0;
    const auto r = manager.run("work", [&](rf::testing::fake_connection&) -> rf::result<void> {
        rf::error e;
        e.fault = rf::fault::rolled_back;
        e.code = codes[next++];
        return e;
    });
    REQUIRE_FALSE(r);
    CHECK(r.error().given_up == "three times the same");
    REQUIRE(asked.size() == 4);
    CHECK(asked[0].times_this_code == 1);
    CHECK(asked[1].times_this_code == 1);
    CHECK(asked[2].times_this_code == 2);
    CHECK(asked[3].times_this_code == 3);
    CHECK(asked[3].wall == begin + 3min);
    // Another operation counts anew.
    next = 0;
    asked.clear();
    (void)manager.run("work", [&](rf::testing::fake_connection&) -> rf::result<void> {
        if (next++ > 0) return {};
        rf::error e;
        e.fault = rf::fault::rolled_back;
        e.code = 1213;
        return e;
    });
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].times_this_code == 1);
}

TEST_CASE("a rate limit is told when it is asked, by the wall", "[connection_manager]") {
    struct wall_limit {
        using policy_slot = rf::slot::rate_limit;
        struct state {
            [[nodiscard]] rf::duration acquire(const rf::batch_cost& cost, rf::time_point) const {
                return cost.wall < rf::wall_time(1h) ? rf::duration(5s) : rf::duration::zero();
            }
        };
        [[nodiscard]] state start(rf::time_point) const { return {}; }
    };
    rf::testing::fake_database database;
    rf::testing::manual_timing timing;
    auto manager = rf::make_connection_manager(database, rf::environment(timing), wall_limit{});
    CHECK(manager.run("work", ping, {.rows = 1}));
    CHECK(timing.slept() == 5s);
    timing.set_wall(rf::wall_time(2h));
    CHECK(manager.run("work", ping, {.rows = 1}));
    CHECK(timing.slept() == 5s);
}
