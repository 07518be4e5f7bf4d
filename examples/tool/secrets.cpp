// SPDX-License-Identifier: BSL-1.0
#include "secrets.hpp"

#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/uri.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace tool {
namespace {

struct range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Where a URI's password stands, with the colon in front of it. A malformed URI may have an @ or a slash in its
/// password, or no :// before it, so what is hidden then is rather too much.
range find_password(std::string_view text) {
    const auto scheme = text.find("://");
    const auto at = text.rfind('@');
    const auto colon = text.find(':', scheme == text.npos ? 0 : scheme + 3);
    if (at == text.npos || colon == text.npos || colon > at) return {};
    return {colon, at};
}

struct taken {
    std::string_view option;
    std::optional<rowferry::mysql::secret> password{};
};
std::array<taken, 2>& all_taken() {
    static std::array<taken, 2> each{taken{"--source"}, taken{"--target"}};
    return each;
}

/// Takes a password out of an argument. One in a malformed URI stays: it is refused, and its sentence is about it.
void take_password(char* uri, taken& into) {
    const std::size_t length = std::strlen(uri);
    auto read = rowferry::mysql::parse_uri({uri, length});
    if (!read || !read->password) return;
    into.password = std::move(read->password);
    const range password = find_password({uri, length});
    char* const end = std::copy(uri + password.end, uri + length, uri + password.begin);
    rowferry::mysql::wipe(end, static_cast<std::size_t>(uri + length - end));
}

} // namespace

void take_passwords(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        for (taken& each : all_taken()) {
            // What is not UTF-8 stays, to be refused as a whole.
            if (word == each.option && i + 1 < argc && rowferry::is_utf8(argv[i + 1])) take_password(argv[i + 1], each);
            if (!rowferry::is_utf8(word)) continue;
            if (word.starts_with(each.option) && word.substr(each.option.size()).starts_with('=')) {
                take_password(argv[i] + each.option.size() + 1, each);
            }
        }
    }
}

std::optional<rowferry::mysql::secret> taken_password(std::string_view option) {
    for (taken& each : all_taken()) {
        if (each.option == option) return std::exchange(each.password, std::nullopt);
    }
    return std::nullopt;
}

std::string without_password(std::string_view text) {
    const range password = find_password(text);
    std::string clean(text.substr(0, password.begin));
    clean += text.substr(password.end);
    return clean;
}

void hide_passwords(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::size_t length = std::strlen(argv[i]);
        const std::string clean = without_password({argv[i], length});
        std::fill_n(std::copy(clean.begin(), clean.end(), argv[i]), length - clean.size(), '\0');
    }
}

std::optional<rowferry::mysql::secret> password_from_environment(const char* variable) {
    char* const value = std::getenv(variable);
    if (value == nullptr) return std::nullopt;
    rowferry::mysql::secret password(value);
    rowferry::mysql::wipe(value, std::strlen(value));
    ::unsetenv(variable);
    return password;
}

} // namespace tool
