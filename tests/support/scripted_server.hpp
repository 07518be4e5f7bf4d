// SPDX-License-Identifier: BSL-1.0
// A server on loopback that answers by a script instead of by its data: what no real server ever sends. Speaks the protocol
// as far as a login without a password and text results go; no TLS, no compression.
#ifndef ROWFERRY_TESTS_SCRIPTED_SERVER_HPP
#define ROWFERRY_TESTS_SCRIPTED_SERVER_HPP

#include "commit_proxy.hpp" // socket_handle

#include <rowferry/sql/session.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace support {

/// An integer of so many bytes, the lowest one first.
inline std::string little_endian(std::uint64_t number, unsigned bytes) {
    std::string text;
    for (unsigned i = 0; i < bytes; ++i) text += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
    return text;
}
/// A length-encoded integer.
inline std::string encoded(std::uint64_t number) {
    if (number < 251) return little_endian(number, 1);
    if (number < 65'536) return '\xFC' + little_endian(number, 2);
    return '\xFE' + little_endian(number, 8);
}
inline std::string encoded(std::string_view text) { return encoded(std::uint64_t{text.size()}) + std::string(text); }

/// What the server sends for one statement.
struct scripted_answer {
    std::vector<std::string> packets;           ///< payloads, sent one after another
    std::chrono::milliseconds of_each_byte{};   ///< how slowly each byte is sent; 0: all at once
    std::chrono::milliseconds of_each_packet{}; ///< how long it waits after each packet
    std::chrono::milliseconds before{};         ///< how long it waits first
    std::size_t slow_from = 0;                  ///< from which packet on each byte is sent slowly
    bool asks_for_text = false;                 ///< reads what LOAD DATA LOCAL sends, after the first packet
    bool repeats_last_but_one = false;          ///< sends that packet again and again until the client leaves
};

inline constexpr std::uint16_t autocommit_status = 2;
inline constexpr std::uint16_t more_results_status = 8;

inline scripted_answer ok_answer(std::uint64_t affected = 0, std::uint16_t status = autocommit_status,
                                 std::string_view info = {}) {
    return {{'\0' + encoded(affected) + encoded(std::uint64_t{0}) + little_endian(status, 2) + little_endian(0, 2) +
             std::string(info)}};
}
inline scripted_answer error_answer(unsigned code, std::string_view sqlstate, std::string_view message) {
    return {{'\xFF' + little_endian(code, 2) + '#' + std::string(sqlstate) + std::string(message)}};
}

using scripted_row = std::vector<std::optional<std::string>>;

/// Rows; each may have another number of cells than there are columns.
inline scripted_answer rows_answer(const std::vector<std::string>& columns, const std::vector<scripted_row>& rows,
                                   std::uint16_t status = autocommit_status) {
    const std::string eof = '\xFE' + little_endian(0, 2) + little_endian(status, 2);
    scripted_answer answer;
    answer.packets.push_back(encoded(std::uint64_t{columns.size()}));
    for (const std::string& name : columns) {
        constexpr std::uint64_t type = 0xFD; // VAR_STRING
        answer.packets.push_back(encoded("def") + encoded("d") + encoded("t") + encoded("t") + encoded(name) +
                                 encoded(name) + '\x0C' + little_endian(63, 2) + little_endian(255, 4) +
                                 little_endian(type, 1) + little_endian(0, 2) + '\0' + little_endian(0, 2));
    }
    answer.packets.push_back(eof);
    for (const scripted_row& row : rows) {
        std::string cells;
        for (const auto& cell : row) cells += cell ? encoded(*cell) : std::string("\xFB");
        answer.packets.push_back(cells);
    }
    answer.packets.push_back(eof);
    return answer;
}

/// Answers what opens a session as a server does that takes each setting; none for other statements.
inline std::optional<scripted_answer> session_answer(std::string_view sql,
                                                     const std::function<void(scripted_row&)>& change = {}) {
    namespace rfsql = rowferry::sql;
    if (sql.starts_with("SET ")) return ok_answer();
    if (sql.starts_with("SELECT GET_LOCK('rowferry-")) return rows_answer({"taken"}, {{"1"}}); // the session's mark
    if (!sql.starts_with("SELECT @@character_set_client")) return std::nullopt;
    scripted_row row{"binary", "binary", "binary", "7", "16777216", "10.11.6-MariaDB", "d", "65535"};
    for (const auto& v : rfsql::session_variables(rfsql::dialect::mariadb, 101'106)) {
        row.emplace_back(std::string(v.value == rfsql::no_moment ? "DEFAULT" : v.value));
    }
    for (std::size_t i = 0; i < rfsql::identity_variables(rfsql::dialect::mariadb).size(); ++i) row.emplace_back("1");
    if (change) change(row);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < row.size(); ++i) names.push_back("c" + std::to_string(i));
    return rows_answer(names, {row});
}

/// The server: one thread for each connection, all joined with it. The script is called by several threads at once.
class scripted_server {
public:
    /// What to answer to a statement; `session_answer` goes before it.
    using script = std::function<scripted_answer(const std::string& sql)>;

    explicit scripted_server(script answers) : script_(std::move(answers)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        listener_ = socket_handle(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
            ::listen(listener_.get(), 16) != 0 ||
            ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("scripted_server: no port");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~scripted_server() {
        stopped_ = true;
        acceptor_.join();
        for (std::thread& each : threads_) each.join();
    }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    /// A URI of it; options as "&read-timeout=1".
    [[nodiscard]] std::string uri(const std::string& options = {}) const {
        return "mysql://u@127.0.0.1:" + std::to_string(port_) + "/d?ssl-mode=disabled" + options;
    }
    /// The greeting goes out this slowly, byte by byte.
    void greet_slowly(std::chrono::milliseconds of_each_byte) { greeting_delay_ = of_each_byte; }

    /// What to change in the row that tells of the session; before anybody connects.
    void change_session(std::function<void(scripted_row&)> change) { change_ = std::move(change); }

    /// Answers the first `times` statements that set the session's settings (SET NAMES aside) with this; before a client
    /// connects.
    void refuse_settings(scripted_answer answer, unsigned times) {
        of_settings_ = std::move(answer);
        refusals_ = times;
    }

private:
    static constexpr std::chrono::milliseconds tick{20};

    void accept_all() {
        while (!stopped_) {
            pollfd waiting{listener_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, static_cast<int>(tick.count())) <= 0) continue;
            socket_handle client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (client.get() < 0) continue;
            const int at_once = 1; // else a packet waits for the acknowledgement of the one before
            ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
            threads_.emplace_back([this, fd = std::move(client)] { serve(fd.get()); });
        }
    }

    void serve(int fd) {
        using namespace std::string_literals;
        constexpr std::uint32_t capabilities = 0x1 | 0x8 | 0x80 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x80000;
        const std::string greeting = "\x0A"s + "5.5.5-10.11.6-MariaDB"s + '\0' + little_endian(7, 4) + "12345678" +
                                     '\0' + little_endian(capabilities & 0xFFFF, 2) + '\x21' +
                                     little_endian(autocommit_status, 2) + little_endian(capabilities >> 16, 2) +
                                     '\x15' + std::string(10, '\0') + "123456789012"s + '\0' +
                                     "mysql_native_password"s + '\0';
        unsigned char number = 0;
        if (!send(fd, greeting, number, greeting_delay_)) return;
        if (!receive(fd, number)) return;
        if (!send(fd, ok_answer().packets[0], ++number, {})) return;
        for (;;) {
            auto packet = receive(fd, number);
            if (!packet || packet->empty() || (*packet)[0] == '\x01') return; // COM_QUIT
            scripted_answer answer = ok_answer();
            if ((*packet)[0] == '\x03') { // COM_QUERY
                const std::string sql = packet->substr(1);
                auto setup = session_answer(sql, change_);
                const bool is_recipe = sql.starts_with("SET ") && !sql.starts_with("SET NAMES");
                if (is_recipe && ++settings_ <= refusals_) setup = of_settings_;
                answer = setup ? std::move(*setup) : script_(sql);
            }
            if (!play(fd, answer, number)) return;
        }
    }

    bool play(int fd, const scripted_answer& answer, unsigned char number) {
        for (auto left = answer.before; left.count() > 0 && !stopped_; left -= tick) std::this_thread::sleep_for(tick);
        for (std::size_t i = 0; i < answer.packets.size(); ++i) {
            const bool repeats = answer.repeats_last_but_one && i + 2 == answer.packets.size();
            do {
                const auto of_each_byte = i < answer.slow_from ? std::chrono::milliseconds{} : answer.of_each_byte;
                if (!send(fd, answer.packets[i], ++number, of_each_byte)) return false;
                if (answer.of_each_packet.count() > 0) std::this_thread::sleep_for(answer.of_each_packet);
            } while (repeats && !stopped_);
            for (bool more = i == 0 && answer.asks_for_text; more;) {
                const auto text = receive(fd, number);
                if (!text) return false;
                more = !text->empty();
                if (more) std::this_thread::sleep_for(answer.of_each_packet);
            }
        }
        return true;
    }

    bool send(int fd, const std::string& payload, unsigned char number, std::chrono::milliseconds of_each_byte) {
        const std::string packet = little_endian(payload.size(), 3) + static_cast<char>(number) + payload;
        if (of_each_byte.count() == 0) return send_bytes(fd, packet);
        for (const char& byte : packet) {
            if (stopped_ || !send_bytes(fd, {&byte, 1})) return false;
            std::this_thread::sleep_for(of_each_byte);
        }
        return true;
    }
    bool send_bytes(int fd, std::string_view bytes) {
        while (!bytes.empty()) {
            pollfd waiting{fd, POLLOUT, 0};
            if (::poll(&waiting, 1, static_cast<int>(tick.count())) == 0) {
                if (stopped_) return false;
                continue;
            }
            const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    std::optional<std::string> receive(int fd, unsigned char& number) {
        const auto head = receive_bytes(fd, 4);
        if (!head) return std::nullopt;
        auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>((*head)[i])}; };
        number = static_cast<unsigned char>((*head)[3]);
        return receive_bytes(fd, byte(0) | byte(1) << 8U | byte(2) << 16U);
    }
    std::optional<std::string> receive_bytes(int fd, std::size_t count) {
        std::string bytes(count, '\0');
        for (std::size_t have = 0; have < count;) {
            pollfd waiting{fd, POLLIN, 0};
            if (::poll(&waiting, 1, static_cast<int>(tick.count())) == 0) {
                if (stopped_) return std::nullopt;
                continue;
            }
            const ssize_t got = ::recv(fd, bytes.data() + have, count - have, 0);
            if (got <= 0) return std::nullopt;
            have += static_cast<std::size_t>(got);
        }
        return bytes;
    }

    script script_;
    std::function<void(scripted_row&)> change_;
    std::optional<scripted_answer> of_settings_;
    std::atomic<unsigned> settings_{0};
    unsigned refusals_ = 0;
    socket_handle listener_;
    std::uint16_t port_ = 0;
    std::chrono::milliseconds greeting_delay_{};
    std::atomic<bool> stopped_{false};
    std::thread acceptor_;
    std::vector<std::thread> threads_; // of the acceptor, until it is joined
};

} // namespace support

#endif
