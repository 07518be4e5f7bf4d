// SPDX-License-Identifier: BSL-1.0
// The tool's options that choose how a copy is made, each between two real servers.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
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
using words = std::vector<std::string>;

words copy_procnote(words more) {
    words all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "procnote"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}
std::string target_value(const std::string& sql) { return servers().target.value(sql, "shop"); }

} // namespace

// The design's row "keep original methods as fallback, feature flag".
TEST_CASE(
    "the original methods as fallback, by a feature flag: --engine legacy copies a table, and keeps no checkpoint") {
    servers().fill(2500);
    const words legacy = copy_procnote({"--engine", "legacy", "--batch-rows", "1000", "--json"});
    const tool_answer answer = run_tool(legacy);
    INFO(answer.err);
    REQUIRE(answer.exit_code == 0);
    CHECK(json(answer, "$.tables[0].outcome") == "complete");
    CHECK(json(answer, "$.tables[0].rows") == "2500");
    CHECK(json(answer, "$.tables[0].batches") == "3");
    CHECK(servers().difference().empty());
    CHECK(target_value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'"
                       " AND table_name = 'rowferry_checkpoint'") == "0");
    CHECK(run_tool(legacy).exit_code == 2); // nothing tells it that the rows there are its own
    CHECK(servers().difference().empty());
}

TEST_CASE("--engine legacy never tries again: a killed connection ends it") {
    servers().fill(20'000);
    tool_run run(copy_procnote({"--engine", "legacy", "--batch-rows", "100", "--rows-per-second", "2000"}));
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    CHECK(support::kill_connections(servers().target).size() == 1);
    const tool_answer answer = run.wait();
    CHECK(answer.exit_code == 4); // the same command finds rows that it does not know
    CHECK_THAT(answer.err, ContainsSubstring("not tried again: retries are off") &&
                               ContainsSubstring("--engine legacy keeps no checkpoint, so a new run starts over"));
    CHECK(servers().copied() < 20'000);
}

TEST_CASE("--write-mode replace and skip-existing: what becomes of a row that is there already") {
    servers().fill(100);
    servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum, Note) VALUES (3, 77, 'mine'), (1, 1, 'alone')",
                             "shop");
    const std::string others = "SELECT Note FROM procnote WHERE ProcNoteNum = 1";
    SECTION("replace: it is the source's row afterwards") {
        const tool_answer answer = run_tool(copy_procnote({"--write-mode", "replace", "--json"}));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(json(answer, "$.tables[0].rows") == "100");
        CHECK(json(answer, "$.tables[0].skipped") == "0");
        CHECK(servers().copied() == 101);
        CHECK(target_value(others) == "alone");
        servers().target.execute("DELETE FROM procnote WHERE ProcNoteNum = 1", "shop");
        CHECK(servers().difference().empty());
    }
    SECTION("skip-existing: it stays, and is counted") {
        const tool_answer answer = run_tool(copy_procnote({"--write-mode", "skip-existing", "--json"}));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(json(answer, "$.tables[0].skipped") == "1");
        CHECK(servers().copied() == 101);
        CHECK(target_value(others) == "alone");
        CHECK(target_value("SELECT CONCAT(PatNum, Note) FROM procnote WHERE ProcNoteNum = 3") == "77mine");
        for (const auto* server : {&servers().source, &servers().target}) {
            server->execute("DELETE FROM procnote WHERE ProcNoteNum IN (1, 3)", "shop");
        }
        CHECK(servers().difference().empty());
    }
}

TEST_CASE("--write-way chooses, and plan and report say by which means rows are written") {
    struct wording {
        rowferry::write_way way;
        const char* text;
    };
    using rowferry::write_way;
    const std::vector<wording> wordings{{write_way::array_binding, "by prepared inserts with arrays of rows (array)"},
                                        {write_way::load_data, "by LOAD DATA LOCAL from memory (load-data)"},
                                        {write_way::multi_row, "by inserts of many rows (multi-row)"}};
    const auto ways = support::ways_to(servers().target);
    for (const auto& [way, text] : wordings) {
        if (std::find(ways.begin(), ways.end(), way) == ways.end()) continue;
        const std::string option(name(way));
        CAPTURE(option);
        servers().fill(10);
        const tool_answer planned = run_tool(copy_procnote({"--write-way", option, "--dry-run"}));
        CHECK(planned.exit_code == 0);
        CHECK_THAT(planned.out, ContainsSubstring(text));
        CHECK(json(run_tool(copy_procnote({"--write-way", option, "--dry-run", "--json"})), "$.tables[0].write_way") ==
              option);
        const tool_answer answer = run_tool(copy_procnote({"--write-way", option}));
        INFO(answer.err);
        CHECK(answer.exit_code == 0);
        CHECK_THAT(answer.out, ContainsSubstring(text));
        CHECK(json(run_tool(copy_procnote({"--write-way", option, "--no-resume", "--truncate-target", "--json"})),
                   "$.tables[0].write_way") == option);
        CHECK(servers().difference().empty());
    }
    servers().fill(10);
    const tool_answer upsert = run_tool(copy_procnote({"--write-way", "load-data", "--write-mode", "upsert"}));
    CHECK(upsert.exit_code == 2);
    CHECK_THAT(upsert.err, ContainsSubstring("choose --write-mode replace, or choose --write-way array or multi-row"));
    const tool_answer unknown = run_tool(copy_procnote({"--write-way", "pigeon"}));
    CHECK(unknown.exit_code == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("auto, array, load-data, multi-row"));
    CHECK(servers().copied() == 0);
}

