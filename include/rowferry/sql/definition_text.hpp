// SPDX-License-Identifier: BSL-1.0
// The text that SHOW CREATE TABLE gives, taken apart: tokens, the items between the parentheses, and what follows them.
#ifndef ROWFERRY_SQL_DEFINITION_TEXT_HPP
#define ROWFERRY_SQL_DEFINITION_TEXT_HPP

#include <rowferry/result.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What a token of a definition is.
enum class token_kind : std::uint8_t {
    word,          ///< a keyword, a number, an introducer as _utf8mb4
    name,          ///< `quoted in backticks`
    string,        ///< 'quoted', with its quotes
    symbol,        ///< one character
    open_comment,  ///< /*!80023 or /*M!100301: what follows counts for servers of that version
    close_comment, ///< its end
    end            ///< behind the last one
};

/// One token, with the blanks before it, so that a definition is written again as it was.
struct token {
    token_kind kind = token_kind::end;
    std::string text;
    std::string space;

    /// Whether it is this word, without regard to ASCII case, or this symbol.
    [[nodiscard]] bool is(std::string_view wanted) const {
        return (kind == token_kind::word || kind == token_kind::symbol) && table_schema::same_name(text, wanted);
    }
};

/// Tokens in a row: an item of a definition, or an attribute of a column.
using token_list = std::vector<token>;

/// A definition, taken apart.
struct definition_text {
    std::string name;              ///< the table's, without quotes
    std::vector<token_list> items; ///< columns, keys and constraints, in their order
    token_list options;            ///< of the table, up to the partitions
    token_list partitions;         ///< from PARTITION BY on; empty when there are none
};

namespace detail {

/// Cuts a statement into tokens.
class lexer {
public:
    explicit lexer(std::string_view text) : rest_(text) {}

