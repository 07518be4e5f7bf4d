// SPDX-License-Identifier: BSL-1.0
// Incremental copies between real servers: ties, fractions, late rows, updates, NULLs, and connections that are killed.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using namespace std::chrono_literals;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
/// A table `t` with the watermark `w` on both sides, empty.
void create(const std::string& watermark, const std::string& key = "id INT, PRIMARY KEY (id)") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (" + key + ", w " + watermark + ", v VARCHAR(50), KEY by_w (w))", "shop");
    }
}
void on_source(const std::string& sql) {
    servers().source.execute("SET SESSION time_zone = '+00:00', sql_mode = ''; " + sql, "shop");
}
rf::report copy(const rf::incremental_pages& pages, rf::write_kind kind = rf::write_kind::upsert,
                std::uint64_t batch_rows = 7) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::pipeline{pages, rf::chosen_write_mode{kind}, rf::fixed_batch{.rows = batch_rows}}.copy(source, target,
                                                                                                      "t");
}
/// Complete, and as many rows as expected.
void check_copied(const rf::report& report, std::uint64_t rows) {
    INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
    CHECK(report.complete());
    CHECK(report.rows == rows);
}
void check_equal(const std::string& where = "TRUE") {
    const std::string rows = "SELECT * FROM t WHERE " + where + " ORDER BY id, w";
    CHECK(servers().source.query(rows, "shop") == servers().target.query(rows, "shop"));
    const std::string count = "SELECT COUNT(*) FROM t";
    CHECK(servers().source.value(count + " WHERE " + where, "shop") == servers().target.value(count, "shop"));
}

} // namespace

TEST_CASE("watermarks of each type: ties at the boundary and over many pages, fractions in full, two runs") {
    struct watermark {
        const char* type;
        const char* first; // of row seq
        const char* next;  // past all of the first
    };
    for (const watermark& w :
         {watermark{"INT", "seq DIV 40", "100 + seq"},
          {"BIGINT UNSIGNED", "18446744073709551000 + seq DIV 40", "18446744073709551615"},
          {"DECIMAL(20,6)", "(seq DIV 40) * 0.000001", "0.5 + seq * 0.000001"},
          {"DATE", "'2026-01-01' + INTERVAL seq DIV 40 DAY", "'2026-03-01'"},
          {"DATETIME(6)", "'2026-01-01' + INTERVAL seq DIV 40 MICROSECOND", "'2026-01-01 00:00:00.5'"},
          {"DATETIME", "'2026-01-01' + INTERVAL seq DIV 40 SECOND", "'2026-01-01 00:01:00'"},
          {"TIMESTAMP(6) NULL", "'2026-03-29 00:59:59.999999' + INTERVAL seq DIV 40 MICROSECOND",
           "'2026-03-29 01:00:00.5'"},
          {"TIME(6)", "CAST('-00:00:00.000001' AS TIME(6)) + INTERVAL seq DIV 40 MICROSECOND", "'838:59:58.5'"},
          {"YEAR", "2000 + seq DIV 40", "2026"}}) {
        CAPTURE(w.type);
        create(w.type);
        on_source("INSERT INTO t SELECT seq, " + std::string(w.first) + ", seq FROM seq_1_to_100");
        check_copied(copy({.column = "w"}), 100);
        check_equal();
        constexpr std::uint64_t ties = 21; // with the last value: a run begins at it
        check_copied(copy({.column = "w"}), ties);
        on_source("INSERT INTO t SELECT seq, " + std::string(w.next) + ", 'next' FROM seq_101_to_130");
        check_copied(copy({.column = "w"}), ties + 30);
        check_equal();
    }
}

