// SPDX-License-Identifier: BSL-1.0
// Whether a target can hold a source's rows unchanged.
#include "catch.hpp"

#include <rowferry/schema_match.hpp>
#include <rowferry/sql/type_rules.hpp>

namespace rf = rowferry;
using rf::column_kind;

namespace {
rf::column col(std::string name, column_kind kind, std::string type, std::string charset = {}) {
    rf::column c;
    c.name = std::move(name);
    c.kind = kind;
    c.type = std::move(type);
    c.is_unsigned = c.type.find("unsigned") != std::string::npos;
    c.charset = std::move(charset);
    return c;
}
rf::table_schema table(std::vector<rf::column> columns) {
    rf::table_schema t;
    t.name = "t";
    t.columns = std::move(columns);
    return t;
}
bool fits(const rf::column& from, const rf::column& to) {
    return rf::match_columns(table({from}), table({to})).has_value();
}
} // namespace

TEST_CASE("columns are paired by name, without regard to case or position") {
    auto match = rf::match_columns(
        table({col("id", column_kind::integer, "int(11)"), col("Note", column_kind::text, "text", "utf8mb4")}),
        table({col("note", column_kind::text, "text", "utf8mb4"), col("ID", column_kind::integer, "int")}));
    REQUIRE(match);
    CHECK(match->source == std::vector<std::size_t>{0, 1});
    CHECK(match->target == std::vector<std::size_t>{1, 0});
}

TEST_CASE("all differences stand in one message") {
    auto strict = col("c", column_kind::integer, "int");
    strict.nullable = false;
    auto match = rf::match_columns(
        table({col("a", column_kind::integer, "bigint"), col("b", column_kind::text, "text", "latin1"),
               col("c", column_kind::integer, "int"), col("d", column_kind::temporal, "date")}),
        table({col("a", column_kind::integer, "int"), col("b", column_kind::text, "text", "utf8mb4"), strict,
               col("e", column_kind::temporal, "date")}));
    REQUIRE_FALSE(match);
    CHECK(match.error().message ==
          "the columns of table t do not match: column a: bigint in the source, int in the target; column b: charset "
          "latin1 "
          "in the source, utf8mb4 in the target; column c: NULL is allowed in the source, not in the target; column d: "
          "missing in the target; column e: missing in the source");
}

TEST_CASE("a column that only calls itself a UUID does not arrive as one", "[hostile]") {
    using enum column_kind;
    const auto to = col("a", text, "varchar(40)", "utf8mb4");
    CHECK(fits(col("a", other, "uuid"), to));
    CHECK(fits(col("a", other, "inet6"), col("a", text, "varchar(45)", "ascii")));
    for (const char* type : {"uuid", "inet4", "inet6"}) {
        CHECK_FALSE(fits(col("a", text, type, "binary X'00') UNION SELECT 1 -- "), to));
        CHECK_FALSE(fits(col("a", bytes, type), to));
        CHECK_FALSE(fits(col("a", integer, type), to));
    }
}

TEST_CASE("a wider target holds the values unchanged; a narrower or another one does not") {
    using enum column_kind;
    CHECK(fits(col("a", integer, "int(11)"), col("a", integer, "bigint(20)")));
    CHECK_FALSE(fits(col("a", integer, "int(10) unsigned"), col("a", integer, "bigint")));
    CHECK(fits(col("a", text, "varchar(20)", "utf8mb4"), col("a", text, "varchar(50)", "utf8mb4")));
    CHECK(fits(col("a", text, "varchar(20)", "utf8mb4"), col("a", text, "longtext", "utf8mb4")));
    CHECK_FALSE(fits(col("a", text, "text", "utf8mb4"), col("a", text, "varchar(50)", "utf8mb4")));
    CHECK_FALSE(fits(col("a", text, "char(5)", "utf8mb4"), col("a", text, "varchar(5)", "utf8mb4")));
    CHECK_FALSE(fits(col("a", bytes, "binary(5)"), col("a", bytes, "binary(6)")));
    CHECK(fits(col("a", bytes, "varbinary(5)"), col("a", bytes, "blob")));
    CHECK(fits(col("a", temporal, "datetime"), col("a", temporal, "datetime(6)")));
    CHECK_FALSE(fits(col("a", temporal, "datetime(6)"), col("a", temporal, "datetime")));
    CHECK_FALSE(fits(col("a", temporal, "datetime"), col("a", temporal, "timestamp")));
    CHECK_FALSE(fits(col("a", decimal, "decimal(10,2)"), col("a", decimal, "decimal(10,3)")));
    CHECK_FALSE(fits(col("a", enumeration, "enum('a','b')"), col("a", enumeration, "enum('b','a')")));
    CHECK_FALSE(fits(col("a", integer, "year(4)"), col("a", integer, "int(11)")));
    CHECK_FALSE(fits(col("a", real32, "float"), col("a", real64, "double")));
    auto two_digits = col("a", integer, "year(2)");
    two_digits.shows_two_digits = rf::sql::shows_two_digits(two_digits.type);
    CHECK(fits(two_digits, two_digits));
    CHECK_FALSE(fits(two_digits, col("a", integer, "year(4)")));
    CHECK_FALSE(rf::sql::shows_two_digits("year(4)"));
}

