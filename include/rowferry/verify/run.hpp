// SPDX-License-Identifier: BSL-1.0
// Carries out one verification: range after range of the key, both sides at the same time.
//
//   per range  the checksums of both sides; where they differ, the digests of its rows; the keys that differ are looked
//              at again after a pause, by key and by the servers' own comparison
// What differs at both looks, and alike, is a difference. What is equal at the last look was changing meanwhile; what
// differs at each look, and differently each time, is undecided. A range whose rows cannot be told apart by the key, or
// whose checksums differ though none of its rows does, is looked at again as a whole. A row that the range showed and that
// its key does not find is looked for in the range again: only one that was deleted settles so.
#ifndef ROWFERRY_VERIFY_RUN_HPP
#define ROWFERRY_VERIFY_RUN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/first_look.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_census.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify/computed.hpp>
#include <rowferry/verify/difference.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/null_rows.hpp>
#include <rowferry/verify/page_range.hpp>
#include <rowferry/verify/plan.hpp>
#include <rowferry/verify/repairer.hpp>
#include <rowferry/verify/report.hpp>
#include <rowferry/verify/same_table.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

template <class SourceManager, class TargetManager, class Sizer, class Environment>
class verify_run {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    static constexpr bool of_read = TransformsRows<source_connection>; // digests are made here

public:
    verify_run(const verify_plan& plan, SourceManager& source, TargetManager& target, Sizer sizer,
               Environment& environment, const verify_request& request, verification& summary)
        : plan_(plan), source_(source), target_(target), sizer_(std::move(sizer)), environment_(environment),
          request_(request), report_(summary), on_source_(plan.on_source), on_target_(plan.on_target),
          row_bytes_(std::max(plan.source.estimated_row_bytes(), 1.0)),
          same_source_(source, "source", plan.source, plan.on_source, plan.columns.source),
          same_target_(target, "target", plan.target, plan.on_target, plan.columns.target) {
        on_source_.table = &plan_.source;
        on_target_.table = &plan_.target;
    }

    /// Compares until the last row, a stop request or a failure; the report says what was found until then.
    result<void> go() {
        if (!plan_.named) return compare_whole();
        if (auto r = same_source_.begin(); !r) return r;
        if (auto r = same_target_.begin(); !r) return r;
        looked_at_tables_ = environment_.now();
        page_range range;
        range_progress progress;
        do {
            source_.wait_for_page();
            if (auto r = check_stop(); !r) return r;
            const time_point begin = environment_.now();
            if (begin - looked_at_tables_ >= look_interval) {
                if (auto r = check_same_tables(look_kind::passing); !r) return r;
            }
            const std::uint64_t rows = rows_of_chunk();
            auto end = nth_key(source_, on_source_, range.after, {}, rows);
            if (!end) return on_side(side::source, end.error(), range);
            range.up_to = std::move(*end);
            if (range.up_to) {
                if (auto r = progress.begin(*range.up_to); !r) return on_side(side::source, r.error(), range);
            }
            auto sums = checksums(range, rows);
            if (!sums) return sums.error();
            if (range.up_to && !plan_.source.partitioned) { // ranges may not show a row that lies in a wrong partition
                if (auto r = progress.end(sums->source_read); !r) return on_side(side::source, r.error(), range);
            }
            note(*sums, environment_.now() - begin);
            if (sums->source != sums->target) {
                if (auto r = narrow(range, *sums, rows); !r) return r;
            }
            if (auto r = settle(false); !r) return r;
            if (plan_.source.partitioned || plan_.target.partitioned) ends_.push_back(range.up_to);
            range.after = range.up_to;
            if (range.after) range.after->inclusive = false;
        } while (range.after);
        auto settled = settle(true);
        if (settled && plan_.has_nulls) settled = compare_null_rows();
        if (settled) settled = count_all(source_, side::source, on_source_, report_.source_rows);
        if (settled)
            settled = count_all(target_, side::target, on_target_, report_.target_rows + std::uint64_t(rows_added_));
        if (const std::uint64_t left = request_.repair ? computed_left_ : report_.computed; left > 0) {
            report_.notices.push_back(computed_notice(plan_, left, request_.repair));
        }
        return settled;
    }

