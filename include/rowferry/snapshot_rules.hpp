// SPDX-License-Identifier: BSL-1.0
// What a copy from one snapshot refuses before anything is changed: what the snapshot would not hold for, and what could mix
// its rows with those of another moment.
#ifndef ROWFERRY_SNAPSHOT_RULES_HPP
#define ROWFERRY_SNAPSHOT_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

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
    if (source.rows != row_home::own) {
        return refusal("the source's table " + source.name + " uses the engine " + source.engine +
                           std::string(home_clause(source.rows)) + ": a snapshot of this server does not include them",
                       {remedy{remedy::leave_snapshot}});
    }
    if (source.transactional && table_schema::same_name(source.engine, "InnoDB")) return {};
    return refusal("the source's table " + source.name + " uses the engine " + source.engine +
                       ", which keeps no snapshot: its rows would represent several points in time",
                   {remedy{remedy::change_engine}, remedy{remedy::leave_snapshot}});
}

/// Whether a loss could be answered by emptying the target's table: only if every row in it is this copy's.
inline result<void> check_start_over(const copy_plan& plan, const copy_request& request, bool can_truncate,
                                     bool is_incremental) {
    if (is_incremental) {
        return refusal("an incremental copy cannot start over when its snapshot is lost, because the target keeps the "
                       "rows of earlier runs; after a stop, the next run continues",
                       {remedy{remedy::stop_when_lost}});
    }
    if (!can_truncate) {
        return refusal("this target cannot start over when a snapshot is lost: its connection lacks `truncate`",
                       {remedy{remedy::stop_when_lost}});
    }
    if (plan.write.kind == write_kind::insert || request.truncate_target) return {};
    return refusal("with the write mode " + std::string(name(plan.write.kind)) +
                       " the copy cannot start over when its snapshot is lost, because the target's table " +
                       plan.target.name + " may hold rows that are not the copy's",
                   {remedy{remedy::empty_target}, remedy{remedy::choose_write_mode, "", "insert"},
                    remedy{remedy::stop_when_lost}});
}

/// Begins the definition of each full copy from one snapshot.
inline constexpr std::string_view snapshot_mark = "one snapshot; ";

/// A checkpoint is continued in the way it was begun: the target holds rows of one point in time, or of several.
inline result<void> check_same_consistency(const checkpoint& found, const checkpoint& wanted) {
    const bool was = found.definition.starts_with(snapshot_mark);
    if (was == wanted.definition.starts_with(snapshot_mark)) return {};
    return refusal("the checkpoint of this copy (" + found.title + ") is of a copy " +
                       (was ? "from one snapshot, and this one would continue with rows of other points in time"
                            : "that read each page by itself, and this one would continue from one snapshot"),
                   {remedy{remedy::start_over_into_empty}});
}

/// A full copy from one snapshot continues after its checkpoint only if no row was committed, since the snapshot of an
/// earlier run was lost. (An incremental copy continues: each run adds the rows of its own snapshot.)
inline result<void> check_snapshot_checkpoint(const checkpoint& found) {
    if (found.rows == 0) return {};
    return refusal("the checkpoint of this copy (" + found.title + ") counts " + std::to_string(found.rows) +
                       (found.rows == 1 ? " row" : " rows") + " from the snapshot of an earlier run, " +
                       (found.complete ? "which was copied completely"
                                       : "which ended with that run, so the rest would be of another point in time"),
                   {remedy{remedy::start_over_into_empty}});
}

/// The error of a copy that a stop request ended: how to continue.
inline error stopped_on_request(const copy_plan& plan, bool is_incremental) {
    if (plan.consistency == consistency::each_page || is_incremental) {
        return refusal("a stop was requested", {remedy{remedy::run_again}});
    }
    return refusal("a stop was requested, and the snapshot ends with this run",
                   {remedy{remedy::start_over_into_empty}});
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
