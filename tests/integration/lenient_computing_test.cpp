// SPDX-License-Identifier: BSL-1.0
// Values that only a lenient server computes: refused, and on request computed as the source did. What is written stays strict.
#include "catch.hpp"
#include "tool.hpp"
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
    servers().source.execute("SET sql_mode = ''; " + sql, "shop");
    servers().target.execute("SET sql_mode = ''; " + sql, "shop");
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
rf::report copy(const rf::copy_request& request, rf::write_kind kind = rf::write_kind::insert) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::pipeline{rf::chosen_write_mode{kind}}.copy(source, target, request);
}
support::tool_answer run(std::vector<std::string> words) {
    words.insert(words.begin() + 1, {"--source", servers().source_uri(), "--target", servers().target_uri(), "--table",
                                     "t", "--log", "off"});
    return support::run_tool(words);
}

struct computed_table {
    const char* columns;
    const char* names; ///< of those that are written
    const char* rows;
};
/// Strict mode refuses to compute these.
const std::vector<computed_table> lenient{
    {"s VARCHAR(20), v INT AS (CAST(s AS SIGNED)) STORED", "s", "(1, '12'), (2, '12abc'), (3, '')"},
    {"s VARCHAR(20), short CHAR(3) AS (s) STORED", "s", "(1, 'abcdef'), (2, 'abc'), (3, '{\"a\":\"x\"}')"},
    {"a INT, small TINYINT AS (a) STORED", "a", "(1, 1), (2, 1000), (3, -1000)"},
    {"s VARCHAR(40), d DATE AS (s) STORED", "s", "(1, '2020-01-01'), (2, 'never'), (3, NULL)"},
};
void fill(const computed_table& table) {
    servers().clear();
    on_both(std::string("CREATE TABLE t (id INT PRIMARY KEY, e ENUM('x') NOT NULL, ") + table.columns + ")");
    servers().source.execute(std::string("SET sql_mode = ''; INSERT INTO t (id, ") + table.names + ") VALUES " +
                                 table.rows + "; UPDATE t SET e = 0 WHERE id = 3",
                             "shop");
}

} // namespace

TEST_CASE("a value that only a lenient server computes is refused, with the option that computes it so") {
    for (const computed_table& table : lenient) {
        for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert}) {
            for (const rf::write_way way : support::ways_to(servers().target, kind)) {
                CAPTURE(table.columns, rf::name(kind), rf::name(way));
                fill(table);
                const rf::report refused = copy({.table = "t", .way = way}, kind);
                INFO(why(refused));
                REQUIRE(refused.failure);
                CHECK(refused.failure->offers(rf::remedy::compute_leniently));
                servers().target.execute("TRUNCATE t; DELETE FROM rowferry_checkpoint", "shop");
                const rf::report done = copy({.table = "t", .computes = rf::strictness::lenient, .way = way}, kind);
                INFO(why(done));
                REQUIRE(done.complete());
                CHECK(servers().difference("t").empty());
            }
        }
        servers().source.create_database("beside");
        servers().source.execute(std::string("SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, e ENUM('x') NOT "
                                             "NULL, ") +
                                     table.columns + ")",
                                 "beside");
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector beside(servers().source.uri("beside"));
        const rf::report inside =
            rf::pipeline{}.copy(source, beside, rf::copy_request{.table = "t", .computes = rf::strictness::lenient});
        INFO(why(inside));
        CHECK(inside.complete());
        CHECK(servers().source.query("SELECT * FROM t", "beside") == servers().source.query("SELECT * FROM t", "shop"));
    }
}

TEST_CASE("a value that is written and would change is an error although computing is lenient") {
    struct narrow {
        const char* type;
        const char* value;
    };
    for (const narrow& each : {narrow{"VARCHAR(3)", "'abcdef'"}, narrow{"TINYINT", "1000"}, narrow{"DATE", "'never'"},
                               narrow{"DECIMAL(4,1)", "1.25"}, narrow{"INT", "'12abc'"}}) {
        for (const rf::write_way way : support::ways_to(servers().target)) {
            CAPTURE(each.type, rf::name(way));
            servers().clear();
            on_both(
                std::string("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(20), v INT AS (CAST(s AS SIGNED)) STORED,"
                            " w ") +
                each.type + ")");
            auto target = rf::mysql::connector(servers().target_uri()).connect().value();
            const rf::table_schema t = target.describe("t").value().value();
            rf::write_request request{.table = &t, .columns = {0, 1, 3}, .way = way};
            request.settings = {{std::string(rf::strictness_setting), std::string(rf::computed_leniently)}};
            std::string value = each.value;
            std::erase(value, '\'');
            rf::row_batch rows(3);
            for (const char* cell : {"1", "12abc", value.c_str()}) rows.add(rf::cell(std::string_view(cell)));
            REQUIRE(target.begin());
            const auto wrote = target.write(request, rows);
            REQUIRE_FALSE(wrote);
            CHECK(wrote.error().fault == rf::fault::data);
            CHECK_FALSE(wrote.error().offers(rf::remedy::compute_leniently));
            REQUIRE(target.rollback());
            CHECK(target.query("SELECT @@SESSION.sql_mode LIKE '%STRICT_ALL_TABLES%'").value().at(0, 0).bytes() == "1");
            rf::row_batch good(3);
            for (const char* cell : {"1", "12abc"}) good.add(rf::cell(std::string_view(cell)));
            good.add(rf::cell());
            REQUIRE(target.begin());
            const auto written = target.write(request, good);
            INFO((written ? std::string() : rf::to_string(written.error())));
            CHECK(written);
            CHECK(target.commit());
        }
    }
}

TEST_CASE("the tool computes leniently on request, and a repair too") {
    fill(lenient.front());
    const support::tool_answer refused = run({"copy"});
    CHECK(refused.exit_code == 4);
    CHECK_THAT(refused.err, ContainsSubstring("--lenient-computing"));
    CHECK_THAT(
        run({"copy", "--lenient-computing", "--dry-run"}).out,
        ContainsSubstring("are computed without strict mode: generated columns may lose values without an error. "
                          "Verify the table"));
    CHECK(run({"copy", "--lenient-computing", "--verify"}).exit_code == 0);
    servers().target.execute("DELETE FROM t WHERE id = 2", "shop");
    const support::tool_answer repaired = run({"copy", "--lenient-computing", "--verify", "--repair"});
    CHECK(repaired.exit_code == 0);
    CHECK(servers().difference("t").empty());
}
