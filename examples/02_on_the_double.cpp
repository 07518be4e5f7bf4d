// SPDX-License-Identifier: BSL-1.0
// The same pipeline on the in-memory double: eight minutes of outage and a lost COMMIT in a few microseconds.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdio>

// [on the double]
namespace rf = rowferry;
using namespace std::chrono_literals;

rf::report ferry_through_an_outage(rf::testing::fake_database& source, rf::testing::fake_database& target,
                                   rf::testing::manual_timing& timing) {
    for (auto* database : {&source, &target}) {
        database->create_table("procnote", {{"ProcNoteNum", "bigint"}, {"Note", "text"}}, {"ProcNoteNum"});
    }
    source.fill("procnote", 10'000, [](auto i) { return rf::key_values{std::to_string(i), "a note"}; });

    target.fail_next(rf::testing::operation::commit, rf::fault::connection_lost, rf::testing::when::after);
    target.outage_at(20, 8min, timing); // at the target's 20th call the server goes down, for eight minutes

    rf::pipeline ferry{rf::keyset_pages{}, rf::fixed_batch{.rows = 1000},
                       rf::exponential_backoff{.max_attempts = 50, .initial_delay = 2s}};
    return ferry.copy(source, target, "procnote", timing); // sleeps are recorded, not slept
}
// [on the double]

int main() {
    rf::testing::fake_database source{"source"}, target{"target"};
    rf::testing::manual_timing timing;
    const rf::report report = ferry_through_an_outage(source, target, timing);
    std::printf("%s, %llu rows, %llu of them twice\n", std::string(rf::name(report.outcome)).c_str(),
                static_cast<unsigned long long>(report.rows),
                static_cast<unsigned long long>(report.rows - target.row_count("procnote")));
    std::printf("longest recovery at least 8 minutes: %s\n", report.target.recovery_longest >= 8min ? "yes" : "no");
    std::printf("both tables equal: %s\n", source.has_same_rows("procnote", target, "procnote") ? "yes" : "no");
    return report.complete() ? 0 : 1;
}
