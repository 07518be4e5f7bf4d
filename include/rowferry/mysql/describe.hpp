// SPDX-License-Identifier: BSL-1.0
// A table's schema from its server's catalog.
#ifndef ROWFERRY_MYSQL_DESCRIBE_HPP
#define ROWFERRY_MYSQL_DESCRIBE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/lower_case.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/document_ids.hpp>
#include <rowferry/mysql/members.hpp>
#include <rowferry/mysql/text_decoding.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/computing.hpp>
#include <rowferry/sql/engines.hpp>
#include <rowferry/sql/session_values.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/sql/type_rules.hpp>
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
        std::string_view type = {};
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
inline result<column> make_column(const answer_rows& rows, std::size_t i, const table_schema& table) {
    auto contains = [](std::string_view text, std::string_view part) { return text.find(part) != text.npos; };
    row_reader row(rows, i, about("a column", table.name));
    column c;
    c.name = row.name(1, "name");
    c.kind = kind_of(row.filled(2, "type"));
    c.type = row.filled(3, "full type");
    if (row.text_or_null(4) != "binary") { // MariaDB says so of an ENUM or SET of bytes, of which MySQL says nothing
        c.charset = row.text_or_null(4);
        c.collation = row.text_or_null(5);
    }
    for (const auto& [name, called] : {std::pair(&c.charset, "charset"), std::pair(&c.collation, "collation")}) {
        if (!name->empty() && !sql::is_plain_name(*name)) row.wrong(called, "is not a name");
    }
    c.decode = decoder_for(c.charset);
    if (kind_of(rowferry::detail::type_name(c.type)) != c.kind) row.wrong("full type", "is not one of its type");
    c.is_unsigned = contains(c.type, " unsigned");
    c.shows_two_digits = sql::shows_two_digits(c.type);
    c.nullable = row.flag(6, "nullability", "YES", "NO");
    const std::string extra = row.text_or_null(7);
    c.generated = contains(extra, "VIRTUAL GENERATED") || contains(extra, "STORED GENERATED");
    if (c.generated) {
        c.expression = row.text_or_null(8);
        c.divides = sql::divides(c.expression);
        const bool is_of_version = c.expression == "ROW START" || c.expression == "ROW END";
        c.computed = is_of_version                         ? computation::by_time
                     : contains(extra, "STORED GENERATED") ? computation::on_write
                                                           : computation::on_read;
    }
    c.invisible = contains(extra, "INVISIBLE");
    c.has_default = c.nullable || !row.is_null(9) || contains(extra, "auto_increment");
    c.set_on_update = contains(extra, "on update") || contains(extra, "ON UPDATE");
    if (table.find(c.name)) row.wrong("name", "is that of another column");
    if (auto r = row.checked(describing); !r) return std::move(r.error());
    return c;
}

/// All columns, which come in their order.
inline result<void> add_columns(table_schema& table, const answer_rows& rows) {
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        row_reader row(rows, i, about("a column", table.name));
        const std::string of_table = row.name(0, "table");
        if (!may_be_same_name(of_table, table.name)) row.wrong("table", "is not the one that was asked for");
        const std::uint64_t position = row.number(10, "position");
        if (auto r = row.checked(describing); !r) return r;
        if (of_table != table.name) continue; // the server takes names without regard to case
        if (position <= last) row.wrong("position", "is not after that of the column before");
        if (table.columns.size() == most_columns) row.wrong("number", "is more than 4096");
        if (auto r = row.checked(describing); !r) return r;
        last = position;
        auto c = make_column(rows, i, table);
        if (!c) return std::move(c.error());
        table.columns.push_back(std::move(*c));
    }
    sql::find_session_values(table);
    return {};
}

/// One index, put together from its parts' rows, with the first reason why it cannot order pages.
struct index_description {
    std::string name = {};
    bool unique = false;
    std::vector<key_part> parts = {};
    std::vector<unique_part> unique_parts = {}; ///< the same with prefixes and expressions
    std::string trouble = {};                   ///< empty when it can
    std::string nullable = {};                  ///< the first column that may be NULL; empty when none may
};

/// Why a column cannot be part of a key that orders pages; empty when it can.
inline std::string key_column_trouble(const column& c) {
    if (c.kind != column_kind::json && c.kind != column_kind::geometry) return order_trouble(c);
    return "column " + c.name + " is " + c.type.substr(0, c.type.find('(')) + ", which cannot be a page bound";
}

