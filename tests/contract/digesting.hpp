// SPDX-License-Identifier: BSL-1.0
// The contract of what verification asks for: checksums, digests, and rows by key.
#ifndef ROWFERRY_TESTS_CONTRACT_DIGESTING_HPP
#define ROWFERRY_TESTS_CONTRACT_DIGESTING_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace contract {

namespace rf = rowferry;
using client::must;

/// All stored columns of the table, by its first key.
inline rf::digest_request digest_of(const rf::table_schema& table) {
    rf::digest_request request;
    request.table = &table;
    for (std::size_t column : table.stored_columns()) request.columns.push_back({column, false});
    if (!table.keys.empty()) {
        request.order = table.keys.front().parts;
        request.index = table.keys.front().name;
    }
    return request;
}

template <class Connection>
rf::rows_checksum checksum(Connection& c, const rf::digest_request& request) {
    must(c.ask_checksum(request));
    return must(c.checksum());
}

/// Rows without a NULL in some columns, or only those with one: see `digest_request::nullable`.
template <class World>
void digests_choose_rows_by_their_nulls(World& w) {
    w.create("t", {{"id", "int not null"}, {"a", "int"}, {"b", "int"}}, {"id"});
    w.insert("t", {"1", "1", "1"});
    w.insert("t", {"2", std::nullopt, "1"});
    w.insert("t", {"3", "1", std::nullopt});
    w.insert("t", {"4", std::nullopt, std::nullopt});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    rf::digest_request request = digest_of(t);
    request.nullable = {1, 2};
    CHECK(checksum(c, request).rows == 1);
    rf::row_batch batch;
    must(c.digests(request, {{"1"}, {"2"}}, batch));
    REQUIRE(batch.rows() == 1);
    CHECK(batch.at(0, 0).bytes() == "1");
    request.of_nulls = true;
    CHECK(checksum(c, request).rows == 3);
    request.after = client::past({"2"});
    CHECK(checksum(c, request).rows == 2);
    must(c.digests(request, {}, batch));
    CHECK(batch.rows() == 2);
    request.nullable = {2};
    request.order.clear();
    request.index.clear();
    request.after.reset();
    CHECK(checksum(c, request).rows == 2);
}

/// Equal sets of rows have equal checksums, and whatever differs does not.
template <class World>
void checksums_tell_sets_of_rows_apart(World& w) {
    for (const char* table : {"t", "u"}) {
        w.create(table, {{"id", "int not null"}, {"a", "varchar(10)"}, {"b", "varchar(10)"}}, {"id"});
    }
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    const rf::table_schema u = client::describe(c, "u");
    auto equal = [&] { return checksum(c, digest_of(t)) == checksum(c, digest_of(u)); };
    CHECK(checksum(c, digest_of(t)).rows == 0);
    CHECK(equal());
    w.insert("t", {"1", "x", "y"});
    CHECK_FALSE(equal());
    w.insert("u", {"2", std::nullopt, ""});
    CHECK_FALSE(equal());
    w.insert("u", {"1", "x", "y"});
    w.insert("t", {"2", std::nullopt, ""});
    CHECK(equal());
    CHECK(checksum(c, digest_of(t)).rows == 2);
    w.insert("t", {"3", "", std::nullopt});
    w.insert("u", {"3", std::nullopt, ""});
    CHECK_FALSE(equal());

    rf::digest_request part = digest_of(t);
    part.after = client::past({"1"});
    part.up_to = client::at({"2"});
    CHECK(checksum(c, part).rows == 1);
    rf::digest_request of_u = digest_of(u);
    of_u.up_to = client::at({"2"});
    CHECK_FALSE(checksum(c, part) == checksum(c, of_u));
    of_u.after = client::past({"1"});
    CHECK(checksum(c, part) == checksum(c, of_u));
    of_u.columns = {{0, false}, {2, false}};
    part.columns = {{0, false}, {2, false}};
    part.up_to.reset();
    of_u.up_to.reset();
    CHECK_FALSE(checksum(c, part) == checksum(c, of_u)); // row 3 has NULL here, and '' there
    part.columns = of_u.columns = {{0, false}};
    CHECK(checksum(c, part) == checksum(c, of_u));
    part.columns = of_u.columns = {{0, false}, {1, true}}; // by hashes of their own
    CHECK_FALSE(checksum(c, part) == checksum(c, of_u));
}

