// SPDX-License-Identifier: BSL-1.0
// What has to hold for every definition that a server can send: it is refused, or becomes exactly one CREATE TABLE without a
// query, an unknown function, another database's name or a comment, and that statement reads as what it was written from.
//
// The checker reads the statement with a tokenizer of its own: it shares no line with the grammar, so that neither hides the
// other's mistake. It reads it twice, as servers do with and without NO_BACKSLASH_ESCAPES.
#ifndef ROWFERRY_TESTS_FUZZ_DEFINITION_PROPERTY_HPP
#define ROWFERRY_TESTS_FUZZ_DEFINITION_PROPERTY_HPP

#include <rowferry/sql/adapt_definition.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

namespace rf = rowferry;
namespace sql = rowferry::sql;

/// What a server of the tests can hold.
inline const sql::server_abilities& abilities(sql::dialect d) {
    static const std::vector<std::string> collations{
        "utf8mb4_general_ci", "utf8mb4_bin",           "utf8mb4_unicode_ci", "utf8mb4_unicode_520_ci",
        "utf8mb4_0900_ai_ci", "latin1_swedish_ci",     "latin1_bin",         "ascii_bin",
        "ascii_general_ci",   "utf8mb4_uca1400_ai_ci", "utf8mb3_general_ci", "binary"};
    static const sql::server_abilities mariadb{
        sql::dialect::mariadb, 110'802, collations, {"InnoDB", "Aria", "MyISAM", "MEMORY", "MRG_MyISAM"}, {"InnoDB"}};
    static const sql::server_abilities mysql{
        sql::dialect::mysql, 90'400, collations, {"InnoDB", "MyISAM", "MEMORY", "MRG_MYISAM", "FEDERATED"}, {"InnoDB"}};
    return d == sql::dialect::mariadb ? mariadb : mysql;
}

/// A token of the checker.
struct word {
    enum kind_t { plain, name, string, symbol, number } kind;
    std::string text; ///< plain words in upper case; names and strings with their quotes
};

/// Takes a statement apart; `problem` is set when it holds what no statement of ours holds.
inline std::vector<word> take_apart(const std::string& text, bool backslash_escapes, std::string& problem) {
    std::vector<word> all;
    const auto is_in = [](char c, std::string_view set) { return set.find(c) != set.npos; };
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '\0') return problem = "a zero byte", all;
        if (is_in(c, " \n")) {
            ++i;
        } else if (c == '`' || c == '\'') {
            std::size_t end = i + 1;
            for (;; ++end) {
                if (end >= text.size()) return problem = "a quote without an end", all;
                if (backslash_escapes && c == '\'' && text[end] == '\\') {
                    ++end;
                } else if (text[end] == c) {
                    if (end + 1 < text.size() && text[end + 1] == c) {
                        ++end;
                    } else {
                        break;
                    }
                }
            }
            all.push_back({c == '`' ? word::name : word::string, text.substr(i, end + 1 - i)});
            i = end + 1;
        } else if (is_in(c, letters)) {
            std::string plain;
            while (i < text.size() && (is_in(text[i], letters) || is_in(text[i], digits))) {
                plain += text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 32) : text[i];
                ++i;
            }
            all.push_back({word::plain, plain});
        } else if (is_in(c, digits) || (c == '.' && i + 1 < text.size() && is_in(text[i + 1], digits))) {
            const std::size_t begin = i;
            if (text.compare(i, 2, "0x") == 0) {
                for (i += 2; i < text.size() && is_in(text[i], "0123456789abcdefABCDEF");) ++i;
            } else {
                while (i < text.size() && is_in(text[i], "0123456789.")) ++i;
                if (i < text.size() && is_in(text[i], "eE")) {
                    ++i;
                    if (i < text.size() && is_in(text[i], "+-")) ++i;
                    while (i < text.size() && is_in(text[i], digits)) ++i;
                }
            }
            all.push_back({word::number, text.substr(begin, i - begin)});
        } else if (text.compare(i, 2, "--") == 0 || text.compare(i, 2, "/*") == 0 || text.compare(i, 2, "||") == 0 ||
                   text.compare(i, 2, "*/") == 0) {
            return problem = "a comment, or ||", all;
        } else if (is_in(c, "(),=<>+-*/%&|^~!")) {
            all.push_back({word::symbol, std::string(1, c)});
            ++i;
        } else {
            return problem = "the byte " + std::to_string(static_cast<unsigned char>(c)), all;
        }
    }
    return all;
}

