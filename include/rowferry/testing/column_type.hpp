// SPDX-License-Identifier: BSL-1.0
// Columns from type text, as "bigint unsigned not null" or "varchar(20) collate utf8mb4_bin default 'x'".
#ifndef ROWFERRY_TESTING_COLUMN_TYPE_HPP
#define ROWFERRY_TESTING_COLUMN_TYPE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/sort_key.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// A column as a test writes it: a name, and a type with attributes as in CREATE TABLE. Known attributes: `unsigned`,
/// `zerofill`, `not null`, `null`, `auto_increment`, `default VALUE`, `on update VALUE`, `invisible`, `[generated always] as (…)` with
/// `stored` or `virtual`, `charset NAME`, `character set NAME`, `collate NAME`, `comment 'TEXT'`. Text without a
/// collation is utf8mb4 with utf8mb4_general_ci.
struct column_definition {
    std::string name = {};
    std::string type = {};
};

namespace detail {

/// What a column demands of its values, beyond what its schema says.
struct column_rules {
    column_order order;
    bool auto_increment = false;
    bool has_default = false; ///< NULL is the default of a nullable column
    value default_value = {};
    std::uint64_t max_length = 0; ///< characters of text, bytes of binary; 0 is no limit
    unsigned integer_bytes = 0;   ///< the width of an integer type; 0 when it is none
    std::function<value(const std::vector<value>&)> computes = {}; ///< a generated column's value from its row's
};

struct parsed_column {
    column schema;
    column_rules rules;
};

/// Words of type text, in lower case but for quoted text; what is in brackets belongs to its word.
inline std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    bool inside_word = false;
    bool quoted = false;
    int depth = 0;
    for (char c : text) {
        if (c == '\'') quoted = !quoted;
        if (!quoted && c == '(') ++depth;
        if (!quoted && c == ')') --depth;
        if (c == ' ' && !quoted && depth == 0) {
            inside_word = false;
            continue;
        }
        if (!inside_word) words.emplace_back();
        inside_word = true;
        words.back() += !quoted && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

struct known_type {
    std::string_view name = {};
    column_kind kind;
    unsigned integer_bytes;
    std::uint64_t max_length; // for types without a length of their own
};

inline constexpr known_type known_types[] = {
    {"tinyint", column_kind::integer, 1, 0},
    {"smallint", column_kind::integer, 2, 0},
    {"mediumint", column_kind::integer, 3, 0},
    {"int", column_kind::integer, 4, 0},
    {"integer", column_kind::integer, 4, 0},
    {"bigint", column_kind::integer, 8, 0},
    {"bool", column_kind::integer, 1, 0},
    {"boolean", column_kind::integer, 1, 0},
    {"year", column_kind::integer, 2, 0},
    {"decimal", column_kind::decimal, 0, 0},
    {"numeric", column_kind::decimal, 0, 0},
    {"float", column_kind::real32, 0, 0},
    {"double", column_kind::real64, 0, 0},
    {"real", column_kind::real64, 0, 0},
    {"bit", column_kind::bit, 0, 0},
    {"char", column_kind::text, 0, 1},
    {"varchar", column_kind::text, 0, 0},
    {"tinytext", column_kind::text, 0, 0},
    {"text", column_kind::text, 0, 0},
    {"mediumtext", column_kind::text, 0, 0},
    {"longtext", column_kind::text, 0, 0},
    {"binary", column_kind::bytes, 0, 1},
    {"varbinary", column_kind::bytes, 0, 0},
    {"tinyblob", column_kind::bytes, 0, 0},
    {"blob", column_kind::bytes, 0, 0},
    {"mediumblob", column_kind::bytes, 0, 0},
    {"longblob", column_kind::bytes, 0, 0},
    {"date", column_kind::temporal, 0, 0},
    {"time", column_kind::temporal, 0, 0},
    {"datetime", column_kind::temporal, 0, 0},
    {"timestamp", column_kind::temporal, 0, 0},
    {"enum", column_kind::enumeration, 0, 0},
    {"set", column_kind::set, 0, 0},
    {"json", column_kind::json, 0, 0},
    {"geometry", column_kind::geometry, 0, 0},
    {"point", column_kind::geometry, 0, 0},
    {"linestring", column_kind::geometry, 0, 0},
    {"polygon", column_kind::geometry, 0, 0},
};

inline std::string unquoted(std::string_view word) {
    if (word.size() < 2 || !word.starts_with('\'') || !word.ends_with('\'')) return std::string(word);
    return std::string(word.substr(1, word.size() - 2));
}

/// Whether some members of an ENUM or SET are equal, without regard to ASCII case: such values are given to the double, and
/// come from it, as the numbers of their members.
inline bool has_alike_members(const column& c) {
    if (c.kind != column_kind::enumeration && c.kind != column_kind::set) return false;
    const std::vector<std::string> members = members_of(c.type);
    for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (table_schema::same_name(members[i], members[j])) return true;
        }
    }
    return false;
}

/// The rules of a column whose schema is complete.
inline column_rules rules_of(const column& c) {
    column_rules rules;
    rules.order = order_of(c);
    rules.has_default = c.nullable;
    const std::string_view type = c.type;
    const std::string_view base = type.substr(0, type.find_first_of("( "));
    for (const known_type& known : known_types) {
        if (!table_schema::same_name(known.name, base)) continue;
        rules.integer_bytes = known.integer_bytes;
        rules.max_length = known.max_length;
    }
    const std::size_t open = type.find('(');
    if (open != std::string_view::npos && (c.kind == column_kind::text || c.kind == column_kind::bytes)) {
        std::from_chars(type.data() + open + 1, type.data() + type.size(), rules.max_length);
    }
    return rules;
}

