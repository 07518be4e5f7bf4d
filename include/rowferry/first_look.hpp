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
#include <rowferry/shown_key.hpp>
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

inline key_values key_of(const copy_plan& plan, const row_view& row) {
    key_values key;
    for (const std::size_t cell : plan.order_cells) key.push_back(row[cell].to_value());
    return key;
}

inline error placed(error e, std::string where) {
    e.where = std::move(where);
    return e;
}
/// The source's rows after a key, or all of them.
inline std::string place_in_source(const copy_plan& plan, const key_values& last_key) {
    std::string where = "source, table " + plan.source.name;
    if (!last_key.empty()) where += ", after key " + to_string(last_key, forms_of(plan.source, plan.order.parts));
    return where;
}

/// Whether a look at the tables is one of many.
enum class look_kind : std::uint8_t { thorough, passing };

/// Which table has the name now.
template <TellsIncarnation Connection>
result<table_incarnation> incarnation_of(Connection& c, const table_schema& table, look_kind kind) {
    if constexpr (TellsRecentIncarnation<Connection>) {
        if (kind == look_kind::passing) return c.recent_incarnation(table);
    }
    return c.incarnation(table);
}
/// The same; unknown where the connection cannot say.
template <class Manager>
result<table_incarnation> ask_incarnation(Manager& manager, const table_schema& table,
                                          look_kind kind = look_kind::thorough) {
    using connection = typename Manager::connection_type;
    if constexpr (TellsIncarnation<connection>) {
        return manager.run("compare tables", [&](connection& c) { return incarnation_of(c, table, kind); });
    } else {
        return table_incarnation{};
    }
}

/// Reads a page of the source for its hashes and keys.
template <class Manager>
result<row_batch> read_first_rows(Manager& source, const page_request& page) {
    using connection = typename Manager::connection_type;
    row_batch rows;
    auto read = source.run("compare tables", [&](connection& c) { return read_as_stored(c, page, rows); });
    if (!read) return std::move(read.error());
    return rows;
}

/// Notes the first rows that the copy reads, and the row that an earlier run committed last. `wait()`, a result, comes before
/// the page is read.
template <class Pagination, class SourceManager, class Wait>
result<void> look_at_rows(first_look& begun, const copy_plan& plan, const Pagination& pages, const page_cursor& cursor,
                          SourceManager& source, Wait wait) {
    constexpr batch_limits few{16, std::uint64_t{256} << 10U};
    begun.page = page_after(plan, pages, cursor, few);
    begun.page.columns = plan.read_columns;
    begun.page.max_rows = few.rows;
    begun.page.max_bytes = few.bytes;
    if (plan.source.estimated_row_bytes() * double(few.rows) > double(few.bytes)) begun.page.max_rows = 1;
    if (auto r = wait(); !r) return r;
    auto rows = read_first_rows(source, begun.page);
    if (!rows && rows.error().fault == fault::batch_too_large && begun.page.max_rows > 1) {
        begun.page.max_rows = 1;
        rows = read_first_rows(source, begun.page);
    }
    if (!rows) return placed(rows.error(), place_in_source(plan, cursor.last_key));
    if (cursor.last_key.size() == plan.order.parts.size()) begun.keys.push_back(cursor.last_key);
    for (const row_view row : *rows) {
        begun.rows.push_back(hash_of(row));
        begun.keys.push_back(key_of(plan, row));
    }
    return {};
}

/// Whether rows are of one table only as long as the tables stay the same: one statement reads all rows of one table anyway.
template <class Pagination>
bool needs_look(const copy_plan& plan) {
    return !plan.order.parts.empty() && !plan.nothing_to_do && !is_single_transaction<Pagination>;
}

