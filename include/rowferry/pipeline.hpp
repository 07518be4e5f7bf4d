// SPDX-License-Identifier: BSL-1.0
// Policies in any order, composed at compile time into a copy pipeline. See policy.hpp for the slots and their models.
#ifndef ROWFERRY_PIPELINE_HPP
#define ROWFERRY_PIPELINE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_loss.hpp>
#include <rowferry/batch_size.hpp>
#include <rowferry/change.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/concurrent.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/consistency.hpp>
#include <rowferry/copy_run.hpp>
#include <rowferry/create_target.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/execution.hpp>
#include <rowferry/explain.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/plan.hpp>
#include <rowferry/planner.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/report.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/shared_snapshot.hpp>
#include <rowferry/snapshot_run.hpp>
#include <rowferry/write_mode.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// A copy pipeline: each policy fills its slot, whatever the order; an empty slot is its default:
///
///   retry         exponential_backoff{}     batch_size   adaptive_batch{}     checkpoint  checkpoint_in_target{}
///   retry_budget  no_budget{}               pagination   keyset_pages{}       duplicates  exactly_once{}
///   rate_limit    unlimited{}               write_mode   insert{}             consistency each_page{}
///   execution     sequential{}
///
/// The nesting is fixed, so that order cannot be got wrong: per batch
/// `retry( rate_limit( begin, write, save checkpoint, commit ) )`. A pipeline holds no connection and no state between two
/// copies; it may be used by several threads at once, with connectors of their own.
template <class... Ps>
class pipeline {
    template <class Slot>
    static constexpr bool at_most_one = detail::filled_by<Slot, Ps...> <= 1;
    static_assert(at_most_one<slot::retry>, "rowferry: two policies for one slot: retry");
    static_assert(at_most_one<slot::retry_budget>, "rowferry: two policies for one slot: retry budget");
    static_assert(at_most_one<slot::rate_limit>, "rowferry: two policies for one slot: rate limit; see strictest(...)");
    static_assert(at_most_one<slot::batch_size>, "rowferry: two policies for one slot: batch size");
    static_assert(at_most_one<slot::pagination>, "rowferry: two policies for one slot: pagination");
    static_assert(at_most_one<slot::write_mode>, "rowferry: two policies for one slot: write mode");
    static_assert(at_most_one<slot::checkpoint>, "rowferry: two policies for one slot: checkpoint");
    static_assert(at_most_one<slot::duplicates>, "rowferry: two policies for one slot: duplicates");
    static_assert(at_most_one<slot::consistency>, "rowferry: two policies for one slot: consistency");
    static_assert(at_most_one<slot::execution>, "rowferry: two policies for one slot: execution");
    static_assert((true && ... && (detail::explain_policy<Ps>() || true))); // each says its own sentence

    using slots = detail::filled_slots<Ps...>;
    static_assert(
        !slots::could_double_rows,
        "rowferry: this pipeline could double rows: it retries lost connections with a write mode that is not "
        "idempotent and no checkpoint. Use checkpoint_in_target{}, or upsert{}, replace{} or skip_existing{}, "
        "or no_retry{}, or say accept_duplicates{}");

public:
    using retry_policy = typename slots::retry;
    using budget_policy = typename slots::budget;
    using rate_limit_policy = typename slots::rate_limit;
    using batch_size_policy = typename slots::batch_size;
    using pagination_policy = typename slots::pagination;
    using write_policy = typename slots::write;
    using checkpoint_policy = typename slots::checkpoint;
    using consistency_policy = typename slots::consistency;
    using execution_policy = typename slots::execution;
    static constexpr bool stores_checkpoint = checkpoint_policy::stores;
    static constexpr bool takes_snapshot = consistency_policy::takes_snapshot;

    constexpr explicit pipeline(Ps... policies)
        : retry_(detail::take<retry_policy>(policies...)), budget_(detail::take<budget_policy>(policies...)),
          rate_limit_(detail::take<rate_limit_policy>(policies...)),
          batch_size_(detail::take<batch_size_policy>(policies...)),
          pagination_(detail::take<pagination_policy>(policies...)), write_(detail::take<write_policy>(policies...)),
          consistency_(detail::take<consistency_policy>(policies...)),
          execution_(detail::take<execution_policy>(policies...)) {}

