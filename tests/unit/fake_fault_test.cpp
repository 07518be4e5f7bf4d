// SPDX-License-Identifier: BSL-1.0
// The double's fault scripts: where they strike, what they leave behind, and what a client sees of them.
#include "catch.hpp"
#include "contract/client.hpp"

#include <rowferry/testing.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using client::batch_of;
using client::code_of;
using client::fault_of;
using client::must;
using client::rows;
using client::write_to;
using rf::fault;
using rf::testing::fake_database;
using rf::testing::manual_timing;
using rf::testing::operation;
using rf::testing::when;

namespace {

fake_database one_table() {
    fake_database db;
    db.create_table("t", {{"id", "int"}}, {"id"});
    return db;
}

/// A connection with an open transaction that has written row 1.
struct writer {
    fake_database db = one_table();
    rf::testing::fake_connection c = client::open(db);
    rf::table_schema t = client::describe(c, "t");

    writer() {
        must(c.begin());
        must(c.write(write_to(t), batch_of({{"1"}})));
    }
};

} // namespace

TEST_CASE("every call counts, over all connections, and is logged by name") {
    fake_database db = one_table();
    auto a = client::open(db);
    auto b = client::open(db);
    must(a.ping());
    must(b.begin());
    must(b.rollback());
    CHECK(db.calls() == 5);
    CHECK(db.log() == std::vector<std::string_view>{"connect", "connect", "ping", "begin", "rollback"});
    CHECK(db.calls(operation::connect) == 2);
    CHECK(db.connections_opened() == 2);
    CHECK(db.open_connections() == 2);
    { const auto closed = std::move(a); }
    CHECK(db.open_connections() == 1);
    CHECK(db.connections_opened() == 2);
}

TEST_CASE("errors look like the server's") {
    for (fault f : {fault::transient, fault::rolled_back, fault::connection_lost, fault::unreachable, fault::overloaded,
                    fault::batch_too_large, fault::read_only, fault::data, fault::permanent}) {
        for (operation op : {operation::connect, operation::read, operation::write, operation::commit}) {
            const rf::error e = rf::testing::make_error(f, op);
            INFO(rf::name(f) << " in " << rf::testing::name(op));
            CHECK(e.fault == f);
            CHECK(rf::classify(e.code) == f);
            CHECK(e.sqlstate.size() == 5);
            CHECK_FALSE(e.server_message.empty());
            CHECK(e.operation == rf::testing::name(op));
        }
    }
}

TEST_CASE("faults by position") {
    fake_database db = one_table();
    db.fail_at(2, fault::transient);
    db.fail_between(4, 5, fault::overloaded);
    db.fail_every(7, fault::read_only);
    auto c = client::open(db);
    std::string seen;
    for (int call = 2; call <= 15; ++call) seen += c.ping() ? '.' : 'x';
    CHECK(seen == "x.xx.x......x.");
    db.fail_at(16, fault::transient);
    db.clear_faults();
    must(c.ping());
    CHECK(db.open_connections() == 1);
}

TEST_CASE("faults by operation") {
    fake_database db = one_table();
    db.fail_next(operation::commit, fault::rolled_back);
    db.fail_next(operation::connect, fault::connection_lost);
    db.fail_next(operation::connect, fault::unreachable);
    CHECK(code_of(db.connect()) == 2013);
    CHECK(code_of(db.connect()) == 2003);
    auto c = client::open(db);
    CHECK(db.connections_opened() == 1);
    must(c.begin());
    CHECK(code_of(c.commit()) == 1213);
    must(c.begin());
    must(c.commit());
}

TEST_CASE("connection_lost before the effect") {
    writer w;
    w.db.fail_next(operation::commit, fault::connection_lost);
    CHECK(code_of(w.c.commit()) == 2013);
    CHECK(w.db.row_count("t") == 0);
    const auto gone = w.c.ping();
    CHECK(code_of(gone) == 2006);
    CHECK(fault_of(gone) == fault::connection_lost);
    CHECK(code_of(w.c.rollback()) == 2006);
}

TEST_CASE("connection_lost after the effect: the commit happened") {
    writer w;
    w.db.fail_next(operation::commit, fault::connection_lost, when::after);
    CHECK(code_of(w.c.commit()) == 2013);
    CHECK(w.db.row_count("t") == 1);
    CHECK(code_of(w.c.ping()) == 2006);
}

