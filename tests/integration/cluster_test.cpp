// SPDX-License-Identifier: BSL-1.0
// A target that is a node of a Galera cluster: sessions wait for what the other nodes have committed.
#include "catch.hpp"
#include "client_helpers.hpp"
#include "private_server.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace support;

namespace {

/// The library by which a server joins a cluster; empty where it is not installed.
std::string galera_library() {
    for (const char* path : {"/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so"}) {
        if (::access(path, R_OK) == 0) return path;
    }
    return {};
}
/// What makes a server the first node of a cluster, on ports that no other test uses.
std::vector<std::string> node_options() {
    const unsigned port = 12'000U + static_cast<unsigned>(::getpid()) * 2U % 7'000U;
    const auto at = [port](unsigned offset) { return "127.0.0.1:" + std::to_string(port + offset); };
    return {"--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            "--wsrep-provider=" + galera_library(),
            "--wsrep-cluster-address=gcomm://",
            "--wsrep-node-address=" + at(0),
            "--wsrep-provider-options=gmcast.listen_addr=tcp://" + at(0) + ";ist.recv_addr=" + at(1) +
                ";gcache.size=8M;pc.recovery=false"};
}

} // namespace

TEST_CASE("a server of its own takes the cluster's setting, or does not know it", "[cluster]") {
    two_ends ends;
    const auto set = ends.source.query("SHOW SESSION VARIABLES LIKE 'wsrep_sync_wait'");
    REQUIRE(set.has_value());
    if (!set->empty() && !ends.server.is_mysql()) CHECK(set->at(0, 1).bytes() == "7");
}

TEST_CASE("a session of a cluster's node reads what was committed elsewhere", "[cluster]") {
    if (target_product() != product::mariadb || galera_library().empty()) {
        WARN("no server with the library of Galera is installed: clusters are not tried");
        return;
    }
    const private_server node(node_options(), product::mariadb);
    REQUIRE(node.value("SHOW STATUS LIKE 'wsrep_ready'") == "wsrep_ready");
    node.create_database("from");
    node.create_database("into");
    for (const char* database : {"from", "into"}) {
        node.execute("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, b INT) ENGINE=InnoDB", database);
    }
    node.execute("INSERT INTO t WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
                 "SELECT i, i FROM n",
                 "from");
    rf::mysql::connector source{node.uri("from")};
    rf::mysql::connector target{node.uri("into")};
    auto c = target.connect();
    REQUIRE(c.has_value());
    CHECK(c->query("SELECT @@SESSION.wsrep_on, @@SESSION.wsrep_sync_wait").value().at(0, 1).bytes() == "7");
    for (const bool server_side : {false, true}) {
        const rf::copy_request request{.table = "t", .truncate_target = true, .server_side = server_side};
        const rf::report report = rf::pipeline{rf::fixed_batch{.rows = 100}}.copy(source, target, request);
        INFO((report.failure ? rf::to_string(*report.failure) : std::string()));
        CHECK(report.complete());
        CHECK(node.value("SELECT COUNT(*) FROM t", "into") == "500");
    }
}
