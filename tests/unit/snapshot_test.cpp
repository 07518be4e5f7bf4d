// Copies from one snapshot, while the source changes between any two pages: the target is as of one moment, or the copy is
// not complete and says so.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::when;
using worlds::two_databases;

namespace {

constexpr rf::fixed_batch three{.rows = 3};
constexpr rf::one_snapshot stopping{};
constexpr rf::one_snapshot starting_over{.when_lost = rf::when_lost::start_over};
constexpr rf::exponential_backoff one_second{.initial_delay = std::chrono::seconds(1), .jitter = false};
const rf::copy_request plain{.table = "procnote"};
const rf::copy_request emptying{.table = "procnote", .truncate_target = true};

/// Two databases, and a writer that changes every row of the source after each page, adds one and deletes one; it remembers
/// what the table was at each moment.
struct moving_world : two_databases {
    using rows = std::vector<rf::testing::row>;
    std::vector<rows> moments;

    explicit moving_world(std::uint64_t count = 10) : two_databases(count) {
        moments.push_back(source.rows("procnote"));
    }
    void on(const rf::page_read&) { change(); }
    void change() {
        const std::string moment = "moment " + std::to_string(moments.size());
        const rows before = moments.back();
        for (const auto& r : before) source.upsert("procnote", {r[0], r[1], moment});
        source.insert("procnote", {std::to_string(1000 + moments.size()), r_time(), moment});
        source.erase("procnote", {before.front()[0]});
        moments.push_back(source.rows("procnote"));
    }
    static std::string r_time() { return "2026-01-01 00:00:00.000001"; }

    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const rf::copy_request& request = plain) {
        return ferry.copy(source, target, request, timing, *this);
    }
    [[nodiscard]] bool is_of_one_moment() const {
        const rows there = target.rows("procnote");
        return std::find(moments.begin(), moments.end(), there) != moments.end();
    }
    /// Whether all rows of the target are of one moment, though some may be missing.
    [[nodiscard]] bool is_part_of_one_moment() const {
        const rows there = target.rows("procnote");
        auto holds = [&](const rows& moment) {
            return std::all_of(there.begin(), there.end(), [&](const auto& r) {
                return std::find(moment.begin(), moment.end(), r) != moment.end();
            });
        };
        return std::any_of(moments.begin(), moments.end(), holds);
    }
};

} // namespace

TEST_CASE("by default a table that changes meanwhile arrives as of several moments, and the report says so") {
    moving_world world;
    const rf::report report = world.copy(rf::pipeline{three});
    REQUIRE(report.complete());
    CHECK(report.consistency == rf::consistency::each_page);
    CHECK_FALSE(report.snapshot);
    CHECK_FALSE(world.is_of_one_moment());
}

TEST_CASE("one snapshot: every page is of the moment when it was opened, whatever is written meanwhile") {
    auto is_exact = [](const auto& ferry) {
        moving_world world;
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        REQUIRE(report.complete());
        CHECK(report.rows == 10);
        CHECK(report.consistency == rf::consistency::one_snapshot);
        REQUIRE(report.snapshot);
        CHECK(report.snapshot->taken_at == "2000-01-01 00:00:00.000001");
        CHECK(world.moments.size() > 1);
        CHECK(world.target.rows("procnote") == world.moments.front());
    };
    is_exact(rf::pipeline{three, stopping});
    is_exact(rf::pipeline{three, stopping, rf::upsert{}});
    is_exact(rf::pipeline{three, stopping, rf::replace{}});
    is_exact(rf::pipeline{three, stopping, rf::skip_existing{}});
    is_exact(rf::pipeline{three, stopping, rf::offset_pages{}});
    is_exact(rf::pipeline{three, stopping, rf::no_checkpoint{}, rf::no_retry{}});
    is_exact(rf::pipeline{rf::single_page{}, stopping});
    is_exact(rf::pipeline{three, stopping, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}});
}

TEST_CASE("source and target on one server: the rows go across, because the target would not see the snapshot") {
    moving_world world;
    world.target.share_server_with(world.source);
    const rf::report report = world.copy(rf::pipeline{three, stopping});
    REQUIRE(report.complete());
    CHECK(report.route == rf::route::across);
    CHECK(world.target.rows("procnote") == world.moments.front());
    CHECK(rf::pipeline{stopping, rf::upsert{}}.copy(world.source, world.source, plain).outcome == rf::outcome::refused);
}

