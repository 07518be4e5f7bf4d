// SPDX-License-Identifier: BSL-1.0
// Definitions of tables, from one server to another: shown, rewritten for what the other server can, and created.
#ifndef ROWFERRY_MYSQL_DEFINITION_HPP
#define ROWFERRY_MYSQL_DEFINITION_HPP

#include <rowferry/definition.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/adapt_definition.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
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
    auto text = c.query_catalog("show definition", statement);
    if (!text) return std::move(text.error());
    if (text->empty() || text->columns() < 2) return refusal("the server shows no definition of table " + table.name);
    shown.statement = text->at(0, 1).bytes();
    statement.clear();
    sql::append_table_collation(statement, info.database, table.name);
    auto collation = c.query("show definition", statement);
    if (!collation) return std::move(collation.error());
    for (std::size_t i = 0; i < collation->rows(); ++i) {
        if (collation->at(i, 0).bytes() == table.name) shown.collation = collation->at(i, 1).bytes();
    }
    return shown;
}

/// What the server can hold.
inline result<sql::server_abilities> learn_abilities(client& c, const server_info& info) {
    sql::server_abilities can;
    can.dialect = info.dialect;
    can.version = sql::version_number(info.version);
    auto collations = c.query("list collations", sql::select_collations);
    if (!collations) return std::move(collations.error());
    for (std::size_t i = 0; i < collations->rows(); ++i) {
        const std::string charset(collations->at(i, 1).bytes());
        const std::string name(collations->at(i, 0).bytes());
        const bool is_whole = charset.empty() || name == charset || name.starts_with(charset + "_");
        can.collations.push_back(is_whole ? name : charset + "_" + name);
    }
    auto engines = c.query("list engines", sql::select_engines);
    if (!engines) return std::move(engines.error());
    for (std::size_t i = 0; i < engines->rows(); ++i) {
        can.engines.emplace_back(engines->at(i, 0).bytes());
        if (engines->at(i, 1).bytes() == "YES") can.transactional_engines.emplace_back(can.engines.back());
    }
    return can;
}

/// The table as it is to be made on this server; reads, and changes nothing.
inline result<new_table> adapt_definition(client& c, const server_info& info, const table_definition& from,
                                          std::string_view name, const definition_changes& changes) {
    auto can = learn_abilities(c, info);
    if (!can) return std::move(can.error());
    auto made = sql::adapt_definition(from, name, changes, *can);
    if (!made) return made;
    for (column& each : made->schema.columns) each.kind = kind_of(rowferry::detail::type_name(each.type));
    const auto& with = can->transactional_engines;
    made->schema.transactional = std::find(with.begin(), with.end(), made->schema.engine) != with.end();
    return made;
}

/// Creates the table. That it is there already is no error: a reply may have been lost, or somebody was faster.
inline result<void> create_table(client& c, const new_table& table) {
    constexpr unsigned exists_already = 1050;
    if (auto r = c.execute("create table", sql::set_definition_charset); !r) return std::move(r.error());
    auto created = c.execute("create table", table.statement);
    auto restored = c.execute("create table", sql::restore_charset);
    if (!created && created.error().code != exists_already) return std::move(created.error());
    if (!restored) return std::move(restored.error());
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
