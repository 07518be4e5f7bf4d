// Rows in one arena.
#include "catch.hpp"

#include <rowferry/batch.hpp>

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
