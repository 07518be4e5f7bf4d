// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql/bulk.hpp: prepared inserts, loads, and the text that is loaded, character by character.
#include <rowferry/sql.hpp>

#include "catch.hpp"
#include "goods.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sql = rowferry::sql;
using namespace std::string_literals;
using golden::goods;
using golden::make;
using golden::text;
using rowferry::cell;
using rowferry::column;
using rowferry::column_kind;
using rowferry::table_schema;
using rowferry::write_kind;
using rowferry::write_request;

namespace {

write_request writing(const table_schema& t, std::vector<std::size_t> columns, write_kind kind = write_kind::insert) {
    write_request request;
    request.table = &t;
    request.columns = std::move(columns);
    request.kind = kind;
    return request;
}
std::string bound(const write_request& request, sql::dialect d = sql::dialect::mariadb) {
    return text([&](std::string& out) { sql::append_bound_insert(out, d, request); });
}
std::string load(const write_request& request) {
    return text([&](std::string& out) { sql::append_load_data(out, request); });
}
std::string loaded(const write_request& request, const std::vector<std::optional<std::string>>& cells) {
    rowferry::row_batch rows(cells.size());
    for (const auto& c : cells) rows.add(c ? cell(*c) : cell());
    return text([&](std::string& out) { sql::append_load_row(out, request, rows[0]); });
}

/// A table of what no string stores by itself: JSON, UUID, and a SET whose values travel as bits.
table_schema odd_types() {
    table_schema t;
    t.name = "od`d";
    t.columns = {make("id", column_kind::integer, "int(11)"), make("j", column_kind::json, "json"),
                 make("u", column_kind::other, "uuid"), make("s", column_kind::set, "set('','a')", "utf8mb4")};
    return t;
}

constexpr const char* format =
    " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\' LINES "
    "STARTING BY '' TERMINATED BY '\\n' ";

} // namespace

TEST_CASE("a prepared insert has one row of parameters, in each write mode", "[sql]") {
    const table_schema t = goods();
    CHECK(bound(writing(t, {0, 1, 4})) == "INSERT INTO `goods` (`id`, `code`, `flags`) VALUES (?,?,?)");
    CHECK(bound(writing(t, {0}, write_kind::replace)) == "REPLACE INTO `goods` (`id`) VALUES (?)");
    CHECK(bound(writing(t, {0}, write_kind::skip_existing)) == "INSERT IGNORE INTO `goods` (`id`) VALUES (?)");
    CHECK(bound(writing(t, {0, 1}, write_kind::upsert)) ==
          "INSERT INTO `goods` (`id`, `code`) VALUES (?,?) ON DUPLICATE KEY UPDATE `id` = VALUES(`id`), `code` = "
          "VALUES(`code`)");
    CHECK(bound(writing(odd_types(), {0, 1, 2, 3})) ==
          "INSERT INTO `od``d` (`id`, `j`, `u`, `s`) VALUES (?,CONVERT(? USING utf8mb4),CONVERT(? USING "
          "utf8mb4),CAST(? AS UNSIGNED))");
}

TEST_CASE("a load takes plain columns as they are, and the others through variables", "[sql]") {
    const table_schema t = goods();
    CHECK(load(writing(t, {0, 1, 4})) ==
          "LOAD DATA LOCAL INFILE 'rowferry' INTO TABLE `goods`"s + format + "(`id`, `code`, `flags`)");
    CHECK(load(writing(t, {0}, write_kind::replace)) ==
          "LOAD DATA LOCAL INFILE 'rowferry' REPLACE INTO TABLE `goods`"s + format + "(`id`)");
    CHECK(load(writing(t, {0}, write_kind::skip_existing)) ==
          "LOAD DATA LOCAL INFILE 'rowferry' IGNORE INTO TABLE `goods`"s + format + "(`id`)");
    CHECK(load(writing(odd_types(), {1, 0, 2, 3})) ==
          "LOAD DATA LOCAL INFILE 'rowferry' INTO TABLE `od``d`"s + format +
              "(@rowferry_0, `id`, @rowferry_2, @rowferry_3) SET `j` = CONVERT(@rowferry_0 USING utf8mb4), `u` = "
              "CONVERT(@rowferry_2 USING utf8mb4), `s` = CAST(@rowferry_3 AS UNSIGNED)");
    CHECK_FALSE(sql::can_load(write_kind::upsert));
}

TEST_CASE("in the text of a load NULL differs from everything that looks like it", "[sql]") {
    const table_schema t = goods();
    const write_request request = writing(t, {0, 1, 5});
    CHECK(loaded(request, {"1", std::nullopt, ""}) == "1\t\\N\t\n");
    CHECK(loaded(request, {"2", "\\N", "NULL"}) == "2\t\\\\N\tNULL\n");
    CHECK(loaded(request, {"3", "a\tb\nc\\", "\t\n\\"}) == "3\ta\\tb\\nc\\\\\t\\t\\n\\\\\n");
    CHECK(loaded(request, {"4", "\0\r\x1A'\"\xFF"s, "x"}) == "4\t\0\r\x1A'\"\xFF\tx\n"s);
}

TEST_CASE("what a string cannot store is written otherwise", "[sql]") {
    const column weight = goods().columns[3];
    const column year = make("y", column_kind::integer, "year(4)");
    CHECK(sql::string_to_store(weight, "-0") == "-1e-60"); // as a literal
    CHECK(sql::string_to_store(weight, "0") == "0");
    CHECK(sql::string_to_store(make("d", column_kind::real64, "double"), "-0") == "-0");
    CHECK(sql::string_to_store(year, "0") == "0000"); // '0' would be 2000
    CHECK(sql::string_to_store(year, "0000") == "0000");
    CHECK(sql::string_to_store(year, "1999") == "1999");
    CHECK(sql::string_to_store(goods().columns[0], "0") == "0");

    const column plain = make("e", column_kind::enumeration, "enum('a','b')", "latin1");
    const column with_empty = make("e", column_kind::enumeration, "enum('','b')", "latin1");
    CHECK(sql::needs_literal(plain, {""}));
    CHECK_FALSE(sql::needs_literal(plain, {"a"}));
    CHECK_FALSE(sql::needs_literal(plain, {}));
    CHECK(sql::needs_literal(with_empty, {sql::enum_error_mark}));
    CHECK_FALSE(sql::needs_literal(with_empty, {""}));
    const column bits = odd_types().columns[3];
    CHECK_FALSE(sql::needs_literal(bits, {"3"}));
    CHECK_FALSE(sql::needs_literal(bits, {}));
    CHECK(sql::needs_literal(bits, {"a"}));
    CHECK_FALSE(sql::needs_literal(goods().columns[1], {""}));
}

TEST_CASE("the questions about loads", "[sql]") {
    CHECK(text([](std::string& out) { sql::append_is_numbered(out, "d", "t's"); }) ==
          "SELECT SUM(EXTRA LIKE '%auto_increment%') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "
          "_utf8mb4'd' AND TABLE_NAME = _utf8mb4't\\'s'");
}
