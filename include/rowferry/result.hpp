// SPDX-License-Identifier: BSL-1.0
// Errors for people, and the value-or-error that every operation returns.
#ifndef ROWFERRY_RESULT_HPP
#define ROWFERRY_RESULT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/change.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/foreign_text.hpp>
#include <rowferry/remedy.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

/// Whose connections.
enum class side : std::uint8_t {
    source,
    target,
    server ///< neither: of a connection manager that is used alone
};

/// "source", "target" or "server"; a literal.
constexpr std::string_view name(side s) {
    switch (s) {
    case side::source: return "source";
    case side::target: return "target";
    case side::server: return "server";
    }
    return "server";
}

/// Why an operation failed: what, where, what was tried, what to do next. Holds no password and no row value but keys.
struct error {
    rowferry::fault fault = rowferry::fault::permanent;
    unsigned code = 0;               ///< errno of the server or client library; 0 when the error is rowferry's own
    std::string sqlstate = {};       ///< five characters, or empty
    std::string server_message = {}; ///< the server's words, with row values taken out
    std::string message = {};        ///< our words: what failed and what to do next
    std::string operation = {};      ///< what was being done, as "write" or "connect"
    std::string where = {};          ///< side, table and key range, as "target, table procnote, after key (41000)"
    /// Whose operation or table it is; `server` where that is neither side's, or unknown.
    rowferry::side side = rowferry::side::server;
    std::string given_up = {}; ///< why it was not tried again, as "the attempts are used up"; empty when no retry helps
    unsigned attempt = 0;      ///< how often the operation was tried; 0 when it was not repeatable
    rowferry::cause cause = rowferry::cause::unspecified; ///< why, where the fault does not say enough
    std::vector<remedy> remedies = {};                    ///< what a person can do; any one of them helps
    std::vector<change> changes = {}; ///< what the run had changed in the target besides rows, and what stays

    /// Whether one of the remedies is this one.
    [[nodiscard]] bool offers(remedy::action wanted) const {
        for (const remedy& r : remedies) {
            if (r.what == wanted) return true;
        }
        return false;
    }
    /// Whether one of the changes is of this kind.
    [[nodiscard]] bool has_change(change::action wanted) const {
        for (const change& c : changes) {
            if (c.what == wanted) return true;
        }
        return false;
    }
};

/// Whether running the same operation again, as it is, may succeed without a person changing anything. A fault that may
/// pass is not enough: what has to start over, or needs more time than it is given, meets the same end again.
inline bool is_retryable(const error& e) {
    if (!is_retryable(e.fault) || e.fault == fault::batch_too_large) return false;
    if (e.cause == cause::another_server || e.cause == cause::senseless_answer) return false;
    if (e.offers(remedy::start_over) || e.offers(remedy::start_over_into_empty)) return false;
    return e.offers(remedy::run_again) || !e.offers(remedy::allow_more_time);
}

namespace detail {
/// Whether it is unknown what the server did: no answer came, or none that makes sense.
inline bool is_unanswered(const error& e) {
    return e.fault == fault::connection_lost || e.cause == cause::senseless_answer;
}
} // namespace detail

/// A remedy in words: `to_string(remedy)` speaks of members, a tool's own of its options.
using remedy_words = std::string (*)(const remedy&);

/// One sentence for a person: where, what, the server's own words, what to do in the given words, and how often it was
/// tried. Every character of it is visible, and each part is cut when a name or a server's words are absurdly long.
inline std::string to_string(const error& e, remedy_words words = to_string) {
    std::string text;
    auto part = [&text](const std::string& piece, std::size_t most = shown::sentence) {
        if (piece.empty()) return;
        if (!text.empty()) text += ": ";
        text += one_line(piece, most);
    };
    part(e.where); // with keys, which tell rows apart to their ends
    part(e.message);
    if (e.message.empty()) part(e.operation.empty() ? "failed" : e.operation + " failed");
    part(e.server_message, shown::message);
    if (e.code != 0) {
        text += " [" + std::to_string(e.code);
        if (!e.sqlstate.empty()) text += ", SQLSTATE " + one_line(e.sqlstate, shown::name);
        text += ", " + std::string(name(e.fault)) + "]";
    }
    if (!is_retryable(e)) { // else the same again continues from there
        for (const change& c : e.changes) text += "; " + one_line(to_string(c), shown::message);
    }
    std::string_view before = "; ";
    for (const remedy& r : e.remedies) {
        text += before;
        text += one_line(words(r), shown::message);
        before = ", or ";
    }
    if (!e.given_up.empty()) text += "; not tried again: " + one_line(e.given_up, shown::message);
    if (e.attempt > 1) text += " (tried " + std::to_string(e.attempt) + " times)";
    return text;
}

