// SPDX-License-Identifier: BSL-1.0
// What a person can do about an error, and why an operation failed where its fault does not say enough: typed values, which
// each audience renders in its own words.
#ifndef ROWFERRY_REMEDY_HPP
#define ROWFERRY_REMEDY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// One thing that a person can do about an error: an action, and what it is about.
///
/// `remedy{remedy::choose_write_mode, "", "upsert or replace"}`. Tests ask `error::offers(remedy::choose_write_mode)`.
struct remedy {
    /// What to do. Each action says in its comment what `subject` and `choice` hold; both are empty where it says nothing.
    /// Unscoped, so that `remedy::empty_target` names one: g++ 12 breaks on `using enum` in templates.
    enum action : std::uint8_t {
        empty_target,          ///< empty the target table
        start_over,            ///< start over without resuming; `choice`: "onto the existing rows", or empty
        start_over_into_empty, ///< empty the target table, and start over without resuming
        run_again,             ///< run the same copy again
        leave_snapshot,        ///< copy without one snapshot
        choose_write_mode,     ///< `choice`: the modes that would do, as "upsert or replace"
        choose_write_way,      ///< `choice`: the ways that would do, as "array or multi-row"
        allow_keyless,         ///< copy the table in one pass in one transaction
        accept_triggers,       ///< copy although triggers of the target may change rows
        create_target,         ///< have the copy create the missing table
        map_collation,         ///< `subject`: the source's collation; `choice`: one that the target has, or empty
        map_type,              ///< `subject`: the source's type; `choice`: one that the target has, or empty
        map_engine,            ///< `subject`: the source's engine; `choice`: one that the target has, or empty
        leave_out,             ///< `choice`: one of `optional_features`
        create_by_hand,        ///< create the table in the target first
        use_tls,               ///< use verified TLS; `choice`: the mode, or empty
        name_server_key,       ///< name the file of the server's public key
        change_account,        ///< `choice`: the authentication plugin that the account can use instead
        say_one_server,        ///< declare that both addresses lead to one server
        check_proxy,           ///< connect to the server itself, not through a proxy
        stop_when_lost,        ///< let the copy stop when its snapshot is lost
        change_engine,         ///< alter the table to an engine with transactions
        drop_triggers,         ///< drop the target's triggers before the copy or repair
        drop_index,            ///< `subject`: the index of the target table
        change_setting,        ///< `subject`: a setting of the server; `choice`: its value
        set_time_zone,         ///< connect both ends in the time zone `choice`; where it is empty, in one that does
        copy_again,            ///< copy the table again; `choice`: the write mode
        allow_more_time,       ///< let a statement take longer; `choice`: how long it may take now, as "120 s"
        accept_other_servers,  ///< declare that all servers that answer under the name hold the same data
        smaller_batches,       ///< let a batch hold less, so that it fits into memory
        alter_source, ///< alter the source's table; `subject`: what of it, as "column c"; `choice`: to what, or empty
        compute_leniently, ///< let the target compute as without strict mode
        name_certificate,  ///< name the files of the client's certificate and of its key
        name_source        ///< call the source by the name `choice`, under which an earlier copy is known
    };

    action what = action::run_again;
    std::string subject = {};
    std::string choice = {};

    friend bool operator==(const remedy&, const remedy&) = default;
};

