// SPDX-License-Identifier: BSL-1.0
// What a server gets from a client that logs in: asked by plugins that would reveal the password, by ones that hand it over,
// and by servers that hide their TLS. On the bytes that a scripted server was sent, and on real servers.
#include "client_helpers.hpp"
#include "greeter.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rf = rowferry;
using namespace support;

namespace {

constexpr std::string_view password = "s3same-geheim";

/// The error of a login at this server, which has to fail.
rf::error failure_at(const greeter& server, const std::string& options = {}) {
    const std::string uri = "mysql://etl:" + std::string(password) + "@" + server.address() + "/shop" +
                            (options.empty() ? "" : "?" + options);
    auto c = rf::mysql::connector(uri).connect();
    REQUIRE_FALSE(c.has_value());
    server.wait_for(1);
    INFO(to_string(c.error()));
    CHECK(c.error().operation == "connect");
    CHECK_FALSE(contains(to_string(c.error()), password));
    return c.error();
}

/// The same where it was a decision of ours: no try changes it.
rf::error refusal_at(const greeter& server, const std::string& options = {}) {
    rf::error e = failure_at(server, options);
    INFO(to_string(e));
    CHECK(e.cause == rf::cause::unsafe_credentials);
    CHECK(e.fault == rf::fault::permanent);
    return e;
}

/// Whether the server got the first packet of a login and nothing else: names, and no answer to its challenge.
bool got_names_only(const greeter& server) {
    const auto packets = server.received();
    if (packets.size() != 1) return false;
    constexpr std::size_t fixed = 32;
    const std::size_t user = packets[0].find("etl\0", fixed, 4);
    return user == fixed && packets[0][user + 4] == '\0' && !contains(packets[0], password);
}

} // namespace

TEST_CASE("plugins that would reveal the password are refused, and get nothing", "[login]") {
    const std::vector<std::string> plugins{"mysql_clear_password",
                                           "dialog",
                                           "mysql_old_password",
                                           "auth_gssapi_client",
                                           "sha256_passwor",
                                           "authentication_ldap_sasl_client",
                                           "authentication_kerberos_client",
                                           "authentication_webauthn_client",
                                           "authentication_oci_client",
                                           "authentication_openid_connect_client",
                                           "password",
                                           "../../tmp/x",
                                           "MYSQL_NATIVE_PASSWORD",
                                           ""};
    for (const std::string& plugin : plugins) {
        for (const std::string& greeted : {plugin, std::string("mysql_native_password")}) {
            INFO(greeted << ", then " << plugin);
            const greeter server(greeted, {greeter::switch_to(plugin), greeter::ok()});
            const rf::error e = refusal_at(server);
            CHECK(e.offers(rf::remedy::change_account));
            CHECK(got_names_only(server));
        }
    }
}

TEST_CASE("a server that names the plugin of our own gets nothing", "[login]") {
    for (const char* greeted : {"rowferry", "mysql_native_password"}) {
        INFO(greeted);
        const greeter server(greeted, {greeter::switch_to("rowferry"), greeter::ok()});
        failure_at(server);
        CHECK((server.received().empty() || got_names_only(server)));
    }
    // Nor does a user of the library that is not ours answer by it.
    const greeter server("mysql_native_password", {greeter::switch_to("rowferry"), greeter::ok()});
    const std::unique_ptr<MYSQL, decltype(&mysql_close)> other(mysql_init(nullptr), &mysql_close);
    CHECK(mysql_real_connect(other.get(), "127.0.0.1", "etl", password.data(), "shop", server.port(), nullptr, 0) ==
          nullptr);
    server.wait_for(1);
    for (const std::string& packet : server.received()) CHECK_FALSE(contains(packet, password));
}

TEST_CASE("other users of the client library log in as before", "[login]") {
    auto& server = shared_server();
    server.create_database("s");
    CHECK(rf::mysql::connector(server.uri("s")).connect().has_value()); // our plugin is there by now
    const std::unique_ptr<MYSQL, decltype(&mysql_close)> other(mysql_init(nullptr), &mysql_close);
    const unsigned tcp = MYSQL_PROTOCOL_TCP;
    mysql_options(other.get(), MYSQL_OPT_PROTOCOL, &tcp);
    CHECK(mysql_real_connect(other.get(), "127.0.0.1", "ferry", server.password().c_str(), "s", server.port(), nullptr,
                             0) != nullptr);
    if (!server.is_mysql()) CHECK(std::string_view(other->passwd) == server.password());
}

TEST_CASE("a plugin of the environment and the cleartext plugin's switch change nothing", "[login]") {
    ::setenv("LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN", "1", 1);
    const greeter server("mysql_clear_password", {greeter::switch_to("mysql_clear_password"), greeter::ok()});
    refusal_at(server);
    ::unsetenv("LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN");
    CHECK(got_names_only(server));
}

