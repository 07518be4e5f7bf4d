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

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/column_type.hpp>
#include <rowferry/testing/direct_writer.hpp>
#include <rowferry/testing/fake_call.hpp>
#include <rowferry/testing/fake_connection.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/manual_timing.hpp>
#include <rowferry/testing/stored_row.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// A database in memory, and the Connector to it. A copy is another handle on the same database; connections keep it
/// alive. Safe to use from several threads. What tests do to it directly (tables, rows) is committed at once, counts as
/// no call, meets no fault, and throws `copy_error` when it cannot be done.
class fake_database {
public:
    /// A database on a server of its own.
    explicit fake_database(std::string name = "test") : schema_(std::make_shared<detail::fake_schema>()) {
        schema_->name = std::move(name);
        join(detail::make_server());
    }

    /// Connector: a fresh connection. Fails while the server is down.
    result<fake_connection> connect() {
        auto session = detail::make_session(*schema_);
        if (!session) return std::move(session.error());
        return fake_connection(schema_, std::move(*session));
    }
    /// Connector: "fake-N:3306/NAME", with a number for the server.
    [[nodiscard]] std::string identity() const {
        return "fake-" + std::to_string(schema_->server->number) + ":3306/" + schema_->name;
    }

    /// Moves this database to the other's server: `is_same_server` holds, and an outage hits both. Before any use; the
    /// two need different names.
    void share_server_with(const fake_database& other) {
        if (other.schema_->name == schema_->name) {
            throw copy_error(refusal("two databases of one server need different names"));
        }
        join(other.schema_->server);
    }

