// SPDX-License-Identifier: BSL-1.0
// Rewrites a table's definition for the server that is to hold a clone of it: a pure function.
//
// On the same product next to nothing changes: foreign keys are left out, and a charset without a collation gets the one
// that it has, since defaults differ. Towards the other product each part is known to mean the same there, or is written
// as it is written there, or is a problem. All problems of a table come in one message, each with the option that it takes.
#ifndef ROWFERRY_SQL_ADAPT_DEFINITION_HPP
#define ROWFERRY_SQL_ADAPT_DEFINITION_HPP

#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/adapt_column.hpp>
#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/definition_column.hpp>
#include <rowferry/sql/definition_text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// Keys, constraints and periods.
class item_adapter {
public:
    explicit item_adapter(adaptation& to) : to_(to) {}

    /// False when the item is left out.
    bool adapt(token_list& item) {
        const std::size_t first = item[0].is("CONSTRAINT") ? 2 : 0;
        if (first >= item.size()) return true;
        if (item[first].is("FOREIGN")) {
            to_.note("foreign key " + unquoted(first == 2 ? item[1].text : "") + " of table " + to_.table() +
                     " is left out of the clone");
            return false;
        }
        if (item[first].is("CHECK")) return adapt_check(item, first == 2);
        if (item[first].is("PERIOD")) return adapt_period(item);
        return adapt_key(item);
    }

private:
    bool adapt_check(token_list& item, bool is_named) {
        const std::string name = is_named ? unquoted(item[1].text) : "without a name";
        if (!to_.crosses()) return true;
        const auto comment =
            std::find_if(item.begin(), item.end(), [](const token& t) { return t.kind == token_kind::open_comment; });
        if (comment != item.end()) {
            to_.without("not-enforced-checks",
                        "CHECK " + name + " is not enforced in the source, and " + to_.product() + " would enforce it");
            return false;
        }
        to_.check_functions(item, "CHECK " + name);
        // MariaDB's own names repeat from table to table, and MySQL's are unique in a database.
        constexpr std::string_view own_name = "CONSTRAINT_";
        if (to_.towards(dialect::mysql) && is_named && name.starts_with(own_name) &&
            name.find_first_not_of("0123456789", own_name.size()) == name.npos) {
            item.erase(item.begin(), item.begin() + 2);
        }
        return true;
    }

    bool adapt_period(const token_list& item) {
        if (!to_.towards(dialect::mysql)) return true;
        const bool is_system = item.size() > 2 && item[2].is("SYSTEM_TIME");
        if (is_system) {
            to_.without("system-versioning", "the period SYSTEM_TIME has no equal in MySQL");
        } else {
            to_.without("periods",
                        "the period " + (item.size() > 2 ? unquoted(item[2].text) : "") + " has no equal in MySQL");
        }
        return false;
    }

    /// PRIMARY KEY (…), UNIQUE KEY `name` (…), KEY …, FULLTEXT KEY …, SPATIAL KEY …, VECTOR KEY …
    bool adapt_key(token_list& item) {
        if (!to_.crosses()) return true;
        const auto named = std::find_if(item.begin(), item.end(),
                                        [](const token& t) { return t.kind == token_kind::name || t.is("("); });
        const std::string name = named != item.end() && !named->is("(") ? unquoted(named->text) : "PRIMARY";
        return to_.towards(dialect::mysql) ? key_for_mysql(item, name) : key_for_mariadb(item, name);
    }

