// SPDX-License-Identifier: BSL-1.0
// Rows that lie where their key does not lead, as in a wrong partition: ranges show some of them, and no key finds them.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rf = rowferry;
using worlds::two_databases;

namespace {

/// Which rows a server does not find, as those of a partition that it leaves out.
struct hidden_rows {
    std::vector<std::string> keys = {};
    bool in_ranges = false; ///< those that begin after a key, too
    bool partitioned = true;

    [[nodiscard]] bool hold(std::string_view key) const {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    }
};

class hiding_connection : public rf::testing::fake_connection {
    using base = rf::testing::fake_connection;

public:
    hiding_connection(base&& real, const hidden_rows& hidden) : base(std::move(real)), hidden_(&hidden) {}

    auto describe(std::string_view table) {
        auto found = base::describe(table);
        if (found && *found) (*found)->partitioned = hidden_->partitioned;
        return found;
    }
    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        if (!hides(page.after)) return base::read(page, into);
        rf::page_request all = page; // hidden rows do not count
        all.max_rows = 0;
        all.offset = 0;
        rf::row_batch rows;
        if (auto r = base::read(all, rows); !r) return r;
        into.reset(page.columns.size());
        std::uint64_t seen = 0;
        for (const rf::row_view row : rows) {
            if (hidden_->hold(row[0].bytes()) || seen++ < page.offset) continue;
            if (page.max_rows != 0 && into.rows() == page.max_rows) break;
            for (std::size_t i = 0; i < into.columns(); ++i) into.add(row[i]);
        }
        return {};
    }
    rf::result<void> ask_checksum(const rf::digest_request& request) {
        asked_ = request;
        return base::ask_checksum(request);
    }
    rf::result<rf::rows_checksum> checksum() {
        auto sum = base::checksum();
        if (!sum || !hides(asked_.after)) return sum;
        rf::row_batch rows;
        if (auto r = digests(asked_, {}, rows); !r) return std::move(r.error());
        std::uint64_t halves[2]{}; // as the double does
        for (const rf::row_view row : rows) {
            const std::string digest(row[rows.columns() - 1].bytes());
            for (std::size_t i = 0; i < 2; ++i) {
                halves[i] ^= rf::testing::detail::spread(std::stoull(digest.substr(16 * i, 16), nullptr, 16));
            }
        }
        sum->rows = rows.rows();
        sum->digest = sum->rows == 0 ? "" : std::to_string(halves[0]) + ' ' + std::to_string(halves[1]);
        return sum;
    }
    rf::result<void> digests(const rf::digest_request& request, const std::vector<rf::key_values>& keys,
                             rf::row_batch& into) {
        const bool hides_some = keys.empty() ? hides(request.after) : !request.anywhere;
        if (!hides_some) return base::digests(request, keys, into);
        rf::row_batch rows;
        if (auto r = base::digests(request, keys, rows); !r) return r;
        into.reset(rows.columns());
        for (const rf::row_view row : rows) {
            if (hidden_->hold(row[0].bytes())) continue;
            for (std::size_t i = 0; i < into.columns(); ++i) into.add(row[i]);
        }
        return {};
    }
    rf::result<void> find_rows(const rf::keyed_rows& request, rf::row_batch& into) {
        return base::find_rows(request, into); // a test that repairs does so with rows that are found
    }
    rf::result<std::optional<std::uint64_t>> count(const rf::count_request& request) {
        auto rows = base::count(request);
        if (!rows || !*rows || request.anywhere || !hides(request.after)) return rows;
        for (const std::string& key : hidden_->keys) {
            const rf::cell id = rf::cell(key);
            const std::int64_t number = std::stoll(std::string(id.bytes()));
            const bool is_after = number > std::stoll(*request.after->values[0]);
            if (is_after && (!request.up_to || number <= std::stoll(*request.up_to->values[0]))) --**rows;
        }
        return rows;
    }

private:
    [[nodiscard]] bool hides(const std::optional<rf::page_bound>& after) const { return hidden_->in_ranges && after; }

    const hidden_rows* hidden_;
    rf::digest_request asked_ = {};
};

