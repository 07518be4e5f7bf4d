// SPDX-License-Identifier: BSL-1.0
// The manual clock, and the observer that keeps what it hears.
#include "catch.hpp"

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::fake_database;
using rf::testing::manual_timing;
using rf::testing::recording_observer;
using rf::testing::when;

TEST_CASE("the manual clock records sleeps and moves by them") {
    manual_timing timing;
    const rf::time_point start = timing.now();
    timing.sleep(2s);
    timing.advance(1s);
    timing.sleep(500ms);
    timing.sleep(0s);
    timing.sleep(-1s);
    CHECK(timing.now() - start == 3500ms);
    CHECK(timing.slept() == 2500ms);
    CHECK(timing.sleeps() == std::vector<rf::duration>{2s, 500ms, 0s, -1s});
    const manual_timing same = timing; // NOLINT(performance-unnecessary-copy-initialization)
    same.sleep(1s);
    CHECK(timing.now() - start == 4500ms);
    timing.forget_sleeps();
    CHECK(timing.sleeps().empty());
    CHECK(timing.slept() == 0s);
    CHECK(same.now() - start == 4500ms);
}

TEST_CASE("the recording observer keeps events and lines") {
    fake_database source("source");
    fake_database target("target");
    for (auto* db : {&source, &target}) db->create_table("t", {{"id", "int"}}, {"id"});
    for (const char* id : {"1", "2", "3"}) source.insert("t", {id});
    target.fail_next(rf::testing::operation::commit, rf::fault::connection_lost, when::after);
    manual_timing timing;
    recording_observer events;
    const rf::pipeline ferry{rf::fixed_batch{.rows = 2}, rf::fixed_delay{.max_attempts = 3, .delay = 2s}};
    const rf::report done = ferry.copy(source, target, "t", timing, events);
    REQUIRE(done.complete());
    CHECK(events.lines() == std::vector<std::string>{
                                "connected to source", "connected to target", "started t, across", "read 2 rows",
                                "retry commit on target after connection_lost", "connected to target again",
                                "recovered write on target on attempt 2", "committed 2 rows up to (2)", "read 1 row",
                                "committed 1 row up to (3)", "connected to target", "finished complete with 3 rows"});
    REQUIRE(events.retries().size() == 1);
    CHECK(events.retries()[0].delay == 2s);
    CHECK(events.retries()[0].error.code == 2013);
    CHECK(events.retries()[0].side == rf::side::target);
    REQUIRE(events.recoveries().size() == 1);
    CHECK(events.recoveries()[0].outage == 2s);
    REQUIRE(events.batches().size() == 2);
    CHECK(events.batches()[1].last_key == rf::key_values{"3"});
    CHECK(events.batches()[1].total_rows == 3);
    CHECK(events.starts().size() == 1);
    CHECK(events.pages().size() == 2);
    CHECK(events.connections().size() == 4); // the last one counts
    CHECK(events.waits().empty());
    CHECK(events.notices().empty());
    REQUIRE(events.reports().size() == 1);
    CHECK(events.reports()[0].rows == 3);
    CHECK(events.count<rf::connected>() == 4);
    CHECK(events.count<rf::throttled>() == 0);
    events.on(rf::notice{"t", "mind the gap"});
    events.on(rf::throttled{1s});
    CHECK(events.lines().back() == "waited for the rate limit");
    CHECK(events.notices()[0].text == "mind the gap");
    CHECK(events.waits()[0].wait == 1s);
    events.clear();
    CHECK(events.lines().empty());
    CHECK(events.count<rf::page_read>() == 0);
}
