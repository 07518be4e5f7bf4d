// SPDX-License-Identifier: BSL-1.0
// ENUM and SET: their members, the numbers that they sort by, and what text does not tell: ENUM's error value (index 0,
// which reads as '' and is not a member, not even one that is '' itself), whether the member '' of a SET is there, and
// which of several members that the server takes for one text. Where text does not tell, values travel as their
// numbers: see type_rules.hpp.
#ifndef ROWFERRY_SQL_ENUM_HPP
#define ROWFERRY_SQL_ENUM_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/sql/type_rules.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What the error value is read as where '' is a member too, and would look the same: one NUL byte.
inline constexpr std::string_view enum_error_mark{"\0", 1};

/// Whether a cell of the column holds the error value. Strict mode refuses to store it.
constexpr bool is_enum_error(const column& c, const cell& value) {
    if (c.kind != column_kind::enumeration || value.is_null()) return false;
    if (value.bytes().empty()) return !has_empty_member(c.type);
    if (travels_as_position(c)) return value.bytes() == "0";
    return value.bytes() == enum_error_mark && has_empty_member(c.type);
}

/// The members of a type such as "enum('a','it''s')", in order, as the catalog spells them: quotes are doubled, and NUL,
/// newline, return and backslash come after a backslash.
inline std::vector<std::string> members_of(std::string_view type) {
    std::vector<std::string> members;
    bool inside = false;
    for (std::size_t i = 0; i < type.size(); ++i) {
        const char c = type[i];
        const bool more = i + 1 < type.size();
        if (c == '\'' && !(inside && more && type[i + 1] == '\'')) {
            inside = !inside;
            if (inside) members.emplace_back();
        } else if (inside && c == '\\' && more) {
            const char escaped = type[++i];
            members.back() += escaped == '0' ? '\0' : escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped;
        } else if (inside) {
            members.back() += c;
            if (c == '\'') ++i;
        }
    }
    return members;
}

/// Whether members differ by their collation for certain, so that the server need not be asked: printable ASCII that differs
/// without regard to case and blanks at the end, in a collation in which only these can be equal. Others have letters of their
/// own: i is y in Lithuanian.
inline bool surely_differ(const std::vector<std::string>& members, std::string_view collation) {
    constexpr std::array<std::string_view, 8> plain{
        "utf8mb4_general_ci", "utf8mb4_unicode_ci",    "utf8mb4_0900_ai_ci", "utf8mb4_uca1400_ai_ci",
        "utf8mb3_general_ci", "utf8mb3_uca1400_ai_ci", "utf8_general_ci",    "latin1_swedish_ci"};
    if (std::find(plain.begin(), plain.end(), collation) == plain.end()) return false;
    std::set<std::string> folded;
    for (std::string each : members) {
        for (char& c : each) {
            if (c < ' ' || c > '~') return false;
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        }
        while (each.ends_with(' ')) each.pop_back();
        if (!folded.insert(std::move(each)).second) return false;
    }
    return true;
}

/// The members of an ENUM or SET column in its own charset.
inline std::vector<std::string> members_in(const column& c) {
    return c.members.empty() ? members_of(c.type) : c.members;
}

/// The number that a value travels as; none for bytes that are not one.
template <class Number>
std::optional<Number> travelled_number(std::string_view bytes) {
    Number number = 0;
    const auto [end, status] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), number);
    if (status != std::errc{} || end != bytes.data() + bytes.size()) return std::nullopt;
    return number;
}

/// The number that an ENUM's value sorts by: its member's position from 1, or 0 for the error value. None for bytes that
/// are no member.
inline std::optional<std::size_t> enum_position(const column& c, std::string_view bytes) {
    if (is_enum_error(c, cell(bytes))) return 0;
    const std::vector<std::string> members = members_in(c);
    if (travels_as_position(c)) {
        const auto position = travelled_number<std::size_t>(bytes);
        return position && *position <= members.size() ? position : std::nullopt;
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (members[i] == bytes) return i + 1;
    }
    return std::nullopt;
}

/// The number that a SET's value sorts by: a bit for each member. None for bytes that are no members.
inline std::optional<std::uint64_t> set_bits(const column& c, std::string_view bytes) {
    if (travels_as_position(c)) return travelled_number<std::uint64_t>(bytes);
    std::uint64_t bits = 0;
    const std::vector<std::string> members = members_in(c);
    while (!bytes.empty()) {
        const std::string_view wanted = bytes.substr(0, bytes.find(','));
        std::size_t i = 0;
        while (i < members.size() && members[i] != wanted) ++i;
        if (i == members.size() || i >= 64) return std::nullopt;
        bits |= std::uint64_t{1} << i;
        bytes.remove_prefix(wanted.size() < bytes.size() ? wanted.size() + 1 : bytes.size());
    }
    return bits;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
