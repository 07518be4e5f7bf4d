// SPDX-License-Identifier: BSL-1.0
// Tables whose key is over a generated column: pages read it, and nothing writes it.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <rowferry/sql/session_values.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A table `t` whose key `g` is twice the number `n`; with `nullable`, rows without a number have none.
struct computed_world : worlds::two_databases {
    explicit computed_world(bool nullable = false, const std::string& computed = "int as (n * 2) stored") {
        for (auto* database : {&source, &target}) {
            const std::vector<rf::testing::column_definition> columns{
                {"g", computed}, {"n", nullable ? "int" : "int not null"}, {"note", "text"}};
            database->create_table("t", columns, nullable ? std::vector<std::string>{} : std::vector<std::string>{"g"});
            if (nullable) database->add_unique_key("t", "by_g", {"g"});
            database->compute("t", "g", [](const rf::testing::row& r) -> rf::value {
                return r[1] ? rf::value(std::to_string(std::stoi(*r[1]) * 2)) : std::nullopt;
            });
        }
        for (int i = 0; i < 9; ++i) source.insert("t", {std::nullopt, std::to_string(i * 7 % 9), "note"});
        for (int i = 0; nullable && i < 2; ++i) source.insert("t", {std::nullopt, std::nullopt, "none"});
    }
    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const rf::copy_request& request = {.table = "t"}) {
        return ferry.copy(source, target, request, timing, events);
    }
    [[nodiscard]] bool equal() const {
        auto left = source.rows("t");
        auto right = target.rows("t");
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end());
        return left == right;
    }
};

constexpr rf::fixed_batch two{.rows = 2};

rf::column computed_column(std::string name, std::string expression) {
    return {.name = std::move(name),
            .kind = rf::column_kind::integer,
            .type = "int(11)",
            .generated = true,
            .expression = std::move(expression),
            .computed = rf::computation::on_read};
}

} // namespace