TEST_CASE("rows that share the last watermark and come later, behind the last key, are taken") {
    create("DATETIME(6)");
    on_source("INSERT INTO t SELECT seq * 10, '2026-01-01 00:00:00.25', 'tie' FROM seq_1_to_20");
    check_copied(copy({.column = "w"}, rf::write_kind::insert), 20);
    on_source("INSERT INTO t VALUES (500, '2026-01-01 00:00:00.25', 'a tie with a larger key')");
    check_copied(copy({.column = "w"}, rf::write_kind::insert), 1);
    check_equal();
    // One with a smaller key stands before the last one: the lag looks back.
    on_source("INSERT INTO t VALUES (15, '2026-01-01 00:00:00.25', 'a tie with a smaller key')");
    check_copied(copy({.column = "w"}, rf::write_kind::insert), 0);
    const rf::report looked_back = copy({.column = "w", .lag = 1s});
    CHECK(looked_back.complete());
    check_equal();
}

TEST_CASE("rows that were committed late are taken within the lag") {
    create("DATETIME(6)");
    on_source("INSERT INTO t SELECT seq, '2026-01-01' + INTERVAL seq SECOND, 'in time' FROM seq_1_to_50");
    check_copied(copy({.column = "w", .lag = 10s}), 50);
    on_source("INSERT INTO t VALUES (1000, '2026-01-01 00:00:42.5', 'late'), (1001, '2026-01-01 00:00:51', 'new')");
    const rf::report second = copy({.column = "w", .lag = 10s});
    check_copied(second, 13); // from 00:00:40 on
    check_equal();
    on_source("INSERT INTO t VALUES (1002, '2026-01-01 00:00:20', 'too late for the lag')");
    CHECK(copy({.column = "w", .lag = 10s}).complete());
    check_equal("id <> 1002");
}

TEST_CASE("updated rows come again through upsert, by a column that says when") {
    create("TIMESTAMP(6) NULL");
    on_source("INSERT INTO t SELECT seq, '2026-01-01' + INTERVAL seq SECOND, 'first' FROM seq_1_to_60");
    check_copied(copy({.column = "w"}), 60);
    on_source("UPDATE t SET v = 'changed', w = '2026-02-01' + INTERVAL id MICROSECOND WHERE id % 3 = 0");
    check_copied(copy({.column = "w"}), 20);
    check_equal();
}

TEST_CASE("NULLs are counted and left out, and come when they are filled in") {
    create("DATETIME(6)");
    on_source(
        "INSERT INTO t SELECT seq, IF(seq % 4 = 0, NULL, '2026-01-01' + INTERVAL seq SECOND), seq FROM seq_1_to_40");
    const rf::report first = copy({.column = "w"});
    check_copied(first, 30);
    CHECK(first.null_watermarks == 10);
    check_equal("w IS NOT NULL");
    on_source("UPDATE t SET w = '2026-01-02' WHERE id = 4");
    const rf::report second = copy({.column = "w"});
    check_copied(second, 2); // and the one with the last value again
    CHECK(second.null_watermarks == 9);
    check_equal("w IS NOT NULL");
}

TEST_CASE("the upper bound is fixed when the run starts") {
    create("INT");
    on_source("INSERT INTO t SELECT seq, seq, 'before' FROM seq_1_to_50");
    // Somebody adds rows, and moves some that were not read yet, while the pages are read.
    struct writer {
        int pages = 0;
        void on(const rf::page_read&) {
            ++pages;
            on_source("INSERT INTO t VALUES (" + std::to_string(1000 + pages) + ", " + std::to_string(50 + pages) +
                      ", 'meanwhile')");
        }
    } meanwhile;
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::pipeline ferry{rf::incremental_pages{.column = "w"}, rf::upsert{}, rf::fixed_batch{.rows = 7}};
    check_copied(ferry.copy(source, target, "t", meanwhile), 50);
    CHECK(servers().copied("t") == 50);
    check_copied(ferry.copy(source, target, "t"), static_cast<std::uint64_t>(meanwhile.pages) + 1);
    check_equal();
}

