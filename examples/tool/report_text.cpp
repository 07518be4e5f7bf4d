// SPDX-License-Identifier: BSL-1.0
#include "report_text.hpp"

#include "column_list.hpp"
#include "exit_code.hpp"
#include "plan_text.hpp"
#include "verification_text.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/text.hpp>
#include <rowferry/timing.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>

namespace tool {
namespace {

namespace rf = rowferry;

std::string retries(const rf::connection_stats& both) {
    std::string text = rf::grouped(both.retry_count());
    for (std::size_t i = 0; i < rf::fault_count; ++i) {
        const auto fault = static_cast<rf::fault>(i);
        const std::uint64_t n = both.retry_count(fault);
        if (n > 0)
            text += fmt::format("{}{} {}", text.find('(') == text.npos ? " (" : ", ", rf::grouped(n), name(fault));
    }
    return text.find('(') == text.npos ? text : text + ")";
}

std::string recovery(const rf::connection_stats& both) {
    std::string text =
        fmt::format("{} of {} overcome ({:.0f} %)", both.recoveries,
                    rf::counted(both.recoveries + both.given_up, "failure", "failures"), 100 * both.retry_success());
    if (both.recoveries > 0) {
        text += fmt::format(", in {:.1f} s on average and {:.1f} s at most", rf::to_seconds(both.mean_recovery()),
                            rf::to_seconds(both.recovery_longest));
    }
    return text;
}

std::string amount(double bytes) {
    if (bytes < 1e3) return fmt::format("{:.0f} B", bytes);
    if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
    return bytes < 1e10 ? fmt::format("{:.1f} MB", bytes / 1e6) : fmt::format("{:.1f} GB", bytes / 1e9);
}

/// With speeds, unless it was too short for them to mean anything.
std::string time(const rf::report& r, bool has_bytes) {
    const double elapsed = rf::to_seconds(r.elapsed);
    if (elapsed < 0.1) return fmt::format("{:.3f} s", elapsed);
    std::string text = fmt::format("{:.1f} s", elapsed);
    if (r.rows == 0) return text;
    text += fmt::format(", {} rows/s", rf::grouped(static_cast<std::uint64_t>(r.rows_per_second())));
    if (has_bytes) text += fmt::format(", {}/s", amount(static_cast<double>(r.bytes) / elapsed));
    return text;
}

/// Of which moment the rows are.
std::string moment(const rf::report& r) {
    if (!r.snapshot) return "several moments, if the table changed meanwhile (--consistent: one)";
    std::string text = r.snapshot->taken_at + " UTC, all rows";
    if (r.started_over > 0) {
        text += fmt::format("; the snapshot was lost {} before", rf::counted(r.started_over, "time", "times"));
    }
    return text;
}

std::string table_text(const rf::report& r, const options& wanted) {
    const rf::connection_stats both = r.connections();
    const bool across = r.route == rf::route::across; // else the bytes are an estimate
    std::string text = fmt::format("table {}: {}\n", rf::one_line(r.table, rf::shown::name), name(r.outcome));
    auto line = [&text](std::string_view what, const std::string& how) {
        text += fmt::format("  {:<12}{}\n", what, rf::one_line(how));
    };
    line("copied", fmt::format("{}{} in {}{}", rf::counted(r.rows, "row", "rows"),
                               across && r.rows > 0 ? ", " + amount(static_cast<double>(r.bytes)) : "",
                               rf::counted(r.batches, "batch", "batches"), across ? "" : ", inside the server"));
    if (across && r.rows > 0) line("written", std::string(write_way_text(r.way)));
    if (!wanted.where.empty()) line("rows", "only where " + wanted.where);
    if (!wanted.columns.empty()) line("columns", column_list(wanted.columns));
    line("time", time(r, across));
    if (r.resumed_rows > 0)
        line("resumed", fmt::format("after {} of earlier runs", rf::counted(r.resumed_rows, "row", "rows")));
    if (r.skipped > 0) line("skipped", rf::counted(r.skipped, "row", "rows") + " that were in the target");
    if (r.null_watermarks > 0) {
        line("left out", rf::counted(r.null_watermarks, "row", "rows") + " that the incremental column is NULL in");
    }
    if (r.workers > 1) line("jobs", fmt::format("{} at once", r.workers));
    line("retries", retries(both));
    if (both.recoveries + both.given_up > 0) line("recovery", recovery(both));
    if (both.backoff + both.throttle > rf::duration::zero()) {
        line("waited", fmt::format("{:.1f} s for retries, {:.1f} s for the rate limit", rf::to_seconds(both.backoff),
                                   rf::to_seconds(both.throttle)));
    }
    if (!r.last_key.empty()) line("last key", rf::to_string(r.last_key, r.last_key_forms));
    if (r.open_ranges > 0)
        line("open", rf::counted(r.open_ranges, "range", "ranges") + " before the last key, which the next run copies");
    if (r.rows > 0) line("as of", moment(r));
    for (const std::string& notice : r.notices) line("notice", notice);
    return text;
}

} // namespace

std::string text_report(const job_result& result, const options& wanted) {
    std::string text;
    rf::listing not_begun;
    std::size_t complete = 0;
    rf::report sum;
    for (const rf::copy_plan& plan : result.plans) text += result.tables.empty() ? plan_text(plan, wanted) : "";
    for (const rf::report& r : result.tables) {
        if (r.source.connects == 0) {
            not_begun.add(rf::one_line(r.table, rf::shown::name));
            continue;
        }
        complete += r.complete() ? 1U : 0U;
        text += table_text(r, wanted);
        sum.rows += r.rows;
        sum.elapsed += r.elapsed;
        sum.source += r.source;
        sum.target += r.target;
    }
    if (result.tables.size() > 1) {
        if (!not_begun.empty()) text += fmt::format("not begun: {}\n", not_begun.text());
        text += fmt::format("{} of {} tables complete", complete, result.tables.size());
        text += result.outcome == rf::outcome::refused && !has_changed(result)
                    ? ", nothing was changed\n"
                    : fmt::format(": {} in {:.1f} s, {}\n", rf::counted(sum.rows, "row", "rows"),
                                  rf::to_seconds(sum.elapsed), rf::counted(sum.retries(), "retry", "retries"));
    }
    if (!result.verifications.empty() && !result.tables.empty()) text += "compared with the source:\n";
    for (const rf::verification& v : result.verifications) text += verification_text(v);
    if (result.verifications.size() > 1) text += verification_summary(result);
    return text;
}

} // namespace tool
