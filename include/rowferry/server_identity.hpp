// SPDX-License-Identifier: BSL-1.0
// Who answers at the end of a connection, and who did before: a name may lead to another server after a lost connection, and
// that one may hold another state of the data.
#ifndef ROWFERRY_SERVER_IDENTITY_HPP
#define ROWFERRY_SERVER_IDENTITY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/remedy.hpp>
#include <rowferry/result.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// A server, as it describes itself. A restart on the same host changes nothing of it.
struct server_identity {
    std::string id = {};   ///< equal for one server, and another text for every other one; empty where it does not say
    std::string name = {}; ///< for people, as "db1:3306 (server id 1)"

    [[nodiscard]] bool is_known() const { return !id.empty(); }
    friend bool operator==(const server_identity&, const server_identity&) = default;
};

/// `server` says, without asking it again, which server the connection leads to.
template <class C>
concept IdentifiesServer = requires(const C& c) {
    { c.server() } -> std::convertible_to<server_identity>;
};

/// What another server on one side means for a run.
enum class on_other_server : std::uint8_t {
    stop, ///< an error: what was read before is of other data
    tell  ///< a notice
};

namespace detail {

/// Remembers which server answered first on one side of a run, for all its connections. Safe for several threads.
class server_watch {
public:
    /// `first` is the server that answered before the run, if that is known; `table` is what notices are about; `remedies` are
    /// those of the error.
    server_watch(std::string side, std::string table, on_other_server then, server_identity first = {},
                 std::vector<remedy> remedies = {})
        : side_(std::move(side)), table_(std::move(table)), then_(then), first_(std::move(first)),
          remedies_(std::move(remedies)) {}

    /// Takes the server of a fresh connection. Gives a notice where it is another one for the first time, and else an empty
    /// text; or the error that ends the run.
    result<std::string> meet(const server_identity& now) {
        const std::lock_guard lock(mutex_);
        if (!now.is_known()) return std::string();
        if (!first_.is_known()) first_ = now;
        if (now == first_) return std::string();
        if (then_ == on_other_server::stop) return stopped_by(now);
        has_changed_ = true;
        if (std::find(told_.begin(), told_.end(), now.id) != told_.end()) return std::string();
        told_.push_back(now.id);
        notices_.push_back("another server answers as the " + side_ + ": " + now.name + " instead of " + first_.name);
        return notices_.back();
    }
    /// Whether a connection has led to another server than the first one.
    [[nodiscard]] bool has_changed() const {
        const std::lock_guard lock(mutex_);
        return has_changed_;
    }
    /// The run goes on with whoever answers next.
    void begin_anew() {
        const std::lock_guard lock(mutex_);
        first_ = {};
        has_changed_ = false;
    }
    [[nodiscard]] const std::string& table() const { return table_; }
    [[nodiscard]] std::vector<std::string> notices() const {
        const std::lock_guard lock(mutex_);
        return notices_;
    }

private:
    [[nodiscard]] error stopped_by(const server_identity& now) const {
        error e = refusal("another server answers as the " + side_ + ": " + now.name + " instead of " + first_.name +
                              ", and it may hold other rows",
                          remedies_);
        e.operation = "connect";
        e.cause = cause::another_server;
        e.where = side_ + ", table " + table_;
        return e;
    }

    mutable std::mutex mutex_;
    std::string side_;
    std::string table_;
    on_other_server then_;
    server_identity first_;
    std::vector<remedy> remedies_;
    bool has_changed_ = false;
    std::vector<std::string> told_; // by their ids
    std::vector<std::string> notices_;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
