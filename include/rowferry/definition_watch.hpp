// SPDX-License-Identifier: BSL-1.0
// Notices that a table's definition changed while it is copied, on either side, and says what; and that the table was
// replaced by another one, or emptied.
#ifndef ROWFERRY_DEFINITION_WATCH_HPP
#define ROWFERRY_DEFINITION_WATCH_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/first_look.hpp>
#include <rowferry/incarnation.hpp>
#include <rowferry/ledger.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_change.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/write_mode.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Compares both tables with the plan's descriptions of them: after a fresh connection, now and then, when something
/// failed, and before the last commit. What it is given outlives it.
template <class SourceManager, class TargetManager, class Environment>
class definition_watch {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    static constexpr duration interval = std::chrono::seconds(10);

public:
    definition_watch(const copy_plan& plan, SourceManager& source, TargetManager& target, Environment& environment,
                     const first_look& begun, const ledger& at)
        : plan_(plan), source_(source), target_(target), environment_(environment), begun_(begun), at_(at),
          looked_at_(environment.now()) {
        if (!plan.order.index.empty()) {
            of_source_.key = plan.order.index;
        } else if (!plan.order.parts.empty()) {
            // An order that is no key's own, as an incremental copy's, tells rows apart by this one.
            if (auto key = key_order(plan.source)) of_source_.key = key->index;
        }
        if (plan.has_chosen_columns) {
            // Which columns a filter goes by only the server knows.
            if (plan.filter.empty()) of_source_.columns = plan.read_columns;
            for (std::size_t i = 0; !plan.filter.empty() && i < plan.source.columns.size(); ++i)
                of_source_.columns.push_back(i);
            of_target_.columns = plan.columns.target;
        }
        const write_kind kind = plan.write.kind;
        if (is_idempotent(kind)) of_target_.key = plan.write.key_name;
        of_target_.unique_indexes = kind == write_kind::upsert || kind == write_kind::replace;
        if (!plan.accepts_triggers) of_target_.triggers = fired_events(kind);
        source_connects_ = source_.stats().connects;
        target_connects_ = target_.stats().connects;
    }

    /// Describes a side again whose connection is a fresh one, and both when that was not done for a while.
    result<void> look() {
        const bool is_due = environment_.now() - looked_at_ >= interval;
        if (is_due || source_.stats().connects != source_connects_) {
            if (auto r = check_source(look_kind::passing); !r) return r;
        }
        if (is_due || target_.stats().connects != target_connects_) {
            if (auto r = check_target(look_kind::passing); !r) return r;
        }
        if (is_due) looked_at_ = environment_.now();
        return {};
    }

    /// Asked after the last page was read: no row came under another definition.
    result<void> check_source(look_kind kind = look_kind::thorough) {
        auto found = source_.run("describe", [&](source_connection& c) { return c.describe(plan_.source.name); });
        source_connects_ = source_.stats().connects;
        if (!found) return placed(found.error(), side::source, plan_.source.name);
        if (!is_there(*found, plan_.source)) return gone(side::source, plan_.source, was_source_dropped());
        if (auto r = compare(side::source, plan_.source, **found, of_source_); !r) return r;
        return check_same_source(kind);
    }
    result<void> check_target(look_kind kind = look_kind::thorough) {
        auto found = target_.run("describe", [&](target_connection& c) -> result<std::optional<table_schema>> {
            if constexpr (ComputesAs<target_connection>) { // before the server opens the table for this session
                if (auto r = c.compute_as(plan_.write.settings); !r) return std::move(r.error());
            }
            return c.describe(plan_.target.name);
        });
        target_connects_ = target_.stats().connects;
        if (!found) return placed(found.error(), side::target, plan_.target.name);
        if (!is_there(*found, plan_.target)) {
            auto rows = target_.run("compare tables", [&](target_connection& c) { return c.is_empty(plan_.target); });
            return gone(side::target, plan_.target, says_dropped(rows));
        }
        if (auto r = compare(side::target, plan_.target, **found, of_target_); !r) return r;
        auto same = target_.run("compare tables", [&](target_connection& c) { return check_same_target(c, kind); });
        if (!same) return placed(same.error(), side::target, plan_.target.name);
        return same;
    }
    /// Asked inside the last transaction: the server does not let other clients change a table that it has written to.
    result<void> check_target(target_connection& c) {
        auto found = c.describe(plan_.target.name);
        if (!found) return found.error();
        if (!is_there(*found, plan_.target)) {
            return gone(side::target, plan_.target, says_dropped(c.is_empty(plan_.target)));
        }
        if (auto r = compare(side::target, plan_.target, **found, of_target_); !r) return r;
        return check_same_target(c, look_kind::thorough);
    }

    /// The error of a copy, with what changed as its message if a definition did: a better reason than, say, an unknown
    /// column. In a snapshot the source is as it was, and asking it could only find that the snapshot is lost by now.
    error explained(error e) {
        if (is_retryable(e.fault) || e.cause == cause::lost_batches || e.cause == cause::another_server) return e;
        if (e.cause == cause::taken_over) return e; // what has changed since is the other run's doing
        // A page that the server had no table for was between two tables of that name.
        const bool was_missing = e.cause == cause::missing_table && e.side == side::source;
        if (plan_.consistency == consistency::each_page) {
            auto same = check_source();
            if (was_missing && (same || same.error().code != 0)) same = gone(side::source, plan_.source, true);
            const bool is_explained = explains(e, std::move(same));
            if (is_explained && was_missing) e.cause = cause::table_replaced;
            if (is_explained) return e;
        }
        (void)explains(e, check_target());
        return e;
    }

private:
    /// Whether the rows copied before and those still to come are of one table.
    result<void> check_same_source(look_kind kind) {
        if (!begun_.source.is_known()) return {};
        key_values last_key = at_.now().last_key; // read from the table that is asked for next, or from an earlier one
        auto is = ask_incarnation(source_, plan_.source, kind);
        if (!is) return placed(is.error(), side::source, plan_.source.name);
        if (!is->is_known()) return {};
        const table_change change = change_between(source_is_.is_known() ? source_is_ : begun_.source, *is);
        bool is_same = change == table_change::none;
        if (change == table_change::rebuilt) {
            auto found = compare_first_rows(source_, plan_, begun_, source_key_);
            if (!found) return placed(found.error(), side::source, plan_.source.name);
            is_same = *found != likeness::other;
            if (*found == likeness::unknown)
                tell_taken_as_same("source", "the rows at which the copy began are deleted");
        }
        source_is_ = std::move(*is);
        if (is_same) source_key_ = std::move(last_key);
        return is_same ? result<void>() : replaced(side::source, plan_.source, change, "at which the copy began");
    }
    result<void> check_same_target(target_connection& c, look_kind kind) {
        if constexpr (TellsIncarnation<target_connection>) {
            if (!begun_.target.is_known()) return {};
            const checkpoint at = at_.now(); // before the question: what was committed then is in that table
            auto is = incarnation_of(c, plan_.target, kind);
            if (!is) return std::move(is.error());
            if (!is->is_known()) return {};
            table_change change = change_between(target_is_.is_known() ? target_is_ : begun_.target, *is);
            bool is_same = change == table_change::none || at.rows == 0; // nothing was committed that it could lack
            if (change == table_change::rebuilt) {
                auto found = compare_first_keys(c, plan_, begun_, target_key_, at.rows);
                if (!found) return std::move(found.error());
                is_same = *found != likeness::other;
                if (*found == likeness::unknown)
                    tell_taken_as_same("target", "its rows cannot be asked for by their key");
            }
            target_is_ = std::move(*is);
            if (is_same) target_key_ = at.last_key;
            if (!is_same) return replaced(side::target, plan_.target, change, "that were committed first");
        }
        return {};
    }
    void tell_taken_as_same(const std::string& side, const std::string& why) {
        environment_.emit(notice{
            plan_.source.name, "the table was rebuilt on the " + side +
                                   ". It is treated as the same table, because nothing shows otherwise (" + why + ")"});
    }
    static error replaced(side which, const table_schema& was, table_change change, std::string_view lost) {
        const std::string how = change == table_change::emptied
                                    ? "it was truncated"
                                    : "it was truncated, or another table has its name now, for none of the rows " +
                                          std::string(lost) + " is there";
        error e = refusal("the table was replaced on the " + std::string(name(which)) + " during the copy: " + how,
                          {remedy{remedy::start_over_into_empty}});
        e.cause = cause::table_replaced;
        return placed(std::move(e), which, was.name);
    }

    /// Whether a check found a change, which is then the error's message and cause.
    static bool explains(error& e, result<void> same) {
        if (same || same.error().code != 0) return false;
        const cause why = same.error().cause;
        if (why != cause::definition_changed && why != cause::table_replaced) return false;
        e.message = std::move(same.error().message);
        e.cause = why;
        e.remedies = std::move(same.error().remedies);
        return true;
    }

    static error placed(error e, side which, const std::string& table) {
        e.side = which;
        e.where = std::string(name(which)) + ", table " + table;
        return e;
    }
    static result<void> compare(side which, const table_schema& was, const table_schema& is,
                                const watched_parts& watched) {
        const std::string changes = schema_changes(was, is, watched);
        if (changes.empty()) return {};
        return changed(which, was, changes, cause::definition_changed);
    }
    /// Whether a description is that of a table. While one is dropped, a server may list it without its engine.
    static bool is_there(const std::optional<table_schema>& is, const table_schema& was) {
        return is && (!is->engine.empty() || was.engine.empty());
    }
    /// Whether a table that the catalog does not list was dropped: the server does not find it either, or finds the next one
    /// of its name. Any other answer may be that it is hidden from the user.
    template <class T>
    static bool says_dropped(const result<T>& rows) {
        return rows || rows.error().cause == cause::missing_table;
    }
    /// The next table of a dropped one's name is another one.
    static error gone(side which, const table_schema& was, bool is_dropped) {
        return changed(which, was, "the table was dropped or renamed",
                       is_dropped ? cause::table_replaced : cause::definition_changed);
    }
    bool was_source_dropped() {
        page_request one;
        one.table = &plan_.source;
        one.columns = {0};
        one.max_rows = 1;
        return says_dropped(read_first_rows(source_, one));
    }
    static error changed(side which, const table_schema& was, const std::string& changes, cause why) {
        error e = refusal("the definition of the table changed on the " + std::string(name(which)) +
                              " during the copy: " + changes,
                          {remedy{remedy::start_over_into_empty}});
        e.cause = why;
        return placed(std::move(e), which, was.name);
    }

    const copy_plan& plan_;
    SourceManager& source_;
    TargetManager& target_;
    Environment& environment_;
    const first_look& begun_;
    const ledger& at_;
    table_incarnation source_is_; // as looked at last; unknown before that
    table_incarnation target_is_;
    // The row that was committed last when a table was known to be the same as before; later ones may be of another table.
    key_values source_key_;
    key_values target_key_;
    watched_parts of_source_;
    watched_parts of_target_;
    time_point looked_at_;
    std::uint64_t source_connects_ = 0;
    std::uint64_t target_connects_ = 0;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
