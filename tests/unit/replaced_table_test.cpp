// SPDX-License-Identifier: BSL-1.0
// A table that is rotated, created anew or truncated while it is copied: the copy stops. One that is only rebuilt: it goes on.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/incarnation.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::table_change;
using rf::table_incarnation;
using rf::testing::fake_database;
using worlds::two_databases;

namespace {

constexpr std::uint64_t rows = 60;
const rf::pipeline inserts{rf::fixed_batch{.rows = 6}};

void create(fake_database& d, const std::string& name, std::uint64_t count, const std::string& note) {
    d.create_table(name, {{"ProcNoteNum", "bigint not null"}, {"EntryDateTime", "datetime(6)"}, {"Note", "text"}},
                   {"ProcNoteNum"});
    d.fill(name, count, [&](std::uint64_t i) {
        const auto id = static_cast<std::int64_t>(i * 3) - 5;
        return rf::key_values{std::to_string(id), "2026-01-01 00:00:00.000001", note + std::to_string(i)};
    });
}
void rotate(fake_database& d, std::uint64_t count) {
    create(d, "fresh", count, "of another table ");
    d.rename_table("procnote", "old");
    d.rename_table("fresh", "procnote");
}
void refill_some(fake_database& d) {
    d.truncate_table("procnote");
    d.fill("procnote", 20, [&](std::uint64_t i) {
        return rf::key_values{std::to_string(1000 + i), "2026-01-01 00:00:00.000001", "refilled"};
    });
}
void refill(fake_database& d) {
    d.truncate_table("procnote");
    d.fill("procnote", rows, [&](std::uint64_t i) {
        return rf::key_values{std::to_string(i * 3), "2026-01-01 00:00:00.000001", "refilled " + std::to_string(i)};
    });
}

/// What the server tells, of the source or the target.
struct told {
    bool storage;
    bool created;
};
constexpr told everything{true, true};
constexpr told only_storage{true, false};
constexpr told only_created{false, true};

/// Copies while the change happens at a call of one side in the middle.
rf::report changed(told what, bool on_target, const std::function<void(fake_database&)>& change,
                   const rf::copy_request& request = {.table = "procnote"}) {
    two_databases world(rows);
    fake_database& side = on_target ? world.target : world.source;
    world.source.tell_incarnations(what.storage, what.created);
    world.target.tell_incarnations(what.storage, what.created);
    bool is_done = false;
    side.at_call(on_target ? 22 : 9, [&] {
        change(side);
        is_done = true;
    });
    rf::report report = world.copy(inserts, request);
    CHECK(is_done);
    if (report.complete() && !on_target) CHECK(world.target.row_count("procnote") == rows);
    return report;
}

} // namespace

TEST_CASE("a source that is rotated, created anew or truncated and refilled stops the copy") {
    for (const told what : {everything, only_storage, only_created}) {
        CAPTURE(what.storage, what.created);
        const auto stops = [&](const std::function<void(fake_database&)>& change) {
            const rf::report report = changed(what, false, change);
            CHECK(report.outcome == rf::outcome::stopped);
            CHECK(report.rows > 0);
            CHECK_THAT(worlds::why(report), ContainsSubstring("the table was replaced on the source during the copy"));
            CHECK(report.failure->cause == rf::cause::table_replaced);
            CHECK(worlds::offers(report, rf::remedy::start_over_into_empty));
        };
        stops([](fake_database& d) { rotate(d, 0); });
        stops([](fake_database& d) { rotate(d, rows); });
        stops([](fake_database& d) {
            d.drop_table("procnote");
            create(d, "procnote", rows, "created anew ");
        });
        if (what.storage) stops(refill);
    }
}

TEST_CASE("a truncation is known where the definition is as it was, though the rows are the same again") {
    const rf::report report = changed(everything, false, [](fake_database& d) {
        d.truncate_table("procnote");
        d.fill("procnote", rows, [](std::uint64_t i) {
            const auto id = static_cast<std::int64_t>(i * 3) - 5;
            return rf::key_values{std::to_string(id), "2026-01-01 00:00:00.000001", "note " + std::to_string(i)};
        });
    });
    CHECK_THAT(worlds::why(report), ContainsSubstring("replaced on the source during the copy: it was truncated"));
}

