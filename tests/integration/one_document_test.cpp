// SPDX-License-Identifier: BSL-1.0
// With --json standard output holds one JSON document, however a run ends; and the process keeps its memory to itself.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using Catch::Matchers::ContainsSubstring;
using support::eventually;
using support::run_tool;
using support::tool_answer;
using support::tool_run;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}
using words = std::vector<std::string>;

words copy(words more) {
    words all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}

/// The tool, started by a shell that runs `before` first, as "ulimit -v 1000000"; `after` as "> /dev/full".
tool_answer run_in_shell(const std::string& before, const words& arguments, const std::string& after = "") {
    words all{"-c", before + "; exec \"$0\" \"$@\" " + after, ROWFERRY_TOOL};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return tool_run(all, "/bin/sh").wait();
}

constexpr bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return true;
#endif
#endif
    return false;
}

std::string file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

} // namespace

TEST_CASE("a command line that cannot be read gets a document too") {
    const std::string uri = "mysql://u:sesame@127.0.0.1:1/x";
    const std::vector<words> wrong{
        {"--json"},
        {"nonsense", "--json"},
        {"--json", "copy"},
        {"copy", "--json"},
        {"copy", "--json", "--json=no"},
        {"copy", "--json", "--no-such-option"},
        {"copy", "--json", "--table"},
        {"copy", "--json", "--table", "\xFF"},
        {"copy", "--json", "--source", "no URI", "--target", uri, "--all-tables"},
        {"copy", "--json", "--source", uri, "--target", uri},
        {"copy", "--json", "--source", uri, "--target", uri, "--all-tables", "--batch-rows", "18446744073709551616"},
        {"copy", "--json", "--source", uri, "--target", uri, "--all-tables", "--jobs", "-1"},
        {"copy", "--json", "--source", uri, "--target", uri, "--table", "t", "--columns", "`"},
        {"verify", "--json"},
        {"verify", "--json", "--source", uri, "--target", uri, "--table", ""},
        {"checkpoints", "--json"},
        {"checkpoints", "--json", "--target", uri, "--drop", "1"},
    };
    for (const words& arguments : wrong) {
        const tool_answer answer = run_tool(arguments);
        CAPTURE(arguments, answer.out, answer.err);
        CHECK(answer.exit_code == 2);
        CHECK(answer.error_lines() == 1);
        CHECK_FALSE(json(answer, "$.error.message").empty());
        CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":false"));
        CHECK_THAT(answer.out + answer.err, !ContainsSubstring("sesame"));
    }
}

TEST_CASE("a server that cannot be reached, or refuses, gets a document from each command") {
    servers().fill(3);
    const std::string nobody = "mysql://u:sesame@127.0.0.1:1/x";
    for (const words& arguments :
         {words{"copy", "--source", nobody, "--target", servers().target_uri(), "--table", "procnote"},
          words{"verify", "--source", servers().source_uri(), "--target", nobody, "--all-tables"},
          words{"checkpoints", "--target", nobody}, copy({"--table", "procnote", "missing"}),
          copy({"--table", "procnote", "--where", "no_such_column = 1"}),
          copy({"--table", "procnote", "--columns", "no_such_column", "--dry-run"})}) {
        words all = arguments;
        for (const char* each : {"--json", "--max-retries", "0"}) {
            if (arguments.front() != "checkpoints" || each == std::string("--json")) all.emplace_back(each);
        }
        const tool_answer answer = run_tool(all);
        CAPTURE(all, answer.out, answer.err);
        const bool is_unreachable = (answer.out + answer.err).find("127.0.0.1:1") != std::string::npos;
        CHECK(answer.exit_code == (is_unreachable ? 1 : 2));
        const std::string in_table = arguments.front() == "verify" ? "" : json(answer, "$.tables[0].error.message");
        CHECK_FALSE((json(answer, "$.error.message") + in_table).empty());
    }
}

