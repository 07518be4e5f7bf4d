// SPDX-License-Identifier: BSL-1.0
// One snapshot of a source for all that is read from it: several tables of one job, one moment.
//
//   rf::mysql::connector prod{"mysql://etl@prod-db/shop"};
//   rf::shared_snapshot source{prod};
//   rf::pipeline ferry{rf::one_snapshot{}};
//   for (const char* table : {"accounts", "transfers"}) ferry.copy(source, target, table);
//
// A pipeline with one_snapshot that is given a plain connector makes a shared_snapshot for that one copy.
#ifndef ROWFERRY_SHARED_SNAPSHOT_HPP
#define ROWFERRY_SHARED_SNAPSHOT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/table.hpp>
#include <rowferry/wait_limit.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// The connection that holds the snapshot, and what became of it.
template <class C>
class held_snapshot {
public:
    [[nodiscard]] bool is_open() const { return connection_.has_value(); }
    [[nodiscard]] C& connection() { return *connection_; }
    [[nodiscard]] const std::optional<snapshot_info>& info() const { return info_; }
    [[nodiscard]] const std::optional<error>& loss() const { return loss_; }

    void open(C&& connection, snapshot_info info) {
        connection_.emplace(std::move(connection));
        info_ = std::move(info);
        loss_.reset();
    }
    void renew() {
        connection_.reset();
        loss_.reset();
    }

    /// Runs an operation inside the snapshot; an answer from outside of it is an error, whatever it was.
    template <class Op>
    auto run(Op op) -> decltype(op(std::declval<C&>())) {
        if (!connection_) return gone();
        auto answer = op(*connection_);
        if (!answer) {
            error& e = answer.error();
            if constexpr (HidesSecrets<C>) connection_->hide_secrets(e);
            if (needs_fresh_connection(e.fault) || e.fault == fault::rolled_back) {
                lose(std::move(e));
                return gone();
            }
            explain(e);
        } else if (!connection_->in_snapshot()) {
            error e;
            e.fault = fault::rolled_back;
            lose(std::move(e));
            return gone();
        }
        return answer;
    }

    /// Permanent, so that no connection manager tries again on a connection without the snapshot.
    [[nodiscard]] error gone() const {
        error e = loss_.value_or(error{});
        e.message = !loss_                               ? "the snapshot is not open: connect first"
                    : loss_->fault == fault::rolled_back ? "the server ended the transaction that held the snapshot"
                                                         : "the connection that held the snapshot was lost, and the "
                                                           "snapshot with it";
        e.fault = fault::permanent;
        return e;
    }

private:
    void lose(error why) {
        connection_.reset();
        loss_ = std::move(why);
    }
    static void explain(error& e) {
        if (e.cause != cause::definition_changed) return;
        e.message =
            "the table's definition was changed after the snapshot was taken, so its rows of then cannot be read";
    }

    std::optional<C> connection_;
    std::optional<snapshot_info> info_;
    std::optional<error> loss_;
};

} // namespace detail

/// A borrowed connection: reads through the one that holds the snapshot, and ends nothing when it is destroyed. Models
/// Source, and the refinements that a copy reads by. An operation whose answer is not of the snapshot fails with
/// `permanent`.
template <class C>
class snapshot_connection {
public:
    /// Used by `shared_snapshot::connect`.
    explicit snapshot_connection(detail::held_snapshot<C>& held) : held_(&held) {}

    void limit_waits(const wait_limit& limit) requires LimitsWaits<C> {
        if (held_->is_open()) held_->connection().limit_waits(limit);
    }
    result<void> ping() {
        return held_->run([](C& c) { return c.ping(); });
    }
    result<std::optional<table_schema>> describe(std::string_view table) {
        return held_->run([&](C& c) { return c.describe(table); });
    }
    result<void> read(const page_request& page, row_batch& into) requires ReadsPages<C> {
        return held_->run([&](C& c) { return c.read(page, into); });
    }
    result<void> read_untransformed(const page_request& page, row_batch& into) requires TransformsRows<C> {
        return held_->run([&](C& c) { return c.read_untransformed(page, into); });
    }
    template <class Consumer>
    result<void> stream_untransformed(const page_request& page, row_batch& slice,
                                      Consumer consume) requires detail::StreamsUntransformed<C> {
        return held_->run([&](C& c) { return c.stream_untransformed(page, slice, consume); });
    }
    /// Asks nothing of the server, so that the snapshot does not matter.
    result<void> transform(const transform_request& request, const row_range& rows,
                           kept_rows& into) requires TransformsRows<C> {
        if (!held_->is_open()) return held_->gone();
        return held_->connection().transform(request, rows, into);
    }
    /// Empty when the snapshot is lost.
    [[nodiscard]] std::string transformation() const requires TransformsRows<C> {
        return held_->is_open() ? std::string(std::as_const(held_->connection()).transformation()) : std::string();
    }
    template <class Consumer>
    result<void> stream(const page_request& page, row_batch& slice, Consumer consume) requires StreamsRows<C> {
        return held_->run([&](C& c) { return c.stream(page, slice, consume); });
    }
    result<std::optional<std::uint64_t>> count(const count_request& request) requires CountsRows<C> {
        return held_->run([&](C& c) { return c.count(request); });
    }
    result<table_definition> definition(const table_schema& table) requires ShowsDefinition<C> {
        return held_->run([&](C& c) { return c.definition(table); });
    }
    result<void> check_filter(const table_schema& table, std::string_view filter) requires ChecksFilters<C> {
        return held_->run([&](C& c) { return c.check_filter(table, filter); });
    }
    result<std::uint64_t> largest_step(const table_schema& table, std::size_t column,
                                       std::string_view filter) requires MeasuresSteps<C> {
        return held_->run([&](C& c) { return c.largest_step(table, column, filter); });
    }
    result<value> maximum(const table_schema& table, std::size_t column) requires FindsMaximum<C> {
        return held_->run([&](C& c) { return c.maximum(table, column); });
    }
    result<value> maximum_until(const table_schema& table, std::size_t column,
                                const value& limit) requires KnowsTime<C> {
        return held_->run([&](C& c) { return c.maximum_until(table, column, limit); });
    }
    result<std::string> utc_time() requires KnowsTime<C> {
        return held_->run([](C& c) { return c.utc_time(); });
    }
    result<table_incarnation> incarnation(const table_schema& table) requires TellsIncarnation<C> {
        return held_->run([&](C& c) { return c.incarnation(table); });
    }
    result<table_incarnation> recent_incarnation(const table_schema& table) requires TellsRecentIncarnation<C> {
        return held_->run([&](C& c) { return c.recent_incarnation(table); });
    }
    result<rowferry::computing_settings> computing_settings() requires TellsComputingSettings<C> {
        return held_->run([&](C& c) { return c.computing_settings(); });
    }
    [[nodiscard]] std::string time_zone() const requires KnowsTimeZone<C> {
        return held_->is_open() ? std::string(held_->connection().time_zone()) : std::string();
    }
    /// The database's name, as the connection spells it; empty when the snapshot is lost.
    [[nodiscard]] std::string database() requires requires(C& c) { std::string(c.database()); }
    { return held_->is_open() ? std::string(held_->connection().database()) : std::string(); }

