// SPDX-License-Identifier: BSL-1.0
// What all parts of rewriting a definition share: both ends, the changes that are allowed, and what stands in the way.
#ifndef ROWFERRY_SQL_ADAPTATION_HPP
#define ROWFERRY_SQL_ADAPTATION_HPP

#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/definition_column.hpp>
#include <rowferry/sql/definition_text.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace sql {

/// What a server can hold, as far as definitions ask for it.
struct server_abilities {
    sql::dialect dialect = sql::dialect::mariadb;
    unsigned version = 0;                ///< as in a version comment: 101106 is 10.11.6
    std::vector<std::string> collations; ///< full names, as "utf8mb4_general_ci"
    std::vector<std::string> engines;    ///< those that are switched on
    std::vector<std::string> transactional_engines;
};

/// "10.11.6-MariaDB" -> 101106; 0 when it is no version.
inline unsigned version_number(std::string_view text) {
    unsigned parts[3]{};
    std::size_t part = 0;
    for (char c : text) {
        if (c >= '0' && c <= '9') {
            parts[part] = parts[part] * 10 + static_cast<unsigned>(c - '0');
        } else if (c != '.' || ++part == 3) {
            break;
        }
    }
    return parts[0] * 10'000 + parts[1] * 100 + parts[2];
}

/// "utf8mb4_general_ci" -> "utf8mb4".
inline std::string charset_of(std::string_view collation) {
    return std::string(collation.substr(0, collation.find('_')));
}

namespace detail {

/// Functions that one product has and the other has not, or has with another meaning.
inline constexpr std::array<std::string_view, 22> mysql_functions{"uuid_to_bin",
                                                                  "bin_to_uuid",
                                                                  "is_uuid",
                                                                  "regexp_like",
                                                                  "json_storage_size",
                                                                  "json_storage_free",
                                                                  "json_schema_validation_report",
                                                                  "st_latitude",
                                                                  "st_longitude",
                                                                  "st_transform",
                                                                  "st_swapxy",
                                                                  "st_hausdorffdistance",
                                                                  "st_frechetdistance",
                                                                  "to_vector",
                                                                  "string_to_vector",
                                                                  "from_vector",
                                                                  "vector_to_string",
                                                                  "vector_dim",
                                                                  "distance",
                                                                  "any_value",
                                                                  "statement_digest",
                                                                  "json_merge"};
inline constexpr std::array<std::string_view, 21> mariadb_functions{
    "to_char",       "add_months",  "natural_sort_key", "sys_guid",     "chr",
    "nvl",           "nvl2",        "json_detailed",    "json_compact", "json_loose",
    "json_exists",   "json_query",  "json_normalize",   "json_equals",  "column_get",
    "column_create", "column_json", "sformat",          "crc32c",       "decode_oracle",
    "encode"};

/// The collation of the other product that comes closest; empty when there is none to name. Blanks at the end count in
/// those of MySQL: where they did not, a unique key could refuse rows.
inline std::string_view closest_collation(std::string_view collation) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> pairs{
        {{"utf8mb4_0900_ai_ci", "utf8mb4_uca1400_nopad_ai_ci"},
         {"utf8mb4_0900_as_ci", "utf8mb4_uca1400_nopad_as_ci"},
         {"utf8mb4_0900_as_cs", "utf8mb4_uca1400_nopad_as_cs"},
         {"utf8mb4_0900_bin", "utf8mb4_nopad_bin"},
         {"utf8mb4_uca1400_ai_ci", "utf8mb4_0900_ai_ci"},
         {"utf8mb4_uca1400_nopad_ai_ci", "utf8mb4_0900_ai_ci"},
         {"utf8mb4_uca1400_as_ci", "utf8mb4_0900_as_ci"},
         {"utf8mb4_uca1400_nopad_as_ci", "utf8mb4_0900_as_ci"},
         {"utf8mb4_uca1400_as_cs", "utf8mb4_0900_as_cs"},
         {"utf8mb4_uca1400_nopad_as_cs", "utf8mb4_0900_as_cs"},
         {"utf8mb4_nopad_bin", "utf8mb4_0900_bin"}}};
    for (const auto& [from, to] : pairs) {
        if (from == collation) return to;
    }
    return {};
}

/// One rewriting under way.
class adaptation {
public:
    adaptation(const table_definition& from, const definition_changes& changes, const server_abilities& server)
        : from_(from), changes_(changes), server_(server) {}

    [[nodiscard]] const std::string& table() const { return from_.schema.name; }
    [[nodiscard]] const definition_changes& changes() const { return changes_; }
    [[nodiscard]] const server_abilities& server() const { return server_; }
    /// Whether the products differ.
    [[nodiscard]] bool crosses() const { return from_.dialect != server_.dialect; }
    /// Whether the products differ, and the target's is this one.
    [[nodiscard]] bool towards(sql::dialect d) const { return crosses() && server_.dialect == d; }
    [[nodiscard]] std::string product() const { return server_.dialect == sql::dialect::mariadb ? "MariaDB" : "MySQL"; }

