// SPDX-License-Identifier: BSL-1.0
// The tool's exit code for copies that stopped.
#include "catch.hpp"
#include "worlds.hpp"

#include "../../examples/tool/exit_code.hpp"

#include <cstdint>

namespace rf = rowferry;
using rf::testing::operation;
using rf::testing::when;

namespace {

/// The exit code of a copy with one table whose first COMMIT was not answered, and then nothing more.
template <class Pipeline>
int code_after_lost_commit(const Pipeline& ferry, const tool::options& wanted) {
    worlds::two_databases world(5);
    world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
    tool::job_result result;
    result.tables.push_back(world.copy(ferry));
    result.outcome = result.tables.front().outcome;
    REQUIRE(result.tables.front().failure);
    CHECK(rf::is_retryable(*result.tables.front().failure));
    CHECK(result.tables.front().batches == 0);
    return tool::exit_code_of(result, wanted);
}

} // namespace

TEST_CASE("a first COMMIT in doubt: the exit code says whether the same command can go on", "[exit_code]") {
    const rf::pipeline stored{rf::no_retry{}};
    const rf::pipeline legacy{rf::no_retry{}, rf::no_checkpoint{}};
    tool::options wanted;
    // The checkpoint says what became of it.
    CHECK(code_after_lost_commit(stored, wanted) == tool::exit_code::stopped);
    // The rows may be there, and would come twice.
    wanted.resume = false;
    CHECK(code_after_lost_commit(stored, wanted) == tool::exit_code::needs_person);
    wanted.resume = true;
    wanted.engine = tool::copy_engine::legacy;
    CHECK(code_after_lost_commit(legacy, wanted) == tool::exit_code::needs_person);
    // Rows that come twice replace each other, or the target is emptied first.
    wanted.write = rf::write_kind::upsert;
    CHECK(code_after_lost_commit(legacy, wanted) == tool::exit_code::stopped);
    wanted.write = rf::write_kind::insert;
    wanted.truncate_target = true;
    CHECK(code_after_lost_commit(legacy, wanted) == tool::exit_code::stopped);
}

TEST_CASE("a COMMIT that was not sent: the same command goes on", "[exit_code]") {
    worlds::two_databases world(5);
    world.target.fail_next(operation::write, rf::fault::connection_lost);
    tool::job_result result;
    result.tables.push_back(world.copy(rf::pipeline{rf::no_retry{}, rf::no_checkpoint{}}));
    result.outcome = result.tables.front().outcome;
    tool::options wanted;
    wanted.engine = tool::copy_engine::legacy;
    CHECK(tool::exit_code_of(result, wanted) == tool::exit_code::stopped);
}

TEST_CASE("another source server needs a person, before the first batch too", "[exit_code]") {
    unsigned stopped = 0;
    unsigned without_batches = 0;
    for (std::uint64_t call = 1;; ++call) {
        worlds::two_databases world(20);
        rf::testing::fake_database other("source");
        other.replicate(world.source);
        world.source.at_call(call, [&] {
            world.source.lead_to(other);
            world.source.kill_connections();
        });
        tool::job_result result;
        result.tables.push_back(world.copy(rf::pipeline{rf::fixed_batch{.rows = 3}}));
        const rf::report& only = result.tables.front();
        result.outcome = only.outcome;
        if (world.source.calls() < call) break;
        if (only.complete()) continue; // its connection was not needed any more
        CAPTURE(call, worlds::why(only));
        ++stopped;
        if (only.batches == 0) ++without_batches;
        CHECK(only.failure->cause == rf::cause::another_server);
        CHECK(tool::exit_code_of(result, {}) == tool::exit_code::needs_person);
    }
    CHECK(stopped > without_batches);
    CHECK(without_batches > 0);
}
