// SPDX-License-Identifier: BSL-1.0
// What bad input gets: one clear sentence, the right exit code, and nothing changed on the target.
#include "catch.hpp"
#include "tool.hpp"
#include "two_servers.hpp"

#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using support::run_tool;
using support::tool_answer;

namespace {

support::two_servers& servers() {
    static support::two_servers both;
    return both;
}

using words = std::vector<std::string>;

words copy(const std::string& source, const std::string& target, words more) {
    words all{"copy", "--source", source, "--target", target};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
words copy(words more) { return copy(servers().source_uri(), servers().target_uri(), std::move(more)); }

/// Everything in the target's database, as one text: each table's definition, number of rows and checksum of all rows,
/// the table of checkpoints included.
std::string snapshot() {
    std::string all;
    for (const auto& table : servers().target.query("SELECT table_name FROM information_schema.tables"
                                                    " WHERE table_schema = 'shop' ORDER BY 1")) {
        const std::string name = "`" + table[0].value() + "`";
        const auto definition = servers().target.query("SHOW CREATE TABLE " + name, "shop");
        const auto checksum = servers().target.query("CHECKSUM TABLE " + name + " EXTENDED", "shop");
        all += definition.at(0).at(1).value() + ": " + servers().target.value("SELECT COUNT(*) FROM " + name, "shop") +
               " rows, " + checksum.at(0).at(1).value() + "\n";
    }
    return all;
}

/// Runs the tool, which refuses with exit code 2, or this one, and one line that says `sentence`.
void refused(const words& arguments, const std::string& sentence, int exit_code = 2) {
    const std::string before = snapshot();
    const tool_answer answer = run_tool(arguments);
    CAPTURE(answer.err, answer.out, sentence);
    CHECK(answer.exit_code == exit_code);
    CHECK_THAT(answer.err, ContainsSubstring(sentence));
    CHECK(answer.error_lines() == 1);
    CHECK_THAT(answer.err + answer.out, !ContainsSubstring(servers().source.password()));
    CHECK_THAT(answer.err + answer.out, !ContainsSubstring("sesame"));
    CHECK(snapshot() == before);
}

} // namespace

TEST_CASE("a malformed URI") {
    servers().fill(3);
    struct {
        const char* uri;
        const char* sentence;
    } const malformed[]{
        {"", "it does not begin with mysql://"},
        {"procnote", "it does not begin with mysql://"},
        {"http://a/b", "it does not begin with mysql://"},
        {"mysql://", "it names no user before an @"},
        {"mysql://host", "it names no user before an @"},
        {"mysql://u:sesame@host", "it names no database after the host"},
        {"mysql://u:sesame@host:port/db", "the port is not a number from 1 to 65535"},
        {"mysql://u:sesame@host:99999/db", "the port is not a number from 1 to 65535"},
        {"mysql://u:sesame@host/db?unknown=1", "option 1 after the question mark is not known; the options are socket"},
        {"mysql://u:ses%zzame@host/db", "a percent sign in the password is not followed by two hex digits"},
    };
    for (const auto& [uri, sentence] : malformed) {
        CAPTURE(uri);
        const std::string why = std::string(": malformed URI: ") + sentence;
        refused(copy(uri, servers().target_uri(), {"--table", "procnote"}), "--source" + why);
        refused(copy(servers().source_uri(), uri, {"--table", "procnote"}), "--target" + why);
    }
}

TEST_CASE("a wrong host, port, user, password or database") {
    servers().fill(3);
    const std::string port = std::to_string(servers().source.port());
    refused(copy("mysql://ferry:sesame@no-such-host.invalid/shop", servers().target_uri(), {"--table", "procnote"}),
            "no-such-host.invalid", 1); // names and servers come and go
    refused(copy("mysql://ferry:sesame@127.0.0.1:1/shop", servers().target_uri(), {"--table", "procnote"}),
            "127.0.0.1:1", 1);
    refused(copy("mysql://nobody:sesame@127.0.0.1:" + port + "/shop" + servers().source.options(),
                 servers().target_uri(), {"--table", "procnote"}),
            "nobody");
    refused(copy("mysql://ferry:sesame@127.0.0.1:" + port + "/shop" + servers().source.options(),
                 servers().target_uri(), {"--table", "procnote"}),
            "password");
    refused(copy(servers().source.uri("no_such_database"), servers().target_uri(), {"--table", "procnote"}),
            "no_such_database");
    refused(copy(servers().source_uri(), servers().target.uri("no_such_database"), {"--table", "procnote"}),
            "no_such_database");
}

TEST_CASE("missing tables, on either side, before any table is copied") {
    servers().fill(3);
    servers().source.execute("CREATE TABLE only_here (id INT PRIMARY KEY)", "shop");
    refused(copy({"--table", "nothing"}), "has no table nothing");
    refused(copy({"--table", "procnote", "only_here"}), "has no table only_here");
    refused(copy({"--table", "procnote", "--table", "nothing"}), "has no table nothing");
}

TEST_CASE("columns that do not match, and tables without a usable key") {
    servers().fill(3);
    servers().source.execute("CREATE TABLE a (id INT PRIMARY KEY, x INT, y TEXT); CREATE TABLE k (id INT);"
                             "CREATE TABLE n (id INT, UNIQUE (id))",
                             "shop");
    servers().target.execute("CREATE TABLE a (id INT PRIMARY KEY, x SMALLINT, z TEXT); CREATE TABLE k (id INT);"
                             "CREATE TABLE n (id INT, UNIQUE (id))",
                             "shop");
    refused(copy({"--table", "a"}),
            "column x: " + std::string(servers().source.is_mysql() ? "int" : "int(11)") + " in the source, " +
                (servers().target.is_mysql() ? "smallint" : "smallint(6)") +
                " in the target; column y: missing in the target; column z: missing in the source");
    refused(copy({"--table", "k"}), "no key that can order pages");
    refused(copy({"--table", "n", "--write-mode", "upsert"}), "the key id of table n may be NULL");
}

TEST_CASE("a target that is not empty, in full mode with plain insert and no checkpoint") {
    servers().fill(3);
    servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1, 1)", "shop");
    refused(copy({"--table", "procnote"}), "is not empty");
    refused(copy({"--table", "procnote", "--engine", "legacy"}), "is not empty");
    CHECK(run_tool(copy({"--table", "procnote", "--truncate-target"})).exit_code == 0);
    CHECK(servers().difference().empty());
}

