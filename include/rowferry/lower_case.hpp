// SPDX-License-Identifier: BSL-1.0
// Text in lower case, for comparing words without regard to ASCII case.
#ifndef ROWFERRY_LOWER_CASE_HPP
#define ROWFERRY_LOWER_CASE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// ASCII letters in lower case; other bytes as they are.
inline std::string lower(std::string_view text) {
    std::string lowered(text);
    for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return lowered;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
