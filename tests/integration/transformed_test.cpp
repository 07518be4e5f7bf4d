// SPDX-License-Identifier: BSL-1.0
// Rows of real servers that are masked and dropped on their way: in pages, streams, one server's databases, verifications and
// repairs, while connections are killed. What arrived is asked of the servers themselves.
#include "catch.hpp"
#include "two_servers.hpp"

#include <rowferry/transformed.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace rf = rowferry;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using support::two_servers;

namespace {

using real = rf::mysql::connection;
constexpr auto nothing = [](rf::editable_row&) {};
using masked = rf::transformed_connection<real, decltype(nothing)>;

// What a source's connection can do it can do inside of a transformed one, and nothing goes past the function.
static_assert(rf::TransformsRows<masked> && rf::Source<masked> && !rf::ReadsPages<masked> && !rf::StreamsRows<masked>);
static_assert(rf::CopiesServerSide<real, real> && !rf::CopiesServerSide<real, masked>);
static_assert(rf::CountsRows<masked> && rf::EstimatesRows<masked> && rf::KnowsTime<masked> &&
              rf::ChecksFilters<masked>);
static_assert(rf::HoldsSnapshot<masked> && rf::TellsIncarnation<masked> && rf::TellsRecentIncarnation<masked>);
static_assert(rf::ShowsDefinition<masked> && rf::LimitsWaits<masked> && rf::EndsSessions<masked>);
static_assert(rf::IdentifiesServer<masked> && rf::HidesSecrets<masked> && rf::FindsRows<masked>);
static_assert(rf::TellsComputingSettings<masked> && rf::KnowsTimeZone<masked> && rf::ListsWholeCatalog<masked>);

two_servers& servers() {
    static two_servers both;
    return both;
}

constexpr rf::fixed_delay soon{.max_attempts = 50, .delay = 20ms};
constexpr auto mask = [](rf::editable_row& row) {
    if (row["status"] == "closed") return row.drop();
    if (!row["email"].is_null()) row["email"] = "user" + std::string(row["id"].bytes()) + "@example.org";
    row["balance"] = 0;
};

constexpr std::string_view columns = "(id BIGINT NOT NULL%, email VARCHAR(60), status ENUM('open','closed') NOT NULL,"
                                     " balance DECIMAL(10,2), seen DATETIME(3), name VARCHAR(20) CHARACTER SET latin1,"
                                     " weight FLOAT) ENGINE=InnoDB CHARACTER SET utf8mb4";

std::string definition(std::string_view key) {
    std::string text(columns);
    return text.replace(text.find('%'), 1, key);
}

/// `account` in a database of either server: each fifth is closed, each eleventh has no address.
void fill(const support::private_server& source, const support::private_server& target, const std::string& from,
          const std::string& to, std::string_view key, int rows) {
    source.create_database(from);
    target.create_database(to);
    source.execute("CREATE TABLE account " + definition(key), from);
    target.execute("CREATE TABLE account " + definition(key), to);
    source.execute("INSERT INTO account SELECT seq, IF(seq % 11 = 0, NULL, CONCAT('secret', seq, '@real.example')),"
                   " IF(seq % 5 = 0, 'closed', 'open'), seq / 7, '2026-01-01' + INTERVAL seq * 1.5 SECOND,"
                   " CONVERT(CONCAT('M', CHAR(0xFC USING latin1), seq) USING latin1), seq / 3 FROM seq_1_to_" +
                       std::to_string(rows),
                   from);
}

/// What is not as the mask leaves it.
void check_target(const support::private_server& server, const std::string& database, int rows) {
    CHECK(server.value("SELECT COUNT(*) FROM account", database) == std::to_string(rows - rows / 5));
    CHECK(server.value("SELECT COUNT(*) FROM account WHERE email LIKE '%real%' OR status = 'closed' OR balance <> 0 OR"
                       " (email IS NULL) <> (id % 11 = 0) OR (email <> CONCAT('user', id, '@example.org')) OR"
                       " HEX(name) <> CONCAT('4DFC', HEX(CONVERT(id, CHAR CHARACTER SET latin1)))",
                       database) == "0");
}

std::string why(const rf::report& report) { return report.failure ? rf::to_string(*report.failure) : std::string(); }
std::string why(const rf::verification& v) { return v.failure ? rf::to_string(*v.failure) : std::string(); }

/// Kills all connections of one side at some of the pages.
struct killer {
    const support::private_server& server;
    int pages = 0;
    void on(const rf::page_read&) {
        if (++pages % 5 == 0) support::kill_connections(server);
    }
};

} // namespace

