// SPDX-License-Identifier: BSL-1.0
// Whether a connection replaces `read` of a class that it derives from: then rows that come by that class's other members
// would pass its `read` by.
#ifndef ROWFERRY_REPLACED_MEMBERS_HPP
#define ROWFERRY_REPLACED_MEMBERS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>

#include <type_traits>

namespace rowferry {
inline namespace v0 {

namespace detail {

template <class Member>
struct class_of_member {};
template <class C, class Member>
struct class_of_member<Member C::*> {
    using type = C;
};
/// The class that declares the member which this points to.
template <class Member>
using declaring_class = typename class_of_member<Member>::type;

/// Whether C has another `read` than the class that declares another member. False where that cannot be told, as of an
/// overloaded member.
template <class C, class Other>
inline constexpr bool is_passed_by = [] {
    if constexpr (requires {
                      typename declaring_class<decltype(&C::read)>;
                      typename declaring_class<decltype(&Other::read)>;
                  }) {
        return !std::is_same_v<declaring_class<decltype(&C::read)>, declaring_class<decltype(&Other::read)>>;
    } else {
        return false;
    }
}();

/// Whether C replaces `read`, and inherits `stream`.
template <class C>
inline constexpr bool streams_past_read = [] {
    using consume = bool (*)(const row_batch&);
    if constexpr (requires { &C::template stream<consume>; }) {
        return is_passed_by<C, declaring_class<decltype(&C::template stream<consume>)>>;
    } else if constexpr (requires { typename declaring_class<decltype(&C::stream)>; }) {
        return is_passed_by<C, declaring_class<decltype(&C::stream)>>;
    } else {
        return false;
    }
}();
/// Whether C replaces `read`, and inherits `database`, by which a server finds the rows that it copies itself.
template <class C>
inline constexpr bool is_copied_past_read = [] {
    if constexpr (requires { typename declaring_class<decltype(&C::database)>; }) {
        return is_passed_by<C, declaring_class<decltype(&C::database)>>;
    } else {
        return false;
    }
}();
/// Whether C replaces `read`, and inherits `find_rows`.
template <class C>
inline constexpr bool is_found_past_read = [] {
    if constexpr (requires { typename declaring_class<decltype(&C::find_rows)>; }) {
        return is_passed_by<C, declaring_class<decltype(&C::find_rows)>>;
    } else {
        return false;
    }
}();

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
