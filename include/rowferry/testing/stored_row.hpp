// SPDX-License-Identifier: BSL-1.0
// A row as the double keeps it: all its values in one piece of memory.
#ifndef ROWFERRY_TESTING_STORED_ROW_HPP
#define ROWFERRY_TESTING_STORED_ROW_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// A row as a test writes and reads it: one value for each column of the table, `std::nullopt` for NULL.
using row = std::vector<value>;

/// What a filter's text means: whether it holds for a row of its table, given with all its columns.
using row_filter = std::function<bool(const row&)>;

namespace detail {

/// Where each value ends (four bytes, the top bit set for NULL), then the bytes of all values. A row without columns
/// stands for a row that a transaction has deleted.
class stored_row {
public:
    stored_row() = default;
    /// Takes the cells that `cell_of(i)` gives for i in [0, columns).
    template <class CellOf>
    stored_row(std::size_t columns, CellOf cell_of) : columns_(columns) {
        std::size_t total = 0;
        for (std::size_t i = 0; i < columns; ++i) total += cell(cell_of(i)).bytes().size();
        data_.resize(columns * end_size);
        data_.reserve(columns * end_size + total);
        for (std::size_t i = 0; i < columns; ++i) {
            const cell c = cell_of(i);
            data_ += c.bytes();
            const auto end = static_cast<std::uint32_t>(data_.size()) | (c.is_null() ? null_bit : 0U);
            std::memcpy(data_.data() + i * end_size, &end, end_size);
        }
    }

    [[nodiscard]] bool is_deleted() const { return columns_ == 0; }
    [[nodiscard]] std::size_t size() const { return columns_; }
    /// The bytes of all values together.
    [[nodiscard]] std::size_t bytes() const { return data_.size() - columns_ * end_size; }
    [[nodiscard]] cell operator[](std::size_t column) const {
        const std::uint32_t end = end_of(column);
        if ((end & null_bit) != 0) return {};
        const std::size_t begin = column == 0 ? columns_ * end_size : end_of(column - 1) & ~null_bit;
        return std::string_view(data_).substr(begin, end - begin);
    }
    [[nodiscard]] row to_row() const {
        row values;
        values.reserve(columns_);
        for (std::size_t i = 0; i < columns_; ++i) values.push_back((*this)[i].to_value());
        return values;
    }
    friend bool operator==(const stored_row&, const stored_row&) = default;

private:
    static constexpr std::size_t end_size = sizeof(std::uint32_t);
    static constexpr std::uint32_t null_bit = std::uint32_t{1} << 31U;
    [[nodiscard]] std::uint32_t end_of(std::size_t column) const {
        std::uint32_t end = 0;
        std::memcpy(&end, data_.data() + column * end_size, end_size);
        return end;
    }

    std::string data_;
    std::size_t columns_ = 0;
};

/// A value as a cell; the value outlives it.
inline cell as_cell(const value& v) { return v ? cell(*v) : cell(); }

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