struct hiding_connector {
    rf::testing::fake_database& real;
    hidden_rows hidden = {};

    rf::result<hiding_connection> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return hiding_connection(std::move(*made), hidden);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

constexpr rf::fixed_batch three{.rows = 3};
/// One row first, and then three.
struct growing_batch {
    using policy_slot = rf::slot::batch_size;
    struct state {
        std::uint64_t rows = 1;
        [[nodiscard]] rf::batch_limits next() const { return {rows, 0}; }
        void committed(const rf::batch_cost&) { rows = 3; }
        static void failed(rf::fault) {}
    };
    [[nodiscard]] state start(const rf::table_estimate&) const { return {}; }
};
const rf::verify_request comparing{.table = "procnote"};
const rf::verify_request repairing{.table = "procnote", .repair = true, .delete_extra = true};

/// Ten rows with ids -5, -2, 1, … 22 on the source, and on the target unless they are left out.
struct world : two_databases {
    hiding_connector from{source};
    hiding_connector to{target};

    explicit world(const std::vector<std::string>& left_out = {}) : two_databases(10) {
        for (const auto& row : source.rows("procnote")) {
            if (std::find(left_out.begin(), left_out.end(), *row[0]) == left_out.end()) target.insert("procnote", row);
        }
    }
    rf::verification verify(const rf::verify_request& request = comparing) {
        return rf::verifier{three}.verify(from, to, request, timing, events);
    }
};

std::string why(const rf::verification& v) { return v.failure ? rf::to_string(*v.failure) : std::string(); }
bool says(const rf::verification& v, std::string_view part) {
    return std::any_of(v.notices.begin(), v.notices.end(),
                       [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("a row that a range shows and its key does not find is not equal to one that is missing") {
    world w({"4"});
    w.from.hidden = {.keys = {"4"}};
    const rf::verification found = w.verify(GENERATE(false, true) ? repairing : comparing);
    CAPTURE(why(found));
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.unnamed_ranges == 1);
    CHECK(found.changed_meanwhile.count == 0);
    CHECK(says(found, "not found by their key"));
}

TEST_CASE("a row that one side does not find by its key is equal where its range is") {
    world w;
    w.from.hidden = {.keys = {"4"}};
    w.target.upsert("procnote", {"7", std::nullopt, "otherwise"});
    const rf::verification found = w.verify(repairing);
    CAPTURE(why(found));
    CHECK(found.equal());
    CHECK(found.repaired == 1);
    CHECK(found.extra.count == 0);
    CHECK(w.equal());
}

TEST_CASE("a row that differs, and that its key does not find, is neither deleted nor written twice") {
    world w;
    (GENERATE(false, true) ? w.from : w.to).hidden = {.keys = {"4"}};
    w.target.upsert("procnote", {"4", std::nullopt, "otherwise"});
    const rf::verification found = w.verify(repairing);
    CAPTURE(why(found));
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.unnamed_ranges == 1);
    CHECK(found.deleted == 0);
    CHECK(found.repaired == 0);
    CHECK(w.target.row_count("procnote") == 10);
}

TEST_CASE("extra rows of a partitioned table are looked for in all of the source before they are deleted") {
    world w;
    w.target.insert("procnote", {"5", std::nullopt, "only here"});
    w.from.hidden = {.keys = {"13"}, .in_ranges = true};
    const rf::verification found = w.verify(repairing);
    CAPTURE(why(found));
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.extra.count == 2);
    CHECK(found.deleted == 1);
    CHECK(w.equal());
    CHECK(says(found, "in the source has rows in other partitions"));
}

TEST_CASE("missing rows of a partitioned table are looked for in all of the target before they are copied again") {
    world w({"19"});
    w.to.hidden = {.keys = {"13"}, .in_ranges = true};
    const rf::verification found = w.verify(repairing);
    CAPTURE(why(found));
    CHECK(found.verdict == rf::verdict::different);
    CHECK(found.missing.count == 2);
    CHECK(found.repaired == 1);
    CHECK(w.equal());
    CHECK(says(found, "in the target has rows in other partitions"));
}

TEST_CASE("a row that is deleted between the looks is not a misplaced one") {
    std::uint64_t calls = 0;
    {
        world rehearsal({"4"});
        rehearsal.from.hidden.partitioned = rehearsal.to.hidden.partitioned = false; // no count comes after the looks
        (void)rehearsal.verify();
        calls = rehearsal.source.calls();
    }
    unsigned seen_and_deleted = 0;
    for (std::uint64_t call = 1; call <= calls; ++call) {
        world w({"4"});
        w.from.hidden.partitioned = w.to.hidden.partitioned = false;
        w.source.at_call(call, [&] { w.source.erase("procnote", {"4"}); });
        const rf::verification found = w.verify();
        CAPTURE(call, why(found));
        REQUIRE(found.equal());
        REQUIRE(found.unnamed_ranges == 0);
        REQUIRE(found.notices.empty());
        if (found.changed_meanwhile.count == 1) ++seen_and_deleted;
    }
    CHECK(seen_and_deleted > 0);
}

TEST_CASE("a copy is not complete while its source holds rows that no page shows") {
    two_databases w(10);
    hiding_connector from{w.source};
    const bool hides = GENERATE(false, true);
    if (hides) from.hidden = {.keys = {"13"}, .in_ranges = true};
    for (unsigned run = 0; run < 2; ++run) { // the second finds the checkpoint of a copy that is through
        const rf::report report = rf::pipeline{three}.copy(from, w.target, "procnote", w.timing, w.events);
        CAPTURE(run, worlds::why(report));
        CHECK(report.complete() == !hides);
        CHECK(w.target.row_count("procnote") == (hides ? 9 : 10));
        if (!hides) continue;
        CHECK(worlds::why(report).find(
                  "holds 10 rows in the source, of which 9 were copied: the others lie in a partition "
                  "that does not match their key") != std::string::npos);
        CHECK(worlds::offers(report, rf::remedy::start_over_into_empty));
    }
}

TEST_CASE("rows that were written behind a copy of a partitioned table are a notice") {
    two_databases w(10);
    hiding_connector from{w.source};
    bool is_done = false;
    w.source.at_call(6, [&] {
        w.source.insert("procnote", {"-100", std::nullopt, "before the first row"});
        is_done = true;
    });
    const rf::report report = rf::pipeline{three}.copy(from, w.target, "procnote", w.timing, w.events);
    CAPTURE(worlds::why(report));
    CHECK(is_done);
    CHECK(report.complete());
    const std::vector<std::string> lines = w.events.lines();
    CHECK(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("holds 11 rows in the source, of which 10 were copied. The others were written") !=
               std::string::npos;
    }));
}

