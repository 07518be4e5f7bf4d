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
#include <rowferry/timing.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What a connection remembers of what it may ask, and of what it was told last.
struct incarnation_memory {
    bool hides_ids = false;
    std::string table = {};
    table_incarnation told = {}; ///< of that table, with all that the server said
};

/// Whether the ids have to be asked for each time, or may be those of the last answer, unless something else changed.
enum class storage_ids : std::uint8_t { asked, remembered };

/// The ids of the tables that InnoDB keeps for a table, one for each partition. None where the user may not see them, or where
/// the answer takes longer than the limit, as on a server with very many tables.
inline result<void> read_storage(client& c, const server_info& info, incarnation_memory& memory,
                                 const table_schema& table, table_incarnation& into) {
    constexpr std::string_view operation = "compare tables";
    constexpr std::size_t most_parts = 100'000;
    const duration limit = std::min<duration>(std::chrono::seconds(5), c.limits().limit() / 2);
    std::string statement;
    sql::append_storage_ids(statement, info.dialect, info.database, table.name, limit);
    auto ids = c.query_catalog(operation, statement, 1, most_parts);
    if (!ids) {
        const error& e = ids.error();
        const bool took_too_long = e.code == limit_of_mariadb || e.code == limit_of_mysql;
        if ((is_retryable(e.fault) && !took_too_long) || c.is_aborted()) return std::move(ids.error());
        memory.hides_ids =
            true; // too slow, without the privilege, or another server than the two that have this catalog
        return {};
    }
    for (std::size_t i = 0; i < ids->rows(); ++i) into.storage.emplace_back(ids->at(i, 0).bytes());
    std::sort(into.storage.begin(), into.storage.end());
    return {};
}

/// Which table has the name of one that was described; unknown when it is gone.
inline result<table_incarnation> read_incarnation(client& c, const server_info& info, incarnation_memory& memory,
                                                  const table_schema& table, storage_ids ids) {
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
        const table_incarnation& was = memory.told;
        // Each inserted row raises the next number; a truncation lowers it.
        const bool is_unchanged = memory.table == table.name && was.server == found.server &&
                                  was.created == found.created && was.next_number <= found.next_number;
        // MySQL's time is not relied on.
        const bool may_remember = ids == storage_ids::remembered && info.dialect == sql::dialect::mariadb;
        if (may_remember && is_unchanged && !was.storage.empty()) {
            found.storage = was.storage;
        } else if (auto r = read_storage(c, info, memory, table, found); !r) {
            return std::move(r.error());
        }
        memory.table = table.name;
        memory.told = found;
        // On MariaDB a truncation leaves the file of the definition as it is; MySQL's time may change with it.
        if (!found.storage.empty() && info.dialect != sql::dialect::mariadb) found.created.clear();
    }
    return found;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
