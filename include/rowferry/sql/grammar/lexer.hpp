// SPDX-License-Identifier: BSL-1.0
// The tokens of a table's definition. Names and strings are decoded here and quoted again by the writer; what no definition
// holds (comments, variables, double quotes, a second statement) is a token that no rule of the grammar accepts.
#ifndef ROWFERRY_SQL_GRAMMAR_LEXER_HPP
#define ROWFERRY_SQL_GRAMMAR_LEXER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/words.hpp>
#include <rowferry/text.hpp>

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

/// What a token of a definition is.
enum class token_kind : std::uint8_t {
    word,          ///< a keyword, or a name without quotes
    name,          ///< a name in backticks, decoded
    string,        ///< 'text', decoded
    number,        ///< 12, 1.5, 1e-300
    hex,           ///< 0x00ff: its digits
    hex_string,    ///< X'00ff': its digits
    bits,          ///< b'101' or 0b101: its digits
    introducer,    ///< the charset of the literal that follows, as utf8mb4
    symbol,        ///< an operator, a parenthesis, a comma, or a point
    open_comment,  ///< /*!80023 or /*M!100301: what follows counts for servers of that version
    close_comment, ///< its end
    invalid,       ///< what no definition holds: its text says what
    end            ///< after the last one
};

/// One token.
struct token {
    token_kind kind = token_kind::end;
    std::string text = {};
    bool has_escapes = false; ///< of a string: it was written with backslashes

    /// Whether it is this word, ignoring ASCII case, or this symbol.
    [[nodiscard]] bool is(std::string_view wanted) const {
        return (kind == token_kind::word || kind == token_kind::symbol) && same_word(text, wanted);
    }
};

/// Cuts a statement into tokens. The first token that no definition holds is the last one.
class lexer {
public:
    explicit lexer(std::string_view text) : rest_(text) {}

