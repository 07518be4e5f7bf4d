// SPDX-License-Identifier: BSL-1.0
// What only one of the two products has.
#include "fixture.hpp"

namespace fidelity {
namespace {

fixtures of_mariadb() {
    return {
        {"uuids", "UUID, INET4 and INET6 of MariaDB", "CREATE TABLE uuids (u UUID PRIMARY KEY, v UUID, n INT)",
         insert("uuids",
                {"'00000000-0000-0000-0000-000000000000', NULL, 0",
                 "'ffffffff-ffff-ffff-ffff-ffffffffffff', "
                 "'123e4567-e89b-12d3-a456-426655440000', 1",
                 "'123e4567-e89b-12d3-a456-426655440000', NULL, 2", "'123e4567-e89b-42d3-a456-426655440000', NULL, 3",
                 "'6ccd780c-baba-1026-9564-5b8c656024db', NULL, 4", "'00000000-0000-0000-0000-000000000001', NULL, 5"}),
         6, product::mariadb, 1007},
        {"addresses", "UUID, INET4 and INET6 of MariaDB",
         "CREATE TABLE addresses (a INET6 PRIMARY KEY, b INET6, c INET4)",
         insert("addresses",
                {"'::', NULL, '0.0.0.0'", "'::1', '::ffff:1.2.3.4', '255.255.255.255'",
                 "'fe80::1', '::1.2.3.4', '10.0.0.1'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::', NULL",
                 "'::ffff:10.0.0.1', '2001:db8::', '127.0.0.1'"}),
         5, product::mariadb, 1010},
        {"address key", "UUID, INET4 and INET6 of MariaDB",
         "CREATE TABLE `address key` (a INET4, v INT, PRIMARY KEY (a DESC))",
         insert("address key",
                {"'0.0.0.0', 0", "'255.255.255.255', 1", "'10.0.0.1', 2", "'9.0.0.1', 3", "'127.0.0.1', 4"}),
         5, product::mariadb, 1010},
        {"versioned", "System-versioned tables of MariaDB: the current rows",
         "CREATE TABLE versioned (id INT PRIMARY KEY, v VARCHAR(20)) WITH SYSTEM VERSIONING",
         insert("versioned", {"1, 'a'", "2, 'b'", "3, 'c'", "4, 'd'", "5, 'e'"}) +
             "; UPDATE versioned SET v = 'new' WHERE id < 3; DELETE FROM versioned WHERE id = 4; INSERT INTO versioned "
             "VALUES (6, '')",
         5, product::mariadb, 0, false, true},
        {"periods", "Application-time periods of MariaDB",
         "CREATE TABLE periods (id INT, b DATE, e DATE, v INT, PERIOD FOR valid (b, e), PRIMARY KEY (id, b))",
         insert("periods", {"1, '2020-01-01', '2020-02-01', 1", "1, '2020-02-01', '2020-03-01', 2",
                            "2, '1000-01-01', '9999-12-31', 3", "3, '2020-01-01', '2020-01-02', 4"}),
         4, product::mariadb},
        {"compressed columns", "Compressed tables and row formats",
         "CREATE TABLE `compressed columns` (id INT PRIMARY KEY, a VARCHAR(2000) CHARACTER SET utf8mb4 COMPRESSED, b "
         "BLOB COMPRESSED, c LONGTEXT "
         "CHARACTER SET gbk COMPRESSED) PAGE_COMPRESSED=1",
         "INSERT INTO `compressed columns` VALUES (1, REPEAT('ä\\\\', 800), REPEAT(X'00', 60000), REPEAT(X'815C27', "
         "30000)), (2, '', '', ''), (3, NULL, "
         "NULL, NULL), (4, 'x', X'27', ' ')",
         4, product::mariadb},
        {"numbered", "DEFAULT, expressions too",
         "CREATE SEQUENCE counter; CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT (NEXT VALUE FOR counter), v INT)",
         "INSERT INTO numbered (v) VALUES (1), (2); INSERT INTO numbered VALUES (0, 3), (-1, 4)", 4, product::mariadb},
        {"vectors", "VECTOR of MySQL 9 and MariaDB 11.7",
         "CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3) NOT NULL, w VECTOR(1), VECTOR INDEX (v))",
         insert("vectors",
                {"1, X'0000803F0000004000004040', X'00000000'", "2, X'CDCCCC3D00000080FFFF7F7F', X'01000000'",
                 "3, "
                 "X'5C275C275C275C275C275C27', NULL",
                 "4, X'000000000000000000000000', X'00000080'"}),
         4, product::mariadb, 1107},
    };
}

fixtures of_mysql() {
    return {
        {"vectors", "VECTOR of MySQL 9 and MariaDB 11.7",
         "CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3), w VECTOR)",
         insert("vectors",
                {"1, X'0000803F0000004000004040', X'00000000'", "2, X'CDCCCC3D00000080FFFF7F7F', X'01000000'",
                 "3, "
                 "X'5C275C275C275C275C275C27', NULL",
                 "4, NULL, REPEAT(X'00000080', 2048)"}),
         4, product::mysql, 900},
        {"hidden key", "Invisible columns",
         "SET SESSION sql_generate_invisible_primary_key = 1; CREATE TABLE `hidden key` (v INT, w VARCHAR(10)); SET "
         "SESSION "
         "sql_generate_invisible_primary_key = 0",
         "INSERT INTO `hidden key` VALUES (1, 'a'), (1, 'a'), (NULL, NULL), (2, '')", 4, product::mysql},
        {"expression keys", "Secondary, unique and full-text indexes",
         "CREATE TABLE `expression keys` (id INT PRIMARY KEY, a VARCHAR(20), j JSON, UNIQUE KEY ((LOWER(a))), KEY "
         "((CAST(j->'$.tags' AS UNSIGNED ARRAY))))",
         insert("expression keys",
                {"1, 'a', '{\"tags\": [1, 2]}'", "2, NULL, '{\"tags\": []}'", "3, 'B', NULL", "4, NULL, '{}'"}),
         4, product::mysql, 0, false, true},
        {"unenforced", "CHECK constraints",
         "CREATE TABLE unenforced (id INT PRIMARY KEY, a INT, CHECK (a > 0) NOT ENFORCED)",
         insert("unenforced", {"1, -1", "2, 1", "3, NULL", "4, 0"}), 4, product::mysql},
        {"computed from documents", "Generated columns, virtual and stored",
         "CREATE TABLE `computed from documents` (id INT PRIMARY KEY, j JSON, k JSON AS (j->'$.a') STORED, t "
         "VARCHAR(20) AS (j->>'$.b') VIRTUAL)",
         "INSERT INTO `computed from documents` (id, j) VALUES (1, '{\"a\": {\"b\": 1}, \"b\": \"x\"}'), (2, '[]'), "
         "(3, NULL), (4, '{\"a\": null, \"b\": "
         "2}')",
         4, product::mysql},
    };
}

} // namespace

fixtures products_own() {
    fixtures all = of_mariadb();
    for (fixture& f : of_mysql()) all.push_back(std::move(f));
    return all;
}

} // namespace fidelity
