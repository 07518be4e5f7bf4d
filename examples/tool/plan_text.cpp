// SPDX-License-Identifier: BSL-1.0
#include "plan_text.hpp"

#include <rowferry/batch_size.hpp>
#include <rowferry/text.hpp>

#include <fmt/core.h>

namespace tool {
namespace {

namespace rf = rowferry;

std::string order(const rf::copy_plan& plan) {
    std::string text;
    for (const std::string& column : ordering_columns(plan)) text += (text.empty() ? "" : ", ") + column;
    return plan.order.index.empty() ? text : fmt::format("key {} ({})", plan.order.index, text);
}

std::string batch(const options& o) {
    const rf::fixed_batch fixed;
    if (o.batch_rows || o.engine == copy_engine::legacy) {
        return fmt::format("{}, {} at most", rf::counted(o.batch_rows.value_or(fixed.rows), "row", "rows"),
                           rf::counted(o.batch_bytes.value_or(fixed.bytes), "byte", "bytes"));
    }
    return fmt::format("about {}",
                       rf::counted(o.batch_bytes.value_or(rf::adaptive_batch{}.target_bytes), "byte", "bytes"));
}

std::string checkpoint(const rf::copy_plan& plan, const options& o) {
    if (o.engine == copy_engine::legacy) return "none is kept";
    if (o.truncate_target || !o.resume) return "forgotten, if there is one";
    if (!plan.resumed) return "not found: the copy begins at the start";
    const std::string rows = rf::counted(plan.entry.rows, "row", "rows");
    return plan.entry.last_key.empty()
               ? fmt::format("found: {} were committed", rows)
               : fmt::format("found: {} were committed, up to key {}", rows, rf::to_string(plan.entry.last_key));
}

std::string amount(const rf::copy_plan& plan) {
    if (plan.expected_rows) return rf::counted(*plan.expected_rows, "row", "rows");
    return fmt::format("not counted; the whole table has about {}",
                       rf::counted(plan.source.estimated_rows, "row", "rows"));
}

} // namespace

std::vector<std::string> ordering_columns(const rf::copy_plan& plan) {
    std::vector<std::string> columns;
    for (const rf::key_part& part : plan.order.parts) {
        columns.push_back(plan.source.columns[part.column].name + (part.descending ? " desc" : ""));
    }
    return columns;
}

std::string plan_text(const rf::copy_plan& plan, const options& wanted) {
    std::string text = fmt::format("table {}: would be copied\n", plan.source.name);
    auto line = [&text](std::string_view what, const std::string& how) {
        text += fmt::format("  {:<12}{}\n", what, rf::one_line(how));
    };
    line("route", plan.route == rf::route::across ? "across: read from the source, written to the target"
                                                  : "server-side: both are one server, INSERT … SELECT there");
    line("pages by", order(plan));
    line("batches", batch(wanted));
    line("write mode", std::string(name(plan.write.kind)));
    if (wanted.truncate_target) line("target", "is emptied first");
    line("checkpoint", checkpoint(plan, wanted));
    line("to copy", amount(plan));
    for (const std::string& notice : plan.notices) line("notice", notice);
    return text;
}

} // namespace tool
