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
};

/// What may be left out, where the target's product has no equal or a clone must not follow the source (to its directories,
/// tablespaces and connections): the names that `definition_changes::leave_out` takes.
inline constexpr std::array<std::string_view, 18> optional_features{"column-attributes",   "column-compression",
                                                                    "connection",          "directories",
                                                                    "encryption",          "engine-attributes",
                                                                    "fulltext-parser",     "functional-keys",
                                                                    "generated-not-null",  "long-unique-keys",
                                                                    "not-enforced-checks", "periods",
                                                                    "sequence-defaults",   "srid",
                                                                    "system-versioning",   "table-compression",
                                                                    "table-options",       "tablespaces"};

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
};

/// A table that is to be made, in the words of its own server.
struct new_table {
    std::string statement = {};            ///< CREATE TABLE, UTF-8
    table_schema schema = {};              ///< what `describe` will most likely say of it
    std::vector<std::string> notices = {}; ///< what it will have otherwise than the source
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
