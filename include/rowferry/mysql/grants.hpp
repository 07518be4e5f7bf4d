// SPDX-License-Identifier: BSL-1.0
// What SHOW GRANTS says: whether the user sees all tables of a database. The catalog hides those without a grant.
#ifndef ROWFERRY_MYSQL_GRANTS_HPP
#define ROWFERRY_MYSQL_GRANTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <algorithm>
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
namespace mysql {

/// How a server reads the names of databases in grants.
struct grant_rules {
    bool ignores_case = false;    ///< lower_case_table_names is not 0
    bool partial_revokes = false; ///< MySQL's: then `_` and `%` in them stand for themselves
};

namespace detail {

/// One line of SHOW GRANTS, as far as it is about all tables of databases.
struct database_grant {
    bool is_revoke = false;
    bool is_global = false;    ///< on *.*
    std::string database = {}; ///< else: the name, or a pattern
    std::string grantee = {};  ///< a user, a role, or PUBLIC
    std::uint32_t shows = 0;   ///< which privileges that show tables it gives or takes; one bit each
};

/// The privileges on a table of which any one shows it in the catalog.
inline constexpr std::array<std::string_view, 13> showing_privileges{
    "SELECT", "INSERT", "UPDATE",      "DELETE",    "CREATE",  "DROP",          "REFERENCES",
    "INDEX",  "ALTER",  "CREATE VIEW", "SHOW VIEW", "TRIGGER", "DELETE HISTORY"};
inline constexpr std::uint32_t all_showing = (1U << showing_privileges.size()) - 1;

/// Reads one line of SHOW GRANTS.
class grant_line {
public:
    explicit grant_line(std::string_view line) : rest_(line) { next(); }

    /// None for a line that is not about all tables of databases: of one table, a routine, a role, a proxy.
    std::optional<database_grant> read() {
        database_grant grant;
        grant.is_revoke = accept("REVOKE");
        if (!grant.is_revoke && !accept("GRANT")) return std::nullopt;
        grant.shows = privileges();
        if (!accept("ON")) return std::nullopt; // a role
        if (is("*")) {
            grant.is_global = true;
        } else if (is_quoted_) {
            grant.database = now_;
        } else {
            return std::nullopt; // PROCEDURE, FUNCTION, PROXY …; names of databases are quoted
        }
        next();
        if (!accept(".") || !accept("*")) return std::nullopt;
        if (!accept(grant.is_revoke ? "FROM" : "TO")) return std::nullopt;
        grant.grantee = now_;
        next();
        if (accept("@")) {
            grant.grantee += '@' + now_;
            next();
        }
        return grant;
    }

private:
    [[nodiscard]] bool is(std::string_view word) const { return !is_quoted_ && table_schema::same_name(now_, word); }
    bool accept(std::string_view word) {
        if (!is(word)) return false;
        next();
        return true;
    }
    /// The list before ON or TO; lists of columns belong to single tables.
    std::uint32_t privileges() {
        std::uint32_t shows = 0;
        std::string words;
        for (int depth = 0; !is_end_ && !(depth == 0 && (is("ON") || is("TO"))); next()) {
            if (is("(")) ++depth;
            if (depth == 0 && !is(",")) {
                words += (words.empty() ? "" : " ") + (is_quoted_ ? "`" + now_ : now_);
            } else if (depth == 0) {
                shows |= bit_of(std::exchange(words, {}));
            }
            if (is(")")) --depth;
        }
        return shows | bit_of(words);
    }
    static std::uint32_t bit_of(std::string_view privilege) {
        if (table_schema::same_name(privilege, "ALL PRIVILEGES") || table_schema::same_name(privilege, "ALL")) {
            return all_showing;
        }
        for (std::size_t i = 0; i < showing_privileges.size(); ++i) {
            if (table_schema::same_name(privilege, showing_privileges[i])) return 1U << i;
        }
        return 0;
    }
    /// The next word, name or sign; a name in quotes may hold anything, a doubled quote is one.
    void next() {
        now_.clear();
        is_quoted_ = false;
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
        is_end_ = rest_.empty();
        if (is_end_) return;
        const char first = rest_.front();
        if (first == '`' || first == '"' || first == '\'') {
            is_quoted_ = true;
            rest_.remove_prefix(1);
            while (!rest_.empty()) {
                const char c = rest_.front();
                rest_.remove_prefix(1);
                if (c == first) {
                    if (rest_.empty() || rest_.front() != first) return;
                    rest_.remove_prefix(1);
                }
                now_ += c;
            }
            return;
        }
        constexpr std::string_view signs = "()*.,@";
        do {
            now_ += rest_.front();
            rest_.remove_prefix(1);
        } while (signs.find(first) == signs.npos && !rest_.empty() && rest_.front() != ' ' &&
                 signs.find(rest_.front()) == signs.npos && rest_.front() != '`');
    }

