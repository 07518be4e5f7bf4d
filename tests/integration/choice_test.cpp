// SPDX-License-Identifier: BSL-1.0
// --where and --columns between two real servers: what arrives, and what the source's server does not take.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
using words = std::vector<std::string>;

words copy(const std::string& table, words more) {
    words all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", table};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string target_value(const std::string& sql) { return servers().target.value(sql, "shop"); }

/// The rows of a query on each side are the same.
bool same(const std::string& on_source, const std::string& on_target) {
    return servers().source.query(on_source, "shop") == servers().target.query(on_target, "shop");
}

} // namespace

TEST_CASE("--where copies the rows for which it holds, through kills, and says so") {
    servers().fill(3000);
    const std::string where = "PatNum < 10 OR PatNum > 90 -- and no others";
    const words arguments = copy("procnote", {"--where", where, "--batch-rows", "20", "--rows-per-second", "100"});
    support::tool_run run(arguments);
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    CHECK(support::kill_connections(servers().target).size() == 1);
    const tool_answer answer = run.wait();
    INFO(answer.err);
    REQUIRE(answer.exit_code == 0);
    CHECK_THAT(answer.out, ContainsSubstring("only where " + where));
    CHECK(same("SELECT * FROM procnote WHERE PatNum < 10 OR PatNum > 90 ORDER BY 1",
               "SELECT * FROM procnote ORDER BY 1"));
    const tool_answer changed = run_tool(copy("procnote", {"--where", "PatNum < 10"}));
    CHECK(changed.exit_code == 2);
    CHECK_THAT(changed.err, ContainsSubstring("its filter was \"" + where + "\", and is \"PatNum < 10\" now"));
}

TEST_CASE("a filter compares text as the columns do: by their collation, in their charset") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE town (id INT PRIMARY KEY, name VARCHAR(20) CHARACTER SET latin1)", "shop");
    }
    servers().source.execute(
        "SET NAMES utf8mb4; INSERT INTO town VALUES (1, 'Z\xC3\xBCrich'), (2, 'Z\xC3\x9CRICH'), (3, 'Bern')", "shop");
    for (const std::string where :
         {"name = 'z\xC3\xBCrich'", "name LIKE 'z\xC3\xBC%'", "id IN (SELECT id FROM town WHERE name <> \"Bern\")"}) {
        CAPTURE(where);
        const tool_answer answer = run_tool(copy("town", {"--where", where, "--truncate-target"}));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(same("SELECT id, HEX(name) FROM town WHERE id < 3 ORDER BY id",
                   "SELECT id, HEX(name) FROM town ORDER BY id"));
    }
}

TEST_CASE("a filter cannot break out of its place in a statement") {
    servers().fill(50);
    const std::string secret = "what nobody may read";
    for (const std::string where : {"1) OR (1",
                                    "1 LIMIT 5",
                                    "1 ORDER BY 1",
                                    "1; DROP TABLE procnote",
                                    "1;",
                                    "1 /*",
                                    "'1",
                                    "1 OR 'a",
                                    "`PatNum",
                                    "PatNum = 1 AND",
                                    "COUNT(*) > 1",
                                    "nothing = 1",
                                    "1 UNION SELECT 1",
                                    "SELECT 1",
                                    "1 GROUP BY PatNum",
                                    "1, 1",
                                    "1 INTO OUTFILE 'x'",
                                    "1 FOR UPDATE",
                                    "1 WITH ROLLUP",
                                    ")(",
                                    "1)) -- ",
                                    "1) -- ",
                                    "?",
                                    "PatNum = 'what nobody may read"}) {
        CAPTURE(where);
        const tool_answer answer = run_tool(copy("procnote", {"--where", where}));
        INFO(answer.err);
        CHECK(answer.exit_code == 2);
        CHECK(answer.error_lines() == 1);
        CHECK_THAT(answer.err, ContainsSubstring("the filter is not one condition over the table's columns"));
        CHECK_THAT(answer.err + answer.out, !ContainsSubstring(secret));
        CHECK(servers().copied() == 0);
    }
    CHECK(target_value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "1");
}

TEST_CASE("filters that end in a comment, or hold one, or a string with anything in it, are conditions like others") {
    servers().fill(50);
    for (const std::string where :
         {"PatNum < 5 # few", "PatNum /* ) */ < 5", "PatNum < 5 AND Note <> ') OR (1 -- '",
          "PatNum < 5 AND EXISTS (SELECT 1 LIMIT 1)", "(PatNum) < (5)", "PatNum\n<\n5\n--\n"}) {
        CAPTURE(where);
        const tool_answer answer = run_tool(copy("procnote", {"--where", where, "--truncate-target"}));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(same("SELECT * FROM procnote WHERE PatNum < 5 AND (Note IS NOT NULL OR Note IS NULL) ORDER BY 1",
                   "SELECT * FROM procnote ORDER BY 1"));
    }
}

