// SPDX-License-Identifier: BSL-1.0
// What a source's rows pass through before they are written: who does it, and how the rows that are left correspond to those
// that were read. `rowferry::transformed` of transformed.hpp makes such a source.
#ifndef ROWFERRY_TRANSFORMATION_HPP
#define ROWFERRY_TRANSFORMATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Which rows are to be transformed.
struct transform_request {
    const table_schema* table = nullptr; ///< outlives the request
    /// Of each cell, as indices into table->columns: all stored columns are there
    std::vector<std::size_t> columns = {};
    std::vector<std::size_t> key = {}; ///< cells that have to stay as they are; empty for a table without a key
    std::uint64_t rows_before = 0;     ///< rows of the same stream that came before these: names a row without a key
};

/// The rows that a transformation leaves, and which of the rows that were read they are. Rows keep their order.
class kept_rows {
public:
    /// Begins with rows of `columns` cells.
    void reset(std::size_t columns) {
        rows_.reset(columns);
        ends_.clear();
    }
    /// Appends the next cell of a row that is kept.
    void add(cell c) { rows_.add(c); }
    /// The next row that was read is done: all its cells were added, or none.
    void end_row() { ends_.push_back(rows_.rows()); }

    [[nodiscard]] const row_batch& rows() const { return rows_; }
    /// What is left of the rows `first`, `first + 1`, … of those that were read.
    [[nodiscard]] row_range of(std::size_t first, std::size_t count) const {
        const std::size_t begin = before(first);
        return {rows_, begin, before(first + count) - begin};
    }

private:
    [[nodiscard]] std::size_t before(std::size_t row) const { return row == 0 ? 0 : ends_[row - 1]; }

    row_batch rows_;
    std::vector<std::size_t> ends_; // for each row that was read: how many were kept of those up to it
};

namespace detail {

/// Why a text cannot name a transformation; empty when it can. The name stands in checkpoints, between quotes.
inline std::string name_fault(std::string_view name) {
    constexpr std::size_t most = 100;
    if (name.empty()) return "it is empty";
    if (name.size() > most) return "it is longer than " + std::to_string(most) + " bytes";
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || byte == '"') return "it holds a quote or a control character";
    }
    return {};
}

/// All stored columns of a table: first `columns`, as they are, and then the others.
inline std::vector<std::size_t> with_all_stored(const table_schema& table, std::vector<std::size_t> columns) {
    for (const std::size_t each : table.stored_columns()) {
        if (std::find(columns.begin(), columns.end(), each) == columns.end()) columns.push_back(each);
    }
    return columns;
}

/// Rows are found again by the order of their pages, and told apart by the table's first key.
inline transform_request transform_of(const table_schema& table, std::vector<std::size_t> columns,
                                      const std::vector<key_part>& order) {
    transform_request made;
    made.table = &table;
    made.columns = std::move(columns);
    const auto keep = [&made](const std::vector<key_part>& parts) {
        for (const key_part& part : parts) {
            const auto found = std::find(made.columns.begin(), made.columns.end(), part.column);
            const auto cell = static_cast<std::size_t>(found - made.columns.begin());
            if (found == made.columns.end()) continue; // a generated column
            if (std::find(made.key.begin(), made.key.end(), cell) == made.key.end()) made.key.push_back(cell);
        }
    };
    keep(order);
    if (!table.keys.empty()) keep(table.keys.front().parts);
    return made;
}

/// Removes the keys over generated columns: a transformation may change the columns that they are computed from, and the target
/// would then compute another key.
inline void leave_out_computed_keys(table_schema& table) {
    for (std::vector<key>* keys : {&table.keys, &table.nullable_keys}) {
        for (const key& each : *keys) {
            if (!table.is_computed(each.parts)) continue;
            if (!table.unusable_keys.empty()) table.unusable_keys += "; ";
            table.unusable_keys += "key " + each.name +
                                   " cannot order pages: the server computes it from columns that the transformation "
                                   "may change";
        }
        std::erase_if(*keys, [&](const key& each) { return table.is_computed(each.parts); });
    }
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
