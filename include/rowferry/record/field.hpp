// SPDX-License-Identifier: BSL-1.0
// The fields of a plain struct, at compile time: their names, and what their types can hold.
#ifndef ROWFERRY_RECORD_FIELD_HPP
#define ROWFERRY_RECORD_FIELD_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <boost/pfr/core.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rowferry {
inline namespace v0 {

namespace detail {

/// What a type of field can hold.
struct field_type {
    enum class kind : std::uint8_t { none, boolean, integer, real, text };
    kind holds = kind::none;
    std::string_view name = {}; // without std::optional
    unsigned bits = 0;
    bool is_signed = false;
    bool optional = false;
};

template <class F>
consteval field_type field_type_of() {
    using kind = field_type::kind;
    if constexpr (std::same_as<F, bool>) {
        return {kind::boolean, "bool"};
    } else if constexpr (std::same_as<F, float>) {
        return {kind::real, "float", 32};
    } else if constexpr (std::same_as<F, double>) {
        return {kind::real, "double", 64};
    } else if constexpr (std::same_as<F, std::string>) {
        return {kind::text, "std::string"};
    } else if constexpr (std::same_as<F, std::string_view>) {
        return {kind::text, "std::string_view"};
    } else if constexpr (std::same_as<F, std::int8_t> || std::same_as<F, short> || std::same_as<F, int> ||
                         std::same_as<F, long> || std::same_as<F, long long>) {
        constexpr std::string_view names[] = {"std::int8_t", "std::int16_t", "std::int32_t", "", "std::int64_t"};
        return {kind::integer, names[sizeof(F) / 2], 8 * sizeof(F), true};
    } else if constexpr (std::same_as<F, std::uint8_t> || std::same_as<F, unsigned short> ||
                         std::same_as<F, unsigned> || std::same_as<F, unsigned long> ||
                         std::same_as<F, unsigned long long>) {
        constexpr std::string_view names[] = {"std::uint8_t", "std::uint16_t", "std::uint32_t", "", "std::uint64_t"};
        return {kind::integer, names[sizeof(F) / 2], 8 * sizeof(F), false};
    } else {
        return {};
    }
}
template <class F>
inline constexpr field_type type_of_field = field_type_of<F>();
template <class F>
inline constexpr field_type type_of_field<std::optional<F>> = [] {
    field_type type = field_type_of<F>();
    type.optional = true;
    return type;
}();

/// Becomes a base class of T, and nothing else.
template <class T>
struct base_of {
    template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base&() const;
};
template <class T>
concept plain_struct =
    std::is_class_v<T> && std::is_aggregate_v<T> && !std::is_empty_v<T> && !std::is_const_v<T> && !requires {
    T{base_of<T>{}};
};

template <class T>
inline constexpr std::size_t field_count = 0;
template <plain_struct T>
inline constexpr std::size_t field_count<T> = boost::pfr::tuple_size_v<T>;

} // namespace detail

/// A type that a field of a record may have.
template <class F>
concept RecordField = detail::type_of_field<F>
.holds != detail::field_type::kind::none;

namespace detail {

/// The index of the first field that is no RecordField; the number of fields when all are.
template <class T>
consteval std::size_t first_odd_field() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        std::size_t first = sizeof...(I);
        (void)(true && ... && (RecordField<boost::pfr::tuple_element_t<I, T>> || (first = I, false)));
        return first;
    }
    (std::make_index_sequence<field_count<T>>());
}
/// Its template arguments, which compilers print, say which field is meant.
template <class Record, std::size_t Field, class Type>
consteval bool explain_field() {
    constexpr bool holds = RecordField<Type>;
    static_assert(holds, "rowferry: a field of this record has a type that cannot hold a column: use an integer, bool, "
                         "float, double, std::string, std::string_view or a std::optional of one of these");
    return holds;
}

} // namespace detail

/// Whether T can stand for a row: a plain struct (no base class, no constructor) of RecordFields.
template <class T>
consteval bool explain_record() {
    constexpr bool plain = detail::plain_struct<T>;
    static_assert(plain, "rowferry: a record is a plain struct with fields: an aggregate without constructors, private "
                         "members or base classes, and not const");
    if constexpr (plain) {
        constexpr std::size_t odd = detail::first_odd_field<T>();
        if constexpr (odd != detail::field_count<T>) {
            return detail::explain_field<T, odd, boost::pfr::tuple_element_t<odd, T>>();
        } else {
            return true;
        }
    } else {
        return false;
    }
}

namespace detail {

/// A place for a T that is never made: its fields have addresses, and the addresses have names.
template <class T>
union never_made {
    char nothing;
    T record;
    constexpr never_made() : nothing() {}
    constexpr ~never_made() {}
};
template <class T>
inline constexpr never_made<T> no_object;

/// clang before version 18 takes a pointer into an object as a template argument only inside a class.
template <class P>
struct field_pointer {
    P to;
};
template <class P>
field_pointer(P) -> field_pointer<P>;

template <auto Field>
consteval std::string_view spelled() {
    return __PRETTY_FUNCTION__;
}
template <class T, std::size_t I>
consteval std::string_view spelled_field() {
    return spelled<field_pointer{&boost::pfr::get<I>(no_object<T>.record)}>();
}

struct name_sample {
    int sample;
};
/// The name is the last word before what follows every name, which a known one tells.
template <class T, std::size_t I>
consteval std::string_view field_name() {
    constexpr std::string_view known = spelled_field<name_sample, 0>();
    constexpr std::size_t behind = known.size() - known.rfind("sample") - std::string_view("sample").size();
    std::string_view text = spelled_field<T, I>();
    text.remove_suffix(behind);
    return text.substr(text.find_last_of(".:") + 1);
}

} // namespace detail

/// The names of T's fields, in their order.
template <class T>
consteval auto field_names() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<std::string_view, sizeof...(I)>{detail::field_name<T, I>()...};
    }
    (std::make_index_sequence<detail::field_count<T>>());
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
