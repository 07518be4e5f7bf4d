// SPDX-License-Identifier: BSL-1.0
// Where a client library waits for its socket, and how a connection's patience ends that wait: one thread of the process
// watches all connections. MariaDB Connector/C also calls us when it has to wait for a plain socket, before there is a
// connection to watch, too.
#ifndef ROWFERRY_MYSQL_SOCKET_WAIT_HPP
#define ROWFERRY_MYSQL_SOCKET_WAIT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/mysql/patience.hpp>

#include <mysql.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// How soon a stop request and a time limit are seen.
inline constexpr std::chrono::milliseconds wait_slice{100};

/// One operation, for as long as it lives. Operations of one connection do not nest. Those of two connections do: what
/// consumes a stream writes its rows to another server.
class waiting {
public:
    waiting(MYSQL* handle, patience& limits, std::uint64_t sends, answer_pace pace) : handle_(handle), limits_(limits) {
        limits_.begin(sends, pace);
        outer_ = std::exchange(current(), this);
    }
    waiting(const waiting&) = delete;
    waiting& operator=(const waiting&) = delete;
    ~waiting() {
        current() = outer_;
        limits_.end();
    }

    /// The operation under way in this thread; none outside of one.
    static waiting*& current() {
        thread_local waiting* innermost = nullptr;
        return innermost;
    }
    [[nodiscard]] patience& limits() const { return limits_; }
    /// Whether the connection goes through a Unix socket.
    [[nodiscard]] bool is_local() const { return handle_->unix_socket != nullptr; }
    [[nodiscard]] bool is_encrypted() const { return mysql_get_ssl_cipher(handle_) != nullptr; }

private:
    MYSQL* handle_;
    patience& limits_;
    waiting* outer_ = nullptr;
};

#if defined(LIBMARIADB)

/// The wait of an encrypted connection. Where its socket blocks (Connector/C 3.3), the library comes here only when a blocking
/// call was interrupted by a signal, or took as long as the socket's own limit. Where it does not (3.4), the library waits
/// to read also where it was writing (`ma_tls_write`): so a socket that takes bytes is asked for some only for a moment, and
/// the call that is repeated tells what it waits for.
inline int go_on_encrypted(my_socket socket, patience& limits, bool is_time_over) {
    constexpr int moment = 10; // ms
    const int flags = ::fcntl(socket, F_GETFL);
    const bool is_blocking = flags >= 0 && (flags & O_NONBLOCK) == 0;
    if (is_blocking) {
        if (is_time_over) limits.run_out();
    } else if (!limits.is_over()) {
        pollfd one{socket, POLLIN | POLLOUT, 0};
        const bool takes_bytes = ::poll(&one, 1, 0) > 0 && (one.revents & POLLOUT) != 0;
        if (takes_bytes) one.events = POLLIN;
        (void)::poll(&one, 1, takes_bytes ? moment : static_cast<int>(wait_slice.count()));
    }
    if (!limits.is_over()) return 1; // the call is made again
    errno = ETIMEDOUT;
    return 0;
}

