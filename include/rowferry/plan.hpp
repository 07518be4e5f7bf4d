// SPDX-License-Identifier: BSL-1.0
// What a copy is going to do, decided before anything is changed: or the sentence that says why it is refused.
#ifndef ROWFERRY_PLAN_HPP
#define ROWFERRY_PLAN_HPP

#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/incremental.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// What to copy, and how to begin.
struct copy_request {
    std::string table;
    std::string target_table = {}; ///< empty: the same name
    bool resume = true;            ///< continue behind the job's checkpoint; false forgets it and starts over
    bool truncate_target = false;  ///< empty the target table, and forget the checkpoint, before the first row
    bool count_rows = false;       ///< count what is to be copied, for progress and time left
    std::chrono::milliseconds count_limit = std::chrono::seconds(3); ///< no count when it takes longer; 0 waits for it
    bool server_side = true; ///< INSERT … SELECT inside the server when source and target are one
};

/// What was decided.
struct copy_plan {
    table_schema source;
    table_schema target;
    column_match columns;
    page_order order;
    std::vector<std::size_t> order_cells; ///< where the order's columns stand in a row that was read
    write_request write;                  ///< `write.table` is filled in when the plan is carried out
    checkpoint entry;                     ///< the job's checkpoint, as found or as it will begin, with this run's name
    bool resumed = false;                 ///< a checkpoint of an earlier run was found
    page_cursor start;
    bool from_first_row = false; ///< incremental only: the lag reaches back before all rows
    bool nothing_to_do = false;  ///< incremental: no row has a value in the watermark column; keyless: all was copied
    rowferry::route route = rowferry::route::across;
    std::string source_database;                ///< server-side only
    std::optional<std::uint64_t> expected_rows; ///< that this run will copy
    std::uint64_t null_watermarks = 0;
    std::vector<std::string> notices; ///< what an operator should know
};

namespace detail {

/// Whose tables are meant, for messages and job names.
struct both_identities {
    std::string source;
    std::string target;
};

inline error placed(error e, std::string_view which, const std::string& identity, const std::string& table) {
    if (e.where.empty()) e.where = std::string(which) + " " + identity + ", table " + table;
    return e;
}

/// Makes a plan, one decision a function; all of them read and none writes.
template <class SourceManager, class TargetManager, class Pagination>
class planner {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;

public:
    planner(SourceManager& source, TargetManager& target, const Pagination& pages, const copy_request& request,
            const both_identities& names)
        : source_(source), target_(target), pages_(pages), request_(request), names_(names) {
        if (request_.target_table.empty()) request_.target_table = request_.table;
    }

    result<copy_plan> make(write_kind kind, bool stores_checkpoint) {
        copy_plan plan;
        if (auto r = check_request(); !r) return r.error();
        if (auto r = describe_both(plan); !r) return r.error();
        if (auto r = choose_columns(plan); !r) return r.error();
        if (auto r = check_size(plan); !r) return r.error();
        if (auto r = choose_route(plan); !r) return r.error();
        if (auto r = choose_write(plan, kind); !r) return r.error();
        if (auto r = find_checkpoint(plan, stores_checkpoint); !r) return r.error();
        if constexpr (IncrementalPagination<Pagination>) {
            if (auto r = choose_watermarks(plan); !r) return r.error();
        }
        if constexpr (CountsRows<source_connection>) {
            if (auto r = count(plan); !r) return r.error();
        }
        return plan;
    }

private:
    [[nodiscard]] error on_source(error e) const {
        return placed(std::move(e), "source", names_.source, request_.table);
    }
    [[nodiscard]] error on_target(error e) const {
        return placed(std::move(e), "target", names_.target, request_.target_table);
    }

    [[nodiscard]] result<void> check_request() const {
        if (request_.truncate_target && !TruncatesTables<target_connection>) {
            return refusal("this target cannot truncate tables: its connection lacks `truncate`");
        }
        if (request_.count_rows && !CountsRows<source_connection>) {
            return refusal("this source cannot count rows: its connection lacks `count`");
        }
        return {};
    }

