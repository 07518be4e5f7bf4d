// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 by exhaustion: for each write mode and pagination, a fault before and after the effect of each call.
#include "catch.hpp"
#include "worlds.hpp"

namespace rf = rowferry;
using rf::testing::when;
using worlds::two_databases;

namespace {

/// Copies with one fault at call n of one side, for n = 1 … until no fault strikes any more; each time the target must equal
/// the source.
template <class Pipeline>
void survives_each_position(const Pipeline& ferry, bool same_server = false) {
    for (rf::fault f : {rf::fault::connection_lost, rf::fault::rolled_back, rf::fault::transient, rf::fault::overloaded,
                        rf::fault::read_only, rf::fault::unreachable}) {
        for (when moment : {when::before, when::after, when::late}) {
            for (rf::side side : {rf::side::source, rf::side::target}) {
                for (std::uint64_t n = 1;; ++n) {
                    two_databases world(10);
                    if (same_server) world.target.share_server_with(world.source);
                    auto& failing = side == rf::side::source ? world.source : world.target;
                    failing.fail_at(n, f, moment);
                    const rf::report done = world.copy(ferry);
                    CAPTURE(rf::name(f), static_cast<int>(moment), rf::name(side), n);
                    CAPTURE(worlds::why(done));
                    REQUIRE(done.complete());
                    REQUIRE(done.rows == 10);
                    REQUIRE(world.equal());
                    if (failing.calls() < n) break;
                }
            }
        }
    }
}

/// The same with a client killed at call n: the next run continues.
template <class Pipeline>
void survives_each_crash(const Pipeline& ferry) {
    for (when moment : {when::before, when::after, when::late}) {
        for (rf::side side : {rf::side::source, rf::side::target}) {
            for (std::uint64_t n = 1;; ++n) {
                two_databases world(10);
                auto& failing = side == rf::side::source ? world.source : world.target;
                failing.crash_at(n, moment);
                CAPTURE(static_cast<int>(moment), rf::name(side), n);
                bool crashed = false;
                rf::report done;
                try {
                    done = world.copy(ferry);
                } catch (const rf::testing::crashed&) {
                    crashed = true;
                    done = world.copy(ferry);
                }
                CAPTURE(worlds::why(done));
                REQUIRE(done.complete());
                REQUIRE(world.equal());
                if (!crashed) break;
            }
        }
    }
}

constexpr rf::fixed_batch three{.rows = 3};

} // namespace

TEST_CASE("one fault at any call, keyset pages and insert") {
    survives_each_position(rf::pipeline{three, rf::insert{}});
}
TEST_CASE("one fault at any call, upsert") { survives_each_position(rf::pipeline{three, rf::upsert{}}); }
TEST_CASE("one fault at any call, replace") { survives_each_position(rf::pipeline{three, rf::replace{}}); }
TEST_CASE("one fault at any call, skip_existing") { survives_each_position(rf::pipeline{three, rf::skip_existing{}}); }
TEST_CASE("one fault at any call, upsert without a checkpoint") {
    survives_each_position(rf::pipeline{three, rf::upsert{}, rf::no_checkpoint{}});
}
TEST_CASE("one fault at any call, offset pages") { survives_each_position(rf::pipeline{three, rf::offset_pages{}}); }
TEST_CASE("one fault at any call, a single page") { survives_each_position(rf::pipeline{rf::single_page{}}); }
TEST_CASE("one fault at any call, incremental pages") {
    survives_each_position(rf::pipeline{three, rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}});
}
TEST_CASE("one fault at any call, server-side") { survives_each_position(rf::pipeline{three}, true); }

TEST_CASE("a client killed at any call, insert") { survives_each_crash(rf::pipeline{three}); }
TEST_CASE("a client killed at any call, upsert without a checkpoint") {
    survives_each_crash(rf::pipeline{three, rf::upsert{}, rf::no_checkpoint{}});
}
TEST_CASE("a client killed at any call, offset pages") { survives_each_crash(rf::pipeline{three, rf::offset_pages{}}); }
TEST_CASE("a client killed at any call, a single page") { survives_each_crash(rf::pipeline{rf::single_page{}}); }
TEST_CASE("a client killed at any call, incremental pages") {
    survives_each_crash(rf::pipeline{three, rf::incremental_pages{.column = "EntryDateTime"}, rf::upsert{}});
}

TEST_CASE("without retries a lost connection stops the copy, and running it again finishes exactly") {
    for (std::uint64_t n = 1; n < 60; ++n) {
        two_databases world(10);
        world.target.fail_at(n, rf::fault::connection_lost, when::after);
        const rf::pipeline ferry{three, rf::no_retry{}};
        rf::report done = world.copy(ferry);
        CAPTURE(n);
        if (!done.complete()) done = world.copy(ferry);
        REQUIRE(done.complete());
        REQUIRE(world.equal());
    }
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
