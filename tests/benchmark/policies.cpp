// SPDX-License-Identifier: BSL-1.0
// What the policies cost over real servers: the same copy with all of them and without, in turn.
//
//   policies SOURCE-URI TARGET-URI TABLE ROUNDS
//
// With: a checkpoint in each transaction, retry, adaptive batches and a token bucket that never waits. Without: none of
// them, and batches of the fixed size that the adaptive ones settle at. Prints one line of JSON: the seconds of each copy,
// the seconds of CPU of this process, and the size. Each copy fills an empty table, which is emptied outside the timing.
#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace rf = rowferry;

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct samples {
    std::vector<double> wall;
    std::vector<double> cpu;
};

struct copies {
    rf::mysql::connector source;
    rf::mysql::connector target;
    std::string table;

    void empty_target() {
        auto connection = target.connect().value();
        const auto schema = connection.describe(table).value();
        if (!schema) throw rf::copy_error(rf::refusal("the target has no such table"));
        connection.truncate(*schema).value();
        connection.forget_checkpoints(table).value();
    }

    template <class Pipeline>
    rf::report time(const Pipeline& ferry, samples& into) {
        empty_target();
        const double cpu = cpu_seconds();
        const auto begin = std::chrono::steady_clock::now();
        rf::report report = ferry.copy_or_throw(source, target, table);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        into.wall.push_back(took.count());
        into.cpu.push_back(cpu_seconds() - cpu);
        return report;
    }
};

rf::mysql::connector connector_to(const char* uri, const char* password_variable) {
    rf::mysql::connector connector{uri};
    const char* password = std::getenv(password_variable);
    return password == nullptr ? connector : connector.with_password(password);
}

void print(const char* name, const samples& of) {
    std::printf("\"%s\":{", name);
    for (const auto& [what, values] : {std::pair{"wall", &of.wall}, std::pair{"cpu", &of.cpu}}) {
        std::printf("%s\"%s\":[", values == &of.wall ? "" : ",", what);
        for (std::size_t i = 0; i < values->size(); ++i) std::printf("%s%.6f", i == 0 ? "" : ",", (*values)[i]);
        std::printf("]");
    }
    std::printf("}");
}

void measure(char** arguments) {
    copies ferry{connector_to(arguments[1], "ROWFERRY_SOURCE_PASSWORD"),
                 connector_to(arguments[2], "ROWFERRY_TARGET_PASSWORD"), arguments[3]};
    const rf::adaptive_batch adaptive;
    const rf::pipeline with{rf::checkpoint_in_target{}, rf::exponential_backoff{}, adaptive,
                            rf::token_bucket{.rows_per_second = 1e12, .bytes_per_second = 1e15}};

    // The first copy is not counted: it fills the servers' memory, and tells what the adaptive batches settle at.
    samples first;
    const rf::report seen = ferry.time(with, first);
    const auto row_bytes = double(seen.bytes) / double(std::max<std::uint64_t>(seen.rows, 1));
    const auto settled = static_cast<std::uint64_t>(double(adaptive.target_bytes) / std::max(row_bytes, 1.0));
    const std::uint64_t rows = std::clamp(settled, adaptive.min_rows, adaptive.max_rows);
    const rf::pipeline without{rf::no_checkpoint{}, rf::accept_duplicates{}, rf::no_retry{}, rf::unlimited{},
                               rf::fixed_batch{.rows = rows}};

    samples on, off;
    const int rounds = std::stoi(arguments[4]);
    for (int round = 0; round < rounds; ++round) {
        ferry.time(with, on);
        ferry.time(without, off);
    }
    std::printf("{");
    print("on", on);
    std::printf(",");
    print("off", off);
    std::printf(",\"rows\":%llu,\"batch_rows\":%llu}\n", static_cast<unsigned long long>(seen.rows),
                static_cast<unsigned long long>(rows));
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: %s SOURCE-URI TARGET-URI TABLE ROUNDS\n", argv[0]);
        return 2;
    }
    try {
        measure(argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "policies: %s\n", e.what());
        return 1;
    }
    return 0;
}
