// SPDX-License-Identifier: BSL-1.0
// Names of tables as a server compares them.
#ifndef ROWFERRY_TOOL_KEPT_NAMES_HPP
#define ROWFERRY_TOOL_KEPT_NAMES_HPP

#include <rowferry/mysql.hpp>
#include <rowferry/result.hpp>

#include <string>
#include <vector>

namespace tool {

/// Each name as the server keeps it, for comparison: itself, or in small letters, as the server's own LOWER makes them. Ends
/// with an error when a stop is requested.
rowferry::result<std::vector<std::string>> names_kept_by(rowferry::mysql::connection& c,
                                                         const std::vector<std::string>& names);

} // namespace tool

#endif
