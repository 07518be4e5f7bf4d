// SPDX-License-Identifier: BSL-1.0
// progress_bar, draw by draw, under a clock that only the test moves.
#include <rowferry/progress.hpp>
#include <rowferry/testing/manual_timing.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace rf = rowferry;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

struct collect {
    lines* all;
    void operator()(std::string_view text) const { all->emplace_back(text); }
};

// A copy of 600-byte rows that has `rows` so long after its start.
template <class Bar>
void commit(Bar& bar, std::uint64_t rows, rf::duration elapsed) {
    static const rf::key_values key{rf::value("1")};
    static const rf::key_forms forms;
    bar.on(rf::batch_committed{"procnote", 1000, 600'000, rows, rows * 600, 10ms, elapsed, key, forms});
}

rf::report finished(std::uint64_t rows, rf::duration elapsed, rf::outcome how = rf::outcome::complete) {
    rf::report r;
    r.table = "procnote";
    r.rows = rows;
    r.elapsed = elapsed;
    r.outcome = how;
    r.target.retries[0] = 2;
    return r;
}

rf::error lost_connection() {
    rf::error e;
    e.fault = rf::fault::connection_lost;
    return e;
}

std::string drawn(const std::string& text) { return "\r" + text + "\x1b[K"; }

} // namespace

TEST_CASE("progress_bar draws one line in place", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 110}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, 561000, 540000, 0});
    timing.advance(2s);
    commit(bar, 252450, 2s);
    timing.advance(4s);
    commit(bar, 561000, 6s);
    const rf::report summary = finished(561000, 6s);
    bar.on(rf::copy_finished{summary});
    REQUIRE(out.size() == 5);
    CHECK(out[0] == drawn("procnote  [                    ]  0 %  0 of 561 000 rows"));
    CHECK(out[1] == drawn("procnote  [#########           ]  45 %  252 450 of 561 000 rows  126 225 rows/s  75.7 MB/s  "
                          "0:03 left"));
    CHECK(out[2] == drawn("procnote  [####################]  100 %  561 000 of 561 000 rows  93 500 rows/s  "
                          "56.1 MB/s"));
    CHECK(out[3] == "\r\x1b[K");
    CHECK(out[4] == "procnote: complete, 561 000 rows in 6.0 s, 93 500 rows/s, 2 retries\n");
}

TEST_CASE("progress_bar draws ten times a second at most", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, 100000, 0, 0});
    for (int i = 1; i <= 1000; ++i) {
        timing.advance(10ms);
        commit(bar, static_cast<std::uint64_t>(i) * 100, i * 10ms);
        bar.tick();
    }
    CHECK(out.size() == 101);
}

TEST_CASE("progress_bar says what it waits for", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 140}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, 100000, 0, 400});
    timing.advance(1s);
    commit(bar, 50200, 1s);
    const rf::error e = lost_connection();
    bar.on(rf::retry_scheduled{rf::side::target, e, 1, 1900ms});
    timing.advance(1s);
    bar.tick();
    timing.advance(1s);
    bar.tick();
    timing.advance(1s);
    bar.on(rf::recovered{rf::side::target, "write", 2, 3s});
    REQUIRE(out.size() == 6);
    const std::string start = "procnote  [##########          ]  50 %  50 600 of 100 400 rows  ";
    CHECK(out[2] == drawn(start + "waiting for the target (connection_lost), next attempt in 2 s  1 retry"));
    CHECK(out[3] == drawn(start + "waiting for the target (connection_lost), next attempt in 1 s  1 retry"));
    CHECK(out[4] == drawn(start + "waiting for the target (connection_lost), trying again  1 retry"));
    CHECK(out[5] == drawn(start + "50 200 rows/s  30.1 MB/s  0:01 left  1 retry"));
}

TEST_CASE("progress_bar waits for a server before any table is known", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    bar.tick();
    const rf::error e = lost_connection();
    bar.on(rf::retry_scheduled{rf::side::source, e, 1, 2s});
    REQUIRE(out.size() == 1);
    CHECK(out[0] == drawn("waiting for the source (connection_lost), next attempt in 2 s  1 retry"));
}

TEST_CASE("progress_bar measures speed over the last seconds", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, {}, 0, 0});
    for (int second = 1; second <= 20; ++second) {
        timing.advance(1s);
        const int rows = second <= 10 ? second * 1000 : 10000 + (second - 10) * 50; // slow from the eleventh second
        commit(bar, static_cast<std::uint64_t>(rows), second * 1s);
    }
    CHECK(out[10] == drawn("procnote  10 000 rows  1 000 rows/s  600.0 kB/s"));
    CHECK(out[20] == drawn("procnote  10 500 rows  50 rows/s  30.0 kB/s"));
}

