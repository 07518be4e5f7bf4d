// SPDX-License-Identifier: BSL-1.0
// A transformation whose result somebody would have to read.
// expected: rowferry: this transformation returns something, which nobody reads
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>
#include <rowferry/transformed.hpp>

int main() {
    rowferry::testing::fake_database source;
#ifdef ROWFERRY_BROKEN
    const auto f = [](rowferry::editable_row& row) { return row["status"] == "live"; };
#else
    const auto f = [](rowferry::editable_row& row) {
        if (!(row["status"] == "live")) row.drop();
    };
#endif
    auto masked = rowferry::transformed(source, "live", f);
    (void)masked;
}
