// SPDX-License-Identifier: BSL-1.0
// Text: every string type in each charset, with the bytes that escaping and conversion would spoil.
#include "fixture.hpp"

namespace fidelity {
namespace {

// A table with every string type of a charset, and a row for each sample: the hex digits of text that is well-formed in it.
fixture texts_in(const std::string& charset, const std::vector<std::string>& samples, product on = product::any) {
    const std::string name = "text in " + charset;
    std::vector<std::string> rows;
    for (const std::string& sample : samples) {
        std::string row = std::to_string(rows.size() + 1);
        for (int i = 0; i < 6; ++i) row += ", X'" + sample + "'";
        rows.push_back(row);
    }
    rows.push_back(std::to_string(rows.size() + 1) + ", '', '', '', '', '', ''");
    rows.push_back(std::to_string(rows.size() + 1) + ", NULL, NULL, NULL, NULL, NULL, NULL");
    return {name,
            "CHAR, VARCHAR and TEXT in every charset",
            "CREATE TABLE " + in_backticks(name) +
                " (id INT PRIMARY KEY, a CHAR(60), b VARCHAR(300), c TINYTEXT, d TEXT, e MEDIUMTEXT, f LONGTEXT) "
                "CHARACTER SET " +
                charset,
            insert(name, rows),
            rows.size(),
            on};
}

// Half of the bytes that there are, as hex digits.
std::string bytes(unsigned first, unsigned last) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string hex;
    for (unsigned i = first; i <= last; ++i) {
        hex += digits[i / 16];
        hex += digits[i % 16];
    }
    return hex;
}

// One column for each charset of single bytes, which all hold every byte.
fixture single_byte_charsets() {
    std::string create = "CREATE TABLE `single bytes` (id INT PRIMARY KEY";
    std::string low;
    std::string high;
    std::string spaces;
    for (const char* charset : {"armscii8", "cp1250",  "cp1251", "cp1256", "cp1257",   "cp850",   "cp852",  "cp866",
                                "dec8",     "geostd8", "greek",  "hebrew", "hp8",      "keybcs2", "koi8r",  "koi8u",
                                "latin2",   "latin5",  "latin7", "macce",  "macroman", "swe7",    "tis620", "binary"}) {
        create += std::string(", c_") + charset + " VARCHAR(200) CHARACTER SET " + charset;
        low += ", X'" + bytes(0, 127) + "'";
        high += ", X'" + bytes(128, 255) + "'";
        spaces += ", X'5C20272022202020'";
    }
    return {"single bytes", "CHAR, VARCHAR and TEXT in every charset", create + ")",
            insert("single bytes", {"1" + low, "2" + high, "3" + spaces, "4" + spaces}), 4};
}

} // namespace

