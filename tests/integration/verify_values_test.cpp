// SPDX-License-Identifier: BSL-1.0
// Verification on a real server: the least difference in a value of each type is found, and equal values are equal.
#include "catch.hpp"
#include "client_helpers.hpp"
#include "shared_server.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using support::shared_server;

namespace {

const char* const any_value =
    "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00';";

/// Two databases on one server, and what a verification says of a table in both.
struct two_databases {
    support::private_server& server = shared_server();
    rf::mysql::connector source{server.uri("verify_source")};
    rf::mysql::connector target{server.uri("verify_target")};

    two_databases() {
        server.create_database("verify_source");
        server.create_database("verify_target");
    }
    void in_source(const std::string& sql) const { server.execute(any_value + sql, "verify_source"); }
    void in_target(const std::string& sql) const { server.execute(any_value + sql, "verify_target"); }
    void in_both(const std::string& sql) const {
        in_source(sql);
        in_target(sql);
    }
    [[nodiscard]] rf::verification verify(rf::verify_request request) {
        request.second_look_after = 1ms;
        return rf::verifier{rf::fixed_batch{.rows = 2}}.verify(source, target, request);
    }
    [[nodiscard]] rf::verification verify(const std::string& table) {
        return verify(rf::verify_request{.table = table});
    }
    [[nodiscard]] bool is_mariadb() const { return support::contains(server.value("SELECT VERSION()"), "MariaDB"); }
};

struct least_difference {
    const char* type;
    const char* here;
    const char* there;
};

/// Values that are as alike as two different ones can be.
const std::vector<least_difference> differences{
    {"tinyint", "-1", "1"},
    {"int(10) unsigned zerofill", "7", "70"},
    {"bigint", "-9223372036854775808", "-9223372036854775807"},
    {"bigint unsigned", "18446744073709551615", "18446744073709551614"},
    {"decimal(65,30)", "1.000000000000000000000000000000", "1.000000000000000000000000000001"},
    {"float", "0.1", "0.10000001"},
    {"float", "0", "-1e-60"}, // -0
    {"float", "3.4028234e38", "3.4028232e38"},
    {"double", "0.1", "0.10000000000000002"},
    {"double", "1.7976931348623157e308", "1.7976931348623155e308"},
    {"double", "5e-324", "0"},
    {"double", "4.35", "4.3500000000000005"},
    {"bit(1)", "b'0'", "b'1'"},
    {"bit(64)", "0xFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFE"},
    {"char(5)", "'a'", "'A'"},
    {"char(5)", "''", "NULL"},
    {"varchar(20)", "'a'", "'a '"},
    {"varchar(20)", "'a'", "'A'"},
    {"varchar(20)", "'a'", "'\xC3\xA1'"},
    {"varchar(20)", "''", "NULL"},
    {"varchar(20)", "'N'", "NULL"},
    {"varchar(20) character set latin1", "'\xC3\xA1'", "'a'"},
    {"varchar(20) character set utf16", "'\xF0\x9F\xA6\xB7'", "'\xF0\x9F\xA6\xB8'"},
    {"varchar(20) character set gbk", "'\xE4\xB8\xAD'", "'\xE6\x96\x87'"},
    {"varbinary(20)", "X'61'", "X'6100'"},
    {"binary(3)", "X'610000'", "X'610020'"},
    {"tinytext", "'x'", "'X'"},
    {"text", "'x'", "'x '"},
    {"longtext character set utf16", "'x'", "'y'"},
    {"blob", "''", "NULL"},
    {"longblob", "REPEAT(X'00', 3000000)", "CONCAT(REPEAT(X'00', 2999999), X'01')"},
    {"json", "'{\"a\": 1}'", "'{\"a\": 2}'"},
    {"json", "'null'", "NULL"},
    {"enum('a','b')", "'a'", "'b'"},
    {"enum('a','','b')", "''", "0"},
    {"enum('a','b')", "0", "NULL"},
    {"set('a','','b')", "1", "3"},
    {"set('a','b')", "''", "NULL"},
    {"date", "'0000-00-00'", "'2000-00-00'"},
    {"date", "'2026-02-31'", "'2026-03-03'"},
    {"datetime(6)", "'2026-01-01 00:00:00.000000'", "'2026-01-01 00:00:00.000001'"},
    {"datetime", "'0000-00-00 00:00:00'", "NULL"},
    {"time(6)", "'-00:00:00.000001'", "'00:00:00.000001'"},
    {"time", "'838:59:59'", "'838:59:58'"},
    {"timestamp(3) null", "'2026-10-25 00:30:00.000'", "'2026-10-25 01:30:00.000'"},
    {"timestamp null", "'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'"},
    {"year", "0", "2000"},
    {"point", "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 2.0000000000000004)')"},
    {"geometry", "ST_GeomFromText('POINT(1 2)', 0)", "ST_GeomFromText('POINT(1 2)', 4326)"},
    {"geometry", "ST_GeomFromText('LINESTRING(0 0, 1 1)')", "ST_GeomFromText('LINESTRING(1 1, 0 0)')"},
};

void check_difference(two_databases& world, const least_difference& values) {
    CAPTURE(values.type, values.here, values.there);
    world.in_both("DROP TABLE IF EXISTS t; CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v " + std::string(values.type) +
                  ") CHARACTER SET utf8mb4");
    const std::string here = "(1, " + std::string(values.here) + ")";
    const std::string there = "(2, " + std::string(values.there) + ")";
    world.in_both("INSERT INTO t VALUES " + here + ", " + there + ", (3, NULL)");
    const rf::verification alike = world.verify("t");
    INFO((alike.failure ? rf::to_string(*alike.failure) : std::string()));
    REQUIRE(alike.equal());
    CHECK_FALSE(alike.changes_meanwhile);
    world.in_target("REPLACE INTO t VALUES (1, " + std::string(values.there) + ")");
    const rf::verification found = world.verify("t");
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.changed.keys == std::vector<rf::key_values>{{"1"}});
    CHECK(found.found() == 1);
}

} // namespace

