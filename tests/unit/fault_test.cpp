// SPDX-License-Identifier: BSL-1.0
// The errno table, and the sentence of an error.
#include "catch.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>

namespace rf = rowferry;

TEST_CASE("each errno has the fault that says what can be done about it") {
    using rf::fault;
    struct row {
        fault expected;
        std::vector<unsigned> codes;
    };
    const std::vector<row> table{
        {fault::rolled_back, {1213}},
        {fault::transient, {1205, 1317, 3024, 1969, 1206}},
        {fault::connection_lost,
         {2006, 2013, 2055, 2000, 2012, 2026, 2027, 5166, 4031, 1927, 1053, 1077, 1078, 1079, 1080}},
        {fault::unreachable, {2002, 2003, 2005, 1040, 1129, 1203, 1226, 1135, 1047}},
        {fault::overloaded, {1021, 1037, 1038, 1041, 1114, 1461}},
        {fault::batch_too_large, {1153, 1197, 3170, 2020}},
        {fault::read_only, {1290, 1792, 1836}},
        {fault::data, {1048, 1062, 1118, 1216, 1217, 1264, 1265, 1292, 1365, 1366, 1406, 1411, 1416, 1441,
                       1451, 1452, 1526, 1644, 3037, 3140, 3157, 3548, 3616, 3617, 3643, 3819, 4025}},
        {fault::permanent, {1044, 1045, 1046, 1049, 1054, 1064, 1142, 1146, 3139, 3158, 0, 65535}},
    };
    for (const auto& [expected, codes] : table) {
        for (unsigned code : codes) {
            CAPTURE(code);
            CHECK(rf::name(rf::classify(code)) == rf::name(expected));
        }
    }
}

TEST_CASE("only data and permanent faults are never retried") {
    for (std::size_t i = 0; i < rf::fault_count; ++i) {
        const auto f = static_cast<rf::fault>(i);
        CAPTURE(rf::name(f));
        CHECK(rf::is_retryable(f) == (f != rf::fault::data && f != rf::fault::permanent));
    }
}

TEST_CASE("an error reads as one sentence") {
    rf::error e;
    e.fault = rf::fault::rolled_back;
    e.code = 1213;
    e.sqlstate = "40001";
    e.server_message = "Deadlock found when trying to get lock";
    e.message = "write failed";
    e.given_up = "the attempts are used up";
    e.where = "target, table procnote, 3 rows from key (7) up to key (9)";
    e.attempt = 5;
    CHECK(rf::to_string(e) ==
          "target, table procnote, 3 rows from key (7) up to key (9): write failed: Deadlock found when trying to "
          "get lock [1213, SQLSTATE 40001, rolled_back]; not tried again: the attempts are used up (tried 5 times)");

    rf::error bare;
    bare.operation = "connect";
    CHECK(rf::to_string(bare) == "connect failed");
}

TEST_CASE("a result holds a value or an error, and value() throws the error") {
    rf::result<int> good = 7;
    CHECK(good.value() == 7);
    rf::result<int> bad = rf::refusal("no");
    CHECK_FALSE(bad);
    CHECK_THROWS_AS(bad.value(), rf::copy_error);
    rf::result<void> nothing;
    CHECK_NOTHROW(nothing.value());
    nothing = rf::refusal("no");
    CHECK_THROWS_WITH(nothing.value(), "no");
}
