// SPDX-License-Identifier: BSL-1.0
// A name that leads to another server after a lost connection: one that holds another state of the data.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;
using worlds::why;
using namespace std::chrono_literals;

namespace {

constexpr rf::fixed_batch threes{.rows = 3};
constexpr std::uint64_t rows_of_source = 20;
constexpr rf::exponential_backoff patient{.max_attempts = 5};

bool says(const std::vector<std::string>& notices, const std::string& part) {
    return std::any_of(notices.begin(), notices.end(),
                       [&](const std::string& each) { return each.find(part) != std::string::npos; });
}

/// A world whose source has a replica that lacks the last rows.
struct lagging_source : two_databases {
    rf::testing::fake_database replica{"source"};
    lagging_source() : two_databases(rows_of_source) {
        replica.replicate(source);
        const auto all = replica.rows("procnote");
        for (std::size_t i = all.size() - 5; i < all.size(); ++i) replica.erase("procnote", {all[i][0]});
    }
    /// At that call of the source's its connections are cut, and its name leads to the replica.
    void moves_at(std::uint64_t call) {
        source.at_call(call, [this] {
            source.lead_to(replica);
            source.kill_connections();
        });
    }
};

/// A world whose target has a replica.
struct replicated_target : two_databases {
    rf::testing::fake_database replica{"target"};
    replicated_target() : two_databases(rows_of_source) {}
    /// The replica has what was committed before call `copied`, and the name leads to it from call `moved` on.
    void fails_over(std::uint64_t copied, std::uint64_t moved) {
        target.at_call(copied, [this] { replica.replicate(target); });
        target.at_call(moved, [this] {
            target.lead_to(replica);
            target.kill_connections();
        });
    }
};

/// Fails the target over at each call, to a replica that lags by up to `most_lag` calls. `make()` makes the world, and
/// `copy(world)` copies and says whether the call was reached and the copy is right.
template <class Prepare, class Copy>
void sweep_failovers(Prepare prepare, Copy copy) {
    std::uint64_t losses = 0;
    for (const std::uint64_t lag : {0U, 3U, 9U, 21U, 1000U}) {
        for (std::uint64_t call = 1;; ++call) {
            replicated_target world;
            prepare(world);
            world.replica.replicate(world.target);
            world.fails_over(call > lag ? call - lag : 1, call);
            const rf::report report = copy(world);
            if (world.target.calls() < call) break;
            CAPTURE(lag, call, why(report), report.rows, report.resumed_rows, report.lost_batches);
            REQUIRE(report.complete());
            if (world.replica.calls() == 0) { // it was the last connection that was just made
                REQUIRE(world.equal());
                continue;
            }
            REQUIRE(world.source.has_same_rows("procnote", world.replica, "procnote"));
            REQUIRE(report.rows + report.resumed_rows == rows_of_source);
            const auto entries = world.replica.checkpoints();
            REQUIRE(entries.size() == 1);
            REQUIRE(entries.front().complete);
            REQUIRE(entries.front().rows == rows_of_source);
            if (report.lost_batches > 0) {
                ++losses;
                REQUIRE(says(report.notices, "the target has lost batch"));
                REQUIRE(says(report.notices, "(a failover?)"));
            }
        }
    }
    CHECK(losses > 0);
}

} // namespace

TEST_CASE("another source server after a reconnect stops a full copy, at whichever call", "[other_server]") {
    std::uint64_t stopped = 0;
    for (const unsigned jobs : {1U, 3U}) {
        for (std::uint64_t call = 1;; ++call) {
            lagging_source world;
            world.moves_at(call);
            const rf::pipeline ferry{threes, patient, rf::parallel{.jobs = jobs}};
            const rf::report report = world.copy(ferry);
            if (world.source.calls() < call) break;
            CAPTURE(jobs, call, why(report));
            if (report.complete()) { // its connection was not needed any more
                REQUIRE(world.equal());
                continue;
            }
            ++stopped;
            REQUIRE(report.failure->cause == rf::cause::another_server);
            REQUIRE_FALSE(rf::is_retryable(*report.failure));
            REQUIRE(report.failure->offers(rf::remedy::accept_other_servers));
            REQUIRE_THAT(report.failure->message, ContainsSubstring("another server answers as the source"));
        }
    }
    CHECK(stopped > 10);
}

TEST_CASE("servers that are said to be equal are a notice", "[other_server]") {
    lagging_source world;
    world.replica.replicate(world.source);
    world.moves_at(8);
    const rf::report report = world.copy(rf::pipeline{threes, patient}, {.table = "procnote", .same_server = false});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(says(report.notices, "another server answers as the source: fake-"));
    CHECK(report.notices.size() == 1);
    CHECK(std::any_of(world.events.notices().begin(), world.events.notices().end(),
                      [](const auto& each) { return each.text.find("another server answers") != std::string::npos; }));
}

