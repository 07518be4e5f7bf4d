// SPDX-License-Identifier: BSL-1.0
// Where a connection leads, parsed from a URI: mysql://user[:password]@host[:port]/database[?option=value&…]
//
//   socket=/path             connect through this Unix socket; the host is then not used
//   ssl-mode=MODE            disabled, preferred, required, verify-ca or verify-identity; see ssl_mode_of
//   ssl-ca=/path             the certificate authority to trust: implies verify-ca
//   ssl-cert=/path           the client's certificate, for accounts that demand one, and
//   ssl-key=/path            its private key; one file may hold both
//   server-public-key=/path  the server's RSA key, by which caching_sha2_password and sha256_password encrypt the password
//                            where there is no TLS; "ask" lets whoever answers have the password
//   option-file=/path        a my.cnf whose [client] group holds the password
//   connect-timeout=SECONDS  for connecting, TLS and login together, once the host's name is known; default: 10
//   read-timeout=SECONDS     how long one answer may take, and one send: default: 120
#ifndef ROWFERRY_MYSQL_URI_HPP
#define ROWFERRY_MYSQL_URI_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/lower_case.hpp>
#include <rowferry/mysql/secret.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// How a connection is encrypted; each mode as MySQL's clients define it.
enum class ssl_mode : std::uint8_t {
    library_default, ///< not said: see ssl_mode_of
    disabled,
    preferred,      ///< encrypted if the server can
    required,       ///< encrypted, whoever answers
    verify_ca,      ///< encrypted, with a certificate that a trusted authority signed
    verify_identity ///< and that names this host
};

/// Where a connection leads, and how it is made.
struct endpoint {
    std::string user = {};
    std::optional<secret> password = {}; ///< none: from an option file, or no password
    std::string host = {};               ///< empty when a socket is used
    std::uint16_t port = 3306;
    std::string database = {};
    std::string socket = {};
    ssl_mode ssl = ssl_mode::library_default;
    std::string ssl_ca = {};
    std::string ssl_cert = {};          ///< the client's certificate, a file; empty: from an option file, or none
    std::string ssl_key = {};           ///< its private key, a file without a passphrase
    std::string server_public_key = {}; ///< a file, or `ask_for_key`
    std::string option_file = {};
    std::chrono::seconds connect_timeout{10};
    std::chrono::seconds read_timeout{120};
    /// Of the session: an offset, because in other zones one hour of the year is lost
    std::string time_zone = "+00:00";
    bool require_tls = false; ///< `required` at least, unless a socket or this machine is connected to
};

/// What stands for the file of the server's public key when the server is to send it.
inline constexpr std::string_view ask_for_key = "ask";

/// Whether a host is this machine, by its name alone: no name is looked up.
inline bool is_loopback(std::string_view host) {
    if (table_schema::same_name(host, "localhost") || host == "::1") return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos;
}

/// The mode that is in force. Where none was said: `verify_ca` with an authority to trust, the client library's own
/// default for a socket and for this machine, and else `preferred`, or `required` with a certificate of the client. An authority
/// to trust raises `required` to `verify_ca`.
///
/// MariaDB Connector/C 3.4 verifies certificates by default: there, where no mode was said, it does so in place of
/// `preferred` and `required`.
inline ssl_mode ssl_mode_of(const endpoint& e) {
    if (!e.ssl_ca.empty() && (e.ssl == ssl_mode::library_default || e.ssl == ssl_mode::required)) {
        return ssl_mode::verify_ca;
    }
    const bool stays_here = !e.socket.empty() || is_loopback(e.host);
    if (stays_here || e.ssl == ssl_mode::verify_ca || e.ssl == ssl_mode::verify_identity) return e.ssl;
    if (e.require_tls) return ssl_mode::required;
    if (e.ssl != ssl_mode::library_default) return e.ssl;
    return e.ssl_cert.empty() && e.ssl_key.empty() ? ssl_mode::preferred : ssl_mode::required;
}

/// The server as people write it: "host:port", "[::1]:3306", or the socket's path.
inline std::string server_name(const endpoint& e) {
    if (!e.socket.empty()) return e.socket;
    const bool is_ipv6 = e.host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + e.host + "]" : e.host) + ":" + std::to_string(e.port);
}

