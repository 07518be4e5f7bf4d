// SPDX-License-Identifier: BSL-1.0
// One connection to a MySQL or MariaDB server: source, target, and every refinement of connection.hpp.
#ifndef ROWFERRY_MYSQL_CONNECTION_HPP
#define ROWFERRY_MYSQL_CONNECTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/changed_rows.hpp>
#include <rowferry/mysql/checkpoints.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/computing.hpp>
#include <rowferry/mysql/create_table.hpp>
#include <rowferry/mysql/definition.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/digests.hpp>
#include <rowferry/mysql/hidden_passwords.hpp>
#include <rowferry/mysql/incarnation.hpp>
#include <rowferry/mysql/list_tables.hpp>
#include <rowferry/mysql/load_data.hpp>
#include <rowferry/mysql/page_answer.hpp>
#include <rowferry/mysql/page_copy.hpp>
#include <rowferry/mysql/replica_log.hpp>
#include <rowferry/mysql/rights.hpp>
#include <rowferry/mysql/secret.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/snapshot.hpp>
#include <rowferry/mysql/transaction.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/mysql/warnings.hpp>
#include <rowferry/mysql/write_ways.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/sql.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/wait_limit.hpp>
#include <rowferry/write_way.hpp>

#include <mysql.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// A connection whose session is set up for exact copies: bytes unconverted, strict, UTC, READ COMMITTED.
///
/// Operations never throw for what a server does and never sleep. Each blocks at most for the endpoint's read timeout, a
/// page for as long as it makes progress, and each is ended by what `limit_waits` says.
/// An error holds errno, SQLSTATE and the server's words without row values. After `connection_lost` the connection is
/// unusable. Not for use by two threads at once. Destroying it closes it; the server rolls an open transaction
/// back.
class connection {
public:
    /// Connects, sends the session recipe and reads it back. The endpoint's password is used as it stands.
    /// The whole handshake takes the connect timeout at most; `limit` may end it, and what comes after it, earlier.
    static result<connection> open(const endpoint& to, const wait_limit& limit = {}) {
        connection c;
        c.keep_secret(to);
        c.limit_waits(limit);
        c.client_.limits().set_limit(to.connect_timeout);
        auto connected = detail::connect_client(c.client_, to);
        if (!connected) return c.without_secrets(std::move(connected.error()));
        c.client_.limits().set_limit(to.read_timeout);
        auto info = detail::open_session(c.client_, to);
        if (!info) return c.without_secrets(std::move(info.error()));
        auto mark = detail::mark_session(c.client_, to);
        if (!mark) return c.without_secrets(std::move(mark.error()));
        c.session_ = std::move(*mark);
        c.info_ = std::move(*info);
        c.info_.notices = std::move(*connected);
        c.database_ = to.database;
        if (to.time_zone != sql::utc) c.time_zone_ = to.time_zone;
        return c;
    }

    /// The database's name, as the endpoint has it. (`info().database` is what the server answered, which spells it the same
    /// but for ASCII case.)
    [[nodiscard]] const std::string& database() const { return database_; }
    /// Version and limits of the server, as learnt when the session was opened.
    [[nodiscard]] const server_info& info() const { return info_; }
    /// Who answers: by server id, host name, port and data folder, and by its UUID where it has one.
    [[nodiscard]] const server_identity& server() const { return info_.server; }
    /// Whether TLS is in use.
    [[nodiscard]] bool is_encrypted() const { return info_.encrypted; }

    /// Runs one statement of the caller's own and gives the number of rows that it changed; rows that it gives are
    /// dropped.
    result<std::uint64_t> execute(std::string_view sql) {
        if (auto r = lift_limit(); !r) return std::move(r.error());
        return client_.execute_any("execute", sql);
    }
    /// Runs one statement of the caller's own and gives its rows; text in the charset of its columns, names as UTF-8.
    result<row_batch> query(std::string_view sql) {
        if (auto r = lift_limit(); !r) return std::move(r.error());
        return client_.query_any("query", sql);
    }
    /// The same of a statement whose answer has to have this many columns, and at least one row.
    result<row_batch> query(std::string_view sql, std::size_t columns) {
        if (auto r = lift_limit(); !r) return std::move(r.error());
        row_batch rows;
        if (auto r = client_.read("query", sql, rows, detail::columns_only(columns)); !r) return std::move(r.error());
        if (rows.empty()) return senseless_answer("query", "it gave no row where at least one was asked for");
        return rows;
    }

