// SPDX-License-Identifier: BSL-1.0
// Rewrites a table's definition for the server that is to hold a clone of it: a pure function.
//
// The source's statement is read by the grammar (grammar/definition.hpp), which refuses whatever it does not know, and the
// target's statement is written anew from what was read. On the same product little changes: foreign keys are left out, and
// a charset without a collation gets the one that it has, since defaults differ. Towards the other product each part is known
// to mean the same there, or is written as it is written there, or is a problem. All problems of a table come in one error,
// with the remedy of each.
#ifndef ROWFERRY_SQL_ADAPT_DEFINITION_HPP
#define ROWFERRY_SQL_ADAPT_DEFINITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/adapt_column.hpp>
#include <rowferry/sql/adapt_key.hpp>
#include <rowferry/sql/adapt_options.hpp>
#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/definition_rules.hpp>
#include <rowferry/sql/grammar/definition.hpp>
#include <rowferry/sql/grammar/writer.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// The engine that a definition names; the described one when it names none.
inline std::string engine_of(const grammar::definition& d, const table_schema& described) {
    for (const grammar::table_option& option : d.options) {
        if (option.key == "engine") return option.value;
    }
    return described.engine;
}

/// Takes the keys that the definition lacks out of what is expected of the clone.
inline void leave_out_keys(table_schema& schema, const grammar::definition& d) {
    std::vector<std::string> names;
    for (const grammar::item& i : d.items) {
        const auto* k = std::get_if<grammar::key_definition>(&i);
        if (k == nullptr) continue;
        names.push_back(k->kind == grammar::key_definition::key_kind::primary ? "PRIMARY" : k->name);
    }
    const auto is_missing = [&](const auto& each) {
        return std::none_of(names.begin(), names.end(),
                            [&](const std::string& name) { return table_schema::same_name(name, each.name); });
    };
    std::erase_if(schema.keys, is_missing);
    std::erase_if(schema.nullable_keys, is_missing);
    std::erase_if(schema.unique_indexes, is_missing);
}

} // namespace detail

/// The table's definition as a statement for another server, under this name; or all that stands in the way, in one error
/// with the remedy of each.
inline result<new_table> adapt_definition(const table_definition& from, std::string_view name,
                                          const definition_changes& changes, const server_abilities& server) {
    constexpr std::size_t most_bytes = std::size_t{4} << 20U;
    constexpr std::size_t most_bytes_of_column = std::size_t{8} << 10U;
    if (from.statement.size() > most_bytes + from.schema.columns.size() * most_bytes_of_column) {
        return refusal("table " + grammar::shortened(from.schema.name) + ": its definition of " +
                           std::to_string(from.statement.size()) + " bytes is longer than one of " +
                           std::to_string(from.schema.columns.size()) + " columns can be",
                       {remedy{remedy::create_by_hand}});
    }
    auto parsed = grammar::parse(from.statement, from.dialect);
    if (!parsed) {
        error e = std::move(parsed.error());
        e.message = "table " + grammar::shortened(from.schema.name) + ": " + e.message;
        return e;
    }
    detail::adaptation to(from, changes, server);
    new_table made;
    made.schema = from.schema;
    made.schema.name = name;
    made.schema.triggers.clear();
    made.schema.estimated_rows = made.schema.estimated_bytes = 0;
    parsed->name = name;
    detail::option_adapter options(to, from.collation, detail::engine_of(*parsed, from.schema));
    std::vector<grammar::item> items;
    for (grammar::item& item : parsed->items) {
        const bool stays = std::visit(
            [&](auto& each) {
                if constexpr (std::is_same_v<std::decay_t<decltype(each)>, grammar::column_definition>) {
                    return detail::column_adapter(to, made.schema, options.keeps_engine()).adapt(each);
                } else {
                    return detail::key_adapter(to, options.keeps_engine()).adapt(each);
                }
            },
            item);
        if (stays) items.push_back(std::move(item));
    }
    parsed->items = std::move(items);
    grammar::for_each_expression(*parsed,
                                 [&](const std::string& whose, grammar::expression& e) { to.settle(whose, e); });
    parsed->options = options.adapt(parsed->options);
    if (parsed->partitions &&
        !detail::partition_adapter(to, detail::engine_of(*parsed, from.schema)).adapt(*parsed->partitions)) {
        parsed->partitions.reset();
    }
    detail::definition_rules(to, *parsed).apply();
    detail::leave_out_keys(made.schema, *parsed);
    if (!from.schema.triggers.empty()) {
        std::string names;
        for (const trigger& t : from.schema.triggers) names += (names.empty() ? "" : ", ") + t.name;
        to.note("triggers of table " + from.schema.name + " are left out of the clone: " + names);
    }
    made.schema.engine = to.engine(from.schema.engine);
    if (from.schema.rows != row_home::own) {
        made.schema.rows = row_home::own; // an engine that `engine` lets pass, which enforces the keys
        made.schema.unusable_keys.clear();
    }
    if (auto r = to.verdict(); !r) return std::move(r.error());
    made.statement = grammar::to_statement(*parsed);
    made.notices = to.notices();
    made.used = to.used();
    return made;
}

/// The statement of a table that `adapt_definition` made, for a table of another name; empty where it is not such a statement.
inline std::string renamed(const new_table& table, std::string_view name) {
    std::string begin = "CREATE TABLE ";
    append_identifier(begin, table.schema.name);
    if (!table.statement.starts_with(begin)) return {};
    std::string statement = "CREATE TABLE ";
    append_identifier(statement, name);
    return statement + table.statement.substr(begin.size());
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
