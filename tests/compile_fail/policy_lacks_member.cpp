// SPDX-License-Identifier: BSL-1.0
// A policy in the retry slot that cannot decide.
// expected: rowferry: this RetryPolicy lacks `retry_decision decide(const failure&, jitter_source&) const`
#include <rowferry/rowferry.hpp>

struct patient {
    using policy_slot = rowferry::slot::retry;
#ifndef ROWFERRY_BROKEN
    rowferry::retry_decision decide(const rowferry::failure&, rowferry::jitter_source&) const {
        return rowferry::retry_decision::stop("never");
    }
#endif
};

rowferry::pipeline ferry{patient{}};
