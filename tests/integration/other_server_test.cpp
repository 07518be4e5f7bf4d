// SPDX-License-Identifier: BSL-1.0
// A name that leads to another real server after a lost connection, through a proxy: source and target, with both products.
#include "catch.hpp"
#include "commit_proxy.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using support::private_server;
using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

using words = std::vector<std::string>;

/// A source, a target, and a second server of each one's product, all with one account.
struct servers_and_others : support::two_servers {
    private_server other{support::target_product()};
    std::unique_ptr<private_server> beside_source; ///< none where `other` is of its product
    support::commit_proxy proxy{source.port()};

    servers_and_others() {
        if (support::source_product() != support::target_product()) {
            beside_source = std::make_unique<private_server>(support::source_product());
        }
        other.create_database("shop");
    }
    [[nodiscard]] const private_server& other_source() const { return beside_source ? *beside_source : other; }
    /// By the proxy, which leads to the given server, as a user that each server has.
    [[nodiscard]] std::string moving_uri(const private_server& first) {
        for (const auto* each :
             {&std::as_const(source), &std::as_const(target), &std::as_const(other), &other_source()}) {
            const std::string create = each->is_mysql() ? "CREATE USER IF NOT EXISTS" : "CREATE OR REPLACE USER";
            each->execute(create + " pool IDENTIFIED BY 'pool'; GRANT ALL ON shop.* TO pool");
        }
        return proxy_uri(first, "pool:pool");
    }
    [[nodiscard]] std::string proxy_uri(const private_server& first, const std::string& account) {
        proxy.forward_all();
        proxy.lead_to(first.port());
        return "mysql://" + account + "@127.0.0.1:" + std::to_string(proxy.port()) +
               "/shop?ssl-mode=disabled&server-public-key=ask";
    }
    /// The proxy leads to the second server from now on, and connections to the first one are cut.
    void move(const private_server& from, const private_server& to) {
        proxy.lead_to(to.port());
        for (const std::string& id : from.connections_of("pool")) {
            try {
                from.execute("KILL " + id);
            } catch (const std::runtime_error&) { // gone by itself
            }
        }
    }
    /// `to` becomes what a server of its product is now, or was a moment ago, as a replica: the checkpoint, and the rows that it
    /// counts.
    static void replicate(const private_server& of, const private_server& to) {
        to.create_database("shop");
        if (of.value("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = "
                     "'rowferry_checkpoint'") != "0") {
            replicate("rowferry_checkpoint", of, to);
        }
        replicate("procnote", of, to);
    }
    static void replicate(const std::string& table, const private_server& of, const private_server& to) {
        to.execute(of.query("SHOW CREATE TABLE " + table, "shop").at(0).at(1).value(), "shop");
        std::string insert;
        for (const auto& row : of.query("SELECT * FROM " + table, "shop")) {
            insert += insert.empty() ? "INSERT INTO " + table + " VALUES (" : ", (";
            for (std::size_t i = 0; i < row.size(); ++i) {
                if (i > 0) insert += ", ";
                insert += row[i] ? "'" : "NULL";
                for (const char c : row[i].value_or("")) {
                    if (c == '\'' || c == '\\') insert += '\\';
                    insert += c;
                }
                if (row[i]) insert += "'";
            }
            insert += ")";
        }
        if (!insert.empty()) {
            to.execute("SET NAMES utf8mb4; SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; " + insert, "shop");
        }
    }
};
servers_and_others& servers() {
    static servers_and_others all;
    return all;
}

words copy(const std::string& source, const std::string& target, words more = {}) {
    words all{"copy",         "--source", source,   "--target",      target, "--table",           "procnote",
              "--batch-rows", "100",      "--json", "--retry-delay", "0.05", "--rows-per-second", "400"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().target, answer, path);
}

} // namespace

