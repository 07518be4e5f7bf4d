// SPDX-License-Identifier: BSL-1.0
// A statement that outlasts the client's read timeout: never more than one of it runs, and nothing ends what still flows.
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
    CHECK(running(s.source, "SLEEP(3)") <= 1); // the last one, which no connection came after
    support::kill_connections(s.source);
    CHECK(support::eventually([&] { return running(s.source, "SLEEP(3)") == 0; }));
}

TEST_CASE("a lost connection's statement is killed by the connection that takes its place, and no other",
          "[left_statement]") {
    auto& s = servers();
    s.fill(1);
    rf::mysql::connector connector(with_timeout(s.target_uri()));
    rf::mysql::connector bystander(s.target_uri());
    auto other = bystander.connect().value();
    auto manager = rf::make_connection_manager(
        connector, rf::exponential_backoff{.max_attempts = 2, .initial_delay = std::chrono::milliseconds(1)});
    std::string first;
    const auto done = manager.run("sleep", [&](rf::mysql::connection& c, unsigned attempt) -> rf::result<void> {
        if (attempt > 1) return c.ping();
        first = std::to_string(c.info().connection_id);
        // Inserts only if it slept to its end: interrupted, SLEEP is 1.
        auto slept = c.execute("INSERT INTO procnote (ProcNoteNum, PatNum) SELECT 77, 1 FROM DUAL WHERE SLEEP(20) = 0");
        return slept ? rf::result<void>() : slept.error();
    });
    CHECK(done);
    CHECK(support::eventually([&] { return running(s.target, "SLEEP(20)") == 0; }));
    CHECK(other.ping());
    CHECK(s.target.value("SELECT COUNT(*) FROM procnote", "shop") == "0");
}

TEST_CASE(
    "small statements have the limit of the client's read timeout, and those that flow or send many bytes have none",
    "[left_statement]") {
    auto& s = servers();
    s.fill(20);
    for (const auto* server : {&s.source, &s.target}) {
        const std::string limit = server->is_mysql() ? "max_execution_time" : "max_statement_time";
        const std::string ask = "SELECT CAST(@@SESSION." + limit + " AS CHAR)";
        const auto to = rf::mysql::parse_uri(with_timeout(server->uri("shop"))).value();
        rf::mysql::detail::client fresh;
        rf::mysql::detail::connect_client(fresh, to).value();
        rf::mysql::detail::open_session(fresh, to).value();
        CHECK(std::stod(fresh.query_value("ask", ask).value().value()) == (server->is_mysql() ? 1000 : 1));

        auto c = rf::mysql::connector(with_timeout(server->uri("shop"))).connect().value();
        const auto table = c.describe("procnote").value().value();
        rf::page_request page;
        page.table = &table;
        page.columns = {0};
        rf::row_batch rows;
        CHECK(c.read(page, rows));
        const auto after_page = c.query(ask).value();
        CHECK(std::stod(std::string(after_page.at(0, 0).bytes())) == 0);
    }
}

TEST_CASE("a page that flows for longer than the read timeout arrives whole", "[left_statement]") {
    auto& s = servers();
    s.source.execute("DROP TABLE IF EXISTS wide; CREATE TABLE wide (id INT PRIMARY KEY, text LONGTEXT)", "shop");
    for (int id = 1; id <= 5; ++id) {
        s.source.execute("INSERT INTO wide VALUES (" + std::to_string(id) + ", REPEAT('x', 100000))", "shop");
    }
    auto c = rf::mysql::connector(with_timeout(s.source_uri())).connect().value();
    const auto table = c.describe("wide").value().value();
    rf::page_request page;
    page.table = &table;
    page.columns = {0, 1};
    page.filter = "SLEEP(0.6) = 0"; // each row takes less than the limit, and all of them three times as long
    rf::row_batch rows;
    const auto read = c.read(page, rows);
    INFO((read ? "" : rf::to_string(read.error())));
    CHECK(read);
    CHECK(rows.rows() == 5);
}
