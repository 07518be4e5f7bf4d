// SPDX-License-Identifier: BSL-1.0
// What the session decides in an expression, in forms that hide it.
#include "catch.hpp"
#include "worlds.hpp"

#include <rowferry/sql/session_values.hpp>

#include <string>
#include <vector>

namespace rf = rowferry;

namespace {
rf::column computed_column(std::string name, std::string expression) {
    return {.name = std::move(name),
            .kind = rf::column_kind::integer,
            .type = "int(11)",
            .generated = true,
            .expression = std::move(expression),
            .computed = rf::computation::on_read};
}
bool differs(const std::string& expression, const std::string& type = "varchar(40)",
             rf::column_kind kind = rf::column_kind::text) {
    const auto plain = [](const char* name, rf::column_kind of, const char* full_type, bool is_unsigned = false) {
        return rf::column{.name = name, .kind = of, .type = full_type, .is_unsigned = is_unsigned};
    };
    using enum rf::column_kind;
    rf::table_schema t;
    t.columns = {plain("ts", temporal, "timestamp"),
                 plain("d", temporal, "date"),
                 plain("n", integer, "int"),
                 plain("m", integer, "int"),
                 plain("u", integer, "int unsigned", true),
                 plain("a", text, "varchar(20)"),
                 plain("b", text, "varchar(20)"),
                 plain("c", text, "char(20)"),
                 plain("e", enumeration, "enum('x','y')"),
                 plain("bin", bytes, "varbinary(20)"),
                 plain("doc", text, "longtext"),
                 computed_column("v", expression)};
    t.columns.back().type = type;
    t.columns.back().kind = kind;
    rf::sql::find_session_values(t);
    return t.columns.back().differs_by_session;
}
} // namespace

TEST_CASE("each value of a row is compared with its own") {
    for (const char* expression :
         {"(`a`,if(`n` > 0,'a','b')) = ('x','A')", "(`a`,if(`n` > 0,'a','b')) in (('x','A'),('y','B'))",
          "(if(`n` > 0,'a','b'),`a`) <> ('A',`b`)", "(if(`n` > 0,'a','b'),`a`) = ('A','x')",
          "((`a`),(if(`n` > 0,'a','b'))) = (('x'),('A'))", "(`n`,if(`n` > 0,'a','b')) = (1,'A')",
          "case when (`a`,if(`n` > 0,'a','b')) = ('x','A') then 1 end", "row(`a`,if(`n` > 0,'a','b')) = row('x','A')",
          "(`a`,if(`n` > 0,'a','b')) between ('x','A') and ('y','B')"}) {
        CAPTURE(expression);
        CHECK(differs(expression));
    }
}
TEST_CASE("the session decides the bytes of a text that no column holds") {
    for (const char* expression : {"hex(elt(`n`,1,2))", "hex(cast(md5(`a`) as binary))", "hex(cast(`n` as binary))",
                                   "length(cast(concat(`n`) as binary))", "unhex(hex(cast(concat(`n`) as binary)))",
                                   "crc32(cast(md5(`a`) as binary))", "length(elt(`n`,1,2))",
                                   "hex(if(`n` > 0,'x','y'))", "md5(if(`n` > 0,'x','y'))", "to_base64('x')",
                                   "hex(left(`n`,1))", "hex(trim(`n`))", "hex(convert(`a` using utf8mb4))"}) {
        CAPTURE(expression);
        CHECK(differs(expression));
    }
}
TEST_CASE("what the session decides is not stored as bytes") {
    for (const char* expression : {"concat(`n`,`m`)", "md5(`a`)", "hex(`n`)", "trim(`n`)"}) {
        CAPTURE(expression);
        CHECK(differs(expression, "varbinary(40)", rf::column_kind::bytes));
    }
}
TEST_CASE("comparisons in parentheses, functions and cases") {
    for (const char* expression : {"((if(`n` > 0,'a','b')) = ('A'))",
                                   "(((if(`n` > 0,'a','b')))) in (('A'),('B'))",
                                   "if(`n` > 0,'a','b') = coalesce('A','B')",
                                   "coalesce(if(`n` > 0,'a','b'),null) = 'A'",
                                   "case when 1 then if(`n` > 0,'a','b') else null end = 'A'",
                                   "nullif(if(`n` > 0,'a','b'),'A')",
                                   "nullif(if(`n` > 0,'a','b'),null) = 'A'",
                                   "greatest(if(`n` > 0,'a','b'),'A')",
                                   "if(if(`n` > 0,'a','b') = 'A',`n`,`m`)",
                                   "ifnull(if(`n` > 0,'a','b'),'c') between 'A' and 'C'",
                                   "_utf8mb4'a' = if(`n` > 0,_utf8mb4'A',_latin1'b')",
                                   "case `n` when 1 then 'a' else 'b' end in ('A')",
                                   "case case `n` when 1 then 'a' else 'b' end when 'A' then 1 end",
                                   "concat('a','b') = 'AB'",
                                   "left('abc',1) = 'A'",
                                   "elt(`n`,'a','b') = 'A'",
                                   "not (if(`n` > 0,'a','b') = 'A')",
                                   "(if(`n` > 0,'a','b') = 'A') is null",
                                   "isnull(nullif(if(`n` > 0,'a','b'),'A'))",
                                   "if(`n` > 0,'a','b') <=> 'A'",
                                   "x'61' = if(`n` > 0,'A','b')",
                                   "md5(`a`) = `b`",
                                   "`b` = md5(`a`)",
                                   "`b` in (md5(`a`),'x')",
                                   "`b` between 'a' and md5(`a`)",
                                   "concat(`n`) = 'a'",
                                   "cast(`n` as char) = `a`",
                                   "trim(`n`) = 'x'",
                                   "trim('x' from `n`) in ('x')",
                                   "ifnull(`n`,'x') = 'X'",
                                   "(`c` = 'x')",
                                   "char_length(`c`)",
                                   "`e` = if(`n`>0,'X',md5(`a`))",
                                   "`ts` is null = `ts`",
                                   "coalesce(`ts` is null,`d`)",
                                   "`n` is null or `d` > 5",
                                   "`n` + `d`",
                                   "(`d`) is null and `d`"}) {
        CAPTURE(expression);
        CHECK(differs(expression));
    }
    for (const char* expression :
         {"(((`a`))) = (('x'))", "`a` collate utf8mb4_bin in ('x','y')",
          "(`a` collate utf8mb4_bin) between 'a' and 'b'", "case `a` collate utf8mb4_bin when 'x' then 1 end",
          "((`n`) is null) = ((`m`) is null)", "`a` = _latin1'x' or `a` = _utf8mb4 x'61'",
          "if(`a` in ('x'),`b`,`a`) = 'y'", "`e` = 'x'", "coalesce(`a`,'x') = 'X'",
          "case when `a` = 'x' then `b` else 'z' end = 'Z'"}) {
        CAPTURE(expression);
        CHECK_FALSE(differs(expression));
    }
}
