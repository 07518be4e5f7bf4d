// SPDX-License-Identifier: BSL-1.0
// What went wrong, in one sentence that names this tool's options as the remedy.
#pragma once

#include "options.hpp"

#include <rowferry/report.hpp>
#include <rowferry/result.hpp>

#include <string>

namespace tool {

/// An error of the library in the tool's words.
std::string sentence(const rowferry::error& e);
/// Why the whole job ended, and how to go on.
std::string sentence(const rowferry::error& e, rowferry::outcome how, const options& wanted);
/// Why a table's copy ended, and how to go on.
std::string sentence(const rowferry::report& r, const options& wanted);

} // namespace tool
