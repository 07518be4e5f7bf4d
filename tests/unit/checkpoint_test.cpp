// SPDX-License-Identifier: BSL-1.0
// The key of a checkpoint as text, and job names.
#include "catch.hpp"

#include <rowferry/checkpoint.hpp>

namespace rf = rowferry;

TEST_CASE("a key survives its way through text, whatever its bytes") {
    std::string all_bytes;
    for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
    const std::vector<rf::key_values> keys{
        {},
        {"17"},
        {"-9223372036854775808", "2026-01-02 03:04:05.678901"},
        {""},
        {"", ""},
        {std::nullopt},
        {std::nullopt, "", std::nullopt},
        {"~", ",", "%", "''", "%41"},
        {all_bytes, "x"},
    };
    for (const auto& key : keys) {
        const std::string text = rf::encode_key(key);
        CAPTURE(text);
        const auto back = rf::decode_key(text);
        REQUIRE(back);
        CHECK(*back == key);
        for (char c : text) CHECK((c >= 0x20 && c < 0x7F));
    }
}

TEST_CASE("text that no key makes is refused") {
    for (const char* text : {"%", "%4", "%GG", "~x", "%4g", "%41", "%4a", "x~", "a(b", "'',1", "\n"}) {
        CAPTURE(text);
        CHECK_FALSE(rf::decode_key(text));
    }
}

TEST_CASE("what is left of a job survives its way through text, with open ranges and without") {
    const std::vector<rf::checkpoint> all = [] {
        std::vector<rf::checkpoint> made(4);
        made[1].last_key = {"17"};
        made[2].last_key = {"17", std::nullopt};
        made[2].gaps = {{{}, {"3", "a;b>c"}}, {{"5", "%"}, {"9", std::nullopt}}};
        made[3].last_key = {""};
        made[3].gaps = {{{""}, {"a"}}};
        return made;
    }();
    for (const rf::checkpoint& at : all) {
        const std::string text = rf::encode_position(at);
        CAPTURE(text);
        rf::checkpoint back;
        REQUIRE(rf::decode_position(text, back));
        CHECK(back.last_key == at.last_key);
        CHECK(back.gaps == at.gaps);
        // A reader of keys alone must not take it for one.
        if (!at.gaps.empty()) CHECK_FALSE(rf::decode_key(text));
    }
    rf::checkpoint untouched;
    untouched.last_key = {"1"};
    for (const char* text : {"%ranges;5", "%ranges;5;", "%ranges;5;3", "%ranges;5;3>", "%ranges;%;3>4", "%ranges;5;%>4",
                             "%ranges;5;3>4;", "%range;5;3>4", "%"}) {
        CAPTURE(text);
        CHECK_FALSE(rf::decode_position(text, untouched));
        CHECK(untouched.last_key == rf::key_values{"1"});
        CHECK(untouched.gaps.empty());
    }
}

TEST_CASE("ranges are divided, advanced and closed without losing a row between them") {
    rf::checkpoint at;
    at.last_key = {"10"};
    at.divide({}, {"50"});
    CHECK(at.last_key == rf::key_values{"50"});
    CHECK(at.gaps == std::vector<rf::key_range>{{{"10"}, {"50"}}});
    at.divide({"50"}, {"30"});
    CHECK(at.gaps == std::vector<rf::key_range>{{{"10"}, {"30"}}, {{"30"}, {"50"}}});
    at.advance({"30"}, {"20"});
    at.advance({}, {"60"});
    CHECK(at.last_key == rf::key_values{"60"});
    CHECK(at.gaps == std::vector<rf::key_range>{{{"20"}, {"30"}}, {{"30"}, {"50"}}});
    at.close({"30"});
    CHECK(at.gaps == std::vector<rf::key_range>{{{"30"}, {"50"}}});
    at.close({});
    at.close({"70"});
    CHECK(at.gaps.size() == 1);
}

TEST_CASE("job names are stable and differ") {
    CHECK(rf::job_id("a") == rf::job_id("a"));
    CHECK(rf::job_id("a") != rf::job_id("b"));
    CHECK(rf::job_id("").size() == 32);
}

TEST_CASE("a position with more ranges than any copy leaves open is refused") {
    rf::checkpoint at;
    at.last_key = {"9"};
    for (std::size_t i = 0; i < rf::most_gaps; ++i) at.gaps.push_back({{}, {std::to_string(i)}});
    rf::checkpoint read;
    CHECK(rf::decode_position(rf::encode_position(at), read));
    CHECK(read.gaps == at.gaps);
    at.gaps.push_back({{}, {"x"}});
    CHECK_FALSE(rf::decode_position(rf::encode_position(at), read));
}
