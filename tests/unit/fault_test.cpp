// SPDX-License-Identifier: BSL-1.0
// The errno table, and the sentence of an error.
#include "catch.hpp"

#include <rowferry/fault.hpp>
#include <rowferry/mysql/answer_faults.hpp>
#include <rowferry/result.hpp>

#include <set>
#include <string>
#include <vector>

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
        {fault::permanent,
         {1044, 1045, 1046, 1049, 1054, 1064, 1105, 1142, 1146, 3139, 3158, 9001, 9003, 9501, 0, 65535}},
    };
    for (const auto& [expected, codes] : table) {
        for (unsigned code : codes) {
            CAPTURE(code);
            CHECK(rf::name(rf::classify(code)) == rf::name(expected));
        }
    }
}

TEST_CASE("a proxy's errnos, and errno 1105 by its words") {
    using rf::fault;
    using rf::mysql::detail::fault_of;
    for (const unsigned code : {9001U, 9002U, 9004U, 9005U, 9006U, 9007U, 9501U}) {
        CAPTURE(code);
        CHECK(fault_of(code, "") == fault::unreachable);
    }
    CHECK(fault_of(9003, "") == fault::permanent);
    CHECK(fault_of(9006, "ProxySQL Error: connection is locked to hostgroup 1 but trying to reach hostgroup 2") ==
          fault::permanent);
    CHECK(fault_of(1290, "The MySQL server is running with the --super-read-only option so it cannot execute this "
                         "statement") == fault::read_only);
    CHECK(fault_of(1290,
                   "The MariaDB server is running with the NO_ENGINE_SUBSTITUTION option so it cannot execute this "
                   "statement") == fault::permanent);
    CHECK(fault_of(1213, "") == fault::rolled_back);
    CHECK(fault_of(182, "Got error 182") == fault::batch_too_large);
    CHECK(rf::mysql::detail::meaning_of(182) == "the server takes rows of this table in the order of FTS_DOC_ID only");
    CHECK(fault_of(1105, "Maximum writeset size exceeded") == fault::batch_too_large);
    CHECK(fault_of(1105, "target: ks.-.primary: primary is not serving, there is a reparent operation in "
                         "progress") == fault::unreachable);
    CHECK(fault_of(1105, "target: ks.0.primary: no healthy tablet available for 'keyspace:\"ks\"'") ==
          fault::unreachable);
    CHECK(fault_of(1105, "vttablet: rpc error: code = unavailable desc = all subconns are in transientfailure") ==
          fault::unreachable);
    CHECK(fault_of(1105, "vtgate: operation not allowed in state not_serving") == fault::unreachable);
    CHECK(fault_of(1105, "syntax error at position 12") == fault::permanent);
    CHECK(fault_of(1105, "") == fault::permanent);
}

TEST_CASE("an errno has a cause where its fault does not say enough") {
    using rf::cause;
    struct row {
        cause expected;
        std::vector<unsigned> codes;
    };
    const std::vector<row> table{{cause::no_more_connections, {1040, 1135, 1203, 1226}},
                                 {cause::missing_privilege, {1044, 1142, 1143, 1227, 1370}},
                                 {cause::missing_table, {1146}},
                                 {cause::out_of_memory, {2008}},
                                 {cause::definition_changed, {1412}},
                                 {cause::unspecified, {0, 1045, 1047, 1129, 1205, 2003, 2013}}};
    for (const auto& [expected, codes] : table) {
        for (unsigned code : codes) {
            CAPTURE(code);
            CHECK(rf::name(rf::cause_of(code)) == rf::name(expected));
        }
    }
}

TEST_CASE("each cause and each remedy has a name of its own, and a remedy words that name no option") {
    std::set<std::string> names;
    for (std::size_t i = 0; i < rf::cause_count; ++i) names.insert(std::string(rf::name(static_cast<rf::cause>(i))));
    CHECK(names.size() == rf::cause_count);
    CHECK(names.count("") == 0);
    names.clear();
    std::set<std::string> sentences;
    for (std::size_t i = 0; i < rf::action_count; ++i) {
        const rf::remedy offered{static_cast<rf::remedy::action>(i), "subject", "choice"};
        names.insert(std::string(rf::name(offered.what)));
        const std::string words = rf::to_string(offered);
        CAPTURE(rf::name(offered.what), words);
        CHECK_FALSE(words.empty());
        CHECK(words.find("--") == std::string::npos);
        CHECK(words.find("ssl-") == std::string::npos);
        sentences.insert(words);
    }
    CHECK(names.size() == rf::action_count);
    CHECK(names.count("") == 0);
    CHECK(sentences.size() == rf::action_count);
}

TEST_CASE("an error ends with its remedies, in the words of who shows it") {
    rf::error e = rf::refusal("the target is not empty", {rf::remedy{rf::remedy::empty_target},
                                                          rf::remedy{rf::remedy::choose_write_mode, "", "upsert"}});
    CHECK(rf::to_string(e) == "the target is not empty; empty the target table, or choose the write mode upsert");
    CHECK(rf::to_string(e, [](const rf::remedy& r) { return std::string(rf::name(r.what)); }) ==
          "the target is not empty; empty_target, or choose_write_mode");
    CHECK(e.offers(rf::remedy::empty_target));
    CHECK_FALSE(e.offers(rf::remedy::start_over));
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
