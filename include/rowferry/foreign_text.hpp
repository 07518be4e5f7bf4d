// SPDX-License-Identifier: BSL-1.0
// Text that a server, a file or a user chose, made fit to be shown: every character visible, in one line, bounded, and
// without the passwords of URLs.
//
// Whatever reaches a terminal, a log or a report passes through here. Text for people gets `one_line`; a program gets the
// true value, by `json_string`.
#ifndef ROWFERRY_FOREIGN_TEXT_HPP
#define ROWFERRY_FOREIGN_TEXT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// How many characters of foreign text are shown at most. What is longer is cut, and says how long it is.
namespace shown {
inline constexpr std::size_t name = 256;      ///< a table, column or key; no server's names are longer
inline constexpr std::size_t message = 1024;  ///< what a server says
inline constexpr std::size_t list = 2048;     ///< names in a row; the others are counted
inline constexpr std::size_t sentence = 4096; ///< what rowferry says, with all names in it
inline constexpr std::size_t line = 8192;     ///< a line of a log or report
} // namespace shown

namespace detail {

/// How many bytes at the front of `text` are one well-formed UTF-8 character; 0 when they are none.
constexpr std::size_t utf8_length(std::string_view text) {
    auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (text.empty()) return 0;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) { // neither overlong nor a surrogate
        return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) { // neither overlong nor past U+10FFFF
        return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

/// The code point of a text that is one well-formed UTF-8 character.
constexpr char32_t code_point(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    char32_t c = first < 0x80 ? first : first < 0xE0 ? first & 0x1FU : first < 0xF0 ? first & 0x0FU : first & 0x07U;
    for (const char follower : character.substr(1)) c = (c << 6U) | (static_cast<unsigned char>(follower) & 0x3FU);
    return c;
}

struct code_points {
    char32_t first;
    char32_t last;
};

template <std::size_t N>
constexpr bool is_among(const code_points (&ranges)[N], char32_t c) {
    for (const code_points& r : ranges) {
        if (c <= r.last) return c >= r.first;
    }
    return false;
}

/// Whether a terminal shows nothing for this character, or does something else on its account.
///
/// Source: Unicode 15.1, DerivedGeneralCategory.txt (Cc, Cf, Zl, Zp) and DerivedCoreProperties.txt
/// (Default_Ignorable_Code_Point), and the noncharacters.
constexpr bool is_hidden(char32_t c) {
    constexpr code_points hidden[]{
        {0x0000, 0x001F},   // C0 controls
        {0x007F, 0x009F},   // DEL, C1 controls
        {0x00AD, 0x00AD},   // soft hyphen
        {0x034F, 0x034F},   // grapheme joiner
        {0x0600, 0x0605},   // signs that span what follows
        {0x061C, 0x061C},   // Arabic letter mark
        {0x06DD, 0x06DD},   //
        {0x070F, 0x070F},   //
        {0x0890, 0x0891},   //
        {0x08E2, 0x08E2},   //
        {0x115F, 0x1160},   // Hangul fillers
        {0x17B4, 0x17B5},   // Khmer vowels that are not shown
        {0x180B, 0x180F},   // Mongolian variation selectors
        {0x200B, 0x200F},   // zero width; left-to-right and right-to-left marks
        {0x2028, 0x202E},   // line and paragraph separators, bidi embeddings and overrides
        {0x2060, 0x206F},   // word joiner, invisible operators, bidi isolates
        {0x3164, 0x3164},   // Hangul filler
        {0xFDD0, 0xFDEF},   // noncharacters
        {0xFE00, 0xFE0F},   // variation selectors
        {0xFEFF, 0xFEFF},   // byte order mark
        {0xFFA0, 0xFFA0},   // half-width Hangul filler
        {0xFFF0, 0xFFFB},   // interlinear annotation
        {0x110BD, 0x110BD}, //
        {0x110CD, 0x110CD}, //
        {0x13430, 0x1343F}, // Egyptian format controls
        {0x1BCA0, 0x1BCA3}, // shorthand format controls
        {0x1D173, 0x1D17A}, // musical format controls
        {0xE0000, 0xE0FFF}, // tags, more variation selectors
    };
    return is_among(hidden, c) || (c & 0xFFFEU) == 0xFFFEU;
}

/// Whether the character is drawn onto the one before it: a cut does not part the two.
constexpr bool is_combining(char32_t c) {
    constexpr code_points combining[]{
        {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x06D6, 0x06DC},
        {0x0900, 0x0903}, {0x093A, 0x094F}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
        {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0x302A, 0x302F}, {0x3099, 0x309A}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF},
    };
    return is_among(combining, c);
}

inline void append_hex(std::string& out, unsigned byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += digits[(byte >> 4U) & 15U];
    out += digits[byte & 15U];
}

/// As `\x0A` or `\u{202E}`.
inline void append_escaped(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += "\\x";
        append_hex(out, static_cast<unsigned>(c));
        return;
    }
    out += "\\u{";
    if (c > 0xFFFF) append_hex(out, static_cast<unsigned>(c >> 16U));
    append_hex(out, static_cast<unsigned>(c >> 8U) & 0xFFU);
    append_hex(out, static_cast<unsigned>(c) & 0xFFU);
    out += '}';
}

