// SPDX-License-Identifier: BSL-1.0
#include "json_parts.hpp"

#include "wording.hpp"

#include <rowferry/fault.hpp>

#include <cmath>
#include <utility>

namespace tool {

namespace rf = rowferry;

double rounded(double n) { return std::round(n * 1000) / 1000; }
double seconds(rf::duration d) { return rounded(rf::to_seconds(d)); }

json to_json(const rf::error& e, rf::outcome how, bool has_committed, const options& wanted) {
    json j;
    j["message"] = sentence(e, how, has_committed, wanted);
    if (how == rf::outcome::interrupted) return j;
    j["fault"] = name(e.fault);
    j["errno"] = e.code;
    j["sqlstate"] = e.sqlstate;
    j["operation"] = e.operation;
    j["attempts"] = e.attempt;
    j["cause"] = e.cause == rf::cause::unspecified ? json(nullptr) : json(name(e.cause));
    j["remedies"] = json::array();
    for (const rf::remedy& r : e.remedies) {
        json one{{"action", name(r.what)}};
        if (!r.subject.empty()) one["subject"] = r.subject;
        if (!r.choice.empty()) one["choice"] = r.choice;
        j["remedies"].push_back(std::move(one));
    }
    return j;
}

json to_json(const rf::key_values& key) {
    json values = json::array();
    for (const rf::value& v : key) values.push_back(v ? json(*v) : json(nullptr));
    return values;
}

void add_choice(json& j, const options& wanted) {
    j["where"] = wanted.where;
    j["columns"] = wanted.columns.empty() ? json(nullptr) : json(wanted.columns);
}

} // namespace tool
