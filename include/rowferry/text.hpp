// SPDX-License-Identifier: BSL-1.0
// Text that observers write: where it goes, numbers and durations for people, and strings as JSON.
#ifndef ROWFERRY_TEXT_HPP
#define ROWFERRY_TEXT_HPP

#include <rowferry/timing.hpp>

#include <fmt/core.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

namespace rowferry {
inline namespace v0 {

/// Takes text as it is, line ends included; must not throw.
template <class S>
concept TextSink = std::invocable<S&, std::string_view>;

/// Writes to a C stream, which it does not own, and flushes it. An error of the stream is left to the stream's owner.
struct file_sink {
    std::FILE* file = stderr;
    file_sink() = default;
    file_sink(std::FILE* stream) : file(stream) {}
    void operator()(std::string_view text) const {
        (void)std::fwrite(text.data(), 1, text.size(), file);
        (void)std::fflush(file);
    }
};

/// The wall clock, for the time in front of log lines.
struct wall_clock {
    std::chrono::system_clock::time_point operator()() const { return std::chrono::system_clock::now(); }
};

namespace detail {

/// A sink for what was given as one: a FILE* becomes a file_sink.
template <class S>
using sink_for = std::conditional_t<std::convertible_to<S, std::FILE*>, file_sink, S>;

/// How many bytes at the front of `text` are one well-formed UTF-8 character; 0 when they are none.
constexpr std::size_t utf8_length(std::string_view text) {
    auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (text.empty()) return 0;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) { // neither overlong nor a surrogate
        return follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) { // neither overlong nor past U+10FFFF
        return follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

inline void append_hex(std::string& out, unsigned byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    out += digits[(byte >> 4U) & 15U];
    out += digits[byte & 15U];
}

} // namespace detail

/// Whether text is well-formed UTF-8, from its first byte to its last.
constexpr bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Text as one line of valid UTF-8: control characters and bytes that are no UTF-8 become `\xNN`.
inline std::string one_line(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (length == 0 || byte < 0x20 || byte == 0x7F) {
            line += "\\x";
            detail::append_hex(line, byte);
        } else {
            line += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return line;
}

/// Text as a JSON string with its quotes, always valid UTF-8: a byte that is none becomes U+FFFD.
inline std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        const char c = text.front();
        if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            detail::append_hex(out, static_cast<unsigned char>(c));
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out + "\"";
}

/// 561000 as "561 000".
inline std::string grouped(std::uint64_t n) {
    std::string text = fmt::format("{}", n);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, " ");
    return text;
}

/// "1 row", "561 000 rows": a count with its noun.
inline std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

/// "93 500 rows/s", "0.2 rows/s", "1 row/s": a count per second; below ten a fraction shows.
inline std::string rate(double n, std::string_view one, std::string_view many) {
    const auto whole = static_cast<std::uint64_t>(n);
    if (n < 10 && n > static_cast<double>(whole)) return fmt::format("{:.1f} {}/s", n, many);
    return counted(whole, one, many) + "/s";
}

/// "7.1 MB/s", "30.0 kB/s": bytes per second, in thousands or millions of them.
inline std::string byte_rate(double n) {
    return n < 1e6 ? fmt::format("{:.1f} kB/s", n / 1e3) : fmt::format("{:.1f} MB/s", n / 1e6);
}

/// "0:02", "12:31", "3:05:09": time left, by the second, rounded up.
inline std::string countdown(duration d) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(d < duration::zero() ? duration::zero() : d).count();
    if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
    return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// "2026-03-01T11:05:09.250Z": a point in time as ISO 8601 in UTC.
inline std::string utc_time(std::chrono::system_clock::time_point t) {
    using namespace std::chrono;
    const auto instant = floor<milliseconds>(t);
    const auto midnight = floor<days>(instant);
    const year_month_day date(midnight);
    const auto ms = (instant - midnight).count();
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), ms / 3'600'000,
                       ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

} // namespace v0
} // namespace rowferry

#endif