    /// Creates a table. Type text is as in CREATE TABLE (see `column_definition`); key columns are NOT NULL, and may be
    /// prefixes, as "note(4)", and followed by " desc". Without a primary key rows keep the order of their arrival.
    void create_table(std::string_view name, const std::vector<column_definition>& columns,
                      const std::vector<std::string>& primary_key = {}) {
        table_schema schema;
        schema.name = name;
        schema.engine = "InnoDB";
        std::vector<detail::column_rules> rules;
        for (const column_definition& definition : columns) {
            detail::parsed_column parsed = detail::parse_column(definition);
            schema.columns.push_back(std::move(parsed.schema));
            rules.push_back(std::move(parsed.rules));
        }
        if (!primary_key.empty()) {
            schema.keys.push_back({"PRIMARY", parts_of(schema, primary_key)});
            for (const key_part& part : schema.keys.front().parts) {
                schema.columns[part.column].nullable = false;
                if (!rules[part.column].default_value) rules[part.column].has_default = false;
            }
        }
        add(std::move(schema), std::move(rules));
    }
    /// Creates a table with full control. `keys` and `unique_indexes` are its unique keys, PRIMARY first; those that
    /// cannot order pages are enforced, and described as unusable; those over an expression are described, and not
    /// enforced.
    void create_table(table_schema schema) {
        std::vector<detail::column_rules> rules;
        for (const column& c : schema.columns) rules.push_back(detail::rules_of(c));
        add(std::move(schema), std::move(rules));
    }
    /// Adds a unique key to an empty table.
    void add_unique_key(std::string_view table, std::string key_name, const std::vector<std::string>& columns) {
        const auto guard = lock();
        detail::fake_table& t = existing(table);
        if (!t.rows().empty()) throw copy_error(refusal("a unique key is added before the first row"));
        t.add_key({std::move(key_name), parts_of(t.schema(), columns)});
    }
    /// Adds a CHECK constraint: rows for which `holds(row)` is false are refused with 4025, by every write mode.
    void add_check(std::string_view table, std::string check_name, std::function<bool(const row&)> holds) {
        const auto guard = lock();
        existing(table).checks().push_back({std::move(check_name), std::move(holds)});
    }
    void drop_checks(std::string_view table) {
        const auto guard = lock();
        existing(table).checks().clear();
    }
    /// Says that an index starts with this column, for `table_schema::indexed_columns`.
    void add_index(std::string_view table, const std::string& column) {
        const auto guard = lock();
        existing(table).note_index(column);
    }
    void drop_table(std::string_view table) {
        const auto guard = lock();
        (void)existing(table);
        schema_->tables.erase(schema_->tables.find(table));
    }
    /// A table without transactions, as of the engine MyISAM: writes stay, whatever becomes of the transaction.
    void set_transactional(std::string_view table, bool transactional) {
        const auto guard = lock();
        detail::fake_table& t = existing(table);
        t.schema().transactional = transactional;
        t.schema().engine = transactional ? "InnoDB" : "MyISAM";
    }
    /// Makes it a view, as far as `describe` and `tables` tell.
    void set_view(std::string_view table) {
        const auto guard = lock();
        existing(table).schema().is_base_table = false;
        existing(table).schema().kind_name = "a view";
    }
    /// Says that the table has a trigger, as far as `describe` tells; `event` is "INSERT", "UPDATE" or "DELETE".
    void add_trigger(std::string_view table, std::string trigger_name, std::string event) {
        const auto guard = lock();
        existing(table).schema().triggers.push_back({std::move(trigger_name), std::move(event)});
    }
    /// ALTER TABLE … ADD COLUMN at the end: rows that are there get its default. Like all that alters a table, it waits
    /// for the open transactions that have written to it, and takes effect when the last of them has ended.
    void add_column(std::string_view table, const column_definition& definition) {
        alter(table, [definition](table_schema& schema, std::vector<detail::column_rules>& rules) {
            detail::parsed_column parsed = detail::parse_column(definition);
            schema.columns.push_back(std::move(parsed.schema));
            rules.push_back(std::move(parsed.rules));
        });
    }
    /// ALTER TABLE … DROP COLUMN; of one that is in no key.
    void drop_column(std::string_view table, const std::string& name) {
        alter(table, [name](table_schema& schema, std::vector<detail::column_rules>& rules) {
            const auto at = static_cast<std::ptrdiff_t>(schema.find(name).value());
            schema.columns.erase(schema.columns.begin() + at);
            rules.erase(rules.begin() + at);
        });
    }
    /// ALTER TABLE … MODIFY COLUMN: values stay as they are.
    void modify_column(std::string_view table, const column_definition& definition) {
        alter(table, [definition](table_schema& schema, std::vector<detail::column_rules>& rules) {
            const std::size_t at = schema.find(definition.name).value();
            detail::parsed_column parsed = detail::parse_column(definition);
            schema.columns[at] = std::move(parsed.schema);
            rules[at] = std::move(parsed.rules);
        });
    }
    /// Says that the table keeps its former rows, as far as `describe` tells.
    void set_system_versioned(std::string_view table) {
        const auto guard = lock();
        existing(table).schema().system_versioned = true;
    }

    /// Says what a filter's text (`copy_request::where`) means for the rows of a table, each given with all its columns;
    /// any other text is a syntax error (1064). The double does not read SQL.
    void define_filter(std::string_view table, std::string_view text, row_filter holds) {
        const auto guard = lock();
        (void)existing(table);
        schema_->filters.insert_or_assign({std::string(table), std::string(text)}, std::move(holds));
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
        const auto guard = lock();
        detail::fake_table& t = existing(table);
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
        const auto guard = lock();
        std::vector<row> all;
        for (const auto& [place, r] : existing(table).rows()) all.push_back(r.to_row());
        return all;
    }
    [[nodiscard]] std::uint64_t row_count(std::string_view table) const {
        const auto guard = lock();
        return existing(table).rows().size();
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
        return detail::same_rows(existing(table), other.existing(other_table));
    }
    /// The checkpoint of a job, as committed.
    [[nodiscard]] std::vector<checkpoint> checkpoints() const {
        const auto guard = lock();
        std::vector<checkpoint> all;
        for (const auto& [job, entry] : schema_->checkpoints) all.push_back(entry);
        return all;
    }

