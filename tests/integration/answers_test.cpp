// SPDX-License-Identifier: BSL-1.0
// What a server answers is checked before it is believed: answers that no real server gives, from a scripted one.
#include "scripted_server.hpp"

#include <rowferry/connection_manager.hpp>
#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using namespace support;

namespace {

bool begins(std::string_view text, std::string_view with) { return text.starts_with(with); }

/// The names that a catalog question's answer may have: the client does not check them.
std::vector<std::string> names(std::size_t count) { return std::vector<std::string>(count, "c"); }

const std::vector<scripted_row> columns_of_t{
    {"t", "id", "int", "int(11)", std::nullopt, std::nullopt, "NO", "", std::nullopt, std::nullopt, "1"},
    {"t", "v", "varchar", "varchar(9)", "latin1", "latin1_bin", "YES", "", std::nullopt, std::nullopt, "2"},
    {"t", "f", "float", "float", std::nullopt, std::nullopt, "YES", "", std::nullopt, std::nullopt, "3"}};
const std::vector<scripted_row> indexes_of_t{
    {"t", "PRIMARY", "0", "id", "A", std::nullopt, "BTREE", "YES", std::nullopt}};

/// Answers as a server that holds `t (id INT PRIMARY KEY, v VARCHAR(9), f FLOAT)`.
scripted_answer honest(std::string_view sql) {
    if (begins(sql, "SELECT t.TABLE_NAME, t.TABLE_TYPE")) {
        return rows_answer(names(7), {{"t", "BASE TABLE", "InnoDB", "YES", "3", "16384", ""}});
    }
    if (begins(sql, "SELECT TABLE_NAME, COLUMN_NAME")) return rows_answer(names(11), columns_of_t);
    if (begins(sql, "SELECT TABLE_NAME, INDEX_NAME")) return rows_answer(names(9), indexes_of_t);
    if (begins(sql, "SELECT EVENT_OBJECT_TABLE")) return rows_answer(names(3), {});
    if (begins(sql, "SELECT * FROM `t` LIMIT 0")) return rows_answer({"id", "v", "f"}, {});
    if (begins(sql, "SELECT `id`, `v`"))
        return rows_answer({"id", "V", "cell_2"}, {{"1", "a", "1.5"}, {"2", std::nullopt, "0"}});
    if (begins(sql, "SELECT COUNT(*)")) return rows_answer(names(1), {{"3"}});
    if (begins(sql, "EXPLAIN")) {
        return rows_answer(names(10),
                           {{"1", "SIMPLE", "t", "range", "PRIMARY", "PRIMARY", "4", std::nullopt, "17", ""}});
    }
    return error_answer(1064, "42000", "no test asks for this");
}

/// The honest script but for statements that begin so.
scripted_server::script but(std::string beginning, scripted_answer answer) {
    return [beginning = std::move(beginning), answer = std::move(answer)](const std::string& sql) {
        return begins(sql, beginning) ? answer : honest(sql);
    };
}

rf::mysql::connection connect_to(const scripted_server& server, const std::string& options = {}) {
    return rf::mysql::connector(server.uri(options)).connect().value();
}

rf::table_schema honest_table() {
    const scripted_server server(honest);
    return connect_to(server).describe("t").value().value();
}

rf::page_request page_of(const rf::table_schema& table, std::uint64_t max_rows = 2) {
    rf::page_request page;
    page.table = &table;
    page.columns = {0, 1, 2};
    page.order = {{0, false, 0}};
    page.max_rows = max_rows;
    return page;
}

rf::count_request count_of(const rf::table_schema& table) {
    rf::count_request request;
    request.table = &table;
    return request;
}

/// What reading a page gives from a server that answers it so.
rf::result<void> read_page(scripted_answer answer, rf::row_batch& into, std::uint64_t max_bytes = 0) {
    static const rf::table_schema table = honest_table();
    const scripted_server server(but("SELECT `id`, `v`", std::move(answer)));
    rf::mysql::connection c = connect_to(server);
    rf::page_request page = page_of(table);
    page.max_bytes = max_bytes;
    return c.read(page, into);
}

/// The cause of the error that `work` gives with a server that answers statements that begin so by this.
template <class Work>
rf::error error_of(std::string beginning, scripted_answer answer, Work work) {
    const scripted_server server(but(std::move(beginning), std::move(answer)));
    rf::mysql::connection c = connect_to(server);
    auto done = work(c);
    if (done) return rf::refusal("nothing was wrong");
    CHECK(done.error().fault == rf::fault::permanent);
    return done.error();
}

auto describe = [](rf::mysql::connection& c) { return c.describe("t"); };

/// The columns' rows with one cell replaced.
std::vector<scripted_row> with(std::vector<scripted_row> rows, std::size_t row, std::size_t cell,
                               std::optional<std::string> value) {
    rows.at(row).at(cell) = std::move(value);
    return rows;
}

} // namespace

