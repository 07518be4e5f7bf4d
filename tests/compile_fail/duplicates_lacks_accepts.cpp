// SPDX-License-Identifier: BSL-1.0
// A policy in the duplicates slot that does not say whether it accepts them.
// expected: rowferry: this duplicates policy lacks `static constexpr bool accepts`
#include <rowferry/rowferry.hpp>

struct shrugs {
    using policy_slot = rowferry::slot::duplicates;
#ifndef ROWFERRY_BROKEN
    static constexpr bool accepts = true;
#endif
};

rowferry::pipeline ferry{rowferry::exponential_backoff{}, shrugs{}};
