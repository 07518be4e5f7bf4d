// SPDX-License-Identifier: BSL-1.0
// Expressions of definitions: what a default, a generated column, a check, a key over an expression or a partition computes.
#ifndef ROWFERRY_SQL_GRAMMAR_EXPRESSION_HPP
#define ROWFERRY_SQL_GRAMMAR_EXPRESSION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/words.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// What a part of an expression is.
enum class part_kind : std::uint8_t {
    word,       ///< a keyword of this grammar, in lower case
    function,   ///< one of `functions`, or one with a rule of its own, in lower case
    column,     ///< a column of the table
    type,       ///< a type to cast to, in lower case
    number,     ///< as a token
    string,     ///< decoded
    hex,        ///< the digits after 0x
    hex_string, ///< the digits between X' and '
    bits,       ///< the digits between b' and '
    introducer, ///< the charset of the literal that follows
    charset,    ///< a charset's name
    collation,  ///< a collation's name
    sign,       ///< an operator before its operand
    symbol      ///< an operator between two operands, a parenthesis, or a comma
};

/// One part of an expression.
struct part {
    part_kind kind = part_kind::word;
    std::string text = {};

    [[nodiscard]] bool is(part_kind wanted_kind, std::string_view wanted) const {
        return kind == wanted_kind && text == wanted;
    }
    friend bool operator==(const part&, const part&) = default;
};

/// An expression that was read by the rules below: known parts in their order, parentheses included.
using expression = std::vector<part>;

/// Bytes in hexadecimal digits.
inline std::string hex_of(std::string_view bytes) {
    std::string digits;
    for (char c : bytes) rowferry::detail::append_hex(digits, static_cast<unsigned char>(c));
    return digits;
}

/// Reads expressions.
class expression_reader {
public:
    explicit expression_reader(cursor& from) : c_(from) {}

    /// An expression in parentheses, without them.
    expression in_parentheses() {
        c_.expect("(");
        expression e = whole();
        c_.expect(")");
        return e;
    }
    /// An expression up to what does not belong to it.
    expression whole() {
        expression e;
        begin(e);
        read();
        return e;
    }
    /// A column's default: a literal with its sign, a call, or an expression in parentheses. A string of bytes that are not
    /// UTF-8, which binary columns have as their default, becomes one in hexadecimal digits.
    expression default_value(bool is_binary) {
        if (is_binary && c_.kind() == token_kind::string && !is_utf8(c_.now().text)) {
            return {{part_kind::hex_string, hex_of(c_.take().text)}};
        }
        takes_sequences_ = true;
        expression e = operand();
        takes_sequences_ = false;
        return e;
    }
    /// One operand.
    expression operand() {
        expression e;
        begin(e);
        read_operand();
        return e;
    }

private:
    void begin(expression& e) {
        out_ = &e;
        depth_ = reached_ = 0;
    }
    void put(part_kind kind, std::string text) { out_->push_back({kind, std::move(text)}); }
    /// A word or a symbol of this grammar, if it is there.
    bool pass(std::string_view wanted) {
        if (!c_.accept(wanted)) return false;
        const bool is_word = wanted.front() >= 'a' && wanted.front() <= 'z';
        put(is_word ? part_kind::word : part_kind::symbol, std::string(wanted));
        return true;
    }
    bool require(std::string_view wanted) { return pass(wanted) || c_.fail(); }
    template <class List>
    bool pass_one_of(const List& list, part_kind kind) {
        if (c_.kind() != token_kind::word && c_.kind() != token_kind::symbol) return false;
        const std::string_view found = known(list, c_.now().text);
        if (found.empty()) return false;
        c_.take();
        put(kind, std::string(found));
        return true;
    }

    /// The links of one chain of operators. A server makes a tree of them that is as deep as they are many, and walks it
    /// by recursion; but AND and OR in a row are one list.
    struct chain {
        std::size_t links = 0;   ///< since the last AND or OR
        std::size_t longest = 0; ///< of the links between two of them
        std::size_t xors = 0;
        std::size_t conditions = 0;
        std::size_t betweens = 0; ///< that still need their AND
        bool has_and = false;
        bool has_or = false;

        void add(std::string_view word) {
            const bool is_and = word == "and" || word == "&&";
            if (is_and && betweens > 0) {
                --betweens;
            } else if (is_and || word == "or") {
                (is_and ? has_and : has_or) = true;
                ++conditions;
                links = 0;
            } else if (word == "xor") {
                ++xors;
            } else {
                if (word == "between") ++betweens;
                longest = std::max(longest, ++links);
            }
        }
        [[nodiscard]] std::size_t depth() const { return longest + xors + has_and + has_or; }
    };
    /// Ends a part of the tree, which is deeper by these levels than what is in it. A server must not use up its stack:
    /// MariaDB's default takes about 500 levels, refuses more, and overflows at some thousands.
    void end_levels(std::size_t reached_before, std::size_t levels) {
        constexpr std::size_t deepest_tree = 600;
        reached_ += levels;
        if (reached_ > deepest_tree + 1) { // an operand alone is a level
            c_.fail("its expression has more than " + std::to_string(deepest_tree) +
                    " operators in a row or nested in each other");
        }
        reached_ = std::max(reached_, reached_before);
    }

    void read() {
        constexpr std::array<std::string_view, 5> negated{"in", "between", "like", "regexp", "rlike"};
        constexpr std::size_t most_conditions = 2500;
        const std::size_t reached_before = std::exchange(reached_, depth_);
        chain all;
        read_operand();
        while (!c_.failed()) {
            if (c_.at("not") && c_.ahead().kind == token_kind::word && !known(negated, c_.ahead().text).empty()) {
                pass("not");
            }
            const std::string link = c_.now().text;
            if (pass("is")) {
                read_is();
            } else if (pass("in")) {
                read_list();
            } else if (c_.at("sounds", "like")) {
                pass("sounds"), pass("like");
                read_operand();
            } else if (c_.at("member", "of")) {
                pass("member"), pass("of");
                read_list();
            } else if (pass_one_of(word_operators, part_kind::word) ||
                       pass_one_of(symbol_operators, part_kind::symbol)) {
                read_operand();
            } else {
                break;
            }
            all.add(lower(link));
            if (all.conditions > most_conditions) {
                c_.fail("its expression has more than " + std::to_string(most_conditions) + " conditions in a row");
            }
        }
        end_levels(reached_before, all.depth());
    }
    void read_is() {
        constexpr std::array<std::string_view, 4> states{"null", "true", "false", "unknown"};
        pass("not");
        if (!pass_one_of(states, part_kind::word)) c_.fail();
    }
    /// (a, b, …)
    void read_list() {
        require("(");
        do {
            read();
        } while (pass(","));
        require(")");
    }

    void read_operand() {
        // A hostile definition must not use up the stack.
        constexpr std::size_t deepest = 400;
        if (++depth_ > deepest) c_.fail("its expression is nested too deeply");
        const std::size_t reached_before = std::exchange(reached_, depth_);
        std::size_t collations = 0;
        constexpr std::array<std::string_view, 4> signs{"-", "+", "~", "!"};
        if (pass_one_of(signs, part_kind::sign)) {
            read_operand();
        } else if (pass("not") || pass("binary")) {
            read_operand();
        } else {
            read_primary();
            while (read_collation()) ++collations;
        }
        end_levels(reached_before, collations);
        --depth_;
    }

    bool read_collation() {
        if (!pass("collate")) return false;
        put(part_kind::collation, c_.collation());
        return true;
    }

    void read_primary() {
        switch (c_.kind()) {
        case token_kind::number: return put(part_kind::number, c_.take().text);
        case token_kind::hex: return put(part_kind::hex, c_.take().text);
        case token_kind::hex_string: return put(part_kind::hex_string, c_.take().text);
        case token_kind::bits: return put(part_kind::bits, c_.take().text);
        case token_kind::string: return read_string();
        case token_kind::introducer: return read_introduced();
        case token_kind::name: return read_column();
        case token_kind::word: return read_word();
        default: break;
        }
        if (c_.at("(")) return read_list();
        c_.fail();
    }
    void read_string() { put(part_kind::string, c_.string()); }
    void read_introduced() {
        put(part_kind::introducer, c_.take().text);
        // Seen in MariaDB 10.11: it shows backslashes and control characters there in a form that it reads as others.
        if (c_.now().has_escapes && c_.writer() == sql::dialect::mariadb) {
            c_.fail("a string with a backslash or a control character after an introducer, which MariaDB does not show "
                    "exactly");
            return;
        }
        const bool is_bytes = out_->back().text == "binary" && !is_utf8(c_.now().text);
        switch (c_.kind()) {
        case token_kind::string:
            if (is_bytes) return put(part_kind::hex_string, hex_of(c_.take().text));
            return read_string();
        case token_kind::hex: return put(part_kind::hex, c_.take().text);
        case token_kind::hex_string: return put(part_kind::hex_string, c_.take().text);
        case token_kind::bits: return put(part_kind::bits, c_.take().text);
        default: c_.fail();
        }
    }
    void read_column() {
        if (c_.ahead().is("(")) {
            c_.fail("a stored function (" + shown(c_.now()) + "), which a definition may not call");
            return;
        }
        if (c_.ahead().is(".")) {
            c_.fail("the qualified name " + shown(c_.now()) + ": only columns of the table itself may be named");
            return;
        }
        const std::string name = c_.take().text;
        if (!c_.at("->") && !c_.at("->>")) return put(part_kind::column, name);
        const bool is_unquoted = c_.take().text == "->>";
        if (is_unquoted) put(part_kind::function, "json_unquote"), put(part_kind::symbol, "(");
        put(part_kind::function, "json_extract");
        put(part_kind::symbol, "(");
        put(part_kind::column, name);
        put(part_kind::symbol, ",");
        c_.kind() == token_kind::string ? read_string() : void(c_.fail());
        put(part_kind::symbol, ")");
        if (is_unquoted) put(part_kind::symbol, ")");
    }

