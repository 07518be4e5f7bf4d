// SPDX-License-Identifier: BSL-1.0
// The ways in which one answer is made wrong: counts, types, NULLs, lengths, order, packets.
#ifndef ROWFERRY_TESTS_HOSTILE_MUTATION_HPP
#define ROWFERRY_TESTS_HOSTILE_MUTATION_HPP

#include "protocol.hpp"

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace hostile {

using random_source = std::mt19937_64;

struct mutation {
    const char* name;
    void (*apply)(answer&, random_source&);
};

const std::vector<mutation>& mutations();

} // namespace hostile

#endif
