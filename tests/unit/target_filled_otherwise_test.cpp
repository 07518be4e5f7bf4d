// SPDX-License-Identifier: BSL-1.0
// A target table that somebody else fills or empties, seen from a copy that keeps a checkpoint: a run that says
// "complete" leaves the target equal to the source.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

const rf::copy_request plain{.table = "procnote"};
/// Into a table that has no key of its own, and so refuses no row that is there already.
const rf::copy_request into_heap{.table = "procnote", .target_table = "heap"};
const rf::copy_request into_emptied_heap{.table = "procnote", .target_table = "heap", .truncate_target = true};
const rf::copy_request emptying{.table = "procnote", .truncate_target = true};
constexpr rf::fixed_batch three{.rows = 3};

/// As the tool's legacy engine: no second try, and nothing to continue from.
const rf::pipeline without_checkpoint{three, rf::offset_pages{}, rf::no_retry{}, rf::no_checkpoint{}};

void create_heap(two_databases& world) {
    world.target.create_table(
        "heap", {{"ProcNoteNum", "bigint not null"}, {"EntryDateTime", "datetime(6)"}, {"Note", "text"}}, {});
}
bool heap_is_equal(const two_databases& world) { return world.source.has_same_rows("procnote", world.target, "heap"); }

/// The second copy takes place, whole, at the first one's nth call to the target; for n = 1 … until it is not reached.
/// Where both stop, a third one that empties the target ends it.
template <class First, class Second>
void fills_once(const First& first, const Second& second) {
    int rounds = 0;
    int ended_by_one_of_both = 0;
    const auto make_world = [] {
        two_databases world(10);
        create_heap(world);
        return world;
    };
    rf::report other;
    const auto second_run = [&](two_databases& world) {
        rf::testing::manual_timing timing;
        other = second.copy(world.source, world.target, into_heap, timing);
    };
    const auto first_run = [&](two_databases& world) { return world.copy(first, into_heap); };
    sweep::for_each_event(make_world, rf::side::target, second_run, first_run,
                          [&](two_databases& world, const rf::report& one, const sweep::place& at) {
                              INFO("the second run: " << worlds::why(other));
                              if (at.struck) ++rounds;
                              if (one.complete() || (at.struck && other.complete())) {
                                  if (at.struck) ++ended_by_one_of_both;
                                  REQUIRE(heap_is_equal(world));
                                  return;
                              }
                              REQUIRE(at.struck);
                              const rf::report anew = world.copy(rf::pipeline{three}, into_emptied_heap);
                              INFO("the run after both: " << worlds::why(anew));
                              REQUIRE(anew.complete());
                              REQUIRE(heap_is_equal(world));
                          });
    CHECK(rounds > 8);
    CHECK(ended_by_one_of_both > rounds / 2);
}

void ends_with_an_emptying_run(two_databases& world) {
    const rf::report anew = world.copy(rf::pipeline{three}, emptying);
    CAPTURE(worlds::why(anew));
    REQUIRE(anew.complete());
    REQUIRE(anew.rows == 10);
    REQUIRE(world.equal());
}

} // namespace

TEST_CASE("a target without a key is not filled by two jobs at once: keyset and offset pages") {
    fills_once(rf::pipeline{three}, rf::pipeline{three, rf::offset_pages{}});
}

TEST_CASE("a target without a key is not filled by a copy without a checkpoint, and one with it, at once") {
    fills_once(rf::pipeline{three}, without_checkpoint);
}

TEST_CASE(
    "without a checkpoint, a page whose COMMIT's reply is lost comes twice, as accepted, and is no reason to stop") {
    two_databases world(10);
    create_heap(world);
    world.target.fail_next(rf::testing::operation::commit, rf::fault::connection_lost, rf::testing::when::after);
    const rf::report one = world.copy(rf::pipeline{three, rf::no_checkpoint{}, rf::accept_duplicates{}}, into_heap);
    INFO(worlds::why(one));
    CHECK(one.complete());
    CHECK(one.rows == 10);
    CHECK(world.target.row_count("heap") == 13);
}

TEST_CASE("a count that takes longer than ten seconds before the last page is given up, and a notice says so") {
    two_databases world(10);
    world.target.set_cost(rf::duration::zero(), std::chrono::seconds(2), world.timing);
    CHECK(world.copy(rf::pipeline{three}, plain).complete());
    REQUIRE_FALSE(world.events.notices().empty());
    CHECK(world.events.notices().back().text ==
          "the target's rows were not counted: counting took longer than ten seconds");
}

TEST_CASE("a copy without a checkpoint that empties the target forgets the checkpoints of the table") {
    const rf::pipeline ferry{three};
    int completed = 0;
    int refused = 0;
    const auto make_copied = [&] {
        two_databases world(10);
        REQUIRE(world.copy(ferry, plain).complete());
        return world;
    };
    const auto empty_and_copy = [](two_databases& world) { return world.copy(without_checkpoint, emptying); };
    const auto ends_well = [&](two_databases& world, const rf::report& emptied, const sweep::place&) {
        if (emptied.complete()) {
            REQUIRE(world.equal());
            return;
        }
        const bool was_empty = world.target.row_count("procnote") == 0;
        const bool was_equal = world.equal();
        const rf::report again = world.copy(ferry, plain);
        CAPTURE(worlds::why(again), world.target.row_count("procnote"));
        if (again.complete()) {
            ++completed;
            REQUIRE((was_empty || was_equal));
            REQUIRE(world.equal());
        } else {
            ++refused;
            REQUIRE(again.outcome == rf::outcome::refused);
            REQUIRE_THAT(worlds::why(again), ContainsSubstring("holds no checkpoint of this copy"));
        }
        ends_with_an_emptying_run(world);
    };
    // The emptying copy dies on its way. (Late, its commit could come after the next copy has found the table empty.)
    sweep::for_each_fault(make_copied, empty_and_copy, ends_well,
                          {.faults = {rf::fault::connection_lost},
                           .moments = {rf::testing::when::before, rf::testing::when::after},
                           .sides = {rf::side::target}});
    CHECK(completed > 2);
    CHECK(refused > 2);
}

TEST_CASE("a target that is emptied while it is filled") {
    two_databases world(10);
    bool emptied = false;
    world.target.at_call(12, [&] {
        emptied = true;
        auto c = world.target.connect();
        REQUIRE(c);
        auto schema = c->describe("procnote");
        REQUIRE(schema);
        REQUIRE(c->truncate(**schema));
    });
    const rf::report one = world.copy(rf::pipeline{three}, plain);
    REQUIRE(emptied);
    CHECK_FALSE(one.complete());
    CHECK_THAT(worlds::why(one), ContainsSubstring("something else has changed it"));
    ends_with_an_emptying_run(world);
}

TEST_CASE("an incremental copy behind a given value does not read again what another run committed meanwhile") {
    const rf::pipeline ferry{three, rf::incremental_pages{.column = "ProcNoteNum", .after = std::string("-1000")}};
    fills_once(ferry, ferry);
}
