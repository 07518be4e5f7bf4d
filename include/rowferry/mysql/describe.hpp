// SPDX-License-Identifier: BSL-1.0
// A table's schema from its server's catalog.
#ifndef ROWFERRY_MYSQL_DESCRIBE_HPP
#define ROWFERRY_MYSQL_DESCRIBE_HPP

#include <rowferry/batch.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The kind of a type by its name, as information_schema's DATA_TYPE gives it.
inline column_kind kind_of(std::string_view type) {
    struct named_kind {
        std::string_view type;
        column_kind kind;
    };
    using enum column_kind;
    constexpr std::array kinds{named_kind{"tinyint", integer},
                               named_kind{"smallint", integer},
                               named_kind{"mediumint", integer},
                               named_kind{"int", integer},
                               named_kind{"bigint", integer},
                               named_kind{"year", integer},
                               named_kind{"decimal", decimal},
                               named_kind{"float", real32},
                               named_kind{"double", real64},
                               named_kind{"bit", bit},
                               named_kind{"char", text},
                               named_kind{"varchar", text},
                               named_kind{"tinytext", text},
                               named_kind{"text", text},
                               named_kind{"mediumtext", text},
                               named_kind{"longtext", text},
                               named_kind{"binary", bytes},
                               named_kind{"varbinary", bytes},
                               named_kind{"tinyblob", bytes},
                               named_kind{"blob", bytes},
                               named_kind{"mediumblob", bytes},
                               named_kind{"longblob", bytes},
                               named_kind{"vector", bytes},
                               named_kind{"date", temporal},
                               named_kind{"time", temporal},
                               named_kind{"datetime", temporal},
                               named_kind{"timestamp", temporal},
                               named_kind{"enum", enumeration},
                               named_kind{"set", set},
                               named_kind{"json", json},
                               named_kind{"geometry", geometry},
                               named_kind{"point", geometry},
                               named_kind{"linestring", geometry},
                               named_kind{"polygon", geometry},
                               named_kind{"multipoint", geometry},
                               named_kind{"multilinestring", geometry},
                               named_kind{"multipolygon", geometry},
                               named_kind{"geomcollection", geometry},
                               named_kind{"geometrycollection", geometry}};
    for (const auto& known : kinds) {
        if (known.type == type) return known.kind;
    }
    return other;
}

/// One column from its row of `append_describe_columns`.
inline column make_column(const row_view& row) {
    auto contains = [](std::string_view text, std::string_view part) { return text.find(part) != text.npos; };
    column c;
    c.name = row[1].bytes();
    c.kind = kind_of(row[2].bytes());
    c.type = row[3].bytes();
    if (row[4].bytes() != "binary") { // MariaDB says so of an ENUM or SET of bytes, of which MySQL says nothing
        c.charset = row[4].bytes();
        c.collation = row[5].bytes();
    }
    c.is_unsigned = contains(c.type, " unsigned");
    c.nullable = row[6].bytes() == "YES";
    const std::string_view extra = row[7].bytes();
    c.generated = contains(extra, "VIRTUAL GENERATED") || contains(extra, "STORED GENERATED");
    if (c.generated) c.expression = row[8].bytes();
    c.invisible = contains(extra, "INVISIBLE");
    c.has_default = c.nullable || !row[9].is_null() || contains(extra, "auto_increment");
    return c;
}

/// One index, put together from its parts' rows, with the first reason why it cannot order pages.
struct index_description {
    std::string name;
    bool unique = false;
    std::vector<key_part> parts;
    std::vector<unique_part> unique_parts; ///< the same with prefixes and expressions
    std::string trouble;                   ///< empty when it can
    std::string nullable;                  ///< the first column that may be NULL; empty when none may
};

/// Why a column cannot be part of a key that orders pages; empty when it can.
inline std::string key_column_trouble(const column& c) {
    if (c.kind != column_kind::json && c.kind != column_kind::geometry) return {};
    return "column " + c.name + " is " + c.type.substr(0, c.type.find('(')) + ", which cannot be a page bound";
}

