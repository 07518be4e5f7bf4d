// SPDX-License-Identifier: BSL-1.0
// Two timings for one copy.
// expected: rowferry: two timings were given to one copy or environment
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

int main() {
    rowferry::testing::fake_database source, target;
    rowferry::testing::manual_timing timing;
#ifdef ROWFERRY_BROKEN
    rowferry::steady_timing other;
#else
    rowferry::testing::recording_observer other;
#endif
    return rowferry::pipeline{}.copy(source, target, "notes", timing, other).complete() ? 0 : 1;
}
