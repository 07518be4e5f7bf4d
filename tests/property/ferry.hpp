// SPDX-License-Identifier: BSL-1.0
// The copy that a case asks for.
#ifndef ROWFERRY_TESTS_PROPERTY_FERRY_HPP
#define ROWFERRY_TESTS_PROPERTY_FERRY_HPP

#include "property/random_case.hpp"

#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

namespace property {

/// One run of the case's copy, by so many workers (0: sequential); throws `crashed` where the case kills the client.
rf::report copy(const test_case& c, unsigned workers, rf::testing::fake_database source,
                rf::testing::fake_database target);

} // namespace property

#endif
