// SPDX-License-Identifier: BSL-1.0
// MERGE, FEDERATED and BLACKHOLE tables on real servers: no target, no clone, passed over by --all-tables.
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
tool_answer copy(std::vector<std::string> more) {
    std::vector<std::string> arguments{"copy", "--source", servers().source_uri(), "--target", servers().target_uri()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}
/// A MERGE table `ab` over two tables that share a key.
void create_merge(const support::private_server& server) {
    server.execute("ALTER DATABASE shop COLLATE utf8mb4_general_ci"); // which both products have
    for (const char* name : {"a", "b"}) {
        server.execute("CREATE TABLE " + std::string(name) + " (id INT NOT NULL PRIMARY KEY, v INT) ENGINE=MyISAM",
                       "shop");
    }
    server.execute("INSERT INTO a VALUES (1,1),(2,2),(3,3); INSERT INTO b VALUES (3,30),(4,40);"
                   " CREATE TABLE ab (id INT NOT NULL PRIMARY KEY, v INT) ENGINE=MERGE UNION=(a,b) INSERT_METHOD=LAST",
                   "shop");
}
/// A FEDERATED table `t` on the target that leads to the source's; false where the server has no such engine.
bool create_federated() {
    servers().clear();
    servers().source.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1,1),(2,2)", "shop");
    if (!servers().target.is_mysql()) (void)servers().target.try_execute("INSTALL SONAME 'ha_federatedx'");
    const std::string created =
        "CREATE TABLE shop.t (id INT PRIMARY KEY, v INT) ENGINE=FEDERATED CONNECTION='mysql://" +
        support::private_server::user() + ":" + servers().source.password() +
        "@127.0.0.1:" + std::to_string(servers().source.port()) + "/shop/t'";
    return servers().target.try_execute(created) &&
           servers().target.value("SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'") ==
               "FEDERATED";
}

} // namespace

TEST_CASE("a FEDERATED target that leads to the source is refused: its rows would be deleted there") {
    if (!create_federated()) SKIP("the target has no FEDERATED");
    for (const char* option : {"--truncate-target", "--write-mode=upsert", "--dry-run"}) {
        const tool_answer refused = copy({"--table", "t", option});
        INFO(refused.err);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("uses the engine FEDERATED, whose rows are those of other tables"));
        CHECK(refused.err.find(servers().source.password()) == std::string::npos);
        CHECK(servers().source.value("SELECT COUNT(*) FROM t", "shop") == "2");
    }
}

TEST_CASE("a FEDERATED source is no clone as it is; mapped, its connection and password stay behind") {
    if (servers().target.is_mysql() || servers().source.is_mysql()) SKIP("FEDERATED is switched off on MySQL");
    servers().clear();
    (void)servers().source.try_execute("INSTALL SONAME 'ha_federatedx'");
    servers().target.execute("CREATE DATABASE IF NOT EXISTS other; CREATE OR REPLACE TABLE other.r (id INT PRIMARY KEY,"
                             " v INT); INSERT INTO other.r VALUES (1,1),(2,2),(3,3)");
    const std::string secret = servers().target.password();
    const std::string federated =
        "CREATE TABLE shop.r (id INT PRIMARY KEY, v INT) ENGINE=FEDERATED CONNECTION='mysql://ferry:" + secret +
        "@127.0.0.1:" + std::to_string(servers().target.port()) + "/other/r'";
    if (!servers().source.try_execute(federated)) SKIP("the source has no FEDERATED: its plugin is not installed");
    const tool_answer refused = copy({"--table", "r", "--create-target", "--json"});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(json(refused, "$.tables[0].error.message"), ContainsSubstring("the engine FEDERATED is not one"));
    const tool_answer without_key =
        copy({"--table", "r", "--create-target", "--map-engine", "FEDERATED=InnoDB", "--json"});
    CHECK(without_key.exit_code == 2);
    CHECK_THAT(json(without_key, "$.tables[0].error.message"),
               ContainsSubstring("key PRIMARY cannot order pages: its engine FEDERATED does not enforce it"));
    const tool_answer copied =
        copy({"--table", "r", "--create-target", "--map-engine", "FEDERATED=InnoDB", "--keyless", "--json"});
    INFO(copied.err);
    CHECK(copied.exit_code == 0);
    CHECK(servers().target.value("SELECT COUNT(*) FROM r", "shop") == "3");
    const std::string made = servers().target.query("SHOW CREATE TABLE r", "shop").at(0).at(1).value();
    CHECK_THAT(made, ContainsSubstring("ENGINE=InnoDB") && !ContainsSubstring("CONNECTION"));
    for (const tool_answer* each : {&refused, &without_key, &copied}) {
        CHECK((each->out + each->err).find(secret) == std::string::npos);
    }
}

