// SPDX-License-Identifier: BSL-1.0
// Connection URIs, option files, and what of the server's words may be repeated: none of it needs a server.
#include <rowferry/mysql/option_file.hpp>
#include <rowferry/mysql/redact.hpp>
#include <rowferry/mysql/uri.hpp>

#include "catch.hpp"
#include "child_process.hpp"

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

using namespace std::string_literals;
using rowferry::mysql::parse_uri;

namespace {

std::string why_not(std::string_view uri) {
    const auto parsed = parse_uri(uri);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().fault == rowferry::fault::permanent);
    return parsed.error().message;
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

} // namespace

TEST_CASE("a URI in full", "[uri]") {
    const auto e =
        parse_uri("mysql://etl:s%40cr%2Ft%3A@db.example:3307/open%20dental?ssl-mode=verify-identity&ssl-ca=/etc/ca.pem"
                  "&server-public-key=/etc/key.pem"
                  "&option-file=/root/my.cnf&connect-timeout=3&read-timeout=60");
    REQUIRE(e.has_value());
    CHECK(e->user == "etl");
    CHECK(e->password->view() == "s@cr/t:");
    CHECK(e->host == "db.example");
    CHECK(e->port == 3307);
    CHECK(e->database == "open dental");
    CHECK(e->ssl == rowferry::mysql::ssl_mode::verify_identity);
    CHECK(e->ssl_ca == "/etc/ca.pem");
    CHECK(e->server_public_key == "/etc/key.pem");
    CHECK(e->option_file == "/root/my.cnf");
    CHECK(e->connect_timeout == std::chrono::seconds(3));
    CHECK(e->read_timeout == std::chrono::seconds(60));
    CHECK(rowferry::mysql::identity(*e) == "db.example:3307/open dental");
}

TEST_CASE("what a URI leaves out has a default", "[uri]") {
    const auto e = parse_uri("mysql://etl@db/x");
    REQUIRE(e.has_value());
    CHECK_FALSE(e->password.has_value());
    CHECK(e->port == 3306);
    CHECK(e->socket.empty());
    CHECK(e->ssl == rowferry::mysql::ssl_mode::library_default);
    CHECK(e->connect_timeout == std::chrono::seconds(10));
    CHECK(e->read_timeout == std::chrono::seconds(120));
    CHECK(rowferry::mysql::identity(*e) == "db:3306/x");
    CHECK(parse_uri("mysql://etl:@db/x")->password->view() == "");
    CHECK(parse_uri("mysql://a%40b:p@h@db/x")->password->view() == "p@h"); // the last @ ends the credentials
}

TEST_CASE("the mode of TLS that is in force", "[uri]") {
    using rowferry::mysql::ssl_mode;
    const auto mode = [](const std::string& uri) { return ssl_mode_of(parse_uri("mysql://etl@" + uri).value()); };
    CHECK(mode("db/x") == ssl_mode::preferred);
    CHECK(mode("10.0.0.1/x") == ssl_mode::preferred);
    CHECK(mode("127.example/x") == ssl_mode::preferred);
    CHECK(mode("localhost.example/x") == ssl_mode::preferred);
    for (const char* here : {"localhost/x", "127.0.0.1/x", "127.1.2.3:3307/x", "[::1]/x", "db/x?socket=/s"}) {
        INFO(here);
        CHECK(mode(here) == ssl_mode::library_default);
    }
    CHECK(mode("db/x?ssl-mode=disabled") == ssl_mode::disabled);
    CHECK(mode("127.0.0.1/x?ssl-mode=preferred") == ssl_mode::preferred);
    CHECK(mode("db/x?ssl-ca=/ca.pem") == ssl_mode::verify_ca);
    CHECK(mode("127.0.0.1/x?ssl-ca=/ca.pem") == ssl_mode::verify_ca);
    CHECK(mode("db/x?ssl-ca=/ca.pem&ssl-mode=required") == ssl_mode::verify_ca);
    CHECK(mode("db/x?ssl-ca=/ca.pem&ssl-mode=verify-identity") == ssl_mode::verify_identity);
}

