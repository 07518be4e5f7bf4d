// SPDX-License-Identifier: BSL-1.0
// The checker itself: one bit, one blank or one second changed in any kind of column, and it says in which.
#include "fingerprint.hpp"
#include "fixture.hpp"
#include "worlds.hpp"

#include "catch.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

using fidelity::both_servers;
using fidelity::difference;
using fidelity::fingerprint;
using fidelity::in_backticks;
using fidelity::kind_of_server;
using fidelity::product;
using fidelity::table_print;

namespace {

// A column, and two values that differ as little as values of it can.
struct mutation {
    std::string name;
    std::string type;
    std::string value;
    std::string changed;
    product on = product::any;
    unsigned since = 0;
};

std::vector<mutation> all_mutations() {
    return {
        {"tinyint", "TINYINT", "-128", "-127"},
        {"bigint", "BIGINT", "-9223372036854775808", "-9223372036854775807"},
        {"unsigned bigint", "BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"},
        {"zerofill", "INT(5) ZEROFILL", "0", "1"},
        {"float", "FLOAT", "0.010516252368688583", "0.010516253300011158"}, // six digits are the same
        {"float's zero", "FLOAT", "0", "'-1e-60'"},
        {"least float", "FLOAT", "1.401298464324817e-45", "2.802596928649634e-45"},
        {"float with decimals", "FLOAT(9,3)", "1234.567", "1234.568"},
        {"double", "DOUBLE", "0.1", "0.10000000000000002"},
        {"large double", "DOUBLE", "1.7976931348623157e308", "1.7976931348623155e308"},
        {"least double", "DOUBLE", "4.9406564584124654e-324", "9.8813129168249309e-324"},
        {"double with decimals", "DOUBLE(30,10)", "0.0000000001", "0.0000000002"},
        {"decimal", "DECIMAL(65,30)", "99999999999999999999999999999999999.999999999999999999999999999999",
         "99999999999999999999999999999999999.999999999999999999999999999998"},
        {"year", "YEAR", "0", "2000"},
        {"bit", "BIT(64)", "X'8000000000000000'", "X'8000000000000001'"},
        {"one bit", "BIT(1)", "b'0'", "b'1'"},
        {"date", "DATE", "'2020-02-31'", "'2020-02-30'"},
        {"zero date", "DATE", "'0000-00-00'", "NULL"},
        {"time", "TIME(6)", "'-838:59:58.999999'", "'-838:59:58.999998'"},
        {"datetime", "DATETIME(6)", "'9999-12-31 23:59:59.999999'", "'9999-12-31 23:59:59.999998'"},
        {"timestamp", "TIMESTAMP(6) NULL", "'2026-10-25 00:30:00'",
         "'2026-10-25 01:30:00'"}, // one hour of the clock, twice
        {"zero timestamp", "TIMESTAMP NULL", "'0000-00-00'", "'1970-01-01 00:00:01'"},
        {"case", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "'a'", "'A'"},
        {"accent", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "'a'", "'ä'"},
        {"composed", "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "X'C3A4'", "X'61CC88'"},
        {"blank", "VARCHAR(20) CHARACTER SET latin1", "'a'", "'a '"},
        {"no blank", "TEXT CHARACTER SET utf8mb4", "''", "' '"},
        {"null", "VARCHAR(20)", "''", "NULL"},
        {"null's name", "VARCHAR(20)", "'NULL'", "NULL"},
        {"nul", "VARCHAR(20) CHARACTER SET latin1", "X'00'", "X''"},
        {"utf16", "VARCHAR(20) CHARACTER SET utf16", "X'D83DDE00'", "X'D83DDE01'"},
        {"gbk", "CHAR(20) CHARACTER SET gbk", "X'815C'", "X'815B'"},
        {"tinytext", "TINYTEXT CHARACTER SET latin1", "REPEAT('a', 255)", "CONCAT(REPEAT('a', 254), 'b')"},
        {"longtext", "LONGTEXT", "CONCAT(REPEAT('a', 3000000), 'a')", "CONCAT(REPEAT('a', 3000000), 'b')"},
        {"binary", "BINARY(4)", "X'61000000'", "X'61000020'"},
        {"varbinary", "VARBINARY(4)", "X'00'", "X'0000'"},
        {"longblob", "LONGBLOB", "CONCAT(REPEAT(X'00', 3000000), X'00')", "CONCAT(REPEAT(X'00', 3000000), X'01')"},
        {"json", "JSON", "'{\"a\": 1}'", "'{\"a\": \"1\"}'"},
        {"enum", "ENUM('x','X1','y')", "'x'", "'y'"},
        {"enum's error", "ENUM('x','')", "0", "''"},
        {"set", "SET('a','','b')", "0", "2"},
        {"large set",
         "SET('1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17','18','19','20','21','22','23'"
         ",'24','25',"
         "'26','27','28','29','30','31','32','33','34','35','36','37','38','39','40','41','42','43','44','45','46','47'"
         ",'48','49',"
         "'50','51','52','53','54','55','56','57','58','59','60','61','62','63','64')",
         "18446744073709551615", "18446744073709551614"},
        {"shape", "GEOMETRY", "ST_GeomFromText('POINT(0.1 1)')", "ST_GeomFromText('POINT(0.10000000000000002 1)')"},
        {"srid", "POINT", "ST_GeomFromText('POINT(1 2)', 0)", "ST_GeomFromText('POINT(1 2)', 3857)"},
        {"hidden", "INT INVISIBLE", "1", "2"},
        {"uuid", "UUID", "'123e4567-e89b-12d3-a456-426655440000'", "'123e4567-e89b-12d3-a456-426655440001'",
         product::mariadb, 1007},
        {"inet6", "INET6", "'::ffff:1.2.3.4'", "'::1.2.3.4'", product::mariadb},
        {"inet4", "INET4", "'0.0.0.0'", "'0.0.0.1'", product::mariadb, 1010},
        {"vector", "VECTOR(1)", "X'00000000'", "X'00000080'", product::mysql, 900},
        {"mariadb's vector", "VECTOR(1) NOT NULL", "X'00000000'", "X'00000080'", product::mariadb, 1107},
    };
}

// Those that both servers can hold.
std::vector<mutation> mutations() {
    const both_servers& both = both_servers::get();
    auto takes = [](const kind_of_server& kind, const mutation& m) {
        return m.on == product::any || (m.on == kind.is && m.since <= kind.version);
    };
    std::vector<mutation> possible;
    for (const mutation& m : all_mutations()) {
        if (m.type == "JSON" && !both.of_one_product()) continue; // text in MariaDB, a type of its own in MySQL
        if (takes(both.source_kind, m) && takes(both.target_kind, m)) possible.push_back(m);
    }
    return possible;
}

void run(const support::private_server& server, const std::string& sql) {
    server.execute(fidelity::fixture_session + std::string(fidelity::lenient) + sql, "checker");
}

// Two rows: the one to be changed, and one that is all NULL and zero where NULL cannot be.
void make(const support::private_server& server, const std::vector<mutation>& columns) {
    server.create_database("checker");
    std::string create = "CREATE TABLE checked (id INT PRIMARY KEY";
    std::string names = "id";
    std::string values = "1";
    for (const mutation& m : columns) {
        create += ", " + in_backticks(m.name) + " " + m.type;
        names += ", " + in_backticks(m.name);
        values += ", " + m.value;
    }
    run(server, create + ", twice INT AS (`tinyint` * 2) VIRTUAL) ROW_FORMAT=DYNAMIC; INSERT INTO checked (" + names +
                    ") VALUES (" + values + "); INSERT INTO checked (id) VALUES (2)");
}

table_print seen_in(const support::private_server& server) {
    return fingerprint(server, "checker", "checked").at("checked");
}

} // namespace

TEST_CASE("the checker sees the least change of a value in each kind of column", "[fidelity]") {
    const both_servers& both = both_servers::get();
    const std::vector<mutation> columns = mutations();
    make(*both.source, columns);
    make(*both.target, columns);
    const table_print before = seen_in(*both.source);
    REQUIRE(before.rows.size() == 2);
    REQUIRE(before.columns.size() == columns.size() + 2);
    CHECK(difference(before, seen_in(*both.target), both.of_one_product()) == "");
    for (const mutation& m : columns) {
        INFO(m.name);
        run(*both.target, "UPDATE checked SET " + in_backticks(m.name) + " = " + m.changed + " WHERE id = 1");
        const table_print after = seen_in(*both.target);
        const std::string where = "column " + in_backticks(m.name) + " differs in 1 of 2 rows";
        const std::string computed = m.name == "tinyint" ? ", column `twice` differs in 1 of 2 rows" : "";
        CHECK(difference(before, after, false) == where + computed);
        run(*both.target, "UPDATE checked SET " + in_backticks(m.name) + " = " + m.value + " WHERE id = 1");
    }
    CHECK(difference(before, seen_in(*both.target), both.of_one_product()) == "");
}

TEST_CASE("the checker sees a row that is lost, doubled or mixed with another", "[fidelity]") {
    const both_servers& both = both_servers::get();
    for (const support::private_server* server : {both.source.get(), both.target.get()}) {
        server->create_database("checker");
        run(*server, "CREATE TABLE checked (a INT, b INT); INSERT INTO checked VALUES (1, 2), (3, 4), (3, 4)");
    }
    const table_print before = seen_in(*both.source);
    CHECK(difference(before, seen_in(*both.target), both.of_one_product()) == "");
    run(*both.target, "DELETE FROM checked WHERE a = 3 LIMIT 1");
    CHECK(difference(before, seen_in(*both.target), false) == "3 rows became 2");
    run(*both.target, "INSERT INTO checked VALUES (1, 2)");
    CHECK(difference(before, seen_in(*both.target), false) ==
          "column `a` differs in 1 of 3 rows, column `b` differs in 1 of 3 rows");
    run(*both.target, "DELETE FROM checked; INSERT INTO checked VALUES (3, 2), (1, 4), (3, 4)");
    CHECK(difference(before, seen_in(*both.target), false) == "values changed their rows");
    run(*both.target, "ALTER TABLE checked CHANGE b c INT");
    CHECK(difference(before, seen_in(*both.target), false) == "the columns differ");
}

TEST_CASE("the checker takes a value that the server cannot hash for an error", "[fidelity]") {
    const both_servers& both = both_servers::get();
    if (both.target_kind.is == product::mysql) return; // whose HEX knows no limit
    both.target->create_database("checker");
    // In hexadecimal it is longer than max_allowed_packet, so that HEX gives NULL.
    run(*both.target, "CREATE TABLE checked (a LONGBLOB); INSERT INTO checked VALUES (REPEAT('a', 40000000))");
    CHECK_THROWS_AS(seen_in(*both.target), std::runtime_error);
    both.target->execute("DROP DATABASE checker");
}
