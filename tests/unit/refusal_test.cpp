// SPDX-License-Identifier: BSL-1.0
// What cannot be done exactly is refused with a sentence, and the target is not changed.
#include "catch.hpp"
#include "worlds.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

/// The sentence of a refusal; checks that nothing was written.
template <class Pipeline>
std::string refused(two_databases& world, const Pipeline& ferry,
                    const rf::copy_request& request = {.table = "procnote"}) {
    const auto before = world.target.rows("procnote");
    const rf::report report = world.copy(ferry, request);
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(world.target.rows("procnote") == before);
    CHECK(world.target.checkpoints().empty());
    CHECK(world.target.calls(rf::testing::operation::write) == 0);
    return worlds::why(report);
}

/// A table `t` of integer columns, the first of them its key.
rf::table_schema numbers(const std::vector<std::string>& names) {
    rf::table_schema t;
    t.name = "t";
    for (const std::string& name : names) {
        rf::column& c = t.columns.emplace_back();
        c.name = name;
        c.kind = rf::column_kind::integer;
        c.type = "int";
        c.nullable = t.columns.size() > 1;
    }
    t.keys = {{"PRIMARY", {{0, false}}}};
    return t;
}

} // namespace

TEST_CASE("a missing table is named, with the side") {
    two_databases world(3);
    CHECK_THAT(refused(world, rf::pipeline{}, {.table = "nothing"}), ContainsSubstring("has no table nothing"));
    CHECK_THAT(refused(world, rf::pipeline{}, {.table = "procnote", .target_table = "nothing"}),
               ContainsSubstring("the target") && ContainsSubstring("has no table nothing"));
}

TEST_CASE("a view is refused") {
    two_databases world(3);
    world.source.set_view("procnote");
    CHECK_THAT(refused(world, rf::pipeline{}), ContainsSubstring("is a view"));
}

TEST_CASE("columns that do not match are all listed") {
    two_databases world;
    world.source.create_table("t", {{"id", "int not null"}, {"a", "int"}, {"b", "text"}}, {"id"});
    world.target.create_table("t", {{"id", "int not null"}, {"a", "smallint"}, {"c", "text"}}, {"id"});
    CHECK_THAT(refused(world, rf::pipeline{}, {.table = "t"}),
               ContainsSubstring("column a: ") && ContainsSubstring("column b: missing in the target") &&
                   ContainsSubstring("column c: missing in the source"));
}

TEST_CASE("a table without a usable key is refused, except in a single page") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) database->create_table("t", {{"a", "int"}});
    world.source.insert("t", {"1"});
    world.source.insert("t", {"1"});
    CHECK_THAT(refused(world, rf::pipeline{}, {.table = "t"}), ContainsSubstring("has no key that can order pages"));
    const rf::pipeline whole{rf::single_page{}};
    CHECK(world.copy(whole, {.table = "t"}).rows == 2);
    CHECK(world.target.rows("t").size() == 2);
    CHECK(world.copy(whole, {.table = "t"}).rows == 0);
}

TEST_CASE("a target that is not empty is refused without a checkpoint, unless the write mode knows what to do") {
    two_databases world(3);
    world.target.insert("procnote", {"-5", std::nullopt, "old"});
    CHECK_THAT(refused(world, rf::pipeline{}), ContainsSubstring("is not empty, and holds no checkpoint of this copy"));
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(worlds::offers(report, rf::remedy::empty_target));
    CHECK(worlds::offers(report, rf::remedy::choose_write_mode));
    CHECK(world.copy(rf::pipeline{rf::upsert{}}).complete());
    CHECK(world.equal());
}

TEST_CASE("truncating begins anew, whatever was there") {
    two_databases world(3);
    REQUIRE(world.copy(rf::pipeline{}).complete());
    world.target.upsert("procnote", {"-5", std::nullopt, "changed"});
    const rf::report again = world.copy(rf::pipeline{}, {.table = "procnote", .truncate_target = true});
    CHECK(again.rows == 3);
    CHECK(world.equal());
}

TEST_CASE("a target that was emptied behind the checkpoint's back is noticed") {
    two_databases world(3);
    REQUIRE(world.copy(rf::pipeline{}).complete());
    for (const char* id : {"-5", "-2", "1"}) world.target.erase("procnote", {id});
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("3 rows were committed") && ContainsSubstring("is empty"));
    CHECK(worlds::offers(report, rf::remedy::start_over));
    CHECK(world.copy(rf::pipeline{}, {.table = "procnote", .resume = false}).rows == 3);
    CHECK(world.equal());
}

