// SPDX-License-Identifier: BSL-1.0
// The answers to verification's questions.
#ifndef ROWFERRY_MYSQL_DIGESTS_HPP
#define ROWFERRY_MYSQL_DIGESTS_HPP

#include <rowferry/batch.hpp>
#include <rowferry/mysql/uri.hpp>
#include <rowferry/result.hpp>
#include <rowferry/verify/digest.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace mysql {
namespace detail {

/// A row without a digest would not count, and a difference in it would not be seen.
inline error no_digest(std::string_view operation) {
    error e =
        refusal("the server cannot compute the digest of every row, because the values of one are longer together "
                "than its max_allowed_packet: raise that on this server");
    e.operation = operation;
    return e;
}

/// The checksum from the row that `append_checksum` gives.
inline result<rows_checksum> to_checksum(const row_batch& answer) {
    if (answer.rows() != 1 || answer.columns() != 4) return refusal("the server gave no checksum");
    rows_checksum sum;
    sum.rows = parse_number<std::uint64_t>(answer.at(0, 0).bytes()).value_or(0);
    if (answer.at(0, 0) != answer.at(0, 1)) return no_digest("checksum");
    if (sum.rows > 0) sum.digest = std::string(answer.at(0, 2).bytes()) + ' ' + std::string(answer.at(0, 3).bytes());
    return sum;
}

inline result<void> check_digests(const row_batch& answer) {
    for (std::size_t i = 0; i < answer.rows(); ++i) {
        if (answer.at(i, answer.columns() - 1).is_null()) return no_digest("digests");
    }
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif
