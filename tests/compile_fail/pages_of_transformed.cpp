// SPDX-License-Identifier: BSL-1.0
// Rows of a transformed source one by one, which would be those that it hides.
// expected: rowferry: rows of a transformed source are copied and verified, and not read one by one
#include <rowferry/ranges.hpp>
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

int main() {
    rowferry::testing::fake_database source;
    auto masked = rowferry::transformed(source, "none", [](rowferry::editable_row& row) { row["email"] = "none"; });
#ifdef ROWFERRY_BROKEN
    auto connection = masked.connect();
#else
    auto connection = source.connect();
#endif
    const auto all = rowferry::pages(*connection, rowferry::table_schema());
    (void)all;
    (void)masked;
}
