// SPDX-License-Identifier: BSL-1.0
// Copies the rows again that differ, and deletes those that only the target has: exactly the ones that were named.
#ifndef ROWFERRY_VERIFY_REPAIRER_HPP
#define ROWFERRY_VERIFY_REPAIRER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/result.hpp>
#include <rowferry/row_writing.hpp>
#include <rowferry/schema_change.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/difference.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/plan.hpp>
#include <rowferry/verify/report.hpp>
#include <rowferry/verify/same_table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A notice where the target takes no row again whose value in a growing column is not the largest.
inline void note_growth(verify_plan& plan) {
    if (!plan.target.grows) return;
    const std::vector<std::size_t>& written = plan.columns.target;
    const std::size_t column = plan.target.grows->column;
    if (std::find(written.begin(), written.end(), column) == written.end()) return;
    plan.notices.push_back("table " + plan.target.name + " accepts rows only in ascending order of column " +
                           plan.target.columns[column].name + ": rows below its largest value cannot be repaired");
}

/// Why a target cannot be repaired as asked; none when it can. Notes what the repair may not be able to do.
inline result<void> check_repair(verify_plan& plan, const verify_request& request) {
    if (!request.repair) return {};
    if (!plan.named) return {}; // said when there is something to repair
    note_growth(plan);
    if (!plan.target.transactional) {
        return refusal("the target's table " + plan.target.name + " uses the engine " + plan.target.engine +
                           ", which has no transactions, so that a row which cannot be copied again would be "
                           "deleted and lost",
                       {remedy{remedy::change_engine}, remedy{remedy::copy_again, "", "upsert"}});
    }
    listing names;
    for (const trigger& t : plan.target.triggers) {
        if (t.event == "INSERT" || t.event == "DELETE") names.add(t.name);
    }
    if (names.empty() || request.accept_triggers) return {};
    return refusal("the target's table " + plan.target.name + " has triggers that a repair would set off (" +
                       names.text() + "), so that a row might not arrive unchanged",
                   {remedy{remedy::drop_triggers}, remedy{remedy::accept_triggers}});
}

/// Repairs one target table. A row that is copied again is deleted and inserted in one transaction, so that no other row
/// is touched through a second unique key; a transaction that is tried again does the same once more.
template <class SourceManager, class TargetManager>
class repairer {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;

public:
    repairer(const verify_plan& plan, SourceManager& source, TargetManager& target,
             same_table<SourceManager>& same_source, same_table<TargetManager>& same_target, bool accepts_triggers)
        : source_(source), target_(target), same_source_(same_source), same_target_(same_target) {
        of_source_.key = plan.on_source.index;
        of_target_.key = plan.target_key;
        if (!accepts_triggers) of_target_.triggers = {"INSERT", "DELETE"};
        if (const double row = plan.source.estimated_row_bytes(); row > 0) {
            step_ = static_cast<std::size_t>(std::clamp(double(most_bytes) / row, 1.0, double(most_keys)));
        }
        from_.table = &plan.source;
        from_.columns = plan.columns.source;
        from_.order = plan.on_source.order;
        forms_ = forms_of(plan.source, from_.order);
        from_.max_bytes = most_bytes;
        for (const key_part& part : from_.order) {
            const auto cell = std::find(from_.columns.begin(), from_.columns.end(), part.column);
            key_cells_.push_back(static_cast<std::size_t>(cell - from_.columns.begin()));
            // A generated one, after those that are written.
            if (cell == from_.columns.end()) from_.columns.push_back(part.column);
        }
        to_.table = &plan.target;
        to_.order = plan.on_target.order;
        write_.table = &plan.target;
        write_.columns = plan.columns.target;
        write_.key_name = plan.target_key;
        write_.settings = plan.settings;
    }

    /// Copies the source's rows with these keys again. Rows that have left the source since are left alone; what the target
    /// refuses is found by bisection, and does not keep the others from being copied. A failure that is neither the rows'
    /// nor their size's ends it: fewer rows would meet it too.
    result<void> copy_again(const std::vector<key_values>& keys) {
        refused_.clear();
        rows_done_ = 0;
        for (std::size_t first = 0; first < keys.size(); first += step_) {
            if (auto r = copy_some(slice(keys, first, step_)); !r) return r;
        }
        if (refused_.empty()) return {};
        // A value that a unique key of the target holds for one of them may be free when all of them are written at once.
        std::vector<key_values> all;
        for (const refused_rows& group : refused_) all.insert(all.end(), group.keys.begin(), group.keys.end());
        if (all.size() > 1 && all.size() <= step_ && copy_at_once(all)) return {};
        return why_refused();
    }

    /// Deletes the target's rows with these keys, but for those that the source has by now: `lacking(keys)` gives, as a
    /// result, the keys that it has no row of.
    template <class Lacking>
    result<void> remove(const std::vector<key_values>& keys, Lacking lacking) {
        rows_done_ = 0;
        for (std::size_t first = 0; first < keys.size(); first += most_keys) {
            auto step = lacking(slice(keys, first, most_keys));
            if (!step) return std::move(step.error());
            if (step->empty()) continue;
            if (auto r = ask_source("describe", [](source_connection&) { return result<void>(); }); !r) return r;
            auto done = transact("remove rows", [&](target_connection& c) { return remove_keys(c, *step); });
            if (!done) return done;
            rows_done_ += step->size();
        }
        return {};
    }

