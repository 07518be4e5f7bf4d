// SPDX-License-Identifier: BSL-1.0
// A type that decides on retries and names no slot, asked about beside its definition.
// expected: rowferry: this type is not a policy for that slot: it lacks `using policy_slot = rowferry::slot::
#include <rowferry/rowferry.hpp>

struct patient {
#ifndef ROWFERRY_BROKEN
    using policy_slot = rowferry::slot::retry;
#endif
    rowferry::retry_decision decide(const rowferry::failure&, rowferry::jitter_source&) const {
        return rowferry::retry_decision::stop("never");
    }
};

static_assert(rowferry::explain_retry_policy<patient>());
