// SPDX-License-Identifier: BSL-1.0
// A copy with a filter ends with the rows for which it holds, however it pages, and whatever fails on the way.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

const std::string odd = "MOD(ProcNoteNum, 2) <> 0";
const std::string few = "ProcNoteNum > 20";

bool is_odd(const rf::testing::row& r) { return std::stoll(*r[0]) % 2 != 0; }

/// A world whose source knows two filters.
two_databases filtered(std::uint64_t rows) {
    two_databases world(rows);
    world.source.define_filter("procnote", odd, is_odd);
    world.source.define_filter("procnote", few, [](const rf::testing::row& r) { return std::stoll(*r[0]) > 20; });
    return world;
}
std::vector<rf::testing::row> odd_rows(const two_databases& world) {
    std::vector<rf::testing::row> wanted;
    for (rf::testing::row& r : world.source.rows("procnote")) {
        if (is_odd(r)) wanted.push_back(std::move(r));
    }
    return wanted;
}
const rf::copy_request only_odd{.table = "procnote", .where = odd};

} // namespace

TEMPLATE_TEST_CASE("only the rows for which the filter holds arrive, in every pagination", "", rf::keyset_pages,
                   rf::offset_pages, rf::single_page) {
    two_databases world = filtered(100);
    const rf::report report = world.copy(rf::pipeline{TestType{}, rf::fixed_batch{.rows = 7}}, only_odd);
    INFO(worlds::why(report));
    REQUIRE(report.complete());
    CHECK(report.rows == 50);
    CHECK(world.target.rows("procnote") == odd_rows(world));
}

TEST_CASE("a filtered copy is exact after a fault at any call, and continues after a crash") {
    const auto thirty_rows = [] { return filtered(30); };
    const auto copy_odd = [](two_databases& world) {
        return world.copy(rf::pipeline{rf::fixed_batch{.rows = 4}}, only_odd);
    };
    const auto has_odd_rows = [](two_databases& world, const rf::report& done, const sweep::place&) {
        REQUIRE(done.complete());
        REQUIRE(world.target.rows("procnote") == odd_rows(world));
    };
    sweep::for_each_fault(thirty_rows, copy_odd, has_odd_rows);
    sweep::for_each_crash(thirty_rows, copy_odd, copy_odd, has_odd_rows);
}

TEST_CASE("the count of what is to come is of the filtered rows") {
    two_databases world = filtered(40);
    const auto plan = rf::pipeline{}.plan(world.source, world.target,
                                          {.table = "procnote", .count_rows = true, .where = odd}, world.timing);
    REQUIRE(plan);
    CHECK(plan->expected_rows == 20U);
    CHECK(plan->filter == odd);
}

TEST_CASE("a filter that the server does not take is refused before anything is changed") {
    two_databases world = filtered(3);
    const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .where = "1) OR (1"});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("the filter is not one condition over the table's columns") &&
                                        ContainsSubstring("table procnote") &&
                                        ContainsSubstring("error in your SQL syntax"));
    CHECK(world.target.checkpoints().empty());
    CHECK(world.target.calls(rf::testing::operation::write) == 0);
}

TEST_CASE("a filter that changed since the checkpoint was made is refused, with both filters in the sentence") {
    two_databases world = filtered(30);
    world.target.fail_between(20, 99, rf::fault::permanent);
    REQUIRE_FALSE(world.copy(rf::pipeline{rf::fixed_batch{.rows = 2}}, only_odd).complete());
    world.target.clear_faults();
    const auto before = world.target.rows("procnote");
    REQUIRE_FALSE(before.empty());
    auto refused = [&](const rf::copy_request& request) {
        const rf::report report = world.copy(rf::pipeline{}, request);
        CHECK(report.outcome == rf::outcome::refused);
        CHECK(world.target.rows("procnote") == before);
        CHECK(worlds::offers(report, rf::remedy::start_over_into_empty));
        return worlds::why(report);
    };
    CHECK_THAT(refused({.table = "procnote", .where = few}),
               ContainsSubstring("its filter was \"" + odd + "\", and is \"" + few + "\" now"));
    CHECK_THAT(refused({.table = "procnote"}),
               ContainsSubstring("its filter was \"" + odd + "\", and it has none now"));
    CHECK(world.copy(rf::pipeline{}, only_odd).complete());
    CHECK(world.target.rows("procnote") == odd_rows(world));
}

