// SPDX-License-Identifier: BSL-1.0
// Keys as they are shown: exactly, and two that differ never alike.
#include "catch.hpp"

#include <rowferry/mysql/text_decoding.hpp>
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;

namespace {

rf::key_form text_of(const std::string& charset) {
    return {rf::column_kind::text, charset, rf::mysql::detail::decoder_for(charset)};
}
const rf::key_form bytes{rf::column_kind::bytes};
const rf::key_form number{rf::column_kind::integer};

std::string shown(const std::string& value, const rf::key_form& form) { return rf::to_string({value}, {form}); }

} // namespace

TEST_CASE("a key shows text as UTF-8 and everything else as hex digits") {
    CHECK(rf::to_string(rf::key_values{"17", "a b", std::nullopt, "\n\xC3"}) == "(17, 'a b', NULL, x'0AC3')");
    CHECK(rf::to_string({"17", "-1.5"}, {number, number}) == "(17, -1.5)");
    CHECK(shown("caf\xE9", text_of("latin1")) == "('caf\xC3\xA9')");
    CHECK(shown("\x80\x81", text_of("latin1")) == "('\xE2\x82\xAC\\u{0081}')");
    CHECK(shown("caf\xC3\xA9", text_of("utf8mb4")) == "('caf\xC3\xA9')");
    CHECK(shown("caf\xE9", text_of("utf8mb4")) == "(x'636166E9')");
    CHECK(shown("abc", bytes) == "(x'616263')");
    CHECK(shown("", bytes) == "(x'')");
    CHECK(shown("", text_of("latin1")) == "('')");
    CHECK(shown("caf\xC3\xA9", text_of("ascii")) == "(x'636166C3A9')");
    CHECK(shown("\x01", rf::key_form{rf::column_kind::bit}) == "(x'01')");
    CHECK(shown(std::string("\0a\x20\xAC", 4), text_of("utf16")) == "('a\xE2\x82\xAC')");
    CHECK(shown(std::string("\xD8\0", 2), text_of("utf16")) == "(x'D800')"); // half a pair
    CHECK(shown("\xFF", text_of("dec8")) == "(x'FF')");                      // the system lacks it
}

TEST_CASE("what would not be seen in a key is escaped, and so is what would end it") {
    CHECK(shown("a'b\\c", text_of("utf8mb4")) == "('a\\'b\\\\c')");
    CHECK(shown("\x1B[2J", text_of("utf8mb4")) == "('\\x1B[2J')");
    CHECK(shown("\\x1B[2J", text_of("utf8mb4")) == "('\\\\x1B[2J')");
    CHECK(shown("e\xCC\x81", text_of("utf8mb4")) == "('e\\u{0301}')"); // looks like é
    CHECK(rf::one_line(shown("e\xCC\x81\x1B", text_of("utf8mb4"))) == "('e\\u{0301}\\x1B')");
}

TEST_CASE("two keys that differ are never shown alike") {
    const std::string long_one(64, 'a');
    std::vector<std::string> values{"",
                                    "a",
                                    " a",
                                    "a ",
                                    "'",
                                    "''",
                                    "\\'",
                                    "\\",
                                    "\\\\",
                                    "x'00'",
                                    "NULL",
                                    "17",
                                    "17.0",
                                    "017",
                                    "\xFF",
                                    "\xFE",
                                    "\xEF\xBF\xBD",
                                    "\\xFF",
                                    "a', 'b",
                                    "(1)",
                                    long_one,
                                    long_one + "a",
                                    long_one + "b",
                                    long_one + "…",
                                    "…"};
    values.push_back(long_one + "… (65 bytes, hash 0)");
    values.emplace_back("\0", 1);
    values.emplace_back("\0\0", 2);
    for (int i = 0; i < 256; ++i) values.push_back("k" + std::string(1, static_cast<char>(i)));
    for (int i = 0; i < 256; ++i) values.push_back(std::string(70, 'z') + static_cast<char>(i));
    for (const rf::key_form& form :
         {rf::key_form{}, number, bytes, text_of("utf8mb4"), text_of("latin1"), text_of("utf16"), text_of("gbk"),
          text_of("sjis"), text_of("koi8r"), text_of("ucs2"), text_of("dec8")}) {
        const std::set<std::string> different(values.begin(), values.end());
        std::set<std::string> seen;
        for (const std::string& value : different) {
            const std::string text = shown(value, form);
            INFO(text);
            CHECK(seen.insert(rf::one_line(text)).second);
            CHECK(text.size() < 400);
        }
    }
}

TEST_CASE("a URL's password in a key is left out, and keys that differ there stay apart") {
    const std::string one = shown("mysql://u:one@h/x", text_of("utf8mb4"));
    const std::string other = shown("mysql://u:two@h/x", text_of("utf8mb4"));
    CHECK(one.find("one") == std::string::npos);
    CHECK(rf::one_line(one) != rf::one_line(other));
}

TEST_CASE("an error, a report and a verification show one key alike") {
    rf::testing::fake_database source;
    rf::testing::fake_database target;
    for (auto* database : {&source, &target}) database->create_table("files", {{"hash", "binary(2)"}}, {"hash"});
    source.insert("files", {"\xC3\xA9"});
    source.insert("files", {"\xFF\xFF"});
    struct {
        std::string last = {};
        void on(const rf::batch_committed& e) { last = rf::to_string(e.last_key, e.last_key_forms); }
    } heard;
    const rf::report copied = rf::pipeline{}.copy(source, target, "files", heard);
    REQUIRE(copied.complete());
    const std::string last = rf::to_string(copied.last_key, copied.last_key_forms);
    CHECK(last == "(x'FFFF')");
    CHECK(heard.last == last);
    const rf::verification equal = rf::verifier{}.verify(source, target, "files");
    CHECK(rf::to_string(copied.last_key, equal.key_forms) == last);
}
