// SPDX-License-Identifier: BSL-1.0
// Rewrites one column of a definition for the server that is to hold a clone of the table.
#ifndef ROWFERRY_SQL_ADAPT_COLUMN_HPP
#define ROWFERRY_SQL_ADAPT_COLUMN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/definition.hpp>
#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/grammar/column.hpp>
#include <rowferry/sql/grammar/writer.hpp>
#include <rowferry/sql/type_rules.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace sql {
namespace detail {

/// Types whose defaults MySQL takes as expressions only.
inline bool is_stored_apart(std::string_view type) {
    return type.ends_with("text") || type.ends_with("blob") || type == "json" || type == "geometry" ||
           type == "point" || type.ends_with("linestring") || type.ends_with("polygon") || type == "multipoint" ||
           type == "geometrycollection";
}

/// Rewrites columns, and keeps the schema that is expected of the clone in step.
class column_adapter {
public:
    /// `keeps_engine`: whether the clone's engine is the source's.
    column_adapter(adaptation& to, table_schema& schema, bool keeps_engine)
        : to_(to), schema_(schema), keeps_engine_(keeps_engine) {}

    /// False when the column is left out.
    bool adapt(grammar::column_definition& c) {
        name_ = grammar::shortened(c.name);
        const auto found = schema_.find(c.name);
        described_ = found ? &schema_.columns[*found] : nullptr;
        if (!adapt_period_column(c)) return false;
        const bool is_mapped = map_type(c.type, c);
        if (to_.crosses() && !is_mapped) check_type(c.type);
        if (!is_mapped) check_members(c.type);
        state_collation(c);
        check_default(c);
        check_options(c);
        if (to_.towards(dialect::mysql)) for_mysql(c);
        if (to_.towards(dialect::mariadb)) for_mariadb(c);
        return true;
    }

private:
    using column_definition = grammar::column_definition;

    /// The columns of MariaDB's system versioning.
    bool adapt_period_column(const column_definition& c) {
        const bool is_of_period = c.generated && c.generated->from != grammar::generation::origin::computed;
        if (!is_of_period || !to_.towards(dialect::mysql)) return true;
        to_.without("system-versioning", "column " + name_ + " is the start or the end of a row's life");
        to_.leave_out_column(c.name);
        return false;
    }

    /// Whether the type was replaced, as was asked for.
    bool map_type(grammar::column_type& type, column_definition& c) {
        const std::string full = grammar::to_text(type);
        const std::string base = type.name;
        const replacement* chosen = to_.chosen(&definition_changes::types, full);
        // MariaDB shows the width of "int unsigned", too.
        if (chosen == nullptr && type.is_unsigned) chosen = to_.chosen(&definition_changes::types, base + " unsigned");
        if (chosen == nullptr) chosen = to_.chosen(&definition_changes::types, base);
        if (chosen == nullptr) return false;
        const std::string& mapped = chosen->to;
        grammar::cursor words(mapped);
        grammar::column_type made = grammar::read_type(words);
        if (words.failed() || !words.at_end()) {
            to_.problem("column " + name_ + " is mapped to the type " + grammar::shortened(mapped) +
                            ", which is not known",
                        remedy{remedy::map_type, base, {}});
            return true;
        }
        spell_as_servers(made);
        if (made == type) return false;
        type = std::move(made);
        c.charset.clear();
        c.collation.clear();
        if (described_ == nullptr) return true;
        described_->type = grammar::to_text(type);
        described_->is_unsigned = type.is_unsigned || type.is_zerofill;
        described_->shows_two_digits = shows_two_digits(described_->type);
        const bool is_text = type.name.ends_with("char") || type.name.ends_with("text");
        if (!is_text) {
            described_->charset.clear();
            described_->collation.clear();
        } else if (described_->charset.empty()) {
            // What has no charset of its own is ASCII (UUID, INET6), but for JSON.
            described_->charset = base == "json" ? "utf8mb4" : "ascii";
            described_->collation = described_->charset + "_bin";
        }
        if (is_text) set_collation(c, described_->collation);
        to_.note("column " + name_ + " of table " + grammar::shortened(to_.table()) + " is " + mapped +
                 " in the clone, and " + full + " in the source");
        return true;
    }

