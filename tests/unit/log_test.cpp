// SPDX-License-Identifier: BSL-1.0
// text_log and json_log, line by line.
#include <rowferry/log.hpp>
#include <rowferry/verify/report.hpp>

#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>

namespace rf = rowferry;
using namespace std::chrono_literals;

namespace {

// 2026-03-01 11:05:09.250 UTC
struct stopped_clock {
    std::chrono::system_clock::time_point operator()() const {
        using namespace std::chrono;
        return sys_days(year(2026) / 3 / 1) + 11h + 5min + 9s + 250ms;
    }
};
const std::string now = "2026-03-01T11:05:09.250Z ";

struct collect {
    std::string* text;
    void operator()(std::string_view line) const { *text += line; }
};

rf::error lost_connection() {
    rf::error e;
    e.fault = rf::fault::connection_lost;
    e.code = 2013;
    e.sqlstate = "HY000";
    e.server_message = "Lost connection to server during query";
    e.operation = "write";
    return e;
}

rf::report half_done() {
    rf::report r;
    r.table = "procnote";
    r.outcome = rf::outcome::stopped;
    r.rows = 41000;
    r.bytes = 24'000'000;
    r.batches = 6;
    r.elapsed = 2s;
    r.last_key = {rf::value("41000"), rf::value(std::string("a\"\xff"))};
    r.target.retries[static_cast<std::size_t>(rf::fault::connection_lost)] = 3;
    r.failure = lost_connection();
    r.failure->where = "target, table procnote";
    r.failure->attempt = 4;
    return r;
}

// Everything that a log may hear, in the order of a copy with one outage.
template <class Log>
void play(Log& log) {
    log.on(rf::copy_started{"procnote", rf::route::across, 561000, 540123, 41000});
    log.on(rf::connected{rf::side::source, false});
    log.on(rf::retry_scheduled{rf::side::target, lost_connection(), 1, 412ms});
    log.on(rf::connected{rf::side::target, true});
    log.on(rf::recovered{rf::side::target, "write", 2, 612ms});
    log.on(rf::notice{"procnote", "3 rows are NULL\nin EntryDateTime"});
    log.on(rf::copy_finished{half_done()});
}

// A verification that finds a row missing.
template <class Log>
void play_verification(Log& log) {
    log.on(rf::verification_started{"procnote", 1200});
    log.on(rf::chunk_compared{"procnote", 700, 700, true});
    log.on(rf::retry_scheduled{rf::side::source, lost_connection(), 1, 500ms});
    log.on(rf::chunk_compared{"procnote", 501, 1201, false});
    rf::verification v;
    v.table = "procnote";
    v.verdict = rf::verdict::different;
    v.source_rows = 1201;
    v.target_rows = 1200;
    v.missing.add({rf::value("900")}, 10);
    v.elapsed = 2s;
    v.source.retries[static_cast<std::size_t>(rf::fault::connection_lost)] = 1;
    log.on(rf::verification_finished{v});
    log.on(rf::connected{rf::side::source, true});
}

} // namespace

TEST_CASE("text_log writes one line per event", "[log]") {
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    play(log);
    CHECK(text ==
          now + "procnote: started, across, 561 000 rows to copy, 41 000 rows copied before\n" + //
              now +
              "procnote, target: write failed (connection_lost, errno 2013, SQLSTATE HY000: Lost connection to "
              "server during query), attempt 2 in 0.41 s\n" + //
              now +
              "procnote, target: connected again\n" + now +
              "procnote, target: write succeeded on attempt 2, after 0.61 s\n" + now +
              "procnote: 3 rows are NULL\\x0Ain EntryDateTime\n" + now +
              "procnote: stopped, 41 000 rows in 2.0 s, 20 500 rows/s, 3 retries: target, table procnote: write "
              "failed: Lost connection to server during query [2013, SQLSTATE HY000, connection_lost] (tried 4 "
              "times)\n");
}

TEST_CASE("a log of trouble leaves out start, finish and replaced connections", "[log]") {
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::trouble, stopped_clock{}};
    play(log);
    CHECK(text == now +
                      "procnote, target: write failed (connection_lost, errno 2013, SQLSTATE HY000: Lost connection to "
                      "server during query), attempt 2 in 0.41 s\n" +
                      now + "procnote, target: write succeeded on attempt 2, after 0.61 s\n" + now +
                      "procnote: 3 rows are NULL\\x0Ain EntryDateTime\n");

    std::string json;
    rf::json_log json_log{collect{&json}, rf::log_scope::trouble, stopped_clock{}};
    play(json_log);
    CHECK(std::count(json.begin(), json.end(), '\n') == 3);
}

