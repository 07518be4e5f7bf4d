// SPDX-License-Identifier: BSL-1.0
// One suite for every kind of connection: the double keeps to it, and so do real servers.
//
// A world is what the checks run in, made anew for each of them:
//   connector()                              to an empty database
//   neighbour()                              to another database on the same server
//   stranger()                               to a database on another server
//   create(table, columns, primary_key, unique_keys)   columns as in CREATE TABLE; key columns may be "a(4)" and end in " desc"
//   insert(table, row)                       committed at once
//   rows(table)                              what is committed, in the order of the primary key
//   end_transaction(connection)              undoes what the connection has begun, and does not tell it
//   turn_into_view(table)                    puts a view in its place
//   add_system_versioning(table)             the table keeps its former rows; false where there is no such thing
//   create_next_door, insert_next_door       the same in the neighbouring database
#ifndef ROWFERRY_TESTS_CONTRACT_CONTRACT_HPP
#define ROWFERRY_TESTS_CONTRACT_CONTRACT_HPP

#include "contract/bookkeeping.hpp"
#include "contract/describing.hpp"
#include "contract/digesting.hpp"
#include "contract/key_order.hpp"
#include "contract/reading.hpp"
#include "contract/snapshots.hpp"
#include "contract/writing.hpp"

#include <rowferry/testing/column_type.hpp>

#include <string>
#include <utility>
#include <vector>

namespace contract {

/// As a world is told of columns and of unique keys: names, and types or columns.
using columns = std::vector<rf::testing::column_definition>;
using unique_keys = std::vector<std::pair<std::string, std::vector<std::string>>>;

template <class World>
struct check {
    const char* name;
    void (*run)(World&);
};

/// The rules of whoever writes, by name.
template <class World>
const std::vector<check<World>>& writing_checks() {
    static const std::vector<check<World>> all{
        {"insert refuses duplicates of any key", insert_refuses_duplicates<World>},
        {"upsert sets the row that has a key", upsert_sets_the_row<World>},
        {"upsert leaves the columns that are not written", upsert_leaves_other_columns<World>},
        {"upsert keeps what an update would set", upsert_keeps_what_an_update_would_set<World>},
        {"replace deletes what is in the way", replace_deletes_what_is_in_the_way<World>},
        {"skip_existing passes duplicates of its key only", skip_existing_passes_its_key_only<World>},
        {"values that do not fit are refused", refuses_values_that_do_not_fit<World>},
        {"NULL, empty text, NUL bytes and id 0 are kept apart", keeps_values_apart<World>},
        {"others see what is committed, and nothing else", others_see_what_is_committed<World>},
        {"a lost connection loses its transaction", a_lost_connection_loses_its_transaction<World>},
        {"a failed statement leaves the transaction", a_failed_statement_leaves_the_transaction<World>},
        {"a transaction that ended is noticed by the next statement", a_transaction_that_ended_is_noticed<World>},
        {"writing to a missing table is permanent", writing_what_is_not_there<World>},
    };
    return all;
}

/// Every other rule of the contract, by name.
template <class World>
const std::vector<check<World>>& checks() {
    static const std::vector<check<World>> all{
        {"describe gives columns, keys and indexes", describes_tables<World>},
        {"describe gives none for a table that is missing", describes_no_table<World>},
        {"describe gives all unique indexes", describes_unique_indexes<World>},
        {"describe says what is no base table", describes_what_a_table_is<World>},
        {"describe gives a versioned table's key as its readers see it", describes_a_versioned_table<World>},
        {"pages follow signed ids, from the least on", pages_follow_signed_ids<World>},
        {"page bounds are inclusive or not", bounds_are_inclusive_or_not<World>},
        {"an estimate of a page's rows goes by its bounds", estimates_go_by_the_bounds<World>},
        {"composite keys: full bounds, prefixes, a descending part", composite_keys_and_prefixes<World>},
        {"page bounds need an order", bounds_need_an_order<World>},
        {"keys in descending order", keys_in_descending_order<World>},
        {"text keys follow their collation", text_keys_follow_their_collation<World>},
        {"keys of other types: 64-bit unsigned, DECIMAL, bytes, time", keys_of_other_types<World>},
        {"keys that sort otherwise than they compare: ENUM, SET, DOUBLE, BIT", keys_that_sort_otherwise<World>},
        {"composite keys with ENUM and SET", composite_keys_with_positions<World>},
        {"keys over a prefix", keys_over_a_prefix<World>},
        {"an order that is no key's: ties, and NULLs", orders_with_nulls<World>},
        {"pages have limits: rows, bytes, offset", pages_have_limits<World>},
        {"pages name their columns; tables without a key", pages_name_their_columns<World>},
        {"a stream comes in slices, and ends early on a connection that is lost or in a snapshot",
         streams_in_slices<World>},
        {"reading a missing table or by a missing key is permanent", reading_what_is_not_there<World>},
        {"checkpoints are kept, field by field", checkpoints_are_kept<World>},
        {"checkpoints belong to the transaction", checkpoints_belong_to_the_transaction<World>},
        {"checkpoints fence stale runs", checkpoints_fence_stale_runs<World>},
        {"a run forgets its own checkpoint", a_run_forgets_its_own_checkpoint<World>},
        {"checkpoints are listed and dropped", checkpoints_are_listed_and_dropped<World>},
        {"claims start over", claims_start_over<World>},
        {"claims alone", claims_alone<World>},
        {"count: all, behind bounds, NULLs", counts_rows<World>},
        {"maximum: numbers, times, none", finds_the_maximum<World>},
        {"truncate and tables", truncates_and_lists_tables<World>},
        {"is_same_server is proved", knows_its_own_server<World>},
        {"copy_page copies inside the server", copies_inside_the_server<World>},
        {"copy_page keeps what an update would set", copies_keep_what_an_update_would_set<World>},
        {"snapshots are of one moment", snapshots_are_of_one_moment<World>},
        {"snapshots end with their transaction", snapshots_end_with_their_transaction<World>},
        {"checksums tell sets of rows apart", checksums_tell_sets_of_rows_apart<World>},
        {"checksums count equal rows without a key", checksums_count_equal_rows<World>},
        {"digests choose rows by their NULLs", digests_choose_rows_by_their_nulls<World>},
        {"digests come by key", digests_come_by_key<World>},
        {"rows are found and removed by key", rows_are_found_and_removed_by_key<World>},
    };
    return all;
}

/// Runs each check as a section of its own, in a world of its own.
template <class World>
void run_each(const std::vector<check<World>>& all) {
    for (const check<World>& each : all) {
        SECTION(each.name) {
            World world;
            each.run(world);
        }
    }
}
/// The whole contract.
template <class World>
void keep() {
    run_each(checks<World>());
    run_each(writing_checks<World>());
}
/// What it says of writing.
template <class World>
void keep_writing() {
    run_each(writing_checks<World>());
}

} // namespace contract

#endif
