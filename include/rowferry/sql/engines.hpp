// SPDX-License-Identifier: BSL-1.0
// Storage engines, and whether their tables hold their rows themselves.
#ifndef ROWFERRY_SQL_ENGINES_HPP
#define ROWFERRY_SQL_ENGINES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <array>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What is known of one engine.
struct engine_kind {
    std::string_view name = {};
    row_home rows = row_home::unknown;
    bool can_be_cloned = false; ///< a new table of this engine takes rows without further options
};

/// The engines that are known. The server does not say where rows are: it says that an engine is switched on and has
/// transactions, which is also true of some that lead to other servers.
inline constexpr std::array<engine_kind, 28> engines{{{"InnoDB", row_home::own, true},
                                                      {"MyISAM", row_home::own, true},
                                                      {"Aria", row_home::own, true},
                                                      {"MEMORY", row_home::own, true},
                                                      {"HEAP", row_home::own, true},
                                                      {"ARCHIVE", row_home::own, true},
                                                      {"CSV", row_home::own, true},
                                                      {"ROCKSDB", row_home::own, true},
                                                      {"TokuDB", row_home::own, true},
                                                      {"ndbcluster", row_home::own, true},
                                                      {"NDB", row_home::own, true},
                                                      {"ColumnStore", row_home::own, true},
                                                      {"Mroonga", row_home::own, false},
                                                      {"S3", row_home::own, false}, // never written: the server says so
                                                      {"MRG_MYISAM", row_home::elsewhere, false},
                                                      {"MERGE", row_home::elsewhere, false},
                                                      {"FEDERATED", row_home::elsewhere, false},
                                                      {"SPIDER", row_home::elsewhere, false},
                                                      {"CONNECT", row_home::elsewhere, false},
                                                      {"SPHINX", row_home::elsewhere, false},
                                                      {"CASSANDRA", row_home::elsewhere, false},
                                                      {"XPAND", row_home::elsewhere, false},
                                                      {"OQGRAPH", row_home::elsewhere, false},
                                                      {"SEQUENCE", row_home::elsewhere, false},
                                                      {"Lakehouse", row_home::elsewhere, false},
                                                      {"PERFORMANCE_SCHEMA", row_home::elsewhere, false},
                                                      {"BLACKHOLE", row_home::nowhere, false},
                                                      {"EXAMPLE", row_home::nowhere, false}}};

/// Where the tables of this engine have their rows.
constexpr row_home rows_of_engine(std::string_view name) {
    for (const engine_kind& each : engines) {
        if (table_schema::same_name(each.name, name)) return each.rows;
    }
    return row_home::unknown;
}

/// Whether a clone can have this engine: its tables hold their rows, and need no option that leads elsewhere.
constexpr bool can_clone_engine(std::string_view name) {
    for (const engine_kind& each : engines) {
        if (table_schema::same_name(each.name, name)) return each.can_be_cloned;
    }
    return false;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
