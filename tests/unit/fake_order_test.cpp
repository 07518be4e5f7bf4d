// SPDX-License-Identifier: BSL-1.0
// How the double orders values: what a server's comparison does, byte for byte where it matters.
#include "catch.hpp"
#include "contract/client.hpp"

#include <rowferry/testing.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace rf = rowferry;
using rf::testing::fake_database;

namespace {

/// Checks that these values, least first, are ordered so by a key of this type, ascending and descending, and that each
/// is found behind the one before it.
void is_order_of(const std::string& type, const std::vector<std::string>& ascending) {
    INFO(type);
    fake_database db;
    db.create_table("up", {{"k", type}}, {"k"});
    db.create_table("down", {{"k", type}}, {"k desc"});
    for (auto at = ascending.rbegin(); at != ascending.rend(); ++at) {
        db.insert("up", {*at});
        db.insert("down", {*at});
    }
    client::rows wanted;
    for (const std::string& k : ascending) wanted.push_back({k});
    CHECK(db.rows("up") == wanted);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "up");
    rf::page_request page = client::page_by(t, {"k"});
    page.max_rows = 1;
    for (std::size_t i = 1; i < wanted.size(); ++i) {
        page.after = client::past(wanted[i - 1]);
        CHECK(client::read(c, page) == client::rows{wanted[i]});
    }
    std::reverse(wanted.begin(), wanted.end());
    CHECK(db.rows("down") == wanted);
}

/// Whether a unique key takes both values.
bool are_different(const std::string& type, const std::string& a, const std::string& b) {
    fake_database db;
    db.create_table("t", {{"k", type}}, {"k"});
    db.insert("t", {a});
    try {
        db.insert("t", {b});
    } catch (const rf::copy_error& e) {
        CHECK(e.error().code == 1062);
        return false;
    }
    return true;
}

} // namespace

TEST_CASE("the double orders numbers by value") {
    is_order_of("bigint", {"-9223372036854775808", "-100", "-99", "-10", "-9", "0", "9", "10", "99", "100",
                           "9223372036854775807"});
    is_order_of("bigint unsigned", {"0", "9", "10", "9007199254740992", "9007199254740993", "18446744073709551615"});
    is_order_of("decimal(60,10)",
                {"-123456789012345678901234567890.2", "-123456789012345678901234567890.1", "-12.55", "-12.5", "-12",
                 "-0.5", "-0.05", "0.0000", "0.05", "0.5", "12", "12.05", "12.5", "123456789012345678901234567890.1"});
    is_order_of("double", {"-1e300", "-2.5", "-1e-300", "0", "1e-300", "2.5", "10", "1e300"});
    CHECK_FALSE(are_different("decimal(10,2)", "1.50", "01.5"));
    CHECK_FALSE(are_different("decimal(10,2)", "0.00", "-0"));
    CHECK_FALSE(are_different("double", "0", "-0"));
    CHECK_FALSE(are_different("double", "1e2", "100"));
    CHECK(are_different("bigint unsigned", "18446744073709551615", "18446744073709551614"));
}

TEST_CASE("the double orders text by its collation") {
    is_order_of("varchar(9) collate utf8mb4_bin", {"", "A", "B", "a", "ab", "b", "\xC3\xA4"});
    is_order_of("varchar(9) collate utf8mb4_general_ci", {"", "A", "ab", "B", "c"});
    CHECK_FALSE(are_different("varchar(9)", "Abc", "aBC"));
    CHECK(are_different("varchar(9) collate utf8mb4_bin", "Abc", "aBC"));
    CHECK(are_different("varbinary(9)", "Abc", "aBC"));
}

TEST_CASE("the double pads text as its collation does") {
    // As if filled with spaces: control characters come before the end.
    is_order_of("varchar(9) collate utf8mb4_bin", {"a\n", "a \n", "a", "a b", "a!", "ab"});
    is_order_of("varchar(9) collate utf8mb4_general_ci", {"A\n", "a", "A!", "b"});
    is_order_of("varchar(9) collate utf8mb4_0900_bin", {"a", "a\n", "a ", "a  ", "a!"});
    is_order_of("varchar(9) collate utf8mb4_nopad_bin", {"a", "a\n", "a "});
    CHECK_FALSE(are_different("varchar(9)", "a", "a  "));
    CHECK_FALSE(are_different("varchar(9)", "", " "));
    CHECK(are_different("varchar(9) collate utf8mb4_0900_ai_ci", "a", "a "));
    CHECK_FALSE(are_different("varchar(9) collate utf8mb4_0900_ai_ci", "a", "A"));
}

TEST_CASE("the double orders other types bytewise, ENUM and SET by position") {
    is_order_of("varbinary(9)", {"", std::string(1, '\0'), std::string("\0a", 2), "\x01", " ", "a",
                                 std::string("a\0", 2), "a ", "\xFF", "\xFF\xFF"});
    is_order_of("datetime(6)",
                {"0000-00-00 00:00:00.000000", "1999-12-31 23:59:59.999999", "2026-01-01 00:00:00.000001"});
    is_order_of("enum('z','it''s','a')", {"", "z", "it's", "a"});
    is_order_of("set('z','y','x')", {"", "z", "y", "z,y", "x", "z,x", "y,x"});
    is_order_of("bit(8)", {std::string(1, '\0'), "\x01", "\x80"});
}

TEST_CASE("the parts of a key do not run into each other") {
    fake_database db;
    db.create_table("t", {{"a", "varbinary(9)"}, {"b", "varbinary(9)"}}, {"a", "b"});
    const std::vector<std::string> words{"", std::string(1, '\0'), "a", std::string("a\0", 2), "ab", "b"};
    client::rows wanted;
    for (const std::string& a : words) {
        for (const std::string& b : words) {
            wanted.push_back({a, b});
            db.insert("t", {a, b});
        }
    }
    CHECK(db.rows("t") == wanted);
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    for (std::size_t i = 0; i < words.size(); ++i) {
        rf::page_request page = client::page_of(t);
        page.after = client::at({words[i]});
        page.up_to = client::at({words[i]});
        CHECK(client::read(c, page).size() == words.size());
        page.after = client::past({words[i]});
        page.up_to.reset();
        CHECK(client::read(c, page).size() == words.size() * (words.size() - 1 - i));
    }
}

TEST_CASE("the double finds a maximum by value") {
    fake_database db;
    db.create_table("t", {{"id", "int"}, {"v", "varchar(9)"}, {"d", "decimal(20,3)"}}, {"id"});
    db.insert("t", {"9", "B", "9.5"});
    db.insert("t", {"10", "a", "10"});
    auto c = client::open(db);
    const rf::table_schema t = client::describe(c, "t");
    CHECK(client::must(c.maximum(t, 0)) == "10");
    CHECK(client::must(c.maximum(t, 1)) == "B");
    CHECK(client::must(c.maximum(t, 2)) == "10");
}
