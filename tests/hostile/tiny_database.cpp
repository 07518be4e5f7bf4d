// SPDX-License-Identifier: BSL-1.0
#include "tiny_database.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace hostile {

namespace {

// --- Words of SQL ---

struct token {
    enum class kind : std::uint8_t { word, name, text, number, symbol, end };
    kind is = kind::end;
    std::string text{};
    std::size_t begin = 0; ///< where it starts in the statement
};

class lexer {
public:
    explicit lexer(std::string_view sql) : sql_(sql) {}

    std::vector<token> all() {
        std::vector<token> found;
        while (at_ < sql_.size()) {
            const std::size_t begin = at_;
            const char c = sql_[at_];
            if (std::isspace(static_cast<unsigned char>(c)) != 0) {
                ++at_;
            } else if (c == '`') {
                found.push_back({token::kind::name, quoted('`'), begin});
            } else if (c == '\'') {
                // _utf8mb4'text' is the text
                if (!found.empty() && found.back().is == token::kind::word && found.back().text[0] == '_') {
                    found.pop_back();
                }
                found.push_back({token::kind::text, quoted('\''), begin});
            } else if (is_digit(c) || (c == '-' && at_ + 1 < sql_.size() && is_digit(sql_[at_ + 1]))) {
                found.push_back(
                    {token::kind::number, run([](char x) { return is_digit(x) || x == '.' || x == '-'; }), begin});
            } else if (is_word(c)) {
                found.push_back({token::kind::word, run(is_word), begin});
            } else {
                static constexpr std::array<std::string_view, 4> longer_symbols{"<=>", "<=", ">=", "<>"};
                std::string_view symbol = sql_.substr(at_, 1);
                for (const std::string_view longer : longer_symbols) {
                    if (symbol.size() == 1 && sql_.substr(at_).starts_with(longer)) symbol = longer;
                }
                found.push_back({token::kind::symbol, std::string(symbol), begin});
                at_ += symbol.size();
            }
        }
        found.push_back({token::kind::end, {}, sql_.size()});
        return found;
    }

private:
    static bool is_digit(char c) { return c >= '0' && c <= '9'; }
    static bool is_word(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '@' || c == '.';
    }
    template <class Belongs>
    std::string run(Belongs belongs) {
        const std::size_t begin = at_++;
        while (at_ < sql_.size() && belongs(sql_[at_])) ++at_;
        return std::string(sql_.substr(begin, at_ - begin));
    }
    std::string quoted(char quote) {
        std::string text;
        for (++at_; at_ < sql_.size(); ++at_) {
            char c = sql_[at_];
            if (c == quote) {
                if (at_ + 1 >= sql_.size() || sql_[at_ + 1] != quote) break;
                ++at_;
            } else if (c == '\\' && quote == '\'' && at_ + 1 < sql_.size()) {
                c = sql_[++at_];
                c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c == 'Z' ? '\x1a' : c;
            }
            text += c;
        }
        ++at_;
        return text;
    }

