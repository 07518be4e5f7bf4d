// SPDX-License-Identifier: BSL-1.0
// Keys over generated columns between two real servers: pages read them, and nothing writes them.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <chrono>
#include <string>
#include <vector>

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
bool are_mysql() { return servers().source.is_mysql() && servers().target.is_mysql(); }
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
template <class... Policies>
rf::report copy(const rf::copy_request& request, Policies... policies) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::pipeline{rf::fixed_batch{.rows = 3}, policies...}.copy(source, target, request);
}
rf::verification verify(rf::verify_request request = {.table = "t"}) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    request.second_look_after = std::chrono::milliseconds(1);
    return rf::verifier{}.verify(source, target, request);
}
/// All rows of `t`, in an order of their own: the key may be NULL.
std::string difference() {
    const std::string rows = "SELECT * FROM t ORDER BY 1, 2, 3";
    return servers().source.query(rows, "shop") == servers().target.query(rows, "shop") ? "" : "they differ";
}

struct keyed_table {
    const char* definition;
    const char* names; ///< of those that are written
    const char* rows;
    const char* key;
};
const std::vector<keyed_table> tables{
    {"id VARCHAR(32) AS (JSON_VALUE(doc,'$._id')) STORED, doc LONGTEXT, n INT, UNIQUE KEY u (id)", "doc, n",
     "('{\"_id\":\"a\"}', 1), ('{\"_id\":\"b\"}', 2), ('{\"x\":1}', 3), ('{\"x\":1}', 3), ('{\"_id\":\"c\"}', 4), "
     "('{\"_id\":\"B2\"}', 5)",
     "u"},
    {"n INT NOT NULL, id VARCHAR(32) AS (JSON_VALUE(doc,'$._id')) STORED, doc LONGTEXT, UNIQUE KEY u (n, id)", "n, doc",
     "(1, '{\"_id\":\"a\"}'), (1, '{\"_id\":\"b\"}'), (1, '{\"x\":1}'), (1, '{\"x\":1}'), (2, '{\"_id\":\"c\"}'), "
     "(3, '{}')",
     "u"},
    {"n INT, id INT AS (n*2) VIRTUAL, v INT, UNIQUE KEY u (id)", "n, v",
     "(1, 1), (2, 2), (7, 3), (4, 4), (-3, 5), (NULL, 6), (NULL, 6)", "u"},
    {"id INT NOT NULL, flag TINYINT NULL, act TINYINT AS (IF(flag=1,1,NULL)) VIRTUAL, UNIQUE KEY u (id, act)",
     "id, flag", "(1, 1), (1, 0), (1, 0), (2, 1), (3, 0), (3, NULL), (4, 1), (5, 1), (6, 1)", "u"},
    {"n INT NOT NULL, e ENUM('b','a','c') AS (ELT(n, 'a', 'b', 'c')) STORED, v INT, UNIQUE KEY u (e, n)", "n, v",
     "(1, 1), (2, 2), (3, 3), (2, 9), (4, 4)", "u"},
    {"n INT NOT NULL, ts TIMESTAMP NOT NULL, d DATE AS (ts) STORED, UNIQUE KEY u (d, n)", "n, ts",
     "(1, '2024-01-01 05:00:00'), (2, '2024-01-02 05:00:00'), (3, '2024-01-02 05:00:00'), (4, '2024-01-03 05:00:00')",
     "u"},
};

void fill(const keyed_table& table) {
    servers().clear();
    on_both(std::string("CREATE TABLE t (") + table.definition + ")");
    const std::string rows = table.rows;
    const bool is_unique = rows.find("(2, 9)") == rows.npos;
    servers().source.execute(
        std::string(is_unique ? "INSERT" : "INSERT IGNORE") + " INTO t (" + table.names + ") VALUES " + rows, "shop");
}

} // namespace

