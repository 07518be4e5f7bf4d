// SPDX-License-Identifier: BSL-1.0
// What a target computes depends on the session: settings are those of the source, and the time zone is, or is refused.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
void on_both(const std::string& sql) {
    servers().source.execute(sql, "shop");
    servers().target.execute(sql, "shop");
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
support::tool_answer run(std::vector<std::string> words) {
    words.insert(words.begin() + 1,
                 {"--source", servers().source_uri(), "--target", servers().target_uri(), "--log", "off", "--json"});
    return support::run_tool(words);
}

/// Settings of the source for new sessions, until the end.
struct source_settings {
    source_settings(const std::string& set, std::string reset) : reset_(std::move(reset)) {
        servers().source.execute(set);
    }
    source_settings(const source_settings&) = delete;
    source_settings& operator=(const source_settings&) = delete;
    ~source_settings() { servers().source.execute(reset_); }

private:
    std::string reset_;
};

} // namespace

TEST_CASE("generated columns are computed under the source's settings, by each way to write and in a repair") {
    const source_settings other("SET GLOBAL div_precision_increment = 12, GLOBAL default_week_format = 3",
                                "SET GLOBAL div_precision_increment = 4, GLOBAL default_week_format = 0");
    for (const rf::write_way way : support::ways_to(servers().target)) {
        CAPTURE(rf::name(way));
        servers().clear();
        on_both("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, e ENUM('x') NOT NULL,"
                " pct DECIMAL(24,12) AS (a / b) STORED)");
        servers().source.execute(
            "SET SESSION sql_mode = ''; INSERT INTO t (id, a, b, e) VALUES (1, 1, 3, 'x'), (2, 2, 3, 0)", "shop");
        CHECK(servers().source.value("SELECT pct > 0.3333333333 FROM t WHERE id = 1", "shop") == "1"); // not with 4
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(servers().target_uri());
        const rf::report report = rf::pipeline{}.copy(source, target, rf::copy_request{.table = "t", .way = way});
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(servers().difference("t").empty());
        CHECK(rf::verifier{}.verify(source, target, "t").equal());
        servers().target.execute("UPDATE t SET a = 7", "shop");
        CHECK(rf::verifier{}.verify(source, target, {.table = "t", .repair = true}).equal());
        CHECK(servers().difference("t").empty());
    }
    const support::tool_answer planned = run({"copy", "--table", "t", "--dry-run", "--no-resume", "--truncate-target"});
    CHECK_THAT(planned.out, ContainsSubstring("are computed under the source's settings: div_precision_increment is"));
    const bool is_noted = planned.out.find("keep different digits of a quotient") != planned.out.npos;
    CHECK(is_noted == (support::source_product() != support::target_product()));
}

TEST_CASE("fractions are rounded or cut as in the source, whatever the product") {
    for (const bool rounds : {true, false}) {
        CAPTURE(rounds);
        servers().clear();
        const std::string fractions = (support::source_product() == support::product::mariadb) == rounds
                                          ? (rounds ? "TIME_ROUND_FRACTIONAL" : "TIME_TRUNCATE_FRACTIONAL")
                                          : "";
        const source_settings other("SET GLOBAL sql_mode = '" + fractions + "'", "SET GLOBAL sql_mode = DEFAULT");
        auto source = rf::mysql::connector(servers().source_uri()).connect().value();
        auto target = rf::mysql::connector(servers().target_uri()).connect().value();
        const rf::computing_settings found = source.computing_settings().value();
        REQUIRE(target.compute_as(found.values));
        const auto text = target.query("SELECT CAST(CAST('2020-01-01 00:00:00.9' AS DATETIME) AS CHAR)").value();
        CHECK(text.at(0, 0).bytes() == (rounds ? "2020-01-01 00:00:01" : "2020-01-01 00:00:00"));
    }
}

