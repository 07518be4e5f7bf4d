// SPDX-License-Identifier: BSL-1.0
// The three ways to write of one connection: which of them it can go, and rows by each of them.
#ifndef ROWFERRY_MYSQL_WRITE_WAYS_HPP
#define ROWFERRY_MYSQL_WRITE_WAYS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/array_writer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/inserter.hpp>
#include <rowferry/mysql/load_data.hpp>
#include <rowferry/mysql/replica_log.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/bulk.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What a server says of LOAD DATA LOCAL.
struct load_support {
    std::string obstacle = {};         ///< why it cannot be used; empty when it can
    std::vector<remedy> remedies = {}; ///< against the obstacle
    bool locks_auto_increment = true;  ///< a load holds the table's AUTO-INC lock until its end
};

inline result<load_support> ask_load_support(client& c) {
    auto variables = c.query("choose write way", sql::load_variables, columns_only(2));
    if (!variables) return std::move(variables.error());
    auto value_of = [&](std::string_view name) -> std::string_view {
        for (std::size_t i = 0; i < variables->rows(); ++i) {
            if (variables->at(i, 0).bytes() == name) return variables->at(i, 1).bytes();
        }
        return {};
    };
    load_support support;
    support.locks_auto_increment = value_of("innodb_autoinc_lock_mode") != "2";
    if (value_of("local_infile") != "ON") {
        support.obstacle = "the server's local_infile is off";
        support.remedies = {remedy{remedy::change_setting, "local_infile", "ON"},
                            remedy{remedy::choose_write_way, "", "multi-row"}};
    } else if (value_of("wsrep_on") == "ON" && value_of("wsrep_load_data_splitting") == "ON") {
        support.obstacle =
            "the server's wsrep_load_data_splitting is on, with which it would commit in the middle of a batch";
        support.remedies = {remedy{remedy::change_setting, "wsrep_load_data_splitting", "OFF"},
                            remedy{remedy::choose_write_way, "", "array or multi-row"}};
    }
    return support;
}

/// What a connection keeps of its ways to write.
struct write_memory {
    array_memory arrays;
    std::optional<load_support> loading = {};         ///< once it was asked for
    std::optional<write_way> in_place_of_arrays = {}; ///< since the server prepares no further statement
    replica_log log = replica_log::unknown;           ///< once something was written, or is about to be
};

/// Whether the table has an AUTO_INCREMENT column; one that is not there yet may come to have it.
inline result<bool> is_numbered(client& c, const server_info& info, std::string_view table) {
    std::string statement;
    sql::append_is_numbered(statement, info.database, table);
    auto answer = c.query_value("choose write way", statement);
    if (!answer) return std::move(answer.error());
    if (!*answer) return true; // the table is not there yet
    auto numbered = number_in("choose write way", *answer, "the number of AUTO_INCREMENT columns");
    if (!numbered) return std::move(numbered.error());
    return *numbered != 0;
}

inline result<const load_support*> remembered_load_support(client& c, write_memory& memory) {
    if (!memory.loading) {
        auto support = ask_load_support(c);
        if (!support) return std::move(support.error());
        memory.loading = std::move(*support);
    }
    return &*memory.loading;
}

/// Whether statements that insert an unknown number of rows wait for each other, each for the AUTO-INC lock of the table.
inline result<bool> serializes_bulk_inserts(client& c, const server_info& info, write_memory& memory,
                                            std::string_view table) {
    auto support = remembered_load_support(c, memory);
    if (!support) return std::move(support.error());
    if (!(*support)->locks_auto_increment) return false;
    return is_numbered(c, info, table);
}

/// The way of a connection that takes no arrays, or is to load.
inline result<write_way> choose_without_arrays(client& c, const server_info& info, write_memory& memory,
                                               const write_request& request, bool several_writers) {
    const bool any = request.way == write_way::automatic;
    if (!sql::can_load(request.kind)) {
        if (any) return write_way::multi_row;
        return refusal("LOAD DATA cannot update existing rows, as write mode upsert does",
                       {remedy{remedy::choose_write_mode, "", "replace"},
                        remedy{remedy::choose_write_way, "", "array or multi-row"}});
    }
    auto support = remembered_load_support(c, memory);
    if (!support) return std::move(support.error());
    if (!(*support)->obstacle.empty()) {
        if (any) return write_way::multi_row;
        return refusal("rows cannot be loaded: " + (*support)->obstacle, (*support)->remedies);
    }
    if (any && several_writers) {
        auto waits = serializes_bulk_inserts(c, info, memory, request.table->name);
        if (!waits) return std::move(waits.error());
        if (*waits) return write_way::multi_row;
    }
    return write_way::load_data;
}

