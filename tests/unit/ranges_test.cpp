// SPDX-License-Identifier: BSL-1.0
// Pages and rows as ranges: every row once, lazily, through faults, and with an error that can be asked for.
#include "catch.hpp"

#include <rowferry/connection_manager.hpp>
#include <rowferry/ranges.hpp>
#include <rowferry/record.hpp>
#include <rowferry/testing.hpp>

#include <range/v3/algorithm/count_if.hpp>
#include <range/v3/numeric/accumulate.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/join.hpp>
#include <range/v3/view/take.hpp>
#include <range/v3/view/transform.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using rf::testing::operation;

namespace {
using page_view = rf::page_view<rf::testing::fake_connection, rf::keyset_pages>;
using page_rows = rf::page_rows<rf::testing::fake_connection, rf::keyset_pages>;

static_assert(ranges::input_range<page_view> && ranges::view_<page_view> && !ranges::forward_range<page_view>);
static_assert(ranges::input_range<page_rows> && ranges::view_<page_rows> && !ranges::forward_range<page_rows>);
static_assert(std::same_as<ranges::range_reference_t<page_view>, const rf::row_batch&>);
static_assert(std::same_as<ranges::range_reference_t<page_rows>, rf::row_view>);
static_assert(ranges::random_access_range<const rf::row_batch> &&
              std::ranges::random_access_range<const rf::row_batch>);
static_assert(std::ranges::random_access_range<rf::row_range>);
static_assert(std::ranges::input_range<page_view> && std::ranges::input_range<page_rows>);

/// A table of notes with the keys 10, 20, 30 …
struct notes_database {
    rf::testing::fake_database db;
    explicit notes_database(std::uint64_t rows) {
        db.create_table("procnote", {{"ProcNoteNum", "bigint"}, {"Note", "text"}, {"EntryDateTime", "datetime"}},
                        {"ProcNoteNum"});
        db.fill("procnote", rows, [](std::uint64_t i) {
            return rf::testing::row{std::to_string(10 * (i + 1)), "note " + std::to_string(i),
                                    "2026-01-01 00:00:0" + std::to_string(i % 10)};
        });
    }
    rf::table_schema schema() { return db.connect().value().describe("procnote").value().value(); }
};
template <class Rows>
std::vector<std::string> keys_of(Rows&& rows) {
    return rows | ranges::views::transform([](rf::row_view row) { return std::string(row[0].bytes()); }) |
           ranges::to<std::vector<std::string>>();
}
} // namespace

TEST_CASE("pages joined are their rows") {
    notes_database notes(7);
    auto source = notes.db.connect().value();
    const auto schema = notes.schema();
    auto all = rf::pages(source, schema, rf::keyset_pages{}, {3, 0});
    CHECK(keys_of(all | ranges::views::join) == std::vector<std::string>{"10", "20", "30", "40", "50", "60", "70"});
    CHECK_FALSE(all.error());
}

TEST_CASE("a loop over pages meets every row once, in key order") {
    for (const std::uint64_t rows : {0U, 1U, 3U, 4U, 7U, 8U, 9U}) {
        notes_database notes(rows);
        auto source = notes.db.connect().value();
        auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {4, 0});
        std::vector<std::string> keys;
        for (const rf::row_batch& page : pages) {
            CHECK(page.rows() <= 4);
            CHECK(page.columns() == 3);
            for (std::size_t i = 0; i < page.rows(); ++i) keys.emplace_back(page[i][0].bytes());
        }
        CHECK_FALSE(pages.error());
        REQUIRE(keys.size() == rows);
        for (std::uint64_t i = 0; i < rows; ++i) CHECK(keys[i] == std::to_string(10 * (i + 1)));
        CHECK(notes.db.calls(operation::read) == rows / 4 + 1);
    }
}

TEST_CASE("nothing is read before a loop begins, and no page before the loop comes to it") {
    notes_database notes(10);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {3, 0});
    CHECK(notes.db.calls(operation::read) == 0);
    CHECK(keys_of(pages.rows() | ranges::views::take(3)) == std::vector<std::string>{"10", "20", "30"});
    CHECK(notes.db.calls(operation::read) <= 2);
    CHECK_FALSE(pages.error());
}

