// SPDX-License-Identifier: BSL-1.0
// Page bounds: conditions that compare a row's key with values, in the very order in which the server sorts it.
//
// Most columns sort as they compare. Some do not, and their bounds have a form of their own:
//   FLOAT, DOUBLE   a double literal, which both compare with exactly; in quotes or as a decimal they may not
//   BIT             a number; as bytes both servers miss bounds of 64 bits
//   ENUM            sorts by position and compares as text: a list of the positions behind the bound, which is a range
//   SET             sorts by its bits and compares as text: the number of its bits, which no index finds
//   a prefix        sorts and compares as LEFT(column, length), which no index finds
#ifndef ROWFERRY_SQL_BOUND_HPP
#define ROWFERRY_SQL_BOUND_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// Appends the expression that reads an ENUM as its position, or a SET as the number of its bits.
inline void append_position(std::string& out, const column& c) {
    out += "CAST(";
    append_identifier(out, c.name);
    out += " AS UNSIGNED)";
}

namespace detail {

/// "1.5e0": a literal with an exponent is a double to both servers, one without is a decimal. What is no number is quoted.
inline void append_double(std::string& out, std::string_view bytes) {
    if (!is_real_number(bytes)) {
        append_string(out, bytes, backslash_escape{});
        return;
    }
    out += bytes;
    if (bytes.find('e') == bytes.npos) out += "e0";
}

/// The number that the bytes of a BIT column are, most significant first.
inline std::uint64_t bit_number(std::string_view bytes) {
    std::uint64_t number = 0;
    for (char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
    return number;
}

} // namespace detail

/// Appends a value that the server is to compare with the column: text as `_charset X'…'`, so that the column's own
/// collation decides and no byte is converted; ENUM and SET as the numbers that they sort by.
inline void append_bound(std::string& out, const column& c, const value& bound) {
    if (!bound) {
        out += "NULL";
        return;
    }
    switch (c.kind) {
    case column_kind::text:
        if (!c.charset.empty()) {
            out += '_';
            append_charset(out, c.charset);
            out += ' ';
        }
        append_hex(out, *bound);
        break;
    case column_kind::enumeration: append_number(out, enum_position(c, *bound).value_or(0)); break;
    case column_kind::set: append_number(out, set_bits(c, *bound).value_or(0)); break;
    case column_kind::real32:
    case column_kind::real64: detail::append_double(out, *bound); break;
    case column_kind::bit: append_number(out, detail::bit_number(*bound)); break;
    case column_kind::bytes:
    case column_kind::geometry: append_hex(out, *bound); break;
    default: append_literal(out, c, cell(*bound), backslash_escape{});
    }
}

namespace detail {

/// Why a value cannot be one of the column, as a clause; empty when it can. Only what would change the meaning of a
/// statement: a number that is none would be compared as 0.
inline std::string_view value_trouble(const column& c, std::string_view bytes) {
    constexpr std::string_view no_number = "is not a number";
    constexpr std::string_view no_member =
        "is no member of its type: the column's definition has changed since it was read";
    constexpr std::size_t most_bit_bytes = 8;
    switch (c.kind) {
    case column_kind::integer:
    case column_kind::decimal: return is_plain_number(bytes) ? std::string_view() : no_number;
    case column_kind::real32:
    case column_kind::real64: return is_real_number(bytes) ? std::string_view() : no_number;
    case column_kind::bit: return bytes.size() <= most_bit_bytes ? std::string_view() : "has more than 64 bits";
    case column_kind::enumeration: return enum_position(c, bytes) ? std::string_view() : no_member;
    case column_kind::set: return set_bits(c, bytes) ? std::string_view() : no_member;
    default: return {};
    }
}

/// Refuses a value of a key that its column cannot have.
inline result<void> check_member(const table_schema& table, const key_part& part, const value& v,
                                 std::string_view what) {
    const column& c = table.columns[part.column];
    const std::string_view trouble = v ? value_trouble(c, *v) : std::string_view();
    if (trouble.empty()) return {};
    return refusal(std::string(what) + " of column " + c.name + " of table " + table.name + " " + std::string(trouble));
}

} // namespace detail

/// Refuses bounds that their columns cannot have: those of a number that are none, and those that an ENUM or SET has no
/// members for, which come from another definition of the column.
inline result<void> check_members(const table_schema& table, const std::vector<key_part>& order,
                                  const std::optional<page_bound>& after, const std::optional<page_bound>& up_to) {
    for (const std::optional<page_bound>* bound : {&after, &up_to}) {
        if (!*bound) continue;
        for (std::size_t i = 0; i < (*bound)->values.size() && i < order.size(); ++i) {
            if (auto r = detail::check_member(table, order[i], (*bound)->values[i], "a page bound"); !r) return r;
        }
    }
    return {};
}

/// Refuses keys with such values, which would else name other rows: those whose number is 0, those that hold an ENUM's error
/// value, or those with no member of a SET.
inline result<void> check_members(const table_schema& table, const std::vector<key_part>& order,
                                  const std::vector<key_values>& keys) {
    for (const key_values& key : keys) {
        for (std::size_t i = 0; i < key.size() && i < order.size(); ++i) {
            if (auto r = detail::check_member(table, order[i], key[i], "a key's value"); !r) return r;
        }
    }
    return {};
}

/// Appends what a part of an order sorts by: the column, the number of a SET's bits, or the column's beginning.
inline void append_sorted(std::string& out, const column& c, const key_part& part) {
    if (part.prefix != 0) out += "LEFT(";
    append_identifier(out, c.name);
    if (part.prefix == 0) return;
    out += ", ";
    append_number(out, part.prefix);
    out += ')';
}

namespace detail {

/// Whether a bound keeps the rows behind it or those before it.
enum class bound_end : std::uint8_t { lower, upper };

/// One bound of a page, expanded into comparisons of single columns.
class bound_writer {
public:
    bound_writer(std::string& out, const table_schema& table, const std::vector<key_part>& order,
                 const page_bound& bound, bound_end end)
        : out_(out), table_(table), order_(order), bound_(bound), end_(end),
          parts_(std::min(bound.values.size(), order.size())) {}

