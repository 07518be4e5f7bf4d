// SPDX-License-Identifier: BSL-1.0
// Which columns are copied, and into which: chosen by their names, instead of all of them.
//
//   rf::copy_request{.table = "patient", .columns = {{"PatNum"}, {"LName", "last_name"}}}
#ifndef ROWFERRY_COLUMN_CHOICE_HPP
#define ROWFERRY_COLUMN_CHOICE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// One column of the source, and the column of the target that it goes into.
struct column_pair {
    std::string source = {};
    std::string target = {}; ///< empty: the same name

    /// The name in the target.
    [[nodiscard]] const std::string& target_name() const { return target.empty() ? source : target; }
    friend bool operator==(const column_pair&, const column_pair&) = default;
};

/// The target's columns that are not written and not computed, as "a, b"; empty when there are none.
inline std::string unwritten_columns(const table_schema& target, const column_match& columns) {
    listing names;
    for (std::size_t i = 0; i < target.columns.size(); ++i) {
        const bool is_written = std::find(columns.target.begin(), columns.target.end(), i) != columns.target.end();
        if (is_written || target.columns[i].generated || target.columns[i].numbers_rows) continue;
        names.add(target.columns[i].name);
    }
    return names.text();
}

namespace detail {

/// What speaks against copying one column into another of these names; each in `out` as one clause.
inline void find_pair(const table_schema& source, const table_schema& target, const column_pair& pair,
                      column_match& match, std::vector<std::string>& out) {
    const std::string& to_name = pair.target_name();
    const auto from = source.find(pair.source);
    const auto to = target.find(to_name);
    auto differ = [&out](const std::string& name, const std::string& how) {
        out.push_back("column " + name + ": " + how);
    };
    if (!from) differ(pair.source, "missing in the source");
    if (!to) differ(to_name, "missing in the target");
    if (from && source.columns[*from].generated) differ(pair.source, "generated in the source, and not copied");
    if (to && target.columns[*to].generated) differ(to_name, "generated in the target, and cannot be written");
    if (!from || !to || source.columns[*from].generated || target.columns[*to].generated) return;
    const bool again = std::find(match.source.begin(), match.source.end(), *from) != match.source.end();
    const bool filled = std::find(match.target.begin(), match.target.end(), *to) != match.target.end();
    if (again) return differ(pair.source, "named twice");
    if (filled) return differ(to_name, "filled from two columns");
    const bool is_renamed = !table_schema::same_name(pair.source, to_name);
    if (auto how = difference(source.columns[*from], target.columns[*to])) {
        return differ(is_renamed ? pair.source + " into " + to_name : pair.source, *how);
    }
    match.source.push_back(*from);
    match.target.push_back(*to);
}

} // namespace detail

/// Pairs the chosen columns, in the source's order, or refuses with every difference in one message: names that are not
/// there, types that differ, and columns of the target that would be left out and need a value.
inline result<column_match> match_columns(const table_schema& source, const table_schema& target,
                                          const std::vector<column_pair>& chosen) {
    column_match as_named;
    std::vector<std::string> differences;
    for (const column_pair& pair : chosen) detail::find_pair(source, target, pair, as_named, differences);
    for (const column& to : target.columns) {
        const bool is_named = std::any_of(chosen.begin(), chosen.end(), [&](const column_pair& pair) {
            return table_schema::same_name(pair.target_name(), to.name);
        });
        if (is_named || to.generated || to.has_default) continue;
        differences.push_back("column " + to.name + ": not copied, and it has no default in the target");
    }
    if (!differences.empty()) {
        listing all("; ");
        for (const std::string& each : differences) all.add(each);
        return refusal("the columns chosen of table " + source.name + " cannot be copied: " + all.text());
    }
    column_match match;
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
        if (const auto to = as_named.target_of(i)) {
            match.source.push_back(i);
            match.target.push_back(*to);
        }
    }
    return match;
}

/// The target as `matching_key` and `extra_unique_index` have to see it, which compare by names: each column that is
/// written is called as in the source, and no other has a name of the source, but for those that both sides compute.
/// Expressions are left out, in which the names would mean other columns, unless all columns that they name were copied under
/// their own name.
inline table_schema named_as_source(const table_schema& source, const table_schema& target,
                                    const column_match& columns) {
    const auto is_renamed_in = [&](const std::string& expression) {
        for (std::size_t i = 0; i < target.columns.size(); ++i) {
            const column& named = target.columns[i];
            if (expression.find(named.name) == expression.npos) continue;
            const auto to = std::find(columns.target.begin(), columns.target.end(), i);
            if (to == columns.target.end()) return true;
            const std::size_t from = columns.source[static_cast<std::size_t>(to - columns.target.begin())];
            if (!table_schema::same_name(source.columns[from].name, named.name)) return true;
        }
        return false;
    };
    table_schema renamed = target;
    for (column& c : renamed.columns) {
        const auto same = source.find(c.name);
        const bool is_of_both = same && c.generated && source.columns[*same].generated;
        if (same && !is_of_both) c.name += " (not copied)";
        if (!is_of_both || is_renamed_in(c.expression)) c.expression.clear();
    }
    for (std::size_t i = 0; i < columns.target.size(); ++i) {
        renamed.columns[columns.target[i]].name = source.columns[columns.source[i]].name;
    }
    for (unique_index& index : renamed.unique_indexes) {
        for (unique_part& part : index.parts) part.expression.clear();
    }
    return renamed;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
