// SPDX-License-Identifier: BSL-1.0
// The same data from another host: the checkpoint that is there is named, and continued where the user says so.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <string>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using worlds::two_databases;
using worlds::why;

namespace {

constexpr rf::fixed_batch tens{.rows = 10};

/// Half of a table was copied from a source that has a replica now.
struct moved_source : two_databases {
    rf::testing::fake_database replica{"source"};
    moved_source() : two_databases(50) {
        source.fail_at(9, rf::fault::permanent);
        CHECK_FALSE(copy(rf::pipeline{tens}).complete());
        copied = target.row_count("procnote");
        CHECK(copied > 0);
        source.clear_faults();
        replica.replicate(source);
    }
    template <class Pipeline>
    rf::report copy_replica(const Pipeline& ferry, rf::copy_request request = {.table = "procnote"}) {
        return ferry.copy(replica, target, request, timing, events);
    }
    std::uint64_t copied = 0;
};

} // namespace

TEST_CASE("a checkpoint of the same copy from another source is named", "[renamed_source]") {
    moved_source world;
    const rf::report report = world.copy_replica(rf::pipeline{tens});
    CHECK(report.outcome == rf::outcome::refused);
    REQUIRE(report.failure);
    CHECK_THAT(why(report), ContainsSubstring("holds no checkpoint of this copy, but a checkpoint of a copy from " +
                                              world.source.identity()));
    CHECK(report.failure->remedies.front() == rf::remedy{rf::remedy::name_source, "", world.source.identity()});
    CHECK(world.target.row_count("procnote") == world.copied);
}

TEST_CASE("it is continued under the source's earlier name", "[renamed_source]") {
    moved_source world;
    const rf::report report =
        world.copy_replica(rf::pipeline{tens}, {.table = "procnote", .source_name = world.source.identity()});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(report.resumed_rows == world.copied);
    CHECK(world.equal());
    CHECK(world.target.checkpoints().size() == 1);
    // And from the first host again, whose name it is.
    CHECK(world.copy(rf::pipeline{tens}).complete());
}

TEST_CASE("a name that no checkpoint has is refused as before, and names the one that is there", "[renamed_source]") {
    moved_source world;
    const rf::report report = world.copy_replica(rf::pipeline{tens}, {.table = "procnote", .source_name = "elsewhere"});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK(worlds::offers(report, rf::remedy::name_source));
}

TEST_CASE("only the same copy is named", "[renamed_source]") {
    moved_source world;
    SECTION("of another table") {
        for (auto* database : {&world.replica, &world.target}) {
            database->create_table("others", {{"id", "int not null"}}, {"id"});
            database->insert("others", {"1"});
        }
        const rf::report report = world.copy_replica(rf::pipeline{tens}, {.table = "others"});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_FALSE(worlds::offers(report, rf::remedy::name_source));
    }
    SECTION("not where a copy is to start over") {
        const rf::report report = world.copy_replica(rf::pipeline{tens}, {.table = "procnote", .resume = false});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_FALSE(worlds::offers(report, rf::remedy::name_source));
    }
}

TEST_CASE("a copy that may write over the rows begins, with a notice", "[renamed_source]") {
    moved_source world;
    const rf::report report = world.copy_replica(rf::pipeline{tens, rf::upsert{}});
    INFO(why(report));
    CHECK(report.complete());
    const auto& told = world.events.notices();
    CHECK(std::any_of(told.begin(), told.end(), [&](const auto& each) {
        return each.text.find("a checkpoint of a copy from " + world.source.identity()) != std::string::npos;
    }));
}
