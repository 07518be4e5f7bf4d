// SPDX-License-Identifier: BSL-1.0
// What an answer has to look like before it is believed: how many columns, which, how many rows and bytes; and cells that
// are read with a check. A server is not trusted to answer what was asked: a proxy may mix answers up, and a hostile
// server sends what it likes.
#ifndef ROWFERRY_MYSQL_ANSWER_HPP
#define ROWFERRY_MYSQL_ANSWER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// No limit of rows or bytes.
inline constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
/// The most that an answer from the catalog, a list of checkpoints or of warnings may take in memory. A table of 4096
/// columns takes about 2 MiB.
inline constexpr std::uint64_t most_catalog_bytes = std::uint64_t{64} << 20U;
/// The most that the keys and digests of one range may take in memory: what a verification compares at once.
inline constexpr std::uint64_t most_digest_bytes = std::uint64_t{128} << 20U;
/// What a cell takes in memory besides its bytes.
inline constexpr std::uint64_t cell_overhead = sizeof(std::size_t);
/// The limits of both products: a table's columns, its indexes and an index's parts (theirs are lower), a name's characters
/// and bytes.
inline constexpr std::size_t most_columns = 4096;
inline constexpr std::size_t most_indexes = 256;
inline constexpr std::size_t most_index_parts = 64;
inline constexpr std::size_t most_name_characters = 64;
inline constexpr std::size_t most_name_bytes = 256;

/// One column of an answer, as it was asked for.
struct expected_column {
    std::string name = {}; ///< what the server has to call it, without regard to ASCII case; empty is any name
    bool may_be_null = true;
};

/// What an answer has to look like. Anything else is `cause::senseless_answer`.
struct expected_answer {
    std::size_t columns = 0;                      ///< exactly these; 0: a statement that gives no rows
    std::uint64_t max_rows = no_limit;            ///< more make no sense
    std::uint64_t max_bytes = most_catalog_bytes; ///< in memory; more make no sense
    bool may_be_larger = false;                   ///< more than max_bytes is `batch_too_large`: ask for less
    std::uint64_t kept_bytes = no_limit;          ///< rows past these are read and dropped; one row is always kept
    const std::vector<expected_column>* each = nullptr; ///< of each column, when more than the number is known
};

/// The columns of an answer, and the pages that have no limit of their own but LIMIT.
inline expected_answer expected_page(const std::vector<expected_column>& columns, std::uint64_t max_rows,
                                     std::uint64_t kept_bytes) {
    expected_answer page;
    page.columns = columns.size();
    page.max_rows = max_rows == 0 ? no_limit : max_rows;
    page.max_bytes = no_limit;
    page.kept_bytes = kept_bytes == 0 ? no_limit : kept_bytes;
    page.each = &columns;
    return page;
}

inline expected_answer columns_only(std::size_t columns, std::uint64_t max_rows = no_limit) {
    expected_answer some;
    some.columns = columns;
    some.max_rows = max_rows;
    return some;
}

/// "1 row", "2 rows".
inline std::string counted(std::uint64_t n, std::string_view thing) {
    return std::to_string(n) + " " + std::string(thing) + (n == 1 ? "" : "s");
}

/// Not enough memory for a row in addition to those kept; `kept` is emptied, and gives its memory back. The row's size is
/// unknown where the client library could not receive it.
inline error out_of_memory(std::string_view operation, row_batch& kept, std::optional<std::uint64_t> row_bytes) {
    const std::uint64_t rows = kept.rows();
    const std::uint64_t bytes = kept.offset_of(kept.rows());
    kept = row_batch();
    error e;
    e.operation = operation;
    e.cause = cause::out_of_memory;
    e.message = "there is not enough memory for row " + std::to_string(rows + 1) + " of the answer (" +
                (row_bytes ? counted(*row_bytes, "byte") : "unknown size") + ")";
    if (rows > 0) {
        e.fault = fault::batch_too_large;
        e.message += " in addition to the " + counted(rows, "row") + " before it (" + counted(bytes, "byte") + ")";
        e.remedies = {{remedy::smaller_batches}};
    } else {
        constexpr std::uint64_t large = std::uint64_t{1} << 20U; // a smaller row is not the reason
        e.message += ": give this process more memory";
        if (row_bytes.value_or(large) >= large) e.message += ", or leave the row out";
    }
    return e;
}

/// Characters of UTF-8 text: all bytes but continuation bytes.
inline std::size_t count_characters(std::string_view text) {
    std::size_t characters = 0;
    for (char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++characters;
    }
    return characters;
}

