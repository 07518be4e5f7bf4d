// SPDX-License-Identifier: BSL-1.0
// Where a client library waits for its socket, and how a connection's patience ends that wait. MariaDB Connector/C calls us
// whenever it has to wait. Oracle's library does not: there one thread of the process watches all its connections.
#ifndef ROWFERRY_MYSQL_SOCKET_WAIT_HPP
#define ROWFERRY_MYSQL_SOCKET_WAIT_HPP

#include <rowferry/mysql/patience.hpp>

#include <mysql.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#if !defined(LIBMARIADB)
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>
#endif

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// How soon a stop request and a time limit are seen.
inline constexpr std::chrono::milliseconds wait_slice{100};

/// The patience of the operation under way in this thread; none outside of one.
inline patience*& current_patience() {
    thread_local patience* current = nullptr;
    return current;
}

/// One operation, for as long as it lives. Operations of one connection do not nest. Those of two connections do: what
/// consumes a stream writes its rows to another server.
class waiting {
public:
    waiting(patience& whose, std::uint64_t sends, answer_pace pace) : whose_(whose) {
        whose_.begin(sends, pace);
        outer_ = std::exchange(current_patience(), &whose_);
    }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting() {
        current_patience() = outer_;
        whose_.end();
    }

private:
    patience& whose_;
    patience* outer_ = nullptr;
};

#if defined(LIBMARIADB)

/// What Connector/C calls to wait for a socket: gives 1 when it is ready, and 0 with ETIMEDOUT when the wait is over. A
/// timeout in milliseconds of less than 1 is none. Nothing is asked of it while there is something to read.
inline int wait_for_socket(my_socket socket, char reads, int timeout) {
    using clock = std::chrono::steady_clock;
    using std::chrono::milliseconds;
    patience* const limits = current_patience();
    const auto begin = clock::now();
    for (;;) {
        milliseconds slice = wait_slice;
        if (timeout > 0) {
            const auto waited = std::chrono::duration_cast<milliseconds>(clock::now() - begin);
            slice = std::min(slice, milliseconds(timeout) - waited);
        }
        pollfd one{socket, static_cast<short>(reads != 0 ? POLLIN : POLLOUT), 0};
        const int ready = slice.count() < 0 ? 0 : ::poll(&one, 1, static_cast<int>(slice.count()));
        if (ready < 0 && errno != EINTR) return ready;
        if (ready > 0 && reads != 0 && limits != nullptr) {
            int bytes = 0;
            if (::ioctl(socket, FIONREAD, &bytes) == 0) limits->note_received(static_cast<std::uint64_t>(bytes));
        }
        const bool is_over = (limits != nullptr && limits->is_over()) ||
                             (ready <= 0 && timeout > 0 && clock::now() - begin >= milliseconds(timeout));
        if (is_over) {
            errno = ETIMEDOUT;
            return 0;
        }
        if (ready > 0) return ready;
    }
}

/// What has to be told to the library before it connects.
inline void install_waiting(MYSQL* handle) {
    mysql_options(handle, MARIADB_OPT_IO_WAIT, reinterpret_cast<const void*>(&wait_for_socket));
}

/// Nothing watches from outside.
class socket_watch {
public:
    socket_watch(MYSQL* /*handle*/, patience& /*limits*/) {}
};

#else

inline void install_waiting(MYSQL* /*handle*/) {}

/// One thread, from the first connection on, that ends the connections whose patience is over.
class watchdog {
public:
    static watchdog& shared() {
        static watchdog one;
        return one;
    }
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;
    ~watchdog() {
        {
            const std::lock_guard lock(mutex_);
            ends_ = true;
        }
        wake_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

    void add(int socket, patience& limits) {
        const std::lock_guard lock(mutex_);
        watched_.push_back({socket, &limits});
        (void)watched_.back().receives();
        if (!thread_.joinable()) thread_ = std::thread([this] { watch(); });
    }
    void remove(int socket) {
        const std::lock_guard lock(mutex_);
        std::erase_if(watched_, [socket](const watched& each) { return each.socket == socket; });
    }

private:
    struct watched {
        int socket;
        patience* limits;
        std::uint64_t last = 0;

        /// Bytes that came through the socket since it was last asked: tcpi_bytes_received of linux/tcp.h, which cannot be
        /// included beside netinet/tcp.h. A Unix socket counts none: there, what waits to be read is looked at, and counts
        /// by how much it grew.
        std::uint64_t receives() {
            constexpr int protocol_tcp = 6;
            constexpr int info = 11; // TCP_INFO
            constexpr std::size_t bytes_received = 128;
            unsigned char all[256] = {};
            socklen_t size = sizeof all;
            std::uint64_t now = 0;
            int waiting_bytes = 0;
            if (::getsockopt(socket, protocol_tcp, info, all, &size) == 0) {
                if (size >= bytes_received + sizeof now) std::memcpy(&now, all + bytes_received, sizeof now);
            } else if (::ioctl(socket, FIONREAD, &waiting_bytes) == 0) {
                now = static_cast<std::uint64_t>(waiting_bytes);
            }
            const std::uint64_t before = std::exchange(last, now);
            return now > before ? now - before : 0;
        }
    };

    watchdog() = default;

    void watch() {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, wait_slice, [this] { return ends_; })) {
            for (watched& each : watched_) {
                each.limits->note_received(each.receives());
                if (each.limits->is_over()) ::shutdown(each.socket, SHUT_RDWR);
            }
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<watched> watched_;
    bool ends_ = false;
    std::thread thread_;
};

/// Watches one connection from outside. The socket is a duplicate: the library may close its own at any time, and its
/// number may be another file's then.
class socket_watch {
public:
    socket_watch(MYSQL* handle, patience& limits) : socket_(::fcntl(handle->net.fd, F_DUPFD_CLOEXEC, 0)) {
        if (socket_ >= 0) watchdog::shared().add(socket_, limits);
    }
    socket_watch(const socket_watch&) = delete;
    socket_watch& operator=(const socket_watch&) = delete;
    ~socket_watch() {
        if (socket_ < 0) return;
        watchdog::shared().remove(socket_);
        ::close(socket_);
    }

private:
    int socket_;
};

#endif

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
