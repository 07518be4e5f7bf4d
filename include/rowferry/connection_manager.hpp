// SPDX-License-Identifier: BSL-1.0
// A connector plus a retry policy plus a rate limit: runs operations on a connection that is healthy, and fresh when
// it has to be. The pipeline uses one for each side; it may be used alone.
#ifndef ROWFERRY_CONNECTION_MANAGER_HPP
#define ROWFERRY_CONNECTION_MANAGER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/observe.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/report.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/wait_limit.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {
/// How long a connection may be idle that cannot be replaced, or whose replacement may lead elsewhere. What cuts idle
/// connections waits for a minute at least, as a rule; a ping a second costs next to nothing.
inline constexpr duration longest_pause_of_connection = std::chrono::seconds(1);
/// The default for `awake`: does nothing.
struct stays_idle {
    void operator()() const {}
};
template <class Awake>
inline constexpr bool is_idle = std::is_same_v<Awake, stays_idle>;
} // namespace detail

/// Runs operations with rate limit, health check, retry, fresh connections and counters.
///
/// Connector and environment are held by reference and outlive the manager; it owns the connection, which is closed with
/// it. Not for use by two threads at once. Make one with `make_connection_manager`.
template <Connects C, RetryPolicy Retry, RateLimitState Limiter, RetryBudgetState Budget, class Environment>
class connection_manager {
public:
    using connection_type = connection_of<C>;

    connection_manager(rowferry::side which, C& connector, Retry retry, Limiter limiter, std::shared_ptr<Budget> budget,
                       Environment environment)
        : side_(which), connector_(&connector), retry_(std::move(retry)), limiter_(std::move(limiter)),
          budget_(std::move(budget)), environment_(std::move(environment)) {}

    /// Runs `op(connection)` or `op(connection, attempt)`, which returns a `result<T>`, and returns what it returned.
    ///
    /// Waits for the rate limit when `cost` has rows; pings a connection that was idle for `health_check_after`; connects when
    /// there is none. After a failure: sleeps as the retry policy says, on a fresh connection if the fault needs one, and tries
    /// again with the next `attempt` (from 1). `data` and `permanent` end it at once, and so does `batch_too_large`, which
    /// the caller answers with a smaller batch. The error says how often it was tried and why not again.
    ///
    /// `awake()` is called after each second of the waits before and between the attempts: it keeps a connection from being
    /// idle that nothing else asks meanwhile. Something between client and server may cut those.
    template <class Op, class Awake = detail::stays_idle>
    auto run(std::string_view operation, Op&& op, const batch_cost& cost = {}, Awake awake = {}) {
        using answer = decltype(invoke(op, std::declval<connection_type&>(), 1U));
        std::optional<time_point> first_failure;
        std::vector<unsigned> codes; // of the failures so far
        for (unsigned attempt = 1;; ++attempt) {
            if (const duration wait = wait_for(cost); wait > duration::zero()) {
                const auto both = [&] {
                    keep_awake();
                    awake();
                };
                stats_.throttle += slept(wait, both, detail::is_idle<Awake>);
            }
            answer outcome = once<answer>(op, attempt, first_failure);
            last_use_ = environment_.now();
            if (outcome) {
                if (first_failure) note_recovery(operation, attempt, last_use_ - *first_failure);
                budget_->succeeded();
                return outcome;
            }
            error& e = outcome.error();
            if constexpr (HidesSecrets<connection_type>) {
                if (connection_) connection_->hide_secrets(e);
            }
            e.attempt = attempt;
            if (e.side == side::server) e.side = side_; // not what an operation says of the other side
            if (e.operation.empty()) e.operation = operation;
            if (!first_failure) first_failure = last_use_;
            // What comes next on a connection whose answers make no sense may answer another question, and one that lacked the
            // memory for an answer may not have read it to its end.
            const bool is_useless = e.cause == cause::senseless_answer || e.cause == cause::out_of_memory;
            if (needs_fresh_connection(e.fault) || is_useless) lose_connection();
            codes.push_back(e.code);
            const retry_decision decision = decide(e, last_use_ - *first_failure, codes);
            if (!decision.again) {
                if (!decision.reason.empty()) e.given_up = decision.reason;
                if (is_retryable(e.fault) && e.fault != fault::batch_too_large) ++stats_.given_up;
                return outcome;
            }
            ++stats_.retries[static_cast<std::size_t>(e.fault)];
            environment_.emit(retry_scheduled{side_, e, attempt, decision.delay});
            stats_.backoff += slept(decision.delay, awake, detail::is_idle<Awake>);
        }
    }
    template <class Op>
    auto run(Op&& op, const batch_cost& cost = {}) {
        return run(std::string_view("run"), std::forward<Op>(op), cost);
    }