/// Without an order rows need not differ: pairs count.
template <class World>
void checksums_count_equal_rows(World& w) {
    for (const char* table : {"t", "u"}) w.create(table, {{"a", "varchar(10)"}}, {});
    for (const char* value : {"x", "x", "z"}) w.insert("t", {value});
    for (const char* value : {"y", "y", "z"}) w.insert("u", {value});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    const rf::table_schema u = client::describe(c, "u");
    CHECK(checksum(c, digest_of(t)).rows == 3);
    CHECK_FALSE(checksum(c, digest_of(t)) == checksum(c, digest_of(u)));
    for (const char* value : {"x", "x"}) w.insert("u", {value});
    for (const char* value : {"y", "y"}) w.insert("t", {value});
    CHECK(checksum(c, digest_of(t)) == checksum(c, digest_of(u)));
}

/// Each row's digest with its key: of a range, or of some keys as the server compares them.
template <class World>
void digests_come_by_key(World& w) {
    w.create("t", {{"k", "varchar(10) collate utf8mb4_general_ci not null"}, {"n", "int not null"}, {"v", "int"}},
             {"k", "n desc"});
    w.insert("t", {"a", "1", "7"});
    w.insert("t", {"a", "2", "7"});
    w.insert("t", {"b", "1", std::nullopt});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    rf::digest_request request = digest_of(t);
    rf::row_batch batch;
    auto keys_of = [&] {
        std::set<std::string> keys;
        for (std::size_t i = 0; i < batch.rows(); ++i) {
            keys.insert(std::string(batch.at(i, 0).bytes()) + std::string(batch.at(i, 1).bytes()));
        }
        return keys;
    };
    using keys = std::set<std::string>;
    must(c.digests(request, {}, batch));
    REQUIRE(batch.columns() == 3);
    CHECK(keys_of() == keys{"a1", "a2", "b1"});
    CHECK(batch.at(0, 2) != batch.at(1, 2));
    CHECK(batch.at(0, 2).bytes().size() >= 32);
    request.after = client::past({"a", "2"});
    must(c.digests(request, {}, batch));
    CHECK(keys_of() == keys{"a1", "b1"});
    request.after.reset();
    must(c.digests(request, {{"B", "1"}, {"a", "2"}, {"c", "1"}}, batch));
    CHECK(keys_of() == keys{"a2", "b1"}); // the row's own key, however it was asked for
    rf::table_schema missing = t;
    missing.name = "missing";
    request.table = &missing;
    CHECK(client::code_of(c.digests(request, {}, batch)) == 1146);
}

template <class World>
void rows_are_found_and_removed_by_key(World& w) {
    w.create("t", {{"id", "int not null"}, {"v", "varchar(10)"}}, {"id"});
    for (const char* id : {"1", "2", "3", "4"}) w.insert("t", {id, "v" + std::string(id)});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    rf::keyed_rows request;
    request.table = &t;
    request.columns = {1, 0};
    request.order = t.keys.front().parts;
    request.keys = {{"3"}, {"1"}, {"7"}};
    rf::row_batch batch;
    must(c.find_rows(request, batch));
    const auto found = client::rows_of(batch);
    CHECK(std::set<client::row>(found.begin(), found.end()) == std::set<client::row>{{"v1", "1"}, {"v3", "3"}});
    must(c.begin());
    CHECK(must(c.remove_rows(request)) == 2);
    must(c.rollback());
    CHECK(w.rows("t").size() == 4);
    must(c.begin());
    CHECK(must(c.remove_rows(request)) == 2);
    must(c.commit());
    CHECK(w.rows("t") == client::rows{{"2", "v2"}, {"4", "v4"}});
}

} // namespace contract

#endif
