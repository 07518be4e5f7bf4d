// SPDX-License-Identifier: BSL-1.0
// A temporary observer: its counts would be lost when the copy returns.
// expected: rowferry: this observer is a temporary, and its records would be lost
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

struct counter {
    int notices = 0;
    void on(const rowferry::notice&) { ++notices; }
};

int main() {
    rowferry::testing::fake_database source, target;
#ifdef ROWFERRY_BROKEN
    return rowferry::pipeline{}.copy(source, target, "notes", counter{}).complete() ? 0 : 1;
#else
    counter counts;
    return rowferry::pipeline{}.copy(source, target, "notes", counts).complete() ? 0 : 1;
#endif
}
