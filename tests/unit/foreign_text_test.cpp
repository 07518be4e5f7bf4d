// SPDX-License-Identifier: BSL-1.0
// Text that a server or a file chose, made fit to be shown.
#include "catch.hpp"

#include <rowferry/foreign_text.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/result.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace rf = rowferry;

namespace {

std::string utf8(char32_t c) {
    std::string text;
    auto byte = [&text](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xC0 | (c >> 6U));
        byte(0x80 | (c & 0x3FU));
    } else if (c < 0x10000) {
        byte(0xE0 | (c >> 12U));
        byte(0x80 | ((c >> 6U) & 0x3FU));
        byte(0x80 | (c & 0x3FU));
    } else {
        byte(0xF0 | (c >> 18U));
        byte(0x80 | ((c >> 12U) & 0x3FU));
        byte(0x80 | ((c >> 6U) & 0x3FU));
        byte(0x80 | (c & 0x3FU));
    }
    return text;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

} // namespace

TEST_CASE("each kind of invisible character is escaped", "[foreign text]") {
    struct {
        char32_t c;
        const char* shown;
        const char* in_json;
    } const hidden[]{
        {0x00, "\\x00", "\\u0000"},
        {0x09, "\\x09", "\\u0009"},
        {0x0D, "\\x0D", "\\u000D"},
        {0x1B, "\\x1B", "\\u001B"},
        {0x7F, "\\x7F", "\\u007F"},                  // DEL
        {0x80, "\\u{0080}", "\\u0080"},              // the first C1 control
        {0x85, "\\u{0085}", "\\u0085"},              // next line
        {0x9B, "\\u{009B}", "\\u009B"},              // begins a terminal's command, as ESC [
        {0x9F, "\\u{009F}", "\\u009F"},              // the last C1 control
        {0xAD, "\\u{00AD}", "\\u00AD"},              // soft hyphen
        {0x34F, "\\u{034F}", "\\u034F"},             // grapheme joiner
        {0x61C, "\\u{061C}", "\\u061C"},             // Arabic letter mark
        {0x180E, "\\u{180E}", "\\u180E"},            // Mongolian vowel separator
        {0x200B, "\\u{200B}", "\\u200B"},            // zero-width space
        {0x200D, "\\u{200D}", "\\u200D"},            // zero-width joiner
        {0x200E, "\\u{200E}", "\\u200E"},            // left-to-right mark
        {0x200F, "\\u{200F}", "\\u200F"},            // right-to-left mark
        {0x2028, "\\u{2028}", "\\u2028"},            // line separator
        {0x2029, "\\u{2029}", "\\u2029"},            // paragraph separator
        {0x202A, "\\u{202A}", "\\u202A"},            // left-to-right embedding
        {0x202E, "\\u{202E}", "\\u202E"},            // right-to-left override
        {0x2060, "\\u{2060}", "\\u2060"},            // word joiner
        {0x2066, "\\u{2066}", "\\u2066"},            // left-to-right isolate
        {0x2069, "\\u{2069}", "\\u2069"},            // end of an isolate
        {0x3164, "\\u{3164}", "\\u3164"},            // Hangul filler
        {0xFE0F, "\\u{FE0F}", "\\uFE0F"},            // variation selector
        {0xFEFF, "\\u{FEFF}", "\\uFEFF"},            // byte order mark
        {0xFFF9, "\\u{FFF9}", "\\uFFF9"},            // interlinear annotation
        {0xFFFE, "\\u{FFFE}", "\\uFFFE"},            // noncharacter
        {0x1D173, "\\u{01D173}", "\\uD834\\uDD73"},  // musical format control
        {0xE0001, "\\u{0E0001}", "\\uDB40\\uDC01"},  // language tag
        {0xE0041, "\\u{0E0041}", "\\uDB40\\uDC41"},  // tag letter A
        {0x10FFFF, "\\u{10FFFF}", "\\uDBFF\\uDFFF"}, // the last noncharacter
    };
    for (const auto& [c, shown, in_json] : hidden) {
        CAPTURE(static_cast<unsigned>(c));
        const std::string name = "a" + utf8(c) + "b";
        CHECK(rf::one_line(name) == std::string("a") + shown + "b");
        CHECK(rf::json_string(name) == std::string("\"a") + in_json + "b\"");
        const std::string document = "{\"table\":\"" + name + "\"}";
        if (c >= 0x7F) CHECK(rf::visible_json(document) == std::string("{\"table\":\"a") + in_json + "b\"}");
    }
}

TEST_CASE("the characters beside the invisible ones, and letters of all scripts, stay as they are", "[foreign text]") {
    for (const char32_t c : {U'\x20',   U'\x7E',   U'\xA0',   U'\xAC',    U'\xAE',    U'\xE9',   U'\x301',  U'\x061B',
                             U'\x061D', U'\x200A', U'\x2010', U'\x2027',  U'\x202F',  U'\x205F', U'\x2070', U'\x4E2D',
                             U'\xFDCF', U'\xFE10', U'\xFFFD', U'\x1F600', U'\xDFFFD', U'\x20000'}) {
        CAPTURE(static_cast<unsigned>(c));
        const std::string text = utf8(c);
        CHECK(rf::one_line(text) == text);
        CHECK(rf::visible_json(text) == text);
        CHECK(rf::cut(text, 10) == text);
    }
}

