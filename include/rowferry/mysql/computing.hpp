// SPDX-License-Identifier: BSL-1.0
// The settings that a server's expressions are computed under: read from the server, and set in a session of ours.
#ifndef ROWFERRY_MYSQL_COMPUTING_HPP
#define ROWFERRY_MYSQL_COMPUTING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/definition.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/computing.hpp>
#include <rowferry/sql/rights.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// What new sessions of the server compute under.
inline result<computing_settings> read_computing_settings(client& c, sql::dialect d) {
    constexpr std::string_view operation = "read settings";
    constexpr std::size_t variables = sql::computing_variables.size();
    std::string statement;
    sql::append_read_computing(statement);
    auto answer = c.query(operation, statement, columns_only(variables + 3, 1));
    if (!answer) return std::move(answer.error());
    row_reader row(*answer, 0, "the server's settings");
    computing_settings found;
    for (std::size_t i = 0; i < variables; ++i) {
        found.values.push_back({std::string(sql::computing_variables[i]), row.text(i, sql::computing_variables[i])});
    }
    const std::string modes = row.text(variables, sql::mode_setting);
    found.values.push_back({std::string(fraction_setting), std::string(sql::fractions_of(d, modes))});
    found.values.push_back({std::string(sql::mode_setting), sql::computing_modes_of(modes)});
    found.pads_char = sql::has_mode(modes, sql::padding_mode);
    found.rounds_quotients = d == sql::dialect::mysql;
    found.time_zone = row.filled(variables + 1, "time_zone");
    if (found.time_zone == "SYSTEM") found.time_zone = row.filled(variables + 2, "system_time_zone");
    if (auto r = row.checked(operation); !r) return std::move(r.error());
    found.is_utc = sql::is_utc_zone(found.time_zone);
    found.is_fixed = sql::is_zone_offset(found.time_zone);
    return found;
}

/// Has the session compute under these settings; `info` keeps the modes, which the session has from then on in either
/// strictness.
inline result<void> compute_as(client& c, server_info& info, const std::vector<setting>& settings) {
    std::string modes;
    const auto add_modes = [&](std::string_view more) {
        if (!more.empty()) modes += (modes.empty() ? "" : ",") + std::string(more);
    };
    std::vector<sql::session_variable> variables;
    bool leniently = false;
    for (const setting& each : settings) {
        if (each.name == strictness_setting) leniently = each.value == computed_leniently;
        if (each.name == sql::mode_setting) add_modes(sql::computing_modes_of(each.value));
        if (each.name == fraction_setting) add_modes(sql::fraction_mode(info.dialect, each.value));
        const auto& known = sql::computing_variables;
        if (std::find(known.begin(), known.end(), each.name) == known.end()) continue;
        variables.push_back({each.name, each.value});
    }
    const std::string strict =
        modes.empty() ? std::string(sql::strict_mode) : std::string(sql::strict_mode) + "," + modes;
    variables.push_back({sql::mode_setting, strict});
    std::string statement;
    sql::append_set_session(statement, variables);
    auto done = c.execute("set settings", statement);
    if (!done) {
        error e = std::move(done.error());
        if (!is_retryable(e.fault)) {
            e.message = "the server does not take the settings under which the source computes generated columns";
        }
        return e;
    }
    info.computing_modes = modes;
    info.computes_leniently = leniently;
    return {};
}

/// Closes the instances of a table that the server keeps open. MariaDB and MySQL make an expression ready when they open a
/// table, and its digits after the point, by div_precision_increment, are decided then, whatever later sessions have set.
/// Waits a second at most for statements that use the table. Gives why it could not; empty where it was done.
inline result<std::string> reopen(client& c, const table_schema& table) {
    constexpr std::string_view operation = "reopen table";
    std::string statement = "FLUSH LOCAL TABLES ";
    sql::append_identifier(statement, table.name);
    if (auto r = c.execute(operation, sql::wait_shortly); !r) return std::move(r.error());
    auto done = c.execute(operation, statement);
    auto usual = c.execute(operation, sql::wait_as_usual);
    constexpr unsigned missing = 1146; // it is still to be created
    constexpr unsigned lock_timeout = 1205;
    constexpr unsigned no_privilege = 1227;
    std::string why;
    if (!done && done.error().code != missing) {
        const error& e = done.error();
        if (e.code == lock_timeout) {
            why = "another client uses the table";
        } else if (e.cause == cause::missing_privilege || e.code == no_privilege) {
            why = "its user lacks the privilege RELOAD";
        } else {
            return std::move(done.error());
        }
    }
    if (!usual) return std::move(usual.error());
    return why;
}

/// What the target computes by the session's time zone. Asks the server for the definition, unless `statement` has it. Of a
/// definition that holds what is not known, only generated columns are looked at, by the names that their text holds; virtual
/// ones if anything else of the definition names them.
inline result<std::vector<zone_dependence>>
find_zone_dependences(client& c, const server_info& info, const table_schema& table, std::string_view statement) {
    const auto is_of_time = [](const column& each) {
        return each.generated || rowferry::detail::type_name(each.type) == "timestamp";
    };
    if (std::none_of(table.columns.begin(), table.columns.end(), is_of_time)) return std::vector<zone_dependence>{};
    table_definition shown;
    if (statement.empty()) {
        auto asked = show_definition(c, info, table);
        if (!asked) return std::move(asked.error());
        shown = std::move(*asked);
        statement = shown.statement;
    }
    if (auto parsed = sql::grammar::parse(statement, info.dialect)) return sql::zone_dependences(*parsed, table);
    std::vector<zone_dependence> found;
    const auto is_named_again = [&](const std::string& name) {
        std::string quoted;
        sql::append_identifier(quoted, name);
        const std::size_t first = statement.find(quoted);
        return first == statement.npos || statement.find(quoted, first + quoted.size()) != statement.npos;
    };
    for (const column& each : table.columns) {
        if (each.generated && each.computed != computation::on_write && !is_named_again(each.name)) continue;
        for (const column& other : table.columns) {
            if (!each.generated || rowferry::detail::type_name(other.type) != "timestamp") continue;
            if (each.expression.find(other.name) == each.expression.npos) continue;
            found.push_back({"generated column " + each.name, {}});
            break;
        }
    }
    return found;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
