// SPDX-License-Identifier: BSL-1.0
// Columns that are computed, hidden or filled by themselves.
#include "fixture.hpp"

namespace fidelity {

fixtures computed_columns() {
    return {
        {"computed", "Generated columns, virtual and stored",
         "CREATE TABLE computed (v INT AS (a * 2) VIRTUAL, id INT PRIMARY KEY, a INT, s INT AS (a * 3) STORED, t "
         "VARCHAR(30) CHARACTER SET "
         "utf8mb4, u VARCHAR(40) CHARACTER SET utf8mb4 AS (CONCAT(t, '/', a)) STORED, h VARCHAR(20) CHARACTER SET "
         "utf8mb4 AS (UPPER(t)) VIRTUAL,"
         " UNIQUE KEY (s), KEY (v))",
         "INSERT INTO computed (id, a, t) VALUES (1, 1, 'x'), (2, -1, 'ä'), (3, NULL, NULL), (0, 0, ''), (-5, "
         "700000000, '\\'\\\\')",
         5},
        {"computed of all", "Generated columns, virtual and stored",
         "CREATE TABLE `computed of all` (id INT PRIMARY KEY, f FLOAT, g DOUBLE AS (f) VIRTUAL, d DECIMAL(20,10), e "
         "DECIMAL(20,10) AS (d + "
         "0.1) STORED, b BLOB, c INT AS (LENGTH(b)) STORED, m DATETIME(6), y INT AS (YEAR(m)) VIRTUAL)",
         "INSERT INTO `computed of all` (id, f, d, b, m) VALUES (1, 0.1, 0.1, X'00', '2020-02-31 00:00:00.000001'), "
         "(2, -2.5, -0.1, "
         "'', '0000-00-00'), (3, NULL, NULL, NULL, NULL), (4, 0.010516252, 1, X'2700', '9999-12-31')",
         4},
        {"invisible", "Invisible columns",
         "CREATE TABLE invisible (shown INT, hidden VARCHAR(20) CHARACTER SET utf8mb4 INVISIBLE, id INT NOT NULL "
         "DEFAULT 0 INVISIBLE, twice INT "
         "AS (id * 2) VIRTUAL INVISIBLE, PRIMARY KEY (id))",
         "INSERT INTO invisible (shown, hidden, id) VALUES (1, 'a', 1), (NULL, NULL, 2), (3, 'ü\\\\', 0), (4, '', -4), "
         "(5, ' ', 5)",
         5},
        {"counted", "AUTO_INCREMENT, with id 0 and negative ids",
         "CREATE TABLE counted (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(10)) AUTO_INCREMENT = 1000",
         insert("counted",
                {"0, 'zero'", "-1, 'minus'", "-2147483648, 'least'", "1, 'one'", "2147483646, 'last'", "17, NULL"}),
         6},
        {"counted second", "AUTO_INCREMENT, with id 0 and negative ids",
         "CREATE TABLE `counted second` (grp INT, id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, PRIMARY KEY (grp, id), "
         "KEY (id))",
         insert("counted second", {"1, 0", "1, 1", "2, 0", "2, 9223372036854775808", "3, 5"}), 5},
        {"defaults", "DEFAULT, expressions too",
         "CREATE TABLE defaults (id INT PRIMARY KEY, a INT DEFAULT (1 + 2), b VARCHAR(40) DEFAULT (UUID()), c "
         "DATETIME(6) DEFAULT "
         "CURRENT_TIMESTAMP(6), d INT DEFAULT 7, e BLOB DEFAULT (X'00'), f ENUM('x','y') DEFAULT 'y', g BIT(3) DEFAULT "
         "b'101')",
         "INSERT INTO defaults (id) VALUES (1), (2); INSERT INTO defaults VALUES (3, NULL, NULL, NULL, NULL, NULL, "
         "NULL, NULL), (4, 0, '', "
         "'0000-00-00', 0, '', 'x', 0)",
         4},
        {"checked", "CHECK constraints",
         "CREATE TABLE checked (id INT PRIMARY KEY, a INT CHECK (a > 0), b INT, c VARCHAR(20), CONSTRAINT `ordered %s` "
         "CHECK (b > a), CHECK "
         "(c <> 'x'))",
         insert("checked", {"1, 1, 2, 'a'", "2, NULL, -1, 'b'", "3, 5, NULL, NULL", "4, 2147483646, 2147483647, ''"}),
         4},
    };
}

} // namespace fidelity
