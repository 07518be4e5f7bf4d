// SPDX-License-Identifier: BSL-1.0
// The grammar of definitions: every clause of both products, and what a hostile server puts into its SHOW CREATE TABLE.
#include "catch.hpp"
#include "fuzz/definition_property.hpp"

#include <rowferry/sql/adapt_definition.hpp>

#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
namespace sql = rowferry::sql;
namespace grammar = rowferry::sql::grammar;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string in_table =
    "CREATE TABLE `t` (\n  `id` int,\n  `a` int,\n  `s` varchar(9),\n  `j` json,\n  `d` datetime,\n  ";
const std::string innodb = "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

std::string with_item(const std::string& item) { return in_table + item + innodb; }
std::string with_expression(const std::string& e) { return with_item("CONSTRAINT `c` CHECK (" + e + ")"); }
std::string with_options(const std::string& options) { return "CREATE TABLE `t` (\n  `id` int\n) " + options; }

/// The statement as it is written anew; the refusal when it is refused.
std::string rewritten(const std::string& statement) {
    const auto parsed = grammar::parse(statement);
    return parsed ? grammar::to_statement(*parsed) : "refused: " + to_string(parsed.error());
}
void check_round_trip(const std::string& statement) {
    INFO(statement);
    const auto parsed = grammar::parse(statement);
    if (!parsed) FAIL_CHECK(to_string(parsed.error()));
    if (!parsed) return;
    const std::string written = grammar::to_statement(*parsed);
    INFO(written);
    const auto again = grammar::parse(written);
    REQUIRE(again.has_value());
    CHECK(*again == *parsed);
    CHECK(grammar::to_statement(*again) == written);
}
/// Refused on the same product and across, whatever may be left out.
void check_refused(const std::string& statement) {
    INFO(statement);
    for (unsigned choices = 0; choices < 16; ++choices) {
        const fuzz::passage p = fuzz::passage_of(statement, choices);
        const auto made = sql::adapt_definition(p.from, "t", p.changes, fuzz::abilities(p.to));
        if (made) FAIL_CHECK("became " << made->statement);
        if (made) return;
        CHECK(made.error().offers(rf::remedy::create_by_hand));
        CHECK_THAT(made.error().message, ContainsSubstring("table t"));
    }
}
/// The same for a long statement, read once.
void check_is_refused(const std::string& statement) {
    INFO(statement.substr(0, 200));
    const auto parsed = grammar::parse(statement);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().offers(rf::remedy::create_by_hand));
}

} // namespace

TEST_CASE("columns of every type and attribute are written as they were read", "[grammar]") {
    for (const char* column : {
             "`c` tinyint(4) DEFAULT NULL",
             "`c` bigint(20) unsigned zerofill NOT NULL",
             "`c` decimal(10,2) DEFAULT 0.00",
             "`c` float DEFAULT 1e-300",
             "`c` double(5,2) unsigned DEFAULT -1.5",
             "`c` bit(5) DEFAULT b'101'",
             "`c` year(4) DEFAULT NULL",
             "`c` timestamp NULL DEFAULT NULL",
             "`c` time(6) DEFAULT '00:00:00.000000'",
             "`c` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
             "`c` date DEFAULT curdate()",
             "`c` char(3) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'it''s'",
             "`c` varbinary(9) DEFAULT X'00ff'",
             "`c` varbinary(9) DEFAULT 0x00ff",
             "`c` binary(2) DEFAULT 'a\\0'",
             "`c` longtext COMMENT 'a (b), ''c'' \\\\ `d` /*!1*/ -- ;'",
             "`c` enum('a','b''c','','ü') NOT NULL DEFAULT 'a'",
             "`c` set('x','y') DEFAULT 'x,y'",
             "`c` int NOT NULL AUTO_INCREMENT",
             "`c` int INVISIBLE",
             "`c` int GENERATED ALWAYS AS (`a` + 1) STORED NOT NULL",
             "`c` int GENERATED ALWAYS AS (`a` * 2) VIRTUAL INVISIBLE COMMENT 'x'",
             "`c` point NOT NULL SRID 4326",
             "`c` geometry REF_SYSTEM_ID=101",
             "`c` text COMPRESSED CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
             "`c` text COMPRESSED",
             "`c` uuid DEFAULT uuid()",
             "`c` inet6",
             "`c` inet4",
             "`c` vector(3)",
             "`c` xmltype",
             "`c` timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE",
             "`c` timestamp(6) GENERATED ALWAYS AS ROW END",
             "`c` int WITHOUT SYSTEM VERSIONING",
             "`c` int WITH SYSTEM VERSIONING",
             "`c` int CHECK (`c` > 0)",
             "`c` int `opt`=1 `other`='x' `third`=yes",
             "`c` int storage disk column_format fixed",
             "`c` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`c`))",
             "`c` int DEFAULT (1 + 2)",
             "`c` text DEFAULT (_utf8mb4'é')",
             "`c` blob DEFAULT (0x00)",
             "`c` json DEFAULT (json_object())",
             "`we``ird, (n)ame` int",
             "`c` int DEFAULT '0'",
             "`c` datetime DEFAULT '0000-00-00 00:00:00'",
         }) {
        const std::string statement = with_item(column);
        CHECK(rewritten(statement) == statement);
        check_round_trip(statement);
    }
}

