// SPDX-License-Identifier: BSL-1.0
// Tables without a key: one streamed pass in one transaction, whatever fails on the way.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using rf::testing::when;
using namespace std::chrono_literals;

namespace {

/// A table `log` without a key on both sides; each third row of the source is a copy of the one before.
struct keyless_world : worlds::two_databases {
    explicit keyless_world(int rows = 10) {
        for (auto* database : {&source, &target}) database->create_table("log", {{"a", "int"}, {"note", "text"}}, {});
        for (int i = 0; i < rows; ++i) {
            source.insert("log",
                          {std::to_string(i % 3 == 2 ? i - 1 : i),
                           i % 4 == 0 ? rf::value() : rf::value("note " + std::to_string(i % 3 == 2 ? i - 1 : i))});
        }
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, rf::copy_request request = {.table = "log", .keyless = true}) {
        return ferry.copy(source, target, request, timing, events);
    }
    [[nodiscard]] bool equal() const {
        auto left = source.rows("log");
        auto right = target.rows("log");
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end());
        return left == right;
    }
};

constexpr rf::fixed_batch three{.rows = 3};

keyless_world ten_rows() { return keyless_world(10); }

std::string refused(keyless_world& world, const rf::report& report) {
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(world.target.rows("log").empty());
    CHECK(world.target.calls(operation::write) == 0);
    return worlds::why(report);
}

} // namespace

TEST_CASE("a table without a key is copied on request, its equal rows and NULLs included, and one slice in memory") {
    keyless_world world;
    const rf::report done = world.copy(rf::pipeline{three});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK(done.rows == 10);
    CHECK(done.batches == 1);
    CHECK(done.bytes > 0);
    CHECK(done.last_key.empty());
    CHECK(world.target.calls(operation::write) == 4);
    CHECK(world.target.calls(operation::commit) == 1);
    CHECK(world.target.checkpoints().front().complete);
}

TEST_CASE("without the request it is refused, and the error offers it") {
    keyless_world world;
    const rf::report report = world.copy(rf::pipeline{}, {.table = "log"});
    CHECK_THAT(refused(world, report), ContainsSubstring("has no key that can order pages"));
    CHECK(worlds::offers(report, rf::remedy::allow_keyless));
}

TEST_CASE("any write mode but insert is refused, and so is an incremental copy") {
    keyless_world world;
    for (const auto kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        const rf::report report = world.copy(rf::pipeline{rf::chosen_write_mode{kind}});
        CHECK_THAT(refused(world, report), ContainsSubstring("needs a key to tell rows apart"));
        CHECK(report.failure->remedies == std::vector{rf::remedy{rf::remedy::choose_write_mode, "", "insert"}});
    }
    CHECK_THAT(refused(world, world.copy(rf::pipeline{rf::incremental_pages{.column = "a"}, rf::upsert{}})),
               ContainsSubstring("has no key that can order pages"));
}

TEST_CASE("a table with a key is paged as usual, whatever is asked of those without") {
    keyless_world world;
    world.source.create_table("t", {{"id", "int not null"}}, {"id"});
    world.target.create_table("t", {{"id", "int not null"}}, {"id"});
    for (int i = 0; i < 7; ++i) world.source.insert("t", {std::to_string(i)});
    const rf::report done = world.copy(rf::pipeline{three}, {.table = "t", .keyless = true});
    CHECK(done.batches == 3);
    CHECK(world.source.calls(operation::stream) == 0);
}

TEST_CASE("without a key: one fault at any call") {
    sweep::for_each_fault(ten_rows, rf::pipeline{three}, sweep::copies(10));
}
TEST_CASE("without a key: one fault at any call, on one server") {
    sweep::for_each_fault(sweep::on_one_server(ten_rows), rf::pipeline{three}, sweep::copies(10));
}
TEST_CASE("without a key: one fault at any call, where pages would go by offset") {
    sweep::for_each_fault(ten_rows, rf::pipeline{three, rf::offset_pages{}}, sweep::copies(10));
}

