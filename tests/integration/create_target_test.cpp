// SPDX-License-Identifier: BSL-1.0
// --create-target between real servers: clones are the same, and what has no equal is refused and named.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
bool is_one_product() { return servers().source.is_mysql() == servers().target.is_mysql(); }

/// Empty databases, whose defaults differ; the source's is one that both products know.
void clear() {
    servers().clear();
    servers().source.execute("ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
    servers().target.execute("ALTER DATABASE shop CHARACTER SET latin1 COLLATE latin1_german1_ci");
}
tool_answer clone(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "copy",         "--source",       servers().source_uri(), "--target", servers().target_uri(),
        "--all-tables", "--create-target"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_tool(arguments);
}
std::string definition(const support::private_server& server, const std::string& table) {
    return server.query("SHOW CREATE TABLE " + table, "shop")[0][1].value_or("");
}
/// Without the charsets of columns that also have a collation: MySQL shows them where they were given.
std::string without_charsets(std::string text) {
    const std::string charset = " CHARACTER SET utf8mb4";
    const std::string both = charset + " COLLATE";
    for (std::size_t at = 0; (at = text.find(both, at)) != text.npos;) text.erase(at, charset.size());
    return text;
}
std::string tables_of_target() {
    return servers().target.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop' AND "
                                  "table_name <> 'rowferry_checkpoint'");
}

} // namespace

TEST_CASE("clones have the source's definition: keys, defaults, computed columns, checks, comments, AUTO_INCREMENT") {
    clear();
    const bool mysql = servers().source.is_mysql();
    servers().source.execute(
        "CREATE TABLE mixed (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,"
        " `we``ird, (n)ame` VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'it''s \\\\ ok'"
        "  COMMENT 'a (com,ment) ''q'' /*!80016 x */ `',"
        " e ENUM('a','b''c','') NOT NULL DEFAULT 'a', d DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE "
        "CURRENT_TIMESTAMP(6),"
        " z DATE DEFAULT '2000-01-01', bi BIT(5) DEFAULT b'101', ex INT DEFAULT (1 + 2), t TEXT, g POINT NOT NULL,"
        " v INT GENERATED ALWAYS AS (ex * 2) VIRTUAL, s VARCHAR(50) GENERATED ALWAYS AS (concat(e, 'x)')) STORED,"
        " hidden INT INVISIBLE DEFAULT 5, u VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'é',"
        " PRIMARY KEY (id), UNIQUE KEY uq (e, d), KEY pf (t(10), ex DESC), FULLTEXT KEY ft (t), SPATIAL KEY sp (g),"
        " KEY hsh (ex) COMMENT 'idx', KEY out_of_sight (hidden) " +
            std::string(mysql ? "INVISIBLE" : "IGNORED") +
            ", CONSTRAINT sound CHECK (ex > 0 AND e <> 'ö(')) ENGINE=InnoDB AUTO_INCREMENT=500 COMMENT='ta''ble (c)' "
            "ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;"
            "INSERT INTO mixed (id, e, ex, t, g) VALUES (1, 'a', 2, 'text', POINT(1, 2)), (7, 'b''c', 3, NULL, "
            "POINT(3, 4));"
            "CREATE TABLE parts (id INT PRIMARY KEY, k VARCHAR(10)) CHARACTER SET latin1 PARTITION BY RANGE (id)"
            " (PARTITION p0 VALUES LESS THAN (10) COMMENT 'x', PARTITION p1 VALUES LESS THAN MAXVALUE);"
            "INSERT INTO parts VALUES (1, 'a'), (20, 'b')",
        "shop");
    const tool_answer answer = clone();
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.err, ContainsSubstring("was created in the target"));
    CHECK(servers().difference("parts").empty());
    CHECK(servers().copied("mixed") == 2);
    if (is_one_product()) {
        CHECK(without_charsets(definition(servers().source, "mixed")) ==
              without_charsets(definition(servers().target, "mixed")));
        CHECK(definition(servers().source, "parts") == definition(servers().target, "parts"));
    } else {
        const std::string counts = "SELECT (SELECT GROUP_CONCAT(DISTINCT index_name ORDER BY index_name) FROM "
                                   "information_schema.statistics WHERE"
                                   " table_schema = 'shop' AND table_name = 'mixed'), (SELECT GROUP_CONCAT(CONCAT_WS(' "
                                   "', column_name, data_type,"
                                   " collation_name, is_nullable, column_comment) ORDER BY ordinal_position) FROM "
                                   "information_schema.columns WHERE"
                                   " table_schema = 'shop' AND table_name = 'mixed')";
        CHECK(servers().source.query(counts) == servers().target.query(counts));
        CHECK_THAT(definition(servers().target, "mixed"), ContainsSubstring("AUTO_INCREMENT=500"));
    }
    servers().target.execute("INSERT INTO mixed (g) VALUES (POINT(0, 0))", "shop");
    CHECK(servers().target.value("SELECT MAX(id) FROM mixed", "shop") == "500");
    CHECK(servers().target.value("SELECT CONCAT(e, ex, v, hidden, u) FROM mixed WHERE id = 500", "shop") == "a365é");
    CHECK_THROWS(servers().target.execute("INSERT INTO mixed (ex, g) VALUES (-1, POINT(0, 0))", "shop"));
}

