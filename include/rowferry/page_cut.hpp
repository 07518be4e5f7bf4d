// SPDX-License-Identifier: BSL-1.0
// How one page is cut into transactions: whole at first, in halves after a failure that fewer rows answer, down to the
// one row that the target refuses, which is then named.
#ifndef ROWFERRY_PAGE_CUT_HPP
#define ROWFERRY_PAGE_CUT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Goes over a page in ranges, each of which is written in one transaction. The page outlives it.
///
/// A range that fails is halved, so that the rows before a refused one are committed on the way, and it takes about
/// two tries for each bit of the page's row count to find that row. Ranges never grow again within a page.
class page_cut {
public:
    explicit page_cut(const row_batch& page) : done_(page, 0, 0), rows_(page.rows()), largest_(page.rows()) {}

    [[nodiscard]] bool is_done() const { return done_.first() + done_.rows() >= rows_; }
    [[nodiscard]] row_range next() const { return done_.next(largest_); }

    void committed(const row_range& rows) { done_ = rows; }
    /// Only for a range of more than one row.
    void halve(const row_range& failed) { largest_ = failed.rows() / 2; }

private:
    row_range done_; // the last range committed
    std::size_t rows_;
    std::size_t largest_;
};

/// Which rows of a table, for errors and notices: by their keys, or by their number where there is no key.
struct row_span {
    std::size_t rows = 0;
    key_values first = {}; ///< empty without a key
    key_values last = {};
    key_forms forms = {};

    /// "the row with key (7)", "3 rows from key (7) up to key (9)", "3 rows"
    [[nodiscard]] std::string text() const {
        if (rows == 1 && !first.empty()) return "the row with key " + to_string(first, forms);
        const std::string count = std::to_string(rows) + (rows == 1 ? " row" : " rows");
        if (first.empty()) return count;
        return count + " from key " + to_string(first, forms) + " up to key " + to_string(last, forms);
    }
};

/// What to do once a refused row is fixed.
enum class after_fix : std::uint8_t {
    run_again,  ///< the rows are copied as they are then
    resume,     ///< the next run continues at the refused row
    start_over, ///< what was committed is of a snapshot that ends with this run
};

/// Adds to the error of a write that the target refuses these rows, and what to do about it.
inline error refused_rows(error e, const row_span& span, after_fix then) {
    const bool is_one = span.rows == 1;
    if (e.message.empty()) e.message = is_one ? "the target refuses this row" : "the target refuses one of these rows";
    if (!is_one) e.message += "; which one is not known, because all rows of this copy go into one transaction";
    e.message += ": fix the row in the source, or what refuses it in the target";
    if (is_one && then == after_fix::resume) e.message += "; the next run continues at this row";
    // Behind what the connection knows of the reason.
    e.remedies.push_back(remedy{then == after_fix::start_over ? remedy::start_over_into_empty : remedy::run_again});
    return e;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
