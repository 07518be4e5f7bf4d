// SPDX-License-Identifier: BSL-1.0
// Pages of the double: which rows lie between two bounds, in the order asked for.
#ifndef ROWFERRY_TESTING_PAGE_READER_HPP
#define ROWFERRY_TESTING_PAGE_READER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/row_writer.hpp>
#include <rowferry/testing/sort_key.hpp>
#include <rowferry/testing/stored_row.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// Which of the table's columns a request's column indices mean, by name; an error for a column that is not there.
inline result<std::vector<std::size_t>> columns_in(const fake_table& table, const table_schema& requested,
                                                   const std::vector<std::size_t>& columns) {
    std::vector<std::size_t> found;
    found.reserve(columns.size());
    for (std::size_t i : columns) {
        if (i >= requested.columns.size()) {
            return refusal("column " + std::to_string(i) + " of table " + requested.name + " does not exist");
        }
        const auto column = table.schema().find(requested.columns[i].name);
        if (!column) return server_error(1054, "42S22", "Unknown column '" + requested.columns[i].name + "'");
        found.push_back(*column);
    }
    return found;
}

/// One end of a page, ready to compare.
struct sorted_bound {
    std::vector<std::optional<std::string>> parts = {}; // none for NULL
    std::string joined = {};
    bool inclusive = false;

    [[nodiscard]] bool has_null() const {
        return std::any_of(parts.begin(), parts.end(), [](auto& p) { return !p; });
    }
};

/// Reads the rows of one table between bounds, as one connection sees them.
class page_reader {
public:
    /// `changes` are the reader's own uncommitted ones, or null.
    page_reader(fake_table& table, const table_changes* changes) : table_(table), changes_(changes) {}

    /// Takes the order and the bounds of a request; refuses what no server could answer.
    result<void> select(const table_schema& requested, const std::vector<key_part>& order, const std::string& index,
                        const std::optional<page_bound>& after, const std::optional<page_bound>& up_to) {
        std::vector<std::size_t> indices;
        for (const key_part& part : order) indices.push_back(part.column);
        auto columns = columns_in(table_, requested, indices);
        if (!columns) return columns.error();
        order_.clear();
        for (std::size_t i = 0; i < order.size(); ++i)
            order_.push_back({(*columns)[i], order[i].descending, order[i].prefix});
        if (!index.empty() && !table_.has_index(index)) {
            return server_error(1176, "42000", "Key '" + index + "' doesn't exist in table '" + requested.name + "'");
        }
        if (auto r = check_bounds(order, after, up_to); !r) return r;
        if (auto r = take_bound(after, after_); !r) return r;
        return take_bound(up_to, up_to_);
    }

    /// Passes over rows by their NULLs: see `page_request::nullable`.
    template <class Request>
    result<void> select_nulls(const Request& of) {
        auto columns = columns_in(table_, *of.table, of.nullable);
        if (!columns) return columns.error();
        nullable_ = std::move(*columns);
        of_nulls_ = of.of_nulls;
        return {};
    }
    /// Passes over the rows for which the filter does not hold; null is none.
    void set_filter(const row_filter* filter) { filter_ = filter; }

    /// Calls `visit(row)` for the selected rows in order, but for the first `offset`, until it returns false.
    template <class Visit>
    void each(std::uint64_t offset, Visit visit) {
        if (filter_ == nullptr && nullable_.empty()) return each_in_bounds(offset, visit);
        each_in_bounds(0, [&](const stored_row& r) {
            if (!has_wanted_nulls(r) || (filter_ != nullptr && !(*filter_)(r.to_row()))) return true;
            if (offset == 0) return bool(visit(r));
            --offset;
            return true;
        });
    }

private:
    [[nodiscard]] bool has_wanted_nulls(const stored_row& r) const {
        if (nullable_.empty()) return true;
        const bool any = std::any_of(nullable_.begin(), nullable_.end(), [&r](auto i) { return r[i].is_null(); });
        return any == of_nulls_;
    }
    template <class Visit>
    void each_in_bounds(std::uint64_t offset, Visit visit) {
        if (changes_ != nullptr && !changes_->empty()) {
            walk(merged(), offset, visit);
        } else if (offset == 0 && follows_clustering()) {
            walk_tree(table_.rows(), visit);
        } else {
            walk(table_.in_order(order_), offset, visit);
        }
    }
    result<void> take_bound(const std::optional<page_bound>& bound, std::optional<sorted_bound>& into) const {
        into.reset();
        if (!bound) return {};
        into.emplace();
        into->inclusive = bound->inclusive;
        for (std::size_t i = 0; i < bound->values.size(); ++i) {
            const column& c = table_.schema().columns[order_[i].column];
            if (!can_be_bound(c.kind))
                return refusal("column " + c.name + " is " + c.type + ": it cannot be a page bound");
            std::string text;
            append_sort_key(text, table_.rules()[order_[i].column].order, order_[i], as_cell(bound->values[i]));
            into->joined += text;
            into->parts.push_back(bound->values[i] ? std::optional(std::move(text)) : std::nullopt);
        }
        return {};
    }

    [[nodiscard]] bool follows_clustering() const {
        if (order_.empty()) return true;
        const key* clustering = table_.clustering_key();
        if (clustering == nullptr || clustering->parts.size() < order_.size()) return false;
        return std::equal(order_.begin(), order_.end(), clustering->parts.begin(), [](key_part a, key_part b) {
            return a.column == b.column && a.descending == b.descending && a.prefix == b.prefix;
        });
    }