TEST_CASE("without a key: two faults, one on each side") {
    const sweep::strike lost_reply{rf::fault::connection_lost, when::after};
    sweep::for_each_two_faults(ten_rows, rf::pipeline{three}, sweep::copies(10),
                               {.first = {lost_reply}, .second = {lost_reply}, .first_side = rf::side::source});
}

TEST_CASE("without a key: a client killed at any call, and the next run begins anew, or finds all of it committed") {
    sweep::for_each_crash(ten_rows, rf::pipeline{three}, rf::pipeline{three}, sweep::ends_equal);
}

TEST_CASE("a second run copies nothing and says why; one that starts over copies all of it") {
    keyless_world world;
    REQUIRE(world.copy(rf::pipeline{three}).complete());
    world.source.insert("log", {"99", "new"});
    const rf::report again = world.copy(rf::pipeline{three});
    CHECK(again.complete());
    CHECK(again.rows == 0);
    CHECK(again.resumed_rows == 10);
    const auto plan = rf::pipeline{three}.plan(world.source, world.target, {.table = "log", .keyless = true});
    REQUIRE(plan);
    CHECK_THAT(plan->notices.back(), ContainsSubstring("its new rows cannot be told from the old ones"));
    CHECK(world.copy(rf::pipeline{three}, {.table = "log", .truncate_target = true, .keyless = true}).rows == 11);
    CHECK(world.equal());
}

TEST_CASE("a side that stays away ends the copy with its own error, and nothing is committed") {
    keyless_world world;
    const rf::fixed_delay thrice{.max_attempts = 3, .delay = 1ms};
    SECTION("the source") {
        world.source.fail_between(6, 999, rf::fault::connection_lost);
        const rf::report done = world.copy(rf::pipeline{three, thrice});
        CHECK(done.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(done), ContainsSubstring("source, table log"));
        CHECK(done.source.retry_count() == 2);
        CHECK(done.target.retry_count() == 0);
    }
    SECTION("the target") {
        world.target.fail_between(12, 999, rf::fault::connection_lost);
        const rf::report done = world.copy(rf::pipeline{three, thrice});
        CHECK(done.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(done), ContainsSubstring("target, table log"));
        CHECK(done.target.retry_count() == 2);
        CHECK(done.source.retry_count() == 0);
    }
    CHECK(world.target.rows("log").empty());
    world.source.clear_faults();
    world.target.clear_faults();
    CHECK(world.copy(rf::pipeline{three}).complete());
    CHECK(world.equal());
}

TEST_CASE(
    "without a checkpoint, rows of a COMMIT whose reply is lost come twice, as accepted, and are no reason to stop") {
    keyless_world world;
    world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
    const rf::report done = world.copy(rf::pipeline{three, rf::no_checkpoint{}, rf::accept_duplicates{}});
    INFO(worlds::why(done));
    CHECK(done.complete());
    CHECK(done.rows == 10);
    CHECK(world.target.row_count("log") == 20);
}

TEST_CASE("without a checkpoint too, rows that somebody else wrote during the pass stop it") {
    keyless_world world;
    struct intruder {
        rf::testing::fake_database& database;
        void on(const rf::page_read&) { database.insert("log", {"77", "somebody else's"}); }
    } writes{world.target};
    const rf::report done = rf::pipeline{three, rf::no_checkpoint{}, rf::no_retry{}}.copy(
        world.source, world.target, rf::copy_request{.table = "log", .keyless = true}, world.timing, writes);
    CHECK_FALSE(done.complete());
    CHECK_THAT(worlds::why(done), ContainsSubstring("something else has changed it"));
}

TEST_CASE("a count of the target that takes longer than ten seconds is given up, and a notice says so") {
    for (const auto per_row : {100ms, 2000ms}) {
        keyless_world world;
        world.target.set_cost(0s, per_row, world.timing);
        const rf::report done = world.copy(rf::pipeline{three});
        INFO(worlds::why(done));
        CHECK(done.complete());
        const std::string text = "the target's rows were not counted: counting took longer than ten seconds";
        const auto& said = world.events.notices();
        CHECK(std::count_if(said.begin(), said.end(), [&](const auto& n) { return n.text == text; }) ==
              (per_row == 2000ms ? 1 : 0));
    }
}

