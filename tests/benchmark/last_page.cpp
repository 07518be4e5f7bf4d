// SPDX-License-Identifier: BSL-1.0
// Times the first and the last keyset page of a table, in turn, as the pipeline asks for them.
//
//   last_page URI TABLE PAGE-ROWS KEY ROUNDS
//
// KEY is the key behind which the last page begins. Prints one line of JSON: the seconds of each reading of both pages.
// The first reading of each is not counted: it brings the pages into the server's memory.
#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace rf = rowferry;

struct table_pages {
    rf::mysql::connection connection;
    rf::table_schema table;
    rf::page_order order;
    rf::batch_limits limits;
    rf::row_batch batch = rf::row_batch{};

    double read_behind(const rf::key_values& last_key) {
        rf::page_cursor cursor;
        cursor.last_key = last_key;
        rf::page_request page = rf::keyset_pages{}.next(order, cursor, limits);
        page.table = &table;
        page.columns.resize(table.columns.size());
        std::iota(page.columns.begin(), page.columns.end(), 0U);
        const auto begin = std::chrono::steady_clock::now();
        if (auto r = connection.read(page, batch); !r) throw rf::copy_error(r.error());
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        if (batch.rows() != limits.rows) throw rf::copy_error(rf::refusal("the table has no whole page there"));
        return took.count();
    }
};

void print(const char* name, const std::vector<double>& seconds) {
    std::printf("\"%s\":[", name);
    for (std::size_t i = 0; i < seconds.size(); ++i) std::printf("%s%.6f", i == 0 ? "" : ",", seconds[i]);
    std::printf("]");
}

void measure(char** arguments) {
    rf::mysql::connector connector{arguments[1]};
    if (const char* password = std::getenv("ROWFERRY_SOURCE_PASSWORD")) connector = connector.with_password(password);
    auto connection = connector.connect().value();
    auto table = connection.describe(arguments[2]).value();
    if (!table) throw rf::copy_error(rf::refusal("there is no such table"));
    auto order = rf::keyset_pages{}.order(*table).value();
    table_pages pages{std::move(connection), *table, order, {std::stoull(arguments[3]), 0}};

    std::vector<double> first, last;
    const rf::key_values key{std::string(arguments[4])};
    const int rounds = std::stoi(arguments[5]);
    for (int round = -1; round < rounds; ++round) {
        const double of_first = pages.read_behind({});
        const double of_last = pages.read_behind(key);
        if (round < 0) continue;
        first.push_back(of_first);
        last.push_back(of_last);
    }
    std::printf("{");
    print("first", first);
    std::printf(",");
    print("last", last);
    std::printf("}\n");
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 6) {
        std::fprintf(stderr, "usage: %s URI TABLE PAGE-ROWS KEY ROUNDS\n", argv[0]);
        return 2;
    }
    try {
        measure(argv);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "last_page: %s\n", e.what());
        return 1;
    }
    return 0;
}
