// SPDX-License-Identifier: BSL-1.0
#ifndef ROWFERRY_TESTS_HOSTILE_JSON_HPP
#define ROWFERRY_TESTS_HOSTILE_JSON_HPP

#include <string>

namespace hostile {

/// Whether the text is one JSON document, in UTF-8, and an object.
bool is_one_document(const std::string& text);

} // namespace hostile

#endif