TEST_CASE("connection_lost after a write loses the transaction") {
    writer w;
    w.db.fail_next(operation::write, fault::connection_lost, when::after);
    CHECK(code_of(w.c.write(write_to(w.t), batch_of({{"2"}}))) == 2013);
    CHECK(w.db.row_count("t") == 0);
    CHECK(w.db.open_connections() == 0);
}

TEST_CASE("connection_lost while the server works on: a commit takes effect when it is waited for") {
    writer w;
    rf::checkpoint entry;
    entry.job = "job";
    auto other = client::open(w.db);
    must(other.claim_checkpoint(entry, {}));
    entry.batches = 1;
    must(w.c.save_checkpoint(entry));
    w.db.fail_next(operation::commit, fault::connection_lost, when::late);
    CHECK(code_of(w.c.commit()) == 2013);
    CHECK(w.db.row_count("t") == 0);
    CHECK(must(other.load_checkpoint("job", rf::checkpoint_read::as_it_stands))->batches == 0);
    SECTION("by a settled checkpoint") {
        CHECK(must(other.load_checkpoint("job", rf::checkpoint_read::settled))->batches == 1);
        CHECK(w.db.row_count("t") == 1);
    }
    SECTION("by a claim") {
        rf::checkpoint mine;
        mine.job = "job";
        mine.run = "mine";
        must(other.claim_checkpoint(mine, {}));
        CHECK(w.db.row_count("t") == 1);
        CHECK(must(other.load_checkpoint("job", rf::checkpoint_read::as_it_stands))->batches == 1);
    }
    SECTION("by a writer of the same table, after the client has gone") {
        { const auto closed = std::move(w.c); }
        CHECK(w.db.open_connections() == 2);
        CHECK(code_of(client::write(other, write_to(w.t), {{"1"}})) == 1062);
        CHECK(w.db.row_count("t") == 1);
    }
    SECTION("by nobody, and the server loses power") {
        w.db.stop();
        CHECK(w.db.row_count("t") == 0);
        CHECK(w.db.open_connections() == 0);
    }
    SECTION("by the test") {
        w.db.settle();
        CHECK(w.db.row_count("t") == 1);
    }
}

TEST_CASE("connection_lost while the server works on: anything but a commit is rolled back") {
    writer w;
    w.db.fail_next(operation::ping, fault::connection_lost, when::late);
    CHECK(code_of(w.c.ping()) == 2013);
    auto other = client::open(w.db);
    must(client::write(other, write_to(w.t), {{"1"}, {"2"}}));
    CHECK(w.db.row_count("t") == 2);
}

TEST_CASE("a deadlock rolls back, a lock wait timeout does not") {
    writer w;
    w.db.fail_next(operation::write, fault::transient, when::after);
    CHECK(code_of(w.c.write(write_to(w.t), batch_of({{"2"}}))) == 1205);
    must(w.c.write(write_to(w.t), batch_of({{"3"}})));
    SECTION("so that the transaction can go on") {
        must(w.c.commit());
        CHECK(w.db.rows("t") == rows{{"1"}, {"3"}});
    }
    SECTION("so that it is gone") {
        w.db.fail_next(operation::write, fault::rolled_back);
        CHECK(code_of(w.c.write(write_to(w.t), batch_of({{"2"}}))) == 1213);
        CHECK(fault_of(w.c.write(write_to(w.t), batch_of({{"2"}}))) == fault::permanent);
        must(w.c.rollback());
        must(w.c.begin());
        must(w.c.commit());
        CHECK(w.db.row_count("t") == 0);
    }
}

TEST_CASE("a statement that is refused changes nothing and leaves the connection") {
    for (fault f : {fault::overloaded, fault::batch_too_large, fault::read_only, fault::data, fault::permanent,
                    fault::unreachable}) {
        INFO(rf::name(f));
        writer w;
        w.db.fail_next(operation::write, f, when::after);
        CHECK(fault_of(w.c.write(write_to(w.t), batch_of({{"2"}}))) == f);
        must(w.c.commit());
        CHECK(w.db.rows("t") == rows{{"1"}});
    }
}

