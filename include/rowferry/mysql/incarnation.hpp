// SPDX-License-Identifier: BSL-1.0
// Which table has a name: by the time of its definition, which everybody may see, and by the ids of its tables inside
// InnoDB, which take the privilege PROCESS.
#ifndef ROWFERRY_MYSQL_INCARNATION_HPP
#define ROWFERRY_MYSQL_INCARNATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What a connection remembers of what it may ask.
struct incarnation_memory {
    bool hides_ids = false;
};

/// The ids of the tables that InnoDB keeps for a table, one for each partition. None where the user may not see them.
inline result<void> read_storage(client& c, const server_info& info, incarnation_memory& memory,
                                 const table_schema& table, table_incarnation& into) {
    constexpr std::string_view operation = "compare tables";
    constexpr std::size_t most_parts = 100'000;
    std::string statement;
    sql::append_storage_ids(statement, info.dialect, info.database, table.name);
    auto ids = c.query_catalog(operation, statement, 1, most_parts);
    if (!ids) {
        if (is_retryable(ids.error().fault) || c.is_aborted()) return std::move(ids.error());
        memory.hides_ids = true; // without the privilege, or another server than the two that have this catalog
        return {};
    }
    for (std::size_t i = 0; i < ids->rows(); ++i) into.storage.emplace_back(ids->at(i, 0).bytes());
    std::sort(into.storage.begin(), into.storage.end());
    // On MariaDB a truncation leaves the file of the definition as it is; MySQL's time may change with it.
    if (!into.storage.empty() && info.dialect != sql::dialect::mariadb) into.created.clear();
    return {};
}

/// Which table has the name of one that was described; unknown when it is gone.
inline result<table_incarnation> read_incarnation(client& c, const server_info& info, incarnation_memory& memory,
                                                  const table_schema& table) {
    constexpr std::string_view operation = "compare tables";
    std::string statement;
    sql::append_incarnation(statement, info.dialect, info.database, table.name);
    auto rows = c.query_catalog(operation, statement, 6);
    if (!rows) {
        if (is_retryable(rows.error().fault) || c.is_aborted()) return std::move(rows.error());
        return table_incarnation{}; // a server that does not have these variables
    }
    table_incarnation found;
    for (std::size_t i = 0; i < rows->rows(); ++i) {
        row_reader row(*rows, i, about("the description", table.name));
        if (row.name(0, "table") != table.name) continue; // the server takes names without regard to case
        found.server = row.text_or_null(1);
        found.created = row.text_or_null(2);
        found.is_settled = row.text_or_null(3) == "YES";
        const std::string engine = row.text_or_null(4);
        found.next_number = row.number_or_null(5, "next number");
        if (auto r = row.checked(operation); !r) return std::move(r.error());
        if (memory.hides_ids || !table_schema::same_name(engine, "InnoDB")) continue;
        if (auto r = read_storage(c, info, memory, table, found); !r) return std::move(r.error());
    }
    return found;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
