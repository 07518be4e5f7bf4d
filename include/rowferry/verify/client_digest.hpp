// SPDX-License-Identifier: BSL-1.0
// Digests of rows that are read and hashed here: for a source that transforms its rows, and for the target that has them.
//
// The normal form of a row is that of its values, as `read` gives them: numbers without zeros that mean nothing, doubles by
// their bits, times without zeros at the end of a fraction, everything else as its bytes. So what a transformation sets is equal
// to what the target stores, if it is spelled as the server gives it back.
#ifndef ROWFERRY_VERIFY_CLIENT_DIGEST_HPP
#define ROWFERRY_VERIFY_CLIENT_DIGEST_HPP

#include <rowferry/cxx20.hpp>
#ifdef ROWFERRY_CXX20

#include <rowferry/batch.hpp>
#include <rowferry/connection.hpp>
#include <rowferry/key_progress.hpp>
#include <rowferry/result.hpp>
#include <rowferry/table.hpp>
#include <rowferry/transformation.hpp>
#include <rowferry/verify/digest.hpp>
#include <rowferry/verify/sha256.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace rowferry {
inline namespace v0 {
namespace detail {

/// "-7.5" of "-007.50", and "0" of "-0.0"; text that is not a decimal number is left as it is.
inline std::string plain_number(std::string_view text) {
    const bool is_negative = text.starts_with('-');
    std::string_view digits = text.substr(is_negative ? 1 : 0);
    const bool is_number = !digits.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos &&
                           digits.find('.') == digits.rfind('.');
    if (!is_number) return std::string(text);
    if (digits.find('.') != std::string_view::npos) {
        digits = digits.substr(0, digits.find_last_not_of('0') + 1);
        if (digits.ends_with('.')) digits.remove_suffix(1);
    }
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    std::string plain(digits.empty() || digits.starts_with('.') ? "0" : "");
    plain += digits;
    return is_negative && plain != "0" ? "-" + plain : plain;
}

/// The bits of a number, rounded as its column holds it, in decimal digits; other text as it is.
inline std::string number_bits(std::string_view text, bool is_single) {
    double number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size()) return std::string(text);
    if (is_single) number = double(static_cast<float>(number));
    return std::to_string(std::bit_cast<std::uint64_t>(number));
}

inline std::string normal_form(const column& c, std::string_view text) {
    switch (c.kind) {
    case column_kind::integer:
    case column_kind::decimal: return plain_number(text);
    case column_kind::real32: return number_bits(text, true);
    case column_kind::real64: return number_bits(text, false);
    case column_kind::temporal:
        if (text.find('.') != std::string_view::npos) {
            text = text.substr(0, text.find_last_not_of('0') + 1);
            if (text.ends_with('.')) text.remove_suffix(1);
        }
        return std::string(text);
    default: return std::string(text);
    }
}

/// Of the first cells of a row, which are the request's columns. Values cannot run into each other, and NULL is not ''.
inline std::array<std::uint32_t, 8> digest_of_row(const digest_request& request, const row_view& row) {
    std::string text;
    for (std::size_t i = 0; i < request.columns.size(); ++i) {
        const cell c = row[i];
        if (c.is_null()) {
            text += 'N';
            continue;
        }
        const std::string form = normal_form(request.table->columns[request.columns[i].column], c.bytes());
        text += std::to_string(form.size()) + ':' + form;
    }
    return sha256(text);
}

/// What to read for a digest: its columns, then those of the key.
inline std::vector<std::size_t> columns_to_digest(const digest_request& request) {
    std::vector<std::size_t> columns;
    for (const digested_column& part : request.columns) columns.push_back(part.column);
    for (const key_part& part : request.order) {
        if (std::find(columns.begin(), columns.end(), part.column) == columns.end()) columns.push_back(part.column);
    }
    return columns;
}
inline key_values key_of(const std::vector<std::size_t>& columns, const std::vector<key_part>& order,
                         const row_view& row) {
    key_values key;
    for (const key_part& part : order) {
        const auto cell = std::find(columns.begin(), columns.end(), part.column);
        key.push_back(row[static_cast<std::size_t>(cell - columns.begin())].to_value());
    }
    return key;
}

/// Calls `visit(row)` for what is left of some rows.
template <class C, class Visit>
result<void> visit_left(C& c, const transform_request& request, const row_batch& rows, kept_rows& left, Visit& visit) {
    if constexpr (TransformsRows<C>) {
        if (auto r = c.transform(request, rows, left); !r) return r;
        for (const row_view row : left.rows()) visit(row);
    } else {
        for (const row_view row : rows) visit(row);
    }
    return {};
}

/// Reads the rows of a range, page after page, and calls `visit(row)` for what is left of them: the request's columns come
/// first. Memory holds one page.
template <class C, class Visit>
result<void> visit_range(C& c, const digest_request& request, std::uint64_t& rows_read, Visit visit) {
    constexpr std::uint64_t most_bytes = 16U << 20U;
    page_request page;
    page.table = request.table;
    page.columns = columns_to_digest(request);
    if (TransformsRows<C>) page.columns = with_all_stored(*request.table, std::move(page.columns));
    page.after = request.after;
    page.up_to = request.up_to;
    page.filter = request.filter;
    page.nullable = request.nullable;
    page.of_nulls = request.of_nulls;
    // Rows without a key of their own cannot be found again: they come in one stream, where that is to be had.
    const bool is_stream = request.order.empty() || request.of_nulls;
    if (!is_stream) {
        page.order = request.order;
        page.index = request.index;
    }
    page.max_rows = 10'000;
    page.max_bytes = most_bytes;
    transform_request all = transform_of(*request.table, page.columns, request.order);
    row_batch rows;
    kept_rows left;
    rows_read = 0;
    if (is_stream) {
        result<void> visited;
        auto slice = [&](const row_batch& some) {
            all.rows_before = rows_read;
            rows_read += some.rows();
            visited = visit_left(c, all, some, left, visit);
            return visited.has_value();
        };
        if constexpr (can_stream<C>) {
            auto done = stream_as_stored(c, page, rows, slice);
            return done ? visited : done;
        } else {
            page.max_rows = 0;
            page.max_bytes = 16 * most_bytes;
            if (auto r = read_as_stored(c, page, rows); !r) return r;
            if (rows.truncated()) return refusal("rows of a table without a key are read at once, and are too many");
            (void)slice(rows);
            return visited;
        }
    }
    key_progress progress;
    for (bool more = true; more;) {
        if (auto r = read_as_stored(c, page, rows); !r) return r;
        rows_read += rows.rows();
        if (auto r = visit_left(c, all, rows, left, visit); !r) return r;
        more = !rows.empty() && (rows.truncated() || rows.rows() >= page.max_rows);
        if (!more) continue;
        page.after = page_bound{key_of(page.columns, page.order, rows[rows.rows() - 1]), false};
        if (!progress.advances_to(page.after->values))
            return senseless_answer("read", "a page ends with the same key as an earlier one");
    }
    return {};
}

template <class C>
result<rows_checksum> checksum_of_read(C& c, const digest_request& request, std::uint64_t& rows_read) {
    rows_checksum sum;
    std::array<std::uint64_t, 4> parts{};
    auto visited = visit_range(c, request, rows_read, [&](const row_view& row) {
        const std::array<std::uint32_t, 8> digest = digest_of_row(request, row);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::uint64_t part = (std::uint64_t{digest[2 * i]} << 32U) | digest[2 * i + 1];
            parts[i] = request.order.empty() ? parts[i] + part : parts[i] ^ part;
        }
        ++sum.rows;
    });
    if (!visited) return std::move(visited.error());
    if (sum.rows > 0) {
        for (const std::uint64_t part : parts) sum.digest += std::to_string(part) + ' ';
    }
    return sum;
}

