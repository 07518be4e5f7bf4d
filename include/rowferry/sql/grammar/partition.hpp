// SPDX-License-Identifier: BSL-1.0
// The partitions of a table.
#ifndef ROWFERRY_SQL_GRAMMAR_PARTITION_HPP
#define ROWFERRY_SQL_GRAMMAR_PARTITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/expression.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// How rows are dealt out to partitions or subpartitions.
struct partition_rule {
    enum class rule_kind : std::uint8_t { hash, key, range, range_columns, list, list_columns, system_time };
    rule_kind kind = rule_kind::hash;
    bool linear = false;
    std::string algorithm = {};            ///< of KEY: digits
    expression computes;                   ///< for hash, range and list
    std::vector<std::string> columns = {}; ///< for key, range_columns and list_columns
    std::string limit = {};                ///< of SYSTEM_TIME: digits
    expression interval;                   ///< of SYSTEM_TIME: what a partition spans
    std::string unit = {};                 ///< its unit of time
    expression starts;                     ///< of SYSTEM_TIME
    bool automatic = false;                ///< of SYSTEM_TIME
    std::string count = {};                ///< how many partitions: digits
    friend bool operator==(const partition_rule&, const partition_rule&) = default;
};

/// What a partition or a subpartition has of its own.
struct partition_options {
    std::string engine = {};
    std::optional<std::string> comment = {};
    std::string max_rows = {};
    std::string min_rows = {};
    std::string nodegroup = {};
    bool has_directory = false;        ///< it is not kept
    bool has_tablespace = false;       ///< it is not kept
    bool has_engine_attribute = false; ///< it is not kept
    friend bool operator==(const partition_options&, const partition_options&) = default;
};

/// A value of VALUES; without parts it is MAXVALUE.
using partition_values = std::vector<expression>;

/// A partition.
struct partition_definition {
    enum class values_kind : std::uint8_t { none, less_than, less_than_all, in, by_default, history, current };
    std::string name = {};
    values_kind kind = values_kind::none;
    partition_values values;
    partition_options options;
    std::vector<std::pair<std::string, partition_options>> subpartitions = {};
    friend bool operator==(const partition_definition&, const partition_definition&) = default;
};

/// PARTITION BY … .
struct partitioning {
    partition_rule by;
    std::optional<partition_rule> sub = {};
    std::vector<partition_definition> partitions = {};
    friend bool operator==(const partitioning&, const partitioning&) = default;
};

/// Reads partitions.
class partition_reader {
public:
    explicit partition_reader(cursor& from) : c_(from), read_(from) {}

    partitioning read() {
        partitioning made;
        c_.reads("its partitions");
        c_.pass_mark(deepest);
        c_.expect("partition", "by");
        made.by = rule();
        if (c_.accept("partitions")) made.by.count = c_.digits();
        if (c_.accept("subpartition", "by")) {
            made.sub = rule();
            if (c_.accept("subpartitions")) made.sub->count = c_.digits();
        }
        if (c_.accept("(")) {
            do {
                made.partitions.push_back(partition());
                if (++partitions_ > most_partitions) too_many(most_partitions, "partitions");
            } while (c_.accept(","));
            c_.expect(")");
        }
        c_.reads("its partitions");
        pass_marks();
        c_.end_marks();
        return made;
    }

private:
    static constexpr std::size_t deepest =
        2; // MySQL puts KEY's algorithm into a comment of its own, within or after the other
    static constexpr std::size_t most_partitions = 8192;      // as the servers, subpartitions included
    static constexpr std::size_t most_listed_values = 32'768; // a server takes time that grows with their square

    void too_many(std::size_t most, const char* things) {
        c_.reads("its partitions");
        c_.fail("there are more than " + std::to_string(most) + " " + things);
    }

    void pass_marks() {
        while (c_.pass_mark(deepest)) {
        }
    }