TEST_CASE("a target that is rotated, created anew or truncated stops the copy") {
    for (const told what : {everything, only_storage, only_created}) {
        CAPTURE(what.storage, what.created);
        const rf::report report = changed(what, true, [](fake_database& d) { rotate(d, 0); });
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK_THAT(worlds::why(report), ContainsSubstring("the table was replaced on the target during the copy"));
    }
    const rf::report emptied = changed(everything, true, [](fake_database& d) { d.truncate_table("procnote"); });
    CHECK_THAT(worlds::why(emptied), ContainsSubstring("replaced on the target during the copy: it was truncated"));
}

TEST_CASE("a table that is only rebuilt, altered and altered back, or changed by others is the same one") {
    for (const told what : {everything, only_storage, only_created}) {
        for (const bool on_target : {false, true}) {
            CAPTURE(what.storage, what.created, on_target);
            const auto goes_on = [&](const std::function<void(fake_database&)>& change) {
                const rf::report report = changed(what, on_target, change);
                INFO(worlds::why(report));
                CHECK(report.complete());
            };
            goes_on([](fake_database& d) { d.rebuild_table("procnote"); });
            goes_on([](fake_database& d) {
                d.add_column("procnote", {"more", "int"});
                d.drop_column("procnote", "more");
            });
            goes_on([](fake_database& d) { d.add_index("procnote", "Note"); });
        }
    }
}

TEST_CASE("a table that is rebuilt while its first rows are deleted and others added is the same one") {
    const rf::report report = changed(only_storage, false, [](fake_database& d) {
        d.erase("procnote", {"-5"});
        d.upsert("procnote", {"-2", "2026-01-01 00:00:00.000001", "changed"});
        d.insert("procnote", {"-9", "2026-01-01 00:00:00.000001", "late"});
        d.rebuild_table("procnote");
    });
    INFO(worlds::why(report));
    CHECK(report.complete());
}

namespace {

/// Changes the source after its fifth page; each page takes a bit longer than the time after which tables are compared.
struct change_later {
    two_databases& world;
    std::function<void(fake_database&)> change;
    std::vector<std::string> notices = {};
    unsigned pages = 0;
    void on(const rf::page_read&) {
        world.timing.advance(std::chrono::seconds(11));
        if (++pages == 5) change(world.source);
    }
    void on(const rf::notice& n) { notices.emplace_back(n.text); }
};

} // namespace

TEST_CASE("a table whose oldest rows are deleted before it is rebuilt is the same one, if later rows are there") {
    const auto copied_while = [](std::function<void(fake_database&)> change, std::vector<std::string>& notices) {
        two_databases world(rows);
        world.source.tell_incarnations(true, true);
        change_later job{world, std::move(change)};
        const rf::report report = inserts.copy(world.source, world.target, "procnote", world.timing, job);
        notices = std::move(job.notices);
        return report;
    };
    std::vector<std::string> notices;
    const auto erase = [](fake_database& d, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i) d.erase("procnote", {std::to_string(i * 3 - 5)});
    };
    const rf::report kept = copied_while(
        [&](fake_database& d) {
            erase(d, 16);
            d.rebuild_table("procnote");
        },
        notices);
    INFO(worlds::why(kept));
    CHECK(kept.complete());
    CHECK(kept.rows == rows);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(
        notices[0],
        ContainsSubstring("rebuilt on the source. It is treated as the same table, because nothing shows otherwise"));

    // Where nothing that was copied is there any more, it is another table.
    const rf::report gone = copied_while(
        [&](fake_database& d) {
            erase(d, 40);
            d.rebuild_table("procnote");
        },
        notices);
    CHECK_THAT(worlds::why(gone), ContainsSubstring("the table was replaced on the source during the copy"));

    // Other rows under the first keys speak for another table, though a later key is there, too.
    const rf::report other = copied_while([](fake_database& d) { rotate(d, rows); }, notices);
    CHECK_THAT(worlds::why(other), ContainsSubstring("the table was replaced on the source during the copy"));
    CHECK(notices.empty());

    // What is committed after the change is no proof.
    const rf::report newer = copied_while(
        [](fake_database& d) {
            create(d, "fresh", 0, "");
            for (std::uint64_t i = 31; i < rows; ++i) {
                d.insert("fresh", {std::to_string(i * 3 - 5), "2026-01-01 00:00:00.000001", "of another table"});
            }
            d.rename_table("procnote", "old");
            d.rename_table("fresh", "procnote");
        },
        notices);
    CHECK_THAT(worlds::why(newer), ContainsSubstring("the table was replaced on the source during the copy"));
}

