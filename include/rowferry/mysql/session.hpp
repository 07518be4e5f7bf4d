// SPDX-License-Identifier: BSL-1.0
// Opening a session: connecting, the recipe sent and read back, and what is learnt of the server.
#ifndef ROWFERRY_MYSQL_SESSION_HPP
#define ROWFERRY_MYSQL_SESSION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/mysql/authentication.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/connect_failure.hpp>
#include <rowferry/mysql/login.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/sql/session.hpp>
#include <rowferry/timing.hpp>

#include <mysql.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// What a session learnt of its server.
struct server_info {
    sql::dialect dialect = sql::dialect::mariadb;
    std::string database = {};            ///< as the server spells it: otherwise than the endpoint by ASCII case only
    std::string version = {};             ///< as the server spells it, as "10.11.6-MariaDB"
    std::uint64_t connection_id = 0;      ///< what KILL takes
    std::uint64_t max_allowed_packet = 0; ///< bytes
    std::uint64_t max_error_count = 0;    ///< the warnings of one statement that can be read
    bool encrypted = false;               ///< whether TLS is in use
    std::string computing_modes = {}; ///< parts of sql_mode that are set in either strictness: see sql/computing.hpp
    bool computes_leniently = false;  ///< rows are written without strict mode, for the sake of what is computed
    server_identity server;           ///< who answers
    std::vector<std::string> notices = {}; ///< what an operator should know of how the connection was made
};

namespace detail {

#if defined(LIBMARIADB)
/// TLS as MariaDB Connector/C understands it: flags are one char. Where the server has no TLS, verifying modes make it
/// refuse before it answers the server at all. What it calls enforced still falls back to a plain connection (3.1 to
/// 3.4: `send_client_reply_packet` refuses only if the certificate is to be verified), so that is `preferred`; `required`
/// is checked in login.hpp, by what the server's greeting says it can do, before the first byte is sent.
inline void set_ssl_mode(MYSQL* handle, const endpoint& to) {
    const ssl_mode mode = ssl_mode_of(to);
    const bool is_said = to.ssl != ssl_mode::library_default || !to.ssl_ca.empty();
    if (mode == ssl_mode::library_default || (!is_said && verifies_by_itself())) return;
    const char enforce = mode == ssl_mode::disabled ? 0 : 1;
    const char verify = mode == ssl_mode::verify_ca || mode == ssl_mode::verify_identity ? 1 : 0;
    mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}
#else
/// TLS as Oracle's library understands it.
inline void set_ssl_mode(MYSQL* handle, const endpoint& to) {
    const ssl_mode mode = ssl_mode_of(to);
    if (mode == ssl_mode::library_default) return;
    const unsigned value = mode == ssl_mode::disabled    ? SSL_MODE_DISABLED
                           : mode == ssl_mode::preferred ? SSL_MODE_PREFERRED
                           : mode == ssl_mode::required  ? SSL_MODE_REQUIRED
                           : mode == ssl_mode::verify_ca ? SSL_MODE_VERIFY_CA
                                                         : SSL_MODE_VERIFY_IDENTITY;
    mysql_options(handle, MYSQL_OPT_SSL_MODE, &value);
}
#endif

/// The key that encrypts the password where there is no TLS. MariaDB Connector/C asks the server for it by itself when it
/// has none; login.hpp lets it come to that only where the endpoint says so.
inline void set_public_key(MYSQL* handle, const std::string& key) {
    if (key.empty()) return;
    if (key != ask_for_key) {
        mysql_options(handle, MYSQL_SERVER_PUBLIC_KEY, key.c_str());
        return;
    }
#if !defined(LIBMARIADB)
    const bool ask = true;
    mysql_options(handle, MYSQL_OPT_GET_SERVER_PUBLIC_KEY, &ask);
#endif
}

inline void set_options(MYSQL* handle, const endpoint& to) {
    const auto connect_seconds = static_cast<unsigned>(to.connect_timeout.count());
#if defined(LIBMARIADB)
    constexpr unsigned margin_seconds = 0; // it asks wait_for_socket when its limit is over
#else
    constexpr unsigned margin_seconds = 1; // patience ends the wait first, and says why
#endif
    const auto read_seconds = static_cast<unsigned>(to.read_timeout.count()) + margin_seconds;
    const unsigned local_infile = 1; // of what the server asks for, local_infile.hpp serves loads of our own only
    const unsigned long max_packet = most_small_packet; // of the login: each operation sets its own
    mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &read_seconds);
    mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &read_seconds);
    mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &local_infile);
    mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &max_packet);
    // Until the session is set up: what user and database are named in. Every server knows this charset by its number.
    mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb3");
    if (!to.ssl_ca.empty()) mysql_options(handle, MYSQL_OPT_SSL_CA, to.ssl_ca.c_str());
    if (!to.ssl_cert.empty()) mysql_options(handle, MYSQL_OPT_SSL_CERT, to.ssl_cert.c_str());
    if (!to.ssl_key.empty()) mysql_options(handle, MYSQL_OPT_SSL_KEY, to.ssl_key.c_str());
    set_ssl_mode(handle, to);
    set_public_key(handle, to.server_public_key);
    // Automatic reconnection is off unless asked for, in both libraries.
}

