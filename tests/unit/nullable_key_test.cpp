// SPDX-License-Identifier: BSL-1.0
// Tables whose only key may be NULL: pages of the rows without NULL, then the rows with one in a pass of their own.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using rf::testing::when;

namespace {

/// A table `t` with the unique key (a, b), both of which may be NULL; four of its eleven rows are, two of these alike.
struct nullable_world : worlds::two_databases {
    nullable_world() {
        for (auto* database : {&source, &target}) {
            database->create_table("t", {{"a", "int"}, {"b", "int"}, {"note", "text"}}, {});
            database->add_unique_key("t", "ab", {"a", "b"});
        }
        for (int i = 0; i < 7; ++i) source.insert("t", {std::to_string(i / 2), std::to_string(i), "note"});
        for (int i = 0; i < 2; ++i) source.insert("t", {std::nullopt, "1", "same"});
        source.insert("t", {"3", std::nullopt, "half"});
        source.insert("t", {std::nullopt, std::nullopt, std::nullopt});
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const rf::copy_request& request = {.table = "t"}) {
        return ferry.copy(source, target, request, timing, events);
    }
    [[nodiscard]] bool equal() const {
        auto left = source.rows("t");
        auto right = target.rows("t");
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end());
        return left == right;
    }
};

constexpr rf::fixed_batch three{.rows = 3};

} // namespace

TEST_CASE("a key that may be NULL: pages, then one part of the rows with a NULL in it, equal ones included") {
    nullable_world world;
    const rf::report done = world.copy(rf::pipeline{three});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK(done.rows == 11);
    CHECK(done.batches == 4);
    CHECK(done.last_key == rf::key_values{"3", "6"});
    CHECK(world.target.checkpoints().front().complete);
    const rf::report again = world.copy(rf::pipeline{three});
    CHECK(again.complete());
    CHECK(again.rows == 0);
    CHECK(again.resumed_rows == 11);
    CHECK(world.equal());
}

TEST_CASE("a key that may be NULL: a second run takes new rows behind the key, and says that it takes no new NULLs") {
    nullable_world world;
    REQUIRE(world.copy(rf::pipeline{three}).complete());
    world.source.insert("t", {"9", "9", "new"});
    world.source.insert("t", {std::nullopt, "9", "new"});
    const auto plan = rf::pipeline{three}.plan(world.source, world.target, {.table = "t"});
    REQUIRE(plan);
    CHECK_THAT(plan->notices.back(), ContainsSubstring("new rows with a NULL in key ab cannot be told"));
    for (std::uint64_t n = 1; n < 12; ++n)
        world.target.fail_at(world.target.calls() + n * 3, rf::fault::connection_lost, when::after);
    const rf::report second = world.copy(rf::pipeline{three});
    CHECK(second.complete());
    CHECK(second.rows == 1);
    auto expected = world.source.rows("t");
    std::erase(expected, rf::testing::row{std::nullopt, "9", "new"});
    auto there = world.target.rows("t");
    std::sort(expected.begin(), expected.end());
    std::sort(there.begin(), there.end());
    CHECK(there == expected);
    world.target.clear_faults();
    CHECK(world.copy(rf::pipeline{three}, {.table = "t", .truncate_target = true}).rows == 13);
    CHECK(world.equal());
}

TEST_CASE("a key that may be NULL: a second run by position finds nothing, and says so") {
    nullable_world world;
    const rf::pipeline ferry{three, rf::offset_pages{}};
    REQUIRE(world.copy(ferry).complete());
    CHECK(world.equal());
    for (int i = 10; i < 16; ++i) world.source.insert("t", {std::to_string(i), "0", "new"});
    const auto plan = ferry.plan(world.source, world.target, {.table = "t"});
    REQUIRE(plan);
    CHECK_THAT(plan->notices.back(), ContainsSubstring("cannot be found by their position where key ab may be NULL"));
    const rf::report again = world.copy(ferry);
    CHECK(again.complete());
    CHECK(again.rows == 0);
    CHECK(world.target.rows("t").size() == 11);
}

TEST_CASE("a key that may be NULL: rows that somebody else writes meanwhile are noticed before the last commit") {
    for (const bool is_keyless : {false, true}) {
        nullable_world world;
        if (is_keyless) {
            for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
            for (int i = 0; i < 11; ++i) world.source.insert("heap", {"1"});
        }
        const std::string table = is_keyless ? "heap" : "t";
        struct intruder {
            nullable_world& world;
            const std::string& table;
            bool is_done = false;
            void on(const rf::slice_written&) {
                if (std::exchange(is_done, true)) return;
                world.target.insert(table, table == "t" ? rf::testing::row{std::nullopt, "0", "theirs"}
                                                        : rf::testing::row{"2"});
            }
        } writes{world, table};
        const rf::report done = rf::pipeline{three}.copy(
            world.source, world.target, rf::copy_request{.table = table, .keyless = true}, world.timing, writes);
        CHECK(writes.is_done);
        CHECK_FALSE(done.complete());
        CHECK_THAT(worlds::why(done), ContainsSubstring("the table holds 12 rows, and 11 were written by this copy"));
        CHECK_FALSE(world.target.checkpoints().front().complete);
    }
}