TEST_CASE("an outage ends by the manual clock") {
    manual_timing timing;
    writer w;
    auto idle = client::open(w.db);
    w.db.outage_at(w.db.calls() + 1, 8min, timing);
    CHECK(code_of(w.c.commit()) == 2013);
    CHECK(w.db.row_count("t") == 0);
    CHECK(code_of(idle.ping()) == 2006);
    CHECK(code_of(w.db.connect()) == 2003);
    timing.sleep(8min - 1ns);
    CHECK(fault_of(w.db.connect()) == fault::unreachable);
    timing.sleep(1ns);
    auto c = client::open(w.db);
    must(client::write(c, write_to(w.t), {{"1"}}));
    CHECK(timing.slept() == 8min);
    w.db.outage_at(w.db.calls() + 1, 1s, timing);
    CHECK(code_of(w.db.connect()) == 2003);
    timing.advance(1s);
    auto again = client::open(w.db);
    w.db.outage_at(w.db.calls() + 2, 1s, timing, when::after);
    must(again.begin());
    CHECK(code_of(again.write(write_to(w.t), batch_of({{"2"}}))) == 2013);
    CHECK(w.db.row_count("t") == 1);
}

TEST_CASE("a server that is stopped, and one that two databases share") {
    fake_database a("a");
    fake_database b("b");
    b.share_server_with(a);
    auto in_a = client::open(a);
    auto in_b = client::open(b);
    b.stop();
    CHECK(code_of(in_a.ping()) == 2006);
    CHECK(code_of(in_b.ping()) == 2006);
    CHECK(code_of(a.connect()) == 2003);
    b.start();
    auto again = client::open(a);
    a.kill_connections();
    CHECK(code_of(again.ping()) == 2006);
    must(client::open(a).ping());
}

TEST_CASE("a crash of the client passes through") {
    for (when moment : {when::before, when::after, when::late}) {
        INFO(static_cast<int>(moment));
        writer w;
        auto other = client::open(w.db);
        const std::uint64_t call = w.db.calls() + 1;
        w.db.crash_at(call, moment);
        std::uint64_t crashed_at = 0;
        try {
            (void)w.c.commit();
        } catch (const rf::testing::crashed& crash) {
            crashed_at = crash.call;
        }
        CHECK(crashed_at == call);
        CHECK(code_of(other.ping()) == 2006);
        CHECK(w.db.row_count("t") == (moment == when::after ? 1U : 0U));
        w.db.settle();
        CHECK(w.db.row_count("t") == (moment == when::before ? 0U : 1U));
        must(client::open(w.db).ping());
    }
    fake_database db;
    db.crash_at(1);
    db.crash_at(2, when::after);
    CHECK_THROWS_AS(db.connect(), rf::testing::crashed);
    CHECK_THROWS_AS(db.connect(), rf::testing::crashed);
    CHECK(db.open_connections() == 0);
}

TEST_CASE("what other clients do meanwhile") {
    fake_database db = one_table();
    db.at_call(3, [&] { db.insert("t", {"7"}); });
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    CHECK(client::ids(c, client::page_of(t)) == "7");
    db.at_call(4, [&] { db.kill_connections(); });
    CHECK(code_of(c.ping()) == 2006);
}

TEST_CASE("an idle connection is cut") {
    manual_timing timing;
    fake_database db = one_table();
    db.set_idle_limit(1min, timing);
    auto c = client::open(db);
    timing.advance(1min);
    must(c.ping());
    timing.advance(1min);
    must(c.begin());
    timing.advance(1min + 1ns);
    const auto cut = c.commit();
    CHECK(code_of(cut) == 2006);
    CHECK(fault_of(cut) == fault::connection_lost);
}

TEST_CASE("calls and rows that take time") {
    manual_timing timing;
    fake_database db = one_table();
    db.fill("t", 100, [](std::uint64_t i) { return rf::testing::row{std::to_string(i)}; });
    db.set_cost(10ms, 1ms, timing);
    const rf::time_point start = timing.now();
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    CHECK(timing.now() - start == 20ms);
    CHECK(client::read(c, client::page_of(t)).size() == 100);
    CHECK(timing.now() - start == 130ms);
    rf::count_request count;
    count.table = &t;
    count.limit = 99ms;
    CHECK_FALSE(must(c.count(count)).has_value());
    count.limit = 100ms;
    CHECK(must(c.count(count)) == 100U);
    CHECK(timing.sleeps().empty());
}
