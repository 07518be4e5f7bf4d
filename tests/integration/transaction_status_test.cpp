// SPDX-License-Identifier: BSL-1.0
// What servers say of transactions with each answer, in every way to write; and proxies that send another statement than
// COMMIT, START TRANSACTION or ROLLBACK, and hand on the server's answer to it.
#include "catch.hpp"
#include "client_helpers.hpp"
#include "commit_proxy.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <rowferry/verify.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using support::rows_of;
using support::two_servers;
using support::writing;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
/// A proxy before the target, that forwards all at first.
support::commit_proxy& proxy() {
    static support::commit_proxy one(servers().target.port());
    one.forward_all();
    return one;
}
rf::mysql::connector proxied() {
    return rf::mysql::connector("mysql://" + support::private_server::user() + ":" + servers().target.password() +
                                "@127.0.0.1:" + std::to_string(proxy().port()) +
                                "/shop?ssl-mode=disabled&server-public-key=ask");
}
constexpr rf::exponential_backoff patiently{.max_attempts = 4, .initial_delay = 5ms, .max_delay = 50ms};

template <class... Policies>
rf::report copy(rf::mysql::connector& target, rf::copy_request request, Policies... policies) {
    rf::mysql::connector source(servers().source_uri());
    return rf::pipeline{rf::fixed_batch{.rows = 10}, patiently, policies...}.copy(source, target, request);
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
bool blames_the_server(const std::optional<rf::error>& e) {
    return e && e->cause == rf::cause::senseless_answer && e->offers(rf::remedy::check_proxy);
}

} // namespace

TEST_CASE("every way to write, a checkpoint and a page inside the server notice a transaction that ended", "[client]") {
    servers().fill(3);
    servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY);"
                             "INSERT INTO u VALUES (7), (8)",
                             "shop");
    auto c = rf::mysql::connector(servers().target_uri()).connect().value();
    const rf::table_schema t = support::schema_of(c, "t");
    const rf::table_schema u = support::schema_of(c, "u");
    auto notices = [](const auto& answer) {
        return !answer.has_value() && answer.error().cause == rf::cause::senseless_answer;
    };
    int id = 0;
    for (const rf::write_way way : support::ways_to(servers().target)) {
        CAPTURE(rf::name(way));
        rf::write_request request = writing(t);
        request.way = way;
        request.way = c.choose_write_way(request, false).value();
        REQUIRE(request.way == way);
        auto write = [&] { return c.write(request, rows_of(1, {std::to_string(++id)})); };
        c.begin().value();
        CHECK(write().has_value());
        CHECK(write().has_value());
        c.commit().value();
        // Outside a transaction it commits by itself, and a status that says so is right.
        CHECK(write().has_value());
        // A statement that commits: what comes next would, too.
        c.begin().value();
        CHECK(write().has_value());
        c.execute("CREATE TABLE IF NOT EXISTS u (id INT PRIMARY KEY)").value();
        CHECK(notices(write()));
        c.rollback().value();
        // An error carries no status, and the transaction is open after it.
        c.begin().value();
        CHECK_FALSE(c.write(request, rows_of(1, {"1"})).has_value());
        CHECK(write().has_value());
        c.rollback().value();
    }
    rf::page_request page;
    page.table = &u;
    page.columns = {0};
    page.order = {{0, 0, false}};
    c.begin().value();
    c.execute("COMMIT").value();
    CHECK(notices(c.copy_page("shop", page, writing(t))));
    rf::checkpoint entry;
    entry.job = rf::job_id("job");
    entry.run = rf::job_id("run");
    entry.target_table = "t";
    c.rollback().value();
    c.claim_checkpoint(entry, {}).value();
    c.begin().value();
    c.execute("COMMIT").value();
    entry.batches = 1;
    CHECK(notices(c.save_checkpoint(entry)));
    c.rollback().value();
    CHECK(c.load_checkpoint(entry.job, rf::checkpoint_read::settled).value()->batches == 0);
}

TEST_CASE("a session whose autocommit was turned off is not the one that was set up", "[client]") {
    servers().fill(3);
    auto c = rf::mysql::connector(servers().target_uri()).connect().value();
    c.execute("SET autocommit = 0").value();
    const auto begun = c.begin();
    REQUIRE_FALSE(begun.has_value());
    CHECK(begun.error().cause == rf::cause::another_server);
    CHECK(begun.error().fault == rf::fault::connection_lost); // a fresh one sets its session up
    rf::checkpoint entry;
    entry.job = rf::job_id("job");
    entry.run = rf::job_id("run");
    const auto claimed = c.claim_checkpoint(entry, {});
    REQUIRE_FALSE(claimed.has_value());
    CHECK(claimed.error().cause == rf::cause::another_server);
}

