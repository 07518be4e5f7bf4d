// SPDX-License-Identifier: BSL-1.0
// The three ways to write on a real server: each refuses the same rows with the same errors, counts the same duplicates and
// keeps the same limits; and what a server that asks for a file gets.
#include "client_helpers.hpp"
#include "ways.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace support;
using Catch::Matchers::ContainsSubstring;
using rf::write_kind;
using rf::write_way;

namespace {

rf::write_request writing(const rf::table_schema& table, write_way way, write_kind kind = write_kind::insert) {
    rf::write_request request = support::writing(table, kind);
    request.way = way;
    return request;
}

/// Writes in a transaction of its own, which is undone when the write fails.
rf::result<rf::write_outcome> write(rf::mysql::connection& c, const rf::write_request& request,
                                    const rf::row_range& rows) {
    c.begin().value();
    auto wrote = c.write(request, rows);
    if (wrote) {
        c.commit().value();
    } else if (!rf::needs_fresh_connection(wrote.error().fault)) {
        c.rollback().value();
    }
    return wrote;
}

/// The whole table, in the order in which the server gives it.
rf::row_batch content(rf::mysql::connection& c, const rf::table_schema& t) {
    rf::page_request page;
    page.table = &t;
    page.columns = t.stored_columns();
    if (!t.keys.empty()) page.order = t.keys.front().parts;
    rf::row_batch rows;
    c.read(page, rows).value();
    return rows;
}
bool equal(const rf::row_batch& a, const rf::row_batch& b) {
    if (a.rows() != b.rows() || a.columns() != b.columns()) return false;
    for (std::size_t row = 0; row < a.rows(); ++row) {
        for (std::size_t i = 0; i < a.columns(); ++i) {
            if (a.at(row, i) != b.at(row, i)) return false;
        }
    }
    return true;
}

} // namespace

TEST_CASE("a way that was not asked for is chosen by what client and server can do", "[ways]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY)");
    const rf::table_schema t = schema_of(ends.target, "t");
    const auto ways = ways_to(ends.server);
    const bool has_arrays = std::find(ways.begin(), ways.end(), write_way::array_binding) != ways.end();
    auto chosen = [&](write_way way, write_kind kind = write_kind::insert) {
        return ends.target.choose_write_way(writing(t, way, kind), false);
    };
    CHECK(chosen(write_way::automatic).value() == (has_arrays ? write_way::array_binding : write_way::load_data));
    CHECK(chosen(write_way::multi_row).value() == write_way::multi_row);
    CHECK(chosen(write_way::load_data).value() == write_way::load_data);
    CHECK(chosen(write_way::load_data, write_kind::replace).value() == write_way::load_data);
    const auto upsert = chosen(write_way::load_data, write_kind::upsert);
    REQUIRE_FALSE(upsert.has_value());
    CHECK(upsert.error().offers(rowferry::remedy::choose_write_mode));
    CHECK(upsert.error().offers(rowferry::remedy::choose_write_way));
    CHECK(chosen(write_way::automatic, write_kind::upsert).value() ==
          (has_arrays ? write_way::array_binding : write_way::multi_row));
    if (!has_arrays) {
        CHECK_THAT(to_string(chosen(write_way::array_binding).error()), ContainsSubstring("MariaDB Connector/C"));
    }
}

