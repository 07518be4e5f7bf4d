// SPDX-License-Identifier: BSL-1.0
// A connector that tells what an operator should know of each connection, and refuses one that is less protected than
// before.
#pragma once

#include <rowferry/mysql.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>
#include <rowferry/server_identity.hpp>
#include <rowferry/wait_limit.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace tool {

/// Makes connections as `rowferry::mysql::connector` does. Copies share what they have seen.
class watched_connector {
public:
    using connection_type = rowferry::mysql::connection;

    /// `tell` hears of each notice once, from any thread.
    watched_connector(rowferry::mysql::connector inner, std::function<void(const std::string&)> tell)
        : inner_(std::move(inner)), seen_(std::make_shared<seen>()) {
        seen_->tell = std::move(tell);
    }

    rowferry::result<connection_type> connect() const { return connect({}); }
    rowferry::result<connection_type> connect(const rowferry::wait_limit& limit) const {
        auto made = inner_.connect(limit);
        if (!made) return made;
        const std::lock_guard lock(seen_->mutex);
        const bool is_encrypted = made->info().encrypted;
        if (seen_->was_encrypted && !is_encrypted) {
            rowferry::error e = rowferry::refusal(
                "this connection to " + inner_.identity() + " is not encrypted, but an earlier one was",
                {{rowferry::remedy::use_tls, {}, {}}, {rowferry::remedy::check_proxy, {}, {}}});
            e.operation = "connect";
            return e;
        }
        seen_->was_encrypted = is_encrypted;
        if (!seen_->first_server.is_known()) seen_->first_server = made->server();
        for (const std::string& notice : made->info().notices) {
            if (seen_->told.insert(notice).second) seen_->tell(notice);
        }
        return made;
    }

    /// Who answered first; unknown before that.
    [[nodiscard]] rowferry::server_identity first_server() const {
        const std::lock_guard lock(seen_->mutex);
        return seen_->first_server;
    }
    [[nodiscard]] std::string identity() const { return inner_.identity(); }
    [[nodiscard]] std::string address() const { return inner_.address(); }

private:
    struct seen {
        std::mutex mutex;
        std::function<void(const std::string&)> tell;
        std::set<std::string> told;
        rowferry::server_identity first_server;
        bool was_encrypted = false;
    };

    rowferry::mysql::connector inner_;
    std::shared_ptr<seen> seen_;
};

} // namespace tool
