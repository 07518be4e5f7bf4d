// SPDX-License-Identifier: BSL-1.0
// S12 and S14: with --json there is always one document; secrets are in no output, no memory image and no file.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "json.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include "child_process.hpp"

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

using namespace hostile;
using namespace std::chrono_literals;

TEST_CASE("S12: whatever ends a run with --json, one document tells of it", "[hostile]") {
    struct end {
        std::string name;
        lies source{};
        guard how{};
    };
    std::vector<end> all;
    all.push_back({"one column of the catalog", {}, {}});
    all.back().source.rules.push_back(when("information_schema.TABLES t", [](answer& a) {
        a.columns.resize(1);
        for (cells& row : a.rows) row.resize(1);
    }));
    all.push_back({"a page of one column", {}, {}});
    all.back().source.rules.push_back(when("SELECT `id`, `note`", [](answer& a) {
        a.columns.resize(1);
        for (cells& row : a.rows) row.resize(1);
    }));
    if (!is_sanitized()) { // whose memory cannot be limited so
        all.push_back({"no memory for a row", {}, {}});
        all.back().source.rules.push_back(when("SELECT `id`, `note`", [](answer& a) {
            for (cells& row : a.rows)
                if (row.size() > 1) row[1] = std::string(40U << 20U, 'x');
        }));
        all.back().how.address_space = 140U << 20U;
        all.push_back({"no memory for the catalog", {}, {}});
        all.back().source.rules.push_back(when("information_schema.COLUMNS", [](answer& a) {
            for (cells& row : a.rows)
                if (row.size() > 3) row[3] = std::string(30U << 20U, 'x');
        }));
        all.back().how.address_space = 120U << 20U;
    }
    all.push_back({"a signal", {}, {}});
    all.back().source.rules.push_back(when("SELECT `id`, `note`", answer::no_answer()));
    all.back().how.signal = SIGTERM;
    all.back().how.signal_after = 700ms;
    all.push_back({"a refused login", {}, {}});
    all.back().source.login = send_away(1045, "no");
    for (const end& each : all) {
        for (const char* command : {"copy", "verify"}) {
            tiny_database from;
            tiny_database to;
            from.add_notes("t", 2);
            to.add_notes("t", 0);
            scripted_server source(from, each.source);
            scripted_server target(to);
            auto arguments = copy_arguments(source.uri("ssl-mode=disabled&read-timeout=3"), target.uri(), {"--json"});
            arguments[0] = command;
            guard g = each.how;
            g.name = "S12 " + each.name + ", " + command;
            const outcome said = run_guarded(arguments, g);
            INFO(each.name << ' ' << command << ' ' << said.exit_code << '\n' << said.out << said.err.substr(0, 2000));
            CHECK(is_one_document(said.out));
            CHECK_FALSE(said.crashed());
            CHECK_FALSE(said.hung);
            if (each.name != "a page of one column" && each.name != "a signal") CHECK(said.exit_code != 0);
        }
    }
}

TEST_CASE("S14: a URI's mistyped option is not quoted", "[hostile]") {
    for (const char* uri :
         {"mysql://ferry:hunter2@127.0.0.1:1/shop?hunter2", "mysql://ferry:hunter2@127.0.0.1:1/shop?pass=hunter2",
          "mysql://ferry@127.0.0.1:1/shop?password:hunter2", "mysql://ferry:hunter2@127.0.0.1:hunter2/shop",
          "mysql://ferry:hunter2", "mysql//ferry:hunter2@x/shop",
          "mysql://ferry:hunter2@127.0.0.1:1/shop?socket=/x&hunter2=1"}) {
        for (const char* end : {"--source", "--target"}) {
            const std::string other = std::string(end) == "--source" ? "--target" : "--source";
            const outcome said = run_guarded({"copy", end, uri, other, "mysql://ferry@127.0.0.1:1/shop?socket=/nowhere",
                                              "--table", "t", "--max-retries", "0"},
                                             {.name = std::string("S14 ") + uri});
            INFO(uri << '\n' << said.out << said.err);
            CHECK_FALSE(said.says("hunter2"));
            CHECK(said.exit_code != 0);
        }
    }
}

TEST_CASE("S14: an option file that others may write is refused", "[hostile]") {
    const support::temporary_folder folder;
    const std::string file = folder.path() + "/options.cnf";
    std::ofstream(file) << "[client]\npassword=correct-horse\n";
    for (const unsigned mode : {0600U, 0602U, 0620U, 0666U}) {
        ::chmod(file.c_str(), mode);
        tiny_database from;
        tiny_database to;
        from.add_notes("t", 2);
        to.add_notes("t", 0);
        scripted_server source(from);
        scripted_server target(to);
        const std::string uri =
            "mysql://ferry@127.0.0.1:" + std::to_string(source.port()) + "/shop?ssl-mode=disabled&option-file=" + file;
        const outcome said =
            run_guarded(copy_arguments(uri, target.uri()), {.name = "S14 option file of mode " + std::to_string(mode)});
        INFO(mode << '\n' << said.out << said.err);
        source.stop();
        if (mode == 0600U) {
            CHECK(said.exit_code == 0);
        } else if ((mode & 022U) != 0) {
            CHECK(said.exit_code == 2);
            CHECK(source.heard().logins().empty());
        }
    }
}

TEST_CASE("S14: no core is dumped", "[hostile]") {
    guard g;
    g.may_dump_core = true;
    g.signal = SIGQUIT;
    g.signal_after = 700ms;
    const outcome control = run_program({"/bin/sleep", "5"}, g);
    if (!control.dumped_core) SKIP("this system dumps no core");
    tiny_database from;
    tiny_database to;
    from.add_notes("t", 2);
    to.add_notes("t", 0);
    lies l;
    l.rules.push_back(when("SELECT `id`, `note`", answer::no_answer()));
    scripted_server source(from, l);
    scripted_server target(to);
    g.name = "S14 core dump";
    const outcome said = run_guarded(copy_arguments(source.uri(), target.uri()), g);
    CHECK(said.exit_code == 128 + SIGQUIT);
    CHECK_FALSE(said.dumped_core);
}