/// Why an ordered index cannot hold only a column's beginning of this length; empty when it can. Pages in the order of a
/// number's first digits would leave out rows.
inline std::string_view prefix_trouble(const column& of, std::uint64_t prefix) {
    switch (of.kind) {
    case column_kind::text:
    case column_kind::bytes:
    case column_kind::json:
    case column_kind::geometry:
    case column_kind::other: break; // such as XMLTYPE; an unknown type's prefix does not order pages
    default: return "is of a column of which an index holds all";
    }
    if (prefix == 0) return "is 0";
    const std::string_view type = of.type;
    const std::size_t open = type.find('(');
    if (open == type.npos) return {};
    const auto length = parse_number<std::uint64_t>(type.substr(open + 1, type.find(')') - open - 1));
    return length && prefix >= *length ? "is not shorter than its column" : std::string_view{};
}

/// Whether an index part is the end of a row's life, which MariaDB appends to each unique key of a versioned table: it
/// is the same in all rows that are not history.
inline bool is_row_end(const table_schema& table, std::optional<std::size_t> column_index) {
    return table.system_versioned && column_index && table.columns[*column_index].expression == "ROW END";
}

/// Adds one row of `append_describe_indexes` to its index.
inline result<void> add_index_part(index_description& index, const answer_rows& rows, std::size_t i,
                                   const table_schema& table) {
    auto trouble = [&index](std::string why) {
        if (index.trouble.empty()) index.trouble = std::move(why);
    };
    row_reader row(rows, i, about("an index", table.name));
    index.name = row.name(1, "name");
    index.unique = !row.flag(2, "uniqueness", "1", "0");
    const std::string column_name = row.is_null(3) ? std::string{} : row.name(3, "column");
    const auto column_index = row.is_null(3) ? std::nullopt : table.find(column_name);
    // The hidden end of a row's life is a part of a versioned table's unique keys, and none of its columns.
    if (!row.is_null(3) && !column_index && !table.system_versioned) row.wrong("column", "is none of the table's");
    const std::string direction = row.is_null(4) ? "A" : row.text(4, "direction");
    if (direction != "A" && direction != "D") row.wrong("direction", "is neither A nor D");
    if (index.unique_parts.size() >= most_index_parts) row.wrong("number of parts", "is more than 64");
    const std::uint64_t prefix = row.number_or_null(5, "prefix");
    const std::string type = row.filled(6, "type");
    if (!row.is_null(5) && column_index && type == "BTREE") {
        const std::string_view why = prefix_trouble(table.columns[*column_index], prefix);
        if (!why.empty()) row.wrong("prefix", why);
    }
    for (const unique_part& other : index.unique_parts) {
        if (column_index && other.column == column_index) row.wrong("column", "is in the index twice");
    }
    const bool is_used = row.flag(7, "visibility", "YES", "NO");
    if (auto r = row.checked(describing); !r) return r;
    if (!is_used) trouble("the server is told to ignore it");
    if (type != "BTREE") trouble("it is a " + type + " index, which has no order");
    if (is_row_end(table, column_index)) return {};
    index.unique_parts.push_back({column_index, prefix, column_index ? std::string{} : row.text_or_null(8)});
    if (!column_index) {
        unique_part& part = index.unique_parts.back();
        part.differs_by_session = sql::may_differ_by_session(table, part.expression);
        trouble("it is over an expression, which is not a column of the table");
        return {};
    }
    const column& c = table.columns[*column_index];
    trouble(key_column_trouble(c));
    if (prefix != 0 && c.kind == column_kind::other) {
        trouble("it holds the beginning of column " + c.name + ", whose type is not known");
    }
    if (c.nullable && index.nullable.empty()) index.nullable = c.name;
    index.parts.push_back({*column_index, direction == "D", prefix});
    return {};
}

/// Cheaper keys come first after PRIMARY: those that find pages by their index, then those over columns that are copied, then
/// few parts, then numbers before strings, then by name.
inline std::tuple<bool, bool, std::size_t, std::size_t> key_cost(const key& k, const table_schema& table) {
    std::size_t strings = 0;
    for (const key_part& part : k.parts) {
        const column_kind kind = table.columns[part.column].kind;
        if (kind == column_kind::text || kind == column_kind::bytes || kind == column_kind::other) ++strings;
    }
    return {!table.is_found_by_index(k.parts), table.is_computed(k.parts), k.parts.size(), strings};
}

/// The table's indexes; the parts of each come one after another.
inline result<std::vector<index_description>> read_indexes(table_schema& table, const answer_rows& rows) {
    std::vector<index_description> indexes;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        row_reader row(rows, i, about("an index", table.name));
        const std::string of_table = row.name(0, "table");
        if (!may_be_same_name(of_table, table.name)) row.wrong("table", "is not the one that was asked for");
        const std::string name = row.name(1, "name");
        if (of_table == table.name && (indexes.empty() || indexes.back().name != name)) {
            if (indexes.size() == most_indexes) row.wrong("number", "is more than " + std::to_string(most_indexes));
            for (const index_description& other : indexes) {
                if (other.name == name) row.wrong("name", "is that of another index");
            }
            indexes.emplace_back();
            if (!row.is_null(3)) table.indexed_columns.push_back(row.text_or_null(3));
        }
        if (of_table == table.name && row.is_null(3)) table.indexes_expressions = true;
        if (auto r = row.checked(describing); !r) return std::move(r.error());
        if (of_table != table.name) continue; // the server takes names without regard to case
        if (auto r = add_index_part(indexes.back(), rows, i, table); !r) return std::move(r.error());
    }
    return indexes;
}

