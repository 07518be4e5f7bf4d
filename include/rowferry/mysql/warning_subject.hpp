// SPDX-License-Identifier: BSL-1.0
// What a server's warning is about: a value of ours, which is an error, or something else that happened on the way.
#ifndef ROWFERRY_MYSQL_WARNING_SUBJECT_HPP
#define ROWFERRY_MYSQL_WARNING_SUBJECT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/computing_settings.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// One row of SHOW WARNINGS.
struct warning {
    bool is_note = false; ///< the least of the three levels
    unsigned code = 0;
    std::string message = {};
};

/// What a warning is about.
enum class warning_subject : std::uint8_t {
    value,     ///< a value that was written, or nothing that is known: an error
    statement, ///< how the statement is spelled, logged or optimised
    computed, ///< a column that was not written, or an expression: its value is computed, and rounded or cut to its type
    trigger   ///< what a trigger of the table did
};

/// Whether a warning is about the statement itself. Numbers from 3000 on mean something else on the other product.
///
/// Source: mysqld_error.h of MySQL 8.4 and 9, and of MariaDB 10.11: what is deprecated (ER_WARN_DEPRECATED_SYNTAX and those
/// beside it, ER_DEPRECATED_UTF8_ALIAS, _NATIONAL, _UTF8MB3_COLLATION, _COLLATION, _DATETIME_DELIMITER, _IDENT,
/// _USER_DEFINED_COLLATIONS, _WITH_NOTE), what could not be optimised (ER_WARN_INDEX_NOT_APPLICABLE,
/// ER_CAPACITY_EXCEEDED), and how it is logged (ER_BINLOG_UNSAFE_STATEMENT).
inline bool is_about_statement(sql::dialect d, unsigned code) {
    constexpr std::array both{1287U, 1554U, 1592U, 1681U, 1739U};
    constexpr std::array only_mysql{3170U, 3719U, 3720U, 3778U, 3909U, 4079U, 4095U, 4096U, 4119U, 4162U, 4166U};
    const auto among = [code](const auto& codes) { return std::find(codes.begin(), codes.end(), code) != codes.end(); };
    return among(both) || (d == sql::dialect::mysql && among(only_mysql));
}

/// What a message names at its end, before "at row 3": `… column 'a'`, or "… column `d`.`t`.`a`"; none when it does not
/// end so. A value that the message repeats stands before that.
inline std::optional<std::string_view> text_before_row(std::string_view message) {
    constexpr std::string_view at_row = " at row ";
    const auto at = message.rfind(at_row);
    if (at == message.npos) return std::nullopt;
    const std::string_view digits = message.substr(at + at_row.size());
    if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
    return message.substr(0, at);
}

/// The column that a message is about; the longest name that fits, since names may hold anything.
inline std::optional<std::size_t> named_column(const table_schema& table, std::string_view message) {
    const auto text = text_before_row(message);
    if (!text) return std::nullopt;
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const std::string& name = table.columns[i].name;
        std::string quoted = ".";
        sql::append_identifier(quoted, name);
        if (!text->ends_with(" column '" + name + "'") && !text->ends_with(quoted)) continue;
        if (!found || table.columns[*found].name.size() < name.size()) found = i;
    }
    return found;
}

/// Whether a message is about some column, be it of this table or not.
inline bool names_any_column(std::string_view message) {
    const auto text = text_before_row(message);
    return text && text->find(" column ") != text->npos && (text->ends_with('\'') || text->ends_with('`'));
}

/// Whether the request's rows have no value for a column: the server computes it.
inline bool is_unwritten(const write_request& request, std::size_t column) {
    return std::find(request.columns.begin(), request.columns.end(), column) == request.columns.end();
}

/// Whether a warning is a JSON function's, which only a CHECK or a generated column calls here, and so no column's own:
/// ER_JSON_BAD_CHR to ER_JSON_PATH_ARRAY of MariaDB's mysqld_error.h.
constexpr bool is_json_function_warning(sql::dialect d, unsigned code) {
    return d == sql::dialect::mariadb && code >= 4035 && code <= 4045;
}

