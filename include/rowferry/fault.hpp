// SPDX-License-Identifier: BSL-1.0
// What can go wrong, as a type: the fault, and the table that maps MySQL, MariaDB and client errnos to it.
#ifndef ROWFERRY_FAULT_HPP
#define ROWFERRY_FAULT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/remedy.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// What went wrong, by what can be done about it.
enum class fault : std::uint8_t {
    transient,       ///< the statement failed, the connection is fine: run the transaction again
    rolled_back,     ///< the server rolled the transaction back (deadlock): run all of it again
    connection_lost, ///< the connection is gone and the outcome unknown: ask the checkpoint, on a fresh connection
    unreachable,     ///< no connection can be made yet; nothing was done
    overloaded,      ///< the server lacks disk, memory or threads: wait, then try again
    batch_too_large, ///< the statement or transaction is too large: halve it, then try again
    read_only,       ///< the server refuses writes (a failover under way): try again on a fresh connection
    data,            ///< the server refuses these rows: never retried
    permanent        ///< wrong in a way that no retry fixes
};

/// How many faults there are: the size of an array that is indexed by them.
inline constexpr std::size_t fault_count = 9;

/// The fault's name, as it stands in code, logs and reports.
constexpr std::string_view name(fault f) {
    constexpr std::array<std::string_view, fault_count> names{"transient",   "rolled_back", "connection_lost",
                                                              "unreachable", "overloaded",  "batch_too_large",
                                                              "read_only",   "data",        "permanent"};
    return names[static_cast<std::size_t>(f)];
}

/// True when another try may succeed without anybody changing anything.
constexpr bool is_retryable(fault f) { return f != fault::data && f != fault::permanent; }

/// True when the next try needs a fresh connection.
constexpr bool needs_fresh_connection(fault f) {
    return f == fault::connection_lost || f == fault::unreachable || f == fault::read_only;
}

