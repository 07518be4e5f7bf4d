// SPDX-License-Identifier: BSL-1.0
// Rows that a real server refuses, by an error or by a warning: named by their keys, with nothing wrong committed, in each
// way to write.
#include "catch.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <string>
#include <utility>
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
rf::report copy(rf::write_kind kind, std::uint64_t batch_rows = 1000, rf::write_way way = rf::write_way::automatic) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    return rf::pipeline{rf::fixed_batch{.rows = batch_rows}, rf::chosen_write_mode{kind}}.copy(
        source, target, rf::copy_request{.table = "t", .way = way});
}
std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }

/// Ids 1 … 100 on the source.
void fill_hundred(const std::string& value = "seq") {
    servers().source.execute("INSERT INTO t SELECT seq, " + value + " FROM seq_1_to_100", "shop");
}
/// The target holds rows 1 … id - 1 as they are in the source, and no others.
void check_rows_before(unsigned id) {
    CHECK(servers().target.query("SELECT id, v FROM t ORDER BY id", "shop") ==
          servers().source.query("SELECT id, v FROM t WHERE id < " + std::to_string(id) + " ORDER BY id", "shop"));
    CHECK(servers().target.value("SELECT CONCAT(rows_copied, ' ', last_key, ' ', complete) FROM rowferry_checkpoint",
                                 "shop") == std::to_string(id - 1) + " " + std::to_string(id - 1) + " 0");
}

/// Copies the hundred rows, of which row 42 is refused with `code`; mends it, and copies on.
void stops_at_42(rf::write_kind kind, unsigned code, const std::string& mend_source, const std::string& mend_target,
                 rf::write_way way = rf::write_way::automatic) {
    CAPTURE(rf::name(kind), code, rf::name(way));
    const rf::report stopped = copy(kind, 64, way);
    INFO(why(stopped));
    REQUIRE(stopped.outcome == rf::outcome::stopped);
    CHECK(stopped.rows == 41);
    CHECK(stopped.last_key == rf::key_values{"41"});
    CHECK(stopped.failure->code == code);
    CHECK(stopped.failure->fault == rf::fault::data);
    CHECK_THAT(stopped.failure->where, ContainsSubstring("the row with key (42)"));
    CHECK_THAT(stopped.failure->message, ContainsSubstring("continues at this row"));
    CHECK_FALSE(stopped.failure->server_message.empty());
    CHECK_THAT(stopped.failure->server_message, !ContainsSubstring("secret"));
    check_rows_before(42);
    if (!mend_source.empty()) servers().source.execute(mend_source, "shop");
    if (!mend_target.empty()) servers().target.execute(mend_target, "shop");
    const rf::report mended = copy(kind, 64, way);
    INFO(why(mended));
    CHECK(mended.complete());
    CHECK(mended.resumed_rows == 41);
    CHECK(servers().difference("t").empty());
}

const std::vector<rf::write_kind> all_kinds{rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace,
                                            rf::write_kind::skip_existing};

} // namespace

TEST_CASE("a CHECK constraint of the target refuses a row, in every write mode") {
    for (const rf::write_kind kind : all_kinds) {
        for (const rf::write_way way : support::ways_to(servers().target, kind)) {
            servers().clear();
            on_both("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
            servers().target.execute("ALTER TABLE t ADD CONSTRAINT small CHECK (v <> 42)", "shop");
            fill_hundred();
            stops_at_42(kind, servers().target.is_mysql() ? 3819 : 4025, "", "ALTER TABLE t DROP CONSTRAINT small",
                        way);
        }
    }
}

TEST_CASE("a trigger of the target refuses a row, and its words are not repeated") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))");
    fill_hundred("CONCAT('secret ', seq)");
    servers().target.execute("CREATE TRIGGER guard BEFORE INSERT ON t FOR EACH ROW IF NEW.id = 42 THEN SIGNAL SQLSTATE "
                             "'45000' SET MESSAGE_TEXT = 'no secret'; END IF",
                             "shop");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::report stopped =
        rf::pipeline{}.copy(source, target, rf::copy_request{.table = "t", .accept_triggers = true});
    CHECK(stopped.rows == 41);
    CHECK(stopped.failure->code == 1644);
    CHECK_THAT(why(stopped), ContainsSubstring("the row with key (42)") && !ContainsSubstring("secret"));
    check_rows_before(42);
}

TEST_CASE("a row that no partition of the target takes is named") {
    servers().clear();
    on_both("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
    servers().target.execute(
        "DROP TABLE t; CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY LIST (id) (PARTITION p "
        "VALUES IN (" +
            [] {
                std::string list = "1";
                for (int i = 2; i <= 100; ++i) list += i == 42 ? "" : "," + std::to_string(i);
                return list;
            }() +
            "))",
        "shop");
    fill_hundred();
    stops_at_42(rf::write_kind::insert, 1526, "", "ALTER TABLE t ADD PARTITION (PARTITION q VALUES IN (42))");
}

TEST_CASE("warnings are errors: each kind names its row, and nothing that was changed is committed") {
    // A generated column of the target, which the source has not, is where the server would change a value. Strict mode
    // makes it an error; skip_existing is INSERT IGNORE, for which it is a warning, which is read and refused.
    struct refusal {
        const char* generated;
        const char* value; // of row 42
        unsigned strict;
        unsigned warned;
    };
    const std::vector<refusal> refusals{
        {"VARCHAR(5) AS (v) STORED", "secret", servers().target.is_mysql() ? 1265U : 1406U, 1265},
        {"ENUM('1') AS (IF(v = 'secret', v, '1')) STORED", "secret", 1265, 1265},
        {"TINYINT AS (v) STORED", "700", 1264, 1264},
        {"INT AS (v) STORED", "secret", 1366, 1366},
        {"DATE AS (IF(v = 'secret', v, '2026-01-01')) STORED", "secret", 1292, 1265},
        {"VARCHAR(20) CHARACTER SET latin1 AS (v) STORED", "\xF0\x9F\xA6\xB7", 1366, 1366}};
    std::vector<std::pair<rf::write_kind, rf::write_way>> all;
    for (const rf::write_kind kind : all_kinds) {
        for (const rf::write_way way : support::ways_to(servers().target, kind)) all.emplace_back(kind, way);
    }
    for (const auto& [kind, way] : all) {
        for (const refusal& r : refusals) {
            CAPTURE(r.generated, rf::name(kind), rf::name(way));
            servers().clear();
            on_both("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) CHARACTER SET utf8mb4");
            fill_hundred();
            servers().source.execute(std::string("UPDATE t SET v = '") + r.value + "' WHERE id = 42", "shop");
            servers().target.execute(std::string("ALTER TABLE t ADD g ") + r.generated, "shop");
            const rf::report stopped = copy(kind, 1000, way);
            INFO(why(stopped));
            REQUIRE(stopped.failure);
            CHECK(stopped.failure->fault == rf::fault::data);
            CHECK(stopped.failure->code == (kind == rf::write_kind::skip_existing ? r.warned : r.strict));
            CHECK(stopped.rows == 41);
            CHECK_THAT(why(stopped), ContainsSubstring("the row with key (42)") && !ContainsSubstring("secret"));
            check_rows_before(42);
        }
    }
}

TEST_CASE("a warning of a JSON function in a generated column is said to be one, on MariaDB") {
    constexpr auto mariadb = rf::sql::dialect::mariadb;
    for (const unsigned code : {4035U, 4036U, 4044U, 4045U})
        CHECK(rf::mysql::detail::is_json_function_warning(mariadb, code));
    for (const unsigned code : {4034U, 4046U}) CHECK_FALSE(rf::mysql::detail::is_json_function_warning(mariadb, code));
    if (servers().target.is_mysql()) SKIP("MySQL has other numbers");
    struct warning {
        const char* generated;
        unsigned code;
    };
    // Strict mode makes it an error; skip_existing is INSERT IGNORE.
    for (const warning& w : {warning{"TEXT AS (JSON_EXTRACT(v, '$.a')) STORED", 4037},
                             warning{"TEXT AS (JSON_INSERT(IF(v = '{', '{}', NULL), '$.*', 1)) STORED", 4044}}) {
        CAPTURE(w.generated);
        servers().clear();
        on_both("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)) CHARACTER SET utf8mb4");
        fill_hundred();
        servers().source.execute("UPDATE t SET v = '{' WHERE id = 42", "shop");
        servers().target.execute(std::string("ALTER TABLE t ADD g ") + w.generated, "shop");
        const rf::report stopped = copy(rf::write_kind::skip_existing);
        INFO(why(stopped));
        REQUIRE(stopped.failure);
        CHECK(stopped.failure->code == w.code);
        CHECK_THAT(why(stopped), ContainsSubstring("the row with key (42)") &&
                                     ContainsSubstring("a CHECK or a generated column gives a warning"));
    }
}

TEST_CASE("skip_existing passes duplicates of the copy's own key, and refuses those of another one") {
    for (const rf::write_way way : support::ways_to(servers().target)) {
        CAPTURE(rf::name(way));
        servers().clear();
        on_both("CREATE TABLE t (id INT PRIMARY KEY, v INT)");
        fill_hundred();
        servers().target.execute("ALTER TABLE t ADD UNIQUE KEY by_v (v); INSERT INTO t VALUES (7, -7), (1000, 42)",
                                 "shop");
        const rf::report stopped = copy(rf::write_kind::skip_existing, 1000, way);
        INFO(why(stopped));
        CHECK(stopped.rows == 41);
        CHECK(stopped.skipped == 1);
        CHECK(stopped.failure->code == 1062);
        CHECK_THAT(why(stopped), ContainsSubstring("the row with key (42)") && ContainsSubstring("by_v"));
        CHECK(servers().target.value("SELECT v FROM t WHERE id = 7", "shop") == "-7");
        CHECK(servers().copied("t") == 42);
        servers().target.execute("DELETE FROM t WHERE id = 1000", "shop");
        const rf::report mended = copy(rf::write_kind::skip_existing, 1000, way);
        INFO(why(mended));
        CHECK(mended.complete());
        CHECK(servers().copied("t") == 100);
    }
}

TEST_CASE("a refused row of a copy inside one server is named") {
    servers().clear();
    servers().source.create_database("copy");
    const std::string definition = "CREATE TABLE t (id INT PRIMARY KEY, v INT)";
    servers().source.execute(definition, "shop");
    servers().source.execute(definition, "copy");
    servers().source.execute("ALTER TABLE t ADD CONSTRAINT small CHECK (v <> 42)", "copy");
    fill_hundred();
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().source.uri("copy"));
    const rf::report stopped = rf::pipeline{rf::fixed_batch{.rows = 30}}.copy(source, target, "t");
    INFO(why(stopped));
    CHECK(stopped.route == rf::route::server_side);
    CHECK(stopped.rows == 41);
    CHECK_THAT(why(stopped), ContainsSubstring("the row with key (42)") && ContainsSubstring("small"));
    CHECK(servers().source.value("SELECT CONCAT(COUNT(*), ' ', MAX(id)) FROM t", "copy") == "41 41");
    servers().source.execute("ALTER TABLE t DROP CONSTRAINT small", "copy");
    CHECK(rf::pipeline{rf::fixed_batch{.rows = 30}}.copy(source, target, "t").complete());
    CHECK(servers().source.query("SELECT * FROM t", "copy") == servers().source.query("SELECT * FROM t", "shop"));
}