TEST_CASE("a key that may be NULL: write modes that could double rows are refused, and other paginations too") {
    nullable_world world;
    for (const auto kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        const rf::report report = world.copy(rf::pipeline{rf::chosen_write_mode{kind}});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring("the key ab of table t may be NULL"));
        CHECK(worlds::offers(report, rf::remedy::choose_write_mode));
    }
    const rf::report report = world.copy(rf::pipeline{rf::incremental_pages{.column = "a"}, rf::insert{}});
    CHECK_THAT(worlds::why(report), ContainsSubstring("key ab cannot order pages: column a may be NULL"));
}

TEST_CASE("a key that may be NULL: one fault at any call") {
    const auto eleven_rows = [] { return nullable_world(); };
    sweep::for_each_fault(eleven_rows, rf::pipeline{three}, sweep::copies(11));
    sweep::for_each_fault(sweep::on_one_server(eleven_rows), rf::pipeline{three}, sweep::copies(11));
}

TEST_CASE("a key that may be NULL: a client killed at any call, and the next run finishes") {
    sweep::for_each_crash([] { return nullable_world(); }, rf::pipeline{three}, rf::pipeline{three}, sweep::ends_equal);
}

TEST_CASE("a key that may be NULL: a table of NULLs only, and one without any") {
    for (const char* a : {"7", ""}) {
        nullable_world world;
        for (auto* database : {&world.source, &world.target}) {
            database->create_table("u", {{"a", "int"}}, {});
            database->add_unique_key("u", "by_a", {"a"});
        }
        world.source.insert("u", {*a == '\0' ? rf::value() : rf::value(a)});
        CHECK(world.copy(rf::pipeline{three}, {.table = "u"}).rows == 1);
        CHECK(world.target.rows("u") == world.source.rows("u"));
        CHECK(world.copy(rf::pipeline{three}, {.table = "u"}).rows == 0);
    }
}

TEST_CASE("several workers leave no range open, in a second run of a nullable key either") {
    rf::testing::fake_database source("source");
    rf::testing::fake_database target("target");
    rf::testing::manual_timing timing;
    for (auto* database : {&source, &target}) {
        database->create_table("t", {{"a", "int"}, {"v", "text"}}, {});
        database->add_unique_key("t", "k", {"a"});
    }
    source.fill("t", 40, [](std::uint64_t i) { return rf::key_values{std::to_string(i), "first"}; });
    source.insert("t", {std::nullopt, "none"});
    const rf::pipeline ferry{rf::fixed_batch{.rows = 3}, rf::parallel{.jobs = 3}};
    CHECK(ferry.copy(source, target, "t", timing).complete());
    source.fill("t", 40, [](std::uint64_t i) { return rf::key_values{std::to_string(100 + i), "second"}; });
    const rf::report second = ferry.copy(source, target, "t", timing);
    CHECK(second.complete());
    CHECK(second.rows == 40);
    CHECK(source.has_same_rows("t", target, "t"));
    const rf::checkpoint at = target.checkpoints().at(0);
    CHECK(at.complete);
    CHECK(at.gaps.empty());
    CHECK(at.rows == 81);
}

TEST_CASE("a key that may be NULL: a verification names rows, and those with a NULL by the key that they share") {
    nullable_world world;
    REQUIRE(world.copy(rf::pipeline{three}).complete());
    auto verify = [&](bool repair = false) {
        return rf::verifier{three}.verify(world.source, world.target, {.table = "t", .repair = repair}, world.timing,
                                          world.events);
    };
    const rf::verification equal = verify();
    CHECK(equal.verdict == rf::verdict::equal);
    CHECK(equal.named);
    CHECK(equal.source_rows == 11);
    CHECK_THAT(equal.notices.front(), ContainsSubstring("key ab of table t may be NULL"));

    world.source.insert("t", {"7", "8", "new"});
    world.source.insert("t", {std::nullopt, "1", "same"}); // there are two already: the number counts
    world.target.insert("t", {std::nullopt, std::nullopt, "extra"});
    world.source.insert("t", {"9", std::nullopt, "one"});
    world.target.insert("t", {"9", std::nullopt, "other"});
    const rf::verification found = verify();
    CHECK(found.verdict == rf::verdict::different);
    using keys = std::vector<rf::key_values>;
    CHECK(found.missing.keys == keys{{"7", "8"}, {std::nullopt, "1"}});
    CHECK(found.extra.keys == keys{{std::nullopt, std::nullopt}});
    CHECK(found.changed.keys == keys{{"9", std::nullopt}});
    CHECK(found.source_rows == 14);

    const rf::verification repaired = verify(true);
    CHECK(repaired.verdict == rf::verdict::different);
    CHECK(repaired.repaired == 1);
    CHECK(repaired.left() == 3);
    CHECK_THAT(repaired.notices.back(), ContainsSubstring("are not repaired"));
    CHECK(verify().found() == 3);
}

TEST_CASE("pairs of equal rows with a NULL in the key do not cancel out") {
    nullable_world world;
    REQUIRE(world.copy(rf::pipeline{three}).complete());
    for (int i = 0; i < 2; ++i) {
        world.source.insert("t", {std::nullopt, "5", "pair of the source"});
        world.target.insert("t", {std::nullopt, "5", "pair of the target"});
    }
    const rf::verification found = rf::verifier{three}.verify(world.source, world.target, "t", world.timing);
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.changed.count == 2);
}
