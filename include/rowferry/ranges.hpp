// SPDX-License-Identifier: BSL-1.0
// A table as a range: pages, read one after the other as a loop asks for them, and their rows, for range-v3's views.
//
//   auto notes = rf::pages(source, schema);                     // source: a connection, or a connection_manager
//   for (const rf::row_batch& page : notes) { … }
//   for (rf::row_view row : notes.rows() | ranges::views::filter(is_long)) { … }
//   if (notes.error()) { … }                                    // a loop ends at an error: ask for it behind the loop
#ifndef ROWFERRY_RANGES_HPP
#define ROWFERRY_RANGES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/explain.hpp>
#include <rowferry/key_progress.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>

#include <range/v3/range_fwd.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {

template <class Reader>
struct source_behind {
    using type = Reader;
};
template <class Reader>
requires requires { typename Reader::connection_type; }
struct source_behind<Reader> {
    using type = typename Reader::connection_type;
};
/// The connection that a reader reads from: a manager's, or itself.
template <class Reader>
using source_behind_t = typename source_behind<Reader>::type;

template <class Reader, class Pagination>
consteval bool explain_pages() {
    constexpr bool connected = !Connects<Reader>;
    static_assert(connected, "rowferry: pages are read through a connection or a connection_manager, and this is a "
                             "connector: see make_connection_manager");
    if constexpr (connected) {
        constexpr bool plain = !TransformsRows<source_behind_t<Reader>>;
        static_assert(plain,
                      "rowferry: rows of a transformed source are copied and verified, and not read one by one: read "
                      "them from the source that it transforms");
        constexpr bool source = plain && explain_source<source_behind_t<Reader>>();
        constexpr bool pagination = explain_pagination_policy<Pagination>();
        constexpr bool maximum = !IncrementalPagination<Pagination> || FindsMaximum<source_behind_t<Reader>>;
        static_assert(maximum, "rowferry: incremental_pages needs `result<value> maximum(const table_schema&, "
                               "std::size_t)` of the connection");
        return source && pagination && maximum;
    } else {
        return false;
    }
}

/// What all handles on one reading share: where it stands, and the page that it holds.
template <class Reader, class Pagination>
class page_reading {
    using connection = source_behind_t<Reader>;

public:
    page_reading(Reader& reader, table_schema table, Pagination pagination, batch_limits limits,
                 std::vector<std::size_t> columns)
        : reader_(&reader), table_(std::move(table)),
          pagination_(std::move(pagination)), limits_{std::max<std::uint64_t>(limits.rows, 1), limits.bytes},
          columns_(std::move(columns)) {
        if (columns_.empty()) columns_ = table_.stored_columns();
    }

    /// Reads the first page, unless that has been done.
    void start() {
        if constexpr (explain_pages<Reader, Pagination>()) {
            if (started_) return;
            started_ = true;
            if (auto ready = prepare(); !ready) return fail(std::move(ready.error()));
            next_page();
        }
    }
    /// Goes on to the next page; to the end when there is none, or after an error.
    void next_page() {
        if constexpr (explain_pages<Reader, Pagination>()) {
            row_ = 0;
            if (last_) return end();
            if (auto done = read_page(); !done) return fail(std::move(done.error()));
        }
    }
    void next_row() {
        if (++row_ == batch_.rows()) next_page();
    }

    [[nodiscard]] bool at_end() const { return batch_.empty(); }
    [[nodiscard]] const row_batch& page() const { return batch_; }
    [[nodiscard]] row_view row() const { return batch_[row_]; }
    [[nodiscard]] const std::optional<rowferry::error>& error() const { return error_; }

private:
    result<void> prepare() {
        auto order = pagination_.order(table_);
        if (!order) return order.error();
        order_ = std::move(*order);
        for (const key_part& part : order_.parts) {
            const auto cell = std::find(columns_.begin(), columns_.end(), part.column);
            if (cell == columns_.end()) {
                return refusal("column " + table_.columns[part.column].name +
                               " orders the pages, and is not among the "
                               "columns that are read: read it too");
            }
            order_cells_.push_back(static_cast<std::size_t>(cell - columns_.begin()));
        }
        if constexpr (IncrementalPagination<Pagination>) {
            if (pagination_.after) cursor_.from = page_bound{{pagination_.after}, false};
            auto upper =
                run("find maximum", [&](connection& c) { return c.maximum(table_, order_.parts.front().column); });
            if (!upper) return placed(std::move(upper.error()));
            if (*upper) cursor_.up_to = page_bound{{*upper}, true};
            last_ = !*upper;
        }
        return {};
    }

    result<void> read_page() {
        page_request page = pagination_.next(order_, cursor_, limits_);
        page.table = &table_;
        page.columns = columns_;
        auto done = run("read", [&](connection& c) { return c.read(page, batch_); });
        if (!done) return placed(std::move(done.error()));
        last_ = !batch_.truncated() && (page.max_rows == 0 || batch_.rows() < page.max_rows);
        if (is_single_transaction<Pagination> && batch_.truncated()) {
            return placed(refusal("the table is larger than a single page may be (" + std::to_string(page.max_bytes) +
                                  " bytes): choose keyset_pages"));
        }
        if (batch_.empty()) return {};
        key_values key;
        for (std::size_t cell : order_cells_) key.push_back(batch_.at(batch_.rows() - 1, cell).to_value());
        if (!key.empty() && !progress_.advances_to(key)) {
            return placed(refusal("pagination is stuck: this page ends with the same key as an earlier one"));
        }
        cursor_.last_key = std::move(key);
        cursor_.rows += batch_.rows();
        return {};
    }

