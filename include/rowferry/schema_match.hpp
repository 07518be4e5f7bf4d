// SPDX-License-Identifier: BSL-1.0
// Whether a target table can hold a source table's rows unchanged: all differences in one message.
#ifndef ROWFERRY_SCHEMA_MATCH_HPP
#define ROWFERRY_SCHEMA_MATCH_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/lower_case.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Which source columns go into which target columns, by position.
struct column_match {
    std::vector<std::size_t> source = {};
    std::vector<std::size_t> target = {};

    /// The target column that a source column goes into; none when it is not copied.
    [[nodiscard]] std::optional<std::size_t> target_of(std::size_t source_column) const {
        const auto found = std::find(source.begin(), source.end(), source_column);
        if (found == source.end()) return std::nullopt;
        return target[static_cast<std::size_t>(found - source.begin())];
    }
};

namespace detail {

/// "int(11) unsigned" -> "int": the type's name, up to its first blank or parenthesis.
inline std::string_view type_name(std::string_view type) { return type.substr(0, type.find_first_of("( ")); }

/// The numbers in the type's parentheses, as in "decimal(10,2)"; empty when there are none.
inline std::string_view type_arguments(std::string_view type) {
    const auto open = type.find('(');
    const auto close = type.rfind(')');
    return open == type.npos || close == type.npos || close < open ? std::string_view{}
                                                                   : type.substr(open + 1, close - open - 1);
}

inline std::uint64_t to_number(std::string_view digits) {
    std::uint64_t n = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return n;
}

/// The bytes that a character may take, as SHOW CHARACTER SET gives them; 1 for all charsets not named here.
inline std::uint64_t bytes_per_character(std::string_view charset) {
    auto is = [charset](std::string_view wanted) { return charset == wanted; };
    if (is("utf8mb4") || is("utf16") || is("utf16le") || is("utf32") || is("gb18030")) return 4;
    if (is("utf8mb3") || is("utf8") || is("ujis") || is("eucjpms")) return 3;
    const bool two = is("ucs2") || is("gbk") || is("gb2312") || is("big5") || is("sjis") || is("cp932") || is("euckr");
    return two ? 2 : 1;
}

/// A size that a target's column may exceed but not fall short of: bytes of integers and strings, digits of seconds.
inline std::uint64_t capacity(const column& c) {
    const std::string_view base = type_name(c.type);
    auto is = [base](std::string_view wanted) { return base == wanted; };
    if (c.kind == column_kind::integer) {
        return is("tinyint") || is("year") ? 1 : is("smallint") ? 2 : is("mediumint") ? 3 : is("bigint") ? 8 : 4;
    }
    if (c.kind == column_kind::text || c.kind == column_kind::bytes) {
        if (is("tinytext") || is("tinyblob")) return 255;
        if (is("text") || is("blob")) return 65'535;
        if (is("mediumtext") || is("mediumblob")) return 16'777'215;
        if (is("longtext") || is("longblob")) return 4'294'967'295;
    }
    const std::uint64_t length = to_number(type_arguments(c.type));
    if (is("vector")) return length * 4; // floats of four bytes
    return c.kind == column_kind::text ? length * bytes_per_character(c.charset) : length;
}

/// Fixed-length strings are padded, so they match their own kind only; so do BINARY and VARBINARY.
inline bool is_fixed_length(const column& c) {
    const std::string_view base = type_name(c.type);
    return base == "char" || base == "binary";
}

/// MySQL's newer name of a type in the words that both servers know.
inline std::string_view spelled_alike(std::string_view type) {
    return type == "geomcollection" ? std::string_view("geometrycollection") : type;
}

/// Whether values of one kind arrive unchanged as text: JSON of MySQL where a server keeps JSON as text, and MariaDB's
/// UUID and INET types, which are read as ASCII of a known length. The other way round the server would respell them.
inline bool arrives_as_text(const column& from, const column& to) {
    if (to.kind != column_kind::text) return false;
    if (from.kind == column_kind::json) return type_name(to.type) == "longtext" && to.charset == "utf8mb4";
    if (from.kind != column_kind::other) return false; // it only calls itself a UUID
    const std::string_view type = type_name(from.type);
    const std::uint64_t length = type == "uuid" ? 36 : type == "inet4" ? 15 : type == "inet6" ? 45 : 0;
    const bool is_ascii =
        to.charset == "ascii" || to.charset == "latin1" || to.charset == "utf8mb3" || to.charset == "utf8mb4";
    return length > 0 && is_ascii && capacity(to) >= length * bytes_per_character(to.charset);
}

/// Why values of `from` would not arrive unchanged in `to`; none when they do.
inline std::optional<std::string> difference(const column& from, const column& to) {
    const std::string types = from.type + " in the source, " + to.type + " in the target";
    if (from.nullable && !to.nullable) return std::string("NULL is allowed in the source, not in the target");
    if (arrives_as_text(from, to)) return std::nullopt;
    if (from.kind != to.kind) return types;
    if (from.charset != to.charset) {
        return "charset " + from.charset + " in the source, " + to.charset + " in the target";
    }
    switch (from.kind) {
    case column_kind::integer:
        if (from.is_unsigned != to.is_unsigned || capacity(to) < capacity(from) ||
            (type_name(from.type) == "year") != (type_name(to.type) == "year") ||
            from.shows_two_digits != to.shows_two_digits) {
            return types;
        }
        break;
    case column_kind::text:
    case column_kind::bytes:
        if (capacity(to) < capacity(from) || is_fixed_length(from) != is_fixed_length(to) ||
            (is_fixed_length(from) && from.kind == column_kind::bytes && capacity(from) != capacity(to))) {
            return types;
        }
        break;
    case column_kind::temporal:
        if (type_name(from.type) != type_name(to.type) || capacity(to) < capacity(from)) return types;
        break;
    case column_kind::json: break;
    default:
        if (spelled_alike(from.type) != spelled_alike(to.type)) return types;
    }
    return std::nullopt;
}

} // namespace detail

