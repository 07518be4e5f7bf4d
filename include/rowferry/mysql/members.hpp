// SPDX-License-Identifier: BSL-1.0
// What the catalog does not say of ENUM and SET: their members in the column's charset, and which columns have members that
// the server takes for the same text.
#ifndef ROWFERRY_MYSQL_MEMBERS_HPP
#define ROWFERRY_MYSQL_MEMBERS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// "a column of table t": what a row of the catalog is about.
inline std::string about(std::string_view thing, std::string_view table) {
    return std::string(thing) + " of table " + std::string(table);
}

/// What each answer is for.
inline constexpr std::string_view describing = "describe";

/// Asks the server for the members of its ENUM and SET columns in the columns' own charsets: the catalog spells them in
/// UTF-8, and a page bound is compared with them byte for byte.
inline result<void> read_members(client& c, table_schema& table) {
    for (column& each : table.columns) {
        if (each.kind != column_kind::enumeration && each.kind != column_kind::set) continue;
        if (each.charset.empty() || each.charset.starts_with("utf8")) continue;
        const std::vector<std::string> members = sql::members_of(each.type);
        if (members.empty()) {
            return senseless_answer(describing, "the type of column " + each.name + " of table " + table.name +
                                                    " names no members");
        }
        std::string statement;
        sql::append_convert(statement, members, each.charset);
        auto converted = c.query(describing, statement, columns_only(members.size(), 1));
        if (!converted) return std::move(converted.error());
        row_reader row(*converted, 0, about("a column", table.name));
        for (std::size_t i = 0; i < members.size(); ++i) each.members.push_back(row.text(i, "member"));
        if (auto r = row.checked(describing); !r) return r;
    }
    return {};
}

/// Whether two members are the same bytes, as the catalog spells them. MariaDB spells all characters beyond U+FFFF as one
/// question mark, so that members which differ only there look the same here: they travel as numbers, too, which is exact.
inline bool has_equal_members(const std::vector<std::string>& members) {
    return std::set<std::string_view>(members.begin(), members.end()).size() < members.size();
}

/// Marks the columns with members that the server takes for the same text: equal ones, and those that are equal by the
/// column's collation, which only the server can tell. Text then names the first such member.
inline result<void> find_alike_members(client& c, sql::dialect d, table_schema& table) {
    constexpr unsigned long first_with_rows = 80'019;
    const bool has_rows = d == sql::dialect::mariadb || mysql_get_server_version(c.handle()) >= first_with_rows;
    std::string statement;
    struct question {
        std::size_t column;
        std::uint64_t members;
    };
    std::vector<question> asked;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        column& each = table.columns[i];
        if (each.kind != column_kind::enumeration && each.kind != column_kind::set) continue;
        const std::vector<std::string> members = sql::members_of(each.type);
        each.has_alike_members = has_equal_members(members);
        if (each.has_alike_members || members.size() < 2 || each.collation.empty()) continue;
        if (sql::surely_differ(members, each.collation)) continue;
        statement += asked.empty() ? "SELECT (" : ", (";
        sql::append_count_distinct(statement, d, members, each.charset, each.collation, has_rows);
        statement += ')';
        asked.push_back({i, members.size()});
    }
    if (asked.empty()) return {};
    auto counts = c.query(describing, statement, columns_only(asked.size(), 1));
    if (!counts) return std::move(counts.error());
    row_reader row(*counts, 0, about("the members of a column", table.name));
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const std::uint64_t distinct = row.number(i, "number");
        if (distinct == 0 || distinct > asked[i].members) row.wrong("number", "is not one of its members");
        table.columns[asked[i].column].has_alike_members = distinct < asked[i].members;
    }
    return row.checked(describing);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
