// SPDX-License-Identifier: BSL-1.0
// Two runs into one target table at the same time: at whatever moment the second one begins, a run that says "complete"
// leaves the target equal to the source.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <cstddef>
#include <set>
#include <string>

namespace rf = rowferry;
using rf::testing::when;
using worlds::two_databases;

namespace {

const rf::copy_request plain{.table = "procnote"};
const rf::copy_request anew{.table = "procnote", .resume = false};
const rf::copy_request emptying{.table = "procnote", .truncate_target = true};

/// The second run takes place, whole, when the first one makes its nth call to the target; for n = 1 … until it is not
/// reached any more.
template <class First, class Second>
void second_run_at_each_call(const First& first_ferry, const rf::copy_request& first, const Second& second_ferry,
                             const rf::copy_request& second) {
    int both_tried = 0;
    rf::report other;
    const auto second_run = [&](two_databases& world) {
        rf::testing::manual_timing timing;
        other = second_ferry.copy(world.source, world.target, second, timing);
    };
    const auto first_run = [&](two_databases& world) { return world.copy(first_ferry, first); };
    sweep::for_each_event([] { return two_databases(10); }, rf::side::target, second_run, first_run,
                          [&](two_databases& world, const rf::report& one, const sweep::place& at) {
                              if (!at.struck) return;
                              ++both_tried;
                              INFO("the second run: " << worlds::why(other));
                              const bool complete = one.complete() || other.complete();
                              if (complete) REQUIRE(world.equal());
                              // Both may stop: the second one, when the first one's transaction stays open, and the
                              // first one, taken over.
                              const rf::report after = world.copy(first_ferry, plain);
                              INFO("the run after both: " << worlds::why(after));
                              REQUIRE((complete || after.complete()));
                              if (after.complete()) REQUIRE(world.equal());
                          });
    CHECK(both_tried > 8);
}

constexpr rf::fixed_batch three{.rows = 3};

} // namespace

TEST_CASE("two runs of one job at once") {
    const rf::pipeline ferry{three};
    const rf::pipeline upserting{three, rf::upsert{}};
    SECTION("both resume") { second_run_at_each_call(ferry, plain, ferry, plain); }
    SECTION("both start over, upsert") { second_run_at_each_call(upserting, anew, upserting, anew); }
    SECTION("the first one empties the target") { second_run_at_each_call(ferry, emptying, ferry, plain); }
    SECTION("the second one empties the target") { second_run_at_each_call(ferry, plain, ferry, emptying); }
    SECTION("both empty the target") { second_run_at_each_call(ferry, emptying, ferry, emptying); }
    SECTION("the first one starts over, upsert") { second_run_at_each_call(upserting, anew, upserting, plain); }
    SECTION("the second one starts over, upsert") { second_run_at_each_call(upserting, plain, upserting, anew); }
}

TEST_CASE("no two runs of a job have one name, however close together they begin") {
    worlds::two_databases world(1);
    constexpr std::size_t runs = 5'000;
    std::set<std::string> names;
    for (std::size_t i = 0; i < runs; ++i) {
        const auto plan = rf::pipeline{}.plan(world.source, world.target, {.table = "procnote"});
        REQUIRE(plan);
        names.insert(plan->entry.run);
    }
    CHECK(names.size() == runs);
}

TEST_CASE("two jobs into one table at once") {
    const rf::pipeline full{three};
    const rf::pipeline upserting{three, rf::upsert{}};
    const rf::pipeline incremental{three, rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}};
    SECTION("an incremental one while a full one empties the table") {
        second_run_at_each_call(full, emptying, incremental, plain);
    }
    SECTION("a full one that empties the table while an incremental one runs") {
        second_run_at_each_call(incremental, plain, full, emptying);
    }
    SECTION("two ways of paging, both emptying") {
        second_run_at_each_call(full, emptying, rf::pipeline{three, rf::offset_pages{}}, emptying);
    }
    SECTION("single page and keyset, upsert") {
        second_run_at_each_call(rf::pipeline{rf::single_page{}, rf::upsert{}}, plain, upserting, plain);
    }
}

TEST_CASE("a table without a key is not filled twice by two runs at once") {
    const rf::pipeline ferry{rf::single_page{}};
    const auto make_heap = [] {
        two_databases world;
        for (auto* database : {&world.source, &world.target}) {
            database->create_table("heap", {{"line", "varchar(20)"}}, {});
        }
        for (int i = 0; i < 4; ++i) world.source.insert("heap", {std::string("line ") + std::to_string(i / 2)});
        return world;
    };
    const auto first_run = [&](two_databases& world) {
        return ferry.copy(world.source, world.target, "heap", world.timing);
    };
    rf::report other;
    const auto second_run = [&](two_databases& world) {
        rf::testing::manual_timing timing;
        other = ferry.copy(world.source, world.target, "heap", timing);
    };
    sweep::for_each_event(make_heap, rf::side::target, second_run, first_run,
                          [&](two_databases& world, const rf::report& one, const sweep::place& at) {
                              INFO("the second run: " << worlds::why(other));
                              REQUIRE((one.complete() || (at.struck && other.complete())));
                              REQUIRE(world.target.row_count("heap") == 4);
                              REQUIRE(world.source.has_same_rows("heap", world.target, "heap"));
                          });
}

TEST_CASE("emptying the target forgets every job that filled it") {
    two_databases world(10);
    const rf::pipeline incremental{three, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    REQUIRE(world.copy(incremental, plain).complete());
    REQUIRE(world.target.checkpoints().size() == 1);
    world.source.insert("procnote", {"-100", "2026-01-01 00:00:00", "came late, and small"});
    REQUIRE(world.copy(rf::pipeline{three}, emptying).complete());
    CHECK(world.target.checkpoints().size() == 1);
    CHECK(world.equal());
    REQUIRE(world.copy(incremental, emptying).complete());
    CHECK(world.equal());
}
