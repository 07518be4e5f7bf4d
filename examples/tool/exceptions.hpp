// SPDX-License-Identifier: BSL-1.0
// Exceptions as errors: the library reports what can go wrong by values, and what is thrown all the same ends in a report.
#pragma once

#include <rowferry/result.hpp>

#include <string>

namespace tool {

/// The exception that is being handled, as an error of that operation; `where` as "table procnote". Call it within a catch
/// block only.
rowferry::error caught(const std::string& operation, const std::string& where = {});

} // namespace tool
