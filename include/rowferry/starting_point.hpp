// SPDX-License-Identifier: BSL-1.0
// Where a copy begins: after its checkpoint, after a watermark, or at the first row of an empty target.
#ifndef ROWFERRY_STARTING_POINT_HPP
#define ROWFERRY_STARTING_POINT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/incremental.hpp>
#include <rowferry/job_definition.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/renamed_source.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/resume_rules.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/snapshot_rules.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// Whose tables are meant, for messages and job names.
struct both_identities {
    std::string source = {};
    std::string target = {};
    std::string source_server = {}; ///< see `NamesServer`; empty where a connector does not say
    std::string target_server = {};
};
/// The server that a connector leads to, if it says so.
template <class Connector>
std::string address_of(const Connector& c) {
    if constexpr (NamesServer<Connector>) return c.address();
    return {};
}

/// Both ends of a copy, and what was asked of it.
template <class SourceManager, class TargetManager, class Pagination>
struct plan_ends {
    SourceManager& source;
    TargetManager& target;
    const Pagination& pages;
    copy_request request;
    both_identities names;

    /// The source's name in jobs.
    [[nodiscard]] const std::string& job_source() const {
        return request.source_name.empty() ? names.source : request.source_name;
    }
    [[nodiscard]] error on_source(error e) const {
        return placed(std::move(e), "source " + names.source + ", table " + request.table);
    }
    [[nodiscard]] error on_target(error e) const {
        return placed(std::move(e), "target " + names.target + ", table " + request.target_table);
    }
    result<bool> is_target_empty(const copy_plan& plan) {
        if (plan.creates) return true;
        using target_connection = typename TargetManager::connection_type;
        auto empty = target.run("check for rows", [&](target_connection& c) { return c.is_empty(plan.target); });
        if (!empty) return on_target(empty.error());
        return empty;
    }

private:
    static error placed(error e, std::string where) {
        if (e.where.empty()) e.where = std::move(where);
        return e;
    }
};

/// A name that no other run has, of the same job or another, in this process or elsewhere: runs that took each other's
/// batches for their own would lose rows. A count tells the runs of a process apart; both clocks and where the process has
/// its memory tell processes and hosts apart.
inline std::string run_name(const std::string& job) {
    static std::atomic<std::uint64_t> count{0};
    std::string text = job;
    for (const auto part :
         {std::uint64_t{++count}, static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&count)),
          static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&text)),
          static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()),
          static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())}) {
        text += ' ' + std::to_string(part);
    }
    return job_id(text);
}

/// Finds where a copy begins; reads, and writes nothing.
template <class SourceManager, class TargetManager, class Pagination>
class starting_point {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;

public:
    explicit starting_point(plan_ends<SourceManager, TargetManager, Pagination>& ends) : ends_(ends) {}

    result<void> find(copy_plan& plan, bool stores_checkpoint) {
        name_job(plan);
        if (auto r = find_checkpoint(plan, stores_checkpoint); !r) return r;
        if constexpr (IncrementalPagination<Pagination>) return choose_watermarks(plan);
        return {};
    }

private:
    /// The job's identity, and the definition that has to be the same when it is resumed.
    void name_job(copy_plan& plan) const {
        std::string pages(plan.streams ? "one pass" : pagination_name<Pagination>());
        // Each incremental run adds the rows of its own moment, or moments, to those of earlier runs.
        const bool is_full = !IncrementalPagination<Pagination>;
        const bool is_marked = is_full && plan.consistency == consistency::one_snapshot;
        std::string way = pages;
        if constexpr (IncrementalPagination<Pagination>) {
            // As the table spells it, so that another spelling is no other job.
            const auto watermark = plan.source.find(ends_.pages.column);
            way += " by " + (watermark ? plan.source.columns[*watermark].name : std::string(ends_.pages.column));
            if (value(ends_.pages.after)) pages += " after " + to_string({ends_.pages.after}) + ',';
        }
        plan.entry.title = ends_.job_source() + "." + plan.source.name + " to " + plan.target.name + ", " + way;
        plan.entry.target_table = plan.target.name;
        plan.entry.job = job_id(plan.entry.title);
        plan.entry.definition = (is_marked ? std::string(snapshot_mark) : std::string()) + definition_of(plan, pages);
        plan.entry.run = run_name(plan.entry.job);
    }

