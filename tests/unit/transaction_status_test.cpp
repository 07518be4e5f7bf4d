// SPDX-License-Identifier: BSL-1.0
// Servers and proxies that answer a COMMIT, a START TRANSACTION or a ROLLBACK as done and do not do it: what a copy and a
// repair make of the status that comes with the answers.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/verify.hpp>

#include <algorithm>
#include <string>

namespace rf = rowferry;
using rf::testing::operation;
using worlds::two_databases;
using worlds::why;

namespace {

constexpr rf::exponential_backoff patiently{.max_attempts = 5};

bool blames_the_server(const rf::error& e) {
    return e.cause == rf::cause::senseless_answer && e.offers(rf::remedy::check_proxy);
}

} // namespace

TEST_CASE("a COMMIT that is answered and not done is asked for, and done again") {
    for (const unsigned batches_before : {0U, 1U, 3U}) { // the fourth batch is the last
        CAPTURE(batches_before);
        two_databases world(35);
        const rf::pipeline ferry{rf::fixed_batch{.rows = 10}, patiently};
        unsigned commits = 0;
        rf::testing::fake_database& target = world.target;
        struct swallower {
            rf::testing::fake_database& target;
            unsigned& commits;
            unsigned before;
            void on(const rf::page_read&) {
                if (commits++ == before) target.swallow_next(operation::commit);
            }
        } when{target, commits, batches_before};
        const rf::report report = ferry.copy(world.source, world.target, "procnote", world.timing, when);
        INFO(why(report));
        CHECK(report.complete());
        CHECK(report.target.retry_count(rf::fault::connection_lost) == 1);
        CHECK(world.equal());
    }
}

TEST_CASE("COMMITs that are never done end by the attempts, with nothing in the target") {
    two_databases world(35);
    world.target.swallow_next(operation::commit, 1000);
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
    CHECK(report.outcome == rf::outcome::stopped);
    REQUIRE(report.failure);
    INFO(why(report));
    CHECK(report.failure->attempt == 5);
    CHECK(blames_the_server(*report.failure));
    CHECK(world.target.row_count("procnote") == 0);
    CHECK(report.rows == 0);
}

TEST_CASE("without a retry a COMMIT that was not done is not counted, and the next run goes on") {
    two_databases world(35);
    world.target.swallow_next(operation::commit);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 10}, rf::no_retry{}};
    const rf::report stopped = world.copy(ferry);
    CHECK(stopped.outcome == rf::outcome::stopped);
    CHECK(stopped.rows == 0);
    const rf::report rest = world.copy(ferry);
    INFO(why(rest));
    CHECK(rest.complete());
    CHECK(world.equal());
}

TEST_CASE("a transaction that was not begun writes nothing, and is not tried again") {
    two_databases world(35);
    world.target.swallow_next(operation::begin, 1000);
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    INFO(why(report));
    CHECK(blames_the_server(*report.failure));
    CHECK(report.failure->attempt == 1);
    CHECK(world.target.calls(operation::write) == 0);
    CHECK(world.target.row_count("procnote") == 0);
}

TEST_CASE("a transaction that ends by itself stops the copy before its checkpoint and its COMMIT") {
    for (const operation op : {operation::write, operation::save_checkpoint, operation::commit}) {
        CAPTURE(rf::testing::name(op));
        std::uint64_t call = 0;
        {
            two_databases trial(35);
            (void)trial.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
            const auto log = trial.target.log();
            call =
                static_cast<std::uint64_t>(std::find(log.begin(), log.end(), rf::testing::name(op)) - log.begin()) + 1;
        }
        two_databases world(35);
        world.target.at_call(call, [&] { world.target.end_transactions(); });
        const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
        CHECK_FALSE(report.complete());
        REQUIRE(report.failure);
        INFO(why(report));
        CHECK(blames_the_server(*report.failure));
        CHECK(report.failure->attempt == 1);
        CHECK(world.target.row_count("procnote") == 0);
        CHECK(world.target.calls(operation::commit) == (op == operation::commit ? 1U : 0U));
    }
}

TEST_CASE("a ROLLBACK that is not done costs the connection, and the copy goes on") {
    two_databases world(35);
    world.target.fail_next(operation::write, rf::fault::transient);
    world.target.swallow_next(operation::rollback);
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(report.target.connects == 3); // one for the count at the end
    CHECK(world.equal());
}

TEST_CASE("several workers, a table without a key and rows inside one server meet the same lie") {
    SECTION("several workers") {
        two_databases world(500);
        const rf::pipeline ferry{rf::fixed_batch{.rows = 10}, patiently, rf::parallel{.jobs = 3}};
        world.target.swallow_next(operation::commit, 2);
        const rf::report report = world.copy(ferry);
        INFO(why(report));
        CHECK(report.complete());
        CHECK(world.equal());
    }
    SECTION("a table without a key") {
        two_databases world;
        for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
        world.source.fill("heap", 30, [](std::uint64_t i) { return rf::key_values{std::to_string(i % 3)}; });
        world.target.swallow_next(operation::commit);
        const rf::report report =
            world.copy(rf::pipeline{patiently}, rf::copy_request{.table = "heap", .keyless = true});
        INFO(why(report));
        CHECK(report.complete());
        CHECK(world.source.has_same_rows("heap", world.target, "heap"));
    }
    SECTION("inside one server") {
        two_databases world(35);
        world.target.share_server_with(world.source);
        world.target.swallow_next(operation::commit);
        const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, patiently});
        INFO(why(report));
        CHECK(report.route == rf::route::server_side);
        CHECK(report.complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a repair does not take a COMMIT for done that was not") {
    two_databases world(20);
    (void)world.copy(rf::pipeline{});
    REQUIRE(world.target.erase("procnote", {"4"}));
    const rf::verify_request request{.table = "procnote", .repair = true};
    SECTION("once: the repair is done again") {
        world.target.swallow_next(operation::commit);
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, request, world.timing);
        CHECK_FALSE(found.failure);
        CHECK(world.equal());
    }
    SECTION("always: the repair fails") {
        world.target.swallow_next(operation::commit, 1000);
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, request, world.timing);
        REQUIRE(found.failure);
        CHECK(blames_the_server(*found.failure));
        CHECK_FALSE(world.equal());
    }
}
