// SPDX-License-Identifier: BSL-1.0
// Statements on the checkpoint table, which lives beside the target's tables.
#ifndef ROWFERRY_SQL_CHECKPOINT_HPP
#define ROWFERRY_SQL_CHECKPOINT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/sql/text.hpp>

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// The checkpoint table's name, in the target's database.
inline constexpr std::string_view checkpoint_table = "rowferry_checkpoint";

namespace detail {

/// What an entry is read by.
inline constexpr std::string_view checkpoint_columns =
    "title, target_table, definition, run, batches, rows_copied, last_key, complete, begun_alone";

/// Text in the charset of the table's ASCII columns: a literal of another charset could not use the primary key.
inline void append_ascii(std::string& out, std::string_view text) {
    out += "_ascii";
    append_string(out, text, backslash_escape{});
}

/// A name of 64 characters at most, which hashes the table's: names of locks are the whole server's.
inline std::string claim_lock(std::string_view database, std::string_view target_table) {
    return "rowferry." + job_id(std::string(database) + '.' + std::string(target_table));
}

inline void append_others(std::string& out, const checkpoint& c) {
    out += " WHERE target_table = ";
    append_text(out, c.target_table);
    out += " AND job <> ";
    append_ascii(out, c.job);
}

inline void append_progress(std::string& out, const checkpoint& c) {
    out += "batches = ";
    append_number(out, c.batches);
    out += ", rows_copied = ";
    append_number(out, c.rows);
    out += ", last_key = ";
    append_ascii(out, encode_position(c));
    out += c.complete ? ", complete = 1" : ", complete = 0";
    out += ", updated_at = UTC_TIMESTAMP(6)";
}

} // namespace detail

/// The table's definition. It has to be InnoDB: the rows and their checkpoint commit together.
inline constexpr std::string_view create_checkpoint_table =
    "CREATE TABLE IF NOT EXISTS `rowferry_checkpoint` ("
    "job CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, "
    "title TEXT CHARACTER SET utf8mb4 NOT NULL, "
    "target_table VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, "
    "definition MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL, "
    "run CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "batches BIGINT UNSIGNED NOT NULL, "
    "rows_copied BIGINT UNSIGNED NOT NULL, "
    "last_key MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL, "
    "complete BOOLEAN NOT NULL, "
    "begun_alone BOOLEAN NOT NULL, "
    "updated_at DATETIME(6) NOT NULL COMMENT 'UTC', "
    "KEY (target_table)"
    ") ENGINE=InnoDB COMMENT='how far each copy by rowferry came'";

/// Appends the SELECT of a job's entry: title, target table, definition, run, batches, rows, key, complete, begun alone. `settled`
/// locks the entry, and so waits for a transaction that is writing it.
inline void append_load_checkpoint(std::string& out, std::string_view job, checkpoint_read how) {
    out += "SELECT ";
    out += detail::checkpoint_columns;
    out += " FROM `rowferry_checkpoint` WHERE job = ";
    detail::append_ascii(out, job);
    if (how == checkpoint_read::settled) out += " FOR UPDATE";
}

/// Appends the SELECT of all entries: what `append_load_checkpoint` gives, then job and time of the last change.
inline void append_list_checkpoints(std::string& out) {
    out += "SELECT ";
    out += detail::checkpoint_columns;
    out += ", job, updated_at FROM `rowferry_checkpoint` ORDER BY target_table, title, job";
}

/// Appends the DELETE of one job's entry.
inline void append_drop_checkpoint(std::string& out, std::string_view job) {
    out += "DELETE FROM `rowferry_checkpoint` WHERE job = ";
    detail::append_ascii(out, job);
}

/// Appends the statement that makes c.run the owner of its job: an entry that is missing begins at zero, and so does
/// one that is there unless it keeps its progress.
inline void append_claim_checkpoint(std::string& out, const checkpoint& c, const claim& how) {
    checkpoint at_zero = c;
    at_zero.batches = 0;
    at_zero.rows = 0;
    at_zero.last_key.clear();
    at_zero.gaps.clear();
    at_zero.complete = false;
    auto append_beginning = [&] {
        out += "title = ";
        append_text(out, c.title);
        out += ", target_table = ";
        append_text(out, c.target_table);
        out += ", definition = ";
        append_text(out, c.definition);
        out += ", run = ";
        detail::append_ascii(out, c.run);
        out += ", ";
        out += how.alone ? "begun_alone = 1, " : "begun_alone = 0, ";
        detail::append_progress(out, at_zero);
    };
    out += "INSERT INTO `rowferry_checkpoint` SET job = ";
    detail::append_ascii(out, c.job);
    out += ", ";
    append_beginning();
    out += " ON DUPLICATE KEY UPDATE ";
    if (!how.keeps_progress) return append_beginning();
    out += "run = ";
    detail::append_ascii(out, c.run);
    out += ", updated_at = UTC_TIMESTAMP(6)";
}

/// Appends the DELETE of the entries of other jobs that fill c's target table.
inline void append_forget_others(std::string& out, const checkpoint& c) {
    out += "DELETE FROM `rowferry_checkpoint`";
    detail::append_others(out, c);
}

/// Appends the UPDATE that takes the jobs of others away from their runs, and keeps how far they came; waits
/// for a transaction that is writing one.
inline void append_stop_others(std::string& out, const checkpoint& c) {
    out += "UPDATE `rowferry_checkpoint` SET run = ";
    detail::append_ascii(out, c.run);
    detail::append_others(out, c);
}

/// Appends the DELETE of the entries of all jobs that fill a table.
inline void append_forget_checkpoints(std::string& out, std::string_view target_table) {
    out += "DELETE FROM `rowferry_checkpoint` WHERE target_table = ";
    append_text(out, target_table);
}

/// Appends the DELETE of the entry of c's job, if it belongs to c's run.
inline void append_forget_checkpoint(std::string& out, const checkpoint& c) {
    append_drop_checkpoint(out, c.job);
    out += " AND run = ";
    detail::append_ascii(out, c.run);
}

/// Appends the SELECT of whether the checkpoint table's engine has transactions: "YES", or its name; no row without the
/// table.
inline void append_checkpoint_engine(std::string& out) {
    out += "SELECT IF(e.TRANSACTIONS = 'YES', 'YES', t.ENGINE) FROM information_schema.TABLES t LEFT JOIN "
           "information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = "
           "'rowferry_checkpoint'";
}

/// Appends the SELECT that takes the lock under which a target table is claimed (1: taken, 0: not within `seconds`);
/// the server frees it when the connection ends, and not before the connection's last statement ended.
inline void append_lock_claims(std::string& out, std::string_view database, std::string_view target_table,
                               unsigned seconds) {
    out += "SELECT GET_LOCK('";
    out += detail::claim_lock(database, target_table);
    out += "', ";
    append_number(out, seconds);
    out += ')';
}
/// Appends the SELECT that frees it.
inline void append_unlock_claims(std::string& out, std::string_view database, std::string_view target_table) {
    out += "SELECT RELEASE_LOCK('";
    out += detail::claim_lock(database, target_table);
    out += "')";
}

/// Appends the UPDATE that advances an entry by one batch; it changes one row, or none when another run owns the job.
inline void append_save_checkpoint(std::string& out, const checkpoint& c) {
    out += "UPDATE `rowferry_checkpoint` SET ";
    detail::append_progress(out, c);
    out += " WHERE job = ";
    detail::append_ascii(out, c.job);
    out += " AND run = ";
    detail::append_ascii(out, c.run);
    out += " AND batches = ";
    append_number(out, c.batches - 1);
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