TEST_CASE("keys of many kinds behind the watermark: descending, composite, text in a collation") {
    for (const char* key : {"id INT, PRIMARY KEY (id DESC)", "id INT, b VARCHAR(10), PRIMARY KEY (b, id)",
                            "id VARCHAR(10) COLLATE utf8mb4_general_ci, PRIMARY KEY (id)",
                            "id DECIMAL(10,3), b BINARY(4), PRIMARY KEY (id, b DESC)"}) {
        CAPTURE(key);
        create("DATETIME(3)", key);
        const bool has_b = std::string(key).find(" b ") != std::string::npos;
        const std::string columns = has_b ? "(id, b, w, v)" : "(id, w, v)";
        const std::string b = has_b ? "CHAR(97 + seq % 7), " : "";
        on_source("INSERT INTO t " + columns + " SELECT seq, " + b +
                  "'2026-01-01' + INTERVAL seq DIV 30 SECOND, 'x' FROM "
                  "seq_1_to_100");
        check_copied(copy({.column = "w"}, rf::write_kind::insert), 100);
        check_equal();
        on_source("INSERT INTO t " + columns + " SELECT seq, " + b + "'2026-01-02', 'y' FROM seq_101_to_125");
        check_copied(copy({.column = "w"}, rf::write_kind::insert), 25);
        check_equal();
    }
}

TEST_CASE("without a checkpoint it starts at the target's largest value, ties included") {
    create("DATETIME(6)");
    on_source("INSERT INTO t SELECT seq, '2026-01-01' + INTERVAL seq DIV 10 SECOND, seq FROM seq_1_to_50");
    servers().target.execute(
        "INSERT INTO t SELECT seq, '2026-01-01' + INTERVAL seq DIV 10 SECOND, seq FROM seq_1_to_33", "shop");
    check_copied(copy({.column = "w"}), 21); // from row 30 on, whose second row 33 shares
    check_equal();
}

TEST_CASE("last_processed and count_new answer as the old replicator asked") {
    create("DATETIME(6)");
    rf::mysql::connection source = rf::mysql::connector(servers().source_uri()).connect().value();
    rf::mysql::connection target = rf::mysql::connector(servers().target_uri()).connect().value();
    CHECK(rf::last_processed(target, "missing", "w").value() == std::nullopt);
    CHECK(rf::last_processed(target, "t", "w").value() == std::nullopt);
    on_source(
        "INSERT INTO t SELECT seq, IF(seq = 7, NULL, '2026-01-01' + INTERVAL seq MICROSECOND), seq FROM seq_1_to_20");
    CHECK(rf::count_new(source, "t", "w", std::nullopt).value() == 19);
    CHECK(rf::count_new(source, "t", "w", "2026-01-01 00:00:00.000015").value() == 5);
    check_copied(copy({.column = "w"}), 19);
    CHECK(rf::last_processed(target, "t", "w").value() == "2026-01-01 00:00:00.000020");
    CHECK(rf::count_new(source, "t", "w", rf::last_processed(target, "t", "w").value()).value() == 0);
    CHECK_FALSE(rf::last_processed(target, "t", "nothing"));
}

TEST_CASE("killed connections, in read, write and COMMIT, leave an incremental copy exact") {
    using support::cut;
    for (const bool of_source : {true, false}) {
        for (const cut& plan : {cut{"read", 3, false},
                                {"read", 3, true},
                                {"write", 2, false},
                                {"write", 2, true},
                                {"commit", 2, false},
                                {"commit", 2, true},
                                {"commit", 4, true}}) {
            const bool reads = plan.operation == "read";
            if (reads != of_source) continue;
            CAPTURE(plan.operation, plan.at, plan.after);
            create("DATETIME(6)");
            on_source("INSERT INTO t SELECT seq, '2026-01-01' + INTERVAL seq DIV 12 SECOND, seq FROM seq_1_to_40");
            support::cut_connector source{rf::mysql::connector(servers().source_uri()), servers().source, {}};
            support::cut_connector target{rf::mysql::connector(servers().target_uri()), servers().target, {}};
            (of_source ? source : target).plan = plan;
            const rf::pipeline ferry{rf::incremental_pages{.column = "w"}, rf::insert{}, rf::fixed_batch{.rows = 7},
                                     rf::exponential_backoff{.initial_delay = 10ms}};
            check_copied(ferry.copy(source, target, "t"), 40);
            CHECK((of_source ? source : target).plan.at == 0);
            check_equal();
            on_source("INSERT INTO t SELECT seq, '2026-01-02', 'next' FROM seq_41_to_60");
            (of_source ? source : target).plan = plan;
            check_copied(ferry.copy(source, target, "t"), 20);
            check_equal();
        }
    }
}