TEST_CASE("version comments are read as their content, and are not written again", "[grammar]") {
    const std::vector<std::pair<std::string, std::string>> both{
        {"`c` int DEFAULT '5' /*!80023 INVISIBLE */", "`c` int DEFAULT '5' INVISIBLE"},
        {"`c` point NOT NULL /*!80003 SRID 4326 */", "`c` point NOT NULL SRID 4326"},
        {"`c` text /*M!100301 COMPRESSED*/ DEFAULT NULL", "`c` text COMPRESSED DEFAULT NULL"},
        {"`c` text /*!100301 COMPRESSED*/ DEFAULT NULL", "`c` text COMPRESSED DEFAULT NULL"},
        {"`c` int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */",
         "`c` int storage disk column_format dynamic"},
        {"KEY `k` (`a`) /*!80000 INVISIBLE */", "KEY `k` (`a`) INVISIBLE"},
        {"FULLTEXT KEY `k` (`s`) /*!50100 WITH PARSER `ngram` */ ", "FULLTEXT KEY `k` (`s`) WITH PARSER `ngram`"},
        {"CONSTRAINT `c` CHECK ((`a` > 0)) /*!80016 NOT ENFORCED */", "CONSTRAINT `c` CHECK ((`a` > 0)) NOT ENFORCED"},
        {"`c` timestamp /* mariadb-5.3 */ NULL", "`c` timestamp NULL"},
        {"`c` time /* 5.5 binary format */ NULL", "`c` time NULL"},
    };
    for (const auto& [from, to] : both) {
        CHECK(rewritten(with_item(from)) == with_item(to));
        check_round_trip(with_item(from));
    }
    CHECK(rewritten(with_options("/*!50100 TABLESPACE `x` */ ENGINE=InnoDB /*!80016 ENCRYPTION='Y' */")) ==
          with_options("TABLESPACE=`x` ENGINE=InnoDB ENCRYPTION='Y'").insert(31, ""));
}

TEST_CASE("keys and constraints are written as they were read", "[grammar]") {
    for (const char* item : {
             "PRIMARY KEY (`id`)",
             "PRIMARY KEY (`id`,`a` DESC) USING BTREE COMMENT 'x'",
             "UNIQUE KEY `k` (`s`(3),`a`)",
             "KEY `k` (`a`) USING HASH KEY_BLOCK_SIZE=8",
             "FULLTEXT KEY `k` (`s`) WITH PARSER `ngram`",
             "SPATIAL KEY `k` (`s`)",
             "KEY `k` ((lower(`s`)),`a` DESC)",
             "KEY `k` ((cast(json_extract(`j`,_utf8mb4'$.tags') as unsigned array)))",
             "KEY `k` (`a`) IGNORED",
             "UNIQUE KEY `k` (`id`,`p` WITHOUT OVERLAPS)",
             "VECTOR KEY `k` (`a`) `m`=8 `distance`=cosine",
             "CONSTRAINT `c` CHECK (`a` > 0)",
             "CHECK (`a` > 0)",
             "PERIOD FOR SYSTEM_TIME (`a`,`d`)",
             "PERIOD FOR `p` (`a`,`d`)",
             "KEY `k` (`a`) CLUSTERING=YES",
         }) {
        CHECK(rewritten(with_item(item)) == with_item(item));
        check_round_trip(with_item(item));
    }
    const auto foreign = grammar::parse(with_item("CONSTRAINT `f` FOREIGN KEY (`a`,`s`) REFERENCES `other`.`p` "
                                                  "(`x`,`y`) ON DELETE SET NULL ON UPDATE NO ACTION"));
    REQUIRE(foreign.has_value());
    CHECK(std::get<grammar::foreign_key>(foreign->items.back()).name == "f");
    CHECK(grammar::to_statement(*foreign).find("other") == std::string::npos);
}

