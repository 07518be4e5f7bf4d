// SPDX-License-Identifier: BSL-1.0
// sql/saved_value.hpp: what servers give for a column, in the one form that it has there, and what they do not.
#include <rowferry/sql/saved_value.hpp>

#include "catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace std::string_literals;
using rowferry::column;
using rowferry::column_kind;

namespace {

struct expectation {
    column_kind kind;
    const char* type;
    std::vector<std::string> saved;
    std::vector<std::string> never;
};

const std::vector<expectation> all{
    {column_kind::integer,
     "int(11)",
     {"0", "1250", "-1", "2147483647", "-2147483648"},
     {"", "-", "-0", "01250", "1250.5", "+1", " 1", "1 ", "1e3", "2147483648", "-2147483649", "99999999999999999999",
      "0x10", "1250--", "--1"}},
    {column_kind::integer, "int(10) unsigned", {"0", "4294967295"}, {"4294967296", "-1", "007"}},
    {column_kind::integer, "int unsigned", {"0", "4294967295"}, {"4294967296", "-1"}}, // MySQL
    {column_kind::integer,
     "int(10) unsigned zerofill",
     {"0000000000", "0000001250", "4294967295", "1250"},
     {"00000001250", "-000000001", "9999999999"}},
    {column_kind::integer, "int(5) unsigned zerofill", {"00042", "4294967295"}, {"000042", "04294967295"}},
    {column_kind::integer, "tinyint(4)", {"-128", "127"}, {"128", "-129"}},
    {column_kind::integer, "smallint(6)", {"32767"}, {"32768"}},
    {column_kind::integer, "mediumint(9)", {"8388607", "-8388608"}, {"8388608"}},
    {column_kind::integer,
     "bigint(20)",
     {"9223372036854775807", "-9223372036854775808"},
     {"9223372036854775808", "-9223372036854775809", "18446744073709551615"}},
    {column_kind::integer, "bigint(20) unsigned", {"18446744073709551615"}, {"18446744073709551616", "-1"}},
    {column_kind::integer, "year(4)", {"0000", "1901", "2155"}, {"0", "1900", "2156", "70", "-999", "02000"}},
    {column_kind::integer, "year", {"0000", "1999"}, {"99"}},
    {column_kind::integer, "year(2)", {"00", "99"}, {"1999", "0", "-1"}},
    {column_kind::decimal,
     "decimal(6,2)",
     {"0.00", "1.50", "-1234.50", "9999.99"},
     {"1.5", "1.500", "1", "10000.00", "01.50", ".50", "1.", "e", "-", "1e0"}},
    {column_kind::decimal, "decimal(10,0)", {"0", "-7", "9999999999"}, {"7.0", "07", "10000000000"}},
    {column_kind::decimal, "decimal(2,2)", {"0.50", "-0.25"}, {"1.50", "00.50", ".50"}},
    {column_kind::decimal, "decimal(6,2) unsigned zerofill", {"0001.50", "1234.50"}, {"00001.50", "12345.00"}},
    {column_kind::real64,
     "double",
     {"0", "-0", "375", "0.1", "1e15", "1.5e-300", "1.7976931348623157e308", "5e-324", "1e+15"},
     {"", "e", "-", "375e0--", "1e0--", "1e0-1e0", "1e", "1e400", "nan", "inf", "1..2", "+1", "0x1"}},
    {column_kind::real32, "float", {"0", "-0", "0.10000000149011612", "3.4028234663852886e38"}, {"e", "1e0--1"}},
    {column_kind::real64, "double(10,2) zerofill", {"0000001.50"}, {"0000001.50--"}},
    {column_kind::bit, "bit(1)", {"\1"s, "\0"s}, {"", "\2", "\0\1"s}},
    {column_kind::bit, "bit(12)", {"\0\0"s, "\x0f\xff"}, {"\x10\0"s, "\1", "1250"}},
    {column_kind::bit, "bit(64)", {"\x80\0\0\0\0\0\0\0"s}, {"123456789", "1234567"}},
    {column_kind::temporal,
     "datetime(6)",
     {"2026-03-01 12:00:00.000001", "0000-00-00 00:00:00.000000"},
     {"", "abc", "2026-03-01 OR 1", "- :", "now()"}},
    {column_kind::temporal, "time", {"-838:59:59", "00:00:00"}, {"--", "x"}},
    {column_kind::enumeration, "enum('a','b')", {"a", "b", ""}, {"c", "1"}},
    {column_kind::set, "set('a','b')", {"a", "a,b", ""}, {"c", "a,c"}},
    {column_kind::text, "varchar(20)", {"", "375e0--", "'"}, {}},
};

column make(const expectation& e) {
    column c;
    c.name = "k";
    c.kind = e.kind;
    c.type = e.type;
    c.is_unsigned = c.type.find(" unsigned") != std::string::npos;
    return c;
}

} // namespace

TEST_CASE("a saved value has the one form that its column's server gives it", "[sql]") {
    for (const expectation& each : all) {
        const column c = make(each);
        for (const std::string& value : each.saved) {
            INFO(each.type << ": " << value);
            CHECK(rowferry::sql::saved_value_trouble(c, value).empty());
        }
        for (const std::string& value : each.never) {
            INFO(each.type << ": " << value);
            CHECK_FALSE(rowferry::sql::saved_value_trouble(c, value).empty());
        }
    }
}
