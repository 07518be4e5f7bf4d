// SPDX-License-Identifier: BSL-1.0
// Definitions of tables, from one server to another: shown, rewritten for what the other server can, and created.
#ifndef ROWFERRY_MYSQL_DEFINITION_HPP
#define ROWFERRY_MYSQL_DEFINITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/definition.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/document_ids.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/adapt_definition.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// The definition of a table that was described.
inline result<table_definition> show_definition(client& c, const server_info& info, const table_schema& table) {
    table_definition shown;
    shown.dialect = info.dialect;
    shown.schema = table;
    std::string statement;
    sql::append_show_definition(statement, table.name);
    constexpr std::string_view operation = "show definition";
    auto text = c.query_catalog(operation, statement, 2);
    if (!text) {
        constexpr unsigned vanished = 1146;
        if (text.error().code == vanished) text.error().cause = cause::missing_table;
        return std::move(text.error());
    }
    if (text->rows() != 1) return senseless_answer(operation, "it shows no definition of table " + table.name);
    row_reader definition(*text, 0, about("the definition", table.name));
    if (!may_be_same_name(definition.name(0, "table"), table.name)) {
        definition.wrong("table", "is not the one that was asked for");
    }
    shown.statement = definition.filled(1, "text");
    if (auto r = definition.checked(operation); !r) return std::move(r.error());
    statement.clear();
    sql::append_table_collation(statement, info.database, table.name);
    auto collation = c.query(operation, statement, columns_only(2));
    if (!collation) return std::move(collation.error());
    for (std::size_t i = 0; i < collation->rows(); ++i) {
        if (collation->at(i, 0).bytes() == table.name) shown.collation = collation->at(i, 1).bytes();
    }
    if (!shown.collation.empty() && !sql::is_plain_name(shown.collation)) {
        return senseless_answer(operation, "the collation of table " + table.name + " is not a name");
    }
    return shown;
}

/// What the server can hold.
inline result<sql::server_abilities> learn_abilities(client& c, const server_info& info) {
    sql::server_abilities can;
    can.dialect = info.dialect;
    can.version = sql::version_number(info.version);
    auto collations = c.query("list collations", sql::select_collations, columns_only(2));
    if (!collations) return std::move(collations.error());
    for (std::size_t i = 0; i < collations->rows(); ++i) {
        row_reader row(*collations, i, "a collation");
        const std::string charset = row.text_or_null(1); // MariaDB has some for all charsets
        const std::string name = row.name(0, "name");
        if (auto r = row.checked("list collations"); !r) return std::move(r.error());
        const bool is_whole = charset.empty() || name == charset || name.starts_with(charset + "_");
        can.collations.push_back(is_whole ? name : charset + "_" + name);
    }
    auto engines = c.query("list engines", sql::select_engines, columns_only(2));
    if (!engines) return std::move(engines.error());
    for (std::size_t i = 0; i < engines->rows(); ++i) {
        row_reader row(*engines, i, "an engine");
        can.engines.push_back(row.name(0, "name"));
        if (auto r = row.checked("list engines"); !r) return std::move(r.error());
        if (engines->at(i, 1).bytes() == "YES") can.transactional_engines.emplace_back(can.engines.back());
    }
    constexpr unsigned first_with_checks = 80'016;
    if (can.dialect == sql::dialect::mysql && can.version >= first_with_checks) {
        auto checks = c.query("list checks", sql::select_checks, columns_only(1));
        if (!checks) return std::move(checks.error());
        for (std::size_t i = 0; i < checks->rows(); ++i) can.taken_checks.emplace_back(checks->at(i, 0).bytes());
    }
    return can;
}

/// A generated column of another type than the source's has to hold the same values, as the others have.
inline result<void> check_computed_types(const table_schema& from, const table_schema& made) {
    for (const column& each : from.columns) {
        const auto found = made.find(each.name);
        if (!each.generated || !found) continue;
        column to = made.columns[*found];
        to.nullable = each.nullable;
        const auto how = each.type == to.type ? std::nullopt : rowferry::detail::difference(each, to);
        if (!how) continue;
        return refusal("the columns of table " + from.name + " do not match: generated column " + each.name + ": " +
                       *how);
    }
    return {};
}

/// Notes the key that the server will give a table without one, of which no definition says anything.
inline result<void> note_row_numbers(client& c, const server_info& info, new_table& made) {
    if (info.dialect != sql::dialect::mysql) return {};
    const auto is_key = [&](const unique_index& index) {
        return index.is_over_whole_columns() &&
               std::none_of(index.parts.begin(), index.parts.end(),
                            [&](const unique_part& part) { return made.schema.columns[*part.column].nullable; });
    };
    const auto& all = made.schema.unique_indexes;
    if (std::any_of(all.begin(), all.end(), is_key)) return {};
    auto setting = c.query("adapt definition", sql::show_row_numbers, columns_only(2));
    if (!setting) return std::move(setting.error());
    if (setting->empty() || setting->at(0, 1).bytes() != "ON") return {};
    made.notices.push_back("the target's server will give table " + made.schema.name +
                           " a key of its own, my_row_id, which numbers rows as they come "
                           "(sql_generate_invisible_primary_key)");
    return {};
}

/// The table as it is to be made on this server; reads, and changes nothing.
inline result<new_table> adapt_definition(client& c, const server_info& info, const table_definition& from,
                                          std::string_view name, const definition_changes& changes) {
    auto can = learn_abilities(c, info);
    if (!can) return std::move(can.error());
    auto made = sql::adapt_definition(from, name, changes, *can);
    if (!made) return made;
    for (column& each : made->schema.columns) each.kind = kind_of(rowferry::detail::type_name(each.type));
    if (auto r = check_computed_types(from.schema, made->schema); !r) return std::move(r.error());
    if (made->schema.grows && !table_schema::same_name(made->schema.engine, "InnoDB")) made->schema.grows.reset();
    if (made->schema.grows) made->schema.grows->most_step = most_document_step(info.dialect);
    const auto& with = can->transactional_engines;
    made->schema.transactional = std::find(with.begin(), with.end(), made->schema.engine) != with.end();
    if (auto r = note_row_numbers(c, info, *made); !r) return std::move(r.error());
    return made;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
