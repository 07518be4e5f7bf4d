// SPDX-License-Identifier: BSL-1.0
// Whether SHOW GRANTS says that the user sees all tables of a database.
#include "catch.hpp"

#include <rowferry/mysql/grants.hpp>

#include <string>
#include <vector>

namespace mysql = rowferry::mysql;

namespace {

bool shows(const std::vector<std::string>& lines, const std::string& database = "shop",
           const mysql::grant_rules& rules = {}) {
    return mysql::shows_all_tables(lines, database, rules);
}

} // namespace

TEST_CASE("a privilege on everything or on the database shows all tables, one on tables does not") {
    CHECK(shows({"GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION"}));
    CHECK(shows({"GRANT SELECT, PROCESS ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*ABC ON *.* TO'"}));
    CHECK(shows({"GRANT USAGE ON *.* TO `u`@`%`", "GRANT SELECT, LOCK TABLES ON `shop`.* TO `u`@`%`"}));
    CHECK(shows({"GRANT SHOW VIEW ON `shop`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT USAGE ON *.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT USAGE ON *.* TO `u`@`%` WITH GRANT OPTION"}));
    CHECK_FALSE(shows({"GRANT PROCESS, RELOAD, CREATE USER, CREATE TEMPORARY TABLES ON *.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT EXECUTE, CREATE ROUTINE, ALTER ROUTINE, EVENT, LOCK TABLES ON `shop`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT SELECT ON `shop`.`t` TO `u`@`%`", "GRANT SELECT (`a`, `b`) ON `shop`.`v` TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT SELECT ON `other`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({}));
}

TEST_CASE("lines about other things are passed over: roles, proxies, routines, default roles") {
    CHECK_FALSE(shows({"GRANT `SELECT` TO `u`@`%`", "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION",
                       "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `u`@`%`", "SET DEFAULT ROLE `r` FOR `u`@`%`",
                       "GRANT `r`@`%`,`ON`@`%` TO `u`@`%`", "nonsense", "", "GRANT", "GRANT SELECT ON",
                       "GRANT SELECT ON `shop"}));
    // The grants of a role that is in effect stand beside the user's own.
    CHECK(shows({"GRANT `r` TO `u`@`%`", "GRANT USAGE ON *.* TO `u`@`%`", "GRANT SELECT ON `shop`.* TO `r`"}));
}

TEST_CASE("names in backquotes may hold anything") {
    CHECK(shows({"GRANT SELECT ON `a``b.* TO x`.* TO `u`@`%`"}, "a`b.* TO x"));
    CHECK_FALSE(shows({"GRANT SELECT ON `x`.`shop`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT SELECT ON `shop`.`*` TO `u`@`%`"}));
    CHECK(shows({"GRANT SELECT ON \"shop\".* TO \"u\"@\"%\""}));
}

TEST_CASE("the names of databases in grants are patterns") {
    const auto covers = [](const std::string& pattern, const std::string& database,
                           const mysql::grant_rules& rules = {}) {
        return shows({"GRANT SELECT ON `" + pattern + "`.* TO `u`@`%`"}, database, rules);
    };
    CHECK(covers("shop%", "shop"));
    CHECK(covers("%", "shop"));
    CHECK(covers("s_op", "shop"));
    CHECK(covers("%_p", "shop"));
    CHECK(covers("s%o%", "shop"));
    CHECK_FALSE(covers("s_p", "shop"));
    CHECK_FALSE(covers("shop_", "shop"));
    CHECK(covers("my\\_shop", "my_shop"));
    CHECK_FALSE(covers("my\\_shop", "my1shop"));
    CHECK(covers("my_shop", "my1shop"));
    CHECK(covers("100\\%", "100%"));
    CHECK_FALSE(covers("100\\%", "1000"));
    CHECK(covers("caf_", "caf\xC3\xA9")); // one character of two bytes
    CHECK_FALSE(covers("Shop", "shop"));
    CHECK(covers("Shop", "shop", {.ignores_case = true}));
    // With partial revokes they are not.
    CHECK_FALSE(covers("shop%", "shop1", {.partial_revokes = true}));
    CHECK_FALSE(covers("my_shop", "my1shop", {.partial_revokes = true}));
    CHECK(covers("my_shop", "my_shop", {.partial_revokes = true}));
}

TEST_CASE("of several patterns of one account the most exact decides, as on the server") {
    const std::string wide = "GRANT SELECT ON `sh%`.* TO `u`@`%`";
    CHECK_FALSE(shows({wide, "GRANT EXECUTE ON `shop`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT EXECUTE ON `sho%`.* TO `u`@`%`", wide}));
    CHECK(shows({"GRANT EXECUTE ON `s%`.* TO `u`@`%`", wide}));
    CHECK(shows({wide, "GRANT EXECUTE ON `shop`.* TO `r`"})); // of a role, which adds to it
}

TEST_CASE("partial revokes take from the privileges on everything, and from nothing else") {
    const std::string all = "GRANT SELECT, INSERT ON *.* TO `u`@`%`";
    CHECK_FALSE(shows({all, "REVOKE SELECT, INSERT ON `shop`.* FROM `u`@`%`"}));
    CHECK(shows({all, "REVOKE SELECT ON `shop`.* FROM `u`@`%`"})); // INSERT still shows them
    CHECK(shows({all, "REVOKE SELECT, INSERT ON `other`.* FROM `u`@`%`"}));
    CHECK(shows({all, "REVOKE SELECT, INSERT ON `shop`.* FROM `u`@`%`", "GRANT SELECT ON `shop`.* TO `u`@`%`"}));
    CHECK_FALSE(shows({"GRANT SELECT ON *.* TO `u`@`%`", "REVOKE SELECT ON `shop`.* FROM `u`@`%`"}, "shop",
                      {.partial_revokes = true}));
}
