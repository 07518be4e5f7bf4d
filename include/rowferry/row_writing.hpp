// SPDX-License-Identifier: BSL-1.0
// Writes rows to a target, and reports where there is not enough memory for them.
#ifndef ROWFERRY_ROW_WRITING_HPP
#define ROWFERRY_ROW_WRITING_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>

#include <cstdint>
#include <new>
#include <string>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// Writes the rows. When this process lacks the memory for it, the error is `batch_too_large`: fewer rows may fit.
template <class Connection>
result<write_outcome> write_rows(Connection& c, const write_request& request, const row_range& rows) {
    error e;
    try {
        auto written = c.write(request, rows);
        if (written || written.error().cause != cause::out_of_memory) return written;
        e = std::move(written.error());
    } catch (const std::bad_alloc&) {
    } // reported like the client's own error
    e.fault = fault::batch_too_large;
    e.cause = cause::out_of_memory;
    e.operation = "write";
    const bool is_one = rows.rows() == 1;
    constexpr std::uint64_t large = std::uint64_t{1} << 20U; // a smaller row is not the reason
    e.message = "there is not enough memory to write " + std::to_string(rows.rows()) +
                (is_one ? " row of " : " rows of ") + std::to_string(rows.bytes()) +
                " bytes: give this process more memory" +
                (is_one && rows.bytes() >= large ? ", or leave the row out" : "");
    return e;
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
