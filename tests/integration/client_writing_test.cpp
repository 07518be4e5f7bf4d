// SPDX-License-Identifier: BSL-1.0
// The client on a real server: statements that write, warnings, write modes, transactions and checkpoints.
#include "client_helpers.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using namespace support;
using rf::write_kind;

namespace {

rf::checkpoint entry_of(std::string run) {
    rf::checkpoint c;
    c.job = rf::job_id("job");
    c.title = "größe to copy";
    c.definition = "pages: keyset by id 'x' \\";
    c.run = rf::job_id(run);
    return c;
}

} // namespace

TEST_CASE("statements are sized to max_allowed_packet", "[client]") {
    support::private_server server({"--max-allowed-packet=1M"});
    server.create_database("d");
    server.execute("CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)", "d");
    auto c = support::connect_to(server, "d");
    const rf::table_schema t = schema_of(c, "t");
    rf::row_batch rows(2);
    for (int i = 0; i < 40; ++i) {
        rows.add(rf::cell(std::to_string(i)));
        rows.add(rf::cell(std::string(100'000, i % 2 == 0 ? 'x' : '\''))); // every quote takes two bytes
    }
    CHECK(c.write(writing(t), rows).value().rows == 40);
    CHECK(server.value("SELECT SUM(LENGTH(v)) FROM t", "d") == "4000000");
    SECTION("the largest row that fits goes alone") {
        c.write(writing(t), rows_of(2, {"100", std::string(1'048'400, 'z'), "101", "a"})).value();
        CHECK(server.value("SELECT LENGTH(v) FROM t WHERE id = 100", "d") == "1048400");
    }
    SECTION("a row that does not fit is batch_too_large, with the sizes, and nothing was sent") {
        const auto r = c.write(writing(t), rows_of(2, {"200", std::string(1'048'600, 'z')}));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().fault == rf::fault::batch_too_large);
        CHECK(contains(r.error().message, "max_allowed_packet is 1048576 bytes"));
        CHECK(c.ping().has_value());
    }
    SECTION("a server that is stricter than it said") {
        server.execute("SET GLOBAL max_allowed_packet = 65536");
        auto stricter = support::connect_to(server, "d");
        CHECK(stricter.info().max_allowed_packet == 65'536);
        const auto r = stricter.write(writing(t), rows_of(2, {"300", std::string(70'000, 'z')}));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().fault == rf::fault::batch_too_large);
    }
}

TEST_CASE("warnings and refused values are data errors, and no row value is repeated", "[client]") {
    two_ends ends;
    ends.server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, tiny TINYINT, few VARCHAR(3), d DECIMAL(5,2), at DATE, j JSON,"
        " u VARCHAR(20) CHARACTER SET utf8mb4, CHECK (tiny <> 99), UNIQUE (few))",
        "ferry_target");
    const rf::table_schema t = schema_of(ends.target, "t");
    auto refused = [&](const std::vector<std::optional<std::string>>& cells, write_kind kind = write_kind::insert) {
        ends.target.begin().value();
        auto r = ends.target.write(writing(t, kind), rows_of(7, cells));
        ends.target.rollback().value();
        REQUIRE_FALSE(r.has_value());
        INFO(to_string(r.error()));
        CHECK(r.error().fault == rf::fault::data);
        CHECK_FALSE(contains(to_string(r.error()), "geheim"));
        return r.error();
    };
    const auto none = std::nullopt;
    const bool mysql = ends.server.is_mysql();
    const std::string of_table = mysql ? "t." : ""; // how it names keys
    CHECK(refused({"1", "1000", none, none, none, none, none}).code == 1264);
    CHECK(refused({"1", none, "geheim", none, none, none, none}).code == 1406);
    CHECK(contains(refused({"1", "geheim", none, none, none, none, none}).server_message, "'…' for column"));
    CHECK(refused({"1", none, none, none, "geheim", none, none}).code == 1292);
    CHECK(refused({"1", none, none, none, none, "geheim{", none}).fault ==
          rf::fault::data); // JSON is a CHECK in MariaDB
    CHECK(refused({"1", none, none, none, none, none, "geheim\xFF"}).code == 1366);
    CHECK(refused({"1", "99", none, none, none, none, none}).code == (mysql ? 3819U : 4025U));
    // Only a note: a decimal that is rounded, blanks that are cut off.
    const auto rounded = refused({"1", none, none, "1.005", none, none, none});
    CHECK(rounded.code == 1265);
    CHECK(contains(rounded.message, "would have changed or left out a value of table t"));
    CHECK(contains(rounded.server_message, "column 'd'"));
    CHECK(refused({"2", none, "abc   ", none, none, none, none}).code == 1265);
    ends.server.execute("DELETE FROM t; INSERT INTO t (id, few) VALUES (7, 'ge')", "ferry_target");
    CHECK(refused({"7", none, none, none, none, none, none}).server_message ==
          "Duplicate entry '…' for key '" + of_table + "PRIMARY'");
    CHECK(refused({"8", none, "GE", none, none, none, none}).server_message ==
          "Duplicate entry '…' for key '" + of_table + "few'");
    // INSERT IGNORE makes all of these warnings; only the duplicate of the copy's key may pass.
    CHECK(refused({"9", "1000", none, none, none, none, none}, write_kind::skip_existing).code == 1264);
    CHECK(refused({"9", none, "ge", none, none, none, none}, write_kind::skip_existing).code == 1062);
    CHECK(refused({"9", none, none, none, none, none, "\xFF"}, write_kind::skip_existing).code == 1366);
}

TEST_CASE("the words of a trigger are not repeated", "[client]") {
    two_ends ends;
    ends.server.execute("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))", "ferry_target");
    ends.server.execute("CREATE TRIGGER strict BEFORE INSERT ON t FOR EACH ROW BEGIN "
                        "DECLARE words VARCHAR(100) DEFAULT CONCAT('patient ', NEW.name, ' is refused');"
                        "IF NEW.id = 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = words;"
                        "ELSEIF NEW.id = 2 THEN SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 3000, MESSAGE_TEXT = words;"
                        "END IF; END",
                        "ferry_target");
    const rf::table_schema t = schema_of(ends.target, "t");
    for (const char* id : {"1", "2"}) {
        for (write_kind kind : {write_kind::insert, write_kind::skip_existing}) {
            const auto r = ends.target.write(writing(t, kind), rows_of(2, {id, "geheim"}));
            REQUIRE_FALSE(r.has_value());
            INFO(to_string(r.error()));
            CHECK_FALSE(rf::is_retryable(r.error().fault));
            CHECK_FALSE(contains(to_string(r.error()), "geheim"));
        }
    }
}

TEST_CASE("each write mode", "[client]") {
    two_ends ends;
    ends.server.execute("CREATE TABLE t (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT, w INT DEFAULT 5);"
                        "INSERT INTO t VALUES ('A', 1, 1), ('b', 2, 2)",
                        "ferry_target");
    const rf::table_schema t = schema_of(ends.target, "t");
    auto write = [&](write_kind kind) {
        rf::write_request request = writing(t, kind);
        request.columns = {0, 1};
        return ends.target.write(request, rows_of(2, {"a", "10", "c", "30"}));
    };
    auto content = [&] {
        return ends.server.value("SELECT GROUP_CONCAT(id, v, w ORDER BY id) FROM t", "ferry_target");
    };
    SECTION("insert") {
        CHECK(write(write_kind::insert).error().code == 1062);
        CHECK(content() == "A11,b22");
    }
    SECTION("upsert") {
        CHECK(write(write_kind::upsert).value().rows == 2);
        CHECK(content() == "a101,b22,c305");
    }
    SECTION("replace") {
        CHECK(write(write_kind::replace).value().rows == 2);
        CHECK(content() == "a105,b22,c305");
    }
    SECTION("skip_existing") {
        const auto r = write(write_kind::skip_existing).value();
        CHECK(r.rows == 2);
        CHECK(r.skipped == 1);
        CHECK(content() == "A11,b22,c305");
    }
}

TEST_CASE("skip_existing reads every duplicate, more than the protocol counts", "[client]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY)");
    ends.server.execute("INSERT INTO t SELECT seq FROM seq_1_to_100000", "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    rf::page_request page;
    page.table = &t;
    page.columns = {0};
    rf::row_batch rows;
    ends.source.read(page, rows).value();
    CHECK(ends.target.write(writing(t, write_kind::skip_existing), rows).value().skipped == 0);
    const auto again = ends.target.write(writing(t, write_kind::skip_existing), rows).value();
    CHECK(again.rows == 100'000);
    CHECK(again.skipped == 100'000);
    // Inside the server a statement cannot be cut: the page has to be smaller.
    const auto inside = ends.target.copy_page("ferry_source", page, writing(t, write_kind::skip_existing));
    REQUIRE_FALSE(inside.has_value());
    CHECK(inside.error().fault == rf::fault::batch_too_large);
}

TEST_CASE("a user without privileges of the server's own opens a session, and reads every duplicate", "[client]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY, e ENUM('', 'a'))");
    ends.server.execute("SET sql_mode = ''; INSERT INTO t SELECT seq, IF(seq % 2, 'a', 'wrong') FROM seq_1_to_3000;"
                        "DROP USER IF EXISTS plain; CREATE USER plain IDENTIFIED BY 'p';"
                        "GRANT SELECT, INSERT ON ferry_target.* TO plain",
                        "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    rf::page_request page;
    page.table = &t;
    page.columns = {0, 1};
    rf::row_batch rows;
    ends.source.read(page, rows).value();
    const std::string at = "127.0.0.1:" + std::to_string(ends.server.port());
    auto c = rf::mysql::connector("mysql://plain:p@" + at + "/ferry_target" + ends.server.options()).connect();
    INFO((c ? std::string() : to_string(c.error())));
    REQUIRE(c.has_value());
    CHECK(c->info().max_error_count > 0);
    CHECK(c->write(writing(t), rows).value().rows == 3000);
    CHECK(c->write(writing(t, write_kind::skip_existing), rows).value().skipped == 3000);
}

TEST_CASE("transactions: what is not committed is undone", "[client]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY)");
    const rf::table_schema t = schema_of(ends.target, "t");
    CHECK(ends.target.is_empty(t).value());
    ends.target.begin().value();
    ends.target.write(writing(t), rows_of(1, {"1"})).value();
    ends.target.rollback().value();
    CHECK(ends.target.is_empty(t).value());
    ends.target.begin().value();
    ends.target.write(writing(t), rows_of(1, {"1"})).value();
    ends.target.commit().value();
    CHECK_FALSE(ends.target.is_empty(t).value());
    {
        auto other = support::connect_to(ends.server, "ferry_target");
        other.begin().value();
        other.write(writing(t), rows_of(1, {"2"})).value();
    }
    CHECK(ends.target.count({&t, {}, {}, {}, {}, {}}).value() == 1U);
    ends.target.truncate(t).value();
    CHECK(ends.target.is_empty(t).value());
}

TEST_CASE("checkpoints: claimed, saved in the transaction, and lost to another run", "[client]") {
    two_ends ends;
    auto& c = ends.target;
    rf::checkpoint mine = entry_of("mine");
    auto loaded = [&](rf::checkpoint_read how = rf::checkpoint_read::as_it_stands) {
        return c.load_checkpoint(mine.job, how).value();
    };
    CHECK_FALSE(loaded().has_value()); // there is no table yet
    CHECK_FALSE(loaded(rf::checkpoint_read::settled).has_value());
    CHECK(c.forget_checkpoints(mine.target_table).has_value());
    c.claim_checkpoint(mine, {}).value();
    CHECK(loaded() == mine);
    CHECK(ends.server.value("SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_NAME = 'rowferry_checkpoint'") ==
          "InnoDB");

    mine.batches = 1;
    mine.rows = 10;
    mine.last_key = {"-1", std::nullopt, std::string("\0'\\\xFF,~%", 7), ""};
    c.begin().value();
    c.save_checkpoint(mine).value();
    c.rollback().value();
    CHECK(loaded()->batches == 0);
    c.begin().value();
    c.save_checkpoint(mine).value();
    c.commit().value();
    CHECK(loaded() == mine);
    CHECK(loaded(rf::checkpoint_read::settled) == mine);

    SECTION("a save that skips or repeats a batch fails") {
        CHECK_FALSE(c.save_checkpoint(mine).has_value());
        mine.batches = 3;
        CHECK_FALSE(c.save_checkpoint(mine).has_value());
    }
    SECTION("another run takes over") {
        rf::checkpoint theirs = mine;
        theirs.run = rf::job_id("theirs");
        c.claim_checkpoint(theirs, {}).value();
        CHECK(loaded() == theirs); // the progress stays
        mine.batches = 2;
        const auto lost = c.save_checkpoint(mine);
        REQUIRE_FALSE(lost.has_value());
        CHECK(lost.error().fault == rf::fault::permanent);
        CHECK(contains(lost.error().message, "another run into this table has taken over (größe to copy)"));
        theirs.batches = 2;
        theirs.complete = true;
        c.save_checkpoint(theirs).value();
        CHECK(loaded() == theirs);
    }
    SECTION("forgotten") {
        c.forget_checkpoints(mine.target_table).value();
        CHECK_FALSE(loaded().has_value());
    }
    SECTION("a settled load waits for the transaction that is writing") {
        auto writer = support::connect_to(ends.server, "ferry_target");
        mine.batches = 2;
        writer.begin().value();
        writer.save_checkpoint(mine).value();
        CHECK(loaded()->batches == 1);
        std::thread commits([&writer] {
            std::this_thread::sleep_for(300ms);
            static_cast<void>(writer.commit());
        });
        CHECK(loaded(rf::checkpoint_read::settled)->batches == 2);
        commits.join();
    }
    SECTION("a key that rowferry never writes") {
        ends.server.execute("UPDATE rowferry_checkpoint SET last_key = '%zz'", "ferry_target");
        CHECK_FALSE(c.load_checkpoint(mine.job, rf::checkpoint_read::as_it_stands).has_value());
    }
}

TEST_CASE("a page is copied inside one server", "[client]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY, f FLOAT, e ENUM('a','b'))");
    ends.server.execute(
        "SET sql_mode = ''; INSERT INTO t SELECT seq, seq / 7, IF(seq % 3, 'a', 'wrong') FROM seq_1_to_1000",
        "ferry_source");
    const rf::table_schema source = schema_of(ends.source, "t");
    const rf::table_schema target = schema_of(ends.target, "t");
    rf::page_request page;
    page.table = &source;
    page.columns = {0, 1, 2};
    page.order = source.keys[0].parts;
    page.index = "PRIMARY";
    page.after = rf::page_bound{{"100"}, false};
    page.up_to = rf::page_bound{{"200"}, true};
    CHECK(ends.target.copy_page(ends.source.database(), page, writing(target)).value().rows == 100);
    CHECK(ends.target.copy_page(ends.source.database(), page, writing(target)).error().code == 1062);
    page.after.reset();
    page.up_to.reset();
    const auto skipping =
        ends.target.copy_page("ferry_source", page, writing(target, write_kind::skip_existing)).value();
    CHECK(skipping.rows == 1000);
    CHECK(skipping.skipped == 100);
    CHECK(ends.target.copy_page("ferry_source", page, writing(target, write_kind::upsert)).value().rows == 1000);
    CHECK(ends.target.copy_page("ferry_source", page, writing(target, write_kind::replace)).value().rows == 1000);
    const auto sums = ends.server.query("CHECKSUM TABLE ferry_source.t, ferry_target.t EXTENDED");
    CHECK(sums.at(0).at(1) == sums.at(1).at(1));
}
