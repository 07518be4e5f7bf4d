// SPDX-License-Identifier: BSL-1.0
// Where passwords can be seen: in memory, in the process list, in the environment, and on the way to a server without TLS.
#include "client_helpers.hpp"
#include "greeter.hpp"
#include "memory_search.hpp"
#include "tool.hpp"
#include "tool_json.hpp"

#include <rowferry/mysql.hpp>

#include "catch.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace rf = rowferry;
using namespace support;

namespace {

/// A server that never answers a login.
greeter silent() { return greeter("mysql_native_password", {}); }

std::string file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// This machine under a name that is not taken for it: what goes there is treated as if it left the machine.
std::string from_outside(std::uint16_t port) { return "[::ffff:127.0.0.1]:" + std::to_string(port); }

} // namespace

TEST_CASE("a password is in memory once, however many connectors there are, and then not at all", "[secrets]") {
    const masked_text password(24);
    const auto here = [&password] { return occurrences(password, ::getpid()).value(); };
    REQUIRE(here() == 0);
    // The login succeeds, and the session that follows does not.
    const greeter server("mysql_native_password",
                         {greeter::switch_to("mysql_native_password"), greeter::ok(), greeter::refusal()});
    std::string uri = "mysql://etl:";
    rf::mysql::detail::keep_on_heap(uri, 200);
    password.append_to(uri);
    uri += "@" + server.address() + "/shop";
    {
        const rf::mysql::connector first(uri);
        rf::mysql::wipe(uri);
        CHECK(here() == 1);
        const rf::mysql::connector second = first;
        for (const auto* each : {&first, &second, &first}) CHECK_FALSE(each->connect().has_value());
        CHECK(here() == 1);
        CHECK(server.received().size() > 2); // it came past the login
    }
    CHECK(here() == 0);

    const temporary_folder folder;
    std::string text = "[client]\npassword = ";
    rf::mysql::detail::keep_on_heap(text, 200);
    password.append_to(text);
    {
        const int out = ::open((folder.path() + "/my.cnf").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        REQUIRE(::write(out, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        ::close(out);
    }
    rf::mysql::wipe(text);
    const rf::mysql::connector by_file("mysql://etl@" + server.address() + "/shop?option-file=" + folder.path() +
                                       "/my.cnf");
    CHECK_FALSE(by_file.connect().has_value());
    CHECK(here() == 0);
}

TEST_CASE("the tool shows its passwords neither in the process list nor in its environment, and keeps one copy",
          "[secrets][tool]") {
    const masked_text by_uri(24);
    const masked_text by_environment(24);
    std::string source_password;
    std::string target_password;
    by_uri.append_to(source_password);
    by_environment.append_to(target_password);
    const greeter source = silent();
    const greeter target = silent();
    ::setenv("ROWFERRY_SOURCE_PASSWORD", "other", 1);
    ::setenv("ROWFERRY_TARGET_PASSWORD", target_password.c_str(), 1);
    for (const bool apart : {true, false}) {
        const std::string uri = "mysql://etl:" + source_password + "@" + source.address() + "/shop";
        std::vector<std::string> words{"copy", "--table", "t", "--target", "mysql://etl@" + target.address() + "/shop"};
        if (apart) {
            words.insert(words.end(), {"--source", uri});
        } else {
            words.push_back("--source=" + uri);
        }
        const std::size_t before = source.received().size();
        tool_run run(words);
        REQUIRE(eventually([&] { return source.received().size() > before; }));
        const std::string folder = "/proc/" + std::to_string(run.pid());
        const std::string arguments = file(folder + "/cmdline");
        CHECK(contains(arguments, "mysql://etl@" + source.address() + "/shop"));
        CHECK_FALSE(contains(arguments, source_password));
        CHECK_FALSE(contains(file(folder + "/environ"), target_password));
        if (const auto copies = occurrences(by_uri, run.pid())) CHECK(*copies == 1);
        if (const auto copies = occurrences(by_environment, run.pid())) CHECK(*copies == 1);
        run.signal(SIGKILL);
        run.wait();
    }
    ::unsetenv("ROWFERRY_SOURCE_PASSWORD");
    ::unsetenv("ROWFERRY_TARGET_PASSWORD");
}

TEST_CASE("a mistyped option of a URI is not repeated", "[secrets][tool]") {
    for (const char* option : {"geheim", "pass=geheim", "ssl-mode=geheim", "read-timeout=geheim"}) {
        const auto answer = run_tool({"copy", "--table", "t", "--source", std::string("mysql://a@h/d?") + option,
                                      "--target", "mysql://a@h/d", "--json"});
        CHECK(answer.exit_code == 2);
        CHECK_FALSE(contains(answer.out + answer.err, "geheim"));
    }
}

TEST_CASE("--require-tls sends nothing to a server without TLS, and lets this machine be", "[secrets][tool]") {
    const greeter server("mysql_native_password", {greeter::refusal()});
    const auto copy = [&server](const std::string& host, const std::string& options = {}) {
        const std::string uri = "mysql://etl:s3same@" + host + "/shop" + options;
        return run_tool({"copy", "--table", "t", "--source", uri, "--target", uri, "--require-tls"});
    };
    for (const char* options : {"", "?ssl-mode=required", "?ssl-mode=verify-ca"}) {
        const auto answer = copy(from_outside(server.port()), options);
        INFO(answer.err);
        CHECK(answer.exit_code == 2);
        CHECK(contains(answer.err, "TLS"));
        CHECK(server.received().empty());
    }
    for (const char* options : {"?ssl-mode=disabled", "?ssl-mode=preferred"}) {
        const auto answer = copy(from_outside(server.port()), options);
        CHECK(answer.exit_code == 2);
        CHECK(contains(answer.err, "--source: --require-tls does not go with ssl-mode disabled or preferred"));
        CHECK(server.received().empty());
    }
    const auto here = copy(server.address());
    CHECK(contains(here.err, "1045"));
    CHECK_FALSE(server.received().empty());
}

TEST_CASE("the tool says once for each side that a connection to another host is not encrypted", "[secrets][tool]") {
    private_server server({option_without_tls(target_product())});
    server.create_database("a");
    server.create_database("b");
    server.execute("CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY)", "a");
    server.execute("CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY)", "b");
    const auto uri = [&server](const std::string& database, const std::string& mode) {
        const std::string key =
            server.is_mysql() ? "server-public-key=" + server.data_folder() + "/public_key.pem&" : std::string();
        return "mysql://ferry:" + server.password() + "@" + from_outside(server.port()) + "/" + database + "?" + key +
               "read-timeout=60" + mode;
    };
#if defined(LIBMARIADB)
    // Connector/C 3.4 refuses such a server unless it is told not to verify.
    const std::string usual = rf::mysql::detail::verifies_by_itself() ? "&ssl-mode=preferred" : "";
#else
    const std::string usual;
#endif
    auto answer = run_tool(
        {"copy", "--source", uri("a", usual), "--target", uri("b", usual), "--table", "t", "--table", "u", "--json"});
    INFO(answer.err);
    REQUIRE(answer.exit_code == 0);
    CHECK(contains(answer.err, "source: the connection to [::ffff:127.0.0.1]"));
    CHECK(contains(answer.err, "target: the connection to [::ffff:127.0.0.1]"));
    CHECK(answer.error_lines() == 2);
    CHECK(contains(json(server, answer, "$.notices[1]"), "target: the connection to"));
    answer = run_tool({"copy", "--source", uri("a", "&ssl-mode=disabled"), "--target", uri("b", "&ssl-mode=disabled"),
                       "--table", "t", "--json"});
    CHECK(answer.exit_code == 0);
    CHECK(answer.error_lines() == 0);
}
