// SPDX-License-Identifier: BSL-1.0
#include "options.hpp"

#include "clone_options.hpp"
#include "column_list.hpp"
#include "document.hpp"
#include "raw_options.hpp"
#include "secrets.hpp"

#include <rowferry/sql/session.hpp>
#include <rowferry/text.hpp>
#include <rowferry/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

/// What was given and is no option of ours, as a sentence.
rf::error unknown(const std::string& given, const CLI::App& command) {
    const std::string word = given.substr(0, given.find('=')); // without a value, which may be a password
    const std::string see = "; see rowferry " + command.get_name() + " --help";
    return rf::refusal(word.starts_with("-") ? "unknown option " + without_password(word) + see
                                             : "unknown argument " + without_password(given) + see);
}

/// The first argument that is no UTF-8, as a sentence: servers read names and conditions as UTF-8, and refuse others only
/// once they are asked for rows. Neither its value is shown nor that of the argument before it: it may be a password.
std::optional<rf::error> not_utf8(int argc, const char* const* argv,
                                  std::initializer_list<const CLI::App*> known_commands) {
    // An option's bare name, and no flag's: what follows is its value.
    const auto takes_value = [&](const std::string& word) {
        if (!word.starts_with("--") || word.find('=') != word.npos) return false;
        return std::any_of(known_commands.begin(), known_commands.end(), [&](const CLI::App* each) {
            const CLI::Option* option = each->get_option_no_throw(word);
            return option != nullptr && option->get_expected_max() > 0;
        });
    };
    for (int i = 1; i < argc; ++i) {
        const std::string_view given = argv[i];
        if (rf::is_utf8(given)) continue;
        const std::string before = argv[i - 1];
        const std::string name(given.substr(0, given.find('=')));
        const std::string which = name.starts_with("--") && rf::is_utf8(name) ? name
                                  : takes_value(before)                       ? before
                                                                              : fmt::format("argument {}", i);
        return rf::refusal(without_password(which) + " is not UTF-8, as names and conditions must be: which charset "
                                                     "does the terminal or the script have?");
    }
    return {};
}

/// CLI11's complaint as one sentence. Its own words differ between its versions, but begin with the option's name.
rf::error complaint(const CLI::App& copy, const CLI::ParseError& e) {
    std::string words = without_password(e.what());
    std::string name = words.substr(0, words.find_first_of(": ="));
    if (!name.starts_with("-")) name = "--" + name;
    if (const CLI::Option* option = copy.get_option_no_throw(name)) {
        const bool is_flag = option->get_expected_max() == 0;
        return rf::refusal(name + (is_flag                                 ? " takes no value"
                                   : name == "--table" || name == "--drop" ? " takes one name or more"
                                   : name == "--columns" ? " takes names of columns, separated by commas"
                                                         : " takes exactly one value"));
    }
    words.erase(std::find(words.begin(), words.end(), '\n'), words.end());
    return rf::refusal(words);
}

