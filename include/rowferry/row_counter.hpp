// SPDX-License-Identifier: BSL-1.0
// How many rows a copy will move, and how many it never sees.
#ifndef ROWFERRY_ROW_COUNTER_HPP
#define ROWFERRY_ROW_COUNTER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/incremental.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/starting_point.hpp>
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

/// Counts in the source, within the time that the request allows.
template <class SourceManager, class TargetManager, class Pagination>
class row_counter {
    using source_connection = typename SourceManager::connection_type;
    using count_result = std::optional<std::uint64_t>; // none when the time was up

public:
    explicit row_counter(plan_ends<SourceManager, TargetManager, Pagination>& ends) : ends_(ends) {}

    /// The rows that are left to copy, where that was asked for, and those without a watermark, always.
    result<void> count(copy_plan& plan) {
        if constexpr (IncrementalPagination<Pagination>) {
            const std::size_t watermark = plan.order.parts.front().column;
            if (plan.source.columns[watermark].nullable) {
                if (auto r = count_nulls(plan, watermark); !r) return r;
            }
        }
        // A filter may fail at a row in the middle: better now than after the target was emptied.
        const bool is_tried = !plan.filter.empty() && plan.entry.rows == 0;
        if (!ends_.request.count_rows && !is_tried) return {};
        page_cursor cursor = plan.start;
        cursor.last_key = plan.entry.last_key;
        cursor.rows = plan.entry.rows;
        const page_request rest = ends_.pages.next(plan.order, cursor, {});
        auto left = count_left(plan, rest);
        if (!left) {
            error e = std::move(left.error());
            const bool is_of_row = is_tried && e.code != 0 && !is_retryable(e.fault);
            if (is_of_row && e.message.empty())
                e.message = "evaluating the filter failed for at least one row: change the filter";
            return e;
        }
        // Rows after a bound do not include those with a NULL in the key.
        const bool is_known = plan.nullable.empty() || !rest.after;
        if (*left && is_known && ends_.request.count_rows) plan.expected_rows = plan.nothing_to_do ? 0 : *left;
        return {};
    }

private:
    result<void> count_nulls(copy_plan& plan, std::size_t watermark) {
        count_request nulls = all_rows(plan);
        nulls.null_in = watermark;
        auto n = ask(nulls);
        if (!n) return n.error();
        plan.null_watermarks = n->value_or(0);
        if (*n && plan.null_watermarks == 0) return {};
        const bool one = plan.null_watermarks == 1;
        plan.notices.push_back((*n ? std::to_string(**n) : std::string("an unknown number of")) +
                               (one ? " row of table " : " rows of table ") + plan.source.name +
                               (one ? " is NULL in " : " are NULL in ") + plan.source.columns[watermark].name +
                               " and never " + (one ? "comes" : "come") + " in an incremental copy");
        return {};
    }

    /// Those of the rest of the table, and of the ranges that workers of an earlier run left open.
    result<count_result> count_left(const copy_plan& plan, const page_request& rest) {
        count_request what = all_rows(plan);
        what.order = rest.order;
        what.after = rest.after;
        what.up_to = rest.up_to;
        auto left = ask(what);
        if (!left || !*left) return left;
        for (const key_range& gap : plan.entry.gaps) {
            what.after = gap.after.empty() ? std::nullopt : std::optional(page_bound{gap.after, false});
            what.up_to = page_bound{gap.up_to, true};
            auto more = ask(what);
            if (!more || !*more) return more;
            **left += **more;
        }
        **left -= std::min(**left, rest.offset);
        return left;
    }

    [[nodiscard]] count_request all_rows(const copy_plan& plan) const {
        count_request all;
        all.table = &plan.source;
        all.limit = ends_.request.count_limit;
        all.filter = plan.filter;
        return all;
    }
    result<count_result> ask(const count_request& what) {
        auto n = ends_.source.run("count", [&](source_connection& c) { return c.count(what); });
        if (!n) return ends_.on_source(n.error());
        return n;
    }

    plan_ends<SourceManager, TargetManager, Pagination>& ends_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
