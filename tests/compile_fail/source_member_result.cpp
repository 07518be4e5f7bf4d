// SPDX-License-Identifier: BSL-1.0
// A source whose describe gives a schema, where it has to say that there may be none.
// expected: rowferry: `describe` of this source connection gives no result<std::optional<table_schema>>
#include <rowferry/rowferry.hpp>

#include <optional>
#include <string_view>

struct reader {
    rowferry::result<void> ping() { return {}; }
#ifdef ROWFERRY_BROKEN
    rowferry::result<rowferry::table_schema> describe(std::string_view) { return rowferry::table_schema{}; }
#else
    rowferry::result<std::optional<rowferry::table_schema>> describe(std::string_view) {
        return std::optional<rowferry::table_schema>();
    }
#endif
    rowferry::result<void> read(const rowferry::page_request&, rowferry::row_batch&) { return {}; }
};

static_assert(rowferry::explain_source<reader>());
