// SPDX-License-Identifier: BSL-1.0
// Numbers: integers at their limits, FLOAT and DOUBLE to the last bit, DECIMAL, BIT, YEAR.
#include "fixture.hpp"

namespace fidelity {
namespace {

// BIT(1) to BIT(64), one column each.
fixture bits() {
    std::string create = "CREATE TABLE bits (id INT PRIMARY KEY";
    std::string ones;
    std::string first;
    std::string last;
    std::string zero;
    std::string mixed; // quotes and backslashes, where they fit
    for (int n = 1; n <= 64; ++n) {
        create += ", b" + std::to_string(n) + " BIT(" + std::to_string(n) + ")";
        ones += ", b'" + std::string(static_cast<std::size_t>(n), '1') + "'";
        first += ", b'1" + std::string(static_cast<std::size_t>(n - 1), '0') + "'";
        last += ", b'1'";
        zero += ", b'0'";
        mixed += n < 16 ? ", b'1'" : n < 48 ? ", X'275C'" : ", X'27005C0A001A'";
    }
    return {"bits", "BIT(1) to BIT(64)", create + ")",
            insert("bits", {"1" + ones, "2" + first, "3" + last, "4" + zero, "5" + mixed,
                            "6" + std::string(ones).replace(0, ones.size(), first)}),
            6};
}

} // namespace

fixtures numbers() {
    return {
        {"integers", "TINYINT to BIGINT, signed and unsigned",
         "CREATE TABLE integers (id INT PRIMARY KEY, a TINYINT, b SMALLINT, c MEDIUMINT, d INT, e BIGINT,"
         " ua TINYINT UNSIGNED, ub SMALLINT UNSIGNED, uc MEDIUMINT UNSIGNED, ud INT UNSIGNED, ue BIGINT UNSIGNED)",
         insert("integers",
                {"1, -128, -32768, -8388608, -2147483648, -9223372036854775808, 0, 0, 0, 0, 0",
                 "2, 127, 32767, 8388607, 2147483647, 9223372036854775807, 255, 65535, 16777215, 4294967295, "
                 "18446744073709551615",
                 "3, -1, -1, -1, -1, -1, 128, 32768, 8388608, 2147483648, 9223372036854775808",
                 "4, 0, 0, 0, 0, 0, 1, 1, 1, 1, 9007199254740993",
                 "5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
                 "6, 1, 1, 1, 1, 9007199254740993, 127, 32767, 8388607, 2147483647, 9223372036854775807"}),
         6},
        {"zero filled", "TINYINT to BIGINT, signed and unsigned",
         "CREATE TABLE `zero filled` (id INT(7) ZEROFILL PRIMARY KEY, a TINYINT(3) ZEROFILL, b BIGINT(20) UNSIGNED "
         "ZEROFILL,"
         " c BOOLEAN, d BIT)",
         insert("zero filled", {"0, 7, 42, TRUE, 1", "12, NULL, 0, FALSE, 0",
                                "1234567, 255, 18446744073709551615, 2, NULL", "99, 0, 1, NULL, 1"}),
         4},
        {"signed key", "Integer keys, 0 and negative ones too",
         "CREATE TABLE `signed key` (id BIGINT PRIMARY KEY, v INT)",
         insert("signed key", {"-9223372036854775808, 1", "-9223372036854775807, 2", "-1, 3", "0, 4", "1, 5",
                               "9223372036854775806, 6", "9223372036854775807, 7"}),
         7},
        {"unsigned key", "Integer keys, 0 and negative ones too",
         "CREATE TABLE `unsigned key` (id BIGINT UNSIGNED, v INT, PRIMARY KEY (id DESC))",
         insert("unsigned key", {"0, 1", "1, 2", "9223372036854775807, 3", "9223372036854775808, 4",
                                 "18446744073709551614, 5", "18446744073709551615, 6", "9007199254740993, 7"}),
         7},
        {"floats", "FLOAT",
         "CREATE TABLE floats (id INT PRIMARY KEY, x FLOAT, y FLOAT UNSIGNED, z FLOAT(7,3), n FLOAT NOT NULL DEFAULT "
         "0.1)",
         insert("floats",
                {"1, 0.010516252, 0.1, 1234.567, 0.1", "2, -0.010516252, 16777217, -0.001, 3.4028234663852886e38",
                 "3, 1.401298464324817e-45, 1.1754943508222875e-38, 9999.999, -3.4028234663852886e38",
                 "4, 0, 0, 0, -1.401298464324817e-45", "5, NULL, NULL, NULL, 0",
                 "6, '-1e-60', 123456789, 0.5, 8388608.5", "7, 0.333333333333, 2.7182818284, 3.141, 1.00000011920929"}),
         7},
        {"doubles", "DOUBLE",
         "CREATE TABLE doubles (id INT PRIMARY KEY, x DOUBLE, y DOUBLE UNSIGNED, z DOUBLE(30,10), w DOUBLE NOT NULL)",
         insert("doubles",
                {"1, 0.1, 0.30000000000000004, 12345678901234567890.1234567890, 1.7976931348623157e308",
                 "2, 4.9406564584124654e-324, 2.2250738585072014e-308, 0.0000000001, -1.7976931348623157e308",
                 "3, 2.2250738585072009e-308, 9007199254740993, -0.1, -4.9406564584124654e-324",
                 "4, NULL, NULL, NULL, 0", "5, -2.2250738585072014e-308, 1e22, 1e19, 1e23", "6, 0, 0, 0, 5e-324",
                 "7, 1e-7, 123456.789e3, 99.99, -1e15"}),
         7},
        {"random reals", "DOUBLE",
         "CREATE TABLE `random reals` (id INT PRIMARY KEY, x FLOAT, y DOUBLE, z DOUBLE(20,6))",
         "INSERT INTO `random reals` " + with_numbers(120) +
             "SELECT i, (RAND(i) - 0.5) * POW(10, RAND(i + 1000) * 76 - 38), (RAND(i + 2000) - 0.5) * POW(10, RAND(i + "
             "3000) * "
             "600 - 300), (RAND(i + 4000) - 0.5) * POW(10, RAND(i + 5000) * 13) FROM numbers",
         120},
        {"decimals", "DECIMAL, up to DECIMAL(65,30)",
         "CREATE TABLE decimals (id DECIMAL(20,3) PRIMARY KEY, a DECIMAL(65,30), b DECIMAL(65,0), c DECIMAL(30,30),"
         " d DECIMAL(10,2) UNSIGNED, e DECIMAL(12,4) ZEROFILL)",
         insert(
             "decimals",
             {"-1.5, 99999999999999999999999999999999999.999999999999999999999999999999, "
              "99999999999999999999999999999999999999999999999999999999999999999, 0.999999999999999999999999999999, 0, "
              "0",
              "-1.499, -99999999999999999999999999999999999.999999999999999999999999999999, "
              "-99999999999999999999999999999999999999999999999999999999999999999, -0.000000000000000000000000000001, "
              "99999999.99, 1.5",
              "0, 0, 0, 0, 0.01, 12345678.1234", "0.001, 0.000000000000000000000000000001, -1, NULL, NULL, NULL",
              "99999999999999999.999, NULL, 1, 0.1, 1, 0.0001", "-99999999999999999.999, -0.1, 10, -0.1, 2, 2"}),
         6},
        bits(),
        {"years", "YEAR, 0000 too", "CREATE TABLE years (y YEAR PRIMARY KEY, z YEAR)",
         insert("years", {"0, 1901", "1901, 0", "1970, NULL", "2026, 2155", "2155, 2000"}), 5},
    };
}

} // namespace fidelity
