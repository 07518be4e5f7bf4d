// SPDX-License-Identifier: BSL-1.0
// A database in memory that understands the few statements that rowferry sends, and answers them as MariaDB does: the honest
// part of the scripted server. One session writes at a time.
#ifndef ROWFERRY_TESTS_HOSTILE_TINY_DATABASE_HPP
#define ROWFERRY_TESTS_HOSTILE_TINY_DATABASE_HPP

#include "protocol.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostile {

struct tiny_column {
    std::string name;
    std::string type; ///< as `int(11)`
    bool nullable = false;
};

/// A table whose first column is its primary key.
struct tiny_table {
    std::vector<tiny_column> columns;
    std::vector<cells> rows{};
    std::string definition{}; ///< what SHOW CREATE TABLE says; made from the columns when empty
};

class tiny_database {
public:
    explicit tiny_database(std::string name = "shop") : name_(std::move(name)) {}

    /// `t(id, note)` with so many rows: "note 1", "note 2", …
    void add_notes(const std::string& table, unsigned rows);
    void add(const std::string& table, tiny_table content);
    [[nodiscard]] const std::string& name() const { return name_; }
    /// A table's rows as they stand now, as "1|note 1", sorted; none without the table.
    [[nodiscard]] std::vector<std::string> rows(const std::string& table) const;
    [[nodiscard]] bool has(const std::string& table) const;
    /// Statements that were not understood, and so were answered with an error.
    [[nodiscard]] std::vector<std::string> unknown() const;

    /// What belongs to one connection.
    struct session {
        std::uint64_t id = 0;
        std::map<std::string, std::string> variables{};
        std::optional<std::map<std::string, tiny_table>> before{}; ///< as the open transaction found everything
        std::map<std::uint32_t, std::string> prepared{};
    };
    answer ask(session& s, const std::string& sql);
    answer prepare(session& s, const std::string& sql);
    /// COM_STMT_BULK_EXECUTE, of parameters that are all strings.
    answer execute_bulk(session& s, std::string_view payload);
    /// The end of a connection: its open transaction is rolled back.
    void leave(session& s);

private:
    class statement;

    mutable std::mutex mutex_;
    std::string name_;
    std::map<std::string, tiny_table> tables_;
    std::map<std::string, std::uint64_t> locks_;
    std::vector<std::string> unknown_;
};

} // namespace hostile

#endif
