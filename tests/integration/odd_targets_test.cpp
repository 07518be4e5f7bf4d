// SPDX-License-Identifier: BSL-1.0
// What real servers do to rows behind a copy's back: triggers, hidden columns, engines, and values that text does not tell.
#include "catch.hpp"
#include "two_servers.hpp"

#include <string>
#include <utility>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
void on_both(const std::string& sql) {
    servers().source.execute(sql, "shop");
    servers().target.execute(sql, "shop");
}
template <class Pipeline = rf::pipeline<>>
rf::report copy(const rf::copy_request& request, const Pipeline& ferry = Pipeline{}) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return ferry.copy(source, target, request);
}
/// A server's own setting, for as long as this lives.
struct global_setting {
    const support::private_server& server;
    std::string name;
    std::string usual;
    global_setting(const support::private_server& where, const std::string& what, const std::string& odd,
                   std::string then)
        : server(where), name(what), usual(std::move(then)) {
        server.execute("SET GLOBAL " + name + " = " + odd);
    }
    ~global_setting() { server.execute("SET GLOBAL " + name + " = " + usual); }
    global_setting(const global_setting&) = delete;
    global_setting& operator=(const global_setting&) = delete;
};
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

} // namespace

TEST_CASE("a trigger of the target that would change rows is refused, and accepted on request") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
    servers().source.execute("INSERT INTO t VALUES (1, 1), (2, 2)", "shop");
    servers().target.execute("CREATE TRIGGER spoil BEFORE INSERT ON t FOR EACH ROW SET NEW.v = NEW.v + 100", "shop");
    const rf::report refused = copy({.table = "t"});
    CHECK(refused.outcome == rf::outcome::refused);
    CHECK_THAT(why(refused), ContainsSubstring("(spoil)"));
    CHECK(servers().copied("t") == 0);
    const rf::report accepted = copy({.table = "t", .accept_triggers = true});
    INFO(why(accepted));
    CHECK(accepted.complete());
    CHECK(servers().target.value("SELECT SUM(v) FROM t", "shop") == "203");
}

TEST_CASE("a server's own settings hide no row and no column, and pass nothing over that its constraints refuse") {
    servers().clear();
    if (servers().source.is_mysql()) {
        servers().source.execute("SET SESSION sql_generate_invisible_primary_key = ON; CREATE TABLE t (a INT);"
                                 " INSERT INTO t (a) VALUES (1), (1), (NULL)",
                                 "shop");
        servers().target.execute("CREATE TABLE t (my_row_id BIGINT UNSIGNED NOT NULL PRIMARY KEY, a INT)", "shop");
        const global_setting odd(servers().source, "show_gipk_in_create_table_and_information_schema", "OFF", "ON");
        const rf::report done = copy({.table = "t"});
        INFO(why(done));
        CHECK(done.complete());
        CHECK(servers().target.value("SELECT GROUP_CONCAT(my_row_id ORDER BY 1) FROM t", "shop") == "1,2,3");
    } else {
        servers().source.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT) WITH SYSTEM VERSIONING;"
                                 " INSERT INTO t SELECT seq, seq FROM seq_1_to_20",
                                 "shop");
        servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY, a INT)", "shop");
        const global_setting odd(servers().source, "system_versioning_asof", "'2000-01-01 00:00:00'", "DEFAULT");
        const rf::report done = copy({.table = "t"});
        INFO(why(done));
        CHECK(done.complete());
        CHECK(servers().copied("t") == 20);
    }
    if (servers().target.is_mysql()) return;
    servers().source.execute("CREATE TABLE c (id INT PRIMARY KEY, a INT); INSERT INTO c VALUES (1, 20), (2, 5)",
                             "shop");
    servers().target.execute("CREATE TABLE c (id INT PRIMARY KEY, a INT CHECK (a > 10))", "shop");
    const global_setting odd(servers().target, "check_constraint_checks", "0", "1");
    const rf::report done = copy({.table = "c"});
    CHECK_FALSE(done.complete());
    CHECK_THAT(why(done), ContainsSubstring("the row with key (2)"));
}

