// SPDX-License-Identifier: BSL-1.0
#include "channel.hpp"

#include "child_process.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace hostile {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t longest_packet = 0xffffff;

tcp::endpoint loopback(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

std::string text_of(const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
}

} // namespace

namespace {

certificate make_certificate(const std::string& folder, const std::string& name, const std::string& subject,
                             const std::string& other_names) {
    const std::string base = folder + "/" + name;
    certificate c{base + ".pem", base + ".key", base + ".pub", {}};
    const std::vector<std::vector<std::string>> commands{
        {"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + subject, "-addext",
         "subjectAltName=" + other_names, "-keyout", c.key_file, "-out", c.certificate_file},
        {"openssl", "rsa", "-in", c.key_file, "-pubout", "-out", c.public_key_file}};
    for (const auto& command : commands) {
        if (support::child_process(command, base + ".log").wait() != 0) {
            throw std::runtime_error("openssl: " + text_of(base + ".log"));
        }
    }
    c.public_key = text_of(c.public_key_file);
    return c;
}

const std::string& certificate_folder() {
    static const support::temporary_folder folder;
    return folder.path();
}

} // namespace

const certificate& self_signed() {
    static const certificate made = make_certificate(certificate_folder(), "here", "127.0.0.1", "IP:127.0.0.1");
    return made;
}
const certificate& self_signed_elsewhere() {
    static const certificate made =
        make_certificate(certificate_folder(), "elsewhere", "elsewhere", "DNS:elsewhere.example");
    return made;
}

struct channel::state {
    std::shared_ptr<asio::io_context> context = std::make_shared<asio::io_context>();
    tcp::socket socket{*context};
    std::optional<asio::ssl::context> tls_context{};
    std::optional<asio::ssl::stream<tcp::socket&>> tls{};
    unsigned next_number = 0;
    std::string received{};

    state() = default;
    state(std::shared_ptr<asio::io_context> c, tcp::socket s) : context(std::move(c)), socket(std::move(s)) {}

    bool read_exactly(char* into, std::size_t count) {
        error_code failure;
        const auto buffer = asio::buffer(into, count);
        const std::size_t n = tls ? asio::read(*tls, buffer, failure) : asio::read(socket, buffer, failure);
        received.append(into, n);
        return n == count;
    }
};

channel channel::connect(std::uint16_t port) {
    auto made = std::make_shared<state>();
    made->socket.connect(loopback(port));
    made->socket.set_option(tcp::no_delay(true));
    return channel(std::move(made));
}

std::optional<std::string> channel::read() {
    std::string payload;
    for (;;) {
        char header[4];
        if (!state_->read_exactly(header, sizeof header)) return std::nullopt;
        auto byte = [&header](unsigned i) { return static_cast<std::size_t>(static_cast<unsigned char>(header[i])); };
        const std::size_t size = byte(0) | byte(1) << 8U | byte(2) << 16U;
        state_->next_number = static_cast<unsigned>(byte(3) + 1) & 0xffU;
        const std::size_t before = payload.size();
        payload.resize(before + size);
        if (!state_->read_exactly(payload.data() + before, size)) return std::nullopt;
        if (size < longest_packet) return payload;
    }
}

std::string channel::frame(const std::vector<std::string>& payloads) {
    std::string out;
    for (const std::string& payload : payloads) {
        for (std::size_t begin = 0;; begin += longest_packet) {
            const std::size_t size = std::min(payload.size() - begin, longest_packet);
            for (unsigned shift : {0U, 8U, 16U}) out += static_cast<char>(size >> shift & 0xffU);
            out += static_cast<char>(state_->next_number);
            state_->next_number = (state_->next_number + 1) & 0xffU;
            out.append(payload, begin, size);
            if (size < longest_packet) break;
        }
    }
    return out;
}

bool channel::write_raw(std::string_view bytes) {
    error_code failure;
    const auto buffer = asio::buffer(bytes.data(), bytes.size());
    if (state_->tls) {
        asio::write(*state_->tls, buffer, failure);
    } else {
        asio::write(state_->socket, buffer, failure);
    }
    return !failure;
}

bool channel::write(const std::vector<std::string>& payloads) { return write_raw(frame(payloads)); }

void channel::set_next_number(unsigned number) { state_->next_number = number & 0xffU; }

bool channel::accept_tls(const certificate& c) {
    error_code failure;
    state_->tls_context.emplace(asio::ssl::context::tls_server);
    state_->tls_context->use_certificate_file(c.certificate_file, asio::ssl::context::pem, failure);
    if (failure) return false;
    state_->tls_context->use_private_key_file(c.key_file, asio::ssl::context::pem, failure);
    if (failure) return false;
    state_->tls.emplace(state_->socket, *state_->tls_context);
    state_->tls->handshake(asio::ssl::stream_base::server, failure);
    return !failure;
}

// Not through Asio: another thread may be reading at this moment.
void channel::shut() { ::shutdown(state_->socket.native_handle(), SHUT_RDWR); }

const std::string& channel::received() const { return state_->received; }

struct listener::state {
    std::shared_ptr<asio::io_context> context = std::make_shared<asio::io_context>();
    tcp::acceptor acceptor{*context, loopback(0)};
    std::function<void(channel&)> serve;
    std::mutex mutex{};
    std::condition_variable changed{};
    bool stopping = false;
    std::vector<channel> open{};
    std::vector<std::thread> threads{};
    std::thread accepting{};
    std::thread watching{};

    explicit state(std::function<void(channel&)> s) : serve(std::move(s)) {
        accepting = std::thread([this] { accept(); });
        watching = std::thread([this] { watch(); });
    }

    void accept() {
        for (;;) {
            error_code failure;
            tcp::socket socket(*context);
            acceptor.accept(socket, failure);
            const std::lock_guard lock(mutex);
            if (failure || stopping) return;
            socket.set_option(tcp::no_delay(true), failure);
            open.emplace_back(std::make_shared<channel::state>(context, std::move(socket)));
            threads.emplace_back([this, own = open.back()]() mutable {
                try {
                    serve(own);
                } catch (const std::exception& e) { // a rule that does not fit its answer
                    std::fprintf(stderr, "hostile server: %s\n", e.what());
                    std::abort();
                }
                own.shut();
            });
        }
    }
    void watch() {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, longest_life, [this] { return stopping; });
        stopping = true;
        ::shutdown(acceptor.native_handle(), SHUT_RDWR); // accept() returns
        for (channel& each : open) each.shut();
    }
    void stop() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        changed.notify_all();
        if (watching.joinable()) watching.join();
        if (accepting.joinable()) accepting.join();
        for (std::thread& each : threads) each.join();
        threads.clear();
    }
};

listener::listener(std::function<void(channel&)> serve) : state_(std::make_unique<state>(std::move(serve))) {}
listener::~listener() { stop(); }
std::uint16_t listener::port() const { return state_->acceptor.local_endpoint().port(); }
void listener::stop() { state_->stop(); }

} // namespace hostile
