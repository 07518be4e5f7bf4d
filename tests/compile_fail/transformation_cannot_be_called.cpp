// SPDX-License-Identifier: BSL-1.0
// A transformation that takes a copy of the row.
// expected: rowferry: this transformation cannot be called with `rowferry::editable_row&`
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

int main() {
    rowferry::testing::fake_database source;
#ifdef ROWFERRY_BROKEN
    auto masked = rowferry::transformed(source, "none", [](rowferry::editable_row row) { row.drop(); });
#else
    auto masked = rowferry::transformed(source, "none", [](rowferry::editable_row& row) { row.drop(); });
#endif
    (void)masked;
}
