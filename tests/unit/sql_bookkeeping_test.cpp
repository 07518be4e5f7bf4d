// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql.hpp: the statements that keep books (checkpoints, the catalog, the session).
#include <rowferry/sql.hpp>
#include <rowferry/sql/rights.hpp>

#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace sql = rowferry::sql;

namespace {

template <class F>
std::string text(F&& append) {
    std::string out;
    append(out);
    return out;
}

} // namespace

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
                                 "updated_at = UTC_TIMESTAMP(6)";
    CHECK(text([&](std::string& out) { sql::append_save_checkpoint(out, c); }) ==
          "UPDATE `rowferry_checkpoint` SET " + progress + " WHERE job = " + job + " AND run = " + run +
              " AND batches = 6");
    CHECK(text([](std::string& out) { sql::append_list_checkpoints(out); }) ==
          "SELECT title, target_table, definition, run, batches, rows_copied, last_key, complete, begun_alone, job, "
          "updated_at FROM `rowferry_checkpoint` ORDER BY target_table, title, job");
    CHECK(text([&](std::string& out) { sql::append_drop_checkpoint(out, c.job); }) ==
          "DELETE FROM `rowferry_checkpoint` WHERE job = " + job);
    CHECK(text([&](std::string& out) { sql::append_forget_checkpoint(out, c); }) ==
          "DELETE FROM `rowferry_checkpoint` WHERE job = " + job + " AND run = " + run);
    const std::string beginning =
        "title = _utf8mb4'a\\'s copy', target_table = _utf8mb4'it\\'s', definition = _utf8mb4'pages: keyset by größe', "
        "run = " +
        run +
        ", begun_alone = 0, batches = 0, rows_copied = 0, last_key = _ascii'', complete = 0, "
        "updated_at = UTC_TIMESTAMP(6)";
    auto claimed = [&](const rowferry::claim& how) {
        return text([&](std::string& out) { sql::append_claim_checkpoint(out, c, how); });
    };
    const std::string claim =
        "INSERT INTO `rowferry_checkpoint` SET job = " + job + ", " + beginning + " ON DUPLICATE KEY UPDATE ";
    CHECK(claimed({}) == claim + "run = " + run + ", updated_at = UTC_TIMESTAMP(6)");
    CHECK(claimed({.keeps_progress = false}) == claim + beginning);
    const std::string table = " WHERE target_table = _utf8mb4'it\\'s'";
    CHECK(text([&](std::string& out) { sql::append_forget_others(out, c); }) ==
          "DELETE FROM `rowferry_checkpoint`" + table + " AND job <> " + job);
    CHECK(claimed({.alone = true}).find(", begun_alone = 1, batches = 0") != std::string::npos);
    CHECK(text([&](std::string& out) { sql::append_stop_others(out, c); }) ==
          "UPDATE `rowferry_checkpoint` SET run = " + run + table + " AND job <> " + job);
    CHECK(text([&](std::string& out) { sql::append_forget_checkpoints(out, c.target_table); }) ==
          "DELETE FROM `rowferry_checkpoint`" + table);
    const std::string lock = text([&](std::string& out) { sql::append_lock_claims(out, "d", "t'", 30); });
    CHECK(lock == "SELECT GET_LOCK('rowferry." + rowferry::job_id("d.t'") + "', 30)");
    CHECK(text([&](std::string& out) { sql::append_unlock_claims(out, "d", "t'"); }) ==
          "SELECT RELEASE_LOCK('rowferry." + rowferry::job_id("d.t'") + "')");
    const std::string load = "SELECT title, target_table, definition, run, batches, rows_copied, last_key, complete, "
                             "begun_alone FROM `rowferry_checkpoint` WHERE job = " +
                             job;
    auto loaded = [&](rowferry::checkpoint_read how) {
        return text([&](std::string& out) { sql::append_load_checkpoint(out, c.job, how); });
    };
    CHECK(loaded(rowferry::checkpoint_read::as_it_stands) == load);
    CHECK(loaded(rowferry::checkpoint_read::settled) == load + " FOR UPDATE");
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
                                "COLLATION_NAME, IS_NULLABLE, EXTRA, GENERATION_EXPRESSION, COLUMN_DEFAULT, "
                                "ORDINAL_POSITION FROM "));
}

