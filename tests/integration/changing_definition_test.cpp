// SPDX-License-Identifier: BSL-1.0
// ALTER TABLE and CREATE TRIGGER on either server during a copy: it stops, and says what changed.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <string>
#include <thread>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}

struct change {
    bool on_target;
    std::string statement;
    std::string sentence;
};

} // namespace

TEST_CASE("a definition that changes on either side while the table is copied stops the copy with what changed") {
    const bool mysql = servers().source.is_mysql(); // it has no display widths
    const std::vector<change> changes{
        {false, "ALTER TABLE procnote ADD COLUMN more INT", "column more is new"},
        {false, "ALTER TABLE procnote DROP COLUMN Note", "column Note was dropped or renamed"},
        {false, "ALTER TABLE procnote MODIFY PatNum INT NOT NULL",
         mysql ? "column PatNum was bigint NOT NULL, and is int NOT NULL now"
               : "column PatNum was bigint(20) NOT NULL, and is int(11) NOT NULL now"},
        {true, "ALTER TABLE procnote ADD COLUMN more INT", "column more is new"},
        {true, "ALTER TABLE procnote DROP COLUMN Note", "column Note was dropped or renamed"},
        {true, "ALTER TABLE procnote MODIFY EntryDateTime DATETIME(3)",
         "column EntryDateTime was datetime(6), and is datetime(3) now"},
        {true, "CREATE TRIGGER spoil BEFORE INSERT ON procnote FOR EACH ROW SET NEW.PatNum = 7",
         "trigger spoil on INSERT is new"},
    };
    for (const change& c : changes) {
        const std::string side = c.on_target ? "target" : "source";
        CAPTURE(side, c.statement);
        servers().fill(2000);
        rf::mysql::connector source{servers().source_uri()};
        rf::mysql::connector target{servers().target_uri()};
        const rf::pipeline ferry{rf::fixed_batch{.rows = 50}, rf::token_bucket{.rows_per_second = 500}};
        rf::report report;
        std::thread copying([&] { report = ferry.copy(source, target, "procnote"); });
        const bool begun = support::eventually([] { return servers().copied() > 0; });
        (c.on_target ? servers().target : servers().source).execute(c.statement, "shop");
        copying.join();
        REQUIRE(begun);
        const std::string why = report.failure ? rf::to_string(*report.failure) : "";
        CHECK(report.outcome == rf::outcome::stopped);
        CHECK(report.rows > 0);
        CHECK_THAT(why, ContainsSubstring("the definition of the table changed on the " + side +
                                          " during the copy: " + c.sentence));
        CHECK(servers().target.value("SELECT SUM(complete) FROM rowferry_checkpoint", "shop") == "0");
    }
}