/// The events whose triggers a write of this kind sets off.
inline std::vector<std::string> fired_events(write_kind kind) {
    std::vector<std::string> events{"INSERT"};
    if (kind == write_kind::upsert) events.emplace_back("UPDATE");
    if (kind == write_kind::replace) events.emplace_back("DELETE");
    return events;
}

/// Has both sides take values of ENUM and SET as the numbers of their members where one of them has to: the collations may
/// differ, and by one of them some members may be alike.
inline void agree_on_members(table_schema& source, table_schema& target, const column_match& match) {
    for (std::size_t i = 0; i < match.source.size(); ++i) {
        column& from = source.columns[match.source[i]];
        column& to = target.columns[match.target[i]];
        from.has_alike_members = to.has_alike_members = from.has_alike_members || to.has_alike_members;
    }
}

/// Pairs the columns by name, or refuses with every difference in one message.
inline result<column_match> match_columns(const table_schema& source, const table_schema& target) {
    column_match match;
    listing differences("; ");
    auto differ = [&differences](const std::string& name, const std::string& how) {
        differences.add("column " + name + ": " + how);
    };
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
        const column& from = source.columns[i];
        const auto found = target.find(from.name);
        if (from.generated) {
            if (found && !target.columns[*found].generated)
                differ(from.name, "generated in the source, not in the target");
            continue;
        }
        if (!found) {
            differ(from.name, "missing in the target");
        } else if (target.columns[*found].generated) {
            differ(from.name, "generated in the target, not in the source");
        } else if (auto how = detail::difference(from, target.columns[*found])) {
            differ(from.name, *how);
        } else {
            match.source.push_back(i);
            match.target.push_back(*found);
        }
    }
    for (const column& to : target.columns) {
        if (!to.generated && !to.numbers_rows && !source.find(to.name)) differ(to.name, "missing in the source");
    }
    if (!differences.empty()) {
        return refusal("the columns of table " + source.name + " do not match: " + differences.text());
    }
    return match;
}

