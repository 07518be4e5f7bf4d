// SPDX-License-Identifier: BSL-1.0
// Which generated columns every session computes alike: a list of what their expressions may hold. All else may depend on
// settings of the session, as the time zone or sql_mode.
//
//   operands   literals, and columns but CHAR, TIMESTAMP, dates and times; UNIX_TIMESTAMP of a TIMESTAMP column; whether a
//              column is NULL; a date or time that is taken as it is
//   operators  comparisons, AND, OR, XOR, NOT, + * DIV MOD, bits, and - of numbers that have a sign; not /, LIKE, REGEXP
//   functions  those that `call` names; CAST and CONVERT not to dates and times
#ifndef ROWFERRY_SQL_SESSION_VALUES_HPP
#define ROWFERRY_SQL_SESSION_VALUES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/schema_match.hpp>
#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/expression.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// What an expression gives, as far as it matters here.
enum class value_class : unsigned char {
    null,
    number,        ///< may be unsigned: a difference of such numbers depends on sql_mode
    signed_number, ///< never unsigned
    literal,       ///< text or bytes without a column's collation
    text,          ///< text or bytes by a column's collation, or one that the expression names
    session_text ///< text whose charset or collation the session decides, as that of MD5: may be stored, and not be compared
};

/// Reads an expression, and stops at the first part that sessions may compute otherwise than each other.
class session_value_reader {
public:
    session_value_reader(const table_schema& table, const grammar::expression& e) : table_(table), e_(e) {}

    /// Whether every session gives it the same value. Then a column of another type than a date or time may hold it.
    [[nodiscard]] bool is_computed_alike() {
        const auto given = whole();
        return given && at_ == e_.size();
    }
    /// The same of what is stored as bytes, and not converted to a column's charset.
    [[nodiscard]] bool has_bytes_alike() {
        const auto given = whole();
        return given && at_ == e_.size() && *given != value_class::session_text && *given != value_class::literal;
    }

private:
    using kind = grammar::part_kind;
    using found = std::optional<value_class>; // none: sessions may compute it otherwise

    template <class List>
    static bool among(const List& list, std::string_view text) {
        return std::find(std::begin(list), std::end(list), text) != std::end(list);
    }
    [[nodiscard]] bool is(kind wanted, std::string_view text, std::size_t ahead = 0) const {
        return at_ + ahead < e_.size() && e_[at_ + ahead].is(wanted, text);
    }
    [[nodiscard]] bool is_kind(kind wanted) const { return at_ < e_.size() && e_[at_].kind == wanted; }
    bool pass(kind wanted, std::string_view text) {
        if (!is(wanted, text)) return false;
        ++at_;
        return true;
    }
    static bool is_number(value_class c) { return c == value_class::number || c == value_class::signed_number; }

    /// What comes out where one of two values is taken.
    static value_class either(value_class a, value_class b) {
        using enum value_class;
        if (a == b || b == null) return a;
        if (a == null) return b;
        if (is_number(a) && is_number(b)) return number;
        if (a == session_text || b == session_text) return session_text;
        if (a == text || b == text) return text;
        return session_text; // a number becomes text
    }
    /// Whether values compare alike in all sessions.
    static bool compare_alike(value_class all, bool has_literal) {
        using enum value_class;
        return all != session_text && !(all == literal && has_literal);
    }
    /// What a comparison gives, if it is alike in all sessions. A column's collation decides for a literal, and numbers
    /// compare with text as numbers.
    template <class... Classes>
    static found comparison(Classes... values) {
        using enum value_class;
        const auto has = [&](value_class wanted) { return ((values == wanted) || ...); };
        const bool has_number = (is_number(values) || ...);
        if (has(session_text) || (has(literal) && !has(text) && !has_number)) return {};
        return ((values == signed_number) && ...) ? signed_number : number;
    }

    /// Conditions between AND, OR and XOR, or a value alone. The order of these operators does not matter here.
    found whole() {
        constexpr std::array<std::string_view, 3> logic{"and", "or", "xor"};
        found all = condition();
        while (all && is_kind(kind::word) && among(logic, e_[at_].text)) {
            ++at_;
            const found next = condition();
            if (!next) return {};
            const bool is_signed = *all == value_class::signed_number && *next == value_class::signed_number;
            all = is_signed ? value_class::signed_number : value_class::number;
        }
        return all;
    }

