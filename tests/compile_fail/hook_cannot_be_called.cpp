// SPDX-License-Identifier: BSL-1.0
// An observer with two hooks, of which one takes its event as if it could change it.
// expected: rowferry: a hook of this observer cannot be called
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

struct listener {
    void on(const rowferry::batch_committed&) {}
#ifdef ROWFERRY_BROKEN
    void on(rowferry::notice&) {}
#else
    void on(const rowferry::notice&) {}
#endif
};

int main() {
    rowferry::testing::fake_database source, target;
    listener hears;
    return rowferry::pipeline{}.copy(source, target, "notes", hears).complete() ? 0 : 1;
}
