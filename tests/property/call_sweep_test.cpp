// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 for each write mode and way of paging, and every kind of table: any fault, or a killed client, at any call.
#include "catch.hpp"
#include "property/random_case.hpp"
#include "property/run_case.hpp"
#include "support/sweep.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using property::event;
using property::paging;
using property::test_case;

namespace {

constexpr std::array write_kinds{rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace,
                                 rf::write_kind::skip_existing};

/// Seven rows in batches of three, without anything that goes wrong.
test_case plain_case(paging pages, rf::write_kind write) {
    test_case c;
    c.pages = pages;
    c.write = write;
    c.batch_rows = 3;
    for (int i = 0; i < 7; ++i) c.rows.push_back({std::to_string(i * 3 - 5), "b", i / 2, "note " + std::to_string(i)});
    if (pages == paging::incremental) {
        c.later.push_back({std::nullopt, 1});
        if (is_idempotent(write)) c.later.push_back({2, 2});
    } else if (is_idempotent(write)) {
        c.there = {1, 4};
        c.has_extra = true;
    }
    return c;
}

/// The case with `what` at each place of the matrix.
void sweep_events(const test_case& plain, event::kind what, const sweep::matrix& swept) {
    sweep::for_each_place(swept, [&](const sweep::place& at) {
        test_case c = plain;
        c.events.push_back({what, at.side, at.call, at.fault, at.moment});
        property::trial attempt(c);
        const property::verdict wrong = attempt.run();
        if (wrong) FAIL(to_string(c) << *wrong);
        return attempt.calls(at.side) >= at.call;
    });
}
/// Every fault and every crash.
void sweep_all(const test_case& plain) {
    sweep_events(plain, event::kind::fault, {.faults = sweep::every_fault});
    sweep_events(plain, event::kind::crash, sweep::crashes);
}

} // namespace

TEST_CASE("each write mode and way of paging, a fault or a crash at each call") {
    for (const rf::write_kind write : write_kinds) {
        for (const paging pages : {paging::keyset, paging::incremental, paging::offset, paging::single}) {
            sweep_all(plain_case(pages, write));
        }
    }
}

TEST_CASE("each write mode inside one server, a fault or a crash at each call") {
    for (const rf::write_kind write : write_kinds) {
        test_case c = plain_case(paging::keyset, write);
        c.server_side = true;
        sweep_all(c);
    }
}

TEST_CASE("each write mode on a target that is emptied first, a fault or a crash at each call") {
    for (const rf::write_kind write : write_kinds) {
        test_case c = plain_case(paging::keyset, write);
        c.truncates = true;
        sweep_all(c);
    }
}

TEST_CASE("without a checkpoint, and without resuming, a fault or a crash at each call") {
    for (const rf::write_kind write :
         {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        for (const paging pages : {paging::keyset, paging::incremental}) {
            test_case c = plain_case(pages, write);
            c.stores_checkpoint = false;
            sweep_all(c);
            c.stores_checkpoint = true;
            c.resumes = false;
            sweep_all(c);
        }
    }
}

TEST_CASE("a table without a key, a fault or a crash at each call") {
    test_case c = plain_case(paging::single, rf::write_kind::insert);
    c.shape = property::shapes().size() - 1;
    c.rows.push_back(c.rows.front());
    REQUIRE(c.is_keyless());
    sweep_all(c);
    c.pages = paging::keyset; // which it has none for: it is streamed
    sweep_all(c);
}

TEST_CASE("a key that may be NULL, a fault or a crash at each call") {
    for (std::size_t shape = 0; shape < property::shapes().size(); ++shape) {
        test_case c = plain_case(paging::keyset, rf::write_kind::insert);
        c.shape = shape;
        if (!c.is_nullable()) continue;
        for (std::size_t i = 0; i < c.rows.size(); ++i) {
            c.rows[i].b = i % 3 == 0 ? rf::value() : std::to_string(i) + ".00";
            if (i % 4 == 1) c.rows[i].a = std::nullopt;
        }
        c.rows.push_back(c.rows.front());
        sweep_all(c);
        c.truncates = true;
        sweep_all(c);
    }
}

TEST_CASE("chosen rows under other names, and all rows of one snapshot, a fault or a crash at each call") {
    for (const rf::write_kind write : write_kinds) {
        for (const paging pages : {paging::keyset, paging::incremental}) {
            test_case c = plain_case(pages, write);
            c.filters = c.renames = true;
            sweep_all(c);
        }
        test_case c = plain_case(paging::keyset, write);
        c.consistent = c.truncates = true;
        c.events.push_back({event::kind::write, rf::side::source, 7});
        sweep_all(c);
    }
}

TEST_CASE("a run that resumes after a crash, and one that seeks a refused row, a fault or a crash at each call") {
    for (const rf::write_kind write : write_kinds) {
        test_case resumed = plain_case(paging::keyset, write);
        resumed.events.push_back(
            {event::kind::crash, rf::side::target, 12, rf::fault::connection_lost, rf::testing::when::after});
        sweep_all(resumed);
        test_case refused = plain_case(paging::keyset, write);
        refused.refused = 5;
        sweep_all(refused);
    }
}
