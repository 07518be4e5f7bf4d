// SPDX-License-Identifier: BSL-1.0
// A checkpoint that no copy has saved is refused, with its job, and nothing changes; one that a copy has saved never is.
#include "catch.hpp"
#include "worlds.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using worlds::two_databases;
using worlds::why;

namespace {

constexpr rf::fixed_batch tens{.rows = 10};

/// A copy of 200 rows, ids -5, -2, 1 …, that came to the 50th and was interrupted there.
struct half_copied : two_databases {
    half_copied() : two_databases(200) {
        struct stop_after {
            rf::testing::fake_database& target;
            unsigned pages = 0;
            void on(const rf::page_read&) {
                if (++pages == 6) target.fail_next(rf::testing::operation::write, rf::fault::permanent);
            }
        } stop{target};
        (void)rf::pipeline{tens}.copy(source, target, "procnote", timing, stop);
    }
    [[nodiscard]] rf::checkpoint entry() const { return target.checkpoints().at(0); }
};

/// The id of row `i`.
rf::key_values id(int i) { return {std::to_string(i * 3 - 5)}; }

struct nonsense {
    std::string_view part; ///< of the message
    void (*make)(rf::checkpoint&);
};

const std::vector<nonsense> all_nonsense{
    {"its job is (", [](rf::checkpoint& c) { c.title = "another to procnote, keyset"; }},
    {"fills the table orders", [](rf::checkpoint& c) { c.target_table = "orders"; }},
    {"belongs to no run", [](rf::checkpoint& c) { c.run.clear(); }},
    {"it counts 18446744073709551615 rows", [](rf::checkpoint& c) { c.rows = ~std::uint64_t{0}; }},
    {"rows in 18446744073709551614 transactions", [](rf::checkpoint& c) { c.batches = ~std::uint64_t{1}; }},
    {"not at the start", [](rf::checkpoint& c) { c.batches = 0; }},
    {"lacks a last key", [](rf::checkpoint& c) { c.last_key.clear(); }},
    {"the last key has 2 values", [](rf::checkpoint& c) { c.last_key.emplace_back("1"); }},
    {"the last key is NULL in column ProcNoteNum", [](rf::checkpoint& c) { c.last_key = {std::nullopt}; }},
    {"the last key is not a number as the server writes it in column ProcNoteNum",
     [](rf::checkpoint& c) { c.last_key = {"1250.5"}; }},
    {"the last key is not a number as the server writes it", [](rf::checkpoint& c) { c.last_key = {"0142"}; }},
    {"the last key is not a number as the server writes it", [](rf::checkpoint& c) { c.last_key = {"-0"}; }},
    {"the last key is not a number as the server writes it",
     [](rf::checkpoint& c) { c.last_key = {"99999999999999999999"}; }},
    {"a bound of a range is not a number as the server writes it",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), {"07"}}};
     }},
    {"it is complete, but it has open ranges",
     [](rf::checkpoint& c) {
         c.complete = true;
         c.gaps = {{id(2), id(4)}};
     }},
    {"open ranges, but it lacks a last key",
     [](rf::checkpoint& c) {
         c.rows = 0;
         c.last_key.clear();
         c.gaps = {{id(2), id(4)}};
     }},
    {"a bound of a range has 2 values",
     [](rf::checkpoint& c) {
         c.gaps = {{{"1", "1"}, id(4)}};
     }},
    {"a bound of a range is NULL",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), {std::nullopt}}};
     }},
    {"a range has no end",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), {}}};
     }},
    {"two ranges end at the same key",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), id(9)}, {id(4), id(9)}};
     }},
    {"a range ends before it begins",
     [](rf::checkpoint& c) {
         c.gaps = {{id(9), id(2)}};
     }},
    {"a range ends before it begins",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), id(4)}, {id(40), id(30)}};
     }},
    {"a range ends after the last key",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), id(60)}};
     }},
    {"two ranges overlap",
     [](rf::checkpoint& c) {
         c.gaps = {{id(20), id(30)}, {id(2), id(9)}, {id(8), id(12)}};
     }},
    {"two ranges overlap",
     [](rf::checkpoint& c) {
         c.gaps = {{id(2), id(40)}, {id(8), id(12)}};
     }},
    {"two ranges overlap",
     [](rf::checkpoint& c) {
         c.gaps = {{{}, id(3)}, {{}, id(6)}};
     }},
};

} // namespace

TEST_CASE("a checkpoint that no copy has saved is refused with its job, and nothing changes") {
    for (const nonsense& each : all_nonsense) {
        CAPTURE(each.part);
        half_copied world;
        REQUIRE(world.target.row_count("procnote") == 50);
        rf::checkpoint entry = world.entry();
        each.make(entry);
        world.target.set_checkpoint(entry);
        for (const bool parallel : {false, true}) {
            const rf::report report =
                parallel ? world.copy(rf::pipeline{tens, rf::parallel{.jobs = 3}}) : world.copy(rf::pipeline{tens});
            CHECK(report.outcome == rf::outcome::refused);
            REQUIRE(report.failure);
            INFO(why(report));
            CHECK(report.failure->cause == rf::cause::senseless_answer);
            CHECK(report.failure->offers(rf::remedy::start_over_into_empty));
            CHECK(report.failure->message.find(each.part) != std::string::npos);
            CHECK(report.failure->message.find(entry.job) != std::string::npos);
            CHECK(world.target.row_count("procnote") == 50);
            CHECK(world.entry() == entry);
        }
        // Starting over is a way out.
        CHECK(world.copy(rf::pipeline{tens}, {.table = "procnote", .truncate_target = true}).complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a last key that is no number is refused for a floating column, too") {
    for (const char* type : {"double", "float"}) {
        for (const char* key : {"375e0--", "e", "1e0-1e0", "1e400"}) {
            rf::testing::fake_database source{"source"};
            rf::testing::fake_database target{"target"};
            for (auto* database : {&source, &target}) database->create_table("t", {{"d", type}}, {"d"});
            source.insert("t", {"1"});
            REQUIRE(rf::pipeline{}.copy(source, target, "t").complete());
            source.insert("t", {"2"});
            rf::checkpoint entry = target.checkpoints().at(0);
            entry.last_key = {key};
            target.set_checkpoint(entry);
            const rf::report report = rf::pipeline{}.copy(source, target, "t");
            INFO(type << ' ' << key << ": " << why(report));
            CHECK(report.outcome == rf::outcome::refused);
            REQUIRE(report.failure);
            CHECK(report.failure->cause == rf::cause::senseless_answer);
        }
    }
}

TEST_CASE("upserts are refused on such a checkpoint, too") {
    half_copied world;
    rf::checkpoint entry = world.entry();
    entry.gaps = {{id(9), id(2)}};
    world.target.set_checkpoint(entry);
    const rf::report report = world.copy(rf::pipeline{tens, rf::upsert{}});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(world.entry() == entry);
}

TEST_CASE("ranges that a copy leaves are taken up: empty ones, divided ones, ones whose rows were deleted") {
    half_copied world;
    rf::checkpoint entry = world.entry();
    SECTION("an empty range, at its own end") { entry.gaps = {{id(49), id(49)}}; }
    SECTION("an empty range beside one with rows") {
        entry.gaps = {{id(39), id(49)}, {id(39), id(39)}};
        for (int i = 40; i <= 49; ++i) world.target.erase("procnote", id(i));
        entry.rows -= 10;
    }
    SECTION("ranges in any order, of which some have lost the rows at their ends") {
        // Rows 10 … 49 are open, in four ranges; then rows of the source leave it.
        entry.gaps = {{id(29), id(39)}, {id(9), id(19)}, {id(39), id(49)}, {id(19), id(29)}};
        for (int i = 10; i <= 49; ++i) world.target.erase("procnote", id(i));
        entry.rows -= 40;
        for (const int i : {19, 20, 28, 29, 30, 39}) world.source.erase("procnote", id(i));
        for (int i = 40; i <= 49; ++i) world.source.erase("procnote", id(i));
    }
    world.target.set_checkpoint(entry);
    const rf::report report = world.copy(rf::pipeline{tens});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
}

TEST_CASE("a checkpoint that turns senseless between the plan and the claim is refused") {
    half_copied world;
    rf::checkpoint entry = world.entry();
    std::uint64_t call = 0;
    {
        half_copied trial;
        const std::uint64_t before = trial.target.calls();
        (void)trial.copy(rf::pipeline{tens});
        const auto log = trial.target.log();
        for (call = before; log[call] != "claim_checkpoint"; ++call) {
        }
    }
    entry.last_key = {std::nullopt};
    world.target.at_call(call + 1, [&] { world.target.set_checkpoint(entry); });
    const rf::report report = world.copy(rf::pipeline{tens});
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::senseless_answer);
    CHECK(world.target.row_count("procnote") == 50);
}

TEST_CASE("an incremental copy's checkpoint has a value in the watermark, and no open range") {
    two_databases world(30);
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}, tens};
    REQUIRE(world.copy(ferry).complete());
    rf::checkpoint entry = world.target.checkpoints().at(0);
    SECTION("NULL") { entry.last_key.front() = std::nullopt; }
    SECTION("a range") {
        entry.complete = false;
        entry.gaps = {{entry.last_key, entry.last_key}};
    }
    world.target.set_checkpoint(entry);
    const rf::report report = world.copy(ferry);
    CHECK(report.outcome == rf::outcome::refused);
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::senseless_answer);
}

TEST_CASE("a table without a key has no last key") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
    world.source.fill("heap", 3, [](std::uint64_t) { return rf::key_values{"1"}; });
    REQUIRE(world.copy(rf::pipeline{}, {.table = "heap", .keyless = true}).complete());
    rf::checkpoint entry = world.target.checkpoints().at(0);
    entry.last_key = {"1"};
    world.target.set_checkpoint(entry);
    const rf::report report = world.copy(rf::pipeline{}, {.table = "heap", .keyless = true});
    CHECK(report.outcome == rf::outcome::refused);
}