fixtures texts() {
    return {
        // All bytes; NUL; quotes and backslashes; spaces at the end; percent signs and braces.
        texts_in("latin1", {bytes(0, 59), bytes(60, 119), bytes(120, 179), bytes(180, 239), "005C27225C", "2020",
                            "612020", "25737B7D"}),
        // Two emoji, one of them joined; the astral plane; NUL, quote and backslash; a combining accent and its composed form.
        texts_in("utf8mb4", {"F09F98803DC3A4275C00E282AC", "F09F91A9E2808DF09F94AC", "F3B08080", "65CC81", "C3A9",
                             "5C27220A0D1A00", "20C2A020", "EFBFBDEFBBBF"}),
        texts_in("utf8mb3", {"C3A4275CE282AC", "5C", "27", "EFBFBD", "E4B8AD20", "C2A000"}),
        texts_in("utf16", {"00E4D83DDE000027005C0000", "00270027", "005C", "D83DDE00", "00200020", "0A0D5C27", "2700"}),
        texts_in("utf16le", {"E4003DD800DE2700", "5C002700", "20002000", "275C5C27"}),
        texts_in("ucs2", {"00E40027", "275C5C27", "00200020", "0000"}),
        texts_in("utf32", {"000000E40001F6000000005C", "0000002700000000", "00000020", "0000275C"}),
        // The second byte of a character is a backslash; the lead byte stands before a real quote or backslash.
        texts_in("gbk", {"815C", "815C27", "815C5C", "B0A1815C", "D5E620", "B0A12727", "FE5CFE5C", "275C00"}),
        texts_in("sjis", {"835C", "835C27", "8D5C5C", "B1B2835C", "82A020", "275C00"}),
        texts_in("big5", {"A45C", "A45C27", "A440275C", "A5A720"}),
        texts_in("cp932", {"835C8D5C27", "835C", "FA40", "82A020"}),
        texts_in("eucjpms", {"A4A2", "8FA2AF27", "5C27", "8EB1"}),
        texts_in("euckr", {"B0A1", "B0A1275C", "5C", "20"}),
        texts_in("gb2312", {"B0A1", "B0A1275C", "5C", "20"}),
        texts_in("ascii", {"00275C7F", "5C", "2020"}),
        texts_in("gb18030", {"81308130", "815C27", "B0A15C", "8139EF30"}, product::mysql),
        single_byte_charsets(),
        {"text widths", "CHAR, VARCHAR and TEXT in every charset",
         "CREATE TABLE `text widths` (id INT PRIMARY KEY, none VARCHAR(0), blank CHAR(0), one CHAR(1) CHARACTER SET "
         "latin1,"
         " most CHAR(255) CHARACTER SET latin1, longest VARCHAR(40000) CHARACTER SET latin1,"
         " wide VARCHAR(5000) CHARACTER SET utf8mb4) ROW_FORMAT=DYNAMIC",
         insert("text widths",
                {"1, '', '', 'x', REPEAT('m', 255), REPEAT('\\\\', 40000), REPEAT('\xF0\x9F\x98\x80', 5000)",
                 "2, NULL, NULL, NULL, NULL, NULL, NULL", "3, NULL, '', '', '', '', ''",
                 "4, '', NULL, ' ', ' ', REPEAT(' ', 40000), REPEAT(' ', 5000)",
                 "5, '', '', X'FF', REPEAT(X'E4', 255), REPEAT(X'00', 40000), REPEAT('\xC3\xA4', 5000)"}),
         5},
        {"mixed charsets", "CHAR, VARCHAR and TEXT in every charset",
         "CREATE TABLE `mixed charsets` (id INT PRIMARY KEY, a VARCHAR(20) CHARACTER SET latin1, b VARCHAR(20) "
         "CHARACTER SET gbk,"
         " c VARCHAR(20) CHARACTER SET utf16, d VARCHAR(20) CHARACTER SET utf8mb4, e VARBINARY(20), f VARCHAR(20) "
         "CHARACTER SET sjis)",
         insert("mixed charsets",
                {"1, X'E4', X'815C', X'00E4', X'F09F9880', X'815C27', X'835C'",
                 "2, X'5C', X'5C', X'005C', X'5C', X'5C', X'5C'", "3, X'27', X'27', X'0027', X'27', X'27', X'27'",
                 "4, '', NULL, '', NULL, '', NULL", "5, ' ', ' ', ' ', ' ', ' ', ' '"}),
         5},
        {"long texts", "Values of several MB, empty ones and NULL",
         "CREATE TABLE `long texts` (id INT PRIMARY KEY, a LONGTEXT CHARACTER SET utf8mb4, b MEDIUMTEXT CHARACTER SET "
         "gbk,"
         " c LONGTEXT CHARACTER SET utf16)",
         "INSERT INTO `long texts` VALUES (1, REPEAT('\\'\\\\\\0\xF0\x9F\x98\x80 ', 300000), '', NULL), (2, '', "
         "REPEAT(_gbk X'815C27', "
         "700000), ''), (3, NULL, NULL, REPEAT(_utf16 X'005C0027D83DDE00', 200000)), (4, 'x', ' ', '  '), (5, NULL, "
         "'', NULL),"
         " (6, REPEAT('ab', 1000000), NULL, '')",
         6},
    };
}

} // namespace fidelity
