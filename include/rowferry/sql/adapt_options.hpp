// SPDX-License-Identifier: BSL-1.0
// Rewrites a table's options and its partitions for the server that is to hold a clone of the table.
#ifndef ROWFERRY_SQL_ADAPT_OPTIONS_HPP
#define ROWFERRY_SQL_ADAPT_OPTIONS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/grammar/option.hpp>
#include <rowferry/sql/grammar/partition.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// Some engines read where their rows are, and a password, from the comments of a table and its partitions.
inline void note_comment(adaptation& to, const std::string& whose) {
    to.note("table " + grammar::shortened(to.table()) + ": " + whose +
            " is left out, from which the source's engine may read where the rows are");
}

/// Rewrites the options of a table. Nothing that leads elsewhere is passed on: no directory, tablespace, connection or list
/// of other tables. No message repeats a connection, which may hold a password.
class option_adapter {
public:
    /// `engine` is the source's.
    option_adapter(adaptation& to, const std::string& collation, std::string engine)
        : to_(to), collation_(collation), engine_(std::move(engine)) {}

    std::vector<grammar::table_option> adapt(const std::vector<grammar::table_option>& options) {
        std::vector<grammar::table_option> kept;
        for (const grammar::table_option& option : options) {
            if (option.key == "collate") continue; // stated with the charset
            if (option.key == "charset") {
                const std::string collation = to_.collation(collation_, "the table");
                kept.push_back({"charset", grammar::option_kind::name, charset_of(collation), {}});
                kept.push_back({"collate", grammar::option_kind::name, collation, {}});
                continue;
            }
            kept.push_back(option);
            if (!adapt_one(kept.back())) kept.pop_back();
        }
        return kept;
    }

    [[nodiscard]] bool keeps_engine() const {
        return table_schema::same_name(definition_changes::mapped(to_.changes().engines, engine_), engine_);
    }

private:
    /// False when the option is left out.
    bool adapt_one(grammar::table_option& option) {
        const std::string& key = option.key;
        if (key == "engine") {
            option.value = to_.engine(option.value);
            return true;
        }
        if (option.kind == grammar::option_kind::flag) {
            if (!to_.towards(dialect::mysql)) return true;
            to_.without("system-versioning", "the table is system-versioned, which MySQL does not support");
            return false;
        }
        if (leads_elsewhere(option)) return false;
        if (key == "row_format" || key == "key_block_size") return keeps_format(option);
        if (key == "comment" && !keeps_engine() && !adaptation::keeps_rows(engine_)) {
            note_comment(to_, "its comment");
            return false;
        }
        if (!to_.crosses() && is_of_engine(option)) return keeps_engine();
        return !to_.crosses() || across(option);
    }

    bool leads_elsewhere(const grammar::table_option& option) {
        const std::string& key = option.key;
        if (key == "data directory" || key == "index directory") {
            to_.without("directories", "the table has files in a directory of its own");
        } else if (key == "tablespace") {
            to_.without("tablespaces", "the table is in a tablespace of its own");
        } else if (key == "storage") {
            to_.without("tablespaces", "the table has the option STORAGE, which says where its engine keeps it");
        } else if (key == "engine_attribute" || key == "secondary_engine" || key == "secondary_engine_attribute") {
            to_.without("engine-attributes", "the table has an attribute for its engine, or a secondary engine");
        } else if (key == "connection" || key == "union" || key == "insert_method") {
            // They go with the engine that they are for.
            const bool goes = !keeps_engine() || !adaptation::keeps_rows(engine_);
            if (!goes && key == "connection") to_.without("connection", "the table has a connection to a server");
            if (!goes && key == "union") to_.without("connection", "the table names other tables as its parts");
        } else {
            return false;
        }
        return true;
    }

    /// How rows lie in pages is the engine's to take or to ignore, but it may be left out.
    bool keeps_format(const grammar::table_option& option) {
        const bool is_of_aria = option.key == "row_format" && option.value == "page";
        const bool is_of_myisam = option.key == "row_format" && option.value == "fixed";
        if ((is_of_aria || is_of_myisam) && !keeps_engine()) return false; // they go with the engine
        if (is_of_aria && to_.towards(dialect::mysql)) {
            to_.without("row-format", "the table has ROW_FORMAT=PAGE, which MySQL does not support");
            return false;
        }
        if (!to_.changes().leaves_out("row-format")) return true;
        to_.without("row-format", "the table has the option " + option.key);
        return false;
    }

    static bool is_of_engine(const grammar::table_option& option) {
        return option.kind == grammar::option_kind::engine || option.key == "page_checksum" ||
               option.key == "transactional";
    }

    bool across(const grammar::table_option& option) {
        constexpr std::array<std::string_view, 13> common{
            "auto_increment",     "comment",   "row_format",     "stats_persistent", "stats_auto_recalc",
            "stats_sample_pages", "min_rows",  "max_rows",       "key_block_size",   "avg_row_length",
            "checksum",           "pack_keys", "delay_key_write"};
        const std::string& key = option.key;
        if (!is_of_engine(option) && std::find(common.begin(), common.end(), key) != common.end()) return true;
        if (is_of_engine(option) && !(keeps_engine() && to_.has_engine(engine_))) return false;
        const auto says = [&key](std::string_view part) { return key.find(part) != key.npos; };
        to_.without(says("encrypt")                        ? "encryption"
                    : says("compress") || says("pagesize") ? "table-compression"
                                                           : "table-options",
                    "the table's option " + grammar::shortened(key) + " has no equal in " + to_.product());
        return false;
    }

    adaptation& to_;
    const std::string& collation_;
    std::string engine_;
};

/// Rewrites the partitions of a table.
class partition_adapter {
public:
    /// `engine` is the source's.
    partition_adapter(adaptation& to, std::string engine) : to_(to), engine_(std::move(engine)) {}

    /// False when they are left out.
    bool adapt(grammar::partitioning& all) {
        using kind = grammar::partition_definition::values_kind;
        if (all.by.kind == grammar::partition_rule::rule_kind::system_time && to_.towards(dialect::mysql)) {
            to_.without("system-versioning", "the table is partitioned by SYSTEM_TIME, which MySQL does not support",
                        "the partitions are left out");
            return false;
        }
        for (grammar::partition_definition& each : all.partitions) {
            if (each.kind == kind::by_default && to_.towards(dialect::mysql)) {
                to_.without("partitions",
                            "partition " + grammar::shortened(each.name) +
                                " takes all other values, which MySQL does not support",
                            "the partitions are left out");
                return false;
            }
            adapt("partition " + grammar::shortened(each.name), each.options);
            for (auto& [name, options] : each.subpartitions) adapt("subpartition " + grammar::shortened(name), options);
        }
        return true;
    }

private:
    void adapt(const std::string& whose, grammar::partition_options& options) {
        if (options.comment && !adaptation::keeps_rows(options.engine.empty() ? engine_ : options.engine)) {
            note_comment(to_, "the comment of " + whose);
            options.comment.reset();
        }
        if (!options.engine.empty()) options.engine = to_.engine(options.engine);
        if (options.has_directory) to_.without("directories", whose + " has files in a directory of its own");
        if (options.has_tablespace) to_.without("tablespaces", whose + " is in a tablespace of its own");
        if (options.has_engine_attribute) {
            to_.without("engine-attributes", whose + " has an attribute for its engine");
        }
    }

    adaptation& to_;
    std::string engine_;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