TEST_CASE("a checkpoint of another definition is refused, not resumed") {
    two_databases world(3);
    REQUIRE(world.copy(rf::pipeline{}).complete());
    for (auto* database : {&world.source, &world.target}) {
        database->drop_table("procnote");
        database->create_table("procnote", {{"ProcNoteNum", "int not null"}, {"Note", "text"}}, {"ProcNoteNum"});
    }
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("was made for another definition"));
    CHECK(worlds::offers(report, rf::remedy::start_over_into_empty));
    CHECK_FALSE(worlds::offers(report, rf::remedy::start_over)); // inserts would meet the rows that are there
}

TEST_CASE("an insert into a table without transactions could double rows, and is refused") {
    two_databases world(3);
    world.target.set_transactional("procnote", false);
    CHECK_THAT(refused(world, rf::pipeline{}), ContainsSubstring("MyISAM, which has no transactions"));
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(worlds::offers(report, rf::remedy::choose_write_mode));
    CHECK(worlds::offers(report, rf::remedy::change_engine));
    CHECK(world.copy(rf::pipeline{rf::upsert{}}).complete());
    CHECK(world.equal());
}

TEST_CASE("an idempotent mode needs the source's key in the target") {
    two_databases world;
    world.source.create_table("t", {{"id", "int not null"}, {"a", "int not null"}}, {"id"});
    world.target.create_table("t", {{"id", "int not null"}, {"a", "int not null"}}, {"a"});
    world.source.insert("t", {"1", "2"});
    CHECK_THAT(refused(world, rf::pipeline{rf::upsert{}}, {.table = "t"}),
               ContainsSubstring("table t of the target has no key over the columns of the source's key PRIMARY (id)"));
}

TEST_CASE("an idempotent mode needs a key of the same collation, and no unique index of the target's own") {
    two_databases world;
    const auto code = [](const char* collation) {
        return std::string("varchar(20) collate ") + collation + " not null";
    };
    world.source.create_table("t", {{"code", code("utf8mb4_bin")}, {"a", "int"}}, {"code"});
    world.target.create_table("t", {{"code", code("utf8mb4_general_ci")}, {"a", "int"}}, {"code"});
    CHECK_THAT(refused(world, rf::pipeline{rf::upsert{}}, {.table = "t"}),
               ContainsSubstring("key PRIMARY compares column code by utf8mb4_general_ci in the target"));
    CHECK(world.copy(rf::pipeline{}, {.table = "t"}).complete());

    world.target.add_unique_key("procnote", "once", {"EntryDateTime"});
    for (auto* database : {&world.source, &world.target}) {
        database->insert("procnote", {"1", "2026-01-01 00:00:00", database == &world.source ? "new" : "old"});
    }
    const std::string sentence = "has a unique index once that the source lacks";
    world.source.insert("procnote", {"2", "2026-01-02 00:00:00", "another"});
    for (const rf::report& report : {world.copy(rf::pipeline{rf::upsert{}}), world.copy(rf::pipeline{rf::replace{}})}) {
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring(sentence));
        CHECK(worlds::offers(report, rf::remedy::drop_index));
    }
    CHECK(world.copy(rf::pipeline{rf::skip_existing{}}).complete());
}

TEST_CASE("a checkpoint without a row is not resumed into rows that came from elsewhere") {
    two_databases world;
    REQUIRE(world.copy(rf::pipeline{}).complete()); // nothing to copy, and noted so
    world.source.insert("procnote", {"1", std::nullopt, "ours"});
    world.target.insert("procnote", {"1", std::nullopt, "not ours"});
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("says that no row was committed"));
}

TEST_CASE("pages that do not advance are noticed") {
    struct same_page_again : rf::keyset_pages {
        rf::page_request next(const rf::page_order& order, const rf::page_cursor&, rf::batch_limits limits) const {
            return rf::keyset_pages::next(order, {}, limits);
        }
    };
    two_databases world(10);
    const rf::report report = world.copy(rf::pipeline{same_page_again{}, rf::fixed_batch{.rows = 3}});
    CHECK(report.rows == 3);
    CHECK_THAT(worlds::why(report), ContainsSubstring("pagination is stuck"));
}

TEST_CASE("an incremental copy behind another value is another copy") {
    two_databases world(3);
    auto behind = [](const char* id) {
        return rf::pipeline{rf::incremental_pages{.column = "ProcNoteNum", .after = id}, rf::upsert{}};
    };
    CHECK(world.copy(behind("-3")).rows == 2);
    CHECK(world.copy(behind("-3")).rows == 1); // the last one again
    const rf::report report = world.copy(behind("-9"));
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("after (-3)") && ContainsSubstring("after (-9)"));
}

TEST_CASE("a table is not copied into itself, also by clients that cannot copy inside a server") {
    struct plain_client {
        rf::testing::fake_connection base;
        rf::result<void> ping() { return base.ping(); }
        rf::result<std::optional<rf::table_schema>> describe(std::string_view table) { return base.describe(table); }
        rf::result<void> read(const rf::page_request& page, rf::row_batch& into) { return base.read(page, into); }
    };
    struct plain_source {
        rf::testing::fake_database& database;
        rf::result<plain_client> connect() {
            auto made = database.connect();
            if (!made) return made.error();
            return plain_client{std::move(*made)};
        }
        std::string identity() const { return database.identity(); }
    };
    two_databases world(3);
    plain_source same{world.source};
    const rf::report report = rf::pipeline{}.copy(same, world.source, "procnote", world.timing);
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("are the same table"));
    CHECK(rf::pipeline{}.copy(same, world.target, "procnote", world.timing).complete());
}

