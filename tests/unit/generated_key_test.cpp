// SPDX-License-Identifier: BSL-1.0
// Tables whose key is over a generated column: pages read it, and nothing writes it.
#include "catch.hpp"
#include "sweep.hpp"
#include "worlds.hpp"

#include <rowferry/sql/computing.hpp>

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

TEST_CASE("a copy does not go on behind a key that is computed otherwise by now") {
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
    const auto found = [](const std::string& expression) {
        rf::table_schema t;
        t.columns = {{.name = "ts", .kind = rf::column_kind::temporal, .type = "timestamp"},
                     computed_column("between", "`ts`"),
                     computed_column("v", expression)};
        rf::sql::find_session_values(t);
        return t.columns[2].computed == rf::computation::by_session;
    };
    for (const char* expression : {"cast(`ts` as date)", "`between` + 1", "from_unixtime(`n`)", "date_format(`d`,'%M')",
                                   "week(`d`)", "(`a` / `b`)", "DAYNAME(`d`)"}) {
        CAPTURE(expression);
        CHECK(found(expression));
    }
    for (const char* expression : {"`n` * 2", "unix_timestamp(`ts`) + 1", "dayofweek(`d`)", "json_value(`doc`,'$._id')",
                                   "`tsx` + 1", "concat(`a`,' / ',`b`)"}) {
        CAPTURE(expression);
        CHECK_FALSE(found(expression));
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
