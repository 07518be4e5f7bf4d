// SPDX-License-Identifier: BSL-1.0
// The certificate by which the client proves itself to the server (ssl-cert, ssl-key): its files, looked at before they are used.
#ifndef ROWFERRY_MYSQL_CLIENT_CERTIFICATE_HPP
#define ROWFERRY_MYSQL_CLIENT_CERTIFICATE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/secret.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The text of a small file, wiped at its end.
class file_text {
public:
    /// The file's text as far as a certificate may be long; or why it cannot be read.
    result<void> read(const std::string& path) {
        // A FIFO without a writer would else be waited for without end.
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (file < 0) return refusal(std::error_code(errno, std::generic_category()).message());
        struct ::stat kept {};
        const bool is_file = ::fstat(file, &kept) == 0 && S_ISREG(kept.st_mode);
        size_ = 0;
        while (is_file && size_ < text_.size()) {
            const ::ssize_t n = ::read(file, text_.data() + size_, text_.size() - size_);
            if (n <= 0) break;
            size_ += static_cast<std::size_t>(n);
        }
        ::close(file);
        if (!is_file) return refusal("it is not a regular file, which each connection can read anew");
        return {};
    }
    file_text() = default;
    file_text(const file_text&) = delete;
    file_text& operator=(const file_text&) = delete;
    ~file_text() { wipe(text_.data(), size_); }

    [[nodiscard]] bool has(std::string_view words) const {
        return std::string_view(text_).substr(0, size_).find(words) != std::string_view::npos;
    }

private:
    std::string text_ = std::string(std::size_t{1} << 18U, '\0');
    std::size_t size_ = 0;
};

/// Refuses a file that the client library could not use, or for which it would ask for a passphrase on the terminal. Names the
/// option and the path, and nothing that stands in the file.
inline result<void> check_pem_file(std::string_view option, const std::string& path, bool is_key) {
    const std::string file = "the file " + path + " of " + std::string(option);
    const auto refuse = [&](const std::string& why) {
        error e = refusal(file + why);
        e.operation = "connect";
        return e;
    };
    file_text text;
    if (auto r = text.read(path); !r) return refuse(" cannot be read: " + r.error().message);
    if (is_key && (text.has("BEGIN ENCRYPTED PRIVATE KEY") || text.has("Proc-Type: 4,ENCRYPTED"))) {
        return refuse(" is protected by a passphrase, which is not supported: use a key without a passphrase, in a "
                      "file that only you can read");
    }
    if (is_key && !text.has("PRIVATE KEY-----"))
        return refuse(" does not contain a private key in PEM form: name the client's key");
    if (!is_key && !text.has("-----BEGIN CERTIFICATE-----") && !text.has("-----BEGIN TRUSTED CERTIFICATE-----")) {
        return refuse(" does not contain a certificate in PEM form: name the client's certificate");
    }
    return {};
}

/// Looks at the files of the client's certificate, if there is one. One file may hold both; then one option is enough.
inline result<void> check_client_certificate(const endpoint& to) {
    if (to.ssl_cert.empty() && to.ssl_key.empty()) return {};
    const bool has_cert = !to.ssl_cert.empty();
    const bool has_key = !to.ssl_key.empty();
    auto r = check_pem_file(has_cert ? "ssl-cert" : "ssl-key", has_cert ? to.ssl_cert : to.ssl_key, false);
    if (!r) return r;
    return check_pem_file(has_key ? "ssl-key" : "ssl-cert", has_key ? to.ssl_key : to.ssl_cert, true);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
