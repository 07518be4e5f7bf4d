// SPDX-License-Identifier: BSL-1.0
// A transformation that returns a value.
// expected: rowferry: this transformation returns a value, which is ignored
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
