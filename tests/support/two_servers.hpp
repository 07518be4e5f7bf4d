// SPDX-License-Identifier: BSL-1.0
// Two private servers with a table to copy between them, and connections that are cut at chosen calls.
#ifndef ROWFERRY_TESTS_TWO_SERVERS_HPP
#define ROWFERRY_TESTS_TWO_SERVERS_HPP

#include "private_server.hpp"

#include <rowferry/mysql.hpp>
#include <rowferry/rowferry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

namespace rf = rowferry;

/// A source and a target server, each with the database `shop`.
struct two_servers {
    private_server source{source_product()};
    private_server target{target_product()};

    two_servers() {
        source.create_database("shop");
        target.create_database("shop");
    }
    [[nodiscard]] std::string source_uri() const { return source.uri("shop"); }
    [[nodiscard]] std::string target_uri() const { return target.uri("shop"); }

    /// An empty database on both sides.
    void clear() {
        source.create_database("shop");
        target.create_database("shop");
    }
    /// `procnote` on both sides, with `rows` rows on the source: gaps in the ids, one of them 0, notes with quotes, backslashes,
    /// newlines and 4-byte characters, some NULL.
    void fill(std::uint64_t rows) {
        clear();
        const char* definition = "CREATE TABLE procnote (ProcNoteNum BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                                 " PatNum BIGINT NOT NULL, EntryDateTime DATETIME(6), Note TEXT, KEY (PatNum),"
                                 " KEY (EntryDateTime)) CHARACTER SET utf8mb4";
        source.execute(definition, "shop");
        target.execute(definition, "shop");
        source.execute(
            "SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO';"
            " INSERT INTO procnote SELECT (seq - 1) * 3, seq % 97, '2026-01-01' + INTERVAL seq * 1.5 SECOND,"
            " IF(seq % 50 = 0, NULL, CONCAT(REPEAT('a \\'note\\' with \\\\ and \\n and \xF0\x9F\xA6\xB7 ', 5), seq))"
            " FROM seq_1_to_" +
                std::to_string(rows),
            "shop");
    }
    /// The rows that a table of the target has.
    [[nodiscard]] std::uint64_t copied(const std::string& table = "procnote") const {
        return std::stoull(target.value("SELECT COUNT(*) FROM " + table, "shop"));
    }
    /// Both tables compared by the servers' own means, row by row: "" when they are equal.
    [[nodiscard]] std::string difference(const std::string& table = "procnote") const {
        const std::string rows = "SELECT * FROM " + table + " ORDER BY 1";
        const auto left = source.query(rows, "shop");
        const auto right = target.query(rows, "shop");
        if (left == right) return {};
        const std::string counts =
            std::to_string(left.size()) + " rows in the source, " + std::to_string(right.size()) + " in the target";
        for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
            if (left[i] != right[i])
                return counts + "; row " + std::to_string(i + 1) + ": " + text(left[i]) + text(right[i]);
        }
        return counts;
    }

private:
    static std::string text(const private_server::row& row) {
        std::string all = "\n";
        for (const auto& cell : row) all += (cell ? "'" + *cell + "'" : "NULL") + " ";
        return all;
    }
};

/// Kills every connection of the user `ferry`, as an operator would, and gives the ids of those that were killed; one
/// that is gone by itself meanwhile is no error.
inline std::vector<std::string> kill_connections(const private_server& server) {
    std::vector<std::string> killed;
    for (const std::string& id : server.connections_of("ferry")) {
        try {
            server.execute("KILL " + id);
            killed.push_back(id);
        } catch (const std::runtime_error&) {
        }
    }
    return killed;
}

/// When a connection is cut: at the n-th call (from 1) of one operation, over all connections of the connector.
struct cut {
    std::string_view operation;
    unsigned at = 0;
    bool after = false; ///< the server did the work, and the reply never came
};

/// A real connection that is killed on its server, by another connection, right before or after one of its calls.
class cut_connection : public rf::mysql::connection {
public:
    cut_connection(rf::mysql::connection&& real, const private_server& server, cut& plan)
        : rf::mysql::connection(std::move(real)), server_(&server), plan_(&plan) {
        auto id = query("SELECT CONNECTION_ID()");
        if (id) id_ = std::string((*id)[0][0].bytes());
    }
    rf::result<void> read(const rf::page_request& page, rf::row_batch& into) {
        return with_cut("read", [&] { return rf::mysql::connection::read(page, into); });
    }
    rf::result<rf::write_outcome> write(const rf::write_request& request, const rf::row_range& rows) {
        return with_cut("write", [&] { return rf::mysql::connection::write(request, rows); });
    }
    rf::result<void> commit() {
        return with_cut("commit", [&] { return rf::mysql::connection::commit(); });
    }

private:
    template <class Call>
    auto with_cut(std::string_view operation, Call call) -> decltype(call()) {
        if (plan_->operation != operation || plan_->at == 0 || --plan_->at > 0) return call();
        if (!plan_->after) {
            kill();
            return call();
        }
        auto done = call();
        if (!done) return done;
        kill();
        return ping().error(); // what the client sees instead of the reply
    }
    void kill() const { server_->execute("KILL " + id_); }

    const private_server* server_;
    cut* plan_;
    std::string id_;
};

/// Makes connections that are cut as `plan` says.
struct cut_connector {
    rf::mysql::connector real;
    const private_server& server;
    cut plan;

    rf::result<cut_connection> connect() {
        auto made = real.connect();
        if (!made) return made.error();
        return cut_connection(std::move(*made), server, plan);
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

} // namespace support

#endif