    std::string_view rest_;
    std::string now_;
    bool is_quoted_ = false;
    bool is_end_ = false;
};

/// Whether a database's name is one of a pattern: `_` is any character, `%` any number of them, `\` takes the next one
/// as it stands.
inline bool is_like(std::string_view name, std::string_view pattern, bool ignores_case) {
    const auto same = [ignores_case](char a, char b) {
        return a == b || (ignores_case && table_schema::same_name({&a, 1}, {&b, 1}));
    };
    const auto character = [](std::string_view text) { // its bytes of UTF-8
        std::size_t bytes = 1;
        while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) ++bytes;
        return bytes;
    };
    std::optional<std::pair<std::string_view, std::string_view>> retry; // after the last %
    for (;;) {
        if (!pattern.empty() && pattern.front() == '%') {
            pattern.remove_prefix(1);
            retry = {name, pattern};
            continue;
        }
        if (name.empty() && pattern.empty()) return true;
        bool matches = false;
        if (!pattern.empty() && !name.empty()) {
            if (pattern.front() == '_') {
                pattern.remove_prefix(1);
                name.remove_prefix(character(name));
                matches = true;
            } else {
                const std::size_t escape = pattern.front() == '\\' && pattern.size() > 1 ? 1 : 0;
                matches = same(pattern[escape], name.front());
                pattern.remove_prefix(escape + 1);
                name.remove_prefix(1);
            }
        }
        if (matches) continue;
        if (!retry || retry->first.empty()) return false;
        retry->first.remove_prefix(character(retry->first));
        name = retry->first;
        pattern = retry->second;
    }
}

/// Characters before the first wildcard of a pattern: of several that fit, the server goes by the one with the most.
inline std::size_t exactness(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\') {
            ++i;
        } else if (pattern[i] == '_' || pattern[i] == '%') {
            return i;
        }
    }
    return pattern.npos;
}

} // namespace detail

/// Whether these lines of SHOW GRANTS show all tables of a database to the user: by a privilege on all databases that is
/// not revoked for this one, or by one on this database.
inline bool shows_all_tables(const std::vector<std::string>& lines, std::string_view database,
                             const grant_rules& rules) {
    std::vector<detail::database_grant> grants;
    for (const std::string& line : lines) {
        auto grant = detail::grant_line(line).read();
        if (grant) grants.push_back(std::move(*grant));
    }
    const auto is_named = [&](const std::string& name) {
        return name == database || (rules.ignores_case && table_schema::same_name(name, database));
    };
    for (const detail::database_grant& of : grants) {
        std::uint32_t everywhere = 0;
        std::uint32_t revoked = 0;
        std::optional<std::size_t> best;
        std::uint32_t here = 0;
        for (const detail::database_grant& each : grants) {
            if (each.grantee != of.grantee) continue;
            if (each.is_global) {
                everywhere |= each.is_revoke ? 0 : each.shows;
            } else if (each.is_revoke) {
                revoked |= is_named(each.database) ? each.shows : 0;
            } else if (rules.partial_revokes ? is_named(each.database)
                                             : detail::is_like(database, each.database, rules.ignores_case)) {
                const std::size_t exact = detail::exactness(each.database);
                if (!best || exact > *best) here = each.shows;
                if (best && exact == *best) here &= each.shows;
                best = std::max(exact, best.value_or(0));
            }
        }
        if (((everywhere & ~revoked) | here) != 0) return true;
    }
    return false;
}

} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
