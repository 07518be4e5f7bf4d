// SPDX-License-Identifier: BSL-1.0
// Who does the work of one table's copy, and what happens at once.
//
//   sequential    one thread reads a page and writes it, then the next: the default
//   overlapped    the next page is read while one is written: one table, one connection on each side, two threads
//   parallel      several workers, each with its own connections and key range, and each reading ahead
//
// Whatever it is, the checkpoint is one, and never ahead of what is committed: a copy that was begun in one way continues
// in any other, with any number of workers.
#ifndef ROWFERRY_EXECUTION_HPP
#define ROWFERRY_EXECUTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/policy.hpp>

#include <concepts>

namespace rowferry {
inline namespace v0 {

/// A policy for the slot `execution`: whether more than one thread is used (`concurrent`, a constant), and `workers()`, how
/// many ranges of the key are copied at once.
///
/// With `concurrent` connectors and timing are used by several threads at once and have to allow it, as all of rowferry's do
/// (two handles on one `shared_snapshot` do not: its pages are read by one worker). Observers hear one event at a time,
/// from whichever thread.
template <class P>
concept ExecutionPolicy = detail::fills<P, slot::execution> && requires(const P& p) {
    requires std::same_as<decltype(&P::concurrent), const bool*>;
    { p.workers() } -> std::convertible_to<unsigned>;
};

/// Everything in the calling thread, one thing after another.
struct sequential {
    using policy_slot = slot::execution;
    static constexpr bool concurrent = false;
    [[nodiscard]] static constexpr unsigned workers() { return 1; }
};

/// Reads one page ahead of the writer; memory holds two pages.
struct overlapped {
    using policy_slot = slot::execution;
    static constexpr bool concurrent = true;
    [[nodiscard]] static constexpr unsigned workers() { return 1; }
};

/// `jobs` workers at most, over ranges of the key that hold about the same number of rows: a worker that has nothing left to
/// do takes half of the largest range. Needs `keyset_pages` and a source without `one_snapshot`; what cannot be split is
/// copied by one worker, and a notice says so. Memory holds two pages for each worker.
struct parallel {
    using policy_slot = slot::execution;
    static constexpr bool concurrent = true;
    unsigned jobs = 2;
    [[nodiscard]] constexpr unsigned workers() const { return jobs == 0 ? 1 : jobs; }
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