    /// Copies one table, and reports how far it came; never throws on account of a server.
    ///
    /// Both connectors make connections as needed, which are closed at the end. `extras` are a timing, a stop request and
    /// observers, in any order, and referred to until the copy ends: the first two may be temporaries. Sleeps for retries
    /// and for the rate limit. Running the same copy again continues after its checkpoint.
    template <class SourceConnector, class TargetConnector, class... Extras>
    [[nodiscard]] report copy(SourceConnector&& source, TargetConnector&& target, const copy_request& request,
                              Extras&&... extras) const {
        report summary;
        summary.table = request.table;
        if constexpr (detail::explain_ends<SourceConnector, TargetConnector, pipeline, Extras...>()) {
            if constexpr (takes_snapshot && !is_shared<SourceConnector>) {
                shared_snapshot<std::remove_reference_t<SourceConnector>> of_this_copy(source);
                return copy(of_this_copy, target, request, extras...);
            } else {
                run_parts parts(*this, source, target, extras...);
                parts.watch_servers(request, !IncrementalPagination<pagination_policy>);
                const time_point begin = parts.surroundings.now();
                auto done = copy_table(parts, source, target, request, summary);
                if (!done) summary.failure = done.error();
                if (summary.outcome != outcome::interrupted) summary.outcome = ended_as(summary);
                const bool can_continue = !done && is_retryable(done.error().fault);
                if (can_continue && parts.was_asked_to_stop()) summary.outcome = outcome::interrupted;
                parts.add_notices(summary);
                summary.source = parts.of_others[0];
                summary.target = parts.of_others[1];
                summary.source += parts.source.stats();
                summary.target += parts.target.stats();
                summary.elapsed = parts.surroundings.now() - begin;
                parts.surroundings.emit(copy_finished{summary});
            }
        }
        return summary;
    }
    template <class SourceConnector, class TargetConnector, class Table, class... Extras>
    [[nodiscard]] report copy(SourceConnector&& source, TargetConnector&& target, const Table& table,
                              Extras&&... extras) const {
        if constexpr (detail::explain_third_argument<Table>) {
            // Asked here, too: a compiler's message has one level less.
            if constexpr (detail::explain_ends<SourceConnector, TargetConnector, pipeline, Extras...>()) {
                return copy(std::forward<SourceConnector>(source), std::forward<TargetConnector>(target),
                            copy_request{.table = std::string(std::string_view(table))},
                            std::forward<Extras>(extras)...);
            }
        }
        return {};
    }

    /// The same, but throws `copy_error` unless the copy is complete.
    template <class SourceConnector, class TargetConnector, class Request, class... Extras>
    report copy_or_throw(SourceConnector&& source, TargetConnector&& target, const Request& request,
                         Extras&&... extras) const {
        report summary = copy(std::forward<SourceConnector>(source), std::forward<TargetConnector>(target), request,
                              std::forward<Extras>(extras)...);
        if (!summary.complete()) throw copy_error(*summary.failure);
        return summary;
    }

    /// What a copy would do, or why it is refused; changes nothing. If the request says that a copy follows at once
    /// (`is_carried_out`), a missing target table is created under a name of its own and dropped again, where the
    /// target's connection can do that.
    template <class SourceConnector, class TargetConnector, class... Extras>
    [[nodiscard]] result<copy_plan> plan(SourceConnector&& source, TargetConnector&& target,
                                         const copy_request& request, Extras&&... extras) const {
        if constexpr (detail::explain_ends<SourceConnector, TargetConnector, pipeline, Extras...>()) {
            if constexpr (takes_snapshot && !is_shared<SourceConnector>) {
                shared_snapshot<std::remove_reference_t<SourceConnector>> of_this_plan(source);
                return plan(of_this_plan, target, request, extras...);
            } else {
                run_parts parts(*this, source, target, extras...);
                parts.watch_servers(request, !IncrementalPagination<pagination_policy>);
                auto made = [&] {
                    auto plan = make_plan(parts, source, target, request, !request.is_carried_out);
                    if (plan && request.is_carried_out) return detail::try_table(std::move(*plan), parts);
                    return plan;
                };
                if constexpr (takes_snapshot) {
                    return detail::in_one_snapshot(consistency_, parts, source, made, [] {});
                } else {
                    return made();
                }
            }
        } else {
            return refusal("not a pipeline");
        }
    }

private:
    template <class Connector>
    static constexpr bool is_shared = detail::is_shared_snapshot<std::remove_reference_t<Connector>>;

