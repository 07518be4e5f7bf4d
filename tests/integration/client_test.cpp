// SPDX-License-Identifier: BSL-1.0
// The client on a real server: sessions, schemas, writing, checkpoints, counts, and what failures look like.
#include "shared_server.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::write_kind;
using support::shared_server;
using support::two_ends;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

rf::table_schema schema_of(rf::mysql::connection& c, std::string_view table) {
    auto described = c.describe(table).value();
    REQUIRE(described.has_value());
    return std::move(*described);
}

rf::write_request writing(const rf::table_schema& table, write_kind kind = write_kind::insert) {
    rf::write_request request;
    request.table = &table;
    request.columns = table.stored_columns();
    request.kind = kind;
    request.key_name = table.keys.empty() ? "" : table.keys.front().name;
    return request;
}

rf::row_batch rows_of(std::size_t columns, const std::vector<std::optional<std::string>>& cells) {
    rf::row_batch rows(columns);
    for (const auto& c : cells) rows.add(c ? rf::cell(*c) : rf::cell());
    return rows;
}

rf::checkpoint entry_of(std::string run) {
    rf::checkpoint c;
    c.job = rf::job_id("job");
    c.title = "größe to copy";
    c.definition = "pages: keyset by id 'x' \\";
    c.run = rf::job_id(run);
    return c;
}

} // namespace

TEST_CASE("each fresh connection has the session recipe", "[client]") {
    two_ends ends;
    const auto& info = ends.source.info();
    CHECK(info.dialect == rf::sql::dialect::mariadb);
    CHECK(contains(info.version, "MariaDB"));
    CHECK(info.connection_id > 0);
    CHECK(info.max_allowed_packet == 64U << 20U);
    const rf::row_batch session =
        ends.source
            .query("SELECT @@sql_mode, @@time_zone, @@foreign_key_checks, @@character_set_client, "
                   "@@character_set_results, "
                   "@@autocommit, @@tx_isolation, @@innodb_lock_wait_timeout, @@max_error_count, @@local_infile")
            .value();
    CHECK(session.at(0, 0).bytes() ==
          "NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION");
    CHECK(session.at(0, 1).bytes() == "+00:00");
    CHECK(session.at(0, 2).bytes() == "0");
    CHECK(session.at(0, 3).bytes() == "binary");
    CHECK(session.at(0, 4).bytes() == "binary");
    CHECK(session.at(0, 5).bytes() == "1");
    CHECK(session.at(0, 6).bytes() == "READ-COMMITTED");
    CHECK(session.at(0, 7).bytes() == "30");
    CHECK(session.at(0, 8).bytes() == "65535");
}

TEST_CASE("a server whose sessions differ is set right, and one that does not take a setting is refused", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    server.execute(
        "SET GLOBAL sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES', GLOBAL autocommit = 0, GLOBAL sql_select_limit = 3, "
        "GLOBAL time_zone = '-07:00', GLOBAL old_mode = 'NO_DUP_KEY_WARNINGS_WITH_IGNORE', GLOBAL sql_notes = 0");
    auto c = rf::mysql::connector(server.uri("s")).connect();
    server.execute("SET GLOBAL sql_mode = DEFAULT, GLOBAL autocommit = 1, GLOBAL sql_select_limit = DEFAULT, "
                   "GLOBAL time_zone = 'SYSTEM', GLOBAL old_mode = DEFAULT, GLOBAL sql_notes = 1");
    INFO((c ? std::string() : to_string(c.error())));
    REQUIRE(c.has_value());
    CHECK(c->query("SELECT seq FROM seq_1_to_10").value().rows() == 10);
    CHECK(c->query("SELECT @@old_mode").value().at(0, 0).bytes().empty());
}