TEST_CASE("IPv6 addresses and sockets", "[uri]") {
    const auto six = parse_uri("mysql://etl@[fe80::1]:3307/x");
    REQUIRE(six.has_value());
    CHECK(six->host == "fe80::1");
    CHECK(six->port == 3307);
    CHECK(rowferry::mysql::identity(*six) == "[fe80::1]:3307/x");
    CHECK(parse_uri("mysql://etl@[::1]/x")->port == 3306);

    const auto socket = parse_uri("mysql://etl@/x?socket=/run/my%26sql.sock");
    REQUIRE(socket.has_value());
    CHECK(socket->socket == "/run/my&sql.sock");
    CHECK(rowferry::mysql::identity(*socket) == "/run/my&sql.sock/x");
    CHECK(rowferry::mysql::identity(*parse_uri("mysql://etl@localhost/x?socket=/s")) == "/s/x");
}

TEST_CASE("each malformation has its sentence", "[uri]") {
    CHECK(contains(why_not("postgres://etl@db/x"), "does not begin with mysql://"));
    CHECK(contains(why_not("mysql:/etl@db/x"), "does not begin with mysql://"));
    CHECK(contains(why_not(""), "does not begin with mysql://"));
    CHECK(contains(why_not("mysql://db/x"), "no user"));
    CHECK(contains(why_not("mysql://@db/x"), "no user"));
    CHECK(contains(why_not("mysql://:secret@db/x"), "no user"));
    CHECK(contains(why_not("mysql://etl@db"), "no database"));
    CHECK(contains(why_not("mysql://etl@db/"), "no database"));
    CHECK(contains(why_not("mysql://etl@db/?socket=/s"), "no database"));
    CHECK(contains(why_not("mysql://etl@/x"), "no host"));
    CHECK(contains(why_not("mysql://etl@:3306/x"), "no host"));
    CHECK(contains(why_not("mysql://etl@db:/x"), "the port is not a number"));
    CHECK(contains(why_not("mysql://etl@db:0/x"), "the port is not a number"));
    CHECK(contains(why_not("mysql://etl@db:65536/x"), "the port is not a number"));
    CHECK(contains(why_not("mysql://etl@db:33o6/x"), "the port is not a number"));
    CHECK(contains(why_not("mysql://etl@::1/x"), "brackets"));
    CHECK(contains(why_not("mysql://etl@[::1/x"), "closing bracket"));
    CHECK(contains(why_not("mysql://etl@[]/x"), "no address"));
    CHECK(contains(why_not("mysql://etl@[::1]3306/x"), "no port"));
    CHECK(contains(why_not("mysql://etl@db/x/y"), "%2F"));
    CHECK(contains(why_not("mysql://e%tl@db/x"), "percent sign in the user"));
    CHECK(contains(why_not("mysql://etl@db/x%2"), "percent sign in the database"));
    CHECK(contains(why_not("mysql://etl@db/x%00"), "percent sign in the database"));
    CHECK(contains(why_not("mysql://etl@db/x?sslmode=required"), "option 1 after the question mark is not known"));
    CHECK(contains(why_not("mysql://etl@db/x?ssl-mode=required&pass=x"), "option 2 after the question mark"));
    CHECK(contains(why_not("mysql://etl@db/x?socket"), "socket has no value"));
    CHECK(contains(why_not("mysql://etl@db/x?socket="), "socket has no value"));
    CHECK(contains(why_not("mysql://etl@db/x?ssl-mode=on"), "ssl-mode can be disabled, "));
    CHECK(contains(why_not("mysql://etl@db/x?read-timeout=0"), "read-timeout is not a number"));
    CHECK(contains(why_not("mysql://etl@db/x?connect-timeout=1.5"), "connect-timeout is not a number"));
    CHECK(contains(why_not("mysql://etl@db/x\0y"s), "NUL"));
    for (const char* mode : {"disabled", "preferred"}) {
        CHECK(contains(why_not("mysql://etl@db/x?ssl-ca=/ca.pem&ssl-mode="s + mode), "ssl-ca goes with"));
    }
}