TEST_CASE("an incremental copy continues after its checkpoint on another source server, with a notice",
          "[other_server]") {
    lagging_source world;
    world.moves_at(8);
    const rf::pipeline ferry{threes, patient, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    const rf::report report = world.copy(ferry);
    INFO(why(report));
    CHECK(report.complete());
    CHECK(says(report.notices, "another server answers as the source"));
    // What the replica lacked comes with the next run.
    world.source.lead_to(world.source);
    CHECK(world.copy(ferry).complete());
    CHECK(world.equal());
}

TEST_CASE("who answered before the copy counts", "[other_server]") {
    lagging_source world;
    const rf::server_identity before = world.replica.connect().value().server();
    const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .source_server = before});
    CHECK(report.outcome == rf::outcome::refused);
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::another_server);
    CHECK(world.target.row_count("procnote") == 0);
}

TEST_CASE("a server that restarted is the same one", "[other_server]") {
    for (std::uint64_t call = 2; call < 30; ++call) {
        two_databases world(rows_of_source);
        world.source.outage_at(call, 2s, world.timing);
        world.target.outage_at(call + 1, 2s, world.timing);
        const rf::report report = world.copy(rf::pipeline{threes});
        CAPTURE(call, why(report));
        REQUIRE(report.complete());
        REQUIRE(world.equal());
        REQUIRE(report.notices.empty());
        REQUIRE(report.lost_batches == 0);
    }
}

TEST_CASE("a failover of the target that loses batches: the copy goes on from what it holds, exactly once",
          "[other_server]") {
    const auto nothing = [](replicated_target&) {};
    for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert}) {
        sweep_failovers(nothing, [kind](replicated_target& world) {
            return world.copy(rf::pipeline{threes, patient, rf::chosen_write_mode{kind}});
        });
    }
}

TEST_CASE("the same with several workers, and reading ahead", "[other_server]") {
    const auto nothing = [](replicated_target&) {};
    sweep_failovers(nothing, [](replicated_target& world) {
        return world.copy(rf::pipeline{threes, patient, rf::parallel{.jobs = 3}});
    });
    sweep_failovers(nothing, [](replicated_target& world) {
        return world.copy(rf::pipeline{threes, patient, rf::overlapped{}});
    });
}

TEST_CASE("the same of a copy that empties the target first, which its replica may not know yet", "[other_server]") {
    const auto has_old_rows = [](replicated_target& world) {
        world.target.insert("procnote", {"1000", std::nullopt, "old"});
    };
    sweep_failovers(has_old_rows, [](replicated_target& world) {
        return world.copy(rf::pipeline{threes, patient}, {.table = "procnote", .truncate_target = true});
    });
}

TEST_CASE("the same of a copy that is resumed", "[other_server]") {
    const auto half_done = [](replicated_target& world) {
        world.source.fail_at(9, rf::fault::permanent);
        CHECK_FALSE(world.copy(rf::pipeline{threes}).complete());
    };
    std::uint64_t losses = 0;
    for (std::uint64_t call = 1;; ++call) {
        replicated_target world;
        half_done(world);
        const std::uint64_t before = world.target.calls();
        world.replica.replicate(world.target);
        world.fails_over(before + 1, before + call);
        const rf::report report = world.copy(rf::pipeline{threes, patient});
        if (world.target.calls() < before + call) break;
        CAPTURE(call, why(report), report.rows, report.resumed_rows);
        REQUIRE(report.complete());
        if (world.replica.calls() == 0) continue; // it was the last connection that was just made
        REQUIRE(world.source.has_same_rows("procnote", world.replica, "procnote"));
        REQUIRE(report.rows + report.resumed_rows == rows_of_source);
        losses += report.lost_batches;
    }
    CHECK(losses > 0);
}

TEST_CASE("a server that restarts without its last commits has lost them", "[other_server]") {
    two_databases world(rows_of_source);
    rf::testing::fake_database kept;
    world.target.at_call(20, [&] { kept.replicate(world.target); });
    world.target.at_call(32, [&] {
        world.target.kill_connections();
        world.target.replicate(kept);
    });
    const rf::report report = world.copy(rf::pipeline{threes, patient});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(world.equal());
    CHECK(report.lost_batches > 0);
    CHECK(report.rows == rows_of_source);
    CHECK(says(report.notices, "the copy goes on from what the target holds"));
    CHECK_FALSE(says(report.notices, "another server"));
}

