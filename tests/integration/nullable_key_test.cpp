// SPDX-License-Identifier: BSL-1.0
// Tables whose only key may be NULL, between two real servers: pages by the key, then the rows with a NULL in it, while
// connections are killed and COMMITs are cut.
#include "catch.hpp"
#include "commit_proxy.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using support::commit_cut;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
constexpr rf::exponential_backoff patiently{.max_attempts = 20, .initial_delay = 5ms, .max_delay = 50ms};

/// `t` on both sides, with the unique key (a, b): each ninth row is NULL in one of them or both, and there several times.
void fill(std::uint64_t rows) {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (a INT, b VARCHAR(20), c VARCHAR(200), UNIQUE KEY ab (a, b), KEY (c))"
                        " CHARACTER SET utf8mb4",
                        "shop");
    }
    servers().source.execute(
        "INSERT INTO t SELECT IF(seq % 18 = 0, NULL, seq DIV 10), IF(seq % 27 = 0, NULL,"
        " CONCAT('b', seq)), IF(seq % 9 = 0, 'same', seq) FROM seq_1_to_" +
            std::to_string(rows) +
            "; INSERT INTO t VALUES (NULL, 'x', 'twice'), (NULL, 'x', 'twice'), (1, NULL, 'twice'),"
            " (1, NULL, 'twice')",
        "shop");
}
/// Both tables as lists in one order, in which equal rows count.
bool same_rows() {
    const std::string rows = "SELECT a, b, c FROM t ORDER BY a, b, c";
    return servers().source.query(rows, "shop") == servers().target.query(rows, "shop");
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

/// Kills the connections of both sides in turn, after pages, and in the midst of the last part.
struct killer {
    int pages = 0;
    void on(const rf::page_read&) {
        if (++pages % 3 == 0) support::kill_connections(pages % 2 == 0 ? servers().source : servers().target);
    }
};

} // namespace

TEST_CASE("a key that may be NULL copies exactly, while connections are killed, and again copies nothing") {
    fill(500);
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    killer kills;
    const rf::pipeline ferry{patiently, rf::fixed_batch{.rows = 40}};
    // Each pass of the last part has fewer slices than three, so that one of them is not cut.
    const rf::report done = ferry.copy(source, target, "t", kills);
    INFO(why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 504);
    CHECK(done.retries() > 0);
    CHECK(same_rows());
    const rf::report again = ferry.copy(source, target, "t");
    CHECK(again.complete());
    CHECK(again.rows == 0);
    servers().source.execute("INSERT INTO t VALUES (1000, 'new', 'new')", "shop");
    CHECK(ferry.copy(source, target, "t").rows == 1);
    CHECK(same_rows());
}

TEST_CASE("a key that may be NULL: the COMMIT of any part is cut") {
    fill(100);
    support::commit_proxy proxy(servers().target.port());
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : {commit_cut::before_forwarding, commit_cut::before_reply, commit_cut::after_reply,
                                 commit_cut::forwarded_late}) {
        for (const unsigned n : {1U, 2U, 3U, 4U}) {
            servers().target.execute("DELETE FROM t; DROP TABLE IF EXISTS rowferry_checkpoint", "shop");
            proxy.cut(how, n);
            rf::mysql::connector target("mysql://" + support::private_server::user() + ":" +
                                        servers().target.password() + "@127.0.0.1:" + std::to_string(proxy.port()) +
                                        "/shop?ssl-mode=disabled&server-public-key=ask");
            const rf::report done = rf::pipeline{patiently, rf::fixed_batch{.rows = 40}}.copy(source, target, "t");
            CAPTURE(static_cast<int>(how), n, why(done));
            REQUIRE(done.complete());
            CHECK(proxy.cuts() == 1);
            CHECK(done.rows == 104);
            CHECK(same_rows());
        }
    }
}

TEST_CASE("a key that may be NULL finds its pages, and sorts nothing") {
    fill(500);
    auto c = rf::mysql::connector(servers().source_uri()).connect().value();
    const rf::table_schema table = c.describe("t").value().value();
    REQUIRE(table.keys.empty());
    REQUIRE(table.nullable_keys.size() == 1);
    rf::page_request page;
    page.table = &table;
    page.columns = table.stored_columns();
    page.order = table.nullable_keys.front().parts;
    page.index = "ab";
    page.nullable = {0, 1};
    page.max_rows = 3;
    for (const bool is_first : {true, false}) {
        if (!is_first) page.after = rf::page_bound{{"20", "b203"}, false};
        std::string statement = servers().source.is_mysql() ? "EXPLAIN FORMAT=TRADITIONAL " : "EXPLAIN ";
        rf::sql::append_page(statement, c.info().dialect, page);
        const rf::row_batch plan = c.query(statement).value();
        const std::string extra(plan.at(0, plan.columns() - 1).bytes());
        CHECK_THAT(extra, !ContainsSubstring("filesort"));
        CHECK(plan.at(0, servers().source.is_mysql() ? 4 : 3).bytes() == "range");
    }
}
