// SPDX-License-Identifier: BSL-1.0
// Columns of definitions: their types and attributes.
#ifndef ROWFERRY_SQL_GRAMMAR_COLUMN_HPP
#define ROWFERRY_SQL_GRAMMAR_COLUMN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/expression.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// A type: VARCHAR(30), DECIMAL(10,2) UNSIGNED, ENUM('a','b').
struct column_type {
    std::string name = {};                 ///< in lower case
    std::vector<std::string> lengths = {}; ///< digits
    std::vector<std::string> members = {}; ///< of ENUM and SET
    bool is_unsigned = false;
    bool is_zerofill = false;
    friend bool operator==(const column_type&, const column_type&) = default;
};

/// An option that only an engine knows: `page_compressed`=1. Its value is digits, text, or one of a few words.
struct engine_option {
    enum class value_kind : std::uint8_t { number, string, word };
    std::string name = {};
    value_kind kind = value_kind::string;
    std::string value = {};
    friend bool operator==(const engine_option&, const engine_option&) = default;
};

/// How a column comes by its values.
struct generation {
    enum class origin : std::uint8_t { computed, row_start, row_end };
    origin from = origin::computed;
    expression computes;
    bool is_stored = false;
    friend bool operator==(const generation&, const generation&) = default;
};

/// A column.
struct column_definition {
    enum class nullness : std::uint8_t { unsaid, null, not_null };
    std::string name = {};
    column_type type = {};
    std::string charset = {};
    std::string collation = {};
    std::string compressed = {};       ///< "compressed", or with its method, "zlib"; empty when it is not
    std::string reference_system = {}; ///< REF_SYSTEM_ID of MariaDB: digits
    std::optional<generation> generated = {};
    nullness nulls = nullness::unsaid;
    std::string srid = {}; ///< digits
    expression default_value;
    expression on_update;
    bool auto_increment = false;
    bool invisible = false;
    std::optional<std::string> comment = {};
    std::vector<expression> checks = {};
    std::vector<engine_option> options = {};
    std::vector<std::string> storage = {}; ///< words: "storage disk", "column_format fixed", "not secondary"
    std::optional<std::string> engine_attribute = {};
    std::optional<std::string> secondary_engine_attribute = {};
    std::string versioning = {}; ///< "with" or "without"
    friend bool operator==(const column_definition&, const column_definition&) = default;
};

/// The most attributes of a column, options of a key, or options of a partition: a server compares those that only an
/// engine knows with each other.
inline constexpr std::size_t most_attributes = 64;

/// Reads `name`='value'.
inline engine_option read_engine_option(cursor& c) {
    constexpr std::array<std::string_view, 9> words{"yes",  "no",        "on",     "off",  "default",
                                                    "true", "euclidean", "cosine", "false"};
    engine_option option;
    option.name = c.name();
    c.expect("=");
    if (c.kind() == token_kind::number) {
        option.kind = engine_option::value_kind::number;
        option.value = c.digits();
    } else if (c.kind() == token_kind::word) {
        const std::string_view word = known(words, c.now().text);
        option.kind = engine_option::value_kind::word;
        option.value = word;
        word.empty() ? void(c.fail()) : void(c.take());
    } else {
        option.value = c.string();
    }
    return option;
}

/// The most members of ENUM, as the servers. They compare each with all others.
inline constexpr std::size_t most_members = 65'535;

/// Reads a type.
inline column_type read_type(cursor& c) {
    constexpr std::array<std::string_view, 8> whole{"tinyint", "smallint", "mediumint", "int",
                                                    "integer", "bigint",   "bool",      "boolean"};
    constexpr std::array<std::string_view, 7> real{"decimal", "numeric", "dec", "fixed", "float", "double", "real"};
    constexpr std::array<std::string_view, 11> sized{"bit",     "time",   "datetime",  "timestamp", "year", "char",
                                                     "varchar", "binary", "varbinary", "vector",    "text"};
    constexpr std::array<std::string_view, 22> plain{"date",
                                                     "tinytext",
                                                     "mediumtext",
                                                     "longtext",
                                                     "tinyblob",
                                                     "blob",
                                                     "mediumblob",
                                                     "longblob",
                                                     "json",
                                                     "geometry",
                                                     "point",
                                                     "linestring",
                                                     "polygon",
                                                     "multipoint",
                                                     "multilinestring",
                                                     "multipolygon",
                                                     "geometrycollection",
                                                     "geomcollection",
                                                     "uuid",
                                                     "inet4",
                                                     "inet6",
                                                     "xmltype"};
    constexpr std::array<std::string_view, 2> chosen{"enum", "set"};
    column_type type;
    const auto among = [&](const auto& names) {
        if (c.kind() != token_kind::word) return false;
        type.name = known(names, c.now().text);
        return !type.name.empty() && (c.take(), true);
    };
    const auto read_lengths = [&](std::size_t most) {
        if (!c.accept("(")) return;
        do {
            type.lengths.push_back(c.digits());
        } while (c.accept(",") && type.lengths.size() < most);
        c.expect(")");
    };
    if (among(whole)) {
        read_lengths(1);
    } else if (among(real)) {
        c.accept("precision");
        read_lengths(2);
    } else if (among(sized)) {
        read_lengths(1);
    } else if (among(chosen)) {
        const std::size_t most = type.name == "set" ? 64 : most_members; // as the servers
        c.expect("(");
        do {
            type.members.push_back(c.string());
            if (type.members.size() > most) c.fail("it has more than " + std::to_string(most) + " members");
        } while (c.accept(","));
        c.expect(")");
    } else if (!among(plain)) {
        c.fail("the type " + shown(c.now()) + " is not known");
    }
    for (bool more = true; more;) {
        more = false;
        if (c.accept("unsigned")) more = type.is_unsigned = true;
        if (c.accept("zerofill")) more = type.is_zerofill = true;
        if (c.accept("signed")) more = true;
    }
    return type;
}

