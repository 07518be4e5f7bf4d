// SPDX-License-Identifier: BSL-1.0
// The options of each command as they stand on the command line, text not yet understood, and as --help describes them.
#pragma once

#include "clone_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace tool {

using text_option = std::optional<std::string>;

/// Those of the commands `copy` and `verify`.
struct raw_options {
    text_option source, target, mode, incremental_column, lag, future_rows, write_mode, write_way, engine;
    std::vector<std::string> tables, exclude;
    bool all_tables = false, truncate_target = false, accept_triggers = false, lenient_computing = false,
         no_resume = false, dry_run = false, json = false, verify = false, repair = false, delete_extra = false,
         generated = false;
    text_option batch_rows, batch_bytes, jobs, rows_per_second, bytes_per_second, max_retries, retry_delay, deadline;
    text_option progress, log, second_look, same_server, wait_for_servers;
    text_option where, time_zone, source_name;
    std::vector<std::string> columns;
    bool consistent = false, keyless = false, one_server = false, require_tls = false;
    text_option when_snapshot_lost;
    bool create_target = false;
    raw_clone_options clone;
};

/// Those of the command `checkpoints`.
struct raw_checkpoint_options {
    text_option target;
    std::vector<std::string> tables, drop;
    bool drop_all = false, require_tls = false;
};

/// Tells CLI11 the options of a command, and where their text goes: `raw` outlives the command.
void describe_copy(CLI::App& copy, raw_options& raw);
void describe_verify(CLI::App& verify, raw_options& raw);
void describe_checkpoints(CLI::App& checkpoints, raw_checkpoint_options& raw, bool& json);

} // namespace tool
