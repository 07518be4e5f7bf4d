// SPDX-License-Identifier: BSL-1.0
// Slots: how policies given in any order find their place in a pipeline.
//
// A policy is a plain aggregate that names its slot: `using policy_slot = rowferry::slot::retry;`. The slots are
//   retry        whether and when to try again            no_retry, fixed_delay, exponential_backoff    (retry.hpp)
//   retry_budget how many retries both sides may share     no_budget, retry_budget, circuit_breaker      (retry.hpp)
//   rate_limit   how long a batch must wait                unlimited, token_bucket, strictest(…),
//                                                          only_between                          (rate_limit.hpp)
//   batch_size   rows and bytes of the next batch          fixed_batch, size_tiered_batch, adaptive_batch (batch_size.hpp)
//   pagination   which page comes next                     single_page, offset_pages, keyset_pages,
//                                                          incremental_pages                             (pagination.hpp)
//   write_mode   what happens to a row that is there       insert, upsert, replace, skip_existing        (write_mode.hpp)
//   checkpoint   where the last committed key is kept      checkpoint_in_target, no_checkpoint           (checkpoint.hpp)
//   duplicates   the explicit way out of guarantee 2       accept_duplicates                             (checkpoint.hpp)
//   consistency  of which moment the rows are              each_page, one_snapshot                       (consistency.hpp)
//   execution    what happens at once                      sequential, overlapped, parallel              (execution.hpp)
#ifndef ROWFERRY_POLICY_HPP
#define ROWFERRY_POLICY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace rowferry {
inline namespace v0 {

/// Tags, empty: each names what the policies of its slot decide.
namespace slot {
struct retry {};        ///< whether and when to try again
struct retry_budget {}; ///< how many retries both sides may share
struct rate_limit {};   ///< how long a batch must wait
struct batch_size {};   ///< rows and bytes of the next batch
struct pagination {};   ///< which page comes next
struct write_mode {};   ///< what happens to a row that is there
struct checkpoint {};   ///< where the last committed key is kept
struct duplicates {};   ///< whether doubled rows are acceptable
struct consistency {};  ///< of which moment the rows are
struct execution {};    ///< what happens at once
struct unknown {};      ///< none of these: of a type that is no policy
} // namespace slot

namespace detail {

template <class T, class... Slots>
inline constexpr bool is_one_of = (false || ... || std::is_same_v<T, Slots>);

template <class T>
inline constexpr bool is_slot =
    is_one_of<T, slot::retry, slot::retry_budget, slot::rate_limit, slot::batch_size, slot::pagination,
              slot::write_mode, slot::checkpoint, slot::duplicates, slot::consistency, slot::execution>;

// Plain traits, not concepts: g++ 12 with sanitizers gets a cached concept wrong here (seen with no_checkpoint).
template <class P, class = void>
struct slot_of {
    using type = slot::unknown;
};
template <class P>
struct slot_of<P, std::void_t<typename P::policy_slot>> {
    using type = std::conditional_t<is_slot<typename P::policy_slot>, typename P::policy_slot, slot::unknown>;
};

template <class P, class Slot>
concept fills = std::is_same_v<typename slot_of<P>::type, Slot>;

template <class Slot, class... Ps>
inline constexpr std::size_t filled_by = (std::size_t{0} + ... +
                                          std::size_t{std::is_same_v<typename slot_of<Ps>::type, Slot>});

/// The first of Ps that fills Slot and passes Check, else Default. A policy that is wrong is replaced by the default,
/// so that the one sentence about it is not followed by pages of consequences.
template <class Slot, template <class> class Check, class Default, class... Ps>
struct pick {
    using type = Default;
};
template <class Slot, template <class> class Check, class Default, class P, class... Ps>
struct pick<Slot, Check, Default, P, Ps...> {
    using type =
        typename std::conditional_t<std::is_same_v<typename slot_of<P>::type, Slot>,
                                    std::conditional<Check<P>::value && std::is_copy_constructible_v<P>, P, Default>,
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
concept Policy = !std::is_same_v<typename detail::slot_of<std::remove_cvref_t<P>>::type, slot::unknown>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