    /// Whether both names still lead to the tables that were compared; without a key, one statement reads all rows of one.
    result<void> check_same_tables(look_kind kind = look_kind::thorough) {
        looked_at_tables_ = environment_.now();
        if (auto r = same_source_.check(kind); !r) return r;
        return same_target_.check(kind);
    }

private:
    /// Ranges do not show every row of a partitioned table that lies in another partition than its key leads to; a count
    /// without a bound does. Another number than ranges showed leaves it undecided, unless the same ranges show all rows by now.
    template <class Manager>
    result<void> count_all(Manager& manager, side which, const digest_request& scope, std::uint64_t in_ranges) {
        using connection = typename Manager::connection_type;
        const table_schema& table = *scope.table;
        if (!table.partitioned) return {};
        const std::string about = "table " + table.name + " is partitioned in the " + std::string(name(which));
        if constexpr (of_read) {
            say_once(about + ": its rows were not counted apart from its key, because rows are transformed");
        } else if constexpr (CountsRows<connection>) {
            page_request pages;
            pages.table = &table;
            pages.order = scope.order;
            pages.filter = scope.filter;
            row_census<Manager> census(manager, std::move(pages), count_limit);
            auto found = census.all();
            if (!found) return on_side(which, found.error(), {});
            if (*found && **found == in_ranges) return {};
            surplus kind = surplus::unknown;
            if (*found && !plan_.has_nulls) { // whose rows no range shows
                auto explained = census.explain(**found, ends_, [this]() -> result<void> {
                    source_.wait_for_page();
                    return check_stop();
                });
                if (!explained && report_.verdict == verdict::interrupted) return std::move(explained.error());
                if (!explained) return on_side(which, explained.error(), {});
                kind = *explained;
            }
            if (kind == surplus::shown) {
                report_.changes_meanwhile = true;
                return {};
            }
            ++report_.undecided_ranges;
            if (kind == surplus::misplaced) {
                say_once(
                    about + ", and holds " + std::to_string(**found) +
                    " rows, more than ranges of the key show: rows lie in a partition that does not match their key. "
                    "Check the table on its server, and verify again");
            } else {
                say_once(about + ": whether all its rows lie in the partitions of their keys is not known, because " +
                         (*found && plan_.has_nulls
                              ? "its key may be NULL, and it holds another number of rows than were compared"
                              : "rows were written while they were counted, or counting them took too long") +
                         ". Verify it while nothing is written, with a longer read timeout if it is large, or check it "
                         "on its server");
            }
        }
        return {};
    }

    struct both_checksums {
        rows_checksum source = {};
        rows_checksum target = {};
        std::uint64_t source_read = 0; // the rows that a transformation dropped among them
    };
    /// A range whose checksums differed, and no row of it by its key.
    struct suspect_range {
        page_range keys;
        std::uint64_t rows = 0;
        bool by_target = false;   // whose rows are counted
        bool repeats_key = false; // a side has one key twice
        std::optional<both_checksums> before = {};
        unsigned looks = 1;
    };
    struct looked_at {
        time_point at = {};
        std::vector<suspect> rows = {};
        std::optional<suspect_range> range = {}; // to look at as a whole, where there are no rows
        page_range shown_by = {};                // the range in which the rows were seen
    };
    /// A row that a range showed, and what its key led to afterwards.
    struct unfound_row {
        suspect before;
        found_row source;
        found_row target;
    };
    static constexpr duration look_interval = std::chrono::seconds(10); // between looks at which tables they are
    static constexpr unsigned most_looks = 3;
    static constexpr std::size_t most_pending = 50'000; // rows that wait for a second look
    static constexpr std::size_t most_keys = 200;       // of one statement
    static constexpr duration count_limit = std::chrono::minutes(10);

    [[nodiscard]] result<void> check_stop() const {
        if (!environment_.stop_requested()) return {};
        report_.verdict = verdict::interrupted;
        return refusal("a stop was requested: run the verification again", "table " + plan_.source.name);
    }

    [[nodiscard]] std::uint64_t rows_of_chunk() const {
        const batch_limits limits = sizer_.next();
        if (limits.bytes == 0) return std::max<std::uint64_t>(limits.rows, 1);
        const double fitting = double(limits.bytes) / row_bytes_;
        const double rows = limits.rows == 0 ? fitting : std::min(double(limits.rows), fitting);
        return static_cast<std::uint64_t>(std::max(rows, 1.0));
    }

    /// The key of the nth row of a range as its end; none when the range has fewer rows.
    template <class Manager>
    static result<std::optional<page_bound>> nth_key(Manager& side, const digest_request& scope,
                                                     const std::optional<page_bound>& after,
                                                     const std::optional<page_bound>& up_to, std::uint64_t rows) {
        using connection = typename Manager::connection_type;
        page_request page;
        page.table = scope.table;
        page.order = scope.order;
        page.index = scope.index;
        for (const key_part& part : scope.order) page.columns.push_back(part.column);
        page.after = after;
        page.up_to = up_to;
        page.filter = scope.filter;
        page.nullable = scope.nullable;
        page.offset = rows - 1;
        page.max_rows = 1;
        row_batch row;
        auto read = side.run("find end of range", [&](connection& c) { return read_as_stored(c, page, row); });
        if (!read) return std::move(read.error());
        if (row.empty()) return std::optional<page_bound>();
        page_bound end{{}, true};
        for (std::size_t i = 0; i < row.columns(); ++i) end.values.push_back(row.at(0, i).to_value());
        return std::optional(std::move(end));
    }