namespace detail {

/// Text columns compare by their collation; all other types compare alike on every server.
inline bool compares_alike(const column& a, const column& b) {
    return a.kind != column_kind::text || b.kind != column_kind::text || a.collation == b.collation;
}

/// The part of `parts` over the column of this name; none when there is none.
template <class Part>
const Part* part_over(const table_schema& table, const std::vector<Part>& parts, std::string_view name) {
    for (const Part& part : parts) {
        const auto index = std::optional<std::size_t>(part.column);
        if (index && table_schema::same_name(table.columns[*index].name, name)) return &part;
    }
    return nullptr;
}

/// Whether a key has these columns, as a set, and as much of each.
inline bool has_columns(const table_schema& source, const key& wanted, const table_schema& target,
                        const key& candidate) {
    return candidate.parts.size() == wanted.parts.size() &&
           std::all_of(wanted.parts.begin(), wanted.parts.end(), [&](const key_part& part) {
               const key_part* same = part_over(target, candidate.parts, source.columns[part.column].name);
               return same != nullptr && same->prefix == part.prefix;
           });
}

/// Whether two columns are declared with the same type. The width that servers show integers with does not matter,
/// unless they fill it with zeros, which an expression sees.
inline bool same_declared_type(const column& a, const column& b) {
    const auto is_filled = [](const column& c) { return c.type.find("zerofill") != c.type.npos; };
    if (a.kind != b.kind || spelled_alike(type_name(a.type)) != spelled_alike(type_name(b.type)) ||
        a.is_unsigned != b.is_unsigned || is_filled(a) != is_filled(b) || a.shows_two_digits != b.shows_two_digits ||
        a.charset != b.charset || a.members != b.members) {
        return false;
    }
    return (a.kind == column_kind::integer && !is_filled(a)) || type_arguments(a.type) == type_arguments(b.type);
}

/// Whether an expression, in lower case, may name a column. A name that servers may spell otherwise there counts as
/// named: it is not ASCII, or is quoted with escapes.
inline bool may_name(std::string_view expression, std::string_view column_name) {
    const auto is_in_names = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
               static_cast<unsigned char>(c) >= 0x80;
    };
    const bool is_plain = std::all_of(column_name.begin(), column_name.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '`' && c != '\'' && c != '"' && c != '\\';
    });
    if (!is_plain) return true;
    const std::string name = lower(column_name);
    for (std::size_t at = expression.find(name); at != expression.npos; at = expression.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || !is_in_names(expression[at - 1]);
        if (begins && (end == expression.size() || !is_in_names(expression[end]))) return true;
    }
    return false;
}

/// Whether an expression of the target means the same in the source: the same words, over columns of the same types and
/// collations. Generated columns among them have to mean the same, too.
inline bool same_expression(const table_schema& source, std::string_view from, const table_schema& target,
                            std::string_view to) {
    struct pair {
        std::string_view from, to;
    };
    std::vector<pair> pending{{from, to}};
    std::vector<bool> seen(target.columns.size()); // each column is looked at once, so a cycle ends
    while (!pending.empty()) {
        const pair next = pending.back();
        pending.pop_back();
        if (next.from.empty() || next.from != next.to) return false;
        const std::string words = lower(next.to);
        for (std::size_t i = 0; i < target.columns.size(); ++i) {
            const column& b = target.columns[i];
            if (seen[i] || !may_name(words, b.name)) continue;
            seen[i] = true;
            const auto found = source.find(b.name);
            if (!found) return false;
            const column& a = source.columns[*found];
            if (!same_declared_type(a, b) || a.collation != b.collation || a.generated != b.generated) return false;
            if (!b.generated) continue;
            if (a.differs_by_session || b.differs_by_session) return false;
            pending.push_back({a.expression, b.expression});
        }
    }
    return true;
}

/// Whether two generated columns, or expressions of indexes, have the same values: by the same expression, which gives the same
/// in every session. What is stored was computed by the session that wrote the row.
template <class Computed>
bool computed_alike(const table_schema& source, const Computed& from, const table_schema& target, const Computed& to) {
    return !from.differs_by_session && !to.differs_by_session &&
           same_expression(source, from.expression, target, to.expression);
}

