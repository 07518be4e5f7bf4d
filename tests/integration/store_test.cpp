// SPDX-License-Identifier: BSL-1.0
// The target's checkpoint table: a table of the user's own under its name, and a copy that another host's source continues. And
// a server that prepares no further statement.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
std::vector<std::string> copy(std::vector<std::string> more = {}) {
    std::vector<std::string> all{"copy",    "--source", servers().source_uri(), "--target", servers().target_uri(),
                                 "--table", "procnote", "--batch-rows",         "100"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

} // namespace

TEST_CASE("a table of the user's own that has the checkpoint table's name is said to be one", "[store]") {
    for (const std::string definition : {"(id INT PRIMARY KEY, note TEXT)", "(job CHAR(32) PRIMARY KEY, title TEXT)"}) {
        servers().fill(300);
        servers().target.execute("CREATE TABLE rowferry_checkpoint " + definition + " ENGINE=InnoDB", "shop");
        for (const auto& more : std::vector<std::vector<std::string>>{{}, {"--truncate-target"}, {"--no-resume"}}) {
            const support::tool_answer refused = run_tool(copy(more));
            INFO(refused.err);
            CHECK(refused.exit_code == 2);
            CHECK_THAT(refused.err,
                       ContainsSubstring("the table rowferry_checkpoint in the target's database is not the "
                                         "one that rowferry keeps its checkpoints in"));
            CHECK(servers().copied() == 0);
        }
        const support::tool_answer listed = run_tool({"checkpoints", "--target", servers().target_uri()});
        CHECK(listed.exit_code != 0);
        CHECK_THAT(listed.err, ContainsSubstring("Rename that table"));
        // A copy that keeps no checkpoint does not need the table, and leaves it alone.
        const support::tool_answer legacy = run_tool(copy({"--engine", "legacy"}));
        INFO(legacy.err);
        CHECK(legacy.exit_code == 0);
        CHECK(servers().copied() == 300);
    }
}

TEST_CASE("a copy is continued from another host of the same source", "[store]") {
    servers().fill(300);
    rf::mysql::connector source{servers().source_uri()};
    rf::mysql::connector target{servers().target_uri()};
    const std::string other = "mysql://ferry:" + servers().source.password() +
                              "@localhost:" + std::to_string(servers().source.port()) + "/shop" +
                              servers().source.options();
    servers().target.execute("CREATE TRIGGER stop BEFORE INSERT ON procnote FOR EACH ROW IF NEW.ProcNoteNum > 450 THEN "
                             "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205; END IF",
                             "shop");
    CHECK(run_tool(copy({"--accept-triggers", "--max-retries", "0"})).exit_code != 0);
    servers().target.execute("DROP TRIGGER stop", "shop");
    CHECK(servers().copied() == 100);
    std::vector<std::string> from_other = copy();
    from_other[2] = other;
    const support::tool_answer refused = run_tool(from_other);
    INFO(refused.err);
    CHECK(refused.exit_code == 2);
    const std::string name = source.identity();
    CHECK_THAT(refused.err, ContainsSubstring("but a checkpoint of a copy from " + name + " (100 rows, not complete)"));
    CHECK_THAT(refused.err, ContainsSubstring("use --source-name " + name + " to continue it"));
    from_other.insert(from_other.end(), {"--source-name", name, "--json"});
    const support::tool_answer continued = run_tool(from_other);
    INFO(continued.err);
    CHECK(continued.exit_code == 0);
    CHECK(support::json(servers().source, continued, "$.tables[0].resumed_rows") == "100");
    CHECK(servers().difference() == "");
}

TEST_CASE("where the server prepares no further statement, rows go another way", "[store]") {
    if (servers().target.is_mysql()) return; // which takes no arrays
    for (const char* jobs : {"1", "3"}) {
        servers().fill(300);
        servers().target.execute("SET GLOBAL max_prepared_stmt_count = 0");
        const support::tool_answer copied = run_tool(copy({"--jobs", jobs, "--max-retries", "0"}));
        const support::tool_answer asked =
            run_tool(copy({"--write-way", "array", "--truncate-target", "--max-retries", "0"}));
        servers().target.execute("SET GLOBAL max_prepared_stmt_count = DEFAULT");
        INFO(copied.err);
        CHECK(copied.exit_code == 0);
#if defined(LIBMARIADB)
        const std::string told = "instead of array: the server has reached max_prepared_stmt_count";
        CHECK_THAT(copied.err, ContainsSubstring(told));
        CHECK(copied.err.find(told) == copied.err.rfind(told)); // once, however many workers
        INFO(asked.err);
        CHECK(asked.exit_code == 1); // what was asked for is not changed
#endif
    }
}
