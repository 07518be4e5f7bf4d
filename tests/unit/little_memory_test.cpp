// SPDX-License-Identifier: BSL-1.0
// Rows that there is no memory to write: fewer at a time are tried, and a row alone that does not fit is named.
#include "catch.hpp"
#include "worlds.hpp"

#include <cstdint>
#include <new>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;

namespace {

void fill(two_databases& world, std::uint64_t rows) {
    world.source.fill("procnote", rows, [](std::uint64_t i) {
        return rf::key_values{std::to_string(i + 1), "2026-01-01 00:00:00", "note " + std::to_string(i)};
    });
}

} // namespace

TEST_CASE("a batch that does not fit into memory when it is written is halved") {
    two_databases world;
    fill(world, 10);
    unsigned failures = 0;
    world.target.add_check("procnote", "memory", [&failures](const rf::testing::row&) -> bool {
        if (failures == 2) return true;
        ++failures;
        throw std::bad_alloc();
    });
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{8}});
    CAPTURE(worlds::why(done));
    CHECK(done.complete());
    CHECK(failures == 2);
    CHECK(done.batches > 2);
    CHECK(world.target.rows("procnote") == world.source.rows("procnote"));
}

TEST_CASE("a row that does not fit into memory is named, and the rows before it are committed") {
    two_databases world;
    fill(world, 10);
    const auto rows = world.source.rows("procnote");
    const std::string large = rows[6][0].value_or("");
    world.target.add_check("procnote", "memory", [&large](const rf::testing::row& r) -> bool {
        if (r[0] == large) throw std::bad_alloc();
        return true;
    });
    const rf::report stopped = world.copy(rf::pipeline{rf::fixed_batch{8}});
    REQUIRE(stopped.failure);
    const rf::error& e = *stopped.failure;
    CAPTURE(rf::to_string(e));
    CHECK(stopped.outcome == rf::outcome::stopped);
    CHECK_THAT(e.where, ContainsSubstring("target, table procnote") && ContainsSubstring("(" + large + ")"));
    CHECK_THAT(e.message, ContainsSubstring("not enough memory") && ContainsSubstring("1 row of "));
    CHECK(e.cause == rf::cause::out_of_memory);
    CHECK_FALSE(rf::is_retryable(e));
    CHECK(world.target.rows("procnote").size() == 6);

    world.target.drop_checks("procnote");
    CHECK(world.copy(rf::pipeline{rf::fixed_batch{8}}).complete());
    CHECK(world.target.rows("procnote") == rows);
}
