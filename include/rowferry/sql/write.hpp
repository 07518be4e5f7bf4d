// SPDX-License-Identifier: BSL-1.0
// Statements that write rows: multi-row inserts in each write mode, and the copy of a page inside one server.
#ifndef ROWFERRY_SQL_WRITE_HPP
#define ROWFERRY_SQL_WRITE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/sql/read.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What the new row is called in MySQL's ON DUPLICATE KEY UPDATE.
inline constexpr std::string_view new_row_alias = "rowferry_new";

namespace detail {

/// "`a`, `b`"
inline void append_columns(std::string& out, const table_schema& table, const std::vector<std::size_t>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += ", ";
        append_identifier(out, table.columns[columns[i]].name);
    }
}

/// The columns as another table of the server takes them unchanged.
inline void append_values(std::string& out, const table_schema& table, const std::vector<std::size_t>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out += ", ";
        const column& c = table.columns[columns[i]];
        if (travels_as_position(c)) {
            append_position(out, c);
        } else {
            append_identifier(out, c.name);
        }
    }
}

/// "INSERT INTO `t` (`a`, `b`)", in the request's write mode.
inline void append_insert_into(std::string& out, const write_request& request) {
    switch (request.kind) {
    case write_kind::insert:
    case write_kind::upsert: out += "INSERT INTO "; break;
    case write_kind::replace: out += "REPLACE INTO "; break;
    case write_kind::skip_existing: out += "INSERT IGNORE INTO "; break;
    }
    append_identifier(out, request.table->name);
    out += " (";
    append_columns(out, *request.table, request.columns);
    out += ')';
}

/// ", `t`.`changed`": each column that is not written and that the server would set by itself, as what it holds. The name
/// of the table tells it apart from a column of a page's source.
inline void append_kept(std::string& out, const write_request& request) {
    const std::vector<column>& all = request.table->columns;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].set_on_update) continue;
        if (std::find(request.columns.begin(), request.columns.end(), i) != request.columns.end()) continue;
        out += ", ";
        append_identifier(out, all[i].name);
        out += " = ";
        append_identifier(out, request.table->name);
        out += '.';
        append_identifier(out, all[i].name);
    }
}

/// " ON DUPLICATE KEY UPDATE `a` = …" for every column written: key columns too, since a collation may call keys equal
/// whose bytes differ. Columns that are not written keep what they hold.
inline void append_update(std::string& out, dialect d, const write_request& request) {
    out += " ON DUPLICATE KEY UPDATE ";
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += ", ";
        const column& c = request.table->columns[request.columns[i]];
        // Both servers may hand the new value on as text, which does not tell all values of an ENUM or SET apart.
        const bool as_position = travels_as_position(c);
        append_identifier(out, c.name);
        out += as_position ? " = CAST(" : " = ";
        if (d == dialect::mariadb) {
            out += "VALUES(";
            append_identifier(out, c.name);
            out += ')';
        } else {
            out += new_row_alias;
            out += '.';
            append_identifier(out, c.name);
        }
        if (as_position) out += " AS UNSIGNED)";
    }
    append_kept(out, request);
}

} // namespace detail

/// Appends an insert up to its first row: "INSERT INTO `t` (`a`, `b`) VALUES ".
inline void append_insert_head(std::string& out, const write_request& request) {
    detail::append_insert_into(out, request);
    out += " VALUES ";
}

/// Appends one row, "(1, 'a')"; the caller puts the commas between rows.
template <Escaper E>
void append_row(std::string& out, const write_request& request, const row_view& row, const E& escape) {
    out += '(';
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += ',';
        append_literal(out, request.table->columns[request.columns[i]], row[i], escape);
    }
    out += ')';
}

/// Appends what follows the last row: nothing, but for upsert.
inline void append_insert_tail(std::string& out, dialect d, const write_request& request) {
    if (request.kind != write_kind::upsert) return;
    // MySQL 8.0.20 and later warn of VALUES(), and every warning is an error here; MariaDB has no row alias.
    if (d == dialect::mysql) {
        out += " AS ";
        out += new_row_alias;
    }
    detail::append_update(out, d, request);
}

/// Appends the statement that copies a page from `database` into the request's table, inside the server.
///
/// `page.columns` and `request.columns` correspond by position. Columns go as they are, field to field, which loses
/// nothing, FLOAT included.
inline void append_page_copy(std::string& out, dialect d, std::string_view database, const page_request& page,
                             const write_request& request) {
    detail::append_insert_into(out, request);
    const bool derived = d == dialect::mysql && request.kind == write_kind::upsert;
    if (derived) out += " SELECT * FROM (SELECT ";
    if (!derived) out += " SELECT ";
    detail::append_values(out, *page.table, page.columns);
    detail::append_page_source(out, database, page);
    if (derived) {
        out += ") AS ";
        out += new_row_alias;
        out += " (";
        detail::append_columns(out, *request.table, request.columns);
        out += ')';
    }
    if (request.kind == write_kind::upsert) detail::append_update(out, d, request);
}

/// Appends an insert that inserts no row, and meets what the server checks of a table before it writes.
inline void append_insert_nothing(std::string& out, const write_request& request) {
    detail::append_insert_into(out, request);
    out += " SELECT ";
    for (std::size_t i = 0; i < request.columns.size(); ++i) out += i == 0 ? "NULL" : ", NULL";
    out += " FROM DUAL WHERE 1 = 0";
}

/// Appends the statement that empties a table, which commits the open transaction.
inline void append_truncate(std::string& out, std::string_view table) {
    out += "TRUNCATE TABLE ";
    append_identifier(out, table);
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
