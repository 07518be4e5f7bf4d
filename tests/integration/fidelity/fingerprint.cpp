// SPDX-License-Identifier: BSL-1.0
#include "fingerprint.hpp"

#include "child_process.hpp"
#include "fixture.hpp"
#include "server_product.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace fidelity {
namespace {

using lines = std::vector<std::string>;

std::string text_of(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path, std::ios::binary).rdbuf();
    return all.str();
}

// The server's own client program: MariaDB calls it mariadb, MySQL calls it mysql.
std::string client_program(const support::private_server& server) {
    return server.is_mysql() ? support::detail::server_program(support::product::mysql, "mysql")
                             : support::detail::server_program(support::product::mariadb, "mariadb");
}

// Runs statements in the client program and gives what it prints, a line for each row.
lines run_client(const support::private_server& server, const std::string& database, const std::string& sql) {
    const support::temporary_folder folder;
    const std::string input = folder.path() + "/in.sql";
    const std::string output = folder.path() + "/out";
    const std::string log = folder.path() + "/log";
    std::ofstream(input, std::ios::binary) << sql;
    support::child_process client({"/bin/sh", "-c",
                                   "exec \"$1\" --no-defaults --protocol=socket --socket=\"$2\" --user=root "
                                   "--default-character-set=utf8mb4 --batch --skip-column-names --binary-mode "
                                   "--max-allowed-packet=1G \"$3\" < \"$4\" > \"$5\"",
                                   "sh", client_program(server), server.socket(), database, input, output},
                                  log);
    if (client.wait() != 0) throw std::runtime_error("the client program failed: " + text_of(log));
    lines found;
    std::istringstream all(text_of(output));
    for (std::string line; std::getline(all, line);) found.push_back(line);
    return found;
}

lines cells_of(const std::string& line) {
    lines cells;
    std::size_t begin = 0;
    for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t', begin)) {
        cells.push_back(line.substr(begin, tab - begin));
        begin = tab + 1;
    }
    cells.push_back(line.substr(begin));
    return cells;
}

std::string unhex(std::string_view digits) {
    auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(nibble(digits[i]) * 16 + nibble(digits[i + 1]));
    }
    return bytes;
}

// The expression that tells all that a cell holds, in ASCII, by the type that information_schema names.
std::string exact_text(const std::string& column, const std::string& type) {
    auto is = [&type](std::initializer_list<const char*> types) {
        return std::any_of(types.begin(), types.end(), [&type](const char* t) { return type == t; });
    };
    // As a coordinate: the eight bytes of the equal double, with the sign of zeros. The servers spell doubles in two ways.
    if (is({"float", "double"})) return "HEX(POINT(" + column + ", 0))";
    if (is({"enum", "set"})) return "CONCAT(CAST(" + column + " AS UNSIGNED), ' ', HEX(" + column + "))";
    if (is({"json"}))
        return "CONCAT(JSON_TYPE(" + column + "), ' ', HEX(CAST(" + column + " AS CHAR CHARACTER SET utf8mb4)))";
    if (is({"timestamp"})) return "CONCAT(UNIX_TIMESTAMP(" + column + "), ' ', " + column + ")";
    if (is({"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "binary", "varbinary", "tinyblob", "blob",
            "mediumblob", "longblob", "bit", "vector"})) {
        return "HEX(" + column + ")";
    }
    const bool is_shape = type.find("geom") != type.npos || type.find("point") != type.npos ||
                          type.find("linestring") != type.npos || type.find("polygon") != type.npos;
    if (is_shape) return "CONCAT(ST_SRID(" + column + "), ' ', HEX(" + column + "))";
    return "CAST(" + column + " AS CHAR)"; // integers, DECIMAL, YEAR, DATE, TIME, DATETIME, UUID, INET4 and INET6
}

// A hash of the cell; a value that the server fails to put into words is no NULL.
std::string hash_of(const std::string& column, const std::string& type) {
    return "IF(" + column + " IS NULL, 'NULL', IFNULL(SHA2(" + exact_text(column, type) + ", 256), 'FAILED'))";
}

// SHOW CREATE TABLE without the next AUTO_INCREMENT value, which rows move on.
std::string without_position(std::string definition) {
    const std::string option = " AUTO_INCREMENT=";
    const auto at = definition.rfind(option);
    if (at == std::string::npos) return definition;
    auto end = at + option.size();
    while (end < definition.size() && std::isdigit(static_cast<unsigned char>(definition[end])) != 0) ++end;
    return definition.erase(at, end - at);
}

