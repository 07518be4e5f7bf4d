// SPDX-License-Identifier: BSL-1.0
#include "secrets.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

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

} // namespace

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

std::optional<std::string> password_from_environment(const char* variable) {
    const char* password = std::getenv(variable);
    return password == nullptr ? std::nullopt : std::optional<std::string>(password);
}

} // namespace tool
