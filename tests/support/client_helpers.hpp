// SPDX-License-Identifier: BSL-1.0
// What the tests of the client say again and again.
#ifndef ROWFERRY_TESTS_CLIENT_HELPERS_HPP
#define ROWFERRY_TESTS_CLIENT_HELPERS_HPP

#include "shared_server.hpp"

#include <rowferry/mysql.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// The schema of a table that has to be there.
inline rowferry::table_schema schema_of(rowferry::mysql::connection& c, std::string_view table) {
    auto described = c.describe(table).value();
    if (!described) throw std::runtime_error("there is no table " + std::string(table));
    return std::move(*described);
}

/// A request to write all stored columns.
inline rowferry::write_request writing(const rowferry::table_schema& table,
                                       rowferry::write_kind kind = rowferry::write_kind::insert) {
    rowferry::write_request request;
    request.table = &table;
    request.columns = table.stored_columns();
    request.kind = kind;
    request.key_name = table.keys.empty() ? "" : table.keys.front().name;
    return request;
}

/// A batch of these cells, row by row.
inline rowferry::row_batch rows_of(std::size_t columns, const std::vector<std::optional<std::string>>& cells) {
    rowferry::row_batch rows(columns);
    for (const auto& c : cells) rows.add(c ? rowferry::cell(*c) : rowferry::cell());
    return rows;
}

} // namespace support

#endif
