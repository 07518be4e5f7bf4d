// SPDX-License-Identifier: BSL-1.0
// Verification while things go wrong or change, and repair.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::operation;
using rf::testing::when;
using worlds::two_databases;

namespace {

constexpr rf::fixed_batch three{.rows = 3};

/// Ten rows with ids -5, -2, 1, … 22 on both sides; then the target lacks 4, has 5 besides, and 16 otherwise.
struct three_differences : two_databases {
    three_differences() : two_databases(10) {
        for (const auto& row : source.rows("procnote")) target.insert("procnote", row);
        target.erase("procnote", {"4"});
        target.insert("procnote", {"5", std::nullopt, "only here"});
        target.upsert("procnote", {"16", std::nullopt, "otherwise"});
    }
    rf::verification verify(const rf::verify_request& request = {.table = "procnote"}) {
        return rf::verifier{three}.verify(source, target, request, timing, events);
    }
};
const rf::verify_request repairing{.table = "procnote", .repair = true};
const rf::verify_request repairing_all{.table = "procnote", .repair = true, .delete_extra = true};

std::string why(const rf::verification& v) { return v.failure ? rf::to_string(*v.failure) : std::string(); }

/// One fault at any call costs one retry, and then `check` sees what was found.
template <class Check>
void fault_at_each_call(const rf::verify_request& request, Check check) {
    sweep::for_each_fault([] { return three_differences(); },
                          [&](three_differences& world) { return world.verify(request); },
                          [&](three_differences& world, const rf::verification& found, const sweep::place& at) {
                              check(world, found);
                              REQUIRE(found.retries() == (at.struck ? 1 : 0));
                          });
}

} // namespace

TEST_CASE("verification with one fault at any call finds the same") {
    fault_at_each_call({.table = "procnote"}, [](three_differences&, const rf::verification& found) {
        REQUIRE(found.verdict == rf::verdict::different);
        REQUIRE(found.missing.keys == std::vector<rf::key_values>{{"4"}});
        REQUIRE(found.extra.keys == std::vector<rf::key_values>{{"5"}});
        REQUIRE(found.changed.keys == std::vector<rf::key_values>{{"16"}});
        REQUIRE(found.source_rows == 10);
        REQUIRE(found.target_rows == 10);
    });
}

TEST_CASE("repair with one fault at any call makes the tables equal") {
    fault_at_each_call(repairing_all, [](three_differences& world, const rf::verification& found) {
        REQUIRE(found.equal());
        REQUIRE(world.equal());
        REQUIRE(found.found() == 3);
        REQUIRE(found.repaired == 2);
        REQUIRE(found.deleted == 1);
    });
}

TEST_CASE("repair leaves extra rows alone by default, and touches no other row") {
    three_differences world;
    const rf::verification found = world.verify(repairing);
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.repaired == 2);
    CHECK(found.deleted == 0);
    CHECK(found.left() == 1);
    CHECK(world.target.row_count("procnote") == 11);
    const rf::verification again = world.verify();
    CHECK(again.extra.count == 1);
    CHECK(again.found() == 1);
    CHECK(world.target.calls(operation::commit) == 1);
    CHECK(world.target.calls(operation::truncate) == 0);
}

TEST_CASE("repair under a second unique key: values that were swapped, and one that an extra row holds") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("t", {{"id", "int"}, {"name", "varchar(9) not null"}}, {"id"});
        database->add_unique_key("t", "by_name", {"name"});
    }
    world.source.insert("t", {"1", "a"});
    world.source.insert("t", {"2", "b"});
    world.source.insert("t", {"3", "c"});
    world.target.insert("t", {"1", "b"});
    world.target.insert("t", {"2", "a"});
    world.target.insert("t", {"9", "c"});
    auto verify = [&](bool delete_extra) {
        return rf::verifier{}.verify(world.source, world.target,
                                     rf::verify_request{.table = "t", .repair = true, .delete_extra = delete_extra},
                                     world.timing);
    };
    const rf::verification half = verify(false);
    CHECK(half.verdict == rf::verdict::different);
    CHECK(half.repaired == 0);
    REQUIRE(half.notices.size() == 1);
    CHECK(half.notices[0].find("not all rows of table t could be repaired") == 0);
    CHECK(verify(true).equal());
    CHECK(world.source.has_same_rows("t", world.target, "t"));
}

