// SPDX-License-Identifier: BSL-1.0
// A source with addresses to mask and rows to leave out, and what its target has to hold.
#ifndef ROWFERRY_TESTS_UNIT_MASKED_WORLD_HPP
#define ROWFERRY_TESTS_UNIT_MASKED_WORLD_HPP

#include "worlds.hpp"

#include <rowferry/transformed.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace worlds {

/// Masks the address, and drops the rows of status "test".
inline constexpr auto mask = [](rf::editable_row& row) {
    if (row["status"] == "test") return row.drop();
    row["email"] = "user" + std::string(row["id"].bytes()) + "@example.org";
};

/// A table `customer` on both sides: ids 1, 2, 3, …; each row is of status "test" for which `is_test(id)` holds.
struct masked_world {
    rf::testing::fake_database source{"source"};
    rf::testing::fake_database target{"target"};
    rf::testing::manual_timing timing;
    rf::testing::recording_observer events;

    template <class IsTest>
    masked_world(int rows, IsTest is_test, const std::vector<std::string>& key = {"id"}) {
        for (auto* database : {&source, &target}) {
            database->create_table("customer",
                                   {{"id", "int not null"}, {"email", "varchar(40)"}, {"status", "varchar(10)"}}, key);
        }
        for (int id = 1; id <= rows; ++id) {
            source.insert("customer", {std::to_string(id), "secret" + std::to_string(id) + "@real.example",
                                       is_test(id) ? "test" : "live"});
        }
    }
    /// Ten rows, of which 3, 6 and 9 are dropped.
    masked_world() : masked_world(10, [](int id) { return id % 3 == 0; }) {}

    template <class Pipeline>
    rf::report copy(const Pipeline& ferry, rf::copy_request request = {.table = "customer"},
                    const std::string& name = "mask") {
        auto masked = rf::transformed(source, name, mask);
        return ferry.copy(masked, target, request, timing, events);
    }
    rf::verification verify(const rf::verify_request& request = {.table = "customer"}) {
        auto masked = rf::transformed(source, "mask", mask);
        return rf::verifier{rf::fixed_batch{.rows = 3}}.verify(masked, target, request, timing, events);
    }
    /// What the target holds when all is done.
    [[nodiscard]] std::vector<rf::key_values> masked_rows() const {
        std::vector<rf::key_values> wanted;
        for (auto row : source.rows("customer")) {
            if (row[2] == "test") continue;
            row[1] = "user" + *row[0] + "@example.org";
            wanted.push_back(row);
        }
        return wanted;
    }
    [[nodiscard]] bool equal() const {
        auto left = masked_rows();
        auto right = target.rows("customer");
        std::sort(left.begin(), left.end());
        std::sort(right.begin(), right.end());
        return left == right;
    }
    /// Whether a value of the source that the mask hides is in the target.
    [[nodiscard]] bool leaks() const {
        for (const auto& row : target.rows("customer")) {
            if (row[1] && row[1]->find("real") != std::string::npos) return true;
        }
        return false;
    }
};

} // namespace worlds

#endif
