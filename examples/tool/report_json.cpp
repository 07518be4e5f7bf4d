// SPDX-License-Identifier: BSL-1.0
#include "report_json.hpp"

#include "json_parts.hpp"
#include "plan_text.hpp"
#include "verification_json.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/timing.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;
std::uint64_t reconnects(const rf::connection_stats& side) { return side.connects > 0 ? side.connects - 1 : 0; }

/// Inside one server no row is sent; a copy that was refused had not chosen yet.
json write_way_of(rf::route route, rf::write_way way) {
    const bool is_sent = route == rf::route::across && way != rf::write_way::automatic;
    return is_sent ? json(name(way)) : json(nullptr);
}

json to_json(const rf::report& r, const options& wanted) {
    const rf::connection_stats both = r.connections();
    json by_fault = json::object();
    for (std::size_t i = 0; i < rf::fault_count; ++i) {
        const auto fault = static_cast<rf::fault>(i);
        if (both.retry_count(fault) > 0) by_fault[std::string(name(fault))] = both.retry_count(fault);
    }
    json j;
    j["table"] = rf::hide_url_passwords(r.table);
    j["rows"] = r.rows;
    j["retries"] = r.retries();
    j["seconds"] = seconds(r.elapsed);
    j["outcome"] = name(r.outcome);
    j["route"] = name(r.route);
    j["write_way"] = write_way_of(r.route, r.way);
    j["bytes"] = r.bytes;
    j["batches"] = r.batches;
    j["jobs"] = r.workers;
    j["open_ranges"] = r.open_ranges;
    j["skipped"] = r.skipped;
    j["resumed_rows"] = r.resumed_rows;
    j["null_watermarks"] = r.null_watermarks;
    j["rows_per_second"] = rounded(r.rows_per_second());
    j["retries_by_fault"] = by_fault;
    j["reconnects"] = reconnects(r.source) + reconnects(r.target);
    j["recoveries"] = both.recoveries;
    j["mean_recovery_seconds"] = seconds(both.mean_recovery());
    j["longest_recovery_seconds"] = seconds(both.recovery_longest);
    j["retry_success"] = rounded(both.retry_success());
    j["waited_seconds"] = {{"retry", seconds(both.backoff)}, {"rate_limit", seconds(both.throttle)}};
    j["last_key"] = tool::to_json(r.last_key, r.last_key_forms);
    j["lost_batches"] = r.lost_batches;
    if (!r.notices.empty()) j["notices"] = without_passwords(r.notices);
    add_choice(j, wanted);
    j["consistency"] = name(r.consistency);
    if (r.consistency == rf::consistency::one_snapshot) {
        j["snapshot"] = r.snapshot ? json{{"taken_at", r.snapshot->taken_at}} : json(nullptr);
        j["started_over"] = r.started_over;
    }
    if (r.failure) j["error"] = tool::to_json(*r.failure, r.outcome, rf::may_have_committed(r), wanted);
    return j;
}

/// A table's copy, with what its verification found.
json to_json(const rf::report& r, const job_result& result, const options& wanted) {
    json j = to_json(r, wanted);
    for (const rf::verification& v : result.verifications) {
        if (v.table == r.table) j["verification"] = tool::to_json(v, wanted);
    }
    return j;
}

json to_json(const rf::copy_plan& plan, const options& wanted) {
    json j;
    j["table"] = plan.source.name;
    j["route"] = name(plan.route);
    j["key"] = plan.order.index;
    j["order"] = ordering_columns(plan);
    j["where"] = rf::hide_url_passwords(plan.filter);
    json columns = json::array();
    for (const std::size_t i : plan.columns.source) columns.push_back(plan.source.columns[i].name);
    j["columns"] = columns;
    j["write_mode"] = name(plan.write.kind);
    j["write_way"] = write_way_of(plan.route, plan.write.way);
    j["checkpoint"] = plan.resumed;
    j["resumed_rows"] = plan.entry.rows;
    j["last_key"] = tool::to_json(plan.entry.last_key, rf::forms_of(plan.source, plan.order.parts));
    j["expected_rows"] = plan.expected_rows ? json(*plan.expected_rows) : json(nullptr);
    j["estimated_rows"] = plan.source.estimated_rows;
    j["estimated_bytes"] = plan.source.estimated_bytes;
    j["null_watermarks"] = plan.null_watermarks;
    j["creates"] = plan.creates ? json(rf::hide_url_passwords(plan.creates->statement)) : json(nullptr);
    j["notices"] = without_passwords(plan.notices);
    j["consistency"] = name(plan.consistency);
    j["verify"] = wanted.verify;
    j["repair"] = wanted.repair;
    j["delete_extra"] = wanted.delete_extra;
    return j;
}

json totals(const job_result& result) {
    std::size_t complete = 0;
    rf::report sum;
    for (const rf::report& r : result.tables) {
        complete += r.complete() ? 1U : 0U;
        sum.rows += r.rows;
        sum.bytes += r.bytes;
        sum.elapsed += r.elapsed;
        sum.source += r.source;
        sum.target += r.target;
    }
    json j;
    j["tables"] = result.tables.size();
    j["complete"] = complete;
    j["rows"] = sum.rows;
    j["bytes"] = sum.bytes;
    j["retries"] = sum.retries();
    j["seconds"] = seconds(sum.elapsed);
    j["outcome"] = name(result.outcome);
    if (!result.verifications.empty()) j["verification"] = verification_totals(result);
    return j;
}

} // namespace

std::string json_report(const job_result& result, const options& wanted) {
    json document;
    document["tables"] = json::array();
    const bool is_dry_run = result.tables.empty() && !result.plans.empty();
    if (wanted.what == task::verify) {
        for (const rf::verification& v : result.verifications) document["tables"].push_back(tool::to_json(v, wanted));
        document["totals"] = verification_totals(result);
    } else if (is_dry_run) {
        for (const rf::copy_plan& plan : result.plans) document["tables"].push_back(to_json(plan, wanted));
        document["dry_run"] = true;
    } else {
        for (const rf::report& r : result.tables) document["tables"].push_back(to_json(r, result, wanted));
        document["totals"] = totals(result);
    }
    if (!wanted.source.database.empty()) { // else the command line could not be read
        document["source"] = rf::mysql::identity(wanted.source);
        document["target"] = rf::mysql::identity(wanted.target);
    }
    if (!result.notices.empty()) document["notices"] = without_passwords(result.notices);
    if (result.failure) document["error"] = tool::to_json(*result.failure, result.outcome, false, wanted);
    return printed(std::move(document));
}

} // namespace tool
