// SPDX-License-Identifier: BSL-1.0
// Values as bytes that sort like the values do: how the double orders rows and tells keys apart.
//
// Each value becomes a string of bytes of which none is the beginning of another value's, so that the strings of a
// key's parts can be joined and a bound on the first parts is a bound on a prefix. NULL sorts first.
#ifndef ROWFERRY_TESTING_SORT_KEY_HPP
#define ROWFERRY_TESTING_SORT_KEY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/table.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// How a column's values compare.
enum class collating : std::uint8_t {
    number,       ///< integers and decimals, exactly, of any length
    real,         ///< FLOAT and DOUBLE
    member,       ///< ENUM: by the member's position
    members,      ///< SET: by the positions of its members, as bits
    bytes,        ///< bytewise
    folded,       ///< without regard to ASCII case
    padded,       ///< bytewise, as if filled with spaces at the end
    padded_folded ///< both
};

struct column_order {
    collating how = collating::bytes;
    std::vector<std::string> members; ///< of an ENUM or SET, in order
    bool counts_characters = false;   ///< of UTF-8 a prefix counts characters, else bytes
};

/// The members of `enum('a','b')` or of a SET, in order; a quote within one is doubled.
inline std::vector<std::string> members_of(std::string_view type) {
    std::vector<std::string> members;
    bool inside = false;
    for (std::size_t i = 0; i < type.size(); ++i) {
        if (type[i] != '\'') {
            if (inside) members.back() += type[i];
        } else if (inside && i + 1 < type.size() && type[i + 1] == '\'') {
            members.back() += type[++i];
        } else {
            inside = !inside;
            if (inside) members.emplace_back();
        }
    }
    return members;
}

/// Whether such a column can be compared with a page bound: JSON and geometry have no order.
inline bool can_be_bound(column_kind kind) { return kind != column_kind::json && kind != column_kind::geometry; }

/// How a column compares: by its kind, and text by its collation (`_ci` folds ASCII case; all but `binary`, the
/// `_0900_` and the `_nopad_` ones pad with spaces).
inline column_order order_of(const column& c) {
    if (c.has_alike_members) return {collating::number, {}}; // its values are the numbers of its members
    switch (c.kind) {
    case column_kind::integer:
    case column_kind::decimal: return {collating::number, {}};
    case column_kind::real32:
    case column_kind::real64: return {collating::real, {}};
    case column_kind::enumeration: return {collating::member, members_of(c.type)};
    case column_kind::set: return {collating::members, members_of(c.type)};
    case column_kind::text: break;
    default: return {};
    }
    const bool folds = c.collation.ends_with("_ci");
    const bool pads = c.collation != "binary" && c.collation.find("_0900_") == std::string::npos &&
                      c.collation.find("_nopad_") == std::string::npos;
    const bool is_utf8 = c.charset.starts_with("utf8");
    if (folds) return {pads ? collating::padded_folded : collating::folded, {}, is_utf8};
    return {pads ? collating::padded : collating::bytes, {}, is_utf8};
}

inline void complement(std::string& text, std::size_t from) {
    for (std::size_t i = from; i < text.size(); ++i) {
        text[i] = static_cast<char>(static_cast<unsigned char>(text[i]) ^ 0xFFU);
    }
}

// Sign, digits before the point as a count, all digits, end. A negative number is the complement of the positive one.
inline void append_number(std::string& out, std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::string_view whole = text.substr(0, text.find('.'));
    std::string_view part = whole.size() < text.size() ? text.substr(whole.size() + 1) : std::string_view{};
    while (whole.starts_with('0')) whole.remove_prefix(1);
    while (part.ends_with('0')) part.remove_suffix(1);
    if (whole.empty() && part.empty()) {
        out += '\2';
        return;
    }
    const std::size_t start = out.size();
    out += '\3';
    out += static_cast<char>(static_cast<unsigned char>((whole.size() >> 8U) & 0xFFU));
    out += static_cast<char>(static_cast<unsigned char>(whole.size() & 0xFFU));
    out += whole;
    out += part;
    out += '\0';
    if (negative) {
        complement(out, start + 1);
        out[start] = '\1';
    }
}

// The bits of a double, with the sign turned so that they sort as unsigned numbers; both zeros are one.
inline void append_real(std::string& out, std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (number == 0) number = 0; // -0
    auto bits = std::bit_cast<std::uint64_t>(number);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    bits = (bits & sign) != 0 ? ~bits : bits | sign;
    out += '\1';
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        out += static_cast<char>(static_cast<unsigned char>((bits >> (shift - 8)) & 0xFFU));
    }
}

// Before each byte, and at the end, how the rest compares with the end: 1 less, 2 it is the end, 3 greater. With
// padding the end compares as endless spaces, so that a rest can be less only there.
inline void append_text(std::string& out, std::string_view text, bool pads, bool folds) {
    if (pads) {
        while (text.ends_with(' ')) text.remove_suffix(1);
    }
    std::size_t next = 0; // the first byte from here on that is no space
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (pads && next <= i) {
            next = i;
            while (text[next] == ' ') ++next;
        }
        const bool less = pads && static_cast<unsigned char>(text[next]) < 0x20;
        const char c = text[i];
        out += less ? '\1' : '\3';
        out += folds && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    out += '\2';
}

// From 1; 0 for what is no member.
inline std::size_t position_of(const column_order& order, std::string_view member) {
    for (std::size_t i = 0; i < order.members.size(); ++i) {
        if (order.members[i] == member) return i + 1;
    }
    return 0;
}
inline std::uint64_t bits_of(const column_order& order, std::string_view members) {
    std::uint64_t bits = 0;
    while (!members.empty()) {
        const std::string_view member = members.substr(0, members.find(','));
        if (const std::size_t position = position_of(order, member); position != 0) {
            bits |= std::uint64_t{1} << ((position - 1) % 64);
        }
        members.remove_prefix(member.size() < members.size() ? member.size() + 1 : members.size());
    }
    return bits;
}

// The first characters of a value, or all of it for 0.
inline std::string_view beginning_of(const column_order& order, std::string_view text, std::uint64_t characters) {
    if (characters == 0) return text;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const bool begins = !order.counts_characters || (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
        if (begins && characters-- == 0) break;
    }
    return text.substr(0, at);
}

/// Appends the sort key of one value in one part of an order.
inline void append_sort_key(std::string& out, const column_order& order, const key_part& part, cell v) {
    const std::size_t start = out.size();
    if (!v.is_null()) v = cell(beginning_of(order, v.bytes(), part.prefix));
    if (v.is_null()) {
        out += '\0';
    } else {
        switch (order.how) {
        case collating::number: append_number(out, v.bytes()); break;
        case collating::real: append_real(out, v.bytes()); break;
        case collating::member: append_number(out, std::to_string(position_of(order, v.bytes()))); break;
        case collating::members: append_number(out, std::to_string(bits_of(order, v.bytes()))); break;
        case collating::bytes: append_text(out, v.bytes(), false, false); break;
        case collating::folded: append_text(out, v.bytes(), false, true); break;
        case collating::padded: append_text(out, v.bytes(), true, false); break;
        case collating::padded_folded: append_text(out, v.bytes(), true, true); break;
        }
    }
    if (part.descending) complement(out, start);
}

/// The least string above all that begin with `prefix`; empty when there is none.
inline std::string after_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1U);
    return prefix;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
