// SPDX-License-Identifier: BSL-1.0
#include "exit_code.hpp"

#include "interrupt.hpp"

#include <rowferry/report.hpp>

#include <algorithm>
#include <array>

namespace tool {
namespace {

namespace rf = rowferry;

bool starts_over(const rf::error& e) {
    return e.offers(rf::remedy::start_over) || e.offers(rf::remedy::start_over_into_empty);
}

bool was_interrupted(const job_result& result) {
    return result.outcome == rf::outcome::interrupted ||
           std::any_of(result.verifications.begin(), result.verifications.end(),
                       [](const rf::verification& v) { return v.verdict == rf::verdict::interrupted; });
}

/// What the copies came to; 0 when all are complete.
int code_of_copies(const job_result& result, const options& wanted) {
    if (result.outcome == rf::outcome::complete) return exit_code::done;
    bool needs_person = false;
    bool is_refused = !has_changed(result);
    auto take = [&](const rf::error& e, rf::outcome how, bool has_committed) {
        if (e.cause == rf::cause::not_begun || can_run_again(e, has_committed, wanted)) return;
        needs_person = true;
        // Something may have been changed, a row has to be, or another server answers than the one that the copy began with.
        const bool is_moved = e.cause == rf::cause::another_server && e.offers(rf::remedy::accept_other_servers);
        if (how != rf::outcome::refused || e.offers(rf::remedy::run_again) || is_moved) is_refused = false;
    };
    for (const rf::report& r : result.tables) {
        if (r.failure) take(*r.failure, r.outcome, rf::may_have_committed(r));
    }
    if (result.failure) take(*result.failure, result.outcome, false);
    if (!needs_person) return exit_code::stopped;
    return is_refused ? exit_code::refused : exit_code::needs_person;
}

/// What one comparison, or repair, came to; `has_repaired` says that rows of some table were changed.
int code_of(const rf::verification& v, bool has_repaired, const job_result& result, const options& wanted) {
    if (v.verdict == rf::verdict::equal) return exit_code::done;
    if (v.verdict == rf::verdict::different && is_blocked(v)) return exit_code::needs_person;
    if (v.verdict == rf::verdict::refused && has_repaired) return exit_code::needs_person;
    if (v.verdict == rf::verdict::refused && result.tables.empty()) return exit_code::refused;
    if (v.verdict != rf::verdict::stopped || !v.failure) return exit_code::different;
    if (can_run_again(*v.failure, false, wanted)) return exit_code::stopped;
    // An answer that makes no sense only says that equality could not be shown.
    const bool ends_repair = wanted.repair && v.failure->cause != rf::cause::senseless_answer;
    return ends_repair ? exit_code::needs_person : exit_code::different;
}

/// What the comparisons came to; 0 when all tables are equal.
int code_of_verifications(const job_result& result, const options& wanted) {
    const auto& all = result.verifications;
    const bool has_repaired =
        std::any_of(all.begin(), all.end(), [](const rf::verification& v) { return v.repaired + v.deleted > 0; });
    // What needs a person outweighs a difference, that what could not be compared yet, and that what never can be.
    constexpr std::array weights{exit_code::done, exit_code::refused, exit_code::stopped, exit_code::different,
                                 exit_code::needs_person};
    auto heaviest = weights.begin();
    for (const rf::verification& v : all) {
        const int of_this = code_of(v, has_repaired, result, wanted);
        heaviest = std::max(heaviest, std::find(weights.begin(), weights.end(), of_this));
    }
    return *heaviest;
}

} // namespace

bool can_run_again(const rf::error& e, bool has_committed, const options& wanted) {
    // What is begun without a checkpoint, or from a snapshot, starts over: by itself only where it empties the target first.
    const bool keeps_none = wanted.engine == copy_engine::legacy;
    const bool ends_snapshot = wanted.consistent && wanted.mode == copy_mode::full;
    const bool starts_anew = keeps_none || ends_snapshot || !wanted.resume;
    const bool fits_again =
        !has_committed || wanted.truncate_target || !starts_anew || (!ends_snapshot && rf::is_idempotent(wanted.write));
    if (e.cause == rf::cause::interrupted) return fits_again;
    // A run that empties the target starts over by itself.
    if (wanted.truncate_target && rf::is_retryable(e.fault) && starts_over(e)) return true;
    return rf::is_retryable(e) && fits_again;
}

bool is_blocked(const rf::verification& v) {
    return v.unrepaired && v.unrepaired->cause != rf::cause::senseless_answer;
}

bool has_changed(const job_result& result) {
    return std::any_of(result.tables.begin(), result.tables.end(),
                       [](const rf::report& r) { return rf::has_changed(r); });
}

int exit_code_of(const job_result& result, const options& wanted) {
    if (was_interrupted(result) && stop_signal() != nullptr) return exit_code::signalled + stop_signal_number();
    const int of_copies = code_of_copies(result, wanted);
    return of_copies != exit_code::done ? of_copies : code_of_verifications(result, wanted);
}

int exit_code_of(const rf::result<checkpoint_list>& list) {
    const rf::error* const failure = !list ? &list.error() : list->failure ? &*list->failure : nullptr;
    if (failure == nullptr) return exit_code::done;
    if (failure->cause == rf::cause::interrupted && stop_signal() != nullptr) {
        return exit_code::signalled + stop_signal_number();
    }
    if (rf::is_retryable(*failure)) return exit_code::stopped;
    return list ? exit_code::needs_person : exit_code::refused; // some were dropped, or none
}

} // namespace tool
