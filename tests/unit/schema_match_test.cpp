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

namespace {
/// Tables whose unique index is over an expression, with one named column and one that it does not name.
struct expression_index {
    rf::table_schema source, target;

    explicit expression_index(const std::string& expression, rf::column named) {
        source = table({std::move(named), col("other", column_kind::integer, "int")});
        source.unique_indexes = {{"u", {{.expression = expression}}}};
        target = source;
    }
    [[nodiscard]] bool is_known() const { return rf::extra_unique_index(source, target) == nullptr; }
    /// Whether the index has a counterpart if the target declares the named column so.
    bool is_known_over(rf::column declared) {
        target.columns[0] = std::move(declared);
        return is_known();
    }
};
rf::column computed(std::string name, std::string expression) {
    rf::column c = col(std::move(name), column_kind::integer, "int");
    c.generated = true;
    c.expression = std::move(expression);
    return c;
}
} // namespace

TEST_CASE("the same expression over columns of other types has other values") {
    using enum column_kind;
    const auto known = [](const rf::column& from, const rf::column& to) {
        return expression_index("hex(`a`)", from).is_known_over(to);
    };
    const auto same = [&](const rf::column& from, const rf::column& to) { return known(from, to) && known(to, from); };
    const auto differ = [&](const rf::column& from, const rf::column& to) {
        return !known(from, to) && !known(to, from);
    };
    CHECK(same(col("a", integer, "int(11)"), col("A", integer, "int")));
    CHECK(same(col("a", integer, "bigint(20) unsigned"), col("a", integer, "bigint unsigned")));
    CHECK(same(col("a", integer, "year(4)"), col("a", integer, "year")));
    CHECK(same(col("a", other, "geomcollection"), col("a", other, "geometrycollection")));
    CHECK(same(col("a", temporal, "datetime(3) /* mariadb-5.3 */"), col("a", temporal, "datetime(3)")));
    CHECK(differ(col("a", decimal, "decimal(10,2)"), col("a", real64, "double")));
    CHECK(differ(col("a", decimal, "decimal(10,2)"), col("a", decimal, "decimal(10,3)")));
    CHECK(differ(col("a", integer, "int"), col("a", text, "varchar(20)", "utf8mb4")));
    CHECK(differ(col("a", integer, "int"), col("a", integer, "int unsigned")));
    CHECK(differ(col("a", integer, "int"), col("a", integer, "bigint")));
    CHECK(differ(col("a", integer, "int(5) unsigned zerofill"), col("a", integer, "int(9) unsigned zerofill")));
    CHECK(differ(col("a", integer, "int(5) unsigned zerofill"), col("a", integer, "int(5) unsigned")));
    CHECK(differ(col("a", text, "varchar(20)", "utf8mb4"), col("a", text, "varchar(20)", "latin1")));
    CHECK(differ(col("a", text, "varchar(20)", "utf8mb4"), col("a", text, "varchar(50)", "utf8mb4")));
    CHECK(differ(col("a", temporal, "datetime"), col("a", temporal, "datetime(6)")));
    CHECK(differ(col("a", enumeration, "enum('x','y')"), col("a", enumeration, "enum('y','x')")));
    CHECK(differ(col("a", json, "json"), col("a", text, "longtext", "utf8mb4")));
    auto folded = col("a", enumeration, "enum('x','y')", "utf8mb4");
    auto exact = folded;
    folded.collation = "utf8mb4_general_ci";
    exact.collation = "utf8mb4_bin";
    CHECK(differ(folded, exact));
    auto nullable = col("a", integer, "int");
    nullable.nullable = false;
    CHECK(same(nullable, col("a", integer, "int")));
}

TEST_CASE("an expression names columns by their whole names, without regard to case") {
    using enum column_kind;
    const auto known = [](const std::string& expression, const std::string& name) {
        return expression_index(expression, col(name, integer, "int")).is_known_over(col(name, integer, "bigint"));
    };
    CHECK(known("(`b` + 1)", "a"));
    CHECK(known("abs(`ab`)", "ab$"));
    CHECK(known("abs(`ab`)", "b"));
    CHECK_FALSE(known("(`b` + `A`)", "a"));
    CHECK_FALSE(known("(`a` + `b`)", "A"));
    CHECK_FALSE(known("ba + a", "a"));
    CHECK_FALSE(known("(`a b` + 1)", "a b"));
    // Quoted with escapes, or not ASCII: servers may spell them otherwise.
    CHECK_FALSE(known("(`a``b` + 1)", "a`b"));
    CHECK_FALSE(known("(`it\\'s` + 1)", "it's"));
    CHECK_FALSE(known("(`GR\xC3\x96SSE` + 1)", "gr\xC3\xB6sse"));

    expression_index missing("(`a` + 1)", col("a", integer, "int"));
    missing.source.columns[0].name = "z";
    CHECK_FALSE(missing.is_known());
}

TEST_CASE("generated columns in an expression are computed alike themselves") {
    const auto known = [](const std::vector<rf::column>& from, const std::vector<rf::column>& to) {
        expression_index index("(`g` + 1)", col("a", column_kind::integer, "int"));
        index.source.columns.insert(index.source.columns.end(), from.begin(), from.end());
        index.target.columns.insert(index.target.columns.end(), to.begin(), to.end());
        return index.is_known();
    };
    const rf::column twice = computed("g", "(`a` * 2)");
    const rf::column by_way = computed("g", "(`h` * 2)");
    const rf::column plain = col("g", column_kind::integer, "int");
    CHECK(known({twice}, {twice}));
    CHECK_FALSE(known({twice}, {computed("g", "(`a` * 3)")}));
    CHECK_FALSE(known({twice}, {plain}));
    CHECK_FALSE(known({plain}, {twice}));
    CHECK(known({by_way, computed("h", "abs(`a`)")}, {computed("h", "abs(`a`)"), by_way}));
    CHECK_FALSE(known({by_way, computed("h", "abs(`a`)")}, {by_way, computed("h", "floor(`a`)")}));
    CHECK_FALSE(known({computed("g", "")}, {computed("g", "")})); // the server does not tell
    auto by_session = twice;
    by_session.differs_by_session = true;
    CHECK_FALSE(known({by_session}, {twice}));
    CHECK_FALSE(known({twice}, {by_session}));
    auto wide = twice;
    wide.type = "bigint";
    CHECK_FALSE(known({twice}, {wide}));

    // A name in a string does not make a cycle, and a cycle that a server claims does not go on for ever.
    const rf::column quotes_itself = computed("g", "concat('g',`a`)");
    CHECK(known({quotes_itself}, {quotes_itself}));
    const std::vector<rf::column> cycle{by_way, computed("h", "(`g` * 2)")};
    CHECK(known(cycle, cycle));
    CHECK_FALSE(known(cycle, {by_way, computed("h", "(`g` * 3)")}));
    std::vector<rf::column> chain{computed("g", "(`c0` + 1)")};
    for (int i = 0; i < 1000; ++i) {
        chain.push_back(computed("c" + std::to_string(i), "(`c" + std::to_string(i + 1) + "` + 1)"));
    }
    chain.push_back(col("c1000", column_kind::integer, "int"));
    CHECK(known(chain, chain));
    std::vector<rf::column> other = chain;
    other.back().type = "bigint";
    CHECK_FALSE(known(chain, other));
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
    target.columns[2].type = "int unsigned";
    target.columns[2].is_unsigned = true;
    CHECK_FALSE(rf::matching_key(source, source.keys[0], target).has_value());
    target = source;
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
