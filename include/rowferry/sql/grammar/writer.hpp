// SPDX-License-Identifier: BSL-1.0
// Writes a definition anew: known words, names in backticks, strings in single quotes. No comment, no blank of the source.
#ifndef ROWFERRY_SQL_GRAMMAR_WRITER_HPP
#define ROWFERRY_SQL_GRAMMAR_WRITER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/grammar/definition.hpp>
#include <rowferry/sql/text.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace grammar {

/// Escapes for strings of definitions. The quote is doubled and not escaped, so the string ends at its end even where
/// backslashes escape nothing. The text is UTF-8, and so is the session's charset: no byte of a character is a quote.
struct definition_escape {
    void operator()(std::string& out, std::string_view bytes) const {
        for (char c : bytes) {
            switch (c) {
            case '\0': out += "\\0"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\x1A': out += "\\Z"; break;
            case '\\': out += "\\\\"; break;
            case '\'': out += "''"; break;
            default: out += c;
            }
        }
    }
};

/// Writes the parts of definitions at the end of a text.
class writer {
public:
    explicit writer(std::string& out) : out_(out) {}

    void write(const expression& e) {
        for (std::size_t i = 0; i < e.size(); ++i) {
            if (i > 0 && is_apart(e[i - 1], e[i])) out_ += ' ';
            write(e[i]);
        }
    }

    void write(const column_type& type) {
        out_ += type.name;
        if (!type.lengths.empty()) {
            out_ += '(';
            list(type.lengths, [this](const std::string& length) { out_ += length; });
            out_ += ')';
        } else if (!type.members.empty()) {
            out_ += '(';
            list(type.members, [this](const std::string& member) { string(member); });
            out_ += ')';
        }
        if (type.is_unsigned) out_ += " unsigned";
        if (type.is_zerofill) out_ += " zerofill";
    }

    void write(const column_definition& c) {
        name(c.name);
        out_ += ' ';
        write(c.type);
        if (!c.compressed.empty()) out_ += c.compressed == "compressed" ? " COMPRESSED" : " COMPRESSED=" + c.compressed;
        if (!c.charset.empty()) out_ += " CHARACTER SET " + c.charset;
        if (!c.collation.empty()) out_ += " COLLATE " + c.collation;
        if (!c.reference_system.empty()) out_ += " REF_SYSTEM_ID=" + c.reference_system;
        if (c.generated) write(*c.generated);
        if (c.nulls == column_definition::nullness::not_null) out_ += " NOT NULL";
        if (c.nulls == column_definition::nullness::null) out_ += " NULL";
        if (!c.srid.empty()) out_ += " SRID " + c.srid;
        if (!c.default_value.empty()) {
            out_ += " DEFAULT ";
            write(c.default_value);
        }
        if (!c.on_update.empty()) {
            out_ += " ON UPDATE ";
            write(c.on_update);
        }
        if (c.auto_increment) out_ += " AUTO_INCREMENT";
        if (c.invisible) out_ += " INVISIBLE";
        if (c.comment) {
            out_ += " COMMENT ";
            string(*c.comment);
        }
        for (const std::string& each : c.storage) out_ += ' ' + each;
        attributes(c.engine_attribute, c.secondary_engine_attribute);
        for (const engine_option& option : c.options) write(option);
        if (!c.versioning.empty()) out_ += (c.versioning == "with" ? " WITH" : " WITHOUT") + std::string(versioning);
        for (const expression& check : c.checks) {
            out_ += " CHECK ";
            in_parentheses(check);
        }
    }

    void write(const key_definition& k) {
        using kind = key_definition::key_kind;
        switch (k.kind) {
        case kind::primary: out_ += "PRIMARY KEY"; break;
        case kind::unique: out_ += "UNIQUE KEY"; break;
        case kind::plain: out_ += "KEY"; break;
        case kind::fulltext: out_ += "FULLTEXT KEY"; break;
        case kind::spatial: out_ += "SPATIAL KEY"; break;
        case kind::vector: out_ += "VECTOR KEY"; break;
        }
        out_ += ' ';
        if (!k.name.empty()) {
            name(k.name);
            out_ += ' ';
        }
        out_ += '(';
        list(k.parts, [this](const key_part& part) { write(part); });
        out_ += ')';
        if (!k.method.empty()) out_ += " USING " + k.method;
        if (!k.block_size.empty()) out_ += " KEY_BLOCK_SIZE=" + k.block_size;
        if (k.comment) {
            out_ += " COMMENT ";
            string(*k.comment);
        }
        if (!k.parser.empty()) {
            out_ += " WITH PARSER ";
            name(k.parser);
        }
        if (k.visible == key_definition::visibility::invisible) out_ += " INVISIBLE";
        if (k.visible == key_definition::visibility::ignored) out_ += " IGNORED";
        if (k.clustering) out_ += " CLUSTERING=YES";
        attributes(k.engine_attribute, k.secondary_engine_attribute);
        for (const engine_option& option : k.options) write(option);
    }

