// SPDX-License-Identifier: BSL-1.0
// What a test does to the double's tables directly, without a connection.
#ifndef ROWFERRY_TESTING_DIRECT_WRITER_HPP
#define ROWFERRY_TESTING_DIRECT_WRITER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/row_writer.hpp>
#include <rowferry/testing/statement.hpp>
#include <rowferry/testing/stored_row.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// Rows written by a test: all of them become visible with `commit`, or none. Throws `copy_error` for a row that the
/// table refuses.
class direct_writer {
public:
    direct_writer(fake_schema& db, fake_table& table)
        : table_(table), stored_(table.schema().stored_columns()), maker_(table, stored_),
          writer_(table, changes_, db.changes_of_others(nullptr, table.schema().name)) {}

    void write(const row& values, write_kind kind) {
        if (values.size() != table_.schema().columns.size()) {
            throw copy_error(refusal("table " + table_.schema().name + " has " +
                                     std::to_string(table_.schema().columns.size()) + " columns, and the row " +
                                     std::to_string(values.size()) + " values"));
        }
        auto fresh = maker_.make(stored_cells{values, stored_});
        bool skipped = false;
        writer_.write(std::move(fresh.value()), stored_, kind, {}, skipped).value();
    }
    void commit() { table_.apply(changes_.rows); }

private:
    struct stored_cells {
        const row& values;
        const std::vector<std::size_t>& stored;
        cell operator[](std::size_t i) const { return as_cell(values[stored[i]]); }
    };

    fake_table& table_;
    std::vector<std::size_t> stored_;
    table_changes changes_;
    row_maker maker_;
    row_writer writer_;
};

/// Whether two tables hold the same rows, byte for byte, however they are keyed.
inline bool same_rows(const fake_table& a, const fake_table& b) {
    if (a.rows().size() != b.rows().size()) return false;
    auto same = [](const auto& x, const auto& y) { return x.second == y.second; };
    if (std::equal(a.rows().begin(), a.rows().end(), b.rows().begin(), same)) return true;
    auto sorted = [](const fake_table& table) {
        std::vector<row> rows;
        rows.reserve(table.rows().size());
        for (const auto& [place, r] : table.rows()) rows.push_back(r.to_row());
        std::sort(rows.begin(), rows.end());
        return rows;
    };
    return sorted(a) == sorted(b);
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
