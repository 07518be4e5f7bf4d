// SPDX-License-Identifier: BSL-1.0
#include "table_choice.hpp"

#include <optional>
#include <tuple>
#include <utility>

namespace tool {
namespace {

/// The bytes of the first character.
std::size_t character(std::string_view text) {
    std::size_t bytes = 1;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
    return bytes;
}

/// Takes one character of the name and what stands for it off both, if it does.
bool take_one(std::string_view& name, std::string_view& pattern) {
    if (name.empty() || pattern.empty()) return false;
    if (pattern.front() == '?') {
        pattern.remove_prefix(1);
        name.remove_prefix(character(name));
        return true;
    }
    const std::size_t escape = pattern.front() == '\\' && pattern.size() > 1 ? 1 : 0;
    if (pattern[escape] != name.front()) return false;
    pattern.remove_prefix(escape + 1);
    name.remove_prefix(1);
    return true;
}

} // namespace

bool fits(std::string_view name, std::string_view pattern) {
    std::optional<std::pair<std::string_view, std::string_view>> after_star;
    while (!name.empty() || !pattern.empty()) {
        if (!pattern.empty() && pattern.front() == '*') {
            pattern.remove_prefix(1);
            after_star = {name, pattern};
        } else if (!take_one(name, pattern)) {
            if (!after_star || after_star->first.empty()) return false;
            after_star->first.remove_prefix(character(after_star->first));
            std::tie(name, pattern) = *after_star;
        }
    }
    return true;
}

table_choice::table_choice(std::vector<std::string> exclude, std::vector<std::string> compared)
    : patterns_(std::move(exclude)), compared_(std::move(compared)), uses_(patterns_.size()) {}

bool table_choice::excludes(std::string_view name) {
    bool excluded = false;
    for (std::size_t i = 0; i < compared_.size(); ++i) {
        if (!fits(name, compared_[i])) continue;
        ++uses_[i];
        excluded = true;
    }
    return excluded;
}

std::vector<std::string> table_choice::unused() const {
    std::vector<std::string> left;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        if (uses_[i] == 0) left.push_back(patterns_[i]);
    }
    return left;
}

} // namespace tool
