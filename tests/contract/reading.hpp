// SPDX-License-Identifier: BSL-1.0
// The contract of a Source: what read promises of bounds, limits and columns.
#ifndef ROWFERRY_TESTS_CONTRACT_READING_HPP
#define ROWFERRY_TESTS_CONTRACT_READING_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace contract {

namespace rf = rowferry;
using client::at;
using client::describe;
using client::ids;
using client::page_by;
using client::page_of;
using client::past;
using client::rows;

template <class World>
void bounds_are_inclusive_or_not(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    for (const char* id : {"1", "2", "3", "4", "5"}) w.insert("t", {id});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    page.after = at({"2"});
    CHECK(ids(c, page) == "2 3 4 5");
    page.up_to = at({"4"});
    CHECK(ids(c, page) == "2 3 4");
    page.after = past({"2"});
    CHECK(ids(c, page) == "3 4");
    page.up_to = past({"4"});
    CHECK(ids(c, page) == "3");
    page.after.reset();
    CHECK(ids(c, page) == "1 2 3");
    page.up_to = past({"0"});
    CHECK(ids(c, page).empty());
}

/// An estimate goes by the bounds; a server's own may be wrong by some, but of a few rows between two keys it is not.
template <class World>
void estimates_go_by_the_bounds(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    for (int id = 1; id <= 40; ++id) w.insert("t", {std::to_string(id)});
    w.refresh_statistics("t"); // MySQL estimates no more rows than it has counted
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    page.index = t.keys.at(0).name;
    page.after = past({"10"});
    page.up_to = at({"20"});
    page.max_rows = 1;
    const std::uint64_t some = c.estimate(page).value();
    page.up_to.reset();
    const std::uint64_t more = c.estimate(page).value();
    CAPTURE(some, more);
    CHECK((some >= 5 && some <= 20));
    CHECK((more >= 15 && more <= 60));
    page.after = past({"100"});
    CHECK(c.estimate(page).value() <= 1);
}

