// SPDX-License-Identifier: BSL-1.0
// The double's pages: what the contract leaves out, such as requests that no server could answer.
#include "catch.hpp"
#include "contract/client.hpp"

#include <rowferry/testing.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace rf = rowferry;
using client::ids;
using client::page_by;
using client::page_of;
using rf::testing::fake_database;

namespace {

fake_database numbers(int count) {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"seen", "int"}}, {"id"});
    db.add_index("t", "seen");
    for (int i = 1; i <= count; ++i) {
        db.insert("t", {std::to_string(i), i % 3 == 0 ? rf::value{} : rf::value{std::to_string(100 - i)}});
    }
    return db;
}

} // namespace

TEST_CASE("a page needs values for its bounds, and columns that exist") {
    fake_database db = numbers(3);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    rf::row_batch batch;
    rf::page_request page = page_of(t);
    page.after = client::past({});
    CHECK_FALSE(c.read(page, batch).has_value());
    page.after = client::past({"1", "2"});
    CHECK_FALSE(c.read(page, batch).has_value());
    page = page_of(t);
    page.order.clear();
    page.up_to = client::past({"1"});
    CHECK_FALSE(c.read(page, batch).has_value());
    page = page_of(t);
    page.columns = {0, 9};
    CHECK_FALSE(c.read(page, batch).has_value());
    rf::table_schema older = t;
    older.columns[1].name = "dropped";
    CHECK(client::code_of(c.read(page_of(older), batch)) == 1054);
    page = page_of(t);
    page.index = "by_nothing";
    CHECK(client::code_of(c.read(page, batch)) == 1176);
}

TEST_CASE("a bound that is NULL has nothing behind it") {
    fake_database db = numbers(4);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    rf::page_request page = page_by(t, {"seen", "id"});
    CHECK(ids(c, page) == "3 4 2 1");
    page.after = client::past({std::nullopt});
    CHECK(ids(c, page).empty());
    page.after = client::at({"96", std::nullopt}); // seen > 96 OR (seen = 96 AND id >= NULL)
    CHECK(ids(c, page) == "2 1");
    page.after.reset();
    page.up_to = client::at({std::nullopt, "4"});
    CHECK(ids(c, page).empty());
    rf::page_request by_id = page_of(t);
    by_id.after = client::at({std::nullopt});
    CHECK(ids(c, by_id).empty());
}

TEST_CASE("descending orders and NULLs, which come last there") {
    fake_database db = numbers(4);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    rf::page_request page = page_by(t, {"seen", "id"});
    page.order[0].descending = true;
    CHECK(ids(c, page) == "1 2 4 3");
    page.after = client::past({"98", "2"});
    CHECK(ids(c, page) == "4");
    page.offset = 1;
    CHECK(ids(c, page).empty());
    page = page_of(t);
    page.order[0].descending = true;
    page.index.clear();
    CHECK(ids(c, page) == "4 3 2 1");
    page.after = client::past({"3"});
    CHECK(ids(c, page) == "2 1");
}

TEST_CASE("an order by the key's first columns, and by more than them") {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"a", "int"}, {"b", "int"}}, {"a", "b"});
    for (int i = 0; i < 6; ++i) db.insert("t", {std::to_string(i), std::to_string(i / 2), std::to_string(i % 2)});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    rf::page_request page = page_by(t, {"a"});
    page.after = client::past({"0"});
    CHECK(ids(c, page) == "2 3 4 5");
    page = page_by(t, {"b", "a"});
    CHECK(ids(c, page) == "0 2 4 1 3 5");
    page.after = client::past({"0", "1"});
    CHECK(ids(c, page) == "4 1 3 5");
}

TEST_CASE("other orders follow what is committed meanwhile") {
    fake_database db = numbers(2);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    const rf::page_request page = page_by(t, {"seen"});
    CHECK(ids(c, page) == "2 1");
    db.insert("t", {"7", "1"});
    CHECK(ids(c, page) == "7 2 1");
    db.erase("t", {"2"});
    CHECK(ids(c, page) == "7 1");
    client::must(c.truncate(t));
    CHECK(ids(c, page).empty());
}

TEST_CASE("a transaction reads its own changes in every order") {
    fake_database db = numbers(4);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    client::must(c.begin());
    client::must(c.write(client::write_to(t, rf::write_kind::upsert), client::batch_of({{"2", "1"}, {"9", "50"}})));
    rf::page_request page = page_of(t);
    CHECK(client::read(c, page) ==
          client::rows{{"1", "99"}, {"2", "1"}, {"3", std::nullopt}, {"4", "96"}, {"9", "50"}});
    page = page_by(t, {"seen", "id"});
    CHECK(ids(c, page) == "3 2 9 4 1");
    page.after = client::past({"1", "2"});
    CHECK(ids(c, page) == "9 4 1");
    page.offset = 1;
    CHECK(ids(c, page) == "4 1");
    rf::count_request count;
    count.table = &t;
    CHECK(client::must(c.count(count)) == 5U);
    CHECK(client::must(c.maximum(t, 0)) == "9");
    client::must(c.rollback());
    CHECK(client::must(c.maximum(t, 0)) == "4");
}

TEST_CASE("tables without a key keep the order of arrival, and equal rows") {
    fake_database db;
    db.create_table("t", {{"v", "int"}});
    for (std::uint64_t i = 0; i < 300; ++i) db.insert("t", {std::to_string(300 - i / 2)});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    const client::rows all = client::read(c, page_of(t));
    REQUIRE(all.size() == 300);
    CHECK(all[0] == client::row{"300"});
    CHECK(all[1] == client::row{"300"});
    CHECK(all[299] == client::row{"151"});
}