/// What an operator should know of a connection: that it is not encrypted, where that was not said, and to whom the
/// password was given.
inline std::vector<std::string> notices_of(const endpoint& to, bool encrypted, bool trusted_anyone) {
    std::vector<std::string> notices;
    if (!encrypted && ssl_mode_of(to) == ssl_mode::preferred) {
        notices.push_back(
            "the connection to " + server_name(to) +
            " is not encrypted: the server's greeting offered no TLS; others on the way can read and "
            "change what is copied; ssl-mode=required refuses such a server, and ssl-mode=disabled accepts it");
    }
    if (trusted_anyone) {
        notices.push_back("the password was given to whoever answers at " + server_name(to) +
                          ", as server-public-key=ask says: name the file of the server's key, or use "
                          "ssl-mode=verify-ca, to give it to this server only");
    }
    return notices;
}

/// Connects, and gives what an operator should know of it; the session is as the server gives it.
inline result<std::vector<std::string>> connect_client(client& c, const endpoint& to) {
    if (c.handle() == nullptr) return connect_failure(c.failure("connect"), to);
    set_options(c.handle(), to);
    // Both libraries take "localhost" for their default socket; here a port means TCP.
    const bool by_socket = !to.socket.empty();
    const unsigned protocol = by_socket ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    mysql_options(c.handle(), MYSQL_OPT_PROTOCOL, &protocol);
    const std::string host = by_socket ? "localhost" : to.host;
    const std::string_view password = to.password ? to.password->view() : std::string_view{};
    const waiting w = c.begin_operation(0, answer_pace::small);
    login attempt(c.handle(), to, password, c.limits());
    if (auto r = attempt.prepare(); !r) return std::move(r.error());
    const own_key key(to.server_public_key, c.limits());
    if (!key.is_set()) return connect_failure(c.failure("connect"), to);
    MYSQL* connected = c.connect(host.c_str(), to.user.c_str(), attempt.placeholder().c_str(), to.database.c_str(),
                                 by_socket ? 0U : to.port, by_socket ? to.socket.c_str() : nullptr);
    if (attempt.refused()) return *attempt.refused();
    constexpr unsigned plugin_not_allowed = 5010; // Connector/C, of another plugin than the one that was decided on
    const bool asked_for_another = connected == nullptr && mysql_errno(c.handle()) == plugin_not_allowed;
    if (asked_for_another || (connected != nullptr && !attempt.was_decided())) {
        const char* what = attempt.was_decided()
                               ? "the server asks for another authentication plugin after the first one's proof: "
                                 "nothing but that proof was sent"
                               : "the server does not say by which plugin it authenticates: only a placeholder was "
                                 "sent in place of the password";
        return unsafe_credentials(to, what, {{remedy::check_proxy, {}, {}}});
    }
    if (connected == nullptr) {
        const bool is_watched = mysql_errno(c.handle()) != 0 || c.limits().ended_by() != wait_end::none;
        return is_watched ? connect_failure(c.failure("connect"), to, attempt.decided_on())
                          : cannot_connect(to, unwatched);
    }
    return notices_of(to, mysql_get_ssl_cipher(c.handle()) != nullptr, attempt.trusted_anyone());
}

