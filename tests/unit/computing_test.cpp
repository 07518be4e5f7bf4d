// SPDX-License-Identifier: BSL-1.0
// What a server computes: which generated columns are compared, and which expressions depend on the time zone.
#include "catch.hpp"

#include <rowferry/computing.hpp>
#include <rowferry/rowferry.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/computing.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/verify.hpp>
#include <rowferry/zone_rules.hpp>

#include <string>
#include <string_view>
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
    table.columns = {make("ts", "timestamp(3)"), make("d", "datetime"), make("n", "int"), make("ended", "timestamp")};
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
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (hour(`TS`)) VIRTUAL,\n  KEY `k` (`n`,`g`)") ==
          "generated column g");
    CHECK(dependent("  `g` date GENERATED ALWAYS AS (cast(`d` as date)) STORED").empty());
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (unix_timestamp(`ts`)) STORED").empty());
    CHECK(dependent("  `g` int GENERATED ALWAYS AS (unix_timestamp(`d`)) STORED") == "generated column g");
    CHECK(dependent("  `g` datetime GENERATED ALWAYS AS (from_unixtime(`n`)) STORED") == "generated column g");
    CHECK(dependent("  `g` int GENERATED ALWAYS AS ((`ts` is null)) VIRTUAL").empty());
    CHECK(dependent("  CONSTRAINT `c` CHECK ((`ts` >= _utf8mb4'2020-01-01 00:00:00'))") == "CHECK c");
    CHECK(dependent("  KEY `k` ((cast(`ts` as date)))") == "key k");
    CHECK(dependent("  KEY `k` (`ts`)").empty());
    CHECK(dependent("  `e` datetime DEFAULT CURRENT_TIMESTAMP") == "the default of column e of e");
    CHECK(dependent("  KEY `k` (`ts`)",
                    " PARTITION BY RANGE (unix_timestamp(`ts`)) (PARTITION p VALUES LESS THAN MAXVALUE)")
              .empty());
}

TEST_CASE("a virtual column depends on the zone only where something keeps its values") {
    const std::string hour = "  `g` int GENERATED ALWAYS AS (hour(`ts`)) VIRTUAL";
    CHECK(dependent(hour).empty());
    CHECK(dependent("  `h` int GENERATED ALWAYS AS ((`g` + 1)) VIRTUAL,\n" + hour).empty());
    CHECK(dependent("  `h` int GENERATED ALWAYS AS ((`g` + 1)) STORED,\n" + hour) == "generated column h");
    CHECK(dependent(hour + ",\n  CONSTRAINT `c` CHECK ((`g` > 3))") == "CHECK c");
    CHECK(dependent(hour + ",\n  KEY `k` (((`g` + 1)))") == "key k");
    CHECK(dependent(hour, " PARTITION BY HASH (`g`) PARTITIONS 2") == "its partitions");
    CHECK(dependent(hour, " PARTITION BY KEY (`g`) PARTITIONS 2") == "generated column g");
}

TEST_CASE("a CHECK that compares two TIMESTAMPs does not depend on the zone") {
    const std::string ended = "  `ended` timestamp NULL,\n  CONSTRAINT `c` CHECK (";
    CHECK(dependent(ended + "(`ended` >= `ts`))").empty());
    CHECK(dependent(ended + "((`n` > 1) and (`ended` <> `ts`)))").empty());
    CHECK(dependent(ended + "`ended` >= `ts` or `ts` is null)").empty());
    CHECK(dependent(ended + "(`ended` >= `d`))") == "CHECK c");
    CHECK(dependent(ended + "(`ended` + 1 >= `ts`))") == "CHECK c");
    CHECK(dependent(ended + "(`ended` >= `ts` + 1))") == "CHECK c");
    CHECK(dependent(ended + "((`ended` >= `ts`) and (hour(`ts`) > 3)))") == "CHECK c");
    // Stored, the hour that a clock repeats would matter.
    CHECK(dependent("  `g` int GENERATED ALWAYS AS ((`ts` >= `ts`)) STORED") == "generated column g");
}

namespace {

/// A connection that has settings, and computes by them.
struct stub {
    rf::computing_settings settings;
    std::string zone;
    std::vector<rf::zone_dependence> dependences;
    std::string why_not_reopened = {};
    int reopened = 0;
    std::vector<rf::setting> computes_as = {};

