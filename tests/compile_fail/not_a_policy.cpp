// SPDX-License-Identifier: BSL-1.0
// An argument that names no slot.
// expected: rowferry: an argument of the pipeline is not a policy
#include <rowferry/rowferry.hpp>

#ifdef ROWFERRY_BROKEN
rowferry::pipeline ferry{rowferry::no_retry{}, 5};
#else
rowferry::pipeline ferry{rowferry::no_retry{}, rowferry::fixed_batch{.rows = 5}};
#endif
