// SPDX-License-Identifier: BSL-1.0
// Verification on the double: what is found, and what is no difference.
#include "catch.hpp"
#include "lying_source.hpp"
#include "worlds.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;
using worlds::two_databases;

namespace {

constexpr rf::fixed_batch three{.rows = 3};

/// Two equal tables of ten rows, with ids -5, -2, 1, … 22.
struct equal_tables : two_databases {
    equal_tables() : two_databases(10) {
        for (const auto& row : source.rows("procnote")) target.insert("procnote", row);
    }
    rf::verification verify(const rf::verify_request& request = {.table = "procnote"}) {
        return rf::verifier{three}.verify(source, target, request, timing, events);
    }
};

std::vector<std::string> texts(const rf::counted_keys& found) {
    std::vector<std::string> keys;
    for (const auto& key : found.keys) keys.push_back(rf::to_string(key));
    return keys;
}
using keys = std::vector<std::string>;

std::string why(const rf::verification& v) { return v.failure ? rf::to_string(*v.failure) : std::string(); }

void check_refused(const rf::verification& found, unsigned asked) {
    CAPTURE(why(found), asked);
    CHECK(asked < worlds::lying_connection::most_questions);
    REQUIRE(found.failure);
    CHECK(found.failure->cause == rf::cause::senseless_answer);
    CHECK(found.verdict != rf::verdict::equal);
}

} // namespace

TEST_CASE("a source whose ranges do not advance is refused", "[hostile]") {
    equal_tables world;
    worlds::lying_connector source{world.source, {}};
    auto verify = [&] {
        return rf::verifier{three}.verify(source, world.target, {.table = "procnote"}, world.timing, world.events);
    };
    SECTION("the end is always the same") {
        source.lie = [](unsigned, const rf::page_request&) { return rf::key_values{"4"}; };
    }
    SECTION("the ends go round in a circle") {
        const unsigned circle = GENERATE(2U, 3U, 5U, 64U);
        source.lie = [circle](unsigned n, const rf::page_request&) {
            return rf::key_values{std::to_string(4 + n % circle)};
        };
    }
    SECTION("the circle begins late") {
        source.lie = [](unsigned n, const rf::page_request&) {
            return rf::key_values{std::to_string(n < 50 ? n : 100 + n % 3)};
        };
    }
    SECTION("the ends lie behind the last row, where there is nothing") {
        source.lie = [](unsigned n, const rf::page_request&) { return rf::key_values{std::to_string(1000 + n)}; };
    }
    SECTION("the ends go back") {
        source.lie = [](unsigned n, const rf::page_request&) { return rf::key_values{std::to_string(-1000 - int(n))}; };
    }
    const rf::verification found = verify();
    check_refused(found, *source.asked);
}

TEST_CASE("a target whose parts of a range do not advance is refused", "[hostile]") {
    equal_tables world;
    for (int id = 100; id < 130; ++id) world.target.insert("procnote", {std::to_string(id), std::nullopt, "extra"});
    worlds::lying_connector target{world.target, {}};
    SECTION("the end is always the same") {
        target.lie = [](unsigned, const rf::page_request&) { return rf::key_values{"110"}; };
    }
    SECTION("the ends go round in a circle") {
        target.lie = [](unsigned n, const rf::page_request&) {
            return rf::key_values{std::to_string(n % 2 == 0 ? 110 : 120)};
        };
    }
    SECTION("the ends lie behind the last row, where there is nothing") {
        target.lie = [](unsigned n, const rf::page_request&) { return rf::key_values{std::to_string(1000 + n)}; };
    }
    const auto found =
        rf::verifier{three}.verify(world.source, target, {.table = "procnote"}, world.timing, world.events);
    check_refused(found, *target.asked);
    CHECK(found.failure->where.find("target") == 0);
}

TEST_CASE("ranges that another client empties while they are compared are no lie") {
    equal_tables world;
    worlds::lying_connector source{world.source, {}};
    // The row that ends the range is deleted as soon as it was found.
    source.lie = [&](unsigned n, const rf::page_request&) -> std::optional<rf::key_values> {
        if (n > 30) return std::nullopt;
        return rf::key_values{std::to_string(100 + n)};
    };
    const auto found =
        rf::verifier{three}.verify(source, world.target, {.table = "procnote"}, world.timing, world.events);
    CAPTURE(why(found));
    CHECK(found.equal());
}

