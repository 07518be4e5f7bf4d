// SPDX-License-Identifier: BSL-1.0
// Definitions of both products, taken apart, put together again, and rewritten for the other one.
#include "catch.hpp"

#include <rowferry/sql/adapt_definition.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;
namespace sql = rowferry::sql;
using Catch::Matchers::ContainsSubstring;

namespace {

const sql::server_abilities mariadb{
    sql::dialect::mariadb,
    101'111,
    {"utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci", "utf8mb4_uca1400_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"},
    {"InnoDB", "Aria"},
    {"InnoDB"}};
const sql::server_abilities mysql{sql::dialect::mysql,
                                  90'400,
                                  {"utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci", "utf8mb4_0900_ai_ci"},
                                  {"InnoDB"},
                                  {"InnoDB"}};

/// A definition with these items and options.
rf::table_definition shown(sql::dialect d, const std::string& items,
                           const std::string& options = "ENGINE=InnoDB DEFAULT CHARSET=latin1",
                           const std::string& collation = "latin1_swedish_ci") {
    rf::table_definition definition;
    definition.dialect = d;
    definition.statement = "CREATE TABLE `t` (\n  " + items + "\n) " + options;
    definition.collation = collation;
    definition.schema.name = "t";
    definition.schema.engine = "InnoDB";
    return definition;
}
/// The items that MySQL's, or MariaDB's, become in the other product.
std::string across(const rf::table_definition& from, const rf::definition_changes& changes = {}) {
    auto made = sql::adapt_definition(from, "t", changes, from.dialect == sql::dialect::mysql ? mariadb : mysql);
    if (!made) return to_string(made.error());
    const std::string& text = made->statement;
    const auto begin = text.find("(\n  ") + 4;
    return text.substr(begin, text.find("\n) ENGINE") - begin);
}
std::string to_mariadb(const std::string& items, const rf::definition_changes& changes = {}) {
    return across(shown(sql::dialect::mysql, items), changes);
}
std::string to_mysql(const std::string& items, const rf::definition_changes& changes = {}) {
    return across(shown(sql::dialect::mariadb, items), changes);
}

} // namespace

TEST_CASE("on the same product the charset gets its collation, and foreign keys are left out", "[definition]") {
    const auto made = sql::adapt_definition(
        shown(sql::dialect::mysql,
              "`id` int,\n  KEY `k` (`id`),\n  CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)"),
        "u", {}, mysql);
    REQUIRE(made.has_value());
    CHECK(made->statement ==
          "CREATE TABLE `u` (\n  `id` int,\n  KEY `k` (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=latin1 "
          "COLLATE=latin1_swedish_ci");
    REQUIRE(made->notices.size() == 1);
    CHECK(made->notices[0] == "foreign key f of table t is left out of the clone");
}

TEST_CASE("names of collations are in lower case, however a server shows them", "[definition]") {
    const auto made = sql::adapt_definition(
        shown(sql::dialect::mysql,
              "`a` varchar(9) CHARACTER SET UTF8MB4 COLLATE Utf8mb4_Bin,\n  `b` varchar(9) DEFAULT (lower(_utf8mb4'x' "
              "COLLATE UTF8MB4_bin))"),
        "u", {}, mysql);
    REQUIRE(made.has_value());
    CHECK(made->statement.find("`a` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,") != std::string::npos);
    CHECK(made->statement.find("collate utf8mb4_bin))") != std::string::npos);
}

TEST_CASE("MySQL's words become MariaDB's", "[definition]") {
    CHECK(to_mariadb("`i` int DEFAULT '5' /*!80023 INVISIBLE */") == "`i` int DEFAULT '5' INVISIBLE");
    CHECK(to_mariadb("KEY `k` (`i`) /*!80000 INVISIBLE */") == "KEY `k` (`i`) IGNORED");
    CHECK(to_mariadb("`g` geomcollection DEFAULT NULL") == "`g` geometrycollection DEFAULT NULL");
    CHECK(to_mariadb("`s` char(1),\n  CONSTRAINT `c` CHECK ((`s` <> _utf8mb4'\xC3\xB6'))") ==
          "`s` char(1),\n  CONSTRAINT `c` CHECK ((`s` <> '\xC3\xB6'))");
    CHECK(to_mariadb("`j` json DEFAULT (json_object())") == "`j` json DEFAULT (json_object())");
}

