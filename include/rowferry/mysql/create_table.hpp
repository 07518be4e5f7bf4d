// SPDX-License-Identifier: BSL-1.0
// Creates tables, as the source's server has them: also with what a server takes in its lenient modes only. And tries
// definitions, by creating a table that is dropped again.
#ifndef ROWFERRY_MYSQL_CREATE_TABLE_HPP
#define ROWFERRY_MYSQL_CREATE_TABLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/answer.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/describe.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/strictness.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/adapt_definition.hpp>
#include <rowferry/sql/catalog.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>
#include <rowferry/trial_table.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline constexpr std::string_view creating = "create table";
inline constexpr unsigned row_too_long = 1118;

/// Whether InnoDB may have refused an option of the table, or the length of its rows, that it takes outside of its strict mode.
inline bool may_be_of_strict_engine(const error& e) {
    constexpr unsigned cannot_create = 1005; // of MariaDB, for any reason: this one is "Wrong create options"
    constexpr unsigned no_such_option = 1031;
    constexpr unsigned illegal_option = 1478;
    if (e.code == cannot_create) return e.server_message.find("errno: 140") != e.server_message.npos;
    return e.code == no_such_option || e.code == row_too_long || e.code == illegal_option;
}

/// What the server said of the last statement besides its error, as clauses; the error's own sentence is not repeated.
inline std::string further_words(client& c, const error& e) {
    constexpr std::size_t most = 8;
    auto warnings = c.show_warnings(creating);
    std::string words;
    for (std::size_t i = 0; warnings && i < warnings->rows() && i < most; ++i) {
        const std::string text = one_line(warnings->at(i, 2).bytes());
        if (text.empty() || e.server_message.find(text) != text.npos || words.find(text) != text.npos) continue;
        words += "; " + text;
    }
    return words;
}

/// Runs the statement outside of InnoDB's strict mode. None where that mode is off already, or may not be changed. A session that
/// cannot go back to it is lost.
inline result<std::optional<std::uint64_t>> create_leniently(client& c, const std::string& statement) {
    constexpr std::string_view off = "SET SESSION innodb_strict_mode = 0";
    constexpr std::string_view on = "SET SESSION innodb_strict_mode = 1";
    const auto strict = c.query_value(creating, "SELECT @@SESSION.innodb_strict_mode");
    if (!strict && needs_fresh_connection(strict.error().fault)) return strict.error();
    if (!strict || *strict != value("1")) return std::optional<std::uint64_t>{};
    const auto changed = c.execute(creating, off); // MySQL lets only administrators do it
    if (!changed && needs_fresh_connection(changed.error().fault)) return changed.error();
    if (!changed) return std::optional<std::uint64_t>{};
    auto created = c.execute(creating, statement);
    if (!created && created.error().fault == fault::connection_lost) return std::move(created.error());
    if (auto restored = c.execute(creating, on); !restored) {
        restored.error().fault = fault::connection_lost;
        return std::move(restored.error());
    }
    if (!created) return std::move(created.error());
    return std::optional(*created);
}

/// Creates the table as the statement says. What strict modes refuse, and the source's server took, is created outside of them:
/// the modes are off for this one statement.
inline result<void> run_create_table(client& c, const server_info& info, const std::string& statement) {
    constexpr unsigned exists_already = 1050;
    constexpr unsigned equal_members = 1291; // of an ENUM or SET, which strict mode refuses
    const auto create = [&] { return c.execute(creating, statement); };
    auto created = create();
    if (!created && created.error().code == equal_members) created = in_mode(c, info, creating, true, create);
    if (created || created.error().code == exists_already) return {};
    error refused = std::move(created.error());
    if (!may_be_of_strict_engine(refused)) return refused;
    refused.server_message += further_words(c, refused);
    auto lenient = create_leniently(c, statement);
    if (!lenient && needs_fresh_connection(lenient.error().fault)) return std::move(lenient.error());
    if (lenient && *lenient) return {};
    if (refused.code != row_too_long) refused.remedies.push_back({remedy::leave_out, {}, "row-format"});
    refused.remedies.push_back({remedy::create_by_hand, {}, {}});
    return refused;
}

/// Creates a table by a statement. That it exists already is not an error: a reply may have been lost, or another
/// client was faster.
inline result<void> create_by(client& c, const server_info& info, const std::string& statement) {
    if (auto r = c.execute(creating, sql::set_definition_charset); !r) return std::move(r.error());
    auto created = run_create_table(c, info, statement);
    if (!created && needs_fresh_connection(created.error().fault)) return created;
    auto restored = c.execute(creating, sql::restore_charset);
    if (!created || restored) return created;
    // The table is there, and the session is unusable: try again on a fresh one.
    restored.error().fault = fault::connection_lost;
    return std::move(restored.error());
}

inline result<void> create_table(client& c, const server_info& info, const new_table& table) {
    return create_by(c, info, table.statement);
}

/// Creates the table under another name, describes it and drops it. None where the user may not create or drop
/// it: first it is asked to drop the table, which is not there unless an earlier call left it.
inline result<std::optional<table_schema>> try_table(client& c, const server_info& info, const new_table& table,
                                                     std::string_view name, bool may_be_left) {
    constexpr unsigned unknown_table = 1051;
    std::string drop = "DROP TABLE ";
    sql::append_identifier(drop, name);
    const std::string statement = sql::renamed(table, name);
    if (statement.empty()) return refusal("the statement is not one that creates table " + table.schema.name);
    auto dropped = c.execute("try table", drop);
    if (!dropped && dropped.error().code != unknown_table) {
        error& e = dropped.error();
        // Without the privilege, no earlier call got any further.
        if (e.cause == cause::missing_privilege) return std::optional<table_schema>{};
        if (may_be_left) note(e.changes, change{change::tried_table, std::string(name)});
        return std::move(e);
    }
    auto created = create_by(c, info, statement);
    // The user may be allowed to create the table itself all the same.
    if (!created && created.error().cause == cause::missing_privilege) return std::optional<table_schema>{};
    if (!created) return std::move(created.error());
    auto described = describe_table(c, info.dialect, info.database, name);
    dropped = c.execute("try table", drop);
    if (!described || !dropped) {
        return rowferry::detail::trial_error(described ? nullptr : &described.error(),
                                             dropped ? nullptr : &dropped.error(), name);
    }
    if (!*described) return senseless_answer("try table", "it does not show the table that was just created");
    return described;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
