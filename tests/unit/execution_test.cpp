// SPDX-License-Identifier: BSL-1.0
// Reading ahead and several workers: the same rows, exactly once, whoever copies them.
#include "catch.hpp"
#include "ferries.hpp"
#include "lying_source.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rf = rowferry;
using namespace ferries;
using worlds::two_databases;

namespace {

two_databases twenty_rows() { return two_databases(20); }

/// One fault at any call leaves no range open.
template <class MakeWorld, class Pipeline>
void survives_a_fault(MakeWorld make_world, const Pipeline& ferry) {
    const auto leaves_no_gap = [](two_databases& world, const rf::report& done, const sweep::place&) {
        REQUIRE(done.complete());
        REQUIRE(world.equal());
        REQUIRE(world.target.checkpoints().at(0).gaps.empty());
    };
    sweep::for_each_fault(make_world, ferry, leaves_no_gap);
    // "Too large" answers writes alone; to any other call it stops the copy, and the next run finishes it.
    const auto at_most_twice = [&](two_databases& world) {
        rf::report done = world.copy(ferry);
        return done.complete() ? done : world.copy(ferry);
    };
    sweep::for_each_fault(make_world, at_most_twice, leaves_no_gap,
                          {.faults = {rf::fault::batch_too_large}, .sides = {rf::side::target}});
}

/// A client killed at any call, and then a run by another number of workers.
template <class First, class Second>
void survives_a_crash(const First& first, const Second& second) {
    sweep::for_each_crash(twenty_rows, first, second, [](two_databases& world, const rf::report& done, const auto&) {
        REQUIRE(done.complete());
        REQUIRE(world.equal());
        REQUIRE(world.target.checkpoints().at(0).rows == 20);
    });
}

/// Notes which threads committed; not safe by itself, as observers need not be.
struct thread_observer {
    std::set<std::thread::id> threads;
    std::uint64_t rows = 0;
    std::uint64_t batches = 0;
    bool is_in_order = true;
    void on(const rf::batch_committed& batch) {
        threads.insert(std::this_thread::get_id());
        is_in_order = is_in_order && batch.total_rows == rows + batch.rows;
        rows = batch.total_rows;
        ++batches;
    }
};

} // namespace

TEST_CASE("reading ahead copies the same rows") {
    for (const std::uint64_t rows : {0U, 1U, 2U, 3U, 4U, 100U}) {
        two_databases world(rows);
        const rf::report done = world.copy(ferry_of(rf::overlapped{}));
        CAPTURE(rows, worlds::why(done));
        CHECK(done.complete());
        CHECK(done.rows == rows);
        CHECK(done.workers == 1);
        CHECK(world.equal());
        CHECK(world.target.checkpoints().at(0).complete);
    }
}

TEST_CASE("several workers copy the same rows") {
    for (const unsigned jobs : {0U, 1U, 2U, 3U, 8U}) {
        for (const std::uint64_t rows : {0U, 1U, 3U, 10U, 500U}) {
            two_databases world(rows);
            const rf::report done = world.copy(ferry_of(rf::parallel{.jobs = jobs}));
            CAPTURE(jobs, rows, worlds::why(done));
            CHECK(done.complete());
            CHECK(done.rows == rows);
            CHECK(done.workers >= 1);
            CHECK(done.workers <= (rows == 0 ? 1U : std::max(1U, jobs))); // those that got a range
            CHECK(world.equal());
            const rf::checkpoint at = world.target.checkpoints().at(0);
            CHECK(at.complete);
            CHECK(at.rows == rows);
            CHECK(at.gaps.empty());
        }
    }
}

TEST_CASE("a range is divided for a worker that has nothing to do, and observers hear one event at a time") {
    // On a starved machine the first worker may be done before another one has begun: then again.
    std::size_t committing = 0;
    for (int attempt = 0; attempt < 50 && committing < 2; ++attempt) {
        two_databases world(3000);
        thread_observer threads;
        const rf::pipeline ferry{three, rf::parallel{.jobs = 4}};
        const rf::report done = ferry.copy(world.source, world.target, "procnote", world.timing, threads);
        REQUIRE(done.complete());
        CHECK(world.equal());
        CHECK(threads.is_in_order);
        CHECK(threads.rows == 3000);
        CHECK(done.batches == threads.batches);
        CHECK(done.source.connects <= 4);
        CHECK(done.target.connects >= threads.threads.size());
        committing = threads.threads.size();
    }
    CHECK(committing > 1);
}