/// Whether a warning or an error of a statement that wrote the request's rows is only about what the server computed: it names
/// a column that was not written; or none, and says that a function or a conversion inside an expression lost a value. What
/// happens to a value that is stored names its column.
///
/// MariaDB names the column that an expression reads as a date or number where a value of it is none. A text column takes any
/// text as it is, so that ER_TRUNCATED_WRONG_VALUE of one is always about an expression.
///
/// Source: mysqld_error.h of MySQL 8.4 and 9, and of MariaDB 10.11: ER_TRUNCATED_WRONG_VALUE, ER_DIVISION_BY_ZERO,
/// ER_WRONG_VALUE_FOR_TYPE ("… for function …"), ER_DATETIME_FUNCTION_OVERFLOW; of MySQL also
/// ER_INVALID_ARGUMENT_FOR_LOGARITHM, ER_INVALID_JSON_TEXT_IN_PARAM, ER_INVALID_JSON_VALUE_FOR_CAST, and the three of
/// functional indexes; of MariaDB ER_BAD_BASE64_DATA and ER_CANNOT_CONVERT_CHARACTER. Not
/// ER_INVALID_CHARACTER_STRING, which a literal gives, too.
inline bool is_of_computing(sql::dialect d, const write_request& request, const warning& w) {
    constexpr unsigned wrong_value = 1292;
    constexpr std::array both{wrong_value, 1365U, 1411U, 1441U};
    constexpr std::array only_mysql{3020U, 3141U, 3156U, 3751U, 3752U, 3907U};
    constexpr std::array only_mariadb{1958U, 1977U};
    if (const auto column = named_column(*request.table, w.message)) {
        const bool takes_any_text = request.table->columns[*column].kind == column_kind::text;
        return is_unwritten(request, *column) || (w.code == wrong_value && takes_any_text);
    }
    if (names_any_column(w.message)) return false;
    const auto among = [&w](const auto& codes) { return std::find(codes.begin(), codes.end(), w.code) != codes.end(); };
    const bool is_of_product = d == sql::dialect::mysql ? among(only_mysql) : among(only_mariadb);
    return among(both) || is_of_product || is_json_function_warning(d, w.code);
}

/// What a warning of a statement that wrote the request's rows is about.
///
/// A note of rounding and cutting that a column's own expression or default asks for changes no value of ours; a real loss
/// is an error in strict mode, and passes where computing is lenient. Triggers run only where they were accepted: what they do
/// is theirs.
inline warning_subject subject_of(sql::dialect d, const write_request& request, const warning& w,
                                  strictness how = strictness::strict) {
    constexpr unsigned truncated_for_functional_index = 3751; // of MySQL, in place of a column's name
    constexpr unsigned signalled = 1642;
    if (is_about_statement(d, w.code)) return warning_subject::statement;
    if (how == strictness::lenient && is_of_computing(d, request, w)) return warning_subject::computed;
    const auto column = named_column(*request.table, w.message);
    if (column) return w.is_note && is_unwritten(request, *column) ? warning_subject::computed : warning_subject::value;
    if (d == sql::dialect::mysql && w.is_note && w.code == truncated_for_functional_index) {
        return warning_subject::computed;
    }
    const bool is_of_other_table = w.code == signalled || names_any_column(w.message);
    if (!request.table->triggers.empty() && is_of_other_table) return warning_subject::trigger;
    return warning_subject::value;
}

/// How many warnings each row may give that say nothing of its values: one for each column that the server computes.
inline std::size_t most_notes_of_row(const write_request& request) {
    std::size_t notes = 0;
    for (std::size_t i = 0; i < request.table->columns.size(); ++i) {
        if (request.table->columns[i].generated && is_unwritten(request, i)) ++notes;
    }
    return notes;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
