// SPDX-License-Identifier: BSL-1.0
#include "column_list.hpp"

#include <cstddef>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

constexpr std::string_view blanks = " \t\r\n";

void skip_blanks(std::string_view& text) {
    const auto first = text.find_first_not_of(blanks);
    text.remove_prefix(first == text.npos ? text.size() : first);
}

/// Takes a name in backticks off the text; false when it does not end.
bool take_quoted(std::string_view& text, std::string& name) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] != '`') {
            name += text[i];
        } else if (text.substr(i).starts_with("``")) {
            name += text[i++];
        } else {
            text.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

void take_plain(std::string_view& text, std::string& name) {
    name = text.substr(0, text.find(','));
    text.remove_prefix(name.size());
    name.erase(name.find_last_not_of(blanks) + 1);
}

} // namespace

rf::result<std::vector<std::string>> column_list(std::string_view text) {
    std::vector<std::string> names;
    for (;;) {
        skip_blanks(text);
        std::string name;
        const bool is_quoted = text.starts_with('`');
        if (!is_quoted) take_plain(text, name);
        if (is_quoted && !take_quoted(text, name)) return rf::refusal("has a backtick that is never closed");
        if (!is_quoted && name.find('`') != name.npos) {
            return rf::refusal(
                "has a backtick inside a name: put the whole name in backticks, and double the one inside");
        }
        if (name.empty()) return rf::refusal("has an empty name");
        names.push_back(std::move(name));
        skip_blanks(text);
        if (text.empty()) return names;
        if (text.front() != ',') return rf::refusal("has something behind a closing backtick that is no comma");
        text.remove_prefix(1);
    }
}

std::string column_list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (!text.empty()) text += ", ";
        const bool is_plain = name.find_first_of("`,") == name.npos && blanks.find(name.front()) == blanks.npos &&
                              blanks.find(name.back()) == blanks.npos;
        if (is_plain) {
            text += name;
            continue;
        }
        text += '`';
        for (const char c : name) text += c == '`' ? std::string("``") : std::string(1, c);
        text += '`';
    }
    return text;
}

} // namespace tool
