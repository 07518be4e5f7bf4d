// SPDX-License-Identifier: BSL-1.0
// Tables without a key between two real servers: one streamed pass, while connections are killed on both sides and COMMITs
// are cut; and the tool's --keyless.
#include "catch.hpp"
#include "commit_proxy.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using support::commit_cut;
using support::run_tool;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
constexpr rf::exponential_backoff patiently{.max_attempts = 20, .initial_delay = 5ms, .max_delay = 50ms};

/// `heap` on both sides: rows that are there twice and more, NULLs in each column, and some rows of 300 kB.
void fill(std::uint64_t rows, bool with_big_rows = false) {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE heap (a INT, b VARCHAR(200), c MEDIUMBLOB, KEY (a)) CHARACTER SET utf8mb4",
                        "shop");
    }
    servers().source.execute("INSERT INTO heap SELECT IF(seq % 11 = 0, NULL, seq % 1000), IF(seq % 7 = 0, NULL,"
                             " REPEAT('same', 40)), " +
                                 std::string(with_big_rows ? "IF(seq % 500 = 0, REPEAT('x', 300000), 'y')"
                                                           : "IF(seq % 3 = 0, NULL, X'00FF27')") +
                                 " FROM seq_1_to_" + std::to_string(rows),
                             "shop");
}
/// Both tables as unordered lists, in which equal rows count, compared by the servers' own means.
bool same_rows() {
    const std::string sum = "SELECT COUNT(*), SUM(CRC32(CONCAT_WS('|', IFNULL(a, 'null'), IFNULL(b, 'null'),"
                            " IFNULL(SHA2(c, 256), 'null')))), SUM(a), COUNT(b) FROM heap";
    if (servers().source.query(sum, "shop") != servers().target.query(sum, "shop")) return false;
    // CHECKSUM TABLE is each product's own.
    if (servers().source.is_mysql() != servers().target.is_mysql()) return true;
    return servers().source.query("CHECKSUM TABLE heap EXTENDED", "shop").front()[1] ==
           servers().target.query("CHECKSUM TABLE heap EXTENDED", "shop").front()[1];
}
const rf::copy_request request{.table = "heap", .keyless = true};

/// Kills the connection of one side after so many slices, and then the one that replaces it: what is in the sockets by then
/// still arrives.
struct killer {
    const support::private_server& victim;
    std::vector<int> after;
    int slices = 0;
    std::vector<std::string> killed{};
    void on(const rf::page_read&) {
        if (killed.size() == after.size() || ++slices < after[killed.size()]) return;
        const auto ids = victim.connections_of("ferry");
        if (ids.empty() || (!killed.empty() && ids.back() == killed.back())) return;
        support::kill_connections(victim);
        killed.push_back(ids.back());
        slices = 0;
    }
};

template <class Pipeline, class... Extras>
rf::report copy(const Pipeline& ferry, Extras&... extras) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return ferry.copy(source, target, request, extras...);
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

std::vector<std::string> command(std::vector<std::string> more) {
    std::vector<std::string> all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

} // namespace

TEST_CASE("equal rows, NULLs and large rows of a table without a key arrive as often as they are there") {
    fill(3000, true);
    const rf::report done = copy(rf::pipeline{rf::fixed_batch{.rows = 500, .bytes = 1U << 20U}});
    INFO(why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 3000);
    CHECK(done.batches == 1);
    CHECK(same_rows());
    const rf::report again = copy(rf::pipeline{});
    CHECK(again.complete());
    CHECK(again.rows == 0);
    CHECK(again.resumed_rows == 3000);
    CHECK(same_rows());
}

TEST_CASE("a source that is silent for long, as under a filter that few rows meet, does not let the target's "
          "transaction end") {
    const bool is_mariadb = servers().target.value("SELECT VERSION()").find("MariaDB") != std::string::npos;
    if (!is_mariadb) return; // MySQL ends idle sessions only, after what the recipe tells it
    fill(1);
    servers().source.execute("TRUNCATE TABLE heap", "shop");
    // Rows that fill the server's buffer, so that each is sent before the pause.
    servers().source.execute("INSERT INTO heap SELECT seq, 'row', REPEAT('x', 300000) FROM seq_1_to_4", "shop");
    servers().target.execute("SET GLOBAL idle_write_transaction_timeout = 1");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::report done = rf::pipeline{patiently, rf::fixed_batch{.rows = 1}}.copy(
        source, target, rf::copy_request{.table = "heap", .where = "SLEEP(IF(a = 3, 3, 0)) = 0", .keyless = true});
    servers().target.execute("SET GLOBAL idle_write_transaction_timeout = 0");
    INFO(why(done));
    CHECK(done.complete());
    CHECK(done.target.retry_count() == 0);
    CHECK(same_rows());
}

