// SPDX-License-Identifier: BSL-1.0
// Copies the rows again that differ, and deletes those that only the target has: exactly the ones that were named.
#ifndef ROWFERRY_VERIFY_REPAIRER_HPP
#define ROWFERRY_VERIFY_REPAIRER_HPP

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_change.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/difference.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/plan.hpp>
#include <rowferry/verify/report.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Why a target cannot be repaired as asked; none when it can.
inline result<void> check_repair(const verify_plan& plan, const verify_request& request) {
    if (!request.repair) return {};
    if (!plan.named) return {}; // said when there is something to repair
    if (!plan.target.transactional) {
        return refusal("the target's table " + plan.target.name + " uses the engine " + plan.target.engine +
                       ", which has no transactions, so that a row which cannot be copied again would be deleted and "
                       "lost: alter it to InnoDB, or copy the table again with the write mode upsert");
    }
    std::string names;
    for (const trigger& t : plan.target.triggers) {
        if (t.event == "INSERT" || t.event == "DELETE") names += (names.empty() ? "" : ", ") + t.name;
    }
    if (names.empty() || request.accept_triggers) return {};
    return refusal("the target's table " + plan.target.name + " has triggers that a repair would set off (" + names +
                   "), so that a row might not arrive unchanged: drop them for the repair, or accept triggers");
}

/// Repairs one target table. A row that is copied again is deleted and inserted in one transaction, so that no other row
/// is touched through a second unique key; a transaction that is tried again does the same once more.
template <class SourceManager, class TargetManager>
class repairer {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;

public:
    repairer(const verify_plan& plan, SourceManager& source, TargetManager& target) : source_(source), target_(target) {
        if (const double row = plan.source.estimated_row_bytes(); row > 0) {
            step_ = static_cast<std::size_t>(std::clamp(double(most_bytes) / row, 1.0, double(most_keys)));
        }
        from_.table = &plan.source;
        from_.columns = plan.columns.source;
        from_.order = plan.on_source.order;
        from_.max_bytes = most_bytes;
        for (const key_part& part : from_.order) {
            const auto cell = std::find(from_.columns.begin(), from_.columns.end(), part.column);
            key_cells_.push_back(static_cast<std::size_t>(cell - from_.columns.begin()));
        }
        to_.table = &plan.target;
        to_.order = plan.on_target.order;
        write_.table = &plan.target;
        write_.columns = plan.columns.target;
        write_.key_name = plan.target_key;
    }

    /// Copies the source's rows with these keys again. Rows that have left the source since are left alone; what the target
    /// refuses is found by bisection, and does not keep the others from being copied.
    result<void> copy_again(const std::vector<key_values>& keys) {
        refused_.clear();
        for (std::size_t first = 0; first < keys.size(); first += step_) {
            if (auto r = copy_some(slice(keys, first, step_)); !r) return r;
        }
        if (refused_.empty()) return {};
        // A value that a unique key of the target holds for one of them may be free when all of them are written at once.
        const std::vector<key_values> all = std::move(refused_);
        if (all.size() > 1 && all.size() <= step_ && copy_at_once(all)) return {};
        constexpr std::size_t most_named = 5;
        why_refused_.where = all.size() == 1 ? "row " : "rows ";
        for (std::size_t i = 0; i < std::min(all.size(), most_named); ++i)
            why_refused_.where += (i == 0 ? "" : ", ") + to_string(all[i]);
        if (all.size() > most_named) why_refused_.where += " and " + std::to_string(all.size() - most_named) + " more";
        return why_refused_;
    }

    /// Deletes the target's rows with these keys.
    result<void> remove(const std::vector<key_values>& keys) {
        if (keys.empty()) return {};
        if (auto r = ask_source("describe", [](source_connection&) { return result<void>(); }); !r) return r;
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            const std::vector<key_values> step = slice(keys, first, most_keys);
            auto done = transact("remove rows", [&](target_connection& c) { return remove_keys(c, step); });
            if (!done) return done;
        }
        return {};
    }