    std::string_view sql_;
    std::size_t at_ = 0;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool is_number(std::string_view text) {
    return !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Less, equal, greater: numbers as such, everything else by bytes.
int compare(const std::string& a, const std::string& b) {
    if (is_number(a) && is_number(b)) {
        const auto x = std::stoull(a);
        const auto y = std::stoull(b);
        return x < y ? -1 : x == y ? 0 : 1;
    }
    return a.compare(b) < 0 ? -1 : a == b ? 0 : 1;
}

/// A text as it is compared with a number: the digits at its beginning, or 0.
std::string as_number(const std::string& text) {
    const std::string digits = text.substr(0, text.find_first_not_of("0123456789"));
    return digits.empty() ? "0" : digits;
}

struct condition {
    std::string column;
    std::string symbol;
    std::optional<std::string> value;  ///< none: IS NULL, IS NOT NULL
    std::vector<std::string> others{}; ///< of `<=>`: any of these will do as well
};

std::size_t index_of(const tiny_table& t, std::string_view column) {
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
        if (t.columns[i].name == column) return i;
    }
    throw std::runtime_error("no column " + std::string(column));
}

bool holds(const tiny_table& t, const cells& row, const std::vector<condition>& all) {
    return std::all_of(all.begin(), all.end(), [&](const condition& c) {
        const auto& cell = row[index_of(t, c.column)];
        if (!c.value) return cell.has_value() == (c.symbol == "not null");
        if (!cell) return false;
        const bool is_number_column = contains(t.columns[index_of(t, c.column)].type, "int");
        const int order = compare(*cell, is_number_column ? as_number(*c.value) : *c.value);
        if (c.symbol == "<=>")
            return order == 0 || std::find(c.others.begin(), c.others.end(), *cell) != c.others.end();
        if (c.symbol == "=") return order == 0;
        if (c.symbol == "<>") return order != 0;
        if (c.symbol == "<") return order < 0;
        if (c.symbol == "<=") return order <= 0;
        if (c.symbol == ">") return order > 0;
        return order >= 0;
    });
}

std::string data_type(const tiny_column& c) { return c.type.substr(0, c.type.find_first_of(" (")); }
bool is_text(const tiny_column& c) { return contains(c.type, "char") || contains(c.type, "text"); }

std::string default_definition(const std::string& name, const tiny_table& t) {
    std::string out = "CREATE TABLE `" + name + "` (\n";
    for (const tiny_column& c : t.columns) {
        out += "  `" + c.name + "` " + c.type + (c.nullable ? " DEFAULT NULL,\n" : " NOT NULL,\n");
    }
    return out + "  PRIMARY KEY (`" + t.columns.front().name +
           "`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
}

/// A row's SHA-256 in the normal form of rowferry's verification.
std::array<unsigned char, SHA256_DIGEST_LENGTH> digest_of(const tiny_table& t, const cells& row) {
    std::string form;
    for (std::size_t i = 0; i < t.columns.size(); ++i) {
        if (!row[i]) {
            form += 'N';
        } else if (is_text(t.columns[i])) {
            form += std::to_string(row[i]->size()) + ":" + *row[i];
        } else {
            form += *row[i] + ",";
        }
    }
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(form.data()), form.size(), digest.data());
    return digest;
}

std::string hex(const std::array<unsigned char, SHA256_DIGEST_LENGTH>& digest) {
    std::string out;
    for (const unsigned char c : digest) {
        out += "0123456789ABCDEF"[c / 16];
        out += "0123456789ABCDEF"[c % 16];
    }
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::string half(const std::array<unsigned char, SHA256_DIGEST_LENGTH>& digest, std::size_t begin) {
    std::uint64_t n = 0;
    for (std::size_t i = begin; i < begin + 8; ++i) n = n << 8U | digest[i];
    return std::to_string(n);
}

} // namespace

// --- One statement ---

class tiny_database::statement {
public:
    statement(tiny_database& db, session& s, const std::string& sql)
        : db_(db), session_(s), sql_(sql), tokens_(lexer(sql).all()) {}

    std::optional<answer> run() {
        if (word("SET")) return set();
        if (word("SHOW")) return show();
        if (word("SELECT")) return select();
        if (word("EXPLAIN")) return explain();
        if (word("START")) return begin();
        if (word("COMMIT") || word("ROLLBACK")) return end(tokens_[0].text == "COMMIT");
        if (word("INSERT")) return insert();
        if (word("UPDATE")) return update();
        if (word("DELETE")) return remove();
        if (word("CREATE")) return create();
        if (word("TRUNCATE")) return truncate();
        if (word("DROP")) return drop();
        if (word("PREPARE") || word("DEALLOCATE")) return answer::done(); // all rights are there
        if (contains(sql_, "TRUNCATE PARTITION")) return answer::failure(1505, "the table is not partitioned");
        return std::nullopt;
    }

private:
    // Tokens.
    [[nodiscard]] const token& now() const { return tokens_[at_]; }
    bool word(std::string_view wanted) {
        if (now().is != token::kind::word || now().text != wanted) return false;
        ++at_;
        return true;
    }
    bool symbol(std::string_view wanted) {
        if (now().is != token::kind::symbol || now().text != wanted) return false;
        ++at_;
        return true;
    }
    /// Skips to after this word; false when it does not come.
    bool skip_past(std::string_view wanted) {
        for (std::size_t i = at_; i < tokens_.size(); ++i) {
            if (tokens_[i].is != token::kind::word || tokens_[i].text != wanted) continue;
            at_ = i + 1;
            return true;
        }
        return false;
    }
    std::string identifier() {
        const token& t = now();
        if (t.is != token::kind::name && t.is != token::kind::word) throw std::runtime_error("no name at " + t.text);
        ++at_;
        return t.text;
    }
    /// A literal; CURRENT_TIMESTAMP(6) and UTC_TIMESTAMP(6) are a moment that is always the same.
    std::optional<std::string> literal() {
        const token t = now();
        ++at_;
        if (t.is == token::kind::word && t.text == "NULL") return std::nullopt;
        if (t.is == token::kind::word && (t.text == "CURRENT_TIMESTAMP" || t.text == "UTC_TIMESTAMP")) {
            while (!symbol(")")) ++at_;
            return "2026-01-01 00:00:00.000000";
        }
        if (t.is != token::kind::text && t.is != token::kind::number) throw std::runtime_error("no value at " + t.text);
        return t.text;
    }
    tiny_table* find(const std::string& name) {
        const auto found = db_.tables_.find(name);
        return found == db_.tables_.end() ? nullptr : &found->second;
    }
    answer no_table(const std::string& name) {
        return answer::failure(1146, "Table '" + db_.name_ + "." + name + "' doesn't exist", "42S02");
    }
    /// The value after "column =" in a question to the catalog.
    std::string asked_for(std::string_view column) {
        for (std::size_t i = 0; i + 2 < tokens_.size(); ++i) {
            const bool is_column = tokens_[i].text == column || tokens_[i].text == "t." + std::string(column);
            if (is_column && tokens_[i + 1].text == "=") return tokens_[i + 2].text;
        }
        return {};
    }

