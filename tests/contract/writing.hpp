// SPDX-License-Identifier: BSL-1.0
// The contract of a Target: write kinds, transactions, and what one connection sees of another.
#ifndef ROWFERRY_TESTS_CONTRACT_WRITING_HPP
#define ROWFERRY_TESTS_CONTRACT_WRITING_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <optional>
#include <string>

namespace contract {

namespace rf = rowferry;
using client::code_of;
using client::describe;
using client::fault_of;
using client::must;
using client::rows;
using client::write_to;
using rf::write_kind;

/// Two unique keys: `id`, and `code`.
template <class World>
void create_pairs(World& w) {
    w.create("pairs", {{"id", "int not null"}, {"code", "varchar(10) not null"}, {"v", "varchar(10)"}}, {"id"},
             {{"by_code", {"code"}}});
    w.insert("pairs", {"1", "one", "old"});
    w.insert("pairs", {"2", "two", "old"});
}

template <class World>
void insert_refuses_duplicates(World& w) {
    create_pairs(w);
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "pairs");
    auto wrote = client::write(c, write_to(t), {{"3", "three", "new"}, {"4", "four", std::nullopt}});
    CHECK(must(wrote).rows == 2);
    const auto first_key = client::write(c, write_to(t), {{"5", "five", "new"}, {"1", "six", "new"}});
    CHECK(code_of(first_key) == 1062);
    CHECK(fault_of(first_key) == rf::fault::data);
    const auto second_key = client::write(c, write_to(t), {{"5", "two", "new"}});
    CHECK(code_of(second_key) == 1062);
    CHECK(w.rows("pairs") ==
          rows{{"1", "one", "old"}, {"2", "two", "old"}, {"3", "three", "new"}, {"4", "four", std::nullopt}});
}

template <class World>
void upsert_sets_the_row(World& w) {
    create_pairs(w);
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "pairs");
    const auto request = write_to(t, write_kind::upsert);
    const auto wrote =
        must(client::write(c, request, {{"1", "one", "new"}, {"3", "three", "new"}, {"2", "two", "old"}}));
    CHECK(wrote.rows == 3);
    CHECK(wrote.skipped == 0);
    CHECK(w.rows("pairs") == rows{{"1", "one", "new"}, {"2", "two", "old"}, {"3", "three", "new"}});
    must(client::write(c, request, {{"9", "two", "moved"}})); // found by its second key
    CHECK(w.rows("pairs") == rows{{"1", "one", "new"}, {"3", "three", "new"}, {"9", "two", "moved"}});
    CHECK(code_of(client::write(c, request, {{"1", "three", "torn"}})) == 1062);
}

template <class World>
void upsert_leaves_other_columns(World& w) {
    create_pairs(w);
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "pairs");
    auto request = write_to(t, write_kind::upsert);
    request.columns = {1, 0};
    must(client::write(c, request, {{"uno", "1"}, {"five", "5"}}));
    CHECK(w.rows("pairs") == rows{{"1", "uno", "old"}, {"2", "two", "old"}, {"5", "five", std::nullopt}});
}