template <class C>
result<void> digests_of_read(C& c, const digest_request& request, const std::vector<key_values>& keys,
                             row_batch& into) {
    constexpr std::size_t most_bytes = std::uint64_t{128} << 20U; // of digests, as a server's answer
    const std::vector<std::size_t> columns = columns_to_digest(request);
    into.reset(request.order.size() + 1);
    auto add = [&](const row_view& row) {
        if (into.bytes() > most_bytes) return;
        for (const value& part : key_of(columns, request.order, row)) into.add(part ? cell(*part) : cell());
        std::string text;
        for (const std::uint32_t part : digest_of_row(request, row)) text += std::to_string(part) + ' ';
        into.add(cell(text));
    };
    std::uint64_t read = 0;
    if (keys.empty()) {
        auto visited = visit_range(c, request, read, add);
        if (!visited || into.bytes() <= most_bytes) return visited;
        error e;
        e.operation = "digests";
        e.fault = fault::batch_too_large;
        return e;
    }
    digest_request one = request; // with the filter, and as the server compares keys
    for (const key_values& key : keys) {
        one.after = one.up_to = page_bound{key, true};
        if (auto r = visit_range(c, one, read, add); !r) return r;
    }
    return {};
}

} // namespace detail
} // namespace v0
} // namespace rowferry

#endif // ROWFERRY_CXX20
#endif
