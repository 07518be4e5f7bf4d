// SPDX-License-Identifier: BSL-1.0
// Whole copies between two doubles.
#include "catch.hpp"
#include "worlds.hpp"

#include <stop_token>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::operation;
using rf::testing::when;
using worlds::two_databases;

TEST_CASE("a copy moves every row, and a second one finds nothing to do") {
    two_databases world(1000);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 64}};
    const rf::report first = world.copy(ferry);
    REQUIRE(first.complete());
    CHECK(first.rows == 1000);
    CHECK(first.batches == 16);
    CHECK(first.retries() == 0);
    CHECK(first.last_key == rf::key_values{"2992"});
    CHECK(world.equal());

    const rf::report second = world.copy(ferry);
    CHECK(second.complete());
    CHECK(second.rows == 0);
    CHECK(second.resumed_rows == 1000);
}

TEST_CASE("an empty table is complete, and stays complete") {
    two_databases world(0);
    CHECK(world.copy(rf::pipeline{}).complete());
    CHECK(world.copy(rf::pipeline{}).complete());
}

TEST_CASE("rows that came since are copied by the next run") {
    two_databases world(10);
    REQUIRE(world.copy(rf::pipeline{}).complete());
    world.source.insert("procnote", {"1000", std::nullopt, "late"});
    const rf::report next = world.copy(rf::pipeline{});
    CHECK(next.complete());
    CHECK(next.rows == 1);
    CHECK(world.equal());
}

TEST_CASE("a page that exactly fills its limit is followed by another look") {
    two_databases world(100);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 50}});
    CHECK(done.complete());
    CHECK(done.batches == 2);
    CHECK(world.equal());
}

TEST_CASE("events tell the story of a copy") {
    two_databases world(10);
    world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
    REQUIRE(world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}}).complete());
    CHECK(world.events.count<rf::copy_started>() == 1);
    CHECK(world.events.count<rf::retry_scheduled>() == 1);
    CHECK(world.events.count<rf::recovered>() == 1);
    CHECK(world.events.count<rf::batch_committed>() == 1);
    CHECK(world.events.count<rf::copy_finished>() == 1);
}

TEST_CASE("an eight-minute outage of the target takes no time here, and loses nothing") {
    two_databases world(1000);
    world.target.outage_at(30, 8min, world.timing);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 50},
                             rf::exponential_backoff{.max_attempts = 1000, .deadline = 10min}};
    const rf::report done = world.copy(ferry);
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK(world.timing.slept() >= 8min);
    CHECK(done.target.recovery_longest >= 8min);
    CHECK(done.target.recoveries == 1);
}

TEST_CASE("an outage that outlasts the deadline stops the copy, and the next run continues") {
    two_databases world(1000);
    world.target.outage_at(30, 8min, world.timing);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 50},
                             rf::exponential_backoff{.max_attempts = 1000, .deadline = 2min}};
    const rf::report stopped = world.copy(ferry);
    CHECK(stopped.outcome == rf::outcome::stopped);
    CHECK(stopped.rows > 0);
    CHECK(stopped.rows < 1000);
    REQUIRE(stopped.failure);
    CHECK_THAT(rf::to_string(*stopped.failure),
               Catch::Matchers::ContainsSubstring("the deadline for retries has passed"));
    world.timing.advance(10min);
    const rf::report done = world.copy(ferry);
    CHECK(done.complete());
    CHECK(done.resumed_rows == stopped.rows);
    CHECK(world.equal());
}

TEST_CASE("561 000 rows arrive exactly once while both sides keep failing") {
    two_databases world(561'000);
    world.source.fail_every(17, rf::fault::connection_lost, when::after);
    world.target.fail_every(23, rf::fault::connection_lost, when::after);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 5000}});
    REQUIRE(done.complete());
    CHECK(done.rows == 561'000);
    CHECK(done.retries() > 20);
    CHECK(world.equal());
}

TEST_CASE("a batch that is too large is halved until it passes") {
    two_databases world(100);
    world.target.set_max_transaction_bytes(100);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 100}});
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK(done.batches > 10);
}