private:
    static constexpr std::size_t most_keys = 200;           // of one statement
    static constexpr std::uint64_t most_bytes = 16U << 20U; // of rows in memory, but for one that is larger by itself

    static std::vector<key_values> slice(const std::vector<key_values>& keys, std::size_t first, std::size_t count) {
        const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
        return {begin, begin + static_cast<std::ptrdiff_t>(std::min(count, keys.size() - first))};
    }

    /// Copies the rows, in halves where there are more than fit or the target refuses them; only what may pass by itself is an error.
    result<void> copy_some(const std::vector<key_values>& keys) {
        auto done = copy_at_once(keys);
        if (done || definition_changed_) return done;
        const fault met = done.error().fault;
        if (met == fault::batch_too_large) target_.disconnect(); // servers close it after a packet that is too large
        if (met != fault::batch_too_large && is_retryable(met)) return done;
        if (keys.size() == 1) {
            refused_.push_back(keys.front());
            why_refused_ = std::move(done.error());
            return {};
        }
        const std::size_t half = keys.size() / 2;
        if (auto r = copy_some(slice(keys, 0, half)); !r) return r;
        return copy_some(slice(keys, half, keys.size()));
    }

    result<void> copy_at_once(const std::vector<key_values>& keys) {
        from_.keys = keys;
        row_batch rows;
        auto found = ask_source("find rows", [&](source_connection& c) { return c.find_rows(from_, rows); });
        if (!found) return found;
        if (rows.empty()) return {};
        if (rows.truncated()) return too_many();
        std::vector<key_values> present;
        for (const row_view row : rows) present.push_back(key_of(row));
        return transact("repair", [&](target_connection& c) -> result<void> {
            if (auto r = remove_keys(c, present); !r) return r;
            auto written = c.write(write_, rows);
            if (!written) return std::move(written.error());
            return {};
        });
    }

    /// Rows are wider than the average that was estimated: fewer of them fit. One always does.
    static error too_many() {
        error e = refusal("the rows to copy again are more than are held in memory at once");
        e.fault = fault::batch_too_large;
        return e;
    }

    result<void> remove_keys(target_connection& c, const std::vector<key_values>& keys) {
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            to_.keys = slice(keys, first, most_keys);
            auto removed = c.remove_rows(to_);
            if (!removed) return std::move(removed.error());
        }
        return {};
    }

    /// Asks the source, with retry, and then whether its definition is still the same: under another one, bytes may mean
    /// something else.
    template <class Work>
    result<void> ask_source(std::string_view operation, Work work) {
        auto asked = source_.run(operation, [&](source_connection& c) -> result<void> {
            if (auto r = work(c); !r) return r;
            return check_definition(c, side::source, *from_.table);
        });
        if (!asked) asked.error().where = "source, table " + from_.table->name;
        return asked;
    }

    /// One transaction, with retry: what it does is the same however often it is done.
    template <class Work>
    result<void> transact(std::string_view operation, Work work) {
        return target_.run(operation, [&](target_connection& c) -> result<void> {
            auto steps = [&]() -> result<void> {
                if (auto r = c.begin(); !r) return r;
                if (auto r = work(c); !r) return r;
                if (auto r = check_definition(c, side::target, *to_.table); !r) return r;
                return c.commit();
            };
            auto done = steps();
            if (done || needs_fresh_connection(done.error().fault)) return done;
            const fault met = done.error().fault;
            const bool is_tried_again = is_retryable(met) && met != fault::batch_too_large;
            if (auto undone = c.rollback(); !undone && is_tried_again) done.error().fault = fault::connection_lost;
            return done;
        });
    }

    /// Under another definition a key may name another row, as where the members of an ENUM have new positions. The server
    /// lets nobody change a table that the open transaction has written to.
    template <class Connection>
    result<void> check_definition(Connection& c, side which, const table_schema& was) {
        auto found = c.describe(was.name);
        if (!found) return found.error();
        const std::string changes = *found ? schema_changes(was, **found, {}) : "the table is gone";
        if (changes.empty()) return {};
        definition_changed_ = true;
        return refusal("the definition of the " + std::string(name(which)) + "'s table " + was.name +
                       " changed meanwhile: " + changes + ": verify again");
    }

    [[nodiscard]] key_values key_of(const row_view& row) const {
        key_values key;
        for (std::size_t cell : key_cells_) key.push_back(row[cell].to_value());
        return key;
    }

    SourceManager& source_;
    TargetManager& target_;
    std::size_t step_ = most_keys; // rows of one transaction
    keyed_rows from_;
    std::vector<std::size_t> key_cells_; // where the key's columns stand in a row that was read
    keyed_rows to_;
    write_request write_;
    std::vector<key_values> refused_;
    error why_refused_;
    bool definition_changed_ = false; // no other row can be repaired then
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif
