// SPDX-License-Identifier: BSL-1.0
// What a copy from one snapshot refuses before anything is changed: what the snapshot would not hold for, and what could mix
// its rows with those of another moment.
#ifndef ROWFERRY_SNAPSHOT_RULES_HPP
#define ROWFERRY_SNAPSHOT_RULES_HPP

#include <rowferry/checkpoint.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Only InnoDB keeps the rows as they were for everybody who still looks at them.
inline result<void> check_snapshot_engine(const table_schema& source) {
    if (source.transactional && table_schema::same_name(source.engine, "InnoDB")) return {};
    return refusal("the source's table " + source.name + " uses the engine " + source.engine +
                   ", which keeps no snapshot: its rows would be of several moments; alter it to InnoDB, or copy it "
                   "without one snapshot");
}

/// Whether a loss could be answered by emptying the target's table: only if every row in it is this copy's.
inline result<void> check_start_over(const copy_plan& plan, const copy_request& request, bool can_truncate,
                                     bool is_incremental) {
    if (is_incremental) {
        return refusal("an incremental copy cannot start over when its snapshot is lost, because the target keeps the "
                       "rows of earlier runs: let it stop then, and run it again, which continues");
    }
    if (!can_truncate) {
        return refusal("this target cannot start over when a snapshot is lost: its connection lacks `truncate`");
    }
    if (plan.write.kind == write_kind::insert || request.truncate_target) return {};
    return refusal(
        "with the write mode " + std::string(name(plan.write.kind)) +
        " the copy cannot start over when its snapshot is lost, because the target's table " + plan.target.name +
        " may hold rows that are not the copy's: empty it first, or choose the write mode insert, or let the "
        "copy stop then");
}

/// Begins the definition of each full copy from one snapshot.
inline constexpr std::string_view snapshot_mark = "one snapshot; ";

/// A checkpoint is not continued in another way than it was begun: what is in the target is of one moment, or of several.
inline result<void> check_same_consistency(const checkpoint& found, const checkpoint& wanted) {
    const bool was = found.definition.starts_with(snapshot_mark);
    if (was == wanted.definition.starts_with(snapshot_mark)) return {};
    return refusal("the checkpoint of this copy (" + found.title + ") is of a copy " +
                   (was ? "from one snapshot, and this one would go on with rows of other moments"
                        : "that read each page by itself, and this one would go on from one snapshot") +
                   ": start over without resuming, into an empty target table");
}

/// A full copy from one snapshot goes on behind its checkpoint only if no row was committed, since the snapshot of an
/// earlier run is gone. (An incremental copy goes on: each run adds the rows of its own snapshot.)
inline result<void> check_snapshot_checkpoint(const checkpoint& found) {
    if (found.rows == 0) return {};
    return refusal("the checkpoint of this copy (" + found.title + ") tells of " + std::to_string(found.rows) +
                   (found.rows == 1 ? " row" : " rows") + " from the snapshot of an earlier run, " +
                   (found.complete ? "which was copied completely"
                                   : "and that snapshot is gone, so that the rest would be of another moment") +
                   ": to copy the table as it is now, start over without resuming, into an empty target table");
}

/// What a stop leaves behind.
inline std::string after_stop(const copy_plan& plan, bool is_incremental) {
    if (plan.consistency == consistency::each_page || is_incremental) return "run the copy again to continue";
    return "the snapshot ends with this run, so that a copy as of one moment has to start over without resuming, into "
           "an "
           "empty target table";
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