TEST_CASE("progress_bar marks an estimate as one", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 60}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, {}, 1000, 100});
    timing.advance(1s);
    commit(bar, 400, 1s);
    timing.advance(1s);
    commit(bar, 1000, 2s);
    CHECK(out[1] == drawn("procnote  ~50 %  500 rows  400 rows/s  240.0 kB/s  0:02 left"));
    CHECK(out[2] == drawn("procnote  ~99 %  1 100 rows  500 rows/s  300.0 kB/s"));
}

TEST_CASE("progress_bar fits the terminal: it leaves out the bar, then the bytes, and cuts between characters",
          "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    for (const std::size_t columns : {88U, 66U, 30U}) {
        rf::progress_bar bar{collect{&out}, {.columns = columns}, timing};
        bar.on(rf::copy_started{"procnote", rf::route::across, 100000, 0, 0});
        timing.advance(1s);
        commit(bar, 50000, 1s);
        CHECK(out.back().size() <= columns + 4);
        timing.advance(1s);
    }
    REQUIRE(out.size() == 6);
    CHECK(out[1] == drawn("procnote  50 %  50 000 of 100 000 rows  50 000 rows/s  30.0 MB/s  0:01 left"));
    CHECK(out[3] == drawn("procnote  50 %  50 000 of 100 000 rows  50 000 rows/s  0:01 left"));
    CHECK(out[5] == drawn("procnote  50 %  50 000 of 100 "));
    out.clear();
    rf::progress_bar bar{collect{&out}, {.columns = 8}, timing};
    bar.on(rf::copy_started{"\xC3\xBC"
                            "bersicht\xC3\xA9n",
                            rf::route::across,
                            {},
                            0,
                            0});
    CHECK(out[0] == drawn("\xC3\xBC"
                          "bersich"));
}

TEST_CASE("progress_bar takes the whole line away that a narrower terminal has wrapped", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 60}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, {}, 0, 0});
    timing.advance(1s);
    commit(bar, 50000, 1s);
    REQUIRE(out.back() == drawn("procnote  50 000 rows  50 000 rows/s  30.0 MB/s")); // 47 characters
    bar.set_columns(20);
    timing.advance(1s);
    bar.tick();
    CHECK(out.back() == "\x1b[2A\rprocnote  50 000 row\x1b[J");
    timing.advance(1s);
    bar.tick();
    CHECK(out.back() == drawn("procnote  50 000 row"));
    bar.set_columns(10);
    bar.clear();
    CHECK(out.back() == "\x1b[1A\r\x1b[J");
    bar.set_columns(60); // as wide as it was: nothing is wrapped
    timing.advance(1s);
    bar.tick();
    CHECK(out.back().starts_with("\rprocnote  50 000 rows"));
}

TEST_CASE("progress_bar keeps a log's lines above it", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    bar.write_above("before\n");
    bar.on(rf::copy_started{"procnote", rf::route::across, {}, 0, 0});
    bar.write_above("a log line\n");
    bar.clear();
    bar.clear();
    CHECK(out == lines{"before\n", drawn("procnote  0 rows"), "\r\x1b[K", "a log line\n", drawn("procnote  0 rows"),
                       "\r\x1b[K"});
}

TEST_CASE("progress_bar writes whole lines where there is no terminal", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.terminal = false}, timing};
    bar.on(rf::copy_started{"procnote", rf::route::across, 100000, 0, 0});
    for (int second = 1; second <= 11; ++second) {
        timing.advance(1s);
        commit(bar, static_cast<std::uint64_t>(second) * 1000, second * 1s);
    }
    bar.write_above("a log line\n");
    const rf::report summary = finished(11000, 11s, rf::outcome::interrupted);
    bar.on(rf::copy_finished{summary});
    CHECK(out == lines{"procnote  5 %  5 000 of 100 000 rows  1 000 rows/s  600.0 kB/s  1:35 left\n",
                       "procnote  10 %  10 000 of 100 000 rows  1 000 rows/s  600.0 kB/s  1:30 left\n", "a log line\n",
                       "procnote: interrupted, 11 000 rows in 11.0 s, 1 000 rows/s, 2 retries\n"});
}

TEST_CASE("progress_bar leaves a refusal to the caller, and starts afresh with each table", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    const rf::report refused = finished(0, 0s, rf::outcome::refused);
    bar.on(rf::copy_finished{refused});
    CHECK(out.empty());
    bar.on(rf::copy_started{"empty", rf::route::across, 0, 0, 0});
    CHECK(out.back() == drawn("empty  [####################]  100 %  0 of 0 rows"));
}

