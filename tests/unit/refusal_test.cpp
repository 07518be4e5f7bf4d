// What cannot be done exactly is refused with a sentence, and the target is not changed.
#include "catch.hpp"
#include "worlds.hpp"

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

/// The sentence of a refusal; checks that nothing was written.
template <class Pipeline>
std::string refused(two_databases& world, const Pipeline& ferry, const rf::copy_request& request = {.table = "procnote"}) {
    const auto before = world.target.rows("procnote");
    const rf::report report = world.copy(ferry, request);
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(world.target.rows("procnote") == before);
    CHECK(world.target.checkpoints().empty());
    CHECK(world.target.calls(rf::testing::operation::write) == 0);
    return worlds::why(report);
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
}

TEST_CASE("an insert into a table without transactions could double rows, and is refused") {
    two_databases world(3);
    world.target.set_transactional("procnote", false);
    CHECK_THAT(refused(world, rf::pipeline{}), ContainsSubstring("MyISAM, which has no transactions"));
    CHECK(world.copy(rf::pipeline{rf::upsert{}}).complete());
    CHECK(world.equal());
}

TEST_CASE("an idempotent mode needs the source's key in the target") {
    two_databases world;
    world.source.create_table("t", {{"id", "int not null"}, {"a", "int not null"}}, {"id"});
    world.target.create_table("t", {{"id", "int not null"}, {"a", "int not null"}}, {"a"});
    world.source.insert("t", {"1", "2"});
    CHECK_THAT(refused(world, rf::pipeline{rf::upsert{}}, {.table = "t"}),
               ContainsSubstring("has no key over the columns of the source's key PRIMARY"));
}

TEST_CASE("incremental: a missing or unfit column, and a lag that would double rows, are refused") {
    two_databases world(3);
    CHECK_THAT(refused(world, rf::pipeline{rf::incremental_pages{.column = "nothing"}, rf::upsert{}}),
               ContainsSubstring("has no column nothing"));
    CHECK_THAT(refused(world, rf::pipeline{rf::incremental_pages{.column = "Note"}, rf::upsert{}}),
               ContainsSubstring("must be an integer, a decimal, or a date and time"));
    CHECK_THAT(refused(world, rf::pipeline{rf::incremental_pages{.column = "EntryDateTime",
                                                                 .lag = std::chrono::seconds(5)}}),
               ContainsSubstring("a lag reads rows again"));
}

TEST_CASE("a single page that would not fit into memory is refused") {
    two_databases world(100);
    const rf::report report = world.copy(rf::pipeline{rf::single_page{.max_bytes = 100}});
    CHECK_FALSE(report.complete());
    CHECK_THAT(worlds::why(report), ContainsSubstring("larger than a single page may be"));
    CHECK(world.target.rows("procnote").empty());
}
