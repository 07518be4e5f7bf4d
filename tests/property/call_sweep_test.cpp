// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 by exhaustion: for each write mode and way of paging, one fault before, in and after the effect of each
// call, and the client killed there; call after call, until none is left.
#include "catch.hpp"
#include "property/random_case.hpp"
#include "property/run_case.hpp"

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
constexpr std::array moments{rf::testing::when::before, rf::testing::when::after, rf::testing::when::late};

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

/// The case with `what` at call 1, 2, … of each side, until the copy ends before that call.
void sweep(const test_case& plain, event what) {
    for (const rf::side side : {rf::side::source, rf::side::target}) {
        for (std::uint64_t n = 1;; ++n) {
            test_case c = plain;
            what.side = side;
            what.call = n;
            c.events.push_back(what);
            property::trial attempt(c);
            const property::verdict wrong = attempt.run();
            if (wrong) FAIL(to_string(c) << *wrong);
            if (attempt.calls(side) < n) break;
        }
    }
}
void sweep_faults(const test_case& plain) {
    using rf::fault;
    for (const fault f : {fault::connection_lost, fault::rolled_back, fault::transient, fault::unreachable,
                          fault::overloaded, fault::batch_too_large, fault::read_only, fault::data, fault::permanent}) {
        for (const auto moment : moments) sweep(plain, {event::kind::fault, {}, 0, f, moment});
    }
}
void sweep_crashes(const test_case& plain) {
    for (const auto moment : moments) sweep(plain, {event::kind::crash, {}, 0, rf::fault::connection_lost, moment});
}
/// Every fault and every crash.
void sweep_all(const test_case& plain) {
    sweep_faults(plain);
    sweep_crashes(plain);
    SUCCEED("each call");
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
        resumed.events.push_back({event::kind::crash, rf::side::target, 12, rf::fault::connection_lost, moments[1]});
        sweep_all(resumed);
        test_case refused = plain_case(paging::keyset, write);
        refused.refused = 5;
        sweep_all(refused);
    }
}
