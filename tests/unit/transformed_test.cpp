// SPDX-License-Identifier: BSL-1.0
// Copies of a source whose rows are changed or dropped on their way: exactly once, under one name, and never unmasked.
#include "catch.hpp"
#include "masked_world.hpp"
#include "sweep.hpp"

#include <rowferry/mysql/text_decoding.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using worlds::mask;
using worlds::masked_world;

namespace {

constexpr rf::fixed_batch three{.rows = 3};

/// Twelve rows, of which 4 to 9 are dropped: two whole pages of three; with `also_last` 10 to 12 as well.
masked_world with_empty_pages(bool also_last = false) {
    return {12, [=](int id) { return (id >= 4 && id <= 9) || (also_last && id > 9); }};
}

rf::report refused(masked_world& world, const rf::report& report) {
    CHECK(report.outcome != rf::outcome::complete);
    CHECK_FALSE(world.leaks());
    REQUIRE(report.failure);
    return report;
}

} // namespace

TEST_CASE("rows pass through the function: changed, dropped, and counted apart", "[transformed]") {
    masked_world world;
    const rf::report done = world.copy(rf::pipeline{three});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK_FALSE(world.leaks());
    CHECK(done.rows == 7);
    CHECK(done.dropped == 3);
    CHECK(done.rows_read() == 10);
    CHECK(done.transformation == "mask");
    CHECK(done.last_key == rf::key_values{"10"});
    CHECK_THAT(rf::to_string(done), ContainsSubstring("complete, 7 rows in 4 batches, 3 of 10 rows dropped"));
    CHECK(world.target.checkpoints().at(0).rows == 7);
}

TEST_CASE("a page whose rows are all dropped advances the checkpoint, and is not the last one", "[transformed]") {
    for (const bool also_last : {false, true}) {
        masked_world world = with_empty_pages(also_last);
        const rf::report done = world.copy(rf::pipeline{three});
        INFO(worlds::why(done));
        REQUIRE(done.complete());
        CHECK(world.equal());
        CHECK(done.rows == (also_last ? 3 : 6));
        CHECK(done.dropped == (also_last ? 9 : 6));
        CHECK(done.batches == 4);
        CHECK(done.last_key == rf::key_values{"12"});
        CHECK(world.target.checkpoints().at(0).complete);
        CHECK(world.copy(rf::pipeline{three}).rows_read() == 0); // nothing comes again
    }
    masked_world none(5, [](int) { return true; });
    const rf::report done = none.copy(rf::pipeline{three});
    REQUIRE(done.complete());
    CHECK(done.dropped == 5);
    CHECK(none.target.rows("customer").empty());
}

TEST_CASE("exactly once, with rows dropped: one fault at any call, and a client killed at any call", "[transformed]") {
    const auto holds = [](masked_world& world, const rf::report& done, const auto&...) {
        REQUIRE(done.complete());
        REQUIRE(world.equal());
        REQUIRE(world.target.checkpoints().at(0).rows == world.masked_rows().size());
    };
    const auto ten = [] { return masked_world(); };
    const auto gaps = [] { return with_empty_pages(); };
    sweep::for_each_fault(ten, rf::pipeline{three}, [&](masked_world& world, const rf::report& done, const auto& at) {
        holds(world, done, at);
        REQUIRE(done.rows == 7);
        REQUIRE(done.dropped == 3);
    });
    sweep::for_each_fault(gaps, rf::pipeline{three, rf::upsert{}}, holds);
    sweep::for_each_crash(gaps, rf::pipeline{three}, rf::pipeline{three}, holds);
}

TEST_CASE("a batch that the target finds too large is written in parts, each with what is left of its rows",
          "[transformed]") {
    masked_world world;
    world.target.fail_next(operation::write, rf::fault::batch_too_large);
    const rf::report done = world.copy(rf::pipeline{rf::fixed_batch{.rows = 8}});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(world.equal());
    CHECK(done.dropped == 3);
}

TEST_CASE("a copy under another name, or none, is not continued", "[transformed]") {
    masked_world world;
    auto half = rf::transformed(world.source, "mask", [](rf::editable_row& row) {
        if (row["id"] == "7") throw std::runtime_error("enough");
        mask(row);
    });
    CHECK_FALSE(rf::pipeline{three}.copy(half, world.target, "customer", world.timing).complete());
    const auto before = world.target.rows("customer");
    const rf::report other = refused(world, world.copy(rf::pipeline{three}, {.table = "customer"}, "other \"; pages"));
    CHECK_THAT(worlds::why(other), ContainsSubstring("needs another name"));
    const rf::report renamed = refused(world, world.copy(rf::pipeline{three}, {.table = "customer"}, "pages: x"));
    CHECK(renamed.outcome == rf::outcome::refused);
    CHECK_THAT(worlds::why(renamed), ContainsSubstring("was made for another definition: its rows passed through the "
                                                       "transformation \"mask\", and pass through \"pages: x\" now"));
    CHECK(worlds::offers(renamed, rf::remedy::start_over_into_empty));
    const rf::report plain = rf::pipeline{three}.copy(world.source, world.target, "customer", world.timing);
    CHECK_THAT(worlds::why(plain), ContainsSubstring("transformation \"mask\", and pass through none now"));
    CHECK(world.target.rows("customer") == before);
    REQUIRE(world.copy(rf::pipeline{three}).complete());
    CHECK(world.equal());

    masked_world unmasked;
    REQUIRE(rf::pipeline{three}.copy(unmasked.source, unmasked.target, "customer", unmasked.timing).complete());
    CHECK_THAT(worlds::why(unmasked.copy(rf::pipeline{three})),
               ContainsSubstring("its rows passed through no transformation, and pass through \"mask\" now"));
    for (const char* name : {"", "two\nlines", "a \"quote\""}) {
        CHECK(masked_world().copy(rf::pipeline{three}, {.table = "customer"}, name).outcome == rf::outcome::refused);
    }
}

TEST_CASE("no row of a transformed source is copied inside a server", "[transformed]") {
    masked_world world;
    world.target.share_server_with(world.source);
    const rf::report done = world.copy(rf::pipeline{three}, {.table = "customer", .one_server = true});
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(done.route == rf::route::across);
    CHECK(world.target.calls(operation::copy_page) == 0);
    CHECK(world.equal());
    // By its type: no statement of the target can be given this source.
    auto masked = rf::transformed(world.source, "mask", mask);
    using source = rf::connection_of<decltype(masked)>;
    STATIC_REQUIRE(rf::CopiesServerSide<rf::testing::fake_connection, rf::testing::fake_connection>);
    STATIC_REQUIRE_FALSE(rf::CopiesServerSide<rf::testing::fake_connection, source>);
    // And none is written onto itself, whatever the server is called.
    world.source.set_address("elsewhere:3306");
    const rf::report onto_itself =
        rf::pipeline{rf::upsert{}}.copy(masked, world.source, {.table = "customer"}, world.timing);
    CHECK_THAT(worlds::why(onto_itself), ContainsSubstring("same table"));
}

TEST_CASE("a second unique key is refused for upsert and replace: equal masks would merge rows", "[transformed]") {
    masked_world world{0, [](int) { return false; }};
    world.target.add_unique_key("customer", "by_email", {"email"});
    world.source.add_unique_key("customer", "by_email", {"email"});
    for (const char* id : {"1", "2"}) world.source.insert("customer", {id, std::string(id) + "@real.example", "live"});
    auto alike = rf::transformed(world.source, "alike", [](rf::editable_row& row) { row["email"] = "none"; });
    const auto copied = [&](auto mode) {
        return rf::pipeline{mode}.copy(alike, world.target, {.table = "customer"}, world.timing);
    };
    for (const rf::report& report : {copied(rf::upsert{}), copied(rf::replace{})}) {
        CHECK(report.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(report), ContainsSubstring("the unique index by_email besides its key"));
    }
    CHECK(world.target.rows("customer").empty());
    // The second row is an error there.
    const rf::report inserted = copied(rf::insert{});
    CHECK(inserted.outcome == rf::outcome::stopped);
    CHECK_THAT(worlds::why(inserted), ContainsSubstring("by_email"));
    CHECK(world.target.rows("customer").size() == 1);
}

