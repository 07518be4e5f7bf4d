// SPDX-License-Identifier: BSL-1.0
// Counts the retries that were needed before a table's copy began, so that its report has all of them.
#pragma once

#include <rowferry/observe.hpp>
#include <rowferry/report.hpp>

#include <algorithm>
#include <cstddef>

namespace tool {

struct retry_counter {
    rowferry::connection_stats source;
    rowferry::connection_stats target;

    void on(const rowferry::retry_scheduled& e) {
        rowferry::connection_stats& stats = of(e.side);
        ++stats.retries[static_cast<std::size_t>(e.error.fault)];
        stats.backoff += e.delay;
    }
    void on(const rowferry::recovered& e) {
        rowferry::connection_stats& stats = of(e.side);
        ++stats.recoveries;
        stats.recovery_total += e.outage;
        stats.recovery_longest = std::max(stats.recovery_longest, e.outage);
    }
    void add_to(rowferry::report& r) const {
        r.source += source;
        r.target += target;
    }

private:
    rowferry::connection_stats& of(rowferry::side which) { return which == rowferry::side::source ? source : target; }
};

} // namespace tool