TEST_CASE("a connection that fails says where to, as whom and what to check, without the password", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    const std::string at = "127.0.0.1:" + std::to_string(server.port());
    auto failure = [](const std::string& uri) {
        auto c = rf::mysql::connector(uri).connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error().operation == "connect");
        CHECK_FALSE(contains(to_string(c.error()), "geheim"));
        return c.error();
    };
    SECTION("wrong password") {
        const auto e = failure("mysql://ferry:geheim@" + at + "/s");
        CHECK(e.code == 1045);
        CHECK(e.fault == rf::fault::permanent);
        CHECK(e.message ==
              "cannot connect to " + at + " as user ferry, database s; check the user name and the password");
    }
    SECTION("no such user") { CHECK(failure("mysql://nobody:geheim@" + at + "/s").fault == rf::fault::permanent); }
    SECTION("no such database") {
        const auto e = failure("mysql://ferry:" + server.password() + "@" + at + "/nowhere");
        CHECK(e.code == 1049);
        CHECK(e.fault == rf::fault::permanent);
        CHECK(contains(e.message, "database nowhere; check the database's name"));
    }
    SECTION("no such port") {
        const auto e = failure("mysql://ferry:geheim@127.0.0.1:1/s");
        CHECK(e.fault == rf::fault::unreachable);
        CHECK(
            contains(e.message, "cannot connect to 127.0.0.1:1 as user ferry, database s; check that the server runs"));
    }
    SECTION("no such socket") {
        CHECK(failure("mysql://ferry:geheim@/s?socket=/nowhere/socket").fault == rf::fault::unreachable);
    }
    SECTION("no such host") {
        const auto e = failure("mysql://ferry:geheim@host.invalid/s");
        CHECK(e.fault == rf::fault::unreachable);
        CHECK(contains(e.message, "cannot connect to host.invalid:3306"));
    }
    SECTION("TLS is demanded, and the server has none") {
        const auto e = failure("mysql://ferry:" + server.password() + "@" + at + "/s?ssl-mode=required");
        CHECK(e.message == "the connection to " + at + " is not encrypted, which its ssl-mode demands");
    }
    SECTION("TLS is preferred, and the server has none") {
        CHECK(rf::mysql::connector("mysql://ferry:" + server.password() + "@" + at + "/s?ssl-mode=preferred")
                  .connect()
                  .has_value());
    }
    SECTION("an option file that is not there") {
        auto c = rf::mysql::connector("mysql://ferry@" + at + "/s?option-file=/nowhere/my.cnf").connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(contains(c.error().message, "the option file /nowhere/my.cnf cannot be read"));
    }
}

TEST_CASE("connectors: a password of its own, an option file, a socket, an identity", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    const std::string at = "127.0.0.1:" + std::to_string(server.port());
    const rf::mysql::connector without("mysql://ferry@" + at + "/s");
    CHECK(without.identity() == at + "/s");
    CHECK(without.with_password(server.password()).connect().has_value());
    CHECK_FALSE(without.with_password("geheim").connect().has_value());

    const support::temporary_folder folder;
    const std::string file = folder.path() + "/my.cnf";
    std::ofstream(file) << "[client]\nuser = nobody\npassword = " << server.password() << "\n";
    CHECK(rf::mysql::connector("mysql://ferry@" + at + "/s?option-file=" + file).connect().has_value());

    const rf::mysql::connector by_socket("mysql://ferry:" + server.password() + "@/s?socket=" + server.socket());
    CHECK(by_socket.identity() == server.socket() + "/s");
    CHECK(by_socket.connect().has_value());

    CHECK_THROWS_AS(rf::mysql::connector("mysql://nowhere"), rf::copy_error);
    CHECK_FALSE(rf::mysql::connector::from_uri("mysql://nowhere").has_value());
}