/// Words that a definition may hold outside of quotes; whatever else is there came from the source.
inline bool is_known_word(const std::string& text) {
    static const std::set<std::string> vocabulary = [] {
        std::set<std::string> all;
        std::istringstream list(
            "ALGORITHM ALWAYS AND ARRAY AS AUTO AUTOEXTEND_SIZE AUTO_INCREMENT AVG_ROW_LENGTH B BETWEEN BINARY BOTH "
            "BTREE BY "
            "CASE CAST CHAR CHARACTER CHARSET CHECK CHECKSUM CLUSTERING COLLATE COLUMNS COLUMN_ADD COLUMN_CREATE "
            "COLUMN_FORMAT COLUMN_GET COMMENT COMPACT COMPRESSED COMPRESSION CONSTRAINT CONVERT COSINE CREATE CURRENT "
            "DEFAULT "
            "DELAY_KEY_WRITE DESC DISK DIV DYNAMIC ELSE EMPTY ENCRYPTION END ENFORCED ENGINE ERROR ESCAPE EUCLIDEAN "
            "EXTRACT "
            "FALSE FIXED FOR FROM FULLTEXT GENERATED GET_FORMAT HASH HISTORY IGNORED IN INTERVAL INVISIBLE IS "
            "JSON_VALUE KEY "
            "KEY_BLOCK_SIZE LEADING LESS LIKE LIMIT LINEAR LIST MAXVALUE MAX_ROWS MEMBER MEMORY MIN_ROWS NO NODEGROUP "
            "NOT NULL "
            "OF OFF ON OR OVERLAPS PACK_KEYS PAGE PAGED PAGE_CHECKSUM PARSER PARTITION PARTITIONS PERIOD POSITION "
            "PRECISION "
            "PRIMARY RANGE REDUNDANT REF_SYSTEM_ID REGEXP RETURNING RLIKE ROW ROW_FORMAT RTREE SECONDARY SET SOUNDS "
            "SPATIAL "
            "SRID START STARTS STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES STORAGE STORED SUBPARTITION "
            "SUBSTR SUBSTRING MID TRIM_ORACLE "
            "SUBPARTITIONS SYSTEM SYSTEM_TIME TABLE THAN THEN TIMESTAMPADD TIMESTAMPDIFF TRAILING TRANSACTIONAL TRIM "
            "TRUE "
            "UNIQUE UNKNOWN UPDATE USING VALUES VECTOR VERSIONING VIRTUAL WEIGHT_STRING WHEN WITH WITHOUT X XOR YES "
            "ZLIB "
            // types
            "BIGINT BIT BLOB BOOL BOOLEAN DATE DATETIME DEC DECIMAL DOUBLE ENUM FLOAT GEOMCOLLECTION GEOMETRY "
            "GEOMETRYCOLLECTION INET4 INET6 INT INTEGER JSON LINESTRING LONGBLOB LONGTEXT MEDIUMBLOB MEDIUMINT "
            "MEDIUMTEXT "
            "MULTILINESTRING MULTIPOINT MULTIPOLYGON NCHAR NUMERIC POINT POLYGON REAL SIGNED SMALLINT TEXT TIME "
            "TIMESTAMP "
            "TINYBLOB TINYINT TINYTEXT UNSIGNED UUID VARBINARY VARCHAR XMLTYPE YEAR ZEROFILL "
            // engines and collations of the tests' servers
            "INNODB ARIA MYISAM");
        for (std::string each; list >> each;) all.insert(each);
        const auto add = [&all](std::string_view each, const char* before = "") {
            std::string upper = before;
            for (char c : each) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            all.insert(upper);
        };
        for (std::string_view each : sql::grammar::functions) add(each);
        for (std::string_view each : sql::grammar::units) add(each);
        for (std::string_view each : sql::grammar::charsets) add(each), add(each, "_");
        for (const std::string& each : abilities(sql::dialect::mysql).collations) add(each);
        return all;
    }();
    return vocabulary.count(text) != 0;
}

