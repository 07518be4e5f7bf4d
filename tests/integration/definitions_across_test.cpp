// SPDX-License-Identifier: BSL-1.0
// Definitions that a server refuses: found before the first table of a run is created, or created as the source has them.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <filesystem>
#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

using words = std::vector<std::string>;

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
void clear() {
    servers().clear();
    for (const support::private_server* server : {&servers().source, &servers().target}) {
        server->execute("ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci");
    }
}
tool_answer clone(const words& more = {}, const std::string& target = servers().target_uri()) {
    words all{"copy", "--source", servers().source_uri(), "--target", target, "--create-target"};
    all.insert(all.end(), more.begin(), more.end());
    return run_tool(all);
}
const words all_tables{"--all-tables"};
words with(words first, const words& more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
}
std::string definition(const support::private_server& server, const std::string& table) {
    return server.query("SHOW CREATE TABLE " + table, "shop")[0][1].value_or("");
}
std::string tables_of_target() {
    return servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'");
}
void check_refused(const tool_answer& answer, const std::string& why) {
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 2);
    CHECK_THAT(answer.err, ContainsSubstring(why));
    CHECK(tables_of_target() == "0");
}

/// A setting of the target for the time of a test.
struct target_setting {
    std::string name;
    target_setting(std::string what, const std::string& value) : name(std::move(what)) {
        servers().target.execute("SET GLOBAL " + name + " = " + value);
    }
    ~target_setting() { servers().target.execute("SET GLOBAL " + name + " = DEFAULT"); }
    target_setting(const target_setting&) = delete;
    target_setting& operator=(const target_setting&) = delete;
};

} // namespace

TEST_CASE("a definition that only the server refuses is found before the first table is created", "[definitions]") {
    clear();
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE b (v INT);"
                             "INSERT INTO b VALUES (1)",
                             "shop");
    const target_setting strict(servers().target.is_mysql() ? "sql_require_primary_key" : "innodb_force_primary_key",
                                "ON");
    const words options = with(all_tables, {"--keyless"});
    const tool_answer answer = clone(options);
    check_refused(answer, "table b");
    CHECK_THAT(answer.err, ContainsSubstring("the server rejects the definition"));
    CHECK(answer.error_lines() == 1);
    // A dry run changes nothing, and says that nothing was tried.
    const tool_answer dry = clone(with(options, {"--dry-run"}));
    INFO(dry.out << dry.err);
    CHECK(dry.exit_code == 0);
    CHECK_THAT(dry.out, ContainsSubstring("on the server, when the copy begins"));
    CHECK(tables_of_target() == "0");
}

TEST_CASE("without the right to drop tables nothing is tried, and nothing is left", "[definitions][rights]") {
    clear();
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)", "shop");
    servers().target.execute("DROP USER IF EXISTS meek; CREATE USER meek IDENTIFIED BY 'm';"
                             "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON shop.* TO meek");
    std::string uri = servers().target_uri();
    const std::string account = support::private_server::user() + ":" + servers().target.password();
    uri.replace(uri.find(account), account.size(), "meek:m");
    const tool_answer answer = clone(all_tables, uri);
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.err,
               ContainsSubstring(
                   "the definition was not tried on the target, because the user may not create or drop other tables"));
    CHECK(tables_of_target() == "2"); // with the one of checkpoints
}

TEST_CASE("what the source has from a lenient mode is created so, or left out on request", "[definitions]") {
    clear();
    std::string wide = "CREATE TABLE wide (id INT PRIMARY KEY";
    for (int i = 0; i < 60; ++i) wide += ", c" + std::to_string(i) + " VARCHAR(200) CHARACTER SET latin1";
    servers().source.execute("SET SESSION innodb_strict_mode = 0;"
                             "CREATE TABLE fixedrow (id INT PRIMARY KEY, v CHAR(10)) ENGINE=InnoDB ROW_FORMAT=FIXED;"
                             "INSERT INTO fixedrow VALUES (1, 'x');"
                             "CREATE TABLE kbs (id INT PRIMARY KEY, v CHAR(10)) ENGINE=InnoDB KEY_BLOCK_SIZE=3;"
                             "INSERT INTO kbs VALUES (1, 'x');" +
                                 wide + ") ROW_FORMAT=DYNAMIC; INSERT INTO wide (id, c1) VALUES (1, 'a'), (2, 'b')",
                             "shop");
    const tool_answer answer = clone(all_tables);
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    const bool shows_alike = !servers().source.is_mysql() && !servers().target.is_mysql(); // MySQL adds charsets
    for (const char* table : {"fixedrow", "kbs", "wide"}) {
        CHECK(servers().difference(table).empty());
        if (shows_alike) CHECK(definition(servers().source, table) == definition(servers().target, table));
    }
    servers().target.create_database("shop");
    const tool_answer plain = clone(with(all_tables, {"--leave-out", "row-format"}));
    INFO(plain.out << plain.err);
    CHECK(plain.exit_code == 0);
    CHECK(definition(servers().target, "fixedrow").find("ROW_FORMAT") == std::string::npos);
    CHECK(definition(servers().target, "kbs").find("KEY_BLOCK_SIZE") == std::string::npos);
}

