// SPDX-License-Identifier: BSL-1.0
// How much goes into one statement: by the server's packets, and by the warnings that can be read of it.
#ifndef ROWFERRY_MYSQL_STATEMENT_SIZE_HPP
#define ROWFERRY_MYSQL_STATEMENT_SIZE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/fault.hpp>
#include <rowferry/mysql/session.hpp>
#include <rowferry/mysql/warning_subject.hpp>
#include <rowferry/result.hpp>
#include <rowferry/write_mode.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// Longer statements are no faster.
inline constexpr std::size_t usual_statement = std::size_t{4} << 20U;

/// The longest statement that the server accepts: the packet's own bytes are taken off.
inline std::size_t packet_limit(const server_info& info) {
    constexpr std::size_t overhead = 64;
    const auto packet = static_cast<std::size_t>(info.max_allowed_packet);
    return packet > overhead ? packet - overhead : packet;
}

/// Whether all the warnings can be read that a statement of that many rows may give, `others` besides those of rows
/// that are there already and of columns that the server computes.
inline bool can_read_warnings(const server_info& info, const write_request& request, std::size_t rows,
                              std::size_t others) {
    constexpr std::uint64_t counted = 60'000; // the protocol counts warnings up to 65535
    const std::size_t of_each = most_notes_of_row(request) + (request.kind == write_kind::skip_existing ? 1 : 0);
    return others + rows * of_each <= std::min(info.max_error_count, counted);
}

/// One row that needs a statement of so many bytes.
inline error row_too_large(const server_info& info, std::size_t bytes) {
    error e;
    e.fault = fault::batch_too_large;
    e.operation = "write";
    e.message = "one row needs a statement of " + std::to_string(bytes) +
                " bytes, and the server's max_allowed_packet is " + std::to_string(info.max_allowed_packet) +
                " bytes: raise it on the target";
    return e;
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
