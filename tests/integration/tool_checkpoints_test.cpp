// SPDX-License-Identifier: BSL-1.0
// The tool's command `checkpoints`: lists how far copies came, and forgets it.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
tool_answer checkpoints(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"checkpoints", "--target", servers().target_uri()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}
tool_answer copy(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"copy", "--source", servers().source_uri(), "--target", servers().target_uri()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}
std::string job_of(const std::string& table) {
    return servers().target.value("SELECT job FROM rowferry_checkpoint WHERE target_table = '" + table + "'", "shop");
}

} // namespace

TEST_CASE("a database without checkpoints has none to list or to drop") {
    servers().clear();
    const tool_answer answer = checkpoints();
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(answer.out == "0 checkpoints in 127.0.0.1:" + std::to_string(servers().target.port()) + "/shop\n");
    const tool_answer none = checkpoints({"--drop", "abcd"});
    CHECK(none.exit_code == 2);
    CHECK_THAT(none.err, ContainsSubstring("--drop abcd fits no job"));
    const tool_answer nothing = checkpoints({"--table", "procnote", "--drop-all"});
    CHECK(nothing.exit_code == 0);
    CHECK_THAT(nothing.out, ContainsSubstring(", and so nothing to forget\n"));
    CHECK(servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "0");
}

TEST_CASE("a checkpoint whose last key cannot be read is listed with the others, and can be dropped") {
    servers().fill(20);
    REQUIRE(copy({"--table", "procnote"}).exit_code == 0);
    servers().target.execute("UPDATE rowferry_checkpoint SET last_key = '%ZZ'", "shop");
    const tool_answer list = checkpoints();
    INFO(list.err);
    CHECK(list.exit_code == 0);
    CHECK_THAT(list.out,
               ContainsSubstring("table procnote: 20 rows") && ContainsSubstring("last key    cannot be read"));
    CHECK(support::json(servers().source, checkpoints({"--json"}), "$.checkpoints[0].last_key") == "NULL");
    CHECK(checkpoints({"--drop", job_of("procnote")}).exit_code == 0);
    CHECK(servers().target.value("SELECT COUNT(*) FROM rowferry_checkpoint", "shop") == "0");
}

TEST_CASE("checkpoints are listed as text and as JSON, by table, and dropped one by one") {
    servers().fill(300);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE second (id VARCHAR(20) PRIMARY KEY)", "shop");
    }
    servers().source.execute("INSERT INTO second VALUES ('it''s'), ('zz')", "shop");
    REQUIRE(copy({"--all-tables"}).exit_code == 0);
    const tool_answer list = checkpoints();
    INFO(list.err);
    CHECK(list.exit_code == 0);
    CHECK_THAT(list.out, ContainsSubstring("table procnote: 300 rows in 1 batch, complete\n  job         " +
                                           job_of("procnote")) &&
                             ContainsSubstring("  last key    (897)\n") && ContainsSubstring("table second: 2 rows") &&
                             ContainsSubstring("  last key    ('zz')\n") && ContainsSubstring("2 checkpoints in "));
    const tool_answer document = checkpoints({"--table", "second", "--json"});
    CHECK(document.exit_code == 0);
    auto json = [&](const tool_answer& answer, const std::string& path) {
        return support::json(servers().source, answer, path);
    };
    CHECK(json(document, "$.checkpoints[0].table") == "second");
    CHECK(json(document, "$.checkpoints[0].rows") == "2");
    CHECK(json(document, "$.checkpoints[0].last_key[0]") == "zz");
    CHECK(json(document, "$.checkpoints[1].table") == "NULL");

    const tool_answer dropped = checkpoints({"--drop", job_of("procnote").substr(0, 8)});
    INFO(dropped.err);
    CHECK(dropped.exit_code == 0);
    CHECK_THAT(dropped.out, ContainsSubstring("complete; forgotten\n") && ContainsSubstring("1 checkpoint in ") &&
                                ContainsSubstring("1 forgotten: the rows stay"));
    CHECK(servers().copied() == 300);
    CHECK(job_of("procnote") == "NULL");
    CHECK(job_of("second") != "NULL");
    // A copy by insert knows nothing of these rows any more; one that may meet them goes over them.
    CHECK(copy({"--table", "procnote"}).exit_code == 2);
    CHECK(copy({"--table", "procnote", "--write-mode", "skip-existing"}).exit_code == 0);
    CHECK(servers().difference().empty());
    CHECK(checkpoints({"--table", "second", "procnote", "--drop-all"}).exit_code == 0);
    CHECK(servers().target.value("SELECT COUNT(*) FROM rowferry_checkpoint", "shop") == "0");
}

