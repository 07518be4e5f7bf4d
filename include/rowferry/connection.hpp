// SPDX-License-Identifier: BSL-1.0
// The minimal concepts a client models: typed operations, never SQL text, so that a double needs no SQL parser.
//
//   Connection   ping
//   Source       + describe, read: what a copy reads from
//   Target       + describe, is_empty, begin, write, commit, rollback: what a copy writes to
//   Connector    connect, identity: makes fresh connections; with `address` (NamesServer) it says to which server
// and the refinements, each required only if a policy or option needs it:
//   CheckpointStore   claim, load, save, forget       (checkpoint_in_target)
//   CountsRows        count                           (progress, count_new)
//   EstimatesRows     estimate                        (what parallel divides a large table by)
//   MeasuresSteps     largest_step                    (of the source, where a target's rows have to grow by small steps)
//   FindsMaximum      maximum                         (incremental_pages, last_processed)
//   KnowsTime         utc_time, maximum_until         (incremental_pages: watermarks in the future)
//   TruncatesTables   truncate                        (copy_request::truncate_target)
//   CopiesServerSide  is_same_server, copy_page       (source and target on one server)
//   SerializesCopies  serializes_copies               (the same, by several workers)
//   ListsTables       tables                          (all tables of a database)
//   ListsWholeCatalog list_tables                     (the same, with their engines, and whether some may be hidden)
//   ChecksFilters     check_filter                    (copy_request::where)
//   HoldsSnapshot     open_snapshot, in_snapshot      (one_snapshot)
//   ListsCheckpoints  list_checkpoints, drop_checkpoint (what an operator looks after)
//   TellsIncarnation  incarnation                     (a table that is replaced or truncated while it is copied)
//   TellsRecentIncarnation recent_incarnation         (the same, where asking is expensive)
//   ShowsDefinition   definition                      (copy_request::create_target, of the source)
//   CreatesTables     adapt, create_table             (copy_request::create_target, of the target)
//   TriesTables       try_table                       (of the target, where only its server knows what it can hold)
//   StreamsRows       stream                          (copy_request::keyless)
//   ChoosesWriteWay   choose_write_way                (copy_request::way, of the target)
//   ChecksRights      check_rights                    (of the target, where users have rights)
//   LogsForReplicas   check_log                       (the same, where a server logs writes: replica_log.hpp)
//   AllowsPauses      expect_pauses                   (the same, of the target, where a server ends idle transactions)
//   LimitsWaits       limit_waits                     (a stop request or a deadline that ends a wait: wait_limit.hpp)
//   ConnectsWithin    connect(limit)                  (the same, of the connector)
//   EndsSessions      session, end_session            (statements that lost connections leave on a server)
//   IdentifiesServer  server                          (who answers after a lost connection: server_identity.hpp)
//   HidesSecrets      hide_secrets                    (a server that repeats the password in its words)
//   TransformsRows    read_untransformed, transform   (a source whose rows are changed or dropped on their way)
// What verification needs is in verify/digest.hpp.
#ifndef ROWFERRY_CONNECTION_HPP
#define ROWFERRY_CONNECTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/replaced_members.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/transformation.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// One end of a page: values for the first columns of its order. The server compares, in its own order and collation.
struct page_bound {
    key_values values = {};
    bool inclusive = false;
};

/// One page: which rows, in which order, and how many at most.
struct page_request {
    const table_schema* table = nullptr;    ///< the source table; outlives the request
    std::vector<std::size_t> columns = {};  ///< what to read, as indices into table->columns
    std::vector<key_part> order = {};       ///< a total order; empty reads the table as it comes
    std::string index = {};                 ///< the key to force, when the order is a key's; else empty
    std::optional<page_bound> after = {};   ///< rows after this bound in `order` (or at it, when inclusive)
    std::optional<page_bound> up_to = {};   ///< rows before this bound in `order` (or at it, when inclusive)
    std::uint64_t offset = 0;               ///< rows to skip: offset_pages only
    std::uint64_t max_rows = 0;             ///< 0 is no limit
    std::uint64_t max_bytes = 0;            ///< rows past it are dropped and the batch marked truncated; one row always
                                            ///< fits; 0 is no limit
    std::string filter = {};                ///< only rows for which it holds: see `copy_request::where`; empty is all
    std::vector<std::size_t> nullable = {}; ///< only rows without NULL in these columns,
    bool of_nulls = false;                  ///< or only those with a NULL in at least one of them
    bool is_paced = false; ///< of a stream: its reader pauses after each slice, so that few rows are to be on their way
};

/// Which rows to count: all, or those after a bound, or those with a NULL in a column.
struct count_request {
    const table_schema* table = nullptr; ///< outlives the request
    std::vector<key_part> order = {};    ///< what `after` and `up_to` refer to
    std::optional<page_bound> after = {};
    std::optional<page_bound> up_to = {};
    std::optional<std::size_t> null_in = {}; ///< a column: count the rows that are NULL there
    duration limit{};                        ///< give up after this long; 0 is never
    std::string filter = {};                 ///< only rows for which it holds: see `copy_request::where`; empty is all
    bool anywhere = false; ///< also rows of a partitioned table that lie in another partition than their values lead to
};

/// One setting of a session, as its server spells it.
struct setting {
    std::string name = {};
    std::string value = {};
    friend bool operator==(const setting&, const setting&) = default;
};

/// What to write, and how. Columns and cells correspond by position; a row's cells past the last column are not written.
struct write_request {
    const table_schema* table = nullptr;   ///< the target table; outlives the request
    std::vector<std::size_t> columns = {}; ///< indices into table->columns, one for each of a row's first cells
    write_kind kind = write_kind::insert;
    std::string key_name = {}; ///< of the target's key that tells rows apart; skip_existing passes its duplicates only
    write_way way = write_way::automatic; ///< what `choose_write_way` gave; `automatic` is the client's own
    bool may_change_way = false;          ///< whether another way will do where this one fails: `way` was not asked for
    /// What the server computes the table's expressions under; empty leaves the connection as it is. See computing.hpp.
    std::vector<setting> settings = {};
};

/// What a copy is going to do in the target: what its user has to have the right for. Tables may be missing still.
struct target_needs {
    write_request write;              ///< its table outlives the question
    bool empties = false;             ///< the table is truncated
    bool only_planned = false;        ///< the copy is not carried out: no question may take a lock
    bool stores = false;              ///< the job's checkpoint is entered and advanced
    bool forgets = false;             ///< checkpoints of the table are forgotten
    std::string source_database = {}; ///< of a copy inside the server, with the table and the columns that it reads
    const table_schema* source = nullptr;
    std::vector<std::size_t> source_columns = {};
};

/// What a write did. `rows` counts rows sent, not the server's affected rows (2 for each change by upsert).
struct write_outcome {
    std::uint64_t rows = 0;
    std::uint64_t skipped = 0; ///< of these, left as they were by skip_existing
    std::string notice = {};   ///< what an operator should know of how they were written; told once
};

/// Refuses bounds that mean nothing: without an order, or with more values than the order has columns. A client calls it
/// before it reads, counts or copies a page, since a server would take such a request for another one.
inline result<void> check_bounds(const std::vector<key_part>& order, const std::optional<page_bound>& after,
                                 const std::optional<page_bound>& up_to) {
    for (const std::optional<page_bound>* bound : {&after, &up_to}) {
        if (!*bound) continue;
        const std::size_t values = (*bound)->values.size();
        if (order.empty()) {
            return refusal("a page with bounds needs an order: without one no row is behind or before another");
        }
        if (values == 0 || values > order.size()) {
            return refusal("a page bound has " + std::to_string(values) + " values for an order of " +
                           std::to_string(order.size()) + " columns");
        }
    }
    return {};
}

namespace detail {
template <class R, class T>
concept gives = std::same_as<std::remove_cvref_t<R>, result<T>>;
} // namespace detail

/// `ping` answers whether the connection still works. Destroying a connection closes it and rolls back.
template <class C>
concept Pings = requires(C& c) {
    { c.ping() } -> detail::gives<void>;
};
/// What both ends of a copy have in common: it can be moved, and says whether it still works.
template <class C>
concept Connection = std::movable<C> && Pings<C>;

/// `describe` gives the table's schema, or none when there is no such table. It never sleeps.
template <class C>
concept DescribesTables = requires(C& c, std::string_view table) {
    { c.describe(table) } -> detail::gives<std::optional<table_schema>>;
};

/// `read` fills the batch with the page, complete in memory, whatever the batch held before.
template <class C>
concept ReadsPages = requires(C& c, const page_request& page, row_batch& into) {
    { c.read(page, into) } -> detail::gives<void>;
};
/// `transformation` names what the rows of a source pass through before they are written, and `transform` has some of them pass:
/// it changes cells and drops rows, and may be asked for the same rows again. `read_untransformed` stands in the place of
/// `read`, and `stream_untransformed`, if there is one, in that of `stream`: code that knows of no transformation finds no
/// `read`, and does not compile.
template <class C>
concept TransformsRows = !ReadsPages<C> && requires(C & c, const C& same, const page_request& page, row_batch& read,
                                                    const transform_request& request, kept_rows& into) {
    { c.read_untransformed(page, read) } -> detail::gives<void>;
    { c.transform(request, row_range(read), into) } -> detail::gives<void>;
    { same.transformation() } -> std::convertible_to<std::string>;
};
/// A connection that rows come from, in one of the two ways.
template <class C>
concept GivesRows = ReadsPages<C> || TransformsRows<C>;
/// A connection that a copy reads from.
template <class C>
concept Source = Connection<C> && DescribesTables<C> && GivesRows<C>;

/// `begin` opens a transaction, `commit` ends it, `rollback` undoes it; nothing is kept of a transaction that was lost.
/// Where the server says after each statement whether a transaction is open, their success includes that it said so, and so
/// does that of a statement inside one: see transaction_status.hpp. A commit that was answered as done while the transaction
/// is still open is `connection_lost`: its outcome is unknown.
template <class C>
concept RunsTransactions = requires(C& c) {
    { c.begin() } -> detail::gives<void>;
    { c.commit() } -> detail::gives<void>;
    { c.rollback() } -> detail::gives<void>;
};

/// `write` sends the rows inside the open transaction; any warning of the server is an error.
template <class C>
concept WritesBatches = requires(C& c, const write_request& request, const row_range& rows) {
    { c.write(request, rows) } -> detail::gives<write_outcome>;
};
/// `is_empty` says whether the table has no row at all; it changes nothing.
template <class C>
concept ChecksEmptiness = requires(C& c, const table_schema& table) {
    { c.is_empty(table) } -> detail::gives<bool>;
};
/// A connection that a copy writes to.
template <class C>
concept Target = Connection<C> && DescribesTables<C> && ChecksEmptiness<C> && RunsTransactions<C> && WritesBatches<C>;

/// `claim` makes the run of `entry` the owner of its job and gives the entry as it stands then, after waiting for a
/// transaction that is still writing it; a store or an entry that is missing is made, at zero. Whoever owned it, or
/// another job that the claim forgets, cannot save any more. Claims of one target table never overlap. A truncation
/// that fails forgets no progress. An entry that is made or set to zero has `begun_alone = how.alone`, whatever `entry` says;
/// one that keeps its progress keeps that, too.
///
/// `load` gives the job's entry, none when there is none. `save` advances the entry inside the open transaction, and
/// fails with `permanent` unless it belongs to entry.run and stands at entry.batches - 1. `forget_checkpoints`
/// removes the entries of all jobs that fill a table, `forget_checkpoint` the one of entry.job, if it belongs to
/// entry.run: one step, so that no other run's claim comes between the look and the removal. Both wait for a
/// transaction that is writing one.
template <class C>
concept CheckpointStore = requires(C& c, const checkpoint& entry, std::string_view text, checkpoint_read read,
                                   const claim& how) {
    { c.claim_checkpoint(entry, how) } -> detail::gives<checkpoint>;
    { c.load_checkpoint(text, read) } -> detail::gives<std::optional<checkpoint>>;
    { c.save_checkpoint(entry) } -> detail::gives<void>;
    { c.forget_checkpoints(text) } -> detail::gives<void>;
    { c.forget_checkpoint(entry) } -> detail::gives<void>;
};

/// `list_checkpoints` gives the entries of all jobs that fill tables of the database, by target table and then by title;
/// none when there is no store. `drop_checkpoint` forgets one job and says whether there was an entry of it: it waits for
/// a transaction that is writing it, and a run that is still under way stops at its next batch.
template <class C>
concept ListsCheckpoints = requires(C& c, std::string_view job) {
    { c.list_checkpoints() } -> detail::gives<std::vector<listed_checkpoint>>;
    { c.drop_checkpoint(job) } -> detail::gives<bool>;
};

/// `count` gives the number of rows, or none when counting took longer than the request's limit.
template <class C>
concept CountsRows = requires(C& c, const count_request& request) {
    { c.count(request) } -> detail::gives<std::optional<std::uint64_t>>;
};

/// `estimate` gives about how many rows a page without a limit would have, and looks at none of them but those that the
/// server's own estimate takes.
template <class C>
concept EstimatesRows = requires(C& c, const page_request& page) {
    { c.estimate(page) } -> detail::gives<std::uint64_t>;
};

/// `largest_step` gives the largest difference between a value of a column of unsigned numbers and the next greater one, of the
/// rows that the filter chooses; that of the smallest value is from 0. It may read the whole index.
template <class C>
concept MeasuresSteps = requires(C& c, const table_schema& table, std::size_t column, std::string_view filter) {
    { c.largest_step(table, column, filter) } -> detail::gives<std::uint64_t>;
};

/// `maximum` gives a column's largest value, none for an empty table or one of NULLs only.
template <class C>
concept FindsMaximum = requires(C& c, const table_schema& table, std::size_t column) {
    { c.maximum(table, column) } -> detail::gives<value>;
};

/// `utc_time` gives the time of the connection's server, in UTC, as it gives a column's: "2026-03-01 00:00:05". `maximum_until`
/// gives a column's largest value that is not past a limit.
template <class C>
concept KnowsTime = FindsMaximum<C> &&
    requires(C& c, const table_schema& table, std::size_t column, const value& limit) {
    { c.utc_time() } -> detail::gives<std::string>;
    { c.maximum_until(table, column, limit) } -> detail::gives<value>;
};

/// `check_filter` refuses a filter that is not one expression over the table's columns, with the server's words. No other
/// operation is given a filter before it has passed; one that passed cannot change the rest of a statement.
template <class C>
concept ChecksFilters = requires(C& c, const table_schema& table, std::string_view filter) {
    { c.check_filter(table, filter) } -> detail::gives<void>;
};

/// `truncate` deletes all rows of the table, for good and outside any transaction.
template <class C>
concept TruncatesTables = requires(C& c, const table_schema& table) {
    { c.truncate(table) } -> detail::gives<void>;
};

/// `definition` gives the definition of a table that was described, in the words of its server.
template <class C>
concept ShowsDefinition = requires(C& c, const table_schema& table) {
    { c.definition(table) } -> detail::gives<table_definition>;
};

/// `adapt` gives the table as this server would hold it, with no other changes than those that are allowed, or refuses
/// it with everything that stands in the way; it changes nothing. `create_table` makes it; one of that name that is
/// there already is no error, and is left as it is.
template <class C>
concept CreatesTables = requires(C& c, const table_definition& from, std::string_view name,
                                 const definition_changes& changes, const new_table& table) {
    { c.adapt(from, name, changes) } -> detail::gives<new_table>;
    { c.create_table(table) } -> detail::gives<void>;
};

/// `try_table` creates the table under `name`, which the caller made up and no table has, and drops it again: gives what
/// came out, or refuses what the server does not take. Where the user may not drop it, it gives none, and creates
/// nothing. With `may_be_left`, an earlier call may have left a table of that name, which is dropped first. An error has
/// a table that stays, or may stay, among its `changes`.
template <class C>
concept TriesTables = CreatesTables<C> &&
    requires(C& c, const new_table& table, std::string_view name, bool may_be_left) {
    { c.try_table(table, name, may_be_left) } -> detail::gives<std::optional<table_schema>>;
};

/// `choose_write_way` says by which means the connection will write the request's table in its mode: `request.way`, or the
/// fastest where that is `automatic`. A way that was asked for and that client or server cannot go is refused.
/// `several_writers` says that other connections will write the table at the same time. The table need not be there yet.
template <class C>
concept ChoosesWriteWay = requires(C& c, const write_request& request, bool several_writers) {
    { c.choose_write_way(request, several_writers) } -> detail::gives<write_way>;
};

/// `check_rights` refuses, with `cause::missing_privilege`, what the user may not do of what a copy needs, all of it at once.
/// It changes nothing. What it cannot tell it lets pass.
template <class C>
concept ChecksRights = requires(C& c, const target_needs& needs) {
    { c.check_rights(needs) } -> detail::gives<void>;
};

/// `tables` gives the names of all base tables of the connection's database but the one of checkpoints.
template <class C>
concept ListsTables = requires(C& c) {
    { c.tables() } -> detail::gives<std::vector<std::string>>;
};

/// A table of a database, as its catalog lists it.
struct listed_table {
    std::string name = {};
    std::string engine = {};
    row_home rows = row_home::own; ///< anything else: a copy of all tables passes it over
};
/// What a database's catalog lists for the user.
struct table_listing {
    /// Base tables, sorted by the bytes of their names, but the one of checkpoints
    std::vector<listed_table> tables = {};
    std::string may_hide = {}; ///< why there may be tables that the user does not see; empty: all are listed
};
/// `list_tables` gives the base tables of the connection's database, and says whether there may be others.
template <class C>
concept ListsWholeCatalog = ListsTables<C> && requires(C& c) {
    { c.list_tables() } -> detail::gives<table_listing>;
};

/// `incarnation` tells which of the tables that have had a name has it now. It changes nothing, and is asked now and then
/// while the table is copied. A client that cannot tell gives an unknown one.
template <class C>
concept TellsIncarnation = requires(C& c, const table_schema& table) {
    { c.incarnation(table) } -> detail::gives<table_incarnation>;
};

/// `recent_incarnation` may give a part of the last answer again, where asking is expensive. It is asked now and then
/// in the place of `incarnation`, which is asked at the beginning and before the last commit.
template <class C>
concept TellsRecentIncarnation = TellsIncarnation<C> && requires(C& c, const table_schema& table) {
    { c.recent_incarnation(table) } -> detail::gives<table_incarnation>;
};

/// `is_same_server` asks for a proof (never guesses from names) that the source's connection ends at this target's server: a
/// server that lies can forge it. `is_same_database` says, on one server, whether both have the same database there.
template <class T, class S>
concept ComparesServers = requires(T& t, S& s) {
    { t.is_same_server(s) } -> detail::gives<bool>;
    { t.is_same_database(s) } -> std::same_as<bool>;
    { s.database() } -> std::convertible_to<std::string>;
};

/// `copy_page` copies one page's rows there, by a statement of the server, inside the open transaction. `page` has the
/// source's table and bounds; `database` is the source's. `database()` gives the name that the user wrote, and not one that
/// the server answered: a target reads it with its own rights. A source that replaces `read` of a class that it derives from is
/// not copied so, since no row would come through its `read`.
template <class T, class S>
concept CopiesServerSide =
    ComparesServers<T, S> && !TransformsRows<S> && !detail::is_copied_past_read<S> &&
    requires(T & t, const page_request& page, const write_request& request, std::string_view database) {
    { t.copy_page(database, page, request) } -> detail::gives<write_outcome>;
};

/// `serializes_copies` says whether server-side copies into the table wait for each other, statement by statement, so that
/// several workers are no faster than one.
template <class T>
concept SerializesCopies = requires(T& t, const table_schema& table) {
    { t.serializes_copies(table) } -> detail::gives<bool>;
};

/// `stream` reads all rows of a page, and calls `consume(slice)` for each slice of them as they come from the server, until it
/// returns false: rows of one statement and so of one point in time, of which only a slice is in memory.
/// `page.max_rows` and `page.max_bytes` are a slice's limits; one row always fits. Ending the stream early is not an
/// error. The connection is then unusable, unless it holds a snapshot: then the remaining rows are drained so that the
/// snapshot survives. The server waits for `consume` for up to a day. A connection that replaces `read` of a class that
/// it derives from has to replace its `stream`, too.
template <class C>
concept StreamsRows = !detail::streams_past_read<C> &&
                      requires(C & c, const page_request& page, row_batch& slice, bool (*consume)(const row_batch&)) {
    { c.stream(page, slice, consume) } -> detail::gives<void>;
};

