// SPDX-License-Identifier: BSL-1.0
// One sentence for each rule that a policy may break, said at compile time. Assert these beside your own policies:
//
//   static_assert(rowferry::explain_retry_policy<my_retry>());
//
// Each is true when all is well, and otherwise stops the compiler with the sentence of the first rule that is broken.
#ifndef ROWFERRY_EXPLAIN_POLICY_HPP
#define ROWFERRY_EXPLAIN_POLICY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/execution.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/write_mode.hpp>

#include <concepts>
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

/// What every policy is, whatever it decides. Each `explain_…_policy` asks this first.
template <class P, class Slot>
consteval bool explain_any_policy() {
    constexpr bool has_slot = fills<P, Slot>;
    constexpr bool is_value = std::is_copy_constructible_v<P>;
    static_assert(has_slot, "rowferry: this type is not a policy for that slot: it lacks `using policy_slot = "
                            "rowferry::slot::…;` with the slot's name, as policy.hpp lists them");
    static_assert(!has_slot || is_value, "rowferry: this policy cannot be copied: a policy is a plain value, and what "
                                         "changes during a copy belongs to the state that it starts");
    return has_slot && is_value;
}

} // namespace detail

/// Whether P decides on retries as a `RetryPolicy` does.
template <class P>
consteval bool explain_retry_policy() {
    if constexpr (detail::explain_any_policy<P, slot::retry>()) {
        constexpr bool decides = DecidesRetries<P>;
        constexpr bool otherwise = !decides && requires(P & p, const failure& f, jitter_source& jitter) {
            p.decide(f, jitter);
        };
        static_assert(!otherwise, "rowferry: `decide` of this RetryPolicy is not const, or gives no retry_decision");
        static_assert(decides || otherwise, "rowferry: this RetryPolicy lacks "
                                            "`retry_decision decide(const failure&, jitter_source&) const`");
        return decides;
    } else {
        return false;
    }
}
/// Whether P starts a state as a `RetryBudget` does.
template <class P>
consteval bool explain_retry_budget() {
    if constexpr (detail::explain_any_policy<P, slot::retry_budget>()) {
        constexpr bool starts = StartsRetryBudget<P>;
        constexpr bool otherwise = !starts && requires(P & p, time_point now) { p.start(now); };
        static_assert(!otherwise, "rowferry: `start` of this retry budget is not const, or its state lacks "
                                  "`bool take(time_point)` or `void succeeded()`");
        static_assert(starts || otherwise,
                      "rowferry: this retry budget lacks `start(time_point) const` that makes a state "
                      "with `bool take(time_point)` and `void succeeded()`");
        return starts;
    } else {
        return false;
    }
}
/// Whether P starts a state as a `RateLimitPolicy` does.
template <class P>
consteval bool explain_rate_limit_policy() {
    if constexpr (detail::explain_any_policy<P, slot::rate_limit>()) {
        constexpr bool starts = StartsRateLimit<P>;
        constexpr bool otherwise = !starts && requires(P & p, time_point now) { p.start(now); };
        static_assert(!otherwise, "rowferry: `start` of this RateLimitPolicy is not const, or its state lacks "
                                  "`duration acquire(const batch_cost&, time_point)`");
        static_assert(starts || otherwise,
                      "rowferry: this RateLimitPolicy lacks `start(time_point) const` that makes a "
                      "state with `duration acquire(const batch_cost&, time_point)`");
        return starts;
    } else {
        return false;
    }
}
/// Whether P starts a state as a `BatchSizePolicy` does.
template <class P>
consteval bool explain_batch_size_policy() {
    if constexpr (detail::explain_any_policy<P, slot::batch_size>()) {
        constexpr bool starts = StartsBatchSize<P>;
        constexpr bool otherwise = !starts && requires(P & p, const table_estimate& table) { p.start(table); };
        static_assert(!otherwise,
                      "rowferry: `start` of this BatchSizePolicy is not const, or its state lacks `batch_limits "
                      "next() const`, `committed(const batch_cost&)` or `failed(fault)`");
        static_assert(starts || otherwise,
                      "rowferry: this BatchSizePolicy lacks `start(const table_estimate&) const` that makes a state "
                      "with `batch_limits next() const`, `committed(const batch_cost&)` and `failed(fault)`");
        return starts;
    } else {
        return false;
    }
}
/// Whether P orders and makes pages as a `PaginationPolicy` does.
template <class P>
consteval bool explain_pagination_policy() {
    if constexpr (detail::explain_any_policy<P, slot::pagination>()) {
        constexpr bool orders = OrdersPages<P>;
        constexpr bool pages = MakesPages<P>;
        constexpr bool orders_otherwise = !orders && requires(P & p, const table_schema& table) { p.order(table); };
        constexpr bool pages_otherwise =
            orders && !pages &&
            requires(P & p, const page_order& order, const page_cursor& cursor, batch_limits limits) {
            p.next(order, cursor, limits);
        };
        static_assert(!orders_otherwise, "rowferry: `order` of this PaginationPolicy is not const, or gives no "
                                         "result<page_order>");
        static_assert(!pages_otherwise,
                      "rowferry: `next` of this PaginationPolicy is not const, or gives no page_request");
        static_assert(orders || orders_otherwise,
                      "rowferry: this PaginationPolicy lacks `result<page_order> order(const "
                      "table_schema&) const`");
        static_assert(!orders || pages || pages_otherwise,
                      "rowferry: this PaginationPolicy lacks "
                      "`page_request next(const page_order&, const page_cursor&, batch_limits) const`");
        return orders && pages;
    } else {
        return false;
    }
}
/// Whether P names its write_kind as a `WriteMode` does.
template <class P>
consteval bool explain_write_mode() {
    if constexpr (detail::explain_any_policy<P, slot::write_mode>()) {
        constexpr bool names = NamesWriteKind<P>;
        static_assert(names, "rowferry: this write mode lacks `kind`, a write_kind");
        return names;
    } else {
        return false;
    }
}
/// Whether P says as a constant whether the target keeps a checkpoint, as a `CheckpointPolicy` does.
template <class P>
consteval bool explain_checkpoint_policy() {
    if constexpr (detail::explain_any_policy<P, slot::checkpoint>()) {
        constexpr bool says = detail::is_checkpoint_policy<P>::value;
        static_assert(says,
                      "rowferry: this checkpoint policy lacks `static constexpr bool stores`: whether the target keeps "
                      "a checkpoint");
        return says;
    } else {
        return false;
    }
}
/// Whether P says as a constant whether doubled rows are acceptable.
template <class P>
consteval bool explain_duplicates_policy() {
    if constexpr (detail::explain_any_policy<P, slot::duplicates>()) {
        constexpr bool says = detail::is_duplicates_policy<P>::value;
        static_assert(says,
                      "rowferry: this duplicates policy lacks `static constexpr bool accepts`: whether rows may be "
                      "doubled after a lost connection");
        return says;
    } else {
        return false;
    }
}
/// Whether P says as a constant whether it takes a snapshot, and what happens when that is lost, as a `ConsistencyPolicy`
/// does.
template <class P>
consteval bool explain_consistency_policy() {
    if constexpr (detail::explain_any_policy<P, slot::consistency>()) {
        constexpr bool says = ConsistencyPolicy<P>;
        static_assert(says,
                      "rowferry: this consistency policy lacks `static constexpr bool takes_snapshot`, or takes one "
                      "and lacks `rowferry::when_lost when_lost` and `unsigned max_restarts`");
        return says;
    } else {
        return false;
    }
}
/// Whether P says as a constant whether it is concurrent, and how many workers it wants, as an `ExecutionPolicy` does.
template <class P>
consteval bool explain_execution_policy() {
    if constexpr (detail::explain_any_policy<P, slot::execution>()) {
        constexpr bool says = ExecutionPolicy<P>;
        static_assert(says, "rowferry: this execution policy lacks `static constexpr bool concurrent` or "
                            "`unsigned workers() const`");
        return says;
    } else {
        return false;
    }
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
        static_assert(is_policy, "rowferry: an argument of the pipeline is not a policy: a policy names its slot with "
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

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