TEST_CASE("--where in an incremental copy, whose NULLs are counted among the filtered rows") {
    servers().fill(200);
    servers().source.execute("UPDATE procnote SET EntryDateTime = NULL WHERE ProcNoteNum % 30 = 0", "shop");
    const words incremental = copy("procnote", {"--mode", "incremental", "--incremental-column", "EntryDateTime",
                                                "--where", "PatNum < 50", "--json"});
    const tool_answer answer = run_tool(incremental);
    INFO(answer.err);
    REQUIRE(answer.exit_code == 0);
    const std::string nulls = "SELECT COUNT(*) FROM procnote WHERE PatNum < 50 AND EntryDateTime IS NULL";
    CHECK(support::json(servers().source, answer, "$.tables[0].null_watermarks") ==
          servers().source.value(nulls, "shop"));
    CHECK(same("SELECT * FROM procnote WHERE PatNum < 50 AND EntryDateTime IS NOT NULL ORDER BY 1",
               "SELECT * FROM procnote ORDER BY 1"));
}

TEST_CASE("--columns copies these and leaves the others to their defaults") {
    servers().clear();
    servers().source.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, `a,b` INT, `c``d` VARCHAR(9), e INT, f ENUM('x','y'))", "shop");
    servers().target.execute("CREATE TABLE t (e INT DEFAULT 7, `c``d` VARCHAR(9), id INT PRIMARY KEY, `a,b` INT,"
                             " g TIMESTAMP NOT NULL DEFAULT '2026-01-01', f ENUM('x','y') NOT NULL DEFAULT 'y')",
                             "shop");
    servers().source.execute("INSERT INTO t SELECT seq, seq * 2, CONCAT('text ', seq), seq * 3, 1 FROM seq_1_to_500",
                             "shop");
    const words columns{"--columns", "id, `a,b`", "--columns", "`c``d`", "--batch-rows", "100"};
    words dry = columns;
    dry.push_back("--dry-run");
    CHECK_THAT(run_tool(copy("t", dry)).out, ContainsSubstring("id, a,b, c`d; not written: e, g, f"));
    const tool_answer answer = run_tool(copy("t", columns));
    INFO(answer.err);
    REQUIRE(answer.exit_code == 0);
    CHECK_THAT(answer.out, ContainsSubstring("id, `a,b`, `c``d`"));
    CHECK(same("SELECT id, `a,b`, `c``d`, 7, 'y' FROM t ORDER BY id",
               "SELECT id, `a,b`, `c``d`, e, f FROM t ORDER BY id"));

    servers().source.execute("UPDATE t SET `a,b` = -1", "shop");
    servers().target.execute("UPDATE t SET e = id", "shop");
    REQUIRE(run_tool(copy("t", {"--columns", "id,`a,b`", "--write-mode", "upsert", "--no-resume"})).exit_code == 0);
    CHECK(target_value("SELECT COUNT(*) FROM t WHERE `a,b` = -1 AND e = id AND `c``d` LIKE 'text%'") == "500");
}

TEST_CASE("columns that are left out need a default in the target: all that lack one are named") {
    servers().clear();
    servers().source.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT)", "shop");
    servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT NOT NULL, c DATE NOT NULL,"
                             " d INT NOT NULL DEFAULT 3, e INT AS (a) VIRTUAL, f CHAR(36) NOT NULL DEFAULT (UUID()))",
                             "shop");
    const tool_answer answer = run_tool(copy("t", {"--columns", "id,a,none"}));
    CHECK(answer.exit_code == 2);
    CHECK_THAT(answer.err, ContainsSubstring("column none: missing in the source; column none: missing in the target; "
                                             "column b: not copied, and it has no default in the target; "
                                             "column c: not copied, and it has no default in the target"));
    CHECK_THAT(answer.err, !ContainsSubstring("column d") && !ContainsSubstring("column f"));
    CHECK(servers().copied("t") == 0);
}

TEST_CASE(
    "a target that numbers its rows itself takes rows without the source's key, on its way and inside one server") {
    servers().clear();
    servers().source.create_database("other");
    servers().source.execute("CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), e ENUM('x','y'))", "shop");
    servers().source.execute("INSERT INTO t SELECT seq * 5, CONCAT('row ', seq), 1 + seq % 2 FROM seq_1_to_1000",
                             "shop");
    const std::string target = "CREATE TABLE t (e ENUM('x','y'), nr INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20))";
    servers().target.execute(target, "shop");
    servers().source.execute(target, "other");
    rf::mysql::connector source{servers().source_uri()};
    const rf::copy_request request{.table = "t", .columns = {{"e"}, {"a"}}};
    const rf::pipeline ferry{rf::fixed_batch{.rows = 70}};
    SECTION("across, with a connection lost after a commit") {
        support::cut_connector far{rf::mysql::connector(servers().target_uri()), servers().target, {"commit", 3, true}};
        const rf::report report = ferry.copy(source, far, request);
        INFO((report.failure ? rf::to_string(*report.failure) : ""));
        REQUIRE(report.complete());
        CHECK(same("SELECT a, e FROM t ORDER BY id", "SELECT a, e FROM t ORDER BY nr"));
    }
    SECTION("server-side") {
        rf::mysql::connector near{servers().source.uri("other")};
        const rf::report report = ferry.copy(source, near, request);
        INFO((report.failure ? rf::to_string(*report.failure) : ""));
        REQUIRE(report.complete());
        CHECK(report.route == rf::route::server_side);
        CHECK(servers().source.query("SELECT a, e FROM t ORDER BY id", "shop") ==
              servers().source.query("SELECT a, e FROM t ORDER BY nr", "other"));
    }
}

TEST_CASE("a renamed column is written under its new name in each write mode, and inside one server") {
    servers().clear();
    servers().source.create_database("other");
    servers().source.execute("CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(20))", "shop");
    servers().source.execute("INSERT INTO person SELECT seq, CONCAT('name ', seq) FROM seq_1_to_300", "shop");
    const std::string there = "CREATE TABLE person (name INT, called VARCHAR(20), who INT PRIMARY KEY)";
    servers().target.execute(there, "shop");
    servers().source.execute(there, "other");
    rf::mysql::connector source{servers().source_uri()};
    const rf::copy_request request{.table = "person", .columns = {{"id", "who"}, {"name", "called"}}};
    const std::string rows = "SELECT who, called, name FROM person ORDER BY who";
    for (const auto kind : {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::skip_existing}) {
        CAPTURE(name(kind));
        for (const bool inside : {false, true}) {
            const support::private_server& server = inside ? servers().source : servers().target;
            rf::mysql::connector target{inside ? server.uri("other") : server.uri("shop")};
            rf::copy_request anew = request;
            anew.truncate_target = true;
            const rf::report report =
                rf::pipeline{rf::chosen_write_mode{kind}, rf::fixed_batch{.rows = 70}}.copy(source, target, anew);
            INFO((report.failure ? rf::to_string(*report.failure) : ""));
            REQUIRE(report.complete());
            CHECK(server.query(rows, inside ? "other" : "shop") ==
                  servers().source.query("SELECT id, name, NULL FROM person ORDER BY id", "shop"));
        }
    }
}

TEST_CASE("--where and --columns: bad input gets one sentence") {
    servers().fill(3);
    const std::vector<std::pair<words, std::string>> wrong{
        {{"--where", "  "}, "--where is empty"},
        {{"--where"}, "--where takes exactly one value"},
        {{"--columns", ""}, "--columns has an empty name"},
        {{"--columns", "a,,b"}, "--columns has an empty name"},
        {{"--columns", "`a"}, "--columns has a backtick that is never closed"},
        {{"--columns", "`a`b"}, "--columns has something behind a closing backtick that is no comma"},
        {{"--columns", "a`b"}, "--columns has a backtick inside a name"},
        {{"--columns", "ProcNoteNum", "--table", "other"}, "--columns needs exactly one --table"},
        {{"--columns", "ProcNoteNum,PatNum,PatNum"}, "column PatNum: named twice"},
        {{"--columns", "ProcNoteNum,PatNum", "--write-mode", "replace"}, "(EntryDateTime, Note)"},
    };
    for (const auto& [more, sentence] : wrong) {
        CAPTURE(sentence);
        const tool_answer answer = run_tool(copy("procnote", more));
        INFO(answer.err);
        CHECK(answer.exit_code == 2);
        CHECK(answer.error_lines() == 1);
        CHECK_THAT(answer.err, ContainsSubstring(sentence));
        CHECK(servers().copied() == 0);
    }
}