TEST_CASE("parts of a table, one filter after the other, go into one target by upsert without resuming") {
    two_databases world = filtered(30);
    world.source.define_filter("procnote", "even", [](const rf::testing::row& r) { return !is_odd(r); });
    const rf::pipeline ferry{rf::upsert{}};
    REQUIRE(world.copy(ferry, only_odd).complete());
    const rf::report refused = world.copy(ferry, {.table = "procnote", .where = "even"});
    CHECK(worlds::offers(refused, rf::remedy::start_over_into_empty));
    CHECK(worlds::offers(refused, rf::remedy::start_over)); // onto the rows that are there
    REQUIRE(world.copy(ferry, {.table = "procnote", .resume = false, .where = "even"}).complete());
    CHECK(world.equal());
}

TEST_CASE("an incremental copy with a filter starts at the first row, whatever other rows the target holds") {
    two_databases world = filtered(30);
    world.target.insert("procnote", {"1000", "2030-01-01 00:00:00", "of somebody else"});
    const rf::pipeline ferry{rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    REQUIRE(world.copy(ferry, only_odd).complete());
    CHECK(world.target.row_count("procnote") == 16);
    world.source.insert("procnote", {"101", std::nullopt, "new"});
    world.source.insert("procnote", {"102", std::nullopt, "new, and even"});
    const rf::report again = world.copy(ferry, only_odd);
    CHECK(again.rows == 2); // the last one again, and the new one
    CHECK(world.target.row_count("procnote") == 17);
}

TEST_CASE("inside one server a filtered copy goes across: its filter may name tables of the source's database") {
    two_databases same = filtered(30);
    same.target.share_server_with(same.source);
    const rf::report report = same.copy(rf::pipeline{}, only_odd);
    INFO(worlds::why(report));
    CHECK(report.route == rf::route::across);
    CHECK(same.target.rows("procnote") == odd_rows(same));
}

TEST_CASE(
    "a filter that fails only while rows are read changes nothing: the target is not emptied, no checkpoint stays") {
    using rf::testing::operation;
    for (const operation at : {operation::count, operation::read}) {
        for (const bool truncates : {true, false}) {
            CAPTURE(at == operation::count, truncates);
            two_databases world = filtered(100);
            if (truncates) world.target.insert("procnote", {"7", std::nullopt, "kept"});
            const auto before = world.target.rows("procnote");
            world.source.fail_next(at, rf::fault::data);
            const rf::report report =
                world.copy(rf::pipeline{}, {.table = "procnote", .truncate_target = truncates, .where = odd});
            INFO(worlds::why(report));
            CHECK(report.outcome == rf::outcome::refused);
            CHECK_FALSE(rf::has_changed(report));
            CHECK(world.target.rows("procnote") == before);
            CHECK(world.target.checkpoints().empty());
        }
    }
}

TEST_CASE("a copy whose first page fails after the claim leaves a checkpoint of no progress at most") {
    two_databases world = filtered(100);
    // The source's first look and the try of the filter come before.
    for (std::uint64_t call = 1; call < 40; ++call) {
        two_databases each = filtered(100);
        each.source.fail_at(call, rf::fault::data);
        const rf::report report = each.copy(rf::pipeline{rf::fixed_batch{.rows = 500}}, only_odd);
        if (report.complete()) break;
        CAPTURE(call, worlds::why(report));
        if (report.batches > 0) continue;
        CHECK(report.outcome == rf::outcome::refused);
        for (const rf::checkpoint& left : each.target.checkpoints()) CHECK((left.batches == 0 && left.rows == 0));
    }
}
