// SPDX-License-Identifier: BSL-1.0
// A server that a test can make lie: its answers come from an honest database, and rules change them. Whoever answers
// honestly may be a tiny database in memory (scripted_server) or a real server (proxy.hpp).
#ifndef ROWFERRY_TESTS_HOSTILE_SCRIPTED_SERVER_HPP
#define ROWFERRY_TESTS_HOSTILE_SCRIPTED_SERVER_HPP

#include "channel.hpp"
#include "protocol.hpp"
#include "tiny_database.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostile {

/// One command of a client.
struct call {
    unsigned number = 0;     ///< over all connections, from 0
    unsigned connection = 0; ///< from 1
    command what = command::query;
    std::string sql{}; ///< of a query, or of what is prepared; empty for anything else
};

class journal;

/// Sees each command with its honest answer, and may change that.
using rule = std::function<void(const call&, answer&)>;
/// Answers a command in place of the honest side, which never sees it.
using interception = std::function<std::optional<answer>(const call&)>;
/// Talks to a client that has sent its login, until it is let in or sent away; false ends the connection.
using gate = std::function<bool(channel&, const login&, journal&)>;

/// What is dishonest about a server: by default, nothing.
struct lies {
    std::vector<rule> rules{};
    std::vector<interception> instead{};
    gate login{};
    std::function<void(greeting&)> greet{};
    bool offers_tls = false;
    bool named_elsewhere = false;           ///< the certificate is another host's
    std::chrono::milliseconds tls_delay{0}; ///< before the server's part of the TLS handshake
};

/// A rule for statements that contain a text.
rule when(std::string part, std::function<void(answer&)> change);
rule when(std::string part, answer lie);
/// The same, only for the n-th of them (from 1).
rule when_nth(unsigned n, std::string part, std::function<void(answer&)> change);
/// Answers statements that begin with this text, unseen by the honest side.
interception swallow(std::string beginning, answer instead);

/// Gates: let in whoever comes; ask for another plugin and keep the response; say OK.
gate let_in();
gate switch_to(std::string plugin, std::string data = "12345678abcdefghijkl");
gate ask_by_old_password();
/// caching_sha2_password's full authentication; the server's public key is sent to whoever asks for it.
gate full_authentication();
gate send_away(unsigned code, std::string message);

/// What clients did, for tests to look at.
class journal {
public:
    void add(const call& c);
    void add_login(const login& l);
    void add_reply(const std::string& reply);
    /// What clients answered when a gate asked them for more.
    [[nodiscard]] std::vector<std::string> replies() const;
    void add_bytes(std::string_view bytes);
    void add_file(const std::vector<std::string>& pieces);
    /// All that clients sent of files.
    [[nodiscard]] std::string files() const;
    [[nodiscard]] std::vector<std::string> statements() const;
    [[nodiscard]] std::vector<login> logins() const;
    /// All bytes that clients sent, of connections that have ended.
    [[nodiscard]] std::string bytes() const;
    /// How many statements contain the text.
    [[nodiscard]] unsigned count(std::string_view part) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> statements_;
    std::vector<login> logins_;
    std::vector<std::string> replies_;
    std::string bytes_;
    std::string files_;
};

/// Sends an answer as it says; false when the connection is to end.
bool send(channel& to, const answer& a);

/// The honest side of one connection.
struct honest_side {
    std::function<answer(const std::string& payload, const call& c)> ask;
    /// Takes a file's pieces, of which the last is empty.
    std::function<answer(const std::vector<std::string>& pieces)> load;
    /// Hears of a command that has no answer.
    std::function<void(const std::string& payload)> tell;
};

/// Serves a client that was let in, until it leaves or a lie ends the connection.
void converse(channel& client, const honest_side& honest, const lies& l, journal& heard, unsigned connection,
              std::atomic<unsigned>& calls);

class scripted_server {
public:
    explicit scripted_server(tiny_database& database, lies l = {});
    ~scripted_server() { stop(); }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
    /// "mysql://ferry:PASSWORD@127.0.0.1:port/shop?options"
    [[nodiscard]] std::string uri(const std::string& options = "ssl-mode=disabled",
                                  const std::string& password = "correct-horse") const;
    /// Ends all connections; then the journal is whole.
    void stop() { listener_->stop(); }
    [[nodiscard]] const journal& heard() const { return journal_; }
    /// How many commands were answered.
    [[nodiscard]] unsigned calls() const { return calls_; }

private:
    void serve(channel& client);
    answer honest(tiny_database::session& session, const std::string& payload, const call& c);

    tiny_database& database_;
    lies lies_;
    journal journal_;
    std::atomic<unsigned> connections_{0};
    std::atomic<unsigned> calls_{0};
    std::unique_ptr<listener> listener_;
};

/// Makes a call of a client's payload.
call call_in(std::string_view payload, unsigned number, unsigned connection);

} // namespace hostile

#endif
