// SPDX-License-Identifier: BSL-1.0
// The fault of an answer, where the core's table of errnos does not know it: InnoDB's number for documents out of order, and
// what proxies say, which have errnos of their own or use the server's "unknown error".
#ifndef ROWFERRY_MYSQL_ANSWER_FAULTS_HPP
#define ROWFERRY_MYSQL_ANSWER_FAULTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/lower_case.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The errno under which servers and proxies say what has no number.
inline constexpr unsigned unknown_error = 1105;

/// The errno of InnoDB for a document whose number is not greater than all others, or too far from the greatest one.
inline constexpr unsigned document_out_of_order = 182;

/// What an errno means, where the server's words do not say it; empty for others.
constexpr std::string_view meaning_of(unsigned code) {
    if (code != document_out_of_order) return {};
    return "the server takes rows of this table in the order of FTS_DOC_ID only";
}

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
    const std::string words = rowferry::detail::lower(message);
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
    if (code == document_out_of_order) return fault::batch_too_large; // fewer rows may go less far
    // ProxySQL uses 9006 also where a session would have to change its hostgroup, which no retry allows.
    if (code == 9006 && message.find("is locked to hostgroup") != message.npos) return fault::permanent;
    // 1290 names the option that stands in the way: only a server that is read-only is another one soon.
    constexpr unsigned option_prevents = 1290;
    if (code == option_prevents && message.find("read-only") == message.npos &&
        message.find("read_only") == message.npos)
        return fault::permanent;
    return is_proxy_without_server(code) ? fault::unreachable : classify(code);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