TEST_CASE("a table that does not fit into memory ends as that table's failure, after those that were copied") {
    if (is_sanitized()) SKIP("the address sanitizer needs more address space than this test leaves");
    servers().fill(1000);
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE zlarge (id INT PRIMARY KEY, content LONGBLOB)", "shop");
    }
    servers().source.execute("INSERT INTO zlarge SELECT seq, REPEAT('x', 1048576) FROM seq_1_to_400", "shop");
    // One batch would be 400 MiB.
    const tool_answer answer = run_in_shell(
        "ulimit -v 450000",
        copy({"--table", "procnote", "zlarge", "--json", "--batch-rows", "1000", "--batch-bytes", "1073741824"}));
    CAPTURE(answer.out.substr(0, 4000), answer.err);
    CHECK(answer.exit_code == 4); // the same command would meet the same end
    CHECK(json(answer, "$.tables[0].outcome") == "complete");
    CHECK(json(answer, "$.tables[0].rows") == "1000");
    CHECK(json(answer, "$.tables[1].table") == "zlarge");
    CHECK(json(answer, "$.tables[1].outcome") == "stopped");
    CHECK_THAT(json(answer, "$.tables[1].error.message"),
               ContainsSubstring("not enough memory for row ") && ContainsSubstring("(10485"));
    CHECK(json(answer, "$.tables[1].error.remedies[0].action") == "smaller_batches");
    CHECK_THAT(answer.out, !ContainsSubstring("\"retryable\":true"));
    CHECK_THAT(answer.err, ContainsSubstring("--batch-bytes"));
    CHECK_THAT(answer.err, ContainsSubstring("zlarge"));
    CHECK_THAT(answer.err, ContainsSubstring("memory"));
    CHECK(servers().copied("zlarge") == 0);

    const tool_answer again = run_tool(copy({"--table", "procnote", "zlarge", "--json"}));
    CAPTURE(again.out, again.err);
    CHECK(again.exit_code == 0);
    CHECK(servers().copied("zlarge") == 400);
}

/// Both servers take packets of 1 GiB for the time of a test.
struct large_packets {
    large_packets() { set("1073741824"); }
    ~large_packets() { set("DEFAULT"); }
    large_packets(const large_packets&) = delete;
    large_packets& operator=(const large_packets&) = delete;
    static void set(const std::string& value) {
        for (const auto* server : {&servers().source, &servers().target}) {
            server->execute("SET GLOBAL max_allowed_packet = " + value);
        }
    }
};

TEST_CASE("a row that does not fit into memory is named by its table, its place and its size") {
    if (is_sanitized()) SKIP("the address sanitizer needs more address space than this test leaves");
    servers().fill(10);
    constexpr unsigned size = 150'000'000;
    const large_packets packets;
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE zlarge (id INT PRIMARY KEY, content LONGBLOB)", "shop");
    }
    servers().source.execute("INSERT INTO zlarge VALUES (1, 'a'), (2, 'b')", "shop");
    servers().source.execute("INSERT INTO zlarge VALUES (3, REPEAT('x', " + std::to_string(size) + "))", "shop");
    const words options{"--table", "zlarge", "--json", "--batch-rows", "2", "--no-resume", "--truncate-target"};
    bool is_sized = false;
    // With more and more memory: the client library cannot receive the row, the copy cannot keep it, or not write it.
    for (const unsigned limit : {200'000U, 250'000U, 300'000U, 350'000U}) {
        const tool_answer answer =
            run_in_shell("export MALLOC_ARENA_MAX=1; ulimit -v " + std::to_string(limit), copy(options));
        CAPTURE(limit, answer.out.substr(0, 4000), answer.err);
        CHECK(answer.exit_code == 4);
        CHECK(json(answer, "$.tables[0].table") == "zlarge");
        CHECK(json(answer, "$.tables[0].error.cause") == "out_of_memory");
        const std::string message = json(answer, "$.tables[0].error.message");
        CHECK_THAT(message,
                   ContainsSubstring("table zlarge, after key (2): there is not enough memory for row 1 of the "
                                     "answer (") ||
                       ContainsSubstring("table zlarge, the row with key (3): there is not enough memory"));
        is_sized = is_sized || message.find(std::to_string(size + 1) + " bytes") != message.npos;
        CHECK(servers().copied("zlarge") == 2);
    }
    CHECK(is_sized);
    const tool_answer done = run_tool(copy(options));
    CAPTURE(done.out, done.err);
    CHECK(done.exit_code == 0);
    CHECK(servers().copied("zlarge") == 3);
}

TEST_CASE("too little memory for anything: no crash, and a document if the program starts at all") {
    if (is_sanitized()) SKIP("the address sanitizer needs more address space than this test leaves");
    servers().fill(1000);
    unsigned documents = 0;
    for (int limit = 20'000; limit <= 200'000; limit += 20'000) {
        const tool_answer answer = run_in_shell(
            "ulimit -v " + std::to_string(limit),
            copy({"--table", "procnote", "--json", "--no-resume", "--truncate-target", "--max-retries", "0"}));
        CAPTURE(limit, answer.out, answer.err);
        const bool is_started = answer.err.find("error while loading shared libraries") == std::string::npos;
        CHECK(answer.exit_code != 134); // terminated
        CHECK(answer.exit_code != 139); // a segmentation fault
        if (!is_started || answer.exit_code == 127) continue;
        ++documents;
        CHECK_FALSE(json(answer, "$.totals.outcome").empty());
        if (answer.err.find("not enough memory") == std::string::npos) continue;
        CHECK(answer.exit_code == 4); // the same command would meet the same end
        CHECK_THAT(answer.out, !ContainsSubstring("\"retryable\":true"));
        CHECK_THAT(answer.err, !ContainsSubstring("run the same command again") ||
                                   ContainsSubstring("run the same command again to continue when that is fixed"));
    }
    CHECK(documents > 0);
}

