// SPDX-License-Identifier: BSL-1.0
// rowferry verify, and rowferry copy --verify: exit codes, reports and repair, between two real servers.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

namespace rf = rowferry;

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
tool_answer verify(words more) { return run_tool(command("verify", std::move(more))); }
tool_answer copy(words more) { return run_tool(command("copy", std::move(more))); }
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}
void on_target(const std::string& sql) { servers().target.execute(sql, "shop"); }

} // namespace

TEST_CASE("rowferry verify: equal tables, and each kind of difference") {
    servers().fill(3000);
    REQUIRE(copy({"--table", "procnote", "--log", "off"}).exit_code == 0);
    const tool_answer equal = verify({"--table", "procnote", "--json"});
    INFO(equal.err);
    CHECK(equal.exit_code == 0);
    CHECK(equal.err.empty());
    CHECK(json(equal, "$.tables[0].verdict") == "equal");
    CHECK(json(equal, "$.tables[0].rows") == "3000");
    CHECK(json(equal, "$.totals.equal") == "1");
    const tool_answer shown = verify({"--table", "procnote", "--progress", "always", "--log", "json"});
    CHECK_THAT(shown.err, ContainsSubstring("procnote: equal, 3 000 rows compared in "));
    CHECK_THAT(shown.err, ContainsSubstring("\"event\":\"verification_finished\",\"table\":\"procnote\""));

    on_target("DELETE FROM procnote WHERE ProcNoteNum IN (0, 8997); INSERT INTO procnote VALUES (1, 2, NULL, 'secret');"
              "UPDATE procnote SET Note = CONCAT(Note, ' ') WHERE ProcNoteNum = 300");
    const tool_answer different = verify({"--table", "procnote", "--json"});
    CHECK(different.exit_code == 3);
    CHECK_THAT(different.err, ContainsSubstring("differ in 4 rows (2 missing, 1 extra, 1 changed)"));
    CHECK(json(different, "$.tables[0].verdict") == "different");
    CHECK(json(different, "$.tables[0].missing.count") == "2");
    CHECK(json(different, "$.tables[0].missing.keys[0][0]") == "0");
    CHECK(json(different, "$.tables[0].missing.keys[1][0]") == "8997");
    CHECK(json(different, "$.tables[0].extra.keys[0][0]") == "1");
    CHECK(json(different, "$.tables[0].changed.keys[0][0]") == "300");
    CHECK(different.out.find("secret") == std::string::npos);
    CHECK(different.out.find("note") == different.out.find("note\""));

    const tool_answer text = verify({"--table", "procnote"});
    CHECK(text.exit_code == 3);
    CHECK_THAT(text.out, ContainsSubstring("table procnote: different"));
    CHECK_THAT(text.out, ContainsSubstring("missing     2 rows: (0) (8997)"));
    CHECK(servers().copied() == 2999); // it changes nothing
}

TEST_CASE("rowferry copy --verify: what was copied is compared, and repaired if asked") {
    servers().fill(2000);
    const tool_answer fresh = copy({"--table", "procnote", "--verify", "--json"});
    INFO(fresh.err);
    CHECK(fresh.exit_code == 0);
    CHECK(json(fresh, "$.tables[0].outcome") == "complete");
    CHECK(json(fresh, "$.tables[0].verification.verdict") == "equal");

    on_target(
        "DELETE FROM procnote WHERE ProcNoteNum < 30; UPDATE procnote SET PatNum = PatNum + 1 WHERE ProcNoteNum = 60;"
        "INSERT INTO procnote VALUES (-1, 2, NULL, 'only here')");
    const tool_answer found = copy({"--table", "procnote", "--verify"});
    CHECK(found.exit_code == 3);
    CHECK_THAT(found.err, ContainsSubstring("--repair copies exactly these again"));
    const tool_answer repaired = copy({"--table", "procnote", "--verify", "--repair", "--json"});
    CHECK(repaired.exit_code == 3); // the extra row stays
    CHECK(json(repaired, "$.tables[0].verification.repaired") == "11");
    CHECK(json(repaired, "$.tables[0].verification.left") == "1");
    const tool_answer all = copy({"--table", "procnote", "--verify", "--repair", "--repair-delete-extra", "--json"});
    CHECK(all.exit_code == 0);
    CHECK(json(all, "$.tables[0].verification.deleted") == "1");
    CHECK(servers().difference().empty());
    CHECK(copy({"--table", "procnote", "--verify"}).exit_code == 0);
}