TEST_CASE("an argument that is not UTF-8, before anything is emptied") {
    servers().fill(3);
    servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1, 1)", "shop");
    for (const char* bad : {"Note <> '\xFC'", "\xE9t\xE9", "\xED\xA0\x80"}) {
        refused(copy({"--table", "procnote", "--truncate-target", "--where", bad}), "--where is not UTF-8");
        refused(copy({"--truncate-target", "--table", bad}), "--table is not UTF-8");
        refused(copy({"--table", "procnote", "--truncate-target", std::string("--columns=") + bad}),
                "--columns is not UTF-8");
    }
}

TEST_CASE("an argument that is not UTF-8 is named by its own option or by its number, and no password is shown") {
    servers().fill(3);
    const std::string uri = "mysql://u:sesame@h/db";
    refused({"copy", "--source=" + uri, "\xE9"}, "argument 3 is not UTF-8");
    refused({"copy", "--target=" + uri, "--wh\xE9re"}, "argument 3 is not UTF-8");
    refused({"copy", "--source", uri, "\xE9"}, "argument 4 is not UTF-8");
    refused({"copy", "--source=mysql://u:sesame\xE9@h/db"}, "--source is not UTF-8");
    refused({"copy", "--source", "mysql://u:sesame\xE9@h/db"}, "--source is not UTF-8");
    refused({"copy", "--" + uri + "=\xE9"}, "--mysql://u@h/db is not UTF-8");
    refused({"copy", "--" + uri}, "unknown option --mysql://u@h/db");
    refused({"copy", "--dry-run", "\xE9"}, "argument 3 is not UTF-8"); // a flag has no value
    refused({"copy", "--no-such-option", "\xE9"}, "argument 3 is not UTF-8");
    refused({"\xE9"}, "argument 1 is not UTF-8");
}