    /// A type by the name, and with the length, that a server shows for it.
    static void spell_as_servers(grammar::column_type& type) {
        struct synonym {
            std::string_view name = {};
            std::string_view shown = {};
        };
        constexpr std::array synonyms{synonym{"integer", "int"},     synonym{"dec", "decimal"},
                                      synonym{"numeric", "decimal"}, synonym{"fixed", "decimal"},
                                      synonym{"real", "double"},     synonym{"bool", "tinyint"},
                                      synonym{"boolean", "tinyint"}};
        const bool is_truth = type.name.starts_with("bool");
        for (const synonym& each : synonyms) {
            if (type.name == each.name) type.name = each.shown;
        }
        if (is_truth) type.lengths = {"1"};
        if (type.name == "decimal" && type.lengths.empty()) type.lengths = {"10"};
        if (type.name == "decimal" && type.lengths.size() == 1) type.lengths.emplace_back("0");
        const bool is_one_long = type.name == "bit" || type.name == "char" || type.name == "binary";
        if (is_one_long && type.lengths.empty()) type.lengths = {"1"};
    }

    /// MariaDB's catalog knows no characters beyond U+FFFF: it shows a question mark.
    void check_members(const grammar::column_type& type) {
        if (type.members.empty() || to_.source() != dialect::mariadb || described_ == nullptr) return;
        const std::string& charset = described_->charset;
        if (charset != "utf8mb4" && !charset.starts_with("utf16") && charset != "utf32") return;
        const bool is_doubtful = std::any_of(type.members.begin(), type.members.end(),
                                             [](const std::string& m) { return m.find('?') != m.npos; });
        if (!is_doubtful) return;
        to_.problem("column " + name_ + " has a member with a question mark, which MariaDB also shows for characters " +
                    "beyond U+FFFF");
    }

    void check_type(grammar::column_type& type) {
        struct replaceable {
            std::string_view type = {};
            std::string_view instead = {};
        };
        constexpr std::array only_mariadb{replaceable{"uuid", "char(36)"}, replaceable{"inet4", "varchar(15)"},
                                          replaceable{"inet6", "varchar(45)"}, replaceable{"xmltype", "longtext"}};
        constexpr unsigned first_with_vector = 110'700;
        const auto missing = [&](std::string_view instead) {
            to_.problem("column " + name_ + " is " + type.name + ", which is not supported by " + to_.product(),
                        remedy{remedy::map_type, type.name, std::string(instead)});
        };
        if (to_.towards(dialect::mysql)) {
            for (const replaceable& r : only_mariadb) {
                if (r.type == type.name) missing(r.instead);
            }
            return;
        }
        if (type.name == "vector" && to_.server().version < first_with_vector) missing("blob");
        if (type.name == "geomcollection") type.name = "geometrycollection";
        if (type.name == "json") {
            if (described_ != nullptr) {
                described_->type = "longtext";
                described_->charset = "utf8mb4";
                described_->collation = "utf8mb4_bin";
            }
            to_.note("column " + name_ + " of table " + grammar::shortened(to_.table()) +
                     " is JSON, which MariaDB keeps as text: it arrives as the source's server spells it");
        }
    }

    /// A charset without a collation means the server's default for it, which need not be the source's.
    void state_collation(column_definition& c) {
        if (c.charset.empty() && c.collation.empty()) {
            if (described_ != nullptr && !described_->collation.empty()) {
                described_->collation = lower(to_.mapped(&definition_changes::collations, described_->collation));
            }
            return;
        }
        std::string stated = c.collation;
        if (described_ != nullptr && !described_->collation.empty()) stated = described_->collation;
        if (stated.empty()) return;
        const std::string mapped = to_.collation(stated, "column " + name_);
        if (described_ != nullptr) described_->collation = mapped;
        set_collation(c, mapped);
    }
    static void set_collation(column_definition& c, const std::string& collation) {
        c.charset = charset_of(collation);
        c.collation = collation == "binary" ? "" : collation;
    }

