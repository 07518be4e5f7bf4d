// SPDX-License-Identifier: BSL-1.0
#include "wording.hpp"

#include "interrupt.hpp"

#include <rowferry/text.hpp>

#include <fmt/core.h>

#include <cstdint>
#include <string_view>

namespace tool {
namespace {

namespace rf = rowferry;

/// The library speaks of policies and requests, the tool of options. An incremental copy cannot empty the target; it
/// starts over behind the target's largest value.
struct translation {
    std::string_view library;
    std::string_view full;
    std::string_view incremental;
};
constexpr translation translations[]{
    {"; what was committed is of that snapshot, and cannot be completed from another one: start over without resuming, "
     "into an empty target table",
     "", ""},
    {"; nothing was copied from it: run the copy again", "; nothing was copied from it", ""},
    {"; run the copy again to continue", "", ""},
    {"or copy it without one snapshot", "or copy it without --consistent", "or copy it without --consistent"},
    {"or copy without one snapshot", "or copy without --consistent", "or copy without --consistent"},
    {"the write mode upsert, replace or skip-existing", "--write-mode upsert, replace or skip-existing",
     "--write-mode upsert, replace or skip-existing"},
    {"the write mode insert or skip-existing", "--write-mode insert or skip-existing",
     "--write-mode insert or skip-existing"},
    {"the write way load-data or multi-row", "--write-way load-data or multi-row",
     "--write-way load-data or multi-row"},
    {"the write mode replace, or the write way array or multi-row",
     "--write-mode replace, or --write-way array or multi-row",
     "--write-mode replace, or --write-way array or multi-row"},
    {"the write way multi-row", "--write-way multi-row", "--write-way multi-row"},
    {"or set copy_request::keyless", "or say --keyless", "or say --keyless"},
    {"or accept triggers", "or say --accept-triggers", "or say --accept-triggers"},
    {": empty it first", ": empty it (--truncate-target does that)", ": empty it first"},
    {"empty it, or", "empty it (--truncate-target does that), or", "empty it, or"},
    {"start over without resuming, into an empty target table", "start over with --truncate-target",
     "empty the target table, and start over with --no-resume"},
    {"start over without resuming, into an empty table", "start over with --truncate-target",
     "empty the target table, and start over with --no-resume"},
    {"start over without resuming", "start over with --truncate-target", "start over with --no-resume"},
};

std::string how_to_go_on(rf::outcome how, bool by_itself, bool has_committed, const options& o) {
    if (how == rf::outcome::refused || how == rf::outcome::complete) return {};
    if (o.engine == copy_engine::legacy) return "; --engine legacy keeps no checkpoint, so that a new run starts over";
    const std::string when = by_itself ? "" : " when that is mended";
    if (o.consistent && o.mode == copy_mode::full && (has_committed || o.tables.size() != 1)) {
        const std::string end = "; the snapshot ended with this run: ";
        return end +
               (o.truncate_target ? "run the same command again" : "run the command again with --truncate-target") +
               when + ", to copy everything as of one moment";
    }
    if (!has_committed || (!o.truncate_target && o.resume)) return "; run the same command again to continue" + when;
    const char* option = o.truncate_target ? "--truncate-target" : "--no-resume";
    if (o.tables.size() == 1) return fmt::format("; run the same command again without {} to continue{}", option, when);
    return fmt::format(
        "; to continue{}, run the command without {} for this table, and with it for those that were not "
        "begun",
        when, option);
}

} // namespace

std::string sentence(const rf::error& e, const options& wanted) {
    std::string text = to_string(e);
    for (const auto& [library, full, incremental] : translations) {
        const std::string_view tool = wanted.mode == copy_mode::full ? full : incremental;
        if (const auto at = text.find(library); at != text.npos) text.replace(at, library.size(), tool);
    }
    return rf::one_line(text);
}

std::string sentence(const rf::error& e, rf::outcome how, bool has_committed, const options& wanted) {
    const char* signal = stop_signal();
    if (how == rf::outcome::interrupted && signal != nullptr) {
        return fmt::format("stopped by {}", signal) + how_to_go_on(how, true, has_committed, wanted);
    }
    return sentence(e, wanted) + how_to_go_on(how, rf::is_retryable(e.fault), has_committed, wanted);
}

std::string sentence(const rf::report& r, const options& wanted) {
    const std::string text = sentence(r.failure.value_or(rf::error{}), r.outcome, r.batches > 0, wanted);
    if (r.outcome != rf::outcome::interrupted) return text;
    return fmt::format("table {}, after {}: {}", rf::one_line(r.table), rf::counted(r.rows, "row", "rows"), text);
}

std::string sentence(const rf::verification& v, const options& wanted) {
    const std::string table = "table " + rf::one_line(v.table) + ": ";
    if (v.verdict == rf::verdict::interrupted && stop_signal() != nullptr) {
        return fmt::format("{}the comparison was stopped by {}", table, stop_signal());
    }
    if (v.failure) return table + sentence(*v.failure, wanted);
    if (v.differs_as_a_whole) {
        return fmt::format("{}source and target differ: {} and {}, compared as a whole", table,
                           rf::counted(v.source_rows, "row", "rows"), rf::counted(v.target_rows, "row", "rows"));
    }
    const std::uint64_t left = v.left();
    const char* remedy = wanted.what == task::verify || wanted.repair ? "" : "; --repair copies exactly these again";
    return fmt::format("{}source and target differ in {} ({} missing, {} extra, {} changed){}{}", table,
                       rf::counted(v.found(), "row", "rows"), v.missing.count, v.extra.count, v.changed.count,
                       left == v.found() ? "" : fmt::format(", of which {} left", left), remedy);
}

} // namespace tool