TEST_CASE("a source whose ranges are divided in one place again and again is refused", "[hostile]") {
    // On a starved machine the first worker may be done before another one asks for a range: then again.
    bool was_refused = false;
    for (int attempt = 0; attempt < 50 && !was_refused; ++attempt) {
        two_databases world(3000);
        // In front of what was copied already: upsert copies it again without an error.
        worlds::lying_connector source{world.source,
                                       [](unsigned, const rf::page_request&) { return rf::key_values{"-2"}; }};
        const rf::pipeline ferry{three, rf::parallel{.jobs = 2}, rf::upsert{},
                                 rf::exponential_backoff{.max_attempts = 100'000}}; // of waits for locks
        const rf::report done = ferry.copy(source, world.target, "procnote", world.timing, world.events);
        CHECK(*source.asked < worlds::lying_connection::most_questions);
        if (done.complete()) continue;
        was_refused = true;
        CAPTURE(worlds::why(done), source.asked->load());
        CHECK(done.failure->cause == rf::cause::senseless_answer);
        CHECK(done.failure->where.find("source") == 0);
    }
    CHECK(was_refused);
}

TEST_CASE("the rows of a new table that nobody has estimated are divided all the same") {
    two_databases world(10);
    world.source.fill("procnote", 500, [](std::uint64_t i) {
        return rf::key_values{std::to_string(1000 + i), std::nullopt, "late"};
    });
    const rf::report done = world.copy(ferry_of(rf::parallel{.jobs = 3}));
    CHECK(done.complete());
    CHECK(world.equal());
}

TEST_CASE("a key of integers is divided by estimates, whatever its gaps, and not by counting rows") {
    for (const char* type : {"bigint not null", "bigint unsigned not null"}) {
        rf::testing::fake_database source("source");
        rf::testing::fake_database target("target");
        rf::testing::manual_timing timing;
        for (auto* database : {&source, &target}) database->create_table("t", {{"id", type}, {"v", "text"}}, {"id"});
        // Most rows are close together, and some are far away.
        const bool is_unsigned = std::string_view(type).find("unsigned") != std::string_view::npos;
        source.fill("t", 600, [&](std::uint64_t i) {
            const std::uint64_t far = i * 1'000'000'000'000'000 + (is_unsigned ? 9'300'000'000'000'000'000U : 0U);
            const std::uint64_t id = i % 10 == 0 ? far : 5000 + i;
            return rf::key_values{(is_unsigned || i % 10 == 0 ? "" : "-") + std::to_string(id), "row"};
        });
        const rf::report done = ferry_of(rf::parallel{.jobs = 2}).copy(source, target, "t", timing);
        CAPTURE(type, worlds::why(done));
        CHECK(done.complete());
        CHECK(source.has_same_rows("t", target, "t"));
        CHECK(source.calls(rf::testing::operation::estimate) > 2);
    }
}

TEST_CASE("every kind of key can be divided") {
    struct shape {
        const char* type;
        const char* order;
        rf::key_values (*row)(std::uint64_t);
    };
    const std::vector<shape> shapes{
        {"varchar(20) not null", "k",
         [](std::uint64_t i) {
             return rf::key_values{"K" + std::to_string(i), "a"};
         }},
        {"varchar(20) not null", "k desc",
         [](std::uint64_t i) {
             return rf::key_values{"k" + std::to_string(i), "b"};
         }},
        {"decimal(10,2) not null", "k",
         [](std::uint64_t i) {
             return rf::key_values{std::to_string(i) + ".25", "c"};
         }},
        {"bigint unsigned not null", "k",
         [](std::uint64_t i) {
             return rf::key_values{std::to_string(~std::uint64_t{0} - i * 1000), "d"};
         }},
        {"varbinary(20) not null", "k",
         [](std::uint64_t i) {
             return rf::key_values{std::string(1, static_cast<char>(i)) + '\0', "e"};
         }},
        {"datetime(6) not null", "k",
         [](std::uint64_t i) {
             return rf::key_values{"2026-01-01 00:00:00." + std::to_string(100000 + i), "f"};
         }},
    };
    for (const shape& s : shapes) {
        rf::testing::fake_database source("source");
        rf::testing::fake_database target("target");
        rf::testing::manual_timing timing;
        for (auto* database : {&source, &target}) {
            database->create_table("t", {{"k", s.type}, {"v", "text"}}, {s.order});
        }
        source.fill("t", 200, s.row);
        const rf::report done = ferry_of(rf::parallel{.jobs = 3}).copy(source, target, "t", timing);
        CAPTURE(s.type, s.order, worlds::why(done));
        CHECK(done.complete());
        CHECK(source.has_same_rows("t", target, "t"));
    }
}

TEST_CASE("one fault at any call, reading ahead") { survives_a_fault(twenty_rows, ferry_of(rf::overlapped{})); }
TEST_CASE("one fault at any call, two workers") { survives_a_fault(twenty_rows, ferry_of(rf::parallel{.jobs = 2})); }
TEST_CASE("one fault at any call, two workers inside one server") {
    survives_a_fault(sweep::on_one_server(twenty_rows), ferry_of(rf::parallel{.jobs = 2}));
}
TEST_CASE("one fault at any call, three workers and upsert") {
    survives_a_fault(twenty_rows, rf::pipeline{three, patient, rf::upsert{}, rf::parallel{.jobs = 3}});
}
TEST_CASE("a client with several workers is killed at any call, and others go on") {
    survives_a_crash(ferry_of(rf::parallel{.jobs = 3}), ferry_of(rf::sequential{}));
    survives_a_crash(ferry_of(rf::parallel{.jobs = 2}), ferry_of(rf::parallel{.jobs = 4}));
    survives_a_crash(ferry_of(rf::sequential{}), ferry_of(rf::parallel{.jobs = 2}));
    survives_a_crash(ferry_of(rf::overlapped{}), ferry_of(rf::parallel{.jobs = 2}));
}

TEST_CASE("a stop request ends all workers after their batch, and any other number of them goes on") {
    for (const std::uint64_t batches : {1U, 5U, 30U}) {
        two_databases world(300);
        stop_after stop{batches};
        const rf::report first =
            ferry_of(rf::parallel{.jobs = 3}).copy(world.source, world.target, "procnote", world.timing, stop);
        CAPTURE(batches, worlds::why(first));
        CHECK(first.outcome == rf::outcome::interrupted);
        CHECK(world.target.checkpoints().at(0).rows == first.rows);
        CHECK(world.target.row_count("procnote") == first.rows);
        const rf::report second = world.copy(ferry_of(rf::sequential{}));
        CAPTURE(worlds::why(second));
        CHECK(second.complete());
        CHECK(second.resumed_rows == first.rows);
        CHECK(first.rows + second.rows == 300);
        CHECK(world.equal());
    }
}

TEST_CASE("a worker that fails for good stops the others, and its reason is the copy's") {
    two_databases world(300);
    world.target.add_check("procnote", "not_this", [](const rf::testing::row& r) { return r[0] != "448"; });
    const rf::report first = world.copy(ferry_of(rf::parallel{.jobs = 3}));
    CHECK(first.outcome == rf::outcome::stopped);
    REQUIRE(first.failure);
    CHECK(first.failure->where == "target, table procnote, the row with key (448)");
    CHECK(world.target.row_count("procnote") == first.rows);
    world.target.drop_checks("procnote");
    const rf::report second = world.copy(ferry_of(rf::parallel{.jobs = 2}));
    CAPTURE(worlds::why(second));
    CHECK(second.complete());
    CHECK(world.equal());
}

TEST_CASE("all workers share one rate limit") {
    two_databases world(300);
    const rf::pipeline ferry{three, rf::parallel{.jobs = 4}, rf::token_bucket{.rows_per_second = 10}};
    const rf::report done = world.copy(ferry);
    CHECK(done.complete());
    // Thirty seconds' worth of rows, of which the burst is one. By a clock that all sleepers move, they add up to more.
    CHECK(done.target.throttle >= std::chrono::seconds(28));
}

TEST_CASE("what cannot be divided is copied by one worker, and a notice says so") {
    two_databases world(20);
    rf::testing::recording_observer events;
    const rf::report by_offset = rf::pipeline{three, rf::offset_pages{}, rf::parallel{.jobs = 4}}.copy(
        world.source, world.target, "procnote", world.timing, events);
    CHECK(by_offset.complete());
    CHECK(by_offset.workers == 1);
    CHECK(world.equal());
    const auto has = [&](std::string_view words) {
        const auto& notices = events.notices();
        return std::any_of(notices.begin(), notices.end(),
                           [&](const auto& n) { return std::string_view(n.text).find(words) != words.npos; });
    };
    CHECK(has("cannot be divided"));

    two_databases other(20);
    const rf::report of_snapshot = rf::pipeline{three, rf::one_snapshot{}, rf::parallel{.jobs = 4}}.copy(
        other.source, other.target, "procnote", other.timing, events);
    CAPTURE(worlds::why(of_snapshot));
    CHECK(of_snapshot.complete());
    CHECK(of_snapshot.workers == 1);
    CHECK(other.equal());
    CHECK(has("one snapshot is read through one connection"));
}

TEST_CASE("a run that another one took over from stops, with all its workers") {
    two_databases world(300);
    struct second_run {
        two_databases& world;
        rf::fixed_delay patient{.max_attempts = 3000, .delay = std::chrono::milliseconds(1)};
        bool started = false;
        rf::report report{};
        void on(const rf::batch_committed&) {
            if (std::exchange(started, true)) return;
            // A worker of the first run may hold the checkpoint while its thread is not running: the waits are real.
            report = rf::pipeline{three, patient}.copy(world.source, world.target, "procnote");
        }
    } other{world};
    const rf::report first =
        rf::pipeline{three, rf::parallel{.jobs = 3}}.copy(world.source, world.target, "procnote", world.timing, other);
    CAPTURE(worlds::why(other.report), worlds::why(first));
    CHECK(first.outcome == rf::outcome::stopped);
    // What the workers of the first were writing may be in the second one's way; it continues all the same.
    const rf::report last = world.copy(rf::pipeline{three});
    CAPTURE(worlds::why(last));
    CHECK(last.complete());
    CHECK(world.equal());
}
