// SPDX-License-Identifier: BSL-1.0
// A short name for a long text: the same for the same text, on every machine and in every version.
#ifndef ROWFERRY_FINGERPRINT_HPP
#define ROWFERRY_FINGERPRINT_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// A stable 128-bit hash (two FNV-1a, 64 bits each) as 32 hex digits. Not one that withstands an attacker.
inline std::string fingerprint(std::string_view text) {
    std::string digits;
    for (std::uint64_t hash : {0xCBF29CE484222325U, 0x84222325CBF29CE4U}) {
        for (char c : text) {
            hash ^= static_cast<unsigned char>(c);
            hash *= 0x100000001B3U;
        }
        for (unsigned shift = 64; shift > 0; shift -= 4) digits += "0123456789abcdef"[(hash >> (shift - 4)) & 15U];
    }
    return digits;
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
