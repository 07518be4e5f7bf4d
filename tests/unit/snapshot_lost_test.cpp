// SPDX-License-Identifier: BSL-1.0
// A snapshot that is lost, at any call and in any way: nothing is mixed, and starting over is bounded.
#include "catch.hpp"
#include "moving_world.hpp"
#include "sweep.hpp"

#include <cstdint>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::emptying;
using worlds::moving_world;
using worlds::one_second;
using worlds::plain;
using worlds::starting_over;
using worlds::stopping;
using worlds::three;
using worlds::two_databases;

namespace {

moving_world ten_rows() { return moving_world(10); }

/// One fault at any call of the source. `check` returns whether the snapshot was lost by it.
template <class Copy, class Check>
void lose_at_each_call(const Copy& copy, Check check) {
    int losses = 0;
    sweep::for_each_fault(ten_rows, copy,
                          [&](moving_world& world, const rf::report& report, const sweep::place&) {
                              if (check(world, report)) ++losses;
                          },
                          {.sides = {rf::side::source}});
    CHECK(losses > 20);
}

} // namespace

TEST_CASE("a snapshot lost at any call, when_lost::stop: nothing is mixed, and what is there is not continued") {
    const rf::pipeline ferry{three, stopping};
    lose_at_each_call(ferry, [&](moving_world& world, const rf::report& report) {
        if (report.complete()) {
            REQUIRE(world.is_of_one_moment());
            REQUIRE(report.rows == 10);
            return false;
        }
        REQUIRE(report.outcome == rf::outcome::stopped);
        REQUIRE(rf::is_retryable(report.failure->fault));
        REQUIRE_THAT(worlds::why(report), ContainsSubstring("the snapshot"));
        REQUIRE(worlds::offers(report, report.rows == 0 ? rf::remedy::run_again : rf::remedy::start_over_into_empty));
        REQUIRE(world.is_part_of_one_moment());
        world.change();
        const rf::report again = world.copy(ferry);
        INFO(worlds::why(again));
        if (report.rows == 0) {
            REQUIRE(again.complete());
        } else {
            REQUIRE(again.outcome == rf::outcome::refused);
            REQUIRE_THAT(worlds::why(again), ContainsSubstring("the snapshot of an earlier run"));
            REQUIRE(worlds::offers(again, rf::remedy::start_over_into_empty));
            REQUIRE(world.copy(ferry, emptying).complete());
        }
        REQUIRE(world.is_of_one_moment());
        return true;
    });
}

TEST_CASE("a snapshot lost at any call, when_lost::start_over: the target is as of one moment") {
    const rf::pipeline ferry{three, starting_over, one_second};
    lose_at_each_call(ferry, [](moving_world& world, const rf::report& report) {
        REQUIRE(report.complete());
        REQUIRE(world.is_of_one_moment());
        REQUIRE(report.rows == world.target.row_count("procnote"));
        REQUIRE(report.resumed_rows == 0);
        if (report.started_over == 0) return false;
        REQUIRE(report.started_over == 1);
        REQUIRE(report.source.retry_count() == 1);
        REQUIRE(report.source.backoff == std::chrono::seconds(1));
        REQUIRE(world.source.open_connections() == 0);
        return true;
    });
}

TEST_CASE("start_over with a target that is emptied first, and without a checkpoint") {
    const auto over_old_rows = [](moving_world& world) {
        world.target.insert("procnote", {"7", moving_world::r_time(), "of yesterday"});
        return world.copy(rf::pipeline{three, starting_over, rf::upsert{}, rf::no_checkpoint{}}, emptying);
    };
    lose_at_each_call(over_old_rows, [](moving_world& world, const rf::report& report) {
        REQUIRE(report.complete());
        REQUIRE(world.is_of_one_moment());
        return report.started_over > 0;
    });
}

TEST_CASE("a fault of the target leaves the snapshot alone") {
    sweep::for_each_fault(ten_rows, rf::pipeline{three, stopping},
                          [](moving_world& world, const rf::report& report, const sweep::place&) {
                              REQUIRE(report.complete());
                              REQUIRE(world.target.rows("procnote") == world.moments.front());
                          },
                          {.sides = {rf::side::target}});
}

