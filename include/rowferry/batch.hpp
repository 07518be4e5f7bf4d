// SPDX-License-Identifier: BSL-1.0
// Cells, rows and batches: the data that flows, in one arena, without an allocation per row or cell.
#ifndef ROWFERRY_BATCH_HPP
#define ROWFERRY_BATCH_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// One value of a row: the bytes that the server sent, or NULL. A view; it lives as long as its batch is unchanged.
class cell {
public:
    constexpr cell() = default; ///< NULL
    constexpr cell(std::string_view bytes) : bytes_(bytes), null_(false) {}
    [[nodiscard]] constexpr bool is_null() const { return null_; }
    /// The bytes; empty for NULL.
    [[nodiscard]] constexpr std::string_view bytes() const { return bytes_; }
    [[nodiscard]] value to_value() const { return null_ ? value{} : value{std::string(bytes_)}; }
    friend constexpr bool operator==(const cell&, const cell&) = default;

private:
    std::string_view bytes_;
    bool null_ = true;
};

class row_batch;

/// One row of a batch, a view.
class row_view {
public:
    row_view(const row_batch& batch, std::size_t row) : batch_(&batch), row_(row) {}
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] cell operator[](std::size_t column) const;

private:
    const row_batch* batch_;
    std::size_t row_;
};

/// Goes over rows by their positions; each is a `row_view` made on the spot, so that it is no reference into anything
/// and the category of C++17 is input. Valid while its batch is neither changed nor destroyed.
class row_iterator {
public:
    using value_type = row_view;
    using difference_type = std::ptrdiff_t;
    using reference = row_view;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::random_access_iterator_tag;

    row_iterator() = default;
    row_iterator(const row_batch& batch, std::size_t row) : batch_(&batch), row_(static_cast<difference_type>(row)) {}

    [[nodiscard]] row_view operator*() const { return {*batch_, static_cast<std::size_t>(row_)}; }
    [[nodiscard]] row_view operator[](difference_type n) const { return *(*this + n); }
    row_iterator& operator++() { return *this += 1; }
    row_iterator& operator--() { return *this += -1; }
    row_iterator operator++(int) { return std::exchange(*this, *this + 1); }
    row_iterator operator--(int) { return std::exchange(*this, *this - 1); }
    row_iterator& operator+=(difference_type n) {
        row_ += n;
        return *this;
    }
    row_iterator& operator-=(difference_type n) { return *this += -n; }
    [[nodiscard]] friend row_iterator operator+(row_iterator it, difference_type n) { return it += n; }
    [[nodiscard]] friend row_iterator operator+(difference_type n, row_iterator it) { return it += n; }
    [[nodiscard]] friend row_iterator operator-(row_iterator it, difference_type n) { return it -= n; }
    [[nodiscard]] friend difference_type operator-(const row_iterator& a, const row_iterator& b) {
        return a.row_ - b.row_;
    }
    [[nodiscard]] friend bool operator==(const row_iterator& a, const row_iterator& b) { return a.row_ == b.row_; }
    [[nodiscard]] friend auto operator<=>(const row_iterator& a, const row_iterator& b) { return a.row_ <=> b.row_; }

private:
    const row_batch* batch_ = nullptr;
    difference_type row_ = 0;
};

/// The rows of one page, complete in memory. `reset` keeps the capacity, so that a copy settles into its buffers.
class row_batch {
public:
    explicit row_batch(std::size_t columns = 0) : columns_(columns) {}

    /// Empties the batch for rows of `columns` cells.
    void reset(std::size_t columns) {
        columns_ = columns;
        bytes_.clear();
        ends_.clear();
        truncated_ = false;
    }
    /// Appends the next cell; a row is complete with its last one.
    void add(cell c) {
        bytes_.append(c.bytes());
        ends_.push_back(bytes_.size() | (c.is_null() ? null_bit : 0));
    }
    /// Says that the source had more rows for this page, held back because of the byte limit.
    void set_truncated() { truncated_ = true; }

    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::size_t rows() const { return columns_ == 0 ? 0 : ends_.size() / columns_; }
    [[nodiscard]] bool empty() const { return rows() == 0; }
    /// The bytes of all cells together.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_.size(); }
    [[nodiscard]] bool truncated() const { return truncated_; }
    [[nodiscard]] row_view operator[](std::size_t row) const { return {*this, row}; }
    [[nodiscard]] row_iterator begin() const { return {*this, 0}; }
    [[nodiscard]] row_iterator end() const { return {*this, rows()}; }
    [[nodiscard]] cell at(std::size_t row, std::size_t column) const {
        const std::size_t i = row * columns_ + column;
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1] & ~null_bit;
        if ((ends_[i] & null_bit) != 0) return {};
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    /// Where the row's bytes begin, counted from the batch's first byte; `row` may be `rows()`.
    [[nodiscard]] std::uint64_t offset_of(std::size_t row) const {
        return row == 0 ? 0 : ends_[row * columns_ - 1] & ~null_bit;
    }

private:
    static constexpr std::size_t null_bit = ~(~std::size_t{0} >> 1U);
    std::size_t columns_;
    std::string bytes_;
    std::vector<std::size_t> ends_; // per cell: where it ends in bytes_, and whether it is NULL
    bool truncated_ = false;
};

inline std::size_t row_view::size() const { return batch_->columns(); }
inline cell row_view::operator[](std::size_t column) const { return batch_->at(row_, column); }

/// Some consecutive rows of a batch, a view: what one transaction writes.
class row_range {
public:
    row_range(const row_batch& batch) : row_range(batch, 0, batch.rows()) {}
    row_range(const row_batch& batch, std::size_t first, std::size_t count)
        : batch_(&batch), first_(first), count_(count) {}

    [[nodiscard]] std::size_t rows() const { return count_; }
    [[nodiscard]] std::size_t columns() const { return batch_->columns(); }
    [[nodiscard]] row_view operator[](std::size_t row) const { return (*batch_)[first_ + row]; }
    [[nodiscard]] row_iterator begin() const { return {*batch_, first_}; }
    [[nodiscard]] row_iterator end() const { return {*batch_, first_ + count_}; }
    [[nodiscard]] std::uint64_t bytes() const { return batch_->offset_of(first_ + count_) - batch_->offset_of(first_); }
    [[nodiscard]] std::size_t first() const { return first_; }
    /// `count` rows of this range from row `first` on.
    [[nodiscard]] row_range part(std::size_t first, std::size_t count) const {
        return {*batch_, first_ + first, count};
    }
    /// The first `count` rows of what follows this range.
    [[nodiscard]] row_range next(std::size_t count) const {
        const std::size_t begin = first_ + count_;
        const std::size_t left = batch_->rows() - begin;
        return {*batch_, begin, count < left ? count : left};
    }

private:
    const row_batch* batch_;
    std::size_t first_;
    std::size_t count_;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