TEST_CASE("a row that the target refuses is named, and keeps no other from being repaired") {
    two_databases world(50);
    world.target.set_max_row_bytes(60);
    world.source.upsert("procnote", {"22", std::nullopt, std::string(100, 'x')});
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.repaired == 49);
    CHECK(found.left() == 1);
    REQUIRE(found.notices.size() == 1);
    CHECK(found.notices[0].find("row (22)") != std::string::npos);
    REQUIRE(found.unrepaired);
    CHECK(found.unrepaired->where == "target, table procnote, row (22)");
    CHECK_FALSE(found.failure); // it went on
}

TEST_CASE("several rows that the target refuses are named together, a few of them by key") {
    two_databases world(50);
    world.target.set_max_row_bytes(60);
    for (const char* id : {"1", "4", "7", "10", "13", "16", "19"})
        world.source.upsert("procnote", {id, std::nullopt, std::string(100, 'x')});
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
    CHECK(found.left() == 7);
    REQUIRE(found.notices.size() == 1);
    CHECK(found.notices[0].find("rows (1), (4), (7), (10), (13) and 2 more") != std::string::npos);
}

TEST_CASE("repair of a whole table, row by row") {
    two_databases world(1000);
    world.target.insert("procnote", {"5000", std::nullopt, "only here"});
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing_all, world.timing);
    CHECK(found.equal());
    CHECK(found.missing.count == 1000);
    CHECK(found.repaired == 1000);
    CHECK(world.equal());
}

TEST_CASE("a row that is equal at the second look changes meanwhile, and is no difference") {
    three_differences world;
    world.target.erase("procnote", {"5"});
    world.target.upsert("procnote", world.source.rows("procnote")[7]); // 16
    // Replication brings row 4 while the first look is over.
    const auto late = world.source.rows("procnote")[3];
    std::uint64_t calls = 0;
    {
        two_databases rehearsal(10);
        for (const auto& row : rehearsal.source.rows("procnote")) rehearsal.target.insert("procnote", row);
        rehearsal.target.erase("procnote", {"4"});
        (void)rf::verifier{three}.verify(rehearsal.source, rehearsal.target, "procnote", rehearsal.timing);
        calls = rehearsal.target.calls(); // the last call is the second look
    }
    world.target.at_call(calls, [&] { world.target.insert("procnote", late); });
    const rf::verification found = world.verify();
    CHECK(found.equal());
    CHECK(found.changes_meanwhile);
    CHECK(found.changed_meanwhile.keys == std::vector<rf::key_values>{{"4"}});
    CHECK(world.timing.sleeps() == std::vector<rf::duration>{1s});
}

TEST_CASE("a row that differs at each look, and differently each time, leaves it undecided") {
    three_differences world;
    world.target.erase("procnote", {"5"});
    world.target.insert("procnote", world.source.rows("procnote")[3]); // 4
    for (std::uint64_t call = 1; call < 60; ++call) {
        world.target.at_call(call, [&world, call] {
            world.target.upsert("procnote", {"16", std::nullopt, "version " + std::to_string(call)});
        });
    }
    const rf::verification found = world.verify();
    CHECK(found.verdict == rf::verdict::undecided);
    CHECK_FALSE(found.failure);
    CHECK(found.changes_meanwhile);
    CHECK(found.changed_meanwhile.count == 0);
    CHECK(found.undecided.keys == std::vector<rf::key_values>{{"16"}});
    CHECK(found.found() == 0);
    CHECK(world.timing.slept() == 2s);
}

