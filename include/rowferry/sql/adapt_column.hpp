// SPDX-License-Identifier: BSL-1.0
// Rewrites one column of a definition for the server that is to hold a clone of the table.
#ifndef ROWFERRY_SQL_ADAPT_COLUMN_HPP
#define ROWFERRY_SQL_ADAPT_COLUMN_HPP

#include <rowferry/definition.hpp>
#include <rowferry/sql/adaptation.hpp>
#include <rowferry/sql/definition_column.hpp>
#include <rowferry/sql/definition_text.hpp>
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
    column_adapter(adaptation& to, table_schema& schema) : to_(to), schema_(schema) {}

    /// False when the column is left out.
    bool adapt(token_list& item) {
        column_text text = parse_column(item);
        if (text.type.empty()) return true;
        name_ = unquoted(text.name.text);
        const auto found = schema_.find(name_);
        described_ = found ? &schema_.columns[*found] : nullptr;
        if (!adapt_period_column(text)) return false;
        const bool is_mapped = map_type(text);
        if (to_.crosses() && !is_mapped) check_type(text);
        if (!is_mapped) check_members(text);
        state_collation(text);
        check_default(text);
        if (to_.crosses()) {
            for (const column_attribute& a : text.attributes) to_.check_functions(a.tokens, "column " + name_);
            if (to_.towards(dialect::mysql)) {
                for_mysql(text);
            } else {
                for_mariadb(text);
            }
        }
        item = to_item(text);
        return true;
    }

