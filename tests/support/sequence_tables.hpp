// SPDX-License-Identifier: BSL-1.0
// MariaDB's tables seq_1_to_N for MySQL, which has none: views of the same names in a database of their own.
#ifndef ROWFERRY_TESTS_SEQUENCE_TABLES_HPP
#define ROWFERRY_TESTS_SEQUENCE_TABLES_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Where the views are.
inline constexpr std::string_view sequence_database = "sequences_for_tests";

/// Statements that can run on MySQL, and the views that they need.
struct with_sequences {
    std::string sql;                ///< each seq_A_to_B is sequences_for_tests.seq_A_to_B
    std::vector<std::string> views; ///< each CREATE VIEW; a view may be there already (1050)
};

/// Finds seq_A_to_B and seq_A_to_B_step_C in statements.
inline with_sequences find_sequences(std::string_view sql) {
    with_sequences found;
    auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    std::size_t at = 0;
    auto skip = [&](std::string_view text) {
        if (!sql.substr(at).starts_with(text)) return false;
        at += text.size();
        return true;
    };
    auto number = [&] {
        const std::size_t begin = at;
        while (at < sql.size() && sql[at] >= '0' && sql[at] <= '9') ++at;
        return std::string(sql.substr(begin, at - begin));
    };
    while (at < sql.size()) {
        const std::size_t begin = at;
        std::string first;
        std::string last;
        std::string step = "1";
        const bool starts_word = begin == 0 || (!is_word(sql[begin - 1]) && sql[begin - 1] != '`');
        const bool is_sequence = starts_word && skip("seq_") && !(first = number()).empty() && skip("_to_") &&
                                 !(last = number()).empty() && (!skip("_step_") || !(step = number()).empty());
        if (!is_sequence || (at < sql.size() && is_word(sql[at]))) {
            at = begin + 1;
            found.sql += sql[begin];
            continue;
        }
        const std::string name = std::string(sequence_database) + "." + std::string(sql.substr(begin, at - begin));
        found.sql += name;
        found.views.push_back("CREATE VIEW " + name + " AS WITH RECURSIVE s (seq) AS (SELECT CAST(" + first +
                              " AS UNSIGNED) UNION ALL SELECT seq + " + step + " FROM s WHERE seq + " + step +
                              " <= " + last + ") SELECT seq FROM s");
    }
    return found;
}

} // namespace support

#endif
