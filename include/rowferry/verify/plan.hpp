// SPDX-License-Identifier: BSL-1.0
// How two tables are compared: which columns count, and by which key rows are told apart.
#ifndef ROWFERRY_VERIFY_PLAN_HPP
#define ROWFERRY_VERIFY_PLAN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/column_choice.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/report.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// What was decided. The requests' `table` is filled in when the plan is carried out.
struct verify_plan {
    table_schema source = {};
    table_schema target = {};
    column_match columns;
    std::string target_key = {}; ///< the target's key that tells the same rows apart
    digest_request on_source;
    digest_request on_target;
    bool named = true;      ///< rows are told apart by a key of both sides
    bool has_nulls = false; ///< that key may be NULL: rows with a NULL in it are compared apart
    std::vector<std::string> notices = {};
    std::vector<setting> settings = {}; ///< under which a repair has the target compute generated columns
};

/// Whether a value may be larger than what a row holds itself.
inline bool is_long_type(const column& c) {
    if (c.kind == column_kind::json || c.kind == column_kind::geometry) return true;
    const std::string_view base = type_name(c.type);
    return base.ends_with("text") || base.ends_with("blob") || base == "vector";
}

/// The columns that are copied; generated ones come after them: see verify/computed.hpp.
inline void choose_digests(verify_plan& plan) {
    for (std::size_t i = 0; i < plan.columns.source.size(); ++i) {
        const std::size_t from = plan.columns.source[i];
        const std::size_t to = plan.columns.target[i];
        const bool is_long = is_long_type(plan.source.columns[from]) || is_long_type(plan.target.columns[to]);
        plan.on_source.columns.push_back({from, is_long});
        plan.on_target.columns.push_back({to, is_long});
    }
}

/// The target's column for one of a key that both sides have. A generated one is not copied, and each side has its own of
/// the same name.
inline std::size_t in_target(verify_plan& plan, std::size_t source_column) {
    if (const auto copied = plan.columns.target_of(source_column)) return *copied;
    column& from = plan.source.columns[source_column];
    const std::size_t found = *plan.target.find(from.name);
    column& to = plan.target.columns[found];
    from.has_alike_members = to.has_alike_members = from.has_alike_members || to.has_alike_members;
    return found;
}

/// Orders both sides by the source's key and the target's of that name, which is one of `keys`.
inline void order_by(verify_plan& plan, const key& ours, const std::string& name, const std::vector<key>& keys) {
    plan.target_key = name;
    plan.on_source.order = ours.parts;
    plan.on_source.index = ours.name;
    for (const key_part& part : ours.parts) {
        plan.on_target.order.push_back({in_target(plan, part.column), part.descending, part.prefix});
    }
    const auto theirs = std::find_if(keys.begin(), keys.end(), [&](const key& k) { return k.name == name; });
    const bool same_parts =
        std::equal(theirs->parts.begin(), theirs->parts.end(), plan.on_target.order.begin(),
                   [](key_part a, key_part b) { return a.column == b.column && a.prefix == b.prefix; });
    if (same_parts) plan.on_target.index = name; // in another order it does not serve the ranges
}

/// The order by a key that may be NULL, where both sides have one: it tells apart the rows without a NULL in it.
inline bool choose_nullable_order(verify_plan& plan, bool has_chosen_columns) {
    table_schema target = has_chosen_columns ? named_as_source(plan.source, plan.target, plan.columns) : plan.target;
    target.keys.insert(target.keys.end(), target.nullable_keys.begin(), target.nullable_keys.end());
    for (const key& ours : plan.source.nullable_keys) {
        const auto is_left_out = [&](const key_part& part) {
            const column& c = plan.source.columns[part.column];
            return !plan.columns.target_of(part.column) && !(c.generated && plan.target.find(c.name));
        };
        if (std::any_of(ours.parts.begin(), ours.parts.end(), is_left_out)) continue;
        const auto same = matching_key(plan.source, ours, target);
        if (!same) continue;
        order_by(plan, ours, *same, target.keys);
        plan.has_nulls = true;
        for (const key_part& part : ours.parts) {
            const std::size_t theirs = in_target(plan, part.column);
            if (!plan.source.columns[part.column].nullable && !plan.target.columns[theirs].nullable) continue;
            plan.on_source.nullable.push_back(part.column);
            plan.on_target.nullable.push_back(theirs);
        }
        plan.notices.push_back(
            "key " + ours.name + " of table " + plan.source.name +
            " may be NULL: rows with a NULL in it are compared by all their values, and named by that "
            "key, which several of them may have");
        return true;
    }
    return false;
}

/// Both sides' order by the source's key; a reason why there is none, as a clause.
inline std::optional<std::string> choose_order(verify_plan& plan, bool has_chosen_columns) {
    auto order = key_order(plan.source);
    if (!order)
        return choose_nullable_order(plan, has_chosen_columns) ? std::nullopt : std::optional(order.error().message);
    const auto named = [&](const key& k) { return k.name == order->index; };
    const auto wanted = std::find_if(plan.source.keys.begin(), plan.source.keys.end(), named);
    const table_schema target =
        has_chosen_columns ? named_as_source(plan.source, plan.target, plan.columns) : plan.target;
    const auto same = matching_key(plan.source, *wanted, target);
    if (!same) return key_difference(plan.source, *wanted, target);
    order_by(plan, *wanted, *same, plan.target.keys);
    return std::nullopt;
}

/// Decides how the tables are compared, or refuses with a sentence.
inline result<verify_plan> make_verify_plan(table_schema source, table_schema target, const verify_request& request) {
    verify_plan plan;
    plan.source = std::move(source);
    plan.target = std::move(target);
    for (const table_schema* table : {&plan.source, &plan.target}) {
        if (!table->is_base_table)
            return refusal(table->name + " is " + table->kind_name + ": only tables are compared");
        if (table->rows == row_home::own) continue;
        plan.notices.push_back("table " + table->name + " uses the engine " + table->engine +
                               std::string(home_clause(table->rows)) + ": what it shows is compared");
    }
    table_schema compared = plan.target;
    for (column& c : compared.columns) c.has_default = true; // what is left out needs one only to be written
    auto matched = request.columns.empty() ? match_columns(plan.source, plan.target)
                                           : match_columns(plan.source, compared, request.columns);
    if (!matched) return matched.error();
    plan.columns = std::move(*matched);
    agree_on_members(plan.source, plan.target, plan.columns);
    const std::string left_out = request.columns.empty() ? "" : unwritten_columns(plan.target, plan.columns);
    if (request.repair && !left_out.empty()) {
        return refusal("a repair of chosen columns would lose the target's values in the others (" + left_out +
                       "): compare without repair, or choose all columns");
    }
    plan.on_source.filter = plan.on_target.filter = request.where;
    if (!request.where.empty() && !left_out.empty()) {
        plan.notices.push_back("the filter is put to both tables: if it goes by columns of table " + plan.target.name +
                               " that were not copied (" + left_out + "), rows count as missing or extra by them");
    }
    choose_digests(plan);
    if (auto why = choose_order(plan, !request.columns.empty())) {
        plan.named = false;
        plan.notices.push_back(
            "rows of table " + plan.source.name +
            " cannot be told apart on both sides, so that the tables are compared as a whole: " + *why);
    }
    return plan;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
