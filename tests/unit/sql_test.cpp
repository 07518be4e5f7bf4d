// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql.hpp: what the server is sent, character by character.
#include <rowferry/sql.hpp>

#include "catch.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace sql = rowferry::sql;
using namespace std::string_literals;
using namespace std::string_view_literals;
using rowferry::cell;
using rowferry::column;
using rowferry::column_kind;
using rowferry::page_bound;
using rowferry::page_request;
using rowferry::table_schema;
using rowferry::write_kind;

namespace {

column make(std::string name, column_kind kind, std::string type, std::string charset = {}) {
    column c;
    c.name = std::move(name);
    c.kind = kind;
    c.type = std::move(type);
    c.charset = std::move(charset);
    return c;
}

// id, code (text), price (decimal), weight (FLOAT), flags (BIT), at (DATETIME)
table_schema goods() {
    table_schema t;
    t.name = "goods";
    t.columns = {
        make("id", column_kind::integer, "bigint(20)"),       make("code", column_kind::text, "varchar(20)", "latin1"),
        make("price", column_kind::decimal, "decimal(10,2)"), make("weight", column_kind::real32, "float"),
        make("flags", column_kind::bit, "bit(10)"),           make("at", column_kind::temporal, "datetime(6)")};
    return t;
}

template <class F>
std::string text(F&& append) {
    std::string out;
    append(out);
    return out;
}

std::string literal(const column& c, cell value) {
    return text([&](std::string& out) { sql::append_literal(out, c, value, sql::backslash_escape{}); });
}

std::string page_text(const page_request& page, sql::dialect d = sql::dialect::mariadb) {
    return text([&](std::string& out) { sql::append_page(out, d, page); });
}

page_request keyset(const table_schema& t) {
    page_request page;
    page.table = &t;
    page.columns = {0};
    page.order = {{0, false}};
    return page;
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
        CHECK(literal(t.columns[2], {".5"}) == ".5");
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
    CHECK(page_text(page) == "SELECT `e`, IF(`e` = 0, X'00', CAST(`e` AS BINARY)) FROM `t`");
}

TEST_CASE("a page names its columns and reads FLOAT as a double", "[sql]") {
    const table_schema t = goods();
    page_request page;
    page.table = &t;
    page.columns = {0, 3, 1};
    CHECK(page_text(page) == "SELECT `id`, IF(`weight` = 0 AND ATAN2(`weight`, -1) < 0, '-0', CAST(`weight` AS "
                             "DOUBLE)), `code` FROM `goods`");
    CHECK(page_text(page, sql::dialect::mysql) == "SELECT `id`, CAST(`weight` AS DOUBLE), `code` FROM `goods`");
}

TEST_CASE("a page has its order, its key, its limit and its offset", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    page.index = "PRIMARY";
    page.max_rows = 100;
    CHECK(page_text(page) == "SELECT `id` FROM `goods` FORCE INDEX (`PRIMARY`) ORDER BY `id` LIMIT 100");
    page.offset = 300;
    CHECK(page_text(page) == "SELECT `id` FROM `goods` FORCE INDEX (`PRIMARY`) ORDER BY `id` LIMIT 100 OFFSET 300");
    page.max_rows = 0;
    page.index.clear();
    CHECK(page_text(page) == "SELECT `id` FROM `goods` ORDER BY `id` LIMIT 18446744073709551615 OFFSET 300");
    page.offset = 0;
    page.order = {{5, true}, {0, false}};
    CHECK(page_text(page) == "SELECT `id` FROM `goods` ORDER BY `at` DESC, `id`");
}

TEST_CASE("key bounds are expanded, and begin with a range on the first column", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    const std::string head = "SELECT `id` FROM `goods` WHERE ";
    SECTION("one column") {
        page.after = page_bound{{"-7"}, false};
        CHECK(page_text(page) == head + "`id` > -7 ORDER BY `id`");
        page.after->inclusive = true;
        page.up_to = page_bound{{"9"}, true};
        CHECK(page_text(page) == head + "`id` >= -7 AND `id` <= 9 ORDER BY `id`");
        page.up_to->inclusive = false;
        page.after.reset();
        CHECK(page_text(page) == head + "`id` < 9 ORDER BY `id`");
    }
    SECTION("two columns") {
        page.order = {{0, false}, {2, false}};
        page.after = page_bound{{"5", "1.50"}, false};
        CHECK(page_text(page) ==
              head + "`id` >= 5 AND (`id` > 5 OR (`id` = 5 AND `price` > 1.50)) ORDER BY `id`, `price`");
        page.after->inclusive = true;
        CHECK(page_text(page) ==
              head + "`id` >= 5 AND (`id` > 5 OR (`id` = 5 AND `price` >= 1.50)) ORDER BY `id`, `price`");
    }
    SECTION("three columns, one of them descending, both ends") {
        page.order = {{0, false}, {5, true}, {2, false}};
        page.after = page_bound{{"5", "2020-01-01 00:00:00.000000", "1"}, false};
        page.up_to = page_bound{{"9", "2021-01-01 00:00:00.000000", "2"}, true};
        CHECK(page_text(page) ==
              head + "`id` >= 5 AND (`id` > 5 OR (`id` = 5 AND (`at` < '2020-01-01 00:00:00.000000' OR "
                     "(`at` = '2020-01-01 00:00:00.000000' AND `price` > 1)))) AND "
                     "`id` <= 9 AND (`id` < 9 OR (`id` = 9 AND (`at` > '2021-01-01 00:00:00.000000' OR "
                     "(`at` = '2021-01-01 00:00:00.000000' AND `price` <= 2)))) ORDER BY `id`, `at` DESC, `price`");
    }
    SECTION("a bound for a prefix of the order") {
        page.order = {{5, false}, {0, false}};
        page.after = page_bound{{"2020-01-01 00:00:00.000000"}, true};
        page.up_to = page_bound{{"2021-01-01 00:00:00.000000"}, false};
        CHECK(page_text(page) == head + "`at` >= '2020-01-01 00:00:00.000000' AND `at` < '2021-01-01 00:00:00.000000' "
                                        "ORDER BY `at`, `id`");
    }
    SECTION("a bound without values bounds nothing, and NULL matches nothing") {
        page.after = page_bound{};
        CHECK(page_text(page) == "SELECT `id` FROM `goods` ORDER BY `id`");
        page.up_to = page_bound{{rowferry::value{}}, true};
        CHECK(page_text(page) == head + "`id` <= NULL ORDER BY `id`");
    }
}

TEST_CASE("text bounds are bytes in the column's own charset", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    page.order = {{1, false}};
    page.after = page_bound{{"\xE4'"}, false};
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE `code` > _latin1 X'E427' ORDER BY `code`");
    auto bound = [](const column& c, std::string value) {
        return text([&](std::string& out) { sql::append_bound(out, c, value); });
    };
    CHECK(bound(make("b", column_kind::bytes, "varbinary(9)"), "\0a"s) == "X'0061'");
    CHECK(bound(make("u", column_kind::other, "uuid"), "123") == "_utf8mb4'123'");
    CHECK(bound(t.columns[0], "1; DROP TABLE x") == "'1; DROP TABLE x'");
}

TEST_CASE("a filter stands in parentheses, on a line that its last comment cannot leave", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    page.filter = "a = 1 -- all of them";
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE (a = 1 -- all of them\n) ORDER BY `id`");
    page.after = page_bound{{"3"}, false};
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE (a = 1 -- all of them\n) AND `id` > 3 ORDER BY `id`");
    rowferry::count_request request;
    request.table = &t;
    request.filter = "a = 1";
    request.null_in = 5;
    CHECK(text([&](std::string& out) { sql::append_count(out, sql::dialect::mariadb, request); }) ==
          "SELECT COUNT(*) FROM `goods` WHERE (a = 1\n) AND `at` IS NULL");
    auto check = [](sql::filter_form form) {
        return text([&](std::string& out) { sql::append_filter_check(out, "g`s", "a = 1", form); });
    };
    CHECK(check(sql::filter_form::bare) == "SELECT 1 FROM `g``s` WHERE a = 1\n LIMIT 0");
    CHECK(check(sql::filter_form::in_parentheses) == "SELECT 1 FROM `g``s` WHERE (a = 1\n) LIMIT 0");
}

TEST_CASE("rows are counted, all or some, with a time limit in each dialect", "[sql]") {
    const table_schema t = goods();
    rowferry::count_request request;
    request.table = &t;
    auto counted = [&](sql::dialect d = sql::dialect::mariadb) {
        return text([&](std::string& out) { sql::append_count(out, d, request); });
    };
    CHECK(counted() == "SELECT COUNT(*) FROM `goods`");
    request.null_in = 5;
    CHECK(counted() == "SELECT COUNT(*) FROM `goods` WHERE `at` IS NULL");
    request.order = {{0, false}};
    request.after = page_bound{{"3"}, false};
    CHECK(counted() == "SELECT COUNT(*) FROM `goods` WHERE `id` > 3 AND `at` IS NULL");
    request = {};
    request.table = &t;
    request.limit = std::chrono::milliseconds(1250);
    CHECK(counted() == "SET STATEMENT max_statement_time=1.250 FOR SELECT COUNT(*) FROM `goods`");
    CHECK(counted(sql::dialect::mysql) == "SELECT /*+ MAX_EXECUTION_TIME(1250) */ COUNT(*) FROM `goods`");
    request.limit = std::chrono::nanoseconds(1);
    CHECK(counted() == "SET STATEMENT max_statement_time=0.001 FOR SELECT COUNT(*) FROM `goods`");
}

TEST_CASE("the maximum of a column", "[sql]") {
    const table_schema t = goods();
    CHECK(text([&](std::string& out) { sql::append_maximum(out, t, 5); }) == "SELECT MAX(`at`) FROM `goods`");
    CHECK(text([&](std::string& out) { sql::append_maximum(out, t, 3); }) ==
          "SELECT CAST(MAX(`weight`) AS DOUBLE) FROM `goods`");
    CHECK(text([&](std::string& out) { sql::append_any_row(out, t.name); }) == "SELECT 1 FROM `goods` LIMIT 1");
    CHECK(text([&](std::string& out) { sql::append_truncate(out, t.name); }) == "TRUNCATE TABLE `goods`");
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
    const std::string page_part =
        "SELECT `id`, `weight` FROM `src`.`goods` FORCE INDEX (`PRIMARY`) WHERE `id` <= 9 ORDER BY `id`";
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
