// SPDX-License-Identifier: BSL-1.0
// What a verification found, as JSON.
#pragma once

#include "job.hpp"
#include "json_parts.hpp"
#include "options.hpp"

#include <rowferry/verify/report.hpp>

namespace tool {

json to_json(const rowferry::verification& v, const options& wanted);
/// Over all tables that were compared.
json verification_totals(const job_result& result);

} // namespace tool
