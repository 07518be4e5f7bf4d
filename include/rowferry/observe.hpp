// SPDX-License-Identifier: BSL-1.0
// Events and hooks: an observer is any object with `on(const some_event&)` for the events it cares about.
//
// Observers are given to `copy` by reference, after the table. A hook that is absent is not called and costs nothing;
// a hook must not throw. Events are views: they live as long as the call.
#ifndef ROWFERRY_OBSERVE_HPP
#define ROWFERRY_OBSERVE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// A copy is about to move its first page; everything was checked.
struct copy_started {
    std::string_view table = {};
    rowferry::route route;
    std::optional<std::uint64_t> expected_rows = {}; ///< that this run will copy; none if they were not counted
    std::uint64_t estimated_rows;                    ///< the server's own estimate for the table
    std::uint64_t resumed_rows;                      ///< committed by earlier runs
};

/// A page arrived in memory.
struct page_read {
    std::string_view table = {};
    std::uint64_t rows;
    std::uint64_t bytes;
    duration elapsed = {};
};

/// A batch is committed, with its checkpoint: from here on it is history.
struct batch_committed {
    std::string_view table = {};
    std::uint64_t rows;
    std::uint64_t bytes;
    std::uint64_t total_rows; ///< of this run
    std::uint64_t total_bytes;
    duration elapsed = {};       ///< this batch: read, waits, write and commit
    duration total_elapsed = {}; ///< this run
    const key_values& last_key;
    const key_forms& last_key_forms; ///< how it is shown: `to_string(last_key, last_key_forms)`
    std::uint64_t dropped = 0;       ///< rows that were read for it, and that a transformation dropped
    std::uint64_t total_dropped = 0; ///< of this run
};

/// Rows of a streamed pass were written. They are committed all together at its end, as a `batch_committed` says then.
struct slice_written {
    std::string_view table = {};
    std::uint64_t rows;  ///< of this pass so far: fewer than before when it began anew
    std::uint64_t bytes; ///< likewise
};

/// A connection was made.
struct connected {
    rowferry::side side;
    bool again; ///< it replaces an earlier one
};

/// An operation failed and will be tried again after `delay`.
struct retry_scheduled {
    rowferry::side side;
    const rowferry::error& error;
    unsigned attempt; ///< failed attempts so far
    duration delay = {};
};

/// An operation that had failed has succeeded.
struct recovered {
    rowferry::side side;
    std::string_view operation = {};
    unsigned attempts;    ///< including the successful one
    duration outage = {}; ///< since the first failure
};

/// The rate limit makes a batch wait.
struct throttled {
    duration wait = {};
};

/// Something that an operator should know, and that does not stop the copy.
struct notice {
    std::string_view table = {};
    std::string_view text = {};
};

/// The copy ended, in whatever way.
struct copy_finished {
    const rowferry::report& report;
};

struct verification;

/// A verification is about to compare its first range.
struct verification_started {
    std::string_view table = {};
    std::uint64_t estimated_rows; ///< the server's own estimate for the source's table
};

/// A range of the key was compared on both sides.
struct chunk_compared {
    std::string_view table = {};
    std::uint64_t rows;       ///< of the side that has more
    std::uint64_t total_rows; ///< of the source, so far
    bool equal;
};

/// The verification ended, in whatever way.
struct verification_finished {
    const rowferry::verification& report; ///< verify/report.hpp defines it
};

namespace detail {
template <class O, class Event>
concept hears = requires(O& observer, const Event& event) {
    observer.on(event);
};

template <class... Events>
struct event_list {
    template <class O>
    static constexpr bool any_heard_by = (false || ... || hears<O, Events>);
};
using all_events =
    event_list<copy_started, page_read, batch_committed, slice_written, connected, retry_scheduled, recovered,
               throttled, notice, copy_finished, verification_started, chunk_compared, verification_finished>;
} // namespace detail

/// An object with a hook for at least one event.
template <class O>
concept Observer = detail::all_events::any_heard_by<O>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