TEST_CASE("rows that only one side gains while it is compared are no difference once the other has them") {
    const auto make_equal = [] {
        two_databases world(10);
        for (const auto& row : world.source.rows("procnote")) world.target.insert("procnote", row);
        return world;
    };
    const auto change_both = [](two_databases& world) {
        for (auto* database : {&world.source, &world.target}) {
            database->upsert("procnote", {"7", std::nullopt, "a new value"});
            database->insert("procnote", {"8", std::nullopt, "a new row"});
            database->erase("procnote", {"10"});
        }
    };
    const auto verify = [](two_databases& world) {
        return rf::verifier{three}.verify(world.source, world.target, "procnote", world.timing);
    };
    sweep::for_each_event(
        make_equal, rf::side::target, change_both, verify,
        [](two_databases&, const rf::verification& found, const sweep::place&) { REQUIRE(found.equal()); });
}

TEST_CASE("triggers of the target refuse a repair, and not a verification") {
    three_differences world;
    world.target.add_trigger("procnote", "audit", "INSERT");
    CHECK(world.verify().verdict == rf::verdict::different);
    const rf::verification found = world.verify(repairing);
    CHECK(found.verdict == rf::verdict::refused);
    CHECK(why(found).find("(audit)") != std::string::npos);
    CHECK(world.target.calls(operation::remove_rows) == 0);
    rf::verify_request accepting = repairing_all;
    accepting.accept_triggers = true;
    CHECK(world.verify(accepting).equal());
}

TEST_CASE("a target without transactions refuses a repair, and not a verification") {
    three_differences world;
    world.target.set_transactional("procnote", false);
    CHECK(world.verify().verdict == rf::verdict::different);
    const rf::verification found = world.verify(repairing);
    CHECK(found.verdict == rf::verdict::refused);
    CHECK(why(found).find("MyISAM, which has no transactions") != std::string::npos);
    CHECK(world.target.calls(operation::remove_rows) == 0);
}

TEST_CASE(
    "a copy by inserts that is not complete refuses a repair until its checkpoint is dropped, and not a verification") {
    two_databases world(10);
    world.target.fail_at(16, rf::fault::connection_lost);
    REQUIRE_FALSE(world.copy(rf::pipeline{rf::fixed_batch{.rows = 3}, rf::no_retry{}}).complete());
    REQUIRE(world.target.checkpoints().size() == 1);
    const rf::checkpoint open = world.target.checkpoints().front();
    REQUIRE_FALSE(open.complete);
    auto verify = [&](const rf::verify_request& request) {
        return rf::verifier{three}.verify(world.source, world.target, request, world.timing);
    };
    CHECK(verify({.table = "procnote"}).verdict == rf::verdict::different);
    const rf::verification found = verify(repairing);
    CHECK(found.verdict == rf::verdict::refused);
    CHECK(why(found).find("a copy into table procnote is not complete (" + open.title + ")") != std::string::npos);
    CHECK(why(found).find("(job " + open.job + ")") != std::string::npos);
    CHECK(world.copy(rf::pipeline{}).complete());
    CHECK(verify(repairing).equal());
}

TEST_CASE("who may not read checkpoints is told what a repair could not look at") {
    using Catch::Matchers::ContainsSubstring;
    three_differences world;
    world.target.fail_next(operation::list_checkpoints, rf::fault::permanent); // 1142
    rf::verify_request request = repairing_all;
    bool knows_triggers = true;
    SECTION("an open copy, and triggers") { knows_triggers = false; }
    SECTION("an open copy alone, where triggers are accepted") { request.accept_triggers = true; }
    SECTION("an open copy alone, where triggers are seen") {
        world.target.add_trigger("procnote", "audit", "UPDATE"); // which a repair does not set off
    }
    const rf::verification found = world.verify(request);
    CHECK(found.equal());
    REQUIRE(found.notices.size() == 1);
    CHECK_THAT(found.notices[0], ContainsSubstring("cannot be told without the right to read checkpoints"));
    CHECK((found.notices[0].find("users with the privilege TRIGGER") == std::string::npos) == knows_triggers);
}

