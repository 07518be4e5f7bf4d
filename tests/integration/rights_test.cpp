// SPDX-License-Identifier: BSL-1.0
// What a copy needs the right for is asked before anything is changed; exit codes, and what was changed when one fails.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

using words = std::vector<std::string>;

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
/// The target's URI for a user with these rights on the whole database.
std::string as_user(const std::string& rights, const std::string& more = {}) {
    servers().target.execute("DROP USER IF EXISTS meek; CREATE USER meek IDENTIFIED BY 'm'" +
                             (rights.empty() ? "" : "; GRANT " + rights + " ON shop.* TO meek") + more);
    std::string uri = servers().target_uri();
    const std::string account = support::private_server::user() + ":" + servers().target.password();
    return uri.replace(uri.find(account), account.size(), "meek:m");
}
words copy(const std::string& target, words more = {}) {
    words all{"copy",     "--source", servers().source_uri(), "--target", target,          "--table",
              "procnote", "--json",   "--max-retries",        "1",        "--retry-delay", "0.01"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}
bool has_checkpoints() {
    return servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop' AND "
                                  "table_name = 'rowferry_checkpoint'") != "0";
}

} // namespace

TEST_CASE("a right that is missing is found before the target is emptied or a table of checkpoints is made",
          "[rights]") {
    struct lacking {
        std::string rights, missing;
        words options;
    };
    const words truncating{"--truncate-target"};
    for (const lacking& each :
         {lacking{"SELECT, INSERT, UPDATE, DROP, CREATE", "DELETE on rowferry_checkpoint", truncating},
          lacking{"SELECT, INSERT, UPDATE, DELETE, CREATE", "DROP on procnote", truncating},
          lacking{"SELECT, UPDATE, DELETE, CREATE", "INSERT and UPDATE on procnote", {"--write-mode", "upsert"}},
          lacking{"SELECT, INSERT, DELETE, CREATE", "UPDATE on rowferry_checkpoint", {"--write-mode", "replace"}}}) {
        CAPTURE(each.rights);
        servers().fill(3);
        servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1000, 1)", "shop");
        for (const bool is_dry : {true, false}) {
            words options = each.options;
            if (is_dry) options.emplace_back("--dry-run");
            const tool_answer answer = run_tool(copy(as_user(each.rights), options));
            INFO(answer.out << answer.err);
            if (is_dry && each.missing.starts_with("DROP")) { // asking it takes a lock: only before a real truncation
                CHECK(answer.exit_code == 0);
                continue;
            }
            CHECK(answer.exit_code == 2);
            CHECK(json(answer, "$.tables[0].error.cause") == "missing_privilege");
            CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":false"));
            CHECK_THAT(answer.err, ContainsSubstring(each.missing));
            CHECK(servers().copied() == 1);
            CHECK_FALSE(has_checkpoints());
        }
    }
}

TEST_CASE("all rights that are missing are named at once", "[rights]") {
    servers().fill(3);
    const tool_answer answer = run_tool(copy(as_user("SELECT"), {"--truncate-target"}));
    INFO(answer.err);
    CHECK(answer.exit_code == 2);
    CHECK_THAT(answer.err, ContainsSubstring("INSERT on procnote, DROP on procnote, INSERT on rowferry_checkpoint, "
                                             "UPDATE on rowferry_checkpoint, DELETE on rowferry_checkpoint"));
}

TEST_CASE("the right to create the table of checkpoints is not needed where it is there", "[rights]") {
    servers().fill(3);
    const std::string rights = "SELECT, INSERT, UPDATE, DELETE";
    const tool_answer refused = run_tool(copy(as_user(rights)));
    INFO(refused.err);
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("CREATE"));
    CHECK_FALSE(has_checkpoints());
    CHECK(run_tool(copy(servers().target_uri())).exit_code == 0);
    servers().target.execute("TRUNCATE procnote; TRUNCATE rowferry_checkpoint", "shop");
    const tool_answer done = run_tool(copy(as_user(rights)));
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("rights on columns are enough for a copy of these columns", "[rights]") {
    servers().fill(3);
    const std::string uri = as_user({}, "; GRANT SELECT, INSERT (ProcNoteNum, PatNum) ON shop.procnote TO meek; GRANT "
                                        "SELECT, INSERT, UPDATE, DELETE, CREATE ON shop.rowferry_checkpoint TO meek");
    const tool_answer done = run_tool(copy(uri, {"--columns", "ProcNoteNum,PatNum"}));
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(servers().copied() == 3);
    servers().fill(3);
    const tool_answer refused = run_tool(copy(uri, {"--columns", "ProcNoteNum,PatNum,Note"}));
    CHECK(refused.exit_code == 2);
}

TEST_CASE("exit code 4 after a change, which is said", "[rights]") {
    servers().fill(3);
    servers().target.execute("ALTER TABLE procnote ADD CONSTRAINT none CHECK (PatNum < 0)", "shop");
    SECTION("the first row is refused") {
        const tool_answer answer = run_tool(copy(servers().target_uri()));
        INFO(answer.out << answer.err);
        CHECK(answer.exit_code == 4);
        CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":false"));
        CHECK(json(answer, "$.tables[0].error.changed[0].action") == "entered_checkpoint");
        CHECK_THAT(answer.err, ContainsSubstring("a checkpoint of this copy was entered in the target"));
    }
    SECTION("the table was emptied") {
        const tool_answer answer = run_tool(copy(servers().target_uri(), {"--truncate-target"}));
        INFO(answer.out << answer.err);
        CHECK(answer.exit_code == 4);
        CHECK_THAT(answer.err, ContainsSubstring("table procnote was emptied in the target"));
        CHECK_THAT(answer.out, !ContainsSubstring("nothing was changed"));
    }
}

TEST_CASE("a server that does not answer at the start: exit code 1, and a wait for it where that is asked for",
          "[rights]") {
    servers().fill(100);
    const std::string nobody = "mysql://u@127.0.0.1:1/shop";
    const tool_answer answer = run_tool(copy(nobody));
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 1);
    CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":true"));
    CHECK_THAT(answer.err, ContainsSubstring("run the same command again"));
    CHECK(run_tool(copy(nobody, {"--wait-for-servers", "0.5"})).exit_code == 1);

    support::private_server& target = servers().target;
    target.stop();
    tool_run run(copy(servers().target_uri(), {"--wait-for-servers", "60"}));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    CHECK(run.running());
    target.start();
    const tool_answer done = run.wait();
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK_THAT(done.err, ContainsSubstring("waiting for the target"));
    CHECK(servers().difference().empty());
}