TEST_CASE("emptying the target by the copy itself, and creating it, is no replacement") {
    two_databases world(rows);
    world.source.tell_incarnations(true, true);
    world.target.tell_incarnations(true, true);
    world.target.insert("procnote", {"1000", "2026-01-01 00:00:00.000001", "to be emptied"});
    const rf::report report = world.copy(inserts, {.table = "procnote", .truncate_target = true});
    INFO(worlds::why(report));
    CHECK(report.complete());
    world.target.drop_table("procnote");
    const rf::report created = world.copy(inserts, {.table = "procnote", .resume = false, .create_target = true});
    INFO(worlds::why(created));
    CHECK(created.complete());
    CHECK(world.equal());
}

TEST_CASE("after a replacement the next run does not continue, and one that starts over copies the table of now") {
    for (const bool on_target : {false, true}) {
        CAPTURE(on_target);
        two_databases world(rows);
        world.source.tell_incarnations(true, true);
        world.target.tell_incarnations(true, true);
        fake_database& side = on_target ? world.target : world.source;
        side.at_call(on_target ? 22 : 9, [&] { refill_some(side); });
        REQUIRE_FALSE(world.copy(inserts).complete());
        CHECK(world.target.checkpoints().empty());
        const rf::report again = world.copy(inserts);
        CHECK(again.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(again), ContainsSubstring("is not empty, and holds no checkpoint of this copy"));
        const rf::report anew = world.copy(inserts, {.table = "procnote", .truncate_target = true});
        INFO(worlds::why(anew));
        CHECK(anew.complete());
        CHECK(world.equal());
    }
}

TEST_CASE("a table that is dropped and created anew between any two calls is not continued") {
    unsigned met = 0;
    for (std::uint64_t call = 3;; ++call) {
        for (std::uint64_t gap = 1; gap <= 3; ++gap) {
            two_databases world(rows);
            world.source.tell_incarnations(true, true);
            bool is_back = false;
            world.source.at_call(call, [&] { world.source.drop_table("procnote"); });
            world.source.at_call(call + gap, [&] {
                create(world.source, "procnote", rows, "created anew ");
                is_back = true;
            });
            const rf::report report = world.copy(inserts);
            if (world.source.calls() < call) {
                CHECK(met > 10);
                return;
            }
            if (!is_back) create(world.source, "procnote", rows, "created anew ");
            CAPTURE(call, gap, worlds::why(report));
            if (report.complete() || report.rows == 0) continue;
            ++met;
            CHECK(report.failure->cause == rf::cause::table_replaced);
            CHECK(world.target.checkpoints().empty());
        }
    }
}

TEST_CASE("a run whose target another run has emptied leaves that run's checkpoint alone") {
    const rf::copy_request emptying{.table = "procnote", .truncate_target = true};
    const rf::pipeline upserts{rf::fixed_batch{.rows = 6}, rf::upsert{}};
    const rf::pipeline other_job{rf::fixed_batch{.rows = 6}, rf::offset_pages{}};
    const auto sweep = [&](const auto& first, const auto& second) {
        std::uint64_t superseded = 0;
        std::uint64_t taken_over = 0;
        for (std::uint64_t call = 1;; ++call) {
            two_databases world(rows);
            world.source.tell_incarnations(true, true);
            world.target.tell_incarnations(true, true);
            rf::report other;
            world.target.at_call(call, [&] {
                rf::testing::manual_timing own;
                other = second.copy(world.source, world.target, emptying, own);
            });
            const rf::report report = world.copy(first);
            if (world.target.calls() < call) break;
            CAPTURE(call, worlds::why(report), worlds::why(other));
            if (!other.complete() || report.complete()) continue;
            ++superseded;
            if (report.failure->cause == rf::cause::taken_over) ++taken_over;
            REQUIRE(world.equal());
            const auto entries = world.target.checkpoints();
            REQUIRE(std::any_of(entries.begin(), entries.end(),
                                [](const rf::checkpoint& each) { return each.complete && each.rows == rows; }));
        }
        CHECK(superseded > 5);
        return taken_over;
    };
    SECTION("of the same job, by inserts") { CHECK(sweep(inserts, inserts) > 0); }
    SECTION("of the same job, by upserts") { CHECK(sweep(upserts, upserts) > 0); }
    SECTION("of another job") { sweep(inserts, other_job); }
}