    partition_rule rule() {
        using kind = partition_rule::rule_kind;
        partition_rule rule;
        rule.linear = c_.accept("linear");
        if (c_.accept("hash")) {
            rule.computes = read_.in_parentheses();
        } else if (c_.accept("key")) {
            rule.kind = kind::key;
            algorithm(rule);
            columns(rule);
        } else if (c_.at("range") || c_.at("list")) {
            const bool is_range = c_.take().is("range");
            if (c_.accept("columns")) {
                rule.kind = is_range ? kind::range_columns : kind::list_columns;
                columns(rule);
            } else {
                rule.kind = is_range ? kind::range : kind::list;
                rule.computes = read_.in_parentheses();
            }
        } else {
            c_.expect("system_time");
            rule.kind = kind::system_time;
            system_time(rule);
        }
        return rule;
    }
    void algorithm(partition_rule& rule) {
        pass_marks();
        if (c_.accept("algorithm")) {
            c_.expect("=");
            rule.algorithm = c_.digits();
        }
        pass_marks();
    }
    void columns(partition_rule& rule) {
        c_.expect("(");
        if (c_.accept(")")) return; // KEY () stands for the primary key
        do {
            rule.columns.push_back(c_.name());
        } while (c_.accept(","));
        c_.expect(")");
    }
    void system_time(partition_rule& rule) {
        for (bool more = true; more;) {
            more = false;
            if (c_.accept("interval")) {
                rule.interval = read_.operand();
                const std::string_view unit = known(units, c_.now().text);
                unit.empty() ? void(c_.fail()) : void(c_.take());
                rule.unit = unit;
                more = true;
            } else if (c_.accept("starts")) {
                rule.starts = read_.operand();
                more = true;
            } else if (c_.accept("auto")) {
                more = rule.automatic = true;
            } else if (c_.accept("limit")) {
                rule.limit = c_.digits();
                more = true;
            }
        }
    }

    partition_definition partition() {
        using kind = partition_definition::values_kind;
        partition_definition made;
        c_.expect("partition");
        made.name = c_.name();
        c_.reads("partition " + shortened(made.name));
        if (c_.accept("values")) {
            if (c_.accept("in")) {
                made.kind = kind::in;
                values(made);
            } else {
                c_.expect("less", "than");
                made.kind = c_.accept("maxvalue") ? kind::less_than_all : kind::less_than;
                if (made.kind == kind::less_than) values(made);
            }
        } else if (c_.accept("default")) {
            made.kind = kind::by_default;
        } else if (c_.accept("history")) {
            made.kind = kind::history;
        } else if (c_.accept("current")) {
            made.kind = kind::current;
        }
        made.options = options();
        if (c_.accept("(")) {
            do {
                c_.expect("subpartition");
                std::string name = c_.name();
                c_.reads("subpartition " + shortened(name));
                made.subpartitions.emplace_back(std::move(name), options());
                if (made.subpartitions.size() > 1 && ++partitions_ > most_partitions) {
                    too_many(most_partitions, "subpartitions");
                }
            } while (c_.accept(","));
            c_.expect(")");
        }
        return made;
    }
    void values(partition_definition& made) {
        c_.expect("(");
        do {
            const bool is_without_limit = c_.accept("maxvalue");
            made.values.push_back(is_without_limit ? expression{} : read_.whole());
            if (made.kind == partition_definition::values_kind::in && ++listed_values_ > most_listed_values) {
                too_many(most_listed_values, "values");
            }
        } while (c_.accept(","));
        c_.expect(")");
    }

    partition_options options() {
        partition_options made;
        std::size_t n = 0;
        while (!c_.at_end() && !c_.at(",") && !c_.at(")") && !c_.at("(")) {
            if (c_.accept("data", "directory") || c_.accept("index", "directory")) {
                c_.accept("=");
                c_.string();
                made.has_directory = true;
            } else if (c_.accept("tablespace")) {
                c_.accept("=");
                c_.name();
                made.has_tablespace = true;
            } else if (c_.accept("engine_attribute") || c_.accept("secondary_engine_attribute")) {
                c_.accept("=");
                c_.string();
                made.has_engine_attribute = true;
            } else if (c_.accept("comment")) {
                c_.accept("=");
                made.comment = c_.string();
            } else if (c_.accept("max_rows")) {
                c_.accept("=");
                made.max_rows = c_.digits();
            } else if (c_.accept("min_rows")) {
                c_.accept("=");
                made.min_rows = c_.digits();
            } else if (c_.accept("nodegroup")) {
                c_.accept("=");
                made.nodegroup = c_.digits();
            } else {
                if (!c_.at("engine")) c_.accept("storage");
                c_.expect("engine");
                c_.accept("=");
                made.engine = c_.plain_name();
            }
            if (++n > most_attributes) too_many(most_attributes, "options of one");
        }
        return made;
    }

    cursor& c_;
    expression_reader read_;
    std::size_t partitions_ = 0; // a partition counts as its first subpartition
    std::size_t listed_values_ = 0;
};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
