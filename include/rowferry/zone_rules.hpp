// SPDX-License-Identifier: BSL-1.0
// In which time zone rows are written, where the target computes values by it.
#ifndef ROWFERRY_ZONE_RULES_HPP
#define ROWFERRY_ZONE_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

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

/// What a target computes by the session's time zone, and in which zones source and copy are.
inline std::string zone_clause(const table_schema& table, const std::string& what, const computing_settings& source,
                               const std::string& zone) {
    return "the target computes by the session's time zone in table " + table.name + ": " + what +
           ". New sessions of the source are in " + source.time_zone + ", and rows are written in " +
           (zone.empty() ? "UTC" : zone);
}

/// The refusal of a table whose expressions would be computed in another time zone than the source's. Without a remedy where
/// the source's clock may change: an offset is right for a part of the rows at most.
inline error other_zone(const table_schema& table, const std::string& what, const computing_settings& source,
                        const std::string& zone) {
    std::string message = zone_clause(table, what, source, zone);
    if (source.is_utc) return refusal(message, {remedy{remedy::set_time_zone, "", "+00:00"}});
    if (source.is_fixed) return refusal(message, {remedy{remedy::set_time_zone, "", source.time_zone}});
    return refusal(message + ": no offset is right for all rows if the clock of that zone changes");
}

/// Whether the copy is in the zone that new sessions of the source are in.
inline bool is_zone_of(const computing_settings& source, const std::string& zone) {
    return source.is_utc ? zone.empty() : source.is_fixed && source.time_zone == zone;
}

/// Refuses a table whose target would store values that depend on another time zone than the source's. Where no offset is
/// that of the source, the user's choice is taken, with a notice. What only CHECKs and defaults compute, of which nothing is
/// lost silently, is a notice.
template <class SourceManager, class TargetManager>
result<void> check_zone([[maybe_unused]] SourceManager& source, [[maybe_unused]] TargetManager& target,
                        [[maybe_unused]] copy_plan& plan) {
    using source_connection = typename SourceManager::connection_type;
    using target_connection = typename TargetManager::connection_type;
    if constexpr (TellsComputingSettings<source_connection> && KnowsTimeZone<source_connection> &&
                  KnowsTimeZone<target_connection> && FindsZoneDependences<target_connection>) {
        constexpr std::string_view operation = "read settings";
        auto zone_of = [](auto& c) -> result<std::string> { return std::string(c.time_zone()); };
        auto from = source.run(operation, [&](source_connection& c) { return zone_of(c); });
        if (!from) return std::move(from.error());
        auto to = target.run(operation, [&](target_connection& c) { return zone_of(c); });
        if (!to) return std::move(to.error());
        if (*from != *to) {
            return refusal("the connection to the source is in the time zone " + (from->empty() ? "UTC" : *from) +
                           ", and that to the target in " + (to->empty() ? "UTC" : *to) +
                           ": a TIMESTAMP would not arrive unchanged");
        }
        plan.time_zone = *from;
        const std::string_view statement = plan.creates ? std::string_view(plan.creates->statement) : "";
        auto found = target.run("read definition",
                                [&](target_connection& c) { return c.zone_dependences(plan.target, statement); });
        if (!found) return std::move(found.error());
        listing what;
        listing noted;
        for (const zone_dependence& each : *found) {
            const auto column = each.default_of.empty() ? std::nullopt : plan.target.find(each.default_of);
            const std::vector<std::size_t>& written = plan.columns.target;
            if (column && std::find(written.begin(), written.end(), *column) != written.end()) continue;
            const bool is_of_target = !each.default_of.empty() && !plan.source.find(each.default_of);
            (each.is_check || is_of_target ? noted : what).add(each.what);
        }
        if (what.empty() && noted.empty()) return {};
        auto settings = source.run(operation, [](source_connection& c) { return c.computing_settings(); });
        if (!settings) return std::move(settings.error());
        if (is_zone_of(*settings, plan.time_zone)) return {};
        const bool is_open = !settings->is_utc && !settings->is_fixed && !plan.time_zone.empty();
        if (!what.empty() && !is_open) return other_zone(plan.target, what.text(), *settings, plan.time_zone);
        if (!what.empty()) {
            plan.notices.push_back(zone_clause(plan.target, what.text(), *settings, plan.time_zone) +
                                   ": values that were computed at another offset differ, verify the table");
        }
        if (!noted.empty()) {
            plan.notices.push_back(zone_clause(plan.target, noted.text(), *settings, plan.time_zone) +
                                   ": a row that fails a CHECK is an error, and a default is that of this zone");
        }
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
