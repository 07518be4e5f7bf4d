// SPDX-License-Identifier: BSL-1.0
// What ends a connection's waits: time, a stop request, and more bytes than any answer has.
#include <rowferry/mysql/patience.hpp>

#include "catch.hpp"

#include <chrono>
#include <cstdint>
#include <thread>

namespace rf = rowferry;
using namespace rf::mysql::detail;
using namespace std::chrono_literals;

namespace {

struct asked_to_stop {
    [[nodiscard]] static bool stop_requested() { return true; }
};
const asked_to_stop stop;

rf::wait_limit stop_within(rf::duration grace) {
    rf::wait_limit limit = rf::wait_limit::of(stop);
    limit.grace = grace;
    return limit;
}

constexpr std::uint64_t kib = 1024;

} // namespace

TEST_CASE("patience: what is left of a grace is not counted from the stop request again", "[patience]") {
    patience p;
    p.set(stop_within(1h));
    p.begin(0, answer_pace::small);
    CHECK_FALSE(p.is_over()); // the stop request is seen
    std::this_thread::sleep_for(20ms);
    p.set(stop_within(1h - 20ms));
    p.begin(0, answer_pace::small);
    CHECK_FALSE(p.is_over());
    p.set(stop_within(10ms));
    p.begin(0, answer_pace::small);
    CHECK_FALSE(p.is_over());
    std::this_thread::sleep_for(10ms);
    CHECK(p.is_over());
    CHECK(p.ended_by() == wait_end::stop);
}

TEST_CASE("patience: rows that come or are taken give a flowing answer more time, and columns do not", "[patience]") {
    patience p;
    p.set_limit(30ms);
    auto ends = [&](answer_pace pace, bool rows, auto note) {
        p.begin(0, pace);
        if (rows) p.begin_rows();
        std::this_thread::sleep_for(30ms);
        note();
        return p.is_over();
    };
    CHECK(ends(answer_pace::flowing, false, [&] { p.note_received(8 * kib); }));
    CHECK_FALSE(ends(answer_pace::flowing, true, [&] { p.note_received(8 * kib); }));
    CHECK_FALSE(ends(answer_pace::flowing, true, [&] { p.note_taken(8 * kib); }));
    CHECK(ends(answer_pace::flowing, true, [&] { p.note_taken(8 * kib - 1); }));
    CHECK(ends(answer_pace::small, true, [&] { p.note_received(8 * kib); }));
    CHECK(p.ended_by() == wait_end::too_slow);
    // What came before the rows counts when they begin.
    p.begin(0, answer_pace::flowing);
    p.note_received(16 * kib);
    std::this_thread::sleep_for(30ms);
    p.begin_rows();
    CHECK_FALSE(p.is_over());
}

TEST_CASE("patience: what is sent has time by its size", "[patience]") {
    patience p;
    p.set_limit(30ms);
    p.begin(10'000 * kib, answer_pace::small);
    std::this_thread::sleep_for(40ms);
    CHECK_FALSE(p.is_over());
}

TEST_CASE("patience: a small answer and the columns of a flowing one have a limit of bytes", "[patience]") {
    for (const answer_pace pace : {answer_pace::small, answer_pace::flowing}) {
        patience p;
        p.begin(0, pace);
        p.note_received(most_before_rows);
        CHECK_FALSE(p.is_over());
        p.begin_rows();
        p.note_received(most_received - most_before_rows);
        CHECK_FALSE(p.is_over());
        p.note_received(1);
        CHECK(p.is_over() == (pace == answer_pace::small));
    }
    patience p;
    p.begin(0, answer_pace::flowing);
    p.note_received(most_before_rows + 1);
    CHECK(p.is_over());
    CHECK(p.ended_by() == wait_end::too_much);
}
