// SPDX-License-Identifier: BSL-1.0
// A connection to a fake database. Models Source, Target and every refinement of connection.hpp.
#ifndef ROWFERRY_TESTING_FAKE_CONNECTION_HPP
#define ROWFERRY_TESTING_FAKE_CONNECTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/aggregates.hpp>
#include <rowferry/testing/column_type.hpp>
#include <rowferry/testing/fake_call.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/page_reader.hpp>
#include <rowferry/testing/row_digests.hpp>
#include <rowferry/testing/row_stream.hpp>
#include <rowferry/testing/statement.hpp>
#include <rowferry/transaction_status.hpp>
#include <rowferry/trial_table.hpp>
#include <rowferry/verify/digest.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// What `fake_database::connect` gives. Destroying it closes it and rolls back. Once it is lost every operation on it
/// fails with 2006. Operations that a real server would answer differently from what the concepts promise (a begin
/// inside a transaction, a write or a checkpoint saved outside one, a claim or a truncate inside one) are refused.
class fake_connection {
public:
    /// Used by `fake_database::connect`.
    fake_connection(std::shared_ptr<detail::fake_schema> schema, std::shared_ptr<detail::session> session)
        : schema_(std::move(schema)), session_(std::move(session)) {}
    fake_connection(fake_connection&&) noexcept = default;
    fake_connection& operator=(fake_connection&& other) noexcept {
        if (this != &other) {
            close();
            schema_ = std::move(other.schema_);
            session_ = std::move(other.session_);
        }
        return *this;
    }
    fake_connection(const fake_connection&) = delete;
    fake_connection& operator=(const fake_connection&) = delete;
    ~fake_connection() { close(); }

    /// Sets what ends the waits for a server that says nothing: see `silence_at`.
    void limit_waits(const wait_limit& limit) {
        const auto guard = schema_->lock();
        session_->limit = limit;
    }
    /// "session 1", by the number of its connection.
    [[nodiscard]] std::string session() const {
        const std::lock_guard lock(schema_->server->mutex);
        return session_->name;
    }
    /// Notes that it was asked for: see `fake_database::ended_sessions`. Never fails, so it does not count as a call.
    result<void> end_session(std::string_view lost) {
        const std::lock_guard lock(schema_->server->mutex);
        schema_->ended.emplace_back(lost);
        return {};
    }
    /// The server that it leads to: whichever database made it.
    [[nodiscard]] server_identity server() const {
        const std::string number = std::to_string(schema_->server->number);
        return {number, "fake-" + number};
    }
    result<void> ping() {
        return call(operation::ping, [](std::uint64_t&) { return result<void>(); });
    }
    result<std::optional<table_schema>> describe(std::string_view table) {
        return call(operation::describe, [&](std::uint64_t&) -> result<std::optional<table_schema>> {
            const detail::fake_table* found = schema_->find(table);
            return found == nullptr ? std::optional<table_schema>() : found->describe();
        });
    }
    /// Unknown, and no call, unless `fake_database::tell_incarnations` said otherwise.
    result<table_incarnation> incarnation(const table_schema& table) {
        {
            const auto guard = schema_->lock();
            if (!schema_->tells_storage && !schema_->tells_created) return table_incarnation{};
        }
        return call(operation::describe, [&](std::uint64_t&) -> result<table_incarnation> {
            table_incarnation told;
            const detail::fake_table* found = schema_->find(table.name);
            if (found == nullptr) return told;
            told.server = std::to_string(schema_->server->number);
            if (schema_->tells_storage) told.storage.push_back(std::to_string(found->storage()));
            if (schema_->tells_created) told.created = std::to_string(found->created());
            told.next_number = found->last_number() + 1;
            told.is_settled = true;
            return told;
        });
    }
    result<void> read(const page_request& page, row_batch& into) {
        return call(operation::read, [&](std::uint64_t& rows) -> result<void> {
            auto reader = reader_of(page.table->name, page.filter);
            if (!reader) return reader.error();
            auto done = detail::read_page(*reader, *seen(page.table->name), page, into);
            rows = into.rows();
            return done;
        });
    }
    /// The rows as they are at the first call; then one call for each slice, and one for the end.
    template <class Consumer>
    result<void> stream(const page_request& page, row_batch& slice, Consumer consume) {
        std::optional<detail::row_stream> rows;
        for (;;) {
            auto taken = call(operation::stream, [&](std::uint64_t& count) -> result<void> {
                if (!rows) {
                    auto reader = reader_of(page.table->name, page.filter);
                    if (!reader) return reader.error();
                    auto begun = detail::row_stream::begin(*reader, *seen(page.table->name), page);
                    if (!begun) return begun.error();
                    rows = std::move(*begun);
                }
                rows->next(slice);
                count = slice.rows();
                return {};
            });
            if (!taken || slice.empty()) return taken;
            if (consume(std::as_const(slice))) continue;
            if (!in_snapshot()) hang_up();
            return {};
        }
    }
    result<bool> is_empty(const table_schema& table) {
        return call(operation::is_empty, [&](std::uint64_t&) -> result<bool> {
            auto reader = reader_of(table.name);
            if (!reader) return reader.error();
            bool empty = true;
            reader->each(0, [&](const detail::stored_row&) { return empty = false; });
            return empty;
        });
    }