    /// Call number `call` fails. Every operation on any connection of this database is one call, counted from 1.
    void fail_at(std::uint64_t call, fault f, when moment = when::before) {
        const auto guard = lock();
        schema_->script.at(call, failure(f, moment));
    }
    /// All calls from `first` to `last` fail.
    void fail_between(std::uint64_t first, std::uint64_t last, fault f, when moment = when::before) {
        const auto guard = lock();
        schema_->script.between(first, last, failure(f, moment));
    }
    /// Every `n`-th call fails.
    void fail_every(std::uint64_t n, fault f, when moment = when::before) {
        const auto guard = lock();
        schema_->script.every(n, failure(f, moment));
    }
    /// The next call of this operation fails; asked for twice, the next two fail.
    void fail_next(operation op, fault f, when moment = when::before) {
        const auto guard = lock();
        schema_->script.next(op, failure(f, moment));
    }
    /// At this call the server loses power, and is back when `length` has passed on the manual clock. Until then
    /// connecting fails with 2003.
    void outage_at(std::uint64_t call, duration length, const manual_timing& timing, when moment = when::before) {
        const auto guard = lock();
        schema_->script.at(call, {detail::incident::kind::outage, fault::connection_lost, moment, length, timing});
    }
    /// At this call the client is killed: `crashed` is thrown through the code under test, its connections to this
    /// database are cut, and what it had not committed is lost.
    void crash_at(std::uint64_t call, when moment = when::before) {
        const auto guard = lock();
        schema_->script.at(call, {detail::incident::kind::crash, fault::connection_lost, moment, {}, std::nullopt});
    }
    /// Runs `action` when this call arrives, before anything of it is done: what other clients do meanwhile.
    void at_call(std::uint64_t call, std::function<void()> action) {
        const auto guard = lock();
        schema_->actions.emplace_back(call, std::move(action));
    }
    /// Forgets all faults that are still to come.
    void clear_faults() {
        const auto guard = lock();
        schema_->script.clear();
        schema_->actions.clear();
    }

    /// Cuts all connections to this database now, as KILL does.
    void kill_connections() {
        const auto guard = lock();
        schema_->kill_all();
    }
    /// Ends all snapshots now, without a word to those who read from them, as a server does that rolls back.
    void end_snapshots() {
        const auto guard = lock();
        for (const auto& s : schema_->sessions) s->end_snapshot();
    }
    /// Loses power now; connecting fails until `start`.
    void stop() {
        const auto guard = lock();
        schema_->server->stopped = true;
        detail::cut_power(*schema_->server);
    }
    void start() {
        const auto guard = lock();
        schema_->server->stopped = false;
        schema_->server->clock.reset();
    }
    /// Lets the server notice now which clients are gone: what `when::late` left open is committed or rolled back.
    void settle() {
        const auto guard = lock();
        schema_->settle_all();
    }
    /// Refuses every write with 1290, as the old primary does after a failover.
    void set_read_only(bool read_only) {
        const auto guard = lock();
        schema_->read_only = read_only;
    }
    /// Says that no definition may name this collation here, as on a server of another product.
    void set_unknown_collation(std::string collation) {
        const auto guard = lock();
        schema_->unknown_collations.insert(std::move(collation));
    }
    /// Refuses a row of more bytes with 1153; 0 is no limit.
    void set_max_row_bytes(std::uint64_t bytes) {
        const auto guard = lock();
        schema_->max_packet_bytes = bytes;
    }
    /// Refuses a write that makes its transaction larger with 1197; 0 is no limit.
    void set_max_transaction_bytes(std::uint64_t bytes) {
        const auto guard = lock();
        schema_->max_transaction_bytes = bytes;
    }
    /// Cuts connections that were idle for longer than `limit` on the manual clock; they notice when they are used.
    void set_idle_limit(duration limit, const manual_timing& timing) {
        const auto guard = lock();
        schema_->idle_limit = limit;
        schema_->idle_clock = timing;
        for (const auto& s : schema_->sessions) s->last_use = timing.now();
    }
    /// Makes each call, and each row in it, take time on the manual clock.
    void set_cost(duration per_call, duration per_row, const manual_timing& timing) {
        const auto guard = lock();
        schema_->cost_per_call = per_call;
        schema_->cost_per_row = per_row;
        schema_->work_clock = timing;
    }

