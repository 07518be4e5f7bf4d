// SPDX-License-Identifier: BSL-1.0
// Workers that fail, or have no connections: what the others do, and what the report says.
#include "catch.hpp"
#include "ferries.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using namespace ferries;
using worlds::two_databases;

namespace {

/// A server that has this many connections at a time, and refuses more as a server does.
struct few_connections {
    rf::testing::fake_database& database;
    std::uint64_t most;
    unsigned code = 1040;
    int refused = 0;
    std::mutex mutex = {};
    rf::result<rf::testing::fake_connection> connect() {
        const std::lock_guard lock(mutex);
        if (database.open_connections() < most) return database.connect();
        ++refused;
        rf::error e;
        e.fault = rf::classify(code);
        e.code = code;
        e.cause = rf::cause_of(code);
        return e;
    }
    [[nodiscard]] std::string identity() const { return database.identity(); }
};

} // namespace

TEST_CASE("a server that has fewer connections than there are workers is used by as many as it has") {
    int refused = 0;
    for (const unsigned code : {1040U, 1135U, 1203U, 1226U}) {
        for (const std::uint64_t most : {1U, 2U, 3U}) {
            two_databases world(400);
            few_connections target{world.target, most, code};
            const rf::report done =
                ferry_of(rf::parallel{.jobs = 5}).copy(world.source, target, "procnote", world.timing, world.events);
            CAPTURE(code, most, worlds::why(done));
            CHECK(done.complete());
            CHECK(done.rows == 400);
            CHECK(world.equal());
            CHECK(world.target.checkpoints().at(0).gaps.empty());
            CHECK(done.workers >= 1);
            CHECK(done.workers <= 5 - static_cast<unsigned>(target.refused)); // each asks once
            CHECK(world.timing.sleeps().empty());
            const auto& said = world.events.notices();
            CHECK(std::count_if(said.begin(), said.end(), [](const auto& n) {
                      return n.text.find("ask for fewer jobs: target: connect failed") != std::string::npos;
                  }) == (target.refused > 0 ? 1 : 0));
            refused += target.refused;
        }
    }
    CHECK(refused > 0);
    two_databases world(400);
    few_connections none{world.target, 0};
    CHECK_FALSE(ferry_of(rf::parallel{.jobs = 3}).copy(world.source, none, "procnote", world.timing).complete());
}

TEST_CASE("several workers give up as soon as one would") {
    std::uint64_t alone = 0;
    for (const unsigned jobs : {1U, 2U, 4U, 8U}) {
        two_databases world(400);
        world.target.fail_between(20, 1'000'000, rf::fault::overloaded); // as a full disk does
        const rf::report done = world.copy(ferry_of(rf::parallel{.jobs = jobs}));
        CAPTURE(jobs, worlds::why(done));
        REQUIRE(done.failure);
        CHECK(done.failure->fault == rf::fault::overloaded);
        CHECK_THAT(done.failure->where, ContainsSubstring("procnote"));
        if (jobs == 1) alone = done.target.retry_count();
        CHECK(done.target.retry_count() <= jobs * alone);
        CHECK(done.target.given_up <= jobs);
        world.target.clear_faults();
        CHECK(world.copy(ferry_of(rf::sequential{})).complete());
        CHECK(world.equal());
    }
}

TEST_CASE("the failure is that of the worker whose commit is in doubt, and not of one that waited for it") {
    const auto never_retry = [](two_databases& world) {
        return rf::pipeline{three, rf::no_retry{}, rf::parallel{.jobs = 6}}.copy(world.source, world.target, "procnote",
                                                                                 world.timing);
    };
    int failures = 0;
    sweep::for_each_fault([] { return two_databases(150); }, never_retry,
                          [&](two_databases&, const rf::report& done, const sweep::place&) {
                              if (done.complete()) return;
                              ++failures;
                              REQUIRE(done.failure);
                              CHECK(done.failure->fault == rf::fault::connection_lost);
                              CHECK(done.outcome == rf::outcome::stopped);
                          },
                          {.faults = {rf::fault::connection_lost}, .sides = {rf::side::target}});
    CHECK(failures > 100);
}

TEST_CASE("what became of a commit that failed with an answer is found out, though the next call is lost") {
    // The calls of one worker's batches of three rows, which can be halved. The last batch has one row.
    constexpr std::uint64_t first_call = 8;
    constexpr std::uint64_t last_call = 59;
    for (const unsigned jobs : {1U, 3U}) {
        const auto finds_out = [&](two_databases& world, const rf::report& done, const sweep::place& answered,
                                   const sweep::place&) {
            if (!done.complete()) CHECK(done.failure->fault == answered.fault);
            const bool can_halve = answered.call >= first_call && answered.call <= last_call;
            const bool is_overcome =
                answered.fault == rf::fault::transient || (answered.fault == rf::fault::batch_too_large && can_halve);
            if (jobs == 1 && is_overcome) CHECK(done.complete());
            world.target.settle();
            REQUIRE(world.copy(ferry_of(rf::sequential{})).complete());
            REQUIRE(world.equal());
        };
        sweep::for_each_two_faults([] { return two_databases(40); }, ferry_of(rf::parallel{.jobs = jobs}), finds_out,
                                   {.first = {{rf::fault::batch_too_large}, {rf::fault::transient}, {rf::fault::data}},
                                    .second = {{rf::fault::connection_lost}},
                                    .furthest = 2});
    }
}