    result<void> find_checkpoint(copy_plan& plan, bool stores_checkpoint) {
        const bool starts_over = !ends_.request.resume || ends_.request.truncate_target;
        if constexpr (CheckpointStore<target_connection>) {
            if (stores_checkpoint && !starts_over) {
                auto found = ends_.target.run("load checkpoint", [&](target_connection& c) {
                    return c.load_checkpoint(plan.entry.job, checkpoint_read::as_it_stands);
                });
                if (!found) return ends_.on_target(found.error());
                if (*found) return resume(plan, **found);
            }
        }
        const bool may_continue = stores_checkpoint && !starts_over;
        if (ends_.request.truncate_target) return {};
        if (is_idempotent(plan.write.kind)) {
            if (auto other = may_continue ? find_other(plan) : std::nullopt) {
                plan.notices.push_back("the target has " + other->text() +
                                       ", which this copy does not continue: its "
                                       "source is called " +
                                       ends_.job_source());
            }
            return {};
        }
        auto empty = ends_.is_target_empty(plan);
        if (!empty) return empty.error();
        if (!*empty) {
            std::string why =
                starts_over ? "a copy that starts over needs it empty" : "holds no checkpoint of this copy";
            std::vector<remedy> remedies = for_full_target(plan);
            if (auto other = may_continue ? find_other(plan) : std::nullopt) {
                why += ", but " + other->text();
                remedies.insert(remedies.begin(), remedy{remedy::name_source, "", other->name});
            }
            return refusal("the target's table " + plan.target.name + " in " + ends_.names.target +
                               " is not empty, and " + why,
                           std::move(remedies));
        }
        return {};
    }
    /// A checkpoint of the same copy from a source of another name. Whether its rows are the same, only the user knows.
    std::optional<renamed_source> find_other(const copy_plan& plan) {
        if constexpr (ListsCheckpoints<target_connection>) {
            if (plan.creates) return std::nullopt;
            std::optional<renamed_source> found;
            auto looked = ends_.target.run("list checkpoints", [&](target_connection& c) -> result<void> {
                found = find_renamed_source(c, plan.entry.title, ends_.job_source());
                return {};
            });
            return looked ? found : std::nullopt;
        } else {
            return std::nullopt;
        }
    }

    /// For a target that is not empty. Only a key without NULL tells the rows of the other write modes apart.
    static std::vector<remedy> for_full_target(const copy_plan& plan) {
        if (plan.order.parts.empty() || !plan.nullable.empty()) return {remedy{remedy::empty_target}};
        return {remedy{remedy::empty_target},
                remedy{remedy::choose_write_mode, "", "upsert, replace or skip-existing"}};
    }

    result<void> resume(copy_plan& plan, checkpoint& found) {
        const std::string start_over = to_string(remedy{remedy::start_over_into_empty});
        if (auto r = check_same_consistency(found, plan.entry); !r) return r;
        if (found.definition != plan.entry.definition) {
            error e = refusal("the checkpoint of this copy (" + found.title + ") was made for another definition: " +
                                  definition_change(found.definition, plan.entry.definition),
                              {remedy{remedy::start_over_into_empty}});
            if (is_idempotent(plan.write.kind)) {
                e.remedies.push_back(remedy{remedy::start_over, "", "onto the existing rows"});
            }
            return e;
        }
        if (plan.consistency == consistency::one_snapshot && !IncrementalPagination<Pagination>) {
            if (auto r = check_snapshot_checkpoint(found); !r) return r;
        }
        if (auto r = rules_of<Pagination>().check(plan, found); !r) return r;
        if (auto r = range_check(plan, ends_.source).check(found); !r) {
            return r.error().cause == cause::senseless_answer ? r.error() : ends_.on_source(r.error());
        }
        if (found.rows > 0) {
            auto empty = ends_.is_target_empty(plan);
            if (!empty) return empty.error();
            if (*empty) {
                return refusal("the checkpoint of this copy says that " + std::to_string(found.rows) +
                                   (found.rows == 1 ? " row was" : " rows were") +
                                   " committed, but the target's table " + plan.target.name + " in " +
                                   ends_.names.target + " is empty",
                               {remedy{remedy::start_over}});
            }
        }
        if (found.rows == 0 && !is_idempotent(plan.write.kind)) {
            auto empty = ends_.is_target_empty(plan);
            if (!empty) return empty.error();
            if (!*empty) {
                return refusal("the checkpoint of this copy says that no row was committed, but the target's table " +
                                   plan.target.name + " in " + ends_.names.target + " is not empty",
                               for_full_target(plan));
            }
        }
        const std::string run = std::move(plan.entry.run);
        plan.entry = std::move(found);
        plan.earlier_runs.push_back(std::exchange(plan.entry.run, run));
        plan.resumed = true;
        if (!plan.nullable.empty() && plan.entry.complete && plan.entry.rows > 0) {
            // A position counts the rows with a NULL in the key too, which are in none of the pages.
            page_cursor after_one;
            after_one.rows = 1;
            plan.nothing_to_do = ends_.pages.next(plan.order, after_one, {}).offset != 0;
            const std::string why =
                plan.nothing_to_do ? " cannot be found by their position where key " + plan.order.index + " may be NULL"
                                   : " with a NULL in key " + plan.order.index + " cannot be told from the old ones";
            plan.notices.push_back("table " + plan.source.name + " was copied completely before; new rows" + why +
                                   " and are not copied: to copy them, " + start_over);
        }
        if (plan.order.parts.empty() && plan.entry.complete && plan.entry.rows > 0) {
            plan.nothing_to_do = true;
            plan.notices.push_back("table " + plan.source.name +
                                   " was copied completely before; without a key its new "
                                   "rows cannot be told from the old ones: to copy it again, " +
                                   start_over);
        }
        return {};
    }

    result<void> choose_watermarks(copy_plan& plan) {
        const std::size_t index = plan.order.parts.front().column;
        const column& watermark = plan.source.columns[index];
        if (ends_.pages.lag > std::chrono::seconds::zero() && !is_idempotent(plan.write.kind)) {
            return refusal("a lag reads rows again that were copied before, and write mode insert would double them",
                           {remedy{remedy::choose_write_mode, "", "upsert, replace or skip-existing"}});
        }
        note_text(plan, watermark);
        auto future = learn_future(watermark);
        if (!future) return future.error();
        std::optional<std::string> last;
        if (ends_.pages.after && plan.entry.last_key.empty()) {
            plan.start.from = page_bound{{ends_.pages.after}, false};
            plan.entry.last_key.clear();
        } else if (!plan.entry.last_key.empty()) {
            last = plan.entry.last_key.front();
        } else if (has_target_value(plan, index)) {
            auto found = largest(ends_.target, plan.target, *plan.columns.target_of(index), {});
            if (!found) return ends_.on_target(found.error());
            last = *found;
            if (last && !future->holds(*last)) {
                plan.notices.push_back("table " + plan.source.name + " is copied from " + watermark.name + " = " +
                                       *last +
                                       " on, the largest value in the target: rows before it are not looked for");
            }
        }
        if (last && future->holds(*last)) {
            if (auto r = leave_future(plan, index, *future, last); !r) return r;
        }
        // Rows that share the last value, or lie within the lag, may have been committed since they were read.
        const bool looks_back = ends_.pages.lag > std::chrono::seconds::zero() || is_idempotent(plan.write.kind);
        if (last && (plan.entry.last_key.empty() || looks_back)) {
            auto from = before_lag(watermark, *last, ends_.pages.lag);
            if (!from) return from.error();
            if (*from) plan.start.from = page_bound{{*from}, true};
            plan.from_first_row = !*from;
            plan.entry.last_key.clear();
        }
        auto upper = largest(ends_.source, plan.source, index, {});
        if (!upper) return ends_.on_source(upper.error());
        if (*upper && future->holds(**upper)) {
            const std::string what = "the largest value of " + watermark.name + " in table " + plan.source.name + ", " +
                                     **upper + ", lies in the future";
            if (leaves_out_future()) {
                plan.notices.push_back(what + ": rows after " + *future->begin + " (UTC) are left out");
                upper = largest(ends_.source, plan.source, index, future->begin);
                if (!upper) return ends_.on_source(upper.error());
            } else {
                plan.notices.push_back(what + ": the next run begins there, and finds no row before it unless rows in "
                                              "the future are left out");
            }
        }
        plan.nothing_to_do = !*upper;
        if (*upper) plan.start.up_to = page_bound{{*upper}, true};
        const bool indexed = std::any_of(plan.source.indexed_columns.begin(), plan.source.indexed_columns.end(),
                                         [&](const auto& c) { return table_schema::same_name(c, watermark.name); });
        if (!indexed) {
            plan.notices.push_back("no index of table " + plan.source.name + " starts with " + watermark.name +
                                   ": each page reads and sorts the whole table");
        }
        return {};
    }
    /// Text grows only as its collation has it, and only who writes it knows whether it does.
    static void note_text(copy_plan& plan, const column& watermark) {
        if (watermark.kind != column_kind::text && watermark.kind != column_kind::bytes) return;
        plan.notices.push_back("column " + watermark.name + " of table " + plan.source.name +
                               " must increase in the order of its " +
                               (watermark.collation.empty() ? "bytes" : "collation " + watermark.collation) +
                               " ('10' sorts before '9'): rows below the last value are not copied");
    }
    /// An emptied target has no last value, one of other rows says nothing of those that pass a filter, and another collation
    /// has another largest value.
    [[nodiscard]] bool has_target_value(const copy_plan& plan, std::size_t watermark) const {
        const auto same = plan.columns.target_of(watermark);
        return same && compares_alike(plan.source.columns[watermark], plan.target.columns[*same]) &&
               !ends_.request.truncate_target && !plan.creates && plan.filter.empty();
    }
    /// A pagination of the user's own may not have the choice.
    [[nodiscard]] bool leaves_out_future() const {
        if constexpr (requires { ends_.pages.future; }) {
            return ends_.pages.future == future_rows::leave_out;
        } else {
            return false;
        }
    }
    /// Where the future begins; unknown for columns without a date.
    result<future_watermarks> learn_future(const column& watermark) {
        if constexpr (KnowsTime<source_connection> && KnowsTime<target_connection>) {
            if (!has_date(watermark)) return future_watermarks{};
            auto now = ends_.source.run("ask the time", [](source_connection& c) { return c.utc_time(); });
            if (!now) return ends_.on_source(now.error());
            return future_watermarks::after(*now);
        }
        return future_watermarks{};
    }
    /// The last value lies in the future, as the last run's checkpoint or the target has it: names it, or looks for the one
    /// before it.
    result<void> leave_future(copy_plan& plan, std::size_t index, const future_watermarks& future,
                              std::optional<std::string>& last) {
        const std::string what = "table " + plan.source.name + " was copied up to " + plan.source.columns[index].name +
                                 " = " + *last + ", which lies in the future";
        if (!leaves_out_future()) {
            plan.notices.push_back(what + ": rows before it are not looked for, unless rows in the future are left "
                                          "out");
            return {};
        }
        if (!is_idempotent(plan.write.kind)) {
            return refusal(
                what + ": leaving out future rows reads other rows again, and write mode insert would duplicate "
                       "them",
                {remedy{remedy::choose_write_mode, "", "upsert, replace or skip-existing"}});
        }
        plan.entry.last_key.clear();
        last.reset();
        if (has_target_value(plan, index)) {
            auto found = largest(ends_.target, plan.target, *plan.columns.target_of(index), future.begin);
            if (!found) return ends_.on_target(found.error());
            last = *found;
        }
        plan.from_first_row = !last;
        plan.notices.push_back(
            what + ": this run begins " +
            (last ? "at " + *last + ", the largest value in the target before it" : "with the first row"));
        return {};
    }
    template <class Manager>
    static result<value> largest(Manager& manager, const table_schema& table, std::size_t column, const value& limit) {
        using connection = typename Manager::connection_type;
        return manager.run("find maximum", [&](connection& c) {
            if constexpr (KnowsTime<connection>) {
                if (limit) return c.maximum_until(table, column, limit);
            }
            return c.maximum(table, column);
        });
    }

    plan_ends<SourceManager, TargetManager, Pagination>& ends_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
