// SPDX-License-Identifier: BSL-1.0
// The contract of describe: columns, keys, and what kind of thing a table is.
#ifndef ROWFERRY_TESTS_CONTRACT_DESCRIBING_HPP
#define ROWFERRY_TESTS_CONTRACT_DESCRIBING_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace contract {

namespace rf = rowferry;
using client::describe;
using client::page_of;
using client::rows;

template <class World>
void describes_tables(World& w) {
    w.create("t",
             {{"id", "bigint unsigned not null"},
              {"small", "tinyint not null"},
              {"price", "decimal(20,5)"},
              {"ratio", "double"},
              {"single", "float"},
              {"name", "varchar(20) collate utf8mb4_bin not null"},
              {"raw", "varbinary(20)"},
              {"made", "datetime(6)"},
              {"colour", "enum('red','green')"}},
             {"small desc", "id"}, {{"by_name", {"name"}}, {"by_raw", {"raw"}}});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    REQUIRE(t.name == "t");
    REQUIRE(t.columns.size() == 9);
    using kind = rf::column_kind;
    const std::vector<kind> kinds{kind::integer, kind::integer, kind::decimal,  kind::real64,     kind::real32,
                                  kind::text,    kind::bytes,   kind::temporal, kind::enumeration};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        INFO(t.columns[i].name);
        CHECK(t.columns[i].kind == kinds[i]);
        CHECK_FALSE(t.columns[i].generated);
        CHECK_FALSE(t.columns[i].invisible);
    }
    CHECK(t.columns[0].name == "id");
    CHECK(t.columns[0].is_unsigned);
    CHECK_FALSE(t.columns[1].is_unsigned);
    CHECK_FALSE(t.columns[0].nullable);
    CHECK(t.columns[2].nullable);
    CHECK(t.columns[5].charset == "utf8mb4");
    CHECK(t.columns[5].collation == "utf8mb4_bin");
    CHECK(t.columns[6].collation.empty());
    REQUIRE(t.keys.size() == 2);
    CHECK(t.keys[0].name == "PRIMARY");
    REQUIRE(t.keys[0].parts.size() == 2);
    CHECK(t.keys[0].parts[0].column == 1);
    CHECK(t.keys[0].parts[0].descending);
    CHECK(t.keys[0].parts[1].column == 0);
    CHECK_FALSE(t.keys[0].parts[1].descending);
    CHECK(t.keys[1].name == "by_name");
    CHECK(t.unusable_keys.find("by_raw") != std::string::npos);
    for (const char* column : {"small", "name", "raw"}) {
        CHECK(std::count(t.indexed_columns.begin(), t.indexed_columns.end(), column) == 1);
    }
    CHECK(t.transactional);
    CHECK(t.is_base_table);
    CHECK(t.kind_name == "a table");
    CHECK_FALSE(t.system_versioned);
    CHECK_FALSE(t.engine.empty());
}

/// All unique indexes, whether they can order pages or not, PRIMARY first, their columns in the index's order.
template <class World>
void describes_unique_indexes(World& w) {
    w.create("t",
             {{"id", "bigint not null"},
              {"code", "varchar(20)"},
              {"weight", "double not null"},
              {"twice", "int as (1) stored"}},
             {"id"}, {{"a_code", {"code", "id desc"}}, {"b_weight", {"weight"}}});
    w.create("keyless", {{"id", "int"}}, {});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    REQUIRE(t.unique_indexes.size() == 3);
    CHECK(t.unique_indexes[0].name == "PRIMARY");
    CHECK(t.unique_indexes[0].parts == std::vector<rf::unique_part>{{0, 0, {}}});
    CHECK(t.unique_indexes[1].name == "a_code");
    CHECK(t.unique_indexes[1].parts == std::vector<rf::unique_part>{{1, 0, {}}, {0, 0, {}}});
    CHECK(t.unique_indexes[2].name == "b_weight");
    CHECK(t.unique_indexes[2].is_over_whole_columns());
    CHECK(t.columns[3].generated);
    CHECK_FALSE(t.columns[3].expression.empty());
    CHECK(t.columns[0].expression.empty());
    CHECK(describe(c, "keyless").unique_indexes.empty());
}

/// What is no base table says what it is.
template <class World>
void describes_what_a_table_is(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    w.create("seen", {{"id", "int not null"}}, {"id"});
    w.turn_into_view("seen");
    auto c = client::open(w.connector());
    const rf::table_schema view = describe(c, "seen");
    CHECK_FALSE(view.is_base_table);
    CHECK(view.kind_name == "a view");
    CHECK(describe(c, "t").is_base_table);
    CHECK(describe(c, "t").kind_name == "a table");
    CHECK(client::must(c.tables()) == std::vector<std::string>{"t"});
}

/// A versioned table is a base table, and its key is what its readers see.
template <class World>
void describes_a_versioned_table(World& w) {
    w.create("t", {{"id", "int not null"}, {"code", "varchar(20) not null"}}, {"id"}, {{"by_code", {"code"}}});
    if (!w.add_system_versioning("t")) {
        WARN("skipped: this server has no system-versioned tables");
        return;
    }
    w.insert("t", {"1", "a"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    CHECK(t.is_base_table);
    CHECK(t.kind_name == "a table");
    CHECK(t.system_versioned);
    CHECK(t.stored_columns() == std::vector<std::size_t>{0, 1});
    REQUIRE(t.keys.size() == 2);
    CHECK(t.keys[0].parts.size() == 1);
    CHECK(t.keys[1].parts.size() == 1);
    REQUIRE(t.unique_indexes.size() == 2);
    CHECK(t.unique_indexes[1].parts == std::vector<rf::unique_part>{{1, 0, {}}});
    client::must(client::write(c, client::write_to(t, rf::write_kind::replace), {{"1", "b"}}));
    CHECK(client::read(c, page_of(t)) == rows{{"1", "b"}}); // not what was there before
    CHECK(client::must(c.tables()) == std::vector<std::string>{"t"});
}

template <class World>
void describes_no_table(World& w) {
    auto c = client::open(w.connector());
    CHECK_FALSE(client::must(c.describe("missing")).has_value());
    client::must(c.ping());
}

} // namespace contract

#endif
