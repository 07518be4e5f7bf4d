// SPDX-License-Identifier: BSL-1.0
// Replays the fuzzer's corpus with any compiler: definitions that both products have shown, and hostile ones.
#include "catch.hpp"
#include "fuzz/definition_property.hpp"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

// Every file of the corpus, and how many there are.
template <class F>
std::size_t for_each_file(F f) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(ROWFERRY_FUZZ_CORPUS)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string statement((std::istreambuf_iterator<char>(in)), {});
        INFO(entry.path().filename().string());
        REQUIRE_FALSE(statement.empty());
        f(entry.path().filename().string(), statement);
        ++files;
    }
    return files;
}

} // namespace

TEST_CASE("each definition of the corpus is refused, or becomes one harmless CREATE TABLE", "[corpus]") {
    const std::size_t files = for_each_file([](const std::string&, const std::string& statement) {
        for (unsigned choices = 0; choices < 16; ++choices) {
            INFO("choices " << choices);
            CHECK(fuzz::wrong_with_passage(statement, choices) == "");
        }
    });
    CHECK(files > 200);
}

TEST_CASE("what a server has shown is understood", "[corpus]") {
    std::size_t shown = 0;
    for_each_file([&](const std::string& name, const std::string& statement) {
        if (!name.starts_with("mariadb-") && !name.starts_with("mysql-")) return;
        ++shown;
        const auto parsed = fuzz::sql::grammar::parse(statement);
        if (!parsed) FAIL_CHECK(to_string(parsed.error()));
    });
    CHECK(shown > 150);
}

TEST_CASE("each hostile definition of the corpus is refused", "[corpus]") {
    for_each_file([](const std::string& name, const std::string& statement) {
        if (!name.starts_with("hostile-")) return;
        const auto parsed = fuzz::sql::grammar::parse(statement);
        if (parsed) FAIL_CHECK("became " << fuzz::sql::grammar::to_statement(*parsed));
    });
}

TEST_CASE("the property's checker finds what it is for", "[corpus]") {
    const std::string begin = "CREATE TABLE `t` (\n  `a` int";
    CHECK(fuzz::wrong_with(begin + "\n) ENGINE=InnoDB").empty());
    for (const char* rest :
         {"\n) ENGINE=InnoDB SELECT f()", "\n) ENGINE=InnoDB /*!50000 COMMENT='x' */", "\n) ENGINE=InnoDB; SET a=1",
          " DEFAULT (f())\n) ENGINE=InnoDB", " DEFAULT (`f`(1,2))\n) ENGINE=InnoDB",
          " DEFAULT (load_file('x'))\n) ENGINE=InnoDB", "\n) ENGINE=MRG_MyISAM", " DEFAULT (`b`.`c`)\n)",
          "\n) ENGINE=InnoDB UNION=(`d`.`t`)", "\n) ENGINE=InnoDB DATA DIRECTORY='/'", "\n) ENGINE=InnoDB COMMENT='x",
          "\n", " COMMENT 'a\\' SELECT 1 -- '\n) ENGINE=InnoDB", "\n) ENGINE=InnoDB strange=1",
          " DEFAULT (@@port)\n)"}) {
        INFO(rest);
        CHECK_FALSE(fuzz::wrong_with(begin + rest).empty());
    }
}
