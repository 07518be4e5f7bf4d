// SPDX-License-Identifier: BSL-1.0
// What a table's definition may hold: the whole of it, as one value. Whatever the rules do not name is refused, so nothing of
// a source's text reaches a target but what was read and is written anew.
#ifndef ROWFERRY_SQL_GRAMMAR_DEFINITION_HPP
#define ROWFERRY_SQL_GRAMMAR_DEFINITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/expression.hpp>
#include <rowferry/sql/grammar/key.hpp>
#include <rowferry/sql/grammar/option.hpp>
#include <rowferry/sql/grammar/partition.hpp>

#include <cstddef>
#include <map>
#include <optional>
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
    std::string name = {};
    std::vector<item> items = {};
    std::vector<table_option> options = {};
    std::optional<partitioning> partitions = {};
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
            if (const auto* column = std::get_if<column_definition>(&made.items.back())) count_members(column->type);
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

    /// The members of all columns together: one ENUM may have as many.
    void count_members(const column_type& type) {
        constexpr std::size_t most_bytes = std::size_t{512} << 10U;
        members_ += type.members.size();
        for (const std::string& member : type.members) member_bytes_ += member.size();
        if (members_ <= most_members && member_bytes_ <= most_bytes) return;
        c_.fail("the table has more than " + std::to_string(most_members) + " members of ENUM and SET, or more than " +
                std::to_string(most_bytes) + " bytes of them");
    }

    /// An expression may name columns of its own table only.
    void check_columns(const definition& made) {
        for (const item& i : made.items) {
            if (const auto* column = std::get_if<column_definition>(&i)) {
                defaults_.try_emplace(lower(column->name), column_default{&column->default_value, {}});
            }
        }
        for_each_expression(made, [&](const std::string& whose, const expression& e) {
            for (const part& p : e) {
                if (p.kind != part_kind::column || defaults_.count(lower(p.text)) != 0) continue;
                c_.reads(whose);
                c_.fail("\"" + shortened(p.text) + "\" is not a column of the table");
            }
            if (defaults_in(e, 0) <= most_defaults) return;
            c_.reads(whose);
            c_.fail("its DEFAULT() stand for more than " + std::to_string(most_defaults) + " others");
        });
    }

    /// How many defaults an expression computes. DEFAULT(a) stands for a's own, which may hold others: where each column holds
    /// that of the one before twice, a server never comes to an end.
    std::size_t defaults_in(const expression& e, std::size_t depth) {
        std::size_t n = 0;
        for (std::size_t i = 0; i + 2 < e.size() && n <= most_defaults; ++i) {
            if (!e[i].is(part_kind::function, "default")) continue;
            const auto found = defaults_.find(lower(e[i + 2].text));
            if (found != defaults_.end()) n += 1 + defaults_of(found->second, depth + 1);
        }
        return n;
    }
    struct column_default {
        const expression* value;
        std::optional<std::size_t> holds = {};
    };
    std::size_t defaults_of(column_default& of, std::size_t depth) {
        if (!of.holds) {
            of.holds = most_defaults; // in a circle
            if (depth < most_defaults) of.holds = defaults_in(*of.value, depth);
        }
        return *of.holds;
    }

    static constexpr std::size_t most_defaults = 600;

    cursor c_;
    std::map<std::string, column_default> defaults_; // by the column's name in lower case
    std::size_t members_ = 0;                        // of ENUM and SET
    std::size_t member_bytes_ = 0;
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

#endif // ROWFERRY_CXX20
#endif