TEST_CASE("a signal ends the copy with a document that says how far it came") {
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        servers().fill(20'000);
        tool_run run(copy({"--table", "procnote", "--json", "--batch-rows", "100", "--rows-per-second", "2000"}));
        CHECK(eventually([] { return servers().copied() >= 200; }));
        run.signal(number);
        const tool_answer answer = run.wait();
        CAPTURE(number, answer.out, answer.err);
        CHECK(answer.exit_code == 128 + number);
        CHECK(json(answer, "$.totals.outcome") == "interrupted");
        CHECK_THAT(answer.out, ContainsSubstring("\"retryable\":true"));
        CHECK(std::stoull(json(answer, "$.tables[0].rows")) == servers().copied());
    }
}

TEST_CASE("a report that cannot be written is said on stderr, with an exit code and no signal") {
    servers().fill(100);
    const words done = copy({"--table", "procnote", "--json"});
    const tool_answer full = run_in_shell("true", done, "> /dev/full");
    CHECK(full.exit_code == 1); // the copy is complete, and the report is missing
    CHECK_THAT(full.err, ContainsSubstring("the report could not be written to standard output"));
    CHECK(servers().copied() == 100);

    const tool_answer closed = run_in_shell("true", done, ">&-");
    CHECK(closed.exit_code == 1);
    CHECK_THAT(closed.err, ContainsSubstring("the report could not be written to standard output"));

    // Nobody reads the pipe any more when the document is written.
    const words late{"-c", "{ sleep 0.3; \"$0\" \"$@\"; echo code $? >&2; } | true", ROWFERRY_TOOL};
    words all = late;
    all.insert(all.end(), done.begin(), done.end());
    const tool_answer broken = tool_run(all, "/bin/sh").wait();
    CHECK_THAT(broken.err, ContainsSubstring("code 1\n"));
    CHECK_THAT(broken.err, ContainsSubstring("the report could not be written to standard output"));

    words help{"-c", "{ sleep 0.3; \"$0\" --help; echo code $? >&2; } | true", ROWFERRY_TOOL};
    CHECK_THAT(tool_run(help, "/bin/sh").wait().err, ContainsSubstring("code 1\n"));
}

TEST_CASE("the process leaves no core, and no other program of its user may read its memory") {
    servers().fill(20'000);
    const words slow = copy({"--table", "procnote", "--batch-rows", "100", "--rows-per-second", "2000"});
    const auto looked_at = [&](tool_run& run) {
        CHECK(eventually([] { return servers().copied() >= 100; }));
        const std::string process = "/proc/" + std::to_string(run.pid());
        CHECK_THAT(file(process + "/limits"), ContainsSubstring("Max core file size        0                    0"));
        struct stat status {};
        CHECK(::stat((process + "/environ").c_str(), &status) == 0);
        run.signal(SIGTERM);
        (void)run.wait();
        return status.st_uid;
    };
    if (::getuid() != 0) {
        tool_run run(slow);
        CHECK(looked_at(run) == 0); // the kernel's sign for a process that its own user may not look into
        return;
    }
    // As another user, so that root's owning the file means something.
    words as_other_user{"--reuid=65534", "--regid=65534", "--clear-groups", ROWFERRY_TOOL};
    if (tool_run({"--reuid=65534", "--regid=65534", "--clear-groups", ROWFERRY_TOOL, "--version"}, "/usr/bin/setpriv")
            .wait()
            .exit_code != 0) {
        SKIP("the tool cannot be started as another user");
    }
    for (std::string word : slow) { // another user cannot read the file of a MySQL server's key
        constexpr std::string_view option = "server-public-key=";
        const auto at = word.find(option);
        if (at != word.npos) word.replace(at + option.size(), word.find('&', at) - at - option.size(), "ask");
        as_other_user.push_back(std::move(word));
    }
    tool_run run(as_other_user, "/usr/bin/setpriv");
    CHECK(looked_at(run) == 0);
}