TEST_CASE("answers: an honest server's are taken", "[answers]") {
    const rf::table_schema table = honest_table();
    REQUIRE(table.columns.size() == 3);
    CHECK(table.keys.size() == 1);
    rf::row_batch rows;
    const scripted_server server(honest);
    rf::mysql::connection c = connect_to(server);
    REQUIRE(c.read(page_of(table), rows));
    REQUIRE(rows.rows() == 2);
    CHECK(rows.at(0, 1).bytes() == "a");
    CHECK(rows.at(1, 1).is_null());
    CHECK(c.count(count_of(table)).value() == 3U);
    CHECK(c.estimate(page_of(table)).value() == 17);
}

TEST_CASE("answers: a page with fewer, more, other or reordered columns is refused", "[answers]") {
    const std::vector<std::vector<std::string>> wrong{
        {"id", "v"},           {"id"},           {"id", "v", "cell_2", "x"},
        {"v", "id", "cell_2"}, {"id", "v", "f"}, {"id", "", "cell_2"},
        {"id", "w", "cell_2"}};
    for (const auto& columns : wrong) {
        CAPTURE(columns);
        rf::row_batch rows;
        const auto r = read_page(rows_answer(columns, {scripted_row(columns.size(), "1")}), rows);
        REQUIRE_FALSE(r);
        CHECK(r.error().cause == rf::cause::senseless_answer);
        CHECK(rows.empty());
    }
}

TEST_CASE("answers: a page that is an OK, an error, or two answers is refused", "[answers]") {
    rf::row_batch rows;
    const auto nothing = read_page(ok_answer(3), rows);
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().cause == rf::cause::senseless_answer);
    const auto failed = read_page(error_answer(1146, "42S02", "gone"), rows);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == 1146);
    scripted_answer two =
        rows_answer({"id", "v", "cell_2"}, {{"1", "a", "1"}}, autocommit_status | more_results_status);
    const scripted_answer second = ok_answer();
    two.packets.insert(two.packets.end(), second.packets.begin(), second.packets.end());
    const auto twice = read_page(two, rows);
    REQUIRE_FALSE(twice);
    CHECK(twice.error().cause == rf::cause::senseless_answer);
    CHECK(rows.empty());
}

TEST_CASE("answers: a row with fewer cells than columns ends the page", "[answers]") {
    rf::row_batch rows;
    const auto r = read_page(rows_answer({"id", "v", "cell_2"}, {{"1", "a", "1"}, {"2"}}), rows);
    REQUIRE_FALSE(r);
    CHECK(rows.empty());
}

TEST_CASE("answers: NULL in a column that is never NULL is refused", "[answers]") {
    rf::row_batch rows;
    const auto r = read_page(rows_answer({"id", "v", "cell_2"}, {{"1", "a", "1"}, {std::nullopt, "b", "2"}}), rows);
    REQUIRE_FALSE(r);
    CHECK(r.error().cause == rf::cause::senseless_answer);
    CHECK(r.error().message.find("column id") != std::string::npos);
    CHECK(rows.empty());
}

TEST_CASE("answers: no more rows than LIMIT are taken, of a page without an end neither", "[answers]") {
    const std::vector<scripted_row> three{{"1", "a", "1"}, {"2", "b", "1"}, {"3", "c", "1"}};
    rf::row_batch rows;
    const auto one_more = read_page(rows_answer({"id", "v", "cell_2"}, three), rows);
    REQUIRE_FALSE(one_more);
    CHECK(one_more.error().cause == rf::cause::senseless_answer);
    CHECK(rows.empty());
    scripted_answer endless = rows_answer({"id", "v", "cell_2"}, three);
    endless.repeats_last_but_one = true;
    const auto all = read_page(endless, rows);
    REQUIRE_FALSE(all);
    CHECK(all.error().cause == rf::cause::senseless_answer);
    // Rows past a byte limit are dropped, and counted all the same.
    const auto cut = read_page(endless, rows, 1);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().cause == rf::cause::senseless_answer);
}

TEST_CASE("answers: a statement that gives no rows takes none", "[answers]") {
    const scripted_server server([](const std::string& sql) {
        return begins(sql, "START") ? rows_answer({"a"}, {{"1"}}) : begins(sql, "COMMIT") ? ok_answer() : honest(sql);
    });
    rf::mysql::connection c = connect_to(server);
    const auto begun = c.begin();
    REQUIRE_FALSE(begun);
    CHECK(begun.error().cause == rf::cause::senseless_answer);
    // What comes next on this connection may answer another question.
    CHECK_FALSE(c.commit());
}

