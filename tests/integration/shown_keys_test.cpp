// SPDX-License-Identifier: BSL-1.0
// Keys in what the tool prints: text of any charset as text, bytes as hex digits, one key alike in all of its commands.
#include "catch.hpp"
#include "server_product.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <rowferry/job_definition.hpp>
#include <rowferry/mysql/saved_key_forms.hpp>

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

words command(const std::string& name, words more) {
    words all{name};
    if (name != "checkpoints") all.insert(all.end(), {"--source", servers().source_uri()});
    all.insert(all.end(), {"--target", servers().target_uri()});
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
std::string json(const tool_answer& answer, const std::string& path) {
    return support::json(servers().source, answer, path);
}

struct shown_case {
    std::string columns;        ///< of the key, of the table `t`
    std::string key;            ///< its parts
    std::string last;           ///< the values of the last row, in SQL
    std::string before;         ///< of a row before it, which looks alike where bytes are thrown away
    std::string member = "[0]"; ///< of the key's JSON: the value to look at
    std::string in_json;
    std::string in_text;
};

void check(const shown_case& c) {
    INFO(c.columns);
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (" + c.columns + ", note INT, PRIMARY KEY (" + c.key + ")) ENGINE=InnoDB",
                        "shop");
    }
    servers().source.execute("INSERT INTO t VALUES (" + c.before + ", 1), (" + c.last + ", 2)", "shop");
    const tool_answer copied = run_tool(command("copy", {"--table", "t", "--json", "--log", "json"}));
    INFO(copied.out + copied.err);
    REQUIRE(copied.exit_code == 0);
    CHECK(json(copied, "$.tables[0].last_key" + c.member) == c.in_json);
    CHECK(copied.out.find("\xEF\xBF\xBD") == std::string::npos);
    const tool_answer saved = run_tool(command("checkpoints", {"--json"}));
    CHECK(json(saved, "$.checkpoints[0].last_key" + c.member) == c.in_json);
    CHECK_THAT(run_tool(command("checkpoints", {})).out, ContainsSubstring("last key    " + c.in_text + "\n"));
    servers().target.execute("UPDATE t SET note = note + 10", "shop");
    const tool_answer compared = run_tool(command("verify", {"--table", "t", "--json"}));
    INFO(compared.out + compared.err);
    CHECK(compared.exit_code == 3);
    CHECK(json(compared, "$.tables[0].changed.keys[1]" + c.member) == c.in_json);
    CHECK(json(compared, "$.tables[0].changed.keys[0]" + c.member) != c.in_json);
    CHECK_THAT(run_tool(command("verify", {"--table", "t"})).out, ContainsSubstring(" " + c.in_text + "\n"));
    const tool_answer planned = run_tool(command("copy", {"--table", "t", "--dry-run", "--json"}));
    CHECK(json(planned, "$.tables[0].last_key" + c.member) == c.in_json);
}

} // namespace

TEST_CASE("a key looks the same in a copy, its checkpoint, a verification and a plan") {
    check({.columns = "k VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin",
           .key = "k",
           .last = "X'E9'",
           .before = "X'E8'",
           .in_json = "\xC3\xA9",
           .in_text = "('\xC3\xA9')"});
    check({.columns = "`k by, x` INT, k VARCHAR(9) CHARACTER SET koi8r COLLATE koi8r_bin",
           .key = "`k by, x`, k DESC",
           .last = "2, X'C1'",
           .before = "1, X'C2'",
           .member = "[1]",
           .in_json = "\xD0\xB0",
           .in_text = "(2, '\xD0\xB0')"});
    check({.columns = "k VARCHAR(9) CHARACTER SET utf16 COLLATE utf16_bin",
           .key = "k",
           .last = "_utf8mb4 X'F09FA6B7'",
           .before = "'a'",
           .in_json = "\xF0\x9F\xA6\xB7",
           .in_text = "('\xF0\x9F\xA6\xB7')"});
    check({.columns = "k BINARY(2)",
           .key = "k",
           .last = "X'FF01'",
           .before = "X'FE01'",
           .member = "[0].hex",
           .in_json = "FF01",
           .in_text = "(x'FF01')"});
    check({.columns = "k VARBINARY(9)",
           .key = "k",
           .last = "'b'",
           .before = "'a'",
           .member = "[0].hex",
           .in_json = "62",
           .in_text = "(x'62')"});
    check({.columns = "k BIT(9)",
           .key = "k",
           .last = "b'110000001'",
           .before = "b'100000001'",
           .member = "[0].hex",
           .in_json = "0181",
           .in_text = "(x'0181')"});
    check({.columns = "k VARCHAR(9) CHARACTER SET dec8 COLLATE dec8_bin",
           .key = "k",
           .last = "X'E9'",
           .before = "X'E8'",
           .member = "[0].hex",
           .in_json = "E9",
           .in_text = "(x'E9')"});
    check({.columns = "k ENUM('a', '\xC3\xA9') CHARACTER SET latin1",
           .key = "k",
           .last = "'\xC3\xA9'",
           .before = "'a'",
           .in_json = "\xC3\xA9",
           .in_text = "('\xC3\xA9')"});
}

