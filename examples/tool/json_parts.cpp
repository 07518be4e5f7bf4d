// SPDX-License-Identifier: BSL-1.0
#include "json_parts.hpp"

#include "exit_code.hpp"
#include "wording.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/fingerprint.hpp>
#include <rowferry/foreign_text.hpp>

#include <cmath>
#include <cstddef>
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
        const bool is_bounded = key == "last_key" || key == "keys"; // by their own `to_json`
        if (key != "creates" && key != "where" && !is_bounded) cut_long_text(value);
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
    rf::error as_ended = e;
    if (how == rf::outcome::interrupted) as_ended.cause = rf::cause::interrupted; // whatever the stop met
    j["retryable"] = can_run_again(as_ended, has_committed, wanted);
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

json to_json(const rf::key_values& key, const rf::key_forms& forms) {
    json values = json::array();
    for (std::size_t i = 0; i < key.size(); ++i) {
        // Only of a key that has a prefix of it a value can be longer.
        if (key[i] && key[i]->size() > rf::shown::sentence) {
            values.push_back({{"hash", rf::fingerprint(*key[i])}, {"bytes", key[i]->size()}});
            continue;
        }
        rf::shown_value shown = rf::show(key[i], i < forms.size() ? forms[i] : rf::key_form{});
        switch (shown.how) {
        case rf::shown_value::form::null: values.push_back(nullptr); break;
        case rf::shown_value::form::text: values.push_back(std::move(shown.text)); break;
        case rf::shown_value::form::bytes: values.push_back({{"hex", std::move(shown.text)}}); break;
        }
    }
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
