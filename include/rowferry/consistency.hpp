// SPDX-License-Identifier: BSL-1.0
// Of which moment the rows of a copy are.
//
//   each_page     each page is a short read of its own: the default. A table that changes during the copy arrives as of
//                 several moments; the source keeps no former rows for it
//   one_snapshot  every row is of one moment: all pages are read inside one transaction of the source. With a
//                 shared_snapshot as the source (shared_snapshot.hpp) all tables of a job are of one moment
#ifndef ROWFERRY_CONSISTENCY_HPP
#define ROWFERRY_CONSISTENCY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/policy.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// Of which moment the rows of a copy are, as a value: the models below are its types.
enum class consistency : std::uint8_t {
    each_page,   ///< of several, where the table changed meanwhile
    one_snapshot ///< all of one
};

/// "each_page" or "one_snapshot"; a literal.
constexpr std::string_view name(consistency c) { return c == consistency::each_page ? "each_page" : "one_snapshot"; }

/// What a source says of a snapshot that it opened.
struct snapshot_info {
    std::string
        taken_at; ///< by its own clock, in UTC, as "2026-03-01 12:00:00.000001": asked for right before, so that
                  ///< whatever was committed until then is in the snapshot
};

/// What to do when the connection that holds the snapshot is lost, and the snapshot with it.
enum class when_lost : std::uint8_t {
    stop,      ///< the copy ends; what it committed is of that snapshot, and cannot be completed from another one
    start_over ///< the table is emptied and copied again from a new snapshot; tables copied before keep their moment
};

/// Each page is a read of its own: the default.
struct each_page {
    using policy_slot = slot::consistency;
    static constexpr bool takes_snapshot = false;
};

/// All pages, and the counts and maxima that a copy is planned by, come from one snapshot. The rows go across, never inside
/// the server. A full copy is never continued from another snapshot: begin with an empty target, or
/// `copy_request::truncate_target`.
struct one_snapshot {
    using policy_slot = slot::consistency;
    static constexpr bool takes_snapshot = true;
    rowferry::when_lost when_lost = rowferry::when_lost::stop; ///< start_over needs a full copy that begins in an empty
                                                               ///< target: by `insert`, or by truncate_target
    unsigned max_restarts = 3; ///< of one table; the retry policy says how long to wait before each
};

namespace detail {
template <class P>
concept SaysWhenLost = requires(const P& p) {
    { p.when_lost } -> std::convertible_to<when_lost>;
    { p.max_restarts } -> std::convertible_to<unsigned>;
};
// Its type tells whether it is a constant: see HasConstantStores in explain.hpp.
template <class P>
concept SaysWhetherSnapshot = requires {
    requires std::same_as<decltype(&P::takes_snapshot), const bool*>;
};
} // namespace detail

/// A policy for the slot `consistency`: whether all rows come from one snapshot (`takes_snapshot`, a constant), and then
/// what happens when that is lost (`when_lost`, `max_restarts`).
template <class P>
concept ConsistencyPolicy = detail::fills<P, slot::consistency> && detail::SaysWhetherSnapshot<P> &&
    (!P::takes_snapshot || detail::SaysWhenLost<P>);

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