TEST_CASE("a key over a generated column orders pages, whichever way rows are written") {
    for (const keyed_table& table : tables) {
        for (const rf::write_way way : support::ways_to(servers().target)) {
            CAPTURE(table.definition, rf::name(way));
            fill(table);
            rf::mysql::connector source(servers().source_uri());
            rf::mysql::connector target(servers().target_uri());
            const auto plan = rf::pipeline{}.plan(source, target, rf::copy_request{.table = "t", .way = way});
            INFO((plan ? std::string() : rf::to_string(plan.error())));
            REQUIRE(plan);
            CHECK(plan->order.index == table.key);
            CHECK_FALSE(plan->streams);
            const rf::report report = copy({.table = "t", .way = way});
            INFO(why(report));
            REQUIRE(report.complete());
            CHECK(difference().empty());
            CHECK(verify({.table = "t", .generated = true}).equal());
        }
        servers().target.execute("TRUNCATE t; DELETE FROM rowferry_checkpoint", "shop");
        const rf::report parallel = copy({.table = "t"}, rf::parallel{.jobs = 3});
        INFO(why(parallel));
        CHECK(parallel.complete());
        CHECK(difference().empty());

        servers().source.create_database("beside");
        servers().source.execute(std::string("CREATE TABLE t (") + table.definition + ")", "beside");
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector beside(servers().source.uri("beside"));
        const rf::report inside = rf::pipeline{rf::fixed_batch{.rows = 2}}.copy(source, beside, "t");
        INFO(why(inside));
        CHECK(inside.complete());
        CHECK(inside.route == rf::route::server_side);
        const std::string rows = "SELECT * FROM t ORDER BY 1, 2, 3";
        CHECK(servers().source.query(rows, "shop") == servers().source.query(rows, "beside"));
    }
}

TEST_CASE("a copy continues after a key over a generated column, while connections are killed") {
    struct killer {
        int batches = 0;
        void on(const rf::batch_committed&) {
            support::kill_connections(++batches % 2 == 0 ? servers().source : servers().target);
        }
    };
    for (const keyed_table& table : tables) {
        CAPTURE(table.definition);
        fill(table);
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(servers().target_uri());
        killer kills;
        const rf::report report =
            rf::pipeline{rf::fixed_batch{.rows = 1},
                         rf::fixed_delay{.max_attempts = 50, .delay = std::chrono::milliseconds(5)}}
                .copy(source, target, "t", kills);
        INFO(why(report));
        CHECK(report.complete());
        CHECK(kills.batches > 1);
        CHECK(difference().empty());
    }
}

