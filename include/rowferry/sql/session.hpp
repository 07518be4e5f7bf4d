// SPDX-License-Identifier: BSL-1.0
// The session recipe: what each fresh connection is told, and what it must answer when asked.
#ifndef ROWFERRY_SQL_SESSION_HPP
#define ROWFERRY_SQL_SESSION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/text.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// One session variable: its name, and the value that it is set to and must read as.
struct session_variable {
    std::string_view name = {};
    std::string_view value = {};
};

/// Strict mode without the zero-date modes: every value that is in the source is accepted, and no other is changed
/// silently. Backslash escapes stay on.
inline constexpr std::string_view strict_mode =
    "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";
/// The same without strictness, for the one value that strict mode refuses though it is in the source: ENUM's error
/// value.
inline constexpr std::string_view lenient_mode = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

/// The value of system_versioning_asof that stands for no moment: a word, which the session reads back as text.
inline constexpr std::string_view no_moment = "DEFAULT";

/// The time zone in which no hour comes twice.
inline constexpr std::string_view utc = "+00:00";

/// Whether text is an offset, as "+02:00", which every server takes as a time zone.
constexpr bool is_zone_offset(std::string_view text) {
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    for (const std::size_t i : {1U, 2U, 4U, 5U}) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    const int hours = (text[1] - '0') * 10 + text[2] - '0';
    return text[4] < '6' && (hours < 13 || (hours == 13 && (text[0] == '-' || text.substr(4) == "00")));
}

/// What a user is told whose time zone is not such an offset.
inline constexpr std::string_view zone_offset_rule =
    "must be an offset such as +02:00. In a zone with daylight saving time one hour of the year is ambiguous";

/// The variables of the recipe, in the order in which they are set.
///
/// Notes are on, because a truncation of blanks or decimals is only a note. Messages are in English, because some are
/// read. A client that vanished holds its locks, for which a settled checkpoint waits, no longer than two minutes:
/// MariaDB ends idle transactions, and MySQL, which cannot, ends every idle session. (A streamed pass asks for a day, see
/// set_patient_transactions.) Some pages are sorted, by the beginning of a column as an instance: a part of the key that did
/// not count would lose the rows behind it, and max_sort_length is 1024 bytes by default. An as-of moment would
/// hide the current rows of versioned tables, and a hidden generated key would be left out.
///
/// `version` is the server's as a number, as 80030: some variables are newer than others. `zone` outlives the list.
inline std::vector<session_variable> session_variables(dialect d, unsigned long version, std::string_view zone = utc) {
    std::vector<session_variable> variables{{"sql_mode", strict_mode},
                                            {"time_zone", zone},
                                            {"foreign_key_checks", "0"},
                                            {"unique_checks", "1"},
                                            {"completion_type", "NO_CHAIN"},
                                            {"autocommit", "1"},
                                            {"innodb_lock_wait_timeout", "30"},
                                            {"lock_wait_timeout", "60"},
                                            {"net_read_timeout", "120"},
                                            {"net_write_timeout", "120"},
                                            {"wait_timeout", d == dialect::mariadb ? "600" : "120"},
                                            {"sql_notes", "1"},
                                            {"sql_select_limit", "18446744073709551615"},
                                            {"sql_safe_updates", "0"},
                                            {"sql_big_selects", "1"},
                                            {"sql_auto_is_null", "0"},
                                            {"sql_quote_show_create", "1"},
                                            {"lc_messages", "en_US"},
                                            {"max_sort_length", "8388608"}};
    if (d == dialect::mariadb) {
        variables.push_back({"tx_isolation", "READ-COMMITTED"});
        variables.push_back({"idle_transaction_timeout", "120"});
        variables.push_back({"max_error_count", "65535"}); // MySQL lets only administrators set it
        variables.push_back({"check_constraint_checks", "1"});
        variables.push_back({"system_versioning_asof", no_moment});
        variables.push_back({"old_mode", ""}); // one of the old modes hides the warnings of INSERT IGNORE
    } else {
        variables.push_back({"transaction_isolation", "READ-COMMITTED"});
        if (version >= 80'030) variables.push_back({"show_gipk_in_create_table_and_information_schema", "1"});
    }
    return variables;
}

/// The charset of the connection, the results and the client: no byte is converted.
inline constexpr const char* charset = "binary";

/// What text literals without a charset of their own are, for statements that hold a filter: with literals of bytes, a
/// comparison would go by bytes instead of the column's collation. Results stay unconverted.
inline constexpr std::string_view set_text_literals = "SET character_set_connection = utf8mb4";
/// Back to the recipe, before a statement that holds values.
inline constexpr std::string_view set_binary_literals = "SET character_set_connection = binary";

/// Appends how long a statement may take on the server, in the units of the product: a client that no longer waits for it
/// must not leave it there. MySQL limits SELECT only. 0 is no limit, and so is more than a million seconds.
inline void append_statement_limit(std::string& out, dialect d, std::chrono::seconds limit) {
    constexpr std::int64_t most = 1'000'000; // far from what either product takes
    const std::int64_t wanted = limit.count() > most ? 0 : limit.count();
    const auto seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(wanted, 0));
    out += d == dialect::mariadb ? "SESSION max_statement_time = " : "SESSION max_execution_time = ";
    append_number(out, d == dialect::mariadb ? seconds : seconds * 1000);
}

