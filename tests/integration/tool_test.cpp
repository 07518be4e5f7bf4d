// The tool between two real servers: copies, resumes after SIGKILL, survives killed connections.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
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
    std::vector<std::string> arguments{"copy",     "--source", servers().source_uri(), "--target", servers().target_uri(),
                                       "--table", "procnote"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

} // namespace

TEST_CASE("the tool copies, says so in JSON, and copies nothing the second time") {
    servers().fill(5000);
    const tool_answer first = run_tool(copy_procnote({"--json"}));
    INFO(first.err);
    CHECK(first.exit_code == 0);
    CHECK_THAT(first.out, ContainsSubstring("\"tables\"") && ContainsSubstring("\"outcome\""));
    std::string compact;
    for (char c : first.out) {
        if (c != ' ' && c != '\n') compact += c;
    }
    CHECK_THAT(compact, ContainsSubstring("{\"tables\":[{\"table\":\"procnote\",\"rows\":5000,\"retries\":0,\"seconds\":"));
    CHECK_THAT(compact, ContainsSubstring("\"outcome\":\"complete\""));
    CHECK(servers().difference().empty());

    const tool_answer second = run_tool(copy_procnote({"--json"}));
    CHECK(second.exit_code == 0);
    CHECK_THAT(second.out, ContainsSubstring("\"rows\":0") || ContainsSubstring("\"rows\": 0"));
}

TEST_CASE("the tool, killed with SIGKILL again and again, resumes until everything is there once") {
    servers().fill(20'000);
    const auto slowly = copy_procnote({"--batch-rows", "200", "--rows-per-second", "20000", "--progress", "never"});
    int kills = 0;
    for (int i = 0; i < 6; ++i) {
        tool_run run(slowly);
        std::this_thread::sleep_for(100ms + i * 37ms);
        if (run.running()) ++kills;
        run.signal(SIGKILL);
        const tool_answer answer = run.wait();
        INFO(answer.err);
        CHECK((answer.exit_code == 0 || answer.exit_code == 128 + SIGKILL));
    }
    CHECK(kills >= 1);
    const tool_answer last = run_tool(copy_procnote());
    INFO(last.err);
    CHECK(last.exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("Ctrl-C ends the copy after the batch under way; the next run continues") {
    servers().fill(20'000);
    tool_run run(copy_procnote({"--batch-rows", "100", "--rows-per-second", "5000", "--progress", "never"}));
    for (int i = 0; i < 200 && servers().target.value("SELECT COUNT(*) FROM procnote", "shop") == "0"; ++i) {
        std::this_thread::sleep_for(20ms);
    }
    run.signal(SIGINT);
    const tool_answer halted = run.wait();
    CHECK(halted.exit_code == 1);
    CHECK_THAT(halted.err + halted.out, ContainsSubstring("run the same command again"));
    CHECK(run_tool(copy_procnote()).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("every connection of both servers killed a dozen times a second for a while: exit code 0, tables equal") {
    servers().fill(30'000);
    tool_run run(copy_procnote({"--batch-rows", "500", "--rows-per-second", "15000", "--retry-delay", "0.02",
                                "--max-retries", "100", "--progress", "never"}));
    for (int i = 0; i < 25 && run.running(); ++i) {
        support::kill_connections(servers().source);
        support::kill_connections(servers().target);
        std::this_thread::sleep_for(80ms);
    }
    const tool_answer answer = run.wait();
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("all tables of a database, each in its mode of writing") {
    servers().fill(100);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE `odd ``name` (a INT, b VARCHAR(10), PRIMARY KEY (b, a)) CHARACTER SET latin1", "shop");
    }
    servers().source.execute("INSERT INTO `odd ``name` VALUES (1,'x'), (-1,'x'), (0,'X y')", "shop");
    const std::vector<std::string> all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--all-tables"};
    const tool_answer answer = run_tool(all);
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(servers().difference().empty());
    CHECK(servers().difference("`odd ``name`").empty());
    CHECK(run_tool(all).exit_code == 0);
}

TEST_CASE("incremental copies through the tool") {
    servers().fill(300);
    const auto incremental = copy_procnote({"--mode", "incremental", "--incremental-column", "EntryDateTime", "--lag", "60"});
    CHECK(run_tool(incremental).exit_code == 0);
    servers().source.execute("UPDATE procnote SET Note='new', EntryDateTime='2027-05-05' WHERE ProcNoteNum=30;"
                             "INSERT INTO procnote VALUES (7, 1, '2026-01-01 00:07:20', 'late')", "shop");
    CHECK(run_tool(incremental).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("a dry run says what would be done and changes nothing") {
    servers().fill(10);
    const tool_answer answer = run_tool(copy_procnote({"--dry-run"}));
    INFO(answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.out, ContainsSubstring("procnote") && ContainsSubstring("PRIMARY"));
    CHECK(servers().target.value("SELECT COUNT(*) FROM procnote", "shop") == "0");
    CHECK(servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "1");
}
