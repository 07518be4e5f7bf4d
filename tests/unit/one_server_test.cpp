// SPDX-License-Identifier: BSL-1.0
// When rows are copied inside one server: where both addresses are one, or are said to be, and the servers prove to be one.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/mysql/uri.hpp>

#include <algorithm>
#include <string>

namespace rf = rowferry;
using rf::testing::operation;
using worlds::two_databases;
using worlds::why;

namespace {

bool has_notice(const rf::copy_plan& plan, const std::string& part) {
    return std::any_of(plan.notices.begin(), plan.notices.end(),
                       [&](const std::string& text) { return text.find(part) != std::string::npos; });
}
std::string address_of(const std::string& uri) { return rf::mysql::address(rf::mysql::parse_uri(uri).value()); }

} // namespace

TEST_CASE("one address and a proof: rows are copied inside the server") {
    two_databases world(10);
    world.target.share_server_with(world.source);
    const rf::report report = world.copy(rf::pipeline{});
    CHECK(report.complete());
    CHECK(report.route == rf::route::server_side);
    CHECK(world.equal());
}

TEST_CASE("a source that forges the proof has its rows read and written") {
    two_databases world(10);
    world.source.forge_same_server(true); // it is another server
    const rf::report report = world.copy(rf::pipeline{});
    INFO(why(report));
    CHECK(report.complete());
    CHECK(report.route == rf::route::across);
    CHECK(world.target.calls(operation::copy_page) == 0);
    CHECK(world.equal());
}

TEST_CASE("two addresses of one server: only where the request says so") {
    two_databases world(10);
    world.target.share_server_with(world.source);
    world.source.set_address("/run/socket");
    rf::pipeline ferry{};
    SECTION("it does not: the rows go across, and a notice says how") {
        const auto plan = ferry.plan(world.source, world.target, {.table = "procnote"}, world.timing);
        REQUIRE(plan);
        CHECK(plan->route == rf::route::across);
        CHECK(has_notice(*plan, "if you know that they are one server, declare it"));
        CHECK(world.copy(ferry).route == rf::route::across);
        CHECK(world.equal());
    }
    SECTION("it does") {
        const rf::report report = world.copy(ferry, {.table = "procnote", .one_server = true});
        CHECK(report.complete());
        CHECK(report.route == rf::route::server_side);
        CHECK(world.equal());
    }
    SECTION("nothing is said where no row would be copied inside it") {
        const auto plan =
            ferry.plan(world.source, world.target, {.table = "procnote", .server_side = false}, world.timing);
        REQUIRE(plan);
        CHECK_FALSE(has_notice(*plan, "one server"));
    }
}

TEST_CASE("a request that says one server hears why its rows go across all the same") {
    two_databases world(10);
    world.target.share_server_with(world.source);
    world.source.set_address("/run/socket");
    world.source.define_filter("procnote", "ProcNoteNum > 3", [](const rf::testing::row&) { return true; });
    auto planned = [&](auto ferry, const rf::copy_request& request) {
        auto plan = ferry.plan(world.source, world.target, request, world.timing);
        REQUIRE(plan);
        CHECK(plan->route == rf::route::across);
        return *plan;
    };
    const rf::pipeline pages{};
    CHECK(has_notice(planned(pages, {.table = "procnote", .one_server = true, .where = "ProcNoteNum > 3"}),
                     "although source and target are one server: a filter chooses them"));
    CHECK(has_notice(planned(rf::pipeline{rf::one_snapshot{}}, {.table = "procnote", .one_server = true}),
                     "although source and target are one server: they are read from a snapshot"));
    CHECK(has_notice(planned(pages, {.table = "procnote", .server_side = false, .one_server = true}),
                     "although source and target are one server: server_side is false"));
    world.source.create_table("plain", {{"note", "text"}}, {});
    world.target.create_table("plain", {{"note", "text"}}, {});
    CHECK(has_notice(planned(pages, {.table = "plain", .one_server = true, .keyless = true}),
                     "although source and target are one server: the table has no key to page by"));
    // Whoever did not ask for it hears nothing.
    CHECK_FALSE(has_notice(planned(pages, {.table = "procnote", .where = "ProcNoteNum > 3"}), "one server"));
}

TEST_CASE("a request that says one server is refused where there are two") {
    two_databases world(10);
    const rf::report report = world.copy(rf::pipeline{}, {.table = "procnote", .one_server = true});
    CHECK(report.outcome == rf::outcome::refused);
    REQUIRE(report.failure);
    CHECK(report.failure->cause == rf::cause::another_server);
    CHECK(world.target.row_count("procnote") == 0);
}

TEST_CASE("a table is not copied onto itself, whatever address leads to it") {
    two_databases world(10);
    rf::testing::fake_database same = world.source;
    const auto plan = rf::pipeline{}.plan(world.source, same, {.table = "procnote"}, world.timing);
    REQUIRE_FALSE(plan);
    CHECK(plan.error().message.find("are the same table") != std::string::npos);
}

TEST_CASE("an address is the server in one spelling") {
    CHECK(address_of("mysql://u@DB.Example.org./d") == "db.example.org:3306");
    CHECK(address_of("mysql://u@db.example.org:3306/other") == "db.example.org:3306");
    CHECK(address_of("mysql://u@db.example.org:3307/d") == "db.example.org:3307");
    CHECK(address_of("mysql://u@[0:0:0:0:0:0:0:1]/d") == "[::1]:3306");
    CHECK(address_of("mysql://u@[::1]:3306/d") == "[::1]:3306");
    CHECK(address_of("mysql://u@localhost/d?socket=/run/A.sock") == "/run/A.sock");
    CHECK(address_of("mysql://u@localhost/d") != address_of("mysql://u@127.0.0.1/d"));
    // What names a job stays as it was written.
    CHECK(rf::mysql::identity(rf::mysql::parse_uri("mysql://u@DB.Example.org./d").value()) == "DB.Example.org.:3306/d");
}
