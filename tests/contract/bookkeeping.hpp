// SPDX-License-Identifier: BSL-1.0
// The contract of the refinements: checkpoints, counts, maximum, truncate, tables, and copies inside one server.
#ifndef ROWFERRY_TESTS_CONTRACT_BOOKKEEPING_HPP
#define ROWFERRY_TESTS_CONTRACT_BOOKKEEPING_HPP

#include "contract/client.hpp"

#include <rowferry/rowferry.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace contract {

namespace rf = rowferry;
using client::must;
using rf::checkpoint_read;

/// A checkpoint that needs care in every field.
inline rf::checkpoint some_checkpoint(const std::string& run) {
    rf::checkpoint entry;
    entry.job = rf::job_id("a job");
    entry.title = "it's \"a\" \\ job";
    entry.target_table = "it's `a` table";
    entry.definition = "columns: a, b";
    entry.run = rf::job_id(run);
    return entry;
}

template <class World>
void checkpoints_are_kept(World& w) {
    auto c = client::open(w.connector());
    rf::checkpoint entry = some_checkpoint("run one");
    CHECK_FALSE(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands)).has_value());
    CHECK_FALSE(must(c.load_checkpoint(entry.job, checkpoint_read::settled)).has_value());
    must(c.claim_checkpoint(entry, {}));
    CHECK(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands)) == entry);

    entry.batches = 1;
    entry.rows = 18'446'744'073'709'551'615U;
    entry.last_key = {"-5", std::nullopt, "", std::string("a\0,~%b", 6), "\xC3\xA4'\\"};
    entry.complete = true;
    must(c.begin());
    must(c.save_checkpoint(entry));
    CHECK(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands)) == entry);
    auto other = client::open(w.connector());
    CHECK(must(other.load_checkpoint(entry.job, checkpoint_read::as_it_stands))->batches == 0);
    must(c.commit());
    CHECK(must(other.load_checkpoint(entry.job, checkpoint_read::as_it_stands)) == entry);
    CHECK(must(other.load_checkpoint(entry.job, checkpoint_read::settled)) == entry);

    rf::checkpoint third = entry;
    ++third.batches;
    must(c.begin());
    must(c.save_checkpoint(third));
    must(c.rollback());
    CHECK(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands)) == entry);
    must(c.forget_checkpoints(entry.target_table));
    must(c.forget_checkpoints(entry.target_table));
    CHECK_FALSE(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands)).has_value());
}

/// A run forgets its own entry: the one of a run that took over stays, and so do those of other jobs.
template <class World>
void a_run_forgets_its_own_checkpoint(World& w) {
    auto c = client::open(w.connector());
    const rf::checkpoint first = some_checkpoint("run one");
    must(c.forget_checkpoint(first)); // no store, or none of its entries
    rf::checkpoint other = first;
    other.title = "another job";
    other.job = rf::job_id(other.title);
    must(c.claim_checkpoint(first, {}));
    must(c.claim_checkpoint(other, {}));
    rf::checkpoint rival = first;
    rival.run = "run two";
    rival = must(c.claim_checkpoint(rival, {}));
    must(c.forget_checkpoint(first));
    CHECK(must(c.load_checkpoint(first.job, checkpoint_read::settled)) == rival);
    must(c.forget_checkpoint(rival));
    must(c.forget_checkpoint(rival));
    CHECK_FALSE(must(c.load_checkpoint(first.job, checkpoint_read::settled)).has_value());
    CHECK(must(c.load_checkpoint(other.job, checkpoint_read::settled)).has_value());
}

/// All entries are listed in order, and each can be dropped; the run that owned it cannot save any more.
template <class World>
void checkpoints_are_listed_and_dropped(World& w) {
    auto c = client::open(w.connector());
    CHECK(must(c.list_checkpoints()).empty());
    CHECK_FALSE(must(c.drop_checkpoint(rf::job_id("none"))));
    std::vector<rf::checkpoint> entries;
    for (const char* title : {"z", "a"}) {
        for (const char* table : {"t2", "t1"}) {
            rf::checkpoint entry = some_checkpoint("run one");
            entry.title = title;
            entry.target_table = table;
            entry.job = rf::job_id(std::string(title) + table);
            entries.push_back(must(c.claim_checkpoint(entry, {})));
        }
    }
    auto listed = [&] {
        std::vector<rf::checkpoint> all;
        for (const rf::listed_checkpoint& each : must(c.list_checkpoints())) all.push_back(each.entry);
        return all;
    };
    CHECK(listed() == std::vector<rf::checkpoint>{entries[3], entries[1], entries[2], entries[0]});
    CHECK(must(c.drop_checkpoint(entries[1].job)));
    CHECK_FALSE(must(c.drop_checkpoint(entries[1].job)));
    CHECK(listed() == std::vector<rf::checkpoint>{entries[3], entries[2], entries[0]});
    ++entries[1].batches;
    must(c.begin());
    CHECK(client::fault_of(c.save_checkpoint(entries[1])) == rf::fault::permanent);
    must(c.rollback());
}