TEST_CASE("what completion_type and session trackers add to an answer changes nothing", "[client]") {
    servers().fill(35);
    servers().target.execute(servers().target.is_mysql()
                                 ? "SET GLOBAL session_track_transaction_info = 'CHARACTERISTICS',"
                                   " GLOBAL session_track_state_change = 1"
                                 : "SET GLOBAL session_track_transaction_info = 'CHARACTERISTICS',"
                                   " GLOBAL session_track_state_change = 1,"
                                   " GLOBAL session_track_system_variables = '*'");
    servers().target.execute("SET GLOBAL completion_type = 'CHAIN'");
    for (const rf::write_way way : support::ways_to(servers().target)) {
        servers().fill(35);
        rf::mysql::connector target(servers().target_uri());
        const rf::report report = copy(target, {.table = "procnote", .way = way});
        CAPTURE(rf::name(way), why(report));
        CHECK(report.complete());
        CHECK(report.retries() == 0);
        CHECK(servers().difference().empty());
    }
    servers().target.execute(
        "SET GLOBAL completion_type = DEFAULT, GLOBAL session_track_transaction_info = DEFAULT,"
        " GLOBAL session_track_state_change = DEFAULT, GLOBAL session_track_system_variables = DEFAULT");
}

TEST_CASE("a COMMIT that the server never got, or answered with rows, is asked for and done again") {
    for (const char* instead : {"DO 0", "SELECT 1", "SELECT 1 FROM DUAL WHERE 0"}) {
        for (const unsigned n : {1U, 4U}) { // the fourth carries the last page
            servers().fill(35);
            auto target = proxied();
            proxy().replace("COMMIT", instead, n);
            const rf::report report = copy(target, {.table = "procnote"});
            CAPTURE(instead, n, why(report));
            CHECK(report.complete());
            CHECK(report.target.retry_count(rf::fault::connection_lost) == 1);
            CHECK(servers().difference().empty());
        }
    }
}

TEST_CASE("COMMITs that are never done end by the attempts, with an empty target") {
    for (const char* instead : {"DO 0", "SELECT 1"}) {
        servers().fill(35);
        auto target = proxied();
        proxy().replace("COMMIT", instead, 1, 1000);
        const rf::report report = copy(target, {.table = "procnote"});
        CAPTURE(instead, why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK(blames_the_server(report.failure));
        CHECK(report.failure->attempt == 4);
        CHECK(servers().copied() == 0);
    }
}

TEST_CASE("a START TRANSACTION that the server never got stops the copy before the first row") {
    for (const char* instead : {"DO 0", "SELECT 1", "COMMIT"}) {
        for (const unsigned n : {1U, 3U}) {
            servers().fill(35);
            auto target = proxied();
            proxy().replace("START TRANSACTION", instead, n, 1000);
            const rf::report report = copy(target, {.table = "procnote"});
            CAPTURE(instead, n, why(report));
            CHECK_FALSE(report.complete());
            CHECK(report.failure->cause == rf::cause::senseless_answer);
            CHECK(servers().copied() == (n - 1) * 10);
            // It goes on without the proxy.
            rf::mysql::connector direct(servers().target_uri());
            const rf::report rest = copy(direct, {.table = "procnote"});
            CHECK(rest.complete());
            CHECK(servers().difference().empty());
        }
    }
}

TEST_CASE("a repair by a proxy that swallows COMMITs fails, and one that swallows the first is done again") {
    for (const unsigned count : {1U, 1000U}) {
        servers().fill(35);
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector direct(servers().target_uri());
        REQUIRE(copy(direct, {.table = "procnote"}).complete());
        servers().target.execute("DELETE FROM procnote WHERE ProcNoteNum = 6", "shop");
        auto target = proxied();
        proxy().replace("COMMIT", "DO 0", 1, count);
        const rf::verification found =
            rf::verifier{patiently}.verify(source, target, rf::verify_request{.table = "procnote", .repair = true});
        CAPTURE(count, found.failure ? rf::to_string(*found.failure) : std::string());
        CHECK(found.failure.has_value() == (count > 1));
        if (count > 1) CHECK(blames_the_server(found.failure));
        CHECK(servers().difference().empty() == (count == 1));
    }
}

TEST_CASE("a COMMIT that was carried out as a ROLLBACK is found by a fresh connection, in each way to write") {
    for (const rf::write_way way : support::ways_to(servers().target)) {
        for (const unsigned first : {1U, 4U}) { // all, or that of the last page
            servers().fill(35);
            auto target = proxied();
            proxy().replace("COMMIT", "ROLLBACK", first, 1000);
            const rf::report report = copy(target, {.table = "procnote", .way = way});
            CAPTURE(rf::name(way), first, why(report));
            CHECK(report.outcome == rf::outcome::stopped);
            if (first == 4) CHECK(blames_the_server(report.failure));
            CHECK(servers().copied() == (first - 1) * 10);
            rf::mysql::connector direct(servers().target_uri());
            const rf::report rest = copy(direct, {.table = "procnote", .way = way});
            CHECK(rest.complete());
            CHECK(servers().difference().empty());
        }
    }
}

TEST_CASE("so it is with the one COMMIT of a table without a key") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target})
        server->execute("CREATE TABLE heap (a INT)", "shop");
    servers().source.execute("INSERT INTO heap SELECT seq % 7 FROM seq_1_to_50", "shop");
    auto target = proxied();
    proxy().replace("COMMIT", "ROLLBACK", 1, 1000);
    const rf::report report = copy(target, {.table = "heap", .keyless = true});
    INFO(why(report));
    CHECK_FALSE(report.complete());
    CHECK(blames_the_server(report.failure));
    CHECK(servers().copied("heap") == 0);
}
