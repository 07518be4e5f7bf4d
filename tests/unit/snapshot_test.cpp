// SPDX-License-Identifier: BSL-1.0
// Copies from one snapshot, while the source changes between any two pages: the target is as of one moment, or the copy is
// not complete and says so.
#include "catch.hpp"
#include "moving_world.hpp"
#include "sweep.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::emptying;
using worlds::moving_world;
using worlds::plain;
using worlds::starting_over;
using worlds::stopping;
using worlds::three;

TEST_CASE("by default a table that changes meanwhile arrives as of several moments, and the report says so") {
    moving_world world;
    const rf::report report = world.copy(rf::pipeline{three});
    REQUIRE(report.complete());
    CHECK(report.consistency == rf::consistency::each_page);
    CHECK_FALSE(report.snapshot);
    CHECK_FALSE(world.is_of_one_moment());
}

TEST_CASE("one snapshot: every page is of the moment when it was opened, whatever is written meanwhile") {
    auto is_exact = [](const auto& ferry) {
        moving_world world;
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        REQUIRE(report.complete());
        CHECK(report.rows == 10);
        CHECK(report.consistency == rf::consistency::one_snapshot);
        REQUIRE(report.snapshot);
        CHECK(report.snapshot->taken_at == "2000-01-01 00:00:00.000001");
        CHECK(world.moments.size() > 1);
        CHECK(world.target.rows("procnote") == world.moments.front());
    };
    is_exact(rf::pipeline{three, stopping});
    is_exact(rf::pipeline{three, stopping, rf::upsert{}});
    is_exact(rf::pipeline{three, stopping, rf::replace{}});
    is_exact(rf::pipeline{three, stopping, rf::skip_existing{}});
    is_exact(rf::pipeline{three, stopping, rf::offset_pages{}});
    is_exact(rf::pipeline{three, stopping, rf::no_checkpoint{}, rf::no_retry{}});
    is_exact(rf::pipeline{rf::single_page{}, stopping});
    is_exact(rf::pipeline{three, stopping, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}});
}

TEST_CASE("source and target on one server: the rows go across, because the target would not see the snapshot") {
    moving_world world;
    world.target.share_server_with(world.source);
    const rf::report report = world.copy(rf::pipeline{three, stopping});
    REQUIRE(report.complete());
    CHECK(report.route == rf::route::across);
    CHECK(world.target.rows("procnote") == world.moments.front());
    CHECK(rf::pipeline{stopping, rf::upsert{}}.copy(world.source, world.source, plain).outcome == rf::outcome::refused);
}

TEST_CASE("tables that share a snapshot are of one moment together") {
    moving_world world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("total", {{"id", "int"}, {"rows", "int"}}, {"id"});
    }
    world.source.insert("total", {"1", "10"});
    rf::shared_snapshot source(world.source);
    const rf::pipeline ferry{three, stopping};
    const rf::report notes = ferry.copy(source, world.target, plain, world.timing, world);
    world.source.upsert("total", {"1", "99"});
    const rf::report total = ferry.copy(source, world.target, "total", world.timing, world);
    REQUIRE(notes.complete());
    REQUIRE(total.complete());
    CHECK(notes.snapshot->taken_at == total.snapshot->taken_at);
    CHECK(world.target.rows("procnote") == world.moments.front());
    CHECK(world.target.rows("total") == std::vector<rf::testing::row>{{"1", "10"}});
    CHECK(world.source.connections_opened() == 1);

    source.renew();
    CHECK(ferry.copy(source, world.target, emptying, world.timing).complete());
    CHECK(world.target.rows("procnote") == world.moments.back());
}

TEST_CASE("an unfinished or complete copy from one snapshot is not continued from another one") {
    moving_world world;
    const rf::pipeline consistent{three, stopping};
    REQUIRE(world.copy(consistent).complete());
    auto refused = [&](const auto& ferry, const char* reason) {
        const auto before = world.target.rows("procnote");
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
        CHECK(world.target.rows("procnote") == before);
    };
    refused(consistent, "which was copied completely");
    refused(rf::pipeline{three}, "this one would continue with rows of other points in time");
    REQUIRE(world.copy(rf::pipeline{three}, emptying).complete());
    refused(consistent, "would continue from one snapshot");
}

TEST_CASE("a second copy of an empty table brings the rows that came meanwhile: they are of one moment") {
    moving_world world(0);
    world.source.insert("procnote", {"1", moving_world::r_time(), "first"});
    world.source.erase("procnote", {"1"});
    const rf::pipeline consistent{three, stopping};
    REQUIRE(world.two_databases::copy(consistent).complete());
    world.source.insert("procnote", {"2", moving_world::r_time(), "second"});
    REQUIRE(world.two_databases::copy(consistent).complete());
    CHECK(world.equal());
}