    bool key_for_mysql(token_list& item, const std::string& name) {
        if (item[0].is("VECTOR")) {
            to_.without("column-attributes", "key " + name + " is a vector index, which MySQL has not");
            return false;
        }
        for (std::size_t i = 0; i + 1 < item.size(); ++i) {
            if (item[i].is("WITHOUT") && item[i + 1].is("OVERLAPS")) {
                to_.without("periods", "key " + name + " is WITHOUT OVERLAPS, which has no equal in MySQL");
                return false;
            }
        }
        for (std::size_t i = 1; i < item.size(); ++i) {
            if (item[i].is("IGNORED")) item[i].text = "INVISIBLE";
            // MariaDB adds the end of a row's life to each unique key, as its last part.
            if (item[i].kind == token_kind::name && item[i - 1].is(",") &&
                to_.leaves_out_column(unquoted(item[i].text))) {
                --i;
                item.erase(item.begin() + static_cast<std::ptrdiff_t>(i),
                           item.begin() + static_cast<std::ptrdiff_t>(i + 2));
            }
        }
        if (item[0].is("UNIQUE")) {
            const auto hash = std::find_if(item.begin(), item.end(), [](const token& t) { return t.is("HASH"); });
            if (hash != item.end()) {
                to_.without("long-unique-keys",
                            "key " + name + " keeps values of any length unique by a hash, which MySQL cannot");
                return false;
            }
        }
        return true;
    }

    bool key_for_mariadb(token_list& item, const std::string& name) {
        for (std::size_t i = 1; i < item.size(); ++i) {
            if (!item[i].is("(")) continue;
            const std::size_t end = behind_group(item, i);
            for (std::size_t part = i + 1; part < end; ++part) {
                if (item[part].is("(") && (item[part - 1].is("(") || item[part - 1].is(","))) {
                    to_.without("functional-keys", "key " + name + " is over an expression, which MariaDB cannot");
                    return false;
                }
            }
            break;
        }
        token_list plain;
        bool is_ignored = false;
        for (std::size_t i = 0; i < item.size(); ++i) {
            if (item[i].kind != token_kind::open_comment) {
                plain.push_back(std::move(item[i]));
                continue;
            }
            const std::size_t begin = ++i;
            while (i < item.size() && item[i].kind != token_kind::close_comment) ++i;
            if (begin < i && item[begin].is("INVISIBLE")) {
                is_ignored = true;
            } else if (begin < i && item[begin].is("WITH")) {
                to_.without("fulltext-parser", "key " + name + " uses a parser plugin, which MariaDB may not have");
            } else if (begin < i) {
                to_.without("table-options",
                            "key " + name + " has the option " + item[begin].text + ", which MariaDB has not");
            }
        }
        if (is_ignored) plain.push_back({token_kind::word, "IGNORED", " "});
        item = std::move(plain);
        return true;
    }

    adaptation& to_;
};

/// The options of a table.
class option_adapter {
public:
    option_adapter(adaptation& to, const std::string& collation) : to_(to), collation_(collation) {}

    token_list adapt(const token_list& options) {
        token_list kept;
        for (std::size_t i = 0; i < options.size();) {
            const std::size_t end = end_of_option(options, i);
            token_list option(options.begin() + static_cast<std::ptrdiff_t>(i),
                              options.begin() + static_cast<std::ptrdiff_t>(end));
            if (adapt_one(option)) kept.insert(kept.end(), option.begin(), option.end());
            i = end;
        }
        return kept;
    }

private:
    static std::size_t end_of_option(const token_list& options, std::size_t i) {
        if (options[i].kind == token_kind::open_comment) {
            while (i < options.size() && options[i].kind != token_kind::close_comment) ++i;
            return std::min(i + 1, options.size());
        }
        if (options[i].is("WITH")) return std::min(i + 3, options.size()); // SYSTEM VERSIONING
        if (options[i].is("START")) return std::min(i + 2, options.size());
        while (i < options.size() && !options[i].is("=")) ++i;
        ++i;
        if (i < options.size() && options[i].is("(")) return behind_group(options, i);
        return std::min(i + 1, options.size());
    }