constexpr const char* definition_mark = "-- definition";
constexpr const char* rows_mark = "-- rows";
constexpr const char* checksum_mark = "-- checksum";

std::string marked(const std::string& mark, const std::string& table) {
    return "SELECT '" + mark + "', HEX('" + table + "');\n";
}

} // namespace

std::map<std::string, table_print> fingerprint(const support::private_server& server, const std::string& database,
                                               const std::string& only) {
    struct described {
        lines names;
        lines hashes;
    };
    std::map<std::string, described> tables;
    for (const std::string& line : run_client(
             server, database,
             "SELECT HEX(c.TABLE_NAME), HEX(c.COLUMN_NAME), c.DATA_TYPE FROM information_schema.COLUMNS c JOIN "
             "information_schema.TABLES t ON "
             "t.TABLE_SCHEMA = c.TABLE_SCHEMA AND CAST(t.TABLE_NAME AS BINARY) = CAST(c.TABLE_NAME AS BINARY) WHERE "
             "c.TABLE_SCHEMA = DATABASE() AND "
             "t.TABLE_TYPE IN ('BASE "
             "TABLE', 'SYSTEM VERSIONED') AND c.TABLE_NAME <> 'rowferry_checkpoint' ORDER BY c.ORDINAL_POSITION;\n")) {
        const lines cells = cells_of(line);
        if (!only.empty() && unhex(cells.at(0)) != only) continue;
        described& table = tables[unhex(cells.at(0))];
        table.names.push_back(unhex(cells.at(1)));
        table.hashes.push_back(hash_of(in_backticks(table.names.back()), cells.at(2)));
    }
    // No line is longer than what the client program takes, which reads them one by one.
    std::string sql = "SET SESSION time_zone = '+00:00', sql_mode = '';\n";
    std::map<std::string, std::string> numbers; // a table's name would need escaping in the marks
    for (const auto& [name, table] : tables) {
        const std::string number = std::to_string(numbers.size());
        numbers[number] = name;
        sql += marked(definition_mark, number) + "SHOW CREATE TABLE " + in_backticks(name) + ";\n" +
               marked(rows_mark, number) + "SELECT ";
        for (std::size_t i = 0; i < table.hashes.size(); ++i) sql += (i == 0 ? "" : ",\n") + table.hashes[i];
        sql += " FROM " + in_backticks(name) + ";\n" + marked(checksum_mark, number) + "CHECKSUM TABLE " +
               in_backticks(name) + " EXTENDED;\n";
    }
    std::map<std::string, table_print> prints;
    std::string mark;
    table_print* table = nullptr;
    for (const std::string& line : run_client(server, database, sql)) {
        lines cells = cells_of(line);
        if (cells[0] == definition_mark || cells[0] == rows_mark || cells[0] == checksum_mark) {
            mark = cells[0];
            const std::string& name = numbers.at(unhex(cells.at(1)));
            table = &prints[name];
            table->columns = tables.at(name).names;
        } else if (mark == definition_mark) {
            table->definition = without_position(cells.at(1));
        } else if (mark == checksum_mark) {
            table->checksum = cells.at(1);
        } else if (cells.size() != table->columns.size() ||
                   std::find(cells.begin(), cells.end(), "FAILED") != cells.end()) {
            throw std::runtime_error("the server cannot hash a row: " + line.substr(0, 200));
        } else {
            table->rows.push_back(std::move(cells));
        }
    }
    for (auto& [name, print] : prints) std::sort(print.rows.begin(), print.rows.end());
    return prints;
}

std::string difference(const table_print& left, const table_print& right, bool stored_bytes) {
    if (left.columns != right.columns) return "the columns differ";
    if (left.rows.size() != right.rows.size()) {
        return std::to_string(left.rows.size()) + " rows became " + std::to_string(right.rows.size());
    }
    if (left.rows == right.rows) {
        return stored_bytes && left.checksum != right.checksum ? "CHECKSUM TABLE differs" : std::string();
    }
    std::string columns;
    for (std::size_t i = 0; i < left.columns.size(); ++i) {
        auto cells = [i](const table_print& print) {
            lines all;
            for (const lines& row : print.rows) all.push_back(row[i]);
            std::sort(all.begin(), all.end());
            return all;
        };
        const lines before = cells(left);
        const lines after = cells(right);
        lines lost;
        std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(lost));
        if (lost.empty()) continue;
        columns += (columns.empty() ? "column " : ", column ") + in_backticks(left.columns[i]) + " differs in " +
                   std::to_string(lost.size()) + " of " + std::to_string(before.size()) + " rows";
    }
    return columns.empty() ? "values changed their rows" : columns;
}

} // namespace fidelity
