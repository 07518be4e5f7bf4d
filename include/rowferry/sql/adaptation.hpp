// SPDX-License-Identifier: BSL-1.0
// What all parts of rewriting a definition share: both ends, the changes that are allowed, and what stands in the way.
#ifndef ROWFERRY_SQL_ADAPTATION_HPP
#define ROWFERRY_SQL_ADAPTATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/definition.hpp>
#include <rowferry/result.hpp>
#include <rowferry/sql/engines.hpp>
#include <rowferry/sql/grammar/cursor.hpp>
#include <rowferry/sql/grammar/definition.hpp>
#include <rowferry/sql/text.hpp>
#include <rowferry/table.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
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
    unsigned version = 0;                     ///< as in a version comment: 101106 is 10.11.6
    std::vector<std::string> collations = {}; ///< full names, as "utf8mb4_general_ci"
    std::vector<std::string> engines = {};    ///< those that are switched on
    std::vector<std::string> transactional_engines = {};
    /// Names of CHECKs, where no two tables of a database may have the same
    std::vector<std::string> taken_checks = {};
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
    /// Something that stands in the way, with what helps; said once only.
    void problem(const std::string& sentence, remedy helps) {
        constexpr std::size_t most = 1000; // of a hostile definition
        if (problems_.size() == most || !said_.insert(sentence).second) return;
        problems_.push_back(sentence);
        if (std::find(remedies_.begin(), remedies_.end(), helps) == remedies_.end()) {
            remedies_.push_back(std::move(helps));
        }
    }
    /// Something that no change helps with.
    void problem(const std::string& sentence) { problem(sentence, remedy{remedy::create_by_hand}); }
    /// Something without an equal in the target: left out and said so, if that is allowed; else a problem.
    /// `instead` says what becomes of it.
    void without(std::string_view feature, const std::string& sentence, std::string_view instead = "left out") {
        if (changes_.leaves_out(feature)) {
            used_.add({.leave_out = {std::string(feature)}});
            note("table " + grammar::shortened(table()) + ": " + sentence + ": " + std::string(instead));
        } else {
            problem(sentence, remedy{remedy::leave_out, {}, std::string(feature)});
        }
    }

    /// The replacement that the user chose for a name in this list of the changes; none when there is none.
    const replacement* chosen(std::vector<replacement> definition_changes::*list, std::string_view name) {
        for (const replacement& each : changes_.*list) {
            if (!table_schema::same_name(each.from, name)) continue;
            definition_changes found;
            (found.*list).push_back(each);
            used_.add(found);
            return &each;
        }
        return nullptr;
    }
    /// What stands for a name in the target: its replacement, or the name itself.
    std::string mapped(std::vector<replacement> definition_changes::*list, std::string_view name) {
        const replacement* found = chosen(list, name);
        return found == nullptr ? std::string(name) : found->to;
    }
    /// Those of the changes that the definition had a place for.
    [[nodiscard]] const definition_changes& used() const { return used_; }

    /// What stands for a collation in the target, which has to know it.
    std::string collation(std::string_view name, const std::string& whose) {
        const std::string mapped = lower(this->mapped(&definition_changes::collations, name));
        if (mapped.empty() || mapped == "binary" || knows(server_.collations, mapped)) return mapped;
        const std::string from(name);
        if (mapped != name) {
            problem("the target does not know the collation " + grammar::shortened(mapped) + ", to which " +
                        grammar::shortened(from) + " is mapped",
                    remedy{remedy::map_collation, from, {}});
            return mapped;
        }
        const std::string charset = charset_of(name);
        if (!knows_charset(charset)) {
            problem(whose + " has the charset " + grammar::shortened(charset) +
                        ", which the target does not know; values are copied without conversion",
                    remedy{remedy::alter_source, whose, "a charset that the target knows"});
            return mapped;
        }
        std::string_view instead = closest_collation(name);
        if (instead.empty() || !knows(server_.collations, instead)) {
            instead = name.starts_with("utf8mb4_") ? "utf8mb4_unicode_520_ci" : "";
        }
        problem(whose + " has the collation " + grammar::shortened(mapped) +
                    ", which the target does not know; by another one, some values may compare differently",
                remedy{remedy::map_collation, from, std::string(instead)});
        return mapped;
    }

    /// What stands for an engine in the target, which has to have it. Its tables have to hold the rows.
    std::string engine(const std::string& name) {
        std::string mapped = this->mapped(&definition_changes::engines, name);
        if (mapped.empty()) return mapped;
        if (!keeps_rows(mapped)) {
            problem("the engine " + grammar::shortened(mapped) +
                        (mapped == name ? "" : ", to which " + grammar::shortened(name) + " is mapped,") +
                        " is not one that is known to keep the table's rows itself",
                    remedy{remedy::map_engine, name, "InnoDB"});
        } else if (!knows(server_.engines, mapped)) {
            const bool is_own = mapped == name;
            problem("the target lacks the engine " + grammar::shortened(mapped) +
                        (is_own ? "" : ", to which " + grammar::shortened(name) + " is mapped"),
                    remedy{remedy::map_engine, name, is_own ? "InnoDB" : ""});
        }
        return mapped;
    }
    /// Whether tables of this engine are known to keep their rows themselves.
    [[nodiscard]] static bool keeps_rows(std::string_view name) { return can_clone_engine(name); }

    /// Whether MySQL has partitions in tables of this engine: those that bring their own.
    [[nodiscard]] static bool partitions_in_mysql(std::string_view name) {
        return table_schema::same_name(name, "InnoDB") || table_schema::same_name(name, "ndbcluster") ||
               table_schema::same_name(name, "NDB");
    }
    [[nodiscard]] bool has_engine(std::string_view name) const { return knows(server_.engines, name); }

    /// Makes an expression one of the target, or says why it cannot be.
    void settle(const std::string& whose, grammar::expression& e) {
        using kind = grammar::part_kind;
        settle_strings(whose, e);
        for (grammar::part& p : e) {
            if (p.kind == kind::collation) p.text = collation(p.text, whose);
            if (p.kind == kind::function) check_function(whose, p.text);
        }
        if (grammar::uses_sequence(e)) problem(whose + " takes numbers from a sequence, which is not copied");
    }

    /// Whether another table of the target's database has a CHECK of this name, where such names are the database's.
    [[nodiscard]] bool is_taken_check(std::string_view name) const { return knows(server_.taken_checks, name); }

    void leave_out_column(std::string name) { left_out_columns_.push_back(std::move(name)); }
    [[nodiscard]] bool leaves_out_column(std::string_view name) const { return knows(left_out_columns_, name); }
    [[nodiscard]] sql::dialect source() const { return from_.dialect; }

    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
    /// All problems in one error, in their order, and their remedies in the same order.
    [[nodiscard]] result<void> verdict() const {
        if (problems_.empty()) return {};
        std::string all;
        for (const std::string& each : problems_) all += (all.empty() ? "" : "; ") + each;
        const std::string many =
            problems_.size() == 1 ? "" : ", for " + std::to_string(problems_.size()) + " reasons, each with its remedy";
        return refusal("table " + grammar::shortened(table()) + " cannot be created in the target as it is" + many +
                           ": " + all,
                       remedies_);
    }