inline void add_unusable(table_schema& table, const std::string& key, const std::string& why) {
    if (!table.unusable_keys.empty()) table.unusable_keys += "; ";
    table.unusable_keys += "key " + key + " cannot order pages: " + why;
}

/// Sorts the indexes into unique ones, usable keys, unusable keys with their reasons, and first columns.
inline result<void> add_keys(table_schema& table, const answer_rows& rows) {
    auto read = read_indexes(table, rows);
    if (!read) return std::move(read.error());
    std::vector<index_description> indexes = std::move(*read);
    for (index_description& index : indexes) {
        if (!index.unique || index.unique_parts.empty()) continue; // empty: over the end of a row's life only
        if (table.rows != row_home::own) {
            add_unusable(table, index.name, "its engine " + table.engine + " does not enforce it");
            continue;
        }
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
        add_unusable(table, index.name, index.trouble);
    }
    for (std::vector<key>* keys : {&table.keys, &table.nullable_keys}) {
        std::sort(keys->begin(), keys->end(), [&table](const key& a, const key& b) {
            if ((a.name == "PRIMARY") != (b.name == "PRIMARY")) return a.name == "PRIMARY";
            return std::pair(key_cost(a, table), a.name) < std::pair(key_cost(b, table), b.name);
        });
    }
    return {};
}

/// Finds the column of a generated invisible primary key (`sql_generate_invisible_primary_key`), which has a fixed form.
inline void find_row_numbers(table_schema& table) {
    constexpr std::string_view name = "my_row_id";
    if (table.unique_indexes.empty() || table.unique_indexes.front().name != "PRIMARY") return;
    const unique_index& primary = table.unique_indexes.front();
    if (primary.parts.size() != 1 || primary.parts.front().column != std::size_t{0}) return;
    column& c = table.columns.front();
    c.numbers_rows = c.name == name && c.invisible && c.type == "bigint unsigned" && c.has_default && !c.nullable;
}

/// What information_schema's TABLE_TYPE calls "SYSTEM VIEW", for people: "a system view".
inline std::string kind_name_of(std::string_view type) {
    if (type == "BASE TABLE" || type == "SYSTEM VERSIONED") return "a table";
    return "a " + rowferry::detail::lower(type);
}

/// The row that describes the table; the exact name wins where the server takes names without regard to case.
inline result<std::optional<std::size_t>> find_table_row(const answer_rows& rows, std::string_view name) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        row_reader row(rows, i, about("the description", name));
        const std::string of_table = row.name(0, "table");
        if (!may_be_same_name(of_table, name)) row.wrong("table", "is not the one that was asked for");
        if (auto r = row.checked(describing); !r) return std::move(r.error());
        if (of_table == name) return std::optional(i);
        if (!found) found = i;
    }
    return found;
}

/// Whether TABLE_TYPE is one that MySQL or MariaDB has.
inline bool is_known_table_type(std::string_view type) {
    for (const std::string_view known : {"BASE TABLE", "SYSTEM VERSIONED", "VIEW", "SYSTEM VIEW", "SEQUENCE",
                                         "TEMPORARY", "TEMPORARY TABLE", "TEMPORARY SEQUENCE"}) {
        if (type == known) return true;
    }
    return false;
}

/// The schema of the row that describes the table, without columns and keys.
inline result<table_schema> make_table(const answer_rows& rows, std::size_t i, std::string_view asked_for) {
    row_reader row(rows, i, about("the description", asked_for));
    table_schema table;
    table.name = row.name(0, "table");
    const std::string type = row.filled(1, "kind");
    if (!is_known_table_type(type)) row.wrong("kind", "is none that MySQL or MariaDB has");
    table.system_versioned = type == "SYSTEM VERSIONED";
    table.is_base_table = type == "BASE TABLE" || table.system_versioned;
    table.kind_name = kind_name_of(type);
    table.engine = row.text_or_null(2); // NULL of a view, and of a table that the server cannot open
    if (table.is_base_table && !table.engine.empty()) table.rows = sql::rows_of_engine(table.engine);
    table.transactional = !row.is_null(3) && row.flag(3, "transactions of the engine", "YES", "NO");
    table.estimated_rows = row.number_or_null(4, "estimated rows");
    table.estimated_bytes = row.number_or_null(5, "estimated bytes");
    table.partitioned = row.text_or_null(6).find("partitioned") != std::string::npos;
    if (auto r = row.checked(describing); !r) return std::move(r.error());
    return table;
}

