// SPDX-License-Identifier: BSL-1.0
// Copies from one snapshot between two real servers, while others write to the source: two tables whose sum never changes
// arrive with that sum, or the copy says that they do not.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using support::private_server;
using support::two_servers;

namespace {

constexpr int accounts = 60;
constexpr rf::fixed_batch seven{.rows = 7};
constexpr rf::fixed_delay soon{.max_attempts = 50, .delay = 20ms};
constexpr rf::one_snapshot stopping{};
constexpr rf::one_snapshot starting_over{.when_lost = rf::when_lost::start_over};

two_servers& servers() {
    static two_servers both;
    return both;
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

/// `checking` and `savings` on both sides; on the source each with 60 accounts of 100.
void open_accounts() {
    servers().clear();
    std::string rows;
    for (int i = 1; i <= accounts; ++i) rows += (i == 1 ? "(" : ", (") + std::to_string(i) + ", 100)";
    for (const char* table : {"checking", "savings"}) {
        const std::string name(table);
        const std::string definition =
            "CREATE TABLE " + name + " (id INT NOT NULL PRIMARY KEY, amount INT NOT NULL) ENGINE=InnoDB";
        servers().source.execute(definition + "; INSERT INTO " + name + " VALUES " + rows, "shop");
        servers().target.execute(definition, "shop");
    }
}
/// Moves money between the tables, from the last account of one to the first of the other: what is read page by page
/// misses it, or sees it twice.
void transfer(const private_server& bank) {
    bank.execute("START TRANSACTION;"
                 "UPDATE savings SET amount = amount - 1 WHERE id > 50;"
                 "UPDATE checking SET amount = amount + 1 WHERE id <= 10;"
                 "COMMIT",
                 "shop");
}
std::string total(const private_server& bank) {
    return bank.value("SELECT (SELECT SUM(amount) FROM checking) + (SELECT SUM(amount) FROM savings)", "shop");
}
const std::string whole = std::to_string(2 * accounts * 100);

/// Transfers while it lives, as fast as the server takes them.
class busy_bank {
public:
    busy_bank()
        : clerk_([this] {
              while (!closed_) transfer(servers().source);
          }) {}
    busy_bank(const busy_bank&) = delete;
    busy_bank& operator=(const busy_bank&) = delete;
    ~busy_bank() {
        closed_ = true;
        clerk_.join();
    }

private:
    std::atomic<bool> closed_{false};
    std::thread clerk_;
};

/// One transfer after each page; kills the source's connections after the batch with this number.
struct meddler {
    int kill_at = 0;
    int batches = 0;
    void on(const rf::page_read&) { transfer(servers().source); }
    void on(const rf::batch_committed&) {
        if (++batches == kill_at) support::kill_connections(servers().source);
    }
};

/// The rows of a table on one side.
std::vector<private_server::row> rows(const private_server& server, const std::string& table) {
    return server.query("SELECT * FROM " + table + " ORDER BY id", "shop");
}

} // namespace

TEST_CASE("two tables from one snapshot keep their sum while money moves between them; page by page they do not") {
    open_accounts();
    rf::mysql::connector bank(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    meddler clerk;
    SECTION("one snapshot") {
        const auto checking = rows(servers().source, "checking");
        const auto savings = rows(servers().source, "savings");
        rf::shared_snapshot source(bank);
        const rf::pipeline ferry{seven, stopping};
        const rf::report first = ferry.copy(source, target, "checking", clerk);
        const rf::report second = ferry.copy(source, target, "savings", clerk);
        INFO(why(first) << why(second));
        REQUIRE(first.complete());
        REQUIRE(second.complete());
        CHECK(total(servers().target) == whole);
        CHECK(rows(servers().target, "checking") == checking);
        CHECK(rows(servers().target, "savings") == savings);
        CHECK(rows(servers().source, "savings") != savings);
        CHECK(first.consistency == rf::consistency::one_snapshot);
        REQUIRE(first.snapshot);
        CHECK(first.snapshot->taken_at == second.snapshot->taken_at);
        CHECK(first.snapshot->taken_at.size() == std::string("2026-01-01 00:00:00.000000").size());
    }
    SECTION("page by page") {
        const rf::pipeline ferry{seven};
        REQUIRE(ferry.copy(bank, target, "checking", clerk).complete());
        REQUIRE(ferry.copy(bank, target, "savings", clerk).complete());
        CHECK(total(servers().target) != whole);
    }
    CHECK(total(servers().source) == whole);
}

TEST_CASE("one snapshot while many transactions write at the same time") {
    open_accounts();
    rf::mysql::connector bank(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const busy_bank busy;
    for (int round = 0; round < 3; ++round) {
        rf::shared_snapshot source(bank);
        const rf::pipeline ferry{seven, starting_over, soon};
        for (const char* table : {"checking", "savings"}) {
            const rf::report report = ferry.copy(source, target, {.table = table, .truncate_target = true});
            INFO(why(report));
            REQUIRE(report.complete());
            REQUIRE(report.rows == accounts);
        }
        CHECK(total(servers().target) == whole);
    }
}

TEST_CASE("the connection of the snapshot is killed in the middle, when_lost::stop: nothing is mixed or continued") {
    open_accounts();
    const auto moment = rows(servers().source, "checking");
    rf::mysql::connector bank(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    meddler clerk{.kill_at = 3};
    const rf::pipeline ferry{seven, stopping, soon};
    const rf::report report = ferry.copy(bank, target, "checking", clerk);
    CHECK(report.outcome == rf::outcome::stopped);
    CHECK(report.rows == 21);
    CHECK_THAT(why(report), ContainsSubstring("the connection that held the snapshot was lost"));
    CHECK(report.failure->offers(rf::remedy::start_over_into_empty));
    const auto there = rows(servers().target, "checking");
    REQUIRE(there.size() == 21);
    CHECK(std::equal(there.begin(), there.end(), moment.begin()));

    const rf::report again = ferry.copy(bank, target, "checking");
    CHECK(again.outcome == rf::outcome::refused);
    CHECK(rows(servers().target, "checking") == there);
    const rf::report anew = ferry.copy(bank, target, {.table = "checking", .truncate_target = true});
    INFO(why(anew));
    REQUIRE(anew.complete());
    CHECK(rows(servers().target, "checking") == rows(servers().source, "checking"));
}

TEST_CASE("the connection of the snapshot is killed in the middle, when_lost::start_over: the table is of one moment") {
    for (int batch : {1, 4, 8}) {
        CAPTURE(batch);
        open_accounts();
        rf::mysql::connector bank(servers().source_uri());
        rf::mysql::connector target(servers().target_uri());
        meddler clerk{.kill_at = batch};
        const rf::report report = rf::pipeline{seven, starting_over, soon}.copy(bank, target, "checking", clerk);
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(report.rows == accounts);
        CHECK(report.started_over == 1);
        // Each transfer changes the first ten accounts alike, so that any two moments differ in all of them.
        CHECK(servers().target.value("SELECT COUNT(DISTINCT amount) FROM checking WHERE id <= 10", "shop") == "1");
        CHECK(servers().target.value("SELECT COUNT(*) FROM checking WHERE amount > 100", "shop") == "10");
    }
}

TEST_CASE("a statement that fails leaves the snapshot; the end of its transaction is noticed") {
    open_accounts();
    rf::mysql::connector bank(servers().source_uri());
    rf::shared_snapshot source(bank);
    auto handle = source.connect().value();
    const auto schema = handle.describe("checking").value().value();
    transfer(servers().source);
    rf::page_request page;
    page.table = &schema;
    page.columns = schema.stored_columns();
    page.order = schema.keys.front().parts;
    rf::row_batch batch;
    auto first_amount = [&] { return std::string(batch.at(0, 1).bytes()); };

    const std::string id = std::to_string(handle.underlying()->info().connection_id);
    std::atomic<bool> done{false};
    std::thread killer([&] {
        while (!done) {
            servers().source.execute("KILL QUERY " + id);
            std::this_thread::sleep_for(5ms);
        }
    });
    const auto interrupted = handle.underlying()->query(
        "SELECT COUNT(*) FROM checking a, checking b, checking c, checking d, checking e, checking f");
    done = true;
    killer.join();
    REQUIRE_FALSE(interrupted);
    CHECK(interrupted.error().fault == rf::fault::transient);
    // The last KILL QUERY may still be on its way.
    while (!handle.read(page, batch)) REQUIRE_FALSE(source.loss());
    CHECK(first_amount() == "100");

    const auto settings = handle.underlying()->query("SELECT @@SESSION.wait_timeout");
    REQUIRE(settings);
    CHECK(settings->at(0, 0).bytes() == "28800");

    REQUIRE(handle.underlying()->execute("COMMIT"));
    const auto outside = handle.read(page, batch);
    REQUIRE_FALSE(outside);
    CHECK_THAT(rf::to_string(outside.error()), ContainsSubstring("the server ended the transaction"));
    REQUIRE(source.loss());
    CHECK_FALSE(source.connect());
    source.renew();
    auto fresh = source.connect();
    REQUIRE(fresh);
    REQUIRE(fresh->read(page, batch));
    CHECK(first_amount() == "101");
}

TEST_CASE("a table that is rebuilt or emptied after the snapshot was taken stops the copy with a sentence") {
    const std::string change = GENERATE("ALTER TABLE savings FORCE", "TRUNCATE TABLE savings",
                                        "DROP TABLE savings; CREATE TABLE savings LIKE checking");
    CAPTURE(change);
    open_accounts();
    rf::mysql::connector bank(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    rf::shared_snapshot source(bank);
    REQUIRE(source.connect());
    servers().source.execute(change, "shop");
    const rf::report report = rf::pipeline{seven, starting_over}.copy(source, target, "savings");
    INFO(why(report));
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    CHECK(report.failure->code == 1412);
    CHECK_THAT(why(report), ContainsSubstring("definition was changed after the snapshot was taken"));
    CHECK(rf::pipeline{seven, stopping}.copy(source, target, "checking").complete());
}

TEST_CASE("engines that keep no snapshot are refused before anything is changed") {
    open_accounts();
    servers().source.execute("ALTER TABLE savings ENGINE=MyISAM;"
                             "ALTER TABLE checking DROP PRIMARY KEY, ADD PRIMARY KEY (id) USING BTREE, ENGINE=MEMORY",
                             "shop");
    rf::mysql::connector bank(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    for (const char* table : {"savings", "checking"}) {
        const rf::report report = rf::pipeline{stopping}.copy(bank, target, table);
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(why(report), ContainsSubstring("which keeps no snapshot"));
    }
    CHECK(servers().target.value("SHOW TABLES LIKE 'rowferry_checkpoint'", "shop") == "NULL");
}

TEST_CASE("one server: from one snapshot the rows go across") {
    open_accounts();
    servers().source.create_database("copy");
    servers().source.execute("CREATE TABLE copy.checking LIKE shop.checking");
    const auto moment = rows(servers().source, "checking");
    rf::mysql::connector bank(servers().source.uri("shop"));
    rf::mysql::connector target(servers().source.uri("copy"));
    meddler clerk;
    const rf::report report = rf::pipeline{seven, stopping}.copy(bank, target, "checking", clerk);
    INFO(why(report));
    REQUIRE(report.complete());
    CHECK(report.route == rf::route::across);
    CHECK(servers().source.query("SELECT * FROM copy.checking ORDER BY id") == moment);
    CHECK(rf::pipeline{stopping, rf::upsert{}}.copy(bank, bank, "checking").outcome == rf::outcome::refused);
}

namespace {

std::vector<std::string> command(const std::vector<std::string>& more) {
    std::vector<std::string> all{"copy",  "--source", servers().source_uri(), "--target", servers().target_uri(),
                                 "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
const std::vector<std::string> both_tables{"--table", "checking", "--table", "savings", "--consistent"};
std::vector<std::string> with(std::vector<std::string> options, const std::vector<std::string>& more) {
    options.insert(options.end(), more.begin(), more.end());
    return options;
}
std::string in(const support::tool_answer& answer, const std::string& path) {
    return support::json(servers().target, answer, path);
}

} // namespace

TEST_CASE("rowferry copy --consistent: all tables from one snapshot, and a report of its moment") {
    open_accounts();
    {
        const busy_bank busy;
        const auto answer = support::run_tool(command(with(both_tables, {"--batch-rows", "3"})));
        INFO(answer.err);
        REQUIRE(answer.exit_code == 0);
        CHECK(in(answer, "$.tables[0].consistency") == "one_snapshot");
        CHECK(in(answer, "$.tables[0].started_over") == "0");
        CHECK(in(answer, "$.tables[0].snapshot.taken_at") == in(answer, "$.tables[1].snapshot.taken_at"));
    }
    CHECK(total(servers().target) == whole);

    const auto again = support::run_tool(command(both_tables));
    CHECK(again.exit_code == 2);
    CHECK(in(again, "$.tables[0].consistency") == "one_snapshot");
    CHECK_THAT(again.err, ContainsSubstring("from the snapshot of an earlier run") &&
                              ContainsSubstring("start over with --truncate-target"));
    CHECK(in(again, "$.tables[0].error.remedies[0].action") == "start_over_into_empty");
    CHECK(in(again, "$.tables[0].error.cause") == "NULL");
    const auto plain = support::run_tool(command({"--table", "checking"}));
    CHECK(plain.exit_code == 2);
    CHECK_THAT(plain.err, ContainsSubstring("is of a copy from one snapshot"));
    CHECK(support::run_tool(command(with(both_tables, {"--truncate-target"}))).exit_code == 0);
    const auto page_by_page = support::run_tool(command({"--table", "checking", "--truncate-target"}));
    CHECK(page_by_page.exit_code == 0);
    CHECK(in(page_by_page, "$.tables[0].consistency") == "each_page");
    CHECK(in(page_by_page, "$.tables[0].snapshot") == "NULL");
}

TEST_CASE("rowferry copy --consistent: the snapshot's connection is killed") {
    open_accounts();
    std::vector<std::string> slowly = with(both_tables, {"--batch-rows", "1", "--rows-per-second", "30"});
    auto killed_once_begun = [&](const std::vector<std::string>& options) {
        support::tool_run run(command(options));
        REQUIRE(support::eventually([] { return servers().copied("checking") > 2; }));
        support::kill_connections(servers().source);
        return run.wait();
    };
    SECTION("stop") {
        const auto answer = killed_once_begun(slowly);
        CHECK(answer.exit_code == 4); // the same command cannot continue from another snapshot
        CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":false"));
        CHECK(in(answer, "$.tables[0].outcome") == "stopped");
        CHECK_THAT(answer.err, ContainsSubstring("the connection that held the snapshot was lost") &&
                                   ContainsSubstring("run the command again with --truncate-target"));
        CHECK(servers().copied("savings") == 0);
        CHECK(support::run_tool(command(with(both_tables, {"--truncate-target"}))).exit_code == 0);
    }
    SECTION("a stop that was asked for") {
        support::tool_run run(command(slowly));
        REQUIRE(support::eventually([] { return servers().copied("checking") > 2; }));
        run.signal(SIGINT);
        const auto answer = run.wait();
        CHECK(answer.exit_code == 128 + SIGINT);
        CHECK_THAT(answer.err, ContainsSubstring("stopped by SIGINT; the snapshot ended with this run: run the command "
                                                 "again with --truncate-target"));
        CHECK(support::run_tool(command(with(both_tables, {"--truncate-target"}))).exit_code == 0);
    }
    SECTION("start over") {
        const auto answer = killed_once_begun(with(slowly, {"--when-snapshot-lost", "start-over"}));
        INFO(answer.err);
        CHECK(answer.exit_code == 0);
        CHECK(in(answer, "$.tables[0].started_over") == "1");
        CHECK_THAT(answer.err, ContainsSubstring("emptied and copied again from a new snapshot"));
        CHECK(in(answer, "$.tables[0].snapshot.taken_at") == in(answer, "$.tables[1].snapshot.taken_at"));
    }
    CHECK(total(servers().target) == whole);
}

TEST_CASE("rowferry copy: what --consistent does not go with is refused") {
    auto refused = [](const std::vector<std::string>& options, const char* sentence) {
        const auto answer = support::run_tool(command(with({"--table", "checking"}, options)));
        CHECK(answer.exit_code == 2);
        CHECK(answer.error_lines() == 1);
        CHECK_THAT(answer.err, ContainsSubstring(sentence));
    };
    refused({"--consistent", "--engine", "legacy"}, "--consistent does not go with it");
    refused({"--when-snapshot-lost", "start-over"}, "--when-snapshot-lost needs --consistent");
    refused({"--consistent", "--when-snapshot-lost", "wait"}, "can be one of: stop, start-over");
    refused({"--consistent", "--when-snapshot-lost", "start-over", "--write-mode", "upsert"},
            "it needs --write-mode insert or --truncate-target");
    refused(
        {"--consistent", "--when-snapshot-lost", "start-over", "--mode", "incremental", "--incremental-column", "id"},
        "which --mode incremental does not");
}
