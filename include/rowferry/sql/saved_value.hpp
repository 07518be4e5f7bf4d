// SPDX-License-Identifier: BSL-1.0
// Whether text can be a value that a copy has saved: what a server gives for a column, in the one form that it has there.
// A checkpoint holds such text, and others can write to a checkpoint.
#ifndef ROWFERRY_SQL_SAVED_VALUE_HPP
#define ROWFERRY_SQL_SAVED_VALUE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/schema_match.hpp>
#include <rowferry/sql/bound.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace rowferry {
inline namespace v0 {
namespace sql {

namespace detail {

/// Whether the column's values are padded with zeros; such a column is never negative.
inline bool is_zero_filled(const column& c) { return c.type.find("zerofill") != std::string::npos; }

/// Digits without the zeros before them; "0" stays.
inline std::string_view significant(std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

/// Whether the digits are written as the column's are: zeros before them only where it is padded, to its width at most.
inline bool is_padded_alike(const column& c, std::string_view digits, std::uint64_t width) {
    const std::string_view number = significant(digits);
    return digits.size() == number.size() || (is_zero_filled(c) && digits.size() <= width);
}

/// Integers: within the type's range, without a sign or zeros that it does not need. A YEAR has its digits, all of them.
inline bool is_saved_integer(const column& c, std::string_view bytes) {
    const bool is_negative = bytes.starts_with('-');
    const std::string_view digits = bytes.substr(is_negative ? 1 : 0);
    if (digits.empty() || end_of_digits(digits, 0) != digits.size()) return false;
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc{}) return false;
    const std::uint64_t width = rowferry::detail::to_number(rowferry::detail::type_arguments(c.type));
    if (rowferry::detail::type_name(c.type) == "year") {
        const bool is_old = width == 2; // YEAR(2), of MariaDB
        return !is_negative && digits.size() == (is_old ? 2U : 4U) &&
               (is_old || number == 0 || (number > 1900 && number < 2156));
    }
    if (!is_padded_alike(c, digits, width)) return false;
    if (is_negative && number == 0) return false;
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * rowferry::detail::capacity(c));
    if (c.is_unsigned || is_zero_filled(c)) return !is_negative && number <= all;
    return number <= (all >> 1U) + (is_negative ? 1U : 0U);
}

/// Decimals: as many digits after the point as the type has, and no more before it than it has.
inline bool is_saved_decimal(const column& c, std::string_view bytes) {
    if (!is_plain_number(bytes)) return false;
    const std::string_view number = bytes.substr(bytes.starts_with('-') ? 1 : 0);
    const std::string_view whole = number.substr(0, number.find('.'));
    const std::string_view arguments = rowferry::detail::type_arguments(c.type);
    if (arguments.empty()) return is_padded_alike(c, whole, whole.size()); // the type does not say
    const std::uint64_t precision = rowferry::detail::to_number(arguments);
    const auto comma = arguments.find(',');
    const std::uint64_t scale = comma == arguments.npos ? 0 : rowferry::detail::to_number(arguments.substr(comma + 1));
    const std::size_t fraction = whole.size() == number.size() ? 0 : number.size() - whole.size() - 1;
    const std::uint64_t before_point = precision - std::min(precision, scale);
    const std::uint64_t most = std::max<std::uint64_t>(before_point, 1); // one zero at least
    const bool fits = significant(whole).size() <= before_point || significant(whole) == "0";
    return fraction == scale && fits && is_padded_alike(c, whole, most);
}

/// Doubles, of which a FLOAT is read as one: a number no longer than a DOUBLE(255, 30) is written, of 309 digits before the
/// point at most once its exponent is applied. (from_chars of a double is missing in libc++, and strtod asks the locale.)
inline bool is_saved_real(std::string_view bytes) {
    constexpr std::size_t longest = 320;
    constexpr int most_digits = 309;
    if (bytes.size() > longest || !is_real_number(bytes)) return false;
    const std::string_view number = bytes.substr(bytes.starts_with('-') ? 1 : 0);
    const auto digits = static_cast<int>(significant(number.substr(0, number.find_first_of(".e"))).size());
    const auto e = number.find('e');
    if (e == number.npos) return digits <= most_digits;
    std::string_view after = number.substr(e + 1);
    if (after.starts_with('+')) after.remove_prefix(1);
    int exponent = 0;
    const auto read = std::from_chars(after.data(), after.data() + after.size(), exponent);
    return read.ec == std::errc{} && exponent <= most_digits - digits;
}

/// Bits: as many bytes as the type has, and none of the bits that it lacks.
inline bool is_saved_bits(const column& c, std::string_view bytes) {
    const std::uint64_t bits = rowferry::detail::to_number(rowferry::detail::type_arguments(c.type));
    if (bits == 0 || bits > 64) return bytes.size() <= 8;
    return bytes.size() == (bits + 7) / 8 && bit_number(bytes) <= ~std::uint64_t{0} >> (64 - bits);
}

/// Dates and times: digits with their separators; another text would be compared as a date that is none.
inline bool is_saved_time(std::string_view bytes) {
    return !bytes.empty() && bytes.find_first_not_of("0123456789-:. ") == bytes.npos &&
           bytes.find_first_of("0123456789") != bytes.npos;
}

} // namespace detail

/// Why no server gives this text for the column, as a clause; empty when one may. Of text, and of the types that are parsed
/// from text, nothing is known.
inline std::string_view saved_value_trouble(const column& c, std::string_view bytes) {
    constexpr std::string_view no_number = "is not a number as the server writes it";
    switch (c.kind) {
    case column_kind::integer: return detail::is_saved_integer(c, bytes) ? std::string_view() : no_number;
    case column_kind::decimal: return detail::is_saved_decimal(c, bytes) ? std::string_view() : no_number;
    case column_kind::real32:
    case column_kind::real64: return detail::is_saved_real(bytes) ? std::string_view() : no_number;
    case column_kind::bit:
        return detail::is_saved_bits(c, bytes) ? std::string_view() : "does not have the bits of its type";
    case column_kind::temporal: return detail::is_saved_time(bytes) ? std::string_view() : "is not a date or time";
    default: return detail::value_trouble(c, bytes);
    }
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
