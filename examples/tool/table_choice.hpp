// SPDX-License-Identifier: BSL-1.0
// Which of a database's tables are copied when all are asked for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {

/// Whether a name is one of a pattern: `*` is any number of characters, `?` is one character of UTF-8, and a backslash
/// takes the next character as it stands. Capital letters are told from small ones.
bool fits(std::string_view name, std::string_view pattern);

/// All tables but those that are excluded.
class table_choice {
public:
    /// `compared` has the patterns as the server compares names: in small letters, where it does not tell them from capitals.
    table_choice(std::vector<std::string> exclude, std::vector<std::string> compared);
    /// Whether one of the patterns fits, by the name as the server compares it.
    bool excludes(std::string_view name);
    void add(std::string name) { names_.push_back(std::move(name)); }
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    /// The patterns that no table fitted so far.
    [[nodiscard]] std::vector<std::string> unused() const;

private:
    std::vector<std::string> names_;
    std::vector<std::string> patterns_; // as they were given
    std::vector<std::string> compared_;
    std::vector<std::size_t> uses_; // of each pattern
};

} // namespace tool
