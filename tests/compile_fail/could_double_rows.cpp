// SPDX-License-Identifier: BSL-1.0
// Guarantee 2: retried inserts without a checkpoint could double rows.
// expected: rowferry: this pipeline could double rows
#include <rowferry/rowferry.hpp>

#ifdef ROWFERRY_BROKEN
rowferry::pipeline ferry{rowferry::exponential_backoff{}, rowferry::no_checkpoint{}};
#else
rowferry::pipeline ferry{rowferry::exponential_backoff{}, rowferry::no_checkpoint{}, rowferry::upsert{}};
rowferry::pipeline careless{rowferry::exponential_backoff{}, rowferry::no_checkpoint{}, rowferry::accept_duplicates{}};
rowferry::pipeline impatient{rowferry::no_retry{}, rowferry::no_checkpoint{}};
#endif
