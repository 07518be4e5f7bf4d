// SPDX-License-Identifier: BSL-1.0
// What a target has to be like for a write mode: its engine, keys, unique indexes and triggers.
#ifndef ROWFERRY_WRITE_RULES_HPP
#define ROWFERRY_WRITE_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/column_choice.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// REPLACE deletes the old row, and with it the values of columns that are not written.
inline result<void> check_replaced(const copy_plan& plan, write_kind kind) {
    const std::string lost = kind == write_kind::replace ? unwritten_columns(plan.target, plan.columns) : "";
    if (lost.empty()) return {};
    return refusal("the write mode replace would lose what the target's table " + plan.target.name +
                       " holds in columns that are not copied (" + lost + ")",
                   {remedy{remedy::choose_write_mode, "", "upsert"}});
}

/// A trigger may change what is written, or write elsewhere.
inline result<void> check_triggers(const copy_plan& plan, const copy_request& request, write_kind kind) {
    listing names;
    for (const trigger& t : plan.target.triggers) {
        const std::vector<std::string> fired = fired_events(kind);
        if (std::find(fired.begin(), fired.end(), t.event) != fired.end()) names.add(t.name);
    }
    if (names.empty() || request.accept_triggers) return {};
    return refusal("the target's table " + plan.target.name + " has triggers that each row would set off (" +
                       names.text() + "), so that it might not arrive unchanged",
                   {remedy{remedy::drop_triggers}, remedy{remedy::accept_triggers}});
}

/// What a transformation changes may become equal, so that upsert and replace would change or delete another row by it.
/// Insert and skip-existing fail, or keep what is there. `target`: its columns as the source names them.
inline result<void> check_transformation_keys(const copy_plan& plan, const table_schema& target,
                                              const std::string& mode) {
    if (plan.transformation.empty()) return {};
    for (const unique_index& index : target.unique_indexes) {
        if (index.name == plan.write.key_name || only_numbers_rows(plan.source, target, index)) continue;
        return refusal(
            "the target's table " + plan.target.name + " has the unique index " + index.name +
                " besides its key. With write mode " + mode + ", two rows that the transformation " +
                plan.transformation + " makes equal in it would become one",
            {remedy{remedy::drop_index, index.name}, remedy{remedy::choose_write_mode, "", "insert or skip-existing"}});
    }
    return {};
}

/// How rows are written, and by which key; refused where they might not arrive unchanged, or change other rows.
inline result<void> choose_write(copy_plan& plan, const copy_request& request, write_kind kind) {
    plan.write.columns = plan.columns.target;
    plan.write.kind = kind;
    if (plan.target.rows != row_home::own) {
        return refusal("the target's table " + plan.target.name + " uses the engine " + plan.target.engine +
                           std::string(home_clause(plan.target.rows)),
                       {remedy{remedy::change_engine}});
    }
    if (!plan.target.transactional && !is_idempotent(kind)) {
        return refusal(
            "the target's table " + plan.target.name + " uses the engine " + plan.target.engine +
                ", which has no transactions, so that an insert could double rows after a fault",
            {remedy{remedy::choose_write_mode, "", "upsert, replace or skip-existing"}, remedy{remedy::change_engine}});
    }
    if (plan.streams && kind != write_kind::insert) {
        return refusal("write mode " + std::string(name(kind)) + " needs a key to tell rows apart, which table " +
                           plan.source.name + " lacks",
                       {remedy{remedy::choose_write_mode, "", "insert"}});
    }
    if (!plan.nullable.empty() && kind != write_kind::insert) {
        return refusal("the key " + plan.order.index + " of table " + plan.source.name +
                           " may be NULL, and with write mode " + std::string(name(kind)) +
                           " rows that are NULL there could double",
                       {remedy{remedy::choose_write_mode, "", "insert"}});
    }
    // Keys are compared by the names of their columns.
    const table_schema target =
        request.columns.empty() ? plan.target : named_as_source(plan.source, plan.target, plan.columns);
    if (!plan.source.keys.empty()) {
        if (auto same = matching_key(plan.source, plan.source.keys.front(), target)) plan.write.key_name = *same;
    }
    if (auto r = check_triggers(plan, request, kind); !r) return r;
    if (!is_idempotent(kind)) return {};
    const std::string mode(name(kind));
    if (plan.write.key_name.empty()) {
        return refusal("the write mode " + mode + " needs a key that tells the same rows apart on both sides: " +
                       (plan.source.keys.empty() ? "the source's table " + plan.source.name + " has none"
                                                 : key_difference(plan.source, plan.source.keys.front(), target)));
    }
    if (auto r = check_replaced(plan, kind); !r) return r;
    const unique_index* extra = extra_unique_index(plan.source, target);
    if (extra != nullptr && kind != write_kind::skip_existing) {
        return refusal("the target's table " + plan.target.name + " has a unique index " + extra->name +
                           " that the source lacks. With write mode " + mode +
                           ", a conflict on it would silently change other rows",
                       {remedy{remedy::drop_index, extra->name},
                        remedy{remedy::choose_write_mode, "", "insert or skip-existing"}});
    }
    return kind == write_kind::skip_existing ? result<void>() : check_transformation_keys(plan, target, mode);
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
