// SPDX-License-Identifier: BSL-1.0
// Whether a target can log what is written, for its replicas: asked in the plan, before anything is changed.
#include "catch.hpp"
#include "worlds.hpp"

#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("what an operator should know of the target's log is a notice of the plan") {
    worlds::two_databases world(5);
    world.target.log_writes(std::string("the target logs statements"));
    const auto plan = rf::pipeline{}.plan(world.source, world.target, {.table = "procnote"});
    REQUIRE(plan);
    REQUIRE_FALSE(plan->notices.empty());
    CHECK(plan->notices.back() == "the target logs statements");
    CHECK(world.copy(rf::pipeline{}).complete());
    CHECK(world.equal());
}

TEST_CASE("a target that cannot log what is written is refused, and nothing is changed; a repair too") {
    worlds::two_databases world(5);
    world.target.log_writes(rf::refusal("rows cannot be logged"));
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("rows cannot be logged"));
    CHECK(world.target.checkpoints().empty());
    const auto repaired = rf::verifier{}.verify(world.source, world.target,
                                                rf::verify_request{.table = "procnote", .repair = true}, world.timing);
    CHECK(repaired.verdict == rf::verdict::refused);
    CHECK(world.target.row_count("procnote") == 0);
    const auto compared = rf::verifier{}.verify(world.source, world.target, "procnote", world.timing);
    CHECK(compared.missing.count == 5);
}