TEST_CASE("a run whose source was replaced leaves the progress of other jobs into the same table") {
    two_databases world(rows);
    fake_database second("second");
    create(second, "procnote", rows, "of the second source ");
    world.source.tell_incarnations(true, true);
    world.target.tell_incarnations(true, true);
    const rf::pipeline ferry{rf::fixed_batch{.rows = 6}, rf::incremental_pages{.column = "ProcNoteNum"}, rf::upsert{}};
    REQUIRE(ferry.copy(second, world.target, "procnote", world.timing).complete());
    const auto before = world.target.checkpoints();
    REQUIRE(before.size() == 1);
    world.source.fill("procnote", rows, [](std::uint64_t i) {
        return rf::key_values{std::to_string(5000 + i), "2026-01-01 00:00:00.000001", "after those of the second"};
    });
    world.source.at_call(12, [&] { rotate(world.source, rows); });
    const rf::report report = world.copy(ferry);
    INFO(worlds::why(report));
    REQUIRE(report.failure);
    REQUIRE(report.failure->cause == rf::cause::table_replaced);
    CHECK(world.target.checkpoints() == before);
    // Else the next run would begin at the largest value that the target holds.
    second.insert("procnote", {"1000", "2026-01-01 00:00:00.000001", "new"});
    const rf::report next = ferry.copy(second, world.target, "procnote", world.timing);
    INFO(worlds::why(next));
    CHECK(next.complete());
    bool is_there = false;
    for (const auto& row : world.target.rows("procnote")) is_there = is_there || row[0] == rf::value("1000");
    CHECK(is_there);
}

TEST_CASE("only what one server says is compared") {
    const table_incarnation was{.server = "a", .storage = {"7"}, .created = "then", .is_settled = true};
    const auto with = [&was](auto change) {
        table_incarnation is = was;
        change(is);
        return is;
    };
    const auto changes = [&was](const table_incarnation& is) { return rf::change_between(was, is); };
    CHECK(changes(was) == table_change::none);
    CHECK(changes(with([](table_incarnation& is) { is.storage = {"8"}; })) == table_change::emptied);
    CHECK(changes(with([](table_incarnation& is) {
              is.storage = {"8"};
              is.created = "now";
          })) == table_change::rebuilt);
    CHECK(changes(with([](table_incarnation& is) { is = {.server = "b", .storage = {"8"}, .created = "now"}; })) ==
          table_change::none);
    // A time alone says nothing where what holds the rows is known.
    CHECK(changes(with([](table_incarnation& is) { is.created = "now"; })) == table_change::none);
    // What one answer lacks, as a user who lost a privilege, is not compared.
    CHECK(changes(with([](table_incarnation& is) { is.storage = {}; })) == table_change::none);
    CHECK(changes(with([](table_incarnation& is) {
              is.storage = {};
              is.created = "now";
          })) == table_change::rebuilt);
    CHECK(changes({}) == table_change::none);
    // Numbers that begin again are a reason to look at the rows, where nothing else tells of a truncation.
    const table_incarnation numbered{.server = "a", .created = "then", .next_number = 100};
    table_incarnation again = numbered;
    again.next_number = 101;
    CHECK(rf::change_between(numbered, again) == table_change::none);
    again.next_number = 12;
    CHECK(rf::change_between(numbered, again) == table_change::rebuilt);
    // Partitions come and go.
    table_incarnation parts = was;
    parts.storage = {"7", "8"};
    CHECK(rf::change_between(parts, with([](table_incarnation& is) {
                                 is.storage = {"8", "9"};
                             })) == table_change::none);
    CHECK(rf::change_between(parts, with([](table_incarnation& is) {
                                 is.storage = {"10", "11"};
                             })) == table_change::emptied);
    // A definition that was written just now may be rebuilt within the same second.
    table_incarnation young = was;
    young.is_settled = false;
    CHECK(rf::change_between(young, with([](table_incarnation& is) { is.storage = {"8"}; })) == table_change::rebuilt);
}
