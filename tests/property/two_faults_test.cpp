// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 under faults that follow each other: a fault while another one is being answered, and crashes in every way
// of writing and of starting.
#include "catch.hpp"
#include "support/sweep.hpp"
#include "unit/worlds.hpp"

namespace rf = rowferry;
using worlds::two_databases;

namespace {

two_databases five_rows() { return two_databases(5); }

/// Two faults of the target, at each pair of calls.
template <class Pipeline>
void survives_two_faults(const Pipeline& ferry, const rf::copy_request& request = {.table = "procnote"}) {
    sweep::for_each_two_faults(
        five_rows, [&](two_databases& world) { return world.copy(ferry, request); }, sweep::copies(5));
}

/// A client killed at each call, and killed again at each call of the run that continues.
template <class Pipeline>
void survives_two_crashes(const Pipeline& ferry, const rf::copy_request& request = {.table = "procnote"}) {
    sweep::for_each_two_crashes(
        five_rows, [&](two_databases& world) { return world.copy(ferry, request); }, sweep::ends_equal);
}

constexpr rf::fixed_batch three{.rows = 3};
const rf::copy_request emptying{.table = "procnote", .truncate_target = true};
const rf::copy_request anew{.table = "procnote", .resume = false};

} // namespace

TEST_CASE("two faults at any two calls, insert") { survives_two_faults(rf::pipeline{three}); }
TEST_CASE("two faults at any two calls, skip_existing") {
    survives_two_faults(rf::pipeline{three, rf::skip_existing{}});
}
TEST_CASE("two faults at any two calls, a single page") { survives_two_faults(rf::pipeline{rf::single_page{}}); }
TEST_CASE("two faults at any two calls, emptying the target") { survives_two_faults(rf::pipeline{three}, emptying); }

TEST_CASE("a client killed twice, insert") { survives_two_crashes(rf::pipeline{three}); }
TEST_CASE("a client killed twice, replace") { survives_two_crashes(rf::pipeline{three, rf::replace{}}); }
TEST_CASE("a client killed twice, skip_existing") { survives_two_crashes(rf::pipeline{three, rf::skip_existing{}}); }
TEST_CASE("a client killed twice, emptying the target") { survives_two_crashes(rf::pipeline{three}, emptying); }
TEST_CASE("a client killed twice, starting over") { survives_two_crashes(rf::pipeline{three, rf::upsert{}}, anew); }

TEST_CASE("a client killed at any call of a server-side copy") {
    const auto make_world = sweep::on_one_server([] { return two_databases(10); });
    sweep::for_each_crash(make_world, rf::pipeline{three}, rf::pipeline{three},
                          [](two_databases& world, const rf::report& done, const sweep::place&) {
                              REQUIRE(done.complete());
                              REQUIRE(done.route == rf::route::server_side);
                              REQUIRE(world.equal());
                          });
}

TEST_CASE("batches that are too large meet faults, and arrive exactly") {
    const auto make_world = [] {
        two_databases world(16);
        world.target.set_max_transaction_bytes(120); // two or three rows
        return world;
    };
    sweep::for_each_fault(make_world, rf::pipeline{rf::fixed_batch{.rows = 16}}, sweep::copies(16));
}
