// SPDX-License-Identifier: BSL-1.0
// Golden texts of sql/digest.hpp: the normal form of each kind of column, and the statements of verification.
#include <rowferry/sql/digest.hpp>

#include "catch.hpp"

#include <string>
#include <vector>

namespace sql = rowferry::sql;
using rowferry::column;
using rowferry::column_kind;

namespace {

column make(std::string name, column_kind kind, std::string type, bool nullable = false) {
    column c;
    c.name = std::move(name);
    c.kind = kind;
    c.type = std::move(type);
    c.nullable = nullable;
    return c;
}

std::string form(column_kind kind, const std::string& type, bool is_long = false) {
    std::string out;
    sql::detail::append_normal_form(out, make("v", kind, type), is_long);
    return out;
}

rowferry::table_schema goods() {
    rowferry::table_schema t;
    t.name = "goods";
    t.columns = {make("id", column_kind::integer, "bigint"), make("no", column_kind::integer, "int"),
                 make("no`te", column_kind::text, "text", true)};
    return t;
}
rowferry::digest_request request_for(const rowferry::table_schema& t) {
    rowferry::digest_request request;
    request.table = &t;
    request.columns = {{0, false}, {1, false}, {2, true}};
    request.order = {{0, false}, {1, true}};
    request.index = "PRIMARY";
    return request;
}
const std::string digest = "SHA2(CONCAT('', `id`, ',', `no`, ',', IF(`no``te` IS NULL, 'N', CONCAT(SHA2(CAST(`no``te` "
                           "AS BINARY), 256)))), 256)";

} // namespace

TEST_CASE("sql: the normal form of each kind of column") {
    CHECK(form(column_kind::integer, "bigint unsigned") == "`v`, ','");
    CHECK(form(column_kind::integer, "int(5) unsigned zerofill") == "`v` + 0, ','");
    CHECK(form(column_kind::decimal, "decimal(10,2)") == "`v`, ','");
    CHECK(form(column_kind::real32, "float") == "CAST(POINT(`v`, 0) AS BINARY)");
    CHECK(form(column_kind::real64, "double") == "CAST(POINT(`v`, 0) AS BINARY)");
    CHECK(form(column_kind::bit, "bit(64)") == "CAST(`v` AS UNSIGNED), ','");
    CHECK(form(column_kind::enumeration, "enum('a')") == "CAST(`v` AS UNSIGNED), ','");
    CHECK(form(column_kind::set, "set('a')") == "CAST(`v` AS UNSIGNED), ','");
    CHECK(form(column_kind::text, "varchar(20)") == "LENGTH(`v`), ':', CAST(`v` AS BINARY)");
    CHECK(form(column_kind::bytes, "varbinary(20)") == "LENGTH(`v`), ':', `v`");
    CHECK(form(column_kind::other, "uuid") ==
          "LENGTH(CONVERT(`v` USING utf8mb4)), ':', CAST(CONVERT(`v` USING utf8mb4) AS BINARY)");
    CHECK(form(column_kind::text, "text", true) == "SHA2(CAST(`v` AS BINARY), 256)");
    CHECK(form(column_kind::geometry, "point", true) == "SHA2(CAST(`v` AS BINARY), 256)");
}

TEST_CASE("sql: dates and times are filled up to six digits of a second") {
    CHECK(form(column_kind::temporal, "date") == "`v`, ','");
    CHECK(form(column_kind::temporal, "datetime") == "`v`, '.000000,'");
    CHECK(form(column_kind::temporal, "time(2)") == "`v`, '0000,'");
    CHECK(form(column_kind::temporal, "timestamp(6)") == "`v`, ','");
}

TEST_CASE("sql: the checksum of a range, and of rows without a key") {
    const auto t = goods();
    auto request = request_for(t);
    request.up_to = rowferry::page_bound{{"5", "6"}, true};
    std::string out;
    sql::append_checksum(out, request);
    CHECK(out == "SELECT COUNT(*), COUNT(digest), BIT_XOR(CAST(CONV(LEFT(digest, 16), 16, 10) AS UNSIGNED)), "
                 "BIT_XOR(CAST(CONV(RIGHT(digest, 16), 16, 10) AS UNSIGNED)) FROM (SELECT " +
                     digest +
                     " AS digest FROM `goods` FORCE INDEX (`PRIMARY`) WHERE `id` <= 5 AND (`id` < 5 OR (`id` = 5 AND "
                     "`no` >= 6)) LIMIT 18446744073709551615) AS digests");
    request = request_for(t);
    request.order.clear();
    request.index.clear();
    out.clear();
    sql::append_checksum(out, request);
    CHECK(out == "SELECT COUNT(*), COUNT(" + digest + "), SUM(CAST(CONV(LEFT(" + digest +
                     ", 16), 16, 10) AS UNSIGNED)), SUM(CAST(CONV(RIGHT(" + digest +
                     ", 16), 16, 10) AS UNSIGNED)) FROM `goods`");
}

TEST_CASE("sql: digests by key, and rows found and removed by key") {
    const auto t = goods();
    auto request = request_for(t);
    std::string out;
    sql::append_digests(out, sql::dialect::mariadb, request, {});
    CHECK(out == "SELECT `id`, `no`, " + digest + " AS `digest` FROM `goods` FORCE INDEX (`PRIMARY`)");
    const std::vector<rowferry::key_values> keys{{"1", "2"}, {"3", std::nullopt}};
    const std::string by_key = "(`id` <=> 1 AND `no` <=> 2) OR (`id` <=> 3 AND `no` <=> NULL)";
    out.clear();
    sql::append_digests(out, sql::dialect::mysql, request, keys);
    CHECK(out ==
          "SELECT `id`, `no`, " + digest + " AS `digest` FROM `goods` FORCE INDEX (`PRIMARY`) WHERE (" + by_key + ")");
    request.index.clear();
    request.anywhere = true;
    out.clear();
    sql::append_digests(out, sql::dialect::mysql, request, keys);
    CHECK(out == "SELECT `id`, `no`, " + digest + " AS `digest` FROM `goods` WHERE IF((" + by_key + "), 1, 0)");
    // A filter over the column that chooses partitions, and NULL conditions, would leave partitions out as well.
    request.filter = "id < 9";
    request.nullable = {1};
    out.clear();
    sql::append_digests(out, sql::dialect::mysql, request, keys);
    CHECK(out == "SELECT `id`, `no`, " + digest +
                     " AS `digest` FROM `goods` WHERE IF((id < 9\n) AND `no` IS NOT NULL AND (" + by_key + "), 1, 0)");

    rowferry::keyed_rows rows;
    rows.table = &t;
    rows.columns = {2, 0};
    rows.order = request.order;
    rows.keys = keys;
    out.clear();
    sql::append_find_rows(out, sql::dialect::mariadb, rows);
    CHECK(out == "SELECT `no``te`, `id` FROM `goods` WHERE " + by_key);
    out.clear();
    sql::append_remove_rows(out, rows);
    CHECK(out == "DELETE FROM `goods` WHERE " + by_key);
}