TEST_CASE("equal tables are equal, and rows do not travel") {
    equal_tables world;
    const rf::verification found = world.verify();
    CAPTURE(why(found));
    CHECK(found.equal());
    CHECK(found.source_rows == 10);
    CHECK(found.target_rows == 10);
    CHECK(found.chunks == 4);
    CHECK(found.found() == 0);
    CHECK_FALSE(found.changes_meanwhile);
    CHECK(world.source.calls(rf::testing::operation::digests) == 0);
    CHECK(world.target.calls(rf::testing::operation::write) == 0);
    CHECK(world.timing.sleeps().empty());
}

TEST_CASE("observers hear the start, each range, and the end") {
    equal_tables world;
    world.target.upsert("procnote", {"22", "1", "other"});
    world.target.fail_next(rf::testing::operation::checksum, rf::fault::rolled_back);
    REQUIRE_FALSE(world.verify().equal());
    CHECK(world.events.lines() ==
          std::vector<std::string>{"connected to source", "connected to target", "verifying procnote",
                                   "retry checksum on target after rolled_back",
                                   "recovered checksum on target on attempt 2", "compared 3 rows", "compared 3 rows",
                                   "compared 3 rows", "compared 1 row, which differ",
                                   "verified, different with 10 rows"});
    REQUIRE(world.events.chunks().size() == 4);
    CHECK(world.events.chunks()[2].equal);
    CHECK_FALSE(world.events.chunks()[3].equal);
    CHECK(world.events.chunks()[3].total_rows == 10);
    CHECK(world.events.count<rf::verification_started>() == 1);
    REQUIRE(world.events.verifications().size() == 1);
    CHECK(world.events.verifications()[0].changed.count == 1);
}

TEST_CASE("digests that are too large for one answer are asked for in halves") {
    using rf::testing::operation;
    for (const bool of_source : {true, false}) {
        CAPTURE(of_source);
        equal_tables world;
        world.target.upsert("procnote", {"4", "1", "other"});
        world.target.upsert("procnote", {"10", "1", "other"});
        auto& side = of_source ? world.source : world.target;
        side.fail_next(operation::digests, rf::fault::batch_too_large);
        const rf::verification found = world.verify();
        CAPTURE(why(found));
        CHECK(found.verdict == rf::verdict::different);
        CHECK(texts(found.changed) == keys{"(4)", "(10)"});
    }
    // One row cannot be halved.
    equal_tables world;
    world.target.upsert("procnote", {"22", "1", "other"});
    world.target.fail_next(operation::digests, rf::fault::batch_too_large);
    const rf::verification found = world.verify();
    REQUIRE(found.failure);
    CHECK(found.failure->fault == rf::fault::batch_too_large);
}

TEST_CASE("a missing, an extra and a changed row are found and named wherever they are") {
    for (int i = 0; i < 10; ++i) {
        const std::string id = std::to_string(i * 3 - 5);
        const std::string next = std::to_string(i * 3 - 6);
        CAPTURE(id);
        {
            equal_tables world;
            REQUIRE(world.target.erase("procnote", {id}));
            const rf::verification found = world.verify();
            CHECK(found.verdict == rf::verdict::different);
            CHECK(texts(found.missing) == keys{"(" + id + ")"});
            CHECK(found.left() == 1);
        }
        {
            equal_tables world;
            world.target.insert("procnote", {next, std::nullopt, "only here"});
            const rf::verification found = world.verify();
            CHECK(found.verdict == rf::verdict::different);
            CHECK(texts(found.extra) == keys{"(" + next + ")"});
            CHECK(found.left() == 1);
        }
        {
            equal_tables world;
            world.target.upsert("procnote", {id, "2026-01-01 00:00:00.000001", "note  " + std::to_string(i)});
            const rf::verification found = world.verify();
            CHECK(found.verdict == rf::verdict::different);
            CHECK(texts(found.changed) == keys{"(" + id + ")"});
            CHECK(found.left() == 1);
        }
    }
}

TEST_CASE("an extra row behind the last one, and one in a table that is empty on the other side") {
    equal_tables world;
    world.target.insert("procnote", {"1000", std::nullopt, "only here"});
    CHECK(texts(world.verify().extra) == keys{"(1000)"});

    two_databases empty_source;
    empty_source.target.insert("procnote", {"1", std::nullopt, "only here"});
    const auto found = rf::verifier{}.verify(empty_source.source, empty_source.target, "procnote", empty_source.timing);
    CHECK(texts(found.extra) == keys{"(1)"});

    two_databases empty_target(5);
    const auto none = rf::verifier{}.verify(empty_target.source, empty_target.target, "procnote", empty_target.timing);
    CHECK(none.missing.count == 5);

    two_databases both;
    CHECK(rf::verifier{}.verify(both.source, both.target, "procnote", both.timing).equal());
}