/// What Connector/C calls to wait for a socket: gives 1 when it is ready, and 0 with ETIMEDOUT when the wait is over. Nothing
/// is asked of it while there is something to read.
///
/// A timeout in milliseconds of less than 1 is none. It counts only outside of our operations, which have limits of their own:
/// over TLS, and in 3.4 during the handshake, the library passes seconds in its place (`ma_tls_connect`, `ma_tls_read`).
inline int wait_for_socket(my_socket socket, char reads, int timeout) {
    using clock = std::chrono::steady_clock;
    using std::chrono::milliseconds;
    const bool is_time_over = errno == EAGAIN || errno == EWOULDBLOCK;
    const waiting* const operation = waiting::current();
    patience* const limits = operation == nullptr ? nullptr : &operation->limits();
    if (operation != nullptr && operation->is_encrypted()) return go_on_encrypted(socket, *limits, is_time_over);
    if (operation != nullptr) timeout = 0;
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
        if (ready > 0 && reads != 0 && operation != nullptr && operation->is_local()) { // else the watchdog counts
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

#else

inline void install_waiting(MYSQL* /*handle*/) {}

#endif

/// One thread, while there are connections to watch, that ends those whose patience is over. The object is never destroyed:
/// connections may live as long as the process.
class watchdog {
public:
    /// The one of this process: after a fork, a child has no thread of its parent's.
    static watchdog& shared() {
        static std::atomic<watchdog*> latest{nullptr};
        watchdog* one = latest.load();
        while (one == nullptr || one->process_ != ::getpid()) {
            std::unique_ptr<watchdog> fresh(new watchdog);
            if (latest.compare_exchange_strong(one, fresh.get())) return *fresh.release();
        }
        return *one;
    }
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;

    /// False when there is no further thread.
    [[nodiscard]] bool add(int socket, patience& limits) {
        const std::lock_guard lock(mutex_);
        if (!runs_) runs_ = start();
        if (!runs_) return false;
        watched_.push_back({socket, &limits});
        (void)watched_.back().receives();
        return true;
    }
    /// Counts what a socket has received so far to no operation: each look counts to the one that is under way by then.
    void skip_received(int socket) {
        const std::lock_guard lock(mutex_);
        for (watched& each : watched_) {
            if (each.socket == socket) (void)each.receives();
        }
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
    ~watchdog() = default;
    friend std::default_delete<watchdog>;

    /// Starts the thread, detached. Signals are for the program's own threads.
    bool start() {
        sigset_t all;
        sigset_t before;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before);
        pthread_t thread{};
        const bool is_started = ::pthread_create(&thread, nullptr, watch, this) == 0;
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        if (is_started) ::pthread_detach(thread);
        return is_started;
    }
    static void* watch(void* dog) {
        while (static_cast<watchdog*>(dog)->look()) ::poll(nullptr, 0, static_cast<int>(wait_slice.count()));
        return nullptr;
    }
    /// Looks at all connections; false when there are none, and the thread ends.
    bool look() {
        const std::lock_guard lock(mutex_);
        runs_ = !watched_.empty();
        for (watched& each : watched_) {
            each.limits->note_received(each.receives());
            if (each.limits->is_over()) ::shutdown(each.socket, SHUT_RDWR);
        }
        return runs_;
    }

    const pid_t process_ = ::getpid();
    std::mutex mutex_;
    std::vector<watched> watched_;
    bool runs_ = false;
};

/// What to do where a connection cannot be watched.
inline constexpr std::string_view unwatched =
    "this process has no file or thread left to watch the connection with: allow it more";

/// Watches one connection from outside, or does not where that cannot be: `is_watching` says which. The socket is a
/// duplicate: the library may close its own at any time, and its number may be another file's then.
class socket_watch {
public:
    socket_watch(MYSQL* handle, patience& limits) noexcept : socket_(::fcntl(handle->net.fd, F_DUPFD_CLOEXEC, 0)) {
        if (socket_ < 0) return;
        bool is_added = false;
        try {
            is_added = watchdog::shared().add(socket_, limits);
        } catch (const std::bad_alloc&) {
        } // as if there were no thread
        if (!is_added) ::close(std::exchange(socket_, -1));
    }
    socket_watch(const socket_watch&) = delete;
    socket_watch& operator=(const socket_watch&) = delete;
    ~socket_watch() {
        if (socket_ < 0) return;
        watchdog::shared().remove(socket_);
        ::close(socket_);
    }
    [[nodiscard]] bool is_watching() const { return socket_ >= 0; }
    /// To be called before an operation begins: what earlier ones received is not counted to it.
    void begin_operation() const {
        if (is_watching()) watchdog::shared().skip_received(socket_);
    }

private:
    int socket_;
};

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