    /// Unknown when the snapshot is lost.
    [[nodiscard]] server_identity server() const requires IdentifiesServer<C> {
        return held_->is_open() ? server_identity(std::as_const(held_->connection()).server()) : server_identity();
    }

    /// The connection itself, by which a target tells whether both are one server; none when the snapshot is lost.
    [[nodiscard]] C* underlying() { return held_->is_open() ? &held_->connection() : nullptr; }

private:
    detail::held_snapshot<C>* held_;
};

/// Connector: hands out one connection's snapshot to everybody. The first `connect` makes the connection and opens the
/// snapshot; once that is lost, `connect` fails with `permanent` until `renew`. The connector is held by reference and
/// outlives it; it outlives what it hands out. The snapshot ends with it. Not for use by two threads at once.
///
/// While it is open the server keeps all rows as they were (undo grows), and holds back changes to the definition of each
/// table that was read.
template <class Connector>
class shared_snapshot {
    using held_connection = connection_of<Connector>;
    static constexpr bool holds_snapshot = HoldsSnapshot<held_connection>;
    static_assert(holds_snapshot, "rowferry: a shared_snapshot needs `result<snapshot_info> open_snapshot()` and "
                                  "`bool in_snapshot() const` of the connector's connection");

public:
    using connection_type = snapshot_connection<held_connection>;

    explicit shared_snapshot(Connector& source) : source_(&source) {}
    shared_snapshot(const shared_snapshot&) = delete;
    shared_snapshot& operator=(const shared_snapshot&) = delete;
    ~shared_snapshot() = default;

    /// A handle on the snapshot, which is opened when there is none yet; may block as the connector does.
    result<connection_type> connect() {
        return connect_by([this] { return source_->connect(); });
    }
    /// The same, whose waits `limit` ends early.
    result<connection_type> connect(const wait_limit& limit) requires ConnectsWithin<Connector> {
        return connect_by([&] { return source_->connect(limit); });
    }
    [[nodiscard]] std::string identity() const { return source_->identity(); }
    [[nodiscard]] std::string address() const requires NamesServer<Connector> { return source_->address(); }

    /// What is known of the snapshot, or of the one that was lost; none before the first.
    [[nodiscard]] const std::optional<snapshot_info>& info() const { return held_.info(); }
    /// Why the snapshot was lost; none while it is open, and before it is.
    [[nodiscard]] const std::optional<error>& loss() const { return held_.loss(); }
    /// Ends the snapshot, if it is open; the next `connect` opens a new one.
    void renew() { held_.renew(); }

private:
    template <class Connect>
    result<connection_type> connect_by(Connect connect_source) {
        if (held_.loss()) return held_.gone();
        if (!held_.is_open()) {
            auto fresh = connect_source();
            if (!fresh) return std::move(fresh.error());
            auto opened = fresh->open_snapshot();
            if (!opened) {
                if constexpr (HidesSecrets<held_connection>) fresh->hide_secrets(opened.error());
                return std::move(opened.error());
            }
            held_.open(std::move(*fresh), std::move(*opened));
        }
        return connection_type(held_);
    }

    Connector* source_;
    detail::held_snapshot<held_connection> held_;
};

namespace detail {
template <class C>
inline constexpr bool is_snapshot_connection = false;
template <class C>
inline constexpr bool is_snapshot_connection<snapshot_connection<C>> = true;
template <class C>
inline constexpr bool is_shared_snapshot = false;
template <class C>
inline constexpr bool is_shared_snapshot<shared_snapshot<C>> = true;
} // namespace detail

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
