// SPDX-License-Identifier: BSL-1.0
// One sentence for each rule that a connection, a connector or an observer may break, said at compile time:
//
//   static_assert(rowferry::explain_source<my_connection>());
//   static_assert(rowferry::explain_observer<my_observer>());
//
// Each is true when all is well, and otherwise stops the compiler with the sentence of the first rule that is broken.
// explain_policy.hpp has those of policies.
#ifndef ROWFERRY_EXPLAIN_HPP
#define ROWFERRY_EXPLAIN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/explain_policy.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/shared_snapshot.hpp>

#include <type_traits>

namespace rowferry {
inline namespace v0 {

/// Whether a connection can be read from.
template <class C>
consteval bool explain_source() {
    constexpr bool movable = std::movable<C>;
    constexpr bool pings = Pings<C>;
    constexpr bool describes = DescribesTables<C>;
    constexpr bool reads = GivesRows<C>;
    constexpr bool pings_otherwise = !pings && requires(C & c) { c.ping(); };
    constexpr bool describes_otherwise = !describes && requires(C & c, std::string_view table) { c.describe(table); };
    constexpr bool reads_otherwise = !reads && requires(C & c, const page_request& page, row_batch& into) {
        c.read(page, into);
    };
    static_assert(movable, "rowferry: this source connection cannot be moved");
    static_assert(!pings_otherwise, "rowferry: `ping` of this source connection gives no result<void>");
    static_assert(!describes_otherwise,
                  "rowferry: `describe` of this source connection gives no result<std::optional<table_schema>>");
    static_assert(!reads_otherwise, "rowferry: `read` of this source connection gives no result<void>");
    static_assert(pings || pings_otherwise, "rowferry: this source connection lacks `result<void> ping()`");
    static_assert(describes || describes_otherwise,
                  "rowferry: this source connection lacks "
                  "`result<std::optional<table_schema>> describe(std::string_view table)`");
    static_assert(reads || reads_otherwise, "rowferry: this source connection lacks "
                                            "`result<void> read(const page_request&, row_batch&)`");
    return movable && pings && describes && reads;
}

/// Whether a connection can be written to.
template <class C>
consteval bool explain_target() {
    constexpr bool movable = std::movable<C>;
    constexpr bool pings = Pings<C>;
    constexpr bool describes = DescribesTables<C>;
    constexpr bool checks = ChecksEmptiness<C>;
    constexpr bool transacts = RunsTransactions<C>;
    constexpr bool writes = WritesBatches<C>;
    constexpr bool pings_otherwise = !pings && requires(C & c) { c.ping(); };
    constexpr bool describes_otherwise = !describes && requires(C & c, std::string_view table) { c.describe(table); };
    constexpr bool checks_otherwise = !checks && requires(C & c, const table_schema& table) { c.is_empty(table); };
    constexpr bool transacts_otherwise = !transacts && requires(C & c) {
        c.begin();
        c.commit();
        c.rollback();
    };
    constexpr bool writes_otherwise = !writes && requires(C & c, const write_request& request, const row_range& rows) {
        c.write(request, rows);
    };
    static_assert(movable, "rowferry: this target connection cannot be moved");
    static_assert(!pings_otherwise, "rowferry: `ping` of this target connection gives no result<void>");
    static_assert(!describes_otherwise,
                  "rowferry: `describe` of this target connection gives no result<std::optional<table_schema>>");
    static_assert(!checks_otherwise, "rowferry: `is_empty` of this target connection gives no result<bool>");
    static_assert(!transacts_otherwise,
                  "rowferry: `begin`, `commit` or `rollback` of this target connection gives no result<void>");
    static_assert(!writes_otherwise, "rowferry: `write` of this target connection gives no result<write_outcome>");
    static_assert(pings || pings_otherwise, "rowferry: this target connection lacks `result<void> ping()`");
    static_assert(describes || describes_otherwise,
                  "rowferry: this target connection lacks "
                  "`result<std::optional<table_schema>> describe(std::string_view table)`");
    static_assert(checks || checks_otherwise,
                  "rowferry: this target connection lacks `result<bool> is_empty(const table_schema&)`");
    static_assert(transacts || transacts_otherwise,
                  "rowferry: this target connection lacks `result<void>` begin(), commit() or rollback()");
    static_assert(writes || writes_otherwise, "rowferry: this target connection lacks "
                                              "`result<write_outcome> write(const write_request&, const row_range&)`");
    return movable && pings && describes && checks && transacts && writes;
}

/// Whether a connector makes fresh connections and says where they lead.
template <class C>
consteval bool explain_connector() {
    constexpr bool connects = Connects<C>;
    constexpr bool identified = Identified<C>;
    constexpr bool is_connection = !connects && Connection<C>;
    constexpr bool is_const = !connects && std::is_const_v<C> && Connects<std::remove_const_t<C>>;
    constexpr bool has_none = !connects && !is_connection && !is_const;
    static_assert(!is_connection, "rowferry: this is a connection, where a connector is expected: what makes fresh "
                                  "connections after one is lost, with `connect()` and `identity()`");
    static_assert(!is_const, "rowferry: this connector is const, and its `connect()` is not");
    static_assert(!has_none, "rowferry: this connector lacks `connect()`, which gives a result<some connection>");
    static_assert(identified || !connects, "rowferry: this connector lacks `std::string identity() const`");
    return connects && identified;
}

namespace detail {

/// Whether a hook for the event is there and cannot be called with it.
template <class O, class Event>
inline constexpr bool has_uncallable_hook =
    !hears<O, Event> && (
                            hears<std::remove_const_t<O>, Event> || requires(O & o, Event& e) { o.on(e); } ||
                            requires(O & o, Event&& e) { o.on(static_cast<Event&&>(e)); });

template <class O>
struct all_hooks {
    template <class... Events>
    static consteval bool are_callable(event_list<Events...>) {
        return !(false || ... || has_uncallable_hook<O, Events>);
    }
};

} // namespace detail

/// Whether O has a hook for at least one event, and each hook for an event can be called with it.
template <class O>
consteval bool explain_observer() {
    constexpr bool callable = detail::all_hooks<O>::are_callable(detail::all_events{});
    constexpr bool hears = Observer<O>;
    static_assert(callable,
                  "rowferry: a hook of this observer cannot be called: `on` takes the event as `const Event&` "
                  "or by value, and is const where the observer is");
    static_assert(hears || !callable,
                  "rowferry: this is not an observer: it has no hook `on` for any event of observe.hpp");
    return callable && hears;
}

namespace detail {

/// `Given` is as deduced for an argument: a reference, unless a temporary was given.
template <class Given>
consteval bool explain_extra() {
    using extra = std::remove_reference_t<Given>;
    constexpr bool callable = all_hooks<extra>::are_callable(all_events{});
    constexpr bool known = Surrounding<extra>;
    constexpr bool lasts = std::is_lvalue_reference_v<Given> || !Observer<extra>;
    static_assert(callable,
                  "rowferry: a hook of this observer cannot be called: `on` takes the event as `const Event&` "
                  "or by value, and is const where the observer is");
    static_assert(
        known || !callable,
        "rowferry: an argument of copy(source, target, table, ...) is not a timing (now, sleep), a stop request "
        "(stop_requested) or an observer (a hook `on` for an event of observe.hpp)");
    static_assert(lasts, "rowferry: this observer is a temporary, and its records would be lost: give it a name");
    return callable && known && lasts;
}

/// Of the ends of a copy or a verification, as deduced: connections are made of both until it ends.
template <class S, class T>
consteval bool explain_lasting() {
    constexpr bool last = std::is_lvalue_reference_v<S> && std::is_lvalue_reference_v<T>;
    static_assert(last, "rowferry: this connector is a temporary: give it a name, and it can be used again");
    return last;
}

/// What a copy or a verification takes as its third argument.
template <class R>
concept NamesTable = std::is_convertible_v<const R&, std::string_view>;
template <class R>
inline constexpr bool explain_third_argument = [] {
    constexpr bool names_table = NamesTable<R>;
    static_assert(names_table, "rowferry: the third argument is the table's name or a request, after both "
                               "connectors; a timing, a stop request and observers come after it");
    return names_table;
}();

/// The rules between a pipeline and the two ends of one copy, all as deduced for its arguments.
template <class Source, class Target, class Pipeline, class... Extras>
consteval bool explain_ends() {
    using S = std::remove_reference_t<Source>;
    using T = std::remove_reference_t<Target>;
    constexpr bool one_clock = (0 + ... + int{Timing<std::remove_reference_t<Extras>>}) <= 1;
    static_assert(one_clock, "rowferry: two timings were given to one copy or environment: only one can be followed");
    constexpr bool extras = (one_clock && ... && explain_extra<Extras>());
    constexpr bool connectors = explain_lasting<Source, Target>() && explain_connector<S>() && explain_connector<T>();
    if constexpr (connectors) {
        constexpr bool ends = explain_source<connection_of<S>>() && explain_target<connection_of<T>>();
        constexpr bool stores = !Pipeline::stores_checkpoint || CheckpointStore<connection_of<T>>;
        constexpr bool maximum = !IncrementalPagination<typename Pipeline::pagination_policy> ||
                                 (FindsMaximum<connection_of<S>> && FindsMaximum<connection_of<T>>);
        static_assert(
            stores,
            "rowferry: this target keeps no checkpoints (claim_, load_, save_, forget_checkpoint, forget_checkpoints): "
            "add them, or choose no_checkpoint{}");
        static_assert(maximum,
                      "rowferry: incremental_pages needs `result<value> maximum(const table_schema&, std::size_t)` "
                      "of both connections");
        using pages = typename Pipeline::pagination_policy;
        constexpr bool finds_place =
            !TransformsRows<connection_of<S>> || continues_by_key<pages> || is_single_transaction<pages>;
        static_assert(finds_place,
                      "rowferry: this source is transformed, and this pagination finds its place by the number "
                      "of rows written, which dropped rows would put in a wrong place: use keyset_pages{}");
        constexpr bool is_shared = is_shared_snapshot<S>;
        constexpr bool snapshot = !Pipeline::takes_snapshot || is_shared || HoldsSnapshot<connection_of<S>>;
        constexpr bool one_moment = Pipeline::takes_snapshot || !is_shared;
        static_assert(snapshot, "rowferry: one_snapshot needs `result<snapshot_info> open_snapshot()` and "
                                "`bool in_snapshot() const` of the source's connection");
        static_assert(one_moment, "rowferry: this source is a shared_snapshot, and the pipeline would continue after "
                                  "its loss with rows of another moment: add one_snapshot{}");
        return extras && ends && stores && maximum && finds_place && snapshot && one_moment;
    } else {
        return false;
    }
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
