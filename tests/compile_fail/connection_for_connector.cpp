// SPDX-License-Identifier: BSL-1.0
// A connection, given to a copy that has to be able to make another one.
// expected: rowferry: this is a connection, where a connector is expected
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

int main() {
    rowferry::testing::fake_database source, target;
#ifdef ROWFERRY_BROKEN
    auto from = source.connect().value();
#else
    auto& from = source;
#endif
    return rowferry::pipeline{}.copy(from, target, "notes").complete() ? 0 : 1;
}