/// The `text_decoder` of the double: latin1 as ISO 8859-1, utf16 and ucs2 without surrogates, and of other charsets ASCII only;
/// dec8 is one that no decoder knows.
inline std::optional<std::string> decode_text(std::string_view bytes, std::string_view charset) {
    const bool is_wide = charset == "utf16" || charset == "ucs2";
    if (charset == "dec8" || (is_wide && bytes.size() % 2 != 0)) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += is_wide ? 2 : 1) {
        unsigned c = static_cast<unsigned char>(bytes[i]);
        if (is_wide) c = c * 0x100U + static_cast<unsigned char>(bytes[i + 1]);
        if (c >= 0x80 && !is_wide && charset != "latin1") return std::nullopt;
        if (c >= 0xD800 && c < 0xE000) return std::nullopt;
        auto add = [&text](unsigned byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
        if (c < 0x80) {
            add(c);
            continue;
        }
        if (c >= 0x800) add(0xE0U | (c >> 12U));
        add(c < 0x800 ? 0xC0U | (c >> 6U) : 0x80U | ((c >> 6U) & 0x3FU));
        add(0x80U | (c & 0x3FU));
    }
    return text;
}

/// Reads type text; throws `copy_error` for a word that it does not know.
inline parsed_column parse_column(const column_definition& definition) {
    parsed_column parsed;
    column& c = parsed.schema;
    c.name = definition.name;
    const std::vector<std::string> words = words_of(definition.type);
    if (words.empty()) throw copy_error(refusal("column " + definition.name + " has no type"));
    c.type = words[0];
    c.shows_two_digits = c.type == "year(2)";
    const std::string base = words[0].substr(0, words[0].find('('));
    for (const known_type& known : known_types) {
        if (known.name == base) c.kind = known.kind;
    }
    if (c.kind == column_kind::text || c.kind == column_kind::enumeration || c.kind == column_kind::set) {
        c.charset = "utf8mb4";
        c.collation = "utf8mb4_general_ci";
    }
    c.has_alike_members = has_alike_members(c);
    value default_value;
    bool has_default = false;
    bool auto_increment = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        auto next = [&]() -> const std::string& {
            if (i + 1 == words.size()) {
                throw copy_error(refusal("column " + definition.name + ": nothing follows " + word));
            }
            return words[++i];
        };
        if (word == "unsigned" || word == "zerofill") {
            c.is_unsigned = true;
            c.type += " " + word;
        } else if (word == "not") {
            next();
            c.nullable = false;
        } else if (word == "auto_increment") {
            auto_increment = true;
        } else if (word == "default") {
            has_default = true;
            if (const std::string& text = next(); text != "null") default_value = unquoted(text);
        } else if (word == "on") { // ON UPDATE CURRENT_TIMESTAMP: rows that are written here keep what is not named
            next();
            next();
            c.set_on_update = true;
        } else if (word == "invisible") {
            c.invisible = true;
        } else if (word == "generated" || word.starts_with("as")) {
            c.generated = true;
            c.computed = computation::on_read; // unless "stored" follows
            if (const auto open = word.find('('); open != word.npos) c.expression = word.substr(open);
        } else if (word == "collate") {
            c.collation = next();
            c.charset = c.collation.substr(0, c.collation.find('_'));
        } else if (word == "charset" || word == "character") {
            if (word == "character") next();
            c.charset = next();
            c.collation = c.charset == "binary" ? "binary" : c.charset + "_general_ci";
        } else if (word == "comment") {
            next();
        } else if (word.starts_with("(")) {
            c.expression = word;
        } else if (word == "stored") {
            c.computed = computation::on_write;
        } else if (word != "null" && word != "always" && word != "virtual") {
            throw copy_error(refusal("column " + definition.name + ": the double does not know the word " + word));
        }
    }
    if (!c.charset.empty() && c.charset != "binary" && !c.charset.starts_with("utf8")) c.decode = decode_text;
    parsed.rules = rules_of(c);
    parsed.rules.auto_increment = auto_increment;
    if (has_default) {
        parsed.rules.has_default = true;
        parsed.rules.default_value = default_value;
    }
    return parsed;
}

/// Whether text is an integer or a decimal in the server's form.
inline bool is_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    bool digit = false;
    bool point = false;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            digit = true;
        } else if (c == '.' && !point) {
            point = true;
        } else {
            return false;
        }
    }
    return digit;
}

/// Whether an integer fits its type.
inline bool in_range(std::string_view text, unsigned bytes, bool is_unsigned) {
    const std::uint64_t all = ~std::uint64_t{0} >> (64 - 8 * bytes);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::uint64_t size = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), size);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return false;
    if (is_unsigned) return negative ? size == 0 : size <= all;
    return size <= (all >> 1U) + (negative ? 1U : 0U);
}

/// The characters of UTF-8 text; the bytes of any other charset.
inline std::uint64_t length_of(std::string_view text, const column& c) {
    if (!c.charset.starts_with("utf8")) return text.size();
    std::uint64_t characters = 0;
    for (char byte : text) characters += (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U ? 0 : 1;
    return characters;
}

/// The errno with which a server in strict mode refuses the value; 0 when it takes it.
inline unsigned refused_as(const column& c, const column_rules& rules, cell v) {
    if (v.is_null()) return c.nullable ? 0 : 1048;
    if (rules.integer_bytes != 0) {
        if (!is_number(v.bytes())) return 1366;
        return in_range(v.bytes(), rules.integer_bytes, c.is_unsigned) ? 0 : 1264;
    }
    if (c.kind == column_kind::decimal) return is_number(v.bytes()) ? 0 : 1366;
    if (rules.max_length != 0 && v.bytes().size() > rules.max_length && length_of(v.bytes(), c) > rules.max_length) {
        return 1406;
    }
    return 0;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
