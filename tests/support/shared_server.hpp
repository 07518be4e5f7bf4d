// SPDX-License-Identifier: BSL-1.0
// One private server for all tests of a program that only need some server, and a database of its own for each test.
#ifndef ROWFERRY_TESTS_SHARED_SERVER_HPP
#define ROWFERRY_TESTS_SHARED_SERVER_HPP

#include "private_server.hpp"

#include <rowferry/mysql.hpp>

#include <string>

namespace support {

/// The program's server, made at the first use.
inline private_server& shared_server() {
    static private_server server;
    return server;
}

/// Connects to an existing database of the server; throws what went wrong.
inline rowferry::mysql::connection connect_to(const private_server& server, const std::string& database) {
    return rowferry::mysql::connector(server.uri(database)).connect().value();
}

/// Two fresh databases on the shared server and a connection to each.
struct two_ends {
    private_server& server = shared_server();
    rowferry::mysql::connection source = make("ferry_source");
    rowferry::mysql::connection target = make("ferry_target");

    /// Runs statements in both databases.
    void execute(const std::string& sql) {
        server.execute(sql, "ferry_source");
        server.execute(sql, "ferry_target");
    }

private:
    rowferry::mysql::connection make(const std::string& database) {
        server.create_database(database);
        return connect_to(server, database);
    }
};

} // namespace support

#endif