TEST_CASE("views of the rows compose with range-v3") {
    notes_database notes(561);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {50, 0});
    auto number = [](rf::row_view row) { return std::stoll(std::string(row[0].bytes())); };
    auto is_even_hundred = [&](rf::row_view row) { return number(row) % 200 == 0; };
    auto even_hundreds = pages.rows() | ranges::views::filter(is_even_hundred) | ranges::views::transform(number);
    CHECK(ranges::accumulate(even_hundreds, 0LL) == 200LL * (28 * 29 / 2));
    CHECK_FALSE(pages.error());

    auto again = rf::pages(source, notes.schema(), rf::keyset_pages{}, {50, 0});
    auto sizes = again | ranges::views::transform(&rf::row_batch::rows) | ranges::to<std::vector<std::size_t>>();
    CHECK(sizes == std::vector<std::size_t>{50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 11});
}

TEST_CASE("copies share the one pass over the table") {
    notes_database notes(7);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {3, 0});
    auto copy = pages;
    auto rows = pages.rows();
    auto at = rows.begin();
    CHECK((*at)[0].bytes() == "10");
    ++at;
    CHECK((*copy.rows().begin())[0].bytes() == "20");
    CHECK(keys_of(copy.rows()).size() == 6);
    CHECK(keys_of(rows).empty());
    CHECK(pages.begin() == pages.end());
}

TEST_CASE("a manager reads through faults; without one the loop ends, and says why") {
    notes_database notes(100);
    rf::testing::manual_timing timing;
    auto manager = rf::make_connection_manager(notes.db, rf::environment(timing), rf::exponential_backoff{});
    const auto schema = notes.schema();
    notes.db.fail_every(3, rf::fault::connection_lost, rf::testing::when::after);
    auto pages = rf::pages(manager, schema, rf::keyset_pages{}, {9, 0});
    const auto keys = keys_of(pages.rows());
    CHECK_FALSE(pages.error());
    CHECK(keys.size() == 100);
    CHECK(manager.stats().recoveries > 0);

    notes.db.clear_faults();
    auto source = notes.db.connect().value();
    auto bare = rf::pages(source, schema, rf::keyset_pages{}, {9, 0});
    std::vector<std::string> seen;
    for (rf::row_view row : bare.rows()) {
        seen.emplace_back(row[0].bytes());
        if (seen.size() == 18) notes.db.kill_connections();
    }
    CHECK(seen.size() == 18);
    REQUIRE(bare.error());
    CHECK(bare.error()->fault == rf::fault::connection_lost);
    CHECK(bare.error()->where == "table procnote, after key (180)");
    CHECK(bare.error()->operation == "read");
    CHECK(bare.begin() == bare.end());
}

TEST_CASE("a page that is cut by its bytes is not the last one") {
    notes_database notes(50);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {1000, 100});
    CHECK(keys_of(pages.rows()).size() == 50);
    CHECK(notes.db.calls(operation::read) > 10);
}

TEST_CASE("a limit of no rows at all is one row") {
    notes_database notes(3);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {0, 0});
    CHECK((pages | ranges::views::transform(&rf::row_batch::rows) | ranges::to<std::vector<std::size_t>>()) ==
          std::vector<std::size_t>{1, 1, 1});
}

TEST_CASE("each pagination reads every row once") {
    notes_database notes(23);
    auto source = notes.db.connect().value();
    const auto schema = notes.schema();
    CHECK(keys_of(rf::pages(source, schema).rows()).size() == 23);
    CHECK(keys_of(rf::pages(source, schema, rf::offset_pages{}, {5, 0}).rows()) ==
          keys_of(rf::pages(source, schema, rf::keyset_pages{}, {5, 0}).rows()));
    CHECK(keys_of(rf::pages(source, schema, rf::single_page{}).rows()).size() == 23);

    const rf::incremental_pages behind{.column = "EntryDateTime", .after = "2026-01-01 00:00:07"};
    auto newest = rf::pages(source, schema, behind, {2, 0});
    CHECK(keys_of(newest.rows()) == std::vector<std::string>{"90", "190", "100", "200"});
}

TEST_CASE("incremental pages end at the maximum of the moment when the loop begins") {
    notes_database notes(4);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::incremental_pages{.column = "ProcNoteNum"}, {3, 0});
    auto rows = pages.rows();
    auto at = rows.begin();
    notes.db.insert("procnote", {"50", "late", std::nullopt});
    std::vector<std::string> keys;
    for (; at != rows.end(); ++at) keys.emplace_back((*at)[0].bytes());
    CHECK(keys == std::vector<std::string>{"10", "20", "30", "40"});

    notes_database none(0);
    auto empty = none.db.connect().value();
    CHECK(keys_of(rf::pages(empty, none.schema(), rf::incremental_pages{.column = "ProcNoteNum"}).rows()).empty());
}