    result<void> begin() {
        return call(operation::begin, [&](std::uint64_t&) -> result<void> {
            if (session_->open) return refusal("begin inside a transaction: it would commit the open one");
            if (!schema_->swallows(operation::begin)) {
                session_->end_snapshot();
                session_->open.emplace();
            }
            session_->begun = session_->open.has_value();
            return check_begun(session_->begun);
        });
    }
    result<write_outcome> write(const write_request& request, const row_range& rows) {
        return call_inside(operation::write, [&](std::uint64_t& count) -> result<write_outcome> {
            count = rows.rows();
            return detail::write_rows(*schema_, *session_, request, rows);
        });
    }
    result<void> commit() {
        return call_inside(operation::commit, [&](std::uint64_t&) -> result<void> {
            session_->begun = false;
            if (!session_->open) return refusal("commit without a transaction");
            if (!schema_->swallows(operation::commit)) {
                const bool is_undone = schema_->undone_commits > 0;
                if (is_undone) --schema_->undone_commits;
                if (!is_undone) schema_->commit(*session_->open);
                session_->open.reset();
            }
            return check_ended("commit", session_->open.has_value());
        });
    }
    /// Does nothing without a transaction, as on a real server.
    result<void> rollback() {
        return call(operation::rollback, [&](std::uint64_t&) -> result<void> {
            session_->begun = false;
            if (!schema_->swallows(operation::rollback)) {
                session_->open.reset();
                session_->end_snapshot();
            }
            return check_ended("rollback", session_->open.has_value());
        });
    }

    result<checkpoint> claim_checkpoint(const checkpoint& entry, const claim& how) {
        return call(operation::claim_checkpoint,
                    [&](std::uint64_t&) { return detail::claim(*schema_, *session_, entry, how); });
    }
    /// `settled` waits for a transaction whose client is gone; one of a living client is a lock wait timeout (1205).
    result<std::optional<checkpoint>> load_checkpoint(std::string_view job, checkpoint_read how) {
        return call(operation::load_checkpoint,
                    [&](std::uint64_t&) { return detail::load(*schema_, *session_, job, how); });
    }
    result<void> save_checkpoint(const checkpoint& entry) {
        return call_inside(operation::save_checkpoint,
                           [&](std::uint64_t&) { return detail::save(*schema_, *session_, entry); });
    }
    result<void> forget_checkpoints(std::string_view target_table) {
        return call(operation::forget_checkpoints,
                    [&](std::uint64_t&) { return detail::forget(*schema_, *session_, target_table); });
    }
    result<void> forget_checkpoint(const checkpoint& entry) {
        return call(operation::forget_checkpoint,
                    [&](std::uint64_t&) { return detail::forget(*schema_, *session_, entry); });
    }

    /// Without times: the double keeps none.
    result<std::vector<listed_checkpoint>> list_checkpoints() {
        return call(operation::list_checkpoints,
                    [&](std::uint64_t&) -> result<std::vector<listed_checkpoint>> { return detail::list(*schema_); });
    }
    result<bool> drop_checkpoint(std::string_view job) {
        return call(operation::drop_checkpoint, [&](std::uint64_t&) { return detail::drop(*schema_, *session_, job); });
    }

