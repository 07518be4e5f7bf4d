// SPDX-License-Identifier: BSL-1.0
// S13: a repair deletes and writes the rows that were found to differ, and no other, whatever the source answers.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace hostile;

namespace {

/// A source whose digests say that some rows differ, and that answers with these rows when it is asked for them.
lies lying_about(const std::vector<std::string>& keys, const std::vector<cells>& rows) {
    lies l;
    l.rules.push_back(when("SELECT COUNT(*), COUNT(digest)", [](answer& a) { a.rows.at(0).at(2) = "12345"; }));
    l.rules.push_back([keys](const call& c, answer& a) {
        if (c.sql.find("SHA2(") == std::string::npos || c.sql.starts_with("SELECT COUNT")) return;
        for (cells& row : a.rows) {
            for (const std::string& key : keys) {
                if (row.front() == key) row.back() = std::string(64, '0');
            }
        }
    });
    l.rules.push_back(when("SELECT `e`, `note` FROM `t` WHERE (", [rows](answer& a) { a.rows = rows; }));
    return l;
}

struct repaired {
    real_database from{"shop_source"};
    real_database to{"shop_target"};
    outcome said{};
    std::vector<std::string> before{};
    unsigned deletes = 0;

    repaired(const std::string& type, const std::vector<std::string>& values, lies source_lies,
             const std::string& change_target) {
        for (const real_database* each : {&from, &to}) {
            each->execute("CREATE TABLE t (e " + type + " NOT NULL PRIMARY KEY, note VARCHAR(40)) ENGINE=InnoDB");
            for (const std::string& value : values) each->execute("INSERT INTO t VALUES (" + value + ", 'a note')");
        }
        if (!change_target.empty()) to.execute(change_target);
        before = to.rows();
        proxy source(real_database::port(), std::move(source_lies));
        proxy target(real_database::port());
        said = run_guarded(copy_arguments(source.uri(from.uri()), target.uri(to.uri()),
                                          {"--write-mode", "skip-existing", "--verify", "--repair"}));
        target.stop();
        deletes = target.heard().count("DELETE FROM `t`");
    }
};

} // namespace

TEST_CASE("S13: a row that was not asked for is neither deleted nor written", "[hostile]") {
    for (const char* type : {"DOUBLE", "INT", "DECIMAL(4,0)", "BIGINT UNSIGNED"}) {
        const repaired c(type, {"1", "2", "3"}, lying_about({"2"}, {{"50", "evil"}}),
                         "INSERT INTO t VALUES (50, 'mine'), (51, 'mine')");
        INFO(type << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 3);
        CHECK(c.said.says("it gave a row that was not asked for"));
        CHECK(c.deletes == 0);
        CHECK(c.to.rows() == c.before);
    }
}

TEST_CASE("S13: a row that comes twice is refused", "[hostile]") {
    const repaired c("INT", {"1", "2", "3"}, lying_about({"2", "3"}, {{"2", "one"}, {"2", "two"}}), "");
    INFO(c.said.out << c.said.err);
    CHECK(c.said.exit_code == 3);
    CHECK(c.said.says("or a row twice"));
    CHECK(c.deletes == 0);
    CHECK(c.to.rows() == c.before);
}

TEST_CASE("S13: by a collation, another row is left alone, and so is one that was respelled meanwhile", "[hostile]") {
    for (const char* answered : {"zz", "B", "b "}) {
        const repaired c("VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", {"'a'", "'b'", "'c'"},
                         lying_about({"b"}, {{answered, "evil"}}), "INSERT INTO t VALUES ('zz', 'mine')");
        INFO(answered << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 3);
        CHECK(c.deletes == 0);
        CHECK(c.to.rows() == c.before);
    }
}

TEST_CASE("S13: a key that is no number gets into no statement", "[hostile]") {
    for (const char* key : {"e", "1e0--", "1 OR 1"}) {
        lies l;
        l.rules.push_back(when("SELECT COUNT(*), COUNT(digest)", [](answer& a) { a.rows.at(0).at(2) = "12345"; }));
        l.rules.push_back([key](const call& c, answer& a) {
            if (c.sql.find("SHA2(") == std::string::npos || c.sql.starts_with("SELECT COUNT")) return;
            for (cells& row : a.rows) {
                if (row.front() == "2") row = {key, std::string(64, '0')};
            }
        });
        l.rules.push_back(when("SELECT `e`, `note` FROM `t` WHERE (", answer::table({"e", "note"}, {{key, "evil"}})));
        const repaired c("DOUBLE", {"1", "2", "3"}, l, "");
        INFO(key << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 3); // equality could not be shown
        CHECK(c.said.says("a value of column e is not a number"));
        CHECK(c.deletes == 0);
        CHECK(c.to.rows() == c.before);
    }
}

TEST_CASE("S13: honest rows are repaired, of each kind of key", "[hostile]") {
    struct each_kind {
        std::string type;
        std::vector<std::string> values;
    };
    const std::vector<each_kind> all{
        {"VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", {"'a'", "'Ö'", "'straße'", "'b '", "''"}},
        {"VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", {"'a'", "'A'", "'a '", "''"}},
        {"CHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci", {"'a'", "'Müller'", "'Strasse'"}},
        {"CHAR(5) CHARACTER SET ucs2", {"'a'", "'Ö '"}},
        {"VARBINARY(20)", {"'a'", "'a '", "x'00ff'"}},
        {"FLOAT", {"0.1", "-0.0", "1e30", "-3.4e38"}},
        {"DOUBLE", {"0.1", "-0e0", "1e300", "5e-324"}},
        {"DECIMAL(8,2) UNSIGNED ZEROFILL", {"0", "1.5", "999999.99"}},
        {"INT(5) ZEROFILL", {"0", "42", "123456"}},
        {"BIT(12)", {"0", "1", "4095"}},
        {"YEAR", {"0", "1999"}},
        {"DATETIME(3)", {"'2026-01-01 00:00:00.125'", "'0000-00-00'"}},
        {"TIME", {"'-838:59:59'", "'00:00:00'"}},
        {"ENUM('b','a')", {"'a'", "'b'"}},
        {"SET('b','a')", {"'a'", "'b,a'", "''"}},
        {"UUID", {"'123e4567-e89b-12d3-a456-426655440000'", "'00000000-0000-0000-0000-000000000001'"}}};
    for (const each_kind& each : all) {
        const repaired c(each.type, each.values, {}, "UPDATE t SET note = 'another'");
        INFO(each.type << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 0);
        CHECK(c.deletes > 0);
        CHECK(c.to.rows() == c.from.rows());
    }
}
