// SPDX-License-Identifier: BSL-1.0
// Which page comes next.
//
//   single_page        all rows in one page and one transaction: small tables, with or without a key
//   offset_pages       LIMIT n OFFSET m over a total order: kept for comparison
//   keyset_pages       the rows after the last key: the default
//   incremental_pages  the rows after a watermark: (column, key) order, ties kept apart, the upper bound fixed at start
#ifndef ROWFERRY_PAGINATION_HPP
#define ROWFERRY_PAGINATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// The total order that pages follow.
struct page_order {
    std::vector<key_part> parts = {}; ///< empty: as the server gives them (single_page without a key)
    std::string index = {};           ///< the key's name, when the order is exactly a key's
};

/// Where a copy stands between two pages.
struct page_cursor {
    key_values last_key = {};             ///< the order's columns of the last row committed; empty before the first
    std::uint64_t rows = 0;               ///< rows committed
    std::optional<page_bound> from = {};  ///< where the first page starts, when last_key is empty
    std::optional<page_bound> up_to = {}; ///< the upper bound, fixed at the start
};

/// `order` chooses the order from the schema, or refuses with a sentence; `next` makes the page behind the cursor
/// (table and columns are filled in by the caller). Both are pure.
template <class P>
concept OrdersPages = requires(const P& p, const table_schema& table) {
    { p.order(table) } -> detail::gives<page_order>;
};
template <class P>
concept MakesPages = requires(const P& p, const page_order& order, const page_cursor& cursor, batch_limits limits) {
    { p.next(order, cursor, limits) } -> std::same_as<page_request>;
};
/// A policy for the slot `pagination`: the order of the rows, and which page comes next.
template <class P>
concept PaginationPolicy = detail::fills<P, slot::pagination> && OrdersPages<P> && MakesPages<P>;

/// A pagination that starts after a watermark column rather than at the table's first row.
template <class P>
concept IncrementalPagination = PaginationPolicy<P> && requires(const P& p) {
    { p.column } -> std::convertible_to<std::string>;
    { p.lag } -> std::convertible_to<std::chrono::seconds>;
    { p.after } -> std::convertible_to<value>;
};

/// Whether all rows have to go into one transaction, because there is no cursor to continue from.
template <class P>
inline constexpr bool is_single_transaction = [] {
    if constexpr (requires { P::single_transaction; }) {
        return P::single_transaction;
    } else {
        return false;
    }
}();

namespace detail {
/// Whether the next page is known by the last key alone, so that it can be read before the last one is committed.
template <class P>
inline constexpr bool continues_by_key = [] {
    if constexpr (requires { P::continues_by_key; }) {
        return P::continues_by_key;
    } else {
        return false;
    }
}();
/// Whether a copy may take its ranges of the key in any order.
template <class P>
inline constexpr bool divides_by_key = [] {
    if constexpr (requires { P::divides_by_key; }) {
        return P::divides_by_key;
    } else {
        return false;
    }
}();
} // namespace detail

/// What a pagination calls itself in plans and checkpoints.
template <class P>
constexpr std::string_view pagination_name() {
    if constexpr (requires { P::name; }) {
        return P::name;
    } else {
        return "custom";
    }
}

namespace detail {

/// Of some keys of a table the one that pages go by; null when there is none. One whose index finds pages comes before all
/// others, and then one over columns that are copied; else the first.
inline const key* preferred_key(const table_schema& table, const std::vector<key>& keys) {
    const auto cost = [&](const key& k) {
        return std::pair(!table.is_found_by_index(k.parts), table.is_computed(k.parts));
    };
    const auto chosen =
        std::min_element(keys.begin(), keys.end(), [&](const key& a, const key& b) { return cost(a) < cost(b); });
    return chosen == keys.end() ? nullptr : &*chosen;
}

/// The key that orders pages, and rather one whose index finds them than the primary key.
inline result<page_order> key_order(const table_schema& table) {
    if (const key* chosen = preferred_key(table, table.keys)) return page_order{chosen->parts, chosen->name};
    std::string why = "table " + table.name +
                      " has no key that can order pages: a primary key, or a unique key over "
                      "columns that are NOT NULL, is needed";
    if (!table.unusable_keys.empty()) why += " (" + table.unusable_keys + ")";
    return refusal(why);
}

inline error too_large_for_one_page(std::uint64_t max_bytes) {
    return refusal("the table is larger than a single page may be (" + std::to_string(max_bytes) +
                   " bytes): choose keyset_pages");
}

inline page_request keyset_page(const page_order& order, const page_cursor& cursor, batch_limits limits) {
    page_request page;
    page.order = order.parts;
    page.index = order.index;
    page.after = cursor.last_key.empty() ? cursor.from : std::optional(page_bound{cursor.last_key, false});
    page.up_to = cursor.up_to;
    page.max_rows = limits.rows;
    page.max_bytes = limits.bytes;
    return page;
}

} // namespace detail