TEST_CASE("a target whose definition changes before a repair is left as it is") {
    std::uint64_t calls = 0;
    {
        three_differences rehearsal;
        (void)rehearsal.verify();
        calls = rehearsal.target.calls();
    }
    three_differences world;
    // With the listing of checkpoints it is the last question before the repair.
    world.target.at_call(calls + 1, [&] { world.target.modify_column("procnote", {"Note", "longtext"}); });
    const rf::verification found = world.verify(repairing_all);
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.repaired == 0);
    CHECK(found.deleted == 0);
    REQUIRE_FALSE(found.notices.empty());
    CHECK(found.notices[0].find(
              "the definition of the target's table procnote changed meanwhile: column Note was text") !=
          std::string::npos);
    CHECK(world.target.row_count("procnote") == 10);
}

TEST_CASE("a source whose definition changes before a repair is not read any more, and the target is left as it is") {
    std::uint64_t calls = 0;
    {
        three_differences rehearsal;
        (void)rehearsal.verify();
        calls = rehearsal.source.calls();
    }
    for (const rf::verify_request& request : {repairing, repairing_all}) {
        three_differences world;
        world.source.at_call(calls + 1, [&] { world.source.modify_column("procnote", {"Note", "longtext"}); });
        const rf::verification found = world.verify(request);
        CHECK(found.verdict == rf::verdict::different);
        CHECK(found.repaired == 0);
        CHECK(found.deleted == 0);
        REQUIRE_FALSE(found.notices.empty());
        CHECK(found.notices[0].find(
                  "the definition of the source's table procnote changed meanwhile: column Note was text") !=
              std::string::npos);
        CHECK(world.target.row_count("procnote") == 10);
        CHECK(world.target.calls(operation::write) == 0);
    }
}

TEST_CASE("a definition that changed is no reason to look for the one row that the target refuses") {
    two_databases rehearsal(64);
    (void)rf::verifier{}.verify(rehearsal.source, rehearsal.target, {.table = "procnote"}, rehearsal.timing);
    two_databases world(64);
    world.target.at_call(rehearsal.target.calls() + 1, [&] {
        world.target.modify_column("procnote", {"Note", "longtext"});
    });
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.repaired == 0);
    CHECK(world.target.calls(operation::write) == 1);
}

TEST_CASE("a column or table that is dropped before a repair ends it at the first failure, which says on which side") {
    two_databases rehearsal(64);
    (void)rf::verifier{}.verify(rehearsal.source, rehearsal.target, {.table = "procnote"}, rehearsal.timing);
    for (const rf::side which : {rf::side::source, rf::side::target}) {
        for (const bool whole_table : {false, true}) {
            two_databases world(64);
            auto& altered = which == rf::side::source ? world.source : world.target;
            auto drop = [&] { whole_table ? altered.drop_table("procnote") : altered.drop_column("procnote", "Note"); };
            world.source.at_call(which == rf::side::source ? rehearsal.source.calls() + 1 : 0, drop);
            // Its checkpoints are listed too, and the transaction begun.
            world.target.at_call(which == rf::side::target ? rehearsal.target.calls() + 2 : 0, drop);
            const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
            CAPTURE(rf::name(which), whole_table, why(found));
            CHECK_FALSE(found.equal());
            CHECK(found.repaired == 0);
            const std::string on_side(rf::name(which));
            REQUIRE(found.notices.size() == 1);
            CHECK_THAT(found.notices[0],
                       Catch::Matchers::StartsWith("not all rows of table procnote could be repaired: " + on_side +
                                                   ", table procnote: the definition of the " + on_side +
                                                   "'s table procnote changed meanwhile: " +
                                                   (whole_table ? "the table was dropped or renamed: verify again"
                                                                : "column Note was dropped or renamed: verify again")));
            CHECK(world.source.calls(operation::find_rows) == 1);
            CHECK(world.target.calls(operation::begin) == (which == rf::side::target ? 1 : 0));
        }
    }
}

