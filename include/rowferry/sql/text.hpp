// SPDX-License-Identifier: BSL-1.0
// The smallest pieces of a statement: identifiers, numbers, and literals by column kind.
#ifndef ROWFERRY_SQL_TEXT_HPP
#define ROWFERRY_SQL_TEXT_HPP

#include <rowferry/batch.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/table.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// Whose SQL is written, where the two differ.
enum class dialect : std::uint8_t { mariadb, mysql };

/// Appends bytes to a statement, escaped for the inside of a quoted string, without the quotes.
template <class E>
concept Escaper = requires(const E& escape, std::string& out, std::string_view bytes) {
    escape(out, bytes);
};

/// Escapes as both servers read strings of a single-byte charset while sql_mode lacks NO_BACKSLASH_ESCAPES: the
/// characters that mysql_real_escape_string escapes (NUL, newline, return, backslash, both quotes, Control-Z).
struct backslash_escape {
    void operator()(std::string& out, std::string_view bytes) const {
        for (char c : bytes) {
            switch (c) {
            case '\0': out += "\\0"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\\': out += "\\\\"; break;
            case '\'': out += "\\'"; break;
            case '"': out += "\\\""; break;
            case '\x1A': out += "\\Z"; break;
            default: out += c;
            }
        }
    }
};

/// Appends a name in backticks, backticks inside doubled. The name is UTF-8.
inline void append_identifier(std::string& out, std::string_view name) {
    out += '`';
    for (char c : name) {
        if (c == '`') out += '`';
        out += c;
    }
    out += '`';
}

/// Whether text can be the name of a charset, a collation or an engine, which stands in statements without quotes: up to 64
/// ASCII letters, digits and underscores.
constexpr bool is_plain_name(std::string_view name) {
    constexpr std::size_t longest = 64;
    if (name.empty() || name.size() > longest) return false;
    for (char c : name) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && (c < '0' || c > '9') && c != '_') return false;
    }
    return true;
}

/// Appends the name of a charset. Text that cannot be one is not written: with the name in its place the statement fails.
inline void append_charset(std::string& out, std::string_view name) {
    out += is_plain_name(name) ? name : std::string_view("no_charset");
}

/// Appends "`database`.`table`", or "`table`" when the database is empty.
inline void append_table(std::string& out, std::string_view database, std::string_view table) {
    if (!database.empty()) {
        append_identifier(out, database);
        out += '.';
    }
    append_identifier(out, table);
}

/// Appends a number in decimal digits.
inline void append_number(std::string& out, std::uint64_t number) {
    char digits[20];
    const auto [end, status] = std::to_chars(digits, digits + sizeof digits, number);
    static_cast<void>(status); // 20 digits hold every 64-bit number
    out.append(digits, end);
}

/// Appends bytes as X'hex'.
inline void append_hex(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += "X'";
    for (char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    out += '\'';
}

/// Appends a quoted string of the connection's charset.
template <Escaper E>
void append_string(std::string& out, std::string_view bytes, const E& escape) {
    out += '\'';
    escape(out, bytes);
    out += '\'';
}

/// Appends `_utf8mb4'…'`: text of our own, as names in conditions on the catalog.
inline void append_text(std::string& out, std::string_view text) {
    out += "_utf8mb4";
    append_string(out, text, backslash_escape{});
}

/// True for an optional minus sign, digits, and at most one point among them: what may stand in a statement unquoted.
constexpr bool is_plain_number(std::string_view bytes) {
    bool digit = false;
    bool point = false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (c >= '0' && c <= '9') {
            digit = true;
        } else if (c == '.' && !point) {
            point = true;
        } else if (c != '-' || i != 0) {
            return false;
        }
    }
    return digit;
}

/// True for a plain number with or without an exponent, as "-1.5e-7": what may stand in a statement as a double.
constexpr bool is_plain_double(std::string_view bytes) {
    const std::size_t e = bytes.find_first_of("eE");
    if (!is_plain_number(bytes.substr(0, e))) return false;
    if (e == bytes.npos) return true;
    std::string_view exponent = bytes.substr(e + 1);
    if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
    return !exponent.empty() && exponent.find_first_not_of("0123456789") == exponent.npos;
}

/// Appends a cell as the literal that stores exactly its bytes in the column.
///
/// Integers and decimals go unquoted; FLOAT and DOUBLE quoted, so that they are parsed as doubles. A FLOAT of -0 goes
/// as a number that rounds to it, since MariaDB stores '-0' as 0. ENUM's error value goes as its index where '' is a
/// member. JSON and the types that are parsed from text (UUID, INET6) get a charset, which both servers demand there;
/// everything else is the column's own bytes.
template <Escaper E>
void append_literal(std::string& out, const column& c, cell value, const E& escape) {
    if (value.is_null()) {
        out += "NULL";
        return;
    }
    const std::string_view bytes = value.bytes();
    switch (c.kind) {
    case column_kind::integer:
    case column_kind::decimal:
        if (is_plain_number(bytes)) {
            out += bytes;
        } else {
            append_string(out, bytes, escape);
        }
        break;
    case column_kind::real32: append_string(out, bytes == "-0" ? "-1e-60" : bytes, escape); break;
    case column_kind::bit: append_hex(out, bytes); break;
    case column_kind::json:
    case column_kind::other:
        out += "_utf8mb4";
        append_string(out, bytes, escape);
        break;
    case column_kind::enumeration:
        if (bytes == enum_error_mark && has_empty_member(c.type)) {
            out += '0';
        } else {
            append_string(out, bytes, escape);
        }
        break;
    case column_kind::set:
        if (travels_as_bits(c) && is_plain_number(bytes)) {
            out += bytes;
        } else {
            append_string(out, bytes, escape);
        }
        break;
    case column_kind::real64:
    case column_kind::text:
    case column_kind::bytes:
    case column_kind::temporal:
    case column_kind::geometry: append_string(out, bytes, escape); break;
    }
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
