// SPDX-License-Identifier: BSL-1.0
// S11: a row of the checkpoint table that makes no sense is refused by the job's name, never followed.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include <atomic>
#include <string>
#include <vector>

using namespace hostile;

TEST_CASE("S11: a checkpoint of nonsense is refused, and the rows stay as they are", "[hostile]") {
    const std::string makes_no_sense = "makes no sense: ";
    struct change {
        std::string set;
        std::string why; ///< what the refusal says
    };
    const std::vector<change> nonsense{
        {"last_key = 'N'",
         makes_no_sense +
             "the last key is not a number as the server writes it in column id"}, // NULL, which it cannot be
        {"last_key = 'N,N'", makes_no_sense + "the last key has 2 values"},
        {"last_key = '5,5'", makes_no_sense + "the last key has 2 values"}, // a key of two parts
        {"last_key = 'abc'", makes_no_sense + "the last key is not a number as the server writes it in column id"},
        {"last_key = '%ranges;20;15>5'", makes_no_sense + "a range ends before it begins"}, // from 15 up to 5
        {"last_key = '%ranges;20;~>~'", makes_no_sense + "a bound of a range is NULL in column id"},
        {"last_key = '%ranges;20;5>10;7>12'", makes_no_sense + "two ranges overlap"},
        {"last_key = '%ranges;'", makes_no_sense + "the last key of its row is one that rowferry never writes"},
        {"last_key = '%ranges;20'", makes_no_sense + "the last key of its row is one that rowferry never writes"},
        {"last_key = '', batches = 3", makes_no_sense + "rows were committed, but it lacks a last key"},
        {"last_key = ''", makes_no_sense + "rows were committed, but it lacks a last key"},
        {"batches = 0", makes_no_sense + "no transaction was committed, but it is not at the start"},
        {"rows_copied = 0", "says that no row was committed, but the target's table t"},
        {"rows_copied = 18446744073709551615", makes_no_sense + "it counts 18446744073709551615 rows"},
        {"batches = 18446744073709551615", makes_no_sense + "it counts 10 rows in 18446744073709551615 transactions"},
        {"target_table = 'other'", makes_no_sense + "it fills the table other"},
        {"definition = ''", "was made for another definition"},
        {"definition = 'pages: keyset by note; columns: id int(11)'", "was made for another definition"},
        {"title = ''", makes_no_sense + "its job is "},
        {"run = ''", makes_no_sense + "the run of its row is empty"},
        {"last_key = REPEAT('1', 100000)",
         makes_no_sense + "the last key is not a number as the server writes it in column id"},
        {"last_key = '\\n'", makes_no_sense + "the last key of its row is one that rowferry never writes"},
        {"last_key = '10; DROP TABLE t'",
         makes_no_sense + "the last key of its row is one that rowferry never writes"}};
    for (const auto& [change, why] : nonsense) {
        tiny_database from;
        from.add_notes("t", 25);
        const real_database to("shop_target");
        to.add_notes(0);
        std::atomic<bool> breaks{true};
        lies l;
        l.rules.push_back(when("> 10 ", [&breaks](answer& a) {
            if (breaks) a = answer::failure(1064, "stopped here");
        }));
        scripted_server source(from, l);
        const auto arguments = copy_arguments(source.uri(), to.uri(), {"--batch-rows", "5"});
        const outcome stopped = run_guarded(arguments);
        INFO(change << '\n' << stopped.out << stopped.err);
        REQUIRE(stopped.exit_code == 4);
        REQUIRE(to.value("SELECT last_key <> '' AND batches > 0 FROM rowferry_checkpoint") == "1");
        const auto before = to.rows();

        to.execute("UPDATE rowferry_checkpoint SET " + change);
        breaks = false;
        const outcome said = run_guarded(arguments, {.name = "S11 " + change});
        INFO(said.out << said.err);
        CHECK_FALSE(said.crashed());
        CHECK_FALSE(said.hung);
        CHECK(said.err.size() < 16'384);
        CHECK(said.exit_code == 2);
        CHECK(said.says(why));
        // Named by the job's number where the entry is nonsense in itself, else by what it copies.
        const std::string job = why.starts_with(makes_no_sense)
                                    ? "the checkpoint of job " + to.value("SELECT job FROM rowferry_checkpoint")
                                    : "the checkpoint of this copy";
        CHECK(said.says(job));
        CHECK(to.rows() == before);
    }
}

TEST_CASE("S11: a checkpoint table of another shape is refused", "[hostile]") {
    struct shape {
        std::string sql;
        std::string why; ///< what the refusal says
    };
    const std::vector<shape> shapes{{"CREATE TABLE rowferry_checkpoint (a INT)", "Unknown column 'title'"},
                                    {"CREATE VIEW rowferry_checkpoint AS SELECT 1 AS job", "Unknown column 'title'"},
                                    {"CREATE TABLE rowferry_checkpoint (job INT, title INT, target_table INT, "
                                     "definition INT, run INT, batches INT, rows_copied INT,"
                                     " last_key INT, complete INT, begun_alone INT, updated_at INT)",
                                     "claim checkpoint failed"},
                                    {"CREATE TABLE rowferry_checkpoint (job CHAR(32) NOT NULL PRIMARY KEY, title "
                                     "TEXT, target_table VARCHAR(64), definition"
                                     " MEDIUMTEXT, run CHAR(32), batches BIGINT UNSIGNED, rows_copied BIGINT "
                                     "UNSIGNED, last_key MEDIUMTEXT, complete BOOLEAN,"
                                     " begun_alone BOOLEAN, updated_at DATETIME(6)) ENGINE=MyISAM",
                                     "the table rowferry_checkpoint uses the engine MyISAM"}};
    for (const auto& [sql, why] : shapes) {
        tiny_database from;
        from.add_notes("t", 25);
        const real_database to("shop_target");
        to.add_notes(0);
        to.execute(sql);
        scripted_server source(from);
        const outcome said =
            run_guarded(copy_arguments(source.uri(), to.uri(), {"--batch-rows", "5"}), {.name = "S11 shape"});
        INFO(sql << '\n' << said.out << said.err);
        CHECK_FALSE(said.crashed());
        CHECK(said.exit_code == 2);
        CHECK(to.rows().empty());
        CHECK(said.says(why));
        to.execute("DROP VIEW IF EXISTS rowferry_checkpoint");
    }
}