/// As JSON's `\u202E`, or two of them.
inline void append_json_escape(std::string& out, char32_t c) {
    auto unit = [&out](char32_t u) {
        out += "\\u";
        append_hex(out, static_cast<unsigned>(u >> 8U));
        append_hex(out, static_cast<unsigned>(u) & 0xFFU);
    };
    if (c <= 0xFFFF) return unit(c);
    unit(0xD800 + ((c - 0x10000) >> 10U));
    unit(0xDC00 + ((c - 0x10000) & 0x3FFU));
}

} // namespace detail

/// Whether text is well-formed UTF-8, from its first byte to its last.
constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

namespace detail {

/// Where the passwords of a text's URLs end. Goes through the text once, whatever is in it.
class url_passwords {
public:
    explicit url_passwords(std::string_view text) : text_(text), last_at_(text.rfind('@')) {}

    /// The end of what stands at `begin`, after the colon: the last @ of the word; `begin` when it is a port. A word without
    /// an @ was cut, or has a blank in its password: then more is hidden rather than less.
    std::size_t end_of(std::size_t begin) {
        if (begin >= word_end_) {
            word_end_ = std::min(text_.find_first_of(" \t\r\n", begin), text_.size());
            const auto at = text_.substr(begin, word_end_ - begin).rfind('@');
            at_ = at == text_.npos ? at : begin + at;
        }
        if (at_ != text_.npos && at_ >= begin) return at_;
        const std::string_view word = text_.substr(begin, word_end_ - begin);
        const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
        constexpr std::string_view after_port = "/?#'\"`),;:";
        const bool is_port = digits > 0 && (digits == word.size() || after_port.find(word[digits]) != word.npos);
        if (is_port) return begin;
        return last_at_ != text_.npos && last_at_ >= begin ? last_at_ : word_end_;
    }

private:
    std::string_view text_;
    std::size_t last_at_;
    std::size_t word_end_ = 0;
    std::size_t at_ = std::string_view::npos;
};

} // namespace detail

/// What stands for a URI's parts where its form is explained: it is not a password.
inline constexpr std::string_view uri_form = "user[:password]@host[:port]/database[?option=value&…]";

/// The text with `…` for the password of each URL in it, as in `scheme://user:…@host`.
inline std::string hide_url_passwords(std::string_view text) {
    constexpr std::string_view mark = "://";
    std::string shown;
    std::size_t taken = 0;
    detail::url_passwords passwords(text);
    for (std::size_t scheme = text.find(mark); scheme != text.npos; scheme = text.find(mark, scheme + mark.size())) {
        const auto colon = text.find_first_of(":@/ \t\r\n", scheme + mark.size());
        if (scheme < taken || colon == text.npos || text[colon] != ':') continue;
        if (text.substr(scheme + mark.size()).starts_with(uri_form)) continue;
        const std::size_t end = passwords.end_of(colon + 1);
        if (end == colon + 1) continue;
        shown += text.substr(taken, colon + 1 - taken);
        shown += "…";
        taken = end;
    }
    return shown + std::string(text.substr(taken));
}

/// 561000 as "561 000".
inline std::string grouped(std::uint64_t n) {
    std::string text = std::to_string(n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, " ");
    return text;
}

namespace detail {

/// Collects the characters of a text, and knows where to cut when they become too many.
class bounded_line {
public:
    explicit bounded_line(std::size_t most) : most_(most) {}

