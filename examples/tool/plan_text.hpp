// SPDX-License-Identifier: BSL-1.0
// What a dry run says.
#pragma once

#include "options.hpp"

#include <rowferry/plan.hpp>
#include <rowferry/write_way.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// The columns whose order the pages follow, "desc" after those that are in descending order.
std::vector<std::string> ordering_columns(const rowferry::copy_plan& plan);

/// The write method, for people; a literal.
std::string_view write_way_text(rowferry::write_way way);

/// A plan in a few lines.
std::string plan_text(const rowferry::copy_plan& plan, const options& wanted);

} // namespace tool
