// SPDX-License-Identifier: BSL-1.0
#include "json.hpp"

#include <nlohmann/json.hpp>

namespace hostile {

bool is_one_document(const std::string& text) {
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    return !parsed.is_discarded() && parsed.is_object();
}

} // namespace hostile
