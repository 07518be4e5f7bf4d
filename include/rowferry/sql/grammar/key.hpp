// SPDX-License-Identifier: BSL-1.0
// Keys, checks, foreign keys and periods of definitions.
#ifndef ROWFERRY_SQL_GRAMMAR_KEY_HPP
#define ROWFERRY_SQL_GRAMMAR_KEY_HPP

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

/// A part of a key: a column, or its beginning, or an expression.
struct key_part {
    std::string column = {};
    std::string length = {}; ///< digits
    expression computes;     ///< instead of a column
    bool descending = false;
    bool without_overlaps = false; ///< MariaDB: the column is a period
    friend bool operator==(const key_part&, const key_part&) = default;
};

/// A key.
struct key_definition {
    enum class key_kind : std::uint8_t { primary, unique, plain, fulltext, spatial, vector };
    enum class visibility : std::uint8_t { visible, invisible, ignored };
    key_kind kind = key_kind::plain;
    std::string name = {};
    std::vector<key_part> parts = {};
    std::string method = {};     ///< "BTREE", "HASH" or "RTREE"
    std::string block_size = {}; ///< digits
    std::string parser = {};
    std::optional<std::string> comment = {};
    visibility visible = visibility::visible;
    bool clustering = false;
    std::optional<std::string> engine_attribute = {};
    std::optional<std::string> secondary_engine_attribute = {};
    std::vector<engine_option> options = {};
    friend bool operator==(const key_definition&, const key_definition&) = default;
};

/// A CHECK of the table.
struct check_definition {
    std::string name = {};
    expression holds;
    bool enforced = true;
    friend bool operator==(const check_definition&, const check_definition&) = default;
};

/// A foreign key: its name only, since clones have none.
struct foreign_key {
    std::string name = {};
    friend bool operator==(const foreign_key&, const foreign_key&) = default;
};

/// A period of MariaDB; without a name it is SYSTEM_TIME.
struct period_definition {
    std::string name = {};
    std::string begin = {};
    std::string end = {};
    friend bool operator==(const period_definition&, const period_definition&) = default;
};

/// Reads keys and constraints.
class key_reader {
public:
    explicit key_reader(cursor& from) : c_(from), read_(from) {}

    key_definition key() {
        using kind = key_definition::key_kind;
        constexpr std::size_t most_parts = 64; // the servers take 16, or 32
        key_definition key;
        if (c_.accept("primary")) {
            key.kind = kind::primary;
        } else if (c_.accept("unique")) {
            key.kind = kind::unique;
        } else if (c_.accept("fulltext")) {
            key.kind = kind::fulltext;
        } else if (c_.accept("spatial")) {
            key.kind = kind::spatial;
        } else if (c_.accept("vector")) {
            key.kind = kind::vector;
        }
        if (!c_.accept("index")) c_.expect("key");
        if (key.kind == kind::primary) {
            c_.reads("the primary key");
        } else {
            if (!c_.at("(") && !c_.at("using")) key.name = c_.name();
            c_.reads("key " + shortened(key.name));
        }
        if (c_.at("using")) method(key);
        c_.expect("(");
        do {
            key.parts.push_back(part_of_key());
            if (key.parts.size() > most_parts) c_.fail("it has more than " + std::to_string(most_parts) + " columns");
        } while (c_.accept(","));
        c_.expect(")");
        for (std::size_t n = 0; !c_.at_end() && !c_.at(",") && !c_.at(")");) {
            if (c_.pass_mark()) continue;
            option(key);
            if (++n > most_attributes) c_.fail("it has more than " + std::to_string(most_attributes) + " options");
        }
        c_.end_marks();
        return key;
    }

    check_definition check(std::string name) {
        check_definition check;
        check.name = std::move(name);
        c_.reads(check.name.empty() ? "a CHECK" : "CHECK " + shortened(check.name));
        c_.expect("check");
        check.holds = read_.in_parentheses();
        for (bool more = true; more;) {
            const bool is_off = c_.accept("not", "enforced");
            if (is_off) check.enforced = false;
            more = is_off || c_.accept("enforced") || c_.pass_mark();
        }
        c_.end_marks();
        return check;
    }

    foreign_key foreign(std::string name) {
        c_.reads("foreign key " + shortened(name));
        c_.expect("foreign", "key");
        if (!c_.at("(")) c_.name();
        names();
        c_.expect("references");
        c_.name();
        if (c_.accept(".")) c_.name();
        names();
        if (c_.accept("match") && !c_.accept("full") && !c_.accept("partial")) c_.expect("simple");
        while (c_.accept("on")) {
            if (!c_.accept("delete")) c_.expect("update");
            if (c_.accept("no")) {
                c_.expect("action");
            } else if (c_.accept("set")) {
                if (!c_.accept("null")) c_.expect("default");
            } else if (!c_.accept("restrict")) {
                c_.expect("cascade");
            }
        }
        return {std::move(name)};
    }

    period_definition period() {
        period_definition period;
        c_.reads("a period");
        c_.expect("period", "for");
        if (!c_.accept("system_time")) period.name = c_.name();
        c_.expect("(");
        period.begin = c_.name();
        c_.expect(",");
        period.end = c_.name();
        c_.expect(")");
        return period;
    }

private:
    void names() {
        c_.expect("(");
        do {
            c_.name();
        } while (c_.accept(","));
        c_.expect(")");
    }

    key_part part_of_key() {
        key_part part;
        if (c_.at("(")) {
            part.computes = read_.in_parentheses();
        } else {
            part.column = c_.name();
            if (c_.accept("(")) {
                part.length = c_.digits();
                c_.expect(")");
            }
            part.without_overlaps = c_.accept("without", "overlaps");
        }
        part.descending = c_.accept("desc");
        if (!part.descending) c_.accept("asc");
        return part;
    }

    void method(key_definition& key) {
        constexpr std::array<std::string_view, 3> methods{"BTREE", "HASH", "RTREE"};
        c_.expect("using");
        key.method = known(methods, c_.now().text);
        key.method.empty() ? void(c_.fail()) : void(c_.take());
    }

    void option(key_definition& key) {
        if (c_.at("using")) {
            method(key);
        } else if (c_.accept("key_block_size")) {
            c_.accept("=");
            key.block_size = c_.digits();
        } else if (c_.accept("comment")) {
            key.comment = c_.string();
        } else if (c_.accept("with", "parser")) {
            key.parser = c_.plain_name();
        } else if (c_.accept("invisible")) {
            key.visible = key_definition::visibility::invisible;
        } else if (c_.accept("visible")) {
            key.visible = key_definition::visibility::visible;
        } else if (c_.accept("ignored")) {
            key.visible = key_definition::visibility::ignored;
        } else if (c_.accept("not", "ignored")) {
            key.visible = key_definition::visibility::visible;
        } else if (c_.accept("clustering")) {
            c_.expect("=");
            c_.expect("yes");
            key.clustering = true;
        } else if (c_.accept("engine_attribute")) {
            c_.accept("=");
            key.engine_attribute = c_.string();
        } else if (c_.accept("secondary_engine_attribute")) {
            c_.accept("=");
            key.secondary_engine_attribute = c_.string();
        } else if (c_.kind() == token_kind::name) {
            key.options.push_back(read_engine_option(c_));
        } else {
            c_.fail();
        }
    }

    cursor& c_;
    expression_reader read_;
};

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
