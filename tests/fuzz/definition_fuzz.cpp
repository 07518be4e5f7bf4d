// SPDX-License-Identifier: BSL-1.0
// libFuzzer's entry: any bytes as the answer to SHOW CREATE TABLE, between both products, with everything left out that may
// be. What has to hold is in definition_property.hpp.
#include "definition_property.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view statement(reinterpret_cast<const char*>(data), size);
    for (const unsigned choices : {0U, 12U, 13U, 14U, 15U}) {
        const std::string wrong = fuzz::wrong_with_passage(statement, choices);
        if (wrong.empty()) continue;
        std::fprintf(stderr, "with choices %u: %s\n", choices, wrong.c_str());
        std::abort();
    }
    return 0;
}
