// SPDX-License-Identifier: BSL-1.0
// The tool's whole job: look at everything first, then copy table after table.
#pragma once

#include "console.hpp"
#include "options.hpp"

#include <rowferry/plan.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/verify/report.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// What came of it.
struct job_result {
    std::optional<rowferry::error> failure;                  ///< what ended it before there were tables to speak of
    rowferry::outcome outcome = rowferry::outcome::complete; ///< the worst of all
    std::vector<rowferry::report> tables;
    std::vector<rowferry::copy_plan> plans;            ///< of a dry run, one for each table
    std::vector<std::string> sentences;                ///< what went wrong, for stderr; empty when all is complete
    std::vector<rowferry::verification> verifications; ///< one for each table that was compared
    std::vector<std::string> notices;                  ///< what an operator should know of the connections
};

/// Plans all tables before the first is copied, so that bad input changes nothing on the target; then copies each, and
/// compares what is complete if asked to. Or compares only. What was done stands in `result` even when this throws.
void run_job(const options& wanted, console& shown, job_result& result);

/// What ended the job from outside it: an exception.
void add_failure(job_result& result, const rowferry::error& why, const options& wanted);

/// The result of a job that could not begin.
job_result refused_job(const rowferry::error& why);

} // namespace tool
