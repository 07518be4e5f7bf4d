// SPDX-License-Identifier: BSL-1.0
// What one product takes in a definition and the other one refuses, although it knows each word of it: limits of types,
// and where functions and generated columns may stand. Sources: the manuals of MySQL 9.4 and MariaDB 11.8, and what MySQL 9.7
// and MariaDB 10.11 answered.
#ifndef ROWFERRY_SQL_DEFINITION_RULES_HPP
#define ROWFERRY_SQL_DEFINITION_RULES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/remedy.hpp>
#include <rowferry/schema_match.hpp>
#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/definition.hpp>
#include <rowferry/sql/grammar/expression.hpp>
#include <rowferry/sql/grammar/key.hpp>
#include <rowferry/sql/grammar/words.hpp>
#include <rowferry/sql/grammar/writer.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// An expression of a definition, and what it is there for.
struct placed_expression {
    enum class purpose : std::uint8_t {
        default_value, ///< computed once, when the row is written
        on_read,       ///< of a virtual column that is in no key
        kept,          ///< stored, indexed, or what rows are dealt out by
        check
    };
    std::string whose = {};
    purpose why = purpose::default_value;
    grammar::expression* e = nullptr;
};

/// Makes a definition that was adapted item by item one that the target's server takes, or says why it cannot.
class definition_rules {
public:
    definition_rules(adaptation& to, grammar::definition& of) : to_(to), of_(of) {
        for_each_column([this](grammar::column_definition& c) {
            if (c.generated) generated_.insert(lower(c.name));
        });
        find_expressions();
    }

    void apply() {
        for (placed_expression& each : expressions_) settle_casts(each);
        if (to_.server().dialect == dialect::mysql) for_mysql();
        if (to_.towards(dialect::mariadb)) for_mariadb();
    }

private:
    using part_kind = grammar::part_kind;
    using purpose = placed_expression::purpose;

    template <class F>
    void for_each_column(F f) {
        for (grammar::item& i : of_.items) {
            if (auto* c = std::get_if<grammar::column_definition>(&i)) f(*c);
        }
    }
    template <class F>
    void for_each_key(F f) {
        for (grammar::item& i : of_.items) {
            if (auto* k = std::get_if<grammar::key_definition>(&i)) f(*k);
        }
    }
    using names = std::set<std::string>; // in small letters: a hostile definition has thousands
    static bool among(const names& all, std::string_view name) { return all.count(lower(name)) != 0; }

    void find_expressions() {
        names indexed;
        for_each_key([&](grammar::key_definition& k) {
            for (grammar::key_part& part : k.parts) {
                if (!part.column.empty()) {
                    indexed.insert(lower(part.column));
                } else {
                    add("key " + grammar::shortened(k.name), purpose::kept, part.computes);
                }
            }
        });
        for_each_column([&](grammar::column_definition& c) {
            const std::string whose = "column " + grammar::shortened(c.name);
            add(whose, purpose::default_value, c.default_value);
            if (c.generated) {
                const bool is_kept = c.generated->is_stored || among(indexed, c.name);
                add(whose, is_kept ? purpose::kept : purpose::on_read, c.generated->computes);
            }
            for (grammar::expression& check : c.checks) add(whose, purpose::check, check);
        });
        for (grammar::item& i : of_.items) {
            auto* check = std::get_if<grammar::check_definition>(&i);
            if (check == nullptr) continue;
            const std::string name = check->name.empty() ? "a CHECK" : "CHECK " + grammar::shortened(check->name);
            add(name, purpose::check, check->holds);
        }
    }
    void add(const std::string& whose, purpose why, grammar::expression& e) {
        if (!e.empty()) expressions_.push_back({whose, why, &e});
    }

    /// The types that CAST takes differ; some are another name of one that both take.
    void settle_casts(placed_expression& in) {
        if (!to_.crosses()) return;
        constexpr std::array<std::string_view, 13> common{"binary", "char",   "date",  "datetime", "decimal",
                                                          "double", "float",  "nchar", "signed",   "unsigned",
                                                          "time",   "vector", ""};
        constexpr std::array<std::string_view, 10> only_mysql{"json",
                                                              "year",
                                                              "point",
                                                              "linestring",
                                                              "polygon",
                                                              "multipoint",
                                                              "multilinestring",
                                                              "multipolygon",
                                                              "geometrycollection",
                                                              ""};
        constexpr std::array<std::string_view, 5> only_mariadb{"uuid", "inet4", "inet6", "xmltype", ""};
        for (grammar::part& p : *in.e) {
            if (p.kind != part_kind::type) continue;
            if (p.text == "varchar") p.text = "char";
            if (p.text == "int" || p.text == "integer") p.text = "signed";
            if (p.text == "real") p.text = "double";
            const bool is_known =
                !grammar::known(common, p.text).empty() ||
                (to_.server().dialect == dialect::mysql ? !grammar::known(only_mysql, p.text).empty()
                                                        : !grammar::known(only_mariadb, p.text).empty());
            if (is_known) continue;
            to_.problem(in.whose + " casts to the type " + p.text + ", which " + to_.product() + " does not support");
        }
    }