TEST_CASE("a repair needs the table's own grants and no others, and says what it could not look at") {
    servers().fill(50);
    REQUIRE(copy({"--table", "procnote", "--log", "off"}).exit_code == 0);
    on_target("DELETE FROM procnote WHERE ProcNoteNum IN (0, 30); DROP USER IF EXISTS narrow; CREATE USER narrow "
              "IDENTIFIED BY "
              "'n'; GRANT SELECT, INSERT, DELETE ON shop.procnote TO narrow");
    std::string uri = servers().target_uri();
    uri.replace(uri.find("//") + 2, uri.find('@') - uri.find("//") - 2, "narrow:n");
    for (const bool has_checkpoints : {true, false}) {
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(uri);
        const rf::verification found = rf::verifier{}.verify(source, target, {.table = "procnote", .repair = true});
        INFO((found.failure ? rf::to_string(*found.failure) : std::string()));
        CHECK(found.equal());
        CHECK(found.repaired > 0);
        REQUIRE_FALSE(found.notices.empty());
        CHECK_THAT(found.notices[0], ContainsSubstring("cannot be told without the right to read checkpoints") &&
                                         ContainsSubstring("users with the privilege TRIGGER"));
        CHECK(servers().difference().empty());
        if (has_checkpoints) on_target("DROP TABLE rowferry_checkpoint; DELETE FROM procnote WHERE ProcNoteNum = 60");
    }
    on_target("REVOKE DELETE ON shop.procnote FROM narrow; DELETE FROM procnote WHERE ProcNoteNum < 90");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(uri);
    const rf::verification found = rf::verifier{}.verify(source, target, {.table = "procnote", .repair = true});
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.left() == 30);
    REQUIRE(found.notices.size() == 2);
    CHECK_THAT(found.notices[1],
               ContainsSubstring("target, table procnote: a repair needs the rights SELECT, INSERT and DELETE") &&
                   ContainsSubstring("[1142"));
}

TEST_CASE("a table that cannot be repaired, after another one was, needs a person") {
    servers().fill(100);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("DROP TABLE IF EXISTS zguarded; "
                        "CREATE TABLE zguarded (id INT PRIMARY KEY, note VARCHAR(20)) ENGINE=InnoDB",
                        "shop");
    }
    servers().source.execute("INSERT INTO zguarded VALUES (1, 'one'), (2, 'two')", "shop");
    const words both{"--table", "procnote", "zguarded"};
    REQUIRE(copy(both).exit_code == 0);
    on_target("UPDATE zguarded SET note = 'other' WHERE id = 2; "
              "CREATE TRIGGER zguarded_deleted BEFORE DELETE ON zguarded FOR EACH ROW SET @seen = 1");
    words repairing = both;
    for (const char* each : {"--verify", "--repair", "--json"}) repairing.emplace_back(each);
    const tool_answer nothing = copy(repairing);
    INFO(nothing.out << nothing.err);
    CHECK(nothing.exit_code == 3); // no row of any table was repaired
    on_target("UPDATE procnote SET Note = 'changed' WHERE ProcNoteNum = 30");
    const tool_answer some = copy(repairing);
    INFO(some.out << some.err);
    CHECK(some.exit_code == 4);
    CHECK(servers().difference().empty());
    for (const auto* server : {&servers().source, &servers().target}) server->execute("DROP TABLE zguarded", "shop");
}

TEST_CASE("--second-look: at once, later, and what it cannot be") {
    servers().fill(100);
    REQUIRE(copy({"--table", "procnote", "--log", "off"}).exit_code == 0);
    on_target("DELETE FROM procnote WHERE ProcNoteNum = 30");
    for (const char* later : {"0", "0.05", "1"}) {
        INFO(later);
        const tool_answer found = verify({"--table", "procnote", "--json", "--second-look", later});
        CHECK(found.exit_code == 3);
        CHECK(json(found, "$.tables[0].missing.count") == "1");
    }
    for (const char* wrong : {"x", "-1", "86401", ""}) {
        const tool_answer refused = verify({"--table", "procnote", "--second-look", wrong});
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("--second-look is \"" + std::string(wrong) +
                                                  "\", and must be a number from 0 to 86400"));
    }
    const tool_answer unused = copy({"--table", "procnote", "--second-look", "2"});
    CHECK(unused.exit_code == 2);
    CHECK_THAT(unused.err, ContainsSubstring("--second-look needs --verify"));
}

TEST_CASE("rowferry copy --dry-run --verify says what would follow, and compares nothing") {
    servers().fill(100);
    const tool_answer plain = copy({"--table", "procnote", "--dry-run"});
    CHECK(plain.out.find("afterwards") == std::string::npos);
    const tool_answer text = copy({"--table", "procnote", "--dry-run", "--verify"});
    INFO(text.err);
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("afterwards  the table is compared with the source\n"));
    const tool_answer repairing =
        copy({"--table", "procnote", "--dry-run", "--verify", "--repair", "--repair-delete-extra"});
    CHECK_THAT(repairing.out, ContainsSubstring("; rows that are missing or differ are copied again, and rows that "
                                                "only the target has are deleted\n"));
    const tool_answer document = copy({"--table", "procnote", "--dry-run", "--verify", "--json"});
    CHECK_THAT(document.out, ContainsSubstring("\"verify\":true,\"repair\":false,\"delete_extra\":false"));
    CHECK(servers().copied() == 0);
}

