// SPDX-License-Identifier: BSL-1.0
// The contract, kept by the client on real servers, in each way to write: two private ones, made once for all checks.
#include "catch.hpp"
#include "contract/contract.hpp"
#include "private_server.hpp"
#include "ways.hpp"

#include <rowferry/mysql.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace rf = rowferry;

namespace {

std::string quoted(const std::string& name) { return "`" + name + "`"; }

/// "a", "b(4)", "c desc" -> "(`a`, `b`(4), `c` desc)"
std::string key_columns(const std::vector<std::string>& columns) {
    std::string text;
    for (const std::string& column : columns) {
        const auto end = column.find_first_of(" (");
        text += text.empty() ? "(" : ", ";
        text += quoted(column.substr(0, end)) + (end == std::string::npos ? "" : column.substr(end));
    }
    return text + ")";
}

struct server_world {
    static support::private_server& server() {
        static support::private_server one;
        return one;
    }
    static support::private_server& other_server() {
        static support::private_server one{support::source_product()};
        return one;
    }

    rf::mysql::connector here{server().uri("here")};
    rf::mysql::connector next_door{server().uri("next_door")};

    server_world() {
        server().create_database("here");
        server().create_database("next_door");
    }

    rf::mysql::connector& connector() { return here; }
    rf::mysql::connector& neighbour() { return next_door; }
    rf::mysql::connector stranger() {
        other_server().create_database("here");
        return rf::mysql::connector{other_server().uri("here")};
    }

    static void create_in(const std::string& database, const std::string& table, const contract::columns& columns,
                          const std::vector<std::string>& primary_key, const contract::unique_keys& unique_keys) {
        std::string sql = "CREATE TABLE " + quoted(table) + " (";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            sql += (i == 0 ? "" : ", ") + quoted(columns[i].name) + " " + columns[i].type;
        }
        if (!primary_key.empty()) sql += ", PRIMARY KEY " + key_columns(primary_key);
        for (const auto& [name, parts] : unique_keys) sql += ", UNIQUE KEY " + quoted(name) + " " + key_columns(parts);
        server().execute(sql + ") ENGINE=InnoDB", database);
    }
    static void insert_in(const std::string& database, const std::string& table, const client::row& row) {
        std::string sql = "INSERT INTO " + quoted(table) + " VALUES (";
        for (const rf::value& v : row) {
            if (sql.back() != '(') sql += ", ";
            if (!v) {
                sql += "NULL";
                continue;
            }
            sql += "_binary X'";
            for (char c : *v) {
                const auto byte = static_cast<unsigned char>(c);
                sql += "0123456789ABCDEF"[byte >> 4U];
                sql += "0123456789ABCDEF"[byte & 15U];
            }
            sql += "'";
        }
        server().execute("SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO'); " + sql + ")", database);
    }

    void create(const std::string& table, const contract::columns& columns, const std::vector<std::string>& primary_key,
                const contract::unique_keys& unique_keys = {}) {
        create_in("here", table, columns, primary_key, unique_keys);
    }
    void insert(const std::string& table, const client::row& row) { insert_in("here", table, row); }
    client::rows rows(const std::string& table) {
        return server().query("SELECT * FROM " + quoted(table) + " ORDER BY 1", "here");
    }

    void refresh_statistics(const std::string& table) { server().execute("ANALYZE TABLE " + quoted(table), "here"); }
    template <class Connection>
    void end_transaction(Connection& c) {
        client::must(c.execute("ROLLBACK"));
    }

    void turn_into_view(const std::string& table) {
        server().execute("DROP TABLE " + quoted(table) + "; CREATE VIEW " + quoted(table) + " AS SELECT 1 AS id",
                         "here");
    }
    /// With the ends of the rows' lives as columns, which the server appends to each unique key.
    bool add_system_versioning(const std::string& table) {
        if (server().is_mysql()) return false;
        server().execute("ALTER TABLE " + quoted(table) +
                             " ADD COLUMN since TIMESTAMP(6) GENERATED ALWAYS AS ROW START INVISIBLE,"
                             " ADD COLUMN until TIMESTAMP(6) GENERATED ALWAYS AS ROW END INVISIBLE,"
                             " ADD PERIOD FOR SYSTEM_TIME (since, until), ADD SYSTEM VERSIONING",
                         "here");
        return true;
    }

    void create_next_door(const std::string& table, const contract::columns& columns,
                          const std::vector<std::string>& primary_key) {
        create_in("next_door", table, columns, primary_key, {});
    }
    void insert_next_door(const std::string& table, const client::row& row) { insert_in("next_door", table, row); }
};

/// A connection that writes in one way: where it is refused, as upsert by LOAD DATA, by inserts.
template <rf::write_way Way>
class one_way_connection : public rf::mysql::connection {
public:
    explicit one_way_connection(rf::mysql::connection&& real) : rf::mysql::connection(std::move(real)) {}

    rf::result<rf::write_outcome> write(const rf::write_request& request, const rf::row_range& rows) {
        rf::write_request told = request;
        told.way = Way;
        // There is no load that updates rows; whatever else stands in the way fails the test.
        const bool cannot = Way == rf::write_way::load_data && told.kind == rf::write_kind::upsert;
        if (cannot) told.way = rf::write_way::multi_row;
        if (auto chosen = choose_write_way(told, false); !chosen) return std::move(chosen.error());
        return rf::mysql::connection::write(told, rows);
    }
};

template <rf::write_way Way>
struct one_way_connector {
    rf::mysql::connector real;

    rf::result<one_way_connection<Way>> connect() {
        auto made = real.connect();
        if (!made) return std::move(made.error());
        return one_way_connection<Way>(std::move(*made));
    }
    [[nodiscard]] std::string identity() const { return real.identity(); }
};

template <rf::write_way Way>
struct one_way_world : server_world {
    one_way_connector<Way> there{rf::mysql::connector{server().uri("here")}};
    one_way_connector<Way>& connector() { return there; }
};

bool can_go(rf::write_way way) {
    const auto ways = support::ways_to(server_world::server());
    return std::find(ways.begin(), ways.end(), way) != ways.end();
}

} // namespace

TEST_CASE("a real server keeps the contract of a connection") { contract::keep<server_world>(); }

TEST_CASE("a real server keeps the contract of a connection that loads its rows") {
    contract::keep_writing<one_way_world<rf::write_way::load_data>>();
}

TEST_CASE("a real server keeps the contract of a connection that binds arrays of rows") {
    if (!can_go(rf::write_way::array_binding)) return;
    contract::keep_writing<one_way_world<rf::write_way::array_binding>>();
}
