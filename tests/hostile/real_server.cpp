// SPDX-License-Identifier: BSL-1.0
#include "real_server.hpp"

#include "private_server.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace hostile {

namespace {

const support::private_server& server() {
    static const support::private_server one({"--debug-no-sync", "--skip-innodb-doublewrite", "--secure-file-priv="},
                                             support::product::mariadb);
    return one;
}

constexpr const char* all_of_canary =
    "SELECT CONCAT((SELECT GROUP_CONCAT(id ORDER BY id) FROM precious), ' ', (SELECT COUNT(*) FROM t), ' ',"
    " (SELECT GROUP_CONCAT(TABLE_NAME ORDER BY TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = "
    "'canary'))";
constexpr const char* untouched = "1,2,3 2 precious,t";

} // namespace

// Dropping tables is a good deal faster than making the database anew.
real_database::real_database(std::string name) : name_(std::move(name)) {
    server().execute("CREATE DATABASE IF NOT EXISTS `" + name_ + "` CHARACTER SET utf8mb4");
    std::string drops;
    for (const auto& row :
         server().query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + name_ + "'")) {
        drops += "DROP TABLE IF EXISTS `" + row.at(0).value() + "`; ";
    }
    if (!drops.empty()) execute(drops);
}
std::string real_database::uri() const { return server().uri(name_); }
std::uint16_t real_database::port() { return server().port(); }
std::string real_database::password() { return server().password(); }
void real_database::execute(std::string_view sql) const { server().execute(sql, name_); }
std::string real_database::value(std::string_view sql) const { return server().value(sql, name_); }

void real_database::add_notes(unsigned rows) const {
    execute("CREATE OR REPLACE TABLE t (id INT NOT NULL PRIMARY KEY, note VARCHAR(40) NOT NULL) ENGINE=InnoDB"
            " DEFAULT CHARSET=utf8mb4");
    if (rows == 0) return;
    execute("INSERT INTO t SELECT seq, CONCAT('note ', seq) FROM seq_1_to_" + std::to_string(rows));
}

std::vector<std::string> real_database::rows(const std::string& table) const {
    std::vector<std::string> lines;
    if (!has(table)) return lines;
    for (const auto& row : server().query("SELECT * FROM `" + table + "`", name_)) {
        std::string line;
        for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("NULL");
        lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

bool real_database::has(const std::string& table) const {
    return value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '" + name_ +
                 "' AND TABLE_NAME = '" + table + "'") != "0";
}

canary::canary() {
    if (harm().empty()) return;
    server().create_database("canary");
    server().execute("CREATE TABLE precious (id INT NOT NULL PRIMARY KEY); INSERT INTO precious VALUES (1), (2), (3);"
                     " CREATE TABLE t (id INT NOT NULL PRIMARY KEY, note VARCHAR(40) NOT NULL);"
                     " INSERT INTO t VALUES (1, '" +
                         secret() + "'), (1000000, '" + secret() + "')",
                     "canary");
    server().execute("CREATE FUNCTION strike() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM canary.precious;"
                     " RETURN 1; END",
                     "canary");
}

std::string canary::harm() const {
    try {
        const std::string now = server().value(all_of_canary, "canary");
        return now == untouched ? "" : now;
    } catch (const std::runtime_error& e) {
        return e.what(); // a table is missing
    }
}

} // namespace hostile
