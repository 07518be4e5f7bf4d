// SPDX-License-Identifier: BSL-1.0
// --all-tables: what the catalog hides for want of a grant, tables that vanish meanwhile, and --exclude.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
tool_answer copy(const std::string& source, std::vector<std::string> more) {
    std::vector<std::string> arguments{"copy",         "--source",       source, "--target", servers().target_uri(),
                                       "--all-tables", "--create-target"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}
void fill() {
    servers().clear();
    servers().source.execute("ALTER DATABASE shop COLLATE utf8mb4_general_ci"); // which both products have
    for (const char* name : {"bills", "log_1", "log_2", "users"}) {
        servers().source.execute("CREATE TABLE " + std::string(name) + " (id INT PRIMARY KEY); INSERT INTO " + name +
                                     " VALUES (1),(2)",
                                 "shop");
    }
}
/// The source as a user sees it who was granted these.
std::string uri_of(const std::string& grants) {
    const support::private_server& server = servers().source;
    server.execute("DROP USER IF EXISTS few@'127.0.0.1'; CREATE USER few@'127.0.0.1' IDENTIFIED BY 'fewer'; " + grants);
    return "mysql://few:fewer@127.0.0.1:" + std::to_string(server.port()) + "/shop" + server.options();
}
constexpr const char* hidden =
    "the user's grants do not cover database shop, and the server hides tables without a grant";

} // namespace

