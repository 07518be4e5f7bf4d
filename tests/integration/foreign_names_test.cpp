// SPDX-License-Identifier: BSL-1.0
// Names and messages of a real server that hold control characters, direction marks and invisible ones: shown escaped by
// every command, in every form, and whole in JSON.
#include "catch.hpp"
#include "tool.hpp"
#include "tool_json.hpp"
#include "two_servers.hpp"

#include <rowferry/foreign_text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
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

words copy(words more) {
    words all{"copy", "--source", servers().source_uri(), "--target", servers().target_uri()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

// U+0085 (next line), U+009B (begins a terminal's command), U+202E (right to left), U+200B (no width), U+2028, U+FEFF.
const std::string table = "t\xC2\x85\xC2\x9B"
                          "31m\xE2\x80\xAE";
const std::string table_shown = "t\\u{0085}\\u{009B}31m\\u{202E}";
const std::string column = "c\xE2\x80\x8B\xE2\x80\xA8\xEF\xBB\xBF";
const std::string column_shown = "c\\u{200B}\\u{2028}\\u{FEFF}";
const std::string key = "k\x7F\x1B[2J"; // DEL and ESC, which names may hold, too
const std::string key_shown = "k\\x7F\\x1B[2J";

std::string quoted(const std::string& name) { return "`" + name + "`"; }

void fill(const std::string& target_column) {
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        const std::string& second = server == &servers().source ? column : target_column;
        server->execute("CREATE TABLE " + quoted(table) + " (id INT NOT NULL, " + quoted(second) +
                            " INT, CONSTRAINT PRIMARY KEY (id), UNIQUE KEY " + quoted(key) + " (" + quoted(second) +
                            "))",
                        "shop");
    }
    servers().source.execute("INSERT INTO " + quoted(table) + " VALUES (1, 2), (2, 3)", "shop");
}

/// Whether a terminal would show all of it as it stands: no invisible character but the line ends.
bool is_visible(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (rowferry::one_line(line, line.size()) != line) return false;
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return true;
}

tool_answer visible(const words& arguments) {
    tool_answer answer = run_tool(arguments);
    CAPTURE(arguments, answer.out, answer.err);
    CHECK(is_visible(answer.out));
    CHECK(is_visible(answer.err));
    return answer;
}

} // namespace

TEST_CASE("what a copy, a dry run, a verification and the list of checkpoints say can be shown") {
    fill(column);
    const tool_answer plan = visible(copy({"--table", table, "--columns", "id," + column, "--dry-run"}));
    CHECK_THAT(plan.out, ContainsSubstring("table " + table_shown + ": would be copied"));
    CHECK_THAT(plan.out, ContainsSubstring("columns     id, " + column_shown));

    const tool_answer plan_document =
        visible(copy({"--table", table, "--columns", "id," + column, "--dry-run", "--json"}));
    CHECK(support::json(servers().source, plan_document, "$.tables[0].table") == table);
    CHECK(support::json(servers().source, plan_document, "$.tables[0].columns[1]") == column);

    const tool_answer copied = visible(copy({"--table", table, "--log", "json", "--progress", "always", "--verify"}));
    CHECK(copied.exit_code == 0);
    CHECK_THAT(copied.out, ContainsSubstring("table " + table_shown + ": complete"));
    CHECK_THAT(copied.err, ContainsSubstring(R"("table":"t\u0085\u009B31m\u202E")"));
    CHECK_THAT(copied.err, ContainsSubstring(table_shown + ": complete")); // the progress line's last words

    const tool_answer document = visible(copy({"--table", table, "--json"}));
    CHECK(support::json(servers().source, document, "$.tables[0].table") == table);
    CHECK_THAT(document.out, ContainsSubstring(R"("table":"t\u0085\u009B31m\u202E")"));

    const words verify{"verify",      "--source", servers().source_uri(), "--target", servers().target_uri(),
                       "--all-tables"};
    const tool_answer verified = visible(verify);
    CHECK_THAT(verified.out, ContainsSubstring("table " + table_shown));
    words as_document = verify;
    as_document.emplace_back("--json");
    (void)visible(as_document);

    const tool_answer list = visible({"checkpoints", "--target", servers().target_uri()});
    CHECK_THAT(list.out, ContainsSubstring("table " + table_shown));
    (void)visible({"checkpoints", "--target", servers().target_uri(), "--json"});
}

TEST_CASE("refusals name tables, columns, keys and triggers so that they can be seen") {
    fill("c");
    const tool_answer differ = visible(copy({"--table", table}));
    CHECK(differ.exit_code == 2);
    CHECK_THAT(differ.err, ContainsSubstring("column " + column_shown + ": missing in the target"));
    (void)visible(copy({"--table", table, "--json"}));

    const tool_answer missing = visible(copy({"--table", table + "\xE2\x80\xAF" + "\xE2\x81\xA6"}));
    CHECK(missing.exit_code == 2);
    CHECK_THAT(missing.err, ContainsSubstring(table_shown + "\xE2\x80\xAF\\u{2066}"));

    fill(column);
    servers().target.execute("CREATE TRIGGER " + quoted("g\xE2\x80\xAE") + " BEFORE INSERT ON " + quoted(table) +
                                 " FOR EACH ROW SET @x = 1",
                             "shop");
    const tool_answer triggers = visible(copy({"--table", table}));
    CHECK(triggers.exit_code == 2);
    CHECK_THAT(triggers.err, ContainsSubstring("(g\\u{202E})"));
}

TEST_CASE("a server's own words are shown in one line, every character visible") {
    fill(column);
    const tool_answer answer = visible(copy({"--table", table, "--where", quoted("x\xE2\x80\xAE") + " = 1"}));
    CHECK(answer.exit_code == 2);
    CHECK(answer.error_lines() == 1);
    CHECK_THAT(answer.err, ContainsSubstring("'x\\u{202E}'"));

    servers().target.execute("INSERT INTO " + quoted(table) + " VALUES (7, 2)", "shop");
    const tool_answer duplicate = visible(copy({"--table", table, "--write-mode", "upsert"}));
    CAPTURE(duplicate.err, duplicate.out);
    CHECK(duplicate.exit_code != 139);
    CHECK(is_visible(duplicate.err));
}

TEST_CASE("a name or a message of many thousand characters is cut") {
    fill(column);
    const std::string name(60'000, 'x');
    for (const words& arguments :
         {copy({"--table", name}), copy({"--table", name, "--json"}), copy({"--table", table, "--columns", name}),
          copy({"--table", table, "--where", quoted(name) + " = 1"}),
          words{"verify", "--source", servers().source_uri(), "--target", servers().target_uri(), "--table", name}}) {
        const tool_answer answer = visible(arguments);
        CHECK(answer.exit_code != 0);
        CHECK(answer.err.size() < 10'000);
        const bool names_where = std::find(arguments.begin(), arguments.end(), "--where") != arguments.end();
        CHECK((names_where || answer.out.size() < 20'000));
    }
}

TEST_CASE("hundreds of columns that differ are counted, not listed") {
    servers().clear();
    std::string columns;
    for (int i = 0; i < 900; ++i) columns += ", a_column_of_some_length_" + std::to_string(i) + " TINYINT";
    servers().source.execute("CREATE TABLE wide (id INT PRIMARY KEY" + columns + ")", "shop");
    servers().target.execute("CREATE TABLE wide (id INT PRIMARY KEY)", "shop");
    const tool_answer answer = visible(copy({"--table", "wide"}));
    CHECK(answer.exit_code == 2);
    CHECK(answer.err.size() < 4000);
    CHECK_THAT(answer.err, ContainsSubstring(" more"));
}
