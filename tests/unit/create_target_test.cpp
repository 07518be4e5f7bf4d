// SPDX-License-Identifier: BSL-1.0
// The missing target table that a copy creates, on the double.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using rf::testing::when;

namespace {

/// A source table with rows, and a target without it.
struct missing_target : worlds::two_databases {
    missing_target() : worlds::two_databases(100) { target.drop_table("procnote"); }
    rf::copy_request request{.table = "procnote", .create_target = true};
    [[nodiscard]] std::vector<std::string> tables_of_target() {
        auto connection = target.connect();
        auto listed = connection->tables();
        return listed ? *listed : std::vector<std::string>{"an error"};
    }
};

} // namespace

TEST_CASE("a missing target table is created with the source's definition, and filled", "[create_target]") {
    missing_target world;
    const rf::report report = world.copy(rf::pipeline{}, world.request);
    INFO(worlds::why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(world.target.calls(operation::create_table) == 1);
    const rf::report second = world.copy(rf::pipeline{}, world.request);
    CHECK(second.complete());
    CHECK(second.rows == 0);
    CHECK(world.target.calls(operation::create_table) == 1);
}

TEST_CASE("a missing target table is refused unless asked for, and the remedy is named", "[create_target]") {
    missing_target world;
    const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote"});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("has no table procnote"));
    CHECK(worlds::offers(report, rf::remedy::create_target));
    CHECK(world.target.calls(operation::create_table) == 0);
}

TEST_CASE("a plan creates nothing", "[create_target]") {
    missing_target world;
    const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
    REQUIRE(plan.has_value());
    REQUIRE(plan->creates.has_value());
    CHECK(plan->target.name == "procnote");
    CHECK(world.target.calls(operation::create_table) == 0);
}

TEST_CASE("the clone may have another name", "[create_target]") {
    missing_target world;
    world.request.target_table = "copy_of_procnote";
    CHECK(world.copy(rf::pipeline{}, world.request).complete());
    CHECK(world.source.has_same_rows("procnote", world.target, "copy_of_procnote"));
}

TEST_CASE("a table that is there is left as it is", "[create_target]") {
    worlds::two_databases world(10);
    CHECK(world.copy(rf::pipeline{}, {.table = "procnote", .create_target = true}).complete());
    CHECK(world.target.calls(operation::create_table) == 0);
}

TEST_CASE("a reply to CREATE TABLE that is lost, or a table that appears meanwhile, ends in the same copy",
          "[create_target]") {
    for (const when moment : {when::before, when::after}) {
        missing_target world;
        world.target.fail_next(operation::create_table, rf::fault::connection_lost, moment);
        const rf::report report = world.copy(rf::pipeline{}, world.request);
        INFO(worlds::why(report));
        CHECK(report.complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a definition that loses the connection twice is not sent a third time", "[create_target][hostile]") {
    for (const when moment : {when::before, when::after}) {
        missing_target world;
        for (int i = 0; i < 9; ++i) world.target.fail_next(operation::create_table, rf::fault::connection_lost, moment);
        const rf::report report = world.copy(rf::pipeline{}, world.request);
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped); // the table may be there
        CHECK(world.target.calls(operation::create_table) == 2);
        REQUIRE(report.failure.has_value());
        CHECK_FALSE(rf::is_retryable(report.failure->fault));
        CHECK_THAT(worlds::why(report),
                   ContainsSubstring("the connection was lost twice") && ContainsSubstring("table procnote"));
        CHECK(worlds::offers(report, rf::remedy::create_by_hand));
    }
    // Other faults, and a single loss, are retried.
    missing_target world;
    world.target.fail_next(operation::create_table, rf::fault::connection_lost);
    for (int i = 0; i < 2; ++i) world.target.fail_next(operation::create_table, rf::fault::transient);
    CHECK(world.copy(rf::pipeline{}, world.request).complete());
    CHECK(world.equal());
}

TEST_CASE("a CREATE TABLE whose answer was lost is noted, whatever ends the copy", "[create_target][hostile]") {
    for (const when moment : {when::before, when::after}) {
        missing_target world;
        world.target.fail_next(operation::create_table, rf::fault::connection_lost, moment);
        world.target.fail_next(operation::create_table, rf::fault::permanent);
        const rf::report report = world.copy(rf::pipeline{}, world.request);
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        REQUIRE(report.failure.has_value());
        CHECK(report.failure->changes == std::vector{rf::change{rf::change::tried_table, "procnote"}});
        CHECK_THAT(worlds::why(report), ContainsSubstring("table procnote may have been created"));
    }
    // A refusal alone leaves nothing in doubt.
    missing_target world;
    world.target.fail_next(operation::create_table, rf::fault::permanent);
    const rf::report report = world.copy(rf::pipeline{}, world.request);
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(report.failure.value().changes.empty());
}

TEST_CASE("a copy that creates its target: one fault at any call, or a killed client", "[create_target]") {
    const auto make_world = [] { return missing_target(); };
    const auto create_and_copy = [](missing_target& world) { return world.copy(rf::pipeline{}, world.request); };
    sweep::for_each_fault(make_world, create_and_copy, sweep::copies(100));
    sweep::for_each_crash(make_world, create_and_copy, create_and_copy, sweep::ends_equal);
}

TEST_CASE("a collation that the target does not know is refused with nothing created, or mapped", "[create_target]") {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    source.create_table("t", {{"id", "int"}, {"name", "varchar(20) collate utf8mb4_0900_ai_ci"}}, {"id"});
    source.insert("t", {"1", "a"});
    target.set_unknown_collation("utf8mb4_0900_ai_ci");
    rf::copy_request request{.table = "t", .create_target = true};
    const rf::report refused = rf::pipeline{}.copy(source, target, request);
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(refused), ContainsSubstring("utf8mb4_0900_ai_ci"));
    CHECK(target.calls(operation::create_table) == 0);
    request.changes.collations = {{"utf8mb4_0900_ai_ci", "utf8mb4_unicode_520_ci"}};
    CHECK(rf::pipeline{}.copy(source, target, request).complete());
    CHECK(source.has_same_rows("t", target, "t"));
}

TEST_CASE("a copy that created its target and is refused then has changed something: it stopped", "[create_target]") {
    SECTION("by the first row") {
        missing_target world;
        world.target.fail_next(operation::write, rf::fault::permanent); // 1142
        const rf::report report = world.copy(rf::pipeline{}, world.request);
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(report), ContainsSubstring("table procnote was created in the target and stays there"));
    }
    SECTION("by the claim") {
        missing_target world;
        world.target.fail_next(operation::claim_checkpoint, rf::fault::permanent);
        const rf::report report = world.copy(rf::pipeline{}, world.request);
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(report), ContainsSubstring("table procnote was created in the target and stays there"));
    }
    SECTION("nothing is changed where nothing was created") {
        worlds::two_databases world(10);
        world.target.fail_next(operation::write, rf::fault::permanent);
        const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote"});
        INFO(worlds::why(report));
        CHECK(report.outcome == rf::outcome::refused);
    }
}

