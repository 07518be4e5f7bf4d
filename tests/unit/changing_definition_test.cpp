// SPDX-License-Identifier: BSL-1.0
// A definition that changes on either side during the copy, at any call: noticed and said, or after the copy had ended.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::fake_database;
using worlds::two_databases;

namespace {

/// The number of the last call that described the table, from 1.
std::uint64_t last_look(const fake_database& database) {
    const auto log = database.log();
    const auto found = std::find(log.rbegin(), log.rend(), "describe");
    return static_cast<std::uint64_t>(log.rend() - found);
}

/// Copies while the change happens at each call of one side in turn. Until the last look at the definition it stops the
/// copy, with `sentence`, and the checkpoint is not complete.
template <class Pipeline>
void changed_at_each_call(const Pipeline& ferry, bool on_target, const std::function<void(fake_database&)>& change,
                          const std::string& sentence) {
    const auto make_world = [] { return two_databases(20); };
    const rf::side which = on_target ? rf::side::target : rf::side::source;
    const auto side_of = [&](two_databases& world) -> fake_database& {
        return on_target ? world.target : world.source;
    };
    two_databases rehearsal = make_world();
    REQUIRE(ferry.plan(rehearsal.source, rehearsal.target, {.table = "procnote"}, rehearsal.timing));
    const std::uint64_t planned = side_of(rehearsal).calls();
    int stopped = 0;
    sweep::for_each_event(
        make_world, which, [&](two_databases& world) { change(side_of(world)); }, ferry,
        [&](two_databases& world, const rf::report& report, const sweep::place& at) {
            if (at.call <= planned) return;
            if (report.complete()) {
                CHECK(at.call > last_look(side_of(world)) - (on_target ? 1 : 0));
                return;
            }
            ++stopped;
            CHECK_THAT(worlds::why(report),
                       ContainsSubstring(std::string("the definition of the table changed on the ") +
                                         (on_target ? "target" : "source") + " during the copy: " + sentence));
            for (const rf::checkpoint& entry : world.target.checkpoints()) CHECK_FALSE(entry.complete);
        });
    CHECK(stopped > 3);
}

const rf::pipeline inserts{rf::fixed_batch{.rows = 6}};

} // namespace

TEST_CASE("a column that is added, dropped or modified in the source at any call stops the copy") {
    changed_at_each_call(
        inserts, false,
        [](fake_database& d) {
            d.add_column("procnote", {"more", "int"});
        },
        "column more is new");
    changed_at_each_call(
        inserts, false, [](fake_database& d) { d.drop_column("procnote", "Note"); },
        "column Note was dropped or renamed");
    changed_at_each_call(
        inserts, false,
        [](fake_database& d) {
            d.modify_column("procnote", {"Note", "text collate utf8mb4_bin"});
        },
        "column Note was text charset utf8mb4 collate utf8mb4_general_ci, and is text charset utf8mb4 collate "
        "utf8mb4_bin now");
}

TEST_CASE("a column that is added, dropped or modified in the target at any call stops the copy") {
    changed_at_each_call(
        inserts, true,
        [](fake_database& d) {
            d.add_column("procnote", {"more", "int"});
        },
        "column more is new");
    changed_at_each_call(
        inserts, true, [](fake_database& d) { d.drop_column("procnote", "Note"); },
        "column Note was dropped or renamed");
    changed_at_each_call(
        inserts, true,
        [](fake_database& d) {
            d.modify_column("procnote", {"EntryDateTime", "datetime"});
        },
        "column EntryDateTime was datetime(6), and is datetime now");
}

TEST_CASE("a trigger that appears on the target stops the copy, unless triggers are accepted or it does not fire") {
    two_databases world(20);
    world.target.at_call(12, [&] { world.target.add_trigger("procnote", "spoil", "INSERT"); });
    CHECK_THAT(worlds::why(world.copy(inserts)), ContainsSubstring("trigger spoil on INSERT is new"));
    two_databases accepting(20);
    accepting.target.at_call(12, [&] { accepting.target.add_trigger("procnote", "spoil", "INSERT"); });
    CHECK(accepting.copy(inserts, {.table = "procnote", .accept_triggers = true}).complete());
    two_databases deleting(20);
    deleting.target.at_call(12, [&] { deleting.target.add_trigger("procnote", "spoil", "DELETE"); });
    CHECK(deleting.copy(inserts).complete());
}

