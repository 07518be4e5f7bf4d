// SPDX-License-Identifier: BSL-1.0
// The tool between two real servers: copies, stops and continues, survives killed connections.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
std::vector<std::string> copy_procnote(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "procnote"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}
std::set<std::string> ids(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}

} // namespace

TEST_CASE("the tool copies, says so in JSON, and copies nothing the second time") {
    servers().fill(5000);
    const tool_answer first = run_tool(copy_procnote({"--json", "--progress", "always", "--log", "json"}));
    INFO(first.err);
    CHECK(first.exit_code == 0);
    CHECK(first.out.starts_with("{\"tables\":[{\"table\":\"procnote\",\"rows\":5000,\"retries\":0,\"seconds\":"));
    CHECK(json(first, "$.tables[0].outcome") == "complete");
    CHECK(json(first, "$.totals.rows") == "5000");
    CHECK(json(first, "$.target") == "127.0.0.1:" + std::to_string(servers().target.port()) + "/shop");
    CHECK(servers().difference().empty());

    const tool_answer second = run_tool(copy_procnote({"--json"}));
    CHECK(second.exit_code == 0);
    CHECK(second.err.empty());
    CHECK(json(second, "$.tables[0].rows") == "0");
    CHECK(json(second, "$.tables[0].resumed_rows") == "5000");
}

