// SPDX-License-Identifier: BSL-1.0
// A retry policy that holds something which cannot be copied.
// expected: rowferry: this policy cannot be copied: a policy is a plain value
#include <rowferry/rowferry.hpp>

#include <memory>

struct patient {
    using policy_slot = rowferry::slot::retry;
#ifdef ROWFERRY_BROKEN
    std::unique_ptr<int> tries = nullptr;
#endif
    rowferry::retry_decision decide(const rowferry::failure&, rowferry::jitter_source&) const {
        return rowferry::retry_decision::stop("never");
    }
};

rowferry::pipeline ferry{patient{}};
