// SPDX-License-Identifier: BSL-1.0
// The double's transactions and writes, beyond the contract: statements undone, rows that others hold, limits.
#include "catch.hpp"
#include "contract/client.hpp"

#include <rowferry/testing.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace rf = rowferry;
using client::batch_of;
using client::code_of;
using client::fault_of;
using client::must;
using client::rows;
using client::write_to;
using rf::write_kind;
using rf::testing::fake_database;

namespace {

fake_database pairs() {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"code", "varchar(9) not null"}, {"v", "varchar(9)"}}, {"id"});
    db.add_unique_key("t", "by_code", {"code"});
    db.insert("t", {"1", "one", "old"});
    db.insert("t", {"2", "two", "old"});
    return db;
}

} // namespace

TEST_CASE("operations in the wrong place are refused, so that a test notices") {
    fake_database db = pairs();
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    const rf::row_batch one = batch_of({{"3", "three", "x"}});
    CHECK(fault_of(c.commit()) == rf::fault::permanent);
    CHECK(fault_of(c.write(write_to(t), one)) == rf::fault::permanent);
    CHECK(fault_of(c.save_checkpoint({})) == rf::fault::permanent);
    must(c.rollback());
    must(c.begin());
    CHECK(fault_of(c.begin()) == rf::fault::permanent);
    CHECK(fault_of(c.truncate(t)) == rf::fault::permanent);
    CHECK(fault_of(c.claim_checkpoint({}, {})) == rf::fault::permanent);
    must(c.write(write_to(t), one)); // the transaction is still open
    must(c.commit());
    CHECK(fault_of(c.commit()) == rf::fault::permanent);
    CHECK(db.row_count("t") == 3);
}

TEST_CASE("a failed statement is undone in every write kind") {
    for (write_kind kind : {write_kind::insert, write_kind::upsert, write_kind::replace, write_kind::skip_existing}) {
        INFO(rf::name(kind));
        fake_database db = pairs();
        auto c = client::open(db);
        const rf::table_schema t = client::describe(c, "t");
        must(c.begin());
        must(c.write(write_to(t, write_kind::upsert), batch_of({{"5", "five", "mine"}, {"1", "uno", "mine"}})));
        const client::row bad{"7", std::nullopt, "x"};
        CHECK(code_of(c.write(write_to(t, kind), batch_of({{"6", "six", "x"}, bad}))) == 1048);
        CHECK(code_of(c.write(write_to(t, write_kind::upsert), batch_of({{"1", "x", "x"}, {"5", "y", "y"}, bad}))) ==
              1048);
        CHECK(code_of(c.write(write_to(t, write_kind::replace),
                              batch_of({{"9", "two", "x"}, {"8", "five", "y"}, bad}))) == 1048);
        must(c.commit());
        CHECK(db.rows("t") == rows{{"1", "uno", "mine"}, {"2", "two", "old"}, {"5", "five", "mine"}});
        db.insert("t", {"10", "one", "free"}); // its old key is free again
    }
}

TEST_CASE("unique keys move with their rows inside a transaction") {
    fake_database db = pairs();
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    must(c.begin());
    const auto upsert = write_to(t, write_kind::upsert);
    must(c.write(upsert, batch_of({{"1", "uno", "a"}})));
    must(c.write(write_to(t), batch_of({{"3", "one", "b"}}))); // freed by the first
    CHECK(code_of(c.write(write_to(t), batch_of({{"4", "uno", "c"}}))) == 1062);
    CHECK(code_of(c.write(upsert, batch_of({{"2", "uno", "c"}}))) == 1062);
    must(c.write(write_to(t, write_kind::replace), batch_of({{"2", "uno", "d"}}))); // takes rows 1 and 2 away
    must(c.write(upsert, batch_of({{"9", "uno", "e"}})));                           // moves row 2
    must(c.commit());
    CHECK(db.rows("t") == rows{{"3", "one", "b"}, {"9", "uno", "e"}});
    db.insert("t", {"2", "two", "again"});
    CHECK(db.row_count("t") == 3);
}

TEST_CASE("skip_existing: the first key that a row doubles decides, as on a server") {
    fake_database db = pairs();
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    auto request = write_to(t, write_kind::skip_existing);
    request.key_name = "by_code";
    CHECK(must(client::write(c, request, {{"9", "two", "x"}})).skipped == 1);
    CHECK(code_of(client::write(c, request, {{"1", "one", "x"}})) == 1062);
    CHECK(code_of(client::write(c, request, {{"1", "new", "x"}})) == 1062);
    request.key_name = "primary";
    CHECK(must(client::write(c, request, {{"1", "two", "x"}})).skipped == 1);
    CHECK(code_of(client::write(c, request, {{"9", "two", "x"}})) == 1062);
    CHECK(db.rows("t") == rows{{"1", "one", "old"}, {"2", "two", "old"}});
}

