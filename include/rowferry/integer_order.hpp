// SPDX-License-Identifier: BSL-1.0
// The order of integers, which is the same for every server: the only keys that are compared here, and not by the server.
#ifndef ROWFERRY_INTEGER_ORDER_HPP
#define ROWFERRY_INTEGER_ORDER_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/table.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Integers of the server as numbers that sort alike, and back.
class integer_scale {
public:
    explicit integer_scale(const column& c) : is_unsigned_(c.is_unsigned) {}

    [[nodiscard]] std::optional<std::uint64_t> place_of(const value& text) const {
        if (!text) return std::nullopt;
        if (is_unsigned_) return parsed<std::uint64_t>(*text);
        const auto number = parsed<std::int64_t>(*text);
        if (!number) return std::nullopt;
        return static_cast<std::uint64_t>(*number) ^ sign;
    }
    [[nodiscard]] value at(std::uint64_t place) const {
        return is_unsigned_ ? std::to_string(place) : std::to_string(static_cast<std::int64_t>(place ^ sign));
    }

private:
    static constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    template <class T>
    static std::optional<T> parsed(const std::string& text) {
        T number{};
        const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (status != std::errc{} || end != text.data() + text.size()) return std::nullopt;
        return number;
    }
    bool is_unsigned_;
};

/// The order of two keys by the integers that they begin with: less than 0, 0 or more, as the key order has it. None when it
/// depends on another column; a bound with fewer values than the order is compared by those it has.
inline std::optional<int> compared_integers(const table_schema& table, const std::vector<key_part>& order,
                                            const key_values& key, const key_values& bound) {
    const std::size_t parts = std::min({order.size(), key.size(), bound.size()});
    for (std::size_t i = 0; i < parts; ++i) {
        const column& c = table.columns[order[i].column];
        const bool is_year = c.type.starts_with("year"); // of which two digits come in another order
        if (c.kind != column_kind::integer || is_year) return std::nullopt;
        const integer_scale scale(c);
        const auto of_key = scale.place_of(key[i]);
        const auto of_bound = scale.place_of(bound[i]);
        if (!of_key || !of_bound) return std::nullopt;
        if (*of_key != *of_bound) return (*of_key > *of_bound) != order[i].descending ? 1 : -1;
    }
    return 0;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