    void for_mysql() {
        for_each_column([this](const grammar::column_definition& c) { check_limits(c); });
        check_numbered();
        check_partitions();
        if (!to_.crosses()) return;
        for (const placed_expression& each : expressions_) check_steadiness(each);
    }

    void check_limits(const grammar::column_definition& c) {
        constexpr std::uint64_t most_digits = 30; // after the point
        const bool has_scale = c.type.lengths.size() == 2;
        const std::string column = "column " + grammar::shortened(c.name);
        if (has_scale && rowferry::detail::to_number(c.type.lengths[1]) > most_digits) {
            to_.problem(column + " is " + grammar::to_text(c.type) +
                            ", and MySQL keeps 30 digits after the point at most",
                        remedy{remedy::alter_source, column, "a scale of 30 at most"});
        }
        if (c.type.name == "year" && !c.type.lengths.empty() && c.type.lengths[0] == "2") {
            to_.problem(column + " is YEAR(2), which MySQL does not support",
                        remedy{remedy::alter_source, column, "YEAR"});
        }
    }

    /// MySQL computes nothing from the number that a new row gets.
    void check_numbered() {
        constexpr unsigned first_without_real_numbers = 80'400;
        bool is_refused = false;
        const auto refuse = [&](const std::string& sentence) {
            to_.without("auto-increment", sentence + ", which MySQL does not support", "AUTO_INCREMENT is left out");
            is_refused = true;
        };
        names numbered;
        for_each_column([&](const grammar::column_definition& c) {
            if (!c.auto_increment) return;
            numbered.insert(lower(c.name));
            const bool is_real = c.type.name == "float" || c.type.name == "double";
            if (is_real && to_.server().version >= first_without_real_numbers) {
                refuse("column " + grammar::shortened(c.name) + " is " + c.type.name + " with AUTO_INCREMENT");
            }
        });
        for (const placed_expression& each : expressions_) {
            for (const grammar::part& p : *each.e) {
                if (p.kind != part_kind::column || !among(numbered, p.text)) continue;
                refuse(each.whose + " is computed from the AUTO_INCREMENT column " + grammar::shortened(p.text));
            }
        }
        if (!is_refused) return;
        for_each_column([](grammar::column_definition& c) { c.auto_increment = false; });
        std::erase_if(of_.options, [](const grammar::table_option& o) { return o.key == "auto_increment"; });
    }

    void check_partitions() {
        if (!of_.partitions) return;
        for (const grammar::table_option& o : of_.options) {
            if (o.key != "engine" || to_.partitions_in_mysql(o.value)) continue;
            to_.without("partitions",
                        "the table has partitions, which MySQL does not support for the engine " +
                            grammar::shortened(o.value),
                        "its partitions are left out");
            of_.partitions.reset();
            return;
        }
    }

    /// What may give another value each time is allowed in defaults only.
    void check_steadiness(const placed_expression& in) {
        constexpr std::array<std::string_view, 28> unsteady{
            "connection_id", "curdate",        "current_date", "current_role", "current_time",   "current_timestamp",
            "current_user",  "curtime",        "database",     "localtime",    "localtimestamp", "now",
            "rand",          "random_bytes",   "schema",       "session_user", "sysdate",        "system_user",
            "user",          "unix_timestamp", "utc_date",     "utc_time",     "utc_timestamp",  "uuid",
            "uuid_short",    "version",        "password",     "sys_guid"};
        if (in.why == purpose::default_value) return;
        for (const grammar::part& p : *in.e) {
            if (p.kind != part_kind::function || grammar::known(unsteady, p.text).empty()) continue;
            to_.problem(in.whose + " uses " + p.text + "(), which MySQL allows in defaults only");
        }
    }

    void for_mariadb() {
        for (const placed_expression& each : expressions_) {
            check_words(each);
            if (each.why == purpose::kept || each.why == purpose::check) settle_session_functions(each);
        }
        for_each_column([this](grammar::column_definition& c) {
            const bool has_value = c.auto_increment || c.generated || !c.default_value.empty() ||
                                   c.nulls != grammar::column_definition::nullness::not_null;
            if (!c.invisible || has_value) return;
            to_.without("invisible-columns",
                        "column " + grammar::shortened(c.name) +
                            " is INVISIBLE and NOT NULL without a default, which MariaDB does not "
                            "support",
                        "it is visible in the clone");
            c.invisible = false;
        });
        std::erase_if(of_.items, [this](const grammar::item& i) {
            const auto* k = std::get_if<grammar::key_definition>(&i);
            return k != nullptr && is_without_equal(*k);
        });
    }

    void check_words(const placed_expression& in) {
        struct unknown_word {
            std::string_view word = {};
            std::string_view what = {};
        };
        constexpr std::array words{unknown_word{"returning", "JSON_VALUE() with RETURNING"},
                                   unknown_word{"on", "JSON_VALUE() with ON EMPTY or ON ERROR"},
                                   unknown_word{"member", "MEMBER OF"}, unknown_word{"array", "CAST to an ARRAY"}};
        for (const unknown_word& each : words) {
            const bool is_there = std::any_of(in.e->begin(), in.e->end(),
                                              [&](const grammar::part& p) { return p.is(part_kind::word, each.word); });
            if (is_there) {
                to_.problem(in.whose + " uses " + std::string(each.what) + ", which MariaDB does not support");
            }
        }
    }

    /// Functions that depend on the session's language or settings.
    void settle_session_functions(const placed_expression& in) {
        constexpr std::array<std::string_view, 3> always{"dayname", "monthname", "from_unixtime"};
        const grammar::expression& e = *in.e;
        std::set<std::size_t> dated; // where a language is stated
        for (std::size_t i = 0; i < e.size(); ++i) {
            if (e[i].kind != part_kind::function) continue;
            const bool may_be_dated = e[i].text == "date_format";
            const bool may_be_week = e[i].text == "week";
            const bool depends = !grammar::known(always, e[i].text).empty();
            if (!may_be_dated && !may_be_week && !depends) continue;
            const auto [end, commas] = arguments_of(e, i);
            if (may_be_dated && commas == 1 && end < e.size() && has_no_names(e[end - 1])) {
                dated.insert(end);
            } else if (depends || (may_be_dated && commas == 1) || (may_be_week && commas == 0)) {
                to_.problem(in.whose + " uses " + e[i].text +
                            "(), which depends on the session: MariaDB does not support that in a CHECK, and in a "
                            "column that is stored or in a key");
            }
        }
        if (!dated.empty()) *in.e = with_language(e, dated);
    }
    /// No word of a language is in such a format, so any language gives the same.
    static grammar::expression with_language(const grammar::expression& e, const std::set<std::size_t>& where) {
        grammar::expression made;
        made.reserve(e.size() + 2 * where.size());
        for (std::size_t i = 0; i < e.size(); ++i) {
            if (where.count(i) != 0) {
                made.push_back({part_kind::symbol, ","});
                made.push_back({part_kind::string, "en_US"});
            }
            made.push_back(e[i]);
        }
        return made;
    }
    /// Where the call ends, and the commas between its arguments.
    static std::pair<std::size_t, std::size_t> arguments_of(const grammar::expression& e, std::size_t call) {
        std::size_t depth = 0;
        std::size_t commas = 0;
        for (std::size_t i = call + 1; i < e.size(); ++i) {
            if (e[i].is(part_kind::symbol, "(")) ++depth;
            if (e[i].is(part_kind::symbol, ",") && depth == 1) ++commas;
            if (e[i].is(part_kind::symbol, ")") && --depth == 0) return {i, commas};
            if (depth == 0) break;
        }
        return {e.size(), commas};
    }
    /// Whether a format is a literal that asks for no name of a day or a month.
    static bool has_no_names(const grammar::part& format) {
        if (format.kind != part_kind::string) return false;
        for (const std::string_view each : {"%a", "%b", "%M", "%W"}) {
            if (format.text.find(each) != format.text.npos) return false;
        }
        return true;
    }

    /// Whether MariaDB has no key of this kind over what it is over.
    bool is_without_equal(const grammar::key_definition& k) {
        using kind = grammar::key_definition::key_kind;
        if (k.kind != kind::primary && k.kind != kind::spatial) return false;
        const auto computed = std::find_if(k.parts.begin(), k.parts.end(), [this](const grammar::key_part& part) {
            return among(generated_, part.column);
        });
        if (computed == k.parts.end()) return false;
        const std::string name = k.kind == kind::primary ? "the primary key" : "key " + grammar::shortened(k.name);
        to_.without("generated-keys", name + " is over column " + grammar::shortened(computed->column) +
                                          ", which is generated: MariaDB does not support that");
        return true;
    }

    adaptation& to_;
    grammar::definition& of_;
    names generated_;
    std::vector<placed_expression> expressions_; // of `of_`, whose items stay where they are until the end
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
