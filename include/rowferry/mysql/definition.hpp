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
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/strictness.hpp>
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

/// Creates the table. That it is there already is no error: a reply may have been lost, or another client was faster.
inline result<void> create_table(client& c, const server_info& info, const new_table& table) {
    constexpr unsigned exists_already = 1050;
    constexpr unsigned equal_members = 1291; // of an ENUM or SET, which strict mode refuses
    if (auto r = c.execute("create table", sql::set_definition_charset); !r) return std::move(r.error());
    const auto create = [&] { return c.execute("create table", table.statement); };
    auto created = create();
    if (!created && created.error().code == equal_members) created = in_mode(c, info, "create table", true, create);
    auto restored = c.execute("create table", sql::restore_charset);
    if (!created && created.error().code != exists_already) return std::move(created.error());
    if (restored) return {};
    // The table is there, and the session is of no use: tried again, on a fresh one.
    restored.error().fault = fault::connection_lost;
    return std::move(restored.error());
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
