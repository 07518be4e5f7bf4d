// SPDX-License-Identifier: BSL-1.0
// Why a connection could not be made, and what to check: by errno, by how the connection was protected, and by the words of
// the TLS libraries.
#ifndef ROWFERRY_MYSQL_CONNECT_FAILURE_HPP
#define ROWFERRY_MYSQL_CONNECT_FAILURE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/lower_case.hpp>
#include <rowferry/mysql/authentication.hpp>
#include <rowferry/mysql/login.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What to check, and what else may help.
struct connect_advice {
    std::string text = {};
    std::vector<remedy> remedies = {};
};

/// Whether a TLS error (2026) is a refusal that no retry fixes: a certificate, a protocol or a file that is wrong, an alert by
/// which the server ends the handshake, or a server without TLS. The other ones are connections that were cut during the handshake.
///
/// Source: the texts of OpenSSL and GnuTLS, and of the client libraries' own TLS layers, which share one errno.
inline bool is_tls_refusal(std::string_view server_message) {
    const std::string text = rowferry::detail::lower(server_message);
    if (text.find("close notify") != text.npos) return false; // an alert that is an orderly end
    for (std::string_view word :
         {"alert", "certificate", "verif", "validation", "required", "support", "protocol", "version", "cipher",
          "handshake failure", "private key", "key values mismatch", "no such file", "permission denied"}) {
        if (text.find(word) != text.npos) return true;
    }
    return false;
}

/// Whether a TLS error says that the certificate, which a trusted authority signed, is made out for another name. Connector/C
/// looks at the name only after the signature, and says this of nothing else.
inline bool is_other_name(std::string_view server_message) {
    return server_message.find("Validation of SSL server certificate failed") != server_message.npos;
}

/// A TLS error.
inline connect_advice tls_advice(const error& e, const endpoint& to) {
    connect_advice advice{"check TLS: the server's certificate, ssl-mode and ssl-ca", {}};
    if (!to.ssl_cert.empty() || !to.ssl_key.empty())
        advice.text += ", and the client's certificate (ssl-cert, ssl-key)";
    if (!is_other_name(e.server_message)) return advice;
    advice.text += "; the certificate does not name the host " + to.host;
    if (ssl_mode_of(to) == ssl_mode::verify_ca) {
        advice.text += ", and MariaDB Connector/C compares the name with verify-ca, too";
    }
    advice.text += ": connect by a name that the certificate holds";
    return advice;
}

/// Access denied: servers say the same of a wrong password and of a connection that the account does not allow.
inline connect_advice login_advice(const endpoint& to, std::optional<channel> by) {
    connect_advice advice{"check the user name and the password", {}};
    if (!by) return advice;
    const bool is_encrypted = *by == channel::tls || *by == channel::verified_tls;
    if (*by == channel::plain) {
        advice.text += "; servers say the same where the account or the server demands TLS (REQUIRE SSL or X509, "
                       "require_secure_transport), which this connection lacks";
        advice.remedies = {{remedy::use_tls}, {remedy::name_certificate}};
    } else if (is_encrypted && to.ssl_cert.empty() && to.ssl_key.empty()) {
        advice.text += "; servers say the same where the account demands a certificate of the client (REQUIRE X509)";
        advice.remedies = {{remedy::name_certificate}};
    } else if (is_encrypted) {
        advice.text += "; servers say the same where the account demands another certificate of the client (REQUIRE "
                       "SUBJECT or ISSUER), or the server's ssl_ca does not know who signed this one";
    }
    return advice;
}

/// An account that logs in by the operating system's user.
inline connect_advice system_user_advice(const endpoint& to) {
    connect_advice advice{"the account belongs to the operating system's user of that name (unix_socket, auth_socket): "
                          "run as that user",
                          {{remedy::change_account, {}, "a password"}}};
    if (!to.socket.empty()) return advice;
    advice.text = "the account logs in without a password, as an operating system's user through the server's socket "
                  "(unix_socket, auth_socket): run as that user, with socket=/path in the URI";
    return advice;
}

/// What to check, by the errno of a connection that was refused.
///
/// Source: the MySQL 9 and MariaDB 11 error references.
inline connect_advice advice_for(const error& e, const endpoint& to, std::optional<channel> by) {
    switch (e.code) {
    case 1044: return {"check that the user may use the database", {}};
    case 1045: return login_advice(to, by);
    case 1698: return system_user_advice(to);
    case 1049: return {"check the database's name, or create it first", {}};
    case 1130: return {"check that the user may connect from this host", {}};
    case 1184:
        return {"the server's init_connect fails for this user: correct it, or leave it out for this user by the "
                "privilege CONNECTION ADMIN",
                {}};
    case 1524:
        return {"the server has not loaded the authentication plugin of this account: load it there, or let the "
                "account use another one",
                {}};
    case 1820:
    case 1862: return {"the password of this account has expired: set a new one", {}};
    case 2002:
    case 2003: return {"check that the server runs, and that host and port, or the socket, are right", {}};
    case 2005: return {"check the host name", {}};
    case 2026: return tls_advice(e, to);
    case 2061:
        return {"check the server's public key (server-public-key), or use verified TLS (ssl-mode=verify-ca)", {}};
    case 3118:
    case 4151: return {"the account is locked: unlock it with ALTER USER ... ACCOUNT UNLOCK", {}};
    case 3159: return {"the server takes no connection without TLS", {{remedy::use_tls}}};
    case 1040:
    case 1203:
    case 1226: return {"the server takes no more connections now", {}};
    default: return {};
    }
}

/// Whether the server ends each session of this user at once: its init_connect fails. No retry changes that.
inline bool is_failing_init_connect(const error& e) {
    constexpr unsigned aborted = 1184;
    return e.code == aborted && e.server_message.find("init_connect") != std::string::npos;
}

/// A failure to connect: where to, as whom, and what to check. Nothing was done yet, so that a lost connection is only
/// an unreachable server here. `by` is how the connection was protected when the login was decided on, if it came to that.
inline error connect_failure(error e, const endpoint& to, std::optional<channel> by = {}) {
    constexpr unsigned tls_error = 2026;
    if (e.fault == fault::connection_lost) e.fault = fault::unreachable;
    if (e.code == tls_error && is_tls_refusal(e.server_message)) e.fault = fault::permanent;
    const bool is_init = is_failing_init_connect(e);
    if (is_init) e.fault = fault::permanent;
    connect_advice advice;
    if (e.message.empty() && (e.code != 1184 || is_init)) advice = advice_for(e, to, by);
    error where_to = cannot_connect(to, e.message.empty() ? advice.text : e.message);
    e.operation = std::move(where_to.operation);
    e.message = std::move(where_to.message);
    e.remedies.insert(e.remedies.end(), advice.remedies.begin(), advice.remedies.end());
    return e;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
