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

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// The last keys of pages, one after another; none for the last page, which has no end.
using page_ends = std::vector<std::optional<page_bound>>;

/// Where a table's rows are that pages did not show.
enum class surplus : std::uint8_t {
    shown,     ///< pages show all rows, and nothing was written while they were counted: the others were written before
    misplaced, ///< they lie in another partition than their key leads to
    unknown    ///< rows are written all the time, or counting takes too long
};

/// Counts a table's rows in both ways. `pages` says which rows, and in which order; what it points to outlives this. Each
/// count without a bound gives up after `limit`.
template <class Manager>
class row_census {
    using connection = typename Manager::connection_type;

public:
    row_census(Manager& manager, page_request pages, duration limit)
        : manager_(manager), pages_(std::move(pages)), limit_(limit) {}

    /// All rows, wherever they lie; none when counting took longer than the limit.
    result<std::optional<std::uint64_t>> all() {
        count_request what = rows();
        what.anywhere = true;
        what.limit = limit_;
        return manager_.run("count", [&](connection& c) { return c.count(what); });
    }

    /// The ends of pages of `rows` rows, in order; the last page has no end. Empty if there are more than `most` pages.
    /// `go_on()`, a result, is asked before each page.
    template <class GoOn>
    result<page_ends> ends_of_pages(std::uint64_t rows, std::size_t most, GoOn go_on) {
        page_request page = pages_;
        page.columns.clear();
        for (const key_part& part : pages_.order) page.columns.push_back(part.column);
        page.offset = std::max<std::uint64_t>(rows, 1) - 1;
        page.max_rows = 1;
        page_ends ends;
        key_progress progress;
        do {
            if (auto r = go_on(); !r) return std::move(r.error());
            if (ends.size() >= most) return page_ends{}; // rows are added faster than they are read
            row_batch row;
            auto read = manager_.run("find end of range", [&](connection& c) { return read_as_stored(c, page, row); });
            if (!read) return std::move(read.error());
            std::optional<page_bound> end;
            if (!row.empty()) end = page_bound{key_of_row(row), true};
            if (end && !progress.advances_to(end->values)) end.reset(); // rows come and go
            page.after = end;
            if (end) page.after->inclusive = false;
            ends.push_back(std::move(end));
        } while (ends.back());
        return ends;
    }

    /// Explains why `found` rows, which `all` gave, are more than were shown: pages with these ends are counted, and all rows
    /// again. Rows are misplaced if two such passes, one after another, agree in each number. `go_on()`, a result, is asked
    /// before each page.
    template <class GoOn>
    result<surplus> explain(std::uint64_t found, const page_ends& ends, GoOn go_on) {
        std::vector<std::uint64_t> before;
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            auto counts = count_pages(ends, go_on);
            if (!counts) return std::move(counts.error());
            auto again = all();
            if (!again) return std::move(again.error());
            if (!*again || counts->size() < ends.size()) return surplus::unknown;
            const std::uint64_t shown = std::accumulate(counts->begin(), counts->end(), std::uint64_t{0});
            const bool is_quiet = **again == found;
            if (is_quiet && shown == found) return surplus::shown;
            if (is_quiet && shown < found && *counts == before) return surplus::misplaced;
            found = **again;
            before = std::move(*counts);
        }
        return surplus::unknown;
    }

private:
    static constexpr unsigned most_looks = 3;

    [[nodiscard]] count_request rows() const {
        count_request what;
        what.table = pages_.table;
        what.filter = pages_.filter;
        return what;
    }
    static key_values key_of_row(const row_batch& row) {
        key_values key;
        for (std::size_t i = 0; i < row.columns(); ++i) key.push_back(row.at(0, i).to_value());
        return key;
    }
    /// The rows of each page; fewer numbers where one was not given.
    template <class GoOn>
    result<std::vector<std::uint64_t>> count_pages(const page_ends& ends, GoOn& go_on) {
        std::vector<std::uint64_t> counts;
        count_request what = rows();
        what.order = pages_.order;
        for (const std::optional<page_bound>& end : ends) {
            if (auto r = go_on(); !r) return std::move(r.error());
            what.up_to = end;
            auto counted = manager_.run("count", [&](connection& c) { return c.count(what); });
            if (!counted) return std::move(counted.error());
            if (!*counted) break;
            counts.push_back(**counted);
            what.after = end;
            if (end) what.after->inclusive = false;
        }
        return counts;
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
