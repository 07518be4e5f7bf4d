// SPDX-License-Identifier: BSL-1.0
// A policy that takes a snapshot, and does not say what happens when it is lost.
// expected: rowferry: this consistency policy lacks `static constexpr bool takes_snapshot`, or takes one
#include <rowferry/rowferry.hpp>

struct frozen {
    using policy_slot = rowferry::slot::consistency;
    static constexpr bool takes_snapshot = true;
    unsigned max_restarts = 0;
#ifndef ROWFERRY_BROKEN
    rowferry::when_lost when_lost = rowferry::when_lost::stop;
#endif
};

rowferry::pipeline ferry{frozen{}};
