// SPDX-License-Identifier: BSL-1.0
// What a server says of the transaction after each statement, and what it means when that is not what was asked for: a
// client checks it in begin, write, save_checkpoint, commit and rollback, so that their success can be relied on.
#ifndef ROWFERRY_TRANSACTION_STATUS_HPP
#define ROWFERRY_TRANSACTION_STATUS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// After a begin that was answered as done: a transaction has to be open. Nothing was written yet, and trying again would
/// meet the same proxy: `permanent`.
inline result<void> check_begun(bool is_open) {
    if (is_open) return {};
    error e = senseless_answer("begin", "a transaction was begun, but none is open");
    e.remedies = {{remedy::check_proxy}};
    return e;
}

/// Before and after each statement inside a transaction that was begun: it has to be open still. What was written since may
/// be committed, without its checkpoint: `permanent`.
inline result<void> check_still_open(std::string_view operation, bool is_open) {
    if (is_open) return {};
    error e =
        senseless_answer(operation, "the transaction ended before it was committed, so that rows of this batch may "
                                    "be committed without their checkpoint");
    e.remedies = {{remedy::check_proxy}};
    return e;
}

/// After a commit or a rollback that was answered as done: no transaction may be open. If one is, the outcome is unknown, as
/// with a lost connection: only a fresh connection tells.
inline result<void> check_ended(std::string_view operation, bool is_open) {
    if (!is_open) return {};
    error e = senseless_answer(operation, "the " + std::string(operation) +
                                              " was answered as done, but the transaction is still open");
    e.fault = fault::connection_lost;
    e.remedies = {{remedy::check_proxy}};
    return e;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