TEST_CASE("what is known of a size that is too large is not tried again on the same page") {
    two_databases world(64);
    world.target.set_max_transaction_bytes(80); // two rows
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 64}});
    REQUIRE(done.complete());
    CHECK(world.equal());
    // 64, 32, 16, 8, 4 rows fail, and then batches of two pass
    CHECK(world.target.calls(rf::testing::operation::write) == 5 + done.batches);
    CHECK(done.batches == 32);
}

TEST_CASE("the batch size policy is told of each batch that was committed, and of each failed try") {
    struct told {
        std::vector<std::uint64_t> rows;
        std::vector<rf::fault> faults;
    };
    struct listening_batch {
        using policy_slot = rf::slot::batch_size;
        told* heard;
        struct state {
            told* heard;
            rf::batch_limits next() const { return {8, 0}; }
            void committed(const rf::batch_cost& cost) { heard->rows.push_back(cost.rows); }
            void failed(rf::fault f) { heard->faults.push_back(f); }
        };
        state start(const rf::table_estimate&) const { return {heard}; }
    };
    two_databases world(12);
    world.target.fail_next(rf::testing::operation::write, rf::fault::overloaded);
    world.target.set_max_transaction_bytes(160); // four rows
    told heard;
    REQUIRE(world.copy(rf::pipeline{listening_batch{.heard = &heard}}).complete());
    CHECK(heard.rows == std::vector<std::uint64_t>{4, 4, 4});
    CHECK(heard.faults == std::vector<rf::fault>{rf::fault::overloaded, rf::fault::batch_too_large});
}

TEST_CASE("rows past the byte limit are not read over and over") {
    two_databases world;
    for (int i = 0; i < 200; ++i)
        world.source.insert("procnote", {std::to_string(i), std::nullopt, std::string(100, 'x')});
    struct observed_pages : rf::keyset_pages {
        std::vector<std::uint64_t>* asked;
        explicit observed_pages(std::vector<std::uint64_t>& into) : asked(&into) {}
        rf::page_request next(const rf::page_order& order, const rf::page_cursor& cursor,
                              rf::batch_limits limits) const {
            if (!cursor.last_key.empty() || cursor.rows == 0) asked->push_back(limits.rows);
            return rf::keyset_pages::next(order, cursor, limits);
        }
    };
    std::vector<std::uint64_t> asked;
    REQUIRE(world.copy(rf::pipeline{observed_pages(asked), rf::fixed_batch{.rows = 5000, .bytes = 1000}}).complete());
    CHECK(world.equal());
    REQUIRE(asked.size() > 20);
    CHECK(std::all_of(asked.begin() + 2, asked.end(), [](std::uint64_t rows) { return rows <= 20; }));
}

TEST_CASE("one row that is too large is named by its key") {
    two_databases world(3);
    world.source.insert("procnote", {"50", std::nullopt, std::string(1000, 'x')});
    world.target.set_max_transaction_bytes(100);
    const rf::report stopped = world.copy(rf::pipeline{});
    CHECK(stopped.outcome == rf::outcome::stopped);
    REQUIRE(stopped.failure);
    CHECK_THAT(rf::to_string(*stopped.failure), Catch::Matchers::ContainsSubstring("the row with key (50)"));
    CHECK(stopped.rows == 3);
}

TEST_CASE("a rate limit makes the copy wait, and the report says how long") {
    two_databases world(1000);
    const rf::report done =
        world.copy(rf::pipeline{rf::fixed_batch{.rows = 100}, rf::token_bucket{.rows_per_second = 100}});
    CHECK(done.complete());
    CHECK(done.target.throttle == 9s);
    CHECK(world.timing.slept() == 9s);
}