TEST_CASE("the form of a URI is shown as it is", "[uri]") {
    const std::string sentence = why_not("mysql://etl@db");
    CHECK(contains(sentence, "the form is mysql://user[:password]@host[:port]/database[?option=value&…]"));
    CHECK(rowferry::one_line(sentence) == sentence);
    CHECK(rowferry::mysql::hide_passwords(sentence) == sentence);
    CHECK(rowferry::one_line("mysql://user[:geheim]@host[:port]/database") == "mysql://user[:…@host[:port]/database");
}

TEST_CASE("no sentence repeats a password", "[uri]") {
    for (const char* uri : {"mysq://etl:geheim@db/x",
                            "mysql://etl:geheim%zz@db/x",
                            "mysql://etl:geheim@db:x/x",
                            "mysql://etl:geheim@db",
                            "mysql://etl:gehe/im@db/x",
                            "mysql://etl:gehe?im@db/x",
                            "mysql://etl:geheim@/x",
                            "mysql://etl:geheim@db/x?a=b",
                            "mysql://:geheim@db/x",
                            "mysql://etl:p@geheim/x@db/y",
                            "mysql://etl:p@h/x?geheim@db/y",
                            "mysql://etl@db:geheim/x",
                            "mysql://etl:geheim",
                            "mysql://etl:geheim/x",
                            "mysql://etl:12#geheim@db/x?socket",
                            "mysql://etl@db/x?geheim",
                            "mysql://etl@db/x?geheim=1",
                            "mysql://etl@db/x?pass=geheim",
                            "mysql://etl@db/x?socket=/s&password=geheim",
                            "mysql://etl@db/x?ssl-mode=geheim",
                            "mysql://etl@db/x?read-timeout=geheim",
                            "mysql://etl@db/x?%67=geheim%zz"}) {
        const std::string sentence = why_not(uri);
        CHECK_FALSE(contains(sentence, "geheim"));
        CHECK_FALSE(contains(sentence, "gehe"));
    }
    CHECK(contains(why_not("mysql://etl:gehe/im@db/x"), "%2F"));
    CHECK(contains(why_not("mysql://etl:gehe?im@db/x"), "%3F"));
    CHECK(parse_uri("mysql://etl@db/a%40b?socket=/a%40b").has_value());
}

TEST_CASE("the password of an option file is that of its [client] group", "[uri]") {
    using rowferry::mysql::client_password;
    CHECK(client_password("[client]\nuser=x\npassword=abc\n") == "abc");
    CHECK(client_password("[client]\r\npassword = abc \r\n") == "abc");
    CHECK(client_password(
              "[mysqld]\npassword=no\n[client]\n# password=no\npassword=\"a b#c\\\"\"\n[mysql]\npassword=no") ==
          "a b#c\"");
    CHECK(client_password("[client]\npassword=abc # why\n") == "abc");
    CHECK(client_password("[client]\npassword='x\\sy\\\\z'\n") == "x y\\z");
    CHECK(client_password("[client]\npassword=first\npassword=last") == "last");
    CHECK(client_password("[client]\npassword=\n") == "");
    CHECK_FALSE(client_password("[client]\npassword\n").has_value());
    CHECK_FALSE(client_password("password=abc\n").has_value());
    CHECK_FALSE(client_password("[client-x]\npassword=abc\n").has_value());
    CHECK_FALSE(client_password("").has_value());
}

TEST_CASE("an option file is a regular file", "[uri]") {
    using rowferry::mysql::option_file_origin;
    using rowferry::mysql::password_of_file;
    const support::temporary_folder folder;
    const std::string pipe = folder.path() + "/pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    for (const std::string& path : {pipe, folder.path(), "/dev/null"s}) {
        INFO(path);
        const auto password = password_of_file(path);
        REQUIRE_FALSE(password.has_value());
        CHECK(contains(password.error().message, "is not a regular file"));
        const auto usual = password_of_file(path, option_file_origin::usual);
        REQUIRE(usual.has_value());
        CHECK_FALSE((*usual).has_value());
    }
    CHECK(contains(password_of_file(folder.path() + "/none").error().message, "cannot be read"));
    const std::string file = folder.path() + "/my.cnf";
    std::ofstream(file) << "[client]\npassword=abc\n";
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK((**password_of_file(file)).view() == "abc");
}

TEST_CASE("the connection's own password is taken out of a text", "[redact]") {
    using rowferry::mysql::hide_password;
    CHECK(hide_password("Access denied for 'u' using pw-S3CRET (pw-S3CRET!)", "pw-S3CRET") ==
          "Access denied for 'u' using … (…!)");
    CHECK(hide_password("xpw-S3CRETx", "pw-S3CRET") == "x…x");
    CHECK(hide_password("nothing", "pw-S3CRET") == "nothing");
    CHECK(hide_password("anything", "") == "anything");
    // Short ones are hidden where they stand alone: not in the middle of words.
    CHECK(hide_password("Access denied using a", "a") == "Access denied using …");
    CHECK(hide_password("code 12, not 123 or x12", "12") == "code …, not 123 or x12");
    CHECK(hide_password("'abc' and abcd", "abc") == "'…' and abcd");
    CHECK(hide_password("abcde abcd", "abcd") == "…e …");
}

