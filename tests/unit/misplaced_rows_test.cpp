// SPDX-License-Identifier: BSL-1.0
// Rows that lie where their key does not lead, as in a wrong partition: ranges show some of them, and no key finds them.
#include "catch.hpp"
#include "worlds.hpp"

#include <algorithm>
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

TEST_CASE("a copy of a partitioned table says that the source holds rows which its pages did not find") {
    two_databases w(10);
    hiding_connector from{w.source};
    const bool hides = GENERATE(false, true);
    if (hides) from.hidden = {.keys = {"13"}, .in_ranges = true};
    const rf::report report = rf::pipeline{three}.copy(from, w.target, "procnote", w.timing, w.events);
    CAPTURE(worlds::why(report));
    CHECK(report.complete());
    CHECK(report.rows == (hides ? 9 : 10));
    const std::vector<std::string> lines = w.events.lines();
    const bool is_said = std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
        return line.find("holds 10 rows in the source, of which 9 were copied") != std::string::npos;
    });
    CHECK(is_said == hides);
}

TEST_CASE("partitioned tables are not equal while one holds rows that no range shows") {
    world w({"13"});
    SECTION("the source does") {
        w.from.hidden = {.keys = {"13"}, .in_ranges = true};
        const rf::verification found = w.verify();
        CAPTURE(why(found));
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found, "holds 10 rows in the source, of which ranges of the key showed 9"));
    }
    SECTION("the target does") {
        w.source.erase("procnote", {"13"});
        w.target.insert("procnote", {"14", std::nullopt, "only here"});
        w.to.hidden = {.keys = {"14"}, .in_ranges = true};
        const rf::verification found = w.verify();
        CAPTURE(why(found));
        CHECK(found.verdict == rf::verdict::undecided);
        CHECK(says(found, "holds 10 rows in the target, of which ranges of the key showed 9"));
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
        CHECK(w.verify().verdict == rf::verdict::equal);
    }
}