namespace detail {

/// The same of a source that transforms rows.
template <class C>
concept StreamsUntransformed = TransformsRows<C> &&
    requires(C& c, const page_request& page, row_batch& slice, bool (*consume)(const row_batch&)) {
    { c.stream_untransformed(page, slice, consume) } -> gives<void>;
};
template <class C>
inline constexpr bool can_stream = StreamsRows<C> || StreamsUntransformed<C>;

/// Reads a page of the rows as the source has them, whatever they pass through before they are written.
template <class C>
result<void> read_as_stored(C& c, const page_request& page, row_batch& into) {
    if constexpr (TransformsRows<C>) {
        return c.read_untransformed(page, into);
    } else {
        return c.read(page, into);
    }
}
template <class C, class Consumer>
result<void> stream_as_stored(C& c, const page_request& page, row_batch& slice, Consumer consume) {
    if constexpr (TransformsRows<C>) {
        return c.stream_untransformed(page, slice, consume);
    } else {
        return c.stream(page, slice, consume);
    }
}

} // namespace detail

/// `expect_pauses` keeps the server from ending a transaction in which nothing happens for up to a day: the source of a stream
/// may be silent for long, as when a filter holds for few of its rows. For clients whose servers do that; others lack it.
template <class C>
concept AllowsPauses = requires(C& c) {
    { c.expect_pauses() } -> detail::gives<void>;
};

/// `open_snapshot` begins a transaction that sees all tables as they are at this moment, whatever others commit later;
/// `read`, `count` and `maximum` answer from it until the connection ends. It refuses when the server does not promise
/// that. `in_snapshot` says, without asking the server, whether the last operation that succeeded was still inside.
template <class C>
concept HoldsSnapshot = requires(C& c, const C& same) {
    { c.open_snapshot() } -> detail::gives<snapshot_info>;
    { same.in_snapshot() } -> std::same_as<bool>;
};

/// `session` names the session of a connection, and `end_session` ends another one, which was lost, with the statement that it
/// may have left on the server. It ends no other session, and a session that the server does not know is not an error. A
/// connection without a name for it has an empty one.
template <class C>
concept EndsSessions = requires(C& c, const C& same, std::string_view lost) {
    { same.session() } -> std::convertible_to<std::string>;
    { c.end_session(lost) } -> detail::gives<void>;
};

/// `hide_secrets` takes secrets out of an error of this connection, as its password in the server's words. The
/// connection manager calls it for each error.
template <class C>
concept HidesSecrets = requires(const C& c, error& e) {
    { c.hide_secrets(e) } -> std::same_as<void>;
};

/// `connect` gives a fresh connection, ready for use; it may block for the connector's own time limit.
template <class C>
concept Connects = requires(C& c) {
    typename std::remove_cvref_t<decltype(c.connect())>::value_type;
    { c.connect() } -> detail::gives<typename std::remove_cvref_t<decltype(c.connect())>::value_type>;
    requires Connection<typename std::remove_cvref_t<decltype(c.connect())>::value_type>;
};
/// `identity` names the database that the connector leads to, as "host:port/database", without credentials.
template <class C>
concept Identified = requires(const C& c) {
    { c.identity() } -> std::convertible_to<std::string>;
};
/// `address` names the server that the connector leads to, as the user wrote it, without a database and credentials. Equal
/// ones lead to one server; different ones may. Rows are copied inside a server only between equal addresses, unless the
/// request says that they are one server: what the servers themselves answer can be forged.
template <class C>
concept NamesServer = requires(const C& c) {
    { c.address() } -> std::convertible_to<std::string>;
};
/// What makes fresh connections and says where they lead.
template <class C>
concept Connector = Connects<C> && Identified<C>;

/// The connection that a connector makes.
template <Connects C>
using connection_of = typename std::remove_cvref_t<decltype(std::declval<C&>().connect())>::value_type;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
