// SPDX-License-Identifier: BSL-1.0
// Statements on information_schema: what tables there are, and what they look like.
#ifndef ROWFERRY_SQL_CATALOG_HPP
#define ROWFERRY_SQL_CATALOG_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/checkpoint.hpp>
#include <rowferry/sql/read.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/timing.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

namespace detail {

inline void append_table_condition(std::string& out, std::string_view schema_column, std::string_view name_column,
                                   std::string_view database, std::string_view table) {
    out += " WHERE ";
    out += schema_column;
    out += " = ";
    append_text(out, database);
    out += " AND ";
    out += name_column;
    out += " = ";
    append_text(out, table);
}

} // namespace detail

/// Appends the SELECT of a table's name, type, engine, whether the engine has transactions, estimated rows and bytes,
/// options ("partitioned" among them).
inline void append_describe_table(std::string& out, std::string_view database, std::string_view table) {
    out += "SELECT t.TABLE_NAME, t.TABLE_TYPE, t.ENGINE, e.TRANSACTIONS, t.TABLE_ROWS, t.DATA_LENGTH, "
           "t.CREATE_OPTIONS "
           "FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE";
    detail::append_table_condition(out, "t.TABLE_SCHEMA", "t.TABLE_NAME", database, table);
}

/// Appends the SELECT of a table's columns, in order: table, name, type, full type, charset, collation, nullable,
/// extra, expression of a generated column, default, position.
inline void append_describe_columns(std::string& out, std::string_view database, std::string_view table) {
    out += "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, "
           "EXTRA, GENERATION_EXPRESSION, COLUMN_DEFAULT, ORDINAL_POSITION "
           "FROM information_schema.COLUMNS";
    detail::append_table_condition(out, "TABLE_SCHEMA", "TABLE_NAME", database, table);
    out += " ORDER BY ORDINAL_POSITION";
}

/// Appends the SELECT of a table's index parts, in order: table, index, non-unique, column (NULL for an expression),
/// collation ("D" is descending), prefix length, index type, whether the optimizer may use it, expression (MySQL only).
inline void append_describe_indexes(std::string& out, dialect d, std::string_view database, std::string_view table) {
    out += "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, COLLATION, SUB_PART, INDEX_TYPE, ";
    out += d == dialect::mariadb ? "IF(IGNORED = 'YES', 'NO', 'YES'), NULL" : "IS_VISIBLE, EXPRESSION";
    out += " FROM information_schema.STATISTICS";
    detail::append_table_condition(out, "TABLE_SCHEMA", "TABLE_NAME", database, table);
    out += " ORDER BY INDEX_NAME, SEQ_IN_INDEX";
}

/// Appends the SELECT of texts of ours, one a column, in another charset.
inline void append_convert(std::string& out, const std::vector<std::string>& texts, std::string_view wanted) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
        out += i == 0 ? "SELECT CONVERT(" : ", CONVERT(";
        append_text(out, texts[i]);
        out += " USING ";
        append_charset(out, wanted);
        out += ')';
    }
}

/// Appends the SELECT that counts how many texts of ours differ by a collation. Without `has_rows` as a UNION: MySQL takes
/// VALUES ROW since 8.0.19. Else not, since a server goes as deep as a UNION has parts.
inline void append_count_distinct(std::string& out, dialect d, const std::vector<std::string>& texts,
                                  std::string_view wanted, std::string_view collation, bool has_rows = true) {
    const std::string_view before = !has_rows ? "SELECT " : d == dialect::mysql ? "ROW(" : "(";
    out += has_rows ? "WITH members (m) AS (VALUES " : "WITH members (m) AS (";
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) out += has_rows ? ", " : " UNION ALL ";
        out += before;
        append_text(out, texts[i]);
        if (has_rows) out += ')';
    }
    out += ") SELECT COUNT(DISTINCT CONVERT(m USING ";
    append_charset(out, wanted);
    out += ") COLLATE ";
    append_charset(out, collation);
    out += ") FROM members";
}

