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
    const std::vector<std::string> nonsense{"last_key = 'N'", // NULL, in a column that has none
                                            "last_key = 'N,N'",
                                            "last_key = '5,5'", // a key of two parts
                                            "last_key = 'abc'",
                                            "last_key = '%ranges;20;15>5'", // from 15 up to 5
                                            "last_key = '%ranges;20;~>~'",
                                            "last_key = '%ranges;20;5>10;7>12'", // overlapping
                                            "last_key = '%ranges;'",
                                            "last_key = '%ranges;20'",
                                            "last_key = '', batches = 3",
                                            "last_key = ''",
                                            "batches = 0",
                                            "rows_copied = 0",
                                            "rows_copied = 18446744073709551615",
                                            "batches = 18446744073709551615",
                                            "target_table = 'other'",
                                            "definition = ''",
                                            "definition = 'pages: keyset by note; columns: id int(11)'",
                                            "title = ''",
                                            "run = ''",
                                            "last_key = REPEAT('1', 100000)",
                                            "last_key = '\\n'",
                                            "last_key = '10; DROP TABLE t'"};
    for (const std::string& change : nonsense) {
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
        REQUIRE(stopped.exit_code == 1);
        REQUIRE(to.value("SELECT last_key <> '' AND batches > 0 FROM rowferry_checkpoint") == "1");
        const auto before = to.rows();

        to.execute("UPDATE rowferry_checkpoint SET " + change);
        breaks = false;
        const outcome said = run_guarded(arguments, {.name = "S11 " + change});
        INFO(said.out << said.err);
        CHECK_FALSE(said.crashed());
        CHECK_FALSE(said.hung);
        CHECK(said.err.size() < 16'384);
        if (said.exit_code == 0) {
            CHECK(to.rows() == from.rows("t"));
        } else {
            CHECK(said.err.size() > 20);
            const auto after = to.rows();
            CHECK(after.size() >= before.size()); // nothing was emptied
        }
    }
}

TEST_CASE("S11: a checkpoint table of another shape is refused", "[hostile]") {
    const std::vector<std::string> shapes{"CREATE TABLE rowferry_checkpoint (a INT)",
                                          "CREATE VIEW rowferry_checkpoint AS SELECT 1 AS job",
                                          "CREATE TABLE rowferry_checkpoint (job INT, title INT, target_table INT, "
                                          "definition INT, run INT, batches INT, rows_copied INT,"
                                          " last_key INT, complete INT, begun_alone INT, updated_at INT)",
                                          "CREATE TABLE rowferry_checkpoint (job CHAR(32) NOT NULL PRIMARY KEY, title "
                                          "TEXT, target_table VARCHAR(64), definition"
                                          " MEDIUMTEXT, run CHAR(32), batches BIGINT UNSIGNED, rows_copied BIGINT "
                                          "UNSIGNED, last_key MEDIUMTEXT, complete BOOLEAN,"
                                          " begun_alone BOOLEAN, updated_at DATETIME(6)) ENGINE=MyISAM"};
    for (const std::string& shape : shapes) {
        tiny_database from;
        from.add_notes("t", 25);
        const real_database to("shop_target");
        to.add_notes(0);
        to.execute(shape);
        scripted_server source(from);
        const outcome said =
            run_guarded(copy_arguments(source.uri(), to.uri(), {"--batch-rows", "5"}), {.name = "S11 shape"});
        INFO(shape << '\n' << said.out << said.err);
        CHECK_FALSE(said.crashed());
        if (said.exit_code == 0) CHECK(to.rows() == from.rows("t"));
        if (said.exit_code != 0) CHECK(said.err.size() > 20);
        to.execute("DROP VIEW IF EXISTS rowferry_checkpoint");
    }
}
