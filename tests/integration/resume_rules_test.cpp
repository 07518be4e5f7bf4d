// SPDX-License-Identifier: BSL-1.0
// Rows of the checkpoint table that no copy has written, on real servers: refused with their job, and nothing changes.
#include "catch.hpp"
#include "client_helpers.hpp"
#include "two_servers.hpp"

#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
std::string checkpoint_row() {
    return servers().target.value(
        "SELECT CONCAT_WS('|', job, title, target_table, run, batches, rows_copied, last_key, "
        "complete, begun_alone) FROM rowferry_checkpoint",
        "shop");
}

} // namespace

TEST_CASE("a checkpoint row that no copy has written is refused, with its job") {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::pipeline ferry{rf::fixed_batch{.rows = 10}};
    // An id is three times its row's number, from 0 on. 35 rows of 100 are there: up to the one with the id 102.
    const std::vector<std::pair<std::string, std::string>> rows{
        {"last_key = '~'", "is NULL in column ProcNoteNum"},
        {"last_key = '1,2'", "has 2 values"},
        {"last_key = ''", "lacks a last key"},
        {"target_table = 'other'", "it fills the table other"},
        {"title = 'other'", "its job is ("},
        {"run = ''", "run"},
        {"batches = 0", "not at the start"},
        {"rows_copied = 18446744073709551615", "it counts 18446744073709551615 rows"},
        {"complete = 1, last_key = '%ranges;102;30>60'", "complete, but it has open ranges"},
        {"last_key = '%ranges;102;60>30'", "a range ends before it begins"},
        // As text 102 comes before 9: the server compares.
        {"last_key = '%ranges;102;99>9'", "a range ends before it begins"},
        {"last_key = '%ranges;102;30>297'", "a range ends after the last key"},
        {"last_key = '%ranges;102;9>60;30>99'", "two ranges overlap"},
        {"last_key = '%ranges;102;9>60;~>99'", "a bound of a range is NULL"}};
    for (const auto& [change, part] : rows) {
        CAPTURE(change);
        servers().fill(100);
        servers().source.execute("RENAME TABLE procnote TO whole; CREATE TABLE procnote LIKE whole;"
                                 "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO';"
                                 "INSERT INTO procnote SELECT * FROM whole WHERE ProcNoteNum <= 102",
                                 "shop");
        REQUIRE(ferry.copy(source, target, "procnote").complete());
        servers().source.execute("DROP TABLE procnote; RENAME TABLE whole TO procnote", "shop");
        servers().target.execute("UPDATE rowferry_checkpoint SET complete = 0, " + change, "shop");
        const std::string before = checkpoint_row();
        const std::string job = servers().target.value("SELECT job FROM rowferry_checkpoint", "shop");
        const rf::report report = ferry.copy(source, target, "procnote");
        INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
        CHECK(report.outcome == rf::outcome::refused);
        REQUIRE(report.failure);
        CHECK(report.failure->cause == rf::cause::senseless_answer);
        CHECK(support::contains(report.failure->message, part));
        CHECK(support::contains(report.failure->message, job));
        CHECK(checkpoint_row() == before);
        CHECK(servers().copied() == 35);
    }
    // One that a copy could have written goes on.
    servers().target.execute("UPDATE rowferry_checkpoint SET last_key = '%ranges;102;30>60;9>30', rows_copied = 18",
                             "shop");
    servers().target.execute("DELETE FROM procnote WHERE ProcNoteNum > 9 AND ProcNoteNum <= 60", "shop");
    const rf::report report = ferry.copy(source, target, "procnote");
    INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
    CHECK(report.complete());
    CHECK(servers().difference().empty());
}
