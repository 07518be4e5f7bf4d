// SPDX-License-Identifier: BSL-1.0
// Tables of unusual shape: very wide, empty, all key, partitioned, compressed.
#include "fixture.hpp"

namespace fidelity {
namespace {

// 1 000 columns of several types, the key in the middle.
fixture thousand_columns() {
    const std::vector<std::string> types{"INT", "TINYINT UNSIGNED", "DATE", "FLOAT", "BIT(7)"};
    const std::vector<std::string> values{"-7", "200", "'2020-01-31'", "0.1", "b'1010101'"};
    std::string create = "CREATE TABLE `1000 columns` (";
    for (std::size_t i = 1; i <= 1000; ++i) {
        create += "c" + std::to_string(i) + " " +
                  (i == 500 ? std::string("INT PRIMARY KEY, ") : types[i % types.size()] + ", ");
    }
    create.resize(create.size() - 2);
    std::vector<std::string> rows;
    for (std::size_t n = 1; n <= 7; ++n) {
        std::string row;
        for (std::size_t i = 1; i <= 1000; ++i) {
            if (i > 1) row += ", ";
            row += i == 500 ? std::to_string(n) : (i + n) % 4 == 0 ? "NULL" : values[i % values.size()];
        }
        rows.push_back(row);
    }
    return {"1000 columns", "Tables of 1 000 columns", create + ")", insert("1000 columns", rows), rows.size()};
}

} // namespace

fixtures layouts() {
    return {
        thousand_columns(),
        {"empty", "Empty tables", "CREATE TABLE `empty` (id INT PRIMARY KEY, v TEXT)", "", 0},
        {"one row", "Tables of key columns only", "CREATE TABLE `one row` (id INT PRIMARY KEY)",
         "INSERT INTO `one row` VALUES (0)", 1},
        {"all key", "Tables of key columns only", "CREATE TABLE `all key` (a INT, b VARBINARY(5), PRIMARY KEY (b, a))",
         insert("all key", {"1, ''", "0, ''", "-1, X'00'", "-1, X'27'", "5, X'5C'"}), 5},
        {"by range", "Partitioned tables",
         "CREATE TABLE `by range` (id INT, d DATE, v VARCHAR(20), PRIMARY KEY (id, d)) PARTITION BY RANGE (TO_DAYS(d)) "
         "(PARTITION p0 VALUES LESS "
         "THAN (737791), PARTITION p1 VALUES LESS THAN (738156), PARTITION rest VALUES LESS THAN MAXVALUE)",
         insert("by range", {"3, '2019-12-31', 'a'", "1, '2020-06-01', 'b'", "2, '2019-01-01', 'c'",
                             "1, '2026-01-01', 'd'", "0, '2020-12-31', NULL", "-1, '2021-01-01', ''"}),
         6},
        {"by list", "Partitioned tables",
         "CREATE TABLE `by list` (id INT, kind INT, v INT, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind) (PARTITION "
         "`odd %s` VALUES IN (1, 3, "
         "5), PARTITION even VALUES IN (0, 2, 4))",
         insert("by list", {"1, 0, 1", "2, 1, 2", "3, 2, 3", "4, 3, 4", "5, 4, 5", "6, 5, 6"}), 6},
        {"by key", "Partitioned tables",
         "CREATE TABLE `by key` (id BIGINT PRIMARY KEY, v INT) PARTITION BY KEY (id) PARTITIONS 5",
         insert("by key", {"1, 0", "2, 1", "3, 2", "4, 3", "5, 4", "0, 5", "-1, 6"}), 7},
        {"subpartitions", "Partitioned tables",
         "CREATE TABLE subpartitions (id INT, v INT, PRIMARY KEY (id, v)) PARTITION BY RANGE (id) SUBPARTITION BY HASH "
         "(v) SUBPARTITIONS 2 "
         "(PARTITION low VALUES LESS THAN (3), PARTITION high VALUES LESS THAN MAXVALUE)",
         insert("subpartitions", {"1, 1", "1, 2", "3, 1", "3, 2", "7, 7"}), 5},
        {"compressed rows", "Compressed tables and row formats",
         "CREATE TABLE `compressed rows` (id INT PRIMARY KEY, v LONGTEXT, b BLOB) ROW_FORMAT=COMPRESSED "
         "KEY_BLOCK_SIZE=4",
         "INSERT INTO `compressed rows` VALUES (1, REPEAT('ab', 50000), X'00'), (2, '', ''), (3, NULL, NULL), (4, 'x', "
         "REPEAT(X'5C', 60000))",
         4},
        {"redundant rows", "Compressed tables and row formats",
         "CREATE TABLE `redundant rows` (id INT PRIMARY KEY, v VARCHAR(20), c CHAR(10) CHARACTER SET utf8mb4) "
         "ROW_FORMAT=REDUNDANT",
         insert("redundant rows", {"1, 'a', 'ä'", "2, NULL, NULL", "3, '', ''", "4, ' ', ' '"}), 4},
    };
}

} // namespace fidelity
