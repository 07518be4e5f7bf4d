// SPDX-License-Identifier: BSL-1.0
// Typed rows: fields bound to columns, rows read as structs, and written back unchanged.
#include "catch.hpp"

#include <rowferry/record.hpp>
#include <rowferry/testing.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using namespace std::string_view_literals;

namespace {
struct proc_note {
    std::int64_t ProcNoteNum;
    std::optional<std::string> Note;
};
struct everything {
    std::int8_t tiny;
    std::uint8_t tiny_u;
    std::int16_t small;
    std::int32_t medium;
    std::uint32_t int_u;
    std::int64_t big;
    std::uint64_t big_u;
    bool flag;
    float single;
    double precise;
    std::string price;
    std::string_view note;
    std::optional<double> maybe;
    std::optional<std::uint16_t> born;
};

rf::table_schema schema_of(const std::vector<rf::testing::column_definition>& columns, std::string name = "t") {
    rf::testing::fake_database db;
    db.create_table(name, columns);
    return db.connect().value().describe(name).value().value();
}
rf::table_schema everything_schema() {
    return schema_of({{"tiny", "tinyint not null"},
                      {"tiny_u", "tinyint unsigned not null"},
                      {"small", "smallint not null"},
                      {"medium", "mediumint not null"},
                      {"int_u", "int unsigned not null"},
                      {"big", "bigint not null"},
                      {"big_u", "bigint unsigned not null"},
                      {"flag", "tinyint(1) not null"},
                      {"single", "float not null"},
                      {"precise", "double not null"},
                      {"price", "decimal(10,2) not null"},
                      {"note", "text not null"},
                      {"maybe", "double"},
                      {"born", "year(4)"}});
}
rf::row_batch batch_of(const std::vector<rf::testing::row>& rows) {
    rf::row_batch batch(rows.at(0).size());
    for (const rf::testing::row& row : rows) {
        for (const rf::value& v : row) batch.add(v ? rf::cell(*v) : rf::cell());
    }
    return batch;
}
std::string mismatch_of(const rf::result<void>& r) { return r ? "" : r.error().message; }
template <class T>
std::string mismatch_of(const rf::table_schema& table) {
    auto bound = rf::bind_record<T>(table);
    return bound ? "" : bound.error().message;
}
/// The error of reading one value into a field of type F, in a column of this type.
template <class F>
rf::error failure_of(std::string_view type, rf::value v) {
    struct one {
        F field;
    };
    const auto binding = rf::bind_record<one>(schema_of({{"field", std::string(type)}})).value();
    const rf::row_batch batch = batch_of({{std::move(v)}});
    auto read = rf::read_record(batch[0], binding);
    REQUIRE_FALSE(read);
    return read.error();
}
/// A value on its way through a record and back.
template <class F>
std::string round_trip(std::string_view type, std::string v) {
    struct one {
        F field;
    };
    const auto binding = rf::bind_record<one>(schema_of({{"field", std::string(type)}})).value();
    const rf::row_batch read = batch_of({{std::move(v)}});
    rf::row_batch written;
    rf::append_record(written, rf::read_record(read[0], binding).value()).value();
    return std::string(written.at(0, 0).bytes());
}
} // namespace

TEST_CASE("fields find their columns by name, in any order, without regard to ASCII case") {
    const auto table = schema_of({{"note", "text"}, {"PatNum", "bigint"}, {"PROCNOTENUM", "bigint not null"}});
    const auto binding = rf::bind_record<proc_note>(table).value();
    CHECK(binding.table == "t");
    CHECK(binding.columns == std::vector<std::size_t>{2, 0});
    CHECK(binding.cells == std::array<std::size_t, 2>{2, 0});
    CHECK(binding.row_size == 3);

    const rf::row_batch batch = batch_of({{"hello", "7", "41"}, {std::nullopt, "7", "42"}});
    const auto first = rf::read_record(batch[0], binding).value();
    CHECK(first.ProcNoteNum == 41);
    CHECK(first.Note == "hello");
    CHECK(rf::read_record(batch[1], binding).value().Note == std::nullopt);
}