    void write(const check_definition& check) {
        if (!check.name.empty()) {
            out_ += "CONSTRAINT ";
            name(check.name);
            out_ += ' ';
        }
        out_ += "CHECK ";
        in_parentheses(check.holds);
        if (!check.enforced) out_ += " NOT ENFORCED";
    }

    void write(const period_definition& period) {
        out_ += "PERIOD FOR ";
        period.name.empty() ? void(out_ += "SYSTEM_TIME") : name(period.name);
        out_ += " (";
        name(period.begin);
        out_ += ",";
        name(period.end);
        out_ += ')';
    }

    void write(const table_option& option) {
        switch (option.kind) {
        case option_kind::engine: write(option.of_engine); return;
        case option_kind::flag: out_ += " WITH" + std::string(versioning); return;
        case option_kind::tables: return; // not kept
        default: break;
        }
        out_ += ' ';
        for (char c : option.key == "charset" ? std::string_view("default charset") : std::string_view(option.key)) {
            out_ += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        out_ += '=';
        if (option.kind == option_kind::string) {
            string(option.value);
        } else if (option.key == "tablespace") {
            name(option.value);
        } else {
            out_ += option.value;
        }
    }

    void write(const partitioning& p) {
        out_ += "\nPARTITION BY ";
        write(p.by);
        if (!p.by.count.empty()) out_ += " PARTITIONS " + p.by.count;
        if (p.sub) {
            out_ += "\nSUBPARTITION BY ";
            write(*p.sub);
            if (!p.sub->count.empty()) out_ += " SUBPARTITIONS " + p.sub->count;
        }
        if (p.partitions.empty()) return;
        out_ += "\n(";
        for (std::size_t i = 0; i < p.partitions.size(); ++i) {
            if (i > 0) out_ += ",\n ";
            write(p.partitions[i]);
        }
        out_ += ')';
    }

    void name(std::string_view plain) { append_identifier(out_, plain); }
    void string(std::string_view text) { append_string(out_, text, definition_escape{}); }

private:
    static constexpr std::string_view versioning = " SYSTEM VERSIONING";

    template <class List, class F>
    void list(const List& all, F f) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i > 0) out_ += ',';
            f(all[i]);
        }
    }

    /// Whether a blank belongs between two parts. Two signs in a row must not become a comment.
    static bool is_apart(const part& before, const part& next) {
        if (next.is(part_kind::symbol, ")") || next.is(part_kind::symbol, ",")) return false;
        if (before.is(part_kind::symbol, "(") || before.is(part_kind::symbol, ",")) return false;
        if (before.kind == part_kind::introducer) return next.kind != part_kind::string;
        if (before.kind == part_kind::sign) return next.kind == part_kind::sign;
        if (before.kind == part_kind::function || before.kind == part_kind::type)
            return !next.is(part_kind::symbol, "(");
        return true;
    }
    void write(const part& p) {
        switch (p.kind) {
        case part_kind::column: name(p.text); break;
        case part_kind::string: string(p.text); break;
        case part_kind::hex: out_ += "0x" + p.text; break;
        case part_kind::hex_string: out_ += "X'" + p.text + "'"; break;
        case part_kind::bits: out_ += "b'" + p.text + "'"; break;
        case part_kind::introducer: out_ += "_" + p.text; break;
        case part_kind::word: out_ += p.text == "null" ? "NULL" : p.text; break;
        default: out_ += p.text;
        }
    }
    void in_parentheses(const expression& e) {
        out_ += '(';
        write(e);
        out_ += ')';
    }
    void write(const generation& g) {
        out_ += " GENERATED ALWAYS AS ";
        if (g.from == generation::origin::row_start) {
            out_ += "ROW START";
        } else if (g.from == generation::origin::row_end) {
            out_ += "ROW END";
        } else {
            in_parentheses(g.computes);
            out_ += g.is_stored ? " STORED" : " VIRTUAL";
        }
    }
    void write(const engine_option& option) {
        out_ += ' ';
        name(option.name);
        out_ += '=';
        option.kind == engine_option::value_kind::string ? string(option.value) : void(out_ += option.value);
    }
    void attributes(const std::optional<std::string>& primary, const std::optional<std::string>& secondary) {
        if (primary) {
            out_ += " ENGINE_ATTRIBUTE ";
            string(*primary);
        }
        if (secondary) {
            out_ += " SECONDARY_ENGINE_ATTRIBUTE ";
            string(*secondary);
        }
    }
    void write(const key_part& part) {
        if (part.column.empty()) {
            in_parentheses(part.computes);
        } else {
            name(part.column);
            if (!part.length.empty()) out_ += "(" + part.length + ")";
            if (part.without_overlaps) out_ += " WITHOUT OVERLAPS";
        }
        if (part.descending) out_ += " DESC";
    }
    void write(const partition_rule& rule) {
        using kind = partition_rule::rule_kind;
        if (rule.linear) out_ += "LINEAR ";
        switch (rule.kind) {
        case kind::hash: out_ += "HASH "; break;
        case kind::key: out_ += rule.algorithm.empty() ? "KEY " : "KEY ALGORITHM=" + rule.algorithm + " "; break;
        case kind::range: out_ += "RANGE "; break;
        case kind::range_columns: out_ += "RANGE COLUMNS "; break;
        case kind::list: out_ += "LIST "; break;
        case kind::list_columns: out_ += "LIST COLUMNS "; break;
        case kind::system_time: return system_time(rule);
        }
        if (!rule.computes.empty()) return in_parentheses(rule.computes);
        out_ += '(';
        list(rule.columns, [this](const std::string& column) { name(column); });
        out_ += ')';
    }
    void system_time(const partition_rule& rule) {
        out_ += "SYSTEM_TIME";
        if (!rule.interval.empty()) {
            out_ += " INTERVAL ";
            write(rule.interval);
            out_ += ' ' + rule.unit;
        }
        if (!rule.starts.empty()) {
            out_ += " STARTS ";
            write(rule.starts);
        }
        if (!rule.limit.empty()) out_ += " LIMIT " + rule.limit;
        if (rule.automatic) out_ += " AUTO";
    }
    void write(const partition_definition& p) {
        using kind = partition_definition::values_kind;
        out_ += "PARTITION ";
        name(p.name);
        switch (p.kind) {
        case kind::none: break;
        case kind::less_than:
            out_ += " VALUES LESS THAN ";
            values(p.values);
            break;
        case kind::less_than_all: out_ += " VALUES LESS THAN MAXVALUE"; break;
        case kind::in:
            out_ += " VALUES IN ";
            values(p.values);
            break;
        case kind::by_default: out_ += " DEFAULT"; break;
        case kind::history: out_ += " HISTORY"; break;
        case kind::current: out_ += " CURRENT"; break;
        }
        write(p.options);
        if (p.subpartitions.empty()) return;
        out_ += "\n (";
        list(p.subpartitions, [this](const auto& sub) {
            out_ += "SUBPARTITION ";
            name(sub.first);
            write(sub.second);
        });
        out_ += ')';
    }
    void values(const partition_values& all) {
        out_ += '(';
        list(all, [this](const expression& value) { value.empty() ? void(out_ += "MAXVALUE") : write(value); });
        out_ += ')';
    }
    void write(const partition_options& o) {
        if (o.comment) {
            out_ += " COMMENT=";
            string(*o.comment);
        }
        if (!o.max_rows.empty()) out_ += " MAX_ROWS=" + o.max_rows;
        if (!o.min_rows.empty()) out_ += " MIN_ROWS=" + o.min_rows;
        if (!o.nodegroup.empty()) out_ += " NODEGROUP=" + o.nodegroup;
        if (!o.engine.empty()) out_ += " ENGINE=" + o.engine;
    }

    std::string& out_;
};

/// A type as text.
inline std::string to_text(const column_type& type) {
    std::string text;
    writer(text).write(type);
    return text;
}

/// The definition as a statement: CREATE TABLE, with a line for each item. Foreign keys are not written.
inline std::string to_statement(const definition& d) {
    std::string text = "CREATE TABLE ";
    writer write(text);
    write.name(d.name);
    text += " (";
    const char* before = "\n  ";
    for (const item& i : d.items) {
        if (std::holds_alternative<foreign_key>(i)) continue;
        text += before;
        before = ",\n  ";
        std::visit(
            [&write](const auto& each) {
                if constexpr (!std::is_same_v<std::decay_t<decltype(each)>, foreign_key>) write.write(each);
            },
            i);
    }
    text += "\n)";
    for (const table_option& option : d.options) write.write(option);
    if (d.partitions) write.write(*d.partitions);
    return text;
}

} // namespace grammar
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
