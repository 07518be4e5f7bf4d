// SPDX-License-Identifier: BSL-1.0
// A proxy on loopback that cuts a connection at its COMMIT: before the server sees it, after, or when the server has
// answered; or sends the server another statement instead of one, so that its answer is to something else. Knows the protocol as far as its packets go; without TLS and compression.
#ifndef ROWFERRY_TESTS_COMMIT_PROXY_HPP
#define ROWFERRY_TESTS_COMMIT_PROXY_HPP

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// A socket that is closed with its owner.
class socket_handle {
public:
    explicit socket_handle(int fd = -1) : fd_(fd) {}
    socket_handle(socket_handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    socket_handle& operator=(socket_handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~socket_handle() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const { return fd_; }
    void reset() { *this = socket_handle(); }

private:
    int fd_;
};

/// Where the connection is cut.
enum class commit_cut : std::uint8_t {
    before_forwarding, ///< the server never sees the COMMIT, and rolls back
    before_reply,      ///< the server gets it, and nobody waits for the reply
    after_reply,       ///< the server has committed and answered; the reply is swallowed
    forwarded_late     ///< the client is cut off; the server gets the COMMIT a while later
};

/// Forwards connections to a server on loopback, by one thread that is joined with the proxy.
class commit_proxy {
public:
    explicit commit_proxy(std::uint16_t server_port) : server_port_(server_port), listener_(listen(port_)) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) throw std::runtime_error("commit_proxy: no pipe");
        wake_read_ = socket_handle(ends[0]);
        wake_write_ = socket_handle(ends[1]);
        thread_ = std::thread([this] { serve(); });
    }
    ~commit_proxy() {
        (void)!::write(wake_write_.get(), "", 1);
        thread_.join();
    }
    commit_proxy(const commit_proxy&) = delete;
    commit_proxy& operator=(const commit_proxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// From now on fresh connections go to that server; those that there are stay.
    void lead_to(std::uint16_t server_port) { server_port_ = server_port; }
    /// Cuts the `count` commits from the n-th on (from 1, counted from now over all connections).
    void cut(commit_cut how, unsigned n, unsigned count = 1) {
        how_ = how;
        last_cut_ = n + count - 1;
        first_cut_ = n;
        commits_ = 0;
        cuts_ = 0;
    }
    /// Sends `instead` to the server in place of the statement `of`, for the `count` of these from the n-th on (from 1, counted
    /// from now over all connections). To be told while no connection is open.
    void replace(std::string of, std::string instead, unsigned n = 1, unsigned count = 1) {
        const std::lock_guard lock(mutex_);
        replacements_.push_back({std::move(of), std::move(instead), n, n + count - 1});
    }
    /// Replaces nothing any more.
    void forward_all() {
        const std::lock_guard lock(mutex_);
        replacements_.clear();
    }
    /// How many connections were cut since.
    [[nodiscard]] unsigned cuts() const { return cuts_; }

private:
    using clock = std::chrono::steady_clock;
    static constexpr auto late = std::chrono::milliseconds(200);

    struct link {
        socket_handle client;
        socket_handle server;
        std::string from_client{};   // what is not a whole packet yet
        bool swallows_reply = false; // and is closed then
        std::string held{};          // a COMMIT that is to be forwarded late
        clock::time_point held_until{};
    };

    static sockaddr_in loopback(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        return address;
    }
    static socket_handle listen(std::uint16_t& port) {
        socket_handle s(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        if (::bind(s.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(s.get(), 16) != 0 ||
            ::getsockname(s.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("commit_proxy: no port");
        }
        port = ntohs(address.sin_port);
        return s;
    }

    void serve() {
        for (;;) {
            std::vector<pollfd> waits{{wake_read_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
            for (const auto& l : links_) {
                waits.push_back({l->client.get(), POLLIN, 0}); // poll passes over sockets that are closed
                waits.push_back({l->server.get(), POLLIN, 0});
            }
            if (::poll(waits.data(), waits.size(), 20) < 0 && errno != EINTR) return;
            if (waits[0].revents != 0) return;
            for (std::size_t i = 0; i < links_.size(); ++i) {
                link& l = *links_[i];
                bool open = true;
                if (waits[2 + 2 * i].revents != 0) open = read_client(l);
                if (open && waits[3 + 2 * i].revents != 0) open = read_server(l);
                if (open && !l.held.empty() && clock::now() >= l.held_until) {
                    send_all(l.server, l.held);
                    open = false;
                }
                if (!open) links_[i].reset();
            }
            std::erase(links_, nullptr);
            if (waits[1].revents != 0) accept();
        }
    }

    void accept() {
        auto l = std::make_unique<link>(link{socket_handle(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
                                             socket_handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))});
        const sockaddr_in address = loopback(server_port_);
        if (::connect(l->server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return;
        const int on = 1;
        for (const auto* s : {&l->client, &l->server}) ::setsockopt(s->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        links_.push_back(std::move(l));
    }

    /// What came, appended; false at the end of the stream.
    static bool receive(const socket_handle& from, std::string& into) {
        std::array<char, 65'536> buffer;
        const ssize_t n = ::recv(from.get(), buffer.data(), buffer.size(), 0);
        if (n > 0) into.append(buffer.data(), static_cast<std::size_t>(n));
        return n > 0;
    }
    static bool send_all(const socket_handle& to, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    /// Forwards whole packets: three bytes of length, one of sequence, and the payload. False closes the link.
    bool read_client(link& l) {
        if (!receive(l.client, l.from_client)) return false;
        for (;;) {
            if (l.from_client.size() < 4) return true;
            auto byte = [&](std::size_t i) {
                return static_cast<std::size_t>(static_cast<unsigned char>(l.from_client[i]));
            };
            const std::size_t size = 4 + (byte(0) | byte(1) << 8U | byte(2) << 16U);
            if (l.from_client.size() < size) return true;
            const std::string packet = replaced(l.from_client.substr(0, size));
            l.from_client.erase(0, size);
            if (is_commit(packet) && is_to_be_cut()) {
                if (!cut_commit(l, packet)) return false;
            } else if (!send_all(l.server, packet)) {
                return false;
            }
        }
    }
    // What stands before the text of a COM_QUERY; Oracle's client tells a MySQL server first that it has 0 attributes, in 1
    // set. None for other packets, or another text.
    static std::string_view head_of(std::string_view packet, std::string_view text) {
        using namespace std::string_view_literals;
        if (packet[3] != 0 || !packet.ends_with(text)) return {};
        const std::string_view before = packet.substr(4, packet.size() - 4 - text.size());
        return before == "\3"sv || before == "\3\0\1"sv ? before : std::string_view();
    }
    static bool is_commit(std::string_view packet) { return !head_of(packet, "COMMIT").empty(); }
    std::string replaced(std::string packet) {
        const std::lock_guard lock(mutex_);
        for (replacement& r : replacements_) {
            const std::string_view head = head_of(packet, r.of);
            if (head.empty() || ++r.seen < r.first || r.seen > r.last) continue;
            std::string payload = std::string(head) + r.instead;
            const std::size_t n = payload.size();
            std::string header{static_cast<char>(n & 255U), static_cast<char>(n >> 8U & 255U),
                               static_cast<char>(n >> 16U), 0};
            return header + payload;
        }
        return packet;
    }
    bool is_to_be_cut() {
        const unsigned n = ++commits_;
        return first_cut_ != 0 && n >= first_cut_ && n <= last_cut_;
    }
    bool cut_commit(link& l, const std::string& packet) {
        ++cuts_;
        switch (how_) {
        case commit_cut::before_forwarding: return false;
        case commit_cut::before_reply: (void)send_all(l.server, packet); return false;
        case commit_cut::after_reply: l.swallows_reply = true; return send_all(l.server, packet);
        case commit_cut::forwarded_late:
            l.client.reset();
            l.held = packet;
            l.held_until = clock::now() + late;
            return true;
        }
        return false;
    }
    static bool read_server(link& l) {
        std::string bytes;
        if (!receive(l.server, bytes) || l.swallows_reply) return false;
        return send_all(l.client, bytes);
    }

    struct replacement {
        std::string of;
        std::string instead;
        unsigned first;
        unsigned last;
        unsigned seen = 0;
    };

    std::mutex mutex_; // for the replacements
    std::vector<replacement> replacements_;
    std::atomic<std::uint16_t> server_port_;
    std::uint16_t port_ = 0;
    socket_handle listener_;
    socket_handle wake_read_;
    socket_handle wake_write_;
    std::vector<std::unique_ptr<link>> links_;
    std::atomic<commit_cut> how_{commit_cut::before_forwarding};
    std::atomic<unsigned> first_cut_{0};
    std::atomic<unsigned> last_cut_{0};
    std::atomic<unsigned> commits_{0};
    std::atomic<unsigned> cuts_{0};
    std::thread thread_;
};

} // namespace support

#endif