TEST_CASE("generated columns are not among the rows' cells, unless they are read") {
    const auto table = schema_of({{"id", "bigint not null"}, {"twice", "bigint as (2 * id)"}, {"Note", "text"}});
    struct with_note {
        std::int64_t id;
        std::optional<std::string> note;
    };
    CHECK(rf::bind_record<with_note>(table).value().cells == std::array<std::size_t, 2>{0, 1});
    struct with_twice {
        std::int64_t id;
        std::optional<std::int64_t> twice;
    };
    CHECK(mismatch_of<with_twice>(table) ==
          "the record does not fit table t: field twice: the column is generated, and not among those that are read: "
          "read it too, or remove the field");
    CHECK(rf::bind_record<with_twice>(table, {1, 0}).value().cells == std::array<std::size_t, 2>{1, 0});
}

TEST_CASE("all mismatches stand in one message, each with what to do about it") {
    struct wrong {
        std::int32_t ProcNoteNum;
        std::int64_t PatNum;
        std::uint32_t UserNum;
        std::int64_t Note;
        double Fee;
        std::optional<float> Weight;
        std::string Signature;
        std::string signature;
        bool IsSigned;
        std::string_view EntryDate;
        int Typo;
    };
    const auto table = schema_of({{"ProcNoteNum", "bigint unsigned not null"},
                                  {"PatNum", "bigint"},
                                  {"UserNum", "int not null"},
                                  {"Note", "text"},
                                  {"Fee", "decimal(10,2) not null"},
                                  {"Weight", "double not null"},
                                  {"Signature", "text not null"},
                                  {"IsSigned", "int not null"},
                                  {"EntryDate", "datetime not null"}},
                                 "procnote");
    CHECK(mismatch_of<wrong>(table) ==
          "the record does not fit table procnote: "
          "field ProcNoteNum: the column is bigint unsigned, which std::int32_t cannot hold: make the field "
          "std::uint64_t; "
          "field PatNum: the column may be NULL: make the field std::optional<std::int64_t>; "
          "field UserNum: the column is int, which std::uint32_t cannot hold: make the field std::int32_t; "
          "field Note: the column is text, which std::int64_t cannot hold, and may be NULL: make the field "
          "std::optional<std::string>; "
          "field Fee: the column is decimal(10,2), which double cannot hold: make the field std::string; "
          "field Weight: the column is double, which float cannot hold: make the field std::optional<double>; "
          "field signature: another field has this column already: remove one of them; "
          "field IsSigned: the column is int, which bool cannot hold: make the field std::int32_t; "
          "field Typo: the table has no such column: rename the field or remove it");
    CHECK(mismatch_of<everything>(everything_schema()) == "");
}

TEST_CASE("an integer field holds what its column holds, or is refused") {
    struct widths {
        std::int8_t a;
        std::int16_t b;
        std::int32_t c;
        std::int64_t d;
    };
    CHECK(mismatch_of<widths>(schema_of({{"a", "tinyint not null"},
                                         {"b", "tinyint unsigned not null"},
                                         {"c", "mediumint unsigned not null"},
                                         {"d", "int unsigned not null"}})) == "");
    CHECK(mismatch_of<widths>(schema_of({{"a", "tinyint unsigned not null"},
                                         {"b", "year(4) not null"},
                                         {"c", "int unsigned not null"},
                                         {"d", "bigint unsigned not null"}})) ==
          "the record does not fit table t: "
          "field a: the column is tinyint unsigned, which std::int8_t cannot hold: make the field std::uint8_t; "
          "field c: the column is int unsigned, which std::int32_t cannot hold: make the field std::uint32_t; "
          "field d: the column is bigint unsigned, which std::int64_t cannot hold: make the field std::uint64_t");
    struct year {
        std::int8_t y;
    };
    CHECK_THAT(mismatch_of<year>(schema_of({{"y", "year(4) not null"}})),
               Catch::Matchers::ContainsSubstring("make the field std::uint16_t"));
}

