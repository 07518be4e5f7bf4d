// SPDX-License-Identifier: BSL-1.0
// A statement that outlasts the client's read timeout: bounded on the server, and never more than one of it.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::tool_answer;
using support::tool_run;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
std::string with_timeout(const std::string& uri) {
    return uri + (uri.find('?') == uri.npos ? "?" : "&") + "read-timeout=1";
}
/// How many statements of the copying user run on the server whose text has that part.
std::uint64_t running(const support::private_server& server, const std::string& part) {
    return std::stoull(
        server.value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'ferry' AND INFO LIKE '%" +
                     part + "%' AND COMMAND <> 'Sleep'"));
}

} // namespace

TEST_CASE(
    "a page that takes longer than the read timeout: one statement at a time on the source, and the limit is named",
    "[left_statement]") {
    auto& s = servers();
    s.fill(20);
    tool_run run({"copy", "--source", with_timeout(s.source_uri()), "--target", s.target_uri(), "--table", "procnote",
                  "--where", "SLEEP(3) = 0", "--max-retries", "3", "--retry-delay", "0.1", "--json", "--progress",
                  "never"});
    std::uint64_t most = 0;
    while (run.running()) {
        most = std::max(most, running(s.source, "SLEEP(3)"));
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    const tool_answer answer = run.wait();
    INFO(answer.out << answer.err);
    CHECK((answer.exit_code == 2 || answer.exit_code == 4 || answer.exit_code == 1));
    CHECK(most <= 1);
    CHECK_THAT(answer.err, ContainsSubstring("time limit of 1 s") && ContainsSubstring("read-timeout"));
    CHECK(support::eventually([&] { return running(s.source, "SLEEP(3)") == 0; }));
}

TEST_CASE("a lost connection's statement is killed by the connection that takes its place, and no other",
          "[left_statement]") {
    auto& s = servers();
    s.fill(1);
    rf::mysql::connector connector(with_timeout(s.target_uri()));
    rf::mysql::connector bystander(s.target_uri());
    auto other = bystander.connect().value();
    // The server does not limit this one: the copying session has lifted its limit.
    auto manager = rf::make_connection_manager(
        connector, rf::exponential_backoff{.max_attempts = 2, .initial_delay = std::chrono::milliseconds(1)});
    std::string first;
    const auto done = manager.run("sleep", [&](rf::mysql::connection& c, unsigned attempt) -> rf::result<void> {
        if (attempt > 1) return c.ping();
        first = std::to_string(c.info().connection_id);
        const char* lifted =
            s.target.is_mysql() ? "SET SESSION max_execution_time = 0" : "SET SESSION max_statement_time = 0";
        if (auto r = c.execute(lifted); !r) return r.error();
        auto slept = c.execute("INSERT INTO procnote (ProcNoteNum, PatNum) SELECT 77, SLEEP(20)");
        return slept ? rf::result<void>() : slept.error();
    });
    CHECK(done);
    CHECK(support::eventually([&] { return running(s.target, "SLEEP(20)") == 0; }));
    CHECK(other.ping());
    CHECK(s.target.value("SELECT COUNT(*) FROM procnote", "shop") == "0");
}

TEST_CASE("each session has the limit of its client's read timeout, and a stream has none", "[left_statement]") {
    auto& s = servers();
    s.fill(1);
    for (const auto* server : {&s.source, &s.target}) {
        auto c = rf::mysql::connector(with_timeout(server->uri("shop"))).connect().value();
        const std::string variable = server->is_mysql() ? "max_execution_time" : "max_statement_time";
        auto limit = [&] {
            const auto rows = c.query("SELECT CAST(@@SESSION." + variable + " AS DOUBLE)").value();
            return std::stod(std::string(rows.at(0, 0).bytes()));
        };
        CHECK(limit() == (server->is_mysql() ? 1000 : 1));
        const auto table = c.describe("procnote").value().value();
        rf::page_request all;
        all.table = &table;
        all.columns = {0};
        rf::row_batch slice;
        CHECK(c.stream(all, slice, [](const rf::row_batch&) { return true; }));
        CHECK(limit() == 0);
    }
}
