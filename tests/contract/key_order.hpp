// SPDX-License-Identifier: BSL-1.0
// The contract of a Source: pages in the order of each shape of key.
#ifndef ROWFERRY_TESTS_CONTRACT_KEY_ORDER_HPP
#define ROWFERRY_TESTS_CONTRACT_KEY_ORDER_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace contract {

namespace rf = rowferry;
using client::at;
using client::describe;
using client::ids;
using client::page_of;
using client::past;

/// Signed ids from negative to positive, the first page without a bound.
template <class World>
void pages_follow_signed_ids(World& w) {
    w.create("t", {{"id", "bigint not null"}, {"v", "int"}}, {"id"});
    for (const char* id : {"10", "-9223372036854775808", "9", "0", "-1", "9223372036854775807"}) {
        w.insert("t", {id, "1"});
    }
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    page.max_rows = 2;
    CHECK(ids(c, page) == "-9223372036854775808 -1");
    page.after = past({"-1"});
    CHECK(ids(c, page) == "0 9");
    page.after = past({"9"});
    CHECK(ids(c, page) == "10 9223372036854775807");
    page.after = past({"9223372036854775807"});
    CHECK(ids(c, page).empty());
}

/// Bounds on the first columns of the order only, and on all of them; one part descending.
template <class World>
void composite_keys_and_prefixes(World& w) {
    w.create("t", {{"id", "int"}, {"a", "int not null"}, {"b", "varchar(10) not null"}}, {"a", "b desc"});
    int id = 0;
    for (const char* a : {"1", "2", "3"}) {
        for (const char* b : {"x", "y", "z"}) w.insert("t", {std::to_string(++id), a, b});
    }
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    CHECK(ids(c, page) == "3 2 1 6 5 4 9 8 7");
    page.after = past({"1", "y"});
    CHECK(ids(c, page) == "1 6 5 4 9 8 7");
    page.after = at({"1", "y"});
    page.up_to = at({"2", "z"});
    CHECK(ids(c, page) == "2 1 6");
    page.up_to = past({"2", "z"});
    CHECK(ids(c, page) == "2 1");
    page.after = past({"1"});
    page.up_to = past({"3"});
    CHECK(ids(c, page) == "6 5 4");
    page.after = at({"1"});
    page.up_to = at({"2"});
    CHECK(ids(c, page) == "3 2 1 6 5 4");
    page.up_to.reset();
    page.after = past({"2", "y"});
    page.max_rows = 2;
    CHECK(ids(c, page) == "4 9");
}

template <class World>
void keys_in_descending_order(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id desc"});
    for (const char* id : {"1", "2", "3", "-4"}) w.insert("t", {id});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    rf::page_request page = page_of(t);
    CHECK(ids(c, page) == "3 2 1 -4");
    page.after = past({"2"});
    CHECK(ids(c, page) == "1 -4");
    page.up_to = at({"1"});
    CHECK(ids(c, page) == "1");
}

/// Order and equality of text are the collation's.
template <class World>
void text_keys_follow_their_collation(World& w) {
    w.create("folded", {{"k", "varchar(20) collate utf8mb4_general_ci not null"}}, {"k"});
    w.create("exact", {{"k", "varchar(20) collate utf8mb4_bin not null"}}, {"k"});
    for (const char* k : {"b", "A", "c"}) w.insert("folded", {k});
    for (const char* k : {"b", "A", "B", "a", "it's \\ \"100%\"", "\xE2\x82\xAC"}) w.insert("exact", {k});
    auto c = client::open(w.connector());
    const rf::table_schema folded = describe(c, "folded");
    rf::page_request page = page_of(folded);
    CHECK(ids(c, page) == "A b c");
    page.after = past({"a"});
    CHECK(ids(c, page) == "b c");
    page.after = at({"B"});
    CHECK(ids(c, page) == "b c");
    page.after = past({"B"});
    CHECK(ids(c, page) == "c");
    page.after = past({"b  "});
    CHECK(ids(c, page) == "c");
    const rf::table_schema exact = describe(c, "exact");
    page = page_of(exact);
    CHECK(ids(c, page) == "A B a b it's \\ \"100%\" \xE2\x82\xAC");
    page.after = past({"B"});
    CHECK(ids(c, page) == "a b it's \\ \"100%\" \xE2\x82\xAC");
    page.after = past({"it's \\ \"100%\""});
    CHECK(ids(c, page) == "\xE2\x82\xAC");
    page.after = at({"\xE2\x82\xAC"});
    CHECK(ids(c, page) == "\xE2\x82\xAC");
    CHECK(client::fault_of(client::write(c, client::write_to(folded), {{"B"}})) == rf::fault::data);
}