    rf::result<rf::computing_settings> computing_settings() { return settings; }
    rf::result<void> compute_as(const std::vector<rf::setting>& values) {
        computes_as = values;
        return {};
    }
    rf::result<std::string> reopen(const rf::table_schema&) {
        ++reopened;
        return why_not_reopened;
    }
    rf::result<std::vector<rf::zone_dependence>> zone_dependences(const rf::table_schema&, std::string_view) {
        return dependences;
    }
    [[nodiscard]] std::string time_zone() const { return zone; }
};
struct stub_manager {
    using connection_type = stub;
    stub& connection;
    template <class F>
    auto run(std::string_view, F f) {
        return f(connection);
    }
};

/// A copy of table t into a zone, from a source in another one.
struct zone_copy {
    rf::result<void> check(const rf::computing_settings& source, const std::string& zone,
                           std::vector<rf::zone_dependence> what) {
        stub from{source, zone, {}};
        stub to{{}, zone, std::move(what)};
        stub_manager on_source{from};
        stub_manager on_target{to};
        plan.notices.clear();
        return rf::detail::check_zone(on_source, on_target, plan);
    }
    rf::copy_plan plan = [] {
        rf::copy_plan made;
        made.source.name = made.target.name = "t";
        made.source.columns = {make("id", "int"), make("e", "datetime")};
        made.target.columns = {make("id", "int"), make("e", "datetime"), make("copied", "datetime")};
        made.columns.source = made.columns.target = {0};
        return made;
    }();
};

const rf::computing_settings in_utc{{}, "UTC", true, false};
const rf::computing_settings plus_two{{}, "+02:00", false, true};
const rf::computing_settings cet{{}, "CET", false, false};

} // namespace

TEST_CASE("values that are stored by the zone are copied in the source's zone, or refused") {
    const std::vector<rf::zone_dependence> day{{"generated column day"}};
    zone_copy copy;
    CHECK(copy.check(in_utc, "", day));
    CHECK(copy.check(plus_two, "+02:00", day));
    CHECK(copy.plan.notices.empty());

    for (const char* zone : {"", "+01:00"}) {
        const auto other = copy.check(plus_two, zone, day);
        REQUIRE_FALSE(other);
        REQUIRE(other.error().remedies.size() == 1);
        CHECK(other.error().remedies[0] == rf::remedy{rf::remedy::set_time_zone, "", "+02:00"});
    }
    const auto not_utc = copy.check(in_utc, "+02:00", day);
    REQUIRE_FALSE(not_utc);
    CHECK(not_utc.error().remedies[0].choice == "+00:00");

    const auto unknown = copy.check(cet, "", day);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().remedies.empty());
    CHECK_THAT(unknown.error().message, Catch::Matchers::ContainsSubstring("no offset is right for all rows"));
    REQUIRE(copy.check(cet, "+01:00", day));
    REQUIRE(copy.plan.notices.size() == 1);
    CHECK_THAT(copy.plan.notices[0], Catch::Matchers::ContainsSubstring("at another offset differ, verify the table"));
}

TEST_CASE("CHECKs, and defaults that the source lacks, are noted where they are computed in another zone") {
    zone_copy copy;
    for (const rf::zone_dependence& each :
         {rf::zone_dependence{"CHECK c", {}, true}, rf::zone_dependence{"the default of column copied", "copied"}}) {
        CAPTURE(each.what);
        REQUIRE(copy.check(plus_two, "", {each}));
        REQUIRE(copy.plan.notices.size() == 1);
        CHECK_THAT(copy.plan.notices[0], Catch::Matchers::ContainsSubstring(each.what));
        REQUIRE(copy.check(in_utc, "", {each}));
        CHECK(copy.plan.notices.empty());
    }
    CHECK_FALSE(copy.check(plus_two, "", {{"the default of column e", "e"}})); // the source has a value
}

TEST_CASE("fractions of a second are one setting, which each product has its own mode for") {
    using sql::dialect;
    CHECK(sql::fractions_of(dialect::mariadb, "") == "cut");
    CHECK(sql::fractions_of(dialect::mariadb, "ANSI_QUOTES,TIME_ROUND_FRACTIONAL") == "rounded");
    CHECK(sql::fractions_of(dialect::mysql, "") == "rounded");
    CHECK(sql::fractions_of(dialect::mysql, "TIME_TRUNCATE_FRACTIONAL") == "cut");
    for (const dialect d : {dialect::mariadb, dialect::mysql}) {
        for (const std::string_view wanted : {"rounded", "cut"}) {
            CHECK(sql::fractions_of(d, sql::fraction_mode(d, wanted)) == wanted);
        }
    }
    CHECK(sql::computing_modes_of("PAD_CHAR_TO_FULL_LENGTH,TIME_ROUND_FRACTIONAL").empty());
}