/// Whether these are the columns that `SELECT *` has to give, in their order.
inline bool are_visible_columns(const std::vector<std::string>& names, const table_schema& table) {
    std::size_t i = 0;
    for (const column& each : table.columns) {
        if (each.invisible) continue;
        if (i == names.size() || !table_schema::same_name(names[i], each.name)) return false;
        ++i;
    }
    return i == names.size();
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
    auto probed = c.column_names(describing, statement);
    if (probed) {
        if (are_visible_columns(*probed, table)) return {};
        return senseless_answer(describing, "table " + table.name + " has other columns than its catalog lists");
    }
    constexpr unsigned no_table_privilege = 1142;
    constexpr unsigned no_column_privilege = 1143;
    constexpr unsigned vanished = 1146;
    const unsigned code = probed.error().code;
    if (code == vanished) {
        probed.error().cause = cause::missing_table; // since its columns were read
    } else if (code == no_table_privilege || code == no_column_privilege) {
        probed.error().message = "the user may not read all columns of table " + table.name;
        probed.error().cause = cause::missing_privilege;
    } else if (probed.error().message.empty()) {
        probed.error().message = "table " + table.name + " cannot be read";
    }
    return std::move(probed.error());
}

/// The table's triggers, as far as the user may see them.
inline result<void> add_triggers(table_schema& table, const answer_rows& rows) {
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        row_reader row(rows, i, about("a trigger", table.name));
        const std::string of_table = row.name(0, "table");
        if (!may_be_same_name(of_table, table.name)) row.wrong("table", "is not the one that was asked for");
        trigger found{row.name(1, "name"), row.filled(2, "event")};
        if (auto r = row.checked(describing); !r) return r;
        if (of_table == table.name) table.triggers.push_back(std::move(found));
    }
    return {};
}

/// One attempt of `describe_table`.
inline result<std::optional<table_schema>> describe_once(client& c, sql::dialect d, std::string_view database,
                                                         std::string_view name) {
    std::string statement;
    auto ask = [&](std::size_t columns) {
        auto rows = c.query_catalog(describing, statement, columns);
        statement.clear();
        return rows;
    };
    sql::append_describe_table(statement, database, name);
    auto found = ask(7);
    if (!found) return std::move(found.error());
    auto row = find_table_row(*found, name);
    if (!row) return std::move(row.error());
    if (!*row) return std::optional<table_schema>{};
    auto made = make_table(*found, **row, name);
    if (!made) return std::move(made.error());
    table_schema table = std::move(*made);

    sql::append_describe_columns(statement, database, table.name);
    auto columns = ask(11);
    if (!columns) return std::move(columns.error());
    if (auto r = add_columns(table, *columns); !r) return std::move(r.error());
    if (auto r = check_base_table(c, table); !r) {
        if (r.error().cause == cause::missing_table) return std::optional<table_schema>{};
        return std::move(r.error());
    }
    if (auto r = read_members(c, table); !r) return std::move(r.error());
    if (auto r = find_alike_members(c, d, table); !r) return std::move(r.error());

    sql::append_describe_indexes(statement, d, database, table.name);
    auto indexes = ask(9);
    if (!indexes) return std::move(indexes.error());
    if (auto r = add_keys(table, *indexes); !r) return std::move(r.error());
    table.grows = find_document_ids(table, *indexes, d);
    if (d == sql::dialect::mysql) find_row_numbers(table);

    sql::append_describe_triggers(statement, database, table.name);
    auto triggers = ask(3);
    if (!triggers) return std::move(triggers.error());
    if (auto r = add_triggers(table, *triggers); !r) return std::move(r.error());
    return std::optional<table_schema>(std::move(table));
}

/// Whether a table's name has a character that no name has on either server: names are of three bytes for each character
/// at most. To compare with one is an error of MariaDB ("Illegal mix of collations").
inline bool has_impossible_character(std::string_view name) {
    return std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; });
}

/// The table's schema; none when there is no such table. Answers that do not fit each other are asked for once more:
/// another client may have altered the table in between.
inline result<std::optional<table_schema>> describe_table(client& c, sql::dialect d, std::string_view database,
                                                          std::string_view name) {
    if (has_impossible_character(name)) return std::optional<table_schema>{};
    auto first = describe_once(c, d, database, name);
    if (first || first.error().cause != cause::senseless_answer || c.is_aborted()) return first;
    auto second = describe_once(c, d, database, name);
    return second ? std::move(second) : std::move(first);
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
