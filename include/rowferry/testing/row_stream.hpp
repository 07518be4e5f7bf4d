// SPDX-License-Identifier: BSL-1.0
// Streams of the double: the rows of one moment, handed out in slices.
#ifndef ROWFERRY_TESTING_ROW_STREAM_HPP
#define ROWFERRY_TESTING_ROW_STREAM_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/result.hpp>
#include <rowferry/testing/fake_table.hpp>
#include <rowferry/testing/page_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rowferry {
inline namespace v0 {
namespace testing {
namespace detail {

/// What a server still has to send of one statement's rows.
class row_stream {
public:
    static result<row_stream> begin(page_reader& reader, const fake_table& table, const page_request& page) {
        row_stream rows(page.max_rows, page.max_bytes);
        page_request all = page;
        all.max_rows = 0;
        all.max_bytes = 0;
        if (auto r = read_page(reader, table, all, rows.rows_); !r) return r.error();
        return rows;
    }

    /// The next slice; empty at the end.
    void next(row_batch& into) {
        into.reset(rows_.columns());
        for (; at_ < rows_.rows(); ++at_) {
            const std::uint64_t size = into.bytes() + rows_.offset_of(at_ + 1) - rows_.offset_of(at_);
            const bool is_full = (max_rows_ != 0 && into.rows() == max_rows_) || (max_bytes_ != 0 && size > max_bytes_);
            if (is_full && !into.empty()) return;
            for (std::size_t i = 0; i < rows_.columns(); ++i) into.add(rows_.at(at_, i));
        }
    }

private:
    row_stream(std::uint64_t max_rows, std::uint64_t max_bytes) : max_rows_(max_rows), max_bytes_(max_bytes) {}

    row_batch rows_;
    std::size_t at_ = 0;
    std::uint64_t max_rows_;
    std::uint64_t max_bytes_;
};

} // namespace detail
} // namespace testing
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