    /// What a later connection ends this session by, with a statement that it may have left on the server.
    [[nodiscard]] const std::string& session() const { return session_; }
    /// Kills the session of a connection that was lost, where this server has it still.
    result<void> end_session(std::string_view session) { return detail::end_marked_session(client_, session); }

    result<void> ping() { return client_.ping(); }
    /// Ends the waits of all further operations by a stop request or after a time, besides the endpoint's own limits.
    void limit_waits(const wait_limit& limit) { client_.limits().set(limit); }

    /// Takes the password of this connection out of an error: a server may repeat it in its words. One that is also the
    /// user's, the host's or the database's name stays: that is shown anyway.
    void hide_secrets(error& e) const {
        if (secret_.empty()) return;
        for (std::string* text : {&e.message, &e.server_message, &e.sqlstate}) {
            // As the server's words may stand there: escaped, or as they were sent.
            *text = hide_password(hide_password(*text, secret_.view()), one_line(secret_.view()));
        }
    }

    /// The schema of a base table or view of this connection's database; none when there is none of that name.
    result<std::optional<table_schema>> describe(std::string_view table) {
        return detail::describe_table(client_, info_.dialect, info_.database, table);
    }

    /// The names of the database's base tables, sorted by their bytes, without the checkpoint table.
    result<std::vector<std::string>> tables() {
        auto listed = detail::list_tables(client_, info_.database);
        if (!listed) return std::move(listed.error());
        std::vector<std::string> names;
        for (listed_table& each : *listed) names.push_back(std::move(each.name));
        return names;
    }
    /// The same with their engines, and whether the user's grants leave tables out. Reads the grants by SHOW GRANTS.
    result<table_listing> list_tables() {
        auto listed = detail::list_tables(client_, info_.database);
        if (!listed) return std::move(listed.error());
        auto hidden = detail::find_hidden(client_, info_.database);
        if (!hidden) return std::move(hidden.error());
        return table_listing{std::move(*listed), std::move(*hidden)};
    }

    /// Which table has the name: by InnoDB's table ids for a user with PROCESS, else by the time of its definition.
    result<table_incarnation> incarnation(const table_schema& table) {
        return detail::read_incarnation(client_, info_, seen_ids_, table, detail::storage_ids::asked);
    }
    /// The same with the ids of the last answer, unless the time of the definition or the next number says that it changed: the
    /// server reads the names of all its tables for them.
    result<table_incarnation> recent_incarnation(const table_schema& table) {
        return detail::read_incarnation(client_, info_, seen_ids_, table, detail::storage_ids::remembered);
    }

    /// Reads a page completely into the batch. FLOAT comes as the text of the equal double, BIT as bytes, everything
    /// else as the server's text, in the column's charset.
    result<void> read(const page_request& page, row_batch& into) {
        if (auto r = check_page(page); !r) return r;
        if (auto r = lift_limit(); !r) return r;
        if (auto r = prepare_for(page.filter); !r) return r;
        statement_.clear();
        sql::append_page(statement_, info_.dialect, page);
        const auto columns = detail::columns_of(page);
        const auto expected = detail::expected_page(columns, page.max_rows, page.max_bytes);
        if (auto r = client_.read("read", statement_, into, expected); !r) return r;
        return detail::check_last_key(page, into);
    }

    /// The rows of one statement, as `read` gives them; the server's patience with `consume` is raised for the session.
    template <class Consumer>
    result<void> stream(const page_request& page, row_batch& slice, Consumer consume) {
        if (auto r = check_page(page); !r) return r;
        if (auto r = prepare_for(page.filter); !r) return r;
        if (auto r = run("stream", sql::set_patient_writer(info_.dialect)); !r) return r;
        if (page.is_paced) client_.receive_little();
        page_request all = page;
        all.max_rows = 0;
        statement_.clear();
        sql::append_page(statement_, info_.dialect, all);
        return client_.stream("stream", statement_, slice, detail::columns_of(page), page.max_rows, page.max_bytes,
                              in_snapshot(), consume);
    }

