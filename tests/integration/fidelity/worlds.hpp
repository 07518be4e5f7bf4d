// SPDX-License-Identifier: BSL-1.0
// Where the fidelity suite runs: two servers in different time zones, and the tables that both can hold.
#ifndef ROWFERRY_TESTS_FIDELITY_WORLDS_HPP
#define ROWFERRY_TESTS_FIDELITY_WORLDS_HPP

#include "fixture.hpp"
#include "private_server.hpp"
#include "server_product.hpp"

#include <charconv>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace fidelity {

/// What a server is.
struct kind_of_server {
    product is = product::mariadb;
    unsigned version = 0; ///< 1011 is 10.11
};

inline kind_of_server kind_of(const support::private_server& server) {
    const std::string text = server.value("SELECT VERSION()");
    kind_of_server kind;
    kind.is = server.is_mysql() ? product::mysql : product::mariadb;
    unsigned major = 0;
    unsigned minor = 0;
    const auto [point, status] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (status == std::errc{} && point + 1 < text.data() + text.size()) {
        std::from_chars(point + 1, text.data() + text.size(), minor);
    }
    kind.version = major * 100 + minor;
    return kind;
}

/// Starts a server whose system time zone is `zone`, which has to be a POSIX rule: the machine may have no zone files.
inline std::unique_ptr<support::private_server> server_in_zone(const char* zone, support::product which) {
    const char* before = std::getenv("TZ");
    const std::string saved = before == nullptr ? "" : before;
    ::setenv("TZ", zone, 1);
    auto server = std::make_unique<support::private_server>(which);
    if (before == nullptr) {
        ::unsetenv("TZ");
    } else {
        ::setenv("TZ", saved.c_str(), 1);
    }
    return server;
}

/// The two servers, made at the first use. The source puts its clock back on 2026-10-25, the target is across the world.
struct both_servers {
    std::unique_ptr<support::private_server> source =
        server_in_zone("CET-1CEST,M3.5.0,M10.5.0/3", support::source_product());
    std::unique_ptr<support::private_server> target =
        server_in_zone("NZST-12NZDT,M9.5.0,M4.1.0/3", support::target_product());
    kind_of_server source_kind = kind_of(*source);
    kind_of_server target_kind = kind_of(*target);

    static both_servers& get() {
        static both_servers both;
        return both;
    }
    [[nodiscard]] bool of_one_product() const { return source_kind.is == target_kind.is; }
    /// Whether both servers can hold a table.
    [[nodiscard]] bool take(const fixture& f) const {
        auto takes = [&f](const kind_of_server& kind) {
            return f.on == product::any || (f.on == kind.is && f.since <= kind.version);
        };
        return takes(source_kind) && takes(target_kind) && (!f.same_kind || of_one_product());
    }
};

/// What each statement of a fixture finds: see `fixture`.
inline constexpr const char* fixture_session =
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00', "
    "foreign_key_checks = 0; ";

} // namespace fidelity

#endif
