// SPDX-License-Identifier: BSL-1.0
// S09 with TLS, where the client libraries wait in blocking calls: the same limits hold, and a stop request is obeyed.
#include "bounded.hpp"
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "scripted_server.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace hostile;
using namespace std::chrono_literals;

namespace {

/// A copy of 25 rows over TLS, of which one side lies.
struct tls_case {
    tiny_database from{};
    tiny_database to{};
    outcome said{};

    tls_case(rule lie, bool source_lies, const guard& g, const std::vector<std::string>& more,
             const std::string& limits) {
        from.add_notes("t", 25);
        to.add_notes("t", 0);
        lies all;
        all.offers_tls = true;
        lies with_lie = all;
        with_lie.rules.push_back(std::move(lie));
        scripted_server source(from, source_lies ? with_lie : all);
        scripted_server target(to, source_lies ? all : with_lie);
        const std::string options = "ssl-mode=required" + limits;
        said = run_guarded(copy_arguments(source.uri(options), target.uri(options), more), g);
        for (const scripted_server* each : {&source, &target}) {
            for (const login& l : each->heard().logins()) CHECK(l.over_tls);
        }
    }
};

} // namespace

TEST_CASE("S09: over TLS, an answer of one byte at a time ends at the deadline", "[hostile]") {
    struct slow {
        const char* part;
        bool source;
    };
    std::vector<std::function<outcome()>> runs;
    for (const auto& [part, source] : {slow{"SELECT `id`, `note`", true}, slow{"information_schema.COLUMNS", true},
                                       slow{"CONNECTION_ID()", true}, slow{"COMMIT", false}}) {
        runs.emplace_back([part = std::string(part), source = source] {
            return tls_case(one_byte_at_a_time(part), source, {.name = "S09 TLS, slow " + part}, {"--deadline", "2"},
                            "&read-timeout=2&connect-timeout=2")
                .said;
        });
    }
    for (const outcome& said : run_together(runs)) {
        INFO(said.out << said.err);
        check_bounded(said);
        CHECK(said.took < 15s);
    }
}

TEST_CASE("S09: a TLS handshake over a slow line takes the time that it takes", "[hostile]") {
    tiny_database from;
    tiny_database to;
    from.add_notes("t", 3);
    to.add_notes("t", 0);
    lies slow;
    slow.offers_tls = true;
    slow.tls_delay = 200ms; // much more than the seconds of any limit are, where they are taken for milliseconds
    scripted_server source(from, slow);
    scripted_server target(to, slow);
    const std::string options = "ssl-mode=required&connect-timeout=10";
    const outcome said =
        run_guarded(copy_arguments(source.uri(options), target.uri(options)), {.name = "S09 TLS, slow handshake"});
    INFO(said.out << said.err);
    CHECK(said.exit_code == 0);
    CHECK_FALSE(said.says("connect failed")); // at the first try
    CHECK(to.rows("t").size() == 3);
}

TEST_CASE("S09: a server that says nothing in the TLS handshake ends at the connect timeout", "[hostile]") {
    listener silent([](channel& client) {
        greeting hello;
        hello.capabilities |= capability::tls;
        if (!client.write(encode(hello))) return;
        while (client.read()) {
        } // until the client has had enough
    });
    tiny_database to;
    to.add_notes("t", 0);
    scripted_server target(to);
    const std::string uri = "mysql://ferry:x@127.0.0.1:" + std::to_string(silent.port()) +
                            "/shop?ssl-mode=required&connect-timeout=2&read-timeout=60";
    const outcome said =
        run_guarded(copy_arguments(uri, target.uri(), {"--deadline", "2"}), {.name = "S09 TLS, silent handshake"});
    INFO(said.out << said.err);
    check_bounded(said);
    CHECK(said.took < 10s);
    CHECK(said.says("had not answered when the deadline passed"));
}

TEST_CASE("S09: over TLS, SIGTERM ends a wait for an answer after its grace", "[hostile]") {
    struct waiting {
        std::string name;
        rule how;
        bool source;
    };
    const std::vector<waiting> all{{"silent page", when("SELECT `id`, `note`", answer::no_answer()), true},
                                   {"silent COMMIT", when("COMMIT", answer::no_answer()), false},
                                   {"slow page", one_byte_at_a_time("SELECT `id`, `note`"), true}};
    std::vector<std::function<outcome()>> runs;
    for (const waiting& each : all) {
        for (const char* jobs : {"1", "2"}) { // two: another thread than the one that is interrupted waits
            runs.emplace_back([each, jobs = std::string(jobs)] {
                guard g;
                g.name = "S09 TLS, SIGTERM, " + each.name + ", --jobs " + jobs;
                g.signal = SIGTERM;
                g.signal_after = 1s;
                return tls_case(each.how, each.source, g, {"--jobs", jobs}, "").said;
            });
        }
    }
    for (const outcome& said : run_together(runs)) {
        INFO(said.out << said.err);
        CHECK_FALSE(said.hung);
        CHECK((said.exit_code == 1 || said.exit_code == 143));
        CHECK(said.took < 15s);
    }
}

TEST_CASE("S09: over TLS, a batch whose answer comes within the grace of a stop request is committed", "[hostile]") {
    guard g;
    g.name = "S09 TLS, SIGTERM, late page";
    g.signal = SIGTERM;
    g.signal_after = 1s;
    const rule late =
        when_nth(2, "SELECT `id`, `note`", [](answer& a) { a.delay = 3s; }); // after the look at the beginning
    const tls_case c(late, true, g, {"--batch-rows", "10"}, "");
    INFO(c.said.out << c.said.err);
    CHECK((c.said.exit_code == 1 || c.said.exit_code == 143));
    CHECK(c.said.took < 10s);
    CHECK(c.to.rows("t").size() == 10);
}
