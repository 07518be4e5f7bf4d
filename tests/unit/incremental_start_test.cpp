// SPDX-License-Identifier: BSL-1.0
// Where an incremental copy begins: at the last value with an idempotent write mode, and what becomes of the future.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::fake_database;

namespace {

/// A table `ev` on both sides, with a key that does not grow.
struct events_world {
    fake_database source{"source"};
    fake_database target{"target"};
    rf::testing::manual_timing timing;
    rf::testing::recording_observer events;

    explicit events_world(const std::string& type = "date") {
        for (auto* d : {&source, &target}) {
            d->create_table("ev", {{"id", "varchar(10)"}, {"d", type}, {"v", "int"}}, {"id"});
            d->add_index("ev", "d");
            d->set_utc_time("2024-06-01 12:00:00");
        }
    }
    void add(const std::string& id, const std::string& d) { source.insert("ev", {id, d, "1"}); }
    template <class Mode>
    rf::report copy(Mode mode, rf::incremental_pages pages = {}) {
        pages.column = "d";
        events = {};
        return rf::pipeline{pages, mode, rf::fixed_batch{.rows = 2}}.copy(
            source, target, rf::copy_request{.table = "ev"}, timing, events);
    }
    [[nodiscard]] bool equal() const { return source.has_same_rows("ev", target, "ev"); }
    [[nodiscard]] bool says(const std::string& part) const {
        const auto& all = events.notices();
        return std::any_of(all.begin(), all.end(), [&](const auto& n) { return n.text.find(part) != n.text.npos; });
    }
};

} // namespace

TEMPLATE_TEST_CASE("a row with the last value and a smaller key, committed later, is copied by the next run", "",
                   rf::upsert, rf::replace, rf::skip_existing) {
    for (const std::string type : {"date", "datetime", "timestamp"}) {
        CAPTURE(type);
        const std::string time = type == "date" ? "" : " 00:00:01";
        events_world world(type);
        world.add("m001", "2024-05-01" + time);
        world.add("x002", "2024-05-01" + time);
        world.add("k003", "2024-04-30" + time);
        REQUIRE(world.copy(TestType{}).complete());
        world.add("a004", "2024-05-01" + time);
        const rf::report second = world.copy(TestType{});
        CHECK(second.complete());
        CHECK(second.rows == 3); // those of the last value again
        CHECK(world.equal());
        CHECK(world.copy(TestType{}).complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a run that was interrupted goes on at the last value, too") {
    events_world world;
    for (const char* id : {"b", "c", "d", "e", "f"}) world.add(id, "2024-05-01");
    world.target.add_check("ev", "no_d", [](const rf::testing::row& r) { return r[0] != rf::value("d"); });
    REQUIRE_FALSE(world.copy(rf::upsert{}).complete());
    REQUIRE(world.target.row_count("ev") == 2);
    world.target.drop_checks("ev");
    world.add("a", "2024-05-01");
    CHECK(world.copy(rf::upsert{}).complete());
    CHECK(world.equal());
}

TEST_CASE("with insert a run begins after the last row, so that none comes twice") {
    events_world world;
    world.add("m", "2024-05-01");
    REQUIRE(world.copy(rf::insert{}).complete());
    world.add("z", "2024-05-01");
    const rf::report second = world.copy(rf::insert{});
    CHECK(second.complete());
    CHECK(second.rows == 1);
    CHECK(world.equal());
}

TEST_CASE("a value in the future is named, when it is copied and when a run begins at it") {
    events_world world;
    world.add("a", "2024-05-01");
    world.add("b", "9999-12-31");
    REQUIRE(world.copy(rf::upsert{}).complete());
    CHECK(world.says("the largest value of d in table ev, 9999-12-31, lies in the future"));
    world.add("c", "2024-05-02");
    REQUIRE(world.copy(rf::upsert{}).complete());
    CHECK(
        world.says("table ev was copied up to d = 9999-12-31, which lies in the future: rows before it are not looked "
                   "for"));
    CHECK_FALSE(world.equal());
}

TEST_CASE("values of today and of the day after in another zone are not the future") {
    events_world world("datetime");
    world.add("a", "2024-06-02 01:00:00");
    REQUIRE(world.copy(rf::upsert{}).complete());
    CHECK_FALSE(world.says("future"));
    events_world later("datetime");
    later.add("a", "2024-06-02 12:00:01");
    REQUIRE(later.copy(rf::upsert{}).complete());
    CHECK(later.says("future"));
}

TEST_CASE("rows in the future are left out on request, and come when their time has come") {
    const rf::incremental_pages leaving{.future = rf::future_rows::leave_out};
    events_world world;
    world.add("a", "2024-05-01");
    world.add("b", "2024-12-31");
    world.add("c", "9999-12-31");
    REQUIRE(world.copy(rf::upsert{}, leaving).complete());
    CHECK(world.says("9999-12-31, lies in the future: rows after 2024-06-02 12:00:00 (UTC) are left out"));
    CHECK(world.target.row_count("ev") == 1);
    world.add("d", "2024-05-02");
    REQUIRE(world.copy(rf::upsert{}, leaving).complete());
    CHECK(world.target.row_count("ev") == 2);
    world.source.set_utc_time("2025-01-01 00:00:00");
    REQUIRE(world.copy(rf::upsert{}, leaving).complete());
    CHECK(world.target.row_count("ev") == 3);
}

TEST_CASE("a run after one that copied the future begins at the value before it, on request") {
    const rf::incremental_pages leaving{.future = rf::future_rows::leave_out};
    events_world world;
    world.add("a", "2024-05-01");
    world.add("b", "9999-12-31");
    REQUIRE(world.copy(rf::upsert{}).complete());
    world.add("c", "2024-05-02");
    const rf::report second = world.copy(rf::upsert{}, leaving);
    CHECK(second.complete());
    CHECK(world.says("this run begins at 2024-05-01, the largest value in the target before it"));
    CHECK(world.equal());
    events_world inserted;
    inserted.add("a", "2024-05-01");
    inserted.add("b", "9999-12-31");
    REQUIRE(inserted.copy(rf::insert{}).complete());
    const rf::report refused = inserted.copy(rf::insert{}, leaving);
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK(worlds::offers(refused, rf::remedy::choose_write_mode));
}

TEST_CASE("only the future: nothing is copied yet") {
    events_world world;
    world.add("b", "9999-12-31");
    const rf::report report = world.copy(rf::upsert{}, {.future = rf::future_rows::leave_out});
    CHECK(report.complete());
    CHECK(report.rows == 0);
}
