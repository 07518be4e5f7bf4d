// SPDX-License-Identifier: BSL-1.0
// Verification: whether two tables hold the same rows, and which ones they do not share.
//
//   rf::verification found = rf::verifier{}.verify(source, target, "procnote");
//   if (!found.equal()) …   // found.missing, found.extra, found.changed: counts, and the first keys
//
//   verify/digest.hpp      what a connection has to answer
//   verify/report.hpp      what is asked, and what was found
//   verify/plan.hpp        which columns and which key
//   verify/page_range.hpp  a range of the key
//   verify/computed.hpp    generated columns
//   verify/run.hpp         range after range, and the second look
//   verify/difference.hpp  rows by their keys
//   verify/null_rows.hpp   rows with a NULL in the key
//   verify/same_table.hpp  a table that is truncated or replaced meanwhile
//   verify/repairer.hpp    copies exactly the rows again that differ
#ifndef ROWFERRY_VERIFY_HPP
#define ROWFERRY_VERIFY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_size.hpp>
#include <rowferry/computing.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/connection_manager.hpp>
#include <rowferry/environment.hpp>
#include <rowferry/explain.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/replica_log.hpp>
#include <rowferry/result.hpp>
#include <rowferry/retry.hpp>
#include <rowferry/schema_change.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/verify/computed.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/plan.hpp>
#include <rowferry/verify/report.hpp>
#include <rowferry/verify/run.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Whether a connection can be asked for digests, one sentence for what it lacks.
template <class C>
consteval bool explain_verifiable() {
    constexpr bool describes = Connection<C> && DescribesTables<C> && ReadsPages<C>;
    constexpr bool sums = ChecksumsRows<C>;
    constexpr bool digests = DigestsRows<C>;
    static_assert(describes, "rowferry: this connection cannot be verified: it lacks ping, describe or read");
    static_assert(sums, "rowferry: this connection cannot be verified: it lacks `result<void> "
                        "ask_checksum(const digest_request&)` or `result<rows_checksum> checksum()`");
    static_assert(digests, "rowferry: this connection cannot be verified: it lacks `result<void> digests(const "
                           "digest_request&, const std::vector<key_values>&, row_batch&)`");
    return describes && sums && digests;
}

namespace detail {

/// The same of both ends. If the source transforms its rows, no server has a digest of them: both sides are read.
template <class S, class T>
consteval bool explain_compared() {
    constexpr bool plain_target = !TransformsRows<T>;
    static_assert(plain_target, "rowferry: this target is transformed, and only a source can be");
    if constexpr (TransformsRows<S>) {
        return plain_target && explain_source<S>() && explain_source<T>();
    } else {
        return plain_target && explain_verifiable<S>() && explain_verifiable<T>();
    }
}

} // namespace detail

/// Whether a connection can be repaired from another one, one sentence for what they lack.
template <class S, class T>
consteval bool explain_repair() {
    constexpr bool finds = FindsRows<S>;
    constexpr bool writes = Target<T> && RemovesRows<T>;
    static_assert(finds, "rowferry: this source cannot serve a repair: it lacks `result<void> find_rows(const "
                         "keyed_rows&, row_batch&)`");
    static_assert(writes, "rowferry: this target cannot be repaired: it is no Target, or lacks `result<std::uint64_t> "
                          "remove_rows(const keyed_rows&)`");
    return finds && writes;
}

/// Compares tables between two servers. Policies fill the slots retry, retry_budget, rate_limit and batch_size, in any
/// order; an empty slot is its default, and for batch_size ranges of about 32 MiB and at most 50 000 rows. The rate limit
/// counts a range once, though both sides read it.
///
/// Both servers compute digests of their rows, in short reads that lock no row; rows themselves do not travel, unless
/// they are repaired, or the source transforms them: then those of both sides are read and compared here. Holds no
/// connection and no state between two verifications.
template <class... Ps>
class verifier {
    template <class Slot>
    static constexpr bool at_most_one = detail::filled_by<Slot, Ps...> <= 1;
    static_assert(at_most_one<slot::retry> && at_most_one<slot::retry_budget> && at_most_one<slot::rate_limit> &&
                      at_most_one<slot::batch_size>,
                  "rowferry: two policies for one slot of a verifier");
    static_assert((true && ... &&
                   detail::is_one_of<typename detail::slot_of<Ps>::type, slot::retry, slot::retry_budget,
                                     slot::rate_limit, slot::batch_size>),
                  "rowferry: a verifier takes policies for retry, retry_budget, rate_limit and batch_size");
    static_assert((true && ... && (detail::explain_policy<Ps>() || true))); // each says its own sentence

