// SPDX-License-Identifier: BSL-1.0
// Which columns the answers to pages, digests and rows by key have: in order, by name, and where NULL may be.
#ifndef ROWFERRY_MYSQL_PAGE_ANSWER_HPP
#define ROWFERRY_MYSQL_PAGE_ANSWER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/bound.hpp>
#include <rowferry/sql/digest.hpp>
#include <rowferry/sql/read.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/digest.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline expected_column expected_of(const table_schema& table, std::size_t column) {
    return {sql::answer_name(table, column), table.columns[column].nullable};
}

/// Of `sql::append_page`: the columns that were asked for, or a 1 for each row.
inline std::vector<expected_column> columns_of(const page_request& page) {
    std::vector<expected_column> expected;
    for (const std::size_t column : page.columns) {
        expected.push_back(expected_of(*page.table, column));
        const auto& nowhere_null = page.nullable;
        const bool is_left_out = std::find(nowhere_null.begin(), nowhere_null.end(), column) != nowhere_null.end();
        if (is_left_out && !page.of_nulls) expected.back().may_be_null = false;
    }
    if (expected.empty()) expected.push_back({"1", false});
    return expected;
}

/// Of `sql::append_digests`: the key, then the digest, which is NULL where the server cannot compute it.
inline std::vector<expected_column> columns_of(const digest_request& request) {
    std::vector<expected_column> expected;
    for (const key_part& part : request.order) expected.push_back(expected_of(*request.table, part.column));
    expected.push_back({sql::digest_name(*request.table), true});
    return expected;
}

/// Of `sql::append_find_rows`.
inline std::vector<expected_column> columns_of(const keyed_rows& request) {
    std::vector<expected_column> expected;
    for (const std::size_t column : request.columns) expected.push_back(expected_of(*request.table, column));
    return expected;
}

/// Refuses a value of a key that its column cannot have: the next statement would be bounded by it, on the other server too.
inline result<void> check_key_cell(std::string_view operation, const column& c, const cell& value) {
    const std::string_view trouble =
        value.is_null() ? std::string_view() : sql::detail::value_trouble(c, value.bytes());
    if (trouble.empty()) return {};
    return senseless_answer(operation, "a value of column " + c.name + " " + std::string(trouble));
}

/// The key of a page's last row, after which the next page begins.
inline result<void> check_last_key(const page_request& page, const row_batch& rows) {
    if (rows.empty()) return {};
    for (const key_part& part : page.order) {
        const auto at = std::find(page.columns.begin(), page.columns.end(), part.column);
        if (at == page.columns.end()) continue;
        const cell last = rows.at(rows.rows() - 1, static_cast<std::size_t>(at - page.columns.begin()));
        if (auto r = check_key_cell("read", page.table->columns[part.column], last); !r) return r;
    }
    return {};
}

/// The keys of `sql::append_digests`.
inline result<void> check_keys(const digest_request& request, const row_batch& rows) {
    for (const row_view row : rows) {
        for (std::size_t i = 0; i < request.order.size(); ++i) {
            const column& c = request.table->columns[request.order[i].column];
            if (auto r = check_key_cell("digests", c, row[i]); !r) return r;
        }
    }
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
