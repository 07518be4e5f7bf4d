// SPDX-License-Identifier: BSL-1.0
// Copies at certain hours only: midnight, both nights of a change of the clock, and a clock that is set back.
#include "catch.hpp"
#include "worlds.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using worlds::two_databases;

namespace {

/// Middle Europe in 2026: an hour ahead of UTC, and two from the 29th of March, 01:00 UTC, to the 25th of October, 01:00 UTC.
struct middle_europe {
    [[nodiscard]] std::chrono::local_seconds to_local(std::chrono::sys_seconds moment) const {
        using namespace std::chrono;
        const bool is_summer =
            moment >= sys_days(2026y / March / 29) + 1h && moment < sys_days(2026y / October / 25) + 1h;
        return local_seconds(moment.time_since_epoch() + (is_summer ? 2h : 1h));
    }
};

rf::wall_time utc(std::chrono::year_month_day day, std::chrono::seconds of_day) {
    return rf::wall_time(std::chrono::sys_days(day) + of_day);
}

using std::chrono::January;
using std::chrono::March;
using std::chrono::October;

/// How long a page waits, where it is that late in UTC.
rf::duration wait_at(std::chrono::seconds from, std::chrono::seconds to, rf::wall_time now) {
    return rf::only_between(from, to, middle_europe{}).start({}).before_page(now);
}

} // namespace

TEST_CASE("pages wait until the hours begin, over midnight and within a day") {
    const auto day = 2026y / January / 15;
    CHECK(wait_at(22h, 6h, utc(day, 20h + 59min + 59s)) == 1s); // 21:59:59 there
    CHECK(wait_at(22h, 6h, utc(day, 21h)) == 0s);
    CHECK(wait_at(22h, 6h, utc(day, 23h)) == 0s); // midnight
    CHECK(wait_at(22h, 6h, utc(day, 4h + 59min + 59s)) == 0s);
    CHECK(wait_at(22h, 6h, utc(day, 5h)) == 16h);
    CHECK(wait_at(9h, 17h, utc(day, 8h)) == 0s);
    CHECK(wait_at(9h, 17h, utc(day, 16h)) == 16h);
    CHECK(wait_at(9h, 9h, utc(day, 12h)) == 0s); // no limit
    CHECK(wait_at(33h, -18h, utc(day, 5h)) == wait_at(9h, 6h, utc(day, 5h)));
}

TEST_CASE("the night that lacks an hour") {
    const auto day = 2026y / March / 29; // 02:00 is 03:00
    CHECK(wait_at(22h, 6h, utc(day, 3h + 59min)) == 0s);
    CHECK(wait_at(22h, 6h, utc(day, 4h)) == 16h);
    CHECK(wait_at(4h, 6h, utc(day, 0h)) == 2h);          // 01:00 there, and 04:00 two hours later
    CHECK(wait_at(2h + 30min, 6h, utc(day, 0h)) == 1h);  // half past two does not come: from three on
    CHECK(wait_at(2h, 2h + 30min, utc(day, 0h)) == 24h); // the whole of it is skipped: the next night
}

TEST_CASE("the night that has an hour twice") {
    const auto day = 2026y / October / 25;      // 03:00 is 02:00
    CHECK(wait_at(4h, 6h, utc(day, 0h)) == 3h); // 02:00 there, and 04:00 three hours later
    CHECK(wait_at(2h, 3h, utc(day, 0h + 30min)) == 0s);
    CHECK(wait_at(2h, 3h, utc(day, 1h + 30min)) == 0s); // the second time
    CHECK(wait_at(22h, 6h, utc(day, 5h)) == 16h);
}

TEST_CASE("a copy reads no page outside of its hours, and is complete the next night") {
    using namespace std::chrono;
    two_databases world(10);
    world.timing.set_wall(utc(2026y / January / 15, 4h + 58min)); // 05:58 there
    struct page_times {
        rf::testing::manual_timing timing;
        std::vector<rf::wall_time> begun = {};
        void on(const rf::page_read&) {
            begun.push_back(timing.wall_now());
            timing.advance(1min); // what a page takes
        }
    } pages{world.timing};
    const rf::pipeline ferry{rf::fixed_batch{.rows = 3}, rf::only_between(22h, 6h, middle_europe{})};
    const rf::report report = ferry.copy(world.source, world.target, "procnote", world.timing, world.events, pages);
    CAPTURE(worlds::why(report));
    REQUIRE(report.complete());
    CHECK(world.equal());
    const auto first = utc(2026y / January / 15, 4h + 58min);
    const auto night = utc(2026y / January / 15, 21h);
    CHECK(pages.begun == std::vector<rf::wall_time>{first, first + 1min, night, night + 1min});
    CHECK(world.events.count<rf::throttled>() == 1); // however often the clock was looked at
    CHECK(report.target.throttle == 16h);
    CHECK(world.timing.sleeps().front() == 1min);
}