TEST_CASE("partitioned tables are not equal while one holds rows that no range shows") {
    world w({"13"});
    SECTION("the source does") {
        w.from.hidden = {.keys = {"13"}, .in_ranges = true};
        const rf::verification found = w.verify();
        CAPTURE(why(found));
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found, "is partitioned in the source, and holds 10 rows, more than ranges of the key show: "));
    }
    SECTION("the target does") {
        w.source.erase("procnote", {"13"});
        w.target.insert("procnote", {"14", std::nullopt, "only here"});
        w.to.hidden = {.keys = {"14"}, .in_ranges = true};
        const rf::verification found = w.verify();
        CAPTURE(why(found));
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found, "is partitioned in the target, and holds 10 rows, more than ranges of the key show: "));
    }
    SECTION("the target does after a repair") {
        w.source.erase("procnote", {"13"});
        w.source.erase("procnote", {"19"}); // an extra row
        w.target.erase("procnote", {"4"});  // a missing one
        w.target.upsert("procnote", {"7", std::nullopt, "otherwise"});
        w.target.insert("procnote", {"14", std::nullopt, "only here"});
        w.to.hidden = {.keys = {"14"}, .in_ranges = true};
        const rf::verification found = w.verify(repairing);
        CAPTURE(why(found), found.notices);
        CHECK(found.repaired == 2);
        CHECK(found.deleted == 1);
        CHECK_FALSE(found.equal());
        CHECK(found.undecided_ranges == 1);
        w.target.erase("procnote", {"14"});
        CHECK(w.equal());
    }
    SECTION("rows were written behind the ranges") {
        w.source.erase("procnote", {"13"});
        std::uint64_t calls = 0;
        {
            world rehearsal({"13"});
            rehearsal.source.erase("procnote", {"13"});
            rehearsal.from.hidden.partitioned = rehearsal.to.hidden.partitioned = false;
            REQUIRE(rehearsal.verify().equal());
            calls = rehearsal.source.calls();
        }
        w.source.at_call(calls - 3, [&] { w.source.insert("procnote", {"-100", std::nullopt, "new"}); });
        const rf::verification found = w.verify();
        CAPTURE(why(found), found.notices);
        CHECK(found.equal());
        CHECK(found.source_rows == 9);
        CHECK(found.changes_meanwhile);
    }
    SECTION("counting takes too long") {
        w.source.erase("procnote", {"13"});
        w.from.hidden = {.keys = {"10"}, .in_ranges = true};
        w.target.erase("procnote", {"10"});
        w.source.set_cost({}, std::chrono::minutes(2), w.timing);
        const rf::verification found = w.verify();
        CAPTURE(why(found), found.notices);
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found,
                   "is not known, because rows were written while they were counted, or counting them took too long"));
    }
    SECTION("neither does") {
        w.source.erase("procnote", {"13"});
        CHECK(w.verify().equal());
        CHECK(w.timing.sleeps().empty());
    }
    SECTION("rows are written meanwhile") {
        w.source.erase("procnote", {"13"});
        std::int64_t id = -1000;
        for (std::uint64_t call = 5; call < 200; ++call) {
            w.source.at_call(call, [&] { w.source.insert("procnote", {std::to_string(--id), std::nullopt, "new"}); });
        }
        const rf::verification found = w.verify();
        CAPTURE(why(found), found.notices);
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found, "because rows were written while they were counted"));
    }
    SECTION("the ranges grow, and the larger ones would show the row") {
        // As of an adaptive batch size: a range of one row at first.
        w.source.erase("procnote", {"13"});
        w.target.erase("procnote", {"-2"});
        w.from.hidden = {.keys = {"-2"}, .in_ranges = true};
        const rf::verification found =
            rf::verifier{growing_batch{}}.verify(w.from, w.to, comparing, w.timing, w.events);
        CAPTURE(why(found), found.notices);
        CHECK(found.verdict == rf::verdict::undecided);
    }
}

