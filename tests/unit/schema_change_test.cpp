// SPDX-License-Identifier: BSL-1.0
// What counts as a change between two descriptions of a table.
#include "catch.hpp"

#include <rowferry/schema_change.hpp>

#include <string>
#include <utility>

namespace rf = rowferry;

namespace {

/// A table with the columns `id` and `name`, and a key over the first.
rf::table_schema people() {
    rf::table_schema t;
    t.name = "people";
    t.engine = "InnoDB";
    t.columns = {{.name = "id", .kind = rf::column_kind::integer, .type = "int", .nullable = false},
                 {.name = "name", .kind = rf::column_kind::text, .type = "text", .charset = "utf8mb4"}};
    t.keys = {{"PRIMARY", {{0, false}}}};
    t.unique_indexes = {{"PRIMARY", {{0, 0, {}}}}};
    return t;
}
const rf::watched_parts everything{
    .columns = {}, .key = "PRIMARY", .unique_indexes = true, .triggers = {"INSERT", "DELETE"}};

std::string changes(const rf::table_schema& is, const rf::watched_parts& watched = everything) {
    return rf::schema_changes(people(), is, watched);
}

} // namespace

TEST_CASE("estimates, defaults, other indexes and the order of columns are no change") {
    rf::table_schema is = people();
    is.estimated_rows = 1000;
    is.indexed_columns = {"name"};
    is.columns[1].has_default = true;
    std::swap(is.columns[0], is.columns[1]);
    is.keys[0].parts[0].column = 1;
    is.unique_indexes[0].parts[0].column = 1;
    is.triggers = {{"on_update", "UPDATE"}};
    CHECK(changes(is).empty());
}

TEST_CASE("everything that changed is said, one clause each") {
    rf::table_schema is = people();
    is.engine = "MyISAM";
    is.kind_name = "a view";
    is.columns[0].nullable = true;
    is.columns[1].charset = "latin1";
    is.columns.push_back({.name = "more"});
    is.keys[0].parts.push_back({1, true});
    is.unique_indexes.push_back({"by_name", {{1, 0, {}}}});
    is.triggers = {{"spoil", "INSERT"}};
    CHECK(changes(is) == "it was a table, and is a view now; its engine was InnoDB, and is MyISAM now; "
                         "column id was int NOT NULL, and is int now; "
                         "column name was text charset utf8mb4, and is text charset latin1 now; column more is new; "
                         "key PRIMARY was (id), and is (id, name desc) now; unique index by_name is new; "
                         "trigger spoil on INSERT is new");
    is.keys.clear();
    CHECK(changes(is).find("key PRIMARY was dropped or renamed, or no longer orders pages") != std::string::npos);
}

TEST_CASE("what is not watched may change") {
    rf::table_schema is = people();
    is.columns.pop_back();
    is.columns.push_back({.name = "more"});
    is.unique_indexes.push_back({"by_more", {{1, 0, {}}}});
    is.triggers = {{"spoil", "INSERT"}};
    CHECK(changes(is, {.columns = {0}, .key = "PRIMARY", .unique_indexes = false, .triggers = {}}).empty());
}

TEST_CASE("a key that counts other parts of its columns is another key, though its name is the same") {
    rf::table_schema was = people();
    was.keys[0].parts = {{1, false, 10}};
    was.unique_indexes[0].parts = {{1, 10, {}}};
    rf::table_schema is = was;
    CHECK(rf::schema_changes(was, is, everything).empty());
    is.keys[0].parts[0].prefix = 20;
    CHECK(rf::schema_changes(was, is, everything) == "key PRIMARY was (name(10)), and is (name(20)) now");
}

TEST_CASE("a unique index that is over something else now matters as a new one does") {
    rf::table_schema was = people();
    was.columns.push_back({.name = "city"});
    was.unique_indexes.push_back({"other", {{1, 0, {}}}});
    rf::table_schema is = was;
    std::swap(is.columns[1], is.columns[2]);
    is.unique_indexes[1].parts = {{2, 0, {}}};
    CHECK(rf::schema_changes(was, is, everything).empty());
    is.unique_indexes[1].parts = {{1, 0, {}}};
    CHECK(rf::schema_changes(was, is, everything) == "unique index other is over other columns now");
    is.unique_indexes[1].parts = {{2, 5, {}}};
    CHECK(rf::schema_changes(was, is, everything) == "unique index other is over other columns now");
}
