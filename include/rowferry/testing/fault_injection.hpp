// SPDX-License-Identifier: BSL-1.0
// What happens to a fake database, by a script or now: faults, outages, crashes, kills, limits, and costs in time.
#ifndef ROWFERRY_TESTING_FAULT_INJECTION_HPP
#define ROWFERRY_TESTING_FAULT_INJECTION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/testing/manual_timing.hpp>
#include <rowferry/timing.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// The part of `fake_database` that makes calls fail, slow, or meet other clients.
class fault_injection {
public:
    /// Call number `call` fails. Every operation on any connection of this database is one call, counted from 1.
    void fail_at(std::uint64_t call, fault f, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.at(call, failure(f, moment));
    }
    /// All calls from `first` to `last` fail.
    void fail_between(std::uint64_t first, std::uint64_t last, fault f, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.between(first, last, failure(f, moment));
    }
    /// Every `n`-th call fails.
    void fail_every(std::uint64_t n, fault f, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.every(n, failure(f, moment));
    }
    /// The next call of this operation fails; asked for twice, the next two fail.
    void fail_next(operation op, fault f, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.next(op, failure(f, moment));
    }
    /// At this call the server loses power, and is back when `length` has passed on the manual clock. Until then
    /// connecting fails with 2003.
    void outage_at(std::uint64_t call, duration length, const manual_timing& timing, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.at(call, {incident::kind::outage, fault::connection_lost, moment, length, timing});
    }
    /// At this call the server says nothing until `length` has passed on the manual clock, and answers then as if nothing
    /// had been; `when::after` does the work first. A client that stops waiting loses the connection.
    void silence_at(std::uint64_t call, duration length, const manual_timing& timing, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.at(call, {incident::kind::silence, fault::connection_lost, moment, length, timing});
    }
    /// At this call the client is killed: `crashed` is thrown through the code under test, its connections to this
    /// database are cut, and what it had not committed is lost.
    void crash_at(std::uint64_t call, when moment = when::before) {
        const auto guard = schema_->lock();
        schema_->script.at(call, {incident::kind::crash, fault::connection_lost, moment, {}, std::nullopt});
    }
    /// The next `count` calls of begin, commit or rollback are answered as done, and the server never sees them, as with a
    /// broken proxy. The status of the answer is the server's own, and says so.
    void swallow_next(operation op, unsigned count = 1) {
        const auto guard = schema_->lock();
        schema_->swallowed[op] = count;
    }
    /// The next `count` commits are answered as done, with a status that fits, and rolled back.
    void undo_next_commits(unsigned count = 1) {
        const auto guard = schema_->lock();
        schema_->undone_commits = count;
    }
    /// Runs `action` when this call arrives, before anything of it is done: what other clients do meanwhile.
    void at_call(std::uint64_t call, std::function<void()> action) {
        const auto guard = schema_->lock();
        schema_->actions.emplace_back(call, std::move(action));
    }
    /// Forgets all faults that are still to come.
    void clear_faults() {
        const auto guard = schema_->lock();
        schema_->script.clear();
        schema_->actions.clear();
        schema_->swallowed.clear();
        schema_->undone_commits = 0;
    }

    /// Cuts all connections to this database now, as KILL does.
    void kill_connections() {
        const auto guard = schema_->lock();
        schema_->kill_all();
    }
    /// Ends all snapshots now, without a word to those who read from them, as a server does that rolls back.
    void end_snapshots() {
        const auto guard = schema_->lock();
        for (const auto& s : schema_->sessions) s->end_snapshot();
    }
    /// Ends all transactions now, undone, without a word to those who began them.
    void end_transactions() {
        const auto guard = schema_->lock();
        for (const auto& s : schema_->sessions) s->open.reset();
    }
    /// Loses power now; connecting fails until `start`.
    void stop() {
        const auto guard = schema_->lock();
        schema_->server->stopped = true;
        cut_power(*schema_->server);
    }
    void start() {
        const auto guard = schema_->lock();
        schema_->server->stopped = false;
        schema_->server->clock.reset();
    }
    /// Lets the server notice now which clients are gone: what `when::late` left open is committed or rolled back.
    void settle() {
        const auto guard = schema_->lock();
        schema_->settle_all();
    }
    /// Refuses every write with 1290, as the old primary does after a failover.
    void set_read_only(bool read_only) {
        const auto guard = schema_->lock();
        schema_->read_only = read_only;
    }
    /// Says that the user lacks these rights, as "DELETE on checkpoints": a copy that asks is refused. Empty: none.
    void set_missing_rights(std::string rights) {
        const auto guard = schema_->lock();
        schema_->missing_rights = std::move(rights);
    }
    /// Says that no definition may name this collation here, as on a server of another product.
    void set_unknown_collation(std::string collation) {
        const auto guard = schema_->lock();
        schema_->unknown_collations.insert(std::move(collation));
    }
    /// Refuses the definition of a table that is to be created for this one of the source, as a server does that finds in it what
    /// no plan can know.
    void refuse_definition(std::string table) {
        const auto guard = schema_->lock();
        schema_->refused_definitions.insert(std::move(table));
    }
    /// Says that the user may not drop tables, so that no definition is tried.
    void refuse_trials() {
        const auto guard = schema_->lock();
        schema_->may_try = false;
    }
    /// Refuses to drop a table that was created for a trial: it stays.
    void keep_trials(fault f) {
        const auto guard = schema_->lock();
        schema_->refused_drop = f;
    }
    /// Refuses a row of more bytes with 1153; 0 is no limit.
    void set_max_row_bytes(std::uint64_t bytes) {
        const auto guard = schema_->lock();
        schema_->max_packet_bytes = bytes;
    }
    /// Refuses a write that makes its transaction larger with 1197; 0 is no limit.
    void set_max_transaction_bytes(std::uint64_t bytes) {
        const auto guard = schema_->lock();
        schema_->max_transaction_bytes = bytes;
    }
    /// Cuts connections that were idle for longer than `limit` on the manual clock; they notice when they are used.
    void set_idle_limit(duration limit, const manual_timing& timing) {
        const auto guard = schema_->lock();
        schema_->idle_limit = limit;
        schema_->idle_clock = timing;
        for (const auto& s : schema_->sessions) s->last_use = timing.now();
    }
    /// Makes each call, and each row in it, take time on the manual clock.
    void set_cost(duration per_call, duration per_row, const manual_timing& timing) {
        const auto guard = schema_->lock();
        schema_->cost_per_call = per_call;
        schema_->cost_per_row = per_row;
        schema_->work_clock = timing;
    }

protected:
    explicit fault_injection(std::shared_ptr<fake_schema> schema) : schema_(std::move(schema)) {}

private:
    static incident failure(fault f, when moment) { return {incident::kind::failure, f, moment, {}, std::nullopt}; }

    std::shared_ptr<fake_schema> schema_;
};

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