TEST_CASE("a change of the key is refused at its row, and nothing of that batch is written", "[transformed]") {
    masked_world world;
    auto shifted = rf::transformed(world.source, "shift", [](rf::editable_row& row) {
        row["id"] = row["id"] == "5" ? "50" : std::string(row["id"].bytes()); // the same value is no change
    });
    const rf::report done = rf::pipeline{three}.copy(shifted, world.target, "customer", world.timing);
    CHECK(done.outcome == rf::outcome::stopped);
    CHECK(world.target.rows("customer").size() == 3);
    CHECK_THAT(worlds::why(done), ContainsSubstring("the row with key (5) of table customer: it changes column id"));
    CHECK(done.failure->fault == rf::fault::permanent);
    CHECK(done.failure->cause == rf::cause::not_transformed);

    auto marked = rf::transformed(world.source, "mark", [](rf::editable_row& row) { row["status"] = "x"; });
    const rf::report incremental = rf::pipeline{rf::incremental_pages{.column = "id"}, rf::upsert{}}.copy(
        marked, world.target, "customer", world.timing);
    CHECK(incremental.complete()); // only the watermark and the key have to stay

    rf::testing::fake_database from{"from"}, to{"to"};
    for (auto* database : {&from, &to}) database->create_table("t", {{"id", "int not null"}, {"n", "int"}}, {"id"});
    from.insert("t", {"1", "7"});
    auto moved = rf::transformed(from, "move", [](rf::editable_row& row) { row["n"] = 8; });
    const rf::report watermark =
        rf::pipeline{rf::incremental_pages{.column = "n"}, rf::upsert{}}.copy(moved, to, "t", world.timing);
    CHECK_THAT(worlds::why(watermark), ContainsSubstring("it changes column n"));
    CHECK(to.rows("t").empty());
}

TEST_CASE("what the function throws ends the copy at its row, and says so", "[transformed]") {
    masked_world world;
    int calls = 0;
    auto failing = rf::transformed(world.source, "fail", [&calls](rf::editable_row& row) {
        ++calls;
        if (row["id"] == "6") throw std::runtime_error("no such\ncountry");
    });
    const rf::report done = rf::pipeline{three}.copy(failing, world.target, "customer", world.timing);
    CHECK(world.target.rows("customer").size() == 3);
    CHECK_THAT(worlds::why(done), ContainsSubstring("source, table customer, after key (3)") &&
                                      ContainsSubstring("the transformation \"fail\" fails at the row with key (6) of "
                                                        "table customer: no such"));
    CHECK(worlds::why(done).find('\n') == std::string::npos);
    CHECK(calls == 6); // not tried again
    CHECK(done.retries() == 0);

    auto odd = rf::transformed(world.source, "fail", [](rf::editable_row&) { throw 7; });
    CHECK_THAT(worlds::why(rf::pipeline{three}.copy(odd, world.target, "customer", world.timing)),
               ContainsSubstring("not a std::exception"));
    auto misspelt = rf::transformed(world.source, "fail", [](rf::editable_row& row) { row["emial"] = "x"; });
    CHECK_THAT(worlds::why(rf::pipeline{three}.copy(misspelt, world.target, "customer", world.timing)),
               ContainsSubstring("it asks for column emial, which the table lacks"));
}