TEST_CASE("a table that is dropped while it is compared is said to be gone, and on which side") {
    two_databases rehearsal(64);
    const rf::verification all =
        rf::verifier{three}.verify(rehearsal.source, rehearsal.target, "procnote", rehearsal.timing);
    REQUIRE(all.failure == std::nullopt);
    for (const rf::side which : {rf::side::source, rf::side::target}) {
        two_databases world(64);
        auto& altered = which == rf::side::source ? world.source : world.target;
        altered.at_call((which == rf::side::source ? rehearsal.source : rehearsal.target).calls() - 2,
                        [&] { altered.drop_table("procnote"); });
        const rf::verification found = rf::verifier{three}.verify(world.source, world.target, "procnote", world.timing);
        CAPTURE(rf::name(which), why(found));
        CHECK_FALSE(found.equal());
        REQUIRE(found.failure);
        CHECK(found.failure->where.starts_with(rf::name(which)));
        CHECK(found.failure->message.starts_with("the table was dropped or renamed while it was compared"));
        CHECK((found.failure->cause == rf::cause::missing_table) == (which == rf::side::source));
    }
}

namespace {

/// Verifies, and changes one side at its call n, counted from 1; n goes up until a run ends before it. Only runs are given to
/// `check` that made the change after rows were first compared, with whether the target was written to.
template <class Change, class Check>
std::uint64_t changed_at_each_call(rf::side which, const rf::verify_request& request, Change change, Check check) {
    std::uint64_t checked = 0;
    for (std::uint64_t call = 1;; ++call) {
        three_differences world;
        world.source.tell_incarnations(true, true);
        world.target.tell_incarnations(true, true);
        auto& side = which == rf::side::source ? world.source : world.target;
        bool has_compared = false;
        side.at_call(call, [&] {
            has_compared = side.calls(operation::checksum) > 0;
            change(world, side);
        });
        const rf::verification found = world.verify(request);
        if (side.calls() < call) return checked;
        if (!has_compared) continue;
        ++checked;
        CAPTURE(rf::name(which), call, why(found), found.notices);
        check(world, found);
    }
}

} // namespace

TEST_CASE("a table that is truncated or replaced while it is repaired ends the repair, and no other row is deleted") {
    for (const rf::side which : {rf::side::source, rf::side::target}) {
        const auto stops = [&](auto change) {
            std::uint64_t after_last_look = 0;
            const std::uint64_t checked =
                changed_at_each_call(which, repairing_all, change, [&](three_differences&, const rf::verification& v) {
                    REQUIRE(v.deleted <= 1); // the one that was extra before
                    REQUIRE(v.repaired <= 2);
                    if (v.equal()) {
                        ++after_last_look;
                        return;
                    }
                    REQUIRE(v.verdict == rf::verdict::stopped);
                    REQUIRE(v.failure);
                    REQUIRE(v.failure->cause == rf::cause::table_replaced);
                    REQUIRE(v.failure->where == std::string(rf::name(which)) + ", table procnote");
                    REQUIRE_THAT(v.failure->message, Catch::Matchers::StartsWith("the table was replaced on the " +
                                                                                 std::string(rf::name(which))));
                });
            CHECK(checked > 8);
            CHECK(after_last_look <= 1); // the description of the table, which is asked for after that
        };
        stops([](three_differences&, rf::testing::fake_database& d) { d.truncate_table("procnote"); });
        stops([](three_differences&, rf::testing::fake_database& d) {
            d.rename_table("procnote", "old");
            d.create_table("procnote",
                           {{"ProcNoteNum", "bigint not null"}, {"EntryDateTime", "datetime(6)"}, {"Note", "text"}},
                           {"ProcNoteNum"});
        });
    }
}

