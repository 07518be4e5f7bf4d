// SPDX-License-Identifier: BSL-1.0
#include "verification_json.hpp"

#include <rowferry/foreign_text.hpp>
#include <rowferry/report.hpp>

#include <cstddef>

namespace tool {
namespace {

namespace rf = rowferry;

json to_json(const rf::counted_keys& found, const rf::key_forms& forms) {
    json keys = json::array();
    for (const rf::key_values& key : found.keys) keys.push_back(tool::to_json(key, forms));
    return {{"count", found.count}, {"keys", keys}};
}

} // namespace

json to_json(const rf::verification& v, const options& wanted) {
    json j;
    j["table"] = rf::hide_url_passwords(v.table);
    j["verdict"] = name(v.verdict);
    j["rows"] = v.source_rows;
    j["target_rows"] = v.target_rows;
    j["missing"] = to_json(v.missing, v.key_forms);
    j["extra"] = to_json(v.extra, v.key_forms);
    j["changed"] = to_json(v.changed, v.key_forms);
    j["changed"]["only_generated"] = v.computed;
    j["changed_meanwhile"] = to_json(v.changed_meanwhile, v.key_forms);
    j["changes_meanwhile"] = v.changes_meanwhile;
    j["undecided"] = to_json(v.undecided, v.key_forms);
    j["undecided_ranges"] = v.undecided_ranges;
    j["unnamed_ranges"] = v.unnamed_ranges;
    j["rows_are_named"] = v.named;
    j["repaired"] = v.repaired;
    j["deleted"] = v.deleted;
    j["left"] = v.left();
    j["chunks"] = v.chunks;
    add_choice(j, wanted);
    j["retries"] = v.retries();
    j["seconds"] = seconds(v.elapsed);
    if (!v.notices.empty()) j["notices"] = without_passwords(v.notices);
    if (v.unrepaired) j["unrepaired"] = to_json(*v.unrepaired, rf::outcome::stopped, false, wanted);
    if (v.failure) {
        const bool interrupted = v.verdict == rf::verdict::interrupted;
        j["error"] = to_json(*v.failure, interrupted ? rf::outcome::interrupted : rf::outcome::refused, false, wanted);
    }
    return j;
}

json verification_totals(const job_result& result) {
    std::size_t equal = 0;
    std::size_t different = 0;
    std::size_t undecided = 0;
    rf::verification sum;
    for (const rf::verification& v : result.verifications) {
        equal += v.equal() ? 1U : 0U;
        different += v.verdict == rf::verdict::different ? 1U : 0U;
        undecided += v.verdict == rf::verdict::undecided ? 1U : 0U;
        sum.source_rows += v.source_rows;
        sum.missing.count += v.missing.count;
        sum.extra.count += v.extra.count;
        sum.changed.count += v.changed.count;
        sum.repaired += v.repaired;
        sum.deleted += v.deleted;
        sum.elapsed += v.elapsed;
    }
    json j;
    j["tables"] = result.verifications.size();
    j["equal"] = equal;
    j["different"] = different;
    j["undecided"] = undecided;
    j["rows"] = sum.source_rows;
    j["differences"] = sum.found();
    j["repaired"] = sum.repaired;
    j["deleted"] = sum.deleted;
    j["seconds"] = seconds(sum.elapsed);
    return j;
}

} // namespace tool
