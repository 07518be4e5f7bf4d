// SPDX-License-Identifier: BSL-1.0
// A proxy on loopback that cuts connections on which no byte has passed for a while, as load balancers and firewalls do.
#ifndef ROWFERRY_TESTS_IDLE_PROXY_HPP
#define ROWFERRY_TESTS_IDLE_PROXY_HPP

#include "commit_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// Forwards connections to a server on loopback, by one thread that is joined with the proxy.
class idle_proxy {
public:
    idle_proxy(std::uint16_t server_port, std::chrono::milliseconds longest)
        : server_port_(server_port), longest_(longest) {
        listener_ = socket_handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        auto* plain = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
            ::getsockname(listener_.get(), plain, &size) != 0) {
            throw std::runtime_error("idle_proxy: no port");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    idle_proxy(const idle_proxy&) = delete;
    idle_proxy& operator=(const idle_proxy&) = delete;
    ~idle_proxy() {
        ends_ = true;
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// How many connections were cut.
    [[nodiscard]] unsigned cuts() const { return cuts_; }
    /// How many connections were made.
    [[nodiscard]] unsigned connections() const { return connections_; }

private:
    using clock = std::chrono::steady_clock;
    struct link {
        socket_handle client;
        socket_handle server;
        clock::time_point last = clock::now();
    };

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }
    void serve() {
        std::vector<link> links;
        while (!ends_) {
            std::vector<pollfd> waits{{listener_.get(), POLLIN, 0}};
            for (const link& l : links) {
                waits.push_back({l.client.get(), POLLIN, 0});
                waits.push_back({l.server.get(), POLLIN, 0});
            }
            ::poll(waits.data(), waits.size(), 20);
            std::vector<link> open;
            for (std::size_t i = 0; i < links.size(); ++i) {
                link& l = links[i];
                bool stays = waits[1 + 2 * i].revents == 0 || pass(l.client, l.server, l.last);
                stays = stays && (waits[2 + 2 * i].revents == 0 || pass(l.server, l.client, l.last));
                if (stays && clock::now() - l.last > longest_) {
                    ++cuts_;
                    stays = false;
                }
                if (stays) open.push_back(std::move(l));
            }
            links = std::move(open);
            if (waits[0].revents != 0) accept(links);
        }
    }
    void accept(std::vector<link>& links) {
        link l{socket_handle(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
               socket_handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
        const sockaddr_in address = loopback(server_port_);
        if (::connect(l.server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
        // As a proxy does that buffers little, so that what is read slowly comes all the while.
        constexpr int buffered = 1 << 16;
        ::setsockopt(l.client.get(), SOL_SOCKET, SO_SNDBUF, &buffered, sizeof buffered);
        ++connections_;
        links.push_back(std::move(l));
    }
    /// False at the end of the stream.
    static bool pass(const socket_handle& from, const socket_handle& to, clock::time_point& last) {
        std::array<char, 16'384> buffer;
        const ssize_t n = ::recv(from.get(), buffer.data(), buffer.size(), 0);
        if (n <= 0) return false;
        for (ssize_t sent = 0; sent < n;) {
            const ssize_t more =
                ::send(to.get(), buffer.data() + sent, static_cast<std::size_t>(n - sent), MSG_NOSIGNAL);
            if (more <= 0) return false;
            sent += more;
        }
        last = clock::now();
        return true;
    }

    std::uint16_t server_port_;
    std::chrono::milliseconds longest_;
    std::uint16_t port_ = 0;
    socket_handle listener_;
    std::atomic<bool> ends_{false};
    std::atomic<unsigned> cuts_{0};
    std::atomic<unsigned> connections_{0};
    std::thread thread_;
};

} // namespace support

#endif
