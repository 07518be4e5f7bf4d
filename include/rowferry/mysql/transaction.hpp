// SPDX-License-Identifier: BSL-1.0
// Transactions of a session: begun, ended, and what the status of each answer says of them.
//
// OK and EOF packets carry the status, those of prepared statements and of LOAD DATA too. An error carries none: after a
// statement that failed the status is that of the one before.
#ifndef ROWFERRY_MYSQL_TRANSACTION_HPP
#define ROWFERRY_MYSQL_TRANSACTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/transaction_status.hpp>

#include <mysql.h>

#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Whether the last statement that succeeded left a transaction open. Sends nothing.
inline bool in_transaction(const client& c) { return (c.handle()->server_status & SERVER_STATUS_IN_TRANS) != 0; }

/// Whether each statement outside a transaction commits by itself, which the session recipe sets. Another value means that
/// another session answers: a fresh connection sets its own up.
inline result<void> check_autocommit(const client& c, std::string_view operation) {
    if ((c.handle()->server_status & SERVER_STATUS_AUTOCOMMIT) != 0) return {};
    error e =
        refusal("the session is not the one that was set up: autocommit is off; a proxy between may have changed it",
                {{remedy::check_proxy}});
    e.operation = operation;
    e.fault = fault::connection_lost;
    e.cause = cause::another_server;
    return e;
}

/// After a change outside any transaction: it has to be committed by now.
inline result<void> check_committed(const client& c, std::string_view operation) {
    if (auto r = check_autocommit(c, operation); !r) return r;
    return check_ended(operation, in_transaction(c));
}

/// The transaction of one session, which its statements may ask for before and after.
class session_transaction {
public:
    result<void> begin(client& c) {
        is_begun_ = false;
        if (auto r = c.control("begin", "START TRANSACTION"); !r) return r;
        if (auto r = check_autocommit(c, "begin"); !r) return r;
        if (auto r = check_begun(in_transaction(c)); !r) return r;
        is_begun_ = true;
        return {};
    }
    result<void> commit(client& c) {
        if (auto r = check(c, "commit"); !r) return r;
        return end(c, "commit", "COMMIT");
    }
    result<void> rollback(client& c) { return end(c, "rollback", "ROLLBACK"); }

    /// Runs `work()`, a result, inside the transaction; outside one it commits by itself, and nothing is checked.
    template <class Work>
    auto within(client& c, std::string_view operation, Work work) -> decltype(work()) {
        if (auto r = check(c, operation); !r) return std::move(r.error());
        auto done = work();
        if (!done) return done; // an error carries no status
        if (auto r = check(c, operation); !r) return std::move(r.error());
        return done;
    }

private:
    [[nodiscard]] result<void> check(const client& c, std::string_view operation) const {
        return is_begun_ ? check_still_open(operation, in_transaction(c)) : result<void>();
    }
    /// What the answer to such a statement cannot be leaves its outcome open.
    result<void> end(client& c, std::string_view operation, std::string_view sql) {
        is_begun_ = false;
        if (auto r = c.control(operation, sql); !r) {
            if (r.error().cause == cause::senseless_answer) r.error().fault = fault::connection_lost;
            return r;
        }
        return check_ended(operation, in_transaction(c));
    }

    bool is_begun_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
