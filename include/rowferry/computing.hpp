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

/// "a is 1 in the source and 2 in the target": the settings that differ; empty when none does.
inline std::string different_settings(const computing_settings& source, const computing_settings& target) {
    listing differences;
    for (const setting& from : source.values) {
        const auto to = std::find_if(target.values.begin(), target.values.end(),
                                     [&](const setting& s) { return s.name == from.name; });
        if (to == target.values.end() || to->value == from.value) continue;
        differences.add(from.name + " is \"" + from.value + "\" in the source and \"" + to->value + "\" in the target");
    }
    return differences.text();
}

/// Has the target compute under the settings of new sessions of the source, and gives these; none where the source's table
/// computes nothing, or where a connection cannot say. Comes before the target is asked to open its table: a server may keep
/// what it made of an expression then.
template <class SourceManager, class TargetManager>
result<std::vector<setting>>
choose_settings([[maybe_unused]] SourceManager& source, [[maybe_unused]] TargetManager& target,
                [[maybe_unused]] const table_schema& table, [[maybe_unused]] const std::string& target_table,
                [[maybe_unused]] std::vector<std::string>& notices) {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    if constexpr (TellsComputingSettings<source_connection> && TellsComputingSettings<target_connection> &&
                  ComputesAs<target_connection> && ReopensTables<target_connection>) {
        if (!computes(table)) return std::vector<setting>{};
        constexpr std::string_view operation = "read settings";
        auto on_target = [&](error e) {
            if (e.where.empty()) e.where = "target, table " + target_table;
            return e;
        };
        auto from = source.run(operation, [](source_connection& c) { return c.computing_settings(); });
        if (!from) return std::move(from.error());
        auto to = target.run(operation, [](target_connection& c) { return c.computing_settings(); });
        if (!to) return on_target(std::move(to.error()));
        auto taken = target.run(operation, [&](target_connection& c) { return c.compute_as(from->values); });
        if (!taken) return on_target(std::move(taken.error()));
        const std::string different = different_settings(*from, *to);
        if (different.empty()) return std::move(from->values);
        table_schema named;
        named.name = target_table;
        auto reopened = target.run(operation, [&](target_connection& c) { return c.reopen(named); });
        if (!reopened) return on_target(std::move(reopened.error()));
        notices.push_back("generated columns of table " + target_table +
                          " are computed under the source's settings: " + different +
                          (*reopened ? ""
                                     : "; as the target's user may not close tables that the server keeps open under "
                                       "its own settings, verify the table"));
        return std::move(from->values);
    } else {
        return std::vector<setting>{};
    }
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
