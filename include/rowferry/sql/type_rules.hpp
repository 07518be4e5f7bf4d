// SPDX-License-Identifier: BSL-1.0
// The rules by which values of a type travel, as one table: which types need more than the server's text, and why.
#ifndef ROWFERRY_SQL_TYPE_RULES_HPP
#define ROWFERRY_SQL_TYPE_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

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

/// Whether the server's text of a type has the last two digits of a year only: a YEAR(2) of MariaDB.
constexpr bool shows_two_digits(std::string_view type) { return type.starts_with("year(2)"); }

/// How a value is read from the server, held in a batch, and written.
enum class travel_form : std::uint8_t {
    as_text,         ///< the server's own text
    as_wider_number, ///< a number of a type that holds it exactly: FLOAT as a double
    as_marked_text,  ///< the text, and a mark for the value that has the text of another one: ENUM's error value
    as_position      ///< the number that the server sorts by: an ENUM's position, a SET's bits
};

namespace detail {

/// What makes a type need a form of its own.
enum class type_trait : std::uint8_t { any, empty_member, alike_members };

constexpr bool has_trait(const column& c, type_trait wanted) {
    switch (wanted) {
    case type_trait::any: return true;
    case type_trait::empty_member: return has_empty_member(c.type);
    case type_trait::alike_members: return c.has_alike_members;
    }
    return false;
}

/// The form of one kind of columns, where they have the trait.
struct type_rule {
    column_kind kind;
    type_trait trait;
    travel_form form;
};

/// The first rule that fits counts; where none does, text is exact.
inline constexpr std::array type_rules{
    // Its own text has six digits.
    type_rule{column_kind::real32, type_trait::any, travel_form::as_wider_number},
    // Text names the first member that the server takes for it, and another one may be there.
    type_rule{column_kind::enumeration, type_trait::alike_members, travel_form::as_position},
    type_rule{column_kind::set, type_trait::alike_members, travel_form::as_position},
    // The error value reads as '', too.
    type_rule{column_kind::enumeration, type_trait::empty_member, travel_form::as_marked_text},
    // The member '' leaves no trace in the text.
    type_rule{column_kind::set, type_trait::empty_member, travel_form::as_position},
};

} // namespace detail

/// The form in which a column's values travel.
constexpr travel_form form_of(const column& c) {
    for (const detail::type_rule& rule : detail::type_rules) {
        if (rule.kind == c.kind && detail::has_trait(c, rule.trait)) return rule.form;
    }
    return travel_form::as_text;
}

/// Whether values travel as the numbers that the server sorts by, because their text does not tell them apart.
constexpr bool travels_as_position(const column& c) { return form_of(c) == travel_form::as_position; }

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
