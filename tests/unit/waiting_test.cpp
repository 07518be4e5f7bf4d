// SPDX-License-Identifier: BSL-1.0
// Waiting for a server that says nothing: what a stop request and a deadline do to it.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include "catch.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace rf = rowferry;
using namespace std::chrono_literals;
using rf::testing::fake_connection;
using rf::testing::fake_database;
using rf::testing::manual_timing;
using rf::testing::when;

namespace {

/// Asks to stop from a time on.
struct stop_at {
    manual_timing timing;
    rf::time_point at = rf::time_point::max();
    [[nodiscard]] bool stop_requested() const { return timing.now() >= at; }
};

auto ping = [](fake_connection& c) { return c.ping(); };

} // namespace

TEST_CASE("waiting: a late answer is an answer") {
    fake_database server;
    const manual_timing timing;
    server.silence_at(2, 40s, timing);
    auto manager = rf::make_connection_manager(server, rf::no_retry{});
    const rf::time_point begin = timing.now();
    CHECK(manager.run("ping", ping));
    CHECK(timing.now() - begin == 40s);
}

TEST_CASE("waiting: a stop request ends the wait for an answer after its grace, and the connection with it") {
    fake_database server;
    manual_timing timing;
    stop_at stop{timing, timing.now() + 10s};
    server.silence_at(2, 1h, timing);
    auto manager = rf::make_connection_manager(server, rf::environment(timing, stop), rf::exponential_backoff{});
    const rf::time_point begin = timing.now();
    const auto r = manager.run("ping", ping);
    REQUIRE_FALSE(r);
    CHECK(r.error().cause == rf::cause::interrupted);
    CHECK(r.error().fault == rf::fault::connection_lost);
    CHECK(timing.now() - begin == 10s + rf::stop_grace);
    // The grace is counted from when the manager first saw the request: it is used up.
    server.silence_at(3, 1h, timing);
    const rf::time_point again = timing.now();
    const auto connected = manager.run("ping", ping);
    REQUIRE_FALSE(connected);
    CHECK(connected.error().fault == rf::fault::unreachable);
    CHECK(timing.now() - again <= rf::stop_grace);
}

TEST_CASE("waiting: the deadline of retries ends the waits of further attempts") {
    fake_database server;
    manual_timing timing;
    server.fail_at(2, rf::fault::connection_lost);
    server.silence_at(4, 1h, timing); // the second attempt, on a fresh connection
    auto manager = rf::make_connection_manager(server, rf::environment(timing),
                                               rf::fixed_delay{.max_attempts = 5, .delay = 2s, .deadline = 30s});
    const rf::time_point begin = timing.now();
    const auto r = manager.run("ping", ping);
    REQUIRE_FALSE(r);
    CHECK(r.error().cause == rf::cause::too_slow);
    CHECK(r.error().given_up == "the deadline for retries has passed");
    CHECK(r.error().attempt == 2);
    CHECK(timing.now() - begin == 30s);
}

TEST_CASE("waiting: connecting, a ping and the operation share what is left of the deadline") {
    fake_database server;
    manual_timing timing;
    const rf::fixed_delay retry{.max_attempts = 5, .delay = 2s, .deadline = 30s};
    SECTION("connecting takes a part of it") {
        server.fail_at(2, rf::fault::connection_lost);
        server.silence_at(3, 20s, timing); // the second attempt connects
        server.silence_at(4, 1h, timing);
    }
    SECTION("a ping takes a part of it") {
        server.fail_at(2, rf::fault::transient); // leaves the connection as it is
        server.silence_at(3, 20s, timing);       // the second attempt pings
        server.silence_at(4, 1h, timing);
    }
    auto manager = rf::make_connection_manager(server, rf::environment(timing), retry);
    manager.health_check_after = 1s;
    const rf::time_point begin = timing.now();
    const auto r = manager.run("ping", ping);
    REQUIRE_FALSE(r);
    CHECK(r.error().given_up == "the deadline for retries has passed");
    CHECK(timing.now() - begin == 30s);
}

TEST_CASE("waiting: an operation that throws leaves no limit on its connection") {
    fake_database server;
    manual_timing timing;
    stop_at stop{timing, timing.now() + 10s};
    auto manager = rf::make_connection_manager(server, rf::environment(timing, stop), rf::no_retry{});
    fake_connection* used = nullptr;
    CHECK_THROWS_AS(manager.run("throw",
                                [&](fake_connection& c) -> rf::result<void> {
                                    used = &c;
                                    throw std::runtime_error("of the caller");
                                }),
                    std::runtime_error);
    REQUIRE(used != nullptr);
    server.silence_at(2, 1h, timing); // a limit would end it after ten seconds and the grace
    CHECK(used->ping());
}

TEST_CASE("waiting: a first attempt is not limited by the deadline of retries") {
    fake_database server;
    manual_timing timing;
    server.silence_at(2, 1h, timing);
    auto manager = rf::make_connection_manager(server, rf::environment(timing),
                                               rf::fixed_delay{.max_attempts = 5, .deadline = 30s});
    CHECK(manager.run("ping", ping));
}

TEST_CASE("waiting: a connection whose answers make no sense is not used again") {
    fake_database server;
    auto manager = rf::make_connection_manager(server, rf::no_retry{});
    const auto r = manager.run(
        "ping", [](fake_connection&) -> rf::result<void> { return rf::senseless_answer("ping", "it is none"); });
    CHECK_FALSE(r);
    CHECK(manager.run("ping", ping));
    CHECK(manager.stats().connects == 2);
}
