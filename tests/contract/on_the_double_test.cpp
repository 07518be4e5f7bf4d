// SPDX-License-Identifier: BSL-1.0
// The contract, kept by the double. Needs no client library.
#include "catch.hpp"
#include "contract/contract.hpp"

#include <rowferry/testing.hpp>

namespace rf = rowferry;

namespace {

struct double_world {
    rf::testing::fake_database here{"here"};
    rf::testing::fake_database next_door{"next_door"};
    rf::testing::fake_database far_away{"here"};

    double_world() { next_door.share_server_with(here); }

    rf::testing::fake_database& connector() { return here; }
    rf::testing::fake_database& neighbour() { return next_door; }
    rf::testing::fake_database& stranger() { return far_away; }

    void create(const std::string& table, const contract::columns& columns, const std::vector<std::string>& primary_key,
                const contract::unique_keys& unique_keys = {}) {
        here.create_table(table, columns, primary_key);
        for (const auto& [name, parts] : unique_keys) here.add_unique_key(table, name, parts);
    }
    void insert(const std::string& table, const client::row& row) { here.insert(table, row); }
    client::rows rows(const std::string& table) { return here.rows(table); }

    template <class Connection>
    void end_transaction(Connection&) {
        here.end_transactions();
    }
    void turn_into_view(const std::string& table) { here.set_view(table); }
    bool add_system_versioning(const std::string& table) {
        here.set_system_versioned(table);
        return true;
    }

    void refresh_statistics(const std::string&) {}
    void create_next_door(const std::string& table, const contract::columns& columns,
                          const std::vector<std::string>& primary_key) {
        next_door.create_table(table, columns, primary_key);
    }
    void insert_next_door(const std::string& table, const client::row& row) { next_door.insert(table, row); }
};

} // namespace

TEST_CASE("the double keeps the contract of a connection") { contract::keep<double_world>(); }
