// SPDX-License-Identifier: BSL-1.0
// The client on a real server: schemas, pages, counts, and what failures look like.
#include "client_helpers.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using namespace support;

TEST_CASE("a table is described: columns, keys, and why other keys are of no use", "[client]") {
    two_ends ends;
    const bool mysql = ends.server.is_mysql();
    const std::string last_type = mysql ? "BINARY(16)" : "UUID";
    const std::string ignored = mysql ? "INVISIBLE" : "IGNORED";
    ends.server.execute(
        "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL, code VARCHAR(20) CHARACTER SET latin1 NOT NULL, name VARCHAR(20) "
        "NOT NULL,"
        " maybe INT, weight FLOAT NOT NULL, kind ENUM('a','b') NOT NULL, flags BIT(4) NOT NULL, doubled BIGINT AS "
        "(maybe * 2),"
        " hidden INT INVISIBLE NOT NULL DEFAULT 1, at DATETIME NOT NULL, u " +
            last_type +
            " NOT NULL,"
            " UNIQUE z_prefix (name(4)), UNIQUE y_null (maybe), UNIQUE x_float (weight), UNIQUE w_enum (kind, id),"
            " UNIQUE v_bit (flags), UNIQUE u_ignored (hidden) " +
            ignored +
            ", UNIQUE b_two (at, id DESC), UNIQUE d_text (code),"
            " UNIQUE c_uuid (u), KEY plain (maybe, code), PRIMARY KEY (id, code)) CHARACTER SET utf8mb4;"
            "CREATE VIEW v AS SELECT id FROM t; CREATE TABLE m (id INT, PRIMARY KEY USING HASH (id)) ENGINE=MEMORY;"
            "CREATE TABLE none (a INT, KEY (a)) ENGINE=MyISAM; CREATE TABLE p (a VARCHAR(20) NOT NULL, PRIMARY KEY "
            "(a(4)));"
            "CREATE TABLE rowferry_checkpoint (id INT)",
        "ferry_source");
    if (!mysql) ends.server.execute("CREATE SEQUENCE s", "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    CHECK(t.name == "t");
    CHECK(t.engine == "InnoDB");
    CHECK(t.transactional);
    CHECK(t.is_base_table);
    REQUIRE(t.columns.size() == 11);
    CHECK(t.columns[0].type == (mysql ? "bigint unsigned" : "bigint(20) unsigned"));
    CHECK(t.columns[0].is_unsigned);
    CHECK_FALSE(t.columns[0].nullable);
    CHECK(t.columns[0].charset.empty());
    CHECK(t.columns[1].charset == "latin1");
    CHECK(t.columns[1].collation == "latin1_swedish_ci");
    CHECK(t.columns[2].charset == "utf8mb4");
    CHECK(t.columns[3].nullable);
    CHECK(t.columns[7].generated);
    CHECK(t.columns[8].invisible);
    CHECK_FALSE(t.columns[8].generated);
    CHECK(t.columns[10].kind == (mysql ? rf::column_kind::bytes : rf::column_kind::other));
    std::vector<std::string> names;
    for (const rf::key& k : t.keys) names.push_back(k.name);
    CHECK(names ==
          std::vector<std::string>{"PRIMARY", "v_bit", "x_float", "c_uuid", "d_text", "b_two", "w_enum", "z_prefix"});
    CHECK(t.keys[5].parts[0].column == 9);
    CHECK_FALSE(t.keys[5].parts[0].descending);
    CHECK(t.keys[5].parts[1].descending);
    CHECK(t.keys[7].parts[0].prefix == 4);
    CHECK(t.unusable_keys == "key u_ignored cannot order pages: the server is told to ignore it; "
                             "key y_null cannot order pages: column maybe may be NULL");
    CHECK(std::count(t.indexed_columns.begin(), t.indexed_columns.end(), "maybe") == 2);
    CHECK(std::count(t.indexed_columns.begin(), t.indexed_columns.end(), "id") == 1);

    REQUIRE(t.unique_indexes.size() == 10);
    CHECK(t.unique_indexes[0].name == "PRIMARY");
    CHECK(t.unique_indexes[0].parts == std::vector<rf::unique_part>{{0, 0, {}}, {1, 0, {}}});
    CHECK(t.unique_indexes[9].name == "z_prefix");
    CHECK(t.unique_indexes[9].parts == std::vector<rf::unique_part>{{2, 4, {}}});
    CHECK_FALSE(t.unique_indexes[9].is_over_whole_columns());

    CHECK_FALSE(schema_of(ends.source, "v").is_base_table);
    CHECK(schema_of(ends.source, "v").kind_name == "a view");
    if (!mysql) {
        CHECK_FALSE(schema_of(ends.source, "s").is_base_table);
        CHECK(schema_of(ends.source, "s").kind_name == "a sequence");
    }
    CHECK(contains(schema_of(ends.source, "m").unusable_keys, "it is a HASH index, which has no order"));
    CHECK_FALSE(schema_of(ends.source, "none").transactional);
    CHECK(schema_of(ends.source, "none").keys.empty());
    CHECK(schema_of(ends.source, "p").keys.front().parts.front().prefix == 4);
    CHECK_FALSE(ends.source.describe("nowhere").value().has_value());
    CHECK_FALSE(ends.source.describe("T").value().has_value()); // names have case on this server
    CHECK(ends.source.tables().value() == std::vector<std::string>{"m", "none", "p", "t"});
}

TEST_CASE("all results of a statement are read, and the connection goes on", "[client]") {
    two_ends ends;
    ends.server.execute("CREATE TABLE t (id INT PRIMARY KEY);"
                        "CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2 UNION SELECT 3; END;"
                        "CREATE PROCEDURE none() BEGIN INSERT INTO t VALUES (1); END;"
                        "CREATE PROCEDURE half() BEGIN SELECT 1; SELECT * FROM nowhere; END",
                        "ferry_source");
    auto& c = ends.source;
    CHECK(c.query("CALL two()").value().rows() == 1);
    CHECK(c.query("SELECT 4").value().at(0, 0).bytes() == "4");
    CHECK(c.execute("CALL two()").value() == 0);
    CHECK(c.execute("CALL none()").value() == 1);
    CHECK(c.query("CALL two()").value().at(0, 0).bytes() == "1");
    for (int i = 0; i < 2; ++i) {
        const auto failed = i == 0 ? c.query("CALL half()").error().code : c.execute("CALL half()").error().code;
        CHECK(failed == 1146); // it came with the second result
        CHECK(c.query("SELECT 5").value().at(0, 0).bytes() == "5");
    }
}

TEST_CASE("a versioned table's key is what its readers see", "[client]") {
    two_ends ends;
    if (ends.server.is_mysql()) SKIP("MySQL has no system-versioned tables");
    ends.server.execute("CREATE TABLE t (id INT, code VARCHAR(9), since TIMESTAMP(6) GENERATED ALWAYS AS ROW START,"
                        " until TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (since, until),"
                        " PRIMARY KEY (id), UNIQUE ends (until, code), UNIQUE only_end (until)) WITH SYSTEM VERSIONING",
                        "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    CHECK(t.system_versioned);
    REQUIRE(t.keys.size() == 1);
    CHECK(t.keys[0].parts.size() == 1);
    CHECK(t.columns[2].generated);
    CHECK(t.columns[3].expression == "ROW END");
    REQUIRE(t.unique_indexes.size() == 2);
    CHECK(t.unique_indexes[1].name == "ends");
    CHECK(t.unique_indexes[1].parts == std::vector<rf::unique_part>{{1, 0, {}}});
}

TEST_CASE("a page keeps to its byte limit, and the connection is free afterwards", "[client]") {
    two_ends ends;
    ends.server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT); "
        "INSERT INTO t SELECT seq, REPEAT('x', 1000) FROM seq_1_to_100; INSERT INTO t VALUES (0, REPEAT('y', 50000))",
        "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    rf::page_request page;
    page.table = &t;
    page.columns = {0, 1};
    page.order = t.keys[0].parts;
    page.max_bytes = 10'000;
    rf::row_batch rows;
    ends.source.read(page, rows).value();
    CHECK(rows.rows() == 1); // one row always fits
    CHECK(rows.truncated());
    page.after = rf::page_bound{{"0"}, false};
    ends.source.read(page, rows).value();
    CHECK(rows.rows() == 9);
    CHECK(rows.bytes() <= 10'000);
    CHECK(rows.truncated());
    page.max_bytes = 1'000'000;
    ends.source.read(page, rows).value();
    CHECK(rows.rows() == 100);
    CHECK_FALSE(rows.truncated());
    page.after = rf::page_bound{{"100"}, false};
    ends.source.read(page, rows).value();
    CHECK(rows.empty());
    CHECK(rows.columns() == 2);
}

TEST_CASE("what a large page received is not counted to the answer after it", "[client]") {
    private_server server({"--max-allowed-packet=1G"});
    server.create_database("s");
    server.execute("CREATE TABLE large (id INT PRIMARY KEY, v LONGBLOB)", "s");
    server.execute("INSERT INTO large VALUES (1, REPEAT('x', 150000000))", "s");
    auto c = connect_to(server, "s");
    const rf::table_schema t = schema_of(c, "large");
    rf::page_request page;
    page.table = &t;
    page.columns = {0, 1};
    page.order = t.keys.front().parts;
    page.max_bytes = 1; // the row is read
    rf::row_batch rows;
    for (int i = 0; i < 8; ++i) { // the watchdog counts what came after its last look of the page when it looks again
        REQUIRE(c.read(page, rows).has_value());
        auto slow = c.query("SELECT SLEEP(0.25)");
        INFO((slow ? std::string() : to_string(slow.error())));
        REQUIRE(slow.has_value());
    }
}

TEST_CASE("rows are counted, with a limit; the largest value is found", "[client]") {
    two_ends ends;
    ends.server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, at DATETIME(6), f FLOAT, KEY (at));"
        "INSERT INTO t SELECT seq, IF(seq % 10, '2026-01-01 00:00:00.5' + INTERVAL seq SECOND, NULL), 0.1 FROM "
        "seq_1_to_1000;"
        "CREATE TABLE no_rows LIKE t; "
        "CREATE VIEW slow AS SELECT a.id FROM t a JOIN t b JOIN t c JOIN t d WHERE a.f + b.f + c.f <> d.f",
        "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    rf::count_request request;
    request.table = &t;
    CHECK(ends.source.count(request).value() == 1000U);
    request.null_in = 1;
    CHECK(ends.source.count(request).value() == 100U);
    request = {};
    request.table = &t;
    request.limit = 5s;
    request.order = {{0, false}};
    request.after = rf::page_bound{{"990"}, false};
    request.up_to = rf::page_bound{{"995"}, true};
    CHECK(ends.source.count(request).value() == 5U);

    CHECK(ends.source.maximum(t, 1).value() == "2026-01-01 00:16:39.500000");
    CHECK(ends.source.maximum(t, 2).value() == "0.10000000149011612");
    CHECK_FALSE(ends.source.maximum(schema_of(ends.source, "no_rows"), 0).value().has_value());

    const rf::table_schema slow = schema_of(ends.source, "slow");
    request = {};
    request.table = &slow;
    request.limit = 200ms;
    const auto start = std::chrono::steady_clock::now();
    const auto none = ends.source.count(request);
    INFO((none ? std::string() : to_string(none.error())));
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
    CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("one server or two is proven, not guessed", "[client]") {
    two_ends ends;
    CHECK(ends.target.is_same_server(ends.source).value());
    support::private_server other;
    other.create_database("ferry_source");
    auto elsewhere = support::connect_to(other, "ferry_source");
    CHECK_FALSE(ends.target.is_same_server(elsewhere).value());
    CHECK_FALSE(elsewhere.is_same_server(ends.source).value());
    CHECK(ends.source.query("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE '%User lock%'")
              .value()
              .at(0, 0)
              .bytes() == "0");
}

TEST_CASE("a connection that was killed, or whose server died, is connection_lost", "[client]") {
    support::private_server server;
    server.create_database("d");
    server.execute("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)", "d");
    auto c = support::connect_to(server, "d");
    const rf::table_schema t = schema_of(c, "t");
    auto kill = [&] { server.execute("KILL " + std::to_string(c.info().connection_id)); };
    SECTION("between statements") {
        kill();
        const auto r = c.write(writing(t), rows_of(1, {"2"}));
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().fault == rf::fault::connection_lost);
        CHECK_FALSE(c.ping().has_value());
    }
    SECTION("in a statement") {
        std::thread killer([&] {
            std::this_thread::sleep_for(200ms);
            kill();
        });
        const auto r = c.execute("SELECT SLEEP(30)");
        killer.join();
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().fault == rf::fault::connection_lost);
    }
    SECTION("while a result is read") {
        rf::page_request page;
        server.execute("CREATE TABLE big AS SELECT seq AS id, REPEAT('x', 1000) AS v FROM seq_1_to_100000", "d");
        const rf::table_schema big = schema_of(c, "big");
        page.table = &big;
        page.columns = {0, 1};
        std::thread killer([&] { kill(); });
        rf::row_batch rows;
        rf::result<void> r;
        for (int i = 0; i < 50 && r; ++i) r = c.read(page, rows);
        killer.join();
        REQUIRE_FALSE(r.has_value());
        CHECK(r.error().fault == rf::fault::connection_lost);
        CHECK(rows.empty()); // nothing of a page that was not read to its end
    }
    SECTION("the server is killed and comes back") {
        server.kill();
        CHECK(c.commit().error().fault == rf::fault::connection_lost);
        const auto down = rf::mysql::connector(server.uri("d")).connect();
        REQUIRE_FALSE(down.has_value());
        CHECK(down.error().fault == rf::fault::unreachable);
        server.start();
        CHECK(rf::mysql::connector(server.uri("d")).connect().has_value());
    }
}