/// An error of our own that no retry fixes: the sentence says what failed.
inline error refusal(std::string message, std::string where = {}) {
    error e;
    e.message = std::move(message);
    e.where = std::move(where);
    return e;
}

/// An error of our own with what can be done about it: the message ends before the remedies, which are rendered after it.
inline error refusal(std::string message, std::vector<remedy> remedies) {
    error e = refusal(std::move(message));
    e.remedies = std::move(remedies);
    return e;
}

/// The same with a list as it stands in the call: without it `{{remedy::run_again}}` might be a string as well.
inline error refusal(std::string message, std::initializer_list<remedy> remedies) {
    return refusal(std::move(message), std::vector<remedy>(remedies));
}

/// An error about an answer that cannot be one to what was asked. Never tried again on the same terms: `permanent`.
inline error senseless_answer(std::string_view operation, const std::string& what) {
    error e = refusal("the server's answer makes no sense: " + what +
                      "; a proxy that is broken, or a hostile server, answered");
    e.operation = operation;
    e.cause = cause::senseless_answer;
    return e;
}

/// What the throwing forms throw: `what()` is `to_string(error)`.
class copy_error : public std::runtime_error {
public:
    explicit copy_error(rowferry::error e) : std::runtime_error(to_string(e)), error_(std::move(e)) {}
    [[nodiscard]] const rowferry::error& error() const noexcept { return error_; }

private:
    rowferry::error error_;
};

/// A value, or the error that took its place. Never throws by itself; `value()` throws `copy_error` on an error.
/// A union by hand: `std::variant` took the compiler four times as long for each type of value.
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;
    result(T value) : value_(std::move(value)), has_value_(true) {}
    result(rowferry::error e) : error_(std::move(e)), has_value_(false) {}
    result(const result& other) requires std::is_copy_constructible_v<T> : has_value_(other.has_value_) {
        if (has_value_) {
            std::construct_at(std::addressof(value_), other.value_);
        } else {
            std::construct_at(&error_, other.error_);
        }
    }
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : has_value_(other.has_value_) {
        take(other);
    }
    /// For values whose move never throws: a result always holds one of the two.
    result& operator=(result other) noexcept requires std::is_nothrow_move_constructible_v<T> {
        end();
        has_value_ = other.has_value_;
        take(other);
        return *this;
    }
    ~result() { end(); }

    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    explicit operator bool() const noexcept { return has_value_; }
    T& operator*() { return value_; }
    const T& operator*() const { return value_; }
    T* operator->() { return std::addressof(value_); }
    const T* operator->() const { return std::addressof(value_); }
    T& value() & {
        if (!has_value_) throw copy_error(error_);
        return value_;
    }
    T&& value() && {
        if (!has_value_) throw copy_error(error_);
        return std::move(value_);
    }
    /// The error; only when there is no value.
    [[nodiscard]] const rowferry::error& error() const { return error_; }
    [[nodiscard]] rowferry::error& error() { return error_; }

private:
    void take(result& other) {
        if (has_value_) {
            std::construct_at(std::addressof(value_), std::move(other.value_));
        } else {
            std::construct_at(&error_, std::move(other.error_));
        }
    }
    void end() noexcept {
        if (has_value_) {
            value_.~T();
        } else {
            error_.~error();
        }
    }

    union {
        T value_;
        rowferry::error error_;
    };
    bool has_value_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
public:
    using value_type = void;
    result() = default;
    result(rowferry::error e) : error_(std::move(e)) {}

    [[nodiscard]] bool has_value() const noexcept { return !error_; }
    explicit operator bool() const noexcept { return has_value(); }
    void value() const {
        if (error_) throw copy_error(*error_);
    }
    [[nodiscard]] const rowferry::error& error() const { return *error_; }
    [[nodiscard]] rowferry::error& error() { return *error_; }

private:
    std::optional<rowferry::error> error_;
};

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
