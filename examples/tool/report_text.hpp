// SPDX-License-Identifier: BSL-1.0
// The report as a few lines for people.
#pragma once

#include "job.hpp"
#include "options.hpp"

#include <string>

namespace tool {

/// The tables that were begun, or the plans of a dry run; empty when there are none.
std::string text_report(const job_result& result, const options& wanted);

} // namespace tool