TEST_CASE("incremental: a missing or unfit column, and a lag that would double rows, are refused") {
    two_databases world(3);
    CHECK_THAT(refused(world, rf::pipeline{rf::incremental_pages{.column = "nothing"}, rf::upsert{}}),
               ContainsSubstring("has no column nothing"));
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("t", {{"id", "int not null"}, {"Note", "text"}, {"e", "enum('a')"}}, {"id"});
    }
    world.source.insert("t", {"1", "a", "a"});
    CHECK_THAT(refused(world, rf::pipeline{rf::incremental_pages{.column = "e"}, rf::upsert{}}, {.table = "t"}),
               ContainsSubstring("must be an integer, a decimal, a date and time, text or bytes"));
    world.target.insert("t", {"1", "a", "a"});
    CHECK_THAT(
        refused(world,
                rf::pipeline{rf::incremental_pages{.column = "Note", .lag = std::chrono::seconds(5)}, rf::upsert{}},
                {.table = "t"}),
        ContainsSubstring("column Note is text: a lag needs a number or a date"));
    CHECK_THAT(
        refused(world, rf::pipeline{rf::incremental_pages{.column = "EntryDateTime", .lag = std::chrono::seconds(5)}}),
        ContainsSubstring("a lag reads rows again"));
}

TEST_CASE("a single page that would not fit into memory is refused") {
    two_databases world(100);
    CHECK_THAT(refused(world, rf::pipeline{rf::single_page{.max_bytes = 100}}),
               ContainsSubstring("larger than a single page may be"));
    // When the server's estimate is no help the page itself tells.
    const rf::report report = world.copy(rf::pipeline{rf::single_page{.max_bytes = 2500}});
    CHECK_FALSE(report.complete());
    CHECK_THAT(worlds::why(report), ContainsSubstring("larger than a single page may be"));
    CHECK(world.target.rows("procnote").empty());
}

TEST_CASE("triggers of the target are refused where a row would set them off, unless they are accepted") {
    two_databases world(3);
    world.target.add_trigger("procnote", "audit_update", "UPDATE");
    world.target.add_trigger("procnote", "audit_delete", "DELETE");
    CHECK_THAT(refused(world, rf::pipeline{rf::upsert{}}), ContainsSubstring("(audit_update)"));
    CHECK_THAT(refused(world, rf::pipeline{rf::replace{}}), ContainsSubstring("(audit_delete)"));
    world.target.add_trigger("procnote", "stamp", "INSERT");
    world.source.add_trigger("procnote", "of_no_matter", "INSERT");
    CHECK_THAT(refused(world, rf::pipeline{}), ContainsSubstring("(stamp)"));
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(worlds::offers(report, rf::remedy::drop_triggers));
    CHECK(worlds::offers(report, rf::remedy::accept_triggers));
    CHECK(world.copy(rf::pipeline{}, {.table = "procnote", .accept_triggers = true}).complete());
}

TEST_CASE("a table that is computed otherwise, or keeps its history, is copied with a notice") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        rf::table_schema schema = numbers({"id", "g"});
        schema.columns[1].generated = true;
        schema.columns[1].expression = database == &world.source ? "id + 1" : "id + 2";
        database->create_table(schema);
    }
    world.source.set_system_versioned("t");
    CHECK(world.copy(rf::pipeline{}, {.table = "t"}).complete());
    CHECK(world.events.count<rf::notice>() == 2);
}

TEST_CASE("an engine that keeps nothing is refused") {
    two_databases world;
    rf::table_schema schema = numbers({"id"});
    world.source.create_table(schema);
    schema.engine = "BLACKHOLE";
    schema.rows = rf::row_home::nowhere;
    schema.transactional = false;
    world.target.create_table(schema);
    CHECK_THAT(refused(world, rf::pipeline{rf::upsert{}}, {.table = "t"}), ContainsSubstring("keeps no row"));
}

TEST_CASE("a target that something else changes is not called complete, however often it is run") {
    two_databases world(10);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 3}};
    world.target.at_call(14, [&] { world.target.erase("procnote", {"-5"}); });
    for (int i = 0; i < 2; ++i) {
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        CHECK_FALSE(report.complete());
        CHECK_THAT(worlds::why(report), ContainsSubstring("something else has changed it"));
    }
    CHECK(world.copy(ferry, {.table = "procnote", .truncate_target = true}).complete());
    CHECK(world.equal());
}
