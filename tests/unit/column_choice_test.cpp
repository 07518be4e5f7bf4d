// SPDX-License-Identifier: BSL-1.0
// Chosen columns, and columns with another name in the target: what arrives, and what is refused.
#include "catch.hpp"
#include "worlds.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Equals;

namespace {

using definitions = std::vector<rf::testing::column_definition>;

/// A table `person` in each database.
struct people {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;

    explicit people(const definitions& there, const std::vector<std::string>& key = {"id"}) {
        source.create_table(
            "person", {{"id", "bigint not null"}, {"name", "varchar(20)"}, {"email", "varchar(50)"}, {"age", "int"}},
            {"id"});
        target.create_table("person", there, key);
        for (int i = 1; i <= 5; ++i) {
            const std::string n = std::to_string(i);
            source.insert("person", {n, "name " + n, n + "@example.org", std::to_string(20 + i)});
        }
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const std::vector<rf::column_pair>& columns) {
        return ferry.copy(source, target, rf::copy_request{.table = "person", .columns = columns}, timing);
    }
    std::string refused(const std::vector<rf::column_pair>& columns) { return refused(rf::pipeline{}, columns); }
    template <class Pipeline>
    std::string refused(const Pipeline& ferry, const std::vector<rf::column_pair>& columns) {
        const rf::report report = copy(ferry, columns);
        CHECK(report.outcome == rf::outcome::refused);
        CHECK(target.calls(rf::testing::operation::write) == 0);
        return worlds::why(report);
    }
};

const definitions all{
    {"id", "bigint not null"}, {"name", "varchar(20)"}, {"email", "varchar(50)"}, {"age", "int default 7"}};

} // namespace

TEST_CASE("chosen columns are copied, whatever their order, and the others get their defaults") {
    people world(all);
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 2}}, {{"Name"}, {"id"}});
    INFO(worlds::why(report));
    REQUIRE(report.complete());
    REQUIRE(world.target.row_count("person") == 5);
    CHECK(world.target.rows("person")[1] == rf::testing::row{"2", "name 2", std::nullopt, "7"});
}

TEST_CASE("a column may have another name in the target, and keys are compared by that") {
    people world({{"who", "bigint not null"}, {"called", "varchar(20)"}}, {"who"});
    const std::vector<rf::column_pair> map{{"id", "who"}, {"name", "called"}};
    SECTION("insert") { REQUIRE(world.copy(rf::pipeline{}, map).complete()); }
    SECTION("upsert") {
        world.target.insert("person", {"2", "old"});
        REQUIRE(world.copy(rf::pipeline{rf::upsert{}}, map).complete());
    }
    CHECK(world.target.rows("person")[1] == rf::testing::row{"2", "name 2"});
    CHECK(world.target.row_count("person") == 5);
}

TEST_CASE("upsert leaves the columns alone that are not copied") {
    people world(all);
    world.target.insert("person", {"3", "old", "old@example.org", "99"});
    REQUIRE(world.copy(rf::pipeline{rf::upsert{}}, {{"id"}, {"name"}}).complete());
    CHECK(world.target.rows("person")[2] == rf::testing::row{"3", "name 3", "old@example.org", "99"});
}

TEST_CASE("replace is refused with columns that are not copied: their values would be lost") {
    people world(all);
    CHECK_THAT(world.refused(rf::pipeline{rf::replace{}}, {{"id"}, {"name"}}),
               ContainsSubstring("would lose what the target's table person holds in columns that are not copied") &&
                   ContainsSubstring("(email, age)") && ContainsSubstring("upsert"));
    CHECK(world.copy(rf::pipeline{rf::replace{}}, {{"id"}, {"name"}, {"email"}, {"age"}}).complete());
}

TEST_CASE("pages may be ordered by a key that is not copied, as into a target that numbers its rows itself") {
    people world({{"nr", "int not null auto_increment"}, {"name", "varchar(20)"}}, {"nr"});
    SECTION("with faults") {
        world.target.fail_at(9, rf::fault::connection_lost, rf::testing::when::after);
        world.target.fail_at(14, rf::fault::rolled_back);
    }
    const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 2}}, {{"name"}});
    INFO(worlds::why(report));
    REQUIRE(report.complete());
    CHECK(world.target.row_count("person") == 5);
    CHECK_THAT(worlds::why(report), Equals(""));
    CHECK(report.last_key == rf::key_values{"5"});
}