TEST_CASE("loads are refused, or left out, where the server does not take them", "[ways]") {
    for (const std::string mode : {"1", "2"}) {
        private_server server({"--innodb-autoinc-lock-mode=" + mode});
        server.create_database("d");
        server.execute("CREATE TABLE plain (id INT PRIMARY KEY);"
                       "CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY)",
                       "d");
        auto loads = [&](const std::string& table, bool several) {
            // What a client without arrays chooses.
            const auto to = rf::mysql::parse_uri(server.uri("d")).value();
            rf::mysql::detail::client c;
            rf::mysql::detail::connect_client(c, to).value();
            const auto info = rf::mysql::detail::open_session(c, to).value();
            rf::mysql::detail::write_memory memory;
            rf::table_schema t;
            t.name = table;
            return rf::mysql::detail::choose_without_arrays(c, info, memory, writing(t, write_way::automatic), several)
                       .value() == write_way::load_data;
        };
        INFO(mode);
        CHECK(loads("plain", false));
        CHECK(loads("plain", true));
        CHECK(loads("numbered", false));
        CHECK(loads("numbered", true) == (mode == "2")); // else the loads would wait for each other
        CHECK(loads("not_there_yet", true) == (mode == "2"));
        server.execute("SET GLOBAL local_infile = OFF");
        CHECK_FALSE(loads("plain", false));
        auto c = connect_to(server, "d");
        const rf::table_schema t = schema_of(c, "plain");
        const auto refused = c.choose_write_way(writing(t, write_way::load_data), false);
        REQUIRE_FALSE(refused.has_value());
        CHECK_THAT(to_string(refused.error()), ContainsSubstring("local_infile is off"));
    }
}

TEST_CASE("a server that asks for a file gets nothing but the text of a load that is under way", "[ways]") {
    SECTION("the handler") {
        using rf::mysql::detail::local_infile;
        local_infile files;
        char buffer[64];
        void* state = nullptr;
        CHECK(local_infile::begin(&state, "/etc/passwd", &files) != 0);
        CHECK(local_infile::read(state, buffer, sizeof buffer) == 0);
        CHECK(local_infile::fail(state, buffer, sizeof buffer) == 2068);
        CHECK(std::string_view(buffer).size() < sizeof buffer);
        const std::string text(100, 'x');
        files.offer(text);
        REQUIRE(local_infile::begin(&state, "/etc/passwd", &files) == 0); // whatever the name
        CHECK(local_infile::read(state, buffer, sizeof buffer) == 64);
        CHECK(local_infile::read(state, buffer, sizeof buffer) == 36);
        CHECK(local_infile::read(state, buffer, sizeof buffer) == 0);
        CHECK(std::string_view(buffer, 36) == std::string_view(text).substr(0, 36));
        local_infile::end(state);
        CHECK(local_infile::begin(&state, "rowferry", &files) != 0); // once
        files.offer(text);
        files.withdraw();
        CHECK(local_infile::begin(&state, "rowferry", &files) != 0);
    }
    SECTION("a connection, which goes on behind it") {
        two_ends ends;
        ends.execute("CREATE TABLE t (line TEXT)");
        for (const char* file : {"/etc/passwd", "rowferry"}) {
            const auto r = ends.target.execute("LOAD DATA LOCAL INFILE '" + std::string(file) + "' INTO TABLE t");
            REQUIRE_FALSE(r.has_value());
            INFO(to_string(r.error()));
            CHECK(r.error().code == 2068);
            CHECK(r.error().fault == rf::fault::permanent);
        }
        CHECK(ends.target.ping().has_value());
        CHECK(ends.server.value("SELECT COUNT(*) FROM t", "ferry_target") == "0");
        const rf::table_schema t = schema_of(ends.target, "t");
        CHECK(write(ends.target, writing(t, write_way::load_data), rows_of(1, {"a"})).value().rows == 1);
        CHECK_FALSE(ends.target.execute("LOAD DATA LOCAL INFILE 'rowferry' INTO TABLE t").has_value());
    }
}

