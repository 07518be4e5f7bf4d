// SPDX-License-Identifier: BSL-1.0
#include "json_parts.hpp"

#include "exit_code.hpp"
#include "wording.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>

#include <cmath>
#include <utility>

namespace tool {

namespace rf = rowferry;

namespace {

/// Cuts names and messages that are longer than any server's own. A consumer gets each one of usual length as it is.
void cut_long_text(json& part) {
    if (part.is_string()) {
        const auto& text = part.get_ref<const std::string&>();
        if (text.size() > rf::shown::sentence) part = rf::cut(text, rf::shown::sentence);
    }
    if (!part.is_structured()) return;
    for (auto& [key, value] : part.items()) {
        if (key != "creates" && key != "where") cut_long_text(value);
    }
}

} // namespace

std::string printed(json document) {
    cut_long_text(document);
    return rf::visible_json(document.dump(-1, ' ', false, json::error_handler_t::replace)) + "\n";
}

double rounded(double n) { return std::round(n * 1000) / 1000; }
double seconds(rf::duration d) { return rounded(rf::to_seconds(d)); }

json to_json(const rf::error& e, rf::outcome how, bool has_committed, const options& wanted) {
    json j;
    j["message"] = sentence(e, how, has_committed, wanted);
    j["retryable"] = how == rf::outcome::interrupted || can_run_again(e, has_committed, wanted);
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
    j["changed"] = json::array();
    for (const rf::change& c : e.changes) {
        json one{{"action", name(c.what)}};
        if (!c.subject.empty()) one["subject"] = c.subject;
        j["changed"].push_back(std::move(one));
    }
    return j;
}

json to_json(const rf::key_values& key) {
    json values = json::array();
    for (const rf::value& v : key) values.push_back(v ? json(*v) : json(nullptr));
    return values;
}

json without_passwords(const std::vector<std::string>& texts) {
    json all = json::array();
    for (const std::string& text : texts) all.push_back(rf::hide_url_passwords(text));
    return all;
}

void add_choice(json& j, const options& wanted) {
    j["where"] = rf::hide_url_passwords(wanted.where);
    j["columns"] = wanted.columns.empty() ? json(nullptr) : without_passwords(wanted.columns);
}

} // namespace tool