    token next() {
        skip_blanks_and_remarks();
        if (rest_.empty()) return {};
        const char c = rest_.front();
        if (c == '`') return name();
        if (c == '\'') return string();
        if (is_digit(c) || (c == '.' && rest_.size() > 1 && is_digit(rest_[1]))) return number();
        if (is_word(c)) return word();
        if (rest_.starts_with("/*")) return comment();
        if (rest_.starts_with("*/")) return take(token_kind::close_comment, 2);
        return symbol();
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_word(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
               static_cast<unsigned char>(c) >= 0x80;
    }
    static bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
    static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
    static bool is_bit(char c) { return c == '0' || c == '1'; }

    /// Servers remark on columns of old temporal formats; the clone has the present one.
    void skip_blanks_and_remarks() {
        constexpr std::array<std::string_view, 3> remarks{"/* mariadb-5.3 */", "/* mysql-5.6 */",
                                                          "/* 5.5 binary format */"};
        for (bool skipped = true; skipped;) {
            skipped = false;
            rest_.remove_prefix(run(0, is_blank));
            for (std::string_view remark : remarks) {
                if (!rest_.starts_with(remark)) continue;
                rest_.remove_prefix(remark.size());
                skipped = true;
            }
        }
    }

    template <class Belongs>
    [[nodiscard]] std::size_t run(std::size_t from, Belongs belongs) const {
        std::size_t n = 0;
        while (from + n < rest_.size() && belongs(rest_[from + n])) ++n;
        return n;
    }
    token take(token_kind kind, std::size_t length) {
        token t{kind, std::string(rest_.substr(0, length))};
        rest_.remove_prefix(length);
        return t;
    }
    token invalid(std::string what) {
        rest_ = {};
        return {token_kind::invalid, std::move(what)};
    }

    token name() {
        constexpr std::size_t longest = 256; // 64 characters
        std::string plain;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '`') {
                if (i + 1 == rest_.size() || rest_[i + 1] != '`') {
                    rest_.remove_prefix(i + 1);
                    if (plain.empty() || plain.size() > longest || !is_utf8(plain) || plain.find('\0') != plain.npos) {
                        return invalid("a name that is empty, too long, or not UTF-8");
                    }
                    return {token_kind::name, std::move(plain)};
                }
                ++i;
            }
            plain += rest_[i];
        }
        return invalid("a name without an end");
    }

    /// Backslash escapes are on in our sessions, and servers write strings accordingly.
    token string() {
        std::string plain;
        bool has_escapes = false;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            const char c = rest_[i];
            if (c == '\0') return invalid("a zero byte");
            if (c == '\'') {
                if (i + 1 == rest_.size() || rest_[i + 1] != '\'') {
                    rest_.remove_prefix(i + 1);
                    return {token_kind::string, std::move(plain), has_escapes};
                }
                plain += rest_[++i];
            } else if (c == '\\' && i + 1 < rest_.size()) {
                has_escapes = true;
                append_escaped(plain, rest_[++i]);
            } else {
                plain += c;
            }
        }
        return invalid("a string without an end");
    }
    static void append_escaped(std::string& plain, char c) {
        switch (c) {
        case '0': plain += '\0'; break;
        case 'b': plain += '\b'; break;
        case 'n': plain += '\n'; break;
        case 'r': plain += '\r'; break;
        case 't': plain += '\t'; break;
        case 'Z': plain += '\x1A'; break;
        case '%':
        case '_': plain += '\\'; [[fallthrough]];
        default: plain += c;
        }
    }

    token number() {
        if (rest_.starts_with("0x")) return digits(token_kind::hex, 2, is_hex);
        if (rest_.starts_with("0b")) return digits(token_kind::bits, 2, is_bit);
        std::size_t n = run(0, is_digit);
        if (n < rest_.size() && rest_[n] == '.') n += 1 + run(n + 1, is_digit);
        if (n < rest_.size() && (rest_[n] == 'e' || rest_[n] == 'E')) {
            std::size_t exponent = n + 1;
            if (exponent < rest_.size() && (rest_[exponent] == '-' || rest_[exponent] == '+')) ++exponent;
            if (const std::size_t more = run(exponent, is_digit); more > 0) n = exponent + more;
        }
        if (n < rest_.size() && (is_word(rest_[n]) || rest_[n] == '.')) return invalid("a number with letters");
        return take(token_kind::number, n);
    }
    template <class Belongs>
    token digits(token_kind kind, std::size_t prefix, Belongs belongs) {
        rest_.remove_prefix(prefix);
        const std::size_t n = run(0, belongs);
        if (n == 0 || (n < rest_.size() && (is_word(rest_[n]) || rest_[n] == '.'))) {
            return invalid("a number with letters");
        }
        return take(kind, n);
    }
    template <class Belongs>
    token quoted_digits(token_kind kind, Belongs belongs) {
        rest_.remove_prefix(2);
        token t = take(kind, run(0, belongs));
        if (!rest_.starts_with('\'')) return invalid("a literal in hexadecimal or binary digits that has others");
        rest_.remove_prefix(1);
        return t;
    }

    token word() {
        const std::size_t n = run(0, is_word);
        if (n == 1 && rest_.size() > 1 && rest_[1] == '\'') {
            const char c = rest_.front();
            if (c == 'x' || c == 'X') return quoted_digits(token_kind::hex_string, is_hex);
            if (c == 'b' || c == 'B') return quoted_digits(token_kind::bits, is_bit);
            if (c == 'n' || c == 'N') return invalid("a national string");
        }
        const std::string_view text = rest_.substr(0, n);
        if (!is_utf8(text)) return invalid("bytes that are not UTF-8");
        if (text.starts_with('_')) {
            const std::string_view charset = known(charsets, text.substr(1));
            if (!charset.empty()) {
                rest_.remove_prefix(n);
                return {token_kind::introducer, std::string(charset)};
            }
        }
        return take(token_kind::word, n);
    }

    token comment() {
        const std::size_t mark = rest_.starts_with("/*!") ? 3 : rest_.starts_with("/*M!") ? 4 : 0;
        if (mark == 0) return invalid("a comment");
        const std::size_t n = run(mark, is_digit);
        const std::size_t end = mark + n;
        if ((n != 5 && n != 6) || end == rest_.size() || !is_blank(rest_[end])) {
            return invalid("a version comment without a version");
        }
        return take(token_kind::open_comment, end);
    }

    /// Two dashes begin a comment only before a blank, a control character, or the end: `--a` is twice negated.
    [[nodiscard]] bool is_at_dashes() const {
        if (!rest_.starts_with("--")) return false;
        return rest_.size() == 2 || static_cast<unsigned char>(rest_[2]) <= 0x20U || rest_[2] == 0x7F;
    }
    token symbol() {
        if (is_at_dashes()) return invalid("a comment");
        constexpr std::array<std::string_view, 26> symbols{"<=>", "->>", "->", "<=", ">=", "<>", "!=", "<<", ">>",
                                                           "&&",  "(",   ")",  ",",  ".",  "=",  "<",  ">",  "+",
                                                           "-",   "*",   "/",  "%",  "&",  "^",  "~",  "!"};
        for (std::string_view each : symbols) {
            if (rest_.starts_with(each)) return take(token_kind::symbol, each.size());
        }
        if (rest_.starts_with('|') && !rest_.starts_with("||")) return take(token_kind::symbol, 1);
        return invalid("\"" + one_line(rest_.substr(0, 1)) + "\"");
    }

    std::string_view rest_;
};

/// How many tokens a definition may have: each takes memory, and one of a real table has far fewer.
inline constexpr std::size_t most_tokens = std::size_t{1} << 20U;

/// The tokens of a text, with one of kind `end` after the last; the first one beyond `most_tokens` is invalid.
inline std::vector<token> tokens_of(std::string_view text) {
    lexer read(text);
    std::vector<token> all;
    do {
        all.push_back(read.next());
        if (all.size() == most_tokens) {
            all.back() = {token_kind::invalid, "what follows " + std::to_string(most_tokens) + " words and signs"};
            all.emplace_back();
        }
    } while (all.back().kind != token_kind::end);
    return all;
}

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
