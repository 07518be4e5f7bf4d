// SPDX-License-Identifier: BSL-1.0
// An in-memory database for unit tests: tables that enforce keys and transactions, and faults by a script.
//
//   rf::testing::fake_database source, target;
//   source.create_table("procnote", {{"ProcNoteNum", "bigint"}, {"Note", "text"}}, {"ProcNoteNum"});
//   target.create_table("procnote", {{"ProcNoteNum", "bigint"}, {"Note", "text"}}, {"ProcNoteNum"});
//   source.insert("procnote", {"1", "hello"});
//   target.fail_at(7, rf::fault::connection_lost, rf::testing::when::after);
//   rf::testing::manual_timing timing;
//   rf::report report = rf::pipeline{}.copy(source, target, "procnote", timing);
//
// It behaves as a server does towards a client: unique keys (1062), NOT NULL (1048), widths of integers and lengths of
// strings (1264, 1406), order by number, by text and its collation (ASCII case and padding), by ENUM and SET position,
// else bytewise; transactions whose writes nobody else sees before the commit; page bounds with SQL's rules for NULL. It
// has no row locks to wait for: a row or checkpoint that another open transaction has written is a lock wait timeout
// (1205) at once, unless that transaction's client is gone, and then it is settled first. Values are kept as written.
#ifndef ROWFERRY_TESTING_FAKE_DATABASE_HPP
#define ROWFERRY_TESTING_FAKE_DATABASE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/direct_writer.hpp>
#include <rowferry/testing/fake_call.hpp>
#include <rowferry/testing/fake_connection.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fault_injection.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/stored_row.hpp>
#include <rowferry/testing/table_definitions.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// A database in memory, and the Connector to it; its tables and faults are told to `detail::table_definitions` and
/// `detail::fault_injection`, which are parts of it. A copy is another handle on the same database; connections keep it
/// alive. Safe to use from several threads. What tests do to it directly (tables, rows) is committed at once, counts as
/// no call, meets no fault, and throws `copy_error` when it cannot be done.
class fake_database : public detail::table_definitions, public detail::fault_injection {
public:
    /// A database on a server of its own.
    explicit fake_database(std::string name = "test") : fake_database(std::make_shared<detail::fake_schema>()) {
        schema_->name = std::move(name);
        join(detail::make_server());
    }

    /// Connector: a fresh connection. Fails while the server is down.
    result<fake_connection> connect() { return connect({}); }
    /// The same with what ends the waits for it, and for the answers to it.
    result<fake_connection> connect(const wait_limit& limit) {
        auto to = [this] {
            const auto guard = schema_->lock();
            return schema_->leads_to ? schema_->leads_to : schema_;
        }();
        auto session = detail::make_session(*to, limit);
        if (!session) return std::move(session.error());
        return fake_connection(std::move(to), std::move(*session));
    }
    /// Connector: "fake-N:3306/NAME", with a number for the server.
    [[nodiscard]] std::string identity() const { return address() + "/" + schema_->name; }
    /// Connector: "fake-N:3306", or what `set_address` says.
    [[nodiscard]] std::string address() const {
        return schema_->address.empty() ? "fake-" + std::to_string(schema_->server->number) + ":3306"
                                        : schema_->address;
    }
    /// Another way to the same server.
    void set_address(std::string address) {
        const auto guard = schema_->lock();
        schema_->address = std::move(address);
    }
    /// From now on fresh connections lead to the other database, as when a name moves to another server; those that there are
    /// stay. Leading to itself ends that.
    void lead_to(const fake_database& other) {
        const auto guard = schema_->lock();
        schema_->leads_to = other.schema_ == schema_ ? nullptr : other.schema_;
    }
    /// Makes this database what the other one is now, as far as it is committed: tables and checkpoints, as a replica has
    /// them. The two are on different servers.
    void replicate(const fake_database& other) {
        std::scoped_lock both(schema_->server->mutex, other.schema_->server->mutex);
        schema_->tables.clear();
        for (const auto& [table, content] : other.schema_->tables) {
            schema_->tables.emplace(table, std::make_unique<detail::fake_table>(content->frozen()));
        }
        schema_->checkpoints = other.schema_->checkpoints;
    }
    /// What `is_same_server` answers to a target's question about this source, whatever is true.
    void forge_same_server(bool answer) {
        const auto guard = schema_->lock();
        schema_->forged_same_server = answer;
    }

    /// Whether connections tell which table has a name: by what holds its rows, as a user with privileges is told, and by
    /// when its definition was written. Each answer is a call of its own, under the name "describe".
    void tell_incarnations(bool storage, bool created) {
        const auto guard = schema_->lock();
        schema_->tells_storage = storage;
        schema_->tells_created = created;
    }
    /// How its server logs writes for its replicas: what an operator should know of it, or why it cannot.
    void log_writes(result<std::string> answer) {
        const auto guard = schema_->lock();
        schema_->replica_log = std::move(answer);
    }
    /// What the server says that time it is, in UTC: "2026-01-01 00:00:00" before that.
    void set_utc_time(std::string time) {
        const auto guard = schema_->lock();
        schema_->utc_time = std::move(time);
    }

    /// Moves this database to the other's server: `is_same_server` holds, and an outage hits both. Before any use; the
    /// two need different names.
    void share_server_with(const fake_database& other) {
        if (other.schema_->name == schema_->name) {
            throw copy_error(refusal("two databases of one server need different names"));
        }
        join(other.schema_->server);
    }

