// SPDX-License-Identifier: BSL-1.0
// A retry policy that wants to change itself when it decides.
// expected: rowferry: `decide` of this RetryPolicy is not const, or gives no retry_decision
#include <rowferry/rowferry.hpp>

struct patient {
    using policy_slot = rowferry::slot::retry;
#ifdef ROWFERRY_BROKEN
    rowferry::retry_decision decide(const rowferry::failure&, rowferry::jitter_source&){
#else
    rowferry::retry_decision decide(const rowferry::failure&, rowferry::jitter_source&) const {
#endif
        return rowferry::retry_decision::stop("never");
}
}
;

rowferry::pipeline ferry{patient{}};