    result<std::optional<std::uint64_t>> count(const count_request& request) {
        if (auto r = check_page(request); !r) return std::move(r.error());
        if (auto r = prepare_for(request.filter); !r) return std::move(r.error());
        statement_.clear();
        count_request within = request; // else the client's own limit would end the connection first
        const duration most = client_.limits().limit() / 2;
        if (most > duration::zero() && within.limit > most) within.limit = most;
        sql::append_count(statement_, info_.dialect, within);
        auto counted = client_.query_value("count", statement_);
        if (counted) {
            auto n = detail::number_in("count", *counted, "the number of rows");
            if (!n) return std::move(n.error());
            return std::optional<std::uint64_t>(*n);
        }
        const unsigned code = counted.error().code;
        if (request.limit > duration::zero() && (code == detail::limit_of_mariadb || code == detail::limit_of_mysql)) {
            return std::optional<std::uint64_t>{};
        }
        return std::move(counted.error());
    }

    /// What the optimizer expects: for the rows of an index between two bounds, by looking at a few of its pages.
    result<std::uint64_t> estimate(const page_request& page) {
        if (auto r = check_page(page); !r) return std::move(r.error());
        if (auto r = prepare_for(page.filter); !r) return std::move(r.error());
        statement_.clear();
        sql::append_estimate(statement_, info_.dialect, page);
        auto plan = client_.query("estimate", statement_, detail::columns_only(sql::estimate_columns(info_.dialect)));
        if (!plan) return std::move(plan.error());
        const cell rows = plan->at(0, sql::estimated_rows(info_.dialect));
        if (!plan->empty() && rows.is_null()) return std::uint64_t{0}; // the server knows that there are none
        return detail::number_in("estimate", rows.to_value(), "the estimated number of rows");
    }

    /// Asks the server for the filter bare and in parentheses. The error of one that it does not take is a refusal.
    result<void> check_filter(const table_schema& table, std::string_view filter) {
        if (auto r = prepare_for(filter); !r) return r;
        for (const sql::filter_form form : {sql::filter_form::bare, sql::filter_form::in_parentheses}) {
            statement_.clear();
            sql::append_filter_check(statement_, table.name, filter, form);
            auto done = client_.query("check filter", statement_, detail::columns_only(1, 0));
            if (done) continue;
            error e = std::move(done.error());
            const bool is_of_filter = !is_retryable(e.fault) && e.cause != cause::senseless_answer;
            if (is_of_filter) e.message = "the filter is not one condition over the table's columns";
            return e;
        }
        return {};
    }

    result<value> maximum(const table_schema& table, std::size_t column) { return maximum_until(table, column, {}); }
    /// The largest value that is not past `limit`; without a limit, the largest of all.
    result<value> maximum_until(const table_schema& table, std::size_t column, const value& limit) {
        statement_.clear();
        sql::append_maximum(statement_, table, column, limit);
        auto rows = client_.query("find maximum", statement_, detail::columns_only(1, 1));
        if (!rows) return std::move(rows.error());
        if (rows->empty()) return client_.senseless("find maximum", "it gave no row for a maximum");
        if (auto r = detail::check_key_cell("find maximum", table.columns[column], rows->at(0, 0)); !r) {
            return std::move(r.error());
        }
        return rows->at(0, 0).to_value();
    }

    /// The largest step from one value of a column to the next one, by a window over its order.
    result<std::uint64_t> largest_step(const table_schema& table, std::size_t column, std::string_view filter) {
        if (auto r = lift_limit(); !r) return std::move(r.error());
        if (auto r = prepare_for(filter); !r) return std::move(r.error());
        statement_.clear();
        sql::append_largest_step(statement_, table, column, filter);
        auto step = client_.query_value("measure steps", statement_);
        if (!step) return std::move(step.error());
        if (!*step) return std::uint64_t{0}; // there is no row
        return detail::number_in("measure steps", *step, "the largest step");
    }

    /// The server's time in UTC, as "2026-03-01 00:00:05".
    result<std::string> utc_time() {
        auto time = client_.query_value("ask the time", "SELECT UTC_TIMESTAMP()");
        if (!time) return std::move(time.error());
        constexpr std::size_t least = std::string_view("2026-03-01 00:00:05").size();
        if (!*time || (*time)->size() < least) return client_.senseless("ask the time", "it gave none");
        return (*time)->substr(0, least);
    }

    result<bool> is_empty(const table_schema& table) {
        statement_.clear();
        sql::append_any_row(statement_, table.name);
        auto has_rows = client_.gives_row("check for rows", statement_);
        if (!has_rows) return std::move(has_rows.error());
        return !*has_rows;
    }

    /// Empties the table, which also commits the open transaction.
    result<void> truncate(const table_schema& table) {
        statement_.clear();
        sql::append_truncate(statement_, table.name);
        return run("truncate", statement_);
    }