    /// Gives none when the rows, at the database's cost per row, take longer than the request's limit.
    result<std::optional<std::uint64_t>> count(const count_request& request) {
        return call(operation::count, [&](std::uint64_t& visited) -> result<std::optional<std::uint64_t>> {
            auto reader = reader_of(request.table->name, request.filter);
            if (!reader) return reader.error();
            auto found = detail::count_rows(*reader, *seen(request.table->name), request, visited);
            if (!found) return found.error();
            const duration cost = schema_->cost_per_row * static_cast<duration::rep>(visited);
            if (request.limit > duration::zero() && schema_->work_clock && cost > request.limit) {
                visited = 0;
                schema_->work_clock->advance(request.limit);
                return std::optional<std::uint64_t>();
            }
            return std::optional(*found);
        });
    }
    /// The right number, for the price of a call.
    result<std::uint64_t> estimate(const page_request& page) {
        return call(operation::estimate, [&](std::uint64_t&) -> result<std::uint64_t> {
            auto reader = reader_of(page.table->name, page.filter);
            if (!reader) return reader.error();
            count_request all;
            all.table = page.table;
            all.order = page.order;
            all.after = page.after;
            all.up_to = page.up_to;
            std::uint64_t visited = 0;
            return detail::count_rows(*reader, *seen(page.table->name), all, visited);
        });
    }
    /// Takes what `fake_database::define_filter` defined.
    result<void> check_filter(const table_schema& table, std::string_view filter) {
        return call(operation::check_filter, [&](std::uint64_t&) -> result<void> {
            auto meaning = schema_->find_filter(table.name, std::string(filter));
            if (meaning) return {};
            meaning.error().message = "the filter is not one condition over the table's columns";
            return meaning.error();
        });
    }
    result<value> maximum(const table_schema& table, std::size_t column) { return maximum_until(table, column, {}); }
    result<value> maximum_until(const table_schema& table, std::size_t column, const value& limit) {
        return call(operation::maximum, [&](std::uint64_t&) -> result<value> {
            auto reader = reader_of(table.name);
            if (!reader) return reader.error();
            return detail::largest_value(*reader, *seen(table.name), table, column, limit);
        });
    }
    result<std::uint64_t> largest_step(const table_schema& table, std::size_t column, std::string_view filter) {
        return call(operation::maximum, [&](std::uint64_t&) -> result<std::uint64_t> {
            auto reader = reader_of(table.name, std::string(filter));
            if (!reader) return reader.error();
            return detail::largest_step(*reader, *seen(table.name), table, column);
        });
    }
    /// What `fake_database::set_utc_time` said; no call, for the double has no clock of its own.
    result<std::string> utc_time() {
        const auto guard = schema_->lock();
        return schema_->utc_time;
    }
    /// What `fake_database::log_writes` said; no call, for the double has no log.
    result<std::string> check_log(const write_request& /*request*/) {
        const auto guard = schema_->lock();
        return schema_->replica_log;
    }
    result<void> truncate(const table_schema& table) {
        return call(operation::truncate,
                    [&](std::uint64_t&) { return detail::truncate(*schema_, *session_, table.name); });
    }
    /// The double has no SQL: its definitions are schemas.
    result<table_definition> definition(const table_schema& table) {
        return call(operation::definition, [&](std::uint64_t&) -> result<table_definition> {
            const detail::fake_table* found = schema_->find(table.name);
            if (found == nullptr) return detail::no_such_table(*schema_, table.name);
            table_definition shown;
            shown.schema = found->schema();
            return shown;
        });
    }
    /// Maps collations, and refuses those that the database was told not to know.
    result<new_table> adapt(const table_definition& from, std::string_view name, const definition_changes& changes) {
        return call(operation::adapt, [&](std::uint64_t&) -> result<new_table> {
            new_table made;
            made.statement = "CREATE TABLE " + std::string(name);
            made.schema = from.schema;
            made.schema.name = name;
            made.schema.triggers.clear();
            std::string unknown;
            for (column& c : made.schema.columns) {
                for (const replacement& each : changes.collations) {
                    if (each.from == c.collation) made.used.add({.collations = {each}});
                }
                c.collation = definition_changes::mapped(changes.collations, c.collation);
                if (schema_->unknown_collations.contains(c.collation)) unknown += " " + c.collation;
            }
            if (unknown.empty()) return made;
            return refusal("table " + from.schema.name + " names collations that the target does not know:" + unknown);
        });
    }
    result<void> create_table(const new_table& table) {
        return call(operation::create_table, [&](std::uint64_t&) -> result<void> {
            if (session_->open) return refusal("create_table inside a transaction: it would commit the open one");
            if (schema_->read_only) return make_error(fault::read_only, operation::create_table);
            if (schema_->find(table.schema.name) != nullptr) return {};
            return make_table(table, table.schema.name);
        });
    }
    /// Creates the table and drops it in one call. After `refuse_trials` it does nothing; after `keep_trials`
    /// the table stays.
    result<std::optional<table_schema>> try_table(const new_table& table, std::string_view name,
                                                  bool may_be_left = false) {
        return call(operation::try_table, [&](std::uint64_t&) -> result<std::optional<table_schema>> {
            if (session_->open) return refusal("try_table inside a transaction: it would commit the open one");
            if (schema_->read_only) return make_error(fault::read_only, operation::try_table);
            if (!schema_->may_try) return std::optional<table_schema>{};
            if (schema_->find(name) != nullptr && schema_->refused_drop) { // left by an earlier call
                error e = make_error(*schema_->refused_drop, operation::try_table);
                if (may_be_left) note(e.changes, change{change::tried_table, std::string(name)});
                return e;
            }
            if (auto r = make_table(table, name); !r) return r.error();
            if (schema_->refused_drop) {
                const error dropping = make_error(*schema_->refused_drop, operation::try_table);
                return rowferry::detail::trial_error(nullptr, &dropping, name);
            }
            const auto made = schema_->tables.find(name);
            std::optional<table_schema> came_out = made->second->describe();
            schema_->tables.erase(made);
            return came_out;
        });
    }
    /// The tables in the order of their names; views are not among them.
    result<std::vector<std::string>> tables() {
        return call(operation::tables, [&](std::uint64_t&) -> result<std::vector<std::string>> {
            std::vector<std::string> names;
            for (const auto& [table_name, table] : schema_->tables) {
                if (table->schema().is_base_table) names.push_back(table_name);
            }
            return names;
        });
    }

