// SPDX-License-Identifier: BSL-1.0
// Every table of the suite arrives unchanged: as a whole, in pieces of three rows while connections are killed, inside one
// server, and over rows that are there already.
#include "fingerprint.hpp"
#include "fixture.hpp"
#include "worlds.hpp"

#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using fidelity::both_servers;
using fidelity::fingerprint;
using fidelity::fixture;
using support::tool_answer;

namespace {

using prints = std::map<std::string, fidelity::table_print>;

// Runs the statements of each table that both servers take; throws all that went wrong.
template <class... Statements>
void run_all(const support::private_server& server, const std::string& database, Statements... statements) {
    std::string trouble;
    for (const fixture& f : fidelity::all_fixtures()) {
        if (!both_servers::get().take(f)) continue;
        try {
            for (const std::string& sql : {f.*statements...}) {
                if (!sql.empty()) server.execute(fidelity::fixture_session + sql, database);
            }
        } catch (const std::runtime_error& e) {
            trouble += "\ntable " + f.name + ": " + e.what();
        }
    }
    if (!trouble.empty()) throw std::runtime_error(trouble);
}

// The source's database, filled once, beside what is no table and is passed over; and what the checker saw in it.
const prints& source() {
    static const prints seen = [] {
        const both_servers& both = both_servers::get();
        both.source->create_database("fidelity");
        run_all(*both.source, "fidelity", &fixture::create, &fixture::fill);
        both.source->execute("CREATE VIEW `a view` AS SELECT * FROM integers", "fidelity");
        return fingerprint(*both.source, "fidelity");
    }();
    return seen;
}

// A database with the same tables, all empty.
void make_target(const support::private_server& server, const std::string& database) {
    server.create_database(database);
    run_all(server, database, &fixture::create);
}

std::vector<std::string> copy_all(const support::private_server& target, const std::string& database,
                                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"copy",
                                       "--source",
                                       both_servers::get().source->uri("fidelity"),
                                       "--target",
                                       target.uri(database),
                                       "--all-tables",
                                       "--json",
                                       "--log",
                                       "off",
                                       "--accept-triggers"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

// Each table of the source is in the target and equal to it; the definitions are what they were.
void check_equal(const prints& before, const prints& after, bool stored_bytes) {
    REQUIRE(after.size() == source().size());
    std::set<std::string> own_bytes;
    for (const fixture& f : fidelity::all_fixtures()) {
        if (f.own_bytes) own_bytes.insert(f.name);
    }
    for (const auto& [name, print] : source()) {
        INFO("table " << name);
        REQUIRE(after.count(name) == 1);
        CHECK(difference(print, after.at(name), stored_bytes && own_bytes.count(name) == 0) == "");
        CHECK(before.at(name).definition == after.at(name).definition);
    }
}

std::string total(const tool_answer& answer, const std::string& name) {
    return support::json(*both_servers::get().source, answer, "$.totals." + name);
}

} // namespace

TEST_CASE("the suite is as large as it says, and its tables hold what they say", "[fidelity]") {
    std::set<std::string> names;
    std::size_t tables = 0;
    for (const fixture& f : fidelity::all_fixtures()) {
        if (!both_servers::get().take(f)) continue;
        ++tables;
        INFO(f.name);
        CHECK(names.insert(f.name).second);
        REQUIRE(source().count(f.name) == 1);
        CHECK(source().at(f.name).rows.size() == f.rows);
    }
    CHECK(tables >= 80);
}

TEST_CASE("docs/fidelity.md has a row for the subject of each table", "[fidelity]") {
    const auto here = std::filesystem::path(__FILE__).parent_path();
    std::ifstream document(here / "../../../docs/fidelity.md");
    std::set<std::string> subjects;
    for (std::string line; std::getline(document, line);) {
        if (line.starts_with("| ")) subjects.insert(line.substr(2, line.find(" |", 2) - 2));
    }
    for (const fixture& f : fidelity::all_fixtures()) {
        INFO(f.name << ": " << f.subject);
        CHECK(subjects.count(std::string(f.subject)) == 1);
    }
}

TEST_CASE("triggers on the target are refused before anything is changed", "[fidelity]") {
    const both_servers& both = both_servers::get();
    source();
    make_target(*both.target, "refused");
    auto arguments = copy_all(*both.target, "refused");
    arguments.erase(std::find(arguments.begin(), arguments.end(), "--accept-triggers"));
    const tool_answer answer = support::run_tool(arguments);
    CHECK(answer.exit_code == 2);
    CHECK_THAT(answer.err, ContainsSubstring("watched") && ContainsSubstring("on watched"));
    for (const auto& [name, print] : fingerprint(*both.target, "refused")) {
        INFO(name);
        CHECK(print.rows.empty());
    }
}

TEST_CASE("all tables as a whole, in each way to write, then again over themselves in every other write mode",
          "[fidelity]") {
    const both_servers& both = both_servers::get();
    source();
    // Two products spell expressions in two ways, so that upsert and replace do not know a unique index over one again.
    const auto modes = both.of_one_product() ? std::vector<std::string>{"insert", "upsert", "replace", "skip-existing"}
                                             : std::vector<std::string>{"insert", "skip-existing"};
    for (const rowferry::write_way way : support::ways_to(*both.target)) {
        make_target(*both.target, "whole");
        const prints before = fingerprint(*both.target, "whole");
        for (const std::string& mode : modes) {
            if (mode == "upsert" && way == rowferry::write_way::load_data) continue;
            CAPTURE(mode, name(way));
            std::vector<std::string> options{"--write-mode", mode, "--write-way", std::string(name(way))};
            if (mode != "insert") options.emplace_back("--no-resume");
            const tool_answer answer = support::run_tool(copy_all(*both.target, "whole", options));
            INFO(answer.err);
            REQUIRE(answer.exit_code == 0);
            CHECK(support::json(*both.source, answer, "$.tables[0].write_way") == name(way));
            check_equal(before, fingerprint(*both.target, "whole"), both.of_one_product());
        }
    }
}

namespace {

void copy_in_pieces(rowferry::write_way way, const char* jobs) {
    const both_servers& both = both_servers::get();
    source();
    make_target(*both.target, "pieces");
    const prints before = fingerprint(*both.target, "pieces");
    support::tool_run run(copy_all(*both.target, "pieces",
                                   {"--batch-rows", "3", "--retry-delay", "0.01", "--max-retries", "1000", "--jobs",
                                    jobs, "--write-way", std::string(name(way))}));
    // Between two kills something is committed, so that no batch is hit twice in a row and taken for too large.
    std::size_t killed = 0;
    std::string seen;
    for (unsigned round = 0; run.running(); ++round) {
        std::string now;
        try {
            now = both.target->value("SELECT CONCAT(COUNT(*), ' ', SUM(batches)) FROM rowferry_checkpoint", "pieces");
        } catch (const std::runtime_error&) { // before the first table's claim
        }
        if (now == seen) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
        }
        seen = now;
        std::this_thread::sleep_for(std::chrono::microseconds(round * 7919 % 9000)); // at another point each time
        if (round % 3 != 0) killed += support::kill_connections(*both.target).size();
        if (round % 3 != 1) killed += support::kill_connections(*both.source).size();
    }
    const tool_answer answer = run.wait();
    INFO(answer.err << answer.out.substr(0, 2000));
    REQUIRE(answer.exit_code == 0);
    CHECK(killed > 20);
    CHECK(std::stoull(total(answer, "retries")) > 20);
    check_equal(before, fingerprint(*both.target, "pieces"), both.of_one_product());
}

} // namespace

TEST_CASE("all tables in pieces of three rows, while connections of both sides are killed", "[fidelity]") {
    copy_in_pieces(rowferry::write_way::automatic, "1");
}
TEST_CASE("the same by four jobs, in each way to write", "[fidelity]") {
    for (const rowferry::write_way way : support::ways_to(*both_servers::get().target)) {
        CAPTURE(name(way));
        copy_in_pieces(way, "4");
    }
}

TEST_CASE("all tables inside one server", "[fidelity]") {
    const both_servers& both = both_servers::get();
    source();
    make_target(*both.source, "beside");
    const prints before = fingerprint(*both.source, "beside");
    for (const char* mode : {"insert", "upsert", "replace"}) {
        INFO(mode);
        std::vector<std::string> options{"--write-mode", mode, "--batch-rows", "50"};
        if (std::string(mode) != "insert") options.emplace_back("--no-resume");
        const tool_answer answer = support::run_tool(copy_all(*both.source, "beside", options));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(support::json(*both.source, answer, "$.tables[0].route") == "server-side");
        check_equal(before, fingerprint(*both.source, "beside"), true);
    }
}