    /// [NOT] a [= b …] [IS [NOT] c]: from left to right, each comparison by its own values.
    found condition() {
        constexpr std::array<std::string_view, 8> comparisons{"=", "<", "<=", ">", ">=", "<>", "<=>", "!="};
        if (pass(kind::word, "not")) return condition() ? found(value_class::signed_number) : found{};
        found given = predicate(true);
        while (given) {
            if (pass(kind::word, "is")) {
                pass(kind::word, "not");
                if (!is_kind(kind::word)) return {};
                ++at_;
                given = value_class::number;
            } else if (is_kind(kind::symbol) && among(comparisons, e_[at_].text)) {
                ++at_;
                const found other = predicate(false);
                if (!other) return {};
                given = comparison(*given, *other);
            } else {
                break;
            }
        }
        return given;
    }

    /// a [NOT] IN (b, …), a [NOT] BETWEEN b AND c, or a
    found predicate(bool at_begin) {
        const found given = sum(at_begin);
        if (!given) return {};
        const bool negated = pass(kind::word, "not");
        if (pass(kind::word, "in")) {
            const found list = in_parentheses();
            return list && comparison(*given, *list) ? found(value_class::number) : found{};
        }
        if (pass(kind::word, "between")) {
            const found low = sum(false);
            if (!low || !pass(kind::word, "and")) return {};
            const found high = predicate(false);
            return high ? comparison(*given, *low, *high) : found{};
        }
        return negated ? found{} : given;
    }

    /// Operands between operators that compute. Their order does not matter here.
    found sum(bool at_begin) {
        constexpr std::array<std::string_view, 3> sums{"+", "*", "%"};
        constexpr std::array<std::string_view, 2> divisions{"div", "mod"};
        constexpr std::array<std::string_view, 5> bits{"&", "|", "^", "<<", ">>"};
        const found first = operand(at_begin);
        if (!first) return {};
        bool has_links = false;
        bool subtracts = false;
        bool computes_bits = false;
        bool all_signed = *first == value_class::signed_number;
        while (at_ < e_.size()) {
            const std::string_view link = e_[at_].text;
            if (is_kind(kind::symbol) && link == "-") {
                subtracts = true;
            } else if (is_kind(kind::symbol) && among(bits, link)) {
                computes_bits = true;
            } else if (!(is_kind(kind::symbol) && among(sums, link)) &&
                       !(is_kind(kind::word) && among(divisions, link))) {
                break;
            }
            ++at_;
            has_links = true;
            const found next = operand(false);
            if (!next) return {};
            all_signed = all_signed && *next == value_class::signed_number;
        }
        if (!has_links) return first;
        if (subtracts && (!all_signed || computes_bits)) return {};
        return all_signed && !computes_bits ? value_class::signed_number : value_class::number;
    }

    /// "(a)" or "(a, b)"
    found in_parentheses() {
        if (!pass(kind::symbol, "(")) return {};
        const found given = list();
        return given && pass(kind::symbol, ")") ? given : found{};
    }
    /// "(a)": of the values of "(a, b)" each is compared with its own.
    found alone_in_parentheses() {
        if (!pass(kind::symbol, "(")) return {};
        const found given = whole();
        return given && pass(kind::symbol, ")") ? given : found{};
    }
    /// Values between commas, as one.
    found list() {
        found all = whole();
        while (all && pass(kind::symbol, ",")) {
            const found next = whole();
            if (!next) return {};
            all = either(*all, *next);
        }
        return all;
    }

    found operand(bool at_begin) {
        using enum value_class;
        if (at_ >= e_.size()) return {};
        const grammar::part& p = e_[at_];
        switch (p.kind) {
        case kind::number: {
            ++at_;
            constexpr std::size_t surely_signed = 18; // digits
            return p.text.size() <= surely_signed ? signed_number : number;
        }
        case kind::string:
        case kind::hex:
        case kind::hex_string:
        case kind::bits: ++at_; return literal;
        case kind::introducer:
            ++at_;
            return is_kind(kind::string) || is_kind(kind::hex) || is_kind(kind::hex_string) || is_kind(kind::bits)
                       ? operand(false)
                       : found{};
        case kind::sign: return signed_operand();
        case kind::symbol: return collated(alone_in_parentheses());
        case kind::column: return collated(column_value(at_begin));
        case kind::function: return collated(call());
        case kind::word: break;
        default: return {};
        }
        if (pass(kind::word, "null")) return null;
        if (pass(kind::word, "true") || pass(kind::word, "false")) return signed_number;
        if (pass(kind::word, "case")) return of_case();
        return {};
    }
    /// A collation that is named counts as a column's.
    found collated(found given) {
        while (given && pass(kind::word, "collate")) {
            if (!is_kind(kind::collation) || is_number(*given)) return {};
            ++at_;
            given = value_class::text;
        }
        return given;
    }
    found signed_operand() {
        const std::string_view sign = e_[at_++].text;
        const found given = operand(false);
        if (!given || sign == "~") return given ? found(value_class::number) : given;
        if (sign == "!") return value_class::signed_number;
        if (sign == "-" && *given != value_class::signed_number) return {};
        return is_number(*given) ? given : found{};
    }

    found column_value(bool at_begin) {
        const std::string& name = e_[at_++].text;
        const auto index = table_.find(name);
        if (!index) return {};
        const column& c = table_.columns[*index];
        const bool is_null_test =
            at_begin && is(kind::word, "is") &&
            (is(kind::word, "null", 1) || (is(kind::word, "not", 1) && is(kind::word, "null", 2)));
        if (c.differs_by_session || c.computed == computation::by_session || c.computed == computation::by_time)
            return {};
        if (is_null_test && c.nullable) return value_class::null;
        return class_of(c);
    }
    /// None for what is converted by settings of a session.
    static found class_of(const column& c) {
        switch (c.kind) {
        case column_kind::integer:
            return c.is_unsigned || rowferry::detail::type_name(c.type) == "year" ? value_class::number
                                                                                  : value_class::signed_number;
        case column_kind::decimal:
        case column_kind::real32:
        case column_kind::real64: return c.is_unsigned ? value_class::number : value_class::signed_number;
        case column_kind::bit: return value_class::number;
        case column_kind::text:
            if (rowferry::detail::type_name(c.type) == "char") return {}; // padded by a mode
            return value_class::text;
        case column_kind::bytes:
        case column_kind::enumeration:
        case column_kind::set:
        case column_kind::json: return value_class::text;
        default: return {};
        }
    }

    /// CASE [a] WHEN b THEN c … [ELSE d] END
    found of_case() {
        found compared = value_class::null;
        const bool compares = !is(kind::word, "when");
        if (compares) compared = whole();
        if (!compared) return {};
        value_class all = value_class::null;
        while (pass(kind::word, "when")) {
            const found when = whole();
            if (!when || !pass(kind::word, "then")) return {};
            if (compares && !comparison(*compared, *when)) return {};
            const found then = whole();
            if (!then) return {};
            all = either(all, *then);
        }
        if (pass(kind::word, "else")) {
            const found other = whole();
            if (!other) return {};
            all = either(all, *other);
        }
        return pass(kind::word, "end") ? found(all) : found{};
    }
    /// The class of values that are compared with each other: numbers compare with text as numbers.
    static value_class merged(value_class a, value_class b) {
        const value_class both = either(a, b);
        const bool is_mixed = is_number(a) != is_number(b);
        return both == value_class::session_text && is_mixed && a != value_class::session_text &&
                       b != value_class::session_text
                   ? value_class::number
                   : both;
    }

    struct arguments {
        value_class first = value_class::null;
        value_class rest = value_class::null; // of all but the first
        value_class all = value_class::null;
        std::size_t count = 0;
        bool has_number = false;
        bool has_literal = false;
    };
    std::optional<arguments> read_arguments() {
        arguments a;
        if (!pass(kind::symbol, "(")) return {};
        while (!pass(kind::symbol, ")")) {
            if (a.count > 0 && !pass(kind::symbol, ",")) return {};
            const found next = whole();
            if (!next) return {};
            if (a.count == 0) a.first = *next;
            if (a.count > 0) a.rest = either(a.rest, *next);
            a.all = either(a.all, *next);
            a.has_number = a.has_number || is_number(*next);
            a.has_literal = a.has_literal || *next == value_class::literal;
            ++a.count;
        }
        return a;
    }