TEST_CASE("a table that is only rebuilt while it is repaired is the same one") {
    for (const rf::side which : {rf::side::source, rf::side::target}) {
        const std::uint64_t checked = changed_at_each_call(
            which, repairing_all,
            [](three_differences&, rf::testing::fake_database& d) { d.rebuild_table("procnote"); },
            [](three_differences& world, const rf::verification& v) {
                REQUIRE(v.equal());
                REQUIRE(world.equal());
            });
        CHECK(checked > 8);
    }
}

TEST_CASE("a table whose oldest rows were deleted before it is rebuilt is the same one, after a look at its rows") {
    const auto verify = [](bool looks) {
        two_databases world(60);
        for (const auto& row : world.source.rows("procnote")) world.target.insert("procnote", row);
        world.source.tell_incarnations(true, true);
        world.target.tell_incarnations(true, true);
        struct later {
            two_databases& world;
            bool looks;
            unsigned ranges = 0;
            void on(const rf::chunk_compared&) {
                ++ranges;
                for (auto* database : {&world.source, &world.target}) {
                    for (std::int64_t i = 0; ranges == 8 && i < 20; ++i)
                        database->erase("procnote", {std::to_string(i * 3 - 5)});
                    if (ranges == 10) database->rebuild_table("procnote");
                }
                if (looks) world.timing.advance(11s);
            }
        } job{world, looks};
        return rf::verifier{three}.verify(world.source, world.target, "procnote", world.timing, job);
    };
    const rf::verification known = verify(true);
    INFO(why(known));
    CHECK(known.equal());
    CHECK(verify(false).failure.value().cause == rf::cause::table_replaced); // nothing shows that it is the same
}

TEST_CASE("a table that is truncated on both sides while it is only compared is not called equal") {
    two_databases world(64);
    for (const auto& row : world.source.rows("procnote")) world.target.insert("procnote", row);
    world.source.tell_incarnations(true, true);
    world.target.tell_incarnations(true, true);
    world.source.at_call(12, [&] {
        world.source.truncate_table("procnote");
        world.target.truncate_table("procnote");
    });
    const rf::verification found = rf::verifier{three}.verify(world.source, world.target, "procnote", world.timing);
    CAPTURE(why(found));
    CHECK(found.verdict == rf::verdict::stopped);
    REQUIRE(found.failure);
    CHECK(found.failure->cause == rf::cause::table_replaced);
}

TEST_CASE("a trigger that is created during a repair ends it before a row is written through it, and is named") {
    std::uint64_t named = 0;
    for (std::uint64_t call = 1;; ++call) {
        three_differences world;
        bool has_begun = false;
        world.target.at_call(call, [&] {
            has_begun = world.target.calls(operation::checksum) > 0;
            world.target.add_trigger("procnote", "late", "INSERT");
        });
        const rf::verification found = world.verify(repairing_all);
        if (world.target.calls() < call) break;
        CAPTURE(call, why(found), found.notices);
        if (!has_begun || found.equal()) continue; // the last description came before it
        ++named;
        std::string said = why(found);
        for (const std::string& notice : found.notices) said += notice;
        REQUIRE_THAT(said, Catch::Matchers::ContainsSubstring("trigger late on INSERT is new"));
    }
    CHECK(named > 8);

    three_differences accepting;
    accepting.target.at_call(12, [&] { accepting.target.add_trigger("procnote", "late", "INSERT"); });
    rf::verify_request request = repairing_all;
    request.accept_triggers = true;
    CHECK(accepting.verify(request).equal());
}

