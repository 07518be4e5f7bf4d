// SPDX-License-Identifier: BSL-1.0
// Statements that read: pages, counts, maxima.
#ifndef ROWFERRY_SQL_READ_HPP
#define ROWFERRY_SQL_READ_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/sql/bound.hpp>
#include <rowferry/sql/enum.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

namespace detail {

/// " WHERE …" for the filter and the bounds there are; nothing when there are none. True when something was appended.
///
/// The filter stands in parentheses, on a line that a comment at its end cannot reach past.
inline bool append_where(std::string& out, const table_schema& table, std::string_view filter,
                         const std::vector<key_part>& order, const std::optional<page_bound>& after,
                         const std::optional<page_bound>& up_to) {
    bool any = !filter.empty();
    if (any) {
        out += " WHERE (";
        out += filter;
        out += "\n)";
    }
    auto add = [&](const std::optional<page_bound>& bound, bound_end end) {
        if (!bound || bound->values.empty() || order.empty()) return;
        out += any ? " AND " : " WHERE ";
        bound_writer(out, table, order, *bound, end).write();
        any = true;
    };
    add(after, bound_end::lower);
    add(up_to, bound_end::upper);
    return any;
}

/// " WHERE `a` IS NOT NULL AND `b` IS NOT NULL", or " AND (`a` IS NULL OR `b` IS NULL)".
template <class Request>
void append_nulls(std::string& out, const Request& of, bool any) {
    for (std::size_t i = 0; i < of.nullable.size(); ++i) {
        out += i > 0 ? (of.of_nulls ? " OR " : " AND ") : any ? " AND " : " WHERE ";
        if (i == 0 && of.of_nulls) out += '(';
        append_identifier(out, of.table->columns[of.nullable[i]].name);
        out += of.of_nulls ? " IS NULL" : " IS NOT NULL";
    }
    if (of.of_nulls && !of.nullable.empty()) out += ')';
}

/// The conditions of " WHERE …" in an IF(), into which no server looks for an index or for partitions to leave out:
/// rows are found in all of the table.
inline void append_anywhere(std::string& out, std::string_view where) {
    constexpr std::string_view word = " WHERE ";
    if (where.empty()) return;
    out += word;
    out += "IF(";
    out += where.substr(word.size());
    out += ", 1, 0)";
}

/// What the source's table is called in a statement that copies its rows inside the server.
inline constexpr std::string_view page_alias = "rowferry_page";

/// " FROM … FORCE INDEX … WHERE …": which rows; the index by this hint.
inline void append_page_rows(std::string& out, std::string_view database, const page_request& page,
                             std::string_view hint) {
    const table_schema& table = *page.table;
    out += " FROM ";
    append_table(out, database, table.name);
    if (!database.empty()) { // the target's table may have the same name
        out += " AS ";
        out += page_alias;
    }
    if (!page.index.empty()) {
        out += ' ';
        out += hint;
        out += " INDEX (";
        append_identifier(out, page.index);
        out += ')';
    }
    append_nulls(out, page, append_where(out, table, page.filter, page.order, page.after, page.up_to));
}

/// " FROM … FORCE INDEX … WHERE … ORDER BY … LIMIT …": everything of a page but its columns.
inline void append_page_source(std::string& out, std::string_view database, const page_request& page) {
    const table_schema& table = *page.table;
    append_page_rows(out, database, page, "FORCE");
    for (std::size_t i = 0; i < page.order.size(); ++i) {
        out += i == 0 ? " ORDER BY " : ", ";
        append_sorted(out, table.columns[page.order[i].column], page.order[i]);
        if (page.order[i].descending) out += " DESC";
    }
    if (page.max_rows == 0 && page.offset == 0) return;
    out += " LIMIT ";
    append_number(out, page.max_rows == 0 ? ~std::uint64_t{0} : page.max_rows);
    if (page.offset == 0) return;
    out += " OFFSET ";
    append_number(out, page.offset);
}

} // namespace detail

/// Whether a column is read by an expression instead of its name.
constexpr bool is_read_by_expression(const column& c) { return form_of(c) != travel_form::as_text; }

/// What the answer calls a column: its own name, or for one that is read by an expression an alias that no column of the
/// table has. The column's own name would be an alias that ORDER BY prefers to the column.
inline std::string answer_name(const table_schema& table, std::size_t column) {
    if (!is_read_by_expression(table.columns[column])) return table.columns[column].name;
    std::string alias = "cell_" + std::to_string(column);
    while (table.find(alias)) alias += '_';
    return alias;
}

/// Appends the expression that reads a column without losing anything, under its `answer_name`.
///
/// FLOAT is read as a double, whose text is exact; its text as FLOAT has six digits. MariaDB prints -0 as "0", so that
/// its sign is asked for apart. ENUM's error value is marked where '' is a member. The forms are those of type_rules.hpp.
inline void append_read_expression(std::string& out, dialect d, const table_schema& table, std::size_t column) {
    const auto& c = table.columns[column];
    std::string name;
    append_identifier(name, c.name);
    if (!is_read_by_expression(c)) {
        out += name;
        return;
    }
    if (travels_as_position(c)) {
        append_position(out, c);
    } else if (c.kind == column_kind::enumeration) {
        out += "IF(" + name + " = 0, X'00', CAST(" + name + " AS BINARY))";
    } else if (d == dialect::mariadb) {
        out += "IF(" + name + " = 0 AND ATAN2(" + name + ", -1) < 0, '-0', CAST(" + name + " AS DOUBLE))";
    } else {
        out += "CAST(" + name + " AS DOUBLE)";
    }
    out += " AS ";
    append_identifier(out, answer_name(table, column));
}

