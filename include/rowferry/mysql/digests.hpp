// SPDX-License-Identifier: BSL-1.0
// The answers to verification's questions.
#ifndef ROWFERRY_MYSQL_DIGESTS_HPP
#define ROWFERRY_MYSQL_DIGESTS_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/mysql/answer.hpp>
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
inline result<rows_checksum> to_checksum(const answer_rows& answer) {
    if (answer.rows() != 1) return senseless_answer("checksum", "it gave no row for a checksum");
    row_reader row(answer, 0, "a checksum");
    rows_checksum sum;
    sum.rows = row.number(0, "number of rows");
    const std::uint64_t digested = row.number(1, "number of digests");
    if (digested > sum.rows) row.wrong("number of digests", "is larger than its number of rows");
    if (auto r = row.checked("checksum"); !r) return std::move(r.error());
    if (digested < sum.rows) return no_digest("checksum");
    if (sum.rows == 0) return sum;
    const std::string first = row.text(2, "digest");
    const std::string second = row.text(3, "digest");
    for (const std::string* half : {&first, &second}) {
        const bool is_number = !half->empty() && half->find_first_not_of("0123456789") == std::string::npos;
        if (!is_number) row.wrong("digest", "is not a number");
    }
    if (auto r = row.checked("checksum"); !r) return std::move(r.error());
    sum.digest = first + ' ' + second;
    return sum;
}

/// Each row's digest is there, and is one: 64 hex digits.
inline result<void> check_digests(const row_batch& answer) {
    for (const row_view row : answer) {
        const cell digest = row[row.size() - 1];
        if (digest.is_null()) return no_digest("digests");
        if (digest.bytes().size() != 64 ||
            digest.bytes().find_first_not_of("0123456789abcdef") != std::string_view::npos) {
            return senseless_answer("digests", "a row's digest is not one");
        }
    }
    return {};
}

} // namespace detail
} // namespace mysql
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
