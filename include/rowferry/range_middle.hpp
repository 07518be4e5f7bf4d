// SPDX-License-Identifier: BSL-1.0
// Finds the row that divides what is left of a range into two halves of about the same number of rows.
#ifndef ROWFERRY_RANGE_MIDDLE_HPP
#define ROWFERRY_RANGE_MIDDLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/integer_order.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A row by which a range is divided, and about how many rows are before and behind it.
struct range_division {
    key_values middle = {};
    double rows_before = 0;
    double rows_behind = 0;
};

/// Asks the source. By the server's estimates where a key begins with an integer: some dozens of questions, each of which
/// looks at a few pages of the index. Else by counting along the index, which reads as much of it as half of the range has.
/// The values of keys are never compared here, but for integers between which a third one is chosen.
template <class SourceManager, class Pagination>
class range_middle {
    using source_connection = typename SourceManager::connection_type;
    static constexpr std::uint64_t most_bytes = 256U << 20U;

public:
    range_middle(const copy_plan& plan, SourceManager& source, const Pagination& pages)
        : plan_(plan), source_(source), pages_(pages) {}

    /// The division of what is behind `from`; none when that has fewer than `least` rows twice over. `rows_ahead` is about how
    /// many it has.
    result<std::optional<range_division>> find(const page_cursor& from, double rows_ahead, std::uint64_t least) {
        if constexpr (EstimatesRows<source_connection> && FindsMaximum<source_connection>) {
            auto found = by_estimates(from, least);
            if (found && *found) return found;
            if (!found && is_retryable(found.error().fault)) return found; // in vain: counting would fail as well
        }
        return by_count(from, rows_ahead, std::max<std::uint64_t>(least, 1));
    }

private:
    /// None where that is no way: another kind of key, or one whose first column has too few values.
    result<std::optional<range_division>> by_estimates(const page_cursor& from, std::uint64_t least) {
        const std::optional<range_division> none;
        if (plan_.order.parts.empty() || from.last_key.empty()) return none;
        const key_part& first = plan_.order.parts.front();
        const column& c = plan_.source.columns[first.column];
        if (c.kind != column_kind::integer || first.descending) return none;
        const integer_scale scale(c);
        auto end = end_of(from, first.column);
        if (!end) return end.error();
        const auto begin = scale.place_of(from.last_key.front());
        const auto last = scale.place_of(*end);
        auto all = estimate(from, std::nullopt);
        if (!all) return all.error();
        if (!begin || !last || *all < 2 * double(least)) return none;
        std::uint64_t low = *begin;
        std::uint64_t high = *last;
        while (low < high && high - low > 1) {
            const std::uint64_t place = low + (high - low) / 2;
            auto before = estimate(from, page_bound{{scale.at(place)}, true});
            if (!before) return before.error();
            if (*before < 0.4 * *all) {
                low = place;
            } else if (*before > 0.6 * *all) {
                high = place;
            } else {
                page_cursor behind = from;
                behind.last_key.clear();
                behind.from = page_bound{{scale.at(place)}, false};
                auto middle = row_ahead(behind, 0);
                if (!middle) return middle.error();
                if (!*middle) return none;
                return std::optional(range_division{std::move(**middle), *before, *all - *before});
            }
        }
        return none;
    }
    /// The first column's value at the end of the range, or of the table.
    result<value> end_of(const page_cursor& from, std::size_t column) {
        if (from.up_to) return from.up_to->values.front();
        return source_.run("divide", [&](source_connection& s) { return s.maximum(plan_.source, column); });
    }
    /// About how many rows there are up to a bound, or up to the end.
    result<double> estimate(const page_cursor& from, std::optional<page_bound> up_to) {
        page_request wanted = page_after(plan_, pages_, from, {});
        wanted.max_rows = 0;
        if (up_to) wanted.up_to = std::move(up_to);
        auto rows = source_.run("divide", [&](source_connection& s) { return s.estimate(wanted); });
        if (!rows) return rows.error();
        return double(*rows);
    }

    /// Half of the rows, or a fourth of that, and so on, when there are fewer than was estimated. No more than `most_bytes` are
    /// counted along: of a larger range the other worker gets the larger part, which it will divide again.
    result<std::optional<range_division>> by_count(const page_cursor& from, double rows_ahead, std::uint64_t least) {
        const double row_bytes = std::max(1.0, plan_.source.estimated_row_bytes());
        const double half = std::min(rows_ahead / 2, std::max(double(least), double(most_bytes) / row_bytes));
        for (auto offset = static_cast<std::uint64_t>(half); offset >= least; offset /= 4) {
            auto middle = row_ahead(from, offset);
            if (!middle) return middle.error();
            if (!*middle) continue;
            const double behind = std::max(rows_ahead - double(offset), double(offset));
            return std::optional(range_division{std::move(**middle), double(offset), behind});
        }
        return std::optional<range_division>();
    }
    /// The key of the row `offset` rows behind the first one; none when there are not so many.
    result<std::optional<key_values>> row_ahead(const page_cursor& from, std::uint64_t offset) {
        page_request one = page_after(plan_, pages_, from, {1, 0});
        one.columns = ordering_columns(plan_);
        one.offset = offset;
        row_batch found;
        auto read = source_.run("divide", [&](source_connection& s) { return read_as_stored(s, one, found); });
        if (!read) return read.error();
        if (found.empty()) return std::optional<key_values>();
        key_values key;
        for (std::size_t i = 0; i < one.columns.size(); ++i) key.push_back(found.at(0, i).to_value());
        return std::optional(std::move(key));
    }
    const copy_plan& plan_;
    SourceManager& source_;
    const Pagination& pages_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