    /// The definition of a table that this connection described.
    result<table_definition> definition(const table_schema& table) {
        return detail::show_definition(client_, info_, table);
    }
    /// The table as this server would hold it, under this name; a refusal has everything that stands in the way.
    result<new_table> adapt(const table_definition& from, std::string_view name, const definition_changes& changes) {
        return detail::adapt_definition(client_, info_, from, name, changes);
    }
    /// Creates the table, outside any transaction; one of that name that is there already is left as it is.
    result<void> create_table(const new_table& table) {
        has_text_literals_ = false; // it ends with the recipe's charset
        return detail::create_table(client_, info_, table);
    }
    /// Creates the table under a name that no table has, and drops it; none for a user who may not drop it, by what the
    /// server says to DROP TABLE. Commits an open transaction.
    result<std::optional<table_schema>> try_table(const new_table& table, std::string_view name,
                                                  bool may_be_left = false) {
        has_text_literals_ = false;
        return detail::try_table(client_, info_, table, name, may_be_left);
    }

    /// What new sessions of the server compute expressions under.
    result<rowferry::computing_settings> computing_settings() {
        return detail::read_computing_settings(client_, info_.dialect);
    }
    /// Has this session compute under other settings, for good.
    result<void> compute_as(const std::vector<setting>& settings) {
        if (settings.empty() || settings == settings_) return {};
        auto done = detail::compute_as(client_, info_, settings);
        if (done) settings_ = settings;
        return done;
    }
    /// Has the server open the table anew, which takes the privilege RELOAD. Gives why it could not: without it, or
    /// where others use the table for more than a second. Commits an open transaction.
    result<std::string> reopen(const table_schema& table) { return detail::reopen(client_, table); }
    /// What the server computes by the session's time zone in this table, or in the one that the statement would create.
    result<std::vector<zone_dependence>> zone_dependences(const table_schema& table, std::string_view statement) {
        return detail::find_zone_dependences(client_, info_, table, statement);
    }
    /// The time zone of the session; empty is UTC.
    [[nodiscard]] const std::string& time_zone() const { return time_zone_; }

    /// For the rest of the session: a client that vanishes without a word holds its locks until then.
    result<void> expect_pauses() { return run("expect pauses", sql::set_patient_transactions(info_.dialect)); }
    /// Each succeeds only if the server's status says so, too: a transaction is open after `begin`, and none after the others.
    result<void> begin() {
        if (auto r = detail::prepare_log(client_, ways_.log); !r) return r;
        return transaction_.begin(client_);
    }
    result<void> commit() { return transaction_.commit(client_); }
    result<void> rollback() { return transaction_.rollback(client_); }

    /// The way to write: arrays where client library and server know them; else LOAD DATA where the server allows it, unless
    /// several writers would wait for its lock on AUTO_INCREMENT; else multi-row inserts. May ask the server.
    result<write_way> choose_write_way(const write_request& request, bool several_writers) {
        return detail::choose_write_way(client_, info_, ways_, request, several_writers);
    }
    /// Has this session's writes logged for replicas, where the server keeps a log, and gives what an operator should
    /// know of it; refused where they cannot be. A server that logs statements is asked by an INSERT of no row. The
    /// session does the same before its first write.
    result<std::string> check_log(const write_request& request) {
        return detail::check_log(client_, ways_.log, request);
    }
    /// Asks by PREPARE, and for DROP by truncating a partition that the table lacks, which waits a second at
    /// most for other users of the table. A plan does not ask for DROP.
    result<void> check_rights(const target_needs& needs) { return detail::rights_check(client_).check(needs); }
    /// Whether server-side copies into the table wait for each other: each holds the lock of its AUTO_INCREMENT column until the
    /// statement's end, where innodb_autoinc_lock_mode is not 2. Asks the server.
    result<bool> serializes_copies(const table_schema& table) {
        return detail::serializes_bulk_inserts(client_, info_, ways_, table.name);
    }
    /// Writes the rows by the request's way, which `automatic` leaves at multi-row inserts, in statements of about 4 MiB, or
    /// less if the server's max_allowed_packet is smaller. Rows with ENUM's error value always go by inserts.
    ///
    /// The server's warnings are read after each statement and are `data` errors, but for the duplicates of the
    /// request's key with skip_existing. One row that does not fit into max_allowed_packet is `batch_too_large`.
    result<write_outcome> write(const write_request& request, const row_range& rows) {
        if (auto r = lift_limit(); !r) return std::move(r.error());
        if (auto r = prepare_for({}); !r) return std::move(r.error());
        if (auto r = compute_as(request.settings); !r) return std::move(r.error());
        return transaction_.within(
            client_, "write", [&] { return detail::write_rows(client_, info_, request, ways_, statement_, rows); });
    }

