// SPDX-License-Identifier: BSL-1.0
// Under which settings a target computes what it stores with each row: those that new sessions of the source have.
#ifndef ROWFERRY_COMPUTING_HPP
#define ROWFERRY_COMPUTING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// Whether a table's server computes anything that settings of a session could matter to.
inline bool computes(const table_schema& table) {
    return table.indexes_expressions ||
           std::any_of(table.columns.begin(), table.columns.end(), [](const column& c) { return c.generated; });
}

/// Whether a generated column or an index may be computed from CHAR.
inline bool computes_from_char(const table_schema& table) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const column& c) {
        if (type_name(c.type) != "char") return false;
        return table.indexes_expressions ||
               std::any_of(table.columns.begin(), table.columns.end(), [&](const column& computed) {
                   return computed.generated && computed.expression.find(c.name) != std::string::npos;
               });
    });
}

/// Whether a generated column is, or is computed from, a quotient.
inline bool computes_quotients(const table_schema& table) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [](const column& c) { return c.generated && c.divides; });
}

/// "a is 1 in the source and 2 in the target": the settings that differ; empty when none does. How fractions of a second are
/// rounded is left out where the table has no time: servers have different defaults.
inline std::string different_settings(const computing_settings& source, const computing_settings& target,
                                      const table_schema& table) {
    const bool has_times = std::any_of(table.columns.begin(), table.columns.end(),
                                       [](const column& c) { return c.kind == column_kind::temporal; });
    listing differences;
    for (const setting& from : source.values) {
        if (from.name == fraction_setting && !has_times) continue;
        const auto to = std::find_if(target.values.begin(), target.values.end(),
                                     [&](const setting& s) { return s.name == from.name; });
        if (to == target.values.end() || to->value == from.value) continue;
        differences.add(from.name + " is \"" + from.value + "\" in the source and \"" + to->value + "\" in the target");
    }
    return differences.text();
}

/// Under which settings the target computes.
struct chosen_settings {
    std::vector<setting> values = {};
    bool differ = false; ///< from those of new sessions of the target: see `reopen_target`
};

/// Has the target compute under the settings of new sessions of the source, and gives these; none where the source's table
/// computes nothing, or where a connection cannot say. Comes before the target is asked to open its table: a server may keep
/// what it made of an expression then. Changes nothing but the session.
template <class SourceManager, class TargetManager>
result<chosen_settings>
choose_settings([[maybe_unused]] SourceManager& source, [[maybe_unused]] TargetManager& target,
                [[maybe_unused]] const table_schema& table, [[maybe_unused]] const std::string& target_table,
                [[maybe_unused]] std::vector<std::string>& notices, strictness how = strictness::strict) {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    if constexpr (TellsComputingSettings<source_connection> && TellsComputingSettings<target_connection> &&
                  ComputesAs<target_connection> && ReopensTables<target_connection>) {
        if (!computes(table) && how == strictness::strict) return chosen_settings{};
        constexpr std::string_view operation = "read settings";
        auto on_target = [&](error e) {
            if (e.where.empty()) e.where = "target, table " + target_table;
            return e;
        };
        auto from = source.run(operation, [](source_connection& c) { return c.computing_settings(); });
        if (!from) return std::move(from.error());
        if (how == strictness::lenient) {
            from->values.push_back({std::string(strictness_setting), std::string(computed_leniently)});
            notices.push_back("generated columns and checks of table " + target_table +
                              " are computed without strict mode: generated columns may lose values without an error. "
                              "Verify the table: stored generated columns are compared");
        }
        auto to = target.run(operation, [](target_connection& c) { return c.computing_settings(); });
        if (!to) return on_target(std::move(to.error()));
        auto taken = target.run(operation, [&](target_connection& c) { return c.compute_as(from->values); });
        if (!taken) return on_target(std::move(taken.error()));
        if (from->pads_char && computes_from_char(table)) {
            notices.push_back("the source pads CHAR values and the target does not. Generated columns of table " +
                              target_table + " that use CHAR may differ: verify the table");
        }
        if (from->rounds_quotients != to->rounds_quotients && computes_quotients(table)) {
            notices.push_back("source and target keep different digits of a quotient: generated columns of table " +
                              target_table + " that divide may differ in their last digits, verify the table");
        }
        const std::string different = different_settings(*from, *to, table);
        if (!different.empty()) {
            notices.push_back("generated columns of table " + target_table +
                              " are computed under the source's settings: " + different);
        }
        return chosen_settings{std::move(from->values), !different.empty()};
    } else {
        if (how == strictness::strict) return chosen_settings{};
        return refusal("these connections cannot compute leniently: they lack `computing_settings`, `compute_as` or "
                       "`reopen`");
    }
}

/// Has the target open its table anew, right before rows are written: instances that it keeps open compute under its own
/// settings. A notice where that is not possible; empty where it was done.
template <class TargetManager>
result<std::string> reopen_target([[maybe_unused]] TargetManager& target, [[maybe_unused]] const table_schema& table) {
    using connection = typename TargetManager::connection_type;
    if constexpr (ReopensTables<connection>) {
        auto reopened = target.run("reopen table", [&](connection& c) { return c.reopen(table); });
        if (!reopened) {
            if (reopened.error().where.empty()) reopened.error().where = "target, table " + table.name;
            return std::move(reopened.error());
        }
        if (!reopened->empty()) {
            return "the target could not reopen table " + table.name + ", because " + *reopened +
                   ": generated columns may be computed under the target's settings, verify the table";
        }
    }
    return std::string();
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
