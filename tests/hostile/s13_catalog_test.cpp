// SPDX-License-Identifier: BSL-1.0
// S13: what a catalog says about indexes and tables that no server has, or by the hundred thousand.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "scripted_server.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace hostile;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t column_cell = 3;
constexpr std::size_t prefix_cell = 5;

/// A copy from a source whose catalog answers about `part` are changed.
struct catalog_case {
    tiny_database from{};
    tiny_database to{};
    outcome said{};

    catalog_case(const std::string& part, const std::function<void(answer&)>& change,
                 const std::vector<std::string>& tables = {"--table", "t"}, guard g = {}) {
        from.add_notes("t", 25);
        to.add_notes("t", 0);
        lies liar;
        liar.rules.push_back(when(part, change));
        scripted_server source(from, liar);
        scripted_server target(to, lies{});
        std::vector<std::string> arguments{"copy",          "--source", source.uri(),    "--target", target.uri(),
                                           "--retry-delay", "0.01",     "--max-retries", "2"};
        arguments.insert(arguments.end(), tables.begin(), tables.end());
        said = run_guarded(arguments, g);
    }
};

/// Puts texts into cells of the first row.
std::function<void(answer&)> with_cells(std::vector<std::pair<std::size_t, std::string>> cells) {
    return [cells = std::move(cells)](answer& a) {
        for (const auto& [cell, text] : cells) {
            if (!a.rows.empty() && cell < a.rows[0].size()) a.rows[0][cell] = text;
        }
    };
}

} // namespace

TEST_CASE("S13: an index that no server has orders no pages", "[hostile]") {
    struct lie {
        const char* name;
        std::function<void(answer&)> how;
        const char* says;
    };
    const auto twice = [](answer& a) {
        if (!a.rows.empty()) a.rows.push_back(a.rows[0]);
    };
    for (const auto& [name, how, says] :
         {lie{"a number's first digit", with_cells({{prefix_cell, "1"}}), "is of a column of which an index holds all"},
          lie{"no characters", with_cells({{column_cell, "note"}, {prefix_cell, "0"}}), "is 0"},
          lie{"all characters", with_cells({{column_cell, "note"}, {prefix_cell, "40"}}),
              "is not shorter than its column"},
          lie{"more characters", with_cells({{column_cell, "note"}, {prefix_cell, "18446744073709551615"}}),
              "is not shorter"},
          lie{"a column twice", twice, "is in the index twice"}}) {
        const catalog_case c("information_schema.STATISTICS", how);
        INFO(name << '\n' << c.said.exit_code << c.said.out << c.said.err);
        CHECK(c.said.exit_code == 2);
        CHECK(c.said.says("makes no sense"));
        CHECK(c.said.says(says));
        CHECK(c.to.rows("t").empty());
    }
}

TEST_CASE("S13: indexes by the hundred thousand are refused at once", "[hostile]") {
    const catalog_case c("information_schema.STATISTICS",
                         [](answer& a) {
                             if (a.rows.empty()) return;
                             for (int i = 0; i < 250'000; ++i) {
                                 a.rows.push_back(a.rows[0]);
                                 a.rows.back().at(1) = "i" + std::to_string(i);
                             }
                         },
                         {"--table", "t"}, {.patience = 30s});
    INFO(c.said.exit_code << c.said.out << c.said.err);
    CHECK_FALSE(c.said.hung);
    CHECK(c.said.exit_code == 2);
    CHECK(c.said.says("is more than 256"));
}

TEST_CASE("S13: with tables by the hundred thousand a stop request still ends the copy", "[hostile]") {
    const catalog_case c("TABLE_TYPE IN",
                         [](answer& a) {
                             a.rows.clear();
                             for (int i = 100'000; i < 250'000; ++i) a.rows.push_back({"t" + std::to_string(i)});
                         },
                         {"--all-tables"}, {.patience = 30s, .signal = SIGTERM, .signal_after = 5s});
    INFO(c.said.exit_code << c.said.out.substr(0, 500) << c.said.err.substr(0, 500));
    CHECK_FALSE(c.said.hung);
    CHECK_FALSE(c.said.grew);
    CHECK(c.said.exit_code != 0);
}