/// Whether an index part is the end of a row's life, which MariaDB appends to each unique key of a versioned table: it
/// is the same in all rows that are not history.
inline bool is_row_end(const table_schema& table, std::optional<std::size_t> column_index) {
    return table.system_versioned && column_index && table.columns[*column_index].expression == "ROW END";
}

/// Adds one row of `append_describe_indexes` to its index.
inline void add_index_part(index_description& index, const row_view& row, const table_schema& table) {
    auto trouble = [&index](std::string why) {
        if (index.trouble.empty()) index.trouble = std::move(why);
    };
    index.name = row[1].bytes();
    index.unique = row[2].bytes() == "0";
    if (row[7].bytes() != "YES") trouble("the server is told to ignore it");
    if (row[6].bytes() != "BTREE") trouble("it is a " + std::string(row[6].bytes()) + " index, which has no order");
    const auto column_index = row[3].is_null() ? std::nullopt : table.find(row[3].bytes());
    if (is_row_end(table, column_index)) return;
    const auto prefix = parse_number<std::uint64_t>(row[5].bytes()).value_or(0);
    index.unique_parts.push_back({column_index, prefix, column_index ? std::string{} : std::string(row[8].bytes())});
    if (!column_index) {
        trouble("it is over an expression");
        return;
    }
    const column& c = table.columns[*column_index];
    trouble(key_column_trouble(c));
    if (c.nullable && index.nullable.empty()) index.nullable = c.name;
    index.parts.push_back({*column_index, row[4].bytes() == "D", prefix});
}

/// Cheaper keys come first after PRIMARY: those that find pages by their index, then few parts, then numbers before
/// strings, then by name.
inline std::tuple<bool, std::size_t, std::size_t> key_cost(const key& k, const table_schema& table) {
    std::size_t strings = 0;
    for (const key_part& part : k.parts) {
        const column_kind kind = table.columns[part.column].kind;
        if (kind == column_kind::text || kind == column_kind::bytes || kind == column_kind::other) ++strings;
    }
    return {!table.is_found_by_index(k.parts), k.parts.size(), strings};
}

/// Sorts the indexes into unique ones, usable keys, unusable keys with their reasons, and first columns.
inline void add_keys(table_schema& table, const row_batch& rows) {
    std::vector<index_description> indexes;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (rows.at(i, 0).bytes() != table.name) continue;
        const bool is_first_part = indexes.empty() || indexes.back().name != rows.at(i, 1).bytes();
        if (is_first_part) {
            indexes.emplace_back();
            if (!rows.at(i, 3).is_null()) table.indexed_columns.emplace_back(rows.at(i, 3).bytes());
        }
        add_index_part(indexes.back(), rows[i], table);
    }
    for (index_description& index : indexes) {
        if (!index.unique || index.unique_parts.empty()) continue; // empty: over the end of a row's life only
        const auto place = index.name == "PRIMARY" ? table.unique_indexes.begin() : table.unique_indexes.end();
        table.unique_indexes.insert(place, unique_index{index.name, std::move(index.unique_parts)});
        if (index.trouble.empty() && index.nullable.empty()) {
            table.keys.push_back({std::move(index.name), std::move(index.parts)});
            continue;
        }
        if (index.trouble.empty()) {
            index.trouble = "column " + index.nullable + " may be NULL";
            table.nullable_keys.push_back({index.name, std::move(index.parts)});
        }
        if (!table.unusable_keys.empty()) table.unusable_keys += "; ";
        table.unusable_keys += "key " + index.name + " cannot order pages: " + index.trouble;
    }
    for (std::vector<key>* keys : {&table.keys, &table.nullable_keys}) {
        std::sort(keys->begin(), keys->end(), [&table](const key& a, const key& b) {
            if ((a.name == "PRIMARY") != (b.name == "PRIMARY")) return a.name == "PRIMARY";
            return std::pair(key_cost(a, table), a.name) < std::pair(key_cost(b, table), b.name);
        });
    }
}

