// SPDX-License-Identifier: BSL-1.0
// S10: what a server names and says is escaped and cut wherever a person or a program reads it.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "json.hpp"
#include "scripted_server.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace hostile;

namespace {

/// ESC, DEL, CSI and NEL of C1, three bidi controls, and a zero-width mark.
const std::string evil = "x\x1b[31m\x7f\xc2\x9b"
                         "2J\xc2\x85\xe2\x80\xaegnp\xe2\x81\xa6\xd8\x9c\xe2\x80\x8fy";

/// The first control in a text, as hex; "" when a terminal shows all of it as it stands.
std::string control_in(std::string_view text) {
    auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned a = byte(i);
        const unsigned b = byte(i + 1);
        const unsigned c = byte(i + 2);
        if (a < 0x20 && a != '\n' && a != '\t' && a != '\r') return "C0 " + std::to_string(a);
        if (a == 0x7f) return "DEL";
        if (a == 0xc2 && b >= 0x80 && b <= 0x9f) return "C1 " + std::to_string(b);
        if (a == 0xd8 && b == 0x9c) return "U+061C";
        const bool is_bidi = a == 0xe2 && ((b == 0x80 && ((c >= 0xaa && c <= 0xae) || c == 0x8e || c == 0x8f)) ||
                                           (b == 0x81 && c >= 0xa6 && c <= 0xa9));
        if (is_bidi) return "bidi " + std::to_string(c);
    }
    return "";
}

struct text_case {
    tiny_database from{};
    tiny_database to{};
    outcome said{};