TEST_CASE("each way refuses the same values with the same errors, and leaves nothing", "[ways]") {
    two_ends ends;
    ends.server.execute("CREATE TABLE t (id INT PRIMARY KEY, tiny TINYINT, few VARCHAR(3), d DECIMAL(5,2), at DATE,"
                        " u VARCHAR(20) CHARACTER SET utf8mb4, g POINT, n TIMESTAMP NOT NULL, CHECK (tiny <> 99),"
                        " UNIQUE (few))",
                        "ferry_target");
    const rf::table_schema t = schema_of(ends.target, "t");
    const auto none = std::nullopt;
    const std::string then = "2026-01-01 00:00:00";
    std::vector<std::vector<std::optional<std::string>>> bad;
    for (const auto& [at, text] : {std::pair<std::size_t, const char*>{1, "1000"},
                                   {1, "geheim"},
                                   {1, "99"},
                                   {1, ""},
                                   {2, "geheim"},
                                   {2, "abc   "},
                                   {2, "GE"},
                                   {3, "1.005"},
                                   {3, "1000000"},
                                   {4, "geheim"},
                                   {5, "geheim\xFF"},
                                   {6, "geheim"}}) {
        bad.push_back({"7", none, none, none, none, none, none, then});
        bad.back()[at] = text;
    }
    bad.push_back({"1", none, none, none, none, none, none, then}); // a duplicate
    bad.push_back({"7", none, none, none, none, none, none, none}); // a NULL where there is none
    bad.push_back({none, none, none, none, none, none, none, then});
    for (const write_kind kind :
         {write_kind::insert, write_kind::upsert, write_kind::replace, write_kind::skip_existing}) {
        for (std::size_t i = 0; i < bad.size(); ++i) {
            std::optional<std::string> first;
            for (const write_way way : ways_to(ends.server, kind)) {
                ends.server.execute("DELETE FROM t; INSERT INTO t (id, few, n) VALUES (1, 'ge', NOW())",
                                    "ferry_target");
                CAPTURE(name(kind), i, name(way));
                std::vector<std::optional<std::string>> cells{"5", "1", none, none, none, none, none, then};
                cells.insert(cells.end(), bad[i].begin(), bad[i].end());
                const auto r = write(ends.target, writing(t, way, kind), rows_of(8, cells));
                // Of a constraint some give a warning and some an error.
                const std::string answer = r ? "skipped " + std::to_string(r->skipped)
                                             : std::to_string(r.error().code) + ": " + r.error().server_message;
                if (!first) first = answer;
                CHECK(answer == *first);
                if (r) continue;
                CHECK_FALSE(contains(to_string(r.error()), "geheim"));
                CHECK(r.error().fault == rf::fault::data);
                CHECK(ends.server.value("SELECT GROUP_CONCAT(id) FROM t", "ferry_target") == "1");
            }
        }
    }
}

