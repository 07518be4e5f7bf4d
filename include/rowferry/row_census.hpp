// SPDX-License-Identifier: BSL-1.0
// Rows of a partitioned table that lie in another partition than their key leads to: servers leave partitions out of a page by
// its bounds, so that pages may show such a row or not. A count without a bound counts it.
#ifndef ROWFERRY_ROW_CENSUS_HPP
#define ROWFERRY_ROW_CENSUS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/key_progress.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Counts a table's rows in both ways. `pages` says which rows, in which order, and how many come in a page; what it points
/// to outlives this. Each count without a bound gives up after `limit`.
template <class Manager>
class row_census {
    using connection = typename Manager::connection_type;

public:
    row_census(Manager& manager, page_request pages, duration limit)
        : manager_(manager), pages_(std::move(pages)), limit_(limit) {
        pages_.columns.clear();
        for (const key_part& part : pages_.order) pages_.columns.push_back(part.column);
        pages_.offset = pages_.max_rows > 0 ? pages_.max_rows - 1 : 0;
        pages_.max_rows = 1;
    }

    /// All rows, wherever they lie; none when counting took longer than the limit.
    result<std::optional<std::uint64_t>> all() {
        count_request what = rows();
        what.anywhere = true;
        what.limit = limit_;
        return manager_.run("count", [&](connection& c) { return c.count(what); });
    }

    /// Whether `found`, which `all` gave, is more than pages show: they are counted, one after another, and then all rows
    /// again. None when rows were written meanwhile. `go_on()`, a result, is asked before each page.
    template <class GoOn>
    result<std::optional<bool>> exceeds_pages(std::uint64_t found, GoOn go_on) {
        std::uint64_t shown = 0;
        std::optional<page_bound> after;
        key_progress ends;
        do {
            if (auto r = go_on(); !r) return std::move(r.error());
            auto end = end_of_page(after);
            if (!end) return std::move(end.error());
            if (*end && !ends.advances_to((*end)->values)) return std::optional<bool>(); // rows come and go
            count_request what = rows();
            what.order = pages_.order;
            what.after = after;
            what.up_to = *end;
            auto counted = manager_.run("count", [&](connection& c) { return c.count(what); });
            if (!counted) return std::move(counted.error());
            shown += counted->value_or(0);
            after = std::move(*end);
            if (after) after->inclusive = false;
        } while (after);
        auto again = all();
        if (!again) return std::move(again.error());
        if (*again != found) return std::optional<bool>();
        return std::optional(shown < found);
    }

private:
    [[nodiscard]] count_request rows() const {
        count_request what;
        what.table = pages_.table;
        what.filter = pages_.filter;
        return what;
    }
    /// The key of the page's last row; none for the last page, which has fewer rows.
    result<std::optional<page_bound>> end_of_page(const std::optional<page_bound>& after) {
        pages_.after = after;
        row_batch row;
        auto read = manager_.run("find end of range", [&](connection& c) { return read_as_stored(c, pages_, row); });
        if (!read) return std::move(read.error());
        if (row.empty()) return std::optional<page_bound>();
        page_bound end{{}, true};
        for (std::size_t i = 0; i < row.columns(); ++i) end.values.push_back(row.at(0, i).to_value());
        return std::optional(std::move(end));
    }

    Manager& manager_;
    page_request pages_;
    duration limit_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