TEST_CASE("rowferry copy --consistent --verify compares with the source as it is now, and says so") {
    servers().fill(100);
    const tool_answer text = copy({"--table", "procnote", "--consistent", "--verify"});
    INFO(text.err);
    CHECK(text.exit_code == 0);
    CHECK_THAT(text.out, ContainsSubstring("notice      compared with the source as it is now, not with the snapshot"));
    const tool_answer mixed = copy({"--table", "procnote", "--consistent", "--verify", "--repair"});
    CHECK(mixed.exit_code == 2);
    CHECK_THAT(mixed.err, ContainsSubstring("it does not go with --consistent"));
}

TEST_CASE("reports say which rows and columns were asked for") {
    servers().fill(100);
    const tool_answer some = copy({"--table", "procnote", "--where", "ProcNoteNum < 30", "--columns",
                                   "ProcNoteNum,PatNum,EntryDateTime,Note", "--verify", "--json"});
    INFO(some.err);
    CHECK(some.exit_code == 0);
    for (const std::string table : {"$.tables[0]", "$.tables[0].verification"}) {
        CHECK(json(some, table + ".where") == "ProcNoteNum < 30");
        CHECK(json(some, table + ".columns[1]") == "PatNum");
    }
    const tool_answer all = verify({"--table", "procnote", "--json"});
    CHECK(json(all, "$.tables[0].where").empty());
    CHECK_THAT(all.out, ContainsSubstring("\"columns\":null"));
}

TEST_CASE("rowferry verify: all tables, one of which is missing, one of which has no key") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE heap (line VARCHAR(20)); INSERT INTO heap VALUES ('a'), ('a'), (NULL);"
                        "CREATE TABLE keyed (id INT PRIMARY KEY); INSERT INTO keyed VALUES (1), (2)",
                        "shop");
    }
    const tool_answer equal = verify({"--all-tables"});
    INFO(equal.err);
    CHECK(equal.exit_code == 0);
    CHECK_THAT(equal.out, ContainsSubstring("2 of 2 tables equal, 0 differences left"));
    CHECK_THAT(equal.out, ContainsSubstring("compared as a whole"));
    on_target("DELETE FROM heap LIMIT 1");
    const tool_answer different = verify({"--all-tables", "--json"});
    CHECK(different.exit_code == 3);
    CHECK_THAT(different.out, ContainsSubstring("\"rows_are_named\":false"));
    CHECK_THAT(different.err, ContainsSubstring("table heap: source and target differ: 3 rows and 2 rows"));
    on_target("DROP TABLE keyed");
    CHECK(verify({"--table", "keyed"}).exit_code == 2);
    CHECK(verify({"--all-tables"}).exit_code == 3); // a difference outweighs what could not be compared
}

TEST_CASE("rowferry verify: connections that are killed again and again are replaced, and the answer is the same") {
    servers().fill(20'000);
    REQUIRE(copy({"--table", "procnote", "--log", "off"}).exit_code == 0);
    on_target("DELETE FROM procnote WHERE ProcNoteNum = 30000");
    support::tool_run run(command("verify", {"--table", "procnote", "--json", "--rows-per-second", "20000",
                                             "--retry-delay", "0.02", "--log", "off"}));
    std::size_t killed = 0;
    while (run.running()) {
        killed +=
            support::kill_connections(servers().source).size() + support::kill_connections(servers().target).size();
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
    }
    const tool_answer answer = run.wait();
    INFO(answer.err);
    CHECK(killed > 0);
    CHECK(answer.exit_code == 3);
    CHECK(json(answer, "$.tables[0].missing.keys[0][0]") == "30000");
    CHECK(json(answer, "$.tables[0].extra.count") == "0");
    CHECK(json(answer, "$.tables[0].changed.count") == "0");
}

TEST_CASE("rowferry verify: options that mean nothing are refused") {
    CHECK(copy({"--table", "t", "--repair"}).exit_code == 2);
    CHECK(copy({"--table", "t", "--verify", "--repair-delete-extra"}).exit_code == 2);
    const tool_answer unknown = verify({"--table", "t", "--truncate-target"});
    CHECK(unknown.exit_code == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("unknown option --truncate-target; see rowferry verify --help"));
    CHECK_THAT(verify({"--table", "t", "--create-target"}).err, ContainsSubstring("unknown option --create-target"));
    CHECK(verify({}).exit_code == 2);
    CHECK_THAT(verify({"--table", "t", "--second-look", "x"}).err, ContainsSubstring("--second-look"));
}
