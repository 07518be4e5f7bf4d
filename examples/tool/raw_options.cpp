// SPDX-License-Identifier: BSL-1.0
#include "raw_options.hpp"

#include <CLI/CLI.hpp>

namespace tool {
namespace {

// Lines of help are broken by hand: not all versions of CLI11 do it.

/// How well connections are protected.
void describe_tls(CLI::App& command, bool& require_tls) {
    command.add_flag("--require-tls", require_tls,
                     "Refuse servers without TLS, before anything is sent.\n"
                     "Sockets and this machine (localhost, 127.0.0.1, ::1)\npass without");
}

/// Which tables, for a command that does `verb` with them.
void describe_tables(CLI::App& command, raw_options& raw, const std::string& verb) {
    command.add_option("--source", raw.source, "Where to read: mysql://user@host[:port]/database;\nsee below")
        ->type_name("URI");
    command
        .add_option("--target", raw.target,
                    verb == "copy" ? "Where to write, in the same form" : "What to compare it with, in the same form")
        ->type_name("URI");
    describe_tls(command, raw.require_tls);
    command.add_option("--table", raw.tables, "Tables to " + verb + "; may be repeated")->type_name("NAME");
    command.add_flag("--all-tables", raw.all_tables,
                     "All tables of the source database but those whose\nengine keeps no rows of its own");
    command
        .add_option("--exclude", raw.exclude,
                    "With --all-tables: not these; may be repeated. * is any\nnumber of characters, ? is one, \\ takes "
                    "the next as it is")
        ->type_name("PATTERN");
    command
        .add_option(
            "--where", raw.where,
            "Only rows for which this SQL expression holds, over\nthe source's columns; times are in UTC" +
                std::string(verb == "copy" ? ". Its text\nis stored in the target, in rowferry_checkpoint" : ""))
        ->type_name("EXPR");
    command
        .add_option(
            "--columns", raw.columns,
            "Only these columns, separated by commas; may be\nrepeated. A name with a comma or backtick goes in\n"
            "backticks, a backtick inside is doubled")
        ->type_name("NAMES");
}

/// How a copy is made.
void describe_way_of_copying(CLI::App& copy, raw_options& raw) {
    copy.add_option("--mode", raw.mode,
                    "full: all rows, the default; incremental: the rows\nfrom the last run's last value on")
        ->type_name("full|incremental");
    copy.add_option("--incremental-column", raw.incremental_column,
                    "The column that grows, for --mode incremental: a number,\n"
                    "a date and time, or text that grows in its collation")
        ->type_name("COLUMN");
    copy.add_option("--lag", raw.lag,
                    "Start this long before the last value, for rows that\n"
                    "were committed late (a number: this many units; not for\n"
                    "text)")
        ->type_name("SECONDS");
    copy.add_option("--future-rows", raw.future_rows,
                    "With --mode incremental, rows more than a day in the\nfuture: copy, the default, with a notice; "
                    "or leave-out,\nalso as the value where a run begins")
        ->type_name("copy|leave-out");
    copy.add_option("--write-mode", raw.write_mode,
                    "What happens to rows that are in the target already:\n"
                    "insert (an error; the default), upsert (the default of\n"
                    "--mode incremental), replace, skip-existing")
        ->type_name("MODE");
    copy.add_option("--write-way", raw.write_way,
                    "Write method (default: auto, the fastest that client\n"
                    "library and server support); array: prepared inserts\n"
                    "(MariaDB to MariaDB); load-data: LOAD DATA LOCAL from\n"
                    "memory; multi-row: inserts, everywhere")
        ->type_name("WAY");
    copy.add_flag("--truncate-target", raw.truncate_target, "Empty the target table first, and start over");
    copy.add_flag("--accept-triggers", raw.accept_triggers, "Copy although the target's triggers may change rows");
    copy.add_flag(
        "--lenient-computing", raw.lenient_computing,
        "Let the target compute generated columns and checks as\nwithout strict mode, as the source did. What is "
        "copied\nstays strict; stored results are compared by --verify");
    copy.add_flag("--no-resume", raw.no_resume, "Forget how far an earlier run came, and start over");
    copy.add_option("--source-name", raw.source_name,
                    "What the source is called in checkpoints (default:\n"
                    "HOST:PORT/DATABASE). To continue a copy from another\n"
                    "host that holds the same rows, give the name that the\n"
                    "source had before")
        ->type_name("NAME");
    copy.add_option("--engine", raw.engine, "resilient: the default; legacy: OFFSET pages, no retry,\nno checkpoint")
        ->type_name("resilient|legacy");
    copy.add_option("--batch-rows", raw.batch_rows, "Rows of a batch (default: as many as --batch-bytes says)")
        ->type_name("N");
    copy.add_option("--batch-bytes", raw.batch_bytes,
                    "Target batch size in bytes (default: 4194304). A batch\n"
                    "may reach four times this size and always holds at\n"
                    "least one row. With --batch-rows or --engine legacy it\n"
                    "is a limit (default: 67108864). At most 1073741824")
        ->type_name("N");
    copy.add_option("--jobs", raw.jobs,
                    "Copy this many ranges of each table's key at once, each\n"
                    "over connections of its own (default: 1, at most 64)")
        ->type_name("N");
    copy.add_flag("--consistent", raw.consistent,
                  "Read all tables from one snapshot. Without it, the rows\nof a table that changes meanwhile are of "
                  "several points\nin time");
    copy.add_option(
            "--when-snapshot-lost", raw.when_snapshot_lost,
            "With --consistent, when its connection is lost: stop,\nthe default; or start-over: empty the target "
            "table and\ncopy it from a new snapshot")
        ->type_name("stop|start-over");
    copy.add_flag("--keyless", raw.keyless,
                  "Copy tables without a key too: each in one transaction\ninto an empty table, begun anew after a "
                  "failure");
    copy.add_flag(
        "--one-server", raw.one_server,
        "Both URIs lead to one server by two addresses: copy\ninside it (INSERT ... SELECT). Refused if the servers "
        "do\n"
        "not prove to be one, or with --where or --consistent.\nTables without a key are copied through this program");
    copy.add_flag("--dry-run", raw.dry_run, "Say what would be copied, and change nothing");
    copy.add_flag("--verify", raw.verify, "Compare the tables when they are copied");
    copy.add_flag("--repair", raw.repair, "With --verify: copy the rows again that differ");
    copy.add_flag("--repair-delete-extra", raw.delete_extra, "With --repair: delete the rows that only the target has");
}

/// Limits and retries, of both commands.
void describe_limits(CLI::App& copy, raw_options& raw) {
    copy.add_option("--rows-per-second", raw.rows_per_second, "Speed limit (default: 0, no limit)")->type_name("N");
    copy.add_option("--bytes-per-second", raw.bytes_per_second, "Speed limit (default: 0, no limit)")->type_name("N");
    copy.add_option("--max-retries", raw.max_retries, "Retries of one operation (default: 10)")->type_name("N");
    copy.add_option("--retry-delay", raw.retry_delay,
                    "Upper bound of the first delay, doubled each time up to\n30 s (default: 0.5)")
        ->type_name("SECONDS");
    copy.add_option("--deadline", raw.deadline,
                    "Stop retrying an operation this many seconds after its\nfirst failure (default: 0, no limit)")
        ->type_name("SECONDS");
    copy.add_option("--wait-for-servers", raw.wait_for_servers,
                    "At the start, wait this long for a server that does not\nanswer yet (default: 0)")
        ->type_name("SECONDS");
    copy.add_option("--same-server", raw.same_server,
                    "on, the default: stop when another server answers as the\n"
                    "source after a reconnect, because it may hold other rows\n"
                    "(an incremental copy and a comparison only print a\n"
                    "notice); off: only print a notice, for pools of servers\n"
                    "with equal data")
        ->type_name("on|off");
    copy.add_option("--second-look", raw.second_look,
                    "When rows are compared: look at one that differs again\nthis many seconds later. If it is equal "
                    "then, it changes\n"
                    "meanwhile (default: 1)")
        ->type_name("SECONDS");
    copy.add_option("--time-zone", raw.time_zone,
                    "Time zone of all sessions (default: +00:00), for tables\nwhose generated columns, checks or "
                    "partitions are computed\nby it. Times in --where are in it, too")
        ->type_name("OFFSET");
    copy.add_flag("--generated", raw.generated,
                  "When rows are compared: compare virtual generated columns\ntoo. Stored ones are always compared");
}

/// What is said, and where.
void describe_output(CLI::App& copy, raw_options& raw) {
    copy.add_option("--progress", raw.progress, "On stderr; auto, the default: if that is a terminal")
        ->type_name("auto|always|never");
    copy.add_option("--log", raw.log,
                    "On stderr; text, the default: retries, recoveries and\nnotices; json: every event")
        ->type_name("text|json|off");
    copy.add_flag("--json", raw.json, "Print the report on stdout as one JSON document");
    for (CLI::Option* option : copy.get_options()) {
        if (option->get_expected_max() == 0) option->disable_flag_override(); // as in --json=no
    }
}

/// How tables come to be that the target lacks.
void describe_clones(CLI::App& copy, raw_options& raw) {
    copy.add_flag("--create-target", raw.create_target,
                  "Create target tables that are missing, with the\n"
                  "source's definition. Before the first change, the\n"
                  "server tries each under another name and drops it.\n"
                  "Foreign keys and triggers are left out. What the target\n"
                  "does not support is refused, and the message names the\n"
                  "option that helps:");
    const auto add_list = [&copy](const char* name, std::vector<std::string>& list, const char* what,
                                  const char* type) {
        copy.add_option(name, list, what)->type_name(type)->expected(1)->take_all();
    };
    add_list("--map-collation", raw.clone.collations, "Another collation of the same charset; may be repeated",
             "FROM=TO");
    add_list("--map-type", raw.clone.types, "Another type, such as uuid=char(36); may be repeated", "FROM=TO");
    add_list("--map-engine", raw.clone.engines, "Another engine, such as Aria=InnoDB; may be repeated", "FROM=TO");
    add_list("--leave-out", raw.clone.leave_out,
             "A feature, such as srid or partitions; may be repeated\n(all of them: docs/guide.md)", "FEATURE");
}

constexpr const char* uri_help =
    "URI: mysql://user[:password]@host[:port]/database[?option=value&...], with the options socket,\n"
    "ssl-mode, ssl-ca, ssl-cert, ssl-key, server-public-key, option-file, connect-timeout and read-timeout. A\n"
    "password may come from ROWFERRY_SOURCE_PASSWORD and ROWFERRY_TARGET_PASSWORD, or from an option file (default:\n"
    "~/.my.cnf). ssl-cert and ssl-key may come from an option file, too. Without ssl-mode, a connection to another\n"
    "host is encrypted if the server can; ssl-ca verifies the server.\n\n"
    "Exit code:\n";

} // namespace

void describe_copy(CLI::App& copy, raw_options& raw) {
    describe_tables(copy, raw, "copy");
    describe_way_of_copying(copy, raw);
    describe_clones(copy, raw);
    describe_limits(copy, raw);
    describe_output(copy, raw);
    copy.footer(
        std::string(uri_help) +
        "  0    all tables are copied, and equal if they were compared\n"
        "  1    stopped: what was committed stays, and the same command continues\n"
        "  2    wrong usage, or refused, with nothing changed: all tables are checked before the first is copied\n"
        "  3    copied, and a difference is left, or equality could not be shown\n"
        "  4    stopped by a row, a definition or a server that a person has to look at; what was changed is said\n"
        "  130  interrupted by SIGINT (143 by SIGTERM, 129 by SIGHUP): the same command continues");
}

void describe_verify(CLI::App& verify, raw_options& raw) {
    describe_tables(verify, raw, "compare");
    describe_limits(verify, raw);
    describe_output(verify, raw);
    verify.footer(std::string(uri_help) +
                  "  0    all tables are equal\n"
                  "  1    stopped before all were compared; the same command may get further\n"
                  "  2    wrong usage, or a table cannot be compared\n"
                  "  3    at least one difference was found, or equality could not be shown\n"
                  "  4    stopped by a failure that a person has to look at, such as a lack of memory\n"
                  "  130  interrupted by SIGINT (143 by SIGTERM, 129 by SIGHUP)");
}

void describe_checkpoints(CLI::App& checkpoints, raw_checkpoint_options& raw, bool& json) {
    checkpoints.add_option("--target", raw.target, "The database that was written to; see rowferry copy --help")
        ->type_name("URI");
    checkpoints.add_option("--table", raw.tables, "Only those of this target table; may be repeated")
        ->type_name("NAME");
    checkpoints
        .add_option("--drop", raw.drop,
                    "Forget this job: its name, or a beginning that fits\nno other; may be repeated")
        ->type_name("JOB");
    checkpoints.add_flag("--drop-all", raw.drop_all, "Forget all that are listed; needs --table");
    describe_tls(checkpoints, raw.require_tls);
    checkpoints.add_flag("--json", json, "Print one JSON document on stdout");
    for (CLI::Option* option : checkpoints.get_options()) {
        if (option->get_expected_max() == 0) option->disable_flag_override();
    }
    checkpoints.footer(
        "Rows stay where they are. A run that is still under way stops at its next batch when its checkpoint\n"
        "is forgotten, and the next copy by insert needs an empty table.\n\n"
        "Exit code:\n"
        "  0  done\n"
        "  1  the server did not answer; the same command may succeed later\n"
        "  2  wrong usage, or refused, with nothing changed\n"
        "  4  some were forgotten, and then something failed");
}

} // namespace tool
