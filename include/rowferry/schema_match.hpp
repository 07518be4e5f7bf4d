// SPDX-License-Identifier: BSL-1.0
// Whether a target table can hold a source table's rows unchanged: all differences in one message.
#ifndef ROWFERRY_SCHEMA_MATCH_HPP
#define ROWFERRY_SCHEMA_MATCH_HPP

#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

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
    std::vector<std::size_t> source;
    std::vector<std::size_t> target;
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

/// A size that a target's column may exceed but not fall short of: bytes of integers, length of strings, digits of seconds.
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
    return to_number(type_arguments(c.type));
}

/// Fixed-length strings are padded, so they match their own kind only; so do BINARY and VARBINARY.
inline bool is_fixed_length(const column& c) {
    const std::string_view base = type_name(c.type);
    return base == "char" || base == "binary";
}

/// Why values of `from` would not arrive unchanged in `to`; none when they do.
inline std::optional<std::string> difference(const column& from, const column& to) {
    const std::string types = from.type + " in the source, " + to.type + " in the target";
    if (from.kind != to.kind) return types;
    if (from.charset != to.charset) {
        return "charset " + from.charset + " in the source, " + to.charset + " in the target";
    }
    if (from.nullable && !to.nullable) return std::string("NULL is allowed in the source, not in the target");
    switch (from.kind) {
    case column_kind::integer:
        if (from.is_unsigned != to.is_unsigned || capacity(to) < capacity(from) ||
            (type_name(from.type) == "year") != (type_name(to.type) == "year")) {
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
        if (from.type != to.type) return types;
    }
    return std::nullopt;
}

} // namespace detail

/// Pairs the columns by name, or refuses with every difference in one message.
inline result<column_match> match_columns(const table_schema& source, const table_schema& target) {
    column_match match;
    std::string differences;
    auto differ = [&differences](const std::string& name, const std::string& how) {
        differences += differences.empty() ? "" : "; ";
        differences += "column " + name + ": " + how;
    };
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
        const column& from = source.columns[i];
        const auto found = target.find(from.name);
        if (from.generated) {
            if (found && !target.columns[*found].generated) differ(from.name, "generated in the source, not in the target");
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
        if (!to.generated && !source.find(to.name)) differ(to.name, "missing in the source");
    }
    if (!differences.empty()) {
        return refusal("the columns of table " + source.name + " do not match: " + differences);
    }
    return match;
}

/// The target's key over the same columns as the source's `order`, by name; none when there is none.
inline std::optional<std::string> matching_key(const table_schema& source, const key& wanted, const table_schema& target) {
    for (const key& candidate : target.keys) {
        auto has = [&](const key_part& part) {
            return std::any_of(candidate.parts.begin(), candidate.parts.end(), [&](const key_part& other) {
                return table_schema::same_name(source.columns[part.column].name, target.columns[other.column].name);
            });
        };
        if (candidate.parts.size() == wanted.parts.size() && std::all_of(wanted.parts.begin(), wanted.parts.end(), has)) {
            return candidate.name;
        }
    }
    return std::nullopt;
}

} // namespace v0
} // namespace rowferry

#endif