TEST_CASE("the target's table is not reopened before rows are written, and other settings are noted") {
    rf::table_schema table;
    table.name = "t";
    table.columns = {make("c", "char(3)"), make("g", "int", rf::computation::on_write)};
    table.columns[0].kind = rf::column_kind::text;
    table.columns[1].expression = "length(`c`)";
    stub from{{{{"fractions of a second", "cut"}, {"div_precision_increment", "4"}}}, "", {}};
    stub to = from;
    stub_manager source{from};
    stub_manager target{to};
    std::vector<std::string> notices;
    const auto choose = [&] {
        notices.clear();
        return rf::detail::choose_settings(source, target, table, "t", notices).value();
    };
    CHECK_FALSE(choose().differ);
    CHECK(notices.empty());

    to.settings.values[0].value = "rounded"; // the table has no time
    CHECK_FALSE(choose().differ);
    CHECK(to.computes_as == from.settings.values);
    to.settings.values[1].value = "12";
    CHECK(choose().differ);
    CHECK(notices.size() == 1);
    CHECK(to.reopened == 0);

    CHECK(rf::detail::reopen_target(target, table).value().empty());
    CHECK(to.reopened == 1);
    to.why_not_reopened = "another client uses the table";
    CHECK_THAT(rf::detail::reopen_target(target, table).value(),
               Catch::Matchers::ContainsSubstring("could not reopen table t, because another client uses the table:"));

    to.settings = from.settings;
    from.settings.pads_char = true;
    CHECK_FALSE(choose().differ);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0], Catch::Matchers::ContainsSubstring("the source pads CHAR values"));
    table.columns[0].type = "varchar(3)";
    choose();
    CHECK(notices.empty());

    // Two products that divide otherwise: known by the expression, not by a slash in a string.
    from.settings = to.settings;
    to.settings.rounds_quotients = true;
    CHECK_FALSE(rf::sql::divides("concat(`id`,' / ',`a/b`)"));
    CHECK(rf::sql::divides("concat('/',`id` / 3)"));
    CHECK_FALSE(choose().differ);
    CHECK(notices.empty());
    table.columns.back().divides = true;
    CHECK_FALSE(choose().differ);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0], Catch::Matchers::ContainsSubstring("generated columns of table t that divide"));
}

TEST_CASE("the target computes leniently on request, also where only a CHECK is computed, and is told to once") {
    rf::table_schema table;
    table.name = "t";
    table.columns = {make("c", "varchar(3)")};
    stub from{{{{"div_precision_increment", "4"}}}, "", {}};
    stub to = from;
    stub_manager source{from};
    stub_manager target{to};
    std::vector<std::string> notices;
    CHECK(rf::detail::choose_settings(source, target, table, "t", notices).value().values.empty());
    CHECK(notices.empty());
    const auto chosen =
        rf::detail::choose_settings(source, target, table, "t", notices, rf::strictness::lenient).value();
    const rf::setting lenient{std::string(rf::strictness_setting), std::string(rf::computed_leniently)};
    REQUIRE(chosen.values.size() == 2);
    CHECK(chosen.values.back() == lenient);
    CHECK(to.computes_as == chosen.values);
    CHECK_FALSE(chosen.differ);
    REQUIRE(notices.size() == 1);
    CHECK_THAT(notices[0], Catch::Matchers::ContainsSubstring("Verify the table"));
}

TEST_CASE("members that differ by every rule of their collation need no question") {
    const auto differ = [](const std::vector<std::string>& members, const char* collation) {
        return sql::surely_differ(members, collation);
    };
    CHECK(differ({"a", "b", "", "a b"}, "utf8mb4_general_ci"));
    CHECK(differ({"i", "y"}, "latin1_swedish_ci"));
    CHECK_FALSE(differ({"a", "A"}, "utf8mb4_general_ci"));
    CHECK_FALSE(differ({"a", "a  "}, "utf8mb4_general_ci"));
    CHECK_FALSE(differ({"", " "}, "utf8mb4_general_ci"));
    CHECK_FALSE(differ({"e", "\xC3\xA9"}, "utf8mb4_general_ci"));
    CHECK_FALSE(differ({"a", std::string("a\0", 2)}, "utf8mb4_0900_ai_ci")); // is ignored there
    CHECK_FALSE(differ({"i", "y"}, "utf8mb4_lithuanian_ci"));
}

TEST_CASE("members are counted without VALUES ROW where the server has none") {
    std::string statement;
    sql::append_count_distinct(statement, sql::dialect::mysql, {"a", "b"}, "utf8mb4", "utf8mb4_bin", false);
    CHECK_THAT(statement, !Catch::Matchers::ContainsSubstring("VALUES"));
    CHECK_THAT(statement, Catch::Matchers::StartsWith("WITH members (m) AS (SELECT ") &&
                              Catch::Matchers::ContainsSubstring(" UNION ALL SELECT "));
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
          "NO_UNSIGNED_SUBTRACTION");
    CHECK(sql::computing_modes_of("ANSI_QUOTES").empty());
}