/// Reads the columns of a definition.
class column_reader {
public:
    explicit column_reader(cursor& from) : c_(from), read_(from) {}

    column_definition read() {
        column_definition column;
        column.name = c_.name();
        c_.reads("column " + shortened(column.name));
        column.type = read_type(c_);
        for (std::size_t n = 0; !c_.at_end() && !c_.at(",") && !c_.at(")");) {
            if (c_.pass_mark()) continue;
            attribute(column);
            if (++n > most_attributes) c_.fail("it has more than " + std::to_string(most_attributes) + " attributes");
        }
        c_.end_marks();
        return column;
    }

private:
    void attribute(column_definition& to) {
        if (charset(to) || nullness(to) || values(to) || own_of_mariadb(to) || own_of_mysql(to)) return;
        if (c_.accept("auto_increment")) {
            to.auto_increment = true;
        } else if (c_.accept("invisible")) {
            to.invisible = true;
        } else if (c_.accept("comment")) {
            to.comment = c_.string();
        } else if (c_.accept("check")) {
            to.checks.push_back(read_.in_parentheses());
        } else if (c_.kind() == token_kind::name) {
            to.options.push_back(read_engine_option(c_));
        } else {
            c_.fail();
        }
    }
    bool charset(column_definition& to) {
        if (c_.accept("character", "set") || c_.accept("charset")) {
            to.charset = c_.charset();
        } else if (c_.accept("collate")) {
            to.collation = c_.collation();
        } else {
            return false;
        }
        return true;
    }
    bool nullness(column_definition& to) {
        if (c_.accept("not", "null")) {
            to.nulls = column_definition::nullness::not_null;
        } else if (c_.accept("null")) {
            to.nulls = column_definition::nullness::null;
        } else {
            return false;
        }
        return true;
    }
    bool values(column_definition& to) {
        if (c_.accept("default")) {
            to.default_value = read_.default_value(is_binary(to.type.name));
        } else if (c_.accept("on", "update")) {
            to.on_update = moment();
        } else if (c_.at("generated") || c_.at("as")) {
            if (c_.accept("generated")) c_.expect("always");
            c_.expect("as");
            to.generated = generated();
        } else {
            return false;
        }
        return true;
    }
    /// ON UPDATE takes the present moment only.
    expression moment() {
        constexpr std::array<std::string_view, 4> moments{"current_timestamp", "now", "localtime", "localtimestamp"};
        if (c_.kind() != token_kind::word || known(moments, c_.now().text).empty()) c_.fail();
        return read_.operand();
    }
    generation generated() {
        generation made;
        if (c_.accept("row", "start")) {
            made.from = generation::origin::row_start;
        } else if (c_.accept("row", "end")) {
            made.from = generation::origin::row_end;
        } else {
            made.computes = read_.in_parentheses();
            made.is_stored = c_.accept("stored") || c_.accept("persistent");
            if (!made.is_stored) c_.accept("virtual");
        }
        return made;
    }
    bool own_of_mariadb(column_definition& to) {
        if (c_.accept("compressed")) {
            constexpr std::array<std::string_view, 1> methods{"zlib"};
            to.compressed = "compressed";
            if (c_.accept("=")) {
                to.compressed = known(methods, c_.now().text);
                to.compressed.empty() ? void(c_.fail()) : void(c_.take());
            }
        } else if (c_.accept("ref_system_id")) {
            c_.expect("=");
            to.reference_system = c_.digits();
        } else if (c_.at("with", "system") || c_.at("without", "system")) {
            to.versioning = c_.accept("with") ? "with" : (c_.accept("without"), "without");
            c_.expect("system", "versioning");
        } else {
            return false;
        }
        return true;
    }
    bool own_of_mysql(column_definition& to) {
        constexpr std::array<std::string_view, 3> places{"disk", "memory", "default"};
        constexpr std::array<std::string_view, 3> formats{"fixed", "dynamic", "default"};
        if (c_.accept("srid")) {
            to.srid = c_.digits();
        } else if (c_.accept("storage")) {
            store(to, "storage ", places);
        } else if (c_.accept("column_format")) {
            store(to, "column_format ", formats);
        } else if (c_.accept("not", "secondary")) {
            to.storage.emplace_back("not secondary");
        } else if (c_.accept("engine_attribute")) {
            c_.accept("=");
            to.engine_attribute = c_.string();
        } else if (c_.accept("secondary_engine_attribute")) {
            c_.accept("=");
            to.secondary_engine_attribute = c_.string();
        } else {
            return false;
        }
        return true;
    }
    template <class List>
    void store(column_definition& to, const std::string& what, const List& words) {
        const std::string_view found = known(words, c_.now().text);
        if (found.empty()) {
            c_.fail();
            return;
        }
        c_.take();
        to.storage.push_back(what + std::string(found));
    }

    static bool is_binary(std::string_view type) {
        return type == "binary" || type == "varbinary" || type.ends_with("blob");
    }

    cursor& c_;
    expression_reader read_;
};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
