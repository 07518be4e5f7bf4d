// SPDX-License-Identifier: BSL-1.0
// A connector that is const, though connecting changes it.
// expected: rowferry: this connector is const, and its `connect()` is not
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

int main() {
    rowferry::testing::fake_database source, target;
#ifdef ROWFERRY_BROKEN
    const auto& from = source;
#else
    auto& from = source;
#endif
    return rowferry::pipeline{}.copy(from, target, "notes").complete() ? 0 : 1;
}
