// SPDX-License-Identifier: BSL-1.0
// What tests say about the tables of a fake database: CREATE, ALTER and DROP TABLE, constraints, and filters.
#ifndef ROWFERRY_TESTING_TABLE_DEFINITIONS_HPP
#define ROWFERRY_TESTING_TABLE_DEFINITIONS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/fault.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/testing/column_type.hpp>
#include <rowferry/testing/fake_server.hpp>
#include <rowferry/testing/stored_row.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// The part of `fake_database` that defines tables.
class table_definitions {
public:
    /// Creates a table. Type text is as in CREATE TABLE (see `column_definition`); key columns are NOT NULL, and may be
    /// prefixes, as "note(4)", and followed by " desc". Without a primary key rows keep the order of their arrival.
    void create_table(std::string_view name, const std::vector<column_definition>& columns,
                      const std::vector<std::string>& primary_key = {}) {
        table_schema schema;
        schema.name = name;
        schema.engine = "InnoDB";
        std::vector<column_rules> rules;
        for (const column_definition& definition : columns) {
            parsed_column parsed = parse_column(definition);
            schema.columns.push_back(std::move(parsed.schema));
            rules.push_back(std::move(parsed.rules));
        }
        if (!primary_key.empty()) {
            schema.keys.push_back({"PRIMARY", parts_of(schema, primary_key)});
            for (const key_part& part : schema.keys.front().parts) {
                schema.columns[part.column].nullable = false;
                if (!rules[part.column].default_value) rules[part.column].has_default = false;
            }
        }
        add(std::move(schema), std::move(rules));
    }
    /// Creates a table with full control. `keys` and `unique_indexes` are its unique keys, PRIMARY first; those that
    /// cannot order pages are enforced, and described as unusable; those over an expression are described, and not
    /// enforced.
    void create_table(table_schema schema) {
        std::vector<column_rules> rules;
        for (const column& c : schema.columns) rules.push_back(rules_of(c));
        add(std::move(schema), std::move(rules));
    }
    /// Adds a unique key to an empty table.
    void add_unique_key(std::string_view table, std::string key_name, const std::vector<std::string>& columns) {
        const auto guard = schema_->lock();
        fake_table& t = existing(*schema_, table);
        if (!t.rows().empty()) throw copy_error(refusal("a unique key is added before the first row"));
        t.add_key({std::move(key_name), parts_of(t.schema(), columns)});
    }
    /// ALTER TABLE … RENAME KEY: statements that name it as it was before are refused with 1176.
    void rename_key(std::string_view table, std::string_view key_name, const std::string& to) {
        const auto guard = schema_->lock();
        existing(*schema_, table).rename_key(key_name, to);
    }
    /// Adds a CHECK constraint: rows for which `holds(row)` is false are refused with 4025, by every write mode.
    void add_check(std::string_view table, std::string check_name, std::function<bool(const row&)> holds) {
        const auto guard = schema_->lock();
        existing(*schema_, table).checks().push_back({std::move(check_name), std::move(holds)});
    }
    void drop_checks(std::string_view table) {
        const auto guard = schema_->lock();
        existing(*schema_, table).checks().clear();
    }
    /// Has a generated column of an empty table computed by `computes(row)` from the row's other values; else it is NULL.
    void compute(std::string_view table, std::string_view column, std::function<value(const row&)> computes) {
        const auto guard = schema_->lock();
        fake_table& t = existing(*schema_, table);
        t.compute(t.schema().find(column).value(), std::move(computes));
    }
    /// Says that an index starts with this column, for `table_schema::indexed_columns`.
    void add_index(std::string_view table, const std::string& column) {
        const auto guard = schema_->lock();
        existing(*schema_, table).note_index(column);
    }
    void drop_table(std::string_view table) {
        const auto guard = schema_->lock();
        (void)existing(*schema_, table);
        schema_->tables.erase(schema_->tables.find(table));
    }
    /// RENAME TABLE, to a name that is free.
    void rename_table(std::string_view table, const std::string& name) {
        const auto guard = schema_->lock();
        (void)existing(*schema_, table);
        auto node = schema_->tables.extract(schema_->tables.find(table));
        node.key() = name;
        node.mapped()->schema().name = name;
        schema_->tables.insert(std::move(node));
    }
    /// TRUNCATE TABLE.
    void truncate_table(std::string_view table) {
        const auto guard = schema_->lock();
        schema_->alter(std::string(table), [t = &existing(*schema_, table)] { t->clear(); });
    }
    /// OPTIMIZE TABLE: the same rows in another place.
    void rebuild_table(std::string_view table) {
        const auto guard = schema_->lock();
        schema_->alter(std::string(table), [t = &existing(*schema_, table)] { t->rebuild(); });
    }
    /// A table without transactions, as of the engine MyISAM: writes stay, whatever becomes of the transaction.
    void set_transactional(std::string_view table, bool transactional) {
        const auto guard = schema_->lock();
        fake_table& t = existing(*schema_, table);
        t.schema().transactional = transactional;
        t.schema().engine = transactional ? "InnoDB" : "MyISAM";
    }
    /// Makes it a view, as far as `describe` and `tables` tell.
    void set_view(std::string_view table) {
        const auto guard = schema_->lock();
        existing(*schema_, table).schema().is_base_table = false;
        existing(*schema_, table).schema().kind_name = "a view";
    }
    /// Says that the table has a trigger, as far as `describe` tells; `event` is "INSERT", "UPDATE" or "DELETE".
    void add_trigger(std::string_view table, std::string trigger_name, std::string event) {
        const auto guard = schema_->lock();
        existing(*schema_, table).schema().triggers.push_back({std::move(trigger_name), std::move(event)});
    }
    /// ALTER TABLE … ADD COLUMN at the end: rows that are there get its default. Like all that alters a table, it waits
    /// for the open transactions that have written to it, and takes effect when the last of them has ended.
    void add_column(std::string_view table, const column_definition& definition) {
        alter(table, [definition](table_schema& schema, std::vector<column_rules>& rules) {
            parsed_column parsed = parse_column(definition);
            schema.columns.push_back(std::move(parsed.schema));
            rules.push_back(std::move(parsed.rules));
        });
    }
    /// ALTER TABLE … DROP COLUMN; of one that is in no key.
    void drop_column(std::string_view table, const std::string& name) {
        alter(table, [name](table_schema& schema, std::vector<column_rules>& rules) {
            const auto at = static_cast<std::ptrdiff_t>(schema.find(name).value());
            schema.columns.erase(schema.columns.begin() + at);
            rules.erase(rules.begin() + at);
        });
    }
    /// ALTER TABLE … MODIFY COLUMN: values stay as they are.
    void modify_column(std::string_view table, const column_definition& definition) {
        alter(table, [definition](table_schema& schema, std::vector<column_rules>& rules) {
            const std::size_t at = schema.find(definition.name).value();
            parsed_column parsed = parse_column(definition);
            schema.columns[at] = std::move(parsed.schema);
            rules[at] = std::move(parsed.rules);
        });
    }
    /// Refuses rows that are not greater in this column of unsigned numbers than all that were committed before, or that exceed
    /// them by more than `most_step` (0 is any step), with 182: as a full-text index may.
    void set_growing(std::string_view table, const std::string& column, std::uint64_t most_step = 0) {
        const auto guard = schema_->lock();
        table_schema& schema = existing(*schema_, table).schema();
        schema.grows = growing_column{schema.find(column).value(), most_step, "ft"};
    }
    /// Says that the table keeps its former rows, as far as `describe` tells.
    void set_system_versioned(std::string_view table) {
        const auto guard = schema_->lock();
        existing(*schema_, table).schema().system_versioned = true;
    }