TEST_CASE("a stop request ends the copy after the batch under way") {
    two_databases world(100);
    std::stop_source stop;
    struct stopper {
        std::stop_source& stop;
        void on(const rf::batch_committed& e) {
            if (e.total_rows == 20) stop.request_stop();
        }
    } after_two{stop};
    const std::stop_token token = stop.get_token();
    const rf::pipeline ferry{rf::fixed_batch{.rows = 10}};
    const rf::report halted = ferry.copy(world.source, world.target, "procnote", world.timing, after_two, token);
    CHECK(halted.outcome == rf::outcome::interrupted);
    CHECK(halted.rows == 20);
    CHECK(world.copy(ferry).resumed_rows == 20);
    CHECK(world.equal());
}

TEST_CASE("a timing and a stop request may be temporaries of the call") {
    two_databases world(30);
    std::stop_source stop;
    const rf::pipeline ferry{rf::fixed_batch{.rows = 10}};
    const auto copy = [&] {
        return ferry.copy(world.source, world.target, "procnote", stop.get_token(), rf::steady_timing{}, world.events);
    };
    CHECK(copy().complete());
    CHECK(ferry.plan(world.source, world.target, {.table = "procnote"}, stop.get_token()).has_value());
    CHECK(rf::verifier{}.verify(world.source, world.target, "procnote", stop.get_token()).equal());
    CHECK_NOTHROW(ferry.copy_or_throw(world.source, world.target, "procnote", stop.get_token()));
    stop.request_stop();
    CHECK(copy().outcome == rf::outcome::interrupted);
}

TEST_CASE("a stop request is seen during sleeps, also where steady_timing was given") {
    two_databases world(10);
    world.target.fail_every(1, rf::fault::transient);
    std::stop_source stop;
    struct {
        std::stop_source& stop;
        void on(const rf::retry_scheduled&) { stop.request_stop(); } // while it sleeps, for all that the run sees
    } stopper{stop};
    rf::steady_timing timing;
    const auto begin = timing.now();
    const rf::report halted = rf::pipeline{rf::fixed_delay{.delay = std::chrono::minutes(10)}}.copy(
        world.source, world.target, "procnote", timing, stop.get_token(), stopper);
    CHECK(halted.outcome == rf::outcome::interrupted);
    CHECK(timing.now() - begin < std::chrono::minutes(1));
}

TEST_CASE("a shared retry budget ends what the policy alone would go on with") {
    two_databases world(100);
    world.target.fail_every(1, rf::fault::transient);
    const rf::report stopped =
        world.copy(rf::pipeline{rf::fixed_delay{.max_attempts = 1000}, rf::circuit_breaker{.failures = 5}});
    CHECK(stopped.outcome == rf::outcome::stopped);
    CHECK(stopped.retries() == 4);
}

TEST_CASE("source and target on one server: the rows never travel, and arrive all the same") {
    two_databases world(1000);
    world.target.share_server_with(world.source);
    world.target.fail_every(9, rf::fault::connection_lost, when::after);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 64}});
    REQUIRE(done.complete());
    CHECK(done.route == rf::route::server_side);
    CHECK(done.rows == 1000);
    CHECK(world.equal());
    CHECK(rf::pipeline{}.copy(world.source, world.source, "procnote", world.timing).outcome == rf::outcome::refused);
}

TEST_CASE("a target that fails while servers are compared is tried as often as the policy says, and no oftener") {
    two_databases world(10);
    for (int i = 0; i < 100; ++i) {
        world.target.fail_next(rf::testing::operation::is_same_server, rf::fault::connection_lost);
    }
    const rf::report stopped = world.copy(rf::pipeline{rf::fixed_delay{.max_attempts = 4}});
    CHECK(stopped.outcome == rf::outcome::stopped);
    CHECK(stopped.target.retry_count() == 3);
    CHECK(stopped.source.retry_count() == 0);
    CHECK_THAT(worlds::why(stopped), Catch::Matchers::StartsWith("target "));
}

TEST_CASE("a server-side page is cut by bytes as estimated") {
    two_databases world(1000);
    world.target.share_server_with(world.source);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 1000, .bytes = 2000}});
    REQUIRE(done.complete());
    CHECK(done.route == rf::route::server_side);
    CHECK(done.batches > 10);
    CHECK(done.bytes > 20'000); // and not the keys' bytes alone
    CHECK(world.equal());
}