TEST_CASE("table options and partitions are written as they were read", "[grammar]") {
    for (const char* options : {
             "ENGINE=InnoDB AUTO_INCREMENT=500 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
             "ENGINE=MyISAM AVG_ROW_LENGTH=3 CHECKSUM=1 DELAY_KEY_WRITE=1 KEY_BLOCK_SIZE=4 MAX_ROWS=5 MIN_ROWS=6 "
             "PACK_KEYS=0",
             "ENGINE=InnoDB STATS_PERSISTENT=1 STATS_AUTO_RECALC=default STATS_SAMPLE_PAGES=8 ROW_FORMAT=compressed",
             "ENGINE=InnoDB COMMENT='ta''ble (c) \\\\ \\n' COMPRESSION='zlib' ENCRYPTION='Y' AUTOEXTEND_SIZE=4194304",
             "ENGINE=Aria PAGE_CHECKSUM=1 TRANSACTIONAL=1 `page_compressed`=1 `encrypted`='yes'",
             "ENGINE=InnoDB WITH SYSTEM VERSIONING",
             "ENGINE=InnoDB\nPARTITION BY HASH (`id`) PARTITIONS 4",
             "ENGINE=InnoDB\nPARTITION BY LINEAR KEY ALGORITHM=2 (`id`)",
             "ENGINE=InnoDB\nPARTITION BY KEY () PARTITIONS 2",
             "ENGINE=InnoDB\nPARTITION BY RANGE (to_days(`id`))\n(PARTITION `p0` VALUES LESS THAN (10) COMMENT='x' "
             "ENGINE=InnoDB,"
             "\n PARTITION `p1` VALUES LESS THAN MAXVALUE MAX_ROWS=1 MIN_ROWS=2)",
             "ENGINE=InnoDB\nPARTITION BY RANGE COLUMNS (`id`,`a`)\n(PARTITION `p0` VALUES LESS THAN (1,MAXVALUE))",
             "ENGINE=InnoDB\nPARTITION BY LIST COLUMNS (`id`)\n(PARTITION `p0` VALUES IN (1,NULL,-3),\n PARTITION `p1` "
             "DEFAULT)",
             "ENGINE=InnoDB\nPARTITION BY LIST (`id`)\n(PARTITION `p0` VALUES IN (1))",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\nSUBPARTITION BY HASH (`id`) SUBPARTITIONS 2\n(PARTITION `p0` "
             "VALUES LESS "
             "THAN (3)\n (SUBPARTITION `s0` ENGINE=InnoDB,SUBPARTITION `s1` ENGINE=InnoDB))",
             "ENGINE=InnoDB WITH SYSTEM VERSIONING\nPARTITION BY SYSTEM_TIME INTERVAL 1 month STARTS timestamp "
             "'2020-01-01 00:00:00' AUTO PARTITIONS 3\n(PARTITION `p0` HISTORY,\n PARTITION `pn` CURRENT)",
             "ENGINE=InnoDB WITH SYSTEM VERSIONING\nPARTITION BY SYSTEM_TIME LIMIT 1000\n(PARTITION `pn` CURRENT "
             "ENGINE=InnoDB)",
         }) {
        const std::string statement = "CREATE TABLE `t` (\n  `id` int,\n  `a` int\n) " + std::string(options);
        CHECK(rewritten(statement) == statement);
        check_round_trip(statement);
    }
    const std::string table = "CREATE TABLE `t` (\n  `id` int\n) ENGINE=InnoDB";
    CHECK(rewritten(table + "\n/*!50100 PARTITION BY KEY /*!50611 ALGORITHM = 1 */ (id)\nPARTITIONS 3 */") ==
          table + "\nPARTITION BY KEY ALGORITHM=1 (`id`) PARTITIONS 3");
    CHECK(
        rewritten(table + "\n/*!50100 PARTITION BY KEY */ /*!50611 ALGORITHM = 1 */ /*!50100 (id)\nPARTITIONS 2 */") ==
        table + "\nPARTITION BY KEY ALGORITHM=1 (`id`) PARTITIONS 2");
    CHECK(rewritten(table + "\n/*!50500 PARTITION BY RANGE  COLUMNS(id)\n(PARTITION p0 VALUES LESS THAN (10) COMMENT = "
                            "'x' ENGINE = InnoDB) */") ==
          table +
              "\nPARTITION BY RANGE COLUMNS (`id`)\n(PARTITION `p0` VALUES LESS THAN (10) COMMENT='x' ENGINE=InnoDB)");
}

TEST_CASE("expressions of known parts are written as they were read", "[grammar]") {
    for (const char* e : {
             "`a` > 0 and `s` <> 'ö(' or not `a` <=> NULL",
             "(`a` between 1 and 2) xor `a` not in (1,2,3)",
             "`s` like 'a|%' escape '|'",
             "`s` not like _utf8mb4'%x'",
             "`s` regexp '^a' and `s` not rlike 'b'",
             "`a` is not NULL",
             "`a` is true",
             "case `a` when 1 then 'x' else NULL end = `s`",
             "case when `a` > 1 then 2 end",
             "(`a`,`id`) = (1,2)",
             "-`a` + +1 - -2",
             "!(`a`) or ~`a` = 3",
             "cast(`a` as char(10) charset latin1) = 'x'",
             "cast(`a` as decimal(10,2)) > 1.5",
             "cast(`s` as unsigned array)",
             "convert(`s` using utf8mb4)",
             "char(65,66 using utf8mb4)",
             "char(65)",
             "`d` + interval 1 day > `d` - interval (`a` + 1) day_hour",
             "interval(`a`,1,2) = 1",
             "extract(year_month from `d`) > 1",
             "trim(both 'x' from `s`)",
             "trim(`s`)",
             "trim(leading from `s`)",
             "substr(`s`,1,2)",
             "substring(`s` from 2 for 3)",
             "position('x' in `s`)",
             "weight_string(`s` as char(3))",
             "get_format(date,'USA')",
             "timestampdiff(second,`d`,`d`)",
             "json_value(`j`,'$.a' returning decimal(10,2) NULL on empty error on error)",
             "json_value(`j`,'$.a' default 1 on empty)",
             "json_contains(`j`,cast('1' as json))",
             "1 member of (`j`)",
             "default(`a`) = 1",
             "column_get(`s`,'a' as char charset utf8mb4)",
             "column_create('a',1 as int)",
             "row(1,2) = row(`a`,3)",
             "current_timestamp() > `d`",
             "`d` > timestamp '2020-01-01 00:00:00'",
             "`s` collate utf8mb4_bin = 'a'",
             "`a` div 2 mod 3",
             "`a` << 1 | 2 & 3 ^ 4 >> 5 % 6",
             "replace(insert(`s`,1,1,'x'),'a','b')",
             "if(`a`,left(`s`,1),right(`s`,1))",
             "`s` sounds like 'x'",
             "_latin1 0x61",
             "_binary'x'",
             "1.5e+20 < 0x1F or b'101' = X'5'",
             ".5 < `a`",
             "user() = `s`",
             "binary `s`",
         }) {
        const std::string statement = with_expression(e);
        CHECK(rewritten(statement) == statement);
        check_round_trip(statement);
    }
    CHECK(rewritten(with_expression("`j`->'$.a' = `j`->>'$.b'")) ==
          with_expression("json_extract(`j`,'$.a') = json_unquote(json_extract(`j`,'$.b'))"));
    CHECK(rewritten(with_expression("A > 1 AND ID = 2 OR LOWER(s) IS NULL")) ==
          with_expression("`A` > 1 and `ID` = 2 or lower(`s`) is NULL"));
    for (std::string_view function : grammar::functions) {
        check_round_trip(with_expression(std::string(function) + "(`a`,'x')"));
        check_round_trip(with_expression(std::string(function) + "()"));
    }
    for (std::string_view unit : grammar::units)
        check_round_trip(with_expression("`d` + interval 1 " + std::string(unit)));
}

TEST_CASE("SQL in a definition's tail is refused", "[grammar][hostile]") {
    for (const char* tail : {
             "ENGINE=InnoDB SELECT f()",
             "ENGINE=InnoDB AS SELECT f()",
             "ENGINE=InnoDB IGNORE SELECT 1",
             "ENGINE=InnoDB REPLACE AS SELECT 1",
             "ENGINE=InnoDB IGNORE AS SELECT 1",
             "ENGINE=InnoDB (SELECT f())",
             "ENGINE=InnoDB /*!50000 SELECT f() */",
             "ENGINE=InnoDB /*M!100000 SELECT f() */",
             "ENGINE=InnoDB /*! SELECT f() */",
             "ENGINE=InnoDB /*!50000SELECT f() */",
             "ENGINE=InnoDB /*!500000 SELECT f() */",
             "ENGINE=InnoDB /*!99999 SELECT f() */",
             "ENGINE=InnoDB /*M! SELECT f() */",
             "ENGINE=InnoDB WITH x AS (SELECT 1) SELECT * FROM x",
             "ENGINE=InnoDB TABLE other.t",
             "ENGINE=InnoDB VALUES ROW(1)",
             "ENGINE=InnoDB; DROP TABLE x",
             "ENGINE=InnoDB -- x",
             "ENGINE=InnoDB # x",
             "ENGINE=InnoDB /* x */",
             "ENGINE=InnoDB /*+ x */",
             "ENGINE=InnoDB COMMENT='x' SELECT 1",
             "ENGINE=InnoDB COMMENT=x SELECT 1",
             "ENGINE=InnoDB COMMENT=\"x\"",
             "ENGINE=InnoDB COMMENT='x' 'y'",
             "ENGINE=InnoDB COMMENT=(SELECT 1)",
             "ENGINE=InnoDB AUTO_INCREMENT=(SELECT 1)",
             "ENGINE=InnoDB AUTO_INCREMENT=@@port",
             "ENGINE=InnoDB AUTO_INCREMENT=1 SELECT 1",
             "ENGINE=InnoDB AUTO_INCREMENT=-1",
             "ENGINE=InnoDB AUTO_INCREMENT=1e5",
             "ENGINE=InnoDB UNKNOWN_OPTION=1",
             "ENGINE=InnoDB PASSWORD='x'",
             "ENGINE=InnoDB SEQUENCE=1",
             "ENGINE=InnoDB ROW_FORMAT=SELECT",
             "ENGINE=InnoDB START TRANSACTION",
             "ENGINE=InnoDB UNION=(SELECT 1)",
             "ENGINE=InnoDB DEFAULT CHARSET=select",
             "ENGINE=Inno-DB",
             "ENGINE='InnoDB'",
             "ENGINE=(SELECT 1)",
             "ENGINE=InnoDB `o`=SELECT",
             "ENGINE=InnoDB `o`=(SELECT 1)",
             "ENGINE=InnoDB `o`",
             "ENGINE=InnoDB \\",
             "ENGINE=InnoDB ?",
             "ENGINE=InnoDB :=",
             "ENGINE=InnoDB @a",
             "ENGINE=InnoDB COMMENT='x",
             "ENGINE=InnoDB */",
             "ENGINE=InnoDB /*!50100 COMMENT='x'",
             "LIKE other",
             "FOR UPDATE",
             "ENGINE=InnoDB\nPARTITION BY HASH (`id`) SELECT f()",
             "ENGINE=InnoDB\nPARTITION BY HASH (`id`) AS SELECT f()",
             "ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`id`) */ SELECT f()",
             "ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`id`) SELECT f() */",
             "ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`id`)",
             "ENGINE=InnoDB\nPARTITION BY HASH ((SELECT 1))",
             "ENGINE=InnoDB\nPARTITION BY HASH (f(`id`))",
             "ENGINE=InnoDB\nPARTITION BY HASH (`f`(`id`))",
             "ENGINE=InnoDB\nPARTITION BY HASH (`id`) PARTITIONS @@port",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\n(PARTITION p VALUES LESS THAN ((SELECT 1)))",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\n(PARTITION p VALUES LESS THAN (sleep(1)))",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\n(PARTITION p VALUES LESS THAN (1) NODEGROUP = (SELECT 1))",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\n(PARTITION p VALUES LESS THAN (1)) SELECT f()",
             "ENGINE=InnoDB\nPARTITION BY RANGE (`id`)\n(PARTITION p VALUES LESS THAN (1) ENGINE = InnoDB SELECT f())",
             "ENGINE=InnoDB\nPARTITION BY SYSTEM_TIME INTERVAL (SELECT 1) DAY",
             "ENGINE=InnoDB\nPARTITION BY KEY /*!50611 ALGORITHM = 1 SELECT */ (`id`)",
         }) {
        check_refused(with_options(tail));
    }
}

TEST_CASE("SQL in a definition's items is refused", "[grammar][hostile]") {
    for (const char* item : {
             "`c` int DEFAULT (SELECT 1)",
             "`c` int DEFAULT ((SELECT f()))",
             "`c` int DEFAULT (f())",
             "`c` int DEFAULT f()",
             "`c` int DEFAULT (`f`())",
             "`c` int DEFAULT (db.f())",
             "`c` int DEFAULT (`db`.`f`())",
             "`c` int DEFAULT (load_file('/etc/passwd'))",
             "`c` int DEFAULT (sleep(1))",
             "`c` int DEFAULT (benchmark(1,1))",
             "`c` int DEFAULT (get_lock('a',1))",
             "`c` int DEFAULT (@a)",
             "`c` int DEFAULT (@@version)",
             "`c` int DEFAULT (@a := 1)",
             "`c` int DEFAULT (1) SELECT",
             "`c` int DEFAULT 1 UNION SELECT 1",
             "`c` int DEFAULT (master_pos_wait('a',1))",
             "`c` int DEFAULT (nextval(`a`.`s`) + f())",
             "`c` int GENERATED ALWAYS AS ((SELECT 1)) STORED",
             "`c` int GENERATED ALWAYS AS (f(`a`)) STORED",
             "`c` int GENERATED ALWAYS AS (`other`.`a`) STORED",
             "`c` int GENERATED ALWAYS AS (`db`.`t`.`a`) STORED",
             "`c` int GENERATED ALWAYS AS (`nowhere`) STORED",
             "`c` int GENERATED ALWAYS AS (nextval(`s`)) STORED",
             "`c` int ON UPDATE f()",
             "`c` int ON UPDATE (SELECT 1)",
             "`c` int ON UPDATE user()",
             "`c` int CHECK ((SELECT 1))",
             "`c` int CHECK (exists (SELECT 1))",
             "`c` int CHECK (`a` in (SELECT 1))",
             "`c` int CHECK (`a` = any (SELECT 1))",
             "`c` int CHECK (`a` > 0) SELECT",
             "`c` int COMMENT (SELECT 1)",
             "`c` int COMMENT \"x\"",
             "`c` int COMMENT N'x'",
             "`c` int COMMENT 0x61",
             "`c` int REFERENCES `p` (`x`)",
             "`c` sometype",
             "`c` int(SELECT)",
             "`c` int(1,2)",
             "`c` enum(f())",
             "`c` enum('a',SELECT)",
             "`c` varchar(-1)",
             "`c` int /*!50000 DEFAULT (SELECT 1) */",
             "`c` int /*!50000 SELECT",
             "`c` int /*!80023 INVISIBLE */ */",
             "`c` int /* x */",
             "`c` int -- x\n",
             "`c` int # x\n",
             "`c` int /*!80023 /*!80023 INVISIBLE */ */",
             "`c` int CHARACTER SET f()",
             "`c` int COLLATE (SELECT 1)",
             "`c` int DEFAULT N'x'",
             "`c` int DEFAULT \"x\"",
             "`c` int DEFAULT 'x' 'y'",
             "`c` int DEFAULT ?",
             "`c` int DEFAULT 1abc",
             "`c` int DEFAULT 0xZZ",
             "`c` int DEFAULT x'zz'",
             "`c` int DEFAULT 1..2",
             "`c` int DEFAULT -- 1",
             "`c` int DEFAULT _nowhere'x'",
             "`c` int DEFAULT 'x",
             "`c",
             "`` int",
             "LIKE other",
             "LIKE `other`",
             "SELECT 1",
             "KEY `k` ((SELECT 1))",
             "KEY `k` ((f(`a`)))",
             "KEY `k` (`a`) USING SELECT",
             "KEY `k` (`a`) COMMENT (SELECT 1)",
             "KEY `k` (`a`) WITH PARSER f()",
             "KEY `k` (`a`) /*!50000 SELECT */",
             "CONSTRAINT `c` CHECK (`a` > (SELECT 1))",
             "CONSTRAINT `c` CHECK (`a` > 0) AS SELECT",
             "CONSTRAINT `c` CHECK (`a` > 0) /*!80016 NOT ENFORCED",
             "CONSTRAINT `c` CHECK (`a` || 'x')",
             "CONSTRAINT `c` CHECK (match (`s`) against ('x'))",
             "CONSTRAINT `c` CHECK (values(`a`))",
             "CONSTRAINT `c` CHECK (sum(`a`) > 1)",
             "CONSTRAINT `c` CHECK (row_number() over ())",
             "CONSTRAINT `c` CHECK (`a` > 1) CHECK (SELECT)",
             "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`x`) SELECT",
             "CONSTRAINT `c` CHECK (cast(`a` as SELECT))",
             "CONSTRAINT `c` CHECK (convert(`a` using SELECT))",
             "CONSTRAINT `c` CHECK (`d` + interval 1 SELECT)",
             "CONSTRAINT `c` CHECK (json_value(`j`,'$' returning SELECT))",
             "CONSTRAINT `c` CHECK (extract(SELECT from `d`))",
             "CONSTRAINT `c` CHECK (lower (`s`, (SELECT 1)))",
             "CONSTRAINT `c` CHECK (case when (SELECT 1) then 1 end)",
             "CONSTRAINT `c` CHECK ()",
             "CONSTRAINT `c` CHECK (1) )",
             "CONSTRAINT `c` CHECK (`a` > 0 ,",
             "CONSTRAINT `c` CHECK (updatexml(1,(select 1),1))",
             "PERIOD FOR `p` (`a`, (SELECT 1))",
             "`c` int DEFAULT 'a\\'",
             "`c` int DEFAULT '\\' SELECT 1",
         }) {
        check_refused(with_item(item));
    }
    check_refused(with_item(std::string("`c` int COMMENT 'a\0b'", 21)));
    check_refused(with_item("`c` int COMMENT '\xFF'"));
    check_refused(with_item("`c` int COMMENT '\xC0\xA7'")); // an overlong quote
    check_refused(with_item("`\xBF\x27` int"));
    check_refused(with_item("\xC2\xA0`c` int"));
    check_refused(with_expression(std::string(5000, '(') + "1" + std::string(5000, ')')));
    check_refused(with_expression(std::string(5000, '-') + "1"));
    std::string many_signs;
    for (int i = 0; i < 5000; ++i) many_signs += "- ";
    check_refused(with_expression(many_signs + "1"));
    for (const char* other : {"CREATE VIEW `t` AS SELECT 1", "CREATE TEMPORARY TABLE `t` (`a` int)",
                              "CREATE OR REPLACE TABLE `t` (`a` int)", "CREATE TABLE IF NOT EXISTS `t` (`a` int)",
                              "CREATE TABLE `d`.`t` (`a` int)", "CREATE TABLE t (`a` int)", "CREATE TABLE `t` SELECT 1",
                              "CREATE TABLE `t` LIKE `o`", "CREATE TABLE `t` (LIKE `o`)", "CREATE TABLE `t` (SELECT 1)",
                              "CREATE TABLE `t` (", "CREATE TABLE `t` ()", "", "SELECT 1", "DROP TABLE `t`",
                              "/*!50000 CREATE TABLE `t` (`a` int) */"}) {
        check_refused(other);
    }
}

TEST_CASE("a refusal names the table, the item and what was not understood, and is short", "[grammar]") {
    const auto refused = grammar::parse(with_item("`c` int DEFAULT (my_function(1))"));
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().message, ContainsSubstring("column c") && ContainsSubstring("\"my_function\""));
    const auto long_one = grammar::parse(with_options("ENGINE=InnoDB " + std::string(100'000, 'x') + "=1"));
    REQUIRE_FALSE(long_one.has_value());
    CHECK(long_one.error().message.size() < 300);
    const auto escaped = grammar::parse(with_item("`c\x1B[31m` int SELECT"));
    REQUIRE_FALSE(escaped.has_value());
    CHECK_THAT(escaped.error().message, ContainsSubstring("column c\\x1B[31m") && ContainsSubstring("\"SELECT\""));
    const auto secret = grammar::parse(with_options("ENGINE=FEDERATED CONNECTION 'mysql://u:pw@h/d' 'secret'"));
    REQUIRE_FALSE(secret.has_value());
    CHECK(to_string(secret.error()).find("secret") == std::string::npos);
}

TEST_CASE("engines without rows of their own, directories and connections are not passed on", "[grammar][hostile]") {
    using rf::remedy;
    const auto adapt = [](const std::string& options, const rf::definition_changes& changes = {}) {
        fuzz::passage p = fuzz::passage_of(with_options(options), 3);
        p.from.schema.engine = options.substr(7, options.find(' ') - 7);
        return sql::adapt_definition(p.from, "t", changes, fuzz::abilities(sql::dialect::mysql));
    };
    for (const char* engine :
         {"MRG_MYISAM", "FEDERATED", "SPIDER", "CONNECT", "BLACKHOLE", "S3", "EXAMPLE", "Mroonga"}) {
        const auto refused = adapt("ENGINE=" + std::string(engine) +
                                   " DEFAULT CHARSET=utf8mb4 INSERT_METHOD=LAST UNION=(`other_db`.`t`) "
                                   "CONNECTION='mysql://u:pw@h/d' `table_type`='mysql'");
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().remedies == std::vector{remedy{remedy::map_engine, engine, "InnoDB"}});
        CHECK(to_string(refused.error()).find("pw") == std::string::npos);
        const auto mapped = adapt("ENGINE=" + std::string(engine) +
                                      " DEFAULT CHARSET=utf8mb4 INSERT_METHOD=LAST UNION=(`other_db`.`t`) "
                                      "CONNECTION='mysql://u:pw@h/d' `table_type`='mysql'",
                                  {.engines = {{engine, "InnoDB"}}});
        REQUIRE(mapped.has_value());
        CHECK(mapped->statement == with_options("ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci"));
    }
    struct option {
        const char* text;
        const char* feature;
    };
    const std::string plain = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    for (const option& each :
         {option{" DATA DIRECTORY='/tmp/'", "directories"}, option{" INDEX DIRECTORY='/tmp/'", "directories"},
          option{" CONNECTION='mysql://u:pw@h/d'", "connection"}, option{" UNION=(`d`.`t`)", "connection"},
          option{" /*!50100 TABLESPACE `x` */", "tablespaces"}, option{" ENGINE_ATTRIBUTE='{}'", "engine-attributes"},
          option{" SECONDARY_ENGINE=rapid", "engine-attributes"},
          option{" /*!80021 SECONDARY_ENGINE_ATTRIBUTE='{}' */", "engine-attributes"},
          option{"\nPARTITION BY RANGE (`id`) (PARTITION p VALUES LESS THAN (1) DATA DIRECTORY = '/tmp')",
                 "directories"},
          option{"\nPARTITION BY RANGE (`id`) (PARTITION p VALUES LESS THAN (1) TABLESPACE = `x`)", "tablespaces"}}) {
        INFO(each.text);
        const auto refused = adapt(plain + each.text);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().remedies == std::vector{remedy{remedy::leave_out, "", each.feature}});
        CHECK(to_string(refused.error()).find("pw") == std::string::npos);
        const auto made = adapt(plain + each.text, {.leave_out = {each.feature}});
        REQUIRE(made.has_value());
        CHECK(made->notices.size() == 1);
        for (const char* word : {"tmp", "pw", "`d`", "`x`", "{}", "rapid"}) {
            CHECK(made->statement.find(word) == std::string::npos);
        }
    }
}

TEST_CASE("what MariaDB does not show exactly is refused, and MySQL's is taken") {
    for (const char* text : {R"(_latin1'\q')", R"(_latin1'^\d+$')", R"(_binary'\x0A')", R"(_utf8mb4'\n')"}) {
        const std::string statement = with_item("`c` varchar(9) DEFAULT (concat(" + std::string(text) + "))");
        CHECK(grammar::parse(statement, sql::dialect::mysql).has_value());
        const auto refused = grammar::parse(statement, sql::dialect::mariadb);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().offers(rf::remedy::create_by_hand));
    }
    CHECK(grammar::parse(with_item("`c` varchar(9) DEFAULT (concat('\\\\q'))"), sql::dialect::mariadb).has_value());
}

