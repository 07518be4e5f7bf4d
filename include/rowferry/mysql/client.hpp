// SPDX-License-Identifier: BSL-1.0
// RAII over the C API: one handle, statements, results and errors. Everything above it speaks in results.
#ifndef ROWFERRY_MYSQL_CLIENT_HPP
#define ROWFERRY_MYSQL_CLIENT_HPP

#include <rowferry/batch.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/local_infile.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>

#include <mysql.h>

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Initialises the client library once in a process, and frees what it keeps for a thread when the thread ends.
inline void use_library() {
    static const int status = mysql_library_init(0, nullptr, nullptr);
    static_cast<void>(status); // it fails only without memory, and then mysql_init fails as well
    struct thread_end {
        thread_end() { mysql_thread_init(); }
        thread_end(const thread_end&) = delete;
        thread_end& operator=(const thread_end&) = delete;
        ~thread_end() { mysql_thread_end(); }
    };
    thread_local const thread_end end;
    static_cast<void>(end);
}

struct close_handle {
    void operator()(MYSQL* handle) const { mysql_close(handle); }
};
struct free_result {
    void operator()(MYSQL_RES* rows) const { mysql_free_result(rows); }
};
using result_set = std::unique_ptr<MYSQL_RES, free_result>;

/// One connection of the client library, and what every operation does with it.
class client {
public:
    client() {
        use_library();
        handle_.reset(mysql_init(nullptr));
        if (handle_) files_->install_on(handle_.get());
    }

    [[nodiscard]] MYSQL* handle() const { return handle_.get(); }
    /// What the server gets when it asks for a file.
    [[nodiscard]] local_infile& files() { return *files_; }

    /// errno, SQLSTATE and message of what just failed, which the next call would overwrite.
    [[nodiscard]] error failure(std::string_view operation) const {
        if (handle_) {
            return failure(operation, mysql_errno(handle_.get()), mysql_sqlstate(handle_.get()),
                           mysql_error(handle_.get()));
        }
        error e;
        e.operation = operation;
        e.code = 2008U; // the client is out of memory
        e.fault = classify(e.code);
        e.cause = cause_of(e.code);
        return e;
    }
    /// The same of a prepared statement, which has them of its own.
    static error failure(std::string_view operation, unsigned code, std::string_view sqlstate,
                         std::string_view message) {
        error e;
        e.operation = operation;
        e.code = code;
        e.fault = classify(code);
        e.cause = cause_of(code);
        e.sqlstate = sqlstate;
        // 45000 is what a SIGNAL is told to use, whatever errno it takes.
        e.server_message = sqlstate == "45000" ? std::string(hidden_signal) : redact(code, message);
        return e;
    }

    /// Sends one statement and waits until its result begins. The caller has to take the result.
    result<void> send(std::string_view operation, std::string_view sql) {
        use_library(); // in this thread, which may not be the one that connected
        if (mysql_real_query(handle_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
            return failure(operation);
        }
        return {};
    }

    /// Sets the charset on both ends (SET NAMES, and what the library escapes by).
    result<void> set_charset(std::string_view operation, const char* charset) {
        if (mysql_set_character_set(handle_.get(), charset) != 0) return failure(operation);
        return {};
    }

    /// Runs a statement that gives no rows, and gives the rows that it affected.
    result<std::uint64_t> execute(std::string_view operation, std::string_view sql) {
        if (auto sent = send(operation, sql); !sent) return std::move(sent.error());
        const std::uint64_t affected = mysql_affected_rows(handle_.get());
        const bool gave_rows = mysql_field_count(handle_.get()) != 0;
        if (auto drained = drain(operation); !drained) return std::move(drained.error());
        return gave_rows ? 0 : affected;
    }

    /// Runs a statement that is answered by one OK and nothing else, as COMMIT. Any other answer ends the connection.
    result<void> control(std::string_view operation, std::string_view sql) {
        if (auto sent = send(operation, sql); !sent) return sent;
        if (mysql_field_count(handle_.get()) == 0 && mysql_more_results(handle_.get()) == 0) return {};
        abort_connection();
        error e = senseless_answer(operation, "rows came in answer to " + std::string(sql));
        e.remedies = {{remedy::check_proxy}};
        return e;
    }

    /// Runs a statement that gives rows, into the batch: each cell is copied once, from the network buffer. Rows past
    /// `max_bytes` are read and dropped, so that the connection is free again; one row is always kept.
    result<void> read(std::string_view operation, std::string_view sql, row_batch& into, std::uint64_t max_bytes = 0) {
        into.reset(0);
        if (auto sent = send(operation, sql); !sent) return sent;
        return take_rows(operation, into, max_bytes);
    }

    /// Runs a statement that gives rows, slice after slice: `consume(into)` for each `max_rows` or `max_bytes` (0 is no
    /// limit), and for what has come when a slice takes ten seconds to fill. When it returns false the rest is read and
    /// dropped with `drains`; else the connection is reset.
    template <class Consumer>
    result<void> stream(std::string_view operation, std::string_view sql, row_batch& into, std::uint64_t max_rows,
                        std::uint64_t max_bytes, bool drains, Consumer consume) {
        using clock = std::chrono::steady_clock;
        into.reset(0);
        if (auto sent = send(operation, sql); !sent) return sent;
        result_set rows(mysql_use_result(handle_.get()));
        if (!rows) return failure(operation);
        const std::size_t columns = mysql_num_fields(rows.get());
        into.reset(columns);
        clock::time_point begin{};
        auto pass_on = [&] {
            const bool goes_on = consume(std::as_const(into));
            into.reset(columns);
            if (!goes_on && !drains) abort_connection();
            return goes_on;
        };
        while (MYSQL_ROW row = mysql_fetch_row(rows.get())) {
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            std::uint64_t size = into.bytes();
            for (std::size_t i = 0; i < columns; ++i) size += lengths[i];
            const bool is_full = (max_bytes != 0 && size > max_bytes) || (max_rows != 0 && into.rows() == max_rows) ||
                                 clock::now() - begin > std::chrono::seconds(10);
            if (!into.empty() && is_full && !pass_on()) return {};
            if (into.empty()) begin = clock::now();
            for (std::size_t i = 0; i < columns; ++i) {
                into.add(row[i] == nullptr ? cell{} : cell{std::string_view(row[i], lengths[i])});
            }
        }
        if (mysql_errno(handle_.get()) != 0) return failure(operation);
        rows.reset();
        if (auto r = drain_others(operation); !r) return r;
        if (!into.empty()) (void)pass_on();
        return {};
    }

    /// Sends a statement that gives rows and does not wait; `answer` has to follow.
    result<void> ask(std::string_view operation, std::string_view sql) {
        use_library();
        if (mysql_send_query(handle_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
            return failure(operation);
        }
        return {};
    }
    /// Waits for the rows of the statement that `ask` sent.
    result<void> answer(std::string_view operation, row_batch& into) {
        into.reset(0);
        if (mysql_read_query_result(handle_.get())) return failure(operation);
        return take_rows(operation, into, 0);
    }

    /// Runs a statement and gives its rows.
    result<row_batch> query(std::string_view operation, std::string_view sql) {
        row_batch rows;
        if (auto r = read(operation, sql, rows); !r) return std::move(r.error());
        return rows;
    }

    /// Asks the catalog. MariaDB answers a question that was broken off (KILL QUERY) with what it has, perhaps nothing, and a
    /// warning: that is `transient` here.
    result<row_batch> query_catalog(std::string_view operation, std::string_view sql) {
        constexpr unsigned interrupted = 1317;
        auto rows = query(operation, sql);
        if (!rows || mysql_warning_count(handle_.get()) == 0) return rows;
        auto warnings = query(operation, "SHOW WARNINGS");
        if (!warnings) return std::move(warnings.error());
        bool is_whole = !warnings->empty(); // else that question was broken off, too
        for (const row_view row : *warnings) is_whole = is_whole && row[1].bytes() != std::to_string(interrupted);
        if (is_whole) return rows;
        return failure(operation, interrupted, "70100", "Query execution was interrupted");
    }

    /// The first cell of the first row; NULL when there are no rows.
    result<value> query_value(std::string_view operation, std::string_view sql) {
        auto rows = query(operation, sql);
        if (!rows) return std::move(rows.error());
        return rows->empty() ? value{} : rows->at(0, 0).to_value();
    }

private:
    /// Ends the connection so that nothing more is read, and that the server learns of it at once. An orderly end would
    /// leave a server that is in the middle of its rows to the kernel's probes, for a minute or two.
    void abort_connection() {
        const auto socket = static_cast<int>(handle_->net.fd);
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::shutdown(socket, SHUT_RDWR);
    }
    result<void> take_rows(std::string_view operation, row_batch& into, std::uint64_t max_bytes) {
        result_set rows(mysql_use_result(handle_.get()));
        if (!rows) {
            if (mysql_errno(handle_.get()) != 0) return failure(operation);
            return drain_others(operation); // a statement without rows
        }
        const std::size_t columns = mysql_num_fields(rows.get());
        into.reset(columns);
        const std::uint64_t limit = max_bytes == 0 ? std::numeric_limits<std::uint64_t>::max() : max_bytes;
        while (MYSQL_ROW row = mysql_fetch_row(rows.get())) {
            if (into.truncated()) continue;
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            if (limit != std::numeric_limits<std::uint64_t>::max() && !into.empty()) {
                std::uint64_t size = into.bytes();
                for (std::size_t i = 0; i < columns; ++i) size += lengths[i];
                if (size > limit) {
                    into.set_truncated();
                    continue;
                }
            }
            for (std::size_t i = 0; i < columns; ++i) {
                into.add(row[i] == nullptr ? cell{} : cell{std::string_view(row[i], lengths[i])});
            }
        }
        if (mysql_errno(handle_.get()) != 0) {
            error e = failure(operation);
            into.reset(0);
            return e;
        }
        rows.reset();
        auto others = drain_others(operation);
        if (!others) into.reset(0);
        return others;
    }

    // Whatever rows a statement gave, read to the end, so that the connection can take the next one.
    result<void> drain(std::string_view operation) {
        if (auto r = drain_one(operation); !r) return r;
        return drain_others(operation);
    }
    result<void> drain_one(std::string_view operation) {
        if (mysql_field_count(handle_.get()) == 0) return {};
        const result_set rows(mysql_use_result(handle_.get()));
        if (!rows) return failure(operation);
        while (mysql_fetch_row(rows.get()) != nullptr) {
        }
        if (mysql_errno(handle_.get()) != 0) return failure(operation);
        return {};
    }
    // A CALL gives one result more than the procedure's own. The first one has been freed by now.
    result<void> drain_others(std::string_view operation) {
        while (mysql_more_results(handle_.get())) {
            if (mysql_next_result(handle_.get()) > 0) return failure(operation);
            if (auto r = drain_one(operation); !r) return r;
        }
        return {};
    }

    std::unique_ptr<local_infile> files_ =
        std::make_unique<local_infile>(); // outlives the handle, and stays in its place
    std::unique_ptr<MYSQL, close_handle> handle_;
};

/// Escapes by the rules of the connection's charset.
struct connection_escape {
    MYSQL* handle;
    void operator()(std::string& out, std::string_view bytes) const {
        const std::size_t before = out.size();
        out.resize(before + 2 * bytes.size() + 1);
        const unsigned long length = mysql_real_escape_string(handle, out.data() + before, bytes.data(),
                                                              static_cast<unsigned long>(bytes.size()));
        if (length != static_cast<unsigned long>(-1)) {
            out.resize(before + length);
            return;
        }
        // Oracle's library refuses while sql_mode has NO_BACKSLASH_ESCAPES; then only the quote has to be doubled.
        out.resize(before);
        for (char c : bytes) {
            if (c == '\'') out += '\'';
            out += c;
        }
    }
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