    result<std::optional<checkpoint>> load_checkpoint(std::string_view job, checkpoint_read how) {
        return detail::load_checkpoint(client_, job, how);
    }
    /// Commits the open transaction when it truncates or creates. Waits for other claims of the same table for up to
    /// 30 s.
    result<checkpoint> claim_checkpoint(const checkpoint& entry, const claim& how) {
        if (auto r = detail::prepare_log(client_, ways_.log); !r) return std::move(r.error());
        return detail::claim_checkpoint(client_, info_.database, entry, how);
    }
    result<void> save_checkpoint(const checkpoint& entry) {
        return transaction_.within(client_, "save checkpoint", [&] { return detail::save_checkpoint(client_, entry); });
    }
    result<void> forget_checkpoints(std::string_view target_table) {
        if (auto r = detail::prepare_log(client_, ways_.log); !r) return r;
        return detail::forget_checkpoints(client_, target_table);
    }
    result<void> forget_checkpoint(const checkpoint& entry) {
        if (auto r = detail::prepare_log(client_, ways_.log); !r) return r;
        return detail::forget_checkpoint(client_, entry);
    }

    result<std::vector<listed_checkpoint>> list_checkpoints() { return detail::list_checkpoints(client_); }
    result<bool> drop_checkpoint(std::string_view job) {
        if (auto r = detail::prepare_log(client_, ways_.log); !r) return std::move(r.error());
        return detail::drop_checkpoint(client_, job);
    }

    /// Whether both connections end at one server: a user lock taken through one is seen through the other, with the
    /// right owner. Proxies share an address, and clones a server id. A hostile source can relay the question to this
    /// server, and so answer for it: see `NamesServer`.
    result<bool> is_same_server(connection& source) {
        jitter_source random = jitter_source::from_clock();
        const std::string lock = "'rowferry-" + std::to_string(random()) + "-" + std::to_string(random()) + "'";
        auto taken = source.client_.query_value("compare servers", "SELECT GET_LOCK(" + lock + ", 0)");
        if (!taken) return std::move(taken.error());
        if (*taken != value("1")) return false;
        auto owner = client_.query_value("compare servers", "SELECT IS_USED_LOCK(" + lock + ")");
        auto released = source.client_.query_value("compare servers", "SELECT RELEASE_LOCK(" + lock + ")");
        if (!owner) return std::move(owner.error());
        if (!released) return std::move(released.error());
        return *owner == value(std::to_string(source.info_.connection_id));
    }

    /// Whether both have one database, by the names that their server gave: it may tell names by case, or not.
    [[nodiscard]] bool is_same_database(const connection& source) const {
        return info_.database == source.info_.database;
    }

    /// Copies a page from `database` on this server into the request's table, inside the server and the open
    /// transaction. `page.max_bytes` does not apply. Warnings are errors as in `write`.
    result<write_outcome> copy_page(std::string_view database, const page_request& page, const write_request& request) {
        if (auto r = check_page(page); !r) return std::move(r.error());
        if (auto r = prepare_for(page.filter); !r) return std::move(r.error());
        if (auto r = compute_as(request.settings); !r) return std::move(r.error());
        statement_.clear();
        sql::append_page_copy(statement_, info_.dialect, database, page, request);
        return transaction_.within(client_, "copy page", [&] {
            return detail::copy_page(client_, info_, statement_, page.max_rows, request);
        });
    }