/// Rows and checkpoint stand or fall together.
template <class World>
void checkpoints_belong_to_the_transaction(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    rf::checkpoint entry = some_checkpoint("run one");
    must(c.claim_checkpoint(entry, {}));
    ++entry.batches;
    {
        auto lost = client::open(w.connector());
        must(lost.begin());
        must(lost.write(client::write_to(t), client::batch_of({{"1"}})));
        must(lost.save_checkpoint(entry));
    }
    // A real server may need a moment to notice that the client is gone; settled waits for it.
    CHECK(must(c.load_checkpoint(entry.job, checkpoint_read::settled))->batches == 0);
    CHECK(must(c.is_empty(t)));
    must(c.begin());
    must(c.write(client::write_to(t), client::batch_of({{"1"}})));
    must(c.save_checkpoint(entry));
    must(c.commit());
    CHECK(must(c.load_checkpoint(entry.job, checkpoint_read::as_it_stands))->batches == 1);
    CHECK(w.rows("t").size() == 1);
}

/// A run that was taken over, or that is not where it believes, cannot save.
template <class World>
void checkpoints_fence_stale_runs(World& w) {
    auto c = client::open(w.connector());
    rf::checkpoint entry = some_checkpoint("run one");
    must(c.claim_checkpoint(entry, {}));
    auto save = [&](const rf::checkpoint& next) {
        must(c.begin());
        auto saved = c.save_checkpoint(next);
        if (saved) {
            must(c.commit());
        } else {
            must(c.rollback());
        }
        return saved;
    };
    CHECK(client::fault_of(save(entry)) == rf::fault::permanent); // not one further
    entry.batches = 2;
    CHECK(client::fault_of(save(entry)) == rf::fault::permanent); // two further
    entry.batches = 1;
    must(save(entry));
    CHECK(client::fault_of(save(entry)) == rf::fault::permanent); // the same again

    rf::checkpoint second = some_checkpoint("run two");
    second.batches = 9; // what it believed; the claim tells how it is
    const auto now = must(c.claim_checkpoint(second, {}));
    CHECK(now == must(c.load_checkpoint(entry.job, checkpoint_read::settled)));
    CHECK(now.run == second.run);
    CHECK(now.batches == 1);
    entry.batches = 2;
    const auto late = save(entry);
    CHECK(client::fault_of(late) == rf::fault::permanent);
    CHECK(late.error().cause == rf::cause::taken_over);
    rf::checkpoint next = now;
    next.batches = 2;
    must(save(next));
    rf::checkpoint unknown = some_checkpoint("run one");
    unknown.job = rf::job_id("another job");
    unknown.batches = 1;
    CHECK(client::fault_of(save(unknown)) == rf::fault::permanent);
}