TEST_CASE("a stop request ends the pass between two slices, and the next run begins anew") {
    keyless_world world;
    struct after_two {
        int slices = 0;
        void on(const rf::page_read&) { ++slices; }
        [[nodiscard]] bool stop_requested() const { return slices >= 2; }
    } stop;
    const rf::report done = rf::pipeline{three}.copy(
        world.source, world.target, rf::copy_request{.table = "log", .keyless = true}, world.timing, stop);
    CHECK(done.outcome == rf::outcome::interrupted);
    CHECK_THAT(worlds::why(done), ContainsSubstring("a stop was requested: nothing of this table was committed"));
    CHECK(stop.slices == 2);
    CHECK(world.target.rows("log").empty());
    CHECK(world.copy(rf::pipeline{three}).rows == 10);
    CHECK(world.equal());
}

TEST_CASE("each slice waits for the rate limit") {
    keyless_world world(30);
    const rf::report done = world.copy(rf::pipeline{three, rf::token_bucket{.rows_per_second = 1}});
    REQUIRE(done.complete());
    CHECK(done.target.throttle >= 20s);
    CHECK(world.equal());
}

TEST_CASE("a refused row ends the pass with the number of rows in its slice, and nothing is committed") {
    keyless_world world;
    world.target.add_check("log", "small", [](const rf::testing::row& r) { return std::stoi(*r[0]) < 4; });
    const rf::report done = world.copy(rf::pipeline{three});
    CHECK_FALSE(done.complete());
    CHECK_THAT(worlds::why(done),
               ContainsSubstring("target, table log") &&
                   ContainsSubstring(
                       "it is one of the rows 4 to 6 in the order in which the source sent those without a key"));
    CHECK(world.target.rows("log").empty());
}

TEST_CASE("a filter and chosen columns hold for the pass") {
    keyless_world world;
    world.source.define_filter("log", "a > 4", [](const rf::testing::row& r) { return std::stoi(*r[0]) > 4; });
    const rf::report done =
        world.copy(rf::pipeline{three}, {.table = "log", .where = "a > 4", .columns = {{"a"}}, .keyless = true});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 4);
    CHECK(world.target.rows("log").front() == rf::testing::row{"6", std::nullopt});
}

TEST_CASE("from one snapshot: a fault of the target does not end the snapshot") {
    sweep::for_each_fault(ten_rows, rf::pipeline{three, rf::one_snapshot{}},
                          [](keyless_world& world, const rf::report& done, const sweep::place&) {
                              REQUIRE(done.complete());
                              REQUIRE(world.equal());
                              REQUIRE(done.started_over == 0);
                          },
                          {.sides = {rf::side::target}});
}

TEST_CASE("a snapshot that is lost during the pass is answered as the policy says") {
    keyless_world world;
    world.source.fail_next(operation::stream, rf::fault::connection_lost);
    SECTION("stop") {
        const rf::report done = world.copy(rf::pipeline{three, rf::one_snapshot{}});
        CHECK(done.outcome == rf::outcome::stopped);
        CHECK(world.target.rows("log").empty());
    }
    SECTION("start over") {
        const rf::report done =
            world.copy(rf::pipeline{three, rf::one_snapshot{.when_lost = rf::when_lost::start_over}});
        CHECK(done.complete());
        CHECK(done.started_over == 1);
        CHECK(world.equal());
    }
}

TEST_CASE("a definition that changes during the pass stops it before the commit") {
    for (const bool on_target : {false, true}) {
        keyless_world world;
        auto& side = on_target ? world.target : world.source;
        struct alter {
            rf::testing::fake_database& database;
            void on(const rf::page_read&) {
                if (!done) database.add_column("log", {"more", "int"});
                done = true;
            }
            bool done = false;
        } changes{side};
        const rf::report report = rf::pipeline{three}.copy(
            world.source, world.target, rf::copy_request{.table = "log", .keyless = true}, world.timing, changes);
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(report), ContainsSubstring("the definition of the table changed on the " +
                                                          std::string(on_target ? "target" : "source")));
        CHECK(world.target.rows("log").empty());
    }
}