TEST_CASE("NULL is not '', and values swapped between rows or columns are found") {
    equal_tables world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("t", {{"id", "int"}, {"a", "varchar(9)"}, {"b", "varchar(9)"}}, {"id"});
        database->insert("t", {"1", "x", "y"});
        database->insert("t", {"2", std::nullopt, "y"});
        database->insert("t", {"3", "p", "q"});
        database->insert("t", {"4", "ab", "c"});
    }
    CHECK(world.verify({.table = "t"}).equal());
    world.target.upsert("t", {"2", "", "y"});
    CHECK(texts(world.verify({.table = "t"}).changed) == keys{"(2)"});
    world.target.upsert("t", {"4", "a", "bc"});
    CHECK(texts(world.verify({.table = "t"}).changed) == keys{"(2)", "(4)"});
    world.target.upsert("t", {"1", "p", "q"});
    world.target.upsert("t", {"3", "x", "y"});
    CHECK(world.verify({.table = "t"}).changed.count == 4);
}

TEST_CASE("all differences are counted, and some of their keys are listed") {
    two_databases world(2000);
    for (int i = 0; i < 3000; ++i) world.target.insert("procnote", {std::to_string(100'000 + i), std::nullopt, "x"});
    const auto found = rf::verifier{rf::fixed_batch{.rows = 100}}.verify(
        world.source, world.target, rf::verify_request{.table = "procnote", .listed_keys = 7}, world.timing);
    CHECK(found.missing.count == 2000);
    CHECK(found.missing.keys.size() == 7);
    CHECK(found.extra.count == 3000);
    CHECK(found.extra.keys.size() == 7);
    CHECK(found.source_rows == 2000);
    CHECK(found.target_rows == 3000);
}

TEST_CASE("composite keys, and parts that descend") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("t", {{"a", "int"}, {"b", "varchar(9)"}, {"v", "int"}}, {"a", "b desc"});
        for (int i = 0; i < 12; ++i) {
            database->insert("t", {std::to_string(i / 4), std::string(1, static_cast<char>('a' + i % 4)), "7"});
        }
    }
    auto verify = [&] { return rf::verifier{three}.verify(world.source, world.target, "t", world.timing); };
    CHECK(verify().equal());
    world.target.upsert("t", {"1", "c", "8"});
    world.target.erase("t", {"2", "a"});
    const auto found = verify();
    CHECK(texts(found.changed) == keys{"(1, 'c')"});
    CHECK(texts(found.missing) == keys{"(2, 'a')"});
}

TEST_CASE("keys that the servers take for the same are one row, spelled otherwise") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("t", {{"k", "varchar(9)"}, {"v", "int"}}, {"k"});
        for (const char* k : {"a", "c", "e"}) database->insert("t", {k, "1"});
    }
    world.source.insert("t", {"d", "1"});
    world.target.insert("t", {"D", "1"});
    const auto found = rf::verifier{three}.verify(world.source, world.target, "t", world.timing);
    CHECK(texts(found.changed) == keys{"('d')"});
    CHECK(found.found() == 1);
}

TEST_CASE("tables without a common key are compared as a whole") {
    two_databases world;
    for (auto* database : {&world.source, &world.target}) {
        database->create_table("heap", {{"line", "varchar(20)"}}, {});
        for (const char* line : {"a", "a", "b"}) database->insert("heap", {line});
    }
    auto verify = [&] { return rf::verifier{}.verify(world.source, world.target, "heap", world.timing); };
    rf::verification found = verify();
    CHECK(found.equal());
    CHECK_FALSE(found.named);
    REQUIRE(found.notices.size() == 1);
    CHECK(found.notices[0].find("compared as a whole") != std::string::npos);

    world.source.insert("heap", {"c"});
    world.source.insert("heap", {"c"});
    CHECK(verify().verdict == rf::verdict::different);
    world.target.insert("heap", {"b"});
    world.target.insert("heap", {"b"}); // as many rows, and all that differ come in pairs
    found = verify();
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.differs_as_a_whole);
    CHECK(found.found() == 0);
    const rf::verify_request repairing{.table = "heap", .repair = true};
    found = rf::verifier{}.verify(world.source, world.target, repairing, world.timing);
    CHECK(found.verdict == rf::verdict::different);
    REQUIRE(found.notices.size() == 2);
    CHECK(found.notices[1].find("nothing of table heap was repaired") != std::string::npos);
}

