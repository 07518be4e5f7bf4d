// SPDX-License-Identifier: BSL-1.0
// Two copies that share a snapshot, by a pipeline that would go on without it.
// expected: rowferry: this source is a shared_snapshot, and the pipeline would continue after its loss
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

rowferry::report copy(rowferry::shared_snapshot<rowferry::testing::fake_database>& source,
                      rowferry::testing::fake_database& target) {
#ifdef ROWFERRY_BROKEN
    rowferry::pipeline ferry{rowferry::keyset_pages{}};
#else
    rowferry::pipeline ferry{rowferry::keyset_pages{}, rowferry::one_snapshot{}};
#endif
    return ferry.copy(source, target, "accounts");
}
