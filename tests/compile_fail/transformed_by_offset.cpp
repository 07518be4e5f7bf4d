// SPDX-License-Identifier: BSL-1.0
// A pagination that counts rows which a transformation may have dropped.
// expected: rowferry: this source is transformed, and this pagination finds its place by the number of rows written
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

int main() {
    rowferry::testing::fake_database source, target;
    auto masked = rowferry::transformed(source, "none", [](rowferry::editable_row& row) { row.drop(); });
#ifdef ROWFERRY_BROKEN
    return rowferry::pipeline{rowferry::offset_pages{}}.copy(masked, target, "notes").complete() ? 0 : 1;
#else
    return rowferry::pipeline{rowferry::keyset_pages{}}.copy(masked, target, "notes").complete() ? 0 : 1;
#endif
}
