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
/// The part of sql_mode that does, and that every server knows: a difference of unsigned numbers may be negative. Parts that
/// decide how text is parsed do not: servers keep expressions parsed, or spelled anew. How fractions are rounded is
/// `fraction_setting`, since each product has its own mode for it.
inline constexpr std::array<std::string_view, 1> computing_modes{"NO_UNSIGNED_SUBTRACTION"};
/// The part of sql_mode that no session of ours may have: it pads each CHAR that is read, so that rows would not compare.
inline constexpr std::string_view padding_mode = "PAD_CHAR_TO_FULL_LENGTH";
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

/// Whether a list of modes has this one.
inline bool has_mode(std::string_view all, std::string_view mode) {
    for (std::size_t begin = 0; begin <= all.size();) {
        const std::size_t end = std::min(all.find(',', begin), all.size());
        if (all.substr(begin, end - begin) == mode) return true;
        begin = end + 1;
    }
    return false;
}

/// The modes of a list on which expressions depend, in the order of `computing_modes`.
inline std::string computing_modes_of(std::string_view all) {
    std::string found;
    for (const std::string_view mode : computing_modes) {
        if (has_mode(all, mode)) found += (found.empty() ? "" : ",") + std::string(mode);
    }
    return found;
}

inline constexpr std::string_view rounded = "rounded";
inline constexpr std::string_view cut = "cut";

/// What a server's modes make of fractions of a second: MariaDB cuts and MySQL rounds, unless a mode says otherwise.
inline std::string_view fractions_of(dialect d, std::string_view modes) {
    if (d == dialect::mariadb) return has_mode(modes, "TIME_ROUND_FRACTIONAL") ? rounded : cut;
    return has_mode(modes, "TIME_TRUNCATE_FRACTIONAL") ? cut : rounded;
}
/// The mode with which a server does that; empty where it does so without one.
inline std::string_view fraction_mode(dialect d, std::string_view fractions) {
    if (d == dialect::mariadb) return fractions == rounded ? "TIME_ROUND_FRACTIONAL" : "";
    return fractions == cut ? "TIME_TRUNCATE_FRACTIONAL" : "";
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

    /// From now on this generated column counts as one whose value depends on the zone.
    void add_dependent(std::string name) { dependent_.push_back(std::move(name)); }
    [[nodiscard]] bool is_dependent(std::string_view name) const { return has(dependent_, name); }

    /// A TIMESTAMP that is read as a date, and text that is read as a TIMESTAMP. UNIX_TIMESTAMP of a column that is a
    /// TIMESTAMP is the number that is stored, and whether one is NULL depends on nothing.
    [[nodiscard]] bool depends(const grammar::expression& e) const {
        using kind = grammar::part_kind;
        for (std::size_t i = 0; i < e.size(); ++i) {
            if (e[i].is(kind::function, "from_unixtime")) return true;
            if (e[i].is(kind::function, "unix_timestamp") && !is_of_column(e, i)) return true;
            if (e[i].kind == kind::column && is_dependent(e[i].text)) return true;
            if (e[i].kind != kind::column || !is_timestamp(e[i].text)) continue;
            const bool is_number = i >= 2 && e[i - 2].is(kind::function, "unix_timestamp") && is_of_column(e, i - 2);
            const bool is_null = i + 1 < e.size() && e[i + 1].is(kind::word, "is");
            if (!is_number && !is_null) return true;
        }
        return false;
    }
    /// The same of a CHECK, where two TIMESTAMPs may also be compared with each other: their order is that of the points in
    /// time. In the hour that a clock repeats it may not be; then the row fails the CHECK, which is an error.
    [[nodiscard]] bool check_depends(grammar::expression e) const {
        for (std::size_t i = 0; i + 2 < e.size(); ++i) {
            if (!compares_timestamps(e, i)) continue;
            e[i] = e[i + 2] = {grammar::part_kind::word, "null"}; // whatever depends on no zone
        }
        return depends(e);
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
    [[nodiscard]] bool is_timestamp(std::string_view name) const { return has(timestamps_, name); }

private:
    static bool has(const std::vector<std::string>& names, std::string_view name) {
        return std::any_of(names.begin(), names.end(),
                           [name](const std::string& each) { return table_schema::same_name(each, name); });
    }
    /// "column < column", and neither is an operand of anything that is done first.
    [[nodiscard]] bool compares_timestamps(const grammar::expression& e, std::size_t i) const {
        using kind = grammar::part_kind;
        constexpr std::array<std::string_view, 8> comparisons{"=", "<", "<=", ">", ">=", "<>", "!=", "<=>"};
        constexpr std::array<std::string_view, 8> around{"(", ")", ",", "and", "or", "xor", "&&", "||"};
        const auto is_one_of = [&](const auto& texts, std::size_t at) {
            return (e[at].kind == kind::symbol || e[at].kind == kind::word) &&
                   std::find(texts.begin(), texts.end(), e[at].text) != texts.end();
        };
        if (e[i].kind != kind::column || !is_timestamp(e[i].text) || !is_one_of(comparisons, i + 1)) return false;
        if (e[i + 2].kind != kind::column || !is_timestamp(e[i + 2].text)) return false;
        return (i == 0 || is_one_of(around, i - 1)) && (i + 3 >= e.size() || is_one_of(around, i + 3));
    }
    /// "unix_timestamp ( column )"
    [[nodiscard]] bool is_of_column(const grammar::expression& e, std::size_t i) const {
        using kind = grammar::part_kind;
        return i + 3 < e.size() && e[i + 1].is(kind::symbol, "(") && e[i + 2].kind == kind::column &&
               is_timestamp(e[i + 2].text) && e[i + 3].is(kind::symbol, ")");
    }

    std::vector<std::string> timestamps_;
    std::vector<std::string> dependent_;
};

/// Finds the generated columns whose values depend on the zone, also by way of each other.
inline void find_dependent_columns(const grammar::definition& d, zone_reader& zone) {
    for (bool found = true; found;) {
        found = false;
        for (const grammar::item& i : d.items) {
            const auto* column = std::get_if<grammar::column_definition>(&i);
            if (column == nullptr || !column->generated || zone.is_dependent(column->name)) continue;
            if (!zone.depends(column->generated->computes)) continue;
            zone.add_dependent(column->name);
            found = true;
        }
    }
}

/// Whether a generated column's values are kept: in the table, in an index, or by the choice of a partition.
inline bool is_kept(const grammar::definition& d, const grammar::column_definition& column) {
    const auto is_it = [&](const std::string& name) { return table_schema::same_name(name, column.name); };
    if (column.generated->is_stored) return true;
    const auto names_it = [&](const std::vector<std::string>& names) {
        return std::any_of(names.begin(), names.end(), is_it);
    };
    if (d.partitions && names_it(d.partitions->by.columns)) return true;
    if (d.partitions && d.partitions->sub && names_it(d.partitions->sub->columns)) return true;
    return std::any_of(d.items.begin(), d.items.end(), [&](const grammar::item& i) {
        const auto* key = std::get_if<grammar::key_definition>(&i);
        return key != nullptr && std::any_of(key->parts.begin(), key->parts.end(),
                                             [&](const grammar::key_part& part) { return is_it(part.column); });
    });
}

} // namespace detail