TEST_CASE("statements of the caller's own", "[client]") {
    two_ends ends;
    auto& c = ends.source;
    CHECK(c.execute("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))").value() == 0);
    CHECK(c.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL)").value() == 2);
    CHECK(c.execute("SELECT * FROM t").value() == 0);
    const rf::row_batch rows = c.query("SELECT id, v FROM t ORDER BY id").value();
    CHECK(rows.rows() == 2);
    CHECK(rows.at(1, 1).is_null());
    CHECK(c.query("DELETE FROM t").value().empty());
    const auto wrong = c.query("SELECT 'geheim' FRM t");
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == 1064);
    CHECK(wrong.error().sqlstate == "42000");
    CHECK(wrong.error().fault == rf::fault::permanent);
    CHECK_FALSE(contains(wrong.error().server_message, "geheim"));
    rf::mysql::connection moved = std::move(c);
    CHECK(moved.ping().has_value());
}

TEST_CASE("a lock wait that times out, and a deadlock, are told apart", "[client]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 0), (2, 0)");
    auto& a = ends.target;
    auto b = support::connect_to(ends.server, "ferry_target");
    a.begin().value();
    b.begin().value();
    a.execute("UPDATE t SET v = 1 WHERE id = 1").value();
    SECTION("lock wait") {
        b.execute("SET SESSION innodb_lock_wait_timeout = 1").value();
        CHECK(b.execute("UPDATE t SET v = 2 WHERE id = 1").error().fault == rf::fault::transient);
    }
    SECTION("deadlock") {
        b.execute("UPDATE t SET v = 2 WHERE id = 2").value();
        rf::result<std::uint64_t> first(std::uint64_t{0});
        std::thread waits([&] { first = a.execute("UPDATE t SET v = 1 WHERE id = 2"); });
        std::this_thread::sleep_for(200ms);
        const auto second = b.execute("UPDATE t SET v = 2 WHERE id = 1");
        if (!second) b.rollback().value();
        waits.join();
        const auto& loser = second ? first : second;
        REQUIRE_FALSE(loser.has_value());
        CHECK(loser.error().fault == rf::fault::rolled_back);
    }
}
