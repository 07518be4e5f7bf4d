// SPDX-License-Identifier: BSL-1.0
// Tables and columns whose names quoting, formatting or file names would spoil.
#include "fixture.hpp"

namespace fidelity {
namespace {

// A table of this name with columns of these: the first one is the key. Each cell is its column's number, in text.
fixture named(const std::string& table, const std::vector<std::string>& columns) {
    std::string create = "CREATE TABLE " + in_backticks(table) + " (";
    for (std::size_t i = 0; i < columns.size(); ++i)
        create += in_backticks(columns[i]) + (i == 0 ? " INT, " : " VARCHAR(20), ");
    create += "PRIMARY KEY (" + in_backticks(columns[0]) + "), KEY " + in_backticks("by `" + columns[0].substr(0, 20)) +
              " (" + in_backticks(columns.back()) + ")) CHARACTER SET latin1";
    std::vector<std::string> rows;
    for (int n = -2; n <= 2; ++n) {
        std::string row = std::to_string(n);
        for (std::size_t i = 1; i < columns.size(); ++i)
            row += ", 'c" + std::to_string(i) + "r" + std::to_string(n) + "'";
        rows.push_back(row);
    }
    return {table, "Names of any characters, of up to 64", create, insert(table, rows), rows.size()};
}

} // namespace

fixtures names() {
    return {
        named("a name with spaces", {"the id", "a column", " leading", "two  spaces"}),
        named("back`tick``s", {"`", "``", "a`b", "`c`"}),
        named("it's \"in_backticks\"", {"'", "\"", "it's", "\\", "\\'", "';--"}),
        named("100%s %d %n", {"%s", "%", "%%", "%1$s", "{}", "{0}", "{{"}),
        named("{} {0} {name}", {"{id}", "}", "${x}", ":x", "?", "@a", "@@b"}),
        named("dots.and/slashes.", {"a.b", ".", "..", "/", "\\x", "#", "--", "/*", "*/"}),
        named("größe 表 ключ", {"ключ", "größe", "表", "é", "e\xCC\x81x", "ß"}),
        named("select", {"key", "select", "from", "values", "rowferry_new", "null", "order", "group"}),
        named("rowferry_checkpoints", {"job", "rows", "sequence", "last_key"}),
        named("CaseSensitive", {"Id", "VALUE"}),
        named("casesensitive", {"iD", "value"}),
        named(std::string(60, 'n') + "ämä",
              {std::string(64, 'c'), std::string(63, 'c') + "ä", std::string(63, 'x') + "`"}),
        named("1", {"2", "3.0", "4e5", "0x41"}),
    };
}

} // namespace fidelity