TEST_CASE("a partition whose rows are all misplaced is no answer that makes no sense") {
    constexpr std::uint64_t rows = 400;
    two_databases w(rows);
    hiding_connector from{w.source};
    for (const auto& row : w.source.rows("procnote")) {
        if (from.hidden.keys.size() < rows / 2) from.hidden.keys.push_back(*row[0]);
    }
    struct shows_ends : hiding_connection { // as an index that is read without a bound at its end
        using hiding_connection::hiding_connection;
        rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
            return rf::testing::fake_connection::read(page, into);
        }
    };
    struct connector : hiding_connector {
        rf::result<shows_ends> connect() {
            auto made = real.connect();
            if (!made) return std::move(made.error());
            return shows_ends(std::move(*made), hidden);
        }
    };
    from.hidden.in_ranges = true;
    connector showing{{w.source, from.hidden}};
    for (const auto& row : w.source.rows("procnote")) {
        if (!from.hidden.hold(*row[0])) w.target.insert("procnote", row);
    }
    const rf::verification found =
        rf::verifier{rf::fixed_batch{.rows = 1}}.verify(showing, w.target, comparing, w.timing, w.events);
    CAPTURE(why(found), found.notices);
    CHECK_FALSE(found.failure);
    CHECK_FALSE(found.equal());
}

