// SPDX-License-Identifier: BSL-1.0
// Formatters for fmt 9 and later: enums by their names, errors, keys, reports and verifications as text.
//
//   fmt::print("{}\n", report);                     // table procnote: complete, 561 000 rows in 81 batches, 19 retries
//   fmt::print("{} on the {}\n", e.fault, side);    // connection_lost on the target
//
// Reports show no key and no other value of a row but those in their errors. Without this header, and without fmt:
// `name(…)` of the enums, and `to_string(…)` of the others.
#ifndef ROWFERRY_FORMAT_HPP
#define ROWFERRY_FORMAT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/consistency.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/remedy.hpp>
#include <rowferry/report.hpp>
#include <rowferry/result.hpp>
#include <rowferry/shown_key.hpp>
#include <rowferry/table.hpp>
#include <rowferry/verify/report.hpp>
#include <rowferry/write_mode.hpp>
#include <rowferry/write_way.hpp>

#include <fmt/core.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace rowferry {
inline namespace v0 {
namespace detail {

template <class T, class... Ts>
inline constexpr bool is_any_of = (false || ... || std::is_same_v<T, Ts>);

/// Enums that have a name.
template <class T>
concept FormattedByName =
    is_any_of<T, fault, cause, remedy::action, side, route, outcome, consistency, write_kind, write_way, verdict>;
/// What is text as a whole.
template <class T>
concept FormattedAsText = is_any_of<T, error, remedy, key_values, report, verification>;

} // namespace detail
} // namespace v0
} // namespace rowferry

/// Takes the format of a string: width, fill, alignment and precision.
template <rowferry::detail::FormattedByName T>
struct fmt::formatter<T, char> : fmt::formatter<std::string_view, char> {
    template <class Context>
    auto format(T value, Context& context) const {
        return fmt::formatter<std::string_view, char>::format(name(value), context);
    }
};
template <rowferry::detail::FormattedAsText T>
struct fmt::formatter<T, char> : fmt::formatter<std::string_view, char> {
    template <class Context>
    auto format(const T& value, Context& context) const {
        const std::string text = rowferry::to_string(value);
        return fmt::formatter<std::string_view, char>::format(text, context);
    }
};

#endif // ROWFERRY_CXX20
#endif