/// Why text cannot be the name of a table, column, index or trigger; empty when it can.
inline std::string name_trouble(std::string_view name) {
    if (name.empty()) return "is empty";
    if (name.size() > most_name_bytes || count_characters(name) > most_name_characters) {
        return "is longer than " + std::to_string(most_name_characters) + " characters";
    }
    if (name.find('\0') != name.npos) return "holds a NUL character";
    return {};
}

/// Whether a server may take one name for the other: equal but for the case of ASCII letters, and for characters
/// beyond ASCII, which only the server can compare.
inline bool may_be_same_name(std::string_view a, std::string_view b) {
    auto next = [](std::string_view& text) {
        const char first = text.front();
        text.remove_prefix(1);
        if (static_cast<unsigned char>(first) < 0x80U) return first >= 'A' && first <= 'Z' ? first - 'A' + 'a' : +first;
        while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U) text.remove_prefix(1);
        return -1;
    };
    while (!a.empty() && !b.empty()) {
        const int one = next(a);
        const int other = next(b);
        if (one != other && one != -1 && other != -1) return false;
    }
    return a.empty() && b.empty();
}

/// The rows of a small answer, in which no cell outside of it can be read: there is NULL.
class answer_rows {
public:
    answer_rows() = default;
    explicit answer_rows(row_batch rows) : rows_(std::move(rows)) {}
    [[nodiscard]] std::size_t rows() const { return rows_.rows(); }
    [[nodiscard]] std::size_t columns() const { return rows_.columns(); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] cell at(std::size_t row, std::size_t column) const {
        return row < rows() && column < columns() ? rows_.at(row, column) : cell{};
    }

private:
    row_batch rows_;
};

/// Reads the cells of one row, and remembers the first one that makes no sense. `what` names the row for people, as "an
/// index of table t"; no cell's value gets into a message.
class row_reader {
public:
    row_reader(const answer_rows& rows, std::size_t row, std::string what)
        : rows_(rows), row_(row), what_(std::move(what)) {}

    [[nodiscard]] bool is_null(std::size_t column) const { return rows_.at(row_, column).is_null(); }
    /// NULL reads as empty.
    [[nodiscard]] std::string text_or_null(std::size_t column) const {
        return std::string(rows_.at(row_, column).bytes());
    }
    std::string text(std::size_t column, std::string_view called) {
        if (is_null(column)) wrong(called, "is NULL");
        return text_or_null(column);
    }
    std::string filled(std::size_t column, std::string_view called) {
        std::string found = text(column, called);
        if (!trouble_ && found.empty()) wrong(called, "is empty");
        return found;
    }
    std::string name(std::size_t column, std::string_view called) {
        std::string found = text(column, called);
        if (std::string why = name_trouble(found); !trouble_ && !why.empty()) wrong(called, why);
        return found;
    }
    std::uint64_t number(std::size_t column, std::string_view called) {
        const auto n = parse_number<std::uint64_t>(text(column, called));
        if (!n) wrong(called, "is not a number");
        return n.value_or(0);
    }
    /// NULL reads as 0.
    std::uint64_t number_or_null(std::size_t column, std::string_view called) {
        return is_null(column) ? 0 : number(column, called);
    }
    /// Whether the cell has the first of two values.
    bool flag(std::size_t column, std::string_view called, std::string_view yes, std::string_view no) {
        const std::string found = text(column, called);
        if (found != yes && found != no) {
            wrong(called, "is neither " + std::string(yes) + " nor " + std::string(no));
        }
        return found == yes;
    }
    /// Says that a cell makes no sense; the first one counts.
    void wrong(std::string_view called, std::string_view why) {
        if (!trouble_) trouble_ = "the " + std::string(called) + " of " + what_ + " " + std::string(why);
    }

    /// What made no sense first, as a clause; none when all does.
    [[nodiscard]] const std::optional<std::string>& trouble() const { return trouble_; }
    /// An error when a cell made no sense.
    [[nodiscard]] result<void> checked(std::string_view operation) const {
        if (trouble_) return senseless_answer(operation, *trouble_);
        return {};
    }

private:
    const answer_rows& rows_;
    std::size_t row_;
    std::string what_;
    std::optional<std::string> trouble_;
};

/// A number that is the whole answer.
inline result<std::uint64_t> number_in(std::string_view operation, const value& cell, std::string_view called) {
    const auto n = cell ? parse_number<std::uint64_t>(*cell) : std::nullopt;
    if (!n) return senseless_answer(operation, std::string(called) + " is not a number");
    return *n;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
