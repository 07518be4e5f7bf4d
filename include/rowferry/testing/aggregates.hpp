// SPDX-License-Identifier: BSL-1.0
// What COUNT and MAX answer, of the rows that a reader gives.
#ifndef ROWFERRY_TESTING_AGGREGATES_HPP
#define ROWFERRY_TESTING_AGGREGATES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/page_reader.hpp>
#include <rowferry/testing/stored_row.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// The rows between the bounds, or those of them with a NULL; `visited` grows by all that were looked at.
inline result<std::uint64_t> count_rows(page_reader& reader, const fake_table& table, const count_request& request,
                                        std::uint64_t& visited) {
    if (auto r = reader.select(*request.table, request.order, {}, request.after, request.up_to); !r) return r.error();
    std::vector<std::size_t> nulls;
    if (request.null_in) nulls.push_back(*request.null_in);
    auto columns = columns_in(table, *request.table, nulls);
    if (!columns) return columns.error();
    std::uint64_t rows = 0;
    reader.each(0, [&](const stored_row& r) {
        ++visited;
        if (columns->empty() || r[columns->front()].is_null()) ++rows;
        return true;
    });
    return rows;
}

/// The value that sorts last; NULL when there is none.
inline result<value> largest_value(page_reader& reader, const fake_table& table, const table_schema& as_described,
                                   std::size_t column, const value& limit = {}) {
    auto columns = columns_in(table, as_described, {column});
    if (!columns) return columns.error();
    const std::size_t at = columns->front();
    std::string limit_key;
    if (limit) append_sort_key(limit_key, table.rules()[at].order, {at, false}, as_cell(limit));
    value largest;
    std::string largest_key;
    reader.each(0, [&](const stored_row& r) {
        if (r[at].is_null()) return true;
        std::string key = table.sort_key({{at, false}}, r);
        if (limit && key > limit_key) return true;
        if (!largest || key > largest_key) {
            largest = r[at].to_value();
            largest_key = std::move(key);
        }
        return true;
    });
    return largest;
}

/// The largest difference between a value of a column of unsigned numbers and the next one; that of the smallest is from 0.
inline result<std::uint64_t> largest_step(page_reader& reader, const fake_table& table,
                                          const table_schema& as_described, std::size_t column) {
    auto columns = columns_in(table, as_described, {column});
    if (!columns) return columns.error();
    std::vector<std::uint64_t> numbers{0};
    reader.each(0, [&](const stored_row& r) {
        const std::string_view digits = r[columns->front()].bytes();
        std::from_chars(digits.data(), digits.data() + digits.size(), numbers.emplace_back());
        return true;
    });
    std::sort(numbers.begin(), numbers.end());
    std::uint64_t largest = 0;
    for (std::size_t i = 1; i < numbers.size(); ++i) largest = std::max(largest, numbers[i] - numbers[i - 1]);
    return largest;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