TEST_CASE("the saved key of one snapshot, and one over generated columns, are shown as in the copy") {
    struct saved_case {
        std::string columns; ///< of the table `t`, with its key
        std::string row;     ///< the values of its only row, in SQL
        words options;
        std::string in_text;
    };
    const std::string charset = "VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin";
    for (const saved_case& c : std::vector<saved_case>{
             {"k " + charset + " PRIMARY KEY", "X'E9'", {"--consistent"}, "('\xC3\xA9')"},
             {"k BINARY(2) PRIMARY KEY", "X'6162'", {"--consistent"}, "(x'6162')"},
             {"n INT NOT NULL, b BINARY(2), g BINARY(2) AS (b) STORED, UNIQUE KEY u (g, n)",
              "12, 'ab', DEFAULT",
              {},
              "(x'6162', 12)"},
             {"n INT NOT NULL, t " + charset + ", h " + charset + " AS (t) STORED, UNIQUE KEY u (n, h)",
              "7, X'E9', DEFAULT",
              {"--consistent"},
              "(7, '\xC3\xA9')"}}) {
        INFO(c.columns);
        servers().clear();
        for (const auto* server : {&servers().source, &servers().target}) {
            server->execute("CREATE TABLE t (" + c.columns + ") ENGINE=InnoDB", "shop");
        }
        servers().source.execute("INSERT INTO t VALUES (" + c.row + ")", "shop");
        words options{"--table", "t"};
        options.insert(options.end(), c.options.begin(), c.options.end());
        const tool_answer copied = run_tool(command("copy", options));
        INFO(copied.out + copied.err);
        REQUIRE(copied.exit_code == 0);
        CHECK_THAT(copied.out, ContainsSubstring(c.in_text));
        CHECK_THAT(run_tool(command("checkpoints", {})).out, ContainsSubstring("last key    " + c.in_text + "\n"));
    }
}

TEST_CASE("the forms of a saved key are found in its definition, whatever stands before the page order") {
    namespace rf = rowferry;
    rf::copy_plan plan;
    plan.source.columns = {
        {.name = "n, x", .kind = rf::column_kind::integer, .type = "int(11)"},
        {.name = "g y",
         .kind = rf::column_kind::bytes,
         .type = "binary(2)",
         .generated = true,
         .expression = "concat(`n, x`, 'a, h text')"},
        {.name = "h", .type = "varchar(9)", .collation = "latin1_bin", .generated = true, .expression = "`n, x`"}};
    plan.target = plan.source;
    plan.columns.source = {0};
    plan.columns.target = {0};
    plan.order.parts = {{0}, {1, true}, {2}};
    rf::checkpoint saved;
    saved.last_key = {"1", "ab", "\xE9"};
    for (const std::string transformation : {"", "mask; pages"}) {
        plan.transformation = transformation;
        for (const std::string mark : {"", "one snapshot; "}) {
            saved.definition = mark + rf::detail::definition_of(plan, "keyset");
            INFO(saved.definition);
            const rf::key_forms forms = rf::mysql::detail::saved_key_forms(saved);
            CHECK(rf::to_string(saved.last_key, forms) == "(1, x'6162', '\xC3\xA9')");
        }
    }
    plan.transformation.clear();
    plan.order.parts = {{0}};
    CHECK(rf::detail::definition_of(plan, "keyset") == "pages: keyset by n, x; columns: n, x int(11)");
}

TEST_CASE("a dry run shows the value at which an incremental copy ends as a key") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (k BINARY(2) PRIMARY KEY) ENGINE=InnoDB", "shop");
    }
    servers().source.execute("INSERT INTO t VALUES ('ab')", "shop");
    const tool_answer planned =
        run_tool(command("copy", {"--table", "t", "--mode", "incremental", "--incremental-column", "k", "--dry-run"}));
    CHECK_THAT(planned.out, ContainsSubstring("at k = (x'6162')"));
}

TEST_CASE("the row that a target refuses is named by its key as everywhere") {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (k BINARY(2) PRIMARY KEY, note INT) ENGINE=InnoDB", "shop");
    }
    servers().source.execute("INSERT INTO t VALUES (X'FE01', 1), (X'FF01', -1)", "shop");
    servers().target.execute("ALTER TABLE t ADD CONSTRAINT plus CHECK (note > 0)", "shop");
    const tool_answer refused = run_tool(command("copy", {"--table", "t", "--json"}));
    CHECK(refused.exit_code == 4);
    CHECK_THAT(refused.err, ContainsSubstring("the row with key (x'FF01')"));
}
