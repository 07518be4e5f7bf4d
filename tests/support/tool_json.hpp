// SPDX-License-Identifier: BSL-1.0
// What stands in the document that the tool printed with --json.
#ifndef ROWFERRY_TESTS_TOOL_JSON_HPP
#define ROWFERRY_TESTS_TOOL_JSON_HPP

#include "catch.hpp"
#include "private_server.hpp"
#include "tool.hpp"

#include <string>

namespace support {

/// A value of the document that the tool printed, which is all it printed on stdout; the server is the judge.
inline std::string json(const private_server& judge, const tool_answer& answer, const std::string& path) {
    std::string hex;
    for (const char c : answer.out) {
        constexpr const char* digits = "0123456789abcdef";
        hex += digits[static_cast<unsigned char>(c) / 16];
        hex += digits[static_cast<unsigned char>(c) % 16];
    }
    const std::string document = "CONVERT(x'" + hex + "' USING utf8mb4)";
    CHECK(judge.value("SELECT JSON_VALID(" + document + ")") == "1");
    return judge.value("SELECT JSON_VALUE(" + document + ", '" + path + "')");
}

} // namespace support

#endif