TEST_CASE("reading ahead and several workers call the function from their threads", "[transformed]") {
    const auto run = [](const auto& ferry) {
        masked_world world(300, [](int id) { return id % 7 == 0 || (id > 100 && id < 150); });
        std::atomic<int> calls = 0;
        auto masked = rf::transformed(world.source, "mask", [&calls](rf::editable_row& row) {
            ++calls;
            mask(row);
        });
        const rf::report done = ferry.copy(masked, world.target, "customer", world.timing);
        INFO(worlds::why(done));
        REQUIRE(done.complete());
        CHECK(world.equal());
        CHECK(done.rows_read() == 300);
        CHECK(calls == 300);
        CHECK(world.target.checkpoints().at(0).gaps.empty());
    };
    run(rf::pipeline{rf::fixed_batch{.rows = 10}, rf::overlapped{}});
    run(rf::pipeline{rf::fixed_batch{.rows = 10}, rf::parallel{4}});
    sweep::for_each_fault([] { return masked_world(20, [](int id) { return id % 2 == 0; }); },
                          rf::pipeline{three, rf::parallel{2}}, sweep::ends_equal,
                          {.faults = {rf::fault::connection_lost}});
}

TEST_CASE("slices of a stream pass through the function: a table without a key", "[transformed]") {
    const auto keyless = [] { return masked_world(10, [](int id) { return id % 3 == 0; }, {}); };
    const rf::copy_request request{.table = "customer", .keyless = true};
    const auto copy = [&](masked_world& world) { return world.copy(rf::pipeline{three}, request); };
    sweep::for_each_fault(keyless, copy, [](masked_world& world, const rf::report& done, const auto&) {
        REQUIRE(done.complete());
        REQUIRE(world.equal());
        REQUIRE(done.rows == 7);
        REQUIRE(done.dropped == 3);
    });
    masked_world all(4, [](int) { return true; }, {});
    const rf::report none = copy(all);
    CHECK(none.complete());
    CHECK(none.dropped == 4);

    masked_world world = keyless();
    auto failing = rf::transformed(world.source, "fail", [](rf::editable_row& row) {
        if (row["id"] == "8") throw std::runtime_error("no");
        row["id"] = 1; // there is no key
    });
    const rf::report done = rf::pipeline{three}.copy(failing, world.target, request, world.timing);
    CHECK_THAT(worlds::why(done), ContainsSubstring("fails at row 8 in the source's order of table customer: no"));
    CHECK(world.target.rows("customer").empty());
}

TEST_CASE("rows with a NULL in the key pass through the function too", "[transformed]") {
    rf::testing::fake_database source{"source"}, target{"target"};
    rf::testing::manual_timing timing;
    for (auto* database : {&source, &target}) {
        database->create_table("t", {{"a", "int"}, {"note", "text"}}, {});
        database->add_unique_key("t", "a", {"a"});
    }
    for (int i = 0; i < 5; ++i) source.insert("t", {i % 2 == 0 ? rf::value() : std::to_string(i), "real"});
    auto masked = rf::transformed(source, "m", [](rf::editable_row& row) {
        if (row["a"] == "3") return row.drop();
        row["note"] = row["a"].is_null() ? "null" : "key";
    });
    const rf::report done = rf::pipeline{three}.copy(masked, target, "t", timing);
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 4);
    CHECK(done.dropped == 1);
    for (const auto& row : target.rows("t")) CHECK(row[1] == (row[0] ? "key" : "null"));
}

TEST_CASE("one snapshot: the wrapper may stand outside of a shared one, or inside, or the pipeline makes it",
          "[transformed]") {
    const rf::pipeline ferry{three, rf::one_snapshot{.when_lost = rf::when_lost::start_over}};
    const auto check = [](masked_world& world, const rf::report& done) {
        INFO(worlds::why(done));
        REQUIRE(done.complete());
        CHECK(world.equal());
        CHECK(done.snapshot);
        CHECK(done.dropped == 3);
    };
    masked_world plain;
    check(plain, plain.copy(ferry));
    masked_world outside;
    outside.source.fail_at(12, rf::fault::connection_lost);
    rf::shared_snapshot moment(outside.source);
    auto masked = rf::transformed(moment, "mask", mask);
    check(outside, ferry.copy(masked, outside.target, "customer", outside.timing));
    masked_world inside;
    auto rows = rf::transformed(inside.source, "mask", mask);
    rf::shared_snapshot of_masked(rows);
    check(inside, ferry.copy(of_masked, inside.target, "customer", inside.timing));
}