TEST_CASE("masked rows arrive exactly once while connections are killed, and verify; a repair masks too") {
    const support::private_server& source = servers().source;
    const support::private_server& target = servers().target;
    fill(source, target, "shop", "shop", " PRIMARY KEY", 3000);
    rf::mysql::connector from(servers().source_uri());
    rf::mysql::connector to(servers().target_uri());
    auto rows = rf::transformed(from, "mask", mask);
    killer of_source{source};
    const rf::report done = rf::pipeline{rf::fixed_batch{.rows = 100}, soon}.copy(rows, to, "account", of_source);
    INFO(why(done));
    REQUIRE(done.complete());
    CHECK(done.retries() > 0);
    CHECK(done.rows == 2400);
    CHECK(done.dropped == 600);
    check_target(target, "shop", 3000);

    const rf::verifier compare{rf::fixed_batch{.rows = 700}, soon};
    const rf::verification equal = compare.verify(rows, to, "account");
    INFO(why(equal));
    CHECK(equal.equal());
    CHECK(equal.source_rows == 2400);
    CHECK(equal.dropped == 600);

    target.execute(
        "DELETE FROM account WHERE id IN (1, 17); UPDATE account SET email = 'secret3@real.example' WHERE id = 3;"
        " INSERT INTO account (id, status) VALUES (5, 'closed')",
        "shop");
    rf::verify_request repair{.table = "account", .second_look_after = 1ms, .repair = true, .delete_extra = true};
    const rf::verification repaired = compare.verify(rows, to, repair);
    INFO(why(repaired));
    CHECK(repaired.missing.count == 2);
    CHECK(repaired.changed.count == 1);
    CHECK(repaired.extra.count == 1);
    CHECK(repaired.equal());
    check_target(target, "shop", 3000);

    const rf::report renamed = [&] {
        auto other = rf::transformed(from, "another mask", mask);
        return rf::pipeline{}.copy(other, to, "account");
    }();
    CHECK(renamed.outcome == rf::outcome::refused);
    CHECK_THAT(why(renamed), ContainsSubstring("transformation \"mask\", and pass through \"another mask\" now"));
}

TEST_CASE("several workers, one snapshot, and a table without a key") {
    const support::private_server& source = servers().source;
    const support::private_server& target = servers().target;
    const auto copy = [&](std::string_view key, const auto& ferry, const rf::copy_request& request) {
        fill(source, target, "shop", "shop", key, 2000);
        rf::mysql::connector from(servers().source_uri());
        rf::mysql::connector to(servers().target_uri());
        auto rows = rf::transformed(from, "mask", mask);
        const rf::report done = ferry.copy(rows, to, request);
        INFO(why(done));
        REQUIRE(done.complete());
        CHECK(done.dropped == 400);
        check_target(target, "shop", 2000);
        const rf::verification found = rf::verifier{}.verify(rows, to, "account");
        INFO(why(found));
        CHECK(found.equal());
    };
    copy(" PRIMARY KEY", rf::pipeline{rf::fixed_batch{.rows = 50}, rf::parallel{3}}, {.table = "account"});
    copy(" PRIMARY KEY", rf::pipeline{rf::fixed_batch{.rows = 50}, rf::one_snapshot{}}, {.table = "account"});
    copy("", rf::pipeline{rf::fixed_batch{.rows = 50}}, {.table = "account", .keyless = true});
}

namespace {

/// A mask as people write it who derive from the client.
class hiding_connection : public real {
public:
    explicit hiding_connection(real&& inner) : real(std::move(inner)) {}
    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        rf::row_batch stored;
        if (auto r = real::read(page, stored); !r) return r;
        into.reset(stored.columns());
        for (const rf::row_view row : stored) {
            for (std::size_t i = 0; i < row.size(); ++i) {
                const bool is_email = page.table->columns[page.columns[i]].name == "email";
                into.add(is_email ? rf::cell("masked") : row[i]);
            }
        }
        if (stored.truncated()) into.set_truncated();
        return {};
    }
};
struct hiding_connector {
    rf::mysql::connector inner;
    rf::result<hiding_connection> connect() {
        auto made = inner.connect();
        if (!made) return std::move(made.error());
        return hiding_connection(std::move(*made));
    }
    [[nodiscard]] std::string identity() const { return inner.identity(); }
    [[nodiscard]] std::string address() const { return inner.address(); }
};
static_assert(rf::Source<hiding_connection> && !rf::CopiesServerSide<real, hiding_connection>);
static_assert(!rf::StreamsRows<hiding_connection> && !rf::FindsRows<hiding_connection>);

} // namespace

TEST_CASE("inside one server no row goes past the mask, nor past the read of a connection that hides its base's") {
    const support::private_server& server = servers().source;
    fill(server, server, "shop", "copy", " PRIMARY KEY", 1000);
    rf::mysql::connector from(server.uri("shop"));
    rf::mysql::connector to(server.uri("copy"));
    const rf::pipeline ferry{rf::fixed_batch{.rows = 100}};
    {
        auto rows = rf::transformed(from, "mask", mask);
        const rf::report done = ferry.copy(rows, to, "account");
        INFO(why(done));
        REQUIRE(done.complete());
        CHECK(done.route == rf::route::across);
        check_target(server, "copy", 1000);
        const rf::report onto_itself = rf::pipeline{rf::upsert{}}.copy(rows, from, "account");
        CHECK_THAT(why(onto_itself), ContainsSubstring("same table"));
    }
    hiding_connector hiding{rf::mysql::connector(server.uri("shop"))};
    const rf::report done = ferry.copy(hiding, to, {.table = "account", .truncate_target = true});
    INFO(why(done));
    REQUIRE(done.complete());
    CHECK(done.route == rf::route::across);
    CHECK(server.value("SELECT COUNT(*) FROM account WHERE email = 'masked'", "copy") == "1000");
    CHECK(ferry.copy(from, to, {.table = "account", .truncate_target = true}).route == rf::route::server_side);
}
