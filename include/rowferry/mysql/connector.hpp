// SPDX-License-Identifier: BSL-1.0
// What makes fresh connections: an endpoint with its password.
#ifndef ROWFERRY_MYSQL_CONNECTOR_HPP
#define ROWFERRY_MYSQL_CONNECTOR_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/client_certificate.hpp>
#include <rowferry/mysql/connection.hpp>
#include <rowferry/mysql/option_file.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/wait_limit.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// Makes connections to one database. A value: copies are independent of each other.
class connector {
public:
    using connection_type = connection;

    /// Throws `copy_error` for a malformed URI; `from_uri` is the form that does not throw. Nothing is connected yet.
    explicit connector(std::string_view uri) : connector(parse_uri(uri).value()) {}
    explicit connector(endpoint to) : to_(std::move(to)) {}
    static result<connector> from_uri(std::string_view uri) {
        auto to = parse_uri(uri);
        if (!to) return std::move(to.error());
        return connector(std::move(*to));
    }

    /// The same connector with this password, which goes before any option file.
    [[nodiscard]] connector with_password(secret password) const {
        connector copy = *this;
        copy.to_.password = std::move(password);
        return copy;
    }

    /// A fresh connection whose session is set up and checked. Blocks at most for the connect timeout, then for the
    /// read timeout at each of four round trips, or five with MySQL. A password and a client's certificate that the endpoint
    /// lacks come from its option file, else from ~/.my.cnf.
    result<connection> connect() const { return connect({}); }
    /// The same, ended early by `limit`, which also limits the operations on the connection.
    result<connection> connect(const wait_limit& limit) const {
        if (auto r = check_files(); !r) return std::move(r.error());
        auto to = completed();
        if (!to) return std::move(to.error());
        if (auto r = detail::check_client_certificate(*to); !r) return std::move(r.error());
        return connection::open(*to, limit);
    }

    /// "host:port/database" or "socket/database", without credentials.
    [[nodiscard]] std::string identity() const { return mysql::identity(to_); }
    /// "host:port" or the socket, in one spelling: see `mysql::address`.
    [[nodiscard]] std::string address() const { return mysql::address(to_); }

private:
    /// Refuses files that the client library would wait for without end.
    [[nodiscard]] result<void> check_files() const {
        for (const std::string* path : {&to_.ssl_ca, &to_.server_public_key}) {
            struct ::stat kept {};
            const bool is_there = !path->empty() && ::stat(path->c_str(), &kept) == 0;
            if (is_there && S_ISFIFO(kept.st_mode)) {
                return refusal("the file " + *path + " is a pipe, which can be read only once: use a regular file");
            }
        }
        return {};
    }
    /// The endpoint with what an option file adds.
    [[nodiscard]] result<endpoint> completed() const {
        auto found = options_from_file();
        if (!found) return std::move(found.error());
        endpoint to = to_;
        if (!to.password) to.password = std::move(found->password);
        const bool takes_certificate = to.ssl_cert.empty() && to.ssl_key.empty() && to.ssl != ssl_mode::disabled;
        if (takes_certificate) {
            to.ssl_cert = std::move(found->ssl_cert);
            to.ssl_key = std::move(found->ssl_key);
        }
        return to;
    }
    [[nodiscard]] result<client_options> options_from_file() const {
        if (!to_.option_file.empty()) return options_of_file(to_.option_file);
        const char* home = std::getenv("HOME");
        const std::string usual = home == nullptr ? std::string() : std::string(home) + "/.my.cnf";
        if (home == nullptr || ::access(usual.c_str(), R_OK) != 0) return client_options{};
        auto found = options_of_file(usual, option_file_origin::usual);
        if (!found && to_.password) return client_options{}; // it is there for other programs, and can be done without
        return found;
    }

    endpoint to_;
};

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
