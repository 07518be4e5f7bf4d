// SPDX-License-Identifier: BSL-1.0
// Text from elsewhere without the passwords in it: connection strings, passwords that are named as such, and the
// connection's own.
#ifndef ROWFERRY_MYSQL_HIDDEN_PASSWORDS_HPP
#define ROWFERRY_MYSQL_HIDDEN_PASSWORDS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Whether `text` begins with `word`, which is in small letters.
inline bool begins_with_word(std::string_view text, std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char wanted, char c) {
               return wanted == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
           });
}

struct text_part {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// The value after a name such as `password`, in `text` from `at` on: in quotes, or after an equals sign. Empty when the
/// name is only mentioned, as in "using password: YES".
inline text_part named_value(std::string_view text, std::size_t at, char before_name) {
    const auto is_quote = [](char c) { return c == '\'' || c == '"' || c == '`'; };
    if (at < text.size() && text[at] == before_name && is_quote(before_name)) ++at; // the name itself is in quotes
    bool is_assigned = false;
    for (; at < text.size() && (text[at] == ' ' || text[at] == '=' || text[at] == ':'); ++at) {
        is_assigned = is_assigned || text[at] == '=';
    }
    if (at == text.size()) return {};
    if (is_quote(text[at])) return {at + 1, std::min(text.find(text[at], at + 1), text.size())};
    if (!is_assigned) return {};
    return {at, std::min(text.find_first_of(" \t\r\n,;&'\")", at), text.size())};
}

} // namespace detail

/// The text without the passwords of URLs, and without values that stand after `password`, `passwd`, `pwd` or
/// `identified by`, in quotes or after an equals sign.
inline std::string hide_passwords(std::string_view message) {
    constexpr std::array<std::string_view, 4> names{"password", "passwd", "pwd", "identified by"};
    const std::string text = hide_url_passwords(message);
    const std::string_view all = text;
    std::string shown;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (const std::string_view name : names) {
            if (!detail::begins_with_word(all.substr(i), name)) continue;
            const auto value = detail::named_value(all, i + name.size(), i > 0 ? all[i - 1] : ' ');
            if (value.end <= value.begin) continue;
            shown += all.substr(taken, value.begin - taken);
            shown += "…";
            taken = value.end;
            i = value.end - 1;
            break;
        }
    }
    return shown + std::string(all.substr(taken));
}

/// The text with `…` in place of this password, wherever it stands. One of up to three characters is hidden only where it
/// stands alone, between characters that are no letters and digits: else it would take every text apart.
inline std::string hide_password(std::string_view text, std::string_view password) {
    constexpr std::size_t longest_word = 3;
    const auto is_letter = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
    };
    std::string shown;
    std::size_t taken = 0;
    for (std::size_t at = 0; !password.empty() && (at = text.find(password, at)) != text.npos;) {
        const std::size_t end = at + password.size();
        const bool stands_alone =
            (at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]));
        if (password.size() <= longest_word && !stands_alone) {
            ++at;
            continue;
        }
        shown += text.substr(taken, at - taken);
        shown += "…";
        at = taken = end;
    }
    return shown + std::string(text.substr(taken));
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
