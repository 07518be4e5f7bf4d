// SPDX-License-Identifier: BSL-1.0
// Each row of the design's table "The replicator's methods, and where they live now", by the name of its row.
#include "catch.hpp"
#include "worlds.hpp"

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::operation;
using worlds::two_databases;

TEST_CASE("ConnectionManager, execute_with_retry, create_connection_manager: connection_manager and its run") {
    two_databases world(3);
    const rf::environment surroundings(world.timing, world.events);
    auto manager =
        rf::make_connection_manager(world.source, surroundings, rf::fixed_delay{.max_attempts = 3, .delay = 2s},
                                    rf::token_bucket{.rows_per_second = 10, .burst = 100ms});
    int runs = 0;
    world.source.fail_next(operation::ping, rf::fault::connection_lost);
    auto op = [&](rf::testing::fake_connection& connection) {
        ++runs;
        return connection.ping();
    };
    CHECK(manager.run("check", op));
    CHECK(runs == 2);
    CHECK(manager.stats().retry_count(rf::fault::connection_lost) == 1);
    CHECK(manager.stats().connects == 2);
    CHECK(world.timing.sleeps() == std::vector<rf::duration>{2s});

    CHECK(manager.run("write", op, {.rows = 11}));
    CHECK(manager.stats().throttle == 1s);
}

TEST_CASE("_copy_small_table: single_page, and INSERT … SELECT on one server") {
    two_databases world(50);
    CHECK(world.copy(rf::pipeline{rf::single_page{}}).batches == 1);
    CHECK(world.equal());

    two_databases same(50);
    same.target.share_server_with(same.source);
    const rf::report done = same.copy(rf::pipeline{rf::single_page{}});
    CHECK(done.route == rf::route::server_side);
    CHECK(same.target.calls(operation::copy_page) == 1);
    CHECK(same.target.calls(operation::write) == 0);
    CHECK(same.equal());
}

TEST_CASE("_copy_medium_table: keyset_pages with fixed_batch, and offset_pages") {
    two_databases by_key(50);
    CHECK(by_key.copy(rf::pipeline{rf::keyset_pages{}, rf::fixed_batch{.rows = 7}}).batches == 8);
    CHECK(by_key.equal());
    two_databases by_offset(50);
    CHECK(by_offset.copy(rf::pipeline{rf::offset_pages{}, rf::fixed_batch{.rows = 7}}).batches == 8);
    CHECK(by_offset.equal());
}

TEST_CASE("_copy_large_table: the same with count_rows for progress") {
    two_databases world(50);
    const rf::report done = world.copy(rf::pipeline{}, {.table = "procnote", .count_rows = true});
    CHECK(done.expected_rows == 50);
    CHECK(done.rows == 50);
}

namespace {
two_databases with_times() {
    two_databases world;
    const std::vector<rf::key_values> rows{{"1", "2026-01-01 00:00:00.000000", "a"},
                                           {"2", "2026-01-01 00:00:05.500000", "b"},
                                           {"9", "2026-01-01 00:00:05.500000", "tie"},
                                           {"4", std::nullopt, "never comes"}};
    for (const auto& row : rows) world.source.insert("procnote", row);
    return world;
}
} // namespace

TEST_CASE("_copy_new_records: incremental_pages, ties handled, late commits within the lag, the upper bound fixed") {
    two_databases world = with_times();
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{},
                             rf::fixed_batch{.rows = 2}};
    const rf::report first = world.copy(ferry);
    REQUIRE(first.complete());
    CHECK(first.rows == 3);
    CHECK(first.null_watermarks == 1);
    CHECK(world.events.count<rf::notice>() >= 1);
    CHECK(world.copy(ferry).rows == 2); // the rows with the last value, at which each run begins

    // Another spelling of the column is the same job.
    CHECK(world.copy(rf::pipeline{rf::incremental_pages{.column = "entrydatetime"}, rf::upsert{}}).rows == 2);
    CHECK(world.target.checkpoints().size() == 1);

    // Ties come whatever their keys are; a row committed late needs the lag.
    world.source.insert("procnote", {"10", "2026-01-01 00:00:05.500000", "late tie"});
    world.source.insert("procnote", {"3", "2026-01-01 00:00:05.500000", "smaller tie"});
    world.source.insert("procnote", {"5", "2026-01-01 00:00:02.000000", "late"});
    CHECK(world.copy(ferry).rows == 4);
    CHECK(world.target.row_count("procnote") == 5);
    const rf::pipeline lagging{rf::incremental_pages{.column = "EntryDateTime", .lag = 10s}, rf::upsert{}};
    CHECK(world.copy(lagging).complete());
    CHECK(world.target.row_count("procnote") == 6);

    // An update moves a row behind the watermark again.
    world.source.upsert("procnote", {"1", "2026-01-01 00:00:09.000000", "a, corrected"});
    CHECK(world.copy(ferry).rows == 5);
    CHECK(world.target.rows("procnote").front()[2] == "a, corrected");
}

TEST_CASE("_copy_new_records: rows that come while the copy runs are left to the next run") {
    two_databases world = with_times();
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{},
                             rf::fixed_batch{.rows = 1}};
    struct busy_writer {
        two_databases& world;
        int next = 100;
        void on(const rf::page_read&) {
            world.source.insert("procnote", {std::to_string(next++), "2026-02-02 00:00:00.000000", "newer"});
        }
    } writer{world};
    const rf::report done = ferry.copy(world.source, world.target, "procnote", world.timing, writer);
    CHECK(done.complete());
    CHECK(done.rows == 3);
}

