// SPDX-License-Identifier: BSL-1.0
// What became different between two descriptions of one table, as far as it matters to a copy.
#ifndef ROWFERRY_SCHEMA_CHANGE_HPP
#define ROWFERRY_SCHEMA_CHANGE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// What of a table a copy depends on. Estimates, defaults, comments and other indexes are no change.
struct watched_parts {
    /// Indices into the first description; empty is all, and then new ones count too
    std::vector<std::size_t> columns = {};
    std::string key = {};        ///< of the key that orders pages or tells rows apart; empty when there is none
    bool unique_indexes = false; ///< whether a new one matters: to upsert and replace
    std::vector<std::string> triggers = {}; ///< the events whose new triggers matter: "INSERT", "UPDATE", "DELETE"
};

namespace detail {

/// "text charset utf8mb4 collate utf8mb4_bin NOT NULL": all of a column that matters.
inline std::string in_full(const column& c) {
    std::string text = c.type;
    if (!c.charset.empty()) text += " charset " + c.charset;
    if (!c.collation.empty()) text += " collate " + c.collation;
    if (!c.nullable) text += " NOT NULL";
    if (c.generated) text += " generated as " + c.expression;
    return text;
}

/// "(a, b(10) desc)"; empty when the table has no such key.
inline std::string key_in_full(const table_schema& table, std::string_view name) {
    for (const std::vector<key>* keys : {&table.keys, &table.nullable_keys}) {
        for (const key& candidate : *keys) {
            if (!table_schema::same_name(candidate.name, name)) continue;
            std::string text;
            for (const key_part& part : candidate.parts) {
                text += (text.empty() ? "(" : ", ") + table.columns[part.column].name;
                if (part.prefix != 0) text += "(" + std::to_string(part.prefix) + ")";
                if (part.descending) text += " desc";
            }
            return text + ")";
        }
    }
    return {};
}

/// Whether an index holds the same unique in both descriptions. Columns are named: their order may be another.
inline bool is_over_same(const table_schema& was, const unique_index& a, const table_schema& is,
                         const unique_index& b) {
    auto same = [&](const unique_part& from, const unique_part& to) {
        if (from.prefix != to.prefix || from.expression != to.expression) return false;
        if (!from.column || !to.column) return from.column == to.column;
        return table_schema::same_name(was.columns[*from.column].name, is.columns[*to.column].name);
    };
    return std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(), same);
}

} // namespace detail

/// All changes from `was` to `is` as clauses, separated by "; "; empty when nothing that is watched has changed.
inline std::string schema_changes(const table_schema& was, const table_schema& is, const watched_parts& watched) {
    listing changes("; ");
    auto add = [&changes](const std::string& how) { changes.add(how); };
    auto turned = [&add](const std::string& what, const std::string& from, const std::string& to) {
        if (from != to) add(what + " was " + from + ", and is " + to + " now");
    };
    turned("it", was.kind_name, is.kind_name);
    turned("its engine", was.engine, is.engine);
    for (std::size_t i = 0; i < was.columns.size(); ++i) {
        const std::vector<std::size_t>& some = watched.columns;
        if (!some.empty() && std::find(some.begin(), some.end(), i) == some.end()) continue;
        const column& from = was.columns[i];
        const auto to = is.find(from.name);
        if (!to) {
            add("column " + from.name + " was dropped or renamed");
        } else {
            turned("column " + from.name, detail::in_full(from), detail::in_full(is.columns[*to]));
        }
    }
    for (const column& c : is.columns) {
        if (watched.columns.empty() && !was.find(c.name)) add("column " + c.name + " is new");
    }
    if (!watched.key.empty()) {
        const std::string key = detail::key_in_full(is, watched.key);
        if (key.empty()) {
            add("key " + watched.key + " was dropped or renamed, or no longer orders pages");
        } else {
            turned("key " + watched.key, detail::key_in_full(was, watched.key), key);
        }
    }
    for (const unique_index& index : is.unique_indexes) {
        if (!watched.unique_indexes) break;
        const auto known = std::find_if(was.unique_indexes.begin(), was.unique_indexes.end(),
                                        [&](const unique_index& one) { return one.name == index.name; });
        if (known == was.unique_indexes.end()) {
            add("unique index " + index.name + " is new");
        } else if (index.name != watched.key && !detail::is_over_same(was, *known, is, index)) {
            add("unique index " + index.name + " is over other columns now");
        }
    }
    auto had_trigger = [&was](const trigger& t) {
        return std::any_of(was.triggers.begin(), was.triggers.end(),
                           [&](const trigger& known) { return known.name == t.name && known.event == t.event; });
    };
    for (const trigger& t : is.triggers) {
        const bool matters =
            std::find(watched.triggers.begin(), watched.triggers.end(), t.event) != watched.triggers.end();
        if (matters && !had_trigger(t)) add("trigger " + t.name + " on " + t.event + " is new");
    }
    return changes.text();
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