    /// SQL compares with NULL to neither true nor false, so that sort keys alone decide only where no NULL can be.
    [[nodiscard]] bool may_meet_null() const {
        for (const auto* bound : {&after_, &up_to_}) {
            if (!*bound) continue;
            if ((*bound)->has_null()) return true;
            for (std::size_t i = 0; i < (*bound)->parts.size(); ++i) {
                if (table_.schema().columns[order_[i].column].nullable) return true;
            }
        }
        return false;
    }
    [[nodiscard]] bool is_behind(const stored_row& r, const sorted_bound& bound, bool wants_greater) const {
        for (std::size_t i = 0; i < bound.parts.size(); ++i) {
            const cell c = r[order_[i].column];
            if (c.is_null() || !bound.parts[i]) return false;
            std::string text;
            append_sort_key(text, table_.rules()[order_[i].column].order, order_[i], c);
            if (text != *bound.parts[i]) return (text > *bound.parts[i]) == wants_greater;
        }
        return bound.inclusive;
    }
    [[nodiscard]] bool is_selected(const stored_row& r) const {
        return (!after_ || is_behind(r, *after_, true)) && (!up_to_ || is_behind(r, *up_to_, false));
    }

    // Where the page begins: behind all rows that begin with the bound, or at the first of them. Empty for a bound that
    // nothing is behind, with `none` set.
    static std::string start_of(const sorted_bound& bound, bool behind, bool& none) {
        std::string start = behind ? after_prefix(bound.joined) : bound.joined;
        none = start.empty();
        return start;
    }

    template <class Visit>
    void walk(const std::vector<ordered_row>& rows, std::uint64_t offset, Visit& visit) {
        if (may_meet_null()) {
            for (const ordered_row& r : rows) {
                if (!is_selected(*r.row)) continue;
                if (offset > 0) {
                    --offset;
                } else if (!visit(*r.row)) {
                    return;
                }
            }
            return;
        }
        auto position = [&](const std::optional<sorted_bound>& bound, bool behind, std::size_t unbounded) {
            if (!bound) return unbounded;
            bool none = false;
            const std::string wanted = start_of(*bound, behind, none);
            if (none) return rows.size();
            const auto at = std::lower_bound(rows.begin(), rows.end(), wanted,
                                             [](const ordered_row& r, const auto& key) { return r.sort_key < key; });
            return static_cast<std::size_t>(at - rows.begin());
        };
        const std::size_t begin = position(after_, after_ && !after_->inclusive, 0);
        const std::size_t end = position(up_to_, up_to_ && up_to_->inclusive, rows.size());
        if (begin >= end || offset >= end - begin) return;
        for (std::size_t i = begin + static_cast<std::size_t>(offset); i < end; ++i) {
            if (!visit(*rows[i].row)) return;
        }
    }
    template <class Visit>
    void walk_tree(const rows_in_order& rows, Visit& visit) {
        auto at = rows.begin();
        bool none = false;
        if (after_) {
            const std::string wanted = start_of(*after_, !after_->inclusive, none);
            if (none) return;
            at = rows.lower_bound(wanted);
        }
        std::string stop;
        bool endless = true;
        if (up_to_) stop = start_of(*up_to_, up_to_->inclusive, endless);
        const bool checks = may_meet_null();
        for (; at != rows.end(); ++at) {
            if (!endless && !(at->first < stop)) return;
            if (checks && !is_selected(at->second)) continue;
            if (!visit(at->second)) return;
        }
    }

    /// Committed rows and the reader's own changes together.
    [[nodiscard]] std::vector<ordered_row> merged() const {
        std::vector<ordered_row> rows;
        auto add = [&](const std::string& place, const stored_row& r) {
            if (!r.is_deleted()) rows.push_back({order_.empty() ? place : table_.sort_key(order_, r), rows.size(), &r});
        };
        for (const auto& [place, r] : table_.rows()) {
            if (!changes_->rows.contains(place)) add(place, r);
        }
        for (const auto& [place, r] : changes_->rows) add(place, r);
        std::sort(rows.begin(), rows.end());
        return rows;
    }

    fake_table& table_;
    const table_changes* changes_;
    std::vector<key_part> order_;
    std::optional<sorted_bound> after_;
    std::optional<sorted_bound> up_to_;
    const row_filter* filter_ = nullptr;
    std::vector<std::size_t> nullable_;
    bool of_nulls_ = false;
};

/// Fills a batch with a page, as `Source::read` does.
inline result<void> read_page(page_reader& reader, const fake_table& table, const page_request& page, row_batch& into) {
    if (auto r = reader.select(*page.table, page.order, page.index, page.after, page.up_to); !r) return r;
    if (auto r = reader.select_nulls(page); !r) return r;
    auto columns = columns_in(table, *page.table, page.columns);
    if (!columns) return columns.error();
    into.reset(columns->size());
    std::uint64_t rows = 0;
    reader.each(page.offset, [&](const stored_row& r) {
        if (page.max_rows != 0 && rows == page.max_rows) return false;
        if (page.max_bytes != 0 && rows > 0) {
            std::uint64_t size = 0;
            for (std::size_t column : *columns) size += r[column].bytes().size();
            if (into.bytes() + size > page.max_bytes) {
                into.set_truncated();
                return false;
            }
        }
        for (std::size_t column : *columns) into.add(r[column]);
        ++rows;
        return true;
    });
    return {};
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