    /// Says what a filter's text (`copy_request::where`) means for the rows of a table, each given with all its columns;
    /// any other text is a syntax error (1064). The double does not read SQL.
    void define_filter(std::string_view table, std::string_view text, row_filter holds) {
        const auto guard = schema_->lock();
        (void)existing(*schema_, table);
        schema_->filters.insert_or_assign({std::string(table), std::string(text)}, std::move(holds));
    }

protected:
    explicit table_definitions(std::shared_ptr<fake_schema> schema) : schema_(std::move(schema)) {}

private:
    static std::vector<key_part> parts_of(const table_schema& schema, const std::vector<std::string>& columns) {
        std::vector<key_part> parts;
        for (const std::string& text : columns) {
            const std::vector<std::string> words = words_of(text);
            const std::string word = words.empty() ? std::string() : words[0];
            const std::size_t open = std::min(word.find('('), word.size());
            const auto found = schema.find(word.substr(0, open));
            if (!found) throw copy_error(refusal("table " + schema.name + " has no column " + text + " for a key"));
            std::uint64_t prefix = 0;
            if (open < word.size()) std::from_chars(word.data() + open + 1, word.data() + word.size(), prefix);
            parts.push_back({*found, words.size() > 1 && words[1] == "desc", prefix});
        }
        return parts;
    }

    void add(table_schema schema, std::vector<column_rules> rules) {
        const auto guard = schema_->lock();
        if (schema_->find(schema.name) != nullptr) {
            throw copy_error(server_error(1050, "42S01", "Table '" + schema.name + "' already exists"));
        }
        std::string name = schema.name;
        schema_->tables.emplace(std::move(name), std::make_unique<fake_table>(std::move(schema), std::move(rules)));
    }
    /// `redefine(schema, rules)` changes the table's columns; the rows keep what they have in those that stay.
    template <class Redefine>
    void alter(std::string_view table, Redefine redefine) {
        const auto guard = schema_->lock();
        (void)existing(*schema_, table);
        schema_->alter(std::string(table), [this_schema = schema_.get(), name = std::string(table), redefine] {
            fake_table* t = this_schema->find(name);
            if (t == nullptr) return;
            const table_schema was = t->schema();
            table_schema schema = was;
            std::vector<column_rules> rules = t->rules();
            redefine(schema, rules);
            const std::vector<column> columns = schema.columns;
            std::vector<value> defaults;
            for (const column_rules& r : rules) defaults.push_back(r.default_value);
            t->redefine(std::move(schema), std::move(rules), [&](const stored_row& r) {
                return stored_row(columns.size(), [&](std::size_t i) {
                    const auto from = was.find(columns[i].name);
                    return from ? r[*from] : as_cell(defaults[i]);
                });
            });
        });
    }

    std::shared_ptr<fake_schema> schema_;
};

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