    /// A sequence is not part of the table: the clone would take its numbers from one of the same name, if there is one.
    void check_default(column_definition& c) {
        const grammar::expression& value = c.default_value;
        const bool is_literal = value.size() == 1 && value[0].kind == grammar::part_kind::string;
        if (is_literal && to_.source() == dialect::mariadb && value[0].text.find('?') != std::string::npos) {
            to_.note("the default of column " + name_ + " of table " + grammar::shortened(to_.table()) +
                     " has a question mark, which MariaDB also shows for characters beyond U+FFFF: compare it");
        }
        if (!grammar::uses_sequence(value)) return;
        to_.without("sequence-defaults", "column " + name_ + " takes its default from a sequence, which is not copied");
        c.default_value.clear();
    }

    /// What only engines know goes with the engine, and nothing that leads the engine elsewhere is passed on.
    void check_options(column_definition& c) {
        if (c.engine_attribute || c.secondary_engine_attribute) {
            to_.without("engine-attributes", "column " + name_ + " has an attribute for its engine");
            c.engine_attribute.reset();
            c.secondary_engine_attribute.reset();
        }
        if (!keeps_engine_) c.options.clear();
        if (!to_.crosses()) return;
        for (const grammar::engine_option& option : c.options) unknown_attribute(grammar::shortened(option.name));
        for (const std::string& words : c.storage) unknown_attribute(words);
        c.options.clear();
        c.storage.clear();
    }
    void unknown_attribute(const std::string& attribute) {
        to_.without("column-attributes",
                    "column " + name_ + " has the attribute " + attribute + ", unknown to " + to_.product());
    }

    void for_mysql(column_definition& c) {
        wrap_default(c.default_value, c.type.name);
        if (!c.compressed.empty()) {
            to_.without("column-compression", "column " + name_ + " is COMPRESSED, which MySQL does not support");
            c.compressed.clear();
        }
        if (!c.reference_system.empty()) {
            to_.without("srid", "column " + name_ + " has a REF_SYSTEM_ID, which has no equal in MySQL");
            c.reference_system.clear();
        }
        if (!c.versioning.empty()) {
            to_.without("system-versioning", "column " + name_ + " is WITH or WITHOUT SYSTEM VERSIONING");
            c.versioning.clear();
        }
    }
    /// MySQL takes expressions in parentheses only, and no literal for what it stores apart from the row.
    static void wrap_default(grammar::expression& value, std::string_view type) {
        using kind = grammar::part_kind;
        if (value.empty() || value[0].is(kind::symbol, "(") || value[0].is(kind::word, "null")) return;
        const bool is_literal = std::all_of(value.begin(), value.end(), [](const grammar::part& p) {
            return p.kind == kind::sign || p.kind == kind::number || p.kind == kind::string || p.kind == kind::hex ||
                   p.kind == kind::hex_string || p.kind == kind::bits || p.kind == kind::introducer;
        });
        const bool is_moment = value[0].is(kind::function, "current_timestamp");
        if (is_moment && (type == "datetime" || type == "timestamp")) return;
        if (is_literal && !is_stored_apart(type)) return;
        value.insert(value.begin(), {kind::symbol, "("});
        value.push_back({kind::symbol, ")"});
    }

    void for_mariadb(column_definition& c) {
        if (c.generated && c.nulls == column_definition::nullness::not_null) {
            to_.without("generated-not-null",
                        "column " + name_ + " is generated and NOT NULL, which MariaDB does not support");
            c.nulls = column_definition::nullness::unsaid;
        }
        if (c.srid.empty()) return;
        to_.without("srid", "column " + name_ + " takes SRID " + c.srid + " only, which MariaDB cannot enforce");
        c.srid.clear();
    }

    adaptation& to_;
    table_schema& schema_;
    bool keeps_engine_;
    std::string name_;
    column* described_ = nullptr;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