/// How a key over the same columns tells rows apart otherwise than the wanted one, by its first such column; none when
/// it does not.
inline std::optional<std::string> collation_difference(const table_schema& source, const key& wanted,
                                                       const table_schema& target, const key& candidate) {
    for (const key_part& part : wanted.parts) {
        const column& from = source.columns[part.column];
        const column& to = target.columns[part_over(target, candidate.parts, from.name)->column];
        const bool is_computed = from.generated || to.generated;
        if (is_computed && !(same_declared_type(from, to) && computed_alike(source, from, target, to))) {
            return "key " + candidate.name + " is over column " + to.name +
                   ", which the two servers are not known to compute alike";
        }
        if (compares_alike(from, to)) continue;
        return "key " + candidate.name + " compares column " + to.name + " by " + to.collation +
               " in the target and by " + from.collation + " in the source";
    }
    return std::nullopt;
}

/// "a, b"
inline std::string column_names(const table_schema& table, const key& k) {
    std::string names;
    for (const key_part& part : k.parts) {
        if (!names.empty()) names += ", ";
        names += table.columns[part.column].name;
        if (part.prefix != 0) names += "(" + std::to_string(part.prefix) + ")";
    }
    return names;
}

/// Whether a part of a unique index of the target tells the same rows apart as that part of the source's.
inline bool same_part(const table_schema& source, const unique_part& from, const table_schema& target,
                      const unique_part& to) {
    if (!from.column || !to.column) {
        return !from.column && !to.column && computed_alike(source, from, target, to);
    }
    const column& a = source.columns[*from.column];
    const column& b = target.columns[*to.column];
    if (!table_schema::same_name(a.name, b.name) || from.prefix != to.prefix || !compares_alike(a, b)) return false;
    if (!a.generated && !b.generated) return true;
    return a.generated && b.generated && same_declared_type(a, b) && computed_alike(source, a, target, b);
}

} // namespace detail

/// The target's key that tells the same rows apart as the source's `wanted`: over the same columns, by name, and by the
/// same collations and expressions. None when there is none: `key_difference` says why.
inline std::optional<std::string> matching_key(const table_schema& source, const key& wanted,
                                               const table_schema& target) {
    for (const key& candidate : target.keys) {
        if (detail::has_columns(source, wanted, target, candidate) &&
            !detail::collation_difference(source, wanted, target, candidate)) {
            return candidate.name;
        }
    }
    return std::nullopt;
}

/// Why `matching_key` finds none, as a clause without a full stop; empty when it finds one.
///
/// A write mode that meets existing rows by a key of another collation would merge rows that the source tells apart, or
/// leave both of two rows that the source takes for one.
inline std::string key_difference(const table_schema& source, const key& wanted, const table_schema& target) {
    if (matching_key(source, wanted, target)) return {};
    for (const key& candidate : target.keys) {
        if (!detail::has_columns(source, wanted, target, candidate)) continue;
        if (auto how = detail::collation_difference(source, wanted, target, candidate)) return *how;
    }
    std::string why = "table " + target.name + " of the target has no key over the columns of the source's key " +
                      wanted.name + " (" + detail::column_names(source, wanted) + ")";
    if (!target.unusable_keys.empty()) why += "; " + target.unusable_keys;
    return why;
}

namespace detail {
/// Whether the server gives the index of the target its values by itself: no row that is written has one for it.
inline bool only_numbers_rows(const table_schema& source, const table_schema& target, const unique_index& index) {
    return index.parts.size() == 1 && index.parts.front().column &&
           target.columns[*index.parts.front().column].numbers_rows &&
           !source.find(target.columns[*index.parts.front().column].name);
}
} // namespace detail

/// The first unique index of the target that has no counterpart in the source: one with the same columns in any order,
/// the same prefix lengths, collations and expressions. Null when each has one; points into `target`.
///
/// Upsert and replace would change or delete another row through such an index, without an error.
inline const unique_index* extra_unique_index(const table_schema& source, const table_schema& target) {
    for (const unique_index& extra : target.unique_indexes) {
        if (detail::only_numbers_rows(source, target, extra)) continue;
        const bool known = std::any_of(
            source.unique_indexes.begin(), source.unique_indexes.end(), [&](const unique_index& counterpart) {
                return counterpart.parts.size() == extra.parts.size() &&
                       std::all_of(extra.parts.begin(), extra.parts.end(), [&](const unique_part& to) {
                           return std::any_of(
                               counterpart.parts.begin(), counterpart.parts.end(),
                               [&](const unique_part& from) { return detail::same_part(source, from, target, to); });
                       });
            });
        if (!known) return &extra;
    }
    return nullptr;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
