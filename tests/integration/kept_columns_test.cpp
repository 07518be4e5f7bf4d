// SPDX-License-Identifier: BSL-1.0
// Columns of the target that a copy does not write keep what they hold, also those that its server sets in each update.
#include "catch.hpp"
#include "two_servers.hpp"
#include "ways.hpp"

#include <string>
#include <vector>

namespace rf = rowferry;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
const char* const stamped = "CREATE TABLE u (id INT PRIMARY KEY, v VARCHAR(10), changed INT DEFAULT 0,"
                            " seen DATETIME NOT NULL DEFAULT '2001-01-01' ON UPDATE CURRENT_TIMESTAMP,"
                            " at TIMESTAMP(3) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(3))";
const char* const kept = "SELECT GROUP_CONCAT(id, v, ' ', changed, ' ', seen, IFNULL(at, ' NULL') ORDER BY id) FROM u";
const char* const right =
    "1new1 1 1999-01-01 00:00:00 NULL,2same 1 1999-01-02 00:00:00 NULL,3new3 1 2001-01-01 00:00:00 NULL";

void fill(const support::private_server& server, const char* database) {
    server.execute(std::string("DROP TABLE IF EXISTS u, rowferry_checkpoint;") + stamped +
                       "; INSERT INTO u VALUES (1, 'old', 9, '1999-01-01', NULL), (2, 'same', 9, '1999-01-02', NULL)",
                   database);
}

} // namespace

TEST_CASE("an upsert of chosen columns leaves what ON UPDATE would set, by each way to write and inside one server") {
    servers().clear();
    servers().source.execute(std::string(stamped) +
                                 "; INSERT INTO u (id, v, changed) VALUES (1, 'new1', 1), (2, 'same', 1),"
                                 " (3, 'new3', 1)",
                             "shop");
    const auto copy = [](const std::string& to, rf::write_way way) {
        rf::mysql::connector source(servers().source_uri());
        rf::mysql::connector target(to);
        rf::copy_request request{.table = "u", .columns = {{"id"}, {"v"}, {"changed"}}, .way = way};
        const rf::report report = rf::pipeline{rf::upsert{}}.copy(source, target, request);
        INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
        CHECK(report.complete());
        return report.route;
    };
    for (const rf::write_way way : support::ways_to(servers().target, rf::write_kind::upsert)) {
        CAPTURE(rf::name(way));
        fill(servers().target, "shop");
        copy(servers().target_uri(), way);
        CHECK(servers().target.value(kept, "shop") == right);
    }
    servers().source.create_database("beside");
    fill(servers().source, "beside");
    CHECK(copy(servers().source.uri("beside"), rf::write_way::automatic) == rf::route::server_side);
    CHECK(servers().source.value(kept, "beside") == right);
}