TEST_CASE("a plan that a copy follows has the server try the definition, and leaves nothing",
          "[create_target][trial]") {
    missing_target world;
    world.request.is_carried_out = true;
    const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
    REQUIRE(plan.has_value());
    CHECK(world.target.calls(operation::try_table) == 1);
    CHECK(world.target.calls(operation::create_table) == 0);
    CHECK(world.tables_of_target().empty());
    // A mere plan changes nothing, not for a moment either, and a copy creates the table itself.
    world.request.is_carried_out = false;
    CHECK(rf::pipeline{}.plan(world.source, world.target, world.request, world.timing).has_value());
    world.request.is_carried_out = true;
    CHECK(world.copy(rf::pipeline{}, world.request).complete());
    CHECK(world.target.calls(operation::try_table) == 1);
}

TEST_CASE("what only the server refuses is refused by the plan", "[create_target][trial]") {
    missing_target world;
    world.target.refuse_definition("procnote");
    world.request.is_carried_out = true;
    const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code == 1064);
    CHECK(plan.error().where == "target, table procnote");
    CHECK_THAT(plan.error().message, ContainsSubstring("the server rejects the definition"));
    CHECK(plan.error().changes.empty());
    CHECK(world.tables_of_target().empty());
}

TEST_CASE("a user who may not drop tables gets a notice instead of a trial", "[create_target][trial]") {
    missing_target world;
    world.request.is_carried_out = true;
    const auto tried = [&] {
        rf::testing::recording_observer events;
        (void)rf::pipeline{}.plan(world.source, world.target, world.request, world.timing, events);
        return events.count<rf::notice>();
    };
    const auto before = tried();
    world.target.refuse_trials();
    CHECK(tried() == before + 1);
    CHECK(world.tables_of_target().empty());
}

