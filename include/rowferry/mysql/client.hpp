// SPDX-License-Identifier: BSL-1.0
// RAII over the C API: one handle, statements, results and errors. Everything above it speaks in results.
#ifndef ROWFERRY_MYSQL_CLIENT_HPP
#define ROWFERRY_MYSQL_CLIENT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/answer_faults.hpp>
#include <rowferry/mysql/host_addresses.hpp>
#include <rowferry/mysql/local_infile.hpp>
#include <rowferry/mysql/patience.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/mysql/socket_wait.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <mysql.h>

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

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

/// The most that one packet of a small answer may take: as much as all of an answer from the catalog.
inline constexpr unsigned long most_small_packet = most_catalog_bytes;

/// The errno of a statement that the server has broken off at its time limit.
inline constexpr unsigned limit_of_mariadb = 1969;
inline constexpr unsigned limit_of_mysql = 3024;

/// One connection of the client library, and what every operation does with it.
class client {
public:
    client() {
        use_library();
        handle_.reset(mysql_init(nullptr));
        if (!handle_) return;
        files_->install_on(handle_.get());
        install_waiting(handle_.get());
    }
    client(client&&) noexcept = default;
    /// The replaced connection is destroyed as a whole: its watch and its handle before the limits and files they refer to.
    client& operator=(client&& other) noexcept {
        client taken(std::move(other));
        std::swap(files_, taken.files_);
        std::swap(limits_, taken.limits_);
        std::swap(handle_, taken.handle_);
        std::swap(watch_, taken.watch_);
        std::swap(is_aborted_, taken.is_aborted_);
        std::swap(is_small_, taken.is_small_);
        return *this;
    }
    ~client() = default;

    [[nodiscard]] MYSQL* handle() const { return handle_.get(); }
    /// What the server gets when it asks for a file.
    [[nodiscard]] local_infile& files() { return *files_; }

    /// What ends the waits for the server.
    [[nodiscard]] patience& limits() { return *limits_; }

    /// Connects as `mysql_real_connect` does, inside an operation that the caller began.
    MYSQL* connect(const char* host, const char* user, const char* password, const char* database, unsigned port,
                   const char* socket) {
        MYSQL* connected = nullptr;
#if defined(LIBMARIADB)
        connected = mysql_real_connect(handle_.get(), host, user, password, database, port, socket, 0);
#else
        const auto connect_in_steps = [&] {
            for (bool goes_on = true; goes_on && !limits_->is_over();) {
                const net_async_status status = mysql_real_connect_nonblocking(
                    handle_.get(), host, user, password, database, port, socket, CLIENT_REMEMBER_OPTIONS);
                goes_on = status == NET_ASYNC_NOT_READY;
                if (goes_on) std::this_thread::sleep_for(std::chrono::milliseconds(1));
                if (status == NET_ASYNC_COMPLETE) connected = handle_.get();
            }
        };
        connect_in_steps();
        // The nonblocking call tries only the first address of a name, as ::1 of localhost. A socket that is bound to IPv4
        // refuses addresses of IPv6, so that the second attempt tries the first one of IPv4.
        constexpr unsigned no_connection = 2003;
        const bool is_refused = connected == nullptr && mysql_errno(handle_.get()) == no_connection;
        if (is_refused && !limits_->is_over() && resolves_to_both_families(host)) {
            handle_->net.last_errno = 0;
            mysql_options(handle_.get(), MYSQL_OPT_BIND, "0.0.0.0");
            connect_in_steps();
        }
#endif
        if (connected == nullptr) return connected;
        watch_ = std::make_unique<socket_watch>(connected, *limits_);
        return watch_->is_watching() ? connected : nullptr;
    }