TEST_CASE("a SET with the member '' keeps each bit, on the way across and inside one server") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, s SET('', 'a', 'b'), e ENUM('', 'a'))");
    servers().source.execute(
        "CREATE TABLE t_copy LIKE t; SET SESSION sql_mode = '';"
        " INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 1), (4, 0, 0), (5, 5, 2), (6, 7, NULL)",
        "shop");
    const std::string bits = "SELECT GROUP_CONCAT(CONCAT(id, ':', s + 0, ':', IFNULL(e + 0, 'N')) ORDER BY id) FROM ";
    const std::string expected = "1:1:1,2:2:2,3:3:1,4:0:0,5:5:2,6:7:N";
    REQUIRE(servers().source.value(bits + "t", "shop") == expected);
    const rf::report across = copy({.table = "t"}, rf::pipeline{rf::fixed_batch{.rows = 4}});
    INFO(why(across));
    REQUIRE(across.complete());
    CHECK(servers().target.value(bits + "t", "shop") == expected);
    rf::mysql::connector source(servers().source_uri());
    const rf::report inside = rf::pipeline{}.copy(source, source, {.table = "t", .target_table = "t_copy"});
    INFO(why(inside));
    REQUIRE(inside.complete());
    CHECK(inside.route == rf::route::server_side);
    CHECK(servers().source.value(bits + "t_copy", "shop") == expected);
}

TEST_CASE("columns that the user may not read are not left out in silence") {
    servers().clear();
    servers().source.execute(
        "CREATE TABLE t (id INT PRIMARY KEY, secret INT); INSERT INTO t VALUES (1, 2);"
        " DROP USER IF EXISTS partial; CREATE USER partial IDENTIFIED BY 'p'; GRANT SELECT (id) ON shop.t TO partial",
        "shop");
    servers().target.execute("CREATE TABLE t (id INT PRIMARY KEY)", "shop");
    std::string uri = servers().source_uri();
    uri.replace(uri.find("//") + 2, uri.find('@') - uri.find("//") - 2, "partial:p");
    rf::mysql::connector source(uri);
    rf::mysql::connector target(servers().target_uri());
    const rf::report report = rf::pipeline{}.copy(source, target, "t");
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(why(report), ContainsSubstring("may not read all columns of table t"));
    CHECK(servers().copied("t") == 0);
}

TEST_CASE("a checkpoint table without transactions, and the checkpoint table as a table, are refused") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY)");
    servers().source.execute("INSERT INTO t VALUES (1)", "shop");
    REQUIRE(copy({.table = "t"}).complete());
    servers().target.execute("ALTER TABLE rowferry_checkpoint ENGINE = MyISAM", "shop");
    servers().source.execute("INSERT INTO t VALUES (2)", "shop");
    CHECK_THAT(why(copy({.table = "t"})), ContainsSubstring("MyISAM, which has no transactions"));
    CHECK(servers().copied("t") == 1);
    const rf::report own = copy({.table = "t", .target_table = "rowferry_checkpoint"});
    CHECK(own.outcome == rf::outcome::refused);
    CHECK_THAT(why(own), ContainsSubstring("where rowferry keeps its checkpoints"));
}

TEST_CASE("a truncation that fails forgets no progress") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY)");
    servers().source.execute("INSERT INTO t VALUES (1), (2)", "shop");
    REQUIRE(copy({.table = "t"}).complete());
    servers().target.execute("DROP USER IF EXISTS meek; CREATE USER meek IDENTIFIED BY 'm';"
                             " GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON shop.* TO meek",
                             "shop");
    std::string uri = servers().target_uri();
    uri.replace(uri.find("//") + 2, uri.find('@') - uri.find("//") - 2, "meek:m");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(uri);
    const rf::report failed = rf::pipeline{}.copy(source, target, {.table = "t", .truncate_target = true});
    CHECK_FALSE(failed.complete());
    CHECK_THAT(why(failed), ContainsSubstring("DROP command denied"));
    servers().source.execute("INSERT INTO t VALUES (3)", "shop");
    const rf::report next = copy({.table = "t"});
    INFO(why(next));
    CHECK(next.complete());
    CHECK(next.rows == 1);
    CHECK(servers().difference("t").empty());
}

TEST_CASE("a key that the target's server gives a table without one does not count as missing in the source") {
    if (!servers().target.is_mysql()) SKIP("MariaDB makes no keys up");
    servers().clear();
    servers().source.execute("CREATE TABLE t (a INT, b INT); INSERT INTO t (a, b) VALUES (1, 1), (1, 1), (NULL, 2)",
                             "shop");
    const global_setting odd(servers().target, "sql_generate_invisible_primary_key", "ON", "OFF");
    const rf::copy_request request{.table = "t", .create_target = true, .keyless = true};
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const auto plan = rf::pipeline{}.plan(source, target, request);
    REQUIRE(plan);
    CHECK_THAT(plan->notices.front(), ContainsSubstring("will give table t a key of its own, my_row_id"));
    const rf::report done = copy(request);
    INFO(why(done));
    CHECK(done.complete());
    CHECK(servers().target.value("SELECT GROUP_CONCAT(my_row_id ORDER BY 1) FROM t", "shop") == "1,2,3");
    CHECK(rf::verifier{}.verify(source, target, "t").equal());
    CHECK(copy(request).complete());
    CHECK(servers().copied("t") == 3);
}
