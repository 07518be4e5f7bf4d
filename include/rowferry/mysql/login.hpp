// SPDX-License-Identifier: BSL-1.0
// Keeps the password from the client library until it is decided that the server may have what the library would send.
//
// The library is given a placeholder, and a client plugin of our own to begin with. That plugin sends an empty answer, so
// that TLS is up and the server says by which plugin it authenticates. If that is refused the connection ends; else the
// password takes the placeholder's place and the library goes on with the plugin that was asked for. The plugin has a name
// of its own and acts for our own handles only: other users of the library in the process are not affected.
#ifndef ROWFERRY_MYSQL_LOGIN_HPP
#define ROWFERRY_MYSQL_LOGIN_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/authentication.hpp>
#include <rowferry/mysql/patience.hpp>
#include <rowferry/mysql/secret.hpp>
#include <rowferry/mysql/socket_wait.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>

#include <mysql.h>
#if defined(LIBMARIADB)
#include <mysql/plugin_auth.h> // client_plugin.h needs headers that are not installed
#endif

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Whether a connection has to be encrypted.
inline bool demands_tls(ssl_mode mode) {
    return mode == ssl_mode::required || mode == ssl_mode::verify_ca || mode == ssl_mode::verify_identity;
}

inline error not_encrypted(const endpoint& to) {
    error e;
    e.operation = "connect";
    e.cause = cause::unsafe_credentials;
    e.message = "the connection to " + server_name(to) +
                " is not encrypted, which its ssl-mode demands: turn TLS on at the server";
    return e;
}

#if defined(LIBMARIADB)
/// The version of the library that runs, as 30320 for 3.3.20.
inline std::size_t library_version() {
    std::size_t version = 0;
    mariadb_get_infov(nullptr, MARIADB_CLIENT_VERSION_ID, &version);
    return version;
}
/// Whether the library verifies certificates unless it is told not to: against the system's authorities, or by the
/// password's own hash.
inline bool verifies_by_itself() {
    constexpr std::size_t first = 30'400;
    return library_version() >= first;
}
/// A client plugin as Connector/C 3.4 knows it; earlier ones do not look at the last member.
struct client_plugin {
    MYSQL_CLIENT_PLUGIN_HEADER
    int (*authenticate_user)(MYSQL_PLUGIN_VIO* io, MYSQL* handle);
    int (*hash_password)(MYSQL* handle, unsigned char* out, std::size_t* size);
};
inline constexpr int authentication_plugin = 2;
inline unsigned plugin_interface() { return verifies_by_itself() ? 0x0101U : 0x0100U; }
#else
inline bool verifies_by_itself() { return false; }
using client_plugin = st_mysql_client_plugin_AUTHENTICATION;
inline constexpr int authentication_plugin = MYSQL_CLIENT_AUTHENTICATION_PLUGIN;
inline unsigned plugin_interface() { return MYSQL_CLIENT_AUTHENTICATION_PLUGIN_INTERFACE_VERSION; }
#endif

#if defined(LIBMARIADB)
/// Nothing: each connection of Connector/C reads its own key.
class own_key {
public:
    own_key(const std::string& /*key*/, patience& /*limits*/) {}
    [[nodiscard]] static bool is_set() { return true; }
};
#else
/// Oracle's library keeps the first public key that it reads for all connections of the process. A connection with another
/// key makes it forget that one, and those with keys log in one after another.
class own_key {
public:
    own_key(const std::string& key, patience& limits) : is_set_(key.empty()) {
        if (key.empty()) return;
        lock_ = std::unique_lock(last().mutex, std::defer_lock);
        while (!lock_.try_lock_for(wait_slice)) {
            if (limits.is_over()) return;
        }
        is_set_ = true;
        if (last().key == key) return;
        mysql_reset_server_public_key();
        last().key = key;
    }
    /// Whether the operation's patience sufficed for the connections before this one.
    [[nodiscard]] bool is_set() const { return is_set_; }

private:
    struct last_key {
        std::timed_mutex mutex;
        std::optional<std::string> key = {}; // of our own connections
    };
    static last_key& last() {
        static last_key one;
        return one;
    }
    std::unique_lock<std::timed_mutex> lock_;
    bool is_set_;
};
#endif

/// One attempt to log in, and what became of it. Lives while `mysql_real_connect` runs.
class login {
public:
    login(MYSQL* handle, const endpoint& to, std::string_view password, patience& limits)
        : handle_(handle), to_(to), password_(password), limits_(limits) {
        // Longer than the password, so that it does not tell its length.
        constexpr std::size_t usual = 256;
        if (!password.empty()) placeholder_.assign(std::max(usual, password.size()), '*');
        const std::lock_guard lock(all().mutex);
        all().open.push_back(this);
    }
    login(const login&) = delete;
    login& operator=(const login&) = delete;
    ~login() {
        if (handle_->passwd != nullptr) wipe(handle_->passwd, std::strlen(handle_->passwd));
        const std::lock_guard lock(all().mutex);
        std::erase(all().open, this);
    }

