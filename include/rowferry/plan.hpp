// SPDX-License-Identifier: BSL-1.0
// What is asked of a copy, and what it is going to do: decided before anything is changed.
#ifndef ROWFERRY_PLAN_HPP
#define ROWFERRY_PLAN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/column_choice.hpp>
#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/report.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_way.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// What to copy, and how to begin.
struct copy_request {
    std::string table = {};
    std::string target_table = {}; ///< empty: the same name
    bool resume = true;            ///< continue after the job's checkpoint; false forgets it and starts over
    bool truncate_target = false;  ///< empty the target table, and forget the checkpoint, before the first row
    bool accept_triggers = false;  ///< copy although the target's triggers may change rows, or write elsewhere
    /// Lenient: what the target computes by itself, as generated columns and checks, comes out as it does without strict mode,
    /// as in a source that was filled so. A value of a column that is copied and would change is an error all the same.
    strictness computes = strictness::strict;
    bool count_rows = false; ///< count what is to be copied, for progress and time left
    std::chrono::milliseconds count_limit = std::chrono::seconds(3); ///< no count when it takes longer; 0 waits for it
    /// INSERT … SELECT inside the server when source and target are one: where both connectors name the same address, and the
    /// servers prove to be one.
    bool server_side = true;
    /// Says that two addresses lead to one server, as a socket and a port: then rows are copied inside it, too, where the
    /// servers prove to be one. Refused where they do not. The target's user reads the source's database then. Where the
    /// rows go across all the same (a filter, a snapshot, a table without a key), a notice says why.
    bool one_server = false;
    /// Only the rows for which this holds, as one SQL expression over the source's columns; empty is all rows.
    ///
    /// The one place where SQL passes through: the source's server reads it, nothing else does. Plain text literals are
    /// UTF-8, and times are UTC. It has to give the same answer for a row each time: with RAND(), NOW() or a user
    /// variable it is undefined which rows are copied. Needs `ChecksFilters` of the source's connection.
    std::string where = {};
    /// Which source columns go into which target columns; empty is all of them, by name. See column_choice.hpp.
    std::vector<column_pair> columns = {};
    bool create_target = false;      ///< create the target table, if it is missing, with the source's definition
    definition_changes changes = {}; ///< what such a clone may have otherwise than the source
    /// Copy a table without a key too: by one pass in one transaction into an empty table, which begins anew after each
    /// failure. Tables with a key are paged as usual. Needs `StreamsRows` of the source's connection.
    bool keyless = false;
    /// By which means rows are written on the route across. One that the target cannot go is refused; another one than
    /// `automatic` needs `ChoosesWriteWay` of the target's connection.
    write_way way = write_way::automatic;
    /// Whether all connections to the source have to lead to one server, where that can be told: another one may hold another
    /// state of the rows. It stops a full copy, and is a notice in an incremental one, which continues after its
    /// checkpoint. False is for pools of servers with equal data: then it is a notice.
    bool same_server = true;
    /// Who answered as the source before this copy; unknown: the first to answer now
    server_identity source_server = {};
    /// What the source is called in the job's checkpoint; empty: as the connector's identity says. A copy is continued only by one
    /// whose source has the same name: give the earlier name where another host holds the same rows. Whether it does, and up to
    /// the rows that were copied, is not checked.
    std::string source_name = {};
    /// Whether a copy follows this plan at once: then the plan asks for all rights, also by what takes a lock on the target's
    /// table for a moment, and has the server try the definition of a table that is missing. A copy asks for all rights, too,
    /// and creates the table itself.
    bool is_carried_out = false;
};

/// What was decided.
struct copy_plan {
    table_schema source = {};
    table_schema target = {};
    column_match columns;
    page_order order = {};
    std::vector<std::size_t> order_cells = {}; ///< where the order's columns stand among `read_columns`
    write_request write;                       ///< `write.table` is filled in when the plan is carried out
    checkpoint entry = {}; ///< the job's checkpoint, as found or as it will begin, with this run's name
    bool resumed = false;  ///< a checkpoint of an earlier run was found
    std::vector<std::string> earlier_runs = {}; ///< whose checkpoint was found
    page_cursor start;
    bool from_first_row = false; ///< incremental only: the lag reaches back before all rows
    bool nothing_to_do = false;  ///< incremental: no row has a value in the watermark column; keyless: all was copied
    rowferry::route route = rowferry::route::across;
    std::string source_database = {};                ///< server-side only
    std::optional<std::uint64_t> expected_rows = {}; ///< that this run will copy
    std::uint64_t null_watermarks = 0;
    std::vector<std::string> notices = {}; ///< what an operator should know
    bool has_chosen_columns = false;       ///< not simply all of them
    bool accepts_triggers = false;         ///< of the target
    std::string filter = {};               ///< of every page and count of the source; empty is none
    /// Of the source: the copied ones, then those that only order pages; and all others, where rows are transformed.
    std::vector<std::size_t> read_columns = {};
    rowferry::consistency consistency = rowferry::consistency::each_page;
    std::optional<new_table> creates = {}; ///< the target table, when it is missing: `target` is what it will be
    /// Those of `copy_request::changes` that the source's definition has a place for; none where that was not found out.
    std::optional<definition_changes> used_changes = {};
    bool streams = false; ///< there is no key to page by: all rows in one pass and one transaction
    /// Columns of the page order that may be NULL: rows with a NULL there come after all pages, in one pass.
    std::vector<std::size_t> nullable = {};
    std::string time_zone = {};      ///< in which points in time are read and written; empty is UTC
    std::string transformation = {}; ///< what the source's rows pass through, by its name; empty for nothing
    bool reopens_target = false;     ///< before the first write: the target's own settings compute other values
};

namespace detail {
/// The page of a plan's rows after a cursor; its columns are the caller's to choose.
template <class Pagination>
page_request page_after(const copy_plan& plan, const Pagination& pages, const page_cursor& cursor,
                        batch_limits limits) {
    page_request made = pages.next(plan.order, cursor, limits);
    made.table = &plan.source;
    made.filter = plan.filter;
    made.nullable = plan.nullable;
    return made;
}
/// What a page is ordered by.
inline std::vector<std::size_t> ordering_columns(const copy_plan& plan) {
    std::vector<std::size_t> columns;
    for (const key_part& part : plan.order.parts) columns.push_back(part.column);
    return columns;
}
} // namespace detail

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