TEST_CASE("the throwing form throws the report's error") {
    two_databases world(10);
    CHECK_THROWS_AS(rf::pipeline{}.copy_or_throw(world.source, world.target, "nothing", world.timing), rf::copy_error);
    CHECK(rf::pipeline{}.copy_or_throw(world.source, world.target, "procnote", world.timing).rows == 10);
}

TEST_CASE("plan says what would be done, and changes nothing") {
    two_databases world(10);
    const auto calls = world.target.log().size();
    auto plan =
        rf::pipeline{}.plan(world.source, world.target, {.table = "procnote", .count_rows = true}, world.timing);
    REQUIRE(plan);
    CHECK(plan->expected_rows == 10);
    CHECK_FALSE(plan->resumed);
    CHECK(plan->order.index == "PRIMARY");
    CHECK(world.target.log().size() > calls);
    CHECK(world.target.rows("procnote").empty());
}

TEST_CASE("a server-side page counts what it copied, not what was read before") {
    two_databases world(30);
    world.target.share_server_with(world.source);
    // Between the read of a page's keys and its INSERT ... SELECT a row goes and two come.
    int pages = 0;
    struct busy_source {
        two_databases& world;
        int& pages;
        void on(const rf::page_read& e) {
            if (e.rows == 0 || ++pages != 2) return;
            world.source.erase("procnote", {"31"});
            world.source.insert("procnote", {"32", std::nullopt, "new"});
            world.source.insert("procnote", {"33", std::nullopt, "new"});
        }
    } busy{world, pages};
    const rf::report done =
        rf::pipeline{rf::fixed_batch{.rows = 10}}.copy(world.source, world.target, "procnote", world.timing, busy);
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(done.route == rf::route::server_side);
    CHECK(world.equal());
    CHECK(done.rows == world.target.row_count("procnote"));
}

TEST_CASE("a table whose owner takes rows out of it later is topped up all the same") {
    two_databases world(10);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 3}};
    REQUIRE(world.copy(ferry).complete());
    world.target.erase("procnote", {"-5"});
    for (int id = 1000; id < 1010; ++id) world.source.insert("procnote", {std::to_string(id), std::nullopt, "new"});
    const rf::report more = world.copy(ferry);
    INFO(worlds::why(more));
    CHECK(more.complete());
    CHECK(more.rows == 10);
}

TEST_CASE("one large row is tried as often as the policy says") {
    two_databases world;
    world.source.insert("procnote", {"1", std::nullopt, std::string(2U << 20U, 'x')});
    for (int i = 0; i < 5; ++i) world.target.fail_next(rf::testing::operation::write, rf::fault::connection_lost);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_delay{.max_attempts = 10}});
    INFO(worlds::why(done));
    CHECK(done.complete());
    CHECK(world.equal());
}

TEST_CASE("a large batch that loses the connection again and again is halved") {
    two_databases world;
    for (int i = 0; i < 4; ++i) {
        world.source.insert("procnote", {std::to_string(i), std::nullopt, std::string(1U << 20U, 'x')});
    }
    for (int i = 0; i < 4; ++i) world.target.fail_next(rf::testing::operation::write, rf::fault::connection_lost);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 4}, rf::fixed_delay{.max_attempts = 10}});
    INFO(worlds::why(done));
    CHECK(done.complete());
    CHECK(done.batches == 4);
    CHECK(world.equal());
}

TEST_CASE("a stop during retries is an interruption") {
    two_databases world(10);
    world.target.fail_every(1, rf::fault::unreachable);
    struct stop_after_three {
        int retries = 0;
        void on(const rf::retry_scheduled&) { ++retries; }
        bool stop_requested() const { return retries >= 3; }
    } stop;
    const rf::report done = rf::pipeline{}.copy(world.source, world.target, "procnote", world.timing, stop);
    CHECK(done.outcome == rf::outcome::interrupted);
}
