// SPDX-License-Identifier: BSL-1.0
// The addresses that a host's name resolves to.
#ifndef ROWFERRY_MYSQL_HOST_ADDRESSES_HPP
#define ROWFERRY_MYSQL_HOST_ADDRESSES_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Whether a host's name resolves to an address of IPv6 first, and to one of IPv4 after it; an unknown name resolves to none.
/// May block while the system's resolver waits for a name server.
inline bool resolves_to_both_families(const char* host) {
    if (host == nullptr) return false;
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host, nullptr, &hints, &found) != 0) return false;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
    if (found->ai_family != AF_INET6) return false;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
        if (each->ai_family == AF_INET) return true;
    }
    return false;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