TEST_CASE("a clock that is set while a page waits is believed") {
    const auto day = std::chrono::year_month_day(2026y / January / 15);
    for (const auto moved : {-2h, 3h}) {
        two_databases world(3);
        world.timing.set_wall(utc(day, 20h)); // an hour to go
        struct set_clock {
            rf::testing::manual_timing timing;
            rf::wall_time to;
            void on(const rf::throttled&) { timing.set_wall(to); }
        } somebody{world.timing, utc(day, 20h) + moved};
        const rf::pipeline ferry{rf::only_between(22h, 6h, middle_europe{})};
        const rf::report report = ferry.copy(world.source, world.target, "procnote", world.timing, somebody);
        CAPTURE(worlds::why(report));
        CHECK(report.complete());
        CHECK(report.target.throttle == (moved < 0h ? rf::duration(3h) : rf::duration(1min)));
    }
}

TEST_CASE("a stop request ends the wait for the hours, and nothing is read") {
    two_databases world(3);
    world.timing.set_wall(utc(2026y / January / 15, 12h));
    struct {
        rf::testing::manual_timing timing;
        rf::time_point at;
        [[nodiscard]] bool stop_requested() const { return timing.now() >= at; }
    } stop{world.timing, world.timing.now() + 10min};
    const rf::pipeline ferry{rf::only_between(22h, 6h, middle_europe{})};
    const rf::report report = ferry.copy(world.source, world.target, "procnote", world.timing, stop);
    CHECK(report.outcome == rf::outcome::interrupted);
    CHECK(report.rows == 0);
    CHECK(report.target.throttle == 10min);
}

TEST_CASE(
    "hours hold for workers that read ahead, for passes without a key, for verification, and beside other limits") {
    const auto noon = utc(2026y / January / 15, 12h);
    const auto hours = rf::only_between(22h, 6h, middle_europe{});
    two_databases world(50);
    world.timing.set_wall(noon);
    SECTION("reading ahead") {
        CHECK(world.copy(rf::pipeline{rf::fixed_batch{.rows = 3}, rf::overlapped{}, hours}).complete());
    }
    SECTION("several workers") {
        CHECK(world.copy(rf::pipeline{rf::fixed_batch{.rows = 3}, rf::parallel{.jobs = 3}, hours}).complete());
    }
    SECTION("with a token bucket") {
        const auto both = rf::strictest(rf::token_bucket{.rows_per_second = 1e9}, hours);
        CHECK(world.copy(rf::pipeline{both}).complete());
    }
    SECTION("verification") {
        const auto found = rf::verifier{hours}.verify(world.source, world.target, "procnote", world.timing);
        CHECK(found.missing.count == 50);
    }
    SECTION("rows without a key") {
        for (auto* database : {&world.source, &world.target}) database->create_table("heap", {{"line", "text"}}, {});
        world.source.insert("heap", {"a"});
        CHECK(world.copy(rf::pipeline{hours}, {.table = "heap", .keyless = true}).complete());
    }
    CHECK(world.timing.wall_now() >= utc(2026y / January / 15, 21h));
}

TEST_CASE("the zone of this process is asked for by default") {
    using namespace std::chrono;
    const auto moment = floor<seconds>(system_clock::now());
    const std::time_t seconds_now = system_clock::to_time_t(moment);
    std::tm local{};
    REQUIRE(::localtime_r(&seconds_now, &local) != nullptr);
    const auto of_day = rf::local_zone{}.to_local(moment).time_since_epoch() % days(1);
    CHECK(of_day == hours(local.tm_hour) + minutes(local.tm_min) + seconds(local.tm_sec));
    CHECK(rf::only_between(0h, 0h).start({}).before_page(moment) == 0s);
}

TEST_CASE("the first rows are looked at within the hours, too, and before the target is claimed or emptied") {
    using namespace std::chrono;
    two_databases world(10);
    world.source.tell_incarnations(true, true);
    world.target.tell_incarnations(true, true);
    world.target.insert("procnote", {"1000", "2026-01-01 00:00:00.000001", "to be emptied"});
    world.timing.set_wall(utc(2026y / January / 15, 20h)); // an hour to go
    struct {
        rf::testing::manual_timing timing;
        rf::time_point at;
        [[nodiscard]] bool stop_requested() const { return timing.now() >= at; }
    } stop{world.timing, world.timing.now() + 10min};
    const rf::pipeline ferry{rf::only_between(22h, 6h, middle_europe{})};
    const rf::copy_request emptying{.table = "procnote", .truncate_target = true};
    const rf::report report = ferry.copy(world.source, world.target, emptying, world.timing, stop);
    CHECK(report.outcome == rf::outcome::interrupted);
    CHECK(world.target.row_count("procnote") == 1);
    CHECK(world.target.checkpoints().empty());
    const rf::report done = ferry.copy(world.source, world.target, emptying, world.timing);
    INFO(worlds::why(done));
    CHECK(done.complete());
    CHECK(world.equal());
}