TEST_CASE("a target that is rebuilt is the same table, though the rows at which the copy began were dropped",
          "[transformed]") {
    const auto make = [] {
        masked_world world(24, [](int id) { return id <= 18; });
        world.target.tell_incarnations(true, false);
        return world;
    };
    sweep::for_each_event(
        make, rf::side::target, [](masked_world& world) { world.target.rebuild_table("customer"); },
        rf::pipeline{three}, sweep::ends_equal);
}

TEST_CASE("the function sees all stored columns, also those that the copy leaves out", "[transformed]") {
    masked_world world;
    const rf::copy_request request{.table = "customer", .columns = {{"id", ""}, {"email", ""}}};
    const rf::report done = world.copy(rf::pipeline{three}, request);
    INFO(worlds::why(done));
    REQUIRE(done.complete());
    CHECK(done.rows == 7); // by the status, which is not copied
    for (const auto& row : world.target.rows("customer")) CHECK(row[2] == rf::value());
    CHECK_FALSE(world.leaks());
}

TEST_CASE("values of an editable row", "[transformed]") {
    masked_world world(1, [](int) { return false; });
    auto probed = rf::transformed(world.source, "probe", [](rf::editable_row& row) {
        CHECK(row.table() == "customer");
        CHECK(row.has("EMAIL"));
        CHECK_FALSE(row.has("phone"));
        CHECK(row["id"].definition().kind == rf::column_kind::integer);
        row["email"] = std::nullopt;
        CHECK(row["email"].is_null());
        CHECK_FALSE(row["email"] == std::string_view());
        row["email"] = 42;
        CHECK(row["email"] == "42");
        row["Status"] = row["email"];
        row["email"] = rf::value("copied");
    });
    REQUIRE(rf::pipeline{}.copy(probed, world.target, "customer", world.timing).complete());
    CHECK(world.target.rows("customer").at(0) == rf::key_values{"1", "copied", "42"});
}

TEST_CASE("text of another charset is neither taken for its bytes nor for another text", "[transformed]") {
    rf::testing::fake_database source{"source"}, target{"target"};
    rf::testing::manual_timing timing;
    for (auto* database : {&source, &target}) {
        database->create_table("t",
                               {{"id", "int not null"},
                                {"western", "varchar(20) charset latin1"},
                                {"wide", "varchar(20) charset utf16"},
                                {"unknown", "varchar(20) charset dec8"},
                                {"plain", "varchar(20)"}},
                               {"id"});
    }
    const std::string wide("\0a", 2);
    source.insert("t", {"1", "\xE9", wide, "a", "\xC3\xA9"});
    const auto why_not = [&](auto f) {
        auto changed = rf::transformed(source, "t", f);
        return worlds::why(rf::pipeline{}.copy(changed, target, "t", timing));
    };
    const auto refuses = ContainsSubstring("in which this text may have other bytes");
    CHECK_THAT(why_not([](rf::editable_row& row) { row["western"] = "\xC3\xA9"; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["western"] = row["plain"]; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["plain"] = row["western"]; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) {
                   if (row["wide"] == "a") row.drop();
               }),
               refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["wide"] = 7; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["plain"] = row["wide"]; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) {
                   if (row["western"] == "\xC3\xA9") row.drop(); // it would go out unmasked
               }),
               refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["unknown"] = "b"; }), refuses);
    CHECK_THAT(why_not([](rf::editable_row& row) { row["plain"] = row["unknown"]; }), refuses);
    CHECK(target.rows("t").empty());
    CHECK(why_not([wide](rf::editable_row& row) {
              CHECK(row["wide"].bytes() == wide);
              row["western"] = "e";
              row["wide"] = rf::value(std::string("\0b", 2));
              CHECK(row["unknown"].bytes() == "a");
              row["unknown"] = rf::value("b");
              row["plain"] = row["id"];
          }) == "");
    CHECK(target.rows("t").at(0) == rf::key_values{"1", "e", std::string("\0b", 2), "b", "1"});
}

