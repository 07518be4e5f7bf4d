// SPDX-License-Identifier: BSL-1.0
// A table that changes between any two pages of its copy, and what it was at each moment.
#ifndef ROWFERRY_TESTS_UNIT_MOVING_WORLD_HPP
#define ROWFERRY_TESTS_UNIT_MOVING_WORLD_HPP

#include "worlds.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace worlds {

inline constexpr rf::fixed_batch three{.rows = 3};
inline constexpr rf::one_snapshot stopping{};
inline constexpr rf::one_snapshot starting_over{.when_lost = rf::when_lost::start_over};
inline constexpr rf::exponential_backoff one_second{.initial_delay = std::chrono::seconds(1), .jitter = false};
inline const rf::copy_request plain{.table = "procnote"};
inline const rf::copy_request emptying{.table = "procnote", .truncate_target = true};

/// Two databases, and a writer that changes every row of the source after each page, adds one and deletes one; it remembers
/// what the table was at each moment.
struct moving_world : two_databases {
    using rows = std::vector<rf::testing::row>;
    std::vector<rows> moments;

    explicit moving_world(std::uint64_t count = 10) : two_databases(count) {
        moments.push_back(source.rows("procnote"));
    }
    void on(const rf::page_read&) { change(); }
    void change() {
        const std::string moment = "moment " + std::to_string(moments.size());
        const rows before = moments.back();
        for (const auto& r : before) source.upsert("procnote", {r[0], r[1], moment});
        source.insert("procnote", {std::to_string(1000 + moments.size()), r_time(), moment});
        source.erase("procnote", {before.front()[0]});
        moments.push_back(source.rows("procnote"));
    }
    static std::string r_time() { return "2026-01-01 00:00:00.000001"; }

    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, const rf::copy_request& request = plain) {
        return ferry.copy(source, target, request, timing, *this);
    }
    [[nodiscard]] bool is_of_one_moment() const {
        const rows there = target.rows("procnote");
        return std::find(moments.begin(), moments.end(), there) != moments.end();
    }
    /// Whether all rows of the target are of one moment, though some may be missing.
    [[nodiscard]] bool is_part_of_one_moment() const {
        const rows there = target.rows("procnote");
        auto holds = [&](const rows& moment) {
            return std::all_of(there.begin(), there.end(), [&](const auto& r) {
                return std::find(moment.begin(), moment.end(), r) != moment.end();
            });
        };
        return std::any_of(moments.begin(), moments.end(), holds);
    }
};

} // namespace worlds

#endif
