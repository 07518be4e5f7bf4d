// SPDX-License-Identifier: BSL-1.0
// One table of the double: its definition, its committed rows in key order, and its unique keys.
#ifndef ROWFERRY_TESTING_FAKE_TABLE_HPP
#define ROWFERRY_TESTING_FAKE_TABLE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/column_type.hpp>
#include <rowferry/testing/sort_key.hpp>
#include <rowferry/testing/stored_row.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// Rows by the sort key of what clusters them: a unique key, or the order of their arrival.
using rows_in_order = std::map<std::string, stored_row>;

/// A unique key besides the clustering one: which row has which key.
struct second_key {
    key definition;
    std::map<std::string, std::string> rows; // the index's sort key -> the row's clustering key
};

/// A CHECK constraint: rows for which it does not hold are refused.
struct check_constraint {
    std::string name = {};
    std::function<bool(const row&)> holds;
};

struct ordered_row {
    std::string sort_key = {};
    std::size_t place; // keeps rows of equal keys as they came
    const stored_row* row;

    bool operator<(const ordered_row& other) const {
        return std::tie(sort_key, place) < std::tie(other.sort_key, other.place);
    }
};

class fake_table {
public:
    /// `keys` and then `unique_indexes` are its unique keys, PRIMARY first if there is one; those that cannot order
    /// pages are enforced all the same, and those over expressions are described only.
    fake_table(table_schema schema, std::vector<column_rules> rules)
        : schema_(std::move(schema)), rules_(std::move(rules)) {
        std::vector<key> given;
        std::swap(given, schema_.keys);
        std::vector<unique_index> others;
        std::swap(others, schema_.unique_indexes);
        schema_.unusable_keys.clear();
        schema_.nullable_keys.clear();
        for (key& k : given) add_key(std::move(k));
        for (unique_index& index : others) {
            if (!has_index(index.name)) add_unique_index(std::move(index));
        }
    }

    [[nodiscard]] const table_schema& schema() const { return schema_; }
    [[nodiscard]] table_schema& schema() { return schema_; }
    [[nodiscard]] const std::vector<column_rules>& rules() const { return rules_; }
    [[nodiscard]] const rows_in_order& rows() const { return rows_; }
    [[nodiscard]] const std::vector<second_key>& unique_indexes() const { return unique_; }
    [[nodiscard]] std::vector<check_constraint>& checks() { return checks_; }
    /// The table as it is now, for somebody who goes on reading it when it has changed.
    [[nodiscard]] fake_table frozen() const {
        fake_table copy(*this);
        copy.ordered_.clear(); // which points at the rows of this one
        copy.ordered_version_ = 0;
        return copy;
    }
    [[nodiscard]] const key* clustering_key() const { return clustering_ ? &*clustering_ : nullptr; }

    /// The schema, with the row count and size of now.
    [[nodiscard]] table_schema describe() const {
        table_schema now = schema_;
        now.estimated_rows = rows_.size();
        now.estimated_bytes = bytes_;
        for (std::size_t i = 0; i < now.columns.size(); ++i) {
            now.columns[i].has_default = rules_[i].has_default || rules_[i].auto_increment;
        }
        return now;
    }

    /// The first constraint that the row breaks; null when it keeps all.
    [[nodiscard]] const check_constraint* broken_check(const stored_row& r) const {
        if (checks_.empty()) return nullptr;
        const row values = r.to_row();
        const auto broken = std::find_if(checks_.begin(), checks_.end(),
                                         [&values](const check_constraint& check) { return !check.holds(values); });
        return broken == checks_.end() ? nullptr : &*broken;
    }

    /// Has a generated column computed by `computes(row)`; without it, it is NULL.
    void compute(std::size_t column, std::function<value(const row&)> computes) {
        rules_[column].computes = std::move(computes);
    }
    /// The row with its generated columns computed.
    [[nodiscard]] stored_row computed(stored_row r) const {
        const auto is_computed = [](const column_rules& rules) { return rules.computes != nullptr; };
        if (std::none_of(rules_.begin(), rules_.end(), is_computed)) return r;
        row values = r.to_row();
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (rules_[i].computes) values[i] = rules_[i].computes(values);
        }
        return {values.size(), [&](std::size_t i) { return as_cell(values[i]); }};
    }

    /// Adds a unique key to an empty table. The first one without a nullable column clusters the rows.
    ///
    /// One of a table whose rows are not its own is described, and not enforced.
    void add_key(key k) {
        note_index(schema_.columns[k.parts.front().column].name);
        if (schema_.rows != row_home::own) {
            add_trouble(k.name, "its engine " + schema_.engine + " does not enforce it");
            return;
        }
        schema_.unique_indexes.push_back({k.name, {}});
        for (const key_part& part : k.parts)
            schema_.unique_indexes.back().parts.push_back({part.column, part.prefix, {}});
        std::string trouble;
        std::string nullable;
        for (const key_part& part : k.parts) {
            const column& c = schema_.columns[part.column];
            if (c.nullable && nullable.empty()) nullable = c.name;
            if (trouble.empty() && !can_be_bound(c.kind)) {
                trouble =
                    "column " + c.name + " is " + c.type.substr(0, c.type.find('(')) + ", which cannot be a page bound";
            }
        }
        if (trouble.empty() && nullable.empty()) {
            schema_.keys.push_back(k);
        } else {
            if (trouble.empty()) schema_.nullable_keys.push_back(k);
            add_trouble(k.name, trouble.empty() ? "column " + nullable + " may be NULL" : trouble);
        }
        if (!nullable.empty() || clustering_) {
            unique_.push_back({std::move(k), {}});
        } else {
            clustering_ = std::move(k);
        }
    }
    /// Adds a unique index to an empty table: a key, or one over expressions, which is described only.
    void add_unique_index(unique_index index) {
        if (std::all_of(index.parts.begin(), index.parts.end(), [](auto& part) { return part.column.has_value(); })) {
            key k{std::move(index.name), {}};
            for (const unique_part& part : index.parts) k.parts.push_back({*part.column, false, part.prefix});
            add_key(std::move(k));
            return;
        }
        add_trouble(index.name, "it is over an expression, which is not a column of the table");
        if (const auto first = index.parts.front().column) note_index(schema_.columns[*first].name);
        schema_.unique_indexes.push_back(std::move(index));
    }
    void note_index(const std::string& column) {
        auto& indexed = schema_.indexed_columns;
        if (std::find(indexed.begin(), indexed.end(), column) == indexed.end()) indexed.push_back(column);
    }
    void rename_key(std::string_view name, const std::string& to) {
        const auto rename = [&](auto& each) {
            if (table_schema::same_name(each.name, name)) each.name = to;
        };
        std::for_each(schema_.keys.begin(), schema_.keys.end(), rename);
        std::for_each(schema_.nullable_keys.begin(), schema_.nullable_keys.end(), rename);
        std::for_each(schema_.unique_indexes.begin(), schema_.unique_indexes.end(), rename);
        if (clustering_) rename(*clustering_);
        for (second_key& other : unique_) rename(other.definition);
    }
    [[nodiscard]] bool has_index(std::string_view name) const {
        auto named = [name](const key& k) { return table_schema::same_name(k.name, name); };
        return (clustering_ && named(*clustering_)) ||
               std::any_of(unique_.begin(), unique_.end(), [&](const second_key& u) { return named(u.definition); });
    }

    /// The sort key of some columns of a row; none when one of them is NULL and `unique`, for NULLs are never equal.
    [[nodiscard]] std::string sort_key(const std::vector<key_part>& parts, const stored_row& r) const {
        std::string text;
        for (const key_part& part : parts) {
            append_sort_key(text, rules_[part.column].order, part, r[part.column]);
        }
        return text;
    }
    [[nodiscard]] std::optional<std::string> unique_key(const second_key& index, const stored_row& r) const {
        for (const key_part& part : index.definition.parts) {
            if (r[part.column].is_null()) return std::nullopt;
        }
        return sort_key(index.definition.parts, r);
    }
    /// The clustering key of a row that is to be added.
    [[nodiscard]] std::string place_of(const stored_row& r) {
        if (clustering_) return sort_key(clustering_->parts, r);
        std::string text;
        append_number(text, std::to_string(++arrivals_));
        return text;
    }

    [[nodiscard]] std::uint64_t last_number() const { return last_number_; }
    /// The next automatic number; the numbers of rows that were written are taken note of, and never given again.
    [[nodiscard]] std::string next_number() { return std::to_string(++last_number_); }
    void note_number(std::string_view text) {
        std::uint64_t number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec == std::errc{}) last_number_ = std::max(last_number_, number);
    }

    /// Whether a row may come now, where the schema says in which order rows have to come.
    [[nodiscard]] bool takes_in_order(const stored_row& fresh) const {
        if (!schema_.grows) return true;
        const std::uint64_t number = growth_of(fresh);
        const std::uint64_t most = schema_.grows->most_step;
        return number > grown_ && (most == 0 || number - grown_ <= most);
    }

    /// Makes changes permanent: each row of `changed` replaces the one in its place, and a deleted one removes it.
    void apply(rows_in_order& changed) {
        if (changed.empty()) return;
        ++version_;
        for (const auto& [place, fresh] : changed) {
            if (schema_.grows && !fresh.is_deleted()) grown_ = std::max(grown_, growth_of(fresh));
        }
        for (second_key& index : unique_) {
            for (const auto& [place, fresh] : changed) {
                const auto old = rows_.find(place);
                if (old == rows_.end()) continue;
                if (auto k = unique_key(index, old->second)) index.rows.erase(*k);
            }
            for (const auto& [place, fresh] : changed) {
                if (fresh.is_deleted()) continue;
                if (auto k = unique_key(index, fresh)) index.rows.insert_or_assign(std::move(*k), place);
            }
        }
        while (!changed.empty()) {
            auto node = changed.extract(changed.begin());
            if (rows_.empty() || rows_.rbegin()->first < node.key()) {
                if (node.mapped().is_deleted()) continue;
                bytes_ += node.mapped().bytes();
                rows_.insert(rows_.end(), std::move(node));
                continue;
            }
            const auto at = rows_.lower_bound(node.key());
            const bool exists = at != rows_.end() && at->first == node.key();
            if (exists) bytes_ -= at->second.bytes();
            if (node.mapped().is_deleted()) {
                if (exists) rows_.erase(at);
                continue;
            }
            bytes_ += node.mapped().bytes();
            if (exists) {
                at->second = std::move(node.mapped());
            } else {
                rows_.insert(at, std::move(node));
            }
        }
    }
    /// Becomes the table of another definition: `convert(row)` gives each row under it.
    template <class Convert>
    void redefine(table_schema schema, std::vector<column_rules> rules, Convert convert) {
        schema.keys.clear();
        std::vector<key> keys;
        for (const unique_index& index : schema_.unique_indexes) keys.push_back(key_named(index.name));
        schema.unique_indexes.clear();
        for (key& k : keys) {
            for (key_part& part : k.parts) part.column = schema.find(schema_.columns[part.column].name).value();
        }
        schema.keys = std::move(keys);
        fake_table fresh(std::move(schema), std::move(rules));
        fresh.last_number_ = last_number_;
        fresh.grown_ = grown_;
        fresh.version_ = version_ + 1;
        rows_in_order converted;
        for (const auto& [place, r] : rows_) {
            stored_row moved = convert(r);
            std::string key = clustering_ ? fresh.place_of(moved) : place;
            converted.emplace(std::move(key), std::move(moved));
        }
        fresh.arrivals_ = arrivals_;
        fresh.apply(converted);
        *this = std::move(fresh);
    }
    /// As OPTIMIZE TABLE: the same rows in another place.
    void rebuild() {
        storage_ = next_storage();
        created_ = storage_;
    }
    /// What holds the rows, and when that was made with the definition.
    [[nodiscard]] std::uint64_t storage() const { return storage_; }
    [[nodiscard]] std::uint64_t created() const { return created_; }
    void clear() {
        storage_ = next_storage();
        ++version_;
        rows_.clear();
        bytes_ = 0;
        last_number_ = 0;
        grown_ = 0;
        for (second_key& index : unique_) index.rows.clear();
    }

    /// The committed rows in another order than the clustering one; kept until the table changes.
    [[nodiscard]] const std::vector<ordered_row>& in_order(const std::vector<key_part>& order) {
        std::string wanted;
        for (const key_part& part : order)
            wanted += std::to_string(part.column) + (part.descending ? "d" : "a") + std::to_string(part.prefix);
        if (ordered_version_ != version_ || ordered_by_ != wanted) {
            ordered_.clear();
            ordered_.reserve(rows_.size());
            for (const auto& [place, r] : rows_) {
                ordered_.push_back({order.empty() ? place : sort_key(order, r), ordered_.size(), &r});
            }
            std::sort(ordered_.begin(), ordered_.end());
            ordered_by_ = std::move(wanted);
            ordered_version_ = version_;
        }
        return ordered_;
    }

