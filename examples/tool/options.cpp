// SPDX-License-Identifier: BSL-1.0
#include "options.hpp"

#include "clone_options.hpp"
#include "column_list.hpp"
#include "secrets.hpp"

#include <rowferry/version.hpp>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <string_view>
#include <system_error>
#include <utility>

namespace tool {
namespace {

namespace rf = rowferry;

/// The options as they stand on the command line.
using text_option = std::optional<std::string>;
struct raw_options {
    text_option source, target, mode, incremental_column, lag, write_mode, engine;
    std::vector<std::string> tables;
    bool all_tables = false, truncate_target = false, accept_triggers = false, no_resume = false, dry_run = false,
         json = false, verify = false, repair = false, delete_extra = false;
    text_option batch_rows, batch_bytes, rows_per_second, bytes_per_second, max_retries, retry_delay, deadline;
    text_option progress, log, second_look;
    text_option where;
    std::vector<std::string> columns;
    bool consistent = false;
    text_option when_snapshot_lost;
    bool create_target = false;
    raw_clone_options clone;
};

// Lines of help are broken by hand: not all versions of CLI11 do it.

/// Which tables, for a command that does `verb` with them.
void describe_tables(CLI::App& command, raw_options& raw, const std::string& verb) {
    command.add_option("--source", raw.source, "Where to read: mysql://user@host[:port]/database;\nsee below")
        ->type_name("URI");
    command
        .add_option("--target", raw.target,
                    verb == "copy" ? "Where to write, in the same form" : "What to compare it with, in the same form")
        ->type_name("URI");
    command.add_option("--table", raw.tables, "Tables to " + verb + "; may be repeated")->type_name("NAME");
    command.add_flag("--all-tables", raw.all_tables, "All tables of the source database");
    command
        .add_option("--where", raw.where,
                    "Only rows for which this SQL expression holds, over\nthe source's columns; times are in UTC")
        ->type_name("EXPR");
    command
        .add_option(
            "--columns", raw.columns,
            "Only these columns, separated by commas; may be\nrepeated. A name with a comma or backtick goes in\n"
            "backticks, a backtick inside is doubled")
        ->type_name("NAMES");
}

/// How a copy is made.
void describe_copy(CLI::App& copy, raw_options& raw) {
    copy.add_option("--mode", raw.mode, "full: all rows, the default; incremental: the rows\npast the last run's")
        ->type_name("full|incremental");
    copy.add_option("--incremental-column", raw.incremental_column, "The column that grows, for --mode incremental")
        ->type_name("COLUMN");
    copy.add_option("--lag", raw.lag,
                    "Start this long before the last value, for rows that\n"
                    "were committed late (an integer column: so many units)")
        ->type_name("SECONDS");
    copy.add_option("--write-mode", raw.write_mode,
                    "What happens to rows that are in the target already:\n"
                    "insert (an error; the default), upsert (the default of\n"
                    "--mode incremental), replace, skip-existing")
        ->type_name("MODE");
    copy.add_flag("--truncate-target", raw.truncate_target, "Empty the target table first, and start over");
    copy.add_flag("--accept-triggers", raw.accept_triggers, "Copy although the target's triggers may change rows");
    copy.add_flag("--no-resume", raw.no_resume, "Forget how far an earlier run came, and start over");
    copy.add_option("--engine", raw.engine, "resilient: the default; legacy: OFFSET pages, no retry,\nno checkpoint")
        ->type_name("resilient|legacy");
    copy.add_option("--batch-rows", raw.batch_rows, "Rows of a batch, instead of as many as --batch-bytes says")
        ->type_name("N");
    copy.add_option("--batch-bytes", raw.batch_bytes,
                    "Bytes that a batch aims at (4194304 unless told): now\n"
                    "and then up to four times as many, and always one row.\n"
                    "With --batch-rows or --engine legacy it is a limit\n"
                    "instead (67108864 unless told). 1073741824 at most")
        ->type_name("N");
    copy.add_flag(
        "--consistent", raw.consistent,
        "Read all tables from one snapshot, as of one moment;\nelse a table that changes meanwhile arrives as "
        "of several");
    copy.add_option(
            "--when-snapshot-lost", raw.when_snapshot_lost,
            "With --consistent, when its connection is lost: stop,\nthe default; or start-over: empty the target "
            "table and\ncopy it from a new snapshot")
        ->type_name("stop|start-over");
    copy.add_flag("--dry-run", raw.dry_run, "Say what would be copied, and change nothing");
    copy.add_flag("--verify", raw.verify, "Compare the tables when they are copied");
    copy.add_flag("--repair", raw.repair, "With --verify: copy the rows again that differ");
    copy.add_flag("--repair-delete-extra", raw.delete_extra, "With --repair: delete the rows that only the target has");
}

/// Limits and retries, of both commands.
void describe_limits(CLI::App& copy, raw_options& raw) {
    copy.add_option("--rows-per-second", raw.rows_per_second, "Limit of the speed; 0, the default, is none")
        ->type_name("N");
    copy.add_option("--bytes-per-second", raw.bytes_per_second, "Limit of the speed; 0, the default, is none")
        ->type_name("N");
    copy.add_option("--max-retries", raw.max_retries, "Retries of one operation (10 unless told)")->type_name("N");
    copy.add_option("--retry-delay", raw.retry_delay,
                    "Upper bound of the first delay, doubled each time up to\n30 s (0.5 unless told)")
        ->type_name("SECONDS");
    copy.add_option("--deadline", raw.deadline,
                    "No more retries so long after an operation's first\nfailure; 0, the default, is none")
        ->type_name("SECONDS");
    copy.add_option("--second-look", raw.second_look,
                    "When rows are compared: look at one that differs again\nso long after; what is equal then changes "
                    "meanwhile\n(1 unless told)")
        ->type_name("SECONDS");
}

/// What is said, and where.
void describe_output(CLI::App& copy, raw_options& raw) {
    copy.add_option("--progress", raw.progress, "On stderr; auto, the default: if that is a terminal")
        ->type_name("auto|always|never");
    copy.add_option("--log", raw.log,
                    "On stderr; text, the default: retries, recoveries and\nnotices; json: every event")
        ->type_name("text|json|off");
    copy.add_flag("--create-target", raw.create_target,
                  "Create target tables that are missing, with the\n"
                  "source's definition; foreign keys and triggers are left\n"
                  "out. What the target has no equal for is refused, and\n"
                  "named with the option of these that it takes:");
    const auto add_list = [&copy](const char* name, std::vector<std::string>& list, const char* what,
                                  const char* type) {
        copy.add_option(name, list, what)->type_name(type)->expected(1)->take_all();
    };
    add_list("--map-collation", raw.clone.collations, "Another collation of the same charset; may be repeated",
             "FROM=TO");
    add_list("--map-type", raw.clone.types, "Another type, as uuid=char(36); may be repeated", "FROM=TO");
    add_list("--map-engine", raw.clone.engines, "Another engine, as Aria=InnoDB; may be repeated", "FROM=TO");
    add_list("--leave-out", raw.clone.leave_out, "A feature, as srid or system-versioning; may be repeated", "FEATURE");
    copy.add_flag("--json", raw.json, "Print the report on stdout as one JSON document");
    for (CLI::Option* option : copy.get_options()) {
        if (option->get_expected_max() == 0) option->disable_flag_override(); // as in --json=no
    }
}

constexpr const char* uri_help =
    "URI: mysql://user[:password]@host[:port]/database[?option=value&...], with the options socket,\n"
    "ssl-mode, ssl-ca, server-public-key, option-file, connect-timeout and read-timeout. A password may come from\n"
    "ROWFERRY_SOURCE_PASSWORD and ROWFERRY_TARGET_PASSWORD, or from an option file (~/.my.cnf unless told).\n\n"
    "Exit code:\n";

void describe_copying(CLI::App& copy, raw_options& raw) {
    describe_tables(copy, raw, "copy");
    describe_copy(copy, raw);
    describe_limits(copy, raw);
    describe_output(copy, raw);
    copy.footer(
        std::string(uri_help) +
        "  0  all tables are copied, and equal if they were compared\n"
        "  1  stopped, interrupted, or refused after another table was copied: what was committed stays, and\n"
        "     the same command continues\n"
        "  2  wrong usage, or refused, with nothing changed: all tables are checked before the first is copied\n"
        "  3  copied, and a difference was found and is left");
}

void describe_verifying(CLI::App& verify, raw_options& raw) {
    describe_tables(verify, raw, "compare");
    describe_limits(verify, raw);
    describe_output(verify, raw);
    verify.footer(std::string(uri_help) + "  0  all tables are equal\n"
                                          "  1  stopped or interrupted before all were compared\n"
                                          "  2  wrong usage, or a table cannot be compared\n"
                                          "  3  at least one difference was found");
}

/// The options of the command `checkpoints`, as they stand on the command line.
struct raw_checkpoint_options {
    text_option target;
    std::vector<std::string> tables, drop;
    bool drop_all = false;
};

void describe(CLI::App& checkpoints, raw_checkpoint_options& raw, bool& json) {
    checkpoints.add_option("--target", raw.target, "The database that was written to; see rowferry copy --help")
        ->type_name("URI");
    checkpoints.add_option("--table", raw.tables, "Only those of this target table; may be repeated")
        ->type_name("NAME");
    checkpoints
        .add_option("--drop", raw.drop,
                    "Forget this job: its name, or a beginning that fits\nno other; may be repeated")
        ->type_name("JOB");
    checkpoints.add_flag("--drop-all", raw.drop_all, "Forget all that are listed; needs --table");
    checkpoints.add_flag("--json", json, "Print one JSON document on stdout");
    checkpoints.footer(
        "Rows stay where they are. A run that is still under way stops at its next batch when its checkpoint\n"
        "is forgotten, and the next copy by insert needs an empty table.");
}

/// What was given and is no option of ours, as a sentence.
rf::error unknown(const std::string& given, const CLI::App& command) {
    const std::string word = given.substr(0, given.find('=')); // without a value, which may be a password
    const std::string see = "; see rowferry " + command.get_name() + " --help";
    return rf::refusal(word.starts_with("-") ? "unknown option " + word + see
                                             : "unknown argument " + without_password(given) + see);
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
constexpr std::uint64_t most_seconds = 1'000'000'000;               // about 30 years: far from where durations overflow

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

rf::result<rf::mysql::endpoint> endpoint(const std::string& option, const text_option& uri, const char* variable) {
    if (!uri) return rf::refusal(option + " is missing: where it leads, as mysql://user@host/database");
    auto to = rf::mysql::parse_uri(*uri);
    if (!to) return rf::refusal(option + ": " + to.error().message);
    if (!to->password) to->password = password_from_environment(variable);
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
    read.take(choose("--when-snapshot-lost", raw.when_snapshot_lost, o.when_snapshot_lost,
                     {{"stop", rf::when_lost::stop}, {"start-over", rf::when_lost::start_over}}),
              o.when_snapshot_lost);
}

void refuse_snapshot_contradictions(reader& read, const raw_options& raw, const options& o) {
    read.refuse_if(!raw.consistent && raw.when_snapshot_lost, "--when-snapshot-lost needs --consistent");
    read.refuse_if(raw.consistent && o.engine == copy_engine::legacy,
                   "--engine legacy reads each page by itself: --consistent does not go with it");
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
    read.refuse_if(incremental && raw.incremental_column.value_or("").empty(),
                   "--mode incremental needs --incremental-column");
    read.refuse_if(!incremental && raw.incremental_column, "--incremental-column needs --mode incremental");
    read.refuse_if(raw.where && raw.where->find_first_not_of(" \t\r\n") == std::string::npos,
                   "--where is empty: leave it out to copy all rows");
    read.refuse_if(!raw.columns.empty() && (raw.all_tables || raw.tables.size() > 1),
                   "--columns needs exactly one --table: other tables have other columns");
    read.refuse_if(!incremental && raw.lag, "--lag needs --mode incremental");
    read.refuse_if(incremental && raw.truncate_target,
                   "--truncate-target starts over from an empty table, which --mode full does");
    read.refuse_if(raw.repair && !raw.verify, "--repair needs --verify, which finds the rows to copy again");
    read.refuse_if(raw.delete_extra && !raw.repair, "--repair-delete-extra needs --repair");
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
    read.take(endpoint("--source", raw.source, "ROWFERRY_SOURCE_PASSWORD"), o.source);
    read.take(endpoint("--target", raw.target, "ROWFERRY_TARGET_PASSWORD"), o.target);
    read_choices(read, raw, o);
    refuse_contradictions(read, raw, o);
    refuse_snapshot_contradictions(read, raw, o);
    std::optional<std::uint64_t> lag;
    read.take(whole_number("--lag", raw.lag, 0, most_seconds), lag);
    read.take(whole_number("--batch-rows", raw.batch_rows, 1, most), o.batch_rows);
    read.take(whole_number("--batch-bytes", raw.batch_bytes, 1, most_batch_bytes), o.batch_bytes);
    read.take(number("--rows-per-second", raw.rows_per_second, 0, most), o.rows_per_second);
    read.take(number("--bytes-per-second", raw.bytes_per_second, 0, most), o.bytes_per_second);
    read_retries(read, raw, o);
    double second_look = 1;
    read.take(number("--second-look", raw.second_look, 1, 86'400), second_look);
    read.take(read_clone_options(raw.clone), o.changes);
    if (read.failure) return *read.failure;
    for (const std::string& table : raw.tables) {
        if (table.empty()) return rf::refusal("--table is empty");
        if (std::find(o.tables.begin(), o.tables.end(), table) == o.tables.end()) o.tables.push_back(table);
    }
    for (const std::string& list : raw.columns) {
        auto names = column_list(list);
        if (!names) return rf::refusal("--columns " + names.error().message);
        o.columns.insert(o.columns.end(), names->begin(), names->end());
    }
    o.where = raw.where.value_or("");
    o.incremental_column = raw.incremental_column.value_or("");
    o.lag = std::chrono::seconds(lag.value_or(0));
    o.truncate_target = raw.truncate_target;
    o.accept_triggers = raw.accept_triggers;
    o.resume = !raw.no_resume;
    o.dry_run = raw.dry_run;
    o.consistent = raw.consistent;
    o.verify = raw.verify;
    o.repair = raw.repair;
    o.delete_extra = raw.delete_extra;
    o.second_look = std::chrono::duration_cast<std::chrono::milliseconds>(seconds(second_look));
    o.create_target = raw.create_target;
    return o;
}

rf::result<checkpoint_options> interpret(const raw_checkpoint_options& raw) {
    auto target = endpoint("--target", raw.target, "ROWFERRY_TARGET_PASSWORD");
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
    describe_copying(copy, raw);
    CLI::App& verify = *app.add_subcommand("verify", "Compares tables, and names the rows that differ");
    describe_verifying(verify, raw);
    CLI::App& checkpoints = *app.add_subcommand("checkpoints", "Lists how far copies came, and forgets it on request");
    raw_checkpoint_options raw_checkpoints;
    describe(checkpoints, raw_checkpoints, raw.json);
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
        c.json = std::find(argv, argv + argc, std::string_view("--json")) != argv + argc; // nothing was taken over
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
    return c;
}

} // namespace tool