TEST_CASE("DATA DIRECTORY is refused unless it is left out", "[definitions]") {
    clear();
    if (servers().source.is_mysql()) SKIP("MySQL keeps files only where a setting of its start allows it");
    const support::temporary_folder elsewhere;
    std::filesystem::permissions(elsewhere.path(), std::filesystem::perms(0777));
    servers().source.execute("CREATE TABLE d (id INT PRIMARY KEY) ENGINE=InnoDB DATA DIRECTORY='" + elsewhere.path() +
                                 "'; INSERT INTO d VALUES (1), (2)",
                             "shop");
    REQUIRE_THAT(definition(servers().source, "d"), ContainsSubstring("DATA DIRECTORY"));
    const tool_answer refused = clone(all_tables);
    check_refused(refused, "--leave-out directories");
    CHECK_THAT(refused.err, ContainsSubstring("table d"));

    const tool_answer done = clone(with(all_tables, {"--leave-out", "directories"}));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK_THAT(definition(servers().target, "d"), !ContainsSubstring("DIRECTORY"));
    CHECK(servers().target.value("SELECT COUNT(*) FROM d", "shop") == "2");
    servers().source.execute("DROP TABLE d", "shop"); // before the folder is deleted
}

TEST_CASE("a user who may not leave the strict mode is told what the server said, and the option",
          "[definitions][rights]") {
    // MariaDB lets each user set it, and MySQL does not show what it ignored.
    if (servers().source.is_mysql() || !servers().target.is_mysql()) return;
    clear();
    servers().source.execute("SET SESSION innodb_strict_mode = 0;"
                             "CREATE TABLE fixedrow (id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=FIXED",
                             "shop");
    servers().target.execute(
        "DROP USER IF EXISTS meek; CREATE USER meek IDENTIFIED BY 'm'; GRANT ALL ON shop.* TO meek");
    std::string uri = servers().target_uri();
    const std::string account = support::private_server::user() + ":" + servers().target.password();
    uri.replace(uri.find(account), account.size(), "meek:m");
    const tool_answer answer = clone(all_tables, uri);
    check_refused(answer, "--leave-out row-format");
    CHECK_THAT(answer.err, ContainsSubstring("ROW_FORMAT"));
}

TEST_CASE("a mapped type that cannot hold the values, and a mapping that fits nothing, are refused by the plan",
          "[definitions]") {
    clear();
    servers().source.execute(
        "CREATE TABLE m (id INT PRIMARY KEY, dt DATETIME(6), v VARCHAR(20), g VARCHAR(40) AS (concat(v, "
        "'-', v)) STORED); INSERT INTO m (id, dt, v) VALUES (1, '2020-01-01 00:00:00.123456', 'x')",
        "shop");
    for (const bool is_dry : {true, false}) {
        const words run = is_dry ? with(all_tables, {"--dry-run"}) : all_tables;
        check_refused(clone(with(run, {"--map-type", "int=int unsigned"})), "column id");
        check_refused(clone(with(run, {"--map-type", "datetime(6)=datetime"})), "column dt");
        check_refused(clone(with(run, {"--map-type", "varchar(40)=varchar(9)"})), "column g");
        check_refused(clone(with(run, {"--map-type", "varchr(40)=varchar(50)"})),
                      "--map-type varchr(40)=varchar(50) matches nothing");
        check_refused(
            clone(with(run, {"--map-engine", "Aria=InnoDB", "--map-collation", "latin1_bin=latin1_general_cs"})),
            "--map-collation latin1_bin=latin1_general_cs, --map-engine Aria=InnoDB match nothing");
    }
    // What fits goes on to fit when the table is there, and the same command runs again.
    const words fitting = with(all_tables, {"--map-type", "varchar(20)=varchar(30)", "--leave-out", "srid"});
    for (int i = 0; i < 2; ++i) {
        const tool_answer answer = clone(fitting);
        INFO(answer.out << answer.err);
        CHECK(answer.exit_code == 0);
        CHECK_THAT(answer.err, ContainsSubstring("--leave-out srid: no table to copy needs it"));
    }
    CHECK(servers().copied("m") == 1);
}

