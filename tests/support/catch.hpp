// SPDX-License-Identifier: BSL-1.0
// Catch2 3 and 2.13 under the names of version 3, SKIP among them: the tests include this, never Catch2 itself.
#ifndef ROWFERRY_TESTS_CATCH_HPP
#define ROWFERRY_TESTS_CATCH_HPP

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>
#else
#include <catch2/catch.hpp>

namespace Catch {
using Detail::Approx;
namespace Matchers {
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
} // namespace Matchers
} // namespace Catch

// Version 3 counts such a test as skipped; 2.13 can only say so.
#define SKIP(reason)                                                                                                   \
    do {                                                                                                               \
        WARN("skipped: " << (reason));                                                                                 \
        return;                                                                                                        \
    } while (false)
#endif

#endif
