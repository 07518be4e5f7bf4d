// SPDX-License-Identifier: BSL-1.0
// Makes the plan of a copy: one decision a function, and the sentence for each that cannot be made.
#ifndef ROWFERRY_PLANNER_HPP
#define ROWFERRY_PLANNER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/column_choice.hpp>
#include <rowferry/computing.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/growth_rules.hpp>
#include <rowferry/incremental.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/replica_log.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_counter.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/shared_snapshot.hpp>
#include <rowferry/snapshot_rules.hpp>
#include <rowferry/starting_point.hpp>
#include <rowferry/table.hpp>
#include <rowferry/transformation.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_rules.hpp>
#include <rowferry/write_way.hpp>
#include <rowferry/zone_rules.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// The connection that a target compares servers with: a source's own, or the one that holds its snapshot, or whose rows it
/// transforms. None when the snapshot is lost.
template <class C>
auto* end_of(C& source) {
    if constexpr (is_snapshot_connection<C> || TransformsRows<C>) {
        auto* inner = source.underlying();
        return inner == nullptr ? nullptr : end_of(*inner);
    } else {
        return &source;
    }
}

/// Makes a plan, one decision a function; all of them read and none writes.
template <class SourceManager, class TargetManager, class Pagination>
class planner {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    using source_end = std::remove_pointer_t<decltype(end_of(std::declval<source_connection&>()))>;
    static constexpr bool creates_tables = ShowsDefinition<source_connection> && CreatesTables<target_connection>;

public:
    planner(SourceManager& source, TargetManager& target, const Pagination& pages, const copy_request& request,
            const both_identities& names)
        : ends_{source, target, pages, request, names} {
        if (request.target_table.empty()) ends_.request.target_table = request.table;
    }

    template <class Consistency>
    result<copy_plan> make(write_kind kind, bool stores_checkpoint, const Consistency& moment,
                           bool several_writers = false, bool only_planned = false) {
        copy_plan plan;
        if (Consistency::takes_snapshot) plan.consistency = consistency::one_snapshot;
        if (auto r = check_request(); !r) return r.error();
        if (auto r = describe_both(plan); !r) return r.error();
        if (auto r = check_transformation(plan); !r) return r.error();
        if (auto r = choose_columns(plan); !r) return r.error();
        if (auto r = check_zone(ends_.source, ends_.target, plan); !r) return r.error();
        if (auto r = choose_rows(plan); !r) return r.error();
        if (auto r = check_size(plan); !r) return r.error();
        if (auto r = choose_route(plan); !r) return r.error();
        if (auto r = choose_write(plan, ends_.request, kind); !r) return r.error();
        if (auto r = choose_way(plan, several_writers); !r) return r.error();
        if constexpr (Consistency::takes_snapshot) {
            if (auto r = check_snapshot(plan, moment); !r) return r.error();
        }
        if (auto r = check_rights(plan, stores_checkpoint, only_planned); !r) return r.error();
        if (auto r = check_log(ends_.target, plan.target, plan.write, plan.notices); !r) {
            return ends_.on_target(r.error());
        }
        if (auto r = starting_point(ends_).find(plan, stores_checkpoint); !r) return r.error();
        if (auto r = check_growth<decltype(ends_), source_connection>(ends_, plan); !r) return r.error();
        if constexpr (CountsRows<source_connection>) {
            if (auto r = row_counter(ends_).count(plan); !r) return r.error();
        }
        return plan;
    }

private:
    [[nodiscard]] result<void> check_request() const {
        if (ends_.request.truncate_target && !TruncatesTables<target_connection>) {
            return refusal("this target cannot truncate tables: its connection lacks `truncate`");
        }
        if (ends_.request.create_target && !creates_tables) {
            return refusal("the target table cannot be created: the source's connection lacks `definition`, or the "
                           "target's lacks `adapt` and `create_table`");
        }
        if (ends_.request.one_server && !CopiesServerSide<target_connection, source_end>) {
            return refusal("nothing can be copied inside one server: the target's connection lacks `copy_page`");
        }
        if (ends_.request.count_rows && !CountsRows<source_connection>) {
            return refusal("this source cannot count rows: its connection lacks `count`");
        }
        if (ends_.request.way != write_way::automatic && !ChoosesWriteWay<target_connection>) {
            return refusal("this target cannot be told how to write (" + std::string(name(ends_.request.way)) +
                           "): its connection lacks `choose_write_way`");
        }
        if (!ends_.request.where.empty() && !ChecksFilters<source_connection>) {
            return refusal("this source cannot filter rows: its connection lacks `check_filter`");
        }
        return {};
    }

    result<void> describe_both(copy_plan& plan) {
        auto source = ends_.source.run("describe", [&](source_connection& c) {
            if constexpr (TransformsRows<source_connection>) plan.transformation = c.transformation();
            return c.describe(ends_.request.table);
        });
        if (!source) return ends_.on_source(source.error());
        if (!*source) {
            error e = refusal("the source " + ends_.names.source + " has no table " + ends_.request.table);
            e.cause = cause::missing_table;
            return e;
        }
        plan.source = std::move(**source);
        std::vector<std::string> notices;
        auto settings = choose_settings(ends_.source, ends_.target, plan.source, ends_.request.target_table, notices,
                                        ends_.request.computes);
        if (!settings) return settings.error();
        plan.write.settings = std::move(settings->values);
        plan.reopens_target = settings->differ;
        auto target =
            ends_.target.run("describe", [&](target_connection& c) { return c.describe(ends_.request.target_table); });
        if (!target) return ends_.on_target(target.error());
        if (*target) {
            plan.target = std::move(**target);
            if (auto r = find_used_changes(plan); !r) return r;
        } else if (!ends_.request.create_target) {
            return refusal("the target " + ends_.names.target + " has no table " + ends_.request.target_table,
                           {remedy{remedy::create_target}, remedy{remedy::create_by_hand}});
        } else if (auto r = design_target(plan); !r) {
            return r;
        }
        for (const table_schema* table : {&plan.source, &plan.target}) {
            if (!table->is_base_table)
                return refusal(table->name + " is " + table->kind_name + ": only tables are copied");
        }
        if (plan.source.rows != row_home::own) {
            if (ends_.request.truncate_target) {
                return refusal("table " + plan.source.name + " of the source uses the engine " + plan.source.engine +
                               std::string(home_clause(plan.source.rows)) +
                               ": it may show the target's own rows, so the target is not emptied. If it does not, "
                               "empty the target yourself");
            }
            plan.notices.push_back("table " + plan.source.name + " uses the engine " + plan.source.engine +
                                   std::string(home_clause(plan.source.rows)) +
                                   ": what it shows is copied, and no key of it tells rows apart");
        }
        plan.notices.insert(plan.notices.end(), notices.begin(), notices.end());
        if (plan.source.system_versioned) {
            plan.notices.push_back("table " + plan.source.name +
                                   " is system-versioned: its current rows are copied, its history is not");
        }
        return {};
    }

    [[nodiscard]] static result<void> check_transformation(const copy_plan& plan) {
        if (!TransformsRows<source_connection>) return {};
        const std::string fault = name_fault(plan.transformation);
        if (fault.empty()) return {};
        return refusal("the transformation of the rows of table " + plan.source.name + " needs another name: " + fault);
    }

    /// The source's definition as the target would hold it.
    result<new_table> adapt_definition(const copy_plan& plan) {
        auto shown =
            ends_.source.run("show definition", [&](source_connection& c) { return c.definition(plan.source); });
        if (!shown) return ends_.on_source(shown.error());
        auto adapted = ends_.target.run("adapt definition", [&](target_connection& c) {
            return c.adapt(*shown, ends_.request.target_table, ends_.request.changes);
        });
        if (!adapted) return ends_.on_target(adapted.error());
        return adapted;
    }

    /// What the missing target table will be, by the source's definition.
    result<void> design_target(copy_plan& plan) {
        if constexpr (creates_tables) {
            if (!plan.source.is_base_table) return {};
            auto adapted = adapt_definition(plan);
            if (!adapted) return adapted.error();
            plan.target = adapted->schema;
            plan.notices = adapted->notices;
            plan.used_changes = adapted->used;
            plan.creates = std::move(*adapted);
        }
        return {};
    }
    /// A table that is there, as of an earlier run, was created with changes, too.
    result<void> find_used_changes(copy_plan& plan) {
        if constexpr (creates_tables) {
            const bool has_changes = ends_.request.create_target && !ends_.request.changes.empty();
            if (!has_changes || !plan.source.is_base_table) return {};
            auto adapted = adapt_definition(plan);
            if (adapted) plan.used_changes = std::move(adapted->used);
            if (!adapted && is_retryable(adapted.error().fault)) return adapted.error();
        }
        return {};
    }

    result<void> choose_columns(copy_plan& plan) {
        const bool chosen = !ends_.request.columns.empty();
        auto matched = chosen ? match_columns(plan.source, plan.target, ends_.request.columns)
                              : match_columns(plan.source, plan.target);
        if (!matched) return matched.error();
        plan.columns = std::move(*matched);
        agree_on_members(plan.source, plan.target, plan.columns);
        plan.has_chosen_columns = chosen;
        plan.accepts_triggers = ends_.request.accept_triggers;
        if (!chosen) {
            for (const column& from : plan.source.columns) note_computed(plan, from);
        }
        for (const column& to : plan.target.columns) {
            if (!to.numbers_rows || plan.source.find(to.name)) continue;
            plan.notices.push_back("the target's server has given table " + plan.target.name + " a key of its own, " +
                                   to.name + ", which the source lacks: it numbers rows as they come");
        }
        if (auto r = choose_order(plan); !r) return r;
        if (auto r = order_by_growth(plan, !IncrementalPagination<Pagination>); !r) return r;
        if (TransformsRows<source_connection> && plan.source.is_computed(plan.order.parts)) {
            return refusal(
                "table " + plan.source.name +
                " would be copied in the order of a generated column, and the transformation may change what "
                "it is computed from: choose an order by stored columns");
        }
        plan.read_columns = plan.columns.source;
        note_costly_order(plan);
        for (const key_part& part : plan.order.parts) {
            if (const std::string why = order_trouble(plan.source.columns[part.column]); !why.empty()) {
                return refusal("table " + plan.source.name + " cannot be copied in this order: " + why);
            }
            std::vector<std::size_t>& read = plan.read_columns;
            const auto cell = std::find(read.begin(), read.end(), part.column);
            plan.order_cells.push_back(static_cast<std::size_t>(cell - read.begin()));
            if (cell == read.end()) read.push_back(part.column);
        }
        if (TransformsRows<source_connection>)
            plan.read_columns = with_all_stored(plan.source, std::move(plan.read_columns));
        return {};
    }

    /// A table without a key is streamed, if that is wanted; an incremental copy needs one.
    result<void> choose_order(copy_plan& plan) {
        auto order = ends_.pages.order(plan.source);
        if (order) {
            plan.order = std::move(*order);
            return {};
        }
        if (IncrementalPagination<Pagination> || key_order(plan.source).has_value()) return order.error();
        if (choose_nullable_key(plan)) return {};
        if (!ends_.request.keyless) {
            error e = std::move(order.error());
            if (!can_stream<source_connection>) return e;
            e.remedies.push_back(remedy{remedy::allow_keyless});
            return e;
        }
        if (!can_stream<source_connection>) {
            return refusal("table " + plan.source.name +
                           " has no key, and this source cannot stream rows: its connection lacks `stream`");
        }
        plan.streams = true;
        plan.notices.push_back("table " + plan.source.name +
                               " has no key that can order pages: it is copied in one transaction, which begins again "
                               "with the first row after a failure");
        return {};
    }

    /// A unique key that may be NULL orders all rows but those with a NULL in it.
    static bool choose_nullable_key(copy_plan& plan) {
        if (!can_stream<source_connection>) return false;
        const key* chosen = preferred_key(plan.source, plan.source.nullable_keys);
        if (chosen == nullptr) return false;
        plan.order = {chosen->parts, chosen->name};
        for (const key_part& part : chosen->parts) {
            if (plan.source.columns[part.column].nullable) plan.nullable.push_back(part.column);
        }
        plan.notices.push_back("key " + chosen->name + " of table " + plan.source.name +
                               " may be NULL: the rows with a NULL in it come at the end, in one transaction that "
                               "begins again with their first one after a failure");
        return true;
    }

    /// The source's server has to understand the filter before anything else is given it.
    result<void> choose_rows(copy_plan& plan) {
        if constexpr (ChecksFilters<source_connection>) {
            const std::string& filter = ends_.request.where;
            if (filter.empty()) return {};
            auto checked = ends_.source.run("check filter",
                                            [&](source_connection& c) { return c.check_filter(plan.source, filter); });
            if (!checked) return ends_.on_source(checked.error());
            plan.filter = filter;
        }
        return {};
    }

    static void note_costly_order(copy_plan& plan) {
        if (plan.source.is_found_by_index(plan.order.parts) || is_single_transaction<Pagination>) return;
        plan.notices.push_back("table " + plan.source.name + " is paged by " +
                               (plan.order.index.empty() ? std::string() : "key " + plan.order.index + ", ") +
                               "over a SET or the beginning of a column, by which no index finds a page: each page "
                               "reads the whole table; for a large one choose larger batches");
    }

    /// The servers may spell one expression in two ways, so that a difference is no more than a notice.
    static void note_computed(copy_plan& plan, const column& from) {
        const auto found = plan.target.find(from.name);
        if (!from.generated || !found || plan.target.columns[*found].expression == from.expression) return;
        plan.notices.push_back("column " + from.name + " of table " + plan.source.name +
                               " is computed by each server: as " + from.expression + " in the source, and as " +
                               plan.target.columns[*found].expression + " in the target");
    }

    /// Estimates are coarse: only what is far beyond a page without a limit of rows is refused here already.
    [[nodiscard]] result<void> check_size(const copy_plan& plan) const {
        const page_request first = ends_.pages.next(plan.order, {}, {});
        const bool is_whole_table = first.max_rows == 0 && first.max_bytes > 0 && plan.filter.empty();
        if (!is_whole_table || plan.source.estimated_bytes / 4 <= first.max_bytes) return {};
        return ends_.on_source(too_large_for_one_page(first.max_bytes));
    }

    result<void> choose_route(copy_plan& plan) {
        if constexpr (ComparesServers<target_connection, source_end>) {
            auto same = compare_servers(plan);
            if (!same) return same.error();
            if (*same == servers::two && ends_.request.one_server) return two_servers();
            if (*same == servers::two) return {};
            if (*same == servers::one_and_one_database && plan.source.name == plan.target.name) return same_table(plan);
            const std::string_view why_across = reason_to_go_across(plan);
            if (!why_across.empty()) {
                if (ends_.request.one_server) note_across(plan, why_across);
            } else if (is_said_to_be_one_server()) {
                plan.route = rowferry::route::server_side;
            } else {
                note_two_addresses(plan);
            }
        } else if (ends_.names.source == ends_.names.target && plan.source.name == plan.target.name) {
            return same_table(plan);
        }
        return {};
    }
    /// Why rows go across, also between two databases of one server; empty when they do not have to.
    [[nodiscard]] std::string_view reason_to_go_across(const copy_plan& plan) const {
        if (!ends_.request.server_side) return "server_side is false";
        if (TransformsRows<source_connection>) return "a transformation changes them";
        if (!CopiesServerSide<target_connection, source_end>) return "the source's connection has a `read` of its own";
        // A statement in the target's connection would not read the source's snapshot.
        if (plan.consistency != consistency::each_page) return "they are read from a snapshot";
        // A filter may name tables and functions of the source's database; the target's connection has another one.
        if (!plan.filter.empty()) return "a filter chooses them";
        if (plan.streams) return "the table has no key to page by";
        return {};
    }
    static void note_across(copy_plan& plan, std::string_view why) {
        plan.notices.push_back(
            "the rows of table " + plan.source.name +
            " are read and written through this program although source and target are one server: " +
            std::string(why));
    }
    /// By what the user said: a hostile source can forge every answer.
    [[nodiscard]] bool is_said_to_be_one_server() const {
        const bool is_one_address =
            !ends_.names.source_server.empty() && ends_.names.source_server == ends_.names.target_server;
        return is_one_address || ends_.request.one_server;
    }
    void note_two_addresses(copy_plan& plan) const {
        plan.notices.push_back("source and target seem to be one server, and their addresses differ: table " +
                               plan.source.name +
                               " is read and written through this program; if you know that they "
                               "are one server, declare it, and the rows are copied inside it");
    }
    [[nodiscard]] error two_servers() const {
        error e = refusal("source and target are not one server, which the request says: source " + ends_.names.source +
                          ", target " + ends_.names.target);
        e.cause = cause::another_server;
        return e;
    }

    enum class servers : std::uint8_t { two, one, one_and_one_database };
    /// Needs a connection of each side at once. Each side tries its own failures again, and not the other's.
    result<servers> compare_servers(copy_plan& plan) {
        constexpr std::string_view operation = "compare servers";
        std::optional<result<servers>> answer;
        auto asked = ends_.source.run(operation, [&](source_connection& s) -> result<void> {
            source_end* end = end_of(s);
            if (end == nullptr) return s.ping();
            plan.source_database = end->database();
            result<void> from_source;
            answer = ends_.target.run(operation, [&](target_connection& t) -> result<servers> {
                auto same = t.is_same_server(*end);
                if (!same && needs_fresh_connection(same.error().fault)) from_source = s.ping();
                if (!from_source) return servers::two;
                if (!same) return std::move(same.error());
                return !*same ? servers::two : t.is_same_database(*end) ? servers::one_and_one_database : servers::one;
            });
            return from_source;
        });
        if (!asked) return ends_.on_source(asked.error());
        if (!*answer) return ends_.on_target(answer->error());
        return *answer;
    }
    [[nodiscard]] error same_table(const copy_plan& plan) const {
        return refusal("source and target are the same table: " + plan.source.name + " in " + ends_.names.target);
    }

    /// Inside a server no row is sent, and there is nothing to choose.
    result<void> choose_way(copy_plan& plan, [[maybe_unused]] bool several_writers) {
        if (plan.target.grows) several_writers = false; // one worker writes them
        if (plan.route == rowferry::route::server_side) return several_writers ? note_waits(plan) : result<void>();
        if constexpr (ChoosesWriteWay<target_connection>) {
            write_request wanted = plan.write;
            wanted.table = &plan.target;
            wanted.way = ends_.request.way;
            auto chosen = ends_.target.run(
                "choose write way", [&](target_connection& c) { return c.choose_write_way(wanted, several_writers); });
            if (!chosen) return ends_.on_target(chosen.error());
            plan.write.way = *chosen;
            plan.write.may_change_way = wanted.way == write_way::automatic;
        }
        return {};
    }

    /// This is unknown for a table that is still to be created; the plan is made again when it was.
    result<void> note_waits(copy_plan& plan) {
        if (plan.creates) return {};
        if constexpr (SerializesCopies<target_connection>) {
            auto waits = ends_.target.run("choose write way",
                                          [&](target_connection& c) { return c.serializes_copies(plan.target); });
            if (!waits) return ends_.on_target(waits.error());
            if (!*waits) return {};
            plan.notices.push_back(
                "inside the server the workers write one after another: each statement holds the lock of " +
                plan.target.name +
                "'s AUTO_INCREMENT column until its end, unless the server runs with innodb_autoinc_lock_mode = 2");
        }
        return {};
    }

    /// What a missing right would stop in the middle is asked for before anything is changed.
    result<void> check_rights(const copy_plan& plan, bool stores_checkpoint, bool only_planned) {
        if constexpr (ChecksRights<target_connection>) {
            target_needs needs;
            needs.write = plan.write;
            needs.write.table = &plan.target;
            needs.write.columns = plan.columns.target;
            needs.empties = ends_.request.truncate_target;
            needs.only_planned = only_planned;
            needs.stores = stores_checkpoint;
            needs.forgets = stores_checkpoint && (needs.empties || !is_idempotent(plan.write.kind));
            if (plan.route == rowferry::route::server_side) {
                needs.source_database = plan.source_database;
                needs.source = &plan.source;
                needs.source_columns = plan.read_columns;
            }
            auto checked =
                ends_.target.run("check rights", [&](target_connection& c) { return c.check_rights(needs); });
            if (!checked) return ends_.on_target(checked.error());
        }
        return {};
    }

    template <class Consistency>
    result<void> check_snapshot(const copy_plan& plan, const Consistency& moment) {
        if (auto r = check_snapshot_engine(plan.source); !r) return r;
        if (moment.when_lost == when_lost::start_over) {
            auto r = check_start_over(plan, ends_.request, TruncatesTables<target_connection>,
                                      IncrementalPagination<Pagination>);
            if (!r) return r;
        }
        if (plan.write.kind != write_kind::skip_existing || ends_.request.truncate_target) return {};
        auto empty = ends_.is_target_empty(plan);
        if (!empty) return empty.error();
        if (*empty) return {};
        return refusal("the target's table " + plan.target.name + " in " + ends_.names.target +
                           " is not empty, and write mode skip-existing would keep its rows, which are not of the "
                           "snapshot",
                       {remedy{remedy::empty_target}, remedy{remedy::choose_write_mode, "", "upsert or replace"}});
    }

    plan_ends<SourceManager, TargetManager, Pagination> ends_;
};

} // namespace detail

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
