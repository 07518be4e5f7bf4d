// SPDX-License-Identifier: BSL-1.0
// The tables of the fidelity suite: each is one entry of a list, and adding a table is adding an entry.
#ifndef ROWFERRY_TESTS_FIDELITY_FIXTURE_HPP
#define ROWFERRY_TESTS_FIDELITY_FIXTURE_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fidelity {

/// The servers that a table can be made on.
enum class product { any, mariadb, mysql };

/// One table that has to arrive unchanged. Statements run one after another in a strict session that allows zero and
/// invalid dates, takes 0 for an id, is in UTC and checks no foreign keys; `lenient` begins those that must not be strict.
struct fixture {
    std::string name;         ///< the table's, as it stands
    std::string_view subject; ///< the row of docs/fidelity.md that it proves
    std::string create;       ///< makes the table and what belongs to it; runs on both servers
    std::string fill;         ///< fills it; runs on the source
    std::size_t rows = 0;     ///< that it has then
    product on = product::any;
    unsigned since = 0;     ///< the first version of the product that has what it needs, as 1107 for 11.7
    bool same_kind = false; ///< only between two servers of one product, which alone know the type
    bool own_bytes = false; ///< CHECKSUM TABLE goes over what is each server's own too, as the time of a row's version
};

/// Begins the statements of a fixture that stores what strict mode refuses.
inline constexpr const char* lenient = "SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'; ";

using fixtures = std::vector<fixture>;

// One list for each subject, each in a file of its own.
fixtures numbers();
fixtures texts();
fixtures text_keys();
fixtures binaries();
fixtures moments();
fixtures choices();
fixtures documents_and_shapes();
fixtures computed_columns();
fixtures names();
fixtures layouts();
fixtures relations();
fixtures products_own();

inline fixtures all_fixtures() {
    fixtures all;
    for (auto list : {numbers, texts, text_keys, binaries, moments, choices, documents_and_shapes, computed_columns,
                      names, layouts, relations, products_own}) {
        for (fixture& f : list()) all.push_back(std::move(f));
    }
    return all;
}

/// A name in backticks.
inline std::string in_backticks(std::string_view name) {
    std::string q = "`";
    for (const char c : name) q += c == '`' ? std::string("``") : std::string(1, c);
    return q + "`";
}

/// "INSERT INTO `name` VALUES (…), (…)"
inline std::string insert(std::string_view name, const std::vector<std::string>& rows) {
    std::string sql = "INSERT INTO " + in_backticks(name) + " VALUES ";
    for (std::size_t i = 0; i < rows.size(); ++i) sql += (i == 0 ? "(" : ", (") + rows[i] + ")";
    return sql;
}

/// The statement's part that gives the numbers 1 to `last` as `i`, on both products: goes between INSERT INTO and SELECT.
inline std::string with_numbers(std::size_t last) {
    return "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < " +
           std::to_string(last) + ") ";
}

} // namespace fidelity

#endif
