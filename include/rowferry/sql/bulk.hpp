// SPDX-License-Identifier: BSL-1.0
// Statements whose rows travel beside them: as arrays of parameters, or as a text that the server loads.
//
// Both store the same bytes as the literals of `append_literal`: strings of the charset `binary`, converted nowhere. What
// has to be text or a number for the server, it is made by an expression of the statement.
#ifndef ROWFERRY_SQL_BULK_HPP
#define ROWFERRY_SQL_BULK_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/sql/write.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// Whether only a literal stores the cell: ENUM's error value, which may be a number and never goes in strict mode, and
/// members by name of an ENUM or SET whose values travel as numbers.
constexpr bool needs_literal(const column& c, const cell& value) {
    if (value.is_null()) return false;
    return is_enum_error(c, value) || (travels_as_position(c) && !is_plain_number(value.bytes()));
}

/// The bytes that store the cell where a string stands for it. A FLOAT of -0 is a number that rounds to it, since MariaDB
/// stores '-0' as 0; a year 0 has four digits, since '0' is 2000. In a YEAR(2) of MariaDB 00 is 2000 all the same.
constexpr std::string_view string_to_store(const column& c, std::string_view bytes) {
    if (c.kind == column_kind::real32 && bytes == "-0") return "-1e-60";
    if (c.kind == column_kind::integer && !bytes.empty() && bytes.size() < 4 && c.type.starts_with("year") &&
        !c.type.starts_with("year(2)") && bytes.find_first_not_of('0') == bytes.npos) {
        return "0000";
    }
    return bytes;
}

namespace detail {

/// Whether a string does not do: JSON and the types that are parsed from text need a charset, positions a number.
constexpr bool needs_expression(const column& c) {
    return c.kind == column_kind::json || c.kind == column_kind::other || travels_as_position(c);
}

/// What makes of the string `from` what the column takes: "?" or "CONVERT(? USING utf8mb4)".
inline void append_from_string(std::string& out, const column& c, std::string_view from) {
    if (!needs_expression(c)) {
        out += from;
    } else if (travels_as_position(c)) {
        out += "CAST(";
        out += from;
        out += " AS UNSIGNED)";
    } else {
        out += "CONVERT(";
        out += from;
        out += " USING utf8mb4)";
    }
}

} // namespace detail

/// Appends an insert of one row of parameters, "INSERT INTO `t` (`a`, `b`) VALUES (?,?)", in the request's write mode.
inline void append_bound_insert(std::string& out, dialect d, const write_request& request) {
    append_insert_head(out, request);
    out += '(';
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += ',';
        detail::append_from_string(out, request.table->columns[request.columns[i]], "?");
    }
    out += ')';
    append_insert_tail(out, d, request);
}

/// Whether LOAD DATA has the write mode; there is none that updates.
constexpr bool can_load(write_kind kind) { return kind != write_kind::upsert; }

/// Appends the statement that loads `append_load_row`'s text from the client. LOCAL always goes on behind duplicates and
/// values that do not fit, and gives warnings of them.
inline void append_load_data(std::string& out, const write_request& request) {
    out += "LOAD DATA LOCAL INFILE 'rowferry' ";
    if (request.kind == write_kind::replace) out += "REPLACE ";
    if (request.kind == write_kind::skip_existing) out += "IGNORE ";
    out += "INTO TABLE ";
    append_identifier(out, request.table->name);
    out += " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\'"
           " LINES STARTING BY '' TERMINATED BY '\\n' (";
    std::string assignments;
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        const column& c = request.table->columns[request.columns[i]];
        if (i > 0) out += ", ";
        if (!detail::needs_expression(c)) {
            append_identifier(out, c.name);
            continue;
        }
        std::string variable = "@rowferry_";
        append_number(variable, i);
        out += variable;
        assignments += assignments.empty() ? " SET " : ", ";
        append_identifier(assignments, c.name);
        assignments += " = ";
        detail::append_from_string(assignments, c, variable);
    }
    out += ')';
    out += assignments;
}

/// The statement that shows what decides whether and how a server loads: name and value of each variable it has.
inline constexpr std::string_view load_variables =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('local_infile', 'innodb_autoinc_lock_mode', 'wsrep_on', "
    "'wsrep_load_data_splitting')";

/// Appends the SELECT that gives 0 for a table that is there and has no AUTO_INCREMENT column.
inline void append_is_numbered(std::string& out, std::string_view database, std::string_view table) {
    out += "SELECT SUM(EXTRA LIKE '%auto_increment%') FROM information_schema.COLUMNS";
    detail::append_table_condition(out, "TABLE_SCHEMA", "TABLE_NAME", database, table);
}

/// Appends one row of the text that is loaded: cells between tabs, and a newline; NULL is \N.
inline void append_load_row(std::string& out, const write_request& request, const row_view& row) {
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += '\t';
        const cell value = row[i];
        if (value.is_null()) {
            out += "\\N";
            continue;
        }
        std::string_view rest = string_to_store(request.table->columns[request.columns[i]], value.bytes());
        for (;;) {
            std::size_t plain = 0;
            while (plain < rest.size() && rest[plain] != '\\' && rest[plain] != '\t' && rest[plain] != '\n') ++plain;
            out += rest.substr(0, plain);
            if (plain == rest.size()) break;
            out += '\\';
            out += rest[plain] == '\t' ? 't' : rest[plain] == '\n' ? 'n' : '\\';
            rest.remove_prefix(plain + 1);
        }
    }
    out += '\n';
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
