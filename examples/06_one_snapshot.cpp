// SPDX-License-Identifier: BSL-1.0
// Two tables that belong together, copied as of one moment while money moves between them; the connection is lost once.
#include <rowferry/rowferry.hpp>
#include <rowferry/testing.hpp>

#include <cstdio>
#include <string>

namespace rf = rowferry;

namespace {

/// Moves ten from each saver to his checking account, after each page that is read.
struct busy_bank {
    rf::testing::fake_database& bank;
    int moved = 0;
    void on(const rf::page_read&) {
        ++moved;
        for (const char* id : {"1", "2", "3", "4"}) {
            bank.upsert("checking", {id, std::to_string(1000 + 10 * moved)});
            bank.upsert("savings", {id, std::to_string(1000 - 10 * moved)});
        }
    }
};

int total(const rf::testing::fake_database& database) {
    int sum = 0;
    for (const char* table : {"checking", "savings"}) {
        for (const auto& row : database.rows(table)) sum += std::stoi(*row[1]);
    }
    return sum;
}

void show(const rf::report& report) {
    std::printf("%s: %s, %llu rows, started over %u times, of %s UTC\n", report.table.c_str(),
                std::string(name(report.outcome)).c_str(), static_cast<unsigned long long>(report.rows),
                report.started_over, report.snapshot ? report.snapshot->taken_at.c_str() : "several moments");
}

} // namespace

int main() {
    rf::testing::fake_database source, target;
    for (const char* table : {"checking", "savings"}) {
        for (auto* database : {&source, &target}) {
            database->create_table(table, {{"id", "int"}, {"amount", "int"}}, {"id"});
        }
        for (const char* id : {"1", "2", "3", "4"}) source.insert(table, {id, "1000"});
    }
    rf::testing::manual_timing timing;
    busy_bank clerk{source};
    source.fail_at(6, rf::fault::connection_lost); // the second page of the first table

    // [one snapshot]
    rf::shared_snapshot moment(source); // opened when it is first read from, and ended with this variable

    rf::pipeline ferry{rf::fixed_batch{.rows = 2}, rf::one_snapshot{.when_lost = rf::when_lost::start_over}};
    for (const char* table : {"checking", "savings"}) show(ferry.copy(moment, target, table, timing, clerk));
    // [one snapshot]

    std::printf("total: %d of %d\n", total(target), total(source));
    return total(target) == total(source) ? 0 : 1;
}