    void read_word() {
        constexpr std::array<std::string_view, 3> constants{"null", "true", "false"};
        constexpr std::array<std::string_view, 3> moments{"date", "time", "timestamp"};
        if (pass_one_of(constants, part_kind::word)) return;
        if (c_.at("case")) return read_case();
        if (c_.at("interval")) return read_interval();
        if (c_.ahead().kind == token_kind::string && pass_one_of(moments, part_kind::word)) return read_string();
        if (c_.ahead().is("(")) return read_call();
        if (pass_one_of(bare_functions, part_kind::function)) return;
        read_column();
    }
    /// CASE [a] WHEN b THEN c … [ELSE d] END
    void read_case() {
        pass("case");
        if (!c_.at("when")) read();
        do {
            require("when");
            read();
            require("then");
            read();
        } while (c_.at("when"));
        if (pass("else")) read();
        require("end");
    }
    /// INTERVAL 1 DAY, and the function INTERVAL(a, b, …)
    void read_interval() {
        pass("interval");
        if (!c_.at("(")) {
            read();
            read_unit();
            return;
        }
        const std::size_t at = out_->size() - 1;
        read();
        if (!pass_one_of(units, part_kind::word)) (*out_)[at].kind = part_kind::function;
    }
    void read_unit() {
        constexpr std::string_view prefix = "sql_tsi_";
        const std::string word = lower(c_.now().text);
        const bool is_prefixed = word.starts_with(prefix);
        const std::string_view unit = known(units, is_prefixed ? std::string_view(word).substr(prefix.size()) : word);
        if (c_.kind() != token_kind::word || unit.empty()) {
            c_.fail();
            return;
        }
        c_.take();
        put(part_kind::word, std::string(unit));
    }

    void read_call() {
        const std::string name = lower(c_.now().text);
        if (name == "cast") return read_cast();
        if (name == "convert") return read_convert();
        if (name == "char") return read_char();
        if (name == "trim" || name == "trim_oracle") return read_trim();
        if (name == "extract") return read_extract();
        if (name == "position") return read_position();
        if (name == "substr" || name == "substring" || name == "mid") return read_substring();
        if (name == "weight_string") return read_weight_string();
        if (name == "get_format") return read_get_format();
        if (name == "timestampdiff" || name == "timestampadd") return read_timestamp_function();
        if (name == "json_value") return read_json_value();
        if (name == "column_create" || name == "column_add" || name == "column_get") return read_dynamic_column();
        if (name == "default") return read_default();
        if (takes_sequences_ && (name == "nextval" || name == "lastval")) return read_sequence();
        if (name == "row") {
            put(part_kind::function, lower(c_.take().text));
            return read_list();
        }
        const std::string_view found = known(functions, name);
        if (found.empty()) {
            c_.fail("the function " + shown(c_.now()) + " is not one that a definition may call");
            return;
        }
        begin_call();
        if (!c_.at(")")) {
            do {
                read();
            } while (pass(","));
        }
        require(")");
    }
    /// For functions that this grammar knows.
    void begin_call() {
        put(part_kind::function, lower(c_.take().text));
        require("(");
    }
    void read_arguments_after_first() {
        while (pass(",")) read();
        require(")");
    }

