// SPDX-License-Identifier: BSL-1.0
// Guarantee 1 as a property: whatever the table, the way of copying, the faults and the crashes, the target ends up with
// each row of the source once, and its checkpoint is never ahead of it.
//
//   ROWFERRY_PROPERTY_SEED=N    begins with this case, rather than with one of the clock's choice
//   ROWFERRY_PROPERTY_CASES=N   so many cases, rather than 100 000
#include "catch.hpp"
#include "property/random_case.hpp"
#include "property/run_case.hpp"
#include "property/shrink.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

/// The first failing case that any thread finds.
class search {
public:
    search(std::uint64_t first, std::uint64_t count) : first_seed(first), cases(count) {}

    const std::uint64_t first_seed;
    const std::uint64_t cases;
    std::atomic<std::uint64_t> held{0};
    std::optional<std::uint64_t> failed;

    void work() {
        for (std::uint64_t i = next_++; i < cases; i = next_++) {
            if (!property::run_case(property::draw_case(first_seed + i))) {
                ++held;
                continue;
            }
            next_ = cases;
            const std::lock_guard lock(mutex_);
            if (!failed) failed = first_seed + i;
        }
    }

private:
    std::atomic<std::uint64_t> next_{0};
    std::mutex mutex_;
};

} // namespace

TEST_CASE("any copy, through any faults and crashes, ends with each row once") {
    const auto clock = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1000;
    search all(from_environment("ROWFERRY_PROPERTY_SEED", clock), from_environment("ROWFERRY_PROPERTY_CASES", 100'000));
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) {
        threads.emplace_back([&all] { all.work(); });
    }
    for (std::thread& t : threads) t.join();
    if (all.failed) {
        const property::test_case smallest = property::shrunk(property::draw_case(*all.failed));
        FAIL("ROWFERRY_PROPERTY_SEED=" << *all.failed
                                       << " ROWFERRY_PROPERTY_CASES=1 fails. As small as it still does:\n"
                                       << to_string(smallest) << property::run_case(smallest).value_or("it holds now"));
    }
    CHECK(all.held == all.cases);
    WARN(all.cases << " cases from ROWFERRY_PROPERTY_SEED=" << all.first_seed);
}