TEST_CASE("a row that another open transaction has written is a lock wait timeout") {
    fake_database db = pairs();
    auto first = client::open(db);
    auto second = client::open(db);
    const rf::table_schema t = client::describe(first, "t");
    must(first.begin());
    must(first.write(write_to(t), batch_of({{"3", "three", "x"}})));
    must(first.write(write_to(t, write_kind::replace), batch_of({{"1", "uno", "x"}})));
    must(second.begin());
    CHECK(code_of(second.write(write_to(t), batch_of({{"3", "drei", "y"}}))) == 1205);
    CHECK(code_of(second.write(write_to(t), batch_of({{"4", "three", "y"}}))) == 1205);
    CHECK(code_of(second.write(write_to(t, write_kind::upsert), batch_of({{"1", "eins", "y"}}))) == 1205);
    CHECK(code_of(second.write(write_to(t, write_kind::replace), batch_of({{"1", "eins", "y"}}))) == 1205);
    must(second.write(write_to(t), batch_of({{"5", "five", "y"}})));
    must(second.rollback());
    CHECK(code_of(second.truncate(t)) == 1205);
    must(first.commit());
    CHECK(code_of(client::write(second, write_to(t), {{"3", "drei", "y"}})) == 1062);
    must(second.truncate(t));
}

TEST_CASE("a table without transactions keeps what was written") {
    fake_database db = pairs();
    db.set_transactional("t", false);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    must(c.begin());
    must(c.write(write_to(t), batch_of({{"3", "three", "x"}})));
    CHECK(db.row_count("t") == 3);
    CHECK(code_of(c.write(write_to(t), batch_of({{"4", "four", "x"}, {"1", "x", "x"}}))) == 1062);
    must(c.rollback());
    CHECK(db.row_count("t") == 4); // with the row before the one that failed
}

TEST_CASE("a read-only server and its limits") {
    fake_database db = pairs();
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    rf::checkpoint entry;
    entry.job = "job";
    must(c.claim_checkpoint(entry, {}));
    db.set_read_only(true);
    CHECK(fault_of(client::write(c, write_to(t), {{"3", "x", "x"}})) == rf::fault::read_only);
    CHECK(fault_of(c.truncate(t)) == rf::fault::read_only);
    CHECK(fault_of(c.claim_checkpoint(entry, {})) == rf::fault::read_only);
    CHECK(fault_of(c.forget_checkpoints("t")) == rf::fault::read_only);
    CHECK(fault_of(c.forget_checkpoint(entry)) == rf::fault::read_only);
    must(c.begin());
    entry.batches = 1;
    CHECK(fault_of(c.save_checkpoint(entry)) == rf::fault::read_only);
    must(c.rollback());
    db.set_read_only(false);

    db.set_max_row_bytes(10);
    CHECK(code_of(client::write(c, write_to(t), {{"3", "3", "x"}, {"4", "123456789", "xx"}})) == 1153);
    db.set_max_row_bytes(0);
    db.set_max_transaction_bytes(20);
    must(c.begin());
    must(c.write(write_to(t), batch_of({{"3", "12345678", "x"}})));
    must(c.write(write_to(t), batch_of({{"4", "87654321", "x"}})));
    CHECK(code_of(c.write(write_to(t), batch_of({{"5", "5", "x"}}))) == 1197);
    must(c.commit());
    CHECK(db.row_count("t") == 4);
}

TEST_CASE("writes of many rows in any order") {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"v", "int"}}, {"id"});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    for (int step : {7, 3, 11}) { // each visits all of 0 … 99 in another order
        rows all;
        for (int i = 0; i < 100; ++i) all.push_back({std::to_string(i * step % 100), std::to_string(step)});
        CHECK(must(client::write(c, write_to(t, write_kind::upsert), all)).rows == 100);
    }
    const rows now = db.rows("t");
    REQUIRE(now.size() == 100);
    for (int i = 0; i < 100; ++i) CHECK(now[static_cast<std::size_t>(i)] == client::row{std::to_string(i), "11"});
}

TEST_CASE("copy_page inside one server") {
    fake_database source("source");
    fake_database target("target");
    target.share_server_with(source);
    CHECK_THROWS_AS(fake_database("source").share_server_with(source), rf::copy_error);
    for (auto* db : {&source, &target}) db->create_table("t", {{"id", "int"}}, {"id"});
    source.insert("t", {"1"});
    auto from = client::open(source);
    auto to = client::open(target);
    const rf::table_schema t = client::describe(to, "t");
    rf::page_request page = client::page_of(t);
    page.max_bytes = 1;
    CHECK(fault_of(to.copy_page("source", page, write_to(t))) == rf::fault::permanent); // no transaction
    must(to.begin());
    CHECK(code_of(to.copy_page("elsewhere", page, write_to(t))) == 1049);
    CHECK(must(to.copy_page(from.database(), page, write_to(t))).rows == 1);
    must(to.commit());
    CHECK(target.rows("t") == rows{{"1"}});
    CHECK(source.identity().substr(0, source.identity().find('/')) ==
          target.identity().substr(0, target.identity().find('/')));
}