    result<void> describe_both(copy_plan& plan) {
        auto source = source_.run("describe", [&](source_connection& c) { return c.describe(request_.table); });
        if (!source) return on_source(source.error());
        if (!*source) return refusal("the source " + names_.source + " has no table " + request_.table);
        plan.source = std::move(**source);
        auto target = target_.run("describe", [&](target_connection& c) { return c.describe(request_.target_table); });
        if (!target) return on_target(target.error());
        if (!*target) {
            return refusal("the target " + names_.target + " has no table " + request_.target_table +
                           ": create it there first, with the source's definition");
        }
        plan.target = std::move(**target);
        for (const table_schema* table : {&plan.source, &plan.target}) {
            if (!table->is_base_table)
                return refusal(table->name + " is " + table->kind_name + ": only tables are copied");
        }
        if (plan.source.system_versioned) {
            plan.notices.push_back("table " + plan.source.name +
                                   " is system-versioned: its current rows are copied, its history is not");
        }
        return {};
    }

    result<void> choose_columns(copy_plan& plan) {
        auto matched = match_columns(plan.source, plan.target);
        if (!matched) return matched.error();
        plan.columns = std::move(*matched);
        auto order = pages_.order(plan.source);
        if (!order) return order.error();
        plan.order = std::move(*order);
        for (const key_part& part : plan.order.parts) {
            const auto cell = std::find(plan.columns.source.begin(), plan.columns.source.end(), part.column);
            if (cell == plan.columns.source.end()) {
                return refusal("column " + plan.source.columns[part.column].name + " of table " + plan.source.name +
                               " is generated: it is not copied, and cannot order pages");
            }
            plan.order_cells.push_back(static_cast<std::size_t>(cell - plan.columns.source.begin()));
        }
        return {};
    }

    /// Estimates are coarse: only what is far beyond a page without a limit of rows is refused here already.
    [[nodiscard]] result<void> check_size(const copy_plan& plan) const {
        const page_request first = pages_.next(plan.order, {}, {});
        const bool is_whole_table = first.max_rows == 0 && first.max_bytes > 0;
        if (!is_whole_table || plan.source.estimated_bytes / 4 <= first.max_bytes) return {};
        return on_source(too_large_for_one_page(first.max_bytes));
    }

    result<void> choose_route(copy_plan& plan) {
        if constexpr (CopiesServerSide<target_connection, source_connection>) {
            auto same = is_same_server(plan);
            if (!same) return same.error();
            if (!*same) return {};
            if (target_database() == plan.source_database && plan.source.name == plan.target.name)
                return same_table(plan);
            if (request_.server_side) plan.route = rowferry::route::server_side;
        } else if (names_.source == names_.target && plan.source.name == plan.target.name) {
            return same_table(plan);
        }
        return {};
    }
    /// Needs a connection of each side at once. Each side tries its own failures again, and not the other's.
    result<bool> is_same_server(copy_plan& plan) {
        constexpr std::string_view operation = "compare servers";
        std::optional<result<bool>> answer;
        auto asked = source_.run(operation, [&](source_connection& s) -> result<void> {
            plan.source_database = s.database();
            result<void> from_source;
            answer = target_.run(operation, [&](target_connection& t) -> result<bool> {
                auto same = t.is_same_server(s);
                if (!same && needs_fresh_connection(same.error().fault)) from_source = s.ping();
                return from_source ? std::move(same) : result<bool>(false);
            });
            return from_source;
        });
        if (!asked) return on_source(asked.error());
        if (!*answer) return on_target(answer->error());
        return *answer;
    }
    [[nodiscard]] error same_table(const copy_plan& plan) const {
        return refusal("source and target are the same table: " + plan.source.name + " in " + names_.target);
    }
    std::string target_database() {
        std::string name;
        if constexpr (requires(target_connection & t) { std::string(t.database()); }) {
            (void)target_.run("compare servers", [&](target_connection& t) -> result<void> {
                name = t.database();
                return {};
            });
        }
        return name;
    }

    result<void> choose_write(copy_plan& plan, write_kind kind) {
        plan.write.columns = plan.columns.target;
        plan.write.kind = kind;
        if (!plan.target.transactional && !is_idempotent(kind)) {
            return refusal(
                "the target's table " + plan.target.name + " uses the engine " + plan.target.engine +
                ", which has no transactions, so that an insert could double rows after a fault: choose the write "
                "mode upsert, replace or skip-existing, or an engine with transactions");
        }
        if (!plan.source.keys.empty()) {
            if (auto same = matching_key(plan.source, plan.source.keys.front(), plan.target))
                plan.write.key_name = *same;
        }
        if (!is_idempotent(kind)) return {};
        const std::string mode(name(kind));
        if (plan.write.key_name.empty()) {
            return refusal("the write mode " + mode + " needs a key that tells the same rows apart on both sides: " +
                           (plan.source.keys.empty()
                                ? "the source's table " + plan.source.name + " has none"
                                : key_difference(plan.source, plan.source.keys.front(), plan.target)));
        }
        const unique_index* extra = extra_unique_index(plan.source, plan.target);
        if (extra != nullptr && kind != write_kind::skip_existing) {
            return refusal("the target's table " + plan.target.name + " has a unique index " + extra->name +
                           " that the source has not: the write mode " + mode +
                           " would change other rows through it without an error: drop it, or choose the write mode "
                           "insert or skip-existing");
        }
        return {};
    }

    result<void> find_checkpoint(copy_plan& plan, bool stores_checkpoint) {
        const std::string pages(pagination_name<Pagination>());
        std::string definition = "pages: " + pages + " by";
        for (const key_part& part : plan.order.parts) {
            definition += " " + plan.source.columns[part.column].name + (part.descending ? " desc" : "");
        }
        definition += "; columns:";
        for (std::size_t i : plan.columns.source) {
            definition += " " + plan.source.columns[i].name + " " + plan.source.columns[i].type + ",";
        }
        definition.pop_back();
        std::string way = pages;
        if constexpr (IncrementalPagination<Pagination>) {
            way += " by " + std::string(pages_.column);
            if (value(pages_.after)) definition += "; after " + to_string({pages_.after});
        }
        plan.entry.title = names_.source + "." + plan.source.name + " to " + plan.target.name + ", " + way;
        plan.entry.target_table = plan.target.name;
        plan.entry.job = job_id(plan.entry.title);
        plan.entry.definition = std::move(definition);
        jitter_source random = jitter_source::from_clock();
        plan.entry.run = job_id(std::to_string(random()) + plan.entry.job);

        const bool starts_over = !request_.resume || request_.truncate_target;
        if constexpr (CheckpointStore<target_connection>) {
            if (stores_checkpoint && !starts_over) {
                auto found = target_.run("load checkpoint", [&](target_connection& c) {
                    return c.load_checkpoint(plan.entry.job, checkpoint_read::as_it_stands);
                });
                if (!found) return on_target(found.error());
                if (*found) return resume(plan, **found);
            }
        }
        if (request_.truncate_target || is_idempotent(plan.write.kind)) return {};
        auto empty = is_target_empty(plan);
        if (!empty) return empty.error();
        if (!*empty) {
            const std::string why =
                starts_over ? "a copy that starts over needs it empty" : "holds no checkpoint of this copy";
            return refusal("the target's table " + plan.target.name + " in " + names_.target + " is not empty, and " +
                           why + ": empty it, or choose the write mode upsert, replace or skip-existing");
        }
        return {};
    }

    result<bool> is_target_empty(const copy_plan& plan) {
        auto empty = target_.run("check for rows", [&](target_connection& c) { return c.is_empty(plan.target); });
        if (!empty) return on_target(empty.error());
        return empty;
    }

    result<void> resume(copy_plan& plan, checkpoint& found) {
        const std::string start_over = "start over without resuming, into an empty target table";
        if (found.definition != plan.entry.definition) {
            return refusal("the checkpoint of this copy (" + found.title +
                           ") was made for another definition: it was \"" + found.definition + "\", and is \"" +
                           plan.entry.definition + "\" now: " + start_over);
        }
        if (found.rows > 0) {
            auto empty = is_target_empty(plan);
            if (!empty) return empty.error();
            if (*empty) {
                return refusal("the checkpoint of this copy says that " + std::to_string(found.rows) +
                               " rows were committed, but the target's table " + plan.target.name + " in " +
                               names_.target + " is empty: " + start_over);
            }
        }
        if (found.rows == 0 && !is_idempotent(plan.write.kind)) {
            auto empty = is_target_empty(plan);
            if (!empty) return empty.error();
            if (!*empty) {
                return refusal("the checkpoint of this copy says that no row was committed, but the target's table " +
                               plan.target.name + " in " + names_.target +
                               " is not empty: empty it, or choose the write "
                               "mode upsert, replace or skip-existing");
            }
        }
        const std::string run = std::move(plan.entry.run);
        plan.entry = std::move(found);
        plan.entry.run = run;
        plan.resumed = true;
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
        if (pages_.lag > std::chrono::seconds::zero() && !is_idempotent(plan.write.kind)) {
            return refusal("a lag reads rows again that were copied before: it needs the write mode upsert, replace or "
                           "skip-existing");
        }
        std::optional<std::string> last;
        if (pages_.after && plan.entry.last_key.empty()) {
            plan.start.from = page_bound{{pages_.after}, false};
            plan.entry.last_key.clear();
        } else if (!plan.entry.last_key.empty()) {
            last = plan.entry.last_key.front();
        } else if (!request_.truncate_target) { // an emptied target has no last value
            auto found = largest(target_, plan.target, plan.target.find(watermark.name).value_or(0));
            if (!found) return on_target(found.error());
            last = *found;
        }
        if (last && (plan.entry.last_key.empty() || pages_.lag > std::chrono::seconds::zero())) {
            auto from = before_lag(watermark, *last, pages_.lag);
            if (!from) return from.error();
            if (*from) plan.start.from = page_bound{{*from}, true};
            plan.from_first_row = !*from;
            plan.entry.last_key.clear();
        }
        auto upper = largest(source_, plan.source, index);
        if (!upper) return on_source(upper.error());
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
    template <class Manager>
    static result<value> largest(Manager& manager, const table_schema& table, std::size_t column) {
        using connection = typename Manager::connection_type;
        return manager.run("find maximum", [&](connection& c) { return c.maximum(table, column); });
    }

    result<void> count(copy_plan& plan) {
        auto counted = [&](const count_request& what) {
            return source_.run("count", [&](source_connection& c) { return c.count(what); });
        };
        count_request what;
        what.table = &plan.source;
        what.limit = request_.count_limit;
        if constexpr (IncrementalPagination<Pagination>) {
            const std::size_t watermark = plan.order.parts.front().column;
            if (plan.source.columns[watermark].nullable) {
                count_request nulls = what;
                nulls.null_in = watermark;
                auto n = counted(nulls);
                if (!n) return on_source(n.error());
                plan.null_watermarks = n->value_or(0);
                if (!*n || plan.null_watermarks > 0) {
                    const bool one = plan.null_watermarks == 1;
                    plan.notices.push_back((*n ? std::to_string(**n) : std::string("an unknown number of")) +
                                           (one ? " row of table " : " rows of table ") + plan.source.name +
                                           (one ? " is NULL in " : " are NULL in ") +
                                           plan.source.columns[watermark].name + " and never " +
                                           (one ? "comes" : "come") + " in an incremental copy");
                }
            }
        }
        if (!request_.count_rows) return {};
        page_cursor cursor = plan.start;
        cursor.last_key = plan.entry.last_key;
        cursor.rows = plan.entry.rows;
        const page_request rest = pages_.next(plan.order, cursor, {});
        what.order = rest.order;
        what.after = rest.after;
        what.up_to = rest.up_to;
        auto n = counted(what);
        if (!n) return on_source(n.error());
        if (*n) plan.expected_rows = plan.nothing_to_do ? 0 : **n - std::min(**n, rest.offset);
        return {};
    }

    SourceManager& source_;
    TargetManager& target_;
    const Pagination& pages_;
    copy_request request_;
    const both_identities& names_;
};

} // namespace detail

} // namespace v0
} // namespace rowferry

#endif