TEST_CASE("MariaDB's definitions that MySQL refuses are refused by the plan, each with what helps",
          "[definitions][across]") {
    if (servers().source.is_mysql() || !servers().target.is_mysql()) return;
    clear();
    servers().source.execute(
        "SET sql_mode='';"
        "CREATE TABLE m4 (id INT AUTO_INCREMENT PRIMARY KEY, v INT, g INT AS (id*2) VIRTUAL); INSERT INTO m4 (v) "
        "VALUES (1);"
        "CREATE TABLE m5 (id INT NOT NULL, s VARCHAR(10) NOT NULL, PRIMARY KEY(id,s)) PARTITION BY LIST COLUMNS(s) "
        "(PARTITION p1 VALUES IN ('a'), PARTITION pd DEFAULT); INSERT INTO m5 VALUES (1,'a'),(2,'b');"
        "CREATE TABLE m6 (id INT PRIMARY KEY, d DECIMAL(40,35)); CREATE TABLE m8 (id INT PRIMARY KEY, y YEAR(2));"
        "CREATE TABLE c1 (id INT PRIMARY KEY, v INT, CONSTRAINT sound CHECK (v > 0)); CREATE TABLE c2 LIKE c1",
        "shop");
    check_refused(clone({"--table", "m4"}), "--leave-out auto-increment");
    check_refused(clone({"--table", "m5"}), "--leave-out partitions");
    check_refused(clone({"--table", "m6"}), "alter column d in the source");
    check_refused(clone({"--table", "m8"}), "alter column y in the source to YEAR");
    const tool_answer answer = clone({"--table", "m4", "--table", "m5", "--table", "c1", "--table", "c2", "--leave-out",
                                      "auto-increment", "--leave-out", "partitions"});
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.err, ContainsSubstring("CHECK sound of table c2 has a name that the server chooses"));
    for (const char* table : {"m4", "m5", "c1", "c2"}) CHECK(servers().difference(table).empty());
}

TEST_CASE("MySQL's definitions that MariaDB refuses are refused by the plan, or rewritten", "[definitions][across]") {
    if (!servers().source.is_mysql() || servers().target.is_mysql()) return;
    clear();
    servers().source.execute(
        "CREATE TABLE d3 (id INT PRIMARY KEY, j JSON, jn INT AS (JSON_VALUE(j, '$.n' RETURNING SIGNED)) STORED);"
        "CREATE TABLE d15 (id INT PRIMARY KEY, d DATETIME, k VARCHAR(20) AS (date_format(d,'%Y-%m')) STORED, KEY (k));"
        "INSERT INTO d15 (id, d) VALUES (1, '2020-03-01');"
        "CREATE TABLE d16 (id INT PRIMARY KEY, d DATETIME, k VARCHAR(20) AS (dayname(d)) STORED);"
        "CREATE TABLE d11 (_id VARBINARY(32) AS (concat(v)) STORED NOT NULL, v VARCHAR(9), PRIMARY KEY (_id));"
        "CREATE TABLE d17 (id INT PRIMARY KEY, v INT NOT NULL INVISIBLE);"
        "CREATE TABLE d18 (id INT PRIMARY KEY, c CHAR(9) CHARACTER SET gb18030)",
        "shop");
    check_refused(clone({"--table", "d3"}), "JSON_VALUE() with RETURNING");
    check_refused(clone({"--table", "d16"}), "dayname()");
    check_refused(clone({"--table", "d11", "--leave-out", "generated-not-null"}), "--leave-out generated-keys");
    check_refused(clone({"--table", "d17"}), "--leave-out invisible-columns");
    check_refused(clone({"--table", "d18"}), "alter column c in the source");
    const tool_answer answer = clone({"--table", "d15", "--table", "d17", "--leave-out", "invisible-columns"});
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK(servers().difference("d15").empty());
}

TEST_CASE("documents with numbers of their own come in the order of the numbers", "[definitions][fulltext]") {
    clear();
    servers().source.execute("CREATE TABLE docs (id CHAR(64) NOT NULL PRIMARY KEY, FTS_DOC_ID BIGINT UNSIGNED NOT "
                             "NULL, body TEXT, UNIQUE KEY "
                             "FTS_DOC_ID_INDEX (FTS_DOC_ID), FULLTEXT KEY ft (body));"
                             "CREATE TABLE plain (id CHAR(64) NOT NULL PRIMARY KEY, body TEXT, FULLTEXT KEY ft (body))",
                             "shop");
    std::string rows;
    for (int i = 1; i <= 300; ++i) {
        const std::string n = std::to_string(i);
        rows += std::string(i == 1 ? "" : ", ") + "(SHA2(" + n + ", 256), " + n + ", 'word" + n + "')";
    }
    servers().source.execute("INSERT INTO docs VALUES " + rows + "; INSERT INTO plain SELECT id, body FROM docs",
                             "shop");
    const tool_answer answer = clone(with(all_tables, {"--jobs", "3", "--batch-rows", "50", "--verify"}));
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.err, ContainsSubstring("only in ascending order of column FTS_DOC_ID"));
    CHECK(servers().difference("docs").empty());
    CHECK(servers().target.value("SELECT COUNT(*) FROM docs WHERE MATCH (body) AGAINST ('word7')", "shop") == "1");
    const tool_answer again = clone({"--table", "docs", "--no-resume", "--write-mode", "upsert"});
    INFO(again.err);
    CHECK(again.exit_code == 2);
    CHECK_THAT(again.err, ContainsSubstring("so its existing rows cannot be overwritten"));
    // A step that MySQL does not take, and MariaDB does.
    if (servers().source.is_mysql()) return;
    servers().source.execute("INSERT INTO docs VALUES (SHA2('far', 256), 70000, 'far')", "shop");
    servers().target.create_database("shop");
    const tool_answer far = clone({"--table", "docs"});
    INFO(far.out << far.err);
    CHECK(far.exit_code == (servers().target.is_mysql() ? 2 : 0));
    if (servers().target.is_mysql()) check_refused(far, "in steps of 65535 at most, and the source has one of 69700");
}