TEST_CASE("some rows and some columns are compared, the columns under other names") {
    two_databases world;
    world.source.create_table("t", {{"id", "int"}, {"a", "int"}, {"b", "int"}}, {"id"});
    // A copy would have to give `other` a value; a comparison does not.
    world.target.create_table("t", {{"id", "int"}, {"other", "int not null"}, {"a2", "int"}}, {"id"});
    for (const char* id : {"1", "2", "3", "4"}) {
        world.source.insert("t", {id, "7", id});
        world.target.insert("t", {id, "0", "7"});
    }
    for (auto* database : {&world.source, &world.target}) {
        database->define_filter("t", "id < 3", [](const rf::testing::row& r) { return r[0] < rf::value("3"); });
    }
    rf::verify_request request{.table = "t", .columns = {{"id"}, {"a", "a2"}}};
    auto verify = [&] { return rf::verifier{three}.verify(world.source, world.target, request, world.timing); };
    CHECK(why(verify()).empty());
    CHECK(verify().equal());
    world.target.upsert("t", {"2", "0", "8"});
    world.target.upsert("t", {"4", "0", "8"});
    CHECK(texts(verify().changed) == keys{"(2)", "(4)"});
    request.where = "id < 3";
    CHECK(texts(verify().changed) == keys{"(2)"});
    CHECK(verify().source_rows == 2);
    REQUIRE(verify().notices.size() == 1);
    CHECK(verify().notices[0].find("were not copied (other)") != std::string::npos);
    request.repair = true;
    CHECK(why(verify()).find("would lose the target's values in the others (other)") != std::string::npos);
    request.where = "no condition";
    CHECK(verify().verdict == rf::verdict::refused);
}

TEST_CASE("what cannot be compared is refused with a sentence") {
    equal_tables world;
    world.source.create_table("alone", {{"id", "int"}}, {"id"});
    world.source.create_table("other", {{"id", "int"}, {"v", "int"}}, {"id"});
    world.target.create_table("other", {{"id", "int"}, {"w", "int"}}, {"id"});
    world.source.create_table("view", {{"id", "int"}}, {"id"});
    world.source.set_view("view");
    world.target.create_table("view", {{"id", "int"}}, {"id"});
    auto refused = [&](const rf::verify_request& request) {
        const rf::verification found = world.verify(request);
        CHECK(found.verdict == rf::verdict::refused);
        return why(found);
    };
    CHECK(refused({.table = "nowhere"}) == "the source has no table nowhere");
    CHECK(refused({.table = "alone"}) == "the target has no table alone");
    CHECK(refused({.table = "other"}).find("column v: missing in the target") != std::string::npos);
    CHECK(refused({.table = "view"}) == "view is a view: only tables are compared");
    CHECK(refused({.table = "procnote", .delete_extra = true}).find("set repair too") != std::string::npos);
}

namespace {

/// A double whose checksums and digests a test can change on their way.
class odd_connection : public rf::testing::fake_connection {
public:
    struct answers {
        unsigned sums = 0;                                                 // asked for so far
        std::function<void(unsigned, rf::rows_checksum&)> change_sum = {}; // given which of them it is
        std::function<void(rf::row_batch&)> change_digests = {};
    };
    odd_connection(rf::testing::fake_connection&& real, answers& how)
        : rf::testing::fake_connection(std::move(real)), how_(&how) {}

