// SPDX-License-Identifier: BSL-1.0
#include "clone_options.hpp"

#include <rowferry/sql/adaptation.hpp>
#include <rowferry/table.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

bool is_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// A type as it may stand in a definition: "uuid", "char(36)", "decimal(10,2) unsigned".
bool is_type(std::string_view text) {
    if (text.ends_with(" unsigned")) text.remove_suffix(9);
    const auto open = text.find('(');
    if (open == text.npos) return is_word(text);
    std::string_view arguments = text.substr(open + 1);
    if (!arguments.ends_with(')')) return false;
    arguments.remove_suffix(1);
    return is_word(text.substr(0, open)) && !arguments.empty() &&
           arguments.find_first_not_of("0123456789,") == arguments.npos;
}

/// The replacements of one option, each as FROM=TO, and none for a name that has one already.
rf::result<std::vector<rf::replacement>> replacements(const std::string& option, const std::vector<std::string>& given,
                                                      bool (*is_valid)(std::string_view), const char* example) {
    std::vector<rf::replacement> all;
    for (const std::string& text : given) {
        const auto sign = text.find('=');
        rf::replacement each{text.substr(0, sign), sign == text.npos ? "" : text.substr(sign + 1)};
        if (!is_valid(each.from) || !is_valid(each.to)) {
            return rf::refusal(fmt::format("{} is \"{}\", and must be FROM=TO, as {}", option, text, example));
        }
        for (const rf::replacement& other : all) {
            if (rf::table_schema::same_name(other.from, each.from)) {
                return rf::refusal(fmt::format("{} maps {} twice", option, each.from));
            }
        }
        all.push_back(std::move(each));
    }
    return all;
}

} // namespace

rf::result<rf::definition_changes> read_clone_options(const raw_clone_options& raw) {
    rf::definition_changes changes;
    auto collations =
        replacements("--map-collation", raw.collations, is_word, "utf8mb4_0900_ai_ci=utf8mb4_unicode_520_ci");
    if (!collations) return collations.error();
    for (const rf::replacement& each : *collations) {
        if (rf::sql::charset_of(each.from) != rf::sql::charset_of(each.to)) {
            return rf::refusal(fmt::format("--map-collation is \"{}={}\", and must stay within one charset: values are "
                                           "copied without conversion",
                                           each.from, each.to));
        }
    }
    auto types = replacements("--map-type", raw.types, is_type, "uuid=char(36)");
    if (!types) return types.error();
    auto engines = replacements("--map-engine", raw.engines, is_word, "Aria=InnoDB");
    if (!engines) return engines.error();
    for (const std::string& feature : raw.leave_out) {
        const auto& known = rf::optional_features;
        if (std::find(known.begin(), known.end(), feature) != known.end()) continue;
        std::string names;
        for (std::string_view name : known) names += (names.empty() ? "" : ", ") + std::string(name);
        return rf::refusal(fmt::format("--leave-out is \"{}\", and can be one of: {}", feature, names));
    }
    changes.collations = std::move(*collations);
    changes.types = std::move(*types);
    changes.engines = std::move(*engines);
    changes.leave_out = raw.leave_out;
    return changes;
}

} // namespace tool