TEST_CASE("differences that are left after a repair come with what changed in the target's definition") {
    two_databases world(50);
    world.target.set_max_row_bytes(60);
    world.source.upsert("procnote", {"22", std::nullopt, std::string(100, 'x')});
    const auto repair = [](two_databases& w) { return rf::verifier{}.verify(w.source, w.target, repairing, w.timing); };
    std::uint64_t calls = 0;
    {
        two_databases rehearsal(50);
        rehearsal.target.set_max_row_bytes(60);
        rehearsal.source.upsert("procnote", {"22", std::nullopt, std::string(100, 'x')});
        REQUIRE(repair(rehearsal).left() == 1);
        calls = rehearsal.target.calls();
    }
    world.target.at_call(calls, [&] { world.target.add_trigger("procnote", "late", "INSERT"); });
    const rf::verification found = repair(world);
    CHECK(found.verdict == rf::verdict::different);
    REQUIRE(found.notices.size() == 2);
    CHECK_THAT(found.notices[1],
               Catch::Matchers::ContainsSubstring("the definition of the table changed while it was compared: trigger "
                                                  "late on INSERT is new"));
}

TEST_CASE("a key that is dropped or renamed while the rows are compared is said to have changed") {
    for (const rf::side which : {rf::side::source, rf::side::target}) {
        two_databases world;
        for (auto* database : {&world.source, &world.target}) {
            database->create_table("t", {{"id", "int not null"}, {"name", "varchar(9)"}}, {});
            database->add_unique_key("t", "by_id", {"id"});
            for (int i = 0; i < 60; ++i) database->insert("t", {std::to_string(i), "a"});
        }
        auto& side = which == rf::side::source ? world.source : world.target;
        side.at_call(8, [&] { side.rename_key("t", "by_id", "other"); });
        const rf::verification found = rf::verifier{three}.verify(world.source, world.target, "t", world.timing);
        CAPTURE(rf::name(which), why(found));
        CHECK(found.verdict == rf::verdict::stopped);
        REQUIRE(found.failure);
        CHECK(found.failure->code == 1176);
        CHECK(found.failure->where.starts_with(rf::name(which)));
        CHECK(found.failure->cause == rf::cause::definition_changed);
        CHECK_THAT(found.failure->message, Catch::Matchers::ContainsSubstring("key by_id was dropped or renamed"));
    }
}

TEST_CASE("a target's table that is dropped before extra rows are deleted is said to be gone") {
    std::uint64_t calls = 0;
    {
        three_differences rehearsal;
        (void)rehearsal.verify();
        calls = rehearsal.target.calls();
    }
    three_differences world;
    world.target.at_call(calls + 2, [&] { world.target.drop_table("procnote"); });
    const rf::verification found = world.verify(repairing_all);
    CHECK(found.deleted == 0);
    REQUIRE_FALSE(found.notices.empty());
    CHECK_THAT(found.notices[0], Catch::Matchers::ContainsSubstring("target, table procnote: the definition of the "
                                                                    "target's table procnote changed meanwhile: the "
                                                                    "table was dropped or renamed: verify again"));
}

TEST_CASE("a right that a repair lacks is no reason to look for the one row that is refused") {
    for (const operation denied : {operation::find_rows, operation::remove_rows, operation::write}) {
        two_databases world(64);
        auto& denying = denied == operation::find_rows ? world.source : world.target;
        denying.fail_next(denied, rf::fault::permanent); // 1142
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
        CAPTURE(rf::testing::name(denied), why(found));
        CHECK(found.verdict == rf::verdict::different);
        CHECK(found.repaired == 0);
        CHECK(found.left() == 64);
        REQUIRE(found.notices.size() == 1);
        CHECK_THAT(found.notices[0],
                   Catch::Matchers::ContainsSubstring(
                       denied == operation::find_rows
                           ? "source, table procnote: the user may no longer read the table"
                           : "target, table procnote: a repair needs the rights SELECT, INSERT and DELETE") &&
                       Catch::Matchers::ContainsSubstring("verify again") &&
                       Catch::Matchers::ContainsSubstring("[1142"));
        CHECK(world.source.calls(operation::find_rows) == 1);
    }
}