TEST_CASE("a definition has a bounded number of keys and constraints") {
    std::string statement = "CREATE TABLE `t` (\n  `id` int";
    for (int i = 0; i < 1100; ++i) statement += ",\n  CHECK (1)";
    const auto refused = grammar::parse(statement + "\n) ENGINE=InnoDB");
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().message, ContainsSubstring("more than 1024 keys"));
}

TEST_CASE("an expression is no deeper than a server's stack, whether it is nested or a chain", "[grammar][hostile]") {
    const auto repeated = [](int times, const std::string& text) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
    };
    struct chain {
        const char* first;
        const char* link;
        const char* last;
    };
    for (const chain& each : {chain{"1", " + 1", ""}, chain{"`s`", " like 'x'", ""}, chain{"1", " is null", ""},
                              chain{"1", " in (1,2)", ""}, chain{"1", " not in (1)", ""}, chain{"1", " xor 1", ""},
                              chain{"1", " xor 1 and 2", ""}, chain{"`s`", " collate utf8mb4_bin", " = 'x'"},
                              chain{"1", " between 1 and 2", ""}, chain{"`d`", " + interval 1 day", ""},
                              chain{"`j`", " member of (`j`)", ""}, chain{"`s`", " sounds like 's'", ""},
                              chain{"concat(`s`", " regexp 'x'", ")"}, chain{"(1", " << 1", ") + 1"},
                              chain{"case 1", " * 2", " when 1 then 2 end"}, chain{"1 or 2", " % 3", " and 4"}}) {
        INFO(each.link);
        check_round_trip(with_expression(each.first + repeated(490, each.link) + each.last));
        check_is_refused(with_expression(each.first + repeated(601, each.link) + each.last));
        check_is_refused(with_expression(each.first + repeated(10'000, each.link) + each.last));
    }
    CHECK_THAT(rewritten(with_expression("1" + repeated(10'000, " + 1"))),
               ContainsSubstring("CHECK c: its expression has more than 600 operators"));
    // Nested and in a row, together.
    const auto both = [&](int nested, int links) {
        return with_expression(repeated(nested, "abs(") + "1" + repeated(links, " + 1") + repeated(nested, ")"));
    };
    check_round_trip(both(300, 290));
    check_is_refused(both(300, 310));
    check_is_refused(with_expression(repeated(390, "(1 + 2 + ") + "1" + repeated(390, ")")));
    for (const char* open : {"(", "abs(", "not ", "- ", "! ", "binary ", "if(1,2,"}) {
        const std::string closed = std::string(open).find('(') == std::string::npos ? "" : ")";
        check_is_refused(with_expression(repeated(10'000, open) + "1" + repeated(10'000, closed)));
    }
    for (const char* item : {"`c` int DEFAULT (", "`c` int GENERATED ALWAYS AS (", "KEY `k` (("}) {
        INFO(item);
        const std::string end = std::string(item).ends_with("((") ? "))" : ")";
        check_is_refused(with_item(item + ("1" + repeated(10'000, " + 1")) + end));
    }
    check_is_refused(with_options("ENGINE=InnoDB\nPARTITION BY HASH (`id`" + repeated(10'000, " + 1") + ")"));
    // Lists are not deep: conditions in a row, arguments, choices, and many expressions that are not.
    check_round_trip(with_expression("`id` = 1" + repeated(2'400, " or `id` = 1")));
    check_round_trip(
        with_expression("`id` + 1 > 1" + repeated(1'200, " and `id` + 1 > 1 or `s` collate utf8mb4_bin like 'x'")));
    check_round_trip(with_expression("`id` in (1" + repeated(20'000, ",1") + ")"));
    check_round_trip(with_expression("concat(1 + 1" + repeated(5'000, ",1 + 1") + ") = 'x'"));
    check_round_trip(with_expression("case" + repeated(5'000, " when `id` = 1 + 1 then 1 + 1") + " end"));
    check_is_refused(with_expression("`id` = 1" + repeated(2'600, " or `id` = 1")));
    check_is_refused(with_expression("1" + repeated(30'000, " && 1")));
}

TEST_CASE("a definition has no more members, attributes and values than a server has", "[grammar][hostile]") {
    const auto members = [](int n, const std::string& like = "") {
        std::string all = "'0'";
        for (int i = 1; i < n; ++i) all += ",'" + std::to_string(i) + like + "'";
        return all;
    };
    CHECK(grammar::parse(with_item("`c` enum(" + members(65'535) + ")")).has_value());
    CHECK(grammar::parse(with_item("`c` enum(" + members(3'000, std::string(100, 'x')) + ")")).has_value());
    CHECK(grammar::parse(with_item("`c` set(" + members(64) + ")")).has_value());
    CHECK_THAT(rewritten(with_item("`c` enum(" + members(65'536) + ")")),
               ContainsSubstring("column c: it has more than 65535 members"));
    CHECK_THAT(rewritten(with_item("`c` set(" + members(65) + ")")),
               ContainsSubstring("column c: it has more than 64 members"));
    check_is_refused(with_item("`c` enum(" + members(40'000) + "),\n  `e` enum(" + members(40'000) + ")"));
    check_is_refused(with_item("`c` enum(" + members(6'000, std::string(100, 'x')) + ")"));
    const auto options = [](int n) {
        std::string all;
        for (int i = 0; i < n; ++i) all += " `o" + std::to_string(i) + "`=1";
        return all;
    };
    CHECK(grammar::parse(with_item("`c` int" + options(60))).has_value());
    CHECK(grammar::parse(with_options("ENGINE=InnoDB" + options(64))).has_value());
    check_is_refused(with_item("`c` int" + options(65)));
    check_is_refused(with_item("KEY `k` (`id`)" + options(65)));
    check_is_refused(with_options("ENGINE=InnoDB" + options(129)));
    const std::string list = "ENGINE=InnoDB\nPARTITION BY LIST (`id`) (PARTITION `p` VALUES IN (";
    const auto values = [](int n) {
        std::string all = "0";
        for (int i = 1; i < n; ++i) all += "," + std::to_string(i);
        return all;
    };
    CHECK(grammar::parse(with_options(list + values(30'000) + "))")).has_value());
    CHECK_THAT(rewritten(with_options(list + values(100'000) + "))")), ContainsSubstring("more than 32768 values"));
    std::string many = "ENGINE=InnoDB\nPARTITION BY HASH (`id`) (PARTITION `p`";
    for (int i = 0; i < 8'191; ++i) many += ",PARTITION `p" + std::to_string(i) + "`";
    CHECK(grammar::parse(with_options(many + ")")).has_value());
    CHECK_THAT(rewritten(with_options(many + ",PARTITION `q`)")), ContainsSubstring("more than 8192 partitions"));
}

TEST_CASE("defaults that hold each other's do not double from column to column", "[grammar][hostile]") {
    const auto chain = [](int columns, const std::string& before, const std::string& after) {
        std::string all = "`c0` int DEFAULT 1";
        for (int i = 1; i < columns; ++i) {
            const std::string one = "default(`c" + std::to_string(i - 1) + "`)";
            all += ",\n  `c" + std::to_string(i) + "` int DEFAULT (" + before + one + after + one + ")";
        }
        return all;
    };
    check_round_trip(with_item(chain(8, "", " + ")));
    check_refused(with_item(chain(30, "", " + ")));
    check_refused(with_item(chain(3'000, "abs(1) + ", " * ")));
    CHECK_THAT(rewritten(with_item(chain(3'000, "", " + "))),
               ContainsSubstring("its DEFAULT() stand for more than 600"));
    check_refused(with_item("`c` int DEFAULT (default(`e`)),\n  `e` int DEFAULT (default(`c`))"));
    std::string single = "`c0` int DEFAULT 1";
    for (int i = 1; i < 500; ++i) {
        single += ",\n  `c" + std::to_string(i) + "` int DEFAULT (default(`c" + std::to_string(i - 1) + "`) + 1)";
    }
    check_round_trip(with_item(single));
    check_round_trip(with_item("`c` int DEFAULT (default(`id`)),\n  CHECK (`c` > default(`c`) or `c` > default(`a`))"));
}

TEST_CASE("two dashes are a comment before a blank only, and none is written", "[grammar][hostile]") {
    // As MariaDB shows `int AS (- -id)`.
    CHECK(rewritten(with_item("`c` int GENERATED ALWAYS AS (--`id`) VIRTUAL")) ==
          with_item("`c` int GENERATED ALWAYS AS (- -`id`) VIRTUAL"));
    for (const char* e : {"--`id`", "---`id`", "1 --`id`", "1--`id`", "1 ---1", "(--1)", "concat(--1,--`id`)",
                          "`id`--(1)", "--'x'", "not --1", "--!`id`"}) {
        INFO(e);
        check_round_trip(with_expression(e));
        const std::string written = rewritten(with_expression(e));
        CHECK(written.find("--") == std::string::npos);
        CHECK(fuzz::wrong_with(written).empty());
    }
    for (const char* e : {"-- 1", "1 -- 1", "--\t1", "--\n1",
                          "--\x7F"
                          "1",
                          "--\x01"
                          "1",
                          "--\xC2\xA0"
                          "1",
                          "1---- 1"}) {
        INFO(e);
        check_refused(with_expression(e));
    }
    check_refused("CREATE TABLE `t` (`id` int) --");
}

TEST_CASE("strings and names end where they end, with and without backslash escapes", "[grammar]") {
    for (const char* text : {"\\\\", "\\\\''", "''", "\\'", "a\\\\''; SELECT 1 -- ", "\\0\\n\\r\\Z\\t\\b\\\"", "\\%\\_",
                             "ü\\\\", "表\\\\''"}) {
        const std::string statement =
            with_item("`c``\\` varchar(9) DEFAULT '" + std::string(text) + "' COMMENT '" + text + "'");
        INFO(statement);
        const auto parsed = grammar::parse(statement);
        REQUIRE(parsed.has_value());
        std::string written = grammar::to_statement(*parsed);
        CHECK(fuzz::wrong_with(written).empty());
        check_round_trip(statement);
    }
    // Bytes of a binary column that are not UTF-8 go as digits.
    CHECK(rewritten(with_item("`c` binary(2) DEFAULT '\xFF'''")) == with_item("`c` binary(2) DEFAULT X'FF27'"));
    CHECK(rewritten(with_expression("`s` = _binary'\xFF'")) == with_expression("`s` = _binary X'FF'"));
}
