// SPDX-License-Identifier: BSL-1.0
// Copies one table between two servers and prints the report.
//
//   01_first_copy mysql://user@source/database mysql://user@target/database table
#include <rowferry/log.hpp>
#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <cstdio>

// [first copy]
namespace rf = rowferry;
using namespace std::chrono_literals;

rf::report ferry_table(const char* from, const char* to, const char* table) {
    rf::mysql::connector source{from}, target{to}; // throw for a malformed URI: connector::from_uri gives a result

    rf::pipeline ferry{rf::keyset_pages{}, rf::adaptive_batch{}, rf::token_bucket{.rows_per_second = 500'000},
                       rf::exponential_backoff{.max_attempts = 5, .initial_delay = 2s}};

    rf::text_log log; // retries, recoveries and notices on stderr, as they happen
    return ferry.copy(source, target, table, log);
}
// [first copy]

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s SOURCE-URI TARGET-URI TABLE\n", argv[0]);
        return 2;
    }
    for (const char* uri : {argv[1], argv[2]}) {
        const auto parsed = rf::mysql::connector::from_uri(uri);
        if (parsed) continue;
        std::fprintf(stderr, "%s\n", rf::to_string(parsed.error()).c_str());
        return 2;
    }
    const rf::report report = ferry_table(argv[1], argv[2], argv[3]);
    std::printf("%s: %s, %llu rows in %llu batches, %llu retries\n", report.table.c_str(),
                std::string(rf::name(report.outcome)).c_str(), static_cast<unsigned long long>(report.rows),
                static_cast<unsigned long long>(report.batches), static_cast<unsigned long long>(report.retries()));
    if (report.failure) std::printf("%s\n", rf::to_string(*report.failure).c_str());
    return report.complete() ? 0 : 1;
}
