// SPDX-License-Identifier: BSL-1.0
// The library against a server that lies: what its report and its errors say.
#include "catch.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace hostile;

namespace {

struct library_case {
    tiny_database from{};
    tiny_database to{};
    rf::report report{};
    std::vector<login> source_logins{};
    std::vector<std::string> source_replies{};
    std::string files{};

    library_case(lies source_lies, lies target_lies,
                 const std::string& options = "ssl-mode=disabled&read-timeout=2&connect-timeout=2") {
        from.add_notes("t", 25);
        to.add_notes("t", 0);
        scripted_server source(from, std::move(source_lies));
        scripted_server target(to, std::move(target_lies));
        rf::mysql::connector left(source.uri(options));
        rf::mysql::connector right(target.uri(options));
        report = rf::pipeline{rf::fixed_batch{.rows = 10}, rf::no_retry{}}.copy(left, right, "t");
        source.stop();
        target.stop();
        source_logins = source.heard().logins();
        source_replies = source.heard().replies();
        files = source.heard().files() + target.heard().files();
    }
    [[nodiscard]] std::string why() const { return report.failure ? rf::to_string(*report.failure) : "complete"; }
};

lies lie(rule r) {
    lies l;
    l.rules.push_back(std::move(r));
    return l;
}

} // namespace

TEST_CASE("the library copies from and to an honest scripted server", "[hostile]") {
    const library_case c({}, {});
    INFO(c.why());
    CHECK(c.report.complete());
    CHECK(c.report.rows == 25);
    CHECK(c.to.rows("t") == c.from.rows("t"));
}

TEST_CASE("S07: the library refuses pages with other columns", "[hostile]") {
    for (const std::size_t columns : {std::size_t{1}, std::size_t{3}}) {
        const library_case c(lie(when("SELECT `id`, `note`",
                                      [columns](answer& a) {
                                          a.columns.resize(columns, column{"extra"});
                                          for (cells& row : a.rows) row.resize(columns, "7");
                                      })),
                             {});
        INFO(c.why());
        CHECK_FALSE(c.report.complete());
        CHECK(c.report.rows == 0);
        CHECK(c.to.rows("t").empty());
        REQUIRE(c.report.failure);
        CHECK(c.report.failure->operation == "read");
    }
}

TEST_CASE("S08: the library does not take a COMMIT for one that was none", "[hostile]") {
    lies in_transaction;
    in_transaction.instead.push_back([](const call& c) -> std::optional<answer> {
        if (c.sql != "COMMIT") return std::nullopt;
        answer a = answer::done();
        a.status |= status::in_transaction;
        return a;
    });
    lies rows;
    rows.instead.push_back(swallow("COMMIT", answer::table({"x"}, {{"1"}})));
    lies smooth;
    smooth.instead.push_back(swallow("COMMIT", answer::done()));
    for (const lies& l : {in_transaction, rows, smooth}) {
        const library_case c({}, l);
        INFO(c.why());
        CHECK_FALSE(c.report.complete());
    }
}

TEST_CASE("S02: the library gives its password to no other plugin", "[hostile]") {
    for (const char* plugin : {"mysql_clear_password", "mysql_old_password", "dialog"}) {
        lies l;
        l.login = switch_to(plugin, "\x04Password: ");
        const library_case c(l, {});
        INFO(plugin << ": " << c.why());
        CHECK_FALSE(c.report.complete());
        CHECK(c.source_replies.empty());
    }
}

TEST_CASE("S09: the library stops reading a page without an end", "[hostile]") {
    const library_case c(lie(when("SELECT `id`, `note`", [](answer& a) { a.repeat_rows = answer::forever; })), {});
    INFO(c.why());
    CHECK_FALSE(c.report.complete());
    CHECK(c.to.rows("t").empty());
}

TEST_CASE("a request for a file opens none", "[hostile]") {
    for (const char* part : {"SELECT `id`, `note`", "START TRANSACTION", "CONNECTION_ID()", "COMMIT"}) {
        for (const bool is_source : {true, false}) {
            const lies l = lie(when(part, answer::file_request("/etc/passwd")));
            const library_case c(is_source ? l : lies{}, is_source ? lies{} : l);
            INFO(part << ": " << c.why());
            CHECK(c.files.find("root:") == std::string::npos);
            CHECK(c.files.empty());
            if (c.report.complete()) CHECK(c.to.rows("t") == c.from.rows("t"));
        }
    }
}

TEST_CASE("S08: a COMMIT that was not carried out is told from another run that took over", "[hostile]") {
    const real_database to("shop_target");
    auto opened = rf::mysql::connector(to.uri()).connect();
    REQUIRE(opened.has_value());
    rf::mysql::connection& c = *opened;
    rf::checkpoint entry;
    entry.job = rf::job_id("a job");
    entry.title = "t to t, keyset";
    entry.target_table = "t";
    entry.run = "this run";
    REQUIRE(c.claim_checkpoint(entry, {}).has_value());
    entry.batches = 2; // as if the first were there
    REQUIRE(c.begin().has_value());
    SECTION("it is still this run's") {
        const auto saved = c.save_checkpoint(entry);
        REQUIRE_FALSE(saved.has_value());
        INFO(rf::to_string(saved.error()));
        CHECK(saved.error().cause == rf::cause::senseless_answer);
        CHECK(saved.error().offers(rf::remedy::check_proxy));
        CHECK(saved.error().message.find("a COMMIT was answered with OK and not carried out") != std::string::npos);
    }
    SECTION("it is another's") {
        to.execute("UPDATE rowferry_checkpoint SET run = 'another'");
        const auto saved = c.save_checkpoint(entry);
        REQUIRE_FALSE(saved.has_value());
        INFO(rf::to_string(saved.error()));
        CHECK(saved.error().message.find("another run into this table has taken over") != std::string::npos);
    }
}

TEST_CASE("S08: a lock that the server could not take is no other run", "[hostile]") {
    const cells null{std::nullopt};
    const library_case failed({}, lie(when("GET_LOCK('rowferry.", answer::table({"x"}, {null}))));
    INFO(failed.why());
    REQUIRE(failed.report.failure);
    CHECK(failed.report.failure->message.find("could not take the lock") != std::string::npos);
    const library_case other({}, lie(when("GET_LOCK('rowferry.", answer::table({"x"}, {{"7"}}))));
    INFO(other.why());
    REQUIRE(other.report.failure);
    CHECK(other.report.failure->cause == rf::cause::senseless_answer);
    const library_case held({}, lie(when("GET_LOCK('rowferry.", answer::table({"x"}, {{"0"}}))));
    INFO(held.why());
    REQUIRE(held.report.failure);
    CHECK(held.report.failure->message.find("another run is claiming table t") != std::string::npos);
}

TEST_CASE("S14: no error repeats the password in the server's words", "[hostile]") {
    const std::string words = "Access denied, using correct-horse for correct-horse";
    for (const bool is_source : {true, false}) {
        std::vector<lies> all(1);
        all.back().login = send_away(1045, words);
        for (const char* part : {"@@character_set_client", "SELECT `id`, `note`", "information_schema.COLUMNS",
                                 "GET_LOCK('rowferry.", "START TRANSACTION", "COMMIT"}) {
            all.push_back(lie(when(part, answer::failure(1105, words))));
        }
        for (const lies& l : all) {
            const library_case c(is_source ? l : lies{}, is_source ? lies{} : l);
            INFO(c.why());
            CHECK(c.why().find("correct-horse") == std::string::npos);
            if (c.report.failure) CHECK(c.report.failure->server_message.find("correct-horse") == std::string::npos);
        }
    }
}