TEST_CASE("options that make no sense") {
    servers().fill(3);
    refused(copy({"--table", "procnote", "--batch-rows", "0"}), "--batch-rows");
    refused(copy({"--table", "procnote", "--batch-rows", "-5"}), "--batch-rows");
    for (const char* bytes : {"0", "-1", "-4096", "1.5", "4M", "", "1073741825", "99999999999999999999"}) {
        refused(copy({"--table", "procnote", "--batch-bytes", bytes}),
                "--batch-bytes is \"" + std::string(bytes) + "\", and must be");
    }
    refused(copy({"--table", "procnote", "--batch-rows", "many"}), "--batch-rows");
    refused(copy({"--table", "procnote", "--rows-per-second", "-1"}), "--rows-per-second");
    refused(copy({"--table", "procnote", "--max-retries", "-1"}), "--max-retries");
    refused(copy({"--table", "procnote", "--retry-delay", "-1"}), "--retry-delay");
    refused(copy({"--table", "procnote", "--mode", "sideways"}), "--mode");
    refused(copy({"--table", "procnote", "--write-mode", "guess"}), "--write-mode");
    refused(copy({"--table", "procnote", "--mode", "incremental"}), "--incremental-column");
    refused(copy({"--table", "procnote", "--mode", "incremental", "--incremental-column", "Nothing"}), "Nothing");
    refused(copy({"--table", "procnote", "--lag", "5"}), "--lag");
    refused(copy({"--table", "procnote", "--no-such-option"}), "--no-such-option");
    refused(copy({"--table", "procnote", "--engine", "legacy", "--no-resume"}),
            "--engine legacy keeps no checkpoint, so that each run starts over: --no-resume does not go with it");
    refused(copy({"--table", "procnote", "--jobs", "2", "--engine", "legacy"}), "--jobs does not go with it");
    refused(
        copy({"--table", "procnote", "--jobs", "2", "--mode", "incremental", "--incremental-column", "EntryDateTime"}),
        "--jobs does not go with it");
    refused(copy({"--table", "procnote", "--jobs", "2", "--consistent"}), "--jobs does not go with it");
    refused(copy({"--table", "procnote", "--jobs", "0"}), "--jobs is");
    refused(copy({"--table", "procnote", "--jobs", "65"}), "--jobs is");
    refused(copy({}), "--table");
    refused({"copy", "--table", "procnote"}, "--source");
    refused({"sail"}, "sail");
    for (const char* later : {"--max-threads-running", "--config", "--metrics", "--trace"}) {
        refused(copy({"--table", "procnote", later, "1"}), later);
    }
    refused(copy({"--table", "procnote", "--one-server", "--where", "1 = 1"}), "--where does not go with it");
    refused(copy({"--table", "procnote", "--one-server", "--consistent"}), "--consistent does not go with it");
    refused(copy({"--table", "procnote", "--repair"}), "--verify");
    refused(copy({"--table", "procnote", "--map-type", "uuid=char(36)"}), "--create-target");
}