TEST_CASE("a server that changes its mind gets no second answer", "[login]") {
    for (const char* second : {"mysql_clear_password", "dialog", "mysql_old_password", "caching_sha2_password", ""}) {
        INFO(second);
        const greeter server("mysql_native_password",
                             {greeter::switch_to("mysql_native_password"), greeter::switch_to(second), greeter::ok()});
        const rf::error e = failure_at(server);
        const auto packets = server.received();
        REQUIRE(packets.size() == 2);
        CHECK(packets[1].size() == 20); // the proof that was asked for
        CHECK_FALSE(contains(packets[0] + packets[1], password));
    }
}

TEST_CASE("what a server gets that does not name its plugin does not depend on the password", "[login]") {
    const auto sent = [](const std::string& plugin, std::uint32_t missing, const std::string& with) {
        const greeter server("", {greeter::switch_to(plugin), greeter::refusal(), greeter::refusal()},
                             greeter::usual & ~missing);
        CHECK_FALSE(
            rf::mysql::connector("mysql://etl:" + with + "@" + server.address() + "/shop").connect().has_value());
        server.wait_for(1);
        return server.received();
    };
    for (const std::uint32_t missing : {greeter::plugin_auth, greeter::plugin_auth | greeter::secure_connection,
                                        greeter::plugin_auth | greeter::protocol_41}) {
        for (const char* plugin : {"mysql_clear_password", "caching_sha2_password", ""}) {
            INFO(missing << ' ' << plugin);
            CHECK(sent(plugin, missing, std::string(password)) == sent(plugin, missing, "another"));
        }
    }
}

TEST_CASE("without TLS, the password is handed over to no one", "[login]") {
    for (const char* plugin : {"caching_sha2_password", "sha256_password"}) {
        for (const char* options : {"", "ssl-mode=preferred", "ssl-mode=disabled"}) {
            for (const char* version : {"8.0.36", "9.1.0", "10.11.6-MariaDB"}) {
                INFO(plugin << ' ' << options << ' ' << version);
                const greeter server(plugin, {greeter::switch_to(plugin), "\1\4", greeter::ok()}, greeter::usual,
                                     version);
                const rf::error e = refusal_at(server, options);
                CHECK(e.offers(rf::remedy::use_tls));
                CHECK(e.offers(rf::remedy::name_server_key));
                CHECK(e.offers(rf::remedy::change_account) == (std::string_view(version) != "9.1.0"));
                CHECK(got_names_only(server));
            }
        }
    }
}

TEST_CASE("a key file encrypts the password where there is no TLS, and a broken one sends nothing", "[login]") {
    const temporary_folder folder;
    const std::string key = folder.path() + "/key.pem";
    child_process openssl({"sh", "-c",
                           "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out " + folder.path() +
                               "/private.pem && openssl pkey -in " + folder.path() + "/private.pem -pubout -out " +
                               key},
                          folder.path() + "/openssl.log");
    REQUIRE(openssl.wait() == 0);
    std::ofstream(folder.path() + "/empty.pem");
    std::ofstream(folder.path() + "/no-key.pem") << "hello\n";
    for (const char* mode : {"disabled", "preferred"}) {
        INFO(mode);
        const std::string option = "ssl-mode=" + std::string(mode) + "&server-public-key=";
        const greeter server("caching_sha2_password",
                             {greeter::switch_to("caching_sha2_password"), "\1\4", greeter::refusal()}, greeter::usual,
                             "8.0.36");
        CHECK(failure_at(server, option + key).code == 1045);
        const auto packets = server.received();
        REQUIRE(packets.size() == 3);
        CHECK(packets[1].size() == 32);  // the proof
        CHECK(packets[2].size() == 256); // encrypted
        for (const std::string& packet : packets) CHECK_FALSE(contains(packet, password));

        for (const char* broken : {"/empty.pem", "/no-key.pem", "/missing.pem"}) {
            INFO(broken);
            const greeter other("caching_sha2_password", {greeter::switch_to("caching_sha2_password"), "\1\4", "\1key"},
                                greeter::usual, "8.0.36");
            CHECK(contains(refusal_at(other, option + folder.path() + broken).message, "holds no public key"));
            CHECK(got_names_only(other));
        }
    }
}

TEST_CASE("two servers with keys of their own", "[login]") {
    auto& server = shared_server();
    if (!server.is_mysql()) return;
    private_server other(product::mysql);
    for (const private_server* each : {&server, &other, &server}) {
        each->create_database("s");
        each->execute("FLUSH PRIVILEGES");
        auto c = rf::mysql::connector(each->uri("s")).connect();
        INFO((c ? std::string() : to_string(c.error())));
        CHECK(c.has_value());
    }
}

TEST_CASE("\"ask\" hands the password to whoever answers, but not in the clear", "[login]") {
    for (const char* mode : {"disabled", "preferred"}) {
        const greeter server("caching_sha2_password",
                             {greeter::switch_to("caching_sha2_password"), "\1\4", "\1no key", greeter::refusal()});
        failure_at(server, std::string("server-public-key=ask&ssl-mode=") + mode);
        const auto packets = server.received();
        REQUIRE(packets.size() == 3);
        CHECK(packets[2] == "\2"); // the question for the key
        for (const std::string& packet : packets) CHECK_FALSE(contains(packet, password));
    }
}

