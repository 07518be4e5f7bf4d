// SPDX-License-Identifier: BSL-1.0
// The tool, killed with SIGKILL at random moments, from its start to its end: what it says it copied is there.
//
//   ROWFERRY_KILL_SEED=N   draws these moments again
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}

std::uint64_t choose_seed() {
    const char* given = std::getenv("ROWFERRY_KILL_SEED");
    if (given != nullptr) return std::stoull(given);
    return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1'000'000;
}

/// What the target holds at one moment.
struct standing {
    std::uint64_t said = 0; ///< rows, by the checkpoint
    std::uint64_t held = 0; ///< rows, by the table
    std::string last;       ///< the id of the checkpoint's last key; empty before the first
    std::string largest;    ///< the largest id of the table; "NULL" when it is empty
};
standing where_it_stands() {
    standing now;
    const bool begun = servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = "
                                              "'shop' AND table_name = 'rowferry_checkpoint'") == "1";
    const std::string entry = begun ? "(SELECT rows_copied FROM rowferry_checkpoint), "
                                      "(SELECT SUBSTRING_INDEX(last_key, ',', -1) FROM rowferry_checkpoint)"
                                    : "NULL, NULL";
    // One statement, so that all of it is of one moment.
    const auto row = servers().target.query(
        "SELECT " + entry + ", (SELECT COUNT(*) FROM procnote), (SELECT MAX(ProcNoteNum) FROM procnote)", "shop")[0];
    now.said = std::stoull(row[0].value_or("0"));
    now.last = row[1].value_or("");
    now.held = std::stoull(row[2].value());
    now.largest = row[3].value_or("NULL");
    return now;
}

/// Runs the tool and kills it after a random while, again and again, until a run comes to its end by itself.
void survives_kills(const std::vector<std::string>& options) {
    constexpr std::uint64_t rows = 6000;
    const std::uint64_t seed = choose_seed();
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const bool has_jobs = std::find(options.begin(), options.end(), "--jobs") != options.end();
    servers().fill(rows);
    // The speed limit lets each run begin with a second's worth, and then holds it long enough to be killed.
    std::vector<std::string> command{
        "copy",         "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "procnote",
        "--batch-rows", "25",       "--rows-per-second",    "300",      "--progress",           "never",   "--json"};
    command.insert(command.end(), options.begin(), options.end());

    std::uint64_t before = 0;
    int kills = 0;
    int partial_kills = 0;
    std::uint64_t patience = 300; // milliseconds; more when a busy machine gets nothing done in them
    for (;;) {
        tool_run run(command);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % patience));
        const bool ended = !run.running();
        run.signal(SIGKILL);
        const tool_answer answer = run.wait();
        INFO(answer.err);
        const standing now = where_it_stands();
        CAPTURE(kills, now.said, now.held);
        // Read at one moment, the checkpoint tells exactly what is there; a COMMIT may still be under way.
        REQUIRE(now.said == now.held);
        REQUIRE(now.held >= before);
        if (has_jobs) {
            // The rows are of several ranges, and each is a row of the source.
            const auto rows_there = servers().target.query("SELECT * FROM procnote", "shop");
            const auto all = servers().source.query("SELECT * FROM procnote", "shop");
            const std::set wanted(all.begin(), all.end());
            REQUIRE(
                std::all_of(rows_there.begin(), rows_there.end(), [&](const auto& r) { return wanted.count(r) == 1; }));
        } else {
            REQUIRE((now.held == 0 ? now.last.empty() : now.last == now.largest));
        }
        if (now.held > 0 && !has_jobs) {
            const std::string up_to = "SELECT * FROM procnote WHERE ProcNoteNum <= " + now.last + " ORDER BY 1";
            REQUIRE(servers().target.query(up_to, "shop") == servers().source.query(up_to, "shop"));
        }
        if (ended) {
            REQUIRE(answer.exit_code == 0);
            break;
        }
        REQUIRE((answer.exit_code == 128 + SIGKILL || answer.exit_code == 0));
        ++kills;
        if (now.held > 0 && now.held < rows) ++partial_kills;
        if (now.held == before) patience += patience / 4;
        before = now.held;
        if (now.held == rows) patience = 20'000; // what is left is the end
    }
    CAPTURE(kills);
    CHECK(partial_kills >= 5);
    const tool_answer last = run_tool(command);
    CHECK(support::json(servers().source, last, "$.tables[0].rows") == "0");
    CHECK(support::json(servers().source, last, "$.tables[0].resumed_rows") == std::to_string(rows));
    CHECK(servers().difference().empty());
}

} // namespace

TEST_CASE("the tool, killed at random moments until it is done, leaves each row once") { survives_kills({}); }
TEST_CASE("the tool, killed at random moments while three jobs copy at once") { survives_kills({"--jobs", "3"}); }
TEST_CASE("the tool, killed at random moments, by loads") { survives_kills({"--write-way", "load-data"}); }
TEST_CASE("the tool, killed at random moments, by inserts of many rows") {
    survives_kills({"--write-way", "multi-row"});
}
TEST_CASE("the tool, killed at random moments, by upsert") { survives_kills({"--write-mode", "upsert"}); }
TEST_CASE("the tool, killed at random moments, in an incremental copy") {
    survives_kills({"--mode", "incremental", "--incremental-column", "EntryDateTime", "--write-mode", "insert"});
}