/// Takes note of which table the source is, before the target is claimed.
template <class Pagination, class SourceManager, class Wait>
result<first_look> look_at_source(const copy_plan& plan, const Pagination& pages, const page_cursor& cursor,
                                  SourceManager& source, Wait wait) {
    first_look begun;
    if (!needs_look<Pagination>(plan)) return begun;
    auto found = ask_incarnation(source, plan.source);
    if (!found) return placed(found.error(), "source, table " + plan.source.name);
    begun.source = std::move(*found);
    if (!begun.source.is_known()) return begun;
    if (auto r = look_at_rows(begun, plan, pages, cursor, source, wait); !r) return std::move(r.error());
    return begun;
}
/// The same of the target, after the claim, which may have emptied it.
template <class Pagination, class SourceManager, class TargetManager, class Wait>
result<void> look_at_target(first_look& begun, const copy_plan& plan, const Pagination& pages,
                            const page_cursor& cursor, SourceManager& source, TargetManager& target, Wait wait) {
    if (!needs_look<Pagination>(plan)) return {};
    auto found = ask_incarnation(target, plan.target);
    if (!found) return placed(found.error(), "target, table " + plan.target.name);
    begun.target = std::move(*found);
    const bool has_rows = begun.page.table != nullptr;
    if (has_rows || !begun.target.is_known()) return {};
    return look_at_rows(begun, plan, pages, cursor, source, wait);
}

/// What its rows say of a table that was rebuilt, or replaced.
enum class likeness : std::uint8_t {
    same,
    other,
    unknown ///< nothing speaks against its being the same one
};

/// Compares the source with the rows at which the copy began; new ones may stand before and between them. If none of
/// them is left (a job may delete the oldest rows), `later` decides: the key of a row copied earlier, or no key.
template <class Manager>
result<likeness> compare_first_rows(Manager& source, const copy_plan& plan, const first_look& begun,
                                    const key_values& later) {
    if (begun.rows.empty()) return likeness::same;
    page_request page = begun.page;
    constexpr std::uint64_t more = 16;
    page.max_rows *= more;
    page.max_bytes *= more;
    auto found = read_first_rows(source, page);
    if (!found) return std::move(found.error());
    const auto is_one_of = [](const auto& all, const auto& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    const auto matches = [&](const row_view& row) { return is_one_of(begun.rows, hash_of(row)); };
    if (std::any_of(found->begin(), found->end(), matches)) return likeness::same;
    const auto differs = [&](const row_view& row) { return is_one_of(begun.keys, key_of(plan, row)); };
    if (std::any_of(found->begin(), found->end(), differs)) return likeness::other;
    if (later.size() != plan.order.parts.size()) return likeness::other;
    page = begun.page;
    page.after = page.up_to = page_bound{later, true};
    page.offset = 0;
    page.max_rows = 1;
    found = read_first_rows(source, page);
    if (!found) return std::move(found.error());
    return found->empty() ? likeness::other : likeness::unknown;
}

/// Compares the target with the keys of the rows that were committed first, and with `later`, as above; none committed is
/// nothing lost. Nothing speaks against a target whose rows are transformed.
template <class Connection>
result<likeness> compare_first_keys(Connection& target, const copy_plan& plan, const first_look& begun,
                                    const key_values& later, std::uint64_t rows) {
    if (rows == 0) return likeness::same;
    if constexpr (CountsRows<Connection>) {
        count_request one;
        one.table = &plan.target;
        for (const key_part& part : plan.order.parts) {
            const auto column = plan.columns.target_of(part.column);
            if (!column) return likeness::unknown;
            one.order.push_back({*column, part.descending, part.prefix});
        }
        std::vector<key_values> keys = begun.keys;
        if (later.size() == plan.order.parts.size()) keys.push_back(later);
        for (const key_values& key : keys) {
            one.after = one.up_to = page_bound{key, true};
            auto found = target.count(one);
            if (!found) return std::move(found.error());
            if (found->value_or(0) > 0) return likeness::same;
        }
        // Any of these rows may be one that a transformation dropped.
        return plan.transformation.empty() ? likeness::other : likeness::unknown;
    } else {
        return likeness::unknown;
    }
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
