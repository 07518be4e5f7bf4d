// SPDX-License-Identifier: BSL-1.0
// A batch size policy that is chosen at run time, so that one pipeline type serves both models.
#pragma once

#include <rowferry/batch_size.hpp>

#include <optional>

namespace tool {

/// fixed_batch when there is one, else adaptive_batch.
struct chosen_batch {
    using policy_slot = rowferry::slot::batch_size;
    std::optional<rowferry::fixed_batch> fixed;
    rowferry::adaptive_batch adaptive;

    struct state {
        std::optional<rowferry::fixed_batch::state> fixed;
        rowferry::adaptive_batch::state adaptive;

        [[nodiscard]] rowferry::batch_limits next() const { return fixed ? fixed->next() : adaptive.next(); }
        void committed(const rowferry::batch_cost& cost) { adaptive.committed(cost); }
        void failed(rowferry::fault f) { adaptive.failed(f); }
    };
    [[nodiscard]] state start(const rowferry::table_estimate& estimate) const {
        state s{std::nullopt, adaptive.start(estimate)};
        if (fixed) s.fixed = fixed->start(estimate);
        return s;
    }
};

} // namespace tool
