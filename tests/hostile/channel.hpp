// SPDX-License-Identifier: BSL-1.0
// Connections that packets travel on, over loopback only, and the listener that accepts them. Everything ends by itself: with
// its owner, or after `longest_life`.
#ifndef ROWFERRY_TESTS_HOSTILE_CHANNEL_HPP
#define ROWFERRY_TESTS_HOSTILE_CHANNEL_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostile {

inline constexpr std::chrono::seconds longest_life{120};

/// A certificate that nobody has signed but itself, made by the program `openssl`.
struct certificate {
    std::string certificate_file;
    std::string key_file;
    std::string public_key_file;
    std::string public_key; ///< PEM, as caching_sha2_password sends it
};
const certificate& self_signed();           ///< for 127.0.0.1
const certificate& self_signed_elsewhere(); ///< for another host

/// One connection. Reading and writing block; `shut`, from any thread, ends both.
class channel {
public:
    struct state;
    explicit channel(std::shared_ptr<state> s) : state_(std::move(s)) {}
    /// Connects to a server on loopback; throws when there is none.
    static channel connect(std::uint16_t port);

    /// The next payload, put together from as many packets as it takes; none at the end.
    std::optional<std::string> read();
    /// Sends payloads as packets whose numbers follow the last one read.
    bool write(const std::vector<std::string>& payloads);
    bool write(const std::string& payload) { return write(std::vector<std::string>{payload}); }
    /// The same as they would be sent, for those who send them in pieces.
    std::string frame(const std::vector<std::string>& payloads);
    bool write_raw(std::string_view bytes);
    /// The number that the next packet gets.
    void set_next_number(unsigned number);
    /// Continues as TLS, in the server's part.
    bool accept_tls(const certificate& c);
    void shut();
    /// Every byte that was received, TLS taken off.
    [[nodiscard]] const std::string& received() const;

private:
    std::shared_ptr<state> state_;
};

/// Accepts connections on a port of 127.0.0.1, and serves each in a thread of its own.
class listener {
public:
    explicit listener(std::function<void(channel&)> serve);
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();
    [[nodiscard]] std::uint16_t port() const;
    /// Ends all connections, and takes no more.
    void stop();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace hostile

#endif
