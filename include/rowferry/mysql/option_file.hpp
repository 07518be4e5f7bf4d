// SPDX-License-Identifier: BSL-1.0
// The password from a my.cnf, so that it stands in no command line: the [client] group, and nothing else of the file.
#ifndef ROWFERRY_MYSQL_OPTION_FILE_HPP
#define ROWFERRY_MYSQL_OPTION_FILE_HPP

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\f\v");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\f\v") - first + 1);
}

/// A value as option files write it: quotes around it go, and \b \t \n \r \s \\ are taken for what they mean. Without
/// quotes, it ends before a comment.
inline std::string option_value(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.find(text.front(), 1) != text.npos) {
        text = text.substr(1, text.rfind(text.front()) - 1);
    } else {
        text = trimmed(text.substr(0, text.find('#')));
    }
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            value += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'b': value += '\b'; break;
        case 't': value += '\t'; break;
        case 'n': value += '\n'; break;
        case 'r': value += '\r'; break;
        case 's': value += ' '; break;
        case '\\': value += '\\'; break;
        case '"': value += '"'; break;
        case '\'': value += '\''; break;
        default: value += '\\'; value += text[i];
        }
    }
    return value;
}

} // namespace detail

/// The last `password` of the [client] group in the text of an option file; none when there is none.
inline std::optional<std::string> client_password(std::string_view text) {
    std::optional<std::string> password;
    bool in_client = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = detail::trimmed(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        if (line.starts_with('[')) {
            in_client = detail::trimmed(line.substr(1, line.find(']') - 1)) == "client";
        } else if (in_client) {
            const auto equals = line.find('=');
            if (equals != line.npos && detail::trimmed(line.substr(0, equals)) == "password") {
                password = detail::option_value(line.substr(equals + 1));
            }
        }
    }
    return password;
}

/// A file's bytes, up to 1 MiB; none when it cannot be opened or read.
inline std::optional<std::string> read_option_file(const std::string& path) {
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rb"));
    if (!file) return std::nullopt;
    std::string text(std::size_t{1} << 20U, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return std::nullopt;
    return text;
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
