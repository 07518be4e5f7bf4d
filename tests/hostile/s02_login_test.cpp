// SPDX-License-Identifier: BSL-1.0
// S02, S03, S04: what leaves the tool before it trusts the server, judged by the bytes that the server received.
#include "catch.hpp"
#include "guarded_tool.hpp"
#include "proxy.hpp"
#include "real_server.hpp"
#include "scripted_server.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace hostile;

namespace {

constexpr const char* password = "correct-horse";

/// A copy whose source or target is the liar and whose other end is honest.
struct login_case {
    tiny_database honest_rows{};
    tiny_database liars_rows{};
    outcome said{};

    login_case(const std::string& name, lies l, bool liar_is_source, const std::string& options,
               std::vector<std::string> more = {}, const std::string& host = "127.0.0.1") {
        (liar_is_source ? liars_rows : honest_rows).add_notes("t", 3);
        (liar_is_source ? honest_rows : liars_rows).add_notes("t", 0);
        scripted_server honest(honest_rows);
        scripted_server liar(liars_rows, std::move(l));
        std::string liars_uri = liar.uri(options, password);
        const std::string at = "@127.0.0.1:";
        liars_uri.replace(liars_uri.find(at), at.size(), "@" + host + ":");
        said = run_guarded(liar_is_source ? copy_arguments(liars_uri, honest.uri(), more)
                                          : copy_arguments(honest.uri(), liars_uri, more),
                           {.name = name + (liar_is_source ? ", source" : ", target")});
        liar.stop();
        replies = liar.heard().replies();
        bytes = liar.heard().bytes();
        logins = liar.heard().logins();
        statements = liar.heard().statements();
    }
    std::vector<std::string> replies{}; ///< to what was asked after the login
    std::string bytes{};                ///< everything that the liar received
    std::vector<login> logins{};
    std::vector<std::string> statements{};

    [[nodiscard]] bool password_left() const { return bytes.find(password) != std::string::npos; }
};

/// What the hash of before 4.1 would be recognised by: eight bytes and a zero.
bool is_old_hash(const std::string& reply) { return reply.size() == 9 && reply.back() == '\0'; }

} // namespace

TEST_CASE("S02: a plugin that is not on the list gets nothing", "[hostile]") {
    struct asked {
        std::string name;
        gate how;
    };
    const std::vector<asked> plugins{{"mysql_clear_password", switch_to("mysql_clear_password", "")},
                                     {"dialog", switch_to("dialog", "\x04Password: ")},
                                     {"dialog, another question", switch_to("dialog", "\x02Your mother's name: ")},
                                     {"mysql_old_password", switch_to("mysql_old_password", "12345678")},
                                     {"mysql_old_password, one byte", ask_by_old_password()},
                                     {"auth_gssapi_client", switch_to("auth_gssapi_client", "x")},
                                     {"a path", switch_to("../../../../tmp/evil", "x")},
                                     {"no name", switch_to("", "x")}};
    for (const bool is_source : {true, false}) {
        for (const auto& [name, how] : plugins) {
            for (const char* options : {"ssl-mode=disabled", "ssl-mode=required"}) {
                lies l;
                l.login = how;
                l.offers_tls = true;
                const login_case c("S02 switch to " + name + ", " + options, l, is_source, options);
                INFO(name << ' ' << options << (is_source ? " source" : " target") << '\n' << c.said.out << c.said.err);
                CHECK_FALSE(c.password_left());
                CHECK(c.replies.empty());
                CHECK(c.statements.empty());
                CHECK(c.said.exit_code != 0);
                CHECK_FALSE(c.said.hung);
                CHECK_FALSE(c.said.says("Password: "));
                CHECK_FALSE(c.said.says("Your mother"));
            }
        }
    }
}

