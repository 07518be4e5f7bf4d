// SPDX-License-Identifier: BSL-1.0
// What goes wrong in a fake database, and when: faults by position or by operation, before or after the effect.
#ifndef ROWFERRY_TESTING_FAULT_SCRIPT_HPP
#define ROWFERRY_TESTING_FAULT_SCRIPT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/manual_timing.hpp>
#include <rowferry/timing.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {

/// What a connection of the double can be asked to do. Each call of one of these counts, from 1.
enum class operation : std::uint8_t {
    connect,
    ping,
    describe,
    read,
    is_empty,
    begin,
    write,
    commit,
    rollback,
    claim_checkpoint,
    load_checkpoint,
    save_checkpoint,
    forget_checkpoints,
    forget_checkpoint,
    count,
    maximum,
    truncate,
    tables,
    is_same_server,
    copy_page,
    check_filter,
    open_snapshot,
    list_checkpoints,
    drop_checkpoint,
    ask_checksum,
    checksum,
    digests,
    find_rows,
    remove_rows,
    estimate,
    definition,
    adapt,
    create_table,
    stream, ///< one call for each slice, and one for the end
    try_table
};

/// The operation's name, as it stands in `fake_database::log()`.
constexpr std::string_view name(operation op) {
    constexpr std::array<std::string_view, 35> names{"connect",
                                                     "ping",
                                                     "describe",
                                                     "read",
                                                     "is_empty",
                                                     "begin",
                                                     "write",
                                                     "commit",
                                                     "rollback",
                                                     "claim_checkpoint",
                                                     "load_checkpoint",
                                                     "save_checkpoint",
                                                     "forget_checkpoints",
                                                     "forget_checkpoint",
                                                     "count",
                                                     "maximum",
                                                     "truncate",
                                                     "tables",
                                                     "is_same_server",
                                                     "copy_page",
                                                     "check_filter",
                                                     "open_snapshot",
                                                     "list_checkpoints",
                                                     "drop_checkpoint",
                                                     "ask_checksum",
                                                     "checksum",
                                                     "digests",
                                                     "find_rows",
                                                     "remove_rows",
                                                     "estimate",
                                                     "definition",
                                                     "adapt",
                                                     "create_table",
                                                     "stream",
                                                     "try_table"};
    return names[static_cast<std::size_t>(op)];
}

/// The operation in words, as it stands in `error::operation` of the real client too.
constexpr std::string_view in_words(operation op) {
    switch (op) {
    case operation::is_empty: return "check for rows";
    case operation::claim_checkpoint: return "claim checkpoint";
    case operation::load_checkpoint: return "load checkpoint";
    case operation::save_checkpoint: return "save checkpoint";
    case operation::forget_checkpoints: return "forget checkpoints";
    case operation::forget_checkpoint: return "forget checkpoint";
    case operation::maximum: return "find maximum";
    case operation::tables: return "list tables";
    case operation::is_same_server: return "compare servers";
    case operation::copy_page: return "copy page";
    case operation::check_filter: return "check filter";
    case operation::open_snapshot: return "open snapshot";
    case operation::list_checkpoints: return "list checkpoints";
    case operation::drop_checkpoint: return "drop checkpoint";
    case operation::ask_checksum: return "checksum";
    case operation::find_rows: return "find rows";
    case operation::remove_rows: return "remove rows";
    case operation::definition: return "show definition";
    case operation::adapt: return "adapt definition";
    case operation::create_table: return "create table";
    case operation::try_table: return "try table";
    default: return name(op);
    }
}

/// When a fault strikes. It matters for `connection_lost`, `unreachable` on an established connection, and a crash; a
/// statement that fails with any other fault is undone by the server, so that before and after are the same.
enum class when : std::uint8_t {
    before, ///< the server never saw the call
    after,  ///< the server did the work, and the reply was lost: a commit happened
    late    ///< the client is cut off, but the server works on: an open transaction stays until somebody waits for its
            ///< rows or its checkpoint, and only then a commit takes effect (anything else is rolled back)
};