TEST_CASE("tables that share a snapshot are of one moment together") {
    moving_world world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("total", {{"id", "int"}, {"rows", "int"}}, {"id"});
    }
    world.source.insert("total", {"1", "10"});
    rf::shared_snapshot source(world.source);
    const rf::pipeline ferry{three, stopping};
    const rf::report notes = ferry.copy(source, world.target, plain, world.timing, world);
    world.source.upsert("total", {"1", "99"});
    const rf::report total = ferry.copy(source, world.target, "total", world.timing, world);
    REQUIRE(notes.complete());
    REQUIRE(total.complete());
    CHECK(notes.snapshot->taken_at == total.snapshot->taken_at);
    CHECK(world.target.rows("procnote") == world.moments.front());
    CHECK(world.target.rows("total") == std::vector<rf::testing::row>{{"1", "10"}});
    CHECK(world.source.connections_opened() == 1);

    source.renew();
    CHECK(ferry.copy(source, world.target, emptying, world.timing).complete());
    CHECK(world.target.rows("procnote") == world.moments.back());
}

namespace {

/// One fault at call n of the source, for n = 1 … until none strikes any more.
template <class Check>
void lose_at_each_call(Check check) {
    int losses = 0;
    for (rf::fault f : {rf::fault::connection_lost, rf::fault::rolled_back, rf::fault::read_only, rf::fault::transient,
                        rf::fault::overloaded}) {
        for (when moment : {when::before, when::after, when::late}) {
            for (std::uint64_t n = 1;; ++n) {
                moving_world world;
                world.source.fail_at(n, f, moment);
                CAPTURE(rf::name(f), static_cast<int>(moment), n);
                check(world, losses);
                if (world.source.calls() < n) break;
            }
        }
    }
    CHECK(losses > 20);
}

} // namespace

TEST_CASE("a snapshot lost at any call, when_lost::stop: nothing is mixed, and what is there is not continued") {
    lose_at_each_call([](moving_world& world, int& losses) {
        const rf::pipeline ferry{three, stopping};
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        if (report.complete()) {
            REQUIRE(world.is_of_one_moment());
            REQUIRE(report.rows == 10);
            return;
        }
        ++losses;
        REQUIRE(report.outcome == rf::outcome::stopped);
        REQUIRE(rf::is_retryable(report.failure->fault));
        REQUIRE_THAT(worlds::why(report), ContainsSubstring("the snapshot"));
        REQUIRE(world.is_part_of_one_moment());
        world.change();
        const rf::report again = world.copy(ferry);
        CAPTURE(worlds::why(again));
        if (report.rows == 0) {
            REQUIRE(again.complete());
        } else {
            REQUIRE(again.outcome == rf::outcome::refused);
            REQUIRE_THAT(worlds::why(again), ContainsSubstring("the snapshot of an earlier run") &&
                                                 ContainsSubstring("start over without resuming"));
            REQUIRE(world.copy(ferry, emptying).complete());
        }
        REQUIRE(world.is_of_one_moment());
    });
}

TEST_CASE("a snapshot lost at any call, when_lost::start_over: the target is as of one moment") {
    lose_at_each_call([](moving_world& world, int& losses) {
        const rf::report report = world.copy(rf::pipeline{three, starting_over, one_second});
        CAPTURE(worlds::why(report));
        REQUIRE(report.complete());
        REQUIRE(world.is_of_one_moment());
        REQUIRE(report.rows == world.target.row_count("procnote"));
        REQUIRE(report.resumed_rows == 0);
        if (report.started_over == 0) return;
        ++losses;
        REQUIRE(report.started_over == 1);
        REQUIRE(report.source.retry_count() == 1);
        REQUIRE(report.source.backoff == std::chrono::seconds(1));
        REQUIRE(world.source.open_connections() == 0);
    });
}

TEST_CASE("start_over with a target that is emptied first, and without a checkpoint") {
    lose_at_each_call([](moving_world& world, int& losses) {
        world.target.insert("procnote", {"7", moving_world::r_time(), "of yesterday"});
        const rf::pipeline upserting{three, starting_over, rf::upsert{}, rf::no_checkpoint{}};
        const rf::report report = world.copy(upserting, emptying);
        CAPTURE(worlds::why(report));
        REQUIRE(report.complete());
        REQUIRE(world.is_of_one_moment());
        if (report.started_over > 0) ++losses;
    });
}

TEST_CASE("a target's lost connections and rolled back transactions leave the snapshot alone") {
    for (rf::fault f : {rf::fault::connection_lost, rf::fault::rolled_back, rf::fault::unreachable}) {
        for (std::uint64_t n = 1;; ++n) {
            moving_world world;
            world.target.fail_at(n, f, when::after);
            const rf::report report = world.copy(rf::pipeline{three, stopping});
            CAPTURE(rf::name(f), n, worlds::why(report));
            REQUIRE(report.complete());
            REQUIRE(world.target.rows("procnote") == world.moments.front());
            if (world.target.calls() < n) break;
        }
    }
}

