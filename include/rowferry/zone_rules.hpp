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

/// The refusal of a table whose expressions would be computed in another time zone than the source's.
inline error other_zone(const table_schema& table, const std::string& what, const computing_settings& source,
                        const std::string& zone) {
    const std::string message =
        "the target computes by the session's time zone in table " + table.name + ": " + what +
        ". New sessions of the source are in " + source.time_zone + ", and rows are written in " +
        (zone.empty() ? "UTC" : zone) + ", so that it would compute other values than the source" +
        (source.is_fixed ? ""
                         : "; a zone whose clock changes does not do, because in one of its hours two points in time "
                           "have one text");
    return refusal(message, {remedy{remedy::set_time_zone, "", source.is_fixed ? source.time_zone : ""}});
}

/// Refuses a table whose target would compute values by another time zone than the source does. One that the user chose for
/// both ends is right.
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
        for (const zone_dependence& each : *found) {
            const auto column = each.default_of.empty() ? std::nullopt : plan.target.find(each.default_of);
            const std::vector<std::size_t>& written = plan.columns.target;
            if (column && std::find(written.begin(), written.end(), *column) != written.end()) continue;
            what.add(each.what);
        }
        if (what.empty() || !plan.time_zone.empty()) return {};
        auto settings = source.run(operation, [](source_connection& c) { return c.computing_settings(); });
        if (!settings) return std::move(settings.error());
        if (!settings->is_utc) return other_zone(plan.target, what.text(), *settings, plan.time_zone);
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