TEST_CASE("generated columns are computed on both sides or refused") {
    auto computed = col("a", column_kind::integer, "int");
    computed.generated = true;
    const auto stored = col("a", column_kind::integer, "int");
    auto both = rf::match_columns(table({computed}), table({computed}));
    REQUIRE(both);
    CHECK(both->source.empty());
    CHECK_FALSE(fits(computed, stored));
    CHECK_FALSE(fits(stored, computed));
}

namespace {
/// id, code (utf8mb4_bin), name (utf8mb4_general_ci), and a primary key over `code`.
rf::table_schema people(std::string code_collation = "utf8mb4_bin") {
    using enum column_kind;
    auto code = col("code", text, "varchar(20)", "utf8mb4");
    code.collation = std::move(code_collation);
    auto name = col("name", text, "varchar(20)", "utf8mb4");
    name.collation = "utf8mb4_general_ci";
    rf::table_schema t = table({col("id", integer, "int"), code, name});
    t.keys = {{"PRIMARY", {{1, false}}}};
    t.unique_indexes = {{"PRIMARY", {{1, 0, {}}}}};
    return t;
}
std::string extra(const rf::table_schema& source, const rf::table_schema& target) {
    const rf::unique_index* found = rf::extra_unique_index(source, target);
    return found == nullptr ? "" : found->name;
}
} // namespace

TEST_CASE("a key matches by its columns and their collations") {
    const rf::table_schema source = people();
    CHECK(rf::matching_key(source, source.keys[0], people()) == "PRIMARY");
    CHECK(rf::key_difference(source, source.keys[0], people()).empty());

    const rf::table_schema folded = people("utf8mb4_general_ci");
    CHECK_FALSE(rf::matching_key(source, source.keys[0], folded).has_value());
    CHECK(rf::key_difference(source, source.keys[0], folded) ==
          "key PRIMARY compares column code by utf8mb4_general_ci in the target and by utf8mb4_bin in the source");

    rf::table_schema second = folded; // another key decides when it compares alike
    second.columns.push_back(source.columns[1]);
    second.columns[1].name = "other";
    second.keys.push_back({"by_code", {{3, false}}});
    CHECK(rf::matching_key(source, source.keys[0], second) == "by_code");

    rf::table_schema by_id = people();
    by_id.keys = {{"PRIMARY", {{0, false}}}};
    by_id.unusable_keys = "key u cannot order pages: column code may be NULL";
    CHECK(rf::key_difference(source, source.keys[0], by_id) ==
          "table t of the target has no key over the columns of the source's key PRIMARY (code); key u cannot order "
          "pages: column code may be NULL");

    rf::table_schema both = people();
    both.keys = {{"PRIMARY", {{1, false}, {0, false}}}};
    rf::table_schema turned = people();
    turned.keys = {{"pk", {{0, true}, {1, false}}}}; // order and direction tell no rows apart
    CHECK(rf::matching_key(both, both.keys[0], turned) == "pk");
    CHECK_FALSE(rf::matching_key(both, both.keys[0], source).has_value());
}

TEST_CASE("a key of numbers has no collation to differ in") {
    rf::table_schema source = people();
    source.keys = {{"PRIMARY", {{0, false}}}};
    rf::table_schema target = source;
    target.columns[0].type = "bigint";
    target.columns[1].collation = "utf8mb4_general_ci";
    CHECK(rf::matching_key(source, source.keys[0], target) == "PRIMARY");
}

