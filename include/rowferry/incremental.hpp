// SPDX-License-Identifier: BSL-1.0
// What an incremental copy starts from: the last value processed, how many rows are new, and the lag before it.
#ifndef ROWFERRY_INCREMENTAL_HPP
#define ROWFERRY_INCREMENTAL_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace rowferry {
inline namespace v0 {

/// The largest value of `column` in the target's table; none when the table is missing or empty.
template <DescribesTables T>
requires FindsMaximum<T> result<value> last_processed(T& target, std::string_view table, std::string_view column) {
    auto schema = target.describe(table);
    if (!schema) return schema.error();
    if (!*schema) return value{};
    const auto index = (*schema)->find(column);
    if (!index) return refusal("table " + std::string(table) + " has no column " + std::string(column));
    return target.maximum(**schema, *index);
}

/// How many rows of the source's table have a value in `column` that is larger than `last`; all non-NULL ones without it.
template <DescribesTables S>
requires CountsRows<S> result<std::uint64_t> count_new(S& source, std::string_view table, std::string_view column,
                                                       const value& last) {
    auto schema = source.describe(table);
    if (!schema) return schema.error();
    if (!*schema) return refusal("table " + std::string(table) + " does not exist");
    const auto index = (*schema)->find(column);
    if (!index) return refusal("table " + std::string(table) + " has no column " + std::string(column));

    auto counted = [&](const count_request& request) -> result<std::uint64_t> {
        auto n = source.count(request);
        if (!n) return n.error();
        return n->value_or(0);
    };
    count_request request;
    request.table = &**schema;
    if (last) {
        request.order = {{*index, false}};
        request.after = page_bound{{last}, false};
        return counted(request);
    }
    auto all = counted(request);
    if (!all) return all;
    request.null_in = *index;
    auto nulls = counted(request);
    if (!nulls) return nulls;
    return *all - *nulls;
}

namespace detail {

inline void append_digits(std::string& out, unsigned n, unsigned count) {
    for (unsigned scale = count == 4 ? 1000 : 10; scale > 0; scale /= 10)
        out += static_cast<char>('0' + n / scale % 10);
}

/// The number in text[first, first + count); none unless they are all digits.
inline std::optional<unsigned> digits_at(std::string_view text, std::size_t first, std::size_t count) {
    if (first + count > text.size()) return std::nullopt;
    unsigned n = 0;
    for (char c : text.substr(first, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        n = n * 10 + static_cast<unsigned>(c - '0');
    }
    return n;
}

/// "2026-03-01 00:00:05.25" minus 10 s = "2026-02-28 23:59:55.25"; a DATE goes back whole days. None for anything else,
/// zero and invalid dates included.
inline std::optional<std::string> earlier(std::string_view text, std::chrono::seconds lag) {
    using namespace std::chrono;
    const auto y = digits_at(text, 0, 4);
    const auto m = digits_at(text, 5, 2);
    const auto d = digits_at(text, 8, 2);
    if (!y || !m || !d) return std::nullopt;
    const year_month_day date{year(static_cast<int>(*y)), month(*m), day(*d)};
    if (!date.ok()) return std::nullopt;
    const bool has_time = text.size() >= 19;
    sys_seconds moment = sys_days(date);
    if (has_time) {
        const auto hour = digits_at(text, 11, 2);
        const auto minute = digits_at(text, 14, 2);
        const auto second = digits_at(text, 17, 2);
        if (!hour || !minute || !second) return std::nullopt;
        moment += hours(*hour) + minutes(*minute) + seconds(*second);
    }
    if (lag > moment.time_since_epoch() + hours(24 * 365 * 2000)) return std::nullopt; // before the year 0
    moment -= lag;
    const auto day_start = floor<days>(moment);
    const year_month_day back(day_start);
    if (static_cast<int>(back.year()) < 0) return std::nullopt;
    const auto year_number = static_cast<unsigned>(static_cast<int>(back.year()));
    std::string result;
    append_digits(result, year_number, 4);
    result += '-';
    append_digits(result, static_cast<unsigned>(back.month()), 2);
    result += '-';
    append_digits(result, static_cast<unsigned>(back.day()), 2);
    if (has_time) {
        const auto rest = static_cast<unsigned>((moment - day_start).count());
        result += ' ';
        append_digits(result, rest / 3600, 2);
        result += ':';
        append_digits(result, rest / 60 % 60, 2);
        result += ':';
        append_digits(result, rest % 60, 2);
        result += text.substr(19);
    }
    return result;
}

} // namespace detail

/// Whether a column's values have a date, so that one can lie in the future.
inline bool has_date(const column& watermark) {
    const bool is_time = watermark.type.starts_with("time") && !watermark.type.starts_with("timestamp");
    return watermark.kind == column_kind::temporal && !is_time;
}

/// Which values of a column lie in the future: those more than a day after now, since a column may be of any time zone.
struct future_watermarks {
    value begin = std::nullopt; ///< the last point in time that does not; none when that is not known

    /// Of a server's time in UTC.
    static future_watermarks after(std::string_view now) { return {detail::earlier(now, -std::chrono::hours(24))}; }
    /// Dates and times sort as their text does.
    [[nodiscard]] bool holds(std::string_view watermark) const { return begin && watermark > *begin; }
};

/// A watermark moved back by `lag`: seconds for dates and times (in UTC, as sessions are; a DATE by whole days), units for
/// integers and decimals. Never later than exact, so that no row is missed. None when everything is within the lag.
inline result<value> before_lag(const column& watermark, const std::string& last, std::chrono::seconds lag) {
    if (lag <= std::chrono::seconds::zero()) return value(last);
    if (watermark.kind == column_kind::text || watermark.kind == column_kind::bytes) {
        return refusal("column " + watermark.name + " is " + watermark.type + ": a lag needs a number or a date");
    }
    if (watermark.kind == column_kind::temporal) {
        if (!has_date(watermark)) {
            return refusal("column " + watermark.name + " is " + watermark.type + ": a lag needs a date");
        }
        return value(detail::earlier(last, lag));
    }
    const std::string_view whole = std::string_view(last).substr(0, last.find('.'));
    const bool is_fraction = whole.size() != last.size();
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
    if (status == std::errc::result_out_of_range && whole.front() != '-') {
        std::uint64_t large = 0;
        const auto again = std::from_chars(whole.data(), whole.data() + whole.size(), large);
        if (again.ec == std::errc{} && again.ptr == whole.data() + whole.size()) {
            return value(std::to_string(large - static_cast<std::uint64_t>(lag.count())));
        }
    }
    if (status != std::errc{} || end != whole.data() + whole.size()) {
        return refusal("the last value of column " + watermark.name + " is too large for a lag");
    }
    std::int64_t back = lag.count();
    if (is_fraction && back < std::numeric_limits<std::int64_t>::max()) ++back;
    if (number < std::numeric_limits<std::int64_t>::min() + back) return value{};
    if (watermark.is_unsigned && number < back) return value{};
    const bool is_year = watermark.type.starts_with("year"); // whose small numbers mean other years
    if (is_year && number - back < 1901) return value{};
    return value(std::to_string(number - back));
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