TEST_CASE("verify: the least difference of each type is found, and equal values are equal") {
    two_databases world;
    for (const least_difference& values : differences) check_difference(world, values);
    if (!world.is_mariadb()) return;
    check_difference(world,
                     {"uuid", "'123e4567-e89b-12d3-a456-426655440000'", "'123e4567-e89b-12d3-a456-426655440001'"});
    check_difference(world, {"inet6", "'2001:db8::1'", "'2001:db8::2'"});
}

TEST_CASE("verify: values that moved between columns or rows are found") {
    two_databases world;
    world.in_both(
        "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a VARCHAR(20), b VARCHAR(20), c TEXT, d INT, e INT)"
        " CHARACTER SET utf8mb4;"
        "INSERT INTO t VALUES (1, 'x', 'y', 'z', 1, 2), (2, 'xy', '', NULL, 12, 3), (3, NULL, 'n', '', 0, 0)");
    REQUIRE(world.verify("t").equal());
    for (const char* change :
         {"a = 'y', b = 'x' WHERE id = 1", "a = 'x', b = 'y' WHERE id = 2", "d = 1, e = 23 WHERE id = 2",
          "a = 'n', b = NULL WHERE id = 3", "a = '1:n', b = NULL WHERE id = 3", "c = a WHERE id = 1"}) {
        CAPTURE(change);
        world.in_target("DELETE FROM t; INSERT INTO t SELECT * FROM verify_source.t; UPDATE t SET " +
                        std::string(change));
        CHECK(world.verify("t").changed.count == 1);
    }
    world.in_target("DELETE FROM t; INSERT INTO t SELECT 4 - id, a, b, c, d, e FROM verify_source.t");
    CHECK(world.verify("t").changed.count == 2); // rows 1 and 3 have changed places
}

TEST_CASE("verify: what may differ between the two tables makes no difference") {
    two_databases world;
    world.in_source(
        "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, s VARCHAR(20), w DATETIME(2), n INT(5) ZEROFILL, h TIME,"
        " g INT AS (id + 1) VIRTUAL) CHARACTER SET utf8mb4");
    world.in_target(
        "CREATE TABLE t (g BIGINT AS (id + 1) STORED, h TIME(6), n BIGINT(12) UNSIGNED ZEROFILL, w DATETIME(6),"
        " s LONGTEXT, id BIGINT NOT NULL, PRIMARY KEY (id)) CHARACTER SET utf8mb4 ENGINE=MyISAM");
    world.in_source("INSERT INTO t (id, s, w, n, h) VALUES (1, 'a ', '2026-01-01 10:00:00.25', 42, '-01:02:03'),"
                    " (2, NULL, '0000-00-00', NULL, NULL)");
    world.in_target("INSERT INTO t (id, s, w, n, h) SELECT id, s, w, n, h FROM verify_source.t");
    const rf::verification found = world.verify("t");
    INFO((found.failure ? rf::to_string(*found.failure) : std::string()));
    CHECK(found.equal());
    world.in_target("UPDATE t SET w = '2026-01-01 10:00:00.250001' WHERE id = 1");
    CHECK(world.verify("t").changed.count == 1);
}

