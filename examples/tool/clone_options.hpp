// SPDX-License-Identifier: BSL-1.0
// Reads what a clone may have otherwise than the source: --map-collation, --map-type, --map-engine, --leave-out.
#pragma once

#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>

#include <string>
#include <vector>

namespace tool {

/// The options as they stand on the command line.
struct raw_clone_options {
    std::vector<std::string> collations;
    std::vector<std::string> types;
    std::vector<std::string> engines;
    std::vector<std::string> leave_out;

    [[nodiscard]] bool empty() const {
        return collations.empty() && types.empty() && engines.empty() && leave_out.empty();
    }
};

/// The changes that they allow; an error is one sentence that names the option.
rowferry::result<rowferry::definition_changes> read_clone_options(const raw_clone_options& raw);

} // namespace tool
