// SPDX-License-Identifier: BSL-1.0
// A pipeline that wants one snapshot of a connection that opens none.
// expected: rowferry: one_snapshot needs `result<snapshot_info> open_snapshot()`
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

struct my_connection {
    rowferry::result<void> ping() { return {}; }
    rowferry::result<std::optional<rowferry::table_schema>> describe(std::string_view) {
        return std::optional<rowferry::table_schema>{};
    }
    rowferry::result<void> read(const rowferry::page_request&, rowferry::row_batch&) { return {}; }
#ifndef ROWFERRY_BROKEN
    rowferry::result<rowferry::snapshot_info> open_snapshot() { return rowferry::snapshot_info{}; }
    bool in_snapshot() const { return true; }
#endif
};
struct my_connector {
    rowferry::result<my_connection> connect() { return my_connection{}; }
    std::string identity() const { return "mine"; }
};

rowferry::report copy(my_connector& source, rowferry::testing::fake_database& target) {
    return rowferry::pipeline{rowferry::one_snapshot{}}.copy(source, target, "accounts");
}