TEST_CASE("CHAR is never padded in a session of ours") {
    servers().clear();
    const source_settings other("SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'", "SET GLOBAL sql_mode = DEFAULT");
    on_both("CREATE TABLE t (id INT PRIMARY KEY, c CHAR(5), n INT AS (id + 1) STORED)");
    servers().source.execute("INSERT INTO t (id, c) VALUES (1, 'a')", "shop");
    servers().target.execute("INSERT INTO t (id, c) VALUES (1, 'b')", "shop");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    CHECK(rf::verifier{}.verify(source, target, {.table = "t", .repair = true}).equal());
    CHECK(servers().target.value("SELECT c FROM t", "shop") == "a");
}

TEST_CASE("a table that others use is not reopened, which takes a second at most") {
    servers().clear();
    servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY)", "shop");
    auto target = rf::mysql::connector(servers().target_uri()).connect().value();
    auto other = rf::mysql::connector(servers().target_uri()).connect().value();
    rf::table_schema table;
    table.name = "t";
    const auto could = target.reopen(table);
    REQUIRE(could);
    REQUIRE(other.query("LOCK TABLES t READ"));
    const auto begin = std::chrono::steady_clock::now();
    const auto reopened = target.reopen(table);
    INFO((reopened ? std::string() : rf::to_string(reopened.error())));
    REQUIRE(reopened);
    CHECK_FALSE(reopened->empty());
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
    CHECK(target.query("SELECT @@SESSION.lock_wait_timeout").value().at(0, 0).bytes() == "60");
    REQUIRE(other.query("UNLOCK TABLES"));
    CHECK(target.reopen(table).value() == *could);
}

TEST_CASE("members are counted by either statement") {
    for (const auto* server : {&servers().source, &servers().target}) {
        const bool is_mysql = server == &servers().source ? support::source_product() == support::product::mysql
                                                          : support::target_product() == support::product::mysql;
        for (const bool has_rows : {true, false}) {
            std::string statement;
            rf::sql::append_count_distinct(statement, is_mysql ? rf::sql::dialect::mysql : rf::sql::dialect::mariadb,
                                           {"a", "A", "b", "\xC3\xA9"}, "latin1", "latin1_swedish_ci", has_rows);
            CHECK(server->value(statement, "shop") == "3");
        }
    }
}

TEST_CASE("parts of sql_mode that computing depends on stay in either strictness") {
    servers().clear();
    const source_settings other(
        "SET @before = @@GLOBAL.sql_mode; SET GLOBAL sql_mode = 'NO_UNSIGNED_SUBTRACTION,ANSI_QUOTES'",
        "SET GLOBAL sql_mode = DEFAULT");
    auto source = rf::mysql::connector(servers().source_uri()).connect().value();
    auto target = rf::mysql::connector(servers().target_uri()).connect().value();
    const rf::computing_settings found = source.computing_settings().value();
    CHECK(found.values.back() == rf::setting{"sql_mode", "NO_UNSIGNED_SUBTRACTION"});
    REQUIRE(target.compute_as(found.values));
    const auto mode = [&] { return std::string(target.query("SELECT @@SESSION.sql_mode").value().at(0, 0).bytes()); };
    CHECK_THAT(mode(), ContainsSubstring("NO_UNSIGNED_SUBTRACTION") && ContainsSubstring("STRICT_ALL_TABLES"));
    CHECK_THAT(mode(), !ContainsSubstring("ANSI_QUOTES"));
}