TEST_CASE("--deadline ends the retries of an outage long before their number does") {
    servers().fill(20'000);
    tool_run run(copy_procnote({"--batch-rows", "100", "--rows-per-second", "2000", "--max-retries", "100000",
                                "--retry-delay", "0.05", "--deadline", "1"}));
    REQUIRE(support::eventually([] { return servers().copied() > 0; }));
    servers().target.kill();
    const bool ended = support::eventually([&] { return !run.running(); });
    if (!ended) run.signal(SIGKILL);
    const tool_answer answer = run.wait();
    servers().target.start();
    INFO(answer.err);
    REQUIRE(ended);
    CHECK(answer.exit_code == 1);
    CHECK_THAT(answer.err, ContainsSubstring("not tried again: the deadline for retries has passed") &&
                               ContainsSubstring("run the same command again to continue"));
    CHECK(servers().copied() < 20'000);
    CHECK(run_tool(copy_procnote({})).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("--bytes-per-second is the speed on average, and the report says what was waited for it") {
    servers().fill(2000);
    const tool_answer free = run_tool(copy_procnote({"--batch-rows", "100", "--json"}));
    REQUIRE(free.exit_code == 0);
    CHECK(std::stod(json(free, "$.tables[0].waited_seconds.rate_limit")) == 0);
    const double bytes = std::stod(json(free, "$.tables[0].bytes"));
    const double rate = bytes / 3; // one second's worth passes at once, so that two seconds are left to wait
    const tool_answer slow =
        run_tool(copy_procnote({"--truncate-target", "--batch-rows", "100", "--json", "--bytes-per-second",
                                std::to_string(static_cast<std::uint64_t>(rate))}));
    INFO(slow.err);
    REQUIRE(slow.exit_code == 0);
    CHECK(std::stod(json(slow, "$.tables[0].bytes")) == bytes);
    const double seconds = std::stod(json(slow, "$.tables[0].seconds"));
    const double waited = std::stod(json(slow, "$.tables[0].waited_seconds.rate_limit"));
    CHECK(seconds > 1.9);
    CHECK(waited <= seconds);
    const double usual = std::stod(json(free, "$.tables[0].seconds"));
    CHECK((waited > 0.5 || usual > 1.0)); // a machine that is busy may be as slow by itself
    CHECK(servers().difference().empty());
}

TEST_CASE("triggers of the target are refused without --accept-triggers, in a sentence that names it") {
    servers().fill(10);
    servers().target.execute("CREATE TRIGGER spoil BEFORE INSERT ON procnote FOR EACH ROW SET NEW.PatNum = 7", "shop");
    const tool_answer refused = run_tool(copy_procnote({}));
    CHECK(refused.exit_code == 2);
    CHECK(refused.error_lines() == 1);
    CHECK_THAT(refused.err, ContainsSubstring("(spoil)") && ContainsSubstring("--accept-triggers"));
    CHECK(servers().copied() == 0);
    const tool_answer accepted = run_tool(copy_procnote({"--accept-triggers"}));
    INFO(accepted.err);
    CHECK(accepted.exit_code == 0);
    CHECK(servers().copied() == 10);
    CHECK(target_value("SELECT COUNT(*) FROM procnote WHERE PatNum = 7") == "10");
}

TEST_CASE("tables that the target takes for one, because its names know no capital letters, are refused together") {
    support::private_server target({"--lower-case-table-names=1"}, support::product::mariadb);
    target.execute("CREATE DATABASE shop");
    servers().clear();
    servers().source.execute("CREATE TABLE `Ä` (id INT PRIMARY KEY) CHARACTER SET latin1; CREATE TABLE `ä` LIKE `Ä`;"
                             " INSERT INTO `Ä` VALUES (1); INSERT INTO `ä` VALUES (2)",
                             "shop");
    words command{"copy",    "--source", servers().source_uri(), "--target", target.uri("shop"), "--table", "Ä",
                  "--table", "ä",        "--create-target"};
    for (const words& more : {words{"--truncate-target"}, words{"--write-mode", "upsert"}}) {
        words all = command;
        all.insert(all.end(), more.begin(), more.end());
        const tool_answer refused = run_tool(all);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("the tables Ä and ä would go into one table of the target"));
    }
    CHECK(target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'") == "0");
    CHECK(run_tool({"copy", "--source", servers().source_uri(), "--target", target.uri("shop"), "--table", "Ä",
                    "--create-target"})
              .exit_code == 0);
    servers().source.execute("DROP TABLE `Ä`, `ä`", "shop");
}