TEST_CASE("the session recipe is set in one statement and read back", "[sql]") {
    const auto variables = sql::session_variables(sql::dialect::mariadb, 101'106);
    const std::string set = text([&](std::string& out) { sql::append_set_session(out, variables); });
    CHECK(set.starts_with("SET SESSION sql_mode = "
                          "'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', "
                          "SESSION time_zone = '+00:00', SESSION foreign_key_checks = 0, "));
    CHECK(set.find(", SESSION sql_select_limit = 18446744073709551615, ") != std::string::npos);
    CHECK(set.find(", SESSION tx_isolation = 'READ-COMMITTED'") != std::string::npos);
    const auto for_mysql = sql::session_variables(sql::dialect::mysql, 90'704);
    CHECK(set.find(", SESSION system_versioning_asof = DEFAULT, ") != std::string::npos);
    const std::string gipk = "show_gipk_in_create_table_and_information_schema";
    auto has_gipk = [&](unsigned long version) {
        const auto all = sql::session_variables(sql::dialect::mysql, version);
        return std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.name == gipk && v.value == "1"; });
    };
    CHECK(has_gipk(80'030));
    CHECK_FALSE(has_gipk(80'029));
    const std::string read = text([&](std::string& out) { sql::append_read_session(out, for_mysql); });
    CHECK(read.starts_with("SELECT @@character_set_client, "));
    CHECK(read.find(", @@SESSION.transaction_isolation") != std::string::npos);

    // Both servers end a transaction whose client vanished after two minutes.
    const std::string set_mysql = text([&](std::string& out) { sql::append_set_session(out, for_mysql); });
    CHECK(set.find(", SESSION wait_timeout = 600, ") != std::string::npos);
    CHECK(set.find(", SESSION idle_transaction_timeout = 120, ") != std::string::npos);
    for (const std::string& each : {set, set_mysql})
        CHECK(each.find(", SESSION max_sort_length = 8388608") != std::string::npos);
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

TEST_CASE("a session's time limit for a statement is a product's own, and none above a million seconds", "[sql]") {
    using std::chrono::seconds;
    const auto limit = [](sql::dialect d, seconds s) {
        return text([&](std::string& out) { sql::append_statement_limit(out, d, s); });
    };
    CHECK(limit(sql::dialect::mariadb, seconds(120)) == "SESSION max_statement_time = 120");
    CHECK(limit(sql::dialect::mysql, seconds(120)) == "SESSION max_execution_time = 120000");
    CHECK(limit(sql::dialect::mysql, seconds(1'000'001)) == "SESSION max_execution_time = 0");
    CHECK(limit(sql::dialect::mariadb, seconds(-1)) == "SESSION max_statement_time = 0");
    CHECK(sql::lift_statement_limit(sql::dialect::mariadb) == "SET SESSION max_statement_time = 0");
}

TEST_CASE("the rights of an upsert are asked with the columns that it keeps, and DROP only before a truncation",
          "[sql]") {
    rowferry::table_schema table;
    table.name = "t";
    table.columns.resize(2);
    table.columns[0].name = "id";
    table.columns[1].name = "kept";
    table.columns[1].set_on_update = true;
    rowferry::target_needs needs;
    needs.write.table = &table;
    needs.write.columns = {0};
    needs.write.kind = rowferry::write_kind::upsert;
    needs.empties = true;
    const auto asked = sql::right_questions(needs);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].statement ==
          "INSERT INTO `t` (`id`) VALUES (NULL) ON DUPLICATE KEY UPDATE `id` = NULL, `kept` = `t`.`kept`");
    CHECK(asked[1].about == "DROP on t");
    needs.only_planned = true;
    CHECK(sql::right_questions(needs).size() == 1);
}

TEST_CASE("the ids of tables are asked for within a time limit", "[sql]") {
    const auto ids = [](sql::dialect d) {
        return text(
            [d](std::string& out) { sql::append_storage_ids(out, d, "d", "t", std::chrono::milliseconds(2500)); });
    };
    CHECK(ids(sql::dialect::mariadb)
              .starts_with("SET STATEMENT max_statement_time=2.500 FOR SELECT TABLE_ID FROM information_schema."));
    CHECK(ids(sql::dialect::mysql).starts_with("SELECT /*+ MAX_EXECUTION_TIME(2500) */ TABLE_ID FROM "));
}

TEST_CASE("MySQL's tables inside InnoDB are named as files are, without its charset for that", "[sql]") {
    const auto ids = [](sql::dialect d, std::string_view database, std::string_view table) {
        return text([&](std::string& out) {
            sql::append_storage_ids(out, d, database, table, std::chrono::milliseconds(2500));
        });
    };
    const auto has = [](const std::string& all, std::string_view part) { return all.find(part) != std::string::npos; };
    const std::string plain = ids(sql::dialect::mysql, "d-1", "a b$.Q#%/'z_9");
    CHECK(has(plain, "_utf8mb4'd@002d1/a@0020b@0024@002eQ@0023@0025@002f@0027z_9'"));
    CHECK_FALSE(has(plain, "USING filename"));
    CHECK(has(ids(sql::dialect::mysql, "d", "\xC3\x84"), "USING filename"));
    CHECK(has(ids(sql::dialect::mariadb, "d", "t"), "USING filename"));
}