    /// Waits for the rate limit in the middle of an operation, as `run` does before it begins one. After each step of a
    /// long wait `awake()`, a result, is to keep the operation's connection from being idle; its first error ends the wait,
    /// and so does a stop request.
    template <class Awake>
    result<void> throttle(const batch_cost& cost, Awake awake) {
        for (duration left = wait_for(cost); left > duration::zero() && !environment_.stop_requested();) {
            const duration step = std::min(left, detail::longest_pause_of_connection);
            stats_.throttle += slept(step);
            left -= step;
            if (auto r = awake(); !r) return r;
        }
        return {};
    }

    /// Whether the limit makes the next page wait.
    [[nodiscard]] bool delays_page() {
        if constexpr (DelaysPages<Limiter>) return duration(limiter_.before_page(environment_.wall_now())) > duration{};
        return false;
    }
    /// Waits until the limit lets the next page be read, or until a stop is requested. The wall clock may be set meanwhile, so
    /// it is looked at each minute.
    /// `awake()` is called after each second: see `run`.
    template <class Awake = detail::stays_idle>
    void wait_for_page([[maybe_unused]] Awake awake = {}) {
        if constexpr (DelaysPages<Limiter>) {
            constexpr duration longest_step = std::chrono::minutes(1);
            for (bool is_told = false; !environment_.stop_requested(); is_told = true) {
                const duration wait = limiter_.before_page(environment_.wall_now());
                if (wait <= duration::zero()) return;
                if (!is_told) environment_.emit(throttled{wait});
                stats_.throttle += slept(std::min(wait, longest_step), awake, detail::is_idle<Awake>);
            }
        }
    }
    /// How much the limit lets pass within the time after which a connection counts as idle; 0 is no limit.
    [[nodiscard]] batch_cost piece_of_pause() const {
        return detail::piece_of(limiter_, detail::longest_pause_of_connection);
    }
    /// Pings the connection, if there is one. One that does not answer is closed, and the next operation makes a fresh one.
    void keep_awake() {
        if (!connection_) return;
        const unlimited_after end{*this};
        limit_waits(limit_of_waits({}));
        if (!connection_->ping()) lose_connection();
        last_use_ = environment_.now();
    }

    /// Connects, once and without a retry, if there is no connection. `run` does it by itself, with retry.
    result<void> connect() { return connect_within(limit_of_waits({})); }
    [[nodiscard]] const connection_stats& stats() const { return stats_; }
    /// Closes the connection; the next operation makes a fresh one.
    void disconnect() { connection_.reset(); }
    /// Shows `watch` the server of each fresh connection, and refuses those that it refuses. It is shared with the managers of
    /// other workers.
    void watch_servers(std::shared_ptr<detail::server_watch> watch) { servers_ = std::move(watch); }
    /// Whether a connection has led to another server than the first one, as far as servers are watched and can be told apart.
    [[nodiscard]] bool met_another_server() const { return servers_ && servers_->has_changed(); }

    /// A connection that was idle for longer is pinged before it is used.
    std::chrono::nanoseconds health_check_after = std::chrono::seconds(5);

private:
    template <class Op>
    static auto invoke(Op& op, connection_type& connection, unsigned attempt) {
        if constexpr (std::invocable<Op&, connection_type&, unsigned>) {
            return op(connection, attempt);
        } else {
            return op(connection);
        }
    }

    /// Takes a limit back, also when an operation throws: it refers to the environment, which a connection may outlive.
    struct unlimited_after {
        connection_manager& manager;
        ~unlimited_after() { manager.limit_waits({}); }
    };
    template <class Answer, class Op>
    Answer once(Op& op, unsigned attempt, const std::optional<time_point>& first_failure) {
        const unlimited_after end{*this};
        if (connection_ && environment_.now() - last_use_ > health_check_after) {
            limit_waits(limit_of_waits(first_failure));
            if (!connection_->ping()) lose_connection();
        }
        if (auto r = connect_within(limit_of_waits(first_failure)); !r) return std::move(r.error());
        limit_waits(
            limit_of_waits(first_failure)); // what the ping and connecting took is no longer left of the deadline
        return invoke(op, *connection_, attempt);
    }

