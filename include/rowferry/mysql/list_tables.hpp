// SPDX-License-Identifier: BSL-1.0
// The tables of a database, and whether the catalog hides some of them from the user.
#ifndef ROWFERRY_MYSQL_LIST_TABLES_HPP
#define ROWFERRY_MYSQL_LIST_TABLES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/grants.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/engines.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The base tables of the database that the user may see.
inline result<std::vector<listed_table>> list_tables(client& c, std::string_view database) {
    constexpr std::string_view operation = "list tables";
    std::string statement;
    sql::append_tables(statement, database);
    auto rows = c.query_catalog(operation, statement, 2);
    if (!rows) return std::move(rows.error());
    std::vector<listed_table> tables;
    for (std::size_t i = 0; i < rows->rows(); ++i) {
        row_reader row(*rows, i, "a table of the database");
        listed_table table{row.name(0, "name"), row.text_or_null(1)};
        if (!tables.empty() && table.name <= tables.back().name) row.wrong("name", "comes again, or out of order");
        if (auto r = row.checked(operation); !r) return std::move(r.error());
        // Without one it cannot be opened, which its description says.
        if (!table.engine.empty()) table.rows = sql::rows_of_engine(table.engine);
        tables.push_back(std::move(table));
    }
    return tables;
}

/// Why the catalog may hide tables of the database from the user; empty when it shows all.
inline result<std::string> find_hidden(client& c, const std::string& database) {
    constexpr std::string_view operation = "show grants";
    auto lines = c.query_catalog(operation, sql::show_grants, 1);
    if (!lines) {
        constexpr unsigned without_grants = 1290; // the server runs with skip-grant-tables: everybody may do everything
        if (lines.error().code == without_grants) return std::string();
        if (is_retryable(lines.error().fault) || c.is_aborted()) return std::move(lines.error());
        return std::string("the server does not show the user's grants, and hides tables that they do not cover");
    }
    auto settings = c.query_catalog(operation, sql::show_grant_rules, 2);
    if (!settings) return std::move(settings.error());
    grant_rules rules;
    for (std::size_t i = 0; i < settings->rows(); ++i) {
        const std::string_view name = settings->at(i, 0).bytes();
        const std::string_view value = settings->at(i, 1).bytes();
        if (name == "lower_case_table_names") rules.ignores_case = value != "0";
        if (name == "partial_revokes") rules.partial_revokes = value == "ON";
    }
    std::vector<std::string> grants;
    for (std::size_t i = 0; i < lines->rows(); ++i) grants.emplace_back(lines->at(i, 0).bytes());
    if (shows_all_tables(grants, database, rules)) return std::string();
    return "the user's grants do not cover database " + database + ", and the server hides tables without a grant";
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
