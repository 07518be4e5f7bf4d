// SPDX-License-Identifier: BSL-1.0
// The command `checkpoints`: lists how far the copies into a database came, and forgets it on request.
#pragma once

#include <rowferry/checkpoint.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tool {

struct checkpoint_options {
    rowferry::mysql::endpoint target;
    std::vector<std::string> tables; ///< only those of these target tables; empty: of all
    std::vector<std::string> drop;   ///< jobs to forget: their names, or beginnings that fit one job only
    bool drop_all = false;           ///< forget all that are listed
};

/// What came of it.
struct checkpoint_list {
    std::vector<rowferry::listed_checkpoint> kept;
    std::vector<rowferry::listed_checkpoint> dropped;
    std::vector<std::string> notices;            ///< what an operator should know of the connection
    std::optional<rowferry::error> failure = {}; ///< what kept the rest from being dropped, when some were
};

/// Lists, and drops what is to be dropped; a job that is not there, or a beginning that fits several, drops nothing.
rowferry::result<checkpoint_list> look_after_checkpoints(const checkpoint_options& wanted);

/// For people: a paragraph for each checkpoint.
std::string checkpoints_text(const checkpoint_list& list, const checkpoint_options& wanted);
/// One JSON document: `checkpoints`, `dropped`, `notices` and `target`, or `error`; both when only some could be dropped.
std::string checkpoints_json(const rowferry::result<checkpoint_list>& list, const checkpoint_options& wanted);

} // namespace tool
