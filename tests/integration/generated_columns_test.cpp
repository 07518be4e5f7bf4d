// SPDX-License-Identifier: BSL-1.0
// Generated columns between two real servers: notes about them are no change of a value, and what a server has stored of them
// is compared.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

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
rf::report copy(rf::write_kind kind, rf::write_way way, std::uint64_t rows = 1000) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::pipeline{rf::fixed_batch{.rows = rows}, rf::chosen_write_mode{kind}}.copy(
        source, target, rf::copy_request{.table = "t", .way = way});
}
rf::verification verify(rf::verify_request request = {.table = "t"}) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    request.second_look_after = std::chrono::milliseconds(1);
    return rf::verifier{}.verify(source, target, request);
}

struct computed_table {
    const char* columns;
    const char* names; ///< of those that are written
    const char* rows;
};
/// Each is computed with more digits, characters or parts than its type holds.
const std::vector<computed_table> rounded{
    {"a DECIMAL(13,4), b DECIMAL(13,4), total DECIMAL(15,4) AS (a * b) STORED", "a, b",
     "(1, 12.1, 2.1), (2, 0.0123, 3.3333)"},
    {"qty INT, price DECIMAL(10,2), total DECIMAL(10,2) AS (qty * price * 1.19) VIRTUAL", "qty, price",
     "(1, 3, 9.99), (2, 1, 1.01)"},
    {"a INT, b INT, pct DECIMAL(5,2) AS (a / b * 100) STORED", "a, b", "(1, 1, 3), (2, 2, 3)"},
    {"f DOUBLE, dt DATETIME, r INT AS (f) STORED, d DATE AS (dt) STORED", "f, dt", "(1, 1.5, '2020-01-01 10:00:00')"},
    {"s VARCHAR(20), c3 VARCHAR(3) AS (LEFT(s, 3)) STORED, x CHAR(5) AS (CONCAT(s, '   ')) STORED", "s", "(1, 'abc')"},
    {"a DECIMAL(10,4), b DECIMAL(10,2) AS (a) VIRTUAL, KEY (b)", "a", "(1, 1.2345)"},
    {"a DECIMAL(10,4), `it's `` b` DECIMAL(10,2) AS (a) STORED", "a", "(1, 1.2345)"},
};

} // namespace

TEST_CASE("a note about a column that is not written is not a changed value") {
    for (const computed_table& each : rounded) {
        for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert}) {
            for (const rf::write_way way : support::ways_to(servers().target, kind)) {
                CAPTURE(each.columns, rf::name(kind), rf::name(way));
                servers().clear();
                on_both(std::string("CREATE TABLE t (id INT PRIMARY KEY, ") + each.columns + ")");
                servers().source.execute(std::string("INSERT INTO t (id, ") + each.names + ") VALUES " + each.rows,
                                         "shop");
                const rf::report report = copy(kind, way);
                INFO(why(report));
                REQUIRE(report.complete());
                CHECK(servers().difference("t").empty());
                CHECK(verify({.table = "t", .generated = true}).equal());
            }
        }
        servers().source.create_database("beside");
        servers().source.execute(std::string("CREATE TABLE t (id INT PRIMARY KEY, ") + each.columns + ")", "beside");
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(servers().source.uri("beside"));
        const rf::report report = rf::pipeline{}.copy(source, target, "t");
        INFO(why(report));
        CHECK(report.complete());
        CHECK(report.route == rf::route::server_side);
    }
}

TEST_CASE("notes about generated columns are read of each row, however many there are") {
    for (const rf::write_way way : support::ways_to(servers().target)) {
        CAPTURE(rf::name(way));
        servers().clear();
        on_both("CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10,4), x DECIMAL(10,2) AS (a) STORED,"
                " y DECIMAL(10,1) AS (a) STORED, z DECIMAL(10,3) AS (a) VIRTUAL)");
        servers().source.execute("INSERT INTO t (id, a) SELECT seq, 1.2345 FROM seq_1_to_40000", "shop");
        const rf::report report = copy(rf::write_kind::insert, way, 40'000);
        INFO(why(report));
        CHECK(report.complete());
        CHECK(servers().difference("t").empty());
    }
}

TEST_CASE("a value that is written and would be cut is an error beside all notes") {
    for (const rf::write_way way : support::ways_to(servers().target)) {
        CAPTURE(rf::name(way));
        servers().clear();
        servers().source.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10,4), `at` VARCHAR(20), b DECIMAL(10,2) AS (a))", "shop");
        servers().target.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, a DECIMAL(10,4), `at` VARCHAR(20) CHECK (`at` <> 'no'),"
            " b DECIMAL(10,2) AS (a) STORED)",
            "shop");
        servers().source.execute("INSERT INTO t (id, a, `at`) VALUES (1, 1.2345, 'x'), (2, 1.2345, 'no'), (3, 2, 'y')",
                                 "shop");
        const rf::report report = copy(rf::write_kind::insert, way);
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(why(report), ContainsSubstring("the row with key (2)"));
    }
}

