// SPDX-License-Identifier: BSL-1.0
// Every shape of key between two real servers: pages of three rows while connections are killed, the plans of the page
// queries, and what the last page of a table costs.
#include "catch.hpp"
#include "key_shapes.hpp"
#include "two_servers.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using support::two_servers;

namespace {

two_servers& servers() {
    static two_servers both;
    return both;
}
constexpr rf::fixed_delay soon{.max_attempts = 50, .delay = 5ms};

/// Kills all connections of one side after each second batch, the sides in turn.
struct killer {
    int batches = 0;
    void on(const rf::batch_committed&) {
        if (++batches % 2 != 0) return;
        support::kill_connections(batches % 4 == 0 ? servers().source : servers().target);
    }
};

rf::report copy(const rf::copy_request& request) {
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    killer kills;
    return rf::pipeline{soon, rf::fixed_batch{.rows = 3}}.copy(source, target, request, kills);
}

/// Count and checksum of a table, by the server's own means.
std::string fingerprint(const support::private_server& server) {
    return server.value("SELECT COUNT(*) FROM t", "shop") + " rows, checksum " +
           server.query("CHECKSUM TABLE t EXTENDED", "shop").front()[1].value_or("none");
}

/// The values of a shape, as both servers can hold them: MariaDB has no DOUBLE of -0.
std::string rows_of(const support::key_shape& shape) {
    const std::string minus_zero = "(-0e0,";
    std::string rows = shape.rows;
    const std::size_t at = rows.find(minus_zero);
    if (at != rows.npos && !servers().target.is_mysql()) rows.replace(at, minus_zero.size(), "(0,");
    return rows;
}

struct explained {
    std::string type;
    std::string key;
    std::string extra;
};

/// How the server carries out the client's own page query.
explained explain(rf::mysql::connection& c, const rf::page_request& page) {
    const bool is_mysql = c.info().dialect == rf::sql::dialect::mysql;
    std::string statement = is_mysql ? "EXPLAIN FORMAT=TRADITIONAL " : "EXPLAIN ";
    rf::sql::append_page(statement, c.info().dialect, page);
    const rf::row_batch rows = c.query(statement).value();
    const std::size_t more = is_mysql ? 1 : 0; // partitions
    auto text = [&](std::size_t column) { return std::string(rows.at(0, column).bytes()); };
    return {text(3 + more), text(5 + more), text(rows.columns() - 1)};
}

/// The page of three rows behind row `position` of the table, from 0; behind none for the first page.
struct pages_of_table {
    rf::table_schema table;
    rf::page_order order;
    rf::row_batch keys;

    explicit pages_of_table(rf::mysql::connection& c) : table(c.describe("t").value().value()) {
        order = rf::keyset_pages{}.order(table).value();
        rf::page_request all;
        all.table = &table;
        for (const rf::key_part& part : order.parts) all.columns.push_back(part.column);
        all.order = order.parts;
        c.read(all, keys).value();
    }
    [[nodiscard]] rf::page_request behind(std::size_t position) const {
        rf::page_request page = first();
        rf::key_values last;
        for (std::size_t i = 0; i < order.parts.size(); ++i) last.push_back(keys.at(position, i).to_value());
        page.after = rf::page_bound{std::move(last), false};
        return page;
    }
    [[nodiscard]] rf::page_request first() const {
        rf::page_request page = rf::keyset_pages{}.next(order, {}, {.rows = 3});
        page.table = &table;
        page.columns = table.stored_columns();
        return page;
    }
};

/// The rows and keys that the session has asked the storage engine for.
std::uint64_t rows_read(rf::mysql::connection& c) {
    const rf::row_batch rows = c.query("SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'").value();
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < rows.rows(); ++i) sum += std::stoull(std::string(rows.at(i, 1).bytes()));
    return sum;
}
std::uint64_t cost_of(rf::mysql::connection& c, const rf::page_request& page) {
    rf::row_batch batch;
    const std::uint64_t before = rows_read(c);
    const std::uint64_t asking = rows_read(c) - before;
    c.read(page, batch).value();
    return rows_read(c) - before - 2 * asking;
}

} // namespace

TEST_CASE("each shape of key copies exactly in pages of three rows, while connections are killed") {
    for (const support::key_shape& shape : support::key_shapes()) {
        INFO(shape.name);
        servers().clear();
        servers().source.execute(shape.definition, "shop");
        servers().target.execute(shape.definition, "shop");
        servers().source.execute("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'; " + rows_of(shape), "shop");
        const rf::report done = copy({.table = "t"});
        INFO((done.failure ? rf::to_string(*done.failure) : std::string()));
        REQUIRE(done.complete());
        CHECK(done.batches >= 3);
        CHECK(fingerprint(servers().source) == fingerprint(servers().target));
    }
}

TEST_CASE("page queries use the key, and sort nothing") {
    for (const support::key_shape& shape : support::key_shapes()) {
        INFO(shape.name);
        servers().clear();
        servers().source.execute(shape.definition, "shop");
        // With statistics that are old by chance, MySQL may prefer to read a small index from its beginning.
        servers().source.execute("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'; " + shape.rows + "; ANALYZE TABLE t",
                                 "shop");
        auto c = rf::mysql::connector(servers().source_uri()).connect().value();
        const pages_of_table pages(c);
        REQUIRE(pages.keys.rows() > 8);
        CHECK(pages.table.is_found_by_index(pages.order.parts) == shape.found_by_index);
        if (!shape.found_by_index) continue;
        const explained first = explain(c, pages.first());
        CHECK(first.type == "index");
        CHECK(first.key == pages.order.index);
        CHECK(first.extra.find("filesort") == std::string::npos);
        for (const std::size_t position : {pages.keys.rows() / 2, pages.keys.rows() - 3}) {
            const explained later = explain(c, pages.behind(position));
            CAPTURE(position, later.extra);
            CHECK(later.type == "range");
            CHECK(later.key == pages.order.index);
            CHECK(later.extra.find("filesort") == std::string::npos);
        }
    }
}

TEST_CASE("the last page of a large table costs what the first one costs") {
    for (const support::key_shape& shape : support::large_tables()) {
        INFO(shape.name);
        servers().clear();
        servers().source.execute(shape.definition, "shop");
        servers().source.execute("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO'; " + shape.rows + "; ANALYZE TABLE t",
                                 "shop");
        auto c = rf::mysql::connector(servers().source_uri()).connect().value();
        const pages_of_table pages(c);
        REQUIRE(pages.keys.rows() > 5000);
        const std::uint64_t first = cost_of(c, pages.first());
        for (const std::size_t position : {pages.keys.rows() / 3, pages.keys.rows() / 2, pages.keys.rows() - 4}) {
            CAPTURE(position);
            CHECK(cost_of(c, pages.behind(position)) <= first + pages.order.parts.size());
        }
    }
}

TEST_CASE("keys that are the same in their first kilobyte lose no row where pages are sorted") {
    // Where rows stand in the order of the key, no sort shows what it leaves out: MariaDB's Aria keeps them as they came, and
    // MySQL's partitions scatter them.
    const std::string scattered =
        support::source_product() == support::product::mariadb ? " ENGINE=Aria" : " PARTITION BY KEY (k) PARTITIONS 4";
    servers().clear();
    for (const auto* server : {&servers().source, &servers().target}) {
        server->execute("CREATE TABLE t (k VARCHAR(2000) CHARACTER SET latin1 NOT NULL PRIMARY KEY, w INT)" +
                            (server == &servers().source ? scattered : std::string()),
                        "shop");
    }
    servers().source.execute("INSERT INTO t SELECT CONCAT(REPEAT('x', 1990), LPAD(seq * 37 % 101, 3, '0')), 1"
                             " FROM seq_1_to_100",
                             "shop");
    rf::mysql::connector source(servers().source_uri());
    rf::mysql::connector target(servers().target_uri());
    const rf::pipeline ferry{rf::fixed_batch{.rows = 3}, rf::incremental_pages{.column = "w"}, rf::upsert{}};
    CHECK(ferry.copy(source, target, "t").rows == 100);
    CHECK(servers().copied("t") == 100);
}
