// SPDX-License-Identifier: BSL-1.0
// On which settings of a session the expressions of a table depend: the one list of them, and which expressions depend on the
// time zone.
#ifndef ROWFERRY_SQL_COMPUTING_HPP
#define ROWFERRY_SQL_COMPUTING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/grammar/definition.hpp>
#include <rowferry/sql/session.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// Variables that decide what an expression gives: digits of a quotient, the number of a week, and names of days and months.
inline constexpr std::array<std::string_view, 3> computing_variables{"div_precision_increment", "default_week_format",
                                                                     "lc_time_names"};
/// Parts of sql_mode that do: whether CHAR is padded, fractions of a second are rounded or cut, and a difference of unsigned
/// numbers may be negative. Those that decide how text is parsed do not: servers keep expressions parsed, or spelled anew.
inline constexpr std::array<std::string_view, 4> computing_modes{"NO_UNSIGNED_SUBTRACTION", "PAD_CHAR_TO_FULL_LENGTH",
                                                                 "TIME_ROUND_FRACTIONAL", "TIME_TRUNCATE_FRACTIONAL"};
/// What the modes are called in a list of settings.
inline constexpr std::string_view mode_setting = "sql_mode";

/// Appends the SELECT of what new sessions have: the variables in their order, sql_mode, time zone, the system's time zone.
inline void append_read_computing(std::string& out) {
    out += "SELECT ";
    for (const std::string_view name : computing_variables) {
        out += "@@GLOBAL.";
        out += name;
        out += ", ";
    }
    out += "@@GLOBAL.sql_mode, @@GLOBAL.time_zone, @@system_time_zone";
}

/// The modes of a list on which expressions depend, in the order of `computing_modes`.
inline std::string computing_modes_of(std::string_view all) {
    std::string found;
    for (const std::string_view mode : computing_modes) {
        for (std::size_t begin = 0; begin <= all.size();) {
            const std::size_t end = std::min(all.find(',', begin), all.size());
            if (all.substr(begin, end - begin) == mode) found += (found.empty() ? "" : ",") + std::string(mode);
            begin = end + 1;
        }
    }
    return found;
}

/// Whether a time zone is UTC by another name.
inline bool is_utc_zone(std::string_view zone) {
    constexpr std::array<std::string_view, 9> names{"+00:00",  "-00:00", "utc",     "etc/utc", "gmt",
                                                    "etc/gmt", "zulu",   "etc/uct", "uct"};
    return std::any_of(names.begin(), names.end(),
                       [zone](std::string_view name) { return table_schema::same_name(name, zone); });
}

namespace detail {

/// Finds what of one expression depends on the session's time zone.
class zone_reader {
public:
    explicit zone_reader(const table_schema& table) {
        for (const column& c : table.columns) {
            if (rowferry::detail::type_name(c.type) == "timestamp") timestamps_.push_back(c.name);
        }
    }

    /// A TIMESTAMP that is read as a date, and text that is read as a TIMESTAMP. UNIX_TIMESTAMP of a column that is a
    /// TIMESTAMP is the number that is stored, and whether one is NULL depends on nothing.
    [[nodiscard]] bool depends(const grammar::expression& e) const {
        using kind = grammar::part_kind;
        for (std::size_t i = 0; i < e.size(); ++i) {
            if (e[i].is(kind::function, "from_unixtime")) return true;
            if (e[i].is(kind::function, "unix_timestamp") && !is_of_column(e, i)) return true;
            if (e[i].kind != kind::column || !is_timestamp(e[i].text)) continue;
            const bool is_number = i >= 2 && e[i - 2].is(kind::function, "unix_timestamp") && is_of_column(e, i - 2);
            const bool is_null = i + 1 < e.size() && e[i + 1].is(kind::word, "is");
            if (!is_number && !is_null) return true;
        }
        return false;
    }
    /// The same of a default, which may also be the current date or time.
    [[nodiscard]] bool default_depends(const grammar::expression& e, bool of_timestamp) const {
        constexpr std::array<std::string_view, 8> moments{"current_timestamp", "now",         "localtime",
                                                          "localtimestamp",    "curdate",     "curtime",
                                                          "current_date",      "current_time"};
        if (depends(e)) return true;
        if (of_timestamp) return false; // it is stored as the same moment
        return std::any_of(e.begin(), e.end(), [&](const grammar::part& p) {
            return std::find(moments.begin(), moments.end(), p.text) != moments.end() &&
                   (p.kind == grammar::part_kind::function || p.kind == grammar::part_kind::word);
        });
    }
    [[nodiscard]] bool is_timestamp(std::string_view name) const {
        return std::any_of(timestamps_.begin(), timestamps_.end(),
                           [name](const std::string& each) { return table_schema::same_name(each, name); });
    }

private:
    /// "unix_timestamp ( column )"
    [[nodiscard]] bool is_of_column(const grammar::expression& e, std::size_t i) const {
        using kind = grammar::part_kind;
        return i + 3 < e.size() && e[i + 1].is(kind::symbol, "(") && e[i + 2].kind == kind::column &&
               is_timestamp(e[i + 2].text) && e[i + 3].is(kind::symbol, ")");
    }

    std::vector<std::string> timestamps_;
};

} // namespace detail

/// What of a definition is computed by the session's time zone.
inline std::vector<zone_dependence> zone_dependences(const grammar::definition& d, const table_schema& table) {
    const detail::zone_reader zone(table);
    std::vector<zone_dependence> found;
    const auto add = [&](bool depends, std::string what, std::string default_of = {}) {
        if (depends) found.push_back({std::move(what), std::move(default_of)});
    };
    for (const grammar::item& i : d.items) {
        if (const auto* column = std::get_if<grammar::column_definition>(&i)) {
            if (column->generated) add(zone.depends(column->generated->computes), "generated column " + column->name);
            add(zone.default_depends(column->default_value, zone.is_timestamp(column->name)),
                "the default of column " + column->name, column->name);
            for (const grammar::expression& check : column->checks) {
                add(zone.depends(check), "the CHECK of column " + column->name);
            }
        } else if (const auto* key = std::get_if<grammar::key_definition>(&i)) {
            for (const auto& part : key->parts) add(zone.depends(part.computes), "key " + key->name);
        } else if (const auto* check = std::get_if<grammar::check_definition>(&i)) {
            add(zone.depends(check->holds), check->name.empty() ? std::string("a CHECK") : "CHECK " + check->name);
        }
    }
    if (d.partitions) {
        add(zone.depends(d.partitions->by.computes), "its partitions");
        if (d.partitions->sub) add(zone.depends(d.partitions->sub->computes), "its subpartitions");
    }
    return found;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
