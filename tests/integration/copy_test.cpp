// SPDX-License-Identifier: BSL-1.0
// Whole copies between two real servers, through the library: faults in every phase, restarts, each write mode.
#include "catch.hpp"
#include "two_servers.hpp"

#include <rowferry/testing/recording_observer.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

namespace rf = rowferry;
using namespace std::chrono_literals;
using support::cut_connector;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
constexpr rf::fixed_delay soon{.max_attempts = 50, .delay = 20ms};

std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

template <class Pipeline, class... Extras>
rf::report copy(const Pipeline& ferry, Extras&... extras) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return ferry.copy(source, target, "procnote", extras...);
}

} // namespace

TEST_CASE("full copy: every row arrives, and a second run copies none") {
    servers().fill(20'000);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 1500}};
    const rf::report first = copy(ferry);
    INFO(why(first));
    REQUIRE(first.complete());
    CHECK(first.rows == 20'000);
    CHECK(first.route == rf::route::across);
    CHECK(servers().difference().empty());
    CHECK(copy(ferry).rows == 0);
}

TEST_CASE("each pagination and write mode copies exactly") {
    auto exact = [](const auto& ferry) {
        servers().fill(2000);
        const rf::report report = copy(ferry);
        INFO(why(report));
        CHECK(report.complete());
        CHECK(report.rows == 2000);
        CHECK(servers().difference().empty());
    };
    exact(rf::pipeline{rf::single_page{}});
    exact(rf::pipeline{rf::offset_pages{}, rf::fixed_batch{.rows = 300}});
    exact(rf::pipeline{rf::keyset_pages{}, rf::adaptive_batch{.target_bytes = 10'000}});
    exact(rf::pipeline{rf::upsert{}, rf::fixed_batch{.rows = 300}});
    exact(rf::pipeline{rf::replace{}, rf::fixed_batch{.rows = 300}});
    exact(rf::pipeline{rf::skip_existing{}, rf::fixed_batch{.rows = 300}});
    exact(rf::pipeline{rf::offset_pages{}, rf::no_retry{}, rf::no_checkpoint{}, rf::fixed_batch{.rows = 300}});
}

TEST_CASE("a connection killed in read, in write and in commit, before and after the server did the work") {
    for (std::string_view operation : {"read", "write", "commit"}) {
        for (bool after : {false, true}) {
            for (unsigned at : {1U, 2U, 5U}) {
                CAPTURE(operation, after, at);
                servers().fill(1000);
                cut_connector source{
                    rf::mysql::connector(servers().source_uri()), servers().source, {operation, at, after}};
                cut_connector target{
                    rf::mysql::connector(servers().target_uri()), servers().target, {operation, at, after}};
                const rf::report report =
                    rf::pipeline{soon, rf::fixed_batch{.rows = 200}}.copy(source, target, "procnote");
                INFO(why(report));
                REQUIRE(report.complete());
                CHECK(report.retries() == 1);
                CHECK(report.rows == 1000);
                CHECK(servers().difference().empty());
            }
        }
    }
}

TEST_CASE("all connections of both servers killed again and again while the copy runs") {
    servers().fill(30'000);
    struct killer {
        int batches = 0;
        int partial = 0; // kills that found the target half full
        void on(const rf::batch_committed& e) {
            if (++batches % 3 != 0) return;
            if (e.total_rows < 30'000) ++partial;
            support::kill_connections(servers().source);
            support::kill_connections(servers().target);
        }
    } killer;
    const rf::report report = copy(rf::pipeline{soon, rf::fixed_batch{.rows = 1000}}, killer);
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(killer.partial >= 9);
    CHECK(report.source.retry_count() >= 9);
    CHECK(report.target.retry_count() >= 9);
    CHECK(report.connections().retry_success() == 1.0);
    CHECK(servers().difference().empty());
}

TEST_CASE("the target server is killed with SIGKILL in the middle, and started again") {
    servers().fill(20'000);
    struct crash {
        int retries = 0;
        void on(const rf::batch_committed& e) {
            if (e.total_rows == 5000) servers().target.kill();
        }
        void on(const rf::retry_scheduled&) {
            if (++retries == 5) servers().target.start();
        }
    } crash;
    const rf::report report = copy(rf::pipeline{soon, rf::fixed_batch{.rows = 1000}}, crash);
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(crash.retries >= 5);
    CHECK(report.target.recoveries == 1);
    CHECK(servers().difference().empty());
}

TEST_CASE("incremental: new rows, late ties and updates arrive by (column, key)") {
    servers().fill(500);
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{},
                             rf::fixed_batch{.rows = 64}};
    const rf::report first = copy(ferry);
    INFO(why(first));
    REQUIRE(first.complete());
    CHECK(first.rows == 500);
    CHECK(servers().difference().empty());
    CHECK(copy(ferry).rows == 1); // the one with the last value, at which each run begins

    servers().source.execute(
        "INSERT INTO procnote (ProcNoteNum, PatNum, EntryDateTime, Note) SELECT 100000 + seq, 1,"
        " (SELECT MAX(EntryDateTime) FROM procnote p), 'tie' FROM seq_1_to_3;"
        "UPDATE procnote SET Note = 'changed', EntryDateTime = '2027-01-01 00:00:00.000001' WHERE ProcNoteNum = 0",
        "shop");
    CHECK(copy(ferry).rows == 5);
    CHECK(servers().difference().empty());
}

TEST_CASE("one server: the rows stay inside it") {
    servers().fill(3000);
    servers().source.create_database("copy");
    servers().source.execute("CREATE TABLE copy.procnote LIKE shop.procnote");
    rf::mysql::connector source(servers().source.uri("shop"));
    rf::mysql::connector target(servers().source.uri("copy"));
    const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 700}}.copy(source, target, "procnote");
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(report.route == rf::route::server_side);
    CHECK(report.rows == 3000);
    CHECK(servers().source.value(
              "SELECT COUNT(*) FROM (SELECT * FROM shop.procnote EXCEPT ALL SELECT * FROM copy.procnote) d") == "0");
    CHECK(servers().source.value("SELECT COUNT(*) FROM copy.procnote") == "3000");
    CHECK(rf::pipeline{}.copy(source, source, "procnote").outcome == rf::outcome::refused);
}

TEST_CASE("one server, several workers: exact, and said where they wait for each other") {
    servers().fill(3000);
    servers().source.create_database("copy");
    servers().source.execute("CREATE TABLE copy.procnote LIKE shop.procnote");
    rf::mysql::connector source(servers().source.uri("shop"));
    rf::mysql::connector target(servers().source.uri("copy"));
    const rf::pipeline ferry{rf::fixed_batch{.rows = 100}, rf::parallel{.jobs = 2}};
    auto is_said = [&] {
        const auto plan = ferry.plan(source, target, {.table = "procnote"});
        REQUIRE(plan);
        REQUIRE(plan->route == rf::route::server_side);
        return std::any_of(plan->notices.begin(), plan->notices.end(), [](const std::string& text) {
            return text.find("innodb_autoinc_lock_mode") != std::string::npos;
        });
    };
    CHECK(is_said() == (servers().source.value("SELECT @@innodb_autoinc_lock_mode") != "2"));
    const rf::report report = ferry.copy(source, target, "procnote");
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(report.workers == 2);
    CHECK(servers().source.value("SELECT COUNT(*) FROM copy.procnote") == "3000");
    CHECK(servers().source.value(
              "SELECT COUNT(*) FROM (SELECT * FROM shop.procnote EXCEPT ALL SELECT * FROM copy.procnote) d") == "0");
    servers().source.execute("ALTER TABLE copy.procnote MODIFY ProcNoteNum BIGINT NOT NULL");
    CHECK_FALSE(is_said()); // without AUTO_INCREMENT nobody waits
}

TEST_CASE("a server that has few connections for its user is used by as many workers as it has") {
    servers().fill(3000);
    auto allow = [&](const std::string& connections) {
        servers().target.execute("ALTER USER ferry@'127.0.0.1' WITH MAX_USER_CONNECTIONS " + connections);
    };
    allow("2");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    rf::testing::recording_observer events;
    // Slow, so that nobody is done before all have asked for a range.
    const rf::token_bucket slow{.rows_per_second = 2000, .burst = 100ms};
    const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 50}, slow, rf::parallel{.jobs = 4}}.copy(
        source, target, "procnote", events);
    allow("0");
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(report.retries() == 0);
    CHECK(report.workers == 2);
    CHECK(servers().difference().empty());
    CHECK(std::any_of(events.notices().begin(), events.notices().end(), [](const auto& said) {
        return said.text.find("ask for fewer jobs") != std::string::npos &&
               said.text.find("target: ") != std::string::npos && said.text.find("1226") != std::string::npos;
    }));
}

TEST_CASE("a row larger than the server's packet is named by its key, and the rows before it are there") {
    servers().fill(10);
    servers().target.execute("SET GLOBAL max_allowed_packet = 65536");
    servers().source.execute("UPDATE procnote SET Note = NULL; ALTER TABLE procnote MODIFY Note LONGTEXT;"
                             "UPDATE procnote SET Note = REPEAT('x', 200000) WHERE ProcNoteNum = 15",
                             "shop");
    servers().target.execute("ALTER TABLE procnote MODIFY Note LONGTEXT", "shop");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    // A load sends its rows as a file, for which MySQL has no such limit.
    const rf::copy_request request{.table = "procnote", .way = rf::write_way::multi_row};
    const rf::report report = rf::pipeline{}.copy(source, target, request);
    servers().target.execute("SET GLOBAL max_allowed_packet = 67108864");
    CHECK(report.outcome == rf::outcome::stopped);
    CHECK(report.rows == 5);
    CHECK_THAT(why(report), Catch::Matchers::ContainsSubstring("the row with key (15)") &&
                                Catch::Matchers::ContainsSubstring("max_allowed_packet"));
}