TEST_CASE("inside one server too, pages may be ordered by a key that is not copied") {
    people same({{"nr", "int not null auto_increment"}, {"name", "varchar(20)"}}, {"nr"});
    rf::testing::fake_database target{"other"};
    target.share_server_with(same.source);
    target.create_table("person", {{"nr", "int not null auto_increment"}, {"called", "varchar(20)"}}, {"nr"});
    const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 2}}.copy(
        same.source, target, rf::copy_request{.table = "person", .columns = {{"name", "called"}}}, same.timing);
    INFO(worlds::why(report));
    REQUIRE(report.complete());
    CHECK(report.route == rf::route::server_side);
    CHECK(target.rows("person")[4] == rf::testing::row{"5", "name 5"});
}

TEST_CASE("without the key's columns an idempotent write mode has nothing to tell rows apart by") {
    people world({{"id", "int not null auto_increment"}, {"name", "varchar(20)"}}, {"id"});
    CHECK_THAT(world.refused(rf::pipeline{rf::upsert{}}, {{"name"}}),
               ContainsSubstring("has no key over the columns of the source's key PRIMARY (id)"));
}

TEST_CASE("everything that speaks against the chosen columns is said at once") {
    people world({{"id", "bigint not null"},
                  {"name", "varchar(5)"},
                  {"email", "varchar(50)"},
                  {"must", "int not null"},
                  {"sum", "int generated always as (id)"}});
    CHECK_THAT(world.refused({{"id"}, {"name"}, {"nothing"}, {"age", "sum"}, {"id", "email"}, {"email", "e-mail"}}),
               ContainsSubstring("the columns chosen of table person cannot be copied: "
                                 "column name: varchar(20) in the source, varchar(5) in the target; "
                                 "column nothing: missing in the source; column nothing: missing in the target; "
                                 "column sum: generated in the target, and cannot be written; "
                                 "column id: named twice; column e-mail: missing in the target; "
                                 "column must: not copied, and it has no default in the target"));
    CHECK_THAT(world.refused({{"id"}, {"age", "name"}}),
               ContainsSubstring("column age into name: int in the source, varchar(5) in the target"));
    CHECK_THAT(world.refused({{"name", "email"}, {"email", "email"}}),
               ContainsSubstring("column email: filled from two columns"));
}

TEST_CASE("a unique index over columns that are not copied counts as one that the source has not") {
    people world(all);
    world.target.add_unique_key("person", "by_email", {"email"});
    CHECK_THAT(world.refused(rf::pipeline{rf::upsert{}}, {{"id"}, {"name"}}),
               ContainsSubstring("has a unique index by_email"));
}

TEST_CASE("columns that changed since the checkpoint was made are refused, with what changed") {
    people world(all);
    world.target.fail_between(14, 99, rf::fault::permanent);
    REQUIRE_FALSE(world.copy(rf::pipeline{rf::fixed_batch{.rows = 1}}, {{"id"}, {"name"}}).complete());
    world.target.clear_faults();
    auto why = [&](const std::vector<rf::column_pair>& columns) {
        const rf::report report = world.copy(rf::pipeline{}, columns);
        CHECK(report.outcome == rf::outcome::refused);
        return worlds::why(report);
    };
    CHECK_THAT(why({{"id"}, {"email"}}), ContainsSubstring("it copied name varchar(20), and does not now; "
                                                           "it copies email varchar(50) now, and did not"));
    CHECK_THAT(why({{"id"}, {"name", "email"}}),
               ContainsSubstring("it copies name varchar(20) to email now, and did not"));
    CHECK(world.copy(rf::pipeline{}, {{"name"}, {"id"}}).complete());
    CHECK(world.target.row_count("person") == 5);
}

TEST_CASE("another collation of the key is another order of pages: refused, not resumed") {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;
    auto create = [&](const std::string& collation) {
        for (auto* database : {&source, &target}) {
            database->create_table("t", {{"k", "varchar(10) not null collate " + collation}}, {"k"});
        }
    };
    create("utf8mb4_general_ci");
    source.insert("t", {"a"});
    REQUIRE(rf::pipeline{}.copy(source, target, "t", timing).complete());
    for (auto* database : {&source, &target}) database->drop_table("t");
    create("utf8mb4_bin");
    CHECK_THAT(worlds::why(rf::pipeline{}.copy(source, target, "t", timing)),
               ContainsSubstring("it was \"pages: keyset by k collate utf8mb4_general_ci\", and is "
                                 "\"pages: keyset by k collate utf8mb4_bin\" now"));
}