private:
    static bool knows(const std::vector<std::string>& names, std::string_view name) {
        return std::any_of(names.begin(), names.end(),
                           [&](const std::string& each) { return table_schema::same_name(each, name); });
    }

    /// Whether the target has any collation of a charset.
    [[nodiscard]] bool knows_charset(std::string_view charset) const {
        return std::any_of(server_.collations.begin(), server_.collations.end(),
                           [&](const std::string& each) { return charset_of(each) == charset; });
    }

    /// Functions that the target lacks, or has with another meaning. A hostile source names one of another product too.
    void check_function(const std::string& whose, const std::string& name) {
        constexpr unsigned first_without_old_names = 80'000; // MySQL: ENCODE, PASSWORD, GeomFromText and more are gone
        const bool is_mariadb = server_.dialect == sql::dialect::mariadb;
        const auto among = [&](const auto& names) { return !grammar::known(names, name).empty(); };
        const bool has_old_names = !is_mariadb && !crosses() && server_.version < first_without_old_names;
        const bool is_missing = is_mariadb ? among(grammar::only_mysql_functions)
                                           : !has_old_names && among(grammar::only_mariadb_functions);
        const bool differs = is_mariadb && crosses() && among(grammar::differing_functions);
        if (is_missing || differs) {
            problem(whose + " uses " + name + "(), which " + product() + " does not support or implements differently");
        }
    }

    /// Makes the strings of expressions mean the same. MariaDB respells what follows an introducer when it is not ASCII,
    /// and then stores something else (seen: 10.11); the session's own charset needs none. A server shows strings of
    /// other charsets as UTF-8 after their introducer, which cannot be read back.
    void settle_strings(const std::string& whose, grammar::expression& e) {
        using kind = grammar::part_kind;
        grammar::expression settled;
        settled.reserve(e.size());
        for (std::size_t i = 0; i < e.size(); ++i) {
            const bool introduces = e[i].kind == kind::introducer && i + 1 < e.size() && e[i + 1].kind == kind::string;
            const bool is_utf8 = e[i].text.starts_with("utf8");
            if (introduces && is_utf8 && towards(sql::dialect::mariadb)) continue;
            if (introduces && !is_utf8 && has_more_than_ascii(e[i + 1].text)) {
                problem(whose + " holds a string of the charset " + e[i].text +
                        " that is not ASCII, which no server shows exactly");
            }
            settled.push_back(std::move(e[i]));
        }
        e = std::move(settled);
    }
    static bool has_more_than_ascii(std::string_view text) {
        return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    }

    const table_definition& from_;
    const definition_changes& changes_;
    const server_abilities& server_;
    std::vector<std::string> problems_;
    std::set<std::string> said_;
    std::vector<remedy> remedies_;
    std::vector<std::string> left_out_columns_;
    std::vector<std::string> notices_;
    definition_changes used_;
};

} // namespace detail
} // namespace sql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