    token next() {
        token t;
        t.space = take(blanks());
        if (rest_.empty()) return t;
        const char c = rest_.front();
        if (c == '`' || c == '\'' || c == '"') {
            t.kind = c == '`' ? token_kind::name : token_kind::string;
            t.text = take(quoted(c));
        } else if (rest_.starts_with("/*!") || rest_.starts_with("/*M!")) {
            t.kind = token_kind::open_comment;
            const std::size_t mark = rest_.find('!') + 1;
            t.text = take(mark + run(mark, is_digit));
        } else if (rest_.starts_with("*/")) {
            t.kind = token_kind::close_comment;
            t.text = take(2);
        } else if (is_word(c)) {
            t.kind = token_kind::word;
            t.text = take(is_digit(c) ? number() : run(0, is_word));
        } else {
            t.kind = token_kind::symbol;
            t.text = take(1);
        }
        return t;
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_word(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@' ||
               static_cast<unsigned char>(c) >= 0x80;
    }
    static bool is_number(char c) { return is_word(c) || c == '.'; }
    /// The length of a number, the sign of its exponent included.
    [[nodiscard]] std::size_t number() const {
        const std::size_t n = run(0, is_number);
        const bool is_exponent = (rest_[n - 1] == 'e' || rest_[n - 1] == 'E') && !rest_.starts_with("0x");
        const bool is_signed = n + 1 < rest_.size() && (rest_[n] == '-' || rest_[n] == '+') && is_digit(rest_[n + 1]);
        return is_exponent && is_signed ? n + 1 + run(n + 1, is_digit) : n;
    }

    [[nodiscard]] std::size_t blanks() const {
        return run(0, [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
    }
    template <class Belongs>
    [[nodiscard]] std::size_t run(std::size_t from, Belongs belongs) const {
        std::size_t n = 0;
        while (from + n < rest_.size() && belongs(rest_[from + n])) ++n;
        return n;
    }
    /// The length of what is quoted: a doubled quote belongs to it, and in strings a backslash hides the next byte.
    [[nodiscard]] std::size_t quoted(char quote) const {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\\' && quote != '`') {
                ++i;
            } else if (rest_[i] == quote) {
                if (i + 1 == rest_.size() || rest_[i + 1] != quote) return i + 1;
                ++i;
            }
        }
        return rest_.size();
    }
    std::string take(std::size_t length) {
        std::string taken(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return taken;
    }

    std::string_view rest_;
};

} // namespace detail

/// The tokens of a text.
inline token_list tokens_of(std::string_view text) {
    detail::lexer read(text);
    token_list all;
    for (token t = read.next(); t.kind != token_kind::end; t = read.next()) all.push_back(std::move(t));
    return all;
}

/// The tokens as text again, without the blanks before the first.
inline std::string to_text(const token_list& tokens) {
    std::string text;
    for (const token& t : tokens) {
        if (!text.empty()) text += t.space;
        text += t.text;
    }
    return text;
}

/// The tokens of words of our own, with a blank before each.
inline token_list words(std::initializer_list<std::string_view> texts) {
    token_list made;
    for (std::string_view text : texts) made.push_back({token_kind::word, std::string(text), " "});
    return made;
}

/// A quoted name without its quotes.
inline std::string unquoted(std::string_view quoted) {
    if (!quoted.starts_with('`')) return std::string(quoted);
    std::string plain;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        plain += quoted[i];
        if (quoted[i] == '`') ++i;
    }
    return plain;
}

/// Behind the closing parenthesis that belongs to the opening one at `open`; the end when there is none.
inline std::size_t behind_group(const token_list& tokens, std::size_t open) {
    std::size_t depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
        if (tokens[i].is("(")) ++depth;
        if (tokens[i].is(")") && --depth == 0) return i + 1;
    }
    return tokens.size();
}

/// Takes a statement of SHOW CREATE TABLE apart; refuses any other.
inline result<definition_text> parse_definition(std::string_view statement) {
    const token_list all = tokens_of(statement);
    if (all.size() < 4 || !all[0].is("CREATE") || !all[1].is("TABLE") || all[2].kind != token_kind::name ||
        !all[3].is("(")) {
        return refusal("the server's definition of the table does not begin with CREATE TABLE, its name and a "
                       "parenthesis");
    }
    definition_text parsed;
    parsed.name = unquoted(all[2].text);
    const std::size_t end = behind_group(all, 3);
    if (end == all.size() && !all.back().is(")")) return refusal("the server's definition of the table has no end");
    token_list item;
    std::size_t depth = 0;
    for (std::size_t i = 4; i < end; ++i) {
        if (depth == 0 && (all[i].is(",") || i + 1 == end)) {
            parsed.items.push_back(std::move(item));
            item.clear();
            continue;
        }
        if (all[i].is("(")) ++depth;
        if (all[i].is(")")) --depth;
        item.push_back(all[i]);
    }
    std::size_t partitions = end;
    while (partitions < all.size() &&
           !(all[partitions].is("PARTITION") && partitions + 1 < all.size() && all[partitions + 1].is("BY"))) {
        ++partitions;
    }
    if (partitions < all.size() && all[partitions - 1].kind == token_kind::open_comment) --partitions;
    const auto from = [&](std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
    parsed.options.assign(from(end), from(partitions));
    parsed.partitions.assign(from(partitions), all.end());
    return parsed;
}

/// The definition as a statement again, in the form of SHOW CREATE TABLE.
inline std::string to_statement(const definition_text& definition) {
    std::string text = "CREATE TABLE ";
    append_identifier(text, definition.name);
    text += " (";
    for (std::size_t i = 0; i < definition.items.size(); ++i) {
        text += i == 0 ? "\n  " : ",\n  ";
        text += to_text(definition.items[i]);
    }
    text += "\n)";
    for (const token_list* tail : {&definition.options, &definition.partitions}) {
        if (tail->empty()) continue;
        text += tail->front().space.empty() ? " " : tail->front().space;
        text += to_text(*tail);
    }
    return text;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
