// SPDX-License-Identifier: BSL-1.0
// The lag before a watermark.
#include "catch.hpp"

#include <rowferry/incremental.hpp>

namespace rf = rowferry;
using namespace std::chrono_literals;

namespace {
rf::value back(rf::column_kind kind, std::string type, std::string last, std::chrono::seconds lag) {
    rf::column c;
    c.name = "w";
    c.kind = kind;
    c.type = std::move(type);
    c.is_unsigned = c.type.find("unsigned") != std::string::npos;
    return rf::before_lag(c, last, lag).value();
}
} // namespace

TEST_CASE("without a lag the watermark stays") { CHECK(back(rf::column_kind::integer, "int", "7", 0s) == "7"); }

TEST_CASE("dates and times go back in seconds, over every boundary, fractions kept") {
    using rf::column_kind;
    CHECK(back(column_kind::temporal, "datetime", "2026-03-01 00:00:05", 10s) == "2026-02-28 23:59:55");
    CHECK(back(column_kind::temporal, "datetime(6)", "2024-03-01 00:00:00.123456", 1s) == "2024-02-29 23:59:59.123456");
    CHECK(back(column_kind::temporal, "timestamp", "1970-01-01 00:00:01", 2s) == "1969-12-31 23:59:59");
    CHECK(back(column_kind::temporal, "date", "2026-01-01", 1s) == "2025-12-31");
    CHECK(back(column_kind::temporal, "date", "2026-01-03", 48h) == "2026-01-01");
}

TEST_CASE("zero and invalid dates have nothing before them: the copy starts at the beginning") {
    CHECK(back(rf::column_kind::temporal, "datetime", "0000-00-00 00:00:00", 10s) == std::nullopt);
    CHECK(back(rf::column_kind::temporal, "datetime", "2026-02-31 00:00:00", 10s) == std::nullopt);
}

TEST_CASE("integers go back in units, and never below what they can be") {
    using rf::column_kind;
    CHECK(back(column_kind::integer, "int", "5", 10s) == "-5");
    CHECK(back(column_kind::integer, "int unsigned", "5", 10s) == std::nullopt);
    CHECK(back(column_kind::integer, "bigint", "-9223372036854775808", 1s) == std::nullopt);
    CHECK(back(column_kind::integer, "bigint unsigned", "18446744073709551615", 5s) == "18446744073709551610");
    CHECK(back(column_kind::decimal, "decimal(10,2)", "123.45", 10s) == "112");
}

TEST_CASE("a year goes back no further than years go") {
    rf::column year;
    year.name = "y";
    year.kind = rf::column_kind::integer;
    year.type = "year(4)";
    CHECK(rf::before_lag(year, "2024", std::chrono::seconds(20)).value() == "2004");
    CHECK(rf::before_lag(year, "2024", std::chrono::seconds(2010)).value() == std::nullopt);
}

TEST_CASE("a time of day has no date to go back from") {
    rf::column c;
    c.name = "w";
    c.kind = rf::column_kind::temporal;
    c.type = "time";
    CHECK_FALSE(rf::before_lag(c, "10:00:00", 1s));
}
