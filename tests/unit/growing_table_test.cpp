// SPDX-License-Identifier: BSL-1.0
// Target tables that take rows in the growing order of a column only.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <rowferry/transformed.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A table whose primary key has another order than its documents' numbers.
struct documents {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;
    rf::testing::recording_observer events;
    rf::copy_request request{.table = "docs"};

    explicit documents(std::uint64_t rows = 100, std::uint64_t most_step = 0, bool has_key = true) {
        for (auto* database : {&source, &target}) {
            database->create_table(
                "docs", {{"id", "char(8)"}, {"number", "bigint unsigned not null"}, {"body", "text"}}, {"id"});
            if (has_key || database == &target) database->add_unique_key("docs", "numbers", {"number"});
        }
        target.set_growing("docs", "number", most_step);
        source.fill("docs", rows, [rows](std::uint64_t i) {
            return rf::key_values{"k" + std::to_string(rows - i + 1000), std::to_string(i * 10 + 10), "text"};
        });
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry) {
        return ferry.copy(source, target, request, timing, events);
    }
    [[nodiscard]] bool equal() const { return source.has_same_rows("docs", target, "docs"); }
};

} // namespace

TEST_CASE("rows come in the order that the target takes, by one worker", "[growing]") {
    documents world;
    const rf::report report =
        world.copy(rf::pipeline{rf::keyset_pages{}, rf::fixed_batch{.rows = 7}, rf::parallel{.jobs = 4}});
    INFO(worlds::why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(report.workers <= 1);
}

TEST_CASE("a copy in growing order: one fault at any call, or a killed client", "[growing]") {
    const auto make_world = [] { return documents(20); };
    const auto copy = [](documents& world) { return world.copy(rf::pipeline{rf::fixed_batch{.rows = 7}}); };
    sweep::for_each_fault(make_world, copy, sweep::copies(20));
}

TEST_CASE("a source that cannot give rows in the target's order is refused with nothing changed", "[growing]") {
    documents world(10, 0, false);
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("accepts rows only in ascending order of column number (index") &&
                                        ContainsSubstring("no key over it alone"));
    CHECK(worlds::offers(report, rf::remedy::drop_index));
    CHECK(world.target.calls(rf::testing::operation::claim_checkpoint) == 0);
}

TEST_CASE("rows that are there already cannot be overwritten", "[growing]") {
    documents world(10);
    CHECK(world.copy(rf::pipeline{rf::upsert{}}).complete());
    world.request.resume = false;
    const rf::report report = world.copy(rf::pipeline{rf::upsert{}});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("so its existing rows cannot be overwritten"));
    CHECK(worlds::offers(report, rf::remedy::choose_write_mode));
    world.request.truncate_target = true;
    CHECK(world.copy(rf::pipeline{rf::upsert{}}).complete());
}

TEST_CASE("steps that the target does not take are refused by the plan", "[growing]") {
    documents fits(10, 10);
    CHECK(fits.copy(rf::pipeline{}).complete()); // a row at a time: a transaction may not go further than one step
    CHECK(fits.equal());
    documents world(10, 9);
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("in steps of 9 at most, and the source has one of 10"));
}

TEST_CASE("a column that is not copied is numbered by the server, and asks for no order", "[growing]") {
    documents world(10);
    const rf::copy_request request{.table = "docs", .columns = {{"id"}, {"body"}}};
    const auto plan = rf::pipeline{}.plan(world.source, world.target, request, world.timing);
    if (plan) CHECK(plan->order.index != "numbers");
}

TEST_CASE("steps are measured in the column that is copied into the growing one", "[growing]") {
    documents world(10, 9);
    for (const char* name : {"pages", "stamps"})
        world.source.create_table(
            name,
            {{"id", "char(8) not null"}, {"number", "bigint unsigned not null"}, {"step", "bigint unsigned not null"}},
            {"step"});
    world.source.insert("pages", {"a", "5", "8"});
    world.source.insert("pages", {"b", "6", "18"});
    world.source.insert("stamps", {"a", "500", "8"});
    world.source.insert("stamps", {"b", "600", "16"});
    world.request = {.table = "pages", .target_table = "docs", .columns = {{"id"}, {"step", "number"}}};
    const rf::report large = world.copy(rf::pipeline{});
    CHECK(large.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(large), ContainsSubstring("the source has one of 10"));
    world.request.table = "stamps";
    const rf::report small = world.copy(rf::pipeline{});
    INFO(worlds::why(small));
    CHECK(small.complete());
}

TEST_CASE("a transformed source's steps are measured, and what it drops is a notice", "[growing]") {
    const auto plan_of = [](documents world) {
        auto masked = rf::transformed(world.source, "mask", [](rf::editable_row& row) { row["body"] = "none"; });
        return rf::pipeline{}.plan(masked, world.target, world.request, world.timing);
    };
    const auto large = plan_of(documents(10, 9));
    REQUIRE_FALSE(large);
    CHECK_THAT(rf::to_string(large.error()), ContainsSubstring("the source has one of 10"));
    const auto fits = plan_of(documents(10, 10));
    REQUIRE(fits);
    CHECK_THAT(fits->notices.back(), ContainsSubstring("rows that the transformation drops make steps larger"));
    const auto any_step = plan_of(documents(10));
    REQUIRE(any_step);
    for (const std::string& text : any_step->notices) CHECK_THAT(text, !ContainsSubstring("drops"));
}

TEST_CASE("a repair says first that rows before the largest one cannot be written", "[growing]") {
    documents world(10);
    REQUIRE(world.copy(rf::pipeline{}).complete());
    world.target.erase("docs", {"k1005"});
    rf::verify_request request{.table = "docs", .repair = true};
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, request, world.timing);
    REQUIRE_FALSE(found.notices.empty());
    CHECK(found.notices.front() == "table docs accepts rows only in ascending order of column number: rows below its "
                                   "largest value cannot be repaired");
    CHECK(found.missing.count == 1);
    REQUIRE(found.unrepaired);
    CHECK(found.unrepaired->code == 182);
    CHECK(world.target.rows("docs").size() == 9);
    request.repair = false;
    CHECK(rf::verifier{}.verify(world.source, world.target, request, world.timing).notices.empty());
}
