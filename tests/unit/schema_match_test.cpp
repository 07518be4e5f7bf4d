// Whether a target can hold a source's rows unchanged.
#include "catch.hpp"

#include <rowferry/schema_match.hpp>

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
bool fits(const rf::column& from, const rf::column& to) { return rf::match_columns(table({from}), table({to})).has_value(); }
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
          "the columns of table t do not match: column a: bigint in the source, int in the target; column b: charset latin1 "
          "in the source, utf8mb4 in the target; column c: NULL is allowed in the source, not in the target; column d: "
          "missing in the target; column e: missing in the source");
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
