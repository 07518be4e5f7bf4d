// SPDX-License-Identifier: BSL-1.0
// Columns chosen by the fields of structs, for `copy_request::columns`.
#ifndef ROWFERRY_RECORD_COLUMNS_HPP
#define ROWFERRY_RECORD_COLUMNS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/column_choice.hpp>
#include <rowferry/record/field.hpp>

#include <boost/pfr/core.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {

namespace detail {

template <class From, class To>
consteval bool explain_column_map() {
    constexpr bool as_many = field_count<From> == field_count<To>;
    static_assert(as_many, "rowferry: the records of a column map have different numbers of fields: each field of the "
                           "first goes into the field of the second that stands in the same place");
    if constexpr (as_many) {
        constexpr bool alike = []<std::size_t... I>(std::index_sequence<I...>) {
            return (true && ... &&
                    std::same_as<boost::pfr::tuple_element_t<I, From>, boost::pfr::tuple_element_t<I, To>>);
        }
        (std::make_index_sequence<field_count<From>>());
        static_assert(alike, "rowferry: the records of a column map have fields of different types in the same place");
        return alike;
    }
    return false;
}

} // namespace detail

/// The columns that T's fields are called after, each into the column of the same name.
template <class T>
std::vector<column_pair> columns_of() {
    std::vector<column_pair> pairs;
    if constexpr (explain_record<T>()) {
        for (std::string_view name : field_names<T>()) pairs.push_back({std::string(name)});
    }
    return pairs;
}

/// The columns that From's fields are called after, each into the one that To's field in the same place is called after.
/// Both have as many fields, of the same types in the same order; anything else does not compile.
template <class From, class To>
std::vector<column_pair> columns_of() {
    std::vector<column_pair> pairs;
    if constexpr (explain_record<From>() && explain_record<To>()) {
        if constexpr (detail::explain_column_map<From, To>()) {
            constexpr auto from = field_names<From>();
            constexpr auto to = field_names<To>();
            for (std::size_t i = 0; i < from.size(); ++i) pairs.push_back({std::string(from[i]), std::string(to[i])});
        }
    }
    return pairs;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
