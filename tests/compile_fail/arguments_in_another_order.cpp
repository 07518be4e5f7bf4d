// SPDX-License-Identifier: BSL-1.0
// The table's name after the observers and the timing.
// expected: rowferry: the third argument is the table's name or a request
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

int main() {
    rowferry::testing::fake_database source, target;
    rowferry::steady_timing timing;
#ifdef ROWFERRY_BROKEN
    return rowferry::pipeline{}.copy(source, target, timing, "notes").complete() ? 0 : 1;
#else
    return rowferry::pipeline{}.copy(source, target, "notes", timing).complete() ? 0 : 1;
#endif
}
