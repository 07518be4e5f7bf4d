// SPDX-License-Identifier: BSL-1.0
// A range of the key that a verification compares, and whether a side's ranges go on.
#ifndef ROWFERRY_VERIFY_PAGE_RANGE_HPP
#define ROWFERRY_VERIFY_PAGE_RANGE_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/connection.hpp>
#include <rowferry/key_progress.hpp>
#include <rowferry/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// A part of the key's order; an end that is not there is the table's own.
struct page_range {
    std::optional<page_bound> after = {};
    std::optional<page_bound> up_to = {};
};

/// Whether a side's ranges go on, so that a server that lies about where they end cannot make a verification endless.
class range_progress {
public:
    /// Takes the end of the next range, as the side gave it.
    result<void> begin(const page_bound& end) {
        if (ends_.advances_to(end.values)) return {};
        return senseless_answer(operation, "a range of the key ends where an earlier one ended");
    }
    /// Takes how many rows that side counts in the range. The row at the range's end may be deleted in between, in some
    /// ranges one after another, too.
    result<void> end(std::uint64_t rows) {
        empty_ = rows == 0 ? empty_ + 1 : 0;
        if (empty_ < most_empty) return {};
        return senseless_answer(operation, std::to_string(most_empty) +
                                               " ranges of the key, one after another, end with a row and hold none");
    }

private:
    static constexpr std::string_view operation = "find end of range";
    static constexpr unsigned most_empty = 100;
    key_progress ends_;
    unsigned empty_ = 0;
};

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
