// SPDX-License-Identifier: BSL-1.0
// What both tables were when the copy began, and the rows at which it began: by these a table that was rebuilt is told from
// another one that has its name now.
#ifndef ROWFERRY_FIRST_LOOK_HPP
#define ROWFERRY_FIRST_LOOK_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Both tables at the beginning; unknown where a server does not say, or one statement reads all rows.
struct first_look {
    table_incarnation source;
    table_incarnation target;
    page_request page;                    ///< the first rows that the copy reads
    std::vector<std::uint64_t> rows = {}; ///< a hash of each of them
    std::vector<key_values> keys = {};    ///< theirs, and that of the row that an earlier run committed last
};

/// FNV-1a over the cells of a row: their lengths, or that they are NULL, and their bytes.
inline std::uint64_t hash_of(const row_view& row) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    const auto add = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 1'099'511'628'211U; };
    for (std::size_t i = 0; i < row.size(); ++i) {
        const cell c = row[i];
        add(c.is_null() ? 1 : 0);
        for (std::uint64_t length = c.bytes().size(); length > 0; length >>= 8U) add(length & 255U);
        add(2);
        for (const char byte : c.bytes()) add(static_cast<unsigned char>(byte));
    }
    return hash;
}

/// Which table has the name now; unknown where the connection cannot say.
template <class Manager>
result<table_incarnation> ask_incarnation(Manager& manager, const table_schema& table) {
    using connection = typename Manager::connection_type;
    if constexpr (TellsIncarnation<connection>) {
        return manager.run("compare tables", [&](connection& c) { return c.incarnation(table); });
    } else {
        return table_incarnation{};
    }
}

/// Reads a page of the source for its hashes and keys.
template <class Manager>
result<row_batch> read_first_rows(Manager& source, const page_request& page) {
    using connection = typename Manager::connection_type;
    row_batch rows;
    auto read = source.run("compare tables", [&](connection& c) { return c.read(page, rows); });
    if (!read) return std::move(read.error());
    return rows;
}

/// Takes note of which tables these are, after the target was claimed. Where one statement reads all rows they are of one
/// table anyway.
template <class Pagination, class SourceManager, class TargetManager>
result<first_look> look_first(const copy_plan& plan, const Pagination& pages, const page_cursor& cursor,
                              SourceManager& source, TargetManager& target) {
    first_look begun;
    if (plan.order.parts.empty() || plan.nothing_to_do || is_single_transaction<Pagination>) return begun;
    const auto placed = [](error e, std::string where) {
        e.where = std::move(where);
        return e;
    };
    auto of_target = ask_incarnation(target, plan.target);
    if (!of_target) return placed(of_target.error(), "target, table " + plan.target.name);
    begun.target = std::move(*of_target);
    auto of_source = ask_incarnation(source, plan.source);
    if (!of_source) return placed(of_source.error(), "source, table " + plan.source.name);
    begun.source = std::move(*of_source);
    if (!begun.source.is_known() && !begun.target.is_known()) return begun;
    constexpr batch_limits few{16, std::uint64_t{256} << 10U};
    begun.page = page_behind(plan, pages, cursor, few);
    begun.page.columns = plan.read_columns;
    begun.page.max_rows = few.rows;
    begun.page.max_bytes = few.bytes;
    if (plan.source.estimated_row_bytes() * double(few.rows) > double(few.bytes)) begun.page.max_rows = 1;
    auto rows = read_first_rows(source, begun.page);
    if (!rows) return placed(rows.error(), "source, table " + plan.source.name);
    if (cursor.last_key.size() == plan.order.parts.size()) begun.keys.push_back(cursor.last_key);
    for (const row_view row : *rows) {
        begun.rows.push_back(hash_of(row));
        key_values& key = begun.keys.emplace_back();
        for (const std::size_t cell : plan.order_cells) key.push_back(row[cell].to_value());
    }
    return begun;
}

/// Whether the source still has one of the rows at which the copy began; new ones may stand before and between them. True
/// where there was none.
template <class Manager>
result<bool> has_first_rows(Manager& source, const first_look& begun) {
    if (begun.rows.empty()) return true;
    page_request page = begun.page;
    constexpr std::uint64_t more = 16;
    page.max_rows *= more;
    page.max_bytes *= more;
    auto found = read_first_rows(source, page);
    if (!found) return std::move(found.error());
    return std::any_of(found->begin(), found->end(), [&](const row_view& row) {
        return std::find(begun.rows.begin(), begun.rows.end(), hash_of(row)) != begun.rows.end();
    });
}

/// Whether the target still has one of the rows that were committed first; none committed is nothing lost. False where it
/// cannot be asked.
template <class Connection>
result<bool> has_first_keys(Connection& target, const copy_plan& plan, const first_look& begun, std::uint64_t rows) {
    if (rows == 0) return true;
    if constexpr (CountsRows<Connection>) {
        count_request one;
        one.table = &plan.target;
        for (const key_part& part : plan.order.parts) {
            const auto column = plan.columns.target_of(part.column);
            if (!column) return false;
            one.order.push_back({*column, part.descending, part.prefix});
        }
        for (const key_values& key : begun.keys) {
            one.after = one.up_to = page_bound{key, true};
            auto found = target.count(one);
            if (!found) return std::move(found.error());
            if (found->value_or(0) > 0) return true;
        }
    }
    return false;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