TEST_CASE("a page that was read after the server ended the snapshot without a word is not accepted") {
    const auto end_snapshots = [](moving_world& world) { world.source.end_snapshots(); };
    int losses = 0;
    sweep::for_each_event(ten_rows, rf::side::source, end_snapshots, rf::pipeline{three, stopping},
                          [&](moving_world& world, const rf::report& report, const sweep::place&) {
                              REQUIRE(world.is_part_of_one_moment());
                              if (report.complete())
                                  return; // there was no snapshot yet, or nothing more was read from it
                              ++losses;
                              REQUIRE(report.outcome == rf::outcome::stopped);
                              REQUIRE(report.failure->fault == rf::fault::rolled_back);
                              REQUIRE_THAT(worlds::why(report),
                                           ContainsSubstring("ended the transaction that held the snapshot"));
                          });
    CHECK(losses > 5);
}

TEST_CASE("a connection that was idle is never replaced behind the snapshot's back") {
    moving_world world;
    world.source.set_idle_limit(std::chrono::minutes(1), world.timing);
    struct slow {
        rf::testing::manual_timing& timing;
        void on(const rf::batch_committed&) { timing.advance(std::chrono::minutes(2)); }
    } slow{world.timing};
    const rf::report report =
        rf::pipeline{three, stopping}.copy(world.source, world.target, plain, world.timing, world, slow);
    CHECK(report.outcome == rf::outcome::stopped);
    CHECK(report.rows == 3);
    CHECK(world.is_part_of_one_moment());
}

TEST_CASE("starting over is bounded, by the policy and by the retry policy") {
    auto stops = [](const auto& ferry, unsigned restarts, const char* reason) {
        moving_world world;
        struct killer {
            rf::testing::fake_database& source;
            void on(const rf::batch_committed&) { source.kill_connections(); }
        } killer{world.source};
        const rf::report report = ferry.copy(world.source, world.target, plain, world.timing, world, killer);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK(report.started_over == restarts);
        CHECK(report.rows == 3);
        CHECK(world.target.row_count("procnote") == 3);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
    };
    stops(rf::pipeline{three, starting_over}, 3, "started over 3 times");
    stops(rf::pipeline{three, rf::one_snapshot{.when_lost = rf::when_lost::start_over, .max_restarts = 1}}, 1,
          "started over 1 time");
    stops(rf::pipeline{three, starting_over, rf::no_retry{}}, 0, "retries are off");
    stops(rf::pipeline{three, starting_over, rf::retry_budget{.retries = 2}}, 2, "retry budget");
}

TEST_CASE(
    "a refused row of a copy from one snapshot: what it says to do is what works, and a later loss is another matter") {
    for (const rf::one_snapshot& moment : {stopping, starting_over}) {
        for (const std::string refused : {"-5", "4"}) {
            two_databases world(10);
            world.target.add_check("procnote", "no", [&](const rf::testing::row& r) { return r[0] != refused; });
            bool is_met = false;
            // The snapshot is lost while the refusal is looked into: no row is read any more.
            for (std::uint64_t call = 1; call < 60; ++call) {
                world.target.at_call(call, [&] {
                    if (is_met || world.target.row_count("procnote") < (refused == "4" ? 3U : 0U)) return;
                    const auto log = world.target.log();
                    is_met = log.size() > 1 && log[log.size() - 2] == "rollback";
                    if (is_met && refused == "4") world.source.kill_connections();
                });
            }
            const rf::pipeline ferry{rf::fixed_batch{.rows = 20}, moment};
            const rf::report report = world.copy(ferry);
            CAPTURE(worlds::why(report), refused);
            CHECK(report.started_over == 0);
            REQUIRE(report.failure);
            CHECK(report.failure->fault == rf::fault::data);
            CHECK_THAT(report.failure->where, ContainsSubstring("the row with key (" + refused + ")"));
            world.target.drop_checks("procnote");
            const bool can_continue = report.rows == 0;
            CHECK(worlds::offers(report, can_continue ? rf::remedy::run_again : rf::remedy::start_over_into_empty));
            if (can_continue) CHECK_THAT(worlds::why(report), ContainsSubstring("continues at this row"));
            CHECK(world.copy(ferry).complete() == can_continue);
            if (!can_continue) CHECK(world.copy(ferry, emptying).complete());
            CHECK(world.equal());
        }
    }
}