TEST_CASE("each way counts every duplicate that skip_existing passes, more than the protocol counts", "[ways]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY, few VARCHAR(3))");
    ends.server.execute("INSERT INTO t SELECT seq, 'a' FROM seq_1_to_70000", "ferry_source");
    const rf::table_schema t = schema_of(ends.source, "t");
    const rf::row_batch rows = content(ends.source, t);
    for (const write_way way : ways_to(ends.server)) {
        CAPTURE(name(way));
        ends.server.execute("TRUNCATE t; INSERT INTO t SELECT seq * 2, 'b' FROM seq_1_to_10", "ferry_target");
        const auto request = writing(t, way, write_kind::skip_existing);
        const auto fresh = write(ends.target, request, rows).value();
        CHECK(fresh.rows == 70'000);
        CHECK(fresh.skipped == 10);
        const auto again = write(ends.target, request, rows).value();
        CHECK(again.rows == 70'000);
        CHECK(again.skipped == 70'000);
        const auto cut = write(ends.target, request, rows_of(2, {"1", "x", "70001", "long"}));
        REQUIRE_FALSE(cut.has_value()); // besides the duplicate that may pass
        CHECK(cut.error().code == 1265);
        CHECK(ends.server.value("SELECT COUNT(*) FROM t", "ferry_target") == "70000");
    }
}

TEST_CASE("each way cuts its statements by max_allowed_packet, and takes a row of 20 MB", "[ways]") {
    private_server server({"--max-allowed-packet=1M"});
    server.create_database("d");
    server.execute("CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)", "d");
    rf::row_batch rows(2);
    for (int i = 0; i < 40; ++i) {
        rows.add(rf::cell(std::to_string(i)));
        rows.add(rf::cell(std::string(100'000, i % 2 == 0 ? 'x' : '\\')));
    }
    for (const write_way way : ways_to(server)) {
        CAPTURE(name(way));
        server.execute("TRUNCATE t; SET GLOBAL max_allowed_packet = 1048576", "d");
        auto c = connect_to(server, "d");
        const rf::table_schema t = schema_of(c, "t");
        CHECK(write(c, writing(t, way), rows).value().rows == 40);
        CHECK(equal(content(c, t), rows));
        if (way != write_way::load_data) { // which goes by no packet
            const auto r = write(c, writing(t, way), rows_of(2, {"200", std::string(1'048'600, 'z')}));
            REQUIRE_FALSE(r.has_value());
            CHECK(r.error().fault == rf::fault::batch_too_large);
            CHECK_THAT(r.error().message, ContainsSubstring("max_allowed_packet is 1048576 bytes"));
            CHECK(c.ping().has_value());
        }
        server.execute("SET GLOBAL max_allowed_packet = 67108864");
        auto wide = connect_to(server, "d");
        std::string big;
        for (unsigned i = 0; big.size() < 20'000'000; ++i) big += static_cast<char>(i * 7 % 256);
        const rf::row_batch giant = rows_of(2, {"-1", big, "100", "small"});
        CHECK(write(wide, writing(t, way), giant).value().rows == 2);
        CHECK(server.value("SELECT LENGTH(v) FROM t WHERE id = -1", "d") == "20000000");
        CHECK(content(wide, t).at(0, 1).bytes() == big);
    }
}

TEST_CASE("each way writes a table of 1000 columns, and rows with cells that are not written", "[ways]") {
    two_ends ends;
    std::string columns;
    for (int i = 1; i < 1000; ++i) columns += ", c" + std::to_string(i) + " INT";
    ends.execute("CREATE TABLE wide (id INT PRIMARY KEY" + columns + ")");
    const rf::table_schema t = schema_of(ends.target, "wide");
    rf::row_batch rows(1001); // and one cell more
    for (int row = 0; row < 60; ++row) {
        for (int i = 0; i < 1001; ++i) {
            const bool is_null = i > 0 && (row + i) % 7 == 0;
            rows.add(is_null ? rf::cell() : rf::cell(std::to_string(row * (i + 1))));
        }
    }
    for (const write_way way : ways_to(ends.server)) {
        CAPTURE(name(way));
        ends.server.execute("TRUNCATE wide", "ferry_target");
        CHECK(write(ends.target, writing(t, way), rf::row_range(rows, 1, 59)).value().rows == 59);
        const rf::row_batch found = content(ends.target, t);
        REQUIRE(found.rows() == 59);
        bool same = true;
        for (std::size_t row = 0; row < 59; ++row) {
            for (std::size_t i = 0; i < 1000; ++i) same = same && found.at(row, i) == rows.at(row + 1, i);
        }
        CHECK(same);
    }
}

TEST_CASE("each way stores a year 0, a FLOAT of -0 and ENUM's error value among other rows", "[ways]") {
    two_ends ends;
    ends.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, y YEAR, f FLOAT, e ENUM('a','b'), m ENUM('','b'), s SET('','c'))");
    const rf::table_schema t = schema_of(ends.target, "t");
    const rf::row_batch rows = rows_of(6, {"1", "0", "-0", "", std::string(1, '\0'), "1", //
                                           "2", "1999", "1.5", "b", "", "3",              //
                                           "3", "0000", "0", std::nullopt, "b", "0"});
    for (const bool with_errors : {true, false}) {
        for (const write_way way : ways_to(ends.server)) {
            CAPTURE(name(way), with_errors);
            ends.server.execute("TRUNCATE t", "ferry_target");
            const rf::row_range part(rows, with_errors ? 0 : 1, with_errors ? 3 : 2);
            CHECK(write(ends.target, writing(t, way), part).value().rows == part.rows());
            CHECK(
                ends.server.value("SELECT GROUP_CONCAT(id, ':', y, ':', f, ':', IFNULL(e+0,'N'), m+0, s+0 ORDER BY id "
                                  "SEPARATOR ' ') FROM t",
                                  "ferry_target") ==
                (with_errors ? std::string("1:0000:") + (ends.server.is_mysql() ? "-0" : "0") + ":001 "
                             : std::string()) +
                    "2:1999:1.5:213 3:0000:0:N20");
            if (with_errors) CHECK(content(ends.target, t).at(0, 2).bytes() == "-0");
        }
    }
}

TEST_CASE("each way keeps a number of 0 where a trigger fires", "[ways]") {
    two_ends ends;
    ends.execute("CREATE TABLE t (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT)");
    ends.server.execute("CREATE TRIGGER fires BEFORE INSERT ON t FOR EACH ROW SET NEW.v = NEW.v", "ferry_target");
    const rf::row_batch rows = rows_of(2, {"0", "1", "7", "2"});
    for (const write_way way : ways_to(ends.server)) {
        CAPTURE(name(way));
        ends.server.execute("TRUNCATE t", "ferry_target");
        const rf::table_schema t = schema_of(ends.target, "t");
        REQUIRE(t.triggers.size() == 1);
        CHECK(write(ends.target, writing(t, way), rows).value().rows == 2);
        CHECK(equal(content(ends.target, t), rows));
    }
}

TEST_CASE("a prepared insert outlives changes of its table, and is closed", "[ways]") {
    two_ends ends;
    const auto ways = ways_to(ends.server);
    if (std::find(ways.begin(), ways.end(), write_way::array_binding) == ways.end()) return;
    auto prepared = [&] {
        return ends.server.query("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'").at(0).at(1).value();
    };
    ends.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE TABLE u (id INT PRIMARY KEY)");
    const std::string before = prepared();
    {
        auto c = connect_to(ends.server, "ferry_target");
        const rf::table_schema t = schema_of(c, "t");
        const rf::table_schema u = schema_of(c, "u");
        const auto way = write_way::array_binding;
        CHECK(write(c, writing(t, way), rows_of(2, {"1", "1"})).value().rows == 1);
        ends.server.execute("ALTER TABLE t ADD w INT DEFAULT 5 FIRST", "ferry_target");
        CHECK(write(c, writing(t, way), rows_of(2, {"2", "2", "3", std::nullopt})).value().rows == 2);
        ends.server.execute("FLUSH TABLES; DROP TABLE t; CREATE TABLE t (v VARCHAR(9), id INT PRIMARY KEY)",
                            "ferry_target");
        CHECK(write(c, writing(t, way), rows_of(2, {"4", "x"})).value().rows == 1);
        CHECK(ends.server.value("SELECT CONCAT(id, v) FROM t", "ferry_target") == "4x");
        CHECK(write(c, writing(u, way), rows_of(1, {"1", "2"})).value().rows == 2);
        CHECK(std::stoul(prepared()) == std::stoul(before) + 1);
        ends.server.execute("DROP TABLE u", "ferry_target");
        CHECK(write(c, writing(u, way), rows_of(1, {"3"})).error().code == 1146);
        CHECK(write(c, writing(t, way), rows_of(2, {"5", "y"})).value().rows == 1);
        auto moved = std::move(c);
        CHECK(write(moved, writing(t, way), rows_of(2, {"6", "z"})).value().rows == 1);
        ends.server.execute("KILL " + std::to_string(moved.info().connection_id));
        const auto lost = moved.write(writing(t, way), rows_of(2, {"7", "z"}));
        REQUIRE_FALSE(lost.has_value());
        CHECK(lost.error().fault == rf::fault::connection_lost);
    }
    CHECK(ends.server.value("SELECT COUNT(*) FROM t", "ferry_target") == "3");
}