TEST_CASE("a page that was read after the server ended the snapshot without a word is not accepted") {
    for (std::uint64_t n = 3; n < 12; ++n) { // connect, open snapshot, and then whatever reads from it
        moving_world world;
        world.source.at_call(n, [&] { world.source.end_snapshots(); });
        const rf::report report = world.copy(rf::pipeline{three, stopping});
        CAPTURE(n, worlds::why(report));
        REQUIRE(world.is_part_of_one_moment());
        if (world.source.calls() < n) {
            REQUIRE(report.complete());
            break;
        }
        REQUIRE(report.outcome == rf::outcome::stopped);
        REQUIRE(report.failure->fault == rf::fault::rolled_back);
        REQUIRE_THAT(worlds::why(report), ContainsSubstring("ended the transaction that held the snapshot"));
    }
}

TEST_CASE("a connection that was idle is never replaced behind the snapshot's back") {
    moving_world world;
    world.source.set_idle_limit(std::chrono::minutes(1), world.timing);
    struct slow {
        rf::testing::manual_timing& timing;
        void on(const rf::batch_committed&) { timing.advance(std::chrono::minutes(2)); }
    } slow{world.timing};
    const rf::report report =
        rf::pipeline{three, stopping}.copy(world.source, world.target, plain, world.timing, world, slow);
    CHECK(report.outcome == rf::outcome::stopped);
    CHECK(report.rows == 3);
    CHECK(world.is_part_of_one_moment());
}

TEST_CASE("starting over is bounded, by the policy and by the retry policy") {
    auto stops = [](const auto& ferry, unsigned restarts, const char* reason) {
        moving_world world;
        struct killer {
            rf::testing::fake_database& source;
            void on(const rf::batch_committed&) { source.kill_connections(); }
        } killer{world.source};
        const rf::report report = ferry.copy(world.source, world.target, plain, world.timing, world, killer);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK(report.started_over == restarts);
        CHECK(report.rows == 3);
        CHECK(world.target.row_count("procnote") == 3);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
    };
    stops(rf::pipeline{three, starting_over}, 3, "started over 3 times");
    stops(rf::pipeline{three, rf::one_snapshot{.when_lost = rf::when_lost::start_over, .max_restarts = 1}}, 1,
          "started over 1 time");
    stops(rf::pipeline{three, starting_over, rf::no_retry{}}, 0, "retries are off");
    stops(rf::pipeline{three, starting_over, rf::retry_budget{.retries = 2}}, 2, "retry budget");
}

TEST_CASE("an unfinished or complete copy from one snapshot is not continued from another one") {
    moving_world world;
    const rf::pipeline consistent{three, stopping};
    REQUIRE(world.copy(consistent).complete());
    auto refused = [&](const auto& ferry, const char* reason) {
        const auto before = world.target.rows("procnote");
        const rf::report report = world.copy(ferry);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
        CHECK(world.target.rows("procnote") == before);
    };
    refused(consistent, "which was copied completely");
    refused(rf::pipeline{three}, "this one would go on with rows of other moments");
    REQUIRE(world.copy(rf::pipeline{three}, emptying).complete());
    refused(consistent, "would go on from one snapshot");
}

TEST_CASE("a second copy of an empty table brings the rows that came meanwhile: they are of one moment") {
    moving_world world(0);
    world.source.insert("procnote", {"1", moving_world::r_time(), "first"});
    world.source.erase("procnote", {"1"});
    const rf::pipeline consistent{three, stopping};
    REQUIRE(world.two_databases::copy(consistent).complete());
    world.source.insert("procnote", {"2", moving_world::r_time(), "second"});
    REQUIRE(world.two_databases::copy(consistent).complete());
    CHECK(world.equal());
}

TEST_CASE("another run that begins at the same time: the rows of two snapshots are not mixed") {
    for (std::uint64_t n = 1; n < 40; ++n) {
        moving_world world;
        rf::report other;
        world.target.at_call(n, [&] {
            world.change();
            rf::testing::manual_timing timing;
            other = rf::pipeline{three, stopping}.copy(world.source, world.target, plain, timing);
        });
        const rf::report one = world.copy(rf::pipeline{three, stopping});
        CAPTURE(n, worlds::why(one), worlds::why(other));
        REQUIRE(world.is_part_of_one_moment());
        if (one.complete() || other.complete()) REQUIRE(world.is_of_one_moment());
    }
}