/// Asks the server for the members of its ENUM and SET columns in the columns' own charsets: the catalog spells them in
/// UTF-8, and a page bound is compared with them byte for byte.
inline result<void> read_members(client& c, table_schema& table) {
    for (column& each : table.columns) {
        if (each.kind != column_kind::enumeration && each.kind != column_kind::set) continue;
        if (each.charset.empty() || each.charset.starts_with("utf8")) continue;
        const std::vector<std::string> members = sql::members_of(each.type);
        std::string statement;
        sql::append_convert(statement, members, each.charset);
        auto converted = c.query("describe", statement);
        if (!converted) return std::move(converted.error());
        for (std::size_t i = 0; i < members.size() && !converted->empty(); ++i) {
            each.members.emplace_back(converted->at(0, i).bytes());
        }
    }
    return {};
}

/// What information_schema's TABLE_TYPE calls "SYSTEM VIEW", for people: "a system view".
inline std::string kind_name_of(std::string_view type) {
    if (type == "BASE TABLE" || type == "SYSTEM VERSIONED") return "a table";
    std::string text = "a ";
    for (char c : type) text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// The row that describes the table; the exact name wins where the server takes names without regard to case.
inline std::optional<std::size_t> find_table_row(const row_batch& rows, std::string_view name) {
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        if (rows.at(i, 0).bytes() == name) return i;
    }
    return rows.empty() ? std::nullopt : std::optional<std::size_t>(0);
}

/// What the catalog does not say: that the user may read every column, and that the table is none of ours.
inline result<void> check_base_table(client& c, table_schema& table) {
    if (!table.is_base_table) return {};
    if (table_schema::same_name(table.name, sql::checkpoint_table)) {
        table.is_base_table = false;
        table.kind_name = "where rowferry keeps its checkpoints";
        return {};
    }
    std::string statement;
    sql::append_probe_columns(statement, table.name);
    auto probed = c.query("describe", statement);
    if (probed) return {};
    if (!is_retryable(probed.error().fault)) {
        probed.error().message = "the user may not read all columns of table " + table.name;
    }
    return std::move(probed.error());
}

/// The table's schema; none when there is no such table.
inline result<std::optional<table_schema>> describe_table(client& c, sql::dialect d, std::string_view database,
                                                          std::string_view name) {
    std::string statement;
    sql::append_describe_table(statement, database, name);
    auto found = c.query_catalog("describe", statement);
    if (!found) return std::move(found.error());
    const auto row = find_table_row(*found, name);
    if (!row) return std::optional<table_schema>{};
    auto field = [&](std::size_t i) { return found->at(*row, i).bytes(); };
    table_schema table;
    table.name = field(0);
    table.system_versioned = field(1) == "SYSTEM VERSIONED";
    table.is_base_table = field(1) == "BASE TABLE" || table.system_versioned;
    table.kind_name = kind_name_of(field(1));
    table.engine = field(2);
    table.transactional = field(3) == "YES";
    table.estimated_rows = parse_number<std::uint64_t>(field(4)).value_or(0);
    table.estimated_bytes = parse_number<std::uint64_t>(field(5)).value_or(0);

    statement.clear();
    sql::append_describe_columns(statement, database, table.name);
    auto columns = c.query_catalog("describe", statement);
    if (!columns) return std::move(columns.error());
    for (std::size_t i = 0; i < columns->rows(); ++i) {
        if (columns->at(i, 0).bytes() == table.name) table.columns.push_back(make_column((*columns)[i]));
    }
    if (auto r = read_members(c, table); !r) return std::move(r.error());

    statement.clear();
    sql::append_describe_indexes(statement, d, database, table.name);
    auto indexes = c.query_catalog("describe", statement);
    if (!indexes) return std::move(indexes.error());
    add_keys(table, *indexes);

    statement.clear();
    sql::append_describe_triggers(statement, database, table.name);
    auto triggers = c.query_catalog("describe", statement);
    if (!triggers) return std::move(triggers.error());
    for (std::size_t i = 0; i < triggers->rows(); ++i) {
        auto text = [&](std::size_t column) { return std::string(triggers->at(i, column).bytes()); };
        if (text(0) == table.name) table.triggers.push_back({text(1), text(2)});
    }
    if (auto r = check_base_table(c, table); !r) return std::move(r.error());
    return std::optional<table_schema>(std::move(table));
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