TEST_CASE("a source that refuses to estimate is divided by counting") {
    std::uint64_t asked = 0; // a worker that is done before another one has begun asks nothing
    for (int i = 0; i < 100 && asked == 0; ++i) {
        two_databases world(400);
        for (int k = 0; k < 100; ++k) world.source.fail_next(rf::testing::operation::estimate, rf::fault::permanent);
        const rf::report done = world.copy(ferry_of(rf::parallel{.jobs = 3}));
        CAPTURE(worlds::why(done));
        REQUIRE(done.complete());
        CHECK(world.equal());
        asked = world.source.calls(rf::testing::operation::estimate);
        // What is read beside the pages is where a range is divided.
        if (asked > 0) CHECK(world.source.calls(rf::testing::operation::read) > world.events.pages().size());
    }
    CHECK(asked > 0);
}

TEST_CASE("the last key of a run that resumes open ranges is that of its checkpoint") {
    two_databases world(3000);
    stop_after first_stop{300};
    const rf::report first =
        ferry_of(rf::parallel{.jobs = 3}).copy(world.source, world.target, "procnote", world.timing, first_stop);
    REQUIRE(first.open_ranges > 0);
    CHECK(first.last_key == world.target.checkpoints().at(0).last_key);
    stop_after second_stop{5};
    const rf::report second =
        ferry_of(rf::sequential{}).copy(world.source, world.target, "procnote", world.timing, second_stop);
    REQUIRE(second.open_ranges > 0);
    CHECK(second.last_key == world.target.checkpoints().at(0).last_key);
    const rf::report third = world.copy(ferry_of(rf::sequential{}));
    CHECK(third.complete());
    CHECK(third.last_key == world.target.checkpoints().at(0).last_key);
    CHECK(world.equal());
}

TEST_CASE("a delay is one sleep unless another worker could end it") {
    for (const bool overlaps : {false, true}) {
        two_databases world(20);
        world.target.fail_at(8, rf::fault::transient);
        const rf::report done =
            overlaps ? world.copy(ferry_of(rf::overlapped{})) : world.copy(ferry_of(rf::sequential{}));
        CHECK(done.complete());
        CHECK(world.timing.sleeps() == std::vector<rf::duration>{patient.delay});
    }
}

TEST_CASE("a target that stays away stops a copy by several workers, which nobody has interrupted") {
    two_databases world(300);
    world.target.fail_between(60, 1'000'000, rf::fault::connection_lost);
    const rf::report first = world.copy(ferry_of(rf::parallel{.jobs = 3}));
    CHECK(first.outcome == rf::outcome::stopped);
    REQUIRE(first.failure);
    CHECK(first.failure->fault == rf::fault::connection_lost);
    CHECK(first.failure->cause != rf::cause::interrupted);
    world.target.clear_faults();
    world.target.settle();
    const rf::report second = world.copy(ferry_of(rf::parallel{.jobs = 2}));
    CAPTURE(worlds::why(second));
    CHECK(second.complete());
    CHECK(world.equal());
}

TEST_CASE("an exception in the middle of a commit lets nobody else commit") {
    struct breaks_at_recovery {
        std::atomic<bool> thrown{false};
        void on(const rf::recovered& e) {
            if (e.side == rf::side::target && !thrown.exchange(true)) throw std::runtime_error("full disk");
        }
    };
    int thrown = 0;
    const auto throws_once = [&](two_databases& world) {
        breaks_at_recovery observer;
        try {
            return ferry_of(rf::parallel{.jobs = 3})
                .copy(world.source, world.target, "procnote", world.timing, observer);
        } catch (const std::runtime_error&) {
            ++thrown;
            return rf::report{};
        }
    };
    const auto can_be_finished = [](two_databases& world, const rf::report&, const auto&...) {
        world.target.settle();
        const rf::report last = world.copy(ferry_of(rf::parallel{.jobs = 2}));
        INFO(worlds::why(last));
        REQUIRE(last.complete());
        REQUIRE(world.equal());
    };
    for (const auto moment : sweep::every_moment) {
        const sweep::strike lost{rf::fault::connection_lost, moment};
        sweep::for_each_two_faults([] { return two_databases(60); }, throws_once, can_be_finished,
                                   {.first = {lost}, .second = {lost}, .nearest = 7, .furthest = 7});
    }
    CHECK(thrown > 100);
}
