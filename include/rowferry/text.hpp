// SPDX-License-Identifier: BSL-1.0
// Text that observers write: where it goes, and numbers and durations for people.
#ifndef ROWFERRY_TEXT_HPP
#define ROWFERRY_TEXT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/foreign_text.hpp>
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

} // namespace detail

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

#endif // ROWFERRY_CXX20
#endif