TEST_CASE("another source server after a reconnect stops the tool with exit code 4, and is a notice where that is said",
          "[other_server]") {
    auto& s = servers();
    for (const bool stops : {true, false}) {
        CAPTURE(stops);
        s.fill(2000);
        s.replicate(s.source, s.other_source());
        s.other_source().execute("DELETE FROM procnote WHERE ProcNoteNum > 5900", "shop");
        tool_run run(copy(s.moving_uri(s.source), s.target_uri(), stops ? words{} : words{"--same-server=off"}));
        REQUIRE(support::eventually([&] { return s.copied() >= 300; }));
        s.move(s.source, s.other_source());
        const tool_answer answer = run.wait();
        INFO(answer.out << answer.err);
        if (!stops) {
            CHECK(answer.exit_code == 0);
            CHECK_THAT(answer.err, ContainsSubstring("another server answers as the source"));
            CHECK_THAT(json(answer, "$.tables[0].notices[0]"),
                       ContainsSubstring("another server answers as the source"));
            continue;
        }
        CHECK(answer.exit_code == 4);
        CHECK(json(answer, "$.tables[0].error.cause") == "another_server");
        CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":false"));
        CHECK_THAT(answer.err, ContainsSubstring("another server answers as the source") &&
                                   ContainsSubstring(":" + std::to_string(s.other_source().port())) &&
                                   ContainsSubstring("--same-server=off"));
        CHECK(s.copied() < 2000);
    }
}

TEST_CASE("a failover of the target that loses batches: exactly once, and the report counts what is there",
          "[other_server]") {
    auto& s = servers();
    s.fill(2000);
    s.other.create_database("shop");
    tool_run run(copy(s.source_uri(), s.moving_uri(s.target)));
    REQUIRE(support::eventually([&] { return s.copied() >= 300; }));
    s.replicate(s.target, s.other);
    const std::string counted = s.other.value("SELECT rows_copied FROM rowferry_checkpoint", "shop");
    s.other.execute("DELETE FROM procnote WHERE ProcNoteNum >= 3 * " + counted, "shop"); // of later batches
    REQUIRE(s.other.value("SELECT COUNT(*) FROM procnote", "shop") == counted);
    REQUIRE(support::eventually([&] { return s.copied() >= std::stoull(counted) + 300; }));
    s.move(s.target, s.other);
    const tool_answer answer = run.wait();
    INFO(answer.out << answer.err);
    CHECK(answer.exit_code == 0);
    const std::string rows = "SELECT * FROM procnote ORDER BY 1";
    CHECK((s.other.query(rows, "shop") == s.source.query(rows, "shop")));
    CHECK(json(answer, "$.tables[0].rows") == "2000");
    CHECK(std::stoull(json(answer, "$.tables[0].lost_batches")) >= 3);
    CHECK_THAT(answer.err, ContainsSubstring("the target has lost batches") && ContainsSubstring("(a failover?)"));
    CHECK_THAT(answer.err, ContainsSubstring("another server answers as the target"));
}

TEST_CASE("a server that restarts in the middle of a copy is the same one, through a proxy and without",
          "[other_server]") {
    auto& s = servers();
    for (const bool by_proxy : {true, false}) {
        for (const bool of_source : {true, false}) {
            CAPTURE(by_proxy, of_source);
            s.fill(2000);
            private_server& restarted = of_source ? s.source : s.target;
            const std::string moving = s.proxy_uri(restarted, private_server::user() + ":" + restarted.password());
            tool_run run(copy(by_proxy && of_source ? moving : s.source_uri(),
                              by_proxy && !of_source ? moving : s.target_uri(), {"--max-retries", "100"}));
            REQUIRE(support::eventually([&] { return s.copied() >= 300; }));
            restarted.stop();
            restarted.start();
            const tool_answer answer = run.wait();
            INFO(answer.out << answer.err);
            CHECK(answer.exit_code == 0);
            CHECK_THAT(answer.err, !ContainsSubstring("another server"));
            CHECK(json(answer, "$.tables[0].lost_batches") == "0");
            CHECK(s.difference().empty());
        }
    }
}

TEST_CASE("servers are told apart, and by any address one server is the same", "[other_server]") {
    auto& s = servers();
    s.clear();
    auto identity = [](const std::string& uri) { return rf::mysql::connector(uri).connect().value().server(); };
    const rf::server_identity source = identity(s.source_uri());
    CHECK(source.is_known());
    CHECK(identity(s.moving_uri(s.source)) == source);
    CHECK(identity("mysql://" + private_server::user() + ":" + s.source.password() +
                   "@localhost/shop?socket=" + s.source.socket()) == source);
    CHECK(identity(s.target_uri()) != source);
    CHECK(identity(s.other.uri("shop")) != identity(s.target_uri()));
    CHECK_THAT(source.name, ContainsSubstring(":" + std::to_string(s.source.port())));
}
