// SPDX-License-Identifier: BSL-1.0
// ENUM and SET with members that the server takes for one text: each value arrives as the member that it was, by every way
// to write, in keys, inside one server and in a clone.
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

const char* const no_strictness = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO';";
/// Equal members, members that are equal by a collation only (of several charsets), and a key over some.
const char* const alike = "CREATE TABLE t (id INT NOT NULL, k ENUM('a','b','a','B') CHARACTER SET latin1 NOT NULL,"
                          " e ENUM('x','','X','x') CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,"
                          " u ENUM('ä','z','Ä') CHARACTER SET utf16, s SET('p','q','P') CHARACTER SET utf8mb4"
                          " COLLATE utf8mb4_general_ci, n SET('','1','1') CHARACTER SET latin1,"
                          " b ENUM('a','A','2') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,"
                          " changed INT NOT NULL DEFAULT 0, PRIMARY KEY (k, id), UNIQUE KEY (id, u, s))"
                          " CHARACTER SET latin1";
const char* const fill =
    "INSERT INTO t VALUES (1, 1, 1, 1, 1, 1, 1, 1), (2, 3, 3, 3, 4, 4, 2, 1), (3, 2, 2, 2, 2, 2, 3, 1),"
    " (4, 4, 4, NULL, 5, 6, 'A', 1), (5, 3, NULL, 1, 7, 7, 1, 1), (6, 1, 0, 0, 0, 0, 0, 1),"
    " (7, 4, 3, 3, NULL, NULL, NULL, 1), (8, 0, 4, 2, 4, 3, 1, 1)";

void make_tables(bool empty_target = true) {
    servers().clear();
    servers().source.execute(std::string(no_strictness) + alike + "; " + fill, "shop");
    if (empty_target) servers().target.execute(std::string(no_strictness) + alike, "shop");
}
std::vector<std::vector<rf::value>> positions(const support::private_server& server, const std::string& database,
                                              const std::string& table = "t") {
    return server.query("SELECT id, k + 0, e + 0, u + 0, s + 0, n + 0, b + 0 FROM " + table + " ORDER BY id", database);
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
rf::verification verify() {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::verifier{rf::fixed_batch{.rows = 3}}.verify(source, target, "t");
}

} // namespace

TEST_CASE("the server says which ENUM and SET columns have members that it takes for one text") {
    make_tables();
    auto c = rf::mysql::connector(servers().source_uri()).connect().value();
    const rf::table_schema t = c.describe("t").value().value();
    std::string found;
    for (const rf::column& each : t.columns) found += each.has_alike_members ? each.name : "";
    CHECK(found == "keusn");
}

TEST_CASE("members that the server takes for one text arrive as what they were, by each way to write") {
    for (const rf::write_kind kind :
         {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        for (const rf::write_way way : support::ways_to(servers().target, kind)) {
            CAPTURE(rf::name(kind), rf::name(way));
            make_tables();
            if (kind == rf::write_kind::upsert || kind == rf::write_kind::replace) {
                servers().target.execute(std::string(no_strictness) +
                                             "INSERT INTO t VALUES (2, 3, 1, 3, 4, 1, 1, 1), (6, 1, 1, 0, 0, 1, 1, 1)",
                                         "shop");
            }
            rf::mysql::connector source(servers().source_uri());
            rf::mysql::connector target(servers().target_uri());
            const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 3}, rf::chosen_write_mode{kind}}.copy(
                source, target, rf::copy_request{.table = "t", .way = way});
            INFO(why(report));
            REQUIRE(report.complete());
            CHECK(report.rows == 8);
            CHECK(positions(servers().source, "shop") == positions(servers().target, "shop"));
            CHECK(verify().equal());
        }
    }
}

TEST_CASE("a value that differs only by its member's number is a difference, and is repaired") {
    make_tables();
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    REQUIRE(rf::pipeline{}.copy(source, target, "t").complete());
    servers().target.execute(std::string(no_strictness) +
                                 "UPDATE t SET e = 1 WHERE id = 2; UPDATE t SET s = 1 WHERE id = 8;"
                                 "UPDATE t SET k = 3 WHERE id = 1",
                             "shop");
    const rf::verification found = verify();
    CHECK(found.changed.count == 2);
    CHECK(found.missing.keys == std::vector<rf::key_values>{{"1", "1"}});
    CHECK(found.extra.keys == std::vector<rf::key_values>{{"3", "1"}});
    const rf::verification repaired =
        rf::verifier{}.verify(source, target, {.table = "t", .repair = true, .delete_extra = true});
    INFO((repaired.failure ? rf::to_string(*repaired.failure) : std::string()));
    CHECK(repaired.equal());
    CHECK(positions(servers().source, "shop") == positions(servers().target, "shop"));
}

TEST_CASE("members that the server takes for one text arrive inside one server") {
    make_tables(false);
    servers().source.create_database("beside");
    for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace}) {
        CAPTURE(rf::name(kind));
        servers().source.execute(std::string("DROP TABLE IF EXISTS t, rowferry_checkpoint;") + no_strictness + alike,
                                 "beside");
        if (kind != rf::write_kind::insert) {
            servers().source.execute(std::string(no_strictness) +
                                         "INSERT INTO t VALUES (2, 3, 1, 3, 4, 1, 1, 1), (6, 1, 1, 0, 0, 1, 1, 1)",
                                     "beside");
        }
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(servers().source.uri("beside"));
        const rf::report report =
            rf::pipeline{rf::fixed_batch{.rows = 3}, rf::chosen_write_mode{kind}}.copy(source, target, "t");
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(report.route == rf::route::server_side);
        CHECK(positions(servers().source, "shop") == positions(servers().source, "beside"));
    }
}

TEST_CASE("a clone has such members, too, and so have chosen columns and a target of another collation") {
    make_tables(false);
    const auto run = [](std::vector<std::string> more) {
        std::vector<std::string> all{
            "copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "t", "--log",
            "off",  "--verify"};
        all.insert(all.end(), more.begin(), more.end());
        return support::run_tool(all);
    };
    const support::tool_answer made = run({"--create-target"});
    INFO(made.err);
    CHECK(made.exit_code == 0);
    CHECK(positions(servers().source, "shop") == positions(servers().target, "shop"));

    servers().target.execute("UPDATE t SET changed = 7, e = 2; DROP TABLE rowferry_checkpoint", "shop");
    const support::tool_answer chosen = run({"--columns", "id,k,e,u,s,n", "--write-mode", "upsert", "--no-resume"});
    INFO(chosen.err);
    CHECK(chosen.exit_code == 0);
    CHECK(positions(servers().source, "shop") == positions(servers().target, "shop"));
    CHECK(servers().target.value("SELECT SUM(changed) FROM t", "shop") == "56");

    // By the source's collation the members differ, by the target's they do not.
    for (const auto& [server, collation] :
         {std::pair{&servers().source, "utf8mb4_bin"}, {&servers().target, "utf8mb4_general_ci"}}) {
        server->execute(std::string("DROP TABLE IF EXISTS t, rowferry_checkpoint;") + no_strictness +
                            "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','A') CHARACTER SET utf8mb4 COLLATE " +
                            collation + ")",
                        "shop");
    }
    servers().source.execute("INSERT INTO t VALUES (1, 1), (2, 2)", "shop");
    const support::tool_answer other = run({});
    INFO(other.err);
    CHECK(other.exit_code == 0);
    CHECK(servers().target.value("SELECT GROUP_CONCAT(e + 0 ORDER BY id) FROM t", "shop") == "1,2");
}