TEST_CASE("incremental copies: each run adds the rows of one snapshot, its upper bound included") {
    moving_world world;
    const rf::pipeline ferry{three, stopping, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    REQUIRE(world.copy(ferry).complete());
    REQUIRE(world.target.rows("procnote") == world.moments.front());
    const std::size_t seen = world.moments.size() - 1;
    const rf::report second = world.copy(ferry);
    CAPTURE(worlds::why(second));
    REQUIRE(second.complete());
    CHECK(second.rows == seen);
    for (const auto& r : world.target.rows("procnote")) {
        const bool is_new = r[0]->size() == 4; // 1001 and on
        if (is_new) CHECK(*r[2] == "moment " + std::to_string(seen));
    }
}

TEST_CASE("what one snapshot cannot be kept for is refused before anything is changed") {
    moving_world world;
    auto refused = [&](const auto& ferry, const rf::copy_request& request, const char* reason) {
        const rf::report report = world.copy(ferry, request);
        CAPTURE(worlds::why(report));
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring(reason));
        CHECK(world.target.row_count("procnote") == 0);
        CHECK(world.target.checkpoints().empty());
    };
    for (const rf::write_kind kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        refused(rf::pipeline{starting_over, rf::chosen_write_mode{kind}}, plain, "cannot start over");
    }
    refused(rf::pipeline{starting_over, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}}, emptying,
            "an incremental copy cannot start over");
    world.source.set_transactional("procnote", false);
    refused(rf::pipeline{stopping}, plain, "uses the engine MyISAM, which keeps no snapshot");
    world.source.set_transactional("procnote", true);
    world.target.insert("procnote", {"7", moving_world::r_time(), "of yesterday"});
    const rf::report report = world.copy(rf::pipeline{stopping, rf::skip_existing{}});
    CHECK_THAT(worlds::why(report), ContainsSubstring("as of another moment than the snapshot's"));
}

TEST_CASE("a table whose definition is newer than the snapshot stops the copy with a sentence") {
    moving_world world;
    rf::shared_snapshot source(world.source);
    REQUIRE(source.connect());
    for (auto* database : {&world.source, &world.target}) database->create_table("later", {{"id", "int"}}, {"id"});
    const rf::report report = rf::pipeline{starting_over}.copy(source, world.target, "later", world.timing);
    CHECK_FALSE(report.complete());
    CHECK(report.failure->code == 1412);
    CHECK_THAT(worlds::why(report), ContainsSubstring("definition was changed after the snapshot was taken"));
}

TEST_CASE("a plan from one snapshot changes nothing, and counts in the snapshot") {
    moving_world world;
    rf::shared_snapshot source(world.source);
    REQUIRE(source.connect());
    world.source.insert("procnote", {"5000", moving_world::r_time(), "late"});
    const rf::copy_request counted{.table = "procnote", .count_rows = true};
    for (const auto how : {rf::when_lost::stop, rf::when_lost::start_over}) {
        const rf::pipeline ferry{three, rf::one_snapshot{.when_lost = how}};
        auto plan = ferry.plan(source, world.target, counted, world.timing);
        REQUIRE(plan);
        CHECK(plan->expected_rows == 10);
        CHECK(plan->consistency == rf::consistency::one_snapshot);
    }
    world.source.kill_connections();
    const auto stopped = rf::pipeline{stopping}.plan(source, world.target, counted, world.timing);
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().fault == rf::fault::connection_lost);
    const auto renewed = rf::pipeline{starting_over}.plan(source, world.target, counted, world.timing);
    REQUIRE(renewed);
    CHECK(renewed->expected_rows == 11);
}

TEST_CASE(
    "a refused row of a copy from one snapshot: what it says to do is what works, and a later loss is another matter") {
    for (const rf::one_snapshot& moment : {stopping, starting_over}) {
        for (const std::string refused : {"-5", "4"}) {
            two_databases world(10);
            world.target.add_check("procnote", "no", [&](const rf::testing::row& r) { return r[0] != refused; });
            bool is_met = false;
            // The snapshot is lost while the refusal is looked into: no row is read any more.
            for (std::uint64_t call = 1; call < 60; ++call) {
                world.target.at_call(call, [&] {
                    if (is_met || world.target.row_count("procnote") < (refused == "4" ? 3U : 0U)) return;
                    const auto log = world.target.log();
                    is_met = log.size() > 1 && log[log.size() - 2] == "rollback";
                    if (is_met && refused == "4") world.source.kill_connections();
                });
            }
            const rf::pipeline ferry{rf::fixed_batch{.rows = 20}, moment};
            const rf::report report = world.copy(ferry);
            CAPTURE(worlds::why(report), refused);
            CHECK(report.started_over == 0);
            REQUIRE(report.failure);
            CHECK(report.failure->fault == rf::fault::data);
            CHECK_THAT(report.failure->where, ContainsSubstring("the row with key (" + refused + ")"));
            world.target.drop_checks("procnote");
            const bool can_continue = report.rows == 0;
            CHECK_THAT(worlds::why(report),
                       ContainsSubstring(can_continue ? "continues at this row" : "start over without resuming"));
            CHECK(world.copy(ferry).complete() == can_continue);
            if (!can_continue) CHECK(world.copy(ferry, emptying).complete());
            CHECK(world.equal());
        }
    }
}
