// SPDX-License-Identifier: BSL-1.0
// Tables for every shape of key, with values that are close to each other or to a limit.
#ifndef ROWFERRY_TESTS_KEY_SHAPES_HPP
#define ROWFERRY_TESTS_KEY_SHAPES_HPP

#include <string>
#include <vector>

namespace support {

/// One table `t`: its definition, a statement that fills it, and whether its pages are found by the key's index.
struct key_shape {
    std::string name;
    std::string definition;
    std::string rows;
    bool found_by_index = true;
};

/// A table whose key is one column `k`, with these values and a payload.
inline key_shape single(std::string name, const std::string& type, const std::vector<std::string>& values,
                        const std::string& key = "k", bool found_by_index = true) {
    std::string rows = "INSERT INTO t (k, v) VALUES ";
    for (std::size_t i = 0; i < values.size(); ++i) {
        rows += (i == 0 ? "(" : ", (") + values[i] + ", " + std::to_string(i) + ")";
    }
    return {std::move(name), "CREATE TABLE t (v INT, k " + type + " NOT NULL, PRIMARY KEY (" + key + "))",
            std::move(rows), found_by_index};
}

/// Words that collations tell apart, or do not: the statement skips those that are taken.
inline key_shape words(std::string name, const std::string& type) {
    key_shape shape = single(std::move(name), type,
                             {"''",  "'a'",  "'A'", "'ä'", "'Ä'",  "'a '", "'a\\t'", "'aa'", "'ab'",   "'AB'",  "'ae'",
                              "'æ'", "'ss'", "'ß'", "'s'", "'sz'", "'ch'", "'cz'",   "'d'",  "'\\\\'", "'\\''", "'%'",
                              "'_'", "'~'",  "'É'", "'e'", "'ij'", "'z'",  "'Z '",   "' '",  "' z'"});
    shape.rows.replace(0, std::string("INSERT").size(), "INSERT IGNORE");
    return shape;
}

/// Values that differ behind their first kilobyte, where MariaDB stops sorting by default.
inline std::vector<std::string> behind_a_kilobyte() {
    std::vector<std::string> values;
    for (int last = 10; last < 30; ++last)
        values.push_back("CONCAT(REPEAT('a', 2000), '" + std::to_string(last) + "')");
    return values;
}

inline std::vector<key_shape> key_shapes() {
    const std::string text = "VARCHAR(20) CHARACTER SET ";
    std::vector<key_shape> shapes{
        single("bigint, id 0 and below", "BIGINT",
               {"-9223372036854775808", "-1", "0", "1", "2", "3", "10", "99", "100", "9223372036854775806",
                "9223372036854775807"}),
        single("bigint unsigned", "BIGINT UNSIGNED",
               {"0", "1", "2", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
                "9223372036854775809", "18446744073709551613", "18446744073709551614", "18446744073709551615"}),
        single("descending", "INT", {"-5", "-4", "0", "1", "2", "3", "4", "5", "6", "7"}, "k DESC"),
        single("decimal", "DECIMAL(65,30)",
               {"-99999999999999999999999999999999999.999999999999999999999999999999", "-1", "0",
                "0.000000000000000000000000000001", "0.000000000000000000000000000002", "0.1", "1", "1.1", "2",
                "99999999999999999999999999999999999.999999999999999999999999999998",
                "99999999999999999999999999999999999.999999999999999999999999999999"}),
        single("float", "FLOAT",
               {"-3.4028235e38", "-16777215", "-0.1", "-1e-45", "'-0'", "1e-45", "3e-45", "1.1754944e-38",
                "0.010516252", "0.1", "0.3", "0.30000004", "16777215", "16777216", "3.4028232635611926e38",
                "3.4028235e38"}),
        single("double", "DOUBLE",
               {"-1.7976931348623157e308", "-0.1", "-5e-324", "-0e0", "5e-324", "1e-323", "2.2250738585072014e-308",
                "0.1", "0.3", "0.30000000000000004", "9007199254740991", "9007199254740992", "9007199254740994", "1e22",
                "1.7976931348623155e308", "1.7976931348623157e308"}),
        single("double, descending", "DOUBLE", {"-1", "-5e-324", "0", "5e-324", "0.1", "0.2", "0.3", "1e300", "2", "3"},
               "k DESC"),
        single("bit(64)", "BIT(64)",
               {"0", "1", "2", "255", "256", "0x4142434445464748", "0x7FFFFFFFFFFFFFFE", "0x7FFFFFFFFFFFFFFF",
                "0x8000000000000000", "0xFFFFFFFFFFFFFFFE", "0xFFFFFFFFFFFFFFFF"}),
        single("bit(9)", "BIT(9)", {"0", "1", "2", "3", "65", "127", "128", "255", "256", "511"}),
        single("date", "DATE",
               {"'0000-00-00'", "'0000-01-00'", "'1000-01-01'", "'1999-12-31'", "'2000-02-29'", "'2024-02-00'",
                "'2024-02-29'", "'2026-01-01'", "'2026-01-02'", "'9999-12-31'"}),
        single("timestamp, across a change of daylight saving time", "TIMESTAMP(6)",
               {"'1970-01-02 00:00:01'", "'2024-10-27 00:30:00'", "'2024-10-27 01:30:00'", "'2024-10-27 02:30:00'",
                "'2024-10-27 02:30:00.000001'", "'2024-10-27 03:30:00'", "'2026-03-29 01:59:59.999999'",
                "'2026-03-29 03:00:00'", "'2037-01-01 00:00:00'", "'2026-05-01 00:00:00'"}),
        single("time", "TIME(3)",
               {"'-838:59:59'", "'-00:00:01'", "'-00:00:00.001'", "'00:00:00'", "'00:00:00.001'", "'09:59:59'",
                "'10:00:00'", "'99:59:59'", "'100:00:00'", "'838:59:59'"}),
        single("year", "YEAR", {"0", "1901", "1970", "1999", "2000", "2001", "2025", "2026", "2154", "2155"}),
        single("binary(16)", "BINARY(16)",
               {"X'00'", "X'00000000000000000000000000000001'", "X'01'", "X'20'", "X'27'", "X'5C'", "X'80'",
                "X'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE'", "X'FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF'", "X'7F'"}),
        single("varbinary", "VARBINARY(9)",
               {"''", "X'00'", "X'0000'", "X'20'", "X'2020'", "'a'", "'a '", "X'6100'", "X'FF'", "X'FFFF'"}),
        words("case- and accent-insensitive, padded", text + "utf8mb4 COLLATE utf8mb4_unicode_ci"),
        words("case-insensitive, padded", text + "utf8mb4 COLLATE utf8mb4_general_ci"),
        words("binary collation, padded", text + "utf8mb4 COLLATE utf8mb4_bin"),
        words("latin1, German expansions", text + "latin1 COLLATE latin1_german2_ci"),
        words("latin1, Czech contractions", text + "latin2 COLLATE latin2_czech_cs"),
        words("utf16", text + "utf16 COLLATE utf16_unicode_ci"),
        words("char", "CHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_spanish2_ci"),
        single("enum", "ENUM('z','b','it''s','a','ö','B2','m','\\\\','10','9')",
               {"'z'", "'b'", "'it''s'", "'a'", "'B2'", "'m'", "'\\\\'", "'10'", "'9'", "0"}),
        single("enum in latin1, with the member '', descending",
               "ENUM('ö','','ä','a','10','2','x','y','z') CHARACTER SET latin1",
               {"'ö'", "2", "'ä'", "'a'", "'10'", "'2'", "'x'", "'y'", "'z'", "0"}, "k DESC"),
        single("set", "SET('b','a','ü','c')",
               {"''", "'b'", "'a'", "'b,a'", "'ü'", "'b,ü'", "'a,ü'", "'c'", "'b,c'", "15"}, "k", false),
        single("set of 64, with the member ''",
               "SET('','m2','m3','m4','m5','m6','m7','m8','m9','m10','m11','m12','m13','m14','m15','m16','m17','m18','"
               "m19',"
               "'m20','m21','m22','m23','m24','m25','m26','m27','m28','m29','m30','m31','m32','m33','m34','m35','m36',"
               "'m37','m38','m39','m40','m41','m42','m43','m44','m45','m46','m47','m48','m49','m50','m51','m52','m53',"
               "'m54','m55','m56','m57','m58','m59','m60','m61','m62','m63','m64')",
               {"0", "1", "2", "3", "9223372036854775806", "9223372036854775807", "9223372036854775808",
                "9223372036854775809", "18446744073709551614", "18446744073709551615"},
               "k", false),
        single("prefix of a text", "TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
               {"'abcd zzz'", "'abce'", "'äbcf'", "'a'", "'ss'", "'sst'", "'z   x'", "''", "'abd'", "'ß st'",
                "REPEAT('é', 900)"},
               "k(4)", false),
        single("prefix of a blob, descending", "BLOB",
               {"''", "X'00'", "X'0000'", "X'0001FF'", "'ab'", "'ac c'", "'a'", "X'FF'", "X'FFFFFF'", "'b'"},
               "k(2) DESC", false),
        single("long prefix of a blob", "BLOB", behind_a_kilobyte(), "k(3000) DESC", false),
        single("long prefix of a text", "TEXT CHARACTER SET latin1", behind_a_kilobyte(), "k(2500)", false)};

    const std::string small = "SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4";
    shapes.push_back(
        {"composite, with a descending part",
         "CREATE TABLE t (a INT NOT NULL, b VARCHAR(9) NOT NULL, c DATE NOT NULL, PRIMARY KEY (a, b DESC, c))",
         "INSERT INTO t SELECT x.n - 2, y.n, '2026-01-01' + INTERVAL z.n DAY FROM (" + small + ") x, (" + small +
             ") y, (" + small + ") z"});
    const std::string with_enum = "(e ENUM('z','y','x','w') NOT NULL, a INT NOT NULL, v INT, PRIMARY KEY ";
    const std::string fill_enum =
        "INSERT INTO t SELECT x.n, y.n, 1 FROM (SELECT 0 AS n UNION " + small + ") x, (" + small + ") y";
    shapes.push_back({"enum first", "CREATE TABLE t " + with_enum + "(e, a))", fill_enum});
    shapes.push_back({"enum first, descending", "CREATE TABLE t " + with_enum + "(e DESC, a))", fill_enum});
    shapes.push_back({"enum last", "CREATE TABLE t " + with_enum + "(a, e))", fill_enum});
    shapes.push_back({"enum in the middle",
                      "CREATE TABLE t (a DOUBLE NOT NULL, e ENUM('z','y','x') NOT NULL, b BIT(3) NOT NULL, PRIMARY KEY "
                      "(a, e DESC, b))",
                      "INSERT INTO t SELECT x.n / 10, y.n, z.n FROM (" + small +
                          ") x, (SELECT 0 AS n UNION SELECT 1 UNION "
                          "SELECT 2 UNION SELECT 3) y, (" +
                          small + ") z"});
    shapes.push_back(
        {"a unique key, where the primary key is a prefix",
         "CREATE TABLE t (k VARCHAR(20) NOT NULL, id INT NOT NULL, PRIMARY KEY (k(3)), UNIQUE KEY by_id (id))",
         "INSERT INTO t SELECT CONCAT(x.n, y.n, 'long'), x.n * 10 - y.n FROM (" + small + ") x, (" + small + ") y"});
    return shapes;
}

/// Tables of some thousand rows. Of the ENUMs nearly all rows are in one member, the last one or the first.
inline std::vector<key_shape> large_tables() {
    auto table = [](std::string name, const std::string& columns, const std::string& values) {
        return key_shape{std::move(name), "CREATE TABLE t (" + columns + ", v VARCHAR(20) DEFAULT 'payload')",
                         "INSERT INTO t SELECT " + values + ", 'payload' FROM seq_1_to_6000"};
    };
    return {
        table("bigint", "k BIGINT PRIMARY KEY", "CAST(seq AS SIGNED) - 3000"),
        table("descending", "k BIGINT, PRIMARY KEY (k DESC)", "CAST(seq AS SIGNED) - 3000"),
        table("composite", "a INT, b INT, c INT, PRIMARY KEY (a, b, c)", "1, seq DIV 2000, seq"),
        table("composite, mixed directions", "a INT, b INT, PRIMARY KEY (a DESC, b)", "seq DIV 3000, seq"),
        table("text", "k VARCHAR(20) COLLATE utf8mb4_unicode_ci PRIMARY KEY", "CONCAT('Key ', seq)"),
        table("double", "k DOUBLE PRIMARY KEY", "seq / 10"),
        table("float", "k FLOAT PRIMARY KEY", "seq / 8"),
        table("bit", "k BIT(64) PRIMARY KEY", "seq"),
        table("enum first, the last member", "e ENUM('a','b','c'), k INT, PRIMARY KEY (e, k)",
              "IF(seq < 9, seq % 3 + 1, 3), seq"),
        table("enum first, the first member", "e ENUM('a','b','c'), k INT, PRIMARY KEY (e, k)", "1, seq"),
        table("enum first, descending", "e ENUM('a','b','c'), k INT, PRIMARY KEY (e DESC, k)",
              "IF(seq < 9, seq % 3 + 1, 1), seq"),
        table("enum in the middle", "a INT, e ENUM('a','b','c'), k INT, PRIMARY KEY (a, e, k)", "7, 3, seq"),
    };
}

} // namespace support

#endif
