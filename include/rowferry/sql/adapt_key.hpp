// SPDX-License-Identifier: BSL-1.0
// Rewrites keys, checks, foreign keys and periods for the server that is to hold a clone of the table.
#ifndef ROWFERRY_SQL_ADAPT_KEY_HPP
#define ROWFERRY_SQL_ADAPT_KEY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/grammar/key.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// Rewrites keys and constraints. Each function returns false when the item is left out.
class key_adapter {
public:
    /// `keeps_engine`: whether the clone's engine is the source's.
    key_adapter(adaptation& to, bool keeps_engine) : to_(to), keeps_engine_(keeps_engine) {}

    bool adapt(grammar::foreign_key& key) {
        to_.note("foreign key " + grammar::shortened(key.name) + " of table " + grammar::shortened(to_.table()) +
                 " is left out of the clone");
        return false;
    }

    bool adapt(grammar::check_definition& check) {
        if (!check.name.empty() && to_.is_taken_check(check.name)) {
            to_.note("CHECK " + grammar::shortened(check.name) + " of table " + grammar::shortened(to_.table()) +
                     " has a name that the server chooses in the clone: another table of the target's database has one "
                     "of its name");
            check.name.clear();
        }
        if (!to_.crosses()) return true;
        if (!check.enforced) {
            const std::string name = check.name.empty() ? "without a name" : grammar::shortened(check.name);
            to_.without("not-enforced-checks",
                        "CHECK " + name + " is not enforced in the source, and " + to_.product() + " would enforce it");
            return false;
        }
        // MariaDB's own names repeat from table to table, and MySQL's are unique in a database.
        constexpr std::string_view own_name = "CONSTRAINT_";
        const bool is_own = check.name.starts_with(own_name) &&
                            check.name.find_first_not_of("0123456789", own_name.size()) == check.name.npos;
        if (to_.towards(dialect::mysql) && is_own) check.name.clear();
        return true;
    }

    bool adapt(grammar::period_definition& period) {
        if (!to_.towards(dialect::mysql)) return true;
        if (period.name.empty()) {
            to_.without("system-versioning", "the period SYSTEM_TIME has no equal in MySQL");
        } else {
            to_.without("periods", "the period " + grammar::shortened(period.name) + " has no equal in MySQL");
        }
        return false;
    }

    bool adapt(grammar::key_definition& key) {
        const std::string name =
            key.kind == grammar::key_definition::key_kind::primary ? "PRIMARY" : grammar::shortened(key.name);
        if (key.engine_attribute || key.secondary_engine_attribute) {
            to_.without("engine-attributes", "key " + name + " has an attribute for its engine");
            key.engine_attribute.reset();
            key.secondary_engine_attribute.reset();
        }
        if (!keeps_engine_) key.options.clear();
        if (!key.block_size.empty() && to_.changes().leaves_out("row-format")) {
            to_.without("row-format", "key " + name + " has a KEY_BLOCK_SIZE");
            key.block_size.clear();
        }
        if (!to_.crosses()) return true;
        return to_.towards(dialect::mysql) ? for_mysql(key, name) : for_mariadb(key, name);
    }

private:
    using key_definition = grammar::key_definition;

    bool for_mysql(key_definition& key, const std::string& name) {
        using kind = key_definition::key_kind;
        if (key.kind == kind::vector) {
            to_.without("column-attributes", "key " + name + " is a vector index, which MySQL does not support");
            return false;
        }
        auto& parts = key.parts;
        if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.without_overlaps; })) {
            to_.without("periods", "key " + name + " is WITHOUT OVERLAPS, which has no equal in MySQL");
            return false;
        }
        if (key.kind == kind::unique && key.method == "HASH") {
            to_.without("long-unique-keys",
                        "key " + name + " keeps values of any length unique by a hash, which MySQL does not support");
            return false;
        }
        if (key.visible == key_definition::visibility::ignored) key.visible = key_definition::visibility::invisible;
        // MariaDB adds the end of a row's life to each unique key.
        std::erase_if(parts,
                      [this](const auto& part) { return !part.column.empty() && to_.leaves_out_column(part.column); });
        leave_out_options(key, name);
        return !parts.empty();
    }

    bool for_mariadb(key_definition& key, const std::string& name) {
        if (std::any_of(key.parts.begin(), key.parts.end(), [](const auto& part) { return part.column.empty(); })) {
            to_.without("functional-keys", "key " + name + " is over an expression, which MariaDB does not support");
            return false;
        }
        if (key.visible == key_definition::visibility::invisible) key.visible = key_definition::visibility::ignored;
        if (!key.parser.empty()) {
            to_.without("fulltext-parser", "key " + name + " uses a parser plugin, which MariaDB may lack");
            key.parser.clear();
        }
        leave_out_options(key, name);
        return true;
    }

    void leave_out_options(key_definition& key, const std::string& name) {
        for (const grammar::engine_option& option : key.options) {
            to_.without("table-options", "key " + name + " has the option " + grammar::shortened(option.name) +
                                             ", unknown to " + to_.product());
        }
        if (key.clustering) to_.without("table-options", "key " + name + " has the option CLUSTERING");
        key.options.clear();
        key.clustering = false;
    }

    adaptation& to_;
    bool keeps_engine_;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