    void note(std::string notice) { notices_.push_back(std::move(notice)); }
    /// Something that stands in the way, with what to do; said once only.
    void problem(const std::string& sentence) {
        if (std::find(problems_.begin(), problems_.end(), sentence) == problems_.end()) problems_.push_back(sentence);
    }
    /// Something without an equal in the target: left out and said so, if that is allowed; else a problem.
    void without(std::string_view feature, const std::string& sentence) {
        if (changes_.leaves_out(feature)) {
            note("table " + table() + ": " + sentence + ": left out");
        } else {
            problem(sentence + ": --leave-out " + std::string(feature) + " clones the table without it");
        }
    }

    /// What stands for a collation in the target, which has to know it.
    std::string collation(std::string_view name, const std::string& whose) {
        const std::string mapped(definition_changes::mapped(changes_.collations, name));
        if (mapped.empty() || knows(server_.collations, mapped)) return mapped;
        if (mapped != name) {
            problem("the target does not know the collation " + mapped + ", which --map-collation names");
            return mapped;
        }
        std::string_view instead = closest_collation(name);
        if (instead.empty() || !knows(server_.collations, instead)) {
            instead = name.starts_with("utf8mb4_") ? "utf8mb4_unicode_520_ci" : "COLLATION";
        }
        problem(whose + " has the collation " + mapped + ", which the target does not know: --map-collation " + mapped +
                "=" + std::string(instead) + " chooses another, by which some values may compare otherwise");
        return mapped;
    }

    /// What stands for an engine in the target, which has to have it.
    std::string engine(const std::string& name) {
        const std::string mapped(definition_changes::mapped(changes_.engines, name));
        if (!mapped.empty() && !knows(server_.engines, mapped)) {
            problem(mapped == name ? "the target does not have the engine " + mapped + ": --map-engine " + mapped +
                                         "=InnoDB chooses another"
                                   : "the target does not have the engine " + mapped + ", which --map-engine names");
        }
        return mapped;
    }

    [[nodiscard]] bool has_engine(std::string_view name) const { return knows(server_.engines, name); }

    /// Refuses functions that the target lacks, in an expression.
    void check_functions(const token_list& tokens, const std::string& whose) {
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (tokens[i].kind != token_kind::word || !tokens[i + 1].is("(")) continue;
            const std::string name = lower(tokens[i].text);
            const auto among = [&](const auto& names) {
                return std::find(names.begin(), names.end(), name) != names.end();
            };
            const bool is_missing =
                server_.dialect == sql::dialect::mariadb ? among(mysql_functions) : among(mariadb_functions);
            if (is_missing) {
                problem(whose + " calls " + name + "(), which " + product() +
                        " has not, or not as the source: create the table in the target first");
            }
        }
    }

    /// Makes the strings of expressions mean the same. MariaDB respells what follows an introducer when it is not ASCII,
    /// and then stores something else (seen: 10.11); the session's own charset needs none. A server shows strings of
    /// other charsets as UTF-8 behind their introducer, which cannot be read back.
    void settle_strings(token_list& tokens, const std::string& whose) {
        for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
            if (tokens[i].kind != token_kind::word || !tokens[i].text.starts_with('_')) continue;
            if (tokens[i + 1].kind != token_kind::string) continue;
            if (tokens[i].text.starts_with("_utf8")) {
                if (!towards(sql::dialect::mariadb)) continue;
                tokens[i + 1].space = tokens[i].space;
                tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i));
            } else if (std::any_of(tokens[i + 1].text.begin(), tokens[i + 1].text.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
                problem(whose + " holds a string of the charset " + tokens[i].text.substr(1) +
                        " that is not ASCII, which no server shows exactly: create the table in the target first");
            }
        }
    }

    void leave_out_column(std::string name) { left_out_columns_.push_back(std::move(name)); }
    [[nodiscard]] bool leaves_out_column(std::string_view name) const { return knows(left_out_columns_, name); }
    [[nodiscard]] sql::dialect source() const { return from_.dialect; }

    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
    [[nodiscard]] result<void> verdict() const {
        if (problems_.empty()) return {};
        std::string all;
        for (const std::string& each : problems_) all += (all.empty() ? "" : "; ") + each;
        return refusal("table " + table() + " cannot be created in the target as it is: " + all);
    }

private:
    static bool knows(const std::vector<std::string>& names, std::string_view name) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& each) { return table_schema::same_name(each, name); });
    }

    const table_definition& from_;
    const definition_changes& changes_;
    const server_abilities& server_;
    std::vector<std::string> problems_;
    std::vector<std::string> left_out_columns_;
    std::vector<std::string> notices_;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif
