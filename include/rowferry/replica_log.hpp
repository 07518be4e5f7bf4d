// SPDX-License-Identifier: BSL-1.0
// Whether what is written can be logged for the target's replicas: asked before anything is changed.
#ifndef ROWFERRY_REPLICA_LOG_HPP
#define ROWFERRY_REPLICA_LOG_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// `check_log` has the target's server log this connection's writes so that its replicas can follow, and gives what an
/// operator should know of that; empty: nothing. Refused where it cannot. Changes nothing but the session, and does not wait for
/// other clients. A connection does the same by itself before its first write. A table that does not exist yet is not
/// an error.
template <class C>
concept LogsForReplicas = requires(C& c, const write_request& request) {
    { c.check_log(request) } -> detail::gives<std::string>;
};

namespace detail {

/// Asks the target whether it can log what a request writes into a table, and notes what an operator should know.
template <class TargetManager>
result<void> check_log([[maybe_unused]] TargetManager& target, [[maybe_unused]] const table_schema& table,
                       [[maybe_unused]] write_request request, [[maybe_unused]] std::vector<std::string>& notices) {
    using connection = typename TargetManager::connection_type;
    if constexpr (LogsForReplicas<connection>) {
        request.table = &table;
        auto checked = target.run("check log", [&](connection& c) { return c.check_log(request); });
        if (!checked) return std::move(checked.error());
        if (!checked->empty()) notices.push_back(std::move(*checked));
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