TEST_CASE(
    "a primary key over a generated column: each write mode, verification and repair, between two MySQL servers") {
    if (!are_mysql()) SKIP("MariaDB has no NOT NULL generated columns");
    for (const rf::write_kind kind :
         {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        CAPTURE(rf::name(kind));
        servers().clear();
        on_both("CREATE TABLE t (main_id VARBINARY(16) NOT NULL, sub_id VARCHAR(36) CHARACTER SET latin1"
                " GENERATED ALWAYS AS (JSON_VALUE(doc,'$._id')) STORED, doc LONGTEXT, PRIMARY KEY (main_id, sub_id))");
        servers().source.execute("INSERT INTO t (main_id, doc) VALUES ('a', '{\"_id\":\"x\"}'), "
                                 "('a', '{\"_id\":\"y\"}'), ('b', '{\"_id\":\"x\"}'), ('c', '{\"_id\":\"z\"}')",
                                 "shop");
        const rf::report report = copy({.table = "t"}, rf::chosen_write_mode{kind});
        INFO(why(report));
        REQUIRE(report.complete());
        CHECK(difference().empty());
        servers().target.execute("DELETE FROM t WHERE main_id = 'b'; UPDATE t SET doc = '{\"_id\":\"y\",\"b\":1}' WHERE"
                                 " sub_id = 'y'",
                                 "shop");
        const rf::verification repaired = verify({.table = "t", .repair = true});
        CHECK(repaired.named);
        CHECK(repaired.missing.keys == std::vector<rf::key_values>{{"b", "x"}});
        CHECK(repaired.changed.keys == std::vector<rf::key_values>{{"a", "y"}});
        CHECK(repaired.equal());
        CHECK(difference().empty());
    }
}

TEST_CASE("what cannot order pages is named by the reason that is true") {
    servers().clear();
    on_both("CREATE TABLE t (n INT NOT NULL, ts TIMESTAMP NOT NULL, d DATE AS (ts) VIRTUAL, UNIQUE KEY u (n, d))");
    const auto run = [](std::vector<std::string> words) {
        words.insert(words.begin() + 1, {"--source", servers().source_uri(), "--target", servers().target_uri(),
                                         "--table", "t", "--log", "off"});
        return support::run_tool(words);
    };
    const support::tool_answer refused = run({"copy"});
    CHECK(refused.exit_code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("key u cannot order pages: column d is computed when it is read, and its "
                                              "value may depend on settings of the session") &&
                                ContainsSubstring("--keyless"));
    servers().source.execute("INSERT INTO t (n, ts) VALUES (1, '2024-01-01 05:00:00'), (2, '2024-01-02 05:00:00')",
                             "shop");
    CHECK(run({"copy", "--keyless"}).exit_code == 0);
    CHECK(difference().empty());
    if (!are_mysql()) return;
    servers().clear();
    on_both("CREATE TABLE t (n INT NOT NULL, UNIQUE KEY u ((n + 1)))");
    CHECK_THAT(run({"copy"}).err,
               ContainsSubstring("key u cannot order pages: it is over an expression, which is not a "
                                 "column of the table"));
}

TEST_CASE("only virtual keys that every session computes alike order pages") {
    struct virtual_key {
        std::string type;
        std::string expression;
    };
    const std::string columns =
        "id INT NOT NULL, a VARCHAR(20), c CHAR(9), n INT UNSIGNED, k INT, d DATETIME, d2 DATE, t TIME, "
        "doc LONGTEXT, del DATETIME, ";
    const auto order_of = [&](const virtual_key& key) {
        servers().clear();
        const std::string table =
            "CREATE TABLE t (" + columns + "v " + key.type + " AS (" + key.expression + ") VIRTUAL, UNIQUE KEY u (v))";
        on_both(table);
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(servers().target_uri());
        const auto plan = rf::pipeline{}.plan(source, target, rf::copy_request{.table = "t"});
        return plan ? plan->order.index : rf::to_string(plan.error());
    };
    for (const virtual_key& key : std::vector<virtual_key>{
             {"VARCHAR(40)", "CONCAT(IFNULL(CAST(a AS DATE), 'no\\'ne'), '-', id)"},
             {"DATETIME", "CAST(t AS DATETIME)"},
             {"DATETIME", "COALESCE(d, t)"},
             {"VARCHAR(40)", "CONCAT(IFNULL(STR_TO_DATE(a, '%Y-%m-%d'), 'none'), '-', id)"},
             {"BIGINT", are_mysql() ? "n - 1" : "YEAR(d)"}, // MariaDB takes no such difference
             {"DATE", "d"},
             {"DATE", "a"},
             {"INT", "DAYOFYEAR(d)"},
             {"DECIMAL(20,10)", "k / 3"},
         }) {
        CAPTURE(key.expression);
        CHECK_THAT(order_of(key), ContainsSubstring("key u cannot order pages: column v is computed when it is read"));
    }
    for (const virtual_key& key : std::vector<virtual_key>{
             {"VARCHAR(40)", "CONCAT(a, '-it\\'s / `now()` \\\\', id)"},
             {"VARCHAR(40)", "JSON_VALUE(doc, '$._id')"},
             {"VARCHAR(40)", "JSON_UNQUOTE(JSON_EXTRACT(doc, '$.b.c'))"},
             {"INT", "IF(del IS NULL, 1, NULL)"},
             {"INT", "CASE WHEN k = 1 THEN id WHEN a IN ('x', 'y') THEN -id ELSE NULL END"},
             {"VARCHAR(40)", "LOWER(a)"},
             {"VARCHAR(40)", "UPPER(LEFT(a, 3))"},
             {"VARCHAR(40)", "LPAD(id, 10, '0')"},
             {"VARCHAR(64)", "SHA2(CONCAT(a, '|', id), 256)"},
             {"VARBINARY(40)", "UNHEX(SHA2(a, 256))"},
             {"INT", "k DIV 3 + id MOD 4 - k"},
             {"DATETIME", "d"},
             {"VARCHAR(40)", "NULLIF(TRIM(a), '')"},
             {"VARCHAR(40)", "COALESCE(a, id)"},
             {"VARCHAR(40)", "SUBSTRING(a FROM 2 FOR 3)"},
             {"BIGINT", "CAST(a AS SIGNED)"},
             {"VARCHAR(40)", "CAST(id AS CHAR)"},
             {"INT", "CHAR_LENGTH(a) * 2 + ABS(k)"},
         }) {
        CAPTURE(key.expression);
        CHECK_THAT(order_of(key), ContainsSubstring("u") && !ContainsSubstring("cannot"));
    }
}

TEST_CASE("a stored value of the writer's session does not tell rows apart on the target") {
    servers().clear();
    // Each side as its own writers computed it: "none" where the date was not valid in their sql_mode.
    on_both(
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(20), g VARCHAR(40) AS (CONCAT(IFNULL(CAST(a AS DATE), 'none'), '-',"
        " id)) STORED, PRIMARY KEY (id), UNIQUE KEY u (g))");
    servers().source.execute(
        "SET sql_mode = ''; INSERT IGNORE INTO t (id, a) VALUES (1, '2020-02-31'), (2, '2020-02-01')", "shop");
    servers().target.execute(
        "SET sql_mode = 'ALLOW_INVALID_DATES'; INSERT IGNORE INTO t (id, a) VALUES (3, '2020-02-31')", "shop");
    for (const rf::write_kind kind : {rf::write_kind::upsert, rf::write_kind::replace}) {
        CAPTURE(rf::name(kind));
        const rf::report report = copy({.table = "t"}, rf::chosen_write_mode{kind});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(why(report), ContainsSubstring("unique index u"));
    }
    if (!are_mysql()) return;
    servers().clear();
    on_both(
        "CREATE TABLE t (id INT NOT NULL, a VARCHAR(20), g VARCHAR(40) AS (CONCAT(IFNULL(CAST(a AS DATE), 'none'), '-',"
        " id)) STORED NOT NULL PRIMARY KEY)");
    servers().source.execute(
        "SET sql_mode = ''; INSERT IGNORE INTO t (id, a) VALUES (1, '2020-02-31'), (2, '2020-02-01')", "shop");
    servers().target.execute(
        "SET sql_mode = 'ALLOW_INVALID_DATES'; INSERT IGNORE INTO t (id, a) VALUES (1, '2020-02-31'), "
        "(2, '2020-02-01')",
        "shop");
    for (const rf::write_kind kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        CAPTURE(rf::name(kind));
        const rf::report report = copy({.table = "t"}, rf::chosen_write_mode{kind});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(why(report), ContainsSubstring("not known to compute alike"));
    }
    const rf::verification compared = verify();
    CHECK_FALSE(compared.named);
    CHECK(servers().target.value("SELECT COUNT(*) FROM t", "shop") == "2");

    servers().clear();
    on_both("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, a VARCHAR(20), UNIQUE KEY u ((CAST(a AS DATE))))");
    const rf::report report = copy({.table = "t"}, rf::upsert{});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(why(report), ContainsSubstring("unique index u"));
}
