// SPDX-License-Identifier: BSL-1.0
// By which means a client sends rows. Each is as exact as the others; they differ in speed, and in what they need.
//
//   automatic      the fastest that client library, server and table allow
//   array_binding  a prepared insert, and the rows as arrays of its parameters
//   load_data      a text that the server loads as a file of the client's
//   multi_row      inserts of many rows: everywhere
#ifndef ROWFERRY_WRITE_WAY_HPP
#define ROWFERRY_WRITE_WAY_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <cstdint>
#include <string_view>

namespace rowferry {
inline namespace v0 {

/// By which means a client sends rows.
enum class write_way : std::uint8_t { automatic, array_binding, load_data, multi_row };

/// The way as people write it: "auto", "array", "load-data" or "multi-row"; a literal.
constexpr std::string_view name(write_way way) {
    switch (way) {
    case write_way::automatic: return "auto";
    case write_way::array_binding: return "array";
    case write_way::load_data: return "load-data";
    case write_way::multi_row: return "multi-row";
    }
    return "auto";
}

} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
