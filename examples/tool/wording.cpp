// SPDX-License-Identifier: BSL-1.0
#include "wording.hpp"

#include "exit_code.hpp"
#include "interrupt.hpp"

#include <rowferry/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool {
namespace {

namespace rf = rowferry;

/// A remedy as the option that it is. An incremental copy cannot empty the target: it starts over after the target's
/// largest value. Without a default, so that the compiler names an action that has no words here.
std::string in_options(const rf::remedy& r, copy_mode mode) {
    const bool is_full = mode == copy_mode::full;
    const auto map = [&r](std::string_view option) {
        if (r.subject.empty()) return fmt::format("map it with {}", option);
        return fmt::format("map it with {} {}={}", option, r.subject, r.choice.empty() ? "ANOTHER" : r.choice);
    };
    switch (r.what) {
    case rf::remedy::empty_target:
        return is_full ? "empty the target table (--truncate-target does that)" : "empty the target table";
    case rf::remedy::start_over: return "start over with --no-resume" + (r.choice.empty() ? "" : ", " + r.choice);
    case rf::remedy::start_over_into_empty:
        return is_full ? "start over with --truncate-target"
                       : "empty the target table, and start over with --no-resume";
    case rf::remedy::run_again: return "run the same command again";
    case rf::remedy::leave_snapshot: return "copy without --consistent";
    case rf::remedy::stop_when_lost: return "use --when-snapshot-lost stop";
    case rf::remedy::choose_write_mode: return "choose --write-mode " + r.choice;
    case rf::remedy::choose_write_way: return "choose --write-way " + r.choice;
    case rf::remedy::copy_again: return "copy the table again with --write-mode " + r.choice;
    case rf::remedy::allow_keyless: return "use --keyless to copy it in one transaction";
    case rf::remedy::accept_triggers: return "use --accept-triggers";
    case rf::remedy::compute_leniently: return "use --lenient-computing";
    case rf::remedy::set_time_zone:
        return "use --time-zone " + (r.choice.empty() ? "with the offset of the source" : r.choice);
    case rf::remedy::create_target: return "use --create-target";
    case rf::remedy::map_collation: return map("--map-collation");
    case rf::remedy::map_type: return map("--map-type");
    case rf::remedy::map_engine: return map("--map-engine");
    case rf::remedy::leave_out: return "use --leave-out " + r.choice;
    case rf::remedy::use_tls:
        return fmt::format("use ssl-mode={} in the URI", r.choice.empty() ? "verify-ca" : r.choice);
    case rf::remedy::name_server_key: return "name the server's public key in the URI (server-public-key)";
    case rf::remedy::say_one_server: return "use --one-server";
    case rf::remedy::allow_more_time: return "allow more than " + r.choice + " with read-timeout in the URI";
    case rf::remedy::accept_other_servers:
        return "use --same-server=off if all servers that answer there hold the same data";
    case rf::remedy::name_certificate: return "name the client's certificate in the URI (ssl-cert, ssl-key)";
    case rf::remedy::name_source: return "use --source-name " + r.choice + " to continue it";
    case rf::remedy::smaller_batches: return "use smaller batches (--batch-bytes), or fewer --jobs";
    case rf::remedy::create_by_hand:
    case rf::remedy::change_account:
    case rf::remedy::check_proxy:
    case rf::remedy::change_engine:
    case rf::remedy::drop_triggers:
    case rf::remedy::drop_index:
    case rf::remedy::alter_source:
    case rf::remedy::change_setting: break; // not the tool's to do
    }
    return to_string(r);
}
std::string for_full_copy(const rf::remedy& r) { return in_options(r, copy_mode::full); }
std::string for_incremental_copy(const rf::remedy& r) { return in_options(r, copy_mode::incremental); }

bool starts_over(const rf::remedy& r) {
    return r.what == rf::remedy::start_over || r.what == rf::remedy::start_over_into_empty;
}

/// Whether a run that ends has read a snapshot that the next one cannot continue from.
bool ends_snapshot(bool has_committed, const options& o) {
    return o.consistent && o.mode == copy_mode::full && (has_committed || o.tables.size() != 1);
}

/// What has to be done before the next run.
enum class first_step : std::uint8_t { none, fix, choose_options };

std::string how_to_go_on(rf::outcome how, first_step first, bool has_committed, const options& o) {
    if (how == rf::outcome::refused || how == rf::outcome::complete) return {};
    if (o.engine == copy_engine::legacy) return "; --engine legacy keeps no checkpoint, so a new run starts over";
    const std::string when = first == first_step::fix ? " when that is fixed" : "";
    const bool is_same = first != first_step::choose_options;
    const std::string run = is_same ? "; run the same command again" : "; then run the command again";
    if (ends_snapshot(has_committed, o)) {
        const std::string command =
            is_same && o.truncate_target ? "run the same command again" : "run the command again";
        return "; the snapshot ended with this run: " + command + (o.truncate_target ? "" : " with --truncate-target") +
               when + ", to copy everything as of one point in time";
    }
    if (!has_committed || (!o.truncate_target && o.resume)) return run + " to continue" + when;
    const char* option = o.truncate_target ? "--truncate-target" : "--no-resume";
    if (o.tables.size() == 1) return fmt::format("{} without {} to continue{}", run, option, when);
    return fmt::format(
        "; to continue{}, run the command without {} for this table, and with it for those that were not "
        "started",
        when, option);
}

} // namespace