TEST_CASE("a run whose checkpoint is dropped stops at its next batch") {
    servers().fill(20'000);
    support::tool_run run({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table",
                           "procnote", "--batch-rows", "100", "--rows-per-second", "2000", "--progress", "never"});
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    CHECK(checkpoints({"--table", "procnote", "--drop-all"}).exit_code == 0);
    const tool_answer stopped = run.wait();
    CHECK(stopped.exit_code == 4);
    CHECK_THAT(stopped.err, ContainsSubstring("the checkpoint of this copy was dropped during the copy"));
    CHECK(servers().copied() < 20'000);
    CHECK(servers().copied() % 100 == 0);
}

TEST_CASE("what checkpoints cannot be asked for is one sentence") {
    auto refused = [](const std::vector<std::string>& arguments, const std::string& sentence) {
        const tool_answer answer = run_tool(arguments);
        INFO(answer.err);
        CHECK(answer.exit_code == 2);
        CHECK(answer.error_lines() == 1);
        CHECK_THAT(answer.err, ContainsSubstring(sentence));
    };
    refused({"checkpoints"}, "--target is missing");
    refused({"checkpoints", "--target", servers().target_uri(), "--drop-all"}, "--drop-all needs --table");
    refused({"checkpoints", "--target", servers().target_uri(), "--drop", "abc"}, "four digits or more");
    refused({"checkpoints", "--target", servers().target_uri(), "--source", "x"}, "unknown option --source");
    refused({"checkpoint"}, "unknown command checkpoint");
}

TEST_CASE(
    "tables are named as the server compares names: in checkpoints, in what is excluded, and when a copy goes on") {
    for (const char* lower_case : {"0", "1"}) {
        CAPTURE(lower_case);
        const bool tells_case = lower_case[0] == '0';
        // MySQL takes another setting only when its data folder is made, and the tests copy one.
        const support::private_server server({std::string("--lower-case-table-names=") + lower_case},
                                             tells_case ? support::target_product() : support::product::mariadb);
        server.create_database("here");
        server.create_database("there");
        server.execute("CREATE TABLE Mixed_Case (id INT PRIMARY KEY); INSERT INTO Mixed_Case VALUES (1), (2);"
                       "CREATE TABLE Other (id INT PRIMARY KEY); CREATE TABLE \xC3\x84rger (id INT PRIMARY KEY)",
                       "here");
        const auto run = [&](std::vector<std::string> words) {
            if (words[0] == "copy") words.insert(words.begin() + 1, {"--source", server.uri("here")});
            words.insert(words.begin() + 1, {"--target", server.uri("there")});
            return run_tool(words);
        };
        const tool_answer copied =
            run({"copy", "--all-tables", "--create-target", "--exclude", "OTH*", "--exclude", "\xC3\xA4rger"});
        INFO(copied.err);
        CHECK(copied.exit_code == 0);
        const std::string tables = server.value(
            "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'there' AND TABLE_NAME <> "
            "'rowferry_checkpoint'");
        CHECK(tables == (tells_case ? "3" : "1"));
        const tool_answer listed = run({"checkpoints", "--table", "Mixed_Case"});
        CHECK_THAT(listed.out, ContainsSubstring("2 rows in") && ContainsSubstring("1 checkpoint in"));
        CHECK_THAT(run({"checkpoints", "--table", "MIXED_case"}).out,
                   ContainsSubstring(tells_case ? "0 checkpoints in" : "1 checkpoint in"));
        server.execute("INSERT INTO Mixed_Case VALUES (3)", "here");
        const tool_answer again = run({"copy", "--table", tells_case ? "Mixed_Case" : "mixed_CASE", "--json"});
        INFO(again.err);
        CHECK(again.exit_code == 0);
        CHECK(support::json(server, again, "$.tables[0].rows") == "1");
        CHECK_THAT(run({"checkpoints", "--table", tells_case ? "Mixed_Case" : "mixed_CASE", "--drop-all"}).out,
                   ContainsSubstring("1 forgotten"));
    }
}
