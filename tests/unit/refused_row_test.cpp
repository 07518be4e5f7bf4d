// SPDX-License-Identifier: BSL-1.0
// A row that the target refuses is found by bisection and named; the rows before it are committed, exactly once.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

const std::vector<rf::write_kind> all_kinds{rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace,
                                            rf::write_kind::skip_existing};

/// The id of the i-th row of the world's table, from 0.
std::string id_of(std::uint64_t i) { return std::to_string(static_cast<std::int64_t>(i * 3) - 5); }

void refuse(two_databases& world, const std::string& id) {
    world.target.add_check("procnote", "no_" + id, [id](const rf::testing::row& r) { return r[0] != id; });
}

/// Rows whose dates differ, so that an incremental copy meets them in the order of their ids.
void fill_by_date(two_databases& world, std::uint64_t rows) {
    world.source.fill("procnote", rows, [](std::uint64_t i) {
        return rf::key_values{id_of(i), "2026-01-01 00:00:" + std::to_string(10 + i), "note " + std::to_string(i)};
    });
}

/// Whether the target holds the source's first `count` rows and no others, and its checkpoint says the same.
bool holds_first(const two_databases& world, std::uint64_t count) {
    auto rows = world.source.rows("procnote");
    rows.resize(count);
    if (world.target.rows("procnote") != rows) return false;
    const auto entries = world.target.checkpoints();
    return entries.size() == 1 && entries.front().rows == count && !entries.front().complete &&
           (count == 0 ? entries.front().last_key.empty() : entries.front().last_key.back() == id_of(count - 1));
}

/// Copies 10 rows, of which each in turn is refused; then that row is fixed, and the copy continues. `looks_back`: with an
/// idempotent write mode it begins at the last value, whose rows come again.
template <class MakePipeline>
void stops_at_the_refused_row(MakePipeline make, bool same_server = false, bool looks_back = false) {
    for (const rf::write_kind kind : all_kinds) {
        for (std::uint64_t refused = 0; refused < 10; ++refused) {
            two_databases world;
            fill_by_date(world, 10);
            if (same_server) world.target.share_server_with(world.source);
            refuse(world, id_of(refused));
            const auto ferry = make(kind);
            const rf::report stopped = world.copy(ferry);
            CAPTURE(rf::name(kind), refused, worlds::why(stopped));
            REQUIRE(stopped.outcome == (refused == 0 ? rf::outcome::refused : rf::outcome::stopped));
            REQUIRE(stopped.rows == refused);
            REQUIRE(holds_first(world, refused));
            REQUIRE(stopped.failure->fault == rf::fault::data);
            REQUIRE(stopped.failure->code == 4025);
            REQUIRE_THAT(stopped.failure->where,
                         ContainsSubstring("the row with key (") && ContainsSubstring(id_of(refused) + ")"));
            REQUIRE_THAT(stopped.failure->message, ContainsSubstring("continues at this row"));

            world.target.drop_checks("procnote");
            const rf::report mended = world.copy(ferry);
            CAPTURE(worlds::why(mended));
            REQUIRE(mended.complete());
            REQUIRE(mended.resumed_rows == refused);
            if (looks_back && rf::is_idempotent(kind) && refused > 0) {
                REQUIRE(mended.rows > 10 - refused);
            } else {
                REQUIRE(mended.rows == 10 - refused);
            }
            REQUIRE(world.equal());
        }
    }
}

constexpr rf::fixed_batch seven{.rows = 7};
rf::pipeline<rf::fixed_batch, rf::chosen_write_mode> keyset(rf::write_kind kind) {
    return rf::pipeline{seven, rf::chosen_write_mode{kind}};
}

} // namespace

TEST_CASE("a refused row is named, and what comes before it is committed") { stops_at_the_refused_row(keyset); }
TEST_CASE("a refused row of a server-side copy is named") { stops_at_the_refused_row(keyset, true); }
TEST_CASE("a refused row of offset pages is named") {
    stops_at_the_refused_row([](rf::write_kind kind) {
        return rf::pipeline{seven, rf::offset_pages{}, rf::chosen_write_mode{kind}};
    });
}
TEST_CASE("a refused row of an incremental copy is named") {
    const auto make = [](rf::write_kind kind) {
        return rf::pipeline{seven, rf::incremental_pages{.column = "EntryDateTime"}, rf::chosen_write_mode{kind}};
    };
    stops_at_the_refused_row(make, false, true);
}

TEST_CASE(
    "finding a refused row takes two tries for each bit of the batch's size, and the log says that it is sought") {
    two_databases world(1000);
    refuse(world, id_of(700));
    const rf::report stopped = world.copy(rf::pipeline{rf::fixed_batch{.rows = 1000}});
    CHECK(stopped.rows == 700);
    CHECK(holds_first(world, 700));
    CHECK(world.target.calls(rf::testing::operation::write) <= 2 * 10 + 1);
    REQUIRE(world.events.notices().size() == 1);
    CHECK(world.events.notices().front().text ==
          "the target refuses one of 1000 rows from key (-5) up to key (2992): looking for it, committing the rows "
          "before it");
}

