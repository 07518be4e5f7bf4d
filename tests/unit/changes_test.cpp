// SPDX-License-Identifier: BSL-1.0
// What a copy changed before it failed, what it asks before it changes anything, and whether running it again can help.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using rf::testing::when;
using worlds::two_databases;
using worlds::why;

namespace {

bool has(const rf::report& report, rf::change::action what) {
    return report.failure && std::any_of(report.failure->changes.begin(), report.failure->changes.end(),
                                         [&](const rf::change& c) { return c.what == what; });
}

} // namespace

TEST_CASE("missing rights are found before anything is changed", "[changes]") {
    two_databases world(5);
    world.target.insert("procnote", {"1", std::nullopt, "old"});
    world.target.set_missing_rights("DELETE on checkpoints");
    const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .truncate_target = true});
    CHECK(report.outcome == rf::outcome::refused);
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::missing_privilege);
    CHECK(report.failure->changes.empty());
    CHECK_THAT(report.failure->message, ContainsSubstring("DELETE on checkpoints"));
    CHECK(world.target.row_count("procnote") == 1);
    CHECK(world.target.checkpoints().empty());
}

TEST_CASE("a failure says what was changed before it", "[changes]") {
    SECTION("nothing, in the plan") {
        two_databases world(5);
        const rf::report report = world.copy(rf::pipeline{}, {.table = "missing"});
        REQUIRE(report.failure);
        CHECK(report.failure->changes.empty());
    }
    SECTION("a checkpoint, when the first row is refused") {
        two_databases world(5);
        world.target.add_check("procnote", "none", [](const rf::testing::row&) { return false; });
        const rf::report report = world.copy(rf::pipeline{});
        CHECK(has(report, rf::change::entered_checkpoint));
        CHECK_THAT(why(report), ContainsSubstring("a checkpoint of this copy was entered in the target"));
    }
    SECTION("nothing but rows, when a later one is refused") {
        two_databases world(5);
        world.target.add_check("procnote", "some", [](const rf::testing::row& r) { return r[0] != rf::value("7"); });
        const rf::report report = world.copy(rf::pipeline{});
        CHECK(report.rows == 4);
        REQUIRE(report.failure);
        CHECK(report.failure->changes.empty());
    }
    SECTION("a table that was emptied") {
        two_databases world(5);
        world.target.insert("procnote", {"1", std::nullopt, "old"});
        world.target.add_check("procnote", "none", [](const rf::testing::row&) { return false; });
        const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .truncate_target = true});
        CHECK(has(report, rf::change::emptied_table));
        CHECK_THAT(why(report), ContainsSubstring("table procnote was emptied in the target"));
    }
    SECTION("a table that may have been emptied: the answer was lost") {
        two_databases world(5);
        world.target.insert("procnote", {"1", std::nullopt, "old"});
        world.target.fail_next(operation::claim_checkpoint, rf::fault::connection_lost, when::after);
        world.target.fail_next(operation::claim_checkpoint, rf::fault::permanent);
        const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .truncate_target = true});
        CHECK(world.target.row_count("procnote") == 0);
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(why(report), ContainsSubstring("table procnote may have been emptied in the target"));
    }
    SECTION("a batch that may have been committed: the answer was lost, and nothing more can be asked") {
        bool was_said = false;
        for (std::uint64_t call = 1; call < 60; ++call) {
            two_databases world(5);
            world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
            world.target.fail_at(call, rf::fault::permanent);
            const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 2}});
            CAPTURE(call, why(report));
            if (world.target.row_count("procnote") == 0) continue;
            CHECK(report.outcome != rf::outcome::refused);
            if (!has(report, rf::change::tried_commit)) continue;
            was_said = true;
            CHECK_THAT(why(report), ContainsSubstring("a batch may have been committed in the target"));
        }
        CHECK(was_said);
    }
    SECTION("a batch that may have been committed: the answer was lost, and the target stays unreachable") {
        bool was_said = false;
        for (std::uint64_t call = 1; call < 30; ++call) {
            two_databases world(5);
            world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
            world.target.fail_between(call, call + 1000, rf::fault::unreachable);
            const rf::report report = world.copy(rf::pipeline{rf::fixed_batch{.rows = 2}, rf::no_retry{}});
            CAPTURE(call, why(report));
            REQUIRE(report.failure);
            CHECK(rf::is_retryable(*report.failure));
            CHECK(report.batches == 0);
            const bool is_committed = world.target.row_count("procnote") > 0;
            CHECK(has(report, rf::change::tried_commit) == is_committed);
            CHECK(rf::may_have_committed(report) == is_committed);
            was_said = was_said || is_committed;
            // The checkpoint tells the next run, which goes on from there.
            CHECK_THAT(why(report), !ContainsSubstring("may have been committed"));
            world.target.clear_faults();
            CHECK(world.copy(rf::pipeline{}).complete());
            CHECK(world.equal());
        }
        CHECK(was_said);
    }
    SECTION("a batch that may have been committed, without a checkpoint") {
        const rf::pipeline again{rf::no_checkpoint{}, rf::upsert{}, rf::fixed_batch{.rows = 2}};
        const rf::pipeline once{rf::no_checkpoint{}, rf::no_retry{}, rf::fixed_batch{.rows = 2}};
        for (const when moment : {when::before, when::after}) { // the copy cannot tell them apart
            two_databases world(5);
            world.target.fail_next(operation::commit, rf::fault::connection_lost, moment);
            const rf::report stopped = world.copy(once);
            CHECK(has(stopped, rf::change::tried_commit));
            CHECK(rf::may_have_committed(stopped));
            // Another try ends for good.
            two_databases other(5);
            other.target.fail_next(operation::commit, rf::fault::connection_lost, moment);
            other.target.fail_next(operation::commit, rf::fault::permanent);
            const rf::report refused = other.copy(again);
            CHECK(has(refused, rf::change::tried_commit));
            CHECK(refused.outcome == rf::outcome::stopped);
            CHECK_THAT(why(refused), ContainsSubstring("a batch may have been committed in the target"));
        }
        // Not where the answer came, or another try has committed the batch.
        two_databases world(5);
        world.target.fail_next(operation::commit, rf::fault::permanent);
        CHECK_FALSE(has(world.copy(once), rf::change::tried_commit));
        world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
        world.target.add_check("procnote", "some", [](const rf::testing::row& r) { return r[0] != rf::value("7"); });
        const rf::report later = world.copy(again);
        CHECK(later.rows == 4);
        CHECK_FALSE(has(later, rf::change::tried_commit));
    }
    SECTION("a batch that may have been committed, and is refused as a duplicate when it is written again") {
        two_databases world(5);
        world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
        const rf::report report =
            world.copy(rf::pipeline{rf::no_checkpoint{}, rf::accept_duplicates{}, rf::fixed_batch{.rows = 4}});
        CAPTURE(why(report));
        CHECK(report.batches == 0);
        CHECK(has(report, rf::change::tried_commit)); // also after it was halved
    }
    SECTION("no batch, where the end of an empty table was noted") {
        two_databases world(0);
        world.target.fail_next(operation::commit, rf::fault::connection_lost, when::after);
        const rf::report report = world.copy(rf::pipeline{rf::no_retry{}});
        REQUIRE(report.failure);
        CHECK_FALSE(rf::may_have_committed(report));
    }
    SECTION("checkpoints of other copies, by a run that keeps none") {
        two_databases world(5);
        const rf::pipeline without{rf::no_checkpoint{}, rf::no_retry{}};
        for (const bool has_checkpoint : {false, true}) {
            if (has_checkpoint) REQUIRE(world.copy(rf::pipeline{}).complete());
            const std::size_t before = world.target.checkpoints().size();
            CHECK(before == (has_checkpoint ? 1 : 0));
            world.target.fail_next(operation::write, rf::fault::permanent);
            const rf::report report = world.copy(without, {.table = "procnote", .truncate_target = has_checkpoint});
            REQUIRE(report.failure);
            CHECK(has(report, rf::change::took_over_progress) == has_checkpoint);
            CHECK(world.target.checkpoints().empty());
        }
    }
    SECTION("a table that was created") {
        two_databases world(5);
        world.target.drop_table("procnote");
        world.target.fail_next(rf::testing::operation::write, rf::fault::permanent);
        const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .create_target = true});
        CHECK(has(report, rf::change::created_table));
        CHECK(report.outcome == rf::outcome::stopped);
    }
}

