// SPDX-License-Identifier: BSL-1.0
// A connector that is made for the call alone.
// expected: rowferry: this connector is a temporary: give it a name
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

int main() {
    rowferry::testing::fake_database source, target;
#ifdef ROWFERRY_BROKEN
    return rowferry::verifier{}.verify(source, rowferry::testing::fake_database(), "notes").equal() ? 0 : 1;
#else
    return rowferry::verifier{}.verify(source, target, "notes").equal() ? 0 : 1;
#endif
}