/// A run that starts over leaves nothing of the earlier ones: no progress, and no right to save.
template <class World>
void claims_start_over(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    w.create("other", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    auto job_into = [](const std::string& name, const std::string& table) {
        rf::checkpoint entry = some_checkpoint("run one");
        entry.job = rf::job_id(name);
        entry.target_table = table;
        return entry;
    };
    auto advance = [&](rf::checkpoint& entry) {
        ++entry.batches;
        entry.rows += 5;
        entry.last_key = {"5"};
        entry.complete = true;
        must(c.begin());
        must(c.save_checkpoint(entry));
        must(c.commit());
    };
    auto found = [&](const rf::checkpoint& entry) {
        return must(c.load_checkpoint(entry.job, checkpoint_read::settled));
    };
    rf::checkpoint full = job_into("full", "t");
    rf::checkpoint incremental = job_into("incremental", "t");
    rf::checkpoint elsewhere = job_into("elsewhere", "other");
    for (rf::checkpoint* entry : {&full, &incremental, &elsewhere}) {
        CHECK(must(c.claim_checkpoint(*entry, {.keeps_progress = false})) == *entry); // none was there
        advance(*entry);
    }
    w.insert("t", {"5"});

    rf::checkpoint again = full;
    again.run = rf::job_id("run two");
    again.definition = "columns: a";
    rf::checkpoint begun = again;
    begun.batches = 0;
    begun.rows = 0;
    begun.last_key.clear();
    begun.complete = false;
    CHECK(must(c.claim_checkpoint(again, {.keeps_progress = false})) == begun);
    CHECK(found(full) == begun);
    CHECK(found(incremental) == incremental);
    CHECK_FALSE(must(c.is_empty(t)));
    advance(begun);

    again.run = rf::job_id("run three");
    const rf::checkpoint emptied = must(c.claim_checkpoint(again, {.emptying = true}));
    CHECK(emptied.run == again.run);
    CHECK(emptied.batches == 0);
    CHECK(found(full) == emptied);
    CHECK_FALSE(found(incremental).has_value());
    CHECK(found(elsewhere) == elsewhere);
    CHECK(must(c.is_empty(t)));
    ++incremental.batches;
    must(c.begin());
    CHECK(client::fault_of(c.save_checkpoint(incremental)) == rf::fault::permanent);
    must(c.rollback());
}

/// A claim alone ends what could fill the same table, and leaves what has filled it.
template <class World>
void claims_alone(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    auto c = client::open(w.connector());
    auto job = [](const char* name) {
        rf::checkpoint entry = some_checkpoint(name);
        entry.job = rf::job_id(name);
        entry.target_table = "t";
        return entry;
    };
    auto is_there = [&](const rf::checkpoint& entry) {
        return must(c.load_checkpoint(entry.job, checkpoint_read::settled)).has_value();
    };
    const rf::claim alone{.alone = true};
    const rf::checkpoint idle = job("idle");
    rf::checkpoint busy = job("busy");
    must(c.claim_checkpoint(idle, {}));
    must(c.claim_checkpoint(busy, {}));
    ++busy.batches;
    w.insert("t", {"1"});
    must(c.begin());
    must(c.save_checkpoint(busy));
    must(c.commit());
    CHECK_FALSE(must(c.claim_checkpoint(busy, {})).begun_alone);
    CHECK(must(c.claim_checkpoint(job("second"), alone)).begun_alone);
    CHECK(is_there(idle));
    CHECK(is_there(busy));                                          // the table has rows: they may be its own
    CHECK_FALSE(must(c.claim_checkpoint(busy, alone)).begun_alone); // it was not, when it began
    CHECK(must(c.claim_checkpoint(idle, {.keeps_progress = false, .alone = true})).begun_alone);
    must(c.truncate(client::describe(c, "t")));
    CHECK(must(c.claim_checkpoint(job("third"), alone)).begun_alone);
    CHECK_FALSE(is_there(idle));
    CHECK_FALSE(is_there(busy)); // whatever it committed is gone
    CHECK_FALSE(is_there(job("second")));
    CHECK(is_there(job("third")));
    CHECK(must(c.claim_checkpoint(job("third"), {})).begun_alone); // a run that goes on does not change how it began
    CHECK_FALSE(must(c.claim_checkpoint(job("third"), {.emptying = true})).begun_alone);
}

template <class World>
void counts_rows(World& w) {
    w.create("t", {{"id", "int not null"}, {"seen", "int"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    rf::count_request request;
    request.table = &t;
    auto count = [&] { return must(c.count(request)); };
    CHECK(count() == 0U);
    w.insert("t", {"1", "7"});
    w.insert("t", {"2", std::nullopt});
    w.insert("t", {"3", "5"});
    w.insert("t", {"4", "9"});
    CHECK(count() == 4U);
    request.null_in = 1;
    CHECK(count() == 1U);
    request.null_in.reset();
    request.order = {{1, false}, {0, false}};
    request.after = client::past({"5"});
    CHECK(count() == 2U);
    request.after = client::at({"5", "3"});
    CHECK(count() == 3U);
    request.up_to = client::at({"7"});
    CHECK(count() == 2U);
    request.limit = std::chrono::seconds(10);
    CHECK(count() == 2U);
    rf::table_schema missing = t;
    missing.name = "missing";
    rf::count_request nowhere;
    nowhere.table = &missing;
    CHECK(client::code_of(c.count(nowhere)) == 1146);
}

template <class World>
void finds_the_maximum(World& w) {
    w.create("t", {{"id", "bigint not null"}, {"made", "datetime(6)"}, {"price", "decimal(10,2)"}}, {"id"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    CHECK_FALSE(must(c.maximum(t, 0)).has_value());
    w.insert("t", {"-7", std::nullopt, std::nullopt});
    CHECK(must(c.maximum(t, 0)) == "-7");
    CHECK_FALSE(must(c.maximum(t, 1)).has_value());
    w.insert("t", {"9", "2026-01-01 00:00:00.000002", "9.50"});
    w.insert("t", {"10", "2026-01-01 00:00:00.000001", "10.25"});
    CHECK(must(c.maximum(t, 0)) == "10");
    CHECK(must(c.maximum(t, 1)) == "2026-01-01 00:00:00.000002");
    CHECK(must(c.maximum(t, 2)) == "10.25");
}

template <class World>
void truncates_and_lists_tables(World& w) {
    w.create("t", {{"id", "int not null"}}, {"id"});
    w.create("another", {{"id", "int not null"}}, {"id"});
    w.insert("t", {"1"});
    auto c = client::open(w.connector());
    const rf::table_schema t = client::describe(c, "t");
    CHECK_FALSE(must(c.is_empty(t)));
    must(c.truncate(t));
    CHECK(must(c.is_empty(t)));
    must(client::write(c, client::write_to(t), {{"1"}}));
    must(c.claim_checkpoint(some_checkpoint("run one"), {})); // the store is no table to copy
    CHECK(must(c.tables()) == std::vector<std::string>{"another", "t"});
    rf::table_schema missing = t;
    missing.name = "missing";
    CHECK(client::code_of(c.truncate(missing)) == 1146);
}

template <class World>
void knows_its_own_server(World& w) {
    auto c = client::open(w.connector());
    auto same = client::open(w.connector());
    auto next_door = client::open(w.neighbour());
    auto stranger = w.stranger();
    auto far_away = client::open(stranger);
    CHECK(must(c.is_same_server(same)));
    CHECK(must(c.is_same_server(next_door)));
    CHECK_FALSE(must(c.is_same_server(far_away)));
    CHECK(std::string(c.database()) != std::string(next_door.database()));
    CHECK(w.connector().identity() != w.neighbour().identity());
    CHECK(w.connector().identity() != stranger.identity());
}

/// From the neighbouring database into this one, by the server alone.
template <class World>
void copies_inside_the_server(World& w) {
    w.create("t", {{"id", "int not null"}, {"v", "varchar(10)"}}, {"id"});
    w.create_next_door("s", {{"v", "varchar(10)"}, {"id", "int not null"}}, {"id"});
    for (const char* id : {"1", "2", "3", "4"}) w.insert_next_door("s", {"'" + std::string(id) + "'", id});
    auto source = client::open(w.neighbour());
    auto target = client::open(w.connector());
    const rf::table_schema s = client::describe(source, "s");
    const rf::table_schema t = client::describe(target, "t");
    rf::page_request page = client::page_of(s);
    page.columns = {1, 0};
    page.after = client::past({"1"});
    page.up_to = client::at({"3"});
    rf::write_request request = client::write_to(t);
    must(target.begin());
    const auto wrote = must(target.copy_page(source.database(), page, request));
    CHECK(wrote.rows == 2);
    must(target.rollback());
    CHECK(w.rows("t").empty());
    must(target.begin());
    must(target.copy_page(source.database(), page, request));
    must(target.commit());
    CHECK(w.rows("t") == client::rows{{"2", "'2'"}, {"3", "'3'"}});
    must(target.begin());
    const auto twice = target.copy_page(source.database(), page, request);
    CHECK(client::code_of(twice) == 1062);
    must(target.rollback());
    must(target.begin());
    request.kind = rf::write_kind::skip_existing;
    page.up_to.reset();
    const auto skipping = must(target.copy_page(source.database(), page, request));
    CHECK(skipping.rows == 3);
    CHECK(skipping.skipped == 2);
    must(target.commit());
    CHECK(w.rows("t").size() == 3);
}

/// Also where both tables have one name.
template <class World>
void copies_keep_what_an_update_would_set(World& w) {
    const std::string stamp = "datetime not null default '2001-02-03 04:05:06' on update current_timestamp";
    w.create("t", {{"id", "int not null"}, {"v", "varchar(10)"}, {"changed", stamp}}, {"id"});
    w.create_next_door("t", {{"id", "int not null"}, {"v", "varchar(10)"}, {"changed", stamp}}, {"id"});
    w.insert("t", {"1", "old", "1999-01-01 00:00:00"});
    w.insert_next_door("t", {"1", "new", "2022-02-02 00:00:00"});
    w.insert_next_door("t", {"2", "fresh", "2022-02-02 00:00:00"});
    auto source = client::open(w.neighbour());
    auto target = client::open(w.connector());
    const rf::table_schema s = client::describe(source, "t");
    const rf::table_schema t = client::describe(target, "t");
    rf::page_request page = client::page_of(s);
    page.columns = {0, 1};
    rf::write_request request = client::write_to(t, rf::write_kind::upsert);
    request.columns = {0, 1};
    must(target.begin());
    must(target.copy_page(source.database(), page, request));
    must(target.commit());
    CHECK(w.rows("t") == client::rows{{"1", "new", "1999-01-01 00:00:00"}, {"2", "fresh", "2001-02-03 04:05:06"}});
}

} // namespace contract

#endif
