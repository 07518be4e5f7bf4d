// SPDX-License-Identifier: BSL-1.0
// Notices that a table was truncated while it is compared, or that another table has its name now.
#ifndef ROWFERRY_VERIFY_SAME_TABLE_HPP
#define ROWFERRY_VERIFY_SAME_TABLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/first_look.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/digest.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Remembers which table one side compares, and its first rows: a rebuilt table still has one of them. What it is given
/// outlives it.
template <class Manager>
class same_table {
    using connection = typename Manager::connection_type;

public:
    same_table(Manager& manager, std::string_view side, const table_schema& table, const digest_request& scope,
               const std::vector<std::size_t>& columns)
        : manager_(manager), side_(side), table_(table) {
        page_.table = &table;
        page_.columns = columns;
        page_.order = scope.order;
        page_.index = scope.index;
        page_.filter = scope.filter;
        page_.nullable = scope.nullable;
        page_.max_rows = table.estimated_row_bytes() * double(few_rows) > double(few_bytes) ? 1 : few_rows;
        page_.max_bytes = few_bytes;
    }

    /// Before the first range is compared.
    result<void> begin() {
        if constexpr (TellsIncarnation<connection>) {
            auto begun = manager_.run("compare tables", [this](connection& c) -> result<void> {
                auto found = incarnation_of(c, table_, look_kind::thorough);
                if (!found) return std::move(found.error());
                seen_ = std::move(*found);
                if (!seen_.is_known()) return {};
                auto rows = first_rows(c);
                if (!rows) return std::move(rows.error());
                rows_ = std::move(*rows);
                return {};
            });
            if (!begun) return on_side(begun.error());
        }
        return {};
    }

    /// An error with `cause::table_replaced` if the rows seen so far may be those of another table.
    result<void> check(look_kind kind) {
        if constexpr (TellsIncarnation<connection>) {
            if (!seen_.is_known()) return {};
            auto same = manager_.run("compare tables", [this, kind](connection& c) -> result<void> {
                if (kind == look_kind::thorough) return check_by(c, kind);
                // The oldest rows may be deleted over time. These are of the same table if it is still the same after
                // they were read.
                auto rows = first_rows(c);
                if (!rows) return std::move(rows.error());
                const table_incarnation before = seen_;
                if (auto r = check_by(c, kind); !r) return r;
                if (change_between(before, seen_) == table_change::none && !rows->empty()) rows_ = std::move(*rows);
                return {};
            });
            if (!same) return on_side(same.error());
        }
        return {};
    }
    /// The same by this connection, also in a transaction: the rows that were seen stay those of the last passing look.
    result<void> check_by(connection& c, look_kind kind = look_kind::passing) {
        if constexpr (TellsIncarnation<connection>) {
            if (!seen_.is_known()) return {};
            auto is = incarnation_of(c, table_, kind);
            if (!is) return std::move(is.error());
            if (!is->is_known()) return {}; // dropped: the description of the table says so
            const table_change change = change_between(seen_, *is);
            if (change == table_change::emptied) return replaced("it was truncated");
            if (change == table_change::rebuilt) {
                auto is_same = has_first_rows(c);
                if (!is_same) return std::move(is_same.error());
                if (!*is_same) return replaced("it was truncated, or another table has its name now");
            }
            seen_ = std::move(*is);
        }
        return {};
    }

private:
    static constexpr std::uint64_t few_rows = 16;
    static constexpr std::uint64_t few_bytes = std::uint64_t{256} << 10U;

    result<std::vector<std::uint64_t>> first_rows(connection& c) {
        row_batch rows;
        if (auto r = read_as_stored(c, page_, rows); !r) return std::move(r.error());
        std::vector<std::uint64_t> hashes;
        for (const row_view row : rows) hashes.push_back(hash_of(row));
        return hashes;
    }
    /// Whether one of the first rows is still there, as it was; new rows may stand before and between them. Of a table that
    /// was empty, whether it still is.
    result<bool> has_first_rows(connection& c) {
        page_request page = page_;
        constexpr std::uint64_t more = 16;
        page.max_rows *= more;
        page.max_bytes *= more;
        row_batch rows;
        if (auto r = read_as_stored(c, page, rows); !r) return std::move(r.error());
        if (rows_.empty()) return rows.empty();
        return std::any_of(rows.begin(), rows.end(), [this](const row_view& row) {
            return std::find(rows_.begin(), rows_.end(), hash_of(row)) != rows_.end();
        });
    }

    [[nodiscard]] error on_side(error e) const { return placed(std::move(e), side_ + ", table " + table_.name); }
    [[nodiscard]] error replaced(const std::string& how) const {
        error e = refusal("the table was replaced on the " + side_ + " while it was compared: " + how +
                          ": check its rows, and verify again");
        e.cause = cause::table_replaced;
        return e;
    }

    Manager& manager_;
    std::string side_;
    const table_schema& table_;
    page_request page_;
    table_incarnation seen_;          // as looked at last; unknown where the server does not say
    std::vector<std::uint64_t> rows_; // hashes of the first rows, of the last passing look
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