/// The choice of that name; `usual` when the option was not given.
template <class Choice>
rf::result<Choice> choose(const std::string& option, const text_option& text, Choice usual,
                          std::initializer_list<std::pair<const char*, Choice>> choices) {
    if (!text) return usual;
    std::string names;
    for (const auto& [name, choice] : choices) {
        if (*text == name) return choice;
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    return rf::refusal(fmt::format("{} is \"{}\", and can be one of: {}", option, *text, names));
}

constexpr std::uint64_t most = std::uint64_t{1} << 50U;             // of rows and bytes: far from any overflow
constexpr std::uint64_t most_batch_bytes = std::uint64_t{1} << 30U; // a batch is held in memory
constexpr std::uint64_t most_jobs = 64;               // each is two connections, and two batches in memory
constexpr std::uint64_t most_seconds = 1'000'000'000; // about 30 years: far from where durations overflow

/// A whole number from `least` to `limit`; none when the option was not given.
rf::result<std::optional<std::uint64_t>> whole_number(const std::string& option, const text_option& text,
                                                      std::uint64_t least, std::uint64_t limit) {
    if (!text) return std::optional<std::uint64_t>{};
    std::uint64_t n = 0;
    const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (status != std::errc{} || end != text->data() + text->size() || n < least || n > limit) {
        const std::string range = n > limit || status == std::errc::result_out_of_range
                                      ? fmt::format("{} at most", limit)
                                      : fmt::format("{} or more", least);
        return rf::refusal(fmt::format("{} is \"{}\", and must be a whole number, {}", option, *text, range));
    }
    return std::optional(n);
}

/// Zero or more, with decimals; `usual` when the option was not given.
rf::result<double> number(const std::string& option, const text_option& text, double usual, std::uint64_t limit) {
    if (!text) return usual;
    double n = 0;
    const auto [end, status] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (status != std::errc{} || end != text->data() + text->size() || !(n >= 0 && n <= double(limit))) {
        return rf::refusal(fmt::format("{} is \"{}\", and must be a number from 0 to {}", option, *text, limit));
    }
    return n;
}

/// TLS where it was asked for by --require-tls; an ssl-mode that could do without contradicts it.
rf::result<void> require_tls(const std::string& option, rf::mysql::endpoint& to) {
    using rf::mysql::ssl_mode;
    to.require_tls = true;
    const bool stays_here = !to.socket.empty() || rf::mysql::is_loopback(to.host);
    if (stays_here || (to.ssl != ssl_mode::disabled && to.ssl != ssl_mode::preferred)) return {};
    return rf::refusal(option +
                       ": --require-tls does not go with ssl-mode disabled or preferred: leave ssl-mode out, or "
                       "say required, verify-ca or verify-identity");
}

rf::result<rf::mysql::endpoint> endpoint(const std::string& option, const text_option& uri, const char* variable,
                                         bool requires_tls) {
    if (!uri) return rf::refusal(option + " is missing: where it leads, as mysql://user@host/database");
    auto to = rf::mysql::parse_uri(*uri);
    if (!to) return rf::refusal(option + ": " + to.error().message);
    if (requires_tls) {
        if (auto r = require_tls(option, *to); !r) return std::move(r.error());
    }
    auto from_environment =
        password_from_environment(variable); // and out of the environment, also where it is not used
    if (!to->password) to->password = taken_password(option);
    if (!to->password) to->password = std::move(from_environment);
    return to;
}

std::chrono::nanoseconds seconds(double n) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(n));
}

/// Moves a result's value to where it belongs, or keeps the first error.
class reader {
public:
    template <class T, class To>
    void take(rf::result<T> from, To& to) {
        if (failure) return;
        if (from) {
            to = std::move(*from);
        } else {
            failure = std::move(from.error());
        }
    }
    void refuse_if(bool condition, const char* sentence) {
        if (!failure && condition) failure = rf::refusal(sentence);
    }
    std::optional<rf::error> failure;
};

void read_retries(reader& read, const raw_options& raw, options& o) {
    std::optional<std::uint64_t> retries;
    double delay = 0.5;
    double deadline = 0;
    read.take(whole_number("--max-retries", raw.max_retries, 0, 1'000'000), retries);
    read.take(number("--retry-delay", raw.retry_delay, 0.5, most_seconds), delay);
    read.take(number("--deadline", raw.deadline, 0, most_seconds), deadline);
    o.retry.max_attempts = static_cast<unsigned>(retries.value_or(10) + 1);
    o.retry.initial_delay = seconds(delay);
    o.retry.max_delay = std::max(o.retry.max_delay, o.retry.initial_delay);
    o.retry.deadline = seconds(deadline);
}