TEST_CASE("a MERGE target is refused with any write mode, and its parts keep their rows") {
    servers().clear();
    servers().source.execute("CREATE TABLE ab (id INT NOT NULL PRIMARY KEY, v INT); INSERT INTO ab VALUES (9,9)",
                             "shop");
    create_merge(servers().target);
    for (const char* mode : {"upsert", "replace", "skip-existing", "insert"}) {
        const tool_answer refused = copy({"--table", "ab", "--write-mode", mode});
        INFO(refused.err);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring(", whose rows are those of other tables, servers or files"));
    }
    CHECK(servers().target.value("SELECT COUNT(*) FROM ab", "shop") == "5");
}

TEST_CASE("a MERGE source has no key: it is refused, or copied whole with --keyless") {
    servers().clear();
    create_merge(servers().source);
    const tool_answer keyed = copy({"--table", "ab", "--create-target", "--map-engine", "MRG_MyISAM=InnoDB"});
    CHECK(keyed.exit_code == 2);
    CHECK_THAT(keyed.err,
               ContainsSubstring("key PRIMARY cannot order pages: its engine MRG_M") && ContainsSubstring("--keyless"));
    servers().target.execute("CREATE TABLE ab (id INT NOT NULL, v INT)", "shop");
    const tool_answer copied = copy({"--table", "ab", "--keyless", "--batch-rows", "3", "--verify"});
    INFO(copied.err);
    CHECK(copied.exit_code == 0);
    CHECK(servers().target.value("SELECT COUNT(*), SUM(v) FROM ab", "shop") == "5");
}

TEST_CASE("--all-tables passes tables over whose rows are not their own, and says which") {
    servers().clear();
    create_merge(servers().source);
    if (!servers().source.is_mysql()) (void)servers().source.try_execute("INSTALL SONAME 'ha_blackhole'");
    // A plugin of MariaDB, which may not be installed.
    const bool has_blackhole =
        servers().source.try_execute("CREATE TABLE shop.void_ (id INT PRIMARY KEY) ENGINE=BLACKHOLE");
    const tool_answer copied =
        copy({"--all-tables", "--create-target", "--write-mode", "upsert", "--map-engine", "MyISAM=InnoDB", "--json"});
    INFO(copied.out + copied.err);
    CHECK(copied.exit_code == 0);
    CHECK(json(copied, "$.tables[1].table") == "b");
    CHECK(json(copied, "$.tables[2].table") == "NULL");
    CHECK_THAT(json(copied, "$.notices[0]"), ContainsSubstring("table ab is passed over: it uses the engine MRG_M"));
    if (has_blackhole) {
        CHECK_THAT(json(copied, "$.notices[1]"),
                   ContainsSubstring("table void_ is passed over: it uses the engine BLACKHOLE, which keeps no row"));
    }
    CHECK_THAT(copied.err, ContainsSubstring("table ab is passed over"));
    // One whose parts are gone cannot even be opened.
    servers().source.execute("DROP TABLE a, b", "shop");
    servers().source.execute("CREATE TABLE kept (id INT PRIMARY KEY)", "shop");
    const tool_answer broken = copy({"--all-tables", "--create-target"});
    INFO(broken.err);
    CHECK(broken.exit_code == 0);
    CHECK(servers().target.value("SELECT COUNT(*) FROM kept", "shop") == "0");
    const tool_answer nothing = copy({"--all-tables", "--exclude", "kept"});
    CHECK(nothing.exit_code == 2);
    CHECK_THAT(nothing.err, ContainsSubstring("has no tables but those that are passed over or excluded"));
}