TEST_CASE("tables that the user's grants do not cover are hidden, and a notice says so") {
    fill();
    const tool_answer copied =
        copy(uri_of("GRANT SELECT ON shop.bills TO few@'127.0.0.1'; GRANT SELECT ON shop.users TO few@'127.0.0.1'"),
             {"--json"});
    INFO(copied.out + copied.err);
    CHECK(copied.exit_code == 0);
    CHECK_THAT(support::json(servers().source, copied, "$.notices[0]"), ContainsSubstring(hidden));
    CHECK_THAT(copied.err, ContainsSubstring(hidden));
    CHECK(servers().target.value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'") == "3");
}

TEST_CASE("grants that cover the database give no notice: on it, on a pattern, on everything, by a role") {
    for (const char* grants :
         {"GRANT SELECT ON shop.* TO few@'127.0.0.1'", "GRANT SELECT ON `sh%`.* TO few@'127.0.0.1'",
          "GRANT SELECT ON *.* TO few@'127.0.0.1'",
          "CREATE ROLE IF NOT EXISTS reader; GRANT SELECT ON shop.* TO reader; GRANT reader TO few@'127.0.0.1'; "
          "SET DEFAULT ROLE reader FOR few@'127.0.0.1'"}) {
        std::string statements = grants;
        if (servers().source.is_mysql()) {
            const auto at = statements.find(" FOR ");
            if (at != statements.npos) statements.replace(at, 5, " TO ");
        }
        CAPTURE(statements);
        fill();
        const tool_answer copied = copy(uri_of(statements), {});
        INFO(copied.err);
        CHECK(copied.exit_code == 0);
        CHECK(copied.err.find("grants") == std::string::npos);
        CHECK(servers().target.value("SELECT COUNT(*) FROM users", "shop") == "2");
    }
}

TEST_CASE("what looks like a grant on the database and is not one gives the notice") {
    servers().source.execute("CREATE DATABASE IF NOT EXISTS shops; CREATE TABLE IF NOT EXISTS shops.bills (id INT)");
    std::vector<std::string> all{
        "GRANT SELECT ON `shop_`.* TO few@'127.0.0.1'; GRANT SELECT ON shop.bills TO few@'127.0.0.1'",
        "GRANT EXECUTE ON shop.* TO few@'127.0.0.1'; GRANT SELECT ON shop.bills TO few@'127.0.0.1'",
        "GRANT SELECT ON `sh%`.* TO few@'127.0.0.1'; GRANT EXECUTE ON shop.* TO few@'127.0.0.1';"
        " GRANT SELECT ON shop.bills TO few@'127.0.0.1'"};
    if (servers().source.is_mysql()) {
        all.emplace_back("SET GLOBAL partial_revokes = ON; GRANT SELECT ON *.* TO few@'127.0.0.1'; REVOKE SELECT ON "
                         "shop.* FROM few@'127.0.0.1'; GRANT SELECT ON shop.bills TO few@'127.0.0.1'");
    }
    for (const std::string& grants : all) {
        CAPTURE(grants);
        fill();
        const tool_answer copied = copy(uri_of(grants), {});
        INFO(copied.err);
        CHECK(copied.exit_code == 0);
        CHECK_THAT(copied.err, ContainsSubstring(hidden));
        // As the server sees it, too.
        CHECK(servers().target.value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'") ==
              "2");
    }
    if (servers().source.is_mysql()) {
        servers().source.execute("DROP USER few@'127.0.0.1'; SET GLOBAL partial_revokes = OFF");
    }
}

TEST_CASE("a table that vanishes after the list was read is passed over with a notice") {
    fill();
    // The plan of the first table waits for the filter, meanwhile the second one goes.
    servers().source.execute(
        "CREATE TABLE a_first (id INT PRIMARY KEY); INSERT INTO a_first SELECT seq FROM seq_1_to_3000", "shop");
    support::tool_run run({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(),
                           "--all-tables", "--create-target", "--batch-rows", "50", "--rows-per-second", "2000",
                           "--verify", "--json"});
    REQUIRE(support::eventually(
        [] { return servers().target.try_execute("SELECT 1 FROM shop.a_first") && servers().copied("a_first") > 0; }));
    servers().source.execute("DROP TABLE log_1, users", "shop");
    const tool_answer copied = run.wait();
    INFO(copied.out + copied.err);
    CHECK(copied.exit_code == 0);
    CHECK_THAT(copied.err, ContainsSubstring("table log_1 is passed over: it vanished from the source") &&
                               ContainsSubstring("table users is passed over: it vanished from the source"));
    CHECK(support::json(servers().source, copied, "$.totals.outcome") == "complete");
    CHECK(servers().target.value("SELECT COUNT(*) FROM log_2", "shop") == "2");
    // By name it is an error.
    const tool_answer named =
        run_tool({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "users"});
    CHECK(named.exit_code == 2);
    CHECK_THAT(named.err, ContainsSubstring("has no table users"));
}

TEST_CASE("--exclude leaves tables out by pattern, and says which pattern fits none") {
    fill();
    const tool_answer copied =
        copy(servers().source_uri(), {"--exclude", "log_*", "--exclude", "user?", "--exclude", "Bills"});
    INFO(copied.err);
    CHECK(copied.exit_code == 0);
    CHECK_THAT(copied.err,
               ContainsSubstring("--exclude Bills matches no table") && !ContainsSubstring("--exclude log_*"));
    CHECK(servers()
              .target
              .query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND "
                     "TABLE_NAME <> 'rowferry_checkpoint'")
              .size() == 1);
    const tool_answer none = copy(servers().source_uri(), {"--exclude", "*"});
    CHECK(none.exit_code == 2);
    CHECK_THAT(none.err, ContainsSubstring("has no tables but those that are passed over or excluded"));
    const tool_answer misplaced = run_tool({"copy", "--source", servers().source_uri(), "--target",
                                            servers().target_uri(), "--table", "bills", "--exclude", "x"});
    CHECK(misplaced.exit_code == 2);
    CHECK_THAT(misplaced.err, ContainsSubstring("--exclude needs --all-tables"));
    const tool_answer verified =
        run_tool({"verify", "--source", servers().source_uri(), "--target", servers().target_uri(), "--all-tables",
                  "--exclude", "log*", "--exclude", "users"});
    INFO(verified.err);
    CHECK(verified.exit_code == 0);
}