TEST_CASE("verify: a UUID or an address is equal to its text, which the target may keep") {
    two_databases world;
    if (!world.is_mariadb()) return;
    world.in_source("CREATE TABLE t (id UUID PRIMARY KEY, i INET6, n INET4) CHARACTER SET utf8mb4;"
                    "INSERT INTO t SELECT UUID(), '::1', '1.2.3.4' FROM seq_1_to_9; UPDATE t SET n = NULL LIMIT 1");
    world.in_target("CREATE TABLE t (id CHAR(36) PRIMARY KEY, i VARCHAR(45), n VARCHAR(15)) CHARACTER SET utf8mb4;"
                    "INSERT INTO t SELECT * FROM verify_source.t");
    const rf::verification found = world.verify("t");
    INFO((found.failure ? rf::to_string(*found.failure) : std::string()));
    CHECK(found.equal());
    CHECK(found.source_rows == 9);
    world.in_target("UPDATE t SET i = '::2' ORDER BY id LIMIT 1");
    CHECK(world.verify("t").changed.count == 1);
}

TEST_CASE("verify: keys of each kind are named, and repaired") {
    two_databases world;
    struct key_type {
        const char* type;
        const char* first;
        const char* second;
        const char* third;
    };
    for (const key_type& k : {key_type{"bigint unsigned", "0", "9223372036854775808", "18446744073709551615"},
                              key_type{"decimal(20,5)", "-1.5", "0", "123456789012345.12345"},
                              key_type{"varchar(20) character set utf8mb4", "'a'", "'b\\'\\\\'", "'\xC3\xBC x'"},
                              key_type{"varchar(20) character set latin1", "'a'", "'b'", "'\xC3\xBC x'"},
                              key_type{"binary(4)", "X'00'", "X'00FF'", "X'FF'"},
                              key_type{"datetime(3)", "'0000-00-00'", "'2026-01-01 00:00:00.001'", "'9999-12-31'"}}) {
        CAPTURE(k.type);
        world.in_both("DROP TABLE IF EXISTS t; CREATE TABLE t (k " + std::string(k.type) +
                      " NOT NULL PRIMARY KEY, v FLOAT) CHARACTER SET utf8mb4; INSERT INTO t VALUES (" + k.first +
                      ", 0.1), (" + k.second + ", 0.2)");
        world.in_source("INSERT INTO t VALUES (" + std::string(k.third) + ", -0.1)");
        world.in_target("UPDATE t SET v = 1 WHERE v < 0.15");
        const rf::verification found = world.verify("t");
        CHECK(found.missing.count == 1);
        CHECK(found.changed.count == 1);
        CHECK(found.extra.count == 0);
        const rf::verification repaired = world.verify(rf::verify_request{.table = "t", .repair = true});
        INFO((repaired.failure ? rf::to_string(*repaired.failure) : std::string()));
        CHECK(repaired.equal());
        CHECK(repaired.repaired == 2);
        CHECK(world.server.value(
                  "SELECT COUNT(*) FROM verify_source.t s JOIN verify_target.t t ON s.k = t.k AND s.v = t.v") == "3");
        world.in_target(
            "DELETE FROM t WHERE v = 0.2; INSERT INTO t SELECT k, 0.3 FROM verify_source.t ORDER BY k LIMIT 1"
            " ON DUPLICATE KEY UPDATE v = 0.3");
        world.in_source("DELETE FROM t WHERE v < 0");
        const rf::verification all =
            world.verify(rf::verify_request{.table = "t", .repair = true, .delete_extra = true});
        CHECK(all.equal());
        CHECK(all.deleted == 1);
    }
}