TEST_CASE("a unique index of the target without a counterpart in the source is found") {
    rf::table_schema source = people();
    rf::table_schema target = people();
    CHECK(extra(source, target).empty());
    target.unique_indexes.push_back({"by_name", {{2, 0, {}}}});
    CHECK(extra(source, target) == "by_name");
    CHECK(extra(target, source).empty()); // what only the source holds unique does no harm
    source.unique_indexes.push_back({"another_name", {{2, 0, {}}}});
    CHECK(extra(source, target).empty());

    target.columns[2].collation = "utf8mb4_unicode_ci";
    CHECK(extra(source, target) == "by_name");
    target.columns[2].collation = source.columns[2].collation;
    target.unique_indexes[1].parts[0].prefix = 5;
    CHECK(extra(source, target) == "by_name");
    source.unique_indexes[1].parts[0].prefix = 5;
    CHECK(extra(source, target).empty());
    CHECK_FALSE(target.unique_indexes[1].is_over_whole_columns());

    source.unique_indexes[1].parts = {{0, 0, {}}, {2, 0, {}}};
    target.unique_indexes[1].parts = {{2, 0, {}}, {0, 0, {}}};
    CHECK(extra(source, target).empty()); // the order of the columns does not matter
    target.unique_indexes[1].parts.pop_back();
    CHECK(extra(source, target) == "by_name");
    CHECK(extra(target, source) == "another_name");
}

TEST_CASE("unique indexes over expressions are counterparts when the words and the columns are the same") {
    rf::table_schema source = people();
    rf::table_schema target = people();
    target.unique_indexes.push_back({"u", {{std::nullopt, 0, "lower(`name`)"}}});
    CHECK(extra(source, target) == "u");
    CHECK_FALSE(target.unique_indexes[1].is_over_whole_columns());
    source.unique_indexes = target.unique_indexes;
    CHECK(extra(source, target).empty());
    target.columns[2].collation = "utf8mb4_bin";
    CHECK(extra(source, target) == "u");
    target.columns[2].collation = source.columns[2].collation;
    target.unique_indexes[1].parts[0].expression = "upper(`name`)";
    CHECK(extra(source, target) == "u");
    source.unique_indexes[1].parts[0].expression.clear(); // the server does not tell: nothing is known
    target.unique_indexes[1].parts[0].expression.clear();
    CHECK(extra(source, target) == "u");

    auto computed = col("g", column_kind::integer, "int");
    computed.generated = true;
    computed.expression = "`id` + 1";
    source = people();
    source.columns.push_back(computed);
    source.unique_indexes.push_back({"by_g", {{3, 0, {}}}});
    target = source;
    CHECK(extra(source, target).empty());
    target.columns[3].expression = "`id` / 10";
    CHECK(extra(source, target) == "by_g");
}

TEST_CASE("lengths are compared in bytes where one side counts bytes") {
    auto text = [](const char* type, const char* charset) { return col("a", column_kind::text, type, charset); };
    CHECK_FALSE(fits(text("varchar(255)", "utf8mb4"), text("tinytext", "utf8mb4")));
    CHECK(fits(text("varchar(63)", "utf8mb4"), text("tinytext", "utf8mb4")));
    CHECK(fits(text("varchar(255)", "latin1"), text("tinytext", "latin1")));
    CHECK_FALSE(fits(text("tinytext", "gbk"), text("varchar(127)", "gbk")));
}

TEST_CASE("a key over a generated column tells the same rows apart only where it is computed alike") {
    rf::column sum = col("g", column_kind::integer, "int");
    sum.generated = true;
    sum.expression = "`id` + `n`";
    rf::table_schema source =
        table({col("id", column_kind::integer, "int"), col("n", column_kind::integer, "int"), sum});
    source.keys = {{"PRIMARY", {{2}}}};
    rf::table_schema target = source;
    CHECK(rf::matching_key(source, source.keys[0], target) == "PRIMARY");
    target.columns[2].expression = "`n`";
    CHECK_FALSE(rf::matching_key(source, source.keys[0], target).has_value());
    CHECK(rf::key_difference(source, source.keys[0], target) ==
          "key PRIMARY is over column g, which the two servers are not known to compute alike");
}

TEST_CASE("a key that the target's server has given its table does not count as missing in the source") {
    auto number = col("my_row_id", column_kind::integer, "bigint unsigned");
    number.nullable = false;
    number.invisible = true;
    auto from = table({col("a", column_kind::integer, "int"), col("b", column_kind::integer, "int")});
    auto to = table({number, col("a", column_kind::integer, "int"), col("b", column_kind::integer, "int")});
    to.unique_indexes = {{"PRIMARY", {{.column = 0}}}};
    CHECK_FALSE(rf::match_columns(from, to));
    CHECK(rf::extra_unique_index(from, to) != nullptr);
    to.columns[0].numbers_rows = true;
    const auto match = rf::match_columns(from, to);
    REQUIRE(match);
    CHECK(match->target == std::vector<std::size_t>{1, 2});
    CHECK(rf::extra_unique_index(from, to) == nullptr);
    // The source has one too: it is copied.
    from.columns.insert(from.columns.begin(), number);
    CHECK(rf::match_columns(from, to)->target == std::vector<std::size_t>{0, 1, 2});
}