    result<void> connect_within(const wait_limit& limit) {
        if (connection_) return {};
        auto fresh = [&] {
            if constexpr (ConnectsWithin<C>) {
                return connector_->connect(limit);
            } else {
                return connector_->connect();
            }
        }();
        if (!fresh) {
            if (fresh.error().operation.empty()) fresh.error().operation = "connect";
            fresh.error().side = side_;
            return std::move(fresh.error());
        }
        connection_.emplace(std::move(*fresh));
        if (auto r = meet_server(); !r) {
            connection_.reset();
            return r;
        }
        end_lost_session();
        limit_waits({});
        last_use_ = environment_.now();
        environment_.emit(connected{side_, stats_.connects > 0});
        ++stats_.connects;
        return {};
    }

    /// The server may not have noticed yet, and may still work on the abandoned statement.
    void lose_connection() {
        if constexpr (EndsSessions<connection_type>) {
            if (connection_) lost_session_ = std::as_const(*connection_).session();
        }
        connection_.reset();
    }
    /// Ends the session that was lost last, before its work is done once more. Where that fails, the next operation tells.
    void end_lost_session() {
        if constexpr (EndsSessions<connection_type>) {
            if (!lost_session_.empty()) (void)connection_->end_session(std::exchange(lost_session_, {}));
        }
    }

    /// Notes who answers on the fresh connection.
    result<void> meet_server() {
        if constexpr (IdentifiesServer<connection_type>) {
            if (!servers_) return {};
            auto met = servers_->meet(std::as_const(*connection_).server());
            if (!met) return std::move(met.error());
            if (!met->empty()) environment_.emit(notice{servers_->table(), *met});
        }
        return {};
    }

    void limit_waits(const wait_limit& limit) {
        if constexpr (LimitsWaits<connection_type>) {
            if (connection_) connection_->limit_waits(limit);
        }
    }
    /// A stop request ends a wait after its grace, and the retry policy's deadline ends those of further attempts.
    wait_limit limit_of_waits(const std::optional<time_point>& first_failure) {
        wait_limit limit = wait_limit::of(environment_);
        const time_point now = environment_.now();
        if (limit.stop_requested()) {
            if (!stop_seen_) stop_seen_ = now;
            limit.grace = std::max(limit.grace - (now - *stop_seen_), duration::zero());
        }
        if constexpr (requires { duration(retry_.deadline); }) {
            const duration deadline = retry_.deadline;
            if (first_failure && deadline > duration::zero()) {
                limit.at_most = std::max(deadline - (now - *first_failure), duration(std::chrono::milliseconds(1)));
            }
        }
        return limit;
    }

    /// How long work of this cost has to wait.
    duration wait_for(batch_cost cost) {
        if (cost.rows == 0) return duration::zero();
        cost.wall = environment_.wall_now();
        const duration wait = limiter_.acquire(cost, environment_.now());
        if (wait <= duration::zero()) return duration::zero();
        environment_.emit(throttled{wait});
        return wait;
    }

    /// Sleeps, and says for how long by the clock: a stop request may end a sleep early.
    duration slept(duration wanted) {
        const time_point begin = environment_.now();
        environment_.sleep(wanted);
        return environment_.now() - begin;
    }

    /// The same in steps, with `awake()` between them, unless nothing is to be kept awake.
    template <class Awake>
    duration slept(duration wanted, Awake awake, bool is_idle) {
        if (is_idle || wanted <= detail::longest_pause_of_connection) return slept(wanted);
        const time_point begin = environment_.now();
        for (duration left = wanted; left > duration::zero() && !environment_.stop_requested();) {
            const duration step = std::min(left, detail::longest_pause_of_connection);
            environment_.sleep(step);
            left -= step;
            if (left > duration::zero()) awake();
        }
        return environment_.now() - begin;
    }

