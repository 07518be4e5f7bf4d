// SPDX-License-Identifier: BSL-1.0
// A snapshot held by one connection: opened, checked, and noticed when it is gone.
#ifndef ROWFERRY_MYSQL_SNAPSHOT_HPP
#define ROWFERRY_MYSQL_SNAPSHOT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/consistency.hpp>
#include <rowferry/mysql/client.hpp>
#include <rowferry/mysql/transaction.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/snapshot.hpp>
#include <rowferry/sql/text.hpp>

#include <mysql.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

inline error no_snapshot(std::string_view why) {
    return refusal("the server gives no snapshot: " + std::string(why) + "; a proxy may keep it from doing so",
                   {remedy{remedy::check_proxy}, remedy{remedy::leave_snapshot}});
}

/// Opens a read-only transaction that sees one moment, and checks that the server took each part of it.
inline result<snapshot_info> open_snapshot(client& c, sql::dialect d) {
    constexpr std::string_view operation = "open snapshot";
    const auto variables = sql::snapshot_variables(d);
    std::string statement;
    sql::append_set_session(statement, variables);
    if (auto set = c.execute(operation, statement); !set) return std::move(set.error());
    statement.clear();
    sql::append_read_snapshot_session(statement, variables);
    auto answer = c.query(operation, statement, columns_only(1 + variables.size(), 1));
    if (!answer) return std::move(answer.error());
    if (answer->empty()) return no_snapshot("it does not say what its session settings are");
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const std::string_view actual = answer->at(0, 1 + i).bytes();
        if (sql::is_set(variables[i], actual)) continue;
        return no_snapshot(std::string(variables[i].name) + " is \"" + std::string(actual) + "\" and has to be \"" +
                           std::string(variables[i].value) + "\"");
    }
    if (auto opened = c.execute(operation, sql::open_snapshot); !opened) return std::move(opened.error());
    if (mysql_warning_count(c.handle()) != 0) return no_snapshot("it warns that it ignored a part of the statement");
    if (!in_transaction(c)) return no_snapshot("it opened no transaction");
    return snapshot_info{std::string(answer->at(0, 0).bytes())};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