    /// How many calls there were.
    [[nodiscard]] std::uint64_t calls() const {
        const auto guard = lock();
        return schema_->calls;
    }
    /// The calls so far, by the names of their operations.
    [[nodiscard]] std::vector<std::string_view> log() const {
        const auto guard = lock();
        return schema_->log;
    }
    /// How often this operation was called.
    [[nodiscard]] std::uint64_t calls(operation op) const {
        const auto guard = lock();
        std::uint64_t count = 0;
        for (std::string_view each : schema_->log) count += each == name(op) ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::uint64_t connections_opened() const {
        const auto guard = lock();
        return schema_->opened;
    }
    /// Connections that the server still has, with those whose client is gone unnoticed.
    [[nodiscard]] std::uint64_t open_connections() const {
        const auto guard = lock();
        std::uint64_t open = 0;
        for (const auto& s : schema_->sessions) open += s->alive || s->open ? 1 : 0;
        return open;
    }

private:
    static detail::incident failure(fault f, when moment) {
        return {detail::incident::kind::failure, f, moment, {}, std::nullopt};
    }
    static std::vector<key_part> parts_of(const table_schema& schema, const std::vector<std::string>& columns) {
        std::vector<key_part> parts;
        for (const std::string& text : columns) {
            const std::vector<std::string> words = detail::words_of(text);
            const std::string word = words.empty() ? std::string() : words[0];
            const std::size_t open = std::min(word.find('('), word.size());
            const auto found = schema.find(word.substr(0, open));
            if (!found) throw copy_error(refusal("table " + schema.name + " has no column " + text + " for a key"));
            std::uint64_t prefix = 0;
            if (open < word.size()) std::from_chars(word.data() + open + 1, word.data() + word.size(), prefix);
            parts.push_back({*found, words.size() > 1 && words[1] == "desc", prefix});
        }
        return parts;
    }

    void join(std::shared_ptr<detail::fake_server> server) {
        const std::lock_guard guard(server->mutex);
        server->schemas.push_back(schema_);
        schema_->server = server;
    }
    [[nodiscard]] std::unique_lock<std::mutex> lock() const { return std::unique_lock(schema_->server->mutex); }
    [[nodiscard]] detail::fake_table& existing(std::string_view table) const {
        detail::fake_table* found = schema_->find(table);
        if (found == nullptr) throw copy_error(detail::no_such_table(*schema_, table));
        return *found;
    }
    void add(table_schema schema, std::vector<detail::column_rules> rules) {
        const auto guard = lock();
        if (schema_->find(schema.name) != nullptr) {
            throw copy_error(detail::server_error(1050, "42S01", "Table '" + schema.name + "' already exists"));
        }
        std::string name = schema.name;
        schema_->tables.emplace(std::move(name),
                                std::make_unique<detail::fake_table>(std::move(schema), std::move(rules)));
    }
    /// `redefine(schema, rules)` changes the table's columns; the rows keep what they have in those that stay.
    template <class Redefine>
    void alter(std::string_view table, Redefine redefine) {
        const auto guard = lock();
        (void)existing(table);
        schema_->alter(std::string(table), [this_schema = schema_.get(), name = std::string(table), redefine] {
            detail::fake_table* t = this_schema->find(name);
            if (t == nullptr) return;
            const table_schema was = t->schema();
            table_schema schema = was;
            std::vector<detail::column_rules> rules = t->rules();
            redefine(schema, rules);
            const std::vector<column> columns = schema.columns;
            std::vector<value> defaults;
            for (const detail::column_rules& r : rules) defaults.push_back(r.default_value);
            t->redefine(std::move(schema), std::move(rules), [&](const detail::stored_row& r) {
                return detail::stored_row(columns.size(), [&](std::size_t i) {
                    const auto from = was.find(columns[i].name);
                    return from ? r[*from] : detail::as_cell(defaults[i]);
                });
            });
        });
    }
    template <class Body>
    void change(std::string_view table, Body body) {
        const auto guard = lock();
        detail::fake_table& t = existing(table);
        detail::direct_writer writer(*schema_, t);
        body(writer);
        writer.commit();
    }

    std::shared_ptr<detail::fake_schema> schema_;
};

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif
