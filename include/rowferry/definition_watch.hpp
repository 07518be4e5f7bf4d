// SPDX-License-Identifier: BSL-1.0
// Notices that a table's definition changed while it is copied, on either side, and says what.
#ifndef ROWFERRY_DEFINITION_WATCH_HPP
#define ROWFERRY_DEFINITION_WATCH_HPP

#include <rowferry/connection.hpp>
#include <rowferry/consistency.hpp>
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
/// failed, and before the last commit. The managers, the plan and the environment outlive it.
template <class SourceManager, class TargetManager, class Environment>
class definition_watch {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    static constexpr duration interval = std::chrono::seconds(10);

public:
    definition_watch(const copy_plan& plan, SourceManager& source, TargetManager& target, Environment& environment)
        : plan_(plan), source_(source), target_(target), environment_(environment), looked_at_(environment.now()) {
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
            if (auto r = check_source(); !r) return r;
        }
        if (is_due || target_.stats().connects != target_connects_) {
            if (auto r = check_target(); !r) return r;
        }
        if (is_due) looked_at_ = environment_.now();
        return {};
    }

    /// Asked after the last page was read: no row came under another definition.
    result<void> check_source() {
        auto found = source_.run("describe", [&](source_connection& c) { return c.describe(plan_.source.name); });
        source_connects_ = source_.stats().connects;
        if (!found) return placed(found.error(), "source", plan_.source.name);
        return compare("source", plan_.source, *found, of_source_);
    }
    result<void> check_target() {
        auto found = target_.run("describe", [&](target_connection& c) { return c.describe(plan_.target.name); });
        target_connects_ = target_.stats().connects;
        if (!found) return placed(found.error(), "target", plan_.target.name);
        return compare("target", plan_.target, *found, of_target_);
    }
    /// Asked inside the last transaction: the server lets nobody change a table that it has written to.
    result<void> check_target(target_connection& c) {
        auto found = c.describe(plan_.target.name);
        if (!found) return found.error();
        return compare("target", plan_.target, *found, of_target_);
    }

    /// The error of a copy, with what changed as its message if a definition did: a better reason than, say, an unknown
    /// column. In a snapshot the source is as it was, and asking it could only find that the snapshot is lost by now.
    error explained(error e) {
        if (is_retryable(e.fault) || e.cause == cause::lost_batches || e.cause == cause::another_server) return e;
        if (plan_.consistency == consistency::each_page && explains(e, check_source())) return e;
        (void)explains(e, check_target());
        return e;
    }

private:
    /// Whether a check found a change, which is then the error's message and cause.
    static bool explains(error& e, result<void> same) {
        if (same || same.error().cause != cause::definition_changed || same.error().code != 0) return false;
        e.message = std::move(same.error().message);
        e.cause = cause::definition_changed;
        e.remedies = std::move(same.error().remedies);
        return true;
    }

    static error placed(error e, std::string_view side, const std::string& table) {
        e.where = std::string(side) + ", table " + table;
        return e;
    }
    static result<void> compare(std::string_view side, const table_schema& was, const std::optional<table_schema>& is,
                                const watched_parts& watched) {
        const std::string changes = is ? schema_changes(was, *is, watched) : "the table is gone";
        if (changes.empty()) return {};
        error e =
            refusal("the definition of the table changed on the " + std::string(side) + " during the copy: " + changes,
                    {remedy{remedy::start_over_into_empty}});
        e.cause = cause::definition_changed;
        return placed(std::move(e), side, was.name);
    }

    const copy_plan& plan_;
    SourceManager& source_;
    TargetManager& target_;
    Environment& environment_;
    watched_parts of_source_;
    watched_parts of_target_;
    time_point looked_at_;
    std::uint64_t source_connects_ = 0;
    std::uint64_t target_connects_ = 0;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