/// What no row is behind or before is refused, and not read as a page without bounds.
template <class World>
void bounds_need_an_order(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    w.insert("t", {"1"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    auto refused = [&](const rf::page_request& page) {
        rf::row_batch batch;
        const auto read = c.read(page, batch);
        CHECK(client::fault_of(read) == rf::fault::permanent);
        rf::count_request count;
        count.table = page.table;
        count.order = page.order;
        count.after = page.after;
        count.up_to = page.up_to;
        CHECK(client::fault_of(c.count(count)) == rf::fault::permanent);
        return read.error().message;
    };
    rf::page_request page = page_of(t);
    page.order.clear();
    page.index.clear();
    const std::string needs_order = "a page with bounds needs an order: without one no row is behind or before another";
    page.after = past({"1"});
    CHECK(refused(page) == needs_order);
    page.up_to = std::exchange(page.after, std::nullopt);
    CHECK(refused(page) == needs_order);
    page = page_of(t);
    page.after = past({"1", "2"});
    CHECK(refused(page) == "a page bound has 2 values for an order of 1 columns");
    page.after = past({});
    CHECK(refused(page) == "a page bound has 0 values for an order of 1 columns");
    CHECK(ids(c, page_of(t)) == "1"); // and the connection goes on
}

/// An order that is not a key's, with ties and NULLs: a bound never reaches a NULL.
template <class World>
void orders_with_nulls(World& w) {
    w.create("t", {{"id", "int not null"}, {"seen", "int"}}, {"id"});
    w.insert("t", {"1", "7"});
    w.insert("t", {"2", std::nullopt});
    w.insert("t", {"3", "5"});
    w.insert("t", {"4", "7"});
    w.insert("t", {"5", "9"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_by(t, {"seen", "id"});
    CHECK(ids(c, page) == "2 3 1 4 5");
    page.after = past({"7", "1"});
    CHECK(ids(c, page) == "4 5");
    page.after = at({"7"});
    CHECK(ids(c, page) == "1 4 5");
    page.after.reset();
    page.up_to = at({"7"});
    CHECK(ids(c, page) == "3 1 4");
    page.up_to = past({"7", "4"});
    CHECK(ids(c, page) == "3 1");
}

template <class World>
void pages_have_limits(World& w) {
    w.create("t", {{"id", "int not null"}, {"v", "varchar(100)"}}, {"id"});
    for (const char* id : {"1", "2", "3", "4", "5"}) w.insert("t", {id, std::string(49, 'x')});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    rf::row_batch batch(7);
    page.max_bytes = 100;
    client::must(c.read(page, batch));
    CHECK(batch.rows() == 2);
    CHECK(batch.columns() == 2);
    CHECK(batch.bytes() == 100);
    CHECK(batch.truncated());
    page.max_bytes = 1;
    client::must(c.read(page, batch));
    CHECK(batch.rows() == 1);
    CHECK(batch.truncated());
    page.max_rows = 1;
    client::must(c.read(page, batch));
    CHECK(batch.rows() == 1);
    CHECK_FALSE(batch.truncated());
    page.max_rows = 0;
    page.max_bytes = 250;
    client::must(c.read(page, batch));
    CHECK(batch.rows() == 5);
    CHECK_FALSE(batch.truncated());
    page.max_bytes = 0;
    page.offset = 3;
    CHECK(ids(c, page) == "4 5");
    page.max_rows = 1;
    CHECK(ids(c, page) == "4");
    page.offset = 5;
    CHECK(ids(c, page).empty());
    page.offset = 1;
    page.after = past({"2"});
    CHECK(ids(c, page) == "4");
}

template <class World>
void pages_name_their_columns(World& w) {
    w.create("t", {{"id", "int not null"}, {"a", "varchar(5)"}, {"b", "varchar(5)"}}, {"id"});
    w.create("keyless", {{"a", "varchar(5)"}}, {});
    w.insert("t", {"1", "x", "y"});
    w.insert("keyless", {"x"});
    w.insert("keyless", {"x"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    page.columns = {2, 1};
    CHECK(client::read(c, page) == rows{{"y", "x"}});
    const rf::table_schema keyless = describe(c, "keyless");
    CHECK(keyless.keys.empty());
    CHECK(client::read(c, page_of(keyless)) == rows{{"x"}, {"x"}});
}

template <class World>
void streams_in_slices(World& w) {
    w.create("keyless", {{"a", "varchar(5)"}}, {});
    for (const char* a : {"x", "x", "y", "zzzzz", "x"}) w.insert("keyless", {a});
    auto c = client::open(w.connector());
    const rf::table_schema keyless = describe(c, "keyless");
    rf::page_request page = page_of(keyless);
    rf::row_batch slice;
    std::string sizes;
    bool goes_on = true;
    auto take = [&](const rf::row_batch& taken) {
        sizes += std::to_string(taken.rows()) + " ";
        return goes_on;
    };
    page.max_rows = 2;
    page.max_bytes = 6;
    client::must(c.stream(page, slice, take));
    CHECK(sizes == "2 2 1 ");
    sizes.clear();
    page.max_rows = 0;
    page.max_bytes = 4; // one row always fits
    client::must(c.stream(page, slice, take));
    CHECK(sizes == "3 1 1 ");
    CHECK(client::read(c, page_of(keyless)).size() == 5);
    goes_on = false;
    client::must(c.stream(page, slice, take));
    CHECK(client::fault_of(c.ping()) == rf::fault::connection_lost);
    auto other = client::open(w.connector());
    client::must(other.open_snapshot());
    client::must(other.stream(page, slice, take));
    CHECK(other.in_snapshot());
    CHECK(client::read(other, page_of(keyless)).size() == 5);
    rf::table_schema missing = keyless;
    missing.name = "missing";
    CHECK(client::code_of(other.stream(page_of(missing), slice, take)) == 1146);
}

template <class World>
void reading_what_is_not_there(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::table_schema missing = t;
    missing.name = "missing";
    rf::row_batch batch;
    const auto no_table = c.read(page_of(missing), batch);
    CHECK(client::code_of(no_table) == 1146);
    CHECK(client::fault_of(no_table) == rf::fault::permanent);
    rf::page_request page = page_of(t);
    page.index = "no_such_key";
    const auto no_index = c.read(page, batch);
    CHECK(client::fault_of(no_index) == rf::fault::permanent);
    page.index = "PRIMARY";
    client::must(c.read(page, batch));
    CHECK(batch.empty());
}

} // namespace contract

#endif