/// What is wrong with a statement that was made for a target; empty when nothing is.
inline std::string wrong_with_words(const std::vector<word>& all) {
    static const std::set<std::string> never{
        "SELECT",   "UNION",           "INTO",       "WHERE",        "JOIN",       "EXISTS",
        "DATA",     "DIRECTORY",       "CONNECTION", "CALL",         "LOAD",       "OUTFILE",
        "DUMPFILE", "PROCEDURE",       "REFERENCES", "FOREIGN",      "TABLESPACE", "LOAD_FILE",
        "SLEEP",    "GET_LOCK",        "BENCHMARK",  "RELEASE_LOCK", "NEXTVAL",    "LASTVAL",
        "SETVAL",   "MASTER_POS_WAIT", "HANDLER",    "DO",           "DROP",       "ALTER",
        "GRANT",    "TEMPORARY",       "IGNORE",     "MRG_MYISAM",   "FEDERATED",  "MERGE"};
    const auto is = [&](std::size_t i, const char* text) {
        return i < all.size() && all[i].kind != word::name && all[i].kind != word::string && all[i].text == text;
    };
    if (!(is(0, "CREATE") && is(1, "TABLE") && all.size() > 4 && all[2].text == "`t`" && is(3, "("))) {
        return "it does not begin with CREATE TABLE `t` (";
    }
    std::size_t depth = 0;
    for (std::size_t i = 2; i < all.size(); ++i) {
        const word& w = all[i];
        if (w.kind == word::plain && never.count(w.text) != 0) return "the word " + w.text;
        if (w.kind == word::plain && !is_known_word(w.text)) return "the unknown word " + w.text;
        if (is(i, "CREATE") || is(i, "TABLE")) return "a second CREATE TABLE";
        if ((is(i, "INSERT") || is(i, "REPLACE") || is(i, "TRUNCATE")) && !is(i + 1, "(")) return "a statement's verb";
        if (is(i, "UPDATE") && !is(i - 1, "ON")) return "UPDATE";
        if (is(i, "VALUES") && !is(i + 1, "LESS") && !is(i + 1, "IN")) return "VALUES";
        if (is(i, "WITH") && !is(i + 1, "SYSTEM") && !is(i + 1, "PARSER")) return "WITH";
        if (is(i, "(")) ++depth;
        if (is(i, ")") && depth-- == 0) return "a parenthesis too many";
        if (w.kind == word::name && is(i + 1, "(")) {
            const bool is_length = i + 3 < all.size() && all[i + 2].kind == word::number && is(i + 3, ")");
            const bool is_named = is(i - 1, "KEY") || is(i - 1, "TABLE") || is(i - 1, "FOR");
            if (!is_length && !is_named && !is(i + 2, "SUBPARTITION")) return "the call of a stored function " + w.text;
        }
        if (w.kind == word::number && w.text.find('.') != w.text.rfind('.')) return "a number with two points";
        if (w.kind == word::name && i + 1 < all.size() && all[i + 1].kind == word::name) return "two names in a row";
    }
    return depth == 0 ? "" : "an open parenthesis";
}

/// What is wrong with a statement; empty when nothing is.
inline std::string wrong_with(const std::string& statement) {
    for (const bool backslash_escapes : {true, false}) {
        std::string problem;
        const std::vector<word> words = take_apart(statement, backslash_escapes, problem);
        if (problem.empty()) problem = wrong_with_words(words);
        if (!problem.empty()) return problem + (backslash_escapes ? "" : " (under NO_BACKSLASH_ESCAPES)");
    }
    const auto parsed = sql::grammar::parse(statement);
    if (!parsed) return "it is refused when it is read again: " + to_string(parsed.error());
    if (sql::grammar::to_statement(*parsed) != statement) return "it reads as another statement";
    const auto again = sql::grammar::parse(sql::grammar::to_statement(*parsed));
    return again && *again == *parsed ? "" : "its parts are other ones when it is read again";
}

/// The same definition from a server and to another, as `choices` says.
struct passage {
    rf::table_definition from;
    rf::definition_changes changes;
    sql::dialect to = sql::dialect::mariadb;
};
inline passage passage_of(std::string_view statement, unsigned choices) {
    passage p;
    p.from.dialect = (choices & 1U) != 0 ? sql::dialect::mysql : sql::dialect::mariadb;
    p.to = (choices & 2U) != 0 ? sql::dialect::mysql : sql::dialect::mariadb;
    p.from.statement = statement;
    p.from.collation = "utf8mb4_general_ci";
    p.from.schema.name = "t";
    p.from.schema.engine = "InnoDB";
    if ((choices & 4U) != 0) {
        for (std::string_view each : rf::optional_features) p.changes.leave_out.emplace_back(each);
    }
    if ((choices & 8U) != 0)
        p.changes.engines = {{"FEDERATED", "InnoDB"}, {"MRG_MyISAM", "InnoDB"}, {"MERGE", "InnoDB"}};
    return p;
}

/// What is wrong with how a definition is passed on; empty when nothing is.
inline std::string wrong_with_passage(std::string_view statement, unsigned choices) {
    const passage p = passage_of(statement, choices);
    const auto made = sql::adapt_definition(p.from, "t", p.changes, abilities(p.to));
    if (made) return wrong_with(made->statement);
    if (made.error().message.empty() || made.error().remedies.empty())
        return "a refusal without a sentence or a remedy";
    return made.error().message.size() > 20'000 + 64 * statement.size() ? "a refusal that is far too long" : "";
}

} // namespace fuzz

#endif