TEST_CASE("answers: a catalog that makes no sense is refused, with what is wrong", "[answers]") {
    struct wrong_catalog {
        std::string beginning;
        scripted_answer answer;
        std::string says;
    };
    const std::string tables = "SELECT t.TABLE_NAME, t.TABLE_TYPE";
    const std::string columns = "SELECT TABLE_NAME, COLUMN_NAME";
    const std::string indexes = "SELECT TABLE_NAME, INDEX_NAME";
    const std::string probe = "SELECT * FROM `t` LIMIT 0";
    const std::vector<scripted_row> table{{"t", "BASE TABLE", "InnoDB", "YES", "3", "16384", ""}};
    const auto nulls = [](std::size_t n) { return std::vector<scripted_row>{scripted_row(n, std::nullopt)}; };
    std::vector<scripted_row> many_columns;
    for (unsigned i = 1; i <= 4097; ++i) {
        many_columns.push_back(columns_of_t[0]);
        many_columns.back()[1] = "c" + std::to_string(i);
        many_columns.back()[10] = std::to_string(i);
    }
    std::vector<scripted_row> many_parts(65, indexes_of_t[0]); // over expressions: a column may be in an index once
    for (scripted_row& part : many_parts) {
        part[3] = std::nullopt;
        part[8] = "`id` + 1";
    }
    const std::vector<wrong_catalog> all{
        {tables, rows_answer(names(7), nulls(7)), "table"},
        {tables, rows_answer(names(5), {{"t", "BASE TABLE", "InnoDB", "YES", "3"}}), "5 columns where 7"},
        {tables, rows_answer(names(8), nulls(8)), "8 columns where 7"},
        {tables, ok_answer(), "no rows"},
        {tables, rows_answer(names(7), with(table, 0, 0, "other")), "not the one that was asked for"},
        {tables, rows_answer(names(7), with(table, 0, 0, "")), "is empty"},
        {tables, rows_answer(names(7), with(table, 0, 1, "LIE")), "kind"},
        {tables, rows_answer(names(7), with(table, 0, 1, std::nullopt)), "kind"},
        {tables, rows_answer(names(7), with(table, 0, 3, "MAYBE")), "transactions"},
        {tables, rows_answer(names(7), with(table, 0, 4, "abc")), "is not a number"},
        {tables, rows_answer(names(7), with(table, 0, 5, "-1")), "is not a number"},
        {columns, rows_answer(names(10), nulls(10)), "10 columns where 11"},
        {columns, rows_answer(names(11), nulls(11)), "is NULL"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 1, "")), "is empty"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 1, std::string(65, 'x'))), "longer than 64"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 1, std::string("a\0b", 3))), "NUL"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 2, "")), "type"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 3, std::nullopt)), "full type"},
        {columns, rows_answer(names(11), with(columns_of_t, 0, 6, "PERHAPS")), "nullability"},
        {columns, rows_answer(names(11), with(columns_of_t, 1, 1, "ID")), "another column"},
        {columns, rows_answer(names(11), with(columns_of_t, 1, 10, "1")), "position"},
        {columns, rows_answer(names(11), with(columns_of_t, 1, 10, "x")), "position"},
        {columns, rows_answer(names(11), with(columns_of_t, 1, 0, "other")), "not the one that was asked for"},
        {columns, rows_answer(names(11), many_columns), "more than 4096"},
        {columns, rows_answer(names(11), {columns_of_t[0]}), "other columns than its catalog"},
        {probe, rows_answer({"v", "id", "f"}, {}), "other columns than its catalog"},
        {probe, rows_answer({"id", "v", "f"}, {{"1", "2", "3"}}), "a row where none"},
        {indexes, rows_answer(names(9), nulls(9)), "is NULL"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 2, "7")), "uniqueness"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 3, "nowhere")), "none of the table's"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 4, "X")), "direction"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 5, "2x")), "prefix"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 6, std::nullopt)), "type"},
        {indexes, rows_answer(names(9), with(indexes_of_t, 0, 7, std::nullopt)), "visibility"},
        {indexes, rows_answer(names(9), many_parts), "more than 64"},
        {"SELECT EVENT_OBJECT_TABLE", rows_answer(names(3), nulls(3)), "is NULL"},
        {"SELECT EVENT_OBJECT_TABLE", rows_answer(names(3), {{"t", "", "INSERT"}}), "is empty"}};
    for (const auto& [beginning, answer, says] : all) {
        CAPTURE(beginning, says);
        const rf::error e = error_of(beginning, answer, describe);
        CAPTURE(e.message);
        CHECK(e.cause == rf::cause::senseless_answer);
        CHECK(e.message.find(says) != std::string::npos);
    }
}

