// SPDX-License-Identifier: BSL-1.0
#include "plan_text.hpp"

#include <rowferry/batch_size.hpp>
#include <rowferry/column_choice.hpp>
#include <rowferry/text.hpp>

#include <fmt/core.h>

#include <cstddef>
#include <string>

namespace tool {
namespace {

namespace rf = rowferry;

std::string order(const rf::copy_plan& plan) {
    if (plan.streams) return "no key: all rows in one pass and one transaction";
    rf::listing columns;
    for (const std::string& column : ordering_columns(plan)) columns.add(column);
    if (plan.order.index.empty()) return "columns " + columns.text();
    return fmt::format("key {} ({})", rf::one_line(plan.order.index, rf::shown::name), columns.text());
}

std::string copied_columns(const rf::copy_plan& plan) {
    rf::listing columns;
    for (const std::size_t i : plan.columns.source) columns.add(plan.source.columns[i].name);
    const std::string others = rf::unwritten_columns(plan.target, plan.columns);
    return others.empty() ? columns.text() : columns.text() + "; not written: " + others;
}

std::string batch(const options& o) {
    const rf::fixed_batch fixed;
    if (o.batch_rows || o.engine == copy_engine::legacy) {
        return fmt::format("{} each, {} at most", rf::counted(o.batch_rows.value_or(fixed.rows), "row", "rows"),
                           rf::counted(o.batch_bytes.value_or(fixed.bytes), "byte", "bytes"));
    }
    const rf::adaptive_batch adaptive;
    return fmt::format("about {} each, {} at most",
                       rf::counted(o.batch_bytes.value_or(adaptive.target_bytes), "byte", "bytes"),
                       rf::counted(adaptive.max_rows, "row", "rows"));
}

std::string checkpoint(const rf::copy_plan& plan, const options& o) {
    if (o.engine == copy_engine::legacy) return "none is kept";
    if (o.truncate_target || !o.resume) return "forgotten, if there is one";
    if (!plan.resumed) return "not found";
    return fmt::format("found: {} committed before", rf::counted(plan.entry.rows, "row", "rows"));
}

std::string begin(const rf::copy_plan& plan, const options& o) {
    const std::size_t gaps = plan.entry.gaps.size();
    const rf::key_forms forms = rf::forms_of(plan.source, plan.order.parts);
    if (gaps > 0) return "in " + rf::counted(gaps + 1, "range", "ranges") + " that several jobs left open";
    if (!plan.entry.last_key.empty()) return "after key " + rf::to_string(plan.entry.last_key, forms);
    if (!plan.start.from) return "at the first row";
    return fmt::format("at {} = {}, {}", o.incremental_column, rf::to_string(plan.start.from->values, forms),
                       plan.start.from->inclusive ? "this included" : "this not included");
}

std::string limits(const options& o) {
    std::string text;
    if (o.rows_per_second > 0) text = fmt::format("{} rows/s", o.rows_per_second);
    if (o.bytes_per_second > 0) text += fmt::format("{}{} bytes/s", text.empty() ? "" : ", ", o.bytes_per_second);
    return text;
}

std::string afterwards(const options& o) {
    std::string text = "the table is compared with the source";
    if (o.repair) text += "; rows that are missing or differ are copied again";
    if (o.delete_extra) text += ", and rows that only the target has are deleted";
    return text;
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

std::string_view write_way_text(rf::write_way way) {
    switch (way) {
    case rf::write_way::automatic: return "as the connection does by itself";
    case rf::write_way::array_binding: return "by prepared inserts with arrays of rows (array)";
    case rf::write_way::load_data: return "by LOAD DATA LOCAL from memory (load-data)";
    case rf::write_way::multi_row: return "by inserts of many rows (multi-row)";
    }
    return "";
}

std::string plan_text(const rf::copy_plan& plan, const options& wanted) {
    std::string text = fmt::format("table {}: would be copied\n", rf::one_line(plan.source.name, rf::shown::name));
    auto line = [&text](std::string_view what, const std::string& how) {
        text += fmt::format("  {:<12}{}\n", what, rf::one_line(how));
    };
    // Written anew from what was parsed, and shown whole: a thousand columns fit.
    constexpr std::size_t most_of_definition = 65'536;
    line("source", rf::mysql::identity(wanted.source));
    line("target", rf::mysql::identity(wanted.target) + (plan.creates             ? ": the table is created first"
                                                         : wanted.truncate_target ? ": the table is emptied first"
                                                                                  : ""));
    if (plan.creates) {
        text += fmt::format("  {:<12}{}\n", "definition", rf::one_line(plan.creates->statement, most_of_definition));
        line("tried", "on the server, when the copy begins");
    }
    line("route", plan.route == rf::route::across ? "across: read from the source, written to the target"
                                                  : "server-side: both are one server, INSERT … SELECT there");
    if (!plan.filter.empty()) line("rows", "only where " + plan.filter);
    if (!wanted.columns.empty()) line("columns", copied_columns(plan));
    line("pages by", order(plan));
    if (wanted.consistent) line("as of", "one snapshot of all tables, taken when the copy begins");
    line(plan.streams ? "slices" : "batches", batch(wanted));
    if (wanted.jobs > 1) line("jobs", fmt::format("{} at once, each over connections of its own", wanted.jobs));
    line("write mode", std::string(name(plan.write.kind)));
    if (plan.route == rf::route::across) line("written", std::string(write_way_text(plan.write.way)));
    if (const std::string limit = limits(wanted); !limit.empty()) line("limit", limit);
    line("checkpoint", checkpoint(plan, wanted));
    line("begins", begin(plan, wanted));
    if (plan.start.up_to)
        line("ends", fmt::format("at {} = {}", wanted.incremental_column,
                                 rf::to_string(plan.start.up_to->values, rf::forms_of(plan.source, plan.order.parts))));
    line("to copy", amount(plan));
    if (wanted.verify) line("afterwards", afterwards(wanted));
    for (const std::string& notice : plan.notices) line("notice", notice);
    return text;
}

} // namespace tool