    template <class Op>
    auto run(std::string_view operation, Op op) {
        if constexpr (std::same_as<Reader, connection>) {
            auto answer = op(*reader_);
            if (!answer && answer.error().operation.empty()) answer.error().operation = operation;
            return answer;
        } else {
            return reader_->run(operation, op);
        }
    }

    void end() {
        last_ = true;
        batch_.reset(columns_.size());
    }
    void fail(rowferry::error e) {
        error_ = std::move(e);
        end();
    }
    [[nodiscard]] rowferry::error placed(rowferry::error e) const {
        e.where = "table " + table_.name;
        if (!cursor_.last_key.empty())
            e.where += ", after key " + to_string(cursor_.last_key, forms_of(table_, order_.parts));
        return e;
    }

    Reader* reader_;
    table_schema table_;
    Pagination pagination_;
    batch_limits limits_;
    std::vector<std::size_t> columns_;
    page_order order_;
    std::vector<std::size_t> order_cells_;
    page_cursor cursor_;
    detail::key_progress progress_;
    row_batch batch_;
    std::size_t row_ = 0;
    bool started_ = false;
    bool last_ = false;
    std::optional<rowferry::error> error_;
};

/// A single-pass view of what a reading gives; `Step` says what: its pages or their rows. Copies share the reading.
template <class Reading, class Step>
class reading_view : public ranges::view_base {
public:
    class iterator {
    public:
        using value_type = typename Step::value_type;
        using reference = typename Step::reference;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using iterator_category = std::input_iterator_tag;

        iterator() = default;
        explicit iterator(Reading* reading) : reading_(reading) {}
        [[nodiscard]] reference operator*() const { return Step::read(*reading_); }
        iterator& operator++() {
            Step::advance(*reading_);
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.reading_->at_end(); }

    private:
        Reading* reading_ = nullptr;
    };

    reading_view() = default;
    explicit reading_view(std::shared_ptr<Reading> reading) : reading_(std::move(reading)) {}
    /// Where the reading stands; reads the first page if that has not been done.
    [[nodiscard]] iterator begin() const {
        reading_->start();
        return iterator(reading_.get());
    }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
    /// Why it ended early; none when it did not.
    [[nodiscard]] const std::optional<rowferry::error>& error() const { return reading_->error(); }

protected:
    std::shared_ptr<Reading> reading_;
};

struct step_by_page {
    using value_type = row_batch;
    using reference = const row_batch&;
    template <class Reading>
    static reference read(const Reading& at) {
        return at.page();
    }
    template <class Reading>
    static void advance(Reading& at) {
        at.next_page();
    }
};
struct step_by_row {
    using value_type = row_view;
    using reference = row_view;
    template <class Reading>
    static reference read(const Reading& at) {
        return at.row();
    }
    template <class Reading>
    static void advance(Reading& at) {
        at.next_row();
    }
};

} // namespace detail

/// The rows of a table as a single-pass view. A row lives until the loop goes on to the next one.
template <class Reader, class Pagination>
using page_rows = detail::reading_view<detail::page_reading<Reader, Pagination>, detail::step_by_row>;

/// The pages of a table as a single-pass view. A page lives until the loop goes on to the next one.
template <class Reader, class Pagination>
class page_view : public detail::reading_view<detail::page_reading<Reader, Pagination>, detail::step_by_page> {
    static_assert(detail::explain_pages<Reader, Pagination>() || true); // it says its own sentence

public:
    using detail::reading_view<detail::page_reading<Reader, Pagination>, detail::step_by_page>::reading_view;
    /// The rows of all pages, one after the other.
    [[nodiscard]] page_rows<Reader, Pagination> rows() const { return page_rows<Reader, Pagination>(this->reading_); }
};

/// The pages of a table, each read when a loop comes to it.
///
/// `reader` is a source connection, or a connection_manager of one, which retries; it outlives the view. `limits` is
/// how much a page may hold. `columns` is what to read, as indices into `table.columns`; empty is all stored columns.
/// Reads nothing before the loop begins. A refusal of the pagination, or an error of the source, ends the loop, and
/// is what `error()` gives then: always ask. Copies of the view share its one pass over the table.
/// `incremental_pages` begins behind its `after`, whatever its lag, and ends at the column's maximum when the loop
/// begins.
template <class Reader, class Pagination = keyset_pages>
[[nodiscard]] page_view<Reader, Pagination> pages(Reader& reader, table_schema table, Pagination pagination = {},
                                                  batch_limits limits = {5000, 64U << 20U},
                                                  std::vector<std::size_t> columns = {}) {
    return page_view<Reader, Pagination>(std::make_shared<detail::page_reading<Reader, Pagination>>(
        reader, std::move(table), std::move(pagination), limits, std::move(columns)));
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
