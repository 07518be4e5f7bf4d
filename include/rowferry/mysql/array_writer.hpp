// SPDX-License-Identifier: BSL-1.0
// Rows as arrays of a prepared insert's parameters: MariaDB Connector/C to a MariaDB server. Each cell is copied once, from
// the batch into the packet.
#ifndef ROWFERRY_MYSQL_ARRAY_WRITER_HPP
#define ROWFERRY_MYSQL_ARRAY_WRITER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/changed_rows.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/statement_size.hpp>
#include <rowferry/mysql/strictness.hpp>
#include <rowferry/mysql/warnings.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/bulk.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <mysql.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The refusal of a connection that takes no arrays.
inline error no_arrays() {
    return refusal("this connection takes no arrays of rows: it needs MariaDB Connector/C and a server that announces "
                   "bulk operations (MariaDB)",
                   {remedy{remedy::choose_write_way, "", "load-data or multi-row"}});
}

#if defined(LIBMARIADB)

/// Whether client library and server both know arrays of parameters.
inline bool takes_arrays(const client& c) {
    constexpr unsigned long bulk_operations = static_cast<unsigned long>(MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32U);
    unsigned long server = 0;
    unsigned long extended = 0;
    if (mariadb_get_infov(c.handle(), MARIADB_CONNECTION_SERVER_CAPABILITIES, &server) != 0) return false;
    if (mariadb_get_infov(c.handle(), MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &extended) != 0) return false;
    return (server & CLIENT_MYSQL) == 0 && (extended & bulk_operations) != 0;
}

struct close_statement {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};

/// What a connection keeps between writes: the statement, prepared, and the memory of the arrays.
struct array_memory {
    std::unique_ptr<MYSQL_STMT, close_statement> statement;
    std::string text = {}; ///< of the statement
    std::vector<MYSQL_BIND> parameters = {};
    // Column after column, of as many rows as go at once.
    std::vector<const char*> cells = {};
    std::vector<unsigned long> lengths = {};
    std::vector<char> indicators = {};
    bool lacks_statement = false;   ///< the server prepares no further statement: the last write failed for that
    std::size_t rows_of_failed = 0; ///< that were sent before
};

/// The errno of a server whose max_prepared_stmt_count is used up: by all its clients together.
inline constexpr unsigned no_more_statements = 1461;

/// Writes one range of rows.
class array_writer {
public:
    array_writer(client& c, const server_info& info, const write_request& request, array_memory& memory)
        : client_(c), info_(info), request_(request), memory_(memory) {
        sql::append_bound_insert(text_, info.dialect, request);
    }

    result<write_outcome> write(const row_range& rows) {
        if (!takes_arrays(client_)) return no_arrays();
        memory_.lacks_statement = false; // of an earlier range
        write_outcome outcome;
        for (std::size_t first = 0; first < rows.rows();) {
            const std::size_t end = choose_end(rows, first);
            if (end == first + 1 && packet_size(rows, first, end) > packet_limit(info_)) {
                return row_too_large(info_, packet_size(rows, first, end));
            }
            const std::uint64_t sent = end - first;
            auto changed = in_mode(client_, info_, "write", info_.computes_leniently, [&]() -> result<std::uint64_t> {
                auto done = send(rows, first, end);
                if (!done) return with_remedy(std::move(done.error()), info_, request_);
                if (auto r = check(*done, sent); !r) return std::move(r.error());
                return done;
            });
            if (!changed) {
                memory_.rows_of_failed = first;
                return std::move(changed.error());
            }
            outcome.rows += sent;
            if (request_.kind == write_kind::skip_existing) outcome.skipped += sent - *changed;
            first = end;
        }
        return outcome;
    }

private:
    /// Bytes of the packet besides its cells, and what a cell takes besides its bytes, at most.
    static constexpr std::size_t head = 16;
    static constexpr std::size_t of_parameter = 2;
    static constexpr std::size_t of_cell = 10;

    /// An upper bound; cells that are not written are counted too.
    [[nodiscard]] std::size_t packet_size(const row_range& rows, std::size_t first, std::size_t end) const {
        const std::size_t columns = request_.columns.size();
        std::size_t bytes = head + of_parameter * columns + of_cell * columns * (end - first);
        for (std::size_t row = first; row < end; ++row) {
            for (std::size_t i = 0; i < columns; ++i) bytes += rows[row][i].bytes().size();
        }
        return bytes;
    }

    /// The row behind the last one that goes with row `first`: as many as fit, and at least one.
    [[nodiscard]] std::size_t choose_end(const row_range& rows, std::size_t first) const {
        constexpr std::size_t most_cells = std::size_t{1} << 18U; // some MiB of pointers and lengths
        const std::size_t columns = request_.columns.size();
        const std::size_t limit = std::min(packet_limit(info_), usual_statement);
        std::size_t bytes = packet_size(rows, first, first + 1);
        std::size_t end = first + 1;
        for (; end < rows.rows(); ++end) {
            bytes += of_cell * columns;
            for (std::size_t i = 0; i < columns; ++i) bytes += rows[end][i].bytes().size();
            const std::size_t count = end + 1 - first;
            if (bytes > limit || count * columns > most_cells) break;
            if (!can_read_warnings(info_, request_, count, 0)) break;
        }
        return end;
    }

