// SPDX-License-Identifier: BSL-1.0
// How the server logs what a session writes, for its replicas: a log of statements takes no rows under READ COMMITTED.
#ifndef ROWFERRY_MYSQL_REPLICA_LOG_HPP
#define ROWFERRY_MYSQL_REPLICA_LOG_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/rights.hpp>
#include <rowferry/sql/session.hpp>
#include <rowferry/sql/write.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What a session does to have its writes logged.
enum class replica_log : std::uint8_t {
    unknown,   ///< not asked yet
    as_usual,  ///< nothing: there is no log, or the server logs rows, or may choose to
    rows,      ///< this session logs rows, and the server's default is statements
    statements ///< this session logs statements, under the isolation in which that is possible
};

/// Whether an errno says that the server cannot log a statement: ER_BINLOG_ROW_ENGINE_AND_STMT_ENGINE (1661) to
/// ER_BINLOG_MULTIPLE_ENGINES_AND_SELF_LOGGING_ENGINE (1667) of both products' mysqld_error.h.
constexpr bool cannot_be_logged(unsigned code) { return code >= 1661 && code <= 1667; }

/// Before the first write of a session: under the isolation of ours, READ COMMITTED, InnoDB can only be logged by its rows. So
/// the session logs rows, which takes BINLOG ADMIN on MariaDB and SESSION_VARIABLES_ADMIN on MySQL, or SUPER; without these it
/// writes under REPEATABLE READ.
inline result<void> prepare_log(client& c, replica_log& memory) {
    constexpr std::string_view operation = "prepare log";
    if (memory != replica_log::unknown) return {};
    auto variables = c.query(operation, sql::show_log_variables, columns_only(2));
    if (!variables && (is_retryable(variables.error().fault) || c.is_aborted())) return std::move(variables.error());
    if (!variables) { // a proxy may not know the question: then the first write says what is wrong
        memory = replica_log::as_usual;
        return {};
    }
    const auto is = [&](std::string_view name, std::string_view value) {
        for (std::size_t i = 0; i < variables->rows(); ++i) {
            if (variables->at(i, 0).bytes() == name) return variables->at(i, 1).bytes() == value;
        }
        return false;
    };
    if (!is("log_bin", "ON") || !is("sql_log_bin", "ON") || !is("binlog_format", "STATEMENT")) {
        memory = replica_log::as_usual;
        return {};
    }
    auto by_rows = c.execute(operation, sql::log_rows);
    if (by_rows) {
        memory = replica_log::rows;
        return {};
    }
    if (by_rows.error().cause != cause::missing_privilege) return std::move(by_rows.error());
    auto repeatable = c.execute(operation, sql::isolate_for_statements);
    if (!repeatable) return std::move(repeatable.error());
    memory = replica_log::statements;
    return {};
}

/// The same, and whether rows can be written into this table then: tried by an INSERT that inserts no row. What a person
/// should know of it; empty: nothing.
inline result<std::string> check_log(client& c, replica_log& memory, const write_request& request) {
    constexpr std::string_view operation = "check log";
    if (auto r = prepare_log(c, memory); !r) return std::move(r.error());
    if (memory != replica_log::statements) return std::string();
    std::string statement;
    sql::append_insert_nothing(statement, request);
    if (auto r = c.execute(operation, sql::wait_shortly); !r) return std::move(r.error());
    auto tried = c.execute(operation, statement);
    if (auto r = c.execute(operation, sql::wait_as_usual); !r) return std::move(r.error());
    if (!tried && needs_fresh_connection(tried.error().fault)) return std::move(tried.error());
    if (!tried && cannot_be_logged(tried.error().code)) {
        error e = std::move(tried.error());
        e.message = "the target logs statements for its replicas (binlog_format=STATEMENT), which does not work for "
                    "table " +
                    request.table->name +
                    ". Grant BINLOG ADMIN (MariaDB) or SESSION_VARIABLES_ADMIN (MySQL) to log rows";
        e.remedies = {remedy{remedy::change_setting, "binlog_format", "ROW"}};
        return e;
    }
    return "the target logs statements for its replicas (binlog_format=STATEMENT): table " + request.table->name +
           " is written under REPEATABLE READ, and unsafe statements may have another result on replicas. Grant BINLOG "
           "ADMIN (MariaDB) or SESSION_VARIABLES_ADMIN (MySQL) to log rows";
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
