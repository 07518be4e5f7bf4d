// SPDX-License-Identifier: BSL-1.0
// How a run ends and what it tells: nothing is left behind by what changed nothing, no error advises what cannot help, and no
// verification reports equal without equal sums. On real servers, by the tool.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::eventually;
using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
using words = std::vector<std::string>;

words command(const std::string& name, words more) {
    words all{name, "--source", servers().source_uri(), "--target", servers().target_uri()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
tool_answer copy(words more) { return run_tool(command("copy", std::move(more))); }
tool_answer verify(words more) { return run_tool(command("verify", std::move(more))); }
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}
void on_source(const std::string& sql) { servers().source.execute(sql, "shop"); }
void on_target(const std::string& sql) { servers().target.execute(sql, "shop"); }
void on_both(const std::string& sql) {
    on_source(sql);
    on_target(sql);
}
std::string checkpoints() {
    if (servers().target.value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND "
                               "TABLE_NAME = 'rowferry_checkpoint'") == "0")
        return "0";
    return servers().target.value("SELECT COUNT(*) FROM rowferry_checkpoint", "shop");
}

} // namespace

TEST_CASE("a --where that fails at a row in the middle leaves the target as it was") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, n BIGINT UNSIGNED NOT NULL) ENGINE=InnoDB");
    on_source("INSERT INTO t SELECT seq, IF(seq = 7000, 0, seq) FROM seq_1_to_9000");
    on_target("INSERT INTO t VALUES (1, 1)");
    for (const words& how : {words{"--truncate-target"}, words{"--write-mode", "upsert"}}) {
        words all{"--table", "t", "--where", "n - 1 >= 0", "--json", "--batch-rows", "500"};
        all.insert(all.end(), how.begin(), how.end());
        const tool_answer answer = copy(all);
        CAPTURE(answer.out, answer.err);
        CHECK(answer.exit_code == 2);
        CHECK_THAT(answer.err, ContainsSubstring("1690"));
        CHECK_THAT(answer.err, !ContainsSubstring("run the same command"));
        CHECK(servers().copied("t") == 1);
        CHECK(checkpoints() == "0");
        all.emplace_back("--dry-run");
        CHECK(copy(all).exit_code == 2);
    }
}

TEST_CASE("a row that a repair cannot write needs a person, and the report says what was changed") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB");
    on_source("INSERT INTO t SELECT seq, CAST(seq AS SIGNED) - 50 FROM seq_1_to_100");
    REQUIRE(copy({"--table", "t"}).exit_code == 0);
    on_target("DELETE FROM t WHERE n = 0 OR id < 10; ALTER TABLE t ADD CONSTRAINT plus CHECK (n <> 0)");
    const tool_answer repaired = copy({"--table", "t", "--verify", "--repair", "--json"});
    CAPTURE(repaired.out, repaired.err);
    CHECK(repaired.exit_code == 4);
    CHECK(json(repaired, "$.tables[0].verification.verdict") == "different");
    CHECK(json(repaired, "$.tables[0].verification.repaired") == "9");
    CHECK(json(repaired, "$.tables[0].verification.left") == "1");
    CHECK_THAT(json(repaired, "$.tables[0].verification.unrepaired.message"), ContainsSubstring("row (50)"));
    CHECK_THAT(repaired.err, ContainsSubstring("of which 1 left; fix what refuses them, and repair again"));
}

TEST_CASE("rows of a table whose key may be NULL are named in a verification, NULL as null") {
    servers().clear();
    on_both("CREATE TABLE t (a INT, b VARCHAR(9), note INT, UNIQUE KEY ab (a, b)) ENGINE=InnoDB "
            "COLLATE utf8mb4_general_ci");
    on_source("INSERT INTO t SELECT seq, IF(seq % 3 = 0, NULL, seq), seq FROM seq_1_to_99");
    REQUIRE(copy({"--table", "t"}).exit_code == 0);
    const tool_answer equal = verify({"--table", "t", "--json"});
    CAPTURE(equal.out, equal.err);
    CHECK(equal.exit_code == 0);
    CHECK(json(equal, "$.tables[0].rows") == "99");
    on_target(
        "UPDATE t SET note = -1 WHERE a IN (6, 7); DELETE FROM t WHERE a = 9; INSERT INTO t VALUES (NULL, 'NULL', 1)");
    on_source("INSERT INTO t VALUES (6, NULL, 6)");
    const tool_answer found = verify({"--table", "t", "--json"});
    CAPTURE(found.out, found.err);
    CHECK(found.exit_code == 3);
    CHECK_THAT(found.out, ContainsSubstring(R"("missing":{"count":2,"keys":[["6",null],["9",null]]})"));
    CHECK_THAT(found.out, ContainsSubstring(R"("extra":{"count":1,"keys":[[null,"NULL"]]})"));
    CHECK_THAT(found.out, ContainsSubstring(R"("changed":{"count":2,"keys":[["7","7"],["6",null]])"));
    CHECK_THAT(verify({"--table", "t"}).out, ContainsSubstring("extra       1 row: (NULL, 'NULL')"));
}

