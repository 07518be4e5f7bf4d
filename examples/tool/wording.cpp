// SPDX-License-Identifier: BSL-1.0
#include "wording.hpp"

#include "interrupt.hpp"

#include <rowferry/text.hpp>

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

/// The library speaks of policies and requests, the tool of options.
constexpr std::pair<std::string_view, std::string_view> translations[]{
    {"the write mode upsert, replace or skip-existing", "--write-mode upsert, replace or skip-existing"},
    {"empty it, or", "empty it (--truncate-target does that), or"},
    {"start over without resuming, into an empty target table", "start over with --truncate-target"},
    {"start over without resuming, into an empty table", "start over with --truncate-target"},
};

std::string how_to_go_on(rf::outcome how, bool by_itself, const options& o) {
    if (how == rf::outcome::refused || how == rf::outcome::complete) return {};
    if (o.engine == copy_engine::legacy) return "; --engine legacy keeps no checkpoint, so that a new run starts over";
    std::string hint = "; run the same command again";
    if (o.truncate_target || !o.resume)
        hint += fmt::format(" without {}", o.resume ? "--truncate-target" : "--no-resume");
    hint += " to continue";
    if (!by_itself) hint += " when that is mended";
    return hint;
}

} // namespace

std::string sentence(const rf::error& e) {
    std::string text = to_string(e);
    for (const auto& [library, tool] : translations) {
        if (const auto at = text.find(library); at != text.npos) text.replace(at, library.size(), tool);
    }
    return rf::one_line(text);
}

std::string sentence(const rf::error& e, rf::outcome how, const options& wanted) {
    const char* signal = stop_signal();
    if (how == rf::outcome::interrupted && signal != nullptr) {
        return fmt::format("stopped by {}", signal) + how_to_go_on(how, true, wanted);
    }
    return sentence(e) + how_to_go_on(how, rf::is_retryable(e.fault), wanted);
}

std::string sentence(const rf::report& r, const options& wanted) {
    const std::string text = sentence(r.failure.value_or(rf::error{}), r.outcome, wanted);
    if (r.outcome != rf::outcome::interrupted) return text;
    return fmt::format("table {}, after {}: {}", rf::one_line(r.table), rf::counted(r.rows, "row", "rows"), text);
}

} // namespace tool
