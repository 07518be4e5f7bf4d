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
    for (const char* text : {"%", "%4", "%GG", "~x", "%4g"}) {
        CAPTURE(text);
        CHECK_FALSE(rf::decode_key(text));
    }
}

TEST_CASE("job names are stable and differ") {
    CHECK(rf::job_id("a") == rf::job_id("a"));
    CHECK(rf::job_id("a") != rf::job_id("b"));
    CHECK(rf::job_id("").size() == 32);
}

TEST_CASE("keys read well in messages, and show no control characters") {
    CHECK(rf::to_string(rf::key_values{"17", "a b", std::nullopt, "\n\xC3"}) == "(17, 'a b', NULL, '\\x0A\\xC3')");
    CHECK(rf::to_string(rf::key_values{std::string(100, 'x')}) == "('" + std::string(64, 'x') + "…')");
}