TEST_CASE("answers: a catalog without an end is cut off", "[answers]") {
    scripted_answer endless = rows_answer(names(11), columns_of_t);
    endless.repeats_last_but_one = true;
    endless.packets[endless.packets.size() - 2] =
        rows_answer(names(11), with(columns_of_t, 0, 3, std::string(60'000, 'x'))).packets[13];
    const rf::error e = error_of("SELECT TABLE_NAME, COLUMN_NAME", endless, describe);
    CHECK(e.cause == rf::cause::senseless_answer);
    CHECK(e.message.find("more than 64 MiB") != std::string::npos);
}

TEST_CASE("answers: only a missing privilege is told as one", "[answers]") {
    const std::string probe = "SELECT * FROM `t` LIMIT 0";
    for (const unsigned code : {1142U, 1143U}) {
        const rf::error e = error_of(probe, error_answer(code, "42000", "SELECT command denied"), describe);
        CHECK(e.cause == rf::cause::missing_privilege);
        CHECK(e.message == "the user may not read all columns of table t");
    }
    const rf::error e = error_of(probe, error_answer(1932, "42S02", "Table 't' doesn't exist in engine"), describe);
    CHECK(e.cause == rf::cause::unspecified);
    CHECK(e.code == 1932);
    CHECK(e.message == "table t cannot be read");
}

TEST_CASE("answers: a proxy without a server behind it is asked again", "[answers]") {
    // Words of ProxySQL, and of Vitess' vtgate.
    const std::vector<scripted_answer> of_proxies{
        error_answer(9001, "HY000", "Max connect timeout reached while reaching hostgroup 0 after 10000ms"),
        error_answer(9501, "HY000", "Lost connection to backend during failover"),
        error_answer(1105, "HY000",
                     "target: shop.0.primary: primary is not serving, there is a reparent operation in progress")};
    const rf::table_schema table = honest_table();
    for (const scripted_answer& refusal : of_proxies) {
        for (const bool while_connecting : {true, false}) {
            CAPTURE(refusal.packets[0], while_connecting);
            std::atomic<unsigned> pages{0};
            scripted_server server([&](const std::string& sql) {
                const bool is_page = begins(sql, "SELECT `id`, `v`");
                return is_page && ++pages <= 2 && !while_connecting ? refusal : honest(sql);
            });
            if (while_connecting) server.refuse_settings(refusal, 2);
            rf::mysql::connector connector(server.uri());
            auto manager = rf::make_connection_manager(connector, rf::exponential_backoff{.initial_delay = 1ms});
            rf::row_batch rows;
            auto done = manager.run("read", [&](rf::mysql::connection& c) { return c.read(page_of(table), rows); });
            INFO((done ? std::string() : to_string(done.error())));
            REQUIRE(done.has_value());
            CHECK(rows.rows() == 2);
            CHECK(pages == (while_connecting ? 1U : 3U));
            CHECK(manager.stats().retries[static_cast<std::size_t>(rf::fault::unreachable)] == 2);
        }
    }
}

TEST_CASE("answers: only an answer about settings is told as a refusal of the session's settings", "[answers]") {
    const auto refused_by = [](const scripted_answer& answer) {
        scripted_server server(honest);
        server.refuse_settings(answer, 1);
        auto c = rf::mysql::connector(server.uri()).connect();
        return c ? rf::refusal("nothing was wrong") : c.error();
    };
    const rf::error away =
        refused_by(error_answer(9001, "HY000", "Max connect timeout reached while reaching hostgroup 0"));
    INFO(to_string(away));
    CHECK(away.fault == rf::fault::unreachable);
    CHECK(to_string(away).find("settings") == std::string::npos);
    CHECK(to_string(away).find("Max connect timeout") != std::string::npos);

    const rf::error strict =
        refused_by(error_answer(1231, "42000", "Variable 'sql_mode' can't be set to the value of 'x'"));
    INFO(to_string(strict));
    CHECK(strict.fault == rf::fault::permanent);
    CHECK(to_string(strict).find("refuses the session settings") != std::string::npos);
}

TEST_CASE("answers: numbers are numbers", "[answers]") {
    const rf::table_schema table = honest_table();
    auto count = [&](rf::mysql::connection& c) { return c.count(count_of(table)); };
    for (const auto& rows : std::vector<std::vector<scripted_row>>{
             {}, {{std::nullopt}}, {{"abc"}}, {{"-1"}}, {{"3 "}}, {{""}}, {{"1"}, {"2"}}}) {
        CAPTURE(rows.size());
        CHECK(error_of("SELECT COUNT(*)", rows_answer(names(1), rows), count).cause == rf::cause::senseless_answer);
    }
    auto estimate = [&](rf::mysql::connection& c) { return c.estimate(page_of(table)); };
    scripted_row plan(10, "x");
    CHECK(error_of("EXPLAIN", rows_answer(names(10), {plan}), estimate).cause == rf::cause::senseless_answer);
    CHECK(error_of("EXPLAIN", rows_answer(names(10), {}), estimate).cause == rf::cause::senseless_answer);
    CHECK(error_of("EXPLAIN", rows_answer(names(2), {{"1", "2"}}), estimate).cause == rf::cause::senseless_answer);
    auto empty = [&](rf::mysql::connection& c) { return c.is_empty(table); };
    CHECK(error_of("SELECT 1 FROM", rows_answer(names(1), {{std::nullopt}}), empty).cause ==
          rf::cause::senseless_answer);
    CHECK(error_of("SELECT 1 FROM", rows_answer(names(1), {{"1"}, {"1"}}), empty).cause == rf::cause::senseless_answer);
    auto maximum = [&](rf::mysql::connection& c) { return c.maximum(table, 0); };
    CHECK(error_of("SELECT MAX(", rows_answer(names(1), {}), maximum).cause == rf::cause::senseless_answer);
}

TEST_CASE("answers: a session without numbers is refused", "[answers]") {
    for (const std::size_t cell : {3U, 4U, 5U, 6U, 7U}) {
        CAPTURE(cell);
        scripted_server server([](const std::string&) { return ok_answer(); });
        server.change_session([cell](scripted_row& row) {
            row[cell] = cell == 5 || cell == 6 ? std::nullopt : std::optional<std::string>("abc");
        });
        const auto c = rf::mysql::connector(server.uri()).connect();
        REQUIRE_FALSE(c);
        CHECK(c.error().cause == rf::cause::senseless_answer);
    }
}

namespace {

using clock_type = std::chrono::steady_clock;

/// What an operation gives, and how long it takes.
template <class Work>
std::pair<rf::error, std::chrono::duration<double>> timed(Work work) {
    const auto begin = clock_type::now();
    auto done = work();
    const std::chrono::duration<double> took = clock_type::now() - begin;
    return {done ? rf::refusal("nothing was wrong") : done.error(), took};
}

scripted_answer slowly(scripted_answer answer, std::chrono::milliseconds of_each_byte = 100ms) {
    answer.of_each_byte = of_each_byte;
    return answer;
}

scripted_answer silently(scripted_answer answer) {
    answer.before = 60s;
    return answer;
}

} // namespace

TEST_CASE("answers: one that comes byte by byte ends with the read timeout", "[answers][slow]") {
    const scripted_answer page = rows_answer({"id", "v", "cell_2"}, {{"1", "a", "1.5"}});
    const std::string catalog = "SELECT t.TABLE_NAME, t.TABLE_TYPE";
    const rf::table_schema table = honest_table();
    SECTION("a page") {
        const scripted_server server(but("SELECT `id`, `v`", slowly(page)));
        rf::mysql::connection c = connect_to(server, "&read-timeout=1");
        rf::row_batch rows;
        const auto [e, took] = timed([&] { return c.read(page_of(table), rows); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(e.fault == rf::fault::connection_lost);
        CHECK(took < 6s);
    }
    SECTION("the catalog") {
        const scripted_server server(but(catalog, slowly(honest(catalog))));
        rf::mysql::connection c = connect_to(server, "&read-timeout=1");
        const auto [e, took] = timed([&] { return c.describe("t"); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(took < 6s);
    }
    SECTION("the answer to BEGIN, COMMIT and ROLLBACK") {
        using operation = rf::result<void> (rf::mysql::connection::*)();
        for (const auto& [sql, work] :
             {std::pair<const char*, operation>{"START TRANSACTION", &rf::mysql::connection::begin},
              {"COMMIT", &rf::mysql::connection::commit},
              {"ROLLBACK", &rf::mysql::connection::rollback}}) {
            CAPTURE(sql);
            const scripted_server server(but(sql, slowly(ok_answer(), 400ms)));
            rf::mysql::connection c = connect_to(server, "&read-timeout=1");
            const auto [e, took] = timed([&, w = work] { return (c.*w)(); });
            CHECK(e.cause == rf::cause::too_slow);
            CHECK(took < 6s);
        }
    }
    SECTION("the greeting, which has the connect timeout") {
        scripted_server server(honest);
        server.greet_slowly(100ms);
        const auto [e, took] =
            timed([&] { return rf::mysql::connector(server.uri("&connect-timeout=1&read-timeout=60")).connect(); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(e.fault == rf::fault::unreachable);
        CHECK(took < 6s);
    }
}

TEST_CASE("answers: a page that takes longer than the read timeout and makes progress is taken", "[answers][slow]") {
    const rf::table_schema table = honest_table();
    std::vector<scripted_row> rows;
    for (unsigned i = 0; i < 30; ++i) rows.push_back({std::to_string(i), std::string(4000, 'x'), "1"});
    // 120 KB within about 2 s, and a second for each 8 KiB.
    scripted_answer page = rows_answer({"id", "v", "cell_2"}, rows);
    page.of_each_packet = 60ms;
    const scripted_server server(but("SELECT `id`, `v`", page));
    rf::mysql::connection c = connect_to(server, "&read-timeout=1");
    rf::row_batch into;
    const auto begin = clock_type::now();
    REQUIRE(c.read(page_of(table, 100), into));
    CHECK(into.rows() == 30);
    CHECK(clock_type::now() - begin > 1500ms);
}

TEST_CASE("answers: a stream that drips after its first slices were written ends with the read timeout",
          "[answers][slow]") {
    const rf::table_schema table = honest_table();
    std::vector<scripted_row> rows;
    for (unsigned i = 0; i < 8; ++i) rows.push_back({std::to_string(i), std::string(60, 'x'), "1"});
    scripted_answer all = slowly(rows_answer({"id", "v", "cell_2"}, rows));
    all.slow_from = 11; // number of columns, columns, EOF, six rows
    const scripted_server source(but("SELECT `id`, `v`", all));
    const scripted_server target(honest);
    rf::mysql::connection from = connect_to(source, "&read-timeout=1");
    rf::mysql::connection to = connect_to(target);
    rf::row_batch slice;
    unsigned slices = 0;
    const auto [e, took] = timed([&] {
        return from.stream(page_of(table), slice, [&](const rf::row_batch&) {
            ++slices;
            return to.count(count_of(table)).has_value(); // another wait, in this thread
        });
    });
    CHECK(slices == 2);
    CHECK(e.cause == rf::cause::too_slow);
    CHECK(took < 6s);
}

TEST_CASE("answers: a stop request ends the wait for one after its grace", "[answers][slow]") {
    const scripted_server server(but("SELECT COUNT(*)", silently(ok_answer())));
    const rf::table_schema table = honest_table();
    std::atomic<bool> stopped{false};
    struct request {
        std::atomic<bool>& is_asked;
        [[nodiscard]] bool stop_requested() const { return is_asked; }
    } const stop{stopped};
    rf::mysql::connection c = connect_to(server);
    rf::wait_limit limit = rf::wait_limit::of(stop);
    limit.grace = 300ms;
    c.limit_waits(limit);
    std::thread asks([&] {
        std::this_thread::sleep_for(200ms);
        stopped = true;
    });
    const auto [e, took] = timed([&] { return c.count(count_of(table)); });
    asks.join();
    CHECK(e.cause == rf::cause::interrupted);
    CHECK(e.fault == rf::fault::connection_lost);
    CHECK(took > 400ms);
    CHECK(took < 6s);
}

TEST_CASE("answers: a time limit ends the wait for one, and for a connection", "[answers][slow]") {
    const rf::table_schema table = honest_table();
    rf::wait_limit limit;
    limit.at_most = 300ms;
    SECTION("an answer") {
        const scripted_server server(but("SELECT COUNT(*)", silently(ok_answer())));
        rf::mysql::connection c = connect_to(server);
        c.limit_waits(limit);
        const auto [e, took] = timed([&] { return c.count(count_of(table)); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(took < 6s);
    }
    SECTION("several answers, of which each is soon enough") {
        scripted_answer late = rows_answer(names(1), {{"3"}});
        late.before = 1500ms;
        const scripted_server server(but("SELECT COUNT(*)", late));
        rf::mysql::connection c = connect_to(server);
        limit.at_most = 2s;
        c.limit_waits(limit);
        CHECK(c.count(count_of(table)));
        const auto [e, took] = timed([&] { return c.count(count_of(table)); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(took < 1400ms);
    }
    SECTION("a connection") {
        scripted_server server(honest);
        server.greet_slowly(100ms);
        const auto [e, took] = timed([&] { return rf::mysql::connector(server.uri()).connect(limit); });
        CHECK(e.cause == rf::cause::too_slow);
        CHECK(took < 6s);
    }
}

namespace {

/// A target's `t`, to be written to.
rf::write_request writing(const rf::table_schema& table, rf::write_kind kind) {
    rf::write_request request;
    request.table = &table;
    request.columns = {0, 1};
    request.kind = kind;
    request.key_name = "PRIMARY";
    request.way = rf::write_way::multi_row;
    return request;
}

rf::row_batch two_rows() {
    rf::row_batch rows(2);
    for (const char* text : {"1", "a", "2", "b"}) rows.add(rf::cell(text));
    return rows;
}

} // namespace

TEST_CASE("answers: a number of changed rows that cannot be is refused", "[answers]") {
    using rf::write_kind;
    struct written {
        write_kind kind;
        std::uint64_t changed;
        bool makes_sense;
    };
    const rf::table_schema table = honest_table();
    const rf::row_batch rows = two_rows();
    for (const auto& [kind, changed, makes_sense] : {written{write_kind::insert, 2, true},
                                                     {write_kind::insert, 1, false},
                                                     {write_kind::insert, 3, false},
                                                     {write_kind::insert, 0, false},
                                                     {write_kind::skip_existing, 0, true},
                                                     {write_kind::skip_existing, 2, true},
                                                     {write_kind::skip_existing, 3, false},
                                                     {write_kind::upsert, 0, true},
                                                     {write_kind::upsert, 4, true},
                                                     {write_kind::upsert, 5, false},
                                                     {write_kind::replace, 1, false},
                                                     {write_kind::replace, 2, true},
                                                     {write_kind::replace, 4, true},
                                                     {write_kind::replace, 5, false},
                                                     {write_kind::upsert, ~std::uint64_t{0}, false}}) {
        CAPTURE(rf::name(kind), changed);
        const scripted_server server([changed = changed](const std::string& sql) {
            const bool writes = begins(sql, "INSERT") || begins(sql, "REPLACE");
            return writes ? ok_answer(changed) : honest(sql);
        });
        rf::mysql::connection c = connect_to(server);
        const auto outcome = c.write(writing(table, kind), rows);
        CHECK(outcome.has_value() == makes_sense);
        if (!outcome) CHECK(outcome.error().cause == rf::cause::senseless_answer);
    }
}

TEST_CASE("answers: rows for a write, and a second answer to it, are refused", "[answers]") {
    const rf::table_schema table = honest_table();
    const rf::row_batch rows = two_rows();
    scripted_answer twice = ok_answer(2, autocommit_status | more_results_status);
    twice.packets.push_back(ok_answer().packets[0]);
    for (const scripted_answer& answer : {rows_answer({"a"}, {{"1"}}), twice}) {
        const rf::error e = error_of("INSERT", answer, [&](rf::mysql::connection& c) {
            return c.write(writing(table, rf::write_kind::insert), rows);
        });
        CHECK(e.cause == rf::cause::senseless_answer);
    }
}

TEST_CASE("answers: a checkpoint that rowferry never writes is refused, with its job", "[answers]") {
    const std::string load = "SELECT title, target_table";
    const scripted_row good{"t to t", "t", "id INT", std::string(32, 'a'), "3", "30", "7", "0", "1"};
    auto loads = [](rf::mysql::connection& c) {
        return c.load_checkpoint("0123456789abcdef0123456789abcdef", rf::checkpoint_read::as_it_stands);
    };
    {
        const scripted_server server(but(load, rows_answer(names(9), {good})));
        rf::mysql::connection c = connect_to(server);
        const auto found = loads(c).value();
        REQUIRE(found);
        CHECK(found->batches == 3);
        CHECK(found->begun_alone);
        CHECK(found->last_key == rf::key_values{"7"});
    }
    for (std::size_t cell = 0; cell < good.size(); ++cell) {
        CAPTURE(cell);
        scripted_row row = good;
        row[cell] = std::nullopt;
        const rf::error e = error_of(load, rows_answer(names(9), {row}), loads);
        CHECK(e.cause == rf::cause::senseless_answer);
        CHECK(e.message.find("0123456789abcdef0123456789abcdef") != std::string::npos);
        CHECK(e.offers(rf::remedy::start_over_into_empty));
    }
    for (const auto& [cell, text] : {std::pair<std::size_t, std::string>{4, "3x"},
                                     {4, "-3"},
                                     {5, ""},
                                     {6, "%zz"},
                                     {6, "%41"},
                                     {6, "%ranges;7"},
                                     {6, "7," + std::string("~x")},
                                     {7, "2"},
                                     {8, "yes"}}) {
        CAPTURE(cell, text);
        scripted_row row = good;
        row[cell] = text;
        CHECK(error_of(load, rows_answer(names(9), {row}), loads).cause == rf::cause::senseless_answer);
    }
    CHECK(error_of(load, rows_answer(names(9), {good, good}), loads).cause == rf::cause::senseless_answer);
    CHECK(error_of(load, rows_answer(names(8), {scripted_row(8, "1")}), loads).cause == rf::cause::senseless_answer);
}

TEST_CASE("answers: a list of checkpoints shows those that cannot be read", "[answers]") {
    const scripted_row good{"t to t",
                            "t",
                            "id INT",
                            std::string(32, 'a'),
                            "3",
                            "30",
                            "7",
                            "0",
                            "1",
                            std::string(32, 'b'),
                            "2026-01-01 00:00:00"};
    scripted_row bad = good;
    bad[4] = "many";
    bad[9] = std::string(32, 'c');
    const scripted_server server(but("SELECT title, target_table", rows_answer(names(11), {good, bad})));
    rf::mysql::connection c = connect_to(server);
    const auto all = c.list_checkpoints().value();
    REQUIRE(all.size() == 2);
    CHECK_FALSE(all[0].has_unreadable_key);
    CHECK(all[1].has_unreadable_key);
    CHECK(all[1].entry.job == std::string(32, 'c'));
}

TEST_CASE("answers: digests and checksums are ones", "[answers]") {
    const rf::table_schema table = honest_table();
    rf::digest_request request;
    request.table = &table;
    request.columns = {{0, false}, {1, false}};
    request.order = {{0, false, 0}};
    const std::string digest(64, 'a');
    rf::row_batch into;
    auto digests = [&](rf::mysql::connection& c) { return c.digests(request, {}, into); };
    auto by_key = [&](rf::mysql::connection& c) { return c.digests(request, {{"1"}}, into); };
    {
        const scripted_server server(
            but("SELECT `id`, SHA2", rows_answer({"id", "digest"}, {{"1", digest}, {"2", digest}})));
        rf::mysql::connection c = connect_to(server);
        REQUIRE(digests(c));
        CHECK(into.rows() == 2);
    }
    const std::string ask = "SELECT `id`, SHA2";
    CHECK(error_of(ask, rows_answer({"id", "digest"}, {{"1", digest}, {"2", digest}}), by_key).cause ==
          rf::cause::senseless_answer);
    CHECK(error_of(ask, rows_answer({"id", "digest"}, {{"1", "abc"}}), digests).cause == rf::cause::senseless_answer);
    CHECK(error_of(ask, rows_answer({"digest", "id"}, {{digest, "1"}}), digests).cause == rf::cause::senseless_answer);
    CHECK(error_of(ask, rows_answer({"id", "digest"}, {{std::nullopt, digest}}), digests).cause ==
          rf::cause::senseless_answer);
    CHECK(error_of(ask, rows_answer({"id", "digest"}, {{"1", std::nullopt}}), digests).cause == rf::cause::unspecified);

    auto sum = [&](rf::mysql::connection& c) -> rf::result<rf::rows_checksum> {
        if (auto r = c.ask_checksum(request); !r) return std::move(r.error());
        return c.checksum();
    };
    for (const std::vector<scripted_row>& rows :
         std::vector<std::vector<scripted_row>>{{},
                                                {{"x", "1", "1", "1"}},
                                                {{std::nullopt, "1", "1", "1"}},
                                                {{"1", "2", "1", "1"}},
                                                {{"1", "1", "z", "1"}},
                                                {{"1", "1", std::nullopt, "1"}},
                                                {{"1", "1", "1", "1"}, {"1", "1", "1", "1"}}}) {
        CHECK(error_of("SELECT COUNT(*), COUNT(digest)", rows_answer(names(4), rows), sum).cause ==
              rf::cause::senseless_answer);
    }
}

TEST_CASE("answers: a load has time by the size of its text", "[answers][slow]") {
    const rf::table_schema table = honest_table();
    scripted_answer loaded{{"\xFBrowferry"}};
    loaded.packets.push_back(
        ok_answer(1, autocommit_status, encoded("Records: 1  Deleted: 0  Skipped: 0  Warnings: 0")).packets[0]);
    loaded.asks_for_text = true;
    loaded.of_each_packet = 1ms; // a slow link: the text comes in pieces of 4 to 8 KiB, within 3 s or more
    const scripted_server server([&](const std::string& sql) {
        return begins(sql, "LOAD DATA") ? loaded : begins(sql, "SAVEPOINT") ? ok_answer() : honest(sql);
    });
    rf::mysql::connection c = connect_to(server, "&read-timeout=2");
    const std::string large(std::size_t{24} << 20U, 'x'); // more than the sockets' buffers
    rf::row_batch rows(2);
    rows.add(rf::cell("1"));
    rows.add(rf::cell(large));
    rf::write_request request = writing(table, rf::write_kind::insert);
    request.way = rf::write_way::load_data;
    const auto begin = clock_type::now();
    const auto outcome = c.write(request, rows);
    INFO((outcome ? std::string() : rf::to_string(outcome.error())));
    REQUIRE(outcome);
    CHECK(outcome->rows == 1);
    CHECK(clock_type::now() - begin > 2s);
}

TEST_CASE("answers: a filter is not blamed for an answer that makes no sense", "[answers]") {
    const rf::table_schema table = honest_table();
    auto check = [&](rf::mysql::connection& c) { return c.check_filter(table, "id > 1"); };
    const std::string ask = "SELECT 1 FROM `t` WHERE";
    const rf::error senseless = error_of(ask, rows_answer(names(2), {}), check);
    CHECK(senseless.cause == rf::cause::senseless_answer);
    CHECK(senseless.message.find("2 columns where 1") != std::string::npos);
    const rf::error refused = error_of(ask, error_answer(1054, "42S22", "Unknown column"), check);
    CHECK(refused.message == "the filter is not one condition over the table's columns");
}

TEST_CASE("answers: a connection can take another's place", "[answers]") {
    const scripted_server server(honest);
    rf::mysql::connection c = connect_to(server);
    for (unsigned i = 0; i < 3; ++i) c = connect_to(server);
    CHECK(c.count(count_of(honest_table())).value() == 3U);
}

TEST_CASE("a part of the catalog, with a warning that the question was broken off, is no answer") {
    const auto with_warning = [](scripted_answer answer) {
        answer.packets.back() = '\xFE' + little_endian(1, 2) + little_endian(autocommit_status, 2);
        return answer;
    };
    for (const unsigned code : {1317U, 1969U, 3024U, 1U}) {
        CAPTURE(code);
        const scripted_server server([&](const std::string& sql) {
            if (begins(sql, "SHOW WARNINGS")) {
                return rows_answer(names(3), {{"Warning", std::to_string(code), "interrupted"}});
            }
            if (begins(sql, "SELECT TABLE_NAME, ENGINE")) {
                return with_warning(rows_answer(names(2), {{"t", "InnoDB"}}));
            }
            return honest(sql);
        });
        auto c = connect_to(server);
        const auto listed = c.tables();
        REQUIRE(listed.has_value() == (code == 1));
        if (listed) continue;
        CHECK(listed.error().code == code);
        CHECK(listed.error().fault == rf::fault::transient);
        CHECK((listed.error().cause == rf::cause::too_slow) == (code != 1317));
    }
}
