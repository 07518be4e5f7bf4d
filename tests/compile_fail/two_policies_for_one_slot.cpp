// SPDX-License-Identifier: BSL-1.0
// Two retry policies.
// expected: rowferry: two policies for one slot: retry
#include <rowferry/rowferry.hpp>

#ifdef ROWFERRY_BROKEN
rowferry::pipeline ferry{rowferry::no_retry{}, rowferry::fixed_delay{}};
#else
rowferry::pipeline ferry{rowferry::no_retry{}, rowferry::unlimited{}};
#endif