namespace detail {

struct errno_fault {
    unsigned code;
    fault meaning;
};

// Sources: the MySQL 9 and MariaDB 11 error references (server 1000-1999, 3000-4999; client 2000-2999, 5000-5999),
// and what Galera's documentation says of certification failures (1213) and of nodes that are not ready (1047).
// Errnos 1927 and 1053 may arrive before the statement ran; the outcome counts as unknown all the same.
inline constexpr std::array errno_table{
    errno_fault{1021, fault::overloaded},      // disk full
    errno_fault{1037, fault::overloaded},      // out of memory
    errno_fault{1038, fault::overloaded},      // out of sort memory
    errno_fault{1040, fault::unreachable},     // too many connections
    errno_fault{1041, fault::overloaded},      // out of resources
    errno_fault{1047, fault::unreachable},     // Galera: node not ready for queries
    errno_fault{1053, fault::connection_lost}, // server shutdown in progress
    errno_fault{1062, fault::data},            // duplicate entry
    errno_fault{1077, fault::connection_lost}, // normal shutdown
    errno_fault{1078, fault::connection_lost}, // got signal
    errno_fault{1079, fault::connection_lost}, // shutdown complete
    errno_fault{1080, fault::connection_lost}, // forcing close of thread
    errno_fault{1114, fault::overloaded},      // table is full
    errno_fault{1129, fault::unreachable},     // host is blocked
    errno_fault{1135, fault::unreachable},     // cannot create a thread
    errno_fault{1153, fault::batch_too_large}, // packet larger than max_allowed_packet
    errno_fault{1152, fault::connection_lost}, // aborted connection
    errno_fault{1158, fault::connection_lost}, // error reading from the network
    errno_fault{1159, fault::connection_lost}, // timeout reading from the network
    errno_fault{1160, fault::connection_lost}, // error writing to the network
    errno_fault{1161, fault::connection_lost}, // timeout writing to the network
    errno_fault{1180, fault::connection_lost}, // error during COMMIT: its outcome is unknown
    errno_fault{1184, fault::connection_lost}, // aborted connection, with its reason
    errno_fault{1197, fault::batch_too_large}, // transaction larger than max_binlog_cache_size
    errno_fault{1203, fault::unreachable},     // user has too many connections
    errno_fault{1205, fault::transient},       // lock wait timeout
    errno_fault{1206, fault::transient},       // lock table full
    errno_fault{1213, fault::rolled_back},     // deadlock; Galera certification failure
    errno_fault{1226, fault::unreachable},     // user exceeded a resource limit
    errno_fault{1264, fault::data},            // out of range
    errno_fault{1265, fault::data},            // data truncated
    errno_fault{1290, fault::read_only},       // --read-only
    errno_fault{1292, fault::data},            // incorrect value
    errno_fault{1317, fault::transient},       // query interrupted
    errno_fault{1364, fault::data},            // no default value
    errno_fault{1366, fault::data},            // incorrect string value
    errno_fault{1406, fault::data},            // data too long
    errno_fault{1048, fault::data},            // column cannot be NULL
    errno_fault{1118, fault::data},            // row size too large
    errno_fault{1216, fault::data},            // foreign key, child row, to users who may not see the parent table
    errno_fault{1217, fault::data},            // foreign key, parent row, likewise
    errno_fault{1365, fault::data},            // division by zero, in a generated column
    errno_fault{1411, fault::data},            // incorrect value for a function, in a generated column
    errno_fault{1416, fault::data},            // no geometry in these bytes
    errno_fault{1441, fault::data},            // date and time overflow
    errno_fault{1451, fault::data},            // foreign key, parent row
    errno_fault{1452, fault::data},            // foreign key, child row
    errno_fault{1461, fault::overloaded},      // max_prepared_stmt_count is used up
    errno_fault{1526, fault::data},            // no partition for the value
    errno_fault{1644, fault::data},            // SIGNAL: a trigger refuses the row
    errno_fault{1690, fault::data},            // numeric value out of range
    errno_fault{1792, fault::read_only},       // read-only transaction
    errno_fault{1836, fault::read_only},       // read-only mode
    errno_fault{1927, fault::connection_lost}, // MariaDB: connection was killed
    errno_fault{1969, fault::transient},       // MariaDB: max_statement_time exceeded
    errno_fault{2000, fault::connection_lost}, // client: unknown error
    errno_fault{2002, fault::unreachable},     // client: cannot connect through the socket
    errno_fault{2003, fault::unreachable},     // client: cannot connect to the host
    errno_fault{2005, fault::unreachable},     // client: unknown host
    errno_fault{2006, fault::connection_lost}, // client: server has gone away
    errno_fault{2012, fault::connection_lost}, // client: error in the handshake
    errno_fault{2013, fault::connection_lost}, // client: lost connection during query
    errno_fault{2020, fault::batch_too_large}, // client: packet larger than max_allowed_packet
    errno_fault{2026, fault::connection_lost}, // client: TLS error
    errno_fault{2027, fault::connection_lost}, // client: malformed packet
    errno_fault{2055, fault::connection_lost}, // client: lost connection, with a system error
    errno_fault{3024, fault::transient},       // MySQL: max_execution_time exceeded
    errno_fault{3037, fault::data},            // invalid geometry
    errno_fault{3101, fault::rolled_back},     // MySQL: rolled back during COMMIT (Group Replication)
    errno_fault{3170, fault::batch_too_large}, // MySQL: memory capacity exceeded
    errno_fault{3548, fault::data},            // MySQL: unknown spatial reference system
    errno_fault{3616, fault::data},            // MySQL: longitude out of range
    errno_fault{3617, fault::data},            // MySQL: latitude out of range
    errno_fault{3643, fault::data},            // MySQL: the column has another SRID
    errno_fault{4025, fault::data},            // MariaDB: CHECK constraint failed
    errno_fault{4031, fault::connection_lost}, // MySQL 8.0.24: idle session was disconnected
    errno_fault{5166, fault::connection_lost}, // MariaDB client: connection closed by the server
};

} // namespace detail

/// Maps an errno of a server or client library to its fault; an errno that is not listed is `permanent`.
constexpr fault classify(unsigned code) {
    for (const auto& entry : detail::errno_table) {
        if (entry.code == code) return entry.meaning;
    }
    const bool json_refused = code >= 3140 && code <= 3157; // MySQL: invalid JSON in its many forms
    const bool check_refused = code == 3819;                // MySQL: CHECK constraint violated
    return json_refused || check_refused ? fault::data : fault::permanent;
}

/// Maps an errno of a server to why it failed, where its fault does not say enough; others are `unspecified`.
///
/// Source: the MySQL 9 and MariaDB 11 error references.
constexpr cause cause_of(unsigned code) {
    switch (code) {
    case 1040: // too many connections
    case 1135: // cannot create a thread
    case 1203: // user has too many connections
    case 1226: // user exceeded a resource limit
        return cause::no_more_connections;
    case 1044: // no access to the database
    case 1142: // command denied on the table; also said of a table that does not exist
    case 1143: // command denied on a column
    case 1227: // a global privilege is missing
    case 1370: // command denied on a routine
        return cause::missing_privilege;
    case 1146: // no such table; not said to a user who may not read it
        return cause::missing_table;
    case 1412: // table definition has changed since the snapshot was taken
        return cause::definition_changed;
    case 2008: // client: out of memory
        return cause::out_of_memory;
    default: return cause::unspecified;
    }
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
