// SPDX-License-Identifier: BSL-1.0
#include "verification_text.hpp"

#include <rowferry/text.hpp>
#include <rowferry/timing.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tool {
namespace {

namespace rf = rowferry;

std::string keys(const rf::counted_keys& found, const rf::key_forms& forms) {
    constexpr std::size_t most_shown = 10;
    std::string text = rf::counted(found.count, "row", "rows") + ":";
    const std::size_t shown = std::min(found.keys.size(), most_shown);
    for (std::size_t i = 0; i < shown; ++i) text += " " + rf::to_string(found.keys[i], forms);
    if (found.count > shown) text += " …";
    return text;
}

std::string headline(const rf::verification& v) {
    if (v.verdict != rf::verdict::equal) return std::string(name(v.verdict));
    const bool repaired = v.repaired + v.deleted > 0;
    return repaired ? "equal, after repair" : v.changes_meanwhile ? "equal, and changing meanwhile" : "equal";
}

} // namespace

std::string verification_text(const rf::verification& v) {
    std::string text = fmt::format("table {}: {}\n", rf::one_line(v.table, rf::shown::name), headline(v));
    auto line = [&text](std::string_view what, const std::string& how) {
        text += fmt::format("  {:<12}{}\n", what, rf::one_line(how));
    };
    if (v.chunks > 0) {
        line("compared",
             fmt::format("{} of the source with {} of the target, in {} and {:.1f} s",
                         rf::counted(v.source_rows, "row", "rows"), rf::counted(v.target_rows, "row", "rows"),
                         rf::counted(v.chunks, "range", "ranges"), rf::to_seconds(v.elapsed)));
    }
    if (v.missing.count > 0) line("missing", keys(v.missing, v.key_forms));
    if (v.extra.count > 0) line("extra", keys(v.extra, v.key_forms));
    if (v.changed.count > 0) line("changed", keys(v.changed, v.key_forms));
    if (v.changed_meanwhile.count > 0) line("meanwhile", keys(v.changed_meanwhile, v.key_forms));
    if (v.unnamed_ranges > 0) {
        line("unnamed", rf::counted(v.unnamed_ranges, "range", "ranges") +
                            " differ, though no single row differs by its key: the key is not unique");
    }
    if (v.undecided.count > 0) line("undecided", keys(v.undecided, v.key_forms));
    if (v.undecided_ranges > 0) {
        line("undecided", v.named ? rf::counted(v.undecided_ranges, "range of the key", "ranges of the key") +
                                        " differed at each look, differently each time"
                                  : "the table as a whole differed at each look, differently each time");
    }
    if (v.repaired > 0) line("repaired", rf::counted(v.repaired, "row", "rows"));
    if (v.deleted > 0) line("deleted", rf::counted(v.deleted, "row", "rows"));
    if (v.retries() > 0) line("retries", rf::grouped(v.retries()));
    for (const std::string& notice : v.notices) line("notice", notice);
    return text;
}

std::string verification_summary(const job_result& result) {
    std::size_t equal = 0;
    std::size_t undecided = 0;
    std::uint64_t left = 0;
    for (const rf::verification& v : result.verifications) {
        equal += v.equal() ? 1U : 0U;
        undecided += v.verdict == rf::verdict::undecided ? 1U : 0U;
        left += v.left();
    }
    const std::string open = undecided == 0 ? "" : fmt::format(", {} undecided", undecided);
    return fmt::format("{} of {} tables equal{}, {} left\n", equal, result.verifications.size(), open,
                       rf::counted(left, "difference", "differences"));
}

} // namespace tool
