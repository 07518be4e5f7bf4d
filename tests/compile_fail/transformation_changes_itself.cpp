// SPDX-License-Identifier: BSL-1.0
// A transformation with a state of its own, which several threads would change.
// expected: rowferry: this transformation changes itself (a mutable lambda?)
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

int main() {
    rowferry::testing::fake_database source;
#ifdef ROWFERRY_BROKEN
    auto masked =
        rowferry::transformed(source, "numbers", [n = 0](rowferry::editable_row& row) mutable { row["email"] = ++n; });
#else
    auto masked = rowferry::transformed(source, "numbers", [n = 0](rowferry::editable_row& row) { row["email"] = n; });
#endif
    (void)masked;
}