TEST_CASE("Ctrl-C ends the copy after the batch under way; the next run continues") {
    servers().fill(20'000);
    tool_run run(copy_procnote({"--batch-rows", "100", "--rows-per-second", "2000", "--progress", "never"}));
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    run.signal(SIGINT);
    const tool_answer halted = run.wait();
    INFO(halted.err);
    CHECK(halted.exit_code == 128 + SIGINT);
    CHECK_THAT(halted.err, ContainsSubstring("stopped by SIGINT; run the same command again to continue"));
    const std::uint64_t copied = servers().copied();
    CHECK(copied > 0);
    CHECK(copied < 20'000);
    CHECK(copied % 100 == 0);
    const tool_answer rest = run_tool(copy_procnote({"--json"}));
    CHECK(rest.exit_code == 0);
    CHECK(json(rest, "$.tables[0].resumed_rows") == std::to_string(copied));
    CHECK(servers().difference().empty());
}

TEST_CASE("every connection of both servers killed again and again: each is replaced, exit code 0, tables equal") {
    constexpr std::uint64_t rows = 30'000;
    constexpr std::uint64_t batch = 200;
    constexpr std::size_t rounds = 10;
    servers().fill(rows);
    tool_run run(copy_procnote({"--batch-rows", std::to_string(batch), "--rows-per-second", "5000", "--retry-delay",
                                "0.02", "--max-retries", "100", "--progress", "never", "--json"}));
    std::set<std::string> killed_on_source;
    std::set<std::string> killed_on_target;
    std::uint64_t before = 0;
    std::size_t partial_kills = 0;
    for (std::size_t i = 0; i < rounds; ++i) {
        // Past what was in memory or in COMMIT at the last kill, both connections are fresh ones.
        REQUIRE(support::eventually([&] { return servers().copied() > before + 2 * batch || !run.running(); }));
        const std::uint64_t seen = servers().copied();
        killed_on_source.merge(ids(support::kill_connections(servers().source)));
        killed_on_target.merge(ids(support::kill_connections(servers().target)));
        before = servers().copied();
        if (seen > 0 && before < rows) ++partial_kills;
    }
    CHECK(partial_kills == rounds);
    CHECK(killed_on_source.size() >= rounds);
    CHECK(killed_on_target.size() >= rounds);
    const tool_answer answer = run.wait();
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(std::stoull(json(answer, "$.tables[0].retries")) >= 2 * rounds);
    CHECK(std::stoull(json(answer, "$.tables[0].retries_by_fault.connection_lost")) >= rounds);
    CHECK(json(answer, "$.tables[0].rows") == std::to_string(rows));
    CHECK(servers().difference().empty());
}

TEST_CASE("the attempts are used up: exit code 1, and the same command continues") {
    servers().fill(20'000);
    tool_run run(copy_procnote({"--batch-rows", "100", "--rows-per-second", "2000", "--max-retries", "0"}));
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    CHECK(support::kill_connections(servers().target).size() == 1);
    const tool_answer halted = run.wait();
    INFO(halted.err);
    CHECK(halted.exit_code == 1);
    CHECK(halted.error_lines() == 1);
    CHECK_THAT(halted.err, ContainsSubstring("; not tried again: the attempts are used up"));
    CHECK_THAT(halted.err, ContainsSubstring("; run the same command again to continue"));
    CHECK(servers().copied() < 20'000);
    CHECK(run_tool(copy_procnote()).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("stopped with --truncate-target: the next run has to be without it") {
    servers().fill(20'000);
    servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1, 1)", "shop");
    tool_run run(copy_procnote({"--truncate-target", "--batch-rows", "100", "--rows-per-second", "2000"}));
    REQUIRE(support::eventually([] { return servers().copied() >= 100; }));
    run.signal(SIGTERM);
    const tool_answer halted = run.wait();
    INFO(halted.err);
    CHECK(halted.exit_code == 128 + SIGTERM);
    CHECK_THAT(halted.err, ContainsSubstring("run the same command again without --truncate-target to continue"));
    CHECK(servers().copied() < 20'000);
    CHECK(run_tool(copy_procnote()).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE(
    "a table that is refused when its turn comes, after another was copied: exit code 4, and the rest is copied") {
    servers().fill(20'000);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE second (id INT PRIMARY KEY); CREATE TABLE third (id INT PRIMARY KEY)", "shop");
    }
    servers().source.execute("INSERT INTO second VALUES (1), (2); INSERT INTO third VALUES (3)", "shop");
    const auto all = copy_procnote({"second", "third", "--batch-rows", "500", "--rows-per-second", "8000"});
    tool_run run(all);
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    servers().target.execute("ALTER TABLE second ADD extra INT", "shop");
    CHECK(servers().copied() < 20'000);
    const tool_answer answer = run.wait();
    INFO(answer.err << answer.out);
    CHECK(answer.exit_code == 4);
    CHECK_THAT(answer.err, ContainsSubstring("column extra: missing in the source") &&
                               ContainsSubstring("run the command again for this table when that is fixed"));
    CHECK_THAT(answer.out, ContainsSubstring("table second: refused") && ContainsSubstring("2 of 3 tables complete"));
    CHECK(servers().difference().empty());
    CHECK(servers().copied("second") == 0);
    CHECK(servers().difference("third").empty());

    servers().target.execute("ALTER TABLE second DROP extra", "shop");
    CHECK(run_tool(all).exit_code == 0);
    CHECK(servers().difference("second").empty());
}

TEST_CASE("tables that were never begun are named") {
    servers().fill(20'000);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE second (id INT PRIMARY KEY)", "shop");
    }
    tool_run run(copy_procnote({"second", "--batch-rows", "500", "--rows-per-second", "8000"}));
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    run.signal(SIGTERM);
    const tool_answer answer = run.wait();
    CHECK(answer.exit_code == 128 + SIGTERM);
    CHECK_THAT(answer.out, ContainsSubstring("not begun: second\n0 of 2 tables complete: "));
}

TEST_CASE("--batch-bytes is what batches aim at, and with --batch-rows their limit") {
    constexpr std::uint64_t bytes = 20'000;
    auto copied = [](const std::vector<std::string>& options) {
        servers().fill(2000);
        std::vector<std::string> arguments = copy_procnote(options);
        arguments.emplace_back("--json");
        const tool_answer answer = run_tool(arguments);
        INFO(answer.err);
        CHECK(answer.exit_code == 0);
        CHECK(servers().difference().empty());
        struct {
            std::uint64_t rows, bytes, batches;
        } all{std::stoull(json(answer, "$.tables[0].rows")), std::stoull(json(answer, "$.tables[0].bytes")),
              std::stoull(json(answer, "$.tables[0].batches"))};
        return all;
    };
    const auto aimed = copied({"--batch-bytes", std::to_string(bytes)});
    CHECK(aimed.bytes / aimed.batches > bytes / 4);
    CHECK(aimed.bytes / aimed.batches < 2 * bytes);
    const auto limited = copied({"--batch-rows", "2000", "--batch-bytes", std::to_string(bytes)});
    CHECK(limited.bytes / limited.batches > bytes / 4);
    CHECK(limited.bytes / limited.batches <= bytes);
    CHECK(copied({"--batch-rows", "500"}).batches == 4);
    const auto single = copied({"--batch-bytes", "1"});
    CHECK(single.batches == single.rows);
}

TEST_CASE("all tables of a database, each in its mode of writing") {
    servers().fill(100);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE `odd ``name` (a INT, b VARCHAR(10), PRIMARY KEY (b, a)) CHARACTER SET latin1",
                        "shop");
    }
    servers().source.execute("INSERT INTO `odd ``name` VALUES (1,'x'), (-1,'x'), (0,'X y')", "shop");
    const std::vector<std::string> all{
        "copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--all-tables"};
    const tool_answer answer = run_tool(all);
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(servers().difference().empty());
    CHECK(servers().difference("`odd ``name`").empty());
    CHECK(run_tool(all).exit_code == 0);
}

TEST_CASE("incremental copies through the tool") {
    servers().fill(300);
    const auto incremental =
        copy_procnote({"--mode", "incremental", "--incremental-column", "EntryDateTime", "--lag", "60"});
    CHECK(run_tool(incremental).exit_code == 0);
    servers().source.execute("UPDATE procnote SET Note='new', EntryDateTime='2027-05-05' WHERE ProcNoteNum=30;"
                             "INSERT INTO procnote VALUES (7, 1, '2026-01-01 00:07:20', 'late')",
                             "shop");
    CHECK(run_tool(incremental).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("a dry run says what would be done and changes nothing") {
    servers().fill(10);
    const tool_answer answer = run_tool(copy_procnote({"--dry-run"}));
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.out,
               ContainsSubstring("table procnote: would be copied") && ContainsSubstring("key PRIMARY (ProcNoteNum)"));
    for (const auto* server : {&servers().source, &servers().target}) {
        CHECK_THAT(answer.out, ContainsSubstring("127.0.0.1:" + std::to_string(server->port()) + "/shop"));
    }
    CHECK_THAT(answer.out,
               ContainsSubstring("begins      at the first row\n") && ContainsSubstring("to copy     10 rows\n"));
    const tool_answer document = run_tool(copy_procnote({"--dry-run", "--json"}));
    CHECK(document.exit_code == 0);
    CHECK(json(document, "$.tables[0].expected_rows") == "10");
    CHECK(servers().target.value("SELECT COUNT(*) FROM procnote", "shop") == "0");
    CHECK(servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "1");
}
