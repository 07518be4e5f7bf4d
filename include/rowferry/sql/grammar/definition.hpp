// SPDX-License-Identifier: BSL-1.0
// What a table's definition may hold: the whole of it, as one value. Whatever the rules do not name is refused, so nothing of
// a source's text reaches a target but what was read and is written anew.
#ifndef ROWFERRY_SQL_GRAMMAR_DEFINITION_HPP
#define ROWFERRY_SQL_GRAMMAR_DEFINITION_HPP

#include <rowferry/result.hpp>
#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/expression.hpp>
#include <rowferry/sql/grammar/key.hpp>
#include <rowferry/sql/grammar/option.hpp>
#include <rowferry/sql/grammar/partition.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// One item between a definition's parentheses.
using item = std::variant<column_definition, key_definition, check_definition, foreign_key, period_definition>;

/// A table's definition.
struct definition {
    std::string name;
    std::vector<item> items;
    std::vector<table_option> options;
    std::optional<partitioning> partitions;
    friend bool operator==(const definition&, const definition&) = default;
};

/// Calls `f(whose, expression)` for each expression of a definition; `Definition` may be const.
template <class Definition, class F>
void for_each_expression(Definition& of, F f) {
    for (auto& i : of.items) {
        if (auto* column = std::get_if<column_definition>(&i)) {
            const std::string whose = "column " + shortened(column->name);
            f(whose, column->default_value);
            f(whose, column->on_update);
            if (column->generated) f(whose, column->generated->computes);
            for (auto& check : column->checks) f(whose, check);
        } else if (auto* key = std::get_if<key_definition>(&i)) {
            for (auto& part : key->parts) f("key " + shortened(key->name), part.computes);
        } else if (auto* check = std::get_if<check_definition>(&i)) {
            f(check->name.empty() ? std::string("a CHECK") : "CHECK " + shortened(check->name), check->holds);
        }
    }
    if (!of.partitions) return;
    const std::string whose = "its partitions";
    f(whose, of.partitions->by.computes);
    f(whose, of.partitions->by.interval);
    f(whose, of.partitions->by.starts);
    if (of.partitions->sub) f(whose, of.partitions->sub->computes);
    for (auto& partition : of.partitions->partitions) {
        for (auto& value : partition.values) f(whose, value);
    }
}

/// Reads a definition.
class definition_reader {
public:
    definition_reader(std::string_view statement, sql::dialect writer) : c_(statement, writer) {}

    result<definition> read() {
        constexpr std::size_t most_items = 8192;  // no server has more than 4096 columns
        constexpr std::size_t most_others = 1024; // a server takes time that grows with the square of their number
        definition made;
        std::size_t others = 0;
        c_.expect("create", "table");
        if (c_.kind() == token_kind::name) {
            made.name = c_.take().text;
        } else {
            c_.fail();
        }
        c_.expect("(");
        do {
            made.items.push_back(next());
            if (!std::holds_alternative<column_definition>(made.items.back()) && ++others > most_others) {
                c_.fail("it has more than " + std::to_string(most_others) + " keys and constraints");
            }
            if (made.items.size() > most_items) c_.fail("it has more than " + std::to_string(most_items) + " items");
        } while (c_.accept(","));
        c_.expect(")");
        option_reader options(c_);
        made.options = options.read();
        if (options.is_at_partitions()) made.partitions = partition_reader(c_).read();
        c_.end_marks();
        if (!c_.at_end()) c_.fail();
        if (!c_.failed()) check_columns(made);
        if (c_.failed()) {
            return refusal("the server's definition of the table holds what is not known: " + c_.problem(),
                           {remedy{remedy::create_by_hand}});
        }
        return made;
    }

private:
    item next() {
        c_.reads("an item");
        if (c_.kind() == token_kind::name) return column_reader(c_).read();
        key_reader keys(c_);
        if (c_.accept("constraint")) {
            std::string name;
            if (c_.kind() == token_kind::name) name = c_.take().text;
            if (c_.at("foreign")) return keys.foreign(std::move(name));
            if (c_.at("check")) return keys.check(std::move(name));
            key_definition key = keys.key();
            if (key.name.empty()) key.name = std::move(name);
            return key;
        }
        if (c_.at("foreign")) return keys.foreign({});
        if (c_.at("check")) return keys.check({});
        if (c_.at("period")) return keys.period();
        return keys.key();
    }

    /// An expression may name columns of its own table only.
    void check_columns(const definition& made) {
        std::set<std::string> columns;
        for (const item& i : made.items) {
            if (const auto* column = std::get_if<column_definition>(&i)) columns.insert(lower(column->name));
        }
        for_each_expression(made, [&](const std::string& whose, const expression& e) {
            for (const part& p : e) {
                if (p.kind != part_kind::column || columns.count(lower(p.text)) != 0) continue;
                c_.reads(whose);
                c_.fail("\"" + shortened(p.text) + "\" is not a column of the table");
            }
        });
    }

    cursor c_;
};

/// Takes a statement of SHOW CREATE TABLE apart; refuses what it does not know, and what a server of the writer's product
/// does not show exactly.
inline result<definition> parse(std::string_view statement, sql::dialect writer = sql::dialect::mysql) {
    return definition_reader(statement, writer).read();
}

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
