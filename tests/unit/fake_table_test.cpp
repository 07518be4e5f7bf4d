// SPDX-License-Identifier: BSL-1.0
// The double's tables: how they are made, what they refuse, and what a test can do to them directly.
#include "catch.hpp"
#include "contract/client.hpp"

#include <rowferry/testing.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;
using client::code_of;
using client::rows;
using rf::testing::fake_database;

namespace {

/// The errno with which the double refuses to insert this row; 0 when it takes it.
unsigned refused(fake_database& db, std::string_view table, const rf::testing::row& values) {
    try {
        db.insert(table, values);
    } catch (const rf::copy_error& e) {
        CHECK(rf::classify(e.error().code) == e.error().fault);
        return e.error().code;
    }
    return 0;
}

rf::column described(const std::string& type) {
    fake_database db;
    db.create_table("t", {{"c", type}});
    auto c = client::open(db);
    return client::describe(c, "t").columns.front();
}

} // namespace

TEST_CASE("the double derives kinds from type text") {
    using kind = rf::column_kind;
    const std::vector<std::pair<const char*, kind>> types{
        {"tinyint", kind::integer},  {"BIGINT(20) UNSIGNED", kind::integer},
        {"year", kind::integer},     {"decimal(10, 2)", kind::decimal},
        {"float", kind::real32},     {"double", kind::real64},
        {"bit(3)", kind::bit},       {"char(2)", kind::text},
        {"longtext", kind::text},    {"binary(16)", kind::bytes},
        {"mediumblob", kind::bytes}, {"datetime(6)", kind::temporal},
        {"time", kind::temporal},    {"enum('a b','it''s')", kind::enumeration},
        {"set('x')", kind::set},     {"json", kind::json},
        {"point", kind::geometry},   {"inet6", kind::other}};
    for (const auto& [type, wanted] : types) {
        INFO(type);
        CHECK(described(type).kind == wanted);
    }
}

TEST_CASE("the double reads column attributes") {
    const rf::column number = described("BIGINT(20) unsigned NOT NULL default 5 comment 'not null'");
    CHECK(number.type == "bigint(20) unsigned");
    CHECK(number.is_unsigned);
    CHECK_FALSE(number.nullable);
    CHECK(number.charset.empty());
    const rf::column usual = described("varchar(20)");
    CHECK(usual.nullable);
    CHECK(usual.charset == "utf8mb4");
    CHECK(usual.collation == "utf8mb4_general_ci");
    CHECK(described("text collate latin1_bin").charset == "latin1");
    CHECK(described("text character set latin1 collate latin1_bin").collation == "latin1_bin");
    CHECK(described("int generated always as (a + (b * 2)) stored").generated);
    CHECK(described("int as (1) virtual").generated);
    CHECK(described("int invisible").invisible);
    CHECK_THROWS_AS(described(""), rf::copy_error);
    CHECK_THROWS_AS(described("int imaginary"), rf::copy_error);
    CHECK_THROWS_AS(described("int default"), rf::copy_error);
}

TEST_CASE("the double describes its tables") {
    fake_database db("shop");
    db.create_table("t", {{"id", "bigint"}, {"code", "varchar(5)"}, {"name", "varchar(5) not null"}}, {"id"});
    db.add_unique_key("t", "by_code", {"code"});
    db.add_unique_key("t", "by_name", {"name desc", "id"});
    db.add_index("t", "code");
    db.insert("t", {"1", "abc", "x"});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    CHECK_FALSE(t.columns[0].nullable); // of the primary key
    REQUIRE(t.keys.size() == 2);
    CHECK(t.keys[0].name == "PRIMARY");
    CHECK(t.keys[1].name == "by_name");
    CHECK(t.keys[1].parts[0].descending);
    REQUIRE(t.unique_indexes.size() == 3);
    CHECK(t.unique_indexes[1].name == "by_code");
    CHECK(t.unique_indexes[2].parts == std::vector<rf::unique_part>{{2, 0, {}}, {0, 0, {}}});
    CHECK(t.unusable_keys == "key by_code cannot order pages: column code may be NULL");
    CHECK(t.indexed_columns == std::vector<std::string>{"id", "code", "name"});
    CHECK(t.estimated_rows == 1);
    CHECK(t.estimated_bytes == 5);
    CHECK(t.engine == "InnoDB");
    db.set_transactional("t", false);
    db.set_view("t");
    const rf::table_schema changed = client::describe(c, "t");
    CHECK_FALSE(changed.transactional);
    CHECK(changed.engine == "MyISAM");
    CHECK_FALSE(changed.is_base_table);
    CHECK(client::must(c.tables()).empty());
    db.drop_table("t");
    CHECK_FALSE(client::must(c.describe("t")).has_value());
    CHECK(db.identity().ends_with(":3306/shop"));
}

TEST_CASE("the double takes a whole schema") {
    fake_database original;
    original.create_table("t", {{"id", "bigint unsigned"}, {"v", "varchar(3)"}}, {"id"});
    original.add_unique_key("t", "by_v", {"v"});
    auto c = client::open(original);
    rf::table_schema schema = client::describe(c, "t");
    const std::string unusable = schema.unusable_keys;
    schema.unique_indexes.push_back({"short", {{1, 2, {}}}});
    schema.name = "copy";
    schema.engine = "Aria";
    fake_database db;
    db.create_table(schema);
    CHECK(refused(db, "copy", {"-1", "x"}) == 1264);
    CHECK(refused(db, "copy", {"18446744073709551615", "four"}) == 1406);
    CHECK(refused(db, "copy", {"18446744073709551615", "abc"}) == 0);
    CHECK(refused(db, "copy", {"1", "abc"}) == 1062); // the key that cannot order pages is enforced, too
    CHECK(refused(db, "copy", {"1", "abd"}) == 1062); // that over a prefix, too
    CHECK(refused(db, "copy", {"1", "b"}) == 0);
    auto d = client::open(db);
    const rf::table_schema again = client::describe(d, "copy");
    CHECK(again.engine == "Aria");
    REQUIRE(again.unique_indexes.size() == 3);
    CHECK(again.unique_indexes[1].name == "by_v");
    CHECK(again.unique_indexes[2].parts == schema.unique_indexes[2].parts);
    CHECK(again.unusable_keys == unusable + "; key short cannot order pages: column v may be NULL");
}

TEST_CASE("the double refuses what a server in strict mode refuses") {
    fake_database db;
    db.create_table("t",
                    {{"id", "tinyint"},
                     {"u", "smallint unsigned"},
                     {"n", "varchar(2)"},
                     {"d", "decimal(5,2)"},
                     {"b", "binary(2)"},
                     {"m", "mediumint not null default 7"}},
                    {"id"});
    CHECK(refused(db, "t", {"127", "65535", "\xC3\xA4\xC3\xB6", "-1.50", "ab", "-8388608"}) == 0);
    CHECK(refused(db, "t", {"127", "1", "", "0", "", "0"}) == 1062);
    CHECK(refused(db, "t", {std::nullopt, "1", "", "0", "", "0"}) == 1048);
    CHECK(refused(db, "t", {"1", "1", "", "0", "", std::nullopt}) == 1048);
    CHECK(refused(db, "t", {"-129", "1", "", "0", "", "0"}) == 1264);
    CHECK(refused(db, "t", {"1", "65536", "", "0", "", "0"}) == 1264);
    CHECK(refused(db, "t", {"1", "-1", "", "0", "", "0"}) == 1264);
    CHECK(refused(db, "t", {"1", "1", "", "0", "", "8388608"}) == 1264);
    CHECK(refused(db, "t", {"1x", "1", "", "0", "", "0"}) == 1366);
    CHECK(refused(db, "t", {"1", "1", "", "1.5.0", "", "0"}) == 1366);
    CHECK(refused(db, "t", {"1", "1", "abc", "0", "", "0"}) == 1406);
    CHECK(refused(db, "t", {"1", "1", "", "0", "\xC3\xA4\xC3", "0"}) == 1406);
    CHECK(refused(db, "t", {"1", "1"}) == 0); // a refusal of its own, without an errno
    CHECK(refused(db, "missing", {"1"}) == 1146);
    CHECK(db.rows("t").size() == 1);
}

