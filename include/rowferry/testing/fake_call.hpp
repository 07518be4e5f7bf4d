// SPDX-License-Identifier: BSL-1.0
// One call to the double, from its count to its answer: where scripted faults strike.
#ifndef ROWFERRY_TESTING_FAKE_CALL_HPP
#define ROWFERRY_TESTING_FAKE_CALL_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/fault_script.hpp>
#include <rowferry/wait_limit.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// Whether a fault on an established connection ends it.
inline bool cuts(const incident& what) {
    return what.what == incident::kind::failure && what.fault == fault::connection_lost;
}

/// Counts the call, runs the actions that wait for it (without the lock), and says what is to happen.
inline std::optional<incident> begin_call(fake_schema& db, std::unique_lock<std::mutex>& lock, operation op) {
    const std::uint64_t call = ++db.calls;
    db.log.push_back(name(op));
    std::vector<std::function<void()>> due;
    std::erase_if(db.actions, [&](auto& action) {
        if (action.first != call) return false;
        due.push_back(std::move(action.second));
        return true;
    });
    if (!due.empty()) {
        lock.unlock();
        for (const auto& action : due) action();
        lock.lock();
    }
    return db.script.take(call, op);
}

/// The client dies: its connections to this database are cut.
[[noreturn]] inline void crash(fake_schema& db, when moment, session* caller) {
    if (caller != nullptr && moment == when::late) caller->alive = false;
    const std::vector<std::shared_ptr<session>> all = db.sessions;
    for (const auto& s : all) db.close(*s);
    throw crashed{db.calls};
}

inline void start_outage(fake_schema& db, const incident& what) {
    cut_power(*db.server);
    db.server->clock = what.clock;
    if (what.clock) db.server->back_at = what.clock->now() + what.length;
}

/// What the fault leaves behind when the call did nothing, or when its work is done and the reply does not come.
inline void leave_state(session& s, const incident& what, operation op) {
    if (cuts(what)) {
        s.alive = false;
        s.commits_late = what.moment == when::late && op == operation::commit;
        if (what.moment != when::late) s.open.reset();
    } else if (what.fault == fault::rolled_back) {
        s.open.reset();
        s.end_snapshot();
    }
}

/// Lets the client wait for a server that says nothing, in steps of a tenth of a second; the error of a client that stopped
/// waiting, which remembers nothing of a limit of its own but what `limit_waits` said.
inline result<void> stay_silent(const incident& what, const wait_limit& limit, operation op) {
    constexpr duration step = std::chrono::milliseconds(100);
    const time_point begin = what.clock->now();
    std::optional<time_point> stop_seen;
    for (;;) {
        const duration waited = what.clock->now() - begin;
        if (waited >= what.length) return {};
        if (!stop_seen && limit.stop_requested()) stop_seen = what.clock->now();
        const bool stopped = stop_seen && what.clock->now() - *stop_seen >= limit.grace;
        if (stopped || (limit.at_most > duration::zero() && waited >= limit.at_most)) {
            error e = make_error(fault::connection_lost, op);
            e.cause = stopped ? cause::interrupted : cause::too_slow;
            return e;
        }
        what.clock->advance(std::min(step, what.length - waited));
    }
}

/// Runs one call on a session: `effect(rows)` does the server's work, gives the answer, and says how many rows it took.
template <class Effect>
auto make_call(fake_schema& db, session& s, operation op, Effect effect) {
    using answer = std::invoke_result_t<Effect&, std::uint64_t&>;
    const std::shared_ptr<fake_server> server = db.server;
    std::unique_lock lock(server->mutex);
    std::optional<incident> what = begin_call(db, lock, op);
    std::optional<incident> silence;
    if (what && what->what == incident::kind::silence) {
        silence.swap(what);
        if (silence->moment == when::before) {
            if (auto r = stay_silent(*silence, s.limit, op); !r) {
                s.alive = false;
                s.open.reset();
                return answer(std::move(r.error()));
            }
        }
    }
    const bool crashes = what && what->what == incident::kind::crash;
    const bool acts = !what || what->moment == when::after || (what->moment == when::late && op != operation::commit);

    if (crashes && !acts) {
        s.commits_late = what->moment == when::late;
        crash(db, what->moment, &s);
    }
    if (what && what->what == incident::kind::outage && !acts) {
        const bool was_alive = s.alive;
        start_outage(db, *what);
        if (was_alive) return answer(make_error(fault::connection_lost, op));
    }
    if (s.alive && db.idle_clock && db.idle_clock->now() - s.last_use > db.idle_limit) {
        s.alive = false;
        s.open.reset();
    }
    db.run_alterations();
    if (!s.alive) {
        error gone = make_error(fault::connection_lost, op);
        gone.code = 2006;
        gone.server_message = "Server has gone away";
        return answer(std::move(gone));
    }
    if (what && what->what == incident::kind::failure && (!acts || !cuts(*what))) {
        leave_state(s, *what, op);
        return answer(make_error(what->fault, op));
    }

    std::uint64_t rows = 0;
    answer given = effect(rows);
    if (silence && silence->moment != when::before) {
        if (auto r = stay_silent(*silence, s.limit, op); !r) {
            s.alive = false;
            s.open.reset();
            return answer(std::move(r.error()));
        }
    }
    if (!given && given.error().operation.empty()) given.error().operation = in_words(op);
    if (db.work_clock) {
        db.work_clock->advance(db.cost_per_call + db.cost_per_row * static_cast<duration::rep>(rows));
    }
    if (db.idle_clock) s.last_use = db.idle_clock->now();
    if (crashes) crash(db, what->moment, &s);
    if (what && what->what == incident::kind::outage) {
        start_outage(db, *what);
        return answer(make_error(fault::connection_lost, op));
    }
    if (what) {
        leave_state(s, *what, op);
        return answer(make_error(what->fault, op));
    }
    return given;
}

/// Makes a connection: a session, or the error that took its place.
inline result<std::shared_ptr<session>> make_session(fake_schema& db, const wait_limit& limit) {
    const std::shared_ptr<fake_server> server = db.server;
    std::unique_lock lock(server->mutex);
    std::optional<incident> what = begin_call(db, lock, operation::connect);
    if (what && what->what == incident::kind::silence) {
        if (auto r = stay_silent(*what, limit, operation::connect); !r) {
            r.error().fault = fault::unreachable;
            return std::move(r.error());
        }
        what.reset();
    }
    if (what && what->what == incident::kind::crash && what->moment == when::before) {
        crash(db, what->moment, nullptr);
    }
    if (what && what->what == incident::kind::outage) start_outage(db, *what);
    if (server->is_down()) return make_error(fault::unreachable, operation::connect);
    if (what && what->what == incident::kind::failure && what->moment == when::before) {
        return make_error(what->fault, operation::connect);
    }
    ++db.opened;
    if (db.work_clock) db.work_clock->advance(db.cost_per_call);
    if (what && what->what == incident::kind::crash) crash(db, what->moment, nullptr);
    if (what) return make_error(what->fault, operation::connect);
    auto fresh = std::make_shared<session>();
    fresh->limit = limit;
    fresh->name = "session " + std::to_string(db.opened);
    if (db.idle_clock) fresh->last_use = db.idle_clock->now();
    db.sessions.push_back(fresh);
    return fresh;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
