// SPDX-License-Identifier: BSL-1.0
// The last look at a target that was filled by inserts: whether another session finds the checkpoint and the rows that were
// committed. A proxy or a server that answers a COMMIT and does not carry it out can deceive the session that wrote.
#ifndef ROWFERRY_CLOSING_COUNT_HPP
#define ROWFERRY_CLOSING_COUNT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_loss.hpp>
#include <rowferry/checkpoint.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// What another session does not find of a COMMIT that was answered as done. Its checkpoint tells the next run how far this
/// one came.
inline error commit_not_found(const std::string& what) {
    error e = senseless_answer("commit", "COMMIT was answered as done, but " + what + ", also some seconds later");
    e.remedies = {{remedy::check_proxy}};
    return e;
}
/// A table with other rows than were committed, found by another session than the one that wrote them.
inline error other_rows_found(std::uint64_t there, std::uint64_t committed) {
    return refusal(
        "the table holds " + std::to_string(there) + " rows instead of " + std::to_string(committed) +
            " after the last COMMIT: the COMMIT was not carried out, or something else has changed the table meanwhile",
        {{remedy::start_over_into_empty}});
}

/// Looks through the target's manager of `Parts`, whose connection is a fresh one, and sleeps by its surroundings. `Stores`
/// says whether a checkpoint is kept.
template <bool Stores, class Parts>
class closing_count {
    using connection = typename decltype(Parts::target)::connection_type;

public:
    /// `earlier_runs` are those whose checkpoint this run continued or replaced.
    closing_count(checkpoint at, std::vector<std::string> earlier_runs, Parts& parts)
        : at_(std::move(at)), earlier_runs_(std::move(earlier_runs)), parts_(parts) {}

    /// `count_other(connection, rows)` counts the target's rows, and gives their number where it is another one. Sleeps, and
    /// looks again, where it is, or where the last COMMIT is not found.
    template <class CountOther>
    result<void> check(CountOther count_other) {
        std::optional<std::uint64_t> other;
        result<void> looked;
        (void)stays_missing(parts_.surroundings, [&] {
            looked = look(count_other, other);
            return is_missing(looked, other);
        });
        if (!looked || !other) return looked;
        // A checkpoint that is complete would let the next run say so. Where it is left, that run finds a table that is not
        // empty, or empty.
        if constexpr (Stores) {
            if (auto forgotten =
                    parts_.target.run("forget checkpoint", [&](connection& c) { return c.forget_checkpoint(at_); });
                !forgotten) {
                return forgotten;
            }
        }
        return other_rows_found(*other, at_.rows);
    }

private:
    [[nodiscard]] static bool is_missing(const result<void>& looked, const std::optional<std::uint64_t>& other) {
        return looked ? other.has_value() : looked.error().cause == cause::senseless_answer;
    }

    template <class CountOther>
    result<void> look(CountOther& count_other, std::optional<std::uint64_t>& other) {
        other.reset();
        return parts_.target.run("count", [&](connection& c) -> result<void> {
            auto done = look_once(c, count_other, other);
            if (done || needs_fresh_connection(done.error().fault)) return done;
            if (auto undone = c.rollback(); !undone && is_retryable(done.error().fault))
                done.error().fault = fault::connection_lost;
            return done;
        });
    }
    /// In a transaction, which a proxy does not send to a replica that lags behind.
    template <class CountOther>
    result<void> look_once(connection& c, CountOther& count_other, std::optional<std::uint64_t>& other) {
        if (auto r = c.begin(); !r) return r;
        auto is_mine = find_checkpoint(c);
        if (!is_mine) return std::move(is_mine.error());
        if (*is_mine) {
            auto found = count_other(c, at_.rows);
            if (!found) return std::move(found.error());
            other = *found;
        }
        return c.rollback();
    }
    /// Whether the checkpoint is still this run's; an error when it is not as it was committed.
    result<bool> find_checkpoint(connection& c) {
        if constexpr (Stores) {
            auto found = c.load_checkpoint(at_.job, checkpoint_read::as_it_stands);
            if (!found) return std::move(found.error());
            if (!*found) return commit_not_found("the checkpoint of this copy (" + at_.title + ") is not there");
            if ((*found)->batches < at_.batches) {
                return commit_not_found("the checkpoint of this copy (" + at_.title + ") stands at transaction " +
                                        std::to_string((*found)->batches) + " of " + std::to_string(at_.batches));
            }
            const bool is_earlier =
                std::find(earlier_runs_.begin(), earlier_runs_.end(), (*found)->run) != earlier_runs_.end();
            if (is_earlier && parts_.target.met_another_server()) {
                return commit_not_found("another server holds the checkpoint of an earlier run (" + at_.title + ")");
            }
            return (*found)->run == at_.run; // else another run goes on from there, and may have written more
        } else {
            (void)c;
            return true;
        }
    }

    checkpoint at_;
    std::vector<std::string> earlier_runs_;
    Parts& parts_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
