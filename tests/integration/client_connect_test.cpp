// SPDX-License-Identifier: BSL-1.0
// Connecting to a real server: sessions, TLS, option files, and what a refused connection says.
#include "client_helpers.hpp"

#include <rowferry/connection_manager.hpp>
#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <netdb.h>
#include <sys/socket.h>

namespace rf = rowferry;
using namespace std::chrono_literals;
using namespace support;

TEST_CASE("each fresh connection has the session recipe", "[client]") {
    two_ends ends;
    const auto& info = ends.source.info();
    const bool mysql = ends.server.is_mysql();
    CHECK(info.dialect == (mysql ? rf::sql::dialect::mysql : rf::sql::dialect::mariadb));
    CHECK(contains(info.version, "MariaDB") != mysql);
    CHECK(info.connection_id > 0);
    CHECK(info.max_allowed_packet == 64U << 20U);
    const rf::row_batch session =
        ends.source
            .query("SELECT @@sql_mode, @@time_zone, @@foreign_key_checks, @@character_set_client, "
                   "@@character_set_results, "
                   "@@autocommit, " +
                   std::string(mysql ? "@@transaction_isolation" : "@@tx_isolation") +
                   ", @@innodb_lock_wait_timeout, @@max_error_count, @@local_infile")
            .value();
    CHECK(rf::sql::is_set(
        {"sql_mode", "NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION"},
        session.at(0, 0).bytes()));
    CHECK(session.at(0, 1).bytes() == "+00:00");
    CHECK(session.at(0, 2).bytes() == "0");
    CHECK(session.at(0, 3).bytes() == "binary");
    CHECK(session.at(0, 4).bytes() == "binary");
    CHECK(session.at(0, 5).bytes() == "1");
    CHECK(session.at(0, 6).bytes() == "READ-COMMITTED");
    CHECK(session.at(0, 7).bytes() == "30");
    CHECK(session.at(0, 8).bytes() == std::to_string(info.max_error_count));
    CHECK(info.max_error_count == (mysql ? 1024U : 65'535U)); // MySQL lets only administrators change it
}

TEST_CASE("a server whose sessions differ is set right, and one that does not take a setting is refused", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    // One of MariaDB's old modes hides the warnings of INSERT IGNORE.
    const std::string old_mode = server.is_mysql() ? "" : ", GLOBAL old_mode = 'NO_DUP_KEY_WARNINGS_WITH_IGNORE'";
    const std::string new_mode = server.is_mysql() ? "" : ", GLOBAL old_mode = DEFAULT";
    server.execute("CREATE TABLE t (id INT); INSERT INTO t SELECT seq FROM seq_1_to_10", "s");
    server.execute(
        "SET GLOBAL sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES', GLOBAL autocommit = 0, GLOBAL sql_select_limit = 3, "
        "GLOBAL time_zone = '-07:00', GLOBAL sql_notes = 0" +
        old_mode);
    auto c = rf::mysql::connector(server.uri("s")).connect();
    server.execute("SET GLOBAL sql_mode = DEFAULT, GLOBAL autocommit = 1, GLOBAL sql_select_limit = DEFAULT, "
                   "GLOBAL time_zone = 'SYSTEM', GLOBAL sql_notes = 1" +
                   new_mode);
    INFO((c ? std::string() : to_string(c.error())));
    REQUIRE(c.has_value());
    CHECK(c->query("SELECT id FROM t").value().rows() == 10);
    if (!server.is_mysql()) CHECK(c->query("SELECT @@old_mode").value().at(0, 0).bytes().empty());
}

TEST_CASE("a connection that fails says where to, as whom and what to check, without the password", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    const std::string at = "127.0.0.1:" + std::to_string(server.port());
    auto failure = [](const std::string& uri) {
        auto c = rf::mysql::connector(uri).connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error().operation == "connect");
        CHECK_FALSE(contains(to_string(c.error()), "geheim"));
        return c.error();
    };
    SECTION("wrong password") {
        const auto e = failure("mysql://ferry:geheim@" + at + "/s" + server.options());
        CHECK(e.code == 1045);
        CHECK(e.fault == rf::fault::permanent);
        const std::string words =
            "cannot connect to " + at + " as user ferry, database s; check the user name and the password";
        CHECK(e.message.starts_with(words)); // what else the account may demand comes after it
    }
    SECTION("no such user") {
        CHECK(failure("mysql://nobody:geheim@" + at + "/s" + server.options()).fault == rf::fault::permanent);
    }
    SECTION("no such database") {
        const auto e = failure("mysql://ferry:" + server.password() + "@" + at + "/nowhere" + server.options());
        CHECK(e.code == 1049);
        CHECK(e.fault == rf::fault::permanent);
        CHECK(contains(e.message, "database nowhere; check the database's name"));
    }
    SECTION("no such port") {
        const auto e = failure("mysql://ferry:geheim@127.0.0.1:1/s");
        CHECK(e.fault == rf::fault::unreachable);
        CHECK(
            contains(e.message, "cannot connect to 127.0.0.1:1 as user ferry, database s; check that the server runs"));
    }
    SECTION("no such socket") {
        CHECK(failure("mysql://ferry:geheim@/s?socket=/nowhere/socket").fault == rf::fault::unreachable);
    }
    SECTION("no such host") {
        const auto e = failure("mysql://ferry:geheim@host.invalid/s");
        CHECK(e.fault == rf::fault::unreachable);
        CHECK(contains(e.message, "cannot connect to host.invalid:3306"));
    }
    SECTION("an option file that is not there") {
        auto c = rf::mysql::connector("mysql://ferry@" + at + "/s?option-file=/nowhere/my.cnf").connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(contains(c.error().message, "the option file /nowhere/my.cnf cannot be read"));
    }
}

TEST_CASE("a server without TLS gets no statement when TLS is demanded, and is not asked again", "[client]") {
    private_server server({option_without_tls(target_product())});
    server.create_database("s");
    const std::string uri = server.uri_without_options("s") + "?server-public-key=ask&ssl-mode=";
    auto asked = [&server] {
        return std::stoull(*server.query("SHOW GLOBAL STATUS LIKE 'Com_set_option'").at(0).at(1));
    };
    const auto first = asked();
    const auto of_asking = asked() - first; // the test's own sessions may set something, too
    for (const char* mode : {"required", "verify-ca", "verify-identity"}) {
        INFO(mode);
        const auto before = asked();
        auto c = rf::mysql::connector(uri + mode).connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error().fault == rf::fault::permanent);
        CHECK(c.error().operation == "connect");
        CHECK_FALSE(contains(to_string(c.error()), server.password()));
        INFO(to_string(c.error()));
        CHECK((contains(c.error().message, " is not encrypted, which its ssl-mode demands: turn TLS on") ||
               contains(c.error().message, "check TLS: the server's certificate, ssl-mode and ssl-ca")));
        CHECK(asked() == before + of_asking); // the session recipe never went out
    }
    const std::string open = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'ferry'";
    for (int i = 0; i < 100 && server.value(open) != "0"; ++i) std::this_thread::sleep_for(20ms);
    CHECK(server.value(open) == "0");
    CHECK(rf::mysql::connector(uri + "preferred").connect().has_value());
    CHECK(rf::mysql::connector(uri + "disabled").connect().has_value());
}