private:
    [[nodiscard]] std::uint64_t growth_of(const stored_row& r) const {
        const std::string_view digits = r[schema_.grows->column].bytes();
        std::uint64_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return number;
    }

    static std::uint64_t next_storage() {
        static std::atomic<std::uint64_t> count{0};
        return ++count;
    }
    [[nodiscard]] key key_named(const std::string& name) const {
        if (clustering_ && clustering_->name == name) return *clustering_;
        for (const second_key& u : unique_) {
            if (u.definition.name == name) return u.definition;
        }
        throw copy_error(refusal("a table with an index over prefixes or expressions cannot be altered in the double"));
    }
    void add_trouble(const std::string& name, const std::string& trouble) {
        if (!schema_.unusable_keys.empty()) schema_.unusable_keys += "; ";
        schema_.unusable_keys += "key " + name + " cannot order pages: " + trouble;
    }

    table_schema schema_ = {};
    std::vector<column_rules> rules_;
    std::optional<key> clustering_;
    rows_in_order rows_;
    std::vector<second_key> unique_;
    std::vector<check_constraint> checks_;
    std::uint64_t bytes_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint64_t last_number_ = 0;
    std::uint64_t grown_ = 0; // where rows have to grow
    std::uint64_t version_ = 1;
    std::uint64_t storage_ = next_storage();
    std::uint64_t created_ = storage_;
    std::vector<ordered_row> ordered_;
    std::string ordered_by_;
    std::uint64_t ordered_version_ = 0;
};

/// The error of a server's own, as a client reports it.
inline error server_error(unsigned code, std::string_view sqlstate, std::string text) {
    error e;
    e.fault = classify(code);
    e.code = code;
    e.cause = cause_of(code);
    e.sqlstate = sqlstate;
    e.server_message = std::move(text);
    return e;
}

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
