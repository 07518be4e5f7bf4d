// SPDX-License-Identifier: BSL-1.0
// All of the core: pipelines, policies, concepts, reports. No client: see mysql.hpp; no doubles: see testing.hpp.
#ifndef ROWFERRY_ROWFERRY_HPP
#define ROWFERRY_ROWFERRY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/column_choice.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/copy_run.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/execution.hpp>
#include <rowferry/explain.hpp>
#include <rowferry/explain_policy.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/incremental.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/only_between.hpp>
#include <rowferry/page_cut.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/pipeline.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/shared_snapshot.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify.hpp>
#include <rowferry/version.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#endif // ROWFERRY_CXX20
#endif
