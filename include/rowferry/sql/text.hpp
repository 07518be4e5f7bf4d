// SPDX-License-Identifier: BSL-1.0
// The smallest pieces of a statement: identifiers, numbers, and literals by column kind.
#ifndef ROWFERRY_SQL_TEXT_HPP
#define ROWFERRY_SQL_TEXT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

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

namespace detail {

/// Where the digits end that stand at `at`; `at` itself when there are none.
constexpr std::size_t end_of_digits(std::string_view bytes, std::size_t at) {
    while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9') ++at;
    return at;
}

/// Where a number -?digits[.digits] ends that begins the text; 0 when none does.
constexpr std::size_t end_of_plain_number(std::string_view bytes) {
    const std::size_t begin = bytes.starts_with('-') ? 1 : 0;
    const std::size_t whole = end_of_digits(bytes, begin);
    if (whole == begin) return 0;
    if (whole == bytes.size() || bytes[whole] != '.') return whole;
    const std::size_t end = end_of_digits(bytes, whole + 1);
    return end == whole + 1 ? 0 : end;
}

} // namespace detail

/// True for -?digits[.digits] and nothing else: an integer or a decimal that may stand in a statement unquoted.
constexpr bool is_plain_number(std::string_view bytes) {
    const std::size_t end = detail::end_of_plain_number(bytes);
    return end != 0 && end == bytes.size();
}

/// True for -?digits[.digits][e[+-]?digits] and nothing else: a double that may stand in a statement unquoted. What else is
/// made of these characters may be a name (`e`), an expression (`1-1`), or the beginning of a comment (`1e0--`).
constexpr bool is_real_number(std::string_view bytes) {
    std::size_t at = detail::end_of_plain_number(bytes);
    if (at == 0 || at == bytes.size() || bytes[at] != 'e') return at != 0 && at == bytes.size();
    ++at;
    if (at < bytes.size() && (bytes[at] == '+' || bytes[at] == '-')) ++at;
    const std::size_t end = detail::end_of_digits(bytes, at);
    return end != at && end == bytes.size();
}

/// Appends a cell as the literal that stores exactly its bytes in the column.
///
/// Integers and decimals go unquoted; FLOAT and DOUBLE quoted, so that they are parsed as doubles. A FLOAT of -0 goes
/// as a number that rounds to it, since MariaDB stores '-0' as 0. ENUM's error value goes as its index where '' is a
/// member; what travels as its number goes as that. JSON and the types that are parsed from text (UUID, INET6) get a charset, which both servers demand there;
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
    case column_kind::set:
        if (travels_as_position(c) && is_plain_number(bytes)) {
            out += bytes;
        } else if (is_enum_error(c, value) && !bytes.empty()) {
            out += '0';
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

#endif // ROWFERRY_CXX20
#endif
