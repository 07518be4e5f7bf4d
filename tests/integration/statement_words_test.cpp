// SPDX-License-Identifier: BSL-1.0
// Copies inside one server whose page bounds are words that the server calls deprecated: what it says of a statement is said
// of no row. (MySQL does; MariaDB deprecates no charset.)
#include "catch.hpp"
#include "private_server.hpp"
#include "server_product.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;

TEST_CASE("text keys in deprecated charsets are copied inside one server") {
    for (const support::product which : {support::source_product(), support::target_product()}) {
        const support::private_server server({}, which);
        for (const std::string charset : {"utf8mb3", "ucs2", "macroman", "latin1", "utf8mb4"}) {
            CAPTURE(charset);
            for (const char* database : {"here", "there"}) {
                server.create_database(database);
                server.execute(
                    "CREATE TABLE t (k VARCHAR(20) NOT NULL PRIMARY KEY, v INT, n ENUM('a','b')) CHARACTER SET " +
                        charset,
                    database);
            }
            server.execute(
                "SET NAMES utf8mb4; INSERT INTO t VALUES ('a', 1, 'a'), ('é', 2, 'b'), ('z', 3, NULL), ('zz', 4, "
                "'a')",
                "here");
            for (const rf::write_kind kind : {rf::write_kind::insert, rf::write_kind::upsert}) {
                rf::mysql::connector source(server.uri("here"));
                rf::mysql::connector target(server.uri("there"));
                rf::copy_request request{.table = "t"};
                request.resume = false;
                const rf::report report =
                    rf::pipeline{rf::fixed_batch{.rows = 1}, rf::chosen_write_mode{kind}}.copy(source, target, request);
                INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
                CHECK(report.complete());
                CHECK(report.route == rf::route::server_side);
                CHECK(server.value("SELECT COUNT(*) FROM t", "there") == "4");
            }
        }
    }
}