TEST_CASE("connections that are killed during the stream, on either side and several times, change nothing") {
    for (const bool on_target : {false, true}) {
        fill(40'000, true); // more than the sockets hold
        killer kills{on_target ? servers().target : servers().source, {2, 3, 30, 1}};
        const rf::report done = copy(rf::pipeline{patiently, rf::fixed_batch{.rows = 100}}, kills);
        CAPTURE(on_target, why(done));
        REQUIRE(done.complete());
        CHECK(kills.killed.size() == 4);
        CHECK((on_target ? done.target : done.source).retry_count() >= 4);
        CHECK(done.rows == 40'000);
        CHECK(same_rows());
        // No server goes on sending rows that nobody reads.
        CHECK(support::eventually([] { return servers().source.connections_of("ferry").empty(); }));
    }
}

TEST_CASE("a COMMIT of a streamed pass that is cut leaves each row once") {
    support::commit_proxy proxy(servers().target.port());
    for (const commit_cut how : {commit_cut::before_forwarding, commit_cut::before_reply, commit_cut::after_reply,
                                 commit_cut::forwarded_late}) {
        fill(2000);
        proxy.cut(how, 1);
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target("mysql://" + support::private_server::user() + ":" + servers().target.password() +
                                    "@127.0.0.1:" + std::to_string(proxy.port()) +
                                    "/shop?ssl-mode=disabled&server-public-key=ask");
        const rf::report done = rf::pipeline{patiently, rf::fixed_batch{.rows = 300}}.copy(source, target, request);
        CAPTURE(static_cast<int>(how), why(done));
        REQUIRE(done.complete());
        CHECK(proxy.cuts() == 1);
        CHECK(done.rows == 2000);
        CHECK(same_rows());
    }
}

TEST_CASE("a stream that is left early ends at once, and the server has no thread of it any more") {
    fill(200'000);
    struct after_one {
        int slices = 0;
        void on(const rf::page_read&) { ++slices; }
        [[nodiscard]] bool stop_requested() const { return slices > 0; }
    } stop;
    const rf::report done = copy(rf::pipeline{rf::fixed_batch{.rows = 10}}, stop);
    CHECK(done.outcome == rf::outcome::interrupted);
    CHECK(stop.slices == 1);
    CHECK(servers().copied("heap") == 0);
    CHECK(support::eventually([] { return servers().source.connections_of("ferry").empty(); }));
    CHECK(copy(rf::pipeline{}).complete());
    CHECK(same_rows());
}

TEST_CASE("one snapshot of a table without a key is of its moment, and outlives a lost target") {
    fill(5000);
    struct writer {
        killer kills{servers().target, {3, 5}};
        bool wrote = false;
        void on(const rf::page_read& event) {
            if (!wrote) servers().source.execute("INSERT INTO heap VALUES (-1, 'late', NULL)", "shop");
            wrote = true;
            kills.on(event);
        }
    } others;
    const rf::report done = copy(rf::pipeline{patiently, rf::fixed_batch{.rows = 200}, rf::one_snapshot{}}, others);
    INFO(why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 5000);
    CHECK(done.started_over == 0);
    CHECK(servers().copied("heap") == 5000);
    servers().source.execute("DELETE FROM heap WHERE a = -1", "shop");
    CHECK(same_rows());
}

TEST_CASE("the tool copies a table without a key with --keyless only, and names the option") {
    fill(500);
    const auto refused = run_tool(command({"--table", "heap"}));
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("no key that can order pages") &&
                                ContainsSubstring("; use --keyless to copy it in one transaction"));
    CHECK_THAT(run_tool(command({"--table", "heap", "--keyless", "--write-mode", "upsert"})).err,
               ContainsSubstring("choose --write-mode insert"));
    CHECK_THAT(run_tool(command({"--table", "heap", "--keyless", "--dry-run"})).out,
               ContainsSubstring("no key: all rows in one pass and one transaction"));
    CHECK(servers().copied("heap") == 0);
    const auto done = run_tool(command({"--table", "heap", "--keyless", "--json"}));
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    CHECK(support::json(servers().source, done, "$.tables[0].rows") == "500");
    CHECK(same_rows());
}

TEST_CASE("the tool copies all tables, one of them without a key, by --all-tables --keyless") {
    fill(500);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE a (id INT PRIMARY KEY)", "shop");
    }
    servers().source.execute("INSERT INTO a SELECT seq FROM seq_1_to_50", "shop");
    CHECK(run_tool(command({"--all-tables"})).exit_code == 2);
    CHECK(servers().copied("a") == 0);
    const auto done = run_tool(command({"--all-tables", "--keyless", "--consistent"}));
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    CHECK(servers().copied("a") == 50);
    CHECK(same_rows());
}