TEST_CASE("S02: a plugin that is not on the list gets nothing when the greeting names it", "[hostile]") {
    for (const bool is_source : {true, false}) {
        for (const char* plugin : {"mysql_clear_password", "dialog", "mysql_old_password"}) {
            lies l;
            l.greet = [plugin](greeting& g) { g.plugin = plugin; };
            const login_case c(std::string("S02 greeting names ") + plugin, l, is_source, "ssl-mode=disabled");
            INFO(plugin << '\n' << c.said.out << c.said.err);
            CHECK_FALSE(c.password_left());
            for (const login& each : c.logins) CHECK_FALSE(is_old_hash(each.response + '\0'));
            CHECK_FALSE(c.said.hung);
            // Before the server has asked in a way that is allowed, it gets an empty answer; this one is content with that.
            for (const login& each : c.logins) CHECK(each.response.empty());
        }
    }
}

TEST_CASE("S02: a man in the middle gets nothing by asking for another plugin", "[hostile]") {
    const real_database from("shop_source");
    from.add_notes(3);
    for (const char* plugin : {"mysql_clear_password", "dialog", "mysql_old_password"}) {
        const real_database to("shop_target");
        to.add_notes(0);
        lies l;
        l.login = switch_to(plugin, "\x04Password: ");
        proxy middle(real_database::port(), l);
        const outcome said = run_guarded(copy_arguments(middle.uri(from.uri()), to.uri()),
                                         {.name = std::string("S02 man in the middle, ") + plugin});
        middle.stop();
        INFO(plugin << '\n' << said.out << said.err);
        CHECK(middle.heard().bytes().find(real_database::password()) == std::string::npos);
        CHECK(middle.heard().replies().empty());
        CHECK(said.exit_code != 0);
    }
}

TEST_CASE("S03: caching_sha2_password's full authentication waits for a server that is verified", "[hostile]") {
    struct setting {
        const char* options;
        bool offers_tls;
    };
    for (const bool is_source : {true, false}) {
        for (const auto& [options, offers_tls] :
             {setting{"ssl-mode=disabled", false}, setting{"ssl-mode=preferred", false},
              setting{"ssl-mode=preferred", true}, setting{"ssl-mode=required", true}, setting{"", false},
              setting{"", true}}) {
            for (const bool by_greeting : {false, true}) {
                lies l;
                l.login = full_authentication();
                l.offers_tls = offers_tls;
                if (by_greeting) l.greet = [](greeting& g) { g.plugin = "caching_sha2_password"; };
                const login_case c(std::string("S03 full authentication, ") + (*options == '\0' ? "default" : options) +
                                       (offers_tls ? ", TLS of anybody" : ", plain") +
                                       (by_greeting ? ", greeting" : ", switch"),
                                   l, is_source, options);
                INFO(options << ' ' << offers_tls << ' ' << by_greeting << '\n' << c.said.out << c.said.err);
                CHECK_FALSE(c.password_left());
                // Neither the password nor the question for a key, which would hide it from others only.
                CHECK(c.replies.empty());
                CHECK(c.statements.empty());
                CHECK(c.said.exit_code != 0);
            }
        }
    }
}

TEST_CASE("S03: a verified server, and a key of a file, may have the password", "[hostile]") {
    lies l;
    l.login = full_authentication();
    l.offers_tls = true;
    const std::string ca = self_signed().certificate_file;
    {
        const login_case c("S03 full authentication, verified", l, true, "ssl-mode=verify-ca&ssl-ca=" + ca);
        INFO(c.said.out << c.said.err);
        CHECK(c.said.exit_code == 0);
        CHECK(c.password_left()); // within TLS
    }
    l.offers_tls = false;
    {
        const login_case c("S03 full authentication, key of a file", l, true,
                           "ssl-mode=disabled&server-public-key=" + self_signed().public_key_file);
        INFO(c.said.out << c.said.err);
        CHECK(c.said.exit_code == 0);
        CHECK_FALSE(c.password_left());
    }
    {
        // What the user risks with it is said.
        const login_case c("S03 full authentication, ask", l, true, "ssl-mode=disabled&server-public-key=ask");
        INFO(c.said.out << c.said.err);
        CHECK(c.said.exit_code == 0);
        CHECK_FALSE(c.password_left());
        CHECK_FALSE(c.said.err.empty());
    }
}

