// SPDX-License-Identifier: BSL-1.0
// Counts what the workers of a run have committed, and tells observers in the same order.
#ifndef ROWFERRY_RUN_TALLY_HPP
#define ROWFERRY_RUN_TALLY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/observe.hpp>
#include <rowferry/report.hpp>
#include <rowferry/table.hpp>
#include <rowferry/timing.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// What one transaction brought.
struct committed_batch {
    std::uint64_t rows = 0;    ///< that were read and sent
    std::uint64_t bytes = 0;   ///< of their cells
    std::uint64_t arrived = 0; ///< rows by which the target is further: the same, but inside one server
    std::uint64_t skipped = 0; ///< that skip_existing left as they were
    duration elapsed{};
    std::uint64_t dropped = 0; ///< that were read and, as a transformation said, not sent
};

/// The counts of one run, in its report. Table, report and environment outlive it. Safe for several threads.
template <class Environment>
class run_tally {
public:
    run_tally(const std::string& table, report& summary, Environment& environment)
        : table_(table), report_(summary), environment_(environment), started_(environment.now()) {}

    void add(const committed_batch& batch, const key_values& last_key) {
        const std::lock_guard lock(mutex_);
        ++report_.batches;
        report_.rows += batch.arrived;
        report_.bytes += batch.bytes;
        report_.skipped += batch.skipped;
        report_.dropped += batch.dropped;
        report_.last_key = last_key;
        environment_.emit(batch_committed{table_, batch.rows, batch.bytes, report_.rows, report_.bytes, batch.elapsed,
                                          environment_.now() - started_, report_.last_key, report_.last_key_forms,
                                          batch.dropped, report_.dropped});
    }
    /// Tells what an operator should know of the writes, once however many say it; nothing where the text is empty.
    void tell(const std::string& text) {
        if (text.empty()) return;
        const std::lock_guard lock(mutex_);
        if (std::find(told_.begin(), told_.end(), text) != told_.end()) return;
        told_.push_back(text);
        environment_.emit(notice{table_, text});
    }

private:
    const std::string& table_;
    report& report_;
    Environment& environment_;
    time_point started_;
    std::mutex mutex_;
    std::vector<std::string> told_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