    /// How many rows the last `copy_again` or `remove` has committed.
    [[nodiscard]] std::uint64_t rows_done() const { return rows_done_; }

private:
    static constexpr std::size_t most_keys = 200;           // of one statement
    static constexpr std::uint64_t most_bytes = 16U << 20U; // of rows in memory, but for one that is larger by itself

    static std::vector<key_values> slice(const std::vector<key_values>& keys, std::size_t first, std::size_t count) {
        const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
        return {begin, begin + static_cast<std::ptrdiff_t>(std::min(count, keys.size() - first))};
    }

    /// Rows that are refused for one reason.
    struct refused_rows {
        error why;
        std::vector<key_values> keys = {};

        [[nodiscard]] std::string names(const key_forms& forms) const {
            constexpr std::size_t most_named = 5;
            std::string text = keys.size() == 1 ? "row " : "rows ";
            for (std::size_t i = 0; i < std::min(keys.size(), most_named); ++i)
                text += (i == 0 ? "" : ", ") + to_string(keys[i], forms);
            if (keys.size() > most_named) text += " and " + std::to_string(keys.size() - most_named) + " more";
            return text;
        }
    };

    void note_refused(const key_values& row, error why) {
        const auto same = std::find_if(refused_.begin(), refused_.end(), [&why](const refused_rows& group) {
            return group.why.code == why.code && group.why.where == why.where && group.why.message == why.message &&
                   group.why.server_message == why.server_message;
        });
        if (same != refused_.end()) {
            same->keys.push_back(row);
        } else {
            refused_.push_back({std::move(why), {row}});
        }
    }
    /// The error of those rows whose reason there is; with several reasons, one that says each with its rows.
    [[nodiscard]] error why_refused() const {
        if (refused_.size() == 1) {
            error e = refused_.front().why;
            e.where += ", " + refused_.front().names(forms_);
            return e;
        }
        constexpr std::size_t most_reasons = 3;
        std::string all;
        std::size_t others = 0;
        for (std::size_t i = 0; i < refused_.size(); ++i) {
            const refused_rows& group = refused_[i];
            if (i >= most_reasons) {
                others += group.keys.size();
                continue;
            }
            error why = group.why;
            why.where += ", " + group.names(forms_);
            all += (all.empty() ? "" : "; ") + to_string(why);
        }
        if (others > 0) all += "; and " + std::to_string(others) + " more for other reasons";
        return refusal(all);
    }

