// SPDX-License-Identifier: BSL-1.0
// S01 and S06: what a source's SHOW CREATE TABLE carries besides a definition is never executed on the target.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include <string>
#include <vector>

using namespace hostile;

namespace {

using strings = std::vector<std::string>;

const std::string columns = "  `id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL,\n  PRIMARY KEY (`id`)\n";
const std::string notes = "CREATE TABLE `t` (\n" + columns + ") ENGINE=InnoDB";

/// Copies `t` with this definition into a real server that has no such table.
struct cloned {
    canary bird{};
    real_database target{"shop_target"};
    outcome said{};

    explicit cloned(const std::string& definition, const std::vector<std::string>& more = {}) {
        tiny_database from;
        from.add_notes("t", 2);
        lies l;
        l.rules.push_back(when("SHOW CREATE TABLE", answer::table({"Table", "Create Table"}, {{"t", definition}})));
        scripted_server source(from, l);
        std::vector<std::string> options{"--create-target"};
        options.insert(options.end(), more.begin(), more.end());
        said = run_guarded(copy_arguments(source.uri(), target.uri(), options),
                           {.name = "S01 " + definition.substr(definition.size() < 90 ? 0 : definition.size() - 90)});
    }
};

} // namespace

TEST_CASE("S01: a definition that is nothing else is cloned", "[hostile]") {
    const std::string form = GENERATE(
        as<std::string>{}, "", " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='SELECT canary.strike()'",
        " AUTO_INCREMENT=4 ROW_FORMAT=DYNAMIC");
    const cloned c(notes + form);
    INFO(form << '\n' << c.said.out << c.said.err);
    CHECK(c.said.exit_code == 0);
    CHECK(c.target.rows() == std::vector<std::string>{"1|note 1", "2|note 2"});
    CHECK(c.bird.harm().empty());
}

TEST_CASE("S01: SQL after the definition is refused", "[hostile]") {
    const std::string stolen = "SELECT canary.strike() AS id, 'x' AS note";
    const std::string tail = GENERATE_COPY(
        as<std::string>{}, " " + stolen, " AS " + stolen, " (" + stolen + ")", " AS (" + stolen + ")",
        " IGNORE " + stolen, " REPLACE AS " + stolen, " WITH x AS (" + stolen + ") SELECT * FROM x",
        " /*!50000 " + stolen + " */", " /*!" + stolen + " */", " /*M!100000 " + stolen + " */",
        " /*M! AS " + stolen + " */", " COMMENT='x' /*!99999 */ " + stolen,
        " PARTITION BY HASH (`id`) PARTITIONS 2 " + stolen, " PARTITION BY HASH (canary.strike())",
        "\n/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS THAN MAXVALUE) " + stolen + " */",
        " VALUES (canary.strike(), 'x')", " TABLE canary.t", "; DELETE FROM canary.precious", " -- \n" + stolen,
        " # \n" + stolen, " COMMENT='a\\'' " + stolen, " COMMENT=\"x\" " + stolen,
        " SELECT 1 AS id, LOAD_FILE('/etc/passwd') AS note", " SELECT id, note FROM canary.t", " UNION ALL " + stolen);
    const cloned c(notes + tail);
    INFO(tail << '\n' << c.said.out << c.said.err);
    CHECK(c.said.exit_code == 2);
    CHECK(c.bird.harm().empty());
    CHECK(c.target.rows().empty());
    CHECK_FALSE(c.target.has("t"));
    CHECK(c.said.err.size() > 20);
    CHECK(c.said.err.size() < 4096);
}

TEST_CASE("S01: SQL inside of a definition is refused", "[hostile]") {
    for (const std::string& body :
         strings{"`id` int(11) NOT NULL DEFAULT (canary.strike()),\n  `note` varchar(40) NOT NULL",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT (SELECT note FROM canary.t LIMIT 1)",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL,\n  `x` int(11) GENERATED ALWAYS AS "
                 "(canary.strike()) STORED",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL,\n  CHECK (canary.strike() = 1)",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL,\n  CONSTRAINT `c` CHECK (EXISTS (SELECT * "
                 "FROM canary.t))",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT LOAD_FILE('/etc/passwd')",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT (@@version)",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL /*! DEFAULT (canary.strike()) */",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT (sleep(30))",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT nextval(canary.seq)",
                 "`id` int(11) NOT NULL,\n  `note` varchar(40) NOT NULL DEFAULT NEXT VALUE FOR `canary`.`seq`"}) {
        const cloned c("CREATE TABLE `t` (\n  " + body + ",\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB");
        INFO(body << '\n' << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 2);
        CHECK(c.bird.harm().empty());
        CHECK_FALSE(c.target.has("t"));
    }
}

TEST_CASE("S01: a statement that creates something else is refused", "[hostile]") {
    const std::string statement = GENERATE_COPY(
        as<std::string>{}, "DROP TABLE canary.precious",
        "CREATE TABLE `canary`.`stolen` (\n" + columns + ") ENGINE=InnoDB", "CREATE TABLE `t` LIKE `canary`.`t`",
        "CREATE TABLE `t` AS SELECT * FROM canary.t", "CREATE TABLE `t` SELECT canary.strike() AS id",
        "CREATE OR REPLACE TABLE `canary`.`precious` (\n" + columns + ") ENGINE=InnoDB",
        "/*! DELETE FROM canary.precious; */" + notes, "CREATE VIEW `t` AS SELECT * FROM canary.t",
        "CREATE TABLE `t` (\n" + columns, "CREATE TABLE `t` ()", "", "\xff\xfe", "CREATE TABLE");
    const cloned c(statement);
    INFO(statement << '\n' << c.said.out << c.said.err);
    CHECK(c.said.exit_code == 2);
    CHECK(c.bird.harm().empty());
    CHECK_FALSE(c.target.has("t"));
}

TEST_CASE("S06: other tables, directories and connections of a definition stay where they are", "[hostile]") {
    const std::string form = GENERATE(
        as<std::string>{}, "ENGINE=MERGE UNION=(`canary`.`t`) INSERT_METHOD=LAST", "ENGINE=MRG_MyISAM UNION=(canary.t)",
        "ENGINE=InnoDB UNION=(canary.t)", "ENGINE=InnoDB DATA DIRECTORY='/tmp/rowferry-hostile'",
        "ENGINE=MyISAM DATA DIRECTORY='/tmp/rowferry-hostile' INDEX DIRECTORY='/tmp/rowferry-hostile'",
        "ENGINE=InnoDB CONNECTION='mysql://spy:hunter2@10.0.0.1/x/t'",
        "ENGINE=FEDERATED CONNECTION='mysql://spy:hunter2@10.0.0.1/x/t'",
        "ENGINE=CONNECT TABLE_TYPE=MYSQL CONNECTION='mysql://spy:hunter2@10.0.0.1/x/t'",
        "ENGINE=InnoDB PARTITION BY HASH (`id`) (PARTITION p0 DATA DIRECTORY='/tmp/rowferry-hostile')",
        "ENGINE=InnoDB FILE_NAME='/tmp/x' OPTION_LIST='user=spy,password=hunter2'");
    for (const strings& options :
         std::vector<strings>{{}, {"--dry-run"}, {"--json"}, {"--dry-run", "--json"}, {"--log", "json"}}) {
        const cloned c("CREATE TABLE `t` (\n" + columns + ") " + form, options);
        INFO(form << '\n' << c.said.out << c.said.err);
        CHECK(c.bird.harm().empty());
        CHECK_FALSE(c.said.says("hunter2"));
        CHECK((c.said.exit_code == 2 || c.said.exit_code == 0));
        if (!c.target.has("t")) continue;
        // Left out, with a notice: then the table is an ordinary one.
        const std::string made =
            c.target.value("SELECT CONCAT(ENGINE, CREATE_OPTIONS) FROM information_schema.TABLES WHERE"
                           " TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 't'");
        CHECK(made.find("InnoDB") == 0);
        CHECK(
            c.target.value(
                "SELECT COUNT(*) FROM information_schema.INNODB_SYS_DATAFILES WHERE PATH LIKE '%rowferry-hostile%'") ==
            "0");
        CHECK_FALSE(c.said.err.empty());
    }
}