TEST_CASE("foreign keys and triggers are left out and said so; a table that is there is left as it is") {
    clear();
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a INT,"
                             " CONSTRAINT to_a FOREIGN KEY (a) REFERENCES a (id));"
                             "INSERT INTO a VALUES (1); INSERT INTO b VALUES (1, 1);"
                             "CREATE TRIGGER before_a BEFORE INSERT ON a FOR EACH ROW SET NEW.id = NEW.id",
                             "shop");
    servers().target.execute("CREATE TABLE a (id BIGINT PRIMARY KEY)", "shop");
    const tool_answer answer = clone();
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.err, ContainsSubstring("foreign key to_a of table b is left out"));
    CHECK_THAT(definition(servers().target, "a"), ContainsSubstring("bigint"));
    CHECK(definition(servers().target, "b").find("FOREIGN") == std::string::npos);
    CHECK(servers().difference("b").empty());
}

TEST_CASE("a dry run says what would be created, and creates nothing") {
    clear();
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY)", "shop");
    const tool_answer answer = clone({"--dry-run"});
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    CHECK_THAT(answer.out, ContainsSubstring("the table is created first") && ContainsSubstring("CREATE TABLE `a`"));
    CHECK(tables_of_target() == "0");
}

TEST_CASE("all definitions are checked before the first table is created; all problems of a table are in one message") {
    clear();
    const std::string unknown = servers().source.is_mysql() ? "utf8mb4_0900_ai_ci" : "utf8mb4_uca1400_ai_ci";
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, t VARCHAR(5)) "
                             "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                             "shop");
    if (!is_one_product()) {
        servers().source.execute("ALTER TABLE b ADD x VARCHAR(5) CHARACTER SET utf8mb4 COLLATE " + unknown +
                                     (servers().source.is_mysql() ? ", ADD v VECTOR(3)" : ", ADD v UUID"),
                                 "shop");
        const tool_answer refused = clone();
        INFO(refused.err);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("the collation " + unknown) && ContainsSubstring("2 reasons"));
        CHECK_THAT(refused.err, ContainsSubstring(servers().source.is_mysql() ? "vector" : "uuid"));
        CHECK(refused.error_lines() == 1);
        CHECK(tables_of_target() == "0");
    }
    std::vector<std::string> mappings{"--map-collation", "utf8mb4_unicode_ci=utf8mb4_general_ci"};
    if (!is_one_product()) {
        const std::string type = servers().source.is_mysql() ? "vector=blob" : "uuid=char(36)";
        mappings.insert(mappings.end(), {"--map-collation", unknown + "=utf8mb4_unicode_520_ci", "--map-type", type});
    }
    const tool_answer mapped = clone(mappings);
    INFO(mapped.err);
    CHECK(mapped.exit_code == 0);
    CHECK_THAT(definition(servers().target, "b"), ContainsSubstring("utf8mb4_general_ci"));
}

TEST_CASE("wrong mappings are refused before anything is asked of a server, or with nothing created") {
    clear();
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY, t TEXT) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                             "shop");
    const auto refused = [](const std::vector<std::string>& options, const std::string& why) {
        const tool_answer answer = clone(options);
        INFO(answer.err);
        CHECK(answer.exit_code == 2);
        CHECK_THAT(answer.err, ContainsSubstring(why));
        CHECK(answer.error_lines() == 1);
    };
    refused({"--map-collation", "utf8mb4_bin"}, "must be FROM=TO");
    refused({"--map-collation", "utf8mb4_bin=latin1_bin"}, "within one charset");
    refused({"--map-collation", "a_b=a_c", "--map-collation", "a_b=a_d"}, "maps a_b twice");
    refused({"--map-collation", "utf8mb4_bin=utf8mb4_nowhere"}, "utf8mb4_nowhere");
    refused({"--map-type", "uuid=char(36); DROP TABLE a"}, "must be FROM=TO");
    refused({"--map-engine", "InnoDB=Warp"}, "engine Warp");
    refused({"--leave-out", "everything"}, "can be one of");
    refused({"--map-type", "int=tinyint"}, "int");
    CHECK(tables_of_target() == "0");
    const tool_answer alone = run_tool({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(),
                                        "--table", "a", "--leave-out", "srid"});
    CHECK(alone.exit_code == 2);
    CHECK_THAT(alone.err, ContainsSubstring("need --create-target"));
    const tool_answer missing =
        run_tool({"copy", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", "a"});
    CHECK(missing.exit_code == 2);
    CHECK_THAT(missing.err, ContainsSubstring("--create-target"));
}
