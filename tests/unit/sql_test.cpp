// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql.hpp: names, literals, members and writes, character by character.
#include <rowferry/sql.hpp>

#include "catch.hpp"
#include "goods.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sql = rowferry::sql;
using namespace std::string_literals;
using namespace std::string_view_literals;
using golden::goods;
using golden::keyset;
using golden::make;
using golden::page_text;
using golden::text;
using rowferry::cell;
using rowferry::column;
using rowferry::column_kind;
using rowferry::page_bound;
using rowferry::page_request;
using rowferry::table_schema;
using rowferry::write_kind;

namespace {

std::string literal(const column& c, cell value) {
    return text([&](std::string& out) { sql::append_literal(out, c, value, sql::backslash_escape{}); });
}

} // namespace

TEST_CASE("identifiers are quoted by backticks, and backticks doubled", "[sql]") {
    auto quoted = [](std::string_view name) {
        return text([&](std::string& out) { sql::append_identifier(out, name); });
    };
    CHECK(quoted("procnote") == "`procnote`");
    CHECK(quoted("a`b") == "`a``b`");
    CHECK(quoted("it's 100%s \"x\" \\") == "`it's 100%s \"x\" \\`");
    CHECK(quoted("Größe") == "`Größe`");
    CHECK(text([](std::string& out) { sql::append_table(out, "d`b", "t"); }) == "`d``b`.`t`");
}

TEST_CASE("the pure escaper escapes what mysql_real_escape_string escapes", "[sql]") {
    const std::string escaped =
        text([](std::string& out) { sql::backslash_escape{}(out, "a\0b\n\r\\'\"\x1A\xE4\x80%_"sv); });
    CHECK(escaped == "a\\0b\\n\\r\\\\\\'\\\"\\Z\xE4\x80%_");
}

TEST_CASE("a literal stores exactly the bytes of its cell, by column kind", "[sql]") {
    const table_schema t = goods();
    SECTION("integers and decimals are unquoted, when they are plain numbers") {
        CHECK(literal(t.columns[0], {"-9223372036854775808"}) == "-9223372036854775808");
        CHECK(literal(t.columns[0], {"18446744073709551615"}) == "18446744073709551615");
        CHECK(literal(t.columns[0], {"0042"}) == "0042");
        CHECK(literal(t.columns[2], {"-0.50"}) == "-0.50");
        CHECK(literal(t.columns[2], {".5"}) == "'.5'"); // which no server writes
        CHECK(literal(t.columns[0], {"1e5"}) == "'1e5'");
        CHECK(literal(t.columns[0], {""}) == "''");
        CHECK(literal(t.columns[0], {"-"}) == "'-'");
        CHECK(literal(t.columns[2], {"1.2.3"}) == "'1.2.3'");
        CHECK(literal(t.columns[0], {"1 OR 1=1"}) == "'1 OR 1=1'");
        CHECK(literal(t.columns[0], {"1--"}) == "'1--'");
    }
    SECTION("floating-point numbers are quoted") {
        CHECK(literal(t.columns[3], {"0.010516252368688583"}) == "'0.010516252368688583'");
        CHECK(literal(t.columns[3], {"-0"}) == "'-1e-60'");
        CHECK(literal(make("d", column_kind::real64, "double"), {"-0"}) == "'-0'");
    }
    SECTION("strings are escaped, whatever their charset") {
        CHECK(literal(t.columns[1], {"it's \xE4"}) == "'it\\'s \xE4'");
        CHECK(literal(make("b", column_kind::bytes, "blob"), {"\0\x80"sv}) == "'\\0\x80'");
        CHECK(literal(make("g", column_kind::geometry, "point"), {"\0\1"sv}) == "'\\0\1'");
        CHECK(literal(t.columns[5], {"2020-02-31 00:00:00"}) == "'2020-02-31 00:00:00'");
    }
    SECTION("BIT is hex; JSON and types that are parsed from text have a charset") {
        CHECK(literal(t.columns[4], {"\x03\xFF"}) == "X'03FF'");
        CHECK(literal(make("j", column_kind::json, "json"), {"{\"a\":1}"}) == "_utf8mb4'{\\\"a\\\":1}'");
        CHECK(literal(make("u", column_kind::other, "inet6"), {"::1"}) == "_utf8mb4'::1'");
    }
    SECTION("NULL is NULL, and not ''") {
        for (const column& c : t.columns) CHECK(literal(c, {}) == "NULL");
        CHECK(literal(t.columns[1], {""}) == "''");
    }
}