/// All rows in one page and one transaction, ordered by the key if there is one: for small tables, and the only way for a
/// table without a key. Holds the whole table in memory.
struct single_page {
    using policy_slot = slot::pagination;
    static constexpr std::string_view name = "single page";
    static constexpr bool single_transaction = true;
    std::uint64_t max_bytes = 256U << 20U; ///< a larger table is refused rather than held in memory

    [[nodiscard]] result<page_order> order(const table_schema& table) const {
        if (table.keys.empty()) return page_order{};
        return detail::key_order(table);
    }
    [[nodiscard]] page_request next(const page_order& order, const page_cursor& cursor, batch_limits) const {
        return detail::keyset_page(order, cursor, {0, max_bytes});
    }
};

/// Visits n²/2b rows for n rows in pages of b, and misses or doubles rows when the table changes meanwhile.
struct offset_pages {
    using policy_slot = slot::pagination;
    static constexpr std::string_view name = "offset";

    [[nodiscard]] result<page_order> order(const table_schema& table) const { return detail::key_order(table); }
    [[nodiscard]] page_request next(const page_order& order, const page_cursor& cursor, batch_limits limits) const {
        page_request page;
        page.order = order.parts;
        page.index = order.index;
        page.offset = cursor.rows;
        page.max_rows = limits.rows;
        page.max_bytes = limits.bytes;
        return page;
    }
};

/// The rows after the last key, page after page, each found by the index: the default. Refuses a table without a key
/// that can order pages.
struct keyset_pages {
    using policy_slot = slot::pagination;
    static constexpr std::string_view name = "keyset";
    static constexpr bool continues_by_key = true; ///< so that `overlapped` reads ahead
    static constexpr bool divides_by_key = true;   ///< so that `parallel` divides the table

    [[nodiscard]] result<page_order> order(const table_schema& table) const { return detail::key_order(table); }
    [[nodiscard]] page_request next(const page_order& order, const page_cursor& cursor, batch_limits limits) const {
        return detail::keyset_page(order, cursor, limits);
    }
};

/// What becomes of rows whose watermark is more than a day in the future, as of 9999-12-31: where one is copied, later
/// runs begin at it and find no row before it.
enum class future_rows : std::uint8_t {
    copy,     ///< they are copied like others, and a notice names the largest
    leave_out ///< they are left out until their time has come, by this run and as the place where one begins
};

/// Rows whose `column` is past the last run's, in (column, key) order, up to the column's maximum when the run starts.
/// With an idempotent write mode a run begins at the last value and copies its rows again, since others with the same
/// value may have been committed since; with insert it begins after the last row.
/// Rows that are NULL there never come; the report counts them. Deletes are not seen.
struct incremental_pages {
    using policy_slot = slot::pagination;
    static constexpr std::string_view name = "incremental";
    static constexpr bool continues_by_key = true;
    /// A number, a date and time, or text or bytes whose values grow as their collation orders them; an index on it makes
    /// pages cheap.
    std::string column = {};
    std::chrono::seconds lag{0}; ///< start this much before the last value, for rows that were committed late (for an
                                 ///< number: that many units; none for text); needs an idempotent write mode
    value after = std::nullopt;  ///< start behind this value, rather than where the checkpoint or the target stands
    future_rows future = future_rows::copy; ///< of a date; needs `KnowsTime` of both connections, else nothing is asked

    [[nodiscard]] result<page_order> order(const table_schema& table) const {
        const auto watermark = table.find(column);
        if (!watermark)
            return refusal("table " + table.name + " has no column " + column + " to copy incrementally by");
        const column_kind kind = table.columns[*watermark].kind;
        const bool is_text = kind == column_kind::text || kind == column_kind::bytes;
        if (!is_text && kind != column_kind::integer && kind != column_kind::decimal && kind != column_kind::temporal) {
            return refusal("column " + column + " of table " + table.name + " is " + table.columns[*watermark].type +
                           ": an incremental column must be an integer, a decimal, a date and time, text or bytes");
        }
        auto key = detail::key_order(table);
        if (!key) return key.error();
        page_order order;
        order.parts.push_back({*watermark, false});
        for (const key_part& part : key->parts) {
            if (part.column != *watermark) order.parts.push_back({part.column, false, part.prefix});
        }
        return order;
    }
    [[nodiscard]] page_request next(const page_order& order, const page_cursor& cursor, batch_limits limits) const {
        return detail::keyset_page(order, cursor, limits);
    }
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