    // SET and transactions.
    answer set() {
        if (word("NAMES")) return answer::done();
        if (word("STATEMENT")) { // SET STATEMENT … FOR SELECT …
            if (!skip_past("FOR") || !word("SELECT")) throw std::runtime_error("SET STATEMENT");
            return *select();
        }
        while (now().is != token::kind::end) {
            word("SESSION");
            const std::string name = identifier();
            if (!symbol("=")) throw std::runtime_error("SET " + name);
            session_.variables[name] = now().text;
            ++at_;
            symbol(",");
        }
        return answer::done();
    }
    answer begin() {
        if (!session_.before) session_.before = db_.tables_;
        return answer::done();
    }
    answer end(bool keeps) {
        if (session_.before && !keeps) db_.tables_ = std::move(*session_.before);
        session_.before.reset();
        return answer::done();
    }

    // The catalog.
    std::optional<answer> show() {
        if (word("WARNINGS")) return answer::table({"Level", "Code", "Message"}, {});
        if (contains(sql_, "GLOBAL VARIABLES")) {
            return answer::table({"Variable_name", "Value"},
                                 {{"innodb_autoinc_lock_mode", "1"}, {"local_infile", "OFF"}});
        }
        if (word("GRANTS")) {
            return answer::table({"Grants for ferry@%"}, {{"GRANT ALL PRIVILEGES ON *.* TO `ferry`@`%`"}});
        }
        if (word("VARIABLES")) return answer::table({"Variable_name", "Value"}, {{"lower_case_table_names", "0"}});
        if (!word("CREATE") || !word("TABLE")) return std::nullopt;
        const std::string name = identifier();
        const tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        return answer::table({"Table", "Create Table"},
                             {{name, t->definition.empty() ? default_definition(name, *t) : t->definition}});
    }
    using catalog_row = std::map<std::string, std::optional<std::string>>;