TEST_CASE("ENUM's error value is told from a member that is ''", "[sql]") {
    CHECK(sql::has_empty_member("enum('','a')"));
    CHECK(sql::has_empty_member("enum('a','')"));
    CHECK(sql::has_empty_member("enum('a','','b')"));
    CHECK_FALSE(sql::has_empty_member("enum('a','b')"));
    CHECK_FALSE(sql::has_empty_member("enum('''','a,',''',''b')"));
    CHECK_FALSE(sql::has_empty_member("enum(''',''')"));
    CHECK(sql::has_empty_member("enum(''',''','')"));

    const column plain = make("e", column_kind::enumeration, "enum('a','b')", "latin1");
    const column with_empty = make("e", column_kind::enumeration, "enum('','b')", "latin1");
    CHECK(sql::is_enum_error(plain, {""}));
    CHECK_FALSE(sql::is_enum_error(plain, {}));
    CHECK_FALSE(sql::is_enum_error(plain, {"a"}));
    CHECK_FALSE(sql::is_enum_error(with_empty, {""}));
    CHECK(sql::is_enum_error(with_empty, {"\0"sv}));
    CHECK_FALSE(sql::is_enum_error(goods().columns[1], {""}));
    CHECK(literal(plain, {""}) == "''");
    CHECK(literal(with_empty, {"\0"sv}) == "0");

    table_schema t;
    t.name = "t";
    t.columns = {plain, with_empty};
    page_request page;
    page.table = &t;
    page.columns = {0, 1};
    CHECK(page_text(page) == "SELECT `e`, IF(`e` = 0, X'00', CAST(`e` AS BINARY)) AS `cell_1` FROM `t`");
}

TEST_CASE("members of ENUM and SET, and the numbers that they sort by", "[sql]") {
    CHECK(sql::members_of("enum('a','it''s','','b\\\\','c\\n')") ==
          std::vector<std::string>{"a", "it's", "", "b\\", "c\n"});
    CHECK(sql::members_of("set(''',''')") == std::vector<std::string>{"','"});
    const column e = make("e", column_kind::enumeration, "enum('b','a')", "utf8mb4");
    CHECK(sql::enum_position(e, "b") == 1U);
    CHECK(sql::enum_position(e, "") == 0U);
    CHECK_FALSE(sql::enum_position(e, "c"));
    const column marked = make("e", column_kind::enumeration, "enum('b','')", "utf8mb4");
    CHECK(sql::enum_position(marked, "") == 2U);
    CHECK(sql::enum_position(marked, sql::enum_error_mark) == 0U);
    const column s = make("s", column_kind::set, "set('x','y','z')", "utf8mb4");
    CHECK(sql::set_bits(s, "") == 0U);
    CHECK(sql::set_bits(s, "x,z") == 5U);
    CHECK_FALSE(sql::set_bits(s, "x,w"));
    const column with_empty = make("s", column_kind::set, "set('','y')", "utf8mb4");
    CHECK(sql::set_bits(with_empty, "18446744073709551615") == 18446744073709551615U);
    CHECK_FALSE(sql::set_bits(with_empty, "y"));
    column latin = make("e", column_kind::enumeration, "enum('\xC3\xA4')", "latin1");
    latin.members = {"\xE4"};
    CHECK(sql::enum_position(latin, "\xE4") == 1U);
}

