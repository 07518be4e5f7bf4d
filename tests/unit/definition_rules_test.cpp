// SPDX-License-Identifier: BSL-1.0
// What one product takes in a definition and the other one refuses: settled before anything is created.
#include "catch.hpp"

#include <rowferry/sql/adapt_definition.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;
namespace sql = rowferry::sql;
using Catch::Matchers::ContainsSubstring;
using rf::remedy;

namespace {

const sql::server_abilities mariadb{
    sql::dialect::mariadb, 101'119, {"utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci"}, {"InnoDB", "Aria"}, {}};
const sql::server_abilities mysql{
    sql::dialect::mysql, 90'700, {"utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci"}, {"InnoDB", "MyISAM"}, {}};

rf::result<rf::new_table> adapt(const sql::server_abilities& target, const std::string& items,
                                const rf::definition_changes& changes = {},
                                const std::string& options = "ENGINE=InnoDB DEFAULT CHARSET=latin1",
                                const std::string& collation = "latin1_swedish_ci") {
    rf::table_definition from;
    from.dialect = target.dialect == sql::dialect::mysql ? sql::dialect::mariadb : sql::dialect::mysql;
    from.statement = "CREATE TABLE `t` (\n  " + items + "\n) " + options;
    from.collation = collation;
    from.schema.name = "t";
    from.schema.engine = "InnoDB";
    return sql::adapt_definition(from, "t", changes, target);
}
std::string statement(const rf::result<rf::new_table>& made) {
    INFO((made ? std::string() : to_string(made.error())));
    REQUIRE(made.has_value());
    return made->statement;
}
void check_refused(const rf::result<rf::new_table>& made, const std::string& why, const remedy& helps) {
    REQUIRE_FALSE(made.has_value());
    CHECK_THAT(made.error().message, ContainsSubstring(why));
    CHECK(made.error().remedies == std::vector{helps});
}
const remedy by_hand{remedy::create_by_hand};
remedy leave_out(const std::string& feature) { return {remedy::leave_out, {}, feature}; }

} // namespace

TEST_CASE("limits of MySQL's types are refused with what to alter", "[definition][rules]") {
    check_refused(adapt(mysql, "`d` decimal(40,35)"), "30 digits after the point at most",
                  {remedy::alter_source, "column d", "a scale of 30 at most"});
    check_refused(adapt(mysql, "`y` year(2)"), "column y is YEAR(2)", {remedy::alter_source, "column y", "YEAR"});
    CHECK_THAT(statement(adapt(mysql, "`d` decimal(65,30), `y` year(4)")), ContainsSubstring("decimal(65,30)"));
    CHECK_THAT(statement(adapt(mariadb, "`d` decimal(40,30)")), ContainsSubstring("decimal(40,30)"));
}

TEST_CASE("MySQL computes nothing from an AUTO_INCREMENT column, and clones may do without the attribute",
          "[definition][rules]") {
    const std::string id = "`id` int NOT NULL AUTO_INCREMENT,\n  ";
    for (const char* use : {"`g` int GENERATED ALWAYS AS (`id` * 2) VIRTUAL,\n  ", "CHECK (`id` > 0),\n  ",
                            "`d` int DEFAULT (`id` + 1),\n  "}) {
        const std::string items = id + use + "PRIMARY KEY (`id`)";
        INFO(items);
        check_refused(adapt(mysql, items), "computed from the AUTO_INCREMENT column id", leave_out("auto-increment"));
        const auto without = adapt(mysql, items, {.leave_out = {"auto-increment"}},
                                   "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1");
        CHECK_THAT(statement(without), !ContainsSubstring("AUTO_INCREMENT"));
        CHECK(without->used.leave_out == std::vector<std::string>{"auto-increment"});
    }
    CHECK_THAT(statement(adapt(mysql, id + "`v` int DEFAULT (`w`),\n  `w` int,\n  PRIMARY KEY (`id`)")),
               ContainsSubstring("AUTO_INCREMENT"));
    check_refused(adapt(mysql, "`id` float NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)"),
                  "column id is float with AUTO_INCREMENT", leave_out("auto-increment"));
}

TEST_CASE("what gives another value each time stands in defaults only on MySQL", "[definition][rules]") {
    check_refused(adapt(mysql, "`g` varchar(99) GENERATED ALWAYS AS (concat(user(),'x')) VIRTUAL"),
                  "column g uses user(), which MySQL allows in defaults only", by_hand);
    CHECK_THAT(statement(adapt(mysql, "`g` varchar(99) DEFAULT user()")), ContainsSubstring("DEFAULT (user())"));
}

TEST_CASE("partitions that MySQL lacks are left out on request only", "[definition][rules]") {
    const std::string innodb = "ENGINE=InnoDB DEFAULT CHARSET=latin1";
    const std::string by_default =
        "\n PARTITION BY LIST (`a`)\n(PARTITION `p` VALUES IN (1) ENGINE = InnoDB,\n PARTITION "
        "`d` DEFAULT ENGINE = InnoDB)";
    check_refused(adapt(mysql, "`a` int", {}, innodb + by_default), "partition d takes all other values",
                  leave_out("partitions"));
    CHECK_THAT(statement(adapt(mysql, "`a` int", {.leave_out = {"partitions"}}, innodb + by_default)),
               !ContainsSubstring("PARTITION"));
    const std::string by_hash = "\n PARTITION BY HASH (`a`)\nPARTITIONS 2";
    check_refused(adapt(mysql, "`a` int", {}, "ENGINE=MyISAM DEFAULT CHARSET=latin1" + by_hash),
                  "for the engine MyISAM", leave_out("partitions"));
    // Others stay, also with the option.
    CHECK_THAT(statement(adapt(mysql, "`a` int", {.leave_out = {"partitions"}}, innodb + by_hash)),
               ContainsSubstring("PARTITION BY HASH"));
}

TEST_CASE("words of expressions that MariaDB does not read", "[definition][rules]") {
    const auto refused = [](const std::string& computes, const std::string& what) {
        check_refused(adapt(mariadb, "`j` json,\n  `g` int GENERATED ALWAYS AS (" + computes + ") STORED"),
                      "column g " + what, by_hand);
    };
    refused("json_value(`j`, _utf8mb4'$.n' returning signed)", "uses JSON_VALUE() with RETURNING");
    refused("json_value(`j`, _utf8mb4'$.n' null on empty)", "uses JSON_VALUE() with ON EMPTY or ON ERROR");
    refused("(1 member of (`j`))", "uses MEMBER OF");
    refused("cast(`j` as json)", "casts to the type json");
    CHECK_THAT(statement(adapt(mariadb, "`a` int,\n  `g` double GENERATED ALWAYS AS (cast(`a` as real)) STORED")),
               ContainsSubstring("cast(`a` as double)"));
    CHECK_THAT(statement(adapt(mysql, "`a` int,\n  `g` char(9) GENERATED ALWAYS AS (cast(`a` as varchar(9))) STORED")),
               ContainsSubstring("cast(`a` as char(9))"));
    check_refused(adapt(mysql, "`a` char(36),\n  `g` char(36) GENERATED ALWAYS AS (cast(`a` as uuid)) STORED"),
                  "casts to the type uuid, which MySQL does not support", by_hand);
}

TEST_CASE("functions of the session's language: rewritten where that changes nothing, refused in what is kept",
          "[definition][rules]") {
    const auto column = [](const std::string& computes, const std::string& how, const std::string& key = {}) {
        return adapt(mariadb, "`d` datetime,\n  `g` varchar(20) GENERATED ALWAYS AS (" + computes + ") " + how + key);
    };
    CHECK_THAT(statement(column("date_format(`d`,_latin1'%Y-%m')", "STORED")),
               ContainsSubstring("date_format(`d`,_latin1'%Y-%m','en_US')"));
    CHECK_THAT(statement(column("concat(date_format(`d`,'%Y'),date_format(`d`,'%m'))", "STORED")),
               ContainsSubstring("concat(date_format(`d`,'%Y','en_US'),date_format(`d`,'%m','en_US'))"));
    check_refused(column("date_format(`d`,'%M')", "STORED"),
                  "column g uses date_format(), which depends on the session", by_hand);
    check_refused(column("date_format(`d`,concat('%Y'))", "STORED"), "uses date_format()", by_hand);
    check_refused(column("dayname(`d`)", "STORED"), "uses dayname()", by_hand);
    check_refused(column("dayname(`d`)", "VIRTUAL", ",\n  KEY `k` (`G`)"), "uses dayname()", by_hand);
    check_refused(column("week(`d`)", "STORED"), "uses week()", by_hand);
    CHECK_THAT(statement(column("week(`d`,3)", "STORED")), ContainsSubstring("week(`d`,3)"));
    CHECK_THAT(statement(column("dayname(`d`)", "VIRTUAL")), ContainsSubstring("dayname(`d`)"));
    check_refused(adapt(mariadb, "`d` datetime,\n  CONSTRAINT `c` CHECK ((monthname(`d`) <> 'x'))"),
                  "CHECK c uses monthname()", by_hand);
}

TEST_CASE("keys over generated columns that MariaDB lacks, and what is expected of the clone then",
          "[definition][rules]") {
    const std::string items =
        "`a` int,\n  `g` int GENERATED ALWAYS AS (`a` + 1) STORED,\n  PRIMARY KEY (`g`),\n  UNIQUE "
        "KEY `u` (`g`)";
    check_refused(adapt(mariadb, items), "the primary key is over column g, which is generated",
                  leave_out("generated-keys"));
    rf::table_definition from;
    from.dialect = sql::dialect::mysql;
    from.statement = "CREATE TABLE `t` (\n  " + items + "\n) ENGINE=InnoDB DEFAULT CHARSET=latin1";
    from.collation = "latin1_swedish_ci";
    from.schema.name = "t";
    from.schema.engine = "InnoDB";
    from.schema.keys = {{"PRIMARY", {}}, {"u", {}}};
    from.schema.unique_indexes = {{"PRIMARY", {}}, {"u", {}}};
    const auto made = sql::adapt_definition(from, "t", {.leave_out = {"generated-keys"}}, mariadb);
    CHECK_THAT(statement(made), !ContainsSubstring("PRIMARY") && ContainsSubstring("UNIQUE KEY `u`"));
    REQUIRE(made->schema.keys.size() == 1);
    CHECK(made->schema.keys[0].name == "u");
    CHECK(made->schema.unique_indexes.size() == 1);
}

TEST_CASE("an invisible column without a default becomes visible on request", "[definition][rules]") {
    const std::string items = "`a` int NOT NULL /*!80023 INVISIBLE */";
    check_refused(adapt(mariadb, items), "column a is INVISIBLE and NOT NULL without a default",
                  leave_out("invisible-columns"));
    CHECK_THAT(statement(adapt(mariadb, items, {.leave_out = {"invisible-columns"}})), !ContainsSubstring("INVISIBLE"));
}

TEST_CASE("a charset that the target lacks is not advised to be mapped", "[definition][rules]") {
    check_refused(adapt(mariadb, "`c` char(9) CHARACTER SET gb18030 COLLATE gb18030_chinese_ci"),
                  "column c has the charset gb18030, which the target does not know",
                  {remedy::alter_source, "column c", "a charset that the target knows"});
}

TEST_CASE("how rows lie in pages is kept, and left out on request", "[definition][rules]") {
    const std::string options = "ENGINE=InnoDB DEFAULT CHARSET=latin1 ROW_FORMAT=FIXED KEY_BLOCK_SIZE=3";
    CHECK_THAT(statement(adapt(mysql, "`a` int", {}, options)),
               ContainsSubstring("ROW_FORMAT=fixed") && ContainsSubstring("KEY_BLOCK_SIZE=3"));
    const auto without =
        adapt(mysql, "`a` int,\n  KEY `k` (`a`) KEY_BLOCK_SIZE=4", {.leave_out = {"row-format"}}, options);
    CHECK_THAT(statement(without), !ContainsSubstring("ROW_FORMAT") && !ContainsSubstring("KEY_BLOCK_SIZE"));
    const auto myisam = adapt(mysql, "`a` int", {.engines = {{"MyISAM", "InnoDB"}}},
                              "ENGINE=MyISAM DEFAULT CHARSET=latin1 ROW_FORMAT=FIXED");
    CHECK_THAT(statement(myisam), ContainsSubstring("ENGINE=InnoDB") && !ContainsSubstring("ROW_FORMAT"));
    const auto aria = adapt(mysql, "`a` int", {.engines = {{"Aria", "InnoDB"}}},
                            "ENGINE=Aria DEFAULT CHARSET=latin1 ROW_FORMAT=PAGE");
    CHECK_THAT(statement(aria), ContainsSubstring("ENGINE=InnoDB") && !ContainsSubstring("ROW_FORMAT"));
}

TEST_CASE("a CHECK's name that the database has already is left to the server", "[definition][rules]") {
    sql::server_abilities taken = mysql;
    taken.taken_checks = {"sound"};
    const std::string items = "`a` int,\n  CONSTRAINT `Sound` CHECK (`a` > 0)";
    const auto made = adapt(taken, items);
    CHECK_THAT(statement(made), ContainsSubstring("\n  CHECK (`a` > 0)"));
    REQUIRE_FALSE(made->notices.empty());
    CHECK_THAT(made->notices[0], ContainsSubstring("CHECK Sound"));
    CHECK_THAT(statement(adapt(mysql, items)), ContainsSubstring("CONSTRAINT `Sound`"));
}

TEST_CASE("the changes that a definition has a place for are told from the others", "[definition][rules]") {
    const rf::definition_changes wanted{.collations = {{"latin1_swedish_ci", "latin1_swedish_ci"}, {"x_a", "x_b"}},
                                        .types = {{"uuid", "char(36)"}, {"inet6", "varchar(45)"}},
                                        .engines = {{"Aria", "InnoDB"}, {"MyISAM", "InnoDB"}},
                                        .leave_out = {"srid", "periods"}};
    const auto made =
        adapt(mysql, "`u` uuid,\n  `g` geometry REF_SYSTEM_ID=4326", wanted, "ENGINE=Aria DEFAULT CHARSET=latin1");
    REQUIRE(made.has_value());
    const rf::definition_changes left = wanted.without(made->used);
    CHECK(left.collations == std::vector<rf::replacement>{{"x_a", "x_b"}});
    CHECK(left.types == std::vector<rf::replacement>{{"inet6", "varchar(45)"}});
    CHECK(left.engines == std::vector<rf::replacement>{{"MyISAM", "InnoDB"}});
    CHECK(left.leave_out == std::vector<std::string>{"periods"});
}

TEST_CASE("a mapped type is expected as the server will show it", "[definition][rules]") {
    const auto type_of = [](const std::string& from, const std::string& to) {
        rf::table_definition shown;
        shown.statement = "CREATE TABLE `t` (\n  `c` " + from + "\n) ENGINE=InnoDB DEFAULT CHARSET=latin1";
        shown.collation = "latin1_swedish_ci";
        shown.schema.name = "t";
        shown.schema.engine = "InnoDB";
        shown.schema.columns.push_back({"c", rf::column_kind::integer, from});
        const auto made = sql::adapt_definition(shown, "t", {.types = {{from, to}}}, mariadb);
        REQUIRE(made.has_value());
        const rf::column& c = made->schema.columns[0];
        return c.type + (c.is_unsigned ? " (unsigned)" : "");
    };
    CHECK(type_of("int", "int unsigned") == "int unsigned (unsigned)");
    CHECK(type_of("int", "integer") == "int");
    CHECK(type_of("datetime(6)", "datetime") == "datetime");
    CHECK(type_of("uuid", "uuid") == "uuid");
    rf::definition_changes changes{.types = {{"int unsigned", "bigint unsigned"}}};
    CHECK_THAT(statement(adapt(mysql, "`a` int(10) unsigned", changes)), ContainsSubstring("`a` bigint unsigned"));
    CHECK(type_of("int", "boolean") == "tinyint(1)");
    CHECK(type_of("int", "numeric") == "decimal(10,0)");
    CHECK(type_of("double", "real") == "double");
}

TEST_CASE("a statement is renamed only where it is one of ours", "[definition][rules]") {
    rf::new_table table;
    table.schema.name = "a`b";
    table.statement = "CREATE TABLE `a``b` (\n  `a``b` int\n)";
    CHECK(sql::renamed(table, "c`d") == "CREATE TABLE `c``d` (\n  `a``b` int\n)");
    table.statement = "CREATE TABLE `a` (x int)";
    CHECK(sql::renamed(table, "c").empty());
}