    /// The surroundings and both connection managers of one run, or of one more worker of it.
    template <class SourceConnector, class TargetConnector, class... Extras>
    struct run_parts {
        static constexpr bool concurrent = execution_policy::concurrent;
        using own_limiter = decltype(std::declval<const rate_limit_policy&>().start(time_point{}));
        using own_budget = decltype(std::declval<const budget_policy&>().start(time_point{}));
        using limiter = std::conditional_t<concurrent, detail::concurrent_limiter<own_limiter>, own_limiter>;
        using budget = std::conditional_t<concurrent, detail::concurrent_budget<own_budget>, own_budget>;
        using surroundings_type =
            std::conditional_t<concurrent, detail::concurrent_environment<Extras...>, environment<Extras...>>;

        run_parts(const pipeline& p, SourceConnector& from, TargetConnector& to, Extras&... extras)
            : surroundings(extras...), retry(p.retry_), source_connector(from), target_connector(to),
              limit(p.rate_limit_.start(surroundings.now())),
              shared(std::make_shared<budget>(p.budget_.start(surroundings.now()))),
              source(side::source, from, retry, unlimited::state{}, shared, surroundings),
              target(side::target, to, retry, limit, shared, surroundings) {}
        /// Connections of its own, and everything else in common.
        explicit run_parts(run_parts& first)
            : surroundings(first.surroundings), retry(first.retry), source_connector(first.source_connector),
              target_connector(first.target_connector), limit(first.limit), shared(first.shared),
              source(side::source, source_connector, retry, unlimited::state{}, shared, surroundings),
              target(side::target, target_connector, retry, limit, shared, surroundings), servers{first.servers[0],
                                                                                                  first.servers[1]} {
            source.watch_servers(servers[0]);
            target.watch_servers(servers[1]);
        }
        run_parts& operator=(const run_parts&) = delete;

        /// Remembers who answers. Another target does not stop the copy if its own checkpoint says what it holds.
        void watch_servers(const copy_request& request, bool is_full) {
            const bool stops = request.same_server && is_full;
            const std::string& table = request.target_table.empty() ? request.table : request.target_table;
            const remedy start_over{remedy::start_over_into_empty};
            servers[0] = std::make_shared<detail::server_watch>(
                "source", request.table, stops ? on_other_server::stop : on_other_server::tell, request.source_server,
                std::vector{start_over, remedy{remedy::accept_other_servers}});
            servers[1] = std::make_shared<detail::server_watch>(
                "target", table, stores_checkpoint ? on_other_server::tell : on_other_server::stop, server_identity{},
                std::vector{start_over});
            source.watch_servers(servers[0]);
            target.watch_servers(servers[1]);
        }
        void add_notices(report& summary) const {
            for (const auto& each : servers) {
                for (std::string& text : each->notices()) summary.notices.push_back(std::move(text));
            }
        }
        /// Begins again with what the target holds now, whoever answers as the target.
        void begin_anew() {
            target.disconnect();
            servers[1]->begin_anew();
            if constexpr (concurrent) surroundings.go_on();
        }

        /// Takes over what another worker's connections went through.
        void absorb(const run_parts& other) {
            of_others[0] += other.source.stats();
            of_others[1] += other.target.stats();
        }
        /// Whether it stops because another worker failed.
        [[nodiscard]] bool was_halted() const {
            if constexpr (concurrent) return surroundings.was_halted();
            return false;
        }

        [[nodiscard]] bool was_asked_to_stop() const {
            if constexpr (concurrent) {
                return surroundings.was_asked_to_stop();
            } else {
                return surroundings.stop_requested();
            }
        }

        surroundings_type surroundings;
        retry_policy retry;
        SourceConnector& source_connector;
        TargetConnector& target_connector;
        limiter limit; // concurrent: a handle on the one of all workers
        std::shared_ptr<budget> shared;
        connection_manager<SourceConnector, retry_policy, unlimited::state, budget, surroundings_type> source;
        connection_manager<TargetConnector, retry_policy, limiter, budget, surroundings_type> target;
        std::shared_ptr<detail::server_watch> servers[2] = {}; // of source and target, for all workers
        connection_stats of_others[2] = {};
    };
    template <class S, class T, class... Extras>
    run_parts(const pipeline&, S&, T&, Extras&...) -> run_parts<S, T, Extras...>;

    template <class Parts, class S, class T>
    result<copy_plan> make_plan(Parts& parts, const S& source, const T& target, const copy_request& request,
                                bool only_planned = false) const {
        const detail::both_identities names{source.identity(), target.identity(), detail::address_of(source),
                                            detail::address_of(target)};
        detail::planner planner(parts.source, parts.target, pagination_, request, names);
        const bool several = detail::divides_by_key<pagination_policy> && !takes_snapshot && execution_.workers() > 1;
        return planner.make(write_.kind, stores_checkpoint, consistency_, several, only_planned);
    }