/// The session has to be in the database that was asked for. Servers that keep names in lower case spell them so.
inline result<void> check_database(const endpoint& to, std::string_view actual) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    const bool is_same = std::equal(actual.begin(), actual.end(), to.database.begin(), to.database.end(),
                                    [&](char a, char b) { return lower(a) == lower(b); });
    if (is_same) return {};
    error e = refusal("the server " + server_name(to) + " says that this session is in database " +
                          std::string(actual) + ", and not in " + to.database + ": spell the name as the server does",
                      {{remedy::check_proxy}});
    e.cause = cause::another_server;
    return e;
}

/// Who answers, by the values of `sql::identity_variables` in their order; unknown where the first four are not all there.
inline server_identity identity_in(const answer_rows& answer, std::size_t first, std::size_t count) {
    server_identity who;
    for (std::size_t i = 0; i < count; ++i) {
        const cell each = answer.at(0, first + i);
        if (each.is_null() || each.bytes().empty()) return {};
        who.id += who.id.empty() ? "" : "\n";
        who.id += each.bytes();
    }
    who.name = std::string(answer.at(0, first + 1).bytes()) + ":" + std::string(answer.at(0, first + 2).bytes()) +
               " (server id " + std::string(answer.at(0, first).bytes()) + ")";
    return who;
}

/// Has the session wait for what the other nodes of a cluster have committed. Costs a question, whose answer of other servers
/// is empty; one that cannot be asked counts as no cluster.
inline result<void> wait_for_cluster(client& c) {
    auto answer = c.query("set up session", sql::ask_for_cluster, columns_only(2, 1));
    const bool is_node = answer && !answer->empty() && answer->at(0, 1).bytes() == "ON";
    const bool is_lost =
        !answer && (needs_fresh_connection(answer.error().fault) || answer.error().cause == cause::senseless_answer);
    if (is_lost) return std::move(answer.error());
    if (!is_node) return {};
    auto done = c.execute("set up session", "SET " + std::string(sql::wait_for_cluster));
    if (!done) return std::move(done.error());
    return {};
}

/// Sets the charset and the recipe. MariaDB's servers know the cluster's setting, unless they were built without clusters.
inline result<void> set_up_session(client& c, sql::dialect d, std::string recipe) {
    constexpr std::string_view operation = "set up session";
    constexpr unsigned unknown_variable = 1193;
    if (auto r = c.set_charset(operation, sql::charset); !r) return r;
    const bool may_be_node = d == sql::dialect::mariadb;
    auto done = c.execute(operation, may_be_node ? recipe + ", " + std::string(sql::wait_for_cluster) : recipe);
    if (!done && may_be_node && done.error().code == unknown_variable) done = c.execute(operation, recipe);
    if (!done) return std::move(done.error());
    return {};
}