TEST_CASE("_copy_new_records(last_processed): starting behind a value that is given") {
    two_databases world = with_times();
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime", .after = "2026-01-01 00:00:00.000000"},
                             rf::upsert{}};
    CHECK(world.copy(ferry).rows == 2);
}

TEST_CASE("_copy_new_records: without a checkpoint it starts at the target's last value, ties included") {
    two_databases world = with_times();
    world.target.insert("procnote", {"2", "2026-01-01 00:00:05.500000", "b"});
    CHECK(world.copy(rf::pipeline{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}}).rows == 2);
    CHECK(world.target.row_count("procnote") == 2);
}

TEST_CASE("_get_last_processed_value: last_processed, none when the table is missing or empty") {
    two_databases world = with_times();
    auto source = world.source.connect().value();
    auto target = world.target.connect().value();
    CHECK(rf::last_processed(source, "procnote", "EntryDateTime").value() == "2026-01-01 00:00:05.500000");
    CHECK(rf::last_processed(target, "procnote", "EntryDateTime").value() == std::nullopt);
    CHECK(rf::last_processed(target, "nothing", "EntryDateTime").value() == std::nullopt);
    CHECK_FALSE(rf::last_processed(target, "procnote", "nothing"));
}

TEST_CASE("_get_new_records_count: count_new") {
    two_databases world = with_times();
    auto source = world.source.connect().value();
    CHECK(rf::count_new(source, "procnote", "EntryDateTime", "2026-01-01 00:00:00.000000").value() == 2);
    CHECK(rf::count_new(source, "procnote", "EntryDateTime", std::nullopt).value() == 3);
    CHECK_FALSE(rf::count_new(source, "nothing", "EntryDateTime", std::nullopt));
}

TEST_CASE("_get_optimized_batch_size: size_tiered_batch") {
    const rf::size_tiered_batch policy;
    CHECK(policy.rows_for(10) == 5000);
    CHECK(policy.rows_for(60) == 5000);
    CHECK(policy.rows_for(101) == 2500);
    const rf::size_tiered_batch large{.base_rows = 50'000};
    CHECK(large.rows_for(50) == 50'000);
    CHECK(large.rows_for(51) == 25'000);
    CHECK(large.rows_for(100) == 25'000);
    CHECK(large.rows_for(320) == 10'000);
    CHECK(policy.start({561'000, 320U << 20U}).next().rows == 2500);
}

TEST_CASE("_get_connection_manager_config: retry_for_size") {
    CHECK(rf::retry_for_size(320).max_attempts == 6);
    CHECK(rf::retry_for_size(320).initial_delay == 2s);
    CHECK(rf::retry_for_size(60).max_attempts == 4);
    CHECK(rf::retry_for_size(60).initial_delay == 1s);
    CHECK(rf::retry_for_size(10).max_attempts == 4);
    CHECK(rf::retry_for_size(10).initial_delay == 500ms);
}

TEST_CASE("same host, server-side copy: decided from the server, stated in the plan") {
    two_databases across(1);
    CHECK(rf::pipeline{}.plan(across.source, across.target, {.table = "procnote"})->route == rf::route::across);
    two_databases same(1);
    same.target.share_server_with(same.source);
    CHECK(rf::pipeline{}.plan(same.source, same.target, {.table = "procnote"})->route == rf::route::server_side);
    const rf::copy_request by_hand{.table = "procnote", .server_side = false};
    CHECK(same.copy(rf::pipeline{}, by_hand).route == rf::route::across);
    CHECK(same.equal());
}

TEST_CASE("progress, retry frequency and success rate, mean time to recovery: events and the report") {
    two_databases world(100);
    world.target.outage_at(20, 60s, world.timing);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 10}, rf::fixed_delay{.max_attempts = 100}});
    REQUIRE(done.complete());
    CHECK(done.target.recoveries == 1);
    CHECK(done.target.retry_success() == 1.0);
    CHECK(done.target.mean_recovery() >= 60s);
    CHECK(world.events.count<rf::retry_scheduled>() == done.retries());
    CHECK(world.events.count<rf::batch_committed>() == 10);
}

TEST_CASE("the original methods as fallback: offset_pages and no_retry over the same pipelines") {
    const rf::pipeline legacy{rf::offset_pages{}, rf::no_retry{}, rf::no_checkpoint{}, rf::fixed_batch{.rows = 10}};
    two_databases world(50);
    CHECK(world.copy(legacy).complete());
    CHECK(world.equal());
    two_databases failing(50);
    failing.target.fail_at(10, rf::fault::connection_lost);
    CHECK(failing.copy(legacy).outcome == rf::outcome::stopped);
}

TEST_CASE("_copy_new_records into a target that is emptied starts at the first row") {
    two_databases world = with_times();
    const rf::pipeline ferry{rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}};
    world.target.insert("procnote", {"77", "2027-01-01 00:00:00.000000", "from the future"});
    CHECK(world.copy(ferry, {.table = "procnote", .truncate_target = true}).rows == 3);
    CHECK(world.target.row_count("procnote") == 3);
}

TEST_CASE("_copy_new_records with a lag that reaches back before all rows reads them all again") {
    two_databases world = with_times();
    const rf::pipeline ferry{
        rf::incremental_pages{.column = "EntryDateTime", .lag = std::chrono::hours(24 * 365 * 3000)}, rf::upsert{}};
    CHECK(world.copy(ferry).rows == 3);
    CHECK(world.copy(ferry).rows == 3);
    CHECK(world.target.row_count("procnote") == 3);
}
