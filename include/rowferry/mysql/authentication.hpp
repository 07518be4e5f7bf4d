// SPDX-License-Identifier: BSL-1.0
// Which authentication plugins a server may ask for, and over which connections. Decided by the plugin's name, before the
// plugin runs: nothing that depends on the password has been sent by then. See docs/decisions/0010-who-gets-the-password.md.
#ifndef ROWFERRY_MYSQL_AUTHENTICATION_HPP
#define ROWFERRY_MYSQL_AUTHENTICATION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Who can read or answer what is sent on a connection.
enum class channel : std::uint8_t {
    plain,       ///< everyone on the way
    socket,      ///< this machine
    tls,         ///< whoever answered: its certificate was not verified
    verified_tls ///< the server
};

/// A failure to connect: where to, as whom, and why.
inline error cannot_connect(const endpoint& to, std::string_view why) {
    error e;
    e.operation = "connect";
    e.message = "cannot connect to " + server_name(to) + " as user " + to.user + ", database " + to.database;
    if (!why.empty()) {
        e.message += "; ";
        e.message += why;
    }
    return e;
}

/// A refusal that keeps the password from going where others can read or reuse it.
inline error unsafe_credentials(const endpoint& to, std::string_view why, std::vector<remedy> remedies = {}) {
    error e = cannot_connect(to, why);
    e.cause = cause::unsafe_credentials;
    e.remedies = std::move(remedies);
    return e;
}

/// Plugins that prove the password by a hash of it and of the server's random bytes.
inline bool proves_password(std::string_view plugin) {
    return plugin == "mysql_native_password" || plugin == "client_ed25519" || plugin == "parsec";
}
/// Plugins that hand over the password itself: always (sha256_password), or unless the server remembers it from an earlier
/// login since its start (caching_sha2_password).
inline bool hands_over_password(std::string_view plugin) {
    return plugin == "caching_sha2_password" || plugin == "sha256_password";
}

/// A plugin's name as it may be shown: the server chose it.
inline std::string shown_plugin(std::string_view name) {
    if (name.empty()) return "mysql_old_password"; // asked for by an answer without a name
    constexpr std::size_t longest = 64;
    const bool is_name =
        name.size() <= longest && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    return is_name ? std::string(name) : "a plugin with an impossible name";
}

/// What an account of this server can use instead; none where all that is left is `hands_over_password`.
inline std::vector<remedy> other_plugin(std::string_view server_version) {
    if (server_version.find("MariaDB") != server_version.npos) {
        return {{remedy::change_account, {}, "ed25519"}};
    }
    constexpr unsigned without_native_password = 9;
    const auto major = parse_number<unsigned>(server_version.substr(0, server_version.find('.')));
    if (major && *major >= without_native_password) return {};
    return {{remedy::change_account, {}, "mysql_native_password"}};
}

/// Whether a file holds a public key in PEM form. Where it does not, a client library asks the server for its key instead.
inline bool is_public_key_file(const std::string& path) {
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rb"));
    if (!file) return false;
    std::string text(std::size_t{1} << 16U, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    return text.find("-----BEGIN PUBLIC KEY-----") != text.npos;
}

/// Whether the password may be handed over on this connection.
inline result<void> check_handing_over(std::string_view plugin, channel by, const endpoint& to,
                                       std::string_view server_version) {
    if (by == channel::verified_tls || by == channel::socket || to.server_public_key == ask_for_key) return {};
    const std::string asks = "the server asks for authentication by " + std::string(plugin) +
                             ", which hands over the password itself, and the connection is ";
    std::vector<remedy> remedies{{remedy::use_tls, {}, "verify-ca"}};
    const auto alternative = other_plugin(server_version);
    if (by == channel::plain && !to.server_public_key.empty()) {
        if (is_public_key_file(to.server_public_key)) return {};
        return unsafe_credentials(to,
                                  "the file " + to.server_public_key +
                                      " cannot be read or holds no public key (-----BEGIN PUBLIC KEY-----)",
                                  std::move(remedies));
    }
    remedies.push_back({remedy::name_server_key, {}, {}});
    remedies.insert(remedies.end(), alternative.begin(), alternative.end());
    return unsafe_credentials(to,
                              asks + (by == channel::plain ? "not encrypted"
                                                           : "encrypted for whoever answered: the certificate was not "
                                                             "verified, and a key is used only with ssl-mode=disabled"),
                              std::move(remedies));
}

/// Whether the client answers a server that asks for this plugin: one of the five, and one that hands over the password
/// only where the server alone can read it. An empty password needs no protection.
inline result<void> check_plugin(std::string_view plugin, channel by, const endpoint& to, bool has_password,
                                 std::string_view server_version) {
    if (proves_password(plugin)) return {};
    if (!hands_over_password(plugin)) {
        return unsafe_credentials(to,
                                  "the server asks for authentication by " + shown_plugin(plugin) +
                                      ", which is not used: only mysql_native_password, client_ed25519, parsec, "
                                      "caching_sha2_password and sha256_password are",
                                  other_plugin(server_version));
    }
    return has_password ? check_handing_over(plugin, by, to, server_version) : result<void>{};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
