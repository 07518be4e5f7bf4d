// SPDX-License-Identifier: BSL-1.0
// A copy into an empty table is complete when a fresh connection finds its rows and its checkpoint there.
#include "catch.hpp"
#include "worlds.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rf = rowferry;
using rf::testing::operation;
using worlds::two_databases;
using worlds::why;

namespace {

/// Runs an action at the page that comes `nth`.
template <class Action>
struct at_page {
    unsigned left;
    Action action;
    void on(const rf::page_read&) {
        if (--left == 0) action();
    }
};
template <class Action>
at_page(unsigned, Action) -> at_page<Action>;

constexpr rf::fixed_batch tens{.rows = 10};

bool says(const rf::error& e, std::string_view part) { return e.message.find(part) != std::string::npos; }

/// A table `heap` without a key on both sides, with 30 rows on the source.
struct heap : two_databases {
    heap() {
        for (auto* database : {&source, &target}) database->create_table("heap", {{"a", "int"}}, {});
        source.fill("heap", 30, [](std::uint64_t i) { return rf::key_values{std::to_string(i % 3)}; });
    }
    rf::report copy_it() { return copy(rf::pipeline{}, {.table = "heap", .keyless = true}); }
};

} // namespace

TEST_CASE("a COMMIT that left nothing is found by a fresh connection") {
    SECTION("the only one") {
        two_databases world(5);
        world.target.undo_next_commits();
        const rf::report report = world.copy(rf::pipeline{tens});
        CHECK(report.outcome == rf::outcome::stopped);
        REQUIRE(report.failure);
        INFO(why(report));
        CHECK(report.failure->cause == rf::cause::senseless_answer);
        CHECK(report.failure->offers(rf::remedy::check_proxy));
        CHECK(says(*report.failure, "stands at transaction 0 of 1"));
        // The next run begins where the checkpoint says.
        const rf::report rest = world.copy(rf::pipeline{tens});
        INFO(why(rest));
        CHECK(rest.complete());
        CHECK(world.equal());
    }
    SECTION("the last one") {
        two_databases world(35);
        const auto undo = [&] { world.target.undo_next_commits(); };
        at_page when{4, undo};
        const rf::report report = rf::pipeline{tens}.copy(world.source, world.target, "procnote", world.timing, when);
        CHECK(report.outcome == rf::outcome::stopped);
        REQUIRE(report.failure);
        CHECK(report.failure->cause == rf::cause::senseless_answer);
        CHECK(world.target.row_count("procnote") == 30);
        const rf::report rest = world.copy(rf::pipeline{tens});
        CHECK(rest.complete());
        CHECK(rest.resumed_rows == 30);
        CHECK(world.equal());
    }
    SECTION("every one") {
        two_databases world(35);
        world.target.undo_next_commits(1000);
        const rf::report report = world.copy(rf::pipeline{tens});
        CHECK_FALSE(report.complete());
        CHECK(world.target.row_count("procnote") == 0);
    }
    SECTION("that of a table without a key") {
        heap world;
        world.target.undo_next_commits();
        const rf::report report = world.copy_it();
        CHECK_FALSE(report.complete());
        REQUIRE(report.failure);
        CHECK(report.failure->cause == rf::cause::senseless_answer);
        CHECK(world.copy_it().complete());
        CHECK(world.source.has_same_rows("heap", world.target, "heap"));
    }
    SECTION("without a checkpoint the rows tell") {
        two_databases world(5);
        world.target.undo_next_commits();
        const rf::report report = world.copy(rf::pipeline{tens, rf::no_checkpoint{}, rf::no_retry{}});
        CHECK_FALSE(report.complete());
        REQUIRE(report.failure);
        CHECK(says(*report.failure, "holds 0 rows instead of 5 after the last COMMIT"));
    }
    SECTION("inside one server, and by several workers") {
        two_databases world(5);
        world.target.share_server_with(world.source);
        world.target.undo_next_commits();
        const rf::report inside = world.copy(rf::pipeline{tens});
        CHECK(inside.route == rf::route::server_side);
        CHECK_FALSE(inside.complete());
        two_databases other(300);
        other.target.undo_next_commits(1000);
        CHECK_FALSE(other.copy(rf::pipeline{tens, rf::parallel{.jobs = 3}}).complete());
    }
}

