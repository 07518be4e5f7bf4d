// SPDX-License-Identifier: BSL-1.0
// A proxy cuts connections that are idle, while the rate limit makes a copy wait.
#include "catch.hpp"
#include "idle_proxy.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using support::idle_proxy;
using support::run_tool;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
std::string through(const support::private_server& server, const idle_proxy& proxy) {
    std::string uri = server.uri("shop");
    const std::string port = ":" + std::to_string(server.port()) + "/";
    return uri.replace(uri.find(port), port.size(), ":" + std::to_string(proxy.port()) + "/");
}

} // namespace

TEST_CASE("a snapshot outlives the waits for the rate limit behind a proxy that cuts idle connections", "[idle]") {
    servers().fill(600);
    const idle_proxy to_source(servers().source.port(), 2500ms);
    const idle_proxy to_target(servers().target.port(), 2500ms);
    const support::tool_answer copied =
        run_tool({"copy", "--source", through(servers().source, to_source), "--target",
                  through(servers().target, to_target), "--table", "procnote", "--consistent", "--batch-rows", "300",
                  "--rows-per-second", "60", "--max-retries", "0"});
    INFO(copied.err);
    CHECK(copied.exit_code == 0);
    CHECK(to_source.cuts() == 0);
    CHECK(to_target.cuts() == 0);
    CHECK(servers().difference() == "");
}

TEST_CASE("a table without a key, slowly, behind such a proxy", "[idle]") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE heap (a INT NOT NULL, b VARCHAR(4000) NOT NULL) CHARACTER SET latin1", "shop");
    }
    servers().source.execute("INSERT INTO heap SELECT seq, REPEAT('x', 4000) FROM seq_1_to_3000", "shop");
    const idle_proxy to_source(servers().source.port(), 2500ms);
    const idle_proxy to_target(servers().target.port(), 2500ms);
    const support::tool_answer copied = run_tool({"copy", "--source", through(servers().source, to_source), "--target",
                                                  through(servers().target, to_target), "--table", "heap", "--keyless",
                                                  "--bytes-per-second", "1500000", "--max-retries", "0"});
    INFO(copied.err);
    CHECK(copied.exit_code == 0);
    CHECK(to_target.cuts() == 0); // the source's connection may be cut when all rows have been read
    CHECK(servers().copied("heap") == 3000);
}
