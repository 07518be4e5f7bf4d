// SPDX-License-Identifier: BSL-1.0
// Pipelines of small batches with any execution policy, and a stop in the middle of them.
#ifndef ROWFERRY_TESTS_UNIT_FERRIES_HPP
#define ROWFERRY_TESTS_UNIT_FERRIES_HPP

#include <rowferry/rowferry.hpp>

#include <atomic>
#include <cstdint>

namespace ferries {

namespace rf = rowferry;

inline constexpr rf::fixed_batch three{.rows = 3};
inline constexpr rf::fixed_delay patient{.max_attempts = 10};

template <class Execution>
auto ferry_of(const Execution& execution) {
    return rf::pipeline{three, patient, execution};
}

/// Asks for a stop after so many batches.
struct stop_after {
    std::uint64_t batches;
    std::atomic<std::uint64_t> seen{0};
    void on(const rf::batch_committed&) { ++seen; }
    [[nodiscard]] bool stop_requested() const { return seen >= batches; }
};

} // namespace ferries

#endif
