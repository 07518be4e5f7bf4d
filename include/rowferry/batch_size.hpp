// SPDX-License-Identifier: BSL-1.0
// Rows and bytes of the next batch, from what earlier batches cost and which faults they met.
//
//   fixed_batch        the same number of rows each time
//   size_tiered_batch  the old replicator's rule, by the table's estimated size
//   adaptive_batch     a byte budget first, a latency target second: the default
#ifndef ROWFERRY_BATCH_SIZE_HPP
#define ROWFERRY_BATCH_SIZE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/policy.hpp>
#include <rowferry/rate_limit.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>

namespace rowferry {
inline namespace v0 {

/// How much the next page may hold. A page holds at least one row, however large that is.
struct batch_limits {
    std::uint64_t rows = 1;  ///< at least 1
    std::uint64_t bytes = 0; ///< 0 is no limit
};

/// What is known of a table before its first page.
struct table_estimate {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;
    [[nodiscard]] constexpr double megabytes() const { return static_cast<double>(bytes) / (1024.0 * 1024.0); }
};

/// A batch size policy's per-run state.
template <class S>
concept BatchSizeState = requires(S& s, const S& cs, const batch_cost& cost, fault f) {
    { cs.next() } -> std::same_as<batch_limits>;
    s.committed(cost);
    s.failed(f);
};
/// `start` makes the state of one run, from what is known of the table; never sleeps and never throws.
template <class P>
concept StartsBatchSize = requires(const P& p, const table_estimate& estimate) {
    { p.start(estimate) } -> BatchSizeState;
};
/// A policy for the slot `batch_size`: how many rows and bytes the next page may hold.
template <class P>
concept BatchSizePolicy = detail::fills<P, slot::batch_size> && StartsBatchSize<P>;

/// The same number of rows each time, or fewer where they reach `bytes` first.
struct fixed_batch {
    using policy_slot = slot::batch_size;
    std::uint64_t rows = 5000;
    std::uint64_t bytes = 64U << 20U; ///< memory stays bounded when the rows turn out wide; 0 is no limit

    struct state {
        batch_limits limits;
        [[nodiscard]] constexpr batch_limits next() const { return limits; }
        static constexpr void committed(const batch_cost&) {}
        static constexpr void failed(fault) {}
    };
    [[nodiscard]] constexpr state start(const table_estimate&) const {
        return {{std::max<std::uint64_t>(rows, 1), bytes}};
    }
};

/// The old replicator's rule: over 100 MB min(base/2, 10 000) rows; over 50 MB min(base, 25 000); else base.
struct size_tiered_batch {
    using policy_slot = slot::batch_size;
    std::uint64_t base_rows = 5000;
    std::uint64_t bytes = 64U << 20U; ///< as in fixed_batch

    [[nodiscard]] constexpr std::uint64_t rows_for(double estimated_size_mb) const {
        if (estimated_size_mb > 100) return std::min<std::uint64_t>(base_rows / 2, 10'000);
        if (estimated_size_mb > 50) return std::min<std::uint64_t>(base_rows, 25'000);
        return base_rows;
    }
    [[nodiscard]] constexpr fixed_batch::state start(const table_estimate& estimate) const {
        return fixed_batch{rows_for(estimate.megabytes()), bytes}.start(estimate);
    }
};

/// Aims at `target_bytes` a batch by the row sizes seen, and then at `target_latency`; grows by at most half a step,
/// falls to a tenth after a batch that took five times too long, and halves on faults that say "too large".
struct adaptive_batch {
    using policy_slot = slot::batch_size;
    std::uint64_t target_bytes = 4U << 20U;
    std::chrono::nanoseconds target_latency = std::chrono::seconds(2);
    std::uint64_t initial_rows = 1000;
    std::uint64_t min_rows = 1;
    std::uint64_t max_rows = 20'000; ///< more of the narrowest rows save no time: each cell takes room of its own too

    struct state;
    [[nodiscard]] constexpr state start(const table_estimate& estimate) const;
};

struct adaptive_batch::state {
    adaptive_batch policy;
    double rows;
    double row_bytes = 0; // moving average; 0 before the first batch

    [[nodiscard]] constexpr batch_limits next() const {
        return {static_cast<std::uint64_t>(rows), 4 * policy.target_bytes};
    }
    constexpr void committed(const batch_cost& cost) {
        if (cost.rows == 0) return;
        const double seen = std::max(1.0, double(cost.bytes) / double(cost.rows));
        row_bytes = row_bytes == 0 ? seen : 0.7 * row_bytes + 0.3 * seen;
        const double took = to_seconds(cost.elapsed);
        const double wanted = to_seconds(policy.target_latency);
        double by_latency = rows * 1.5;
        if (took > 5 * wanted) {
            by_latency = rows / 10;
        } else if (took > wanted) {
            by_latency = rows * std::max(0.5, wanted / took);
        }
        set(std::min({double(policy.target_bytes) / row_bytes, by_latency, rows * 1.5}));
    }
    constexpr void failed(fault f) {
        if (f == fault::batch_too_large || f == fault::overloaded) set(rows / 2);
    }
    constexpr void set(double wanted) {
        const auto low = static_cast<double>(std::max<std::uint64_t>(policy.min_rows, 1));
        rows = std::clamp(wanted, low, std::max(low, double(policy.max_rows)));
    }
};

constexpr adaptive_batch::state adaptive_batch::start(const table_estimate& estimate) const {
    state s{*this, double(initial_rows)};
    double first = double(initial_rows);
    if (estimate.rows > 0 && estimate.bytes > 0) {
        const double row_bytes = std::max(1.0, double(estimate.bytes) / double(estimate.rows));
        first = std::min(first, double(target_bytes) / row_bytes);
    }
    s.set(first);
    return s;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
