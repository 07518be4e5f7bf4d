// SPDX-License-Identifier: BSL-1.0
// What text does not tell: ENUM's error value (index 0, which reads as '' and is no member, not even one that is ''
// itself), and whether the member '' of a SET is there.
#ifndef ROWFERRY_SQL_ENUM_HPP
#define ROWFERRY_SQL_ENUM_HPP

#include <rowferry/batch.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What the error value is read as where '' is a member too, and would look the same: one NUL byte.
inline constexpr std::string_view enum_error_mark{"\0", 1};

/// Whether '' is a member of a type such as "enum('a','')": quotes inside members are doubled.
constexpr bool has_empty_member(std::string_view type) {
    std::size_t i = type.find('\'');
    while (i < type.size()) {
        const std::size_t begin = ++i;
        while (i < type.size() && (type[i] != '\'' || (i + 1 < type.size() && type[i + 1] == '\''))) {
            i += type[i] == '\'' ? 2 : 1;
        }
        if (i == begin) return true;
        i = type.find('\'', i + 1); // the next member
    }
    return false;
}

/// Whether values travel as the number of their bits: text does not tell whether the member '' of a SET is there.
constexpr bool travels_as_bits(const column& c) { return c.kind == column_kind::set && has_empty_member(c.type); }

/// Whether a cell of the column holds the error value. Strict mode refuses to store it.
constexpr bool is_enum_error(const column& c, const cell& value) {
    if (c.kind != column_kind::enumeration || value.is_null()) return false;
    if (value.bytes().empty()) return !has_empty_member(c.type);
    return value.bytes() == enum_error_mark && has_empty_member(c.type);
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
