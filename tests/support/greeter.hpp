// SPDX-License-Identifier: BSL-1.0
// A server on loopback that greets, says what a test tells it to say while a client logs in, and keeps what it was sent.
#ifndef ROWFERRY_TESTS_GREETER_HPP
#define ROWFERRY_TESTS_GREETER_HPP

#include "commit_proxy.hpp" // socket_handle

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// One connection after the other: the greeting, then a packet of `answers` for each packet of the client.
class greeter {
public:
    static constexpr std::uint32_t protocol_41 = 1U << 9U;
    static constexpr std::uint32_t tls = 1U << 11U;
    static constexpr std::uint32_t secure_connection = 1U << 15U;
    static constexpr std::uint32_t plugin_auth = 1U << 19U;
    static constexpr std::uint32_t usual = (1U << 3U) | protocol_41 | secure_connection | plugin_auth | (1U << 21U);
    static constexpr std::string_view scramble = "12345678abcdefghijkl";

    explicit greeter(std::string plugin, std::vector<std::string> answers, std::uint32_t capabilities = usual,
                     std::string version = "10.11.6-MariaDB")
        : plugin_(std::move(plugin)), answers_(std::move(answers)), version_(std::move(version)),
          capabilities_(capabilities), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
            ::listen(listener_.get(), 4) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("greeter: no port");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~greeter() {
        ends_ = true;
        thread_.join();
    }
    greeter(const greeter&) = delete;
    greeter& operator=(const greeter&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// The packets of all connections so far, without their headers.
    [[nodiscard]] std::vector<std::string> received() const {
        const std::lock_guard lock(mutex_);
        return received_;
    }
    /// Waits until the client of `n` connections so far is gone, so that `received` is complete.
    void wait_for(unsigned n) const {
        for (int i = 0; i < 500 && done_ < n; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }

    /// "Authenticate by this plugin": without a name, as servers before 4.1 asked for the old hash.
    static std::string switch_to(std::string_view plugin) {
        std::string packet(1, '\xFE');
        if (plugin.empty()) return packet;
        packet += plugin;
        packet += '\0';
        packet += scramble;
        packet += '\0';
        return packet;
    }
    static std::string ok() { return {"\0\0\0\2\0\0\0", 7}; }
    static std::string refusal() { return "\xFF\x15\x04#28000Access denied"; }

private:
    [[nodiscard]] std::string greeting() const {
        std::string p(1, '\x0A');
        p += version_;
        p += std::string("\0\1\0\0\0", 5);
        p += scramble.substr(0, 8);
        p += '\0';
        const auto byte = [this](unsigned n) { return static_cast<char>(capabilities_ >> (8U * n) & 0xFFU); };
        p += {byte(0), byte(1), '\x21', '\2', '\0', byte(2), byte(3), '\x15'};
        p += std::string(10, '\0');
        p += scramble.substr(8);
        p += '\0';
        if ((capabilities_ & plugin_auth) != 0) p += plugin_ + '\0';
        return p;
    }
    static void send(int to, std::string_view packet, unsigned number) {
        std::string bytes;
        for (unsigned i = 0; i < 3; ++i) bytes += static_cast<char>(packet.size() >> (8U * i) & 0xFFU);
        bytes += static_cast<char>(number);
        bytes += packet;
        (void)!::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    static bool read(int from, std::string& bytes) {
        for (std::size_t done = 0; done < bytes.size();) {
            const auto n = ::recv(from, bytes.data() + done, bytes.size() - done, 0);
            if (n <= 0) return false;
            done += static_cast<std::size_t>(n);
        }
        return true;
    }
    void serve() {
        while (!ends_) {
            pollfd waiting{listener_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, 20) != 1) continue;
            const socket_handle client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            const timeval longest{3, 0};
            ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
            send(client.get(), greeting(), 0);
            for (std::size_t i = 0;; ++i) {
                std::string header(4, '\0');
                if (!read(client.get(), header)) break;
                const auto at = [&header](unsigned n) { return static_cast<unsigned char>(header[n]); };
                std::string packet(at(0) + (at(1) << 8U) + (std::size_t{at(2)} << 16U), '\0');
                if (!read(client.get(), packet)) break;
                {
                    const std::lock_guard lock(mutex_);
                    received_.push_back(packet);
                }
                if (i < answers_.size()) send(client.get(), answers_[i], at(3) + 1U);
            }
            ++done_;
        }
    }

    std::string plugin_;
    std::vector<std::string> answers_;
    std::string version_;
    std::uint32_t capabilities_;
    socket_handle listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> received_;
    std::atomic<bool> ends_{false};
    std::atomic<unsigned> done_{0};
    std::thread thread_;
};

} // namespace support

#endif