/// Takes the session's limit away, for statements that the client waits for as long as bytes flow: the server's limit is one
/// for the whole statement.
inline std::string lift_statement_limit(dialect d) {
    std::string statement = "SET ";
    append_statement_limit(statement, d, {});
    return statement;
}

/// Which statements wait, on a node of a Galera cluster, until the node has applied what the others have committed: the first
/// one of a transaction that reads (SELECT, START TRANSACTION: 1), and each one outside of transactions that changes rows (UPDATE
/// and DELETE: 2, INSERT: 4). By default none does (0), and a balancer's next node may lack the last commit for a moment.
/// Statements inside a transaction do not wait again, so that a batch and a page cost one wait each: that for the cluster's
/// answer, as a ping of the farthest node.
inline constexpr std::string_view wait_for_cluster = "SESSION wsrep_sync_wait = 7";

/// Whether a session is one of a cluster's node; no row where the server knows no clusters.
inline constexpr std::string_view ask_for_cluster = "SHOW SESSION VARIABLES LIKE 'wsrep_on'";

/// How long the server waits for a client that is slow to take its rows, for statements whose rows are written elsewhere
/// before the next ones are taken: a day, however long the statement takes.
inline std::string set_patient_writer(dialect d) {
    std::string statement = "SET SESSION net_write_timeout = 86400, ";
    append_statement_limit(statement, d, {});
    return statement;
}

/// How long the server leaves an open transaction alone while nothing is asked of it: a day. Whatever MariaDB's limits for
/// transactions are, 0 stands for the session's.
inline std::string_view set_patient_transactions(dialect d) {
    if (d == dialect::mysql) return "SET SESSION wait_timeout = 86400";
    return "SET SESSION wait_timeout = 86400, SESSION idle_transaction_timeout = 0, "
           "SESSION idle_write_transaction_timeout = 0, SESSION idle_readonly_transaction_timeout = 0";
}

/// How the server logs what this session writes, for its replicas: name and value of each variable that it has.
inline constexpr std::string_view show_log_variables =
    "SHOW VARIABLES WHERE Variable_name IN ('log_bin', 'sql_log_bin', 'binlog_format')";
/// Has the session log rows, or write under the isolation that a log of statements takes.
inline constexpr std::string_view log_rows = "SET SESSION binlog_format = 'ROW'";
inline constexpr std::string_view isolate_for_statements = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/// Appends "SET SESSION a = 1, SESSION b = 2, …".
inline void append_set_session(std::string& out, const std::vector<session_variable>& variables) {
    for (std::size_t i = 0; i < variables.size(); ++i) {
        out += i == 0 ? "SET " : ", ";
        out += "SESSION ";
        out += variables[i].name;
        out += " = ";
        if (is_plain_number(variables[i].value) || variables[i].value == no_moment) {
            out += variables[i].value;
        } else {
            append_string(out, variables[i].value, backslash_escape{});
        }
    }
}

/// Appends the SELECT that reads the recipe back: client, connection and results charset, connection id,
/// max_allowed_packet, version, database, max_error_count, then the variables in their order.
inline void append_read_session(std::string& out, const std::vector<session_variable>& variables) {
    out += "SELECT @@character_set_client, @@character_set_connection, @@character_set_results, CONNECTION_ID(), "
           "@@max_allowed_packet, VERSION(), DATABASE(), @@max_error_count";
    for (const session_variable& v : variables) {
        out += ", @@SESSION.";
        out += v.name;
    }
}

/// What tells one server from another, whatever address leads to it; a restart leaves it as it is. MySQL keeps a UUID in its
/// data folder; MariaDB has none.
inline std::vector<std::string_view> identity_variables(dialect d) {
    std::vector<std::string_view> names{"server_id", "hostname", "port", "datadir"};
    if (d == dialect::mysql) names.push_back("server_uuid");
    return names;
}
/// Appends them to the SELECT that reads the recipe back.
inline void append_read_identity(std::string& out, dialect d) {
    for (const std::string_view name : identity_variables(d)) {
        out += ", @@GLOBAL.";
        out += name;
    }
}

/// Whether a variable reads as wanted: lists, as sql_mode, in any order.
inline bool is_set(const session_variable& wanted, std::string_view actual) {
    if (actual == wanted.value) return true;
    auto words = [](std::string_view list) {
        std::vector<std::string_view> found;
        for (std::size_t begin = 0; begin <= list.size();) {
            const std::size_t end = std::min(list.find(',', begin), list.size());
            found.push_back(list.substr(begin, end - begin));
            begin = end + 1;
        }
        std::sort(found.begin(), found.end());
        return found;
    };
    return words(wanted.value) == words(actual);
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