/// Thrown through the code under test by `fake_database::crash_at`, as a SIGKILL of the client would end it. It is no
/// `std::exception`, so that a handler for those does not swallow it.
struct crashed {
    std::uint64_t call = 0; ///< the call at which the client died
};

/// The error that a server or client library gives for this fault in this operation, with its errno and SQLSTATE.
inline error make_error(fault f, operation op) {
    struct answer {
        unsigned code;
        std::string_view sqlstate = {};
        std::string_view text = {};
    };
    const bool writes = op == operation::write || op == operation::copy_page || op == operation::save_checkpoint ||
                        op == operation::claim_checkpoint || op == operation::drop_checkpoint ||
                        op == operation::remove_rows || op == operation::commit;
    auto choose = [&]() -> answer {
        switch (f) {
        case fault::transient: return {1205, "HY000", "Lock wait timeout exceeded; try restarting transaction"};
        case fault::rolled_back:
            return {1213, "40001", "Deadlock found when trying to get lock; try restarting transaction"};
        case fault::connection_lost: return {2013, "HY000", "Lost connection to server during query"};
        case fault::unreachable:
            if (op == operation::connect) return {2003, "HY000", "Can't connect to server on 'fake' (111)"};
            return {1047, "08S01", "WSREP has not yet prepared node for application use"};
        case fault::overloaded:
            if (writes) return {1114, "HY000", "The table is full"};
            if (op == operation::connect) return {1041, "HY000", "Out of memory."};
            return {1038, "HY001", "Out of sort memory, consider increasing server sort buffer size"};
        case fault::batch_too_large:
            if (op == operation::commit) {
                return {1197, "HY000", "Multi-statement transaction required more than 'max_binlog_cache_size' bytes"};
            }
            return {1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes"};
        case fault::read_only:
            return {1290, "HY000",
                    "The server is running with the --read-only option so it cannot execute this statement"};
        case fault::data: return {1366, "HY000", "Incorrect value for a column"};
        case fault::permanent: break;
        }
        return {1142, "42000", "Command denied to user"};
    };
    const answer a = choose();
    error e;
    e.fault = f;
    e.code = a.code;
    e.cause = cause_of(a.code);
    e.sqlstate = a.sqlstate;
    e.server_message = a.text;
    e.operation = in_words(op);
    return e;
}

namespace detail {

/// What is to happen at one call.
struct incident {
    enum class kind : std::uint8_t { failure, outage, crash, silence };
    kind what = kind::failure;
    rowferry::fault fault = rowferry::fault::connection_lost;
    when moment = when::before;
    duration length{};                       // of an outage or a silence
    std::optional<manual_timing> clock = {}; // that its length is measured by
};

/// A list of incidents with their triggers; the first that matches a call happens.
class fault_script {
public:
    void at(std::uint64_t call, incident what) { entries_.push_back({call, call, 1, std::nullopt, what}); }
    void between(std::uint64_t first, std::uint64_t last, incident what) {
        entries_.push_back({first, last, 1, std::nullopt, what});
    }
    void every(std::uint64_t nth, incident what) {
        entries_.push_back({nth, ~std::uint64_t{0}, nth == 0 ? 1 : nth, std::nullopt, what});
    }
    void next(operation op, incident what) { entries_.push_back({1, ~std::uint64_t{0}, 1, op, what}); }
    void clear() { entries_.clear(); }

    /// What happens at this call, if anything; an entry for the next call of an operation is used up by it.
    std::optional<incident> take(std::uint64_t call, operation op) {
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const entry e = entries_[i];
            if (call < e.first || call > e.last || (call - e.first) % e.step != 0) continue;
            if (e.only && *e.only != op) continue;
            if (e.only) entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
            return e.what;
        }
        return std::nullopt;
    }

private:
    struct entry {
        std::uint64_t first;
        std::uint64_t last;
        std::uint64_t step;
        std::optional<operation> only = {}; // the next call of this operation, once
        incident what;
    };
    std::vector<entry> entries_;
};

} // namespace detail

} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
