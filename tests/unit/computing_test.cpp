// SPDX-License-Identifier: BSL-1.0
// What a server computes: which generated columns are compared, and which expressions depend on the time zone.
#include "catch.hpp"

#include <rowferry/rowferry.hpp>
#include <rowferry/sql/computing.hpp>
#include <rowferry/verify.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;
namespace sql = rowferry::sql;

namespace {

rf::column make(const char* name, const char* type, rf::computation computed = rf::computation::unknown) {
    return {.name = name,
            .kind = std::string(type) == "int" ? rf::column_kind::integer : rf::column_kind::temporal,
            .type = type,
            .generated = computed != rf::computation::unknown,
            .computed = computed};
}

/// The names of the generated columns that are compared.
std::string compared(const std::vector<rf::column>& source, const std::vector<rf::column>& target, bool virtual_too,
                     std::vector<std::string>* notices = nullptr) {
    rf::table_schema from;
    from.name = "t";
    from.columns = source;
    rf::table_schema to = from;
    to.columns = target;
    auto plan = rf::detail::make_verify_plan(from, to, {.table = "t"}).value();
    rf::detail::add_computed(plan, virtual_too);
    if (notices != nullptr) *notices = plan.notices;
    return rf::detail::computed_names(plan);
}

/// What depends on the zone in a definition of these items.
std::string dependent(const std::string& items, const std::string& after = "") {
    rf::table_schema table;
    table.columns = {make("ts", "timestamp(3)"), make("d", "datetime"), make("n", "int")};
    const auto parsed =
        sql::grammar::parse("CREATE TABLE `t` (\n  `ts` timestamp(3) NULL,\n  `d` datetime,\n  `n` int,\n" + items +
                                "\n) ENGINE=InnoDB" + after,
                            sql::dialect::mysql);
    REQUIRE(parsed);
    std::string all;
    for (const rf::zone_dependence& each : sql::zone_dependences(*parsed, table)) {
        all += (all.empty() ? "" : "; ") + each.what + (each.default_of.empty() ? "" : " of " + each.default_of);
    }
    return all;
}

} // namespace

TEST_CASE("generated columns that one side stores are compared, others on request, and a version's ends never") {
    using rf::computation;
    const std::vector<rf::column> source{make("id", "int"), make("s", "int", computation::on_write),
                                         make("v", "int", computation::on_read), make("m", "int", computation::on_read),
                                         make("b", "timestamp(6)", computation::by_time)};
    std::vector<rf::column> target = source;
    target[3].computed = computation::on_write;
    CHECK(compared(source, target, false) == "s, m");
    CHECK(compared(source, target, true) == "s, v, m");
    target[1].type = "int unsigned";
    target[1].is_unsigned = true;
    std::vector<std::string> notices;
    CHECK(compared(source, target, false, &notices) == "m");
    REQUIRE_FALSE(notices.empty());
    CHECK_THAT(notices.back(), Catch::Matchers::ContainsSubstring("the generated column s of table t is not compared"));
    target.erase(target.begin() + 1);
    CHECK(compared(source, target, false) == "m");
}

TEST_CASE("expressions that depend on the session's time zone are found") {
    CHECK(dependent("  `g` date GENERATED ALWAYS AS (cast(`ts` as date)) STORED") == "generated column g");
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (hour(`TS`)) VIRTUAL") == "generated column g");
    CHECK(dependent("  `g` date GENERATED ALWAYS AS (cast(`d` as date)) STORED").empty());
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (unix_timestamp(`ts`)) STORED").empty());
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (unix_timestamp(`d`)) STORED") == "generated column g");
    CHECK(dependent("  `g` datetime GENERATED ALWAYS AS (from_unixtime(`n`)) VIRTUAL") == "generated column g");
    CHECK(dependent("  `g` int GENERATED ALWAYS AS ((`ts` is null)) VIRTUAL").empty());
    CHECK(dependent("  CONSTRAINT `c` CHECK ((`ts` >= _utf8mb4'2020-01-01 00:00:00'))") == "CHECK c");
    CHECK(dependent("  KEY `k` ((cast(`ts` as date)))") == "key k");
    CHECK(dependent("  KEY `k` (`ts`)").empty());
    CHECK(dependent("  `e` datetime DEFAULT CURRENT_TIMESTAMP") == "the default of column e of e");
    CHECK(dependent("  KEY `k` (`ts`)",
                    " PARTITION BY RANGE (unix_timestamp(`ts`)) (PARTITION p VALUES LESS THAN MAXVALUE)")
              .empty());
}

TEST_CASE("a time zone is an offset, or has other names for UTC") {
    for (const char* offset : {"+00:00", "-12:59", "+13:00", "+05:45"}) CHECK(sql::is_zone_offset(offset));
    for (const char* other : {"", "UTC", "+2:00", "+02:60", "+14:30", "02:00", "+02:0x", "+02:00 "}) {
        CHECK_FALSE(sql::is_zone_offset(other));
    }
    CHECK(sql::is_utc_zone("UTC"));
    CHECK(sql::is_utc_zone("Etc/UTC"));
    CHECK_FALSE(sql::is_utc_zone("CET"));
    CHECK(sql::computing_modes_of("ANSI_QUOTES,TIME_TRUNCATE_FRACTIONAL,NO_UNSIGNED_SUBTRACTION") ==
          "NO_UNSIGNED_SUBTRACTION,TIME_TRUNCATE_FRACTIONAL");
    CHECK(sql::computing_modes_of("ANSI_QUOTES").empty());
}
