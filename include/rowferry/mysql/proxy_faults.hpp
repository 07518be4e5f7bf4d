// SPDX-License-Identifier: BSL-1.0
// The fault of an answer that may be a proxy's: proxies have errnos of their own, or say what happened to them under the
// server's "unknown error".
#ifndef ROWFERRY_MYSQL_PROXY_FAULTS_HPP
#define ROWFERRY_MYSQL_PROXY_FAULTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The errno under which servers and proxies say what has no number.
inline constexpr unsigned unknown_error = 1105;

/// Whether ProxySQL says with this errno that no server answers behind it, as during a failover.
///
/// Source: PROXYSQL_MYSQL_ERR in its include/proxysql_structs.h, and its page of error codes.
constexpr bool is_proxy_without_server(unsigned code) {
    switch (code) {
    case 9001: // no server of the hostgroup answered in time
    case 9002: // connecting to a server failed too often
    case 9004: // the server is offline
    case 9005: // the server lags behind
    case 9006: // the server does not answer a ping
    case 9007: // the server does not answer a change of user
    case 9501: // the server was lost, as during a failover
        return true;
    default: return false;
    }
}

/// The fault of errno 1105 by the words that servers and proxies are known to use, in whichever case.
///
/// Sources: Galera (wsrep_max_ws_size); the errors of Vitess' vtgate, and of vttablet behind it, during a failover.
inline fault fault_of_unknown(std::string_view message) {
    std::string words;
    for (const char c : message) words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (words.find("maximum writeset size exceeded") != std::string::npos) return fault::batch_too_large;
    for (const std::string_view of_proxy :
         {"reparent operation in progress", "primary is not serving", "not_serving", "no healthy tablet",
          "no valid tablet", "code = unavailable", "connection refused", "transientfailure"}) {
        if (words.find(of_proxy) != std::string::npos) return fault::unreachable;
    }
    return fault::permanent;
}

/// The fault of an answer, by its errno and, where that says nothing, by its message.
inline fault fault_of(unsigned code, std::string_view message) {
    if (code == unknown_error) return fault_of_unknown(message);
    // ProxySQL uses 9006 also where a session would have to change its hostgroup, which no retry allows.
    if (code == 9006 && message.find("is locked to hostgroup") != message.npos) return fault::permanent;
    return is_proxy_without_server(code) ? fault::unreachable : classify(code);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
