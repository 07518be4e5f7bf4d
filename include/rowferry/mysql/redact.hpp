// SPDX-License-Identifier: BSL-1.0
// The server's words without row values and passwords, in one line that is not too long: what may stand in an error, a log
// or a report.
#ifndef ROWFERRY_MYSQL_REDACT_HPP
#define ROWFERRY_MYSQL_REDACT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/hidden_passwords.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {

/// What stands for a message that is not the server's own, but text that a trigger or procedure made up: it may repeat
/// any value of the row.
inline constexpr std::string_view hidden_signal =
    "a trigger or procedure refuses the row, in words that are not repeated";

namespace detail {

/// Replaces what stands between the first `open` and the last `close` behind it; to the end when there is none.
inline std::string hide_between(std::string_view message, std::string_view open, std::string_view close) {
    const auto begin = message.find(open);
    if (begin == message.npos) return std::string(message);
    const auto first = begin + open.size();
    const auto last = message.rfind(close);
    std::string text(message.substr(0, first));
    text += "…";
    if (last != message.npos && last >= first) text += message.substr(last);
    return text;
}

/// Takes row values and connection strings out of a server's error or warning message, and leaves the names of columns and keys.
///
/// Source: the message templates of MySQL 9 and MariaDB 11 whose arguments are values. Their order in the message
/// decides how far the value reaches, so that a value that holds quotes stays hidden too.
inline std::string hide_values(unsigned code, std::string_view message) {
    switch (code) {
    case 1642: // SIGNAL: warning, not found, exception, with the text of whoever wrote the trigger
    case 1643:
    case 1644: return std::string(hidden_signal);
    case 1062: // Duplicate entry '%s' for key '%s'
    case 1169:
    case 1569:
    case 1586: return hide_between(message, "entry '", "' for key '");
    case 1761: // Foreign key constraint for table '%s', record '%s' would lead to a duplicate entry in table …
    case 1762:
    case 1557: // Upholding foreign key constraints for table '%s', entry '%s', key %d would lead to a duplicate entry
        if (code == 1557) return hide_between(message, "entry '", "', key ");
        return hide_between(message, "record '", "' would lead to a duplicate");
    case 1064: return hide_between(message, "near '", "' at line "); // the statement's own text
    case 1149: return "syntax error";
    case 1210: // Incorrect arguments to %s
    case 1264: // Out of range value for column '%s' at row %d
    case 1265: // Data truncated for column '%s' at row %d
    case 1406: // Data too long for column '%s' at row %d
        return std::string(message);
    case 1292: // Incorrect %s value: '%s' for column '%s' at row %d; Truncated incorrect %s value: '%s'
    case 1366: // Incorrect %s value: '%s' for column '%s' at row %d
    case 1411: // Incorrect %s value: '%s' for function %s
    case 1525: // Incorrect %s value: '%s'
    case 1300: // Invalid %s character string: '%s'
        if (message.rfind("' for column ") != message.npos) return hide_between(message, ": '", "' for column ");
        if (message.rfind("' for function ") != message.npos) return hide_between(message, ": '", "' for function ");
        return hide_between(message, ": '", "'");
    case 1367: return hide_between(message, " '", "' value found");   // Illegal %s '%s' value found during parsing
    case 1526: return hide_between(message, "for value ", "");        // Table has no partition for value %s
    case 1741: return hide_between(message, "value '", "' was not "); // Key value '%s' was not found in table '%s'
    case 1690: return hide_between(message, " in '", "'");            // %s value is out of range in '%s'
    case 1977:                                                        // Cannot convert '%s' character %s to '%s'
        return hide_between(message, "character ", " to '");
    case 1917: // Truncated value '%s' when converting to %s
    case 1918: // Encountered illegal value '%s' when converting to %s
        return hide_between(message, "value '", "' when ");
    case 3854: // Cannot convert string '%s' from %s to %s
    case 3988: return hide_between(message, "string '", "' from ");
    case 3616: // Longitude %f is out of range in function %s
    case 3617: return hide_between(message, "itude ", " is out of range");
    case 3732: // A parameter of function %s contains a geometry with longitude %f, which is out of range
    case 3733: return hide_between(message, "itude ", ", which ");
    // FEDERATED and Spider: errors with the connection string, perhaps cut in the middle of its password.
    case 1429: // Unable to connect to foreign data source: %s
        return hide_between(message, "source: ", "");
    case 1430: // There was a problem processing the query on the foreign data source. Data source error: %s
    case 1431: // The foreign data source you are trying to reference does not exist. Data source error: %s
    case 1434: // Can't create federated table. Foreign data src error: %s
    case 1477: // The foreign server name you are trying to reference does not exist. Data source error: %s
        return hide_between(message, "error: ", "");
    case 1432: // Can't create federated table. The data source connection string '%s' is not in the correct format
    case 1433: // The data source connection string '%s' is not in the correct format
        return hide_between(message, "string '", "' is not in ");
    case 12501: // Spider: The connect info '%s' is invalid
    case 12502: // The connect info '%s' for %s is too long
        return hide_between(message, "info '", code == 12501 ? "' is " : "' for ");
    default: break;
    }
    // Younger errors, whose numbers differ between servers and forks.
    if (message.starts_with("Duplicate entry '")) return hide_between(message, "entry '", "'");
    if (message.starts_with("Data cannot be converted to a valid vector")) // … : '%s'
        return hide_between(message, ": '", "'");
    if (message.starts_with("Invalid vector format")) // … at offset: %d for '%s'. Must be a valid JSON array of numbers
        return hide_between(message, " for '", "'. Must ");
    // Invalid JSON text: "%s" at position %u in value for column '%s'.
    if (code >= 3140 && code <= 3157) return hide_between(message, ": \"", "\" at position ");
    return std::string(message);
}

} // namespace detail

/// A server's error or warning message as it may be shown: without row values and passwords, in one line with every
/// character visible, and cut when it is absurdly long. The names of columns and keys stay.
inline std::string redact(unsigned code, std::string_view message) {
    return one_line(hide_passwords(detail::hide_values(code, message)), shown::message);
}

/// What stands between the value and the key in the message of a 1062.
inline constexpr std::string_view duplicate_marker = "' for key '";

/// The key that a 1062 names: what stands in the last quotes; empty when there is none.
inline std::string_view duplicate_key_name(std::string_view message) {
    const auto at = message.rfind(duplicate_marker);
    if (at == message.npos) return {};
    std::string_view key = message.substr(at + duplicate_marker.size());
    if (key.ends_with('\'')) key.remove_suffix(1);
    return key;
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