/// A remedy in the library's words: it names members and policies, as a programmer sets them.
/// No option of a command or URI: who offers those renders a remedy itself.
inline std::string to_string(const remedy& r) {
    const auto map = [&r](std::string_view member) {
        return "map it with " + std::string(member) + (r.choice.empty() ? "" : ", as " + r.subject + " to " + r.choice);
    };
    switch (r.what) {
    case remedy::empty_target: return "empty the target table";
    case remedy::start_over: return "start over without resuming" + (r.choice.empty() ? "" : ", " + r.choice);
    case remedy::start_over_into_empty: return "empty the target table and start over without resuming";
    case remedy::run_again: return "run the copy again";
    case remedy::leave_snapshot: return "copy without one snapshot";
    case remedy::choose_write_mode: return "choose the write mode " + r.choice;
    case remedy::choose_write_way: return "choose the write method " + r.choice;
    case remedy::allow_keyless: return "set copy_request::keyless";
    case remedy::accept_triggers: return "set copy_request::accept_triggers";
    case remedy::create_target: return "set copy_request::create_target";
    case remedy::map_collation: return map("definition_changes::collations");
    case remedy::map_type: return map("definition_changes::types");
    case remedy::map_engine: return map("definition_changes::engines");
    case remedy::leave_out: return "leave it out with definition_changes::leave_out, \"" + r.choice + "\"";
    case remedy::create_by_hand: return "create the table in the target first";
    case remedy::use_tls: return "use TLS that verifies the server" + (r.choice.empty() ? "" : ", as " + r.choice);
    case remedy::name_server_key: return "name the file of the server's public key";
    case remedy::change_account: return "let the account authenticate by " + r.choice;
    case remedy::say_one_server: return "set copy_request::one_server";
    case remedy::check_proxy: return "connect to the server itself instead of a proxy";
    case remedy::stop_when_lost: return "let the copy stop when its snapshot is lost";
    case remedy::change_engine: return "alter the table to an engine with transactions";
    case remedy::drop_triggers: return "drop the triggers first";
    case remedy::drop_index: return "drop the index " + r.subject;
    case remedy::set_time_zone:
        return "connect both ends in " +
               (r.choice.empty() ? "a time zone with a fixed offset" : "the time zone " + r.choice);
    case remedy::copy_again: return "copy the table again with write mode " + r.choice;
    case remedy::allow_more_time: return "allow more than " + r.choice + " for an answer";
    case remedy::accept_other_servers: return "set same_server to false if all servers of that name hold the same data";
    case remedy::smaller_batches: return "let a batch hold less";
    case remedy::alter_source:
        return "alter " + r.subject + " in the source" + (r.choice.empty() ? "" : " to " + r.choice);
    case remedy::compute_leniently: return "set copy_request::computes to strictness::lenient";
    case remedy::name_certificate: return "name the files of the client's certificate and key";
    case remedy::name_source: return "set copy_request::source_name to " + r.choice + " to continue it";
    case remedy::change_setting: return "set the server's " + r.subject + " to " + r.choice;
    }
    return {};
}

/// How many actions there are.
inline constexpr std::size_t action_count = 34;

/// The action's name, as it stands in code and reports.
constexpr std::string_view name(remedy::action a) {
    constexpr std::array<std::string_view, action_count> names{"empty_target",
                                                               "start_over",
                                                               "start_over_into_empty",
                                                               "run_again",
                                                               "leave_snapshot",
                                                               "choose_write_mode",
                                                               "choose_write_way",
                                                               "allow_keyless",
                                                               "accept_triggers",
                                                               "create_target",
                                                               "map_collation",
                                                               "map_type",
                                                               "map_engine",
                                                               "leave_out",
                                                               "create_by_hand",
                                                               "use_tls",
                                                               "name_server_key",
                                                               "change_account",
                                                               "say_one_server",
                                                               "check_proxy",
                                                               "stop_when_lost",
                                                               "change_engine",
                                                               "drop_triggers",
                                                               "drop_index",
                                                               "change_setting",
                                                               "set_time_zone",
                                                               "copy_again",
                                                               "allow_more_time",
                                                               "accept_other_servers",
                                                               "smaller_batches",
                                                               "alter_source",
                                                               "compute_leniently",
                                                               "name_certificate",
                                                               "name_source"};
    return names[static_cast<std::size_t>(a)];
}

/// Why an operation failed, where the engine or a program must know more than the fault.
enum class cause : std::uint8_t {
    unspecified,         ///< the fault says it all
    no_more_connections, ///< the server runs, and has no further connection: too many in all, or of this user
    definition_changed,  ///< the table's definition changed while it was copied
    missing_privilege,   ///< the user may not do this
    another_server,      ///< another server, or another session, answered than the one that was expected
    senseless_answer,    ///< the server's answer cannot be one to what was asked: a broken proxy, or a hostile server
    unsafe_credentials,  ///< the password would have gone out in a way that others can read or reuse
    interrupted,         ///< a stop request ended the wait for an answer
    too_slow,            ///< the wait for an answer took longer than its time limit
    missing_table,       ///< there is no table of that name, or none any more
    table_replaced,      ///< another table has its name since the run began, or it was truncated or dropped
    lost_batches,        ///< the target no longer holds batches that it had committed
    taken_over,          ///< another run owns the job's checkpoint, or has removed it
    not_begun,           ///< the table was not started, because something else failed first
    not_transformed,     ///< the transformation of a source's rows threw an exception, or changed a key
    out_of_memory        ///< this process lacks the memory for the rows
};

/// How many causes there are.
inline constexpr std::size_t cause_count = 16;

/// The cause's name, as it stands in code and reports.
constexpr std::string_view name(cause c) {
    constexpr std::array<std::string_view, cause_count> names{
        "unspecified",    "no_more_connections", "definition_changed", "missing_privilege",
        "another_server", "senseless_answer",    "unsafe_credentials", "interrupted",
        "too_slow",       "missing_table",       "table_replaced",     "lost_batches",
        "taken_over",     "not_begun",           "not_transformed",    "out_of_memory"};
    return names[static_cast<std::size_t>(c)];
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