    /// Inserts one row: a value for each column, in order (NULL for generated ones).
    void insert(std::string_view table, const row& values) {
        change(table, [&](detail::direct_writer& writer) { writer.write(values, write_kind::insert); });
    }
    /// Inserts the row, or sets the row that has one of its unique keys to these values.
    void upsert(std::string_view table, const row& values) {
        change(table, [&](detail::direct_writer& writer) { writer.write(values, write_kind::upsert); });
    }
    /// Inserts `count` rows: `make_row(i)` gives row i, counted from 0. All of them or, if one is refused, none.
    template <class MakeRow>
    void fill(std::string_view table, std::uint64_t count, MakeRow make_row) {
        change(table, [&](detail::direct_writer& writer) {
            for (std::uint64_t i = 0; i < count; ++i) writer.write(make_row(i), write_kind::insert);
        });
    }
    /// Deletes the row with this primary key; false when there is none.
    bool erase(std::string_view table, const key_values& primary_key) {
        const auto guard = schema_->lock();
        detail::fake_table& t = detail::existing(*schema_, table);
        const key* clustering = t.clustering_key();
        if (clustering == nullptr || clustering->parts.size() != primary_key.size()) {
            throw copy_error(refusal("erase needs a value for each column of the primary key"));
        }
        std::string place;
        for (std::size_t i = 0; i < primary_key.size(); ++i) {
            detail::append_sort_key(place, t.rules()[clustering->parts[i].column].order, clustering->parts[i],
                                    detail::as_cell(primary_key[i]));
        }
        if (!t.rows().contains(place)) return false;
        detail::rows_in_order gone;
        gone.emplace(std::move(place), detail::stored_row{});
        t.apply(gone);
        return true;
    }
    /// The committed rows in the order of the primary key.
    [[nodiscard]] std::vector<row> rows(std::string_view table) const {
        const auto guard = schema_->lock();
        std::vector<row> all;
        for (const auto& [place, r] : detail::existing(*schema_, table).rows()) all.push_back(r.to_row());
        return all;
    }
    [[nodiscard]] std::uint64_t row_count(std::string_view table) const {
        const auto guard = schema_->lock();
        return detail::existing(*schema_, table).rows().size();
    }
    /// Whether both tables hold the same rows, byte for byte, whatever their keys; faster than comparing `rows`.
    [[nodiscard]] bool has_same_rows(std::string_view table, const fake_database& other,
                                     std::string_view other_table) const {
        std::unique_lock mine(schema_->server->mutex, std::defer_lock);
        std::unique_lock theirs(other.schema_->server->mutex, std::defer_lock);
        if (schema_->server == other.schema_->server) {
            mine.lock();
        } else {
            std::lock(mine, theirs);
        }
        return detail::same_rows(detail::existing(*schema_, table), detail::existing(*other.schema_, other_table));
    }
    /// The checkpoint of a job, as committed.
    [[nodiscard]] std::vector<checkpoint> checkpoints() const {
        const auto guard = schema_->lock();
        std::vector<checkpoint> all;
        for (const auto& [job, entry] : schema_->checkpoints) all.push_back(entry);
        return all;
    }

    /// Puts the checkpoint in place of the one of its job, as whoever changes the store by hand; committed at once.
    void set_checkpoint(const checkpoint& entry) {
        const auto guard = schema_->lock();
        schema_->checkpoints.insert_or_assign(entry.job, entry);
    }

    /// How many calls there were.
    [[nodiscard]] std::uint64_t calls() const {
        const auto guard = schema_->lock();
        return schema_->calls;
    }
    /// The calls so far, by the names of their operations.
    [[nodiscard]] std::vector<std::string_view> log() const {
        const auto guard = schema_->lock();
        return schema_->log;
    }
    /// How often this operation was called.
    [[nodiscard]] std::uint64_t calls(operation op) const {
        const auto guard = schema_->lock();
        std::uint64_t count = 0;
        for (std::string_view each : schema_->log) count += each == name(op) ? 1 : 0;
        return count;
    }
    /// The sessions that later connections have ended, as "session 3": those of lost connections.
    [[nodiscard]] std::vector<std::string> ended_sessions() const {
        const auto guard = schema_->lock();
        return schema_->ended;
    }
    [[nodiscard]] std::uint64_t connections_opened() const {
        const auto guard = schema_->lock();
        return schema_->opened;
    }
    /// Connections that the server still has, with those whose client is gone unnoticed.
    [[nodiscard]] std::uint64_t open_connections() const {
        const auto guard = schema_->lock();
        std::uint64_t open = 0;
        for (const auto& s : schema_->sessions) open += s->alive || s->open ? 1 : 0;
        return open;
    }

private:
    explicit fake_database(const std::shared_ptr<detail::fake_schema>& schema)
        : table_definitions(schema), fault_injection(schema), schema_(schema) {}
    void join(std::shared_ptr<detail::fake_server> server) {
        const std::lock_guard guard(server->mutex);
        server->schemas.push_back(schema_);
        schema_->server = server;
    }
    template <class Body>
    void change(std::string_view table, Body body) {
        const auto guard = schema_->lock();
        detail::fake_table& t = detail::existing(*schema_, table);
        detail::direct_writer writer(*schema_, t);
        body(writer);
        writer.commit();
    }

    std::shared_ptr<detail::fake_schema> schema_;
};

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
