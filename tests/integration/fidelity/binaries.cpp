// SPDX-License-Identifier: BSL-1.0
// Bytes: BINARY, VARBINARY and BLOB, of several MB beside empty ones and NULL.
#include "fixture.hpp"

namespace fidelity {

fixtures binaries() {
    return {
        {"bytes", "BINARY, VARBINARY and BLOB",
         "CREATE TABLE bytes (id INT PRIMARY KEY, a BINARY(6), b VARBINARY(40), c TINYBLOB, d BLOB, e MEDIUMBLOB, f "
         "LONGBLOB,"
         " g BINARY(0), h VARBINARY(0))",
         insert("bytes",
                {"1, X'00', X'00', X'00', X'00', X'00', X'00', '', ''",
                 "2, X'27225C1A0A0D', X'27225C1A0A0D00', X'27225C1A0A0D00', X'27225C1A0A0D00', X'27225C1A0A0D00', "
                 "X'27225C1A0A0D00', NULL, NULL",
                 "3, '      ', '  ', ' ', ' ', ' ', ' ', NULL, ''",
                 "4, X'610000', X'610000', X'610000', X'610000', X'610000', X'610000', '', NULL",
                 "5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL", "6, '', '', '', '', '', '', '', ''",
                 "7, X'FFFEFD80C328', X'F0288CBC', X'C3', X'EDA080', X'8127', X'815C', '', ''"}),
         7},
        {"every byte", "BINARY, VARBINARY and BLOB",
         "CREATE TABLE `every byte` (k BINARY(2) PRIMARY KEY, v VARBINARY(3), w BLOB)",
         "INSERT INTO `every byte` " + with_numbers(256) +
             "SELECT CONCAT(CHAR((i * 37) % 256), CHAR(i - 1)), CONCAT(CHAR(i - 1), X'27', CHAR(i - 1)), CHAR(i - 1) "
             "FROM numbers",
         256},
        {"binary key", "Keys of BINARY and VARBINARY", "CREATE TABLE `binary key` (k VARBINARY(20) PRIMARY KEY, v INT)",
         insert("binary key",
                {"'', 1", "X'00', 2", "X'0000', 3", "X'20', 4", "X'275C', 5", "X'FF', 6", "X'FFFF', 7", "X'00FF', 8"}),
         8},
        {"uuid key", "Keys of BINARY and VARBINARY",
         "CREATE TABLE `uuid key` (k BINARY(16), v INT, PRIMARY KEY (k DESC))",
         "INSERT INTO `uuid key` " + with_numbers(40) + "SELECT UNHEX(LEFT(SHA2(i, 256), 32)), i FROM numbers", 40},
        {"large objects", "Values of several MB, empty ones and NULL",
         "CREATE TABLE `large objects` (id INT PRIMARY KEY, a LONGBLOB, b MEDIUMBLOB)",
         "INSERT INTO `large objects` VALUES (1, REPEAT(X'00275C0A1A22FF', 800000), ''), (2, '', NULL), (3, NULL, "
         "REPEAT(X'275C', "
         "1500000)), (4, X'00', X'00'), (5, REPEAT(UNHEX(SHA2('a', 512)), 60000), REPEAT(X'00', 2000000)), (6, '', "
         "''), (7, NULL, NULL)",
         7},
    };
}

} // namespace fidelity