// The tool names its options as remedies.
TEST_CASE("a remedy is named as the option that it is") {
    const std::string modes = "--write-mode upsert, replace or skip-existing";
    const std::string emptied = "empty the target table (--truncate-target does that), or choose " + modes;
    const words incremental{"--table", "procnote", "--mode", "incremental", "--incremental-column", "PatNum"};
    auto incrementally = [&](words more) {
        more.insert(more.begin(), incremental.begin(), incremental.end());
        return copy(more);
    };
    servers().fill(3);
    SECTION("a target without transactions") {
        servers().target.execute("ALTER TABLE procnote ENGINE=MyISAM", "shop");
        refused(copy({"--table", "procnote"}),
                "; choose " + modes + ", or alter the table to an engine with transactions");
        CHECK(run_tool(copy({"--table", "procnote", "--write-mode", "upsert"})).exit_code == 0);
    }
    SECTION("a target that is not empty") {
        servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1, 1)", "shop");
        refused(copy({"--table", "procnote"}), "holds no checkpoint of this copy; " + emptied);
        refused(copy({"--table", "procnote", "--no-resume"}), "needs it empty; " + emptied);
        refused(incrementally({"--write-mode", "insert"}),
                "holds no checkpoint of this copy; empty the target table, or choose " + modes);
        CHECK(run_tool(copy({"--table", "procnote", "--truncate-target"})).exit_code == 0);
    }
    SECTION("a target that was filled behind the checkpoint's back") {
        servers().source.execute("DELETE FROM procnote", "shop");
        CHECK(run_tool(copy({"--table", "procnote"})).exit_code == 0);
        servers().target.execute("INSERT INTO procnote (ProcNoteNum, PatNum) VALUES (1, 1)", "shop");
        refused(copy({"--table", "procnote"}), "is not empty; " + emptied);
    }
    SECTION("a lag with plain inserts") {
        refused(incrementally({"--lag", "1", "--write-mode", "insert"}), "would double them; choose " + modes);
    }
    SECTION("a unique index that the source has not") {
        servers().target.execute("ALTER TABLE procnote ADD UNIQUE (PatNum)", "shop");
        refused(copy({"--table", "procnote", "--write-mode", "upsert"}),
                "; drop the index PatNum_2, or choose --write-mode insert or skip-existing");
    }
    SECTION("a target that was emptied behind the checkpoint's back") {
        CHECK(run_tool(copy({"--table", "procnote"})).exit_code == 0);
        CHECK(run_tool(incrementally({})).exit_code == 0);
        servers().target.execute("DELETE FROM procnote", "shop");
        refused(copy({"--table", "procnote"}), "is empty; start over with --no-resume");
        refused(incrementally({}), "is empty; start over with --no-resume");
        CHECK(run_tool(incrementally({"--no-resume"})).exit_code == 0);
        CHECK(servers().difference().empty());
        CHECK(run_tool(copy({"--table", "procnote", "--truncate-target"})).exit_code == 0);
        CHECK(servers().difference().empty());
    }
    SECTION("a checkpoint for another definition") {
        CHECK(run_tool(copy({"--table", "procnote"})).exit_code == 0);
        for (const auto* server : {&servers().source, &servers().target}) {
            server->execute("ALTER TABLE procnote ADD Later INT", "shop");
        }
        refused(copy({"--table", "procnote"}), "and did not; start over with --truncate-target");
        CHECK(run_tool(copy({"--table", "procnote", "--truncate-target"})).exit_code == 0);
        CHECK(servers().difference().empty());
    }
    SECTION("a checkpoint that somebody edited") {
        CHECK(run_tool(copy({"--table", "procnote"})).exit_code == 0);
        CHECK(run_tool(incrementally({})).exit_code == 0);
        servers().target.execute("UPDATE rowferry_checkpoint SET last_key = '%'", "shop");
        refused(copy({"--table", "procnote"}), "rowferry never writes; start over with --truncate-target");
        refused(incrementally({}), "rowferry never writes; empty the target table, and start over with --no-resume");
        CHECK(run_tool(incrementally({"--no-resume"})).exit_code == 0);
        CHECK(run_tool(copy({"--table", "procnote", "--truncate-target"})).exit_code == 0);
        CHECK(servers().difference().empty());
    }
}

TEST_CASE("with --json a refusal is a document too") {
    servers().fill(3);
    for (const words& unreadable : {words{"--batch-bytes"}, words{"--batch-bytes", "0"}, words{"--no-such-option"}}) {
        words all{"--table", "procnote", "--json"};
        all.insert(all.end(), unreadable.begin(), unreadable.end());
        const tool_answer wrong = run_tool(copy(all));
        CHECK(wrong.exit_code == 2);
        CHECK(wrong.out.starts_with("{\"tables\":[],"));
        CHECK_THAT(wrong.out, ContainsSubstring(unreadable.front()));
    }
    const tool_answer answer = run_tool(copy({"--table", "nothing", "--json"}));
    CHECK(answer.exit_code == 2);
    CHECK(answer.out.starts_with("{\"tables\":"));
    CHECK_THAT(answer.out, ContainsSubstring("refused"));
}
