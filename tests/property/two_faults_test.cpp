// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 under faults that follow each other: a fault while another one is being answered, and crashes in every way
// of writing and of starting.
#include "catch.hpp"
#include "unit/worlds.hpp"

#include <vector>

namespace rf = rowferry;
using rf::testing::when;
using worlds::two_databases;

namespace {

struct planned_fault {
    rf::fault fault;
    when moment;
};
const std::vector<planned_fault> kinds{{rf::fault::connection_lost, when::before},
                                       {rf::fault::connection_lost, when::after},
                                       {rf::fault::connection_lost, when::late},
                                       {rf::fault::rolled_back, when::before}};

/// Two faults of the target, at each pair of calls.
template <class Pipeline>
void survives_each_pair(const Pipeline& ferry, const rf::copy_request& request = {.table = "procnote"}) {
    for (const planned_fault& first : kinds) {
        for (const planned_fault& second : kinds) {
            for (std::uint64_t n = 1;; ++n) {
                bool first_struck = true;
                for (std::uint64_t m = n + 1;; ++m) {
                    two_databases world(5);
                    world.target.fail_at(n, first.fault, first.moment);
                    world.target.fail_at(m, second.fault, second.moment);
                    const rf::report done = world.copy(ferry, request);
                    CAPTURE(rf::name(first.fault), static_cast<int>(first.moment), n);
                    CAPTURE(rf::name(second.fault), static_cast<int>(second.moment), m, worlds::why(done));
                    REQUIRE(done.complete());
                    REQUIRE(done.rows == 5);
                    REQUIRE(world.equal());
                    first_struck = world.target.calls() >= n;
                    if (world.target.calls() < m) break;
                }
                if (!first_struck) break;
            }
        }
    }
}

/// A client killed at each call, and killed again at each call of the run that continues.
template <class Pipeline>
void survives_two_crashes(const Pipeline& ferry, const rf::copy_request& request = {.table = "procnote"}) {
    for (when first : {when::before, when::after, when::late}) {
        for (when second : {when::before, when::after, when::late}) {
            for (std::uint64_t n = 1;; ++n) {
                std::uint64_t crashes = 0;
                for (std::uint64_t m = n + 1;; ++m) {
                    two_databases world(5);
                    world.target.crash_at(n, first);
                    world.target.crash_at(m, second);
                    crashes = 0;
                    rf::report done;
                    do {
                        try {
                            done = world.copy(ferry, request);
                            break;
                        } catch (const rf::testing::crashed&) {
                            ++crashes;
                        }
                    } while (crashes < 3);
                    CAPTURE(static_cast<int>(first), n, static_cast<int>(second), m, crashes, worlds::why(done));
                    REQUIRE(done.complete());
                    REQUIRE(world.equal());
                    if (crashes < 2) break;
                }
                if (crashes == 0) break;
            }
        }
    }
}

constexpr rf::fixed_batch three{.rows = 3};
const rf::copy_request emptying{.table = "procnote", .truncate_target = true};
const rf::copy_request anew{.table = "procnote", .resume = false};

} // namespace

TEST_CASE("two faults at any two calls, insert") { survives_each_pair(rf::pipeline{three}); }
TEST_CASE("two faults at any two calls, skip_existing") {
    survives_each_pair(rf::pipeline{three, rf::skip_existing{}});
}
TEST_CASE("two faults at any two calls, a single page") { survives_each_pair(rf::pipeline{rf::single_page{}}); }
TEST_CASE("two faults at any two calls, emptying the target") { survives_each_pair(rf::pipeline{three}, emptying); }

TEST_CASE("a client killed twice, insert") { survives_two_crashes(rf::pipeline{three}); }
TEST_CASE("a client killed twice, replace") { survives_two_crashes(rf::pipeline{three, rf::replace{}}); }
TEST_CASE("a client killed twice, skip_existing") { survives_two_crashes(rf::pipeline{three, rf::skip_existing{}}); }
TEST_CASE("a client killed twice, emptying the target") { survives_two_crashes(rf::pipeline{three}, emptying); }
TEST_CASE("a client killed twice, starting over") { survives_two_crashes(rf::pipeline{three, rf::upsert{}}, anew); }

TEST_CASE("a client killed at any call of a server-side copy") {
    for (when moment : {when::before, when::after, when::late}) {
        for (std::uint64_t n = 1;; ++n) {
            two_databases world(10);
            world.target.share_server_with(world.source);
            world.target.crash_at(n, moment);
            bool crashed = false;
            rf::report done;
            try {
                done = world.copy(rf::pipeline{three});
            } catch (const rf::testing::crashed&) {
                crashed = true;
                done = world.copy(rf::pipeline{three});
            }
            CAPTURE(static_cast<int>(moment), n, worlds::why(done));
            REQUIRE(done.complete());
            REQUIRE(done.route == rf::route::server_side);
            REQUIRE(world.equal());
            if (!crashed) break;
        }
    }
}

TEST_CASE("batches that are too large meet faults, and arrive exactly") {
    for (const planned_fault& met : kinds) {
        for (std::uint64_t n = 1;; ++n) {
            two_databases world(16);
            world.target.set_max_transaction_bytes(120); // two or three rows
            world.target.fail_at(n, met.fault, met.moment);
            const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 16}});
            CAPTURE(rf::name(met.fault), static_cast<int>(met.moment), n, worlds::why(done));
            REQUIRE(done.complete());
            REQUIRE(done.rows == 16);
            REQUIRE(world.equal());
            if (world.target.calls() < n) break;
        }
    }
}
