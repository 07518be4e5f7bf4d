// SPDX-License-Identifier: BSL-1.0
// Enums, errors, keys and reports as text, by fmt and without it.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/format.hpp>

#include <fmt/ranges.h>

#include <string>
#include <vector>

namespace rf = rowferry;
using worlds::two_databases;

TEST_CASE("enums are formatted by their names, as strings are", "[format]") {
    CHECK(fmt::format("{} {} {} {}", rf::fault::connection_lost, rf::side::target, rf::outcome::complete,
                      rf::verdict::undecided) == "connection_lost target complete undecided");
    CHECK(fmt::format("{} {} {}", rf::cause::too_slow, rf::remedy::map_type, rf::route::across) ==
          "too_slow map_type across");
    CHECK(fmt::format("{} {} {}", rf::consistency::one_snapshot, rf::write_kind::upsert, rf::write_way::load_data) ==
          "one_snapshot upsert load-data");
    CHECK(fmt::format("[{:>9}|{:.4}]", rf::side::source, rf::fault::rolled_back) == "[   source|roll]");
}

TEST_CASE("keys and errors are formatted as their text, also where fmt knows ranges", "[format]") {
    const rf::key_values key{"41000", std::nullopt};
    CHECK(fmt::format("{}", key) == rf::to_string(key));
    CHECK(fmt::format("{}", std::vector<int>{1, 2}) == "[1, 2]");
    rf::error e = rf::refusal("no such thing", {rf::remedy{rf::remedy::run_again}});
    CHECK(fmt::format("{}", e) == rf::to_string(e));
    CHECK(fmt::format("{}", e.remedies.front()) == rf::to_string(e.remedies.front()));
}

TEST_CASE("reports and verifications are one line, without a value of a row", "[format]") {
    two_databases world(1200);
    const rf::report copied = world.copy(rf::pipeline{rf::fixed_batch{.rows = 1000}});
    CHECK(rf::to_string(copied) == "table procnote: complete, 1 200 rows in 2 batches");
    CHECK(fmt::format("{}", copied) == rf::to_string(copied));
    world.target.erase("procnote", {"4"});
    const auto found = rf::verifier{}.verify(world.source, world.target, "procnote", world.timing);
    CHECK(rf::to_string(found) == "table procnote: different, 1 200 rows compared, 1 missing, 0 extra, 0 changed");
    CHECK(fmt::format("{}", found) == rf::to_string(found));

    world.target.fail_every(1, rf::fault::connection_lost);
    const rf::report failed = world.copy(rf::pipeline{rf::fixed_delay{.max_attempts = 2}});
    CHECK_THAT(rf::to_string(failed),
               Catch::Matchers::StartsWith("table procnote: stopped, 0 rows in 0 batches, 1 retry: "));
    REQUIRE(failed.failure);
    CHECK_THAT(rf::to_string(failed), Catch::Matchers::EndsWith(rf::to_string(*failed.failure)));
}
