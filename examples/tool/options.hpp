// SPDX-License-Identifier: BSL-1.0
// What the command line asks for, read and checked; nothing is connected yet.
#pragma once

#include "checkpoints.hpp"

#include <rowferry/computing_settings.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/definition.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/result.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool {

enum class task { copy, verify };
enum class copy_mode { full, incremental };
enum class copy_engine { resilient, legacy };
enum class progress_choice { automatic, always, never };
enum class log_choice { text, json, off };

struct options {
    task what = task::copy;
    rowferry::mysql::endpoint source;
    rowferry::mysql::endpoint target;
    std::vector<std::string> tables;  ///< empty: all of them
    std::vector<std::string> exclude; ///< of all of them: patterns, see table_choice.hpp
    copy_mode mode = copy_mode::full;
    std::string incremental_column;
    std::chrono::seconds lag{};
    rowferry::future_rows future = rowferry::future_rows::copy;
    rowferry::write_kind write = rowferry::write_kind::insert;
    rowferry::write_way way = rowferry::write_way::automatic;
    bool truncate_target = false;
    bool accept_triggers = false;
    rowferry::strictness computes = rowferry::strictness::strict;
    bool resume = true;
    copy_engine engine = copy_engine::resilient;
    std::optional<std::uint64_t> batch_rows;
    std::optional<std::uint64_t> batch_bytes;
    unsigned jobs = 1; ///< workers of each table
    double rows_per_second = 0;
    double bytes_per_second = 0;
    rowferry::exponential_backoff retry;
    bool dry_run = false;
    bool consistent = false; ///< all tables from one snapshot
    rowferry::when_lost when_snapshot_lost = rowferry::when_lost::stop;
    progress_choice progress = progress_choice::automatic;
    log_choice log = log_choice::text;
    std::string where;                ///< empty: all rows
    std::string source_name;          ///< in checkpoints; empty: as the URI says
    std::vector<std::string> columns; ///< empty: all of them
    bool verify = false;              ///< after a copy
    bool repair = false;
    bool generated = false;
    bool delete_extra = false;
    bool keyless = false;    ///< tables without a key too
    bool one_server = false; ///< both URIs lead to one server
    bool same_server = true; ///< another source server after a reconnect is an error, and not a notice
    std::chrono::nanoseconds wait_for_servers{}; ///< at the start, for servers that do not answer yet
    std::chrono::milliseconds second_look = std::chrono::seconds(1);
    bool create_target = false;
    rowferry::definition_changes changes; ///< that a clone may have
};

/// What came out of a command line.
struct command {
    std::optional<std::string> answer; ///< help or version: print it, and that is all
    bool json = false;                 ///< whether the report is to be JSON, as far as the command line could be read
    rowferry::result<tool::options> options = tool::options{};
    std::optional<checkpoint_options> checkpoints; ///< the command `checkpoints`, rather than `copy`
};

/// Reads the command line. An error is one sentence that names the option.
command parse_command_line(int argc, const char* const* argv);

} // namespace tool