    /// Binds the rows and runs the statement; gives the rows that it changed. A statement that the server has forgotten, or
    /// cannot go on with since the table was altered, is prepared anew once.
    result<std::uint64_t> send(const row_range& rows, std::size_t first, std::size_t end) {
        constexpr unsigned unknown_statement = 1243;
        constexpr unsigned needs_preparing = 1615;
        fill(rows, first, end);
        for (bool again = false;; again = true) {
            if (auto r = prepare(); !r) return std::move(r.error());
            const auto count = static_cast<unsigned>(end - first);
            const waiting w = client_.begin_operation(packet_size(rows, first, end), answer_pace::small);
            MYSQL_STMT* statement = memory_.statement.get();
            const bool failed = mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &count) != 0 ||
                                mysql_stmt_bind_param(statement, memory_.parameters.data()) != 0 ||
                                mysql_stmt_execute(statement) != 0;
            if (!failed && mysql_stmt_field_count(statement) != 0) {
                return client_.senseless("write", "it gave rows to a statement that gives none");
            }
            if (!failed && mysql_more_results(client_.handle())) {
                return client_.senseless("write", "it gave a second answer to one statement");
            }
            if (!failed) return mysql_stmt_affected_rows(statement);
            error e = failure();
            memory_.statement.reset();
            if (again || (e.code != unknown_statement && e.code != needs_preparing)) return e;
        }
    }

    [[nodiscard]] error failure() const {
        MYSQL_STMT* statement = memory_.statement.get();
        return client_.explained(client::failure("write", mysql_stmt_errno(statement), mysql_stmt_sqlstate(statement),
                                                 mysql_stmt_error(statement)));
    }

    result<void> prepare() {
        if (memory_.statement && memory_.text == text_) return {};
        const waiting w = client_.begin_operation(text_.size(), answer_pace::small);
        memory_.statement.reset(mysql_stmt_init(client_.handle()));
        if (!memory_.statement) return client_.failure("write");
        memory_.text = text_;
        if (mysql_stmt_prepare(memory_.statement.get(), text_.data(), static_cast<unsigned long>(text_.size())) == 0) {
            const unsigned long parameters = mysql_stmt_param_count(memory_.statement.get());
            if (parameters == request_.columns.size()) return {};
            memory_.statement.reset();
            return client_.senseless("write", "it counts " + counted(parameters, "parameter") +
                                                  " in a statement that has " +
                                                  std::to_string(request_.columns.size()));
        }
        error e = failure();
        memory_.statement.reset();
        memory_.lacks_statement = e.code == no_more_statements;
        return e;
    }

    /// Points the arrays at the cells.
    void fill(const row_range& rows, std::size_t first, std::size_t end) {
        const std::size_t columns = request_.columns.size();
        const std::size_t count = end - first;
        memory_.cells.resize(columns * count);
        memory_.lengths.resize(columns * count);
        memory_.indicators.resize(columns * count);
        memory_.parameters.assign(columns, MYSQL_BIND{});
        for (std::size_t row = 0; row < count; ++row) {
            const row_view values = rows[first + row];
            for (std::size_t i = 0; i < columns; ++i) {
                const cell value = values[i];
                const std::string_view bytes =
                    sql::string_to_store(request_.table->columns[request_.columns[i]], value.bytes());
                const std::size_t at = i * count + row;
                memory_.cells[at] = bytes.data();
                memory_.lengths[at] = static_cast<unsigned long>(bytes.size());
                memory_.indicators[at] = value.is_null() ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
            }
        }
        for (std::size_t i = 0; i < columns; ++i) {
            MYSQL_BIND& parameter = memory_.parameters[i];
            parameter.buffer_type = MYSQL_TYPE_BLOB; // bytes, whatever the session's charset
            parameter.buffer = memory_.cells.data() + i * count;
            parameter.length = memory_.lengths.data() + i * count;
            parameter.u.indicator = memory_.indicators.data() + i * count;
        }
    }

    result<void> check(std::uint64_t changed, std::uint64_t sent) {
        if (auto r = check_warnings(client_, info_, request_); !r) return r;
        if (request_.kind != write_kind::insert) return check_changed(client_, request_, changed, sent);
        if (changed == sent) return {};
        error e;
        e.operation = "write";
        e.message = "the server stored " + std::to_string(changed) + " rows of " + std::to_string(sent) +
                    " that were sent: choose another write method";
        return e;
    }

    client& client_;
    const server_info& info_;
    const write_request& request_;
    array_memory& memory_;
    std::string text_;
};

inline result<write_outcome> write_arrays(client& c, const server_info& info, const write_request& request,
                                          array_memory& memory, const row_range& rows) {
    return array_writer(c, info, request, memory).write(rows);
}

#else

inline bool takes_arrays(const client& /*c*/) { return false; }
struct array_memory {
    bool lacks_statement = false;
    std::size_t rows_of_failed = 0;
};
inline result<write_outcome> write_arrays(client& /*c*/, const server_info& /*info*/, const write_request& /*request*/,
                                          array_memory& /*memory*/, const row_range& /*rows*/) {
    return no_arrays();
}

#endif

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
