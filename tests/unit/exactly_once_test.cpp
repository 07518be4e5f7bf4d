// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 for each write mode and pagination: one fault, or a killed client, at any call.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

namespace rf = rowferry;
using worlds::two_databases;

namespace {

two_databases ten_rows() { return two_databases(10); }

/// One fault at any call: this run copies all ten rows.
template <class Pipeline>
void survives_a_fault(const Pipeline& ferry) {
    sweep::for_each_fault(ten_rows, ferry, sweep::copies(10));
}
/// A client killed at any call: the next run ends with equal tables.
template <class Pipeline>
void survives_a_crash(const Pipeline& ferry) {
    sweep::for_each_crash(ten_rows, ferry, ferry, sweep::ends_equal);
}

constexpr rf::fixed_batch three{.rows = 3};

} // namespace

TEST_CASE("one fault at any call, keyset pages and insert") { survives_a_fault(rf::pipeline{three, rf::insert{}}); }
TEST_CASE("one fault at any call, upsert") { survives_a_fault(rf::pipeline{three, rf::upsert{}}); }
TEST_CASE("one fault at any call, replace") { survives_a_fault(rf::pipeline{three, rf::replace{}}); }
TEST_CASE("one fault at any call, skip_existing") { survives_a_fault(rf::pipeline{three, rf::skip_existing{}}); }
TEST_CASE("one fault at any call, upsert without a checkpoint") {
    survives_a_fault(rf::pipeline{three, rf::upsert{}, rf::no_checkpoint{}});
}
TEST_CASE("one fault at any call, offset pages") { survives_a_fault(rf::pipeline{three, rf::offset_pages{}}); }
TEST_CASE("one fault at any call, a single page") { survives_a_fault(rf::pipeline{rf::single_page{}}); }
TEST_CASE("one fault at any call, incremental pages") {
    survives_a_fault(rf::pipeline{three, rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}});
}
TEST_CASE("one fault at any call, server-side") {
    sweep::for_each_fault(sweep::on_one_server(ten_rows), rf::pipeline{three}, sweep::copies(10));
}

TEST_CASE("a client killed at any call, insert") { survives_a_crash(rf::pipeline{three}); }
TEST_CASE("a client killed at any call, upsert without a checkpoint") {
    survives_a_crash(rf::pipeline{three, rf::upsert{}, rf::no_checkpoint{}});
}
TEST_CASE("a client killed at any call, offset pages") { survives_a_crash(rf::pipeline{three, rf::offset_pages{}}); }
TEST_CASE("a client killed at any call, a single page") { survives_a_crash(rf::pipeline{rf::single_page{}}); }
TEST_CASE("a client killed at any call, incremental pages") {
    survives_a_crash(rf::pipeline{three, rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}});
}

TEST_CASE("without retries a fault stops the copy, and running it again finishes exactly") {
    const rf::pipeline ferry{three, rf::no_retry{}};
    const auto at_most_twice = [&](two_databases& world) {
        rf::report done = world.copy(ferry);
        return done.complete() ? done : world.copy(ferry);
    };
    sweep::for_each_fault(ten_rows, at_most_twice, sweep::ends_equal);
}

TEST_CASE("a run that another one took over from stops before it writes again") {
    two_databases world(10);
    struct second_run {
        two_databases& world;
        bool started = false;
        rf::report report{};
        void on(const rf::page_read&) {
            if (started) return;
            started = true;
            rf::testing::manual_timing timing;
            report = rf::pipeline{three}.copy(world.source, world.target, "procnote", timing);
        }
    } other{world};
    const rf::report first = rf::pipeline{three}.copy(world.source, world.target, "procnote", world.timing, other);
    CHECK(other.report.complete());
    CHECK(first.outcome == rf::outcome::stopped);
    REQUIRE(first.failure);
    CHECK(world.equal());
}
