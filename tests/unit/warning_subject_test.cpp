// SPDX-License-Identifier: BSL-1.0
// What a server's warning is about: only those about a value that was written are errors.
#include "catch.hpp"

#include <rowferry/mysql/warning_subject.hpp>

#include <string>

namespace rf = rowferry;
using rf::mysql::detail::subject_of;
using rf::mysql::detail::warning_subject;
using rf::sql::dialect;

namespace {

struct writing {
    rf::table_schema table;
    rf::write_request request;

    writing() {
        table.name = "t";
        for (const char* name : {"id", "a", "total", "a' at row 1 for column 'total"}) {
            table.columns.push_back({.name = name, .kind = rf::column_kind::integer});
        }
        table.columns[2].generated = true;
        request.table = &table;
        request.columns = {0, 1, 3};
    }
    [[nodiscard]] warning_subject of(unsigned code, const std::string& message, bool is_note = false,
                                     dialect d = dialect::mariadb) const {
        return subject_of(d, request, {is_note, code, message});
    }
    [[nodiscard]] warning_subject leniently(unsigned code, const std::string& message,
                                            dialect d = dialect::mariadb) const {
        return subject_of(d, request, {false, code, message}, rf::strictness::lenient);
    }
};

} // namespace

TEST_CASE("a note about a column that is not written says nothing of a value") {
    const writing w;
    CHECK(w.of(1265, "Data truncated for column 'total' at row 17", true) == warning_subject::computed);
    CHECK(w.of(1292, "Incorrect date value: 'x' for column `d`.`t`.`total` at row 1", true) ==
          warning_subject::computed);
    CHECK(w.of(1265, "Data truncated for column 'total' at row 17") == warning_subject::value);
    CHECK(w.of(1265, "Data truncated for column 'a' at row 17", true) == warning_subject::value);
    // Values and names may hold what looks like the end of a message.
    CHECK(w.of(1292, "Incorrect value: 'for column 'total' at row 1' for column 'a' at row 1", true) ==
          warning_subject::value);
    CHECK(w.of(1265, "Data truncated for column 'a' at row 1 for column 'total' at row 2", true) ==
          warning_subject::value);
    CHECK(w.of(1265, "Data truncated for column 'total' at row 1 and more", true) == warning_subject::value);
    CHECK(w.of(3751, "Data truncated for functional index 'f' at row 1", true, dialect::mysql) ==
          warning_subject::computed);
    CHECK(w.of(1048, "Column 'total' cannot be null", true) == warning_subject::value);
}

TEST_CASE("what a statement's own words are called says nothing of a row") {
    const writing w;
    for (const unsigned code : {1287U, 1681U, 1592U}) CHECK(w.of(code, "x") == warning_subject::statement);
    for (const unsigned code : {3719U, 3778U, 4079U}) {
        CHECK(w.of(code, "x", false, dialect::mysql) == warning_subject::statement);
        CHECK(w.of(code, "x") == warning_subject::value); // MariaDB's number for something else
    }
    for (const unsigned code : {1264U, 1265U, 1292U, 1366U, 1364U, 1048U, 1406U}) {
        CHECK(w.of(code, "x", false, dialect::mysql) == warning_subject::value);
    }
}

TEST_CASE("what a trigger did is its own, where there is one") {
    writing w;
    CHECK(w.of(1642, "by hand") == warning_subject::value);
    CHECK(w.of(1265, "Data truncated for column 'elsewhere' at row 1") == warning_subject::value);
    w.table.triggers.push_back({"after", "INSERT"});
    CHECK(w.of(1642, "by hand") == warning_subject::trigger);
    CHECK(w.of(1265, "Data truncated for column 'elsewhere' at row 1") == warning_subject::trigger);
    CHECK(w.of(1265, "Data truncated for column 'a' at row 1") == warning_subject::value);
    CHECK(w.of(1366, "Incorrect value") == warning_subject::value);
}

TEST_CASE("where computing is lenient, a loss in an expression passes, and one in a column that is written does not") {
    const writing w;
    for (const dialect d : {dialect::mariadb, dialect::mysql}) {
        for (const char* message :
             {"Data truncated for column 'total' at row 1", "Out of range value for column 'total' at row 2"}) {
            CHECK(w.leniently(1265, message, d) == warning_subject::computed);
            CHECK(w.of(1265, message, false, d) == warning_subject::value);
        }
        CHECK(w.leniently(1292, "Truncated incorrect INTEGER value: '12abc'", d) == warning_subject::computed);
        CHECK(w.leniently(1365, "Division by 0", d) == warning_subject::computed);
        CHECK(w.leniently(1411, "Incorrect datetime value: 'x' for function str_to_date", d) ==
              warning_subject::computed);
        CHECK(w.of(1292, "Truncated incorrect INTEGER value: '12abc'", false, d) == warning_subject::value);
        CHECK(w.leniently(1265, "Data truncated for column 'a' at row 1", d) == warning_subject::value);
        CHECK(w.leniently(1292, "Incorrect date value: 'x' for column 'a' at row 1", d) == warning_subject::value);
        CHECK(w.leniently(1292, "Incorrect date value: 'x' for column `d`.`t`.`a` at row 1", d) ==
              warning_subject::value);
        // Of another table, or cut: it names a column, and not one that is known to be computed.
        CHECK(w.leniently(1292, "Incorrect date value: 'x' for column `d`.`other`.`z` at row 1", d) ==
              warning_subject::value);
        for (const unsigned code : {1048U, 1264U, 1265U, 1364U, 1366U, 1406U, 4025U}) {
            CHECK(w.leniently(code, "Something without a name", d) == warning_subject::value);
        }
    }
    // MariaDB names the column that the expression reads; text itself is stored as it is.
    writing text;
    text.table.columns[1].kind = rf::column_kind::text;
    CHECK(text.leniently(1292, "Incorrect datetime value: 'x' for column `d`.`t`.`a` at row 1") ==
          warning_subject::computed);
    CHECK(text.leniently(1265, "Data truncated for column 'a' at row 1") == warning_subject::value);
    CHECK(w.leniently(1958, "Bad base64 data as position 1") == warning_subject::computed);
    CHECK(w.leniently(3020, "Invalid argument for logarithm", dialect::mysql) == warning_subject::computed);
    CHECK(w.leniently(1300, "Invalid utf8mb4 character string: 'FF'", dialect::mysql) == warning_subject::value);
    CHECK(w.leniently(4038, "Syntax error in JSON text in argument 1 to function 'json_value' at position 1") ==
          warning_subject::computed);
    CHECK(w.leniently(3141, "Invalid JSON text in argument 1 to function json_value: \"x\" at position 0.",
                      dialect::mysql) == warning_subject::computed);
    CHECK(w.leniently(3140, "Invalid JSON text: \"x\" at position 0 in value for column 't.a'.", dialect::mysql) ==
          warning_subject::value);
    CHECK(w.leniently(3141, "x") == warning_subject::value); // MySQL's number
}