TEST_CASE("progress_bar shows how far a verification is", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 110}, timing};
    bar.on(rf::verification_started{"procnote", 2000});
    CHECK(out.back() == drawn("comparing procnote  [                    ]  ~0 %  0 rows"));
    timing.advance(2s);
    bar.on(rf::chunk_compared{"procnote", 1000, 1000, true});
    CHECK(out.back() == drawn("comparing procnote  [##########          ]  ~50 %  1 000 rows  500 rows/s  0:02 left"));
    rf::verification v;
    v.table = "procnote";
    v.verdict = rf::verdict::equal;
    v.source_rows = 2001;
    v.elapsed = 4s;
    bar.on(rf::verification_finished{v});
    CHECK(out.back() == "procnote: equal, 2 001 rows compared in 4.0 s, 0 retries\n");
    const std::size_t so_far = out.size();
    v.verdict = rf::verdict::refused;
    bar.on(rf::verification_finished{v});
    CHECK(out.size() == so_far);
}

TEST_CASE("progress_bar counts one row as one row", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {}, timing};
    bar.on(rf::copy_started{"t", rf::route::across, {}, 0, 0});
    timing.advance(1s);
    commit(bar, 1, 1s);
    CHECK(out.back() == drawn("t  1 row  1 row/s  0.6 kB/s"));
    bar.on(rf::copy_started{"t", rf::route::across, 1, 0, 0});
    CHECK(out.back() == drawn("t  [                    ]  0 %  0 of 1 row"));
    bar.on(rf::copy_started{"t", rf::route::across, 2, 0, 0});
    timing.advance(4s);
    commit(bar, 1, 4s);
    CHECK(out.back() == drawn("t  [##########          ]  50 %  1 of 2 rows  0.2 rows/s  0.1 kB/s  0:04 left"));
    rf::report summary = finished(1, 4s);
    summary.target.retries[0] = 1;
    bar.on(rf::copy_finished{summary});
    CHECK(out.back() == "procnote: complete, 1 row in 4.0 s, 0.2 rows/s, 1 retry\n");
}

TEST_CASE("progress_bar writes to a FILE*", "[progress]") {
    std::FILE* file = std::tmpfile();
    REQUIRE(file != nullptr);
    rf::progress_bar bar{file, {.terminal = false}};
    const rf::report summary = finished(3, 1s);
    bar.on(rf::copy_finished{summary});
    std::rewind(file);
    char line[200] = {};
    REQUIRE(std::fgets(line, sizeof line, file) != nullptr);
    CHECK(std::string(line) == "procnote: complete, 3 rows in 1.0 s, 3 rows/s, 2 retries\n");
    std::fclose(file);
}

TEST_CASE("progress_bar shows a streamed pass before its commit, and goes back when the pass begins anew",
          "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 110}, timing};
    bar.on(rf::copy_started{"heap", rf::route::across, 1000, 1000, 0});
    timing.advance(4s);
    commit(bar, 200, 4s);
    timing.advance(4s);
    bar.on(rf::slice_written{"heap", 600, 360'000});
    bar.on(rf::retry_scheduled{rf::side::source, lost_connection(), 1, 500ms});
    timing.advance(4s);
    bar.on(rf::slice_written{"heap", 100, 60'000});
    timing.advance(4s);
    bar.on(rf::slice_written{"heap", 500, 300'000});
    REQUIRE(out.size() == 6);
    CHECK(out[2] == drawn("heap  [################    ]  80 %  800 of 1 000 rows  150 rows/s  90.0 kB/s  0:02 left"));
    CHECK(out[4] == drawn("heap  [######              ]  30 %  300 of 1 000 rows  1 retry"));
    CHECK(out[5] ==
          drawn("heap  [##############      ]  70 %  700 of 1 000 rows  100 rows/s  60.0 kB/s  0:03 left  1 retry"));
}

TEST_CASE("progress_bar measures anew when a pass that began anew has more rows and fewer bytes", "[progress]") {
    lines out;
    rf::testing::manual_timing timing;
    rf::progress_bar bar{collect{&out}, {.columns = 110}, timing};
    bar.on(rf::copy_started{"heap", rf::route::across, {}, 0, 0});
    timing.advance(4s);
    bar.on(rf::slice_written{"heap", 500, 1'000'000});
    timing.advance(4s);
    bar.on(rf::slice_written{"heap", 600, 60'000});
    timing.advance(1s);
    bar.on(rf::slice_written{"heap", 700, 70'000});
    REQUIRE(out.size() == 4);
    CHECK(out[2] == drawn("heap  600 rows"));
    CHECK(out[3] == drawn("heap  700 rows  100 rows/s  10.0 kB/s"));
}