/// Neither does the server set them by itself, as it does on an update of its own.
template <class World>
void upsert_keeps_what_an_update_would_set(World& w) {
    w.create("stamped",
             {{"id", "int not null"},
              {"changed", "datetime not null default '2001-02-03 04:05:06' on update current_timestamp"},
              {"v", "varchar(10)"},
              {"seen", "timestamp(3) null default '2002-02-03 04:05:06.000' on update current_timestamp(3)"}},
             {"id"});
    w.insert("stamped", {"1", "1999-12-31 23:59:59", "old", std::nullopt});
    w.insert("stamped", {"2", "2001-01-01 00:00:00", "same", "2001-01-01 00:00:00.500"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "stamped");
    auto request = write_to(t, write_kind::upsert);
    request.columns = {0, 2};
    must(client::write(c, request, {{"1", "new"}, {"2", "same"}, {"3", "fresh"}}));
    CHECK(w.rows("stamped") == rows{{"1", "1999-12-31 23:59:59", "new", std::nullopt},
                                    {"2", "2001-01-01 00:00:00", "same", "2001-01-01 00:00:00.500"},
                                    {"3", "2001-02-03 04:05:06", "fresh", "2002-02-03 04:05:06.000"}});
    request.columns = {0, 1};
    must(client::write(c, request, {{"1", "1998-01-01 00:00:00"}}));
    CHECK(w.rows("stamped").front() == client::row{"1", "1998-01-01 00:00:00", "new", std::nullopt});
}

template <class World>
void replace_deletes_what_is_in_the_way(World& w) {
    create_pairs(w);
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "pairs");
    const auto wrote =
        must(client::write(c, write_to(t, write_kind::replace), {{"1", "two", "new"}, {"3", "x", "new"}}));
    CHECK(wrote.rows == 2);
    CHECK(w.rows("pairs") == rows{{"1", "two", "new"}, {"3", "x", "new"}});
}

template <class World>
void skip_existing_passes_its_key_only(World& w) {
    create_pairs(w);
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "pairs");
    const auto request = write_to(t, write_kind::skip_existing);
    const auto wrote = must(client::write(c, request, {{"1", "one", "new"}, {"3", "x", "new"}, {"3", "x", "again"}}));
    CHECK(wrote.rows == 3);
    CHECK(wrote.skipped == 2);
    CHECK(w.rows("pairs") == rows{{"1", "one", "old"}, {"2", "two", "old"}, {"3", "x", "new"}});
    const auto other_key = client::write(c, request, {{"4", "two", "new"}});
    CHECK(fault_of(other_key) == rf::fault::data);
    CHECK(w.rows("pairs").size() == 3);
}

