// SPDX-License-Identifier: BSL-1.0
// Targets whose log for replicas holds statements: rows are logged where the user may have that, and else written under
// REPEATABLE READ.
#include "catch.hpp"
#include "private_server.hpp"
#include "tool.hpp"
#include "ways.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;

namespace {

/// One server that logs statements, and what a user without global privileges may copy inside it and across.
struct logging_server {
    support::private_server server{{"--log-bin=log", "--binlog-format=STATEMENT", "--server-id=7"}};

    logging_server() {
        server.create_database("here");
        server.create_database("there");
        for (const char* user : {"plain", "logger"}) {
            server.execute(std::string("CREATE USER ") + user + " IDENTIFIED BY 'secret'; GRANT ALL ON here.* TO " +
                           user + "; GRANT ALL ON there.* TO " + user);
        }
        server.execute(std::string("GRANT ") + (server.is_mysql() ? "SESSION_VARIABLES_ADMIN" : "BINLOG ADMIN") +
                       " ON *.* TO logger");
    }
    [[nodiscard]] std::string uri(const std::string& user, const std::string& database) const {
        return "mysql://" + user + ":secret@127.0.0.1:" + std::to_string(server.port()) + "/" + database +
               server.options();
    }
    void begin() const {
        server.create_database("here");
        server.create_database("there");
        for (const char* database : {"here", "there"}) {
            server.execute(
                "CREATE TABLE two (id INT AUTO_INCREMENT PRIMARY KEY, u INT UNIQUE, v VARCHAR(10),"
                " g INT AS (u * 2) STORED); CREATE TABLE ai2 (g INT NOT NULL, id INT NOT NULL AUTO_INCREMENT,"
                " v TEXT, PRIMARY KEY (g, id), KEY (id))",
                database);
            if (!server.is_mysql())
                server.execute("CREATE TABLE sy (id INT PRIMARY KEY, v UUID) WITH SYSTEM VERSIONING", database);
        }
        server.execute("INSERT INTO two (u, v) VALUES (1, 'a'), (2, 'b'), (3, 'c'); INSERT INTO ai2 VALUES (1, 1, 'x'),"
                       " (2, 2, 'y')",
                       "here");
        if (!server.is_mysql()) server.execute("INSERT INTO sy VALUES (1, UUID())", "here");
    }
    [[nodiscard]] std::vector<std::string> tables() const {
        std::vector<std::string> names{"two", "ai2"};
        if (!server.is_mysql()) names.emplace_back("sy");
        return names;
    }
    [[nodiscard]] bool equal(const std::string& table) const {
        return server.query("SELECT * FROM " + table, "here") == server.query("SELECT * FROM " + table, "there");
    }
};

logging_server& logging() {
    static logging_server one;
    return one;
}

} // namespace

TEST_CASE("a target that logs statements is written to, with the privilege to log rows and without it") {
    for (const std::string user : {"plain", "logger"}) {
        for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert}) {
            std::vector<rf::write_way> ways = support::ways_to(logging().server, kind);
            ways.push_back(rf::write_way::automatic); // and inside the server
            for (const rf::write_way way : ways) {
                logging().begin();
                for (const std::string& table : logging().tables()) {
                    CAPTURE(user, rf::name(kind), rf::name(way), table);
                    rf::mysql::connector source(logging().uri(user, "here"));
                    rf::mysql::connector target(logging().uri(user, "there"));
                    const rf::copy_request request{
                        .table = table, .server_side = way == rf::write_way::automatic, .way = way};
                    const rf::pipeline ferry{rf::fixed_batch{.rows = 2}, rf::chosen_write_mode{kind}};
                    const auto plan = ferry.plan(source, target, request);
                    if (user == "plain" && way == rf::write_way::array_binding) { // which are only logged as rows
                        REQUIRE_FALSE(plan);
                        CHECK(plan.error().offers(rf::remedy::choose_write_way));
                        continue;
                    }
                    INFO((plan ? std::string() : rf::to_string(plan.error())));
                    REQUIRE(plan);
                    const bool is_told = !plan->notices.empty() &&
                                         plan->notices.back().find("binlog_format=STATEMENT") != std::string::npos;
                    CHECK(is_told == (user == "plain"));
                    const rf::report report = ferry.copy(source, target, request);
                    INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
                    CHECK(report.complete());
                    CHECK(logging().equal(table));
                    logging().server.execute("UPDATE " + table + " SET v = NULL", "there");
                    const rf::verification repaired =
                        rf::verifier{}.verify(source, target, {.table = table, .repair = true});
                    INFO((repaired.failure ? rf::to_string(*repaired.failure) : std::string()));
                    CHECK(repaired.equal());
                    CHECK(logging().equal(table));
                }
            }
        }
    }
}

TEST_CASE("a session that logs rows stays under READ COMMITTED, and one that logs statements does not") {
    logging().begin();
    for (const std::string user : {"plain", "logger"}) {
        CAPTURE(user);
        auto c = rf::mysql::connector(logging().uri(user, "there")).connect().value();
        REQUIRE(c.begin());
        REQUIRE(c.rollback());
        const std::string isolation =
            logging().server.is_mysql() ? "@@SESSION.transaction_isolation" : "@@SESSION.tx_isolation";
        const auto read = c.query("SELECT @@SESSION.binlog_format, " + isolation).value();
        CHECK(read.at(0, 0).bytes() == (user == "plain" ? "STATEMENT" : "ROW"));
        CHECK(read.at(0, 1).bytes() == (user == "plain" ? "REPEATABLE-READ" : "READ-COMMITTED"));
    }
}

TEST_CASE("what no log of statements takes is refused in the plan, and nothing is changed") {
    if (logging().server.is_mysql()) SKIP("MySQL has no sequences");
    logging().begin();
    logging().server.execute("CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1)", "here");
    logging().server.execute("SET SESSION binlog_format = 'ROW'; CREATE SEQUENCE s; CREATE TABLE t (id INT PRIMARY "
                             "KEY, v INT, n INT DEFAULT (NEXT VALUE FOR s))",
                             "there");
    for (const bool is_dry : {true, false}) {
        std::vector<std::string> words{"copy",
                                       "--source",
                                       logging().uri("plain", "here"),
                                       "--target",
                                       logging().uri("plain", "there"),
                                       "--table",
                                       "t",
                                       "--columns",
                                       "id,v",
                                       "--log",
                                       "off"};
        if (is_dry) words.emplace_back("--dry-run");
        const support::tool_answer refused = support::run_tool(words);
        INFO(refused.err);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, ContainsSubstring("binlog_format=STATEMENT"));
        CHECK(logging().server.value("SELECT COUNT(*) FROM t", "there") == "0");
        CHECK(logging().server.value("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'there' AND"
                                     " TABLE_NAME = 'rowferry_checkpoint'") == "0");
    }
}