    /// False when the option is left out.
    bool adapt_one(token_list& option) {
        const std::string key = lower(option.front().text);
        if (key == "engine") {
            engine_of_source_ = option.back().text;
            option.back().text = to_.engine(option.back().text);
            return true;
        }
        if (key == "collate") return false; // stated with the charset
        if (key == "default" || key == "charset") {
            const std::string collation = to_.collation(collation_, "the table");
            option.back().text = charset_of(collation);
            for (token& t : words({"COLLATE", "=", collation})) option.push_back(std::move(t));
            for (std::size_t i = option.size() - 2; i < option.size(); ++i) option[i].space.clear();
            return true;
        }
        if (key == "with") {
            if (!to_.towards(dialect::mysql)) return true;
            to_.without("system-versioning", "the table is system-versioned, which MySQL cannot");
            return false;
        }
        if (!to_.crosses() && is_of_engine(key)) return keeps_engine();
        return !to_.crosses() || option_across(option, key);
    }
    static bool is_of_engine(std::string_view key) {
        return key == "page_checksum" || key == "transactional" || key.starts_with('`');
    }
    [[nodiscard]] bool keeps_engine() const {
        return table_schema::same_name(to_.engine(engine_of_source_), engine_of_source_);
    }

    bool option_across(const token_list& option, const std::string& key) {
        constexpr std::array<std::string_view, 15> common{
            "auto_increment",     "comment",   "row_format",     "stats_persistent", "stats_auto_recalc",
            "stats_sample_pages", "min_rows",  "key_block_size", "max_rows",         "avg_row_length",
            "checksum",           "pack_keys", "insert_method",  "delay_key_write",  "union"};
        if (std::find(common.begin(), common.end(), key) != common.end()) return true;
        if (is_of_engine(key) && !(keeps_engine() && to_.has_engine(engine_of_source_))) return false;
        const std::string text = to_text(option);
        const std::string problem = "the table's option " + text + " has no equal in " + to_.product();
        const std::string name = lower(text);
        const auto says = [&name](std::string_view part) { return name.find(part) != name.npos; };
        to_.without(says("encrypt")                        ? "encryption"
                    : says("compress") || says("pagesize") ? "table-compression"
                                                           : "table-options",
                    problem);
        return false;
    }

    adaptation& to_;
    const std::string& collation_;
    std::string engine_of_source_;
};

} // namespace detail

/// The table's definition as a statement for another server, under this name; or all that stands in the way, in one
/// message, each with the option that it takes.
inline result<new_table> adapt_definition(const table_definition& from, std::string_view name,
                                          const definition_changes& changes, const server_abilities& server) {
    auto parsed = parse_definition(from.statement);
    if (!parsed) return parsed.error();
    detail::adaptation to(from, changes, server);
    new_table made;
    made.schema = from.schema;
    made.schema.name = name;
    made.schema.triggers.clear();
    made.schema.estimated_rows = made.schema.estimated_bytes = 0;
    parsed->name = name;
    std::vector<token_list> items;
    for (token_list& item : parsed->items) {
        const bool is_column = !item.empty() && item.front().kind == token_kind::name;
        if (!item.empty())
            to.settle_strings(item, is_column ? "column " + unquoted(item.front().text) : "a constraint or key");
        const bool stays = is_column ? detail::column_adapter(to, made.schema).adapt(item)
                                     : item.empty() || detail::item_adapter(to).adapt(item);
        if (stays) items.push_back(std::move(item));
    }
    parsed->items = std::move(items);
    parsed->options = detail::option_adapter(to, from.collation).adapt(parsed->options);
    for (std::size_t i = 0; i + 2 < parsed->partitions.size(); ++i) {
        if (parsed->partitions[i].is("SYSTEM_TIME") && to.towards(dialect::mysql)) {
            to.problem(
                "the table is partitioned by SYSTEM_TIME, which MySQL cannot: create the table in the target first");
        }
        if (parsed->partitions[i].is("ENGINE") && parsed->partitions[i + 1].is("=")) {
            parsed->partitions[i + 2].text = to.engine(parsed->partitions[i + 2].text);
        }
    }
    if (!from.schema.triggers.empty()) {
        std::string names;
        for (const trigger& t : from.schema.triggers) names += (names.empty() ? "" : ", ") + t.name;
        to.note("triggers of table " + from.schema.name + " are left out of the clone: " + names);
    }
    made.schema.engine = to.engine(from.schema.engine);
    if (auto r = to.verdict(); !r) return r.error();
    made.statement = to_statement(*parsed);
    made.notices = to.notices();
    return made;
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