/// A server in strict mode: nothing is truncated or changed, in any write kind.
template <class World>
void refuses_values_that_do_not_fit(World& w) {
    w.create("t", {{"id", "int not null"}, {"small", "tinyint not null"}, {"name", "varchar(3) not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    for (write_kind kind : {write_kind::insert, write_kind::upsert, write_kind::replace, write_kind::skip_existing}) {
        INFO(rf::name(kind));
        const auto request = write_to(t, kind);
        for (const client::row& bad :
             rows{{"1", std::nullopt, "x"}, {"1", "128", "x"}, {"1", "1", "four"}, {"1", "word", "x"}}) {
            CHECK(fault_of(client::write(c, request, {{"0", "1", "x"}, bad})) == rf::fault::data);
        }
    }
    CHECK(code_of(client::write(c, write_to(t), {{"1", std::nullopt, "x"}})) == 1048);
    CHECK(code_of(client::write(c, write_to(t), {{"1", "128", "x"}})) == 1264);
    CHECK(code_of(client::write(c, write_to(t), {{"1", "1", "four"}})) == 1406);
    auto partial = write_to(t);
    partial.columns = {0, 1};
    CHECK(fault_of(client::write(c, partial, {{"1", "1"}})) == rf::fault::data);
    CHECK(w.rows("t").empty());
}

/// NULL, nothing, and bytes that look like either stay apart; so does id 0 in an automatic column.
template <class World>
void keeps_values_apart(World& w) {
    w.create("t", {{"id", "int not null auto_increment"}, {"name", "varchar(20) collate utf8mb4_bin"}, {"raw", "blob"}},
             {"id"});
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    const rows all{{"-1", "'\"\\%_\n\t", "\\N"},
                   {"0", std::nullopt, std::nullopt},
                   {"1", "", ""},
                   {"2", "NULL", std::string(1, '\0')},
                   {"3", std::string("a\0b", 3), bytes},
                   {"4", "\xF0\x9F\x9A\xA2 \xC3\xA4", "\xF0\x9F\x9A\xA2\xFF"},
                   {"5", "trailing  ", "  "}};
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    CHECK(must(client::write(c, write_to(t), all)).rows == all.size());
    CHECK(client::read(c, client::page_of(t)) == all);
    auto again = client::open(w.connector());
    CHECK(client::read(again, client::page_of(t)) == all);
}

template <class World>
void others_see_what_is_committed(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto writer = client::open(w.connector());
    auto reader = client::open(w.connector());
    const rf::table_schema t = describe(writer, "t");
    const auto request = write_to(t);
    const auto page = client::page_of(t);
    CHECK(must(reader.is_empty(t)));
    must(writer.begin());
    must(writer.write(request, client::batch_of({{"1"}})));
    CHECK(client::ids(writer, page) == "1");
    CHECK(client::ids(reader, page).empty());
    CHECK(must(reader.is_empty(t)));
    must(writer.commit());
    CHECK(client::ids(reader, page) == "1");
    CHECK_FALSE(must(reader.is_empty(t)));
    must(writer.begin());
    must(writer.write(write_to(t, write_kind::replace), client::batch_of({{"1"}, {"2"}})));
    must(writer.rollback());
    CHECK(client::ids(writer, page) == "1");
    must(writer.rollback()); // without a transaction it does nothing
    must(writer.begin());
    must(writer.commit());
}

template <class World>
void a_lost_connection_loses_its_transaction(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto reader = client::open(w.connector());
    const rf::table_schema t = describe(reader, "t");
    {
        auto writer = client::open(w.connector());
        must(writer.begin());
        must(writer.write(write_to(t), client::batch_of({{"1"}})));
    }
    CHECK(must(reader.is_empty(t)));
    auto writer = client::open(w.connector());
    must(writer.begin());
    must(writer.write(write_to(t), client::batch_of({{"1"}})));
    writer = client::open(w.connector());
    CHECK(must(reader.is_empty(t)));
    must(client::write(writer, write_to(t), {{"1"}}));
    CHECK(w.rows("t") == rows{{"1"}});
}

/// A transaction goes on after a statement that failed, and the failed one left nothing.
template <class World>
void a_failed_statement_leaves_the_transaction(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    must(c.begin());
    must(c.write(write_to(t), client::batch_of({{"1"}})));
    CHECK(code_of(c.write(write_to(t), client::batch_of({{"2"}, {"1"}}))) == 1062);
    must(c.write(write_to(t), client::batch_of({{"3"}})));
    must(c.commit());
    CHECK(w.rows("t") == rows{{"1"}, {"3"}});
}

/// Whether an error says that the transaction it belonged to is not open any more. (In a template g++ 12 fails at the name of a
/// remedy.)
inline bool says_that_the_transaction_ended(const rf::error& e) {
    return e.cause == rf::cause::senseless_answer && e.fault == rf::fault::permanent &&
           e.offers(rf::remedy::check_proxy);
}

/// By a proxy between, or by a statement that commits: what was to be written together is not, and nothing more is.
template <class World>
void a_transaction_that_ended_is_noticed(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = describe(c, "t");
    must(c.begin());
    w.end_transaction(c);
    auto is_noticed = [](const auto& answer) { return !answer && says_that_the_transaction_ended(answer.error()); };
    CHECK(is_noticed(c.write(write_to(t), client::batch_of({{"1"}}))));
    must(c.rollback());
    CHECK(w.rows("t").empty());
    must(c.begin());
    must(c.write(write_to(t), client::batch_of({{"1"}})));
    w.end_transaction(c);
    CHECK(is_noticed(c.write(write_to(t), client::batch_of({{"2"}}))));
    CHECK(is_noticed(c.commit()));
    must(c.rollback());
    CHECK(w.rows("t").empty());
    // The session is as good as before.
    must(c.begin());
    must(c.write(write_to(t), client::batch_of({{"1"}})));
    must(c.commit());
    CHECK(w.rows("t") == rows{{"1"}});
}

template <class World>
void writing_what_is_not_there(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    rf::table_schema missing = describe(c, "t");
    missing.name = "missing";
    const auto refused = client::write(c, write_to(missing), {{"1"}});
    CHECK(code_of(refused) == 1146);
    CHECK(fault_of(refused) == rf::fault::permanent);
}

} // namespace contract

#endif
