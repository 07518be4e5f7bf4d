// SPDX-License-Identifier: BSL-1.0
// One sentence for each rule: what a type lacks, said at compile time. Assert these beside your own policies and clients:
//
//   static_assert(rowferry::explain_retry_policy<my_retry>());
//   static_assert(rowferry::explain_source<my_connection>());
//
// Each is true when all is well, and otherwise stops the compiler with the sentence of the first rule that is broken.
#ifndef ROWFERRY_EXPLAIN_HPP
#define ROWFERRY_EXPLAIN_HPP

#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/execution.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/shared_snapshot.hpp>
#include <rowferry/write_mode.hpp>

#include <type_traits>

namespace rowferry {
inline namespace v0 {

namespace detail {
template <class P>
struct is_batch_size_policy : std::bool_constant<BatchSizePolicy<P>> {};
template <class P>
struct is_pagination_policy : std::bool_constant<PaginationPolicy<P>> {};
template <class P>
struct is_write_mode : std::bool_constant<WriteMode<P>> {};
// The pipeline decides by these at compile time. Their type tells: g++ 12 does not let P::stores be tried as a constant.
template <class P>
concept HasConstantStores = requires {
    requires std::is_same_v<decltype(&P::stores), const bool*>;
};
template <class P>
concept HasConstantAccepts = requires {
    requires std::is_same_v<decltype(&P::accepts), const bool*>;
};
template <class P>
struct is_checkpoint_policy : std::bool_constant<CheckpointPolicy<P> && HasConstantStores<P>> {};
template <class P>
struct is_duplicates_policy : std::bool_constant<fills<P, slot::duplicates> && HasConstantAccepts<P>> {};
template <class P>
struct is_consistency_policy : std::bool_constant<ConsistencyPolicy<P>> {};
template <class P>
struct is_execution_policy : std::bool_constant<ExecutionPolicy<P>> {};
} // namespace detail

/// Whether P decides on retries as a `RetryPolicy` does.
template <class P>
consteval bool explain_retry_policy() {
    constexpr bool decides = DecidesRetries<P>;
    static_assert(decides, "rowferry: this RetryPolicy lacks "
                           "`retry_decision decide(const failure&, jitter_source&) const`");
    return decides;
}
/// Whether P starts a state as a `RetryBudget` does.
template <class P>
consteval bool explain_retry_budget() {
    constexpr bool starts = StartsRetryBudget<P>;
    static_assert(starts, "rowferry: this retry budget lacks `start(time_point) const` that makes a state with "
                          "`bool take(time_point)` and `void succeeded()`");
    return starts;
}
/// Whether P starts a state as a `RateLimitPolicy` does.
template <class P>
consteval bool explain_rate_limit_policy() {
    constexpr bool starts = StartsRateLimit<P>;
    static_assert(starts, "rowferry: this RateLimitPolicy lacks `start(time_point) const` that makes a state with "
                          "`duration acquire(const batch_cost&, time_point)`");
    return starts;
}
/// Whether P starts a state as a `BatchSizePolicy` does.
template <class P>
consteval bool explain_batch_size_policy() {
    constexpr bool starts = StartsBatchSize<P>;
    static_assert(starts,
                  "rowferry: this BatchSizePolicy lacks `start(const table_estimate&) const` that makes a state "
                  "with `batch_limits next() const`, `committed(const batch_cost&)` and `failed(fault)`");
    return starts;
}
/// Whether P orders and makes pages as a `PaginationPolicy` does.
template <class P>
consteval bool explain_pagination_policy() {
    constexpr bool orders = OrdersPages<P>;
    constexpr bool pages = MakesPages<P>;
    static_assert(orders,
                  "rowferry: this PaginationPolicy lacks `result<page_order> order(const table_schema&) const`");
    static_assert(!orders || pages, "rowferry: this PaginationPolicy lacks "
                                    "`page_request next(const page_order&, const page_cursor&, batch_limits) const`");
    return orders && pages;
}
/// Whether P names its write_kind as a `WriteMode` does.
template <class P>
consteval bool explain_write_mode() {
    constexpr bool names = NamesWriteKind<P>;
    static_assert(names, "rowferry: this write mode lacks `kind`, a write_kind");
    return names;
}
/// Whether P says as a constant whether the target keeps a checkpoint, as a `CheckpointPolicy` does.
template <class P>
consteval bool explain_checkpoint_policy() {
    constexpr bool says = detail::is_checkpoint_policy<P>::value;
    static_assert(says,
                  "rowferry: this checkpoint policy lacks `static constexpr bool stores`: whether the target keeps "
                  "a checkpoint");
    return says;
}
/// Whether P says as a constant whether doubled rows are acceptable.
template <class P>
consteval bool explain_duplicates_policy() {
    constexpr bool says = detail::is_duplicates_policy<P>::value;
    static_assert(says, "rowferry: this duplicates policy lacks `static constexpr bool accepts`: whether rows may be "
                        "doubled after a lost connection");
    return says;
}

/// Whether P says as a constant whether it takes a snapshot, and what happens when that is lost, as a `ConsistencyPolicy`
/// does.
template <class P>
consteval bool explain_consistency_policy() {
    constexpr bool says = ConsistencyPolicy<P>;
    static_assert(says, "rowferry: this consistency policy lacks `static constexpr bool takes_snapshot`, or takes one "
                        "and lacks `rowferry::when_lost when_lost` and `unsigned max_restarts`");
    return says;
}

/// Whether P says as a constant whether it is concurrent, and how many workers it wants, as an `ExecutionPolicy` does.
template <class P>
consteval bool explain_execution_policy() {
    constexpr bool says = ExecutionPolicy<P>;
    static_assert(says, "rowferry: this execution policy lacks `static constexpr bool concurrent` or "
                        "`unsigned workers() const`");
    return says;
}

/// Whether a connection can be read from.
template <class C>
consteval bool explain_source() {
    constexpr bool movable = std::movable<C>;
    constexpr bool pings = Pings<C>;
    constexpr bool describes = DescribesTables<C>;
    constexpr bool reads = ReadsPages<C>;
    static_assert(movable, "rowferry: this source connection cannot be moved");
    static_assert(pings, "rowferry: this source connection lacks `result<void> ping()`");
    static_assert(describes, "rowferry: this source connection lacks "
                             "`result<std::optional<table_schema>> describe(std::string_view table)`");
    static_assert(reads, "rowferry: this source connection lacks "
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
    static_assert(movable, "rowferry: this target connection cannot be moved");
    static_assert(pings, "rowferry: this target connection lacks `result<void> ping()`");
    static_assert(describes, "rowferry: this target connection lacks "
                             "`result<std::optional<table_schema>> describe(std::string_view table)`");
    static_assert(checks, "rowferry: this target connection lacks `result<bool> is_empty(const table_schema&)`");
    static_assert(transacts, "rowferry: this target connection lacks `result<void>` begin(), commit() or rollback()");
    static_assert(writes, "rowferry: this target connection lacks "
                          "`result<write_outcome> write(const write_request&, const row_range&)`");
    return movable && pings && describes && checks && transacts && writes;
}

/// Whether a connector makes fresh connections and says where they lead.
template <class C>
consteval bool explain_connector() {
    constexpr bool connects = Connects<C>;
    constexpr bool identified = Identified<C>;
    static_assert(connects, "rowferry: this connector lacks `connect()`, which gives a result<some connection>");
    static_assert(identified, "rowferry: this connector lacks `std::string identity() const`");
    return connects && identified;
}

namespace detail {

template <class P>
consteval bool explain_policy() {
    if constexpr (fills<P, slot::retry>) {
        return explain_retry_policy<P>();
    } else if constexpr (fills<P, slot::retry_budget>) {
        return explain_retry_budget<P>();
    } else if constexpr (fills<P, slot::rate_limit>) {
        return explain_rate_limit_policy<P>();
    } else if constexpr (fills<P, slot::batch_size>) {
        return explain_batch_size_policy<P>();
    } else if constexpr (fills<P, slot::pagination>) {
        return explain_pagination_policy<P>();
    } else if constexpr (fills<P, slot::write_mode>) {
        return explain_write_mode<P>();
    } else if constexpr (fills<P, slot::checkpoint>) {
        return explain_checkpoint_policy<P>();
    } else if constexpr (fills<P, slot::duplicates>) {
        return explain_duplicates_policy<P>();
    } else if constexpr (fills<P, slot::consistency>) {
        return explain_consistency_policy<P>();
    } else if constexpr (fills<P, slot::execution>) {
        return explain_execution_policy<P>();
    } else {
        constexpr bool is_policy = !std::is_same_v<typename slot_of<P>::type, slot::unknown>;
        static_assert(is_policy, "rowferry: an argument of the pipeline is no policy: a policy names its slot with "
                                 "`using policy_slot = rowferry::slot::retry;` or another of the slots in policy.hpp");
        return is_policy;
    }
}

/// The policies that a pipeline ends up with: those given, where they are right, and else the defaults.
template <class... Ps>
struct filled_slots {
    using retry = typename pick<slot::retry, is_retry_policy, exponential_backoff, Ps...>::type;
    using budget = typename pick<slot::retry_budget, is_retry_budget, no_budget, Ps...>::type;
    using rate_limit = typename pick<slot::rate_limit, is_rate_limit_policy, unlimited, Ps...>::type;
    using batch_size = typename pick<slot::batch_size, is_batch_size_policy, adaptive_batch, Ps...>::type;
    using pagination = typename pick<slot::pagination, is_pagination_policy, keyset_pages, Ps...>::type;
    using write = typename pick<slot::write_mode, is_write_mode, insert, Ps...>::type;
    using checkpoint = typename pick<slot::checkpoint, is_checkpoint_policy, checkpoint_in_target, Ps...>::type;
    using duplicates = typename pick<slot::duplicates, is_duplicates_policy, exactly_once, Ps...>::type;
    using consistency = typename pick<slot::consistency, is_consistency_policy, each_page, Ps...>::type;
    using execution = typename pick<slot::execution, is_execution_policy, sequential, Ps...>::type;

    static constexpr bool could_double_rows =
        retries_lost_connections<retry> && !always_idempotent<write> && !checkpoint::stores && !duplicates::accepts;
};

template <class E>
consteval bool explain_extra() {
    constexpr bool known = Surrounding<E>;
    static_assert(
        known, "rowferry: an argument of copy(source, target, table, ...) is no timing (now, sleep), no stop request "
               "(stop_requested) and no observer (no hook `on` for any event of observe.hpp)");
    return known;
}

/// The rules between a pipeline and the two ends of one copy.
template <class S, class T, class Pipeline, class... Extras>
consteval bool explain_ends() {
    constexpr bool one_clock = (0 + ... + int{Timing<Extras>}) <= 1;
    static_assert(one_clock, "rowferry: two timings were given to one copy or environment: only one can be followed");
    constexpr bool extras = (one_clock && ... && explain_extra<Extras>());
    constexpr bool connectors = explain_connector<S>() && explain_connector<T>();
    if constexpr (connectors) {
        constexpr bool ends = explain_source<connection_of<S>>() && explain_target<connection_of<T>>();
        constexpr bool stores = !Pipeline::stores_checkpoint || CheckpointStore<connection_of<T>>;
        constexpr bool maximum = !IncrementalPagination<typename Pipeline::pagination_policy> ||
                                 (FindsMaximum<connection_of<S>> && FindsMaximum<connection_of<T>>);
        static_assert(
            stores,
            "rowferry: this target keeps no checkpoints (claim_, load_, save_checkpoint, forget_checkpoints): add "
            "them, or choose no_checkpoint{}");
        static_assert(maximum,
                      "rowferry: incremental_pages needs `result<value> maximum(const table_schema&, std::size_t)` "
                      "of both connections");
        constexpr bool is_shared = is_shared_snapshot<S>;
        constexpr bool snapshot = !Pipeline::takes_snapshot || is_shared || HoldsSnapshot<connection_of<S>>;
        constexpr bool one_moment = Pipeline::takes_snapshot || !is_shared;
        static_assert(snapshot, "rowferry: one_snapshot needs `result<snapshot_info> open_snapshot()` and "
                                "`bool in_snapshot() const` of the source's connection");
        static_assert(one_moment, "rowferry: this source is a shared_snapshot, and the pipeline would continue after "
                                  "its loss with rows of another moment: add one_snapshot{}");
        return extras && ends && stores && maximum && snapshot && one_moment;
    } else {
        return false;
    }
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