    /// The same with their engines; nothing is hidden.
    result<table_listing> list_tables() {
        return call(operation::tables, [&](std::uint64_t&) -> result<table_listing> {
            table_listing listing;
            for (const auto& [table_name, table] : schema_->tables) {
                const table_schema& schema = table->schema();
                if (schema.is_base_table) listing.tables.push_back({table_name, schema.engine, schema.rows});
            }
            return listing;
        });
    }

    /// Asks for what `set_missing_rights` says, whatever the copy needs. Never fails, so it does not count as a call.
    result<void> check_rights(const target_needs& /*needs*/) {
        const std::lock_guard lock(schema_->server->mutex);
        if (schema_->missing_rights.empty()) return {};
        error e = detail::server_error(1142, "42000", "command denied to user");
        e.message = "the target's user lacks rights that this copy needs (" + schema_->missing_rights + "): grant them";
        return e;
    }
    result<bool> is_same_server(fake_connection& source) {
        return call(operation::is_same_server, [&](std::uint64_t&) -> result<bool> {
            return source.schema_->forged_same_server.value_or(schema_->server == source.schema_->server);
        });
    }
    [[nodiscard]] bool is_same_database(const fake_connection& source) const { return schema_ == source.schema_; }
    /// Copies from the committed rows of another database of this server. The page's byte limit does not count here.
    result<write_outcome> copy_page(std::string_view database, const page_request& page, const write_request& request) {
        return call_inside(operation::copy_page, [&](std::uint64_t& count) -> result<write_outcome> {
            auto rows = detail::read_elsewhere(*schema_->server, database, page);
            if (!rows) return rows.error();
            count = rows->rows();
            return detail::write_rows(*schema_, *session_, request, *rows);
        });
    }
    /// Reads, counts and maxima are of this moment from now on, as far as the tables have transactions. `taken_at` is a
    /// moment of the year 2000: one microsecond later for each snapshot of the database.
    result<snapshot_info> open_snapshot() {
        return call(operation::open_snapshot, [&](std::uint64_t&) -> result<snapshot_info> {
            if (session_->open) return refusal("open_snapshot inside a transaction: it would commit the open one");
            session_->end_snapshot();
            for (const auto& [table_name, table] : schema_->tables) {
                if (table->schema().transactional) session_->snapshot.emplace(table_name, table->frozen());
            }
            session_->in_snapshot = true;
            const std::string number = std::to_string(++schema_->snapshots);
            return snapshot_info{"2000-01-01 00:00:00." +
                                 std::string(6 - std::min<std::size_t>(6, number.size()), '0') + number};
        });
    }
    /// Does not ask the server, so it does not count as a call.
    [[nodiscard]] bool in_snapshot() const {
        const std::lock_guard lock(schema_->server->mutex);
        return session_->in_snapshot;
    }