TEST_CASE("MariaDB's words become MySQL's", "[definition]") {
    CHECK(to_mysql("`u` varchar(9) DEFAULT user()") == "`u` varchar(9) DEFAULT (user())");
    CHECK(to_mysql("`d` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)") ==
          "`d` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)");
    CHECK(to_mysql("`d` date DEFAULT curdate()") == "`d` date DEFAULT (curdate())");
    CHECK(to_mysql("`t` text DEFAULT 'x'") == "`t` text DEFAULT ('x')");
    CHECK(to_mysql("`b` blob DEFAULT X'00ff'") == "`b` blob DEFAULT (X'00ff')");
    CHECK(to_mysql("`t` text DEFAULT NULL") == "`t` text DEFAULT NULL");
    CHECK(to_mysql("`n` decimal(3,1) DEFAULT -1.5") == "`n` decimal(3,1) DEFAULT -1.5");
    CHECK(to_mysql("`e` double DEFAULT 1e-300") == "`e` double DEFAULT 1e-300");
    CHECK(to_mysql("`e` double DEFAULT -1.5e+20") == "`e` double DEFAULT -1.5e+20");
    CHECK(to_mysql("KEY `k` (`i`) IGNORED") == "KEY `k` (`i`) INVISIBLE");
    CHECK(to_mysql("`a` int,\n  CONSTRAINT `CONSTRAINT_1` CHECK (`a` > 0)") == "`a` int,\n  CHECK (`a` > 0)");
    CHECK(to_mysql("`u` uuid DEFAULT uuid()", {.types = {{"uuid", "char(36)"}}}) == "`u` char(36) DEFAULT (uuid())");
}

TEST_CASE("all that stands in the way is in one error, with the remedy of each", "[definition]") {
    const auto refused = sql::adapt_definition(
        shown(sql::dialect::mysql, "`v` vector(3) DEFAULT NULL,\n"
                                   "  `n` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci DEFAULT NULL,\n"
                                   "  `p` point NOT NULL /*!80003 SRID 4326 */,\n  KEY `f` ((lower(`n`))),\n"
                                   "  CONSTRAINT `c` CHECK ((`v` < 1)) /*!80016 NOT ENFORCED */"),
        "t", {}, mariadb);
    REQUIRE_FALSE(refused.has_value());
    using rf::remedy;
    const std::vector<remedy> wanted{
        {remedy::map_type, "vector", "blob"},
        {remedy::map_collation, "utf8mb4_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"},
        {remedy::leave_out, "", "srid"},
        {remedy::leave_out, "", "functional-keys"},
        {remedy::leave_out, "", "not-enforced-checks"},
    };
    CHECK(refused.error().remedies == wanted);
    const std::string& why = refused.error().message;
    CHECK_THAT(why, ContainsSubstring("for 5 reasons, each with its remedy"));
    CHECK(why.find("column v") < why.find("column n"));
    CHECK(why.find("column n") < why.find("column p"));
    CHECK(why.find("column p") < why.find("key f"));
    CHECK(why.find("key f") < why.find("CHECK c"));
}

TEST_CASE("what the other product lacks is refused with what helps", "[definition]") {
    using rf::remedy;
    const auto remedy_of = [](sql::dialect from, const std::string& items) {
        const auto made =
            sql::adapt_definition(shown(from, items), "t", {}, from == sql::dialect::mysql ? mariadb : mysql);
        REQUIRE_FALSE(made.has_value());
        INFO(made.error().message);
        REQUIRE(made.error().remedies.size() == 1);
        return made.error().remedies[0];
    };
    const auto to_mysql = [&](const std::string& items) { return remedy_of(sql::dialect::mariadb, items); };
    const auto leave_out = [](const std::string& what) { return remedy{remedy::leave_out, "", what}; };
    CHECK(to_mysql("`u` uuid DEFAULT NULL") == remedy{remedy::map_type, "uuid", "char(36)"});
    CHECK(to_mysql("UNIQUE KEY `h` (`t`) USING HASH") == leave_out("long-unique-keys"));
    CHECK(to_mysql("`i` int DEFAULT nextval(`a`.`s`)") == leave_out("sequence-defaults"));
    CHECK(to_mysql("PERIOD FOR `p` (`a`, `b`)") == leave_out("periods"));
    CHECK(to_mysql("`c` text /*M!100301 COMPRESSED*/") == leave_out("column-compression"));
    CHECK(to_mysql("`c` text COMPRESSED") == leave_out("column-compression"));
    CHECK(remedy_of(sql::dialect::mysql, "`u` binary(16) DEFAULT (uuid_to_bin(uuid()))").what ==
          remedy::create_by_hand);
}