    /// What is asked for, as it is spelt: "t.TABLE_NAME", "IF(IGNORED = 'YES', 'NO', 'YES')".
    std::vector<std::string> select_list() {
        std::vector<std::string> items;
        int depth = 0;
        std::size_t begin = now().begin;
        for (; now().is != token::kind::end; ++at_) {
            const bool is_end = depth == 0 && now().is == token::kind::word && now().text == "FROM";
            if (is_end || (depth == 0 && now().text == "," && now().is == token::kind::symbol)) {
                std::string item = sql_.substr(begin, now().begin - begin);
                while (!item.empty() && item.back() == ' ') item.pop_back();
                items.push_back(item.starts_with("t.") || item.starts_with("e.") ? item.substr(2) : item);
                if (is_end) break;
                begin = tokens_[at_ + 1].begin;
            }
            if (now().is == token::kind::symbol) depth += now().text == "(" ? 1 : now().text == ")" ? -1 : 0;
        }
        return items;
    }
    /// The rows by the list; nothing where a column of the list is not known.
    static std::optional<answer> by_list(const std::vector<std::string>& list, const std::vector<catalog_row>& rows,
                                         const catalog_row& known) {
        answer a = answer::table(list, {});
        for (const std::string& item : list) {
            if (!known.contains(item)) return std::nullopt;
        }
        for (const catalog_row& row : rows) {
            cells values;
            for (const std::string& item : list) {
                const auto found = row.find(item);
                values.push_back(found == row.end() ? known.at(item) : found->second);
            }
            a.rows.push_back(std::move(values));
        }
        return a;
    }
    std::optional<answer> catalog() {
        const std::vector<std::string> list = select_list();
        const std::string name = asked_for(contains(sql_, "TRIGGERS") ? "EVENT_OBJECT_TABLE" : "TABLE_NAME");
        const tiny_table* t = find(name);
        const auto one = [t](catalog_row row) {
            return t == nullptr ? std::vector<catalog_row>{} : std::vector<catalog_row>{std::move(row)};
        };
        if (contains(sql_, "COLLATION_CHARACTER_SET_APPLICABILITY")) {
            std::vector<catalog_row> rows;
            for (const char* each : {"utf8mb4_general_ci", "utf8mb4_bin"}) rows.push_back({{"COLLATION_NAME", each}});
            rows.push_back({{"COLLATION_NAME", "ascii_bin"}, {"CHARACTER_SET_NAME", "ascii"}});
            return by_list(list, rows, {{"COLLATION_NAME", ""}, {"CHARACTER_SET_NAME", "utf8mb4"}});
        }
        if (contains(sql_, "information_schema.ENGINES WHERE SUPPORT")) {
            return by_list(list, {{{"ENGINE", "InnoDB"}}, {{"ENGINE", "MyISAM"}, {"TRANSACTIONS", "NO"}}},
                           {{"ENGINE", ""}, {"TRANSACTIONS", "YES"}});
        }
        if (contains(sql_, "SELECT IF(e.TRANSACTIONS")) return by_list(list, one({}), {{list.at(0), "YES"}});
        if (contains(sql_, "INNODB_SYS_TABLES")) {
            return answer::failure(1227, "Access denied; you need the PROCESS privilege", "42000");
        }
        if (contains(sql_, "@@hostname")) { // which table it is
            return by_list(list, one({}),
                           {{"TABLE_NAME", name},
                            {"CONCAT_WS(':', @@hostname, @@port, @@server_id)", "host:1:1"},
                            {"CAST(CREATE_TIME AS CHAR)", "2026-01-01 00:00:00"},
                            {"IF(CREATE_TIME < NOW() - INTERVAL 2 SECOND, 'YES', 'NO')", "YES"},
                            {"ENGINE", "InnoDB"},
                            {"AUTO_INCREMENT", std::nullopt}});
        }
        if (contains(sql_, "SUM(EXTRA")) return by_list(list, {{}}, {{list.at(0), "0"}});
        if (contains(sql_, "information_schema.TRIGGERS")) {
            return by_list(list, {}, {{"EVENT_OBJECT_TABLE", ""}, {"TRIGGER_NAME", ""}, {"EVENT_MANIPULATION", ""}});
        }
        if (contains(sql_, "information_schema.COLUMNS")) return by_list(list, columns(name, t), known_columns());
        if (contains(sql_, "information_schema.STATISTICS")) {
            const std::string key = t == nullptr ? "" : t->columns.front().name;
            return by_list(list, one({}),
                           {{"TABLE_NAME", name},
                            {"INDEX_NAME", "PRIMARY"},
                            {"NON_UNIQUE", "0"},
                            {"SEQ_IN_INDEX", "1"},
                            {"COLUMN_NAME", key},
                            {"COLLATION", "A"},
                            {"SUB_PART", std::nullopt},
                            {"INDEX_TYPE", "BTREE"},
                            {"IF(IGNORED = 'YES', 'NO', 'YES')", "YES"},
                            {"NULL", std::nullopt}});
        }
        if (name.empty()) { // all tables
            std::vector<catalog_row> rows;
            for (const auto& [each, content] : db_.tables_) {
                if (each != "rowferry_checkpoint") rows.push_back({{"TABLE_NAME", each}});
            }
            return by_list(list, rows, {{"TABLE_NAME", ""}, {"ENGINE", "InnoDB"}});
        }
        return by_list(list, one({}),
                       {{"TABLE_NAME", name},
                        {"TABLE_TYPE", "BASE TABLE"},
                        {"ENGINE", "InnoDB"},
                        {"TRANSACTIONS", "YES"},
                        {"TABLE_ROWS", std::to_string(t == nullptr ? 0 : t->rows.size())},
                        {"DATA_LENGTH", "16384"},
                        {"CREATE_OPTIONS", ""},
                        {"TABLE_COLLATION", "utf8mb4_general_ci"}});
    }
    static catalog_row known_columns() {
        catalog_row known;
        for (const char* each :
             {"TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "COLUMN_TYPE", "CHARACTER_SET_NAME", "COLLATION_NAME",
              "IS_NULLABLE", "EXTRA", "GENERATION_EXPRESSION", "COLUMN_DEFAULT", "ORDINAL_POSITION"}) {
            known[each] = std::nullopt;
        }
        return known;
    }
    static std::vector<catalog_row> columns(const std::string& name, const tiny_table* t) {
        std::vector<catalog_row> rows;
        for (std::size_t i = 0; t != nullptr && i < t->columns.size(); ++i) {
            const tiny_column& c = t->columns[i];
            rows.push_back({{"TABLE_NAME", name},
                            {"COLUMN_NAME", c.name},
                            {"DATA_TYPE", data_type(c)},
                            {"COLUMN_TYPE", c.type},
                            {"IS_NULLABLE", c.nullable ? "YES" : "NO"},
                            {"EXTRA", ""},
                            {"ORDINAL_POSITION", std::to_string(i + 1)}});
            if (c.nullable) rows.back()["COLUMN_DEFAULT"] = "NULL";
            if (!is_text(c)) continue;
            rows.back()["CHARACTER_SET_NAME"] = "utf8mb4";
            rows.back()["COLLATION_NAME"] = "utf8mb4_general_ci";
        }
        return rows;
    }
    /// One row of these cells, where the table is there.
    static answer of_table(const tiny_table* t, cells row) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < row.size(); ++i) names.push_back("c" + std::to_string(i));
        return answer::table(names, t == nullptr ? std::vector<cells>{} : std::vector<cells>{std::move(row)});
    }

    // SELECT.
    std::optional<answer> select() {
        if (contains(sql_, "information_schema")) return catalog();
        if (contains(sql_, "GET_LOCK(")) return lock();
        if (!contains(sql_, " FROM ")) return session_values();
        const std::size_t list = at_;
        if (contains(sql_, "digest")) {
            skip_past("SELECT");
        }
        if (!skip_past("FROM")) return std::nullopt;
        const std::string name = identifier();
        const tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        const auto chosen = rows_of(*t);
        if (contains(sql_, "COUNT(digest)")) return checksum(*t, chosen);
        if (contains(sql_, "SELECT COUNT(*)")) return answer::table({"count"}, {{std::to_string(chosen.size())}});
        at_ = list;
        return project(*t, chosen);
    }
    /// IS_USED_LOCK says who holds it; the other two always do what they should.
    answer lock() {
        const std::string function = now().text;
        at_ += 2;
        const std::string name = now().text;
        if (function == "IS_USED_LOCK") {
            const auto owner = db_.locks_.find(name);
            if (owner == db_.locks_.end()) return answer::table({"owner"}, {{std::nullopt}});
            return answer::table({"owner"}, {{std::to_string(owner->second)}});
        }
        if (function == "GET_LOCK") db_.locks_[name] = session_.id;
        if (function == "RELEASE_LOCK") db_.locks_.erase(name);
        return answer::table({"done"}, {{"1"}});
    }
    std::optional<answer> session_values() {
        answer a = answer::table({}, {{}});
        while (now().is != token::kind::end) {
            std::string name = identifier();
            if (symbol("(")) {
                while (!symbol(")")) ++at_;
                name += "()";
            }
            symbol(",");
            a.columns.push_back({name});
            a.rows[0].push_back(session_value(name));
        }
        return a;
    }
    std::optional<std::string> session_value(const std::string& name) {
        if (name == "CONNECTION_ID()") return std::to_string(session_.id);
        if (name == "VERSION()") return "10.11.6-MariaDB";
        if (name == "DATABASE()") return db_.name_;
        if (name == "UTC_TIMESTAMP()") return "2026-01-01 00:00:00.000000";
        if (contains(name, "character_set")) return "binary";
        if (contains(name, "max_allowed_packet")) return "16777216";
        const std::string bare = name.substr(name.find_last_of("@.") + 1);
        const auto found = session_.variables.find(bare);
        return found == session_.variables.end() ? "0" : found->second;
    }

    /// What WHERE, ORDER BY (the key), LIMIT and OFFSET leave; `at_` is after the table's name.
    std::vector<cells> rows_of(const tiny_table& t) {
        std::vector<cells> found;
        const auto conditions = where();
        for (const cells& row : t.rows) {
            if (holds(t, row, conditions)) found.push_back(row);
        }
        std::sort(found.begin(), found.end(),
                  [](const cells& a, const cells& b) { return compare(a[0].value_or(""), b[0].value_or("")) < 0; });
        const std::size_t after_where = at_;
        if (skip_past("OFFSET")) {
            found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), size())));
        }
        at_ = after_where;
        if (skip_past("LIMIT")) found.resize(std::min(found.size(), size()));
        return found;
    }
    std::size_t size() { return now().text.size() > 18 ? ~std::size_t{0} : std::stoull(now().text); }
    std::vector<condition> where() {
        std::vector<condition> all;
        const std::size_t before = at_;
        if (!skip_past("WHERE")) {
            at_ = before;
            return all;
        }
        do {
            while (symbol("(")) {
            }
            condition c;
            c.column = identifier();
            if (word("IS")) {
                c.symbol = word("NOT") ? "not null" : "null";
                word("NULL");
            } else {
                c.symbol = now().text;
                ++at_;
                c.value = literal();
            }
            while (symbol(")")) {
            }
            while (c.symbol == "<=>" && word("OR")) { // (a <=> 1) OR (a <=> 2)
                while (symbol("(")) {
                }
                identifier();
                symbol("<=>");
                c.others.push_back(literal().value_or(""));
                while (symbol(")")) {
                }
            }
            all.push_back(std::move(c));
        } while (word("AND"));
        return all;
    }
    static answer checksum(const tiny_table& t, const std::vector<cells>& rows) {
        std::array<unsigned char, SHA256_DIGEST_LENGTH> sum{};
        for (const cells& row : rows) {
            const auto digest = digest_of(t, row);
            for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = static_cast<unsigned char>(sum[i] ^ digest[i]);
        }
        const std::string count = std::to_string(rows.size());
        return answer::table({"rows", "digests", "left", "right"}, {{count, count, half(sum, 0), half(sum, 24)}});
    }
    /// The list after SELECT: names, `1`, `*`, and the digest of a row.
    answer project(const tiny_table& t, const std::vector<cells>& rows) {
        answer a = answer::table({}, std::vector<cells>(rows.size()));
        auto add = [&](const std::string& name, auto value) {
            a.columns.push_back({name});
            for (std::size_t i = 0; i < rows.size(); ++i) a.rows[i].push_back(value(rows[i]));
        };
        do {
            if (symbol("*")) {
                for (std::size_t i = 0; i < t.columns.size(); ++i)
                    add(t.columns[i].name, [i](const cells& r) { return r[i]; });
            } else if (now().is == token::kind::number) {
                ++at_;
                add("1", [](const cells&) { return std::optional<std::string>("1"); });
            } else if (now().text == "SHA2") {
                add("digest", [&t](const cells& r) { return std::optional<std::string>(hex(digest_of(t, r))); });
                skip_past("FROM");
                return a;
            } else {
                const std::string name = identifier();
                const std::size_t i = index_of(t, name);
                add(name, [i](const cells& r) { return r[i]; });
            }
        } while (symbol(","));
        return a;
    }
    std::optional<answer> explain() {
        const bool known = skip_past("FROM");
        const tiny_table* t = known ? find(identifier()) : nullptr;
        if (t == nullptr) return std::nullopt;
        return of_table(t, {"1", "SIMPLE", "t", "range", "PRIMARY", "PRIMARY", "4", std::nullopt,
                            std::to_string(rows_of(*t).size()), "Using where"});
    }

    // What changes rows.
    std::optional<answer> insert() {
        if (!word("INTO")) return std::nullopt;
        const std::string name = identifier();
        tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        if (word("SET")) return insert_assigned(*t);
        if (!symbol("(")) return std::nullopt;
        std::vector<std::size_t> into;
        do {
            into.push_back(index_of(*t, identifier()));
        } while (symbol(","));
        if (!symbol(")") || !word("VALUES")) return std::nullopt;
        std::uint64_t rows = 0;
        do {
            if (!symbol("(")) throw std::runtime_error("no row");
            cells row(t->columns.size());
            for (const std::size_t i : into) {
                row[i] = literal();
                symbol(",");
            }
            if (!symbol(")")) throw std::runtime_error("another number of values");
            if (auto refused = store(*t, std::move(row))) return refused;
            ++rows;
        } while (symbol(","));
        answer a = answer::done(rows);
        if (rows > 1) a.info = "Records: " + std::to_string(rows) + "  Duplicates: 0  Warnings: 0";
        return a;
    }
    static std::optional<answer> store(tiny_table& t, cells row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (!row[i] && !t.columns[i].nullable) {
                return answer::failure(1048, "Column '" + t.columns[i].name + "' cannot be null", "23000");
            }
            // As strict mode has it: the target does not take what is no number for one.
            const bool is_integer = contains(t.columns[i].type, "int");
            if (is_integer && row[i] && (row[i]->empty() || row[i]->find_first_not_of("-0123456789") != row[i]->npos)) {
                return answer::failure(1366, "Incorrect integer value for column '" + t.columns[i].name + "' at row 1",
                                       "22007");
            }
        }
        for (const cells& each : t.rows) {
            if (each[0] == row[0]) {
                return answer::failure(1062, "Duplicate entry '" + *row[0] + "' for key 'PRIMARY'", "23000");
            }
        }
        t.rows.push_back(std::move(row));
        return std::nullopt;
    }
    /// "a = 1, b = 'x'": into the row.
    void assign(const tiny_table& t, cells& row) {
        do {
            const std::size_t i = index_of(t, identifier());
            if (!symbol("=")) throw std::runtime_error("no =");
            row[i] = literal();
        } while (symbol(","));
    }
    answer insert_assigned(tiny_table& t) {
        cells row(t.columns.size());
        assign(t, row);
        const bool updates = skip_past("UPDATE");
        for (cells& each : t.rows) {
            if (each[0] != row[0]) continue;
            if (updates) assign(t, each);
            return answer::done(2);
        }
        t.rows.push_back(std::move(row));
        return answer::done(1);
    }
    answer update() {
        const std::string name = identifier();
        tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        word("SET");
        const std::size_t assignments = at_;
        const auto conditions = where();
        std::uint64_t changed = 0;
        for (cells& row : t->rows) {
            if (!holds(*t, row, conditions)) continue;
            at_ = assignments;
            assign(*t, row);
            ++changed;
        }
        return answer::done(changed);
    }
    answer remove() {
        word("FROM");
        const std::string name = identifier();
        tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        const auto conditions = where();
        return answer::done(std::erase_if(t->rows, [&](const cells& row) { return holds(*t, row, conditions); }));
    }
    std::optional<answer> create() {
        if (!word("TABLE")) return std::nullopt;
        if (word("IF")) at_ += 2; // NOT EXISTS
        const std::string name = identifier();
        if (find(name) != nullptr) return answer::done();
        if (!symbol("(")) return std::nullopt;
        tiny_table made;
        for (int depth = 0; depth >= 0 && now().is != token::kind::end;) {
            const bool is_column = now().is == token::kind::name ||
                                   (now().is == token::kind::word && now().text != "PRIMARY" && now().text != "KEY" &&
                                    now().text != "UNIQUE" && now().text != "CONSTRAINT");
            tiny_column c;
            if (is_column) {
                c.name = identifier();
                const std::size_t type = now().begin;
                ++at_;
                if (symbol("(")) {
                    while (!symbol(")")) ++at_;
                }
                c.type = sql_.substr(type, now().begin - type);
                while (!c.type.empty() && c.type.back() == ' ') c.type.pop_back();
                c.nullable = true;
            }
            for (; now().is != token::kind::end; ++at_) {
                if (now().text == "NOT" && now().is == token::kind::word) c.nullable = false;
                if (now().is != token::kind::symbol) continue;
                depth += now().text == "(" ? 1 : now().text == ")" ? -1 : 0;
                if (depth < 0 || (depth == 0 && now().text == ",")) break;
            }
            ++at_;
            if (is_column) made.columns.push_back(std::move(c));
        }
        db_.tables_[name] = std::move(made);
        return answer::done();
    }
    /// Of a table that was created to try a definition.
    answer drop() {
        if (!word("TABLE")) throw std::runtime_error("DROP");
        const std::string name = identifier();
        if (db_.tables_.erase(name) > 0) return answer::done();
        return answer::failure(1051, "Unknown table '" + db_.name_ + "." + name + "'", "42S02");
    }
    answer truncate() {
        word("TABLE");
        const std::string name = identifier();
        tiny_table* t = find(name);
        if (t == nullptr) return no_table(name);
        t->rows.clear();
        session_.before.reset();
        return answer::done();
    }

    tiny_database& db_;
    session& session_;
    const std::string& sql_;
    std::vector<token> tokens_;
    std::size_t at_ = 0;
};

