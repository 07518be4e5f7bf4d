// SPDX-License-Identifier: BSL-1.0
// Verification and repair of a source whose rows are transformed: by what the function gives, and never by the server's sums.
#include "catch.hpp"
#include "masked_world.hpp"
#include "sweep.hpp"

#include <rowferry/verify/client_digest.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace rf = rowferry;
using Catch::Matchers::ContainsSubstring;
using rf::testing::operation;
using worlds::mask;
using worlds::masked_world;

namespace {

std::string why(const rf::verification& v) { return v.failure ? rf::to_string(*v.failure) : std::string(); }

/// Ten rows of which 3, 6 and 9 are dropped, copied; then the target lacks 4, has 6 besides, and 7 as the source has it.
struct three_differences : masked_world {
    three_differences() {
        for (const auto& row : masked_rows()) target.insert("customer", row);
        target.erase("customer", {"4"});
        target.insert("customer", {"6", "user6@example.org", "test"});
        target.upsert("customer", {"7", "secret7@real.example", "live"});
    }
};
const rf::verify_request repairing_all{.table = "customer", .repair = true, .delete_extra = true};

void found_all(const rf::verification& found) {
    REQUIRE(found.missing.keys == std::vector<rf::key_values>{{"4"}});
    REQUIRE(found.extra.keys == std::vector<rf::key_values>{{"6"}});
    REQUIRE(found.changed.keys == std::vector<rf::key_values>{{"7"}});
}

} // namespace

TEST_CASE("what was copied is equal by what the function gives, and no server is asked for a sum", "[transformed]") {
    masked_world world;
    REQUIRE(world.copy(rf::pipeline{}).complete());
    const rf::verification found = world.verify();
    INFO(why(found));
    CHECK(found.equal());
    CHECK(found.source_rows == 7);
    CHECK(found.target_rows == 7);
    CHECK(found.dropped == 3);
    CHECK_THAT(rf::to_string(found), ContainsSubstring("7 rows compared, 3 dropped"));
    for (auto* database : {&world.source, &world.target}) {
        CHECK(database->calls(operation::ask_checksum) == 0);
        CHECK(database->calls(operation::digests) == 0);
    }
    // Without the transformation the same tables differ.
    CHECK(rf::verifier{}.verify(world.source, world.target, "customer", world.timing).changed.count == 7);
}

TEST_CASE("differences of a transformed source, with one fault at any call; a dropped row in the target is extra",
          "[transformed]") {
    sweep::for_each_fault([] { return three_differences(); }, [](three_differences& world) { return world.verify(); },
                          [](three_differences&, const rf::verification& found, const auto&) {
                              REQUIRE(found.verdict == rf::verdict::different);
                              found_all(found);
                              REQUIRE(found.source_rows == 7);
                          });
}

TEST_CASE("a repair writes what the function gives, with one fault at any call", "[transformed]") {
    sweep::for_each_fault([] { return three_differences(); },
                          [](three_differences& world) { return world.verify(repairing_all); },
                          [](three_differences& world, const rf::verification& found, const auto&) {
                              REQUIRE(found.equal());
                              REQUIRE(world.equal());
                              REQUIRE_FALSE(world.leaks());
                              REQUIRE(found.repaired == 2);
                              REQUIRE(found.deleted == 1);
                          });
}

TEST_CASE("more than a hundred ranges whose rows are all dropped are no senseless answer", "[transformed]") {
    masked_world world(400, [](int id) { return id > 3; });
    REQUIRE(world.copy(rf::pipeline{}).complete());
    const rf::verification found = world.verify();
    INFO(why(found));
    CHECK(found.equal());
    CHECK(found.dropped == 397);
}

TEST_CASE("a table without a key is compared as a whole by what the function gives", "[transformed]") {
    masked_world world(10, [](int id) { return id % 3 == 0; }, {});
    REQUIRE(world.copy(rf::pipeline{}, {.table = "customer", .keyless = true}).complete());
    CHECK(world.verify().equal());
    world.target.insert("customer", world.target.rows("customer").at(0)); // once more
    CHECK(world.verify().differs_as_a_whole);
}

TEST_CASE("what the function throws ends a verification, and a key that it changes", "[transformed]") {
    masked_world world;
    auto failing = rf::transformed(world.source, "fail", [](rf::editable_row& row) { row["id"] = 7; });
    const rf::verification found = rf::verifier{}.verify(failing, world.target, "customer", world.timing);
    CHECK_FALSE(found.equal());
    CHECK_THAT(why(found), ContainsSubstring("the row with key (1) of table customer: it changes column id"));
}

TEST_CASE("the columns that are compared decide nothing about what the function sees", "[transformed]") {
    masked_world world;
    REQUIRE(world.copy(rf::pipeline{}).complete());
    CHECK(world.verify({.table = "customer", .columns = {{"id", ""}, {"email", ""}}}).equal());
}

TEST_CASE("values of one meaning have one normal form, whoever spells them", "[transformed]") {
    const auto form = [](rf::column_kind kind, std::string_view text) {
        rf::column c;
        c.kind = kind;
        return rf::detail::normal_form(c, text);
    };
    using kind = rf::column_kind;
    CHECK(form(kind::integer, "007") == "7");
    CHECK(form(kind::integer, "-0") == "0");
    CHECK(form(kind::decimal, "-007.50") == "-7.5");
    CHECK(form(kind::decimal, "0.00") == "0");
    CHECK(form(kind::decimal, ".5") == "0.5");
    CHECK(form(kind::decimal, "100") == "100");
    CHECK(form(kind::temporal, "2026-01-01 10:00:00.500000") == "2026-01-01 10:00:00.5");
    CHECK(form(kind::temporal, "10:00:00.000") == "10:00:00");
    CHECK(form(kind::temporal, "2026-01-10") == "2026-01-10");
    CHECK(form(kind::real64, "0.5") == form(kind::real64, "5e-1"));
    CHECK(form(kind::real64, "-0") != form(kind::real64, "0"));
    CHECK(form(kind::real32, "0.1") == form(kind::real32, "0.10000000149011612"));
    CHECK(form(kind::text, "007 ") == "007 ");
}

TEST_CASE("SHA-256 of what its standard gives, and over the ends of blocks", "[transformed]") {
    const auto first = [](std::string_view text) { return rf::detail::sha256(text)[0]; };
    CHECK(first("") == 0xE3B0C442U);
    CHECK(first("abc") == 0xBA7816BFU);
    CHECK(first("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") == 0x248D6A61U);
    CHECK(first(std::string(1'000'000, 'a')) == 0xCDC76E5CU);
}
