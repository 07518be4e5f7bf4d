// SPDX-License-Identifier: BSL-1.0
// Whether a checkpoint can be one that a copy has saved: a row that another hand wrote, or a server that lies, must not have
// a copy leave rows out. What a value can tell is asked of the value; which key comes first, only the source's server knows.
#ifndef ROWFERRY_RESUME_RULES_HPP
#define ROWFERRY_RESUME_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/saved_value.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// How the pages of a copy make their checkpoints.
struct resume_rules {
    bool divides = false;        ///< ranges can be left open
    bool is_incremental = false; ///< the order begins with a watermark, and rows that are NULL there never come

    /// Refuses what the values themselves show to be wrong.
    [[nodiscard]] result<void> check(const copy_plan& plan, const checkpoint& found) const {
        const std::string what = nonsense_in(plan, found);
        return what.empty() ? result<void>() : senseless_checkpoint(found, what);
    }

private:
    [[nodiscard]] std::string nonsense_in(const copy_plan& plan, const checkpoint& at) const {
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
        if (at.title != plan.entry.title) return "its job is (" + plan.entry.title + ")";
        if (at.target_table != plan.target.name) {
            return "it fills the table " + at.target_table + ", and its job fills " + plan.target.name;
        }
        if (at.run.empty()) return "it belongs to no run";
        if (at.rows > most || at.batches > most) {
            return "it counts " + std::to_string(at.rows) + " rows in " + std::to_string(at.batches) + " transactions";
        }
        const bool is_at_start = at.rows == 0 && at.last_key.empty() && at.gaps.empty() && !at.complete;
        if (at.batches == 0 && !is_at_start) return "no transaction was committed, but it is not at the start";
        const bool has_keys = !plan.order.parts.empty();
        // Rows with a NULL in the key move no key on.
        if (at.rows > 0 && at.last_key.empty() && has_keys && plan.nullable.empty()) {
            return "rows were committed, but it lacks a last key";
        }
        return nonsense_in_keys(plan, at);
    }

    [[nodiscard]] std::string nonsense_in_keys(const copy_plan& plan, const checkpoint& at) const {
        if (std::string what = nonsense_in_key(plan, at.last_key, "the last key"); !what.empty()) return what;
        if (at.gaps.empty()) return {};
        if (at.gaps.size() > most_gaps) {
            return "it has " + std::to_string(at.gaps.size()) + " open ranges, and no more than " +
                   std::to_string(most_gaps) + " are resumed";
        }
        if (!divides) return "it has open ranges, which such pages never leave";
        if (at.last_key.empty()) return "it has open ranges, but it lacks a last key";
        // A table whose key may be NULL was complete once when its new rows are copied.
        if (at.complete && plan.nullable.empty()) return "it is complete, but it has open ranges";
        for (const key_range& gap : at.gaps) {
            if (gap.up_to.empty()) return "a range has no end";
            for (const key_values* bound : {&gap.after, &gap.up_to}) {
                if (std::string what = nonsense_in_key(plan, *bound, "a bound of a range"); !what.empty()) return what;
            }
        }
        std::vector<key_values> ends;
        ends.reserve(at.gaps.size());
        for (const key_range& gap : at.gaps) ends.push_back(gap.up_to);
        std::sort(ends.begin(), ends.end());
        if (std::adjacent_find(ends.begin(), ends.end()) != ends.end()) return "two ranges end at the same key";
        return {};
    }

    /// An empty key stands for the beginning.
    [[nodiscard]] std::string nonsense_in_key(const copy_plan& plan, const key_values& key, const char* which) const {
        if (key.empty()) return {};
        const std::vector<key_part>& parts = plan.order.parts;
        if (key.size() != parts.size()) {
            return std::string(which) + " has " + std::to_string(key.size()) +
                   " values, and its pages are ordered by " + std::to_string(parts.size());
        }
        for (std::size_t i = 0; i < key.size(); ++i) {
            const column& c = plan.source.columns[parts[i].column];
            const bool pages_skip_nulls =
                std::find(plan.nullable.begin(), plan.nullable.end(), parts[i].column) != plan.nullable.end() ||
                (is_incremental && i == 0);
            if (!key[i] && (!c.nullable || pages_skip_nulls)) {
                return std::string(which) + " is NULL in column " + c.name + ", and no row of its pages is";
            }
            if (!key[i]) continue;
            if (const std::string_view trouble = sql::saved_value_trouble(c, *key[i]); !trouble.empty()) {
                return std::string(which) + " " + std::string(trouble) + " in column " + c.name;
            }
        }
        return {};
    }
};

/// Those of a pagination policy.
template <class Pagination>
constexpr resume_rules rules_of() {
    return {.divides = divides_by_key<Pagination>, .is_incremental = IncrementalPagination<Pagination>};
}

/// Asks the source whether the ranges of a checkpoint can be open beside each other: reads at most one row at a time. Manager
/// and plan outlive it.
///
/// Two keys are told apart by the rows between them. What no row lies between is as good as equal: it changes nothing.
template <class SourceManager>
class range_check {
    using connection = typename SourceManager::connection_type;

public:
    range_check(const copy_plan& plan, SourceManager& source) : plan_(plan), source_(source) {}

    /// The ranges with their ends in the order of the key, each a few questions: no range is reversed, none ends after the
    /// last key, and no row is in two of them.
    result<void> check(const checkpoint& found) {
        std::vector<const key_range*> in_order;
        for (const key_range& gap : found.gaps) {
            auto beyond = has_rows(found.last_key, gap.up_to);
            if (!beyond) return beyond.error();
            if (*beyond) return senseless_checkpoint(found, "a range ends after the last key");
            auto holds_some = has_rows(gap.after, gap.up_to);
            if (!holds_some) return holds_some.error();
            if (*holds_some) {
                if (auto r = insert(in_order, gap); !r) return r;
                continue;
            }
            auto reversed = gap.after.empty() ? result<bool>(false) : has_rows(gap.up_to, gap.after);
            if (!reversed) return reversed.error();
            if (*reversed) return senseless_checkpoint(found, "a range ends before it begins");
        }
        for (std::size_t i = 1; i < in_order.size(); ++i) {
            auto shared = has_rows(in_order[i]->after, in_order[i - 1]->up_to);
            if (!shared) return shared.error();
            if (*shared) return senseless_checkpoint(found, "two ranges overlap");
        }
        return {};
    }

private:
    result<void> insert(std::vector<const key_range*>& in_order, const key_range& gap) {
        std::size_t first = 0;
        for (std::size_t last = in_order.size(); first < last;) {
            const std::size_t middle = first + (last - first) / 2;
            auto is_after = has_rows(in_order[middle]->up_to, gap.up_to);
            if (!is_after) return is_after.error();
            if (*is_after) {
                first = middle + 1;
            } else {
                last = middle;
            }
        }
        in_order.insert(in_order.begin() + static_cast<std::ptrdiff_t>(first), &gap);
        return {};
    }

    /// Whether the source has a row after one key and up to another.
    result<bool> has_rows(const key_values& after, const key_values& up_to) {
        page_request page;
        page.table = &plan_.source;
        page.columns = ordering_columns(plan_);
        page.order = plan_.order.parts;
        page.index = plan_.order.index;
        page.nullable = plan_.nullable;
        page.max_rows = 1;
        if (!after.empty()) page.after = page_bound{after, false};
        page.up_to = page_bound{up_to, true};
        row_batch row;
        auto read = source_.run("read", [&](connection& c) { return read_as_stored(c, page, row); });
        if (!read) return std::move(read.error());
        return !row.empty();
    }

    const copy_plan& plan_;
    SourceManager& source_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
