// SPDX-License-Identifier: BSL-1.0
// An observer whose hook no event fits, given to a copy between two doubles.
// expected: rowferry: an argument of copy(source, target, table, ...) is not a timing
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

struct listener {
#ifdef ROWFERRY_BROKEN
    void on(int) {}
#else
    void on(const rowferry::batch_committed&) {}
#endif
};

int main() {
    rowferry::testing::fake_database source, target;
    listener hears;
    return rowferry::pipeline{}.copy(source, target, "notes", hears).complete() ? 0 : 1;
}