TEST_CASE("members that a server takes for one text travel as their numbers", "[sql]") {
    column e = make("e", column_kind::enumeration, "enum('a','b','a')", "latin1");
    column s = make("s", column_kind::set, "set('x','X')", "latin1");
    CHECK(sql::form_of(e) == sql::travel_form::as_text);
    e.has_alike_members = s.has_alike_members = true;
    CHECK(sql::form_of(e) == sql::travel_form::as_position);
    CHECK(literal(e, {"3"}) == "3");
    CHECK(literal(e, {"b"}) == "'b'"); // as a program of the user's may write it
    CHECK(literal(s, {"2"}) == "2");
    CHECK(literal(e, {"0"}) == "0");
    CHECK(sql::is_enum_error(e, {"0"}));
    CHECK_FALSE(sql::is_enum_error(e, {"3"}));
    CHECK(sql::needs_literal(e, {"0"}));
    CHECK_FALSE(sql::needs_literal(e, {"3"}));
    CHECK(sql::enum_position(e, "3") == 3U);
    CHECK(sql::enum_position(e, "0") == 0U);
    CHECK_FALSE(sql::enum_position(e, "4"));
    CHECK_FALSE(sql::enum_position(e, "a"));
    CHECK(sql::set_bits(s, "3") == 3U);

    table_schema t;
    t.name = "t";
    t.columns = {e, s};
    page_request page;
    page.table = &t;
    page.columns = {0, 1};
    page.order = {{0, false, 0}};
    page.after = page_bound{{"1"}, false};
    CHECK(page_text(page) == "SELECT CAST(`e` AS UNSIGNED) AS `cell_0`, CAST(`s` AS UNSIGNED) AS `cell_1` FROM `t` "
                             "WHERE `e` IN (2, 3) ORDER BY `e`");
    rowferry::write_request request;
    request.table = &t;
    request.columns = {0, 1};
    request.kind = write_kind::upsert;
    CHECK(text([&](std::string& out) { sql::append_bound_insert(out, sql::dialect::mariadb, request); }) ==
          "INSERT INTO `t` (`e`, `s`) VALUES (CAST(? AS UNSIGNED),CAST(? AS UNSIGNED)) ON DUPLICATE KEY UPDATE "
          "`e` = CAST(VALUES(`e`) AS UNSIGNED), `s` = CAST(VALUES(`s`) AS UNSIGNED)");
}

TEST_CASE("inserts in each write mode and dialect", "[sql]") {
    const table_schema t = goods();
    rowferry::write_request request;
    request.table = &t;
    request.columns = {0, 1};
    rowferry::row_batch batch(2);
    for (const cell c : {cell("1"), cell("a'b"), cell("-2"), cell()}) batch.add(c);
    auto insert = [&](write_kind kind, sql::dialect d = sql::dialect::mariadb) {
        request.kind = kind;
        return text([&](std::string& out) {
            sql::append_insert_head(out, request);
            sql::append_row(out, request, batch[0], sql::backslash_escape{});
            out += ',';
            sql::append_row(out, request, batch[1], sql::backslash_escape{});
            sql::append_insert_tail(out, d, request);
        });
    };
    const std::string rows = " INTO `goods` (`id`, `code`) VALUES (1,'a\\'b'),(-2,NULL)";
    CHECK(insert(write_kind::insert) == "INSERT" + rows);
    CHECK(insert(write_kind::replace) == "REPLACE" + rows);
    CHECK(insert(write_kind::skip_existing) == "INSERT IGNORE" + rows);
    CHECK(insert(write_kind::upsert) ==
          "INSERT" + rows + " ON DUPLICATE KEY UPDATE `id` = VALUES(`id`), `code` = VALUES(`code`)");
    CHECK(insert(write_kind::upsert, sql::dialect::mysql) ==
          "INSERT" + rows +
              " AS rowferry_new ON DUPLICATE KEY UPDATE `id` = rowferry_new.`id`, `code` = rowferry_new.`code`");
}

TEST_CASE("an upsert keeps what the server would set by itself", "[sql]") {
    table_schema t;
    t.name = "s";
    t.columns = {column{.name = "id", .kind = column_kind::integer, .type = "int"},
                 column{.name = "v", .kind = column_kind::temporal, .type = "timestamp", .set_on_update = true},
                 column{.name = "w", .kind = column_kind::temporal, .type = "datetime", .set_on_update = true}};
    rowferry::write_request request;
    request.table = &t;
    request.columns = {0, 1};
    request.kind = write_kind::upsert;
    CHECK(text([&](std::string& out) { sql::append_insert_tail(out, sql::dialect::mysql, request); }) ==
          " AS rowferry_new ON DUPLICATE KEY UPDATE `id` = rowferry_new.`id`, `v` = rowferry_new.`v`, `w` = `s`.`w`");
}

TEST_CASE("an upsert hands on a SET with the member '' as its bits", "[sql]") {
    table_schema t;
    t.name = "s";
    t.columns = {column{.name = "id", .kind = column_kind::integer, .type = "int"},
                 column{.name = "v", .kind = column_kind::set, .type = "set('','p')"}};
    rowferry::write_request request;
    request.table = &t;
    request.columns = {0, 1};
    request.kind = write_kind::upsert;
    auto tail = [&](sql::dialect d) {
        return text([&](std::string& out) { sql::append_insert_tail(out, d, request); });
    };
    CHECK(tail(sql::dialect::mariadb) ==
          " ON DUPLICATE KEY UPDATE `id` = VALUES(`id`), `v` = CAST(VALUES(`v`) AS UNSIGNED)");
    CHECK(tail(sql::dialect::mysql) == " AS rowferry_new ON DUPLICATE KEY UPDATE `id` = rowferry_new.`id`, "
                                       "`v` = CAST(rowferry_new.`v` AS UNSIGNED)");
}

TEST_CASE("a page is copied inside one server", "[sql]") {
    const table_schema t = goods();
    table_schema to = t;
    to.name = "goods_copy";
    page_request page = keyset(t);
    page.columns = {0, 3};
    page.index = "PRIMARY";
    page.up_to = page_bound{{"9"}, true};
    rowferry::write_request request;
    request.table = &to;
    request.columns = {0, 3};
    auto copy = [&](write_kind kind, sql::dialect d) {
        request.kind = kind;
        return text([&](std::string& out) { sql::append_page_copy(out, d, "src", page, request); });
    };
    const std::string page_part = "SELECT `id`, `weight` FROM `src`.`goods` AS rowferry_page FORCE INDEX (`PRIMARY`) "
                                  "WHERE `id` <= 9 ORDER BY `id`";
    for (const auto d : {sql::dialect::mariadb, sql::dialect::mysql}) {
        CHECK(copy(write_kind::insert, d) == "INSERT INTO `goods_copy` (`id`, `weight`) " + page_part);
        CHECK(copy(write_kind::replace, d) == "REPLACE INTO `goods_copy` (`id`, `weight`) " + page_part);
        CHECK(copy(write_kind::skip_existing, d) == "INSERT IGNORE INTO `goods_copy` (`id`, `weight`) " + page_part);
    }
    CHECK(copy(write_kind::upsert, sql::dialect::mariadb) ==
          "INSERT INTO `goods_copy` (`id`, `weight`) " + page_part +
              " ON DUPLICATE KEY UPDATE `id` = VALUES(`id`), `weight` = VALUES(`weight`)");
    CHECK(copy(write_kind::upsert, sql::dialect::mysql) ==
          "INSERT INTO `goods_copy` (`id`, `weight`) SELECT * FROM (" + page_part +
              ") AS rowferry_new (`id`, `weight`) ON DUPLICATE KEY UPDATE `id` = rowferry_new.`id`, "
              "`weight` = rowferry_new.`weight`");
}
