// SPDX-License-Identifier: BSL-1.0
// A connection that cannot be read from.
// expected: rowferry: this source connection lacks `result<void> read(const page_request&, row_batch&)`
#include <rowferry/rowferry.hpp>

struct my_connection {
    rowferry::result<void> ping() { return {}; }
    rowferry::result<std::optional<rowferry::table_schema>> describe(std::string_view) {
        return std::optional<rowferry::table_schema>{};
    }
#ifndef ROWFERRY_BROKEN
    rowferry::result<void> read(const rowferry::page_request&, rowferry::row_batch&) { return {}; }
#endif
};

static_assert(rowferry::explain_source<my_connection>());
