// SPDX-License-Identifier: BSL-1.0
// The policy concepts, both ways: every model fits its slot and no other, and look-alikes do not fit.
#include <rowferry/rowferry.hpp>

#include <type_traits>

namespace rf = rowferry;

static_assert(rf::RetryPolicy<rf::no_retry> && rf::RetryPolicy<rf::fixed_delay>);
static_assert(rf::RetryPolicy<rf::exponential_backoff> && !rf::RetryPolicy<rf::unlimited>);
static_assert(rf::RetryBudget<rf::no_budget> && rf::RetryBudget<rf::retry_budget>);
static_assert(rf::RetryBudget<rf::circuit_breaker> && !rf::RetryBudget<rf::no_retry>);
static_assert(rf::RateLimitPolicy<rf::unlimited> && rf::RateLimitPolicy<rf::token_bucket>);
static_assert(rf::RateLimitPolicy<rf::strictest_limit<rf::token_bucket, rf::unlimited>>);
static_assert(rf::BatchSizePolicy<rf::fixed_batch> && rf::BatchSizePolicy<rf::size_tiered_batch>);
static_assert(rf::BatchSizePolicy<rf::adaptive_batch> && !rf::BatchSizePolicy<rf::keyset_pages>);
static_assert(rf::PaginationPolicy<rf::single_page> && rf::PaginationPolicy<rf::offset_pages>);
static_assert(rf::PaginationPolicy<rf::keyset_pages> && rf::PaginationPolicy<rf::incremental_pages>);
static_assert(rf::IncrementalPagination<rf::incremental_pages> && !rf::IncrementalPagination<rf::keyset_pages>);
static_assert(rf::WriteMode<rf::insert> && rf::WriteMode<rf::upsert> && rf::WriteMode<rf::replace>);
static_assert(rf::WriteMode<rf::skip_existing> && rf::WriteMode<rf::chosen_write_mode>);
static_assert(rf::CheckpointPolicy<rf::checkpoint_in_target> && rf::CheckpointPolicy<rf::no_checkpoint>);
static_assert(rf::Policy<rf::accept_duplicates> && rf::Policy<rf::exactly_once>);
static_assert(rf::ConsistencyPolicy<rf::each_page> && rf::ConsistencyPolicy<rf::one_snapshot>);
static_assert(!rf::ConsistencyPolicy<rf::exactly_once> && rf::explain_consistency_policy<rf::one_snapshot>());
static_assert(rf::pipeline<rf::one_snapshot>::takes_snapshot && !rf::pipeline<>::takes_snapshot);
static_assert(!rf::Policy<int> && !rf::Policy<rf::steady_timing>);

// A type in the right slot without the right members, and one with the members but in no slot.
struct retry_without_decide {
    using policy_slot = rf::slot::retry;
};
struct decide_without_slot {
    rf::retry_decision decide(const rf::failure&, rf::jitter_source&) const { return {}; }
};
struct slot_of_our_own {
    using policy_slot = int;
};
static_assert(rf::Policy<retry_without_decide> && !rf::RetryPolicy<retry_without_decide>);
static_assert(rf::DecidesRetries<decide_without_slot> && !rf::RetryPolicy<decide_without_slot>);
static_assert(!rf::Policy<slot_of_our_own>);

// A user's own policies.
struct patient {
    using policy_slot = rf::slot::retry;
    rf::retry_decision decide(const rf::failure&, rf::jitter_source&) const {
        return rf::retry_decision::after(std::chrono::seconds(1));
    }
};
struct keeps_a_file {
    using policy_slot = rf::slot::checkpoint;
    static constexpr bool stores = false;
};
static_assert(rf::explain_retry_policy<patient>());
static_assert(rf::explain_checkpoint_policy<keeps_a_file>());
static_assert(rf::explain_checkpoint_policy<rf::checkpoint_in_target>());
static_assert(rf::explain_checkpoint_policy<rf::no_checkpoint>());
static_assert(rf::explain_duplicates_policy<rf::exactly_once>());
static_assert(rf::explain_duplicates_policy<rf::accept_duplicates>());
static_assert(rf::retries_lost_connections<patient> && !rf::retries_lost_connections<rf::no_retry>);

// Surroundings.
struct deaf {
    void on(int) {}
};
struct listener {
    void on(const rf::notice&) {}
};
static_assert(rf::Timing<rf::steady_timing> && !rf::Timing<patient>);
static_assert(rf::Observer<listener> && !rf::Observer<deaf> && !rf::Surrounding<deaf>);

// Policies are aggregates, and empty ones cost nothing.
static_assert(std::is_aggregate_v<rf::exponential_backoff> && std::is_aggregate_v<rf::token_bucket>);
static_assert(std::is_aggregate_v<rf::adaptive_batch> && std::is_aggregate_v<rf::incremental_pages>);
static_assert(sizeof(rf::pipeline{rf::no_retry{}, rf::fixed_batch{}}) == sizeof(rf::fixed_batch));

// The order of policies does not matter.
using one_way = decltype(rf::pipeline{rf::upsert{}, rf::no_retry{}});
using other_way = decltype(rf::pipeline{rf::no_retry{}, rf::upsert{}});
static_assert(std::is_same_v<one_way::retry_policy, other_way::retry_policy>);
static_assert(std::is_same_v<one_way::write_policy, other_way::write_policy>);
static_assert(std::is_same_v<rf::pipeline<>::retry_policy, rf::exponential_backoff>);
static_assert(std::is_same_v<rf::pipeline<>::pagination_policy, rf::keyset_pages>);

// The errno table is usable at compile time.
static_assert(rf::classify(1213) == rf::fault::rolled_back && rf::classify(2013) == rf::fault::connection_lost);
static_assert(rf::classify(1062) == rf::fault::data && rf::classify(1146) == rf::fault::permanent);