TEST_CASE("what cannot be read in pages is refused in a sentence") {
    rf::testing::fake_database db;
    db.create_table("log", {{"line", "text"}});
    db.fill("log", 5, [](std::uint64_t i) { return rf::testing::row{std::string(i + 1, 'x')}; });
    auto source = db.connect().value();
    const auto schema = source.describe("log").value().value();
    auto unkeyed = rf::pages(source, schema);
    CHECK(unkeyed.begin() == unkeyed.end());
    REQUIRE(unkeyed.error());
    CHECK(unkeyed.error()->message ==
          "table log has no key that can order pages: a primary key, or a unique key over columns that are NOT NULL, "
          "is needed");
    CHECK(keys_of(rf::pages(source, schema, rf::single_page{}).rows()).size() == 5);

    auto too_large = rf::pages(source, schema, rf::single_page{.max_bytes = 6});
    CHECK(keys_of(too_large.rows()).empty());
    REQUIRE(too_large.error());
    CHECK(to_string(*too_large.error()) ==
          "table log: the table is larger than a single page may be (6 bytes): choose keyset_pages");
}

TEST_CASE("only some columns are read, if the key is among them") {
    notes_database notes(5);
    auto source = notes.db.connect().value();
    auto pages = rf::pages(source, notes.schema(), rf::keyset_pages{}, {2, 0}, {1, 0});
    std::vector<std::string> seen;
    for (rf::row_view row : pages.rows()) {
        CHECK(row.size() == 2);
        seen.emplace_back(row[0].bytes());
    }
    CHECK(seen == std::vector<std::string>{"note 0", "note 1", "note 2", "note 3", "note 4"});

    auto without_key = rf::pages(source, notes.schema(), rf::keyset_pages{}, {2, 0}, {1});
    CHECK(without_key.begin() == without_key.end());
    REQUIRE(without_key.error());
    CHECK(without_key.error()->message ==
          "column ProcNoteNum orders the pages, and is not among the columns that are read: read it too");
}

TEST_CASE("rows become records on their way through a view") {
    struct proc_note {
        std::int64_t ProcNoteNum;
        std::optional<std::string> Note;
    };
    notes_database notes(12);
    auto source = notes.db.connect().value();
    const auto schema = notes.schema();
    const auto binding = rf::bind_record<proc_note>(schema).value();
    auto pages = rf::pages(source, schema, rf::keyset_pages{}, {5, 0});
    auto late = pages.rows() |
                ranges::views::transform([&](rf::row_view row) { return rf::read_record(row, binding).value(); }) |
                ranges::views::filter([](const proc_note& note) { return note.ProcNoteNum > 100; });
    std::vector<std::string> texts;
    for (const proc_note& note : late) texts.push_back(note.Note.value());
    CHECK(texts == std::vector<std::string>{"note 10", "note 11"});

    auto by_page = rf::pages(source, schema, rf::keyset_pages{}, {5, 0});
    std::int64_t sum = 0;
    for (const rf::row_batch& page : by_page) {
        sum += ranges::accumulate(rf::records(page, binding), std::int64_t{0}, std::plus<>{}, &proc_note::ProcNoteNum);
    }
    CHECK(sum == 10 * 12 * 13 / 2);
}

namespace {
/// A source that does not mind the bound of a page.
struct stuck_source {
    rf::result<void> ping() { return {}; }
    rf::result<std::optional<rf::table_schema>> describe(std::string_view) { return std::optional<rf::table_schema>{}; }
    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        into.reset(page.columns.size());
        for (std::uint64_t i = 0; i < page.max_rows; ++i) into.add(std::string_view("7"));
        return {};
    }
};
} // namespace

TEST_CASE("pages that do not advance end in an error rather than in a loop without end") {
    rf::table_schema schema;
    schema.name = "t";
    schema.columns.push_back({"id", rf::column_kind::integer, "int", "", "", false, false, false, false});
    schema.keys.push_back({"PRIMARY", {{0, false}}});
    stuck_source source;
    auto pages = rf::pages(source, schema, rf::keyset_pages{}, {2, 0});
    CHECK(keys_of(pages.rows()).size() == 2);
    REQUIRE(pages.error());
    CHECK(to_string(*pages.error()) ==
          "table t, after key (7): pagination is stuck: this page ends with the same key as an earlier one");
}