/// Appends the SELECT of a page: columns by name, bounds, order and limit. A NULL in a bound matches no row.
inline void append_page(std::string& out, dialect d, const page_request& page) {
    out += "SELECT ";
    for (std::size_t i = 0; i < page.columns.size(); ++i) {
        if (i > 0) out += ", ";
        append_read_expression(out, d, *page.table, page.columns[i]);
    }
    if (page.columns.empty()) out += '1';
    detail::append_page_source(out, {}, page);
}

/// Appends the question for the server's estimate of a page's rows. The columns of its one row differ: see `estimated_rows`.
/// MySQL does not look at an index that it is forced to use.
inline void append_estimate(std::string& out, dialect d, const page_request& page) {
    const bool is_mysql = d == dialect::mysql;
    out += is_mysql ? "EXPLAIN FORMAT=TRADITIONAL SELECT 1" : "EXPLAIN SELECT 1";
    detail::append_page_rows(out, {}, page, is_mysql ? "USE" : "FORCE");
}
/// Where the answer has the number of rows: MySQL has a column for partitions before it.
constexpr std::size_t estimated_rows(dialect d) { return d == dialect::mysql ? 9 : 8; }
/// How many columns the answer has: MySQL has one more for the share of rows that a filter leaves.
constexpr std::size_t estimate_columns(dialect d) { return d == dialect::mysql ? 12 : 10; }

namespace detail {
/// Appends "SELECT " with a time limit for this statement (1969 or 3024 ends it); 0 is no limit but the session's.
inline void append_limited_select(std::string& out, dialect d, duration limit) {
    using std::chrono::milliseconds;
    const bool limited = limit > duration::zero();
    const auto wanted = static_cast<std::uint64_t>(std::chrono::ceil<milliseconds>(limit).count());
    if (limited && d == dialect::mariadb) {
        out += "SET STATEMENT max_statement_time=";
        append_number(out, wanted / 1000);
        out += '.';
        const std::string thousandths = std::to_string(wanted % 1000);
        out.append(3 - thousandths.size(), '0');
        out += thousandths;
        out += " FOR ";
    }
    out += "SELECT ";
    if (limited && d == dialect::mysql) {
        out += "/*+ MAX_EXECUTION_TIME(";
        append_number(out, wanted);
        out += ") */ ";
    }
}
} // namespace detail

/// Appends the SELECT that counts rows; a limit of more than zero becomes a statement timeout (1969 or 3024 ends it).
inline void append_count(std::string& out, dialect d, const count_request& request) {
    detail::append_limited_select(out, d, request.limit);
    out += "COUNT(*) FROM ";
    append_identifier(out, request.table->name);
    std::string where;
    const bool any =
        detail::append_where(where, *request.table, request.filter, request.order, request.after, request.up_to);
    if (request.null_in) {
        where += any ? " AND " : " WHERE ";
        append_identifier(where, request.table->columns[*request.null_in].name);
        where += " IS NULL";
    }
    if (request.anywhere) return detail::append_anywhere(out, where);
    out += where;
}

/// How the filter stands in a statement that checks it.
enum class filter_form : std::uint8_t { bare, in_parentheses };

/// Appends a SELECT that gives no row, and fails when the filter does not fit into the table or the form.
///
/// A text that is right in both forms is one expression: bare, it cannot close a parenthesis that it has not opened;
/// in parentheses, it can neither end the WHERE nor go on behind it.
inline void append_filter_check(std::string& out, std::string_view table, std::string_view filter, filter_form form) {
    out += "SELECT 1 FROM ";
    append_identifier(out, table);
    out += form == filter_form::bare ? " WHERE " : " WHERE (";
    out += filter;
    out += form == filter_form::bare ? "\n LIMIT 0" : "\n) LIMIT 0";
}

/// Appends the SELECT of a column's largest value, or of the largest that is not past `up_to`; NULL when there is none.
inline void append_maximum(std::string& out, const table_schema& table, std::size_t column, const value& up_to = {}) {
    const auto& c = table.columns[column];
    const bool widen = c.kind == column_kind::real32;
    out += widen ? "SELECT CAST(MAX(" : "SELECT MAX(";
    append_identifier(out, c.name);
    out += widen ? ") AS DOUBLE) FROM " : ") FROM ";
    append_identifier(out, table.name);
    if (!up_to) return;
    out += " WHERE ";
    append_identifier(out, c.name);
    out += " <= ";
    append_bound(out, c, up_to);
}

/// Appends the SELECT of the largest difference between a value of a column of unsigned numbers and the next one.
inline void append_largest_step(std::string& out, const table_schema& table, std::size_t column,
                                std::string_view filter) {
    std::string name;
    append_identifier(name, table.columns[column].name);
    out += "SELECT MAX(step) FROM (SELECT " + name + " - COALESCE(LAG(" + name + ") OVER (ORDER BY " + name +
           "), 0) AS step FROM ";
    append_identifier(out, table.name);
    detail::append_where(out, table, filter, {}, std::nullopt, std::nullopt);
    out += ") AS steps";
}

/// Appends the SELECT that gives one row if the table has any.
inline void append_any_row(std::string& out, std::string_view table) {
    out += "SELECT 1 FROM ";
    append_identifier(out, table);
    out += " LIMIT 1";
}

} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