    /// What stands for the password until `decide` allows it.
    [[nodiscard]] const std::string& placeholder() const { return placeholder_; }

    /// Makes the library begin with our plugin, accept no other one in its place, and load none by itself.
    result<void> prepare() {
        const char* name = register_plugin();
        if (name == nullptr) return cannot_connect(to_, "the client library takes no authentication plugin");
        mysql_options(handle_, MYSQL_DEFAULT_AUTH, name);
        mysql_options(handle_, MYSQL_PLUGIN_DIR, no_folder);
#if defined(LIBMARIADB)
        if (!restrict_to(name)) {
            return cannot_connect(to_,
                                  "this MariaDB Connector/C cannot be told which authentication plugins it may use: "
                                  "version 3.3 or newer is needed");
        }
#else
        const bool off = false;
        mysql_options(handle_, MYSQL_ENABLE_CLEARTEXT_PLUGIN, &off);
#endif
        return {};
    }

    /// What ended the attempt where that was our decision; none while the server or the library has something to say.
    [[nodiscard]] const std::optional<error>& refused() const { return refused_; }
    /// Whether the server was asked and answered as it should.
    [[nodiscard]] bool was_decided() const { return decided_; }
    /// Whether the password was handed over without knowing to whom.
    [[nodiscard]] bool trusted_anyone() const { return trusted_anyone_; }
    /// How the connection was protected when it was decided; none before that.
    [[nodiscard]] std::optional<channel> decided_on() const { return decided_on_; }

private:
    static constexpr const char* no_folder = "/dev/null/no-plugins"; // cannot exist

    /// All attempts of the process. In one object with the plugins, so that code that shares those shares this too.
    struct registry {
        std::mutex mutex;
        std::vector<login*> open;
        std::array<client_plugin, 4> plugins{};
        registry() {
            constexpr const char* names[]{"rowferry", "rowferry_2", "rowferry_3", "rowferry_4"};
            for (std::size_t i = 0; i < plugins.size(); ++i) {
                client_plugin& p = plugins[i];
                p.type = authentication_plugin;
                p.interface_version = plugin_interface();
                p.name = names[i];
                p.author = "rowferry";
                p.desc = "Decides what a server may be answered";
                p.license = "BSL-1.0";
                p.authenticate_user = authenticate;
#if defined(LIBMARIADB)
                p.hash_password = hash;
#endif
            }
        }
    };
    static registry& all() {
        static registry one;
        return one;
    }

    /// The name under which the library knows our plugin. Another copy of this code in the process may have the first.
    const char* register_plugin() {
        for (client_plugin& p : all().plugins) {
            auto* ours = reinterpret_cast<st_mysql_client_plugin*>(&p);
            // Refused where the name is taken, most often by this plugin at an earlier connection.
            mysql_client_register_plugin(handle_, ours);
            if (mysql_client_find_plugin(handle_, p.name, p.type) == ours) return p.name;
        }
        return nullptr;
    }

#if defined(LIBMARIADB)
    bool restrict_to(const char* plugin) {
        // MARIADB_OPT_RESTRICTED_AUTH, which headers before 3.3 lack. The library takes any part of the text for a match:
        // one whole name leaves no other plugin's.
        constexpr auto restricted_auth = static_cast<mysql_option>(7026);
        return mysql_optionsv(handle_, restricted_auth, plugin) == 0;
    }
    /// Asked by Connector/C 3.4 whether a plugin could prove the server's certificate; the plugin that is asked for does.
    static int hash(MYSQL* /*handle*/, unsigned char* /*out*/, std::size_t* /*size*/) { return 1; }
#endif

    /// What the library calls in place of the plugin that the server's greeting names.
    static int authenticate(MYSQL_PLUGIN_VIO* io, MYSQL* handle) {
        login* mine = nullptr;
        {
            const std::lock_guard lock(all().mutex);
            for (login* l : all().open) {
                if (l->handle_ == handle) mine = l;
            }
        }
        if (mine == nullptr) return CR_ERROR; // a server names our plugin to another user of the library
        return mine->begin(io);
    }