TEST_CASE("another run that begins at the same time: the rows of two snapshots are not mixed") {
    const rf::pipeline ferry{three, stopping};
    rf::report other;
    const auto second_run = [&](moving_world& world) {
        world.change();
        rf::testing::manual_timing timing;
        other = ferry.copy(world.source, world.target, plain, timing);
    };
    sweep::for_each_event([] { return moving_world(); }, rf::side::target, second_run, ferry,
                          [&](moving_world& world, const rf::report& one, const sweep::place&) {
                              INFO("the second run: " << worlds::why(other));
                              REQUIRE(world.is_part_of_one_moment());
                              if (one.complete() || other.complete()) REQUIRE(world.is_of_one_moment());
                          });
}

TEST_CASE("incremental copies: each run adds the rows of one snapshot, its upper bound included") {
    moving_world world;
    const rf::pipeline ferry{three, stopping, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    REQUIRE(world.copy(ferry).complete());
    REQUIRE(world.target.rows("procnote") == world.moments.front());
    const std::size_t seen = world.moments.size() - 1;
    const rf::report second = world.copy(ferry);
    CAPTURE(worlds::why(second));
    REQUIRE(second.complete());
    CHECK(second.rows == seen + 1); // with the last one of the first run again
    for (const auto& r : world.target.rows("procnote")) {
        const bool is_new = r[0]->size() == 4; // 1001 and on
        if (is_new) CHECK(*r[2] == "moment " + std::to_string(seen));
    }
}

TEST_CASE("what one snapshot cannot be kept for is refused before anything is changed") {
    moving_world world;
    auto refused = [&](const auto& ferry, const rf::copy_request& request, const char* reason,
                       rf::remedy::action remedy) {
        const rf::report report = world.copy(ferry, request);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
        CHECK(worlds::offers(report, remedy));
        CHECK(world.target.row_count("procnote") == 0);
        CHECK(world.target.checkpoints().empty());
    };
    for (const rf::write_kind kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        refused(rf::pipeline{starting_over, rf::chosen_write_mode{kind}}, plain, "cannot start over",
                rf::remedy::empty_target);
    }
    refused(rf::pipeline{starting_over, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}}, emptying,
            "an incremental copy cannot start over", rf::remedy::stop_when_lost);
    world.source.set_transactional("procnote", false);
    refused(rf::pipeline{stopping}, plain, "uses the engine MyISAM, which keeps no snapshot",
            rf::remedy::leave_snapshot);
    world.source.set_transactional("procnote", true);
    world.target.insert("procnote", {"7", moving_world::r_time(), "of yesterday"});
    const rf::report report = world.copy(rf::pipeline{stopping, rf::skip_existing{}});
    CHECK_THAT(worlds::why(report), ContainsSubstring("which are not of the snapshot"));
    CHECK(worlds::offers(report, rf::remedy::empty_target));
}

TEST_CASE("a table whose definition is newer than the snapshot stops the copy with a sentence") {
    moving_world world;
    rf::shared_snapshot source(world.source);
    REQUIRE(source.connect());
    for (auto* database : {&world.source, &world.target}) database->create_table("later", {{"id", "int"}}, {"id"});
    const rf::report report = rf::pipeline{starting_over}.copy(source, world.target, "later", world.timing);
    CHECK_FALSE(report.complete());
    CHECK(report.failure->code == 1412);
    CHECK(report.failure->cause == rf::cause::definition_changed);
    CHECK(worlds::offers(report, rf::remedy::run_again));
    CHECK_THAT(worlds::why(report), ContainsSubstring("definition was changed after the snapshot was taken"));
}

TEST_CASE("a plan from one snapshot changes nothing, and counts in the snapshot") {
    moving_world world;
    rf::shared_snapshot source(world.source);
    REQUIRE(source.connect());
    world.source.insert("procnote", {"5000", moving_world::r_time(), "late"});
    const rf::copy_request counted{.table = "procnote", .count_rows = true};
    for (const auto how : {rf::when_lost::stop, rf::when_lost::start_over}) {
        const rf::pipeline ferry{three, rf::one_snapshot{.when_lost = how}};
        auto plan = ferry.plan(source, world.target, counted, world.timing);
        REQUIRE(plan);
        CHECK(plan->expected_rows == 10);
        CHECK(plan->consistency == rf::consistency::one_snapshot);
    }
    world.source.kill_connections();
    const auto stopped = rf::pipeline{stopping}.plan(source, world.target, counted, world.timing);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().fault == rf::fault::connection_lost);
    const auto renewed = rf::pipeline{starting_over}.plan(source, world.target, counted, world.timing);
    REQUIRE(renewed);
    CHECK(renewed->expected_rows == 11);
}