    result<both_checksums> checksums(const page_range& range, std::uint64_t rows) {
        for (digest_request* scope : {&on_source_, &on_target_}) {
            scope->after = range.after;
            scope->up_to = range.up_to;
        }
        const batch_cost cost{rows, static_cast<std::uint64_t>(double(rows) * row_bytes_), {}};
        if constexpr (of_read) {
            return checksums_of_read(range, cost);
        } else {
            return checksums_of_servers(range, cost);
        }
    }
    /// Asks the source, then the target, and waits for the source's answer last, so that both compute at the same time.
    result<both_checksums> checksums_of_servers(const page_range& range, const batch_cost& cost) {
        std::optional<result<rows_checksum>> target;
        auto source = source_.run(
            "checksum",
            [&](source_connection& s) -> result<rows_checksum> {
                if (auto asked = s.ask_checksum(on_source_); !asked) return std::move(asked.error());
                if (!target) {
                    target = target_.run("checksum", [&](target_connection& t) -> result<rows_checksum> {
                        if (auto asked = t.ask_checksum(on_target_); !asked) return std::move(asked.error());
                        return t.checksum();
                    });
                }
                return s.checksum(); // also when the target failed: the connection has to be free again
            },
            cost);
        if (!source) return on_side(side::source, source.error(), range);
        if (!*target) return on_side(side::target, target->error(), range);
        const std::uint64_t read = source->rows;
        return both_checksums{std::move(*source), std::move(**target), read};
    }
    /// The same of rows that come here, one side after the other.
    result<both_checksums> checksums_of_read(const page_range& range, const batch_cost& cost) {
        both_checksums both;
        auto source = source_.run(
            "checksum", [&](source_connection& s) { return checksum_of_read(s, on_source_, both.source_read); }, cost);
        if (!source) return on_side(side::source, source.error(), range);
        std::uint64_t read = 0;
        auto target =
            target_.run("checksum", [&](target_connection& t) { return checksum_of_read(t, on_target_, read); });
        if (!target) return on_side(side::target, target.error(), range);
        both.source = std::move(*source);
        both.target = std::move(*target);
        return both;
    }

    void note(const both_checksums& sums, duration elapsed) {
        ++report_.chunks;
        report_.source_rows += sums.source.rows;
        report_.dropped += sums.source_read - sums.source.rows;
        report_.target_rows += sums.target.rows;
        const std::uint64_t rows = std::max(sums.source.rows, sums.target.rows);
        sizer_.committed({rows, static_cast<std::uint64_t>(double(rows) * row_bytes_), elapsed});
        environment_.emit(chunk_compared{plan_.source.name, rows, report_.source_rows, sums.source == sums.target});
    }

    /// Finds the rows of a range that differ. Where the target has many more rows than the source, in parts of its own.
    result<void> narrow(const page_range& range, const both_checksums& sums, std::uint64_t rows) {
        const bool by_target = sums.target.rows > sums.source.rows;
        const std::uint64_t most = std::max(sums.source.rows, sums.target.rows);
        if (most <= 2 * rows) return first_look({range, most, by_target});
        const side which = by_target ? side::target : side::source;
        page_range part{range.after, {}};
        range_progress progress;
        do {
            if (auto r = check_stop(); !r) return r;
            auto end = by_target ? nth_key(target_, on_target_, part.after, range.up_to, rows)
                                 : nth_key(source_, on_source_, part.after, range.up_to, rows);
            if (!end) return on_side(which, end.error(), part);
            const bool is_last = !*end;
            if (!is_last) {
                if (auto r = progress.begin(**end); !r) return on_side(which, r.error(), part);
            }
            part.up_to = is_last ? range.up_to : std::move(*end);
            auto of_part = checksums(part, rows);
            if (!of_part) return of_part.error();
            if (!is_last && !(by_target ? plan_.target : plan_.source).partitioned) {
                auto r = progress.end(by_target ? of_part->target.rows : of_part->source_read);
                if (!r) return on_side(which, r.error(), part);
            }
            if (of_part->source != of_part->target) {
                if (auto r = first_look({part, rows, by_target}); !r) return r;
            }
            if (is_last) return {};
            part.after = part.up_to;
            part.after->inclusive = false;
        } while (true);
    }

