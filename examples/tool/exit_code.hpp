// SPDX-License-Identifier: BSL-1.0
// The one place that decides the exit code, from typed facts: outcome, fault, cause, remedies, and what was changed.
#pragma once

#include "checkpoints.hpp"
#include "job.hpp"
#include "options.hpp"

#include <rowferry/result.hpp>
#include <rowferry/verify/report.hpp>

namespace tool {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int stopped = 1;      ///< run the same command again
inline constexpr int refused = 2;      ///< nothing was changed
inline constexpr int different = 3;    ///< a difference is left, or equality could not be shown
inline constexpr int needs_person = 4; ///< a row, a definition or a server stands in the way; something was changed
inline constexpr int signalled = 128;  ///< and the number of the signal
} // namespace exit_code

/// Whether the same command, run again, may succeed without a person changing anything. `has_committed` says that rows of
/// the table were committed before, or may have been (`rowferry::may_have_committed`).
bool can_run_again(const rowferry::error& e, bool has_committed, const options& wanted);

/// Whether a row that a repair cannot write stands in the way. An answer that makes no sense only leaves the difference.
bool is_blocked(const rowferry::verification& v);

/// Whether the job has changed anything in the target, a table that it created or a checkpoint included.
bool has_changed(const job_result& result);

/// The exit code of `copy` and `verify`.
int exit_code_of(const job_result& result, const options& wanted);
/// The exit code of `checkpoints`.
int exit_code_of(const rowferry::result<checkpoint_list>& list);

} // namespace tool