void read_choices(reader& read, const raw_options& raw, options& o) {
    using rf::write_kind;
    read.take(choose("--mode", raw.mode, o.mode, {{"full", copy_mode::full}, {"incremental", copy_mode::incremental}}),
              o.mode);
    const write_kind usual = o.mode == copy_mode::full ? write_kind::insert : write_kind::upsert;
    read.take(choose("--write-mode", raw.write_mode, usual,
                     {{"insert", write_kind::insert},
                      {"upsert", write_kind::upsert},
                      {"replace", write_kind::replace},
                      {"skip-existing", write_kind::skip_existing}}),
              o.write);
    read.take(choose("--future-rows", raw.future_rows, o.future,
                     {{"copy", rf::future_rows::copy}, {"leave-out", rf::future_rows::leave_out}}),
              o.future);
    read.take(choose("--write-way", raw.write_way, o.way,
                     {{"auto", rf::write_way::automatic},
                      {"array", rf::write_way::array_binding},
                      {"load-data", rf::write_way::load_data},
                      {"multi-row", rf::write_way::multi_row}}),
              o.way);
    read.take(choose("--engine", raw.engine, o.engine,
                     {{"resilient", copy_engine::resilient}, {"legacy", copy_engine::legacy}}),
              o.engine);
    read.take(choose("--progress", raw.progress, o.progress,
                     {{"auto", progress_choice::automatic},
                      {"always", progress_choice::always},
                      {"never", progress_choice::never}}),
              o.progress);
    read.take(choose("--log", raw.log, o.log,
                     {{"text", log_choice::text}, {"json", log_choice::json}, {"off", log_choice::off}}),
              o.log);
    read.take(choose("--same-server", raw.same_server, o.same_server, {{"on", true}, {"off", false}}), o.same_server);
    read.take(choose("--when-snapshot-lost", raw.when_snapshot_lost, o.when_snapshot_lost,
                     {{"stop", rf::when_lost::stop}, {"start-over", rf::when_lost::start_over}}),
              o.when_snapshot_lost);
}

void refuse_snapshot_contradictions(reader& read, const raw_options& raw, const options& o) {
    read.refuse_if(!raw.consistent && raw.when_snapshot_lost, "--when-snapshot-lost needs --consistent");
    read.refuse_if(raw.consistent && o.engine == copy_engine::legacy,
                   "--engine legacy reads each page by itself: --consistent does not go with it");
    read.refuse_if(raw.consistent && raw.repair,
                   "--repair copies rows as they are by then, which are not of the snapshot: it does not go with "
                   "--consistent");
    if (o.when_snapshot_lost == rf::when_lost::stop) return;
    read.refuse_if(o.mode == copy_mode::incremental,
                   "--when-snapshot-lost start-over empties the target table, which --mode incremental does not: with "
                   "stop, the same command continues");
    read.refuse_if(o.write != rf::write_kind::insert && !raw.truncate_target,
                   "--when-snapshot-lost start-over empties the target table: it needs --write-mode insert or "
                   "--truncate-target");
}

void refuse_contradictions(reader& read, const raw_options& raw, const options& o) {
    const bool incremental = o.mode == copy_mode::incremental;
    read.refuse_if(!raw.create_target && !raw.clone.empty(),
                   "--map-collation, --map-type, --map-engine and --leave-out need --create-target");
    read.refuse_if(raw.tables.empty() && !raw.all_tables, "no table is named: give --table NAME or --all-tables");
    read.refuse_if(!raw.tables.empty() && raw.all_tables, "--table and --all-tables exclude each other");
    read.refuse_if(!raw.exclude.empty() && !raw.all_tables, "--exclude needs --all-tables");
    read.refuse_if(incremental && raw.incremental_column.value_or("").empty(),
                   "--mode incremental needs --incremental-column");
    read.refuse_if(!incremental && raw.incremental_column, "--incremental-column needs --mode incremental");
    read.refuse_if(raw.where && raw.where->find_first_not_of(" \t\r\n") == std::string::npos,
                   "--where is empty: leave it out to copy all rows");
    read.refuse_if(raw.source_name && raw.source_name->empty(),
                   "--source-name is empty: leave it out to call the source by its URI");
    read.refuse_if(!raw.columns.empty() && (raw.all_tables || raw.tables.size() > 1),
                   "--columns needs exactly one --table: other tables have other columns");
    read.refuse_if(!incremental && raw.future_rows, "--future-rows needs --mode incremental");
    read.refuse_if(!incremental && raw.lag, "--lag needs --mode incremental");
    read.refuse_if(incremental && raw.truncate_target,
                   "--truncate-target starts over from an empty table, which --mode full does");
    read.refuse_if(incremental && raw.keyless, "--mode incremental needs a key: --keyless does not go with it");
    read.refuse_if(raw.one_server && raw.where,
                   "--one-server copies rows inside the server, which no filter does: --where does not go with it");
    read.refuse_if(raw.one_server && raw.consistent,
                   "--one-server copies rows inside the server, which no snapshot does: --consistent does not go with "
                   "it");
    read.refuse_if(raw.repair && !raw.verify, "--repair needs --verify, which finds the rows to copy again");
    read.refuse_if(raw.delete_extra && !raw.repair, "--repair-delete-extra needs --repair");
    read.refuse_if(raw.generated && o.what == task::copy && !raw.verify, "--generated needs --verify");
    read.refuse_if(raw.second_look && o.what == task::copy && !raw.verify, "--second-look needs --verify");
    if (o.engine == copy_engine::resilient) return;
    read.refuse_if(incremental, "--engine legacy copies in --mode full only");
    const bool retries = raw.max_retries || raw.retry_delay || raw.deadline;
    read.refuse_if(retries,
                   "--engine legacy never retries: --max-retries, --retry-delay and --deadline do not go with it");
    read.refuse_if(
        raw.no_resume,
        "--engine legacy keeps no checkpoint, so that each run starts over: --no-resume does not go with it");
}