TEST_CASE("bytes that are not UTF-8 are shown one by one", "[foreign text]") {
    CHECK(rf::one_line("\x80") == "\\x80");
    CHECK(rf::one_line("\xC2") == "\\xC2");                      // cut short
    CHECK(rf::one_line("\xC0\x9B") == "\\xC0\\x9B");             // an overlong C1 control
    CHECK(rf::one_line("\xED\xA0\x80") == "\\xED\\xA0\\x80");    // a surrogate
    CHECK(rf::one_line("\xF4\x90\x80\x80").size() == 4 * 4);     // past U+10FFFF
    CHECK(rf::one_line("\xE2\x80\xAE\x80") == "\\u{202E}\\x80"); // behind a whole character
    CHECK(rf::visible_json("\"\x80\"") == "\"\x80\"");           // whoever makes the document replaces them
}

TEST_CASE("a long text is cut between characters, and says how long it is", "[foreign text]") {
    CHECK(rf::one_line(repeated("x", 10'000'000), 256) == repeated("x", 256) + "… (10 000 000 bytes in all)");
    CHECK(rf::cut(repeated("x", 10'000'000), 256) == repeated("x", 256) + "… (10 000 000 bytes in all)");
    CHECK(rf::one_line(repeated("\xC3\xA9", 400), 256) == repeated("\xC3\xA9", 256) + "… (800 bytes in all)");

    SECTION("what is little more than the limit is not cut: the note would be as long") {
        CHECK(rf::one_line(repeated("x", 304), 256) == repeated("x", 304));
        CHECK(rf::one_line(repeated("x", 305), 256) == repeated("x", 256) + "… (305 bytes in all)");
        CHECK(rf::cut(repeated("\xC3\xA9", 304), 256) == repeated("\xC3\xA9", 304));
    }
    SECTION("a text that was cut stays as it is") {
        const std::string once = rf::one_line(repeated("x", 1'000'000), 256);
        CHECK(rf::one_line(once, 256) == once);
        CHECK(rf::cut(once, 256) == once);
    }
    SECTION("escapes count as what they take, and none is cut in two") {
        const std::string marks = repeated("\xE2\x80\xAE", 1000);
        CHECK(rf::one_line(marks, 20) == "\\u{202E}\\u{202E}… (3 000 bytes in all)");
        CHECK(rf::one_line(repeated("\xFF", 1000), 10) == "\\xFF\\xFF… (1 000 bytes in all)");
        CHECK(rf::cut(marks, 20) == repeated("\xE2\x80\xAE", 20) + "… (3 000 bytes in all)");
    }
    SECTION("a letter keeps its marks, or goes with them") {
        const std::string letter = "e\xCC\x81"; // e and an acute accent
        CHECK(rf::one_line(repeated(letter, 100), 10) == repeated(letter, 5) + "… (300 bytes in all)");
        CHECK(rf::one_line(repeated(letter, 100), 9) == repeated(letter, 4) + "… (300 bytes in all)");
        CHECK(rf::one_line("x" + repeated("\xCC\x81", 5000), 100) ==
              "x" + repeated("\xCC\x81", 99) + "… (10 001 bytes in all)"); // no letter has so many
    }
    SECTION("nothing and little") {
        CHECK(rf::one_line("", 0).empty());
        CHECK(rf::one_line(repeated("x", 100), 0) == "… (100 bytes in all)");
    }
}