    void run(const std::string& name, lies source_lies, lies target_lies, const std::vector<std::string>& more) {
        scripted_server source(from, std::move(source_lies));
        scripted_server target(to, std::move(target_lies));
        std::vector<std::string> arguments{"copy",          "--source", source.uri(),    "--target", target.uri(),
                                           "--retry-delay", "0.01",     "--max-retries", "2"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        said = run_guarded(arguments, {.name = "S10 " + name});
    }
};

lies lie(std::string part, std::function<void(answer&)> how) {
    lies l;
    l.rules.push_back(when(std::move(part), std::move(how)));
    return l;
}

constexpr std::size_t ten_megabytes = 10'000'000;

/// Puts a long text into one cell, where the answer has it.
std::function<void(answer&)> put(std::size_t row, std::size_t cell) {
    return [row, cell](answer& a) {
        if (row < a.rows.size() && cell < a.rows[row].size()) a.rows[row][cell] = std::string(ten_megabytes, 'n');
    };
}

const std::vector<std::vector<std::string>> outputs{
    {}, {"--json"}, {"--log", "json"}, {"--progress", "always"}, {"--dry-run"}, {"--dry-run", "--json"}};

void check_text(const outcome& said) {
    CHECK(control_in(said.err).empty());
    CHECK(control_in(said.out).empty());
    CHECK(said.err.size() < 16'384);
    CHECK(said.out.size() < 65'536);
    CHECK(said.peak_bytes < most_memory());
    CHECK_FALSE(said.hung);
    CHECK_FALSE(said.crashed());
}

std::vector<std::string> with(std::vector<std::string> all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}
bool wants_json(const std::vector<std::string>& options) { return !options.empty() && options.back() == "--json"; }

} // namespace

TEST_CASE("S10: names that hold controls are escaped", "[hostile]") {
    for (const auto& output : outputs) {
        text_case c;
        c.from.add(evil, {{{"id", "int(11)"}, {evil, "varchar(40)"}}, {{"1", "a"}, {"2", "b"}}});
        c.run("names with controls", {}, {}, with({"--all-tables", "--create-target"}, output));
        INFO(c.said.exit_code << '\n' << c.said.out << c.said.err);
        check_text(c.said);
        if (wants_json(output)) CHECK(is_one_document(c.said.out));
    }
}

TEST_CASE("S10: a server's messages are escaped", "[hostile]") {
    for (const auto& output : outputs) {
        for (const char* part :
             {"SELECT `id`, `note`", "information_schema.COLUMNS", "START TRANSACTION", "CONNECTION_ID()"}) {
            for (const bool is_source : {true, false}) {
                text_case c;
                c.from.add_notes("t", 3);
                c.to.add_notes("t", 0);
                // One that is tried again, so that the log has it too.
                const lies l = lie(part, [](answer& a) {
                    a = answer::failure(1213, evil + " and " + std::string(100'000, 'z'), "40001");
                });
                c.run("messages with controls", is_source ? l : lies{}, is_source ? lies{} : l,
                      with({"--table", "t"}, output));
                INFO(part << '\n' << c.said.out << c.said.err);
                check_text(c.said);
                if (wants_json(output)) CHECK(is_one_document(c.said.out));
            }
        }
    }
}

TEST_CASE("S10: a greeting's version and a refused login's words are escaped", "[hostile]") {
    text_case c;
    c.from.add_notes("t", 3);
    c.to.add_notes("t", 0);
    lies l;
    l.login = send_away(1045, evil + std::string(100'000, 'z'));
    c.run("words of a refused login", l, {}, {"--table", "t"});
    INFO(c.said.out << c.said.err);
    check_text(c.said);
    CHECK(c.said.exit_code != 0);
    lies version;
    version.greet = [](greeting& g) { g.version = "5.5.5-" + evil + "-MariaDB"; };
    c.run("version with controls", version, {}, {"--table", "t", "--json"});
    check_text(c.said);
    CHECK(is_one_document(c.said.out));
}

TEST_CASE("S10: names of megabytes and columns by the hundred thousand are cut", "[hostile]") {
    struct excess {
        const char* name;
        const char* part;
        std::function<void(answer&)> how;
    };
    const std::vector<excess> all{{"a table's name", "information_schema.TABLES t", put(0, 0)},
                                  {"a table's type", "information_schema.TABLES t", put(0, 1)},
                                  {"an engine", "information_schema.TABLES t", put(0, 2)},
                                  {"a column's name", "information_schema.COLUMNS", put(1, 1)},
                                  {"a column's type", "information_schema.COLUMNS", put(1, 3)},
                                  {"an index", "information_schema.STATISTICS", put(0, 6)},
                                  {"a trigger", "information_schema.TRIGGERS",
                                   [](answer& a) {
                                       a.rows.push_back({"t", std::string(ten_megabytes, 'n'), "INSERT"});
                                   }},
                                  {"a definition", "SHOW CREATE",
                                   [](answer& a) {
                                       if (!a.rows.empty()) *a.rows[0].at(1) += std::string(ten_megabytes, 'n');
                                   }},
                                  {"200 000 columns", "information_schema.COLUMNS",
                                   [](answer& a) {
                                       if (a.rows.size() < 2) return;
                                       const cells one = a.rows[1];
                                       for (int i = 0; i < 200'000; ++i) {
                                           a.rows.push_back(one);
                                           a.rows.back().at(1) = "c" + std::to_string(i);
                                       }
                                   }},
                                  {"a cell of the session", "CONNECTION_ID()", put(0, 10)}};
    for (const auto& [name, part, how] : all) {
        for (const std::vector<std::string>& output : {std::vector<std::string>{}, {"--json"}}) {
            for (const bool is_source : {true, false}) {
                if (!is_source && std::string(part) == "SHOW CREATE") continue;
                text_case c;
                c.from.add_notes("t", 3);
                if (!is_source) c.to.add_notes("t", 0);
                c.run(std::string("10 MB or more: ") + name + (is_source ? ", source" : ", target"),
                      is_source ? lie(part, how) : lies{}, is_source ? lies{} : lie(part, how),
                      with({"--table", "t", "--create-target"}, output));
                INFO(name << ' ' << c.said.exit_code << '\n' << c.said.out.substr(0, 500) << c.said.err.substr(0, 500));
                check_text(c.said);
                if (wants_json(output)) CHECK(is_one_document(c.said.out));
            }
        }
    }
}