TEST_CASE("of two refused rows the first is named, and after it is mended the second") {
    two_databases world(10);
    refuse(world, id_of(4));
    refuse(world, id_of(6));
    CHECK_THAT(worlds::why(world.copy(keyset(rf::write_kind::insert))), ContainsSubstring("(" + id_of(4) + ")"));
    world.target.drop_checks("procnote");
    refuse(world, id_of(6));
    const rf::report second = world.copy(keyset(rf::write_kind::insert));
    CHECK(second.resumed_rows == 4);
    CHECK(second.rows == 2);
    CHECK_THAT(worlds::why(second), ContainsSubstring("(" + id_of(6) + ")"));
}

TEST_CASE("of a single page the range is named, and nothing of it is committed") {
    two_databases world(10);
    refuse(world, id_of(4));
    const rf::report stopped = world.copy(rf::pipeline{rf::single_page{}});
    CHECK(stopped.rows == 0);
    CHECK(world.target.row_count("procnote") == 0);
    REQUIRE(stopped.failure);
    CHECK_THAT(stopped.failure->where, ContainsSubstring("10 rows from key (-5) up to key (22)"));
    CHECK_THAT(stopped.failure->message,
               ContainsSubstring("the target refuses one of these rows; which one is not known"));
}

TEST_CASE("skip_existing passes rows of the copy's own key, and names one that another unique key refuses") {
    two_databases world(10);
    world.target.add_unique_key("procnote", "by_note", {"Note"});
    world.target.insert("procnote", {id_of(2), std::nullopt, "kept"});
    world.target.insert("procnote", {"1000", std::nullopt, "note 5"});
    const rf::report stopped = world.copy(keyset(rf::write_kind::skip_existing));
    CHECK(stopped.skipped == 1);
    CHECK(stopped.rows == 5);
    CHECK_THAT(worlds::why(stopped),
               ContainsSubstring("the row with key (" + id_of(5) + ")") && ContainsSubstring("1062"));
    CHECK(world.target.row_count("procnote") == 6);
}

/// Ten rows, of which the target refuses the sixth.
two_databases sixth_refused() {
    two_databases world(10);
    refuse(world, id_of(5));
    return world;
}

TEST_CASE("a fault at any call while a refused row is sought changes nothing of what is found") {
    const auto finds_the_row = [](two_databases& world, const rf::report& stopped, const sweep::place& at) {
        REQUIRE(stopped.failure);
        // Too large is an answer to writes alone: to another call it ends the copy.
        if (at.struck && stopped.failure->fault == rf::fault::batch_too_large) return;
        REQUIRE_THAT(worlds::why(stopped), ContainsSubstring("the row with key (" + id_of(5) + ")"));
        REQUIRE(stopped.rows == 5);
        REQUIRE(holds_first(world, 5));
    };
    for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::skip_existing}) {
        sweep::for_each_fault(sixth_refused, keyset(kind), finds_the_row);
        sweep::for_each_fault(sixth_refused, keyset(kind), finds_the_row,
                              {.faults = {rf::fault::batch_too_large}, .sides = {rf::side::target}});
    }
}

TEST_CASE("a client killed at any call while a refused row is sought continues to the same row") {
    const auto ferry = keyset(rf::write_kind::insert);
    sweep::for_each_crash(
        sixth_refused, ferry, ferry, [](two_databases& world, const rf::report& stopped, const sweep::place&) {
            REQUIRE_THAT(worlds::why(stopped), ContainsSubstring("the row with key (" + id_of(5) + ")"));
            REQUIRE(stopped.resumed_rows + stopped.rows == 5);
            REQUIRE(holds_first(world, 5));
        });
}

TEST_CASE("a run that is taken over while it seeks a refused row says so, and commits no more") {
    const auto ferry = keyset(rf::write_kind::insert);
    const auto second_run = [&](two_databases& world) {
        rf::testing::manual_timing timing;
        (void)ferry.copy(world.source, world.target, "procnote", timing);
    };
    sweep::for_each_event(sixth_refused, rf::side::target, second_run, ferry,
                          [&](two_databases& world, const rf::report& first, const sweep::place&) {
                              REQUIRE(first.failure);
                              REQUIRE(world.target.row_count("procnote") <= 5);
                              const rf::report third = world.copy(ferry);
                              INFO(worlds::why(third));
                              REQUIRE(third.failure->fault == rf::fault::data);
                              REQUIRE(holds_first(world, 5));
                          });
}