TEST_CASE("a list counts what it does not show", "[foreign text]") {
    rf::listing columns;
    for (int i = 0; i < 200'000; ++i) columns.add("column" + std::to_string(i));
    const std::string text = columns.text();
    CHECK(text.size() < rf::shown::list + 50);
    CHECK(text.starts_with("column0, column1, "));
    CHECK(text.ends_with(" more"));
    const auto shown = static_cast<std::size_t>(std::count(text.begin(), text.end(), ',')) + 1;
    CHECK(text.ends_with(" and " + rf::grouped(200'000 - shown) + " more"));

    rf::listing few("; ");
    CHECK(few.empty());
    few.add("a\x1b[2J");
    few.add("b");
    CHECK(few.text() == "a\\x1B[2J; b");

    rf::listing one; // the first is shown however long it is, but cut
    one.add(repeated("x", 1'000'000));
    one.add(repeated("y", 1'000'000));
    CHECK(one.text() == repeated("x", rf::shown::message) + "… (1 000 000 bytes in all) and 1 more");
}

TEST_CASE("an error as a sentence has no invisible character, and a limit", "[foreign text]") {
    rf::error e = rf::refusal("table \xC2\x9B" + std::string("31m\xE2\x80\xAE") + repeated("t", 10'000'000));
    e.where = "target, table " + repeated("w", 10'000'000);
    e.server_message = repeated("s\n", 10'000'000);
    e.code = 1146;
    e.sqlstate = "\x1b[2J";
    e.given_up = repeated("g", 1'000'000);
    e.remedies = {rf::remedy{rf::remedy::map_collation, repeated("c", 1'000'000), "\xE2\x80\xAE"}};
    const std::string text = to_string(e);
    CHECK(text.size() < 12'000); // of which keys may take more than other parts
    CHECK(rf::one_line(text, 20'000) == text);
    CHECK(text.find("table \\u{009B}31m\\u{202E}ttt") != text.npos);
    CHECK(text.find("map it with definition_changes::collations") != text.npos); // the remedy is not cut off
    CHECK(std::string(rf::copy_error(e).what()) == text);
}

TEST_CASE("passwords in text from elsewhere are not shown", "[redact]") {
    using rf::mysql::hide_passwords;
    struct {
        const char* text;
        const char* shown;
    } const cases[]{
        {"mysql://root:secret@db:3306/shop", "mysql://root:…@db:3306/shop"},
        {"CONNECTION='mysql://u:p@ss@db/x/t' COMMENT='http://h:80/p'",
         "CONNECTION='mysql://u:…@db/x/t' COMMENT='http://h:80/p'"},
        {"a://u:1@h b://u:2@h", "a://u:…@h b://u:…@h"},
        {"mysql://u:pa ss@db/x", "mysql://u:…@db/x"},
        {"mysql://u:a/b?c@db/x", "mysql://u:…@db/x"},
        {"mysql://root:secr", "mysql://root:…"}, // the server cuts at 64 characters
        {"mysql://root@db:3306/shop", "mysql://root@db:3306/shop"},
        {"http://db:3306/x for 'u'@'h'", "http://db:3306/x for 'u'@'h'"},
        {"http://db/x:y", "http://db/x:y"},
        {"mysql://", "mysql://"},
        {"mysql://u:", "mysql://u:"},
        {"user \"u\", password \"secret\"", "user \"u\", password \"…\""},
        {"PASSWORD='secret' PORT=3306", "PASSWORD='…' PORT=3306"},
        {"user=u;Pwd=secret;port=1", "user=u;Pwd=…;port=1"},
        {"CREATE USER u IDENTIFIED BY 'secret'", "CREATE USER u IDENTIFIED BY '…'"},
        {"{\"password\": \"secret\"}", "{\"password\": \"…\"}"},
        {"password 'cut off", "password '…"},
        {"Access denied for user 'u'@'h' (using password: YES)",
         "Access denied for user 'u'@'h' (using password: YES)"},
        {"Unknown column 'password' in 'field list'", "Unknown column 'password' in 'field list'"},
        {"Duplicate column name 'password'", "Duplicate column name 'password'"},
        {"the password", "the password"},
        {"", ""},
    };
    for (const auto& [text, shown] : cases) {
        CAPTURE(text);
        CHECK(hide_passwords(text) == shown);
        if (std::string_view(text).find("://") != std::string_view::npos) CHECK(rf::one_line(text) == shown);
    }
}

TEST_CASE("hiding passwords takes no longer for text that was made to be slow", "[redact]") {
    for (const std::string_view piece :
         {"://u:x ", "://u:x", "a:// ", "://:://@", "password '", "pwd=pwd=", "'password'"}) {
        CAPTURE(piece);
        const std::string text = repeated(piece, 300'000);
        const auto begin = std::chrono::steady_clock::now();
        CHECK(rf::mysql::hide_passwords(text).size() <= 2 * text.size());
        CHECK(rf::one_line(text).size() < 30'000);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(60)); // it would be minutes
    }
}

TEST_CASE("a server's words about a foreign data source hide its connection string", "[redact]") {
    using rf::mysql::redact;
    CHECK(redact(1429, "Unable to connect to foreign data source: mysql://root:secret@db/") ==
          "Unable to connect to foreign data source: …");
    CHECK(redact(1430, "There was a problem processing the query on the foreign data source. Data source error: "
                       "secret\nsecret") ==
          "There was a problem processing the query on the foreign data source. Data source error: …");
    CHECK(redact(1432, "Can't create federated table. The data source connection string 'mysql://u:it's' is not in the "
                       "correct format") ==
          "Can't create federated table. The data source connection string '…' is not in the correct format");
    CHECK(redact(1434, "Can't create federated table. Foreign data src error:  database: 'x' password: 'secret'") ==
          "Can't create federated table. Foreign data src error: …");
    CHECK(redact(1477, "The foreign server name you are trying to reference does not exist. Data source error: s") ==
          "The foreign server name you are trying to reference does not exist. Data source error: …");
    CHECK(redact(12501, "The connect info 'password \"secret\"' is invalid") == "The connect info '…' is invalid");
    CHECK(redact(1105, "mysql://root:secret@db: \x1b[31m\xC2\x9B\n") == "mysql://root:…@db: \\x1B[31m\\u{009B}\\x0A");
    CHECK(redact(1105, repeated("x", 10'000'000)).size() < 1100);
}