    /// Compares the digests of a range's rows. If they are too large for one answer, those of its halves.
    result<void> first_look(suspect_range seen) {
        for (digest_request* scope : {&on_source_, &on_target_}) {
            scope->after = seen.keys.after;
            scope->up_to = seen.keys.up_to;
        }
        row_batch source;
        row_batch target;
        auto r = source_.run("digests",
                             [&](source_connection& c) { return digests_from<of_read>(c, on_source_, {}, source); });
        const bool is_of_source = !r;
        if (r) {
            r = target_.run("digests",
                            [&](target_connection& c) { return digests_from<of_read>(c, on_target_, {}, target); });
        }
        if (!r && r.error().fault == fault::batch_too_large && seen.rows > 1) {
            if (is_of_source) source_.disconnect(); // the rest of the answer is not read
            if (!is_of_source) target_.disconnect();
            return look_at_halves(seen);
        }
        if (!r) return on_side(is_of_source ? side::source : side::target, r.error(), seen.keys);
        range_difference found = differing_rows(source, target);
        seen.repeats_key = found.repeats_key;
        const bool is_explained = !found.rows.empty() && !found.repeats_key;
        if (!found.rows.empty()) wait_for_second_look(std::move(found.rows), seen.keys);
        if (!is_explained) pending_.push_back({environment_.now(), {}, std::move(seen)});
        return {};
    }

    /// Compares a range again whose difference no row explained.
    result<void> look_again(suspect_range seen) {
        auto sums = checksums(seen.keys, seen.rows);
        if (!sums) return sums.error();
        const bool is_alike = seen.before && seen.before->source == sums->source && seen.before->target == sums->target;
        if (sums->source != sums->target && is_alike) {
            ++report_.unnamed_ranges;
            return {};
        }
        if (sums->source == sums->target || seen.before) report_.changes_meanwhile = true;
        if (sums->source == sums->target) return {};
        seen.before = std::move(*sums);
        if (++seen.looks >= most_looks) {
            ++report_.undecided_ranges;
            return {};
        }
        if (!seen.repeats_key) return first_look(std::move(seen));
        pending_.push_back({environment_.now(), {}, std::move(seen)});
        return {};
    }

    result<void> look_at_halves(const suspect_range& whole) {
        if (auto r = check_stop(); !r) return r;
        const page_range& range = whole.keys;
        const std::uint64_t half = whole.rows / 2;
        auto end = whole.by_target ? nth_key(target_, on_target_, range.after, range.up_to, half)
                                   : nth_key(source_, on_source_, range.after, range.up_to, half);
        if (!end) return on_side(whole.by_target ? side::target : side::source, end.error(), range);
        // Rows were deleted: the other side may have more.
        if (!*end) return first_look({range, half, !whole.by_target, false, {}, whole.looks});
        page_range rest{*end, range.up_to};
        rest.after->inclusive = false;
        if (auto r = first_look({{range.after, std::move(*end)}, half, whole.by_target, false, {}, whole.looks}); !r) {
            return r;
        }
        return first_look({std::move(rest), whole.rows - half, whole.by_target, false, {}, whole.looks});
    }

    void wait_for_second_look(std::vector<suspect> rows, page_range shown_by) {
        pending_rows_ += rows.size();
        pending_.push_back({environment_.now(), std::move(rows), {}, std::move(shown_by)});
    }

    /// Takes the second looks that are due; with `all`, every one, whose time is waited for.
    result<void> settle(bool all) {
        while (!pending_.empty()) {
            const duration early = pending_.front().at + request_.second_look_after - environment_.now();
            if (early > duration::zero()) {
                if (!all && pending_rows_ < most_pending) return {};
                environment_.sleep(early);
            }
            if (auto r = check_stop(); !r) return r;
            const looked_at seen = std::move(pending_.front());
            pending_.pop_front();
            pending_rows_ -= seen.rows.size();
            if (auto r = seen.range ? look_again(*seen.range) : second_look(seen.rows, seen.shown_by); !r) {
                return r;
            }
        }
        return all ? repair() : result<void>();
    }