    template <class Parts, class S, class T>
    result<void> copy_table(Parts& parts, S& source, const T& target, const copy_request& request,
                            report& summary) const {
        if constexpr (takes_snapshot) {
            return detail::copy_from_snapshot(
                consistency_, parts, source, request, summary, IncrementalPagination<pagination_policy>,
                [&](const copy_request& now) { return carry_out(parts, source, target, now, summary); });
        } else {
            return carry_out(parts, source, target, request, summary);
        }
    }

    /// Carries the copy out, and again from what the target still holds whenever that is less than was committed.
    template <class Parts, class S, class T>
    result<void> carry_out(Parts& parts, const S& source, const T& target, const copy_request& request,
                           report& summary) const {
        copy_request now = request;
        std::vector<change> changes;        // of all rounds
        std::vector<std::string> runs = {}; // of earlier rounds, and those that they came after
        for (unsigned losses = 0;; ++losses) {
            std::optional<detail::batch_loss> loss;
            auto done = carry_out_once(parts, source, target, now, summary, loss, runs);
            if (!done) {
                note(changes, done.error().changes);
                done.error().changes = changes;
            }
            const bool is_lost = !done && done.error().cause == cause::lost_batches && loss;
            if (!is_lost) {
                return done;
            }
            detail::take_out(summary, *loss);
            // It is not the rows that stand in the way: another run may find a target that keeps them.
            done.error().fault = fault::transient;
            // What was committed from a snapshot is continued by the run that holds it only.
            if (takes_snapshot) done.error().remedies = {remedy{remedy::start_over_into_empty}};
            if (takes_snapshot || losses == detail::most_losses) return done;
            summary.notices.push_back(done.error().message + ": the copy goes on from what the target holds");
            parts.surroundings.emit(notice{summary.table, summary.notices.back()});
            parts.begin_anew();
            now = detail::request_after(*loss, request);
        }
    }

    template <class Parts, class S, class T>
    result<void> carry_out_once(Parts& parts, const S& source, const T& target, const copy_request& request,
                                report& summary, std::optional<detail::batch_loss>& loss,
                                std::vector<std::string>& runs) const {
        auto plan = make_plan(parts, source, target, request);
        if (!plan) return plan.error();
        const bool creates = plan->creates.has_value();
        if (creates) {
            copy_request found = request;
            found.create_target = false;
            plan = detail::create_target(std::move(*plan), parts.target,
                                         [&] { return make_plan(parts, source, target, found); });
            if (!plan) return plan.error();
        }
        summary.route = plan->route;
        summary.way = plan->write.way;
        summary.transformation = plan->transformation;
        summary.expected_rows = plan->expected_rows;
        summary.null_watermarks = plan->null_watermarks;
        plan->earlier_runs.insert(plan->earlier_runs.end(), runs.begin(), runs.end());
        auto sizer = batch_size_.start({plan->source.estimated_rows, plan->source.estimated_bytes});
        detail::copy_run<stores_checkpoint, execution_policy, Parts, pagination_policy, decltype(sizer)> run(
            *plan, parts, execution_, pagination_, std::move(sizer), summary);
        auto done = run.go(request);
        loss = run.loss();
        runs = run.earlier_runs();
        runs.push_back(plan->entry.run);
        if (!done) {
            error& e = done.error();
            if (creates) detail::note_created(*plan, e);
            note(e.changes, run.changes());
            // If rows were committed, their checkpoint need not be named.
            if (summary.batches > 0) {
                std::erase(e.changes, change{change::entered_checkpoint, {}});
                std::erase(e.changes, change{change::took_over_progress, {}});
            }
        }
        return done;
    }

    [[no_unique_address]] retry_policy retry_;
    [[no_unique_address]] budget_policy budget_;
    [[no_unique_address]] rate_limit_policy rate_limit_;
    [[no_unique_address]] batch_size_policy batch_size_;
    [[no_unique_address]] pagination_policy pagination_;
    [[no_unique_address]] write_policy write_;
    [[no_unique_address]] consistency_policy consistency_;
    [[no_unique_address]] execution_policy execution_;
};

template <class... Ps>
pipeline(Ps...) -> pipeline<Ps...>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
