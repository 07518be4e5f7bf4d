// SPDX-License-Identifier: BSL-1.0
// The workers of one run: each copies ranges until none is left, and one that has nothing to do is given half of the largest.
#ifndef ROWFERRY_RANGE_WORKERS_HPP
#define ROWFERRY_RANGE_WORKERS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/ledger.hpp>
#include <rowferry/pagination.hpp>
#include <rowferry/range_copy.hpp>
#include <rowferry/range_queue.hpp>
#include <rowferry/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Divides the range of a worker when another one waits for something to do.
class range_divider {
public:
    range_divider(range_queue& queue, ledger& at, std::size_t worker) : queue_(queue), at_(at), worker_(worker) {}

    /// A range of about so many rows begins, when the worker has read `rows_read`.
    void begin(double rows_ahead, std::uint64_t rows_read) {
        rows_ahead_ = rows_ahead;
        read_before_ = rows_read;
        is_small_ = false;
    }
    /// Gives half of what is ahead of the worker away, if that is wanted and worth it: two pages at least.
    template <class Worker>
    result<void> operator()(Worker& worker) {
        const std::uint64_t page_rows = worker.page_limits().rows;
        const double behind = double(worker.rows_read() - read_before_);
        double ahead = rows_ahead_ - behind;
        // Where about all was read that was estimated, nobody knows how much there is: perhaps as much again.
        if (ahead < 2 * double(page_rows)) ahead = std::max(4 * double(page_rows), behind);
        if (is_small_) ahead = 1; // somebody else may have more
        if (!queue_.wants_half(worker_, ahead) || is_small_) return {};
        auto half = worker.find_middle(ahead, page_rows);
        if (!half) return half.error();
        if (!*half || (*half)->middle == worker.range_end()) {
            is_small_ = true;
            return {};
        }
        if (!queue_.divides_at((*half)->middle)) {
            return senseless_answer("divide", "it divides a range of the key where one was divided before");
        }
        at_.divide(worker.range_end(), (*half)->middle);
        queue_.give({{(*half)->middle, worker.range_end()}, (*half)->rows_behind});
        worker.end_at((*half)->middle);
        begin((*half)->rows_before, worker.rows_read());
        return {};
    }

private:
    range_queue& queue_;
    ledger& at_;
    std::size_t worker_;
    double rows_ahead_ = 0;
    std::uint64_t read_before_ = 0;
    bool is_small_ = false; // what is left of the range is not worth dividing
};

/// Runs workers side by side until all ranges are copied or one of them fails, which stops the others at their next batch.
class range_workers {
public:
    /// `work(number)`, a result, for each number from 0 on: the first in the calling thread, and each other one in its own;
    /// `halt()` is called once one has failed. The first failure, or an exception from whichever thread.
    template <class Work, class Halt>
    result<void> run(std::size_t count, Work work, Halt halt) {
        auto guarded = [&](std::size_t number) {
            try {
                if (auto r = work(number); !r) fail(r.error(), halt);
            } catch (...) {
                const std::lock_guard lock(mutex_);
                if (!thrown_) thrown_ = std::current_exception();
                halt();
            }
        };
        {
            joining_threads others;
            try {
                for (std::size_t number = 1; number < count; ++number) {
                    others.threads.emplace_back([&guarded, number] { guarded(number); });
                }
            } catch (...) { // no more threads: those that there are stop
                halt();
                throw;
            }
            guarded(0);
        }
        if (thrown_) std::rethrow_exception(thrown_);
        if (failure_) return std::move(*failure_);
        return {};
    }

private:
    struct joining_threads {
        std::vector<std::thread> threads;
        ~joining_threads() {
            for (std::thread& t : threads) t.join();
        }
    };
    template <class Halt>
    void fail(error& e, Halt& halt) {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = std::move(e);
        halt();
    }

    std::mutex mutex_;
    std::optional<error> failure_;
    std::exception_ptr thrown_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