TEST_CASE("a table is described: columns, keys, and why other keys are of no use", "[client]") {
    two_ends ends;
    ends.server.execute(
        "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL, code VARCHAR(20) CHARACTER SET latin1 NOT NULL, name VARCHAR(20) "
        "NOT NULL,"
        " maybe INT, weight FLOAT NOT NULL, kind ENUM('a','b') NOT NULL, flags BIT(4) NOT NULL, doubled BIGINT AS "
        "(maybe * 2),"
        " hidden INT INVISIBLE NOT NULL DEFAULT 1, at DATETIME NOT NULL, u UUID NOT NULL,"
        " UNIQUE z_prefix (name(4)), UNIQUE y_null (maybe), UNIQUE x_float (weight), UNIQUE w_enum (kind, id),"
        " UNIQUE v_bit (flags), UNIQUE u_ignored (hidden) IGNORED, UNIQUE b_two (at, id DESC), UNIQUE d_text (code),"
        " UNIQUE c_uuid (u), KEY plain (maybe, code), PRIMARY KEY (id, code)) CHARACTER SET utf8mb4;"
        "CREATE VIEW v AS SELECT id FROM t; CREATE TABLE m (id INT, PRIMARY KEY USING HASH (id)) ENGINE=MEMORY;"
        "CREATE TABLE none (a INT, KEY (a)) ENGINE=MyISAM; CREATE TABLE p (a VARCHAR(20) NOT NULL, PRIMARY KEY (a(4)));"
        "CREATE SEQUENCE s; CREATE TABLE rowferry_checkpoint (id INT)",
        "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    CHECK(t.name == "t");
    CHECK(t.engine == "InnoDB");
    CHECK(t.transactional);
    CHECK(t.is_base_table);
    REQUIRE(t.columns.size() == 11);
    CHECK(t.columns[0].type == "bigint(20) unsigned");
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
    CHECK(t.columns[10].kind == rf::column_kind::other);
    std::vector<std::string> names;
    for (const rf::key& k : t.keys) names.push_back(k.name);
    CHECK(names == std::vector<std::string>{"PRIMARY", "c_uuid", "d_text", "b_two"});
    CHECK(t.keys[3].parts[0].column == 9);
    CHECK_FALSE(t.keys[3].parts[0].descending);
    CHECK(t.keys[3].parts[1].descending);
    CHECK(t.unusable_keys == "key u_ignored cannot order pages: the server is told to ignore it; "
                             "key v_bit cannot order pages: column flags is bit, which cannot be a page bound; "
                             "key w_enum cannot order pages: column kind is enum, which cannot be a page bound; "
                             "key x_float cannot order pages: column weight is float, which cannot be a page bound; "
                             "key y_null cannot order pages: column maybe may be NULL; "
                             "key z_prefix cannot order pages: it has only a prefix of column name");
    CHECK(std::count(t.indexed_columns.begin(), t.indexed_columns.end(), "maybe") == 2);
    CHECK(std::count(t.indexed_columns.begin(), t.indexed_columns.end(), "id") == 1);

    CHECK_FALSE(schema_of(ends.source, "v").is_base_table);
    CHECK_FALSE(schema_of(ends.source, "s").is_base_table);
    CHECK(contains(schema_of(ends.source, "m").unusable_keys, "it is a HASH index, which has no order"));
    CHECK_FALSE(schema_of(ends.source, "none").transactional);
    CHECK(schema_of(ends.source, "none").keys.empty());
    CHECK(contains(schema_of(ends.source, "p").unusable_keys,
                   "key PRIMARY cannot order pages: it has only a prefix of column a"));
    CHECK_FALSE(ends.source.describe("nowhere").value().has_value());
    CHECK_FALSE(ends.source.describe("T").value().has_value()); // names have case on this server
    CHECK(ends.source.tables().value() == std::vector<std::string>{"m", "none", "p", "t"});
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
    CHECK(refused({"1", "1000", none, none, none, none, none}).code == 1264);
    CHECK(refused({"1", none, "geheim", none, none, none, none}).code == 1406);
    CHECK(contains(refused({"1", "geheim", none, none, none, none, none}).server_message, "'…' for column"));
    CHECK(refused({"1", none, none, none, "geheim", none, none}).code == 1292);
    CHECK(refused({"1", none, none, none, none, "geheim{", none}).fault ==
          rf::fault::data); // JSON is a CHECK in MariaDB
    CHECK(refused({"1", none, none, none, none, none, "geheim\xFF"}).code == 1366);
    CHECK(refused({"1", "99", none, none, none, none, none}).code == 4025);
    // Only a note: a decimal that is rounded, blanks that are cut off.
    const auto rounded = refused({"1", none, none, "1.005", none, none, none});
    CHECK(rounded.code == 1265);
    CHECK(contains(rounded.message, "would have changed or left out a value of table t"));
    CHECK(contains(rounded.server_message, "column 'd'"));
    CHECK(refused({"2", none, "abc   ", none, none, none, none}).code == 1265);
    ends.server.execute("DELETE FROM t; INSERT INTO t (id, few) VALUES (7, 'ge')", "ferry_target");
    CHECK(refused({"7", none, none, none, none, none, none}).server_message == "Duplicate entry '…' for key 'PRIMARY'");
    CHECK(refused({"8", none, "GE", none, none, none, none}).server_message == "Duplicate entry '…' for key 'few'");
    // INSERT IGNORE makes all of these warnings; only the duplicate of the copy's key may pass.
    CHECK(refused({"9", "1000", none, none, none, none, none}, write_kind::skip_existing).code == 1264);
    CHECK(refused({"9", none, "ge", none, none, none, none}, write_kind::skip_existing).code == 1062);
    CHECK(refused({"9", none, none, none, none, none, "\xFF"}, write_kind::skip_existing).code == 1366);
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
    CHECK(c.forget_checkpoint(mine.job).has_value());
    c.claim_checkpoint(mine).value();
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
        c.claim_checkpoint(theirs).value();
        CHECK(loaded() == theirs); // the progress stays
        mine.batches = 2;
        const auto lost = c.save_checkpoint(mine);
        REQUIRE_FALSE(lost.has_value());
        CHECK(lost.error().fault == rf::fault::permanent);
        CHECK(contains(lost.error().message, "another run of this copy has taken over (größe to copy)"));
        theirs.batches = 2;
        theirs.complete = true;
        c.save_checkpoint(theirs).value();
        CHECK(loaded() == theirs);
    }
    SECTION("forgotten") {
        c.forget_checkpoint(mine.job).value();
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

TEST_CASE("rows are counted, with a limit; the largest value is found", "[client]") {
    two_ends ends;
    ends.server.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, at DATETIME(6), f FLOAT, KEY (at));"
        "INSERT INTO t SELECT seq, IF(seq % 10, '2026-01-01 00:00:00.5' + INTERVAL seq SECOND, NULL), 0.1 FROM "
        "seq_1_to_1000;"
        "CREATE TABLE empty LIKE t; "
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
    CHECK_FALSE(ends.source.maximum(schema_of(ends.source, "empty"), 0).value().has_value());

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
