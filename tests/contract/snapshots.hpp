// SPDX-License-Identifier: BSL-1.0
// The contract of snapshots: one moment for all that is read, and a word when it is over.
#ifndef ROWFERRY_TESTS_CONTRACT_SNAPSHOTS_HPP
#define ROWFERRY_TESTS_CONTRACT_SNAPSHOTS_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <optional>
#include <string>

namespace contract {

namespace rf = rowferry;

/// Tables that were not read yet are of the same moment as those that were.
template <class World>
void snapshots_are_of_one_moment(World& w) {
    for (const char* table : {"a", "b"}) {
        w.create(table, {{"id", "int not null"}}, {"id"});
        w.insert(table, {"1"});
    }
    auto c = client::open(w.connector());
    const rf::table_schema a = client::describe(c, "a");
    const rf::table_schema b = client::describe(c, "b");
    CHECK_FALSE(c.in_snapshot());
    CHECK_FALSE(client::must(c.open_snapshot()).taken_at.empty());
    CHECK(c.in_snapshot());
    auto sees_one_row = [&](const rf::table_schema& table) {
        CHECK(client::ids(c, client::page_of(table)) == "1");
        rf::count_request all;
        all.table = &table;
        CHECK(client::must(c.count(all)) == 1);
        CHECK(client::must(c.maximum(table, 0)) == rf::value("1"));
        CHECK(c.in_snapshot());
    };
    w.insert("b", {"2"});
    sees_one_row(b);
    w.insert("a", {"2"});
    sees_one_row(a);
    auto other = client::open(w.connector());
    CHECK(client::ids(other, client::page_of(a)) == "1 2");
    CHECK_FALSE(other.in_snapshot());
}

/// What fails inside leaves it as it is; what ends the transaction ends it, and the next read is seen to be outside.
template <class World>
void snapshots_end_with_their_transaction(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    w.insert("t", {"1"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    client::must(c.open_snapshot());
    w.insert("t", {"2"});
    rf::page_request wrong = client::page_of(t);
    wrong.index = "no_such_key";
    rf::row_batch batch;
    CHECK(client::fault_of(c.read(wrong, batch)) == rf::fault::permanent);
    CHECK(client::ids(c, client::page_of(t)) == "1");
    CHECK(c.in_snapshot());
    client::must(c.rollback());
    CHECK(client::ids(c, client::page_of(t)) == "1 2");
    CHECK_FALSE(c.in_snapshot());
}

} // namespace contract

#endif