/// The way that a connection goes: see `ChoosesWriteWay`.
inline result<write_way> choose_write_way(client& c, const server_info& info, write_memory& memory,
                                          const write_request& request, bool several_writers) {
    if (request.way == write_way::multi_row) return write_way::multi_row;
    if (request.way != write_way::load_data) {
        if (auto r = prepare_log(c, memory.log); !r) return std::move(r.error());
        const bool logs_statements = memory.log == replica_log::statements;
        if (takes_arrays(c) && !logs_statements) return write_way::array_binding;
        if (request.way == write_way::array_binding && logs_statements) {
            return refusal("the write method array needs row-based logging, and the server logs statements "
                           "(binlog_format=STATEMENT)",
                           {remedy{remedy::choose_write_way, "", "multi-row"},
                            remedy{remedy::change_setting, "binlog_format", "ROW"}});
        }
        if (request.way == write_way::array_binding) return no_arrays();
    }
    return choose_without_arrays(c, info, memory, request, several_writers);
}

/// Whether a column is not written that has no default.
inline bool leaves_out_needed(const write_request& request) {
    const std::vector<column>& all = request.table->columns;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].generated || all[i].has_default) continue;
        if (std::find(request.columns.begin(), request.columns.end(), i) == request.columns.end()) return true;
    }
    return false;
}

/// Whether some cell arrives exactly only as a literal of an insert: see `needs_literal`; and with LOAD DATA a NULL where
/// there must be none, of which it makes the time or a zero without a word, or with one that depends on the type; nor does
/// it complain of a column that it is not given and that has no default. Where a trigger fires, MariaDB's LOAD DATA gives a 0 in
/// an AUTO_INCREMENT column the next number, whatever the session says.
inline bool needs_inserts(const write_request& request, const row_range& rows) {
    std::vector<std::size_t> by_value;
    std::vector<std::size_t> not_null;
    std::vector<std::size_t> may_be_numbered;
    const bool fires_triggers = std::any_of(request.table->triggers.begin(), request.table->triggers.end(),
                                            [](const trigger& t) { return t.event == "INSERT"; });
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        const column& c = request.table->columns[request.columns[i]];
        if (c.kind == column_kind::enumeration || sql::travels_as_position(c)) by_value.push_back(i);
        if (c.nullable || request.way != write_way::load_data) continue;
        not_null.push_back(i);
        if (fires_triggers && c.kind == column_kind::integer) may_be_numbered.push_back(i);
    }
    if (request.way == write_way::load_data && leaves_out_needed(request)) return true;
    if (by_value.empty() && not_null.empty()) return false;
    for (const row_view row : rows) {
        for (const std::size_t i : by_value) {
            if (sql::needs_literal(request.table->columns[request.columns[i]], row[i])) return true;
        }
        for (const std::size_t i : not_null) {
            if (row[i].is_null()) return true;
        }
        for (const std::size_t i : may_be_numbered) {
            if (row[i].bytes() == "0") return true;
        }
    }
    return false;
}

inline result<write_outcome> write_rows(client& c, const server_info& info, const write_request& request,
                                        write_memory& memory, std::string& buffer, const row_range& rows);

/// Writes rows as arrays, or by the next way from when on the server prepares no further statement. Where some rows were sent
/// by then, the transaction has to begin anew.
inline result<write_outcome> write_arrays_or(client& c, const server_info& info, const write_request& request,
                                             write_memory& memory, std::string& buffer, const row_range& rows) {
    if (!memory.in_place_of_arrays) {
        auto written = write_arrays(c, info, request, memory.arrays, rows);
        if (written || !memory.arrays.lacks_statement || !request.may_change_way) return written;
        write_request any = request;
        any.way = write_way::automatic;
        constexpr bool several_writers = true; // this is not known any more
        auto next = choose_without_arrays(c, info, memory, any, several_writers);
        if (!next) return std::move(next.error());
        memory.in_place_of_arrays = *next;
        if (memory.arrays.rows_of_failed > 0) {
            written.error().fault = fault::transient;
            return written;
        }
    }
    write_request other = request;
    other.way = *memory.in_place_of_arrays;
    auto written = write_rows(c, info, other, memory, buffer, rows);
    if (written) {
        written->notice = "rows are written by " + std::string(name(other.way)) +
                          " instead of array: the server has reached max_prepared_stmt_count";
    }
    return written;
}

/// Writes rows by the request's way, or by inserts where only they are exact.
inline result<write_outcome> write_rows(client& c, const server_info& info, const write_request& request,
                                        write_memory& memory, std::string& buffer, const row_range& rows) {
    const bool is_array = request.way == write_way::array_binding;
    // A server that answers after a reconnect may log otherwise than the first one: inserts write the same.
    const bool inserts = request.way == write_way::automatic || request.way == write_way::multi_row ||
                         (is_array && memory.log == replica_log::statements);
    if (inserts || needs_inserts(request, rows)) return inserter(c, info, request, buffer).write(rows);
    if (is_array) return write_arrays_or(c, info, request, memory, buffer, rows);
    if (!sql::can_load(request.kind)) return refusal("LOAD DATA has no write mode upsert");
    return loader(c, info, request, buffer).write(rows);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
