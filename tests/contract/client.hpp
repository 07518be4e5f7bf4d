// SPDX-License-Identifier: BSL-1.0
// What the contract does through any connection, in few words: open, describe, read a page, write rows.
#ifndef ROWFERRY_TESTS_CONTRACT_CLIENT_HPP
#define ROWFERRY_TESTS_CONTRACT_CLIENT_HPP

#include "catch.hpp"

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace client {

namespace rf = rowferry;
using row = rf::key_values;
using rows = std::vector<row>;

/// The value of a result that must not be an error.
template <class T>
T must(rf::result<T> r) {
    if (!r) FAIL(rf::to_string(r.error()));
    return std::move(*r);
}
inline void must(const rf::result<void>& r) {
    if (!r) FAIL(rf::to_string(r.error()));
}

/// The errno of a result that must be an error.
template <class T>
unsigned code_of(const rf::result<T>& r) {
    REQUIRE_FALSE(r.has_value());
    return r.error().code;
}
template <class T>
rf::fault fault_of(const rf::result<T>& r) {
    REQUIRE_FALSE(r.has_value());
    return r.error().fault;
}

template <class Connector>
auto open(Connector& connector) {
    return must(connector.connect());
}
template <class Connection>
rf::table_schema describe(Connection& c, std::string_view table) {
    auto found = must(c.describe(table));
    REQUIRE(found.has_value());
    return std::move(*found);
}

/// All columns of the table in the order of its first key, without bounds.
inline rf::page_request page_of(const rf::table_schema& table) {
    rf::page_request page;
    page.table = &table;
    page.columns = table.stored_columns();
    if (!table.keys.empty()) {
        page.order = table.keys.front().parts;
        page.index = table.keys.front().name;
    }
    return page;
}
/// The same in the order of these columns, ascending.
inline rf::page_request page_by(const rf::table_schema& table, const std::vector<std::string>& columns) {
    rf::page_request page = page_of(table);
    page.order.clear();
    page.index.clear();
    for (const std::string& name : columns) page.order.push_back({table.find(name).value(), false});
    return page;
}
inline rf::page_bound past(row values) { return {std::move(values), false}; }
inline rf::page_bound at(row values) { return {std::move(values), true}; }

inline rows rows_of(const rf::row_batch& batch) {
    rows all;
    for (std::size_t i = 0; i < batch.rows(); ++i) {
        row values;
        for (std::size_t column = 0; column < batch.columns(); ++column) {
            values.push_back(batch.at(i, column).to_value());
        }
        all.push_back(std::move(values));
    }
    return all;
}
template <class Connection>
rows read(Connection& c, const rf::page_request& page) {
    rf::row_batch batch;
    must(c.read(page, batch));
    return rows_of(batch);
}
/// The first column of a page, joined by blanks: for pages that are told apart by their ids.
template <class Connection>
std::string ids(Connection& c, const rf::page_request& page) {
    std::string text;
    for (const row& r : read(c, page)) text += " " + r.front().value_or("NULL");
    return text.empty() ? text : text.substr(1);
}

inline rf::row_batch batch_of(const rows& all) {
    rf::row_batch batch(all.empty() ? 1 : all.front().size());
    for (const row& r : all) {
        for (const rf::value& v : r) batch.add(v ? rf::cell(*v) : rf::cell());
    }
    return batch;
}
inline rf::write_request write_to(const rf::table_schema& table, rf::write_kind kind = rf::write_kind::insert) {
    rf::write_request request;
    request.table = &table;
    request.columns = table.stored_columns();
    request.kind = kind;
    if (!table.keys.empty()) request.key_name = table.keys.front().name;
    return request;
}
/// Writes the rows in a transaction of their own: committed, or rolled back when the write fails.
template <class Connection>
rf::result<rf::write_outcome> write(Connection& c, const rf::write_request& request, const rows& all) {
    must(c.begin());
    const rf::row_batch batch = batch_of(all);
    auto wrote = c.write(request, batch);
    if (wrote) {
        must(c.commit());
    } else {
        must(c.rollback());
    }
    return wrote;
}

} // namespace client

#endif