    result<void> second_look(const std::vector<suspect>& rows, const page_range& shown_by) {
        std::vector<suspect> moving;
        std::vector<unfound_row> unfound;
        for (std::size_t first = 0; first < rows.size(); first += most_keys) {
            const std::size_t count = std::min(most_keys, rows.size() - first);
            std::vector<key_values> keys;
            for (std::size_t i = 0; i < count; ++i) keys.push_back(rows[first + i].key);
            auto found = look_up_both(keys);
            if (!found) return found.error();
            std::vector<key_values> changed;
            for (std::size_t i = 0; i < count; ++i) {
                const suspect& before = rows[first + i];
                const found_row& source = found->first[i];
                const found_row& target = found->second[i];
                if (is_unfound(before, source, target)) {
                    unfound.push_back({before, source, target});
                } else if (conclude(before, source, target, moving)) {
                    changed.push_back(before.key);
                }
            }
            if (auto r = count_computed(changed, report_.computed); !r) return r;
        }
        if (!unfound.empty()) {
            if (auto r = look_for(unfound, shown_by, moving); !r) return r;
        }
        if (!moving.empty()) wait_for_second_look(std::move(moving), shown_by);
        return to_repair_.size() < most_pending ? result<void>() : repair();
    }

    /// Takes what a second look says of a row; whether it is a row that both sides have and that differs.
    bool conclude(const suspect& before, const found_row& source, const found_row& target,
                  std::vector<suspect>& moving) {
        bool still_moves = false;
        if (const auto kind = judge(before, source, target, still_moves)) {
            record({*kind, before.key});
            return *kind == difference_kind::changed;
        }
        if (still_moves && before.looks + 1 < most_looks) {
            moving.push_back({before.key, source.digest, target.digest, before.looks + 1});
        } else if (!source.is_spelled_otherwise) {
            counted_keys& settled = still_moves ? report_.undecided : report_.changed_meanwhile;
            settled.add(before.key, request_.listed_keys);
            report_.changes_meanwhile = true;
        }
        return false;
    }

    /// Whether the range showed a row that its key does not lead to: it was deleted since, or lies where the key does not
    /// lead, as in another partition.
    static bool is_unfound(const suspect& before, const found_row& source, const found_row& target) {
        if (before.looks > 1) return false; // that look was by key
        return (before.source && !source.digest) || (before.target && !target.digest);
    }

    /// Looks into the range again for rows that their keys do not lead to. Those that it shows no longer were deleted. Those
    /// that it shows, and that still no key leads to, are neither repaired nor deleted: the range differs, or is undecided.
    result<void> look_for(const std::vector<unfound_row>& rows, const page_range& shown_by,
                          std::vector<suspect>& moving) {
        auto sums = checksums(shown_by, rows.size());
        if (!sums) return sums.error();
        if (sums->source == sums->target) {
            for (const unfound_row& row : rows) {
                report_.changed_meanwhile.add(row.before.key, request_.listed_keys);
                report_.changes_meanwhile = true;
            }
            return {};
        }
        row_batch of_source;
        row_batch of_target;
        auto r = digest_all(source_, on_source_, of_source);
        const bool is_of_source = !r;
        if (r) r = digest_all(target_, on_target_, of_target);
        if (!r && r.error().fault == fault::batch_too_large) { // the range has grown since
            if (is_of_source) source_.disconnect();            // the rest of the answer is not read
            if (!is_of_source) target_.disconnect();
            ++report_.undecided_ranges;
            return {};
        }
        if (!r) return on_side(is_of_source ? side::source : side::target, r.error(), shown_by);
        const digests_by_key in_source(of_source);
        const digests_by_key in_target(of_target);
        std::vector<unfound_row> shown;
        for (const unfound_row& row : rows) {
            const bool is_shown = (!row.source.digest && in_source.find(row.before.key)) ||
                                  (!row.target.digest && in_target.find(row.before.key));
            if (is_shown) shown.push_back(row);
            if (!is_shown) (void)conclude(row.before, row.source, row.target, moving); // one side lacks it
        }
        bool is_alike = true;
        bool is_hidden = false;
        for (std::size_t first = 0; first < shown.size(); first += most_keys) {
            const std::size_t count = std::min(most_keys, shown.size() - first);
            std::vector<key_values> keys;
            for (std::size_t i = 0; i < count; ++i) keys.push_back(shown[first + i].before.key);
            auto found = look_up_both(keys);
            if (!found) return found.error();
            for (std::size_t i = 0; i < count; ++i) {
                const suspect& before = shown[first + i].before;
                const value source = in_source.find(before.key);
                const value target = in_target.find(before.key);
                const bool stays_unfound = (source && !found->first[i].digest) || (target && !found->second[i].digest);
                if (!stays_unfound) { // it came back meanwhile
                    moving.push_back({before.key, found->first[i].digest, found->second[i].digest, before.looks + 1});
                } else if (source == target) {
                    report_.changed_meanwhile.add(before.key, request_.listed_keys);
                    report_.changes_meanwhile = true;
                } else {
                    is_hidden = true;
                    if (source != before.source || target != before.target) is_alike = false;
                }
            }
        }
        if (!is_hidden) return {};
        ++(is_alike ? report_.unnamed_ranges : report_.undecided_ranges);
        say_once("table " + plan_.source.name +
                 " has rows that a range of the key shows and that are not found by their key. They are neither "
                 "repaired nor deleted: check the table on both servers");
        return {};
    }

