// SPDX-License-Identifier: BSL-1.0
// A connection lost before, in and after COMMIT, cut by a proxy, on real servers: in every write mode, exactly once.
#include "catch.hpp"
#include "commit_proxy.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <array>
#include <chrono>
#include <string>

namespace rf = rowferry;
using namespace std::chrono_literals;
using support::commit_cut;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
support::commit_proxy& proxy() {
    static support::commit_proxy one(servers().target.port());
    return one;
}
std::string proxied_uri() {
    return "mysql://" + support::private_server::user() + ":" + servers().target.password() +
           "@127.0.0.1:" + std::to_string(proxy().port()) + "/shop?ssl-mode=disabled&server-public-key=ask";
}
constexpr std::array cuts{commit_cut::before_forwarding, commit_cut::before_reply, commit_cut::after_reply,
                          commit_cut::forwarded_late};
constexpr std::array kinds{rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace,
                           rf::write_kind::skip_existing};
constexpr rf::exponential_backoff patiently{.max_attempts = 20, .initial_delay = 5ms, .max_delay = 50ms};

/// The rows of a table as an unordered list of both sides; equal ones count.
bool same_rows(const std::string& table) {
    const std::string rows = "SELECT * FROM " + table + " ORDER BY 1, 2, 3";
    return servers().source.query(rows, "shop") == servers().target.query(rows, "shop");
}
void check_whole(const rf::report& report, unsigned expected_cuts) {
    INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
    CHECK(report.complete());
    CHECK(proxy().cuts() == expected_cuts);
    CHECK(report.target.retry_count(rf::fault::connection_lost) >= expected_cuts);
    CHECK(report.target.given_up == 0);
}

} // namespace

TEST_CASE("a COMMIT cut by a proxy, at any batch and in every write mode, leaves each row once") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        for (const rf::write_kind kind : kinds) {
            for (const unsigned n : {1U, 3U, 6U}) { // the sixth carries the last page
                servers().fill(55);
                proxy().cut(how, n);
                rf::mysql::connector target(proxied_uri());
                const rf::report report =
                    rf::pipeline{rf::fixed_batch{.rows = 10}, rf::chosen_write_mode{kind}, patiently}.copy(
                        source, target, "procnote");
                CAPTURE(static_cast<int>(how), rf::name(kind), n);
                check_whole(report, 1);
                CHECK(report.rows == 55);
                CHECK(servers().difference().empty());
                CHECK(servers().target.value(
                          "SELECT CONCAT(batches, ' ', rows_copied, ' ', complete) FROM rowferry_checkpoint", "shop") ==
                      "6 55 1");
            }
        }
    }
}

TEST_CASE("a COMMIT cut by a proxy leaves each row once in each way to write") {
    rf::mysql::connector source(servers().source_uri());
    for (const rf::write_way way : support::ways_to(servers().target)) {
        for (const commit_cut how : cuts) {
            servers().fill(55);
            proxy().cut(how, 3);
            rf::mysql::connector target(proxied_uri());
            const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 10}, patiently}.copy(
                source, target, rf::copy_request{.table = "procnote", .way = way});
            CAPTURE(static_cast<int>(how), rf::name(way));
            check_whole(report, 1);
            CHECK(report.way == way);
            CHECK(report.rows == 55);
            CHECK(servers().difference().empty());
        }
    }
}

TEST_CASE("every COMMIT of a copy is cut once, and the retries of some again") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        servers().fill(55);
        proxy().cut(how, 1, 8);
        rf::mysql::connector target(proxied_uri());
        const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 10}, patiently}.copy(source, target, "procnote");
        CAPTURE(static_cast<int>(how));
        // Where the server commits all the same, six commits are all there are. One that comes late may find its session
        // killed by the next connection, and is made up for.
        const bool is_late = how == commit_cut::forwarded_late;
        const bool commits = how != commit_cut::before_forwarding;
        if (is_late) CHECK((proxy().cuts() >= 6 && proxy().cuts() <= 8));
        check_whole(report, is_late ? proxy().cuts() : commits ? 6 : 8);
        CHECK(servers().difference().empty());
    }
}

TEST_CASE("a table without a key, its rows doubled on purpose, arrives once through a cut COMMIT") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        servers().clear();
        for (const auto* server : {&servers().source, &servers().target}) {
            server->execute("CREATE TABLE heap (a INT, b VARCHAR(20), c INT)", "shop");
        }
        servers().source.execute("INSERT INTO heap SELECT seq % 10, IF(seq % 7 = 0, NULL, 'same'), 1 FROM seq_1_to_200",
                                 "shop");
        proxy().cut(how, 1);
        rf::mysql::connector target(proxied_uri());
        const rf::report report = rf::pipeline{rf::single_page{}, patiently}.copy(source, target, "heap");
        CAPTURE(static_cast<int>(how));
        check_whole(report, 1);
        CHECK(report.rows == 200);
        CHECK(same_rows("heap"));
    }
}

TEST_CASE("an incremental copy, cut at its COMMIT, takes each row once") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        servers().fill(55);
        proxy().cut(how, 2);
        rf::mysql::connector target(proxied_uri());
        const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::insert{},
                                 rf::fixed_batch{.rows = 10}, patiently};
        CAPTURE(static_cast<int>(how));
        check_whole(ferry.copy(source, target, "procnote"), 1);
        CHECK(servers().difference().empty());
    }
}

TEST_CASE("a COMMIT that is cut before, in and after its reply is known by several workers") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        servers().fill(555);
        proxy().cut(how, 5);
        rf::mysql::connector target(proxied_uri());
        const rf::pipeline ferry{rf::fixed_batch{.rows = 10}, patiently, rf::parallel{.jobs = 3}};
        CAPTURE(static_cast<int>(how));
        const rf::report done = ferry.copy(source, target, "procnote");
        INFO((done.failure ? rf::to_string(*done.failure) : std::string()));
        CHECK(done.complete());
        CHECK(done.rows == 555);
        CHECK(done.retries() >= 1);
        CHECK(servers().difference().empty());
    }
}

TEST_CASE("without retries a cut COMMIT stops the copy, and the next run knows what became of it") {
    rf::mysql::connector source(servers().source_uri());
    for (const commit_cut how : cuts) {
        servers().fill(55);
        proxy().cut(how, 3);
        rf::mysql::connector target(proxied_uri());
        const rf::pipeline ferry{rf::fixed_batch{.rows = 10}, rf::no_retry{}};
        CAPTURE(static_cast<int>(how));
        const rf::report stopped = ferry.copy(source, target, "procnote");
        CHECK(stopped.outcome == rf::outcome::stopped);
        CHECK(stopped.rows == 20);
        const rf::report rest = ferry.copy(source, target, "procnote");
        INFO((rest.failure ? rf::to_string(*rest.failure) : std::string()));
        CHECK(rest.complete());
        CHECK(rest.resumed_rows + rest.rows == 55);
        CHECK(servers().difference().empty());
    }
}