TEST_CASE("a target that loses batches again and again is left after a while", "[other_server]") {
    two_databases world(rows_of_source);
    rf::testing::fake_database empty;
    empty.replicate(world.target);
    // Each time when three batches are there, the claim is the last thing that is left.
    std::uint64_t losses = 0;
    rf::testing::fake_database claimed;
    const auto lose = [&] {
        ++losses;
        world.target.kill_connections();
        world.target.replicate(claimed);
    };
    for (std::uint64_t call = 1; call < 2000; ++call) {
        world.target.at_call(call, [&] {
            const auto entries = world.target.checkpoints();
            if (entries.empty()) return;
            if (entries.front().batches == 0) claimed.replicate(world.target);
            if (entries.front().batches == 3) lose();
        });
    }
    world.target.insert("procnote", {"1000", std::nullopt, "old"});
    const rf::report report = world.copy(rf::pipeline{threes, patient}, {.table = "procnote", .truncate_target = true});
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::lost_batches);
    CHECK(rf::is_retryable(*report.failure));
    CHECK(report.failure->offers(rf::remedy::run_again));
    // By the first round; the later ones went on from its claim.
    const auto& changes = report.failure->changes;
    CHECK(std::count(changes.begin(), changes.end(), rf::change{rf::change::emptied_table, "procnote"}) == 1);
    CHECK(report.rows == 0);
    CHECK(losses == 11);
}

TEST_CASE("without a checkpoint nothing says what another target holds: the copy stops", "[other_server]") {
    replicated_target world;
    world.replica.replicate(world.target);
    world.fails_over(1, 12);
    const rf::report report = world.copy(rf::pipeline{threes, patient, rf::no_checkpoint{}, rf::upsert{}});
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::another_server);
    CHECK_FALSE(report.failure->offers(rf::remedy::accept_other_servers));
}

TEST_CASE("a run that is taken over is not taken for one whose commits were lost", "[other_server]") {
    two_databases world(rows_of_source);
    world.target.at_call(20, [&] {
        rf::checkpoint entry = world.target.checkpoints().front();
        entry.run = "another";
        world.target.set_checkpoint(entry);
        world.target.kill_connections();
    });
    const rf::report report = world.copy(rf::pipeline{threes, patient});
    CHECK_FALSE(report.complete());
    REQUIRE(report.failure);
    CHECK_THAT(report.failure->message, ContainsSubstring("has taken over"));
}

TEST_CASE("a run that is taken over long after another server answered is not taken for a loss", "[other_server]") {
    for (const bool empties : {false, true}) {
        for (const std::uint64_t call : {2U, 5U, 9U, 14U}) {
            CAPTURE(empties, call);
            replicated_target world;
            world.fails_over(24, 24); // without a loss
            world.replica.at_call(call, [&] {
                auto entries = world.replica.checkpoints();
                if (entries.empty()) return;
                entries.front().run = "of another run";
                world.replica.set_checkpoint(entries.front());
                world.replica.kill_connections();
            });
            const rf::report report =
                world.copy(rf::pipeline{threes, patient}, {.table = "procnote", .truncate_target = empties});
            INFO(why(report));
            CHECK_FALSE(report.complete());
            REQUIRE(report.failure);
            CHECK(report.failure->cause == rf::cause::taken_over);
            CHECK_FALSE(rf::is_retryable(*report.failure));
            CHECK(report.lost_batches == 0);
            CHECK(world.replica.checkpoints().front().run == "of another run");
        }
    }
}

TEST_CASE("another server that has an earlier run's checkpoint has lost this run's", "[other_server]") {
    for (const bool empties : {false, true}) {
        std::uint64_t losses = 0;
        for (std::uint64_t call = 1;; ++call) {
            replicated_target world;
            world.source.fail_at(9, rf::fault::permanent);
            CHECK_FALSE(world.copy(rf::pipeline{threes}).complete());
            world.replica.replicate(world.target); // before the second run
            const std::uint64_t before = world.target.calls();
            world.target.at_call(before + call, [&] {
                world.target.lead_to(world.replica);
                world.target.kill_connections();
            });
            const rf::report report =
                world.copy(rf::pipeline{threes, patient}, {.table = "procnote", .truncate_target = empties});
            if (world.target.calls() < before + call) break;
            CAPTURE(empties, call, why(report));
            REQUIRE(report.complete());
            if (world.replica.calls() == 0) continue; // it was the last connection that was just made
            REQUIRE(world.source.has_same_rows("procnote", world.replica, "procnote"));
            losses += report.lost_batches;
        }
        CHECK(losses > 0);
    }
}