TEST_CASE("which texts a column of another charset may be compared with is what its client decodes", "[transformed]") {
    const auto is_taken = [](const std::string& charset, const std::string& text) {
        rf::table_schema table;
        table.columns = {{.name = "a", .kind = rf::column_kind::text, .type = "text", .charset = charset}};
        table.columns[0].decode = rf::mysql::detail::decoder_for(charset);
        const std::vector<std::size_t> columns{0};
        rf::row_batch rows;
        rows.reset(1);
        rows.add(rf::cell("x"));
        const auto request = rf::detail::transform_of(table, columns, {});
        rf::detail::row_editor editor(request);
        rf::editable_row row(editor);
        editor.begin(rf::row_range(rows)[0]);
        try {
            (void)(row["a"] == text);
        } catch (const std::domain_error&) {
            return false;
        }
        return true;
    };
    for (const char* charset : {"latin1", "ascii", "koi8r", "gbk"}) {
        CHECK(is_taken(charset, "closed"));
        CHECK_FALSE(is_taken(charset, "\xC3\xA9"));
    }
    for (const char* charset : {"utf16", "utf16le", "utf32", "ucs2", "dec8", "hp8", "swe7"}) {
        CHECK_FALSE(is_taken(charset, "closed"));
        CHECK(is_taken(charset, ""));
    }
    for (const char* charset : {"", "utf8mb3", "utf8mb4"}) CHECK(is_taken(charset, "\xC3\xA9"));
}

TEST_CASE("a key that is computed from what the transformation may change is not used", "[transformed]") {
    const auto twice = [](const rf::testing::row& r) -> rf::value { return std::to_string(std::stoi(*r[1]) * 2); };
    const auto hide = [](rf::editable_row& row) { row["a"] = 1000 + std::stoi(std::string(row["a"].bytes())); };
    for (const bool has_other : {false, true}) {
        CAPTURE(has_other);
        rf::testing::fake_database source{"source"}, target{"target"};
        rf::testing::manual_timing timing;
        for (auto* database : {&source, &target}) {
            database->create_table("t", {{"g", "int as (a * 2) stored"}, {"a", "int not null"}, {"id", "int not null"}},
                                   {"g"});
            if (has_other) database->add_unique_key("t", "by_id", {"id"});
            database->compute("t", "g", twice);
        }
        for (int i = 1; i < 8; ++i) source.insert("t", {std::nullopt, std::to_string(i), std::to_string(10 - i)});
        auto hidden = rf::transformed(source, "hide", hide);
        const auto copy = [&](const auto& ferry, bool keyless) {
            return ferry.copy(hidden, target, {.table = "t", .keyless = keyless}, timing);
        };
        const rf::report by_computed =
            copy(rf::pipeline{three, rf::incremental_pages{.column = "g"}, rf::upsert{}}, false);
        CHECK(by_computed.outcome == rf::outcome::refused);
        CHECK_THAT(worlds::why(by_computed),
                   ContainsSubstring(has_other ? "in the order of a generated column" : "cannot order pages"));
        if (!has_other) {
            const rf::report no_key = copy(rf::pipeline{three}, false);
            CHECK_THAT(worlds::why(no_key),
                       ContainsSubstring("key PRIMARY cannot order pages: the server computes it"));
            CHECK(worlds::offers(no_key, rf::remedy::allow_keyless));
        }
        CHECK(target.rows("t").empty());
        const auto plan = rf::pipeline{three}.plan(hidden, target, {.table = "t", .keyless = true}, timing);
        REQUIRE(plan);
        CHECK(plan->order.index == (has_other ? "by_id" : ""));
        const rf::report done = copy(rf::pipeline{three}, !has_other);
        INFO(worlds::why(done));
        REQUIRE(done.complete());
        const auto rows = target.rows("t");
        REQUIRE(rows.size() == 7);
        CHECK(std::count(rows.begin(), rows.end(), rf::key_values{"2002", "1001", "9"}) == 1);
        const rf::verification same = rf::verifier{}.verify(hidden, target, "t", timing);
        CHECK(same.equal());
        CHECK(same.named == has_other);
    }
}