TEST_CASE("a table that changed between the last COMMIT and the last count is not complete, now and in the next run") {
    for (const bool adds : {true, false}) {
        CAPTURE(adds);
        two_databases world(35);
        const auto at_last_count = [&] {
            if (adds) {
                world.target.insert("procnote", {"1000", std::nullopt, "of another"});
            } else {
                world.target.erase("procnote", {"4"});
            }
        };
        std::uint64_t call = 0;
        {
            two_databases trial(35);
            REQUIRE(trial.copy(rf::pipeline{tens}).complete());
            call = trial.target.calls() - 1; // then there is a rollback
            REQUIRE(trial.target.log()[call - 1] == rf::testing::name(operation::count));
        }
        world.target.at_call(call, at_last_count);
        const rf::report report = world.copy(rf::pipeline{tens});
        CHECK(report.outcome == rf::outcome::stopped);
        REQUIRE(report.failure);
        INFO(why(report));
        CHECK(report.failure->offers(rf::remedy::start_over_into_empty));
        CHECK(says(*report.failure, adds ? "holds 36 rows instead of 35" : "holds 34 rows instead of 35"));
        const rf::report again = world.copy(rf::pipeline{tens});
        CHECK(again.outcome == rf::outcome::refused);
        CHECK(world.copy(rf::pipeline{tens}, {.table = "procnote", .truncate_target = true}).complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a cluster's node that applies the last COMMIT a moment later is waited for") {
    two_databases world(35);
    std::uint64_t count = 0;
    {
        two_databases trial(35);
        REQUIRE(trial.copy(rf::pipeline{tens}).complete());
        count = trial.target.calls() - 1;
        REQUIRE(trial.target.log()[count - 1] == rf::testing::name(operation::count));
    }
    const auto row = world.source.rows("procnote")[4];
    world.target.at_call(count, [&] { world.target.erase("procnote", {*row[0]}); });
    constexpr std::uint64_t calls_of_a_look = 4;
    SECTION("at the next look") {
        world.target.at_call(count + calls_of_a_look, [&] { world.target.insert("procnote", row); });
    }
    SECTION("at the last one") {
        world.target.at_call(count + 6 * calls_of_a_look, [&] { world.target.insert("procnote", row); });
    }
    const rf::time_point begin = world.timing.now();
    const rf::report report = world.copy(rf::pipeline{tens});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(world.timing.now() - begin >= std::chrono::milliseconds(100));
    CHECK(world.timing.now() - begin <= std::chrono::milliseconds(6300));
}

TEST_CASE("the last count costs one connection, and four calls that change nothing") {
    two_databases world(35);
    REQUIRE(world.copy(rf::pipeline{tens}).complete());
    const auto log = world.target.log();
    REQUIRE(log.size() > 5);
    const std::vector<std::string_view> end(log.end() - 5, log.end());
    CHECK(end == std::vector<std::string_view>{"connect", "begin", "load_checkpoint", "count", "rollback"});
    CHECK(world.target.connections_opened() == 2);
    CHECK(world.target.open_connections() == 0);
    CHECK(world.target.calls(operation::count) == 2); // one before the last COMMIT
}

TEST_CASE("the first connection is closed before the last count: the server may have no other") {
    two_databases world(35);
    std::uint64_t most = 0;
    struct watch {
        rf::testing::fake_database& target;
        std::uint64_t& most;
        void on(const rf::connected& e) {
            if (e.side == rf::side::target) most = std::max(most, target.open_connections());
        }
    } connections{world.target, most};
    CHECK(rf::pipeline{tens}.copy(world.source, world.target, "procnote", world.timing, connections).complete());
    CHECK(most == 1);
}

TEST_CASE("where a table may hold other rows, nothing is counted") {
    two_databases world(35);
    SECTION("upsert") { CHECK(world.copy(rf::pipeline{tens, rf::upsert{}}).complete()); }
    SECTION("an empty table") {
        two_databases empty;
        CHECK(empty.copy(rf::pipeline{tens}).complete());
        CHECK(empty.target.calls(operation::count) == 0);
    }
    SECTION("a copy that was complete before") {
        REQUIRE(world.copy(rf::pipeline{tens}).complete());
        const auto before = world.target.calls(operation::count);
        CHECK(world.copy(rf::pipeline{tens}).complete());
        CHECK(world.target.calls(operation::count) == before);
        return;
    }
    CHECK(world.target.calls(operation::count) == 0);
}

TEST_CASE("a count that takes too long is left out, with a notice") {
    two_databases world(200);
    world.target.set_cost({}, std::chrono::milliseconds(100), world.timing);
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 200}});
    INFO(why(report));
    CHECK(report.complete());
    bool said = false;
    for (const std::string& line : world.events.lines()) said = said || line.find("not counted") != line.npos;
    CHECK(said);
}

TEST_CASE("another run that goes on meanwhile takes nothing away from this one") {
    two_databases world(35);
    std::uint64_t call = 0;
    {
        two_databases trial(35);
        REQUIRE(trial.copy(rf::pipeline{tens}).complete());
        call = trial.target.calls() - 3; // of the last begin
    }
    bool other_is_complete = false;
    world.target.at_call(call, [&] {
        world.source.insert("procnote", {"1000", std::nullopt, "new"});
        rf::testing::manual_timing own;
        other_is_complete = rf::pipeline{tens}.copy(world.source, world.target, "procnote", own).complete();
    });
    const rf::report report = world.copy(rf::pipeline{tens});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(other_is_complete);
    CHECK(world.equal());
}