TEST_CASE("whether running again helps", "[changes]") {
    auto error_of = [](rf::fault f, rf::cause why = rf::cause::unspecified) {
        rf::error e;
        e.fault = f;
        e.cause = why;
        return e;
    };
    CHECK(rf::is_retryable(error_of(rf::fault::connection_lost)));
    CHECK(rf::is_retryable(error_of(rf::fault::unreachable)));
    CHECK_FALSE(rf::is_retryable(error_of(rf::fault::permanent)));
    CHECK_FALSE(rf::is_retryable(error_of(rf::fault::data)));
    CHECK_FALSE(rf::is_retryable(error_of(rf::fault::batch_too_large))); // it was halved as far as that goes
    CHECK_FALSE(rf::is_retryable(error_of(rf::fault::unreachable, rf::cause::another_server)));
    CHECK_FALSE(rf::is_retryable(error_of(rf::fault::connection_lost, rf::cause::senseless_answer)));
    rf::error lost = error_of(rf::fault::connection_lost);
    lost.remedies = {rf::remedy{rf::remedy::start_over_into_empty}};
    CHECK_FALSE(rf::is_retryable(lost));
    rf::error slow = error_of(rf::fault::transient, rf::cause::too_slow);
    slow.remedies = {rf::remedy{rf::remedy::allow_more_time, "", "120 s"}};
    CHECK_FALSE(rf::is_retryable(slow));
    slow.remedies.push_back(rf::remedy{rf::remedy::run_again});
    CHECK(rf::is_retryable(slow));
}

TEST_CASE("each change has a name and words", "[changes]") {
    for (std::size_t i = 0; i < rf::change_count; ++i) {
        const auto what = static_cast<rf::change::action>(i);
        CHECK_FALSE(rf::name(what).empty());
        CHECK_FALSE(rf::to_string(rf::change{what, "t"}).empty());
    }
}