TEST_CASE("a table that is dropped during a verification or repair is said to be gone, with what to do") {
    for (const bool repairs : {false, true}) {
        servers().fill(30'000);
        REQUIRE(copy({"--table", "procnote", "--log", "off"}).exit_code == 0);
        words all{"--table", "procnote", "--rows-per-second", "10000", "--json", "--log", "json"};
        if (repairs) all.insert(all.end(), {"--verify", "--repair"});
        tool_run run(command(repairs ? "copy" : "verify", all));
        CHECK(eventually([] { return !servers().target.connections_of("ferry").empty(); }));
        std::this_thread::sleep_for(std::chrono::milliseconds(1200));
        on_target("DROP TABLE procnote");
        const tool_answer answer = run.wait();
        CAPTURE(answer.out, answer.err);
        CHECK((answer.exit_code == 3 || answer.exit_code == 4));
        CHECK_THAT(answer.err, ContainsSubstring("dropped or renamed while it was compared"));
    }
}

namespace {

/// `q` on both sides, alike but for three rows of the target and an extra one in its second half.
void fill_q() {
    servers().clear();
    on_both("CREATE TABLE q (id INT PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB");
    on_source("INSERT INTO q SELECT seq, CONCAT('v', seq) FROM seq_1_to_20000");
    REQUIRE(copy({"--table", "q", "--log", "off"}).exit_code == 0);
    on_target("UPDATE q SET v = 'other' WHERE id IN (3, 9000, 19000); INSERT INTO q VALUES (30000, 'extra')");
    std::this_thread::sleep_for(std::chrono::milliseconds(1100)); // CREATE_TIME has whole seconds
}
tool_answer while_it_runs(const std::string& name, words more, const std::function<void()>& change) {
    words all{"--table", "q", "--rows-per-second", "9000"};
    all.insert(all.end(), more.begin(), more.end());
    tool_run run(command(name, all));
    CHECK(eventually([] { return !servers().target.connections_of("ferry").empty(); }));
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    change();
    return run.wait();
}

} // namespace

TEST_CASE("a table that is truncated or replaced during a repair ends it, and no row of the other side is deleted") {
    struct change {
        bool on_target;
        const char* statements;
    };
    const char* replaced = "CREATE TABLE fresh LIKE q; RENAME TABLE q TO old, fresh TO q"; // never without a table q
    for (const change& c :
         {change{true, "TRUNCATE TABLE q"}, {false, "TRUNCATE TABLE q"}, {true, replaced}, {false, replaced}}) {
        CAPTURE(c.on_target, c.statements);
        fill_q();
        const tool_answer answer = while_it_runs("copy", {"--verify", "--repair", "--repair-delete-extra"},
                                                 [&] { (c.on_target ? on_target : on_source)(c.statements); });
        CAPTURE(answer.out, answer.err);
        CHECK(answer.exit_code == 4);
        CHECK_THAT(answer.out + answer.err, ContainsSubstring(c.on_target ? "the table was replaced on the target"
                                                                          : "the table was replaced on the source"));
        if (!c.on_target) CHECK(servers().copied("q") == 20'001);
    }
    fill_q();
    on_target("UPDATE q SET v = CONCAT('v', id) WHERE v = 'other'; DELETE FROM q WHERE v = 'extra'");
    const tool_answer compared = while_it_runs("verify", {}, [] { on_both("TRUNCATE TABLE q"); });
    CAPTURE(compared.out, compared.err);
    CHECK(compared.exit_code == 3);
    CHECK_THAT(compared.out + compared.err, ContainsSubstring("the table was replaced on the source"));
    // One that is only rebuilt is the same.
    fill_q();
    const tool_answer rebuilt =
        while_it_runs("copy", {"--verify", "--repair", "--repair-delete-extra"}, [] { on_both("OPTIMIZE TABLE q"); });
    CAPTURE(rebuilt.out, rebuilt.err);
    CHECK(rebuilt.exit_code == 0);
}

TEST_CASE("a trigger that is created during a repair is named, and no row is written through it") {
    fill_q();
    const tool_answer answer = while_it_runs("copy", {"--verify", "--repair"}, [] {
        on_target("CREATE TRIGGER hack BEFORE INSERT ON q FOR EACH ROW SET NEW.v = 'hacked'");
    });
    CAPTURE(answer.out, answer.err);
    CHECK(answer.exit_code == 4);
    CHECK_THAT(answer.out + answer.err, ContainsSubstring("trigger hack on INSERT is new"));
    CHECK(servers().target.value("SELECT COUNT(*) FROM q WHERE v = 'hacked'", "shop") == "0");
}

TEST_CASE("a key that is dropped during a verification is named") {
    fill_q();
    const tool_answer answer = while_it_runs("verify", {}, [] { on_target("ALTER TABLE q DROP PRIMARY KEY"); });
    CAPTURE(answer.out, answer.err);
    CHECK(answer.exit_code == 3);
    CHECK_THAT(answer.out + answer.err, ContainsSubstring("key PRIMARY was dropped or renamed"));
}