    rf::result<rf::rows_checksum> checksum() {
        auto sum = rf::testing::fake_connection::checksum();
        if (sum && how_->change_sum) how_->change_sum(++how_->sums, *sum);
        return sum;
    }
    rf::result<void> digests(const rf::digest_request& request, const std::vector<rf::key_values>& wanted,
                             rf::row_batch& into) {
        auto r = rf::testing::fake_connection::digests(request, wanted, into);
        if (r && wanted.empty() && how_->change_digests) how_->change_digests(into);
        return r;
    }

private:
    answers* how_;
};

struct odd_connector {
    rf::testing::fake_database& real;
    odd_connection::answers how = {};
    rf::result<odd_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return odd_connection(std::move(*made), how);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

/// All rows of one side, and one of them once more.
void repeat_first_row(rf::row_batch& rows) {
    const rf::row_batch once = rows;
    rows.reset(once.columns());
    for (std::size_t row = 0; row <= once.rows(); ++row) {
        for (std::size_t column = 0; column < once.columns(); ++column) {
            rows.add(once.at(row == 0 ? 0 : row - 1, column));
        }
    }
}

} // namespace

TEST_CASE("equal is what was seen to have equal sums at the last look") {
    equal_tables world;
    odd_connector target{world.target};
    auto verify = [&] {
        return rf::verifier{rf::fixed_batch{.rows = 100}}.verify(world.source, target, "procnote", world.timing);
    };
    SECTION("sums that differ once, as behind a replica that lags") {
        target.how.change_sum = [](unsigned n, rf::rows_checksum& sum) { sum.rows += n == 1 ? 1 : 0; };
        const auto found = verify();
        CHECK(found.equal());
        CHECK(found.changes_meanwhile);
        CHECK(target.how.sums == 2);
    }
    SECTION("sums that differ alike at each look, though no row does: different, and no row is named") {
        target.how.change_sum = [](unsigned, rf::rows_checksum& sum) { sum.rows += 2; };
        const auto found = verify();
        CHECK(found.verdict == rf::verdict::different);
        CHECK(found.unnamed_ranges == 1);
        CHECK(found.found() == 0);
        CHECK(found.differs());
    }
    SECTION("sums that differ otherwise at each look: undecided") {
        target.how.change_sum = [](unsigned n, rf::rows_checksum& sum) { sum.rows += n; };
        const auto found = verify();
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(found.undecided_ranges == 1);
        CHECK(found.changes_meanwhile);
        CHECK(target.how.sums == 3);
    }
    SECTION("a key that a side has twice: the rows that can be named are, and the rest is not called equal") {
        world.source.upsert("procnote", {"22", "1", "other"});
        target.how.change_sum = [](unsigned, rf::rows_checksum& sum) { ++sum.rows; };
        target.how.change_digests = repeat_first_row;
        const auto found = verify();
        CHECK(found.verdict == rf::verdict::different);
        CHECK(texts(found.changed) == keys{"(22)"});
        CHECK(found.unnamed_ranges == 1);
    }
    CHECK(world.timing.slept() <= std::chrono::seconds(2));
}

namespace {

/// The double with an index that holds other keys than its rows: no row is found by its key.
struct blind_connection : rf::testing::fake_connection {
    std::function<bool()> is_blind;
    blind_connection(rf::testing::fake_connection&& real, std::function<bool()> blind)
        : rf::testing::fake_connection(std::move(real)), is_blind(std::move(blind)) {}
    rf::result<void> digests(const rf::digest_request& request, const std::vector<rf::key_values>& wanted,
                             rf::row_batch& into) {
        auto done = rf::testing::fake_connection::digests(request, wanted, into);
        if (done && !wanted.empty() && is_blind()) into.reset(into.columns());
        return done;
    }
};
struct blind_connector {
    rf::testing::fake_database& real;
    std::function<bool()> is_blind = [] { return true; };

    rf::result<blind_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return blind_connection(std::move(*made), is_blind);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

} // namespace

TEST_CASE("rows that differ in their range and that no key finds are a difference, and are not repaired") {
    for (const bool repairs : {false, true}) {
        equal_tables world;
        for (const char* id : {"-2", "4", "7", "13"}) world.target.erase("procnote", {id});
        world.target.insert("procnote", {"100", std::nullopt, "extra"});
        blind_connector source{world.source};
        blind_connector target{world.target};
        const auto found = rf::verifier{three}.verify(source, target,
                                                      {.table = "procnote", .repair = repairs, .delete_extra = repairs},
                                                      world.timing, world.events);
        CAPTURE(why(found), repairs);
        CHECK(found.verdict == rf::verdict::different);
        CHECK(found.unnamed_ranges > 0);
        CHECK(found.changed_meanwhile.count == 0);
        CHECK(world.target.rows("procnote").size() == 7);
    }
}

TEST_CASE("rows that are equal by their keys, and by their range later, changed meanwhile") {
    equal_tables world;
    world.target.erase("procnote", {"4"});
    world.target.upsert("procnote", {"7", "1", "other"});
    bool is_filled = false;
    const auto fill = [&] { // a replica that catches up while the second look is under way
        if (!std::exchange(is_filled, true)) {
            for (const auto& row : world.source.rows("procnote")) world.target.upsert("procnote", row);
        }
        return true;
    };
    blind_connector source{world.source, fill};
    blind_connector target{world.target};
    const auto found = rf::verifier{three}.verify(source, target, {.table = "procnote"}, world.timing, world.events);
    CAPTURE(why(found));
    CHECK(found.equal());
    CHECK(texts(found.changed_meanwhile) == keys{"(4)", "(7)"});
}

TEST_CASE("a key that both sides have twice is no difference") {
    equal_tables world;
    odd_connector source{world.source, {.change_digests = repeat_first_row}};
    odd_connector target{world.target, {.change_digests = repeat_first_row}};
    target.how.change_sum = [](unsigned n, rf::rows_checksum& sum) { sum.rows += n == 1 ? 1 : 0; };
    const auto found = rf::verifier{}.verify(source, target, "procnote", world.timing);
    CHECK(found.equal());
}