TEST_CASE("rows that are refused for several reasons are named with their own") {
    two_databases world(50);
    auto refuse = [&](const char* check, const std::vector<std::string>& ids) {
        world.target.add_check("procnote", check, [ids](const rf::testing::row& r) {
            return std::find(ids.begin(), ids.end(), r[0].value()) == ids.end();
        });
    };
    SECTION("two reasons") {
        refuse("first", {"4", "22"});
        refuse("second", {"10"});
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
        CHECK(found.left() == 3);
        REQUIRE(found.notices.size() == 1);
        CHECK(found.notices[0] ==
              "not all rows of table procnote could be repaired: target, table procnote, rows (4), (22): write failed: "
              "CONSTRAINT `first` failed [4025, SQLSTATE 23000, data]; target, table procnote, row (10): write failed: "
              "CONSTRAINT `second` failed [4025, SQLSTATE 23000, data]");
    }
    SECTION("more than are said") {
        for (const char* id : {"1", "4", "7", "10", "13"}) refuse(id, {id});
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
        CHECK(found.left() == 5);
        REQUIRE(found.notices.size() == 1);
        CHECK_THAT(found.notices[0], Catch::Matchers::EndsWith("; and 2 more for other reasons"));
    }
}

TEST_CASE("a repair holds no more rows than fit, however small they are on average") {
    two_databases world(50);
    const std::string wide(6U << 20U, 'w');
    for (const char* id : {"1", "4", "7", "10", "13"}) world.source.upsert("procnote", {id, std::nullopt, wide});
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
    CHECK(found.equal());
    CHECK(found.repaired == 50);
    CHECK(world.target.calls(operation::commit) > 2);
    CHECK(world.equal());
}

TEST_CASE("tables without a key that change between all looks are undecided") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("heap", {{"line", "varchar(20)"}}, {});
        database->insert("heap", {"a"});
    }
    world.target.insert("heap", {"only here"});
    for (std::uint64_t call = 1; call < 20; ++call) {
        world.source.at_call(call, [&world] { world.source.insert("heap", {"one more"}); });
    }
    const rf::verification found = rf::verifier{}.verify(world.source, world.target, "heap", world.timing);
    CHECK(found.verdict == rf::verdict::undecided);
    CHECK_FALSE(found.failure);
    CHECK_FALSE(found.named);
    CHECK(found.changes_meanwhile);
    CHECK(found.undecided_ranges == 1);
}

TEST_CASE("a failure that retries do not overcome stops the verification and says where") {
    three_differences world;
    world.target.fail_between(6, 1000, rf::fault::connection_lost);
    const rf::verification found =
        rf::verifier{three, rf::no_retry{}}.verify(world.source, world.target, "procnote", world.timing);
    CHECK(found.verdict == rf::verdict::stopped);
    CHECK(why(found).starts_with("target, table procnote"));
}

TEST_CASE("a stop request ends the verification") {
    three_differences world;
    struct stop {
        static bool stop_requested() { return true; }
    } asked;
    const rf::verification found =
        rf::verifier{three}.verify(world.source, world.target, "procnote", world.timing, asked);
    CHECK(found.verdict == rf::verdict::interrupted);
}

TEST_CASE("the rate limit counts each range once, and retries are reported") {
    three_differences world;
    world.source.fail_next(operation::checksum, rf::fault::connection_lost);
    const rf::verification found =
        rf::verifier{three, rf::token_bucket{.rows_per_second = 1, .burst = 3s}, rf::exponential_backoff{}}.verify(
            world.source, world.target, "procnote", world.timing);
    CHECK(found.retries() == 1);
    CHECK(found.source.throttle > 5s);
    CHECK(found.target.throttle == rf::duration::zero());
}