TEST_CASE("a member that may be another character than it shows is refused", "[definition]") {
    auto from =
        shown(sql::dialect::mariadb, "`e` enum('z','?') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL");
    from.schema.columns.push_back({"e", rf::column_kind::enumeration, "enum('z','?')", "utf8mb4", "utf8mb4_bin"});
    for (const sql::server_abilities& target : {mariadb, mysql}) {
        const auto made = sql::adapt_definition(from, "t", {}, target);
        REQUIRE_FALSE(made.has_value());
        CHECK_THAT(made.error().message, ContainsSubstring("column e has a member with a question mark"));
        CHECK(made.error().offers(rf::remedy::create_by_hand));
    }
    // What has no such characters shows what it is.
    from.schema.columns[0].charset = "latin1";
    CHECK(sql::adapt_definition(from, "t", {}, mariadb).has_value());
    from.schema.columns[0].charset = "utf8mb4";
    from.dialect = sql::dialect::mysql;
    CHECK(sql::adapt_definition(from, "t", {}, mysql).has_value());
}

TEST_CASE("what may be left out is left out, and said", "[definition]") {
    CHECK(to_mysql("`c` text /*M!100301 COMPRESSED*/ DEFAULT NULL", {.leave_out = {"column-compression"}}) ==
          "`c` text DEFAULT NULL");
    CHECK(to_mysql("`id` int,\n  `e` timestamp(6) GENERATED ALWAYS AS ROW END,\n  PRIMARY KEY (`id`,`e`)",
                   {.leave_out = {"system-versioning"}}) == "`id` int,\n  PRIMARY KEY (`id`)");
    CHECK(to_mariadb("`a` int,\n  KEY `f` ((`a` + 1))", {.leave_out = {"functional-keys"}}) == "`a` int");
}

TEST_CASE("an engine that the target lacks is mapped, and takes its own options with it", "[definition]") {
    const auto aria = shown(sql::dialect::mariadb, "`a` int", "ENGINE=Aria DEFAULT CHARSET=latin1 PAGE_CHECKSUM=1");
    const auto refused = sql::adapt_definition(aria, "t", {}, mysql);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().remedies == std::vector{rf::remedy{rf::remedy::map_engine, "Aria", "InnoDB"}});
    const auto mapped = sql::adapt_definition(aria, "t", {.engines = {{"Aria", "InnoDB"}}}, mysql);
    REQUIRE(mapped.has_value());
    CHECK_THAT(mapped->statement, ContainsSubstring("ENGINE=InnoDB") && !ContainsSubstring("PAGE_CHECKSUM"));
}

TEST_CASE("a function that the target lacks is refused on one product too: a name may be another's function there",
          "[definition]") {
    const auto refused = sql::adapt_definition(
        shown(sql::dialect::mysql, "`a` int,\n  CONSTRAINT `c` CHECK ((kdf(`a`,'x') = 1))"), "t", {}, mysql);
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().message, ContainsSubstring("kdf()"));
    CHECK_THAT(to_mysql("`a` int DEFAULT (months_between(1,2))"), ContainsSubstring("months_between()"));
    CHECK_THAT(to_mysql("`j` longtext DEFAULT (json_key_value(`j`,'$.a'))"),
               ContainsSubstring("uses json_key_value()"));
}

TEST_CASE("a definition that is far too long is refused before it is read", "[definition]") {
    const auto refused = sql::adapt_definition(shown(sql::dialect::mysql, std::string(5'000'000, '(')), "t", {}, mysql);
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().message, ContainsSubstring("is longer than one of 0 columns can be"));
}

TEST_CASE("the version of a server is read as version comments count it", "[definition]") {
    CHECK(sql::version_number("10.11.6-MariaDB-1") == 101'106);
    CHECK(sql::version_number("9.4.0") == 90'400);
    CHECK(sql::version_number("strange") == 0);
}