    using slots = detail::filled_slots<Ps...>;

public:
    using retry_policy = typename slots::retry;
    using budget_policy = typename slots::budget;
    using rate_limit_policy = typename slots::rate_limit;
    using batch_size_policy = typename slots::batch_size;

    constexpr explicit verifier(Ps... policies)
        : retry_(detail::take<retry_policy>(policies...)), budget_(detail::take<budget_policy>(policies...)),
          rate_limit_(detail::take<rate_limit_policy>(policies...)), batch_size_(usual_ranges(policies...)) {}

    /// Compares one table, repairs it if asked to, and says what it found; never throws on account of a server.
    ///
    /// `extras` are a timing, a stop request and observers, in any order, and referred to until it returns: the first two
    /// may be temporaries. Sleeps for retries, for the rate limit, and before a second look at what differs. Changes
    /// nothing unless `request.repair` is set.
    template <class SourceConnector, class TargetConnector, class... Extras>
    [[nodiscard]] verification verify(SourceConnector&& source, TargetConnector&& target, const verify_request& request,
                                      Extras&&... extras) const {
        verification summary;
        summary.table = request.table;
        if constexpr (ends_are_right<SourceConnector, TargetConnector, Extras...>()) {
            environment<std::remove_reference_t<Extras>...> surroundings(extras...);
            using budget_state = decltype(budget_.start(time_point{}));
            auto shared = std::make_shared<budget_state>(budget_.start(surroundings.now()));
            auto limiter = rate_limit_.start(surroundings.now());
            connection_manager<std::remove_reference_t<SourceConnector>, retry_policy, decltype(limiter), budget_state,
                               decltype(surroundings)>
                on_source(side::source, source, retry_, limiter, shared, surroundings);
            connection_manager<std::remove_reference_t<TargetConnector>, retry_policy, unlimited::state, budget_state,
                               decltype(surroundings)>
                on_target(side::target, target, retry_, unlimited::state{}, shared, surroundings);
            const auto servers = watch_servers(on_source, on_target, request);
            const time_point begin = surroundings.now();
            auto done = carry_out(on_source, on_target, request, surroundings, summary);
            conclude(summary, done, surroundings.stop_requested());
            for (const auto& each : servers) {
                for (std::string& text : each->notices()) summary.notices.push_back(std::move(text));
            }
            summary.source = on_source.stats();
            summary.target = on_target.stats();
            summary.elapsed = surroundings.now() - begin;
            surroundings.emit(verification_finished{summary});
        }
        return summary;
    }
    template <class SourceConnector, class TargetConnector, class Table, class... Extras>
    [[nodiscard]] verification verify(SourceConnector&& source, TargetConnector&& target, const Table& table,
                                      Extras&&... extras) const {
        if constexpr (detail::explain_third_argument<Table>) {
            // Asked here, too: a compiler's message has one level less.
            if constexpr (ends_are_right<SourceConnector, TargetConnector, Extras...>()) {
                return verify(std::forward<SourceConnector>(source), std::forward<TargetConnector>(target),
                              verify_request{.table = std::string(std::string_view(table))},
                              std::forward<Extras>(extras)...);
            }
        }
        return {};
    }

private:
    static constexpr batch_size_policy usual_ranges(const Ps&... policies) {
        if constexpr (detail::filled_by<slot::batch_size, Ps...> == 0) {
            return {.target_bytes = 32U << 20U, .initial_rows = 10'000, .max_rows = 50'000};
        } else {
            return detail::take<batch_size_policy>(policies...);
        }
    }

    template <class S, class T, class... Extras>
    static consteval bool ends_are_right() {
        constexpr bool extras = (true && ... && detail::explain_extra<Extras>());
        constexpr bool connectors = detail::explain_lasting<S, T>() &&
                                    explain_connector<std::remove_reference_t<S>>() &&
                                    explain_connector<std::remove_reference_t<T>>();
        if constexpr (connectors) {
            constexpr bool both = detail::explain_compared<connection_of<std::remove_reference_t<S>>,
                                                           connection_of<std::remove_reference_t<T>>>();
            return extras && both;
        } else {
            return false;
        }
    }

    /// Remembers who answers: another server is a notice, but for the source of a repair.
    template <class SourceManager, class TargetManager>
    static std::array<std::shared_ptr<detail::server_watch>, 2>
    watch_servers(SourceManager& source, TargetManager& target, const verify_request& request) {
        const on_other_server then =
            request.repair && request.same_server ? on_other_server::stop : on_other_server::tell;
        std::array watches{std::make_shared<detail::server_watch>("source", request.table, then, request.source_server,
                                                                  std::vector{remedy{remedy::accept_other_servers}}),
                           std::make_shared<detail::server_watch>("target", request.table, on_other_server::tell)};
        source.watch_servers(watches[0]);
        target.watch_servers(watches[1]);
        return watches;
    }