TEST_CASE("verify: a key whose case differs is one row, named once and repaired") {
    two_databases world;
    world.in_both("CREATE TABLE t (k VARCHAR(20) NOT NULL PRIMARY KEY, v INT) CHARACTER SET utf8mb4;"
                  "INSERT INTO t VALUES ('alpha', 1), ('gamma', 3)");
    world.in_source("INSERT INTO t VALUES ('Beta', 2)");
    world.in_target("INSERT INTO t VALUES ('beta', 2)");
    const rf::verification found = world.verify("t");
    CHECK(found.changed.keys == std::vector<rf::key_values>{{"Beta"}});
    CHECK(found.found() == 1);
    CHECK(world.verify(rf::verify_request{.table = "t", .repair = true}).equal());
    CHECK(world.server.value("SELECT k FROM t WHERE v = 2", "verify_target") == "Beta");
}

TEST_CASE("verify: rows that a filter chose are repaired with their own bytes, whatever their charset") {
    two_databases world;
    world.in_both("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v VARCHAR(20) CHARACTER SET latin1, w BLOB,"
                  " e ENUM('a', '\xC3\xA9') CHARACTER SET latin1)");
    // As latin1 these bytes are two characters; as UTF-8, which a filter's literals are, they are one.
    world.in_source("INSERT INTO t VALUES (1, _latin1 X'C3A9', X'C3A9', '\xC3\xA9'), (2, _latin1 X'E9', X'E9', 'a')");
    const rf::verification repaired =
        world.verify(rf::verify_request{.table = "t", .where = "id < 10 AND 'x' = 'x'", .repair = true});
    INFO((repaired.failure ? rf::to_string(*repaired.failure) : std::string()));
    CHECK(repaired.equal());
    CHECK(repaired.repaired == 2);
    CHECK(world.server.value("SELECT GROUP_CONCAT(HEX(v), HEX(w), HEX(e) ORDER BY id) FROM t", "verify_target") ==
          "C3A9C3A9E9,E9E961");
}

TEST_CASE("verify: a row whose values are together longer than max_allowed_packet is refused, not overlooked") {
    two_databases world;
    world.in_both(
        "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, v VARBINARY(4000)); INSERT INTO t VALUES (1, REPEAT('x', 3000))");
    world.in_target("UPDATE t SET v = REPEAT('y', 3000)");
    const std::string usual = world.server.value("SELECT @@GLOBAL.max_allowed_packet");
    world.server.execute("SET GLOBAL max_allowed_packet = 2048");
    const rf::verification found = world.verify("t");
    world.server.execute("SET GLOBAL max_allowed_packet = " + usual);
    CHECK(found.verdict == rf::verdict::refused);
    REQUIRE(found.failure);
    CHECK(support::contains(rf::to_string(*found.failure), "raise that on this server"));
    CHECK(world.verify("t").verdict == rf::verdict::different);
}

TEST_CASE("verify: a key that is no member of an ENUM as it was described is refused, and names no row with the error "
          "value") {
    two_databases world;
    world.in_both("CREATE TABLE t (k ENUM('a', 'b') NOT NULL PRIMARY KEY, v INT)");
    world.in_target("INSERT IGNORE INTO t VALUES ('nothing such', 1), ('a', 2)");
    auto c = world.target.connect().value();
    const rf::table_schema described = c.describe("t").value().value();
    world.in_target("ALTER TABLE t MODIFY k ENUM('a', 'b', 'c') NOT NULL");
    rf::keyed_rows rows;
    rows.table = &described;
    rows.columns = {0};
    rows.order = {{0}};
    rows.keys = {{"c"}};
    const auto removed = c.remove_rows(rows);
    REQUIRE_FALSE(removed);
    CHECK(removed.error().message.find("a key's value of column k of table t is no member of its type") == 0);
    rf::row_batch found;
    CHECK_FALSE(c.find_rows(rows, found));
    rf::digest_request digest;
    digest.table = &described;
    digest.columns = {{0}};
    digest.order = {{0}};
    CHECK_FALSE(c.digests(digest, rows.keys, found));
    digest.up_to = rf::page_bound{{"c"}, true};
    CHECK_FALSE(c.ask_checksum(digest));
    CHECK(world.server.value("SELECT COUNT(*) FROM t", "verify_target") == "2");
}
