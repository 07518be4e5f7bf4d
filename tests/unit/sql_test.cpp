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
    CHECK(text([&](std::string& out) { sql::append_any_row(out, t); }) == "SELECT 1 FROM `goods` LIMIT 1");
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

TEST_CASE("statements on the checkpoint table", "[sql]") {
    rowferry::checkpoint c;
    c.job = "0123456789abcdef0123456789abcdef";
    c.title = "a's copy";
    c.target_table = "it's";
    c.definition = "pages: keyset by größe";
    c.run = "fedcba9876543210fedcba9876543210";
    c.batches = 7;
    c.rows = 7000;
    c.last_key = {"-3", std::nullopt, "it's"};
    const std::string job = "_ascii'0123456789abcdef0123456789abcdef'";
    const std::string run = "_ascii'fedcba9876543210fedcba9876543210'";
    const std::string progress = "batches = 7, rows_copied = 7000, last_key = _ascii'-3,~,it%27s', complete = 0, "
                                 "updated_at = CURRENT_TIMESTAMP(6)";
    CHECK(text([&](std::string& out) { sql::append_save_checkpoint(out, c); }) ==
          "UPDATE `rowferry_checkpoint` SET " + progress + " WHERE job = " + job + " AND run = " + run +
              " AND batches = 6");
    const std::string beginning =
        "title = _utf8mb4'a\\'s copy', target_table = _utf8mb4'it\\'s', definition = _utf8mb4'pages: keyset by größe', "
        "run = " +
        run +
        ", batches = 0, rows_copied = 0, last_key = _ascii'', complete = 0, "
        "updated_at = CURRENT_TIMESTAMP(6)";
    auto claimed = [&](rowferry::claim how) {
        return text([&](std::string& out) { sql::append_claim_checkpoint(out, c, how); });
    };
    const std::string claim =
        "INSERT INTO `rowferry_checkpoint` SET job = " + job + ", " + beginning + " ON DUPLICATE KEY UPDATE ";
    CHECK(claimed(rowferry::claim::resume) == claim + "run = " + run + ", updated_at = CURRENT_TIMESTAMP(6)");
    CHECK(claimed(rowferry::claim::start_over) == claim + beginning);
    CHECK(claimed(rowferry::claim::start_empty) == claim + beginning);
    CHECK(text([&](std::string& out) { sql::append_forget_others(out, c); }) ==
          "DELETE FROM `rowferry_checkpoint` WHERE target_table = _utf8mb4'it\\'s' AND job <> " + job);
    const std::string lock = text([&](std::string& out) { sql::append_lock_claims(out, "d", "t'", 30); });
    CHECK(lock == "SELECT GET_LOCK('rowferry." + rowferry::job_id("d.t'") + "', 30)");
    CHECK(text([&](std::string& out) { sql::append_unlock_claims(out, "d", "t'"); }) ==
          "SELECT RELEASE_LOCK('rowferry." + rowferry::job_id("d.t'") + "')");
    const std::string load = "SELECT title, target_table, definition, run, batches, rows_copied, last_key, complete "
                             "FROM `rowferry_checkpoint` WHERE job = " +
                             job;
    auto loaded = [&](rowferry::checkpoint_read how) {
        return text([&](std::string& out) { sql::append_load_checkpoint(out, c.job, how); });
    };
    CHECK(loaded(rowferry::checkpoint_read::as_it_stands) == load);
    CHECK(loaded(rowferry::checkpoint_read::settled) == load + " FOR UPDATE");
    CHECK(text([&](std::string& out) { sql::append_forget_checkpoint(out, c.job); }) ==
          "DELETE FROM `rowferry_checkpoint` WHERE job = " + job);
}

TEST_CASE("names in conditions on the catalog are UTF-8 text", "[sql]") {
    const std::string described = text([](std::string& out) { sql::append_describe_columns(out, "d'b", "größe"); });
    CHECK(described.find("WHERE TABLE_SCHEMA = _utf8mb4'd\\'b' AND TABLE_NAME = _utf8mb4'größe' ORDER BY") !=
          std::string::npos);
    const std::string indexes =
        text([](std::string& out) { sql::append_describe_indexes(out, sql::dialect::mysql, "d", "t"); });
    const std::string where = " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = _utf8mb4'd' AND TABLE_NAME = "
                              "_utf8mb4't' ORDER BY INDEX_NAME, SEQ_IN_INDEX";
    const std::string parts =
        "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE, ";
    CHECK(indexes == parts + "IS_VISIBLE, EXPRESSION" + where);
    CHECK(text([](std::string& out) { sql::append_describe_indexes(out, sql::dialect::mariadb, "d", "t"); }) ==
          parts + "IF(IGNORED = 'YES', 'NO', 'YES'), NULL" + where);
    CHECK(described.starts_with("SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, "
                                "COLLATION_NAME, IS_NULLABLE, EXTRA, GENERATION_EXPRESSION FROM "));
}

TEST_CASE("the session recipe is set in one statement and read back", "[sql]") {
    const auto variables = sql::session_variables(sql::dialect::mariadb);
    const std::string set = text([&](std::string& out) { sql::append_set_session(out, variables); });
    CHECK(set.starts_with("SET SESSION sql_mode = "
                          "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', "
                          "SESSION time_zone = '+00:00', SESSION foreign_key_checks = 0, "));
    CHECK(set.find(", SESSION sql_select_limit = 18446744073709551615, ") != std::string::npos);
    CHECK(set.find(", SESSION tx_isolation = 'READ-COMMITTED'") != std::string::npos);
    const auto for_mysql = sql::session_variables(sql::dialect::mysql);
    const std::string read = text([&](std::string& out) { sql::append_read_session(out, for_mysql); });
    CHECK(read.starts_with("SELECT @@character_set_client, "));
    CHECK(read.find(", @@SESSION.transaction_isolation") != std::string::npos);

    // Both servers end a transaction whose client vanished after two minutes.
    const std::string set_mysql = text([&](std::string& out) { sql::append_set_session(out, for_mysql); });
    CHECK(set.find(", SESSION wait_timeout = 600, ") != std::string::npos);
    CHECK(set.find(", SESSION idle_transaction_timeout = 120, ") != std::string::npos);
    CHECK(set_mysql.find(", SESSION wait_timeout = 120, ") != std::string::npos);
    CHECK(set_mysql.find("idle_transaction_timeout") == std::string::npos);
    for (const std::string& recipe : {set, set_mysql}) {
        CHECK(recipe.find(", SESSION lock_wait_timeout = 60, SESSION net_read_timeout = 120, SESSION net_write_timeout "
                          "= 120, ") != std::string::npos);
        CHECK(recipe.find(", SESSION innodb_lock_wait_timeout = 30, ") != std::string::npos);
    }

    CHECK(sql::is_set({"sql_mode", "A,B"}, "B,A"));
    CHECK_FALSE(sql::is_set({"sql_mode", "A,B"}, "A,B,C"));
    CHECK_FALSE(sql::is_set({"sql_mode", "A,B"}, "A"));
    CHECK(sql::is_set({"old_mode", ""}, ""));
    CHECK_FALSE(sql::is_set({"old_mode", ""}, "NO_DUP_KEY_WARNINGS_WITH_IGNORE"));
}
