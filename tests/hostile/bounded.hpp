// SPDX-License-Identifier: BSL-1.0
// What holds of every run against a server that never ends its answers, or drips them.
#ifndef ROWFERRY_TESTS_HOSTILE_BOUNDED_HPP
#define ROWFERRY_TESTS_HOSTILE_BOUNDED_HPP

#include "catch.hpp"
#include "guarded_tool.hpp"
#include "scripted_server.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace hostile {

/// Answers statements that contain this text one byte at a time, 300 ms apart.
inline rule one_byte_at_a_time(std::string part) {
    return when(std::move(part), [](answer& a) { a.per_byte = std::chrono::milliseconds(300); });
}

/// Checks that the tool ended by itself with an error, in bounded memory, and that it said little.
inline void check_bounded(const outcome& said) {
    CHECK_FALSE(said.hung);
    CHECK_FALSE(said.grew);
    CHECK_FALSE(said.crashed());
    CHECK(said.exit_code != 0);
    CHECK(said.peak_bytes < most_memory());
    CHECK(said.err.size() + said.out.size() < 16'384);
}

} // namespace hostile

#endif