TEST_CASE("the server's words are repeated without row values", "[redact]") {
    using rowferry::mysql::redact;
    CHECK(redact(1062, "Duplicate entry 'geheim-1' for key 'PRIMARY'") == "Duplicate entry '…' for key 'PRIMARY'");
    CHECK(redact(1062, "Duplicate entry 'a' for key 'b' for key 'patient.PRIMARY'") ==
          "Duplicate entry '…' for key 'patient.PRIMARY'");
    CHECK(redact(1264, "Out of range value for column 'Age' at row 3") ==
          "Out of range value for column 'Age' at row 3");
    CHECK(redact(1265, "Data truncated for column 'e' at row 1") == "Data truncated for column 'e' at row 1");
    CHECK(redact(1292, "Incorrect datetime value: 'geheim' for column `d`.`t`.`at` at row 1") ==
          "Incorrect datetime value: '…' for column `d`.`t`.`at` at row 1");
    CHECK(redact(1292, "Truncated incorrect DOUBLE value: 'geheim'") == "Truncated incorrect DOUBLE value: '…'");
    CHECK(redact(1366, "Incorrect integer value: 'it's' for column 'n' at row 2") ==
          "Incorrect integer value: '…' for column 'n' at row 2");
    CHECK(redact(1411, "Incorrect datetime value: 'geheim' for function str_to_date") ==
          "Incorrect datetime value: '…' for function str_to_date");
    CHECK(redact(1300, "Invalid utf8mb4 character string: '\\xE4'") == "Invalid utf8mb4 character string: '…'");
    CHECK(redact(1064, "You have an error in your SQL syntax; … near 'geheim' at line 1") ==
          "You have an error in your SQL syntax; … near '…' at line 1");
    CHECK(redact(1690, "BIGINT UNSIGNED value is out of range in '(1 - 2)'") ==
          "BIGINT UNSIGNED value is out of range in '…'");
    CHECK(redact(3140, "Invalid JSON text: \"Missing a name\" at position 1 in value for column 't.j'.") ==
          "Invalid JSON text: \"…\" at position 1 in value for column 't.j'.");
    CHECK(redact(1918, "Encountered illegal value 'geheim' when converting to INT") ==
          "Encountered illegal value '…' when converting to INT");
    CHECK(redact(1526, "Table has no partition for value 4711") == "Table has no partition for value …");
    CHECK(redact(1526, "Table has no partition for value ge\nheim") == "Table has no partition for value …");
    for (unsigned signal : {1642U, 1643U, 1644U}) {
        const std::string hidden = redact(signal, "patient Erika Geheim is too young");
        CHECK(hidden == "a trigger or procedure refuses the row, in words that are not repeated");
    }
    CHECK(redact(1525, "Incorrect DATE value: 'geheim'") == "Incorrect DATE value: '…'");
    CHECK(redact(1367, "Illegal double 'geheim' value found during parsing") ==
          "Illegal double '…' value found during parsing");
    CHECK(redact(1557, "Upholding foreign key constraints for table 't', entry 'geheim', key 2 would lead to a "
                       "duplicate entry") ==
          "Upholding foreign key constraints for table 't', entry '…', key 2 would lead to a duplicate entry");
    CHECK(redact(1761, "Foreign key constraint for table 't', record 'geheim' would lead to a duplicate entry in table "
                       "'u', key 'k'") ==
          "Foreign key constraint for table 't', record '…' would lead to a duplicate entry in table 'u', key 'k'");
    CHECK(redact(1741, "Key value 'geheim' was not found in table 'd.t'") ==
          "Key value '…' was not found in table 'd.t'");
    CHECK(redact(1917, "Truncated value 'geheim' when converting to INT") ==
          "Truncated value '…' when converting to INT");
    CHECK(redact(1977, "Cannot convert 'utf8mb4' character 0xE4 to 'latin1'") ==
          "Cannot convert 'utf8mb4' character … to 'latin1'");
    CHECK(redact(3854, "Cannot convert string 'geh\\x00' from binary to utf8mb4") ==
          "Cannot convert string '…' from binary to utf8mb4");
    CHECK(
        redact(3617, "Latitude 91.500000 is out of range in function st_geomfromtext. It must be within [-90, 90].") ==
        "Latitude … is out of range in function st_geomfromtext. It must be within [-90, 90].");
    CHECK(redact(3732, "A parameter of function st_x contains a geometry with longitude 181.5, which is out of range. "
                       "It must be within (-180, 180].") ==
          "A parameter of function st_x contains a geometry with longitude …, which is out of range. It must be within "
          "(-180, 180].");
    CHECK(redact(4242, "Duplicate entry 'geheim'.") == "Duplicate entry '…'.");
    CHECK(redact(6138, "Data cannot be converted to a valid vector: 'geheim'") ==
          "Data cannot be converted to a valid vector: '…'");
    CHECK(redact(4203, "Invalid vector format at offset: 1 for 'geheim'. Must be a valid JSON array of numbers.") ==
          "Invalid vector format at offset: 1 for '…'. Must be a valid JSON array of numbers.");
    // These name columns and constraints only.
    for (unsigned code : {3819U, 4025U, 4038U}) {
        CHECK(redact(code, "CONSTRAINT `t.age` failed for `d`.`t`") == "CONSTRAINT `t.age` failed for `d`.`t`");
    }
    CHECK(redact(1366, "Incorrect integer value: 'cut off in the mid") == "Incorrect integer value: '…");
    CHECK(redact(1406, "Data too long for column 'n' at row 2") == "Data too long for column 'n' at row 2");
    CHECK(redact(1146, "Table 'x.y' doesn't exist") == "Table 'x.y' doesn't exist");

    using rowferry::mysql::duplicate_key_name;
    CHECK(duplicate_key_name("Duplicate entry 'a' for key 'b' for key 'PRIMARY'") == "PRIMARY");
    CHECK(duplicate_key_name("Duplicate entry '1' for key 't.PRIMARY'") == "t.PRIMARY");
    CHECK(duplicate_key_name("Something else").empty());
}