TEST_CASE("a server that hides its TLS gets nothing where TLS is demanded", "[login]") {
    for (const char* mode : {"required", "verify-ca", "verify-identity"}) {
        INFO(mode);
        const greeter server("mysql_native_password", {greeter::ok()});
        const rf::error e = failure_at(server, std::string("ssl-mode=") + mode);
        CHECK(e.fault == rf::fault::permanent);
        CHECK(server.received().empty());
    }
}

TEST_CASE("an answer that is not a login packet is refused", "[login]") {
    for (const std::string& answer :
         {std::string("\1hello"), std::string("\3abc"), std::string("\2mysql_clear_password\0x", 23)}) {
        const greeter server("mysql_native_password", {answer, greeter::ok()});
        const rf::error e = failure_at(server);
        CHECK(e.cause == rf::cause::senseless_answer);
        CHECK(got_names_only(server));
    }
}

TEST_CASE("real servers let in by each plugin that they have", "[login]") {
    auto& server = shared_server();
    server.create_database("s");
    const std::string at = "127.0.0.1:" + std::to_string(server.port());
    auto connect = [&](const std::string& user, const std::string& options = {}) {
        return rf::mysql::connector("mysql://" + user + ":p%40ss@" + at + "/s" + options).connect();
    };
    auto grant = [&](const std::string& by) {
        server.execute(
            "DROP USER IF EXISTS login@'127.0.0.1', login@localhost; CREATE USER login@'127.0.0.1' IDENTIFIED " + by +
            "; GRANT SELECT ON s.* TO login@'127.0.0.1'");
    };
    if (!server.is_mysql()) {
        grant("BY 'p@ss'");
        CHECK(connect("login").has_value());
        CHECK(connect("login", "?ssl-mode=preferred").has_value());
        grant("BY ''");
        CHECK(rf::mysql::connector("mysql://login@" + at + "/s").connect().has_value());
#if defined(LIBMARIADB)
        // A package of its own may have the server's plugin, which the other packages of a server do without.
        const bool has_plugin =
            server.value("SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'ed25519'") != "0" ||
            server.try_execute("INSTALL SONAME 'auth_ed25519'");
        if (!has_plugin) {
            WARN("this server lacks auth_ed25519: that plugin is not tried");
            return;
        }
        grant("VIA ed25519 USING PASSWORD('p@ss')");
        auto c = connect("login");
        INFO((c ? std::string() : to_string(c.error())));
        CHECK(c.has_value());
        const auto wrong = rf::mysql::connector("mysql://login:wrong@" + at + "/s").connect();
        REQUIRE_FALSE(wrong.has_value());
        CHECK(wrong.error().code == 1045);
#endif
        return;
    }
    grant("WITH caching_sha2_password BY 'p@ss'");
    // Nothing verifies the certificate of a fresh server: full authentication is refused, at each try.
    for (int i = 0; i < 2; ++i) {
        const auto c = connect("login", "?ssl-mode=required");
        REQUIRE_FALSE(c.has_value());
        CHECK(c.error().cause == rf::cause::unsafe_credentials);
        CHECK(c.error().offers(rf::remedy::use_tls));
    }
    const std::string data = server.data_folder();
    for (const std::string& options :
         {"?ssl-mode=disabled&server-public-key=" + data + "/public_key.pem", std::string("?server-public-key=ask"),
          std::string("?ssl-mode=disabled&server-public-key=ask"),
          std::string("?ssl-mode=required&server-public-key=ask")}) {
        INFO(options);
        server.execute("FLUSH PRIVILEGES"); // forgets who logged in
        auto c = connect("login", options);
        INFO((c ? std::string() : to_string(c.error())));
        CHECK(c.has_value());
        CHECK(connect("login", options).has_value()); // by the proof alone
    }
#if !defined(LIBMARIADB) // whose verify-ca looks at the name too
    server.execute("FLUSH PRIVILEGES");
    CHECK(connect("login", "?ssl-ca=" + data + "/ca.pem").has_value());
#endif
    server.execute("DROP USER login@'127.0.0.1'; CREATE USER login@localhost IDENTIFIED BY 'p@ss';"
                   " GRANT SELECT ON s.* TO login@localhost");
    CHECK(rf::mysql::connector("mysql://login:p%40ss@/s?socket=" + server.socket()).connect().has_value());
}

TEST_CASE("the client library keeps no password after the login", "[login]") {
    auto& server = shared_server();
    server.create_database("s");
    rf::mysql::detail::client c;
    const auto to = rf::mysql::parse_uri(server.uri("s")).value();
    REQUIRE(rf::mysql::detail::connect_client(c, to).has_value());
    REQUIRE(c.handle()->passwd != nullptr);
    CHECK(std::string_view(c.handle()->passwd).empty());
}