TEST_CASE("an incremental column may be text that grows in the order of its collation, and bytes") {
    for (const std::string type : {"VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
                                   "CHAR(20) CHARACTER SET latin1", "VARBINARY(20)", "BINARY(6)"}) {
        CAPTURE(type);
        create(type);
        on_source("INSERT INTO t SELECT seq, CONCAT('01J', LPAD(seq DIV 2, 3, '0')), 'n' FROM seq_1_to_40");
        CHECK(copy({.column = "w"}).complete());
        check_equal();
        // One with the last value in other letters, and a smaller key; and new ones.
        on_source("INSERT INTO t VALUES (-5, '01j020', 'late'), (41, '01K', 'new'), (42, '01k', 'new')");
        const rf::report second = copy({.column = "w"});
        INFO((second.failure ? rf::to_string(*second.failure) : std::string()));
        CHECK(second.complete());
        CHECK(second.rows == 4);
        check_equal();
    }
    create("ENUM('a')");
    const rf::report refused = copy({.column = "w"});
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK_THAT(rf::to_string(*refused.failure),
               ContainsSubstring("must be an integer, a decimal, a date and time, text or bytes"));
}

TEST_CASE("a row that was committed later with the last value and a smaller key is copied by the next run") {
    for (const rf::write_kind mode : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        for (const std::string type : {"DATE NOT NULL", "TIMESTAMP NOT NULL", "DATETIME NOT NULL", "INT NOT NULL"}) {
            CAPTURE(type);
            create(type, "id CHAR(4) CHARACTER SET ascii, PRIMARY KEY (id)");
            const bool is_number = type.starts_with("INT");
            const std::string last = is_number ? "5" : "'2024-05-01'";
            const std::string before = is_number ? "4" : "'2024-04-30'";
            on_source("INSERT INTO t VALUES ('m001', " + last + ", 1), ('x002', " + last + ", 2), ('k003', " + before +
                      ", 3)");
            check_copied(copy({.column = "w"}, mode), 3);
            on_source("INSERT INTO t VALUES ('a004', " + last + ", 4)");
            check_copied(copy({.column = "w"}, mode), 3);
            check_equal();
        }
    }
}

TEST_CASE("a watermark in the future is named, and the tool sets it aside with --future-rows") {
    create("DATE NOT NULL");
    on_source("INSERT INTO t VALUES (1, '2024-05-01', 'x'), (2, '9999-12-31', 'never')");
    auto run = [](const std::string& rows) {
        return support::run_tool({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(),
                                  "--table", "t", "--mode", "incremental", "--incremental-column", "w", "--future-rows",
                                  rows});
    };
    const auto first = run("leave-out");
    INFO(first.err);
    CHECK(first.exit_code == 0);
    CHECK_THAT(first.err, ContainsSubstring("the largest value of w in table t, 9999-12-31, lies in the future: rows "
                                            "after ") &&
                              ContainsSubstring("are left out"));
    CHECK(servers().copied("t") == 1);
    const auto copied = run("copy");
    CHECK(copied.exit_code == 0);
    CHECK_THAT(copied.err, ContainsSubstring("the next run begins there"));
    CHECK(servers().copied("t") == 2);
    on_source("INSERT INTO t VALUES (3, '2024-05-02', 'new')");
    const auto behind = run("copy");
    CHECK_THAT(behind.err, ContainsSubstring("was copied up to w = 9999-12-31, which lies in the future"));
    CHECK(servers().copied("t") == 2);
    const auto again = run("leave-out");
    INFO(again.err);
    CHECK(again.exit_code == 0);
    CHECK_THAT(again.err, ContainsSubstring("this run begins at 2024-05-01"));
    check_equal();
}