TEST_CASE("a trial that loses its connection leaves nothing, and is not sent a third time",
          "[create_target][trial][hostile]") {
    for (const when moment : {when::before, when::after}) {
        missing_target world;
        world.request.is_carried_out = true;
        world.target.fail_next(operation::try_table, rf::fault::connection_lost, moment);
        CHECK(rf::pipeline{}.plan(world.source, world.target, world.request, world.timing).has_value());
        CHECK(world.tables_of_target().empty());
        for (int i = 0; i < 9; ++i) world.target.fail_next(operation::try_table, rf::fault::connection_lost, moment);
        const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
        REQUIRE_FALSE(plan.has_value());
        CHECK_FALSE(rf::is_retryable(plan.error().fault));
        CHECK(plan.error().changes.size() == 1); // it may be
        CHECK_THAT(rf::to_string(plan.error()),
                   ContainsSubstring("table rowferry_trial_") && ContainsSubstring("may have been created"));
        CHECK(world.target.calls(operation::try_table) == 4);
    }
}

TEST_CASE("a trial whose second attempt dropped what the first one left, and is refused then, leaves nothing",
          "[create_target][trial]") {
    for (const when moment : {when::before, when::after}) {
        missing_target world;
        world.request.is_carried_out = true;
        world.target.refuse_definition("procnote");
        world.target.fail_next(operation::try_table, rf::fault::connection_lost, moment);
        const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
        REQUIRE_FALSE(plan.has_value());
        CHECK(plan.error().code == 1064);
        CHECK(plan.error().changes.empty());
        CHECK(world.target.calls(operation::try_table) == 2);
        CHECK(world.tables_of_target().empty());
    }
}

TEST_CASE("a trial whose table cannot be dropped names the table that stays", "[create_target][trial]") {
    for (const rf::fault fault : {rf::fault::permanent, rf::fault::transient}) {
        missing_target world;
        world.request.is_carried_out = true;
        world.target.keep_trials(fault);
        const auto plan = rf::pipeline{}.plan(world.source, world.target, world.request, world.timing);
        REQUIRE_FALSE(plan.has_value());
        const std::string text = rf::to_string(plan.error());
        CAPTURE(text);
        REQUIRE(world.tables_of_target().size() == 1);
        REQUIRE(plan.error().changes.size() == 1);
        const rf::change& left = plan.error().changes.front();
        CHECK(left.subject == world.tables_of_target().front());
        // A later attempt that cannot drop it either does not know whose it is.
        const bool is_known = fault == rf::fault::permanent;
        CHECK(left.what == (is_known ? rf::change::created_table : rf::change::tried_table));
        CHECK_THAT(text, ContainsSubstring("table " + left.subject));
    }
}

TEST_CASE("what a failed trial says of its table", "[create_target][trial]") {
    const rf::error refused = rf::refusal("refused");
    rf::error lost = rf::refusal("lost");
    lost.fault = rf::fault::connection_lost;
    using rf::detail::trial_error;
    CHECK(trial_error(&refused, nullptr, "t").changes.empty());
    CHECK(trial_error(nullptr, &refused, "t").changes == std::vector{rf::change{rf::change::created_table, "t"}});
    CHECK(trial_error(nullptr, &lost, "t").changes == std::vector{rf::change{rf::change::tried_table, "t"}});
    const rf::error both = trial_error(&refused, &lost, "t");
    CHECK(both.message == "refused");
    CHECK(both.changes == std::vector{rf::change{rf::change::tried_table, "t"}});
}

TEST_CASE("a plan says which changes the definition has a place for", "[create_target]") {
    missing_target world;
    world.request.changes.collations = {{"utf8mb4_0900_ai_ci", "utf8mb4_bin"}, {"nowhere_a", "nowhere_b"}};
    for (const bool is_there : {false, true}) {
        rf::testing::fake_database source{"source"};
        rf::testing::fake_database target{"target"};
        for (auto* database : {&source, &target}) {
            if (database == &target && !is_there) continue;
            database->create_table("t", {{"id", "int"}, {"name", "varchar(20) collate utf8mb4_0900_ai_ci"}}, {"id"});
        }
        world.request.table = "t";
        const auto plan = rf::pipeline{}.plan(source, target, world.request);
        REQUIRE(plan.has_value());
        REQUIRE(plan->used_changes.has_value());
        CHECK(world.request.changes.without(*plan->used_changes).collations ==
              std::vector<rf::replacement>{{"nowhere_a", "nowhere_b"}});
    }
}

TEST_CASE("a view is no table to clone", "[create_target]") {
    missing_target world;
    world.source.set_view("procnote");
    const rf::report report = world.copy(rf::pipeline{}, world.request);
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("is a view"));
}
