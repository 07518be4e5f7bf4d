// SPDX-License-Identifier: BSL-1.0
// Makes a failing case as small as it can be and still fail.
#ifndef ROWFERRY_TESTS_PROPERTY_SHRINK_HPP
#define ROWFERRY_TESTS_PROPERTY_SHRINK_HPP

#include "property/random_case.hpp"
#include "property/run_case.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace property {

/// All cases that are simpler than this one by one thing.
inline std::vector<test_case> simpler_cases(const test_case& c) {
    std::vector<test_case> all;
    auto without_each = [&](auto list) {
        for (std::size_t i = 0; i < (c.*list).size(); ++i) {
            test_case simpler = c;
            (simpler.*list).erase((simpler.*list).begin() + static_cast<std::ptrdiff_t>(i));
            all.push_back(std::move(simpler));
        }
    };
    auto with = [&](auto member, auto plain) {
        if (c.*member == plain) return;
        all.push_back(c);
        all.back().*member = plain;
    };
    without_each(&test_case::events);
    without_each(&test_case::later);
    without_each(&test_case::there);
    without_each(&test_case::rows);
    with(&test_case::refused, std::optional<std::size_t>());
    with(&test_case::has_extra, false);
    with(&test_case::server_side, false);
    if (!c.consistent) with(&test_case::truncates, false);
    with(&test_case::resumes, true);
    with(&test_case::filters, false);
    with(&test_case::renames, false);
    with(&test_case::workers, 0U);
    with(&test_case::batch_bytes, std::uint64_t{0});
    return all;
}

/// Takes away one thing after another, as long as the case still fails.
inline test_case shrunk(test_case c) {
    for (bool smaller = true; smaller;) {
        smaller = false;
        for (test_case& simpler : simpler_cases(c)) {
            if (!run_case(simpler)) continue;
            c = std::move(simpler);
            smaller = true;
            break;
        }
    }
    return c;
}

} // namespace property

#endif