TEST_CASE("text_log names no table between two copies", "[log]") {
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::trouble, stopped_clock{}};
    log.on(rf::copy_started{"a", rf::route::across, {}, 7, 0});
    log.on(rf::copy_finished{rf::report{}});
    log.on(rf::recovered{rf::side::source, "describe", 3, 1s});
    CHECK(text == now + "source: describe succeeded on attempt 3, after 1.00 s\n");
}

TEST_CASE("text_log falls back on our own words and on the estimate", "[log]") {
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    rf::error e;
    e.fault = rf::fault::unreachable;
    e.message = "the address could not be resolved";
    e.operation = "connect";
    log.on(rf::retry_scheduled{rf::side::source, e, 3, 2s});
    log.on(rf::copy_started{"t", rf::route::server_side, {}, 7, 0});
    log.on(rf::copy_started{"t", rf::route::server_side, {}, 0, 0});
    CHECK(text ==
          now + "source: connect failed (unreachable: the address could not be resolved), attempt 4 in 2.00 s\n" + now +
              "t: started, server-side, the table has about 7 rows\n" + now + "t: started, server-side\n");
}

TEST_CASE("text_log counts one row as one row", "[log]") {
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    log.on(rf::copy_started{"t", rf::route::across, 1, 1, 1});
    log.on(rf::copy_started{"t", rf::route::across, {}, 1, 0});
    rf::report r;
    r.table = "t";
    r.outcome = rf::outcome::complete;
    r.rows = 1;
    r.elapsed = 1s;
    r.source.retries[0] = 1;
    log.on(rf::copy_finished{r});
    CHECK(text == now + "t: started, across, 1 row to copy, 1 row copied before\n" + now +
                      "t: started, across, the table has about 1 row\n" + now +
                      "t: complete, 1 row in 1.0 s, 1 row/s, 1 retry\n");
}

TEST_CASE("json_log writes one object per event", "[log]") {
    std::string text;
    rf::json_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    play(log);
    const std::string head = R"({"time":"2026-03-01T11:05:09.250Z","event":)";
    const std::string expected =
        head + R"("copy_started","table":"procnote","route":"across","expected_rows":561000,"estimated_rows":540123,)" +
        R"("resumed_rows":41000})" + "\n" + //
        head + R"("retry","table":"procnote","side":"target","attempt":1,"delay":0.412,"fault":"connection_lost",)" +
        R"("errno":2013,"operation":"write","sqlstate":"HY000",)" +
        R"("server_message":"Lost connection to server during query"})" + "\n" + //
        head + R"("connected_again","table":"procnote","side":"target"})" + "\n" + head +
        R"("recovered","table":"procnote","side":"target","operation":"write","attempts":2,"outage":0.612})" + "\n" + //
        head + R"("notice","table":"procnote","text":"3 rows are NULL\nin EntryDateTime"})" + "\n" + head +
        R"("copy_finished","table":"procnote","outcome":"stopped","rows":41000,"bytes":24000000,"batches":6,)" +
        R"~("seconds":2.000,"rows_per_second":20500.000,"retries":3,"last_key":"(41000, x'6122FF')","consistency":"each_page",)~" +
        R"("fault":"connection_lost","errno":2013,"operation":"write","sqlstate":"HY000",)" +
        R"("where":"target, table procnote","server_message":"Lost connection to server during query"})" + "\n";
    CHECK(text == expected);
}

TEST_CASE("json_log names the cause and the remedies of an error", "[log]") {
    std::string text;
    rf::json_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    rf::report stopped;
    stopped.table = "procnote";
    stopped.failure = rf::refusal("the definition changed", {rf::remedy{rf::remedy::start_over_into_empty},
                                                             rf::remedy{rf::remedy::drop_index, "by_name"}});
    stopped.failure->cause = rf::cause::definition_changed;
    log.on(rf::copy_finished{stopped});
    CHECK(text.find(R"("message":"the definition changed","cause":"definition_changed",)"
                    R"("remedies":["start_over_into_empty","drop_index"])") != std::string::npos);
}

