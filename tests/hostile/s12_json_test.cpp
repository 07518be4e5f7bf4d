// SPDX-License-Identifier: BSL-1.0
// S12 and S14: with --json there is always one document; secrets are in no output, no memory image and no file.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "json.hpp"
#include "proxy.hpp"
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

TEST_CASE("S12: --json with a value is wrong usage, said in one document", "[hostile]") {
    for (const char* option : {"--json=1", "--json=true", "--json="}) {
        for (const char* command : {"copy", "verify", "checkpoints"}) {
            const outcome said = run_guarded({command, option, "--target", "mysql://u@127.0.0.1:1/x"});
            INFO(command << ' ' << option << '\n' << said.out << said.err);
            // "true" and nothing are what the option means without a value.
            if (std::string(option) == "--json=1") CHECK(said.exit_code == 2);
            CHECK(said.exit_code != 0);
            CHECK(is_one_document(said.out));
        }
    }
}

TEST_CASE("S12: the form of a URI is shown whole where one is malformed", "[hostile]") {
    const outcome said = run_guarded(
        {"copy", "--json", "--source", "mysql://u:hunter2@h", "--target", "mysql://u@127.0.0.1:1/x", "--table", "t"});
    INFO(said.out << said.err);
    CHECK(said.exit_code == 2);
    CHECK(said.err.find("the form is mysql://user[:password]@host[:port]/database[?option=value&…]") !=
          std::string::npos);
    CHECK_FALSE(said.says("hunter2"));
}

TEST_CASE("S14: a URI that stands in the place of a table, a column or a filter is shown without its password",
          "[hostile]") {
    const std::string uri = "mysql://u:hunter2@h/x";
    for (const char* command : {"copy", "verify"}) {
        for (const std::vector<std::string>& more : {std::vector<std::string>{"--table", uri},
                                                     {"--table", "t", "--where", "note = '" + uri + "'"},
                                                     {"--table", "t", "--columns", uri},
                                                     {"--table", uri, "--table", "t"}}) {
            tiny_database from;
            tiny_database to;
            from.add_notes("t", 2);
            to.add_notes("t", 0);
            scripted_server source(from);
            scripted_server target(to);
            for (const bool json : {true, false}) {
                std::vector<std::string> arguments{command,      "--source",      source.uri(), "--target",
                                                   target.uri(), "--max-retries", "0"};
                arguments.insert(arguments.end(), more.begin(), more.end());
                arguments.insert(arguments.end(), {"--log", "json"});
                if (json) arguments.emplace_back("--json");
                const outcome said = run_guarded(arguments);
                INFO(command << ' ' << more.at(0) << '\n' << said.out << said.err);
                CHECK_FALSE(said.says("hunter2"));
                if (json) CHECK(is_one_document(said.out));
            }
        }
    }
}

TEST_CASE("S14: an option file that is a pipe is refused at once", "[hostile]") {
    const support::temporary_folder folder;
    const std::string pipe = folder.path() + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const char* option : {"option-file", "ssl-ca", "server-public-key"}) {
        const std::string ca = std::string(option) == "ssl-ca" ? "&ssl-mode=verify-ca" : "";
        const outcome said =
            run_guarded(copy_arguments("mysql://ferry@127.0.0.1:1/shop?" + std::string(option) + "=" + pipe + ca,
                                       "mysql://ferry@127.0.0.1:1/shop"),
                        {.patience = 10s});
        INFO(option << '\n' << said.out << said.err);
        CHECK_FALSE(said.hung);
        CHECK(said.exit_code == 2);
        CHECK(said.says("regular file"));
    }
}

TEST_CASE("a table's name with a character that no name has is that of no table", "[hostile]") {
    const real_database from("shop_source");
    const real_database to("shop_target");
    for (const char* command : {"copy", "verify"}) {
        const outcome said =
            run_guarded({command, "--source", from.uri(), "--target", to.uri(), "--table", "\xf0\x9f\x98\x80"});
        INFO(said.out << said.err);
        CHECK(said.exit_code == 2);
        CHECK(said.says("has no table"));
        CHECK_FALSE(said.says("collation"));
    }
}

TEST_CASE("checkpoints of which only some could be dropped are no refusal", "[hostile]") {
    const real_database from("shop_source");
    const real_database to("shop_target");
    for (const real_database* each : {&from, &to})
        each->execute("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)");
    REQUIRE(run_guarded({"copy", "--source", from.uri(), "--target", to.uri(), "--all-tables"}).exit_code == 0);
    for (const unsigned nth : {1U, 2U}) {
        lies l;
        l.rules.push_back(
            when_nth(nth, "DELETE FROM `rowferry_checkpoint`", [](answer& a) { a = answer::failure(1142, "denied"); }));
        proxy target(real_database::port(), l);
        const outcome said = run_guarded(
            {"checkpoints", "--target", target.uri(to.uri()), "--table", "a", "--table", "b", "--drop-all", "--json"});
        INFO(nth << '\n' << said.out << said.err);
        CHECK(is_one_document(said.out));
        CHECK(said.exit_code == (nth == 1 ? 2 : 4));
        CHECK(said.says("denied"));
        CHECK(said.says("\"dropped\":[{") == (nth == 2));
        if (nth == 1) {
            to.execute("DELETE FROM rowferry_checkpoint");
            to.execute(
                "DROP TABLE a; DROP TABLE b; CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)");
            REQUIRE(run_guarded({"copy", "--source", from.uri(), "--target", to.uri(), "--all-tables"}).exit_code == 0);
        }
    }
}