    /// Copies the rows, in halves where there are more than fit or the target refuses them; what smaller transactions do not
    /// avoid is an error.
    result<void> copy_some(const std::vector<key_values>& keys) {
        auto done = copy_at_once(keys);
        if (done) return done;
        const fault met = done.error().fault;
        if (met == fault::batch_too_large) {
            target_.disconnect(); // servers close it after a packet that is too large
        } else if (met != fault::data) {
            return done;
        }
        if (keys.size() == 1) {
            note_refused(keys.front(), std::move(done.error()));
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
        auto present = keys_asked_for(keys, rows);
        if (!present) return std::move(present.error());
        if (rows.empty()) return {};
        auto done = transact("repair", [&](target_connection& c) -> result<void> {
            if (auto r = remove_keys(c, *present); !r) return r;
            auto written = write_rows(c, write_, rows);
            if (!written) return std::move(written.error());
            return {};
        });
        if (done) rows_done_ += present->size();
        return done;
    }

    /// The keys of the rows that came, which are among those asked for: the target's rows with these keys are replaced.
    ///
    /// The keys asked for are the source's own, in the form in which it gives them again. Where values that are equal can be
    /// spelled in several ways, a row that was respelled meanwhile comes under another key: it is left out, and stays a
    /// difference. Any other key, and any key twice, is an answer to something else.
    result<std::vector<key_values>> keys_asked_for(std::vector<key_values> asked, row_batch& rows) const {
        std::sort(asked.begin(), asked.end());
        std::vector<key_values> came;
        for (const row_view row : rows) came.push_back(key_of(row));
        std::sort(came.begin(), came.end());
        std::vector<key_values> present;
        std::set_intersection(came.begin(), came.end(), asked.begin(), asked.end(), std::back_inserter(present));
        const bool has_others = present.size() < came.size();
        const bool is_one_twice = std::adjacent_find(came.begin(), came.end()) != came.end();
        if (is_one_twice || (has_others && !may_be_respelled())) {
            error e = senseless_answer("find rows", "it gave a row that was not asked for, or a row twice");
            e.side = side::source;
            e.where = "source, table " + from_.table->name;
            return e;
        }
        if (has_others) leave_out_others(rows, present);
        return present;
    }
    /// Leaves only the rows with one of these keys, which are in order.
    void leave_out_others(row_batch& rows, const std::vector<key_values>& wanted) const {
        row_batch left(rows.columns());
        for (const row_view row : rows) {
            if (!std::binary_search(wanted.begin(), wanted.end(), key_of(row))) continue;
            for (std::size_t i = 0; i < row.size(); ++i) left.add(row[i]);
        }
        rows = std::move(left);
    }
    /// Whether texts that differ can be one key to its server, as by a collation.
    [[nodiscard]] bool may_be_respelled() const {
        return std::any_of(from_.order.begin(), from_.order.end(), [this](const key_part& part) {
            const column_kind kind = from_.table->columns[part.column].kind;
            return kind == column_kind::text || kind == column_kind::json || kind == column_kind::other;
        });
    }

    /// Rows are wider than the average that was estimated: fewer of them fit. One always does.
    [[nodiscard]] error too_many() const {
        error e = refusal("the rows to copy again are more than are held in memory at once",
                          "source, table " + from_.table->name);
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

    /// Asks the source, with retry, and then whether it is still the same table with the same definition: under another one,
    /// bytes may mean something else.
    template <class Work>
    result<void> ask_source(std::string_view operation, Work work) {
        auto asked = source_.run(operation, [&](source_connection& c) -> result<void> {
            if (auto r = work(c); !r) return r;
            if (auto r = check_definition(c, side::source, *from_.table); !r) return r;
            return same_source_.check_by(c);
        });
        return explained(source_, side::source, *from_.table, std::move(asked));
    }

    /// One transaction, with retry: what it does is the same however often it is done.
    template <class Work>
    result<void> transact(std::string_view operation, Work work) {
        auto transacted = target_.run(operation, [&](target_connection& c) -> result<void> {
            auto steps = [&]() -> result<void> {
                if (auto r = c.begin(); !r) return r;
                if (auto r = work(c); !r) return r;
                if (auto r = check_definition(c, side::target, *to_.table); !r) return r;
                if (auto r = same_target_.check_by(c); !r) return r;
                return c.commit();
            };
            auto done = steps();
            if (done || needs_fresh_connection(done.error().fault)) return done;
            const fault met = done.error().fault;
            const bool is_tried_again = is_retryable(met) && met != fault::batch_too_large;
            if (auto undone = c.rollback(); !undone && is_tried_again) done.error().fault = fault::connection_lost;
            return done;
        });
        return explained(target_, side::target, *to_.table, std::move(transacted));
    }

    /// Says which side failed, and why where that can be told: a definition that changed is a better reason than, say, an
    /// unknown column. A failure that no smaller transaction fixes is asked about once, since it ends the repair.
    template <class Manager>
    result<void> explained(Manager& manager, side which, const table_schema& table, result<void> done) {
        using connection = typename Manager::connection_type;
        if (done) return done;
        error& e = done.error();
        e.side = which;
        e.where = std::string(name(which)) + ", table " + table.name;
        if (is_retryable(e.fault) || e.fault == fault::data || e.code == 0) return done;
        if (e.cause == cause::missing_privilege) { // of such a table the server does not describe the definition either
            e.message =
                which == side::target
                    ? "a repair needs the rights SELECT, INSERT and DELETE on the table: grant them, and verify "
                      "again"
                    : "the user may no longer read the table: grant SELECT, and verify again";
            return done;
        }
        auto same =
            manager.run("describe", [&](connection& c) -> result<void> { return check_definition(c, which, table); });
        if (!same && same.error().cause == cause::definition_changed && same.error().code == 0) {
            e.message = std::move(same.error().message);
            e.cause = cause::definition_changed;
        }
        return done;
    }

    /// Under another definition a key may name another row, as where the members of an ENUM have new positions. The server
    /// blocks changes to a table that the open transaction has written to.
    template <class Connection>
    result<void> check_definition(Connection& c, side which, const table_schema& was) {
        auto found = c.describe(was.name);
        if (!found) return found.error();
        const std::string changes = *found
                                        ? schema_changes(was, **found, which == side::source ? of_source_ : of_target_)
                                        : "the table was dropped or renamed";
        if (changes.empty()) return {};
        error e = refusal("the definition of the " + std::string(name(which)) + "'s table " + was.name +
                          " changed meanwhile: " + changes + ": verify again");
        e.cause = cause::definition_changed;
        return e;
    }

    [[nodiscard]] key_values key_of(const row_view& row) const {
        key_values key;
        for (std::size_t cell : key_cells_) key.push_back(row[cell].to_value());
        return key;
    }

    SourceManager& source_;
    TargetManager& target_;
    same_table<SourceManager>& same_source_;
    same_table<TargetManager>& same_target_;
    std::uint64_t rows_done_ = 0;
    std::size_t step_ = most_keys; // rows of one transaction
    keyed_rows from_;
    key_forms forms_;
    std::vector<std::size_t> key_cells_; // where the key's columns stand in a row that was read
    keyed_rows to_;
    watched_parts of_source_; // whose change ends the repair
    watched_parts of_target_;
    write_request write_;
    std::vector<refused_rows> refused_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