    found call() {
        using enum value_class;
        const std::string& name = e_[at_++].text;
        if (name == "cast") return of_cast();
        if (name == "convert") return of_convert();
        if (name == "trim") return of_trim();
        if (name == "json_value") return of_json_value();
        if (name == "unix_timestamp") return of_unix_timestamp();
        constexpr std::array<std::string_view, 2> joined{"concat", "concat_ws"};
        constexpr std::array<std::string_view, 5> cases{"lower", "upper", "lcase", "ucase", "reverse"};
        constexpr std::array<std::string_view, 9> parts{"left", "right", "substr", "substring", "mid",
                                                        "lpad", "rpad",  "ltrim",  "rtrim"};
        constexpr std::array<std::string_view, 5> digests{"md5", "sha", "sha1", "sha2", "to_base64"};
        constexpr std::array<std::string_view, 7> measures{
            "length", "octet_length", "bit_length", "char_length", "character_length", "crc32", "ascii"};
        constexpr std::array<std::string_view, 8> numbers{"abs",  "floor", "ceiling", "ceil",
                                                          "sign", "mod",   "round",   "truncate"};
        constexpr std::array<std::string_view, 2> bytes{"unhex", "uuid_to_bin"};
        constexpr std::array<std::string_view, 2> json{"json_extract", "json_unquote"};
        const auto a = read_arguments();
        if (!a || a->count == 0) return {};
        if (among(joined, name)) return a->all == signed_number || a->all == number ? session_text : a->all;
        if (among(cases, name)) return a->first == text ? found(text) : found{};
        if (among(parts, name)) {
            return is_number(a->first) ? session_text : a->first;
        }
        if (among(digests, name)) return a->first == text ? found(session_text) : found{}; // by the bytes
        if (name == "hex") return a->first == text || is_number(a->first) ? found(session_text) : found{};
        if (among(measures, name)) return a->first == text ? found(number) : found{};
        if (among(numbers, name)) return a->all == session_text ? found{} : found(number);
        if (among(bytes, name)) return text;
        if (among(json, name)) return a->first == text ? found(text) : found{};
        if (name == "isnull") return signed_number;
        if (name == "if") return a->count == 3 ? found(a->rest) : found{};
        if (name == "elt") return is_number(a->rest) ? session_text : a->rest;
        if (name == "ifnull" || name == "coalesce") return a->all;
        if (name == "nullif")
            return compare_alike(merged(a->first, a->rest), a->has_literal) ? found(a->first) : found{};
        if (name == "greatest" || name == "least")
            return compare_alike(a->all, a->has_literal) ? found(a->all) : found{};
        return {};
    }

    /// What a value becomes by a cast. The bytes of a text depend on its charset.
    found type_of_cast(value_class given) {
        if (is_kind(kind::type) && e_[at_].text == "binary" && given != value_class::text) return {};
        return cast_type();
    }
    /// A type with its length and charset. The collation of a charset that is named alone may be a setting of the session.
    found cast_type() {
        using enum value_class;
        if (!is_kind(kind::type)) return {};
        const std::string_view type = e_[at_++].text;
        pass(kind::word, "integer");
        if (is(kind::symbol, "(")) {
            while (at_ < e_.size() && !is(kind::symbol, ")")) ++at_;
            if (!pass(kind::symbol, ")")) return {};
        }
        names_charset_ = pass(kind::word, "charset");
        if (names_charset_) {
            if (!is_kind(kind::charset)) return {};
            ++at_;
        }
        const bool names_collation = pass(kind::word, "collate");
        if (names_collation) {
            if (!is_kind(kind::collation)) return {};
            ++at_;
        }
        if (type == "signed" || type == "int" || type == "integer" || type == "decimal" || type == "double") {
            return signed_number;
        }
        if (type == "unsigned") return number;
        if (type == "char" || type == "varchar") return names_collation ? text : session_text;
        return type == "binary" || type == "json" ? found(text) : found{};
    }
    found of_cast() {
        if (!pass(kind::symbol, "(")) return {};
        const found given = whole();
        if (!given || !pass(kind::word, "as")) return {};
        const found type = type_of_cast(*given);
        return type && pass(kind::symbol, ")") ? type : found{};
    }
    found of_convert() {
        if (!pass(kind::symbol, "(")) return {};
        const found given = whole();
        if (!given) return {};
        if (pass(kind::word, "using")) {
            if (!is_kind(kind::charset)) return {};
            ++at_;
            return pass(kind::symbol, ")") ? found(value_class::session_text) : found{};
        }
        if (!pass(kind::symbol, ",")) return {};
        const found type = type_of_cast(*given);
        return type && pass(kind::symbol, ")") ? type : found{};
    }
    /// TRIM([BOTH|LEADING|TRAILING] [a] [FROM] b)
    found of_trim() {
        constexpr std::array<std::string_view, 3> sides{"both", "leading", "trailing"};
        if (!pass(kind::symbol, "(")) return {};
        if (is_kind(kind::word) && among(sides, e_[at_].text)) ++at_;
        found given = is(kind::word, "from") ? found(value_class::null) : whole();
        if (given && pass(kind::word, "from")) given = whole();
        if (!given || !pass(kind::symbol, ")")) return {};
        return is_number(*given) ? value_class::session_text : *given;
    }
    /// JSON_VALUE(a, 'path' [RETURNING type] [NULL|ERROR|DEFAULT x ON EMPTY|ERROR] …)
    found of_json_value() {
        if (!pass(kind::symbol, "(")) return {};
        const found document = whole();
        if (document != value_class::text || !pass(kind::symbol, ",") || !whole()) return {};
        found given = value_class::text;
        if (pass(kind::word, "returning")) {
            given = cast_type();
            if (given == value_class::session_text && !names_charset_) given = value_class::text; // by JSON's collation
        }
        if (!given) return {};
        while (!is(kind::symbol, ")")) {
            if (pass(kind::word, "default")) {
                if (!operand(false)) return {};
            } else if (!pass(kind::word, "null") && !pass(kind::word, "error") && !pass(kind::word, "on") &&
                       !pass(kind::word, "empty")) {
                return {};
            }
        }
        ++at_;
        return given;
    }
    /// Of a TIMESTAMP column: the number that is stored.
    found of_unix_timestamp() {
        if (!is(kind::symbol, "(") || !is(kind::symbol, ")", 2) || e_[at_ + 1].kind != kind::column) return {};
        const auto index = table_.find(e_[at_ + 1].text);
        if (!index || rowferry::detail::type_name(table_.columns[*index].type) != "timestamp") return {};
        if (table_.columns[*index].generated) return {};
        at_ += 3;
        return value_class::number;
    }

    const table_schema& table_;
    const grammar::expression& e_;
    std::size_t at_ = 0;
    bool names_charset_ = false; // of the last type
};

/// MySQL's catalog escapes a whole expression once more, as in `concat(`a`,_utf8mb4\'x\')`: without that.
inline std::string without_catalog_escapes(std::string_view text) {
    bool in_name = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') in_name = !in_name;
        if (in_name || (text[i] != '\'' && text[i] != '\\')) continue;
        if (text[i] == '\'') return std::string(text); // a string begins as it should
        break;
    }
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        plain += text[i];
    }
    return plain;
}

/// An expression in the catalog's spelling; empty if it holds what is not known.
inline grammar::expression read_expression(std::string_view text) {
    grammar::cursor tokens(without_catalog_escapes(text));
    grammar::expression e = grammar::expression_reader(tokens).whole();
    if (tokens.failed() || !tokens.at_end()) e.clear();
    return e;
}

/// Whether each session computes a generated column alike, as far as its expression shows.
inline bool is_computed_alike(const table_schema& table, const column& c, const grammar::expression& e) {
    // Dates, times and types that are not known: only what needs no conversion.
    const std::string_view type = rowferry::detail::type_name(c.type);
    const bool converts = c.kind == column_kind::temporal || c.kind == column_kind::geometry ||
                          c.kind == column_kind::other || type == "year" || type == "timestamp";
    if (converts) {
        const auto index =
            e.size() == 1 && e[0].kind == grammar::part_kind::column ? table.find(e[0].text) : std::nullopt;
        if (!index) return false;
        const column& from = table.columns[*index];
        return from.type == c.type && !from.differs_by_session && from.computed != computation::by_session &&
               from.computed != computation::by_time;
    }
    if (c.kind == column_kind::bytes) return session_value_reader(table, e).has_bytes_alike();
    return session_value_reader(table, e).is_computed_alike();
}

} // namespace detail

/// Whether an expression of an index may have other values in other sessions.
inline bool may_differ_by_session(const table_schema& table, std::string_view expression) {
    const grammar::expression e = detail::read_expression(expression);
    return !detail::session_value_reader(table, e).is_computed_alike();
}

/// Finds the generated columns that may have other values in other sessions, also by way of each other. A virtual one of them
/// is `computation::by_session`.
inline void find_session_values(table_schema& table) {
    std::vector<std::pair<column*, grammar::expression>> computed;
    for (column& c : table.columns) {
        const bool is_of_row = c.computed == computation::on_read || c.computed == computation::on_write;
        if (is_of_row) computed.emplace_back(&c, detail::read_expression(c.expression));
    }
    for (bool found = true; found;) {
        found = false;
        for (const auto& [each, e] : computed) {
            column& c = *each;
            if (c.differs_by_session || detail::is_computed_alike(table, c, e)) continue;
            c.differs_by_session = true;
            if (c.computed == computation::on_read) c.computed = computation::by_session;
            found = true;
        }
    }
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
