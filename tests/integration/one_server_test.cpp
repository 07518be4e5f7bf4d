// SPDX-License-Identifier: BSL-1.0
// Two databases of one real server, by one address and by two; and sources that lie about where they are.
#include "catch.hpp"
#include "client_helpers.hpp"
#include "commit_proxy.hpp"
#include "private_server.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace rf = rowferry;
using support::private_server;

namespace {

/// A server with the databases `here`, `there` and `secret`; a table `t` in the first two, with rows in `here`, and others in
/// `secret`.
struct one_real_server {
    private_server server;
    support::commit_proxy proxy{server.port()};

    one_real_server() {
        for (const char* name : {"here", "there", "secret"}) {
            server.create_database(name);
            server.execute("CREATE TABLE t (id INT PRIMARY KEY)", name);
        }
        server.execute("INSERT INTO t VALUES (1), (2), (3)", "here");
        server.execute("INSERT INTO t VALUES (666)", "secret");
    }
    [[nodiscard]] rf::mysql::connector by_proxy(const std::string& database) const {
        return rf::mysql::connector("mysql://" + private_server::user() + ":" + server.password() +
                                    "@127.0.0.1:" + std::to_string(proxy.port()) + "/" + database +
                                    "?ssl-mode=disabled&server-public-key=ask");
    }
    [[nodiscard]] rf::mysql::connector by_socket(const std::string& database) const {
        return rf::mysql::connector("mysql://" + private_server::user() + ":" + server.password() + "@localhost/" +
                                    database + "?socket=" + server.socket());
    }
    [[nodiscard]] rf::mysql::connector direct(const std::string& database) const {
        return rf::mysql::connector(server.uri(database));
    }
    [[nodiscard]] std::string rows(const std::string& database) const {
        return server.value("SELECT GROUP_CONCAT(id ORDER BY id) FROM t", database);
    }
    void empty() const { server.execute("TRUNCATE t; DROP TABLE IF EXISTS rowferry_checkpoint", "there"); }
};
one_real_server& world() {
    static one_real_server one;
    one.empty();
    one.proxy.forward_all();
    return one;
}

rf::report copy(rf::mysql::connector source, rf::mysql::connector target, bool one_server = false) {
    return rf::pipeline{}.copy(source, target, rf::copy_request{.table = "t", .one_server = one_server});
}

} // namespace

TEST_CASE("two databases at one address, however it is spelled, are copied inside the server") {
    auto& w = world();
    const std::string port = std::to_string(w.server.port());
    const rf::report report = copy(w.direct("here"), w.direct("there"));
    CHECK(report.complete());
    CHECK(report.route == rf::route::server_side);
    CHECK(w.rows("there") == "1,2,3");
    world();
    CHECK(copy(w.by_socket("here"), w.by_socket("there")).route == rf::route::server_side);
}

TEST_CASE("two addresses of one server go across, unless the request says that they are one") {
    auto& w = world();
    const rf::report across = copy(w.by_proxy("here"), w.direct("there"));
    CHECK(across.complete());
    CHECK(across.route == rf::route::across);
    CHECK(w.rows("there") == "1,2,3");
    world();
    CHECK(copy(w.by_socket("here"), w.direct("there")).route == rf::route::across);
    world();
    const rf::report inside = copy(w.by_socket("here"), w.direct("there"), true);
    CHECK(inside.complete());
    CHECK(inside.route == rf::route::server_side);
    CHECK(w.rows("there") == "1,2,3");
    // A table onto itself is refused by either.
    CHECK(copy(w.by_socket("there"), w.direct("there")).outcome == rf::outcome::refused);
    CHECK(copy(w.direct("there"), w.direct("there")).outcome == rf::outcome::refused);
}

TEST_CASE("a source that says that it is in another database is refused, and nothing of that one is read") {
    auto& w = world();
    std::string asked;
    const auto version = std::stoul(w.server.value(
        "SELECT SUBSTRING_INDEX(VERSION(), '.', 1) * 10000 + SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', "
        "-1) "
        "* 100 + SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '-', 1), '.', 3), '.', -1)"));
    const auto dialect = w.server.is_mysql() ? rf::sql::dialect::mysql : rf::sql::dialect::mariadb;
    rf::sql::append_read_session(asked, rf::sql::session_variables(dialect, version));
    rf::sql::append_read_identity(asked, dialect);
    auto answering = [&](const std::string& database) {
        std::string instead = asked;
        instead.replace(instead.find("DATABASE()"), 10, "'" + database + "'");
        w.proxy.forward_all();
        w.proxy.replace(asked, instead, 1, 1000);
    };
    answering("secret");
    for (const bool one_server : {false, true}) {
        const rf::report report = copy(w.by_proxy("here"), w.direct("there"), one_server);
        CHECK(report.outcome == rf::outcome::refused);
        REQUIRE(report.failure);
        CHECK(report.failure->cause == rf::cause::another_server);
        CHECK(w.rows("there") == "NULL");
    }
    // Letter case may differ, and what is read inside a server is the database that the URI names.
    answering("HERE");
    const auto c = w.by_proxy("here").connect().value();
    CHECK(c.database() == "here");
    CHECK(c.info().database == "HERE");
}

TEST_CASE("a database in mixed case is the one that the URI names, where the server tells case and where it does not") {
    for (const char* lower_case : {"0", "1"}) {
        CAPTURE(lower_case);
        const bool tells_case = lower_case[0] == '0';
        // MySQL takes another setting only when its data folder is made, and the tests copy one.
        private_server server({std::string("--lower-case-table-names=") + lower_case},
                              tells_case ? support::target_product() : support::product::mariadb);
        server.create_database("Mixed");
        server.create_database("Target");
        server.execute("CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2)", "Mixed");
        server.execute("CREATE TABLE t (id INT PRIMARY KEY)", "Target");
        rf::mysql::connector source(server.uri("Mixed"));
        rf::mysql::connector target(server.uri("Target"));
        auto c = source.connect().value();
        CHECK(c.database() == "Mixed");
        CHECK(c.info().database == (tells_case ? "Mixed" : "mixed"));
        CHECK(c.tables().value().size() == 1);
        const rf::report report = copy(source, target);
        INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
        CHECK(report.complete());
        CHECK(report.route == rf::route::server_side);
        CHECK(server.value("SELECT COUNT(*) FROM t", "Target") == "2");
        // One database in two spellings is one table; where the server tells case there is no such database.
        const rf::report itself = copy(source, rf::mysql::connector(server.uri("mIXED")));
        CHECK(itself.outcome == rf::outcome::refused);
        REQUIRE(itself.failure);
        CHECK(support::contains(rf::to_string(*itself.failure), tells_case ? "1049" : "are the same table"));
    }
}