TEST_CASE("a node that lags for a moment has lost nothing", "[other_server]") {
    std::uint64_t waited = 0;
    for (std::uint64_t call = 2; call < 20; ++call) { // before it is asked for the last time
        replicated_target world;
        world.fails_over(24, 40);
        world.replica.at_call(call, [&] { world.replica.replicate(world.target); });
        const rf::time_point begin = world.timing.now();
        const rf::report report = world.copy(rf::pipeline{threes, patient});
        CAPTURE(call, why(report), report.lost_batches);
        REQUIRE(report.complete());
        REQUIRE(world.replica.calls() > 0);
        REQUIRE(world.source.has_same_rows("procnote", world.replica, "procnote"));
        if (report.lost_batches == 0 && world.timing.now() - begin >= 100ms) ++waited;
    }
    CHECK(waited > 5);
}

TEST_CASE("a session that was lost is ended by the connection that takes its place", "[other_server]") {
    two_databases world(rows_of_source);
    world.target.fail_at(12, rf::fault::connection_lost);
    CHECK(world.copy(rf::pipeline{threes}).complete());
    CHECK(world.target.ended_sessions() == std::vector<std::string>{"session 1"});
    CHECK(world.source.ended_sessions().empty());
}

TEST_CASE("a COMMIT whose reply was lost, and which the next node applies later, is done once", "[other_server]") {
    const auto is_commit = [](std::string_view call) {
        return call == rf::testing::name(rf::testing::operation::commit);
    };
    std::uint64_t fourth = 0; // the call that commits the fourth batch
    {
        replicated_target trial;
        REQUIRE(trial.copy(rf::pipeline{threes, patient}).complete());
        const auto log = trial.target.log();
        for (unsigned commits = 0; commits < 4; ++fourth) commits += is_commit(log[fourth]) ? 1 : 0;
    }
    std::uint64_t waited = 0;
    std::uint64_t redone = 0;
    for (std::uint64_t late = 2; late < 60; ++late) {
        replicated_target world;
        world.target.at_call(fourth, [&] {
            world.replica.replicate(world.target);
            world.target.lead_to(world.replica);
        });
        world.target.fail_at(fourth, rf::fault::connection_lost, rf::testing::when::after);
        bool arrives = false;
        world.replica.at_call(late, [&] {
            const auto there = world.replica.checkpoints();
            arrives = there.front().batches < world.target.checkpoints().front().batches &&
                      !is_commit(world.replica.log().back()); // which a real node would refuse then
            if (arrives) world.replica.replicate(world.target);
        });
        const rf::time_point begin = world.timing.now();
        const rf::report report = world.copy(rf::pipeline{threes, patient});
        CAPTURE(late, fourth, why(report), report.rows, report.lost_batches);
        REQUIRE(report.complete());
        REQUIRE(world.source.has_same_rows("procnote", world.replica, "procnote"));
        REQUIRE(report.rows == rows_of_source);
        REQUIRE(report.lost_batches == 0);
        const rf::duration took = world.timing.now() - begin;
        if (arrives && took >= 100ms) ++waited;
        if (arrives && took >= 6300ms) ++redone; // until the rows were refused, or the checkpoint was
    }
    CHECK(waited > 10);
    CHECK(redone > 1);
}

TEST_CASE("a proxy that leads a transaction to a node that lags has not swallowed a COMMIT", "[other_server]") {
    const auto call_of = [](std::string_view operation, unsigned nth) {
        replicated_target trial;
        REQUIRE(trial.copy(rf::pipeline{threes, patient}).complete());
        const auto log = trial.target.log();
        std::uint64_t call = 0;
        for (unsigned seen = 0; seen < nth; ++call) seen += log[call] == operation ? 1 : 0;
        return call;
    };
    const std::uint64_t before = call_of(rf::testing::name(rf::testing::operation::commit), 4);
    const std::uint64_t after = call_of(rf::testing::name(rf::testing::operation::begin), 5);
    REQUIRE(before < after);
    unsigned waited = 0;
    for (std::uint64_t late = 1; late < 12; ++late) {
        replicated_target world;
        rf::testing::fake_database behind;
        rf::testing::fake_database ahead;
        world.target.at_call(before, [&] { behind.replicate(world.target); });
        world.target.at_call(after, [&] {
            ahead.replicate(world.target);
            world.target.replicate(behind);
        });
        world.target.at_call(after + late, [&] { world.target.replicate(ahead); });
        const rf::time_point begin = world.timing.now();
        const rf::report report = world.copy(rf::pipeline{threes, patient});
        CAPTURE(late, why(report));
        // Where it has caught up before the first look, nothing explains the failure, and the copy stops.
        const bool is_seen_behind = late < 3 || late > 5; // in between it rolls back, and begins to look
        if (!is_seen_behind && !report.complete()) continue;
        REQUIRE(report.complete());
        REQUIRE(world.equal());
        REQUIRE(report.rows == rows_of_source);
        if (world.timing.now() - begin >= 100ms) ++waited;
    }
    CHECK(waited > 3);
}