    /// The schema of one side.
    template <class Manager>
    static result<table_schema> describe(Manager& manager, side which, const std::string& table) {
        using connection = typename Manager::connection_type;
        auto found = manager.run("describe", [&](connection& c) { return c.describe(table); });
        const std::string where(name(which));
        if (!found) {
            found.error().where = where + ", table " + table;
            return std::move(found.error());
        }
        if (!*found) {
            error e = refusal("the " + where + " has no table " + table);
            if (which == side::source) e.cause = cause::missing_table;
            return e;
        }
        return std::move(**found);
    }

    /// Both servers have to understand the filter before anything else is given it.
    template <class Manager>
    static result<void> check_filter(Manager& manager, side which, const table_schema& table,
                                     const std::string& filter) {
        using connection = typename Manager::connection_type;
        if (filter.empty()) return {};
        if constexpr (ChecksFilters<connection>) {
            auto checked = manager.run("check filter", [&](connection& c) { return c.check_filter(table, filter); });
            if (!checked) checked.error().where = std::string(name(which)) + ", table " + table.name;
            return checked;
        } else {
            return refusal("this " + std::string(name(which)) +
                           " cannot filter rows: its connection lacks `check_filter`");
        }
    }

    /// A copy by inserts that goes on later would meet the rows of a repair as duplicates. Who may not look at checkpoints
    /// is told so: a repair needs no more than the table's own grants.
    template <class Manager>
    static result<void> check_open_copies(Manager& target, detail::verify_plan& plan, const verify_request& request) {
        using connection = typename Manager::connection_type;
        if constexpr (ListsCheckpoints<connection>) {
            if (!request.repair || !plan.named) return {};
            auto listed = target.run("list checkpoints", [](connection& c) { return c.list_checkpoints(); });
            // Also said of a table of checkpoints that does not exist.
            if (!listed && listed.error().cause == cause::missing_privilege) {
                plan.notices.push_back("whether a copy into table " + plan.target.name +
                                       " is not complete cannot be told without the right to read checkpoints: if one "
                                       "is, complete it before it meets the rows of this repair");
                if (plan.target.triggers.empty() && !request.accept_triggers) {
                    plan.notices.back() += "; and triggers of the table, which a repair sets off, are shown only to "
                                           "users with the privilege TRIGGER";
                }
                return {};
            }
            if (!listed) {
                listed.error().where = "target, table " + plan.target.name;
                return std::move(listed.error());
            }
            for (const listed_checkpoint& each : *listed) {
                const checkpoint& copy = each.entry;
                if (copy.target_table != plan.target.name || copy.complete || !copy.begun_alone) continue;
                return refusal(
                    "a copy into table " + plan.target.name + " is not complete (" + copy.title +
                    "): when it goes on it would meet the rows of a repair as duplicates: complete it first, or "
                    "drop its checkpoint (job " +
                    copy.job + ") if it is not to go on");
            }
        }
        return {};
    }

