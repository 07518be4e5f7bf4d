// SPDX-License-Identifier: BSL-1.0
// A table with columns of several kinds, and the text of what is appended about it: for the golden tests of sql.hpp.
#ifndef ROWFERRY_TESTS_UNIT_GOODS_HPP
#define ROWFERRY_TESTS_UNIT_GOODS_HPP

#include <rowferry/connection.hpp>
#include <rowferry/sql.hpp>
#include <rowferry/table.hpp>

#include <string>
#include <utility>

namespace golden {

inline rowferry::column make(std::string name, rowferry::column_kind kind, std::string type, std::string charset = {}) {
    rowferry::column c;
    c.name = std::move(name);
    c.kind = kind;
    c.type = std::move(type);
    c.charset = std::move(charset);
    return c;
}

/// id, code (text), price (decimal), weight (FLOAT), flags (BIT), at (DATETIME)
inline rowferry::table_schema goods() {
    rowferry::table_schema t;
    t.name = "goods";
    t.columns = {make("id", rowferry::column_kind::integer, "bigint(20)"),
                 make("code", rowferry::column_kind::text, "varchar(20)", "latin1"),
                 make("price", rowferry::column_kind::decimal, "decimal(10,2)"),
                 make("weight", rowferry::column_kind::real32, "float"),
                 make("flags", rowferry::column_kind::bit, "bit(10)"),
                 make("at", rowferry::column_kind::temporal, "datetime(6)")};
    return t;
}

/// A page of the ids, in their order.
inline rowferry::page_request keyset(const rowferry::table_schema& t) {
    rowferry::page_request page;
    page.table = &t;
    page.columns = {0};
    page.order = {{0, false}};
    return page;
}

/// What `append(std::string&)` appends.
template <class F>
std::string text(F&& append) {
    std::string out;
    append(out);
    return out;
}

inline std::string page_text(const rowferry::page_request& page,
                             rowferry::sql::dialect d = rowferry::sql::dialect::mariadb) {
    return text([&](std::string& out) { rowferry::sql::append_page(out, d, page); });
}

} // namespace golden

#endif
