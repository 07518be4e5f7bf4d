// SPDX-License-Identifier: BSL-1.0
// S07 and S13: answers with fewer columns than were asked for, more, or nothing but NULLs.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "scripted_server.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace hostile;

namespace {

struct reshaping {
    std::string name;
    std::function<void(answer&)> how;
};

void resize(answer& a, std::size_t columns) {
    if (a.is != answer::kind::rows) return;
    a.columns.resize(columns, column{"extra"});
    for (cells& row : a.rows) row.resize(columns, "7");
}

constexpr const char* more_cells = "rows that are longer than announced";

const std::vector<reshaping>& reshapings() {
    static const std::vector<reshaping> all{
        {"one column less", [](answer& a) { resize(a, a.columns.size() - (a.columns.size() > 1 ? 1 : 0)); }},
        {"one column", [](answer& a) { resize(a, 1); }},
        {"one column more", [](answer& a) { resize(a, a.columns.size() + 1); }},
        {"3000 columns", [](answer& a) { resize(a, 3000); }},
        {"no rows but OK", [](answer& a) { a = answer::done(); }},
        {"rows that are shorter than announced",
         [](answer& a) {
             for (cells& row : a.rows) row.resize(row.size() > 1 ? row.size() - 1 : 0);
         }},
        // Connector/C passes over what follows the last cell.
        {more_cells,
         [](answer& a) {
             for (cells& row : a.rows) row.emplace_back("7");
         }},
        {"fewer definitions than announced", [](answer& a) { a.announced_columns = a.columns.size() + 1; }},
        {"more definitions than announced", [](answer& a) { a.announced_columns = a.columns.size() - 1; }},
    };
    return all;
}

struct shape_case {
    tiny_database from{};
    tiny_database to{};
    outcome said{};

    shape_case(const std::string& name, const std::string& part, const std::function<void(answer&)>& change,
               bool source_lies, const std::vector<std::string>& more) {
        from.add_notes("t", 25);
        const bool creates = std::find(more.begin(), more.end(), "--create-target") != more.end();
        if (!creates) to.add_notes("t", 0);
        lies honest;
        lies liar;
        liar.rules.push_back(when(part, change));
        scripted_server source(from, source_lies ? liar : honest);
        scripted_server target(to, source_lies ? honest : liar);
        const char* patience = "ssl-mode=disabled&read-timeout=3";
        said = run_guarded(copy_arguments(source.uri(patience), target.uri(patience), more), {.name = name});
        source.stop();
        target.stop();
        was_asked = (source_lies ? source : target).heard().count(part) > 0;
    }
    bool was_asked = false;

