// SPDX-License-Identifier: BSL-1.0
// Rows in one arena.
#include "catch.hpp"

#include <rowferry/batch.hpp>

#include <algorithm>
#include <iterator>
#include <string>

namespace rf = rowferry;
using namespace std::string_view_literals;

namespace {
rf::row_batch three_rows() {
    rf::row_batch batch(2);
    batch.add("1"sv);
    batch.add("one"sv);
    batch.add("2"sv);
    batch.add(rf::cell{});
    batch.add("3"sv);
    batch.add("a\0b"sv);
    return batch;
}
} // namespace

TEST_CASE("NULL, empty and NUL bytes are kept apart") {
    rf::row_batch batch(3);
    batch.add(rf::cell{});
    batch.add(""sv);
    batch.add("\0"sv);
    CHECK(batch[0][0].is_null());
    CHECK_FALSE(batch[0][1].is_null());
    CHECK(batch[0][1].bytes().empty());
    CHECK(batch[0][2].bytes() == "\0"sv);
    CHECK(batch[0][0].to_value() == std::nullopt);
    CHECK(batch[0][1].to_value() == "");
}

TEST_CASE("a batch counts its rows and bytes, and is empty again after reset") {
    rf::row_batch batch = three_rows();
    CHECK(batch.rows() == 3);
    CHECK(batch.bytes() == 9);
    CHECK(batch[2][1].bytes() == "a\0b"sv);
    batch.set_truncated();
    batch.reset(1);
    CHECK(batch.empty());
    CHECK_FALSE(batch.truncated());
    CHECK(batch.bytes() == 0);
}

TEST_CASE("ranges cover a batch piece by piece") {
    const rf::row_batch batch = three_rows();
    rf::row_range range(batch, 0, 0);
    range = range.next(2);
    CHECK(range.rows() == 2);
    CHECK(range.bytes() == 5);
    CHECK(range[1][0].bytes() == "2");
    range = range.next(2);
    CHECK(range.rows() == 1);
    CHECK(range.first() == 2);
    CHECK(range.bytes() == 4);
    CHECK(range[0][0].bytes() == "3");
    CHECK(range.next(5).rows() == 0);
}

static_assert(std::random_access_iterator<rf::row_iterator>);

TEST_CASE("a batch and a range of its rows are ranges of row views") {
    const rf::row_batch batch = three_rows();
    std::string ids;
    for (rf::row_view row : batch) ids += row[0].bytes();
    CHECK(ids == "123");
    const rf::row_range last_two(batch, 1, 2);
    ids.clear();
    for (rf::row_view row : last_two) ids += row[0].bytes();
    CHECK(ids == "23");
    CHECK(std::count_if(batch.begin(), batch.end(), [](rf::row_view row) { return row[1].is_null(); }) == 1);
    const rf::row_batch none(2);
    CHECK(none.begin() == none.end());

    auto it = batch.begin();
    CHECK((*it++)[0].bytes() == "1");
    CHECK((*it)[0].bytes() == "2");
    CHECK(it[1][0].bytes() == "3");
    CHECK((*--it)[0].bytes() == "1");
    CHECK((*(2 + it))[0].bytes() == "3");
    CHECK(it < batch.end());
    CHECK(batch.end() - it == 3);
    CHECK(it + 3 == batch.end());
    CHECK((*(batch.end() - 1))[0].bytes() == "3");
}