TEST_CASE("stored generated columns are compared, and virtual ones on request") {
    servers().clear();
    servers().source.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT AS (a + 1) STORED, v INT AS (a * 2) VIRTUAL)", "shop");
    servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT, s INT AS (a + IF(id = 2, 2, 1)) STORED,"
                             " v INT AS (a * IF(id < 3, 2, 3)) VIRTUAL)",
                             "shop");
    servers().source.execute("INSERT INTO t (id, a) VALUES (1, 1), (2, 2), (3, 3)", "shop");
    REQUIRE(copy(rf::write_kind::insert, rf::write_way::automatic).complete());
    const rf::verification stored = verify();
    CHECK(stored.verdict == rf::verdict::different);
    CHECK(stored.changed.keys == std::vector<rf::key_values>{{"2"}});
    CHECK(stored.computed == 1);
    REQUIRE_FALSE(stored.notices.empty());
    CHECK_THAT(stored.notices.back(), ContainsSubstring("1 row of table t differ only in generated columns (s)"));
    CHECK(verify({.table = "t", .generated = true}).changed.count == 2);

    servers().target.execute("UPDATE t SET a = 9 WHERE id = 1", "shop");
    const rf::verification repaired = verify({.table = "t", .repair = true});
    CHECK(repaired.verdict == rf::verdict::different);
    CHECK(repaired.repaired == 1);
    CHECK(repaired.left() == 1);
    CHECK_THAT(repaired.notices.back(), ContainsSubstring("still differ after the repair, only in generated columns"));
    CHECK(servers().target.value("SELECT a FROM t WHERE id = 1", "shop") == "1");

    const auto run = [](std::vector<std::string> words) {
        words.insert(words.begin() + 1, {"--source", servers().source_uri(), "--target", servers().target_uri(),
                                         "--table", "t", "--log", "off", "--json"});
        return support::run_tool(words);
    };
    const support::tool_answer told = run({"verify", "--generated"});
    CHECK(told.exit_code == 3);
    CHECK(support::json(servers().source, told, "$.tables[0].changed.only_generated") == "2");
    const support::tool_answer copied = run({"copy", "--verify"});
    CHECK(copied.exit_code == 3);
    CHECK(support::json(servers().source, copied, "$.tables[0].verification.changed.only_generated") == "1");
    CHECK(run({"copy", "--generated"}).exit_code == 2);
}

TEST_CASE("a row that a repair writes again has its generated columns computed anew") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, pct DECIMAL(24,18) AS (a / b) STORED)");
    // A quotient that both products give in full, but for the target's session.
    servers().source.execute("INSERT INTO t (id, a, b) VALUES (1, 1, 8)", "shop");
    servers().target.execute("SET SESSION div_precision_increment = 0; INSERT INTO t (id, a, b) VALUES (1, 1, 8);"
                             "FLUSH TABLES",
                             "shop");
    CHECK(verify().computed == 1);
    const rf::verification repaired = verify({.table = "t", .repair = true});
    CHECK(repaired.equal());
    CHECK(repaired.repaired == 1);
    CHECK(servers().difference("t").empty());
}

TEST_CASE("without a key the whole tables are said to differ only in generated columns") {
    servers().clear();
    servers().source.execute("CREATE TABLE t (a INT, s INT AS (a + 1) STORED); INSERT INTO t (a) VALUES (1), (1)",
                             "shop");
    servers().target.execute("CREATE TABLE t (a INT, s INT AS (a + 2) STORED); INSERT INTO t (a) VALUES (1), (1)",
                             "shop");
    const rf::verification found = verify();
    CHECK(found.differs_as_a_whole);
    REQUIRE_FALSE(found.notices.empty());
    CHECK_THAT(found.notices.back(), ContainsSubstring("differs only in generated columns (s)"));
}
