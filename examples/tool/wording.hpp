// SPDX-License-Identifier: BSL-1.0
// What went wrong, in one sentence that names this tool's options as the remedy.
#pragma once

#include "options.hpp"

#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/verify/report.hpp>

#include <string>

namespace tool {

/// An error of the library in the tool's words.
std::string sentence(const rowferry::error& e, const options& wanted);
/// Why a table's copy or the whole job ended, and how to go on. Where no row was committed yet, the same command starts
/// over once more; else an option that starts over has to be left out.
std::string sentence(const rowferry::error& e, rowferry::outcome how, bool has_committed, const options& wanted);
/// The same for stderr, where a table that was interrupted has to be named.
std::string sentence(const rowferry::report& r, const options& wanted);

/// Why a verification ended, or that it found a difference.
std::string sentence(const rowferry::verification& v, const options& wanted);

} // namespace tool