rf::result<options> interpret(const raw_options& raw, task what) {
    options o;
    o.what = what;
    reader read;
    read.take(endpoint("--source", raw.source, "ROWFERRY_SOURCE_PASSWORD", raw.require_tls), o.source);
    read.take(endpoint("--target", raw.target, "ROWFERRY_TARGET_PASSWORD", raw.require_tls), o.target);
    read_choices(read, raw, o);
    refuse_contradictions(read, raw, o);
    refuse_snapshot_contradictions(read, raw, o);
    std::optional<std::uint64_t> jobs;
    read.take(whole_number("--jobs", raw.jobs, 1, most_jobs), jobs);
    o.jobs = static_cast<unsigned>(jobs.value_or(1));
    read.refuse_if(o.jobs > 1 && o.mode == copy_mode::incremental,
                   "--mode incremental copies in the order of its column: --jobs does not go with it");
    read.refuse_if(o.jobs > 1 && raw.consistent,
                   "--consistent reads through the one connection that holds the snapshot: --jobs does not go with it");
    read.refuse_if(o.jobs > 1 && o.engine == copy_engine::legacy,
                   "--engine legacy pages by OFFSET, one after another: --jobs does not go with it");
    std::optional<std::uint64_t> lag;
    read.take(whole_number("--lag", raw.lag, 0, most_seconds), lag);
    read.take(whole_number("--batch-rows", raw.batch_rows, 1, most), o.batch_rows);
    read.take(whole_number("--batch-bytes", raw.batch_bytes, 1, most_batch_bytes), o.batch_bytes);
    read.take(number("--rows-per-second", raw.rows_per_second, 0, most), o.rows_per_second);
    read.take(number("--bytes-per-second", raw.bytes_per_second, 0, most), o.bytes_per_second);
    read_retries(read, raw, o);
    double wait_for_servers = 0;
    read.take(number("--wait-for-servers", raw.wait_for_servers, 0, most_seconds), wait_for_servers);
    o.wait_for_servers = seconds(wait_for_servers);
    double second_look = 1;
    read.take(number("--second-look", raw.second_look, 1, 86'400), second_look);
    read.take(read_clone_options(raw.clone), o.changes);
    if (read.failure) return *read.failure;
    for (const std::string& table : raw.tables) {
        if (table.empty()) return rf::refusal("--table is empty");
        if (std::find(o.tables.begin(), o.tables.end(), table) == o.tables.end()) o.tables.push_back(table);
    }
    for (const std::string& pattern : raw.exclude) {
        if (pattern.empty()) return rf::refusal("--exclude is empty");
        o.exclude.push_back(pattern);
    }
    for (const std::string& list : raw.columns) {
        auto names = column_list(list);
        if (!names) return rf::refusal("--columns " + names.error().message);
        o.columns.insert(o.columns.end(), names->begin(), names->end());
    }
    if (raw.time_zone) {
        if (!rf::sql::is_zone_offset(*raw.time_zone)) {
            return rf::refusal("--time-zone is \"" + *raw.time_zone + "\", and " +
                               std::string(rf::sql::zone_offset_rule));
        }
        o.source.time_zone = o.target.time_zone = *raw.time_zone;
    }
    o.where = raw.where.value_or("");
    o.source_name = raw.source_name.value_or("");
    o.incremental_column = raw.incremental_column.value_or("");
    o.lag = std::chrono::seconds(lag.value_or(0));
    o.truncate_target = raw.truncate_target;
    o.accept_triggers = raw.accept_triggers;
    if (raw.lenient_computing) o.computes = rf::strictness::lenient;
    o.resume = !raw.no_resume;
    o.dry_run = raw.dry_run;
    o.consistent = raw.consistent;
    o.keyless = raw.keyless;
    o.one_server = raw.one_server;
    o.verify = raw.verify;
    o.repair = raw.repair;
    o.generated = raw.generated;
    o.delete_extra = raw.delete_extra;
    o.second_look = std::chrono::duration_cast<std::chrono::milliseconds>(seconds(second_look));
    o.create_target = raw.create_target;
    return o;
}

rf::result<checkpoint_options> interpret(const raw_checkpoint_options& raw) {
    auto target = endpoint("--target", raw.target, "ROWFERRY_TARGET_PASSWORD", raw.require_tls);
    if (!target) return target.error();
    if (raw.drop_all && raw.tables.empty()) return rf::refusal("--drop-all needs --table NAME");
    if (raw.drop_all && !raw.drop.empty()) return rf::refusal("--drop and --drop-all exclude each other");
    constexpr std::size_t fewest_digits = 4;
    for (const std::string& job : raw.drop) {
        if (job.size() < fewest_digits) return rf::refusal("--drop is \"" + job + "\", and needs four digits or more");
    }
    return checkpoint_options{std::move(*target), raw.tables, raw.drop, raw.drop_all};
}

} // namespace

command parse_command_line(int argc, const char* const* argv) {
    command c;
    raw_options raw;
    CLI::App app{"Copies MySQL and MariaDB tables from one server to another, exactly once.", "rowferry"};
    app.set_version_flag("--version", "rowferry " + std::string(rf::version));
    CLI::App& copy = *app.add_subcommand("copy", "Copies tables; run again, it continues where it stopped");
    describe_copy(copy, raw);
    CLI::App& verify = *app.add_subcommand("verify", "Compares tables, and names the rows that differ");
    describe_verify(verify, raw);
    CLI::App& checkpoints = *app.add_subcommand("checkpoints", "Lists how far copies came, and forgets it on request");
    raw_checkpoint_options raw_checkpoints;
    describe_checkpoints(checkpoints, raw_checkpoints, raw.json);
    if (auto refused = not_utf8(argc, argv, {&copy, &verify, &checkpoints})) {
        c.json = asks_for_json(argc, argv);
        c.options = std::move(*refused);
        return c;
    }
    app.allow_extras();
    copy.allow_extras();
    checkpoints.allow_extras();
    verify.allow_extras();
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        c.answer = app.help();
        return c;
    } catch (const CLI::CallForVersion& e) {
        c.answer = std::string(e.what()) + "\n";
        return c;
    } catch (const CLI::ParseError& e) {
        c.json = asks_for_json(argc, argv); // nothing was taken over
        const CLI::App& given = verify.parsed() ? verify : checkpoints.parsed() ? checkpoints : copy;
        c.options = complaint(given, e);
        return c;
    }
    c.json = raw.json;
    const auto strange = app.remaining(true);
    const std::string commands = "the commands are copy, verify and checkpoints";
    if (!copy.parsed() && !verify.parsed() && !checkpoints.parsed()) {
        c.options = rf::refusal(strange.empty() || strange.front().starts_with("-")
                                    ? "no command is given: " + commands + "; see rowferry --help"
                                    : "unknown command " + without_password(strange.front()) + ": " + commands);
    } else if (!strange.empty()) {
        c.options = unknown(strange.front(), copy.parsed() ? copy : verify.parsed() ? verify : checkpoints);
    } else if (checkpoints.parsed()) {
        auto read = interpret(raw_checkpoints);
        if (read) {
            c.checkpoints = std::move(*read);
        } else {
            c.options = read.error();
        }
    } else {
        c.options = interpret(raw, copy.parsed() ? task::copy : task::verify);
    }
    if (!c.options) c.json = asks_for_json(argc, argv); // also in the wrong place, as before the command
    return c;
}

} // namespace tool