/// Appends the SELECT of a table's triggers: table, name, event.
inline void append_describe_triggers(std::string& out, std::string_view database, std::string_view table) {
    out += "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, EVENT_MANIPULATION FROM information_schema.TRIGGERS";
    detail::append_table_condition(out, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", database, table);
    out += " ORDER BY TRIGGER_NAME";
}

/// Appends the SELECT that gives no row, and fails when a column may not be read: the catalog hides such columns.
inline void append_probe_columns(std::string& out, std::string_view table) {
    out += "SELECT * FROM ";
    append_identifier(out, table);
    out += " LIMIT 0";
}

/// Appends the SELECT of the names and engines of a database's tables: base tables only, sorted by the bytes of their
/// names, without our own.
inline void append_tables(std::string& out, std::string_view database) {
    out += "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = ";
    append_text(out, database);
    out += " AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_NAME <> ";
    append_text(out, checkpoint_table);
    out += " ORDER BY CAST(TABLE_NAME AS BINARY)";
}

/// Appends the SELECT of which table has a name: table, who answers, when its definition was written, whether that was
/// more than two seconds ago, engine, next number of AUTO_INCREMENT.
inline void append_incarnation(std::string& out, dialect d, std::string_view database, std::string_view table) {
    out += "SELECT TABLE_NAME, CONCAT_WS(':', @@hostname, @@port, @@server_id";
    if (d == dialect::mysql) out += ", @@server_uuid";
    out += "), CAST(CREATE_TIME AS CHAR), IF(CREATE_TIME < NOW() - INTERVAL 2 SECOND, 'YES', 'NO'), ENGINE, "
           "AUTO_INCREMENT "
           "FROM information_schema.TABLES";
    detail::append_table_condition(out, "TABLE_SCHEMA", "TABLE_NAME", database, table);
}

namespace detail {

/// A name as files spell it, if it is in ASCII: "a-b" is "a@002db".
inline std::optional<std::string> as_file_name(std::string_view name) {
    std::string text;
    for (const char each : name) {
        const auto c = static_cast<unsigned char>(each);
        if (c >= 0x80) return std::nullopt;
        const unsigned lower = c | 0x20U;
        const bool is_plain = (c >= '0' && c <= '9') || c == '_' || (lower >= 'a' && lower <= 'z');
        constexpr std::string_view digits = "0123456789abcdef";
        if (is_plain) {
            text += each;
        } else {
            text += "@00";
            text += digits[c >> 4U];
            text += digits[c & 15U];
        }
    }
    return text;
}

} // namespace detail

/// Appends the SELECT of the ids of the tables inside InnoDB that keep a table's rows: its own, or those of its partitions.
/// There, names are spelled as files are. The server reads the names of all its tables for it: `limit` ends that.
inline void append_storage_ids(std::string& out, dialect d, std::string_view database, std::string_view table,
                               duration limit) {
    std::string name;
    const auto folder = detail::as_file_name(database);
    const auto file = detail::as_file_name(table);
    if (d == dialect::mysql && folder && file) { // MySQL 9.7 does not know the charset filename
        name = "CAST(";
        append_text(name, *folder + '/' + *file);
        name += " AS BINARY)";
    } else {
        name = "CONCAT(CAST(CONVERT(";
        append_text(name, database);
        name += " USING filename) AS BINARY), '/', CAST(CONVERT(";
        append_text(name, table);
        name += " USING filename) AS BINARY))";
    }
    detail::append_limited_select(out, d, limit);
    out += "TABLE_ID FROM information_schema.";
    out += d == dialect::mariadb ? "INNODB_SYS_TABLES" : "INNODB_TABLES";
    out += " WHERE CAST(NAME AS BINARY) = " + name + " OR (LEFT(CAST(NAME AS BINARY), LENGTH(" + name +
           ") + 3) IN (CONCAT(" + name + ", '#P#'), CONCAT(" + name + ", '#p#')))";
}

/// What the user may do; as roles that are in effect allow it, too.
inline constexpr std::string_view show_grants = "SHOW GRANTS";
/// How the server reads the names of databases in grants: name and value; one that it lacks is left out.
inline constexpr std::string_view show_grant_rules =
    "SHOW VARIABLES WHERE Variable_name IN ('lower_case_table_names', 'partial_revokes')";

/// Appends the SHOW CREATE TABLE of a table.
inline void append_show_definition(std::string& out, std::string_view table) {
    out += "SHOW CREATE TABLE ";
    append_identifier(out, table);
}

/// Appends the SELECT of the collation that a table's columns have unless they name one.
inline void append_table_collation(std::string& out, std::string_view database, std::string_view table) {
    out += "SELECT TABLE_NAME, TABLE_COLLATION FROM information_schema.TABLES";
    detail::append_table_condition(out, "TABLE_SCHEMA", "TABLE_NAME", database, table);
}

/// The SELECT of all collations, each with its charset: MariaDB lists those of several charsets by the end of their name.
inline constexpr std::string_view select_collations =
    "SELECT COLLATION_NAME, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY";

/// The SELECT of the engines that can be used, each with whether it has transactions.
inline constexpr std::string_view select_engines =
    "SELECT ENGINE, TRANSACTIONS FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')";

/// The names of CHECKs of the database's tables, where no two tables may have one of the same name.
inline constexpr std::string_view select_checks =
    "SELECT CONSTRAINT_NAME FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()";

/// Whether the server gives tables without a key one of its own: name and value, where it has the setting.
inline constexpr std::string_view show_row_numbers = "SHOW VARIABLES LIKE 'sql\\_generate\\_invisible\\_primary\\_key'";

/// What a session is told before it creates a table: definitions are UTF-8, and a TIMESTAMP has no default that it does
/// not state (MySQL does so by default; MariaDB lets a session choose from 10.8.2 on).
inline constexpr std::string_view set_definition_charset =
    "SET NAMES utf8mb4 /*M!100802 , SESSION explicit_defaults_for_timestamp = 1 */";
/// What it is told behind that: bytes are not converted again.
inline constexpr std::string_view restore_charset = "SET NAMES binary";

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
