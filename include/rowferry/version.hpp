// SPDX-License-Identifier: BSL-1.0
// Which rowferry this is.
#ifndef ROWFERRY_VERSION_HPP
#define ROWFERRY_VERSION_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <string_view>

namespace rowferry {
inline namespace v0 {

/// The version, as "major.minor.patch" (semver.org).
inline constexpr std::string_view version = "0.1.0";

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