    /// errno, SQLSTATE and message of what just failed, which the next call would overwrite.
    [[nodiscard]] error failure(std::string_view operation) const {
        constexpr unsigned packet_too_large = 2020; // received: what was sent would have the server's own errno
        if (handle_ && is_small_ && mysql_errno(handle_.get()) == packet_too_large) return too_much(operation);
        if (handle_) {
            return explained(at_limit(failure(operation, mysql_errno(handle_.get()), mysql_sqlstate(handle_.get()),
                                              mysql_error(handle_.get()))));
        }
        error e;
        e.operation = operation;
        e.code = 2008U; // the client is out of memory
        e.fault = classify(e.code);
        e.cause = cause_of(e.code);
        return e;
    }
    /// The error with what ended the wait, when a time limit or a stop request did.
    [[nodiscard]] error explained(error e) const {
        const wait_end end = limits_->ended_by();
        if (end == wait_end::none) return e;
        if (end == wait_end::too_much) return too_much(e.operation, limits_->most_now());
        constexpr unsigned lost = 2013;
        if (e.code == 0) e.code = lost; // Oracle's library was not asked again
        e.fault = fault::connection_lost;
        e.cause = end == wait_end::stop ? cause::interrupted : cause::too_slow;
        e.message = end == wait_end::stop ? "a stop was requested before the server had answered"
                    : end == wait_end::time_limit
                        ? "the server had not answered when the deadline passed"
                        : "the server's answer took longer than the time limit of " + in_seconds(limits_->limit());
        // A slow server and one that never answers look the same here.
        if (end == wait_end::too_slow) {
            e.remedies = {remedy{remedy::run_again}, remedy{remedy::allow_more_time, "", in_seconds(limits_->limit())}};
        }
        return e;
    }
    /// The error of a statement that the server has broken off at the session's own limit: it would take as long again.
    [[nodiscard]] error at_limit(error e) const {
        if (e.code != limit_of_mariadb && e.code != limit_of_mysql) return e;
        e.cause = cause::too_slow;
        e.message = "the statement took longer than the time limit of " + in_seconds(limits_->limit());
        e.remedies = {remedy{remedy::allow_more_time, "", in_seconds(limits_->limit())}};
        return e;
    }
    /// The same of a prepared statement, which has them of its own.
    static error failure(std::string_view operation, unsigned code, std::string_view sqlstate,
                         std::string_view message) {
        error e;
        e.operation = operation;
        e.code = code;
        // 45000 is what a SIGNAL is told to use, whatever errno it takes: a trigger refuses the row.
        const bool is_signal = sqlstate == "45000";
        e.fault = is_signal ? fault::data : fault_of(code, message);
        e.cause = is_signal ? cause::unspecified : cause_of(code);
        if (!is_signal) e.message = meaning_of(code);
        e.sqlstate = sqlstate;
        e.server_message = is_signal ? std::string(hidden_signal) : redact(code, message);
        return e;
    }

    /// Begins an operation that sends this number of bytes: its waits are limited, and so is the size of one packet. A small
    /// answer's packets are small, and a row's are as large as the protocol allows.
    [[nodiscard]] waiting begin_operation(std::uint64_t sends, answer_pace pace) {
        constexpr unsigned long most = 1UL << 30U; // of the protocol
        is_small_ = pace == answer_pace::small;
        handle_->net.max_packet_size = is_small_ ? most_small_packet : most;
        if (watch_) watch_->begin_operation();
        return {handle_.get(), *limits_, sends, pace};
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
        const waiting w = begin_operation(0, answer_pace::small);
        if (mysql_set_character_set(handle_.get(), charset) != 0) return failure(operation);
        return {};
    }

    /// Runs a statement that gives no rows, and gives the rows that it affected. `follows` is the size of the text that the
    /// server asks for, as LOAD DATA LOCAL does.
    result<std::uint64_t> execute(std::string_view operation, std::string_view sql, std::uint64_t follows = 0) {
        const waiting w = begin_operation(sql.size() + follows, answer_pace::small);
        if (auto sent = send(operation, sql); !sent) return std::move(sent.error());
        const std::uint64_t affected = mysql_affected_rows(handle_.get());
        if (auto r = take_nothing(operation); !r) return std::move(r.error());
        return affected;
    }
    /// The same of a caller's own statement, which may give anything: rows are read and dropped.
    result<std::uint64_t> execute_any(std::string_view operation, std::string_view sql) {
        const waiting w = begin_operation(sql.size(), answer_pace::flowing);
        if (auto sent = send(operation, sql); !sent) return std::move(sent.error());
        const std::uint64_t affected = mysql_affected_rows(handle_.get());
        const bool gave_rows = mysql_field_count(handle_.get()) != 0;
        if (auto drained = drain(operation); !drained) return std::move(drained.error());
        return gave_rows ? 0 : affected;
    }

    /// Runs a statement that is answered by one OK and nothing else, as COMMIT. Any other answer ends the connection.
    result<void> control(std::string_view operation, std::string_view sql) {
        const waiting w = begin_operation(sql.size(), answer_pace::small);
        if (auto sent = send(operation, sql); !sent) return sent;
        if (mysql_field_count(handle_.get()) == 0 && mysql_more_results(handle_.get()) == 0) return {};
        abort_connection();
        error e = senseless_answer(operation, "rows or a second answer came in answer to " + std::string(sql));
        e.remedies = {{remedy::check_proxy}};
        return e;
    }

    /// Runs a statement that gives rows, into the batch: each cell is copied once, from the network buffer. Another
    /// answer than the expected one is refused, and ends the connection: what comes next may answer another question.
    result<void> read(std::string_view operation, std::string_view sql, row_batch& into,
                      const expected_answer& expected, answer_pace pace = answer_pace::flowing) {
        const waiting w = begin_operation(sql.size(), pace);
        into.reset(0);
        if (auto sent = send(operation, sql); !sent) return sent;
        return take_rows(operation, into, expected);
    }

    /// Runs a statement that gives rows, slice after slice: `consume(into)` for each `max_rows` or `max_bytes` (0 is no
    /// limit), and for what has come when a slice takes ten seconds to fill. When it returns false the rest is read and
    /// dropped with `drains`; else the connection is reset.
    template <class Consumer>
    result<void> stream(std::string_view operation, std::string_view sql, row_batch& into,
                        const std::vector<expected_column>& expected, std::uint64_t max_rows, std::uint64_t max_bytes,
                        bool drains, Consumer consume) {
        using clock = std::chrono::steady_clock;
        const waiting w = begin_operation(sql.size(), answer_pace::flowing);
        into.reset(0);
        if (auto sent = send(operation, sql); !sent) return sent;
        const expected_answer all = expected_page(expected, 0, 0);
        auto begun = begin_rows(operation, all);
        if (!begun) return std::move(begun.error());
        result_set rows = std::move(*begun);
        const std::size_t columns = expected.size();
        into.reset(columns);
        clock::time_point begin{};
        row_watch watch(*limits_);
        auto pass_on = [&] {
            limits_->pause();
            bool goes_on = false;
            try {
                goes_on = consume(std::as_const(into));
            } catch (...) {
                abort_connection(); // else the rest would be read, without a limit
                throw;
            }
            limits_->resume();
            into.reset(columns);
            if (!goes_on && !drains) abort_connection();
            return goes_on;
        };
        errno = 0; // for broken_off
        while (MYSQL_ROW row = mysql_fetch_row(rows.get())) {
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            const std::uint64_t row_bytes = std::accumulate(lengths, lengths + columns, std::uint64_t{0});
            const std::uint64_t size = into.bytes() + row_bytes;
            if (watch.ends_at(row_bytes + columns)) return ended(operation);
            const bool is_full = (max_bytes != 0 && size > max_bytes) || (max_rows != 0 && into.rows() == max_rows) ||
                                 clock::now() - begin > std::chrono::seconds(10);
            if (!into.empty() && is_full && !pass_on()) return {};
            if (into.empty()) begin = clock::now();
            if (auto e = add_row(operation, into, row, lengths, row_bytes, all)) {
                if (!drains) abort_connection();
                return std::move(*e);
            }
        }
        if (mysql_errno(handle_.get()) != 0) return broken_off(operation, into);
        rows.reset();
        if (auto r = refuse_others(operation); !r) return r;
        if (!into.empty()) (void)pass_on();
        return {};
    }

    /// From now on few bytes wait in this socket for being read: where they are read slowly, they come all the while, and nothing
    /// on the way takes the connection for idle.
    void receive_little() {
        constexpr int bytes = 1 << 16;
        ::setsockopt(static_cast<int>(handle_->net.fd), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }

    /// Sends a statement that gives rows and does not wait; `answer` has to follow.
    result<void> ask(std::string_view operation, std::string_view sql) {
        use_library();
        const waiting w = begin_operation(sql.size(), answer_pace::small);
        if (mysql_send_query(handle_.get(), sql.data(), static_cast<unsigned long>(sql.size())) != 0) {
            return failure(operation);
        }
        return {};
    }
    /// Waits for the rows of the statement that `ask` sent.
    result<answer_rows> answer(std::string_view operation, const expected_answer& expected) {
        const waiting w = begin_operation(0, answer_pace::small);
        if (mysql_read_query_result(handle_.get())) return failure(operation);
        row_batch rows;
        if (auto r = take_rows(operation, rows, expected); !r) return std::move(r.error());
        return answer_rows(std::move(rows));
    }

    /// Runs a statement with a small answer and gives its rows.
    result<answer_rows> query(std::string_view operation, std::string_view sql, const expected_answer& expected) {
        row_batch rows;
        if (auto r = read(operation, sql, rows, expected, answer_pace::small); !r) return std::move(r.error());
        return answer_rows(std::move(rows));
    }
    /// Runs one statement of a caller's own, which may give anything, and gives the rows of its first result.
    result<row_batch> query_any(std::string_view operation, std::string_view sql) {
        const waiting w = begin_operation(sql.size(), answer_pace::flowing);
        row_batch rows;
        if (auto sent = send(operation, sql); !sent) return std::move(sent.error());
        if (mysql_field_count(handle_.get()) != 0) {
            expected_answer any;
            any.columns = mysql_field_count(handle_.get());
            any.max_bytes = no_limit;
            if (auto r = take_one(operation, rows, any); !r) return std::move(r.error());
        }
        if (auto r = drain_others(operation); !r) return std::move(r.error());
        return rows;
    }

    /// Asks the catalog for rows of that many columns. MariaDB answers a question that was broken off (KILL QUERY, or a time
    /// limit) with what it has, perhaps nothing, and a warning: that is `transient` here.
    result<answer_rows> query_catalog(std::string_view operation, std::string_view sql, std::size_t columns,
                                      std::uint64_t max_rows = no_limit) {
        auto rows = query(operation, sql, columns_only(columns, max_rows));
        if (!rows || mysql_warning_count(handle_.get()) == 0) return rows;
        auto warnings = show_warnings(operation);
        if (!warnings) return std::move(warnings.error());
        constexpr unsigned interrupted = 1317;
        unsigned broken_off_by = warnings->empty() ? interrupted : 0; // then that question was broken off, too
        for (std::size_t i = 0; i < warnings->rows(); ++i) {
            for (const unsigned code : {interrupted, limit_of_mariadb, limit_of_mysql}) {
                if (warnings->at(i, 1).bytes() == std::to_string(code)) broken_off_by = code;
            }
        }
        if (broken_off_by == 0) return rows;
        return at_limit(failure(operation, broken_off_by, "70100", "Query execution was interrupted"));
    }

    /// The warnings of the last statement: level, code, message.
    result<answer_rows> show_warnings(std::string_view operation) {
        constexpr std::uint64_t most = 65'535; // of max_error_count
        return query(operation, "SHOW WARNINGS", columns_only(3, most));
    }

    /// The one cell of a statement that gives one row of one column, or no row: then NULL.
    result<value> query_value(std::string_view operation, std::string_view sql) {
        auto rows = query(operation, sql, columns_only(1, 1));
        if (!rows) return std::move(rows.error());
        return rows->at(0, 0).to_value();
    }

    /// Whether a statement that gives one row of one column, never NULL, or no row gives one.
    result<bool> gives_row(std::string_view operation, std::string_view sql) {
        auto rows = query(operation, sql, columns_only(1, 1));
        if (!rows) return std::move(rows.error());
        if (!rows->empty() && rows->at(0, 0).is_null()) return senseless(operation, "it gave NULL for a constant");
        return !rows->empty();
    }

    /// The names of the columns of a statement that gives no row.
    result<std::vector<std::string>> column_names(std::string_view operation, std::string_view sql) {
        const waiting w = begin_operation(sql.size(), answer_pace::small);
        if (auto sent = send(operation, sql); !sent) return std::move(sent.error());
        const std::size_t columns = mysql_field_count(handle_.get());
        if (columns == 0) return senseless(operation, "it gave no columns to a statement that asks for some");
        std::vector<std::string> names;
        {
            const result_set rows(mysql_use_result(handle_.get()));
            if (!rows) return failure(operation);
            const MYSQL_FIELD* fields = mysql_fetch_fields(rows.get());
            for (std::size_t i = 0; i < columns; ++i) names.emplace_back(fields[i].name, fields[i].name_length);
            if (mysql_fetch_row(rows.get()) != nullptr)
                return senseless(operation, "it gave a row where none was asked for");
            if (mysql_errno(handle_.get()) != 0) return failure(operation);
        }
        if (auto r = refuse_others(operation); !r) return std::move(r.error());
        return names;
    }

    /// Refuses an answer, and ends the connection: what it sends next may answer another question.
    error senseless(std::string_view operation, const std::string& what) {
        abort_connection();
        return senseless_answer(operation, what);
    }

    /// Asks whether the connection still works.
    result<void> ping() {
        use_library(); // in this thread, which may not be the one that connected
        const waiting w = begin_operation(0, answer_pace::small);
        if (mysql_ping(handle_.get()) != 0) return failure("ping");
        return {};
    }

    /// Whether an answer that made no sense, or a stream that was left, ended the connection.
    [[nodiscard]] bool is_aborted() const { return is_aborted_; }

private:
    /// Takes note of the rows that come, and says when the operation has to end: a server may send so fast that the library
    /// never waits, and so never asks.
    class row_watch {
    public:
        explicit row_watch(patience& limits) : limits_(limits) {}
        /// Whether to end at a row of this size. Asks at the first row, and then every 4096 rows or 256 KiB.
        bool ends_at(std::uint64_t bytes) {
            constexpr std::uint64_t most_bytes = std::uint64_t{256} << 10U;
            bytes_ += bytes;
            if ((rows_++ & 4095U) != 0 && bytes_ < most_bytes) return false;
            limits_.note_taken(bytes_);
            bytes_ = 0;
            return limits_.is_over();
        }

    private:
        patience& limits_;
        std::uint64_t bytes_ = 0;
        std::uint64_t rows_ = 0;
    };
    /// Ends an operation whose patience is over.
    error ended(std::string_view operation) {
        abort_connection();
        return explained(failure(operation, 0, {}, {}));
    }
    static std::string in_seconds(duration d) {
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
        if (milliseconds % 1000 != 0) return std::to_string(milliseconds) + " ms";
        return std::to_string(milliseconds / 1000) + " s";
    }
    static error too_large(std::string_view operation, std::uint64_t bytes) {
        error e;
        e.operation = operation;
        e.fault = fault::batch_too_large;
        e.message = "the answer takes more than " + std::to_string(bytes >> 20U) + " MiB";
        return e;
    }
    static error too_much(std::string_view operation, std::uint64_t bytes = most_small_packet) {
        return senseless_answer(operation, "it gave more than " + std::to_string(bytes >> 20U) +
                                               " MiB where far less is expected");
    }
    /// Ends the connection so that nothing more is read, and that the server learns of it at once. An orderly end would
    /// leave a server that is in the middle of its rows to the kernel's probes, for a minute or two.
    void abort_connection() {
        is_aborted_ = true;
#if defined(LIBMARIADB)
        if (handle_->net.pvio == nullptr) return; // the library has closed it, and its number may be another file's
#else
        if (handle_->net.vio == nullptr) return; // the library has closed it, and its number may be another file's
#endif
        const auto socket = static_cast<int>(handle_->net.fd);
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        ::shutdown(socket, SHUT_RDWR);
    }
    /// Whether the names of a result's columns are those that were asked for.
    static bool has_names(MYSQL_RES* rows, const std::vector<expected_column>& expected) {
        const MYSQL_FIELD* fields = mysql_fetch_fields(rows);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (expected[i].name.empty()) continue;
            if (!table_schema::same_name({fields[i].name, fields[i].name_length}, expected[i].name)) return false;
        }
        return true;
    }
    /// The rows that the last statement gives, once their columns are known to be those that were asked for.
    result<result_set> begin_rows(std::string_view operation, const expected_answer& expected) {
        const std::size_t columns = mysql_field_count(handle_.get());
        if (columns != expected.columns) {
            return senseless(operation, columns == 0 ? "it gave no rows to a statement that asks for rows"
                                                     : "it gave " + counted(columns, "column") + " where " +
                                                           std::to_string(expected.columns) + " were asked for");
        }
        result_set rows(mysql_use_result(handle_.get()));
        if (!rows) return failure(operation);
        if (expected.each != nullptr && !has_names(rows.get(), *expected.each)) {
            return senseless(operation, "it gave other columns than those that were asked for");
        }
        limits_->begin_rows();
        return rows;
    }
    /// Adds a row of `bytes` bytes to the batch. Error: an unexpected NULL, or not enough memory.
    std::optional<error> add_row(std::string_view operation, row_batch& into, MYSQL_ROW row,
                                 const unsigned long* lengths, std::uint64_t bytes, const expected_answer& expected) {
        try {
            for (std::size_t i = 0; i < expected.columns; ++i) {
                if (row[i] != nullptr) {
                    into.add(cell{std::string_view(row[i], lengths[i])});
                } else if (expected.each == nullptr || (*expected.each)[i].may_be_null) {
                    into.add(cell{});
                } else {
                    return unexpected_null(operation, expected, i);
                }
            }
        } catch (const std::bad_alloc&) {
            return out_of_memory(operation, into, bytes);
        }
        return std::nullopt;
    }
    error unexpected_null(std::string_view operation, const expected_answer& expected, std::size_t column) {
        const std::string& name = (*expected.each)[column].name;
        return senseless(operation, "it gave NULL for " +
                                        (name.empty() ? "column " + std::to_string(column + 1) : "column " + name) +
                                        ", which is never NULL");
    }
    /// Why an answer ended early; the batch holds the rows that came. A library that lacks the memory for a row closes the
    /// connection, and leaves only errno to tell.
    error broken_off(std::string_view operation, row_batch& into) const {
        const bool lacks_memory = errno == ENOMEM;
        error e = failure(operation);
        const bool is_lost = e.fault == fault::connection_lost && e.cause == cause::unspecified;
        if (!(lacks_memory && is_lost) && e.cause != cause::out_of_memory) return e;
        return out_of_memory(operation, into, std::nullopt);
    }
    /// The rows of one result.
    result<void> take_one(std::string_view operation, row_batch& into, const expected_answer& expected) {
        auto begun = begin_rows(operation, expected);
        if (!begun) return std::move(begun.error());
        const result_set rows = std::move(*begun);
        const std::size_t columns = expected.columns;
        into.reset(columns);
        const bool is_limited = expected.kept_bytes != no_limit || expected.max_bytes != no_limit;
        std::uint64_t left = expected.max_rows;
        row_watch watch(*limits_);
        std::optional<error> e;
        errno = 0; // for broken_off
        while (MYSQL_ROW row = mysql_fetch_row(rows.get())) {
            if (left-- == 0) {
                e = senseless(operation, "it gave more than the " + counted(expected.max_rows, "row") +
                                             " that were asked for at most");
                break;
            }
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            const std::uint64_t row_bytes = std::accumulate(lengths, lengths + columns, std::uint64_t{0});
            if (watch.ends_at(row_bytes + columns)) {
                e = ended(operation);
                break;
            }
            if (into.truncated()) continue;
            if (is_limited) {
                const std::uint64_t size = into.bytes() + row_bytes;
                if (size > expected.kept_bytes && !into.empty()) {
                    into.set_truncated();
                    continue;
                }
                if (expected.max_bytes != no_limit &&
                    size + (into.rows() + 1) * columns * cell_overhead > expected.max_bytes) {
                    abort_connection();
                    e = too_much(operation, expected.max_bytes);
                    if (expected.may_be_larger) *e = too_large(operation, expected.max_bytes);
                    break;
                }
            }
            e = add_row(operation, into, row, lengths, row_bytes, expected);
            if (e) break;
        }
        if (!e && mysql_errno(handle_.get()) == 0) return {};
        if (!e) e = broken_off(operation, into);
        into.reset(0);
        return std::move(*e);
    }
    result<void> take_rows(std::string_view operation, row_batch& into, const expected_answer& expected) {
        auto taken = take_one(operation, into, expected);
        if (taken) taken = refuse_others(operation);
        if (!taken) into.reset(0);
        return taken;
    }
    /// Of a statement that gives no rows.
    result<void> take_nothing(std::string_view operation) {
        const std::size_t columns = mysql_field_count(handle_.get());
        if (columns != 0) return senseless(operation, "it gave rows to a statement that gives none");
        return refuse_others(operation);
    }
    /// A second result, which only a CALL gives, and none of ours.
    result<void> refuse_others(std::string_view operation) {
        if (!mysql_more_results(handle_.get())) return {};
        return senseless(operation, "it gave a second answer to one statement");
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
        limits_->begin_rows();
        row_watch watch(*limits_);
        const unsigned columns = mysql_num_fields(rows.get());
        while (mysql_fetch_row(rows.get()) != nullptr) {
            const unsigned long* lengths = mysql_fetch_lengths(rows.get());
            if (watch.ends_at(std::accumulate(lengths, lengths + columns, std::uint64_t{columns}))) {
                return ended(operation);
            }
        }
        if (mysql_errno(handle_.get()) != 0) return failure(operation);
        return {};
    }
    // A CALL gives one result more than the procedure's own. The first one has been freed by now.
    result<void> drain_others(std::string_view operation) {
        while (mysql_more_results(handle_.get())) {
            if (limits_->is_over()) return ended(operation);
            if (watch_) watch_->begin_operation(); // the rows so far are not of the next result
            limits_->end_rows();
            if (mysql_next_result(handle_.get()) > 0) return failure(operation);
            if (auto r = drain_one(operation); !r) return r;
        }
        return {};
    }

    std::unique_ptr<local_infile> files_ =
        std::make_unique<local_infile>();                             // outlives the handle, and stays in its place
    std::unique_ptr<patience> limits_ = std::make_unique<patience>(); // outlives the handle and its watch
    std::unique_ptr<MYSQL, close_handle> handle_;
    std::unique_ptr<socket_watch> watch_;
    bool is_aborted_ = false;
    bool is_small_ = true; // what the operation under way expects
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

#endif // ROWFERRY_CXX20
#endif