TEST_CASE("the double's unique keys: NULLs are never equal") {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"a", "int"}, {"b", "int"}}, {"id"});
    db.add_unique_key("t", "by_both", {"a", "b"});
    CHECK(refused(db, "t", {"1", "1", "1"}) == 0);
    CHECK(refused(db, "t", {"2", "1", std::nullopt}) == 0);
    CHECK(refused(db, "t", {"3", "1", std::nullopt}) == 0);
    CHECK(refused(db, "t", {"4", "1", "1"}) == 1062);
    CHECK(db.erase("t", {"1"}));
    CHECK(refused(db, "t", {"4", "1", "1"}) == 0);
    CHECK_THROWS_AS(db.add_unique_key("t", "late", {"a"}), rf::copy_error);
    CHECK_THROWS_AS(db.create_table("t", {{"id", "int"}}), rf::copy_error);
    CHECK_THROWS_AS(db.create_table("u", {{"id", "int"}}, {"other"}), rf::copy_error);
}

TEST_CASE("automatic numbers, defaults and generated columns") {
    fake_database db;
    db.create_table(
        "t", {{"id", "int auto_increment"}, {"v", "int default 7"}, {"w", "int not null"}, {"sum", "int as (v + w)"}},
        {"id"});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    CHECK(t.columns[3].generated);
    rf::write_request request = client::write_to(t);
    CHECK(request.columns == std::vector<std::size_t>{0, 1, 2});
    request.columns = {2};
    client::must(client::write(c, request, {{"1"}, {"2"}}));
    request.columns = {2, 0};
    client::must(client::write(c, request, {{"3", "10"}, {"4", std::nullopt}, {"5", "0"}}));
    CHECK(db.rows("t") == rows{{"0", "7", "5", std::nullopt},
                               {"1", "7", "1", std::nullopt},
                               {"2", "7", "2", std::nullopt},
                               {"10", "7", "3", std::nullopt},
                               {"11", "7", "4", std::nullopt}});
    request.columns = {0};
    CHECK(code_of(client::write(c, request, {{"20"}})) == 1364);
    request.columns = {2, 3};
    CHECK(code_of(client::write(c, request, {{"1", "1"}})) == 3105);
    request.columns = {2, 1};
    CHECK(code_of(client::write(c, request, {{"1"}})) == 1136);
    db.insert("t", {"30", "1", "1", std::nullopt});
    CHECK(db.row_count("t") == 6);
}

TEST_CASE("rows that a test writes directly") {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"v", "varchar(9)"}}, {"id"});
    db.insert("t", {"2", "b"});
    db.upsert("t", {"1", "a"});
    db.upsert("t", {"2", "B"});
    CHECK(db.rows("t") == rows{{"1", "a"}, {"2", "B"}});
    CHECK(db.erase("t", {"1"}));
    CHECK_FALSE(db.erase("t", {"1"}));
    CHECK_THROWS_AS(db.erase("t", {"1", "2"}), rf::copy_error);
    auto doubled = [](std::uint64_t i) { return rf::testing::row{std::to_string(i / 2), "x"}; };
    CHECK_THROWS_AS(db.fill("t", 4, doubled), rf::copy_error);
    CHECK(db.row_count("t") == 1); // all or none
    db.fill("t", 1, doubled);
    CHECK(db.row_count("t") == 2);
    CHECK(db.calls() == 0);
    CHECK_THROWS_AS(db.rows("missing"), rf::copy_error);
}

TEST_CASE("rows are compared whatever their keys") {
    fake_database a("a");
    fake_database b("b");
    const std::vector<rf::testing::column_definition> columns{{"id", "int"}, {"v", "varchar(9)"}};
    a.create_table("t", columns, {"id"});
    b.create_table("u", columns);
    b.insert("u", {"2", std::nullopt});
    b.insert("u", {"1", ""});
    a.insert("t", {"1", ""});
    CHECK_FALSE(a.has_same_rows("t", b, "u"));
    a.insert("t", {"2", std::nullopt});
    CHECK(a.has_same_rows("t", b, "u"));
    CHECK(b.has_same_rows("u", a, "t"));
    CHECK(a.has_same_rows("t", a, "t"));
    a.upsert("t", {"2", ""});
    CHECK_FALSE(a.has_same_rows("t", b, "u"));
}

TEST_CASE("a copy of a database is another handle on it") {
    fake_database db;
    const fake_database same = db; // NOLINT(performance-unnecessary-copy-initialization)
    db.create_table("t", {{"id", "int"}}, {"id"});
    db.insert("t", {"1"});
    CHECK(same.row_count("t") == 1);
    CHECK(same.identity() == db.identity());
    auto outlives = [] {
        fake_database gone;
        gone.create_table("t", {{"id", "int"}}, {"id"});
        return client::open(gone);
    }();
    client::must(outlives.ping());
}
