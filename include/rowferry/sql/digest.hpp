// SPDX-License-Identifier: BSL-1.0
// Statements of verification: digests of rows in a normal form that MySQL and MariaDB compute alike, and rows by key.
//
// The normal form of a row is one string of bytes, from which its values can be read back in only one way: `N` for NULL,
// digits and a comma for what is a number or a date, a length, a colon and bytes for everything else. Its SHA-256 is the
// row's digest: MD5 and SHA1 are gone from MySQL 9.
#ifndef ROWFERRY_SQL_DIGEST_HPP
#define ROWFERRY_SQL_DIGEST_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/bound.hpp>
#include <rowferry/sql/read.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/digest.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

namespace detail {

/// What makes a date or time with fewer digits of a second equal to one with six: they are not the same type on both
/// sides where the target's is the finer one.
inline std::string_view missing_digits(const column& c) {
    if (rowferry::detail::type_name(c.type) == "date") return {};
    constexpr std::string_view all = ".000000";
    const auto digits = rowferry::detail::to_number(rowferry::detail::type_arguments(c.type));
    return digits == 0 ? all : all.substr(1 + (digits < 6 ? digits : 6));
}

/// The normal form of a value that is not NULL, as the arguments of CONCAT.
///
/// Doubles print differently on the two servers, and lose the sign of -0 on one: the binary form of a POINT holds
/// their bits. ENUM and SET count by their numbers, which tell the error value and the member '' apart. Without CAST
/// a string would draw the others into its own charset.
inline void append_normal_form(std::string& out, const column& c, bool is_long) {
    std::string name;
    append_identifier(name, c.name);
    if (is_long) {
        out += "SHA2(CAST(" + name + " AS BINARY), 256)";
        return;
    }
    switch (c.kind) {
    case column_kind::integer:
    case column_kind::decimal:
        // Zeros in front are not part of the value, and their number depends on the width.
        out += c.type.find("zerofill") == std::string::npos ? name : name + " + 0";
        out += ", ','";
        break;
    case column_kind::real32:
    case column_kind::real64: out += "CAST(POINT(" + name + ", 0) AS BINARY)"; break;
    case column_kind::bit:
    case column_kind::enumeration:
    case column_kind::set: out += "CAST(" + name + " AS UNSIGNED), ','"; break;
    case column_kind::temporal:
        out += name + ", '";
        out += missing_digits(c);
        out += ",'";
        break;
    case column_kind::bytes: out += "LENGTH(" + name + "), ':', " + name; break;
    case column_kind::text:
    case column_kind::json:
    case column_kind::geometry: out += "LENGTH(" + name + "), ':', CAST(" + name + " AS BINARY)"; break;
    case column_kind::other:
        // As text, which the other side may keep a UUID as; CAST to BINARY gives the bytes that are stored.
        name = "CONVERT(" + name + " USING utf8mb4)";
        out += "LENGTH(" + name + "), ':', CAST(" + name + " AS BINARY)";
        break;
    }
}

/// "SHA2(CONCAT(…), 256)": the digest of one row, in 64 hex digits. It is NULL when a string in it is longer than
/// max_allowed_packet, and then has to stay so: IFNULL would take such a string for a value that is NULL.
inline void append_row_digest(std::string& out, const digest_request& request) {
    out += "SHA2(CONCAT(''";
    for (const digested_column& part : request.columns) {
        const column& c = request.table->columns[part.column];
        out += ", ";
        if (c.nullable) {
            out += "IF(";
            append_identifier(out, c.name);
            out += " IS NULL, 'N', CONCAT(";
        }
        append_normal_form(out, c, part.is_long);
        if (c.nullable) out += "))";
    }
    out += "), 256)";
}

inline void append_key_columns(std::string& out, dialect d, const table_schema& table,
                               const std::vector<key_part>& order) {
    for (const key_part& part : order) {
        append_read_expression(out, d, table, part.column);
        out += ", ";
    }
}

/// "`a` <=> 1": whether a part of the key has this value, as the server sorts it.
inline void append_key_part(std::string& out, const column& c, const key_part& part, const value& v) {
    if (c.kind == column_kind::set) {
        append_position(out, c);
    } else {
        append_sorted(out, c, part);
    }
    out += part.prefix != 0 ? " <=> LEFT(" : " <=> ";
    append_bound(out, c, v);
    if (part.prefix == 0) return;
    out += ", ";
    append_number(out, part.prefix);
    out += ')';
}

/// "(`a` <=> 1 AND `b` <=> 'x') OR (…)"
inline void append_keys(std::string& out, const table_schema& table, const std::vector<key_part>& order,
                        const std::vector<key_values>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        out += i == 0 ? "(" : " OR (";
        for (std::size_t j = 0; j < order.size(); ++j) {
            if (j > 0) out += " AND ";
            append_key_part(out, table.columns[order[j].column], order[j], keys[i][j]);
        }
        out += ')';
    }
}