    template <class SourceManager, class TargetManager, class Environment>
    result<void> carry_out(SourceManager& source, TargetManager& target, const verify_request& request,
                           Environment& surroundings, verification& summary) const {
        if (request.delete_extra && !request.repair) return refusal("delete_extra is part of a repair: set repair too");
        if (request.repair &&
            !detail::can_repair<typename SourceManager::connection_type, typename TargetManager::connection_type>) {
            return refusal("these connections cannot repair: explain_repair says what they lack");
        }
        auto from = describe(source, side::source, request.table);
        if (!from) return std::move(from.error());
        auto to = describe(target, side::target, request.target_table.empty() ? request.table : request.target_table);
        if (!to) return std::move(to.error());
        if (auto r = check_filter(source, side::source, *from, request.where); !r) return r;
        if (auto r = check_filter(target, side::target, *to, request.where); !r) return r;
        auto plan = detail::make_verify_plan(std::move(*from), std::move(*to), request);
        if (!plan) return std::move(plan.error());
        if constexpr (TransformsRows<typename SourceManager::connection_type>) {
            detail::note_transformation(*plan);
        } else if (request.columns.empty()) {
            detail::add_computed(*plan, request.generated);
        }
        summary.key_forms = forms_of(plan->source, plan->on_source.order);
        if (auto r = detail::check_repair(*plan, request); !r) return r;
        if (auto r = check_open_copies(target, *plan, request); !r) return r;
        if (request.repair) {
            auto settings = detail::choose_settings(source, target, plan->source, plan->target.name, plan->notices,
                                                    request.computes);
            if (!settings) return std::move(settings.error());
            plan->settings = std::move(settings->values);
            write_request written;
            written.columns = plan->columns.target;
            auto logged = detail::check_log(target, plan->target, std::move(written), plan->notices);
            if (!logged) {
                logged.error().where = "target, table " + plan->target.name;
                return logged;
            }
            if (settings->differ) {
                auto unable = detail::reopen_target(target, plan->target);
                if (!unable) return std::move(unable.error());
                if (!unable->empty()) plan->notices.push_back(std::move(*unable));
            }
        }
        summary.notices = plan->notices;
        surroundings.emit(verification_started{plan->source.name, plan->source.estimated_rows});
        for (const std::string& text : plan->notices) surroundings.emit(notice{plan->source.name, text});
        auto sizer = batch_size_.start({plan->source.estimated_rows, plan->source.estimated_bytes});
        detail::verify_run<SourceManager, TargetManager, decltype(sizer), Environment> run(
            *plan, source, target, std::move(sizer), surroundings, request, summary);
        summary.verdict = verdict::equal; // until something else turns out
        auto done = run.go();
        if (done && summary.differs() && !request.repair) return done;
        if (done || (may_be_altered(done.error().cause) && !is_retryable(done.error().fault) &&
                     summary.verdict != verdict::interrupted)) {
            auto same = run.check_same_tables();
            if (!same && (done || same.error().cause == cause::table_replaced)) return same;
        }
        watched_parts of_source{.columns = request.columns.empty() ? std::vector<std::size_t>() : plan->columns.source};
        watched_parts of_target{.columns = request.columns.empty() ? std::vector<std::size_t>() : plan->columns.target};
        if (!done && plan->named) { // it may have named a key that was dropped
            of_source.key = plan->on_source.index;
            of_target.key = plan->target_key;
        }
        if (request.repair && !request.accept_triggers && summary.found() > 0)
            of_target.triggers = {"INSERT", "DELETE"};
        auto at_end = done;
        check_definition(source, side::source, plan->source, of_source, at_end);
        check_definition(target, side::target, plan->target, of_target, at_end);
        if (!done || at_end || !summary.differs()) return at_end;
        // The differences are the result, and what changed may be their reason.
        const bool is_said = summary.unrepaired && summary.unrepaired->cause == cause::definition_changed;
        if (!is_said) summary.notices.push_back(to_string(at_end.error()));
        return done;
    }

    /// Whether that a table was altered or dropped may be why a statement failed.
    static bool may_be_altered(cause why) { return why == cause::unspecified || why == cause::missing_table; }

    /// Equal digests say nothing of a column that came meanwhile; and a statement that the server refuses has a better reason
    /// where the table was altered or dropped.
    template <class Manager>
    static void check_definition(Manager& manager, side which, const table_schema& was, const watched_parts& watched,
                                 result<void>& done) {
        using connection = typename Manager::connection_type;
        const std::string where(name(which));
        if (!done) {
            const error& e = done.error();
            const bool is_refused = !is_retryable(e.fault) && e.code != 0 && may_be_altered(e.cause);
            if (!is_refused || e.side != which) return;
        }
        auto found = manager.run("describe", [&](connection& c) { return c.describe(was.name); });
        if (!found && done) {
            found.error().where = where + ", table " + was.name;
            done = found.error();
        }
        if (!found) return;
        const std::string changes = *found ? schema_changes(was, **found, watched) : std::string();
        if (*found && changes.empty()) return;
        if (done) done = refusal({}, where + ", table " + was.name);
        error& e = done.error();
        if (*found) {
            e.cause = cause::definition_changed;
            e.message = "the definition of the table changed while it was compared: " + changes + ": verify again";
            return;
        }
        e.cause = which == side::source ? cause::missing_table : cause::unspecified;
        e.message =
            "the table was dropped or renamed while it was compared: create it again, or leave it out, and then "
            "verify again";
    }

    static void conclude(verification& summary, const result<void>& done, bool stop_requested) {
        if (done) {
            const bool undecided = summary.undecided.count > 0 || summary.undecided_ranges > 0;
            summary.verdict = summary.differs() ? verdict::different : undecided ? verdict::undecided : verdict::equal;
            return;
        }
        summary.failure = done.error();
        const bool retryable = is_retryable(done.error().fault);
        if (summary.verdict == verdict::interrupted || (retryable && stop_requested)) {
            summary.verdict = verdict::interrupted;
        } else {
            const bool begun = summary.verdict == verdict::equal && summary.chunks > 0;
            summary.verdict = retryable || begun ? verdict::stopped : verdict::refused;
        }
    }

    [[no_unique_address]] retry_policy retry_;
    [[no_unique_address]] budget_policy budget_;
    [[no_unique_address]] rate_limit_policy rate_limit_;
    [[no_unique_address]] batch_size_policy batch_size_;
};

template <class... Ps>
verifier(Ps...) -> verifier<Ps...>;

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
