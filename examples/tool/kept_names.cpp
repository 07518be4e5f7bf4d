// SPDX-License-Identifier: BSL-1.0
#include "kept_names.hpp"

#include "interrupt.hpp"

#include <rowferry/sql.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

rf::error stop_was_requested() {
    rf::error e;
    e.fault = rf::fault::transient;
    e.cause = rf::cause::interrupted;
    e.message = "a stop was requested";
    return e;
}

/// No name of a table has characters of four bytes, and the server would make a question mark of one.
bool is_possible(std::string_view name) {
    return std::none_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; });
}

} // namespace

rf::result<std::vector<std::string>> names_kept_by(rf::mysql::connection& c, const std::vector<std::string>& names) {
    constexpr std::size_t at_once = 100;
    auto setting = c.query("SELECT @@lower_case_table_names", 1);
    if (!setting) return std::move(setting.error());
    if (setting->at(0, 0).bytes() == "0") return names;
    std::vector<std::string> kept = names;
    for (std::size_t first = 0; first < names.size(); first += at_once) {
        if (stop_signal() != nullptr) return stop_was_requested();
        const std::size_t count = std::min(at_once, names.size() - first);
        std::string statement;
        for (std::size_t i = 0; i < count; ++i) {
            statement += i == 0 ? "SELECT LOWER(CONVERT(" : ", LOWER(CONVERT(";
            rf::sql::append_text(statement, names[first + i]);
            statement += " USING utf8mb3) COLLATE utf8mb3_general_ci)";
        }
        auto lower = c.query(statement, count);
        if (!lower) return std::move(lower.error());
        for (std::size_t i = 0; i < count; ++i) {
            if (is_possible(names[first + i])) kept[first + i] = std::string(lower->at(0, i).bytes());
        }
    }
    return kept;
}

} // namespace tool