TEST_CASE("a verification's lines: its start, what differs, its end", "[log]") {
    const std::string retry = "procnote, source: write failed (connection_lost, errno 2013, SQLSTATE HY000: Lost "
                              "connection to server during query), attempt 2 in 0.50 s\n";
    std::string text;
    rf::text_log log{collect{&text}, rf::log_scope::all, stopped_clock{}};
    play_verification(log);
    CHECK(text == now + "procnote: verification started, the table has about 1 200 rows\n" + //
                      now + retry +                                                          //
                      now + "procnote: a range of 501 rows differs\n" +                      //
                      now + "procnote: different, 1 201 rows compared in 2.0 s, 1 difference left, 1 retry\n" + now +
                      "source: connected again\n");
    text.clear();
    rf::text_log trouble{collect{&text}, rf::log_scope::trouble, stopped_clock{}};
    play_verification(trouble);
    CHECK(text == now + retry);

    std::string json;
    rf::json_log json_log{collect{&json}, rf::log_scope::all, stopped_clock{}};
    play_verification(json_log);
    const std::string begin = R"~({"time":"2026-03-01T11:05:09.250Z","event":)~";
    CHECK(json.find(begin + R"~("verification_started","table":"procnote","estimated_rows":1200})~" + "\n" + begin +
                    R"~("chunk_compared","table":"procnote","rows":700,"total_rows":700,"equal":true})~" + "\n") == 0);
    CHECK(json.find(begin + R"~("verification_finished","table":"procnote","verdict":"different","rows":1201,)~" +
                    R"~("target_rows":1200,"missing":1,"extra":0,"changed":0,"changed_meanwhile":0,)~" +
                    R"~("undecided":0,"undecided_ranges":0,"unnamed_ranges":0,)~" +
                    R"~("rows_are_named":true,"repaired":0,"deleted":0,"seconds":2.000,"retries":1})~" + "\n") !=
          std::string::npos);
    CHECK(std::count(json.begin(), json.end(), '\n') == 6);
}

TEST_CASE("a log writes to a FILE*", "[log]") {
    std::FILE* file = std::tmpfile();
    REQUIRE(file != nullptr);
    rf::text_log text{file};
    rf::json_log json{file, rf::log_scope::all};
    text.on(rf::notice{"t", "one"});
    json.on(rf::notice{"t", "two"});
    std::rewind(file);
    char line[200] = {};
    REQUIRE(std::fgets(line, sizeof line, file) != nullptr);
    CHECK(std::string(line).ends_with("Z t: one\n"));
    REQUIRE(std::fgets(line, sizeof line, file) != nullptr);
    CHECK(std::string(line).ends_with(R"("event":"notice","table":"t","text":"two"})"
                                      "\n"));
    std::fclose(file);
}

TEST_CASE("text for people and programs", "[log]") {
    CHECK(rf::grouped(0) == "0");
    CHECK(rf::grouped(999) == "999");
    CHECK(rf::grouped(1000) == "1 000");
    CHECK(rf::grouped(18446744073709551615U) == "18 446 744 073 709 551 615");
    CHECK(rf::counted(1, "row", "rows") == "1 row");
    CHECK(rf::counted(0, "row", "rows") == "0 rows");
    CHECK(rf::rate(0, "row", "rows") == "0 rows/s");
    CHECK(rf::rate(0.25, "row", "rows") == "0.2 rows/s");
    CHECK(rf::rate(1, "row", "rows") == "1 row/s");
    CHECK(rf::rate(9.87, "row", "rows") == "9.9 rows/s");
    CHECK(rf::rate(93500.9, "row", "rows") == "93 500 rows/s");
    CHECK(rf::byte_rate(0) == "0.0 kB/s");
    CHECK(rf::byte_rate(30'000) == "30.0 kB/s");
    CHECK(rf::byte_rate(7'120'000) == "7.1 MB/s");
    CHECK(rf::countdown(-1s) == "0:00");
    CHECK(rf::countdown(1ms) == "0:01");
    CHECK(rf::countdown(751s) == "12:31");
    CHECK(rf::countdown(3h + 5min + 9s) == "3:05:09");
    CHECK(rf::utc_time({}) == "1970-01-01T00:00:00.000Z");
    CHECK(rf::one_line("a\tb\x7f \xC3\xA9 \xF0\x9F\x98\x80 \xC3") == "a\\x09b\\x7F \xC3\xA9 \xF0\x9F\x98\x80 \\xC3");
    CHECK(rf::json_string("\"\\\n\x01 \xC3\xA9") == "\"\\\"\\\\\\n\\u0001 \xC3\xA9\"");
    const std::string replaced = "\"\xEF\xBF\xBD\"";
    CHECK(rf::json_string("\x80") == replaced);                  // a lone continuation
    CHECK(rf::json_string("\xC3") == replaced);                  // cut short
    CHECK(rf::json_string("\xC1\xBF").size() == 2 + 6);          // overlong
    CHECK(rf::json_string("\xED\xA0\x80").size() == 2 + 9);      // a surrogate
    CHECK(rf::json_string("\xF4\x90\x80\x80").size() == 2 + 12); // past U+10FFFF
    CHECK(rf::json_string("\xF0\x9F\x98\x80") == "\"\xF0\x9F\x98\x80\"");
}