TEST_CASE("what does not matter to the copy may change: other columns than those chosen, and indexes") {
    two_databases world(20);
    world.source.at_call(6, [&] {
        world.source.add_column("procnote", {"more", "int"});
        world.source.add_index("procnote", "Note");
    });
    const rf::report report =
        world.copy(inserts, {.table = "procnote", .columns = {{"ProcNoteNum"}, {"EntryDateTime"}, {"Note"}}});
    INFO(worlds::why(report));
    CHECK(report.complete());
}

TEST_CASE("a definition is looked at again now and then, and after a fresh connection, not only at the end") {
    two_databases world(200);
    SECTION("a fresh connection") {
        world.source.at_call(10, [&] { world.source.add_column("procnote", {"more", "int"}); });
        world.source.fail_at(11, rf::fault::connection_lost);
    }
    SECTION("after a while") {
        world.source.set_cost(std::chrono::seconds(4), {}, world.timing);
        world.source.at_call(10, [&] { world.source.add_column("procnote", {"more", "int"}); });
    }
    const rf::report report = world.copy(inserts);
    CHECK_THAT(worlds::why(report), ContainsSubstring("column more is new"));
    CHECK(report.rows < 100);
    CHECK(report.rows > 0);
}

TEST_CASE("all changes are said at once, and a table that was dropped") {
    two_databases world(20);
    world.target.at_call(12, [&] {
        world.target.drop_column("procnote", "Note");
        world.target.add_column("procnote", {"a", "int"});
    });
    CHECK_THAT(worlds::why(world.copy(inserts)),
               ContainsSubstring("column Note was dropped or renamed; column a is new"));
    two_databases gone(20);
    gone.source.at_call(6, [&] { gone.source.drop_table("procnote"); });
    const rf::report report = gone.copy(inserts);
    CHECK_THAT(worlds::why(report),
               ContainsSubstring("on the source during the copy: the table was dropped or renamed"));
    // The next table of that name is another one: no run continues after rows of this one.
    CHECK(report.rows > 0);
    CHECK(report.failure->cause == rf::cause::table_replaced);
    CHECK(worlds::offers(report, rf::remedy::start_over_into_empty));
    CHECK(gone.target.checkpoints().empty());
}

TEST_CASE("an incremental copy watches the key that its order is completed by, not simply the first one") {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;
    const auto create = [](fake_database& database, bool by_id) {
        database.create_table("t", {{"note", "varchar(20) not null"}, {"id", "int not null"}, {"w", "int"}},
                              {"note(4)"});
        if (by_id) database.add_unique_key("t", "by_id", {"id"});
        database.fill("t", 9, [](std::uint64_t i) {
            return rf::key_values{std::to_string(1000 + i), std::to_string(i), "1"};
        });
    };
    create(source, true);
    create(target, true);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 2}, rf::incremental_pages{.column = "w"}, rf::upsert{}};
    source.at_call(source.calls() + 8, [&] {
        source.drop_table("t");
        create(source, false);
    });
    const rf::report report =
        ferry.copy(source, target, rf::copy_request{.table = "t", .truncate_target = true}, timing);
    CHECK_THAT(worlds::why(report), ContainsSubstring("key by_id was dropped or renamed, or no longer orders pages"));
}

TEST_CASE("a column that only the filter may go by is watched, though it is not chosen") {
    two_databases world(20);
    world.source.define_filter("procnote", "recent", [](const rf::testing::row&) { return true; });
    const rf::copy_request request{.table = "procnote", .where = "recent", .columns = {{"ProcNoteNum"}, {"Note"}}};
    two_databases other(20);
    other.source.define_filter("procnote", "recent", [](const rf::testing::row&) { return true; });
    REQUIRE(inserts.plan(other.source, other.target, request, other.timing));
    world.source.at_call(other.source.calls() + 1, [&] {
        world.source.modify_column("procnote", {"EntryDateTime", "datetime(3)"});
    });
    const rf::report report = world.copy(inserts, request);
    CHECK_FALSE(report.complete());
    CHECK_THAT(worlds::why(report), ContainsSubstring("column EntryDateTime was datetime(6), and is datetime(3) now"));
}
