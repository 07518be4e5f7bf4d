// SPDX-License-Identifier: BSL-1.0
// S09: answers without an end, or a byte at a time: bounded in memory and by the deadline, and a stop request is obeyed.
#include "bounded.hpp"
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace hostile;
using namespace std::chrono_literals;

namespace {

struct endless_case {
    tiny_database from{};
    tiny_database to{};
    outcome said{};

    endless_case(lies l, bool source_lies, guard g, const std::vector<std::string>& more,
                 const std::string& options = "ssl-mode=disabled") {
        from.add_notes("t", 25);
        to.add_notes("t", 0);
        scripted_server source(from, source_lies ? l : lies{});
        scripted_server target(to, source_lies ? lies{} : l);
        g.patience = 40s;
        said = run_guarded(copy_arguments(source.uri(options), target.uri(options), more), g);
    }
};

lies lie(rule r) {
    lies l;
    l.rules.push_back(std::move(r));
    return l;
}

rule endless(std::string part, std::size_t bytes_per_cell = 0) {
    return when(std::move(part), [bytes_per_cell](answer& a) {
        if (a.is != answer::kind::rows) return;
        if (a.rows.empty()) a.rows.push_back(cells(a.columns.size(), "x"));
        if (bytes_per_cell > 0) {
            for (auto& cell : a.rows[0]) cell = std::string(bytes_per_cell, 'x');
        }
        a.repeat_rows = answer::forever;
    });
}

} // namespace

TEST_CASE("S09: endless answers of a source end, in bounded memory", "[hostile]") {
    for (const char* part :
         {"SELECT `id`, `note`", "information_schema.TABLES t", "information_schema.COLUMNS",
          "information_schema.STATISTICS", "information_schema.TRIGGERS", "CONNECTION_ID()", "LIMIT 0"}) {
        for (const std::size_t bytes : {std::size_t{0}, std::size_t{1} << 18U}) {
            const endless_case c(lie(endless(part, bytes)), true,
                                 {.name = std::string("S09 endless ") + part + (bytes == 0 ? "" : ", 256 KiB a cell")},
                                 {"--deadline", "3"});
            INFO(part << ' ' << bytes << '\n' << c.said.out << c.said.err);
            check_bounded(c.said);
            CHECK(c.said.took < 15s);
            CHECK(c.to.rows("t").empty());
        }
    }
}

TEST_CASE("S09: endless answers of a target end, in bounded memory", "[hostile]") {
    for (const char* part : {"information_schema.TABLES t", "FROM `rowferry_checkpoint`", "GET_LOCK(", "COMMIT",
                             "SHOW GLOBAL VARIABLES"}) {
        const endless_case c(lie([part = std::string(part)](const call& q, answer& a) {
                                 if (q.sql.find(part) == std::string::npos) return;
                                 if (a.is != answer::kind::rows) a = answer::table({"x"}, {{"1"}});
                                 if (a.rows.empty()) a.rows.push_back(cells(a.columns.size(), "x"));
                                 a.repeat_rows = answer::forever;
                             }),
                             false, {.name = std::string("S09 endless ") + part + ", target"}, {"--deadline", "3"});
        INFO(part << '\n' << c.said.out << c.said.err);
        check_bounded(c.said);
        CHECK(c.said.took < 15s);
    }
}

TEST_CASE("S09: column definitions that come as fast as they are read end, in bounded memory", "[hostile]") {
    for (const char* part : {"SELECT `id`, `note`", "information_schema.COLUMNS"}) {
        const endless_case c(lie(when(part,
                                      [](answer& a) {
                                          constexpr std::size_t most_columns = 65'535;
                                          constexpr std::size_t name_bytes = 2'000;
                                          if (a.is == answer::kind::rows)
                                              a.columns.assign(most_columns, {std::string(name_bytes, 'c')});
                                      })),
                             true, {.name = std::string("S09 columns of ") + part}, {"--deadline", "3"});
        INFO(part << '\n' << c.said.out << c.said.err);
        check_bounded(c.said);
        CHECK(c.said.took < 15s);
        CHECK(c.said.says("MiB where far less is expected"));
    }
}

TEST_CASE("S09: endless answers of a verification end", "[hostile]") {
    for (const char* part : {"COUNT(digest)", "LIMIT 1 OFFSET"}) {
        const endless_case c(lie(endless(part)), true, {.name = std::string("S09 endless ") + part},
                             {"--deadline", "3", "--verify"});
        INFO(part << '\n' << c.said.out << c.said.err);
        check_bounded(c.said);
        CHECK(c.said.took < 15s);
    }
}

TEST_CASE("S09: a verification whose ranges do not advance ends", "[hostile]") {
    struct liar {
        std::string name;
        std::vector<std::string> ends;
        bool source;
    };
    const std::vector<liar> all{{"the same end", {"5"}, true},
                                {"two ends in turn", {"5", "9"}, true},
                                {"three ends in turn", {"5", "9", "7"}, true},
                                {"the same end of the target's", {"5"}, false}};
    const real_database from("shop_source");
    from.add_notes(25);
    const real_database to("shop_target");
    to.add_notes(25);
    std::vector<std::function<outcome()>> runs;
    for (const liar& each : all) {
        runs.emplace_back([&, each] {
            lies l;
            l.rules.push_back([each, n = std::size_t{0}](const call& c, answer& a) mutable {
                if (c.sql.find("LIMIT 1 OFFSET") != std::string::npos) {
                    a = answer::table({"id"}, {{each.ends[n++ % each.ends.size()]}});
                }
                // Many more rows than the source has, so that the range is compared in parts.
                if (!each.source && c.sql.find("COUNT(digest)") != std::string::npos && !a.rows.empty()) {
                    a.rows[0][0] = a.rows[0][1] = "100000000";
                }
            });
            proxy source(real_database::port(), each.source ? l : lies{});
            proxy target(real_database::port(), each.source ? lies{} : l);
            guard g;
            g.name = "S09 verification, " + each.name;
            g.patience = 20s;
            return run_guarded(verify_arguments(source.uri(from.uri()), target.uri(to.uri())), g);
        });
    }
    const std::vector<outcome> said = run_together(runs);
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(all[i].name << '\n' << said[i].out << said[i].err);
        check_bounded(said[i]);
        CHECK(said[i].says("makes no sense: a range of the key ends where an earlier one ended"));
        CHECK(said[i].says(all[i].source ? "source, table t" : "target, table t"));
    }
}