    void read_cast() {
        begin_call();
        read();
        require("as");
        read_cast_type();
        require(")");
    }
    void read_cast_type() {
        constexpr std::array<std::string_view, 31> types{
            "binary",     "char",      "varchar",      "date",
            "datetime",   "decimal",   "double",       "float",
            "json",       "nchar",     "real",         "signed",
            "unsigned",   "time",      "year",         "point",
            "linestring", "polygon",   "integer",      "int",
            "multipoint", "uuid",      "inet4",        "multilinestring",
            "inet6",      "vector",    "multipolygon", "geometrycollection",
            "xmltype",    "timestamp", "text"};
        if (!pass_one_of(types, part_kind::type)) {
            c_.fail();
            return;
        }
        if (!pass("integer")) pass("precision");
        if (pass("(")) {
            do {
                put(part_kind::number, c_.digits());
            } while (pass(","));
            require(")");
        }
        if (c_.at("charset") || c_.at("character", "set")) {
            if (!c_.accept("charset")) c_.accept("character", "set");
            put(part_kind::word, "charset");
            put(part_kind::charset, c_.charset());
        }
        read_collation();
        pass("array");
    }
    void read_convert() {
        begin_call();
        read();
        if (pass("using")) {
            put(part_kind::charset, c_.charset());
        } else {
            require(",");
            read_cast_type();
        }
        require(")");
    }
    /// CHAR(65, 66 USING utf8mb4)
    void read_char() {
        begin_call();
        do {
            read();
        } while (pass(","));
        if (pass("using")) put(part_kind::charset, c_.charset());
        require(")");
    }
    /// TRIM([BOTH|LEADING|TRAILING] [a] [FROM] b)
    void read_trim() {
        constexpr std::array<std::string_view, 3> sides{"both", "leading", "trailing"};
        begin_call();
        const bool has_side = pass_one_of(sides, part_kind::word);
        if (!(has_side && c_.at("from"))) read();
        if (pass("from")) read();
        require(")");
    }
    void read_extract() {
        begin_call();
        read_unit();
        require("from");
        read();
        require(")");
    }
    /// POSITION(a IN b): `a` is a single operand, so that IN is not taken for the operator.
    void read_position() {
        begin_call();
        read_operand();
        require("in");
        read();
        require(")");
    }
    /// SUBSTRING(a, b, c), SUBSTRING(a FROM b FOR c)
    void read_substring() {
        begin_call();
        read();
        if (pass("from")) {
            read();
            if (pass("for")) read();
            require(")");
            return;
        }
        read_arguments_after_first();
    }
    /// WEIGHT_STRING(a AS CHAR(3)), and MariaDB's with numbers
    void read_weight_string() {
        begin_call();
        read();
        if (pass("as")) read_cast_type();
        read_arguments_after_first();
    }
    void read_get_format() {
        constexpr std::array<std::string_view, 4> moments{"date", "time", "datetime", "timestamp"};
        begin_call();
        if (!pass_one_of(moments, part_kind::word)) c_.fail();
        require(",");
        read();
        require(")");
    }
    void read_timestamp_function() {
        begin_call();
        read_unit();
        require(",");
        read();
        require(",");
        read();
        require(")");
    }
    /// JSON_VALUE(a, 'path' [RETURNING type] [NULL|ERROR|DEFAULT x ON EMPTY] [… ON ERROR])
    void read_json_value() {
        begin_call();
        read();
        require(",");
        read();
        if (pass("returning")) read_cast_type();
        while (c_.at("null") || c_.at("error") || c_.at("default")) {
            if (!pass("null") && !pass("error")) {
                pass("default");
                read_operand();
            }
            require("on");
            if (!pass("empty") && !pass("error")) c_.fail();
        }
        require(")");
    }
    /// COLUMN_CREATE('a', 1 AS INT, …), COLUMN_GET(a, 'b' AS CHAR)
    void read_dynamic_column() {
        begin_call();
        do {
            read();
            if (pass("as")) read_cast_type();
        } while (pass(","));
        require(")");
    }
    /// DEFAULT(a)
    void read_default() {
        begin_call();
        read_column();
        require(")");
    }
    /// NEXTVAL(`database`.`sequence`). A sequence is not part of the table, so its name is not kept.
    void read_sequence() {
        begin_call();
        c_.name();
        if (c_.accept(".")) c_.name();
        require(")");
    }

    cursor& c_;
    expression* out_ = nullptr;
    std::size_t depth_ = 0;        // of what is being read: operands in operands
    std::size_t reached_ = 0;      // by the part of the tree that was read last, counted from its root
    bool takes_sequences_ = false; // only in a default
};

/// Whether an expression takes a number from a sequence.
inline bool uses_sequence(const expression& e) {
    return std::any_of(e.begin(), e.end(), [](const part& p) {
        return p.is(part_kind::function, "nextval") || p.is(part_kind::function, "lastval");
    });
}

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
