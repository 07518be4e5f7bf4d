// SPDX-License-Identifier: BSL-1.0
// A copy whose report is ignored: it may have failed.
// expected: ignoring return value of
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#pragma GCC diagnostic error "-Wunused-result"

int main() {
    rowferry::testing::fake_database source, target;
#ifdef ROWFERRY_BROKEN
    rowferry::pipeline{}.copy(source, target, "notes");
#else
    return rowferry::pipeline{}.copy(source, target, "notes").complete() ? 0 : 1;
#endif
}
