// SPDX-License-Identifier: BSL-1.0
// Keys of text: pages in each collation's own order, which no byte order resembles.
#include "fixture.hpp"

namespace fidelity {
namespace {

// A table whose key is text of a collation: values are SQL literals that the collation tells apart.
fixture keyed_by(const std::string& collation, const std::vector<std::string>& values, product on = product::any,
                 unsigned since = 0) {
    const std::string name = "key in " + collation;
    const std::string charset = collation.starts_with("uca1400") ? "utf8mb4" : collation.substr(0, collation.find('_'));
    std::vector<std::string> rows;
    for (const std::string& v : values) rows.push_back(v + ", " + std::to_string(rows.size()));
    return {name,
            "Text keys in every collation",
            "CREATE TABLE " + in_backticks(name) + " (k VARCHAR(40) NOT NULL, v INT, PRIMARY KEY (k)) CHARACTER SET " +
                charset + " COLLATE " + collation,
            insert(name, rows),
            rows.size(),
            on,
            since};
}

} // namespace

fixtures text_keys() {
    const std::vector<std::string> latin{"'A'",      "'b'",     "'C'", "''",   "'a b'",
                                         "'a\\\\b'", "'a\\'b'", "'Z'", "'z1'", "'%s'"};
    const std::vector<std::string> cases{"'a'", "'A'", "'b'", "'B'", "''", "'a '", "X'00'", "'\\\\'", "'\\''"};
    const std::vector<std::string> unicode{
        "'a'", "'B'", "'c'", "'ä1'", "'é'", "'ss'", "'z'", "'表'", "'\xF0\x9F\x98\x80'", "'я'", "''"};
    const std::vector<std::string> exact{
        "'a'", "'A'", "'ä'", "'a\xCC\x88'", "'ß'", "'ss'", "'表'", "'\xF0\x9F\x98\x80'", "'\xF0\x9F\x98\x81'", "''"};
    // Collations by Unicode's rules take composed and decomposed letters for the same.
    const std::vector<std::string> accents{
        "'a'", "'A'", "'ä'", "'á'", "'Ä'", "'ß'", "'ss'", "'表'", "'\xF0\x9F\x98\x80'", "''"};
    return {
        keyed_by("latin1_swedish_ci", latin),
        keyed_by("latin1_german2_ci", {"'A'", "X'E466'", "'b'", "X'DF78'", "'sz'", "''", "'Z'"}),
        keyed_by("latin1_general_cs", {"'a'", "'A'", "X'E4'", "X'C4'", "'b'", "'B'", "''"}),
        keyed_by("latin1_bin", {"'a'", "'A'", "X'E4'", "X'FF'", "X'80'", "X'1F'", "''"}),
        keyed_by("cp1250_czech_cs", {"'c'", "'ch'", "'h'", "'d'", "'CH'", "''"}),
        keyed_by("utf8mb4_general_ci", unicode),
        keyed_by("utf8mb4_unicode_ci", unicode),
        keyed_by("utf8mb4_unicode_520_ci", unicode),
        keyed_by("utf8mb4_spanish2_ci", {"'c'", "'ch'", "'d'", "'l'", "'ll'", "'m'", "'ñ'", "'o'"}),
        keyed_by("utf8mb4_bin", exact),
        keyed_by("utf16_bin", {"X'0061'", "X'0041'", "X'FFFD'", "X'D83DDE00'", "X'0000'", "X'275C'"}),
        keyed_by("utf16_unicode_ci", {"X'0061'", "X'0042'", "X'00640031'", "X'D83DDE00'", "X'275C'", "X'8868'"}),
        keyed_by("gbk_chinese_ci", {"X'815C'", "X'815B'", "X'B0A1'", "X'5C'", "X'27'", "'a'", "'B'"}),
        keyed_by("sjis_japanese_ci", {"X'835C'", "X'835B'", "X'8D5C'", "X'5C'", "X'27'", "'a'", "'B'"}),
        keyed_by("utf8mb4_nopad_bin", cases, product::mariadb),
        keyed_by("utf8mb4_general_nopad_ci", {"'a'", "'a '", "'a  '", "'B'", "''", "' '"}, product::mariadb),
        keyed_by("uca1400_as_cs", accents, product::mariadb, 1010),
        keyed_by("uca1400_nopad_ai_ci", unicode, product::mariadb, 1010),
        keyed_by("utf8mb4_0900_ai_ci", unicode, product::mysql),
        keyed_by("utf8mb4_0900_as_cs", accents, product::mysql),
        keyed_by("utf8mb4_0900_bin", cases, product::mysql),
        {"two text keys", "Composite keys, with parts that descend",
         "CREATE TABLE `two text keys` (a CHAR(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci NOT NULL,"
         " b VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL, c INT NOT NULL, v INT,"
         " PRIMARY KEY (a, b DESC, c))",
         "INSERT INTO `two text keys` " + with_numbers(60) +
             "SELECT IF(i % 2 = 0, 'even', 'ODD'), CONCAT('ä', i % 5), i DIV 10 - 3, i FROM numbers",
         60},
        {"many key parts", "Composite keys, with parts that descend",
         "CREATE TABLE `many key parts` (a TINYINT, b DATE, c VARBINARY(4), d DECIMAL(5,2), e BIGINT UNSIGNED, f "
         "CHAR(3) CHARACTER SET "
         "utf16 COLLATE utf16_bin, g TIMESTAMP(3) DEFAULT '2000-01-01', h YEAR, PRIMARY KEY (a, b DESC, c, d DESC, e, "
         "f DESC, g, h))",
         "INSERT INTO `many key parts` " + with_numbers(40) +
             "SELECT i % 2, '2020-02-28' + INTERVAL i % 3 DAY, CHAR(i % 5, 39), (i % 4) / 4, 18446744073709551615 - i "
             "% 2, 'x', "
             "'2026-10-25 00:30:00.5', 1900 + i FROM numbers",
         40},
        {"unique text key", "Text keys in every collation",
         "CREATE TABLE `unique text key` (v INT, code CHAR(8) CHARACTER SET latin1 COLLATE latin1_general_ci NOT NULL, "
         "UNIQUE KEY "
         "(code))",
         insert("unique text key", {"1, 'b'", "2, 'A'", "3, 'c x'", "4, ''", "5, '%'"}), 5},
    };
}

} // namespace fidelity
