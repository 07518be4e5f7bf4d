// SPDX-License-Identifier: BSL-1.0
// What a verification found, for people.
#pragma once

#include "job.hpp"

#include <rowferry/verify/report.hpp>

#include <string>

namespace tool {

/// A headline and indented lines: counts, and the keys of the first differing rows.
std::string verification_text(const rowferry::verification& v);
/// One line over all tables that were compared.
std::string verification_summary(const job_result& result);

} // namespace tool