TEST_CASE("every value comes back as it was read, extremes included") {
    using limits = std::numeric_limits<double>;
    const auto table = everything_schema();
    const auto binding = rf::bind_record<everything>(table).value();
    const std::string text("quote ' back\\slash \0 line\nend \xF0\x9F\x9A\xA2"sv);
    const rf::row_batch batch = batch_of({
        {"-128", "255", "-32768", "8388607", "4294967295", "-9223372036854775808", "18446744073709551615", "1",
         "0.010516252368688583", "0.1", "-0.10", text, "1e300", "2155"},
        {"127", "0", "32767", "-8388608", "0", "9223372036854775807", "0", "0", "-0", "-0", "99999999.99", "",
         std::nullopt, std::nullopt},
    });
    rf::row_batch back;
    for (const everything& e : rf::records(batch, binding)) rf::append_record(back, e).value();
    REQUIRE(back.rows() == 2);
    for (std::size_t row = 0; row < 2; ++row) {
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            if (row == 0 && column == 12) continue; // 1e300 has more than one spelling
            INFO("row " << row << ", column " << table.columns[column].name);
            CHECK(back[row][column] == batch[row][column]);
        }
    }
    const auto again = rf::read_record(back[0], binding).value();
    CHECK(again.maybe == 1e300);
    CHECK(again.big_u == std::numeric_limits<std::uint64_t>::max());
    CHECK(again.single == 0.010516252F);
    CHECK(std::string(again.note) == text);

    struct number {
        double d;
    };
    const auto doubles = rf::bind_record<number>(schema_of({{"d", "double not null"}})).value();
    for (const double d : {limits::max(), limits::lowest(), limits::min(), limits::denorm_min(), 1.0 / 3, 0.1 + 0.2,
                           1e22, 4503599627370497.5, 123456789.0}) {
        rf::row_batch one;
        rf::append_record(one, number{d}).value();
        CHECK(rf::read_record(one[0], doubles).value().d == d);
    }
}

TEST_CASE("floats travel as doubles, as FLOAT columns are read") {
    CHECK(round_trip<float>("float not null", "0.10000000149011612") == "0.10000000149011612");
    CHECK(round_trip<float>("float not null", "16777216") == "16777216");
    CHECK(round_trip<float>("float not null", "1.1") == "1.100000023841858"); // the same FLOAT
    CHECK(round_trip<double>("double not null", "1.1") == "1.1");
    CHECK(round_trip<std::string>("float not null", "1.10") == "1.10");
    CHECK(round_trip<std::uint32_t>("int(5) unsigned zerofill not null", "00042") == "42");
}

TEST_CASE("a value that its field cannot hold names table, column and row, and not itself") {
    const auto table = schema_of({{"ProcNoteNum", "bigint not null"}, {"Note", "text"}}, "procnote");
    const auto binding = rf::bind_record<proc_note>(table).value();
    const rf::row_batch batch = batch_of({{"1", "a"}, {"2", "b"}, {"secret", "c"}});
    std::vector<std::int64_t> seen;
    try {
        for (const proc_note& note : rf::records(batch, binding)) seen.push_back(note.ProcNoteNum);
        FAIL("nothing was thrown");
    } catch (const rf::copy_error& thrown) {
        CHECK(thrown.error().fault == rf::fault::data);
        CHECK(std::string(thrown.what()) ==
              "table procnote, column ProcNoteNum, row 3 of the batch: the value is not a number as the field "
              "holds it");
    }
    CHECK(seen == std::vector<std::int64_t>{1, 2});

    auto read = rf::read_record(batch[2], binding);
    REQUIRE_FALSE(read);
    CHECK(read.error().where == "table procnote, column ProcNoteNum");
}

TEST_CASE("what does not fit is an error, never another value") {
    const std::string out_of_range = "the value is out of the field's range";
    CHECK(failure_of<std::int8_t>("tinyint not null", "128").message == out_of_range);
    CHECK(failure_of<std::uint8_t>("tinyint unsigned not null", "256").message == out_of_range);
    CHECK(failure_of<std::uint64_t>("bigint unsigned not null", "-1").fault == rf::fault::data);
    CHECK(failure_of<std::int64_t>("bigint not null", "9223372036854775808").fault == rf::fault::data);
    CHECK(failure_of<std::int64_t>("bigint not null", "1.5").fault == rf::fault::data);
    CHECK(failure_of<std::int64_t>("bigint not null", "").fault == rf::fault::data);
    CHECK(failure_of<std::int64_t>("bigint not null", " 1").fault == rf::fault::data);
    CHECK(failure_of<std::int64_t>("bigint not null", std::nullopt).message ==
          "the value is NULL, and the field is no std::optional");
    CHECK(failure_of<bool>("tinyint(1) not null", "2").message ==
          "the value is neither 0 nor 1, and the field is a bool");
    CHECK(failure_of<std::optional<bool>>("tinyint(1)", "-1").fault == rf::fault::data);
    CHECK(failure_of<double>("double not null", "1e400").message == out_of_range);
    CHECK(failure_of<float>("float not null", "1e39").message == out_of_range);
    CHECK(failure_of<double>("double not null", "1,5").fault == rf::fault::data);
}

TEST_CASE("a row of another shape than the record is bound to is refused") {
    const auto table = schema_of({{"ProcNoteNum", "bigint not null"}, {"Note", "text"}});
    const auto binding = rf::bind_record<proc_note>(table).value();
    const rf::row_batch narrow = batch_of({{"1"}});
    auto read = rf::read_record(narrow[0], binding);
    REQUIRE_FALSE(read);
    CHECK(to_string(read.error()) ==
          "table t: the record is bound to rows of 2 columns, and this one has 1: bind it to the columns that are "
          "read");
}

TEST_CASE("views point into the batch, strings do not") {
    struct both {
        std::string_view note;
    };
    const auto binding = rf::bind_record<both>(schema_of({{"note", "text not null"}})).value();
    const rf::row_batch batch = batch_of({{"first"}, {"second"}});
    const auto second = rf::read_record(batch[1], binding).value();
    CHECK(second.note.data() == batch.at(1, 0).bytes().data());
}

TEST_CASE("what no column can hold is not appended, and the batch stays as it was") {
    struct number {
        std::int64_t id;
        std::optional<double> d;
    };
    rf::row_batch batch;
    rf::append_record(batch, number{1, std::nullopt}).value();
    const std::string expected = "field d is infinite or not a number, and no column can hold that";
    CHECK(mismatch_of(rf::append_record(batch, number{2, std::numeric_limits<double>::infinity()})) == expected);
    CHECK(mismatch_of(rf::append_record(batch, number{2, -std::numeric_limits<double>::infinity()})) == expected);
    CHECK(mismatch_of(rf::append_record(batch, number{2, std::numeric_limits<double>::quiet_NaN()})) == expected);
    CHECK(batch.rows() == 1);
    CHECK(batch.columns() == 2);
    CHECK(batch.at(0, 1).is_null());

    struct other {
        std::int64_t id;
    };
    CHECK(mismatch_of(rf::append_record(batch, other{1})) ==
          "a record of 1 fields cannot join a batch of rows of 2 cells: use a batch of its own");
    CHECK(batch.rows() == 1);
}

TEST_CASE("records are written to the columns that they are bound to") {
    rf::testing::fake_database db;
    db.create_table("procnote",
                    {{"Note", "text"}, {"PatNum", "bigint not null default 0"}, {"ProcNoteNum", "bigint not null"}},
                    {"ProcNoteNum"});
    auto connection = db.connect().value();
    const rf::table_schema table = connection.describe("procnote").value().value();
    const auto binding = rf::bind_record<proc_note>(table).value();
    rf::row_batch batch;
    rf::append_record(batch, proc_note{1, "one"}).value();
    rf::append_record(batch, proc_note{2, std::nullopt}).value();
    rf::write_request request;
    request.table = &table;
    request.columns = binding.columns;
    connection.begin().value();
    CHECK(connection.write(request, batch).value().rows == 2);
    connection.commit().value();
    CHECK(db.rows("procnote") == std::vector<rf::testing::row>{{"one", "0", "1"}, {std::nullopt, "0", "2"}});
}