    int begin(MYSQL_PLUGIN_VIO* io) {
        watch_.emplace(handle_, limits_); // before TLS, which begins with the first packet
        if (!watch_->is_watching()) return refuse(cannot_connect(to_, unwatched));
        const ssl_mode mode = ssl_mode_of(to_);
#if defined(LIBMARIADB)
        // This library goes on in the clear where it was told to encrypt and the server cannot.
        if (demands_tls(mode) && (handle_->server_capabilities & CLIENT_SSL) == 0) return refuse(not_encrypted(to_));
#endif
        unsigned char* packet = nullptr;
        const int size = io->read_packet(io, &packet); // sends the user's and the database's name first
        constexpr unsigned char ok = 0;
        constexpr unsigned char other_plugin_wanted = 254;
        const bool is_open = handle_->net.buff != nullptr && handle_->net.read_pos != nullptr;
        // Where TLS is not verified, errno may be left from looking at the certificate: it decides nothing by itself.
        const bool is_wish = is_open && size < 0 && handle_->net.read_pos[0] == other_plugin_wanted;
        if (!is_wish && size < 0 && (!is_open || mysql_errno(handle_) != 0)) return CR_ERROR;
        if (demands_tls(mode) && mysql_get_ssl_cipher(handle_) == nullptr) return refuse(not_encrypted(to_));
        if (size > 0 && packet[0] == ok && !awaits_proof()) { // an account that needs no password from us
            decided_ = true;
            return CR_OK_HANDSHAKE_COMPLETE;
        }
        if (!is_wish) {
            error e = cannot_connect(to_, senseless_answer("connect", "it is not a login packet").message);
            e.cause = cause::senseless_answer;
            return refuse(std::move(e));
        }
        // The library ends every packet with a NUL.
        return decide(reinterpret_cast<const char*>(handle_->net.read_pos) + 1);
    }

    int decide(const char* plugin) {
        const std::string name = plugin;
        const channel by = channel_now();
        decided_on_ = by;
        const char* version = handle_->server_version == nullptr ? "" : handle_->server_version;
        if (auto r = check_plugin(name, by, to_, !password_.empty(), version); !r) return refuse(std::move(r.error()));
        // Loads it where it is not built in; after that, again, none can be loaded.
        mysql_options(handle_, MYSQL_PLUGIN_DIR, nullptr);
        const bool found = mysql_client_find_plugin(handle_, name.c_str(), authentication_plugin) != nullptr;
        mysql_options(handle_, MYSQL_PLUGIN_DIR, no_folder);
        if (!found) return refuse(cannot_connect(to_, "the client library has no plugin " + name + ": install it"));
#if defined(LIBMARIADB)
        restrict_to(name.c_str());
        // Where TLS was asked for, caching_sha2_password takes it to be there and would not encrypt by the key.
        if (by == channel::plain) handle_->options.use_ssl = 0;
#endif
        if (handle_->passwd == nullptr || handle_->passwd != placeholder_) {
            return refuse(cannot_connect(to_, "the client library keeps the password in an unknown way"));
        }
        std::copy(password_.begin(), password_.end(), handle_->passwd);
        if (!password_.empty()) handle_->passwd[password_.size()] = '\0';
        decided_ = true;
        trusted_anyone_ = hands_over_password(name) && !password_.empty() && to_.server_public_key == ask_for_key &&
                          (by == channel::plain || by == channel::tls);
        return CR_ERROR; // "not by this plugin": the library reads the server's wish in its buffer and fulfils it
    }

    int refuse(error why) {
        refused_ = std::move(why);
        // An error packet's first byte, so that the library does not fulfil the server's wish.
        if (handle_->net.read_pos != nullptr) handle_->net.read_pos[0] = 255;
        return CR_ERROR;
    }

    [[nodiscard]] channel channel_now() const {
        if (!to_.socket.empty()) return channel::socket;
        if (mysql_get_ssl_cipher(handle_) == nullptr) return channel::plain;
        const ssl_mode mode = ssl_mode_of(to_);
        if (mode == ssl_mode::verify_ca || mode == ssl_mode::verify_identity) return channel::verified_tls;
        const bool verified =
            to_.ssl == ssl_mode::library_default && verifies_by_itself() && !is_loopback(to_.host) && !awaits_proof();
        return verified ? channel::verified_tls : channel::tls;
    }

    /// Whether Connector/C 3.4 accepted a certificate without an authority until the server proves it by the password.
    [[nodiscard]] bool awaits_proof() const { return awaits_proof_of(handle_->net); }
    template <class Net>
    static bool awaits_proof_of(const Net& net) {
        if constexpr (requires { net.tls_verify_status; }) {
            return net.tls_verify_status != 0;
        } else if constexpr (requires { net.unused_2; }) { // its place in the headers of 3.3, which 3.4 may replace
            return verifies_by_itself() && net.unused_2 != 0;
        } else {
            return false;
        }
    }

    MYSQL* handle_;
    const endpoint& to_;
    std::string_view password_;
    patience& limits_;
    std::optional<socket_watch> watch_;
    std::string placeholder_;
    std::optional<error> refused_;
    std::optional<channel> decided_on_;
    bool decided_ = false;
    bool trusted_anyone_ = false;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