    /// `columns` is how wide `piece` is shown. False when the text is too long, and the rest does not matter.
    bool add(std::string_view piece, std::size_t columns, bool is_mark) {
        if (columns_ + columns <= most_) fits_ = line_.size() + piece.size();
        if (columns_ <= most_ && !is_mark) {
            whole_ = line_.size(); // all before this character
        }
        columns_ += columns;
        if (columns_ > most_ + slack) return false;
        line_ += piece;
        return true;
    }
    std::string text() && { return std::move(line_); }
    /// Cut between characters, and where it can be between a letter with its marks and the next letter.
    std::string cut(std::size_t bytes) && {
        constexpr std::size_t most_marks = 64; // bytes
        line_.resize(fits_ - whole_ <= most_marks ? whole_ : fits_);
        return std::move(line_) + "… (" + grouped(bytes) + " bytes in all)";
    }

private:
    static constexpr std::size_t slack = 48; // what is shown of how long it is: a text that was cut is not cut again
    std::size_t most_;
    std::size_t columns_ = 0;
    std::size_t fits_ = 0;
    std::size_t whole_ = 0;
    std::string line_;
};

} // namespace detail

/// Text in one line of valid UTF-8, every character visible: control characters and bytes that are not UTF-8 become `\xNN`;
/// direction marks, zero-width and other invisible characters `\u{202E}`. A text that takes more than `most` characters is
/// cut, and says how many bytes it has. The passwords of URLs are left out. Text that went through it before stays as it is.
inline std::string one_line(std::string_view text, std::size_t most = shown::line) {
    detail::bounded_line line(most);
    std::string escaped;
    const std::string shown = hide_url_passwords(text);
    for (std::string_view rest = shown; !rest.empty();) {
        const std::size_t length = detail::utf8_length(rest);
        const std::size_t taken = length == 0 ? 1 : length;
        const char32_t c = length == 0 ? char32_t{0} : detail::code_point(rest.substr(0, length));
        escaped.clear();
        if (length == 0) {
            escaped += "\\x";
            detail::append_hex(escaped, static_cast<unsigned char>(rest.front()));
        } else if (detail::is_hidden(c)) {
            detail::append_escaped(escaped, c);
        }
        const bool goes_on = escaped.empty() ? line.add(rest.substr(0, taken), 1, detail::is_combining(c))
                                             : line.add(escaped, escaped.size(), false);
        if (!goes_on) return std::move(line).cut(text.size());
        rest.remove_prefix(taken);
    }
    return std::move(line).text();
}

/// Text cut as `one_line` does, but otherwise as it is: for programs, which get the true characters.
inline std::string cut(std::string_view text, std::size_t most) {
    if (text.size() <= most) return std::string(text);
    detail::bounded_line line(most);
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t length = detail::utf8_length(rest);
        const bool is_mark = length != 0 && detail::is_combining(detail::code_point(rest.substr(0, length)));
        const std::size_t taken = length == 0 ? 1 : length;
        if (!line.add(rest.substr(0, taken), 1, is_mark)) return std::move(line).cut(text.size());
        rest.remove_prefix(taken);
    }
    return std::move(line).text();
}

/// Text as a JSON string with its quotes. It is always valid UTF-8: a byte that is none becomes U+FFFD. Whatever is not
/// visible is escaped, so that the document can be shown as well as read.
inline std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        const char32_t c = length == 0 ? U'\xFFFD' : detail::code_point(text.substr(0, length));
        if (c == U'"' || c == U'\\') {
            out += '\\';
            out += text.front();
        } else if (c == U'\n') {
            out += "\\n";
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (detail::is_hidden(c)) {
            detail::append_json_escape(out, c);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + "\"";
}

/// A valid JSON document with everything escaped that is not visible: its value stays the same. Line ends stay.
inline std::string visible_json(std::string_view document) {
    std::string out;
    out.reserve(document.size());
    while (!document.empty()) {
        const std::size_t length = detail::utf8_length(document);
        const std::size_t taken = length == 0 ? 1 : length;
        const auto first = static_cast<unsigned char>(document.front());
        const char32_t c = first < 0x7F || length == 0 ? U' ' : detail::code_point(document.substr(0, length));
        if (detail::is_hidden(c)) {
            detail::append_json_escape(out, c);
        } else {
            out += document.substr(0, taken);
        }
        document.remove_prefix(taken);
    }
    return out;
}

/// Items in a row, as "a, b and 199 998 more": those past `most` characters are counted, not shown.
class listing {
public:
    explicit listing(std::string_view separator = ", ", std::size_t most = shown::list)
        : separator_(separator), most_(most) {}

    void add(std::string_view item) {
        if (left_out_ > 0 || (!text_.empty() && text_.size() + item.size() > most_)) {
            ++left_out_;
            return;
        }
        if (!text_.empty()) text_ += separator_;
        text_ += one_line(item, std::min(most_, shown::message));
    }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] std::string text() const {
        return left_out_ == 0 ? text_ : text_ + " and " + grouped(left_out_) + " more";
    }

private:
    std::string_view separator_;
    std::size_t most_;
    std::string text_;
    std::size_t left_out_ = 0;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
