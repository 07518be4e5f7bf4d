// SPDX-License-Identifier: BSL-1.0
// The server behind fake databases: sessions and their transactions, locks that are waited for, and power failures.
#ifndef ROWFERRY_TESTING_FAKE_SERVER_HPP
#define ROWFERRY_TESTING_FAKE_SERVER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/checkpoint.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/manual_timing.hpp>
#include <rowferry/testing/row_writer.hpp>
#include <rowferry/timing.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/wait_limit.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// What a transaction holds until it ends: rows, and checkpoints (none: forgotten).
struct transaction {
    std::map<std::string, table_changes, std::less<>> tables;
    std::map<std::string, std::optional<checkpoint>, std::less<>> checkpoints;

    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& [name, changes] : tables) sum += changes.bytes;
        return sum;
    }
};

/// The server's end of one connection.
struct session {
    bool alive = true;         ///< the client can still use it
    bool commits_late = false; ///< the client is gone, and its commit will happen when another session waits for it
    std::optional<transaction> open = {};
    bool begun = false;                                      ///< as the client believes
    std::map<std::string, fake_table, std::less<>> snapshot; // tables as they were when it was opened
    bool in_snapshot = false;                                // else reads see what is committed now
    std::optional<rows_checksum> answer = {};                ///< asked for, and not yet given
    time_point last_use{};
    std::string name = {}; ///< in its database
    wait_limit limit;      ///< what ends its waits

    void end_snapshot() {
        snapshot.clear();
        in_snapshot = false;
    }
};

struct fake_schema;

/// One server: what several databases on it share.
struct fake_server {
    std::mutex mutex;
    std::uint64_t number = 0;
    std::vector<std::weak_ptr<fake_schema>> schemas = {};
    bool stopped = false;
    std::optional<manual_timing> clock = {}; ///< of the outage under way
    time_point back_at{};
    std::uint64_t starts = 0;

    /// Whether it refuses connections now.
    [[nodiscard]] bool is_down() const { return stopped || (clock && clock->now() < back_at); }
};

/// One database of a server. Everything in it is guarded by the server's mutex.
struct fake_schema {
    std::shared_ptr<fake_server> server;
    std::string name = {};
    std::shared_ptr<fake_schema> leads_to;       ///< where fresh connections lead instead
    std::string address = {};                    ///< as the connector names the server; empty: by its number
    std::optional<bool> forged_same_server = {}; ///< what it answers as a source, where that is forged
    std::map<std::string, std::unique_ptr<fake_table>, std::less<>> tables;
    std::map<std::string, checkpoint, std::less<>> checkpoints;
    std::vector<std::shared_ptr<session>> sessions = {};
    std::map<std::pair<std::string, std::string>, row_filter> filters;        ///< by table and text
    std::vector<std::pair<std::string, std::function<void()>>> altering = {}; ///< by table: what waits for transactions

    fault_script script;
    std::map<operation, unsigned> swallowed; ///< how many of the next ones are answered as done, and not done
    unsigned undone_commits = 0;             ///< how many of the next ones are answered as done, and rolled back
    std::vector<std::pair<std::uint64_t, std::function<void()>>> actions = {};
    std::uint64_t calls = 0;
    std::uint64_t opened = 0;
    std::vector<std::string> ended = {}; ///< sessions that later connections have ended, by their names
    std::uint64_t snapshots = 0;
    std::vector<std::string_view> log = {};

    bool read_only = false;
    bool tells_storage = false;                             ///< whether `incarnation` says what holds a table's rows,
    bool tells_created = false;                             ///< and when its definition was written
    std::string missing_rights = {};                        ///< what the user may not do, as `check_rights` finds out
    std::set<std::string, std::less<>> unknown_collations;  ///< that a definition must not name
    std::set<std::string, std::less<>> refused_definitions; ///< of tables that cannot be created
    bool may_try = true;                                    ///< whether the user may drop what is created for a trial
    std::optional<fault> refused_drop = {};                 ///< how the server refuses to drop it, once it was created
    std::uint64_t max_transaction_bytes = 0;
    std::uint64_t max_packet_bytes = 0;
    std::optional<manual_timing> work_clock = {}; ///< what each call and row costs, if anything
    duration cost_per_call{};
    duration cost_per_row{};
    std::string utc_time = "2026-01-01 00:00:00";    ///< what its clock says, always
    result<std::string> replica_log = std::string(); ///< what it says of the log for its replicas
    std::optional<manual_timing> idle_clock = {};
    duration idle_limit{};

    /// Whether this call is answered as done, and not done.
    bool swallows(operation op) {
        const auto left = swallowed.find(op);
        if (left == swallowed.end() || left->second == 0) return false;
        --left->second;
        return true;
    }