/// Sends the session recipe and reads it back, in three round trips, or four with MySQL.
inline result<server_info> open_session(client& c, const endpoint& to) {
    if (!sql::is_zone_offset(to.time_zone)) {
        return refusal("the time zone of a session " + std::string(sql::zone_offset_rule));
    }
    server_info info;
    info.encrypted = mysql_get_ssl_cipher(c.handle()) != nullptr;
    info.version = mysql_get_server_info(c.handle());
    info.dialect = info.version.find("MariaDB") != std::string::npos ? sql::dialect::mariadb : sql::dialect::mysql;
    const auto variables = sql::session_variables(info.dialect, mysql_get_server_version(c.handle()), to.time_zone);
    std::string statement;
    sql::append_set_session(statement, variables);
    statement += ", ";
    sql::append_statement_limit(statement, info.dialect,
                                to.read_timeout); // not read back: no value of rows depends on it
    if (auto done = set_up_session(c, info.dialect, std::move(statement)); !done) {
        error e = std::move(done.error());
        const bool is_refusal = !is_retryable(e.fault) && e.cause == cause::unspecified && e.code != 0 &&
                                e.code != unknown_error; // of a proxy, about whatever happened to it
        if (!is_refusal) return e.cause == cause::senseless_answer ? e : connect_failure(std::move(e), to);
        e.message = "the server " + server_name(to) + " refuses the session settings that an exact copy needs";
        return e;
    }
    statement = {};
    sql::append_read_session(statement, variables);
    sql::append_read_identity(statement, info.dialect);
    constexpr std::size_t fixed = 8;
    const std::size_t identity = fixed + variables.size();
    const std::size_t of_identity = sql::identity_variables(info.dialect).size();
    auto answer = c.query("read session back", statement, columns_only(identity + of_identity, 1));
    if (!answer && answer.error().cause == cause::senseless_answer) return std::move(answer.error());
    if (!answer) return connect_failure(std::move(answer.error()), to);
    if (answer->empty()) {
        return refusal("the server " + server_name(to) + " does not say what its session settings are");
    }
    auto refuse = [&](std::string_view name, std::string_view wanted, std::string_view actual) {
        return refusal("the server " + server_name(to) + " did not take a session setting that an exact copy needs: " +
                       std::string(name) + " is \"" + std::string(actual) + "\" and has to be \"" +
                       std::string(wanted) + "\"; a proxy or an init_connect may have changed it");
    };
    constexpr std::string_view charset_names[]{"character_set_client", "character_set_connection",
                                               "character_set_results"};
    for (std::size_t i = 0; i < 3; ++i) {
        const cell actual = answer->at(0, i);
        // Both servers report results that are not converted as "binary" or as NULL.
        if (actual.bytes() != "binary" && !(i == 2 && actual.is_null())) {
            return refuse(charset_names[i], "binary", actual.bytes());
        }
    }
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string_view actual = answer->at(0, fixed + i).bytes();
        if (!sql::is_set(variables[i], actual)) return refuse(variables[i].name, variables[i].value, actual);
    }
    row_reader row(*answer, 0, "the session at " + server_name(to));
    info.connection_id = row.number(3, "connection id");
    info.max_allowed_packet = row.number(4, "max_allowed_packet");
    info.version = row.filled(5, "version");
    info.database = row.name(6, "database");
    info.max_error_count = row.number(7, "max_error_count");
    info.server = identity_in(*answer, identity, of_identity);
    if (info.max_allowed_packet < 1024) row.wrong("max_allowed_packet", "is smaller than the servers allow");
    if (auto r = row.checked("read session back"); !r) return std::move(r.error());
    if (auto r = check_database(to, info.database); !r) return std::move(r.error());
    if (info.dialect == sql::dialect::mysql) {
        if (auto r = wait_for_cluster(c); !r) return connect_failure(std::move(r.error()), to);
    }
    return info;
}

/// Marks the session with a lock of a name that no other one has, by which a later connection finds it, whatever server and
/// thread that is; the name, or an empty one where the server has no such locks.
inline result<std::string> mark_session(client& c, const endpoint& to) {
    jitter_source random = jitter_source::from_clock();
    std::string name = "rowferry-" + std::to_string(random()) + "-" + std::to_string(random());
    auto taken = c.query_value("mark session", "SELECT GET_LOCK('" + name + "', 0)");
    if (taken) return *taken == value("1") ? std::move(name) : std::string();
    error& e = taken.error();
    if (e.cause == cause::senseless_answer) return std::move(e);
    if (needs_fresh_connection(e.fault)) return connect_failure(std::move(e), to);
    return std::string();
}
/// Ends a session that was marked and left, with its statement and its transaction. The server finds the thread by its lock,
/// so that no other one is hit: not on another server, and not one that got its number.
inline result<void> end_marked_session(client& c, std::string_view name) {
    auto done = c.execute("end session", "KILL CONNECTION IS_USED_LOCK('" + std::string(name) + "')");
    if (done || !needs_fresh_connection(done.error().fault)) return {}; // else it is gone already
    return std::move(done.error());
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