/// Keys that do not compare as they sort, or not exactly as text: each page of one row is found behind the one before,
/// upwards and downwards, and up to a bound.
template <class World>
void keys_that_sort_otherwise(World& w) {
    struct shape {
        std::string table;
        std::string type;
        std::vector<std::string> ascending;
    };
    const std::vector<shape> shapes{
        {"one", "enum('red','green','blue') not null", {"red", "green", "blue"}},
        {"some", "set('red','green','blue') not null", {"", "red", "green", "red,green", "blue", "red,green,blue"}},
        {"real", "double not null", {"-2.5", "-5e-324", "0", "5e-324", "0.3", "0.30000000000000004", "9", "10"}},
        {"flags", "bit(8) not null", {std::string(1, '\0'), "\x01", "\x7F", "\xFF"}}};
    auto c = client::open(w.connector());
    for (const shape& s : shapes) {
        INFO(s.table);
        w.create(s.table, {{"k", s.type}}, {"k"});
        for (auto at = s.ascending.rbegin(); at != s.ascending.rend(); ++at) w.insert(s.table, {*at});
        const rf::table_schema t = describe(c, s.table);
        REQUIRE(t.keys.size() == 1);
        for (const bool descending : {false, true}) {
            std::vector<std::string> wanted = s.ascending;
            if (descending) std::reverse(wanted.begin(), wanted.end());
            rf::page_request page = client::page_by(t, {"k"});
            page.order.front().descending = descending;
            page.max_rows = 1;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                CHECK(client::read(c, page) == client::rows{{wanted[i]}});
                page.after = client::past({wanted[i]});
            }
            CHECK(client::read(c, page).empty());
            page.max_rows = 0;
            page.after = client::at({wanted[1]});
            page.up_to = client::at({wanted[2]});
            CHECK(client::read(c, page) == client::rows{{wanted[1]}, {wanted[2]}});
        }
    }
}

/// An ENUM and a SET before and between other columns of a key.
template <class World>
void composite_keys_with_positions(World& w) {
    w.create("t", {{"e", "enum('z','a') not null"}, {"s", "set('y','b') not null"}, {"n", "int not null"}},
             {"e desc", "s", "n"});
    client::rows wanted;
    for (const char* e : {"a", "z"}) {
        for (const char* s : {"", "y", "b", "y,b"}) {
            for (const char* n : {"-1", "2"}) wanted.push_back({e, s, n});
        }
    }
    for (auto at = wanted.rbegin(); at != wanted.rend(); ++at) w.insert("t", *at);
    auto c = client::open(w.connector());
    rf::page_request page = client::page_of(describe(c, "t"));
    const rf::table_schema t = describe(c, "t");
    page.table = &t;
    page.max_rows = 1;
    for (const client::row& r : wanted) {
        CHECK(client::read(c, page) == client::rows{r});
        page.after = client::past(r);
    }
    CHECK(client::read(c, page).empty());
    rf::count_request rest;
    rest.table = &t;
    rest.order = page.order;
    rest.after = client::past(wanted[4]);
    rest.up_to = client::at(wanted[11]);
    CHECK(client::must(c.count(rest)) == 7);
}

/// Rows that differ in the beginning of a column are paged by it, whatever follows.
template <class World>
void keys_over_a_prefix(World& w) {
    w.create("t", {{"k", "varchar(20) collate utf8mb4_bin not null"}}, {"k(2)"});
    const std::vector<std::string> ascending{"", "a", "ab", "\xC3\xA4zz", "\xC3\xA4\xC3\xA4\xC3\xA4"};
    for (auto at = ascending.rbegin(); at != ascending.rend(); ++at) w.insert("t", {*at});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    REQUIRE(t.keys.size() == 1);
    CHECK(t.keys[0].parts[0].prefix == 2);
    CHECK_FALSE(t.is_found_by_index(t.keys[0].parts));
    CHECK(client::code_of(client::write(c, client::write_to(t), {{"abc"}})) == 1062);
    rf::page_request page = client::page_of(t);
    page.max_rows = 1;
    for (const std::string& k : ascending) {
        CHECK(client::read(c, page) == client::rows{{k}});
        page.after = client::past({k});
    }
    CHECK(client::read(c, page).empty());
}

/// Numbers beyond what a double or a signed integer holds, bytes, and fractions of seconds.
template <class World>
void keys_of_other_types(World& w) {
    w.create("big", {{"k", "bigint unsigned not null"}}, {"k"});
    w.create("exact", {{"k", "decimal(30,5) not null"}}, {"k"});
    w.create("raw", {{"k", "varbinary(10) not null"}}, {"k"});
    w.create("moment", {{"k", "datetime(6) not null"}}, {"k"});
    const std::string nul("a\0b", 3);
    for (const char* k : {"18446744073709551615", "9223372036854775808", "9007199254740993", "0"}) w.insert("big", {k});
    for (const char* k : {"-10.50000", "9007199254740993.00001", "9007199254740993.00002", "2.00000"}) {
        w.insert("exact", {k});
    }
    w.insert("raw", {"a"});
    w.insert("raw", {nul});
    w.insert("raw", {"\xFF"});
    for (const char* k : {"2026-01-01 00:00:00.000002", "2026-01-01 00:00:00.000001", "1999-12-31 23:59:59.999999"}) {
        w.insert("moment", {k});
    }
    auto c = client::open(w.connector());
    auto behind = [&](const char* table, const std::string& key) {
        const rf::table_schema t = describe(c, table);
        rf::page_request page = page_of(t);
        page.after = past({key});
        return ids(c, page);
    };
    CHECK(behind("big", "9007199254740992") == "9007199254740993 9223372036854775808 18446744073709551615");
    CHECK(behind("big", "9223372036854775808") == "18446744073709551615");
    CHECK(behind("exact", "-10.50000") == "2.00000 9007199254740993.00001 9007199254740993.00002");
    CHECK(behind("exact", "9007199254740993.00001") == "9007199254740993.00002");
    CHECK(behind("raw", "a") == nul + " \xFF");
    CHECK(behind("raw", nul) == "\xFF");
    CHECK(behind("moment", "2026-01-01 00:00:00.000001") == "2026-01-01 00:00:00.000002");
}

} // namespace contract

#endif