    [[nodiscard]] fake_table* find(std::string_view table) {
        const auto found = tables.find(table);
        return found == tables.end() ? nullptr : found->second.get();
    }

    /// Keeps the server to this caller for a while.
    [[nodiscard]] std::unique_lock<std::mutex> lock() const { return std::unique_lock(server->mutex); }

    /// What a filter's text means; null for no filter. A text that no test has defined is a syntax error.
    [[nodiscard]] result<const row_filter*> find_filter(const std::string& table, const std::string& text) const {
        if (text.empty()) return static_cast<const row_filter*>(nullptr);
        const auto found = filters.find({table, text});
        if (found != filters.end()) return &found->second;
        return server_error(1064, "42000", "You have an error in your SQL syntax");
    }

    /// Alters the table as soon as no open transaction has written to it: a server keeps it locked until then.
    void alter(const std::string& table, std::function<void()> change) {
        altering.emplace_back(table, std::move(change));
        run_alterations();
    }
    void run_alterations() {
        auto is_written = [this](const std::string& table) {
            for (const auto& s : sessions) {
                if (!s->open) continue;
                const auto changes = s->open->tables.find(table);
                if (changes != s->open->tables.end() && !changes->second.empty()) return true;
            }
            return false;
        };
        for (std::size_t i = 0; i < altering.size();) {
            if (is_written(altering[i].first)) {
                ++i;
                continue;
            }
            const auto due = std::move(altering[i].second);
            altering.erase(altering.begin() + static_cast<std::ptrdiff_t>(i));
            due();
        }
    }

    /// Makes a transaction's changes permanent.
    void commit(transaction& t) {
        for (auto& [table_name, changes] : t.tables) {
            if (fake_table* table = find(table_name)) table->apply(changes.rows);
        }
        for (auto& [job, entry] : t.checkpoints) {
            if (entry) {
                checkpoints.insert_or_assign(job, std::move(*entry));
            } else {
                checkpoints.erase(job);
            }
        }
    }
    /// Ends a session whose client is gone but whom the server had not noticed yet.
    void settle(session& s) {
        if (s.alive || !s.open) return;
        if (s.commits_late) commit(*s.open);
        s.open.reset();
    }
    void settle_all() {
        for (const auto& s : sessions) settle(*s);
    }
    /// Closes a session from the client's end. One that the server has not missed yet stays until it is waited for.
    void close(session& s) {
        if (s.alive) s.open.reset();
        s.alive = false;
        std::erase_if(sessions, [](const auto& each) { return !each->alive && !each->open; });
    }
    void kill_all() {
        for (const auto& s : sessions) {
            s->alive = false;
            s->open.reset();
        }
        sessions.clear();
    }
    /// The changes that others hold in a table; waits for those whose client is gone, if they hold any there.
    std::vector<const table_changes*> changes_of_others(const session* self, std::string_view table) {
        std::vector<const table_changes*> found = {};
        for (const auto& s : sessions) {
            if (s.get() == self || !s->open) continue;
            const auto changes = s->open->tables.find(table);
            if (changes == s->open->tables.end() || changes->second.empty()) continue;
            if (s->alive) {
                found.push_back(&changes->second);
            } else {
                settle(*s);
            }
        }
        return found;
    }
    /// Waits for whoever else is writing a checkpoint; an error when that is an open transaction of a living client.
    result<void> wait_for_checkpoint(const session* self, std::string_view job) {
        for (const auto& s : sessions) {
            if (s.get() == self || !s->open || !s->open->checkpoints.contains(job)) continue;
            if (s->alive) return server_error(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction");
            settle(*s);
        }
        return {};
    }
};

inline error no_such_table(const fake_schema& db, std::string_view table) {
    return server_error(1146, "42S02", "Table '" + db.name + "." + std::string(table) + "' doesn't exist");
}
/// The table of that name; throws `copy_error` when there is none.
inline fake_table& existing(fake_schema& db, std::string_view table) {
    fake_table* found = db.find(table);
    if (found == nullptr) throw copy_error(no_such_table(db, table));
    return *found;
}

/// All connections to the server are cut, and what was not committed is gone, as after a SIGKILL of the server.
inline void cut_power(fake_server& server) {
    ++server.starts;
    for (const auto& weak : server.schemas) {
        if (const auto schema = weak.lock()) schema->kill_all();
    }
}

inline std::shared_ptr<fake_server> make_server() {
    static std::atomic<std::uint64_t> count{0};
    auto server = std::make_shared<fake_server>();
    server->number = ++count;
    return server;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