TEST_CASE("an extra row that the source has by the time of its deletion is left alone") {
    struct late_connection : rf::testing::fake_connection { // whose source gets the row just before it is asked again
        rf::testing::fake_database* real;
        unsigned asked = 0;
        late_connection(rf::testing::fake_connection&& made, rf::testing::fake_database& of)
            : rf::testing::fake_connection(std::move(made)), real(&of) {}
        rf::result<void> digests(const rf::digest_request& request, const std::vector<rf::key_values>& keys,
                                 rf::row_batch& into) {
            if (!keys.empty() && ++asked == 2) real->insert("procnote", {"5", std::nullopt, "came late"});
            return rf::testing::fake_connection::digests(request, keys, into);
        }
    };
    struct late_connector {
        rf::testing::fake_database& real;
        rf::result<late_connection> connect() {
            auto made = real.connect();
            if (!made) return std::move(made.error());
            return late_connection(std::move(*made), real);
        }
        [[nodiscard]] std::string identity() const { return real.identity(); }
    };
    two_databases w(10);
    for (const auto& row : w.source.rows("procnote")) w.target.insert("procnote", row);
    w.target.insert("procnote", {"5", std::nullopt, "came late"});
    w.target.insert("procnote", {"8", std::nullopt, "only here"});
    late_connector from{w.source};
    const rf::verification found = rf::verifier{three}.verify(from, w.target, repairing, w.timing, w.events);
    CAPTURE(why(found), found.notices);
    CHECK(found.extra.count == 2);
    CHECK(w.target.row_count("procnote") == 11);
    CHECK(w.equal());
}

TEST_CASE("no row of another table is deleted or written over, whenever the table is replaced during a repair") {
    // Between its first change of a table and the end of its transaction a server does not rename that table.
    struct locking_connection : rf::testing::fake_connection {
        bool* is_locked;
        locking_connection(rf::testing::fake_connection&& made, bool& locked)
            : rf::testing::fake_connection(std::move(made)), is_locked(&locked) {}
        rf::result<std::uint64_t> remove_rows(const rf::keyed_rows& request) {
            auto removed = rf::testing::fake_connection::remove_rows(request);
            *is_locked = true;
            return removed;
        }
        rf::result<void> commit() { return ended(rf::testing::fake_connection::commit()); }
        rf::result<void> rollback() { return ended(rf::testing::fake_connection::rollback()); }
        rf::result<void> ended(rf::result<void> how) {
            *is_locked = false;
            return how;
        }
    };
    struct locking_connector {
        rf::testing::fake_database& real;
        bool is_locked = false;
        rf::result<locking_connection> connect() {
            auto made = real.connect();
            if (!made) return std::move(made.error());
            return locking_connection(std::move(*made), is_locked);
        }
        [[nodiscard]] std::string identity() const { return real.identity(); }
    };
    unsigned replaced = 0;
    bool has_begun = false; // a table that is replaced before is the one that is repaired
    for (std::uint64_t call = 1;; ++call) {
        two_databases w(10);
        locking_connector to{w.target};
        w.target.tell_incarnations(true, true);
        w.source.tell_incarnations(true, true);
        w.target.insert("procnote", {"5", std::nullopt, "only here"});
        w.target.insert("procnote", {"8", std::nullopt, "only here"});
        bool is_done = false;
        w.target.at_call(call, [&] {
            is_done = true;
            if (to.is_locked) return;
            w.target.create_table(
                "fresh", {{"ProcNoteNum", "bigint not null"}, {"EntryDateTime", "datetime(6)"}, {"Note", "text"}},
                {"ProcNoteNum"});
            w.target.insert("fresh", {"5", std::nullopt, "of another table"});
            w.target.insert("fresh", {"13", std::nullopt, "of another table"});
            w.target.rename_table("procnote", "old");
            w.target.rename_table("fresh", "procnote");
        });
        const rf::verification found = rf::verifier{three}.verify(w.source, to, repairing, w.timing, w.events);
        if (!is_done) break;
        CAPTURE(call, why(found), found.notices);
        if (found.failure && found.failure->cause == rf::cause::table_replaced) ++replaced;
        unsigned others = 0;
        for (const auto& row : w.target.rows("procnote")) others += row[2] == rf::value("of another table");
        has_begun = has_begun || others == 2;
        REQUIRE((others == 2 || !has_begun || w.equal()));
    }
    CHECK(has_begun);
    CHECK(replaced > 5);
}