TEST_CASE("S09: a copy whose pages go round in a circle ends", "[hostile]") {
    const real_database from("shop_source");
    from.add_notes(25);
    for (const char* mode : {"upsert", "replace", "skip-existing"}) {
        const real_database to("shop_target");
        to.add_notes(0);
        lies l;
        l.rules.push_back([n = 0](const call& c, answer& a) mutable {
            if (c.sql.find("SELECT `id`, `note`") == std::string::npos || c.sql.find(" LIMIT 2") == std::string::npos) {
                return;
            }
            const bool is_odd = ++n % 2 == 1;
            a.rows = is_odd ? std::vector<cells>{{"1", "note 1"}, {"2", "note 2"}}
                            : std::vector<cells>{{"3", "note 3"}, {"4", "note 4"}};
        });
        proxy source(real_database::port(), l);
        proxy target(real_database::port());
        guard g;
        g.name = std::string("S09 pages in a circle, ") + mode;
        g.patience = 20s;
        const outcome said = run_guarded(
            copy_arguments(source.uri(from.uri()), target.uri(to.uri()), {"--batch-rows", "2", "--write-mode", mode}),
            g);
        INFO(mode << '\n' << said.out << said.err);
        check_bounded(said);
        CHECK(said.says("a page holds a row outside of the range that was asked for")); // keys are integers
    }
}

TEST_CASE("S09: an answer of one byte at a time ends at the deadline", "[hostile]") {
    const std::vector<std::string> parts{"SELECT `id`, `note`", "information_schema.COLUMNS", "SHOW CREATE",
                                         "CONNECTION_ID()"};
    std::vector<std::function<outcome()>> runs;
    for (const std::string& part : parts) {
        runs.emplace_back([part] {
            tiny_database from;
            tiny_database to;
            from.add_notes("t", 25);
            scripted_server source(from, lie(one_byte_at_a_time(part)));
            scripted_server target(to);
            const char* options = "ssl-mode=disabled&read-timeout=2&connect-timeout=2";
            return run_guarded(
                copy_arguments(source.uri(options), target.uri(options), {"--deadline", "2", "--create-target"}),
                {.name = "S09 slow " + part});
        });
    }
    for (const outcome& said : run_together(runs)) {
        INFO(said.out << said.err);
        check_bounded(said);
        CHECK(said.took < 15s);
    }
}

TEST_CASE("S09: a server that greets slowly, or not at all, ends at the connect timeout", "[hostile]") {
    std::vector<std::function<outcome()>> runs;
    for (const bool greets : {false, true}) {
        runs.emplace_back([greets] {
            listener silent([greets](channel& client) {
                if (!greets) {
                    client.read();
                    return;
                }
                for (const char c : client.frame({encode(greeting{})})) {
                    std::this_thread::sleep_for(300ms);
                    if (!client.write_raw(std::string_view(&c, 1))) return;
                }
            });
            tiny_database to;
            to.add_notes("t", 0);
            scripted_server target(to);
            const std::string uri = "mysql://ferry:x@127.0.0.1:" + std::to_string(silent.port()) +
                                    "/shop?ssl-mode=disabled&connect-timeout=2&read-timeout=2";
            return run_guarded(copy_arguments(uri, target.uri(), {"--deadline", "2"}),
                               {.name = greets ? "S09 slow greeting" : "S09 no greeting"});
        });
    }
    for (const outcome& said : run_together(runs)) {
        INFO(said.out << said.err);
        check_bounded(said);
        CHECK(said.took < 15s);
    }
}

TEST_CASE("S09: the first SIGTERM and SIGINT end a wait for an answer", "[hostile]") {
    struct waiting {
        std::string name;
        rule how;
        bool source;
    };
    const std::vector<waiting> all{{"silent page", when("SELECT `id`, `note`", answer::no_answer()), true},
                                   {"silent catalog", when("information_schema.COLUMNS", answer::no_answer()), true},
                                   {"silent COMMIT", when("COMMIT", answer::no_answer()), false},
                                   {"silent session", when("CONNECTION_ID()", answer::no_answer()), true},
                                   {"slow page", one_byte_at_a_time("SELECT `id`, `note`"), true}};
    for (const int number : {SIGTERM, SIGINT}) {
        std::vector<std::function<outcome()>> runs;
        for (const waiting& each : all) {
            runs.emplace_back([each, number] {
                guard g;
                g.name = "S09 signal " + std::to_string(number) + ", " + each.name;
                g.signal = number;
                g.signal_after = 700ms;
                return endless_case(lie(each.how), each.source, g, {}).said;
            });
        }
        for (const outcome& said : run_together(runs)) {
            INFO(number << '\n' << said.out << said.err);
            CHECK_FALSE(said.hung);
            CHECK((said.exit_code == 1 || said.exit_code == 128 + number)); // the tool itself says that it was stopped
            CHECK(said.took < 10s); // the batch under way has a grace of five seconds
        }
    }
}
