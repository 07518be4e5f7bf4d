// SPDX-License-Identifier: BSL-1.0
// A user's program: what it includes is found, and what it calls is linked.
#include <rowferry/retry.hpp>
#include <rowferry/version.hpp>

#include <boost/pfr/core.hpp>
#include <fmt/core.h>
#include <range/v3/range_fwd.hpp>

int main() {
    rowferry::jitter_source jitter(1);
    const auto decision = rowferry::exponential_backoff{.jitter = false}.decide({}, jitter);
    fmt::print("{}\n", decision.again);
    return boost::pfr::tuple_size<rowferry::failure>::value > 0 ? 0 : 1;
}