    /// Never `(a, b) > (x, y)`, which MySQL may answer with a full scan: it is expanded to
    /// `a >= x AND (a > x OR (a = x AND b > y))`, whose first part lets the range start at the right place. Of an ENUM
    /// the lists are ranges already.
    void write() {
        if (parts_ > 1 && !is_enum(0)) {
            behind(0, true);
            out_ += " AND ";
        }
        for (std::size_t i = 0; i + 1 < parts_; ++i) {
            out_ += '(';
            if (!is_enum(i) || !nothing_behind(i) || !impossible(i)) behind(i, false);
            out_ += " OR (";
            equal(i);
            out_ += " AND ";
        }
        behind(parts_ - 1, bound_.inclusive);
        for (std::size_t i = 0; i + 1 < parts_; ++i) out_ += "))";
    }

private:
    [[nodiscard]] const column& column_at(std::size_t i) const { return table_.columns[order_[i].column]; }
    [[nodiscard]] bool is_enum(std::size_t i) const {
        return column_at(i).kind == column_kind::enumeration && bound_.values[i].has_value();
    }
    [[nodiscard]] bool wants_greater(std::size_t i) const { return order_[i].descending != (end_ == bound_end::lower); }

    /// "`a` > 5", or "`a` >= 5"
    void behind(std::size_t i, bool or_equal) {
        if (is_enum(i)) return list(i, or_equal);
        const bool greater = wants_greater(i);
        compare(i, or_equal ? (greater ? " >= " : " <= ") : (greater ? " > " : " < "));
    }
    void equal(std::size_t i) {
        if (!is_enum(i)) return compare(i, " = ");
        append_identifier(out_, column_at(i).name);
        out_ += " = ";
        append_bound(out_, column_at(i), bound_.values[i]);
    }
    void compare(std::size_t i, std::string_view op) {
        const column& c = column_at(i);
        const key_part& part = order_[i];
        if (c.kind == column_kind::set) {
            append_position(out_, c);
        } else {
            append_sorted(out_, c, part);
        }
        out_ += op;
        if (part.prefix != 0) out_ += "LEFT(";
        append_bound(out_, c, bound_.values[i]);
        if (part.prefix == 0) return;
        out_ += ", ";
        append_number(out_, part.prefix);
        out_ += ')';
    }

    /// The positions behind an ENUM's bound, first and last; 0 is the error value's, which sorts first.
    struct positions {
        std::size_t first;
        std::size_t end;
    };
    [[nodiscard]] positions positions_behind(std::size_t i, bool or_equal) const {
        const column& c = column_at(i);
        const std::size_t at = enum_position(c, *bound_.values[i]).value_or(0);
        const std::size_t more = or_equal ? 1 : 0;
        if (wants_greater(i)) return {at + 1 - more, members_in(c).size() + 1};
        return {0, at + more};
    }
    [[nodiscard]] bool nothing_behind(std::size_t i) const {
        const positions p = positions_behind(i, false);
        return p.first >= p.end;
    }
    /// "`e` IN (3, 4)"; "FALSE" when nothing is behind.
    void list(std::size_t i, bool or_equal) {
        const positions p = positions_behind(i, or_equal);
        if (p.first >= p.end) {
            out_ += "FALSE";
            return;
        }
        append_identifier(out_, column_at(i).name);
        out_ += " IN (";
        for (std::size_t at = p.first; at < p.end; ++at) {
            if (at > p.first) out_ += ", ";
            append_number(out_, at);
        }
        out_ += ')';
    }
    /// Behind the last position there is nothing. Saying so by FALSE would leave one position, a constant, which the
    /// optimizers drop from the order and then sort what the index had in order. They do not look through a
    /// contradiction in the next column, and its range is empty. False when no column is fit for one.
    bool impossible(std::size_t i) {
        for (std::size_t next = i + 1; next < parts_; ++next) {
            if (is_enum(next) || !bound_.values[next]) continue;
            const std::size_t at = enum_position(column_at(i), *bound_.values[i]).value_or(0);
            append_identifier(out_, column_at(i).name);
            out_ += " = ";
            append_number(out_, at == 0 ? 1 : at - 1);
            out_ += " AND ";
            compare(next, " > ");
            out_ += " AND ";
            compare(next, " < ");
            return true;
        }
        return false;
    }

    std::string& out_;
    const table_schema& table_;
    const std::vector<key_part>& order_;
    const page_bound& bound_;
    bound_end end_;
    std::size_t parts_;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
