// SPDX-License-Identifier: BSL-1.0
// The report as one JSON document, always valid UTF-8.
#pragma once

#include "job.hpp"
#include "options.hpp"

#include <string>

namespace tool {

/// {"tables":[…],"totals":{…}}, and "error" when the job could not begin. Of a dry run the tables are plans.
std::string json_report(const job_result& result, const options& wanted);

} // namespace tool