namespace {

const char* const zone_tables =
    "CREATE TABLE visits (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, day DATE AS (DATE(ts)) STORED, KEY (day));"
    "CREATE TABLE vvirt (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, day DATE AS (DATE(ts)) VIRTUAL, KEY (day));"
    "CREATE TABLE uq (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, hr INT AS (HOUR(ts)) STORED, UNIQUE KEY (hr));"
    "CREATE TABLE chk (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, CHECK (ts >= '2020-01-01 00:00:00'));"
    "CREATE TABLE parts (id INT, ts TIMESTAMP NOT NULL, v INT, PRIMARY KEY (id, ts))"
    " PARTITION BY RANGE (UNIX_TIMESTAMP(ts)) (PARTITION a VALUES LESS THAN (1577836800), PARTITION z VALUES LESS THAN"
    " MAXVALUE);"
    "CREATE TABLE plain (ts TIMESTAMP(3) NOT NULL PRIMARY KEY, d DATETIME, c INT AS (id + 1) STORED, id INT);";
const char* const zone_rows =
    "INSERT INTO visits (id, ts) VALUES (1, '2020-01-01 00:30:00'), (2, '2020-01-01 12:00:00');"
    "INSERT INTO vvirt (id, ts) VALUES (1, '2020-01-01 00:30:00'), (2, '2020-01-01 12:00:00');"
    "INSERT INTO uq (id, ts) VALUES (1, '2020-01-01 00:30:00'), (2, '2020-06-01 22:10:00');"
    "INSERT INTO chk VALUES (1, '2020-01-01 00:30:00');"
    "INSERT INTO parts VALUES (1, '2020-01-01 00:30:00', 1), (2, '2020-01-01 12:00:00', 2);"
    "INSERT INTO plain (ts, d, id) VALUES ('2020-01-01 00:30:00.5', '2020-01-01', 1), ('2020-06-01 00:30:00', NULL, "
    "2);";
const std::vector<std::string> dependent{"visits", "vvirt", "uq"};

} // namespace

TEST_CASE("a table that computes by the time zone is refused, unless the source is in UTC or a zone was chosen") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute(std::string("SET SESSION time_zone = '+02:00';") + zone_tables, "shop");
    }
    servers().source.execute(std::string("SET SESSION time_zone = '+02:00';") + zone_rows, "shop");
    {
        const source_settings other("SET GLOBAL time_zone = '+02:00'", "SET GLOBAL time_zone = SYSTEM");
        for (const std::string& table : dependent) {
            CAPTURE(table);
            const support::tool_answer refused = run({"copy", "--table", table});
            CHECK(refused.exit_code == 2);
            CHECK_THAT(refused.out, ContainsSubstring("computes by the session's time zone in table " + table) &&
                                        ContainsSubstring("\"choice\":\"+02:00\""));
            CHECK(servers().copied(table) == 0);
        }
        // A CHECK that depends on the zone is no reason to refuse: the row that fails it is an error.
        const support::tool_answer failed = run({"copy", "--table", "chk"});
        CHECK(failed.exit_code != 0);
        CHECK(servers().copied("chk") == 0);
        const support::tool_answer wrong = run({"copy", "--table", "visits", "--time-zone", "+01:00"});
        CHECK(wrong.exit_code == 2);
        CHECK_THAT(wrong.out, ContainsSubstring("\"choice\":\"+02:00\""));
        const support::tool_answer free = run({"copy", "--table", "parts", "--table", "plain", "--verify"});
        INFO(free.out);
        CHECK(free.exit_code == 0);
        servers().target.execute("TRUNCATE parts; TRUNCATE plain; DROP TABLE rowferry_checkpoint", "shop");
        const support::tool_answer chosen =
            run({"copy", "--all-tables", "--time-zone", "+02:00", "--verify", "--generated", "--batch-rows", "1"});
        INFO(chosen.out);
        REQUIRE(chosen.exit_code == 0);
        for (const char* table : {"visits", "vvirt", "uq", "chk", "parts", "plain"}) {
            CAPTURE(table);
            const std::string rows = std::string("SELECT * FROM ") + table + " ORDER BY 1";
            const std::string zone = "SET SESSION time_zone = '+02:00';";
            CHECK(servers().source.query(zone + rows, "shop") == servers().target.query(zone + rows, "shop"));
            CHECK(servers().target.query(zone + "CHECK TABLE " + table + " EXTENDED", "shop").back().back() == "OK");
        }
        // In another zone it is another copy.
        const support::tool_answer again = run({"copy", "--table", "plain"});
        CHECK(again.exit_code == 2);
        CHECK_THAT(again.out, ContainsSubstring("in the time zone +02:00"));
    }
    CHECK(run({"copy", "--table", "visits", "--time-zone", "Europe/Berlin"}).exit_code == 2);
    {
        const source_settings other("SET GLOBAL time_zone = '+00:00'", "SET GLOBAL time_zone = SYSTEM");
        CHECK(run({"copy", "--table", "visits", "--no-resume", "--write-mode", "upsert"}).exit_code == 0);
    }
}