std::string sentence(const rf::error& e, const options& wanted) {
    return rf::one_line(to_string(e, wanted.mode == copy_mode::full ? for_full_copy : for_incremental_copy));
}

std::string sentence(const rf::error& e, rf::outcome how, bool has_committed, const options& wanted) {
    const char* signal = stop_signal();
    if (how == rf::outcome::interrupted && signal != nullptr) {
        return fmt::format("stopped by {}", signal) + how_to_go_on(how, first_step::none, has_committed, wanted);
    }
    const bool has_new_snapshot = ends_snapshot(has_committed, wanted);
    // A new snapshot starts over by itself.
    const bool by_itself = has_new_snapshot ? rf::is_retryable(e.fault) : rf::is_retryable(e);
    const first_step first = by_itself                               ? first_step::none
                             : e.offers(rf::remedy::smaller_batches) ? first_step::choose_options
                                                                     : first_step::fix;
    std::string next = how_to_go_on(how, first, has_committed, wanted);
    const bool is_resumed = wanted.engine != copy_engine::legacy && !has_new_snapshot;
    // A run that has to start over does not continue; else the exact command says more than the remedy.
    if (is_resumed && std::any_of(e.remedies.begin(), e.remedies.end(), starts_over)) next.clear();
    // The other run goes on with this run's work, and would be stopped by the same command.
    if (e.cause == rf::cause::taken_over && !next.empty()) next = "; let the other run end first";
    if (next.empty() && e.offers(rf::remedy::run_again) && !rf::is_retryable(e)) {
        next = "; run the same command again when that is fixed";
    }
    rf::error shown = e;
    std::erase_if(shown.remedies, [&](const rf::remedy& r) {
        return !next.empty() && (r.what == rf::remedy::run_again || (has_new_snapshot && starts_over(r)));
    });
    // Where no checkpoint tells the next run what became of it, it has to be said.
    const bool is_told = !rf::is_retryable(e) || can_run_again(e, has_committed, wanted);
    if (!is_told && e.has_change(rf::change::tried_commit)) {
        next.insert(0, "; " + to_string(rf::change{rf::change::tried_commit, {}}));
    }
    return sentence(shown, wanted) + next;
}

std::string sentence(const rf::report& r, const options& wanted) {
    const std::string text = sentence(r.failure.value_or(rf::error{}), r.outcome, rf::may_have_committed(r), wanted);
    if (r.outcome != rf::outcome::interrupted) return text;
    return fmt::format("table {}, after {}: {}", rf::one_line(r.table), rf::counted(r.rows, "row", "rows"), text);
}

std::string sentence(const rf::verification& v, const options& wanted) {
    const std::string table = "table " + rf::one_line(v.table) + ": ";
    if (v.verdict == rf::verdict::interrupted && stop_signal() != nullptr) {
        return fmt::format("{}the comparison was stopped by {}", table, stop_signal());
    }
    if (v.failure) return table + sentence(*v.failure, wanted);
    if (v.differs_as_a_whole) {
        return fmt::format("{}source and target differ: {} and {}, compared as a whole", table,
                           rf::counted(v.source_rows, "row", "rows"), rf::counted(v.target_rows, "row", "rows"));
    }
    if (v.verdict == rf::verdict::undecided) {
        return fmt::format("{}whether source and target are equal could not be told: {} differed at each look, "
                           "differently each time: verify it again while no client writes, or give both tables a key",
                           table,
                           v.undecided.count > 0 ? rf::counted(v.undecided.count, "row", "rows")
                           : v.named ? rf::counted(v.undecided_ranges, "range of the key", "ranges of the key")
                                     : "the table as a whole");
    }
    if (v.found() == 0) {
        return fmt::format("{}source and target differ in {} in which no row differs by its key: the key is not unique",
                           table, rf::counted(v.unnamed_ranges, "range of the key", "ranges of the key"));
    }
    const std::uint64_t left = v.left();
    const char* remedy = wanted.what == task::verify || wanted.repair ? "" : "; --repair copies exactly these again";
    const char* next = is_blocked(v) ? "; fix what refuses them, and repair again" : remedy;
    return fmt::format("{}source and target differ in {} ({} missing, {} extra, {} changed){}{}", table,
                       rf::counted(v.found(), "row", "rows"), v.missing.count, v.extra.count, v.changed.count,
                       left == v.found() ? "" : fmt::format(", of which {} left", left), next);
}

} // namespace tool
