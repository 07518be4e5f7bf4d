// SPDX-License-Identifier: BSL-1.0
// Runs one case on doubles, run after run until the copy is complete, and compares with what should have come of it.
#ifndef ROWFERRY_TESTS_PROPERTY_RUN_CASE_HPP
#define ROWFERRY_TESTS_PROPERTY_RUN_CASE_HPP

#include "property/ferry.hpp"
#include "property/random_case.hpp"

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace property {

/// What is wrong, as a sentence; none when the case holds.
using verdict = std::optional<std::string>;

/// One case while it runs. What the target has to hold is worked out from the case alone, not from what the copy does.
class trial {
public:
    explicit trial(const test_case& c) : case_(c) {
        if (c.server_side) target_.share_server_with(source_);
        for (auto* database : {&source_, &target_}) {
            const table_shape& shape = c.table();
            const char* note = c.renames && database == &target_ ? "remark" : "note";
            database->create_table("t", {{"a", shape.a}, {"b", shape.b}, {"w", shape.w}, {note, "text"}},
                                   shape.primary_key);
            if (c.is_nullable()) database->add_unique_key("t", "k", shape.unique_key);
        }
        source_.define_filter("t", "is chosen", &test_case::is_chosen);
        for (const drawn_row& r : c.rows) put(source_, r);
        first_ = chosen_rows();
        fill_target();
        script_events();
    }

    verdict run() {
        if (auto wrong = copy_until_complete()) return wrong;
        if (auto wrong = compare(expected_first())) {
            if (written_.empty()) return wrong;
            first_ = written_; // the snapshot is of then
            if (compare(expected_first())) return wrong;
        }
        if (!case_.later.empty()) {
            change_source();
            if (auto wrong = copy_until_complete()) return wrong;
            if (auto wrong = compare(expected_later_)) return wrong;
        }
        return copies_nothing_more();
    }

    /// How many calls a side has met so far.
    [[nodiscard]] std::uint64_t calls(rf::side which) const {
        return which == rf::side::source ? source_.calls() : target_.calls();
    }

private:
    void put(rf::testing::fake_database& database, const drawn_row& r) {
        const row values{r.a, r.b, watermark(case_.table(), r.w), r.note};
        if (case_.is_keyless()) return database.insert("t", values);
        if (!case_.is_nullable()) return database.upsert("t", values);
        try {
            database.insert("t", values);
        } catch (const rf::copy_error&) { // the key is there already
        }
    }
    /// What is to be copied of the source as it is now.
    [[nodiscard]] std::vector<row> chosen_rows() const {
        auto rows = source_.rows("t");
        std::erase_if(rows, [&](const row& r) { return case_.filters_out(r); });
        return rows;
    }
    /// What the target holds before the copy, and refuses.
    void fill_target() {
        for (const std::size_t i : case_.there) {
            if (first_.empty()) break;
            row r = first_[i % first_.size()];
            r.back() = "there";
            target_.upsert("t", r);
        }
        if (case_.has_extra) put(target_, fresh_row(case_.table(), 99));
        before_ = target_.rows("t");
        if (!case_.refused || first_.empty()) return;
        const row refused = first_[*case_.refused % first_.size()];
        target_.add_check("t", "not_this",
                          [refused](const row& r) { return r[0] != refused[0] || r[1] != refused[1]; });
    }
    void script_events() {
        for (const event& e : case_.events) {
            auto& database = e.side == rf::side::source ? source_ : target_;
            switch (e.what) {
            case event::kind::fault: database.fail_at(e.call, e.fault, e.moment); break;
            case event::kind::crash: database.crash_at(e.call, e.moment); break;
            case event::kind::rival: database.at_call(e.call, [this] { run_rival(); }); break;
            case event::kind::write: database.at_call(e.call, [this] { write_meanwhile(); }); break;
            }
        }
    }

    void run_rival() {
        // The last look at the target ends with these two calls. What a run does that begins behind the count is no longer the
        // first one's: where it empties the table and fails, that copy was complete, and is to be made anew.
        const auto calls = target_.log();
        const bool is_after_count =
            calls.size() > 1 && calls.back() == "rollback" && calls[calls.size() - 2] == "count";
        is_emptied_ = is_after_count && case_.truncates;
        if (copy(case_, 0, source_, target_).complete()) is_emptied_ = false;
    }

    /// What another client does to the source in one transaction; once.
    void write_meanwhile() {
        if (is_written_) return;
        is_written_ = true;
        const auto rows = source_.rows("t");
        put(source_, fresh_row(case_.table(), 50));
        if (!case_.is_nullable() && !rows.empty()) {
            row changed = rows.front();
            changed.back() = "changed";
            source_.upsert("t", changed);
        }
        written_ = chosen_rows();
    }

    verdict copy_until_complete() {
        constexpr int most_runs = 30; // each event ends two runs at most
        for (int i = 0; i < most_runs; ++i) {
            std::optional<rf::report> done;
            try {
                done = copy(case_, ++runs_ % 2 == 1 ? case_.workers : 0, source_, target_);
            } catch (const rf::testing::crashed&) {
            }
            if (auto wrong = checkpoint_is_ahead()) return wrong;
            if (!done) continue;
            if (done->complete() && !std::exchange(is_emptied_, false)) return std::nullopt;
            if (done->complete()) continue;
            last_failure_ = rf::to_string(*done->failure);
            const bool is_refused = done->failure->code == 4025;
            if (!is_refused && can_overcome_all()) return "it stops although no fault has to end it: " + last_failure_;
            if (is_refused) {
                if (done->failure->where.find("the row with key (") == std::string::npos) {
                    return "a refused row is not named: " + last_failure_;
                }
                target_.drop_checks("t");
            }
        }
        return "it is not complete after " + std::to_string(most_runs) + " runs; at last: " + last_failure_;
    }

    /// Whether all faults are such that a retry overcomes them within the run.
    [[nodiscard]] bool can_overcome_all() const {
        return std::none_of(case_.events.begin(), case_.events.end(), [this](const event& e) {
            return e.what == event::kind::rival || (case_.consistent && e.side == rf::side::source) ||
                   (e.what == event::kind::fault && (!is_retryable(e.fault) || e.fault == rf::fault::batch_too_large));
        });
    }

    /// The resume point must never be ahead of what was committed. In a full copy the checkpoint speaks of the source's
    /// first rows in the order of the key; by inserts the target holds these and no others.
    verdict checkpoint_is_ahead() {
        target_.settle();
        if (!case_.stores_checkpoint || case_.pages == paging::incremental || is_written_) return std::nullopt;
        const auto entries = target_.checkpoints();
        if (entries.empty()) return std::nullopt;
        const auto copied = static_cast<std::size_t>(entries.front().rows);
        if (copied > first_.size()) return "the checkpoint counts more rows than there are: " + std::to_string(copied);
        const auto rows = target_.rows("t");
        if (case_.workers > 1 && !case_.table().primary_key.empty()) return ranges_are_ahead(entries.front(), rows);
        // In which order rows come without a key is not known here.
        if (case_.is_keyless() || case_.is_nullable()) {
            if (rows.size() == copied || (case_.truncates && rows.size() > copied)) return std::nullopt;
            return "the checkpoint counts " + std::to_string(copied) + " rows, and the target holds " +
                   std::to_string(rows.size());
        }
        if (case_.write == rf::write_kind::insert) {
            if (std::equal(rows.begin(), rows.end(), first_.begin(),
                           first_.begin() + static_cast<std::ptrdiff_t>(copied)))
                return std::nullopt;
            return "the checkpoint counts " + std::to_string(copied) + " rows, and the target holds " +
                   std::to_string(rows.size()) + ", or others";
        }
        for (std::size_t i = 0; i < copied; ++i) {
            const row& committed = case_.write == rf::write_kind::skip_existing ? as_skipped(first_[i]) : first_[i];
            if (std::find(rows.begin(), rows.end(), committed) == rows.end()) {
                return "the checkpoint counts " + std::to_string(copied) + " rows, and row " + std::to_string(i) +
                       " of these is not in the target";
            }
        }
        return std::nullopt;
    }

    /// The same of several workers, whose checkpoint says which ranges are open: all rows outside of these have come.
    verdict ranges_are_ahead(const rf::checkpoint& at, const std::vector<row>& rows) const {
        std::vector<bool> committed(first_.size(), false);
        const auto end = place_behind(at.last_key);
        if (!end) return "the last key " + rf::to_string(at.last_key) + " is of no row";
        std::fill_n(committed.begin(), *end, true);
        for (const rf::key_range& gap : at.gaps) {
            const auto from = place_behind(gap.after);
            const auto to = place_behind(gap.up_to);
            if (!from || !to || *from > *to || *to > *end) {
                return "no range: " + rf::to_string(gap.after) + " to " + rf::to_string(gap.up_to);
            }
            for (std::size_t i = *from; i < *to; ++i) {
                if (!committed[i]) return "two open ranges have row " + std::to_string(i);
                committed[i] = false;
            }
        }
        const auto count = static_cast<std::size_t>(std::count(committed.begin(), committed.end(), true));
        if (count != at.rows) {
            return "the checkpoint counts " + std::to_string(at.rows) + " rows, and its ranges leave " +
                   std::to_string(count);
        }
        for (std::size_t i = 0; i < first_.size(); ++i) {
            const row& wanted = case_.write == rf::write_kind::skip_existing ? as_skipped(first_[i]) : first_[i];
            const bool is_there = std::find(rows.begin(), rows.end(), wanted) != rows.end();
            if (committed[i] && !is_there) return "row " + std::to_string(i) + " is committed, and not in the target";
        }
        if (case_.write == rf::write_kind::insert && rows.size() != count) {
            return "the checkpoint counts " + std::to_string(count) + " rows, and the target holds " +
                   std::to_string(rows.size());
        }
        return std::nullopt;
    }
    /// How many rows there are up to a key, in the order of pages; none when no row has it.
    [[nodiscard]] std::optional<std::size_t> place_behind(const rf::key_values& key) const {
        if (key.empty()) return 0;
        for (std::size_t i = 0; i < first_.size(); ++i) {
            rf::key_values of_row;
            for (const std::string& part : case_.table().primary_key)
                of_row.push_back(first_[i][part[0] == 'a' ? 0 : 1]);
            if (of_row == key) return i + 1;
        }
        return std::nullopt;
    }

    [[nodiscard]] static bool has_same_key(const row& x, const row& y) { return x[0] == y[0] && x[1] == y[1]; }
    /// The row as the target has it already, or as it is.
    [[nodiscard]] const row& as_skipped(const row& r) const {
        if (case_.truncates) return r;
        for (const row& old : before_) {
            if (has_same_key(old, r)) return old;
        }
        return r;
    }
    [[nodiscard]] std::vector<row> expected_first() const {
        std::vector<row> rows;
        for (const row& r : first_) {
            if (case_.pages == paging::incremental && !r[2]) continue; // NULL watermarks never come
            rows.push_back(case_.write == rf::write_kind::skip_existing ? as_skipped(r) : r);
        }
        if (!case_.truncates && case_.has_extra) rows.push_back(extra());
        return rows;
    }
    [[nodiscard]] row extra() const {
        const drawn_row r = fresh_row(case_.table(), 99);
        return {r.a, r.b, std::nullopt, r.note};
    }

    /// Between two incremental copies: new rows, and rows that were updated and have a larger watermark since.
    void change_source() {
        expected_later_ = expected_first();
        int largest = 0;
        for (const drawn_row& r : case_.rows) largest = std::max(largest, r.w.value_or(0));
        std::vector<std::size_t> updated;
        for (std::size_t n = 0; n < case_.later.size(); ++n) {
            const later_change& change = case_.later[n];
            const rf::value w = watermark(case_.table(), largest + change.behind);
            if (!change.updates || first_.empty()) {
                const drawn_row fresh = fresh_row(case_.table(), n);
                const row values{fresh.a, fresh.b, w, fresh.note};
                source_.insert("t", values);
                if (!case_.filters_out(values)) expected_later_.push_back(values);
                continue;
            }
            const std::size_t i = *change.updates % first_.size();
            if (std::find(updated.begin(), updated.end(), i) != updated.end()) continue;
            updated.push_back(i);
            row fresh = first_[i];
            fresh[2] = w;
            fresh[3] = "updated";
            source_.upsert("t", fresh);
            const auto old = std::find(expected_later_.begin(), expected_later_.end(), first_[i]);
            if (old == expected_later_.end()) {
                expected_later_.push_back(fresh);
            } else if (case_.write != rf::write_kind::skip_existing) {
                *old = fresh;
            }
        }
    }

    verdict compare(std::vector<row> wanted) const {
        auto rows = target_.rows("t");
        std::sort(rows.begin(), rows.end());
        std::sort(wanted.begin(), wanted.end());
        if (rows == wanted) return std::nullopt;
        std::string text = "the target holds " + std::to_string(rows.size()) + " rows, of " +
                           std::to_string(wanted.size()) + " that it should hold";
        std::vector<row> odd;
        std::set_difference(wanted.begin(), wanted.end(), rows.begin(), rows.end(), std::back_inserter(odd));
        if (!odd.empty()) text += "; missing: " + rf::to_string(odd.front());
        odd.clear();
        std::set_difference(rows.begin(), rows.end(), wanted.begin(), wanted.end(), std::back_inserter(odd));
        if (!odd.empty()) text += "; too many: " + rf::to_string(odd.front());
        return text;
    }

    /// What a run copies that has nothing new to do: the rows with the last value, at which an incremental one begins.
    [[nodiscard]] std::uint64_t rows_of_last_value() {
        if (case_.pages != paging::incremental || case_.write == rf::write_kind::insert) return 0;
        std::pair<std::size_t, std::string> largest; // longer numbers are larger, and times are of one length
        std::uint64_t count = 0;
        for (const row& r : chosen_rows()) {
            if (!r[2]) continue;
            std::pair<std::size_t, std::string> w{r[2]->size(), *r[2]};
            if (count > 0 && w < largest) continue;
            count = count > 0 && w == largest ? count + 1 : 1;
            largest = std::move(w);
        }
        return count;
    }
    /// One more run, without faults, finds nothing new to do and leaves everything as it is.
    verdict copies_nothing_more() {
        source_.clear_faults();
        target_.clear_faults();
        if (case_.write == rf::write_kind::insert && (case_.truncates || !case_.resumes)) return std::nullopt;
        if (is_written_) return std::nullopt; // it copies what was written
        const auto rows = target_.rows("t");
        const rf::report again = copy(case_, case_.workers, source_, target_);
        if (!again.complete()) return "a further run fails: " + rf::to_string(*again.failure);
        if (target_.rows("t") != rows) return "a further run changes the target";
        const bool begins_behind = case_.stores_checkpoint && case_.resumes && !case_.truncates && case_.lag == 0;
        if (begins_behind && again.rows != rows_of_last_value()) return "a further run copies other rows";
        return std::nullopt;
    }

    const test_case& case_;
    rf::testing::fake_database source_{"source"};
    rf::testing::fake_database target_{"target"};
    std::vector<row> first_;  // of the source, in the order of the key, as far as they are to be copied
    std::vector<row> before_; // of the target
    std::vector<row> expected_later_;
    std::vector<row> written_; // as first_, after what another client wrote meanwhile
    bool is_written_ = false;
    bool is_emptied_ = false; // by a rival, behind the end of the run that it met
    std::string last_failure_;
    int runs_ = 0;
};

inline verdict run_case(const test_case& c) {
    try {
        return trial(c).run();
    } catch (const rf::copy_error& e) {
        return std::string("the test itself fails: ") + e.what();
    }
}

} // namespace property

#endif
