// SPDX-License-Identifier: BSL-1.0
// Slots: how policies given in any order find their place in a pipeline.
//
// A policy is a plain aggregate that names its slot: `using policy_slot = rowferry::slot::retry;`. The slots are
//   retry        whether and when to try again            no_retry, fixed_delay, exponential_backoff    (retry.hpp)
//   retry_budget how many retries both sides may share     no_budget, retry_budget, circuit_breaker      (retry.hpp)
//   rate_limit   how long a batch must wait                unlimited, token_bucket, strictest(…)         (rate_limit.hpp)
//   batch_size   rows and bytes of the next batch          fixed_batch, size_tiered_batch, adaptive_batch (batch_size.hpp)
//   pagination   which page comes next                     single_page, offset_pages, keyset_pages,
//                                                          incremental_pages                             (pagination.hpp)
//   write_mode   what happens to a row that is there       insert, upsert, replace, skip_existing        (write_mode.hpp)
//   checkpoint   where the last committed key is kept      checkpoint_in_target, no_checkpoint           (checkpoint.hpp)
//   duplicates   the explicit way out of guarantee 2       accept_duplicates                             (checkpoint.hpp)
#ifndef ROWFERRY_POLICY_HPP
#define ROWFERRY_POLICY_HPP

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace rowferry {
inline namespace v0 {

namespace slot {
struct retry {};
struct retry_budget {};
struct rate_limit {};
struct batch_size {};
struct pagination {};
struct write_mode {};
struct checkpoint {};
struct duplicates {};
struct unknown {};
} // namespace slot

namespace detail {

template <class T>
concept any_slot =
    std::same_as<T, slot::retry> || std::same_as<T, slot::retry_budget> || std::same_as<T, slot::rate_limit> ||
    std::same_as<T, slot::batch_size> || std::same_as<T, slot::pagination> || std::same_as<T, slot::write_mode> ||
    std::same_as<T, slot::checkpoint> || std::same_as<T, slot::duplicates>;

template <class P>
struct slot_of {
    using type = slot::unknown;
};
template <class P>
    requires any_slot<typename P::policy_slot>
struct slot_of<P> {
    using type = typename P::policy_slot;
};

template <class P, class Slot>
concept fills = std::same_as<typename slot_of<P>::type, Slot>;

template <class Slot, class... Ps>
inline constexpr std::size_t filled_by = (std::size_t{0} + ... + std::size_t{fills<Ps, Slot>});

/// The first of Ps that fills Slot and passes Check, else Default. A policy that is wrong is replaced by the default,
/// so that the one sentence about it is not followed by pages of consequences.
template <class Slot, template <class> class Check, class Default, class... Ps>
struct pick {
    using type = Default;
};
template <class Slot, template <class> class Check, class Default, class P, class... Ps>
struct pick<Slot, Check, Default, P, Ps...> {
    using type = typename std::conditional_t<fills<P, Slot>,
                                             std::conditional<Check<P>::value, P, Default>,
                                             pick<Slot, Check, Default, Ps...>>::type;
};

/// The argument of type Wanted, or a default one.
template <class Wanted>
constexpr Wanted take() {
    return Wanted{};
}
template <class Wanted, class P, class... Ps>
constexpr Wanted take(P&& first, Ps&&... rest) {
    if constexpr (std::same_as<std::remove_cvref_t<P>, Wanted>) {
        return std::forward<P>(first);
    } else {
        return take<Wanted>(std::forward<Ps>(rest)...);
    }
}

} // namespace detail

/// True for any type that names one of the slots above.
template <class P>
concept Policy = !std::same_as<typename detail::slot_of<std::remove_cvref_t<P>>::type, slot::unknown>;

} // namespace v0
} // namespace rowferry

#endif
