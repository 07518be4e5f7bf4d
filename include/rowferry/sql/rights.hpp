// SPDX-License-Identifier: BSL-1.0
// Questions by which a server tells whether the user may run a statement, without running it: PREPARE checks the rights that
// the statement takes.
#ifndef ROWFERRY_SQL_RIGHTS_HPP
#define ROWFERRY_SQL_RIGHTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/sql/checkpoint.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/sql/write.hpp>
#include <rowferry/write_mode.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// One question: what it is about, for people, and the statement that takes the right.
struct right_question {
    std::string about = {};     ///< "DELETE on rowferry_checkpoint"
    std::string statement = {}; ///< one that is not prepared changes nothing
    bool is_prepared = true;    ///< else it is run: a server checks its right only then
};

namespace detail {

/// The insert of the request's mode, which is prepared and not run. (Of INSERT … SELECT the rights on columns are not checked
/// before it runs.)
inline std::string prepared_write(const write_request& request) {
    std::string out;
    append_insert_into(out, request);
    out += " VALUES (";
    for (std::size_t i = 0; i < request.columns.size(); ++i) out += i == 0 ? "NULL" : ", NULL";
    out += ')';
    if (request.kind != write_kind::upsert) return out;
    out += " ON DUPLICATE KEY UPDATE ";
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        if (i > 0) out += ", ";
        append_identifier(out, request.table->columns[request.columns[i]].name);
        out += " = NULL";
    }
    append_kept(out, request);
    return out;
}

/// What a write takes, for people.
constexpr std::string_view rights_of(write_kind kind) {
    switch (kind) {
    case write_kind::upsert: return "INSERT and UPDATE";
    case write_kind::replace: return "INSERT and DELETE";
    case write_kind::insert:
    case write_kind::skip_existing: break;
    }
    return "INSERT";
}

/// Reads the page's columns from another database of the server, and gives no row.
inline std::string prepared_read(std::string_view database, const table_schema& table,
                                 const std::vector<std::size_t>& columns) {
    std::string out = "SELECT ";
    append_columns(out, table, columns);
    out += " FROM ";
    append_table(out, database, table.name);
    out += " WHERE FALSE";
    return out;
}

/// TRUNCATE takes DROP, and so does truncating a partition. No table has this name. The question
/// locks the table, and a Galera cluster puts it in its total order: only a copy that is going to truncate asks it.
inline std::string truncate_no_partition(std::string_view table) {
    std::string out = "ALTER TABLE ";
    append_identifier(out, table);
    out += " TRUNCATE PARTITION `rowferry no such partition`";
    return out;
}

} // namespace detail

/// What to ask for a copy that needs this. A question whose answer is another error than a missing right is answered too: the
/// rights are checked first.
inline std::vector<right_question> right_questions(const target_needs& needs) {
    const std::string store(checkpoint_table);
    const std::string& table = needs.write.table->name;
    std::vector<right_question> all;
    all.push_back(
        {std::string(detail::rights_of(needs.write.kind)) + " on " + table, detail::prepared_write(needs.write)});
    if (needs.empties && !needs.only_planned) {
        all.push_back({"DROP on " + table, detail::truncate_no_partition(table), false});
    }
    if (needs.source != nullptr) {
        all.push_back({"SELECT on " + needs.source_database + "." + needs.source->name,
                       detail::prepared_read(needs.source_database, *needs.source, needs.source_columns)});
    }
    if (needs.stores) {
        all.push_back({"SELECT on " + store, "SELECT run FROM `rowferry_checkpoint` WHERE FALSE"});
        all.push_back({"INSERT on " + store, "INSERT INTO `rowferry_checkpoint` (job) VALUES (NULL)"});
        all.push_back({"UPDATE on " + store, "UPDATE `rowferry_checkpoint` SET run = NULL WHERE FALSE"});
    }
    if (needs.forgets) all.push_back({"DELETE on " + store, "DELETE FROM `rowferry_checkpoint` WHERE FALSE"});
    return all;
}

/// The creation of the table of checkpoints, as far as it takes a right.
inline constexpr std::string_view create_store = "CREATE TABLE `rowferry_checkpoint` (job INT)";

/// Appends the question whether the user may run a statement.
inline void append_prepare(std::string& out, std::string_view statement) {
    out += "PREPARE rowferry_right FROM ";
    append_string(out, statement, backslash_escape{});
}
inline constexpr std::string_view end_prepared = "DEALLOCATE PREPARE rowferry_right";

/// How long a question may wait for the table's other users, in seconds, and what the recipe has instead.
inline constexpr std::string_view wait_shortly = "SET SESSION lock_wait_timeout = 1";
inline constexpr std::string_view wait_as_usual = "SET SESSION lock_wait_timeout = 60";

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