private:
    /// The columns of MariaDB's system versioning.
    bool adapt_period_column(column_text& text) {
        const column_attribute* generated = text.find("generated");
        if (generated == nullptr || generated->tokens.back().is(")") || !to_.towards(dialect::mysql)) return true;
        to_.without("system-versioning", "column " + name_ + " is the start or the end of a row's life");
        to_.leave_out_column(name_);
        return false;
    }

    /// Whether the type was replaced, as was asked for.
    bool map_type(column_text& text) {
        const std::string full = lower(to_text(text.type));
        const std::string base = text.type_name();
        std::string_view mapped = definition_changes::mapped(to_.changes().types, full);
        if (mapped == full) mapped = definition_changes::mapped(to_.changes().types, base);
        if (mapped == full || mapped == base) return false;
        const std::string space = text.type.front().space;
        text.type = tokens_of(mapped);
        text.type.front().space = space;
        text.erase("character set");
        text.erase("collate");
        if (described_ == nullptr) return true;
        described_->type = mapped;
        const std::string now = text.type_name();
        const bool is_text = now.ends_with("char") || now.ends_with("text");
        if (!is_text) {
            described_->charset.clear();
            described_->collation.clear();
        } else if (described_->charset.empty()) {
            // What has no charset of its own is ASCII (UUID, INET6), but for JSON.
            described_->charset = base == "json" ? "utf8mb4" : "ascii";
            described_->collation = described_->charset + "_bin";
        }
        if (is_text) add_collation(text, described_->collation);
        to_.note("column " + name_ + " of table " + to_.table() + " is " + std::string(mapped) + " in the clone, and " +
                 full + " in the source");
        return true;
    }

    /// MariaDB's catalog knows no characters beyond U+FFFF: it shows a question mark.
    void check_members(const column_text& text) {
        const std::string type = text.type_name();
        const bool has_members = type == "enum" || type == "set";
        if (!has_members || to_.source() != dialect::mariadb || described_ == nullptr) return;
        const std::string& charset = described_->charset;
        if (charset != "utf8mb4" && !charset.starts_with("utf16") && charset != "utf32") return;
        const bool is_doubtful = std::any_of(text.type.begin(), text.type.end(), [](const token& t) {
            return t.kind == token_kind::string && t.text.find('?') != std::string::npos;
        });
        if (!is_doubtful) return;
        to_.problem("column " + name_ + " has a member with a question mark, which MariaDB also shows for characters " +
                    "beyond U+FFFF: create the table in the target by hand");
    }

    void check_type(column_text& text) {
        const std::string type = text.type_name();
        struct replaceable {
            std::string_view type;
            std::string_view instead;
        };
        constexpr std::array only_mariadb{replaceable{"uuid", "char(36)"}, replaceable{"inet4", "varchar(15)"},
                                          replaceable{"inet6", "varchar(45)"}, replaceable{"xmltype", "longtext"}};
        constexpr unsigned first_with_vector = 110'700;
        const auto missing = [&](std::string_view instead) {
            to_.problem("column " + name_ + " is " + type + ", which " + to_.product() + " has not: --map-type " +
                        type + "=" + std::string(instead) + " chooses another");
        };
        if (to_.towards(dialect::mysql)) {
            for (const replaceable& r : only_mariadb) {
                if (r.type == type) missing(r.instead);
            }
            return;
        }
        if (type == "vector" && to_.server().version < first_with_vector) missing("blob");
        if (type == "geomcollection") text.type.front().text = "geometrycollection";
        if (type == "json") {
            if (described_ != nullptr) {
                described_->type = "longtext";
                described_->charset = "utf8mb4";
                described_->collation = "utf8mb4_bin";
            }
            to_.note("column " + name_ + " of table " + to_.table() +
                     " is JSON, which MariaDB keeps as text: it arrives as the source's server spells it");
        }
    }

    /// A charset without a collation means the server's default for it, which need not be the source's.
    void state_collation(column_text& text) {
        const column_attribute* charset = text.find("character set");
        const column_attribute* collate = text.find("collate");
        if (charset == nullptr && collate == nullptr) {
            if (described_ != nullptr && !described_->collation.empty()) {
                const std::string mapped(definition_changes::mapped(to_.changes().collations, described_->collation));
                described_->collation = mapped;
            }
            return;
        }
        std::string stated = collate != nullptr ? collate->tokens.back().text : std::string();
        if (described_ != nullptr && !described_->collation.empty()) stated = described_->collation;
        if (stated.empty()) return;
        const std::string mapped = to_.collation(stated, "column " + name_);
        if (described_ != nullptr) described_->collation = mapped;
        text.erase("character set");
        text.erase("collate");
        add_collation(text, mapped);
    }
    static void add_collation(column_text& text, const std::string& collation) {
        column_attribute charset{"character set", words({"CHARACTER", "SET", charset_of(collation)}), {}};
        if (collation != "binary") {
            for (token& t : words({"COLLATE", collation})) charset.tokens.push_back(std::move(t));
        }
        text.attributes.insert(text.attributes.begin(), std::move(charset));
    }

    /// A sequence is no part of the table: the clone would take its numbers from one of the same name, if there is one.
    void check_default(column_text& text) {
        const column_attribute* value = text.find("default");
        if (value == nullptr) return;
        const bool is_literal = value->tokens.size() == 2 && value->tokens[1].kind == token_kind::string;
        if (is_literal && to_.source() == dialect::mariadb && value->tokens[1].text.find('?') != std::string::npos) {
            to_.note("the default of column " + name_ + " of table " + to_.table() +
                     " has a question mark, which MariaDB also shows for characters beyond U+FFFF: compare it");
        }
        const bool is_sequence = std::any_of(value->tokens.begin(), value->tokens.end(),
                                             [](const token& t) { return t.is("nextval") || t.is("lastval"); });
        if (!is_sequence) return;
        to_.without("sequence-defaults", "column " + name_ + " takes its default from a sequence, which is not copied");
        text.erase("default");
    }

    void for_mysql(column_text& text) {
        const std::string type = text.type_name();
        if (column_attribute* value = text.find("default")) wrap_default(*value, type);
        std::erase_if(text.attributes, [&](const column_attribute& a) {
            if (a.key == "compressed") {
                to_.without("column-compression", "column " + name_ + " is COMPRESSED, which MySQL cannot");
            } else if (a.key == "ref_system_id") {
                to_.without("srid", "column " + name_ + " has a REF_SYSTEM_ID, which has no equal in MySQL");
            } else if (a.key == "without system versioning") {
                to_.without("system-versioning", "column " + name_ + " is WITHOUT SYSTEM VERSIONING");
            } else if (!is_common(a.key)) {
                to_.without("column-attributes",
                            "column " + name_ + " has the attribute " + to_text(a.tokens) + ", unknown to MySQL");
            } else {
                return false;
            }
            return true;
        });
    }
    /// MySQL takes expressions in parentheses only, and no literal for what it stores apart from the row.
    static void wrap_default(column_attribute& value, std::string_view type) {
        const token first = value.tokens[1];
        if (first.is("(") || first.is("NULL")) return;
        const bool is_call = value.tokens.back().is(")") || first.is("current_timestamp");
        const bool is_own_moment = first.is("current_timestamp") && (type == "datetime" || type == "timestamp");
        if (is_own_moment || (!is_call && !is_stored_apart(type))) return;
        value.tokens[1].space.clear();
        value.tokens.insert(value.tokens.begin() + 1, {token_kind::symbol, "(", " "});
        value.tokens.push_back({token_kind::symbol, ")", ""});
    }

    void for_mariadb(column_text& text) {
        if (text.find("generated") != nullptr && text.find("not null") != nullptr) {
            to_.without("generated-not-null", "column " + name_ + " is generated and NOT NULL, which MariaDB cannot");
            text.erase("not null");
        }
        std::erase_if(text.attributes, [&](column_attribute& a) {
            if (a.wrapped.empty()) return !is_common(a.key) && leave_out_attribute(a);
            if (a.key == "invisible") {
                a.wrapped.clear();
                return false;
            }
            if (a.key == "srid") {
                to_.without("srid",
                            "column " + name_ + " takes " + to_text(a.tokens) + " only, which MariaDB cannot enforce");
                return true;
            }
            return leave_out_attribute(a);
        });
    }
    bool leave_out_attribute(const column_attribute& a) {
        to_.without("column-attributes",
                    "column " + name_ + " has the attribute " + to_text(a.tokens) + ", unknown to " + to_.product());
        return true;
    }
    static bool is_common(std::string_view key) {
        constexpr std::array<std::string_view, 14> common{
            "character set", "collate", "not null", "null",    "default", "on update", "auto_increment",
            "generated",     "virtual", "stored",   "comment", "check",   "invisible", "persistent"};
        return std::find(common.begin(), common.end(), key) != common.end();
    }

    adaptation& to_;
    table_schema& schema_;
    std::string name_;
    column* described_ = nullptr;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