void tiny_database::add(const std::string& table, tiny_table content) {
    const std::lock_guard lock(mutex_);
    tables_[table] = std::move(content);
}

void tiny_database::add_notes(const std::string& table, unsigned rows) {
    tiny_table t{{{"id", "int(11)"}, {"note", "varchar(40)"}}};
    for (unsigned i = 1; i <= rows; ++i) t.rows.push_back({std::to_string(i), "note " + std::to_string(i)});
    add(table, std::move(t));
}

std::vector<std::string> tiny_database::rows(const std::string& table) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    const auto found = tables_.find(table);
    if (found == tables_.end()) return lines;
    for (const cells& row : found->second.rows) {
        std::string line;
        for (const auto& cell : row) line += (line.empty() ? "" : "|") + cell.value_or("NULL");
        lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

bool tiny_database::has(const std::string& table) const {
    const std::lock_guard lock(mutex_);
    return tables_.contains(table);
}

std::vector<std::string> tiny_database::unknown() const {
    const std::lock_guard lock(mutex_);
    return unknown_;
}

answer tiny_database::ask(session& s, const std::string& sql) {
    const std::lock_guard lock(mutex_);
    std::optional<answer> found;
    std::string why = "unknown";
    try {
        found = statement(*this, s, sql).run();
    } catch (const std::exception& e) {
        why = e.what();
    }
    if (!found) {
        unknown_.push_back(sql + " -- " + why);
        return answer::failure(1064, "You have an error in your SQL syntax", "42000");
    }
    if (s.before) found->status |= status::in_transaction;
    return std::move(*found);
}

answer tiny_database::prepare(session& s, const std::string& sql) {
    const auto id = static_cast<std::uint32_t>(s.prepared.size() + 1);
    s.prepared[id] = sql;
    const auto parameters = static_cast<std::uint64_t>(std::count(sql.begin(), sql.end(), '?'));
    answer a;
    a.is = answer::kind::packets;
    std::string head(1, '\0');
    put_number(head, id, 4);
    put_number(head, 0, 2); // columns
    put_number(head, parameters, 2);
    put_number(head, 0, 3); // filler, warnings
    a.payloads.push_back(head);
    for (std::uint64_t i = 0; i < parameters; ++i) a.payloads.push_back(encode_column({"?"}));
    if (parameters > 0) a.payloads.push_back(encode_end(answer::done()));
    return a;
}

answer tiny_database::execute_bulk(session& s, std::string_view payload) {
    reader in(payload);
    in.number(1);
    const std::string sql = s.prepared[static_cast<std::uint32_t>(in.number(4))];
    const std::uint64_t has_types = in.number(2) & 128U;
    const auto parameters = static_cast<std::size_t>(std::count(sql.begin(), sql.end(), '?'));
    if (has_types != 0) in.bytes(2 * parameters);
    std::string rows = sql.substr(0, sql.find("VALUES"));
    rows += "VALUES ";
    for (bool is_first = true; !in.rest().empty() && !in.failed(); is_first = false) {
        if (!is_first) rows += ',';
        for (std::size_t i = 0; i < parameters; ++i) {
            rows += i == 0 ? '(' : ',';
            if (in.number(1) != 0) {
                rows += "NULL";
                continue;
            }
            rows += '\'';
            for (const char c : in.text()) {
                if (c == '\'' || c == '\\') rows += '\\';
                rows += c;
            }
            rows += '\'';
        }
        rows += ')';
    }
    return ask(s, rows);
}

void tiny_database::leave(session& s) {
    const std::lock_guard lock(mutex_);
    if (s.before) tables_ = std::move(*s.before);
    s.before.reset();
}

} // namespace hostile
