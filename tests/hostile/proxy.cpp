// SPDX-License-Identifier: BSL-1.0
#include "proxy.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace hostile {

namespace {

// What would hide answers from `decode`.
constexpr std::uint64_t unreadable = capability::tls | capability::compress | capability::session_track |
                                     capability::deprecate_eof | capability::optional_metadata | capability::zstd |
                                     capability::query_attributes |
                                     (~std::uint64_t{0} << 32U & ~capability::bulk_operations);

/// Takes out of a login what the server must not do. A client may claim more than it was offered, as Oracle's does.
void clear_unreadable(std::string& login_payload) {
    for (unsigned i = 0; i < 4 && i < login_payload.size(); ++i) {
        const auto said = static_cast<unsigned char>(login_payload[i]);
        login_payload[i] = static_cast<char>(said & ~(unreadable >> (8U * i) & 0xFFU));
    }
}

} // namespace

proxy::proxy(std::uint16_t server_port, lies l) : server_port_(server_port), lies_(std::move(l)) {
    listener_ = std::make_unique<listener>([this](channel& client) {
        serve(client);
        journal_.add_bytes(client.received());
    });
}

std::string proxy::uri(const std::string& server_uri, const std::string& options) const {
    const std::size_t port_begin = server_uri.rfind(':') + 1;
    const std::size_t port_end = server_uri.find('/', port_begin);
    std::string out = server_uri.substr(0, port_begin) + std::to_string(port()) + server_uri.substr(port_end);
    if (!options.empty()) out += (out.find('?') == std::string::npos ? "?" : "&") + options;
    return out;
}

void proxy::stop() {
    {
        const std::lock_guard lock(mutex_);
        for (channel& each : servers_) each.shut();
    }
    listener_->stop();
}

void proxy::serve(channel& client) {
    std::optional<channel> server;
    try {
        server = channel::connect(server_port_);
    } catch (const std::exception&) {
        return; // the server is down, or this is the end
    }
    {
        const std::lock_guard lock(mutex_);
        servers_.push_back(*server);
    }
    if (log_in(client, *server)) {
        auto next = [&] { return server->read().value_or(""); };
        auto send_to_server = [&](const std::string& payload) {
            server->set_next_number(0);
            server->write(payload);
        };
        const honest_side side{[&](const std::string& payload, const call& c) {
                                   send_to_server(payload);
                                   return c.what == command::prepare ? decode_prepared(next) : decode(next);
                               },
                               [&](const std::vector<std::string>& pieces) {
                                   server->write(pieces);
                                   return decode(next);
                               },
                               send_to_server};
        converse(client, side, lies_, journal_, ++connections_, calls_);
    }
    server->shut();
}

bool proxy::log_in(channel& client, channel& server) {
    auto hello = server.read();
    if (!hello) return false;
    change_capabilities(*hello, unreadable, lies_.offers_tls ? capability::tls : 0);
    if (!client.write(*hello)) return false;
    auto said = client.read();
    constexpr std::size_t tls_request = 32;
    bool over_tls = false;
    if (said && said->size() == tls_request && lies_.offers_tls) {
        if (!client.accept_tls(lies_.named_elsewhere ? self_signed_elsewhere() : self_signed())) return false;
        over_tls = true;
        said = client.read();
    }
    if (!said) return false;
    login l = decode_login(*said);
    l.over_tls = over_tls;
    journal_.add_login(l);
    clear_unreadable(*said);
    for (;;) {
        if (!server.write(*said)) return false;
        const auto reply = server.read();
        if (!reply || reply->empty()) return false;
        const char first = reply->front();
        if (first == '\0' && lies_.login) return lies_.login(client, l, journal_);
        if (!client.write(*reply)) return false;
        if (first == '\0') return true;
        if (first == '\xff') return false;
        said = client.read(); // another plugin, or more of this one
        if (!said) return false;
    }
}

} // namespace hostile