    void say_once(std::string text) {
        std::vector<std::string>& said = report_.notices;
        if (std::find(said.begin(), said.end(), text) == said.end()) said.push_back(std::move(text));
    }

    /// Counts those of the rows that differ in generated columns only.
    result<void> count_computed(const std::vector<key_values>& keys, std::uint64_t& rows) {
        if (keys.empty() || on_source_.columns.size() == plan_.columns.source.size()) return {};
        auto found = look_up_both(without_computed(plan_, on_source_), without_computed(plan_, on_target_), keys);
        if (!found) return found.error();
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (found->first[i].digest && found->first[i].digest == found->second[i].digest) ++rows;
        }
        return {};
    }

    result<std::pair<std::vector<found_row>, std::vector<found_row>>>
    look_up_both(const std::vector<key_values>& keys) {
        for (digest_request* scope : {&on_source_, &on_target_}) {
            scope->after.reset();
            scope->up_to.reset();
        }
        return look_up_both(on_source_, on_target_, keys);
    }
    result<std::pair<std::vector<found_row>, std::vector<found_row>>>
    look_up_both(const digest_request& on_source, const digest_request& on_target,
                 const std::vector<key_values>& keys) {
        auto source = look_up<of_read>(source_, on_source, keys);
        if (!source) return on_side(side::source, source.error(), {});
        auto target = look_up<of_read>(target_, on_target, keys);
        if (!target) return on_side(side::target, target.error(), {});
        return std::pair(std::move(*source), std::move(*target));
    }

    void record(row_difference found) {
        counted_keys& kind = found.kind == difference_kind::missing ? report_.missing
                             : found.kind == difference_kind::extra ? report_.extra
                                                                    : report_.changed;
        kind.add(found.key, request_.listed_keys);
        const bool is_wanted = found.kind == difference_kind::extra ? request_.delete_extra : true;
        if (request_.repair && is_wanted) to_repair_.push_back(std::move(found));
    }

    /// Repairs what was found so far, and looks at it once more. Extra rows go first: they may hold a value that a row
    /// which is missing has to have alone.
    result<void> repair() {
        if constexpr (can_repair<source_connection, target_connection>) {
            if (to_repair_.empty()) return {};
            std::vector<key_values> extra;
            std::vector<key_values> missing;
            std::vector<key_values> others;
            for (row_difference& d : to_repair_) {
                (d.kind == difference_kind::extra     ? extra
                 : d.kind == difference_kind::missing ? missing
                                                      : others)
                    .push_back(std::move(d.key));
            }
            to_repair_.clear();
            if (auto r = leave_misplaced(source_, side::source, on_source_, extra); !r) return r;
            if (auto r = leave_misplaced(target_, side::target, on_target_, missing); !r) return r;
            const std::size_t changed = others.size();
            others.insert(others.end(), std::make_move_iterator(missing.begin()),
                          std::make_move_iterator(missing.end()));
            // Rows of a table that was emptied or replaced must not change the other one.
            if (auto r = check_same_tables(); !r) return r;
            repairer work(plan_, source_, target_, same_source_, same_target_, request_.accept_triggers);
            auto done = work.remove(extra, [this](std::vector<key_values> keys) { return lacking(std::move(keys)); });
            if (auto r = carry_out(std::move(done), extra, extra.size(), work.rows_done(), report_.deleted); !r)
                return r;
            done = work.copy_again(others);
            if (auto r = carry_out(std::move(done), others, changed, work.rows_done(), report_.repaired); !r) return r;
            return same_target_.check(look_kind::passing); // which notes the rows that it has now
        }
        return {};
    }
    /// Those of the keys that the source has no row of.
    result<std::vector<key_values>> lacking(std::vector<key_values> keys) {
        on_source_.after.reset();
        on_source_.up_to.reset();
        auto found = look_up<of_read>(source_, on_source_, keys);
        if (!found) return on_side(side::source, found.error(), {});
        std::vector<key_values> left;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!(*found)[i].digest) left.push_back(std::move(keys[i]));
        }
        return left;
    }
    /// Takes out the keys of rows that a side seems to lack and has after all, in another partition than the key leads to:
    /// their repair would delete a good row, or write one a second time. Reads all of a partitioned table, and no other.
    template <class Manager>
    result<void> leave_misplaced(Manager& manager, side which, digest_request scope, std::vector<key_values>& keys) {
        if (!scope.table->partitioned || keys.empty()) return {};
        if constexpr (of_read) { // read page after page, by the key
            say_once("table " + scope.table->name + " is partitioned in the " + std::string(name(which)) +
                     ": rows that it seems to lack were left alone, because with a transformation it is not known "
                     "whether they lie in a wrong partition");
            keys.clear();
            return {};
        }
        scope.after.reset();
        scope.up_to.reset();
        scope.index.clear();
        scope.anywhere = true;
        std::vector<key_values> lacking;
        for (std::size_t first = 0; first < keys.size();) {
            if (auto r = check_stop(); !r) return r;
            const std::size_t count = keys_of_scan(scope, keys, first);
            const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
            const std::vector<key_values> some(begin, begin + static_cast<std::ptrdiff_t>(count));
            first += count;
            auto found = look_up<of_read>(manager, scope, some);
            if (!found) return on_side(which, found.error(), {});
            for (std::size_t i = 0; i < some.size(); ++i) {
                if (!(*found)[i].digest) lacking.push_back(some[i]);
            }
        }
        if (lacking.size() < keys.size()) {
            say_once("table " + scope.table->name + " in the " + std::string(name(which)) +
                     " has rows in other partitions than their keys lead to, which seem to be missing there: they were "
                     "not repaired, and their counterparts were not deleted. Check the table on its server");
        }
        keys = std::move(lacking);
        return {};
    }

    /// How many keys to look up at once where each look reads the whole table: more of a key of one column, whose values
    /// servers search in order, as long as they make no long statement.
    static std::size_t keys_of_scan(const digest_request& scope, const std::vector<key_values>& keys,
                                    std::size_t first) {
        constexpr std::size_t most = 2'000;
        constexpr std::size_t most_bytes = 1U << 20U;
        const std::size_t end = std::min(keys.size(), first + (scope.order.size() == 1 ? most : most_keys));
        std::size_t bytes = 0;
        std::size_t at = first;
        for (; at < end && (bytes < most_bytes || at == first); ++at) {
            for (const value& part : keys[at]) bytes += part ? 2 * part->size() : 0;
        }
        return at - first;
    }

    /// What the target refuses is no reason to stop: the rows stay in the report, and the reason is a notice. The target had
    /// a row of each of the first `present` keys. Where the rows cannot be looked at any more, those of committed
    /// transactions, `rows_done`, are the fixed ones.
    result<void> carry_out(result<void> done, const std::vector<key_values>& keys, std::size_t present,
                           std::uint64_t rows_done, std::uint64_t& fixed) {
        if (!done) {
            const bool may_pass = is_retryable(done.error().fault) && done.error().fault != fault::batch_too_large;
            if (may_pass || done.error().cause == cause::table_replaced) {
                fixed += rows_done;
                const bool is_of_source = done.error().side == side::source;
                return is_of_source ? done.error() : on_side(side::target, done.error(), {});
            }
            if (!report_.unrepaired) report_.unrepaired = done.error();
            say_once("not all rows of table " + plan_.source.name + " could be repaired: " + to_string(done.error()));
        }
        const std::uint64_t before = fixed;
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
            const auto count = static_cast<std::ptrdiff_t>(std::min(most_keys, keys.size() - first));
            auto found = look_up_both({begin, begin + count});
            if (!found) {
                fixed = std::max(fixed, before + rows_done);
                return found.error();
            }
            std::vector<key_values> left;
            for (std::size_t i = 0; i < found->first.size(); ++i) {
                const bool is_fixed = found->first[i].digest == found->second[i].digest;
                if (is_fixed) ++fixed;
                if (!is_fixed) left.push_back(keys[first + i]);
                if (found->second[i].digest) ++rows_added_;
                if (first + i < present) --rows_added_;
            }
            if (auto r = count_computed(left, computed_left_); !r) return r;
        }
        return {};
    }

    template <class Manager>
    static result<void> digest_all(Manager& server, const digest_request& scope, row_batch& rows) {
        using connection = typename Manager::connection_type;
        return server.run("digests", [&](connection& c) { return digests_from<of_read>(c, scope, {}, rows); });
    }

    /// The rows with a NULL in the key: a checksum first, then the digests of all of them, looked at again like rows.
    result<void> compare_null_rows() {
        for (digest_request* scope : {&on_source_, &on_target_}) {
            scope->of_nulls = true;
            scope->index.clear();
        }
        const std::vector<key_part> orders[2]{on_source_.order, on_target_.order};
        null_row_judge judge(report_, request_.listed_keys);
        std::optional<both_checksums> before; // where the rows are too many to be named
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            source_.wait_for_page();
            if (auto r = check_stop(); !r) return r;
            const time_point begin = environment_.now();
            on_source_.order.clear(); // a sum: equal rows do not cancel out
            on_target_.order.clear();
            auto sums = checksums({}, 1);
            if (!sums) return sums.error();
            if (looks == 0) note(*sums, environment_.now() - begin);
            on_source_.order = orders[0];
            on_target_.order = orders[1];
            row_batch source;
            row_batch target;
            result<void> r;
            bool is_of_source = false;
            if (sums->source != sums->target) {
                r = digest_all(source_, on_source_, source);
                is_of_source = !r;
                if (r) r = digest_all(target_, on_target_, target);
            }
            if (!r && r.error().fault != fault::batch_too_large)
                return on_side(is_of_source ? side::source : side::target, r.error(), {});
            if (!r) {
                if (is_of_source) source_.disconnect(); // the rest of the answer is not read
                if (!is_of_source) target_.disconnect();
                const bool is_alike = before && before->source == sums->source && before->target == sums->target;
                if (is_alike) {
                    ++report_.unnamed_ranges;
                    return {};
                }
                before = std::move(*sums);
            } else {
                before.reset();
                if (!judge.take(differing_null_rows(source, target))) break;
            }
            if (looks + 1 < most_looks) environment_.sleep(request_.second_look_after);
        }
        judge.conclude();
        if (before) ++report_.undecided_ranges;
        if (request_.repair && judge.found() > 0) {
            report_.notices.push_back("rows of table " + plan_.source.name +
                                      " with a NULL in the key are not repaired, because the key does not tell them "
                                      "apart: empty the table in the target, and copy it again");
        }
        return {};
    }

    /// Of a table as a whole: whether it differs in generated columns only.
    result<void> tell_computed() {
        if (on_source_.columns.size() == plan_.columns.source.size()) return {};
        on_source_ = without_computed(plan_, std::move(on_source_));
        on_target_ = without_computed(plan_, std::move(on_target_));
        auto sums = checksums({}, 1);
        if (!sums) return sums.error();
        if (sums->source != sums->target) return {};
        report_.notices.push_back("table " + plan_.source.name + " differs only in generated columns (" +
                                  computed_names(plan_) + "), which each server computes by itself");
        return {};
    }

    /// Without a key to name rows by: checksums of everything, looked at again like rows.
    result<void> compare_whole() {
        report_.named = false;
        std::optional<both_checksums> before;
        for (unsigned looks = 0; looks < most_looks; ++looks) {
            source_.wait_for_page();
            if (auto r = check_stop(); !r) return r;
            const time_point begin = environment_.now();
            auto sums = checksums({}, 1);
            if (!sums) return sums.error();
            if (looks == 0) note(*sums, environment_.now() - begin);
            report_.source_rows = sums->source.rows;
            report_.target_rows = sums->target.rows;
            report_.changes_meanwhile = before && (before->source != sums->source || before->target != sums->target);
            if (sums->source == sums->target) return {};
            if (before && !report_.changes_meanwhile) {
                report_.differs_as_a_whole = true;
                if (auto r = tell_computed(); !r) return r;
                if (request_.repair) {
                    report_.notices.push_back("nothing of table " + plan_.source.name +
                                              " was repaired, because no row can be named: empty it in the target, "
                                              "and copy it again");
                }
                return {};
            }
            before = std::move(*sums);
            if (looks + 1 < most_looks) environment_.sleep(request_.second_look_after);
        }
        report_.undecided_ranges = 1;
        return {};
    }

    [[nodiscard]] error on_side(side which, error e, const page_range& range) const {
        e.side = which;
        e.where = std::string(name(which)) + ", table " + (which == side::source ? plan_.source : plan_.target).name;
        if (range.after) e.where += ", after key " + to_string(range.after->values, report_.key_forms);
        return e;
    }

    const verify_plan& plan_;
    SourceManager& source_;
    TargetManager& target_;
    Sizer sizer_;
    Environment& environment_;
    const verify_request& request_;
    verification& report_;
    digest_request on_source_;
    digest_request on_target_;
    double row_bytes_; // of an average row of the source, by its estimate
    same_table<SourceManager> same_source_;
    same_table<TargetManager> same_target_;
    time_point looked_at_tables_ = {};
    page_ends ends_; // of the ranges of a partitioned table
    std::deque<looked_at> pending_;
    std::size_t pending_rows_ = 0;
    std::vector<row_difference> to_repair_;
    std::int64_t rows_added_ = 0;     // to the target by the repair, less those that it deleted
    std::uint64_t computed_left_ = 0; // rows that differ in generated columns only, although they were copied again
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