namespace detail {

/// Text with its %XX taken out; none when a percent sign has no two hex digits behind it, or stands for a NUL.
inline std::optional<std::string> percent_decode(std::string_view text) {
    auto digit = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        if (c >= 'A' && c <= 'F') return c - 'A' + 10;
        return -1;
    };
    std::string decoded;
    keep_on_heap(decoded, text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = digit(text[i + 1]);
        const int low = digit(text[i + 2]);
        if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return decoded;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number n{};
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (text.empty() || status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return n;
}

inline std::optional<ssl_mode> parse_ssl_mode(std::string_view text) {
    if (text == "disabled") return ssl_mode::disabled;
    if (text == "preferred") return ssl_mode::preferred;
    if (text == "required") return ssl_mode::required;
    if (text == "verify-ca") return ssl_mode::verify_ca;
    if (text == "verify-identity") return ssl_mode::verify_identity;
    return std::nullopt;
}

/// Parses a URI piece by piece. No sentence quotes anything from before the @, where the password stands.
class uri_parser {
public:
    result<endpoint> parse(std::string_view text) {
        constexpr std::string_view scheme = "mysql://";
        if (!text.starts_with(scheme)) return malformed("it does not begin with mysql://");
        text.remove_prefix(scheme.size());
        if (text.find('\0') != text.npos) return malformed("it holds a NUL character");

        const auto end_of_authority = text.find_first_of("/?");
        const std::string_view authority = text.substr(0, end_of_authority);
        const std::string_view rest = text.substr(authority.size());
        // Behind an @ there may be the rest of a password whose slash or question mark was not encoded.
        if (rest.find('@') != rest.npos) {
            return malformed("an @, a slash or a question mark that does not separate two parts has to be written as "
                             "%40, %2F or %3F");
        }
        const auto at = authority.rfind('@');
        if (at == authority.npos) return malformed("it names no user before an @");
        const std::string_view path = rest.substr(0, rest.find('?'));
        const std::string_view options = rest.substr(std::min(path.size() + 1, rest.size()));
        if (auto r = credentials(authority.substr(0, at)); !r) return r.error();
        if (path.size() < 2) return malformed("it names no database after the host");
        if (auto r = server(authority.substr(at + 1)); !r) return r.error();
        if (auto r = database(path.substr(1)); !r) return r.error();
        if (auto r = query(options); !r) return r.error();
        if (to_.host.empty() && to_.socket.empty()) return malformed("it names no host after the @, and no socket");
        if (!to_.ssl_ca.empty() && (to_.ssl == ssl_mode::disabled || to_.ssl == ssl_mode::preferred)) {
            return malformed("ssl-ca goes with ssl-mode verify-ca or verify-identity: no other mode verifies a "
                             "certificate");
        }
        const bool has_certificate = !to_.ssl_cert.empty() || !to_.ssl_key.empty();
        if (has_certificate && (to_.ssl == ssl_mode::disabled || to_.ssl == ssl_mode::preferred)) {
            return malformed("ssl-cert and ssl-key go with ssl-mode required, verify-ca or verify-identity: the other "
                             "modes can do without TLS");
        }
        return std::move(to_);
    }

private:
    static error malformed(const std::string& why) {
        return refusal("malformed URI: " + why + "; the form is mysql://" + std::string(uri_form));
    }

    result<void> credentials(std::string_view text) {
        const auto colon = text.find(':');
        const auto user = percent_decode(text.substr(0, colon));
        if (!user) return malformed("a percent sign in the user is not followed by two hex digits");
        if (user->empty()) return malformed("it names no user before the @");
        to_.user = *user;
        if (colon == text.npos) return {};
        auto password = percent_decode(text.substr(colon + 1));
        if (!password) return malformed("a percent sign in the password is not followed by two hex digits");
        to_.password = secret(std::move(*password));
        return {};
    }

    result<void> server(std::string_view text) {
        std::string_view port;
        bool has_port = false;
        if (text.starts_with('[')) {
            const auto close = text.find(']');
            if (close == text.npos) return malformed("the IPv6 address has no closing bracket");
            to_.host = text.substr(1, close - 1);
            const std::string_view rest = text.substr(close + 1);
            if (!rest.empty() && rest.front() != ':') {
                return malformed("after the IPv6 address stands something that is no port");
            }
            has_port = !rest.empty();
            port = has_port ? rest.substr(1) : rest;
            if (to_.host.empty()) return malformed("there is no address between the brackets");
        } else {
            const auto colon = text.find(':');
            has_port = colon != text.npos;
            const auto host = percent_decode(text.substr(0, colon));
            if (!host) return malformed("a percent sign in the host is not followed by two hex digits");
            to_.host = *host;
            if (has_port) port = text.substr(colon + 1);
            if (port.find(':') != port.npos) return malformed("an IPv6 address has to stand in brackets, as [::1]");
        }
        if (!has_port) return {};
        const auto number = parse_number<std::uint16_t>(port);
        if (!number || *number == 0) return malformed("the port is not a number from 1 to 65535");
        to_.port = *number;
        return {};
    }

    result<void> database(std::string_view text) {
        const auto name = percent_decode(text);
        if (!name) return malformed("a percent sign in the database is not followed by two hex digits");
        if (text.find('/') != text.npos) return malformed("a slash in the database has to be written as %2F");
        to_.database = *name;
        return {};
    }

    static constexpr std::array<std::string_view, 9> option_names{"socket",      "ssl-mode",        "ssl-ca",
                                                                  "ssl-cert",    "ssl-key",         "server-public-key",
                                                                  "option-file", "connect-timeout", "read-timeout"};

    /// What is no option is not repeated: it may be a password.
    result<void> query(std::string_view text) {
        for (unsigned number = 1; !text.empty(); ++number) {
            const auto end = text.find('&');
            const std::string_view pair = text.substr(0, end);
            text = end == text.npos ? std::string_view{} : text.substr(end + 1);
            const auto equals = pair.find('=');
            const std::string name(pair.substr(0, equals));
            if (std::find(option_names.begin(), option_names.end(), name) == option_names.end()) {
                return malformed("option " + std::to_string(number) + " after the question mark is not known; " +
                                 "the options are socket, ssl-mode, ssl-ca, ssl-cert, ssl-key, server-public-key, "
                                 "option-file, connect-timeout and read-timeout, and a password stands before the @");
            }
            if (equals == pair.npos) return malformed("the option " + name + " has no value");
            auto value = percent_decode(pair.substr(equals + 1));
            if (!value) return malformed("a percent sign in the option " + name + " is not followed by two hex digits");
            if (auto r = option(name, *value); !r) return r;
        }
        return {};
    }

    result<void> option(std::string_view name, const std::string& text) {
        const std::string what = "the option " + std::string(name);
        if (text.empty()) return malformed(what + " has no value");
        if (name == "socket") {
            to_.socket = text;
        } else if (name == "ssl-ca") {
            to_.ssl_ca = text;
        } else if (name == "ssl-cert") {
            to_.ssl_cert = text;
        } else if (name == "ssl-key") {
            to_.ssl_key = text;
        } else if (name == "server-public-key") {
            to_.server_public_key = text;
        } else if (name == "option-file") {
            to_.option_file = text;
        } else if (name == "ssl-mode") {
            const auto mode = parse_ssl_mode(text);
            if (!mode) {
                return malformed("ssl-mode can be disabled, preferred, required, verify-ca or verify-identity");
            }
            to_.ssl = *mode;
        } else {
            const auto seconds = parse_number<std::uint32_t>(text);
            if (!seconds || *seconds == 0 || *seconds > 31'536'000) {
                return malformed(what + " is not a number of seconds from 1 to 31536000");
            }
            (name == "connect-timeout" ? to_.connect_timeout : to_.read_timeout) = std::chrono::seconds(*seconds);
        }
        return {};
    }

    endpoint to_;
};

} // namespace detail

/// Parses a connection URI, or says in one sentence what is wrong with it, without its password. User, password, host,
/// database and option values are percent-decoded; IPv6 addresses stand in brackets; unknown options are refused.
inline result<endpoint> parse_uri(std::string_view text) { return detail::uri_parser().parse(text); }

/// "host:port/database" or "socket/database": names the database without credentials.
inline std::string identity(const endpoint& e) { return server_name(e) + "/" + e.database; }

/// The server in one spelling, for comparing: "host:port" with a host in lower case, without a dot at its end, or an IP address
/// in its canonical form; or the socket's path. Nothing is looked up: localhost and 127.0.0.1 are two addresses.
inline std::string address(const endpoint& e) {
    if (!e.socket.empty()) return e.socket;
    endpoint canonical = e;
    std::string& host = canonical.host;
    host = rowferry::detail::lower(host);
    if (host.size() > 1 && host.back() == '.') host.pop_back();
    for (const int family : {AF_INET, AF_INET6}) {
        std::array<unsigned char, sizeof(in6_addr)> bytes{};
        std::array<char, INET6_ADDRSTRLEN> text{};
        if (::inet_pton(family, host.c_str(), bytes.data()) != 1) continue;
        if (::inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr) host = text.data();
    }
    return server_name(canonical);
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
