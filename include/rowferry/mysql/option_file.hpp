// SPDX-License-Identifier: BSL-1.0
// The password and the client's certificate from a my.cnf, so that they stand in no command line: of the [client] group, and
// nothing else of the file.
#ifndef ROWFERRY_MYSQL_OPTION_FILE_HPP
#define ROWFERRY_MYSQL_OPTION_FILE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/secret.hpp>
#include <rowferry/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
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
    keep_on_heap(value, text.size());
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

/// What is taken from an option file.
struct client_options {
    std::optional<secret> password = {};
    std::string ssl_cert = {}; ///< a file; empty: there is none
    std::string ssl_key = {};  ///< likewise

    [[nodiscard]] bool empty() const { return !password && ssl_cert.empty() && ssl_key.empty(); }
};

/// The last `password`, `ssl-cert` and `ssl-key` of the [client] group in the text of an option file. Names are written with
/// a minus or with an underscore.
inline client_options client_options_in(std::string_view text) {
    client_options found;
    bool in_client = false;
    while (!text.empty()) {
        const auto end = text.find('\n');
        const std::string_view line = detail::trimmed(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        if (line.starts_with('[')) {
            in_client = detail::trimmed(line.substr(1, line.find(']') - 1)) == "client";
        } else if (in_client) {
            const auto equals = line.find('=');
            const std::string_view name = detail::trimmed(line.substr(0, equals));
            if (equals == line.npos) continue;
            const std::string_view value = line.substr(equals + 1);
            if (name == "password") {
                found.password = secret(detail::option_value(value));
            } else if (name == "ssl-cert" || name == "ssl_cert") {
                found.ssl_cert = detail::option_value(value);
            } else if (name == "ssl-key" || name == "ssl_key") {
                found.ssl_key = detail::option_value(value);
            }
        }
    }
    return found;
}
/// The password alone; none when there is none.
inline std::optional<secret> client_password(std::string_view text) { return client_options_in(text).password; }

/// Whether the user named an option file, or it is the usual one, which is there for other programs too.
enum class option_file_origin : std::uint8_t { named, usual };

/// The options of an option file, as far as it has them. It has to be a regular file: a pipe, as the shell's <(…) makes
/// one, would have the password for the first connection only. The file has to belong to the user or to root, and no other user
/// may write to it: what stands there decides who is logged in. One that was named is refused otherwise; the usual one only
/// if it has one of them. The text is wiped from memory.
inline result<client_options> options_of_file(const std::string& path,
                                              option_file_origin origin = option_file_origin::named) {
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    // A FIFO without a writer would else be waited for without end.
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const std::unique_ptr<std::FILE, closer> file(opened < 0 ? nullptr : ::fdopen(opened, "rb"));
    if (!file && opened >= 0) ::close(opened);
    struct ::stat kept {};
    if (!file || ::fstat(opened, &kept) != 0) {
        return refusal("the option file " + path + " cannot be read: check its name and rights");
    }
    if (!S_ISREG(kept.st_mode) && origin == option_file_origin::usual) return client_options{};
    if (!S_ISREG(kept.st_mode)) {
        return refusal(
            "the option file " + path +
            " is not a regular file: each connection reads it, and a pipe can be read only once; use a file, "
            "or pass the password by the environment");
    }
    const bool is_ours = kept.st_uid == ::geteuid() || kept.st_uid == 0;
    const bool is_safe = is_ours && (kept.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    const auto unsafe = [&] {
        error e = refusal("the option file " + path +
                          (is_ours ? " can be written to by other users: take that from them with chmod go-w"
                                   : " belongs to another user, who could change what is in it: use one of your own"));
        e.cause = cause::unsafe_credentials;
        return e;
    };
    if (!is_safe && origin == option_file_origin::named) return unsafe();
    std::setvbuf(file.get(), nullptr, _IONBF, 0); // its buffer would keep the text
    std::string text(std::size_t{1} << 20U, '\0');
    const std::size_t size = std::fread(text.data(), 1, text.size(), file.get());
    if (std::ferror(file.get()) != 0) {
        return refusal("the option file " + path + " cannot be read: check its name and rights");
    }
    auto found = client_options_in(std::string_view(text).substr(0, size));
    wipe(text.data(), size);
    if (!found.empty() && !is_safe) return unsafe();
    return found;
}
/// The password alone; none when the file has none.
inline result<std::optional<secret>> password_of_file(const std::string& path,
                                                      option_file_origin origin = option_file_origin::named) {
    auto found = options_of_file(path, origin);
    if (!found) return std::move(found.error());
    return std::move(found->password);
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
