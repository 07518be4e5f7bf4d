// SPDX-License-Identifier: BSL-1.0
// Where the target stands, as far as a run knows, and whose turn it is to move it on. The workers of a run write at once and
// commit one after another, so that one checkpoint counts their transactions in one sequence.
#ifndef ROWFERRY_LEDGER_HPP
#define ROWFERRY_LEDGER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch_loss.hpp>
#include <rowferry/checkpoint.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// The checkpoint of one run. Safe for several threads.
class ledger {
public:
    /// Held by the one worker that saves and commits, until it knows what became of its transaction. One that ends while it is
    /// held, by an error or an exception, leaves that unknown: nobody else gets a turn then.
    class turn {
    public:
        turn() = default;
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;
        ~turn() {
            if (is_held()) ledger_->is_unsettled_ = true;
        }
        [[nodiscard]] bool is_held() const { return lock_.owns_lock(); }
        /// The holder's transaction is known to be undone.
        void release() {
            if (is_held()) lock_.unlock();
        }

    private:
        friend ledger;
        ledger* ledger_ = nullptr;
        std::unique_lock<std::mutex> lock_;
    };

    explicit ledger(checkpoint at) : at_(std::move(at)) {}

    /// The checkpoint as it was committed last, with the ranges as they are divided now.
    [[nodiscard]] checkpoint now() const {
        const std::lock_guard lock(state_);
        return at_;
    }
    [[nodiscard]] std::uint64_t rows() const {
        const std::lock_guard lock(state_);
        return at_.rows;
    }
    /// Takes what the target says, at the beginning.
    void stand_at(checkpoint at) {
        const std::lock_guard lock(state_);
        at_ = std::move(at);
    }

    /// Notes the runs whose checkpoint this one has continued or replaced. Called once, before there are several threads.
    void come_after(std::vector<std::string> runs) { earlier_runs_ = std::move(runs); }
    [[nodiscard]] const std::vector<std::string>& earlier_runs() const { return earlier_runs_; }
    [[nodiscard]] bool comes_after(const std::string& run) const {
        return std::find(earlier_runs_.begin(), earlier_runs_.end(), run) != earlier_runs_.end();
    }

    /// Waits until nobody else has the turn; false when the last one left without knowing what became of its commit.
    bool take(turn& mine) {
        mine.ledger_ = this;
        mine.lock_ = std::unique_lock(turns_);
        if (!is_unsettled_) return true;
        mine.release();
        return false;
    }
    /// Notes that the holder's transaction is committed, which changed the checkpoint so, and ends its turn. Others may have
    /// divided their ranges meanwhile.
    template <class Change>
    void settle(turn& mine, const Change& change) {
        {
            const std::lock_guard lock(state_);
            ++at_.batches;
            change(at_);
        }
        mine.release();
    }
    /// Notes that rows may have come twice, as a copy without a checkpoint accepts: their number is not known then.
    void lose_count() { is_counted_ = false; }
    [[nodiscard]] bool is_counted() const { return is_counted_; }

    /// Notes that the target does not hold all that was committed. Of several workers the first one says what is missing.
    void note_loss(const batch_loss& loss) {
        const std::lock_guard lock(state_);
        if (!loss_) loss_ = loss;
    }
    [[nodiscard]] std::optional<batch_loss> loss() const {
        const std::lock_guard lock(state_);
        return loss_;
    }

    /// Divides the range that ends at `up_to`, or the rows behind all ranges: see `checkpoint::divide`.
    void divide(const key_values& up_to, const key_values& middle) {
        const std::lock_guard lock(state_);
        at_.divide(up_to, middle);
    }
    /// Notes that a range has no rows left.
    void close(const key_values& up_to) {
        const std::lock_guard lock(state_);
        at_.close(up_to);
    }

private:
    std::mutex turns_;         // held for as long as a turn takes, which may be several tries
    mutable std::mutex state_; // held for a moment
    checkpoint at_;
    std::vector<std::string> earlier_runs_;
    std::optional<batch_loss> loss_;
    std::atomic<bool> is_unsettled_{false};
    std::atomic<bool> is_counted_{true};
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