/// What of a definition is computed by the session's time zone, and kept. A virtual column that nothing keeps is computed when
/// it is read; a CHECK, a key's or a partition's expression that names it counts.
inline std::vector<zone_dependence> zone_dependences(const grammar::definition& d, const table_schema& table) {
    detail::zone_reader zone(table);
    detail::find_dependent_columns(d, zone);
    std::vector<zone_dependence> found;
    const auto add = [&](bool depends, std::string what, std::string default_of = {}, bool is_check = false) {
        if (depends) found.push_back({std::move(what), std::move(default_of), is_check});
    };
    for (const grammar::item& i : d.items) {
        if (const auto* column = std::get_if<grammar::column_definition>(&i)) {
            if (column->generated) {
                add(zone.is_dependent(column->name) && detail::is_kept(d, *column), "generated column " + column->name);
            }
            add(zone.default_depends(column->default_value, zone.is_timestamp(column->name)),
                "the default of column " + column->name, column->name);
            for (const grammar::expression& check : column->checks) {
                add(zone.check_depends(check), "the CHECK of column " + column->name, {}, true);
            }
        } else if (const auto* key = std::get_if<grammar::key_definition>(&i)) {
            for (const auto& part : key->parts) add(zone.depends(part.computes), "key " + key->name);
        } else if (const auto* check = std::get_if<grammar::check_definition>(&i)) {
            add(zone.check_depends(check->holds), check->name.empty() ? std::string("a CHECK") : "CHECK " + check->name,
                {}, true);
        }
    }
    if (d.partitions) {
        add(zone.depends(d.partitions->by.computes), "its partitions");
        if (d.partitions->sub) add(zone.depends(d.partitions->sub->computes), "its subpartitions");
    }
    return found;
}

/// Whether an expression, as the catalog spells it, is or holds a quotient: a slash outside of quotes.
inline bool divides(std::string_view expression) {
    char quote = 0;
    for (const char each : expression) {
        if (quote == 0 && each == '/') return true;
        if (each == quote) {
            quote = 0;
        } else if (quote == 0 && (each == '\'' || each == '`' || each == '"')) {
            quote = each;
        }
    }
    return false;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
