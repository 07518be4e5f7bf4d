// SPDX-License-Identifier: BSL-1.0
// Tables that refer to others, and a target that acts by itself. Names decide the order in which tables are copied: children
// come before their parents here.
#include "fixture.hpp"

namespace fidelity {

fixtures relations() {
    return {
        {"a child", "Foreign keys, cyclic ones too",
         "CREATE TABLE `z parent` (id INT PRIMARY KEY, code VARCHAR(10) UNIQUE) CHARACTER SET latin1;"
         "CREATE TABLE `a child` (id INT PRIMARY KEY, parent INT, code VARCHAR(10), FOREIGN KEY (parent) REFERENCES `z "
         "parent` (id) ON DELETE CASCADE,"
         " FOREIGN KEY (code) REFERENCES `z parent` (code) ON UPDATE CASCADE) CHARACTER SET latin1",
         "INSERT INTO `z parent` VALUES (1, 'a'), (0, 'b'), (-7, NULL), (9, 'd');"
         "INSERT INTO `a child` VALUES (1, 1, 'a'), (2, 0, NULL), (3, NULL, 'b'), (4, -7, 'd'), (5, 1, 'b')",
         5},
        {"cycle one", "Foreign keys, cyclic ones too",
         "CREATE TABLE `cycle one` (id INT PRIMARY KEY, other INT NOT NULL);"
         "CREATE TABLE `cycle two` (id INT PRIMARY KEY, other INT NOT NULL, FOREIGN KEY (other) REFERENCES `cycle one` "
         "(id));"
         "ALTER TABLE `cycle one` ADD FOREIGN KEY (other) REFERENCES `cycle two` (id)",
         "INSERT INTO `cycle one` VALUES (1, 12), (2, 11), (3, 13), (4, 14);"
         "INSERT INTO `cycle two` VALUES (11, 1), (12, 4), (13, 3), (14, 2)",
         4},
        {"tree", "Foreign keys, cyclic ones too",
         "CREATE TABLE tree (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES tree (id) ON DELETE SET "
         "NULL)",
         insert("tree", {"1, 7", "2, 1", "3, NULL", "4, 2", "7, 4"}), 5}, // 1 is below 7, which is below 1
        {"watched", "Triggers on the target",
         "CREATE TABLE watched (id INT PRIMARY KEY, v INT);"
         "CREATE TRIGGER `on watched` BEFORE INSERT ON watched FOR EACH ROW SET @seen = NEW.id;"
         "CREATE TRIGGER `after watched` AFTER UPDATE ON watched FOR EACH ROW SET @seen = OLD.id",
         insert("watched", {"1, 1", "2, 2", "3, 3", "4, NULL"}), 4},
        {"many indexes", "Secondary, unique and full-text indexes",
         "CREATE TABLE `many indexes` (id INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE "
         "utf8mb4_unicode_ci, b INT, c TEXT, d INT,"
         " UNIQUE KEY (b), UNIQUE KEY (a, d), KEY (a(3)), FULLTEXT KEY (c), KEY (d DESC))",
         insert("many indexes", {"1, 'ä', 1, 'some words', 1", "2, 'a', NULL, NULL, 2", "3, NULL, NULL, 'words', 3",
                                 "4, 'ß', 4, '', NULL", "5, 'ss', 5, 'x', NULL"}),
         5},
    };
}

} // namespace fidelity