TEST_CASE("a key over a generated column orders pages, in each write mode") {
    for (const auto kind :
         {rf::write_kind::insert, rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        CAPTURE(rf::name(kind));
        computed_world world;
        const rf::pipeline ferry{two, rf::chosen_write_mode{kind}};
        const rf::report done = world.copy(ferry);
        INFO(worlds::why(done));
        REQUIRE(done.complete());
        CHECK(done.batches == 5);
        CHECK(done.last_key == rf::key_values{"16"});
        CHECK(world.equal());
        world.source.insert("t", {std::nullopt, "100", "new"});
        CHECK(world.copy(ferry).rows == 1);
        CHECK(world.equal());
    }
    computed_world world;
    CHECK(world.copy(rf::pipeline{two, rf::parallel{.jobs = 3}}).complete());
    CHECK(world.equal());
}

TEST_CASE("a key over a generated column: one fault at any call, and a client killed at any call") {
    const auto strict = [] { return computed_world(); };
    const auto nullable = [] { return computed_world(true); };
    sweep::for_each_fault(strict, rf::pipeline{two}, sweep::copies(9));
    sweep::for_each_fault(sweep::on_one_server(strict), rf::pipeline{two}, sweep::copies(9));
    sweep::for_each_crash(strict, rf::pipeline{two}, rf::pipeline{two}, sweep::ends_equal);
    sweep::for_each_fault(nullable, rf::pipeline{two}, sweep::copies(11));
    sweep::for_each_crash(nullable, rf::pipeline{two}, rf::pipeline{two}, sweep::ends_equal);
}

TEST_CASE("a key over a generated column names rows in a verification, and a repair copies them again") {
    for (const bool chosen : {false, true}) {
        computed_world world;
        REQUIRE(world.copy(rf::pipeline{two}).complete());
        world.target.erase("t", {"4"});
        world.target.upsert("t", {std::nullopt, "3", "changed"});
        world.target.insert("t", {std::nullopt, "50", "extra"});
        rf::verify_request request{.table = "t", .repair = true, .delete_extra = true};
        if (chosen) request.columns = {{"n"}, {"note"}};
        const rf::verification found = rf::verifier{}.verify(world.source, world.target, request, world.timing);
        INFO((found.failure ? rf::to_string(*found.failure) : std::string()));
        CHECK(found.named);
        CHECK(found.missing.keys == std::vector<rf::key_values>{{"4"}});
        CHECK(found.changed.keys == std::vector<rf::key_values>{{"6"}});
        CHECK(found.extra.keys == std::vector<rf::key_values>{{"100"}});
        CHECK(found.equal());
        CHECK(world.equal());
    }
}

TEST_CASE("a copy does not continue after a key that is computed otherwise by now") {
    computed_world world;
    world.target.fail_at(world.target.calls() + 12, rf::fault::permanent);
    REQUIRE_FALSE(world.copy(rf::pipeline{two}).complete());
    const auto begun = world.target.checkpoints();
    REQUIRE_FALSE(begun.empty());
    for (auto* database : {&world.source, &world.target})
        database->modify_column("t", {"g", "int not null as (n * 3) stored"});
    const rf::report again = world.copy(rf::pipeline{two});
    CHECK(again.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(again), ContainsSubstring("was made for another definition"));
}

TEST_CASE("an ordinary key comes before one over a generated column, unless no index finds its pages") {
    rf::table_schema t;
    t.columns = {computed_column("g", "n * 2"),
                 {.name = "n", .kind = rf::column_kind::integer},
                 {.name = "s", .kind = rf::column_kind::text}};
    const rf::key computed{"PRIMARY", {{.column = 0}}};
    const rf::key plain{"by_n", {{.column = 1}}};
    const rf::key beginning{"by_s", {{.column = 2, .prefix = 3}}};
    t.keys = {computed, beginning, plain};
    CHECK(rf::keyset_pages{}.order(t).value().index == "by_n");
    t.keys = {computed, beginning};
    CHECK(rf::keyset_pages{}.order(t).value().index == "PRIMARY");
}

TEST_CASE("what the session of a reader may decide orders no pages") {
    const auto found = [](const std::string& expression, const std::string& type = "varchar(40)",
                          rf::column_kind kind = rf::column_kind::text) {
        const auto plain = [](const char* name, rf::column_kind of, const char* full_type, bool is_unsigned = false) {
            return rf::column{.name = name, .kind = of, .type = full_type, .is_unsigned = is_unsigned};
        };
        using enum rf::column_kind;
        rf::table_schema t;
        t.columns = {plain("ts", temporal, "timestamp"),
                     plain("d", temporal, "date"),
                     plain("t", temporal, "time"),
                     plain("n", integer, "int"),
                     plain("m", integer, "int"),
                     plain("u", integer, "int unsigned", true),
                     plain("price", decimal, "decimal(10,2)"),
                     plain("a", text, "varchar(20)"),
                     plain("c", text, "char(20)"),
                     plain("doc", text, "longtext"),
                     plain("Week(1) / 2", integer, "int"),
                     computed_column("between", "`ts`"),
                     computed_column("v", expression)};
        t.columns.back().type = type;
        t.columns.back().kind = kind;
        rf::sql::find_session_values(t);
        const rf::column& v = t.columns.back();
        CHECK(v.differs_by_session == (v.computed == rf::computation::by_session));
        return v.differs_by_session;
    };
    for (const char* expression : {"cast(`ts` as date)",
                                   "`between` + 1",
                                   "from_unixtime(`n`)",
                                   "date_format(`d`,'%M')",
                                   "week(`d`)",
                                   "(`n` / `m`)",
                                   "DAYNAME(`d`)",
                                   "concat(ifnull(cast(`a` as date),'none'),'-',`n`)",
                                   "concat(ifnull(cast(`a` as date),_utf8mb4\\'none\\'),_utf8mb4\\'-\\',`n`)",
                                   "cast(`t` as datetime)",
                                   "coalesce(`d`,`t`)",
                                   "convert_tz(`d`,'SYSTEM','+00:00')",
                                   "concat(ifnull(str_to_date(`a`,'%Y'),'none'),'-',`n`)",
                                   "((extract(week from `d`) * 10000) + `n`)",
                                   "aes_encrypt(`a`,'k')",
                                   "(`u` - `n`)",
                                   "(`n` - cast(`a` as unsigned))",
                                   "(`n` - length(`a`))",
                                   "(`n` - (`m` & 1))",
                                   "-(`u`)",
                                   "json_value(`doc`, '$.d' returning date)",
                                   "concat(`d`,'-',`n`)",
                                   "dayofweek(`d`)",
                                   "(`d` + interval 1 day)",
                                   "timestampdiff(DAY,`d`,DATE'2020-01-01')",
                                   "concat(`c`,'x')",
                                   "(`a` like 'x%')",
                                   "regexp_replace(`a`,'x','y')",
                                   "upper(md5(`a`))",
                                   "lower(hex(`n`))",
                                   "if(md5(`a`) = 'A',1,2)",
                                   "(convert(`a` using utf8mb4) = 'A')",
                                   "lower(cast(`a` as char charset utf8mb4))",
                                   "(json_value(`doc`, '$.a' returning char(9) charset utf8mb4) = 'A')",
                                   "case when `ts` then 1 end",
                                   "nullif(`ts`,0)",
                                   "(`t` <=> NULL)",
                                   "greatest(`d`,`n`)",
                                   "format(`n`,2)",
                                   "rand(`n`)",
                                   "unknown(`n`)",
                                   "@@sql_mode",
                                   "(`n` + 1",
                                   "`missing` + 1",
                                   ""}) {
        CAPTURE(expression);
        CHECK(found(expression));
    }
    for (const char* expression :
         {"`n` * 2",
          "unix_timestamp(`ts`) + 1",
          "json_value(`doc`,'$._id')",
          "json_value(`doc`, _utf8mb4\\'$._id\\' returning char(32) null on empty null on error)",
          "json_unquote(json_extract(`doc`,_utf8mb4\\'$._id\\'))",
          "`Week(1) / 2` + 1",
          "concat(`n`,'-',`m`)",
          "concat('week(1) / 2',`a`)",
          "concat(`a`,'\\'-now()',`n`)",
          "concat_ws(_utf8mb4\\'|\\',`a`,`n`)",
          "lower(`a`)",
          "upper(concat(`a`,'-',`n`))",
          "md5(concat(`a`,`n`))",
          "unhex(md5(`a`))",
          "hex(`n`)",
          "if(`d` is null,1,null)",
          "if((`ts` is not null) and (`n` = 1),`a`,null)",
          "(case when (`a` in ('x','y')) then `n` else NULL end)",
          "case `n` when 1 then 'a' when 2 then 'b' end",
          "case `a` when 'x' then 1 when 2 then 2 end",
          "nullif(`a`,'')",
          "coalesce(`a`,`n`,0)",
          "(`n` - `m`) * -1",
          "(`price` - 1)",
          "(`u` + `n`) DIV 3 MOD 7",
          "lpad(`n`,10,'0')",
          "trim(both ' ' from `a`)",
          "substr(`a`,1,3)",
          "char_length(`a`) > 3",
          "cast(`a` as signed)",
          "cast(`n` as char charset utf8mb4)",
          "lower(convert(`a` using utf8mb4) collate utf8mb4_bin)",
          "(json_value(`doc`, '$.a' returning char(9)) = 'A')",
          "convert(`a` using latin1)",
          "elt(`n`,'a','b','c')",
          "abs(`n`)",
          "(`n` between 1 and 5)"}) {
        CAPTURE(expression);
        CHECK_FALSE(found(expression));
    }
    // Each comparison is judged by its own values: the session decides whether 'a' is 'A'.
    for (const char* expression :
         {"(if((`n` > 0),'a','b') = 'A') and (`n` < 5)", "if(`n` > 0,'a','b') = 'A' and `n` < 5",
          "`n` < 5 and if(`n` > 0,'a','b') = 'A'", "`n` < 5 or if(`n` > 0,'a','b') = 'A'",
          "`n` < 5 xor if(`n` > 0,'a','b') = 'A'", "`a` = 'x' and if(`n` > 0,'a','b') = 'A'",
          "(if(`n` > 0,'a','b') in ('A','B') or `n` < 5)", "`n` < 5 and if(`n` > 0,'a','b') not in ('A','B')",
          "if(`n` > 0,'a','b') between 'A' and 'C' and `n` < 5", "`n` between 1 and 5 and if(`n` > 0,'a','b') = 'A'",
          "`n` between 1 and 5 and `m` between 2 and 3 and 'b' = if(`n` > 0,'B','b')",
          "case if(`n` > 0,'a','b') when 'A' then 1 when 5 then 2 end",
          "case when `n` < 5 and if(`n` > 0,'a','b') = 'A' then 1 end", "if(`n` > 0,'a','b') = 'A' = `n`",
          "`n` = if(`n` > 0,'a','b') in ('A','B')", "`n` = if(`n` > 0,'a','b') between 'A' and 'C'",
          "not if(`n` > 0,'a','b') = 'A'", "`n` between 1 and `ts` is null"}) {
        CAPTURE(expression);
        CHECK(found(expression));
    }
    for (const char* expression :
         {"`n` between 1 and 5 and `a` between 'b' and 'c' or `m` < 2",
          "`n` not between `m` and `m` + 5 and `ts` is null", "if(`n` > 0,'a','b') between `a` and 'c' and `n` < 5",
          "if(`n` > 0,'a','b') = `a` and `n` < 5", "if(`n` > 0,'1','2') = `n` and `a` in ('x','y')",
          "(`n` > 0) = (`m` > 0)", "`n` < `m` = 1", "not `a` = 'x' xor not `ts` is null",
          "(`n` < 5 and `m` is not null) or (`a` collate utf8mb4_bin = 'x')", "`n` - 1 > 0 and `u` > 3"}) {
        CAPTURE(expression);
        CHECK_FALSE(found(expression));
    }
    // A date or time needs no conversion only if it is taken as it is.
    CHECK_FALSE(found("`d`", "date", rf::column_kind::temporal));
    CHECK(found("`d`", "datetime", rf::column_kind::temporal));
    CHECK(found("`d`"));
    CHECK(found("`a`", "date", rf::column_kind::temporal));
    CHECK(found("`n`", "year(4)", rf::column_kind::integer));
    CHECK(found("`between`", "int", rf::column_kind::integer));
}

TEST_CASE("what the session of a writer may have decided does not tell rows apart in another table") {
    rf::table_schema t;
    t.name = "t";
    t.columns = {{.name = "n", .kind = rf::column_kind::integer, .type = "int"},
                 {.name = "a", .kind = rf::column_kind::text, .type = "varchar(20)"},
                 computed_column("pure", "`n` * 2"),
                 computed_column("stored", "concat(ifnull(cast(`a` as date),'none'),'-',`n`)"),
                 computed_column("after_it", "concat(`stored`,'x')")};
    for (rf::column& c : t.columns) c.computed = c.generated ? rf::computation::on_write : rf::computation::unknown;
    rf::sql::find_session_values(t);
    CHECK_FALSE(t.columns[2].differs_by_session);
    CHECK(t.columns[3].differs_by_session);
    CHECK(t.columns[4].differs_by_session);
    CHECK(t.columns[3].computed == rf::computation::on_write); // it is stored, and orders pages
    CHECK(rf::order_trouble(t.columns[3]).empty());

    for (const std::size_t column : {std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
        CAPTURE(column);
        const rf::key by{"by", {{.column = column}}};
        t.keys = {by};
        t.unique_indexes = {{"by", {{.column = column}}}};
        const bool is_pure = column == 2;
        CHECK(rf::matching_key(t, by, t).has_value() == is_pure);
        CHECK((rf::extra_unique_index(t, t) == nullptr) == is_pure);
        if (!is_pure) CHECK_THAT(rf::key_difference(t, by, t), ContainsSubstring("not known to compute alike"));
    }
    t.unique_indexes = {{"over_expression", {{.expression = "(`n` + 1)"}}}};
    CHECK(rf::extra_unique_index(t, t) == nullptr);
    t.unique_indexes[0].parts[0].differs_by_session = true;
    CHECK(rf::extra_unique_index(t, t) != nullptr);
}

TEST_CASE("a target filled by other sessions: rows are not written over by a key that sessions compute differently") {
    for (const auto kind : {rf::write_kind::upsert, rf::write_kind::replace, rf::write_kind::skip_existing}) {
        CAPTURE(rf::name(kind));
        computed_world world;
        for (auto* database : {&world.source, &world.target}) {
            rf::table_schema schema;
            schema.name = "by_writer";
            schema.columns = {{.name = "id", .kind = rf::column_kind::integer, .type = "int", .nullable = false},
                              computed_column("v", "id / 2")};
            schema.columns[1].nullable = false;
            schema.columns[1].computed = rf::computation::on_write;
            schema.columns[1].differs_by_session = true;
            schema.keys = {{"PRIMARY", {{.column = 1}}}};
            schema.unique_indexes = {{"PRIMARY", {{.column = 1}}}};
            database->create_table(schema);
        }
        const rf::report report = world.copy(rf::pipeline{two, rf::chosen_write_mode{kind}}, {.table = "by_writer"});
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring("not known to compute alike"));
    }
}

TEST_CASE("an incremental copy may go by a stored value, and not by one of the reader's session") {
    computed_world world;
    CHECK(world.copy(rf::pipeline{two, rf::incremental_pages{.column = "g"}, rf::upsert{}}).complete());
    CHECK(world.equal());
    rf::table_schema schema;
    schema.name = "by_session";
    schema.columns = {{.name = "id", .kind = rf::column_kind::integer, .type = "int", .nullable = false},
                      computed_column("v", "id / 2")};
    schema.columns[1].computed = rf::computation::by_session;
    schema.keys = {{"PRIMARY", {{.column = 0}}}};
    for (auto* database : {&world.source, &world.target}) database->create_table(schema);
    const rf::report report =
        world.copy(rf::pipeline{rf::incremental_pages{.column = "v"}, rf::upsert{}}, {.table = "by_session"});
    CHECK(report.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(report),
               ContainsSubstring("column v is computed when it is read, and its value may depend"));
}