    retry_decision decide(error& e, duration elapsed, const std::vector<unsigned>& codes) {
        if (!is_retryable(e.fault) || e.fault == fault::batch_too_large) return retry_decision::stop({});
        if (environment_.stop_requested()) {
            e.cause = cause::interrupted;
            return retry_decision::stop("a stop was requested");
        }
        const auto times = static_cast<unsigned>(std::count(codes.begin(), codes.end(), e.code));
        const failure failed{e.fault, e.code, e.sqlstate, e.attempt, elapsed, times, environment_.wall_now()};
        retry_decision decision = retry_.decide(failed, jitter_);
        if (decision.again && !budget_->take(environment_.now())) {
            return retry_decision::stop("the retry budget of both sides is used up");
        }
        decision.delay = std::max(decision.delay, duration::zero());
        return decision;
    }

    void note_recovery(std::string_view operation, unsigned attempts, duration outage) {
        ++stats_.recoveries;
        stats_.recovery_total += outage;
        stats_.recovery_longest = std::max(stats_.recovery_longest, outage);
        environment_.emit(recovered{side_, operation, attempts, outage});
    }

    rowferry::side side_;
    C* connector_;
    [[no_unique_address]] Retry retry_;
    [[no_unique_address]] Limiter limiter_;
    std::shared_ptr<Budget> budget_;
    [[no_unique_address]] Environment environment_;
    jitter_source jitter_ = jitter_source::from_clock();
    std::optional<connection_type> connection_;
    std::string lost_session_;                      // as the server may have it still
    std::shared_ptr<detail::server_watch> servers_; // none: whoever answers is taken
    time_point last_use_{};
    std::optional<time_point> stop_seen_;
    connection_stats stats_;
};

namespace detail {
template <class P>
struct is_retry_policy : std::bool_constant<RetryPolicy<P>> {};
template <class P>
struct is_rate_limit_policy : std::bool_constant<RateLimitPolicy<P>> {};
template <class P>
struct is_retry_budget : std::bool_constant<RetryBudget<P>> {};
} // namespace detail

/// A connection manager of its own: a connector by reference, a retry policy, a rate limit and a retry budget in any order,
/// and references to a timing, stop requests or observers in an `environment`. Its events and log lines name the side `which`;
/// without one `side::server`, for a manager that is neither end of a copy.
template <Connects C, class... Extras, Policy... Ps>
auto make_connection_manager(side which, C& connector, environment<Extras...> surroundings, Ps... policies) {
    using retry = typename detail::pick<slot::retry, detail::is_retry_policy, exponential_backoff, Ps...>::type;
    using limit = typename detail::pick<slot::rate_limit, detail::is_rate_limit_policy, unlimited, Ps...>::type;
    using budget = typename detail::pick<slot::retry_budget, detail::is_retry_budget, no_budget, Ps...>::type;
    static_assert(
        (... && (std::same_as<retry, Ps> + std::same_as<limit, Ps> + std::same_as<budget, Ps> == 1)) &&
            detail::filled_by<slot::retry, Ps...> <= 1 && detail::filled_by<slot::rate_limit, Ps...> <= 1 &&
            detail::filled_by<slot::retry_budget, Ps...> <= 1,
        "rowferry: a connection manager takes a RetryPolicy, a RateLimitPolicy and a retry budget, each at most once");
    const time_point now = surroundings.now();
    auto limiter = detail::take<limit>(policies...).start(now);
    auto shared =
        std::make_shared<decltype(std::declval<budget&>().start(now))>(detail::take<budget>(policies...).start(now));
    return connection_manager<C, retry, decltype(limiter), typename decltype(shared)::element_type,
                              environment<Extras...>>(which, connector, detail::take<retry>(policies...),
                                                      std::move(limiter), std::move(shared), surroundings);
}
template <Connects C, Policy... Ps>
auto make_connection_manager(side which, C& connector, Ps... policies) {
    return make_connection_manager(which, connector, environment<>(), std::move(policies)...);
}
template <Connects C, class... Extras, Policy... Ps>
auto make_connection_manager(C& connector, environment<Extras...> surroundings, Ps... policies) {
    return make_connection_manager(side::server, connector, surroundings, std::move(policies)...);
}
template <Connects C, Policy... Ps>
auto make_connection_manager(C& connector, Ps... policies) {
    return make_connection_manager(side::server, connector, environment<>(), std::move(policies)...);
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
