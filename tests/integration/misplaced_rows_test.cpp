// SPDX-License-Identifier: BSL-1.0
// Rows of a partitioned table that lie in another partition than their key leads to, on real servers.
#include "catch.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace rf = rowferry;
using namespace std::chrono_literals;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}

std::string partitioned(std::string_view engine) {
    return "CREATE TABLE pe (id INT PRIMARY KEY, a INT) ENGINE=" + std::string(engine) +
           " PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (100), PARTITION p1 VALUES LESS THAN (200),"
           " PARTITION p2 VALUES LESS THAN (300))";
}
/// Eight rows; 150, 151, 250 and 251 lie in the partition for keys under 100.
void misplace(const support::private_server& server) {
    const std::string engine = server.is_mysql() ? "InnoDB" : "MyISAM";
    server.execute(partitioned(engine), "shop");
    server.execute("INSERT INTO pe VALUES (110, 3), (210, 4)", "shop");
    server.execute("CREATE TABLE px (id INT PRIMARY KEY, a INT) ENGINE=" + engine, "shop");
    server.execute("INSERT INTO px VALUES (1, 1), (2, 2), (150, 5), (151, 6), (250, 7), (251, 8)", "shop");
    if (server.is_mysql()) {
        server.execute("ALTER TABLE pe EXCHANGE PARTITION p0 WITH TABLE px WITHOUT VALIDATION", "shop");
    } else {
        server.execute("FLUSH TABLES", "shop");
        for (const char* end : {".MYD", ".MYI"}) {
            const std::string folder = server.data_folder() + "/shop/";
            std::filesystem::copy_file(folder + "px" + end, folder + "pe#P#p0" + end,
                                       std::filesystem::copy_options::overwrite_existing);
        }
        server.execute("FLUSH TABLES", "shop");
    }
    REQUIRE(server.value("SELECT COUNT(*) FROM pe", "shop") == "8");
    REQUIRE(server.value("SELECT COUNT(*) FROM pe WHERE id = 150", "shop") == "0");
}
rf::verification verify(rf::verify_request request, std::uint64_t rows) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    request.table = "pe";
    request.second_look_after = 10ms;
    return rf::verifier{rf::fixed_batch{.rows = rows}}.verify(source, target, request);
}

} // namespace

TEST_CASE("misplaced rows of a partitioned source: a copy is not complete, and a verification is not equal") {
    servers().clear();
    misplace(servers().source);
    servers().target.execute(partitioned("InnoDB"), "shop");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 1}}.copy(source, target, "pe");
    REQUIRE(report.failure);
    INFO(rf::to_string(*report.failure));
    CHECK(report.outcome == rf::outcome::stopped);
    CHECK(report.rows < 8);
    CHECK(report.failure->message.find("holds 8 rows in the source, of which") != std::string::npos);
    CHECK(report.failure->offers(rf::remedy::start_over_into_empty));
    for (const std::uint64_t rows : {1U, 3U, 100U}) {
        const rf::verification found = verify({.repair = rows == 3}, rows);
        CAPTURE(rows, rf::to_string(found));
        CHECK_FALSE(found.equal());
    }
}

TEST_CASE("misplaced rows of a partitioned source are not deleted in the target") {
    servers().clear();
    misplace(servers().source);
    servers().target.execute(partitioned("InnoDB"), "shop");
    servers().target.execute("INSERT INTO pe VALUES (1, 1), (2, 2), (110, 3), (210, 4), (150, 5), (151, 6), (250, 7),"
                             " (251, 8), (260, 9)",
                             "shop");
    const std::uint64_t rows = GENERATE(1U, 2U, 3U, 100U);
    const std::string where = GENERATE("", "id < 1000"); // by which the server leaves partitions out, too
    const rf::verification found = verify({.where = where, .repair = true, .delete_extra = true}, rows);
    CAPTURE(rows, where, rf::to_string(found), found.notices);
    CHECK(found.deleted == 1);
    CHECK(servers().difference("pe").empty());
    CHECK(found.equal() == (rows == 100));
}

TEST_CASE("rows that seem to be missing in a partitioned target are not copied into it a second time") {
    if (servers().target.is_mysql()) { // MariaDB's table has no transactions, which a repair needs
        servers().clear();
        misplace(servers().target);
        servers().source.execute(partitioned("InnoDB"), "shop");
        servers().source.execute("INSERT INTO pe VALUES (1, 1), (2, 2), (110, 3), (210, 4), (150, 5), (151, 6),"
                                 " (250, 7), (251, 8), (260, 9)",
                                 "shop");
        const std::string where = GENERATE("", "id < 1000");
        const rf::verification found = verify({.where = where, .repair = true}, 1);
        CAPTURE(where, rf::to_string(found), found.notices);
        CHECK(found.repaired == 1);
        CHECK(servers().target.value("SELECT COUNT(*) FROM pe", "shop") == "9");
    }
}
