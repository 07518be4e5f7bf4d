// SPDX-License-Identifier: BSL-1.0
// A connection manager of one's own: any operation with retry, health check, fresh connections and a rate limit.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdio>

namespace rf = rowferry;
using namespace std::chrono_literals;

int main() {
    rf::testing::fake_database database;
    database.create_table("procnote", {{"ProcNoteNum", "bigint"}}, {"ProcNoteNum"});
    database.insert("procnote", {"17"});
    rf::testing::manual_timing timing;

    // [connection manager]
    auto manager = rf::make_connection_manager(database, rf::environment(timing),
                                               rf::fixed_delay{.max_attempts = 4, .delay = 500ms});

    database.fail_next(rf::testing::operation::maximum, rf::fault::rolled_back);
    database.fail_next(rf::testing::operation::maximum, rf::fault::connection_lost);

    auto last = manager.run("find the last note",
                            [](auto& connection) { return rf::last_processed(connection, "procnote", "ProcNoteNum"); });
    // [connection manager]

    std::printf("last note: %s\n", last ? last->value_or("none").c_str() : rf::to_string(last.error()).c_str());
    std::printf("retries: %llu, connections: %llu, waited: %.1f s\n",
                static_cast<unsigned long long>(manager.stats().retry_count()),
                static_cast<unsigned long long>(manager.stats().connects), rf::to_seconds(timing.slept()));
    return last ? 0 : 1;
}
