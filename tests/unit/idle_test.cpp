// SPDX-License-Identifier: BSL-1.0
// Connections that something cuts when they are idle, while the copy waits: for its rate limit, for the other side, for the hour.
#include "catch.hpp"
#include "worlds.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace rf = rowferry;
using worlds::two_databases;
using worlds::why;
using namespace std::chrono_literals;

namespace {

constexpr rf::fixed_batch tens{.rows = 10};
constexpr rf::token_bucket one_a_second{.rows_per_second = 1};

/// UTC, on whatever machine.
struct same_hour {
    [[nodiscard]] std::chrono::local_seconds to_local(std::chrono::sys_seconds moment) const {
        return std::chrono::local_seconds(moment.time_since_epoch());
    }
};

/// A world whose connections are cut after three idle seconds.
struct impatient : two_databases {
    explicit impatient(std::uint64_t rows = 40) : two_databases(rows) {
        source.set_idle_limit(3s, timing);
        target.set_idle_limit(3s, timing);
    }
};

} // namespace

TEST_CASE("a snapshot outlives the waits for the rate limit", "[idle]") {
    // The thread that reads ahead needs real time.
    struct slow_timing : rf::testing::manual_timing {
        void sleep(rf::duration d) const {
            std::this_thread::sleep_for(20ms);
            manual_timing::sleep(d);
        }
    };
    const auto copies = [](const auto& ferry) {
        impatient world;
        slow_timing timing;
        world.source.set_idle_limit(6s, timing);
        world.target.set_idle_limit(6s, timing);
        const rf::report report = ferry.copy(world.source, world.target, "procnote", timing);
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(world.equal());
        CHECK(report.target.throttle >= 35s);
        CHECK(world.source.connections_opened() == 1);
    };
    copies(rf::pipeline{rf::one_snapshot{}, tens, one_a_second});
    copies(rf::pipeline{rf::one_snapshot{}, tens, one_a_second, rf::overlapped{}});
    copies(rf::pipeline{rf::one_snapshot{}, tens, one_a_second, rf::parallel{.jobs = 3}});
    copies(rf::pipeline{rf::one_snapshot{}, rf::adaptive_batch{}, one_a_second});
}

TEST_CASE("a connection without a snapshot is not replaced either while the copy waits", "[idle]") {
    impatient world;
    CHECK(world.copy(rf::pipeline{tens, one_a_second, rf::no_retry{}}).complete());
    CHECK(world.equal());
    CHECK(world.source.connections_opened() == 1);
    CHECK(world.target.connections_opened() == 2); // one for the last count
}

TEST_CASE("a snapshot outlives an outage of the target", "[idle]") {
    impatient world;
    world.target.outage_at(12, 5min, world.timing);
    const rf::report report =
        world.copy(rf::pipeline{rf::one_snapshot{}, tens, rf::fixed_delay{.max_attempts = 20, .delay = 30s}});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(report.target.backoff >= 5min);
}

TEST_CASE("a snapshot outlives the wait for its hour", "[idle]") {
    impatient world;
    world.timing.set_wall(rf::wall_time(10h));
    const rf::report report =
        world.copy(rf::pipeline{rf::one_snapshot{}, tens, rf::only_between(22h, 6h, same_hour{})});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(report.target.throttle >= 11h);
}

TEST_CASE("a pass reads on before its source is idle, as far as the rate goes", "[idle]") {
    for (const auto& limit : {rf::token_bucket{.rows_per_second = 4}, rf::token_bucket{.bytes_per_second = 20}}) {
        impatient world(0);
        for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
        world.source.fill("heap", 200, [](std::uint64_t i) { return rf::key_values{std::to_string(i % 3 + 10'000)}; });
        const rf::report report = world.copy(rf::pipeline{limit, rf::no_retry{}}, {.table = "heap", .keyless = true});
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(world.source.has_same_rows("heap", world.target, "heap"));
        CHECK(report.target.throttle >= 45s);
    }
}

TEST_CASE("a pass in a snapshot, too", "[idle]") {
    impatient world(0);
    for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
    world.source.fill("heap", 60, [](std::uint64_t i) { return rf::key_values{std::to_string(i)}; });
    const rf::report report =
        world.copy(rf::pipeline{rf::one_snapshot{}, one_a_second, rf::no_retry{}}, {.table = "heap", .keyless = true});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.source.has_same_rows("heap", world.target, "heap"));
}

TEST_CASE("an open transaction of the target outlives the retries of the source", "[idle]") {
    impatient world(0);
    for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"a", "int"}}, {});
    world.source.fill("heap", 20, [](std::uint64_t i) { return rf::key_values{std::to_string(i)}; });
    world.source.fail_next(rf::testing::operation::stream, rf::fault::overloaded);
    const rf::report report =
        world.copy(rf::pipeline{rf::fixed_delay{.max_attempts = 3, .delay = 30s}}, {.table = "heap", .keyless = true});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(report.target.retry_count() == 0);
}

TEST_CASE("what passes within a time", "[idle]") {
    const auto one = rf::token_bucket{.rows_per_second = 100, .bytes_per_second = 0.1}.start({});
    CHECK(one.piece(2s).rows == 200);
    CHECK(one.piece(2s).bytes == 1);
    CHECK(rf::token_bucket{.batches_per_second = 1}.start({}).piece(1s).rows == 0);
    const auto both = rf::strictest(rf::token_bucket{.rows_per_second = 100}, rf::unlimited{},
                                    rf::token_bucket{.rows_per_second = 30, .bytes_per_second = 9});
    CHECK(both.start({}).piece(1s).rows == 30);
    CHECK(both.start({}).piece(1s).bytes == 9);
    // The same limit for several workers.
    CHECK(rf::detail::concurrent_limiter(one).piece(2s).rows == 200);
}
