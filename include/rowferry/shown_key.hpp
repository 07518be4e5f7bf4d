// SPDX-License-Identifier: BSL-1.0
// Keys for people and reports: text as UTF-8, bytes as hex digits, and never two different keys alike.
#ifndef ROWFERRY_SHOWN_KEY_HPP
#define ROWFERRY_SHOWN_KEY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fingerprint.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// How the values of one part of a key are to be read: what its column says of them.
struct key_form {
    column_kind kind = column_kind::other;
    std::string charset = {};
    text_decoder decode = nullptr; ///< see `column::decode`

    friend bool operator==(const key_form&, const key_form&) = default;
};

/// Those of a whole key, in key order. A value without one is shown as text where it is UTF-8, and else as bytes.
using key_forms = std::vector<key_form>;

/// The forms of a key of this table.
inline key_forms forms_of(const table_schema& table, const std::vector<key_part>& parts) {
    key_forms forms;
    for (const key_part& part : parts) {
        const column& c = table.columns[part.column];
        forms.push_back({c.kind, c.charset, c.decode});
    }
    return forms;
}

/// One value as it is shown. Values of one column that differ are shown differently, since each form is exact.
struct shown_value {
    enum class form : std::uint8_t {
        null,
        text, ///< `text` is well-formed UTF-8
        bytes ///< `text` has two hex digits for each byte, in capitals
    };
    shown_value::form how = form::null;
    std::string text = {};
};

/// A value of a key. Text whose charset has no such bytes, or does not give them back exactly, is shown as bytes.
inline shown_value show(const value& v, const key_form& form = {}) {
    if (!v) return {};
    const bool is_bytes =
        form.kind == column_kind::bytes || form.kind == column_kind::bit || form.kind == column_kind::geometry;
    if (!is_bytes && form.decode != nullptr) {
        if (auto text = form.decode(*v, form.charset); text && is_utf8(*text)) {
            return {shown_value::form::text, std::move(*text)};
        }
    } else if (!is_bytes && is_utf8(*v)) {
        return {shown_value::form::text, *v};
    }
    shown_value hex{shown_value::form::bytes, {}};
    for (const char byte : *v) detail::append_hex(hex.text, static_cast<unsigned char>(byte));
    return hex;
}

namespace detail {

/// Characters of a value that people are shown; of a longer one its length and a hash tell it from others.
inline constexpr std::size_t most_key_characters = 64;

/// The text with everything escaped that would not be seen, or would end it; cut to `most_key_characters`.
inline std::string quoted_key_text(std::string_view text) {
    std::string out;
    std::size_t characters = 0;
    while (!text.empty() && characters++ < most_key_characters) {
        const std::size_t length = utf8_length(text);
        const char32_t c = code_point(text.substr(0, length));
        if (c == U'\'' || c == U'\\') out += '\\';
        if (is_hidden(c) || is_combining(c)) { // "é" is one character or two, and looks the same
            append_escaped(out, c);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return text.empty() ? out : out + "…";
}

inline std::string shown_text(const value& v, const key_form& form) {
    const shown_value shown = show(v, form);
    if (shown.how == shown_value::form::null) return "NULL";
    const bool is_text = shown.how == shown_value::form::text;
    const bool is_number = is_text && !v->empty() && v->size() <= most_key_characters &&
                           v->find_first_not_of("0123456789-.") == std::string::npos;
    if (is_number) return *v;
    std::string text;
    bool is_whole = true;
    if (is_text) {
        text = quoted_key_text(shown.text);
        const std::string without = hide_url_passwords(text); // as every line for people is shown
        is_whole = !text.ends_with("…") && without == text;
        text = "'" + without + "'";
    } else {
        is_whole = v->size() <= most_key_characters;
        text = "x'" + shown.text.substr(0, 2 * most_key_characters) + (is_whole ? "'" : "…'");
    }
    if (is_whole) return text;
    return text + " (" + grouped(v->size()) + " bytes, hash " + fingerprint(*v).substr(0, 16) + ")";
}

} // namespace detail

/// Key values for people, in one line: `(17, 'a b', x'E9FF', NULL)`, text with `\'`, `\\`, `\x0A` and `\u{202E}` for what
/// would not be seen. A value of more than 64 characters is cut, and told from others by its length and a hash.
inline std::string to_string(const key_values& key, const key_forms& forms = {}) {
    std::string text = "(";
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (i > 0) text += ", ";
        text += detail::shown_text(key[i], i < forms.size() ? forms[i] : key_form{});
    }
    return text + ")";
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