    /// Rows of the target that the source does not have.
    [[nodiscard]] std::vector<std::string> invented() const {
        std::vector<std::string> found;
        const auto right = from.rows("t");
        for (const std::string& row : to.rows("t")) {
            if (std::find(right.begin(), right.end(), row) == right.end()) found.push_back(row);
        }
        return found;
    }
};

void check_right_or_failed(const shape_case& c) {
    CHECK_FALSE(c.said.hung);
    CHECK_FALSE(c.said.crashed());
    CHECK(c.invented().empty());
    CHECK(c.said.peak_bytes < most_memory());
    if (c.said.exit_code == 0) CHECK(c.to.rows("t") == c.from.rows("t"));
    CHECK(c.said.err.size() < 16'384);
}

} // namespace

TEST_CASE("S07: a page with other columns is refused and nothing of it is kept", "[hostile]") {
    for (const auto& [name, how] : reshapings()) {
        const shape_case c("S07 page, " + name, "SELECT `id`, `note`", how, true, {"--batch-rows", "10"});
        INFO(name << '\n' << c.said.out << c.said.err);
        check_right_or_failed(c);
        CHECK(c.was_asked);
        if (name == more_cells && c.said.exit_code == 0) continue;
        CHECK(c.said.exit_code != 0);
        CHECK(c.to.rows("t").empty());
    }
}

TEST_CASE("S07: catalog answers with other columns are refused", "[hostile]") {
    struct question {
        const char* part;
        bool source;
    };
    const std::vector<question> questions{{"information_schema.TABLES t", true},
                                          {"information_schema.COLUMNS", true},
                                          {"information_schema.STATISTICS", true},
                                          {"SHOW CREATE TABLE", true},
                                          {"TABLE_COLLATION", true},
                                          {"CONNECTION_ID()", true},
                                          {"information_schema.TABLES t", false},
                                          {"COLLATION_CHARACTER_SET", false},
                                          {"information_schema.ENGINES WHERE", false},
                                          {"FROM `rowferry_checkpoint`", false},
                                          {"GET_LOCK('rowferry.", false},
                                          {"SELECT COUNT(*)", false},
                                          {"SHOW GLOBAL VARIABLES", false}};
    for (const auto& [part, is_source] : questions) {
        for (const auto& [name, how] : reshapings()) {
            const shape_case c(std::string("S07 ") + part + (is_source ? " of the source, " : " of the target, ") +
                                   name,
                               part, how, is_source, {"--create-target"});
            INFO(part << (is_source ? " of the source: " : " of the target: ") << name << '\n'
                      << c.said.out << c.said.err);
            check_right_or_failed(c);
            CHECK(c.was_asked);
        }
    }
}

TEST_CASE("S07: the answers of a verification with other columns are refused", "[hostile]") {
    for (const bool is_source : {true, false}) {
        for (const auto& [name, how] : reshapings()) {
            const shape_case c("S07 checksum, " + name, "COUNT(digest)", how, is_source, {"--verify"});
            INFO(name << '\n' << c.said.out << c.said.err);
            check_right_or_failed(c);
            if (name != more_cells) CHECK(c.said.exit_code != 0);
        }
    }
}

TEST_CASE("S13: rows of NULLs are no catalog", "[hostile]") {
    struct question {
        const char* part;
        bool source;
    };
    for (const auto& [part, is_source] :
         {question{"information_schema.TABLES t", true}, question{"information_schema.COLUMNS", true},
          question{"information_schema.STATISTICS", true}, question{"SHOW CREATE TABLE", true},
          question{"CONNECTION_ID()", true}, question{"information_schema.TABLES t", false},
          question{"FROM `rowferry_checkpoint`", false}, question{"CONNECTION_ID()", false},
          question{"COUNT(digest)", true}, question{"COUNT(digest)", false}}) {
        const shape_case c(std::string("S13 NULLs of ") + part + (is_source ? ", source" : ", target"), part,
                           [](answer& a) {
                               if (a.is != answer::kind::rows) return;
                               if (a.rows.empty()) a.rows.emplace_back(a.columns.size());
                               for (cells& row : a.rows) std::fill(row.begin(), row.end(), std::nullopt);
                           },
                           is_source, {"--create-target", "--verify"});
        INFO(part << (is_source ? " of the source" : " of the target") << '\n' << c.said.out << c.said.err);
        check_right_or_failed(c);
        CHECK(c.was_asked);
        CHECK(c.said.exit_code != 0);
        CHECK_FALSE(c.said.says("only tables are copied"));
        CHECK(
            (c.said.says("makes no sense") || c.said.says("cannot be used") || c.said.says("did not take a session")));
    }
}

TEST_CASE("S13: the user's rights are named only where the server says so", "[hostile]") {
    struct reply {
        unsigned code;
        bool is_about_rights;
    };
    for (const auto& [code, is_about_rights] : {reply{1142, true}, reply{1143, true}, reply{1146, false},
                                                reply{1064, false}, reply{1356, false}, reply{1030, false}}) {
        const shape_case c("S13 probe fails by " + std::to_string(code), "LIMIT 0",
                           [code = code](answer& a) { a = answer::failure(code, "the server's own words", "42000"); },
                           true, {});
        INFO(code << '\n' << c.said.out << c.said.err);
        check_right_or_failed(c);
        CHECK(c.said.exit_code != 0);
        CHECK(c.said.says("may not read") == is_about_rights);
    }
}
