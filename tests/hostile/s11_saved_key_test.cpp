// SPDX-License-Identifier: BSL-1.0
// S11: a last key that no copy has saved is refused, and never gets into a statement; those that a copy has saved are taken up.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

using namespace hostile;

namespace {

/// A table `t(k, note)` of 40 rows, of which a first run copied 20.
struct half_copied {
    real_database from{"shop_source"};
    real_database to{"shop_target"};
    proxy source{real_database::port()};
    outcome stopped{};
    std::size_t sent_before = 0;

    /// `value` makes a key from `seq`.
    half_copied(const std::string& type, const std::string& value) {
        const std::string table =
            "CREATE TABLE t (k " + type + " NOT NULL PRIMARY KEY, note VARCHAR(40)) ENGINE=InnoDB";
        from.execute(table);
        to.execute(table);
        from.execute("SET SESSION sql_mode = ''; INSERT INTO t SELECT " + value +
                     ", CONCAT('note ', seq) FROM (SELECT CAST(seq AS SIGNED) AS seq FROM seq_1_to_40) AS s");
        lies l;
        l.rules.push_back(
            when_nth(3, "START TRANSACTION", [](answer& a) { a = answer::failure(1142, "stopped here"); }));
        proxy target(real_database::port(), l);
        // Neither address changes: they are a part of the job's name.
        stopped = run_guarded(copy_arguments(source.uri(from.uri()), target.uri(to.uri()), {"--batch-rows", "10"}));
        sent_before = source.heard().statements().size();
    }
    [[nodiscard]] std::string last_key() const { return to.value("SELECT last_key FROM rowferry_checkpoint"); }
    /// Runs it to the end.
    [[nodiscard]] outcome go_on(const std::vector<std::string>& more = {"--batch-rows", "10"}) const {
        return run_guarded(copy_arguments(source.uri(from.uri()), to.uri(), more));
    }
    /// What the source was asked since then.
    [[nodiscard]] std::vector<std::string> sent() const {
        const auto all = source.heard().statements();
        return {all.begin() + static_cast<std::ptrdiff_t>(sent_before), all.end()};
    }
};

} // namespace

TEST_CASE("S11: the keys that a copy saves are taken up, of each type", "[hostile]") {
    struct each_type {
        std::string type;
        std::string value;
    };
    const std::vector<each_type> all{
        {"TINYINT", "seq - 20"},
        {"SMALLINT UNSIGNED", "seq + 65000"},
        {"MEDIUMINT", "seq * -100"},
        {"INT(10) UNSIGNED ZEROFILL", "seq * 7"},
        {"INT(3) ZEROFILL", "seq * 700"},
        {"BIGINT UNSIGNED", "18446744073709551575 + seq"},
        {"BIGINT", "-9223372036854775808 + seq"},
        {"YEAR", "1900 + seq"},
        {"YEAR", "IF(seq = 1, 0, 1900 + seq)"},
        {"BIT(7)", "seq"},
        {"BIT(64)", "18446744073709551575 + seq"},
        {"DECIMAL(8,3)", "seq / 8 - 2"},
        {"DECIMAL(3,3)", "seq / 80 - 0.25"},
        {"DECIMAL(10,0)", "seq * -3"},
        {"DECIMAL(8,2) UNSIGNED ZEROFILL", "seq / 4"},
        {"DOUBLE", "seq / 3 - 7"},
        {"DOUBLE", "seq * 1e300 - 2e301"},
        {"DOUBLE", "(seq - 20) * 1e-300"},
        {"DOUBLE ZEROFILL", "seq / 2"},
        {"DOUBLE(12,4)", "seq / 8 - 2"},
        {"FLOAT", "seq / 3 - 7"},
        {"FLOAT", "seq * 1e37 - 1e38"},
        {"FLOAT(9,2) ZEROFILL", "seq / 4"},
        {"DATE", "'2026-01-01' + INTERVAL seq DAY"},
        {"DATETIME(6)", "'2026-01-01' + INTERVAL seq * 1.25 SECOND"},
        {"TIME(3)", "SEC_TO_TIME(seq * 100 - 2000.5)"},
        {"TIMESTAMP(2)", "'2026-01-01' + INTERVAL seq HOUR"},
        {"ENUM('a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q','r','s',"
         "'t','u','v','w','x','y','z','1','2','3','4','5','6','7','8','9','0','A1','A2','A3','A4')",
         "seq"},
        {"SET('a','b','c','d','e','f')", "seq"},
        {"VARCHAR(20) CHARACTER SET utf8mb4", "CONCAT('e', seq, '-- ''%')"},
        {"VARBINARY(8)", "UNHEX(HEX(seq))"},
        {"UUID", "CONCAT('00000000-0000-0000-0000-0000000000', seq + 9)"}};
    for (const each_type& each : all) {
        const half_copied c(each.type, each.value);
        INFO(each.type << ", last key " << c.last_key() << '\n' << c.stopped.err);
        REQUIRE(c.to.value("SELECT COUNT(*) FROM t") == "20");
        const outcome said = c.go_on();
        INFO(said.out << said.err);
        CHECK(said.exit_code == 0);
        CHECK(c.to.rows() == c.from.rows());
    }
}

TEST_CASE("S11: the keys of pages are taken up by workers side by side", "[hostile]") {
    for (const char* type : {"INT(10) UNSIGNED ZEROFILL", "DOUBLE", "DECIMAL(8,3)", "YEAR", "BIT(16)"}) {
        const half_copied c(type, std::string(type) == "YEAR" ? "1900 + seq" : "seq");
        const outcome said = c.go_on({"--batch-rows", "3", "--jobs", "3"});
        INFO(type << '\n' << said.out << said.err);
        CHECK(said.exit_code == 0);
        CHECK(c.to.rows() == c.from.rows());
    }
}

TEST_CASE("S11: a last key that no copy has saved is refused, and asked of no server", "[hostile]") {
    struct nonsense {
        const char* type;
        std::vector<std::string> keys;
    };
    const std::vector<nonsense> all{
        {"INT", {"15.5", "015", "-0", "99999999999999999999", "1e1", "15--"}},
        {"DOUBLE", {"375e0--", "1e0--", "1e0-1e0", "1e0--1", "e", "1e", "k", "1e400", "--", "1..2", "nan"}},
        {"FLOAT", {"1e0--", "e"}},
        {"DECIMAL(8,3)", {"15.5", "15", "15.000--", "e"}}};
    for (const nonsense& each : all) {
        for (const std::string& key : each.keys) {
            const half_copied c(each.type, "seq");
            REQUIRE(c.to.value("SELECT COUNT(*) FROM t") == "20");
            c.to.execute("UPDATE rowferry_checkpoint SET last_key = '" + key + "'");
            const outcome said = c.go_on();
            const auto sent = c.sent();
            INFO(each.type << ", last key " << key << '\n' << said.out << said.err);
            CHECK(said.exit_code == 2);
            CHECK(said.says("makes no sense: the last key is not a number"));
            CHECK(std::none_of(sent.begin(), sent.end(),
                               [](const std::string& s) { return s.starts_with("SELECT `k`, `note` FROM"); }));
            CHECK(c.to.value("SELECT COUNT(*) FROM t") == "20");
        }
    }
}

TEST_CASE("S11: a page's key that is no number ends the copy, and is saved nowhere", "[hostile]") {
    for (const char* type : {"DOUBLE", "INT", "DECIMAL(8,3)"}) {
        const real_database from("shop_source");
        const real_database to("shop_target");
        for (const real_database* each : {&from, &to}) {
            each->execute("CREATE TABLE t (e " + std::string(type) + " NOT NULL PRIMARY KEY) ENGINE=InnoDB");
        }
        from.execute("INSERT INTO t SELECT seq FROM seq_1_to_40");
        lies l;
        l.rules.push_back(when("SELECT `e` FROM", [](answer& a) {
            if (a.rows.size() == 10) a.rows.back().front() = "e";
        }));
        proxy source(real_database::port(), l);
        const outcome said = run_guarded(
            copy_arguments(source.uri(from.uri()), to.uri(), {"--batch-rows", "10", "--write-mode", "upsert"}));
        source.stop();
        INFO(type << '\n' << said.out << said.err);
        CHECK(said.exit_code != 0);
        CHECK(said.says("a value of column e is not a number"));
        CHECK(source.heard().count("> e") == 0);
        CHECK(to.value("SELECT COUNT(*) FROM t") == "0");
    }
}

TEST_CASE("S11: a page with rows outside of its range ends the copy", "[hostile]") {
    for (const char* beyond : {"5", "-1", "10"}) {
        const real_database from("shop_source");
        const real_database to("shop_target");
        from.add_notes(40);
        to.add_notes(0);
        lies l;
        l.rules.push_back(when("> 10 ", [beyond](answer& a) {
            if (!a.rows.empty()) a.rows.front().front() = beyond;
        }));
        proxy source(real_database::port(), l);
        const outcome said = run_guarded(
            copy_arguments(source.uri(from.uri()), to.uri(), {"--batch-rows", "10", "--write-mode", "upsert"}));
        INFO(beyond << '\n' << said.out << said.err);
        CHECK(said.exit_code == 4);
        CHECK(said.says("a page holds a row outside of the range that was asked for"));
        CHECK(to.value("SELECT COUNT(*) FROM t") == "10");
    }
}