TEST_CASE("a certificate is verified, and a wrong one is permanent", "[client]") {
    const temporary_folder folder;
    auto make = [&folder](const std::string& name) {
        child_process openssl({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                               "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                               folder.path() + "/" + name + ".key", "-out", folder.path() + "/" + name + ".pem"},
                              folder.path() + "/openssl.log");
        if (openssl.wait() != 0) FAIL("openssl, which makes this test's certificates, is missing or fails");
        return folder.path() + "/" + name + ".pem";
    };
    const std::string right = make("right");
    const std::string wrong = make("wrong");
    private_server server({"--ssl-cert=" + right, "--ssl-key=" + folder.path() + "/right.key"});
    server.create_database("s");
    auto connect = [&server](const std::string& options) {
        return rf::mysql::connector(server.uri_without_options("s") + "?" + options).connect();
    };
    for (const std::string& options :
         {std::string("ssl-mode=required&server-public-key=ask"), "ssl-mode=verify-ca&ssl-ca=" + right,
          "ssl-mode=verify-identity&ssl-ca=" + right, "ssl-ca=" + right, "ssl-mode=required&ssl-ca=" + right}) {
        INFO(options);
        auto c = connect(options);
        INFO((c ? std::string() : to_string(c.error())));
        REQUIRE(c.has_value());
        CHECK(c->is_encrypted());
        CHECK_FALSE(c->query("SHOW STATUS LIKE 'Ssl_cipher'").value().at(0, 1).bytes().empty());
    }
    for (const std::string& options : {"ssl-mode=verify-ca&ssl-ca=" + wrong, "ssl-mode=verify-identity&ssl-ca=" + wrong,
                                       "ssl-ca=" + wrong, std::string("ssl-mode=verify-ca&ssl-ca=/nowhere/ca.pem")}) {
        INFO(options);
        auto c = connect(options);
        REQUIRE_FALSE(c.has_value());
        INFO(to_string(c.error()));
        CHECK(c.error().code == 2026);
        CHECK(c.error().fault == rf::fault::permanent);
        CHECK(contains(c.error().message, "check TLS: the server's certificate, ssl-mode and ssl-ca"));
    }
}

TEST_CASE("a TLS error is a refusal, or a connection that was cut", "[client]") {
    using rf::mysql::detail::is_tls_refusal;
    for (const char* refusal :
         {"TLS/SSL error: self-signed certificate", "TLS/SSL error: certificate verify failed",
          "TLS/SSL error: SSL is required, but the server does not support it",
          "SSL connection error: SSL is required but the server doesn't support it",
          "TLS/SSL error: Validation of SSL server certificate failed", "TLS/SSL error: tlsv1 alert protocol version",
          "TLS/SSL error: No such file or directory (2)", "TLS/SSL error: no cipher match",
          "TLS/SSL error: tlsv1 alert internal error", "TLS/SSL error: A TLS fatal alert has been received.",
          "SSL connection error: error:0A000086:SSL routines::certificate verify failed"}) {
        INFO(refusal);
        CHECK(is_tls_refusal(refusal));
    }
    for (const char* cut :
         {"TLS/SSL error: unexpected eof while reading", "TLS/SSL error: Connection reset by peer (104)",
          "SSL connection error: error:00000000:lib(0)::reason(0)", "TLS/SSL error: Success (0)",
          "TLS/SSL error: sslv3 alert close notify"}) {
        INFO(cut);
        CHECK_FALSE(is_tls_refusal(cut));
    }
    rf::error e;
    e.code = 2026;
    e.fault = rf::classify(e.code);
    e.server_message = "TLS/SSL error: unexpected eof while reading";
    CHECK(rf::mysql::detail::connect_failure(e, {}).fault == rf::fault::unreachable);
    e.server_message = "TLS/SSL error: self-signed certificate";
    CHECK(rf::mysql::detail::connect_failure(e, {}).fault == rf::fault::permanent);
}

TEST_CASE("a server that listens on IPv4 only is reached by a name that resolves to IPv6, too", "[client]") {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    REQUIRE(::getaddrinfo("localhost", nullptr, &hints, &found) == 0);
    const bool is_v6_first = found->ai_family == AF_INET6;
    ::freeaddrinfo(found);
    if (!is_v6_first) SKIP("localhost resolves to IPv4 first here");
    auto& server = shared_server();
    server.create_database("s");
    const std::string uri =
        "mysql://ferry:" + server.password() + "@localhost:" + std::to_string(server.port()) + "/s" + server.options();
    auto c = rf::mysql::connector(uri).connect();
    INFO((c ? std::string() : to_string(c.error())));
    REQUIRE(c.has_value());
    CHECK(c->query("SELECT 1").has_value());
    auto none = rf::mysql::connector("mysql://ferry@localhost:1/s").connect();
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().fault == rf::fault::unreachable);
    CHECK((none.error().code == 2002 || none.error().code == 2003)); // by library
}

TEST_CASE("a server that offers no common version of TLS is tried once", "[client]") {
    if (target_product() == product::mysql) SKIP("MySQL offers no version that is too old");
    const temporary_folder folder;
    child_process openssl({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=old",
                           "-keyout", folder.path() + "/key.pem", "-out", folder.path() + "/certificate.pem"},
                          folder.path() + "/openssl.log");
    if (openssl.wait() != 0) FAIL("openssl, which makes this test's certificate, is missing or fails");
    private_server server({"--ssl-cert=" + folder.path() + "/certificate.pem",
                           "--ssl-key=" + folder.path() + "/key.pem", "--tls-version=TLSv1.1"});
    server.create_database("s");
    rf::mysql::connector connector(server.uri_without_options("s") + "?ssl-mode=required");
    auto manager = rf::make_connection_manager(connector, rf::exponential_backoff{.initial_delay = 1ms});
    auto done = manager.run("connect", [](rf::mysql::connection&) { return rf::result<void>(); });
    REQUIRE_FALSE(done.has_value());
    INFO(to_string(done.error()));
    CHECK(done.error().code == 2026);
    CHECK(done.error().fault == rf::fault::permanent);
    CHECK(done.error().attempt == 1);
    CHECK(contains(done.error().message, "check TLS"));
}

TEST_CASE("connectors: a password of its own, an option file, a socket, an identity", "[client]") {
    auto& server = shared_server();
    server.create_database("s");
    const std::string at = "127.0.0.1:" + std::to_string(server.port());
    const rf::mysql::connector without("mysql://ferry@" + at + "/s" + server.options());
    CHECK(without.identity() == at + "/s");
    CHECK(without.with_password(server.password()).connect().has_value());
    CHECK_FALSE(without.with_password("geheim").connect().has_value());

    const support::temporary_folder folder;
    const std::string file = folder.path() + "/my.cnf";
    std::ofstream(file) << "[client]\nuser = nobody\npassword = " << server.password() << "\n";
    const std::string by_file =
        "mysql://ferry@" + at + "/s" + (server.is_mysql() ? server.options() + "&" : "?") + "option-file=" + file;
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    CHECK(rf::mysql::connector(by_file).connect().has_value());
    for (const unsigned mode : {0620U, 0602U}) { // others could put a password and a host of their own there
        std::filesystem::permissions(file, std::filesystem::perms(mode));
        const auto c = rf::mysql::connector(by_file).connect();
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error().cause == rf::cause::unsafe_credentials);
        CHECK(contains(c.error().message, "chmod"));
    }

    const rf::mysql::connector by_socket("mysql://ferry:" + server.password() + "@/s?socket=" + server.socket());
    CHECK(by_socket.identity() == server.socket() + "/s");
    CHECK(by_socket.connect().has_value());

    CHECK_THROWS_AS(rf::mysql::connector("mysql://nowhere"), rf::copy_error);
    CHECK_FALSE(rf::mysql::connector::from_uri("mysql://nowhere").has_value());
}
