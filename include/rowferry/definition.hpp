// SPDX-License-Identifier: BSL-1.0
// A table's definition on its way from one server to another: what the source gives, what may be changed, what is made.
#ifndef ROWFERRY_DEFINITION_HPP
#define ROWFERRY_DEFINITION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// A table's definition, as its own server gives it.
struct table_definition {
    sql::dialect dialect = sql::dialect::mariadb; ///< whose SQL the statement is
    std::string statement = {};                   ///< SHOW CREATE TABLE's, UTF-8
    std::string collation = {};                   ///< the table's own, for columns that name none
    table_schema schema = {};                     ///< the same table, described
};

/// One name or type of the source, and what stands for it in the target.
struct replacement {
    std::string from = {};
    std::string to = {};
    friend bool operator==(const replacement&, const replacement&) = default;
};

/// What may be left out, where the target's product has no equal or a clone must not follow the source (to its directories,
/// tablespaces and connections): the names that `definition_changes::leave_out` takes.
inline constexpr std::array<std::string_view, 23> optional_features{"auto-increment",
                                                                    "column-attributes",
                                                                    "column-compression",
                                                                    "connection",
                                                                    "directories",
                                                                    "encryption",
                                                                    "engine-attributes",
                                                                    "fulltext-parser",
                                                                    "functional-keys",
                                                                    "generated-keys",
                                                                    "generated-not-null",
                                                                    "invisible-columns",
                                                                    "long-unique-keys",
                                                                    "not-enforced-checks",
                                                                    "partitions",
                                                                    "periods",
                                                                    "row-format",
                                                                    "sequence-defaults",
                                                                    "srid",
                                                                    "system-versioning",
                                                                    "table-compression",
                                                                    "table-options",
                                                                    "tablespaces"};

/// What a clone may have otherwise than the source: only what is named here. Names compare without regard to ASCII case.
struct definition_changes {
    std::vector<replacement> collations = {}; ///< each within one charset
    std::vector<replacement> types = {};      ///< from a type's name, as "uuid", or a full type, as "vector(3)"
    std::vector<replacement> engines = {};
    std::vector<std::string> leave_out = {}; ///< of `optional_features`

    /// What stands for `name`; `name` itself when nothing does.
    [[nodiscard]] static std::string_view mapped(const std::vector<replacement>& all, std::string_view name) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const auto& r) { return table_schema::same_name(r.from, name); });
        return found == all.end() ? name : std::string_view(found->to);
    }
    [[nodiscard]] bool leaves_out(std::string_view feature) const {
        return std::find(leave_out.begin(), leave_out.end(), feature) != leave_out.end();
    }

    [[nodiscard]] bool empty() const {
        return collations.empty() && types.empty() && engines.empty() && leave_out.empty();
    }
    /// Adds the changes of another list, each once.
    void add(const definition_changes& more) {
        const auto add_to = [](auto& all, const auto& others) {
            for (const auto& each : others) {
                if (std::find(all.begin(), all.end(), each) == all.end()) all.push_back(each);
            }
        };
        add_to(collations, more.collations);
        add_to(types, more.types);
        add_to(engines, more.engines);
        add_to(leave_out, more.leave_out);
    }
    /// What is left without the changes of another list: those that no definition needed, where `used` is what some did.
    [[nodiscard]] definition_changes without(const definition_changes& used) const {
        definition_changes left = *this;
        const auto take_out = [](auto& all, const auto& others) {
            std::erase_if(
                all, [&](const auto& each) { return std::find(others.begin(), others.end(), each) != others.end(); });
        };
        take_out(left.collations, used.collations);
        take_out(left.types, used.types);
        take_out(left.engines, used.engines);
        take_out(left.leave_out, used.leave_out);
        return left;
    }
};

/// A table that is to be made, in the words of its own server.
struct new_table {
    std::string statement = {};            ///< CREATE TABLE, UTF-8
    table_schema schema = {};              ///< what `describe` will most likely say of it
    std::vector<std::string> notices = {}; ///< what it will have otherwise than the source
    definition_changes used = {}; ///< those of the allowed changes that the source's definition had a place for
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