/// " FROM `t` FORCE INDEX (`k`) WHERE …"
inline void append_digested_rows(std::string& out, const digest_request& request,
                                 const std::vector<key_values>& keys = {}) {
    out += " FROM ";
    append_identifier(out, request.table->name);
    if (!request.index.empty()) {
        out += " FORCE INDEX (";
        append_identifier(out, request.index);
        out += ')';
    }
    std::string where;
    const bool any = append_where(where, *request.table, request.filter, request.order, request.after, request.up_to);
    append_nulls(where, request, any);
    if (!keys.empty()) {
        where += where.empty() ? " WHERE (" : " AND (";
        append_keys(where, *request.table, request.order, keys);
        where += ')';
    }
    if (request.anywhere) return append_anywhere(out, where);
    out += where;
}

} // namespace detail

/// Appends the SELECT of a range's checksum: rows, rows that have a digest (each, unless the server's limits forbid
/// it), and two numbers of 64 bits or more, which are NULL when there is no row.
///
/// Of rows that a key tells apart the numbers are BIT_XORs of the digests' halves; the LIMIT keeps the server from computing
/// each digest twice. Of rows that may be equal they are sums, in which pairs do not cancel out.
inline void append_checksum(std::string& out, const digest_request& request) {
    if (request.order.empty()) {
        std::string digest;
        detail::append_row_digest(digest, request);
        out += "SELECT COUNT(*), COUNT(" + digest + "), SUM(CAST(CONV(LEFT(" + digest +
               ", 16), 16, 10) AS UNSIGNED)), SUM(CAST(CONV(RIGHT(" + digest + ", 16), 16, 10) AS UNSIGNED))";
        detail::append_digested_rows(out, request);
        return;
    }
    out += "SELECT COUNT(*), COUNT(digest), BIT_XOR(CAST(CONV(LEFT(digest, 16), 16, 10) AS UNSIGNED)), "
           "BIT_XOR(CAST(CONV(RIGHT(digest, 16), 16, 10) AS UNSIGNED)) FROM (SELECT ";
    detail::append_row_digest(out, request);
    out += " AS digest";
    detail::append_digested_rows(out, request);
    out += " LIMIT 18446744073709551615) AS digests";
}

/// What the answer to `append_digests` calls a digest: no column of the table has the name.
inline std::string digest_name(const table_schema& table) {
    std::string name = "digest";
    while (table.find(name)) name += '_';
    return name;
}

/// Appends the SELECT of each row's key and digest: of the rows with one of the keys, or of all in the range when there
/// are none.
inline void append_digests(std::string& out, dialect d, const digest_request& request,
                           const std::vector<key_values>& keys) {
    out += "SELECT ";
    detail::append_key_columns(out, d, *request.table, request.order);
    detail::append_row_digest(out, request);
    out += " AS ";
    append_identifier(out, digest_name(*request.table));
    detail::append_digested_rows(out, request, keys);
}

/// Appends the SELECT of some columns of the rows with one of the keys.
inline void append_find_rows(std::string& out, dialect d, const keyed_rows& request) {
    out += "SELECT ";
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += ", ";
        append_read_expression(out, d, *request.table, request.columns[i]);
    }
    out += " FROM ";
    append_identifier(out, request.table->name);
    out += " WHERE ";
    detail::append_keys(out, *request.table, request.order, request.keys);
}

/// Appends the DELETE of the rows with one of the keys.
inline void append_remove_rows(std::string& out, const keyed_rows& request) {
    out += "DELETE FROM ";
    append_identifier(out, request.table->name);
    out += " WHERE ";
    detail::append_keys(out, *request.table, request.order, request.keys);
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
