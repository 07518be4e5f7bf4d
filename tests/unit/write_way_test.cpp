// SPDX-License-Identifier: BSL-1.0
// A copy asks its target by which means it will write, once and before anything is changed, and says so in the report.
#include "catch.hpp"
#include "worlds.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::write_way;

namespace {

/// What the target below was asked, and what it answers.
struct choices {
    std::vector<rf::write_request> asked;
    std::vector<write_way> written;
    rf::result<write_way> answer = write_way::load_data;
};

/// The double, with a choice of ways.
class choosing_connection : public rf::testing::fake_connection {
public:
    choosing_connection(rf::testing::fake_connection&& real, std::shared_ptr<choices> seen)
        : rf::testing::fake_connection(std::move(real)), seen_(std::move(seen)) {}

    rf::result<write_way> choose_write_way(const rf::write_request& request, bool /*several_writers*/) {
        seen_->asked.push_back(request);
        return seen_->answer;
    }
    rf::result<rf::write_outcome> write(const rf::write_request& request, const rf::row_range& rows) {
        seen_->written.push_back(request.way);
        return rf::testing::fake_connection::write(request, rows);
    }

private:
    std::shared_ptr<choices> seen_;
};

struct choosing_connector {
    rf::testing::fake_database& real;
    std::shared_ptr<choices> seen = std::make_shared<choices>();

    rf::result<choosing_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return choosing_connection(std::move(*made), seen);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

static_assert(rf::ChoosesWriteWay<choosing_connection>);
static_assert(!rf::ChoosesWriteWay<rf::testing::fake_connection>); // it has one way only

rf::report copy(worlds::two_databases& world, choosing_connector& target, const rf::copy_request& request) {
    return rf::pipeline{rf::fixed_batch{.rows = 2}}.copy(world.source, target, request, world.timing, world.events);
}

} // namespace

TEST_CASE("ways to write have names") {
    CHECK(name(write_way::automatic) == "auto");
    CHECK(name(write_way::array_binding) == "array");
    CHECK(name(write_way::load_data) == "load-data");
    CHECK(name(write_way::multi_row) == "multi-row");
}

TEST_CASE("the target chooses the way, every batch goes by it, and the report names it") {
    worlds::two_databases world(5);
    choosing_connector target{world.target};
    const rf::report report = copy(world, target, {.table = "procnote", .way = write_way::load_data});
    INFO(worlds::why(report));
    CHECK(report.complete());
    CHECK(report.way == write_way::load_data);
    REQUIRE(target.seen->asked.size() == 1);
    CHECK(target.seen->asked[0].way == write_way::load_data);
    CHECK(target.seen->asked[0].columns.size() == 3);
    CHECK(target.seen->written == std::vector<write_way>(3, write_way::load_data));
    CHECK(world.equal());
}

TEST_CASE("automatic is the target's choice") {
    worlds::two_databases world(1);
    choosing_connector target{world.target};
    target.seen->answer = write_way::multi_row;
    const rf::report report = copy(world, target, {.table = "procnote"});
    CHECK(report.complete());
    CHECK(report.way == write_way::multi_row);
    REQUIRE(target.seen->asked.size() == 1);
    CHECK(target.seen->asked[0].way == write_way::automatic);
}

TEST_CASE("a way that the target refuses is no other way") {
    worlds::two_databases world(1);
    choosing_connector target{world.target};
    target.seen->answer = rf::refusal("the server's local_infile is off");
    const rf::report report = copy(world, target, {.table = "procnote", .way = write_way::load_data});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report), ContainsSubstring("target") && ContainsSubstring("local_infile is off"));
    CHECK(target.seen->written.empty());
    CHECK(world.target.rows("procnote").empty());
    CHECK(world.target.checkpoints().empty());
}

TEST_CASE("a target that cannot be told how to write refuses every way but its own") {
    worlds::two_databases world(1);
    const rf::report refused = world.copy(rf::pipeline{}, {.table = "procnote", .way = write_way::multi_row});
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(refused), ContainsSubstring("multi-row") && ContainsSubstring("choose_write_way"));
    const rf::report own = world.copy(rf::pipeline{}, {.table = "procnote"});
    CHECK(own.complete());
    CHECK(own.way == write_way::automatic);
}
