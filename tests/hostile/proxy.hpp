// SPDX-License-Identifier: BSL-1.0
// A man in the middle, before a real server: honest but for the lies that a test gives it. It takes TLS out of the
// server's greeting, since it could not read it, or offers TLS with a certificate of its own.
#ifndef ROWFERRY_TESTS_HOSTILE_PROXY_HPP
#define ROWFERRY_TESTS_HOSTILE_PROXY_HPP

#include "scripted_server.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hostile {

class proxy {
public:
    /// With a gate, a client that the server has let in meets the gate before it hears so.
    explicit proxy(std::uint16_t server_port, lies l = {});
    ~proxy() { stop(); }
    proxy(const proxy&) = delete;
    proxy& operator=(const proxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
    /// The same URI with the proxy's port, and these options.
    [[nodiscard]] std::string uri(const std::string& server_uri,
                                  const std::string& options = "ssl-mode=disabled") const;
    void stop();
    [[nodiscard]] const journal& heard() const { return journal_; }
    /// How many commands went through.
    [[nodiscard]] unsigned calls() const { return calls_; }

private:
    void serve(channel& client);
    bool log_in(channel& client, channel& server);

    std::uint16_t server_port_;
    lies lies_;
    journal journal_;
    std::mutex mutex_;
    std::vector<channel> servers_;
    std::atomic<unsigned> connections_{0};
    std::atomic<unsigned> calls_{0};
    std::unique_ptr<listener> listener_;
};

} // namespace hostile

#endif
