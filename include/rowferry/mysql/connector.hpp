// SPDX-License-Identifier: BSL-1.0
// What makes fresh connections: an endpoint with its password.
#ifndef ROWFERRY_MYSQL_CONNECTOR_HPP
#define ROWFERRY_MYSQL_CONNECTOR_HPP

#include <rowferry/mysql/connection.hpp>
#include <rowferry/mysql/option_file.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/wait_limit.hpp>

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
    [[nodiscard]] connector with_password(std::string password) const {
        connector copy = *this;
        copy.to_.password = std::move(password);
        return copy;
    }

    /// A fresh connection whose session is set up and checked. Blocks at most for the connect timeout, then for the
    /// read timeout at each of three round trips. Without a password it takes the one of the option file, else of
    /// ~/.my.cnf.
    result<connection> connect() const { return connect({}); }
    /// The same, ended early by `limit`, which also limits the operations on the connection.
    result<connection> connect(const wait_limit& limit) const {
        endpoint to = to_;
        if (!to.password) {
            auto found = password_from_file();
            if (!found) return std::move(found.error());
            to.password = std::move(*found);
        }
        return connection::open(to, limit);
    }

    /// "host:port/database" or "socket/database", without credentials.
    [[nodiscard]] std::string identity() const { return mysql::identity(to_); }

private:
    [[nodiscard]] result<std::optional<std::string>> password_from_file() const {
        if (!to_.option_file.empty()) {
            const auto text = read_option_file(to_.option_file);
            if (!text)
                return refusal("the option file " + to_.option_file + " cannot be read: check its name and rights");
            return client_password(*text);
        }
        const char* home = std::getenv("HOME");
        if (home == nullptr) return std::optional<std::string>{};
        const auto text = read_option_file(std::string(home) + "/.my.cnf");
        return text ? client_password(*text) : std::nullopt;
    }

    endpoint to_;
};

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
