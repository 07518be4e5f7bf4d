// SPDX-License-Identifier: BSL-1.0
// A policy in the checkpoint slot that does not say whether it stores: it must not become the default unsaid.
// expected: rowferry: this checkpoint policy lacks `static constexpr bool stores`
#include <rowferry/rowferry.hpp>

struct forgetful {
    using policy_slot = rowferry::slot::checkpoint;
#ifdef ROWFERRY_BROKEN
    bool stores = false; // known at run time only
#else
    static constexpr bool stores = false;
#endif
};

rowferry::pipeline ferry{forgetful{}, rowferry::upsert{}};
