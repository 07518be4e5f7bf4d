// SPDX-License-Identifier: BSL-1.0
// Names of columns in one argument: separated by commas, in backticks where a name holds a comma or a backtick.
#pragma once

#include <rowferry/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// Reads "a, b, `c,d`"; a backtick inside backticks is doubled. Blanks around names are dropped, unless they are quoted.
/// The error is the end of a sentence that begins with the option's name.
rowferry::result<std::vector<std::string>> column_list(std::string_view text);

/// Writes names as `column_list` reads them.
std::string column_list(const std::vector<std::string>& names);

} // namespace tool