    /// The checksum is made at once, and given by `checksum`.
    result<void> ask_checksum(const digest_request& request) {
        return call(operation::ask_checksum, [&](std::uint64_t& rows) -> result<void> {
            auto reader = reader_of(request.table->name, request.filter);
            if (!reader) return reader.error();
            auto sum = detail::checksum_rows(*reader, *schema_->find(request.table->name), request);
            if (!sum) return sum.error();
            rows = sum->rows;
            session_->answer = std::move(*sum);
            return {};
        });
    }
    result<rows_checksum> checksum() {
        return call(operation::checksum, [&](std::uint64_t&) -> result<rows_checksum> {
            auto answer = std::exchange(session_->answer, std::nullopt);
            if (!answer) return refusal("a checksum has to be asked for first");
            return std::move(*answer);
        });
    }
    result<void> digests(const digest_request& request, const std::vector<key_values>& keys, row_batch& into) {
        return call(operation::digests, [&](std::uint64_t& rows) -> result<void> {
            auto reader = reader_of(request.table->name, request.filter);
            if (!reader) return reader.error();
            auto done = detail::digest_rows(*reader, *schema_->find(request.table->name), request, keys, into);
            rows = into.rows();
            return done;
        });
    }
    result<void> find_rows(const keyed_rows& request, row_batch& into) {
        return call(operation::find_rows, [&](std::uint64_t& rows) -> result<void> {
            auto reader = reader_of(request.table->name);
            if (!reader) return reader.error();
            auto done = detail::find_keyed(*reader, *schema_->find(request.table->name), request, into);
            rows = into.rows();
            return done;
        });
    }
    result<std::uint64_t> remove_rows(const keyed_rows& request) {
        return call_inside(operation::remove_rows, [&](std::uint64_t& rows) -> result<std::uint64_t> {
            auto reader = reader_of(request.table->name);
            if (!reader) return reader.error();
            auto removed =
                detail::remove_keyed(*schema_, *session_, *reader, *schema_->find(request.table->name), request);
            if (removed) rows = *removed;
            return removed;
        });
    }
    /// The name of the database that it is connected to.
    [[nodiscard]] std::string database() const { return schema_->name; }

private:
    template <class Effect>
    std::invoke_result_t<Effect&, std::uint64_t&> call(operation op, Effect effect) {
        return detail::make_call(*schema_, *session_, op, effect);
    }
    /// The same of what belongs into the open transaction.
    template <class Effect>
    std::invoke_result_t<Effect&, std::uint64_t&> call_inside(operation op, Effect effect) {
        return call(op, [&](std::uint64_t& count) -> std::invoke_result_t<Effect&, std::uint64_t&> {
            if (auto r = check_still_open(in_words(op), !session_->begun || session_->open); !r) return r.error();
            return effect(count);
        });
    }
    result<void> make_table(const new_table& table, std::string_view name) {
        if (schema_->refused_definitions.contains(table.schema.name)) {
            return detail::server_error(1064, "42000", "You have an error in your SQL syntax");
        }
        std::vector<detail::column_rules> rules;
        for (const column& c : table.schema.columns) rules.push_back(detail::rules_of(c));
        table_schema schema = table.schema;
        schema.name = name;
        schema_->tables.emplace(name, std::make_unique<detail::fake_table>(std::move(schema), std::move(rules)));
        return {};
    }
    /// The table as this session sees it; null when there is none.
    detail::fake_table* seen(std::string_view table) {
        const auto frozen = session_->snapshot.find(table);
        return frozen != session_->snapshot.end() ? &frozen->second : schema_->find(table);
    }
    result<detail::page_reader> reader_of(const std::string& table, const std::string& filter = {}) {
        detail::fake_table* found = seen(table);
        if (found == nullptr || schema_->find(table) == nullptr) return detail::no_such_table(*schema_, table);
        if (session_->in_snapshot && found->schema().transactional && !session_->snapshot.contains(table)) {
            return detail::server_error(1412, "HY000", "Table definition has changed, please retry transaction");
        }
        const detail::table_changes* mine = nullptr;
        if (session_->open) {
            const auto changes = session_->open->tables.find(table);
            if (changes != session_->open->tables.end()) mine = &changes->second;
        }
        auto meaning = schema_->find_filter(table, filter);
        if (!meaning) return meaning.error();
        detail::page_reader reader(*found, mine);
        reader.set_filter(*meaning);
        return reader;
    }
    /// The client cuts the connection, which it keeps.
    void hang_up() {
        const std::lock_guard lock(schema_->server->mutex);
        schema_->close(*session_);
    }
    void close() noexcept {
        if (!session_) return;
        const std::shared_ptr<detail::fake_server> server = schema_->server;
        const std::lock_guard lock(server->mutex);
        schema_->close(*session_);
    }

    std::shared_ptr<detail::fake_schema> schema_;
    std::shared_ptr<detail::session> session_;
};

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