    /// Opens a transaction, REPEATABLE READ and READ ONLY, that sees this moment until the connection ends. InnoDB only:
    /// tables of other engines are read as they are.
    result<snapshot_info> open_snapshot() { return detail::open_snapshot(client_, info_.dialect); }
    /// Whether the last statement that succeeded was still inside of it, as the server said at its end.
    [[nodiscard]] bool in_snapshot() const { return detail::in_transaction(client_); }
    /// Asks for the checksum of a range; `checksum` waits for it. The digest of a row is described in sql/digest.hpp.
    result<void> ask_checksum(const digest_request& request) {
        if (auto r = check_page(request); !r) return r;
        if (auto r = lift_limit(); !r) return r; // `checksum` may be called much later, and waits from then on
        if (auto r = prepare_for(request.filter); !r) return r;
        statement_.clear();
        sql::append_checksum(statement_, request);
        return client_.ask("checksum", statement_);
    }
    result<rows_checksum> checksum() {
        auto answer = client_.answer("checksum", detail::columns_only(4, 1));
        if (!answer) return std::move(answer.error());
        return detail::to_checksum(*answer);
    }
    result<void> digests(const digest_request& request, const std::vector<key_values>& keys, row_batch& into) {
        if (auto r = check_page(request); !r) return r;
        if (auto r = sql::check_members(*request.table, request.order, keys); !r) return r;
        if (auto r = lift_limit(); !r) return r;
        if (auto r = prepare_for(request.filter); !r) return r;
        statement_.clear();
        sql::append_digests(statement_, info_.dialect, request, keys);
        const auto columns = detail::columns_of(request);
        auto expected = detail::expected_page(columns, keys.size(), 0); // a key has one row at most
        expected.max_bytes = detail::most_digest_bytes;
        expected.may_be_larger = keys.empty(); // an honest range may have grown
        if (auto r = client_.read("digests", statement_, into, expected); !r) return r;
        if (auto r = detail::check_keys(request, into); !r) return r;
        return detail::check_digests(into);
    }
    result<void> find_rows(const keyed_rows& request, row_batch& into) {
        if (auto r = sql::check_members(*request.table, request.order, request.keys); !r) return r;
        if (auto r = lift_limit(); !r) return r;
        statement_.clear();
        sql::append_find_rows(statement_, info_.dialect, request);
        const auto columns = detail::columns_of(request);
        return client_.read("find rows", statement_, into,
                            detail::expected_page(columns, request.keys.size(), request.max_bytes));
    }
    result<std::uint64_t> remove_rows(const keyed_rows& request) {
        if (auto r = sql::check_members(*request.table, request.order, request.keys); !r) return std::move(r.error());
        if (auto r = lift_limit(); !r) return std::move(r.error());
        statement_.clear();
        sql::append_remove_rows(statement_, request);
        return transaction_.within(client_, "remove rows", [&]() -> result<std::uint64_t> {
            auto removed = client_.execute("remove rows", statement_);
            if (removed && *removed > request.keys.size()) {
                return client_.senseless("remove rows", "it removed more rows than there were keys");
            }
            return removed;
        });
    }

private:
    connection() = default;

    void keep_secret(const endpoint& to) {
        if (!to.password) return;
        for (const std::string* name : {&to.user, &to.host, &to.database}) {
            if (*to.password == std::string_view(*name)) return;
        }
        secret_ = *to.password;
    }
    [[nodiscard]] error without_secrets(error e) const {
        hide_secrets(e);
        return e;
    }

    /// Before a statement that the client may wait for longer than one read timeout: its rows flow, or it sends many bytes.
    /// Once for the session.
    result<void> lift_limit() {
        if (is_limit_lifted_) return {};
        auto done = run("lift time limit", sql::lift_statement_limit(info_.dialect));
        if (done) is_limit_lifted_ = true;
        return done;
    }

    /// A filter's literals are text; those of values are bytes, which the server would convert as text.
    result<void> prepare_for(std::string_view filter) {
        const bool text = !filter.empty();
        if (text == has_text_literals_) return {};
        auto done = text ? run("prepare for a filter", sql::set_text_literals)
                         : run("prepare for values", sql::set_binary_literals);
        if (done) has_text_literals_ = text;
        return done;
    }

    /// A page's bounds, or those of a count.
    template <class Request>
    static result<void> check_page(const Request& request) {
        if (auto r = check_bounds(request.order, request.after, request.up_to); !r) return r;
        return sql::check_members(*request.table, request.order, request.after, request.up_to);
    }

    result<void> run(std::string_view operation, std::string_view sql) {
        auto done = client_.execute(operation, sql);
        if (!done) return std::move(done.error());
        return {};
    }

    detail::client client_;
    server_info info_;
    std::string database_;
    std::string time_zone_;         // empty is UTC
    std::vector<setting> settings_; // under which expressions are computed; empty: the server's own
    secret secret_;                 // to keep it out of errors
    std::string session_;           // the name of the lock that marks it
    detail::session_transaction transaction_;
    detail::write_memory ways_;
    detail::incarnation_memory seen_ids_;
    bool has_text_literals_ = false;
    bool is_limit_lifted_ = false; // the server's, for the time of a statement
    std::string statement_;        // one buffer for all statements: it grows to the longest and stays
};

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