TEST_CASE("S04: ssl-ca alone verifies the server", "[hostile]") {
    lies l;
    l.offers_tls = true;
    for (const bool is_source : {true, false}) {
        const login_case known("S04 ssl-ca alone, right certificate", l, is_source,
                               "ssl-ca=" + self_signed().certificate_file);
        INFO(known.said.out << known.said.err);
        CHECK(known.said.exit_code == 0);
        CHECK(known.logins.at(0).over_tls);
        const login_case unknown("S04 ssl-ca alone, wrong certificate", l, is_source,
                                 "ssl-ca=" + self_signed_elsewhere().certificate_file);
        INFO(unknown.said.out << unknown.said.err);
        CHECK(unknown.said.exit_code != 0);
        CHECK(unknown.logins.empty());
        lies plain;
        const login_case hidden("S04 ssl-ca alone, TLS hidden", plain, is_source,
                                "ssl-ca=" + self_signed().certificate_file);
        INFO(hidden.said.out << hidden.said.err);
        CHECK(hidden.said.exit_code != 0);
        CHECK(hidden.logins.empty());
    }
}

TEST_CASE("S04: --require-tls sends no login where TLS is missing", "[hostile]") {
    for (const bool is_source : {true, false}) {
        // Another name for this machine, which does not pass as one of its loopback addresses.
        const login_case c("S04 --require-tls, plain server", {}, is_source, "", {"--require-tls"},
                           "[::ffff:127.0.0.1]");
        INFO(c.said.out << c.said.err);
        CHECK(c.said.exit_code == 2);
        CHECK(c.logins.empty());
        CHECK(c.said.says("TLS"));
    }
}

TEST_CASE("S04: a plain connection to another host is noticed", "[hostile]") {
    const std::string elsewhere = "[::ffff:127.0.0.1]";
    for (const bool is_source : {true, false}) {
        for (const char* options : {"", "ssl-mode=preferred"}) {
            const login_case c(std::string("S04 plain, ") + (*options == '\0' ? "default" : options), {}, is_source,
                               options, {}, elsewhere);
            INFO(options << '\n' << c.said.out << c.said.err);
            CHECK(c.said.exit_code == 0);
            CHECK(c.said.err.find("encrypted") != std::string::npos);
        }
        // Asked for, so nothing is to be said; and on this machine neither.
        const login_case asked("S04 plain, disabled", {}, is_source, "ssl-mode=disabled", {}, elsewhere);
        INFO(asked.said.out << asked.said.err);
        CHECK(asked.said.exit_code == 0);
        const login_case here("S04 plain, this machine", {}, is_source, "");
        INFO(here.said.out << here.said.err);
        CHECK(here.said.exit_code == 0);
        CHECK(here.said.err.find("encrypted") == std::string::npos);
    }
}

TEST_CASE("S04: a verifying mode sends no login to a certificate of anybody", "[hostile]") {
    lies l;
    l.offers_tls = true;
    for (const char* mode : {"verify-ca", "verify-identity"}) {
        const login_case c(std::string("S04 ") + mode, l, true,
                           std::string("ssl-mode=") + mode + "&ssl-ca=" + self_signed_elsewhere().certificate_file);
        INFO(c.said.out << c.said.err);
        CHECK(c.said.exit_code != 0);
        CHECK(c.logins.empty());
    }
    l.named_elsewhere = true;
    // By an address that Connector/C 3.4.2 and later does not take for this machine's, whose names it does not compare.
    const login_case named("S04 verify-identity, another name", l, true,
                           "ssl-mode=verify-identity&ssl-ca=" + self_signed_elsewhere().certificate_file, {},
                           "[::ffff:127.0.0.1]");
    INFO(named.said.out << named.said.err);
    CHECK(named.said.exit_code != 0);
    CHECK(named.logins.empty());
}
