// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql.hpp, of reading: pages, their bounds and filters, counts and maxima.
#include <rowferry/sql.hpp>

#include "catch.hpp"
#include "goods.hpp"

#include <chrono>
#include <string>

namespace sql = rowferry::sql;
using namespace std::string_literals;
using golden::goods;
using golden::keyset;
using golden::make;
using golden::page_text;
using golden::text;
using rowferry::column;
using rowferry::column_kind;
using rowferry::page_bound;
using rowferry::page_request;
using rowferry::table_schema;

TEST_CASE("a page names its columns and reads FLOAT as a double", "[sql]") {
    const table_schema t = goods();
    page_request page;
    page.table = &t;
    page.columns = {0, 3, 1};
    CHECK(page_text(page) == "SELECT `id`, IF(`weight` = 0 AND ATAN2(`weight`, -1) < 0, '-0', CAST(`weight` AS "
                             "DOUBLE)) AS `cell_3`, `code` FROM `goods`");
    CHECK(page_text(page, sql::dialect::mysql) ==
          "SELECT `id`, CAST(`weight` AS DOUBLE) AS `cell_3`, `code` FROM `goods`");
}

TEST_CASE("what is read by an expression gets a name that no column has", "[sql]") {
    table_schema t = goods();
    CHECK(sql::answer_name(t, 0) == "id");
    CHECK(sql::answer_name(t, 3) == "cell_3");
    t.columns[0].name = "CELL_3";
    CHECK(sql::answer_name(t, 3) == "cell_3_");
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

TEST_CASE("bounds of columns that sort otherwise than they compare", "[sql]") {
    table_schema t;
    t.name = "t";
    t.columns = {make("e", column_kind::enumeration, "enum('z','b','a')", "utf8mb4"),
                 make("s", column_kind::set, "set('x','y')", "utf8mb4"), make("b", column_kind::bit, "bit(64)"),
                 make("d", column_kind::real64, "double"), make("k", column_kind::text, "varchar(20)", "latin1")};
    page_request page;
    page.table = &t;
    auto where = [&] {
        const std::string all = page_text(page);
        const auto at = all.find(" WHERE ");
        return at == all.npos ? std::string() : all.substr(at + 7, all.find(" ORDER BY ") - at - 7);
    };
    auto behind = [&](std::size_t at, std::string value) {
        page.order = {{at, false}};
        page.after = page_bound{{std::move(value)}, false};
        return where();
    };
    CHECK(behind(0, "z") == "`e` IN (2, 3)");
    CHECK(behind(0, "") == "`e` IN (1, 2, 3)");
    CHECK(behind(0, "a") == "FALSE");
    CHECK(behind(1, "x,y") == "CAST(`s` AS UNSIGNED) > 3");
    CHECK(behind(2, "\x80\0\0\0\0\0\0\0"s) == "`b` > 9223372036854775808");
    CHECK(behind(3, "0.1") == "`d` > 0.1e0");
    CHECK(behind(3, "-1.5e-300") == "`d` > -1.5e-300");
    CHECK(behind(3, "1 OR 1") == "`d` > '1 OR 1'");
    for (const char* number : {"375e0", "0", "-0e0", "3.75e2", "1e+15", "1.7976931348623157e308"}) {
        const bool has_exponent = std::string(number).find('e') != std::string::npos;
        CHECK(behind(3, number) == "`d` > " + std::string(number) + (has_exponent ? "" : "e0"));
    }
    // Of the characters of numbers, and none: names, expressions, comments.
    for (const char* other :
         {"375e0--", "1e0--", "1e0-1e0", "1e0--1", "1e",  "e",   "E",       "--",  "-",   "",    "1e0e0", "1..2",
          "375+0",   "1.",    ".5",      "+1",     "1E5", "1e+", "375-e--", "--1", "1-1", "nan", "inf",   "0x1"}) {
        INFO(other);
        CHECK(behind(3, other) == "`d` > '" + std::string(other) + "'");
        CHECK_FALSE(sql::check_members(t, page.order, page.after, {}));
        CHECK_FALSE(sql::check_members(t, page.order, {{rowferry::value(other)}}));
    }
    SECTION("downwards, inclusive, and up to a bound") {
        page.order = {{0, true}};
        page.after = page_bound{{"b"}, false};
        CHECK(where() == "`e` IN (0, 1)");
        page.after->inclusive = true;
        page.up_to = page_bound{{"z"}, true};
        CHECK(where() == "`e` IN (0, 1, 2) AND `e` IN (1, 2, 3)");
        page.after = page_bound{{""}, false};
        page.up_to.reset();
        CHECK(where() == "FALSE");
    }
    SECTION("as parts of a composite key") {
        page.order = {{0, false}, {3, false}};
        page.after = page_bound{{"b", "7"}, false};
        CHECK(where() == "(`e` IN (3) OR (`e` = 2 AND `d` > 7e0))");
        page.after = page_bound{{"a", "7"}, false};
        CHECK(where() == "(`e` = 2 AND `d` > 7e0 AND `d` < 7e0 OR (`e` = 3 AND `d` > 7e0))");
        page.order = {{3, true}, {0, true}, {1, false}};
        page.after = page_bound{{"7", "z", "y"}, false};
        CHECK(where() == "`d` <= 7e0 AND (`d` < 7e0 OR (`d` = 7e0 AND (`e` IN (0) OR (`e` = 1 AND "
                         "CAST(`s` AS UNSIGNED) > 2))))");
    }
    SECTION("a prefix is compared and sorted as what it is") {
        page.order = {{4, true, 3}};
        page.after = page_bound{{"abcd"}, false};
        CHECK(page_text(page) == "SELECT 1 FROM `t` WHERE LEFT(`k`, 3) < LEFT(_latin1 X'61626364', 3) "
                                 "ORDER BY LEFT(`k`, 3) DESC");
    }
    SECTION("what is no member is refused") {
        const std::vector<rowferry::key_part> order{{0, false}};
        CHECK(sql::check_members(t, order, page_bound{{"z"}, false}, {}).has_value());
        CHECK_FALSE(sql::check_members(t, order, {}, page_bound{{"gone"}, false}).has_value());
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

TEST_CASE("a charset's or a number's text is never written as SQL", "[sql][hostile]") {
    auto bound = [](const column& c, std::string value) {
        return text([&](std::string& out) { sql::append_bound(out, c, value); });
    };
    const std::string injection = "binary X'00') UNION SELECT secret FROM canary.t -- ";
    for (const std::string& name : {injection, std::string("utf8mb4 "), std::string("a`b"), std::string(65, 'a')}) {
        CAPTURE(name);
        CHECK(bound(make("k", column_kind::text, "varchar(36)", name), "x") == "_no_charset X'78'"); // a syntax error
        CHECK(text([&](std::string& out) { sql::append_convert(out, {"x"}, name); }) ==
              "SELECT CONVERT(_utf8mb4'x' USING no_charset)");
    }
    CHECK(bound(make("k", column_kind::text, "varchar(36)", "utf8mb4"), "x") == "_utf8mb4 X'78'");
    const column d = make("d", column_kind::real64, "double");
    for (const char* number : {"1", "-1.5", "1e-7", "-1.5e+300"}) CHECK(bound(d, number)[0] != '\'');
    // "-- " begins a comment: the rest of the statement, its other bound and its LIMIT, would be none.
    for (const char* no_number : {"5e0--", "5--", "1e", "-", ".", "1.2.3", "1e5e5", "--1", "+", "e5"}) {
        CHECK(bound(d, no_number) == "'" + std::string(no_number) + "'");
    }
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
    request.anywhere = true;
    CHECK(text([&](std::string& out) { sql::append_count(out, sql::dialect::mariadb, request); }) ==
          "SELECT COUNT(*) FROM `goods` WHERE IF((a = 1\n) AND `at` IS NULL, 1, 0)");
    auto check = [](sql::filter_form form) {
        return text([&](std::string& out) { sql::append_filter_check(out, "g`s", "a = 1", form); });
    };
    CHECK(check(sql::filter_form::bare) == "SELECT 1 FROM `g``s` WHERE a = 1\n LIMIT 0");
    CHECK(check(sql::filter_form::in_parentheses) == "SELECT 1 FROM `g``s` WHERE (a = 1\n) LIMIT 0");
}

TEST_CASE("rows without NULL in some columns, and those with one", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    page.nullable = {0, 1};
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE `id` IS NOT NULL AND `code` IS NOT NULL ORDER BY `id`");
    page.after = page_bound{{"5"}, false};
    CHECK(page_text(page) ==
          "SELECT `id` FROM `goods` WHERE `id` > 5 AND `id` IS NOT NULL AND `code` IS NOT NULL ORDER BY `id`");
    page = keyset(t);
    page.order.clear();
    page.nullable = {0, 1};
    page.of_nulls = true;
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE (`id` IS NULL OR `code` IS NULL)");
    page.filter = "price > 1";
    CHECK(page_text(page) == "SELECT `id` FROM `goods` WHERE (price > 1\n) AND (`id` IS NULL OR `code` IS NULL)");
}

TEST_CASE("the rows of a page are estimated in each dialect, without its limits", "[sql]") {
    const table_schema t = goods();
    page_request page = keyset(t);
    page.after = page_bound{{"5"}, false};
    page.up_to = page_bound{{"9"}, true};
    page.index = "PRIMARY";
    page.max_rows = 1;
    page.offset = 7;
    auto estimate = [&](sql::dialect d) { return text([&](std::string& out) { sql::append_estimate(out, d, page); }); };
    const std::string rest = " INDEX (`PRIMARY`) WHERE `id` > 5 AND `id` <= 9";
    CHECK(estimate(sql::dialect::mariadb) == "EXPLAIN SELECT 1 FROM `goods` FORCE" + rest);
    CHECK(estimate(sql::dialect::mysql) == "EXPLAIN FORMAT=TRADITIONAL SELECT 1 FROM `goods` USE" + rest);
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
